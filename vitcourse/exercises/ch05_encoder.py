"""Chapter 5, the encoder: layer norm, MLP, block, stack; and the encoder that mixes its images.

Any parameterisation is right. So that neither names nor order of the weights matter, the trials
fill a module with numbers that depend on shapes alone: all vectors of D numbers are the same, all
D x D matrices are the same and symmetric, and the two matrices of the MLP are each other's
transpose. Then a right module gives the right numbers however it is written. What such numbers
cannot show (one norm used twice, one block used L times), the count of trained numbers shows.
"""

import re
from functools import lru_cache

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words, shape_of
from vitcourse.exercises.course_answers import (
    layer_norm,
    mixes_images,
    torch_encoder,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model.encoder import MLP, Encoder, EncoderBlock


def _random(*shape: int, seed: int = 0) -> Tensor:
    """Normal numbers in float64, the same for everyone."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _easier(right: str, wrong: str, *inputs, **ask) -> tuple[Easier]:
    return (Easier(right, wrong, inputs, **ask),)


# 5.1 ----------------------------------------------------------------------------------------------


def _gradient(layer_norm, x, weight, bias) -> Tensor:
    """d sum(y * y * y) / dx, which the statistics take part in."""
    x = x.clone().requires_grad_()
    result = layer_norm(x, weight, bias)
    if not (isinstance(result, Tensor) and result.requires_grad):
        return Words("no gradient")
    return torch.autograd.grad(result.pow(3).sum(), x)[0]


_TOKENS = 3 + 2 * _random(2, 4, 6)
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
        "its own mean? What shape must that mean have, so that you can subtract it from x?",
        "`dim=-1, keepdim=True` gives means of shape (..., 1). The variance is the mean of the "
        "squared distances from the mean: divided by D, not by D - 1.",
        "`mean = x.mean(dim=-1, keepdim=True)`, `variance = x.var(dim=-1, keepdim=True, "
        "correction=0)`, then `(x - mean) / torch.sqrt(variance + eps) * weight + bias`.",
    ),
    trials=(
        Trial(
            "layer_norm(x, weight, bias) for x of shape (2, 4, 6)",
            (_TOKENS, _WEIGHT, _BIAS),
        ),
        Trial(
            "The same for one token, shape (6,)",
            (3 + 2 * _random(6, seed=2), _WEIGHT, _BIAS),
            easier=_easier("for (B, N, D)", "for a single token (D,)", _TOKENS, _WEIGHT, _BIAS),
        ),
        Trial(
            "layer_norm(x, ones, zeros) for tokens of standard deviation 0.01",
            (0.01 * _random(3, 6, seed=3), torch.ones(6).double(), torch.zeros(6).double()),
            easier=_easier("for loud tokens", "for quiet ones", _TOKENS, _WEIGHT, _BIAS),
        ),
        Trial(
            "layer_norm(x, ones, zeros, eps=0.5)",
            (_random(2, 3, 6, seed=4), torch.ones(6).double(), torch.zeros(6).double(), 0.5),
            easier=_easier("for eps=1e-6", "for eps=0.5", _TOKENS, _WEIGHT, _BIAS),
        ),
        Trial(
            "A token of six equal numbers",
            (torch.full((1, 1, 6), 2.0).double(), _WEIGHT, _BIAS),
        ),
        Trial(
            "float32 tokens, shape (1, 2, 3, 6)",
            (_random(1, 2, 3, 6, seed=5).float(), _WEIGHT.float(), _BIAS.float()),
            easier=_easier("for (B, N, D)", "for (B, h, N, D)", _TOKENS, _WEIGHT, _BIAS),
        ),
        Trial(
            "The gradient of the sum of the cubed result, with respect to x",
            (_random(2, 6, seed=6), _WEIGHT, _BIAS),
            ask=_gradient,
            easier=_easier("in its result", "in its gradient", _TOKENS, _WEIGHT, _BIAS),
        ),
        *battery(
            "layer_norm(x, weight, bias) for x of shape (4, 3, 6)",
            (1 + 2 * _random(4, 3, 6, seed=7).float(), _WEIGHT.float(), _BIAS.float()),
            without=("float64",),  # computing in float32 is left open
        ),
    ),
)

# The weights --------------------------------------------------------------------------------------

_D, _H, _HEADS = 12, 20, 4  # embed_dim, mlp_dim, num_heads in most trials below
_P = 0.3  # the dropout, where there is one


@lru_cache
def _numbers(d: int, h: int, size: float) -> dict[tuple[int, ...], Tensor]:
    """What to fill in, by shape; with a small `size`, the stream stays near it."""
    vector = size * (1 + 0.6 * _random(d, seed=21))
    hidden = 0.7 * size * _random(h, seed=22)
    square = 0.25 * _random(d, d, seed=23)
    square = square + square.T
    wide = (0.3 if size < 0.1 else 0.4) * _random(h, d, seed=24)
    known = {(d,): vector, (h,): hidden, (d, d): square, (h, d): wide, (d, h): wide.T}
    for n in (2, 3):  # q, k and v, or k and v, as one
        known |= {(n * d,): vector.repeat(n)}
        known |= {(n * d, d): square.repeat(n, 1), (d, n * d): square.repeat(1, n)}
    return known


def _made(build, *sizes) -> nn.Module:
    """The module; layers that wait for their first input, as nn.LazyLinear, have had one."""
    module = build(*sizes)
    if not isinstance(module, nn.Module):
        raise TypeError(f"{type(module).__name__} is not an nn.Module")
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
        module(torch.zeros(1, 2, _D))
    return module


def _fill(module: nn.Module, size: float = 1.0, fresh_norms: bool = False) -> nn.Module:
    """Fill in numbers by shape alone, in float64.

    With `fresh_norms`, vectors are as norms have them at the start, and the others are 0. This
    tells a norm's weight from its bias.
    """
    known, generator = _numbers(_D, _H, size), torch.Generator().manual_seed(25)
    share = _D // _HEADS
    module.double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            shape = tuple(n for n in parameter.shape if n > 1)
            if fresh_norms and len(shape) == 1:
                parameter.fill_(float((parameter == 1).all()))
            elif shape in known:
                parameter.copy_(known[shape].reshape(parameter.shape))
            elif shape in ((share,), (share, _D), (_D, share)):  # a layer for each head
                head = int((re.findall(r"\d+", name) or "0")[-1]) % _HEADS
                whole = known[tuple(_D for _ in shape)]
                part = whole.narrow(shape.index(share), head * share, share)
                parameter.copy_(part.reshape(parameter.shape))
            else:
                parameter.normal_(generator=generator)
    return module


class _Odd(nn.Module):
    """Stands for a module that cannot be filled: its result says why."""

    def __init__(self, why: str):
        super().__init__()
        self.why = Words(why)

    def forward(self, *inputs) -> Words:
        return self.why


def _filled(build, expected_count: int, *sizes, size: float = 1.0, fresh_norms: bool = False):
    """The module with the numbers of `_fill`, in eval mode; where that means nothing, how many
    numbers it has.

    It means nothing for parameters that are not asked for, and where most are out of sight.
    """
    module = _made(build, *sizes)
    count = sum(parameter.numel() for parameter in module.parameters())
    if not expected_count / 4 < count <= expected_count:
        return _Odd(f"{count} parameters, not {expected_count}")
    torch.default_generator.manual_seed(1)  # what was drawn in making it must not matter
    return _fill(module, size, fresh_norms).eval()


def _shape(result) -> Words | None:
    return None if result is None else shape_of(result)


def _trained(module: nn.Module, x: Tensor) -> int | Words:
    """How many numbers training reaches: parameters that get a gradient."""
    result = module(x)
    if not isinstance(result, Tensor):
        return _shape(result)
    if not result.requires_grad:
        return 0
    result.pow(3).sum().backward()
    return sum(p.numel() for p in module.parameters() if p.requires_grad and p.grad is not None)


def _repeats(module: nn.Module, x: Tensor, copies: int) -> Tensor:
    """What copies of x (1, N, D) become in training mode: dropout makes them differ."""
    with torch.no_grad():
        return module.train()(x.expand(copies, *x.shape[1:]))


def _share(dropped: Tensor, p: float = _P) -> str:
    """A share in words; what is close to a likely one is taken for it."""
    share = dropped.double().mean().item()
    likely = min((0, p, 1 - (1 - p) ** 2, 0.1, 0.5, 1), key=lambda other: abs(other - share))
    return f"{likely if abs(likely - share) < 0.04 else round(share, 1):.0%}"


# 5.2 ----------------------------------------------------------------------------------------------

_MLP_COUNT = 2 * _D * _H + _D + _H


def _mlp_shape(answer):
    return _shape(answer(_D, _H)(torch.randn(2, 5, _D)))


def _mlp_shape_elsewhere(answer):
    return _shape(answer(4, 7)(torch.randn(3, 4)))


def _mlp_repeats(answer) -> bool:
    module, x = answer(_D, _H).eval(), torch.randn(2, 5, _D)
    return bool(torch.allclose(module(x), module(x)))


def _mlp_count(answer):
    return _trained(answer(_D, _H, 0.3), torch.randn(2, 5, _D))


def _mlp_values(answer, x):
    return _filled(answer, _MLP_COUNT, _D, _H)(x)


def _mlp_in_eval(answer, x):
    return _filled(answer, _MLP_COUNT, _D, _H, _P)(x)


def _mlp_dropout(answer) -> Words:
    """Which share is dropped where, in training mode, and whether the rest is scaled up.

    Each result is here one hidden number minus 1, times what dropout makes of them.
    """
    module = _filled(answer, _MLP_COUNT, _D, _H, _P)
    if isinstance(module, _Odd):
        return module()
    hidden, one = torch.linspace(-3, 2, _H).double(), torch.eye(_H, _D).double()
    values = {(_D,): -torch.ones(_D), (_H,): hidden, (_H, _D): one, (_D, _H): one.T}
    with torch.no_grad():
        for parameter in module.parameters():
            shape = tuple(n for n in parameter.shape if n > 1)
            parameter.copy_(values.get(shape, torch.ones(())).reshape(parameter.shape))
    x = torch.ones(1, 1, _D).double()
    gelu = module(x).detach()[0] + 1
    result = _repeats(module, x, 1024)[:, 0]
    at_the_end = result == 0
    before = sum(_close(result, -1 / (1 - _P) ** n) for n in range(3)).bool()
    words = (
        f"{_share(before[~at_the_end])} of what the GELU gives and {_share(at_the_end)} of the "
        "result dropped"
    )
    rest = [column[kept] for column, kept in zip(result.T, ~(at_the_end | before).T, strict=True)]
    right = (gelu / (1 - _P) - 1) / (1 - _P)
    if any(len(numbers.round(decimals=9).unique()) > 1 for numbers in rest):
        words += ", and the rest changes from call to call"
    elif not all(_close(numbers, one).all() for numbers, one in zip(rest, right[0], strict=True)):
        words += ", and the rest is not right"
    return Words(words)


def _close(x: Tensor, values: Tensor | float) -> Tensor:
    return (x - values).abs() < 1e-9


MLP_EXERCISE = Exercise(
    id="5.2",
    name="MLP",
    title="The MLP",
    difficulty=1,
    minutes=10,
    reference=MLP,
    hints=(
        "Two layers: one from embed_dim to hidden_dim numbers, one back. Where must the "
        "activation go to make a difference?",
        "Linear, GELU, dropout, Linear, dropout. After the last Linear there is no activation: "
        "what the MLP adds to a token may be negative. `nn.Dropout` knows which mode it is in.",
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
        Trial("The result for tokens (3, 1, 12)", (_random(3, 1, _D, seed=34),), ask=_mlp_values),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=33),),
            ask=_mlp_in_eval,
        ),
        Trial("MLP(12, 20, dropout=0.3) in training mode", ask=_mlp_dropout),
        *battery(
            "mlp(x) with given weights for x (4, 3, 12)",
            (_random(4, 3, _D, seed=32).float(),),
            build=lambda answer: _filled(answer, _MLP_COUNT, _D, _H).float(),
        ),
    ),
)

# 5.3 ----------------------------------------------------------------------------------------------

_BLOCK_COUNT = 4 * _D + 4 * (_D * _D + _D) + _MLP_COUNT


def _block(answer, *dropout: float, **how):
    return _filled(answer, _BLOCK_COUNT, _D, _HEADS, _H, *dropout, **how)


def _block_shape(answer):
    return _shape(answer(_D, _HEADS, _H)(torch.randn(2, 5, _D)))


def _block_shape_elsewhere(answer):
    return _shape(answer(8, 2, 10)(torch.randn(3, 4, 8)))


def _block_repeats(answer) -> bool:
    module, x = answer(_D, _HEADS, _H).eval(), torch.randn(2, 5, _D)
    return bool(torch.allclose(module(x), module(x)))


def _block_count(answer):
    return _trained(answer(_D, _HEADS, _H, 0.3), torch.randn(2, 5, _D))


def _block_values(answer, x):
    return _block(answer)(x)


def _block_small_values(answer, x):
    return _block(answer, size=0.01)(x)


def _block_fresh(answer, x):
    return _block(answer, fresh_norms=True)(x)


def _block_in_eval(answer, x):
    return _block(answer, _P)(x)


def _block_dropout(answer) -> Words:
    """Which share of what attention and the MLP add is dropped, in training mode.

    With the wide matrices at 0 the MLP adds its last bias, so that a number which grows by 0, or
    by this bias and no more, got nothing from attention.
    """
    block = _block(answer, _P)
    if isinstance(block, _Odd):
        return block()
    bias = 1 + 0.6 * _random(_D, seed=21)
    with torch.no_grad():
        for parameter in block.parameters():
            if _H in parameter.shape:
                parameter.zero_()
        x = _random(1, 2, _D, seed=41)
        attention = block(x) - x - bias
        added = _repeats(block, x, 512) - x
    if (lost := _close(added, -x)).any():
        return Words(f"{_share(lost)} of the whole result dropped")
    nothing = _close(added, 0)
    no_attention = nothing | sum(_close(added, bias / (1 - _P) ** n) for n in range(3)).bool()
    no_mlp = nothing[no_attention] if no_attention.any() else _close(added, attention)
    return Words(
        f"{_share(no_attention)} of what attention adds and {_share(no_mlp)} of what the MLP adds "
        "dropped"
    )


def _block_keeps(answer) -> bool:
    """Is what dropout keeps its old value, divided by 1 - p?

    For huge tokens both branches give the same whatever is dropped: attention its last bias, -1,
    and the MLP one hidden number each, and its bias, -1.
    """
    block = _block(answer, _P)
    if isinstance(block, _Odd):
        return block()
    hidden, one = torch.linspace(-3, 2, _H).double(), torch.eye(_H, _D).double()
    values = {(_D,): -torch.ones(_D), (_H,): hidden, (_H, _D): one, (_D, _H): one.T}
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(values.get(tuple(parameter.shape), torch.zeros(())))
        x = 1e6 * _random(1, 2, _D, seed=47)
        gelu = block(x) - x + 2
    added = _repeats(block, x, 64) - x
    kept = 1 - _P
    likely = [a + m for a in (0, -1 / kept) for m in (0, -1 / kept, (gelu / kept - 1) / kept)]
    return bool(torch.stack([(added - one).abs() < 1e-3 for one in likely]).any(0).all())


def _block_drops_all(answer, x):
    return _repeats(_block(answer, 1.0), x, 2)


BLOCK = Exercise(
    id="5.3",
    name="EncoderBlock",
    title="A pre-norm block",
    difficulty=3,
    minutes=15,
    reference=EncoderBlock,
    hints=(
        "There are two halves with one pattern. What does each half read, and what does it add to?",
        "x = x + attention(norm(x)), then x = x + mlp(norm(x)): each half with a norm of its own, "
        "and the second reads the sum from the first. Attention and MLP already have dropout.",
        "`x = x + self.attn(self.norm1(x))`, then `return x + self.mlp(self.norm2(x))`; in "
        "`__init__`: `self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)`, `self.attn = "
        "MultiHeadSelfAttention(embed_dim, num_heads, dropout)`, and so on.",
    ),
    trials=(
        Trial("The shape for tokens (2, 5, 12), EncoderBlock(12, 4, 20)", ask=_block_shape),
        Trial("The shape for tokens (3, 4, 8), EncoderBlock(8, 2, 10)", ask=_block_shape_elsewhere),
        Trial("Does the same input give the same result twice?", ask=_block_repeats),
        Trial("How many numbers training reaches in EncoderBlock(12, 4, 20)", ask=_block_count),
        Trial(
            "The result with given weights",
            (1 + 2 * _random(2, 5, _D, seed=42),),
            ask=_block_values,
        ),
        Trial(
            "The result for tokens of standard deviation 0.01",
            (0.01 * _random(2, 5, _D, seed=43),),
            ask=_block_small_values,
            easier=_easier(
                "for loud tokens", "for quiet ones", _random(2, 5, _D), ask=_block_values
            ),
        ),
        Trial(
            "The result with the norms' weights and biases as initialised",
            (_random(2, 5, _D, seed=48),),
            ask=_block_fresh,
        ),
        Trial(
            "The result for tokens (3, 1, 12)",
            (_random(3, 1, _D, seed=49),),
            ask=_block_values,
            easier=_easier("for five tokens", "for one", _random(2, 5, _D), ask=_block_values),
        ),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=45),),
            ask=_block_in_eval,
            easier=_easier(
                "without dropout",
                "with dropout, in evaluation mode",
                _random(2, 5, _D),
                ask=_block_values,
            ),
        ),
        Trial("EncoderBlock(12, 4, 20, dropout=0.3) in training mode", ask=_block_dropout),
        Trial(
            "EncoderBlock(12, 4, 20, dropout=1) in training mode, which adds nothing",
            (_random(1, 5, _D, seed=44),),
            ask=_block_drops_all,
        ),
        Trial("Is what dropout keeps its old value, divided by 1 - dropout?", ask=_block_keeps),
        *battery(
            "block(x) with given weights for x (4, 3, 12)",
            (_random(4, 3, _D, seed=46).float(),),
            build=lambda answer: _block(answer).float(),
        ),
    ),
)

# 5.4 ----------------------------------------------------------------------------------------------

_SIZES = (3, _D, _HEADS, _H)


def _encoder(answer, *dropout: float, depth: int = 3, **how):
    count = depth * _BLOCK_COUNT + 2 * _D
    return _filled(answer, count, depth, _D, _HEADS, _H, *dropout, **how)


def _encoder_shape(answer):
    return _shape(answer(*_SIZES)(torch.randn(2, 5, _D)))


def _encoder_repeats(answer) -> bool:
    module, x = answer(*_SIZES).eval(), torch.randn(2, 5, _D)
    return bool(torch.allclose(module(x), module(x)))


def _encoder_count(answer):
    return _trained(answer(*_SIZES), torch.randn(2, 5, _D))


def _encoder_registered(answer):
    return sum(parameter.numel() for parameter in _made(answer, *_SIZES).parameters())


def _count_of_one(answer):
    return _trained(answer(1, 8, 2, 10), torch.randn(3, 4, 8))


def _encoder_values(answer, x):
    return _encoder(answer)(x)


def _encoder_small_values(answer, x):
    return _encoder(answer, size=0.01)(x)


def _encoder_fresh(answer, x):
    return _encoder(answer, fresh_norms=True, depth=1)(x)


def _encoder_in_eval(answer, x):
    return _encoder(answer, _P)(x)


def _encoder_drops(answer) -> bool | Words:
    """Do copies of one image differ in training mode?"""
    encoder = _encoder(answer, _P)
    if isinstance(encoder, _Odd):
        return encoder()
    one, other = _repeats(encoder, _random(1, 5, _D, seed=51), 2)
    return not torch.allclose(one, other)


def _encoder_drops_all(answer, x):
    return _repeats(_encoder(answer, 1.0), x, 2)


def _starts(answer) -> bool:
    """Do all matrices start from different numbers? Constant ones, as zeros, do not count."""
    encoder = _made(answer, *_SIZES)
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
        "A module must know its parts so that they can be trained. What does `nn.Module` see when "
        "a part is in a plain Python list?",
        "`nn.ModuleList` with `depth` new blocks. In `forward`, x goes through one after the "
        "other; then comes one last `nn.LayerNorm`, since nothing has normalised the sum so far.",
        "`self.blocks = nn.ModuleList(EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ "
        "in range(depth))`, `self.norm = nn.LayerNorm(embed_dim, eps=1e-6)`; in `forward`: `for "
        "block in self.blocks: x = block(x)`, then `return self.norm(x)`.",
    ),
    trials=(
        Trial("The shape for tokens (2, 5, 12), Encoder(3, 12, 4, 20)", ask=_encoder_shape),
        Trial("Does the same input give the same result twice?", ask=_encoder_repeats),
        Trial("How many numbers training reaches in Encoder(3, 12, 4, 20)", ask=_encoder_count),
        Trial("How many numbers training reaches in Encoder(1, 8, 2, 10)", ask=_count_of_one),
        Trial("How many parameters Encoder(3, 12, 4, 20) has", ask=_encoder_registered),
        Trial(
            "The result with given weights",
            (1 + 2 * _random(2, 5, _D, seed=52),),
            ask=_encoder_values,
            easier=_easier(
                "for depth 1",
                "for depth 3",
                _random(2, 5, _D),
                ask=lambda answer, x: _encoder(answer, depth=1)(x),
            ),
        ),
        Trial(
            "The result for tokens of standard deviation 0.01",
            (0.01 * _random(2, 5, _D, seed=53),),
            ask=_encoder_small_values,
            easier=_easier(
                "for loud tokens", "for quiet ones", _random(2, 5, _D), ask=_encoder_values
            ),
        ),
        Trial(
            "The result of one block with the norms' weights and biases as initialised",
            (_random(2, 5, _D, seed=57),),
            ask=_encoder_fresh,
        ),
        Trial(
            "The result in eval mode with dropout=0.3",
            (_random(2, 5, _D, seed=55),),
            ask=_encoder_in_eval,
            easier=_easier(
                "without dropout",
                "with dropout, in evaluation mode",
                _random(2, 5, _D),
                ask=_encoder_values,
            ),
        ),
        Trial("Does dropout=0.3 drop anything in training mode?", ask=_encoder_drops),
        Trial(
            "Encoder(3, 12, 4, 20, dropout=1) in training mode, whose blocks add nothing",
            (_random(1, 5, _D, seed=54),),
            ask=_encoder_drops_all,
        ),
        Trial("Do the blocks start from different numbers?", ask=_starts),
        *battery(
            "encoder(x) with one block and given weights for x (4, 3, 12)",
            (_random(4, 3, _D, seed=56).float(),),
            build=lambda answer: _encoder(answer, depth=1).float(),
        ),
    ),
)

# 5.5 ----------------------------------------------------------------------------------------------
# What the learner writes is a test, so it is judged as a test is: by models that are known to mix
# or not to mix. All take "images" (B, 4, 6), small enough to see through.


def _rounded(y: Tensor, images: Tensor) -> Tensor:
    """y as real hardware gives it, a little different in every batch; but here on any hardware."""
    where = torch.arange(y.numel(), dtype=y.dtype).reshape(y.shape)
    noise = torch.sin(where + 1e3 * images.detach().sum() + 10 * len(images))
    return y + 1e-7 * y.detach().abs().max() * noise


class _Model(nn.Module):
    """Each image goes through one layer by itself; then, by `mix`, it may hear from others.

    One of its five scores is 0, but for rounding; the results are about `size`.
    """

    def __init__(self, mix=None, size: float = 1.0, least: float = 0.0, dropout: float = 0.2):
        super().__init__()
        self.layer, self.dropout = nn.Linear(24, 5).double(), nn.Dropout(dropout)
        self.mix, self.size, self.least = mix, size, least
        with torch.no_grad():
            self.layer.weight.copy_(_random(5, 24, seed=61) / 5)
            self.layer.bias.copy_(_random(5, seed=62))
            self.layer.weight[2], self.layer.bias[2] = 0, 0

    def forward(self, images):
        y = self.dropout(self.layer(images.flatten(1)))
        if self.mix:
            y = self.mix(y, images)
        return self.size * _rounded(y - self.least, images)


class _BatchNormed(_Model):
    """Batch norm mixes in training mode and keeps apart in eval mode."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(5).double()

    def forward(self, images):
        return self.norm(super().forward(images))


class _Part(_Model):
    """Gives back some numbers of each image, exactly."""

    def forward(self, images):
        return images[:, 0, :5] * 1


class _Tutorial(nn.Module):
    """nn.TransformerEncoderLayer at its defaults, on tokens (B, N, D)."""

    def __init__(self, repaired: bool = False):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=repaired).double()
        with torch.no_grad():
            for i, parameter in enumerate(self.layer.parameters()):
                parameter.copy_(_random(*parameter.shape, seed=70 + i) / 2)

    def forward(self, tokens):
        return _rounded(self.layer(tokens), tokens)


