from vitcourse.model import sincos_1d


# right: quotient and remainder
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    n = torch.arange(rows * columns)
    row, column = n // columns, n % columns
    return torch.cat([sincos_1d(row, dim // 2), sincos_1d(column, dim // 2)], dim=1)

# wrong: rows and columns swapped
# > The first half of your channels tells the column, the second the row. The row comes first.
# > (MAE's code has the column first, like yours: its tables differ.)
# ~ row, column = => column, row =

# wrong: columns before rows
# > Your tokens run down the columns of the grid. Raster order goes along each row first.
# ~ n // columns, n % columns => n % rows, n // rows

# wrong: the grid is turned
# > Your table is right for `columns` rows of `rows`. grid_size is (rows, columns), in this order:
# > the row number of place n is n // columns, and its column is n % columns.
# ~ n // columns, n % columns => n // rows, n % rows

# wrong: the row is in both halves
# > Both halves tell the row, so all tokens of a row look alike: the second half is for the column.
# ~ n % columns => n // columns

# wrong: the column is in both halves
# > Both halves tell the column, so all tokens of a column look alike: the first half is for the
# > row.
# ~ n // columns => n % columns

# wrong: one line, not a grid
# > You numbered the tokens along one line. A token and the one below it are then as far apart as a
# > row is long. The first half is for the row, n // columns, the second for the column, n %
# > columns.
# ~ torch.cat([sincos_1d(row, dim // 2), sincos_1d(column, dim // 2)], dim=1) => sincos_1d(n, dim)
# wrong: one line, not a grid
# ~ n // columns, n % columns => n, n

# wrong: added instead of joined
# > You added the waves of row and column. They should stand side by side, `torch.cat(..., dim=1)`,
# > so that each can be read off.
# ~ torch.cat([sincos_1d(row, dim // 2), sincos_1d(column, dim // 2)], dim=1) => sincos_1d(row, dim) + sincos_1d(column, dim)
# wrong: added instead of joined
# ~ torch.cat([sincos_1d(row, dim // 2), sincos_1d(column, dim // 2)], dim=1) => sincos_1d(row, dim // 2) + sincos_1d(column, dim // 2)

# wrong: twice as wide as it should be
# > Row and column share the dim channels: give each `dim // 2`.
# ~ sincos_1d(row, dim // 2), sincos_1d(column, dim // 2) => sincos_1d(row, dim), sincos_1d(column, dim)

# wrong: a square grid is assumed
# > You assume that the grid is square. It may be wider than it is high, or higher than it is wide.
# ~ rows, columns = grid_size => rows = columns = grid_size[0]
# wrong: a square grid is assumed
# ~ rows, columns = grid_size => rows = columns = grid_size[1]
# wrong: a square grid is assumed
# ~ n // columns, n % columns => n // int(len(n) ** 0.5), n % int(len(n) ** 0.5)

# wrong: positions divided by their number
# > You squeezed rows and columns into 0 to 1. They count 0, 1, 2, ...
# ~ n // columns, n % columns => n // columns / rows, n % columns / columns

# wrong: positions counted from 1
# > Rows and columns count from 0. Position 0 comes first: all its sines are 0 and all its cosines
# > 1.
# ~ n // columns, n % columns => n // columns + 1, n % columns + 1

# wrong: the grid is still two axes
# > You kept the grid as (rows, columns). Merge the two: (rows * columns, dim).
# ~ dim=1) => dim=1).reshape(rows, columns, dim)

# wrong: positions between the places
# > You count from 0.5, the middle of each patch. Rows and columns count from 0.
# ~ n // columns, n % columns => n // columns + 0.5, n % columns + 0.5

# wrong: only sines
# > The first half of sincos_1d(row, dim) is its sines alone. Ask for sincos_1d(row, dim // 2).
# ~ sincos_1d(row, dim // 2), sincos_1d(column, dim // 2) => sincos_1d(row, dim)[:, : dim // 2], sincos_1d(column, dim)[:, : dim // 2]

# wrong: float64
# > The result is float64, but tokens are not. `.float()` makes it float32.
# ~ dim=1) => dim=1).double()

# wrong: an extra batch axis
# > Yours has one axis more than (rows * columns, dim).
# ~ dim=1) => dim=1)[None]

# wrong: a row for CLS
# > There is one row too many: CLS has no place in the grid and is not part of this table.
# ~ return torch.cat( => table = torch.cat(
# ~ dim=1) => dim=1); return torch.cat([torch.zeros(1, dim), table])
# wrong: a row for CLS
# ~ torch.arange(rows * columns) => torch.arange(rows * columns + 1)

# wrong: positions and channels swapped
# > The result is (dim, rows * columns). It should have a row for each token.
# ~ dim=1) => dim=1).T

# wrong: joined below each other
# > The columns ended up below the rows. Put them side by side: `torch.cat(..., dim=1)`.
# ~ , dim=1 =>

# right: repeat_interleave and repeat
# > The waves are computed once for each row and each column, then repeated: a row's waves `columns`
# > times each, those of the columns `rows` times over.
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    row = sincos_1d(rows, dim // 2).repeat_interleave(columns, dim=0)
    column = sincos_1d(columns, dim // 2).repeat(rows, 1)
    return torch.cat([row, column], dim=1)

# wrong: the two kinds of repeat are mixed up
# > A whole row of the grid has one row number: 0 0 0 1 1 1. The column number counts along the row:
# > 0 1 2 0 1 2. One needs `repeat_interleave`, the other `repeat`.
# ~ .repeat_interleave(columns, dim=0) => .repeat(columns, 1)
# wrong: the two kinds of repeat are mixed up
# ~ .repeat(rows, 1) => .repeat_interleave(rows, dim=0)

# right: meshgrid, and the waves written out
# > `meshgrid` makes the coordinates; `indexing="ij"` puts rows first.
def sincos_2d(grid_size, dim):
    rows, columns = grid_size
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    w = 10000 ** (-torch.arange(dim // 4) / (dim // 4))
    y, x = y.flatten()[:, None] * w, x.flatten()[:, None] * w
    return torch.cat([y.sin(), y.cos(), x.sin(), x.cos()], dim=1)

# wrong: sines of both, then cosines of both
# > The right numbers, but the quarters are sin(row), sin(column), cos(row), cos(column), as in
# > timm. Put everything for the row first, then everything for the column.
# ~ y.cos(), x.sin() => x.sin(), y.cos()

# wrong: cosines before sines
# > In each half the cosines come first. `sincos_1d` has the sines first.
# ~ y.sin(), y.cos(), x.sin(), x.cos() => y.cos(), y.sin(), x.cos(), x.sin()

# wrong: sines and cosines interleaved
# > The right numbers, but sine and cosine alternate inside each half.
# ~ y.sin(), y.cos() => torch.stack([y.sin(), y.cos()], dim=2).flatten(1)
# ~ x.sin(), x.cos() => torch.stack([x.sin(), x.cos()], dim=2).flatten(1)

# wrong: positions divided by their number
# ~ torch.arange(rows), torch.arange(columns) => torch.linspace(0, 1, rows), torch.linspace(0, 1, columns)

# wrong: the last frequency is 1 / 10000
# > Your exponents end at -1, as after a division by dim / 4 - 1. `sincos_1d` has -i / (dim / 4) here.
# ~ / (dim // 4)) => / (dim // 4 - 1))

# wrong: the table of big_vision and lucidrains
# > Your table is that of big_vision and lucidrains: the column first, and exponents that end at -1.
# > Here the row comes first, and the waves are those of `sincos_1d`.
# ~ / (dim // 4)) => / (dim // 4 - 1))
# ~ y.sin(), y.cos(), x.sin(), x.cos() => x.sin(), x.cos(), y.sin(), y.cos()
