"""Checkpoints: whole or not there, and a resumed run that ends with the same bits."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tests.training import test_training_task as task
from tests.training.test_training_task import batch_at, make_model, run
from vitcourse.training import checkpoint as training_checkpoint


class Cut(Exception):
    """The power is gone."""


@pytest.fixture(scope="module")
def whole():
    """The run that nothing interrupts."""
    return run()


def assert_same_run(first, second):
    (model, history), (other, reference) = first, second
    theirs = other.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in model.state_dict().items())
    assert history.loss == reference.loss
    assert history.accuracy == reference.accuracy


@pytest.mark.parametrize("at", [1, 2, 5, 11])
@pytest.mark.parametrize("every", [1, 3, 100])
def test_cut_off_after_any_step_the_resumed_run_is_the_same(tmp_path, whole, at, every):
    def on_step(history):
        if len(history) == at:
            raise Cut

    path = tmp_path / "run.safetensors"
    with pytest.raises(Cut):
        run(path, on_step=on_step, checkpoint_every=every)
    torch.manual_seed(99)  # neither the fresh weights nor the random state of the moment matter
    fresh = make_model()
    torch.nn.init.normal_(fresh.head.weight)
    resumed = run(path, fresh, checkpoint_every=every)
    assert_same_run(resumed, whole)
    assert len(resumed[1].seconds) == 12


@pytest.mark.parametrize("moment", ["serialise", "write", "move"])
def test_cut_off_while_a_file_is_written(tmp_path, whole, monkeypatch, moment):
    path, calls = tmp_path / "run.safetensors", []

    def cut(real):
        def call(*args):
            calls.append(moment)
            if len(calls) == 4:
                raise Cut
            return real(*args)

        return call

    with monkeypatch.context() as patch:
        if moment == "serialise":
            patch.setattr(training_checkpoint, "to_bytes", cut(training_checkpoint.to_bytes))
        else:
            name = {"write": "fsync", "move": "replace"}[moment]
            patch.setattr(training_checkpoint.os, name, cut(getattr(os, name)))
        with pytest.raises(Cut):
            run(path, checkpoint_every=2)
    assert os.listdir(tmp_path) == ["run.safetensors"]
    assert_same_run(run(path, checkpoint_every=2), whole)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_random_moments_the_run_ends_with_the_same_bits(tmp_path):
    def start():
        command = [sys.executable, task.__file__, str(path), str(out), "80", "1"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    path, out = tmp_path / "run.safetensors", tmp_path / "out"
    moments, kills = random.Random(), []
    for _ in range(2):
        with start() as process:
            first = int(process.stdout.readline().split()[1])
            time.sleep(moments.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            kills.append((first, first + len(process.stdout.readlines())))
        assert process.returncode == -signal.SIGKILL
        assert not out.with_name("out.0.pt").exists()
    assert kills[1][0] in (kills[0][1] + 1, kills[0][1] + 2), "the second run did not resume"
    with start() as process:
        process.communicate()
    assert process.returncode == 0
    weights = torch.load(tmp_path / "out.0.pt")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the other process: the order of a sum decides its last bit
    whole, _ = run(steps=80)
    torch.set_num_threads(threads)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, weights[name]), f"{name} differs; killed at {kills}"
    assert set(os.listdir(tmp_path)) == {"run.safetensors", "out.0.json", "out.0.pt"}


def test_a_finished_run_is_not_run_again(tmp_path, whole):
    path = tmp_path / "run.safetensors"
    run(path)
    stamp = path.stat().st_mtime_ns
    steps = []
    again = run(path, on_step=steps.append)
    assert_same_run(again, whole)
    assert steps == []
    assert path.stat().st_mtime_ns == stamp


def test_the_file_holds_tensors_and_json_only(tmp_path):
    path = tmp_path / "run.safetensors"
    model, history = run(path)
    with safe_open(path, "pt") as file:
        names = list(file.keys())
        assert torch.equal(file.get_tensor("model.head.weight"), model.head.weight)
        assert file.get_tensor("history.loss").tolist() == history.loss
    assert any(name.endswith("momentum_buffer") for name in names)
    assert any(name.endswith("exp_avg_sq") for name in names)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"steps": 20}, "steps: 12 there, 20 here"),
        ({"muon_lr": 1e-3, "seed": 4}, "muon_lr: 0.014 there, 0.001 here; seed: 0 there, 4 here"),
        ({"questions": {"a": 4, "b": 2}}, "questions: {'where': 4, 'colour': 2} there, {'a'"),
        ({"batches": lambda step: batch_at(step + 1)}, r"data \(hash of the first batch\): '"),
        ({"model": make_model(dropout=0.2)}, "model: {.*'dropout': 0.1} there, {.*0.2} here"),
    ],
)
def test_the_checkpoint_of_another_training_is_refused(tmp_path, other, message):
    path = tmp_path / "run.safetensors"
    run(path)
    stamp = path.stat().st_mtime_ns
    with pytest.raises(ValueError, match=message):
        run(path, **other)
    assert path.stat().st_mtime_ns == stamp


def test_a_model_without_config_is_told_apart_by_its_shapes(tmp_path):
    def linear(hidden):
        layers = [torch.nn.Flatten(), torch.nn.Linear(192, hidden), torch.nn.Linear(hidden, 6)]
        return torch.nn.Sequential(*layers)

    path = tmp_path / "run.safetensors"
    run(path, model=linear(5), use_muon=False)
    other = linear(7)
    before = other[1].weight.detach().clone()
    with pytest.raises(ValueError, match=r"1.weight: \(5, 192\) there, \(7, 192\) here"):
        run(path, model=other, use_muon=False)
    assert torch.equal(other[1].weight, before)


def test_a_damaged_file_is_refused_and_kept(tmp_path):
    path = tmp_path / "run.safetensors"
    run(path)
    content = path.read_bytes()
    weights = tmp_path / "weights.safetensors"
    save_file({"x": torch.zeros(2)}, weights)
    for damaged in (content[: len(content) // 2], b"", b"\x80\x04 pickle", weights.read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"damaged or not a training .* delete it to start"):
            run(path)
        assert path.read_bytes() == damaged


def test_no_folder_is_said_before_the_first_step(tmp_path):
    steps = []
    with pytest.raises(OSError, match=r"cannot write the checkpoint of step 0 \(No such file"):
        run(tmp_path / "missing" / "run.safetensors", on_step=steps.append)
    assert steps == []


def test_a_full_disk_leaves_the_older_checkpoint_whole(tmp_path, whole):
    resource = pytest.importorskip("resource")
    path, limits = tmp_path / "run.safetensors", resource.getrlimit(resource.RLIMIT_FSIZE)

    def on_step(history):
        if len(history) == 5:  # from now on a file may grow to 20 kB only
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))

    model = make_model()
    try:
        with pytest.raises(OSError, match=r"checkpoint of step 6 .*the previous one is intact"):
            run(path, model, on_step=on_step, checkpoint_every=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == ["run.safetensors"]
    assert all(p.isfinite().all() for p in model.parameters())
    assert_same_run(run(path), whole)
