"""Chapter 4, attention: one head, split, merge, the whole layer, and the same in torch.

With one head, or as many tokens as heads, or weights near zero, most mistakes change nothing. So
all trials have 3 heads (or 2), 5 tokens, 2 images, and scores of about one to three.
"""

import math
from functools import lru_cache

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.exercises.compare import same_value, shape_of, snapshot
from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.model.attention import MultiHeadSelfAttention, attention, merge_heads, split_heads


def _random(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _counting(*shape: int) -> Tensor:
    """Numbers 0, 1, 2, ...: every value tells where it came from."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


def _passes_gradients(answer, *inputs) -> bool:
    """Whether a gradient from the output reaches every tensor that goes in."""
    leaves = [t.clone().requires_grad_() for t in inputs if isinstance(t, Tensor)]
    others = [t for t in inputs if not isinstance(t, Tensor)]
    result = answer(*(leaf * 1 for leaf in leaves), *others)  # a leaf must not change in place
    output = result[0] if isinstance(result, (tuple, list)) else result
    if not output.requires_grad:
        return False
    gradients = torch.autograd.grad(output.square().sum(), leaves, allow_unused=True)
    return all(g is not None and bool(g.any()) for g in gradients)


def _gradient_trial(inputs: tuple) -> Trial:
    return Trial("Does a gradient pass through it?", inputs, _passes_gradients)


def _gradient_mistakes(reference) -> tuple[Mistake, ...]:
    def detached(*inputs):
        with torch.no_grad():
            return reference(*inputs)

    def through_numpy(*inputs):
        return reference(
            *(torch.from_numpy(t.numpy()) if isinstance(t, Tensor) else t for t in inputs)
        )

    return (
        Mistake(
            "cut off from the gradient",
            "The numbers are right, but no layer could learn through it (exercise 4.4): no "
            "`detach`, no `.data`, no `no_grad`.",
            detached,
        ),
        Mistake(
            "through numpy",
            "numpy knows nothing of gradients, and a layer will learn through this (exercise 4.4): "
            "stay with torch's own functions.",
            through_numpy,
        ),
    )


# 4.1 ----------------------------------------------------------------------------------------------


def _scores(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


def _with_weights(weights_of):
    """A stand-in that gets its weights from q and k by another rule."""

    def stand_in(q, k, v):
        weights = weights_of(q, k)
        return weights @ v, weights

    return stand_in


def _divided_by(divisor):
    return _with_weights(lambda q, k: (q @ k.mT / divisor(q)).softmax(-1))


def _softmax_over(*axes: int):
    return _with_weights(
        lambda q, k: (
            _scores(q, k).flatten(axes[0]).softmax(-1).view(*q.shape[:-1], -1)
            if len(axes) > 1
            else _scores(q, k).softmax(axes[0])
        )
    )


def _causal(q: Tensor, k: Tensor) -> Tensor:
    scores = _scores(q, k)
    return scores.masked_fill(~torch.ones_like(scores).bool().tril(), -torch.inf).softmax(-1)


def _exp(q: Tensor, k: Tensor) -> Tensor:
    powers = _scores(q, k).exp()
    return powers / powers.sum(-1, keepdim=True)


def _listens_backwards(q, k, v):
    weights = _scores(q, k).softmax(-1)
    return weights.mT @ v, weights


def _scales_late(q, k, v):
    weights = (q @ k.mT).softmax(-1) / math.sqrt(q.shape[-1])
    return weights @ v, weights


def _shapes(answer, q, k, v):
    return shape_of(answer(q, k, v))


def _weights(answer, q, k, v) -> Tensor:
    """The weights, with -999 where a number is inf or nan."""
    return answer(q, k, v)[1].nan_to_num(-999, -999, -999)


def _row_sums(answer, q, k, v) -> Tensor:
    return answer(q, k, v)[1].sum(-1)


def _output_of(answer, q, k, v) -> Tensor:
    return answer(q, k, v)[0]


def _qkv(*shape: int, seed: int, scale: float = 1.5) -> tuple[Tensor, ...]:
    return tuple(_random(*shape, seed=seed + i, scale=scale) for i in range(3))


_FEW = _qkv(5, 4, seed=1)
_MANY = _qkv(2, 3, 5, 4, seed=4)
_THREE_AXES = _qkv(2, 6, 3, seed=7)
_DOUBLE = tuple(t.double() for t in _qkv(3, 2, seed=10))
_LARGE = _qkv(5, 4, seed=13, scale=14.0)  # scores up to 500: too much for exp in float32


_DIVISOR = "The scores are divided by the square root of d, the last size of q: "
_ROWS = "Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis."
_PAIR = "Asked is a pair, the output first: `return weights @ v, weights`."
_LEADING = (
    "It must work with axes in front, (B, h, N, d): count from the end, `k.transpose(-2, -1)`."
)

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
        Trial("The sums of the rows of the weights", _FEW, ask=_row_sums),
        Trial("The weights for 5 tokens and d = 4", _FEW, ask=_weights),
        Trial("The output for 5 tokens and d = 4", _FEW, ask=_output_of),
        Trial("The weights for 2 images, 3 heads, 5 tokens", _MANY, _weights, errors_alike=True),
        Trial("The output for 2 images, 3 heads, 5 tokens", _MANY, _output_of, errors_alike=True),
        Trial("The weights for 2 images, 6 tokens", _THREE_AXES, _weights, errors_alike=True),
        Trial("The output in float64", _DOUBLE, ask=_output_of),
        Trial("The weights where scores are several hundred", _LARGE, ask=_weights),
        _gradient_trial(_FEW),
    ),
    mistakes=(
        Mistake(
            "no scale",
            _DIVISOR + "yours are not divided at all.",
            _divided_by(lambda q: 1),
        ),
        Mistake(
            "divided by d, not by its root",
            _DIVISOR + "yours are divided by d itself.",
            _divided_by(lambda q: q.shape[-1]),
        ),
        Mistake(
            "divided by the root of the number of tokens",
            _DIVISOR + "yours are divided by the root of N.",
            _divided_by(lambda q: math.sqrt(q.shape[-2])),
        ),
        Mistake(
            "multiplied by the root of d",
            _DIVISOR + "yours are multiplied by it.",
            _divided_by(lambda q: q.shape[-1] ** -0.5),
        ),
        Mistake(
            "the scale comes after the softmax",
            "Divide the scores, then take the softmax. The other way round the rows sum to "
            "1 / sqrt(d), and the softmax is as saturated as before.",
            _scales_late,
        ),
        Mistake("softmax over the queries", _ROWS, _softmax_over(-2)),
        Mistake("softmax over queries and keys at once", _ROWS, _softmax_over(-2, -1)),
        Mistake("softmax over the first axis", _ROWS, _softmax_over(0)),
        Mistake("softmax over the second axis", _ROWS, _softmax_over(1)),
        Mistake(
            "no softmax",
            "The scores are used as they are. A softmax over the keys makes weights of them.",
            _with_weights(_scores),
        ),
        Mistake(
            "log-softmax",
            "`log_softmax` gives the logarithms of the weights. Asked are the weights.",
            _with_weights(lambda q, k: _scores(q, k).log_softmax(-1)),
        ),
        Mistake(
            "a sigmoid for the softmax",
            "A sigmoid judges each key alone. With a softmax the keys share a weight of 1.",
            _with_weights(lambda q, k: _scores(q, k).sigmoid()),
        ),
        Mistake(
            "q and k swapped",
            "Your rows belong to the keys: q stands on the left, k transposed on the right.",
            _with_weights(lambda q, k: _scores(k, q).softmax(-1)),
        ),
        Mistake(
            "scores between queries only",
            "You compared q with q. Queries are compared with keys.",
            _with_weights(lambda q, k: _scores(q, q).softmax(-1)),
        ),
        Mistake(
            "scores between keys only",
            "You compared k with k. Queries are compared with keys.",
            _with_weights(lambda q, k: _scores(k, k).softmax(-1)),
        ),
        Mistake(
            "the keys are averaged, not the values",
            "The weights are multiplied with v. The keys only serve to be found.",
            lambda q, k, v: attention(q, k, k),
        ),
        Mistake(
            "the queries are averaged, not the values",
            "The weights are multiplied with v. The queries only ask.",
            lambda q, k, v: attention(q, k, q),
        ),
        Mistake(
            "the weights are transposed before v",
            "Row i of the weights says how much token i listens: `weights @ v`, not transposed.",
            _listens_backwards,
        ),
        Mistake(
            "a causal mask is left in",
            "Each token looks only at itself and those before it. That is for writing text; in a "
            "picture every patch may look at every other.",
            _with_weights(_causal),
        ),
        Mistake(
            "a causal mask is left in",
            "Each token looks only at itself and those before it, as with `is_causal=True`. In a "
            "picture every patch may look at every other.",
            lambda q, k, v: (_causal(q, k) @ v, attention(q, k, v)[1]),
        ),
        Mistake(
            "exp overflows",
            "exp of a few hundred is infinite. `softmax` first subtracts the largest score, which "
            "does not change the result.",
            _with_weights(_exp),
        ),
        Mistake("only the output", _PAIR, lambda q, k, v: attention(q, k, v)[0]),
        Mistake("only the weights", _PAIR, lambda q, k, v: attention(q, k, v)[1]),
        Mistake("weights first, output second", _PAIR, lambda q, k, v: attention(q, k, v)[::-1]),
        Mistake(
            "the scores come back, not the weights",
            "The output is right, but the second result should be the weights: after the softmax.",
            lambda q, k, v: (attention(q, k, v)[0], _scores(q, k)),
        ),
        Mistake(
            "the scores come back, not the weights",
            "The output is right, but the second result should be the weights: after the softmax.",
            lambda q, k, v: (attention(q, k, v)[0], q @ k.mT),
        ),
        Mistake(
            "axes in front are not expected",
            _LEADING,
            _with_weights(lambda q, k: (q @ k.permute(1, 0) / math.sqrt(q.shape[-1])).softmax(-1)),
        ),
        Mistake(
            "one number of axes is taken for granted",
            _LEADING,
            _with_weights(
                lambda q, k: (q @ k.permute(0, 1, 3, 2) / math.sqrt(q.shape[-1])).softmax(-1)
            ),
        ),
        Mistake(
            "one number of axes is taken for granted",
            _LEADING,
            _with_weights(
                lambda q, k: (q @ k.permute(0, 2, 1) / math.sqrt(q.shape[-1])).softmax(-1)
            ),
        ),
        *_gradient_mistakes(attention),
    ),
)

# 4.2 ----------------------------------------------------------------------------------------------


def _divisible(x: Tensor, num_heads: int) -> Tensor:
    if x.shape[-1] % num_heads:
        raise ValueError
    return x


def _split(pattern: str):
    """A stand-in for split_heads that rearranges by another pattern."""
    return lambda x, num_heads: rearrange(_divisible(x, num_heads), pattern, h=num_heads)


def _crops(x, num_heads):
    d = x.shape[-1] // num_heads
    return split_heads(x[..., : num_heads * d], num_heads)


def _chunks(x, num_heads):
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1)


def _slices(x, num_heads, step):
    """Heads cut out with a width of num_heads, as if it were the size of a head."""
    return torch.stack(_divisible(x, num_heads).split(step, dim=-1), dim=1)


_SIDE_BY_SIDE = "Head 0 has the first D / h channels of every token, head 1 the next, and so on."

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
        "Split the last axis: (B, N, h, d). Then bring the heads before the tokens: (B, h, N, d). "
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
        ),
        Trial(
            "split_heads(x, 3) of a 2 x 5 x 12 x that counts 0, 1, 2, ...",
            (_counting(2, 5, 12), 3),
        ),
        Trial(
            "split_heads(x, 2) of a 3 x 4 x 10 x that counts 0, 1, 2, ...",
            (_counting(3, 4, 10), 2),
        ),
        Trial(
            "split_heads(x, 3) of an x whose memory is laid out channel by channel",
            (_counting(2, 12, 5).transpose(1, 2), 3),
        ),
        Trial("split_heads(x, 1)", (_counting(2, 3, 4), 1)),
        Trial("split_heads(x, 2) in float64", (_counting(1, 3, 4).double(), 2)),
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
    ),
    mistakes=(
        Mistake(
            "a bare reshape",
            "Your heads hold pieces of different tokens. A reshape keeps the reading order: split "
            "the last axis first, then transpose.",
            lambda x, h: _divisible(x, h).reshape(len(x), h, x.shape[1], -1),
        ),
        Mistake(
            "the channels are dealt out like cards",
            "Your head 0 has channels 0, h, 2h, ... " + _SIDE_BY_SIDE,
            _split("b n (d h) -> b h n d"),
        ),
        Mistake(
            "the heads still stand behind the tokens",
            "Bring the heads before the tokens, (B, h, N, d): `.transpose(1, 2)` after the split.",
            _split("b n (h d) -> b n h d"),
        ),
        Mistake(
            "the heads still stand behind the tokens",
            "Bring the heads before the tokens, (B, h, N, d): `.transpose(1, 2)` after the split.",
            _split("b n (d h) -> b n d h"),
        ),
        Mistake(
            "tokens and channels swapped",
            "Tokens come before channels, (B, h, N, d): `.transpose(1, 2)` after the split.",
            _split("b n (h d) -> b h d n"),
        ),
        Mistake(
            "tokens and channels swapped",
            "Tokens come before channels, (B, h, N, d): `.transpose(1, 2)` after the split.",
            _split("b n (h d) -> b d h n"),
        ),
        Mistake(
            "the tokens are split, not the channels",
            "Every head sees all tokens, and a part of the channels of each.",
            lambda x, h: rearrange(_divisible(x, h), "b (h n) d -> b h n d", h=h),
        ),
        Mistake(
            "heads and images merged",
            "Keep the two axes apart, the images first: (B, h, N, d).",
            _split("b n (h d) -> (b h) n d"),
        ),
        Mistake(
            "heads and images merged",
            "Keep the two axes apart, the images first: (B, h, N, d).",
            _split("b n (h d) -> (h b) n d"),
        ),
        Mistake(
            "heads first, images second",
            "The result is (h, B, N, d). The batch comes first: `torch.stack(..., dim=1)`.",
            _split("b n (h d) -> h b n d"),
        ),
        Mistake(
            "a list, not a tensor",
            "Asked is one tensor (B, h, N, d): `torch.stack(pieces, dim=1)`.",
            lambda x, h: list(_divisible(x, h).chunk(h, dim=-1)),
        ),
        Mistake(
            "a list, not a tensor",
            "Asked is one tensor (B, h, N, d): `torch.stack(pieces, dim=1)`.",
            lambda x, h: _divisible(x, h).chunk(h, dim=-1),
        ),
        Mistake(
            "num_heads is taken for the size of a head",
            "There are num_heads heads of D // num_heads channels. Yours are the other way round.",
            lambda x, h: _slices(x, h, h),
        ),
        Mistake(
            "num_heads is taken for the size of a head",
            "There are num_heads heads of D // num_heads channels. Yours are the other way round.",
            lambda x, h: rearrange(_divisible(x, h), "b n (m d) -> b m n d", d=h),
        ),
        Mistake(
            "every head gets all channels",
            "Each head has its own D / h channels, not a copy of all.",
            lambda x, h: _divisible(x, h)[:, None].repeat(1, h, 1, 1),
        ),
        Mistake(
            "no error where one is due",
            "When num_heads does not divide D, the heads cannot share the channels equally. Slices "
            "do not notice: `raise ValueError(...)` yourself.",
            _crops,
        ),
        Mistake(
            "no error where one is due",
            "`chunk` makes smaller or fewer pieces without a word, here 3 heads in place of 4: "
            "`raise ValueError(...)` yourself.",
            _chunks,
        ),
        *_gradient_mistakes(split_heads),
    ),
)

# 4.3 ----------------------------------------------------------------------------------------------


def _merge(pattern: str):
    return lambda x: rearrange(x, pattern)


def _views(x):
    B, h, N, d = x.shape
    return x.transpose(1, 2).view(B, N, h * d)


MERGE = Exercise(
    id="4.3",
    name="merge_heads",
    title="Merge the heads",
    difficulty=2,
    minutes=5,
    reference=merge_heads,
    hints=(
        "Which two steps did split_heads take? In which order must they be undone?",
        "First bring the heads behind the tokens again: (B, N, h, d). Then merge the last two "
        "axes. `view` refuses to merge what has been transposed; `reshape` copies where it must.",
        '`rearrange(x, "b h n d -> b n (h d)")`, or `x.transpose(1, 2).flatten(2)`.',
    ),
    trials=(
        Trial(
            "merge_heads(x) of a 1 x 3 x 2 x 2 x that counts 0, 1, 2, ...",
            (_counting(1, 3, 2, 2),),
        ),
        Trial(
            "merge_heads(x) of a 2 x 3 x 5 x 4 x that counts 0, 1, 2, ...",
            (_counting(2, 3, 5, 4),),
        ),
        Trial(
            "merge_heads(split_heads(x, 2)) of 3 x 4 x 10", (split_heads(_counting(3, 4, 10), 2),)
        ),
        Trial("merge_heads(x) with one head", (_counting(2, 1, 3, 4),)),
        Trial("merge_heads(x) in float64", (_counting(1, 2, 3, 2).double(),)),
        _gradient_trial((_counting(2, 3, 5, 4),)),
    ),
    mistakes=(
        Mistake(
            "no transpose",
            "Your tokens are made of pieces of different tokens. Bring the heads behind the tokens "
            "first, then merge: a reshape alone keeps the reading order.",
            lambda x: x.reshape(len(x), x.shape[2], -1),
        ),
        Mistake(
            "view on transposed memory",
            "After a transpose the numbers no longer lie in order, and `view` never moves them. "
            "Use `reshape` or `flatten`, or `.contiguous()` before the view.",
            _views,
        ),
        Mistake(
            "the channels are dealt out like cards",
            "Channel 0 of all heads comes first in yours. All channels of head 0 come first.",
            _merge("b h n d -> b n (d h)"),
        ),
        Mistake(
            "the wrong axes are swapped",
            "You swapped the wrong two axes. Swap heads and tokens: `.transpose(1, 2)`.",
            lambda x: x.transpose(2, 3).reshape(len(x), x.shape[2], -1),
        ),
        Mistake(
            "the wrong axes are swapped",
            "You swapped the wrong two axes. Swap heads and tokens: `.transpose(1, 2)`.",
            lambda x: x.transpose(1, 3).reshape(len(x), x.shape[2], -1),
        ),
        Mistake(
            "the wrong axes are swapped",
            "You swapped images and heads. Swap heads and tokens: `.transpose(1, 2)`.",
            lambda x: x.transpose(0, 1).reshape(len(x), x.shape[2], -1),
        ),
        Mistake(
            "the heads are averaged",
            "Averaging mixes the heads. They are put side by side, and each keeps its channels.",
            lambda x: x.mean(1),
        ),
        Mistake(
            "the heads are added up",
            "Adding mixes the heads. They are put side by side, and each keeps its channels.",
            lambda x: x.sum(1),
        ),
        Mistake(
            "only one head is left",
            "All heads are put side by side: (B, N, h * d).",
            lambda x: x[:, 0],
        ),
        Mistake(
            "the heads are still an axis of their own",
            "The result is (B, N, h, d). Merge the last two axes.",
            _merge("b h n d -> b n h d"),
        ),
        Mistake(
            "the tokens of all heads in one row",
            "You merged heads and tokens: (B, h * N, d). Asked is (B, N, h * d).",
            _merge("b h n d -> b (h n) d"),
        ),
        Mistake(
            "tokens and channels swapped",
            "The result is (B, D, N). Tokens come before channels: (B, N, D).",
            _merge("b h n d -> b (h d) n"),
        ),
        Mistake(
            "the images of a batch are mixed",
            "Images and tokens got mixed: swap only the axes 1 and 2.",
            lambda x: x.permute(2, 0, 1, 3).reshape(len(x), x.shape[2], -1),
        ),
        *_gradient_mistakes(merge_heads),
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


def _filled(answer, fill, **settings) -> nn.Module:
    """The learner's layer with its weights set by `fill`: what it starts from is its own choice."""
    layer = answer(_D, _H, **settings)
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
    """As `_filled`; raises ValueError if some of its weights are none of its parameters."""
    if not _is_all_parameters(answer):
        raise ValueError("some numbers that the layer starts with are none of its parameters")
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


def _shapes_with_weights(answer):
    return shape_of(answer(_D, _H)(_tokens(), return_weights=True))


def _shapes_of_one(answer):
    """What comes for one image, and for one token: axes of length 1 must stay."""
    layer, inputs = answer(_D, _H), (_random(1, _N, _D), _random(_B, 1, _D))
    return [[shape_of(layer(x)), shape_of(layer(x, return_weights=True))] for x in inputs]


def _repeats(answer) -> bool:
    layer, x = answer(_D, _H, dropout=0.5).eval(), _tokens()
    results = layer(x), layer(x), layer(x, return_weights=True)[0]
    return all(torch.allclose(results[0], result, atol=1e-6) for result in results[1:])


def _drops_nothing(answer) -> bool:
    layer, x = answer(_D, _H), _tokens()
    return bool(torch.allclose(layer.eval()(x), layer.train()(x), atol=1e-6))


def _trainable(answer) -> str:
    try:
        layer = _random_layer(answer)
    except ValueError:
        return "some of them are in no parameter"
    weights = [p for p in layer.parameters() if not _is_bias(p)]
    if not all(p.requires_grad for p in weights):
        return "some have requires_grad=False"
    return str(sum(p.numel() for p in weights))


def _with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens()).detach()


