# right: repeat_interleave and repeat
def patch_angles(grid, head_dim):
    if head_dim % 4 != 0:
        raise ValueError(f"head_dim must be a multiple of 4, got {head_dim}")
    y, x = ((2 * torch.arange(n) + 1) / n - 1 for n in grid)
    periods = 100 ** (4 * torch.arange(head_dim // 4) / head_dim)
    of_rows = (2 * math.pi * y[:, None] / periods).repeat_interleave(len(x), dim=0)
    of_columns = (2 * math.pi * x[:, None] / periods).repeat(len(y), 1)
    return torch.cat([of_rows, of_columns], dim=1)

# wrong: the two kinds of repeat are mixed up
# > A whole row of the grid has one centre: 0 0 0 1 1 1. Columns count along the row: 0 1 2 0 1 2. One
# > needs `repeat_interleave`, the other `repeat`.
# ~ .repeat_interleave(len(x), dim=0) => .repeat(len(x), 1)
# wrong: the two kinds of repeat are mixed up
# ~ .repeat(len(y), 1) => .repeat_interleave(len(y), dim=0)

# wrong: columns before rows
# > Your patches run down the columns of the grid. Raster order goes along each row first.
# ~ .repeat_interleave(len(x), dim=0) => .repeat(len(x), 1)
# ~ .repeat(len(y), 1) => .repeat_interleave(len(y), dim=0)

# wrong: row and column exchanged
# > The first half of your angles is the column's, the second the row's. In DINOv3 the row comes
# > first.
# ~ [of_rows, of_columns] => [of_columns, of_rows]

# wrong: the grid is turned
# > Your angles are right for a grid of (columns, rows): `grid` is (rows, columns), in this order.
# ~ for n in grid) => for n in grid[::-1])

# wrong: a square grid is assumed
# > You take the grid for a square. Rows and columns each have a number of their own.
# ~ for n in grid) => for n in (grid[0], grid[0]))
# wrong: a square grid is assumed
# ~ for n in grid) => for n in (grid[1], grid[1]))

# wrong: both sides divided by the longer
# > Only the longer side of your grid runs from -1 to 1. DINOv3 divides each side by itself, so that
# > both do, even if the patches are then further apart on one side than on the other.
# ~ for n in grid) => for n in grid); y, x = ((2 * torch.arange(n) + 1 - n) / max(grid) for n in grid)
# wrong: both sides divided by the longer
# ~ for n in grid) => for n in grid); y, x = ((2 * torch.arange(n) + 1) / max(grid) - 1 for n in grid)

# wrong: both sides divided by the shorter
# > The longer side of your grid goes beyond -1 and 1. Divide each side by its own number of patches.
# ~ for n in grid) => for n in grid); y, x = ((2 * torch.arange(n) + 1 - n) / min(grid) for n in grid)

# wrong: corner to corner
# > Your first patch is at -1 and your last at 1. These are the edges of the image; a patch's place is
# > its centre, half a patch further in: (2 i + 1) / n - 1.
# ~ (2 * torch.arange(n) + 1) / n - 1 for => torch.linspace(-1, 1, n) for
# wrong: corner to corner
# ~ (2 * torch.arange(n) + 1) / n - 1 for => 2 * torch.arange(n) / max(n - 1, 1) - 1 for

# wrong: the patches' upper left corners
# > Your places are the patches' upper left corners, 2 i / n - 1. Take their centres: (2 i + 1) / n -
# > 1.
# ~ (2 * torch.arange(n) + 1) / n - 1 for => 2 * torch.arange(n) / n - 1 for

# wrong: from 0 to 1
# > Your centres run from 0 to 1. They should run from -1 to 1, with 0 in the middle of the image.
# ~ (2 * torch.arange(n) + 1) / n - 1 for => (torch.arange(n) + 0.5) / n for

# wrong: from 0 to 2
# > Your centres run from 0 to 2: subtract 1, so that the middle of the image is 0.
# ~ / n - 1 for => / n for

# wrong: half as large
# > Your angles are half as large as they should be: the centres run from -1 to 1, not from -1/2 to
# > 1/2, and a whole turn is an angle of 2 pi.
# ~ (2 * torch.arange(n) + 1) / n - 1 for => (torch.arange(n) + 0.5) / n - 0.5 for

# wrong: patches counted from 1
# > Count patches from 0: the centre of the first is 1 / n - 1.
# ~ torch.arange(n) + 1) => torch.arange(1, n + 1) + 1)

# wrong: patch numbers
# > Your angles count patches, 0, 1, 2, ... For DINOv3 the place is a fraction of the image: its
# > centre, from -1 to 1.
# ~ (2 * torch.arange(n) + 1) / n - 1 for => torch.arange(n).float() for
# wrong: patch numbers
# ~ (2 * torch.arange(n) + 1) / n - 1 for => torch.arange(n).float() for
# ~ (2 * math.pi * y[:, None] => (y[:, None]
# ~ (2 * math.pi * x[:, None] => (x[:, None]
# wrong: patch numbers
# ~ (2 * torch.arange(n) + 1) / n - 1 for => torch.arange(n) + 0.5 for
# wrong: patch numbers
# ~ (2 * torch.arange(n) + 1) / n - 1 for => torch.arange(n) + 0.5 for
# ~ (2 * math.pi * y[:, None] => (y[:, None]
# ~ (2 * math.pi * x[:, None] => (x[:, None]

# wrong: base 10000
# > Your periods grow up to 10,000, as in texts. DINOv3's go up to 100.
# ~ 100 ** => 10000 **
# wrong: base 10000
# ~ 100 ** => 10000.0 **
# ~ (2 * math.pi * y[:, None] => (y[:, None]
# ~ (2 * math.pi * x[:, None] => (x[:, None]

# wrong: no 2 pi
# > You divide the centre by the period and leave out 2 pi: a whole turn is an angle of 2 pi.
# ~ (2 * math.pi * y[:, None] => (y[:, None]
# ~ (2 * math.pi * x[:, None] => (x[:, None]

# wrong: half as large
# ~ (2 * math.pi * y[:, None] => (math.pi * y[:, None]
# ~ (2 * math.pi * x[:, None] => (math.pi * x[:, None]

# wrong: degrees
# > Your angles are in degrees. `cos` and `sin` want radians: a whole turn is 2 pi.
# ~ (2 * math.pi * y[:, None] => (360 * y[:, None]
# ~ (2 * math.pi * x[:, None] => (360 * x[:, None]

# wrong: multiplied by the periods
# > You multiply by the periods. An angle is 2 pi * centre / period: long periods turn slowly.
# ~ y[:, None] / periods => y[:, None] * periods
# ~ x[:, None] / periods => x[:, None] * periods

# wrong: exponents too small
# > Your periods end at about 100 ** (1 / 2), or lower: the exponents are 4 i / head_dim, so that they
# > come close to 1.
# ~ 4 * torch.arange(head_dim // 4) / head_dim => 2 * torch.arange(head_dim // 4) / head_dim
# wrong: exponents too small
# ~ 4 * torch.arange(head_dim // 4) / head_dim => torch.arange(head_dim // 4) / head_dim

# wrong: the last period is 100
# > Your last period is 100 itself, as after `linspace(0, 1, ...)`. The exponents are 4 i / head_dim
# > and stay below 1.
# ~ 4 * torch.arange(head_dim // 4) / head_dim => torch.linspace(0, 1, head_dim // 4)
# wrong: the last period is 100
# ~ 4 * torch.arange(head_dim // 4) / head_dim => torch.arange(head_dim // 4) / max(head_dim // 4 - 1, 1)

# wrong: exponents from 1
# > Your periods start at i = 1. The first one is 100 ** 0 = 1.
# ~ torch.arange(head_dim // 4) / head_dim => torch.arange(1, head_dim // 4 + 1) / head_dim

# wrong: twice as many angles
# > You have an angle for each channel. There is one for each *pair* of channels: head_dim / 4 for the
# > row and as many for the column.
# ~ 4 * torch.arange(head_dim // 4) / head_dim => 2 * torch.arange(head_dim // 2) / head_dim
# wrong: twice as many angles
# ~ return torch.cat([of_rows, of_columns], dim=1) => angles = torch.cat([of_rows, of_columns], dim=1); return torch.cat([angles, angles], dim=1)
# wrong: twice as many angles
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1).repeat_interleave(2, dim=1)

# wrong: the row is in both halves
# > Both halves tell the row: the second is the column's.
# ~ [of_rows, of_columns] => [of_rows, of_rows]

# wrong: the column is in both halves
# > Both halves tell the column: the first is the row's.
# ~ [of_rows, of_columns] => [of_columns, of_columns]

# wrong: row and column added
# > You added the angles of row and column. They should stand side by side: `torch.cat(..., dim=1)`.
# ~ torch.cat([of_rows, of_columns], dim=1) => of_rows + of_columns

# wrong: row and column alternate
# > The numbers are right, but row and column alternate. All of the row's come first.
# ~ torch.cat([of_rows, of_columns], dim=1) => torch.stack([of_rows, of_columns], dim=2).flatten(1)

# wrong: joined below each other
# > The columns' angles ended up below those of the rows. Put them side by side: dim=1.
# ~ of_columns], dim=1) => of_columns])

# wrong: cosines instead of angles
# > These are the angles' cosines or sines. Return the angles: `turn` needs both.
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1).cos()
# wrong: cosines instead of angles
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1).sin()

