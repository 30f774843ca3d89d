import json
import os
import struct
import tracemalloc
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from vitcourse.model import VARIANTS, VisionTransformer, resize_positions
from vitcourse.model.weights import (
    from_timm,
    from_torchvision,
    load,
    read_metadata,
    save,
    to_timm,
    to_torchvision,
)

# The same network, built by others.


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def b16():
    """ViT-B/16 with random weights of a realistic size, made once. Tests leave it as it is."""
    torch.manual_seed(0)
    model = VisionTransformer().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter.normal_(1.0 if "norm" in name and "weight" in name else 0.0, 0.1)
            elif parameter.ndim == 3:
                parameter.normal_(0, 0.3)
        model.head.weight.normal_(0, 0.04)
    return model


@torch.inference_mode()
def test_timm_gives_the_same_logits_to_the_last_bit(b16, images):
    timm = pytest.importorskip("timm")
    with torch.device("meta"):
        theirs = timm.create_model("vit_base_patch16_224").eval()
    theirs.load_state_dict(to_timm(b16), strict=True, assign=True)
    ours = from_timm(theirs.state_dict()).eval()
    logits, expected = ours(images), theirs(images)
    assert expected.std() > 0.5
    assert (logits - expected).abs().max().item() == 0.0
    assert torch.equal(ours.forward_features(images), theirs.forward_features(images))


@torch.inference_mode()
def test_torchvision_gives_the_same_logits(b16, images):
    models = pytest.importorskip("torchvision").models
    with torch.device("meta"):
        theirs = models.vit_b_16().eval()
    theirs.load_state_dict(to_torchvision(b16), strict=True, assign=True)
    logits, expected = b16(images), theirs(images)
    assert expected.std() > 0.5
    assert (logits - expected).abs().max().item() < 1e-5
    theirs.double()  # new tensors: b16 keeps its own
    ours = from_torchvision(theirs.state_dict()).eval()
    difference = ours(images[:1].double()) - theirs(images[:1].double())
    assert difference.abs().max().item() < 1e-12


