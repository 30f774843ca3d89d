# right: a row of factors, multiplied and divided by its sum
# > `F.pad(..., value=True)` puts the class token's factor in front in one call.
def block_patches(weights, patches, queries=slice(0, 1)):
    keep = (~patches).flatten(1).float()
    ways = torch.cat([torch.ones(len(keep), 1), keep], dim=1)[:, None, None]
    rows = weights[:, :, queries] * ways
    result = weights.clone()
    result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)
    return result

# wrong: the rows are not divided by their sum
# > What was blocked is missing now. Divide each of these rows by what is left of it, so that it sums
# > to 1 again.
# ~ rows / rows.sum(dim=-1, keepdim=True) => rows

# wrong: softmax instead of the sum
# > The weights have been through a softmax already. A second one makes them nearly even, and gives
# > the blocked patches a share again. Divide by the sum.
# ~ rows / rows.sum(dim=-1, keepdim=True) => rows.softmax(dim=-1)
# wrong: softmax instead of the sum
# > The weights have been through a softmax already, and a second one makes them nearly even. Divide
# > by the sum.
# ~ rows / rows.sum(dim=-1, keepdim=True) => rows.masked_fill(ways == 0, -math.inf).softmax(dim=-1)

# wrong: divided by the sum of a column
# > Axis -2 runs over queries. A row runs over keys, the last axis: `sum(dim=-1, keepdim=True)`.
# ~ rows.sum(dim=-1, keepdim=True) => rows.sum(dim=-2, keepdim=True)

# wrong: divided by the sum over the heads
# > Each head has its own rows, and each of them sums to 1: divide by the sum over the last axis.
# ~ rows.sum(dim=-1, keepdim=True) => rows.sum(dim=(1, -1), keepdim=True)
# wrong: divided by the sum over the heads
# ~ rows.sum(dim=-1, keepdim=True) => rows.sum(dim=1, keepdim=True)

# wrong: divided by the largest weight
# > Then the largest is 1. Each row should sum to 1: divide by its sum.
# ~ rows.sum(dim=-1, keepdim=True) => rows.amax(dim=-1, keepdim=True)

# wrong: the others stay open
# > True means blocked: those lose their weight, the other patches keep theirs.
# ~ (~patches) => patches

# wrong: the class token is blocked, too
# > Only patches are blocked. The class token keeps its own weight: its factor is 1.
# ~ torch.ones(len(keep), 1) => torch.zeros(len(keep), 1)

# wrong: off by the class token
# > Column 0 belongs to the class token, and patch i to column i + 1. Put the class token's factor in
# > front.
# ~ [torch.ones(len(keep), 1), keep] => [keep, torch.ones(len(keep), 1)]

# wrong: the patches are taken column by column
# > Tokens are in reading order: flatten (B, rows, columns) as it is.
# ~ (~patches).flatten(1) => (~patches).transpose(1, 2).flatten(1)

# wrong: the columns of the queries, not their rows
# > Rows are queries: row 0 says where the class token looks. Column 0 says who looks at it.
# ~ weights[:, :, queries] * ways => weights.transpose(-2, -1)[:, :, queries] * ways
# ~ result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True) => result[..., queries] = (rows / rows.sum(dim=-1, keepdim=True)).transpose(-2, -1)

# wrong: every row is blocked
# > Only the rows of `queries` change. All others stay as they were.
# ~ weights[:, :, queries] * ways => weights * ways
# ~ result[:, :, queries] = => result[:] =

# wrong: every row is blocked, only some are divided
# > The rows that are not among `queries` stay as they were: multiply only those of `queries`.
# ~ result = weights.clone() => result = weights * ways

# wrong: every row, unless it is told otherwise
# > Without `queries` only the class token's row is blocked: the default is slice(0, 1).
# ~ queries=slice(0, 1) => queries=slice(None)

# wrong: only the first head
# > The patches are blocked for all heads: leave axis 1 whole.
# ~ result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True) => result[:, :1, queries] = (rows / rows.sum(dim=-1, keepdim=True))[:, :1]

# wrong: the heads are averaged first
# > Each head keeps its own rows; nothing is averaged here.
# ~ rows = weights[:, :, queries] * ways => rows = weights.mean(dim=1, keepdim=True)[:, :, queries] * ways

# wrong: the class token keeps its weight, the patches share the rest
# > The class token's share grows, too: divide the whole row by its sum, the class token included.
# ~ rows / rows.sum(dim=-1, keepdim=True) => torch.cat([rows[..., :1], rows[..., 1:] * (1 - rows[..., :1]) / rows[..., 1:].sum(-1, keepdim=True).clamp(min=1e-12)], dim=-1)

# wrong: it blocks row 0, whatever `queries` says
# > Take `queries` for the rows: slice(0, 1) is only its default.
# ~ weights[:, :, queries] * ways => weights[:, :, :1] * ways
# ~ result[:, :, queries] = => result[:, :, :1] =

# wrong: only the blocked rows are returned
# > The result has all rows, (B, heads, N, N): put the new ones into a copy of the weights.
# ~ return result => return rows / rows.sum(dim=-1, keepdim=True)

# wrong: the first image's patches are blocked in all images
# > Each image has its own patches: patches[b] belongs to weights[b].
# ~ [:, None, None] => [:1, None, None]

# wrong: blocked as soon as any image blocks it
# > Each image has its own patches: patches[b] belongs to weights[b].
# ~ keep = (~patches).flatten(1).float() => keep = (~patches).all(dim=0, keepdim=True).expand_as(patches).flatten(1).float()

# wrong: what was taken away is shared out evenly
# > Divide by the sum: then what is left grows in proportion, and a blocked patch stays at 0.
# ~ rows / rows.sum(dim=-1, keepdim=True) => rows + (1 - rows.sum(dim=-1, keepdim=True)) / rows.shape[-1]
# wrong: what was taken away is shared out evenly
# > What is left should grow in proportion: divide the row by its sum.
# ~ rows / rows.sum(dim=-1, keepdim=True) => rows + (1 - rows.sum(dim=-1, keepdim=True)) * ways / ways.sum(dim=-1, keepdim=True)

# wrong: the class token gets what was taken away
# > What is left should grow in proportion, the patches as well: divide the row by its sum.
# ~ rows / rows.sum(dim=-1, keepdim=True) => torch.cat([rows[..., :1] + 1 - rows.sum(dim=-1, keepdim=True), rows[..., 1:]], dim=-1)

# wrong: nothing is blocked
# > The weights come back as they were. Multiply the rows of `queries` by 0 at the blocked patches.
# ~ weights[:, :, queries] * ways => weights[:, :, queries]

# wrong: blocked patches get a little
# > A blocked patch gets exactly 0.
# ~ keep = (~patches).flatten(1).float() => keep = (~patches).flatten(1).float().clamp(min=1e-2)

# right: masked_fill
# > `masked_fill` takes the mask itself, True where blocked, so the class token's entry is False.
def block_patches(weights, patches, queries=slice(0, 1)):
    blocked = F.pad(patches.flatten(1), (1, 0), value=False)[:, None, None, :]
    result = weights.clone()
    rows = result[:, :, queries].masked_fill(blocked, 0.0)
    result[:, :, queries] = rows / rows.sum(-1, keepdim=True)
    return result