def _rows_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[1].sum(-1).detach()


def _weights_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[1].detach()


def _pair_with_equal_weights(answer) -> Tensor:
    return _equal_layer(answer)(_tokens(), return_weights=True)[0].detach()


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


def _value_channels(answer) -> dict[str, list[int]] | str:
    """How many channels of a token each head's values read, and how many of the output change."""
    maps = _value_maps(answer)
    if maps is None:
        return "not the values, averaged with the weights that the layer returns"
    used = maps.abs() > 1e-3 * maps.abs().max()
    return {"read": used.any(2).sum(1).tolist(), "changed": used.any(1).sum(1).tolist()}


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


def _roles(answer) -> dict[str, int]:
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
    return {
        "q": int((query & ~several).sum()),
        "k": int((key & ~several).sum()),
        "v, output": int((value & ~scores).sum()),
        "several": int(several.sum()),
    }


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


class _Variant(nn.Module):
    """The layer in parts that the mistakes replace."""

    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.dropout = nn.Dropout(dropout)
        self.make()

    def make(self):
        self.qkv = nn.Linear(self.embed_dim, 3 * self.embed_dim)
        self.proj = nn.Linear(self.embed_dim, self.embed_dim)

    def project(self, x):
        return self.qkv(x).chunk(3, dim=-1)

    def split(self, t):
        return split_heads(t, self.num_heads)

    def attend(self, q, k, v):
        return attention(q, k, v)

    def attend_without_weights(self, q, k, v):
        return self.attend(q, k, v)[0]

    def merge(self, t):
        return merge_heads(t)

    def finish(self, t):
        return self.dropout(self.proj(t))

    def show(self, weights):
        return weights

    def forward(self, x, return_weights=False):
        q, k, v = (self.split(t) for t in self.project(x))
        if not return_weights:
            return self.finish(self.merge(self.attend_without_weights(q, k, v)))
        heads, weights = self.attend(q, k, v)
        return self.finish(self.merge(heads)), self.show(weights)


