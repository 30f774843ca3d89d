"""The numbers and shapes in questions, computed: by the course's code, and by its known mistakes.

For a choice with a `mistake`, the known answer of that name from `exercises/answers` is run on the
question's own sizes, and what comes out is what the choice must say. The other numbers are
computed here, one by one.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.exercises import find_exercise
from vitcourse.exercises.bank import ANSWERS, known_mistakes, read_answers, run
from vitcourse.model import (
    MLP,
    ClassToken,
    EncoderBlock,
    attention,
    count_parameters,
    count_patches,
    sincos_1d,
)
from vitcourse.questions import reader
from vitcourse.training.loop import schedule
from vitcourse.view import quiz_pictures

ALL = {q.id: q for n in reader.chapters() for q in reader.read(n).questions.values()}
NAMED = [
    (question.id, choice.mistake)
    for question in ALL.values()
    for choice in question.choices
    if choice.mistake
]
SIZES = {"image_size": (224, 224), "patch_size": 16, "in_channels": 3, "depth": 1}
TEN_CLASSES = {**SIZES, "num_classes": 10, "embed_dim": 768, "mlp_dim": 3072}
SMALL_MLP = {**SIZES, "num_classes": 10, "embed_dim": 192, "mlp_dim": 768}


def shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def pooled(answer: Callable) -> str:
    tokens = torch.full((1, 10, 4), 2.0)
    tokens[:, 0] = 102
    return f"{answer(tokens)[0, 0].item():g}"


def row_of_the_place(answer: Callable) -> str:
    """Where in the answer's table the vector of row 2, column 3 stands."""
    wanted = torch.cat([sincos_1d(torch.tensor([2]), 16), sincos_1d(torch.tensor([3]), 16)], 1)
    return str((answer((6, 10), 32) - wanted).abs().sum(1).argmin().item())


def means(answer: Callable) -> str:
    """How many means were taken: along the axes that shared one, the results add up to zero."""
    x = torch.randn(2, 5, 8)
    result = answer(x, torch.ones(8), torch.zeros(8), 1e-6)
    for axes in ((2,), (1,), (0,), (1, 2)):
        if result.mean(axes).abs().max() < 1e-5:
            return str(x.mean(axes).numel())
    return "none"


def more_than(numbers: int, **sizes: int) -> Callable:
    """`numbers`, and how many more than the course an answer to 6.3 counts."""
    return lambda answer: f"{numbers + answer(**sizes) - count_parameters(**sizes):,}"


def untrained_loss(answer: Callable) -> str:
    return f"{answer(torch.zeros(4, 16), torch.tensor([[1, 2], [3, 4], [5, 6], [7, 0]])):.2f}"


class Remembers(nn.Module):
    """Gives the logits whose numbers stand in the images."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, images: Tensor) -> Tensor:
        return self.logits[images.flatten().long()]


def share_of_right_answers(answer: Callable) -> str:
    """250 scenes: 180 of the first 200 are right, and 25 of the last 50."""
    wrong = torch.cat([torch.arange(200) % 10 == 0, torch.arange(50) % 2 == 0])
    logits = F.one_hot(wrong.long(), 8).float().repeat(1, 2)
    labels = torch.zeros(250, 2, dtype=torch.long)
    images = torch.arange(250.0).reshape(250, 1, 1, 1)
    return f"{100 * answer(Remembers(logits), images, labels, 100)['what']:.0f} %"


def share_of_itself(answer: Callable) -> str:
    return f"{answer(torch.full((1, 1, 2, 4, 4), 0.25))[0, 0, 0].item():g}"


class LikeVitB(nn.Module):
    """Gives tokens and scores in the shapes of ViT-B/16."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = nn.Identity(), nn.Linear(768, 1000)

    def forward_features(self, images: Tensor) -> Tensor:
        return images.new_zeros(len(images), 197, 768)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.forward_features(images)[:, 0])


