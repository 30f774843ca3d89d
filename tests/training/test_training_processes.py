"""Two processes on one machine train as one does."""

import json
import os
import subprocess
import sys

import pytest
import torch

from tests.training import test_training_task as task
from tests.training.test_training_task import SHORT, make_model, run


def test_two_processes_train_as_one_with_the_whole_batch(tmp_path):
    path, out = tmp_path / "run.safetensors", tmp_path / "out"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    finished = subprocess.run(
        [*launcher, task.__file__, str(path), str(out), "20", "100"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert finished.returncode == 0, finished.stderr
    assert "destroy_process_group" not in finished.stderr  # torch's complaint of a dirty end
    assert finished.stdout.count("step 7\n") == 1  # one process speaks

    reports = [json.loads((tmp_path / f"out.{rank}.json").read_text()) for rank in (0, 1)]
    share = SHORT["batch_size"] // 2
    assert set(reports[0]["sizes"][1:]) == set(reports[1]["sizes"][1:]) == {share}
    weights = [torch.load(tmp_path / f"out.{rank}.pt") for rank in (0, 1)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())

    _, history = run(model=make_model(dropout=0.0), steps=20)
    assert reports[0]["loss"] == reports[1]["loss"]
    assert reports[0]["loss"] == pytest.approx(history.loss, abs=2e-3)
    assert reports[0]["loss"][0] == pytest.approx(history.loss[0], abs=1e-6)
    assert reports[0]["accuracy"]["where"] == pytest.approx(history.accuracy["where"], abs=0.13)
    # Their checkpoint is the one of a run that one process can take up: here, its last step.
    resumed, again = run(path, make_model(dropout=0.0), steps=20)
    assert again.loss == reports[0]["loss"]
    assert torch.equal(resumed.head.weight, weights[0]["head.weight"])
    assert os.listdir(tmp_path).count("run.safetensors") == 1


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    with pytest.raises(ValueError, match="batch_size=8 must be a multiple of 3 processes"):
        run()
