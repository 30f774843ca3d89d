"""What holds for the check of every exercise: it is quick and leaves no trace."""

import contextlib
import random
import statistics
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from tests.answers import load
from vitcourse.exercises import Wrong, find_exercise
from vitcourse.exercises.bank import run
from vitcourse.exercises.engine import judge

RIGHT = {a.exercise: a for a in load() if a.kind == "right"}
WRONG = {a.exercise: a for a in load() if a.kind == "wrong" and a.name != "it never finishes"}


@pytest.mark.parametrize("answer", [*RIGHT.values(), *WRONG.values()], ids=lambda a: a.place)
def test_nothing_of_the_learner_changes(answer):
    torch.manual_seed(5), random.seed(5), np.random.seed(5)  # noqa: NPY002
    torch.set_default_dtype(torch.float64)
    try:
        namespace = run(answer, find_exercise(answer.exercise).name)
        before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1]  # noqa: NPY002
        with torch.no_grad():
            with contextlib.suppress(Wrong):
                judge(find_exercise(answer.exercise), namespace)
            assert not torch.is_grad_enabled()
        assert torch.get_default_dtype() is torch.float64
        assert torch.equal(torch.get_rng_state(), before[0])
        assert random.getstate() == before[1]
        assert (np.random.get_state()[1] == before[2]).all()  # noqa: NPY002
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("answer", [*RIGHT.values(), *WRONG.values()], ids=lambda a: a.place)
def test_a_check_is_quick(answer):
    namespace = run(answer, find_exercise(answer.exercise).name)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        with contextlib.suppress(Wrong):
            judge(find_exercise(answer.exercise), namespace)
        seconds.append(time.process_time() - start)
    assert statistics.median(seconds) < 0.5


def test_a_learner_may_have_set_another_dtype_before_the_first_check():
    code = (
        "import torch; torch.set_default_dtype(torch.float64)\n"
        "from vitcourse.exercises.engine import all_exercises, judge\n"
        "for exercise in all_exercises():\n"
        "    judge(exercise, {}, answer=exercise.reference)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
