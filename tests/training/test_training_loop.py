"""The loop: it learns, stops well, and says what is wrong."""

import os
import signal
import time

import pytest
import torch
from torch import nn

from tests.training.test_training_task import QUESTIONS, batch_at, make_model, run
from vitcourse import training
from vitcourse.training import evaluate


@pytest.mark.parametrize("use_muon", [True, False])
def test_it_learns(use_muon):
    def small(step, size=32):
        """From -1 to 1: with larger numbers the tiny model's positions, std 0.02, are drowned."""
        images, labels = batch_at(step, size)
        return images / 127.5 - 1, labels

    rates = {"muon_lr": 0.02, "adamw_lr": 0.01, "use_muon": use_muon}
    model, history = run(batches=small, steps=120, batch_size=32, warmup_steps=10, **rates)
    result = evaluate(model, *small(-1, 500), QUESTIONS)
    assert result["where"] >= 0.95
    assert result["colour"] >= 0.95
    assert len(history) == len(history.loss) == len(history.accuracy["where"]) == 120
    assert history.seconds == sorted(history.seconds)
    assert not history.interrupted
    assert not model.training
    assert all(p.grad is None for p in model.parameters())


def test_the_random_state_of_others_is_left_alone():
    torch.manual_seed(7)
    model = make_model()
    before = torch.get_rng_state()
    run(model=model)
    assert torch.equal(torch.get_rng_state(), before)


