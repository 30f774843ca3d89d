"""Chapter 2: one extra token that will speak for the whole image.

Dosovitskiy et al. 2021, section 3.1, after BERT (Devlin et al. 2019): a learned vector, the same
for every image, goes in front of the patches. Attention lets it gather what it needs; the head
reads it alone.
"""

import torch
from torch import nn

from vitcourse import require
from vitcourse.model import _require


class ClassToken(nn.Module):
    """Put the learned token in front: (B, N, D) -> (B, N + 1, D).

    It starts at zero, as in the paper's code: the positions and the blocks tell it apart.
    `forward` raises ValueError unless tokens are (B, N, embed_dim).

    >>> ClassToken(2)(torch.ones(1, 3, 2)).tolist()
    [[[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]]
    """

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        require.positive_ints(embed_dim=embed_dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _require.tokens(tokens, self.cls_token.shape[-1])
        # One parameter seen B times: expand makes no copy, and its gradient is the batch's sum.
        return torch.cat([self.cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)


def cls_pool(tokens: torch.Tensor) -> torch.Tensor:
    """One vector per image, the class token: (B, N + 1, D) -> (B, D).

    >>> cls_pool(torch.tensor([[[9.0, 9.0], [1.0, 2.0], [3.0, 4.0]]]))
    tensor([[9., 9.]])
    """
    return tokens[:, 0]


def mean_pool(tokens: torch.Tensor) -> torch.Tensor:
    """One vector per image, the mean of its patches: (B, N + 1, D) -> (B, D).

    The class token is left out. Source: Dosovitskiy et al. 2021, appendix D.3, where this does as
    well as the class token.

    >>> mean_pool(torch.tensor([[[9.0, 9.0], [1.0, 2.0], [3.0, 4.0]]]))
    tensor([[2., 3.]])
    """
    return tokens[:, 1:].mean(dim=1)
