# stub: as handed out
def discard_weakest(attention: torch.Tensor, discard: float) -> torch.Tensor:
    raise NotImplementedError("exercise 8.7")

# stub: half finished
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    raise NotImplementedError("exercise 8.7")

# right: scatter
def discard_weakest(attention: torch.Tensor, discard: float) -> torch.Tensor:
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    kept = flat.scatter(1, weakest, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# right: image by image
def discard_weakest(attention, discard):
    results = []
    for heads in attention:
        fused = heads.mean(0)
        order = fused.flatten().argsort()
        kept = fused.flatten().clone()
        kept[order[: int(discard * kept.numel())]] = 0
        kept = kept.view_as(fused)
        results.append(kept / kept.sum(1, keepdim=True))
    return torch.stack(results)

# right: ranks
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    ranks = fused.flatten(1).argsort(dim=1).argsort(dim=1).view_as(fused)
    n = fused.shape[-1]
    kept = torch.where(ranks < int(discard * n * n), 0.0, fused)
    return F.normalize(kept, p=1, dim=-1)

# right: the largest are kept
def discard_weakest(attention, discard):
    fused = attention.mean(1)
    flat = fused.reshape(len(fused), -1)
    stay = flat.shape[1] - int(discard * flat.shape[1])
    values, places = torch.topk(flat, stay, dim=1)
    kept = torch.zeros_like(flat).scatter_(1, places, values).reshape(fused.shape)
    return kept.div(kept.sum(2).unsqueeze(2))

# right: the sum of the heads, which the division takes back
def discard_weakest(attention, discard):
    total = attention.sum(dim=1)
    flat = total.flatten(1)
    order = flat.sort(dim=1).indices[:, : int(discard * flat.shape[1])]
    mask = torch.ones_like(flat).scatter(1, order, 0)
    kept = (flat * mask).view_as(total)
    return kept / kept.sum(dim=-1, keepdim=True)

# right: loops in Python
def discard_weakest(attention, discard):
    batch, heads, n, _ = attention.shape
    result = torch.zeros(batch, n, n)
    for b in range(batch):
        cells = [
            (sum(attention[b, h, i, j].item() for h in range(heads)) / heads, i, j)
            for i in range(n)
            for j in range(n)
        ]
        for value, i, j in sorted(cells)[int(discard * n * n) :]:
            result[b, i, j] = value
        for i in range(n):
            result[b, i] /= result[b, i].sum()
    return result

# right: einops
def discard_weakest(attention, discard):
    n = attention.shape[-1]
    flat = rearrange(attention, "b h i j -> b (i j) h").mean(-1)
    gone = flat.argsort(-1)[:, : int(discard * n * n)]
    flat = flat.scatter(-1, gone, torch.zeros_like(flat).gather(-1, gone))
    kept = rearrange(flat, "b (i j) -> b i j", i=n)
    return kept / kept.sum(-1, keepdim=True)

# right: einsum, float64 in between
def discard_weakest(attention, discard):
    fused = torch.einsum("bhij->bij", attention.double()) / attention.shape[1]
    flat = fused.flatten(1).clone()
    for image in flat:
        image[image.argsort()[: int(discard * len(image))]] = 0
    kept = flat.view_as(fused)
    return torch.einsum("bij,bi->bij", kept, 1 / kept.sum(-1)).float()

# right: recursion over the batch
def discard_weakest(attention, discard):
    if len(attention) > 1:
        parts = [discard_weakest(attention[i : i + 1], discard) for i in range(len(attention))]
        return torch.cat(parts)
    fused = attention.mean(1).squeeze(0)
    flat = fused.flatten()
    flat = flat.index_fill(0, flat.argsort()[: int(len(flat) * discard)], 0)
    kept = flat.view_as(fused)
    return (kept / kept.sum(-1, keepdim=True))[None]

# right: masked softmax of the logarithms
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1).log()
    k = int(discard * flat.shape[1])
    gone = torch.zeros_like(flat).scatter(1, flat.argsort(1)[:, :k], 1.0).bool()
    return flat.masked_fill(gone, -torch.inf).view_as(fused).softmax(dim=-1)

