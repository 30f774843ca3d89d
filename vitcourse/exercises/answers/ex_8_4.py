# right: cdist of all places
# > `torch.cdist` computes the distances of all pairs.
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# wrong: a patch's weight on itself is left out
# > A patch's weight on itself counts, too, at distance 0. Without it the mean becomes too long.
# ~ distances = patch_size => patches_apart = 1 - torch.eye(len(places)); distances = patch_size
# ~ num_prefix_tokens:, num_prefix_tokens:] => num_prefix_tokens:, num_prefix_tokens:] * patches_apart

# wrong: what is left is not divided by its sum
# > With the prefix columns dropped, rows no longer sum to 1. A head that looks at the class token
# > most of the time would seem to look close by. Divide what is left of each row by its sum, with
# > `keepdim=True`.
# ~ / patches.sum(dim=-1, keepdim=True) =>

# wrong: all rows are divided by one sum
# > Each row is divided by its own sum, so that all patches count equally. A head that looks at the
# > class token most of the time would seem to look close by. Divide what is left of each row by its
# > sum, with `keepdim=True`.
# ~ / patches.sum(dim=-1, keepdim=True) =>
# ~ .sum(dim=-1).mean(dim=-1) => .sum(dim=(-2, -1)) / patches.sum(dim=(-2, -1))
# wrong: all rows are divided by one sum
# > Each row is divided by its own sum. A head that looks at the class token most of the time would
# > seem to look close by. Divide what is left of each row by its sum, with `keepdim=True`.
# ~ sum(dim=-1, keepdim => sum(dim=(-2, -1), keepdim

# wrong: columns instead of rows
# > Rows are queries: nothing is transposed, and each row is divided by its sum over the keys,
# > `sum(dim=-1, keepdim=True)`.
# ~ sum(dim=-1, keepdim => sum(dim=-2, keepdim
# wrong: columns instead of rows
# > Without `keepdim=True` the sums of rows lie along the columns.
# ~ sum(dim=-1, keepdim=True) => sum(dim=-1)[..., None, :]

# wrong: no keepdim
# > The sums of the rows need an axis of size 1 at the end to divide by: `keepdim=True`.
# ~ , keepdim=True =>

# wrong: divided by the root of the sum of squares
# > `F.normalize` does that unless you pass `p=1`. Divide each row by its sum.
# ~ patches / patches.sum(dim=-1, keepdim=True) => F.normalize(patches, dim=-1)

# wrong: divided along another axis
# > Divide each row by its sum over the keys, the last axis. (`F.normalize` works along axis 1
# > unless you pass `dim=-1`.)
# ~ patches / patches.sum(dim=-1, keepdim=True) => F.normalize(patches, p=1)

# wrong: another softmax
# > Weights are not scores: divide what is left of each row by its sum.
# ~ patches / patches.sum(dim=-1, keepdim=True) => patches.softmax(dim=-1)

# wrong: the class token is given a place
# > Prefix tokens have no place in the image: cut rows and columns from num_prefix_tokens on.
# ~ .float() => .float(); places = F.pad(places, (0, 0, num_prefix_tokens, 0))
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] =>
# wrong: the class token is given a place
# ~ .float() => .float(); places = F.pad(places, (0, 0, num_prefix_tokens, 0))
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] =>
# ~ .mean(dim=-1) => [..., num_prefix_tokens:].mean(dim=-1)

# wrong: the class token is counted as a query
# > Prefix tokens have no place in the image: cut rows and columns from num_prefix_tokens on. Its
# > row must go, too.
# ~ .float() => .float(); everyone = F.pad(places, (0, 0, num_prefix_tokens, 0))
# ~ cdist(places, places) => cdist(everyone, places)
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] => [..., num_prefix_tokens:]
# wrong: the class token is counted as a query
# > Divide by the number of patches, not of tokens: prefix tokens do not look from anywhere.
# ~ .mean(dim=-1) => .sum(dim=-1) / attention.shape[-1]
# wrong: the class token is counted as a query
# > Divide by the number of patches, not of tokens. A head that looks at the class token most of the
# > time would seem to look close by. Divide what is left of each row by its sum, with
# > `keepdim=True`.
# ~ / patches.sum(dim=-1, keepdim=True) =>
# ~ .mean(dim=-1) => .sum(dim=-1) / attention.shape[-1]

# wrong: the rows of the prefix tokens are still there
# > Prefix tokens do not look from any place in the image either: cut both rows and columns from
# > num_prefix_tokens on.
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] => [..., num_prefix_tokens:]

# wrong: the end is left out, not the front
# > Prefix tokens come first. They have no place in the image: cut rows and columns from
# > num_prefix_tokens on.
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] => [..., : len(places), : len(places)]

# wrong: one prefix token is assumed
# > There may be none, or several. Prefix tokens have no place in the image: cut rows and columns
# > from num_prefix_tokens on.
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] => [..., 1:, 1:]

