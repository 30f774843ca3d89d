"""Scenes: the answers are true, balanced, hidden from a single patch, and the same everywhere."""

import colorsys
import hashlib
import importlib
import itertools
import re
import time

import pytest
import torch
from matplotlib import pyplot as plt
from torch.nn import functional as F

from vitcourse.data import COLOURS, SHAPES, Scenes, cell_names, cells, scene_batches, scenes
from vitcourse.view import draw_scenes

module = importlib.import_module("vitcourse.data.scenes")  # as a name, `scenes` is the function

LAYOUTS = {
    "3 x 3": {},
    "5 x 5": {"grid": 5, "shapes": 5},
    "6 x 6": {"grid": 6, "shapes": 6, "noise": 0.1},
    "odd sizes": {"grid": 3, "shapes": 2, "cell": 15, "sprite": 11, "noise": 0},
}
HASHES = {
    "3 x 3": "40fc4e8e6e3e4ecfa2816535a23e2d70f76734ee805d25285d8cbd493d1436eb",
    "5 x 5": "e268d4f6cad998c39ddd6ab290dc51ac7217fab6646abde845d858927928cdd8",
    "6 x 6": "d7dc0a1d9c6270e92977252810e2f522d0997165a87d7eb2d3554cc452a034b3",
    "odd sizes": "919ae557da031f82aabaa7baf8cd680db45cd5b899207f48a8aa7fbc4d0767e4",
}
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@pytest.fixture(scope="module")
def many():
    return scenes(20_000, seed=1)


def same(one: Scenes, other: Scenes) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


