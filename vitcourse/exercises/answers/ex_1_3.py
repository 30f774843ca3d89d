# right: einops
def unpatchify(patches, p, height, width):
    h, w = height // p, width // p
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)", h=h, w=w, p=p, q=p)

# wrong: pixels are limited to 0 .. 1
# > Numbers below 0 and above 1 are lost. Put the pixels back as they are.
# ~ (patches, "b (h w) => (patches.clamp(0, 1), "b (h w)

# wrong: three channels are assumed
# > Your answer is right only for three channels. C is the last size divided by P * P.
# ~ h=h, w=w, => c=3, h=h, w=w,

# wrong: columns before rows
# > You laid the patches down the columns of the grid. They come row by row.
# ~ b (h w) => b (w h)

# wrong: pixels transposed inside the patch
# > Every patch is in its place, but mirrored along its diagonal: rows come before columns.
# ~ (c p q) => (c q p)

# wrong: channels last
# > You read the pixels of a patch as (P, P, C). patchify wrote them as (C, P, P).
# ~ (c p q) => (p q c)

# wrong: patches of scattered pixels
# > The pixels of one patch are spread over the image. Merge (h, P), not (P, h).
# ~ (h p) (w q) => (p h) (q w)

# wrong: height and width swapped
# > The image came out lying on its side: in (B, C, H, W) the height comes first.
# ~ (h p) (w q) => (w q) (h p)

# wrong: rows and columns of the grid swapped
# > You used W // P rows and H // P columns: the image comes out W pixels high.
# ~ h, w = height // p, width // p => h, w = width // p, height // p

# wrong: columns before rows and pixels transposed
# > You transposed the grid and each patch in it. Rows come before columns in both.
# ~ b (h w) (c p q) => b (w h) (c q p)

# wrong: a square grid is assumed
# > You took the square root of N for both sides. The image may be wider than it is high: use height
# > and width.
# ~ h=h, w=w => h=math.isqrt(patches.shape[1])

# wrong: the batch is lost
# > Only the first image came back: (B, C, H, W) has all of them.
# ~ rearrange(patches, => rearrange(patches[:1],

# wrong: the channels are last
# > The result is (B, H, W, C). Images in torch are (B, C, H, W).
# ~ b c (h p) (w q) => b (h p) (w q) c

# wrong: the image is not put together
# > The grid is still there: merge h with P and w with P to get (B, C, H, W).
# ~ b c (h p) (w q) => b c h p w q

# right: reshape and permute
# > The permutation is the inverse of the one in `patchify`.
def unpatchify(patches, p, height, width):
    B, h, w = len(patches), height // p, width // p
    grid = patches.reshape(B, h, w, -1, p, p)
    images = grid.permute(0, 3, 1, 4, 2, 5)
    return images.reshape(B, -1, height, width)

# wrong: plain reshape
# > The pixels of a patch land in one row of the image. reshape keeps the numbers in reading order:
# > put the axes in the right order first.
# ~ grid.permute(0, 3, 1, 4, 2, 5) => patches

# wrong: axes merged in the wrong order
# > You reshaped (B, h, w, C, P, P) as it stood. reshape keeps the numbers in reading order: put h
# > next to P and w next to P first.
# ~ permute(0, 3, 1, 4, 2, 5) => permute(0, 3, 1, 2, 4, 5)

# wrong: the permutation of patchify once more
# > You permuted the axes as patchify does. Undoing a permutation takes its inverse: from (B, h, w,
# > C, P, P) to (B, C, h, P, w, P).
# ~ permute(0, 3, 1, 4, 2, 5) => permute(0, 2, 4, 1, 3, 5)

# wrong: `view` where the order in memory does not allow it
# > `view` never moves a number, so it refuses axes that are not next to each other in memory.
# > `reshape` copies where it has to.
# ~ images.reshape => images.view

# wrong: three channels are assumed
# ~ h, w, -1, p, p => h, w, 3, p, p

# wrong: the patches come back unchanged
# > You returned the patches. Put them together into an image, (B, C, H, W).
# ~ return images.reshape(B, -1, height, width) => return patches

# right: F.fold
# > The opposite of `F.unfold`. Where patches overlap it adds; here they do not.
def unpatchify(patches, p, height, width):
    return F.fold(patches.transpose(1, 2), (height, width), p, stride=p)

# wrong: reshape instead of transpose
# > `F.fold` wants (B, C*P*P, N). A reshape scrambles the numbers: transpose instead.
# ~ patches.transpose(1, 2) => patches.reshape(len(patches), patches.shape[2], -1)

# wrong: overlapping patches
# > `F.fold` moves by one pixel from patch to patch unless you tell it otherwise:
# > `stride=patch_size`.
# ~ , stride=p =>

# right: filled into an empty image
# > One slice for each patch, put back where it was cut out.
def unpatchify(patches, p, height, width):
    B, N, L = patches.shape
    images = torch.empty(B, L // p**2, height, width, dtype=patches.dtype)
    for n in range(N):
        y, x = n // (width // p) * p, n % (width // p) * p
        images[:, :, y : y + p, x : x + p] = patches[:, n].reshape(B, -1, p, p)
    return images

# wrong: the result is always float32
# > Your result is float32, whatever the input is. Look for `.float()`, and for `torch.zeros` or
# > `torch.empty` without `dtype=patches.dtype`.
# ~ , dtype=patches.dtype =>

# wrong: the batch axis is lost for a single image
# > For one image your result is (C, H, W). It should be (1, C, H, W): keep the batch axis.
# ~ return images => return images.squeeze(0)

# wrong: results for another grid are reused
# > Six patches may be 2 x 3 or 1 x 6. What you keep between calls must depend on height and width.
_orders = {}

def unpatchify(patches, p, height, width):
    C = patches.shape[2] // p**2
    if patches.shape not in _orders:
        numbers = torch.arange(C * height * width).view(1, C, height, width)
        _orders[patches.shape] = patchify(numbers, p).flatten().argsort()
    return patches.flatten(1)[:, _orders[patches.shape]].view(-1, C, height, width)
