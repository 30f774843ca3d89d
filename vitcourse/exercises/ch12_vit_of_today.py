"""Chapter 12, the ViT of today: turned queries and keys, norms, registers, gates, your own DINOv3.

12.5 and 12.6 name their layers, as files of weights do, so these are filled by name. The numbers
are large enough to tell every layout from every other: with fresh weights, whose LayerScales start
at 1e-5, hardly any mistake shows.
"""

import math
from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words
from vitcourse.exercises.course_answers import DINOv3, Registers, qk_norm_scores
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.exercises.standing_in import course_parts
from vitcourse.model import (
    MLP,
    ClassToken,
    LayerScale,
    MultiHeadSelfAttention,
    SwiGLU,
    attention,
    merge_heads,
    patch_angles,
    split_heads,
    turn,
)


def _random(*shape: int, seed: int = 0) -> Tensor:
    """Normal numbers, the same for everyone."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# Weights by name ----------------------------------------------------------------------------------


def _as_module(made) -> nn.Module:
    if not isinstance(made, nn.Module):
        raise TypeError(f"{type(made).__name__} should be an nn.Module")
    return made


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _names(model: nn.Module, right: nn.Module) -> Words:
    """How the names and shapes of what a model learns and keeps differ from the right ones."""
    found, wanted = (dict(m.named_parameters()) for m in (model, right))
    learned = dict(model.named_parameters(remove_duplicate=False))
    said = {
        "missing": [n for n in wanted if n not in found],
        "not asked for": [n for n in found if n not in wanted],
        "of another shape": [
            f"{n} {tuple(found[n].shape)}"
            for n in wanted
            if n in found and found[n].shape != wanted[n].shape
        ],
        "buffers not asked for": [n for n in model.state_dict() if n not in learned],
    }
    return Words("; ".join(f"{k}: {_some(v)}" for k, v in said.items() if v) or "as asked for")


def _number_for(name: str, shape: torch.Size, quiet: bool) -> Tensor:
    """Random numbers that depend on the name: factors around 1, the rest amplified."""
    noise = _random(*shape, seed=sum(map(ord, name)) * 31 + len(name))
    if name.endswith("gamma"):
        return (0.01 if quiet else 1.0) * (1 + 0.5 * noise.tanh())
    if "norm" in name and name.endswith("weight"):
        return 1 + 0.5 * noise.tanh()
    if "blocks" not in name and "norm" not in name:  # what the first norm reads
        return (0.01 if quiet else 1.0) * noise / math.sqrt(max(1, noise[0].numel()) ** 0.5)
    if noise.ndim < 2:
        return 0.4 * noise
    return 1.5 * noise / math.sqrt(noise.shape[1])


def _loaded(model: nn.Module, quiet: bool = False) -> nn.Module:
    """The model with the numbers that belong to its parameters' names."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(_number_for(name, parameter.shape, quiet))
    return model


def _trained(result, module: nn.Module) -> int | Words:
    """How many numbers a gradient reaches."""
    if not isinstance(result, Tensor):
        return Words("no tensor")
    if result.requires_grad:
        result.pow(3).sum().backward()
    return sum(p.numel() for p in module.parameters() if p.grad is not None)


# 12.1 ---------------------------------------------------------------------------------------------

