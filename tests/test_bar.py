"""Bars: in a notebook one line that is empty at the end, and none where nobody waits."""

import pytest

from vitcourse import bar
from vitcourse.bar import progress_bar, time_left


class Clock:
    """A clock that a loop moves on by hand."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(bar, "time", clock)
    return clock


@pytest.fixture
def shown(monkeypatch):
    """What a notebook with somebody before it would show, one look after the other."""
    looks = []

    class Handle:
        def update(self, thing):
            looks.append(thing._repr_mimebundle_())

    monkeypatch.setattr(bar, "in_notebook", lambda: True)
    monkeypatch.setattr(bar, "somebody_waits", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *_, display_id: Handle())
    return looks


def work(clock, count, seconds, what="steps"):
    done = []
    for step in progress_bar(range(count), what):
        done.append(step)
        clock.now += seconds
    assert done == list(range(count)), "the things themselves, in order"


def test_a_bar_says_how_far_and_how_long(clock, shown):
    work(clock, 5, seconds=10)
    assert [look["text/plain"] for look in shown] == [
        "steps: 1 of 5, about 40 s left",
        "steps: 2 of 5, about 30 s left",
        "steps: 3 of 5, about 20 s left",
        "steps: 4 of 5, about 10 s left",
        "",
    ]
    assert (
        '<progress value="3" max="5" aria-label="steps"></progress> steps: 3 of 5'
        in (shown[2]["text/html"])
    )


def test_what_is_left_in_the_file_is_empty(clock, shown):
    work(clock, 3, seconds=10)
    assert shown[-1] == {"text/html": "", "text/plain": ""}


def test_nothing_is_left_of_a_loop_that_was_left_early(clock, shown):
    bar = progress_bar(range(5), "steps")
    for _ in range(3):
        next(bar)
        clock.now += 10
    bar.close()
    assert shown[-2]["text/plain"] == "steps: 2 of 5, about 30 s left"
    assert shown[-1]["text/plain"] == ""


def test_short_work_shows_nothing(clock, shown):
    work(clock, 9, seconds=bar.PATIENCE / 10)
    assert shown == []


def test_a_bar_is_not_redrawn_in_every_step(clock, shown):
    work(clock, 1000, seconds=bar.EVERY / 10)
    assert len(shown) < 105


def test_batch_runs_show_nothing(clock, shown, monkeypatch):
    monkeypatch.setattr(bar, "somebody_waits", lambda: False)
    work(clock, 5, seconds=10)
    assert shown == []


def test_a_name_is_escaped(clock, shown):
    work(clock, 2, seconds=10, what='<b>"')
    assert "<b>" not in shown[0]["text/html"]
    assert 'aria-label="&lt;b&gt;&quot;"' in shown[0]["text/html"]


def test_a_terminal_that_is_none_stays_quiet(clock, capfd):
    work(clock, 5, seconds=10)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "done", "total", "said"),
    [
        (5, 0, 10, ""),
        (5, 5, 10, ", about 5 s left"),
        (0.1, 1, 2, ", about 1 s left"),
        (99, 1, 2, ", about 99 s left"),
        (100, 1, 2, ", about 2 min left"),
        (60, 1, 11, ", about 10 min left"),
    ],
)
def test_time_left(seconds, done, total, said):
    assert time_left(seconds, done, total) == said
