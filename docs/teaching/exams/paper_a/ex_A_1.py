# stub: as handed out
def overlapping_patches(images, patch_size, stride):
    raise NotImplementedError("exercise A.1")


# right: unfold twice
def overlapping_patches(images, patch_size, stride):
    height, width = images.shape[2:]
    if (height - patch_size) % stride or (width - patch_size) % stride:
        raise ValueError("the windows do not fit")
    windows = images.unfold(2, patch_size, stride).unfold(3, patch_size, stride)
    return rearrange(windows, "b c h w p q -> b (w h) (c p q)")


# wrong: rows before columns
# > Your patches run along the rows. Here they run down the columns: the first column of windows from
# > top to bottom, then the second.
# ~ b (w h) (c p q) => b (h w) (c p q)

# wrong: pixels transposed inside the patch
# > Inside each patch, rows and columns are swapped. Channel, then row, then column.
# ~ b (w h) (c p q) => b (w h) (c q p)

# wrong: channels last
# > Inside each patch the channel comes last in yours. Channel, then row, then column.
# ~ b (w h) (c p q) => b (w h) (p q c)

# wrong: patches and pixels swapped
# > Yours has a column for each patch. A patch is a row: (B, N, C * P * P).
# ~ b (w h) (c p q) => b (c p q) (w h)

# wrong: one token per channel
# > The channels of one place belong to the same patch; in yours each channel has its own.
# ~ b (w h) (c p q) => b (c w h) (p q)

# wrong: the stride is ignored
# > Your windows do not overlap: they are moved by their own size, not by the stride.
# ~ unfold(2, patch_size, stride).unfold(3, patch_size, stride) => unfold(2, patch_size, patch_size).unfold(3, patch_size, patch_size)

# wrong: the stride is the overlap
# > The stride is how far a window moves. You move it by P minus the stride.
# ~ unfold(2, patch_size, stride).unfold(3, patch_size, stride) => unfold(2, patch_size, patch_size - stride).unfold(3, patch_size, patch_size - stride)

# wrong: the stride works in one direction only
# > Windows move by the stride in both directions. In yours they do so in one, and by one pixel in
# > the other.
# ~ .unfold(3, patch_size, stride) => .unfold(3, patch_size, 1)
# wrong: the stride works in one direction only
# ~ .unfold(2, patch_size, stride) => .unfold(2, patch_size, 1)

# wrong: no error where windows do not fit
# > A window that does not fit at the right or at the bottom is left out silently. A ValueError is
# > asked for.
# ~ (height - patch_size) % stride or (width - patch_size) % stride => False

# wrong: only the height is checked
# > You check the height only. The windows have to fit the width as well.
# ~ (height - patch_size) % stride or (width - patch_size) % stride => (height - patch_size) % stride

# wrong: only the width is checked
# > You check the width only. The windows have to fit the height as well.
# ~ (height - patch_size) % stride or (width - patch_size) % stride => (width - patch_size) % stride

# wrong: the sides are checked, not what the windows leave
# > You ask whether the stride divides the sides. What it has to divide is the way that a window can
# > move: the side minus P.
# ~ (height - patch_size) % stride or (width - patch_size) % stride => height % stride or width % stride


# wrong: plain reshape
# > All the right numbers may be there, but no square is cut out: a reshape only cuts the rows of
# > pixels in other places.
def overlapping_patches(images, patch_size, stride):
    height, width = images.shape[2:]
    if (height - patch_size) % stride or (width - patch_size) % stride:
        raise ValueError("the windows do not fit")
    n = ((height - patch_size) // stride + 1) * ((width - patch_size) // stride + 1)
    long = images.flatten(1).repeat(1, 1 + n * patch_size**2 // (height * width))
    size = images.shape[1] * patch_size**2
    return long[:, : n * size].reshape(len(images), n, size)


# right: F.unfold, its places sorted by column
def overlapping_patches(images, patch_size, stride):
    rows, rest_y = divmod(images.shape[2] - patch_size, stride)
    columns, rest_x = divmod(images.shape[3] - patch_size, stride)
    if rest_y or rest_x:
        raise ValueError(f"{rest_y} rows and {rest_x} columns are left over")
    patches = F.unfold(images, patch_size, stride=stride).transpose(1, 2)
    grid = patches.unflatten(1, (rows + 1, columns + 1))
    return grid.transpose(1, 2).flatten(1, 2)


# wrong: rows before columns
# ~ return grid.transpose(1, 2).flatten(1, 2) => return grid.flatten(1, 2)


# right: two loops
def overlapping_patches(images, patch_size, stride):
    height, width = images.shape[2:]
    found = []
    if (height - patch_size) % stride != 0 or (width - patch_size) % stride != 0:
        raise ValueError("no")
    for x in range(0, width - patch_size + 1, stride):
        for y in range(0, height - patch_size + 1, stride):
            found.append(images[:, :, y : y + patch_size, x : x + patch_size].flatten(1))
    return torch.stack(found, dim=1)


# wrong: the last row and column of windows are missing
# > The windows at the right and at the bottom edge are missing: `range` stops before its end.
# ~ width - patch_size + 1 => width - patch_size
# ~ height - patch_size + 1 => height - patch_size
