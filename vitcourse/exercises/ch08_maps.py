"""Chapter 8, maps: the class token's map, rollout, relevance, distance, deletion, and three bugs.

Nearly even weights forgive most mistakes, and so do one head, one image, a square grid and one
prefix token. So the weights here are those of a softmax of large scores, images, heads, layers and
tokens are of different numbers, grids are not square, and there may be registers.
"""

import copy
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.exercises.battery import CIRCUMSTANCES, battery
from vitcourse.exercises.compare import same_value, shape_of
from vitcourse.exercises.course_answers import (
    block_patches,
    cls_map,
    deletion_scores,
    discard_weakest,
    maps_and_gradients,
    to_heat,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.maps import attention_distance, relevance, rollout
from vitcourse.model.vit import VisionTransformer


def _random(*shape: int, seed: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _weights(*shape: int, seed: int) -> Tensor:
    """Attention that looks at few tokens, and at other ones in each row: rows sum to 1."""
    return _random(*shape, shape[-1], seed=seed, scale=2.5).softmax(-1)


def _even(*shape: int, seed: int) -> Tensor:
    """Attention that hardly prefers any token."""
    return _random(*shape, shape[-1], seed=seed, scale=0.01).softmax(-1)


def _sharp(*shape: int, seed: int) -> Tensor:
    """Attention of which each row is at one token, with next to nothing for the others."""
    return _random(*shape, shape[-1], seed=seed, scale=500).softmax(-1)


# Maps are made to be looked at: float32 on the CPU, and nobody asks for their gradients.
_LEFT_OPEN = ("float64", "bfloat16", "gradients")
_LEFT_ALONE = "left alone"


def _circumstances(
    says: str, scores: Tensor, *rest, batched: tuple[int, ...] = (0,)
) -> list[Trial]:
    """A battery of questions about weights: rows sum to 1 in all of them, whatever the scores."""

    def build(answer):
        return lambda scores, *rest: answer(_shares(scores), *rest)

    weights = _shares(scores)
    heads_first = weights.transpose(0, 1).contiguous().transpose(0, 1)
    without = (*_LEFT_OPEN, "numbers", "modes", _LEFT_ALONE)
    trials = [
        *battery(says, (scores, *rest), build=build, batched=batched, without=without),
        *battery(says, (weights, *rest), without={*CIRCUMSTANCES} - {_LEFT_ALONE}),
        Trial(
            f"{says} where memory is laid out by heads",
            (heads_first, *rest),
            easier=(_easier("where memory is laid out by images", "by heads", weights, *rest),),
        ),
    ]
    return [replace(trial, errors_alike=True) for trial in trials]


def _shares(scores: Tensor) -> Tensor:
    """Not by `softmax`, which would lay out memory anew."""
    weights = (scores - scores.amax(-1, keepdim=True)).exp()
    return weights / weights.sum(-1, keepdim=True)


def _easier(right: str, wrong: str, *inputs) -> Easier:
    return Easier(right, wrong, inputs)


# 8.1 ----------------------------------------------------------------------------------------------


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
            "cls_map of weights (3, 4, 17, 17), grid (2, 8)",
            (_weights(3, 4, 17, seed=1), (2, 8)),
            easier=(
                _easier("for a square grid", "for 2 x 8", _weights(3, 4, 17, seed=1), (4, 4)),
                _easier("for one head", "for several", _weights(3, 1, 17, seed=1), (2, 8)),
                _easier("for one image", "for several", _weights(1, 4, 17, seed=1), (2, 8)),
                _easier(
                    "for one image with one head",
                    "for several",
                    _weights(1, 1, 17, seed=1),
                    (2, 8),
                ),
            ),
        ),
        Trial(
            "cls_map of weights (3, 2, 9, 9), grid (3, 2), 3 prefix tokens",
            (_weights(3, 2, 9, seed=2), (3, 2), 3),
            errors_alike=True,
            easier=(
                _easier("for one prefix token", "for three", _weights(3, 2, 7, seed=2), (3, 2), 1),
            ),
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
        Trial(
            "cls_map of nearly even weights (2, 3, 13, 13), grid (4, 3)",
            (_even(2, 3, 13, seed=5), (4, 3)),
            errors_alike=True,
        ),
        *_circumstances(
            "cls_map of weights (3, 4, 9, 9), grid (2, 4)", _random(3, 4, 9, 9, seed=7), (2, 4)
        ),
    ),
)

