"""Chapter 5, the encoder: layer norm, MLP, block, stack; and the encoder that mixes its images.

Any parameterisation is right. So that neither names nor order of the weights matter, the trials
fill a module with numbers that depend on shapes alone: all vectors of D numbers are the same, all
D x D matrices are the same and symmetric, and the two matrices of the MLP are each other's
transpose. Then a right module gives the right numbers however it is written. What such numbers
cannot show (one norm used twice, one block used L times), the count of trained numbers shows.
"""

import warnings
from functools import lru_cache

import torch
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Trial
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
)

EXERCISES = (LAYER_NORM, MLP_EXERCISE, BLOCK, ENCODER, MIXES, REPAIR)
