"""A SPECIMEN OF A BUG. Do not copy, do not repair: a test proves that the bug is in it.

The Vision Transformer as many tutorials write it, around `nn.TransformerEncoderLayer` left at its
defaults. It runs, all its shapes are right, and it learns something. But

1. `batch_first=False` is the default: the layer takes the first axis for the sequence. Ours is
   (B, N, D), so every token attends to the tokens at its place in the *other images of the batch*
   and to no token of its own image. The mean over tokens, as here, still learns something. A
   head on the class token learns nothing: class tokens see class tokens only, all of them equal.
2. `norm_first=False` is the default: each norm comes after the addition (post-norm, as in Vaswani
   et al. 2017), whereas the ViT is pre-norm. The default activation is ReLU, and eps is 1e-5.
"""

import torch
from torch import nn


class TutorialViT(nn.Module):
    """Images (B, C, H, W) -> logits (B, num_classes), each depending on the whole batch."""

    def __init__(
        self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim
    ):
        super().__init__()
        num_patches = (image_size // patch_size) ** 2
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))
        self.pos_embed = nn.Parameter(torch.randn(1, num_patches + 1, embed_dim))
        layer = nn.TransformerEncoderLayer(
            d_model=embed_dim, nhead=num_heads, dim_feedforward=mlp_dim
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=depth)
        self.head = nn.Linear(embed_dim, num_classes)

    def forward_features(self, images):
        x = self.patch_embed(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
        return self.encoder(x + self.pos_embed)

    def forward(self, images):
        return self.head(self.forward_features(images).mean(dim=1))