# 8.2 ----------------------------------------------------------------------------------------------


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
        Trial(
            "rollout of weights (2, 3, 4, 5, 5)",
            (_weights(2, 3, 4, 5, seed=10),),
            easier=(
                _easier("for one layer", "for three", _weights(2, 1, 4, 5, seed=10)),
                _easier("for two layers", "for three", _weights(2, 2, 4, 5, seed=10)),
                _easier("for one head", "for several", _weights(2, 3, 1, 5, seed=10)),
                _easier("for one image", "for several", _weights(1, 3, 4, 5, seed=10)),
            ),
        ),
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
        Trial(
            "rollout of one image and one layer, weights (1, 1, 2, 4, 4)",
            (_weights(1, 1, 2, 4, seed=17),),
            errors_alike=True,
        ),
        Trial(
            "rollout of nearly even weights (4, 2, 2, 9, 9)",
            (_even(4, 2, 2, 9, seed=14),),
            errors_alike=True,
        ),
        Trial(
            "rollout of weights (2, 4, 2, 5, 5), all at one token in each row",
            (_sharp(2, 4, 2, 5, seed=15),),
            errors_alike=True,
        ),
        *_circumstances("rollout of weights (3, 3, 2, 5, 5)", _random(3, 3, 2, 5, 5, seed=16)),
    ),
)

# 8.3 ----------------------------------------------------------------------------------------------


RELEVANCE = Exercise(
    id="8.3",
    name="relevance",
    title="Relevance for a class",
    difficulty=3,
    minutes=15,
    reference=relevance,
    hints=(
        "What is a large weight worth for a class if the score would fall with it? And "
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
            easier=(
                _easier(
                    "where no gradient is negative",
                    "where some are",
                    _weights(2, 3, 4, 5, seed=20),
                    _random(2, 3, 4, 5, 5, seed=21, scale=2.0).abs(),
                ),
                _easier(
                    "for one layer",
                    "for three",
                    _weights(2, 1, 4, 5, seed=20),
                    _random(2, 1, 4, 5, 5, seed=21, scale=2.0),
                ),
                _easier(
                    "for one head",
                    "for several",
                    _weights(2, 3, 1, 5, seed=20),
                    _random(2, 3, 1, 5, 5, seed=21, scale=2.0),
                ),
                _easier(
                    "for one image",
                    "for several",
                    _weights(1, 3, 4, 5, seed=20),
                    _random(1, 3, 4, 5, 5, seed=21, scale=2.0),
                ),
            ),
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
        Trial(
            "relevance of one image and one layer, weights (1, 1, 2, 4, 4)",
            (_weights(1, 1, 2, 4, seed=33), _random(1, 1, 2, 4, 4, seed=34)),
            errors_alike=True,
        ),
        Trial(
            "relevance of nearly even weights (4, 2, 3, 6, 6) and small gradients",
            (_even(4, 2, 3, 6, seed=27), _random(4, 2, 3, 6, 6, seed=28, scale=0.03)),
            errors_alike=True,
        ),
        Trial(
            "relevance of weights (2, 4, 1, 5, 5) and gradients around 100",
            (_weights(2, 4, 1, 5, seed=29), _random(2, 4, 1, 5, 5, seed=30, scale=100.0)),
            errors_alike=True,
        ),
        *_circumstances(
            "relevance of weights and gradients (3, 3, 2, 5, 5)",
            _random(3, 3, 2, 5, 5, seed=31),
            _random(3, 3, 2, 5, 5, seed=32),
            batched=(0, 1),
        ),
    ),
)

# 8.4 ----------------------------------------------------------------------------------------------


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
            easier=(
                _easier("for a square grid", "for 2 x 4", _weights(2, 3, 5, seed=30), (2, 2), 8),
                _easier("for patches of 1 pixel", "for 8", _weights(2, 3, 9, seed=30), (2, 4), 1),
                _easier(
                    "where the class token gets nothing",
                    "where it gets a share",
                    F.pad(_weights(2, 3, 8, seed=30), (1, 0, 1, 0)),
                    (2, 4),
                    8,
                ),
                _easier("for one image", "for several", _weights(1, 3, 9, seed=30), (2, 4), 8),
            ),
        ),
        Trial(
            "attention_distance of weights (3, 2, 4, 9, 9), grid (3, 2), patches of 4, 3 prefix "
            "tokens",
            (_weights(3, 2, 4, 9, seed=31), (3, 2), 4, 3),
            errors_alike=True,
            easier=(
                _easier(
                    "for one prefix token", "for three", _weights(3, 2, 4, 7, seed=31), (3, 2), 4
                ),
                _easier(
                    "for weights (B, heads, N, N)",
                    "for (B, layers, heads, N, N)",
                    _weights(3, 2, 9, seed=31),
                    (3, 2),
                    4,
                    3,
                ),
            ),
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
        Trial(
            "attention_distance of nearly even weights (2, 2, 13, 13), grid (3, 4), patches of 2",
            (_even(2, 2, 13, seed=34), (3, 4), 2),
            errors_alike=True,
        ),
        Trial(
            "attention_distance of weights (4, 1, 6, 6), one row of patches: grid (1, 5), 16",
            (_weights(4, 1, 6, seed=35), (1, 5), 16),
            errors_alike=True,
        ),
        *_circumstances(
            "attention_distance of weights (3, 2, 9, 9), grid (4, 2), patches of 4",
            _random(3, 2, 9, 9, seed=36),
            (4, 2),
            4,
        ),
    ),
)

