"""Chapter 12's figures: every run is there, and told in words; the still of the widget is true."""

import pytest
import torch

from vitcourse.view import draw_angles, draw_runs, draw_shifts, tell_runs, turning_explorer

PANELS = {"what": {"a": [0.1, 0.2, 0.9], "b": [1.0]}, "where": {"a": [0.5], "b": [0.4, 0.4]}}


def test_each_run_is_a_dot_and_each_variant_a_mean():
    axes = draw_runs(PANELS).axes
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["a", "b"]
    drawn = [line.get_xdata() for line in axes[0].get_lines()[1:]]
    assert [list(map(round, x)) for x in drawn] == [[10, 20, 90], [40], [100], [100]]


def test_runs_in_words():
    told = tell_runs(PANELS)
    assert "what: a 10 to 90 %, b 100 %; where: a 50 %, b 40 %." in told


def test_shifts_are_lines_through_their_shares():
    lines = draw_shifts({"with CLS": {0.0: 1.0, 2.0: 0.0}}).axes[0].get_lines()
    assert lines[1].get_xydata().tolist() == [[0, 100], [2, 0]]


def test_angles_are_drawn_once_round():
    angles = torch.tensor([[0.0, 7.0], [3.0, -7.0]])
    shown = draw_angles(angles, (1, 2)).axes[1].get_images()[0].get_array()
    torch.testing.assert_close(
        torch.tensor(shown[0]), torch.tensor([0.7168, -0.7168]), atol=1e-4, rtol=0
    )


def test_the_still_says_one_score_for_both():
    html = turning_explorer(q=(1, 0), k=(1, 0), period=4, at=(-1, 0)).html
    assert "their score is 0.00 in both" in html.replace("-0.00", "0.00")


@pytest.mark.parametrize("given", [{"q": (1, 1)}, {"k": (0, 0)}, {"at": (0, 1.5)}])
def test_arrows_and_places_out_of_range(given):
    (name,) = given
    with pytest.raises(ValueError, match=name):
        turning_explorer(**given)
