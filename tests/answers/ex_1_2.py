# stub: as handed out
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    raise NotImplementedError("exercise 1.2")

# right: einops
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p1) (w p2) -> b (h w) (c p1 p2)", p1=patch_size, p2=patch_size)

# right: reshape and permute
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P)
    x = x.permute(0, 2, 4, 1, 3, 5)
    return x.reshape(B, -1, C * P * P)

# right: F.unfold
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return F.unfold(images, kernel_size=patch_size, stride=patch_size).transpose(1, 2)

# right: two loops over the grid
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    out = []
    for y in range(0, H, patch_size):
        for x in range(0, W, patch_size):
            out.append(images[:, :, y:y + patch_size, x:x + patch_size].flatten(1))
    return torch.stack(out, dim=1)

# right: Tensor.unfold twice
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    windows = images.unfold(2, patch_size, patch_size).unfold(3, patch_size, patch_size)
    return windows.permute(0, 2, 3, 1, 4, 5).contiguous().view(B, N, -1)

# right: pixel_unshuffle
def patchify(images, patch_size):
    count_patches(images.shape[2], images.shape[3], patch_size)
    return F.pixel_unshuffle(images, patch_size).flatten(2).transpose(1, 2)

# right: a convolution with the identity for a kernel
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    n = C * patch_size ** 2
    kernel = torch.eye(n, dtype=images.dtype).reshape(n, C, patch_size, patch_size)
    return F.conv2d(images, kernel, stride=patch_size).flatten(2).mT

# right: split and stack
def patchify(images, patch_size):
    count_patches(*images.shape[-2:], patch_size)
    rows = images.split(patch_size, dim=2)
    patches = [cell for row in rows for cell in row.split(patch_size, dim=3)]
    return torch.stack([p.reshape(p.shape[0], -1) for p in patches], 1)

# wrong: it changes its input
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    patches = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    patches = patches.clone()
    images.mul_(0)
    return patches

# wrong: it returns None
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: *
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    x = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    return x / 255

# wrong: *
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size).float()

# wrong: *
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size).tolist()

# wrong: *
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    x = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    return x.flip(1)

# wrong: it never finishes
def patchify(images, patch_size):
    patches = []
    y = 0
    while y < images.shape[2]:
        try:
            patches.append(images[:, :, y:y + patch_size])
        except Exception:
            pass
    return torch.cat(patches)


# Below: written from the notebook's text alone, by somebody who had not seen the check.

# right: einops in one line, below the stub's own lines
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# right: reshape, permute, reshape
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P)
    x = x.permute(0, 2, 4, 1, 3, 5)
    return x.reshape(B, N, C * P * P)

# right: loops with slices, stacked
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    patches = []
    for i in range(0, H, patch_size):
        for j in range(0, W, patch_size):
            patch = images[:, :, i:i + patch_size, j:j + patch_size]
            patches.append(patch.flatten(1))
    return torch.stack(patches, dim=1)

# right: F.unfold (im2col)  (ambiguous: does not work for integer images)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return F.unfold(images, kernel_size=patch_size, stride=patch_size).transpose(1, 2)

# right: Tensor.unfold twice
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    windows = images.unfold(2, patch_size, patch_size).unfold(3, patch_size, patch_size)
    return windows.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)

# right: pixel_unshuffle
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return F.pixel_unshuffle(images, patch_size).flatten(2).mT

# right: split and cat in a list comprehension
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    count_patches(*images.shape[-2:], patch_size)
    return torch.cat([
        tile.reshape(len(images), 1, -1)
        for band in images.split(patch_size, dim=2)
        for tile in band.split(patch_size, dim=3)
    ], dim=1)