@pytest.mark.parametrize("name", ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"])
def test_every_torchvision_vit_has_our_layout(name):
    models = pytest.importorskip("torchvision").models
    with torch.device("meta"):
        state = getattr(models, name)().state_dict()
    ours = from_torchvision(state)
    patch_size = int(name[-2:])
    variant = VARIANTS[name.split("_")[1].upper()]
    assert ours.config == {
        "image_size": 224, "patch_size": patch_size, "in_channels": 3, "num_classes": 1000,
        "dropout": 0.0, **variant,
    }  # fmt: skip
    assert {name: tensor.shape for name, tensor in to_torchvision(ours).items()} == {
        name: tensor.shape for name, tensor in state.items()
    }


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_torchvision_small_and_odd(dropout, randomised):
    """Real numbers through the sizes that the big ones have, 2 classes, and dropout off."""
    models = pytest.importorskip("torchvision").models
    theirs = models.VisionTransformer(
        image_size=28, patch_size=14, num_layers=3, num_heads=4, hidden_dim=32, mlp_dim=48,
        num_classes=2, dropout=dropout,
    )  # fmt: skip
    theirs = randomised(theirs).eval()
    ours = from_torchvision(theirs.state_dict(), num_heads=4).eval()
    images = torch.randn(3, 3, 28, 28)
    torch.testing.assert_close(ours(images), theirs(images), rtol=0, atol=1e-5)


def test_timm_not_square(randomised):
    timm_vit = pytest.importorskip("timm.models.vision_transformer")
    theirs = timm_vit.VisionTransformer(
        img_size=(12, 20), patch_size=4, in_chans=2, num_classes=7, embed_dim=24, depth=2,
        num_heads=3, mlp_ratio=2,
    )  # fmt: skip
    theirs = randomised(theirs).eval()
    ours = from_timm(theirs.state_dict(), num_heads=3, image_size=(12, 20)).eval()
    images = torch.randn(3, 2, 12, 20)
    assert torch.equal(ours(images), theirs(images))


# A head with a hidden layer.


@pytest.fixture
def with_hidden_layer(tiny_config, randomised) -> VisionTransformer:
    return randomised(VisionTransformer(**tiny_config, representation_size=10)).eval()


@torch.inference_mode()
def test_torchvision_with_a_hidden_layer_in_the_head():
    models = pytest.importorskip("torchvision").models
    sizes = {"patch_size": 4, "num_heads": 3, "mlp_dim": 20, "num_classes": 5}
    theirs = models.VisionTransformer(
        12, num_layers=2, hidden_dim=24, representation_size=10, **sizes
    )
    torch.nn.init.normal_(theirs.heads.head.weight)  # torchvision's are zeros
    theirs = theirs.double().eval()
    ours = from_torchvision(theirs.state_dict(), num_heads=3).eval()
    images = torch.randn(3, 3, 12, 12, dtype=torch.float64)
    assert theirs(images).std() > 0.3
    torch.testing.assert_close(ours(images), theirs(images), rtol=0, atol=1e-12)
    theirs.load_state_dict(to_torchvision(ours), strict=True)


@torch.inference_mode()
def test_timm_with_a_hidden_layer_in_the_head(with_hidden_layer):
    """timm's from before 2022: its head was `head(tanh(pre_logits.fc(class token)))`."""
    timm = pytest.importorskip("timm")
    images = torch.randn(4, 2, 12, 20)
    state = to_timm(with_hidden_layer)
    sizes = {"img_size": (12, 20), "patch_size": 4, "in_chans": 2, "num_classes": 0}
    sizes |= {"embed_dim": 24, "depth": 2, "num_heads": 3, "mlp_ratio": 40 / 24}
    body = timm.models.VisionTransformer(**sizes).eval()  # today's timm has the body only
    inside = ("pre_logits.fc.weight", "pre_logits.fc.bias")
    outside = ("head.weight", "head.bias")
    body.load_state_dict({n: t for n, t in state.items() if n not in inside + outside})
    hidden = torch.tanh(F.linear(body(images), *map(state.get, inside)))
    expected = F.linear(hidden, *map(state.get, outside))
    ours = from_timm(state, num_heads=3, image_size=(12, 20)).eval()
    assert ours.config["representation_size"] == 10
    torch.testing.assert_close(ours(images), expected, rtol=0, atol=1e-5)


def test_a_hidden_layer_is_saved_and_loaded(with_hidden_layer, path):
    save(with_hidden_layer, path)
    again, images = load(path).eval(), torch.randn(4, 2, 12, 20)
    assert again.config == with_hidden_layer.config
    assert torch.equal(again(images), with_hidden_layer(images))


@pytest.mark.parametrize("gone", ["pre_logits.fc.weight", "pre_logits.fc.bias"])
def test_half_a_hidden_layer_is_named(gone, with_hidden_layer):
    state = to_timm(with_hidden_layer)
    del state[gone]
    with pytest.raises(ValueError, match=f"missing {gone}"):
        from_timm(state, num_heads=3, image_size=(12, 20))


def test_a_hidden_layer_that_does_not_fit_is_named(with_hidden_layer):
    state = to_timm(with_hidden_layer)
    state["head.weight"] = state["head.weight"][:, :-1]
    with pytest.raises(ValueError, match=r"misshapen: head.weight \(7, 9\) instead of \(7, 10\)"):
        from_timm(state, num_heads=3, image_size=(12, 20))


def test_published_torchvision_files_have_older_names(tiny, images):
    state = {
        name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."): tensor
        for name, tensor in to_torchvision(tiny).items()
    }
    assert "encoder.layers.encoder_layer_0.mlp.linear_1.weight" in state
    ours = from_torchvision(state, num_heads=3, image_size=(12, 20))
    assert same_weights(ours, tiny)


def same_weights(one, other) -> bool:
    one, other = one.state_dict(), other.state_dict()
    return list(one) == list(other) and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("there", "back"), [(to_timm, from_timm), (to_torchvision, from_torchvision)]
)
def test_round_trips_are_the_identity(there, back, tiny):
    state = there(tiny)
    again = back(state, num_heads=3, image_size=(12, 20))
    assert again.config == tiny.config
    assert same_weights(again, tiny)
    once_more = there(again)
    assert state.keys() == once_more.keys()
    assert all(torch.equal(state[name], once_more[name]) for name in state)


