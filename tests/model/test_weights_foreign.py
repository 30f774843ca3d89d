"""Other people's networks with random weights, and ours with the same: the same answers."""

import re
import warnings

import pytest
import torch
from torch import nn

from vitcourse.maps import attention_maps, token_layout
from vitcourse.model import VisionTransformer
from vitcourse.model.distilled import DistilledVisionTransformer
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.model.weights import (
    from_huggingface,
    from_timm,
    from_torchvision,
    load,
    save,
    to_timm,
    to_torchvision,
)

timm = pytest.importorskip("timm")


def lively(model: nn.Module) -> nn.Module:
    """Random weights of which each matters. Fresh LayerScales (1e-5) would hide every mistake."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "gamma" in name:
                parameter.uniform_(0.5, 1.5)
            elif parameter.ndim < 2 or parameter.ndim == 3:
                parameter.add_(0.3 * torch.randn_like(parameter))
            else:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
    return model.eval()


def images_of(*size: int) -> torch.Tensor:
    return torch.randn(2, 3, *size)


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    assert expected.std() > 0.02
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-5)


# Hugging Face

SMALL = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
SMALL |= {"intermediate_size": 40, "image_size": 32, "patch_size": 8, "num_labels": 5}


def hugging_face(kind: str, config: str = "ViTConfig", **others) -> nn.Module:
    transformers = pytest.importorskip("transformers")
    made = getattr(transformers, config)(**SMALL, **others, attn_implementation="eager")
    kinds = {"add_pooling_layer": False} if kind == "ViTModel" else {}
    return lively(getattr(transformers, kind)(made, **kinds))


@torch.inference_mode()
def test_hugging_faces_vit_in_logits_and_attention():
    theirs, images = hugging_face("ViTForImageClassification"), images_of(32, 32)
    ours = from_huggingface(theirs).eval()
    expected = theirs(images, output_attentions=True)
    close(ours(images), expected.logits)
    close(attention_maps(ours, images), torch.stack(expected.attentions, dim=1))
    assert ours.encoder.norm.eps == 1e-12
    with_dict = from_huggingface(theirs.state_dict(), theirs.config.to_dict()).eval()
    assert torch.equal(with_dict(images), ours(images))


@torch.inference_mode()
def test_dinos_vit_has_no_head_and_gives_the_class_token():
    theirs, images = hugging_face("ViTModel"), images_of(32, 32)
    ours = from_huggingface(theirs).eval()
    close(ours(images), theirs(images).last_hidden_state[:, 0])
    close(ours.forward_features(images), theirs(images).last_hidden_state)


@torch.inference_mode()
def test_hugging_faces_deit_with_its_teachers_head():
    theirs = hugging_face("DeiTForImageClassificationWithTeacher", "DeiTConfig")
    ours, images = from_huggingface(theirs).eval(), images_of(32, 32)
    close(ours(images), theirs(images).logits)
    assert isinstance(ours, DistilledVisionTransformer)


OLD = {  # how today's names were called in files from before 2026
    r"(^|vit\.)layers\.": r"\1encoder.layer.",
    r"attention\.q_proj": "attention.attention.query",
    r"attention\.k_proj": "attention.attention.key",
    r"attention\.v_proj": "attention.attention.value",
    r"attention\.o_proj": "attention.output.dense",
    r"mlp\.fc1": "intermediate.dense",
    r"mlp\.fc2": "output.dense",
}


def with_old_names(state: dict) -> dict:
    renamed = {}
    for name, tensor in state.items():
        for today, then in OLD.items():
            name = re.sub(today, then, name)
        renamed[name] = tensor
    return renamed


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["ViTForImageClassification", "ViTModel"])
def test_published_files_have_older_names_and_perhaps_a_pooler(kind):
    theirs, images = hugging_face(kind), images_of(32, 32)
    state = with_old_names(theirs.state_dict())
    assert any("attention.attention.query" in name for name in state)
    state["pooler.dense.weight"] = torch.zeros(24, 24)
    ours = from_huggingface(state, theirs.config.to_dict()).eval()
    assert torch.equal(ours(images), from_huggingface(theirs).eval()(images))


def test_an_eps_of_its_own_is_saved(tmp_path):
    ours = from_huggingface(hugging_face("ViTModel")).eval()
    save(ours, tmp_path / "m.safetensors")
    again, images = load(tmp_path / "m.safetensors").eval(), images_of(32, 32)
    assert again.encoder.blocks[0].norm1.eps == 1e-12
    assert torch.equal(again(images), ours(images))


# timm and torchvision without a head, or with another


@torch.inference_mode()
@pytest.mark.parametrize("name", ["vit_small_patch16_224.dino", "vit_small_patch16_224"])
def test_timm_without_a_head(name, tmp_path):
    theirs = lively(timm.create_model(name, num_classes=0, depth=2))
    ours, images = from_timm(theirs.state_dict()).eval(), images_of(224, 224)
    assert torch.equal(ours(images), theirs(images))
    assert ours.config["num_classes"] == 0
    assert to_timm(ours).keys() == theirs.state_dict().keys()
    save(ours, tmp_path / "m.safetensors")
    assert torch.equal(load(tmp_path / "m.safetensors").eval()(images), ours(images))


@torch.inference_mode()
@pytest.mark.parametrize("image_size", [(12, 20), (16, 16)])
def test_timm_without_a_place_for_the_class_token(image_size):
    """no_embed_class, as in flexivit."""
    theirs = lively(
        timm.models.VisionTransformer(
            image_size, 4, embed_dim=24, depth=2, num_heads=3, num_classes=7, no_embed_class=True
        )
    )
    ours = from_timm(theirs.state_dict(), num_heads=3, image_size=image_size).eval()
    images = images_of(*image_size)
    assert torch.equal(ours(images), theirs(images))
    assert torch.equal(from_timm(theirs).eval()(images), theirs(images))
    said = "16 if these are 4 x 4 patches and the class token has no place"
    if image_size == (16, 16):  # or 15 patches and the class token: no shape tells
        with pytest.raises(ValueError, match=said):
            from_timm(theirs.state_dict(), num_heads=3)


@torch.inference_mode()
@pytest.mark.parametrize("head", [nn.Linear(32, 3), nn.Identity()])
def test_torchvision_with_another_head_or_none(head):
    from torchvision.models import VisionTransformer as TorchvisionViT

    theirs = TorchvisionViT(28, 14, 3, 4, 32, 48)
    theirs.heads = head
    theirs = lively(theirs)
    images = images_of(28, 28)
    close(from_torchvision(theirs.state_dict(), num_heads=4).eval()(images), theirs(images))
    assert torch.equal(
        from_torchvision(theirs).eval()(images),  # the model itself knows its heads
        from_torchvision(theirs.state_dict(), num_heads=4).eval()(images),
    )


@torch.inference_mode()
def test_deit_with_distillation(tmp_path):
    theirs = lively(timm.create_model("deit_tiny_distilled_patch16_224", num_classes=7, depth=2))
    ours, images = from_timm(theirs.state_dict()).eval(), images_of(224, 224)
    assert torch.equal(ours(images), theirs(images))
    assert torch.equal(ours.forward_features(images), theirs.forward_features(images))
    assert token_layout(ours).prefix_names == ("class token", "distillation token")
    maps = attention_maps(ours, images)
    torch.testing.assert_close(maps, attention_maps(theirs, images), rtol=0, atol=1e-6)
    assert to_timm(ours).keys() == theirs.state_dict().keys()
    save(ours, tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors").eval()
    assert torch.equal(again(images), ours(images))
    with pytest.raises(ValueError, match=r"missing head_dist\.bias"):
        from_timm({n: t for n, t in theirs.state_dict().items() if n != "head_dist.bias"})


# DINOv2, DINOv3 and others with LayerScale

DINO = {
    "DINOv2": ("vit_small_patch14_dinov2", {"dynamic_img_size": True}, (70, 70), (42, 98)),
    "registers": ("vit_small_patch14_reg4_dinov2", {"dynamic_img_size": True}, (70, 70), (42, 98)),
    "DINOv3 S/16": ("vit_small_patch16_dinov3", {}, (96, 96), (160, 48)),
    "with biases": ("vit_small_patch16_dinov3_qkvb", {}, (96, 96), (160, 48)),
    "SwiGLU": ("vit_small_plus_patch16_dinov3", {}, (96, 96), (160, 48)),
    "DeiT III": ("deit3_small_patch16_224", {"dynamic_img_size": True}, (96, 96), (160, 48)),
}


@torch.inference_mode()
@pytest.mark.parametrize(("name", "options", "square", "oblong"), DINO.values(), ids=DINO)
def test_dino_at_two_sizes(name, options, square, oblong):
    theirs = lively(timm.create_model(name, depth=4, **options))
    ours = from_timm(theirs.state_dict()).eval()
    assert isinstance(ours, ModernVisionTransformer)
    for size in (square, oblong):
        images = images_of(*size)
        features = theirs.forward_features(images)
        close(ours.forward_features(images), features)
        expected = theirs(images) if theirs.num_classes else features[:, 0]
        close(ours(images), expected)
        maps = attention_maps(ours, images)
        torch.testing.assert_close(maps, attention_maps(theirs, images), rtol=0, atol=1e-5)
        assert token_layout(ours, images) == token_layout(theirs, images)
        assert token_layout(ours, images).prefix_names == token_layout(theirs, images).prefix_names
        assert maps.shape[-1] == token_layout(ours, images).num_prefix_tokens + (
            size[0] // ours.patch_size * (size[1] // ours.patch_size)
        )


def test_sizes_of_published_models():
    counts = {"vit_small_patch16_dinov3": 21_586_944, "vit_small_plus_patch16_dinov3": 28_683_264}
    for name, count in counts.items():
        with torch.device("meta"):
            theirs = timm.create_model(name)
        ours = from_timm(theirs.state_dict())
        zero_biases = 12 * 3 * 384  # timm's has none
        assert sum(p.numel() for p in ours.parameters()) == count + zero_biases


def as_in_metas_files(state: dict) -> dict:
    """DINOv2's and DINOv3's own names, with what is only needed in training."""
    theirs = {}
    for name, tensor in state.items():
        v3 = "storage_tokens" if "blocks.0.gamma_1" in state else "register_tokens"
        for ours, metas in {"reg_token": v3, "gamma_1": "ls1.gamma", "gamma_2": "ls2.gamma",
                            "mlp.fc1_g": "mlp.w1", "mlp.fc1_x": "mlp.w2"}.items():  # fmt: skip
            name = name.replace(ours, metas)
        if "mlp.fc2" in name and any("fc1_g" in other for other in state):
            name = name.replace("mlp.fc2", "mlp.w3")
        theirs[name] = tensor
    theirs["mask_token"] = torch.zeros(1, 384)
    return theirs


@torch.inference_mode()
def test_metas_dinov2_has_a_place_for_the_class_token():
    theirs = timm.create_model("vit_small_patch14_reg4_dinov2", dynamic_img_size=True, depth=3)
    theirs = lively(theirs)
    state = as_in_metas_files(theirs.state_dict())
    place = torch.randn(1, 1, 384)
    state["cls_token"] = state["cls_token"] - place
    state["pos_embed"] = torch.cat([place, state["pos_embed"]], dim=1)
    assert state["pos_embed"].shape == (1, 1370, 384)
    images = images_of(70, 42)
    close(from_timm(state).eval().forward_features(images), theirs.forward_features(images))


@torch.inference_mode()
@pytest.mark.parametrize("name", ["vit_small_patch16_dinov3", "vit_small_plus_patch16_dinov3"])
def test_metas_dinov3_has_biases_of_which_the_keys_are_masked(name):
    theirs = lively(timm.create_model(f"{name}_qkvb", depth=3))
    state = as_in_metas_files(theirs.state_dict())
    for i in range(3):
        q, v = state.pop(f"blocks.{i}.attn.q_bias"), state.pop(f"blocks.{i}.attn.v_bias")
        state[f"blocks.{i}.attn.qkv.bias"] = torch.cat([q, torch.randn(384), v])
        state[f"blocks.{i}.attn.qkv.bias_mask"] = torch.full((1152,), float("nan"))
    state["rope_embed.periods"] = torch.ones(16, dtype=torch.bfloat16)
    images = images_of(64, 96)
    close(from_timm(state).eval().forward_features(images), theirs.forward_features(images))


def test_a_table_that_is_not_square_and_other_heads():
    theirs = lively(
        timm.create_model("vit_small_patch14_dinov2", img_size=(28, 70), depth=2, num_heads=12)
    )
    images = images_of(28, 70)
    ours = from_timm(theirs.state_dict(), num_heads=12, image_size=(28, 70)).eval()
    with torch.inference_mode():
        close(ours(images), theirs(images))
        assert torch.equal(from_timm(theirs).eval()(images), ours(images))
    with pytest.raises(ValueError, match=r"got 11: pass image_size=\(height, width\)"):
        from_timm(theirs.state_dict())


def test_what_is_missing_or_misshapen_is_named():
    state = timm.create_model("vit_small_patch16_dinov3", depth=2).state_dict()
    for name, change, message in [
        ("norm.bias", None, "missing norm.bias; unexpected none"),
        ("blocks.0.odd", torch.zeros(3), "missing none; unexpected blocks.0.odd"),
        ("blocks.1.gamma_1", torch.zeros(3), r"misshapen: blocks.1.scale1.gamma \(3,\) instead"),
        ("cls_token", torch.full((1, 1, 384), float("nan")), "NaN or infinity in cls_token"),
        ("patch_embed.proj.weight", None, "missing patch_embed.weight"),
    ]:
        broken = dict(state)
        broken.pop(name, None)
        broken |= {name: change} if change is not None else {}
        with pytest.raises(ValueError, match=message):
            from_timm(broken)


# Names in wrappers, and models that are not ours


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "backbone.", "module._orig_mod."])
def test_prefixes_are_stripped_with_a_word(prefix, tiny):
    state = {f"{prefix}{name}": tensor for name, tensor in to_timm(tiny).items()}
    with pytest.warns(UserWarning, match="read without the prefix"):
        ours = from_timm(state, num_heads=3, image_size=(12, 20))
    images = torch.randn(2, 2, 12, 20)
    assert torch.equal(ours.eval()(images), tiny.eval()(images))


def test_what_stands_beside_a_backbone_is_left_out_with_a_word(tiny):
    state = {f"backbone.{name}": tensor for name, tensor in to_timm(tiny).items()}
    state["projector.weight"] = torch.zeros(3)
    with pytest.warns(UserWarning, match=r"backbone\. \(a model around it\); left out: projector"):
        from_timm(state, num_heads=3, image_size=(12, 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        from_timm(to_timm(tiny), num_heads=3, image_size=(12, 20))


@pytest.mark.parametrize(
    ("read", "name", "message"),
    [
        (from_timm, "vit.embeddings.cls_token", "Hugging Face's names: from_huggingface reads"),
        (from_timm, "conv_proj.weight", "torchvision's names: from_torchvision reads them"),
        (from_torchvision, "cls_token", "timm's names: from_timm reads them"),
        (from_timm, "visual.transformer.resblocks.0.ln_1.weight", "names of CLIP"),
        (from_timm, "norm_pre.weight", "norm_pre is CLIP's"),
        (from_timm, "fc_norm.weight", "answers from the mean of its patches"),
        (from_timm, "blocks.0.attn.relative_position_bias_table", "no relative positions"),
        (from_timm, "blocks.0.attn.q_norm.weight", "no QK-norm"),
    ],
)
def test_whose_names_they_are_is_said(read, name, message):
    with pytest.raises(ValueError, match=message):
        read({name: torch.zeros(3)})


def test_a_checkpoint_around_the_state_dict_is_named(tiny):
    with pytest.raises(ValueError, match=r"state_dict\['teacher'\] is a dict itself"):
        from_timm({"teacher": to_timm(tiny), "epoch": torch.zeros(1)})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"act_layer": "quick_gelu"}, "activation is QuickGELU, but our MLP has the exact GELU"),
        ({"act_layer": "gelu_tanh"}, "activation is GELUTanh, but our MLP has the exact GELU"),
        ({"global_pool": "avg", "fc_norm": False}, "global_pool='avg', but ours answers from its"),
    ],
)
def test_a_timm_model_that_computes_something_else(options, message):
    theirs = timm.create_model("vit_tiny_patch16_224", depth=1, **options)
    with pytest.raises(ValueError, match=message):
        from_timm(theirs)


def test_hugging_faces_config_is_asked_for_and_looked_at():
    theirs = hugging_face("ViTForImageClassification", hidden_act="quick_gelu")
    with pytest.raises(ValueError, match="hidden_act='quick_gelu', but our MLP has the exact GELU"):
        from_huggingface(theirs)
    with pytest.raises(ValueError, match=r"config must be the dict in the model's config\.json"):
        from_huggingface(theirs.state_dict())


def test_export_with_a_dynamic_batch(tiny):
    from torch.export import Dim, export

    models = {
        tiny: torch.randn(2, 2, 12, 20),
        DistilledVisionTransformer(**tiny.config): torch.randn(2, 2, 12, 20),
        ModernVisionTransformer(4, embed_dim=16, depth=1, num_heads=2): images_of(8, 12),
    }
    for model, batch in models.items():
        model = model.eval()
        exported = export(model, (batch,), dynamic_shapes={"images": {0: Dim("batch")}}).module()
        five = torch.cat([batch, batch, batch[:1]])
        torch.testing.assert_close(exported(five), model(five))


def test_a_model_without_classes_gives_features(tiny_config):
    model = VisionTransformer(**tiny_config | {"num_classes": 0}).eval()
    images = torch.randn(2, 2, 12, 20)
    assert torch.equal(model(images), model.forward_features(images)[:, 0])
    assert to_torchvision(model).keys() == {
        n for n in to_torchvision(VisionTransformer(**tiny_config)) if "head." not in n
    }
