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

# wrong: it never finishes
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

# right: one layer qkv, helpers of the notebook
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: three layers without biases
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.to_q = nn.Linear(embed_dim, embed_dim, bias=False)
        self.to_k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.to_v = nn.Linear(embed_dim, embed_dim, bias=False)
        self.to_out = nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Dropout(dropout))

    def forward(self, x, return_weights=False):
        q, k, v = [rearrange(f(x), "b n (h d) -> b h n d", h=self.num_heads) for f in (self.to_q, self.to_k, self.to_v)]
        dots = torch.einsum("b h i d, b h j d -> b h i j", q, k) * q.shape[-1] ** -0.5
        attn = dots.softmax(dim=-1)
        out = torch.einsum("b h i j, b h j d -> b h i d", attn, v)
        out = self.to_out(rearrange(out, "b h n d -> b n (h d)"))
        if return_weights:
            return out, attn
        return out

# right: timm style: reshape to five axes, permute, unbind
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.scale = (embed_dim // num_heads) ** -0.5
        self.qkv = nn.Linear(embed_dim, embed_dim * 3, bias=True)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.proj_drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        attn = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1)
        x = self.proj_drop(self.proj((attn @ v).transpose(1, 2).reshape(B, N, C)))
        return (x, attn) if return_weights else x

# right: torch's kernel, weights only when asked for
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = rearrange(self.qkv(x), "b n (three h d) -> three b h n d", three=3, h=self.num_heads)
        out = F.scaled_dot_product_attention(q, k, v)
        out = self.dropout(self.proj(out.transpose(1, 2).flatten(2)))
        if not return_weights:
            return out
        return out, (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)

# right: bare parameters and einsum, one slice for each head
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        d = embed_dim // num_heads
        self.w_in = nn.Parameter(torch.randn(3, num_heads, embed_dim, d) / math.sqrt(embed_dim))
        self.w_out = nn.Parameter(torch.randn(num_heads, d, embed_dim) / math.sqrt(embed_dim))
        self.p = dropout

    def forward(self, x, return_weights=False):
        q, k, v = torch.einsum("bnc,thcd->tbhnd", x, self.w_in)
        out, weights = attention(q, k, v)
        out = torch.einsum("bhnd,hdc->bnc", out, self.w_out)
        out = F.dropout(out, self.p, training=self.training)
        return (out, weights) if return_weights else out