# wrong: squared distances
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2.
# ~ cdist(places, places) => cdist(places, places) ** 2
# wrong: squared distances
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2. (You also squared patch_size that way.)
# ~ patch_size * torch.cdist(places, places) => (patch_size * torch.cdist(places, places)) ** 2

# wrong: the root comes after the mean
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2. Take the root of each distance, then the mean.
# ~ patch_size * torch.cdist(places, places) => (patch_size * torch.cdist(places, places)) ** 2
# ~ mean(dim=-1) => mean(dim=-1).sqrt()
# wrong: the root comes after the mean
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2. Take the root of each distance, then the sum.
# ~ patch_size * torch.cdist(places, places) => (patch_size * torch.cdist(places, places)) ** 2
# ~ mean(dim=-1) => sqrt().mean(dim=-1)

# wrong: rows plus columns, not the straight line
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2.
# ~ cdist(places, places) => cdist(places, places, p=1)

# wrong: the larger of rows and columns, not the straight line
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2.
# ~ cdist(places, places) => cdist(places, places, p=math.inf)

# wrong: in patches, not in pixels
# > Distances are in pixels: a step to the next patch is patch_size of them.
# ~ patch_size * =>

# wrong: patch_size is squared
# > Distances are in pixels: a step to the next patch is patch_size of them.
# ~ patch_size * => patch_size**2 *

# wrong: divided by patch_size
# > Distances are in pixels: a step to the next patch is patch_size of them.
# ~ patch_size * => 1 / patch_size *

# wrong: the sum over the queries
# > Take the mean over the patches that look, one number for each head.
# ~ mean(dim=-1) => sum(dim=-1)

# wrong: the mean over keys, too
# > Over the keys it is a sum: the weights of a row already sum to 1.
# ~ .sum(dim=-1).mean(dim=-1) => .mean(dim=(-2, -1))

# wrong: one number for each patch
# > Take the mean over the patches that look, one number for each head.
# ~ .mean(dim=-1) =>

# wrong: one number for everything
# > Take the mean over the patches that look, one number for each head.
# ~ mean(dim=-1) => mean()

# wrong: the heads are averaged
# > Take the mean over the patches that look, one number for each head. Keep the axes in front,
# > (..., N, N).
# ~ mean(dim=-1) => mean(dim=-1).mean(dim=-1)

# wrong: the farthest query only
# > Take the mean over the patches that look, one number for each head.
# ~ mean(dim=-1) => amax(dim=-1)

# wrong: the distance to the mean place
# > Left and right cancel when places are averaged first. Average distances instead.
# ~ (shares * distances).sum(dim=-1) => patch_size * (shares @ places - places).norm(dim=-1)

# wrong: only the strongest key counts
# > Every key counts according to its weight: a sum, not an argmax.
# ~ (shares * distances).sum(dim=-1) => patch_size * (places[patches.argmax(dim=-1)] - places).norm(dim=-1)

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ .float() => .double()

# right: rows and columns from the number of a patch
# > Quotient and remainder give the places, `hypot` the distances.
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    i = torch.arange(grid[0] * grid[1])
    y, x = i // grid[1], i % grid[1]
    distances = patch_size * torch.hypot((y[:, None] - y).float(), (x[:, None] - x).float())
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# wrong: the class token is taken for a patch
# > Prefix tokens have no place in the image: cut rows and columns from num_prefix_tokens on.
# ~ arange(grid[0] * grid[1]) => arange(attention.shape[-1])
# ~ [..., num_prefix_tokens:, num_prefix_tokens:] =>

# wrong: only rows count
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2.
# ~ torch.hypot((y[:, None] - y).float(), (x[:, None] - x).float()) => (y[:, None] - y).abs()

# wrong: only columns count
# > The distance is a straight line: the root of (difference of rows)**2 + (difference of
# > columns)**2.
# ~ torch.hypot((y[:, None] - y).float(), (x[:, None] - x).float()) => (x[:, None] - x).abs()

# wrong: along the list of tokens
# > Patches that are below each other are far apart in the list, but not in the image. Patch i is in
# > row i // columns, column i % columns, on a grid that need not be square.
# ~ torch.hypot((y[:, None] - y).float(), (x[:, None] - x).float()) => (i[:, None] - i).abs()

# wrong: rows and columns swapped
# > Patch i is in row i // columns, column i % columns, on a grid that need not be square. You count
# > columns as if they were rows.
# ~ i // grid[1], i % grid[1] => i // grid[0], i % grid[0]

# wrong: the grid is assumed to be square
# > Patch i is in row i // columns, column i % columns, on a grid that need not be square.
# ~ y, x = i // grid[1], i % grid[1] => side = math.isqrt(len(i)); y, x = i // side, i % side
