"""Mutants: what is changed, what is noticed, and what is declared to be no mistake."""

import pytest

from vitcourse.exercises import find_exercise
from vitcourse.exercises.bank import Answer
from vitcourse.workshop.mutants import Equivalents, is_killed, mutants, tally

RIGHT = '''
def count_patches(height: int, width: int, patch_size: int = 16) -> int:
    """The number of patches: 1 + 1 in the words does not count."""
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError(f"{patch_size + 1}")
    rows = height // patch_size
    return rows * (width // patch_size)
'''


def answer(body: str, number: str = "1.1") -> Answer:
    return Answer(number, "right", "mine", "import math\n", body, "", "tests/ex:1")


def changes(body: str) -> list[str]:
    return [mutant.change for mutant in mutants(answer(body))]


def test_every_place_is_changed_once_and_words_are_not():
    found = changes(RIGHT)
    assert len(found) == len(set(found))
    for change in (
        "rows = height // patch_size => rows = height / patch_size",
        "rows = height // patch_size => rows = patch_size // height",
        "rows = height // patch_size => pass",
        "return rows * (width // patch_size) => return rows / (width // patch_size)",
        "return rows * (width // patch_size) => return (rows * (width // patch_size)).squeeze()",
        "raise ValueError(f'{patch_size + 1}') => raise TypeError(f'{patch_size + 1}')",
    ):
        assert change in found
    assert any(f.endswith("=> if width % patch_size != 0:") for f in found)  # one half dropped
    assert not any("1 + 2" in f or "import" in f or "float ->" in f for f in found)
    assert "if not (height % patch_size != 0 or width % patch_size != 0):" in " ".join(found)


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ("f(x, dim=-1)", "f(x, dim=-1) => f(x, dim=-2)"),
        ("f(a, b)", "f(a, b) => f(b, a)"),
        ("y = x.mean(1, keepdim=True)", "keepdim=False"),
        ('rearrange(x, "b (h w) -> b h w")', "b (h w) -> b w h"),
        ('einsum("ij,jk->ik", x)', "ij,jk->ki"),
        ("a = b @ c", "a = b @ c => a = c @ b"),
        ("x += 1.5", "x -= 1.5"),
        ("while not a < b:\n    a += 1", "a <= b"),
        ("e = 1e-6", "e = 1e-05"),
        ("y = x.exp()", "y = x.exp() => y = x.exp().detach()"),
    ],
)
def test_kinds_of_changes(body, change):
    assert any(change in found for found in changes(body)), changes(body)


def test_what_is_noticed():
    exercise = find_exercise("1.1")
    by_change = {mutant.change: mutant for mutant in mutants(answer(RIGHT))}
    caught = by_change["rows = height // patch_size => rows = patch_size // height"]
    lives = next(m for change, m in by_change.items() if "patch_size: int=17" in change)
    assert is_killed(exercise, caught)
    assert not is_killed(exercise, lives)  # the check always gives all three
    endless = answer(RIGHT.replace("rows = height", "while True:\n        pass\n    rows = height"))
    assert is_killed(exercise, next(iter(mutants(endless))))


def test_declared_equivalents(tmp_path):
    path = tmp_path / "equivalent.txt"
    path.write_text(
        "# a comment\n\n"
        "1.1 | ... int=16... => ... int=...) -> int: | the check gives all three\n"
        "1.1 | nothing => like this | never needed\n"
        "1.2 | another => exercise | of another\n"
    )
    equivalents = Equivalents(path)
    found = tally(find_exercise("1.1"), [answer(RIGHT)], equivalents)
    assert found.equivalent == 2
    assert found.killed == found.made - 2 > 20
    assert found.alive == []
    assert equivalents.unused({"1.1"}) == ["1.1 | nothing => like this | never needed"]
    again = tally(find_exercise("1.1"), [answer(RIGHT)], equivalents, share=0.3)
    assert 0 < again.made < found.made
    path.write_text("1.1 | without an arrow | reason\n")
    with pytest.raises(ValueError, match=r"equivalent\.txt:1: exercise \| old => new \| reason"):
        Equivalents(path)
