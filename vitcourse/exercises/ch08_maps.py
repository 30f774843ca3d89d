"""Chapter 8, maps: the class token's map, rollout, relevance, distance, deletion, and three bugs.

Nearly even weights forgive most mistakes, and so do one head, one image, a square grid and one
prefix token. So the weights here are those of a softmax of large scores, images, heads, layers and
tokens are of different numbers, grids are not square, and there may be registers.
"""

import copy
import math
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.exercises.compare import same_value, shape_of
from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.maps import attention_distance, attention_gradients, capture, relevance, rollout
from vitcourse.model.vit import VisionTransformer


def cls_map(attention: Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1) -> Tensor:
    """Where the class token looks, mean of the heads: (B, heads, N, N) -> (B, rows, columns)."""
    rows, columns = grid
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, rows, columns)


def deletion_scores(score, image: Tensor, heat: Tensor, steps: int) -> Tensor:
    """The score while patches are removed, those with the highest heat first: -> (steps + 1,).

    Source: Petsiuk et al. 2018, "RISE", section 4.3; they remove pixels.
    """
    height, width = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    rank = heat.flatten().argsort(descending=True, stable=True).argsort().view_as(heat)
    rank = rank.repeat_interleave(height, dim=0).repeat_interleave(width, dim=1)
    counts = [round(i * heat.numel() / steps) for i in range(steps + 1)]
    return torch.cat([score((image * (rank >= count))[None]) for count in counts])


def discard_weakest(attention: Tensor, discard: float) -> Tensor:
    """One layer's weights with the weakest left out: (B, heads, N, N) -> (B, N, N)."""
    flat = attention.mean(dim=1).flatten(1)
    weakest = flat.topk(int(discard * flat.shape[1]), dim=1, largest=False).indices
    fused = flat.scatter(1, weakest, 0.0).view_as(attention[:, 0])
    return fused / fused.sum(dim=-1, keepdim=True)