def numbers_in(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


# Question: the exercise whose answers are asked, and how
ASKED: dict[str, tuple[str, Callable]] = {
    "00-values": ("0.1", lambda answer: f"{answer(torch.zeros(3, 32, 48)):,}"),
    "01-grid": ("1.1", lambda answer: f"{answer(240, 320, 16):,}"),
    "01-patchify-shape": ("1.2", lambda answer: shape(answer(torch.zeros(8, 3, 96, 96), 12))),
    "02-prepended": (
        "2.1",
        lambda answer: shape(answer(torch.zeros(8, 196, 192), torch.zeros(1, 1, 192))),
    ),
    "02-pooled": ("2.3", pooled),
    "03-table-shape": ("3.4", lambda answer: shape(answer(257, 384).pos_embed)),
    "03-which-row": ("3.3", row_of_the_place),
    "03-new-rows": (
        "3.5",
        lambda answer: shape(answer(torch.zeros(1, 197, 768), (14, 14), (18, 12))),
    ),
    "04-split-shape": ("4.2", lambda answer: shape(answer(torch.zeros(2, 50, 48), 4))),
    "04-weights-shape": (
        "4.4",
        lambda answer: shape(answer(192, 3)(torch.zeros(2, 197, 192), return_weights=True)[1]),
    ),
    "05-how-many-means": ("5.1", means),
    "05-mlp-numbers": ("6.3", more_than(numbers_in(MLP(192, 768)), **SMALL_MLP)),
    "06-head-numbers": ("6.3", more_than(numbers_in(nn.Linear(768, 10)), **TEN_CLASSES)),
    "06-scores-shape": (
        "6.1",
        lambda answer: shape(answer(768, 1000)(torch.zeros(4, 197, 768))),
    ),
    "07-first-number": ("7.2", untrained_loss),
    "07-short-batch": ("7.5", share_of_right_answers),
    "08-map-shape": ("8.1", lambda answer: shape(answer(torch.rand(4, 3, 197, 197), (14, 14)))),
    "08-one-layer": ("8.2", share_of_itself),
    "09-features-shape": ("9.4", lambda answer: shape(answer(LikeVitB(), torch.zeros(50, 3), 16))),
}


@pytest.mark.parametrize("name", ASKED)
def test_the_right_choice_is_what_the_course_gives(name):
    exercise, ask = ASKED[name]
    question = ALL[name]
    assert ask(find_exercise(exercise).reference) == question.choices[question.right].text


@pytest.mark.parametrize(("name", "mistake"), NAMED)
def test_a_named_mistake_is_one_and_gives_what_its_choice_says(name, mistake):
    exercise, said = mistake.split(maxsplit=1)
    answers = read_answers(ANSWERS / f"ex_{exercise.replace('.', '_')}.py")
    found = [a for a in answers if a.kind == "wrong" and a.name == said]
    assert found, f"exercise {exercise} knows no mistake of the name {said!r}"
    if name in ASKED and ASKED[name][0] == exercise:
        defines = find_exercise(exercise).name
        given = {try_to(ASKED[name][1], run(answer, defines)[defines]) for answer in found}
        (choice,) = [c.text for c in ALL[name].choices if c.mistake == mistake]
        assert choice in given


def try_to(ask: Callable, answer: Callable) -> str:
    """What comes out; one of several variants of a mistake may fail on these sizes."""
    try:
        with torch.no_grad():
            return ask(answer)
    except Exception as error:
        return repr(error)


# The others: what each choice says, by hand -------------------------------------------------------


def convolved(**more: int) -> int:
    return F.conv2d(torch.zeros(1, 1, 224, 224), torch.zeros(1, 1, 16, 16), **more)[0, 0].numel()


def gradient_of_a_shared_token() -> float:
    token = ClassToken(4)
    tokens = token(torch.zeros(32, 9, 4))
    tokens[:, 0].sum().backward()
    return token.cls_token.grad[0, 0, 0].item()


TOKENS = torch.zeros(8, 197, 192)
COMPUTED = {
    "00-tokens": {
        "197": 14 * 14 + 1,
        "196": 14 * 14,
        "15": 14 + 1,
        "50,176": 224 * 224,
    },
    "01-kernel-shape": {
        "(192, 3, 16, 16)": nn.Conv2d(3, 192, 16, stride=16).weight,
        "(192, 16, 16, 3)": nn.Conv2d(3, 192, 16).weight.permute(0, 2, 3, 1),
        "(3, 192, 16, 16)": nn.Conv2d(3, 192, 16).weight.transpose(0, 1),
        "(192, 768, 1, 1)": nn.Conv2d(768, 192, 1).weight,
    },
    "01-no-stride": {
        "43,681": convolved(),
        "196": convolved(stride=16),
        "50,176": 224 * 224,
        "3,136": 224 * 224 // 16,
    },
    "02-first-index": {
        "(197, 192)": TOKENS[0],
        "(8, 192)": TOKENS[:, 0],
        "(8, 1, 192)": TOKENS[:, :1],
        "(192,)": TOKENS[0, 0],
    },
    "02-shared-gradient": {"32": gradient_of_a_shared_token(), "1": None, "0": None, "1/32": None},
    "06-positions-first": {
        "768 fewer": f"{(197 - 196) * 768} fewer",
        "As many": None,
        "1 fewer": None,
        "150,528 fewer": f"{196 * 768:,} fewer",
    },
    "09-resized": {
        "256 x 384": f"256 x {256 * 900 // 600}",
        "171 x 256": f"{round(256 * 600 / 900)} x 256",
        "256 x 256": None,
        "224 x 336": f"224 x {224 * 900 // 600}",
    },
    "12-turned-pair": {
        "0.50": f"{math.cos(math.radians(90 - 30)):.2f}",
        "0.87": f"{math.cos(math.radians(30)):.2f}",
        "-0.50": f"{math.cos(math.radians(90 + 30)):.2f}",
        "1.00": f"{math.cos(0):.2f}",
    },
    "12-tokens": {
        "225": 1 + 4 + count_patches(160, 352, 16),
        "220": count_patches(160, 352, 16),
        "221": 1 + count_patches(160, 352, 16),
        "224": 4 + count_patches(160, 352, 16),
    },
    "12-gate-size": {
        "1,024": 2 * 384 * 1536 / (3 * 384),
        "768": 2 * 384 * 1536 / (4 * 384),
        "1,536": 1536,
        "512": 1536 / 3,
    },
}


def as_said(value: object) -> str:
    if isinstance(value, Tensor):
        return shape(value)
    return value if isinstance(value, str) else f"{value:,.0f}"


@pytest.mark.parametrize("name", COMPUTED)
def test_numbers_computed_here(name):
    said = {choice.text for choice in ALL[name].choices}
    assert said == set(COMPUTED[name])
    for text, value in COMPUTED[name].items():
        if value is not None:
            assert as_said(value) == text


def test_every_number_is_computed_somewhere():
    assert {q.id for q in ALL.values() if q.kind == "arithmetic"} == {*ASKED, *COMPUTED}


# Claims that are no numbers -----------------------------------------------------------------------


def test_doubled_queries_and_keys_make_scores_four_times_as_large():
    q, k, v = torch.randn(3, 5, 4)
    four_times = (4 * q @ k.T / 2).softmax(-1)
    torch.testing.assert_close(attention(2 * q, 2 * k, v)[1], four_times)
    assert attention(2 * q, 2 * k, v)[1].max() > attention(q, k, v)[1].max()


def test_a_block_twice_as_wide_has_about_four_times_as_many_parameters():
    narrow, wide = (numbers_in(EncoderBlock(d, 4, 4 * d)) for d in (64, 128))
    assert wide / narrow == pytest.approx(4, rel=0.02)


def test_a_repeated_block_is_one_block():
    repeated = nn.ModuleList([EncoderBlock(16, 2, 32)] * 12)
    assert numbers_in(repeated) == numbers_in(EncoderBlock(16, 2, 32))


def test_a_parameter_times_a_number_is_not_registered():
    layer = nn.Module()
    layer.token = nn.Parameter(torch.randn(1, 1, 4)) * 0.02
    assert not list(layer.parameters())


def test_a_softmax_over_the_five_best_makes_all_larger_by_one_factor():
    scores = torch.randn(1000)
    right, best = scores.softmax(0).topk(5).values, scores.topk(5).values.softmax(0)
    factors = best / right
    assert best.sum() == pytest.approx(1)
    assert factors.min() > 1
    torch.testing.assert_close(factors, factors[:1].expand(5), rtol=1e-4, atol=0)


def test_an_optimiser_made_too_early_trains_all_but_the_new_head():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model[1] = nn.Linear(4, 3)
    before = [parameter.clone() for parameter in model.parameters()]
    model(torch.randn(5, 4)).square().sum().backward()
    optimiser.step()
    moved = [not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True)]
    assert moved == [True, True, False, False]


