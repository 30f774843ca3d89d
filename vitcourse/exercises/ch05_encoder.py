"""Chapter 5, the encoder: layer norm, MLP, block, stack; and the encoder that mixes its images.

Any parameterisation is right. So that neither names nor order of the weights matter, the trials
fill a module with numbers that depend on shapes alone: all vectors of D numbers are the same, all
D x D matrices are the same and symmetric, and the two matrices of the MLP are each other's
transpose. Then a right module gives the right numbers however it is written. What such numbers
cannot show (one norm used twice, one block used L times), the count of trained numbers shows.
"""

import copy
import warnings
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.model.attention import MultiHeadSelfAttention
from vitcourse.model.encoder import LAYER_NORM_EPS, MLP, Encoder, EncoderBlock


def _random(*shape: int, seed: int = 0) -> Tensor:
    """Normal numbers in float64, the same for everyone."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# 5.1 ----------------------------------------------------------------------------------------------


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-6) -> Tensor:
    """Give every token mean 0 and variance 1, then scale and shift: (..., D) -> (..., D).

    Source: section 3 in Ba et al. 2016.
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


def _centred(x: Tensor, dim: int | tuple[int, ...] = -1) -> tuple[Tensor, Tensor]:
    mean = x.mean(dim=dim, keepdim=True)
    return x - mean, (x - mean).square().mean(dim=dim, keepdim=True)


def _normalised_over(*dims: int):
    """A stand-in that takes mean and variance over other axes than the last."""

    def stand_in(x, weight, bias, eps=1e-6):
        chosen = tuple(dim for dim in dims if dim >= -x.ndim)
        centred, variance = _centred(x, chosen or -1)
        return centred / torch.sqrt(variance + eps) * weight + bias

    return stand_in


def _over_everything(x, weight, bias, eps=1e-6):
    centred, variance = _centred(x, tuple(range(x.ndim)))
    return centred / torch.sqrt(variance + eps) * weight + bias


def _over_all_but_the_batch(x, weight, bias, eps=1e-6):
    centred, variance = _centred(x, tuple(range(1, x.ndim)) or -1)
    return centred / torch.sqrt(variance + eps) * weight + bias


def _standardised(standard_deviation, after=lambda y, weight, bias: y * weight + bias):
    """A stand-in that divides by something else, or goes on differently."""

    def stand_in(x, weight, bias, eps=1e-6):
        centred, variance = _centred(x)
        return after(centred / standard_deviation(variance, x.shape[-1], eps), weight, bias)

    return stand_in


def _right_root(variance: Tensor, size: int, eps: float) -> Tensor:
    return torch.sqrt(variance + eps)


def _rms(x, weight, bias, eps=1e-6):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * weight + bias


def _mean_stays(x, weight, bias, eps=1e-6):
    return x / torch.sqrt(_centred(x)[1] + eps) * weight + bias


def _square_mean(x, weight, bias, eps=1e-6):
    centred, _ = _centred(x)
    return centred / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * weight + bias


def _detached(x, weight, bias, eps=1e-6):
    mean, variance = x.detach().mean(-1, keepdim=True), _centred(x.detach())[1]
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


def _keepdim_forgotten(x, weight, bias, eps=1e-6):
    mean, variance = x.mean(-1), x.var(-1, correction=0)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


def _as_float32(x, weight, bias, eps=1e-6):
    return layer_norm(x.float(), weight.float(), bias.float(), eps)


def _gradient(layer_norm, x, weight, bias) -> Tensor:
    """d sum(y * y * y) / dx, which the statistics take part in."""
    x = x.clone().requires_grad_()
    result = layer_norm(x, weight, bias)
    if not isinstance(result, Tensor):
        return result
    return torch.autograd.grad(result.pow(3).sum(), x)[0]


def _constant(layer_norm, *inputs) -> Tensor:
    """The result with nan as 999, so that it can be compared."""
    result = layer_norm(*inputs)
    return result.nan_to_num(999.0, 999.0, 999.0) if isinstance(result, Tensor) else result


_WEIGHT, _BIAS = 1 + 0.5 * _random(6, seed=11), _random(6, seed=12)
_EPS_INSIDE = "The eps belongs under the root: sqrt(variance + eps). Small tokens show the rest."
_WRONG_AXES = "Each token is normalised by itself: mean and variance over the last axis alone."

LAYER_NORM = Exercise(
    id="5.1",
    name="layer_norm",
    title="Layer norm by hand",
    difficulty=2,
    minutes=10,
    reference=layer_norm,
    hints=(
        "A token is one row of D numbers. Over which axis do you average, so that each token gets "
        "a mean of its own? What shape must that mean have, to be subtracted from x?",
        "`dim=-1, keepdim=True` gives means of shape (..., 1). The variance is the mean of the "
        "squared distances from the mean: divided by D, not by D - 1.",
        "`mean = x.mean(dim=-1, keepdim=True)`, `variance = x.var(dim=-1, keepdim=True, "
        "correction=0)`, then `(x - mean) / torch.sqrt(variance + eps) * weight + bias`.",
    ),
    trials=(
        Trial(
            "layer_norm(x, weight, bias) for x of shape (2, 4, 6)",
            (3 + 2 * _random(2, 4, 6), _WEIGHT, _BIAS),
        ),
        Trial(
            "The same for one token, shape (6,)",
            (3 + 2 * _random(6, seed=2), _WEIGHT, _BIAS),
        ),
        Trial(
            "layer_norm(x, ones, zeros) for tokens of standard deviation 0.01",
            (0.01 * _random(3, 6, seed=3), torch.ones(6).double(), torch.zeros(6).double()),
        ),
        Trial(
            "layer_norm(x, ones, zeros, eps=0.5)",
            (_random(2, 3, 6, seed=4), torch.ones(6).double(), torch.zeros(6).double(), 0.5),
        ),
        Trial(
            "A token of six equal numbers (nan is shown as 999)",
            (torch.full((1, 1, 6), 2.0).double(), _WEIGHT, _BIAS),
            ask=_constant,
        ),
        Trial(
            "float32 tokens, shape (1, 2, 3, 6)",
            (_random(1, 2, 3, 6, seed=5).float(), _WEIGHT.float(), _BIAS.float()),
        ),
        Trial(
            "The gradient of the sum of the cubed result, with respect to x",
            (_random(2, 6, seed=6), _WEIGHT, _BIAS),
            ask=_gradient,
        ),
    ),
    mistakes=(
        Mistake(
            "unbiased variance",
            "You divide the squares by D - 1, as `var` and `std` do if not told otherwise. Layer "
            "norm divides by D: `correction=0`.",
            _standardised(lambda v, d, eps: torch.sqrt(v * d / (d - 1) + eps)),
        ),
        Mistake(
            "unbiased, and eps outside the root",
            "`x.std()` divides by D - 1, and the eps comes too late. Asked is sqrt(variance + eps) "
            "with the variance divided by D.",
            _standardised(lambda v, d, eps: torch.sqrt(v * d / (d - 1)) + eps),
        ),
        Mistake(
            "eps outside the root", _EPS_INSIDE, _standardised(lambda v, d, eps: v.sqrt() + eps)
        ),
        Mistake(
            "eps forgotten",
            "A token of equal numbers has variance 0, and 0 / 0 is nan. Add eps under the root.",
            _standardised(lambda v, d, eps: v.sqrt()),
        ),
        Mistake(
            "eps is 1e-5 in place of the argument",
            "1e-5 is PyTorch's default. Here it is 1e-6, and whoever calls may choose: use `eps`.",
            _standardised(lambda v, d, eps: torch.sqrt(v + 1e-5)),
        ),
        Mistake(
            "eps is fixed",
            "Your result does not change with `eps`: use the argument, not a number of your own.",
            _standardised(lambda v, d, eps: torch.sqrt(v + 1e-6)),
        ),
        Mistake(
            "eps is squared",
            "Add eps itself to the variance, not its square.",
            _standardised(lambda v, d, eps: torch.sqrt(v + eps**2)),
        ),
        Mistake(
            "divided by the variance",
            "You divide by the variance. Its root, the standard deviation, has the unit of x.",
            _standardised(lambda v, d, eps: v + eps),
        ),
        Mistake(
            "multiplied, not divided",
            "You multiply by the standard deviation. Divide: the result should have variance 1.",
            _standardised(lambda v, d, eps: 1 / torch.sqrt(v + eps)),
        ),
        Mistake(
            "not divided at all",
            "Only the mean is taken away. Divide by the standard deviation, too.",
            _standardised(lambda v, d, eps: 1.0),
        ),
        Mistake("normalised over the tokens", _WRONG_AXES, _normalised_over(-2)),
        Mistake("normalised over the whole image", _WRONG_AXES, _normalised_over(-2, -1)),
        Mistake("normalised over the whole image", _WRONG_AXES, _over_all_but_the_batch),
        Mistake("normalised over the batch", _WRONG_AXES, _normalised_over(-3)),
        Mistake("normalised over batch and tokens", _WRONG_AXES, _normalised_over(-3, -2)),
        Mistake("normalised over everything", _WRONG_AXES, _over_everything),
        Mistake(
            "the mean stays",
            "You divide, but the mean is still there: subtract it first.",
            _mean_stays,
        ),
        Mistake(
            "RMS norm",
            "You divide by the root of the mean square and leave the mean. That is RMSNorm (Zhang "
            "& Sennrich 2019), a good layer, but not this one.",
            _rms,
        ),
        Mistake(
            "the variance is not centred",
            "The variance is the mean square of x - mean, not of x.",
            _square_mean,
        ),
        Mistake(
            "weight and bias forgotten",
            "The normalised token comes back as it is: multiply by weight, add bias.",
            _standardised(_right_root, lambda y, weight, bias: y),
        ),
        Mistake(
            "the bias is missing",
            "Add `bias` at the end.",
            _standardised(_right_root, lambda y, weight, bias: y * weight),
        ),
        Mistake(
            "the weight is missing",
            "Multiply by `weight` before the bias is added.",
            _standardised(_right_root, lambda y, weight, bias: y + bias),
        ),
        Mistake(
            "weight and bias swapped",
            "You multiply by the bias and add the weight.",
            _standardised(_right_root, lambda y, weight, bias: y * bias + weight),
        ),
        Mistake(
            "the bias is scaled",
            "Multiply first, then add: you scale the bias as well.",
            _standardised(_right_root, lambda y, weight, bias: (y + bias) * weight),
        ),
        Mistake(
            "the statistics have no gradient",
            "The result is right, but autograd does not see that mean and variance depend on x: "
            "no `detach`, no `no_grad`.",
            _detached,
        ),
        Mistake(
            "keepdim is forgotten",
            "The mean of (B, N, D) over D has shape (B, N), which does not line up with x: "
            "`keepdim=True` leaves an axis of length 1.",
            _keepdim_forgotten,
        ),
        Mistake(
            "float64 is lost",
            "The result has another dtype than x: compute in the dtype that comes in.",
            _as_float32,
        ),
    ),
)

