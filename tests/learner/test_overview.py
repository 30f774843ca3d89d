"""How far a learner has come, from two files that may be there or not."""

import json
import re
from pathlib import Path

import pytest

from tests.exercises.test_keep import COUNT, Notebook
from vitcourse.contents import chapters
from vitcourse.exercises.engine import all_exercises
from vitcourse.learner.overview import duration, link, overview
from vitcourse.view.overview import Shown

README = Path(__file__).parents[2] / "README.md"


def remember(folder: Path, **sections: dict) -> None:
    (folder / "my_progress.json").write_text(json.dumps(sections), encoding="utf-8")


def row(found, chapter: str):
    return next(row for row in found.rows if row.chapter.number == chapter)


def test_everything_is_open_at_first(tmp_path):
    for folder in (tmp_path, None):
        found = overview(folder)
        states = {number: state for row in found.rows for number, state in row.states.items()}
        assert states == {exercise.id: "open" for exercise in all_exercises()}
        assert found.next[1].id == "0.1"
        assert found.summary.startswith(f"0 of {len(states)} exercises solved, about ")


def test_solved_is_what_either_file_says(tmp_path):
    Notebook(tmp_path, COUNT).check("1.1")
    remember(tmp_path, exercises={"0.1": {"state": "solved"}, "1.2": {"state": "tried"}})
    found = overview(tmp_path)
    assert row(found, "00").numbers("solved") == ["0.1"]
    assert row(found, "01").numbers("solved") == ["1.1"]
    assert row(found, "01").numbers("tried") == ["1.2"]
    (tmp_path / "my_progress.json").unlink()
    found = overview(tmp_path)
    assert row(found, "01").states["1.1"] == "solved"
    assert row(found, "01").numbers("tried") == []


def test_a_strange_record_is_no_error(tmp_path):
    remember(tmp_path, exercises={"1.1": {"state": "?", "last": 3}, "99.1": {"last": "2026"}})
    assert row(overview(tmp_path), "01").states["1.1"] == "open"


def test_time_left_shrinks_with_what_is_solved(tmp_path):
    whole = row(overview(tmp_path), "04")
    assert whole.minutes_left == whole.chapter.minutes
    share = {e.id: e.minutes / sum(e.minutes for e in whole.chapter.exercises)
             for e in whole.chapter.exercises}  # fmt: skip
    remember(tmp_path, exercises={"4.2": {"state": "solved"}, "4.1": {"state": "tried"}})
    assert row(overview(tmp_path), "04").minutes_left == pytest.approx(
        whole.chapter.minutes * (1 - share["4.2"]), abs=1
    )
    everything = {number: {"state": "solved"} for number in whole.states}
    remember(tmp_path, exercises=everything)
    assert row(overview(tmp_path), "04").minutes_left == 0


def test_the_next_step_follows_the_last_one(tmp_path):
    tried = {"state": "tried", "last": "2026-11-02"}
    solved = {"state": "solved", "last": "2026-11-01"}
    remember(tmp_path, exercises={"4.1": solved, "4.2": tried})
    assert overview(tmp_path).next[1].id == "4.2"
    remember(tmp_path, exercises={"4.1": solved, "4.2": tried | {"state": "solved"}})
    assert overview(tmp_path).next[1].id == "4.3"
    last = all_exercises()[-1].id
    remember(tmp_path, exercises={last: tried | {"state": "solved"}})
    assert overview(tmp_path).next[1].id == "0.1"  # what was left out before
    remember(tmp_path, exercises={exercise.id: solved for exercise in all_exercises()})
    found = overview(tmp_path)
    assert found.next is None
    assert "left" not in found.summary
    assert "Next" not in Shown(found)._repr_html_() + repr(Shown(found))


def test_quizzes_and_predictions_are_shown_if_there_are_any(tmp_path):
    assert "Quiz" not in Shown(overview(tmp_path))._repr_html_()
    remember(
        tmp_path,
        quiz={"03": {"right": 4, "of": 5}},
        predictions={"03-a": {"said": 1, "compared": True}, "03-b": {"said": 2}},
    )
    found = overview(tmp_path)
    assert (row(found, "03").quiz, row(found, "03").predictions) == ("4 of 5", 1)
    html = Shown(found)._repr_html_()
    assert ">Quiz</th>" in html
    assert ">4 of 5</td>" in html


def test_links_lead_to_headings():
    chapter = next(c for c in chapters() if c.number == "08")
    assert link(chapter) == "08_maps.ipynb"
    assert link(chapter, chapter.exercises[0]) == (
        "08_maps.ipynb#Exercise-8.1:-The-class-token%27s-map"
    )


def test_the_page_says_in_words_what_its_signs_say(tmp_path):
    remember(tmp_path, exercises={"0.1": {"state": "solved"}})
    html = Shown(overview(tmp_path))._repr_html_()
    assert 'aria-label="0.1 How many numbers is a photograph?: solved">✓ 0.1</a>' in html
    assert html.count("<th scope=") == len(chapters()) + 3
    assert "'s map" not in html  # escaped


def test_durations():
    spoken = [duration(minutes) for minutes in (1, 12, 57, 58, 75, 90, 127, 825)]
    assert spoken == [
        *("5 min", "10 min", "55 min", "1 h", "1 h 15 min", "1 h 30 min", "2 h", "13 h 45 min")
    ]


def test_the_chapters_take_as_long_as_the_readme_says():
    rows = re.findall(r"^\| (\d\d) \|.*\| (\S+) (h|min) \|$", README.read_text("utf-8"), re.M)
    quarters = {"¼": 15, "½": 30, "¾": 45}
    stated = {}
    for number, amount, unit in rows:
        whole = int(amount.rstrip("¼½¾") or 0)
        stated[number] = whole if unit == "min" else 60 * whole + quarters.get(amount[-1], 0)
    assert stated == {chapter.number: chapter.minutes for chapter in chapters()}
