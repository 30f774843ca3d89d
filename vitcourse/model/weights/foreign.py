"""Other people's weights in our models, and ours in theirs."""

import re
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.model.encoder import LAYER_NORM_EPS
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.model.patches import count_patches, size_pair
from vitcourse.model.vit import VisionTransformer
from vitcourse.model.weights import dino, names, values
from vitcourse.model.weights.names import OURS, TIMM, TORCHVISION

Size = int | tuple[int, int]
Weights = dict[str, torch.Tensor] | nn.Module


def from_timm(
    state_dict: Weights,
    *,
    num_heads: int | None = None,
    image_size: Size | None = None,
    copy: bool = True,
) -> VisionTransformer | ModernVisionTransformer:
    """A model with the weights of a timm ViT: `timm.create_model(...)`, or its state dict.

    A plain ViT becomes a VisionTransformer (without a head if it has none, as DINO and MAE), one
    of DeiT with a distillation token a DistilledVisionTransformer; one with LayerScale a
    ModernVisionTransformer: DINOv2, with registers or without, DINOv3, DeiT III. These also under
    the names in Meta's own files.

    Sizes are read from the shapes. What no shape tells is read from the model, or for a state dict
    is as usual: num_heads that of `VARIANTS` with this embed_dim, image_size a square, and the
    activation the exact GELU: weights trained with another one load without an error and answer
    wrongly, so pass the model where you have it. Weights are copied, or with copy=False used as
    they are, even if they are in a memory-mapped file; they keep their device and their dtype,
    which all must share. The model is in training mode, like any new one.

    Raises ValueError, naming the first few tensors, if some are missing, unexpected, misshapen,
    not of a floating dtype, or hold NaN or infinity; and for a model with another activation, or
    one that answers from something else than the class token.
    """
    eps = None
    if isinstance(state_dict, nn.Module) and hasattr(state_dict, "global_pool"):
        _check_timm(state_dict)
        model: Any = state_dict
        num_heads = num_heads or model.blocks[0].attn.num_heads
        image_size = image_size or getattr(model.patch_embed, "img_size", None)
        eps, state_dict = model.blocks[0].norm1.eps, model.state_dict()
    state = values.as_dict(state_dict)
    if dino.is_modern(state):
        return dino.build(state, num_heads, image_size, copy, eps)
    return _build(TIMM, state, num_heads, image_size, copy, eps)


def from_torchvision(
    state_dict: Weights,
    *,
    num_heads: int | None = None,
    image_size: Size | None = None,
    copy: bool = True,
) -> VisionTransformer:
    """A model with the weights of a torchvision ViT, `vit_b_16(...)` or its state dict.

    Takes what `ViT_B_16_Weights.DEFAULT.get_state_dict()` returns, too: the published files are
    from the time when the MLP's layers were called linear_1 and linear_2. `model.heads` may have
    been replaced by a linear layer or taken away. Rules and errors as in `from_timm`.
    """
    if isinstance(state_dict, nn.Module) and hasattr(state_dict, "conv_proj"):
        model: Any = state_dict
        num_heads = num_heads or model.encoder.layers[0].num_heads
        image_size = image_size or model.image_size
        state_dict = model.state_dict()
    today = {
        re.sub(r"^heads\.(weight|bias)$", r"heads.head.\1", name)
        .replace(".mlp.linear_1.", ".mlp.0.")
        .replace(".mlp.linear_2.", ".mlp.3."): tensor
        for name, tensor in values.as_dict(state_dict).items()
    }
    return _build(TORCHVISION, today, num_heads, image_size, copy, None)


# Hugging Face's names today and until 2025, and timm's. The first that fits is taken.
HUGGING_FACE = (
    (r"^(vit|deit)\.", ""),
    (r"^embeddings\.cls_token$", "cls_token"),
    (r"^embeddings\.distillation_token$", "dist_token"),
    (r"^embeddings\.position_embeddings$", "pos_embed"),
    (r"^embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^(encoder\.layer|layers)\.([0-9]+)\.", r"blocks.\2."),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
    (r"\.attention\.(attention\.)?(query|q_proj)\.", ".attn.q."),
    (r"\.attention\.(attention\.)?(key|k_proj)\.", ".attn.k."),
    (r"\.attention\.(attention\.)?(value|v_proj)\.", ".attn.v."),
    (r"\.attention\.(output\.dense|o_proj)\.", ".attn.proj."),
    (r"\.intermediate\.dense\.", ".mlp.fc1."),
    (r"\.output\.dense\.", ".mlp.fc2."),
    (r"^layernorm\.", "norm."),
    (r"^(cls_)?classifier\.", "head."),
    (r"^distillation_classifier\.", "head_dist."),
)


