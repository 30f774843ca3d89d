"""Which token is what, in the models that people bring; and what is refused in one line."""

import pickle

import pytest
import torch
from torch import nn

from tests.maps.conftest import exactly
from vitcourse.explanation import explain_and_answer
from vitcourse.explanation.look import _has_head
from vitcourse.maps import (
    attention_gradients,
    attention_maps,
    capture,
    mean_map,
    randomise_weights,
    rank_correlation,
    token_layout,
)
from vitcourse.maps.ablation import ablated

timm = pytest.importorskip("timm")

SIZES = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 3, "num_heads": 2}
SIZES |= {"num_classes": 7}


def small(**options) -> nn.Module:
    """timm's ViT with weights that matter, float64."""
    model = timm.models.VisionTransformer(**SIZES | options).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


@pytest.mark.parametrize(
    ("options", "names", "answer_token"),
    [
        ({}, ("class token",), 0),
        ({"reg_tokens": 2}, ("class token", "register 1", "register 2"), 0),
        (
            {"class_token": False, "reg_tokens": 2, "global_pool": "avg"},
            ("register 1", "register 2"),
            None,
        ),
        ({"class_token": False, "reg_tokens": 1, "global_pool": "map"}, ("register 1",), None),
        ({"global_pool": "avg"}, ("class token",), None),
        ({"class_token": False, "global_pool": "avg"}, (), None),
    ],
)
def test_tokens_are_called_what_they_are(options, names, answer_token):
    layout = token_layout(small(**options))
    assert layout.prefix_names == names
    assert layout.answer_token == answer_token
    assert layout == ((4, 4), len(names)), "a pair, as ever"
    grid, num_prefix_tokens = layout
    assert (grid, num_prefix_tokens, layout.patch_size) == ((4, 4), len(names), (8, 8))
    again = pickle.loads(pickle.dumps(layout))
    assert (again, again.prefix_names) == (layout, names)


def test_distilled_and_dinov3():
    with torch.device("meta"):
        distilled = timm.create_model("deit_tiny_distilled_patch16_224")
        dino = timm.create_model("vit_small_patch16_dinov3")
    assert token_layout(distilled).prefix_names == ("class token", "distillation token")
    names = ("class token", *(f"register {i}" for i in (1, 2, 3, 4)))
    assert token_layout(dino).prefix_names == names


def test_the_first_view_of_a_mean_pooled_model_is_what_its_answer_is_made_of():
    """Not where register 1 looks, which no answer reads."""
    model = small(class_token=False, reg_tokens=4, global_pool="avg")
    image = torch.randn(1, 3, 32, 32, dtype=torch.float64)
    shown, _ = explain_and_answer(model, image)
    mean = mean_map(attention_maps(model, image)[0, -1].mean(0), (4, 4), 4)
    exactly(shown._first_map, mean)
    assert shown._asker == "mean over all patches"
    assert rank_correlation(shown._first_map[None], mean[None]) == 1


# Sizes that a model was not built for


@pytest.mark.parametrize("size", [(16, 64), (64, 64)])
def test_a_dynamic_size_has_its_own_grid(size):
    model = small(dynamic_img_size=True)
    images = torch.randn(2, 3, *size, dtype=torch.float64)
    rows, columns = size[0] // 8, size[1] // 8
    assert token_layout(model, images) == ((rows, columns), 1)
    assert attention_maps(model, images).shape[-1] == 1 + rows * columns
    patch = 2 * columns - 1  # the last of the second row
    covered = images.clone()
    covered[:, :, 8:16, -8:] = 0
    exactly(ablated(model, images, patches=[patch]), model(covered))
    shown, _ = explain_and_answer(model, images[:1])
    assert f"{rows} x {columns} patches" in repr(shown)


def test_a_padded_size_has_patches_beyond_the_edge():
    model = small(dynamic_img_size=True, dynamic_img_pad=True)
    images = torch.randn(1, 3, 20, 36, dtype=torch.float64)
    layout = token_layout(model, images)
    assert layout == ((3, 5), 1)
    covered = images.clone()
    covered[:, :, 16:, 32:] = 0
    exactly(ablated(model, images, patches=[14]), model(covered))
    shown, answers = explain_and_answer(model, images)
    assert shown._given["picture"].shape == (3, 24, 40)
    products = shown._given["class_flows"]["gradient x input"]
    assert products.shape == (len(answers), 3, 5)


# Ablation by the mean


def test_by_the_mean_a_head_says_the_same_to_all():
    model, images = small(), torch.randn(2, 3, 32, 32, dtype=torch.float64)
    kept = []
    proj = model.blocks[1].attn.proj
    hook = proj.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    model(images)
    hook.remove()
    said = kept[0].unflatten(-1, (2, 8)).clone()  # (B, N, heads, head_dim)
    said[:, :, 0] = said[:, :, 0].mean(dim=(0, 1))
    hook = proj.register_forward_pre_hook(lambda *_: (said.flatten(2),))
    expected = model(images)
    hook.remove()
    exactly(ablated(model, images, [(1, 0)], by="mean"), expected)
    assert not torch.allclose(expected, ablated(model, images, [(1, 0)]))


