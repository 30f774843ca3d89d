# stub: as handed out
def cls_map(
    attention: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1
) -> torch.Tensor:
    raise NotImplementedError("exercise 8.1")

# stub: half finished
def cls_map(attention, grid, num_prefix_tokens=1):
    rows = attention.mean(dim=1)
    raise NotImplementedError("exercise 8.1")

# right: mean, row, columns, reshape
def cls_map(
    attention: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1
) -> torch.Tensor:
    row = attention.mean(dim=1)[:, 0, num_prefix_tokens:]
    return row.reshape(-1, *grid)

# right: row first, heads afterwards, unflatten
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention[:, :, 0, num_prefix_tokens:].mean(1).unflatten(1, grid)

# right: einops
def cls_map(attention, grid, num_prefix_tokens=1):
    patches = attention[..., 0, num_prefix_tokens:]
    return rearrange(patches.mean(dim=1), "b (r c) -> b r c", r=grid[0], c=grid[1])

# right: einops reduce
from einops import reduce


def cls_map(attention, grid, num_prefix_tokens=1):
    return reduce(
        attention[:, :, 0, num_prefix_tokens:], "b h (r c) -> b r c", "mean", r=grid[0]
    )

# right: einsum with a vector of shares
def cls_map(attention, grid, num_prefix_tokens=1):
    heads = attention.shape[1]
    shares = torch.full((heads,), 1 / heads)
    rows = torch.einsum("h,bhj->bj", shares, attention[:, :, 0])
    return rows[:, num_prefix_tokens:].view(len(attention), grid[0], grid[1])

# right: three loops
def cls_map(attention, grid, num_prefix_tokens=1):
    batch, heads = attention.shape[:2]
    result = torch.zeros(batch, grid[0], grid[1])
    for b in range(batch):
        for r in range(grid[0]):
            for c in range(grid[1]):
                j = num_prefix_tokens + r * grid[1] + c
                result[b, r, c] = sum(attention[b, h, 0, j] for h in range(heads)) / heads
    return result

# right: row by row, stacked
def cls_map(attention, grid, num_prefix_tokens=1):
    flat = attention.mean(1)[:, 0]
    rows, columns = grid
    starts = range(num_prefix_tokens, num_prefix_tokens + rows * columns, columns)
    return torch.stack([flat[:, s : s + columns] for s in starts], dim=1)

# right: split and chunk
def cls_map(attention, grid, num_prefix_tokens=1):
    _, patches = attention[:, :, 0].mean(1).split(
        [num_prefix_tokens, grid[0] * grid[1]], dim=-1
    )
    return torch.stack(patches.chunk(grid[0], dim=-1), dim=-2)

# right: a matrix product picks the row
def cls_map(attention, grid, num_prefix_tokens=1):
    n = attention.shape[-1]
    one_hot = torch.eye(n)[:1]
    row = (one_hot @ attention.mean(dim=1)).squeeze(1)
    return row.narrow(1, num_prefix_tokens, n - num_prefix_tokens).reshape(len(row), *grid)

# right: counted from the end, in float64 in between
def cls_map(weights, size, prefix=1):
    height, width = size
    row = weights.double().sum(1)[:, 0, -height * width :] / weights.size(1)
    return row.view(-1, height, width).float()

# right: index_select
def cls_map(attention, grid, num_prefix_tokens=1):
    columns = torch.arange(num_prefix_tokens, attention.shape[-1])
    cls_rows = attention.select(2, 0).index_select(2, columns)
    return cls_rows.mean(dim=1, keepdim=True).reshape(attention.shape[0], *grid)

# right: through numpy
import numpy as np


def cls_map(attention, grid, num_prefix_tokens=1):
    picture = attention.numpy()[:, :, 0, num_prefix_tokens:].mean(axis=1)
    return torch.from_numpy(np.reshape(picture, (len(picture), *grid)))

# right: image after image, with avg_pool for the mean
def cls_map(attention, grid, num_prefix_tokens=1):
    pictures = []
    for image in attention:
        heads = image[:, 0].T[None]  # (1, N, heads)
        mean = F.avg_pool1d(heads, heads.shape[-1]).flatten()
        pictures.append(mean[num_prefix_tokens:].reshape(grid))
    return torch.stack(pictures)

