"""Chapter 4: every token looks at every other.

Vaswani et al. 2017, section 3.2. Each token asks a question (query q), offers a label (key k) and
carries a message (value v). Where a query fits a key, the value is listened to. Several heads do
so side by side, each in its own D / h of the channels.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from vitcourse import require
from vitcourse.model import _require


def attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(q k^T / sqrt(d)) v, written out: (..., N, d) three times -> (..., N, d), (..., N, N).

    Returns the output and the weights; row i of the weights says how much query i listens to
    each key, and sums to 1. Source: equation 1 in Vaswani et al. 2017.

    >>> q, k = torch.zeros(1, 1), torch.tensor([[1.0], [2.0]])  # a query that fits both keys alike
    >>> output, weights = attention(q, k, v=torch.tensor([[0.0], [8.0]]))
    >>> output, weights
    (tensor([[4.]]), tensor([[0.5000, 0.5000]]))
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


def split_heads(x: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Give each head its share of the channels: (B, N, D) -> (B, h, N, D / h).

    Raises ValueError if x is not 3-D or num_heads does not divide D.

    >>> split_heads(torch.tensor([[[1, 2, 3, 4]]]), num_heads=2).tolist()
    [[[[1, 2]], [[3, 4]]]]
    """
    require.positive_ints(num_heads=num_heads)
    if x.ndim != 3 or x.shape[-1] % num_heads != 0:
        raise ValueError(
            f"x must have shape (B, N, D) with D a multiple of num_heads={num_heads}, "
            f"got {tuple(x.shape)}"
        )
    batch, tokens, channels = x.shape
    return x.view(batch, tokens, num_heads, channels // num_heads).transpose(1, 2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Put the heads' channels side by side again: (B, h, N, D / h) -> (B, N, D).

    Raises ValueError if x is not 4-D.

    >>> merge_heads(torch.tensor([[[[1, 2]], [[3, 4]]]])).tolist()
    [[[1, 2, 3, 4]]]
    """
    if x.ndim != 4:
        raise ValueError(f"x must have shape (B, h, N, d), got {tuple(x.shape)}")
    return x.transpose(1, 2).flatten(2)


class MultiHeadSelfAttention(nn.Module):
    """Project to q, k, v; attend in every head; merge; project: (B, N, D) -> (B, N, D).

    With return_weights=True it also returns the attention weights (B, h, N, N), computed by the
    formula above; otherwise it uses PyTorch's fused kernel, which gives the same output and never
    stores the N x N weights. Dropout acts on the result, not on the weights.

    Raises ValueError unless num_heads divides embed_dim; `forward` unless x is (B, N, embed_dim).
    Source: section 3.2.2 in Vaswani et al. 2017; appendix A in Dosovitskiy et al. 2021.

    >>> x = torch.zeros(1, 5, 8)
    >>> output, weights = MultiHeadSelfAttention(embed_dim=8, num_heads=2)(x, return_weights=True)
    >>> output.shape, weights.shape
    (torch.Size([1, 5, 8]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        require.positive_ints(embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads != 0:
            raise ValueError(
                f"num_heads must divide embed_dim, got num_heads={num_heads} "
                f"and embed_dim={embed_dim}"
            )
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        # Three D x D matrices that happen to be stored as one: Xavier on the (3D, D) whole would
        # take 3D as the number of outputs and start q, k and v too small by a factor of sqrt(2).
        for matrix in (*self.qkv.weight.detach().chunk(3), self.proj.weight):
            nn.init.xavier_uniform_(matrix)
        nn.init.zeros_(self.qkv.bias)
        nn.init.zeros_(self.proj.bias)

    def forward(
        self, x: torch.Tensor, return_weights: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        _require.tokens(x, self.qkv.in_features)
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        if return_weights:
            heads, weights = attention(q, k, v)
            return self.dropout(self.proj(merge_heads(heads))), weights
        heads = F.scaled_dot_product_attention(q, k, v)
        return self.dropout(self.proj(merge_heads(heads)))
