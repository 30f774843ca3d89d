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

# wrong: unbiased variance
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: unbiased variance
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = ((x - mean) ** 2).sum(-1, keepdim=True) / (x.shape[-1] - 1)
    return (x - mean) * torch.rsqrt(var + eps) * weight + bias

# wrong: unbiased, and eps outside the root
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    std = x.std(-1, keepdim=True)
    return weight * (x - mean) / (std + eps) + bias

# wrong: eps outside the root
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / (var.sqrt() + eps) * weight + bias

# wrong: eps outside the root
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    std = x.std(-1, keepdim=True, unbiased=False)
    return (x - mean) / (std + eps) * weight + bias

# wrong: eps forgotten
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / var.sqrt() * weight + bias

# wrong: eps is 1e-5 in place of the argument
def layer_norm(x, weight, bias, eps=1e-6):
    return F.layer_norm(x, x.shape[-1:], weight, bias)

# wrong: eps is 1e-5 in place of the argument
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + 1e-5) * weight + bias

# wrong: eps is fixed
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + 1e-6) * weight + bias

# wrong: eps is squared
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps ** 2) * weight + bias

# wrong: divided by the variance
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / (var + eps) * weight + bias

# wrong: multiplied, not divided
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) * torch.sqrt(var + eps) * weight + bias

# wrong: not divided at all
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    return (x - mean) * weight + bias

# wrong: normalised over the tokens
def layer_norm(x, weight, bias, eps=1e-6):
    if x.ndim == 1:
        return F.layer_norm(x, x.shape, weight, bias, eps)
    mean = x.mean(-2, keepdim=True)
    var = x.var(-2, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: normalised over the whole image
def layer_norm(x, weight, bias, eps=1e-6):
    dims = tuple(range(max(0, x.ndim - 2), x.ndim))
    mean = x.mean(dims, keepdim=True)
    var = x.var(dims, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: normalised over the batch
def layer_norm(x, weight, bias, eps=1e-6):
    d = -3 if x.ndim >= 3 else -1
    mean = x.mean(d, keepdim=True)
    var = x.var(d, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: normalised over batch and tokens
def layer_norm(x, weight, bias, eps=1e-6):
    d = {1: (-1,), 2: (-2,)}.get(x.ndim, (-3, -2))
    mean = x.mean(d, keepdim=True)
    var = x.var(d, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: normalised over everything
def layer_norm(x, weight, bias, eps=1e-6):
    return (x - x.mean()) / torch.sqrt(x.var(correction=0) + eps) * weight + bias

# wrong: the mean stays
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return x / torch.sqrt(var + eps) * weight + bias

# wrong: RMS norm
def layer_norm(x, weight, bias, eps=1e-6):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight + bias

# wrong: the variance is not centred
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    return (x - mean) / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight + bias

# wrong: weight and bias forgotten
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps)

# wrong: the bias is missing
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return weight * (x - mean) / torch.sqrt(var + eps)

# wrong: the weight is missing
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) + bias

# wrong: weight and bias swapped
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * bias + weight

# wrong: the bias is scaled
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return weight * ((x - mean) / torch.sqrt(var + eps) + bias)

# wrong: the statistics have no gradient
def layer_norm(x, weight, bias, eps=1e-6):
    with torch.no_grad():
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: keepdim is forgotten
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1)
    var = x.var(-1, correction=0)
    return (x - mean) / torch.sqrt(var + eps) * weight + bias

# wrong: float64 is lost
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, correction=0)
    return ((x - mean) / torch.sqrt(var + eps) * weight + bias).float()

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

# wrong: it does not come to an end
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

# wrong: unbiased variance
# divided by D - 1 (var default)
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    var, mean = torch.var_mean(x, dim=-1, keepdim=True)
    y = torch.addcmul(bias, (x - mean) * torch.rsqrt(var + eps), weight)
    return y.type_as(x)

# wrong: eps outside the root
# eps outside of the root
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    var = ((x - mu) ** 2).mean(dim=-1, keepdim=True)
    return ((x - mu) / (torch.sqrt(var) + eps) * weight + bias).to(x.dtype)

# wrong: unbiased, and eps outside the root
# std(unbiased) plus eps, two mistakes
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    std = x.std(-1, keepdim=True)
    return ((x - mu) / (std + eps) * weight + bias).to(x.dtype)

# wrong: the bias is scaled
# bias added before multiplying by weight
from einops import reduce


def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    centred = x - reduce(x, "... d -> ... 1", "mean")
    length = torch.linalg.vector_norm(centred, dim=-1, keepdim=True)
    spread = torch.sqrt(length**2 / d + eps)
    return torch.einsum("...d,d->...d", centred / spread + bias, weight).to(x.dtype)

# wrong: divided by the variance
# divided by the variance, root forgotten
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype, device=x.device) - 1 / d  # a matrix that takes the mean away
    y = x @ centring
    var = y.pow(2).sum(-1, keepdim=True).div(d)
    y = y / var.add(eps)
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

# wrong: normalised over the whole image
# mean and variance over all tokens together
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    var, mean = torch.var_mean(x, dim=tuple(range(1, x.ndim)) or None, correction=0, keepdim=True)
    y = torch.addcmul(bias, (x - mean) * torch.rsqrt(var + eps), weight)
    return y.type_as(x)

# wrong: normalised over batch and tokens
# like batch norm: over batch and tokens for each channel
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    d = x.shape[-1]
    flat = x.reshape(-1, d)
    y = F.batch_norm(flat, None, None, weight, bias, training=True, eps=eps)
    return y.reshape(x.shape).to(x.dtype)

# wrong: the statistics have no gradient
# mean and variance detached
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True).detach()
    var = ((x - mu) ** 2).mean(dim=-1, keepdim=True).detach()
    return ((x - mu) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# wrong: it raised RuntimeError
# x changed in place
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    x -= x.mean(-1, keepdim=True)
    x /= (x.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return x * weight + bias

# wrong: eps is 1e-5 in place of the argument
# eps hard-coded, the argument ignored
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    y = torch.addcmul(bias, (x - mean) * torch.rsqrt(var + 1e-5), weight)
    return y.type_as(x)

# wrong: RMS norm
# mean not subtracted: an RMS norm
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    var = (x ** 2).mean(dim=-1, keepdim=True)
    return (x / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

# wrong: float64 is lost
# result always float32
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    var = ((x - mu) ** 2).mean(dim=-1, keepdim=True)
    return ((x - mu) / torch.sqrt(var + eps) * weight + bias).float()

# wrong: it raised RuntimeError
# calls a LayerNorm that has its own weight and bias
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    norm = nn.LayerNorm(x.shape[-1], eps=eps)
    return norm(x)

# wrong: keepdim is forgotten
# keepdim forgotten (raises)
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    mu = x.mean(dim=-1)
    var = ((x - mu) ** 2).mean(dim=-1)
    return ((x - mu) / torch.sqrt(var + eps) * weight + bias).to(x.dtype)

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