# wrong: turned the other way
# > Your angles have the wrong sign. They grow with the place: below 0 above and left of the middle.
# ~ return torch.cat([of_rows, of_columns], dim=1) => return -torch.cat([of_rows, of_columns], dim=1)

# wrong: the grid is still two axes
# > You kept the grid as (rows, columns, ...). Make one axis of the two: (rows * columns, head_dim /
# > 2).
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1).reshape(*grid, -1)

# wrong: an extra axis
# > There is one axis too many in front: the angles are (rows * columns, head_dim / 2).
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1)[None]

# wrong: an angle for the class token
# > There is one row too many. The class token has no place; `turn` leaves it alone.
# ~ return torch.cat([of_rows, of_columns], dim=1) => return F.pad(torch.cat([of_rows, of_columns], dim=1), (0, 0, 1, 0))

# wrong: float64
# > The result should be float32.
# ~ return torch.cat([of_rows, of_columns], dim=1) => return torch.cat([of_rows, of_columns], dim=1).double()

# wrong: bfloat16 periods
# > Your angles are right to two digits. Compute them in float32: half precision is too coarse here.
# ~ head_dim // 4) / head_dim) => head_dim // 4) / head_dim).bfloat16().float()

# wrong: head_dim is not looked at
# > With a head_dim that is no multiple of 4, row and column cannot share the pairs of channels: raise a
# > ValueError.
# ~ if head_dim % 4 != 0: => if False:
# wrong: head_dim is not looked at
# ~ head_dim % 4 != 0 => head_dim % 2 != 0