# right: put_along_axis in numpy
import numpy as np


def discard_weakest(attention, discard):
    fused = attention.numpy().mean(axis=1)
    flat = fused.reshape(len(fused), -1).copy()
    k = int(discard * flat.shape[1])
    np.put_along_axis(flat, np.argsort(flat, axis=1)[:, :k], 0, axis=1)
    kept = flat.reshape(fused.shape)
    return torch.from_numpy(kept / kept.sum(axis=-1, keepdims=True))

# right: one long list with offsets
def discard_weakest(attention, discard):
    fused = attention.mean(1).contiguous()
    b, n, _ = fused.shape
    weakest = fused.view(b, -1).topk(int(discard * n * n), largest=False, sorted=False).indices
    weakest = weakest + n * n * torch.arange(b).unsqueeze(1)
    kept = fused.flatten().index_fill(0, weakest.flatten(), 0).view(b, n, n)
    return kept / kept.sum(-1, keepdim=True)

# right: vmap
def _one(fused, k):
    flat = fused.flatten()
    rank = (flat[:, None] > flat[None]).sum(1)  # how many are smaller
    before = torch.tril(torch.ones(len(flat), len(flat)), -1).bool()
    rank = rank + ((flat[:, None] == flat[None]) & before).sum(1)  # of equals, the first
    kept = torch.where(rank >= k, flat, torch.zeros_like(flat)).view_as(fused)
    return kept / kept.sum(-1, keepdim=True)


def discard_weakest(attention, discard):
    k = int(discard * attention.shape[-1] ** 2)
    return torch.stack([_one(image.mean(0), k) for image in attention])

# wrong: *
# (discards twice)
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    for _ in range(2):
        flat = fused.flatten(1)
        k = (flat == 0).sum(1).max() + int(flat.shape[1] * discard)
        kept = flat.scatter(1, flat.argsort(1)[:, :k], 0.0).view_as(fused)
        fused = kept / kept.sum(dim=-1, keepdim=True).clamp(min=1e-9)
    return fused

# wrong: *
# (a small number in the sum that is not small)
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    kept = flat.scatter(1, weakest, 0.0).view_as(fused)
    return kept / (kept.sum(dim=-1, keepdim=True) + 1e-3)

# wrong: *
# (a mask kept from the first call)
MASK = []


def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    MASK.append(flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices)
    kept = flat.scatter(1, MASK[0], 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: it changes its input
def discard_weakest(attention, discard):
    attention /= attention.sum(dim=1, keepdim=True).sum(dim=-1, keepdim=True)
    fused = attention.sum(dim=1)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    kept = flat.scatter(1, weakest, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: it changes its input
# (the mean is written over head 0)
def discard_weakest(attention, discard):
    attention[:, 0] = attention.mean(dim=1)
    fused = attention[:, 0]
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    kept = flat.scatter(1, weakest, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: it returns None
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    fused / fused.sum(dim=-1, keepdim=True)

# wrong: it raised NameError
def discard_weakest(attention, discard):
    flat = fused.flatten(1)
    return flat

# wrong: it raised TypeError
def discard_weakest(attention):
    return attention.mean(dim=1)

# wrong: it changes its input
# of one head, `[:, 0]` is a view
def discard_weakest(attention, discard):
    fused = attention[:, 0] if attention.shape[1] == 1 else attention.mean(1)
    flat = fused.view(len(fused), -1)
    weak = flat.topk(int(discard * flat.shape[1]), largest=False).indices
    flat.scatter_(1, weak, 0)
    return fused / fused.sum(-1, keepdim=True)

# wrong: it never finishes
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    while (fused == 0).sum() < 1:
        weakest = fused.flatten(1).min(dim=1)
    return fused / fused.sum(dim=-1, keepdim=True)

# wrong: *
# (up to a quantile)
def discard_weakest(attention, discard):
    fused = attention.mean(1)
    limit = fused.flatten(1).quantile(discard, 1)
    fused = torch.where(fused <= limit[:, None, None], 0, fused)
    return fused / fused.sum(-1, keepdim=True)
