"""Sample paper B: a Vision Transformer that listens, for recordings of different lengths."""

import math

import torch
from einops import rearrange
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.engine import Exercise, Trial


def _waves(*shape: int) -> Tensor:
    """Fractions from -1 to 1, all different."""
    return (torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape) * 1.3).sin()


def _counting(*shape: int) -> Tensor:
    """Numbers 0, 1, 2, ...: every value tells where it came from."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


# B.1 ----------------------------------------------------------------------------------------------


def strips(spectrograms: Tensor, width: int) -> Tensor:
    whole = spectrograms.shape[2] // width * width
    return rearrange(spectrograms[:, :, :whole], "b f (n w) -> b n (f w)", w=width)


STRIPS = Exercise(
    id="B.1",
    name="strips",
    title="Strips of a spectrogram",
    difficulty=2,
    minutes=15,
    reference=strips,
    hints=(),
    trials=(
        Trial("one spectrogram of 2 x 6 that counts, width 3", (_counting(1, 2, 6), 3)),
        Trial("2 spectrograms of 3 x 8 that count, width 2", (_counting(2, 3, 8), 2)),
        Trial(
            "2 spectrograms of 3 x 11, width 4: three moments are left over",
            (_counting(2, 3, 11), 4),
        ),
        Trial("2 spectrograms of 4 x 4, width 4", (_counting(2, 4, 4), 4)),
        Trial("2 spectrograms of 3 x 5, width 1", (_counting(2, 3, 5), 1)),
        *battery(
            "strips(spectrograms, 3) of 3 x 4 x 10", (_waves(3, 4, 10), 3), without=["bfloat16"]
        ),
    ),
)

# B.2 ----------------------------------------------------------------------------------------------


class StripEmbedding(nn.Module):
    def __init__(self, frequencies: int, width: int, most: int, embed_dim: int) -> None:
        super().__init__()
        self.width = width
        self.proj = nn.Linear(frequencies * width, embed_dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, most + 1, embed_dim))

    def forward(self, spectrograms: Tensor) -> Tensor:
        tokens = self.proj(strips(spectrograms, self.width))
        n = tokens.shape[1] + 1
        if n > self.pos_embed.shape[1]:
            raise ValueError(f"{n - 1} strips, but {self.pos_embed.shape[1] - 1} positions")
        tokens = torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
        return tokens + self.pos_embed[:, :n]


_SIZES = (3, 4, 5, 7)


def _build(answer) -> nn.Module:
    """The layer for 3 frequencies, strips of 4, at most 5 of them, tokens of 7 numbers."""
    layer = answer(*_SIZES)
    with torch.no_grad():
        for name, parameter in sorted(layer.named_parameters()):
            parameter.copy_(_waves(*parameter.shape) + len(name))
    return layer


def _names(answer) -> list:
    return [[name, list(p.shape)] for name, p in sorted(answer(*_SIZES).named_parameters())]


def _tokens(answer, spectrograms: Tensor) -> Tensor:
    return _build(answer)(spectrograms)


def _learns(answer, spectrograms: Tensor) -> list:
    layer = _build(answer)
    layer(spectrograms).square().sum().backward()
    return [p.grad for _, p in sorted(layer.named_parameters())]


def _starts_small(answer) -> bool:
    layer = answer(*_SIZES)
    return all(bool(x.detach().abs().max() < 0.2) for x in (layer.cls_token, layer.pos_embed))


STRIP_EMBEDDING = Exercise(
    id="B.2",
    name="StripEmbedding",
    title="From spectrogram to tokens",
    difficulty=3,
    minutes=25,
    reference=StripEmbedding,
    hints=(),
    trials=(
        Trial("the parameters and their shapes", (), _names),
        Trial("the tokens of 2 spectrograms of the full length", (_waves(2, 3, 20),), _tokens),
        Trial("the tokens of 2 shorter spectrograms", (_waves(2, 3, 12),), _tokens),
        Trial("the tokens where moments are left over", (_waves(2, 3, 14),), _tokens),
        Trial("the gradients of the parameters", (_waves(2, 3, 12),), _learns),
        Trial("do class token and positions start small?", (), _starts_small),
        *battery(
            "the tokens of 3 spectrograms",
            (_waves(3, 3, 16),),
            build=_build,
            without=["bfloat16"],
        ),
        Trial(
            "six strips, where five are the most", (_waves(1, 3, 24),), _tokens, raises=ValueError
        ),
    ),
)

# B.3 ----------------------------------------------------------------------------------------------


def mean_of_real(tokens: Tensor, lengths: Tensor) -> Tensor:
    place = torch.arange(tokens.shape[1] - 1)
    real = (place < lengths[:, None]).to(tokens.dtype)
    return (tokens[:, 1:] * real[:, :, None]).sum(1) / lengths[:, None].to(tokens.dtype)


_LENGTHS = torch.tensor([2, 5, 1])

MEAN_OF_REAL = Exercise(
    id="B.3",
    name="mean_of_real",
    title="The mean without the padding",
    difficulty=3,
    minutes=15,
    reference=mean_of_real,
    hints=(),
    trials=(
        Trial("3 recordings of 2, 5 and 1 tokens", (_waves(3, 6, 4) + 2, _LENGTHS)),
        Trial("3 recordings of 5 tokens each", (_waves(3, 6, 4) + 2, torch.tensor([5, 5, 5]))),
        Trial("2 recordings of 3 and 2 tokens", (_counting(2, 5, 3), torch.tensor([3, 2]))),
        *battery(
            "mean_of_real of 3 recordings",
            (_waves(3, 6, 4) + 2, _LENGTHS),
            batched=(0, 1),
            without=("bfloat16", "gradients"),
        ),
        Trial(
            "the gradient that reaches the tokens",
            (_waves(3, 6, 4) + 2, _LENGTHS),
            lambda answer, tokens, lengths: torch.autograd.grad(
                answer(tokens.requires_grad_(), lengths).square().sum(), tokens
            )[0],
        ),
    ),
)

# B.4 ----------------------------------------------------------------------------------------------


def restarts(step: int, period: int, warmup: int, decay: float) -> float:
    number, inside = divmod(step, period)
    peak = decay**number
    if inside < warmup:
        return peak * (inside + 1) / warmup
    return peak * (1 + math.cos(math.pi * (inside - warmup) / (period - warmup))) / 2


def _curve(answer, steps: int, *arguments) -> list[float]:
    return [answer(step, *arguments) for step in range(steps)]


RESTARTS = Exercise(
    id="B.4",
    name="restarts",
    title="A learning rate that starts again",
    difficulty=3,
    minutes=15,
    reference=restarts,
    hints=(),
    trials=(
        Trial("the first period: restarts(0 ... 9, 10, 3, 0.5)", (10, 10, 3, 0.5), _curve),
        Trial("two periods: restarts(0 ... 19, 10, 3, 0.5)", (20, 10, 3, 0.5), _curve),
        Trial("three periods: restarts(0 ... 23, 8, 2, 0.7)", (24, 8, 2, 0.7), _curve),
        Trial("without decay: restarts(0 ... 13, 7, 1, 1.0)", (14, 7, 1, 1.0), _curve),
        Trial("without warm-up: restarts(0 ... 9, 5, 0, 0.5)", (10, 5, 0, 0.5), _curve),
        Trial("restarts(7, 5, 2, 0.5)", (7, 5, 2, 0.5)),
    ),
)

EXERCISES = (STRIPS, STRIP_EMBEDDING, MEAN_OF_REAL, RESTARTS)
