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

# wrong: it never finishes
class Encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        while len(self.blocks):
            pass

# right: ModuleList and a loop
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.blocks = nn.ModuleList(
            [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# right: a subclass of nn.Sequential
class Encoder(nn.Sequential):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        layers = []
        for _ in range(depth):
            layers.append(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))
        layers.append(nn.LayerNorm(embed_dim, eps=1e-6))
        super().__init__(*layers)

# right: setattr and own layer_norm
from vitcourse.exercises.course_answers import layer_norm


class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.depth = depth
        for i in range(depth):
            setattr(self, f"block_{i}", EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))
        self.weight = nn.Parameter(torch.ones(embed_dim))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(self.depth):
            x = getattr(self, f"block_{i}")(x)
        return layer_norm(x, self.weight, self.bias, 1e-6)

# right: recursion
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        settings = dict(embed_dim=embed_dim, num_heads=num_heads, mlp_dim=mlp_dim, dropout=dropout)
        self.first = EncoderBlock(**settings) if depth > 0 else nn.Identity()
        # Russian dolls: each encoder holds the rest of the blocks; only the innermost has the norm
        self.rest = Encoder(depth - 1, **settings) if depth > 0 else nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.first(x))

# right: functools.reduce over add_module
from functools import reduce


class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.blocks = nn.Sequential()
        for number in range(depth):
            self.blocks.add_module(str(number), EncoderBlock(embed_dim, num_heads, mlp_dim, dropout=dropout))
        self.norm = nn.LayerNorm(embed_dim, 1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(reduce(lambda tokens, block: block(tokens), self.blocks, x))

# wrong: a Python list instead of ModuleList
# a plain Python list of blocks
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.blocks = [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

# wrong: it raised NameError
# last norm with eps 1e-5 in the functional form
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.depth = depth
        for i in range(depth):
            setattr(self, f"block_{i}", EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))
        self.weight = nn.Parameter(torch.ones(embed_dim))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(self.depth):
            x = getattr(self, f"block_{i}")(x)
        return layer_norm(x, self.weight, self.bias, 1e-5)

# wrong: it raised NameError
# dropout not handed to the blocks
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.depth = depth
        for i in range(depth):
            setattr(self, f"block_{i}", EncoderBlock(embed_dim, num_heads, mlp_dim))
        self.weight = nn.Parameter(torch.ones(embed_dim))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(self.depth):
            x = getattr(self, f"block_{i}")(x)
        return layer_norm(x, self.weight, self.bias, 1e-6)

# wrong: *
# one block too few
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.depth = depth
        for i in range(depth):
            setattr(self, f"block_{i}", EncoderBlock(embed_dim, num_heads, mlp_dim, dropout))
        self.weight = nn.Parameter(torch.ones(embed_dim))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(self.depth):
            if i == 0:
                continue
            x = getattr(self, f"block_{i}")(x)
        return layer_norm(x, self.weight, self.bias, 1e-6)

# wrong: *
# residual round the whole stack
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.blocks = nn.ModuleList(
            [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        source = x
        for block in self.blocks:
            x = block(x)
        return self.norm(x + source)

# wrong: a Python list instead of ModuleList
# python list hidden behind a Sequential made in forward
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.layers = (*(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)),)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(nn.Sequential(*self.layers)(x))

# wrong: it raised NotImplementedError
# ModuleList called like a function (raises)
class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        self.blocks = nn.ModuleList(
            [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.blocks(x))

# right: copies of one block, weights drawn anew, biases not
import copy


class Encoder(nn.Module):
    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        block = EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)
        self.blocks = nn.ModuleList(copy.deepcopy(block) for _ in range(depth))
        for p in self.blocks.parameters():
            if p.ndim > 1:
                nn.init.xavier_uniform_(p)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.norm(x)