# The same bytes, everywhere


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_bytes_are_those_on_record(name, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        made = scenes(70, seed=7, **LAYOUTS[name])
    finally:
        torch.set_num_threads(before)
    digest = hashlib.sha256()
    for part in made:
        digest.update(part.numpy().tobytes())
    assert digest.hexdigest() == HASHES[name]


def test_the_arithmetic_is_exact_at_every_precision():
    """The one float product gives whole numbers, whatever the order or the type it is summed in."""
    field = torch.randint(0, 167, (30, 16), generator=torch.Generator().manual_seed(0))
    for side in (48, 75, 96):
        weights = module._enlarge(side)
        assert torch.equal(weights.sum(0), torch.full((side * side,), 256.0))
        assert torch.equal(weights.bfloat16().float(), weights)
        product = field.float() @ weights
        assert torch.equal(product.long(), field @ weights.long())
        assert torch.equal(product, product.round())


def test_shapes_and_types():
    made = scenes(3, grid=5, cell=12, sprite=10)
    assert (made.images.shape, made.images.dtype) == ((3, 3, 60, 60), torch.uint8)
    for answer in (made.what, made.where, made.colour):
        assert (answer.shape, answer.dtype) == ((3,), torch.int64)
    for mask in (made.target_mask, made.distractor_mask, made.dot_mask):
        assert (mask.shape, mask.dtype) == ((3, 60, 60), torch.bool)
    assert all(part.is_contiguous() for part in made)


@layouts
def test_a_seed_is_a_sequence(layout):
    made = scenes(100, seed=3, **layout)
    assert same(made, scenes(100, seed=3, **layout))
    assert same(Scenes(*(part[:70] for part in made)), scenes(70, seed=3, **layout))
    assert not torch.equal(made.images, scenes(100, seed=4, **layout).images)


def test_the_default_device_and_global_seed_do_not_matter():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    expected = scenes(4)
    with torch.device("meta"):
        assert same(scenes(4), expected)
        batch = next(scene_batches(4, skip=1))
    assert same(batch, next(scene_batches(4, skip=1)))
    assert torch.equal(torch.get_rng_state(), state)


# Batches to train on


def test_batches_go_on_and_never_repeat():
    batches = list(itertools.islice(scene_batches(50, seed=2), 20))
    images = torch.cat([batch.images for batch in batches]).flatten(1)
    assert len(images.unique(dim=0)) == 1000
    assert same(
        next(scene_batches(1000, seed=2)), Scenes(*map(torch.cat, zip(*batches, strict=True)))
    )


@layouts
def test_skipping_resumes(layout):
    batches = scene_batches(9, seed=2, **layout)
    expected = [next(batches) for _ in range(4)][3]
    assert same(next(scene_batches(9, seed=2, skip=3, **layout)), expected)


def test_training_and_test_never_share_random_numbers():
    """Each (seed, purpose) has a stream of its own, and torch tells all of them apart."""
    last = 2**31 - 1
    seeds = [*range(1000), last - 1, last]
    streams = [module._stream(seed, training) for seed in seeds for training in (False, True)]
    assert len(set(streams)) == len(streams)
    assert min(streams) >= 0
    assert max(streams) < 2**32  # beyond, torch starts again: 2 ** 32 gives what 0 gives
    for high in (2**32, 2**32 + 1):
        assert torch.equal(
            *(
                torch.randint(9**9, (5,), generator=torch.Generator().manual_seed(s))
                for s in (high, high % 2**32)
            )
        )
    images = [scenes(16, seed=seed).images for seed in (*range(15), last)]
    images += [next(scene_batches(16, seed=seed)).images for seed in (*range(15), last)]
    assert len(torch.cat(images).flatten(1).unique(dim=0)) == 32 * 16


# The truth about the pixels


def hues(pixels: torch.Tensor) -> list[float]:
    """Degrees, for pixels (..., 3) in 0 .. 255."""
    return [360 * colorsys.rgb_to_hsv(*(p / 255).tolist())[0] for p in pixels.reshape(-1, 3)]


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@layouts
def test_the_target_has_the_colour_of_the_dot_and_no_distractor_has(layout):
    made = scenes(200, seed=11, **layout)
    side = made.images.shape[-1]
    pixels = made.images.movedim(1, -1).int()
    dots = pixels[:, side // 2, side // 2]
    distance = (pixels - dots[:, None, None]).abs().sum(-1)
    same_colour = distance == 0

    share = (same_colour & made.target_mask).sum((1, 2)) / made.target_mask.sum((1, 2))
    assert share.min() > 0.35  # all but its border, which blends with the ground
    assert share.mean() > 0.6
    assert distance[made.distractor_mask].min() > 30

    worst, closest = 0.0, 180.0
    for number in range(200):
        dot = hues(dots[number])[0]
        target, others = made.target_mask[number], made.distractor_mask[number]
        whole = target & same_colour[number]
        worst = max(worst, max(apart(dot, hue) for hue in hues(pixels[number][whole])))
        bright = others & (pixels[number].amax(-1) - pixels[number].amin(-1) > 120)
        closest = min([closest, *(apart(dot, hue) for hue in hues(pixels[number][bright]))])
        elsewhere = same_colour[number] & ~target & ~made.dot_mask[number]
        assert elsewhere.sum() <= 2  # but for a speck of ground by chance
    assert worst < 1
    assert closest > 25


@layouts
def test_masks_are_disjoint_and_each_shape_is_inside_its_cell(layout):
    made = scenes(300, seed=12, **layout)
    grid, cell = layout.get("grid", 3), layout.get("cell", 16)
    masks = torch.stack([made.target_mask, made.distractor_mask, made.dot_mask])
    assert masks.sum(0).max() == 1

    by_cell = masks.view(3, 300, grid, cell, grid, cell).sum((3, 5))
    row, column = torch.tensor(cells(grid))[made.where].T
    rest = by_cell[0].clone()
    rest[torch.arange(300), row, column] = 0
    assert rest.sum() == 0
    assert ((by_cell[1] > 0).sum((1, 2)) == layout.get("shapes", 4) - 1).all()

    middle = [(grid - 1) // 2, grid // 2]
    assert by_cell[:2, :, middle][..., middle].sum() == 0  # kept free for the dot
    assert (by_cell[2] > 0).sum((1, 2)).eq(len(set(middle)) ** 2).all()
    assert torch.equal(made.dot_mask, made.dot_mask.flip(1).flip(2))  # in the middle
    sprite = layout.get("sprite", 14)
    assert made.dot_mask[0].sum().item() == pytest.approx(3.14 * (0.31 * sprite) ** 2, rel=0.1)
    size = made.target_mask.sum((1, 2)) / sprite**2
    assert 0.15 < size.min() < size.max() < 0.85


def test_colours_within_a_scene_are_distinct():
    made = scenes(200, seed=13)
    pixels = made.images.movedim(1, -1)
    for number in range(200):
        found = []
        for row, column in cells():
            inside = (slice(16 * row, 16 * row + 16), slice(16 * column, 16 * column + 16))
            mask = (made.target_mask | made.distractor_mask)[number][inside]
            if mask.any():
                colours, count = pixels[number][inside][mask].unique(dim=0, return_counts=True)
                found.append(hues(colours[count.argmax()])[0])
        assert len(found) == 4
        assert min(apart(a, b) for a, b in itertools.combinations(found, 2)) > 25


def test_the_colour_is_the_one_it_is_called(many):
    named = {"red": 0, "yellow": 50, "green": 135, "cyan": 185, "blue": 230, "magenta": 305}
    for dot, colour in zip(many.images[:500, :, 24, 24], many.colour[:500], strict=True):
        assert apart(hues(dot)[0], named[COLOURS[colour]]) < 10


def test_every_shape_is_what_it_is_called():
    """Its middle and its corners, in the largest size, upright."""
    sprites = module._draw_sprites(14).view(len(SHAPES), 3, 3, 14, 14)[:, 2, 1] / 64
    area = dict(zip(SHAPES, sprites.mean((1, 2)).tolist(), strict=True))
    look = dict(zip(SHAPES, sprites, strict=True))
    expected = {
        "circle": 3.1416 * 0.84**2 / 4,
        "square": 0.78**2,
        "triangle": 0.86 * 1.58 / 4,
        "diamond": 0.98 * 0.68 / 2,
        "plus": 0.31 * 0.92 * 2 - 0.31**2,
        "ring": 3.1416 * (0.92**2 - 0.5**2) / 4,
    }
    for name, value in expected.items():
        assert area[name] == pytest.approx(value, rel=0.02), name
    assert all(torch.equal(look[name], look[name].flip(1)) for name in SHAPES)  # left as right
    for name in ("circle", "square", "diamond", "plus", "ring"):
        torch.testing.assert_close(
            look[name], look[name].T if name != "diamond" else look[name].flip(0)
        )
    middle = {name: float(picture[6:8, 6:8].mean()) for name, picture in look.items()}
    assert middle.pop("ring") == 0
    assert set(middle.values()) == {1}
    assert look["square"][2, 2] == 1 > look["circle"][2, 2]
    assert look["triangle"][11].sum() > 1.5 * look["triangle"][4].sum()
    assert look["heart"][1, 7] < look["heart"][1, 4]  # the notch
    assert look["heart"][3].sum() > look["heart"][11].sum()  # the tip points down
    assert look["heart"][12, 6:8].min() > 0.5
    assert look["star"][0].sum() > 0  # one point up, two down
    assert look["star"][12, 6:8].sum() == 0 < look["star"][12, :6].sum()


def test_no_shape_is_cut_off_by_its_sprite():
    reach = 0
    for cosine, sine in module._TURNS:
        for corners in module._POLYGONS.values():
            for x, y in corners:
                reach = max(reach, abs(cosine * x - sine * y), abs(sine * x + cosine * y))
        for discs in module._DISCS.values():
            for x, y, r in discs:
                turned = (abs(cosine * x - sine * y), abs(sine * x + cosine * y))
                reach = max(reach, max(turned) + 1000 * r)
    assert 950_000 < reach <= 1_000_000


def test_shapes_vary_in_size_turn_place_and_brightness(many):
    assert len(module._draw_sprites(14).unique(dim=0)) >= 8 * 9 - 2 * 6  # a disc has no turns
    top_left = many.where == 0
    squares = many.target_mask[top_left & (many.what == SHAPES.index("square"))]
    upright = squares[(squares.sum((1, 2)) == 100) & (squares.any(2).sum(1) == 10)]
    assert len(upright.any(2).int().argmax(1).unique()) == 3  # one size, three places
    assert len(upright.any(1).int().argmax(1).unique()) == 3
    red = many.images[many.colour == 0][:, 0, 24, 24].unique()
    assert red.min() <= 0.86 * 232 < 0.99 * 232 <= red.max()


def test_the_ground_is_noisy_and_almost_grey():
    plain, noisy = (scenes(500, seed=14, noise=noise) for noise in (0, 0.1))
    ground = ~(plain.target_mask | plain.distractor_mask | plain.dot_mask)
    for mask in (
        plain.target_mask,
        plain.distractor_mask,
        plain.dot_mask,
    ):  # not the border, either
        around = F.max_pool2d(mask[:, None].float(), 3, stride=1, padding=1)[:, 0] > 0
        ground &= ~around
    smooth = plain.images.movedim(1, -1)[ground].float() / 255
    assert 0.2 - 0.005 <= smooth.min() < 0.22
    assert 0.63 < smooth.max() <= 0.65 + 0.005
    assert (smooth.amax(1) - smooth.amin(1)).max() < 0.25

    inside = (smooth.amin(1) > 0.45) & (smooth.amax(1) < 0.55)  # nothing is clipped there
    noise = noisy.images.movedim(1, -1)[ground][inside].float() / 255 - smooth[inside]
    grey = ((noise[:, 0] * noise[:, 1]).mean() ** 0.5).item()  # what two channels share
    own = ((noise[:, 0] - noise[:, 1]).var() / 2) ** 0.5
    assert noise.mean().item() == pytest.approx(0, abs=0.003)
    assert grey == pytest.approx(0.1, rel=0.03)
    assert own.item() == pytest.approx(0.05, rel=0.03)
    kurtosis = (noise[:, 0] ** 4).mean() / (noise[:, 0] ** 2).mean() ** 2
    assert 2.6 < kurtosis < 3.1  # a Gaussian has 3, a uniform 1.8


# The question is fair


def chi_square(labels: torch.Tensor, classes: int) -> float:
    expected = len(labels) / classes
    return float(((labels.bincount(minlength=classes) - expected) ** 2 / expected).sum())


def test_classes_are_balanced(many):
    """Bounds: the chi-square distribution's 99.99 % point for classes - 1 degrees of freedom."""
    assert chi_square(many.what, 8) < 29.9
    assert chi_square(many.where, 8) < 29.9
    assert chi_square(many.colour, 6) < 25.7
    assert chi_square(8 * many.what + many.where, 64) < 113
    assert chi_square(6 * many.what + many.colour, 48) < 92
    wide = scenes(10_000, seed=15, grid=5, shapes=5)
    assert chi_square(wide.where, 24) < 57.1


def test_the_target_looks_like_any_other_shape(many):
    """Neither brighter nor larger: no short cut."""
    brightness = many.images[:5000].amax(1)
    target, others = many.target_mask[:5000], many.distractor_mask[:5000]
    ours, theirs = (brightness[mask].float().mean().item() for mask in (target, others))
    assert ours == pytest.approx(theirs, abs=2)
    assert 3 * int(target.sum()) == pytest.approx(int(others.sum()), rel=0.02)


def test_one_patch_alone_does_not_answer(many):
    """An MLP for each of the 36 patches: it learns colours, but neither what nor where.

    Whoever sees one cell whole, perfectly, and knows the rules, gets 3/16 of `what` (the shape
    there, if any, is the target once in four) and 11/56 of `where`; chance is 1/8. Patches with
    a piece of the dot see no shape: chance.
    """
    patches = many.images.unfold(2, 8, 8).unfold(3, 8, 8).permute(2, 3, 0, 1, 4, 5)
    patches = patches.reshape(36, len(many.images), 192)

    def probe(rows) -> tuple[torch.Tensor, ...]:
        values = patches[:, rows].float() / 128 - 1
        return ((values @ first).relu() @ second).split([8, 8, 6], dim=2)

    answers = {"what": (many.what, 8), "where": (many.where, 8), "colour": (many.colour, 6)}
    generator = torch.Generator().manual_seed(0)
    first = (torch.randn(36, 192, 48, generator=generator) / 192**0.5).requires_grad_()
    second = torch.zeros(36, 48, 22, requires_grad=True)
    optimizer = torch.optim.AdamW([first, second], lr=4e-3)
    train, steps = 16_000, 250
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 4e-3 * (1 - step / steps)
        rows = torch.randint(train, (192,), generator=generator)
        scores = probe(rows)
        loss = sum(
            F.cross_entropy(score.flatten(0, 1), labels[rows].repeat(36))
            for score, (labels, _) in zip(scores, answers.values(), strict=True)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores = probe(slice(train, None))
    what, where, colour = (
        (score.argmax(2) == labels[train:]).float().mean(1).view(6, 6)
        for score, (labels, _) in zip(scores, answers.values(), strict=True)
    )
    print(f"best single patch: what {what.max():.3f}, where {where.max():.3f}")
    assert colour[2:4, 2:4].min() > 0.9  # the probe can see: these hold a quarter of the dot each
    chance, slack = 1 / 8, 0.025  # 4,000 scenes: five standard errors
    assert max(what[2:4, 2:4].max(), where[2:4, 2:4].max()) < chance + slack
    assert what.max() < 3 / 16 + slack
    assert where.max() < 11 / 56 + slack


def test_speed():
    """Loose, so that a busy machine passes; one core of a laptop makes over 10,000 a second."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        batches = scene_batches(128)
        next(batches)
        times = []
        for _ in range(10):
            start = time.perf_counter()
            next(batches)
            times.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)
    speed = 128 / min(times)
    print(f"{speed:,.0f} scenes/s on one core")
    assert speed > 3000


# Names and errors


def test_cells_and_their_names():
    assert cells() == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2))
    assert [len(cells(grid)) for grid in (3, 4, 5, 6)] == [8, 12, 24, 32]
    assert len(cell_names()) == 8
    assert cell_names()[3:6] == ("left", "right", "bottom left")
    assert cell_names(5)[12] == "row 3, column 4"
    assert [len(set(cell_names(grid))) for grid in (3, 4, 5, 6)] == [8, 12, 24, 32]
    assert len(set(SHAPES)) == 8
    assert len(set(COLOURS)) == 6


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("n", 0, "from 1 to"),
        ("n", 2.0, "from 1 to"),
        ("n", True, "from 1 to"),
        ("seed", -1, "from 0 to 2,147,483,647"),
        ("seed", 2**31, "from 0 to 2,147,483,647"),
        ("seed", None, "from 0"),
        ("grid", 2, "from 3 to 64"),
        ("grid", (3, 3), "from 3 to 64"),
        ("shapes", 1, "from 2 to 6"),
        ("shapes", 7, "from 2 to 6"),
        ("cell", 7, "from 8 to 256"),
        ("sprite", 17, "from 8 to 16"),
        ("sprite", 7, "from 8 to 16"),
        ("noise", -0.01, "from 0"),
        ("noise", 0.26, "to 0.25"),
        ("noise", float("nan"), "give a number"),
        ("noise", "0.1", "0.06 is usual"),
        ("batch_size", 0, "from 1 to"),
        ("skip", -1, "from 0 to .*"),
    ],
)
def test_errors_name_the_argument_its_value_and_what_is_right(name, value, right):
    if name == "noise":
        message = rf"^noise={re.escape(repr(value))}: .*{right}"
    else:
        message = rf"^{name} must be an int {right}.*, got {re.escape(repr(value))}$"
    if name not in ("batch_size", "skip"):
        with pytest.raises(ValueError, match=message):
            scenes(**{"n": 1, name: value})
    if name != "n":
        with pytest.raises(ValueError, match=message):
            scene_batches(**{"batch_size": 1, name: value})  # at once, not at the first batch


@pytest.mark.parametrize("grid", [2, 3.0, "3"])
def test_cells_of_no_grid(grid):
    with pytest.raises(ValueError, match=f"grid must be an int from 3 to 64, got {grid!r}"):
        cells(grid)


# The gallery


def test_the_gallery_says_in_words_and_lines_what_colours_show():
    made = scenes(5)
    figure = draw_scenes(made, columns=3)
    axes = figure.axes
    assert len(axes) == 2 * 2 * 3
    for number, place in enumerate((0, 1, 2, 6, 7)):
        question, answer = axes[place], axes[place + 3]
        assert question.get_title() == f"what is {COLOURS[made.colour[number]]}?"
        name = f"{SHAPES[made.what[number]]}, {cell_names()[made.where[number]]}"
        assert answer.get_title() == name
        assert len(answer.collections) == 3  # outlines, told apart by their lines
        dashes = [line.get_linestyle()[0][1] for line in answer.collections]
        assert [on_off and on_off[0] / on_off[1] for on_off in dashes] == [1, None, 2]
        rows, columns = made.target_mask[number].nonzero().T
        box = answer.collections[1].get_paths()[0].get_extents()  # exactly around the target
        expected = [int(edge) for edge in (columns.min(), columns.max() + 1)]
        assert [box.x0 + 0.5, box.x1 + 0.5] == pytest.approx(expected)
        expected = [int(edge) for edge in (rows.min(), rows.max() + 1)]
        assert [box.y0 + 0.5, box.y1 + 0.5] == pytest.approx(expected)
    assert len(figure.legends[0].texts) == 3
    plt.close(figure)


def test_the_gallery_without_answers():
    figure = draw_scenes(scenes(4, grid=6), grid=6, columns=2, answers=False)
    assert [ax.get_title()[:8] for ax in figure.axes] == ["what is "] * 4
    assert not any(ax.collections for ax in figure.axes)
    assert not figure.legends
    plt.close(figure)


def test_errors_of_the_gallery():
    with pytest.raises(ValueError, match=r"columns must be a positive int, got 0"):
        draw_scenes(scenes(2), columns=0)
    with pytest.raises(ValueError, match=r"grid=5: does not fit scenes of 48 x 48 pixels"):
        draw_scenes(scenes(2), grid=5)
    with pytest.raises(ValueError, match=r"grid=3: does not fit scenes of 96 x 96 pixels"):
        draw_scenes(scenes(50, grid=6))
