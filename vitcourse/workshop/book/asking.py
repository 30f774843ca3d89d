"""Predictions and quizzes in a page: the widget's own script, without a kernel behind it.

Nothing is run for it. What a cell asks is read from its text, or from the questions' own files.
"""

import ast
import html
import json
from typing import TypeGuard

from vitcourse.questions import forms, markup, quizzes


def call_in(source: str, name: str) -> ast.Call | None:
    """The call of a function of this name that a cell has at its top level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr) and _calls(node.value, name):
            return node.value
    return None


def asked_by(source: str) -> dict | None:
    """What the widget of a cell with `predict` or `quiz` is given; None for any other cell."""
    if call := call_in(source, "predict"):
        return _prediction(call)
    if call := call_in(source, "quiz"):
        (chapter,) = _values(call)[0]
        return {"form": "quiz", "key": f"quiz-{chapter}", "given": quizzes.given(chapter)}
    return None


def compared_by(source: str) -> str | None:
    """The key of the prediction that a cell compares with what came out, in words or a figure."""
    for node in ast.walk(ast.parse(source)):
        if _calls(node, "outcome") or _calls(node, "predicted"):
            return ast.literal_eval(node.args[0])
    return None


def alive(what: dict, still: str) -> str:
    """The place of a widget: `book.js` makes it of the JSON, and hides the still."""
    return (
        f'<div class="vb-place" data-kind="{html.escape(what["kind"])}">'
        f'<script type="application/json">{_in_script(what)}</script>'
        f'<div class="vb-still">{still}</div></div>'
    )


def _calls(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _prediction(call: ast.Call) -> dict:
    (key, asks, *rest), named = _values(call)
    choices = rest[0] if rest else named.get("choices", ())
    form = forms.make(
        choices, named.get("rows", ()), named.get("columns", ()), named.get("unit", "")
    )
    kind = "choices" if isinstance(form, forms.Choices) else "numbers"
    given = {"asks": markup.runs(asks), **form.given}
    return {"form": kind, "key": key, "given": given, "said": form.to_page(None)}


def _values(call: ast.Call) -> tuple[list, dict]:
    named = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    return [ast.literal_eval(value) for value in call.args], named


def _in_script(what: dict) -> str:
    """JSON that cannot end the <script> it stands in."""
    return json.dumps(what, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
