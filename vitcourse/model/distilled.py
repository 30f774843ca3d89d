"""DeiT's addition to chapter 6: a second class token, taught by another network's answers."""

import torch
from torch import nn

from vitcourse.model.positions import PositionEmbedding
from vitcourse.model.vit import VisionTransformer


class DistilledVisionTransformer(VisionTransformer):
    """The Vision Transformer with a distillation token: (B, C, H, W) -> logits (B, num_classes).

    The token stands behind the class token and has a head of its own. In training one head learns
    the labels, the other what a teacher answers; used, the answer is the mean of both, as here.
    Arguments as for VisionTransformer. Source: Touvron et al. 2021, "Training data-efficient image
    transformers & distillation through attention" (DeiT), section 4.
    """

    def __init__(self, **config) -> None:
        super().__init__(**config)
        embed_dim, num_tokens = self.head.in_features, self.patch_embed.num_patches + 2
        self.dist_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.positions = PositionEmbedding(num_tokens, embed_dim)
        self.head_dist = nn.Linear(embed_dim, self.head.out_features)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """What enters the encoder: (B, C, H, W) -> (B, N + 2, D)."""
        patches = self.patch_embed(images)
        with_dist = torch.cat([self.dist_token.expand(patches.shape[0], -1, -1), patches], dim=1)
        return self.dropout(self.positions(self.class_token(with_dist)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.forward_features(images)
        return (self.head(tokens[:, 0]) + self.head_dist(tokens[:, 1])) / 2
