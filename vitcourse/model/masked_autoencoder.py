"""Chapter 11: a model that learns by painting what it has not seen.

He et al. 2022 (MAE): the encoder gets the few visible patches and nothing else. A small decoder
gets their tokens, and at each hidden place one and the same learned token; it has to say what is
there. The decoder is for the training only: what is kept is the encoder.
"""

import torch
from torch import nn

from vitcourse import require
from vitcourse.model.encoder import Encoder
from vitcourse.model.masked import encode_visible
from vitcourse.model.positions import PositionEmbedding
from vitcourse.model.vit import VisionTransformer


class MaskedAutoencoder(nn.Module):
    """Paint all patches from the visible ones: images and visible (B, V) -> (B, N, C * P * P).

    `encoder` is any VisionTransformer; its head is not used. What is painted at visible places
    comes out, too, but the loss (`hidden_loss`) does not look at it. Raises ValueError as
    `encode_visible` does, and if decoder_heads does not divide decoder_dim.
    Source: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners", section 3.

    >>> sizes = {"embed_dim": 8, "depth": 2, "num_heads": 2, "mlp_dim": 32}
    >>> encoder = VisionTransformer(image_size=(6, 8), patch_size=2, num_classes=0, **sizes)
    >>> model = MaskedAutoencoder(encoder)
    >>> model(torch.zeros(1, 3, 6, 8), torch.tensor([[0, 3, 10]])).shape
    torch.Size([1, 12, 12])
    """

    def __init__(
        self,
        encoder: VisionTransformer,
        decoder_dim: int = 64,
        decoder_depth: int = 1,
        decoder_heads: int = 4,
    ) -> None:
        super().__init__()
        require.positive_ints(decoder_dim=decoder_dim, decoder_depth=decoder_depth)
        embed, num_patches = encoder.patch_embed, encoder.patch_embed.num_patches
        self.encoder = encoder
        self.enter = nn.Linear(encoder.class_token.cls_token.shape[-1], decoder_dim)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_dim))
        self.positions = PositionEmbedding(1 + num_patches, decoder_dim)
        # Nothing else tells two hidden places apart, so these are as large as in `small_vit`.
        nn.init.normal_(self.positions.pos_embed, std=0.3)
        self.decoder = Encoder(decoder_depth, decoder_dim, decoder_heads, 2 * decoder_dim)
        self.paint = nn.Linear(decoder_dim, embed.in_channels * embed.patch_size**2)

    def forward(self, images: torch.Tensor, visible: torch.Tensor) -> torch.Tensor:
        return self.decode(encode_visible(self.encoder, images, visible), visible)

    def decode(self, tokens: torch.Tensor, visible: torch.Tensor) -> torch.Tensor:
        """What is at each place, from the class token and the visible patches (B, 1 + V, D)."""
        known = self.enter(tokens)
        places = visible[:, :, None].expand(-1, -1, known.shape[2])
        num_patches = self.encoder.patch_embed.num_patches
        all_places = self.mask_token.expand(len(known), num_patches, -1)
        patches = all_places.scatter(1, places, known[:, 1:])
        whole = torch.cat([known[:, :1], patches], dim=1)
        return self.paint(self.decoder(self.positions(whole)))[:, 1:]
