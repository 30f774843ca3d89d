"""What `explain` says of the tokens themselves: the lens's answers, the patches' components."""

import pytest
import torch

from tests.maps.conftest import exactly
from tests.maps.test_maps_capture import as_timm
from tests.test_explain import TWO, given, small  # noqa: F401
from vitcourse.explanation import explain
from vitcourse.maps import hidden_states, logit_lens, patch_components

pytestmark = pytest.mark.usefixtures("given")


@pytest.fixture
def image():
    return torch.randn(3, 12, 20, dtype=torch.float64)


def test_each_question_s_probabilities_at_each_depth(image):
    model = small()
    shares, answers = explain(model, image, labels=TWO).lens
    assert answers == [(question, name) for question, names in TWO.items() for name in names]
    logits = logit_lens(model, hidden_states(model, image[None]))[0]
    assert shares.shape == (4, 16, 7)
    exactly(shares[..., :3], logits[..., :3].softmax(-1))
    exactly(shares[..., 3:], logits[..., 3:].softmax(-1))


@pytest.mark.parametrize("registers", [0, 4])
def test_components_of_each_depth_by_itself(image, registers):
    model = as_timm(small(), reg_tokens=registers) if registers else small()
    values, shares = explain(model, image).components
    states = hidden_states(model, image[None])[0]
    for depth in range(4):
        one = patch_components(states[depth, None], (3, 5), 1 + registers)
        exactly(values[depth], one.values[0])
        exactly(shares[depth], one.shares)


def test_nothing_where_there_is_nothing_to_say(image):
    pooled = as_timm(small(), class_token=False, global_pool="map")
    seen = explain(pooled, image)
    assert seen.lens is None
    assert len(seen.classes) == 5
    features = as_timm(small(), class_token=False, global_pool="avg")
    features.reset_classifier(0)
    seen = explain(features, image)
    assert (seen.lens, seen.classes) == (None, [])
    tiny = small(image_size=(4, 8))
    assert explain(tiny, image[:, :4, :8]).components is None


def test_taken_away_by_the_mean(image):
    seen = explain(small(), image)
    zero, mean = (seen.ablate([(0, 1)], [], by) for by in ("zero", "mean"))
    assert seen.ablate([(0, 1)], []) == zero != mean
