"""Chapter 1: an image becomes a sequence of patch vectors.

Dosovitskiy et al. 2021, section 3.1: cut the image into squares of P x P pixels, flatten each
square, and map it to D numbers with one linear layer that all squares share.
"""

import torch
from einops import rearrange
from torch import nn

from vitcourse import require


def count_patches(height: int, width: int, patch_size: int) -> int:
    """How many patches of patch_size x patch_size pixels tile an image of height x width.

    Raises ValueError if an argument is not a positive int, or if patch_size does not divide
    both sides. Source: N = HW / P^2 in Dosovitskiy et al. 2021, section 3.1.

    >>> count_patches(6, 8, patch_size=2)
    12
    """
    rows, columns = _grid(height, width, patch_size)
    return rows * columns


def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    """Cut images into flat patches: (B, C, H, W) -> (B, N, C * P * P).

    Patches come in raster order (left to right, then down). Inside a patch the channel comes
    first, then the row, then the column: the order of a Conv2d kernel, so that a linear layer
    over patches and a strided convolution share their weights (see `linear_to_conv`).

    Raises ValueError if images is not 4-D or patch_size does not divide H and W.
    Source: Dosovitskiy et al. 2021, section 3.1.

    >>> image = torch.arange(8).reshape(1, 1, 2, 4)  # 0 1 2 3 above 4 5 6 7
    >>> patchify(image, 2).tolist()
    [[[0, 1, 4, 5], [2, 3, 6, 7]]]
    """
    if images.ndim != 4:
        raise ValueError(f"images must have shape (B, C, H, W), got {tuple(images.shape)}")
    _grid(images.shape[2], images.shape[3], patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)


def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    """The exact inverse of `patchify`: (B, N, C * P * P) -> (B, C, H, W).

    Height and width are needed because 12 patches may be 3 x 4 or 2 x 6.

    Raises ValueError if patches is not 3-D, if N is not the number of patches of such an image,
    or if the length of a patch is not a multiple of P * P.

    >>> patches = torch.tensor([[[0, 1, 4, 5], [2, 3, 6, 7]]])
    >>> unpatchify(patches, 2, height=2, width=4).tolist()
    [[[[0, 1, 2, 3], [4, 5, 6, 7]]]]
    """
    rows, columns = _grid(height, width, patch_size)
    if patches.ndim != 3:
        raise ValueError(f"patches must have shape (B, N, C * P * P), got {tuple(patches.shape)}")
    if patches.shape[1] != rows * columns:
        raise ValueError(
            f"patches must number {rows * columns} for an image of {height} x {width} pixels "
            f"and patch_size={patch_size}, got {patches.shape[1]}"
        )
    if patches.shape[2] % patch_size**2 != 0:
        raise ValueError(
            f"the length of a patch must be a multiple of patch_size**2 = {patch_size**2}, "
            f"got {patches.shape[2]}"
        )
    return rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=rows, p=patch_size, q=patch_size
    )


class LinearPatchEmbedding(nn.Module):
    """Patches to tokens as the paper writes it: (B, C, H, W) -> (B, N, D).

    `image_size` is an int for squares or a pair (height, width). `forward` raises ValueError
    unless images are (B, C, H, W), of that size, and of a floating dtype.
    Source: the matrix E of equation 1 in Dosovitskiy et al. 2021.

    >>> embed = LinearPatchEmbedding(image_size=(6, 8), patch_size=2, in_channels=3, embed_dim=5)
    >>> embed(torch.zeros(1, 3, 6, 8)).shape
    torch.Size([1, 12, 5])
    """

    def __init__(
        self, image_size: int | tuple[int, int], patch_size: int, in_channels: int, embed_dim: int
    ) -> None:
        super().__init__()
        require.positive_ints(in_channels=in_channels, embed_dim=embed_dim)
        self.image_size = size_pair(image_size)
        self.patch_size = patch_size
        self.in_channels = in_channels
        self.grid_size = _grid(*self.image_size, patch_size)
        self.num_patches = count_patches(*self.image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)
        nn.init.xavier_uniform_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        _check_images(images, self.in_channels, self.image_size)
        return self.proj(patchify(images, self.patch_size))