ANGLES = Exercise(
    id="12.1",
    name="patch_angles",
    title="Angles for patches",
    difficulty=3,
    minutes=10,
    reference=patch_angles,
    hints=(
        "Where is the middle of patch 0 of n, if the left edge is at -1 and the right one at 1? "
        "And how many angles are there for each coordinate?",
        "For each side: a column of centres divided by a row of periods, times 2 pi. Then each "
        "row's angles are needed once for every column, and the columns' once for every row.",
        "`rows, columns = ((2 * torch.arange(n) + 1) / n - 1 for n in grid)`, `periods = 100 ** (4 "
        "* torch.arange(head_dim // 4) / head_dim)`, `(2 * math.pi * rows[:, None] / "
        "periods).repeat_interleave(len(columns), dim=0)`, beside it `(2 * math.pi * columns[:, "
        "None] / periods).repeat(len(rows), 1)`.",
    ),
    trials=(
        Trial(
            "patch_angles((2, 3), 8)",
            ((2, 3), 8),
            easier=(
                Easier("for a square grid", "for 2 x 3", ((3, 3), 8)),
                Easier("for a single row", "for two", ((1, 3), 8)),
                Easier("for a single column", "for three", ((2, 1), 8)),
                Easier("for head_dim=4", "for head_dim=8", ((2, 3), 4)),
                Easier("for a single patch", "for several", ((1, 1), 8)),
            ),
        ),
        Trial(
            "patch_angles((5, 2), 12)",
            ((5, 2), 12),
            easier=(
                Easier("for 2 x 3 and head_dim=8", "for 5 x 2 and head_dim=12", ((2, 3), 8)),
                Easier("where head_dim is a power of 2", "where it is 12", ((5, 2), 16)),
            ),
        ),
        Trial("patch_angles((1, 2), 4)", ((1, 2), 4)),
        Trial("patch_angles((3, 3), 16)", ((3, 3), 16)),
        Trial(
            "patch_angles((1, 1), 4): a single patch",
            ((1, 1), 4),
            easier=(Easier("for several patches", "for a single one", ((2, 3), 4)),),
        ),
        Trial("patch_angles((4, 1), 8): a single column", ((4, 1), 8)),
        Trial(
            "patch_angles((14, 31), 64)",
            ((14, 31), 64),
            easier=(Easier("for small grids", "for 14 x 31 and head_dim=64", ((2, 3), 8)),),
        ),
        Trial(
            "patch_angles((90, 70), 4)",
            ((90, 70), 4),
            errors_alike=True,
            easier=(Easier("for 14 x 31", "for 90 x 70", ((14, 31), 4)),),
        ),
        Trial("patch_angles((2, 3), 6)", ((2, 3), 6), raises=ValueError),
        Trial("patch_angles((2, 3), 10)", ((2, 3), 10), raises=ValueError),
        Trial("patch_angles((2, 3), 7)", ((2, 3), 7), raises=ValueError),
        Trial("patch_angles((4, 4), 9)", ((4, 4), 9), raises=ValueError),
        *battery(
            "patch_angles((2, 3), 8)",
            ((2, 3), 8),
            batched=(),
            # Nothing goes in but whole numbers.
            without=("numbers", "float64", "bfloat16", "memory", "gradients", "no_grad"),
        ),
    ),
)

# 12.2 ---------------------------------------------------------------------------------------------

_X, _BY = _random(2, 3, 7, 8), _random(6, 4, seed=1)  # one prefix token and six patches


def _without_prefix(right: str) -> Easier:
    return Easier("without prefix tokens", right, (_X[:, :, 1:], _BY))


def _in_the_dtype_of_x(answer, x: Tensor, angles: Tensor):
    result = answer(x, angles)
    is_like_x = isinstance(result, Tensor) and result.dtype == x.dtype
    return result.float() if is_like_x else result


