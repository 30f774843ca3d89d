from vitcourse.model import attention, merge_heads, split_heads

# stub: as handed out
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        raise NotImplementedError("exercise 4.4")

    def forward(self, x, return_weights=False):
        raise NotImplementedError("exercise 4.4")

# stub: the layers are there
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        raise NotImplementedError("exercise 4.4")

# right: the functions of this chapter
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: as in timm, torch's kernel unless the weights are asked for
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, D // self.num_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if return_weights:
            weights = (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)
            heads = weights @ v
        else:
            heads = F.scaled_dot_product_attention(q, k, v)
        output = self.dropout(self.proj(heads.transpose(1, 2).reshape(B, N, D)))
        return (output, weights) if return_weights else output

# right: three layers without biases
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q = split_heads(self.q(x), self.num_heads)
        k = split_heads(self.k(x), self.num_heads)
        v = split_heads(self.v(x), self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: einops, the rows sorted by heads
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = rearrange(self.qkv(x), "b n (h three d) -> three b h n d", three=3, h=self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(rearrange(heads, "b h n d -> b n (h d)")))
        return (output, weights) if return_weights else output

# right: the channels dealt out like cards, there and back (weights do not care)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = rearrange(self.qkv(x), "b n (d h three) -> three b h n d", three=3, h=self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(rearrange(heads, "b h n d -> b n (d h)")))
        return (output, weights) if return_weights else output

# right: dealt out on the way in, side by side on the way out (weights do not care)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = rearrange(self.qkv(x), "b n (d h three) -> three b h n d", three=3, h=self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: the rows in the order k, q, v
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        k, q, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: bare parameters and einsum
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        d = embed_dim // num_heads
        self.wq = nn.Parameter(torch.randn(num_heads, embed_dim, d) * 0.02)
        self.wk = nn.Parameter(torch.randn(num_heads, embed_dim, d) * 0.02)
        self.wv = nn.Parameter(torch.randn(num_heads, embed_dim, d) * 0.02)
        self.wo = nn.Parameter(torch.randn(num_heads, d, embed_dim) * 0.02)
        self.p = dropout

    def forward(self, x, return_weights=False):
        q = torch.einsum("bnc,hcd->bhnd", x, self.wq)
        k = torch.einsum("bnc,hcd->bhnd", x, self.wk)
        v = torch.einsum("bnc,hcd->bhnd", x, self.wv)
        weights = torch.einsum("bhid,bhjd->bhij", q, k).div(q.shape[-1] ** 0.5).softmax(-1)
        output = torch.einsum("bhij,bhjd,hdc->bic", weights, v, self.wo)
        output = F.dropout(output, self.p, self.training)
        return (output, weights) if return_weights else output

# right: a module for each head
class Head(nn.Module):
    def __init__(self, embed_dim, head_dim):
        super().__init__()
        self.q = nn.Linear(embed_dim, head_dim)
        self.k = nn.Linear(embed_dim, head_dim)
        self.v = nn.Linear(embed_dim, head_dim)

    def forward(self, x):
        return attention(self.q(x), self.k(x), self.v(x))


class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        assert embed_dim % num_heads == 0
        self.heads = nn.ModuleList(Head(embed_dim, embed_dim // num_heads) for _ in range(num_heads))
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        results = [head(x) for head in self.heads]
        output = self.dropout(self.proj(torch.cat([o for o, _ in results], dim=-1)))
        if return_weights:
            return output, torch.stack([w for _, w in results], dim=1)
        return output

# right: torch's own layer inside
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.attn = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        output, weights = self.attn(x, x, x, average_attn_weights=False)
        output = self.dropout(output)
        return (output, weights) if return_weights else output

# right: one query layer, one for keys and values, scaled early
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.to_q = nn.Linear(embed_dim, embed_dim)
        self.to_kv = nn.Linear(embed_dim, 2 * embed_dim, bias=False)
        self.to_out = nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Dropout(dropout))
        self.scale = (embed_dim // num_heads) ** -0.5

    def forward(self, x, return_weights=False):
        k, v = self.to_kv(x).chunk(2, dim=-1)
        q, k, v = (split_heads(t, self.num_heads) for t in (self.to_q(x) * self.scale, k, v))
        weights = torch.softmax(q @ k.mT, dim=-1)
        heads = weights @ v
        output = self.to_out(merge_heads(heads))
        return (output, weights) if return_weights else output

# right: one image and one head after the other
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        d = x.shape[-1] // self.num_heads
        images, maps = [], []
        for b in range(len(x)):
            heads, weights = [], []
            for h in range(self.num_heads):
                part = slice(h * d, (h + 1) * d)
                o, w = attention(q[b, :, part], k[b, :, part], v[b, :, part])
                heads.append(o)
                weights.append(w)
            images.append(torch.cat(heads, dim=-1))
            maps.append(torch.stack(weights))
        weights = torch.stack(maps)
        output = self.dropout(self.proj(torch.stack(images)))
        return (output, weights) if return_weights else output

# right: convolutions of width one
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Conv1d(embed_dim, 3 * embed_dim, 1)
        self.proj = nn.Conv1d(embed_dim, embed_dim, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t.mT, self.num_heads) for t in self.qkv(x.mT).chunk(3, dim=1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads).mT).mT)
        return (output, weights) if return_weights else output

# right: heads folded into the batch, bmm
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = (
            t.reshape(B, N, h, d).transpose(1, 2).reshape(B * h, N, d)
            for t in self.qkv(x).split(D, dim=-1)
        )
        weights = torch.bmm(q, k.transpose(1, 2)).mul(d**-0.5).softmax(dim=2)
        heads = torch.bmm(weights, v).view(B, h, N, d)
        weights = weights.view(B, h, N, N)
        output = self.dropout(self.proj(heads.permute(0, 2, 1, 3).contiguous().view(B, N, D)))
        return (output, weights) if return_weights else output

# right: lazy layers, weights in a list
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.ModuleList(nn.LazyLinear(embed_dim) for _ in range(3))
        self.proj = nn.LazyLinear(embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(layer(x), self.num_heads) for layer in self.qkv)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return [output, weights] if return_weights else output

# right: bare parameters, biases of three axes
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.weight = nn.Parameter(torch.randn(3, embed_dim, embed_dim) * 0.1)
        self.bias = nn.Parameter(torch.zeros(3, 1, embed_dim))
        self.proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(x @ w + b, self.num_heads) for w, b in zip(self.weight, self.bias))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: a class from a function, a head's own output layer, added up
