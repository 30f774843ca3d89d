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

# wrong: plain reshape
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    return images.reshape(B, N, C * patch_size * patch_size)

# wrong: plain reshape
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P)
    return x.reshape(B, N, C * P * P)

# wrong: columns before rows
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 4, 2, 1, 3, 5)
    return x.reshape(B, -1, C * P * P)

# wrong: columns before rows
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    out = []
    for x in range(0, W, patch_size):
        for y in range(0, H, patch_size):
            out.append(images[:, :, y:y + patch_size, x:x + patch_size].reshape(B, -1))
    return torch.stack(out, 1)

# wrong: pixels transposed inside the patch
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 5, 3)
    return x.reshape(B, -1, C * P * P)

# wrong: channels last
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P)
    x = torch.einsum("bchpwq->bhwpqc", x)
    return x.reshape(B, -1, P * P * C)

# wrong: channels last
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    out = [
        images[:, :, y:y + patch_size, x:x + patch_size].permute(0, 2, 3, 1).flatten(1)
        for y in range(0, H, patch_size)
        for x in range(0, W, patch_size)
    ]
    return torch.stack(out, 1)

# wrong: channels last and pixels transposed
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 5, 3, 1)
    return x.reshape(B, -1, P * P * C)

# wrong: channels between rows and columns
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 3, 1, 5)
    return x.reshape(B, -1, P * P * C)

# wrong: height and width swapped
def patchify(images, patch_size):
    B, C, W, H = images.shape
    count_patches(H, W, patch_size)
    images = images.transpose(2, 3)
    return F.unfold(images, patch_size, stride=patch_size).transpose(1, 2)

# wrong: columns before rows and channels last
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return rearrange(images, "b c (h p) (w q) -> b (w h) (p q c)", p=patch_size, q=patch_size)

# wrong: patches of scattered pixels
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, P, H // P, P, W // P).permute(0, 3, 5, 1, 2, 4)
    return x.reshape(B, -1, C * P * P)

# wrong: one token per channel
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 1, 2, 4, 3, 5)
    return x.reshape(B, -1, P * P)

# wrong: patches and pixels swapped
def patchify(images, patch_size):
    count_patches(images.shape[2], images.shape[3], patch_size)
    return F.unfold(images, kernel_size=patch_size, stride=patch_size)

# wrong: reshape where a transpose is due
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    columns = F.unfold(images, kernel_size=patch_size, stride=patch_size)
    return columns.reshape(B, N, -1)

# wrong: axes merged in the wrong order
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    windows = images.unfold(2, P, P).unfold(3, P, P)
    return windows.contiguous().view(B, N, C * P * P)

# wrong: axes merged in the wrong order
def patchify(images, patch_size):
    B, C, H, W = images.shape
    N = count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).transpose(3, 4)
    return x.reshape(B, N, -1)

# wrong: the grid is still two axes
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)
    return x.flatten(3)

# wrong: the pixels are still three axes
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)
    return x.flatten(1, 2)

# wrong: images and patches merged
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    P = patch_size
    x = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)
    return x.reshape(-1, C * P * P)

# wrong: only the first image
def patchify(images, patch_size):
    C, H, W = images[0].shape
    count_patches(H, W, patch_size)
    x = rearrange(images[0], "c (h p) (w q) -> (h w) (c p q)", p=patch_size, q=patch_size)
    return x[None]

# wrong: only the first channel
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    return F.unfold(images[:, 0:1], patch_size, stride=patch_size).mT

# wrong: channels averaged
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    grey = images.sum(dim=1, keepdim=True) / C
    return F.unfold(grey, patch_size, stride=patch_size).mT

# wrong: overlapping patches
def patchify(images, patch_size):
    count_patches(images.shape[2], images.shape[3], patch_size)
    return F.unfold(images, patch_size).transpose(1, 2)

# wrong: a bad size is cropped silently
def patchify(images, patch_size):
    return F.unfold(images, kernel_size=patch_size, stride=patch_size).transpose(1, 2)

# wrong: a bad size is cropped silently
def patchify(images, patch_size):
    B, C, H, W = images.shape
    out = []
    for i in range(H // patch_size):
        for j in range(W // patch_size):
            y, x = i * patch_size, j * patch_size
            out.append(images[:, :, y:y + patch_size, x:x + patch_size].flatten(1))
    return torch.stack(out, dim=1)

# wrong: it changes its input
def patchify(images, patch_size):
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    patches = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    patches = patches.clone()
    images.mul_(0)
    return patches

# wrong: it raised RuntimeError
def patchify(images, patch_size):
    B, C, H, W = images.shape
    P = patch_size
    N = count_patches(H, W, P)
    x = images.view(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)
    return x.view(B, N, C * P * P)

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

# wrong: it does not come to an end
def patchify(images, patch_size):
    patches = []
    y = 0
    while y < images.shape[2]:
        try:
            patches.append(images[:, :, y:y + patch_size])
        except Exception:
            pass
    return torch.cat(patches)
