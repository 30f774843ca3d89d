from vitcourse.model import sincos_1d

# stub: as handed out
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    raise NotImplementedError("exercise 3.3")

# right: meshgrid
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.hstack([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)])

# right: broadcasting on the grid, then flattened
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    table = torch.empty(rows, columns, dim)
    table[:, :, : dim // 2] = sincos_1d(rows, dim // 2)[:, None]
    table[:, :, dim // 2 :] = sincos_1d(columns, dim // 2)[None]
    return table.flatten(0, 1)

# right: two loops
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    of_row, of_column = sincos_1d(rows, dim // 2), sincos_1d(columns, dim // 2)
    return torch.stack(
        [torch.cat([of_row[r], of_column[c]]) for r in range(rows) for c in range(columns)]
    )

# right: meshgrid with xy and the names the other way round
def sincos_2d(grid_size, dim):
    h, w = grid_size
    x, y = torch.meshgrid(torch.arange(w), torch.arange(h), indexing="xy")
    parts = [sincos_1d(axis.reshape(-1), dim // 2) for axis in (y, x)]
    return torch.hstack(parts)

# right: expand both and flatten
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    half = dim // 2
    r = sincos_1d(rows, half)[:, None].expand(rows, columns, half)
    c = sincos_1d(columns, half)[None].expand(rows, columns, half)
    return torch.cat([r, c], dim=2).flatten(0, 1)

# right: einops repeat
from einops import repeat

def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = repeat(sincos_1d(rows, dim // 2), "r d -> (r c) d", c=columns)
    c = repeat(sincos_1d(columns, dim // 2), "c d -> (r c) d", r=rows)
    return torch.cat((r, c), 1)

# right: filled into a table (rows, columns, dim)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    table = torch.zeros(rows, columns, dim)
    table[..., : dim // 2] = sincos_1d(rows, dim // 2).unsqueeze(1)
    table[..., dim // 2 :] = sincos_1d(columns, dim // 2)
    return table.reshape(-1, dim)

# right: cartesian product of the places
def sincos_2d(grid_size, dim):
    places = torch.cartesian_prod(torch.arange(grid_size[0]), torch.arange(grid_size[1]))
    return torch.cat([sincos_1d(axis, dim // 2) for axis in places.T], dim=1)

# right: kronecker products
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = torch.kron(sincos_1d(rows, dim // 2), torch.ones(columns, 1))
    c = torch.kron(torch.ones(rows, 1), sincos_1d(columns, dim // 2))
    return torch.cat([r, c], dim=1)

# right: look up in two tables with F.embedding
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r, c = torch.unravel_index(torch.arange(rows * columns), (rows, columns))
    return torch.cat([F.embedding(r, sincos_1d(rows, dim // 2)), F.embedding(c, sincos_1d(columns, dim // 2))], -1)

# right: refuses a dim that is no multiple of 4
def sincos_2d(grid_size, dim):
    assert dim % 4 == 0
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return torch.cat([sincos_1d(p // columns, dim // 2), sincos_1d(p % columns, dim // 2)], dim=1)

# wrong: it returns None
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    table = torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)

# wrong: right for the first place, wrong for later ones
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    return torch.cat([sincos_1d(rows, dim // 2), sincos_1d(columns, dim // 2)], dim=1)

# wrong: *
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n / columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)

# wrong: *
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return [sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)]

# wrong: *
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return sincos_1d(n // columns, dim) * sincos_1d(n % columns, dim)

# wrong: *
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    t = torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)
    return t.flip(0)

# wrong: it never finishes
def sincos_2d(grid_size, dim):
    table = []
    while len(table) < grid_size[0] * grid_size[1]:
        table = [sincos_1d(grid_size[0], dim // 2)]
    return torch.cat(table)

# wrong: *
# (column first and counted down the columns)
def sincos_2d(grid_size, dim):
    columns, rows = grid_size
    return torch.stack([
        torch.cat([sincos_1d(torch.tensor([c]), dim // 2)[0], sincos_1d(torch.tensor([r]), dim // 2)[0]])
        for c in range(columns) for r in range(rows)
    ]).flip(0)

# wrong: right for several places, wrong for a single one
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return torch.cat([sincos_1d(p // columns, dim // 2), sincos_1d(p % columns, dim // 2)], dim=1).squeeze(0)

# wrong: right for a square grid, wrong for 2 x 3
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2).repeat_interleave(rows, 0)
    c = sincos_1d(columns, dim // 2).repeat(columns, 1)
    return torch.cat([r, c], dim=1)

# wrong: right for a single row, wrong for two
# (every second row runs backwards)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    there, back = torch.arange(columns), torch.arange(columns).flip(0)
    c = torch.cat([back if r % 2 else there for r in range(rows)])
    r = torch.arange(rows).repeat_interleave(columns)
    return torch.cat([sincos_1d(r, dim // 2), sincos_1d(c, dim // 2)], dim=1)
