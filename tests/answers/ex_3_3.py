from vitcourse.model import sincos_1d

# stub: as handed out
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    raise NotImplementedError("exercise 3.3")

# right: quotient and remainder
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)

# right: repeat_interleave and repeat
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2).repeat_interleave(columns, dim=0)
    c = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([r, c], dim=-1)

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

# right: cartesian_prod, and the waves written out
def sincos_2d(grid_size, dim):
    places = torch.cartesian_prod(torch.arange(grid_size[0]), torch.arange(grid_size[1]))
    quarter = dim // 4
    w = 10000.0 ** (-torch.arange(quarter) / quarter)
    angles = places[:, :, None] * w  # (N, 2, quarter)
    return torch.cat([angles.sin(), angles.cos()], dim=2).flatten(1)

# right: einops
def sincos_2d(grid_size, dim):
    from einops import repeat

    rows, columns = grid_size
    r = repeat(sincos_1d(rows, dim // 2), "r d -> (r c) d", c=columns)
    c = repeat(sincos_1d(columns, dim // 2), "c d -> (r c) d", r=rows)
    return torch.cat((r, c), 1)

# right: loops
def sincos_2d(grid_size: tuple[int, int], dim: int) -> torch.Tensor:
    rows, columns = grid_size
    of_row, of_column = sincos_1d(rows, dim // 2), sincos_1d(columns, dim // 2)
    places = []
    for r in range(rows):
        for c in range(columns):
            places.append(torch.cat([of_row[r], of_column[c]]))
    return torch.stack(places)

# right: meshgrid with ij
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.cat([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)], dim=-1)

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

# wrong: rows and columns swapped
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    x, y = torch.meshgrid(torch.arange(columns), torch.arange(rows), indexing="xy")
    return torch.cat([sincos_1d(x.flatten(), dim // 2), sincos_1d(y.flatten(), dim // 2)], dim=1)

# wrong: columns before rows
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="xy")
    return torch.cat([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)], dim=1)

# wrong: divided by the rows, not by the columns
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // rows, dim // 2), sincos_1d(n % rows, dim // 2)], dim=1)

# wrong: divided by the rows, not by the columns
def sincos_2d(grid_size, dim):
    columns, rows = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)

# wrong: the table is shared wrongly between rows and columns
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2).repeat(columns, 1)
    c = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([r, c], dim=1)

# wrong: the table is shared wrongly between rows and columns
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2).repeat_interleave(columns, 0)
    c = sincos_1d(columns, dim // 2).repeat_interleave(rows, 0)
    return torch.cat([r, c], dim=1)

# wrong: the row stands in both halves
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2).repeat_interleave(columns, 0)
    return torch.cat([r, r], dim=1)

# wrong: the column stands in both halves
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    c = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([c, c], dim=1)

# wrong: one line, not a grid
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    return sincos_1d(rows * columns, dim)

# wrong: one line, not a grid
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    line = sincos_1d(rows * columns, dim // 2)
    return torch.cat([line, line], dim=1)

# wrong: sines of both, then cosines of both
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    w = 1 / 10000 ** (torch.arange(dim // 4) / (dim // 4))
    y, x = y.flatten()[:, None] * w, x.flatten()[:, None] * w
    return torch.cat([y.sin(), x.sin(), y.cos(), x.cos()], dim=1)

# wrong: cosines before sines
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    w = 1 / 10000 ** (torch.arange(dim // 4) / (dim // 4))
    y, x = y.flatten()[:, None] * w, x.flatten()[:, None] * w
    return torch.cat([y.cos(), y.sin(), x.cos(), x.sin()], dim=1)

# wrong: sines and cosines interleaved
def sincos_2d(grid_size, dim):
    rows, columns = grid_size

    def waves(p):
        table = torch.zeros(len(p), dim // 2)
        w = torch.exp(torch.arange(0, dim // 2, 2) * (-math.log(10000.0) / (dim // 2)))
        table[:, 0::2], table[:, 1::2] = torch.sin(p[:, None] * w), torch.cos(p[:, None] * w)
        return table

    n = torch.arange(rows * columns)
    return torch.cat([waves(n // columns), waves(n % columns)], dim=1)

# wrong: added where joined is meant
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    return (sincos_1d(rows, dim)[:, None] + sincos_1d(columns, dim)[None]).reshape(-1, dim)

# wrong: added where joined is meant
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return sincos_1d(n // columns, dim // 2) + sincos_1d(n % columns, dim // 2)

# wrong: twice as wide as asked
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim), sincos_1d(n % columns, dim)], dim=1)

# wrong: a square grid is assumed
def sincos_2d(grid_size, dim):
    side, _ = grid_size
    n = torch.arange(side * side)
    return torch.cat([sincos_1d(n // side, dim // 2), sincos_1d(n % side, dim // 2)], dim=1)

# wrong: a square grid is assumed
def sincos_2d(grid_size, dim):
    side = grid_size[1]
    n = torch.arange(side ** 2)
    return torch.cat([sincos_1d(n // side, dim // 2), sincos_1d(n % side, dim // 2)], dim=1)

# wrong: positions divided by their number
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y = torch.arange(rows).repeat_interleave(columns) / rows
    x = torch.arange(columns).repeat(rows) / columns
    return torch.cat([sincos_1d(y, dim // 2), sincos_1d(x, dim // 2)], dim=1)

# wrong: positions counted from 1
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y = torch.arange(1, rows + 1).repeat_interleave(columns)
    x = torch.arange(1, columns + 1).repeat(rows)
    return torch.cat([sincos_1d(y, dim // 2), sincos_1d(x, dim // 2)], dim=1)

# wrong: the grid is still two axes
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r = sincos_1d(rows, dim // 2)[:, None].expand(-1, columns, -1)
    c = sincos_1d(columns, dim // 2)[None].expand(rows, -1, -1)
    return torch.cat([r, c], dim=2)

# wrong: a batch axis too much
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], 1)[None]

# wrong: a row for CLS
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    table = torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)
    return F.pad(table, (0, 0, 1, 0))

# wrong: positions and channels swapped
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim // 2).T, sincos_1d(n % columns, dim // 2).T])

# wrong: joined below each other
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    return torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)])

# wrong: it returns None
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    table = torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)

# wrong: it raised RuntimeError
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
    t = torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)
    return t.double()

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

# wrong: it does not come to an end
def sincos_2d(grid_size, dim):
    table = []
    while len(table) < grid_size[0] * grid_size[1]:
        table = [sincos_1d(grid_size[0], dim // 2)]
    return torch.cat(table)

# wrong: rows and columns swapped
# (column first, row second)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return torch.cat([sincos_1d(p % columns, dim // 2), sincos_1d(p // columns, dim // 2)], dim=1)

# wrong: columns before rows
# (places counted down the columns)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y = sincos_1d(rows, dim // 2).repeat(columns, 1)
    x = sincos_1d(columns, dim // 2).repeat_interleave(rows, dim=0)
    return torch.cat([y, x], dim=1)

# wrong: *
# (full clocks cut to the first half, only sines remain)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return torch.cat([sincos_1d(p // columns, dim)[:, : dim // 2], sincos_1d(p % columns, dim)[:, : dim // 2]], dim=1)

# wrong: sines of both, then cosines of both
# (all sines first, then all cosines)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    r, c = sincos_1d(p // columns, dim // 2), sincos_1d(p % columns, dim // 2)
    q = dim // 4
    return torch.cat([r[:, :q], c[:, :q], r[:, q:], c[:, q:]], dim=1)

# wrong: positions counted from 1
# (counts from 1)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(1, rows + 1), torch.arange(1, columns + 1), indexing="ij")
    return torch.cat([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)], dim=1)

# wrong: the table is shared wrongly between rows and columns
# (repeat for both, rows not held along the row)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    r, c = sincos_1d(rows, dim // 2), sincos_1d(columns, dim // 2)
    return torch.cat([r.repeat(columns, 1), c.repeat(rows, 1)], dim=1)

# wrong: the table is shared wrongly between rows and columns
# (expanded the wrong way and reshaped)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    half = dim // 2
    r = sincos_1d(rows, half).expand(columns, rows, half).reshape(rows * columns, half)
    c = sincos_1d(columns, half).expand(rows, columns, half).reshape(rows * columns, half)
    return torch.cat([r, c], dim=1)

# wrong: *
# (places scaled to 0 to 1)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.linspace(0, 1, rows), torch.linspace(0, 1, columns), indexing="ij")
    return torch.cat([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)], dim=1)

# wrong: the row stands in both halves
# (row used for both halves)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return sincos_1d(p // columns, dim // 2).repeat(1, 2)

# wrong: *
# (column first and counted down the columns)
def sincos_2d(grid_size, dim):
    columns, rows = grid_size
    return torch.stack([
        torch.cat([sincos_1d(torch.tensor([c]), dim // 2)[0], sincos_1d(torch.tensor([r]), dim // 2)[0]])
        for c in range(columns) for r in range(rows)
    ]).flip(0)

# wrong: *
# (centre of each patch, half a step off)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij")
    return torch.cat([sincos_1d(y.flatten(), dim // 2), sincos_1d(x.flatten(), dim // 2)], dim=1)

# wrong: *
# (float64 result through its own sines)
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    p = torch.arange(rows * columns)
    return torch.cat([sincos_1d(p // columns, dim // 2), sincos_1d(p % columns, dim // 2)], dim=1).double()
