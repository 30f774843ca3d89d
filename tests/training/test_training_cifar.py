"""CIFAR-10 from the download to the file, on a small stand-in: the real one is nowhere needed."""

import os
import signal

import pytest
import torch
from typer.testing import CliRunner

from benchmarks import cifar
from tests.small_cifar import serve_small_cifar
from vitcourse import download
from vitcourse.__main__ import app
from vitcourse.model import weights
from vitcourse.training import evaluate
from vitcourse.training import run as module


@pytest.fixture(autouse=True)
def served(tmp_path, server, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.chdir(tmp_path)
    return serve_small_cifar(server, monkeypatch)


def train(out: str, code: int = 0):
    arguments = ["--data", "cifar10", "--recipe", "gpu", "--steps", "3", "--device", "cpu"]
    done = CliRunner().invoke(app, ["train", *arguments, "--out", out])
    assert done.exit_code == code, done.output
    return done


def test_downloaded_trained_interrupted_resumed_and_tested(server, served, monkeypatch):
    train("whole.safetensors")
    asked = len(server.asked)
    task, interrupted = module.picture_task, []

    def interrupted_once(*arguments, **settings):
        batch_at = task(*arguments, **settings)

        def batch_and_interrupt(step):
            if step == 1 and not interrupted:
                interrupted.append(step)
                signal.raise_signal(signal.SIGINT)
            return batch_at(step)

        return batch_and_interrupt

    monkeypatch.setattr(module, "picture_task", interrupted_once)
    train("cut.safetensors", code=module.INTERRUPTED)
    assert "Continuing from cut.training.safetensors." in train("cut.safetensors").stdout
    assert len(server.asked) == asked, "downloaded once"

    whole, cut = (weights.load(f"{name}.safetensors").eval() for name in ("whole", "cut"))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, cut.state_dict()[name]), name
    images, labels = (torch.as_tensor(part) for part in served["test"])
    about = weights.read_metadata("cut.safetensors")
    assert about["tested on"] == len(images)
    assert about["figures"]["class"] == round(evaluate(cut, images, labels)["class"], 4)
    assert (cut.config["image_size"], cut.config["patch_size"]) == (32, 4)


def test_an_archive_with_another_hash_is_neither_opened_nor_trained_on(server):
    name = next(iter(server.files))
    server.files[name] = server.files[name] + b"changed"
    done = train("a.safetensors", code=2)
    assert "sent a different file from the published one" in done.stderr
    assert not os.path.exists("a.safetensors")
    assert not os.path.exists("data/cifar-10-batches-py")


def test_the_curve_of_the_whole_recipe_has_a_place(served, tmp_path):
    found = cifar.curve(tmp_path / "data", torch.device("cpu"), steps=2)

    assert [point["step"] for point in found["curve"]] == [1, 2]
    right = [20 * point["right"] for point in found["curve"]]  # of 20 pictures
    assert right == pytest.approx([round(count) for count in right], abs=1e-4)
    assert found["recipe"]["model"]["patch_size"] == 4
