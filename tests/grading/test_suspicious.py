"""Which words a teacher should look at: those that no answer needs, and no others."""

import pytest

from tests.answers import load
from vitcourse.exercises import find_exercise
from vitcourse.grading.suspicious import suspicious

RIGHT = [answer for answer in load() if answer.kind == "right"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import sys\nsys.modules['x'] = 1", "sys.modules"),
        ("from vitcourse.exercises import engine", "vitcourse.exercises"),
        ("from vitcourse.model import patchify as theirs", "vitcourse.model"),
        ("import ctypes", "ctypes"),
        ("import gc\ngc.get_objects()", "gc.get_..."),
        ("os.kill(os.getppid(), 9)", "os.kill"),
        ("class T:\n    def __eq__(self, other): return True", "def __eq__"),
        ("torch.nn.functional.softmax = print", "assigning to torch's functions"),
    ],
)
def test_what_no_answer_needs_is_named(source, said):
    assert said in suspicious([source])
    assert suspicious([source], known=[source]) == []  # unless the course has written it


def test_right_answers_are_hardly_ever_named():
    """They may use what the course gives, as some answers of the bank do."""
    course = {"vitcourse.model", "vitcourse.maps", "vitcourse.exercises", "course_answers"}
    named = [a for a in RIGHT if set(suspicious([a.code])) - course]
    assert len(named) <= len(RIGHT) / 100, [(a.place, suspicious([a.code])) for a in named]


def test_the_course_s_own_answers_are_not_named():
    assert find_exercise("1.2")
    from vitcourse.contents import chapters

    answers = [exercise.answer for chapter in chapters() for exercise in chapter.exercises]
    assert suspicious(answers) == []
