"""The experiment of chapter 7's last section: fair, honest about its scenes, and resumable."""

import json
from dataclasses import replace

import jupytext
import pytest
import torch

from benchmarks import architectures
from benchmarks.architectures import (
    CONTESTANTS,
    Size,
    augment,
    best_rate,
    equal_steps,
    planned,
    run,
)
from benchmarks.keeping import Results
from vitcourse.data import scenes
from vitcourse.results import by_amount, stored
from vitcourse.training import scene_labels
from vitcourse.workshop.build import NOTEBOOKS

TINY = Size(steps=2, counts=(8,), chosen_with=8, tested=8, seeds=1, rounds=1)


@pytest.fixture
def two_networks(monkeypatch):
    """Fewer networks and rates: the experiment in a second or two."""
    few = {
        name: replace(CONTESTANTS[name], rates=CONTESTANTS[name].rates[:2])
        for name in ("ViT", "CNN, map")
    }
    monkeypatch.setattr(architectures, "CONTESTANTS", few)


def test_it_goes_on_where_it_stopped(two_networks, tmp_path):
    file = tmp_path / "some.json"
    whole = run(TINY, file).content["runs"]
    assert len(whole) == 2 * 3  # networks; few scenes plain, augmented, and endless ones
    half = json.loads(file.read_text(encoding="utf-8"))
    half["runs"] = [{**half["runs"][0], "mark": 1}, *half["runs"][1:3]]
    file.write_text(json.dumps(half), encoding="utf-8")
    again = run(TINY, file).content["runs"]
    assert again[0]["mark"] == 1
    assert [r["others"] for r in again] == [r["others"] for r in whole]


def test_other_settings_are_not_mixed_in(two_networks, tmp_path):
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"settings": {"size": "other"}, "runs": []}), encoding="utf-8")
    with pytest.raises(ValueError, match="other settings"):
        run(TINY, file)
    assert json.loads(file.read_text(encoding="utf-8"))["runs"] == []


def test_equal_seconds_are_unequal_steps():
    taken = {"ViT": [10.0, 12.0, 50.0], "CNN, map": [24.0, 24.0, 24.0]}
    assert equal_steps(taken, 100) == {"ViT": 100, "CNN, map": 50}


def test_the_best_rate_is_good_at_both_questions():
    tried = {"0.1": {"what": 0.9, "where": 0.2}, "0.3": {"what": 0.8, "where": 0.8}}
    assert best_rate(tried) == 0.3


def test_a_rate_is_the_same_for_both_optimizers():
    results = Results(None, "", {})
    results.content["steps"] = {"ViT": 60}
    recipe = planned(results, "ViT", 8e-3)
    assert (recipe.adamw_lr, recipe.muon_lr) == (8e-3, pytest.approx(2.8e-2))
    assert (recipe.steps, recipe.warmup_steps) == (60, 15)


def test_no_scene_serves_two_purposes():
    seeds = [architectures.TEST, architectures.HELD_OUT, architectures.TO_CHOOSE_BY]
    seeds += [architectures.TO_LEARN_FROM + seed for seed in range(Size().seeds)]
    first = [scenes(1, seed=seed).images.numpy().tobytes() for seed in seeds]
    assert len(set(first)) == len(seeds)


def test_augmentation_is_that_of_the_notebook():
    source = jupytext.read(NOTEBOOKS / "source" / "07_training.py")
    names = {"torch": torch}
    for cell in source.cells:
        if cell.source.startswith("MIRRORED ="):
            exec(cell.source, names)
    some = scenes(40, seed=5)
    results = []
    for theirs in (augment, names["augment"]):
        torch.manual_seed(3)
        results.append(theirs(some.images, scene_labels(some)))
    assert all(map(torch.equal, *results))
    assert not torch.equal(results[0][1], scene_labels(some))  # something was mirrored


def test_stored_numbers_are_whole():
    found = stored("architectures")
    size = found["settings"]["size"]
    assert found["settings"]["parameters"] == {
        name: sum(p.numel() for p in contestant.build().parameters())
        for name, contestant in CONTESTANTS.items()
    }
    about = {(r["network"], r["scenes"], r["augmented"], r["seed"]) for r in found["runs"]}
    assert about == {
        (name, count, augmented, seed)
        for name in CONTESTANTS
        for seed in range(size["seeds"])
        for count in (*size["counts"], None)
        for augmented in ((False, True) if count else (False,))
    }
    assert len(found["runs"]) == len(about)


def test_the_notebook_says_what_was_measured():
    """The sentences of notebook 07 about the stored numbers; write new ones if this fails."""
    runs = stored("architectures")["runs"]

    def shares(network, count, augmented, question, of="others"):
        about = {"network": network, "scenes": count, "augmented": augmented}
        return [r[of][question] for r in runs if about.items() <= r.items()]

    # with few scenes the CNN is ahead
    assert min(shares("ViT", 2000, False, "what", of="own")) > 0.99
    assert max(shares("ViT", 2000, False, "where")) < 0.3
    assert min(shares("CNN, map", 2000, False, "where")) > 0.7
    what = shares("CNN, map", 2000, False, "what")
    assert max(what) - min(what) > 0.4  # far apart
    for network in CONTESTANTS:
        assert max(shares(network, 500, False, "what")) < 0.25
    assert max(shares("ViT", 500, True, "what") + shares("ViT", 500, True, "where")) < 0.2
    for question in ("what", "where"):
        a_map, a_mean = (
            sum(shares(name, 500, True, question)) / 3 for name in ("CNN, map", "CNN, mean")
        )
        assert 0.2 < a_map < a_mean
    # with many they are nearly level
    for network in ("ViT", "CNN, map"):
        for question in ("what", "where"):
            assert min(shares(network, 8000, False, question)) > 0.95
            assert min(shares(network, None, False, question)) > 0.95
    for count in (2000, 8000):
        assert min(shares("ViT", count, True, "what")) > 0.95
        low, *others = sorted(shares("CNN, map", count, True, "what"))
        assert low < 0.9
        assert min(others) > 0.95
        assert min(shares("CNN, map", count, True, "what", of="own")) < 0.9
    # what a global answer needs
    mean = [r for r in runs if r["network"] == "CNN, mean" and r["scenes"] != 500]
    assert max(r["others"]["what"] for r in mean) < 0.7
    assert min(r["others"]["where"] for r in mean) > 0.7
    assert all(r["own"]["what"] - r["others"]["what"] < 0.1 for r in mean if r["scenes"])
    few, endless = (shares("CNN, mean", count, False, "what") for count in (2000, None))
    assert sum(endless) < sum(few)


def test_runs_become_lines_from_few_to_endless():
    runs = [
        {"network": "a", "scenes": None, "others": {"what": 0.9}},
        {"network": "a", "scenes": 2000, "others": {"what": 0.5}},
        {"network": "a", "scenes": 500, "others": {"what": 0.1}},
        {"network": "a", "scenes": 500, "others": {"what": 0.2}},
    ]
    lines = by_amount(runs, "network", "what")
    assert lines == {"a": {"500": [0.1, 0.2], "2,000": [0.5], "endless": [0.9]}}
    assert list(lines["a"]) == ["500", "2,000", "endless"]


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match=r"'architecture'.*architectures"):
        stored("architecture")
