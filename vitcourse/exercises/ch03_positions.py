"""Chapter 3, positions: measure that order is lost, make waves, add a table, stretch it.

No grid here is square, and no two sizes are alike; otherwise swapped axes look right.
"""

import math

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.model.positions import PositionEmbedding, resize_positions, sincos_1d, sincos_2d


def _random(*shape: int, seed: int = 1, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


# 3.1 ----------------------------------------------------------------------------------------------
# In float64, so that an equivariant layer is off by no more than 1e-15. There are more images and
# more numbers in a token than tokens, so that shuffling the wrong axis raises no error.


def equivariance_error(layer, tokens: Tensor, order: Tensor) -> float:
    """How much it matters whether tokens (B, N, D) are shuffled before the layer or after it.

    The largest absolute difference between layer(tokens[:, order]) and layer(tokens)[:, order].
    """
    before, after = layer(tokens[:, order]), layer(tokens)[:, order]
    return (before - after).abs().max().item()


def _adds_places(tokens: Tensor) -> Tensor:
    places = torch.tensor([-0.5, 2.0, -1.25, -1.0, 9.0, 3.0, -4.0], dtype=tokens.dtype)
    return tokens + places[: tokens.shape[1], None]


def _attends(tokens: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(tokens, tokens, tokens)


def _running_sum(tokens: Tensor) -> Tensor:
    return tokens.cumsum(dim=1)


def _adds_image_numbers(tokens: Tensor) -> Tensor:
    images = torch.arange(len(tokens)) % 7  # from 0 again, for those who run both in one batch
    return tokens + images.to(tokens.dtype)[:, None, None]


def _linear_layer() -> nn.Linear:
    layer = nn.Linear(6, 3).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(_random(*parameter.shape, seed=2))
    return layer


def _gap(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def _measures(compare):
    """A stand-in that shuffles as it should and compares otherwise."""
    return lambda layer, tokens, order: compare(layer(tokens[:, order]), layer(tokens)[:, order])


def _own_order(layer, tokens, order):
    return equivariance_error(layer, tokens, torch.randperm(tokens.shape[1]))


_TOKENS = _random(7, 5, 6, dtype=torch.float64)
_ORDER = torch.tensor([3, 0, 4, 2, 1])  # not its own inverse

EQUIVARIANCE = Exercise(
    id="3.1",
    name="equivariance_error",
    title="Does a layer notice the order?",
    difficulty=2,
    minutes=10,
    reference=equivariance_error,
    hints=(
        "There are two ways to a shuffled result: shuffle the tokens and run the layer, or run the "
        "layer and shuffle what comes out. Which axis holds the tokens?",
        "`tokens[:, order]` is the shuffled input, `layer(tokens)[:, order]` the shuffled output. "
        "Both have the shape of the layer's result: subtract them.",
        "`(layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item()`",
    ),
    trials=(
        Trial(
            "A layer that adds another number to the token at each place",
            (_adds_places, _TOKENS, _ORDER),
        ),
        Trial(
            "A layer that replaces each token by the sum of the tokens up to it",
            (_running_sum, _TOKENS, _ORDER),
        ),
        Trial("Attention, on 7 x 5 x 6 tokens", (_attends, _TOKENS, _ORDER)),
        Trial("An nn.Linear from 6 numbers to 3", (_linear_layer(), _TOKENS, _ORDER)),
        Trial(
            "A layer that adds another number to each image",
            (_adds_image_numbers, _TOKENS, _ORDER),
        ),
    ),
    mistakes=(
        Mistake(
            "invariance, not equivariance",
            "You compare layer(tokens[:, order]) with layer(tokens), both as they stand or both "
            "shuffled: that is invariance. Shuffle one output only: layer(tokens)[:, order].",
            lambda layer, tokens, order: _gap(layer(tokens[:, order]), layer(tokens)),
        ),
        Mistake(
            "the input is not shuffled",
            "The layer never saw shuffled tokens: give it tokens[:, order] once.",
            lambda layer, tokens, order: _gap(layer(tokens), layer(tokens)[:, order]),
        ),
        Mistake(
            "shuffled the wrong way round",
            "`tokens[:, order]` fetches token order[i] for place i; `shuffled[:, order] ="
            " tokens`, or a second `[:, order]`, is its inverse. Use tokens[:, order] on "
            "the input of one and on the output of the other.",
            lambda layer, tokens, order: _gap(layer(tokens[:, order])[:, order], layer(tokens)),
        ),
        Mistake(
            "shuffled the wrong way round",
            "`tokens[:, order]` fetches token order[i] for place i; `shuffled[:, order] ="
            " tokens`, or a second `[:, order]`, is its inverse. Use tokens[:, order] on "
            "the input of one and on the output of the other.",
            lambda layer, tokens, order: _gap(
                layer(tokens[:, order.argsort()]), layer(tokens)[:, order]
            ),
        ),
        Mistake(
            "shuffled the wrong way round",
            "`tokens[:, order]` fetches token order[i] for place i; `shuffled[:, order] ="
            " tokens`, or a second `[:, order]`, is its inverse. Use tokens[:, order] on "
            "the input of one and on the output of the other.",
            lambda layer, tokens, order: equivariance_error(layer, tokens, order.argsort()),
        ),
        Mistake(
            "the images are shuffled, not the tokens",
            "`tokens[order]` picks images. Tokens are the second axis: `tokens[:, order]`.",
            lambda layer, tokens, order: _gap(layer(tokens[order]), layer(tokens)[order]),
        ),
        Mistake(
            "the numbers are shuffled, not the tokens",
            "`tokens[:, :, order]` picks numbers inside each token. Tokens are the second axis: "
            "`tokens[:, order]`.",
            lambda layer, tokens, order: _gap(layer(tokens[..., order]), layer(tokens)[..., order]),
        ),
        Mistake(
            "another order than the given one",
            "You drew a shuffle of your own. Use `order`, so that the result can be repeated.",
            _own_order,
        ),
        Mistake(
            "the layer's result is compared with its input",
            "You compared what goes in with what comes out. Compare two results of the layer.",
            lambda layer, tokens, order: _gap(layer(tokens[:, order]), tokens[:, order]),
        ),
        Mistake(
            "the layer is left out",
            "The shuffled tokens were compared without the layer: run it on both ways.",
            lambda layer, tokens, order: _gap(tokens[:, order], tokens),
        ),
        Mistake(
            "the sign is not taken off",
            "The largest difference may be a negative one: `.abs()` before `.max()`.",
            _measures(lambda a, b: (a - b).max().item()),
        ),
        Mistake(
            "the mean, not the largest",
            "You averaged the differences. A single token that notices would drown: take the "
            "largest.",
            _measures(lambda a, b: (a - b).abs().mean().item()),
        ),
        Mistake(
            "the sum, not the largest",
            "You added the differences up, so that more tokens mean more error: take the largest.",
            _measures(lambda a, b: (a - b).abs().sum().item()),
        ),
        Mistake(
            "the smallest, not the largest",
            "You took the smallest difference; one number that agrees would hide all others.",
            _measures(lambda a, b: (a - b).abs().min().item()),
        ),
        Mistake(
            "squared",
            "You squared the differences. Asked is the largest absolute difference.",
            _measures(lambda a, b: (a - b).square().max().item()),
        ),
        Mistake(
            "squared",
            "You squared the differences. Asked is the largest absolute difference.",
            _measures(lambda a, b: (a - b).square().mean().item()),
        ),
        Mistake(
            "squared",
            "You squared the differences. Asked is the largest absolute difference.",
            _measures(lambda a, b: (a - b).norm().item()),
        ),
        Mistake(
            "only the first token is compared",
            "You looked at one token. Compare all of them.",
            _measures(lambda a, b: _gap(a[:, 0], b[:, 0])),
        ),
        Mistake(
            "only the first image is compared",
            "You looked at one image. Compare the whole batch.",
            _measures(lambda a, b: _gap(a[0], b[0])),
        ),
        Mistake(
            "added up before comparing",
            "The sum or mean over the tokens forgets their order. Compare token by token.",
            _measures(lambda a, b: _gap(a.sum(1), b.sum(1))),
        ),
        Mistake(
            "added up before comparing",
            "The sum or mean over the tokens forgets their order. Compare token by token.",
            _measures(lambda a, b: _gap(a.mean(1), b.mean(1))),
        ),
        Mistake(
            "zero for every layer",
            "Yours finds no difference even for a layer that treats every place differently.",
            lambda layer, tokens, order: 0.0,
        ),
        Mistake(
            "yes or no, not how much",
            "You returned whether they agree. Asked is by how much they differ, a float.",
            _measures(lambda a, b: torch.allclose(a, b)),
        ),
        Mistake(
            "yes or no, not how much",
            "You returned whether they agree. Asked is by how much they differ, a float.",
            _measures(lambda a, b: torch.equal(a, b)),
        ),
        Mistake(
            "a tensor, not a float",
            "The number is right, but still in a tensor: `.item()` takes it out.",
            _measures(lambda a, b: (a - b).abs().max()),
        ),
        Mistake(
            "all differences, not the largest",
            "You returned a whole tensor of differences: take the largest, `.abs().max().item()`.",
            _measures(lambda a, b: (a - b).abs()),
        ),
        Mistake(
            "all differences, not the largest",
            "You returned a whole tensor of differences: take the largest, `.abs().max().item()`.",
            _measures(lambda a, b: a - b),
        ),
    ),
)

# 3.2 ----------------------------------------------------------------------------------------------


def _places(positions: int | Tensor) -> Tensor:
    if isinstance(positions, int):
        positions = torch.arange(positions)
    return positions.float()


def _joined(sines: Tensor, cosines: Tensor) -> Tensor:
    return torch.cat([sines, cosines], dim=1)


def _interleaved(sines: Tensor, cosines: Tensor) -> Tensor:
    return torch.stack([sines, cosines], dim=2).flatten(1)


def _waves(
    place=lambda p: p,
    frequency=lambda i, half: 10000.0 ** (-i / half),
    angle=lambda a: a,
    join=_joined,
):
    """A stand-in for sincos_1d with one of its four steps replaced."""

    def stand_in(positions, dim):
        half = dim // 2
        angles = angle(place(_places(positions))[:, None] * frequency(torch.arange(half), half))
        return join(angles.sin(), angles.cos())

    return stand_in


def _two_frequencies(exponent, pick, join):
    """A frequency for each of the dim channels, so that a sine and its cosine get two."""

    def stand_in(positions, dim):
        angles = _places(positions)[:, None] * 10000.0 ** -exponent(torch.arange(dim), dim)
        sines, cosines = pick(angles, dim // 2)
        return join(sines.sin(), cosines.cos())

    return stand_in


def _halves(angles, half):
    return angles[:, :half], angles[:, half:]


def _alternating(angles, half):
    return angles[:, 0::2], angles[:, 1::2]


def _counts_from_1(positions, dim):
    if isinstance(positions, int):  # and right for positions that are given
        positions = torch.arange(1, positions + 1)
    return sincos_1d(positions, dim)


def _too_wide(positions, dim):
    return sincos_1d(positions, 2 * dim)


def _other_base(base: float) -> Mistake:
    return Mistake(
        "another base than 10000",
        "Your waves slow down at another pace than asked. The base is 10000.",
        _waves(frequency=lambda i, half: base ** (-i / half)),
    )


def _mixed(exponent, pick, join) -> Mistake:
    return Mistake(
        "sine and cosine of different frequencies",
        "A hand of the clock is the sine and the cosine of the *same* angle. You have dim "
        "frequencies, one a channel; there are dim / 2, and each is used twice.",
        _two_frequencies(exponent, pick, join),
    )


_ORDINAL = "Position 0 comes first: all its sines are 0 and all its cosines 1."

SINCOS_1D = Exercise(
    id="3.2",
    name="sincos_1d",
    title="A clock with many hands",
    difficulty=3,
    minutes=15,
    reference=sincos_1d,
    hints=(
        "How many hands are there, if each takes two of the dim numbers? Which speeds have they?",
        "Make the dim / 2 frequencies w as one tensor. All angles are then one multiplication, "
        "(N, 1) times (dim / 2,). Take sines and cosines, and lay them side by side.",
        "`w = 10000 ** (-torch.arange(half) / half)`, `angles = positions[:, None] * w`, "
        "`torch.cat([angles.sin(), angles.cos()], dim=1)`",
    ),
    trials=(
        Trial("sincos_1d(7, 6)", (7, 6)),
        Trial("sincos_1d(5, 12)", (5, 12)),
        Trial("sincos_1d(torch.tensor([3, 0, 7]), 8)", (torch.tensor([3, 0, 7]), 8)),
        Trial("sincos_1d(torch.tensor([0.5, 2.25]), 6)", (torch.tensor([0.5, 2.25]), 6)),
    ),
    mistakes=(
        Mistake(
            "sines and cosines interleaved",
            "The right numbers in another order: you alternate sine and cosine, as Vaswani et al. "
            "do. Asked are all sines first, then all cosines.",
            _waves(join=_interleaved),
        ),
        Mistake(
            "cosines before sines",
            "The right numbers, but the cosines stand in the first half: sines first.",
            _waves(join=lambda s, c: _joined(c, s)),
        ),
        _mixed(lambda c, dim: c / dim, _halves, _joined),
        _mixed(lambda c, dim: c / dim, _alternating, _joined),
        _mixed(lambda c, dim: c / dim, _alternating, _interleaved),
        _mixed(lambda c, dim: 2 * c / dim, _halves, _joined),
        _mixed(lambda c, dim: 2 * c / dim, _alternating, _joined),
        _mixed(lambda c, dim: 2 * c / dim, _alternating, _interleaved),
        _mixed(lambda c, dim: (2 * (c // 2) + c % 2 * 2) / dim, _alternating, _joined),
        Mistake(
            "i divided by dim in the exponent",
            "The exponent is -i / (dim / 2), so that it runs from 0 almost to -1. Yours stops "
            "half-way, and the slowest waves are missing.",
            _waves(frequency=lambda i, half: 10000.0 ** (-i / (2 * half))),
        ),
        Mistake(
            "the exponent is doubled",
            "The exponent is -i / (dim / 2), which is -2 i / dim. Yours is twice that.",
            _waves(frequency=lambda i, half: 10000.0 ** (-2 * i / half)),
        ),
        Mistake(
            "the last frequency is 1 / 10000",
            "You divided by dim / 2 - 1, so that the last exponent is -1. Here it is "
            "-i / (dim / 2). (Some diffusion models do it your way; the tables differ.)",
            _waves(frequency=lambda i, half: 10000.0 ** (-i / (half - 1))),
        ),
        Mistake(
            "the minus in the exponent is missing",
            "Your waves get faster with i, up to thousands of turns between neighbours. The "
            "exponent is negative.",
            _waves(frequency=lambda i, half: 10000.0 ** (i / half)),
        ),
        Mistake(
            "i counted from 1",
            "The first frequency is 1, for i = 0. You begin with i = 1.",
            _waves(frequency=lambda i, half: 10000.0 ** (-(i + 1) / half)),
        ),
        Mistake(
            "all waves have the same frequency",
            "`//` between whole numbers rounds down: i // (dim / 2) is always 0. Use `/`.",
            _waves(frequency=lambda i, half: 10000.0 ** -(i // half).float()),
        ),
        _other_base(1000.0),
        _other_base(100000.0),
        _other_base(math.e),
        _other_base(2.0),
        _other_base(10.0),
        Mistake(
            "a turn too much (2 pi)",
            "You multiplied by pi or 2 pi. The angle is simply p * w, in radians.",
            _waves(angle=lambda a: 2 * math.pi * a),
        ),
        Mistake(
            "a turn too much (2 pi)",
            "You multiplied by pi or 2 pi. The angle is simply p * w, in radians.",
            _waves(angle=lambda a: math.pi * a),
        ),
        Mistake(
            "degrees for radians",
            "p * w is an angle in radians, and `torch.sin` wants radians: no conversion is due.",
            _waves(angle=torch.deg2rad),
        ),
        Mistake(
            "degrees for radians",
            "p * w is an angle in radians, and `torch.sin` wants radians: no conversion is due.",
            _waves(angle=torch.rad2deg),
        ),
        Mistake("positions counted from 1", _ORDINAL, _waves(place=lambda p: p + 1)),
        Mistake("positions counted from 1", _ORDINAL, _counts_from_1),
        Mistake(
            "positions divided by their number",
            "You squeezed the positions into 0 to 1. Then a step means something else in every "
            "sequence, and all waves are nearly flat.",
            _waves(place=lambda p: p / len(p)),
        ),
        Mistake(
            "positions divided by their number",
            "You squeezed the positions into 0 to 1. Then a step means something else in every "
            "sequence, and all waves are nearly flat.",
            _waves(place=lambda p: p / p.max()),
        ),
        Mistake(
            "given positions are ignored",
            "For a tensor of positions you took 0, 1, 2, ... in their place.",
            _waves(place=lambda p: torch.arange(len(p)).float()),
        ),
        Mistake(
            "positions are rounded to whole numbers",
            "Positions may lie between two places, such as 0.5: do not round them.",
            _waves(place=lambda p: p.long().float()),
        ),
        Mistake(
            "only sines",
            "Half of the dim columns are sines, half are cosines of the same angles. A "
            "sine alone cannot tell whether a hand goes up or down.",
            _waves(join=lambda s, c: _joined(s, s)),
        ),
        Mistake(
            "only sines",
            "Half of the dim columns are sines, half are cosines of the same angles. A "
            "sine alone cannot tell whether a hand goes up or down.",
            _waves(join=lambda s, c: s),
        ),
        Mistake(
            "only sines",
            "Half of the dim columns are sines, half are cosines of the same angles. A "
            "sine alone cannot tell whether a hand goes up or down.",
            lambda positions, dim: sincos_1d(positions, 2 * dim)[:, :dim],
        ),
        Mistake(
            "only cosines",
            "The first half of the channels are sines.",
            _waves(join=lambda s, c: _joined(c, c)),
        ),
        Mistake(
            "added where joined is meant",
            "You added sines and cosines. They stand side by side: `torch.cat(..., dim=1)`.",
            _waves(join=lambda s, c: s + c),
        ),
        Mistake(
            "joined below each other",
            "The cosines landed below the sines, (2 N, dim / 2). Side by side: `dim=1`.",
            _waves(join=lambda s, c: torch.cat([s, c])),
        ),
        Mistake(
            "still three axes",
            "`torch.stack` makes a new axis. Asked is (N, dim): `torch.cat(..., dim=1)`.",
            _waves(join=lambda s, c: torch.stack([s, c], dim=1)),
        ),
        Mistake(
            "still three axes",
            "`torch.stack` makes a new axis. Asked is (N, dim): `torch.cat(..., dim=1)`.",
            _waves(join=lambda s, c: torch.stack([s, c], dim=2)),
        ),
        Mistake(
            "still three axes",
            "`torch.stack` makes a new axis. Asked is (N, dim): `torch.cat(..., dim=1)`.",
            _waves(join=lambda s, c: torch.stack([s, c])),
        ),
        Mistake(
            "a batch axis too much",
            "Asked is (N, dim), yours has an axis more. Broadcasting will add it where needed.",
            _waves(join=lambda s, c: _joined(s, c)[None]),
        ),
        Mistake(
            "positions and channels swapped",
            "The result is (dim, N). A row for each position: (N, dim).",
            _waves(join=lambda s, c: _joined(s, c).T),
        ),
        Mistake(
            "twice as wide as asked",
            "You have dim sines and dim cosines. They share the dim channels: dim / 2 each.",
            _too_wide,
        ),
        Mistake(
            "float64",
            "The result is float64, which tokens are not. NumPy and Python floats bring it in.",
            _waves(join=lambda s, c: _joined(s, c).double()),
        ),
    ),
)

# 3.3 ----------------------------------------------------------------------------------------------


def _grid_of(pattern_row, pattern_column, join=lambda r, c, dim: torch.cat([r, c], dim=1)):
    """A stand-in for sincos_2d that takes other places for the row and the column of token n."""

    def stand_in(grid_size, dim):
        rows, columns = grid_size
        n = torch.arange(rows * columns)
        of_row = sincos_1d(pattern_row(n, rows, columns), dim // 2)
        of_column = sincos_1d(pattern_column(n, rows, columns), dim // 2)
        return join(of_row, of_column, dim)

    return stand_in


def _row(n, rows, columns):
    return n // columns


def _column(n, rows, columns):
    return n % columns


def _quarters(order: tuple[int, ...]):
    def join(row, column, dim):
        quarters = torch.cat([row, column], dim=1).chunk(4, dim=1)
        return torch.cat([quarters[i] for i in order], dim=1)

    return join


def _added(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return sincos_1d(n // columns, dim) + sincos_1d(n % columns, dim)


def _full_width(grid_size, dim):
    return sincos_2d(grid_size, 2 * dim)


def _one_line(grid_size, dim):
    return sincos_1d(grid_size[0] * grid_size[1], dim)


def _shared_rows(grid_size, dim):
    """Both halves laid out by `repeat`, so that the row changes with every step."""
    rows, columns = grid_size
    row = sincos_1d(rows, dim // 2).repeat(columns, 1)
    column = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([row, column], dim=1)


def _shared_columns(grid_size, dim):
    rows, columns = grid_size
    row = sincos_1d(rows, dim // 2).repeat_interleave(columns, dim=0)
    column = sincos_1d(columns, dim // 2).repeat_interleave(rows, dim=0)
    return torch.cat([row, column], dim=1)


def _square_of(side):
    return lambda grid_size, dim: sincos_2d((side(grid_size), side(grid_size)), dim)


def _normalised(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    row, column = (n // columns) / rows, (n % columns) / columns
    return torch.cat([sincos_1d(row, dim // 2), sincos_1d(column, dim // 2)], dim=1)


def _interleaved_inside(grid_size, dim):
    row, column = sincos_2d(grid_size, dim).chunk(2, dim=1)
    return torch.cat([_interleaved(*half.chunk(2, dim=1)) for half in (row, column)], dim=1)


def _columns_in_row_order(grid_size, dim):
    """The wrong divisor, n // rows and n % rows: right on a square grid only."""
    rows, _ = grid_size
    n = torch.arange(math.prod(grid_size))
    return torch.cat([sincos_1d(n // rows, dim // 2), sincos_1d(n % rows, dim // 2)], dim=1)


_SHARED = (
    "A whole row of the grid has one row number: 0 0 0 1 1 1. Over the columns it counts: "
    "0 1 2 0 1 2. One wants `repeat_interleave`, the other `repeat`."
)

SINCOS_2D = Exercise(
    id="3.3",
    name="sincos_2d",
    title="Rows and columns",
    difficulty=3,
    minutes=15,
    reference=sincos_2d,
    hints=(
        "Token n stands in which row and in which column, if a row holds `columns` tokens?",
        "Make two tensors of length rows * columns: the row number of each token, 0 0 0 1 1 1, and "
        "its column number, 0 1 2 0 1 2. `sincos_1d` takes tensors of positions.",
        "`n = torch.arange(rows * columns)`, then "
        "`torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)`",
    ),
    trials=(
        Trial("sincos_2d((2, 3), 8): 2 rows of 3", ((2, 3), 8)),
        Trial("sincos_2d((5, 2), 12): 5 rows of 2", ((5, 2), 12)),
        Trial("sincos_2d((3, 3), 4): 3 rows of 3", ((3, 3), 4)),
    ),
    mistakes=(
        Mistake(
            "rows and columns swapped",
            "The first half of your channels tells the column, the second the row. Asked is the "
            "row first. (MAE's code has the column first, as yours has: its tables differ.)",
            _grid_of(_column, _row),
        ),
        Mistake(
            "columns before rows",
            "Your tokens run down the columns of the grid. Raster order: along each row first.",
            _grid_of(lambda n, h, w: n % h, lambda n, h, w: n // h),
        ),
        Mistake(
            "divided by the rows, not by the columns",
            "A row holds `columns` tokens: the row number is n // columns, the column n % columns. "
            "And grid_size is (rows, columns), in this order.",
            _columns_in_row_order,
        ),
        Mistake("the table is shared wrongly between rows and columns", _SHARED, _shared_rows),
        Mistake("the table is shared wrongly between rows and columns", _SHARED, _shared_columns),
        Mistake(
            "the row stands in both halves",
            "Both halves tell the row, so that all tokens of a row look alike: the second half is "
            "for the column.",
            _grid_of(_row, _row),
        ),
        Mistake(
            "the column stands in both halves",
            "Both halves tell the column, so that all tokens of a column look alike: the first "
            "half is for the row.",
            _grid_of(_column, _column),
        ),
        Mistake(
            "one line, not a grid",
            "You numbered the tokens along one line. A token and the one below it are "
            "then as far apart as a row is long. The first half is for the row, n // "
            "columns, the second for the column, n % columns.",
            _one_line,
        ),
        Mistake(
            "one line, not a grid",
            "You numbered the tokens along one line. A token and the one below it are "
            "then as far apart as a row is long. The first half is for the row, n // "
            "columns, the second for the column, n % columns.",
            _grid_of(lambda n, h, w: n, lambda n, h, w: n),
        ),
        Mistake(
            "sines of both, then cosines of both",
            "The right numbers, but the quarters stand as sin(row), sin(column), cos(row), "
            "cos(column), as in timm. Asked: all of the row, then all of the column.",
            _grid_of(_row, _column, _quarters((0, 2, 1, 3))),
        ),
        Mistake(
            "cosines before sines",
            "In each half the cosines stand first. `sincos_1d` has the sines first.",
            _grid_of(_row, _column, _quarters((1, 0, 3, 2))),
        ),
        Mistake(
            "sines and cosines interleaved",
            "The right numbers, but sine and cosine alternate inside each half.",
            _interleaved_inside,
        ),
        Mistake(
            "added where joined is meant",
            "You added the waves of row and column. They stand side by side, "
            "`torch.cat(..., dim=1)`, so that each can be read off.",
            _added,
        ),
        Mistake(
            "added where joined is meant",
            "You added the waves of row and column. They stand side by side, "
            "`torch.cat(..., dim=1)`, so that each can be read off.",
            _grid_of(_row, _column, lambda r, c, dim: r + c),
        ),
        Mistake(
            "twice as wide as asked",
            "Row and column share the dim channels: give each `dim // 2`.",
            _full_width,
        ),
        Mistake(
            "a square grid is assumed",
            "You used one side of the grid for both. It may be wider than high, or higher"
            " than wide.",
            _square_of(lambda grid: grid[0]),
        ),
        Mistake(
            "a square grid is assumed",
            "You used one side of the grid for both. It may be wider than high, or higher"
            " than wide.",
            _square_of(lambda grid: grid[1]),
        ),
        Mistake(
            "positions divided by their number",
            "You squeezed rows and columns into 0 to 1. Asked are 0, 1, 2, ...",
            _normalised,
        ),
        Mistake(
            "positions counted from 1",
            "Rows and columns count from 0. " + _ORDINAL,
            _grid_of(lambda n, h, w: n // w + 1, lambda n, h, w: n % w + 1),
        ),
        Mistake(
            "the grid is still two axes",
            "You kept the grid as (rows, columns). Merge the two: (rows * columns, dim).",
            lambda grid_size, dim: sincos_2d(grid_size, dim).unflatten(0, grid_size),
        ),
        Mistake(
            "a batch axis too much",
            "Asked is (rows * columns, dim), yours has an axis more.",
            lambda grid_size, dim: sincos_2d(grid_size, dim)[None],
        ),
        Mistake(
            "a row for CLS",
            "There is a row too many: CLS has no place in the grid and is not part of this table.",
            lambda grid_size, dim: torch.cat([torch.zeros(1, dim), sincos_2d(grid_size, dim)]),
        ),
        Mistake(
            "positions and channels swapped",
            "The result is (dim, rows * columns). A row for each token.",
            lambda grid_size, dim: sincos_2d(grid_size, dim).T,
        ),
        Mistake(
            "joined below each other",
            "The columns landed below the rows. Side by side: `torch.cat(..., dim=1)`.",
            _grid_of(_row, _column, lambda r, c, dim: torch.cat([r, c])),
        ),
    ),
)

# 3.4 ----------------------------------------------------------------------------------------------
# The text names the attribute, its kind and its shape; chapter 6 loads weights into it.

_N, _D = 5, 6  # num_tokens and embed_dim in all trials


def _table_of(layer) -> str:
    """What `pos_embed` is, in words: compared as a sentence, so that a message can show it."""
    table = getattr(layer, "pos_embed", None)
    if table is None:
        return "there is no attribute pos_embed"
    if isinstance(table, nn.Parameter):
        learns = "" if table.requires_grad else " that is frozen"
        return f"an nn.Parameter{learns}, {table.dtype}, shape {tuple(table.shape)}"
    if isinstance(table, nn.Module):
        return f"an nn.{type(table).__name__}"
    if isinstance(table, Tensor):
        kept = "kept as a buffer" if "pos_embed" in dict(layer.named_buffers()) else "that is plain"
        return f"a tensor {kept}, not an nn.Parameter"
    return f"of type {type(table).__name__}"


def _attribute(answer, num_tokens: int, embed_dim: int) -> str:
    return _table_of(answer(num_tokens, embed_dim))


def _filled(answer, num_tokens: int = _N):
    """The learner's layer, its table filled with random numbers, whatever kind of table it is."""
    layer = answer(num_tokens, _D)
    tables = [*layer.parameters(), *layer.buffers()] or [getattr(layer, "pos_embed", None)]
    with torch.no_grad():
        for i, table in enumerate(filter(torch.is_tensor, tables)):
            table.copy_(_random(*table.shape, seed=table.numel() + 1000 * i))
    torch.default_generator.manual_seed(1)  # a table made at each call is known by its numbers
    return layer.eval()


def _adds(answer, tokens: Tensor):
    result = _filled(answer)(tokens)
    return result.detach() if isinstance(result, Tensor) else result


def _adds_one_row(answer, tokens: Tensor):
    return _filled(answer, num_tokens=1)(tokens)


def _while_training(answer, tokens: Tensor) -> str:
    layer = _filled(answer)
    calm, training = layer(tokens), layer.train()(tokens)
    if torch.equal(calm, training):
        return "nothing"
    return "some numbers are 0" if (training == 0).any() else "other numbers come out"


def _repeats(answer, tokens: Tensor) -> bool:
    layer = _filled(answer)
    return bool(torch.equal(layer(tokens), layer(tokens)))


def _learns(answer, tokens: Tensor) -> str:
    """What a gradient reaches."""
    layer = _filled(answer)
    result = layer(tokens)
    if not result.requires_grad:
        return "nothing"
    result.sum().backward()
    reached = [p for p in layer.parameters() if p.grad is not None]
    return ", ".join(f"a table {tuple(p.shape)}" for p in reached) or "nothing"


def _starts_small(answer) -> bool:
    return all(bool((p.detach().abs() < 10).all()) for p in answer(50, 64).parameters())


class _Positions(nn.Module):
    """A position embedding whose parts the mistakes replace."""

    def __init__(self, num_tokens, embed_dim):
        super().__init__()
        self.num_tokens, self.embed_dim = num_tokens, embed_dim
        self.make(num_tokens, embed_dim)

    def make(self, num_tokens, embed_dim):
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))

    def add(self, tokens):
        return tokens + self.pos_embed

    def forward(self, tokens):
        if tokens.shape[1] != self.num_tokens:
            raise ValueError
        return self.add(tokens)


def _with(**methods) -> type:
    return type("PositionEmbedding", (_Positions,), methods)


def _table(make):
    """A stand-in whose table is made another way."""

    def replaced(self, num_tokens, embed_dim):
        self.pos_embed = make(num_tokens, embed_dim)

    return replaced


def _parameter(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(shape))


def _buffer(self, num_tokens, embed_dim):
    self.register_buffer("pos_embed", torch.zeros(1, num_tokens, embed_dim))


def _other_name(self, num_tokens, embed_dim):
    self.position_embedding = _parameter(1, num_tokens, embed_dim)


def _lookup(self, num_tokens, embed_dim):
    self.pos_embed = nn.Embedding(num_tokens, embed_dim)


def _no_guard(self, tokens):
    return tokens + self.pos_embed


def _sliced(self, tokens):
    return tokens + self.pos_embed[:, : tokens.shape[1]]


def _expanded(self, tokens):
    return tokens + self.pos_embed.expand_as(tokens)  # torch refuses all but a table of one row


def _not_too_many(self, tokens):
    if tokens.shape[1] > self.num_tokens:
        raise ValueError
    return tokens + self.pos_embed


def _sliced_if_not_too_many(self, tokens):
    if tokens.shape[1] > self.num_tokens:
        raise ValueError
    return _sliced(self, tokens)


def _except_cls(self, tokens):
    return torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, 1:]], dim=1)


def _except_cls_shifted(self, tokens):
    return torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, :-1]], dim=1)


def _cls_apart(self, tokens):
    return torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed], dim=1)


def _new_table(scale: float):
    def add(self, tokens):
        return tokens + scale * torch.randn(1, self.num_tokens, self.embed_dim)

    return add


def _late_table(self, tokens):
    self.pos_embed = nn.Parameter(torch.randn(1, self.num_tokens, self.embed_dim))
    return tokens + self.pos_embed


def _cls_again(self, tokens):
    return torch.cat([torch.zeros_like(tokens[:, :1]), tokens + self.pos_embed], dim=1)


_CLS_TABLE = (
    "num_tokens counts the class token already: the table has exactly num_tokens rows, CLS's own "
    "among them."
)
_NO_GUARD = (
    "A wrong number of tokens must not pass: broadcasting, or a slice of the table, hides that "
    "CLS was forgotten. Compare tokens.shape[1] with the table's length and raise ValueError."
)

EMBEDDING = Exercise(
    id="3.4",
    name="PositionEmbedding",
    title="A table that learns",
    difficulty=2,
    minutes=10,
    reference=PositionEmbedding,
    hints=(
        "What has to be made once, in `__init__`, so that an optimiser can find it?",
        "An `nn.Parameter` of shape (1, num_tokens, embed_dim). Adding it to (B, num_tokens, "
        "embed_dim) broadcasts over the images. A different number of tokens deserves an error.",
        "`self.pos_embed = nn.Parameter(0.02 * torch.randn(1, num_tokens, embed_dim))`; in "
        "`forward`: raise ValueError if `tokens.shape[1] != self.pos_embed.shape[1]`, then "
        "`return tokens + self.pos_embed`.",
    ),
    trials=(
        Trial("PositionEmbedding(5, 6).pos_embed", (_N, _D), ask=_attribute, errors_alike=True),
        Trial("PositionEmbedding(3, 8).pos_embed", (3, 8), ask=_attribute, errors_alike=True),
        Trial(
            "PositionEmbedding(5, 6), its table filled with random numbers, on 3 x 5 x 6 tokens",
            (_random(3, _N, _D),),
            ask=_adds,
        ),
        Trial("The same, called twice", (_random(3, _N, _D),), ask=_repeats),
        Trial("What is different while training", (_random(3, _N, _D),), ask=_while_training),
        Trial("What a gradient reaches", (_random(3, _N, _D),), ask=_learns),
        Trial(
            "PositionEmbedding(5, 6) on 4 tokens",
            (_random(3, 4, _D),),
            ask=_adds,
            raises=Exception,
        ),
        Trial(
            "PositionEmbedding(5, 6) on a single token",
            (_random(3, 1, _D),),
            ask=_adds,
            raises=Exception,
        ),
        Trial(
            "PositionEmbedding(1, 6) on 5 tokens",
            (_random(3, _N, _D),),
            ask=_adds_one_row,
            raises=Exception,
        ),
        Trial("Start values small enough not to drown the tokens", ask=_starts_small),
    ),
    mistakes=(
        Mistake(
            "the table has no row for CLS",
            "Positions are added after CLS, not before. " + _CLS_TABLE,
            _with(make=_table(lambda n, d: _parameter(1, n - 1, d)), forward=_cls_apart),
        ),
        Mistake(
            "the table has no row for CLS",
            "Positions are added after CLS, not before. " + _CLS_TABLE,
            _with(make=_table(lambda n, d: _parameter(1, n - 1, d)), forward=_no_guard),
        ),
        Mistake(
            "CLS is counted twice",
            _CLS_TABLE,
            _with(make=_table(lambda n, d: _parameter(1, n + 1, d)), forward=_sliced),
        ),
        Mistake(
            "CLS is counted twice",
            _CLS_TABLE,
            _with(make=_table(lambda n, d: _parameter(1, n + 1, d)), forward=_no_guard),
        ),
        Mistake(
            "CLS is counted twice",
            _CLS_TABLE,
            _with(
                make=_table(lambda n, d: _parameter(1, n + 1, d)),
                add=lambda self, tokens: tokens + self.pos_embed[:, 1:],
            ),
        ),
        Mistake(
            "CLS gets no position",
            "You added positions to the patches only, as if before CLS. CLS is a token like any "
            "other here: it gets row 0 of the table.",
            _with(add=_except_cls),
        ),
        Mistake(
            "CLS gets no position",
            "You added positions to the patches only, as if before CLS. CLS is a token like any "
            "other here: it gets row 0 of the table.",
            _with(add=_except_cls_shifted),
        ),
        Mistake(
            "one vector for all tokens",
            "Every token got the same vector, so that they still cannot be told apart. "
            "The table has num_tokens rows, and all of it is added; `pos_embed[:, 0]` is "
            "one row, which broadcasting hides.",
            _with(make=_table(lambda n, d: _parameter(1, 1, d))),
        ),
        Mistake(
            "one vector for all tokens",
            "Every token got the same vector, so that they still cannot be told apart. "
            "The table has num_tokens rows, and all of it is added; `pos_embed[:, 0]` is "
            "one row, which broadcasting hides.",
            _with(add=lambda self, tokens: tokens + self.pos_embed[:, 0]),
        ),
        Mistake(
            "one vector for all tokens",
            "Every token got the same vector, so that they still cannot be told apart. "
            "The table has num_tokens rows, and all of it is added; `pos_embed[:, 0]` is "
            "one row, which broadcasting hides.",
            _with(add=lambda self, tokens: tokens + self.pos_embed.mean(1, keepdim=True)),
        ),
        Mistake(
            "one number for each token",
            "A single number is added to all of a token. Each place gets a vector of embed_dim.",
            _with(make=_table(lambda n, d: _parameter(1, n, 1))),
        ),
        Mistake(
            "the leading axis is missing",
            "Yours works, but the shape asked for is (1, num_tokens, embed_dim): published "
            "weights have it, and chapter 6 loads some.",
            _with(make=_table(lambda n, d: _parameter(n, d))),
        ),
        Mistake(
            "tokens and channels swapped in the table",
            "The table is (1, embed_dim, num_tokens). A row for each token: "
            "(1, num_tokens, embed_dim).",
            _with(
                make=_table(lambda n, d: _parameter(1, d, n)),
                add=lambda self, tokens: tokens + self.pos_embed.mT,
            ),
        ),
        Mistake(
            "tokens and channels swapped in the table",
            "The table is (1, embed_dim, num_tokens). A row for each token: "
            "(1, num_tokens, embed_dim).",
            _with(make=_table(lambda n, d: _parameter(1, d, n))),
        ),
        Mistake(
            "the table is a plain tensor",
            "No optimiser finds a plain tensor, and `model.to(device)` leaves it behind. "
            "`nn.Parameter` must come last: `nn.Parameter(...).to(...)`, or any product "
            "with one, is plain again.",
            _with(make=_table(lambda n, d: torch.zeros(1, n, d))),
        ),
        Mistake(
            "the table is a plain tensor",
            "No optimiser finds a plain tensor, and `model.to(device)` leaves it behind. "
            "`nn.Parameter` must come last: `nn.Parameter(...).to(...)`, or any product "
            "with one, is plain again.",
            _with(make=_table(lambda n, d: _parameter(1, n, d) * 0.02)),
        ),
        Mistake(
            "the table is a buffer",
            "A buffer is stored with the model but not trained. Asked is an nn.Parameter.",
            _with(make=_buffer),
        ),
        Mistake(
            "the table is frozen",
            "`requires_grad=False`: the table cannot learn.",
            _with(
                make=_table(lambda n, d: nn.Parameter(torch.zeros(1, n, d), requires_grad=False))
            ),
        ),
        Mistake(
            "the table has another name",
            "Name it `self.pos_embed`: chapter 6 loads published weights by that name.",
            _with(
                make=_other_name,
                add=lambda self, tokens: tokens + self.position_embedding,
            ),
        ),
        Mistake(
            "an nn.Embedding in place of a parameter",
            "An nn.Embedding computes the same, but keeps its table as `pos_embed.weight`, "
            "without a leading axis. Asked is an nn.Parameter.",
            _with(make=_lookup, add=lambda self, tokens: tokens + self.pos_embed.weight),
        ),
        Mistake(
            "the table alone comes back",
            "You returned the positions. They are added to the tokens.",
            _with(add=lambda self, tokens: self.pos_embed),
        ),
        Mistake(
            "the table alone comes back",
            "You returned the positions. They are added to the tokens.",
            _with(add=lambda self, tokens: self.pos_embed.expand_as(tokens)),
        ),
        Mistake(
            "the tokens come back unchanged",
            "The sum is lost: `tokens + self.pos_embed` makes a new tensor, return that one.",
            _with(add=lambda self, tokens: tokens),
        ),
        Mistake(
            "joined where added is meant",
            "The positions stand beside or behind the tokens. They are added, number by number: "
            "the shape stays.",
            _with(
                add=lambda self, tokens: torch.cat([tokens, self.pos_embed.expand_as(tokens)], -1)
            ),
        ),
        Mistake(
            "joined where added is meant",
            "The positions stand beside or behind the tokens. They are added, number by number: "
            "the shape stays.",
            _with(
                add=lambda self, tokens: torch.cat([tokens, self.pos_embed.expand_as(tokens)], 1)
            ),
        ),
        Mistake(
            "added twice",
            "Each position vector is added two times.",
            _with(add=lambda self, tokens: tokens + 2 * self.pos_embed),
        ),
        Mistake(
            "subtracted",
            "The positions are subtracted. Asked is the sum.",
            _with(add=lambda self, tokens: tokens - self.pos_embed),
        ),
        Mistake(
            "multiplied where added is meant",
            "You multiplied tokens and positions. Asked is the sum.",
            _with(add=lambda self, tokens: tokens * self.pos_embed),
        ),
        Mistake(
            "the tokens are scaled",
            "You multiplied by the root of embed_dim, as Vaswani et al. do with words. Here the "
            "tokens are left as they are.",
            _with(add=lambda self, tokens: tokens * self.embed_dim**0.5 + self.pos_embed),
        ),
        Mistake(
            "the positions are scaled",
            "The positions are shrunk or stretched in `forward`. Choose their size at the start, "
            "and add them as they are.",
            _with(add=lambda self, tokens: tokens + 0.02 * self.pos_embed),
        ),
        Mistake(
            "a new table at each call",
            "The table is made in `forward`: random every time, and never trained. Make it in "
            "`__init__`.",
            _with(add=_new_table(1.0)),
        ),
        Mistake(
            "a new table at each call",
            "The table is made in `forward`: random every time, and never trained. Make it in "
            "`__init__`.",
            _with(add=_new_table(0.02)),
        ),
        Mistake(
            "a new table at each call",
            "The table is made in `forward`: random every time, and never trained. Make it in "
            "`__init__`.",
            _with(make=lambda self, n, d: None, forward=_late_table),
        ),
        Mistake(
            "a norm that is not asked for",
            "Something is normalised after the sum. Norms come later, in the encoder.",
            _with(add=lambda self, tokens: F.layer_norm(tokens + self.pos_embed, (_D,))),
        ),
        Mistake(
            "CLS is added here, too",
            "The result has a token too many. CLS is in front already when positions are added.",
            _with(add=_cls_again),
        ),
        *(
            Mistake("no error for a wrong number of tokens", _NO_GUARD, _with(forward=forward))
            for forward in (_no_guard, _sliced, _not_too_many, _sliced_if_not_too_many)
        ),
        Mistake(
            "no error for a wrong number of tokens",
            "`expand_as` refuses most wrong numbers, but stretches a table of one row to any "
            "number of tokens. Compare tokens.shape[1] with the table's length instead.",
            _with(forward=_expanded),
        ),
        Mistake(
            "dropout while training",
            "Asked is the sum and nothing else. A model that wants dropout puts it behind.",
            _with(
                add=lambda self, tokens: F.dropout(
                    tokens + self.pos_embed, p=0.5, training=self.training
                )
            ),
        ),
        Mistake(
            "the table is cut off from learning",
            "`detach`, `.data` and `no_grad` use the numbers and forget where they came from. Add "
            "`self.pos_embed` itself.",
            _with(add=lambda self, tokens: tokens + self.pos_embed.detach()),
        ),
        Mistake(
            "the start values are large",
            "Numbers this large drown what the tokens say. Start near zero, for example with "
            "`nn.init.trunc_normal_(self.pos_embed, std=0.02)`.",
            _with(make=_table(lambda n, d: nn.Parameter(100 * torch.randn(1, n, d)))),
        ),
    ),
)

# 3.5 ----------------------------------------------------------------------------------------------

_TIMM = {"mode": "bicubic", "antialias": True}


def _stretch(
    into: str = "b (h w) d -> b d h w",
    out: str = "b d h w -> b (h w) d",
    old=lambda grid: grid,
    new=lambda grid: grid,
    rule=_TIMM,
):
    """A stand-in for resize_positions that differs in a pattern, a grid or the filter."""

    def stand_in(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
        prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
        rows, columns = old(old_grid)
        image = rearrange(places.float(), into, h=rows, w=columns).contiguous()
        image = F.interpolate(image, size=new(new_grid), **rule)
        return torch.cat([prefix, rearrange(image, out).to(pos_embed.dtype)], dim=1)

    return stand_in


def _swap(grid):
    return grid[1], grid[0]


def _viewed(views_in: bool, views_out: bool):
    """A stand-in that reshapes where a permute is due, on the way in, out, or both."""

    def stand_in(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
        prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
        dim, (h, w) = places.shape[2], old_grid
        image = places.float() if views_in else places.float().transpose(1, 2)
        image = F.interpolate(image.reshape(1, dim, h, w), size=new_grid, **_TIMM)
        image = image.flatten(2)
        places = image.reshape(1, -1, dim) if views_out else image.transpose(1, 2)
        return torch.cat([prefix, places.to(pos_embed.dtype)], dim=1)

    return stand_in


def _line(with_cls: bool, **rule):
    """A stand-in that stretches the table along one line."""

    def stand_in(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
        kept = 0 if with_cls else num_prefix_tokens
        prefix, places = pos_embed[:, :kept], pos_embed[:, kept:]
        size = math.prod(new_grid) + (num_prefix_tokens if with_cls else 0)
        places = F.interpolate(places.float().transpose(1, 2), size=size, **rule).transpose(1, 2)
        return torch.cat([prefix, places.to(pos_embed.dtype)], dim=1)

    return stand_in


def _table_as_picture(with_cls: bool):
    """A stand-in that takes the table (N, D) for a picture: a line again, with antialiasing."""

    def stand_in(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
        kept = 0 if with_cls else num_prefix_tokens
        size = math.prod(new_grid) + (num_prefix_tokens if with_cls else 0), pos_embed.shape[2]
        places = F.interpolate(pos_embed[:, kept:].float()[None], size=size, **_TIMM)[0]
        return torch.cat([pos_embed[:, :kept], places.to(pos_embed.dtype)], dim=1)

    return stand_in


def _always_one_prefix(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    return resize_positions(pos_embed, old_grid, new_grid, 1)


def _one_prefix_in_front(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    places = pos_embed[:, -math.prod(old_grid) :]
    return resize_positions(torch.cat([pos_embed[:, :1], places], 1), old_grid, new_grid, 1)


def _rounded_cls(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    table = resize_positions(pos_embed.float(), old_grid, new_grid, num_prefix_tokens)
    return table.to(pos_embed.dtype)


def _cls_at_the_end(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    return resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens).roll(
        -num_prefix_tokens, 1
    )


def _cls_from_the_end(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    rolled = pos_embed.roll(num_prefix_tokens, 1)
    return _cls_at_the_end(rolled, old_grid, new_grid, num_prefix_tokens)


def _cls_lost(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    return resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens)[:, num_prefix_tokens:]


def _square_root(grid):
    side = math.isqrt(math.prod(grid))
    return side, side


def _keeps_float32(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    return resize_positions(pos_embed.float(), old_grid, new_grid, num_prefix_tokens)


def _in_its_own_dtype(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "b (h w) d -> b d h w", h=old_grid[0])
    image = F.interpolate(image, size=new_grid, **_TIMM)
    return torch.cat([prefix, rearrange(image, "b d h w -> b (h w) d")], dim=1)


def _same_count_same_grid(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if math.prod(old_grid) == math.prod(new_grid):
        return pos_embed
    return resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens)


def _positions_table(tokens: int, seed: int = 3) -> Tensor:
    return _random(1, tokens, 5, seed=seed)


def _dtype_of(answer, pos_embed, old_grid, new_grid) -> str:
    return str(answer(pos_embed, old_grid, new_grid).dtype)


def _keeps_cls(answer, pos_embed, old_grid, new_grid) -> bool:
    cls = pos_embed[:, :1].clone()
    return torch.equal(answer(pos_embed, old_grid, new_grid)[:, :1], cls)


def _filter(name: str, says: str, **rule) -> Mistake:
    return Mistake(name, says, _stretch(rule=rule))


_CORNERS = (
    "`align_corners=True` pins the outermost positions to each other and changes every step "
    "between them. torchvision does it so; asked is timm's rule, without it."
)
_VIEWED = (
    "`reshape` does not move an axis: your channels and places are mixed up. `F.interpolate` "
    "wants (1, D, rows, columns): permute."
)
_SQUARE = "The grid may have another shape than a square: use both numbers of each grid."
_WITH_CLS = (
    "The class token has no place in the image: cut it off first, put it back in front unchanged."
)

RESIZE = Exercise(
    id="3.5",
    name="resize_positions",
    title="Positions for another grid",
    difficulty=4,
    minutes=20,
    reference=resize_positions,
    hints=(
        "Which rows of the table have a place in the image, and which one has not? What does the "
        "rest look like, if you take each channel for itself?",
        "Split off the prefix. The rest, (1, N, D), is an image with D channels: bring it into "
        "(1, D, rows, columns), `F.interpolate` it, bring it back, and put the prefix in front.",
        '`image = rearrange(places.float(), "b (h w) d -> b d h w", h=rows)`, then '
        '`F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)`, then '
        '`rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)`',
    ),
    trials=(
        Trial(
            "A table (1, 1 + 12, 5) from a grid of 2 x 6 to 5 x 9",
            (_positions_table(13), (2, 6), (5, 9)),
        ),
        Trial(
            "A table (1, 1 + 40, 5) from a grid of 8 x 5 to 3 x 4",
            (_positions_table(41), (8, 5), (3, 4)),
        ),
        Trial(
            "A table (1, 1 + 9, 5) from a grid of 3 x 3 to 4 x 4",
            (_positions_table(10), (3, 3), (4, 4)),
        ),
        Trial(
            "A table (1, 1 + 12, 5) from a grid of 3 x 4 to 4 x 3: as many, but elsewhere",
            (_positions_table(13), (3, 4), (4, 3)),
        ),
        Trial(
            "A table (1, 2 + 12, 5) with num_prefix_tokens=2, from 3 x 4 to 2 x 7",
            (_positions_table(14), (3, 4), (2, 7), 2),
        ),
        Trial(
            "A table (1, 12, 5) with num_prefix_tokens=0, from 3 x 4 to 6 x 5",
            (_positions_table(12), (3, 4), (6, 5), 0),
        ),
        Trial(
            "The dtype for a table in float64",
            (_positions_table(13).double(), (3, 4), (2, 7)),
            ask=_dtype_of,
        ),
        Trial(
            "The dtype for a table in bfloat16",
            (_positions_table(13).bfloat16(), (3, 4), (2, 7)),
            ask=_dtype_of,
            errors_alike=True,
        ),
        Trial(
            "Does CLS of a table in float64 stay as it is, to the last digit?",
            (_positions_table(13).double() / 3, (3, 4), (2, 7)),
            ask=_keeps_cls,
        ),
    ),
    mistakes=(
        Mistake("CLS is resized with the rest", _WITH_CLS, _line(True, mode="linear")),
        Mistake("CLS is resized with the rest", _WITH_CLS, _line(True)),
        Mistake("CLS is resized with the rest", _WITH_CLS, _table_as_picture(True)),
        Mistake(
            "resized along a line, not on the grid",
            "You stretched the sequence of positions. Neighbours in a column are far apart in it: "
            "fold it into rows and columns first.",
            _line(False, mode="linear"),
        ),
        Mistake(
            "resized along a line, not on the grid",
            "You stretched the sequence of positions. Neighbours in a column are far apart in it: "
            "fold it into rows and columns first.",
            _line(False),
        ),
        Mistake(
            "resized along a line, not on the grid",
            "You stretched the sequence of positions. Neighbours in a column are far apart in it: "
            "fold it into rows and columns first.",
            _table_as_picture(False),
        ),
        Mistake("CLS is lost", "The prefix is missing: put it in front again.", _cls_lost),
        Mistake(
            "CLS stands at the end",
            "The class token is the first token: put the prefix in front.",
            _cls_at_the_end,
        ),
        Mistake(
            "CLS is looked for at the end",
            "You cut off the last position. The class token is the first.",
            _cls_from_the_end,
        ),
        Mistake(
            "CLS is looked for at the end",
            "You cut off the last position. The class token is the first.",
            lambda table, old, new, prefix=1: _cls_from_the_end(table, old, new, prefix).roll(
                prefix, 1
            ),
        ),
        Mistake(
            "one prefix token is taken for granted",
            "Some models have none, some have two: use num_prefix_tokens.",
            _always_one_prefix,
        ),
        Mistake(
            "one prefix token is taken for granted",
            "Some models have none, some have two: use num_prefix_tokens.",
            _one_prefix_in_front,
        ),
        Mistake(
            "rows and columns of the old grid swapped",
            "You folded the table into `columns` rows. Grids are (rows, columns).",
            _stretch(old=_swap),
        ),
        Mistake(
            "rows and columns of the new grid swapped",
            "`size` is (rows, columns), as `new_grid` is. You turned it round.",
            _stretch(new=_swap),
        ),
        Mistake(
            "rows and columns of both grids swapped",
            "Both grids are (rows, columns). You read them as (columns, rows).",
            _stretch(old=_swap, new=_swap),
        ),
        Mistake(
            "columns before rows",
            "Tokens are in raster order, row by row, and images are (1, D, rows, "
            "columns). You fold or unfold the grid down its columns.",
            _stretch(into="b (w h) d -> b d h w"),
        ),
        Mistake(
            "columns before rows",
            "Tokens are in raster order, row by row, and images are (1, D, rows, "
            "columns). You fold or unfold the grid down its columns.",
            _stretch(out="b d h w -> b (w h) d"),
        ),
        Mistake(
            "columns before rows",
            "Tokens are in raster order, row by row, and images are (1, D, rows, "
            "columns). You fold or unfold the grid down its columns.",
            _stretch(into="b (h w) d -> b d w h"),
        ),
        Mistake("a square grid is assumed", _SQUARE, _stretch(old=_square_root)),
        Mistake("a square grid is assumed", _SQUARE, _stretch(old=_square_root, new=_square_root)),
        Mistake("a square grid is assumed", _SQUARE, _stretch(new=_square_root)),
        Mistake("a square grid is assumed", _SQUARE, _stretch(new=lambda g: (g[0], g[0]))),
        Mistake("a square grid is assumed", _SQUARE, _stretch(new=lambda g: (g[1], g[1]))),
        _filter("align_corners=True", _CORNERS, align_corners=True, **_TIMM),
        _filter("align_corners=True", _CORNERS, align_corners=True, mode="bicubic"),
        _filter("align_corners=True", _CORNERS, align_corners=True, mode="bilinear"),
        _filter(
            "no antialiasing",
            "Without `antialias=True` a smaller grid skips positions in between. (And torch's "
            "bicubic has another kernel with it, so that larger grids differ, too.)",
            mode="bicubic",
        ),
        _filter(
            "not bicubic",
            'The filter is another one (nearest, bilinear or area): `mode="bicubic"`.',
            mode="bilinear",
            antialias=True,
        ),
        _filter(
            "not bicubic",
            'The filter is another one (nearest, bilinear or area): `mode="bicubic"`.',
            mode="bilinear",
        ),
        _filter(
            "not bicubic",
            'The filter is another one (nearest, bilinear or area): `mode="bicubic"`.',
            mode="nearest",
        ),
        _filter(
            "not bicubic",
            'The filter is another one (nearest, bilinear or area): `mode="bicubic"`.',
            mode="nearest-exact",
        ),
        _filter(
            "not bicubic",
            'The filter is another one (nearest, bilinear or area): `mode="bicubic"`.',
            mode="area",
        ),
        Mistake("reshape where a permute is due", _VIEWED, _viewed(True, True)),
        Mistake("reshape where a permute is due", _VIEWED, _viewed(True, False)),
        Mistake("reshape where a permute is due", _VIEWED, _viewed(False, True)),
        Mistake(
            "as many tokens taken for the same grid",
            "3 x 4 and 4 x 3 have as many places, but not the same ones. Only an equal grid may "
            "be returned as it is.",
            _same_count_same_grid,
        ),
        Mistake(
            "the table comes back unchanged",
            "You returned the old table. `F.interpolate` makes a new tensor: use what it returns.",
            lambda table, old, new, prefix=1: table,
        ),
        Mistake(
            "the dtype is lost",
            "The result should have the dtype of the table: `.to(pos_embed.dtype)` at the end.",
            _keeps_float32,
        ),
        Mistake(
            "CLS loses digits",
            "CLS went through float32 with the rest, which rounds it in a float64 table. Convert "
            "the places only, and put the prefix back as it was.",
            _rounded_cls,
        ),
        Mistake(
            "half precision is not converted",
            "`F.interpolate` with antialias knows only float32 and float64 on the CPU: "
            "`.float()` before it, `.to(pos_embed.dtype)` after it.",
            _in_its_own_dtype,
        ),
        Mistake(
            "the leading axis is lost",
            "The result is (1 + M, D). Keep the axis of length 1 in front: `squeeze` drops it.",
            lambda table, old, new, prefix=1: resize_positions(table, old, new, prefix)[0],
        ),
    ),
)

EXERCISES = (EQUIVARIANCE, SINCOS_1D, SINCOS_2D, EMBEDDING, RESIZE)
