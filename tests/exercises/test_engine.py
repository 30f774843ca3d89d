"""`check` as learners meet it: by name, friendly, and without a trace."""

import contextlib
import random
import time

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.answers import load
from vitcourse.exercises import NotYet, Wrong, WrongUse, check, find_exercise
from vitcourse.exercises.bank import PRELUDE
from vitcourse.exercises.engine import all_exercises, judge
from vitcourse.exercises.guard import TooLong, isolated, time_limit

STUB = "def count_patches(height, width, patch_size):\n    raise NotImplementedError\n"
RIGHT = {a.exercise: a for a in load() if a.kind == "right"}
WRONG = {a.exercise: a for a in load() if a.kind == "wrong" and a.name != "it never finishes"}


def notebook(*cells: str) -> dict:
    """Run cells in a namespace of their own, as a notebook would."""
    namespace = {"check": check}
    exec(PRELUDE, namespace)
    del namespace["count_patches"]
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), namespace)
    return namespace


def verdict(*cells: str) -> str:
    with pytest.raises((NotYet, Wrong)) as problem:
        notebook(*cells, 'check("1.1")')
    return str(problem.value)


def test_a_right_answer_prints_one_line_and_stays(capsys):
    namespace = notebook(RIGHT["1.1"].code, 'mine = count_patches\ncheck("1.1")')
    assert capsys.readouterr().out == "1.1 count_patches: solved\n"
    assert namespace["count_patches"] is namespace["mine"]


def test_a_stub_is_not_solved_yet_and_the_course_stands_in(capsys):
    namespace = notebook(STUB)
    namespace["stub"] = namespace["count_patches"]
    with pytest.raises(NotYet, match=r"^1\.1 count_patches: not solved yet\n"):
        exec('check("1.1")', namespace)
    assert namespace["count_patches"] is find_exercise("1.1").reference
    assert namespace["my_count_patches"] is namespace["stub"]
    with pytest.raises(NotYet, match="currently the course's version, not yours"):
        exec('check("1.1")', namespace)
    assert capsys.readouterr().out == ""


def test_the_name_is_missing():
    message = verdict()
    assert "`count_patches` is not defined yet" in message
    assert "my_count_patches" not in message  # there is nothing to keep


def test_not_something_to_call():
    assert "it should be a function or a class" in verdict("count_patches = 196")


def test_a_torch_error_that_is_no_stub():
    """torch raises NotImplementedError, too; only the learner's own counts as a stub."""
    cell = "def count_patches(h, w, p):\n    return torch.nn.Module()(h)\n"
    assert "wrong (it raised NotImplementedError)" in verdict(cell)


def test_an_error_is_shown_with_its_line():
    cell = "def count_patches(h, w, p):\n    rows = h // p\n    return rows * columns\n"
    assert "raised NameError in line 3 of its cell" in verdict(cell)


def test_the_useful_end_of_a_long_error_is_shown():
    cell = (
        "def count_patches(h, w, p):\n    return rearrange(torch.zeros(h), '(a b) -> a b', b=4)\n"
    )
    message = verdict(cell)
    assert "can't divide axis" in message  # einops's last line
    assert len(message.splitlines()) <= 4


def test_a_returned_error_is_told_from_a_raised_one():
    body = "return ValueError() if h % p or w % p else (h // p) * (w // p)"
    cell = f"def count_patches(h, w, p):\n    {body}\n"
    assert "yours returned ValueError as a result: write `raise`" in verdict(cell)


def test_exit_does_not_end_the_notebook():
    assert "it raised SystemExit" in verdict("def count_patches(h, w, p):\n    raise SystemExit\n")


def test_messages_are_lines_without_a_traceback():
    with pytest.raises(Wrong) as problem:
        notebook("def count_patches(h, w, p):\n    return h * w\n", 'check("1.1")')
    lines = problem.value._render_traceback_()
    assert 3 <= len(str(problem.value).splitlines()) <= 4
    assert not any("Traceback" in line for line in lines)


