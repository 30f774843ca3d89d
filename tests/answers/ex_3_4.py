# stub: as handed out
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        raise NotImplementedError("exercise 3.4")

    def forward(self, tokens):
        raise NotImplementedError("exercise 3.4")

# stub: only the first half is done
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        raise NotImplementedError("exercise 3.4")

# right: normal start values
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError(f"{tokens.shape[1]} tokens, {self.pos_embed.shape[1]} positions")
        return tokens + self.pos_embed

# right: zeros, and an assertion
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens = num_tokens
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        assert tokens.size(1) == self.num_tokens, "a position for each token"
        return torch.add(tokens, self.pos_embed)

# right: an empty table, filled
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.empty((1, num_tokens, embed_dim)))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, tokens):
        B, N, D = tokens.shape
        return tokens + self.pos_embed.expand(B, -1, -1).reshape(B, N, D)

# right: token by token, in a loop
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.register_parameter("pos_embed", nn.Parameter(torch.rand(1, num_tokens, embed_dim)))

    def forward(self, tokens):
        pairs = zip(tokens.unbind(1), self.pos_embed[0], strict=True)
        return torch.stack([token + place for token, place in pairs], dim=1)

# right: large values are no crime while they are moderate; einsum for fun
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1:] != self.pos_embed.shape[1:]:
            raise ValueError("one position for each token")
        ones = torch.ones(len(tokens), 1, dtype=tokens.dtype)
        return tokens + torch.einsum("bk,knd->bnd", ones, self.pos_embed)

# right: built by a function
def PositionEmbedding(num_tokens, embed_dim):
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

        def forward(self, tokens):
            if len(tokens[0]) != num_tokens:
                raise ValueError(len(tokens[0]))
            return self.pos_embed + tokens

    return Layer()

# wrong: the table has no row for CLS
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens - 1, embed_dim))

    def forward(self, tokens):
        cls, patches = tokens[:, :1], tokens[:, 1:]
        return torch.cat([cls, patches + self.pos_embed], dim=1)

# wrong: CLS is counted twice
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens + 1, embed_dim) * 0.02)

    def forward(self, tokens):
        return tokens + self.pos_embed[:, :tokens.size(1)]

# wrong: CLS is counted twice
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens + 1, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: CLS gets no position
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        out = tokens.clone()
        out[:, 1:] = tokens[:, 1:] + self.pos_embed[:, 1:]
        return out

# wrong: CLS gets no position
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        n = tokens.shape[1] - 1
        return torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, :n]], dim=1)

# wrong: one vector for all tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: one vector for all tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed[0, 0]

# wrong: one vector for all tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed.mean(dim=1, keepdim=True)

# wrong: one number for each token
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, 1))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: the leading axis is missing
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != len(self.pos_embed):
            raise ValueError("one position for each token")
        return tokens + self.pos_embed

# wrong: tokens and channels swapped in the table
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, embed_dim, num_tokens))

    def forward(self, tokens):
        return tokens + self.pos_embed.transpose(1, 2)

# wrong: the table is a plain tensor
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = torch.randn(1, num_tokens, embed_dim, requires_grad=True)

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: the table is a plain tensor
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = 0.02 * nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: the table is a buffer
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.register_buffer("pos_embed", torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens + self.pos_embed

# wrong: the table is frozen
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        table = torch.randn(1, num_tokens, embed_dim)
        self.pos_embed = nn.Parameter(table, requires_grad=False)

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens + self.pos_embed

# wrong: the table has another name
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.positions.shape[1]:
            raise ValueError
        return tokens + self.positions

# wrong: an nn.Embedding in place of a parameter
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens = num_tokens
        self.pos_embed = nn.Embedding(num_tokens, embed_dim)

    def forward(self, tokens):
        if tokens.shape[1] != self.num_tokens:
            raise ValueError
        return tokens + self.pos_embed(torch.arange(self.num_tokens))

# wrong: the table alone comes back
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return self.pos_embed

# wrong: the table alone comes back
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return self.pos_embed.repeat(tokens.shape[0], 1, 1)

# wrong: the tokens come back unchanged
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        tokens + self.pos_embed
        return tokens

# wrong: joined where added is meant
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return torch.cat([tokens, self.pos_embed.expand(len(tokens), -1, -1)], dim=2)

# wrong: joined where added is meant
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return torch.cat([tokens, self.pos_embed.repeat(len(tokens), 1, 1)], dim=1)

# wrong: added twice
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        tokens = tokens + self.pos_embed
        return tokens + self.pos_embed

# wrong: subtracted
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens - self.pos_embed

# wrong: multiplied where added is meant
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.ones(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens * self.pos_embed

# wrong: the tokens are scaled
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.scale = math.sqrt(embed_dim)
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return self.scale * tokens + self.pos_embed

# wrong: the positions are scaled
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed * 0.02

# wrong: a new table at each call
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        pos_embed = torch.randn(1, tokens.shape[1], tokens.shape[2])
        return tokens + pos_embed

# wrong: a new table at each call
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens, self.embed_dim = num_tokens, embed_dim

    def forward(self, tokens):
        self.pos_embed = nn.Parameter(torch.randn(1, self.num_tokens, self.embed_dim))
        return tokens + self.pos_embed

# wrong: a norm that is not asked for
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return F.layer_norm(tokens + self.pos_embed, tokens.shape[-1:])

# wrong: CLS is added here, too
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        tokens = tokens + self.pos_embed
        cls = torch.zeros(tokens.shape[0], 1, tokens.shape[2])
        return torch.cat([cls, tokens], dim=1)

# wrong: no error for a wrong number of tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim) * 0.02)

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: no error for a wrong number of tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim) * 0.02)

    def forward(self, tokens):
        return tokens + self.pos_embed[:, :tokens.shape[1], :]

# wrong: the start values are large
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim) * 50)

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens + self.pos_embed

# wrong: it changes its input
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        tokens += self.pos_embed
        return tokens

# wrong: it returns None
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        tokens + self.pos_embed

# wrong: it raised TypeError
class PositionEmbedding(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, 197, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: it raised AttributeError
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: *
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, 197, 768))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: *
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim).double())

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: *
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(num_tokens, 1, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: *
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens + self.pos_embed.flip(1)

# wrong: *
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError
        return tokens + self.pos_embed.detach()

# wrong: it does not come to an end
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        n = 0
        while n < tokens.shape[1]:
            tokens = tokens + 0 * self.pos_embed
        return tokens