def _with(**methods) -> type:
    return type("MultiHeadSelfAttention", (_Variant,), methods)


def _attends(weights_of) -> type:
    """The weights by another rule, whether they are returned or not."""
    return _with(attend=lambda self, q, k, v: _with_weights(weights_of)(q, k, v))


def _divides(divisor) -> type:
    """The scores divided by something else."""
    return _with(
        attend=lambda self, q, k, v: _with_weights(
            lambda q, k: (q @ k.mT / divisor(self, q)).softmax(-1)
        )(q, k, v)
    )


def _kernel(**settings) -> type:
    """torch's own attention with a wrong setting; the written-out one is right."""
    return _with(
        attend_without_weights=lambda self, q, k, v: F.scaled_dot_product_attention(
            q, k, v, **settings
        )
    )


def _kernel_always(**settings) -> type:
    """The same with a right second way for the weights only."""
    return _with(
        attend=lambda self, q, k, v: (
            F.scaled_dot_product_attention(q, k, v, **settings),
            attention(q, k, v)[1],
        )
    )


def _drops(drop) -> type:
    """Dropout on the result, of another kind."""
    return _with(finish=lambda self, t: drop(self, self.proj(t)))


def _makes_dropout(share) -> type:
    """nn.Dropout with another share than the one asked for."""

    def make(self):
        _Variant.make(self)
        self.dropout = nn.Dropout(share(self.dropout.p))

    return _with(make=make)