# 8.5 ----------------------------------------------------------------------------------------------


@lru_cache
def _template(*shape: int) -> Tensor:
    return _random(*shape, seed=sum(shape))


def _score(images: Tensor) -> Tensor:
    """A score of either sign to which every pixel matters otherwise: (B, C, H, W) -> (B,)."""
    if images.ndim != 4:
        raise ValueError(f"score takes images (B, C, H, W), got {tuple(images.shape)}")
    return (images * _template(*images.shape[1:])).sum((1, 2, 3)).div(10).tanh()


def _light(images: Tensor) -> Tensor:
    """The mean of all pixels: (B, C, H, W) -> (B,)."""
    return images.mean((1, 2, 3))


DELETION = Exercise(
    id="8.5",
    name="deletion_scores",
    title="Take away what it points at",
    difficulty=3,
    minutes=15,
    reference=deletion_scores,
    hints=(
        "In which order are the patches removed, and which pixels belong to patch i? Which image "
        "does `score` see for entry 0, and for the last one?",
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
            easier=(
                _easier(
                    "for one channel",
                    "for three",
                    _score,
                    _random(1, 8, 12, seed=40),
                    _random(2, 3, seed=41),
                    6,
                ),
                _easier(
                    "where the heat falls in reading order",
                    "for other heat",
                    _score,
                    _random(3, 8, 12, seed=40),
                    _random(6, seed=41).sort(descending=True).values.view(2, 3),
                    6,
                ),
            ),
        ),
        Trial(
            "deletion_scores of image (2, 4, 15), heat (2, 5), 3 steps",
            (_score, _random(2, 4, 15, seed=42), _random(2, 5, seed=43), 3),
            errors_alike=True,
            easier=(
                _easier(
                    "where each step removes one patch",
                    "for 10 patches in 3 steps",
                    _score,
                    _random(2, 4, 15, seed=42),
                    _random(2, 5, seed=43),
                    10,
                ),
                _easier(
                    "for square patches",
                    "for patches wider than tall",
                    _score,
                    _random(2, 4, 10, seed=42),
                    _random(2, 5, seed=43),
                    3,
                ),
            ),
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
        Trial(
            "deletion_scores of image (2, 6, 1), heat (3, 1), 2 steps",
            (_score, _random(2, 6, 1, seed=46), _random(3, 1, seed=47), 2),
            errors_alike=True,
        ),
        *(
            replace(trial, errors_alike=True)
            for trial in battery(
                "deletion_scores of image (2, 4, 6), heat (2, 3), 4 steps",
                (_score, _random(2, 4, 6, seed=48), _random(2, 3, seed=49), 4),
                batched=(),
                without=_LEFT_OPEN,
            )
        ),
    ),
)

# 8.6 ----------------------------------------------------------------------------------------------


