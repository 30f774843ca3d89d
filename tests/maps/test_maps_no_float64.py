"""On a Mac's GPU, which has no float64: nothing asks for it, and nothing mixes devices."""

import pytest
import torch

from tests.maps.imitation import OnGpu, imitated_gpu, to_gpu
from tests.maps.test_maps_capture import as_timm, as_torchvision
from vitcourse import maps
from vitcourse.explanation import explain_and_answer
from vitcourse.maps.ablation import ablated
from vitcourse.model import VisionTransformer
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.training import evaluate
from vitcourse.training.loop import predict
from vitcourse.view.explorer import explorer

SIZES = {"embed_dim": 16, "depth": 3, "num_heads": 2, "mlp_dim": 24}


def ours(image_size=(12, 20)):
    return VisionTransformer(image_size, 4, num_classes=7, **SIZES).eval()


def test_the_imitation_refuses_what_a_real_one_does():
    with imitated_gpu():
        x = to_gpu(torch.randn(2, 3))
        assert isinstance(x @ x.T, OnGpu)
        assert type(x.cpu()) is torch.Tensor
        assert x.cpu().double().dtype == torch.float64
        assert isinstance(torch.eye(2, device=x.device), OnGpu)
        for wrong in (x.double, lambda: x.to(torch.float64), lambda: x.sum(dtype=torch.float64)):
            with pytest.raises(TypeError, match="float64"):
                wrong()
        with pytest.raises(RuntimeError, match="same device"):
            x + torch.ones(2, 3)


MODELS = {
    "ours": ours,
    "timm": lambda: as_timm(ours().double()).float(),
    "torchvision": lambda: as_torchvision(ours(12).double()).float(),
    "modern": lambda: ModernVisionTransformer(4, num_classes=7, **SIZES).eval(),
    "without a head": lambda: ModernVisionTransformer(4, **SIZES).eval(),
}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_explain(build):
    model = build()
    image = torch.randn(3, 12, 12 if hasattr(model, "conv_proj") else 20)
    expected = explain_and_answer(model, image)
    with imitated_gpu():
        shown, answers = explain_and_answer(to_gpu(model), image)
        page = shown.to_html()
    assert [name for _, name, _ in answers] == [name for _, name, _ in expected[1]]
    assert len(page) > 10_000


def test_the_explorer_itself():
    """What a notebook gives it may still be on the GPU."""
    q, k = torch.randn(2, 3, 2, 16, 8)
    attention = (q @ k.mT / 8**0.5).softmax(-1)
    q, k, attention = (t.flatten(0, 1)[None] for t in (q, k, attention))
    picture = torch.zeros(3, 12, 20, dtype=torch.uint8)
    with imitated_gpu():
        q, k, attention, picture = map(to_gpu, (q, k, attention, picture))
        flows = {"rollout": attention[0].mean(0)}
        shown = explorer(picture, attention, (3, 5), flows=flows, queries_keys=(q, k))
        assert len(shown.to_html()) > 10_000
        question = {"kind": "step", "layer": 0, "head": 0, "query": 0, "key": 1}
        assert len(shown._answer(question)["scores"]) == 16


def test_all_maps():
    model, images = ours(), torch.randn(2, 3, 12, 20)
    grid = (3, 5)
    with imitated_gpu():
        model, images = to_gpu(model), to_gpu(images)
        attention, gradients = maps.attention_gradients(model, images)
        row = maps.class_token_map(maps.rollout(attention), grid)
        masks = to_gpu(torch.rand(2, 12, 20) < 0.2)
        given = [
            maps.attention_maps(model, images),
            maps.relevance(attention, gradients),
            maps.gradient_rollout(attention, gradients),
            maps.rollout(attention, "max", discard=0.5),
            maps.gradient_times_input(model, images, grid),
            maps.attention_distance(attention, grid, 4),
            maps.attention_entropy(attention),
            maps.prefix_mass(attention),
            maps.rollout_collapse(attention),
            maps.position_similarity(model.positions.pos_embed, grid),
            *maps.patch_filters(model.patch_embed.proj.weight, 3),
            maps.pointing_game(row, masks),
            maps.rank_correlation(row, row),
            *maps.deletion_curve(lambda x: model(x)[:, 0], images, row, steps=3),
            ablated(model, images, [(0, 1)], [3]),
            ablated(model, images, [(0, 1)], [3], by="mean"),
        ]
        assert all(isinstance(result, OnGpu) for result in given)
        forgot = maps.randomise_weights(model, 1)
    assert all(isinstance(parameter, OnGpu) for parameter in forgot.parameters())


def test_to_evaluate_after_training():
    images, labels = torch.randint(256, (8, 3, 12, 20), dtype=torch.uint8), torch.arange(8) % 7
    with imitated_gpu():
        model = to_gpu(ours())
        # Without inference mode, in which the imitation's wrappers do not work.
        figures = evaluate.__wrapped__(model, images, labels)
        answers = predict.__wrapped__(model, images, {"class": 7})
    assert figures["class"] == (answers[:, 0] == labels).float().mean().item()