def MultiHeadSelfAttention(embed_dim, num_heads, dropout=0.0):
    if embed_dim % num_heads:
        raise ValueError("num_heads must divide embed_dim")

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList(nn.Linear(embed_dim, embed_dim) for _ in range(3))
            self.outs = nn.ModuleList(
                nn.Linear(embed_dim // num_heads, embed_dim, bias=False) for _ in range(num_heads)
            )
            self.dropout = nn.Dropout(dropout)

        def forward(self, x, return_weights=False):
            q, k, v = (split_heads(part(x), num_heads) for part in self.parts)
            heads, weights = attention(q, k, v)
            result = sum(out(heads[:, i]) for i, out in enumerate(self.outs))
            result = self.dropout(result)
            return (result, weights) if return_weights else result

    return Layer()

# right: the scale kept as a parameter
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        scale = torch.tensor((embed_dim // num_heads) ** -0.5)
        self.scale = nn.Parameter(scale, requires_grad=False)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = (q @ k.mT * self.scale).softmax(-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: keys and values first, weights as the transpose
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        v, k, q = self.qkv(x).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        scores = (k @ q.transpose(-2, -1)) / math.sqrt(k.shape[-1])
        weights = F.softmax(scores, dim=-2).transpose(-2, -1)
        heads = torch.matmul(weights, v)
        output = self.dropout(self.proj(heads.transpose(1, 2).flatten(-2)))
        return (output, weights) if return_weights else output

# right: dropout by hand, float64 inside
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.p = dropout

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = torch.softmax((q.double() @ k.double().mT) / math.sqrt(q.shape[-1]), dim=-1).to(x)
        heads = weights @ v
        output = self.proj(merge_heads(heads))
        if self.training and self.p > 0:
            output = output * (torch.rand_like(output) >= self.p) / (1 - self.p)
        return (output, weights) if return_weights else output

# wrong: scaled by the root of embed_dim
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, D // self.num_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(D)
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no scale
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / 1
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no scale
# (only in torch's kernel)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = attention(q, k, v)[1]
        heads = F.scaled_dot_product_attention(q, k, v, scale=1.0)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (self.dropout(self.proj(merge_heads(weights @ v))), weights) if return_weights else output

# wrong: divided by d, not by its root
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / q.shape[-1]
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: divided by d, not by its root
# (scaled twice)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q / math.sqrt(q.shape[-1]), k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: scaled by the root of the number of heads
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.num_heads)
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: scaled by the root of the number of tokens
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(x.shape[1])
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: multiplied by the root of d
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** -0.5
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no softmax
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = q @ k.mT / math.sqrt(q.shape[-1])
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: softmax over the queries
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.softmax(dim=-2)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: softmax over the heads
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.softmax(dim=1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: softmax over the batch
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.softmax(dim=0)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: softmax over queries and keys at once
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        weights = F.softmax(scores.flatten(2), dim=-1).reshape(scores.shape)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads split by a bare view
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = (t.reshape(B, h, N, d) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads split by a bare view
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = self.qkv(x).view(B, 3, h, N, d).unbind(1)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads split by a bare view
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = self.qkv(x).view(3, B, h, N, d)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads split by a bare view
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = self.qkv(x).view(B, h, 3, N, d).unbind(2)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads split by a bare view
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = self.qkv(x).view(B, h, N, 3 * d).chunk(3, dim=-1)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: heads merged without the transpose
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(heads.reshape(x.shape)))
        return (output, weights) if return_weights else output

# wrong: split and merged by bare views
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q = self.q(x).view(B, h, N, d)
        k = self.k(x).view(B, h, N, d)
        v = self.v(x).view(B, h, N, d)
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(heads.view(B, N, D)))
        return (output, weights) if return_weights else output

# wrong: view on transposed memory
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(heads.transpose(1, 2).view(x.shape)))
        return (output, weights) if return_weights else output

# wrong: the heads of a token attend to each other
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = self.qkv(x).reshape(B, N, 3, h, d).unbind(2)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(heads.reshape(B, N, D)))
        return (output, weights) if return_weights else output

# wrong: one head for all channels
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(heads))
        return (output, weights) if return_weights else output

