# stub: as handed out
def block_patches(
    weights: torch.Tensor, patches: torch.Tensor, queries: slice = slice(0, 1)
) -> torch.Tensor:
    raise NotImplementedError("exercise 8.6")

# stub: half finished
def block_patches(weights, patches, queries=slice(0, 1)):
    result = weights.clone()
    raise NotImplementedError("exercise 8.6")

# right: padded, in one expression each
def block_patches(
    weights: torch.Tensor, patches: torch.Tensor, queries: slice = slice(0, 1)
) -> torch.Tensor:
    open_way = F.pad(~patches.flatten(1), (1, 0), value=True)[:, None, None]
    rows = weights[:, :, queries] * open_way
    result = weights.clone()
    result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)
    return result

# right: F.normalize
def block_patches(weights, patches, queries=slice(0, 1)):
    result = weights.clone()
    ways = F.pad(patches.logical_not().flatten(1).to(weights.dtype), (1, 0), value=1.0)
    result[:, :, queries] = F.normalize(result[:, :, queries] * ways[:, None, None], p=1, dim=-1)
    return result

# right: logarithms and a softmax
def block_patches(weights, patches, queries=slice(0, 1)):
    scores = weights.log()
    blocked = F.pad(patches.flatten(1), (1, 0), value=False)[:, None, None]
    result = weights.clone()
    result[:, :, queries] = scores[:, :, queries].masked_fill(blocked, -math.inf).softmax(-1)
    return result

# right: loops
def block_patches(weights, patches, queries=slice(0, 1)):
    out = weights.clone()
    for b in range(weights.shape[0]):
        for h in range(weights.shape[1]):
            for q in range(*queries.indices(weights.shape[2])):
                for i, closed in enumerate(patches[b].flatten().tolist()):
                    if closed:
                        out[b, h, q, i + 1] = 0
                out[b, h, q] = out[b, h, q] / out[b, h, q].sum()
    return out

# right: in place on a copy
def block_patches(weights, patches, queries=slice(0, 1)):
    out = weights.clone()
    rows = out[:, :, queries]
    rows[..., 1:] *= ~patches.flatten(1)[:, None, None]
    rows /= rows.sum(dim=-1, keepdim=True)
    return out

# right: einops
def block_patches(weights, patches, queries=slice(0, 1)):
    keep = rearrange(~patches, "b r c -> b 1 1 (r c)")
    rows = weights[:, :, queries].clone()
    rows[..., 1:] = rows[..., 1:] * keep
    rows = rows / rows.sum(-1, keepdim=True)
    out = weights.clone()
    out[:, :, queries] = rows
    return out

# right: torch.where over all rows
def block_patches(weights, patches, queries=slice(0, 1)):
    n = weights.shape[-1]
    row = torch.zeros(n, dtype=torch.bool)
    row[queries] = True
    closed = torch.zeros(len(weights), n, dtype=torch.bool)
    closed[:, 1:] = patches.reshape(len(weights), -1)
    blocked = torch.where(closed[:, None, None], torch.zeros(()), weights)
    blocked = blocked / blocked.sum(-1, keepdim=True)
    return torch.where(row[:, None], blocked, weights)

# right: image by image
def block_patches(weights, patches, queries=slice(0, 1)):
    images = []
    for w, p in zip(weights, patches):
        w = w.clone()
        w[:, queries, 1:] = w[:, queries, 1:] * (1 - p.flatten().float())
        w[:, queries] = w[:, queries] / w[:, queries].sum(dim=2, keepdim=True)
        images.append(w)
    return torch.stack(images)

# right: numpy
import numpy as np


def block_patches(weights, patches, queries=slice(0, 1)):
    out = weights.numpy().copy()
    closed = np.pad(patches.numpy().reshape(len(out), -1), ((0, 0), (1, 0)))
    rows = np.where(closed[:, None, None], 0, out[:, :, queries])
    out[:, :, queries] = rows / rows.sum(-1, keepdims=True)
    return torch.from_numpy(out)

# right: what is left, in proportion
def block_patches(weights, patches, queries=slice(0, 1)):
    closed = torch.cat([torch.zeros(len(patches), 1), patches.flatten(1).float()], 1)[:, None, None]
    out = weights.clone()
    lost = (out[:, :, queries] * closed).sum(-1, keepdim=True)
    out[:, :, queries] = out[:, :, queries] * (1 - closed) / (1 - lost)
    return out

# wrong: *
# (columns are blocked for everybody)
def block_patches(weights, patches, queries=slice(0, 1)):
    closed = F.pad(patches.flatten(1), (1, 0))[:, None, None]
    out = weights.masked_fill(closed, 0.0)
    return out

# wrong: *
# (rounded)
def block_patches(weights, patches, queries=slice(0, 1)):
    closed = F.pad(patches.flatten(1), (1, 0))[:, None, None]
    out = weights.clone()
    rows = out[:, :, queries].masked_fill(closed, 0.0)
    out[:, :, queries] = (rows / rows.sum(-1, keepdim=True)).round(decimals=3)
    return out

# wrong: *
# (a constant is added before dividing)
def block_patches(weights, patches, queries=slice(0, 1)):
    closed = F.pad(patches.flatten(1), (1, 0))[:, None, None]
    out = weights.clone()
    rows = out[:, :, queries].masked_fill(closed, 0.0)
    out[:, :, queries] = rows / (rows.sum(-1, keepdim=True) + 0.01)
    return out

# wrong: *
# (a mask kept from the first call)
MASKS = []


def block_patches(weights, patches, queries=slice(0, 1)):
    MASKS.append(patches)
    closed = F.pad(MASKS[0].flatten(1), (1, 0))[:, None, None]
    out = weights.clone()
    rows = out[:, :, queries].masked_fill(closed, 0.0)
    out[:, :, queries] = rows / rows.sum(-1, keepdim=True)
    return out

# wrong: it changes its input
def block_patches(weights, patches, queries=slice(0, 1)):
    ways = F.pad(~patches.flatten(1), (1, 0), value=True)[:, None, None]
    rows = weights[:, :, queries]
    rows *= ways
    weights[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)
    return weights

# wrong: it changes its input
# (the mask)
def block_patches(weights, patches, queries=slice(0, 1)):
    patches.logical_not_()
    ways = F.pad(patches.flatten(1), (1, 0), value=True)[:, None, None]
    out = weights.clone()
    rows = out[:, :, queries] * ways
    out[:, :, queries] = rows / rows.sum(-1, keepdim=True)
    return out

# wrong: it returns None
def block_patches(weights, patches, queries=slice(0, 1)):
    ways = F.pad(~patches.flatten(1), (1, 0), value=True)[:, None, None]
    rows = weights[:, :, queries] * ways

# wrong: it raised NameError
def block_patches(weights, patches, queries=slice(0, 1)):
    rows = weights[:, :, queries] * ways
    return rows

# wrong: it raised RuntimeError
# (the class token forgotten)
def block_patches(weights, patches, queries=slice(0, 1)):
    rows = weights[:, :, queries] * (~patches).flatten(1)[:, None, None]
    out = weights.clone()
    out[:, :, queries] = rows / rows.sum(-1, keepdim=True)
    return out

# wrong: it never finishes
def block_patches(weights, patches, queries=slice(0, 1)):
    out = weights.clone()
    while out[:, :, queries].sum() != 0:
        out[:, :, queries] = out[:, :, queries] / out[:, :, queries].sum(-1, keepdim=True)
    return out
