# right: a mask of the grid, enlarged
# > `repeat_interleave` enlarges the mask, and the stages are scored one by one: slower, with less
# > memory.
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    order = heat.flatten().argsort(descending=True)
    scores = []
    for i in range(steps + 1):
        count = round(i * heat.numel() / steps)
        keep = torch.ones(heat.numel())
        keep[order[:count]] = 0
        keep = keep.view_as(heat).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep)[None]))
    return torch.cat(scores)

# wrong: the lowest first
# > What the map calls most important is removed first: the highest heat.
# ~ descending=True =>

# wrong: sorted by absolute values
# > A strongly negative heat is low, not high: sort the values as they are.
# ~ heat.flatten() => heat.abs().flatten()

# wrong: in reading order
# > You remove the patches in the order of the image. What the map calls most important is removed
# > first: the highest heat.
# ~ heat.flatten().argsort(descending=True) => torch.arange(heat.numel())

# wrong: one patch at a time
# > Entry i is the score with round(i * rows * columns / steps) patches removed. You remove only the
# > latest of them.
# ~ order[:count] => order[max(count - 1, 0) : count]

# wrong: what should be removed is kept
# > That is insertion: the patches appear. Deletion begins with the whole image.
# ~ torch.ones => torch.zeros
# ~ [:count]] = 0 => [:count]] = 1

# wrong: the whole image is missing
# > Entry 0 is the whole image, before anything is removed. There are steps + 1 entries: the whole
# > image, then one for each step.
# ~ range(steps + 1) => range(1, steps + 1)

# wrong: the last entry is missing
# > The last entry is an image of zeros. There are steps + 1 entries: the whole image, then one for
# > each step.
# ~ range(steps + 1) => range(steps)

# wrong: an entry too many
# > There are steps + 1 entries: the whole image, then one for each step.
# ~ range(steps + 1) => range(steps + 2)
# wrong: an entry too many
# > There are steps + 1 entries: the whole image, then one for each step. You have the whole image
# > twice.
# ~ scores = [] => scores = [score(image[None])]

# wrong: one patch ahead
# > Entry 0 is the whole image: no patch is removed there. Entry i is the score with round(i * rows
# > * columns / steps) patches removed.
# ~ order[:count] => order[: count + 1]
# wrong: one patch ahead
# > Entry 0 is the whole image. Ask for the score before you remove, and once at the end.
# ~ range(steps + 1) => range(1, steps + 2)

# wrong: one patch behind
# > The last entry is an image of zeros. Entry i is the score with round(i * rows * columns / steps)
# > patches removed.
# ~ order[:count] => order[: max(count - 1, 0)]
# wrong: one patch behind
# ~ round(i => round(max(i - 1, 0)

# wrong: rounded down
# > `//` and `int` round down, `round` rounds to the nearest. Entry i is the score with round(i *
# > rows * columns / steps) patches removed.
# ~ round(i => int(i

# wrong: rounded up
# > `ceil` rounds up, `round` rounds to the nearest. Entry i is the score with round(i * rows *
# > columns / steps) patches removed.
# ~ round(i => math.ceil(i

# wrong: halves are rounded up
# > Entry i is the score with round(i * rows * columns / steps) patches removed, and `round` goes to
# > the even number at a half: round(4.5) is 4.
# ~ round(i * heat.numel() / steps) => int(i * heat.numel() / steps + 0.5)

# wrong: rounded too early
# > Round i * rows * columns / steps, not its parts: otherwise the last patches are never removed.
# ~ round(i * heat.numel() / steps) => i * (heat.numel() // steps)
# wrong: rounded too early
# > Round i * rows * columns / steps, not its parts: otherwise the steps end too early or too late.
# ~ round(i * heat.numel() / steps) => i * math.ceil(heat.numel() / steps)

# wrong: one patch in each step
# > With fewer steps than patches, several go at once. Entry i is the score with round(i * rows *
# > columns / steps) patches removed.
# ~ round(i * heat.numel() / steps) => i
# wrong: one patch in each step
# > `steps` says how many entries there are. Entry i is the score with round(i * rows * columns /
# > steps) patches removed.
# ~ range(steps + 1) => range(heat.numel() + 1)
# ~ round(i * heat.numel() / steps) => i

# wrong: the grid is tiled, not enlarged
# > `repeat` puts the whole grid side by side; `repeat_interleave` makes each patch larger. Patch
# > (r, c) covers rows r * h to (r + 1) * h of the image and columns c * w to (c + 1) * w, with h =
# > H // rows and w = W // columns.
# ~ .repeat_interleave(h, 0).repeat_interleave(w, 1) => .repeat(h, w)

# wrong: patches are assumed to be square
# > Here a patch is wider than tall. Patch (r, c) covers rows r * h to (r + 1) * h of the image and
# > columns c * w to (c + 1) * w, with h = H // rows and w = W // columns.
# ~ image.shape[2] // heat.shape[1] => image.shape[1] // heat.shape[0]

# wrong: equally hot patches go together
# > Where patches are equally hot, a threshold takes all of them or none. Sort the patches, and take
# > exactly as many as each step needs.
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    scores = [score(image[None])]
    for i in range(1, steps + 1):
        threshold = heat.flatten().topk(round(i * heat.numel() / steps)).values.min()
        keep = (heat < threshold).repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep)[None]))
    return torch.cat(scores)
