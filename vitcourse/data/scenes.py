"""Scenes: small pictures with a question, made here, with the ground truth for every pixel.

What colour is the dot? A few shapes, each in its own colour, stand in cells around a dot with a
white ring. One shape has the colour of the dot: `what` is it, and `where` is it? No patch alone can
tell: the colour is in the middle, the answer is elsewhere. (Anyone who sees one whole cell of the
eight and knows the rules gets 3/16 of `what` and 11/56 of `where` right; guessing gets 1/8.)

The same seed gives the same bytes on every little-endian platform and for any number of threads:
all randomness is 64-bit integers from one `torch.Generator`, and all arithmetic is exact, integers
throughout (as float32 in one matrix product, where every partial sum is below 2 ** 24).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from vitcourse import require

SHAPES = ("circle", "square", "triangle", "diamond", "plus", "ring", "star", "heart")
COLOURS = ("red", "yellow", "green", "cyan", "blue", "magenta")

_RGB = ((232, 52, 44), (250, 212, 40), (44, 178, 72), (64, 214, 232), (56, 92, 240), (226, 70, 214))
_NEAR_WHITE = 245
_DARKEST, _BRIGHTEST = 218, 256  # a colour's brightness, in 256ths: 85 to 100 %

_DISCS = {  # (x, y, radius) in thousandths of half a sprite; x to the right, y down
    "circle": [(0, 0, 840)],
    "ring": [(0, 0, 920)],
    "heart": [(-440, -350, 480), (440, -350, 480)],
}
_HOLES = {"ring": (0, 0, 500)}
_POLYGONS = {  # corners (x, y), same units; turned by .2 rad they still fit into the sprite
    "square": [(-780, -780), (780, -780), (780, 780), (-780, 780)],
    "triangle": [(0, -920), (860, 660), (-860, 660)],
    "diamond": [(0, -980), (680, 0), (0, 980), (-680, 0)],
    "plus": [(-310, -920), (310, -920), (310, -310), (920, -310), (920, 310), (310, 310)]
    + [(310, 920), (-310, 920), (-310, 310), (-920, 310), (-920, -310), (-310, -310)],
    "star": [(0, -980), (259, -356), (932, -303), (419, 136), (576, 793), (0, 440)]
    + [(-576, 793), (-419, 136), (-932, -303), (-259, -356)],
    "heart": [(0, 920), (808, -41), (440, -350), (-440, -350), (-808, -41)],
}
_SIZES = (85, 92, 100)  # per cent
_TURNS = ((980, -199), (1000, 0), (980, 199))  # cosine and sine of -.2, 0, .2 rad, in thousandths
_DOT, _RING = 440, 620  # radius of the dot and of its ring, in thousandths of half a sprite

_FINE = 8  # shapes are drawn 8 times as large: a pixel is covered to 0 .. 64 parts of 64
_FIELD = 4  # the background is a field of 4 x 4 colours, enlarged
_DARK, _LIGHT = 51, 166  # of 255: the background is at 20 to 65 %
_CHUNK = 64  # scenes made at a time: few enough for a processor's cache
_NIBBLES = 0x0F0F0F0F0F0F0F0F


class Scenes(NamedTuple):
    """n scenes and their answers; a mask is true where at least half of the pixel is covered."""

    images: Tensor  # (n, 3, H, W) uint8
    what: Tensor  # (n,) int64: index into SHAPES
    where: Tensor  # (n,) int64: index into cells(grid)
    target_mask: Tensor  # (n, H, W) bool: the shape in the dot's colour
    distractor_mask: Tensor  # (n, H, W) bool: all other shapes
    dot_mask: Tensor  # (n, H, W) bool: the dot and its ring
    colour: Tensor  # (n,) int64: index into COLOURS, of dot and target


def cells(grid: int = 3) -> tuple[tuple[int, int], ...]:
    """The (row, column) of each answer to "where", in raster order.

    All cells except those that touch the middle of the image, where the dot is: one in an odd grid
    (3 x 3 leaves 8, 5 x 5 leaves 24), four in an even one (6 x 6 leaves 32).
    """
    require.ints(3, 64, grid=grid)
    middle = {(grid - 1) // 2, grid // 2}
    return tuple(
        (row, column)
        for row in range(grid)
        for column in range(grid)
        if not (row in middle and column in middle)
    )


def cell_names(grid: int = 3) -> tuple[str, ...]:
    """The name of each answer to "where": "top left" for 3 x 3, else "row 1, column 1"."""
    if grid == 3:
        sides = ("top left", "top", "top right", "left", "right")
        return (*sides, "bottom left", "bottom", "bottom right")
    return tuple(f"row {row + 1}, column {column + 1}" for row, column in cells(grid))


def scenes(
    n: int,
    seed: int = 0,
    *,
    grid: int = 3,
    shapes: int = 4,
    cell: int = 16,
    sprite: int = 14,
    noise: float = 0.06,
) -> Scenes:
    """Make n scenes, to look at or to test on; H = W = grid * cell.

    `shapes` of the eight SHAPES, all different, in different COLOURS, stand in different cells;
    each is at most `sprite` pixels wide. The dot is in the middle of the image. `noise` is the
    standard deviation of the background's brightness, as a share of the full range; its colour
    varies by half as much. With the same seed, fewer scenes are the first of more.

    Raises ValueError if an argument is out of its range.
    """
    _check(seed, grid, shapes, cell, sprite, noise)
    require.ints(1, 2**31 - 1, n=n)
    generator = torch.Generator().manual_seed(_stream(seed, training=False))
    return _make(n, generator, grid, shapes, cell, sprite, noise)


def scene_batches(
    batch_size: int,
    seed: int = 0,
    *,
    skip: int = 0,
    grid: int = 3,
    shapes: int = 4,
    cell: int = 16,
    sprite: int = 14,
    noise: float = 0.06,
) -> Iterator[Scenes]:
    """Make endless batches of scenes to train on; arguments as in `scenes`.

    No batch repeats, and none is ever in a test set: whatever the seeds, `scenes` and
    `scene_batches` never read the same random numbers. To resume after k steps, pass skip=k.

    Raises ValueError if an argument is out of its range.
    """
    _check(seed, grid, shapes, cell, sprite, noise)
    require.ints(1, 2**31 - 1, batch_size=batch_size)
    require.ints(0, 2**31 - 1, skip=skip)

    def batches() -> Iterator[Scenes]:
        generator = torch.Generator().manual_seed(_stream(seed, training=True))
        for _ in range(skip):
            _random_words((batch_size, _count_words(grid, shapes, cell)), generator)
        while True:
            yield _make(batch_size, generator, grid, shapes, cell, sprite, noise)

    return batches()


def _stream(seed: int, training: bool) -> int:
    """Tests read the even streams, training the odd ones.

    torch's CPU generator uses only the low 32 bits of a seed, so streams stay below 2 ** 32: two
    different seeds never share one.
    """
    return 2 * seed + training


def _make(n: int, generator: torch.Generator, grid: int, shapes: int, cell: int, *look) -> Scenes:
    with torch.device("cpu"):
        made: list[Tensor] = []  # written to chunk by chunk: joined at the end, all would be twice
        for first in range(0, n, _CHUNK):
            size = min(_CHUNK, n - first)
            chunk = _make_chunk(size, generator, grid, shapes, cell, *look)
            made = made or [part.new_empty(n, *part.shape[1:]) for part in chunk]
            for whole, part in zip(made, chunk, strict=True):
                whole[first : first + size] = part
        return Scenes(*made)


def _make_chunk(
    n: int, generator: torch.Generator, grid: int, shapes: int, cell: int, sprite: int, noise: float
) -> Scenes:
    places = torch.tensor(cells(grid))
    side = grid * cell
    words = _random_words((n, _count_words(grid, shapes, cell)), generator)
    parts = _split_words(len(places), shapes, side)
    order, kinds, hues, variants, shades, field, speckles = words.split(parts, dim=1)

    # Which shape is where: object 0 is the target.
    standing = order.argsort(dim=1, stable=True)[:, :shapes]
    kind = kinds.argsort(dim=1, stable=True)[:, :shapes]
    hue = hues.argsort(dim=1, stable=True)[:, :shapes]
    shade = _DARKEST + shades.remainder(_BRIGHTEST + 1 - _DARKEST)
    colour = (torch.tensor(_RGB)[hue] * shade[:, :, None] >> 8).to(torch.int16)  # (n, shapes, 3)

    corners = places[standing] * cell  # (n, shapes, 2): row and column of a pixel
    pixels, cover = _place_sprites(kind, corners, variants, side, cell, sprite)
    images = _make_ground(field, speckles, side, noise)  # (n, 3, side ** 2)
    index = pixels.flatten(1)[:, None].expand(-1, 3, -1)
    below = images.gather(2, index).unflatten(2, (shapes, -1))
    above = _blend(below, colour.movedim(1, 2)[..., None], cover[:, None])
    images.scatter_(2, index, above.flatten(2))

    images = images.view(n, 3, side, side)
    dots = _add_dots(images, colour[:, 0], sprite)

    solid = cover >= _FINE**2 // 2
    target, distractors = torch.zeros(2, n, side * side, dtype=torch.bool)
    target.scatter_(1, pixels[:, 0], solid[:, 0])
    distractors.scatter_(1, pixels[:, 1:].flatten(1), solid[:, 1:].flatten(1))
    return Scenes(
        images,
        kind[:, 0],
        standing[:, 0],
        target.view(n, side, side),
        distractors.view(n, side, side),
        dots,
        hue[:, 0],
    )


def _place_sprites(
    kind: Tensor, corners: Tensor, variants: Tensor, side: int, cell: int, sprite: int
) -> tuple[Tensor, Tensor]:
    """The pixels of each sprite and how far it covers them, 0 .. 64: (n, shapes, sprite ** 2)."""
    looks, room = len(_SIZES) * len(_TURNS), cell - sprite + 1
    look = variants.remainder(looks)
    shift = variants.div(looks, rounding_mode="floor").remainder(room * room)
    row = corners[..., 0] + shift.div(room, rounding_mode="floor")
    column = corners[..., 1] + shift.remainder(room)
    inside = torch.arange(sprite)[:, None] * side + torch.arange(sprite)
    pixels = (row * side + column)[:, :, None] + inside.flatten()
    return pixels, _draw_sprites(sprite)[kind * looks + look]


def _add_dots(images: Tensor, colour: Tensor, sprite: int) -> Tensor:
    """Draw a near-white disc and a smaller one in the target's colour (n, 3); -> where, (n, H, W).

    The images (n, 3, H, W) are changed in place.
    """
    side = images.shape[-1]
    ring, dot = _draw_dot(side, sprite)
    start = (side - len(ring)) // 2
    middle = images[:, :, start : start + len(ring), start : start + len(ring)]
    white = torch.tensor(_NEAR_WHITE, dtype=torch.int16)
    middle.copy_(_blend(_blend(middle, white, ring), colour[..., None, None], dot))
    dots = torch.zeros(len(images), side, side, dtype=torch.bool)
    dots[:, start : start + len(ring), start : start + len(ring)] = ring >= _FINE**2 // 2
    return dots


def _blend(below: Tensor, above: Tensor, cover: Tensor) -> Tensor:
    """`above` over `below`, both 0 .. 255, where it covers 0 .. 64 parts of 64."""
    parts = _FINE**2
    below = below.to(torch.int16)
    return (((above - below) * cover + below * parts) >> 6).to(torch.uint8)


def _make_ground(field: Tensor, speckles: Tensor, side: int, noise: float) -> Tensor:
    """A noisy, almost grey background: random words -> (n, 3, side ** 2) uint8."""
    n = len(field)
    levels = (_DARK + field.remainder(_LIGHT + 1 - _DARK)).view(n, 4, _FIELD**2)
    levels = (3 * levels[:, :1] + levels[:, 1:]) >> 2  # three parts grey, one part colour
    ground = levels.float() @ _enlarge(side)  # (n, 3, side ** 2), exact: integers < 2 ** 16
    ground = ground.mul_(0.25).to(torch.int16)  # in 64ths

    # The sum of four random nibbles is close to a Gaussian: 0 .. 60, mean 30, variance 85. A word
    # holds eight such sums, one per byte; twice the common (grey) one plus each channel's own is at
    # most 180, so no byte overflows.
    speckles = speckles.view(n, 8, -1)
    pairs = (speckles >> 4).bitwise_and_(_NIBBLES).add_(speckles & _NIBBLES)
    sums = pairs[:, :4] + pairs[:, 4:]
    speckle = (sums[:, :1] * 2 + sums[:, 1:]).view(torch.uint8)[..., : side * side]
    strength = round(noise * 255 * 64 / (2 * 85**0.5))
    ground.add_(speckle.to(torch.int16).sub_(90).mul_(strength))
    return (ground >> 6).clamp_(0, 255).to(torch.uint8)


def _random_words(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """64 random bits each."""
    words = torch.empty(shape, dtype=torch.int64, device="cpu")
    return words.random_(-(2**63), None, generator=generator)


def _split_words(places: int, shapes: int, side: int) -> list[int]:
    """How many words a scene uses: cells, shapes, colours, looks, shades, field, noise."""
    bytes_of_a_plane = -(-side * side // 8)
    field = 4 * _FIELD**2
    return [places, len(SHAPES), len(COLOURS), shapes, shapes, field, 8 * bytes_of_a_plane]


def _count_words(grid: int, shapes: int, cell: int) -> int:
    return sum(_split_words(len(cells(grid)), shapes, grid * cell))


@lru_cache(maxsize=8)
def _enlarge(side: int) -> Tensor:
    """Bilinear weights (4 * 4, side ** 2), whole numbers that add up to 256 for each pixel."""
    weights = torch.zeros(_FIELD, side, dtype=torch.int64)
    for pixel in range(side):
        place = 16 * ((2 * pixel + 1) * _FIELD - side) // (2 * side)  # in 16ths of a field's cell
        node, part = divmod(min(max(place, 0), 16 * (_FIELD - 1)), 16)
        weights[node, pixel] += 16 - part
        weights[min(node + 1, _FIELD - 1), pixel] += part
    both = weights[:, None, :, None] * weights[None, :, None, :]
    return both.reshape(_FIELD**2, side * side).float()


@lru_cache(maxsize=8)
def _draw_sprites(sprite: int) -> Tensor:
    """Every shape in every size and turn: (8 * 3 * 3, sprite ** 2) int16, parts of 64 covered."""
    drawn = []
    for name in SHAPES:
        for size in _SIZES:
            for cosine, sine in _TURNS:
                y, x = _fine_points(sprite)
                unit = _FINE * sprite * size  # a thousandth of half a sprite, in these points:
                x, y = 100 * (cosine * x + sine * y), 100 * (cosine * y - sine * x)
                inside = torch.zeros_like(x, dtype=torch.bool)
                for disc in _DISCS.get(name, ()):
                    inside |= _in_disc(x, y, disc, unit)
                if name in _POLYGONS:
                    inside |= _in_polygon(x, y, _POLYGONS[name], unit)
                if name in _HOLES:
                    inside &= ~_in_disc(x, y, _HOLES[name], unit)
                drawn.append(_average_down(inside).flatten())
    return torch.stack(drawn)


@lru_cache(maxsize=8)
def _draw_dot(side: int, sprite: int) -> tuple[Tensor, Tensor]:
    """The ring, filled, and the dot: (box, box) int16 each; the box is in the image's middle."""
    box = -(-_RING * sprite // 1000)
    box += (side - box) % 2
    y, x = _fine_points(box)
    unit = _FINE * sprite
    ring, dot = (_in_disc(1000 * x, 1000 * y, (0, 0, radius), unit) for radius in (_RING, _DOT))
    return _average_down(ring), _average_down(dot)


def _fine_points(width: int) -> tuple[Tensor, Tensor]:
    """y and x of the points, eight to a pixel, in 16ths of a pixel from the middle: odd numbers."""
    line = 2 * torch.arange(_FINE * width) + 1 - _FINE * width
    return line[:, None].expand(-1, len(line)), line.expand(len(line), -1)


def _average_down(inside: Tensor) -> Tensor:
    width = len(inside) // _FINE
    return inside.view(width, _FINE, width, _FINE).sum(dim=(1, 3)).to(torch.int16)


def _in_disc(x: Tensor, y: Tensor, disc: tuple[int, int, int], unit: int) -> Tensor:
    middle_x, middle_y, radius = (unit * value for value in disc)
    return (x - middle_x) ** 2 + (y - middle_y) ** 2 < radius**2


def _in_polygon(x: Tensor, y: Tensor, corners: list[tuple[int, int]], unit: int) -> Tensor:
    """A ray to the right from inside crosses the border an odd number of times."""
    inside = torch.zeros_like(x, dtype=torch.bool)
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        x1, y1, x2, y2 = unit * x1, unit * y1, unit * x2, unit * y2
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        level = (y1 <= y) & (y < y2)
        inside ^= level & ((x - x1) * (y2 - y1) < (y - y1) * (x2 - x1))
    return inside


def _check(seed: int, grid: int, shapes: int, cell: int, sprite: int, noise: float) -> None:
    require.ints(0, 2**31 - 1, seed=seed)
    require.ints(3, 64, grid=grid)
    require.ints(2, len(COLOURS), shapes=shapes)  # each in its own colour
    require.ints(8, 256, cell=cell)
    require.ints(8, cell, sprite=sprite)  # no more pixels than a cell has
    number = isinstance(noise, int | float) and not isinstance(noise, bool)
    if not number or not 0 <= noise <= 0.25:
        raise ValueError(f"noise={noise!r}: give a number from 0 (none) to 0.25; 0.06 is usual")
