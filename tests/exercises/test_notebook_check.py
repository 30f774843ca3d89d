"""`check` in a notebook: how verdicts look, and what is noted of each try."""

import re

import pytest

from tests.exercises.test_keep import COUNT
from tests.kernels import kernel
from vitcourse.exercises import NotYet, Wrong, WrongUse, check, tries
from vitcourse.exercises.verdicts import NOT_YET, SOLVED, WRONG, Solved
from vitcourse.learner import progress

STUB = (
    'def count_patches(height, width, patch_size):\n    raise NotImplementedError("exercise 1.1")\n'
)
AREA = "def count_patches(height, width, patch_size):\n    return height * width\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Somebody works in this folder."""
    for module in (progress, tries):
        monkeypatch.setattr(module, "workplace", lambda: tmp_path)
    return tmp_path


class Learner:
    """Runs cells, and calls `check` from their namespace."""

    def __init__(self):
        self.namespace = {"__name__": "__main__", "check": check}

    def check(self, cell: str, call: str) -> str:
        exec(cell, self.namespace)
        try:
            exec(call, self.namespace)
        except (NotYet, Wrong) as verdict:
            return str(verdict)
        return "solved"


def known(number: str = "1.1") -> dict:
    return progress.noted("exercises", number)


# What is noted ------------------------------------------------------------------------------------


def test_tries_verdicts_and_hints_are_noted(folder):
    learner = Learner()
    learner.check(STUB, 'check("1.1")')
    assert known() is None  # a stub is no try
    learner.check(AREA, 'check("1.1")')
    learner.check(AREA, 'check("1.1", hint=2)')
    learner.check(AREA, 'check("1.1", hint=1)')
    first = known()
    assert (first["state"], first["tries"], first["hints"]) == ("tried", 1, [1, 2])
    assert first["verdict"].startswith("wrong (")
    assert learner.check(COUNT, 'check("1.1")') == "solved"
    assert (known()["state"], known()["tries"], known()["verdict"]) == ("solved", 2, "solved")
    assert known()["first"] == first["first"] <= known()["last"]
    learner.check(AREA, 'check("1.1")')
    assert known()["state"] == "solved"  # my_vit.py still has the right answer
    assert known()["verdict"].startswith("wrong (")


def test_hints_can_be_read_before_the_first_try(folder):
    said = Learner().check(STUB, 'check("1.1", hint=3)')
    assert said.splitlines()[-1].endswith(' The whole answer: solution("1.1").')
    assert known()["hints"] == [3]
    assert "tries" not in known()


def test_wrong_use_is_not_noted(folder):
    with pytest.raises(WrongUse):
        check("1.1", hint=4)
    with pytest.raises(WrongUse):
        check("1.9")
    assert list(folder.iterdir()) == []


def test_a_teachers_own_exercises_are_not_noted(folder, tmp_path_factory):
    own = tmp_path_factory.mktemp("own")
    (own / "exercises.py").write_text(
        "from vitcourse.exercises import Exercise, Trial\n"
        "EXERCISES = (Exercise(id='A.1', name='double', title='Twice', difficulty=1, minutes=1,\n"
        "    reference=lambda x: 2 * x, hints=('a', 'b', 'c'),\n"
        "    trials=(Trial('double(2)', (2,)),)),)\n",
        encoding="utf-8",
    )
    call = f"check('A.1', folder={str(own)!r}, hint=3)"
    said = Learner().check("def double(x):\n    return x\n", call)
    assert "Hint 3 of 3: c" in said
    assert "solution(" not in said
    assert list(folder.iterdir()) == []


# How it looks -------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def in_256_colours(number: int) -> str:
    red, rest = divmod(number - 16, 36)
    levels = [0, 95, 135, 175, 215, 255]
    return "#" + "".join(f"{levels[part]:02x}" for part in (red, *divmod(rest, 6)))


@pytest.mark.parametrize("badge", [SOLVED, NOT_YET, WRONG], ids=lambda badge: badge.sign)
def test_signs_can_be_read(badge):
    """AA's contrast, on a ground that is the same in every theme, on a page as in a terminal."""
    dark, light = sorted(luminance(colour) for _, colour in (badge.ink, badge.ground))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
    for number, colour in (badge.ink, badge.ground):
        assert in_256_colours(number) == colour


def test_signs_and_colours_differ():
    badges = [SOLVED, NOT_YET, WRONG]
    assert len({badge.sign for badge in badges}) == len({b.ground for b in badges}) == 3


def test_solved_is_the_same_in_plain_text_as_ever():
    solved = Solved("1.2 <patchify>")
    assert repr(solved) == "1.2 <patchify>: solved"
    shown = re.sub(r"<[^>]*>", "", solved._repr_html_())
    assert shown == "✓ 1.2 &lt;patchify&gt;: solved"


def test_raised_verdicts_have_their_sign_in_front():
    for verdict, sign in ((NotYet, "○"), (Wrong, "✗")):
        lines = verdict("1.2 patchify: words\nand more")._render_traceback_()
        plain = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
        assert plain == [f" {sign}  1.2 patchify: words", "and more"]


# In a real kernel ---------------------------------------------------------------------------------


def test_a_kernel_notes_resets_and_shows(tmp_path):
    """One kernel for all of it: starting one takes seconds."""
    with kernel(tmp_path) as run:
        run("from vitcourse import check, my_progress, reset, solution", keyboard=False)
        run(COUNT, keyboard=False)
        for batch in ('check("1.1")', "my_progress()", 'solution("1.1")'):
            run(batch, keyboard=False)
        assert "nobody is at the keyboard" in run('reset("1.1")', keyboard=False)
        assert list(tmp_path.iterdir()) == []

        run(AREA)
        assert 'check("1.1", hint=3)' in run('solution("1.1")')
        assert "wrong (" in run('check("1.1")')
        assert "1 Patch embedding: tried 1.1; open 1.2" in run("my_progress()")
        run(COUNT)
        assert run('check("1.1")') == "1.1 count_patches: solved\n"
        assert "**1.1 count_patches: the course's answer**" in run('solution("1.1")')
        assert "1 Patch embedding: solved 1.1; open 1.2" in run("my_progress()")

        said = run('reset("1.1")')
        assert said == (
            "1.1 count_patches: this cell is now the stub. What you had is in my_vit_older.py.\n"
        )
        (payload,) = run.payload
        assert payload["source"] == "set_next_input"
        assert payload["replace"] is True
        assert 'raise NotImplementedError("exercise 1.1")' in payload["text"]
        assert COUNT.strip() in (tmp_path / "my_vit_older.py").read_text(encoding="utf-8")
        assert "def count_patches" not in (tmp_path / "my_vit.py").read_text(encoding="utf-8")
        assert run("print(my_count_patches(4, 4, 2))") == "4\n"
        assert "not defined yet" in run('check("1.1")')
        assert "1 Patch embedding: tried 1.1; open 1.2" in run("my_progress()")
