"""The pages for teachers say what the course says: objectives, minutes, mistakes."""

import re

import pytest
import yaml

from vitcourse.contents import chapters
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.exercises.engine import all_exercises
from vitcourse.questions import reader
from vitcourse.workshop import teaching

LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
# What nobody can see somebody do.
VAGUE = {"understand", "know", "learn", "appreciate", "see", "be", "become", "grasp", "explore"}
PLANS = yaml.safe_load((teaching.TEACHING / "timetables.yaml").read_text(encoding="utf-8"))["plans"]
SOLVED = {"read", "solve", "chapter"}  # rows that take minutes off what is left for home


@pytest.fixture(scope="module")
def objectives():
    return teaching.objectives()


# Objectives ---------------------------------------------------------------------------------------


def test_three_to_five_a_chapter_and_each_can_be_seen(objectives):
    assert list(objectives) == [chapter.number for chapter in chapters()]
    for number, entries in objectives.items():
        assert 3 <= len(entries) <= 5, number
        for entry in entries:
            assert entry.can.split()[0].lower() not in VAGUE, entry.can
            assert entry.shown_by, entry.can


def test_each_is_shown_by_exercises_and_questions_that_exist(objectives):
    exercises = {exercise.id for exercise in all_exercises()}
    questions = {id for number in reader.chapters() for id in reader.read(number).questions}
    for entries in objectives.values():
        for entry in entries:
            assert set(entry.exercises) <= exercises, entry.can
            assert set(entry.questions) <= questions, entry.can


def test_each_exercise_shows_an_objective_of_its_chapter(objectives):
    for exercise in all_exercises():
        chapter = f"{int(exercise.id.partition('.')[0]):02}"
        assert any(exercise.id in entry.exercises for entry in objectives[chapter]), exercise.id


# Mistakes -----------------------------------------------------------------------------------------


def test_mistakes_are_all_that_the_checks_of_a_chapter_know():
    page = teaching.common_mistakes("04")
    for path in ANSWERS.glob("ex_4_*.py"):
        wrong = [answer for answer in read_answers(path) if answer.kind == "wrong"]
        assert wrong
        for answer in wrong:
            assert answer.name in page
            assert answer.says in page


def test_mistakes_with_one_message_stand_together(tmp_path, monkeypatch):
    monkeypatch.setattr(teaching, "ANSWERS", tmp_path)
    (tmp_path / "ex_4_1.py").write_text(
        "# right: one\nx = 1\n# wrong: first\n# > No.\nx = 2\n# wrong: other\n# > Never.\nx = 3\n"
        "# wrong: second\n# > No.\nx = 4\n# wrong: first\nx = 5\n",
        encoding="utf-8",
    )
    assert teaching._names_by_message("4.1") == {"No.": ["first", "second"], "Never.": ["other"]}


def test_a_chapter_that_does_not_exist():
    with pytest.raises(KeyError):
        teaching.common_mistakes("77")


# Timetables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan["name"])
def test_the_rows_fill_each_session(plan):
    for session in teaching.sessions(plan):
        assert sum(row.minutes for row in session.rows) == session.minutes
        assert all(row.minutes > 0 for row in session.rows)


def test_reading_and_exercises_have_the_courses_minutes():
    (chapter,) = (chapter for chapter in chapters() if chapter.number == "04")
    given = {"name": "x", "minutes": 90, "rows": [{"read": "04"}, {"solve": ["4.1", "4.2"]}]}
    (session,) = teaching.sessions({"sessions": [given]})
    minutes = {exercise.id: exercise.minutes for exercise in all_exercises()}
    solving = sum(entry.minutes for entry in chapter.exercises)
    assert session.rows[0].minutes == chapter.minutes - solving
    assert session.rows[1].minutes == minutes["4.1"] + minutes["4.2"]
    assert session.rows[2].minutes == 90 - session.rows[0].minutes - session.rows[1].minutes


def test_a_session_that_is_too_full_is_refused():
    given = {"name": "Too full", "minutes": 30, "rows": [{"chapter": "04"}]}
    with pytest.raises(ValueError, match="Too full: 60 minutes more"):
        teaching.sessions({"sessions": [given]})


def test_eight_weeks_are_the_whole_course():
    """What is read and solved in class, and what is left for home, is every chapter once."""
    (plan,) = (plan for plan in PLANS if "home" in plan)
    in_class = sum(
        teaching._row(row).minutes
        for session in plan["sessions"]
        for row in session["rows"]
        if SOLVED & set(row)
    )
    at_home = [teaching.at_home(plan, week) for week in range(len(plan["home"]))]
    assert all(minutes >= 0 for minutes in at_home)
    assert in_class + sum(at_home) == sum(chapter.minutes for chapter in chapters())
    weeks = [number for week in plan["home"] for number in week]
    assert weeks == [chapter.number for chapter in chapters()]


def test_slides_of_the_lecture_are_counted_in_the_sources(tmp_path, monkeypatch):
    monkeypatch.setattr(teaching, "SOURCES", tmp_path)
    cells = (
        '# %% slide="One" lecture=true\nx\n\n# %% slide="Two"\n\n# %% lecture=true\npredict(1)\n'
    )
    (tmp_path / "03_x.py").write_text(cells, encoding="utf-8")
    assert teaching.slides_of_lecture("03") == 2


# The pages ----------------------------------------------------------------------------------------


def test_the_stored_pages_are_what_the_course_gives():
    for path, text in teaching.pages().items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} is stale; run: python -m vitcourse.workshop.teaching"
        )


def test_check_names_what_is_stale(tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    monkeypatch.setattr(teaching, "ROOT", tmp_path)
    monkeypatch.setattr(teaching, "pages", lambda: {page: "new\n"})
    with pytest.raises(SystemExit) as ended:
        teaching.main(check=True)
    assert ended.value.code == 1
    assert "page.md" in capsys.readouterr().out
    assert not page.exists()
    teaching.main(check=False)
    assert page.read_text(encoding="utf-8") == "new\n"
    teaching.main(check=True)


def test_the_pages_lead_to_pages():
    for page in teaching.TEACHING.glob("*.md"):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