# right: 1 x 1 convolutions
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.inp = nn.Conv1d(embed_dim, 3 * embed_dim, kernel_size=1)
        self.out = nn.Conv1d(embed_dim, embed_dim, kernel_size=1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        y = self.inp(x.transpose(1, 2)).reshape(B, 3, self.num_heads, D // self.num_heads, N)
        q, k, v = y.transpose(-1, -2).unbind(1)
        y, w = attention(q, k, v)
        y = self.out(y.transpose(-1, -2).reshape(B, D, N)).transpose(1, 2)
        y = self.drop(y)
        return (y, w) if return_weights else y

# right: a class for one head, heads in a ModuleList
class Head(nn.Module):
    def __init__(self, embed_dim, head_dim):
        super().__init__()
        self.query = nn.Linear(embed_dim, head_dim)
        self.key = nn.Linear(embed_dim, head_dim)
        self.value = nn.Linear(embed_dim, head_dim)

    def forward(self, x):
        return attention(self.query(x), self.key(x), self.value(x))


class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("must divide")
        self.heads = nn.ModuleList([Head(embed_dim, embed_dim // num_heads) for _ in range(num_heads)])
        self.mix = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        outs, weights = zip(*(head(x) for head in self.heads))
        out = self.drop(self.mix(torch.cat(outs, dim=-1)))
        if return_weights:
            return out, torch.stack(weights, dim=1)
        return out

# right: output weights cut by head, results of the heads added
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        h = self.num_heads
        q, k, v = (split_heads(t, h) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        result = self.proj.bias
        for i, w in enumerate(self.proj.weight.chunk(h, dim=1)):
            result = result + out[:, i] @ w.T
        result = self.dropout(result)
        return (result, weights) if return_weights else result

# right: layout (h three d) under a name of its own
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.in_map = nn.Linear(embed_dim, 3 * embed_dim)
        self.out_map = nn.Linear(embed_dim, embed_dim)
        self.drop = nn.Dropout(dropout, inplace=True)

    def forward(self, x, return_weights=False):
        q, k, v = rearrange(self.in_map(x), "b n (h t d) -> t b h n d", t=3, h=self.num_heads)
        out, weights = attention(q, k, v)
        out = self.drop(self.out_map(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: ModuleDict, Xavier, zero biases, weights kept on self
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.layers = nn.ModuleDict({n: nn.Linear(embed_dim, embed_dim) for n in ("q", "k", "v", "o")})
        for layer in self.layers.values():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.dropout = nn.Dropout(p=dropout)
        self.last_weights = None

    def forward(self, x, return_weights=False):
        parts = [split_heads(self.layers[n](x), self.num_heads) for n in "qkv"]
        out, self.last_weights = attention(*parts)
        out = self.dropout(self.layers["o"](merge_heads(out)))
        if return_weights:
            return out, self.last_weights
        else:
            return out

# right: heads folded into the batch, bmm
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.d = embed_dim // num_heads
        self.register_buffer("scale", torch.tensor(self.d**-0.5), persistent=False)
        self.q = nn.Linear(embed_dim, embed_dim)
        self.k = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v = nn.Linear(embed_dim, embed_dim)
        self.o = nn.Linear(embed_dim, embed_dim, bias=False)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        fold = lambda t: rearrange(t, "b n (h d) -> (b h) n d", h=self.num_heads)
        q, k, v = fold(self.q(x)), fold(self.k(x)), fold(self.v(x))
        w = torch.baddbmm(q.new_zeros(1, 1, 1), q, k.mT, beta=0, alpha=self.d**-0.5).softmax(dim=2)
        y = rearrange(torch.bmm(w, v), "(b h) n d -> b n (h d)", h=self.num_heads)
        y = self.drop(self.o(y))
        return (y, w.unflatten(0, (B, self.num_heads))) if return_weights else y

# right: subclass of a base class with a hook
class _Base(nn.Module):
    def project(self, x):
        raise NotImplementedError

    def forward(self, x, return_weights=False):
        mixed, weights = attention(*self.project(x))
        result = self.after(mixed.transpose(1, 2))
        return (result, weights) if return_weights else result


class MultiHeadSelfAttention(_Base):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("num_heads must divide embed_dim")
        self.h = num_heads
        self.inputs = nn.Sequential(nn.Linear(embed_dim, 3 * embed_dim), nn.Unflatten(-1, (3, num_heads, -1)))
        self.after = nn.Sequential(nn.Flatten(2), nn.Linear(embed_dim, embed_dim), nn.Dropout(dropout))

    def project(self, x):
        return self.inputs(x).permute(2, 0, 3, 1, 4)

# right: output weight via F.linear, small normal start
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        D = embed_dim
        self.W = nn.ParameterList([nn.Parameter(torch.empty(D, D)) for _ in range(4)])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(D)) for _ in range(4)])
        for w in self.W:
            nn.init.trunc_normal_(w, std=0.02)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(F.linear(x, w, b), self.num_heads) for w, b in list(zip(self.W, self.b))[:3])
        out, weights = attention(q, k, v)
        out = F.linear(merge_heads(out), self.W[3], self.b[3])
        return (self.drop(out), weights) if return_weights else self.drop(out)

# right: heads merged woven, (d h)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(rearrange(out, "b h n d -> b n (d h)")))
        return (out, weights) if return_weights else out

# wrong: *
# (no transpose in the kernel's input, weights computed apart)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2)
        weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: *
# (head 0's result for all heads)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out[:, :1].expand_as(out))))
        return (out, weights) if return_weights else out

# wrong: *
# (queries and keys normalised (QK norm))
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(F.layer_norm(q, q.shape[-1:]), F.layer_norm(k, k.shape[-1:]), v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: *
# (ReLU on the result)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = F.relu(self.dropout(self.proj(merge_heads(out))))
        return (out, weights) if return_weights else out

# wrong: *
# (number of tokens fixed by a learned bias of positions)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.pos = nn.Parameter(torch.zeros(1, 197, embed_dim))

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x + self.pos[:, : x.shape[1]]).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: *
# (two mistakes, no scale and merged by a bare reshape)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = torch.softmax(q @ k.mT, -1)
        out = weights @ v
        out = self.dropout(self.proj(out.reshape(x.shape)))
        return (out, weights) if return_weights else out

# wrong: scaled by the root of embed_dim
# (two mistakes, root of D and dropout on the weights)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = (q @ k.mT * x.shape[-1] ** -0.5).softmax(-1)
        out = self.dropout(weights) @ v
        out = self.proj(merge_heads(out))
        return (out, weights) if return_weights else out

# wrong: it raised AttributeError
# (raises, super().__init__() forgotten)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: it raised AttributeError
# (raises, num_heads not kept)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: *
# (weights of a head carry the first image only)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights[0]) if return_weights else out

# wrong: *
# (queries of every token, keys of the first half only)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        n = x.shape[1] // 2 + 1
        weights = (q @ k[:, :, :n].mT / math.sqrt(q.shape[-1])).softmax(-1)
        out = weights @ v[:, :, :n]
        weights = F.pad(weights, (0, x.shape[1] - n))
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: q and k swapped in a layer named qkv
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        k, q, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: q and k swapped, layers with names
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.query = nn.Linear(embed_dim, embed_dim)
        self.key = nn.Linear(embed_dim, embed_dim)
        self.value = nn.Linear(embed_dim, embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(f(x), self.num_heads) for f in (self.query, self.key, self.value))
        out, weights = attention(k, q, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: layout (h three d) in a layer named qkv
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = rearrange(self.qkv(x), "b n (h t d) -> t b h n d", t=3, h=self.num_heads)
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: heads take every h-th channel, split and merged alike
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (rearrange(t, "b n (d h) -> b h n d", h=self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(rearrange(out, "b h n d -> b n (d h)")))
        return (out, weights) if return_weights else out

# right: split right, merged with the heads in reverse order
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out.flip(1))))
        return (out, weights) if return_weights else out

# right: torch's own layer inside
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.inner = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        out, weights = self.inner(x, x, x, average_attn_weights=False)
        out = self.dropout(out)
        return (out, weights) if return_weights else out

# right: a list as the pair
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return [out, weights] if return_weights else out

# right: return_weights by keyword only
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, *, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: output layer starts at zero
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: scale as a learned number for each head
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.scale = nn.Parameter(torch.full((num_heads, 1, 1), (embed_dim // num_heads) ** -0.5))

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = (q @ k.mT * self.scale).softmax(-1)
        out = weights @ v
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: no ValueError of its own
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: lazy layers, D found out at the first call
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.LazyLinear(3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# wrong: *
# (an extra linear layer after the projection)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, embed_dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        out, weights = attention(q, k, v)
        out = self.dropout(self.proj(merge_heads(out)))
        return (out, weights) if return_weights else out

# right: bare parameters, einsum and rearrange
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.h, self.p = num_heads, dropout
        self.Wqkv = nn.Parameter(torch.empty(3, embed_dim, embed_dim))
        self.Wo = nn.Parameter(torch.empty(embed_dim, embed_dim))
        for w in (*self.Wqkv, self.Wo):
            nn.init.xavier_uniform_(w.data)

    def forward(self, x, return_weights=False):
        qkv = torch.einsum("bnd,sed->sbne", x, self.Wqkv)
        q, k, v = rearrange(qkv, "s b n (h d) -> s b h n d", h=self.h)
        o, w = attention(q, k, v)
        o = F.dropout(merge_heads(o) @ self.Wo.T, self.p, training=self.training)
        return (o, w) if return_weights else o

# wrong: right in float32, wrong in float64
# (x is made float32)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        x = x.float()
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: right the first time, wrong called again
# (the weights of the first call are kept)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.w = None

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        if self.w is None:
            self.w = attention(q, k, v)[1]
        output = self.dropout(self.proj(merge_heads(self.w @ v)))
        return (output, self.w) if return_weights else output

# wrong: right for 3 heads of 4 channels, wrong for 2 heads of 6 channels
# (the scale of one size)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        weights = (q @ k.mT / 2).softmax(-1)
        output = self.dropout(self.proj(merge_heads(weights @ v)))
        return (output, weights) if return_weights else output

# wrong: *
# (a batch norm)
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.norm = nn.BatchNorm1d(embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(self.norm(x.mT).mT).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output
