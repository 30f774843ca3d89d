"""Threads: measured, rather few than many, restored; what somebody chose is left alone."""

import os
import time

import psutil
import pytest
import torch
from torch import nn

from tests.training.test_training_task import run
from vitcourse import threads
from vitcourse.threads import compare, fastest, somebody_chose, threads_for

CPUS = 8


@pytest.fixture
def machine(monkeypatch):
    """A machine with eight CPUs on which nobody chose anything; torch only pretends to listen."""
    torchs = {"threads": CPUS}
    monkeypatch.setattr(threads, "cpu_limit", lambda: CPUS)
    monkeypatch.setattr(os, "cpu_count", lambda: CPUS)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: CPUS)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "_settled", False)
    monkeypatch.setattr(torch, "get_num_threads", lambda: torchs["threads"])
    monkeypatch.setattr(torch, "set_num_threads", lambda number: torchs.update(threads=number))
    monkeypatch.setattr(threads, "measured", lambda: {1: 4.0, 2: 2.5, 4: 2.0, 8: 5.0})
    return torchs


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 1.9, 2: 7.4}, 1),  # another program is busy
        ({1: 2.0, 2: 1.9}, 1),  # hardly faster
        ({1: 2.0, 2: 1.2}, 2),
        ({1: 4.0, 2: 2.5, 4: 2.4, 8: 2.3}, 2),
        ({1: 4.0, 2: 2.5, 4: 1.5, 8: 9.0}, 4),
        ({1: 4.0}, 1),
    ],
)
def test_more_threads_only_where_they_are_clearly_faster(seconds, best):
    assert fastest(seconds) == best


def test_compare_stops_where_more_are_no_faster(machine, monkeypatch):
    takes = {1: 8.0, 2: 4.0, 4: 3.9, 6: 2.0, 8: 1.0}
    monkeypatch.setattr(threads, "_seconds", lambda step, hopeless: takes[machine["threads"]])
    assert compare(print, most=8) == {1: 8.0, 2: 4.0, 4: 3.9}
    takes[4] = 3.0
    assert compare(print, most=6) == {1: 8.0, 2: 4.0, 4: 3.0, 6: 2.0}
    assert compare(print, most=1) == {1: 8.0}
    assert machine["threads"] == CPUS


def test_a_hopeless_number_costs_one_step(machine):
    taken = []

    def step():
        taken.append(machine["threads"])
        time.sleep(0.05 if machine["threads"] > 1 else 0.0001)

    compare(step, most=8)
    assert taken.count(2) == 1
    assert taken.count(4) == 0


def test_the_measurement_takes_a_fraction_of_a_second_and_draws_nothing():
    state, before = torch.get_rng_state(), torch.get_num_threads()
    began = time.process_time()
    seconds = threads.measured.__wrapped__()
    assert time.process_time() - began < 5  # by the clock and undisturbed, 0.1 to 0.4
    assert min(seconds) == 1
    assert all(value > 0 for value in seconds.values())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_restored_after_an_error_and_an_interrupt(machine, error):
    def step():
        raise error

    with pytest.raises(error):
        compare(step, most=8)
    assert machine["threads"] == CPUS


def test_nobody_chose(machine, monkeypatch):
    assert not somebody_chose()
    monkeypatch.setenv("OMP_NUM_THREADS", str(CPUS))  # as torch would by itself
    assert not somebody_chose()
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: CPUS if logical else 4)
    machine["threads"] = 4  # the physical cores, which is what MKL takes
    assert not somebody_chose()


def test_somebody_chose(machine, monkeypatch):
    torch.set_num_threads(3)
    assert somebody_chose()
    torch.set_num_threads(CPUS)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert somebody_chose()


def test_for_the_rest_of_a_notebook(machine):
    threads.use_fastest_threads()
    assert machine["threads"] == 4
    assert threads_for(nn.Linear(2, 2), torch.zeros(2), before=1) == 4, "settled for this process"


def test_a_chosen_number_stays_in_a_notebook(machine):
    torch.set_num_threads(3)
    threads.use_fastest_threads()
    assert machine["threads"] == 3


def test_for_a_small_model(machine):
    assert threads_for(nn.Linear(2, 2), torch.zeros(2)) == 4


def test_a_training_that_goes_on_has_as_many_as_before(machine):
    assert threads_for(nn.Linear(2, 2), torch.zeros(2), before=2) == 2
    assert threads_for(nn.Linear(2, 2), torch.zeros(2), before=64) == CPUS, "of a larger machine"


def test_large_models_large_batches_and_other_devices_are_left_alone(machine, monkeypatch):
    monkeypatch.setattr(threads, "measured", lambda: pytest.fail("nothing to measure"))
    with torch.device("meta"):
        elsewhere, large = nn.Linear(2, 2), nn.Linear(1000, 1000)
        batch = torch.zeros(32, 3, 224, 224)
    assert threads_for(elsewhere, torch.zeros(2)) == CPUS
    assert threads_for(large, torch.zeros(2)) == CPUS
    assert threads_for(nn.Linear(2, 2), batch) == CPUS


@pytest.fixture
def two_threads(monkeypatch):
    """torch has two threads, and one is found to be faster."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    monkeypatch.setattr(threads, "somebody_chose", lambda: False)
    monkeypatch.setattr(threads, "measured", lambda: {1: 1.9, 2: 7.4})
    yield
    torch.set_num_threads(before)


def test_train_uses_the_fastest_and_gives_them_back(two_threads):
    seen = []
    _, history = run(
        steps=2, warmup_steps=1, on_step=lambda _: seen.append(torch.get_num_threads())
    )
    assert seen == [1, 1]
    assert history.threads == 1
    assert torch.get_num_threads() == 2


def test_train_gives_them_back_after_an_error(two_threads):
    def fail(history):
        raise RuntimeError("by the learner")

    with pytest.raises(RuntimeError, match="by the learner"):
        run(on_step=fail)
    assert torch.get_num_threads() == 2


def test_train_goes_on_with_as_many_as_it_began_with(two_threads, tmp_path, monkeypatch):
    def stop(history):
        if len(history) == 3:
            raise KeyboardInterrupt

    path, seen = tmp_path / "run.safetensors", []
    run(path, on_step=stop, checkpoint_every=1)
    monkeypatch.setattr(threads, "measured", lambda: {1: 7.4, 2: 1.9})  # another day
    run(path, on_step=lambda _: seen.append(torch.get_num_threads()))
    assert set(seen) == {1}