def _changes_result(change) -> type:
    def forward(self, x, return_weights=False):
        result = _Variant.forward(self, x, return_weights)
        return (change(result[0]), result[1]) if return_weights else change(result)

    return _with(forward=forward)


def _changes_pair(change) -> type:
    """What comes with return_weights=True is changed."""

    def forward(self, x, return_weights=False):
        result = _Variant.forward(self, x, return_weights)
        return change(*result) if return_weights else result

    return _with(forward=forward)


def _uses(*which: int) -> type:
    """Projections used for q, k and v: (0, 0, 2) takes the queries for keys, too."""
    return _with(project=lambda self, x: [self.qkv(x).chunk(3, -1)[i] for i in which])


def _makes_two(*which: int) -> type:
    """Only two projections are there, and one serves twice."""

    def make(self):
        self.two = nn.Linear(self.embed_dim, 2 * self.embed_dim)
        self.proj = nn.Linear(self.embed_dim, self.embed_dim)

    return _with(make=make, project=lambda self, x: [self.two(x).chunk(2, -1)[i] for i in which])


def _no_projections(self):
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _one_projection(self):
    self.one = nn.Linear(self.embed_dim, self.embed_dim)
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _hidden(self):
    layers = [nn.Linear(self.embed_dim, 3 * self.embed_dim), nn.Linear(*[self.embed_dim] * 2)]
    self.hidden = [layers]
    self.qkv, self.proj = layers[0].forward, layers[1].forward


def _hidden_inputs(self):
    self.hidden = [nn.Linear(self.embed_dim, self.embed_dim) for _ in range(3)]
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _frozen(self):
    _Variant.make(self)
    self.requires_grad_(False)


def _frozen_inputs(self):
    _Variant.make(self)
    self.qkv.requires_grad_(False)


def _frozen_proj(self):
    _Variant.make(self)
    self.proj.requires_grad_(False)


def _head_layers(self):
    d = self.embed_dim // self.num_heads
    self.layers = nn.ModuleList(nn.Linear(d, d) for _ in range(3))
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _slice_layers(self):
    d = self.embed_dim // self.num_heads
    self.layers = nn.ModuleList(nn.Linear(d, 3 * d) for _ in range(self.num_heads))
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _project_slices(self, x):
    pieces = [
        f(t).chunk(3, -1) for f, t in zip(self.layers, x.chunk(self.num_heads, -1), strict=True)
    ]
    return [torch.cat(parts, -1) for parts in zip(*pieces, strict=True)]


def _wide_layers(self):
    wide = self.num_heads * self.embed_dim
    self.qkv, self.proj = nn.Linear(self.embed_dim, 3 * wide), nn.Linear(wide, self.embed_dim)


def _wide_layers_without_bias(self):
    _wide_layers(self)
    self.qkv = nn.Linear(self.embed_dim, 3 * self.num_heads * self.embed_dim, bias=False)


def _small_output(self):
    d = self.embed_dim // self.num_heads
    self.qkv, self.small = nn.Linear(self.embed_dim, 3 * self.embed_dim), nn.Linear(d, d)


def _normed(self):
    _Variant.make(self)
    self.norm = nn.LayerNorm(self.embed_dim)


def _tokens_for_values(self, x):
    return (*self.qkv(x).chunk(3, -1)[:2], x)


def _two_layers(self):
    self.two = nn.Linear(self.embed_dim, 2 * self.embed_dim)
    self.proj = nn.Linear(self.embed_dim, self.embed_dim)


def _detached_weights(q, k):
    return _scores(q, k).softmax(-1).detach()


def _dropped_first(self, output, weights):
    return self.dropout(output), weights


def _unfinished_pair(self, x, return_weights=False):
    if not return_weights:
        return _Variant.forward(self, x)
    heads, weights = self.attend(*(self.split(t) for t in self.project(x)))
    return self.merge(heads), weights


def _batch_for_tokens_in_output(self, x, return_weights=False):
    output = _batch_for_tokens(self, x)
    return (output, _Variant.forward(self, x, True)[1]) if return_weights else output


def _all_made_anew(self, x, return_weights=False):
    layer = _Variant(self.embed_dim, self.num_heads).to(x)
    return layer(x, return_weights)


def _made_anew(self, x):
    return nn.Linear(self.embed_dim, 3 * self.embed_dim).to(x)(x).chunk(3, -1)


def _batch_for_tokens(self, x, return_weights=False):
    result = _Variant.forward(self, x.transpose(0, 1), return_weights)
    return (result[0].transpose(0, 1), result[1]) if return_weights else result.transpose(0, 1)


def _fused_view(*order: str):
    """q, k and v torn out of (B, N, 3D) by one reshape, without any transpose."""

    def forward(self, x, return_weights=False):
        sizes = {"b": len(x), "three": 3, "h": self.num_heads, "n": x.shape[1]}
        parts = self.qkv(x).reshape(*(sizes[name] for name in order), -1)
        q, k, v = parts.unbind(order.index("three"))
        heads, weights = self.attend(q, k, v)
        output = self.finish(self.merge(heads))
        return (output, weights) if return_weights else output

    return _with(forward=forward)


def _without_weights(self, x, return_weights=False):
    return _Variant.forward(self, x)


def _always_weights(self, x, return_weights=False):
    return _Variant.forward(self, x, return_weights=True)


def _residual(self, x, return_weights=False):
    result = _Variant.forward(self, x, return_weights)
    return (result[0] + x, result[1]) if return_weights else result + x


def _averages_heads(self, q, k, v):
    weights = attention(q, k, v)[1].mean(1, keepdim=True).expand(-1, self.num_heads, -1, -1)
    return weights @ v, weights


def _bare_view(self, t):
    return t.reshape(len(t), self.num_heads, t.shape[1], -1)


def _bare_merge(self, t):
    return t.reshape(len(t), t.shape[2], -1)


def _view_merge(self, t):
    B, h, N, d = t.shape
    return t.transpose(1, 2).view(B, N, h * d)