TURN = Exercise(
    id="12.2",
    name="turn",
    title="Turn queries and keys",
    difficulty=3,
    minutes=10,
    reference=turn,
    hints=(
        "Which tokens are patches, and which of a token's channels form a point with channel i?",
        "The last len(angles) tokens are patches. `chunk(2, dim=-1)` gives the points' two "
        "coordinates a and b, (B, h, N, d / 2); cos and sin of (N, d / 2) fit them.",
        "`patches = x[..., x.shape[-2] - len(angles) :, :]`, `a, b = patches.chunk(2, dim=-1)`, "
        "`torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)`, with cos and sin in x's "
        "dtype; in front of it along dim=-2, the prefix tokens.",
    ),
    trials=(
        Trial(
            "turn(x, angles) of 2 x 3 x (1 + 6) x 8 and 6 x 4",
            (_X, _BY),
            easier=(
                _without_prefix("with one"),
                Easier("for d=2", "for d=8", (_X[..., :2], _BY[:, :1])),
                Easier("for a single patch", "for six", (_X[:, :, :2], _BY[:1])),
                Easier("for angles of 0", "for others", (_X, 0 * _BY)),
            ),
        ),
        Trial(
            "turn with 5 prefix tokens and 3 patches",
            (_random(2, 4, 8, 12, seed=2), _random(3, 6, seed=3)),
            easier=(
                Easier(
                    "for d=8",
                    "for d=12",
                    (_random(2, 4, 8, 8, seed=2), _random(3, 4, seed=3)),
                ),
                Easier("with one prefix token", "with five", (_X, _BY)),
            ),
        ),
        Trial(
            "turn without prefix tokens",
            (_random(3, 2, 5, 4, seed=4), _random(5, 2, seed=5)),
            easier=(Easier("with a prefix token", "with none", (_X, _BY)),),
        ),
        Trial(
            "turn with one patch, one head and d=2",
            (_random(2, 1, 2, 2, seed=6), _random(1, 1, seed=7)),
            easier=(Easier("for six patches and d=8", "for one patch and d=2", (_X, _BY)),),
        ),
        Trial(
            "turn of bfloat16 by float32 angles",
            (_X.bfloat16(), _BY),
            tolerance=0.03,
            easier=(Easier("in float32", "in bfloat16", (_X, _BY)),),
        ),
        Trial(
            "turn of float64 by float32 angles",
            (_X.double() / 3, _BY),
            easier=(Easier("in float32", "in float64", (_X, _BY)),),
        ),
        # The course's angles are float32, so who turns in float32 and converts the result is right;
        # and not every way to write it knows angles in bfloat16.
        *battery(
            "turn(x, angles) of 4 x 3 x (2 + 5) x 8",
            (_random(4, 3, 7, 8, seed=8), _random(5, 4, seed=9)),
            without=("float64", "bfloat16"),
        ),
    ),
)

# 12.3 ---------------------------------------------------------------------------------------------


def _norm(d: int, seed: int, eps: float = 1e-6) -> nn.LayerNorm:
    norm = nn.LayerNorm(d, eps=eps)
    with torch.no_grad():
        norm.weight.copy_(1 + 0.5 * _random(d, seed=seed))
        norm.bias.copy_(0.5 * _random(d, seed=seed + 1))
    return norm


class _Scores(nn.Module):
    """The learner's function with two norms of its own, to be asked for q and k alone."""

    def __init__(self, answer: Callable, d: int = 8):
        super().__init__()
        self.answer, self.q_norm, self.k_norm = answer, _norm(d, 11), _norm(d, 13)

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        return self.answer(q, k, self.q_norm, self.k_norm)


def _reaches_norms(answer) -> int | Words:
    scores = _Scores(answer)
    return _trained(scores(*(t.clone() for t in _QK)), scores)


def _largest_score(answer, q: Tensor, k: Tensor) -> float:
    """Of norms as they start."""
    return answer(q, k, nn.LayerNorm(8), nn.LayerNorm(8)).abs().max().item()


_QK = _random(2, 3, 5, 8, seed=21), _random(2, 3, 5, 8, seed=22)

