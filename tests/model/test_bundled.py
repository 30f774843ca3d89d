"""The model that comes with the course: what its file says is true."""

import subprocess
import sys
import time

import pytest
import torch

from vitcourse import bundled, bundled_layout
from vitcourse.data import scenes
from vitcourse.model.weights import BUNDLED, load, read_metadata
from vitcourse.training import Recipe, evaluate, scene_labels, scene_questions, to_input
from vitcourse.training.recipes import RECIPES


@pytest.fixture(scope="module")
def model():
    return bundled()


@pytest.fixture(scope="module")
def metadata():
    return read_metadata(BUNDLED)


def test_it_is_small_and_ready_to_predict(model):
    assert BUNDLED.stat().st_size <= 3_000_000
    assert not model.training
    height, width = model.patch_embed.grid_size
    assert min(height, width) >= 12


def test_it_answers_scenes_it_has_not_seen_as_its_file_says(model, metadata):
    test = scenes(2000, seed=123, **bundled_layout())
    questions = scene_questions(bundled_layout()["grid"])
    right = evaluate(model, test.images, scene_labels(test), questions)
    for question, answers in questions.items():
        assert right[question] >= 0.995
        assert right[question] == pytest.approx(metadata["figures"][question], abs=0.004)
        assert metadata["questions"][question] == answers
    assert sum(questions.values()) == model.head.out_features


def test_its_file_says_how_it_was_made(metadata):
    plan = RECIPES["bundled"]
    assert metadata["recipe"]["name"] == "bundled"
    assert Recipe(**{k: v for k, v in metadata["recipe"].items() if k != "name"}) == plan.recipe
    assert metadata["layout"] == dict(plan.layout)
    assert metadata["seconds"] > 0
    assert {"commit", "device", "tested on"} <= set(metadata)


def test_its_readme_tells_the_same(metadata):
    text = BUNDLED.with_name("README.md").read_text(encoding="utf-8")
    grid = metadata["layout"]["grid"]
    said = [
        f"{grid} x {grid} cells",
        f"{metadata['seconds']:.0f} s",
        f"seed {metadata['recipe']['seed']}",
        f"{metadata['recipe']['steps']} steps of {metadata['recipe']['batch_size']}",
        f"of {metadata['tested on']} scenes",
        f"{sum(p.numel() for p in bundled().parameters()):,} parameters",
        *(f"{share:.2%}" for share in metadata["figures"].values()),
    ]
    assert [part for part in said if part not in text] == []


def test_it_loads_fast():
    load(BUNDLED)
    began = time.perf_counter()
    bundled()
    assert time.perf_counter() - began < 0.2


def test_importing_its_name_costs_no_torch():
    code = "import sys; from vitcourse import __version__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_call_gives_a_model_of_its_own(model):
    other = bundled()
    with torch.no_grad():
        other.head.weight.zero_()
    image = to_input(scenes(1, seed=0, **bundled_layout()).images)
    with torch.inference_mode():
        assert model(image).abs().max() > 0
