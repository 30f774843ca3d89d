"""A small convolutional network, to compare with the ViT of chapter 7.

Read it next to `model/encoder.py`. Each block again adds to what comes in, and again has its norm
before the work. But the work is a convolution: each place sees only its neighbours, and all places
share the same weights.
"""

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse import require

WIDTHS = (16, 48, 64)  # channels of the three stages; fast, since all are multiples of 16
GROUPS = 8  # of channels that are normalised together
HEADS = ("map", "mean")


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions, added to the input: (B, C, H, W) -> (B, D, H / stride, W / stride).

    GroupNorm treats each image by itself, so nothing depends on the batch or on the mode.
    Source: He et al. 2016, "Identity Mappings in Deep Residual Networks"; Wu & He 2018.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm2 = nn.GroupNorm(GROUPS, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.shortcut: nn.Module = nn.Identity()
        if in_channels != out_channels or stride != 1:  # else the two would not fit together
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x)))
        y = self.conv2(F.relu(self.norm2(y)))
        return self.shortcut(x) + y


class ConvNet(nn.Module):
    """Three residual blocks on grids of 1/2, 1/4 and 1/8 of the image's size, and a linear head.

    (B, in_channels, H, W) -> (B, num_classes). With head="map" the linear layer reads the whole
    last grid and can tell its places apart. With head="mean" it reads the mean of all places, as
    in most convolutional networks for photographs.

    Raises ValueError if a size or a number is not a positive integer, or for another head.
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 48,
        in_channels: int = 3,
        num_classes: int = 16,
        head: str = "map",
    ):
        super().__init__()
        height, width = (image_size, image_size) if isinstance(image_size, int) else image_size
        require.positive_ints(
            height=height, width=width, in_channels=in_channels, num_classes=num_classes
        )
        if head not in HEADS:
            raise ValueError(f"head={head!r}: give one of {HEADS}")
        places = math.ceil(height / 8) * math.ceil(width / 8) if head == "map" else 1
        self.stem = nn.Conv2d(in_channels, WIDTHS[0], 3, stride=2, padding=1, bias=False)
        self.stages = nn.Sequential(
            ResidualBlock(WIDTHS[0], WIDTHS[0]),
            *(ResidualBlock(narrow, wide, stride=2) for narrow, wide in pairwise(WIDTHS)),
        )
        self.norm = nn.GroupNorm(GROUPS, WIDTHS[-1])
        self.pool = nn.Identity() if head == "map" else nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(places * WIDTHS[-1], num_classes)

    def forward(self, images: Tensor) -> Tensor:
        last_map = F.relu(self.norm(self.stages(self.stem(images))))  # (B, 64, H / 8, W / 8)
        return self.head(self.pool(last_map).flatten(1))