QK_NORM = Exercise(
    id="12.3",
    name="qk_norm_scores",
    title="Norms for queries and keys",
    difficulty=2,
    minutes=5,
    reference=qk_norm_scores,
    hints=(
        "Which lines of chapter 4's `attention` make the scores, and what must happen to q and k "
        "before them?",
        "`q_norm` works along the last axis, d, and so does `k_norm`. Then every query meets every "
        "key: transpose the last two axes of the keys.",
        "`q, k = q_norm(q), k_norm(k)`, then `return q @ k.transpose(-2, -1) / "
        "math.sqrt(q.shape[-1])`.",
    ),
    trials=(
        Trial(
            "qk_norm_scores of queries and keys 2 x 3 x 5 x 8",
            (*_QK, _norm(8, 11), _norm(8, 13)),
            easier=(
                Easier(
                    "for one head",
                    "for three",
                    (*(t[:, :1] for t in _QK), *map(_norm, (8, 8), (11, 13))),
                ),
                Easier("for fresh norms", "for others", (*_QK, nn.LayerNorm(8), nn.LayerNorm(8))),
            ),
        ),
        Trial(
            "qk_norm_scores of 3 x 2 x 4 x 6",
            (
                _random(3, 2, 4, 6, seed=23),
                _random(3, 2, 4, 6, seed=24),
                # An eps that shows if it is written in, or left to PyTorch's default.
                _norm(6, 15, eps=0.1),
                _norm(6, 17, eps=0.1),
            ),
            easier=(
                Easier(
                    "for d=6 and norms with eps=1e-6",
                    "with eps=0.1",
                    (
                        _random(3, 2, 4, 6, seed=23),
                        _random(3, 2, 4, 6, seed=24),
                        _norm(6, 15),
                        _norm(6, 17),
                    ),
                ),
                Easier("for d=8", "for d=6", (*_QK, _norm(8, 11), _norm(8, 13))),
            ),
        ),
        Trial(
            "qk_norm_scores of one token in one head",
            (*(t[:, :1, :1] for t in _QK), _norm(8, 11), _norm(8, 13)),
            easier=(
                Easier("for several", "for one token and head", (*_QK, _norm(8, 11), _norm(8, 13))),
            ),
        ),
        Trial(
            "The largest score for queries and keys around 100, with fresh norms",
            tuple(100 * t for t in _QK),
            ask=_largest_score,
        ),
        Trial("How many numbers of the two norms training reaches", ask=_reaches_norms),
        *battery(
            # Of d=4 the root is exact in every dtype: to take it in float32 is no mistake.
            "qk_norm_scores of 2 x 3 x 5 x 4",
            (_random(2, 3, 5, 4, seed=25), _random(2, 3, 5, 4, seed=26)),
            build=partial(_Scores, d=4),
            batched=(0, 1),
        ),
    ),
)

# 12.4 ---------------------------------------------------------------------------------------------


def _what_is_kept(answer) -> Words:
    layer = _as_module(answer(5, 3))
    kept = getattr(layer, "registers", None)
    if kept is None or isinstance(kept, nn.Module):
        others = _some([name for name, _ in layer.named_parameters()])
        instead = f", but {others}" if others else ""
        return Words(f"{'a layer' if kept is not None else 'nothing'}{instead}")
    if not isinstance(kept, nn.Parameter):
        return Words("no nn.Parameter")
    frozen = "" if kept.requires_grad else "a frozen "
    return Words(f"{frozen or 'an '}nn.Parameter of shape {tuple(kept.shape)}")


def _others(answer) -> int:
    return len({name for name, _ in answer(5, 3).named_parameters()} - {"registers"})


def _start_apart(answer) -> bool:
    """Do no two registers start alike?"""
    registers = answer(5, 3).registers.detach().reshape(3, 5)
    return len(registers.unique(dim=0)) == 3


def _channels_start_apart(answer) -> bool:
    """Does no register start with one number in all its channels?"""
    return _vary(answer(100, 4).registers)


def _vary(registers: Tensor) -> bool:
    return all(len(register.unique()) > 1 for register in registers.detach()[0])


def _layers_start_apart(answer) -> bool:
    """Do two layers, made one after the other, start from different numbers?"""
    return _differ(answer(5, 3).registers, answer(5, 3).registers)


def _differ(one: Tensor, other: Tensor) -> bool:
    return not torch.equal(one.detach(), other.detach())


def _start_is_small(answer) -> bool:
    registers = answer(100, 4).registers.detach()
    return bool(registers.std() < 0.25 and registers.mean().abs() < 0.2)


def _planted(answer, num_registers: int = 3, embed_dim: int = 5) -> nn.Module:
    layer = answer(embed_dim, num_registers)
    with torch.no_grad():
        layer.registers.copy_(10 + torch.arange(num_registers * embed_dim).view(1, -1, embed_dim))
    return layer


class _Method(nn.Module):
    """One method of a module, to be called as a module is."""

    def __init__(self, name: str, answer, *sizes: int):
        super().__init__()
        self.name, self.layer = name, _planted(answer, *sizes)

    def forward(self, tokens: Tensor) -> Tensor:
        return getattr(self.layer, self.name)(tokens)


