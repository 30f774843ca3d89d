"""Predict, run, see both: what is kept, what is shown, what can no longer be changed."""

import pytest

from vitcourse.questions import predictions
from vitcourse.questions.predictions import outcome, predict, predicted

KEY, CHOICES = "03-shuffled", ["the same", "a little", "completely"]
ROWS, COLUMNS = ["no <b>positions</b>", "one head"], ["what", "where"]


def ask(shown, *arguments, **more):
    """Ask; the widget, in which a test answers as the page would."""
    predict(KEY, "How different?", *arguments, **more)
    return shown[-1].widget


def restart(monkeypatch):
    monkeypatch.setattr(predictions, "_asked", {})


def test_said_kept_compared(record, shown):
    widget = ask(shown, CHOICES)
    assert (widget.said, widget.compared) == (None, False)
    widget.said = 1
    widget.said = 2
    assert record["predictions"][KEY]["said"] == "completely"
    outcome(KEY, "the same")
    assert repr(shown[-1]) == "Outcome: the same. You predicted: completely."
    assert widget.compared
    widget.said = 0  # a page that has not heard of it yet
    assert record["predictions"][KEY] == {
        "asks": "How different?",
        "said": "completely",
        "compared": True,
        "came_out": "the same",
    }


def test_as_predicted(record, shown):
    ask(shown, CHOICES).said = 0
    outcome(KEY, "the same")
    assert repr(shown[-1]) == "✓ Outcome: the same, as you predicted."


def test_without_a_prediction_there_is_the_outcome_and_no_reproach(record, shown):
    widget = ask(shown, CHOICES)
    outcome(KEY, "the same")
    assert repr(shown[-1]) == "Outcome: the same."
    assert not widget.compared
    assert record == {}
    outcome("03-never-asked", "anything")
    assert repr(shown[-1]) == "Outcome: anything."


def test_another_day(record, shown, monkeypatch):
    ask(shown, CHOICES).said = 1
    restart(monkeypatch)
    widget = ask(shown, CHOICES)
    assert (widget.said, widget.compared) == (1, False)
    widget.said = 2
    restart(monkeypatch)
    outcome(KEY, "the same")  # the cell that asks was not run today
    assert repr(shown[-1]) == "Outcome: the same. You predicted: completely."
    widget = ask(shown, CHOICES)
    assert (widget.said, widget.compared) == (2, True)


def test_a_question_that_has_changed_is_asked_anew(record, shown, monkeypatch):
    ask(shown, CHOICES).said = 1
    predicted(KEY)
    restart(monkeypatch)
    widget = ask(shown, ["yes", "no"])
    assert (widget.said, widget.compared) == (None, False)


def test_a_cell_that_is_run_again_shows_what_was_said(record, shown):
    ask(shown, CHOICES).said = 1
    assert ask(shown, CHOICES).said == 1


def test_numbers_by_name(record, shown):
    widget = ask(shown, rows=ROWS, columns=COLUMNS, unit="%")
    assert predicted(KEY) is None
    widget.said = [[99, None], [None, None]]
    assert record["predictions"][KEY]["said"] == {ROWS[0]: {"what": 99}}
    assert predicted(KEY) == {ROWS[0]: {"what": 99}}
    assert widget.compared
    assert ask(shown, rows=ROWS, columns=COLUMNS, unit="%").said == [[99, None], [None, None]]


def test_numbers_beside_their_outcome(record, shown):
    widget = ask(shown, rows=ROWS, unit="times")
    assert widget.given["highest"] is None
    widget.said = [[None], [2.5]]
    outcome(KEY, {ROWS[0]: 1.0049, ROWS[1]: 4})
    page = shown[-1]._repr_mimebundle_()
    assert page["text/plain"] == (
        f"{ROWS[0]}: predicted –, outcome 1\n{ROWS[1]}: predicted 2.5, outcome 4"
    )
    assert (
        '<th scope="row">no &lt;b&gt;positions&lt;/b&gt;</th><td>–</td><td>1</td>'
        in (page["text/html"])
    )
    assert "| one head | 2.5 | 4 |" in page["text/markdown"]


def test_numbers_without_a_prediction(record, shown):
    ask(shown, rows=ROWS)
    outcome(KEY, dict.fromkeys(ROWS, 1.0))
    assert "predicted" not in shown[-1]._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("junk", ["x", [["9"]], [[-1], [True]], [[101], [1e9]], 7, {}, [5]])
def test_what_is_no_number_is_not_kept(record, shown, junk):
    widget = ask(shown, rows=ROWS, unit="%")
    widget.said = [[50], [None]]
    widget.said = junk
    assert record["predictions"][KEY]["said"] is None


@pytest.mark.parametrize("junk", ["a little", 3, -1, None, [0]])
def test_what_is_no_choice_is_not_kept(record, shown, junk):
    widget = ask(shown, CHOICES)
    widget.said = 1
    widget.said = junk
    assert record["predictions"][KEY]["said"] is None


def test_the_still_has_the_question_and_its_choices(record, shown):
    predict(KEY, "How <i>different</i> is `x`?", ["the same", "a <b>little"])
    still, view = shown[-1].outputs()
    assert "How &lt;i&gt;different&lt;/i&gt; is <code>x</code>?" in still["text/html"]
    assert "<li>a &lt;b&gt;little</li>" in still["text/html"]
    assert "- the same\n- a <b>little" in still["text/markdown"]
    assert still["text/plain"].startswith("Predict: How <i>different</i> is x?\n")
    assert list(view) == ["application/vnd.jupyter.widget-view+json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"key": "shuffled", "choices": CHOICES}, "key='shuffled': chapter and words"),
        ({"key": KEY}, "give either choices or rows"),
        ({"key": KEY, "choices": CHOICES, "rows": ROWS}, "give either choices or rows"),
        ({"key": KEY, "choices": CHOICES, "unit": "%"}, "belong to rows"),
        ({"key": KEY, "choices": ["a", "a"]}, "choices=.*: give a list of different texts"),
        ({"key": KEY, "choices": "abc"}, "choices='abc': give a list"),
        ({"key": KEY, "choices": ["only one"]}, "give 2 to 9"),
    ],
)
def test_wrong_arguments_are_named(record, shown, arguments, message):
    with pytest.raises(ValueError, match=message):
        predict(asks="?", **arguments)


def test_an_outcome_that_cannot_be_is_refused(record, shown):
    ask(shown, CHOICES)
    with pytest.raises(ValueError, match="came_out='equal': choose one of 'the same', 'a little'"):
        outcome(KEY, "equal")
    ask(shown, rows=ROWS)
    with pytest.raises(ValueError, match="give a number for each of"):
        outcome(KEY, {ROWS[0]: 1})
