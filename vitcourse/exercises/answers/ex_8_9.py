# right: drop, divide, cut off, lay out
def to_heat(rows, grid, num_prefix_tokens, highest):
    patches = rows[..., num_prefix_tokens:]
    heat = (patches / highest).clamp(max=1)
    return heat.unflatten(-1, grid)

# wrong: each map has its own scale
# > Your scale goes from the smallest to the largest weight of each map. If each map is divided by a
# > number of its own, every map gets a bright spot, and nearly even attention looks like a finding.
# > Divide all by the same `highest`.
# ~ heat = => low, high = patches.amin(-1, keepdim=True), patches.amax(-1, keepdim=True); heat =
# ~ (patches / highest).clamp(max=1) => (patches - low) / (high - low)
# wrong: each map has its own scale
# > You treat the smallest weight of each map as 0. If each map is divided by a number of its own,
# > every map gets a bright spot, and nearly even attention looks like a finding. Divide all by the
# > same `highest`.
# ~ heat = => low = patches.amin(-1, keepdim=True); heat =
# ~ (patches / highest) => ((patches - low) / highest)
# wrong: each map has its own scale
# ~ heat = => low = patches.amin(-1, keepdim=True); heat =
# ~ (patches / highest) => ((patches - low) / (highest - low))

# wrong: both bugs are still there
# > The grid is assumed to be square, and each map has its own scale. If each map is divided by a
# > number of its own, every map gets a bright spot, and nearly even attention looks like a finding.
# > Divide all by the same `highest`.
def to_heat(rows, grid, num_prefix_tokens, highest):
    side = int(math.sqrt(rows.shape[-1] - 1))
    patches = rows[..., 1:]
    low, high = patches.amin(-1, keepdim=True), patches.amax(-1, keepdim=True)
    return ((patches - low) / (high - low)).reshape(*rows.shape[:-1], side, side)

# wrong: divided by its own largest value
# > If each map is divided by a number of its own, every map gets a bright spot, and nearly even
# > attention looks like a finding. Divide all by the same `highest`.
# ~ / highest => / patches.amax(dim=-1, keepdim=True)

# wrong: divided by the largest value of these maps
# > The next maps would have another scale. If each map is divided by a number of its own, every map
# > gets a bright spot, and nearly even attention looks like a finding. Divide all by the same
# > `highest`.
# ~ / highest => / patches.max()

# wrong: from the smallest to the largest value of these maps
# > The next maps would have another scale. If each map is divided by a number of its own, every map
# > gets a bright spot, and nearly even attention looks like a finding. Divide all by the same
# > `highest`.
# ~ (patches / highest).clamp(max=1) => (patches - patches.min()) / (patches.max() - patches.min())

# wrong: the smallest value of these maps becomes 0
# > The next maps would have another scale. Only divide by `highest`, and subtract nothing.
# ~ (patches / highest) => ((patches - patches.min()) / (highest - patches.min()))
# wrong: the smallest value of these maps becomes 0
# ~ (patches / highest) => ((patches - patches.min()) / highest)

# wrong: divided by its own sum
# > What a map gives to the prefix tokens is lost with that. If each map is divided by a number of
# > its own, every map gets a bright spot, and nearly even attention looks like a finding. Divide
# > all by the same `highest`.
# ~ / highest => / patches.sum(dim=-1, keepdim=True)
# wrong: divided by its own sum
# ~ / highest => / patches.sum(dim=-1, keepdim=True) / highest

# wrong: not divided at all
# > The weights are as they were: divide them by `highest`.
# ~ / highest =>

# wrong: cut off at `highest`, but not divided
# > Cut off at `highest` is right; now divide by it, so that heat goes up to 1.
# ~ (patches / highest).clamp(max=1) => patches.clamp(max=highest)

# wrong: multiplied by `highest`
# > A weight as large as `highest` should become 1: divide by it.
# ~ / highest => * highest

# wrong: not cut off above 1
# > What is above `highest` becomes 1, so that colours mean the same everywhere: `.clamp(max=1)`.
# ~ .clamp(max=1) =>

# wrong: cut off to 0
# > Your strongest weights are dark. What is above `highest` becomes 1, so that colours mean the
# > same everywhere: `.clamp(max=1)`.
# ~ .clamp(max=1) => ; heat[heat > 1] = 0

# wrong: cut off from below
# > `clamp(min=1)` lifts everything up to 1. What is above `highest` becomes 1, so that colours mean
# > the same everywhere: `.clamp(max=1)`.
# ~ max=1 => min=1