def _insert(answer, tokens: Tensor, *sizes: int):
    return _Method("insert", answer, *sizes)(tokens)


def _take_out(answer, tokens: Tensor, *sizes: int):
    return _Method("take_out", answer, *sizes)(tokens)


def _there_and_back(answer, tokens: Tensor):
    layer = _planted(answer)
    return layer.take_out(layer.insert(tokens))


def _pull_on_registers(answer, tokens: Tensor):
    layer = _planted(answer)
    result = layer.insert(tokens)
    if result.requires_grad:
        (result * _random(*result.shape, seed=31)).sum().backward()
    pull = layer.registers.grad
    return Words("no gradient") if pull is None else pull.reshape(3, 5)


def _counting(*shape: int) -> Tensor:
    """-1, -2, -3, ...: every number tells where it came from."""
    return -torch.arange(1.0, math.prod(shape) + 1).reshape(shape)


_TOKENS, _LONGER = _counting(2, 5, 5), _counting(2, 8, 5)  # four patches; three registers more

REGISTERS = Exercise(
    id="12.4",
    name="Registers",
    title="Put registers in, take them out",
    difficulty=2,
    minutes=7,
    reference=Registers,
    hints=(
        "Chapter 2's class token was learned and joined to the tokens of each image. What is "
        "different with several tokens, and where do they go?",
        "Keep one nn.Parameter (1, R, D), `expand` it over the batch, and join three pieces along "
        "dim=1: the class token, the registers, the patches. Taking out joins the first and the "
        "third.",
        "`self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))`; "
        "`torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], "
        "dim=1)`; `torch.cat([tokens[:, :1], tokens[:, 1 + R :]], dim=1)`.",
    ),
    trials=(
        Trial("What `registers` is in Registers(5, 3)", ask=_what_is_kept),
        Trial("The number of other parameters", ask=_others),
        Trial(
            "insert(tokens) of 2 x (1 + 4) x 5, with registers set to 10, 11, ..., 24",
            (_TOKENS,),
            ask=_insert,
            easier=(Easier("for a single image", "for two", (_TOKENS[:1],), _insert),),
        ),
        Trial("take_out(tokens) of 2 x (1 + 3 + 4) x 5", (_LONGER,), ask=_take_out),
        Trial("take_out(insert(tokens))", (_TOKENS,), ask=_there_and_back),
        Trial(
            "insert with a single register, D=3",
            (_counting(3, 4, 3),),
            ask=lambda answer, tokens: _insert(answer, tokens, 1, 3),
            easier=(Easier("for three registers", "for one", (_TOKENS,), _insert),),
        ),
        Trial(
            "take_out with a single register, D=3",
            (_counting(3, 5, 3),),
            ask=lambda answer, tokens: _take_out(answer, tokens, 1, 3),
            easier=(Easier("for three registers", "for one", (_LONGER,), _take_out),),
        ),
        Trial(
            "insert for images of one patch",
            (_counting(2, 2, 5),),
            ask=_insert,
            easier=(Easier("for four patches", "for one", (_TOKENS,), _insert),),
        ),
        Trial(
            "take_out for images of one patch",
            (_counting(2, 5, 5),),
            ask=_take_out,
            easier=(Easier("for four patches", "for one", (_LONGER,), _take_out),),
        ),
        Trial("The gradient that reaches the registers", (_TOKENS,), ask=_pull_on_registers),
        Trial("Does each register start from other numbers?", ask=_start_apart),
        Trial(
            "Do the channels of a register start from different numbers?", ask=_channels_start_apart
        ),
        Trial("Do two new layers start from different numbers?", ask=_layers_start_apart),
        Trial("Do they start from small numbers around 0?", ask=_start_is_small),
        *battery(
            "insert(tokens) of 4 x (1 + 4) x 5",
            (_random(4, 5, 5, seed=32),),
            build=partial(_Method, "insert"),
        ),
        *battery(
            "take_out(tokens) of 4 x (1 + 3 + 4) x 5",
            (_random(4, 8, 5, seed=33),),
            build=partial(_Method, "take_out"),
        ),
    ),
)

