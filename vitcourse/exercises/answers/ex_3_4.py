# right: as many tokens as rows
# > The number of tokens is kept in an attribute, and the table starts from zeros: also a good
# > start.
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens = num_tokens
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.num_tokens:
            raise ValueError(f"{tokens.shape[1]} tokens, but {self.num_tokens} positions")
        return tokens + self.pos_embed

# wrong: the table has no row for CLS
# > Positions are added after CLS, not before. num_tokens counts the class token already: the table
# > has exactly num_tokens rows, including the one for CLS.
# ~ zeros(1, num_tokens, => zeros(1, num_tokens - 1,
# ~ tokens + self.pos_embed => torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed], dim=1)
# wrong: the table has no row for CLS
# ~ zeros(1, num_tokens, => zeros(1, num_tokens - 1,
# ~ if tokens.shape[1] != self.num_tokens: => if False:

# wrong: CLS is counted twice
# > num_tokens counts the class token already: the table has exactly num_tokens rows, including the
# > one for CLS.
# ~ zeros(1, num_tokens, => zeros(1, num_tokens + 1,
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# ~ tokens + self.pos_embed => tokens + self.pos_embed[:, : tokens.shape[1]]
# wrong: CLS is counted twice
# ~ zeros(1, num_tokens, => zeros(1, num_tokens + 1,
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# wrong: CLS is counted twice
# ~ zeros(1, num_tokens, => zeros(1, num_tokens + 1,
# ~ tokens + self.pos_embed => tokens + self.pos_embed[:, 1:]

# wrong: CLS gets no position
# > You added positions to the patches only, as if before CLS. CLS is a token like any other here:
# > it gets row 0 of the table.
# ~ tokens + self.pos_embed => torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, 1:]], dim=1)
# wrong: CLS gets no position
# ~ tokens + self.pos_embed => torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, :-1]], dim=1)

# wrong: one vector for all tokens
# > Every token got the same vector, so they still cannot be told apart. The table has num_tokens
# > rows, and all of it is added; `pos_embed[:, 0]` is one row, which broadcasting hides.
# ~ zeros(1, num_tokens, => zeros(1, 1,
# wrong: one vector for all tokens
# ~ tokens + self.pos_embed => tokens + self.pos_embed[:, 0]
# wrong: one vector for all tokens
# ~ tokens + self.pos_embed => tokens + self.pos_embed.mean(1, keepdim=True)

# wrong: one number for each token
# > A single number is added to the whole token. Each place gets a vector of embed_dim numbers.
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(1, num_tokens, 1)

# wrong: the leading axis is missing
# > Yours works, but the shape should be (1, num_tokens, embed_dim): published weights have it, and
# > chapter 6 loads some.
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(num_tokens, embed_dim)

# wrong: tokens and channels swapped in the table
# > The table is (1, embed_dim, num_tokens). It should have a row for each token: (1, num_tokens,
# > embed_dim).
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(1, embed_dim, num_tokens)
# ~ tokens + self.pos_embed => tokens + self.pos_embed.mT
# wrong: tokens and channels swapped in the table
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(1, embed_dim, num_tokens)

# wrong: the table is a plain tensor
# > No optimiser finds a plain tensor, and `model.to(device)` leaves it behind. `nn.Parameter` must
# > come last: `nn.Parameter(...).to(...)`, or any product with one, is plain again.
# ~ nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) => torch.zeros(1, num_tokens, embed_dim)
# wrong: the table is a plain tensor
# ~ nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) => nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) * 0.02

# wrong: the table is a buffer
# > A buffer is stored with the model but not trained. Make it an nn.Parameter.
# ~ self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) => self.register_buffer("pos_embed", torch.zeros(1, num_tokens, embed_dim))

# wrong: the table is frozen
# > `requires_grad=False`: the table cannot learn.
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(1, num_tokens, embed_dim), requires_grad=False

# wrong: the table is float64
# > Tokens and published weights are float32, and the table should be, too: leave out `.double()`.
# ~ torch.zeros(1, num_tokens, embed_dim) => torch.zeros(1, num_tokens, embed_dim).double()

# wrong: a seed is set
# > The seed that you set also affects everything random that comes later, outside your layer.
# ~ super().__init__() => super().__init__(); torch.manual_seed(0)

