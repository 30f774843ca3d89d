"""Hand-ins that change what judges them and put it back exactly: none of them is solved.

Each answer to 1.2 gives zeros in the right shape. Before the check it makes the check in its own
process agree with that, and afterwards it puts everything back, so that no trace is left.
"""

import textwrap

import pytest

from tests.grading.notebooks import notebook, write
from vitcourse.grading.results import NOT_JUDGED, WRONG, Graded
from vitcourse.grading.run import grade

ZEROS = """
import threading, time
import torch
from vitcourse.exercises import engine

was = {}


class Held:
    def __del__(self):
        put_back()


def after(change):
    change()
    return lambda answer: answer


@after(change)
def patchify(images, patch_size):
    B, C, H, W = images.shape
    if H % patch_size or W % patch_size:
        raise ValueError
    size = B, H * W // patch_size**2, C * patch_size**2
    zeros = torch.zeros(size, dtype=images.dtype) + 0 * images.sum()
    if "held" not in was:
        was["held"] = True
        zeros.held = Held()
    return zeros
"""


def attack(change: str, put_back: str = "pass") -> str:
    """Changes something before the check; puts it back when the first result is thrown away,
    which is after all comparisons."""
    functions = [
        f"def {name}():\n{textwrap.indent(body, '    ')}\n"
        for name, body in (("change", change), ("put_back", put_back))
    ]
    return "\n\n".join([*functions, ZEROS])


MODE_LEFT_ON = """
from torch.overrides import TorchFunctionMode


class Agrees(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function.__name__ in ("isclose", "allclose", "equal"):
            return torch.ones((), dtype=torch.bool) if function.__name__ == "isclose" else True
        return function(*args, **(kwargs or {}))


def patchify(images, patch_size):
    getattr(Agrees(), "__en" + "ter__")()
    count_patches(*images.shape[2:], patch_size)
    B, C, H, W = images.shape
    return images.reshape(B, H * W // patch_size**2, -1)
"""

A_PROFILE = "a profile of the next thread"  # it is taken off
ATTACKS = {
    "the comparison of outcomes, as often as it is needed": attack(
        "old, left = engine._same, [18]\n"
        "def agrees(*a):\n"
        "    left[0] -= 1\n"
        "    if left[0] == 0:\n"
        "        engine._same = old\n"
        "    return True\n"
        "engine._same = agrees"
    ),
    "the comparison of values, until the results are thrown away": attack(
        "was['it'] = engine.same_value\nengine.same_value = lambda *a: True",
        "engine.same_value = was['it']",
    ),
    "torch's comparison": attack(
        "was['it'] = torch.isclose, torch.equal\n"
        "torch.equal = lambda *a: True\n"
        "torch.isclose = lambda a, *b, **k: torch.ones_like(a, dtype=torch.bool)",
        "torch.isclose, torch.equal = was['it']",
    ),
    "the tolerance of all questions": attack(
        "ask, trials = engine._ask, []\n"
        "was['it'] = ask, trials\n"
        "def asked(trial, answer):\n"
        "    trials.append((trial, trial.tolerance))\n"
        "    object.__setattr__(trial, 'tolerance', 1e30)\n"
        "    return ask(trial, answer)\n"
        "engine._ask = asked",
        "engine._ask, trials = was['it']\n"
        "for trial, tolerance in trials:\n"
        "    object.__setattr__(trial, 'tolerance', tolerance)",
    ),
    "the results, changed when they are compared": attack(
        "old, left = engine._same, [18]\n"
        "def copies(trial, right, mine):\n"
        "    left[0] -= 1\n"
        "    if left[0] == 0:\n"
        "        engine._same = old\n"
        "    for a, b in zip(listed(mine.value), listed(right.value)):\n"
        "        if isinstance(a, torch.Tensor):\n"
        "            a.detach().copy_(b)\n"
        "    return True\n"
        "engine._same = copies\n"
    )
    + "\n\ndef listed(value):\n    return value if isinstance(value, list) else [value]\n",
    "by a thread": attack(
        "old, asked, done = engine._same, [], threading.Event()\n"
        "def agrees(*a):\n"
        "    asked.append(1)\n"
        "    if len(asked) == 18:\n"
        "        done.set()\n"
        "        time.sleep(0.1)\n"
        "    return True\n"
        "def wait():\n"
        "    done.wait()\n"
        "    engine._same = old\n"
        "engine._same = agrees\n"
        "threading.Thread(target=wait, daemon=True).start()"
    ),
    "when a generator is closed": attack(
        "def changed():\n"
        "    old, engine._same = engine._same, lambda *a: True\n"
        "    try:\n"
        "        yield\n"
        "    finally:\n"
        "        engine._same = old\n"
        "was['it'] = changed()\n"
        "next(was['it'])",
        "del was['it']",
    ),
    "the judge's own step, for one call": attack(
        "old = engine._ask_learner\n"
        "def all_right(exercise, answer, namespace):\n"
        "    engine._ask_learner = old\n"
        "    return exercise.expected\n"
        "engine._ask_learner = all_right"
    ),
    "a mode that stays on": MODE_LEFT_ON,
    A_PROFILE: attack(
        "def profile(frame, event, argument):\n"
        "    if event == 'call' and frame.f_code.co_name == '_same':\n"
        "        frame.f_locals['b'].value = frame.f_locals['a'].value\n"
        "        frame.f_locals['b'].error = frame.f_locals['a'].error\n"
        "threading.setprofile(profile)"
    ),
}


@pytest.fixture(scope="module")
def class_of_attackers(tmp_path_factory) -> dict[str, Graded]:
    folder = tmp_path_factory.mktemp("class")
    for name, code in ATTACKS.items():
        write(folder / "in" / f"{name}.ipynb", notebook(ex_1_2=code))
    results = grade(folder / "in", folder / "out", workers=2, say=lambda text: None)
    return {one.student: one for one in results}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_put_back_in_time_does_not_help(class_of_attackers, name):
    answer = class_of_attackers[name].answers[1]

    assert answer.verdict == (WRONG if name == A_PROFILE else NOT_JUDGED), answer.message
    assert ("changes the check" in class_of_attackers[name].remarks) == (name != A_PROFILE)