# wrong: one period too few
# > The last period is missing: i goes up to and including head_dim / 4 - 1. `torch.arange(n)` and
# > `range(n)` leave n out.
# ~ periods = 100 ** (4 * torch.arange(head_dim // 4) / head_dim) => periods = 100 ** (4 * torch.arange(head_dim // 4 - 1) / head_dim)

# wrong: divided by n - 1
# > Divide by n first and subtract 1 afterwards: (2 i + 1) / n - 1, not (2 i + 1) / (n - 1).
# ~ (2 * torch.arange(n) + 1) / n - 1 for => (2 * torch.arange(n) + 1) / (n - 1) for

# wrong: large grids are refused
# > Your answer raises an error for a large grid. There may be any number of rows and columns.
# ~ if head_dim % 4 != 0: => if head_dim % 4 != 0 or max(grid) > 64:

# right: meshgrid, and the periods divided at the end
# > `meshgrid` makes both coordinates; `indexing="ij"` puts rows first.
def patch_angles(grid, head_dim):
    if head_dim % 4:
        raise ValueError(f"{head_dim} is no multiple of 4")
    sides = [torch.linspace(1 / n - 1, 1 - 1 / n, n) for n in grid]
    places = torch.stack(torch.meshgrid(*sides, indexing="ij"), dim=-1).reshape(-1, 2)
    frequencies = 2 * math.pi * 100 ** (-torch.arange(head_dim // 4) / (head_dim // 4))
    return (places[:, :, None] * frequencies).flatten(1)

# wrong: columns before rows
# ~ indexing="ij" => indexing="xy"

# wrong: row and column alternate
# ~ (places[:, :, None] * frequencies).flatten(1) => (places[:, None, :] * frequencies[:, None]).flatten(1)

# wrong: row and column exchanged
# ~ places[:, :, None] => places.flip(1)[:, :, None]

# wrong: the periods are reversed
# > Your angles are right, but in the other order of the periods: the first period is 1, the fastest.
# ~ * frequencies) => * frequencies.flip(0))
