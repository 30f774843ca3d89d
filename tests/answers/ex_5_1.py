# stub: as handed out
def layer_norm(x, weight, bias, eps=1e-6):
    raise NotImplementedError("exercise 5.1")

# right: the formula, line by line
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias

# right: var with correction=0
def layer_norm(x, weight, bias, eps=1e-6):
    m = x.mean(-1, keepdim=True)
    v = x.var(-1, keepdim=True, correction=0)
    return weight * (x - m) * (v + eps).rsqrt() + bias

# right: var_mean, unbiased=False
def layer_norm(x, weight, bias, eps=1e-6):
    var, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
    return torch.addcmul(bias, (x - mean) / (var + eps) ** 0.5, weight)

# right: sums and einsum
def layer_norm(x, weight, bias, eps=1e-6):
    n = x.shape[-1]
    mean = x.sum(-1)[..., None] / n
    c = x - mean
    variance = torch.einsum('...d,...d->...', c, c).unsqueeze(-1) / n
    return c / (variance + eps).sqrt() * weight + bias

# right: a loop over the tokens
def layer_norm(x, weight, bias, eps=1e-6):
    rows = []
    for token in x.reshape(-1, x.shape[-1]):
        c = token - token.mean()
        rows.append(c / torch.sqrt((c * c).mean() + eps) * weight + bias)
    return torch.stack(rows).reshape(x.shape)

# right: F.layer_norm, which the text forbids and the check cannot see
def layer_norm(x, weight, bias, eps=1e-6):
    return F.layer_norm(x, (x.shape[-1],), weight, bias, eps)

# right: the variance as a difference, in float64 precise enough
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.double().mean(-1, keepdim=True)
    variance = (x.double() ** 2).mean(-1, keepdim=True) - mean ** 2
    return ((x.double() - mean) / torch.sqrt(variance.clamp(min=0) + eps)).to(x.dtype) * weight + bias

# wrong: it changes its input
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    y = (x - mean) / torch.sqrt(var + eps) * weight + bias
    bias.mul_(0)
    return y

# wrong: it returns None
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: *
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return ((x - mean) / torch.sqrt(var + eps) * weight + bias).tolist()

# wrong: *
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    raise ValueError('no')

# wrong: *
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias, mean

# wrong: it never finishes
def layer_norm(x, weight, bias, eps=1e-6):
    while True:
        try:
            mean = x.mean(-1)
        except Exception:
            pass

# right: plain formula
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    var = ((x - mu) ** 2).mean(dim=-1, keepdim=True)
    return ((x - mu) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# right: var_mean, rsqrt, addcmul
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    y = torch.addcmul(bias, (x - mean) * torch.rsqrt(var + eps), weight)
    return y.type_as(x)

# right: loop over tokens with a helper
def _one_token(t, w, b, eps):
    m = t.sum() / t.numel()
    v = ((t - m) * (t - m)).sum() / t.numel()
    return (t - m) / (v + eps) ** 0.5 * w + b


def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    rows = [_one_token(t, weight, bias, eps) for t in x.reshape(-1, x.shape[-1])]
    return torch.stack(rows).reshape(x.shape).to(x.dtype)

# right: einops and vector_norm
from einops import reduce


def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    centred = x - reduce(x, "... d -> ... 1", "mean")
    length = torch.linalg.vector_norm(centred, dim=-1, keepdim=True)
    spread = torch.sqrt(length**2 / d + eps)
    return torch.einsum("...d,d->...d", centred / spread, weight).add(bias).to(x.dtype)

# right: group_norm with one group
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    flat = x.reshape(-1, x.shape[-1])
    return F.group_norm(flat, 1, weight.to(x.dtype), bias.to(x.dtype), eps).view_as(x)

# right: centring matrix
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype, device=x.device) - 1 / d  # a matrix that takes the mean away
    y = x @ centring
    var = y.pow(2).sum(-1, keepdim=True).div(d)
    y = y / var.add(eps).sqrt()
    y = y * weight
    y = y + bias
    return y.to(x.dtype)

# wrong: *
# axis 1 in place of the last axis
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=1, keepdim=True)
    var = ((x - mu) ** 2).mean(dim=1, keepdim=True)
    return ((x - mu) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# wrong: normalised over batch and tokens
# like batch norm: over batch and tokens for each channel
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    flat = x.reshape(-1, d)
    y = F.batch_norm(flat, None, None, weight, bias, training=True, eps=eps)
    return y.reshape(x.shape).to(x.dtype)

# wrong: it changes its input
# x changed in place
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    x -= x.mean(-1, keepdim=True)
    x /= (x.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return x * weight + bias

# wrong: it raised RuntimeError
# calls a LayerNorm that has its own weight and bias
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    norm = nn.LayerNorm(x.shape[-1], eps=eps)
    return norm(x)

# right: E[x^2] - E[x]^2
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mean = x.mean(-1, keepdim=True)
    var = (x * x).mean(-1, keepdim=True) - mean * mean
    return ((x - mean) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# right: no cast at the end
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, unbiased=False, keepdim=True)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# right: computed in float32 and cast back
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    h = x.float()
    mean = h.mean(-1, keepdim=True)
    var = h.var(-1, correction=0, keepdim=True)
    return ((h - mean) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# right: torch.layer_norm or native_layer_norm
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    return torch.native_layer_norm(x, [x.shape[-1]], weight, bias, eps)[0]

# wrong: right for (B, N, D), wrong for a single token (D,)
def layer_norm(x, weight, bias, eps=1e-6):
    B, N, D = x.shape
    mean, variance = x.mean(dim=2, keepdim=True), x.var(dim=2, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias
