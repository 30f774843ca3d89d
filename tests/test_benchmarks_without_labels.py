"""The experiment of chapter 11: what it measures, and that notebook 11 says what was measured."""

import json

import torch

from benchmarks import without_labels
from benchmarks.without_labels import (
    LABELS,
    MAE,
    PIXELS,
    RANDOM,
    Size,
    balanced_accuracy,
    by_clusters,
    object_patches,
    target_patches,
)
from vitcourse.data import scenes
from vitcourse.results import stored


def test_target_patches_lie_in_the_targets_cell():
    shown = scenes(30, seed=1)
    covered = torch.nn.functional.avg_pool2d(shown.target_mask.float()[:, None], 8).flatten(1)
    assert torch.equal(covered.topk(4).indices.sort(1).values, target_patches(shown))
    assert object_patches(shown).gather(1, target_patches(shown)).all()


def test_balanced_accuracy_gives_the_rare_class_the_same_weight():
    truth = torch.tensor([0] * 9 + [1])
    assert balanced_accuracy(torch.zeros(10).long(), truth) == 0.5


def test_clusters_are_named_after_most_of_their_patches():
    objects = torch.rand(4, 36) < 0.5
    features = 10 * objects[:, :, None].float() + 0.01 * torch.randn(4, 36, 3)
    assert by_clusters(features, objects, seed=0) == 1.0


def test_no_scene_serves_two_purposes():
    seeds = [without_labels.TEST, without_labels.HELD_OUT, without_labels.TO_CHOOSE_BY]
    seeds += [without_labels.TO_LEARN_FROM + seed for seed in range(Size().seeds)]
    assert len({scenes(1, seed=seed).images.numpy().tobytes() for seed in seeds}) == len(seeds)


def test_what_notebook_11_says_is_what_was_measured():
    content = stored("without_labels")
    place = content["baselines"]["the mean of the place"]
    nothing, copied = (content["baselines"][n] for n in ("flat", "the mean of the visible"))
    assert copied > nothing > place > 0.9
    for run in content["runs"]:
        loss, hidden, found = run["loss"], run["hidden"], run["examined"]
        # the plateau and the fall
        assert all(abs(value - place) < 0.03 for value in loss[5:20])
        assert loss[-1] < 0.75
        # it cannot know
        assert hidden["a visible sibling"] < 0.5 * hidden["no visible sibling"]
        assert hidden["no visible sibling"] > 0.9
        # object and background
        assert found[MAE]["components"] > 0.95
        assert found[MAE]["clusters"] > 0.95
        assert max(found[n]["components"] for n in (RANDOM, PIXELS, LABELS)) < 0.75
        assert found[MAE]["objects"]["1"] > 0.95
        assert found[PIXELS]["objects"]["500"] < 0.7
        # which shape
        shapes = {name: found[name]["shapes"]["500"] for name in (MAE, RANDOM, PIXELS)}
        assert 0.4 < shapes[MAE] < 0.6
        assert shapes[MAE] > shapes[RANDOM] + 0.1 > shapes[PIXELS] + 0.1
        # the gain goes away
        tuned = {(r["start"], r["scenes"]): r["others"]["what"] for r in run["tuned"]}
        gains = [tuned[MAE, count] - tuned[RANDOM, count] for count in (100, 500, 2000)]
        assert gains[0] > 0.05
        assert -0.08 < gains[2] < 0  # "gone", and "a few points ahead"
    ends = [found["examined"][LABELS]["components"] for found in content["runs"]]
    assert sum(ends) / len(ends) < 0.6  # "no better than a guess"


def test_what_is_stored_can_be_gone_on_with():
    ours = without_labels.settings(without_labels.Size())
    assert stored("without_labels")["settings"] == json.loads(json.dumps(ours))