# The weights --------------------------------------------------------------------------------------

_D, _H, _HEADS = 12, 20, 3  # embed_dim, mlp_dim, num_heads in all trials below


@lru_cache
def _numbers(d: int, h: int, small: bool) -> dict[tuple[int, ...], Tensor]:
    """What to fill in, by shape; with `small`, the stream stays near 0.01."""
    vector = (0.01 if small else 1.0) * (1 + 0.6 * _random(d, seed=21))
    hidden = (0.01 if small else 0.7) * _random(h, seed=22)
    square = 0.25 * _random(d, d, seed=23)
    square = square + square.T
    wide = (0.3 if small else 0.4) * _random(h, d, seed=24)
    known = {(d,): vector, (h,): hidden, (d, d): square, (h, d): wide, (d, h): wide.T}
    for n in (2, 3):  # q, k and v, or k and v, as one
        known |= {(n * d,): vector.repeat(n)}
        known |= {(n * d, d): square.repeat(n, 1), (d, n * d): square.repeat(1, n)}
    return known


def _fill(module: nn.Module, small: bool = False) -> nn.Module:
    """Fill in numbers by shape alone, in float64."""
    known, generator = _numbers(_D, _H, small), torch.Generator().manual_seed(25)
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            shape = tuple(size for size in parameter.shape if size > 1)
            if shape in known:
                parameter.copy_(known[shape].reshape(parameter.shape))
            else:
                parameter.normal_(generator=generator)
    return module


