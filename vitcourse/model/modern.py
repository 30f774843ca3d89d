"""After chapter 6: the Vision Transformer of today, as DINOv2 and DINOv3 have it.

What chapters 1 to 6 built is still there. New are registers beside the class token, positions that
turn queries and keys (rotary.py), a learned factor behind each layer (LayerScale) and a gated MLP
(SwiGLU). It takes images of any size that patches tile; without classes it gives features.
"""

import torch
from einops import rearrange
from torch import nn
from torch.nn import functional as F

from vitcourse import require
from vitcourse.model.encoder import MLP
from vitcourse.model.patches import count_patches
from vitcourse.model.positions import resize_positions
from vitcourse.model.rotary import RotaryAttention, patch_angles


class LayerScale(nn.Module):
    """A learned factor for each channel: (..., D) -> (..., D).

    It starts near 0, so that a deep model starts as little more than its residual stream.
    Source: Touvron et al. 2021, "Going Deeper with Image Transformers", section 2.
    """

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((embed_dim,), 1e-5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gamma


class SwiGLU(nn.Module):
    """An MLP whose hidden numbers pass through a gate: (..., D) -> (..., D).

    Source: Shazeer 2020, "GLU Variants Improve Transformer".
    """

    def __init__(self, embed_dim: int, hidden_dim: int) -> None:
        super().__init__()
        require.positive_ints(embed_dim=embed_dim, hidden_dim=hidden_dim)
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(F.silu(self.gate(x)) * self.fc1(x))


class ModernBlock(nn.Module):
    """Chapter 5's block with a LayerScale behind attention and MLP: (B, N, D) -> (B, N, D)."""

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        mlp_dim: int,
        swiglu: bool = False,
        qk_norm: bool = False,
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=norm_eps)
        self.attn = RotaryAttention(embed_dim, num_heads, qk_norm)
        self.scale1 = LayerScale(embed_dim)
        self.norm2 = nn.LayerNorm(embed_dim, eps=norm_eps)
        self.mlp = SwiGLU(embed_dim, mlp_dim) if swiglu else MLP(embed_dim, mlp_dim)
        self.scale2 = LayerScale(embed_dim)

    def forward(self, x: torch.Tensor, angles: torch.Tensor | None = None) -> torch.Tensor:
        x = x + self.scale1(self.attn(self.norm1(x), angles=angles))
        return x + self.scale2(self.mlp(self.norm2(x)))


class ModernVisionTransformer(nn.Module):
    """Images of any size (B, C, H, W) -> the class token's features (B, D), or (B, num_classes).

    The defaults are DINOv3's ViT-S/16. With `table_grid` (rows, columns) it has a learned table of
    positions instead of RoPE, stretched to each image's grid, as DINOv2. `forward` raises
    ValueError unless patches tile the images. Sources: Oquab et al. 2023, "DINOv2"; Darcet et al.
    2024, "Vision Transformers Need Registers"; Siméoni et al. 2025, "DINOv3".

    >>> model = ModernVisionTransformer(patch_size=2, embed_dim=8, depth=2, num_heads=2, mlp_dim=16)
    >>> images = torch.zeros(1, 3, 4, 6)
    >>> model(images).shape, model.forward_features(images).shape  # class token, 4 registers, 2 x 3
    (torch.Size([1, 8]), torch.Size([1, 11, 8]))
    """

    def __init__(
        self,
        patch_size: int = 16,
        in_channels: int = 3,
        num_classes: int = 0,
        embed_dim: int = 384,
        depth: int = 12,
        num_heads: int = 6,
        mlp_dim: int = 1536,
        num_registers: int = 4,
        table_grid: tuple[int, int] | None = None,
        swiglu: bool = False,
        qk_norm: bool = False,
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        require.positive_ints(patch_size=patch_size, in_channels=in_channels, depth=depth)
        self.patch_size, self.table_grid = patch_size, table_grid
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        if table_grid is not None:
            table = torch.randn(1, count_patches(*table_grid, 1), embed_dim)
            self.pos_embed = nn.Parameter(0.02 * table)
        self.blocks = nn.ModuleList(
            ModernBlock(embed_dim, num_heads, mlp_dim, swiglu, qk_norm, norm_eps)
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, eps=norm_eps)
        self.head = nn.Linear(embed_dim, num_classes) if num_classes else nn.Identity()

    def grid_of(self, images: torch.Tensor) -> tuple[int, int]:
        """The (rows, columns) of patches that tile the images; ValueError if there are none."""
        if images.ndim != 4:
            raise ValueError(f"images must have shape (B, C, H, W), got {tuple(images.shape)}")
        height, width = images.shape[-2:]
        count_patches(height, width, self.patch_size)
        return height // self.patch_size, width // self.patch_size

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """What enters the blocks: (B, C, H, W) -> (B, 1 + registers + N, D)."""
        grid = self.grid_of(images)
        patches = rearrange(self.patch_embed(images), "b d h w -> b (h w) d")
        if self.table_grid is not None:
            patches = patches + resize_positions(self.pos_embed, self.table_grid, grid, 0)
        prefix = torch.cat([self.cls_token, self.registers], dim=1)
        return torch.cat([prefix.expand(patches.shape[0], -1, -1), patches], dim=1)

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        """All tokens, normed: (B, C, H, W) -> (B, 1 + registers + N, D)."""
        x, angles = self.embed(images), None
        if self.table_grid is None:
            angles = patch_angles(self.grid_of(images), self.head_dim).to(x.device)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.forward_features(images)[:, 0])
