import copy

from vitcourse.model import EncoderBlock

# stub: as handed out
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        raise NotImplementedError("exercise 5.4")

    def forward(self, x):
        raise NotImplementedError("exercise 5.4")

# right: the names of the text
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# right: Sequential, norm and all
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        blocks = [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        self.layers = nn.Sequential(*blocks, nn.LayerNorm(embed_dim, eps=1e-6))

    def forward(self, x):
        return self.layers(x)

# right: a function
def Encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    sizes = (embed_dim, num_heads, mlp_dim, dropout)
    return nn.Sequential(*[EncoderBlock(*sizes) for i in range(depth)], nn.LayerNorm(embed_dim, 1e-6))

# right: add_module and a while loop
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.depth = depth
        self.last = nn.LayerNorm(embed_dim, eps=1e-6)
        for i in range(depth):
            self.add_module(f'block{i}', EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))

    def forward(self, x):
        i = 0
        while i < self.depth:
            x = getattr(self, f'block{i}')(x)
            i += 1
        return self.last(x)

# right: ModuleDict, norm by hand
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.parts = nn.ModuleDict({f'{i:03}': EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for i in range(depth)})
        self.g = nn.Parameter(torch.ones(embed_dim))
        self.b = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x):
        for name in sorted(self.parts):
            x = self.parts[name](x)
        return F.layer_norm(x, x.shape[-1:], self.g, self.b, 1e-6)

# right: PyTorch's layers, one by one
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.Sequential(*(
            nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, 'gelu', 1e-6, batch_first=True, norm_first=True)
            for _ in range(depth)
        ))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        return self.norm(self.blocks(x))

# wrong: a Python list in place of ModuleList
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block.to(x.dtype)(x)
        return self.norm(x)

# wrong: a Python list in place of ModuleList
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]

    def forward(self, x):
        for block in self.blocks:
            x = block.to(x.dtype)(x)
        return x

# wrong: one block repeated
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList([EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)] * depth)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: one block repeated
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.depth = depth
        self.block = EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for _ in range(self.depth):
            x = self.block(x)
        return self.norm(x)

# wrong: copies that start equal
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        block = EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)
        self.blocks = nn.ModuleList([copy.deepcopy(block) for _ in range(depth)])
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: copies that start equal
def Encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, 'gelu', 1e-6, True, True)
    return nn.TransformerEncoder(layer, depth, nn.LayerNorm(embed_dim, eps=1e-6))

# wrong: final norm missing
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x

# wrong: final norm missing
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x

# wrong: the last norm has eps 1e-5
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: a norm after every block
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = self.norm(block(x))
        return x

# wrong: the norm comes first, not last
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        x = self.norm(x)
        for block in self.blocks:
            x = block(x)
        return x

# wrong: a norm at both ends
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        x = self.norm(x)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: only one block counts
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            y = block(x)
        return self.norm(y)

# wrong: only one block counts
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
            return self.norm(x)

# wrong: x is added once more
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x)
        return self.norm(x)

# wrong: one block too few
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(1, max(depth, 2)))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: one block too many
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth + 1))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: twelve blocks, whatever is asked for
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(12))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: only the CLS token comes out
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)[:, 0]

# wrong: the results of all blocks come out
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        outs = []
        for block in self.blocks:
            x = block(x)
            outs.append(x)
        self.norm(x)
        return torch.stack(outs)

# wrong: dropout is not passed on
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: dropout active in eval mode
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return F.dropout(self.norm(x), 0.3)

# wrong: dropout active in eval mode
class Block(EncoderBlock):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.p = sizes[-1]

    def forward(self, x):
        x = x + F.dropout(self.attn(self.norm1(x)), self.p)
        return x + F.dropout(self.mlp(self.norm2(x)), self.p)

class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: post-norm
class Post(EncoderBlock):
    def forward(self, x):
        x = self.norm1(x + self.attn(x))
        return self.norm2(x + self.mlp(x))

class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(Post(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: it returns None
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        self.norm(x)

# wrong: *
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x).detach()

# wrong: *
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x).float()

# wrong: *
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        return self.norm(sum(block(x) for block in self.blocks))

# wrong: *
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x), x

# wrong: it raised NotImplementedError
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        return self.norm(self.blocks(x))

# wrong: it does not come to an end
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        while len(self.blocks):
            pass