def test_by_the_mean_a_patch_shows_its_images_mean_colour():
    model, images = small(), torch.randn(2, 3, 32, 32, dtype=torch.float64)
    covered = images.clone()
    covered[:, :, :8, 8:16] = images.mean(dim=(2, 3))[:, :, None, None]
    exactly(ablated(model, images, patches=[1], by="mean"), model(covered))
    with pytest.raises(ValueError, match="by must be 'zero' or 'mean', got 'median'"):
        ablated(model, images, by="median")


# Gradients, heads, and what is refused


def test_gradient_checkpointing_makes_no_difference():
    model, images = small(), torch.randn(2, 3, 32, 32, dtype=torch.float64)
    expected = attention_gradients(model, images)
    model.set_grad_checkpointing(True)
    for result, right in zip(attention_gradients(model, images), expected, strict=True):
        exactly(result, right)
    assert model.grad_checkpointing is True


def test_both_heads_of_a_distilled_model_forget():
    model = timm.create_model("deit_tiny_distilled_patch16_224", depth=1, num_classes=5)
    forgot = randomise_weights(model, 0)
    for head in ("head", "head_dist"):
        assert not torch.equal(getattr(forgot, head).weight, getattr(model, head).weight)
    assert torch.equal(forgot.blocks[0].attn.qkv.weight, model.blocks[0].attn.qkv.weight)


@pytest.mark.parametrize(
    ("build", "answers"),
    [
        (lambda: small(), 5),
        (lambda: small(num_classes=0), 0),
        (lambda: small(num_classes=0, class_token=False, global_pool="map"), 0),  # SigLIP's tower
        (lambda: small(num_classes=0, reg_tokens=4, init_values=1.0), 0),  # DINOv2's
    ],
)
def test_features_are_no_answers(build, answers):
    shown, given = explain_and_answer(build(), torch.randn(3, 32, 32, dtype=torch.float64))
    assert len(given) == answers
    if answers == 0:
        assert shown._given["class_flows"] == {}
        assert "ablate" not in shown._asks


@pytest.mark.parametrize(
    ("name", "has_head"),
    [
        ("vit_base_patch16_clip_224.openai", False),
        ("vit_base_patch16_clip_224.openai_ft_in1k", True),
        ("vit_base_patch16_siglip_224.webli", False),
        ("vit_base_patch16_224.mae", False),
        ("vit_small_patch14_dinov2.lvd142m", False),
        ("vit_small_patch16_224.dino", False),
        ("vit_small_patch16_224.augreg_in1k", True),
    ],
)
def test_published_models_with_classes_and_without(name, has_head):
    with torch.device("meta"):
        assert _has_head(timm.create_model(name)) is has_head


REFUSED = ["naflexvit_base_patch16_gap", "tnt_s_patch16_224", "xcit_nano_12_p16_224"]
REFUSED += ["mvitv2_tiny", "hiera_tiny_224", "swin_tiny_patch4_window7_224"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_usual_vit_is_refused_in_one_line(name):
    with torch.device("meta"):
        model = timm.create_model(name).eval()
    images = torch.zeros(1, 3, 224, 224)
    for call in (token_layout, lambda m: explain_and_answer(m, images)):
        with pytest.raises(ValueError, match="model must be a ViT of vitcourse, torchvision or"):
            call(model)


def test_windows_are_not_stacked_as_if_they_were_images():
    with torch.device("meta"):
        model = timm.create_model("hiera_tiny_224").eval()
        images = torch.zeros(1, 3, 224, 224)
    with pytest.raises(ValueError, match="Hiera attends in windows, or its blocks differ"):
        attention_maps(model, images)


def test_a_feature_extractor_is_refused():
    from torchvision.models import VisionTransformer
    from torchvision.models.feature_extraction import create_feature_extractor

    whole = VisionTransformer(32, 8, 2, 2, 16, 24).eval()
    extractor = create_feature_extractor(whole, ["encoder.ln"])
    for call in (token_layout, lambda m: attention_maps(m, torch.zeros(1, 3, 32, 32))):
        with pytest.raises(
            ValueError, match="must be a ViT of vitcourse, torchvision or timm, got"
        ):
            call(extractor)


def test_whose_class_it_is_is_said():
    """open_clip, timm and torchvision all call theirs VisionTransformer."""
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(**{"hidden_size": 8, "num_hidden_layers": 1})
    config.num_attention_heads = 2
    with pytest.raises(ValueError, match=r"got transformers\..*ViTModel; .*from_huggingface makes"):
        token_layout(transformers.ViTModel(config))

    class VisionTransformer(nn.Module):
        pass

    with pytest.raises(ValueError, match=rf"got {__name__}.*\.VisionTransformer"):
        token_layout(VisionTransformer())


def test_capture_of_a_checkpointed_model_is_put_back_after_an_error():
    model = small()
    model.set_grad_checkpointing(True)
    with pytest.raises(KeyError), capture(model):
        raise KeyError
    assert model.grad_checkpointing is True
