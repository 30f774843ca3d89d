"""What a GPU is asked, without one: the questions run, and the answers say what they should."""

from pathlib import Path

import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import gpu, pages, report
from benchmarks.timing import AGAIN, Sample

CPU = torch.device("cpu")


def row(ours: float) -> dict:
    times = {"timm": 1.0, "ours": ours, "timm" + AGAIN: 1.0}
    samples = {name: [Sample(seconds, seconds)] * 9 for name, seconds in times.items()}
    return report.compared(samples, "timm", "wall", 1, "forward B/16, batch 256, bf16, compiled")


def test_slower_than_timm_is_not_right():
    assert gpu.verdict(row(0.9), gpu.Scale())["right"]
    assert not gpu.verdict(row(1.1), gpu.Scale())["right"]
    assert not gpu.verdict(row(0.9) | {"believable": False}, gpu.Scale())["right"]


def test_images_a_second_and_the_goals_reached():
    told = gpu.verdict(row(256 / 12_000), gpu.Scale())
    assert told["images a second"]["ours"] == pytest.approx(12_000)
    assert told["reached of an H100's goals"] == ["floor", "target"]


def test_a_check_that_fails_is_told_and_costs_nothing_else():
    def fails():
        raise RuntimeError("no such kernel")

    found = gpu.run("flash attention", fails)
    assert not found["right"]
    assert gpu.in_words(found).startswith("NO   flash attention  (error: RuntimeError: no such")


@pytest.mark.parametrize("name", ["flash attention", "maps stay on the device", "explorer"])
def test_checks_run(name):
    assert gpu.run(name, gpu.checks(CPU, gpu.REHEARSAL, Path("data"))[name])["right"]


def test_missing_data_are_told(monkeypatch, tmp_path):
    def not_there(*_, **__):
        raise ValueError("no")

    monkeypatch.setattr(gpu, "train_to_file", not_there)
    found = gpu.run("Fashion-MNIST", gpu.checks(CPU, gpu.REHEARSAL, tmp_path)["Fashion-MNIST"])
    assert not found["right"]
    assert found["error"] == "ValueError: no"


@pytest.mark.skipif(torch.cuda.is_available(), reason="it is there")
def test_a_device_that_is_not_there(capsys):
    with pytest.raises(SystemExit):
        command.main(["--device", "cuda"])
    said = capsys.readouterr().err
    assert "--device cuda: not here; available: cpu" in said
    assert "--rehearse" in said


def test_a_figure_of_stored_results(monkeypatch, tmp_path):
    stored = report.store(
        {"machine": {"device": "cpu"}, "rows": [row(0.9)]}, tmp_path / "results.json"
    )
    drawn = []
    monkeypatch.setattr(report, "draw", drawn.append)
    command.main(["--draw", str(stored)])
    assert drawn[0]["rows"][0]["ways"]["ours"]["median"] == pytest.approx(0.9)


def test_pages_of_maps():
    """Ours beside bertviz's, where that is installed."""
    sizes = pages.megabytes()
    assert sizes["ours"] > 0.05
    assert sizes["ours"] < sizes.get("bertviz", 100)
