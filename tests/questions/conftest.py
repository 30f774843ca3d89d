"""A record in memory, and what a cell shows."""

import pytest

from vitcourse.questions import predictions, quizzes


@pytest.fixture
def record(monkeypatch) -> dict:
    """What is noted, as {section: {key: value}}; it stays when the kernel starts again."""
    kept: dict = {}

    def note(section, key, value):
        kept.setdefault(section, {}).setdefault(key, {}).update(value)

    for module in (predictions, quizzes):
        monkeypatch.setattr(module, "note", note)
        monkeypatch.setattr(module, "noted", lambda section, key: kept.get(section, {}).get(key))
    monkeypatch.setattr(predictions, "_asked", {})
    return kept


@pytest.fixture
def shown(monkeypatch) -> list:
    """The objects that were displayed, in order."""
    objects: list = []
    monkeypatch.setattr("IPython.display.display", objects.append)
    return objects
