from vitcourse.model import MLP, MultiHeadSelfAttention

# stub: as handed out
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        raise NotImplementedError("exercise 5.3")

    def forward(self, x):
        raise NotImplementedError("exercise 5.3")

# stub: only __init__ is done
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        raise NotImplementedError("exercise 5.3")

# right: other names, other order, one expression
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.think = MLP(embed_dim, mlp_dim, dropout)
        self.b = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mix = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.a = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        return (y := x + self.mix(self.a(x))) + self.think(self.b(y))

# right: nn.MultiheadAttention
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.ln_1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.ln_2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(embed_dim, mlp_dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(mlp_dim, embed_dim), nn.Dropout(dropout))

    def forward(self, x):
        y = self.ln_1(x)
        y, _ = self.self_attention(y, y, y, need_weights=False)
        x = x + self.drop(y)
        return x + self.mlp(self.ln_2(x))

# right: PyTorch's own layer
def EncoderBlock(embed_dim, num_heads, mlp_dim, dropout=0.0):
    return nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, activation='gelu', layer_norm_eps=1e-6, batch_first=True, norm_first=True)

# right: PreNorm wrappers in a list
class PreNorm(nn.Module):
    def __init__(self, dim, fn):
        super().__init__()
        self.norm, self.fn = nn.LayerNorm(dim, eps=1e-6), fn

    def forward(self, x):
        return x + self.fn(self.norm(x))

def EncoderBlock(embed_dim, num_heads, mlp_dim, dropout=0.0):
    return nn.Sequential(
        PreNorm(embed_dim, MultiHeadSelfAttention(embed_dim, num_heads, dropout)),
        PreNorm(embed_dim, MLP(embed_dim, mlp_dim, dropout)),
    )

# right: norms by hand, separate q, k and v
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.h = num_heads
        self.q, self.k, self.v, self.o = (nn.Linear(embed_dim, embed_dim) for _ in range(4))
        self.w1, self.w2 = (nn.Parameter(torch.ones(embed_dim)) for _ in range(2))
        self.b1, self.b2 = (nn.Parameter(torch.zeros(embed_dim)) for _ in range(2))
        self.mlp, self.drop = MLP(embed_dim, mlp_dim, dropout), nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (split(m(norm(x, self.w1, self.b1)), self.h) for m in (self.q, self.k, self.v))
        a = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1) @ v
        x = x + self.drop(self.o(a.transpose(1, 2).flatten(2)))
        return x + self.mlp(norm(x, self.w2, self.b2))

def norm(x, w, b):
    return F.layer_norm(x, x.shape[-1:], w, b, 1e-6)

def split(x, h):
    return x.unflatten(-1, (h, -1)).transpose(1, 2)

# wrong: it returns None
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))

# wrong: *
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x, x + self.mlp(self.norm2(x))

# wrong: *
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))[:, 0]

# wrong: *
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return (x + self.mlp(self.norm2(x))).float()

# wrong: *
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x - self.mlp(self.norm2(x))

# wrong: *
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x.detach()))
        return x + self.mlp(self.norm2(x)).detach()

# wrong: it raised RuntimeError
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x)).mT

# wrong: it raised AttributeError
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))

# wrong: it never finishes
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        while x is not None:
            x = x + 0

# right: the two lines
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x

# right: a Residual wrapper in nn.Sequential
class Residual(nn.Module):
    def __init__(self, dim, layer):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.layer = layer

    def forward(self, x):
        return x + self.layer(self.norm(x))


class EncoderBlock(nn.Sequential):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__(
            Residual(embed_dim, MultiHeadSelfAttention(embed_dim, num_heads, dropout)),
            Residual(embed_dim, MLP(embed_dim, mlp_dim, dropout)),
        )

# right: own layer_norm and bare parameters
from vitcourse.exercises.course_answers import layer_norm


class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.w1, self.b1 = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.w2, self.b2 = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout=dropout)
        self.mlp = MLP(embed_dim, mlp_dim, dropout=dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        after_attention = torch.add(x, self.attn(layer_norm(x, self.w1, self.b1)))
        return torch.add(after_attention, self.mlp(layer_norm(after_attention, self.w2, self.b2)))

# right: pairs in a loop
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        from functools import partial
        norm = partial(nn.LayerNorm, embed_dim, eps=1e-6)
        self.parts = nn.ModuleList([
            nn.ModuleList([norm(), MultiHeadSelfAttention(embed_dim, num_heads, dropout)]),
            nn.ModuleList([norm(), MLP(embed_dim, mlp_dim, dropout)]),
        ])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        stream = x.clone()
        for norm, part in self.parts:
            poured = part(norm(stream))
            stream = stream + poured
        return stream

# right: copy in place, on a clone that nothing else needs
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        attended = self.attn(self.norm1(x))
        attended += x
        return self.mlp(self.norm2(attended)).add(attended)

# right: torch.stack and sum
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.attn(self.norm1(x))
        m = self.mlp(self.norm2(x + a))
        return torch.stack([x, a, m]).sum(dim=0)

# wrong: it raised NameError
# the MLP's result added to the old x
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.w1, self.b1 = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.w2, self.b2 = nn.Parameter(torch.ones(embed_dim)), nn.Parameter(torch.zeros(embed_dim))
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout=dropout)
        self.mlp = MLP(embed_dim, mlp_dim, dropout=dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        after_attention = torch.add(x, self.attn(layer_norm(x, self.w1, self.b1)))
        return torch.add(x, self.mlp(layer_norm(after_attention, self.w2, self.b2)))

# wrong: *
# a dropout of its own on both branches
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.drop(self.attn(self.norm1(x)))
        x = x + self.drop(self.mlp(self.norm2(x)))
        return x

# wrong: it changes its input
# x += changes the caller's tokens
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x += self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x

# wrong: it raised RuntimeError
# x += on the sum: backward raises, since the norm still needs it
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x += self.mlp(self.norm2(x))
        return x

# wrong: *
# norm2 not used, eps default: two mistakes
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(x)
        return x

# wrong: it raised ValueError
# mlp_dim and num_heads swapped in the call (raises)
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, mlp_dim, num_heads)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x

# wrong: *
# residual path detached
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x = x.detach() + self.mlp(self.norm2(x))
        return x

# right: an attention of one layer a head
class Head(nn.Module):
    def __init__(self, dim, size):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(dim, size), nn.Linear(dim, size), nn.Linear(dim, size)

    def forward(self, x):
        return F.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x))


class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(embed_dim, eps=1e-6) for _ in range(2))
        self.heads = nn.ModuleList(Head(embed_dim, embed_dim // num_heads) for _ in range(num_heads))
        self.proj, self.drop = nn.Linear(embed_dim, embed_dim), nn.Dropout(dropout)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.drop(self.proj(torch.cat([head(y) for head in self.heads], dim=-1)))
        return x + self.mlp(self.norm2(x))