def _quietly(build, *sizes):
    """Build a module; PyTorch's word on nested tensors, which concern nobody here, is dropped."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="enable_nested_tensor")
        return build(*sizes)


def _trained(module: nn.Module, x: Tensor) -> int | str:
    """How many numbers training reaches: parameters that get a gradient."""
    module.double()
    result = module(x.double())
    if not isinstance(result, Tensor):
        return f"a {type(result).__name__} in place of a tensor"
    if not result.requires_grad:
        return 0
    result.pow(3).sum().backward()
    return sum(p.numel() for p in module.parameters() if p.requires_grad and p.grad is not None)


def _shape_of(result):
    return tuple(result.shape) if isinstance(result, Tensor) else result


def _filled(build, expected_count: int, *sizes, small: bool = False) -> nn.Module | str:
    """The module with the numbers of `_fill`; where that means nothing, how many numbers it has.

    It means nothing for parameters that are not asked for, and where most are out of sight.
    """
    module = _quietly(build, *sizes)
    count = sum(parameter.numel() for parameter in module.parameters())
    if not expected_count / 4 < count <= expected_count:
        return f"{count} parameters, not {expected_count}"
    return _fill(module, small)


def _result(module: nn.Module | str, x: Tensor, training: bool = False):
    if isinstance(module, str):
        return module
    torch.default_generator.manual_seed(1)  # what was drawn in making it must not matter
    return module.train(training)(x)


def _repeats(module: nn.Module, x: Tensor, copies: int) -> Tensor:
    """What copies of x (1, N, D) become in training mode: dropout makes them differ."""
    with torch.no_grad():
        return module.train()(x.expand(copies, *x.shape[1:]))


# 5.2 ----------------------------------------------------------------------------------------------

_MLP_COUNT = 2 * _D * _H + _D + _H


def _mlp_shape(answer):
    return _shape_of(answer(_D, _H)(torch.randn(2, 5, _D)))


def _mlp_shape_elsewhere(answer):
    return _shape_of(answer(4, 7)(torch.randn(3, 4)))


def _mlp_repeats(answer) -> bool:
    module, x = answer(_D, _H).double().eval(), torch.randn(2, 5, _D).double()
    return bool(torch.allclose(module(x), module(x)))


def _mlp_count(answer):
    return _trained(answer(_D, _H), torch.randn(2, 5, _D))


def _mlp_values(answer, x):
    return _result(_filled(answer, _MLP_COUNT, _D, _H), x)


def _mlp_in_training(answer, x):
    """In training mode, with dropout left at 0."""
    return _result(_filled(answer, _MLP_COUNT, _D, _H), x, training=True)


def _mlp_in_eval(answer, x):
    return _result(_filled(answer, _MLP_COUNT, _D, _H, 0.3), x)


def _mlp_dropout(answer) -> str:
    """Where dropout acts, seen from outside, with x = 0 (dropping zeros changes nothing)."""
    module = _filled(answer, _MLP_COUNT, _D, _H, 0.3)
    if isinstance(module, str):
        return module
    result = _repeats(module, torch.zeros(1, 1, _D).double(), 128)[:, 0]
    share = (result == 0).double().mean().item()
    kept = [column[column != 0] for column in result.T]
    varies = any(len(column.round(decimals=9).unique()) > 1 for column in kept)
    places = ["between the layers"] if varies else []
    if share > 0:
        after = "after the second layer"
        places.append(after if 0.2 < share < 0.4 else f"{after}, but of {share:.0%}, not 30%")
    return "dropout " + " and ".join(places) if places else "no dropout at all"


def _mlp_dropout_averages_out(answer) -> bool:
    """Dropout behind the GELU only adds noise: on average, nothing changes. Before it, it does.

    The noise of this mean is 1.1 % of the result, dropout before the GELU moves it by 4.5 %.
    """
    module, x = _filled(answer, _MLP_COUNT, _D, _H, 0.3), torch.zeros(1, 1, _D).double()
    if isinstance(module, str):
        return False
    mean, calm = _repeats(module, x, 5000).mean(dim=0), _result(module, x)[0]
    return bool((mean - calm).norm() < 0.028 * calm.norm())


class _MLP(nn.Module):
    """An MLP whose parts the mistakes replace."""

    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.sizes, self.p = (embed_dim, hidden_dim), dropout
        self.make(embed_dim, hidden_dim)
        self.drop1, self.drop2 = self.drops(dropout)

    def make(self, embed_dim, hidden_dim):
        self.fc1, self.fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)

    def drops(self, dropout):
        return nn.Dropout(dropout), nn.Dropout(dropout)

    def act(self, x):
        return F.gelu(x)

    def forward(self, x):
        return self.drop2(self.fc2(self.drop1(self.act(self.fc1(x)))))


def _mlp(**methods) -> type:
    return type("MLP", (_MLP,), {k: _method(v) for k, v in methods.items()})


def _method(function):
    """Activations take x alone; let the class call them like methods."""
    if function in _ACTIVATIONS.values():
        return staticmethod(function)
    return function


def _quick_gelu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(1.702 * x)


def _tanh_gelu(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")


_ACTIVATIONS = {
    "tanh-GELU": _tanh_gelu,
    "QuickGELU": _quick_gelu,
    "ReLU": F.relu,
    "SiLU": F.silu,
    "ELU": F.elu,
    "leaky ReLU": F.leaky_relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
_TELL = {
    "tanh-GELU": "This is the tanh approximation of GELU. The exact one is `nn.GELU()` without "
    "`approximate`; with weights trained for it the approximation is off in the fourth decimal.",
    "QuickGELU": "x * sigmoid(1.702 x) is QuickGELU, which OpenAI's CLIP uses. The ViT has the "
    "exact GELU, `nn.GELU()`.",
    "ReLU": "The transformer of 2017 has ReLU, the ViT has GELU: `nn.GELU()`.",
}


def _activation_name(name: str) -> str:
    return f"{name} for GELU"


def _activation_advice(name: str) -> str:
    return _TELL.get(name, f"Your activation is {name}. Asked is the exact GELU, `nn.GELU()`.")


def _no_bias(self, embed_dim, hidden_dim):
    self.fc1 = nn.Linear(embed_dim, hidden_dim, bias=False)
    self.fc2 = nn.Linear(hidden_dim, embed_dim, bias=False)


def _no_bias_in(which):
    def make(self, embed_dim, hidden_dim):
        self.fc1 = nn.Linear(embed_dim, hidden_dim, bias=which != 1)
        self.fc2 = nn.Linear(hidden_dim, embed_dim, bias=which != 2)

    return make


def _three_layers(self, embed_dim, hidden_dim):
    self.fc1, self.fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)
    self.middle = nn.Linear(hidden_dim, hidden_dim)


def _one_layer(self, embed_dim, hidden_dim):
    self.fc1 = nn.Linear(embed_dim, embed_dim)


def _stops_at_hidden(self, embed_dim, hidden_dim):
    self.fc1, self.fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, hidden_dim)


def _four_times(self, embed_dim, hidden_dim):
    hidden_dim = 4 * embed_dim
    self.fc1, self.fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)


def _norm_inside(self, embed_dim, hidden_dim):
    self.fc1, self.fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)
    self.norm = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)


def _shared_matrix(self, embed_dim, hidden_dim):
    self.fc1 = nn.Linear(embed_dim, hidden_dim)
    self.out_bias = nn.Parameter(torch.zeros(embed_dim))
    self.fc2 = lambda x: x @ self.fc1.weight + self.out_bias


def _unregistered_layers(self, embed_dim, hidden_dim):
    self.layers = [nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)]
    self.fc1, self.fc2 = (lambda x, i=i: self._as(x, i) for i in (0, 1))


def _as(self, x, i):
    return self.layers[i].to(x.dtype)(x)


def _fresh_layers(self, x):
    d, h = self.sizes
    one, two = nn.Linear(d, h).to(x.dtype), nn.Linear(h, d).to(x.dtype)
    return two(F.gelu(one(x)))


def _functional_dropout(self, x):
    x = F.dropout(self.act(self.fc1(x)), self.p)
    return F.dropout(self.fc2(x), self.p)


_FUNCTIONAL = (
    "`F.dropout(x, p)` drops even in eval mode, for `training=True` is its default. Use "
    "`nn.Dropout`, or pass `training=self.training`."
)
_BIASES = "Both layers have a bias (ViT weights come with one): leave `bias=False` out."


def _only(place: int):
    return lambda self, p: (
        nn.Dropout(p if place == 1 else 0.0),
        nn.Dropout(p if place == 2 else 0.0),
    )


MLP_EXERCISE = Exercise(
    id="5.2",
    name="MLP",
    title="The MLP",
    difficulty=1,
    minutes=10,
    reference=MLP,
    hints=(
        "Two layers: one from embed_dim to hidden_dim numbers, one back. Where does the activation "
        "stand, so that it makes a difference?",
        "Linear, GELU, dropout, Linear, dropout. After the last Linear there is no activation: "
        "what the MLP adds to a token may be negative. `nn.Dropout` knows train from eval mode.",
        "In `__init__`: `self.fc1 = nn.Linear(embed_dim, hidden_dim)`, `self.fc2 = "
        "nn.Linear(hidden_dim, embed_dim)`, `self.gelu = nn.GELU()`, `self.dropout = "
        "nn.Dropout(dropout)`. In `forward`: "
        "`x = self.dropout(self.gelu(self.fc1(x)))`, `return self.dropout(self.fc2(x))`.",
    ),
    trials=(
        Trial("The shape for tokens (2, 5, 12), MLP(12, 20)", ask=_mlp_shape),
        Trial("The shape for tokens (3, 4), MLP(4, 7)", ask=_mlp_shape_elsewhere),
        Trial("Does the same input give the same result twice?", ask=_mlp_repeats),
        Trial("How many numbers training reaches in MLP(12, 20)", ask=_mlp_count),
        Trial("The result with given weights", (_random(2, 5, _D, seed=31),), ask=_mlp_values),
        Trial(
            "The result in training mode with dropout=0",
            (_random(2, 5, _D, seed=32),),
            ask=_mlp_in_training,
        ),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=33),),
            ask=_mlp_in_eval,
        ),
        Trial("MLP(12, 20, dropout=0.3) in training mode", ask=_mlp_dropout),
        Trial(
            "With dropout=0.3, is the mean of 5,000 passes in training mode that of eval mode?",
            ask=_mlp_dropout_averages_out,
        ),
    ),
    mistakes=(
        *(
            Mistake(_activation_name(name), _activation_advice(name), _mlp(act=act))
            for name, act in _ACTIVATIONS.items()
        ),
        Mistake(
            "no activation",
            "Two linear layers in a row can do no more than one. Put a GELU between them.",
            _mlp(act=lambda self, x: x),
        ),
        Mistake(
            "activation after the second layer",
            "Your GELU stands at the end, and between the layers there is none. Move it.",
            _mlp(forward=lambda self, x: self.drop2(F.gelu(self.fc2(self.drop1(self.fc1(x)))))),
        ),
        Mistake(
            "activation after the second layer",
            "One GELU too many: what the MLP adds to a token may be negative. None at the end.",
            _mlp(forward=lambda self, x: F.gelu(_MLP.forward(self, x))),
        ),
        Mistake(
            "activation before the first layer",
            "Your GELU stands before the first layer. It belongs between the two.",
            _mlp(forward=lambda self, x: self.drop2(self.fc2(self.drop1(self.fc1(F.gelu(x)))))),
        ),
        Mistake(
            "a residual inside the MLP",
            "You add x to the result. Adding is the block's business, in exercise 5.3.",
            _mlp(forward=lambda self, x: x + _MLP.forward(self, x)),
        ),
        Mistake(
            "a norm inside the MLP",
            "The MLP has no norm. The block will hand it normalised tokens.",
            _mlp(make=_norm_inside, forward=lambda self, x: _MLP.forward(self, self.norm(x))),
        ),
        Mistake(
            "one layer for two",
            "There is one layer. Asked are two: to hidden_dim, and back.",
            _mlp(make=_one_layer, forward=lambda self, x: self.drop2(F.gelu(self.fc1(x)))),
        ),
        Mistake(
            "three layers for two",
            "There is a third layer between the two that are asked for.",
            _mlp(make=_three_layers, act=lambda self, x: F.gelu(self.middle(F.gelu(x)))),
        ),
        Mistake(
            "the second layer does not lead back",
            "Your result has hidden_dim numbers. The second layer goes back to embed_dim.",
            _mlp(make=_stops_at_hidden),
        ),
        Mistake(
            "the hidden size is not the argument",
            "The hidden layer has 4 * embed_dim numbers, as many models do. Here it is the "
            "argument: hidden_dim.",
            _mlp(make=_four_times),
        ),
        Mistake("a bias is missing", _BIASES, _mlp(make=_no_bias)),
        Mistake("a bias is missing", _BIASES, _mlp(make=_no_bias_in(1))),
        Mistake("a bias is missing", _BIASES, _mlp(make=_no_bias_in(2))),
        Mistake(
            "both layers share one matrix",
            "The second layer uses the first one's matrix again. Each has its own.",
            _mlp(make=_shared_matrix),
        ),
        Mistake(
            "the layers are not registered",
            "A plain Python list hides layers from `parameters()`, so that nothing trains them. "
            "Keep them on `self`, or in `nn.ModuleList` or `nn.Sequential`.",
            _mlp(make=_unregistered_layers, _as=_as),
        ),
        Mistake(
            "the layers are made anew in every call",
            "Layers made in `forward` start from new random numbers each time and never learn. "
            "Make them in `__init__`.",
            _mlp(make=lambda self, d, h: None, forward=_fresh_layers),
        ),
        Mistake("dropout active in eval mode", _FUNCTIONAL, _mlp(forward=_functional_dropout)),
        Mistake(
            "dropout active in eval mode",
            _FUNCTIONAL,
            _mlp(forward=lambda self, x: self.fc2(F.dropout(F.gelu(self.fc1(x)), self.p))),
        ),
        Mistake(
            "dropout active in eval mode",
            _FUNCTIONAL,
            _mlp(forward=lambda self, x: F.dropout(self.fc2(F.gelu(self.fc1(x))), self.p)),
        ),
        Mistake(
            "no dropout",
            "Nothing is dropped in training mode: `nn.Dropout(dropout)` after the GELU and at the "
            "end.",
            _mlp(drops=_only(0)),
        ),
        Mistake(
            "dropout only after the first layer",
            "Dropout also follows the second layer.",
            _mlp(drops=_only(1)),
        ),
        Mistake(
            "dropout only after the second layer",
            "Dropout also follows the GELU.",
            _mlp(drops=_only(2)),
        ),
        Mistake(
            "dropout before the GELU",
            "The first dropout stands behind the GELU: what it keeps is scaled up, and the GELU of "
            "twice a number is not twice its GELU.",
            _mlp(forward=lambda self, x: self.drop2(self.fc2(self.act(self.drop1(self.fc1(x)))))),
        ),
        Mistake(
            "dropout is not the argument",
            "`nn.Dropout()` without a number drops half. Hand it `dropout`.",
            _mlp(drops=lambda self, p: (nn.Dropout(), nn.Dropout())),
        ),
        Mistake(
            "dropout is not the argument",
            "You drop 10 per cent whatever is asked for. Hand `dropout` to `nn.Dropout`.",
            _mlp(drops=lambda self, p: (nn.Dropout(0.1), nn.Dropout(0.1))),
        ),
    ),
)

# 5.3 ----------------------------------------------------------------------------------------------

_BLOCK_COUNT = 4 * _D + 4 * (_D * _D + _D) + _MLP_COUNT


def _block_shape(answer):
    return _shape_of(_quietly(answer, _D, _HEADS, _H)(torch.randn(2, 5, _D)))


def _block_shape_elsewhere(answer):
    return _shape_of(_quietly(answer, 8, 2, 10)(torch.randn(3, 4, 8)))


def _block_count(answer):
    return _trained(_quietly(answer, _D, _HEADS, _H), torch.randn(2, 5, _D))


def _block_values(answer, x):
    return _result(_filled(answer, _BLOCK_COUNT, _D, _HEADS, _H), x)


def _block_small_values(answer, x):
    return _result(_filled(answer, _BLOCK_COUNT, _D, _HEADS, _H, small=True), x)


def _block_in_training(answer, x):
    return _result(_filled(answer, _BLOCK_COUNT, _D, _HEADS, _H), x, training=True)


def _block_in_eval(answer, x):
    return _result(_filled(answer, _BLOCK_COUNT, _D, _HEADS, _H, 0.3), x)


def _block_gradient(answer, x):
    block = _filled(answer, _BLOCK_COUNT, _D, _HEADS, _H)
    if isinstance(block, str):
        return block
    x = x.clone().requires_grad_()
    result = block.eval()(x)
    return torch.autograd.grad(result.square().sum(), x)[0] if result.requires_grad else None


def _block_dropout(answer) -> str:
    """Where dropout acts, seen from outside.

    With the wide matrices at 0 the MLP adds its last bias, or 0 where that is dropped. So the
    values of one channel come in pairs that differ by this bias if the MLP's output is dropped;
    any other variety comes from attention.
    """
    block = _filled(answer, _BLOCK_COUNT, _D, _HEADS, _H, 0.3)
    if isinstance(block, str):
        return block
    bias = (1 + 0.6 * _random(_D, seed=21)) / 0.7
    with torch.no_grad():
        for parameter in block.parameters():
            if parameter.ndim >= 2 and _H in parameter.shape:
                parameter.zero_()
    result = _repeats(block, _random(1, 2, _D, seed=41), 64)[:, 0]  # (64, D), the first token
    values = [column.round(decimals=7).unique() for column in result.T]
    if all(len(column) == 1 for column in values):
        return "no dropout at all"
    gaps = [(column[:, None] - column).abs().flatten() for column in values]
    in_mlp = sum(bool(((g - b.abs()).abs() < 1e-5).any()) for g, b in zip(gaps, bias, strict=True))
    if in_mlp <= _D // 2:
        return "dropout in attention only"
    return "dropout in both branches" if max(map(len, values)) > 2 else "dropout in the MLP only"


class _Block(nn.Module):
    """A block whose parts the mistakes replace."""

    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.p = dropout
        self.make(embed_dim, num_heads, mlp_dim, dropout)

    def make(self, d, heads, h, p, norm=None, mlp=MLP, attn=MultiHeadSelfAttention):
        norm = norm or _norm(LAYER_NORM_EPS)
        self.norm1, self.attn, self.norm2 = norm(d), attn(d, heads, p), norm(d)
        self.mlp = mlp(d, h, p)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def _norm(eps: float, **settings):
    return lambda d: nn.LayerNorm(d, eps=eps, **settings)


def _block(forward=None, **parts) -> type:
    """A stand-in: another forward, or other parts in __init__."""
    methods = {"forward": forward} if forward else {}
    if parts:
        methods["make"] = lambda self, *sizes: _Block.make(self, *sizes, **parts)
    return type("EncoderBlock", (_Block,), methods)


def _made(make, forward=None) -> type:
    """A stand-in with something added to, or changed in, what __init__ makes."""

    def make_all(self, d, heads, h, p):
        _Block.make(self, d, heads, h, p)
        make(self, d, heads, h, p)

    methods = {"make": make_all} | ({"forward": forward} if forward else {})
    return type("EncoderBlock", (_Block,), methods)


def _post_norm(self, x):
    x = self.norm1(x + self.attn(x))
    return self.norm2(x + self.mlp(x))


def _post_norm_one_norm(self, x):
    x = self.norm1(x + self.attn(x))
    return self.norm1(x + self.mlp(x))


def _norm_of_the_branch(self, x):
    x = x + self.norm1(self.attn(x))
    return x + self.norm2(self.mlp(x))


def _norm_of_the_first_sum(self, x):
    x = self.norm1(x + self.attn(x))
    return x + self.mlp(self.norm2(x))


def _norm_of_the_second_sum(self, x):
    x = x + self.attn(self.norm1(x))
    return self.norm2(x + self.mlp(x))


def _norm_of_sum_and_branch(self, x):
    x = self.norm1(x + self.attn(self.norm1(x)))
    return self.norm2(x + self.mlp(self.norm2(x)))


def _normed_stream(first: bool, second: bool):
    def forward(self, x):
        y = self.norm1(x)
        x = (y if first else x) + self.attn(y)
        y = self.norm2(x)
        return (y if second else x) + self.mlp(y)

    return forward


def _no_residual(first: bool, second: bool):
    def forward(self, x):
        x = self.attn(self.norm1(x)) + (0 if first else x)
        return self.mlp(self.norm2(x)) + (0 if second else x)

    return forward


def _norm1_twice(self, x):
    x = x + self.attn(self.norm1(x))
    return x + self.mlp(self.norm1(x))


def _in_place(self, x):
    x += self.attn(self.norm1(x))
    x += self.mlp(self.norm2(x))
    return x


def _norm2_twice(self, x):
    x = x + self.attn(self.norm2(x))
    return x + self.mlp(self.norm2(x))


def _parallel(self, x):
    return x + self.attn(self.norm1(x)) + self.mlp(self.norm2(x))


def _parallel_one_norm(self, x):
    y = self.norm1(x)
    return x + self.attn(y) + self.mlp(y)


def _attention_is_lost(self, x):
    return x + self.mlp(self.norm2(x + self.attn(self.norm1(x))))


def _mlp_reads_normed(self, x):
    y = self.norm1(x)
    x = x + self.attn(y)
    return x + self.mlp(self.norm2(y))


def _first_sum_twice(self, x):
    y = x + self.attn(self.norm1(x))
    return x + y + self.mlp(self.norm2(y))


def _mlp_first(self, x):
    x = x + self.mlp(self.norm1(x))
    return x + self.attn(self.norm2(x))


def _mlp_first_own_norms(self, x):
    x = x + self.mlp(self.norm2(x))
    return x + self.attn(self.norm1(x))


def _mlp_reads_attention(self, x):
    y = self.attn(self.norm1(x))
    return x + y + self.mlp(self.norm2(y))


def _drops_in_eval(forward=_Block.forward):
    """F.dropout left active, on both branches."""

    def drop(self, x):
        x = x + F.dropout(self.attn(self.norm1(x)), self.p)
        return x + F.dropout(self.mlp(self.norm2(x)), self.p)

    return drop


def _drops_in_branch(attention: bool):
    def forward(self, x):
        a = self.attn(self.norm1(x))
        x = x + (F.dropout(a, self.p) if attention else a)
        m = self.mlp(self.norm2(x))
        return x + (m if attention else F.dropout(m, self.p))

    return forward


class _TorchAttention(nn.Module):
    """nn.MultiheadAttention, for which the first axis is the sequence if nobody objects."""

    def __init__(self, d, heads, p):
        super().__init__()
        self.inner, self.drop = nn.MultiheadAttention(d, heads), nn.Dropout(p)

    def forward(self, x):
        return self.drop(self.inner(x, x, x, need_weights=False)[0])


class _TokenNorm(nn.Module):
    """Normalises each channel over the tokens."""

    def __init__(self, d):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return _normalised_over(-2)(x, self.weight, self.bias)


class _UnbiasedNorm(_TokenNorm):
    def forward(self, x):
        return _standardised(lambda v, d, eps: torch.sqrt(v * d / (d - 1) + eps))(
            x, self.weight, self.bias
        )


_norm_of_vit = _norm(LAYER_NORM_EPS)


def _with_eps(first: float, second: float):
    def make(self, d, heads, h, p):
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=first), nn.LayerNorm(d, eps=second)

    return make


def _torch_layer(**settings):
    """nn.TransformerEncoderLayer with some of its defaults left."""
    right = {"activation": "gelu", "batch_first": True, "norm_first": True}
    right["layer_norm_eps"] = LAYER_NORM_EPS

    def build(embed_dim, num_heads, mlp_dim, dropout=0.0):
        said = {"dim_feedforward": mlp_dim, "dropout": dropout} | right | settings
        said = {name: value for name, value in said.items() if value is not None}
        return nn.TransformerEncoderLayer(embed_dim, num_heads, **said)

    return build


_LEFT = dict.fromkeys(
    ("activation", "batch_first", "norm_first", "layer_norm_eps")
)  # None: default
_PRE = "In the ViT the branch reads a normalised copy and the sum itself is never normalised: "
_EPS = "PyTorch's default eps is 1e-5; ViT weights were trained with 1e-6. Pass `eps=1e-6`."
_DEFAULTS = (
    "Its defaults are for the text models of 2017: sequence first, norm after the sum, ReLU, eps "
    "1e-5. Each has to be told otherwise."
)
_RESIDUAL = "Add x to what comes out: `x = x + ...`, once for attention, once for the MLP."
_MIXED = (
    "Attention takes the first axis for the tokens, so that the images of a batch look at each "
    "other: `batch_first=True`."
)
_STREAM = "You add to the normalised copy. Add to x itself: norm only what the branch reads."

BLOCK = Exercise(
    id="5.3",
    name="EncoderBlock",
    title="A pre-norm block",
    difficulty=3,
    minutes=15,
    reference=EncoderBlock,
    hints=(
        "There are two halves of one pattern. What does each half read, and to what does it add?",
        "x = x + attention(norm(x)), then x = x + mlp(norm(x)): each half with a norm of its own, "
        "and the second reads what the first has left. Dropout is in attention and MLP already.",
        "`x = x + self.attn(self.norm1(x))`, then `return x + self.mlp(self.norm2(x))`; in "
        "`__init__`: `self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)`, `self.attn = "
        "MultiHeadSelfAttention(embed_dim, num_heads, dropout)`, and so on.",
    ),
    trials=(
        Trial("The shape for tokens (2, 5, 12), EncoderBlock(12, 3, 20)", ask=_block_shape),
        Trial("The shape for tokens (3, 4, 8), EncoderBlock(8, 2, 10)", ask=_block_shape_elsewhere),
        Trial("How many numbers training reaches in EncoderBlock(12, 3, 20)", ask=_block_count),
        Trial(
            "The result with given weights",
            (1 + 2 * _random(2, 5, _D, seed=42),),
            ask=_block_values,
        ),
        Trial(
            "The result for tokens of standard deviation 0.01",
            (0.01 * _random(2, 5, _D, seed=43),),
            ask=_block_small_values,
        ),
        Trial(
            "The result in training mode with dropout=0",
            (_random(2, 5, _D, seed=44),),
            ask=_block_in_training,
        ),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=45),),
            ask=_block_in_eval,
        ),
        Trial("EncoderBlock(12, 3, 20, dropout=0.3) in training mode", ask=_block_dropout),
        Trial(
            "The gradient of the sum of the squared result, with respect to x",
            (_random(2, 5, _D, seed=46),),
            ask=_block_gradient,
        ),
    ),
    mistakes=(
        Mistake(
            "post-norm",
            _PRE + "x + attn(norm1(x)), not norm1(x + attn(x)).",
            _block(_post_norm),
        ),
        Mistake(
            "norm after the addition",
            _PRE + "your first norm comes after the addition.",
            _block(_norm_of_the_first_sum),
        ),
        Mistake(
            "norm after the addition",
            _PRE + "your second norm comes after the addition.",
            _block(_norm_of_the_second_sum),
        ),
        Mistake(
            "norm after the addition",
            _PRE + "you normalise both, the copy and the sum.",
            _block(_norm_of_sum_and_branch),
        ),
        Mistake(
            "norm of what the branch gives",
            "You normalise what comes out of attention and MLP. The norm stands before them: "
            "x + attn(norm1(x)).",
            _block(_norm_of_the_branch),
        ),
        Mistake("residual from the normed stream", _STREAM, _block(_normed_stream(True, True))),
        Mistake("residual from the normed stream", _STREAM, _block(_normed_stream(True, False))),
        Mistake("residual from the normed stream", _STREAM, _block(_normed_stream(False, True))),
        Mistake("no residual at all", _RESIDUAL, _block(_no_residual(True, True))),
        Mistake(
            "the residual round attention is missing", _RESIDUAL, _block(_no_residual(True, 0))
        ),
        Mistake("the residual round the MLP is missing", _RESIDUAL, _block(_no_residual(0, True))),
        Mistake(
            "one norm used twice",
            "The second norm has nothing to do. Attention and MLP read different streams: norm1 "
            "for the one, norm2 for the other.",
            _block(_norm1_twice),
        ),
        Mistake(
            "one norm used twice",
            "The first norm has nothing to do: norm1 is for attention, norm2 for the MLP.",
            _block(_norm2_twice),
        ),
        Mistake(
            "one norm used twice",
            "There is only one norm. Attention and MLP read different streams: give each its own.",
            _made(lambda self, d, heads, h, p: delattr(self, "norm2"), _norm1_twice),
        ),
        Mistake(
            "it changes its input",
            "`x += ...` writes into the tensor that came in, and autograd needs that one: write "
            "`x = x + ...`.",
            _block(_in_place),
        ),
        Mistake(
            "post-norm, and one norm used twice",
            _PRE + "and each half has a norm of its own.",
            _block(_post_norm_one_norm),
        ),
        Mistake(
            "MLP fed with the pre-attention stream",
            "Your MLP reads x as it was before attention. It should read what attention has left.",
            _block(_parallel),
        ),
        Mistake(
            "MLP fed with the pre-attention stream",
            "Attention and MLP read the same copy. The MLP should read what attention has left, "
            "through a norm of its own.",
            _block(_parallel_one_norm),
        ),
        Mistake(
            "MLP fed with the pre-attention stream",
            "Your MLP reads the copy that was made for attention. It should read the new sum.",
            _block(_mlp_reads_normed),
        ),
        Mistake(
            "MLP fed with attention's output alone",
            "Your MLP reads what attention adds. It should read the sum, x and attention.",
            _block(_mlp_reads_attention),
        ),
        Mistake(
            "what attention added is lost",
            "The second addition starts again from the old x. Add to the sum of the first.",
            _block(_attention_is_lost),
        ),
        Mistake(
            "x is added twice",
            "The second addition brings the old x in again: it is in the first sum already.",
            _block(_first_sum_twice),
        ),
        Mistake(
            "MLP before attention",
            "The order is attention first, then the MLP.",
            _block(_mlp_first),
        ),
        Mistake(
            "MLP before attention",
            "The order is attention first, then the MLP.",
            _block(_mlp_first_own_norms),
        ),
        Mistake(
            "no norm",
            "Attention and MLP read x as it is. Each should read a normalised copy.",
            _block(lambda self, x: (y := x + self.attn(x)) + self.mlp(y)),
        ),
        Mistake(
            "the norm before attention is missing",
            "Attention reads x as it is. It should read norm1(x).",
            _block(lambda self, x: (y := x + self.attn(x)) + self.mlp(self.norm2(y))),
        ),
        Mistake(
            "the norm before the MLP is missing",
            "The MLP reads x as it is. It should read norm2(x).",
            _block(lambda self, x: (y := x + self.attn(self.norm1(x))) + self.mlp(y)),
        ),
        Mistake(
            "no MLP",
            "Only attention is there. The second half is x + mlp(norm2(x)).",
            _block(lambda self, x: x + self.attn(self.norm1(x))),
        ),
        Mistake(
            "no attention",
            "Only the MLP is there. The first half is x + attn(norm1(x)).",
            _block(lambda self, x: x + self.mlp(self.norm2(x))),
        ),
        Mistake("eps is 1e-5", _EPS, _block(norm=_norm(1e-5))),
        Mistake("eps is 1e-5", _EPS + " Your norm1 has it not.", _made(_with_eps(1e-5, 1e-6))),
        Mistake("eps is 1e-5", _EPS + " Your norm2 has it not.", _made(_with_eps(1e-6, 1e-5))),
        Mistake(
            "the norms have nothing to learn",
            "A norm has a weight and a bias, which ViT weights fill: plain `nn.LayerNorm`.",
            _block(norm=_norm(LAYER_NORM_EPS, elementwise_affine=False)),
        ),
        Mistake("normalised over the tokens", _WRONG_AXES, _block(norm=_TokenNorm)),
        Mistake(
            "unbiased variance",
            "Your norm divides the squares by D - 1: `correction=0`, or take nn.LayerNorm.",
            _block(norm=_UnbiasedNorm),
        ),
        Mistake(
            "RMS norm",
            "The ViT has layer norm, with a mean that is taken away and a bias.",
            _block(norm=lambda d: nn.RMSNorm(d, eps=LAYER_NORM_EPS)),
        ),
        *(
            Mistake(
                _activation_name(name), _activation_advice(name), _block(mlp=_mlp(act=activation))
            )
            for name, activation in _ACTIVATIONS.items()
        ),
        Mistake("attention runs over the batch", _MIXED, _block(attn=_TorchAttention)),
        Mistake("attention runs over the batch", _MIXED, _torch_layer(batch_first=False)),
        Mistake("nn.TransformerEncoderLayer at its defaults", _DEFAULTS, _torch_layer(**_LEFT)),
        Mistake(
            "nn.TransformerEncoderLayer at its defaults",
            _DEFAULTS,
            _torch_layer(**_LEFT | {"batch_first": True}),
        ),
        Mistake(
            "nn.TransformerEncoderLayer at its defaults",
            _DEFAULTS,
            _torch_layer(**_LEFT | {"activation": "gelu", "batch_first": True}),
        ),
        Mistake(
            "dropout active in eval mode",
            _FUNCTIONAL,
            _block(_drops_in_eval()),
        ),
        Mistake("dropout active in eval mode", _FUNCTIONAL, _block(_drops_in_branch(True))),
        Mistake("dropout active in eval mode", _FUNCTIONAL, _block(_drops_in_branch(False))),
        Mistake(
            "dropout is not passed on",
            "`dropout` is never used: hand it to attention and to the MLP.",
            _made(lambda self, d, heads, h, p: _Block.make(self, d, heads, h, 0.0)),
        ),
        Mistake(
            "dropout is not passed on to attention",
            "Only the MLP gets it: MultiHeadSelfAttention(embed_dim, num_heads, dropout).",
            _made(lambda s, d, heads, *_: setattr(s, "attn", MultiHeadSelfAttention(d, heads))),
        ),
        Mistake(
            "dropout is not passed on to the MLP",
            "Only attention gets it: MLP(embed_dim, mlp_dim, dropout).",
            _made(lambda self, d, heads, h, p: setattr(self, "mlp", MLP(d, h))),
        ),
        Mistake(
            "the hidden size is not the argument",
            "The MLP's hidden layer should have mlp_dim numbers.",
            _made(lambda self, d, heads, h, p: setattr(self, "mlp", MLP(d, 4 * d, p))),
        ),
        Mistake(
            "one head, whatever is asked for",
            "Hand `num_heads` to attention.",
            _made(lambda s, d, heads, h, p: setattr(s, "attn", MultiHeadSelfAttention(d, 1, p))),
        ),
    ),
)

# 5.4 ----------------------------------------------------------------------------------------------

_DEPTH = 2
_ENCODER_COUNT = _DEPTH * _BLOCK_COUNT + 2 * _D
_SIZES = (_DEPTH, _D, _HEADS, _H)


def _encoder_shape(answer):
    return _shape_of(_quietly(answer, *_SIZES)(torch.randn(2, 5, _D)))


def _encoder_count(answer):
    return _trained(_quietly(answer, *_SIZES), torch.randn(2, 5, _D))


def _encoder_registered(answer):
    encoder = _quietly(answer, *_SIZES)
    return sum(parameter.numel() for parameter in encoder.parameters())


def _count_of_one(answer):
    return _trained(_quietly(answer, 1, 8, 2, 10), torch.randn(3, 4, 8))


def _encoder_values(answer, x):
    return _result(_filled(answer, _ENCODER_COUNT, *_SIZES), x)


def _encoder_small_values(answer, x):
    return _result(_filled(answer, _ENCODER_COUNT, *_SIZES, small=True), x)


def _encoder_in_training(answer, x):
    return _result(_filled(answer, _ENCODER_COUNT, *_SIZES), x, training=True)


def _encoder_in_eval(answer, x):
    return _result(_filled(answer, _ENCODER_COUNT, *_SIZES, 0.3), x)


def _encoder_drops(answer) -> bool | str:
    """Do copies of one image differ in training mode?"""
    encoder = _filled(answer, _ENCODER_COUNT, *_SIZES, 0.3)
    if isinstance(encoder, str):
        return encoder
    one, other = _repeats(encoder, _random(1, 5, _D, seed=51), 2)
    return not torch.allclose(one, other)


def _starts(answer) -> bool:
    """Do all matrices start from different numbers? Constant ones, as zeros, do not count."""
    encoder = _quietly(answer, *_SIZES)
    matrices = [p.detach() for p in encoder.parameters() if p.ndim >= 2 and p.std() > 0]
    return not any(
        a.shape == b.shape and torch.equal(a, b)
        for i, a in enumerate(matrices)
        for b in matrices[:i]
    )


class _Stack(nn.Module):
    """An encoder whose parts the mistakes replace."""

    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.depth = depth
        self.norm = self.last(embed_dim)
        self.blocks = self.make(depth, embed_dim, num_heads, mlp_dim, dropout)

    def make(self, depth, *sizes):
        return nn.ModuleList(EncoderBlock(*sizes) for _ in range(depth))

    def last(self, d):
        return nn.LayerNorm(d, eps=LAYER_NORM_EPS)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def _stack(**methods) -> type:
    return type("Encoder", (_Stack,), methods)


def _blocks_of(kind):
    return lambda self, depth, *sizes: nn.ModuleList(kind(*sizes) for _ in range(depth))


def _in_a_list(self, x):
    for block in self.blocks:
        x = block.to(x.dtype)(x)
    return self.norm(x)


def _same_input(self, x):
    for block in self.blocks:
        result = block(x)
    return self.norm(result)


def _added_again(self, x):
    for block in self.blocks:
        x = x + block(x)
    return self.norm(x)


def _norm_each_time(self, x):
    for block in self.blocks:
        x = self.norm(block(x))
    return x


def _norm_first(self, x):
    x = self.norm(x)
    for block in self.blocks:
        x = block(x)
    return x


def _norm_at_both_ends(self, x):
    x = self.norm(x)
    for block in self.blocks:
        x = block(x)
    return self.norm(x)


def _no_final_norm(self, x):
    for block in self.blocks:
        x = block(x)
    return x


def _cls_only(self, x):
    return _Stack.forward(self, x)[:, 0]


def _all_layers(self, x):
    results = []
    for block in self.blocks:
        x = block(x)
        results.append(x)
    return torch.stack(results)


def _copied(self, depth, *sizes):
    block = EncoderBlock(*sizes)
    return nn.ModuleList(copy.deepcopy(block) for _ in range(depth))


def _dropped_at_the_end(self, x):
    return F.dropout(_Stack.forward(self, x), 0.3)


_LIST = (
    "A Python list hides the blocks from `parameters()`, so that nothing trains or moves them: use "
    "`nn.ModuleList`."
)
_SHARED = (
    "All rounds go through one and the same block. Make `depth` of them: `[block] * depth` "
    "and a loop over one block hold a single set of weights."
)
_SAME_START = (
    "The blocks are copies of one: they start from the same numbers. Make each anew, "
    "`EncoderBlock(...)` inside the loop."
)
_ONE_SHORT = "There should be `depth` blocks, and x goes through all of them."

ENCODER = Exercise(
    id="5.4",
    name="Encoder",
    title="A stack of blocks",
    difficulty=2,
    minutes=10,
    reference=Encoder,
    hints=(
        "A module must know its parts, to train them. What does `nn.Module` see when a part stands "
        "in a plain Python list?",
        "`nn.ModuleList` with `depth` new blocks. In `forward`, x goes through one after the "
        "other; then comes one last `nn.LayerNorm`, since nobody has normalised the sum so far.",
        "`self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ "
        "in range(depth))`, `self.norm = nn.LayerNorm(embed_dim, eps=1e-6)`; in `forward`: `for "
        "block in self.blocks: x = block(x)`, then `return self.norm(x)`.",
    ),
    trials=(
        Trial("The shape for tokens (2, 5, 12), Encoder(2, 12, 3, 20)", ask=_encoder_shape),
        Trial("How many numbers training reaches in Encoder(2, 12, 3, 20)", ask=_encoder_count),
        Trial("How many numbers training reaches in Encoder(1, 8, 2, 10)", ask=_count_of_one),
        Trial("How many parameters Encoder(2, 12, 3, 20) has", ask=_encoder_registered),
        Trial(
            "The result with given weights",
            (1 + 2 * _random(2, 5, _D, seed=52),),
            ask=_encoder_values,
        ),
        Trial(
            "The result for tokens of standard deviation 0.01",
            (0.01 * _random(2, 5, _D, seed=53),),
            ask=_encoder_small_values,
        ),
        Trial(
            "The result in training mode with dropout=0",
            (_random(2, 5, _D, seed=54),),
            ask=_encoder_in_training,
        ),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=55),),
            ask=_encoder_in_eval,
        ),
        Trial("Does dropout=0.3 drop anything in training mode?", ask=_encoder_drops),
        Trial("Do the blocks start from different numbers?", ask=_starts),
    ),
    mistakes=(
        Mistake(
            "a Python list in place of ModuleList",
            _LIST,
            _stack(
                make=lambda self, depth, *sizes: [EncoderBlock(*sizes) for _ in range(depth)],
                forward=_in_a_list,
            ),
        ),
        Mistake(
            "a Python list in place of ModuleList",
            _LIST + " (The last norm is missing, too.)",
            _stack(
                make=lambda self, depth, *sizes: [EncoderBlock(*sizes) for _ in range(depth)],
                last=lambda self, d: nn.Identity(),
                forward=_in_a_list,
            ),
        ),
        Mistake(
            "one block repeated",
            _SHARED,
            _stack(make=lambda self, n, *sizes: nn.ModuleList([EncoderBlock(*sizes)] * n)),
        ),
        Mistake("copies that start equal", _SAME_START, _stack(make=_copied)),
        Mistake(
            "final norm missing",
            "Pre-norm never normalises the sum itself. One last norm does: `self.norm(x)`.",
            _stack(last=lambda self, d: nn.Identity()),
        ),
        Mistake("the last norm has eps 1e-5", _EPS, _stack(last=lambda self, d: nn.LayerNorm(d))),
        Mistake(
            "final norm missing",
            "The last norm is made, but `forward` does not send x through it.",
            _stack(forward=_no_final_norm),
        ),
        Mistake(
            "a norm after every block",
            "One norm at the end. In between, the sum stays as it is.",
            _stack(forward=_norm_each_time),
        ),
        Mistake(
            "the norm comes first, not last",
            "The blocks bring their own norms. This one comes after the last block.",
            _stack(forward=_norm_first),
        ),
        Mistake(
            "a norm at both ends",
            "Only one norm, after the last block.",
            _stack(forward=_norm_at_both_ends),
        ),
        Mistake(
            "only one block counts",
            "The result is that of a single block. In the loop it is `x = block(x)`, so that each "
            "block reads what the one before has left; the `return` stands after the loop.",
            _stack(forward=_same_input),
        ),
        Mistake(
            "x is added once more",
            "The block adds to x by itself. In the loop it is `x = block(x)`.",
            _stack(forward=_added_again),
        ),
        Mistake(
            "one block too few",
            _ONE_SHORT,
            _stack(make=lambda s, n, *sizes: _Stack.make(s, max(n - 1, 1), *sizes)),
        ),
        Mistake(
            "one block too many",
            _ONE_SHORT,
            _stack(make=lambda self, n, *sizes: _Stack.make(self, n + 1, *sizes)),
        ),
        Mistake(
            "twelve blocks, whatever is asked for",
            _ONE_SHORT,
            _stack(make=lambda self, n, *sizes: _Stack.make(self, 12, *sizes)),
        ),
        Mistake(
            "only the CLS token comes out",
            "Asked are all tokens, (B, N, D). The head will choose later.",
            _stack(forward=_cls_only),
        ),
        Mistake(
            "the results of all blocks come out",
            "Asked is what the last norm gives, (B, N, D).",
            _stack(forward=_all_layers),
        ),
        Mistake(
            "dropout is not passed on",
            "`dropout` is never used: hand it to the blocks.",
            _stack(make=lambda self, n, d, heads, h, p: _Stack.make(self, n, d, heads, h)),
        ),
        Mistake("dropout active in eval mode", _FUNCTIONAL, _stack(forward=_dropped_at_the_end)),
        Mistake(
            "dropout active in eval mode",
            _FUNCTIONAL,
            _stack(make=_blocks_of(_block(_drops_in_eval()))),
        ),
        Mistake(
            "post-norm", _PRE + "see exercise 5.3.", _stack(make=_blocks_of(_block(_post_norm)))
        ),
    ),
)

# 5.5 ----------------------------------------------------------------------------------------------
# What the learner writes is a test, so it is judged as a test is: by models that are known to mix
# or not to mix. All take "images" (B, 4, 6), small enough to see through.


def mixes_images(model: nn.Module, images: Tensor) -> bool:
    """Whether the result for some image depends on the other images of its batch.

    Compares every image alone with the same image in the batch, in evaluation mode. Differences
    of up to 1e-5 of the largest output are taken for rounding.
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())