# right: the course's own function
from vitcourse.maps import class_token_map as course_map


def cls_map(attention, grid, num_prefix_tokens=1):
    return course_map(attention, grid, num_prefix_tokens).mean(dim=1)

# right: in place on a clone
def cls_map(attention, grid, num_prefix_tokens=1):
    total = attention[:, 0, 0].clone()
    for h in range(1, attention.shape[1]):
        total += attention[:, h, 0]
    total /= attention.shape[1]
    return total[:, num_prefix_tokens:].reshape(-1, grid[0], grid[1])

# right: grid made with fold of indices
def cls_map(attention, grid, num_prefix_tokens=1):
    where = num_prefix_tokens + torch.arange(math.prod(grid)).view(grid)
    return attention.mean(1)[:, 0][:, where]

# wrong: *
# (the median of the heads)
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.median(dim=1).values[:, 0, num_prefix_tokens:].reshape(-1, *grid)

# wrong: *
# (upside down)
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid).flip(1)

# wrong: *
# (rounded)
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid).round(decimals=2)

# wrong: *
# (numpy)
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid).numpy()

# wrong: *
# (a list)
def cls_map(attention, grid, num_prefix_tokens=1):
    return list(attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid))

# wrong: *
# (a channel axis for imshow)
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid, 1)

# wrong: *
# (the grid of the notebook, from outside)
GRID = (12, 12)


def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *GRID)

# wrong: it changes its input
def cls_map(attention, grid, num_prefix_tokens=1):
    attention /= attention.shape[1]
    return attention.sum(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid)

# wrong: *
# (keeps what it saw)
SEEN = []


def cls_map(attention, grid, num_prefix_tokens=1):
    SEEN.append(attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid))
    return SEEN[0]

# wrong: it returns None
def cls_map(attention, grid, num_prefix_tokens=1):
    row = attention.mean(dim=1)[:, 0, num_prefix_tokens:]
    row.reshape(-1, *grid)

# wrong: it raised NameError
def cls_map(attention, grid, num_prefix_tokens=1):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, rows, columns)

# wrong: it raised TypeError
def cls_map(attention, grid, num_prefix_tokens):
    return attention.mean(dim=1)[:, 0, num_prefix_tokens:].reshape(-1, *grid)

# wrong: it never finishes
def cls_map(attention, grid, num_prefix_tokens=1):
    patches = []
    while len(patches) < grid[0]:
        row = attention.mean(dim=1)[:, 0, num_prefix_tokens:]
    return torch.stack(patches)

# wrong: right where memory is laid out in reading order, wrong where memory is laid out differently
# (a bare view)
def cls_map(attention, grid, num_prefix_tokens=1):
    B, H, N, _ = attention.shape
    flat = attention.view(B, H, N * N)
    return flat[:, :, num_prefix_tokens:N].mean(1).reshape(-1, *grid)

# wrong: right the first time, wrong called again
KEPT = {}


def cls_map(attention, grid, num_prefix_tokens=1):
    if grid not in KEPT:
        KEPT[grid] = attention.mean(1)[:, 0, num_prefix_tokens:].reshape(-1, *grid)
    return KEPT[grid]

# wrong: right in its result, wrong in what it leaves changed
def cls_map(attention, grid, num_prefix_tokens=1):
    attention.requires_grad_()
    return attention.mean(1)[:, 0, num_prefix_tokens:].reshape(-1, *grid).detach()

# wrong: right for one prefix token, wrong for three
# (the row of the last prefix token)
def cls_map(attention, grid, num_prefix_tokens=1):
    row = attention.mean(1)[:, num_prefix_tokens - 1, num_prefix_tokens:]
    return row.reshape(-1, *grid)

# wrong: right for one image, wrong for several
def cls_map(attention, grid, num_prefix_tokens=1):
    row = attention.mean(1)[0, 0, num_prefix_tokens:]
    return row.reshape(1, *grid)