_EQUAL = "With 0.3 for all numbers in the linear layers and no bias:"
_SCALE = "The scores are divided by the square root of the head's size d = D / h: "
_AXIS = "Each query's weights must sum to 1: the softmax goes over the keys, the last axis."
_SPLIT = (
    "Your heads hold pieces of different tokens: split the channels, then transpose (exercise 4.2)."
)
_OWN = "Queries, keys and values are three different views of a token, each with its own weights."
_NO_MASK = (
    "Each token looks only at itself and those before it, as with `is_causal=True`. In a picture "
    "every patch may look at every other."
)
_DROPPED = "Use `nn.Dropout(dropout)`, made in `__init__`: it is off after `.eval()`."

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
        Trial("The shape for x (3, 4, 8) with 2 heads", ask=_shape_elsewhere),
        Trial(
            "The shapes for x (2, 5, 12) with 3 heads and return_weights=True",
            ask=_shapes_with_weights,
        ),
        Trial("In eval mode, with dropout=0.5: do the same tokens give the same?", ask=_repeats),
        Trial("With dropout=0.0: is the result in training that of eval mode?", ask=_drops_nothing),
        Trial("How many weights there are to train with D = 12, biases aside", ask=_trainable),
        Trial(f"{_EQUAL} the sums of the attention weights' rows", ask=_rows_with_equal_weights),
        Trial(f"{_EQUAL} the attention weights", ask=_weights_with_equal_weights),
        Trial(f"{_EQUAL} the output", ask=_with_equal_weights),
        Trial(f"{_EQUAL} the output, with return_weights=True", ask=_pair_with_equal_weights),
        Trial("The shapes for one image (1, 5, 12) and one token (2, 1, 12)", ask=_shapes_of_one),
        Trial("Is the result the same with return_weights=True?", ask=_same_both_ways),
        Trial(
            "Does an image give the same alone and in a batch (random weights)?",
            ask=_images_are_apart,
        ),
        Trial("Do tokens in another order give the same in that order?", ask=_order_is_free),
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
    ),
    mistakes=(
        Mistake(
            "scaled by the root of embed_dim",
            _SCALE + "yours by the root of embed_dim.",
            _divides(lambda self, q: math.sqrt(self.embed_dim)),
        ),
        Mistake(
            "no scale",
            _SCALE + "yours are not divided at all.",
            _divides(lambda self, q: 1),
        ),
        Mistake("no scale", _SCALE + "yours are not divided at all.", _kernel(scale=1.0)),
        Mistake("no scale", _SCALE + "yours are not divided at all.", _kernel_always(scale=1.0)),
        Mistake(
            "divided by d, not by its root",
            _SCALE + "yours by d itself, or twice by the root.",
            _divides(lambda self, q: q.shape[-1]),
        ),
        Mistake(
            "scaled by the root of the number of heads",
            _SCALE + "yours by the root of h.",
            _divides(lambda self, q: math.sqrt(self.num_heads)),
        ),
        Mistake(
            "scaled by the root of the number of tokens",
            _SCALE + "yours by the root of N.",
            _divides(lambda self, q: math.sqrt(q.shape[-2])),
        ),
        Mistake(
            "multiplied by the root of d",
            _SCALE + "yours are multiplied by it.",
            _divides(lambda self, q: q.shape[-1] ** -0.5),
        ),
        Mistake(
            "no softmax",
            "The scores are used as they are. A softmax over the keys makes weights of them.",
            _attends(_scores),
        ),
        Mistake(
            "softmax over the queries", _AXIS, _attends(lambda q, k: _scores(q, k).softmax(-2))
        ),
        Mistake("softmax over the heads", _AXIS, _attends(lambda q, k: _scores(q, k).softmax(1))),
        Mistake("softmax over the batch", _AXIS, _attends(lambda q, k: _scores(q, k).softmax(0))),
        Mistake(
            "softmax over queries and keys at once",
            _AXIS,
            _attends(lambda q, k: _scores(q, k).flatten(2).softmax(-1).view(*q.shape[:-1], -1)),
        ),
        Mistake("heads split by a bare view", _SPLIT, _with(split=_bare_view)),
        Mistake("heads split by a bare view", _SPLIT, _fused_view("b", "three", "h", "n")),
        Mistake("heads split by a bare view", _SPLIT, _fused_view("three", "b", "h", "n")),
        Mistake("heads split by a bare view", _SPLIT, _fused_view("b", "h", "three", "n")),
        Mistake("heads split by a bare view", _SPLIT, _fused_view("b", "h", "n", "three")),
        Mistake(
            "heads merged without the transpose",
            "Your tokens are made of pieces of different tokens: bring the heads behind the tokens "
            "before you merge (exercise 4.3).",
            _with(merge=_bare_merge),
        ),
        Mistake(
            "split and merged by bare views",
            "Two wrongs do not cancel: between them, every head saw pieces of different tokens. "
            "Transpose in both (exercises 4.2 and 4.3).",
            _with(split=_bare_view, merge=_bare_merge),
        ),
        Mistake(
            "view on transposed memory",
            "After a transpose `view` cannot merge axes: use `reshape` or `flatten`.",
            _with(merge=_view_merge),
        ),
        Mistake(
            "the heads of a token attend to each other",
            "The heads still stand behind the tokens, (B, N, h, d), so that each token looks at "
            "its own heads. Bring the heads before the tokens.",
            _with(
                split=lambda self, t: t.unflatten(-1, (self.num_heads, -1)),
                merge=lambda self, t: t.flatten(2),
            ),
        ),
        Mistake(
            "one head for all channels",
            "num_heads has no effect: split the channels, so that each head has its own weights.",
            _with(split=lambda self, t: t[:, None], merge=lambda self, t: t[:, 0]),
        ),
        Mistake(
            "one head for all channels",
            "num_heads has no effect: split the channels, so that each head has its own weights.",
            _with(split=lambda self, t: t, merge=lambda self, t: t),
        ),
        Mistake(
            "one head for all channels",
            "num_heads has no effect: split the channels, so that each head has its own weights.",
            _with(
                split=lambda self, t: t[:, None],
                merge=lambda self, t: t[:, 0],
                show=lambda self, weights: weights.expand(-1, self.num_heads, -1, -1),
            ),
        ),
        Mistake(
            "every head gets all channels",
            "Your heads have D channels each. They share: D / h channels for each head, and three "
            "layers from D to D are enough.",
            _with(make=_wide_layers),
        ),
        Mistake(
            "every head gets all channels",
            "Your heads have D channels each. They share: D / h channels for each head, and three "
            "layers from D to D are enough.",
            _with(make=_wide_layers_without_bias),
        ),
        Mistake(
            "the heads share one projection",
            "Your layers for q, k and v have d x d weights, the same for all heads, so that each "
            "head sees only its own part of a token. Project from D to D first, then split.",
            _with(
                make=_head_layers,
                project=lambda self, x: [
                    layer(x.unflatten(-1, (self.num_heads, -1))).flatten(-2)
                    for layer in self.layers
                ],
            ),
        ),
        Mistake(
            "each head sees only its own part of the token",
            "q, k and v are made from the whole token: project from D to D first, then split.",
            _with(make=_slice_layers, project=_project_slices),
        ),
        Mistake(
            "num_heads is taken for the size of a head",
            "There are num_heads heads of D // num_heads channels, not the other way round.",
            _with(split=lambda self, t: split_heads(t, self.embed_dim // self.num_heads)),
        ),
        Mistake(
            "the heads are averaged",
            "All heads use the same, averaged weights, so that there might as well be one head.",
            _with(attend=_averages_heads),
        ),
        Mistake(
            "the keys are averaged, not the values",
            "Nothing depends on the value projection: multiply the weights with v.",
            _uses(0, 1, 1),
        ),
        Mistake("one projection for queries and keys", _OWN, _uses(0, 0, 2)),
        Mistake("one projection for queries and keys", _OWN, _makes_two(0, 0, 1)),
        Mistake("one projection for queries and values", _OWN, _uses(0, 1, 0)),
        Mistake("one projection for queries and values", _OWN, _makes_two(0, 1, 0)),
        Mistake("one projection for keys and values", _OWN, _makes_two(0, 1, 1)),
        Mistake(
            "one projection for all three",
            _OWN,
            _with(make=_one_projection, project=lambda self, x: [self.one(x)] * 3),
        ),
        Mistake("one projection for all three", _OWN, _uses(0, 0, 0)),
        Mistake(
            "no projections to q, k and v",
            "The tokens are used as they are. A learned layer makes query, key and value of them.",
            _with(make=_no_projections, project=lambda self, x: (x, x, x)),
        ),
        Mistake(
            "the values are the tokens themselves",
            "A learned layer makes the values, too: split v, not x.",
            _with(project=_tokens_for_values),
        ),
        Mistake(
            "the values are the tokens themselves",
            "A learned layer makes the values, too: there should be one more, from D to D.",
            _with(make=_two_layers, project=lambda self, x: (*self.two(x).chunk(2, -1), x)),
        ),
        Mistake(
            "no output projection",
            "Behind the merged heads comes one more layer, from D to D, that mixes them.",
            _with(
                make=lambda self: setattr(
                    self, "qkv", nn.Linear(self.embed_dim, 3 * self.embed_dim)
                ),
                finish=lambda self, t: self.dropout(t),
            ),
        ),
        Mistake(
            "the output projection works inside each head",
            "So the heads never meet. Merge them first; the last layer, from D to D, mixes them.",
            _with(
                make=_small_output,
                merge=lambda self, t: merge_heads(self.small(t)),
                finish=lambda self, t: self.dropout(t),
            ),
        ),
        Mistake(
            "the output projection is not used",
            "There is an output projection, but it is not used: `self.proj(merge_heads(heads))`.",
            _with(finish=lambda self, t: self.dropout(t)),
        ),
        Mistake(
            "the input is added already",
            "The residual connection, x + attention(x), belongs to the block: chapter 5.",
            _with(forward=_residual),
        ),
        Mistake(
            "a norm inside",
            "The norm belongs to the block: chapter 5.",
            _with(make=_normed, project=lambda self, x: self.qkv(self.norm(x)).chunk(3, -1)),
        ),
        Mistake(
            "exp overflows",
            "exp of a few hundred is infinite. `softmax` first subtracts the largest score, which "
            "does not change the result (exercise 4.1).",
            _attends(_exp),
        ),
        Mistake(
            "a causal mask is left in",
            _NO_MASK,
            _attends(_causal),
        ),
        Mistake(
            "a causal mask is left in",
            _NO_MASK,
            _kernel(is_causal=True),
        ),
        Mistake(
            "a causal mask is left in",
            _NO_MASK,
            _kernel_always(is_causal=True),
        ),
        Mistake(
            "the images of a batch are mixed",
            "The first axis is treated as the tokens, so that images look at each other. In "
            "torch's own layers that is the default: `batch_first=True`.",
            _with(forward=_batch_for_tokens),
        ),
        Mistake(
            "the images of a batch are mixed",
            "The first axis is treated as the tokens, so that images look at each other. In "
            "torch's own layers that is the default: `batch_first=True`.",
            _with(forward=_batch_for_tokens_in_output),
        ),
        Mistake(
            "axes of length 1 are squeezed away",
            "One image is a batch (1, N, D), one token is (B, 1, D): no `squeeze`.",
            _changes_result(lambda output: output.squeeze()),
        ),
        Mistake(
            "axes of length 1 are squeezed away",
            "One image is a batch (1, N, D), one token is (B, 1, D): no `squeeze`.",
            _changes_result(lambda output: output.squeeze(0)),
        ),
        Mistake(
            "axes of length 1 are squeezed away",
            "One image is a batch (1, N, D), one token is (B, 1, D): no `squeeze`.",
            _changes_result(lambda output: output.squeeze(1)),
        ),
        Mistake(
            "the weights are not returned",
            "With return_weights=True the result is a pair: (output, weights).",
            _with(forward=_without_weights),
        ),
        Mistake(
            "the weights are always returned",
            "Without return_weights=True only the output is asked for.",
            _with(forward=_always_weights),
        ),
        Mistake(
            "the weights are averaged over the heads",
            "Return the weights of every head: (B, h, N, N).",
            _with(show=lambda self, weights: weights.mean(1)),
        ),
        Mistake(
            "weights first, output second",
            "Asked is the pair (output, weights), the output first.",
            _changes_pair(lambda output, weights: (weights, output)),
        ),
        Mistake(
            "only the weights",
            "With return_weights=True the result is a pair: (output, weights).",
            _changes_pair(lambda output, weights: weights),
        ),
        Mistake(
            "the scores come back, not the weights",
            "The second of the pair should be the weights: after the softmax.",
            _with(attend=lambda self, q, k, v: (attention(q, k, v)[0], _scores(q, k))),
        ),
        Mistake(
            "the scores come back, not the weights",
            "The second of the pair should be the weights: after the softmax.",
            _with(attend=lambda self, q, k, v: (attention(q, k, v)[0], q @ k.mT)),
        ),
        Mistake(
            "the weights come back transposed",
            "Row i of the weights belongs to query i: return them as they are.",
            _with(show=lambda self, weights: weights.mT),
        ),
        Mistake(
            "an unfinished result comes with the weights",
            "The output of the pair is the final one, too: projected, then dropped out.",
            _with(forward=_unfinished_pair),
        ),
        Mistake(
            "the returned weights are detached",
            "Gradients should pass through both parts of the pair: return the weights without "
            "`detach`; who only looks at them can detach them.",
            _with(show=lambda self, weights: weights.detach()),
        ),
        Mistake(
            "no gradient reaches q and k",
            "The weights are cut off from the gradient before they are used, so that queries and "
            "keys never learn: no `detach`, no `.data`, no `no_grad`.",
            _with(
                attend=lambda self, q, k, v: (_detached_weights(q, k) @ v, _detached_weights(q, k))
            ),
        ),
        Mistake(
            "no gradient reaches q, k and v",
            "The attention is cut off from the gradient, so that queries, keys and values never "
            "learn: no `detach`, no `.data`, no `no_grad`.",
            _with(attend=lambda self, q, k, v: attention(q.detach(), k.detach(), v.detach())),
        ),
        Mistake(
            "dropout in eval mode",
            "After `.eval()` nothing may be dropped. `F.dropout` and `dropout_p` do not know of it "
            "by themselves. " + _DROPPED,
            _with(finish=lambda self, t: F.dropout(self.proj(t), self.dropout.p)),
        ),
        Mistake(
            "dropout in eval mode",
            "After `.eval()` nothing may be dropped. `F.dropout` and `dropout_p` do not know of it "
            "by themselves. " + _DROPPED,
            _with(
                attend_without_weights=lambda self, q, k, v: F.scaled_dot_product_attention(
                    q, k, v, dropout_p=self.dropout.p
                ),
                finish=lambda self, t: self.proj(t),
            ),
        ),
        Mistake(
            "dropout in eval mode",
            "After `.eval()` nothing may be dropped. `F.dropout` and `dropout_p` do not know of it "
            "by themselves. " + _DROPPED,
            _with(
                attend=lambda self, q, k, v: (
                    F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout.p),
                    attention(q, k, v)[1],
                ),
                finish=lambda self, t: self.proj(t),
            ),
        ),
        Mistake(
            "the argument dropout is not used",
            "`nn.Dropout()` drops a half, whatever was asked for: `nn.Dropout(dropout)`.",
            _makes_dropout(lambda share: 0.5),
        ),
        Mistake(
            "the share to keep, not to drop",
            "`nn.Dropout` takes the share to drop: `nn.Dropout(dropout)`, not 1 - dropout.",
            _makes_dropout(lambda share: 1 - share),
        ),
        Mistake(
            "the rest is not scaled up",
            "`nn.Dropout` also divides what is left by 1 - dropout, so that the result keeps its "
            "size on average.",
            _drops(
                lambda self, t: t * (torch.rand_like(t) >= self.dropout.p) if self.training else t
            ),
        ),
        Mistake(
            "whole tokens are dropped",
            "Each number of the result is dropped by itself: `nn.Dropout`, not `nn.Dropout1d`.",
            _drops(lambda self, t: F.dropout1d(t, self.dropout.p, self.training)),
        ),
        Mistake(
            "whole images are dropped",
            "Each number of the result is dropped by itself: `nn.Dropout`.",
            _drops(
                lambda self, t: (
                    t * F.dropout(torch.ones(len(t), 1, 1), self.dropout.p, self.training)
                )
            ),
        ),
        Mistake(
            "dropout only without the weights",
            "With return_weights=True the result is dropped in training, too.",
            _with(
                finish=lambda self, t: self.proj(t),
                forward=lambda self, x, return_weights=False: (
                    _Variant.forward(self, x, True)
                    if return_weights
                    else self.dropout(_Variant.forward(self, x))
                ),
            ),
        ),
        Mistake(
            "dropout only with the weights",
            "Without return_weights=True the result is dropped in training, too.",
            _with(
                finish=lambda self, t: self.proj(t),
                forward=lambda self, x, return_weights=False: (
                    _dropped_first(self, *_Variant.forward(self, x, True))
                    if return_weights
                    else _Variant.forward(self, x)
                ),
            ),
        ),
        Mistake(
            "dropout before the output projection",
            "Asked is dropout on the result, after the projection: `self.dropout(self.proj(...))`.",
            _with(finish=lambda self, t: self.proj(self.dropout(t))),
        ),
        Mistake(
            "dropout is ignored",
            "In training, `dropout` should set a share of the result to zero. " + _DROPPED,
            _with(finish=lambda self, t: self.proj(t)),
        ),
        Mistake(
            "dropout on the weights, not on the result",
            "You drop attention weights. Asked is dropout on the result, after the projection.",
            _with(
                attend=lambda self, q, k, v: (
                    self.dropout(attention(q, k, v)[1]) @ v,
                    attention(q, k, v)[1],
                ),
                finish=lambda self, t: self.proj(t),
            ),
        ),
        Mistake(
            "dropout on the weights, too",
            "You drop attention weights and numbers of the result. Asked is dropout on the result "
            "alone, after the projection.",
            _with(
                attend=lambda self, q, k, v: (
                    self.dropout(attention(q, k, v)[1]) @ v,
                    attention(q, k, v)[1],
                ),
            ),
        ),
        Mistake(
            "the layer is made anew in every call",
            "Layers made in `forward` start from new random numbers each time and never learn. "
            "Make them in `__init__` and keep them on `self`.",
            _with(make=_no_projections, project=_made_anew),
        ),
        Mistake(
            "the layer is made anew in every call",
            "Layers made in `forward` start from new random numbers each time and never learn. "
            "Make them in `__init__` and keep them on `self`.",
            _with(make=lambda self: None, forward=_all_made_anew),
        ),
        Mistake(
            "the weights are not registered",
            "`parameters()` does not list them, so that nothing trains them. Use `nn.Linear` or "
            "`nn.Parameter`, kept on `self`, or `nn.ModuleList` for several.",
            _with(make=_hidden),
        ),
        Mistake(
            "the weights are not registered",
            "`parameters()` does not list them, so that nothing trains them. Use `nn.Linear` or "
            "`nn.Parameter`, kept on `self`, or `nn.ModuleList` for several.",
            _with(make=_hidden_inputs, project=lambda self, x: [layer(x) for layer in self.hidden]),
        ),
        Mistake(
            "the weights are frozen",
            "The weights do not ask for gradients, so they cannot learn.",
            _with(make=_frozen),
        ),
        Mistake(
            "some weights are frozen",
            "Those of q, k and v do not ask for gradients, so they cannot learn.",
            _with(make=_frozen_inputs),
        ),
        Mistake(
            "some weights are frozen",
            "Those of the output projection do not ask for gradients, so they cannot learn.",
            _with(make=_frozen_proj),
        ),
    ),
)


