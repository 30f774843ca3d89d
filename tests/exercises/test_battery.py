"""Each circumstance of the battery catches what it is there for, and the verdict says which."""

import pytest
import torch
from torch import nn

from vitcourse.exercises import Exercise, Trial, Wrong
from vitcourse.exercises.battery import CIRCUMSTANCES, battery
from vitcourse.exercises.engine import judge

X = torch.linspace(-2, 3, 60).reshape(3, 4, 5).sin() + 0.5


def mean(x):
    return x.mean(dim=-1)


KEPT = {}


class Cache:
    def __call__(self, x):
        return KEPT.setdefault("first", mean(x))[: len(x)]


def float32(x):
    return mean(x.float()).to(x.dtype)


def seeds(x):
    torch.manual_seed(0)
    return mean(x)


def switches_off(x):
    result = mean(x)
    torch.set_grad_enabled(False)
    return result


WRONG = [
    ("batch of one", lambda x: mean(x).squeeze(), "for a batch of 3, wrong for a batch of one"),
    ("numbers", lambda x: mean(x.clamp(max=100)), "wrong for numbers around 10,000"),
    ("numbers", lambda x: mean(x) if x.max() > 0 else mean(x).abs(), "for numbers below zero"),
    ("numbers", lambda x: mean((x * 1e5).round() / 1e5), "wrong for numbers around 0.0001"),
    ("float64", float32, "in float32, wrong in float64"),
    ("bfloat16", lambda x: mean(x if x.dtype.itemsize > 2 else x.float()), "wrong in bfloat16"),
    ("memory", lambda x: mean(x.view(-1, x.shape[-1])).view(x.shape[:-1]), "laid out differently"),
    ("again", Cache(), "the first time, wrong called again"),
    ("gradients", lambda x: mean(x.detach()), "in its result, wrong in its gradient"),
    ("no_grad", lambda x: mean(x) if torch.is_grad_enabled() else x, "under torch.no_grad()"),
    ("left alone", seeds, "in its result, wrong in what it leaves changed"),
    ("left alone", switches_off, "in its result, wrong in what it leaves changed"),
]  # fmt: skip


def exercise(trials, reference=mean) -> Exercise:
    made = Exercise("1.1", "mean", "", 1, 1, reference, ("", "", ""), trials)
    object.__setattr__(made, "id", "none")
    return made


def verdict(answer, trials, monkeypatch, reference=mean) -> str:
    monkeypatch.setattr("vitcourse.exercises.engine.known_mistakes", lambda *_: ())
    KEPT.clear()
    with pytest.raises(Wrong) as problem:
        judge(exercise(trials, reference), {"mean": answer})
    return str(problem.value).splitlines()[0]


@pytest.mark.parametrize(
    ("name", "answer", "said"), WRONG, ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_mistake_shows_in_its_circumstance(name, answer, said, monkeypatch):
    plain = Trial("mean(x)", (X,))
    judge(exercise((plain,)), {"mean": answer})  # the plain question does not notice
    without = [other for other in CIRCUMSTANCES if other != name]
    assert said in verdict(answer, (plain, *battery("mean(x)", (X,), without=without)), monkeypatch)
    assert "right " in verdict(answer, (plain, *battery("mean(x)", (X,))), monkeypatch)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(5))

    def forward(self, x):
        return x @ self.weight


class InTrainingOnly(Layer):
    def forward(self, x):
        return super().forward(x) if self.training else x


class LeavesItsMode(Layer):
    def forward(self, x):
        self.eval()
        return super().forward(x)


class MadeInForward(Layer):
    def forward(self, x):
        return x @ torch.ones(5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (InTrainingOnly, "right in training mode, wrong in evaluation mode"),
        (LeavesItsMode, "wrong in what it leaves changed"),
        (MadeInForward, "wrong in float64"),
    ],
)
def test_modules(answer, said, monkeypatch):
    def build(made):
        return made()

    trials = battery("layer(x)", (X,), build=build)
    judge(exercise(trials, Layer), {"mean": type("Mine", (Layer,), {})})
    assert said in verdict(answer, trials, monkeypatch, Layer)


def test_what_is_left_out_is_not_asked():
    assert battery("mean(x)", (X,), without=list(CIRCUMSTANCES)) == ()
    asked = {trial.circumstance for trial in battery("layer(x)", (X,), build=lambda made: made())}
    assert asked == set(CIRCUMSTANCES)
    with pytest.raises(ValueError, match="the names are again"):
        battery("mean(x)", (X,), without=["batch"])


def test_the_reference_is_right_everywhere():
    judge(exercise(battery("mean(x)", (X,))), {"mean": lambda x: x.sum(-1) / x.shape[-1]})