class PatchEmbedding(nn.Module):
    """Patches to tokens as it is usually computed: (B, C, H, W) -> (B, N, D).

    A convolution whose stride equals its kernel visits each patch once, so it is the same map as
    `LinearPatchEmbedding`; published weights come in this form. Same arguments and errors.
    Source: Dosovitskiy et al. 2021, section 3.1, and the code that came with the paper.

    >>> embed = PatchEmbedding(image_size=(6, 8), patch_size=2, in_channels=3, embed_dim=5)
    >>> embed(torch.zeros(1, 3, 6, 8)).shape
    torch.Size([1, 12, 5])
    """

    def __init__(
        self, image_size: int | tuple[int, int], patch_size: int, in_channels: int, embed_dim: int
    ) -> None:
        super().__init__()
        require.positive_ints(in_channels=in_channels, embed_dim=embed_dim)
        self.image_size = size_pair(image_size)
        self.patch_size = patch_size
        self.in_channels = in_channels
        self.grid_size = _grid(*self.image_size, patch_size)
        self.num_patches = count_patches(*self.image_size, patch_size)
        self.proj = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)
        # As the linear layer that it is: for a convolution Xavier would count D * P * P outputs.
        nn.init.xavier_uniform_(self.proj.weight.detach().flatten(1))
        assert self.proj.bias is not None  # Conv2d has one unless told otherwise
        nn.init.zeros_(self.proj.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        _check_images(images, self.in_channels, self.image_size)
        return rearrange(self.proj(images), "b d h w -> b (h w) d")


def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    """The strided convolution that does to images what `linear` does to their flat patches.

    Weight (D, C * P * P) -> (D, C, P, P), copied; bias or none, dtype and device are kept.

    Raises ValueError unless linear.in_features is in_channels * patch_size**2.

    >>> linear_to_conv(nn.Linear(12, 5), in_channels=3, patch_size=2).weight.shape
    torch.Size([5, 3, 2, 2])
    """
    require.positive_ints(in_channels=in_channels, patch_size=patch_size)
    if linear.in_features != in_channels * patch_size**2:
        raise ValueError(
            f"linear.in_features must be in_channels * patch_size**2 = "
            f"{in_channels * patch_size**2}, got {linear.in_features}"
        )
    conv = nn.Conv2d(
        in_channels,
        linear.out_features,
        kernel_size=patch_size,
        stride=patch_size,
        bias=linear.bias is not None,
        device=linear.weight.device,
        dtype=linear.weight.dtype,
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view_as(conv.weight))
        if conv.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


def size_pair(image_size: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width) from an int for squares, or from a pair.

    >>> size_pair(8), size_pair((6, 8))
    ((8, 8), (6, 8))
    """
    if isinstance(image_size, (tuple, list)):
        if len(image_size) != 2:
            raise ValueError(f"image_size must be an int or (height, width), got {image_size!r}")
        return image_size[0], image_size[1]
    require.positive_ints(image_size=image_size)
    return image_size, image_size


def _grid(height: int, width: int, patch_size: int) -> tuple[int, int]:
    """(rows, columns) of patches."""
    require.positive_ints(height=height, width=width, patch_size=patch_size)
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError(
            f"patch_size must divide height and width, got patch_size={patch_size} for an image "
            f"of {height} x {width} pixels; crop or resize the image to multiples of {patch_size}"
        )
    return height // patch_size, width // patch_size


def _check_images(images: torch.Tensor, channels: int, size: tuple[int, int]) -> None:
    """Raise ValueError unless images are what this model was built for."""
    if images.ndim != 4:
        raise ValueError(
            f"images must have shape (B, C, H, W), got {tuple(images.shape)}; "
            f"for one image (C, H, W) pass images[None]"
        )
    if images.shape[1] != channels:
        raise ValueError(
            f"images must have {channels} channels as (B, C, H, W), got {tuple(images.shape)}"
        )
    if tuple(images.shape[2:]) != size:
        raise ValueError(
            f"images must be {size[0]} x {size[1]} pixels (height x width), "
            f"got {images.shape[2]} x {images.shape[3]}"
        )
    if not images.is_floating_point():
        raise ValueError(
            f"images must be floating point, got {images.dtype}; pass images.float() / 255"
        )