def maps_and_gradients(model: nn.Module, images: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Weights, and the gradient of each image's class score: twice (B, layers, heads, N, N)."""
    return attention_gradients(model, images, classes)


def to_heat(rows: Tensor, grid: tuple[int, int], num_prefix_tokens: int, highest: float) -> Tensor:
    """Rows of attention as pictures on one scale: (..., N) -> (..., grid rows, columns), 0 .. 1."""
    patches = rows[..., num_prefix_tokens:].unflatten(-1, tuple(grid))
    return (patches / highest).clamp(max=1)


def _random(*shape: int, seed: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _weights(*shape: int, seed: int) -> Tensor:
    """Attention that looks at few tokens, and at other ones in each row: rows sum to 1."""
    return _random(*shape, shape[-1], seed=seed, scale=2.5).softmax(-1)


# 8.1 ----------------------------------------------------------------------------------------------


def _read(read=None, fuse=None, lay_out=None):
    """A stand-in for cls_map that fuses the heads, reads, or lays out in another way."""
    fuse = fuse or (lambda a: a.mean(1))
    read = read or (lambda a, grid, p: a[:, 0, p:])
    lay_out = lay_out or (lambda row, grid: row.reshape(len(row), *grid))

    def stand_in(attention, grid, num_prefix_tokens=1):
        return lay_out(read(fuse(attention), grid, num_prefix_tokens), grid)

    return stand_in


def _then(change):
    """A stand-in for cls_map that does something to the right maps."""
    return lambda attention, grid, num_prefix_tokens=1: change(
        cls_map(attention, grid, num_prefix_tokens)
    )


def _places(grid: tuple[int, int]) -> int:
    return grid[0] * grid[1]


def _square(row: Tensor) -> Tensor:
    side = math.isqrt(row.shape[-1])
    return row.reshape(*row.shape[:-1], side, side)


def _squares_of_all_heads(rows: Tensor) -> Tensor:
    """(B, heads, n) -> (B, ?, side, side): where n is no square, `-1` hides what is left over."""
    side = math.isqrt(rows.shape[-1])
    return rows.reshape(len(rows), -1, side, side)


def _fails(*_):
    raise RuntimeError("the sizes do not fit")


_ROW = "Rows are queries: what the class token looks at is row 0, `[..., 0, :]`."
_PREFIX = (
    "All prefix tokens stand in front and have no place in the image: take the columns from "
    "`num_prefix_tokens` on."
)
_ORDER = (
    "Patches come row by row: the first `columns` of them are the top row. So reshape to "
    "(rows, columns), in this order."
)
_AS_IT_IS = (
    "The numbers are shares of one whole, and stay as they are: a picture can be scaled later."
)
_HEADS = "Asked is the mean of the heads, axis 1 of (B, heads, N, N)."
_BATCH = "The batch stays: (B, heads, N, N) -> (B, rows, columns), also for one image."

CLS_MAP = Exercise(
    id="8.1",
    name="cls_map",
    title="The class token's map",
    difficulty=2,
    minutes=8,
    reference=cls_map,
    hints=(
        "Rows are queries, columns are keys. Which row belongs to the class token, and which of "
        "its columns belong to patches?",
        "Take the mean of the heads (axis 1), then row 0, then the columns from num_prefix_tokens "
        "on. What is left has rows * columns numbers in reading order.",
        "`row = attention.mean(dim=1)[:, 0, num_prefix_tokens:]`, then "
        "`return row.reshape(-1, *grid)`.",
    ),
    trials=(
        Trial(
            "cls_map of weights (2, 3, 17, 17), grid (2, 8)",
            (_weights(2, 3, 17, seed=1), (2, 8)),
        ),
        Trial(
            "cls_map of weights (3, 2, 9, 9), grid (3, 2), 3 prefix tokens",
            (_weights(3, 2, 9, seed=2), (3, 2), 3),
            errors_alike=True,
        ),
        Trial(
            "cls_map of one image with one head, weights (1, 1, 7, 7), grid (2, 3)",
            (_weights(1, 1, 7, seed=3), (2, 3)),
            errors_alike=True,
        ),
        Trial(
            "cls_map of weights (2, 5, 6, 6), one column of patches: grid (4, 1), 2 prefix tokens",
            (_weights(2, 5, 6, seed=4), (4, 1), 2),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "the column, not the row",
            "Yours is who looks at the class token. " + _ROW,
            _read(lambda a, grid, p: a[:, p:, 0]),
        ),
        Mistake(
            "the row of the first patch",
            "The class token is token 0; you read the row of another token.",
            _read(lambda a, grid, p: a[:, p, p:]),
        ),
        Mistake(
            "the row of the first patch",
            "The class token is token 0; you read the row of another token.",
            _read(lambda a, grid, p: a[:, 1, p:]),
        ),
        Mistake(
            "the last row",
            "The class token stands in front: its row is 0.",
            _read(lambda a, grid, p: a[:, -1, p:]),
        ),
        Mistake(
            "the end is left out, not the front",
            _PREFIX,
            _read(lambda a, grid, p: a[:, 0, : _places(grid)]),
        ),
        Mistake("the prefix tokens are still there", _PREFIX, _read(lambda a, grid, p: a[:, 0])),
        Mistake(
            "the prefix tokens are still there",
            _PREFIX,
            _read(lambda a, grid, p: a[:, 0], lay_out=lambda row, grid: row),
        ),
        Mistake(
            "the prefix tokens are still there",
            _PREFIX,
            _read(lambda a, g, p: a[:, 0], lay_out=lambda row, g: row.reshape(-1, *g)),
        ),
        Mistake(
            "one prefix token is taken for granted",
            "With registers there are more. " + _PREFIX,
            _read(lambda a, grid, p: a[:, 0, 1 : 1 + _places(grid)]),
        ),
        Mistake(
            "one prefix token is taken for granted",
            "With registers there are more. " + _PREFIX,
            _read(lambda a, grid, p: a[:, 0, 1:]),
        ),
        Mistake(
            "one prefix token is taken for granted",
            "With registers there are more, and `reshape(-1, ...)` hides that. " + _PREFIX,
            _read(lambda a, g, p: a[:, 0, 1:], lay_out=lambda row, g: row.reshape(-1, *g)),
        ),
        Mistake(
            "the grid is square",
            "A grid need not be square: its rows and columns are in `grid`.",
            _read(lay_out=lambda row, grid: _square(row)),
        ),
        Mistake(
            "the grid is square",
            "A grid need not be square: its rows and columns are in `grid`.",
            lambda a, grid, p=1: _squares_of_all_heads(a[:, :, 0, p:]).mean(1),
        ),
        Mistake(
            "columns before rows", _ORDER, _read(lay_out=lambda r, g: r.reshape(len(r), g[1], g[0]))
        ),
        Mistake(
            "the patches are laid down column by column",
            _ORDER,
            _read(lay_out=lambda row, grid: row.reshape(len(row), *grid[::-1]).mT),
        ),
        Mistake(
            "not laid out on the grid",
            "Yours is still a list of patches. Reshape it to (B, rows, columns).",
            _read(lay_out=lambda row, grid: row),
        ),
        Mistake(
            "rescaled from 0 to 1",
            _AS_IT_IS,
            _then(
                lambda m: (m - m.amin((1, 2), True)) / (m.amax((1, 2), True) - m.amin((1, 2), True))
            ),
        ),
        Mistake(
            "rescaled from 0 to 1", _AS_IT_IS, _then(lambda m: (m - m.min()) / (m.max() - m.min()))
        ),
        Mistake(
            "divided by the largest value", _AS_IT_IS, _then(lambda m: m / m.amax((1, 2), True))
        ),
        Mistake("divided by the largest value", _AS_IT_IS, _then(lambda m: m / m.max())),
        Mistake("divided by the sum", _AS_IT_IS, _then(lambda m: m / m.sum((1, 2), True))),
        Mistake("divided by the sum", _AS_IT_IS, _then(lambda m: m / m.sum())),
        Mistake("another softmax", _AS_IT_IS, _then(lambda m: m.flatten(1).softmax(1).view_as(m))),
        Mistake("the root is taken", _AS_IT_IS, _then(lambda m: m.sqrt())),
        Mistake("the logarithm is taken", _AS_IT_IS, _then(lambda m: m.log())),
        Mistake("the maximum of the heads", _HEADS, _read(fuse=lambda a: a.amax(1))),
        Mistake("the minimum of the heads", _HEADS, _read(fuse=lambda a: a.amin(1))),
        Mistake("the sum of the heads", _HEADS, _read(fuse=lambda a: a.sum(1))),
        Mistake("the first head only", _HEADS, _read(fuse=lambda a: a[:, 0])),
        Mistake("the last head only", _HEADS, _read(fuse=lambda a: a[:, -1])),
        Mistake(
            "a map for each head",
            _HEADS,
            lambda a, grid, p=1: a[:, :, 0, p:].unflatten(-1, grid),
        ),
        Mistake(
            "the mean of the images, not of the heads",
            _HEADS + " Yours is the mean of axis 0, the batch.",
            _read(fuse=lambda a: a.mean(0)),
        ),
        Mistake(
            "the mean of all queries",
            "You took the mean of the rows of all tokens. " + _ROW,
            _read(lambda a, grid, p: a.mean(1)[:, p:]),
        ),
        Mistake(
            "the mean of the patches' queries",
            "You took the mean of the rows of the patches. " + _ROW,
            _read(lambda a, grid, p: a[:, p:, p:].mean(1)),
        ),
        Mistake("the first image only", _BATCH, _then(lambda m: m[0])),
        Mistake("the images are averaged", _BATCH, _then(lambda m: m.mean(0))),
        Mistake(
            "sizes of 1 are squeezed away",
            _BATCH + " `squeeze()` takes every axis of size 1 with it.",
            _then(lambda m: m.squeeze()),
        ),
        Mistake(
            "sizes of 1 are squeezed away",
            _BATCH + " `squeeze(0)` takes the batch with it when there is one image.",
            _then(lambda m: m.squeeze(0)),
        ),
        Mistake(
            "an axis too many",
            "Yours still has an axis of size 1 for the query: read row 0 with `0`, not `0:1`.",
            _then(lambda m: m[:, None]),
        ),
    ),
)

# 8.2 ----------------------------------------------------------------------------------------------


def _eye(maps: Tensor) -> Tensor:
    return torch.eye(maps.shape[-1], dtype=maps.dtype)


def _multiplied(matrices) -> Tensor:
    """The last on the left."""
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ product
    return product


def _rolled(mix=None, fuse=None, join=_multiplied):
    """A stand-in for rollout that mixes, fuses or joins the layers in another way.

    `mix` takes all layers (B, layers, N, N), `join` a list of (B, N, N), the first layer first.
    """
    mix = mix or (lambda a: (a + _eye(a)) / 2)
    fuse = fuse or (lambda a: a.mean(2))
    return lambda attention: join(mix(fuse(attention)).unbind(1))


def _one_product_for_all(matrices) -> Tensor:
    """The product goes on from image to image."""
    product, products = torch.eye(matrices[0].shape[-1]), []
    for b in range(len(matrices[0])):
        for matrix in matrices:
            product = matrix[b] @ product
        products.append(product)
    return torch.stack(products)


def _summed_over_the_batch(matrices) -> Tensor:
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ product.sum(0)
    return product


def _product_then_identity(matrices) -> Tensor:
    product = _multiplied(matrices)
    return (product + _eye(product)) / 2


def _joined(change):
    """A stand-in that does something to the right result."""
    return lambda attention: change(rollout(attention))


def _raw_start(attention: Tensor) -> Tensor:
    a = attention.mean(2)
    return _multiplied([a[:, 0], *((a[:, 1:] + _eye(a)) / 2).unbind(1)])


def _for_one_image(attention: Tensor) -> Tensor:
    if len(attention) > 1:
        _fails()
    return rollout(attention)


def _double_start(attention: Tensor) -> Tensor:
    a = (attention.mean(2) + _eye(attention)) / 2
    return _multiplied([a[:, 0], *a.unbind(1)])


_HALVES = "Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`."
_HEADS_OF_ALL = "Asked is the mean of the heads, axis 2 of (B, layers, heads, N, N)."
_LATER_LEFT = (
    "The last layer reads what the one before wrote: M_L ... M_2 M_1, so each layer multiplies "
    "from the left, `M @ R`."
)
_ALL_LAYERS = "Every layer counts once: axis 1 of (B, layers, heads, N, N)."

ROLLOUT = Exercise(
    id="8.2",
    name="rollout",
    title="Rollout",
    difficulty=3,
    minutes=15,
    reference=rollout,
    hints=(
        "If M_1 says what the tokens after layer 1 are made of, and M_2 what those after layer 2 "
        "took from layer 1, what are the last ones made of? In which order do you multiply?",
        "Mean of the heads, half of it plus half the identity, one (B, N, N) for each layer. Start "
        "from the identity (or from the first) and multiply each further layer from the left.",
        "`mixing = 0.5 * torch.eye(N) + 0.5 * attention.mean(dim=2)`, then, for each layer, "
        "`result = mixing[:, layer] @ result`.",
    ),
    trials=(
        Trial("rollout of weights (2, 3, 4, 5, 5)", (_weights(2, 3, 4, 5, seed=10),)),
        Trial(
            "rollout of one image, weights (1, 2, 2, 3, 3)",
            (_weights(1, 2, 2, 3, seed=11),),
            errors_alike=True,
        ),
        Trial(
            "rollout of one layer, weights (3, 1, 2, 4, 4)",
            (_weights(3, 1, 2, 4, seed=12),),
            errors_alike=True,
        ),
        Trial(
            "rollout of weights (2, 5, 1, 6, 6)",
            (_weights(2, 5, 1, 6, seed=13),),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "the layers in the wrong order",
            _LATER_LEFT,
            _rolled(join=lambda m: _multiplied(m[::-1])),
        ),
        Mistake(
            "no identity",
            "Without the residual connection a token would forget itself in each layer. " + _HALVES,
            _rolled(mix=lambda a: a),
        ),
        Mistake(
            "the identity is added, nothing is halved",
            "Rows sum to 2 in each layer, and to 2 ** layers in the end. " + _HALVES,
            _rolled(mix=lambda a: a + _eye(a)),
        ),
        Mistake("only the identity is halved", _HALVES, _rolled(mix=lambda a: a + _eye(a) / 2)),
        Mistake("only the attention is halved", _HALVES, _rolled(mix=lambda a: a / 2 + _eye(a))),
        Mistake("both are halved twice", _HALVES, _rolled(mix=lambda a: (a + _eye(a)) / 4)),
        Mistake(
            "nine parts identity, one part attention",
            _HALVES,
            _rolled(mix=lambda a: 0.9 * _eye(a) + 0.1 * a),
        ),
        Mistake(
            "nine parts attention, one part identity",
            _HALVES,
            _rolled(mix=lambda a: 0.1 * _eye(a) + 0.9 * a),
        ),
        Mistake(
            "ones for the identity",
            "`torch.ones` has a 1 everywhere. The identity, `torch.eye`, has it on the diagonal.",
            _rolled(mix=lambda a: (a + torch.ones_like(a)) / 2),
        ),
        Mistake(
            "columns are divided",
            "Your division goes over columns. Rows are queries and sum to 1: `dim=-1`, with "
            "`keepdim=True`.",
            _rolled(mix=lambda a: (a + _eye(a)) / (a + _eye(a)).sum(-2, keepdim=True)),
        ),
        Mistake(
            "only one image works",
            "It fits one image only. (If you divide by a sum: with `keepdim=True` it stays a "
            "column. If you transpose: name the last two axes.)",
            _for_one_image,
        ),
        Mistake("the maximum of the heads", _HEADS_OF_ALL, _rolled(fuse=lambda a: a.amax(2))),
        Mistake(
            "the maximum of the heads",
            _HEADS_OF_ALL,
            _rolled(fuse=lambda a: F.normalize(a.amax(2), p=1, dim=-1)),
        ),
        Mistake("the minimum of the heads", _HEADS_OF_ALL, _rolled(fuse=lambda a: a.amin(2))),
        Mistake(
            "the minimum of the heads",
            _HEADS_OF_ALL,
            _rolled(fuse=lambda a: F.normalize(a.amin(2), p=1, dim=-1)),
        ),
        Mistake("the sum of the heads", _HEADS_OF_ALL, _rolled(fuse=lambda a: a.sum(2))),
        Mistake(
            "the sum of the heads",
            _HEADS_OF_ALL,
            _rolled(fuse=lambda a: a.sum(2), mix=lambda a: F.normalize(a + _eye(a), p=1, dim=-1)),
        ),
        Mistake("the product of the heads", _HEADS_OF_ALL, _rolled(fuse=lambda a: a.prod(2))),
        Mistake("the first head only", _HEADS_OF_ALL, _rolled(fuse=lambda a: a[:, :, 0])),
        Mistake("the last head only", _HEADS_OF_ALL, _rolled(fuse=lambda a: a[:, :, -1])),
        Mistake(
            "each head is rolled out by itself",
            "The mean of products is not the product of means: a token takes from all heads before "
            "the next layer. Take the mean first.",
            lambda a: torch.stack([rollout(a[:, :, h : h + 1]) for h in range(a.shape[2])]).mean(0),
        ),
        Mistake(
            "layers and heads are mixed up",
            _HEADS_OF_ALL + " Yours is the mean of axis 1, the layers.",
            _rolled(fuse=lambda a: a.mean(1)),
        ),
        Mistake(
            "multiplied number by number",
            "`*` multiplies entry by entry. A path through two layers is a sum over the token in "
            "between: `@`.",
            _rolled(join=lambda m: torch.stack(m).prod(0)),
        ),
        Mistake(
            "the mean of the layers",
            "Layers work one after the other: multiply them.",
            _rolled(join=lambda m: torch.stack(m).mean(0)),
        ),
        Mistake(
            "the sum of the layers",
            "Layers work one after the other: multiply them.",
            _rolled(join=sum),
        ),
        Mistake(
            "the first layer is missing",
            _ALL_LAYERS,
            _rolled(join=lambda m: _multiplied([_eye(m[0]).expand_as(m[0]), *m[1:]])),
        ),
        Mistake(
            "the last layer is missing",
            _ALL_LAYERS,
            _rolled(join=lambda m: _multiplied([_eye(m[0]).expand_as(m[0]), *m[:-1]])),
        ),
        Mistake("only the last layer", _ALL_LAYERS, _rolled(join=lambda m: m[-1])),
        Mistake("only the first layer", _ALL_LAYERS, _rolled(join=lambda m: m[0])),
        Mistake(
            "the same layer again and again",
            _ALL_LAYERS,
            _rolled(join=lambda m: _multiplied([m[0]] * len(m))),
        ),
        Mistake(
            "the same layer again and again",
            _ALL_LAYERS,
            _rolled(join=lambda m: _multiplied([m[-1]] * len(m))),
        ),
        Mistake(
            "the first layer counts twice",
            _ALL_LAYERS + " If you start from the first, go on with the second.",
            _double_start,
        ),
        Mistake(
            "the first layer lacks its identity",
            "The first layer has a residual connection, too. Start from the identity, or from its "
            "mixture.",
            _raw_start,
        ),
        Mistake(
            "the identity comes once, at the end",
            "Every layer has its residual connection: mix the identity in before you multiply.",
            _rolled(mix=lambda a: a, join=_product_then_identity),
        ),
        Mistake(
            "it starts from zeros",
            "A product that starts from zeros stays zero. Start from the identity.",
            _joined(lambda r: r * 0),
        ),
        Mistake(
            "it starts from ones",
            "Before the first layer each token is only itself: the identity, `torch.eye`.",
            _joined(lambda r: r @ torch.ones_like(r)),
        ),
        Mistake(
            "one product for all images",
            "The second image goes on where the first ended. Start again for each image, or use "
            "`@` on (B, N, N), which keeps them apart.",
            _rolled(join=_one_product_for_all),
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            lambda a: rollout(a.mean(0, keepdim=True)).expand(len(a), -1, -1),
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            lambda a: rollout(a.mean(0, keepdim=True))[0],
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            lambda a: rollout(a[:1])[0],
        ),
        Mistake(
            "the images are mixed",
            "Your product sums over the batch. `@` on (B, N, N) keeps images apart; in an `einsum` "
            "all parts need the same letter for the batch.",
            _rolled(join=_summed_over_the_batch),
        ),
        Mistake(
            "transposed",
            "Rows are queries: entry (i, j) is how much of token j is in the final token i.",
            _joined(lambda r: r.mT),
        ),
        Mistake(
            "transposed",
            "Rows are queries: use the weights as they are, not transposed.",
            _rolled(fuse=lambda a: a.mean(2).mT),
        ),
        Mistake(
            "only the class token's row",
            "Asked are all rows, (B, N, N): one can be read later.",
            _joined(lambda r: r[:, 0]),
        ),
        Mistake(
            "one result for each layer",
            "Asked is the product of all layers, (B, N, N), not those on the way.",
            lambda a: torch.stack([rollout(a[:, : d + 1]) for d in range(a.shape[1])], dim=1),
        ),
    ),
)

# 8.3 ----------------------------------------------------------------------------------------------


def _evidence(attention: Tensor, gradients: Tensor) -> Tensor:
    return (attention * gradients).relu().mean(2)


def _added_up(evidence=_evidence, join=None):
    """A stand-in for relevance with another E (B, layers, N, N), or another way to add it up."""
    join = join or (lambda e: _multiplied([layer + _eye(layer) for layer in e]))
    return lambda attention, gradients: join(evidence(attention, gradients).unbind(1))


def _afterwards(change):
    return lambda attention, gradients: change(relevance(attention, gradients))


def _rows_to_1(maps: Tensor) -> Tensor:
    return maps / maps.sum(-1, keepdim=True)


def _same_for_all(attention: Tensor, gradients: Tensor) -> Tensor:
    return relevance(attention, gradients[:1].expand_as(gradients))


_NEGATIVE = (
    "Entries that speak against the class become 0, `.relu()` or `.clamp(min=0)`, in each head, "
    "before the mean."
)
_ADDS = "Each layer adds E R to what is there: `R = R + E @ R`."
_FORWARD = "From the first layer to the last, E on the left: `R = R + E @ R`."
_RAW = "Asked is R as it is: how large it is says how much there is to be said for the class."
_BOTH = "E is the product of both, weight times gradient, entry by entry."

RELEVANCE = Exercise(
    id="8.3",
    name="relevance",
    title="Relevance for a class",
    difficulty=3,
    minutes=15,
    reference=relevance,
    hints=(
        "What is a weight worth for a class if it is large, but the score would fall with it? And "
        "which relevance does each token have before the first layer?",
        "E = mean over heads of (A * dy/dA) with negative entries set to 0 first. R starts as the "
        "identity, one for each image, and each layer adds the matrix product E R.",
        "`evidence = (attention * gradients).relu().mean(dim=2)`, then, for each layer, "
        "`result = result + evidence[:, layer] @ result`.",
    ),
    trials=(
        Trial(
            "relevance of weights and gradients (2, 3, 4, 5, 5)",
            (_weights(2, 3, 4, 5, seed=20), _random(2, 3, 4, 5, 5, seed=21, scale=2.0)),
        ),
        Trial(
            "relevance where all gradients are 0",
            (_weights(2, 2, 3, 4, seed=22), torch.zeros(2, 2, 3, 4, 4)),
            errors_alike=True,
        ),
        Trial(
            "relevance of one image, weights (1, 2, 2, 3, 3)",
            (_weights(1, 2, 2, 3, seed=23), _random(1, 2, 2, 3, 3, seed=24, scale=2.0)),
            errors_alike=True,
        ),
        Trial(
            "relevance of one layer, weights (3, 1, 2, 4, 4)",
            (_weights(3, 1, 2, 4, seed=25), _random(3, 1, 2, 4, 4, seed=26, scale=2.0)),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake("negative entries count, too", _NEGATIVE, _added_up(lambda a, g: (a * g).mean(2))),
        Mistake(
            "absolute values",
            "What speaks against the class counts like what speaks for it. " + _NEGATIVE,
            _added_up(lambda a, g: (a * g).abs().mean(2)),
        ),
        Mistake(
            "squares",
            "What speaks against the class counts like what speaks for it. " + _NEGATIVE,
            _added_up(lambda a, g: (a * g).square().mean(2)),
        ),
        Mistake(
            "negative entries are set to 0 after the mean",
            "Heads that speak against the class cancel others in the mean. " + _NEGATIVE,
            _added_up(lambda a, g: (a * g).mean(2).relu()),
        ),
        Mistake(
            "only what speaks against the class",
            "The sign is turned: `relu` of A * dy/dA keeps what speaks for the class.",
            _added_up(lambda a, g: (-a * g).relu().mean(2)),
        ),
        Mistake(
            "only what speaks against the class",
            "You kept the negative entries and dropped the positive ones.",
            _added_up(lambda a, g: (a * g).clamp(max=0).mean(2)),
        ),
        Mistake(
            "the sum of the heads",
            "Asked is the mean over heads.",
            _added_up(lambda a, g: (a * g).relu().sum(2)),
        ),
        Mistake(
            "the maximum of the heads",
            "Asked is the mean over heads.",
            _added_up(lambda a, g: (a * g).relu().amax(2)),
        ),
        Mistake(
            "the first head only",
            "Asked is the mean over heads.",
            _added_up(lambda a, g: (a * g).relu()[:, :, 0]),
        ),
        Mistake(
            "layers and heads are mixed up",
            "Heads are axis 2 of (B, layers, heads, N, N); yours is the mean of axis 1.",
            _added_up(lambda a, g: (a * g).relu().mean(1)),
        ),
        Mistake(
            "heads are averaged before the product",
            _BOTH + " The mean over heads comes last.",
            _added_up(lambda a, g: (a.mean(2) * g.mean(2)).relu()),
        ),
        Mistake(
            "heads are averaged before the product",
            _BOTH + " The mean over heads comes last.",
            _added_up(lambda a, g: a.mean(2) * g.relu().mean(2)),
        ),
        Mistake("the gradient alone", _BOTH, _added_up(lambda a, g: g.relu().mean(2))),
        Mistake("the gradient alone", _BOTH, _added_up(lambda a, g: g.mean(2))),
        Mistake(
            "the attention alone",
            _BOTH + " Without the gradient nothing depends on the class.",
            _added_up(lambda a, g: a.mean(2)),
        ),
        Mistake(
            "a matrix product of weights and gradients",
            _BOTH + " `@` is a matrix product, `*` is meant.",
            _added_up(lambda a, g: (a @ g).relu().mean(2)),
        ),
        Mistake("weight plus gradient", _BOTH, _added_up(lambda a, g: (a + g).relu().mean(2))),
        Mistake(
            "the layers in the wrong order",
            _FORWARD + " (`R @ E`, or the last layer first: both turn the order round.)",
            _added_up(join=lambda e: _multiplied([m + _eye(m) for m in e[::-1]])),
        ),
        Mistake(
            "the gradients come last layer first",
            "Each layer's weights meet the gradients of another layer. Entry l of both belongs to "
            "layer l.",
            lambda a, g: relevance(a, g.flip(1)),
        ),
        Mistake(
            "nothing is added to what was there",
            "Yours replaces R in each layer, as if there were no residual connection. " + _ADDS,
            _added_up(join=lambda e: _multiplied([_eye(e[0]).expand_as(e[0]), *e])),
        ),
        Mistake(
            "E is added, not E R",
            _ADDS,
            _added_up(join=lambda e: sum(e) + _eye(e[0])),
        ),
        Mistake(
            "multiplied number by number",
            "`*` multiplies entry by entry; relevance flows along paths: `E @ R`.",
            _added_up(join=lambda e: torch.stack([_eye(m) + m * _eye(m) for m in e]).prod(0)),
        ),
        Mistake(
            "it starts from zeros",
            "From R = 0 nothing ever comes. Before the first layer R is the identity, `torch.eye`.",
            _afterwards(lambda r: r * 0),
        ),
        Mistake(
            "it starts from ones",
            "Before the first layer each token has only itself: the identity, `torch.eye`.",
            _afterwards(lambda r: r @ torch.ones_like(r)),
        ),
        Mistake(
            "it starts from the first layer",
            "R starts as the identity, to which the first layer adds its E.",
            _added_up(join=lambda e: _multiplied([e[0], *(m + _eye(m) for m in e[1:])])),
        ),
        Mistake(
            "the identity is taken away again",
            "Asked is R itself, with the identity that it started from.",
            _afterwards(lambda r: r - _eye(r)),
        ),
        Mistake("rows are divided by their sum", _RAW, _afterwards(_rows_to_1)),
        Mistake(
            "rows are divided by their sum",
            _RAW,
            _added_up(join=lambda e: _multiplied([_rows_to_1(m + _eye(m)) for m in e])),
        ),
        Mistake(
            "rows are divided by their sum",
            _RAW,
            _added_up(lambda a, g: F.normalize(_evidence(a, g), p=1, dim=-1)),
        ),
        Mistake(
            "divided by the largest value", _RAW, _afterwards(lambda r: r / r.amax((1, 2), True))
        ),
        Mistake("divided by the largest value", _RAW, _afterwards(lambda r: r / r.max())),
        Mistake(
            "halved in each layer",
            "That is rollout. Here nothing is halved: " + _ADDS,
            _added_up(join=lambda e: _multiplied([(m + _eye(m)) / 2 for m in e])),
        ),
        Mistake(
            "the first layer is missing",
            "Every layer counts, the first (number 0), too.",
            _added_up(join=lambda e: _multiplied([m + _eye(m) for m in (e[0] * 0, *e[1:])])),
        ),
        Mistake(
            "the last layer is missing",
            "Every layer counts, the last, too.",
            _added_up(join=lambda e: _multiplied([m + _eye(m) for m in (*e[:-1], e[0] * 0)])),
        ),
        Mistake(
            "only the last layer",
            "Every layer counts, from the first to the last.",
            _added_up(join=lambda e: e[-1] + _eye(e[-1])),
        ),
        Mistake(
            "only the last layer",
            "Every layer counts, from the first to the last, and R starts as the identity.",
            _added_up(join=lambda e: e[-1]),
        ),
        Mistake(
            "transposed",
            "Rows are queries: entry (i, j) is how much token j matters to the final token i.",
            _afterwards(lambda r: r.mT),
        ),
        Mistake(
            "transposed",
            "Rows are queries: use weights and gradients as they are, not transposed.",
            lambda a, g: relevance(a.mT, g.mT),
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            lambda a, g: _added_up()(a, g).mean(0),
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            lambda a, g: _added_up(lambda a, g: _evidence(a, g).mean(0, keepdim=True))(a, g)[0],
        ),
        Mistake(
            "the images are mixed",
            "The gradients of the first image are used for all. Keep axis 0.",
            _same_for_all,
        ),
        Mistake(
            "the images are mixed",
            "Each image has a result of its own: keep axis 0.",
            _afterwards(lambda r: r[0]),
        ),
        Mistake(
            "only the class token's row",
            "Asked are all rows, (B, N, N): one can be read later.",
            _afterwards(lambda r: r[:, 0]),
        ),
        Mistake(
            "one product for all images",
            "The second image goes on where the first ended. Start again for each image, or use "
            "`@` on (B, N, N), which keeps them apart.",
            _added_up(join=lambda e: _one_product_for_all([m + _eye(m) for m in e])),
        ),
    ),
)

# 8.4 ----------------------------------------------------------------------------------------------


def _offsets(grid: tuple[int, int]) -> Tensor:
    """From each patch to each, in patches: (n, n, 2)."""
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    return places[None] - places[:, None]


def _straight(grid: tuple[int, int]) -> Tensor:
    return _offsets(grid).norm(dim=-1)


def _far(
    distances=_straight,
    cut=lambda a, p: a[..., p:, p:],
    share=_rows_to_1,
    unit=lambda patch_size: patch_size,
    mean=lambda sums: sums.mean(-1),
):
    """A stand-in for attention_distance that measures, cuts, divides or averages otherwise."""

    def stand_in(attention, grid, patch_size, num_prefix_tokens=1):
        shares = share(cut(attention, num_prefix_tokens))
        return mean((shares * (unit(patch_size) * distances(grid))).sum(-1))

    return stand_in


def _measured_by(places_of):
    """Straight-line distances between places, of which patch i has `places_of(i, *grid)`."""

    def distances(grid):
        places = [places_of(i, *grid) for i in range(_places(grid))]
        places = torch.tensor(places, dtype=torch.float32)
        return (places[:, None] - places).norm(dim=-1)

    return distances


def _tokens_as_patches(attention, grid, patch_size, num_prefix_tokens=1):
    """Token i is taken for patch i, so that the class token is the first patch."""
    tokens = torch.arange(attention.shape[-1])
    places = torch.stack([tokens // grid[1], tokens % grid[1]], dim=1).float()
    distances = patch_size * (places[:, None] - places).norm(dim=-1)
    return (attention * distances).sum(-1).mean(-1)


def _at_a_corner(rows_too: bool, keys_too: bool):
    """Prefix tokens are given the place (0, 0), as queries, as keys, or both."""

    def stand_in(attention, grid, patch_size, num_prefix_tokens=1):
        p = num_prefix_tokens
        places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
        places = torch.cat([torch.zeros(p, 2), places])
        distances = patch_size * (places[:, None] - places).norm(dim=-1)
        shares = attention if keys_too else _rows_to_1(attention[..., p:])
        sums = (shares * (distances if keys_too else distances[:, p:])).sum(-1)
        return (sums if rows_too else sums[..., p:]).mean(-1)

    return stand_in


def _no_way_to_the_prefix(attention, grid, patch_size, num_prefix_tokens=1):
    """Prefix tokens at distance 0 of everything, and counted in the mean."""
    near = _far(share=lambda a: a, mean=lambda sums: sums.sum(-1))
    sums = near(attention, grid, patch_size, num_prefix_tokens)
    return sums / attention.shape[-1]


def _mean_over_all_tokens(attention, grid, patch_size, num_prefix_tokens=1):
    total = _far(mean=lambda sums: sums.sum(-1))(attention, grid, patch_size, num_prefix_tokens)
    return total / attention.shape[-1]


def _to_the_mean_place(attention, grid, patch_size, num_prefix_tokens=1):
    p = num_prefix_tokens
    shares = _rows_to_1(attention[..., p:, p:])
    offset = (shares[..., None] * _offsets(grid)).sum(-2)
    return patch_size * offset.norm(dim=-1).mean(-1)


def _to_the_strongest(attention, grid, patch_size, num_prefix_tokens=1):
    p = num_prefix_tokens
    strongest = F.one_hot(attention[..., p:, p:].argmax(-1), _places(grid)).float()
    return patch_size * (strongest * _straight(grid)).sum(-1).mean(-1)


def _pooled(attention, grid, patch_size, num_prefix_tokens=1):
    p = num_prefix_tokens
    patches = attention[..., p:, p:]
    return patch_size * (patches * _straight(grid)).sum((-2, -1)) / patches.sum((-2, -1))


_LEFT_OVER = (
    "A head that looks at the class token most of the time would seem to look close by. Divide "
    "what is left of each row by its sum, with `keepdim=True`."
)
_LINE = (
    "Asked is the straight line: the root of (difference of rows)**2 + (difference of columns)**2."
)
_PIXELS = "Asked are pixels: a step to the next patch is patch_size of them."
_WHERE = (
    "Patch i stands in row i // columns, column i % columns, on a grid that need not be square."
)
_NO_PLACE = (
    "Prefix tokens have no place in the image: cut rows and columns from num_prefix_tokens on."
)
_MEAN = "Asked is the mean over the patches that look, one number for each head."

DISTANCE = Exercise(
    id="8.4",
    name="attention_distance",
    title="How far does a head look?",
    difficulty=3,
    minutes=12,
    reference=attention_distance,
    hints=(
        "Where in the image is patch 7 of a grid with 5 columns? And if a patch spends 0.9 of its "
        "attention on the class token, what do the other 0.1 sum to?",
        "Cut the prefix off rows and columns and divide each row by its sum. Make a table of the "
        "distances between all patches, times patch_size. Weights times distances, summed over "
        "keys, then the mean over queries.",
        "`places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).float()` and "
        "`distances = patch_size * torch.cdist(places, places)`, then "
        "`return (shares * distances).sum(dim=-1).mean(dim=-1)`.",
    ),
    trials=(
        Trial(
            "attention_distance of weights (2, 3, 9, 9), grid (2, 4), patches of 8 pixels",
            (_weights(2, 3, 9, seed=30), (2, 4), 8),
        ),
        Trial(
            "attention_distance of weights (3, 2, 4, 9, 9), grid (3, 2), patches of 4, 3 prefix "
            "tokens",
            (_weights(3, 2, 4, 9, seed=31), (3, 2), 4, 3),
            errors_alike=True,
        ),
        Trial(
            "attention_distance of weights (7, 7), grid (2, 3), patches of 16",
            (_weights(7, seed=32), (2, 3), 16),
            errors_alike=True,
        ),
        Trial(
            "attention_distance of weights (2, 10, 10), grid (2, 5), patches of 8, no prefix token",
            (_weights(2, 10, seed=33), (2, 5), 8, 0),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "what is left is not divided by its sum",
            "With the prefix columns dropped, rows no longer sum to 1. " + _LEFT_OVER,
            _far(share=lambda a: a),
        ),
        Mistake(
            "all rows are divided by one sum",
            "Each row is divided by its own sum, so that all patches count alike. " + _LEFT_OVER,
            _pooled,
        ),
        Mistake(
            "all rows are divided by one sum",
            "Each row is divided by its own sum. " + _LEFT_OVER,
            _far(share=lambda a: a / a.sum((-2, -1), keepdim=True)),
        ),
        Mistake(
            "columns for rows",
            "Rows are queries: nothing is transposed, and each row is divided by its sum over the "
            "keys, `sum(dim=-1, keepdim=True)`.",
            _far(share=lambda a: a / a.sum(-2, keepdim=True)),
        ),
        Mistake(
            "columns for rows",
            "Without `keepdim=True` the sums of rows lie along the columns.",
            _far(share=lambda a: a / a.sum(-1).unsqueeze(-2)),
        ),
        Mistake(
            "another softmax",
            "Weights are no scores: divide what is left of each row by its sum.",
            _far(share=lambda a: a.softmax(-1)),
        ),
        Mistake("the class token is taken for a patch", _NO_PLACE, _tokens_as_patches),
        Mistake(
            "the class token is given a place",
            _NO_PLACE,
            _at_a_corner(rows_too=True, keys_too=True),
        ),
        Mistake(
            "the class token is given a place",
            _NO_PLACE,
            _at_a_corner(rows_too=False, keys_too=True),
        ),
        Mistake(
            "the class token is counted as a query",
            _NO_PLACE + " Its row must go, too.",
            _at_a_corner(rows_too=True, keys_too=False),
        ),
        Mistake(
            "the class token is counted as a query",
            "Divide by the number of patches, not of tokens: prefix tokens do not look from "
            "anywhere.",
            _mean_over_all_tokens,
        ),
        Mistake(
            "the class token is counted as a query",
            "Divide by the number of patches, not of tokens. " + _LEFT_OVER,
            _no_way_to_the_prefix,
        ),
        Mistake(
            "the end is left out, not the front",
            "Prefix tokens stand in front. " + _NO_PLACE,
            _far(cut=lambda a, p: a[..., : a.shape[-1] - p, : a.shape[-1] - p]),
        ),
        Mistake(
            "one prefix token is taken for granted",
            "There may be none, or several. " + _NO_PLACE,
            _far(cut=lambda a, p: a[..., 1:, 1:]),
        ),
        Mistake("squared distances", _LINE, _far(lambda grid: _straight(grid) ** 2)),
        Mistake(
            "squared distances",
            _LINE + " (patch_size is squared with it.)",
            _far(lambda grid: _straight(grid) ** 2, unit=lambda s: s**2),
        ),
        Mistake(
            "the root comes after the mean",
            _LINE + " Take the root of each distance, then the mean.",
            _far(
                lambda grid: _straight(grid) ** 2,
                unit=lambda s: s**2,
                mean=lambda sums: sums.mean(-1).sqrt(),
            ),
        ),
        Mistake(
            "the root comes after the mean",
            _LINE + " Take the root of each distance, then the sum.",
            _far(
                lambda grid: _straight(grid) ** 2,
                unit=lambda s: s**2,
                mean=lambda sums: sums.sqrt().mean(-1),
            ),
        ),
        Mistake(
            "rows plus columns, not the straight line",
            _LINE,
            _far(lambda grid: _offsets(grid).abs().sum(-1)),
        ),
        Mistake(
            "the larger of rows and columns, not the straight line",
            _LINE,
            _far(lambda grid: _offsets(grid).abs().amax(-1)),
        ),
        Mistake("only rows count", _LINE, _far(lambda grid: _offsets(grid)[..., 0].abs())),
        Mistake("only columns count", _LINE, _far(lambda grid: _offsets(grid)[..., 1].abs())),
        Mistake(
            "along the list of tokens",
            "Patches that stand below each other are far apart in the list, but not in the image. "
            + _WHERE,
            _far(_measured_by(lambda i, rows, columns: (i, 0))),
        ),
        Mistake("in patches, not in pixels", _PIXELS, _far(unit=lambda patch_size: 1)),
        Mistake("patch_size is squared", _PIXELS, _far(unit=lambda patch_size: patch_size**2)),
        Mistake("divided by patch_size", _PIXELS, _far(unit=lambda patch_size: 1 / patch_size)),
        Mistake(
            "rows and columns swapped",
            _WHERE + " Yours counts columns as if they were rows.",
            _far(_measured_by(lambda i, rows, columns: (i // rows, i % rows))),
        ),
        Mistake(
            "the grid is square",
            _WHERE,
            _far(_measured_by(lambda i, rows, columns: divmod(i, math.isqrt(rows * columns)))),
        ),
        Mistake("the sum over the queries", _MEAN, _far(mean=lambda sums: sums.sum(-1))),
        Mistake(
            "the mean over keys, too",
            "Over the keys it is a sum: the weights of a row share 1 among them already.",
            lambda a, grid, s, p=1: _far()(a, grid, s, p) / _places(grid),
        ),
        Mistake("one number for each patch", _MEAN, _far(mean=lambda sums: sums)),
        Mistake("one number for everything", _MEAN, _far(mean=lambda sums: sums.mean())),
        Mistake(
            "the heads are averaged",
            _MEAN + " Axes in front, (..., N, N), stay.",
            lambda a, grid, s, p=1: attention_distance(a, grid, s, p).mean(-1),
        ),
        Mistake("the farthest query only", _MEAN, _far(mean=lambda sums: sums.amax(-1))),
        Mistake(
            "the distance to the mean place",
            "Left and right cancel when places are averaged first. Average distances instead.",
            _to_the_mean_place,
        ),
        Mistake(
            "only the strongest key counts",
            "Every key counts as much as its weight: a sum, not an argmax.",
            _to_the_strongest,
        ),
    ),
)

# 8.5 ----------------------------------------------------------------------------------------------


@lru_cache
def _template(*shape: int) -> Tensor:
    return _random(*shape, seed=sum(shape))


def _score(images: Tensor) -> Tensor:
    """A score to which every pixel matters, and each otherwise: (B, C, H, W) -> (B,)."""
    if images.ndim != 4:
        raise ValueError(f"score takes images (B, C, H, W), got {tuple(images.shape)}")
    return (images * _template(*images.shape[1:])).sum((1, 2, 3)).div(10).sigmoid()


def _light(images: Tensor) -> Tensor:
    """The mean of all pixels: (B, C, H, W) -> (B,)."""
    return images.mean((1, 2, 3))


def _to_pixels(patches: Tensor, image: Tensor) -> Tensor:
    """(rows, columns) -> (H, W)"""
    height, width = (image.shape[1] // patches.shape[0], image.shape[2] // patches.shape[1])
    return patches.repeat_interleave(height, dim=0).repeat_interleave(width, dim=1)


def _tiled(patches: Tensor, image: Tensor) -> Tensor:
    height, width = (image.shape[1] // patches.shape[0], image.shape[2] // patches.shape[1])
    return patches.repeat(height, width)


def _turned(patches: Tensor, image: Tensor) -> Tensor:
    """The list of patches is laid down column by column."""
    return _to_pixels(patches.reshape(patches.shape[::-1]).mT, image)


def _columns_by_rows(patches: Tensor, image: Tensor) -> Tensor:
    """Patch i is put at row i // rows, column i % rows; what falls outside is lost."""
    rows, columns = patches.shape
    placed = torch.zeros(max(rows, columns * columns), max(rows, columns), dtype=torch.bool)
    for i, gone in enumerate(patches.flatten()):
        placed[i // rows, i % rows] |= gone
    return _to_pixels(placed[:rows, :columns], image)


def _square_patches(patches: Tensor, image: Tensor) -> Tensor:
    """Patches as wide as they are high."""
    size = image.shape[1] // patches.shape[0]
    pixels = patches.repeat_interleave(size, dim=0).repeat_interleave(size, dim=1)
    whole = torch.zeros(image.shape[1:], dtype=torch.bool)
    width = min(pixels.shape[1], whole.shape[1])
    whole[:, :width] = pixels[:, :width]
    return whole


def _one_pixel(patches: Tensor, image: Tensor) -> Tensor:
    pixels = torch.zeros(image.shape[1:], dtype=torch.bool)
    height, width = (image.shape[1] // patches.shape[0], image.shape[2] // patches.shape[1])
    pixels[::height, ::width] = patches
    return pixels


def _counts(n: int, steps: int) -> list[int]:
    return [round(i * n / steps) for i in range(steps + 1)]


def _deletes(
    order=lambda heat: heat.flatten().argsort(descending=True),
    counts=_counts,
    gone=lambda order, count: order[:count],
    spread=_to_pixels,
    fill=torch.zeros_like,
    give=torch.cat,
):
    """A stand-in for deletion_scores that orders, counts, removes or returns in another way."""

    def stand_in(score, image, heat, steps):
        scores, sequence = [], order(heat)
        for count in counts(heat.numel(), steps):
            patches = torch.zeros(heat.numel(), dtype=torch.bool)
            patches[gone(sequence, count)] = True
            pixels = spread(patches.view_as(heat), image)
            scores.append(score(torch.where(pixels, fill(image), image)[None]))
        return give(scores)

    return stand_in


def _only_channel_0(image: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(image[:1]), image[1:]])


def _this_step_only(score, image, heat, steps):
    """In each entry only the patches of that step are missing, the others are back."""
    order, counts = heat.flatten().argsort(descending=True), _counts(heat.numel(), steps)
    scores = [score(image[None])]
    for start, end in pairwise(counts):
        patches = torch.ones(heat.numel())
        patches[order[start:end]] = 0
        scores.append(score((image * _to_pixels(patches.view_as(heat), image))[None]))
    return torch.cat(scores)


def _order_for_rank(score, image, heat, steps):
    rank = _to_pixels(heat.flatten().argsort(descending=True).view_as(heat), image)
    counts = _counts(heat.numel(), steps)
    return torch.cat([score((image * (rank >= count))[None]) for count in counts])


def _threshold(score, image, heat, steps):
    """All patches as warm as the last one due: more than asked where patches are equally warm."""
    values = heat.flatten().sort(descending=True).values
    scores = []
    for count in _counts(heat.numel(), steps):
        keep = heat < values[count - 1] if count else torch.ones_like(heat)
        scores.append(score((image * _to_pixels(keep, image))[None]))
    return torch.cat(scores)


def _threshold_below(score, image, heat, steps):
    """Only patches warmer than the next one: fewer than asked where patches are equally warm."""
    values = heat.flatten().sort(descending=True).values
    scores = []
    for count in _counts(heat.numel(), steps):
        keep = heat <= values[count] if count < len(values) else torch.zeros_like(heat)
        scores.append(score((image * _to_pixels(keep, image))[None]))
    return torch.cat(scores)


def _without_batch(score, image, heat, steps):
    return torch.stack([score(image) for _ in range(steps + 1)])


def _same_image(score, image, heat, steps):
    return torch.cat([score(image[None])] * (steps + 1))


def _overwrites(score, image, heat, steps):
    """It works on the image itself, and asks only afterwards."""
    image.zero_()
    return _same_image(score, image, heat, steps)


def _curve_then(change):
    return lambda score, image, heat, steps: change(deletion_scores(score, image, heat, steps))


_HIGHEST = "Removed first is what the map calls most important: the highest heat."
_HOW_MANY = "Entry i is the score with round(i * rows * columns / steps) patches removed."
_ENTRIES = "There are steps + 1 entries: the whole image, then one for each step."
_BLOCK = (
    "Patch (r, c) covers rows r * h to (r + 1) * h of the image and columns c * w to (c + 1) * w, "
    "with h = H // rows and w = W // columns."
)
_ZERO = "Asked is 0 in all pixels of a removed patch, in every channel."
_TIES = (
    "Where patches are equally warm, a threshold takes all of them or none. Sort the patches, and "
    "take as many as are due."
)
_STACK = "Asked is one tensor (steps + 1,): join the scores with `torch.cat`, or stack numbers."

DELETION = Exercise(
    id="8.5",
    name="deletion_scores",
    title="Take away what it points at",
    difficulty=3,
    minutes=15,
    reference=deletion_scores,
    hints=(
        "In which order do the patches go, and which pixels belong to patch i? Which image does "
        "score see in entry 0, and in the last one?",
        "`heat.flatten().argsort(descending=True)` is the order; patch i is in row i // columns, "
        "column i % columns. Work on a clone, set the pixels of the next patches to 0, score "
        "it as a batch of one.",
        "`left = image.clone()`; for each entry, for each `i` in `order[done:count]`: `row, column "
        "= divmod(int(i), columns)` and `left[:, row * h : (row + 1) * h, column * w : (column + "
        "1) * w] = 0`; then `scores.append(score(left[None]))`, and `torch.cat(scores)`.",
    ),
    trials=(
        Trial(
            "deletion_scores of image (3, 8, 12), heat (2, 3), 6 steps",
            (_score, _random(3, 8, 12, seed=40), _random(2, 3, seed=41), 6),
        ),
        Trial(
            "deletion_scores of image (2, 4, 15), heat (2, 5), 3 steps",
            (_score, _random(2, 4, 15, seed=42), _random(2, 5, seed=43), 3),
            errors_alike=True,
        ),
        Trial(
            "deletion_scores of a white image (2, 6, 6), score its mean, heat with equal values",
            (
                _light,
                torch.ones(2, 6, 6),
                torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 0, 2]]),
                3,
            ),
            errors_alike=True,
        ),
        Trial(
            "deletion_scores of image (1, 6, 4), heat (3, 2), 1 step",
            (_score, _random(1, 6, 4, seed=44), _random(3, 2, seed=45), 1),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "the lowest first", _HIGHEST, _deletes(order=lambda heat: heat.flatten().argsort())
        ),
        Mistake(
            "sorted by absolute values",
            "A strongly negative heat is low, not high: sort the values as they are.",
            _deletes(order=lambda heat: heat.flatten().abs().argsort(descending=True)),
        ),
        Mistake(
            "in reading order",
            "Patches go one after the other as they stand in the image. " + _HIGHEST,
            _deletes(order=lambda heat: torch.arange(heat.numel())),
        ),
        Mistake(
            "the order is taken for ranks",
            "`argsort` lists which patch goes first, second, ...; how early a patch goes is its "
            "rank, the argsort of that.",
            _order_for_rank,
        ),
        Mistake(
            "removed patches come back",
            "Removed patches stay removed. " + _HOW_MANY,
            _this_step_only,
        ),
        Mistake(
            "one patch at a time",
            _HOW_MANY + " Yours lacks only the latest of them.",
            _deletes(gone=lambda order, count: order[max(count - 1, 0) : count]),
        ),
        Mistake(
            "kept is what should be removed",
            "That is insertion: the patches appear. Asked is deletion.",
            _deletes(gone=lambda order, count: order[count:]),
        ),
        Mistake(
            "the whole image is missing",
            "Entry 0 is the whole image, before anything is removed. " + _ENTRIES,
            _deletes(counts=lambda n, steps: _counts(n, steps)[1:]),
        ),
        Mistake(
            "the last entry is missing",
            "The last entry is an image of zeros. " + _ENTRIES,
            _deletes(counts=lambda n, steps: _counts(n, steps)[:-1]),
        ),
        Mistake(
            "an entry too many",
            _ENTRIES,
            _deletes(counts=lambda n, steps: [*_counts(n, steps), n]),
        ),
        Mistake(
            "an entry too many",
            _ENTRIES + " Yours has the whole image twice.",
            _deletes(counts=lambda n, steps: [0, *_counts(n, steps)]),
        ),
        Mistake(
            "one patch ahead",
            "Entry 0 is the whole image: no patch is removed there. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: [min(c + 1, n) for c in _counts(n, steps)]),
        ),
        Mistake(
            "one patch ahead",
            "Entry 0 is the whole image. Ask for the score before you remove, and once at the end.",
            _deletes(counts=lambda n, steps: [*_counts(n, steps)[1:], n]),
        ),
        Mistake(
            "one patch behind",
            "The last entry is an image of zeros. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: [max(c - 1, 0) for c in _counts(n, steps)]),
        ),
        Mistake(
            "one patch behind",
            "The last entry is an image of zeros. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: [0, *_counts(n, steps)[:-1]]),
        ),
        Mistake(
            "rounded down",
            "`//` and `int` round down, `round` to the nearest. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: [i * n // steps for i in range(steps + 1)]),
        ),
        Mistake(
            "rounded up",
            "`ceil` rounds up, `round` to the nearest. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: [-(-i * n // steps) for i in range(steps + 1)]),
        ),
        Mistake(
            "rounded too early",
            "Round i * rows * columns / steps, not its parts: else the last patches are never "
            "removed.",
            _deletes(counts=lambda n, steps: [i * (n // steps) for i in range(steps + 1)]),
        ),
        Mistake(
            "rounded too early",
            "Round i * rows * columns / steps, not its parts: else the steps end too early or too "
            "late.",
            _deletes(
                counts=lambda n, steps: [min(i * -(-n // steps), n) for i in range(steps + 1)]
            ),
        ),
        Mistake(
            "one patch in each step",
            "With fewer steps than patches several go at once. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: list(range(steps + 1))),
        ),
        Mistake(
            "one patch in each step",
            "`steps` says how many entries there are. " + _HOW_MANY,
            _deletes(counts=lambda n, steps: list(range(n + 1))),
        ),
        Mistake("the patches are laid down column by column", _BLOCK, _deletes(spread=_turned)),
        Mistake(
            "rows and columns swapped",
            "Patch i stands in row i // columns, column i % columns: columns for both.",
            _deletes(spread=_columns_by_rows),
        ),
        Mistake(
            "the grid is tiled, not enlarged",
            "`repeat` puts the whole grid side by side; `repeat_interleave` makes each patch "
            "larger. " + _BLOCK,
            _deletes(spread=_tiled),
        ),
        Mistake(
            "patches are taken for squares",
            "Here a patch is wider than high. " + _BLOCK,
            _deletes(spread=_square_patches),
        ),
        Mistake(
            "patches are taken for squares",
            "Here a patch is wider than high. " + _BLOCK,
            lambda score, image, heat, steps: (
                deletion_scores(score, image, heat, steps)
                if image.shape[1] * heat.shape[1] == image.shape[2] * heat.shape[0]
                else _fails()
            ),
        ),
        Mistake("one pixel of each patch", _BLOCK, _deletes(spread=_one_pixel)),
        Mistake(
            "only the first channel",
            _ZERO + " `image[:, ...]` takes them all.",
            _deletes(fill=_only_channel_0),
        ),
        Mistake(
            "the mean in place of 0",
            _ZERO,
            _deletes(fill=lambda image: image.mean().expand_as(image)),
        ),
        Mistake(
            "the mean in place of 0",
            _ZERO,
            _deletes(fill=lambda image: image.mean((1, 2), keepdim=True).expand_as(image)),
        ),
        Mistake("1 in place of 0", _ZERO, _deletes(fill=torch.ones_like)),
        Mistake("0.5 in place of 0", _ZERO, _deletes(fill=lambda i: torch.full_like(i, 0.5))),
        Mistake("equally warm patches go together", _TIES, _threshold),
        Mistake("equally warm patches go together", _TIES, _threshold_below),
        Mistake(
            "score gets no batch",
            "`score` takes (B, C, H, W): make one image a batch with `image[None]`.",
            _without_batch,
        ),
        Mistake(
            "nothing is removed",
            "All entries are the score of the whole image: score the copy that you changed.",
            _same_image,
        ),
        Mistake(
            "the image is overwritten",
            "Yours scores the same empty image again and again: change a clone, step by step.",
            _overwrites,
        ),
        Mistake(
            "how much the score falls",
            "Asked are the scores themselves.",
            _curve_then(lambda scores: scores[0] - scores),
        ),
        Mistake(
            "divided by the first score",
            "Asked are the scores themselves.",
            _curve_then(lambda scores: scores / scores[0]),
        ),
        Mistake(
            "the entries in the wrong order",
            "Entry 0 is the whole image, the last one an image of zeros.",
            _curve_then(lambda scores: scores.flip(0)),
        ),
        Mistake("an axis too many", _STACK, _curve_then(lambda scores: scores[:, None])),
        Mistake("an axis too many", _STACK, _curve_then(lambda scores: scores[None])),
        Mistake("a list, not a tensor", _STACK, _curve_then(lambda scores: scores.tolist())),
        Mistake("a list, not a tensor", _STACK, _deletes(give=list)),
        Mistake("the mean of the scores", _STACK, _curve_then(lambda scores: scores.mean())),
    ),
)

# 8.6 ----------------------------------------------------------------------------------------------


def _lowest(fused: Tensor, discard: float) -> Tensor:
    """True where an entry goes: (B, N, N)."""
    flat = fused.flatten(1)
    chosen = flat.topk(int(discard * flat.shape[1]), dim=1, largest=False).indices
    return torch.zeros_like(flat).scatter(1, chosen, 1.0).bool().view_as(fused)


def _chosen(k_of=None, largest=False, axis=1):
    """A choice of entries with another number of them, or of the largest."""
    k_of = k_of or (lambda discard, n: int(discard * n * n))

    def choose(fused, discard):
        flat = fused.flatten(axis)
        chosen = flat.topk(k_of(discard, fused.shape[-1]), dim=-1, largest=largest).indices
        return torch.zeros_like(flat).scatter(-1, chosen, 1.0).bool().view_as(fused)

    return choose


def _from_image_0(fused: Tensor, discard: float) -> Tensor:
    """The indices of all images are set to 0 in the first one: `flat[0, weakest] = 0`."""
    everywhere = _lowest(fused, discard)
    return torch.cat([everywhere.any(0, keepdim=True), torch.zeros_like(everywhere[1:])])


def _image_0_for_all(fused: Tensor, discard: float) -> Tensor:
    return _lowest(fused, discard)[:1].expand_as(fused)


def _over_the_batch(fused: Tensor, discard: float) -> Tensor:
    flat = fused.flatten()
    chosen = flat.topk(int(discard * len(flat)), largest=False).indices
    return torch.zeros_like(flat).scatter(0, chosen, 1.0).bool().view_as(fused)


def _protecting(where):
    def choose(fused, discard):
        weakest = _lowest(fused, discard)
        weakest[where] = False
        return weakest

    return choose


def _up_to(fused: Tensor, discard: float) -> Tensor:
    """All entries as small as the last one due; where none is due, the largest is `the last`."""
    flat = fused.flatten(1)
    threshold = flat.sort(1).values[:, int(discard * flat.shape[1]) - 1]
    return fused <= threshold[:, None, None]


def _up_to_if_any(fused: Tensor, discard: float) -> Tensor:
    return _up_to(fused, discard) & (discard > 0)


def _below(fused: Tensor, discard: float) -> Tensor:
    flat = fused.flatten(1)
    threshold = flat.sort(1).values[:, int(discard * flat.shape[1])]
    return fused < threshold[:, None, None]


def _quantile(fused: Tensor, discard: float) -> Tensor:
    return fused < fused.flatten(1).quantile(discard, dim=1)[:, None, None]


def _discards(
    choose=_lowest, fuse=lambda a: a.mean(1), divide=_rows_to_1, instead=lambda fused: 0.0
):
    """A stand-in for discard_weakest that fuses, chooses or divides in another way."""

    def stand_in(attention, discard):
        fused = fuse(attention)
        return divide(torch.where(choose(fused, discard), instead(fused), fused))

    return stand_in


def _no_keepdim(maps: Tensor) -> Tensor:
    return maps / maps.sum(-1)


def _heads_first(attention: Tensor, discard: float) -> Tensor:
    """Each head loses its own weakest entries, before the mean."""
    flat = attention.flatten(0, 1)
    kept = torch.where(_lowest(flat, discard), 0.0, flat)
    return _rows_to_1(kept.view_as(attention).mean(1))


def _zeros(answer, attention: Tensor, discard: float):
    """How many entries are 0, in each image."""
    result = answer(attention, discard)
    if not isinstance(result, Tensor) or result.shape != attention[:, 0].shape:
        return shape_of(result)
    return (result == 0).flatten(1).sum(1).tolist()


def _with_ties() -> Tensor:
    """Two images, two heads, 4 tokens: half of each row are equal, small entries."""
    row = torch.tensor([0.125, 0.125, 0.5, 0.25])
    one = torch.stack([row.roll(i) for i in range(4)])
    return torch.stack([one, one.flip(1)])[:, None].expand(2, 2, 4, 4).clone()


_EACH_IMAGE = "Each image loses the smallest entries of its own map: index each image by itself."
_KEEPDIM = (
    "Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie "
    "along the columns."
)
_HOW_MANY_GO = "Asked are int(discard * N * N) entries of each map, N * N numbers as one list."
_SMALLEST = "Only the smallest entries go, wherever they stand, the class token's as well."

DISCARD = Exercise(
    id="8.6",
    name="discard_weakest",
    title="Spot the bug: a rollout that discards",
    difficulty=3,
    minutes=12,
    reference=discard_weakest,
    hints=(
        "Which image does `flat[0, ...]` mean, and what is the shape of `fused.sum(dim=-1)`? What "
        "does broadcasting make of it?",
        "`scatter(1, weakest, 0.0)` sets the entries of each row of `flat` by that row's own "
        "indices. Then back to (B, N, N), and divide by the row sums with the axis kept.",
        "`kept = flat.scatter(1, weakest, 0.0).view_as(fused)`, then "
        "`return kept / kept.sum(dim=-1, keepdim=True)`.",
    ),
    trials=(
        Trial("discard_weakest(weights (4, 3, 4, 4), 0.4)", (_weights(4, 3, 4, seed=50), 0.4)),
        Trial(
            "discard_weakest(weights (1, 2, 7, 7), 0.2)",
            (_weights(1, 2, 7, seed=51), 0.2),
            errors_alike=True,
        ),
        Trial(
            "discard_weakest(weights (3, 2, 5, 5), 0.3)",
            (_weights(3, 2, 5, seed=52), 0.3),
            errors_alike=True,
        ),
        Trial(
            "discard_weakest(weights (2, 1, 6, 6), 0.3), of one head",
            (_weights(2, 1, 6, seed=54), 0.3),
            errors_alike=True,
        ),
        Trial(
            "How many entries are 0 after discard_weakest(weights, 0.33), where many are equal",
            (_with_ties(), 0.33),
            _zeros,
            errors_alike=True,
        ),
        Trial(
            "discard_weakest(weights (2, 3, 4, 4), 0.0)",
            (_weights(2, 3, 4, seed=53), 0.0),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "only the first image loses entries",
            "`flat[0, weakest]` is always image 0, which loses what is weak in any. " + _EACH_IMAGE,
            _discards(_from_image_0),
        ),
        Mistake(
            "only the first image loses entries",
            "The other images keep all their entries. " + _EACH_IMAGE,
            _discards(
                lambda fused, discard: torch.cat(
                    [_lowest(fused[:1], discard), torch.zeros_like(fused[1:]).bool()]
                )
            ),
        ),
        Mistake(
            "both bugs are still there",
            "`flat[0, weakest]` is always image 0, and the sums lie along the columns. "
            + _EACH_IMAGE,
            _discards(_from_image_0, divide=_no_keepdim),
        ),
        Mistake(
            "both bugs are still there",
            "`flat[0, weakest]` is always image 0, and the sums lie along the columns. "
            + _EACH_IMAGE,
            _discards(_from_image_0, divide=lambda m: m / m.sum(-1)[:, None]),
        ),
        Mistake(
            "the first image decides for all",
            "Yours removes in every image what is weak in image 0. " + _EACH_IMAGE,
            _discards(_image_0_for_all),
        ),
        Mistake(
            "every image loses what is weak in any",
            "`flat[:, weakest]` sets the entries of all images in all images. " + _EACH_IMAGE,
            _discards(lambda fused, d: _lowest(fused, d).any(0).expand_as(fused)),
        ),
        Mistake(
            "the batch is one long list",
            "Images compete with each other: an even map loses nothing, another one too much. "
            + _EACH_IMAGE,
            _discards(_over_the_batch),
        ),
        Mistake(
            "each row loses its own",
            "Yours takes as many from every row. " + _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: int(discard * n), axis=2)),
        ),
        Mistake(
            "the largest are discarded",
            "`topk` takes the largest unless you say `largest=False`.",
            _discards(_chosen(largest=True)),
        ),
        Mistake(
            "kept are the smallest",
            "Yours sets the others to 0: the smallest should go.",
            _discards(lambda fused, discard: ~_lowest(fused, discard)),
        ),
        Mistake("rows are not divided", _KEEPDIM, _discards(divide=lambda m: m)),
        Mistake("no keepdim", _KEEPDIM, _discards(divide=_no_keepdim)),
        Mistake(
            "no keepdim",
            _KEEPDIM,
            _discards(divide=lambda m: m / m.sum(-1)[:, None]),
        ),
        Mistake(
            "columns are divided by their sum",
            _KEEPDIM,
            _discards(divide=lambda m: m / m.sum(-2, keepdim=True)),
        ),
        Mistake(
            "columns are divided by their sum",
            "`F.normalize` goes along axis 1 unless you say `dim=-1`. " + _KEEPDIM,
            _discards(divide=lambda m: F.normalize(m, p=1, dim=1)),
        ),
        Mistake(
            "divided by the sum of the whole map",
            _KEEPDIM,
            _discards(divide=lambda m: m / m.sum((1, 2), keepdim=True)),
        ),
        Mistake(
            "divided by the sum of everything", _KEEPDIM, _discards(divide=lambda m: m / m.sum())
        ),
        Mistake(
            "divided by the largest value",
            "Rows should sum to 1 again. " + _KEEPDIM,
            _discards(divide=lambda m: m / m.amax(-1, keepdim=True)),
        ),
        Mistake(
            "another softmax",
            "After a softmax entries of 0 are weights again. Divide each row by its sum.",
            _discards(divide=lambda m: m.softmax(-1)),
        ),
        Mistake(
            "the identity is mixed in",
            "That comes later, in the rollout. Asked is one layer's map with rows summing to 1.",
            _discards(divide=lambda m: _rows_to_1(m + _eye(m))),
        ),
        Mistake(
            "the identity is mixed in",
            "That comes later, in the rollout. Asked is one layer's map with rows summing to 1.",
            _discards(divide=lambda m: (_rows_to_1(m) + _eye(m)) / 2),
        ),
        Mistake(
            "one entry is protected",
            "Index 0 of the list is one entry (row 0, column 0). " + _SMALLEST,
            _discards(_protecting((slice(None), 0, 0))),
        ),
        Mistake(
            "the class token's column is protected",
            _SMALLEST,
            _discards(_protecting((slice(None), slice(None), 0))),
        ),
        Mistake(
            "the class token's row is protected",
            _SMALLEST,
            _discards(_protecting((slice(None), 0))),
        ),
        Mistake(
            "the diagonal is protected",
            _SMALLEST,
            _discards(lambda fused, discard: _lowest(fused, discard) & ~_eye(fused).bool()),
        ),
        Mistake(
            "another number of entries",
            "`int` rounds down. " + _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: round(discard * n * n))),
        ),
        Mistake(
            "another number of entries",
            "`int` rounds down. " + _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: math.ceil(discard * n * n))),
        ),
        Mistake(
            "another number of entries",
            "A quantile need not cut where int(discard * N * N) does. " + _HOW_MANY_GO,
            _discards(_quantile),
        ),
        Mistake(
            "one entry too many",
            _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: int(discard * n * n) + 1)),
        ),
        Mistake(
            "a share of N, not of N * N",
            _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: int(discard * n))),
        ),
        Mistake(
            "discard is taken for the share that stays",
            _HOW_MANY_GO,
            _discards(_chosen(lambda discard, n: n * n - int(discard * n * n))),
        ),
        Mistake(
            "discard is taken for a threshold",
            "discard is a share of the entries, not a weight. " + _HOW_MANY_GO,
            _discards(lambda fused, discard: fused < discard),
        ),
        Mistake(
            "equal entries go together",
            "Where entries are equal, a threshold takes all of them or none. " + _HOW_MANY_GO,
            _discards(_up_to_if_any),
        ),
        Mistake(
            "equal entries go together",
            "Where entries are equal, a threshold takes all of them or none. " + _HOW_MANY_GO,
            _discards(_below),
        ),
        Mistake(
            "equal entries go together",
            "Where entries are equal, a threshold takes all of them or none, and with discard=0 "
            "there is no last entry to go by. " + _HOW_MANY_GO,
            _discards(_up_to),
        ),
        Mistake(
            "equal entries go together",
            "Where entries are equal, a threshold takes all of them or none, and with discard=0 "
            "there is no last entry to go by. " + _HOW_MANY_GO,
            lambda a, discard: _discards(_up_to)(a, discard) if discard else _fails(),
        ),
        Mistake(
            "discard=0 is not expected",
            "With discard=0 nothing goes, and the map stays as it is: take care of k = 0.",
            lambda a, discard: discard_weakest(a, discard) if discard else _fails(),
        ),
        Mistake(
            "discard=0 is not expected",
            "With discard=0 nothing goes, and the map stays as it is. (`x[-0:]` and `x[: -0]` are "
            "everything, or nothing.)",
            lambda a, discard: discard_weakest(a, discard) if discard else a.mean(1) * torch.nan,
        ),
        Mistake(
            "the smallest entries share the mean",
            "Discarded entries are set to 0.",
            _discards(instead=lambda fused: fused.mean((1, 2), keepdim=True)),
        ),
        Mistake("the maximum of the heads", _HEADS, _discards(fuse=lambda a: a.amax(1))),
        Mistake("the minimum of the heads", _HEADS, _discards(fuse=lambda a: a.amin(1))),
        Mistake("the first head only", _HEADS, _discards(fuse=lambda a: a[:, 0])),
        Mistake(
            "each head discards by itself",
            "First the mean of the heads, then the smallest entries of that one map.",
            _heads_first,
        ),
        Mistake(
            "the images are averaged",
            "Each image has a result of its own: keep axis 0.",
            lambda a, discard: discard_weakest(a, discard).mean(0),
        ),
        Mistake(
            "not back in rows and columns",
            "Yours is still a list of N * N numbers: `.view_as(fused)`.",
            lambda a, discard: discard_weakest(a, discard).flatten(1),
        ),
    ),
)

# 8.7 ----------------------------------------------------------------------------------------------


@lru_cache
def _model(depth: int, num_heads: int) -> VisionTransformer:
    """A small ViT for images (1, 4, 6) and 5 classes, whose weights are not small."""
    model = VisionTransformer((4, 6), 2, 1, 5, 6, depth, num_heads, mlp_dim=8).eval()
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            parameter.copy_(_random(*parameter.shape, seed=60 + number, scale=0.7))
    return model


def _asked_about(depth: int, num_heads: int, *classes: int) -> tuple:
    """What a question needs: depth and heads of the model, images, classes."""
    images = _random(len(classes), 1, 4, 6, seed=59, scale=1.5)
    return depth, num_heads, images, torch.tensor(classes)


def _twin(module: nn.Module) -> nn.Module:
    """A copy that shares nothing, several times as fast as `copy.deepcopy`."""
    twin = copy.copy(module)
    twin.__dict__ = {
        name: value.copy() if isinstance(value, dict) else value
        for name, value in vars(module).items()
    }
    for name, parameter in module.named_parameters(recurse=False):
        twin._parameters[name] = nn.Parameter(parameter.detach().clone())
    for name, child in module.named_children():
        twin._modules[name] = _twin(child)
    return twin


_MORE = "layers of earlier calls, too"


class _EarlierCalls(RuntimeError):
    """The result holds more layers than the model has."""


def _with_model(question):
    """An `ask` with a fresh copy of the model, which the answer may spoil.

    The question is given a `call` of the answer. What is left over from earlier calls shows in too
    many layers, or in layers of several sizes that cannot be stacked.
    """

    def ask(answer, depth, num_heads, images, classes):
        model = _twin(_model(depth, num_heads))

        def call():
            result = answer(model, images, classes)
            if isinstance(result, (list, tuple)) and max(map(_layers, result), default=0) > depth:
                raise _EarlierCalls
            return result

        try:
            return question(call, model)
        except RuntimeError as error:
            if isinstance(error, _EarlierCalls) or "stack expects each tensor" in str(error):
                return _MORE
            raise

    return ask


def _layers(part) -> int:
    """How many layers there are in (B, layers, heads, N, N), or in a list of layers."""
    if isinstance(part, Tensor):
        return part.shape[1] if part.ndim == 5 else 0
    return len(part) if isinstance(part, (list, tuple, dict)) else 0


@_with_model
def _shapes_twice(call, model):
    call()
    return shape_of(call())


def _part(index: int):
    """The weights (0) or the gradients (1)."""

    @_with_model
    def ask(call, model):
        part = call()[index]
        return part.detach() if isinstance(part, Tensor) else part

    return ask


@_with_model
def _grad_of_parameters(call, model) -> str:
    call()
    return "none" if all(p.grad is None for p in model.parameters()) else "some"


@_with_model
def _hooks_left(call, model) -> str:
    fused = F.scaled_dot_product_attention
    try:
        call()
        hooked = any(
            m._forward_hooks or m._forward_pre_hooks or m._backward_hooks or m._backward_pre_hooks
            for m in model.modules()
        )
        hooked = hooked or any(p._backward_hooks for p in model.parameters())
        return "something" if hooked or F.scaled_dot_product_attention is not fused else "nothing"
    finally:
        F.scaled_dot_product_attention = fused


@_with_model
def _modes_left(call, model) -> str:
    call()
    if any(module.training for module in model.modules()):
        return "in training mode"
    if not same_value(_model(model.config["depth"], model.config["num_heads"]), model):
        return "with other weights"
    if not all(parameter.requires_grad for parameter in model.parameters()):
        return "frozen: a parameter has requires_grad=False"
    return "as it was"


@_with_model
def _gradients_left_on(call, model) -> bool:
    call()
    return torch.is_grad_enabled()


def _seen(model, images) -> tuple[Tensor, list[Tensor]]:
    with capture(model) as maps:
        logits = model(images)
    return logits, list(maps.values())


def _chosen_logits(logits: Tensor, classes: Tensor) -> Tensor:
    return logits[torch.arange(len(classes)), classes]


def _remembered(stand_in):
    """The stand-in with its answers kept: the questions are the same in every check."""
    known = {}

    def remembers(model, images, classes):
        key = (model.config["depth"], model.config["num_heads"], *classes.tolist())
        if key not in known:
            known[key] = stand_in(model, images, classes)
        return known[key]

    return remembers


def _asks_for(score):
    """A stand-in with another score."""

    @_remembered
    def stand_in(model, images, classes):
        logits, maps = _seen(model, images)
        gradients = torch.autograd.grad(score(logits, classes), maps)
        return torch.stack(maps, 1).detach(), torch.stack(gradients, 1)

    return stand_in


def _gives(change):
    """A stand-in that does something to the right weights and gradients."""
    return _remembered(lambda *question: change(*_right(*question)))


_right = _remembered(attention_gradients)


def _of_a_stack(model, images, classes):
    logits, maps = _seen(model, images)
    stack = torch.stack(maps, 1)
    return stack, torch.autograd.grad(_chosen_logits(logits, classes).sum(), stack)[0]


def _without_gradients(model, images, classes):
    with torch.no_grad():
        logits, maps = _seen(model, images)
    score = _chosen_logits(logits, classes).sum()
    return torch.stack(maps, 1), torch.stack(torch.autograd.grad(score, maps), 1)


def _layer_by_layer(model, images, classes):
    logits, maps = _seen(model, images)
    score = _chosen_logits(logits, classes).sum()
    return torch.stack(maps, 1), torch.stack([torch.autograd.grad(score, m)[0] for m in maps], 1)


def _backward_on_everything(model, images, classes):
    logits, maps = _seen(model, images)
    for weights in maps:
        weights.retain_grad()
    _chosen_logits(logits, classes).sum().backward()
    return torch.stack(maps, 1).detach(), torch.stack([weights.grad for weights in maps], 1)


def _leaves(what):
    """A stand-in that gives the right result and leaves something behind."""

    def stand_in(model, images, classes):
        result = _right(model, images, classes)
        what(model)
        return result

    return stand_in


_BACKWARD_ORDER = (
    "Hooks on gradients run in backward order, last layer first. Turn their list round, or ask "
    "`torch.autograd.grad` for all maps at once, which keeps your order."
)
_ONE_LOGIT = (
    "The score of image b is its logit number classes[b]: `logits[torch.arange(B), classes]`."
)
_SUM = "Sum the scores of the batch before you ask: images do not meet, so each keeps its own."
_STACK_LAYERS = "Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each."
_PAIR_ORDER = "Asked is a pair, the weights first, then the gradients."
_NOTHING_ELSE = "Asked are the gradients as they are: what to make of them comes later."
_SAME_PASS = (
    "The gradient goes to the very tensors that the logits were made from: those in `maps` after "
    "`logits = model(images)` inside `with capture(model) as maps:`."
)

GRADIENTS = Exercise(
    id="8.7",
    name="maps_and_gradients",
    title="Spot the bug: gradients in the wrong order",
    difficulty=4,
    minutes=15,
    reference=maps_and_gradients,
    hints=(
        "Which layer does backward reach first? And what does the list hold when the function is "
        "called a second time?",
        "No hooks and no list are needed: with the maps of `capture` and one number made of the "
        "chosen logits, `torch.autograd.grad(number, list_of_maps)` gives one gradient for each "
        "map, in the order of the maps, and leaves `.grad` alone.",
        "`score = logits[torch.arange(len(classes)), classes].sum()`, then `gradients = "
        "torch.autograd.grad(score, list(maps.values()))`, then both stacked with "
        "`torch.stack(..., dim=1)`.",
    ),
    trials=(
        Trial(
            "What a second call of maps_and_gradients gives, for one image, 2 layers, 3 heads",
            _asked_about(2, 3, 4),
            _shapes_twice,
        ),
        Trial("The weights of 2 images, 3 layers, 2 heads", _asked_about(3, 2, 4, 1), _part(0)),
        Trial("The gradients of 2 images, 3 layers, 2 heads", _asked_about(3, 2, 4, 1), _part(1)),
        Trial("The weights of 3 images, 2 layers, 3 heads", _asked_about(2, 3, 0, 3, 2), _part(0)),
        Trial(
            "The gradients of 3 images, 2 layers, 3 heads", _asked_about(2, 3, 0, 3, 2), _part(1)
        ),
        Trial("The gradients of one image", _asked_about(2, 1, 3), _part(1)),
        Trial(
            "Which parameters have a .grad afterwards", _asked_about(2, 1, 3), _grad_of_parameters
        ),
        Trial("What stays hooked", _asked_about(2, 1, 3), _hooks_left),
        Trial("The model afterwards", _asked_about(2, 1, 3), _modes_left),
        Trial("Are gradients still on?", _asked_about(2, 1, 3), _gradients_left_on),
    ),
    mistakes=(
        Mistake(
            "the gradients come last layer first",
            "The weights are right, but their gradients belong to other layers. " + _BACKWARD_ORDER,
            _gives(lambda maps, gradients: (maps, gradients.flip(1))),
        ),
        Mistake(
            "the weights come last layer first",
            "Entry 0 belongs to the first layer. `maps` is in this order already: turn round the "
            "list that hooks filled, not this one.",
            _gives(lambda maps, gradients: (maps.flip(1), gradients)),
        ),
        Mistake(
            "both come last layer first",
            "Weights and gradients fit together, but entry 0 should belong to the first layer, the "
            "one next to the input.",
            _gives(lambda maps, gradients: (maps.flip(1), gradients.flip(1))),
        ),
        Mistake(
            "each call adds to the same list",
            "The list outlives the call: it holds the gradients of all calls so far. Make a new "
            "one in each call, inside the function.",
            _gives(lambda maps, gradients: (maps, torch.cat([gradients, gradients], 1))),
        ),
        Mistake(
            "gradients first, weights second",
            _PAIR_ORDER,
            _gives(lambda maps, gradients: (gradients, maps)),
        ),
        Mistake("only the gradients", _PAIR_ORDER, _gives(lambda maps, gradients: gradients)),
        Mistake("only the weights", _PAIR_ORDER, _gives(lambda maps, gradients: maps)),
        Mistake(
            "the highest logit, not that of the class",
            "`classes` says which logit is asked about, and it need not be the highest. "
            + _ONE_LOGIT,
            _asks_for(lambda logits, classes: logits.amax(1).sum()),
        ),
        Mistake(
            "the first image's class for all",
            "Each image has a class of its own. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: logits[:, classes[0]].sum()),
        ),
        Mistake(
            "every image is asked about all classes",
            "`logits[:, classes]` picks the classes of all images from each image. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: logits[:, classes].sum()),
        ),
        Mistake(
            "classes are taken for images",
            "`logits[classes]` picks images, not logits. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: logits[classes].sum()),
        ),
        Mistake(
            "only the first image is asked",
            "The gradients of the other images are 0. " + _SUM,
            _asks_for(lambda logits, classes: logits[0, classes[0]]),
        ),
        Mistake(
            "the sum of all logits",
            "That asks about no class in particular. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: logits.sum()),
        ),
        Mistake(
            "the gradient of the loss",
            "The loss knows all logits, and falls where the score rises. " + _ONE_LOGIT,
            _asks_for(F.cross_entropy),
        ),
        Mistake(
            "the gradient of the loss",
            "The loss knows all logits, and falls where the score rises. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: F.cross_entropy(logits, classes, reduction="sum")),
        ),
        Mistake(
            "the gradient of the log-probability",
            "Asked is the logit, before any softmax. " + _ONE_LOGIT,
            _asks_for(lambda z, classes: _chosen_logits(z.log_softmax(1), classes).sum()),
        ),
        Mistake(
            "the gradient of the probability",
            "Asked is the logit, before any softmax: where the model is sure, a probability hardly "
            "moves. " + _ONE_LOGIT,
            _asks_for(lambda z, classes: _chosen_logits(z.softmax(1), classes).sum()),
        ),
        Mistake(
            "divided by the number of images",
            "With the mean, a gradient gets smaller as the batch grows. " + _SUM,
            _asks_for(lambda logits, classes: _chosen_logits(logits, classes).mean()),
        ),
        Mistake(
            "the sign is turned",
            "Yours says where the score falls. " + _ONE_LOGIT,
            _asks_for(lambda logits, classes: -_chosen_logits(logits, classes).sum()),
        ),
        Mistake(
            "no single score",
            "Backward starts from one number, not from one for each image. " + _SUM,
            _asks_for(_chosen_logits),
        ),
        Mistake(
            "the gradient at the scores before the softmax",
            "Your rows sum to 0: this is the gradient before the softmax. Asked is that of the "
            "weights, after it.",
            _gives(lambda a, g: (a, a * (g - (a * g).sum(-1, keepdim=True)))),
        ),
        Mistake(
            "the logits do not come from these tensors",
            "`torch.stack` makes a new tensor, and a second pass makes new maps: no way leads back "
            "to them from the logits. " + _SAME_PASS,
            _of_a_stack,
        ),
        Mistake(
            "computed without gradients",
            "Under `no_grad`, nothing is noted down that backward could follow. " + _SAME_PASS,
            _without_gradients,
        ),
        Mistake(
            "the graph is gone after the first layer",
            "Each call of `torch.autograd.grad` uses the graph up. Ask for all layers in one call, "
            "with a list of maps.",
            _layer_by_layer,
        ),
        Mistake(
            "all gradients are 0",
            "No gradient came back: `detach` or `no_grad` cut the weights off. " + _SAME_PASS,
            _gives(lambda maps, gradients: (maps, gradients * 0)),
        ),
        Mistake(
            "only the last layer",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps[:, -1:], gradients[:, -1:])),
        ),
        Mistake(
            "only the last layer",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps[:, -1], gradients[:, -1])),
        ),
        Mistake(
            "only the first layer",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps[:, 0], gradients[:, 0])),
        ),
        Mistake(
            "layers before images",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps.transpose(0, 1), gradients.transpose(0, 1))),
        ),
        Mistake(
            "layers side by side",
            "`torch.cat` joins along an axis that is there, `torch.stack` makes a new one. "
            + _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps.flatten(1, 2), gradients.flatten(1, 2))),
        ),
        Mistake(
            "layers side by side",
            "`torch.cat` joins along an axis that is there, `torch.stack` makes a new one. "
            + _STACK_LAYERS,
            _gives(
                lambda maps, gradients: (
                    torch.cat([*maps.unbind(1)]),
                    torch.cat([*gradients.unbind(1)]),
                )
            ),
        ),
        Mistake(
            "a list of layers",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (list(maps.unbind(1)), list(gradients.unbind(1)))),
        ),
        Mistake(
            "a list of layers",
            _STACK_LAYERS,
            _gives(lambda maps, gradients: (maps, list(gradients.unbind(1)))),
        ),
        Mistake(
            "a list of layers",
            _STACK_LAYERS + " (`capture` gives a dict: its values are the layers.)",
            _gives(lambda maps, gradients: (dict(enumerate(maps.unbind(1))), gradients)),
        ),
        Mistake(
            "the heads are averaged",
            _NOTHING_ELSE,
            _gives(lambda maps, gradients: (maps.mean(2), gradients.mean(2))),
        ),
        Mistake(
            "weight times gradient",
            _NOTHING_ELSE,
            _gives(lambda maps, gradients: (maps, maps * gradients)),
        ),
        Mistake(
            "negative gradients are set to 0",
            _NOTHING_ELSE,
            _gives(lambda maps, gradients: (maps, gradients.relu())),
        ),
        Mistake(
            "absolute values",
            _NOTHING_ELSE,
            _gives(lambda maps, gradients: (maps, gradients.abs())),
        ),
        Mistake(
            "the parameters keep a .grad",
            "`backward()` leaves a gradient in every parameter, and the next training step would "
            "use it. `torch.autograd.grad(score, maps)` asks for the maps' alone.",
            _backward_on_everything,
        ),
        Mistake(
            "hooks stay behind",
            "Each call leaves a hook on the model, and all of them run in every later pass. Keep "
            "what `register_...hook` returns and call its `.remove()`.",
            _leaves(lambda model: model.head.register_forward_hook(lambda *_: None)),
        ),
        Mistake(
            "the model is left in training mode",
            "The model came in evaluation mode, and `train()` switches dropout on. Gradients need "
            "no training mode.",
            _leaves(lambda model: model.train()),
        ),
        Mistake(
            "the model is left frozen",
            "`requires_grad_(False)` stays after the call, and the model can no longer learn.",
            _leaves(lambda model: model.requires_grad_(False)),
        ),
        Mistake(
            "gradients are switched off for good",
            "`torch.set_grad_enabled(False)` goes on after the function has ended. "
            "`with torch.no_grad():` ends with its block.",
            _leaves(lambda model: torch.set_grad_enabled(False)),
        ),
    ),
)