# How images hear from each other: what becomes of the scores y (B, 5).


def _blind(y, images):
    return 0 * y + 1


def _pulled(strength: float):
    def mix(y, images):
        pull = images.flatten(1).square().mean(1, keepdim=True)
        return y + strength * (pull.sum() - pull)

    return mix


def _beside(step: int, strength: float = 0.3):
    """From the one before (step 1) or after (step -1); the one at the end hears nobody."""

    def mix(y, images):
        nobody = torch.zeros_like(y[:1])
        heard = torch.cat([nobody, y[:-1]] if step > 0 else [y[1:], nobody])
        return y + strength * heard

    return mix


def _in_pairs(y, images):
    """Image 0 hears from image 1, 2 from 3, and so on."""
    heard = [y[i + 1] if i % 2 == 0 and i + 1 < len(y) else 0 * y[i] for i in range(len(y))]
    return y + 0.3 * torch.stack(heard)


def _first_hears_last(y, images):
    """In two of its scores: one goes up, another down."""
    heard = y[-1, 4] * torch.tensor([0, 0, 0, 0.3, -0.2]).double()
    return torch.cat([y[:1] + (heard if len(y) > 2 else 0), y[1:]])


def _faint(y, images):
    """Each hears a little of the one before, in one score."""
    heard = torch.cat([torch.zeros_like(y[:1]), y[:-1]])
    return y + 5e-5 * heard * torch.tensor([0, 0, 0, 1, 0]).double()