# 12.5 ---------------------------------------------------------------------------------------------


def _gated(answer, *sizes: int) -> nn.Module:
    return _loaded(_as_module(answer(*(sizes or (6, 10)))))


GATE = Exercise(
    id="12.5",
    name="SwiGLU",
    title="An MLP with a gate",
    difficulty=1,
    minutes=5,
    reference=SwiGLU,
    hints=(
        "Three layers: which two read the tokens, and what happens to their results before the "
        "third reads them?",
        "Only what `gate` gives goes through SiLU. The product of the two is taken number by "
        "number, with `*`.",
        "`return self.fc2(F.silu(self.gate(x)) * self.fc1(x))`.",
    ),
    trials=(
        Trial(
            "The parameters of SwiGLU(6, 10)",
            ask=lambda answer: _names(_as_module(answer(6, 10)), SwiGLU(6, 10)),
        ),
        Trial(
            "The parameters of SwiGLU(5, 3)",
            ask=lambda answer: _names(_as_module(answer(5, 3)), SwiGLU(5, 3)),
        ),
        Trial(
            "SwiGLU(6, 10)(x) with given weights",
            (_random(2, 5, 6, seed=41),),
            ask=lambda answer, x: _gated(answer)(x),
            easier=(
                Easier(
                    "in evaluation mode",
                    "in training mode",
                    (_random(2, 5, 6, seed=41),),
                    lambda answer, x: _gated(answer).eval()(x),
                ),
            ),
        ),
        Trial(
            "SwiGLU(5, 3)(x) for x of shape (4, 5)",
            (_random(4, 5, seed=42),),
            ask=lambda answer, x: _gated(answer, 5, 3)(x),
        ),
        Trial(
            "SwiGLU(6, 10)(x) for two images of one token",
            (_random(2, 1, 6, seed=45),),
            ask=lambda answer, x: _gated(answer)(x),
            easier=(
                Easier(
                    "for several tokens",
                    "for a single one",
                    (_random(2, 5, 6, seed=41),),
                    lambda answer, x: _gated(answer)(x),
                ),
            ),
        ),
        Trial(
            "SwiGLU(1, 1)(x) for x of shape (3, 1)",
            (_random(3, 1, seed=46),),
            ask=lambda answer, x: _gated(answer, 1, 1)(x),
        ),
        Trial(
            "How many numbers training reaches in SwiGLU(6, 10)",
            ask=lambda answer: _trained((m := _gated(answer))(_random(2, 5, 6, seed=43)), m),
        ),
        *battery(
            "SwiGLU(6, 10)(x) for x of shape (4, 3, 6)",
            (_random(4, 3, 6, seed=44),),
            build=_gated,
        ),
    ),
)

# 12.6 ---------------------------------------------------------------------------------------------

# Two periods for each side; B, the sides of the grid and the number of tokens all differ.
_SIZES = {
    "patch_size": 2,
    "in_channels": 3,
    "embed_dim": 24,
    "depth": 3,
    "num_heads": 3,
    "mlp_dim": 20,
    "num_registers": 4,
}
_OTHER_SIZES = {
    "patch_size": 3,
    "in_channels": 1,
    "embed_dim": 16,
    "depth": 2,
    "num_heads": 1,
    "mlp_dim": 40,
    "num_registers": 2,
}
_COURSE_PARTS = {
    "patch_angles": patch_angles,
    "turn": turn,
    "LayerScale": LayerScale,
    "MLP": MLP,
    "SwiGLU": SwiGLU,
    "Registers": Registers,
    "ClassToken": ClassToken,
    "MultiHeadSelfAttention": MultiHeadSelfAttention,
    "attention": attention,
    "split_heads": split_heads,
    "merge_heads": merge_heads,
}


class _Features(nn.Module):
    """The learner's model, filled by name; asked for all tokens, with the course's parts in it."""

    def __init__(self, answer, quiet: bool = False, **sizes):
        super().__init__()
        self.parts = partial(course_parts, answer, _COURSE_PARTS)
        with self.parts():
            self.model = _loaded(_as_module(answer(**(_SIZES | sizes))), quiet)

    def forward(self, images: Tensor) -> Tensor:
        with self.parts():
            return self.model.forward_features(images)