# right: table of positions and one index operation
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    n = torch.arange(N)[:, None, None, None]
    c = torch.arange(C)[None, :, None, None]
    y = torch.arange(P)[None, None, :, None]
    x = torch.arange(P)[None, None, None, :]
    rows = n // (W // P) * P + y
    columns = n % (W // P) * P + x
    return images[:, c, rows, columns].flatten(2)

# right: swapaxes and movedim, view and contiguous
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    out = images.contiguous().view(B, C, H // patch_size, patch_size, W // patch_size, patch_size)
    out = out.swapaxes(3, 4).movedim(1, 3).contiguous()
    return out.view(B, N, -1)

# right: fill an empty tensor patch by patch
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    out = images.new_empty(B, N, C * patch_size * patch_size)
    columns = W // patch_size
    for b in range(B):
        for n in range(N):
            top, left = n // columns * patch_size, n % columns * patch_size
            out[b, n] = images[b, :, top:top + patch_size, left:left + patch_size].reshape(-1)
    return out

# right: one image at a time with vmap
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    def one(image):
        x = image.reshape(C, H // patch_size, patch_size, W // patch_size, patch_size)
        return x.permute(1, 3, 0, 2, 4).reshape(N, -1)
    return torch.vmap(one)(images)

# right: einops in two steps, patches kept square first
def patchify(images, patch_size):
    B, C, H, W = images.shape
    h, w = H // patch_size, W // patch_size
    if h * patch_size != H or w * patch_size != W:
        raise ValueError("patches do not fit")
    tiles = rearrange(images, "b c (h p) (w q) -> b h w c p q", h=h, w=w)
    return rearrange(tiles, "b h w c p q -> b (h w) (c p q)")

# right: convolution with the identity matrix (ambiguous: not for integer images)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    size = C * patch_size * patch_size
    kernel = torch.eye(size, dtype=images.dtype).reshape(size, C, patch_size, patch_size)
    return F.conv2d(images, kernel, stride=patch_size).flatten(2).transpose(1, 2)

# right: numpy detour (ambiguous: gradients are lost, the text does not ask for them)
import numpy as np
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    a = images.detach().cpu().numpy()
    a = a.reshape(B, C, H // patch_size, patch_size, W // patch_size, patch_size)
    a = np.einsum("bchpwq->bhwcpq", a).reshape(B, N, -1)
    return torch.from_numpy(a.copy())

# right: without count_patches, einops raises its own error where patches do not fit (ambiguous: the ValueError stands only in a comment of the stub)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: *
# (fills torch.zeros of the default dtype (ambiguous: float64 or integer images come back as float32))
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    out = torch.zeros(B, N, C * patch_size ** 2)
    n = 0
    for i in range(H // patch_size):
        for j in range(W // patch_size):
            out[:, n] = images[:, :, i * patch_size:(i + 1) * patch_size, j * patch_size:(j + 1) * patch_size].flatten(1)
            n += 1
    return out

# stub: stub left as it is
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)  # raises ValueError if the patches do not fit
    raise NotImplementedError("exercise 1.2")

# wrong: *
# (wrong permutation)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 3, 1, 4, 5)
    return x.reshape(B, N, -1)

# wrong: *
# (stacked along the first axis and reshaped, right only for a batch of one)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    patches = torch.stack([images[:, :, i:i + patch_size, j:j + patch_size].flatten(1)
                           for i in range(0, H, patch_size) for j in range(0, W, patch_size)])
    return patches.reshape(B, N, -1)

# wrong: right for square images, wrong for 4 x 6
# (square images only, rows used for columns)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    n = H // patch_size
    return images.reshape(B, C, n, patch_size, n, patch_size).permute(0, 2, 4, 1, 3, 5).reshape(B, N, -1)

# wrong: *
# (H and W swapped while unpacking, right for square images)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, W, H = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    return images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5).reshape(B, N, -1)

# wrong: *
# (off by one, the last row and column of patches are missing)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return torch.stack([images[:, :, i:i + patch_size, j:j + patch_size].flatten(1)
                        for i in range(0, H - patch_size, patch_size)
                        for j in range(0, W - patch_size, patch_size)], dim=1)

# wrong: *
# (steps of one pixel)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return torch.stack([images[:, :, i:i + patch_size, j:j + patch_size].flatten(1)
                        for i in range(H // patch_size) for j in range(W // patch_size)], dim=1)

# wrong: *
# (chunk (number of pieces) where split (size of a piece) was meant)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return torch.stack([tile.flatten(1) for band in images.chunk(patch_size, dim=2)
                        for tile in band.chunk(patch_size, dim=3)], dim=1)

# wrong: three channels are assumed
# (three channels hard-coded)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    return images.reshape(B, 3, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5).reshape(B, N, 3 * P * P)

# wrong: right for patch size 2, wrong for 3
# (patch size hard-coded)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=2, q=2)

# wrong: it raised EinopsError
# (einops without telling it the sizes, EinopsError)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w p) -> b (h w) (c p p)", p=patch_size)

# wrong: it changes its input
# (right result, but the input is reshaped in place)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    images.resize_(B, C, H // P, P, W // P, P)
    return images.permute(0, 2, 4, 1, 3, 5).reshape(B, N, -1)

# wrong: it changes its input
# (normalises the caller's pixels in place)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    images.mul_(2).sub_(1)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: it changes its input
# (right result, but blanks the input on the way to mark what is done)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    patches = []
    for i in range(0, H, patch_size):
        for j in range(0, W, patch_size):
            tile = images[:, :, i:i + patch_size, j:j + patch_size]
            patches.append(tile.flatten(1).clone())
            tile.zero_()
    return torch.stack(patches, dim=1)

# wrong: *
# (a list of tensors)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return [images[:, :, i:i + patch_size, j:j + patch_size].flatten(1)
            for i in range(0, H, patch_size) for j in range(0, W, patch_size)]

# wrong: *
# (a numpy array)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images.numpy(), "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: it returns None
# (forgets to return)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    patches = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: *
# (already embeds, a random convolution from a tutorial)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    conv = nn.Conv2d(C, C * patch_size ** 2, kernel_size=patch_size, stride=patch_size)
    return conv(images).flatten(2).transpose(1, 2)

# wrong: *
# (snake order, every second row of patches backwards)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    x = rearrange(images, "b c (h p) (w q) -> b h w (c p q)", p=patch_size, q=patch_size).clone()
    x[:, 1::2] = x[:, 1::2].flip(2)
    return x.flatten(1, 2)

# wrong: *
# (integers, the pixels of a photograph from 0 to 1 become 0)
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images.long(), "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: no error where one is expected
# (counts with the height twice, a width that does not fit is cut off (ambiguous: the ValueError stands only in a comment of the stub))
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    B, C, H, W = images.shape
    count_patches(H, H, patch_size)
    x = images.unfold(2, patch_size, patch_size).unfold(3, patch_size, patch_size)
    return x.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)

# wrong: right for whole numbers from 0 on, wrong for fractions and numbers below zero
# (the smallest number is taken to be 0)
def patchify(images, patch_size):
    H, W = images.shape[2:]
    count_patches(H, W, patch_size)
    images = images.clamp(min=0)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)

# wrong: it changes its input
# (shifted in place, so that the numbers begin at 0)
def patchify(images, patch_size):
    images -= images.min()
    count_patches(*images.shape[2:], patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