def _one_score(y, images):
    return y[:, :1]


def _says(answer, model, images):
    said = answer(model, images)
    return bool(said) if type(said).__name__ in ("bool", "bool_") else said  # numpy's


def _afterwards(answer, model, images) -> Words:
    answer(model, images)
    modes = {module.training for module in model.modules()}
    mode = "some parts" if len(modes) > 1 else "the model" if modes.pop() else "nothing"
    recorded = "" if torch.is_grad_enabled() else ", and gradients are no longer recorded"
    return Words(f"{mode} in training mode{recorded}")


_IMAGES = _random(5, 4, 6, seed=63)


def _asked(says: str, model: nn.Module, images: Tensor = _IMAGES, training: bool = False) -> Trial:
    return Trial(f"{says}: does it mix?", (model.train(training), images), _says)


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
        _asked("A model that keeps images apart, except for rounding", _Model()),
        _asked("nn.TransformerEncoderLayer at its defaults", _Tutorial()),
        _asked("The same with batch_first=True", _Tutorial(repaired=True)),
        _asked("A model that says the same about every image", _Model(_blind)),
        _asked("A model that gives back five numbers of each image", _Part()),
        _asked("A model with dropout, in training mode, images apart", _Model(), training=True),
        _asked("A model with batch norm, in training mode", _BatchNormed(), training=True),
        _asked("Images apart, results around 10,000", _Model(size=1e4)),
        _asked("Images apart, all results negative", _Model(least=30)),
        _asked("Images apart, one score for each", _Model(_one_score)),
        _asked("Each image is pulled up by all others", _Model(_pulled(0.02))),
        _asked("Each is pulled down by all others", _Model(_pulled(-0.02))),
        _asked("The first image hears from the last, in two scores", _Model(_first_hears_last)),
        _asked("Each image hears from the one before", _Model(_beside(1))),
        _asked("Each image hears from the one after", _Model(_beside(-1))),
        _asked("A batch of two: the second hears from the first", _Model(_beside(1)), _IMAGES[:2]),
        _asked("A batch of two: the first hears from the second", _Model(_beside(-1)), _IMAGES[:2]),
        _asked("In two pairs of images, one hears from the other", _Model(_in_pairs), _IMAGES[:4]),
        _asked("Each image hears a thousandth of the one before", _Model(_beside(1, 1e-3))),
        _asked("Each image hears a little of the one before, in one score", _Model(_faint)),
        _asked(
            "Each image hears from the one before, results around 0.000001",
            _Model(_beside(1), size=1e-6),
        ),
        _asked(
            "Each image hears from the one before, in training mode, with dropout",
            _Model(_beside(1)),
            training=True,
        ),
        Trial(
            "Modes afterwards, for a model in training mode",
            (_Model().train(), _IMAGES),
            _afterwards,
        ),
        Trial(
            "Modes afterwards, for a model in evaluation mode",
            (_Model().eval(), _IMAGES),
            _afterwards,
        ),
    ),
)