def _some_patches(*shape: int, seed: int, share: float = 0.4) -> Tensor:
    """Which patches are blocked, (B, rows, columns): other ones in each image, never all."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share


def _mild(*shape: int, seed: int) -> Tensor:
    """Attention of which much is left: 1 minus what is blocked is exact enough."""
    return _random(*shape, shape[-1], seed=seed).softmax(-1)


def _block_in_all_rows(answer, weights: Tensor, patches: Tensor) -> Tensor:
    return answer(weights, patches, slice(None))


_BLOCKED = _mild(2, 3, 7, seed=90), _some_patches(2, 2, 3, seed=91)

BLOCK = Exercise(
    id="8.6",
    name="block_patches",
    title="Block the way",
    difficulty=3,
    minutes=12,
    reference=block_patches,
    hints=(
        "Which columns of a row belong to the patches, and what is in the one before them? What "
        "does the rest of the row sum to, once some of it is gone?",
        "Make a row of N factors for each image: 1 for the class token, then 0 for each blocked "
        "patch and 1 for the others. Multiply the rows of `queries` in a copy by it, and divide "
        "each of these rows by its own sum.",
        "`ways = torch.cat([torch.ones(len(patches), 1), (~patches).flatten(1).float()], dim=1)"
        "[:, None, None]`, `result = weights.clone()`, `rows = result[:, :, queries] * ways`, "
        "then `result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)`.",
    ),
    trials=(
        Trial(
            "block_patches(weights (2, 3, 7, 7), patches (2, 2, 3))",
            _BLOCKED,
            easier=(
                _easier(
                    "where no patch is blocked",
                    "where some are",
                    _BLOCKED[0],
                    torch.zeros(2, 2, 3, dtype=torch.bool),
                ),
                _easier(
                    "where all images are blocked alike",
                    "where they are not",
                    _BLOCKED[0],
                    _BLOCKED[1][:1].expand(2, -1, -1),
                ),
            ),
        ),
        Trial(
            "block_patches(weights (3, 2, 9, 9), patches (3, 4, 2), queries=slice(None))",
            (_mild(3, 2, 9, seed=92), _some_patches(3, 4, 2, seed=93)),
            _block_in_all_rows,
            errors_alike=True,
            easier=(
                Easier(
                    "for the class token alone",
                    "when `queries` are all rows",
                    (_mild(3, 2, 9, seed=92), _some_patches(3, 4, 2, seed=93)),
                ),
            ),
        ),
        Trial(
            "block_patches(weights (2, 2, 7, 7), patches (2, 3, 2), queries=slice(1, 4))",
            (_mild(2, 2, 7, seed=94), _some_patches(2, 3, 2, seed=95), slice(1, 4)),
            errors_alike=True,
        ),
        Trial(
            "block_patches(weights (2, 1, 6, 6), patches (2, 1, 5), all of them blocked)",
            (_mild(2, 1, 6, seed=96), torch.ones(2, 1, 5, dtype=torch.bool)),
            errors_alike=True,
        ),
        Trial(
            "block_patches(weights (2, 2, 5, 5), patches (2, 2, 2), none of them blocked)",
            (_mild(2, 2, 5, seed=97), torch.zeros(2, 2, 2, dtype=torch.bool)),
            errors_alike=True,
        ),
        *_circumstances(
            "block_patches(weights (3, 2, 9, 9), patches (3, 2, 4))",
            _random(3, 2, 9, 9, seed=98),
            _some_patches(3, 2, 4, seed=99),
            batched=(0, 1),
        ),
    ),
)

# 8.7 ----------------------------------------------------------------------------------------------


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


DISCARD = Exercise(
    id="8.7",
    name="discard_weakest",
    title="Spot the bug: a rollout that discards",
    difficulty=3,
    minutes=12,
    reference=discard_weakest,
    hints=(
        "Which image is `flat[0, ...]`, and what is the shape of `fused.sum(dim=-1)`? What "
        "does broadcasting make of it?",
        "`scatter(1, weakest, 0.0)` sets the entries of each row of `flat` by that row's own "
        "indices. Then back to (B, N, N), and divide by the row sums with the axis kept.",
        "`kept = flat.scatter(1, weakest, 0.0).view_as(fused)`, then "
        "`return kept / kept.sum(dim=-1, keepdim=True)`.",
    ),
    trials=(
        Trial(
            "discard_weakest(weights (4, 3, 4, 4), 0.4)",
            (_weights(4, 3, 4, seed=50), 0.4),
            easier=(
                _easier("for one image", "for several", _weights(1, 3, 4, seed=50), 0.4),
                _easier("for one head", "for several", _weights(4, 1, 4, seed=50), 0.4),
                _easier("for discard=0", "for 0.4", _weights(4, 3, 4, seed=50), 0.0),
            ),
        ),
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
            "How many entries are 0 after discard_weakest(weights (2, 2, 5, 5), 0.3)",
            (_weights(2, 2, 5, seed=57), 0.3),
            _zeros,
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
        Trial(
            "discard_weakest(weights (3, 2, 4, 4), 0.1), one entry of each image",
            (_weights(3, 2, 4, seed=55), 0.1),
            errors_alike=True,
        ),
        *_circumstances(
            "discard_weakest(weights (3, 4, 6, 6), 0.3)", _random(3, 4, 6, 6, seed=56), 0.3
        ),
    ),
)

# 8.8 ----------------------------------------------------------------------------------------------


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


class _Nothing(Exception):
    """The result is None."""


def _with_model(question):
    """An `ask` with a fresh copy of the model, which the answer may spoil.

    The question is given a `call` of the answer. What is left over from earlier calls shows in too
    many layers, or in layers of several sizes that cannot be stacked.
    """

    def ask(answer, depth, num_heads, images, classes):
        model = _twin(_model(depth, num_heads))

        def call(turned: bool = False):
            inputs = (x.flip(0) if turned else x for x in (images, classes))
            result = answer(model, *inputs)
            if result is None:
                raise _Nothing
            if isinstance(result, (list, tuple)) and max(map(_layers, result), default=0) > depth:
                raise _EarlierCalls
            return result

        try:
            return question(call, model)
        except _Nothing:
            return None
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
def _gradients_of_others(call, model):
    call()
    part = call(turned=True)[1]
    return part.detach() if isinstance(part, Tensor) else part


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
def _training_mode_left(call, model) -> str:
    call()  # what is wrong in evaluation mode, too, shows here
    model.train()
    with suppress(ValueError):  # from `capture`
        call()
    training = [module.training for module in model.modules()]
    if all(training):
        return "in training mode"
    return "in evaluation mode" if not any(training) else "partly in evaluation mode"


@_with_model
def _gradients_left_on(call, model) -> bool:
    call()
    return torch.is_grad_enabled()


GRADIENTS = Exercise(
    id="8.8",
    name="maps_and_gradients",
    title="Spot the bug: gradients in the wrong order",
    difficulty=4,
    minutes=15,
    reference=maps_and_gradients,
    hints=(
        "Which layer does backward reach first? And what is in the list when the function is "
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
        *(
            Trial(
                f"The {part} of 2 images, 3 layers, 2 heads",
                _asked_about(3, 2, 4, 1),
                _part(i),
                easier=(
                    Easier("for one image", "for two", _asked_about(3, 2, 4), _part(i)),
                    Easier("for one layer", "for three", _asked_about(1, 2, 4, 1), _part(i)),
                ),
            )
            for i, part in enumerate(("weights", "gradients"))
        ),
        Trial("The weights of 3 images, 2 layers, 3 heads", _asked_about(2, 3, 0, 3, 2), _part(0)),
        Trial(
            "The gradients of 3 images, 2 layers, 3 heads", _asked_about(2, 3, 0, 3, 2), _part(1)
        ),
        Trial(
            "The gradients of a second call, with the 2 images in the other order",
            _asked_about(1, 2, 4, 1),
            _gradients_of_others,
            easier=(Easier("the first time", "called again", _asked_about(1, 2, 1, 4), _part(1)),),
        ),
        Trial("The gradients of one image", _asked_about(2, 1, 3), _part(1)),
        Trial(
            "Which parameters have a .grad afterwards", _asked_about(1, 1, 3), _grad_of_parameters
        ),
        Trial("What stays hooked", _asked_about(1, 1, 3), _hooks_left),
        Trial("The model afterwards", _asked_about(1, 1, 3), _modes_left),
        Trial("Are gradients still on?", _asked_about(1, 1, 3), _gradients_left_on),
        Trial(
            "The mode of a model that came in training mode, afterwards",
            _asked_about(1, 1, 3),
            _training_mode_left,
        ),
    ),
)

# 8.9 ----------------------------------------------------------------------------------------------


HEAT = Exercise(
    id="8.9",
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
            easier=(
                _easier(
                    "for a square grid", "for 2 x 8", _weights(3, 17, seed=80)[:, 0], (4, 4), 1, 0.2
                ),
                _easier(
                    "where no weight is above `highest`",
                    "where some are",
                    _weights(3, 17, seed=80)[:, 0],
                    (2, 8),
                    1,
                    1.0,
                ),
            ),
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
            easier=(
                _easier(
                    "for rows (B, N)",
                    "for (B, heads, N)",
                    _weights(2, 7, seed=84)[:, 0],
                    (2, 3),
                    1,
                    0.25,
                ),
            ),
        ),
        Trial(
            "to_heat(one row (6,), grid (3, 2), no prefix token, 0.3)",
            (_weights(6, seed=83)[0], (3, 2), 0, 0.3),
            errors_alike=True,
        ),
        Trial(
            "to_heat(one image's rows (1, 5), grid (1, 4), 1 prefix token, 0.001)",
            (_weights(5, seed=85)[:1], (1, 4), 1, 0.001),
            errors_alike=True,
        ),
        *_circumstances(
            "to_heat(rows (3, 4, 9), grid (2, 4), 1 prefix token, 0.3)",
            _random(3, 4, 9, seed=86),
            (2, 4),
            1,
            0.3,
        ),
    ),
)

EXERCISES = (
    CLS_MAP,
    ROLLOUT,
    RELEVANCE,
    DISTANCE,
    DELETION,
    BLOCK,
    DISCARD,
    GRADIENTS,
    HEAT,
)
