"""--anonymous: no name is left anywhere, and the code still runs."""

from dataclasses import asdict

from vitcourse.grading.names import Names, anonymous
from vitcourse.grading.results import WRONG, Answer, Graded

SOURCE = '''# Ada Lovelace, with help from Grace Hopper
def patchify(images, p):
    """By ada.lovelace@example.org (1234567)."""
    return torch.max(f"LOVELACE {p}", images)  # max, not Max
'''


def hand_in(name: str, identifier: str, source: str = "", message: str = "") -> Graded:
    answer = Answer("1.2", "patchify", WRONG, "", message, source)
    folder = f"{name}_{identifier}_assignsubmission_file_"
    remarks = (f"the newest of 2 hand-ins: {folder}/x.ipynb",)
    return Graded(identifier, name, identifier, "01", f"{folder}/x.ipynb", (answer,), remarks)


CLASS = [
    hand_in("Ada Lovelace", "1234567", SOURCE, "it raised KeyError: 'Ada Lovelace', 1234567"),
    hand_in("Grace Hopper", "1234568", "x = 'thanks, Ada'"),
    hand_in("Max Li", "1234569", "y = x.max()  # Max was here"),
]


def everything(results: list[Graded]) -> str:
    return " ".join(str(asdict(graded)) for graded in results)


def test_no_name_is_left():
    found = everything(anonymous(CLASS))
    for name in ("Ada", "ovelace", "OVELACE", "Grace", "Hopper", "Max", "12345"):
        assert name not in found
    assert "student 001" in found


def test_code_still_runs_the_same():
    ada, _, max_li = anonymous(CLASS)
    code = ada.answers[0].source
    compile(code, "answer", "exec")
    assert "def patchify(images, p):" in code
    assert "torch.max(" in code
    assert "# max, not student" in code
    assert max_li.answers[0].source.startswith("y = x.max()  # student ")


def test_code_that_does_not_parse():
    broken = hand_in("Ada Lovelace", "1234567", "def f(:\n    # by Ada Lovelace\n  '''")
    assert "Ada" not in everything(anonymous([broken]))


def test_same_class_same_numbers():
    there = {g.student for g in anonymous(CLASS)}
    back = [g.student for g in anonymous(reversed(CLASS))]
    assert [g.student for g in anonymous(CLASS)] == back[::-1]
    assert there == {"student 001", "student 002", "student 003"}


def test_numbers_do_not_follow_the_alphabet():
    names = [f"{letter}{letter}{letter} Smith" for letter in "abcdefghij"]
    numbers = [g.student for g in anonymous([hand_in(n, n[0] * 7) for n in names])]
    assert numbers != sorted(numbers)


def test_who_handed_in_nothing_has_a_number_too():
    """So that next week, with a hand-in, the numbers of the others stay."""
    late = [hand_in(f"Late {letter}", f"123457{n}") for n, letter in enumerate("abcdef")]
    all_of_them = anonymous([*CLASS, *late])[: len(CLASS)]
    some = anonymous(CLASS, others=[graded.student for graded in late])
    assert [g.student for g in some] == [g.student for g in all_of_them]
    assert [g.student for g in some] != [g.student for g in anonymous(CLASS)]


def test_a_name_within_a_word_is_none():
    names = Names([hand_in("Ann Tor", "7654321")])
    assert names.taken_out("annotate the vector") == "annotate the vector"
    assert names.taken_out("Ann, Tor and Ann Tor") == "…, … and …"
    assert names.words_in("my_ann_patchify vector") == {"ann"}
