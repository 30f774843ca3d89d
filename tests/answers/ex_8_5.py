# stub: as handed out
from collections.abc import Callable


def deletion_scores(
    score: Callable[[torch.Tensor], torch.Tensor],
    image: torch.Tensor,
    heat: torch.Tensor,
    steps: int,
) -> torch.Tensor:
    raise NotImplementedError("exercise 8.5")

# stub: half finished
def deletion_scores(score, image, heat, steps):
    order = heat.flatten().argsort(descending=True)
    raise NotImplementedError("exercise 8.5")

# right: masks of the grid, enlarged with repeat_interleave
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = heat.flatten().argsort(descending=True)
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep).unsqueeze(0)))
    return torch.cat(scores)

# right: ranks, and one batch for all entries
def deletion_scores(score, image, heat, steps):
    rank = heat.flatten().argsort(descending=True).argsort().view_as(heat)
    counts = torch.tensor([round(i * heat.numel() / steps) for i in range(steps + 1)])
    keep = rank[None] >= counts[:, None, None]
    scale = (image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1])
    keep = torch.kron(keep.float(), torch.ones(1, *scale))
    return score(image[None] * keep[:, None])

# right: einops, patches as an axis
def deletion_scores(score, image, heat, steps):
    r, c = heat.shape
    patches = rearrange(image, "k (r h) (c w) -> (r c) k h w", r=r, c=c)
    order = sorted(range(r * c), key=lambda i: -heat.flatten()[i].item())
    scores = []
    for i in range(steps + 1):
        left = patches.clone()
        left[order[: round(i * r * c / steps)]] = 0
        picture = rearrange(left, "(r c) k h w -> 1 k (r h) (c w)", r=r)
        scores.append(score(picture))
    return torch.stack(scores).flatten()

# right: numbers stacked, topk for each entry
def deletion_scores(score, image, heat, steps):
    n = heat.numel()
    scores = []
    for i in range(steps + 1):
        gone = heat.flatten().topk(round(i * n / steps)).indices
        mask = torch.zeros(n, dtype=torch.bool).index_fill(0, gone, True).view(1, 1, *heat.shape)
        mask = F.interpolate(mask.float(), size=image.shape[-2:], mode="nearest")
        scores.append(score(torch.where(mask.bool(), 0.0, image[None])).item())
    return torch.tensor(scores)

# right: recursion
def _remove(image, patch, heat):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    y, x = patch // heat.shape[1] * h, patch % heat.shape[1] * w
    image = image.clone()
    image[:, y : y + h, x : x + w] = 0
    return image


def _all_stages(image, order, heat):
    if not order:
        return [image]
    return [image, *_all_stages(_remove(image, order[0], heat), order[1:], heat)]


def deletion_scores(score, image, heat, steps):
    order = heat.flatten().argsort(descending=True).tolist()
    stages = _all_stages(image, order, heat)
    chosen = [stages[round(i * len(order) / steps)] for i in range(steps + 1)]
    return score(torch.stack(chosen))

# right: built up from the empty image, turned round
def deletion_scores(score, image, heat, steps):
    n, (rows, columns) = heat.numel(), heat.shape
    h, w = image.size(1) // rows, image.size(2) // columns
    coldest_first = torch.argsort(heat.flatten()).tolist()
    shown = {0: torch.zeros_like(image)}
    picture = torch.zeros_like(image)
    for k, patch in enumerate(coldest_first, start=1):
        y, x = patch // columns * h, patch % columns * w
        picture[:, y : y + h, x : x + w] = image[:, y : y + h, x : x + w]
        shown[k] = picture.clone()
    return torch.cat([score(shown[n - round(i * n / steps)][None]) for i in range(steps + 1)])