# 4.5 ----------------------------------------------------------------------------------------------


def from_torch(theirs: nn.MultiheadAttention) -> MultiHeadSelfAttention:
    """Our layer with the numbers of torch's, so that both give the same output."""
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours


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
        return "no: a parameter is itself a result, with a gradient that flows on"
    return "yes"


def _theirs_afterwards(answer, theirs: nn.MultiheadAttention) -> str:
    before = snapshot((theirs,))[0].state_dict()
    ours = answer(theirs)
    if not same_value(before, theirs.state_dict()):
        return "other numbers"
    if not all(p.requires_grad for p in theirs.parameters()):
        return "the same numbers, but frozen"
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter += 1
    if not same_value(before, theirs.state_dict()):
        return "other numbers, once yours is trained"
    return "as it was"


def _uses_its_own(answer, theirs: nn.MultiheadAttention) -> bool:
    """Whether the output changes with the parameters."""
    ours, x = answer(theirs), _random(2, 5, theirs.embed_dim, seed=50)
    before = ours(x)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter *= 2
    return not torch.allclose(before, ours(x))


def _leaves_gradients_on(answer, theirs: nn.MultiheadAttention) -> bool:
    answer(theirs)
    return torch.is_grad_enabled()


def _asks(question):
    """A question after which gradients are as they were, whatever the answer does."""

    def ask(answer, theirs):
        with torch.enable_grad():
            return question(answer, theirs)

    return ask