def _all_tokens(answer, images: Tensor, **sizes):
    """In float64, where small differences show."""
    return _Features(answer, **sizes).double()(images)


def _features(answer, images: Tensor, **sizes):
    result = _all_tokens(answer, images, **sizes)
    return result.detach() if isinstance(result, Tensor) else result


def _one_after_the_other(answer, *images: Tensor) -> list:
    """All tokens of several images, from one model."""
    model = _Features(answer).double()
    return [model(some) for some in images]


def _class_features(answer, images: Tensor):
    """What the model's own `forward` makes of all tokens."""
    features = _Features(answer).double()
    with features.parts():
        return features.model(images)


def _images(*shape: int, seed: int = 51) -> Tensor:
    return _random(*shape, seed=seed).double()


def _parameters(sizes: dict):
    """Which names and shapes differ in a model of these sizes."""

    def ask(answer) -> Words:
        with course_parts(answer, _COURSE_PARTS):
            return _names(_as_module(answer(**sizes)), _right(tuple(sizes.items())))

    return ask


def _parameters_afterwards(answer) -> Words:
    """The same of a model that has seen an image."""
    features = _Features(answer)
    features(_random(1, 3, 4, 6, seed=52))
    return _names(features.model, _right(tuple(_SIZES.items())))


@cache
def _right(sizes: tuple) -> nn.Module:
    return DINOv3(**dict(sizes))


def _numbers_trained(answer):
    model = _Features(answer)
    return _trained(model(_random(1, 3, 4, 6, seed=52)), model)


def _gradient(answer, images: Tensor, ask: Callable = _all_tokens):
    images.requires_grad_()
    result = ask(answer, images)
    if not (isinstance(result, Tensor) and result.requires_grad):
        return Words("no gradient")
    (result * _random(*result.shape, seed=53)).sum().backward()
    return Words("no gradient") if images.grad is None else images.grad


def _fresh(answer) -> nn.Module:
    with course_parts(answer, _COURSE_PARTS):
        return answer(**_SIZES)


def _scales_start(answer) -> list[float]:
    """The smallest and the largest number of all LayerScales of a new model."""
    gammas = [p.detach() for n, p in _fresh(answer).named_parameters() if n.endswith("gamma")]
    return [float(f(torch.cat(gammas))) for f in (torch.min, torch.max)]


def _registers_start_apart(answer) -> bool:
    return len(_fresh(answer).registers.detach()[0].unique(dim=0)) == 4


def _blocks_start_apart(answer) -> bool:
    matrices = [
        p.detach() for n, p in _fresh(answer).named_parameters() if n.endswith("fc1.weight")
    ]
    return len(torch.stack(matrices).flatten(1).unique(dim=0)) == 3


_WIDE, _HIGH = _images(2, 3, 6, 10), _images(2, 3, 10, 6, seed=59)  # as many patches

_ASKED = partial(Trial, ask=_features)
_EASIER = (
    Easier(
        "in evaluation mode",
        "in training mode",
        (_WIDE,),
        lambda answer, images: _Features(answer).double().eval()(images).detach(),
    ),
    Easier("for square images", "for 6 x 10 pixels", (_images(2, 3, 6, 6),), _features),
    Easier("for one block", "for three", (_WIDE,), partial(_features, depth=1)),
    Easier("for one head", "for three", (_WIDE,), partial(_features, num_heads=1)),
    Easier("for a single image", "for two", (_WIDE[:1],), _features),
    Easier(
        "for mlp_dim = 4 * embed_dim", "for other mlp_dim", (_WIDE,), partial(_features, mlp_dim=96)
    ),
)