# 8.8 ----------------------------------------------------------------------------------------------


def _scaled(
    scale=lambda patches, highest: patches / highest,
    cut=lambda rows, grid, p: rows[..., p:],
    lay_out=lambda patches, grid: patches.unflatten(-1, tuple(grid)),
    end=lambda heat: heat.clamp(max=1),
):
    """A stand-in for to_heat that scales, cuts, lays out or ends in another way."""

    def stand_in(rows, grid, num_prefix_tokens, highest):
        patches = cut(rows, grid, num_prefix_tokens)
        return end(lay_out(scale(patches, highest), grid))

    return stand_in


def _min_max(patches: Tensor, highest: float) -> Tensor:
    low, high = patches.amin(-1, keepdim=True), patches.amax(-1, keepdim=True)
    return (patches - low) / (high - low)


def _column_by_column(patches: Tensor, grid: tuple[int, int]) -> Tensor:
    return patches.unflatten(-1, tuple(grid)[::-1]).mT


_ONE_SCALE = (
    "Divided by something of its own, every map gets a bright spot, and nearly even attention "
    "looks like a finding. Divide all by the same `highest`."
)
_PREFIX_OF_ANY = (
    "There may be none or several: the patches are what follows them, `rows[..., "
    "num_prefix_tokens:]`."
)
_CUT_OFF = (
    "What is above `highest` becomes 1, so that colours mean the same everywhere: `.clamp(max=1)`."
)
_NOT_ELSE = "Nothing else is rescaled: twice the weight is twice the heat."

