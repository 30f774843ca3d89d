# right: mean, row, columns, reshape
def cls_map(attention, grid, num_prefix_tokens=1):
    row = attention.mean(dim=1)[:, 0, num_prefix_tokens:]
    return row.reshape(-1, *grid)

# wrong: the column, not the row
# > You return who looks at the class token. Rows are queries: what the class token looks at is row
# > 0, `[..., 0, :]`.
# ~ [:, 0, num_prefix_tokens:] => [:, num_prefix_tokens:, 0]

# wrong: the row of the first patch
# > The class token is token 0; you take the row of another token.
# ~ [:, 0, num_prefix_tokens:] => [:, num_prefix_tokens, num_prefix_tokens:]
# wrong: the row of the first patch
# ~ [:, 0, => [:, 1,

# wrong: the last row
# > The class token comes first: its row is 0.
# ~ [:, 0, => [:, -1,

# wrong: the end is left out, not the front
# > All prefix tokens come first and have no place in the image: take the columns from
# > `num_prefix_tokens` on.
# ~ [:, 0, num_prefix_tokens:] => [:, 0, : grid[0] * grid[1]]

# wrong: the prefix tokens are still there
# > All prefix tokens come first and have no place in the image: take the columns from
# > `num_prefix_tokens` on.
# ~ [:, 0, num_prefix_tokens:] => [:, 0]
# ~ reshape(-1, *grid) => reshape(len(row), *grid)
# wrong: the prefix tokens are still there
# ~ [:, 0, num_prefix_tokens:] => [:, 0]
# ~ .reshape(-1, *grid) =>
# wrong: the prefix tokens are still there
# ~ [:, 0, num_prefix_tokens:] => [:, 0]

# wrong: one prefix token is assumed
# > With registers there are more. All prefix tokens come first and have no place in the image: take
# > the columns from `num_prefix_tokens` on.
# ~ num_prefix_tokens:] => 1 : 1 + grid[0] * grid[1]]
# wrong: one prefix token is assumed
# ~ num_prefix_tokens:] => 1:]
# ~ reshape(-1, *grid) => reshape(len(row), *grid)
# wrong: one prefix token is assumed
# > With registers there are more, and a `-1` in a reshape can hide that. All prefix tokens come
# > first and have no place in the image: take the columns from `num_prefix_tokens` on.
# ~ num_prefix_tokens:] => 1:]

# wrong: the grid is assumed to be square
# > A grid need not be square: its rows and columns are in `grid`.
# ~ return row.reshape(-1, *grid) => side = math.isqrt(row.shape[1]); return row.reshape(-1, side, side)

# wrong: columns before rows
# > Patches come row by row: the first `columns` of them are the top row. So reshape to (rows,
# > columns), in this order.
# ~ *grid) => grid[1], grid[0])

# wrong: the patches are laid down column by column
# > Patches come row by row: the first `columns` of them are the top row. So reshape to (rows,
# > columns), in this order.
# ~ *grid) => grid[1], grid[0]).mT

# wrong: not laid out on the grid
# > Yours is still a list of patches. Reshape it to (B, rows, columns).
# ~ .reshape(-1, *grid) =>

# wrong: rescaled from 0 to 1
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => low, high = row.amin(1, keepdim=True), row.amax(1, keepdim=True); return ((row - low) / (high - low))
# wrong: rescaled from 0 to 1
# ~ return row => return ((row - row.min()) / (row.max() - row.min()))

# wrong: divided by the largest value
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => return (row / row.amax(dim=1, keepdim=True))
# wrong: divided by the largest value
# ~ return row => return (row / row.max())

# wrong: divided by the sum
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => return (row / row.sum(dim=1, keepdim=True))
# wrong: divided by the sum
# ~ return row => return (row / row.sum())

# wrong: another softmax
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => return row.softmax(dim=-1)

# wrong: another softmax
# ~ attention.mean => attention.softmax(dim=-1).mean