def test_hints(capsys):
    with pytest.raises(NotYet) as verdict:
        notebook(STUB, 'check("1.1", hint=2)')
    first, *_, last = str(verdict.value).splitlines()
    assert first == "1.1 count_patches: not solved yet"
    assert last.startswith("Hint 2 of 3: H // P rows")
    assert last.endswith(" One more: hint=3.")
    assert capsys.readouterr().out == ""


def test_a_hint_after_a_wrong_answer_keeps_the_reason():
    namespace = notebook("def count_patches(h, w, p):\n    return h * w\n")
    with pytest.raises(Wrong):
        exec('check("1.1")', namespace)
    for hint in (1, 3):
        with pytest.raises(Wrong) as verdict:
            exec(f'check("1.1", hint={hint})', namespace)
        first, what, *_, last = str(verdict.value).splitlines()
        assert first == "1.1 count_patches: wrong (pixels, not patches)"
        assert "expected 15, yours gives 60" in what
        assert last.startswith(f"Hint {hint} of 3: ")
    with pytest.raises(NotYet, match="currently the course's version"):
        exec('check("1.1")', namespace)  # without a hint, nothing is new


def test_unknown_exercises():
    for wrong, said in (
        ({"exercise_id": "1.9"}, "chapter 1 has 1.1, 1.2"),
        ({"exercise_id": "77.1"}, "the chapters are 0, 1"),
        ({"exercise_id": 0.1}, 'the number must be a string: check("1.2")'),
        ({"exercise_id": "1.1", "hint": 4}, "there are three hints"),
    ):
        with pytest.raises(WrongUse) as problem:
            check(**wrong)
        lines = problem.value._render_traceback_()
        assert len(lines) == 1  # no traceback
        assert said in lines[0]


def test_lines_break_between_words():
    cell = (
        "def count_patches(h, w, p):\n    return rearrange(torch.zeros(h), '(a b) -> a b', b=4)\n"
    )
    with pytest.raises(Wrong) as problem:
        notebook(cell, 'check("1.1")')
    lines = problem.value._render_traceback_()
    assert max(map(len, lines[1:])) <= 88
    assert " ".join(lines).endswith(" ".join(str(problem.value).splitlines()))


BROKEN = "def count_patches(h, w, p:\n    return h"


@pytest.mark.parametrize(
    ("cells", "defined", "said"),
    [  # the cells that were run, what is defined since, and what `check` says
        (["x = (1,", "x = (1,)"], None, "not solved yet"),
        (["x = (1,", STUB], STUB, "not solved yet"),
        ([BROKEN], None, "wrong (Python cannot read the cell)"),
        ([STUB, BROKEN], STUB, "wrong (Python cannot read the cell)"),
        ([RIGHT["1.1"].code, BROKEN], RIGHT["1.1"].code, "wrong (Python cannot read the cell)"),
        ([BROKEN, RIGHT["1.1"].code], RIGHT["1.1"].code, "solved"),
        ([BROKEN, "get_ipython().run_cell_magic('time', '', 'def count_patches')"], STUB, "not"),
        ([BROKEN.replace("count_patches", "count_patches_too")], RIGHT["1.1"].code, "solved"),
    ],
)
def test_the_last_cell_that_defines_it_counts(cells, defined, said):
    namespace = notebook(*[defined] if defined else [])
    namespace["_ih"] = [*cells, 'check("1.1")']
    try:
        judge(find_exercise("1.1"), namespace)
        message = "1.1 count_patches: solved"
    except (NotYet, Wrong) as verdict:
        message = str(verdict)
    assert message.startswith(f"1.1 count_patches: {said}")
    assert ("Line 1: " in message) == ("cannot read" in said)


LOOP = "def count_patches(h, w, p):\n    while True:\n        try:\n            h += 1\n{}"


@pytest.mark.parametrize("handler", ["Exception", "ArithmeticError", "BaseException"])
def test_an_endless_loop_is_stopped(handler, monkeypatch):
    monkeypatch.setattr("vitcourse.exercises.engine.CPU_SECONDS", 0.3)
    start = time.process_time()
    message = verdict(LOOP.format(f"        except {handler}:\n            pass\n"))
    assert "wrong (it never finishes)" in message
    assert "still computing in line" in message
    assert time.process_time() - start < 3


