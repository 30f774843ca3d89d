"""The bundled model on scenes: where the truth is known, maps must be better than chance."""

import pytest
import torch

from vitcourse import bundled, bundled_layout
from vitcourse.data import scenes
from vitcourse.maps import (
    area_under,
    attention_gradients,
    attention_maps,
    class_token_map,
    deletion_curve,
    gradient_rollout,
    gradient_times_input,
    insertion_curve,
    pointing_chance,
    pointing_game,
    random_maps,
    randomise_weights,
    rank_correlation,
    relevance,
    rollout,
    token_layout,
)
from vitcourse.training import to_input

COUNT = 24
GRID = (12, 12)


def raw(model, images, classes):
    return class_token_map(attention_maps(model, images, [2])[:, 0].mean(1), GRID)


def rolled(model, images, classes):
    return class_token_map(rollout(attention_maps(model, images)), GRID)


def gradient_rolled(model, images, classes):
    return class_token_map(gradient_rollout(*attention_gradients(model, images, classes)), GRID)


def relevant(model, images, classes):
    return class_token_map(relevance(*attention_gradients(model, images, classes)), GRID)


def by_input(model, images, classes):
    return gradient_times_input(model, images, GRID, classes).abs()


METHODS = [raw, rolled, gradient_rolled, relevant, by_input]


@pytest.fixture(scope="module")
def model():
    model = bundled()
    assert token_layout(model) == (GRID, 1)
    return model


@pytest.fixture(scope="module")
def test_scenes():
    return scenes(COUNT, seed=1, **bundled_layout())


@pytest.fixture(scope="module")
def images(test_scenes):
    return to_input(test_scenes.images)


@pytest.fixture(scope="module")
def maps(model, images, test_scenes):
    return {method: method(model, images, test_scenes.what) for method in METHODS}


@pytest.mark.parametrize("method", METHODS)
def test_maps_point_at_the_evidence(method, maps, test_scenes):
    evidence = test_scenes.target_mask | test_scenes.dot_mask
    assert pointing_chance(evidence, GRID).mean() < 0.1
    assert pointing_game(maps[method], evidence).mean() > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_maps_beat_random_ones_in_deletion_and_insertion(method, maps, model, images, test_scenes):
    def score(x):
        return model(x)[:, :8].softmax(1)[torch.arange(COUNT), test_scenes.what]

    for curve, sign in ((deletion_curve, -1), (insertion_curve, 1)):
        mine, theirs = (
            area_under(*curve(score, images, m, steps=6)).mean()
            for m in (maps[method], random_maps(COUNT, GRID))
        )
        assert sign * (mine - theirs) > 0.1


@pytest.mark.parametrize("method", METHODS)
def test_maps_change_when_the_model_forgets(method, maps, model, images, test_scenes):
    forgot = method(randomise_weights(model), images, test_scenes.what)
    assert rank_correlation(maps[method], forgot).mean() < 0.5
    evidence = test_scenes.target_mask | test_scenes.dot_mask
    assert pointing_game(forgot, evidence).mean() < 0.5


def test_only_gradients_know_the_class(maps, model, images, test_scenes):
    """Without its head the model's attention is what it was, and so is rollout."""
    headless = randomise_weights(model, top_blocks=0)
    for method in METHODS:
        same = torch.equal(method(headless, images, test_scenes.what), maps[method])
        assert same == (method in (raw, rolled)), method.__name__