# wrong: the root is taken
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => return row.sqrt()

# wrong: the logarithm is taken
# > The numbers are shares of a whole and should stay as they are: a picture can be scaled later.
# ~ return row => return row.log()

# wrong: the maximum of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ mean(dim=1) => amax(dim=1)

# wrong: the minimum of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ mean(dim=1) => amin(dim=1)

# wrong: the sum of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ mean(dim=1) => sum(dim=1)

# wrong: the first head only
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ .mean(dim=1) => [:, 0]

# wrong: the last head only
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ .mean(dim=1) => [:, -1]

# wrong: the mean of the images, not of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N). You take the mean over axis 0, the
# > batch.
# ~ mean(dim=1) => mean(dim=0)

# wrong: the mean over queries, not over heads
# > You take the mean over the queries, axis 2, of head 0. Take the mean over the heads, axis 1 of
# > (B, heads, N, N).
# ~ mean(dim=1) => mean(dim=2)

# wrong: an axis stays where the heads were
# > The mean kept an axis of size 1, so `[:, 0]` picks from that axis and not the class token's row.
# ~ mean(dim=1) => mean(dim=1, keepdim=True)

# wrong: head 0 is taken for the class token
# > `[:, 0]` of (B, heads, N, N) is head 0, and then its queries are averaged. The class token's row
# > is `[:, :, 0]`.
# ~ attention.mean(dim=1)[:, 0, num_prefix_tokens:] => attention[:, 0, num_prefix_tokens:].mean(dim=1)

# wrong: the mean of all queries
# > You took the mean of the rows of all tokens. Rows are queries: what the class token looks at is
# > row 0, `[..., 0, :]`.
# ~ .mean(dim=1)[:, 0, num_prefix_tokens:] => .mean(dim=(1, 2))[:, num_prefix_tokens:]

# wrong: the mean of the patches' queries
# > You took the mean of the rows of the patches. Rows are queries: what the class token looks at is
# > row 0, `[..., 0, :]`.
# ~ [:, 0, num_prefix_tokens:] => [:, num_prefix_tokens:, num_prefix_tokens:].mean(dim=1)

# wrong: the first image only
# > Keep the batch: (B, heads, N, N) -> (B, rows, columns), even for one image.
# ~ row.reshape(-1, *grid) => row[0].reshape(grid)

# wrong: the images are averaged
# > Keep the batch: (B, heads, N, N) -> (B, rows, columns), even for one image.
# ~ row.reshape(-1, *grid) => row.mean(dim=0).reshape(grid)

# wrong: sizes of 1 are squeezed away
# > Keep the batch: (B, heads, N, N) -> (B, rows, columns), even for one image. Your result has lost
# > its axes of size 1, as after `squeeze()`.
# ~ reshape(-1, *grid) => reshape(-1, *grid).squeeze()
# wrong: sizes of 1 are squeezed away
# > Keep the batch: (B, heads, N, N) -> (B, rows, columns), even for one image. Your result loses
# > the batch when there is only one image, as after `squeeze(0)`.
# ~ reshape(-1, *grid) => reshape(-1, *grid).squeeze(0)

# wrong: an axis too many
# > Your result has one axis too many, of size 1. Take row 0 with `0`, not `0:1`, and the mean
# > without `keepdim`.
# ~ reshape(-1, *grid) => reshape(-1, 1, *grid)

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ return row => return row.double()

# right: row first, heads afterwards
# > A mean over the heads may be taken before or after: picking entries does not change it.
def cls_map(attention, grid, num_prefix_tokens=1):
    heads = attention[:, :, 0, num_prefix_tokens:]
    return heads.unflatten(-1, grid).mean(dim=1)

# wrong: a map for each head
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ .mean(dim=1) =>

# wrong: the grid is assumed to be square
# ~ return => side = math.isqrt(heads.shape[-1]); return
# ~ unflatten(-1, grid) => reshape(len(heads), -1, side, side)