class _Apart(nn.Module):
    """Keeps the images apart: each goes through one layer by itself."""

    def __init__(self):
        super().__init__()
        self.layer, self.dropout = nn.Linear(24, 5).double(), nn.Dropout(0.2)
        with torch.no_grad():
            self.layer.weight.copy_(_random(5, 24, seed=61) / 5)
            self.layer.bias.copy_(_random(5, seed=62))

    def forward(self, images):
        return self.dropout(self.layer(images.flatten(1)))


class _Blind(_Apart):
    """Says the same of every image: useless, but it does not mix."""

    def forward(self, images):
        return super().forward(0 * images)


class _Noisy(_Apart):
    """Apart, but every batch is rounded a little differently, as real hardware does."""

    def forward(self, images):
        y = super().forward(images)
        where = torch.arange(y.numel(), dtype=y.dtype).reshape(y.shape)
        noise = torch.sin(where + 1e3 * images.detach().sum() + 10 * len(images))
        return y + 1e-7 * y.detach().abs().max() * noise


class _BatchNormed(_Apart):
    """Batch norm mixes in training mode and keeps apart in eval mode."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(5).double()

    def forward(self, images):
        return self.norm(super().forward(images))


class _Pulled(_Apart):
    """Each image is pulled a little, up or down, by what stands beside it in the batch."""

    def __init__(self, strength: float):
        super().__init__()
        self.strength = strength

    def forward(self, images):
        y = super().forward(images)
        pull = images.flatten(1).square().mean(1, keepdim=True)
        return y + self.strength * (pull.sum() - pull)


class _Beside(_Apart):
    """Each image hears from the one before it (step 1) or after it (step -1), the end from none."""

    def __init__(self, step: int):
        super().__init__()
        self.step = step

    def forward(self, images):
        y = super().forward(images)
        heard = torch.zeros_like(y)
        if self.step > 0:
            heard[1:] = y[:-1]
        else:
            heard[:-1] = y[1:]
        return y + 0.3 * heard


class _Whisper(_Apart):
    """Image 0 hears from image 1: one score goes up, another down, the others stay."""

    def forward(self, images):
        y = super().forward(images)
        if len(images) > 2:
            heard = 0.3 * y[1, 4] * torch.eye(5).double()
            y = torch.cat([y[:1] + heard[4] - heard[3], y[1:]])
        return y


class _Tutorial(nn.Module):
    """nn.TransformerEncoderLayer at its defaults, on tokens (B, N, D)."""

    def __init__(self, repaired: bool = False):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=repaired).double()
        with torch.no_grad():
            for i, parameter in enumerate(self.layer.parameters()):
                parameter.copy_(_random(*parameter.shape, seed=70 + i) / 2)

    def forward(self, tokens):
        return self.layer(tokens)


def _says(answer, model, images) -> bool:
    said = answer(model, images)
    if isinstance(said, Tensor) and said.numel() == 1 and said.dtype == torch.bool:
        return bool(said)  # a tensor that says yes or no is welcome, too
    return bool(said) if type(said).__name__ in ("bool_", "bool") else said


def _mode_afterwards(answer, model, images) -> str:
    answer(model, images)
    modes = {module.training for module in model.modules()}
    return "mixed" if len(modes) > 1 else "training" if modes.pop() else "evaluation"


_IMAGES = _random(5, 4, 6, seed=63)


def _compared(change, looks_at=slice(None), differ=None, prepare=lambda m: m.eval(), after=None):
    """A stand-in: predictions before and after `change`, compared in some way."""

    def differs(a, b):
        return bool((a - b).abs().max() > 1e-5 * a.abs().max())

    def stand_in(model, images):
        was_training = model.training
        prepare(model)
        with torch.no_grad():
            a, b = change(model, images)
        (after or (lambda m, was: m.train(was)))(model, was_training)
        return (differ or differs)(a[looks_at], b[looks_at])

    return stand_in


def _alone(model, images):
    return model(images), torch.cat([model(image[None]) for image in images])


def _new_neighbours(model, images):
    changed = torch.randn_like(images)
    changed[0] = images[0]
    return model(images)[:1], model(changed)[:1]


def _new_neighbours_of_the_last(model, images):
    changed = torch.randn_like(images)
    changed[-1] = images[-1]
    return model(images)[-1:], model(changed)[-1:]


def _one_new(model, images, which: int):
    changed = images.clone()
    changed[which] = torch.randn_like(images[which])
    keep = [i for i in range(len(images)) if i != which % len(images)]
    return model(images)[keep], model(changed)[keep]


def _shuffled(model, images):
    order = torch.randperm(len(images))
    return model(images)[order], model(images[order])


def _all_changed(model, images):
    return model(images), model(torch.randn_like(images))


_ROUNDED = (
    "Rounding differs with the size and the contents of a batch. Ask whether the difference is "
    "large, say more than 1e-5 of the largest output."
)
_ONE_SIDED = (
    "It misses a model in which each image hears only from those {} it. Compare every image "
    "alone with the same image in the batch."
)
_LEFT_CHANGED = (
    "Whoever calls gets the model back in another mode. Keep `was = model.training`, "
    "and end with `model.train(was)`."
)
_EVAL = (
    "In training mode dropout makes any two runs differ, and batch norm mixes: `model.eval()` "
    "before you compare."
)

MIXES = Exercise(
    id="5.5",
    name="mixes_images",
    title="Find the bug",
    difficulty=4,
    minutes=20,
    reference=mixes_images,
    hints=(
        "Suppose the images are kept apart. What must be true of the prediction for one image when "
        "its neighbours change, or when it has none?",
        "Run every image alone, a batch of one, and compare with the same image in the whole "
        "batch. In eval mode; and with a tolerance, because rounding differs from batch to batch.",
        "`together = model(images)`, `alone = torch.cat([model(image[None]) for image in "
        "images])`, `(together - alone).abs().max() > 1e-5 * together.abs().max()`. Around it: "
        "`was = model.training`, `model.eval()`, and at the end `model.train(was)`.",
    ),
    trials=(
        Trial("A model that keeps images apart: mixes?", (_Apart().eval(), _IMAGES), ask=_says),
        Trial("nn.TransformerEncoderLayer at its defaults: mixes?", (_Tutorial(), _IMAGES), _says),
        Trial("The same with batch_first=True: mixes?", (_Tutorial(repaired=True), _IMAGES), _says),
        Trial(
            "A model that says the same of every image: mixes?", (_Blind().eval(), _IMAGES), _says
        ),
        Trial("A model with dropout, in training mode: mixes?", (_Apart(), _IMAGES), ask=_says),
        Trial(
            "A model with batch norm, in training mode: mixes?", (_BatchNormed(), _IMAGES), _says
        ),
        Trial(
            "A model whose rounding differs from batch to batch (by 1e-7 of its largest output): "
            "mixes?",
            (_Noisy().eval(), _IMAGES),
            ask=_says,
        ),
        Trial(
            "Each image is pulled up by all others: mixes?", (_Pulled(0.02).eval(), _IMAGES), _says
        ),
        Trial("Each is pulled down by all others: mixes?", (_Pulled(-0.02).eval(), _IMAGES), _says),
        Trial(
            "Image 0 hears from image 1, in two of its scores: mixes?",
            (_Whisper().eval(), _IMAGES),
            ask=_says,
        ),
        Trial("Each image hears from the one before: mixes?", (_Beside(1).eval(), _IMAGES), _says),
        Trial("Each image hears from the one after: mixes?", (_Beside(-1).eval(), _IMAGES), _says),
        Trial(
            "A model in training mode: its mode afterwards", (_Apart(), _IMAGES), _mode_afterwards
        ),
        Trial(
            "A model in evaluation mode: its mode afterwards",
            (_Apart().eval(), _IMAGES),
            ask=_mode_afterwards,
        ),
    ),
    mistakes=(
        Mistake(
            "the answer is upside down",
            "True means: it mixes.",
            lambda m, x: not mixes_images(m, x),
        ),
        Mistake("always yes", "Your function says True of every model.", lambda m, x: True),
        Mistake(
            "it never says yes",
            "Your function says False of every model, also of those that mix. Do the neighbours of "
            "an image really change between the two runs?",
            lambda m, x: False,
        ),
        Mistake("dropout is taken for mixing", _EVAL, _compared(_alone, prepare=lambda m: m)),
        Mistake(
            "dropout is taken for mixing", _EVAL, _compared(_new_neighbours, prepare=lambda m: m)
        ),
        Mistake(
            "rounding is taken for mixing",
            _ROUNDED,
            _compared(_alone, differ=lambda a, b: not torch.equal(a, b)),
        ),
        Mistake(
            "rounding is taken for mixing",
            _ROUNDED,
            _compared(_new_neighbours, differ=lambda a, b: not torch.equal(a, b)),
        ),
        Mistake(
            "rounding is taken for mixing",
            _ROUNDED,
            _compared(_alone, differ=lambda a, b: not torch.equal(a, b), after=lambda m, was: None),
        ),
        Mistake(
            "the tolerance is too wide",
            "A faint influence is one, too: about a hundred-thousandth of the largest output will "
            "do for rounding.",
            _compared(_alone, differ=lambda a, b: bool((a - b).abs().max() > 0.5)),
        ),
        *(
            Mistake(
                "only one direction is tested",
                _ONE_SIDED.format(missed),
                _compared(change, after=after),
            )
            for missed, change in (
                ("before", _new_neighbours),
                ("after", _new_neighbours_of_the_last),
                ("after", lambda m, x: _one_new(m, x, 0)),
                ("before", lambda m, x: _one_new(m, x, -1)),
            )
            for after in (None, lambda m, was: None)
        ),
        Mistake(
            "shuffling the batch",
            "Attention over the batch does not care about the order: shuffled images give shuffled "
            "results, and the bug stays hidden. Change the neighbours, or take them away.",
            _compared(_shuffled),
        ),
        Mistake(
            "the image itself is changed",
            "Every image changes, so that every model's results differ. The one that you look at "
            "must stay as it is.",
            _compared(_all_changed),
        ),
        Mistake(
            "abs is missing",
            "A difference may be negative, and then its maximum says nothing: `.abs().max()`.",
            _compared(_alone, differ=lambda a, b: bool((a - b).max() > 1e-5)),
        ),
        Mistake(
            "abs is missing",
            "A difference may be negative, and then its maximum says nothing: `.abs().max()`.",
            _compared(_alone, differ=lambda a, b: bool((b - a).max() > 1e-5)),
        ),
        Mistake(
            "only the predicted class is compared",
            "The class may stay the same while its score moves: compare the numbers themselves.",
            _compared(_alone, differ=lambda a, b: not torch.equal(a.argmax(-1), b.argmax(-1))),
        ),
        Mistake(
            "the model is left in evaluation mode",
            _LEFT_CHANGED,
            _compared(_alone, after=lambda m, was: None),
        ),
        Mistake(
            "the model is left in training mode",
            _LEFT_CHANGED,
            _compared(_alone, after=lambda m, was: m.train()),
        ),
        Mistake(
            "a number in place of yes or no",
            "Asked is True or False. Compare the difference with a tolerance.",
            _compared(_alone, differ=lambda a, b: float((a - b).abs().max())),
        ),
    ),
)

# 5.6 ----------------------------------------------------------------------------------------------


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.TransformerEncoder:
    """PyTorch's own encoder, told to compute what Encoder computes: (B, N, D) -> (B, N, D)."""
    layer = nn.TransformerEncoderLayer(
        embed_dim,
        num_heads,
        dim_feedforward=mlp_dim,
        dropout=dropout,
        activation="gelu",
        layer_norm_eps=LAYER_NORM_EPS,
        batch_first=True,
        norm_first=True,
    )
    last = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)
    encoder = nn.TransformerEncoder(layer, depth, norm=last, enable_nested_tensor=False)
    for parameter in encoder.parameters():
        if parameter.ndim > 1:  # its layers are copies of one: let each start anew
            nn.init.xavier_uniform_(parameter)
    return encoder