def _mapped(change=None, num_heads=None):
    """A stand-in that copies all numbers and then makes its mistake."""

    def stand_in(theirs):
        ours = MultiHeadSelfAttention(theirs.embed_dim, num_heads or theirs.num_heads)
        fresh = {name: value.clone() for name, value in ours.state_dict().items()}
        numbers = {
            "qkv.weight": theirs.in_proj_weight.detach().clone(),
            "qkv.bias": theirs.in_proj_bias.detach().clone(),
            "proj.weight": theirs.out_proj.weight.detach().clone(),
            "proj.bias": theirs.out_proj.bias.detach().clone(),
        }
        ours.load_state_dict(change(numbers, fresh, theirs) if change else numbers)
        return ours

    return stand_in


def _keeps(*names: str):
    """These parameters keep what the new layer started with."""
    return _mapped(lambda numbers, fresh, theirs: numbers | {name: fresh[name] for name in names})


def _zeroes(*names: str):
    return _mapped(
        lambda numbers, fresh, theirs: (
            numbers | {name: torch.zeros_like(fresh[name]) for name in names}
        )
    )


def _thirds(*order: int, of: tuple[str, ...] = ("qkv.weight", "qkv.bias")):
    """The three parts of qkv in another order: those of the weight, of the bias, or of both."""

    def change(numbers, fresh, theirs):
        moved = {name: [numbers[name].chunk(3)[i] for i in order] for name in of}
        return numbers | {name: torch.cat(parts) for name, parts in moved.items()}

    return _mapped(change)


def _interleaved(pattern: str):
    def change(numbers, fresh, theirs):
        sizes = {"three": 3, "h": theirs.num_heads}
        return numbers | {
            "qkv.weight": rearrange(numbers["qkv.weight"], pattern.replace(")", ") c"), **sizes),
            "qkv.bias": rearrange(numbers["qkv.bias"], pattern, **sizes),
        }

    return change


