# stub: as handed out
def to_heat(
    rows: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int, highest: float
) -> torch.Tensor:
    raise NotImplementedError("exercise 8.9")

# stub: half finished
def to_heat(rows, grid, num_prefix_tokens, highest):
    patches = rows[..., num_prefix_tokens:]
    raise NotImplementedError("exercise 8.9")

# right: divide, clamp, reshape
def to_heat(
    rows: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int, highest: float
) -> torch.Tensor:
    patches = rows[..., num_prefix_tokens:]
    return (patches / highest).clamp(max=1).reshape(*rows.shape[:-1], *grid)

# right: cut off first, then divided
def to_heat(rows, grid, num_prefix_tokens, highest):
    patches = rows[..., num_prefix_tokens:].clamp(0, highest)
    return patches.div(highest).unflatten(-1, grid)

# right: minimum with a tensor
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = torch.minimum(rows / highest, torch.tensor(1.0))
    return heat[..., num_prefix_tokens:].unflatten(-1, tuple(grid))

# right: einops
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = torch.clip(rows[..., num_prefix_tokens:] / highest, 0, 1)
    return rearrange(heat, "... (r c) -> ... r c", r=grid[0], c=grid[1])

# right: counted from the end
def to_heat(rows, grid, num_prefix_tokens, highest):
    height, width = grid
    patches = rows[..., -height * width :]
    heat = torch.where(patches > highest, torch.ones_like(patches), patches / highest)
    return heat.reshape(rows.shape[:-1] + (height, width))

# right: loops
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = torch.zeros(*rows.shape[:-1], *grid)
    for r in range(grid[0]):
        for c in range(grid[1]):
            weight = rows[..., num_prefix_tokens + r * grid[1] + c]
            heat[..., r, c] = torch.clamp(weight / highest, max=1.0)
    return heat

# right: recursion over the axes in front
def to_heat(rows, grid, num_prefix_tokens, highest):
    if rows.ndim > 1:
        return torch.stack([to_heat(row, grid, num_prefix_tokens, highest) for row in rows])
    return torch.tensor(
        [
            [min(rows[num_prefix_tokens + r * grid[1] + c].item() / highest, 1.0) for c in range(grid[1])]
            for r in range(grid[0])
        ]
    )

# right: in place on a clone
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = rows.clone()
    heat /= highest
    heat[heat > 1] = 1
    return heat[..., num_prefix_tokens:].reshape(*rows.shape[:-1], *grid)

# right: relu
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = 1 - F.relu(1 - rows / highest)
    return heat[..., num_prefix_tokens:].reshape(*heat.shape[:-1], *grid)

# right: split
def to_heat(rows, grid, num_prefix_tokens, highest):
    _, patches = rows.split([num_prefix_tokens, grid[0] * grid[1]], dim=-1)
    lines = patches.split(grid[1], dim=-1)
    return torch.stack([line.div(highest).clamp_max(1) for line in lines], dim=-2)

# right: float64 in between, other names
def to_heat(weights, size, skip, top):
    n = weights.shape[-1] - skip
    picture = weights.narrow(-1, skip, n).double().view(*weights.shape[:-1], *size)
    return (picture / top).clamp(min=0.0, max=1.0).to(weights.dtype)

# right: numpy
import numpy as np


def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = np.clip(rows.numpy()[..., num_prefix_tokens:] / highest, 0, 1)
    return torch.from_numpy(heat.reshape(*heat.shape[:-1], *grid).astype(np.float32))

# right: hardtanh
def to_heat(rows, grid, num_prefix_tokens, highest):
    flat = rows.reshape(-1, rows.shape[-1])[:, num_prefix_tokens:]
    heat = F.hardtanh(flat * (1 / highest), 0.0, 1.0)
    return heat.reshape(*rows.shape[:-1], *grid)

# right: lerp by hand, with a table of places
def to_heat(rows, grid, num_prefix_tokens, highest):
    where = num_prefix_tokens + torch.arange(grid[0] * grid[1]).reshape(grid)
    heat = rows[..., where] / highest
    return heat - (heat - 1) * (heat > 1)

# wrong: *
# (standardised)
def to_heat(rows, grid, num_prefix_tokens, highest):
    patches = rows[..., num_prefix_tokens:]
    heat = (patches - patches.mean(-1, keepdim=True)) / patches.std(-1, keepdim=True)
    return heat.clamp(0, 1).unflatten(-1, grid)

# wrong: *
# (another softmax)
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = (rows[..., num_prefix_tokens:].softmax(-1) / highest).clamp(max=1)
    return heat.unflatten(-1, grid)

# wrong: *
# (upside down)
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = (rows[..., num_prefix_tokens:] / highest).clamp(max=1)
    return heat.unflatten(-1, grid).flip(-2)

# wrong: *
# (colours)
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = (rows[..., num_prefix_tokens:] / highest).clamp(max=1).unflatten(-1, grid)
    return torch.stack([heat] * 3, dim=-1)

# wrong: *
# (highest is the largest seen so far)
SEEN = [0.0]


def to_heat(rows, grid, num_prefix_tokens, highest):
    SEEN.append(max(SEEN[-1], highest))
    heat = (rows[..., num_prefix_tokens:] / SEEN[-1]).clamp(max=1)
    return heat.unflatten(-1, grid)

# wrong: *
# (a list of maps)
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = (rows[..., num_prefix_tokens:] / highest).clamp(max=1).unflatten(-1, grid)
    return list(heat)

# wrong: it changes its input
def to_heat(rows, grid, num_prefix_tokens, highest):
    rows /= highest
    return rows.clamp(max=1)[..., num_prefix_tokens:].unflatten(-1, grid)

# wrong: it changes its input
# (clamped in place)
def to_heat(rows, grid, num_prefix_tokens, highest):
    return rows.clamp_(max=highest)[..., num_prefix_tokens:].unflatten(-1, grid) / highest

# wrong: it returns None
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = (rows[..., num_prefix_tokens:] / highest).clamp(max=1).unflatten(-1, grid)

# wrong: it raised NameError
def to_heat(rows, grid, num_prefix_tokens, highest):
    return (rows[..., num_prefix_tokens:] / highest).clamp(max=1).reshape(-1, side, side)

# wrong: it raised TypeError
def to_heat(rows, grid, highest):
    return rows / highest

# wrong: it never finishes
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = rows
    while heat.max() != 1:
        heat = (rows / highest).clamp(max=0.9)
    return heat

# wrong: right for rows (B, N), wrong for (B, heads, N)
def to_heat(rows, grid, num_prefix_tokens, highest):
    patches = rows[:, num_prefix_tokens:]
    return (patches / highest).clamp(max=1).view(-1, *grid)

# wrong: right where no weight is above `highest`, wrong where some are
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = rows[..., num_prefix_tokens:] / highest
    return heat.clamp(max=highest).unflatten(-1, grid)

# wrong: *
# (rounded)
def to_heat(rows, grid, num_prefix_tokens, highest):
    heat = rows[..., num_prefix_tokens:] / highest
    return heat.round(decimals=2).clamp(max=1).unflatten(-1, grid)