OWN_DINOV3 = Exercise(
    id="12.6",
    name="DINOv3",
    title="Your own DINOv3",
    difficulty=4,
    minutes=20,
    reference=DINOv3,
    hints=(
        "Take your Vision Transformer of chapter 6. Which of its parts stay, which lose something "
        "(a bias, a table), and what is new in each block?",
        "From the inside out: attention that turns q and k, then the block, then the model. Its "
        "`forward_features` needs the patches, the angles of their grid, the prefix tokens, the "
        "blocks, the norm.",
        "`patches = self.patch_embed(images)`, `angles = patch_angles(patches.shape[-2:], head_dim)"
        "`, then `torch.cat` of class token, registers and `patches.flatten(2).transpose(1, 2)`. "
        "In the block: `x = x + self.scale1(self.attn(self.norm1(x), angles))`, and the same with "
        "`scale2`, `mlp` and `norm2`.",
    ),
    trials=(
        Trial("The parameters of a model with three blocks", ask=_parameters(_SIZES)),
        Trial(
            "The parameters of a model without num_registers=",
            ask=_parameters({n: s for n, s in _SIZES.items() if n != "num_registers"}),
        ),
        Trial("The parameters of a model of other sizes", ask=_parameters(_OTHER_SIZES)),
        _ASKED(
            "forward_features(images) with random weights, 2 x 3 x 6 x 10", (_WIDE,), easier=_EASIER
        ),
        Trial(
            "The same with small numbers in front of the blocks and small LayerScales",
            (_WIDE,),
            ask=partial(_features, quiet=True),
            easier=(Easier("for loud tokens", "for quiet ones", (_WIDE,), _features),),
        ),
        Trial(
            "forward_features of one block",
            (_images(2, 3, 8, 4, seed=54),),
            ask=partial(_features, depth=1),
        ),
        _ASKED("forward_features of square images, 3 x 3 x 8 x 8", (_images(3, 3, 8, 8, seed=55),)),
        Trial(
            "forward_features of other sizes: grey, patch_size=3, one head, 2 registers",
            (_images(2, 1, 6, 9, seed=56),),
            ask=partial(_features, **_OTHER_SIZES),
            easier=(Easier("for other sizes", "for these", (_WIDE,), _features),),
        ),
        _ASKED(
            "forward_features of a single patch",
            (_images(2, 3, 2, 2, seed=57),),
            easier=(Easier("for 15 patches", "for one", (_WIDE,), _features),),
        ),
        Trial(
            "forward_features of images of 6 x 10 pixels, then of 10 x 6, from one model",
            (_WIDE, _HIGH),
            ask=_one_after_the_other,
            easier=(Easier("for one size", "for another afterwards", (_HIGH,), _features),),
        ),
        Trial(
            "forward_features of images of 6 x 10 pixels, then of 10 x 6, then of 6 x 6",
            (_WIDE, _HIGH, _images(2, 3, 6, 6)),
            ask=_one_after_the_other,
        ),
        Trial("DINOv3(...)(images)", (_WIDE,), ask=_class_features),
        Trial("How many numbers training reaches", ask=_numbers_trained),
        Trial("The gradient that reaches the images", (_WIDE,), ask=_gradient),
        Trial(
            "The gradient of DINOv3(...)(images) that reaches the images",
            (_WIDE,),
            ask=partial(_gradient, ask=_class_features),
        ),
        Trial("The parameters after forward_features(images)", ask=_parameters_afterwards),
        Trial("The smallest and the largest number of new LayerScales", ask=_scales_start),
        Trial("Does each register start from other numbers?", ask=_registers_start_apart),
        Trial(
            "Do the channels of a register start from different numbers?",
            ask=lambda answer: _vary(_fresh(answer).registers),
        ),
        Trial(
            "Do the registers of two new models start from different numbers?",
            ask=lambda answer: _differ(_fresh(answer).registers, _fresh(answer).registers),
        ),
        Trial("Do the blocks start from different numbers?", ask=_blocks_start_apart),
        # Angles are float32 in all of them; in bfloat16, right models differ too much.
        *battery(
            "forward_features(images)",
            (_random(4, 3, 4, 6, seed=58),),
            build=partial(_Features, depth=1),
            without=("float64", "bfloat16", "gradients"),
        ),
    ),
)

EXERCISES = (ANGLES, TURN, QK_NORM, REGISTERS, GATE, OWN_DINOV3)
