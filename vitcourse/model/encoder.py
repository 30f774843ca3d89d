"""Chapter 5: attention and MLP, with residuals, `depth` times.

Attention moves information between tokens; the MLP works on each token by itself. Both *add* to
the token instead of replacing it, and both read a normalised copy (pre-norm), so that the sum
runs untouched from the first block to the last.
"""

import torch
from torch import nn

from vitcourse import require
from vitcourse.model.attention import MultiHeadSelfAttention

# PyTorch's default is 1e-5; ViT weights were trained with this one, and the logits show it.
LAYER_NORM_EPS = 1e-6


class MLP(nn.Module):
    """Two linear layers with a GELU between: (..., D) -> (..., D).

    Dropout follows the GELU and the second layer. The GELU is the exact one, x * Phi(x), not its
    tanh approximation. Source: Hendrycks & Gimpel 2016; section 3.1 in Dosovitskiy et al. 2021.

    >>> mlp = MLP(embed_dim=8, hidden_dim=32)
    >>> mlp(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        require.positive_ints(embed_dim=embed_dim, hidden_dim=hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.gelu = nn.GELU()
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.dropout(self.gelu(self.fc1(x)))
        return self.dropout(self.fc2(x))


class EncoderBlock(nn.Module):
    """One pre-norm transformer block: (B, N, D) -> (B, N, D).

    Source: equations 2 and 3 in Dosovitskiy et al. 2021; layer normalisation: Ba et al. 2016.

    >>> block = EncoderBlock(embed_dim=8, num_heads=2, mlp_dim=32)
    >>> block(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Module):
    """`depth` blocks, each with its own weights, then one last norm: (B, N, D) -> (B, N, D).

    Pre-norm never normalises the sum itself; the last norm does it once, before the head.
    Source: equations 2 to 4 in Dosovitskiy et al. 2021.

    >>> encoder = Encoder(depth=3, embed_dim=8, num_heads=2, mlp_dim=32)
    >>> len(encoder.blocks), encoder(torch.zeros(1, 5, 8)).shape
    (3, torch.Size([1, 5, 8]))
    """

    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        require.positive_ints(depth=depth)
        self.blocks = nn.ModuleList(
            EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.norm(x)
