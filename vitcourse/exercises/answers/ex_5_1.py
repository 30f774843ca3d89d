# right: mean, then variance
# > `var` with `correction=0` divides by D, as layer norm does; its default divides by D - 1.
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias

# wrong: unbiased variance
# > You divide the squares by D - 1, as `var` and `std` do unless told otherwise. Layer norm divides
# > by D: `correction=0`.
# ~ , correction=0 =>

# wrong: unbiased, and eps outside the root
# > Two things: the squares are divided by D - 1, as `var` and `std` do unless told otherwise, and
# > eps is added after the root. It should be sqrt(variance + eps), with the variance divided by D.
# ~ variance = x.var(dim=-1, keepdim=True, correction=0) => std = x.std(dim=-1, keepdim=True)
# ~ torch.sqrt(variance + eps) => (std + eps)

# wrong: eps outside the root
# > The eps belongs under the root: sqrt(variance + eps). The difference shows in small tokens.
# ~ torch.sqrt(variance + eps) => (torch.sqrt(variance) + eps)

# wrong: the root of the standard deviation
# > You take the root twice: `std` is already a root. It should be sqrt(variance + eps).
# ~ variance = x.var => std = x.std
# ~ torch.sqrt(variance + eps) => torch.sqrt(std + eps)

# wrong: eps is a lower bound
# > eps is added to the variance, under the root. You take the larger of the two.
# ~ torch.sqrt(variance + eps) => torch.sqrt(variance).clamp(min=eps)
# wrong: eps is a lower bound
# ~ torch.sqrt(variance + eps) => torch.sqrt(variance.clamp(min=eps))

# wrong: the squares are not divided by D
# > The variance is the mean of the squares, their sum divided by D. You divide by the length of the
# > centred token, the root of the sum.
# ~ x.var(dim=-1, keepdim=True, correction=0) => (x - mean).square().sum(dim=-1, keepdim=True)

# wrong: eps forgotten
# > A token of equal numbers has variance 0, and 0 / 0 is nan. Add eps under the root.
# ~ variance + eps => variance

# wrong: eps is 1e-5, not the argument
# > 1e-5 is PyTorch's default. Here the default is 1e-6, and the caller may choose: use `eps`.
# ~ variance + eps => variance + 1e-5

# wrong: eps is fixed
# > Your result does not change with `eps`: use the argument, not a number of your own.
# ~ variance + eps => variance + 1e-6

# wrong: eps is squared
# > Add eps itself to the variance, not its square.
# ~ variance + eps => variance + eps**2

# wrong: divided by the variance
# > You divide by the variance. Divide by its root, the standard deviation, which has the unit of x.
# ~ torch.sqrt(variance + eps) => (variance + eps)

# wrong: multiplied, not divided
# > You multiply by the standard deviation. Divide: the result should have variance 1.
# ~ / torch.sqrt => * torch.sqrt

# wrong: not divided at all
# > Only the mean is subtracted. Divide by the standard deviation, too.
# ~ / torch.sqrt(variance + eps) =>

# wrong: the mean stays
# > You divide, but the mean is still there: subtract it first.
# ~ (x - mean) => x

# wrong: RMS norm
# > You divide by the root of the mean square and leave the mean in. That is RMSNorm (Zhang &
# > Sennrich 2019), a good layer, but not this one.
# ~ x.var(dim=-1, keepdim=True, correction=0) => x.square().mean(dim=-1, keepdim=True)
# ~ (x - mean) => x

# wrong: the variance is not centred
# > The variance is the mean square of x - mean, not of x.
# ~ x.var(dim=-1, keepdim=True, correction=0) => x.square().mean(dim=-1, keepdim=True)

# wrong: weight and bias forgotten
# > The normalised token comes back as it is: multiply by weight, add bias.
# ~ * weight + bias =>

# wrong: the bias is missing
# > Add `bias` at the end.
# ~ + bias =>

# wrong: the weight is missing
# > Multiply by `weight` before the bias is added.
# ~ * weight =>

# wrong: weight and bias swapped
# > You multiply by the bias and add the weight.
# ~ * weight + bias => * bias + weight

# wrong: the bias is scaled
# > Multiply first, then add: you scale the bias as well.
# ~ (x - mean) / torch.sqrt(variance + eps) => ((x - mean) / torch.sqrt(variance + eps) + bias)
# ~ * weight + bias => * weight

# wrong: the statistics have no gradient
# > The result is right, but autograd does not see that mean and variance depend on x: no `detach`,
# > no `no_grad`.
# ~ x.mean => x.detach().mean
# ~ x.var => x.detach().var

# wrong: no gradient at all
# > The result is right, but autograd does not see where it comes from: no `detach`, no `no_grad`.
@torch.no_grad()
def layer_norm(x, weight, bias, eps=1e-6):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias

# wrong: keepdim is forgotten
# > The mean of (B, N, D) over D has shape (B, N), which does not line up with x: `keepdim=True`
# > leaves an axis of length 1.
# ~ mean(dim=-1, keepdim=True) => mean(dim=-1)
# ~ var(dim=-1, keepdim=True, => var(dim=-1,

# wrong: float64 is lost
# > The result has a different dtype from x. Remove whatever casts (`.float()`, `dtype=`), or end
# > with `.to(x.dtype)`.
# ~ mean = x.mean => x, weight, bias = x.float(), weight.float(), bias.float(); mean = x.mean

# right: the axis has a name
# > The difference from the mean is computed once and used twice.
def layer_norm(x, weight, bias, eps=1e-6):
    dim = -1
    centred = x - x.mean(dim, keepdim=True)
    return centred / torch.sqrt(centred.square().mean(dim, keepdim=True) + eps) * weight + bias

# wrong: normalised over the tokens
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ dim = -1 => dim = -2
# wrong: normalised over the tokens
# ~ dim = -1 => dim = -2 if x.ndim > 1 else -1

# wrong: normalised over the whole image
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ dim = -1 => dim = (-2, -1)
# wrong: normalised over the whole image
# ~ dim = -1 => dim = (-2, -1) if x.ndim > 1 else -1
# wrong: normalised over the whole image
# ~ dim = -1 => dim = tuple(range(1, x.ndim)) or -1

# wrong: normalised over the batch
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ dim = -1 => dim = 0
# wrong: normalised over the batch
# ~ dim = -1 => dim = -3 if x.ndim > 2 else -1

# wrong: normalised over batch and tokens
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ dim = -1 => dim = (-3, -2) if x.ndim > 2 else -min(x.ndim, 2)

# wrong: normalised over everything
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ dim = -1 => dim = tuple(range(x.ndim))

# wrong: normalised over axis 1
# > You average along axis 1, which is the tokens in (B, N, D), and a single token (D,) has none.
# > The numbers of a token are along the last axis, however many axes come before it: dim=-1.
# ~ dim = -1 => dim = 1

# wrong: right for (B, N, D) alone
# > You assume three axes. Write dim=-1, and it works for one token (D,) and for (B, h, N, D), too.
# ~ dim = -1 => dim = 2
