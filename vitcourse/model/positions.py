"""Chapter 3: where each token sits, since attention alone cannot tell.

Shuffle the tokens and attention's output is shuffled the same way, and that is all. So each place
gets a vector that is added to the token there: fixed waves (Vaswani et al. 2017, section 3.5) or
learned ones (Dosovitskiy et al. 2021, equation 1), which is what the ViT uses.
"""

import torch
from einops import rearrange
from torch import nn
from torch.nn import functional as F

from vitcourse import require
from vitcourse.model import _require


def sincos_1d(positions: int | torch.Tensor, dim: int) -> torch.Tensor:
    """Sine and cosine waves of each position: (N,), or an int for 0 .. N - 1  ->  (N, dim).

    Channel i < dim / 2 is sin(p * w_i), channel dim / 2 + i is cos(p * w_i), with
    w_i = 10000 ** (-i / (dim / 2)). Same waves as Vaswani et al. 2017, section 3.5; they
    interleave sines and cosines, we put all sines first, as MoCo v3 and MAE do.

    Raises ValueError if dim is not a positive even int, or positions neither an int nor 1-D.

    >>> sincos_1d(2, dim=2)  # sine and cosine of 0, then of 1
    tensor([[0.0000, 1.0000],
            [0.8415, 0.5403]])
    """
    require.positive_ints(dim=dim)
    if dim % 2 != 0:
        raise ValueError(f"dim must be even (half sines, half cosines), got {dim}")
    if not isinstance(positions, torch.Tensor):
        require.positive_ints(positions=positions)
        positions = torch.arange(positions)
    if positions.ndim != 1:
        raise ValueError(f"positions must have shape (N,), got {tuple(positions.shape)}")
    if not positions.is_floating_point():
        positions = positions.to(torch.get_default_dtype())
    half = dim // 2
    frequencies = 10000 ** (-torch.arange(half).to(positions) / half)
    angles = positions[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def sincos_2d(grid_size: tuple[int, int], dim: int) -> torch.Tensor:
    """Waves for a grid of (rows, columns), in raster order: -> (rows * columns, dim).

    The first half of the channels is `sincos_1d` of the row, the second half of the column.
    So: sin(row), cos(row), sin(column), cos(column), a quarter each, base 10000. This is the
    table of MoCo v3 (Chen et al. 2021); that of MAE (He et al. 2022) has the column first.

    Raises ValueError if dim is not a positive multiple of 4, or grid_size not two positive ints.

    >>> sincos_2d((2, 3), dim=4).shape
    torch.Size([6, 4])
    >>> sincos_2d((2, 3), dim=4)[0]  # row 0, column 0
    tensor([0., 1., 0., 1.])
    """
    require.positive_ints(dim=dim)
    if dim % 4 != 0:
        raise ValueError(f"dim must be a multiple of 4 (sin and cos, row and column), got {dim}")
    rows, columns = _grid("grid_size", grid_size)
    of_row = sincos_1d(rows, dim // 2).repeat_interleave(columns, dim=0)
    of_column = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([of_row, of_column], dim=1)


class PositionEmbedding(nn.Module):
    """Add a learned vector to the token at each place: (B, N, D) -> (B, N, D).

    `forward` raises ValueError unless tokens are (B, num_tokens, embed_dim): broadcasting would
    hide the mistake. Source: E_pos of equation 1 in Dosovitskiy et al. 2021; std .02 as in
    the code that came with it.

    >>> positions = PositionEmbedding(num_tokens=3, embed_dim=2)
    >>> positions(torch.zeros(1, 3, 2)).equal(positions.pos_embed)
    True
    """

    def __init__(self, num_tokens: int, embed_dim: int) -> None:
        super().__init__()
        require.positive_ints(num_tokens=num_tokens, embed_dim=embed_dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, embed_dim))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _require.tokens(tokens, self.pos_embed.shape[2])
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError(
                f"tokens must number {self.pos_embed.shape[1]}, one for each position, "
                f"got {tokens.shape[1]}"
            )
        return tokens + self.pos_embed


def resize_positions(
    pos_embed: torch.Tensor,
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    num_prefix_tokens: int = 1,
) -> torch.Tensor:
    """Stretch learned positions to another grid: (1, prefix + N, D) -> (1, prefix + M, D).

    The first num_prefix_tokens (the class token) have no place in the image and stay as they
    are. The rest is an image with D channels, resized like one. Grids are (rows, columns).

    Raises ValueError unless pos_embed is (1, prefix + rows * columns, D) for old_grid.
    Source: Dosovitskiy et al. 2021, section 3.2. Libraries differ in the filter; this is timm's:
    bicubic with antialiasing, pixel centres aligned, computed in float32, dtype restored.

    >>> resize_positions(torch.zeros(1, 1 + 2 * 2, 8), (2, 2), (3, 4)).shape
    torch.Size([1, 13, 8])
    """
    (rows, columns), new_grid = _grid("old_grid", old_grid), _grid("new_grid", new_grid)
    num_tokens = num_prefix_tokens + rows * columns
    if pos_embed.ndim != 3 or tuple(pos_embed.shape[:2]) != (1, num_tokens):
        raise ValueError(
            f"pos_embed must have shape (1, {num_tokens}, D) for num_prefix_tokens="
            f"{num_prefix_tokens} and old_grid=({rows}, {columns}), got {tuple(pos_embed.shape)}"
        )
    if (rows, columns) == new_grid:
        return pos_embed
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places.float(), "b (h w) d -> b d h w", h=rows)
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)
    return torch.cat([prefix, places], dim=1)


def _grid(name: str, grid: tuple[int, int]) -> tuple[int, int]:
    """The grid as a tuple, after a check that it is two positive ints."""
    if not isinstance(grid, (tuple, list)) or len(grid) != 2:
        raise ValueError(f"{name} must be (rows, columns), got {grid!r}")
    require.positive_ints(**{f"{name}[0]": grid[0], f"{name}[1]": grid[1]})
    return grid[0], grid[1]
