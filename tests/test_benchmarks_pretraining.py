"""The experiment of chapter 9's last section: the new question, the three ways, and resuming."""

import json
from dataclasses import replace

import pytest
import torch

from benchmarks import pretraining
from benchmarks.pretraining import (
    FINE_TUNED,
    NEW,
    PROBE,
    STARTS,
    Size,
    box,
    learn,
    new_question,
    planned,
    probe,
    right_answers,
    run,
)
from vitcourse import bundled
from vitcourse.data import COLOURS, SHAPES, scenes
from vitcourse.results import stored

TINY = Size(steps=2, counts=(4,), tested=4, seeds=1)


def test_boxes_are_shape_and_colour():
    made = scenes(60, seed=3)
    names = ["straight and cold", "straight and warm", "curved and cold", "curved and warm"]
    for what, colour, number in zip(made.what, made.colour, box(made), strict=True):
        curved = "curved" if SHAPES[what] in ("circle", "ring", "heart") else "straight"
        warm = "warm" if COLOURS[colour] in ("red", "yellow", "magenta") else "cold"
        assert names[number] == f"{curved} and {warm}"
    assert set(box(made).tolist()) == {0, 1, 2, 3}


def test_both_starts_have_the_same_size_and_a_head_for_four_boxes():
    images, _ = new_question(2, seed=0)
    for start in STARTS.values():
        model = start.build()
        assert model(images / 255).shape == (2, 4)
        assert model.config | {"num_classes": 4} == bundled().config | {"num_classes": 4}


def test_the_pre_trained_start_is_pre_trained():
    start = STARTS["pre-trained, fine-tuned"].build()
    body = dict(bundled().encoder.named_parameters())
    assert all(torch.equal(p, body[name]) for name, p in start.encoder.named_parameters())


def test_all_weights_learn():
    given = new_question(4, seed=0)
    for start in STARTS.values():
        torch.manual_seed(0)
        before = start.build().state_dict()
        model, _ = learn(start, planned(start, rate=1e-3, steps=3), given)
        same = [n for n, value in model.state_dict().items() if torch.equal(value, before[n])]
        assert same == []


def test_a_probe_finds_what_is_there_and_not_what_is_not():
    labels = torch.randint(4, (400,))
    there = torch.nn.functional.one_hot(labels, 4) + 0.1 * torch.randn(400, 4)
    noise = torch.randn(400, 4)
    answers = probe(there[:200], labels[:200], there[200:])
    assert right_answers(answers, labels[200:])["box"] > 0.98
    answers = probe(noise[:200], labels[:200], noise[200:])
    assert right_answers(answers, labels[200:])["box"] < 0.4


def test_the_halves_of_the_question_are_counted_by_themselves():
    truth = torch.tensor([0, 1, 2, 3])
    cold = torch.tensor([0, 0, 2, 2])  # always right about the shape
    expected = {"box": 0.5, "curved or straight": 1.0, "warm or cold": 0.5}
    assert right_answers(cold, truth) == expected
    assert right_answers(truth, truth) == dict.fromkeys(expected, 1.0)


def test_no_scene_serves_two_purposes():
    seeds = [pretraining.TEST, pretraining.HELD_OUT, pretraining.TO_CHOOSE_BY]
    seeds += [pretraining.TO_LEARN_FROM + seed for seed in range(Size().seeds)]
    assert len({scenes(1, seed=seed).images.numpy().tobytes() for seed in seeds}) == len(seeds)


def test_it_goes_on_where_it_stopped(tmp_path, monkeypatch):
    one_rate = {name: replace(start, rates=start.rates[:1]) for name, start in STARTS.items()}
    monkeypatch.setattr(pretraining, "STARTS", one_rate)
    monkeypatch.setattr(pretraining, "LONGER", 2)
    file = tmp_path / "some.json"
    whole = run(TINY, file).content["runs"]
    assert [r["way"] for r in whole] == [PROBE, *STARTS]
    half = json.loads(file.read_text(encoding="utf-8"))
    assert [r["steps"] for r in half["longer"]] == [4]
    half["runs"] = [{**half["runs"][0], "mark": 1}]
    longer = half.pop("longer")
    file.write_text(json.dumps(half), encoding="utf-8")
    found = run(TINY, file).content
    again = found["runs"]
    assert again[0]["mark"] == 1
    assert [r["others"] for r in again] == [r["others"] for r in whole]
    assert [r["others"] for r in found["longer"]] == [r["others"] for r in longer]
    with pytest.raises(ValueError, match="other settings"):
        run(Size(steps=3, counts=(4,), tested=4, seeds=1), file)


def test_stored_numbers_are_whole():
    found = stored("pretraining")
    size = found["settings"]["size"]
    about = [(r["way"], r["scenes"], r["seed"]) for r in found["runs"]]
    assert sorted(about) == sorted(
        (way, count, seed)
        for way in (PROBE, *STARTS)
        for count in size["counts"]
        for seed in range(size["seeds"])
    )
    assert [run["seed"] for run in found["longer"]] == list(range(size["seeds"]))


def test_the_notebook_says_what_was_measured():
    """The sentences of notebook 09 about the stored numbers; write new ones if this fails."""
    found = stored("pretraining")

    def shares(way, count, half):
        about = {"way": way, "scenes": count}
        return [r["others"][half] for r in found["runs"] if about.items() <= r.items()]

    curved, warm = "curved or straight", "warm or cold"
    assert min(shares(PROBE, 50, curved)) > 0.9
    assert max(shares(PROBE, 1000, warm)) < 0.7
    assert min(shares(NEW, 200, warm)) > 0.95
    assert max(shares(NEW, 1000, curved)) < 5 / 8 + 0.01  # guessing: 5 of 8 shapes are straight
    assert min(shares(FINE_TUNED, 50, "box")) > max(shares(NEW, 1000, "box"))
    for count in (50, 200):
        assert min(shares(PROBE, count, curved)) > max(shares(FINE_TUNED, count, curved))
    for longer in found["longer"]:
        assert longer["own"]["box"] > 0.99
        assert longer["others"]["box"] < 0.65
