# stub: as handed out
def windows(tokens, grid, size):
    raise NotImplementedError("exercise A.4")


# right: einops
def windows(tokens, grid, size):
    rows, columns = grid
    if rows % size or columns % size:
        raise ValueError("the windows do not fit")
    h, w = rows // size, columns // size
    return rearrange(tokens, "b (h p w q) d -> (b h w) (p q) d", h=h, w=w, p=size, q=size)


# wrong: plain reshape
# > Each of your windows is a run of tokens in reading order, not a square of the grid.
# ~ "b (h p w q) d -> (b h w) (p q) d" => "b (h w p q) d -> (b h w) (p q) d"

# wrong: windows of scattered tokens
# > Your windows hold tokens from all over the grid. A window is a square of neighbours: h counts
# > windows and p the rows inside, in this order.
# ~ "b (h p w q) d -> (b h w) (p q) d" => "b (p h q w) d -> (b h w) (p q) d"

# wrong: columns of windows before rows
# > Your windows run down the columns. They should run along the rows, as the tokens do.
# ~ (b h w) => (b w h)

# wrong: rows and columns swapped inside the window
# > Inside each window your tokens run down the columns. They should run along the rows.
# ~ (p q) d" => (q p) d"

# wrong: windows before images
# > All windows of the first image come first, then those of the second. Yours are the other way
# > round.
# ~ (b h w) => (h w b)

# wrong: the windows have an axis of their own
# > Windows and images share the first axis: (B * windows, size * size, D).
# ~ -> (b h w) => -> b (h w)

# wrong: the window is still two axes
# > The tokens of a window stand in one axis: (B * windows, size * size, D).
# ~ (p q) d", => p q d",

# wrong: rows and columns of the grid swapped
# > `grid` is (rows, columns). In yours the first number is taken for the columns.
# ~ rows, columns = grid => columns, rows = grid

# wrong: a square grid is assumed
# > You assume that there are as many columns as rows.
# ~ rows, columns = grid => rows = columns = int(tokens.shape[1] ** 0.5)
# wrong: a square grid is assumed
# ~ rows, columns = grid => rows = columns = grid[0]

# wrong: size counts the windows
# > `size` is the side of a window in tokens. You make `size` windows in each direction.
# ~ h=h, w=w, p=size, q=size => h=size, w=size, p=h, q=w

# wrong: no error where windows do not fit
# > Windows that do not fit the grid should raise a ValueError.
# ~ if rows % size or columns % size: => if False:

# wrong: only the rows are checked
# > You check the rows only. `size` has to divide the columns as well.
# ~ rows % size or columns % size => rows % size

# wrong: only the columns are checked
# > You check the columns only. `size` has to divide the rows as well.
# ~ rows % size or columns % size => columns % size


# right: reshape and permute
def windows(tokens, grid, size):
    (rows, y), (columns, x) = divmod(grid[0], size), divmod(grid[1], size)
    if y or x:
        raise ValueError(f"{size} does not divide {grid}")
    B, _, D = tokens.shape
    x = tokens.reshape(B, rows, size, columns, size, D)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, size * size, D)


# right: slices of the grid
def windows(tokens, grid, size):
    if grid[0] % size != 0 or grid[1] % size != 0:
        raise ValueError("no")
    plane = tokens.unflatten(1, grid)
    found = []
    for image in plane:
        for band in image.split(size, dim=0):
            for window in band.split(size, dim=1):
                found.append(window.flatten(0, 1))
    return torch.stack(found)