def test_waiting_is_told_from_computing(monkeypatch):
    monkeypatch.setattr("vitcourse.exercises.engine.CLOCK_SECONDS", 0.5)
    cell = "import time\ndef count_patches(h, w, p):\n    time.sleep(0.3)\n    return h\n"
    message = verdict(cell)
    assert "wrong (it takes too long)" in message
    assert "does it sleep, or wait for a file" in message


def test_a_sleeper_is_stopped_by_the_clock():
    start = time.perf_counter()

    def sleep_for_ever():
        while True:
            time.sleep(0.01)

    with pytest.raises(TooLong):
        time_limit(0.1, 0.6, sleep_for_ever)
    assert 0.5 < time.perf_counter() - start < 3


def test_who_swallows_the_exception_and_returns_was_too_long_still():
    def swallow():
        try:
            while True:
                pass
        except TooLong:
            return "right"

    with pytest.raises(TooLong):
        time_limit(0.1, 1, swallow)


def test_the_time_limit_leaves_nothing_behind():
    def spin(end):
        while time.process_time() < end:
            pass

    for _ in range(20):  # bodies that end just when their time is up
        end = time.process_time() + 0.05
        with contextlib.suppress(TooLong):
            time_limit(0.05, 1, lambda: spin(end))  # noqa: B023
    time.sleep(0.2)  # a left-over exception would arrive here


@pytest.mark.parametrize("training", [True, False])
def test_modules_keep_their_mode(training):
    cell = "class Count(nn.Module):\n    forward = staticmethod(count)\ncount_patches = Count()"
    namespace = notebook(RIGHT["1.1"].code + "\ncount = count_patches\n" + cell)
    namespace["count_patches"].train(training)
    judge(find_exercise("1.1"), namespace)
    assert namespace["count_patches"].training is training


def test_an_answer_that_draws_and_sets_leaves_no_trace():
    def states():
        numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
        torch_state = torch.get_rng_state().tolist(), torch.get_default_dtype()
        return random.getstate(), numpy_state, torch_state, torch.get_num_threads()

    before = states()
    with isolated():
        random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
        torch.set_default_dtype(torch.float64)
    assert states() == before


def test_attention_that_an_answer_exchanged_is_torchs_own_again():
    fused = F.scaled_dot_product_attention
    with isolated():
        F.scaled_dot_product_attention = None
        torch.backends.mha.set_fastpath_enabled(False)
    assert F.scaled_dot_product_attention is fused
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.id)
def test_every_exercise_is_well_made(exercise):
    assert len(exercise.hints) == 3
    assert all(len(hint) > 20 for hint in exercise.hints)
    assert 1 <= exercise.difficulty <= 5
    assert exercise.minutes > 0
    for mistake in exercise.mistakes:
        assert len(mistake.says) > 20, mistake.name


def test_gradients_that_an_answer_switches_off_are_on_in_the_next_trial():
    exercise, seen = find_exercise("1.1"), []

    def answer(height, width, patch_size):
        seen.append(torch.is_grad_enabled())
        torch.set_grad_enabled(False)
        return exercise.reference(height, width, patch_size)

    judge(exercise, {exercise.name: answer})
    assert len(seen) > 1
    assert all(seen)
    assert torch.is_grad_enabled()


def test_a_float_that_einops_remembers_does_not_spoil_the_right_answer():
    right = (
        "from einops import rearrange\ndef unpatchify(patches, p, height, width):\n"
        "    return rearrange(patches, 'b (h w) (c p q) -> b c (h p) (w q)', "
        "h=height {} p, w=width {} p, p=p, q=p)"
    )
    for division in ("/", "//"):
        namespace = {}
        exec(right.format(division, division), namespace)
        with contextlib.nullcontext() if division == "//" else pytest.raises(Wrong):
            judge(find_exercise("1.3"), namespace)