def test_weights_are_copied_and_trainable(tiny):
    state = to_timm(tiny)
    copy = from_timm(state, num_heads=3, image_size=(12, 20))
    with torch.no_grad():
        copy.head.weight.zero_()
    assert tiny.head.weight.any()
    assert all(parameter.requires_grad for parameter in copy.parameters())
    assert copy.training


def test_weights_can_be_taken_as_they_are(tiny):
    state = to_timm(tiny)
    ours = from_timm(state, num_heads=3, image_size=(12, 20), copy=False)
    assert ours.head.weight.data_ptr() == state["head.weight"].data_ptr()
    assert all(parameter.requires_grad for parameter in ours.parameters())


def test_positions_for_another_resolution(tiny):
    state = to_timm(tiny)
    state["pos_embed"] = resize_positions(state["pos_embed"], (3, 5), (6, 4))
    larger = from_timm(state, num_heads=3, image_size=(24, 16))
    assert larger(torch.randn(1, 2, 24, 16)).shape == (1, 7)


def broken(tiny, edit) -> dict:
    state = dict(to_timm(tiny))
    edit(state)
    return state


def nan(state):
    state["blocks.1.mlp.fc1.bias"] = state["blocks.1.mlp.fc1.bias"].clone()
    state["blocks.1.mlp.fc1.bias"][3] = float("nan")


def infinity(state):
    state["pos_embed"] = state["pos_embed"].clone()
    state["pos_embed"][0, 2, 5] = -float("inf")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda s: s.pop("norm.bias"), "missing norm.bias; unexpected none"),
        (
            lambda s: s.update({f"blocks.0.odd{i}": s["norm.bias"] for i in range(5)}),
            "missing none; unexpected blocks.0.odd0, blocks.0.odd1, blocks.0.odd2 and 2 more",
        ),
        (lambda s: s.clear(), "missing cls_token, pos_embed, patch_embed.proj.weight and 15 more"),
        (
            lambda s: s.update({"blocks.7.norm1.bias": s.pop("blocks.1.norm1.bias")}),
            "a ViT with 3 blocks",
        ),
        (
            lambda s: s.update({"norm.weight": torch.ones(25)}),
            "misshapen: norm.weight (25,) instead of (24,)",
        ),
        (
            lambda s: s.update({"blocks.1.mlp.fc1.weight": torch.ones(41, 24)}),
            "misshapen: blocks.1.mlp.fc1.weight (41, 24) instead of (40, 24)",
        ),
        (
            lambda s: s.update({"patch_embed.proj.weight": torch.ones(24, 32)}),
            "patch_embed.proj.weight must be 4-D, got shape (24, 32)",
        ),
        (
            lambda s: s.update({"patch_embed.proj.weight": torch.ones(24, 2, 4, 5)}),
            "misshapen: patch_embed.proj.weight (24, 2, 4, 5) instead of (24, 2, 4, 4)",
        ),
        (
            lambda s: s.update({"patch_embed.proj.weight": torch.ones(24, 2, 0, 0)}),
            "patch_size must be a positive int, got 0",
        ),
        (lambda s: s.update({"pos_embed": torch.ones(1, 17, 24)}), "need 16 positions, got 17"),
        (
            lambda s: s.update({"pos_embed": torch.ones(24)}),
            "pos_embed must be 3-D, got shape (24,",
        ),
        (nan, "NaN or infinity in blocks.1.mlp.fc1.bias"),
        (infinity, "NaN or infinity in pos_embed"),
        (
            lambda s: s.update({"head.bias": torch.zeros(7, dtype=torch.int64)}),
            "weights must share one of float16, bfloat16, float32, 64; "
            "got torch.float32, torch.int64",
        ),
        (lambda s: s.update({"head.bias": [0.0] * 7}), "state_dict['head.bias'] must be a tensor"),
    ],
)
def test_broken_state_dicts(edit, message, tiny):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        from_timm(broken(tiny, edit), num_heads=3, image_size=(12, 20))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": (12, 20)}, "no usual ViT has embed_dim=24: pass num_heads=..."),
        (
            {"num_heads": 3},
            "16 positions are not a square and 1 more: pass image_size, (height, width)",
        ),
        ({"num_heads": 5, "image_size": (12, 20)}, "num_heads must divide embed_dim"),
        (
            {"num_heads": 3, "image_size": 224},
            "image_size=224 and patch_size=4 need 3137 positions",
        ),
    ],
)
def test_what_shapes_cannot_tell(arguments, message, tiny):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        from_timm(to_timm(tiny), **arguments)
    assert message in str(error.value)