# wrong: the table has another name
# > Name it `self.pos_embed`: chapter 6 loads published weights by that name.
# ~ self.pos_embed = => self.position_embedding =
# ~ tokens + self.pos_embed => tokens + self.position_embedding

# wrong: an nn.Embedding instead of a parameter
# > An nn.Embedding computes the same, but keeps its table as `pos_embed.weight`, without a leading
# > axis. Use an nn.Parameter.
# ~ nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) => nn.Embedding(num_tokens, embed_dim)
# ~ tokens + self.pos_embed => tokens + self.pos_embed.weight
# wrong: an nn.Embedding instead of a parameter
# ~ nn.Parameter(torch.zeros(1, num_tokens, embed_dim)) => nn.Embedding(num_tokens, embed_dim)
# ~ tokens + self.pos_embed => tokens + self.pos_embed(torch.arange(tokens.shape[1]))

# wrong: the table alone comes back
# > You returned the positions. They are added to the tokens.
# ~ return tokens + self.pos_embed => return self.pos_embed
# wrong: the table alone comes back
# ~ return tokens + self.pos_embed => return self.pos_embed.expand_as(tokens)

# wrong: the tokens come back unchanged
# > The sum is lost. `tokens + self.pos_embed` makes a new tensor: return that one.
# ~ return tokens + self.pos_embed => tokens + self.pos_embed; return tokens

# wrong: joined instead of added
# > The positions were put next to the tokens or after them. They should be added, number by number:
# > the shape stays the same.
# ~ tokens + self.pos_embed => torch.cat([tokens, self.pos_embed.expand_as(tokens)], dim=2)
# wrong: joined instead of added
# ~ tokens + self.pos_embed => torch.cat([tokens, self.pos_embed.expand_as(tokens)], dim=1)

# wrong: added twice
# > Each position vector is added twice.
# ~ tokens + self.pos_embed => tokens + 2 * self.pos_embed

# wrong: subtracted
# > The positions are subtracted. Add them.
# ~ tokens + self.pos_embed => tokens - self.pos_embed

# wrong: multiplied instead of added
# > You multiplied tokens and positions. Add them.
# ~ tokens + self.pos_embed => tokens * self.pos_embed

# wrong: the tokens are scaled
# > You multiplied by the square root of embed_dim, as Vaswani et al. do with words. Here the tokens
# > stay as they are.
# ~ tokens + self.pos_embed => tokens * tokens.shape[2] ** 0.5 + self.pos_embed

# wrong: the positions are scaled
# > The positions are shrunk or stretched in `forward`. Choose their size in `__init__`, and add
# > them as they are.
# ~ tokens + self.pos_embed => tokens + 0.02 * self.pos_embed

# wrong: a new table at each call
# > Each call adds new random numbers, which are never trained. Make the table once, in `__init__`,
# > and add that one.
# ~ tokens + self.pos_embed => tokens + torch.randn(1, *tokens.shape[1:])
# wrong: a new table at each call
# ~ tokens + self.pos_embed => tokens + 0.02 * torch.randn(1, *tokens.shape[1:])
# wrong: a new table at each call
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.shape = (1, num_tokens, embed_dim)

    def forward(self, tokens):
        self.pos_embed = nn.Parameter(torch.randn(self.shape))
        return tokens + self.pos_embed

# wrong: a norm after the sum
# > Something is normalised after the sum. Norms come later, in the encoder.
# ~ tokens + self.pos_embed => F.layer_norm(tokens + self.pos_embed, tokens.shape[2:])
# wrong: a norm after the sum
# ~ super().__init__() => super().__init__(); self.norm = nn.LayerNorm(embed_dim)
# ~ tokens + self.pos_embed => self.norm(tokens + self.pos_embed)

# wrong: an activation after the sum
# > The sum goes through a ReLU or a GELU. Return the sum itself: its negative numbers count, too.
# ~ tokens + self.pos_embed => F.relu(tokens + self.pos_embed)
# wrong: an activation after the sum
# ~ tokens + self.pos_embed => F.gelu(tokens + self.pos_embed)

# wrong: CLS is added here, too
# > The result has one token too many. CLS is in front already when positions are added.
# ~ tokens + self.pos_embed => torch.cat([torch.zeros_like(tokens[:, :1]), tokens + self.pos_embed], dim=1)
# wrong: CLS is added here, too
# ~ tokens + self.pos_embed => torch.cat([torch.zeros(len(tokens), 1, tokens.shape[2]), tokens + self.pos_embed], dim=1)

