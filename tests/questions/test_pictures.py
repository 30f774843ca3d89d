"""The pictures of the quiz questions: each has its text, and shows what it is said to show."""

import inspect
import io
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from torch import nn

from vitcourse.model import patchify, sincos_1d, sincos_2d, unpatchify
from vitcourse.questions import reader
from vitcourse.view import quiz_pictures

PICTURES = sorted(
    name
    for name, function in inspect.getmembers(quiz_pictures, inspect.isfunction)
    if not name.startswith("_") and function.__module__ == quiz_pictures.__name__
)
ALL = [
    question
    for chapter in reader.chapters()
    for question in reader.read(chapter).questions.values()
]


def rendered(name: str) -> bytes:
    buffer = io.BytesIO()
    getattr(quiz_pictures, name)()[0].savefig(buffer, format="png", dpi=72)
    return buffer.getvalue()


def shown(name: str) -> np.ndarray:
    """The values of a picture that is drawn by `imshow`."""
    figure, _ = getattr(quiz_pictures, name)()
    return np.asarray(figure.axes[0].images[0].get_array())


def dark_cells(name: str) -> set[tuple[int, int]]:
    """Row and column of the dark ones among the cells of a picture."""
    figure, _ = getattr(quiz_pictures, name)()
    return {
        (round(cell.get_y() + 0.5), round(cell.get_x() + 0.5))
        for cell in figure.axes[0].patches
        if cell.get_facecolor() == to_rgba(quiz_pictures.DARK)
    }


# Of all pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_has_a_text_that_does_not_judge_it(name):
    open_before = plt.get_fignums()
    figure, alt = getattr(quiz_pictures, name)()
    assert 2.5 <= figure.get_figwidth() <= 3  # inches: about 200 pixels
    assert alt.endswith(".")
    assert not re.search(r"\b(wrong|correct|mistake|answer)", alt)
    assert plt.get_fignums() == open_before


@pytest.mark.parametrize("name", ["similar_to_none", "letter_in_columns", "norm_before_attention"])
def test_a_picture_is_the_same_every_time(name):
    assert rendered(name) == rendered(name)


def test_each_picture_belongs_to_a_question_and_each_question_finds_its_pictures():
    used = {choice.picture for question in ALL for choice in question.choices}
    used |= {question.picture for question in ALL}
    assert used - {""} == set(PICTURES)


def test_the_four_pictures_of_a_question_can_be_told_apart_without_seeing_them():
    for question in ALL:
        names = [choice.picture for choice in question.choices if choice.picture]
        texts = {getattr(quiz_pictures, name)()[1] for name in names}
        assert len(texts) == len(names), question.id


# One by one: what the right picture shows is computed by the course -------------------------------


@pytest.fixture
def letter() -> torch.Tensor:
    return torch.from_numpy(shown("letter"))[None, None]


def as_picture(patches: torch.Tensor) -> np.ndarray:
    return unpatchify(patches, 6, 24, 24)[0, 0].numpy()


def test_letter_in_columns_is_what_patches_listed_by_columns_become(letter):
    by_columns = torch.arange(16).reshape(4, 4).T.flatten()
    expected = as_picture(patchify(letter, 6)[:, by_columns])
    np.testing.assert_array_equal(shown("letter_in_columns"), expected)


def test_the_other_letters_are_the_mistakes_that_their_question_names(letter):
    turned = patchify(letter, 6).unflatten(2, (6, 6)).mT.flatten(2)
    np.testing.assert_array_equal(shown("letter_in_turned_patches"), as_picture(turned))
    np.testing.assert_array_equal(shown("letter_mirrored"), letter[0, 0].T.numpy())
    in_stripes = as_picture(letter.reshape(1, 16, 36))
    np.testing.assert_array_equal(shown("letter_in_stripes"), in_stripes)


def test_similar_places_are_those_of_the_course_tables():
    row, column = quiz_pictures.MARKED
    tables = {
        "similar_along_row_and_column": sincos_2d((12, 12), 64),
        "similar_along_rows": sincos_1d(144, 64),
    }
    for name, table in tables.items():
        rows = F.normalize(table, dim=1)
        expected = (rows @ rows[row * 12 + column]).reshape(12, 12)
        np.testing.assert_allclose(shown(name), expected.numpy(), atol=1e-5, err_msg=name)


def test_only_one_table_of_weights_has_rows_that_attention_can_give():
    possible = {}
    for name in PICTURES:
        if name.startswith("weights_"):
            figure, alt = getattr(quiz_pictures, name)()
            drawn = [float(text.get_text()) for text in figure.axes[0].texts]
            assert drawn == [float(number) for number in re.findall(r"-?\d\.\d+", alt)]
            rows = np.reshape(drawn, (4, 4))
            possible[name] = bool((rows >= 0).all() and np.allclose(rows.sum(axis=1), 1))
    assert [name for name, fits in possible.items() if fits] == ["weights_with_full_rows"]


def test_with_the_batch_mistaken_for_the_sequence_a_column_changes():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(16, nhead=2, dim_feedforward=32)  # batch_first forgotten
    encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False).eval()
    tokens = torch.randn(3, 5, 16)
    changed = tokens.clone()
    changed[1, 2] += torch.randn(16)
    with torch.no_grad():
        differs = (encoder(changed) - encoder(tokens)).abs().amax(dim=-1) > 1e-4
    assert dark_cells("changed_in_the_column") == {(i, j) for i, j in differs.nonzero().tolist()}


def test_shares_are_those_of_vit_b_16():
    figure, _ = quiz_pictures.shares_most_in_mlps()
    shares = [bar.get_width() for bar in figure.axes[0].patches]
    d, m = 768, 3072
    counts = [12 * (2 * d * m + m + d), 12 * 4 * (d * d + d)]
    counts += [3 * 16 * 16 * d + d + 198 * d, 1000 * d + 1000]
    expected = [100 * count / 86_567_656 for count in counts]
    np.testing.assert_allclose(shares, expected, atol=0.1)


def test_the_loss_levels_off_where_a_second_softmax_leaves_it():
    figure, _ = quiz_pictures.loss_levels_off()
    curve = figure.axes[0].lines[-1].get_ydata()
    no_idea, certain = torch.zeros(1, 8), 100 * F.one_hot(torch.tensor([3]), 8).double()
    for place, logits in ((0, no_idea), (-1, certain)):
        expected = F.cross_entropy(logits.softmax(dim=1), torch.tensor([3])).item()
        assert curve[place] == pytest.approx(expected, abs=0.01)


def test_the_map_of_the_class_token_is_its_row_without_itself():
    assert dark_cells("part_first_row") == {(0, key) for key in range(1, quiz_pictures.TOKENS)}


def test_the_photograph_is_cut_as_resize_256_and_crop_224_would_cut_it():
    ax = quiz_pictures.photograph_cut()[0].axes[0]
    width, height = quiz_pictures.WIDTH, quiz_pictures.HEIGHT
    margin = height * (256 - 224) / 256 / 2
    assert ax.get_ylim() == pytest.approx((margin, height - margin))
    assert sum(ax.get_xlim()) == pytest.approx(width)  # the middle
    assert ax.get_xlim()[1] - ax.get_xlim()[0] == pytest.approx(height - 2 * margin)