def test_a_model_is_not_a_state_dict(tiny):
    with pytest.raises(ValueError, match=r"got VisionTransformer; for a model, pass model.state_d"):
        from_timm(tiny)


def test_errors_speak_the_callers_names(tiny):
    state = to_torchvision(tiny)
    state["heads.head.weight"] = torch.full((7, 24), float("nan"))
    with pytest.raises(ValueError, match=r"NaN or infinity in heads\.head\.weight"):
        from_torchvision(state, num_heads=3, image_size=(12, 20))


# Files.


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_save_and_load(dtype, tiny, path):
    tiny.to(dtype)
    save(tiny, path, {"classes": ["cat", "dög"], "accuracy": 0.5})
    again = load(path)
    assert again.config == tiny.config
    assert same_weights(again, tiny)
    assert next(again.parameters()).dtype == dtype
    assert all(parameter.requires_grad for parameter in again.parameters())
    assert read_metadata(path) == {"classes": ["cat", "dög"], "accuracy": 0.5}
    assert os.listdir(path.parent) == ["model.safetensors"]
    save(again, path)  # over the file that it came from
    assert read_metadata(path) == {}
    assert same_weights(load(str(path)), tiny)


@pytest.mark.skipif(os.name != "posix", reason="permissions as on Unix")
def test_others_may_read_what_they_may_read_of_other_files(tiny, path):
    other = path.with_name("other")
    other.touch()
    save(tiny, path)
    assert path.stat().st_mode == other.stat().st_mode


def test_save_from_any_device(tiny, path, device):
    save(tiny.to(device), path)
    assert same_weights(load(path), tiny.cpu())


def test_a_new_head_is_saved_as_what_it_is(tiny, path):
    tiny.head = torch.nn.Linear(24, 3)
    save(tiny, path)
    assert load(path).config == tiny.config | {"num_classes": 3}


def test_a_failed_save_leaves_the_old_file(tiny, path, monkeypatch):
    save(tiny, path)
    before = path.read_bytes()

    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save(VisionTransformer(**tiny.config), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["model.safetensors"]


@pytest.mark.parametrize(
    ("edit", "metadata", "message"),
    [
        (lambda m: m, {"x": {1, 2}}, "metadata must be what JSON can hold"),
        (lambda m: m, {"x": float("nan")}, "metadata must be what JSON can hold"),
        (lambda m: m, ["x"], "metadata must be a dict, got list"),
        (lambda m: m.encoder, None, "model must be a VisionTransformer, got Encoder"),
        (
            lambda m: m.head.weight.data.fill_(float("nan")) is m or m,
            None,
            "NaN or infinity in head",
        ),
        (lambda m: m.head.double() is m or m, None, "got torch.float32, torch.float64"),
        (lambda m: m.config.update(image_size=16) or m, None, "need 17 positions, got 16"),
    ],
)
def test_what_save_refuses(edit, metadata, message, tiny, path):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        save(edit(tiny), path, metadata)
    assert message in str(error.value)
    assert os.listdir(path.parent) == []


def test_missing_file(path):
    with pytest.raises(FileNotFoundError):
        load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10**9) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc",
        b"\x80\x04\x95this is a pickle, perhaps",
        b"PK\x03\x04" + b"\x00" * 100,
    ],
)
def test_files_that_are_no_safetensors(content, path):
    path.write_bytes(content)
    for function in (load, read_metadata):
        with pytest.raises(ValueError, match=r"cannot load .*model\.safetensors: "):
            function(path)


