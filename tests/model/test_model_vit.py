import shutil
import sys

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils import cpp_extension  # noqa: F401  # refuses if a test has loaded distutils

from vitcourse.model import VARIANTS, VisionTransformer, count_parameters

needs_compiler = pytest.mark.skipif(
    sys.platform == "win32" or not any(map(shutil.which, ("c++", "g++", "clang++"))),
    reason="torch.compile on a CPU needs a C++ compiler and there is none on the PATH",
)


def test_forward_is_its_steps(tiny, images, device):
    tiny, images = tiny.to(device), images.to(device)
    patches = tiny.patch_embed(images)
    assert patches.shape == (4, 15, 24)
    tokens = torch.cat([tiny.class_token.cls_token.expand(4, 1, 24), patches], dim=1)
    tokens = tokens + tiny.positions.pos_embed
    assert torch.equal(tiny.embed(images), tokens)
    features = tiny.encoder(tokens)
    assert torch.equal(tiny.forward_features(images), features)
    logits = features[:, 0] @ tiny.head.weight.T + tiny.head.bias
    torch.testing.assert_close(tiny(images), logits, rtol=1e-5, atol=1e-5)
    assert tiny(images).shape == (4, 7)


def test_config_makes_the_model_again(tiny, tiny_config):
    assert tiny.config == tiny_config | {"dropout": 0.0}
    again = VisionTransformer(**tiny.config)
    again.load_state_dict(tiny.state_dict())
    assert again.config == tiny.config


@pytest.mark.parametrize(
    ("variant", "patch_size", "count"),
    [
        ("Ti", 16, 5_717_416),
        ("S", 16, 22_050_664),
        ("B", 16, 86_567_656),
        ("B", 32, 88_224_232),
        ("L", 16, 304_326_632),
        ("L", 32, 306_535_400),
        ("H", 14, 632_045_800),
    ],
)
def test_parameter_counts_are_exact(variant, patch_size, count):
    config = {"patch_size": patch_size, **VARIANTS[variant]}
    with torch.device("meta"):
        model = VisionTransformer(**config)
    assert sum(p.numel() for p in model.parameters()) == count
    assert count_parameters(**config) == count


def test_defaults_are_vit_b_16():
    assert count_parameters() == 86_567_656
    with torch.device("meta"):
        assert VisionTransformer().config.items() >= {"patch_size": 16, **VARIANTS["B"]}.items()


def test_parameter_count_of_odd_sizes(tiny, tiny_config):
    assert count_parameters(**tiny_config) == sum(p.numel() for p in tiny.parameters())
    with_hidden_layer = VisionTransformer(**tiny_config, representation_size=9)
    counted = sum(p.numel() for p in with_hidden_layer.parameters())
    assert count_parameters(**with_hidden_layer.config) == counted
    assert counted == count_parameters(**tiny_config) + 24 * 9 + 9 - (24 - 9) * 7


def test_a_hidden_layer_in_the_head(tiny_config, images, randomised):
    model = randomised(VisionTransformer(**tiny_config, representation_size=9)).eval()
    hidden = model.pre_logits(model.forward_features(images)[:, 0])
    assert hidden.shape == (4, 9)
    assert hidden.abs().max() < 1  # a tanh
    assert torch.equal(model(images), model.head(hidden))