def _without_no_grad(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight.copy_(theirs.in_proj_weight)


def _assigns_a_tensor(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight = theirs.in_proj_weight.detach()


def _shares(theirs):
    ours = from_torch(theirs)
    ours.proj.weight = theirs.out_proj.weight
    return ours


def _wrong_way_round(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.qkv.weight)
    return ours


def _freezes(theirs):
    theirs.requires_grad_(False)
    return from_torch(theirs)


def _calls_theirs(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.forward = lambda x: theirs(x, x, x)[0]
    return ours


def _tracked(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads).requires_grad_(False)
    ours.qkv.weight.copy_(theirs.in_proj_weight)
    ours.qkv.bias.copy_(theirs.in_proj_bias)
    ours.proj.weight.copy_(theirs.out_proj.weight)
    ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours


def _plain_tensors(theirs):
    ours = from_torch(theirs)
    for layer in (ours.qkv, ours.proj):
        weight, bias = layer.weight.detach(), layer.bias.detach()
        del layer.weight, layer.bias
        layer.weight, layer.bias = weight, bias
    return ours


def _switches_off(theirs):
    torch.set_grad_enabled(False)
    return from_torch(theirs)


def _their_state(theirs):
    MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads).load_state_dict(theirs.state_dict())


_ORDER = "in_proj_weight holds the rows of q, then of k, then of v. So does `qkv`, in this order."
_FRESH = "still has the numbers it was born with: copy "

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
        Trial("The kind of thing that comes back", (_theirs(12, 3),), _asks(_kind)),
        Trial("Are gradients still on?", (_theirs(12, 3),), _asks(_leaves_gradients_on)),
        Trial(
            "The output for x (2, 5, 12), from a layer with 3 heads",
            (_theirs(12, 3),),
            _asks(_output),
        ),
        Trial(
            "The output for x (2, 5, 8), from a layer with 2 heads",
            (_theirs(8, 2),),
            _asks(_output),
        ),
        Trial("Can your layer be trained?", (_theirs(12, 3),), _asks(_can_learn)),
        Trial("What `theirs` is afterwards", (_theirs(12, 3),), _asks(_theirs_afterwards)),
        Trial("Does the output depend on its parameters?", (_theirs(12, 3),), _asks(_uses_its_own)),
    ),
    mistakes=(
        Mistake("q and k swapped", _ORDER, _thirds(1, 0, 2)),
        Mistake("q and k swapped", _ORDER, _thirds(1, 0, 2, of=("qkv.weight",))),
        Mistake("q and k swapped", _ORDER, _thirds(1, 0, 2, of=("qkv.bias",))),
        Mistake("k and v swapped", _ORDER, _thirds(0, 2, 1)),
        Mistake("q and v swapped", _ORDER, _thirds(2, 1, 0)),
        Mistake("q, k and v in another order", _ORDER, _thirds(1, 2, 0)),
        Mistake("q, k and v in another order", _ORDER, _thirds(2, 0, 1)),
        Mistake(
            "q, k and v sorted by heads",
            "You sorted the rows by heads. Both layers have all of q first, then k, then v.",
            _mapped(_interleaved("(three h d) -> (h three d)")),
        ),
        Mistake(
            "q, k and v sorted by heads",
            "You sorted the rows by heads. Both layers have all of q first, then k, then v.",
            _mapped(_interleaved("(h three d) -> (three h d)")),
        ),
        Mistake(
            "the output projection is transposed",
            "Both are `nn.Linear` and store (out, in): copy the weight as it is.",
            _mapped(lambda n, fresh, theirs: n | {"proj.weight": n["proj.weight"].T}),
        ),
        Mistake(
            "each projection is transposed",
            "Both layers store (out, in): copy the weights as they are.",
            _mapped(
                lambda n, fresh, theirs: (
                    n | {"qkv.weight": torch.cat([w.T for w in n["qkv.weight"].chunk(3)])}
                )
            ),
        ),
        Mistake(
            "each projection is transposed",
            "Both layers store (out, in): copy the weights as they are.",
            _mapped(
                lambda n, fresh, theirs: (
                    n
                    | {
                        "qkv.weight": torch.cat([w.T for w in n["qkv.weight"].chunk(3)]),
                        "proj.weight": n["proj.weight"].T,
                    }
                )
            ),
        ),
        Mistake(
            "nothing is copied",
            "The layer "
            + _FRESH
            + "all four. (`strict=False` skips every name that does not fit.)",
            _keeps("qkv.weight", "qkv.bias", "proj.weight", "proj.bias"),
        ),
        Mistake(
            "the biases are not copied",
            "The weights are right; copy both biases, too.",
            _keeps("qkv.bias", "proj.bias"),
        ),
        Mistake(
            "the biases are not copied",
            "The weights are right; copy both biases, too.",
            _zeroes("qkv.bias", "proj.bias"),
        ),
        Mistake(
            "the bias of qkv is not copied",
            "`qkv.bias` " + _FRESH + "`in_proj_bias`.",
            _keeps("qkv.bias"),
        ),
        Mistake(
            "the bias of proj is not copied",
            "`proj.bias` " + _FRESH + "`out_proj.bias`.",
            _keeps("proj.bias"),
        ),
        Mistake(
            "the output projection is not copied",
            "`proj` " + _FRESH + "`out_proj`.",
            _keeps("proj.weight", "proj.bias"),
        ),
        Mistake(
            "the output projection is not copied",
            "`proj` " + _FRESH + "`out_proj`.",
            _keeps("proj.weight"),
        ),
        Mistake(
            "q, k and v are not copied",
            "`qkv` " + _FRESH + "`in_proj_weight` and `in_proj_bias`.",
            _keeps("qkv.weight", "qkv.bias"),
        ),
        Mistake(
            "their names are not ours",
            "`load_state_dict` goes by names, and theirs differ: build a dictionary with your own.",
            _their_state,
        ),
        Mistake(
            "one head only",
            "The numbers are right, but your layer has one head: pass `theirs.num_heads`.",
            _mapped(num_heads=1),
        ),
        Mistake(
            "head_dim is taken for the number of heads",
            "The numbers are right, but `theirs.head_dim` is D / h: pass `theirs.num_heads`.",
            lambda theirs: _mapped(num_heads=theirs.head_dim)(theirs),
        ),
        Mistake(
            "a parameter changed under the eyes of autograd",
            "Changing a parameter in place is allowed inside `with torch.no_grad():` only.",
            _without_no_grad,
        ),
        Mistake(
            "a tensor in the place of a parameter",
            "A weight must stay an `nn.Parameter`: wrap the tensor in one, or copy into it.",
            _assigns_a_tensor,
        ),
        Mistake(
            "a tensor in the place of a parameter",
            "A weight must stay an `nn.Parameter`: wrap the tensor in one, or copy into it.",
            _plain_tensors,
        ),
        Mistake(
            "it shares memory with theirs",
            "Training yours would change theirs. Copy the numbers: `copy_`, `.clone()`, or "
            "`load_state_dict` without `assign`.",
            _shares,
        ),
        Mistake(
            "copied the wrong way round",
            "`a.copy_(b)` writes into a. Yours are on the left, theirs on the right.",
            _wrong_way_round,
        ),
        Mistake(
            "theirs is frozen",
            "`theirs` stays as it is: copy under `torch.no_grad()`, and leave its `requires_grad`.",
            _freezes,
        ),
        Mistake(
            "theirs is called inside",
            "Your layer passes x on to theirs, so that its own numbers do nothing. Copy theirs.",
            _calls_theirs,
        ),
        Mistake(
            "the weights hang on theirs",
            "They were copied with gradients on, so that they are results computed from theirs, "
            "and no optimiser takes them. Copy under `torch.no_grad()`.",
            _tracked,
        ),
        Mistake(
            "gradients are switched off for good",
            "`torch.set_grad_enabled(False)` goes on after the function has ended. "
            "`with torch.no_grad():` ends with its block.",
            _switches_off,
        ),
        Mistake(
            "the weights are frozen",
            "Weights that do not ask for gradients cannot learn: leave `requires_grad` on.",
            lambda theirs: from_torch(theirs).requires_grad_(False),
        ),
        Mistake(
            "their own layer comes back",
            "Asked is your layer with their numbers: a MultiHeadSelfAttention.",
            lambda theirs: theirs,
        ),
        Mistake(
            "a state_dict in place of a layer",
            "Asked is the layer itself, with the right numbers in it.",
            lambda theirs: dict(from_torch(theirs).state_dict()),
        ),
        Mistake(
            "an output in place of a layer",
            "Asked is the layer itself, with the right numbers in it.",
            lambda theirs: theirs.in_proj_weight.detach(),
        ),
    ),
)

EXERCISES = (ATTENTION, SPLIT, MERGE, LAYER, FROM_TORCH)