def test_every_step_has_its_own_random_numbers_and_a_seed_changes_them():
    drawn = []

    def batches(step):
        drawn.append((step, torch.rand(())))
        return batch_at(step)

    run(batches=batches, steps=3)
    run(batches=batches, steps=3)
    run(batches=batches, steps=3, seed=1)
    first, again, other = (dict(drawn[i : i + len(drawn) // 3]) for i in (0, 4, 8))
    assert first == again
    assert len({v.item() for v in [*first.values(), *other.values()]}) == 6


def test_the_learning_rate_follows_the_schedule_and_long_gradients_are_cut(monkeypatch):
    rates, norms = [], []
    step_of = torch.optim.AdamW.step

    def step(self, *args):
        rates.append([group["lr"] for group in self.param_groups])
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        norms.append(torch.stack([g.norm() for g in grads]).norm().item())
        return step_of(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    model = make_model()
    run(model=model, adamw_lr=0.5, clip=0.01, use_muon=False, plateau=0.3)
    expected = [0.5 * training.schedule(k, 12, 2, 0.3) for k in range(12)]
    assert [rate for rate, _ in rates] == pytest.approx(expected)
    assert all(a == b for a, b in rates)
    assert max(norms) == pytest.approx(0.01, rel=1e-3)


def test_an_interrupt_lets_the_step_end_and_the_resumed_run_is_the_same(tmp_path):
    whole, _ = run()

    def on_step(history):
        if len(history) == 5:
            os.kill(os.getpid(), signal.SIGINT)

    path = tmp_path / "run.safetensors"
    model, history = run(path, on_step=on_step)
    assert history.interrupted
    assert len(history) == 6  # asked for after step 5, granted after the next one
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not model.training
    evaluate(model, *batch_at(0), QUESTIONS)
    resumed, history = run(path, model=make_model())
    assert not history.interrupted
    assert_same_weights(resumed, whole)


def test_a_second_interrupt_does_not_wait():
    def batches(step):
        if step == 4:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            raise AssertionError("the second interrupt was not heard")
        return batch_at(step)

    model, history = run(batches=batches)
    assert history.interrupted
    assert len(history) == 3  # batch 4 is made during step 3, the fourth, which did not end
    evaluate(model, *batch_at(0), QUESTIONS)


def test_images_with_nan_stop_the_run_and_spare_the_weights(tmp_path):
    seen = {}

    def batches(step):
        images, labels = batch_at(step)
        images = images.float() / 255
        if step == 6:
            images[0, 0, 0, 0] = torch.nan
        return images, labels

    def on_step(history):
        if len(history) == 6:
            seen.update({k: v.clone() for k, v in model.state_dict().items()})

    model, path = make_model(), tmp_path / "run.safetensors"
    with pytest.raises(FloatingPointError) as caught:
        run(path, model=model, batches=batches, on_step=on_step, checkpoint_every=2)
    message = str(caught.value)
    assert "step 6: the loss is nan" in message
    assert "images of this step hold NaN" in message
    assert "muon_lr=" in message
    assert "before this step" in message
    assert all(torch.equal(value, seen[name]) for name, value in model.state_dict().items())


def test_steps_that_are_too_long_are_explained():
    class Explodes(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(192, 6)

        def forward(self, images):
            return self.linear(images.flatten(1)).exp().square().square()

    model = Explodes()
    with pytest.raises(FloatingPointError, match="try learning rates 3 to 10 times smaller"):
        run(model=model, use_muon=False, adamw_lr=1e6)
    assert all(p.isfinite().all() for p in model.parameters())


def test_a_finite_loss_with_a_gradient_that_is_not_stops_too():
    class Root(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1, 6))

        def forward(self, images):
            return self.weight.sqrt().expand(len(images), -1)  # slope at 0: infinite

    model = Root()
    with pytest.raises(FloatingPointError, match=r"loss is 1\.\d+, its gradient is not finite"):
        run(model=model, use_muon=False)
    assert torch.equal(model.weight, torch.zeros(1, 6))


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (lambda step: batch_at(step)[0], r"batch_at\(0\) must give \(images, labels\)"),
        (lambda step: batch_at(step, 5), r"must give batch_size=8 images and labels, got 5 and 5"),
        (lambda step: (batch_at(step)[0], batch_at(step)[1] + 3), "'where' must be 0 to 3, got"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(batches, message):
    with pytest.raises(ValueError, match=message):
        run(batches=batches)


def test_wrong_settings_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="checkpoint_every must be a positive int, got 0"):
        run(checkpoint_every=0)
    with pytest.raises(ValueError, match=r"logits must have shape \(B, 5\)"):
        run(
            questions={"where": 4, "colour": 1},
            batches=lambda k: (batch_at(k)[0], batch_at(0)[1] * 0),
        )


def test_one_question_needs_no_name():
    _, history = run(
        batches=lambda step: (batch_at(step)[0], batch_at(step)[1][:, 0]), questions=None
    )
    assert list(history.accuracy) == ["class"]


@pytest.mark.parametrize(("slow", "choice"), [("bfloat16", "float32"), ("float32", "bfloat16")])
def test_auto_takes_the_faster_precision_and_keeps_it(tmp_path, monkeypatch, slow, choice):
    class Slow(type(make_model())):
        def forward(self, images):
            if torch.is_autocast_enabled("cpu") == (slow == "bfloat16"):
                time.sleep(0.2)  # more than a busy machine disturbs
            return super().forward(images)

    model = Slow(**make_model().config)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    path = tmp_path / "run.safetensors"

    def on_step(history):
        raise KeyboardInterrupt

    _, history = run(path, model=model, precision="auto", on_step=on_step)
    assert history.precision == choice
    assert any(not torch.equal(v, before[k]) for k, v in model.state_dict().items())
    monkeypatch.setattr("vitcourse.training.loop._faster_precision", None)
    _, history = run(path, model=model, precision="auto")
    assert history.precision == choice
    assert len(history) == 12


def test_bfloat16_trains_float32_weights():
    seen = []
    model = make_model()
    model.encoder.blocks[0].mlp.fc1.register_forward_hook(lambda m, a, out: seen.append(out.dtype))
    run(model=model, precision="bfloat16", steps=3)
    assert set(seen) == {torch.bfloat16}
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_it_trains_on_every_device(device):
    model, _ = run(device=device)
    assert {p.device.type for p in model.parameters()} == {device.type}
    assert evaluate(model, *batch_at(0), QUESTIONS)["loss"] < 2


def test_without_a_terminal_nothing_is_written(capfd):
    run(progress=True)
    assert capfd.readouterr() == ("", "")


def assert_same_weights(model: nn.Module, other: nn.Module) -> None:
    theirs = other.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in model.state_dict().items())
