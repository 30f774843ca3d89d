"""Sample paper A: patches and attention, in other forms than the course's."""

import math

import torch
from einops import rearrange
from torch import Tensor

from vitcourse.exercises.battery import battery
from vitcourse.exercises.engine import Exercise, Trial


def _waves(*shape: int) -> Tensor:
    """Fractions from -1 to 1, all different."""
    return (torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape) * 1.3).sin()


def _counting(*shape: int) -> Tensor:
    """Numbers 0, 1, 2, ...: every value tells where it came from."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


# A.1 ----------------------------------------------------------------------------------------------


def overlapping_patches(images: Tensor, patch_size: int, stride: int) -> Tensor:
    if any((side - patch_size) % stride for side in images.shape[2:]):
        raise ValueError(f"windows of {patch_size} in steps of {stride} do not fit the images")
    windows = images.unfold(2, patch_size, stride).unfold(3, patch_size, stride)
    return rearrange(windows, "b c h w p q -> b (w h) (c p q)")


OVERLAPPING_PATCHES = Exercise(
    id="A.1",
    name="overlapping_patches",
    title="Patches that overlap",
    difficulty=3,
    minutes=20,
    reference=overlapping_patches,
    hints=(),
    trials=(
        Trial("a 1 x 1 x 4 x 6 image that counts, P = 2, stride 2", (_counting(1, 1, 4, 6), 2, 2)),
        Trial("a 1 x 1 x 5 x 7 image that counts, P = 3, stride 2", (_counting(1, 1, 5, 7), 3, 2)),
        Trial("2 x 3 x 5 x 9 images that count, P = 3, stride 2", (_counting(2, 3, 5, 9), 3, 2)),
        Trial("2 x 3 x 5 x 4 images that count, P = 3, stride 1", (_counting(2, 3, 5, 4), 3, 1)),
        Trial("2 x 2 x 3 x 3 images that count, P = 3, stride 3", (_counting(2, 2, 3, 3), 3, 3)),
        Trial("a 3 x 2 x 7 x 5 batch, P = 1, stride 2", (_waves(3, 2, 7, 5), 1, 2)),
        *battery(
            "overlapping_patches(images, 3, 2) of 3 x 2 x 5 x 7 images",
            (_waves(3, 2, 5, 7), 3, 2),
            without=["bfloat16"],
        ),
        Trial("5 x 6 pixels, P = 3, stride 2", (_counting(1, 1, 5, 6), 3, 2), raises=ValueError),
        Trial("6 x 5 pixels, P = 3, stride 2", (_counting(1, 1, 6, 5), 3, 2), raises=ValueError),
        Trial("4 x 8 pixels, P = 3, stride 4", (_counting(1, 1, 4, 8), 3, 4), raises=ValueError),
        Trial("7 x 3 pixels, P = 3, stride 4", (_counting(1, 1, 7, 3), 3, 4)),
    ),
)

# A.2 ----------------------------------------------------------------------------------------------


def masked_attention(
    q: Tensor, k: Tensor, v: Tensor, visible: Tensor, temperature: float
) -> tuple[Tensor, Tensor]:
    scores = q @ k.transpose(-2, -1) / (math.sqrt(q.shape[-1]) * temperature)
    weights = scores.masked_fill(~visible[:, None, None], -torch.inf).softmax(dim=-1)
    return weights @ v, weights


def _random(*shape: int, seed: int) -> Tensor:
    return 1.5 * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _weights(answer, *inputs) -> Tensor:
    return answer(*inputs)[1]


def _output(answer, *inputs) -> Tensor:
    return answer(*inputs)[0]


def _gradients(answer, q: Tensor, k: Tensor, v: Tensor, visible: Tensor, temperature: float):
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    total = sum(x.square().sum() for x in answer(*leaves, visible, temperature))
    return list(torch.autograd.grad(total, leaves))


_QKV = tuple(_random(2, 3, 5, 4, seed=seed) for seed in range(3))
_OTHER = tuple(_random(2, 1, 5, 3, seed=seed) for seed in range(7, 10))
_LARGE = tuple(15 * x for x in _QKV)  # scores up to a thousand: too much for exp in float32
_ALL = torch.ones(2, 5, dtype=torch.bool)
_SOME = torch.tensor([[True, True, False, True, False], [False, True, True, True, True]])
_ONE = torch.tensor([[False, False, True, False, False], [True, False, False, False, False]])

MASKED_ATTENTION = Exercise(
    id="A.2",
    name="masked_attention",
    title="Attention with a temperature and a mask",
    difficulty=3,
    minutes=20,
    reference=masked_attention,
    hints=(),
    trials=(
        Trial("the weights, all tokens visible, temperature 1", (*_QKV, _ALL, 1.0), _weights),
        Trial("the output, all tokens visible, temperature 1", (*_QKV, _ALL, 1.0), _output),
        Trial("the weights, all tokens visible, temperature 2.5", (*_QKV, _ALL, 2.5), _weights),
        Trial("the weights, some tokens hidden, temperature 1", (*_QKV, _SOME, 1.0), _weights),
        Trial("the weights, some tokens hidden, temperature 0.4", (*_QKV, _SOME, 0.4), _weights),
        Trial("output and weights, one token visible", (*_QKV, _ONE, 0.7)),
        Trial("output and weights, one head of 3 channels", (*_OTHER, _SOME, 1.5)),
        Trial("the weights where scores are several hundred", (*_LARGE, _SOME, 1.0), _weights),
        *battery(
            "output and weights of masked_attention, temperature 0.7",
            (*_QKV, _SOME, 0.7),
            batched=(0, 1, 2, 3),
            without=("gradients", "bfloat16", "numbers"),  # numbers: scores of a hundred million
        ),
        Trial("the gradients that reach q, k and v", (*_QKV, _SOME, 0.7), _gradients),
    ),
)

# A.3 ----------------------------------------------------------------------------------------------


def class_attention(
    tokens: Tensor, to_q: Tensor, to_k: Tensor, to_v: Tensor, num_heads: int
) -> Tensor:
    q = rearrange(tokens[:, :1] @ to_q, "b n (h d) -> b h n d", h=num_heads)
    k = rearrange(tokens @ to_k, "b n (h d) -> b h n d", h=num_heads)
    v = rearrange(tokens @ to_v, "b n (h d) -> b h n d", h=num_heads)
    weights = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return tokens[:, 0] + rearrange(weights @ v, "b h 1 d -> b (h d)")


_TOKENS = _random(2, 5, 12, seed=3)
_MATRICES = tuple(_random(12, 12, seed=seed) / 4 for seed in (4, 5, 6))

CLASS_ATTENTION = Exercise(
    id="A.3",
    name="class_attention",
    title="Attention for the class token alone",
    difficulty=4,
    minutes=25,
    reference=class_attention,
    hints=(),
    trials=(
        Trial("2 images, 5 tokens of 12 numbers, one head", (_TOKENS, *_MATRICES, 1)),
        Trial("2 images, 5 tokens of 12 numbers, 3 heads", (_TOKENS, *_MATRICES, 3)),
        Trial("2 images, 5 tokens of 12 numbers, 4 heads", (_TOKENS, *_MATRICES, 4)),
        Trial("the class token alone, 3 heads", (_TOKENS[:, :1], *_MATRICES, 3)),
        *battery(
            "class_attention with 3 heads",
            (_TOKENS, *_MATRICES, 3),
            without=("bfloat16", "numbers"),
        ),
    ),
)

# A.4 ----------------------------------------------------------------------------------------------


def windows(tokens: Tensor, grid: tuple[int, int], size: int) -> Tensor:
    rows, columns = grid
    if rows % size or columns % size:
        raise ValueError(f"size={size} must divide grid={grid}")
    return rearrange(
        tokens,
        "b (h p w q) d -> (b h w) (p q) d",
        h=rows // size,
        p=size,
        q=size,
        w=columns // size,
    )


WINDOWS = Exercise(
    id="A.4",
    name="windows",
    title="Tokens in windows",
    difficulty=3,
    minutes=15,
    reference=windows,
    hints=(),
    trials=(
        Trial(
            "one image of 4 x 6 tokens that count, windows of 2", (_counting(1, 24, 1), (4, 6), 2)
        ),
        Trial("2 images of 4 x 6 tokens, windows of 2", (_counting(2, 24, 3), (4, 6), 2)),
        Trial("2 images of 6 x 3 tokens, windows of 3", (_counting(2, 18, 2), (6, 3), 3)),
        Trial("2 images of 2 x 3 tokens, windows of 1", (_counting(2, 6, 2), (2, 3), 1)),
        *battery(
            "windows(tokens, (4, 6), 2) of 3 images",
            (_waves(3, 24, 2), (4, 6), 2),
            without=["bfloat16"],
        ),
        Trial("a grid of 4 x 5, windows of 2", (_counting(1, 20, 1), (4, 5), 2), raises=ValueError),
        Trial("a grid of 5 x 4, windows of 2", (_counting(1, 20, 1), (5, 4), 2), raises=ValueError),
        Trial("a grid of 2 x 6, windows of 4", (_counting(1, 12, 1), (2, 6), 4), raises=ValueError),
    ),
)

EXERCISES = (OVERLAPPING_PATCHES, MASKED_ATTENTION, CLASS_ATTENTION, WINDOWS)