def test_a_clipped_gradient_keeps_its_direction():
    layer = nn.Linear(1, 2)
    layer.weight.grad, layer.bias.grad = torch.tensor([[3.0], [0.0]]), torch.tensor([4.0, 0.0])
    nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
    torch.testing.assert_close(layer.weight.grad, torch.tensor([[3 / 5], [0.0]]))
    torch.testing.assert_close(layer.bias.grad, torch.tensor([4 / 5, 0.0]))


def test_what_is_left_out_of_a_file_stays_random():
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    kept = model.weight.clone()
    model.load_state_dict({"bias": other.bias, "kernel": other.weight}, strict=False)
    assert torch.equal(model.weight, kept)


# Pictures -----------------------------------------------------------------------------------------


def dark_cells(name: str) -> set[tuple[int, int]]:
    figure, _ = getattr(quiz_pictures, name)()
    return {
        (round(cell.get_y() + 0.5), round(cell.get_x() + 0.5))
        for cell in figure.axes[0].patches
        if cell.get_facecolor()[:3] != (1, 1, 1)
    }


def test_places_are_those_of_patch_5():
    rows, columns = quiz_pictures.PLACES
    grid = np.arange(rows * columns)
    expected = {
        "place_in_raster_order": grid.reshape(rows, columns) == 5,
        "place_in_column_order": grid.reshape(columns, rows).T == 5,
        "place_counted_from_one": grid.reshape(rows, columns) + 1 == 5,
        "place_in_a_square_grid": grid[: rows * rows].reshape(rows, rows) == 5,
    }
    for name, there in expected.items():
        assert dark_cells(name) == set(zip(*map(list, np.nonzero(there)), strict=True)), name


def test_a_causal_mask_leaves_the_weights_that_the_picture_marks():
    tokens = torch.randn(1, quiz_pictures.SEQUENCE, 4)
    values = torch.eye(quiz_pictures.SEQUENCE)[None]
    weights = F.scaled_dot_product_attention(tokens, tokens, values, is_causal=True)[0]
    assert dark_cells("mask_of_the_past") == {tuple(p) for p in weights.nonzero().tolist()}


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("rate_warm_up_and_cosine", None),
        ("rate_whole_cosine", "a whole cosine"),
        ("rate_straight_down", "a straight line down"),
        ("rate_without_warm_up", "no warm-up"),
    ],
)
def test_the_curves_are_the_schedule_and_its_known_mistakes(name, mistake):
    found = [m for m in known_mistakes("7.1", find_exercise("7.1").name) if m.name == mistake]
    curves = [m.stand_in for m in found] or [schedule]
    steps, warm_up = quiz_pictures.STEPS, quiz_pictures.WARM_UP
    figure, _ = getattr(quiz_pictures, name)()
    drawn = figure.axes[0].lines[0].get_ydata()
    assert any(
        np.allclose([curve(step, steps, warm_up) for step in range(steps)], drawn, atol=0.02)
        for curve in curves
    )