# 5.6 ----------------------------------------------------------------------------------------------


def _made_of(answer) -> str:
    """Which kind of block it is made of."""
    encoder = _made(answer, *_SIZES)
    layers = sum(isinstance(m, nn.TransformerEncoderLayer) for m in encoder.modules())
    return Words(f"{layers} x nn.TransformerEncoderLayer")


def _mixes(answer) -> bool:
    encoder = _fill(_made(answer, *_SIZES))
    return mixes_images(encoder, _random(4, 5, _D, seed=81))


REPAIR = Exercise(
    id="5.6",
    name="torch_encoder",
    title="Repair it",
    difficulty=3,
    minutes=15,
    reference=torch_encoder,
    hints=(
        "Call `help(nn.TransformerEncoderLayer)` and compare each default with your own block. "
        "How many differ? And what does your Encoder have after the last block?",
        "Set `dim_feedforward`, `dropout`, `activation`, `layer_norm_eps`, `batch_first` and "
        "`norm_first`; give nn.TransformerEncoder a `norm`; then give every matrix its own "
        "start, because its layers are copies of one.",
        '`nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, activation="gelu", '
        "layer_norm_eps=1e-6, batch_first=True, norm_first=True)`, then "
        "`nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))`, then for "
        "every parameter with `ndim > 1`: `nn.init.xavier_uniform_(parameter)`.",
    ),
    trials=(
        Trial("What torch_encoder(3, 12, 4, 20) is made of", ask=_made_of),
        Trial("Does it mix the images of a batch?", ask=_mixes),
        Trial(
            "How many numbers training reaches in torch_encoder(3, 12, 4, 20)", ask=_encoder_count
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
        Trial("Does dropout=0.3 drop anything in training mode?", ask=_encoder_drops),
        Trial(
            "torch_encoder(3, 12, 4, 20, dropout=1) in training mode, whose layers add nothing",
            (_random(1, 5, _D, seed=84),),
            ask=_encoder_drops_all,
        ),
        Trial("Do the layers start from different numbers?", ask=_starts),
        *battery(
            "encoder(x) with one layer and given weights for x (4, 3, 12)",
            (_random(4, 3, _D, seed=85).float(),),
            build=lambda answer: _encoder(answer, depth=1).float(),
        ),
    ),
)

EXERCISES = (LAYER_NORM, MLP_EXERCISE, BLOCK, ENCODER, MIXES, REPAIR)