def test_gradients(randomised):
    sizes = {"image_size": (4, 6), "patch_size": 2, "in_channels": 2, "num_classes": 3}
    model = VisionTransformer(**sizes, embed_dim=6, depth=2, num_heads=3, mlp_dim=8).double()
    images = torch.randn(1, 2, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(randomised(model), images)


def test_every_parameter_has_a_gradient(tiny, images, device):
    tiny.to(device)(images.to(device)).square().sum().backward()
    dead = [name for name, p in tiny.named_parameters() if p.grad is None or not p.grad.any()]
    assert dead == []


def test_images_of_a_batch_do_not_meet(tiny, images, device):
    tiny, images = tiny.to(device), images.to(device).requires_grad_()
    (gradient,) = torch.autograd.grad(tiny(images)[0].sum(), images)
    assert gradient[0].any()
    assert not gradient[1:].any()
    torch.testing.assert_close(tiny(images)[1:2], tiny(images[1:2]), rtol=1e-4, atol=1e-5)


def test_without_positions_the_order_of_patches_is_invisible(tiny, images):
    columns = images.unflatten(3, (5, 4))  # five columns of patches
    shuffled = columns[:, :, :, [3, 0, 4, 1, 2]].flatten(3)
    assert (tiny(images) - tiny(shuffled)).abs().max() > 1e-3
    nn.init.zeros_(tiny.positions.pos_embed)
    torch.testing.assert_close(tiny(images), tiny(shuffled), rtol=1e-4, atol=1e-5)


def test_batch_of_none(tiny, device):
    tiny = tiny.to(device)
    assert tiny(torch.zeros(0, 2, 12, 20, device=device)).shape == (0, 7)


def test_initialisation(tiny_config):
    model = VisionTransformer(**tiny_config | {"embed_dim": 192, "num_classes": 1000})
    assert model.head.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert model.positions.pos_embed.std().item() == pytest.approx(0.02, rel=0.05)
    biases = {name: p for name, p in model.named_parameters() if name.endswith("bias")}
    assert [name for name, bias in biases.items() if bias.any()] == []
    for norm in (module for module in model.modules() if isinstance(module, nn.LayerNorm)):
        assert (norm.weight == 1).all()


def test_dropout_is_in_its_four_places_and_off_in_eval(tiny_config, images):
    model = VisionTransformer(**tiny_config, dropout=0.25)
    dropouts = {name for name, m in model.named_modules() if isinstance(m, nn.Dropout)}
    assert dropouts == {
        "dropout",
        *(f"encoder.blocks.{i}.{part}.dropout" for i in range(2) for part in ("attn", "mlp")),
    }
    assert (model.embed(images) == 0).float().mean() == pytest.approx(0.25, abs=0.05)
    assert not torch.equal(model(images), model(images))
    model.eval()
    assert torch.equal(model(images), model(images))


def test_overfits_one_batch(device, tiny_config):
    model = VisionTransformer(**tiny_config).to(device)
    images, labels = torch.randn(8, 2, 12, 20, device=device), torch.arange(8, device=device) % 7
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(100):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05
    assert torch.equal(model(images).argmax(1), labels)


@needs_compiler
@pytest.mark.slow
def test_compiles_in_one_graph(tiny, images, device, tmp_path, monkeypatch):
    if device.type == "mps":
        pytest.skip("torch.compile is experimental on MPS")
    # Nothing of another environment's, and nothing that another process is writing.
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    tiny, images = tiny.to(device), images.to(device)
    compiled = torch.compile(tiny, fullgraph=True)
    with torch.inference_mode():
        torch.testing.assert_close(compiled(images), tiny(images), rtol=0, atol=2e-6)


def test_every_part_traces_in_one_graph(tiny, images):
    """Forward, backward and the maps, through the input checks; no compiler needed."""
    torch._dynamo.reset()
    options = {"fullgraph": True, "backend": "aot_eager"}
    torch.testing.assert_close(torch.compile(tiny, **options)(images), tiny(images))
    torch.compile(tiny, **options)(images[:3]).sum().backward()  # another batch size
    attn, x = tiny.encoder.blocks[0].attn, torch.randn(2, 9, 24)
    maps = torch.compile(lambda x: attn(x, return_weights=True)[1], **options)
    torch.testing.assert_close(maps(x), attn(x, return_weights=True)[1])


def test_a_compiled_model_checks_its_images(tiny, images):
    torch._dynamo.reset()
    compiled = torch.compile(tiny, backend="eager")  # without fullgraph: raising leaves the graph
    assert torch.equal(compiled(images), tiny(images))
    with pytest.raises(ValueError, match="images must be 12 x 20 pixels"):
        compiled(images[..., :16])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_dtypes(dtype, tiny, images, device):
    if device.type == "mps" and dtype == torch.float64:
        pytest.skip("MPS has no float64")
    expected = tiny(images)
    output = tiny.to(device, dtype)(images.to(device, dtype))
    assert output.dtype == dtype
    tolerance = 0.15 if dtype == torch.bfloat16 else 1e-4
    torch.testing.assert_close(output.float().cpu(), expected, rtol=0, atol=tolerance)


def test_autocast(tiny, images, device):
    tiny, images = tiny.to(device), images.to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        output = tiny(images)
    assert output.dtype == torch.bfloat16
    torch.testing.assert_close(output.float(), tiny(images), rtol=0, atol=0.15)


def test_flash_attention_is_what_runs(tiny_config, device):
    """With every other kernel forbidden the model still runs, so nothing we do rules it out."""
    if device.type == "mps":
        pytest.skip("MPS has no flash attention")
    config = tiny_config | {"embed_dim": 192}  # heads of 64
    model = VisionTransformer(**config).to(device, torch.bfloat16)
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        model(torch.randn(4, 2, 12, 20, device=device, dtype=torch.bfloat16)).sum().backward()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patch_size": 15}, "got patch_size=15 for an image of 224 x 224 pixels"),
        ({"image_size": 0}, "image_size must be a positive int, got 0"),
        ({"in_channels": None}, "in_channels must be a positive int, got None"),
        ({"num_classes": -1}, "num_classes must be an int of at least 0, got -1"),
        ({"embed_dim": -1}, "embed_dim must be a positive int, got -1"),
        ({"depth": 1.5}, "depth must be a positive int, got 1.5"),
        ({"num_heads": 7}, "num_heads must divide embed_dim, got num_heads=7 and embed_dim=768"),
        ({"mlp_dim": "3072"}, "hidden_dim must be a positive int, got '3072'"),
        ({"representation_size": 0}, "representation_size must be a positive int, got 0"),
        ({"dropout": 1.5}, "dropout probability has to be between 0 and 1, but got 1.5"),
    ],
)
def test_constructor_errors(arguments, message):
    with pytest.raises(ValueError) as error, torch.device("meta"):  # noqa: PT011
        VisionTransformer(**arguments)
    assert message in str(error.value)


def test_forward_errors(tiny):
    with pytest.raises(ValueError, match=r"pass images.float\(\) / 255"):
        tiny(torch.zeros(1, 2, 12, 20, dtype=torch.uint8))
    with pytest.raises(ValueError, match="images must have 2 channels"):
        tiny(torch.zeros(1, 3, 12, 20))