# wrong: 0 or 1, nothing between
# > Nothing else is rescaled: twice the weight is twice the heat.
# ~ (patches / highest).clamp(max=1) => (patches >= highest).float()

# wrong: divided by the largest heat, not cut off
# > One strong map makes all others darker. What is above `highest` becomes 1, so that colours mean
# > the same everywhere: `.clamp(max=1)`.
# ~ .clamp(max=1) => ; heat = heat / heat.max().clamp(min=1)

# wrong: a soft limit instead of a sharp one
# > Nothing else is rescaled: twice the weight is twice the heat. What is above `highest` becomes 1,
# > so that colours mean the same everywhere: `.clamp(max=1)`.
# ~ .clamp(max=1) => .tanh()
# wrong: a soft limit instead of a sharp one
# ~ .clamp(max=1) => .sigmoid()

# wrong: the grid is assumed to be square
# > A grid need not be square: its rows and columns are in `grid`.
# ~ return => side = math.isqrt(heat.shape[-1]); return
# ~ unflatten(-1, grid) => reshape(*rows.shape[:-1], side, side)

# wrong: one prefix token is assumed
# > There may be none or several: the patches are what comes after them, `rows[...,
# > num_prefix_tokens:]`.
# ~ num_prefix_tokens:] => 1:]
# wrong: one prefix token is assumed
# ~ num_prefix_tokens:] => 1 : 1 + grid[0] * grid[1]]

# wrong: the prefix tokens are still there
# > There may be none or several: the patches are what comes after them, `rows[...,
# > num_prefix_tokens:]`.
# ~ [..., num_prefix_tokens:] =>
# wrong: the prefix tokens are still there
# ~ [..., num_prefix_tokens:] =>
# ~ .unflatten(-1, grid) =>

# wrong: the end is left out, not the front
# > Prefix tokens come first. There may be none or several: the patches are what comes after them,
# > `rows[..., num_prefix_tokens:]`.
# ~ num_prefix_tokens:] => : grid[0] * grid[1]]

# wrong: the case of no prefix token is not handled
# > `rows[..., -0:]` is everything, `rows[..., :-0]` nothing. There may be none or several: the
# > patches are what comes after them, `rows[..., num_prefix_tokens:]`.
# ~ [..., num_prefix_tokens:] => .flip(-1)[..., :-num_prefix_tokens].flip(-1)

# wrong: columns before rows
# > Patches come row by row: the first `columns` of them are the top row. So reshape to (rows,
# > columns), in this order.
# ~ unflatten(-1, grid) => unflatten(-1, grid[::-1])

# wrong: the patches are laid down column by column
# > Patches come row by row: the first `columns` of them are the top row. So reshape to (rows,
# > columns), in this order.
# ~ unflatten(-1, grid) => unflatten(-1, grid[::-1]).mT

# wrong: not laid out on the grid
# > Yours is still a list of patches. Reshape the last axis to (rows, columns).
# ~ .unflatten(-1, grid) =>

# wrong: one number of axes is assumed
# > Rows may have any number of axes in front, even none: (..., N). `rows.shape[:-1]` has them.
# ~ [..., num_prefix_tokens:] => [:, num_prefix_tokens:]
# ~ unflatten(-1, grid) => reshape(len(rows), *grid)

# wrong: sizes of 1 are squeezed away
# > Keep the axes in front, (..., N), even where their size is 1.
# ~ return heat.unflatten(-1, grid) => return heat.unflatten(-1, grid).squeeze()

# wrong: axes in front become one
# > Rows may have any number of axes in front, (..., N): keep them.
# ~ unflatten(-1, grid) => reshape(-1, *grid)

# wrong: reversed
# > Strong should be 1, weak 0.
# ~ return heat => return (1 - heat)

# wrong: a logarithmic scale
# > Nothing else is rescaled: twice the weight is twice the heat.
# ~ .clamp => .log().clamp
# wrong: a logarithmic scale
# ~ .clamp => .log1p().clamp

# wrong: the root is taken
# > Nothing else is rescaled: twice the weight is twice the heat.
# ~ .clamp => .sqrt().clamp

# wrong: squares
# > Nothing else is rescaled: twice the weight is twice the heat.
# ~ .clamp => .square().clamp

# wrong: from 0 to 255
# > Heat goes from 0 to 1; a colour map does the rest.
# ~ return heat => return (255 * heat)
# wrong: from 0 to 255
# ~ return heat => return (255 * heat).byte()

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ patches / highest => patches.double() / highest