HEAT = Exercise(
    id="8.8",
    name="to_heat",
    title="Spot the bug: a map of nothing",
    difficulty=2,
    minutes=8,
    reference=to_heat,
    hints=(
        "If all weights of a row lie between 0.0099 and 0.0101, what does its picture look like "
        "after (row - min) / (max - min)? And how many prefix tokens does sqrt(N - 1) know of?",
        "Drop the prefix, divide by `highest`, cut off at 1, and lay out by `grid`. Nothing is "
        "taken from the row itself.",
        "`patches = rows[..., num_prefix_tokens:]`, then `return (patches / highest).clamp(max=1)"
        ".reshape(*rows.shape[:-1], *grid)`.",
    ),
    trials=(
        Trial(
            "to_heat(rows (3, 17), grid (2, 8), 1 prefix token, 0.2)",
            (_weights(3, 17, seed=80)[:, 0], (2, 8), 1, 0.2),
        ),
        Trial(
            "to_heat of nearly even rows (2, 7), grid (2, 3), 1 prefix token, highest 0.5",
            (_random(2, 7, seed=81, scale=0.01).softmax(-1), (2, 3), 1, 0.5),
            errors_alike=True,
        ),
        Trial(
            "to_heat(rows (4, 9), grid (3, 2), 3 prefix tokens, 0.3)",
            (_weights(4, 9, seed=82)[:, 0], (3, 2), 3, 0.3),
            errors_alike=True,
        ),
        Trial(
            "to_heat(rows (2, 4, 7), grid (2, 3), 1 prefix token, 0.25)",
            (_weights(2, 4, 7, seed=84)[:, :, 0], (2, 3), 1, 0.25),
            errors_alike=True,
        ),
        Trial(
            "to_heat(one row (6,), grid (3, 2), no prefix token, 0.3)",
            (_weights(6, seed=83)[0], (3, 2), 0, 0.3),
            errors_alike=True,
        ),
    ),
    mistakes=(
        Mistake(
            "each map has its own scale",
            "Yours goes from the smallest to the largest weight of each map. " + _ONE_SCALE,
            _scaled(_min_max),
        ),
        Mistake(
            "each map has its own scale",
            "Yours takes the smallest weight of each map for 0. " + _ONE_SCALE,
            _scaled(lambda w, highest: (w - w.amin(-1, keepdim=True)) / highest),
        ),
        Mistake(
            "each map has its own scale",
            "Yours takes the smallest weight of each map for 0. " + _ONE_SCALE,
            _scaled(
                lambda w, highest: (
                    (w - w.amin(-1, keepdim=True)) / (highest - w.amin(-1, keepdim=True))
                )
            ),
        ),
        Mistake(
            "both bugs are still there",
            "The grid is taken for a square, and each map has a scale of its own. " + _ONE_SCALE,
            _scaled(
                _min_max,
                cut=lambda rows, grid, p: rows[..., 1:],
                lay_out=lambda patches, grid: _square(patches),
            ),
        ),
        Mistake(
            "divided by its own largest value",
            _ONE_SCALE,
            _scaled(lambda w, highest: w / w.amax(-1, keepdim=True)),
        ),
        Mistake(
            "divided by the largest value of these maps",
            "The next maps would have another scale. " + _ONE_SCALE,
            _scaled(lambda w, highest: w / w.max()),
        ),
        Mistake(
            "from the smallest to the largest value of these maps",
            "The next maps would have another scale. " + _ONE_SCALE,
            _scaled(lambda w, highest: (w - w.min()) / (w.max() - w.min())),
        ),
        Mistake(
            "divided by its own sum",
            "What a map gives to the prefix tokens is lost with that. " + _ONE_SCALE,
            _scaled(lambda w, highest: w / w.sum(-1, keepdim=True)),
        ),
        Mistake(
            "divided by its own sum",
            "What a map gives to the prefix tokens is lost with that. " + _ONE_SCALE,
            _scaled(lambda w, highest: w / w.sum(-1, keepdim=True) / highest),
        ),
        Mistake(
            "not divided at all",
            "The weights are as they were: divide them by `highest`.",
            _scaled(lambda w, highest: w),
        ),
        Mistake(
            "cut off at `highest`, but not divided",
            "Cut off at `highest` is right; now divide by it, so that heat goes up to 1.",
            _scaled(lambda w, highest: w.clamp(max=highest)),
        ),
        Mistake(
            "multiplied by `highest`",
            "A weight as large as `highest` should become 1: divide by it.",
            _scaled(lambda w, highest: w * highest),
        ),
        Mistake("not cut off above 1", _CUT_OFF, _scaled(end=lambda heat: heat)),
        Mistake(
            "cut off to 0",
            "The strongest weights are dark in yours. " + _CUT_OFF,
            _scaled(end=lambda heat: torch.where(heat > 1, 0.0, heat)),
        ),
        Mistake(
            "cut off from below",
            "`clamp(min=1)` lifts everything up to 1. " + _CUT_OFF,
            _scaled(end=lambda heat: heat.clamp(min=1)),
        ),
        Mistake(
            "0 or 1, nothing between",
            _NOT_ELSE,
            _scaled(end=lambda heat: (heat >= 1).float()),
        ),
        Mistake(
            "divided by the largest heat, not cut off",
            "One strong map makes all others darker. " + _CUT_OFF,
            _scaled(end=lambda heat: heat / heat.max().clamp(min=1)),
        ),
        Mistake(
            "a soft end for a sharp one",
            _NOT_ELSE + " " + _CUT_OFF,
            _scaled(end=torch.tanh),
        ),
        Mistake(
            "a soft end for a sharp one",
            _NOT_ELSE + " " + _CUT_OFF,
            _scaled(end=torch.sigmoid),
        ),
        Mistake(
            "the grid is square",
            "A grid need not be square: its rows and columns are in `grid`.",
            _scaled(lay_out=lambda patches, grid: _square(patches)),
        ),
        Mistake(
            "one prefix token is taken for granted",
            _PREFIX_OF_ANY,
            _scaled(cut=lambda rows, grid, p: rows[..., 1:]),
        ),
        Mistake(
            "one prefix token is taken for granted",
            _PREFIX_OF_ANY,
            _scaled(cut=lambda rows, grid, p: rows[..., 1 : 1 + _places(grid)]),
        ),
        Mistake(
            "the prefix tokens are still there",
            _PREFIX_OF_ANY,
            _scaled(cut=lambda rows, grid, p: rows),
        ),
        Mistake(
            "the prefix tokens are still there",
            _PREFIX_OF_ANY,
            _scaled(cut=lambda rows, grid, p: rows, lay_out=lambda patches, grid: patches),
        ),
        Mistake(
            "the end is left out, not the front",
            "Prefix tokens stand in front. " + _PREFIX_OF_ANY,
            _scaled(cut=lambda rows, grid, p: rows[..., : _places(grid)]),
        ),
        Mistake(
            "no prefix token is not expected",
            "`rows[..., -0:]` is everything, `rows[..., :-0]` nothing. " + _PREFIX_OF_ANY,
            lambda rows, grid, p, highest: to_heat(rows, grid, p, highest) if p else _fails(),
        ),
        Mistake(
            "columns before rows",
            _ORDER,
            _scaled(lay_out=lambda patches, grid: patches.unflatten(-1, tuple(grid)[::-1])),
        ),
        Mistake(
            "the patches are laid down column by column", _ORDER, _scaled(lay_out=_column_by_column)
        ),
        Mistake(
            "not laid out on the grid",
            "Yours is still a list of patches. Reshape the last axis to (rows, columns).",
            _scaled(lay_out=lambda patches, grid: patches),
        ),
        Mistake(
            "one number of axes is taken for granted",
            "Rows come with any axes in front, also none: (..., N). `rows.shape[:-1]` has them.",
            lambda rows, grid, p, highest: (
                to_heat(rows, grid, p, highest) if rows.ndim == 2 else _fails()
            ),
        ),
        Mistake(
            "axes in front become one",
            "Rows come with any axes in front, (..., N), and these stay.",
            lambda rows, grid, p, highest: to_heat(rows, grid, p, highest).reshape(-1, *grid),
        ),
        Mistake(
            "turned round", "Strong is 1, weak is 0.", _scaled(end=lambda h: 1 - h.clamp(max=1))
        ),
        Mistake(
            "a logarithmic scale", _NOT_ELSE, _scaled(end=lambda heat: heat.log().clamp(max=1))
        ),
        Mistake(
            "a logarithmic scale", _NOT_ELSE, _scaled(end=lambda heat: heat.log1p().clamp(max=1))
        ),
        Mistake("the root is taken", _NOT_ELSE, _scaled(end=lambda h: h.sqrt().clamp(max=1))),
        Mistake("squares", _NOT_ELSE, _scaled(end=lambda heat: heat.square().clamp(max=1))),
        Mistake(
            "from 0 to 255",
            "Heat goes from 0 to 1; a colour map does the rest.",
            _scaled(end=lambda heat: heat.clamp(max=1) * 255),
        ),
        Mistake(
            "from 0 to 255",
            "Heat goes from 0 to 1; a colour map does the rest.",
            _scaled(end=lambda heat: (heat.clamp(max=1) * 255).byte()),
        ),
    ),
)

EXERCISES = (CLS_MAP, ROLLOUT, RELEVANCE, DISTANCE, DELETION, DISCARD, GRADIENTS, HEAT)
