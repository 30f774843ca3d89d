"""Predict, run, see both: `predict` asks, `outcome` puts the prediction beside what came out."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitcourse.learner.progress import note, noted
from vitcourse.questions import forms, markup
from vitcourse.questions.widget import QuestionWidget
from vitcourse.view.widgets import with_still
from vitcourse.view.words import Words

SECTION = "predictions"  # of the learner's record
RUN = "Run this cell to predict."
KEY = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")


@dataclass
class Prediction:
    """A question that was asked in this notebook, and what was said to it."""

    key: str
    asks: str
    form: forms.Choices | forms.Numbers
    said: Any = None
    compared: bool = False
    widget: Any = None

    def hear(self, value: Any) -> None:
        """The page reports a prediction: keep it, unless it has been compared already."""
        if self.compared:
            return
        self.said = self.form.from_page(value)
        note(SECTION, self.key, {"asks": self.asks, "said": self.said, "compared": False})


_asked: dict[str, Prediction] = {}  # in this kernel


def predict(
    key: str,
    asks: str,
    choices: Sequence[str] = (),
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    unit: str = "",
) -> None:
    """Ask for a prediction: one of `choices`, or a number for each of `rows` (and `columns`).

    What is said is kept beside `my_vit.py` under `key`, such as "03-shuffled", and can be changed
    until `outcome` or `predicted` has compared it. Nothing waits for an answer. `unit` is written
    beside the numbers; with "%" they end at 100. Raises ValueError naming what does not fit.
    """
    if not KEY.fullmatch(key):
        raise ValueError(f"key={key!r}: chapter and words, such as '03-shuffled'")
    form = forms.make(choices, rows, columns, unit)
    prediction = Prediction(key, asks, form)
    if known := _known(key, form):
        prediction.said, prediction.compared = known
    _asked[key] = prediction
    _show(prediction)


def _known(key: str, form: forms.Choices | forms.Numbers) -> tuple[Any, bool] | None:
    """What was said before, in this kernel or on an earlier day, if the question still has it."""
    if key in _asked:
        said, compared = _asked[key].said, _asked[key].compared
    else:
        record = noted(SECTION, key) or {}
        said, compared = record.get("said"), record.get("compared") is True
    said = form.from_page(form.to_page(said))
    return None if said is None else (said, compared)


def _show(prediction: Prediction) -> None:
    from IPython.display import display

    form, asks = prediction.form, prediction.asks
    prediction.widget = QuestionWidget(
        "choices" if isinstance(form, forms.Choices) else "numbers",
        {"asks": markup.runs(asks), **form.given},
        form.to_page(prediction.said),
        prediction.hear,
        compared=prediction.compared,
    )
    question = f"<p><strong>Predict:</strong> {markup.as_html(asks)}</p>{form.html()}"
    markdown = f"**Predict:** {asks}\n\n{form.markdown()}"
    plain = markup.as_text(f"Predict: {asks}\n{form.markdown()}")
    display(with_still(prediction.widget, Words(question, markdown, plain), RUN))


def predicted(key: str) -> Any:
    """What was predicted under `key`, for a figure: a text, or numbers by name; None if nothing.

    From now on it cannot be changed: it is about to be compared.
    """
    prediction = _asked.get(key)
    record = {} if prediction else noted(SECTION, key) or {}
    said = prediction.said if prediction else record.get("said")
    if said is None:
        return None
    note(SECTION, key, {"said": said, "compared": True})
    if prediction:
        prediction.compared = True
        if prediction.widget is not None:
            prediction.widget.compared = True
    return said


def outcome(key: str, came_out: str | Mapping[str, float]) -> None:
    """Show what came out, beside what was predicted under `key` if anything was.

    `came_out` is one of the choices, or a number for each row. Raises ValueError if it is neither.
    """
    from IPython.display import display

    if key in _asked and (reason := _asked[key].form.refuse(came_out)):
        raise ValueError(f"came_out={reason}")
    said = predicted(key)
    if said is not None:
        note(SECTION, key, {"came_out": came_out})
    if isinstance(came_out, str):
        display(_line(said, came_out))
    else:
        unit = getattr(_asked[key].form, "unit", "") if key in _asked else ""
        display(_table(said if isinstance(said, dict) else {}, came_out, unit))


def _line(said: str | None, came_out: str) -> Words:
    """Prediction and outcome in one line of text."""
    words = f"Outcome: {came_out}."
    if said == came_out:
        words = f"✓ Outcome: {came_out}, as you predicted."
    elif said is not None:
        words = f"Outcome: {came_out}. You predicted: {said}."
    return Words(f"<p>{markup.as_html(words)}</p>", words, markup.as_text(words))


def _table(said: dict, came_out: Mapping[str, float], unit: str) -> Words:
    """Predicted and measured numbers side by side."""
    names = ["predicted", "outcome"] if said else ["outcome"]
    rows = {
        row: [*([_short(said.get(row))] if said else []), _short(number)]
        for row, number in came_out.items()
    }
    heads = [f"{name}, {unit}" if unit else name for name in names]
    lines = [["", *heads], ["---"] * (1 + len(names)), *([row, *of] for row, of in rows.items())]
    plain = [
        f"{row}: {', '.join(f'{name} {number}' for name, number in zip(names, of, strict=True))}"
        for row, of in rows.items()
    ]
    return Words(
        _table_html(heads, rows),
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
        markup.as_text("\n".join(plain)),
    )


def _table_html(heads: list[str], rows: dict[str, list[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{markup.as_html(row)}</th>'
        f"{''.join(f'<td>{number}</td>' for number in numbers)}</tr>"
        for row, numbers in rows.items()
    )
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"


def _short(number: float | None) -> str:
    return "–" if number is None else f"{round(number, 2):g}"