def _made_of(answer) -> str:
    """Which kind of block it is made of."""
    encoder = _quietly(answer, *_SIZES)
    if not isinstance(encoder, nn.Module):
        return f"{type(encoder).__name__}, not a module"
    layers = sum(isinstance(m, nn.TransformerEncoderLayer) for m in encoder.modules())
    return f"{layers} x nn.TransformerEncoderLayer"


def _mixes(answer) -> bool:
    encoder = _fill(_quietly(answer, *_SIZES))
    return mixes_images(encoder, _random(4, 5, _D, seed=81))


def _repaired(start_anew: bool = True, last=_norm_of_vit, **settings):
    """A stand-in: PyTorch's encoder with some of its defaults left."""

    def build(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        layer = _torch_layer(**settings)(embed_dim, num_heads, mlp_dim, dropout)
        norm = last(embed_dim) if last else None
        encoder = nn.TransformerEncoder(layer, depth, norm=norm, enable_nested_tensor=False)
        for parameter in encoder.parameters():
            if parameter.ndim > 1 and start_anew:
                nn.init.xavier_uniform_(parameter)
        return encoder

    return build


def _one_layer_only(depth, *sizes):
    return _torch_layer()(*sizes)


def _fixed_depth(depth, *sizes):
    return torch_encoder(6, *sizes)


_DEFAULT_LEFT = {
    "batch_first": (
        "batch_first is left at False",
        "The layer takes the first axis for the tokens, so that the images of a batch look at each "
        "other: `batch_first=True`.",
    ),
    "norm_first": (
        "norm_first is left at False",
        "This is post-norm, the arrangement of 2017: `norm_first=True`.",
    ),
    "activation": ("the activation is left at ReLU", 'The ViT has GELU: `activation="gelu"`.'),
    "layer_norm_eps": (
        "eps is left at 1e-5 in the layers",
        "ViT weights were trained with 1e-6: `layer_norm_eps=1e-6`.",
    ),
    "dim_feedforward": (
        "the hidden size is left at 2048",
        "Hand over the size of the MLP: `dim_feedforward=mlp_dim`.",
    ),
    "dropout": (
        "dropout is left at 0.1",
        "PyTorch's layer drops 10 per cent if not told otherwise: `dropout=dropout`.",
    ),
}

_BATCH_FIRST = _LEFT | {"batch_first": True}
_APART_NOW = "The images are kept apart now. But it is still post-norm, with ReLU and eps 1e-5."
_STILL = 'Still ReLU, and eps 1e-5: `activation="gelu"`, `layer_norm_eps=1e-6`.'

REPAIR = Exercise(
    id="5.6",
    name="torch_encoder",
    title="Repair it",
    difficulty=3,
    minutes=15,
    reference=torch_encoder,
    hints=(
        "Call `help(nn.TransformerEncoderLayer)` and hold each default against your own block. "
        "How many differ? And what has your Encoder after the last block?",
        "Say `dim_feedforward`, `dropout`, `activation`, `layer_norm_eps`, `batch_first` and "
        "`norm_first`; give nn.TransformerEncoder a `norm`; then give every matrix a start of its "
        "own, because its layers are copies of one.",
        '`nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, activation="gelu", '
        "layer_norm_eps=1e-6, batch_first=True, norm_first=True)`, then "
        "`nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))`, then for "
        "every parameter with `ndim > 1`: `nn.init.xavier_uniform_(parameter)`.",
    ),
    trials=(
        Trial("What torch_encoder(2, 12, 3, 20) is made of", ask=_made_of),
        Trial("Does it mix the images of a batch?", ask=_mixes),
        Trial(
            "How many numbers training reaches in torch_encoder(2, 12, 3, 20)", ask=_encoder_count
        ),
        Trial("How many numbers training reaches in torch_encoder(1, 8, 2, 10)", ask=_count_of_one),
        Trial(
            "The result with given weights",
            (1 + 2 * _random(2, 5, _D, seed=82),),
            ask=_encoder_values,
        ),
        Trial(
            "The result for tokens of standard deviation 0.01",
            (0.01 * _random(2, 5, _D, seed=83),),
            ask=_encoder_small_values,
        ),
        Trial(
            "The result in training mode with dropout=0",
            (_random(2, 5, _D, seed=84),),
            ask=_encoder_in_training,
        ),
        Trial("Does dropout=0.3 drop anything in training mode?", ask=_encoder_drops),
        Trial("Do the layers start from different numbers?", ask=_starts),
    ),
    mistakes=(
        *(
            Mistake(name, says, _repaired(**{setting: None}))
            for setting, (name, says) in _DEFAULT_LEFT.items()
        ),
        Mistake("the layer is left at its defaults", _DEFAULTS, _repaired(**_LEFT)),
        Mistake("the layer is left at its defaults", _DEFAULTS, _repaired(**_LEFT, last=None)),
        Mistake(
            "the layer is left at its defaults",
            _DEFAULTS,
            _repaired(**_LEFT, dropout=None, last=None),
        ),
        Mistake("only batch_first is repaired", _APART_NOW, _repaired(**_BATCH_FIRST)),
        Mistake(
            "only batch_first is repaired",
            _APART_NOW + " And the last norm is missing.",
            _repaired(**_BATCH_FIRST, last=None),
        ),
        Mistake(
            "only batch_first and norm_first are repaired",
            _STILL,
            _repaired(activation=None, layer_norm_eps=None),
        ),
        Mistake(
            "only batch_first and norm_first are repaired",
            _STILL + " And eps in the last norm: `nn.LayerNorm(embed_dim, eps=1e-6)`.",
            _repaired(activation=None, layer_norm_eps=None, last=_norm(1e-5)),
        ),
        Mistake(
            "only batch_first and norm_first are repaired",
            _STILL + " And the last norm is missing.",
            _repaired(activation=None, layer_norm_eps=None, last=None),
        ),
        Mistake(
            "eps is left at 1e-5 everywhere",
            "ViT weights were trained with 1e-6: `layer_norm_eps=1e-6`, and `eps=1e-6` in the last "
            "norm.",
            _repaired(layer_norm_eps=None, last=_norm(1e-5)),
        ),
        Mistake(
            "eps is left at 1e-5 in the last norm",
            "The last norm is a layer of its own: `nn.LayerNorm(embed_dim, eps=1e-6)`.",
            _repaired(last=_norm(1e-5)),
        ),
        Mistake(
            "final norm missing",
            "nn.TransformerEncoder has none if not told: `norm=nn.LayerNorm(embed_dim, eps=1e-6)`.",
            _repaired(last=None),
        ),
        Mistake("tanh-GELU for GELU", _TELL["tanh-GELU"], _repaired(activation=_tanh_gelu)),
        Mistake(
            "copies that start equal",
            "nn.TransformerEncoder copies the layer that it gets, numbers and all. Start anew: "
            "`nn.init.xavier_uniform_` on every matrix, or make the layers one by one.",
            _repaired(False),
        ),
        Mistake(
            "one layer in place of the encoder",
            "This is a single block. `nn.TransformerEncoder(layer, depth, norm=...)` makes a stack "
            "of it.",
            _one_layer_only,
        ),
        Mistake(
            "the depth is not the argument",
            "There are six layers, whatever is asked for: `num_layers=depth`.",
            _fixed_depth,
        ),
        Mistake(
            "your own Encoder, not PyTorch's",
            "It computes the right thing, but the task is to tell PyTorch's layer how.",
            Encoder,
        ),
    ),
)

EXERCISES = (LAYER_NORM, MLP_EXERCISE, BLOCK, ENCODER, MIXES, REPAIR)
