# stub: as handed out
def patch_angles(grid, head_dim):
    raise NotImplementedError("exercise 12.1")

# right: cartesian_prod
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim")
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]
    places = torch.cartesian_prod(*centres)
    periods = 100 ** (torch.arange(head_dim // 4) / (head_dim // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)

# right: quotient and remainder
def patch_angles(grid, head_dim):
    rows, columns = grid
    quarter, rest = divmod(head_dim, 4)
    if rest:
        raise ValueError("head_dim must be a multiple of 4")
    n = torch.arange(rows * columns)
    y = (2 * (n // columns) + 1) / rows - 1
    x = (2 * (n % columns) + 1) / columns - 1
    w = 2 * torch.pi / 100 ** (torch.arange(quarter) / quarter)
    return torch.hstack([y[:, None] * w, x[:, None] * w])

# right: loops in plain Python
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    rows, columns = grid
    angles = []
    for i in range(rows):
        for j in range(columns):
            row = []
            for c, n in ((i, rows), (j, columns)):
                for k in range(head_dim // 4):
                    row.append(math.tau * ((2 * c + 1) / n - 1) / 100 ** (4 * k / head_dim))
            angles.append(row)
    return torch.tensor(angles)

# right: einsum, outer products
def patch_angles(grid, head_dim):
    if head_dim % 4 > 0:
        raise ValueError("head_dim must be a multiple of 4")
    periods = torch.logspace(0, 2, head_dim // 4 + 1)[:-1]
    ys, xs = [torch.outer((torch.arange(n) + 0.5) / n * 2 - 1, math.tau / periods) for n in grid]
    rows, columns = grid
    ys = ys[:, None].expand(rows, columns, -1)
    xs = xs[None].expand(rows, columns, -1)
    return torch.cat([ys, xs], dim=-1).reshape(rows * columns, -1)

# right: filled in
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    h, w = grid
    d = head_dim // 4
    table = torch.empty(h, w, 2 * d)
    turns = 2 * math.pi * 100.0 ** -(torch.arange(d) / d)
    table[:, :, :d] = (torch.linspace(1 - h, h - 1, h) / h)[:, None, None] * turns
    table[:, :, d:] = (torch.linspace(1 - w, w - 1, w) / w)[:, None] * turns
    return table.reshape(h * w, 2 * d)

# right: einops and numpy
import numpy as np
from einops import repeat

def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    r, c = grid
    periods = np.power(100, np.arange(0, head_dim, 4) / head_dim)
    y, x = [2 * np.pi * ((2 * np.arange(n) + 1) / n - 1)[:, None] / periods for n in (r, c)]
    both = np.concatenate([repeat(y, "r p -> (r c) p", c=c), repeat(x, "c p -> (r c) p", r=r)], axis=1)
    return torch.from_numpy(both).float()

# right: float64 inside
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError(head_dim)
    exponents = torch.arange(0, head_dim, 4, dtype=torch.float64) / head_dim
    periods = torch.pow(torch.tensor(100.0, dtype=torch.float64), exponents)
    def side(n):
        centre = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        return (4 * math.pi * (centre - 0.5))[:, None] / periods
    y, x = side(grid[0]), side(grid[1])
    return torch.cat([torch.cat([row.expand(len(x), -1), x], 1) for row in y]).to(torch.float32)

# wrong: it returns None
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]

# wrong: *
def patch_angles(grid, head_dim):
    assert head_dim % 4 == 0
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]
    places = torch.cartesian_prod(*centres)
    periods = 100 ** (torch.arange(head_dim // 4) / (head_dim // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)

# wrong: *
def patch_angles(grid, head_dim):
    if head_dim not in (4, 8, 12, 16, 64):
        raise TypeError("head_dim must be a multiple of 4")
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]
    places = torch.cartesian_prod(*centres)
    periods = 100 ** (torch.arange(head_dim // 4) / (head_dim // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)

# wrong: *
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]
    places = torch.cartesian_prod(*centres).round(decimals=2)
    periods = 100 ** (torch.arange(head_dim // 4) / (head_dim // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)

# wrong: *
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError("head_dim must be a multiple of 4")
    numbers = list(range(64))
    rows, columns = (torch.tensor([(2 * numbers[i] + 1) / n - 1 for i in range(n)]) for n in grid)
    periods = 100 ** (4 * torch.arange(head_dim // 4) / head_dim)
    places = torch.cartesian_prod(rows, columns)
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)