# wrong: equally hot patches go together
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    values = heat.flatten().sort(descending=True).values.tolist() + [-math.inf]
    scores = []
    for i in range(steps + 1):
        keep = heat <= values[round(i * heat.numel() / steps)]
        keep = keep.repeat_interleave(h, 0).repeat_interleave(w, 1)
        scores.append(score((image * keep)[None]))
    return torch.cat(scores)

# wrong: score gets no batch
# > `score` takes (B, C, H, W): make one image a batch with `image[None]`.
# ~ (image * keep)[None] => image * keep

# wrong: nothing is removed
# > All entries are the score of the whole image: score the copy that you changed.
# ~ (image * keep)[None] => image[None]

# wrong: how much the score falls
# > Return the scores themselves.
# ~ return => return scores[0] -

# wrong: divided by the first score
# > Return the scores themselves.
# ~ torch.cat(scores) => torch.cat(scores) / scores[0]

# wrong: the entries in the wrong order
# > Entry 0 is the whole image, the last one an image of zeros.
# ~ torch.cat(scores) => torch.cat(scores[::-1])

# wrong: an axis too many
# > The result is one tensor (steps + 1,): join the scores with `torch.cat`, or stack numbers.
# ~ torch.cat(scores) => torch.stack(scores)
# wrong: an axis too many
# ~ torch.cat(scores) => torch.stack(scores, dim=1)

# wrong: a list, not a tensor
# > The result is one tensor (steps + 1,): join the scores with `torch.cat`, or stack numbers.
# ~ torch.cat(scores) => torch.cat(scores).tolist()
# wrong: a list, not a tensor
# ~ torch.cat(scores) => scores

# wrong: the mean of the scores
# > The result is one tensor (steps + 1,): join the scores with `torch.cat`, or stack numbers.
# ~ torch.cat(scores) => torch.cat(scores).mean()

# wrong: wrong dtype
# > Scores are float32, and so should the result be: drop whatever makes it float64, or convert back
# > with `.float()`.
# ~ torch.cat(scores) => torch.cat(scores).double()

# right: one patch after the other on a clone
# > Nothing is masked twice: each stage goes on from the one before.
def deletion_scores(score, image, heat, steps):
    rows, columns = heat.shape
    h, w = image.shape[1] // rows, image.shape[2] // columns
    order = heat.flatten().argsort(descending=True)
    left, done, scores = image.clone(), 0, []
    for i in range(steps + 1):
        count = round(i * rows * columns / steps)
        for patch in order[done:count]:
            row, column = divmod(int(patch), columns)
            left[:, row * h : (row + 1) * h, column * w : (column + 1) * w] = 0
        done = count
        scores.append(score(left[None]))
    return torch.cat(scores)

# wrong: removed patches come back
# > Removed patches stay removed. Entry i is the score with round(i * rows * columns / steps)
# > patches removed.
# ~ count = round( => left = image.clone(); count = round(

# wrong: the patches are laid down column by column
# > Patch (r, c) covers rows r * h to (r + 1) * h of the image and columns c * w to (c + 1) * w,
# > with h = H // rows and w = W // columns.
# ~ row, column = divmod(int(patch), columns) => column, row = divmod(int(patch), rows)

# wrong: rows and columns swapped
# > Patch i is in row i // columns, column i % columns: use `columns` for both.
# ~ divmod(int(patch), columns) => divmod(int(patch), rows)

# wrong: patches are assumed to be square
# ~ image.shape[2] // columns => image.shape[1] // rows

# wrong: height and width swapped
# > Axis 1 of the image is its height, axis 2 its width: h = H // rows and w = W // columns.
# ~ image.shape[1] // rows, image.shape[2] // columns => image.shape[2] // rows, image.shape[1] // columns

# wrong: one pixel of each patch
# > Patch (r, c) covers rows r * h to (r + 1) * h of the image and columns c * w to (c + 1) * w,
# > with h = H // rows and w = W // columns.
# ~ row * h : (row + 1) * h, column * w : (column + 1) * w => row * h, column * w

# wrong: only the first channel
# > All pixels of a removed patch become 0, in every channel. `image[:, ...]` takes them all.
# ~ left[:, => left[0,

# wrong: the mean instead of 0
# > All pixels of a removed patch become 0, in every channel.
# ~ * w] = 0 => * w] = image.mean()
# wrong: the mean instead of 0
# ~ * w] = 0 => * w] = image.mean(dim=(1, 2), keepdim=True)

# wrong: 1 instead of 0
# > All pixels of a removed patch become 0, in every channel.
# ~ * w] = 0 => * w] = 1

# wrong: 0.5 instead of 0
# > All pixels of a removed patch become 0, in every channel.
# ~ * w] = 0 => * w] = 0.5

# wrong: the image is overwritten
# > You score the same empty image again and again: change a clone, step by step.
# ~ scores.append(score(left[None])) => scores.append(left)
# ~ torch.cat(scores) => score(torch.stack(scores))

# right: ranks
# > `argsort` twice gives each patch its rank, and the mask is one comparison.
def deletion_scores(score, image, heat, steps):
    h, w = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    rank = heat.flatten().argsort(descending=True).argsort().view_as(heat)
    rank = rank.repeat_interleave(h, 0).repeat_interleave(w, 1)
    counts = [round(i * heat.numel() / steps) for i in range(steps + 1)]
    return torch.cat([score((image * (rank >= count))[None]) for count in counts])

# wrong: the order is taken for ranks
# > `argsort` lists which patch goes first, second, ...; how early a patch goes is its rank, which
# > is the argsort of that list.
# ~ .argsort().view_as => .view_as
