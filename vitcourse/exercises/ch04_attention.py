"""Chapter 4, attention: one head, split, merge, the whole layer, and the same in torch.

With one head, or as many tokens as heads, or weights near zero, most mistakes do not show. So
all trials have 3 heads (or 2), 5 tokens, 2 images, and scores of about one to three.
"""

import math
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words, same_value, shape_of, snapshot
from vitcourse.exercises.course_answers import (
    from_torch,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model.attention import MultiHeadSelfAttention, attention, merge_heads, split_heads


def _random(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _counting(*shape: int) -> Tensor:
    """Numbers 0, 1, 2, ...: every value tells where it came from."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


def _gradients(answer, *inputs) -> list[Tensor]:
    """The gradients that the inputs get from the output, which may come with weights."""
    leaves = [t.clone().requires_grad_() if isinstance(t, Tensor) else t for t in inputs]
    wanted = [t for t in leaves if isinstance(t, Tensor)]
    # times 1: a leaf must not change in place
    result = answer(*(t * 1 if isinstance(t, Tensor) else t for t in leaves))
    output = result[0] if isinstance(result, (tuple, list)) else result
    if not output.requires_grad:
        return [torch.zeros_like(t) for t in wanted]
    gradients = torch.autograd.grad(output.square().sum(), wanted, allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for t, g in zip(wanted, gradients, strict=True)]


def _passes_gradients(answer, *inputs) -> bool:
    return all(bool(gradient.any()) for gradient in _gradients(answer, *inputs))


def _gradient_trial(inputs: tuple) -> Trial:
    return Trial("Does a gradient pass through it?", inputs, _passes_gradients)


# 4.1 ----------------------------------------------------------------------------------------------


def _shapes(answer, q, k, v):
    return shape_of(answer(q, k, v))


def _weights(answer, q, k, v) -> Tensor:
    return answer(q, k, v)[1]


def _row_sums(answer, q, k, v) -> Tensor:
    return answer(q, k, v)[1].sum(-1)


def _output_of(answer, q, k, v) -> Tensor:
    return answer(q, k, v)[0]


def _same_again(answer, q, k, v) -> bool:
    return same_value(answer(q, k, v), answer(q, k, v))


def _qkv(*shape: int, seed: int, scale: float = 1.5) -> tuple[Tensor, ...]:
    return tuple(_random(*shape, seed=seed + i, scale=scale) for i in range(3))


_FEW = _qkv(5, 4, seed=1)
_OTHER = _qkv(6, 3, seed=7)
_MANY = _qkv(2, 3, 5, 4, seed=4)
_THREE_AXES = _qkv(2, 6, 3, seed=7)
_LARGE = _qkv(5, 4, seed=13, scale=14.0)  # scores up to 500: too much for exp in float32
_FAR_BELOW = (_LARGE[0].abs(), -_LARGE[1].abs() - 5, _LARGE[2])  # every score is under -90
_ALONE = _qkv(1, 1, 1, 2, seed=3)
_IN_FRONT = (Easier("without axes in front", "with axes in front", _FEW),)


ATTENTION = Exercise(
    id="4.1",
    name="attention",
    title="Attention on one head",
    difficulty=2,
    minutes=15,
    reference=attention,
    hints=(
        "One matrix product gives the scores of all queries with all keys. Which of q and k must "
        "be transposed, so that row i belongs to query i?",
        "Scores (N, N), divided by the root of d; a softmax over the keys, so that each row sums "
        "to 1; a matrix product with v. `k.transpose(-2, -1)` leaves axes in front alone.",
        "`scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])`, then "
        "`weights = scores.softmax(dim=-1)`, then `return weights @ v, weights`.",
    ),
    trials=(
        Trial("What attention(q, k, v) gives for 5 tokens and d = 4", _FEW, ask=_shapes),
        Trial("The row sums of the weights", _FEW, ask=_row_sums),
        Trial("The weights for 5 tokens and d = 4", _FEW, ask=_weights),
        Trial("Do the same q, k and v give the same result again?", _FEW, ask=_same_again),
        Trial("The output for 5 tokens and d = 4", _FEW, ask=_output_of),
        Trial(
            "The weights and the output for 6 tokens and d = 3",
            _OTHER,
            easier=(Easier("for 5 tokens and d = 4", "for 6 tokens and d = 3", _FEW),),
        ),
        Trial(
            "The weights for 2 images, 3 heads, 5 tokens",
            _MANY,
            _weights,
            errors_alike=True,
            easier=_IN_FRONT,
        ),
        Trial(
            "The output for 2 images, 3 heads, 5 tokens",
            _MANY,
            _output_of,
            errors_alike=True,
            easier=_IN_FRONT,
        ),
        Trial(
            "The weights for 2 images, 6 tokens",
            _THREE_AXES,
            _weights,
            errors_alike=True,
            easier=(Easier("for 2 images, 3 heads, 5 tokens", "for 2 images, 6 tokens", _MANY),),
        ),
        Trial(
            "The weights where scores are several hundred",
            _LARGE,
            _weights,
            easier=(Easier("for small scores", "for scores of several hundred", _FEW),),
        ),
        Trial(
            "The weights where all scores are far below zero",
            _FAR_BELOW,
            _weights,
            easier=(Easier("for small scores", "for scores far below zero", _FEW),),
        ),
        _gradient_trial(_FEW),
        Trial(
            "The gradients that reach q, k and v",
            _FEW,
            _gradients,
            easier=(Easier("in its output", "in its gradients", _FEW, _output_of),),
        ),
        Trial(
            "The weights and the output for one image, one head, one token",
            _ALONE,
            easier=(Easier("for many tokens", "for one image, one head, one token", _MANY),),
        ),
        *(
            # A sum may have a small number added against 0: less than a detour over float32.
            # (The root of d = 4 is the same in float32 and in float64.)
            replace(trial, tolerance=3e-9) if trial.circumstance == "float64" else trial
            for trial in battery(
                "The output and the weights for 5 images, 3 heads, 6 tokens and d = 4",
                _qkv(5, 3, 6, 4, seed=10),
                batched=(0, 1, 2),
                without=["gradients"],  # weights may come back detached; devices: not in the text
            )
            if "10,000" not in trial.says  # scores of a hundred million
        ),
    ),
)

# 4.2 ----------------------------------------------------------------------------------------------


SPLIT = Exercise(
    id="4.2",
    name="split_heads",
    title="Split the channels among the heads",
    difficulty=2,
    minutes=10,
    reference=split_heads,
    hints=(
        "The D channels of one token are h groups of d. Which axis has to be split in two, and "
        "where must the new axis go?",
        "Split the last axis: (B, N, h, d). Then move the heads before the tokens: (B, h, N, d). "
        "A reshape does the first, only a transpose or permute does the second.",
        '`rearrange(x, "b n (h d) -> b h n d", h=num_heads)`, or '
        "`x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2)`.",
    ),
    trials=(
        Trial(
            "What split_heads(x, 3) gives for x (2, 5, 12)",
            (_counting(2, 5, 12), 3),
            ask=lambda answer, x, num_heads: shape_of(answer(x, num_heads)),
        ),
        Trial(
            "split_heads(x, 3) of a 1 x 2 x 6 x that counts 0, 1, 2, ...",
            (_counting(1, 2, 6), 3),
            easier=(Easier("for 2 images", "for one image", (_counting(2, 2, 6), 3)),),
        ),
        Trial(
            "split_heads(x, 3) of a 2 x 5 x 12 x that counts 0, 1, 2, ...",
            (_counting(2, 5, 12), 3),
            easier=(Easier("for one image", "for 2 images", (_counting(1, 5, 12), 3)),),
        ),
        Trial(
            "split_heads(x, 2) of a 3 x 4 x 10 x that counts 0, 1, 2, ...",
            (_counting(3, 4, 10), 2),
            easier=(Easier("for 3 heads", "for 2 heads", (_counting(3, 4, 12), 3)),),
        ),
        Trial(
            "split_heads(x, 1)",
            (_counting(2, 3, 4), 1),
            easier=(Easier("for 2 heads", "for one head", (_counting(2, 3, 4), 2)),),
        ),
        Trial(
            "split_heads(x, 3) of one token of 3 channels",
            (_counting(2, 1, 3), 3),
            easier=(
                Easier("for 5 tokens", "for one token of 3 channels", (_counting(2, 5, 6), 3)),
            ),
        ),
        Trial(
            "split_heads(x, 4) of an x with 10 channels (4 does not divide 10)",
            (_counting(2, 4, 10), 4),
            raises=Exception,
        ),
        Trial(
            "split_heads(x, 4) of an x with 6 channels (4 does not divide 6)",
            (_counting(2, 3, 6), 4),
            raises=Exception,
        ),
        _gradient_trial((_counting(2, 5, 12), 3)),
        *battery(
            "split_heads(x, 3) of a 4 x 5 x 6 x",
            (_random(4, 5, 6, seed=1), 3),
        ),
    ),
)

# 4.3 ----------------------------------------------------------------------------------------------


MERGE = Exercise(
    id="4.3",
    name="merge_heads",
    title="Merge the heads",
    difficulty=2,
    minutes=5,
    reference=merge_heads,
    hints=(
        "Which two steps did split_heads take? In which order must they be undone?",
        "First move the heads behind the tokens again: (B, N, h, d). Then merge the last two "
        "axes. `view` refuses to merge what has been transposed; `reshape` copies where it must.",
        '`rearrange(x, "b h n d -> b n (h d)")`, or `x.transpose(1, 2).flatten(2)`.',
    ),
    trials=(
        Trial(
            "merge_heads(x) of a 1 x 3 x 2 x 2 x that counts 0, 1, 2, ...",
            (_counting(1, 3, 2, 2),),
            easier=(
                Easier("for 2 images", "for one image", (_counting(2, 3, 2, 2),)),
                Easier(
                    "for 2 heads and 2 tokens",
                    "for 3 heads and 2 tokens",
                    (_counting(1, 2, 2, 2),),
                ),
            ),
        ),
        Trial(
            "merge_heads(x) of a 2 x 3 x 5 x 4 x that counts 0, 1, 2, ...",
            (_counting(2, 3, 5, 4),),
            easier=(Easier("for one image", "for 2 images", (_counting(1, 3, 5, 4),)),),
        ),
        Trial(
            "merge_heads(split_heads(x, 2)) of 3 x 4 x 10", (split_heads(_counting(3, 4, 10), 2),)
        ),
        Trial(
            "merge_heads(x) with one head",
            (_counting(2, 1, 3, 4),),
            easier=(Easier("for 3 heads", "for one head", (_counting(2, 3, 3, 4),)),),
        ),
        Trial(
            "merge_heads(x) of one token, with heads of one channel",
            (_counting(2, 3, 1, 1),),
            easier=(Easier("for 5 tokens", "for one token", (_counting(2, 3, 5, 2),)),),
        ),
        _gradient_trial((_counting(2, 3, 5, 4),)),
        *battery(
            "merge_heads(x) of a 4 x 3 x 5 x 2 x",
            (_random(4, 3, 5, 2, seed=1),),
        ),
    ),
)

# 4.4 ----------------------------------------------------------------------------------------------
# Any parameterisation is right: one layer for q, k and v or three, or one for each head; biases or
# none; rows in any order. So the layer is judged by what it does. Two things do it completely:
# - With all weights equal the layout of the weights cannot matter, and the result is known. This
#   settles the scale, the axis of the softmax, how tokens are split and merged.
# - With random weights, softmax attention with h heads means that the logarithms of the weights
#   are, for each head, a bilinear form of rank d = D / h in two tokens, up to a constant per row;
#   and that the output is what these weights make of values, again of rank d for each head. Both
#   are linear equations, solved here for the unknown matrices; their residual and ranks decide.

_B, _N, _D, _H = 2, 5, 12, 3  # images, tokens, channels, heads; so d = 4


def _is_bias(parameter: Tensor) -> bool:
    return parameter.numel() <= 3 * _D  # the smallest matrix, of one head, has D * D / h numbers


def _filled(answer, fill, num_heads=_H, **settings) -> nn.Module:
    """The learner's layer with its weights set by `fill`: how it starts is its own choice."""
    layer = answer(_D, num_heads, **settings)
    layer(torch.zeros(1, 2, _D))  # a lazy layer has its weights from here on
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            if parameter.numel() > _H:  # a number for each head can only be the scale
                parameter.copy_(fill(parameter, number))
    return layer.eval()


def _random_fill(parameter: Tensor, number: int) -> Tensor:
    """Numbers of a size that gives scores of about 1: far from uniform, not saturated."""
    return _random(*parameter.shape, seed=100 + number, scale=0.3)


@lru_cache(maxsize=256)  # asked again by most trials, of the learner's layer and of each stand-in
def _is_all_parameters(answer) -> bool:
    """Whether two layers with the same parameters give the same."""
    one, other, x = _filled(answer, _random_fill), _filled(answer, _random_fill), _tokens()
    same = torch.allclose(one(x), other(x), atol=1e-5, equal_nan=True)
    return bool(list(one.parameters())) and same


def _build(answer, fill, **settings) -> nn.Module:
    """As `_filled`; raises ValueError if some of its weights are not parameters."""
    if not _is_all_parameters(answer):
        raise ValueError("some numbers that the layer starts with are not parameters")
    return _filled(answer, fill, **settings)


def _random_layer(answer, **settings) -> nn.Module:
    return _build(answer, _random_fill, **settings)


def _equal_layer(answer, **settings) -> nn.Module:
    return _build(answer, lambda p, _: torch.full_like(p, 0.0 if _is_bias(p) else 0.3), **settings)


def _tokens() -> Tensor:
    return _random(_B, _N, _D, seed=20, scale=0.6)


def _shape(answer, x):
    return shape_of(answer(_D, _H)(x))


def _shape_elsewhere(answer):
    return shape_of(answer(8, 2)(_random(3, 4, 8)))


def _shape_again(answer):
    layer = answer(_D, _H)
    layer(_tokens(), return_weights=True)
    return shape_of(layer(_random(3, 4, _D)))


def _shapes_with_weights(answer):
    return shape_of(answer(_D, _H)(_tokens(), return_weights=True))


def _shapes_of_one(answer):
    """The results for one image, and for one token: axes of length 1 must stay."""
    layer, inputs = answer(_D, _H, dropout=0.5), (_random(1, _N, _D), _random(_B, 1, _D))
    return [shape_of([layer(x), *layer(x, return_weights=True)]) for x in inputs]


def _repeats(answer) -> bool:
    layer, x = answer(_D, _H, dropout=0.5).eval(), _tokens()
    results = layer(x), layer(x), layer(x, return_weights=True)[0]
    return all(torch.allclose(results[0], result, atol=1e-6) for result in results[1:])


def _drops_nothing(answer) -> bool:
    layer, x = answer(_D, _H), _tokens()
    return bool(torch.allclose(layer.eval()(x), layer.train()(x), atol=1e-6))


def _dtype_in_training(dtype: torch.dtype):
    def ask(answer) -> Words:
        layer = _random_layer(answer, dropout=0.5).to(dtype).train()
        return Words(layer(_tokens().to(dtype)).dtype)

    return ask


def _stays_in_training(answer) -> bool:
    layer = answer(_D, _H)
    for return_weights in (False, True):
        layer(_tokens(), return_weights=return_weights)
    return all(module.training for module in layer.modules())


def _trainable(answer) -> Words:
    try:
        layer = _random_layer(answer)
    except ValueError:
        return Words("some of them are in no parameter")
    if not all(p.requires_grad for p in layer.parameters() if p.numel() > _H):
        return Words("some have requires_grad=False")
    return Words(sum(p.numel() for p in layer.parameters() if not _is_bias(p)))


def _with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens()).detach()


def _rows_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[1].sum(-1).detach()


def _weights_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[1].detach()


def _pair_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[0].detach()


def _both(num_heads: int):
    def ask(answer) -> list[Tensor]:
        return list(_equal_layer(answer, num_heads=num_heads)(_tokens(), return_weights=True))

    return ask


class _BothWays(nn.Module):
    """The layer without and with its weights, with all its numbers known."""

    def __init__(self, answer):
        super().__init__()
        self.layer = _equal_layer(answer)

    def forward(self, x):
        return [self.layer(x), *self.layer(x, return_weights=True)]


def _weights_in_training(answer) -> Tensor:
    layer = _equal_layer(answer, dropout=0.5).train()
    torch.default_generator.manual_seed(0)  # the same for all, whatever was built before
    return layer(_tokens(), return_weights=True)[1].detach()


def _images_are_apart(answer) -> bool:
    layer, x = _random_layer(answer), _tokens()
    return bool(torch.allclose(layer(x)[1:], layer(x[1:]), atol=1e-4))


def _order_is_free(answer) -> bool:
    """Tokens in another order give the same results in that order."""
    layer, x, order = _random_layer(answer), _tokens(), torch.tensor([3, 0, 4, 2, 1])
    return bool(torch.allclose(layer(x)[:, order], layer(x[:, order]), atol=1e-4))


def _same_both_ways(answer) -> bool:
    layer, x = _random_layer(answer), _tokens()
    return bool(torch.allclose(layer(x), layer(x, return_weights=True)[0], atol=1e-4))


def _stays_finite(answer) -> bool:
    """Scores of several hundred: with equal weights they are known."""
    x = _tokens()
    x = x * 50 / x.sum(-1).abs().max()  # the largest score is then (0.3 * 50)² * d / √d = 450
    layer = _equal_layer(answer)
    results = layer(x), *layer(x, return_weights=True)
    return all(bool(result.isfinite().all()) for result in results)


def _taught(answer) -> int:
    """How many weights get a gradient from the output, as a multiple of D: one may be 0."""
    layer = _random_layer(answer)
    value = (layer(_tokens()) * torch.arange(1, _D + 1)).sum()
    return round(int(_reached(layer, value, least=0).sum()) / _D) * _D


def _every_parameter_is_taught(answer) -> bool:
    layer = _random_layer(answer, dropout=0.25).train()
    wanted = [p for p in layer.parameters() if p.requires_grad]
    value = (layer(_tokens()) * torch.arange(1, _D + 1)).sum()
    return all(g is not None for g in torch.autograd.grad(value, wanted, allow_unused=True))


def _weights_pass_gradients(answer) -> bool:
    return bool(_random_layer(answer)(_tokens(), return_weights=True)[1].requires_grad)


def _solve(design: Tensor, target: Tensor) -> Tensor | None:
    """The least-squares solution, or None where it does not solve the equations."""
    solution = torch.linalg.lstsq(design, target).solution
    error = (design @ solution - target).abs().max()
    return solution if error < 1e-3 * target.abs().max() else None


def _ranks(matrices: Tensor) -> list[int]:
    return torch.linalg.matrix_rank(matrices, rtol=1e-3).tolist()


def _pair_of_many(answer) -> tuple[Tensor, Tensor, Tensor]:
    x = _random(24, _N, _D, seed=30)
    output, weights = _random_layer(answer)(x, return_weights=True)
    return x.double(), output.detach().double(), weights.detach().double()


def _score_ranks(answer) -> list[int] | str:
    """Each head's log w_ij - log w_i0 = (x_i, 1) A (x_j - x_0): the rank of A, or a sentence."""
    x, _, weights = _pair_of_many(answer)
    logs = weights.clamp_min(1e-30).log()
    queries = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    keys = x[:, 1:] - x[:, :1]
    design = torch.einsum("bic,bje->bijce", queries, keys).flatten(0, 2).flatten(1)
    target = (logs[..., 1:] - logs[..., :1]).permute(0, 2, 3, 1).flatten(0, 2)
    forms = _solve(design, target)
    if forms is None:
        return "not a softmax over the keys of products of a query with a key"
    return _ranks(forms.T.reshape(-1, _D + 1, _D)[:, :_D])


def _value_ranks(answer) -> list[int] | str:
    """The rank of each head's map from token to output, or a sentence."""
    maps = _value_maps(answer)
    if maps is None:
        return "not the values, averaged with the weights that the layer returns"
    return _ranks(maps)


def _value_channels(answer) -> Words:
    """How many channels of a token each head's values read, and how many of the output change."""
    maps = _value_maps(answer)
    if maps is None:
        return Words("not the values, averaged with the weights that the layer returns")
    used = maps.abs() > 1e-3 * maps.abs().max()
    read, changed = used.any(2).sum(1).tolist(), used.any(1).sum(1).tolist()
    return Words(f"{read} are read, {changed} change")


def _value_maps(answer) -> Tensor | None:
    """Output = sum over heads of weights_h x M_h + c: the M_h, (h, D, D), if there are any."""
    x, output, weights = _pair_of_many(answer)
    heads = torch.einsum("bhij,bjc->bihc", weights, x).flatten(2)
    design = torch.cat([heads, torch.ones_like(heads[..., :1])], -1).flatten(0, 1)
    maps = _solve(design, output.flatten(0, 1))
    return None if maps is None else maps[:-1].reshape(-1, _D, _D)


def _reached(layer: nn.Module, value: Tensor, least: float = 1e-5) -> Tensor:
    """Which weights (all of them in a row) a gradient from `value` reaches.

    Those below `least` times the largest do not count.
    """
    weights = [p for p in layer.parameters() if p.requires_grad and not _is_bias(p)]
    gradients = torch.autograd.grad(value, weights, allow_unused=True)
    flat = torch.cat(
        [
            (torch.zeros_like(p) if g is None else g).flatten()
            for p, g in zip(weights, gradients, strict=True)
        ]
    )
    return flat.abs() > least * flat.abs().max()


def _roles(answer) -> Words:
    """What the weights are for. Token 0 asks; whether key 1 or key 2 fits better is the answer."""
    layer, x = _random_layer(answer), _tokens()[:1]

    def score(half_of: slice | None = None, half: slice | None = None) -> Tensor:
        tokens = x.clone()
        if half is not None:
            tokens[:, half_of, half] = 0
        weights = layer(tokens, return_weights=True)[1]
        difference = weights[0, :, 0, 1].log() - weights[0, :, 0, 2].log()
        return _reached(layer, (difference * torch.arange(1, len(difference) + 1)).sum())

    asker, asked, halves = slice(0, 1), slice(1, 3), (slice(0, _D // 2), slice(_D // 2, _D))
    scores = score()
    # A weight that only the query uses falls silent when the channel it reads is 0 in token 0.
    query = scores & ~(score(asker, halves[0]) & score(asker, halves[1]))
    key = scores & ~(score(asked, halves[0]) & score(asked, halves[1]))
    one = layer(x[:, :1])  # one token listens to itself, whatever the scores
    value = _reached(layer, (one * torch.arange(1, _D + 1)).sum())
    several = scores & (value | ~(query ^ key))
    counts = {
        "for q": query & ~several,
        "for k": key & ~several,
        "for v and the output": value & ~scores,
        "for several of these": several,
    }
    return Words(", ".join(f"{int(which.sum())} {what}" for what, which in counts.items()))


def _dropout(answer, **how) -> str:
    """What training with dropout=0.25 does to the numbers of the result."""

    def result_of(x):
        result = layer(x, **how)
        return result[0] if how else result

    layer, x = _random_layer(answer, dropout=0.25), _random(40, _N, _D)
    calm = result_of(x)
    layer.train()
    wild = result_of(x)
    if torch.allclose(calm, wild, atol=1e-5):
        return "nothing changes"
    zero = wild == 0
    if not zero.any():
        # Of one token, repeated, the attention weights are all 1, so that a head is there or not.
        one = result_of(_random(1, 1, _D).expand(60, -1, -1)).detach()[:, 0]
        several = len(one.mul(1e3).round().unique(dim=0))
        whole = "whole heads" if several <= 2**_H else "single channels"
        return f"no number becomes zero; of one token, {whole} are dropped before the projection"
    for what, parts in (("images", zero.flatten(1)), ("tokens", zero), ("channels", zero.mT)):
        if (parts.all(-1) | ~parts.any(-1)).all():
            return f"whole {what} become zero, or none of their numbers"
    factors = (wild / calm)[~zero]
    factor = factors.median()
    if not torch.allclose(factors, factor, rtol=1e-2):
        return "single numbers become zero, but the others do not change alike"
    share = round(4 * zero.float().mean().item()) / 4
    return f"{share:.0%} of the numbers become zero, the others {factor:.2f} times as large"


def _dropout_with_weights(answer) -> str:
    return _dropout(answer, return_weights=True)


_EQUAL = "With 0.3 for all numbers in the linear layers and no bias:"

LAYER = Exercise(
    id="4.4",
    name="MultiHeadSelfAttention",
    title="Multi-head self-attention",
    difficulty=4,
    minutes=25,
    reference=MultiHeadSelfAttention,
    hints=(
        "Each token needs a query, a key and a value, made from its own numbers by a layer. Which "
        "of the functions that you wrote come after that, and in which order?",
        "Two layers in `__init__`: `qkv` from D to 3D and `proj` from D to D. In `forward`: "
        "project, cut into q, k, v, split each, attend, merge, project, drop out.",
        "`q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))`, then "
        "`heads, weights = attention(q, k, v)`, then "
        "`output = self.dropout(self.proj(merge_heads(heads)))`.",
    ),
    trials=(
        Trial("The shape for x (2, 5, 12) with 3 heads", (_tokens(),), ask=_shape),
        Trial(
            "The shape for x (3, 4, 8) with 2 heads",
            ask=_shape_elsewhere,
            easier=(
                Easier("for D = 12 and 3 heads", "for D = 8 and 2 heads", (_tokens(),), _shape),
            ),
        ),
        Trial(
            "The shapes for x (2, 5, 12) with 3 heads and return_weights=True",
            ask=_shapes_with_weights,
        ),
        Trial(
            "The shape for x (3, 4, 12), after a call with (2, 5, 12)",
            ask=_shape_again,
            easier=(Easier("the first time", "called again", (_tokens(),), _shape),),
        ),
        Trial(
            "In eval mode, with dropout=0.5: do the same tokens give the same result?", ask=_repeats
        ),
        Trial(
            "With dropout=0.0: is the result in training the same as in eval mode?",
            ask=_drops_nothing,
        ),
        Trial(
            "How many weights there are to train with D = 12, without the biases", ask=_trainable
        ),
        Trial(f"{_EQUAL} the row sums of the attention weights", ask=_rows_with_equal_weights),
        Trial(f"{_EQUAL} the attention weights", ask=_weights_with_equal_weights),
        Trial(f"{_EQUAL} the output", ask=_with_equal_weights),
        Trial(f"{_EQUAL} the output, with return_weights=True", ask=_pair_with_equal_weights),
        Trial(
            f"{_EQUAL} the output and the attention weights with 2 heads",
            ask=_both(2),
            easier=(
                Easier("for 3 heads of 4 channels", "for 2 heads of 6 channels", (), _both(3)),
            ),
        ),
        Trial("The shapes for one image (1, 5, 12) and one token (2, 1, 12)", ask=_shapes_of_one),
        Trial("Is the result the same with return_weights=True?", ask=_same_both_ways),
        Trial(
            "Does an image give the same result alone and in a batch (random weights)?",
            ask=_images_are_apart,
        ),
        Trial(
            "Do tokens in another order give the same results in that order?", ask=_order_is_free
        ),
        Trial("With scores of several hundred: are all numbers finite?", ask=_stays_finite),
        Trial("How many of the 576 weights get a gradient from the output", ask=_taught),
        Trial(
            "Does a gradient pass through the weights that come back?", ask=_weights_pass_gradients
        ),
        Trial(
            "How many weights serve q, k, v and the output, and how many serve several", ask=_roles
        ),
        Trial("The weights of the heads, each a softmax of scores of rank d = 4", ask=_score_ranks),
        Trial("The values of the heads, each of rank d = 4", ask=_value_ranks),
        Trial("How many of 12 channels the values read and change, by head", ask=_value_channels),
        Trial("What dropout=0.25 does in training", ask=_dropout),
        Trial(
            "What dropout=0.25 does in training, with return_weights=True",
            ask=_dropout_with_weights,
        ),
        Trial(
            f"{_EQUAL} the attention weights in training with dropout=0.5",
            ask=_weights_in_training,
            easier=(Easier("in evaluation mode", "in training", (), _weights_with_equal_weights),),
        ),
        Trial(
            "In training with dropout=0.25: does a gradient reach every parameter?",
            ask=_every_parameter_is_taught,
        ),
        Trial(
            "In training with dropout=0.5, float64 gives",
            ask=_dtype_in_training(torch.float64),
            easier=(Easier("in float32", "in float64", (), _dtype_in_training(torch.float32)),),
        ),
        Trial("After calls in training, is the layer still in training?", ask=_stays_in_training),
        *battery(
            "The output without and with the weights (all numbers 0.3, no bias)",
            (_random(4, _N, _D, seed=21, scale=0.6),),
            build=_BothWays,
        ),
    ),
)


# 4.5 ----------------------------------------------------------------------------------------------


def _theirs(embed_dim: int, num_heads: int) -> nn.MultiheadAttention:
    layer = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter.copy_(_random(*parameter.shape, seed=40 + number, scale=0.5))
    return layer


def _output(answer, theirs: nn.MultiheadAttention) -> Tensor:
    ours = answer(theirs)
    return None if ours is None else ours(_random(2, 5, theirs.embed_dim, seed=50)).detach()


def _kind(answer, theirs: nn.MultiheadAttention) -> str | None:
    result = answer(theirs)
    if result is None:
        return None
    return "a layer" if isinstance(result, nn.Module) else type(result).__name__


def _can_learn(answer, theirs: nn.MultiheadAttention) -> str:
    parameters = list(answer(theirs).parameters())
    if sum(p.numel() for p in parameters) < sum(p.numel() for p in theirs.parameters()):
        return "no: some of its numbers are in no parameter"
    if not all(p.requires_grad for p in parameters):
        return "no: a parameter has requires_grad=False"
    if not all(p.is_leaf for p in parameters):
        return "no: a parameter is itself a result, so its gradient flows on"
    return "yes"


def _theirs_afterwards(answer, theirs: nn.MultiheadAttention) -> str:
    before = snapshot((theirs,))[0].state_dict()
    for parameter in theirs.parameters():
        parameter.grad = torch.ones_like(parameter)
    ours = answer(theirs)
    if not same_value(before, theirs.state_dict()):
        return "other numbers"
    if not all(p.grad is not None and bool((p.grad == 1).all()) for p in theirs.parameters()):
        return "the same numbers, with other gradients in `.grad`"
    if not all(p.requires_grad for p in theirs.parameters()):
        return "the same numbers, but frozen"
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter += 1
    if not same_value(before, theirs.state_dict()):
        return "other numbers, after yours is trained"
    return "as it was"


def _uses_its_own(answer, theirs: nn.MultiheadAttention) -> bool:
    """Whether the output changes with the parameters."""
    ours, x = answer(theirs), _random(2, 5, theirs.embed_dim, seed=50)
    before = ours(x)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter *= 2
    return not torch.allclose(before, ours(x))


def _are_apart(answer, theirs: nn.MultiheadAttention) -> bool:
    """Whether a layer that is made later leaves an earlier one as it was."""
    first, x = answer(theirs), _random(2, 5, theirs.embed_dim, seed=50)
    before, other = first(x), snapshot((theirs,))[0]
    with torch.no_grad():
        for parameter in other.parameters():
            parameter *= 2
    answer(other)
    return torch.allclose(before, first(x))


def _leaves_gradients_on(answer, theirs: nn.MultiheadAttention) -> bool:
    answer(theirs)
    return torch.is_grad_enabled()


def _asks(question):
    """A question after which gradients are as they were, whatever the answer does."""

    def ask(answer, theirs):
        with torch.enable_grad():
            return question(answer, theirs)

    return ask


FROM_TORCH = Exercise(
    id="4.5",
    name="from_torch",
    title="The same layer in torch",
    difficulty=3,
    minutes=15,
    reference=from_torch,
    hints=(
        "Print the names and shapes in `theirs.state_dict()` and in that of your own layer. Which "
        "belong together?",
        "`in_proj_weight` and `in_proj_bias` are q, k and v on top of each other, just as in "
        "`qkv`; `out_proj` is `proj`. Four tensors to copy, and the layer needs as many heads.",
        "`ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)`, then under "
        "`torch.no_grad()`: `ours.qkv.weight.copy_(theirs.in_proj_weight)`, and so on for "
        "`qkv.bias`, `proj.weight` and `proj.bias`.",
    ),
    trials=(
        Trial("What kind of object is returned", (_theirs(12, 3),), _asks(_kind)),
        Trial("Are gradients still on?", (_theirs(12, 3),), _asks(_leaves_gradients_on)),
        Trial(
            "The output for x (2, 5, 12), from a layer with 3 heads",
            (_theirs(12, 3),),
            _asks(_output),
        ),
        Trial(
            "The output for x (2, 5, 10), from a layer with 2 heads",
            (_theirs(10, 2),),
            _asks(_output),
            easier=(
                Easier(
                    "for D = 12 and 3 heads",
                    "for D = 10 and 2 heads",
                    (_theirs(12, 3),),
                    _asks(_output),
                ),
            ),
        ),
        Trial("Can your layer be trained?", (_theirs(12, 3),), _asks(_can_learn)),
        Trial("The state of `theirs` afterwards", (_theirs(12, 3),), _asks(_theirs_afterwards)),
        Trial("Does the output depend on its parameters?", (_theirs(12, 3),), _asks(_uses_its_own)),
        Trial(
            "Do two layers, made one after the other, have their own numbers?",
            (_theirs(12, 3),),
            _asks(_are_apart),
        ),
        *battery(
            "The output of your layer for x (4, 5, 12)",
            (_random(4, 5, 12, seed=51),),
            build=lambda answer: answer(_theirs(12, 3)),
            without=["float64"],  # the numbers are those of float32
        ),
    ),
)

EXERCISES = (ATTENTION, SPLIT, MERGE, LAYER, FROM_TORCH)