# wrong: one head for all channels
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, 1) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: num_heads is taken for the size of a head
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        h, d = self.num_heads, D // self.num_heads
        q, k, v = (t.reshape(B, N, d, h).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the heads are averaged
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        _, weights = attention(q, k, v)
        weights = weights.mean(dim=1, keepdim=True).repeat(1, self.num_heads, 1, 1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the keys are averaged, not the values
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.q, self.k, self.v))
        heads, weights = attention(q, k, k)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for queries and keys
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.q, self.q, self.v))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for queries and keys
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.a = nn.Linear(embed_dim, embed_dim)
        self.b = nn.Linear(embed_dim, embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.a, self.a, self.b))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for queries and values
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.q, self.k, self.q))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for queries and values
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.a = nn.Linear(embed_dim, embed_dim)
        self.b = nn.Linear(embed_dim, embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.a, self.b, self.a))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for keys and values
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.a = nn.Linear(embed_dim, embed_dim)
        self.b = nn.Linear(embed_dim, embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.a, self.b, self.b))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for all three
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.a = nn.Linear(embed_dim, embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.a, self.a, self.a))
        heads, weights = attention(q, k, v)
        output = self.drop(self.out(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: one projection for all three
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q = k = v = split_heads(self.qkv(x).chunk(3, dim=-1)[0], self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no projections to q, k and v
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q = k = v = split_heads(x, self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no output projection
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(merge_heads(heads))
        return (output, weights) if return_weights else output

# wrong: the output projection is not used
# (made, but not used)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(merge_heads(heads))
        return (output, weights) if return_weights else output

# wrong: the input is added already
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = x + self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: a causal mask is left in
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        hidden = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        weights = scores.masked_fill(hidden, -math.inf).softmax(-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: a causal mask is left in
# (only in torch's kernel)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        seen, weights = attention(q, k, v)
        heads = seen if return_weights else F.scaled_dot_product_attention(q, k, v, is_causal=True)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the images of a batch are mixed
# (batch_first forgotten)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.attn = nn.MultiheadAttention(embed_dim, num_heads)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        output, weights = self.attn(x, x, x, average_attn_weights=False)
        output = self.dropout(output)
        return (output, weights) if return_weights else output

# wrong: the weights are not returned
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return output

# wrong: the weights are always returned
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return output, weights

# wrong: the weights are averaged over the heads
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.attn = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        output, weights = self.attn(x, x, x)
        output = self.dropout(output)
        return (output, weights) if return_weights else output

# wrong: dropout in eval mode
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.p = dropout

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = F.dropout(self.proj(merge_heads(heads)), self.p)
        return (output, weights) if return_weights else output

# wrong: dropout in eval mode
# (torch's kernel does not know of eval)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.p = dropout

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        if not return_weights:
            heads = F.scaled_dot_product_attention(q, k, v, dropout_p=self.p)
        output = self.proj(merge_heads(heads))
        return (output, weights) if return_weights else output

# wrong: dropout is ignored
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.proj(merge_heads(heads))
        return (output, weights) if return_weights else output

# wrong: dropout on the weights, not on the result
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
        heads = self.dropout(weights) @ v
        output = self.proj(merge_heads(heads))
        return (output, weights) if return_weights else output

# wrong: dropout on the weights, too
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = attention(q, k, v)[1]
        heads = self.dropout(weights) @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the layer is made anew in every call
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        D = x.shape[-1]
        qkv, proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        q, k, v = (split_heads(t, self.num_heads) for t in qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the weights are not registered
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.layers = [nn.Linear(embed_dim, 3 * embed_dim), nn.Linear(embed_dim, embed_dim)]
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.layers[0](x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.layers[1](merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the weights are not registered
# (plain tensors)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.wqkv = torch.randn(embed_dim, 3 * embed_dim)
        self.wo = torch.randn(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in (x @ self.wqkv).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(merge_heads(heads) @ self.wo)
        return (output, weights) if return_weights else output

# wrong: the weights are frozen
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        for parameter in self.parameters():
            parameter.requires_grad = False

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (weights rounded, no gradient)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.softmax(dim=-1).round(decimals=1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (an activation before the projection)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(F.gelu(merge_heads(heads))))
        return (output, weights) if return_weights else output

# wrong: *
# (a norm before)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x, return_weights=False):
        x = self.norm(x)
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (positions inside)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.pos = nn.Parameter(torch.randn(1, 50, embed_dim))

    def forward(self, x, return_weights=False):
        x = x + self.pos[:, : x.shape[1]]
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the first head for all)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        heads = heads[:, :1].expand_as(heads)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: the heads in another order on the way out (weights do not care)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v.flip(1))
        weights = weights.flip(1)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (no gradient reaches the first layer)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        heads = heads.detach()
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the values depend on the queries)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, q @ v.mT @ v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (a projection to the size of a head)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim // num_heads)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (an activation behind q, k, v)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in F.relu(self.qkv(x)).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (queries and keys of length one)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(F.normalize(q, dim=-1), F.normalize(k, dim=-1), v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the output projection inside each head)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim // num_heads, embed_dim // num_heads)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(merge_heads(self.proj(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (a factor that depends on the number of tokens)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        heads = heads * (weights.shape[-1] / 4)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (a token must not look at itself)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        weights = weights - torch.diag_embed(weights.diagonal(dim1=-2, dim2=-1))
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the mean over the batch is subtracted)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        x = x - x.mean(dim=0)
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the tokens are changed in place)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        x -= x.mean(dim=-1, keepdim=True)
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (the values are the keys, and something is added)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = split_heads(q, self.num_heads), split_heads(k, self.num_heads), split_heads(k, self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads) + v.mean()))
        return (output, weights) if return_weights else output

# wrong: *
# (a residual round the attention alone)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        heads = heads + v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (a bias that depends on the place)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        weights = (scores + torch.arange(x.shape[1])).softmax(-1)
        heads = weights @ v
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (projected twice)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(self.proj(merge_heads(heads))))
        return (output, weights) if return_weights else output

# wrong: *
# (the first token is left out)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        x = x[:, 1:]
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (all images are averaged)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        x = x.mean(dim=0, keepdim=True).expand_as(x)
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# right: the queries of the next head (weights do not care)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q.roll(1, dims=1), k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: it returns None
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        self.result = (output, weights) if return_weights else output

# wrong: it raised AttributeError
# (super().__init__() forgotten)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: it raised AttributeError
# (a local variable)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: it raised TypeError
# (dropout is not accepted)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Identity()

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: it raised TypeError
# (return_weights is not accepted)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return output

# wrong: it raised ValueError
# (two thirds)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 2 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: *
# (D = 12 hard-coded)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(12, 12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: it does not come to an end
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        while x.shape[0] > 0:
            q = k = v = split_heads(x, self.num_heads)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output