# right: views of the patches, zeroed in place on a clone
def deletion_scores(score, image, heat, steps):
    rows, columns = heat.shape
    work = image.clone()
    patches = work.unflatten(2, (columns, -1)).unflatten(1, (rows, -1))  # views
    order = torch.sort(heat.reshape(-1), descending=True)[1]
    out = torch.empty(steps + 1)
    removed = 0
    for i in range(steps + 1):
        while removed < round(i * rows * columns / steps):
            where = order[removed].item()
            patches[:, where // columns, :, where % columns] = 0
            removed += 1
        out[i] = score(work[None])[0]
    return out

# right: functools.partial and accumulate
from itertools import accumulate


def deletion_scores(score, image, heat, steps):
    columns = heat.shape[1]
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // columns

    def without(picture, patch):
        picture = picture.clone()
        y, x = patch // columns, patch % columns
        picture[:, y * h : y * h + h, x * w : x * w + w].zero_()
        return picture

    order = heat.flatten().argsort(descending=True).tolist()
    stages = list(accumulate(order, without, initial=image))
    with torch.no_grad():
        return torch.cat(
            [score(stages[round(i * len(order) / steps)][None]) for i in range(steps + 1)]
        )

# right: heat enlarged, pixels sorted
def deletion_scores(score, image, heat, steps):
    area = image.shape[1] // heat.shape[0] * (image.shape[2] // heat.shape[1])
    rank = heat.flatten().argsort(descending=True, stable=True).argsort().float().view_as(heat)
    big = F.interpolate(rank[None, None], image.shape[1:])[0, 0].flatten()
    pixels = big.argsort()
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(big.numel())
        keep[pixels[: area * round(i * heat.numel() / steps)]] = 0
        scores.append(score((image * keep.view(image.shape[1:]))[None]))
    return torch.cat(scores)

# right: other names, numpy for the order
import numpy as np


def deletion_scores(f, x, m, k):
    order = np.argsort(-m.numpy().ravel(), kind="stable")
    counts = np.rint(np.arange(k + 1) * m.numel() / k).astype(int)
    values = []
    for count in counts:
        alive = np.ones(m.numel(), dtype=np.float32)
        alive[order[:count]] = 0
        alive = alive.reshape(m.shape)
        alive = np.repeat(np.repeat(alive, x.shape[1] // m.shape[0], 0), x.shape[2] // m.shape[1], 1)
        values.append(f((x * torch.from_numpy(alive)).unsqueeze(dim=0)))
    return torch.stack(values)[:, 0]

# right: the course's own
from vitcourse.maps import deletion_curve


def deletion_scores(score, image, heat, steps):
    return deletion_curve(score, image[None], heat[None], steps=steps)[1][0]

# right: index of the patch for each pixel
def deletion_scores(score, image, heat, steps):
    _, height, width = image.shape
    rows, columns = heat.shape
    y = torch.arange(height) * rows // height
    x = torch.arange(width) * columns // width
    patch = y[:, None] * columns + x
    order = heat.flatten().sort(descending=True).indices
    scores = []
    for i in range(steps + 1):
        gone = torch.isin(patch, order[: round(i * rows * columns / steps)])
        scores.append(score(image.masked_fill(gone, 0).unsqueeze(0)))
    return torch.cat(scores, dim=0)

# right: fold and unfold
def deletion_scores(score, image, heat, steps):
    size = (image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1])
    columns = F.unfold(image[None], size, stride=size)  # (1, C * h * w, n)
    order = heat.flatten().argsort(descending=True)
    scores = []
    for i in range(steps + 1):
        left = columns.clone()
        left[:, :, order[: round(i * heat.numel() / steps)]] = 0
        scores.append(score(F.fold(left, image.shape[1:], size, stride=size)))
    return torch.cat(scores)

# wrong: *
# (noise)
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = heat.flatten().argsort(descending=True)
    noise = torch.randn_like(image)
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep + noise * (1 - keep)).unsqueeze(0)))
    return torch.cat(scores)

# wrong: it changes its input
def deletion_scores(score, image, heat, steps):
    rows, columns = heat.shape
    h, w = image.shape[1] // rows, image.shape[2] // columns
    order = heat.flatten().argsort(descending=True)
    done, scores = 0, []
    for i in range(steps + 1):
        count = round(i * rows * columns / steps)
        for patch in order[done:count]:
            row, column = divmod(int(patch), columns)
            image[:, row * h : (row + 1) * h, column * w : (column + 1) * w] = 0
        done = count
        scores.append(score(image[None]))
    return torch.cat(scores)

# wrong: it changes its input
# (the heat)
def deletion_scores(score, image, heat, steps):
    rows, columns = heat.shape
    h, w = image.shape[1] // rows, image.shape[2] // columns
    left, done, scores = image.clone(), 0, []
    for i in range(steps + 1):
        while done < round(i * rows * columns / steps):
            row, column = divmod(int(heat.argmax()), columns)
            heat[row, column] = -math.inf
            left[:, row * h : (row + 1) * h, column * w : (column + 1) * w] = 0
            done += 1
        scores.append(score(left[None]))
    return torch.cat(scores)

# wrong: *
# (a blurred mask)
def deletion_scores(score, image, heat, steps):
    order = heat.flatten().argsort(descending=True)
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = F.interpolate(keep.view(1, 1, *heat.shape), image.shape[1:], mode="bilinear")
        scores.append(score(image[None] * keep))
    return torch.cat(scores)

# wrong: *
# (each row sorted by itself)
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = heat.argsort(descending=True).flatten()
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep).unsqueeze(0)))
    return torch.cat(scores)

# wrong: *
# (random order)
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = torch.randperm(heat.numel())
    scores = []
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep).unsqueeze(0)))
    return torch.cat(scores)

# wrong: *
# (scores of earlier calls are kept)
SCORES = []


def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = heat.flatten().argsort(descending=True)
    for i in range(steps + 1):
        keep = torch.ones(heat.numel())
        keep[order[: round(i * heat.numel() / steps)]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        SCORES.append(score((image * keep).unsqueeze(0)))
    return torch.cat(SCORES)

# wrong: it returns None
def deletion_scores(score, image, heat, steps):
    scores = [score(image[None]) for _ in range(steps + 1)]
    torch.cat(scores)

# wrong: it raised NameError
def deletion_scores(score, image, heat, steps):
    return torch.cat([score(left[None]) for _ in range(steps + 1)])

# wrong: it raised TypeError
def deletion_scores(image, heat, steps):
    return heat

# wrong: it never finishes
def deletion_scores(score, image, heat, steps):
    removed, scores = 0, []
    while removed < heat.numel():
        scores = [score(image[None])]
    return torch.cat(scores)

# wrong: *
# (a quantile of the heat for a threshold)
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    large = heat.repeat_interleave(h, 0).repeat_interleave(w, 1)
    limits = [heat.flatten().quantile(1 - i / steps) for i in range(steps + 1)]
    return torch.cat([score((image * (large < limit))[None]) for limit in limits])
