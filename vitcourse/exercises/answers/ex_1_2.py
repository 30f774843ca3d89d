# right: einops
def patchify(images, p):
    B, C, H, W = images.shape
    count_patches(H, W, p)
    patches = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=p, q=p)
    return patches

# wrong: plain reshape
# > Each of your patches is a run of pixels along the rows, not a square. reshape keeps the numbers
# > in reading order: put the axes in the right order first.
# ~ rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=p, q=p) => images.reshape(B, -1, C * p * p)

# wrong: columns before rows
# > Your patches run down the columns of the grid. Raster order goes along each row first.
# ~ b (h w) (c p q) => b (w h) (c p q)

# wrong: pixels transposed inside the patch
# > The right patches, but inside each one you read down the columns. Rows come first.
# ~ b (h w) (c p q) => b (h w) (c q p)

# wrong: channels last
# > Inside a patch you put the channels last (pixel by pixel). It should be (C, P, P): all of the
# > first channel, then all of the next.
# ~ b (h w) (c p q) => b (h w) (p q c)

# wrong: channels last and pixels transposed
# > Inside a patch the order is (column, row, channel). It should be (channel, row, column).
# ~ b (h w) (c p q) => b (h w) (q p c)

# wrong: channels between rows and columns
# > Inside a patch the order is (row, channel, column). It should be (channel, row, column).
# ~ b (h w) (c p q) => b (h w) (p c q)

# wrong: height and width swapped
# > You cut the mirrored image: H and W are swapped. Images are (B, C, H, W).
# ~ b (h w) (c p q) => b (w h) (c q p)

# wrong: columns before rows and channels last
# > The grid should be read row by row, and each patch as (channel, row, column).
# ~ b (h w) (c p q) => b (w h) (p q c)

# wrong: patches of scattered pixels
# > Your patch takes every h-th pixel, from all over the image. Split the height as (h, P), not
# > (P, h): the patch row is the slower axis.
# ~ (h p) (w q) => (p h) (q w)

# wrong: one token per channel
# > You made a token from each channel of each patch. A patch holds all its channels.
# ~ b (h w) (c p q) => b (c h w) (p q)
# wrong: one token per channel
# ~ b (h w) (c p q) => b (h w c) (p q)

# wrong: the grid is still two axes
# > You kept the grid as (h, w). Merge the two into one axis N = h * w: a sequence.
# ~ b (h w) (c p q) => b h w (c p q)

# wrong: the pixels are still three axes
# > You kept each patch as (C, P, P). Merge them into one axis of C * P * P numbers.
# ~ b (h w) (c p q) => b (h w) c p q

# wrong: images and patches merged
# > You put the patches of all images into one axis. Keep B apart: (B, N, C*P*P).
# ~ b (h w) (c p q) => (b h w) (c p q)

# wrong: only the first image
# > Only the first image of the batch is left: (B, N, C*P*P) has all of them.
# ~ rearrange(images, => rearrange(images[:1],

# wrong: only the first channel
# > Only the first channel is left. A patch holds all its channels.
# ~ rearrange(images, => rearrange(images[:, :1],

# wrong: channels averaged
# > You averaged the channels. A patch holds all of them, one after the other.
# ~ rearrange(images, => rearrange(images.mean(1, keepdim=True),

# wrong: the batch axis is lost for a single image
# > For one image your result is (N, C*P*P). It should be (1, N, C*P*P): keep the batch axis.
# ~ return patches => return patches.squeeze(0)

# wrong: three channels are assumed
# > Your answer is right only for three channels: use C.
# ~ rearrange(images, => rearrange(images.reshape(B, 3, H, W),

# right: reshape and permute
# > What the einops pattern does, by hand: split the axes, bring the grid forward, merge.
def patchify(images, p):
    B, C, H, W = images.shape
    count_patches(H, W, p)
    h, w = H // p, W // p
    grid = images.reshape(B, C, h, p, w, p)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(B, h * w, C * p * p)

# wrong: three channels are assumed
# ~ C * p * p => 3 * p * p
# wrong: three channels are assumed
# ~ reshape(B, h * w, C * p * p) => reshape(B, -1, 3 * p * p)

