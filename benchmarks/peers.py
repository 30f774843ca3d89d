"""The same Vision Transformer from each library that is installed, with random weights.

vit-pytorch's differs a little: two more norms around the patches, and no bias in qkv.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from torch import Tensor, nn

from vitcourse.model import VARIANTS, VisionTransformer

CLASSES = 1000
SIZES = {
    "tiny": {"image_size": 32, "patch_size": 4, "embed_dim": 192, "depth": 12, "num_heads": 3},
    "Ti/16": {"image_size": 224, "patch_size": 16, **VARIANTS["Ti"]},
    "B/16": {"image_size": 224, "patch_size": 16, **VARIANTS["B"]},
}
SIZES["tiny"]["mlp_dim"] = 4 * SIZES["tiny"]["embed_dim"]
YARDSTICKS = ("timm", "torchvision", "ours")  # the first that is there


def ours(size: dict) -> nn.Module:
    return VisionTransformer(num_classes=CLASSES, **size)


def timm(size: dict) -> nn.Module:
    from timm.models.vision_transformer import VisionTransformer as TimmViT

    return TimmViT(
        img_size=size["image_size"],
        patch_size=size["patch_size"],
        num_classes=CLASSES,
        embed_dim=size["embed_dim"],
        depth=size["depth"],
        num_heads=size["num_heads"],
        mlp_ratio=size["mlp_dim"] / size["embed_dim"],
    )


def torchvision(size: dict) -> nn.Module:
    from torchvision.models import VisionTransformer as TorchvisionViT

    names = ("image_size", "patch_size", "depth", "num_heads", "embed_dim", "mlp_dim")
    return TorchvisionViT(*(size[name] for name in names), num_classes=CLASSES)


class Logits(nn.Module):
    """Hugging Face's models answer with an object."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        return self.model(images).logits


def hugging_face(size: dict, attention: str = "sdpa") -> nn.Module:
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(
        image_size=size["image_size"],
        patch_size=size["patch_size"],
        hidden_size=size["embed_dim"],
        num_hidden_layers=size["depth"],
        num_attention_heads=size["num_heads"],
        intermediate_size=size["mlp_dim"],
        num_labels=CLASSES,
        attn_implementation=attention,
    )
    return Logits(ViTForImageClassification(config))


def vit_pytorch(size: dict) -> nn.Module:
    from vit_pytorch import ViT

    return ViT(
        image_size=size["image_size"],
        patch_size=size["patch_size"],
        num_classes=CLASSES,
        dim=size["embed_dim"],
        depth=size["depth"],
        heads=size["num_heads"],
        dim_head=size["embed_dim"] // size["num_heads"],
        mlp_dim=size["mlp_dim"],
    )


PEERS: dict[str, tuple[str, Callable[[dict], nn.Module]]] = {  # name: (package, builder)
    "ours": ("vitcourse", ours),
    "timm": ("timm", timm),
    "torchvision": ("torchvision", torchvision),
    "Hugging Face": ("transformers", hugging_face),
    "vit-pytorch": ("vit_pytorch", vit_pytorch),
}


def installed() -> list[str]:
    """The names of the peers that are there, ours first."""
    return [name for name, (package, _) in PEERS.items() if importlib.util.find_spec(package)]


def missing() -> list[str]:
    return [name for name in PEERS if name not in installed()]


def models(size: str) -> dict[str, nn.Module]:
    """A model of each peer that is installed, in one of SIZES."""
    return {name: PEERS[name][1](SIZES[size]) for name in installed()}


def yardstick(names: list[str]) -> str:
    """Whom the others are compared with."""
    return next(name for name in YARDSTICKS if name in names)
