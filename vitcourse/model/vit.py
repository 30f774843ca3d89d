"""Chapter 6: all of it together. Images in, class scores out."""

from typing import Any

import torch
from torch import nn

from vitcourse import require
from vitcourse.model.cls_token import ClassToken, cls_pool
from vitcourse.model.encoder import Encoder
from vitcourse.model.patches import PatchEmbedding, count_patches, size_pair
from vitcourse.model.positions import PositionEmbedding

# B, L and H: table 1 in Dosovitskiy et al. 2021; Ti and S: table 1 in Touvron et al. 2021 (DeiT).
VARIANTS = {
    "Ti": {"embed_dim": 192, "depth": 12, "num_heads": 3, "mlp_dim": 768},
    "S": {"embed_dim": 384, "depth": 12, "num_heads": 6, "mlp_dim": 1536},
    "B": {"embed_dim": 768, "depth": 12, "num_heads": 12, "mlp_dim": 3072},
    "L": {"embed_dim": 1024, "depth": 24, "num_heads": 16, "mlp_dim": 4096},
    "H": {"embed_dim": 1280, "depth": 32, "num_heads": 16, "mlp_dim": 5120},
}


class VisionTransformer(nn.Module):
    """The Vision Transformer: images (B, C, H, W) -> logits (B, num_classes).

    The defaults are ViT-B/16; others are `VisionTransformer(patch_size=16, **VARIANTS["Ti"])`.
    `image_size` is an int for squares or (height, width). Dropout acts after the positions are
    added, after attention's output projection, and twice in the MLP. `representation_size` gives
    the head a hidden layer of that size with a tanh, as in the paper's pre-training (section 3.1);
    without it the head is one linear layer, as in its fine-tuning. With num_classes=0 there is no
    head, and the class token's features (B, D) come out. The arguments are kept in the dict
    `config`, so that `VisionTransformer(**model.config)` is a fresh model of its kind.

    `torch.export` and `torch.compile` take it, also with a dynamic batch; torch.jit and torch.fx
    may not. Raises ValueError, naming the argument, if a size is not a positive int, patch_size
    does not divide image_size, or num_heads does not divide embed_dim; `forward` if the images do
    not fit.
    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", figure 1, equations 1 to 4.

    >>> sizes = {"embed_dim": 8, "depth": 2, "num_heads": 2, "mlp_dim": 32}
    >>> model = VisionTransformer(image_size=(6, 8), patch_size=2, num_classes=10, **sizes)
    >>> images = torch.zeros(4, 3, 6, 8)
    >>> model(images).shape, model.forward_features(images).shape  # 12 patches and a class token
    (torch.Size([4, 10]), torch.Size([4, 13, 8]))
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 224,
        patch_size: int = 16,
        in_channels: int = 3,
        num_classes: int = 1000,
        embed_dim: int = 768,
        depth: int = 12,
        num_heads: int = 12,
        mlp_dim: int = 3072,
        dropout: float = 0.0,
        representation_size: int | None = None,
    ) -> None:
        super().__init__()
        require.ints(0, num_classes=num_classes)
        if representation_size is not None:
            require.positive_ints(representation_size=representation_size)
        self.config = {
            "image_size": image_size,
            "patch_size": patch_size,
            "in_channels": in_channels,
            "num_classes": num_classes,
            "embed_dim": embed_dim,
            "depth": depth,
            "num_heads": num_heads,
            "mlp_dim": mlp_dim,
            "dropout": dropout,
        }
        if representation_size is not None:
            self.config["representation_size"] = representation_size
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(self.patch_embed.num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.pre_logits = _pre_logits(embed_dim, representation_size)
        self.head = _head(representation_size or embed_dim, num_classes)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """What enters the encoder: (B, C, H, W) -> (B, N + 1, D)."""
        patches = self.patch_embed(images)
        tokens = self.positions(self.class_token(patches))
        return self.dropout(tokens)

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        """What leaves it, class token first: (B, C, H, W) -> (B, N + 1, D)."""
        return self.encoder(self.embed(images))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.pre_logits(cls_pool(self.forward_features(images))))


def _pre_logits(embed_dim: int, representation_size: int | None) -> nn.Module:
    """What stands before the last linear layer: a hidden layer, or nothing. (B, D) -> (B, R)."""
    if representation_size is None:
        return nn.Identity()
    return nn.Sequential(nn.Linear(embed_dim, representation_size), nn.Tanh())


def _head(width: int, num_classes: int) -> Any:  # a Linear for all who use it
    """The last linear layer, or nothing without classes. (B, width) -> (B, num_classes)."""
    if num_classes == 0:
        return nn.Identity()
    head = nn.Linear(width, num_classes)
    # Small, so that training starts from nearly even scores; the paper's code has zeros, with
    # which a fresh model answers 0 to everything and no test could see what it does.
    nn.init.trunc_normal_(head.weight, std=0.02)
    nn.init.zeros_(head.bias)
    return head


def count_parameters(
    image_size: int | tuple[int, int] = 224,
    patch_size: int = 16,
    in_channels: int = 3,
    num_classes: int = 1000,
    embed_dim: int = 768,
    depth: int = 12,
    num_heads: int = 12,
    mlp_dim: int = 3072,
    dropout: float = 0.0,
    representation_size: int | None = None,
) -> int:
    """How many numbers such a model learns, by formula: ViT-B/16 has 86,567,656.

    Takes the model's own arguments, though num_heads and dropout do not change the count: heads
    only divide the channels among themselves. Raises ValueError if patch_size does not divide
    image_size.

    >>> f"{count_parameters(patch_size=16, **VARIANTS['B']):,}"
    '86,567,656'
    """
    norm = 2 * embed_dim
    patch_embed = in_channels * patch_size**2 * embed_dim + embed_dim
    positions = (count_patches(*size_pair(image_size), patch_size) + 1) * embed_dim
    attn = 4 * (embed_dim * embed_dim + embed_dim)  # q, k, v and the output projection
    mlp = (embed_dim * mlp_dim + mlp_dim) + (mlp_dim * embed_dim + embed_dim)
    block = norm + attn + norm + mlp
    hidden = (embed_dim + 1) * (representation_size or 0)
    head = hidden + (representation_size or embed_dim) * num_classes + num_classes
    return patch_embed + embed_dim + positions + depth * block + norm + head
