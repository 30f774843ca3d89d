from copy import deepcopy

from vitcourse.model import MLP, EncoderBlock, MultiHeadSelfAttention

# right: a ModuleList and a loop
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        blocks = [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: one block is called again and again
# > Every round goes through one block: the others are made and never used. Call each block in turn.
# ~ x = block(x) => x = self.blocks[0](x)

# wrong: a Python list instead of ModuleList
# > `parameters()` does not find your blocks, so nothing trains or moves them: a plain list, tuple
# > or dict hides what is in it. Use `nn.ModuleList`.
# ~ nn.ModuleList(blocks) => blocks
# wrong: a Python list instead of ModuleList
# > `parameters()` does not find your blocks, so nothing trains or moves them: a plain list, tuple
# > or dict hides what is in it. Use `nn.ModuleList`. (There is no last norm to train, either.)
# ~ nn.ModuleList(blocks) => blocks
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ return self.norm(x) => return x

# wrong: the blocks are made again in every call
# > Each call gives another result, even in eval mode. Blocks made in `forward` start from new
# > random numbers each time: make them in `__init__`.
# ~ blocks = [EncoderBlock( => blocks = [(
# ~ nn.ModuleList(blocks) => blocks
# ~ x = block(x) => x = EncoderBlock(*block)(x)

# wrong: super().__init__() is forgotten
# > A module begins with `super().__init__()`, before any layer is kept on `self`.
# ~ super().__init__() =>

# wrong: the blocks' results are thrown away
# > The result is that of the last norm alone. In the loop, write `x = block(x)`: a block returns
# > its result and leaves x unchanged.
# ~ x = block(x) => block(x)

# wrong: one block repeated
# > There are weights for only one block, and every round goes through it. Make `depth` of them:
# > `[block] * depth` and a loop over one block hold a single set of weights.
# ~ for _ in range(depth)] => ] * depth

# wrong: the blocks start the same
# > All blocks start from the same numbers. Make each one new, with `EncoderBlock(...)` inside the
# > loop: no copy of another block, no seed set in between.
# ~ blocks = [EncoderBlock( => block = EncoderBlock(
# ~ for _ in range(depth)] => ; blocks = [deepcopy(block) for _ in range(depth)]

# wrong: final norm missing
# > Pre-norm never normalises the sum itself. One last norm does: `self.norm(x)`.
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ return self.norm(x) => return x

# wrong: the last norm has eps 1e-5
# > PyTorch's default eps is 1e-5; ViT weights were trained with 1e-6. Pass `eps=1e-6`.
# ~ nn.LayerNorm(embed_dim, eps=1e-6) => nn.LayerNorm(embed_dim)

# wrong: final norm missing
# > The last norm is made, but `forward` does not send x through it.
# ~ return self.norm(x) => return x

# wrong: a norm after every block
# > There is one norm, at the end. In between, the sum is not normalised.
# ~ x = block(x) => x = self.norm(block(x))
# ~ return self.norm(x) => return x

# wrong: x is added once more
# > The block already adds to x. In the loop, write `x = block(x)`.
# ~ x = block(x) => x = x + block(x)

# wrong: one block too few
# > There should be `depth` blocks, and x goes through all of them.
# ~ range(depth) => range(1, depth)

# wrong: one block too few
# ~ for block in self.blocks: => for block in self.blocks[1:]:

# wrong: the gradient stops between the blocks
# > The result may be right, but training reaches only the last block: no `detach`, no `no_grad`.
# ~ x = block(x) => x = block(x.detach())

# wrong: the last norm has nothing to learn
# > The last norm has a weight and a bias, and published ViT weights fill both: use a plain
# > `nn.LayerNorm`.
# ~ nn.LayerNorm(embed_dim, eps=1e-6) => nn.LayerNorm(embed_dim, eps=1e-6, elementwise_affine=False)

# wrong: one block too many
# > There should be `depth` blocks, and x goes through all of them.
# ~ range(depth) => range(depth + 1)

# wrong: twelve blocks, whatever depth is
# > There should be `depth` blocks, and x goes through all of them.
# ~ range(depth) => range(12)

# wrong: only the CLS token is returned
# > Return all tokens, (B, N, D). The head will choose later.
# ~ self.norm(x) => self.norm(x)[:, 0]

# wrong: dropout is on by default
# > By default, nothing should be dropped: `dropout=0.0` in the first line of `__init__`.
# ~ dropout=0.0 => dropout=0.1

# wrong: dropout is not passed on
# > Nothing is dropped in training mode: pass `dropout` to the blocks.
# ~ mlp_dim, dropout) => mlp_dim)

# wrong: dropout active in eval mode
# > `F.dropout(x, p)` drops even in eval mode, because `training=True` is its default. Use
# > `nn.Dropout`, or pass `training=self.training`.
# ~ self.norm(x) => F.dropout(self.norm(x), 0.3)

# right: all results are kept
# > The output of every block is kept: useful for looking inside, at the cost of memory.
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList()
        for _ in range(depth):
            self.blocks.append(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        results = [x]
        for block in self.blocks:
            results.append(block(results[-1]))
        return self.norm(results[-1])

# wrong: the norm comes first, not last
# > The blocks bring their own norms. This one comes after the last block.
# ~ results = [x] => results = [self.norm(x)]
# ~ self.norm(results[-1]) => results[-1]

# wrong: a norm at both ends
# > There is only one norm, after the last block.
# ~ results = [x] => results = [self.norm(x)]

# wrong: the stream itself is dropped
# > Your encoder drops part of what flows through it. The blocks do all the dropping: pass them
# > `dropout`.
# ~ super().__init__() => super().__init__(); self.drop = nn.Dropout(dropout)
# ~ results = [x] => results = [self.drop(x)]

# wrong: only one block counts
# > The result is that of a single block. In the loop, write `x = block(x)`, so that each block
# > reads what the one before it returned; the `return` comes after the loop.
# ~ block(results[-1]) => block(x)
# wrong: only one block counts
# ~ results.append(block(results[-1])) => return self.norm(block(x))

# wrong: the results of all blocks are returned
# > Return what the last norm gives, (B, N, D).
# ~ self.norm(results[-1]) => torch.stack(results[1:])

# right: a Sequential, the block written out
# > A `Sequential` calls its parts in order, the last norm included.
class Block(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, p):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, p)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, p)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Sequential):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        blocks = [Block(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        super().__init__(*blocks, nn.LayerNorm(embed_dim, eps=1e-6))

# wrong: dropout active in eval mode
# ~ super().__init__() => super().__init__(); self.p = p
# ~ self.attn(self.norm1(x)) => F.dropout(self.attn(self.norm1(x)), self.p)
# ~ self.mlp(self.norm2(x)) => F.dropout(self.mlp(self.norm2(x)), self.p)

# wrong: post-norm
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised: see
# > exercise 5.3.
# ~ x + self.attn(self.norm1(x)) => self.norm1(x + self.attn(x))
# ~ x + self.mlp(self.norm2(x)) => self.norm2(x + self.mlp(x))
