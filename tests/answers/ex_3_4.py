from vitcourse.model import sincos_1d

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

# right: trunc_normal_ and a stored number
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens = num_tokens
        self.pos_embed = nn.Parameter(torch.empty(1, num_tokens, embed_dim))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, x):
        b, n, d = x.shape
        if n != self.num_tokens:
            raise ValueError("wrong number of tokens")
        return torch.add(x, self.pos_embed.expand(b, -1, -1))

# right: clone and add in place
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.register_parameter("pos_embed", nn.Parameter(torch.zeros(1, num_tokens, embed_dim)))

    def forward(self, tokens):
        if tokens.shape[-2:] != self.pos_embed.shape[-2:]:
            raise ValueError("tokens do not fit the table")
        out = tokens.clone()
        out += self.pos_embed
        return out

# right: an error class of its own and strict equality by unpacking
class WrongNumberOfTokens(ValueError):
    pass


class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens: int, embed_dim: int) -> None:
        super().__init__()
        self.shape = num_tokens, embed_dim
        self.pos_embed = nn.Parameter(torch.zeros(1, *self.shape))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        if tokens.ndim != 3 or tokens.shape[1] != self.shape[0]:
            raise WrongNumberOfTokens(tokens.shape)
        return self.pos_embed + tokens

# right: einops checks the number
from einops import EinopsError, rearrange, repeat

class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.n = num_tokens
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))
        nn.init.normal_(self.pos_embed, std=0.01)

    def forward(self, tokens):
        try:
            tokens = rearrange(tokens, "b n d -> b n d", n=self.n)
        except EinopsError as error:
            raise ValueError(str(error)) from error
        return tokens + repeat(self.pos_embed, "1 n d -> b n d", b=len(tokens))

# right: an embedding lookup into the parameter
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros((1, num_tokens, embed_dim)))

    def forward(self, tokens):
        n = tokens.shape[1]
        if n != len(self.pos_embed[0]):
            raise ValueError(n)
        places = torch.arange(n, device=tokens.device)
        return tokens + F.embedding(places, self.pos_embed[0])

# right: vmap over images
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim).uniform_(-0.02, 0.02))

    def check(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("number of tokens")

    def forward(self, tokens):
        self.check(tokens)
        return torch.vmap(torch.add, in_dims=(0, None))(tokens, self.pos_embed[0])

# right: waves as start values
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(sincos_1d(num_tokens, embed_dim)[None])

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return tokens + self.pos_embed

# right: standard normal start values
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return tokens + self.pos_embed

# right: the whole shape must fit, D included
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1:] != self.pos_embed.shape[1:]:
            raise ValueError(f"{tuple(tokens.shape)} does not fit {tuple(self.pos_embed.shape)}")
        return tokens + self.pos_embed

# right: dropout of nought
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim, dropout=0.0):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return self.dropout(tokens + self.pos_embed)

# right: table cast to the dtype of the tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return tokens + self.pos_embed.to(tokens.dtype)

# wrong: one vector for all tokens
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed.mean(dim=1, keepdim=True)

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
        self.pos_embed = 0.02 * nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.pos_embed

# wrong: the table alone comes back
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return self.pos_embed.repeat(tokens.shape[0], 1, 1)

# wrong: the tokens are scaled
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.scale = math.sqrt(embed_dim)
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return self.scale * tokens + self.pos_embed

# wrong: a new table at each call
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        pos_embed = torch.randn(1, tokens.shape[1], tokens.shape[2])
        return tokens + pos_embed

# wrong: CLS is added here, too
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        tokens = tokens + self.pos_embed
        cls = torch.zeros(tokens.shape[0], 1, tokens.shape[2])
        return torch.cat([cls, tokens], dim=1)

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

# wrong: it raised NameError
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueEror("wrong number of tokens")
        return tokens + self.pos_embed

# wrong: it raised TypeError
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise TypeError("wrong number of tokens")
        return tokens + self.pos_embed

# wrong: *
# (returns the error)
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            return ValueError("wrong number of tokens")
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

# wrong: it never finishes
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        n = 0
        while n < tokens.shape[1]:
            tokens = tokens + 0 * self.pos_embed
        return tokens

# wrong: *
# (multiplied by one plus the table)
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return torch.addcmul(tokens, tokens, self.pos_embed.expand_as(tokens))

# wrong: *
# (fixed waves added as well)
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))
        self.register_buffer("waves", sincos_1d(num_tokens, embed_dim), persistent=False)

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return tokens + self.waves + self.pos_embed

# wrong: the table has another name
# (another name and no error)
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.position_embeddings = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        return tokens + self.position_embeddings

# wrong: *
# (rows added in reverse order by a loop from the back)
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        rows = list(self.pos_embed[0])
        return torch.stack([tokens[:, n] + rows.pop() for n in range(tokens.shape[1])], dim=1)

# wrong: right the first time, wrong called again
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))
        self.expanded = None

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        if self.expanded is None:
            self.expanded = self.pos_embed.expand(len(tokens), -1, -1)
        return tokens + self.expanded

# wrong: right in float32, wrong in float64
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError("wrong number of tokens")
        return tokens.float() + self.pos_embed.float()