def test_truncated_anywhere(tiny, path):
    save(tiny, path)
    whole = path.read_bytes()
    for length in (*range(0, 4000, 97), len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cannot load .*model\.safetensors: "):
            load(path)


def rewrite(path, config=None, header=None, tensors=None):
    """Save the file again with something else in it."""
    state = load_file(path)
    old = {"config": json.dumps(load(path).config | (config or {}))}
    state.update(tensors or {})
    state = {name: tensor for name, tensor in state.items() if tensor is not None}
    save_file(state, path, old if header is None else header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"config": {"embed_dim": 10**9}},
            "its config says embed_dim=1000000000, its tensors say 24",
        ),
        ({"config": {"depth": 10**9}}, "its config says depth=1000000000, its tensors say 2"),
        ({"config": {"depth": 2.0}}, "its config says depth=2.0, its tensors say 2"),
        ({"config": {"depth": "2"}}, "its config says depth='2', its tensors say 2"),
        ({"config": {"mlp_dim": None}}, "its config says mlp_dim=None, its tensors say 40"),
        ({"config": {"num_classes": True}}, "its config says num_classes=True"),
        ({"config": {"num_heads": 10**9}}, "num_heads must divide embed_dim"),
        ({"config": {"num_heads": [3]}}, "num_heads must be a positive int, got [3]"),
        ({"config": {"image_size": 10**9}}, "need 62500000000000001 positions, got 16"),
        ({"config": {"image_size": [12, 20, 1]}}, "image_size must be an int or (height, width)"),
        ({"config": {"image_size": {"h": 1}}}, "image_size must be a positive int, got {'h': 1}"),
        ({"config": {"image_size": [12, "20"]}}, "width must be a positive int, got '20'"),
        ({"config": {"dropout": "much"}}, "dropout must be a number from 0 to 1, got 'much'"),
        ({"config": {"dropout": float("nan")}}, "dropout must be a number from 0 to 1, got nan"),
        ({"config": {"surprise": 1}}, "its config must have ['depth', 'dropout', "),
        ({"header": {}}, "its header has no config; was it written by vitcourse?"),
        ({"header": {"config": "{}"}}, "its config must have ['depth', "),
        ({"header": {"config": "{"}}, "its config is not JSON"),
        ({"header": {"config": "[" * 100_000}}, "its config is not JSON"),
        ({"header": {"config": "[1]"}}, "its config must be a JSON object, got list"),
        ({"tensors": {"extra": torch.zeros(2)}}, "missing none; unexpected extra"),
        ({"tensors": {"head.bias": None}}, "missing head.bias; unexpected none"),
        ({"tensors": {"head.bias": torch.zeros(8)}}, "misshapen: head.bias (8,) instead of (7,)"),
        ({"tensors": {"head.bias": torch.zeros(())}}, "misshapen: head.bias () instead of (7,)"),
        (
            {"tensors": {"head.bias": torch.zeros(7, dtype=torch.int8)}},
            "head.bias must be one of F64, F32, F16, BF16, got I8",
        ),
        (
            {"tensors": {"head.bias": torch.zeros(7, dtype=torch.float64)}},
            "got torch.float32, torch.float64",
        ),
        (
            {"tensors": {"norm.bias": torch.zeros(24)}},
            "missing none; unexpected norm.bias",
        ),
        (
            {"tensors": {"encoder.norm.bias": torch.full((24,), float("inf"))}},
            "NaN or infinity in encoder.norm.bias",
        ),
        (
            {"tensors": {"encoder.blocks.999999999.norm1.bias": torch.zeros(24)}},
            "unexpected encoder.blocks.999999999.norm1.bias",
        ),
    ],
)
def test_hostile_files(change, message, tiny, path):
    save(tiny, path)
    rewrite(path, **change)
    tracemalloc.start()
    with pytest.raises(ValueError) as error:  # noqa: PT011
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(error.value).startswith(f"cannot load {path}: ")
    assert message in str(error.value)
    assert peak < 20e6


def test_nothing_unpickles():
    from vitcourse.model import weights

    files = sorted(Path(weights.__file__).parent.glob("*.py"))
    assert len(files) == 6
    for file in files:
        source = file.read_text(encoding="utf-8")
        assert "torch.load" not in source
        assert "import pickle" not in source