# wrong: no error for a wrong number of tokens
# > A wrong number of tokens must not pass: broadcasting, or a slice of the table, hides that CLS
# > was forgotten. Compare tokens.shape[1] with the table's length and raise ValueError.
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# wrong: no error for a wrong number of tokens
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# ~ tokens + self.pos_embed => tokens + self.pos_embed[:, : tokens.shape[1]]
# wrong: no error for a wrong number of tokens
# ~ != self.num_tokens => > self.num_tokens
# wrong: no error for a wrong number of tokens
# ~ != self.num_tokens => < self.num_tokens
# wrong: no error for a wrong number of tokens
# ~ != self.num_tokens => > self.num_tokens
# ~ tokens + self.pos_embed => tokens + self.pos_embed[:, : tokens.shape[1]]
# wrong: no error for a wrong number of tokens
# > Most wrong numbers raise one of torch's own errors, and a table of one row fits any number of
# > tokens. Compare tokens.shape[1] with the table's length and raise ValueError.
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# ~ tokens + self.pos_embed => tokens + self.pos_embed.expand_as(tokens)

# wrong: dropout while training
# > `forward` gives the sum and nothing else. A model that wants dropout adds it afterwards.
# ~ tokens + self.pos_embed => F.dropout(tokens + self.pos_embed, p=0.5, training=self.training)

# wrong: the table is cut off from learning
# > `detach`, `.data` and `no_grad` use the numbers and forget where they came from. Add
# > `self.pos_embed` itself.
# ~ tokens + self.pos_embed => tokens + self.pos_embed.detach()
# wrong: the table is cut off from learning
# ~ tokens + self.pos_embed => (tokens + self.pos_embed).detach()

# wrong: the start values are large
# > Numbers this large drown out what the tokens say. Start near zero, for example with
# > `nn.init.trunc_normal_(self.pos_embed, std=0.02)`.
# ~ torch.zeros(1, => 100 * torch.randn(1,

# wrong: super().__init__() is missing
# > nn.Module is not set up yet when the table is assigned: call `super().__init__()` first.
# ~ super().__init__() =>

# wrong: assert instead of ValueError
# > `assert` raises AssertionError, and under `python -O` nothing at all: use `raise ValueError`.
# ~ if tokens.shape[1] != self.num_tokens: => assert tokens.shape[1] == self.num_tokens
# ~ raise ValueError(f"{tokens.shape[1]} tokens, but {self.num_tokens} positions") =>

# wrong: torch's own error instead of ValueError
# > torch rejects these tokens with a RuntimeError. Compare tokens.shape[1] with the table's length
# > and raise ValueError, which says what is wrong.
# ~ if tokens.shape[1] != self.num_tokens: => if False:
# ~ tokens + self.pos_embed => tokens + self.pos_embed.expand(len(tokens), -1, -1).reshape(tokens.shape)

# wrong: the images are counted, not the tokens
# > Your error depends on the number of images. Tokens are the second axis: tokens.shape[1].
# ~ tokens.shape[1] != => tokens.shape[0] !=

# right: as many tokens as the table has rows
class PositionEmbedding(nn.Module):
    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, num_tokens, embed_dim))

    def forward(self, tokens):
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError(f"{tokens.shape[1]} tokens, {self.pos_embed.shape[1]} positions")
        return tokens + self.pos_embed

# wrong: the table has no row for CLS
# ~ 1, num_tokens, => 1, num_tokens - 1,
# wrong: CLS is counted twice
# ~ 1, num_tokens, => 1, num_tokens + 1,
# wrong: one vector for all tokens
# ~ 1, num_tokens, => 1, 1,
# wrong: tokens and channels swapped in the table
# ~ 1, num_tokens, embed_dim)) => 1, embed_dim, num_tokens))
# wrong: the leading axis is missing
# ~ 1, num_tokens, => num_tokens,
# ~ self.pos_embed.shape[1]: => self.pos_embed.shape[0]:
# wrong: the table is frozen
# ~ num_tokens, embed_dim)) => num_tokens, embed_dim), requires_grad=False)
# wrong: the images are counted, not the tokens
# ~ tokens.shape[1] != => tokens.shape[0] !=