# wrong: axes merged in the wrong order
# > You merged (B, C, h, w, P, P) as it stood, so patches get mixed up. reshape keeps the numbers in
# > reading order: move C behind h and w first.
# ~ permute(0, 2, 4, 1, 3, 5) => permute(0, 1, 2, 4, 3, 5)

# wrong: `view` where the order in memory does not allow it
# > `view` never moves a number, so it refuses axes that are not next to each other in memory.
# > `reshape` copies where it has to.
# ~ 1, 3, 5).reshape => 1, 3, 5).view

# wrong: a bad size passes silently
# > There is no error, and pixels at the border are lost or made up. `count_patches` raises one for
# > you.
# ~ count_patches(H, W, p) =>
# ~ images.reshape => images[:, :, :H // p * p, :W // p * p].reshape

# right: F.unfold
# > torch's own function for patches. It gives (B, C·P·P, N), hence the transpose.
def patchify(images, p):
    B, C, H, W = images.shape
    count_patches(H, W, p)
    return F.unfold(images, p, stride=p).transpose(1, 2)

# wrong: patches and pixels swapped
# > The result is (B, C*P*P, N), as `F.unfold` returns it: swap the last two axes.
# ~ .transpose(1, 2) =>

# wrong: reshape instead of transpose
# > `F.unfold` returns (B, C*P*P, N). A reshape to (B, N, C*P*P) scrambles it: transpose instead.
# ~ .transpose(1, 2) => .reshape(B, -1, C * p * p)

# wrong: overlapping patches
# > Your patches overlap: a window must move by P pixels (`stride=patch_size`), not by 1.
# ~ , stride=p =>

# wrong: a bad size passes silently
# ~ count_patches(H, W, p) =>

# right: a loop over the grid
# > One slice for each patch: easy to read, and slow for many.
def patchify(images, p):
    B, C, H, W = images.shape
    count_patches(H, W, p)
    corners = [(y, x) for y in range(0, H, p) for x in range(0, W, p)]
    patches = [images[:, :, y : y + p, x : x + p].flatten(1) for y, x in corners]
    return torch.stack(patches, dim=1)

# wrong: patches first, images second
# > The result is (N, B, C*P*P). The batch comes first: `torch.stack(..., dim=1)`.
# ~ dim=1 => dim=0

# wrong: the images of a batch are mixed
# > You merged (N, B, ...) as if it were (B, N, ...). The batch comes first:
# > `torch.stack(..., dim=1)`.
# ~ torch.stack(patches, dim=1) => torch.stack(patches).reshape(B, -1, C * p * p)

# wrong: the images of a batch are in one row
# > Each row of your result holds the patches of all images. Give each image its own rows:
# > `flatten(1)` keeps the batch axis, and `torch.stack(..., dim=1)` keeps the order.
# ~ .flatten(1) => .flatten()
# ~ torch.stack(patches, dim=1) => torch.stack(patches)

# wrong: patches joined into one row
# > `torch.cat` puts the patches of an image one after another, in one row.
# > `torch.stack(..., dim=1)` gives each patch its own row.
# ~ torch.stack(patches, dim=1) => torch.cat(patches, dim=1)

# wrong: a list, not a tensor
# > Your patches are a list of tensors. `torch.stack(..., dim=1)` makes one tensor of them.
# ~ torch.stack(patches, dim=1) => patches

# right: filled into an empty tensor
# > Row and column follow from the patch's number. The tensor needs the dtype of the images.
def patchify(images, p):
    B, C, H, W = images.shape
    N = count_patches(H, W, p)
    patches = torch.empty(B, N, C * p * p, dtype=images.dtype)
    for n in range(N):
        y, x = n // (W // p) * p, n % (W // p) * p
        patches[:, n] = images[:, :, y : y + p, x : x + p].reshape(B, -1)
    return patches

# wrong: the result is always float32
# > Your result is float32, whatever the input is. Look for `.float()`, and for `torch.zeros` or
# > `torch.empty` without `dtype=images.dtype`.
# ~ , dtype=images.dtype =>

# wrong: a square grid is assumed
# > Your grid has as many columns as rows. An image may be wider than it is high: it has W // P
# > columns.
# ~ n // (W // p) * p, n % (W // p) * p => n // math.isqrt(N) * p, n % math.isqrt(N) * p