def from_huggingface(
    state_dict: Weights, config: dict | None = None, *, copy: bool = True
) -> VisionTransformer:
    """A model with the weights of a ViT, DeiT or DINO's ViT from Hugging Face's transformers.

    `from_huggingface(model)`, or a state dict and its config, what is in config.json: that says
    how many heads there are, which activation, and the eps of the norms, which no shape tells.
    Names of today and those in files from before 2026 will do. A pooler is left out: without a
    classifier the class token's features come out. Rules and errors as in `from_timm`.
    """
    if isinstance(state_dict, nn.Module) and hasattr(state_dict, "config"):
        model: Any = state_dict
        config, state_dict = model.config.to_dict(), model.state_dict()
    if not isinstance(config, dict):
        raise ValueError(
            f"config must be the dict in the model's config.json, got {type(config).__name__}; "
            f"no shape tells the number of heads or the activation"
        )
    if config.get("hidden_act", "gelu") != "gelu":
        raise ValueError(
            f"config: hidden_act={config['hidden_act']!r}, but our MLP has the exact GELU "
            f"('gelu'); with another activation the answers would be wrong"
        )
    return _build(
        TIMM,
        _fused(_as_timms(values.as_dict(state_dict))),
        config.get("num_attention_heads"),
        _as_size(config.get("image_size")),
        copy,
        config.get("layer_norm_eps", 1e-12),
    )


def to_timm(model: VisionTransformer) -> dict[str, torch.Tensor]:
    """The model's state dict under timm's names; the tensors are the model's own."""
    return names.rename(model.state_dict(), OURS, TIMM)


def to_torchvision(model: VisionTransformer) -> dict[str, torch.Tensor]:
    """The model's state dict under torchvision's names; the tensors are the model's own."""
    return names.rename(model.state_dict(), OURS, TORCHVISION)


def _build(
    layout: int,
    state_dict: dict[str, torch.Tensor],
    num_heads: int | None,
    image_size: Size | None,
    copy: bool,
    eps: float | None,
) -> VisionTransformer:
    state = names.rename(state_dict, layout, OURS)
    shapes = names.shapes_of(state)
    sizes = names.sizes_of(shapes, layout)
    num_heads = names.usual_heads(sizes["embed_dim"]) if num_heads is None else num_heads
    image_size, state = _with_all_places(state, sizes["patch_size"], image_size)
    shapes = names.shapes_of(state)
    config = {"image_size": image_size, **sizes, "num_heads": num_heads, "dropout": 0.0}
    model = names.empty_model(
        config | {"norm_eps": LAYER_NORM_EPS if eps is None else eps}, shapes, layout
    )
    values.check_values(names.rename(state, OURS, layout))
    values.fill(model, state, copy)
    return model


def _with_all_places(
    state: dict[str, torch.Tensor], patch_size: int, image_size: Size | None
) -> tuple[Size, dict[str, torch.Tensor]]:
    """The image's size, and the tensors with a place for the class token in the table of positions.

    Some of timm's models have none (no_embed_class): theirs is 0, which adds nothing.
    """
    table, prefix = state["positions.pos_embed"], names.prefix_of(names.shapes_of(state))
    if image_size is None:
        return names.square_of(table.shape[1], prefix, patch_size), state
    if count_patches(*size_pair(image_size), patch_size) == table.shape[1]:
        places = torch.cat([table[:, :1] * 0] * prefix + [table], dim=1)
        state = state | {"positions.pos_embed": places}
    return image_size, state


def _check_timm(model: Any) -> None:
    """Raise ValueError unless our models compute what this one does from the same weights."""
    if getattr(model, "num_classes", 0) and model.global_pool != "token":
        raise ValueError(
            f"model: global_pool={model.global_pool!r}, but ours answers from its class token "
            f"('token')"
        )
    mlp, x = model.blocks[0].mlp, torch.linspace(-3, 3, 25)
    if hasattr(mlp, "fc1") and not torch.allclose(mlp.act(x), F.gelu(x), rtol=0, atol=1e-5):
        raise ValueError(
            f"model: its activation is {type(mlp.act).__name__}, but our MLP has the exact GELU; "
            f"its answers would be off by some per cent"
        )


def _as_timms(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    renamed = {}
    for name, tensor in state.items():
        for pattern, new in HUGGING_FACE:
            name = re.sub(pattern, new, name)
        if not name.startswith("pooler."):
            renamed[name] = tensor
    return renamed


def _fused(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Queries, keys and values as one matrix, where all three are there."""
    fused = dict(state)
    for name in state:
        if ".attn.q." in name:
            three = [name.replace(".q.", f".{part}.") for part in "qkv"]
            if all(part in state for part in three):
                fused[name.replace(".q.", ".qkv.")] = torch.cat([fused.pop(p) for p in three])
    return fused


def _as_size(size: Any) -> Any:
    return tuple(size) if isinstance(size, list) else size
