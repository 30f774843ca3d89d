# stub: as handed out
def unpatchify(patches, patch_size, height, width):
    raise NotImplementedError("exercise 1.3")

# right: einops
def unpatchify(patches, patch_size, height, width):
    h, w = height // patch_size, width // patch_size
    return rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=h, w=w, p=patch_size, q=patch_size
    )

# right: reshape and permute
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(B, -1, height, width)

# right: F.fold
def unpatchify(patches, patch_size, height, width):
    return F.fold(patches.transpose(1, 2), (height, width), patch_size, stride=patch_size)

# right: a loop that fills an empty image
def unpatchify(patches, patch_size, height, width):
    B, N, n = patches.shape
    C = n // patch_size ** 2
    image = torch.empty(B, C, height, width)
    columns = width // patch_size
    for i in range(N):
        y, x = i // columns * patch_size, i % columns * patch_size
        cell = patches[:, i].reshape(B, C, patch_size, patch_size)
        image[:, :, y:y + patch_size, x:x + patch_size] = cell
    return image

# right: pixel_shuffle
def unpatchify(patches, patch_size, height, width):
    grid = patches.transpose(1, 2).unflatten(2, (height // patch_size, width // patch_size))
    return F.pixel_shuffle(grid, patch_size)

# right: cat rows of cats
def unpatchify(patches, patch_size, height, width):
    cells = [p.unflatten(1, (-1, patch_size, patch_size)) for p in patches.unbind(1)]
    w = width // patch_size
    rows = [torch.cat(cells[i:i + w], dim=3) for i in range(0, len(cells), w)]
    return torch.cat(rows, dim=2)

# wrong: plain reshape
def unpatchify(patches, patch_size, height, width):
    B, N, n = patches.shape
    return patches.reshape(B, n // patch_size ** 2, height, width)

# wrong: columns before rows
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, width // P, height // P, -1, P, P)
    return x.permute(0, 3, 2, 4, 1, 5).reshape(B, -1, height, width)

# wrong: pixels transposed inside the patch
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 3, 1, 5, 2, 4).reshape(B, -1, height, width)

# wrong: channels last
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, P, P, -1)
    return x.permute(0, 5, 1, 3, 2, 4).reshape(B, -1, height, width)

# wrong: patches of scattered pixels
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 3, 4, 1, 5, 2).reshape(B, -1, height, width)

# wrong: height and width swapped
def unpatchify(patches, patch_size, height, width):
    P = patch_size
    image = rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=height // P, w=width // P, p=P, q=P
    )
    return image.transpose(2, 3)

# wrong: rows and columns of the grid swapped
def unpatchify(patches, patch_size, height, width):
    P = patch_size
    return rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=width // P, w=height // P, p=P, q=P
    )

# wrong: columns before rows and pixels transposed
def unpatchify(patches, patch_size, height, width):
    P = patch_size
    return rearrange(
        patches, "b (w h) (c q p) -> b c (h p) (w q)", h=height // P, w=width // P, p=P, q=P
    )

# wrong: axes merged in the wrong order
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 3, 1, 2, 4, 5).reshape(B, -1, height, width)

# wrong: reshape where a transpose is due
def unpatchify(patches, patch_size, height, width):
    B, N, n = patches.shape
    return F.fold(patches.reshape(B, n, N), (height, width), patch_size, stride=patch_size)

# wrong: a square grid is assumed
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    side = int(N ** 0.5)
    return rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=side, p=patch_size, q=patch_size
    )

# wrong: three channels taken for granted
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, 3, P, P)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(B, 3, height, width)

# wrong: the batch is lost
def unpatchify(patches, patch_size, height, width):
    P = patch_size
    image = rearrange(
        patches[0], "(h w) (c p q) -> c (h p) (w q)", h=height // P, w=width // P, p=P, q=P
    )
    return image[None]

# wrong: the channels stand last
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 1, 4, 2, 5, 3).reshape(B, height, width, -1)

# wrong: the image is not put together
def unpatchify(patches, patch_size, height, width):
    B, N, _ = patches.shape
    P = patch_size
    x = patches.reshape(B, height // P, width // P, -1, P, P)
    return x.permute(0, 3, 1, 4, 2, 5)

# wrong: the patches come back unchanged
def unpatchify(patches, patch_size, height, width):
    return patches

# wrong: it returns None
def unpatchify(patches, patch_size, height, width):
    image = F.fold(patches.transpose(1, 2), (height, width), patch_size, stride=patch_size)

# wrong: *
def unpatchify(patches, patch_size, height, width):
    return F.fold(patches.transpose(1, 2), (height, width), patch_size, stride=patch_size).flip(2)

# wrong: it changes its input
def unpatchify(patches, patch_size, height, width):
    image = F.fold(patches.transpose(1, 2), (height, width), patch_size, stride=patch_size)
    patches += 1
    return image
