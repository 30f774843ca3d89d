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


# Below: written from the notebook's text alone, by somebody who had not seen the check.

# right: einops
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                     h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size)

# right: reshape, permute, reshape
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // (P * P)
    x = patches.reshape(B, height // P, width // P, C, P, P)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(B, C, height, width)

# right: loop, slices filled one after another
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    C = L // patch_size ** 2
    images = patches.new_zeros(B, C, height, width)
    n = 0
    for top in range(0, height, patch_size):
        for left in range(0, width, patch_size):
            images[:, :, top:top + patch_size, left:left + patch_size] = \
                patches[:, n].reshape(B, C, patch_size, patch_size)
            n += 1
    return images

# right: F.fold (ambiguous: does not work for integer patches)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return F.fold(patches.transpose(1, 2), output_size=(height, width), kernel_size=patch_size, stride=patch_size)

# right: pixel_shuffle
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    grid = patches.mT.unflatten(2, (height // patch_size, width // patch_size))
    return F.pixel_shuffle(grid, patch_size)

# right: cat of cats, row by row
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    rows, columns = height // patch_size, width // patch_size
    tiles = patches.unflatten(-1, (-1, patch_size, patch_size))
    return torch.cat([
        torch.cat([tiles[:, r * columns + c] for c in range(columns)], dim=-1)
        for r in range(rows)
    ], dim=-2)

# right: asks patchify where each pixel went
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B = patches.shape[0]
    C = patches.shape[2] // patch_size ** 2
    where = torch.arange(C * height * width, dtype=torch.float64).reshape(1, C, height, width)
    order = patchify(where, patch_size).flatten().long()
    flat = patches.flatten(1)
    return flat[:, order.argsort()].reshape(B, C, height, width)

# right: index assignment (scatter)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    C = L // patch_size ** 2
    out = torch.empty((B, C * height * width), dtype=patches.dtype, device=patches.device)
    index = patchify(torch.arange(C * height * width).double().view(1, C, height, width), patch_size)
    out[:, index.reshape(-1).long()] = patches.reshape(B, -1)
    return out.view(B, C, height, width)

# right: transposed convolution with the identity (ambiguous: not for integer patches)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    kernel = torch.eye(L, dtype=patches.dtype).reshape(L, -1, patch_size, patch_size)
    grid = patches.transpose(1, 2).reshape(B, L, height // patch_size, width // patch_size)
    return F.conv_transpose2d(grid, kernel, stride=patch_size)

# right: numpy detour (ambiguous: gradients are lost, the text does not ask for them)
import numpy as np
def unpatchify(patches, patch_size, height, width):
    a = patches.detach().numpy()
    B, N, L = a.shape
    a = a.reshape(B, height // patch_size, width // patch_size, -1, patch_size, patch_size)
    a = np.ascontiguousarray(a.transpose(0, 3, 1, 4, 2, 5))
    return torch.from_numpy(a.reshape(B, -1, height, width))

# right: single axes with movedim, flatten pairs
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    x = patches.unflatten(2, (-1, patch_size, patch_size)).unflatten(1, (height // patch_size, -1))
    x = x.movedim(3, 1)            # B, C, h, w, P, P
    x = x.transpose(3, 4)          # B, C, h, P, w, P
    return x.flatten(4, 5).flatten(2, 3)

# right: checks the count first and raises ValueError if the sizes do not fit (ambiguous: the text does not ask for it)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    if count_patches(height, width, patch_size) != patches.shape[1]:
        raise ValueError("number of patches and image size do not agree")
    h = height // patch_size
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)", h=h, p=patch_size, q=patch_size)

# stub: stub left as it is
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    raise NotImplementedError("exercise 1.3")

# wrong: *
# (applies patchify's permutation again in the place of its inverse)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // P ** 2
    x = patches.reshape(B, height // P, width // P, C, P, P).permute(0, 2, 4, 1, 3, 5)
    return x.reshape(B, C, height, width)

# wrong: *
# (calls patchify again)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    x = patches.reshape(patches.shape[0], -1, height, width)
    return patchify(x, patch_size).reshape(x.shape)

# wrong: right for square images, wrong for 4 x 6
# (square images only)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    n = int(patches.shape[1] ** 0.5)
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)", h=n, w=n, p=patch_size, q=patch_size)

# wrong: *
# (swapped grid, then reshaped to the right shape)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // P ** 2
    x = patches.reshape(B, width // P, height // P, C, P, P).permute(0, 3, 1, 4, 2, 5)
    return x.reshape(B, C, height, width)

# wrong: it raised EinopsError
# (takes height and width for numbers of patches)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                     h=height, w=width, p=patch_size, q=patch_size)

# wrong: it raised EinopsError
# (ignores height and lets einops guess (EinopsError))
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)", p=patch_size, q=patch_size)

# wrong: it raised RuntimeError
# (channels from the patch length divided by P only)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // P
    return patches.reshape(B, height // P, width // P, C, P, P).permute(0, 3, 1, 4, 2, 5).reshape(B, C, height, width)

# wrong: it raised TypeError
# (channels by true division, a float in the shape)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L / P ** 2
    return patches.reshape(B, height // P, width // P, C, P, P).permute(0, 3, 1, 4, 2, 5).reshape(B, C, height, width)

# wrong: it raised RuntimeError
# (F.fold without the transpose)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return F.fold(patches, (height, width), patch_size, stride=patch_size)

# wrong: *
# (right numbers by einops, final reshape to width, height)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // P ** 2
    x = patches.reshape(B, height // P, width // P, C, P, P).permute(0, 3, 1, 4, 2, 5)
    return x.reshape(B, C, width, height)

# wrong: *
# (no batch axis in the result)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches[0], "(h w) (c p q) -> c (h p) (w q)",
                     h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size)

# wrong: *
# (squeezes the result)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                     h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size).squeeze()

# wrong: *
# (batch and channels mixed up, right for a batch of one)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    P = patch_size
    C = L // P ** 2
    x = patches.reshape(B, height // P, width // P, C, P, P).permute(3, 0, 1, 4, 2, 5)
    return x.reshape(B, C, height, width)

# wrong: right for square images, wrong for 4 x 6
# (row of patch n from the number of rows in the place of columns)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    C = L // patch_size ** 2
    images = patches.new_zeros(B, C, height, width)
    for n in range(N):
        y, x = divmod(n, height // patch_size)
        images[:, :, y * patch_size:(y + 1) * patch_size, x * patch_size:(x + 1) * patch_size] = \
            patches[:, n].reshape(B, C, patch_size, patch_size)
    return images

# wrong: *
# (off by one, the last patch stays empty)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    C = L // patch_size ** 2
    images = patches.new_zeros(B, C, height, width)
    for n in range(N - 1):
        y, x = divmod(n, width // patch_size)
        images[:, :, y * patch_size:(y + 1) * patch_size, x * patch_size:(x + 1) * patch_size] = \
            patches[:, n].reshape(B, C, patch_size, patch_size)
    return images

# wrong: *
# (n is never counted up, the first patch everywhere)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    C = L // patch_size ** 2
    images = patches.new_zeros(B, C, height, width)
    n = 0
    for top in range(0, height, patch_size):
        for left in range(0, width, patch_size):
            images[:, :, top:top + patch_size, left:left + patch_size] = \
                patches[:, n].reshape(B, C, patch_size, patch_size)
    return images

# wrong: it raised NameError
# (looks at the notebook's global images for the shape)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, C, H, W = images.shape
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                     h=H // patch_size, w=W // patch_size, p=patch_size, q=patch_size)

# wrong: it raised NameError
# (returns the notebook's global images)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return images

# wrong: it changes its input
# (right result, but reshapes the patches in place)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    P = patch_size
    B, N, L = patches.shape
    C = L // P ** 2
    patches.resize_(B, height // P, width // P, C, P, P)
    return patches.permute(0, 3, 1, 4, 2, 5).reshape(B, C, height, width)

# wrong: it changes its input
# (clamps in place to show a picture)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches.clamp_(0, 1), "b (h w) (c p q) -> b c (h p) (w q)",
                     h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size)

# wrong: *
# (clamps the result to 0 .. 1)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                     h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size).clamp(0, 1)

# wrong: it returns None
# (forgets to return)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    out = rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                    h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size)

# wrong: *
# (bytes, as for a picture file)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    out = rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)",
                    h=height // patch_size, w=width // patch_size, p=patch_size, q=patch_size)
    return (out * 255).to(torch.uint8)

# right: unpatchify is the transpose of patchify, so autograd can do it (ambiguous: not for integer patches)
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    B, N, L = patches.shape
    zeros = torch.zeros(B, L // patch_size ** 2, height, width, dtype=patches.dtype)
    with torch.enable_grad():
        out = patchify(zeros.requires_grad_(), patch_size)
    return torch.autograd.grad(out, zeros, patches)[0]

# wrong: right for whole numbers from 0 on, wrong for fractions and numbers below zero
def unpatchify(patches, patch_size, height, width):
    return F.fold(patches.transpose(1, 2), (height, width), patch_size, stride=patch_size).clamp(min=0)
