# right: a table of distances
def k_means(features, centres, steps):
    centres = centres.clone()
    for _ in range(steps):
        labels = torch.cdist(features, centres).argmin(dim=1)
        for number in labels.unique():
            centres[number] = features[labels == number].mean(dim=0)
    return labels, centres

# wrong: it changes its input
# > The centres that were passed in are changed. Work on `centres.clone()`.
# ~ centres = centres.clone() => pass
# wrong: a centre without rows becomes nan
# > A centre without rows becomes nan: the mean of nothing. Leave it where it is.
# ~ labels.unique() => range(len(centres))
# wrong: a centre without rows becomes zero
# > A centre without rows moves to zero. Leave it where it is.
# ~ centres[number] = => centres = centres * 0 if number == labels.min() else centres; centres[number] =
# wrong: a centre without rows moves to the mean of all
# > A centre without rows moves to the mean of all rows. Leave it where it is.
# ~ centres[number] = => centres = features.mean(dim=0).repeat(len(centres), 1) if number == labels.min() else centres; centres[number] =
# wrong: a centre without rows goes back to its start
# > A centre that loses its rows goes back to where it began. Leave it where it is.
# ~ centres = centres.clone() => start, centres = centres, centres.clone()
# ~ torch.cdist(features, centres).argmin(dim=1) => torch.cdist(features, centres).argmin(dim=1); centres = start.clone()
# wrong: a centre without rows is dropped
# > A centre without rows is left out of the result. There should be as many as before.
# ~ return labels, centres => return labels, centres[labels.unique()]
# wrong: one step only
# > Labels and centres are those after one step. Repeat it `steps` times, each time from the moved centres.
# ~ range(steps) => range(1)
# wrong: one step too few
# > Labels and centres are those after steps - 1 steps.
# ~ range(steps) => range(max(1, steps - 1))
# wrong: one step too many
# > Labels and centres are those after steps + 1 steps.
# ~ range(steps) => range(steps + 1)
# wrong: always the same number of steps
# > However many steps are asked for, it goes on until nothing changes any more. Take `steps`.
# ~ range(steps) => range(100)
# wrong: the farthest centre
# > Each row gets the number of the centre that is farthest. Take the nearest: argmin.
# ~ argmin(dim=1) => argmax(dim=1)
# wrong: the nearest row of each centre
# > There is a label for each centre instead of each row. Take the nearest over the centres: dim=1.
# ~ argmin(dim=1) => argmin(dim=0)
# wrong: the sum of absolute differences
# > Distances are sums of absolute differences. Take the ordinary distance.
# ~ torch.cdist(features, centres) => torch.cdist(features, centres, p=1.0)
# wrong: the largest difference
# > Distances are the largest difference in one number. Take the ordinary distance.
# ~ torch.cdist(features, centres) => torch.cdist(features, centres, p=float("inf"))
# wrong: the largest product
# > Each row goes to the centre with the largest scalar product. Take the smallest distance.
# ~ torch.cdist(features, centres).argmin(dim=1) => (features @ centres.T).argmax(dim=1)
# wrong: the angle instead of the distance
# > Each row goes to the centre in the most similar direction (cosine). Take the smallest distance.
# ~ torch.cdist(features, centres).argmin(dim=1) => (F.normalize(features, dim=1) @ F.normalize(centres, dim=1).T).argmax(dim=1)
# wrong: the differences are not squared
# > Differences of opposite sign cancel. Square them before they are summed.
# ~ torch.cdist(features, centres).argmin(dim=1) => (features[:, None] - centres).sum(dim=2).argmin(dim=1)
# wrong: only the first number counts
# > Rows are assigned by the first number only. Take the distance over all of them.
# ~ torch.cdist(features, centres) => torch.cdist(features[:, :1], centres[:, :1])
# wrong: one step only
# ~ centres = centres.clone() => first, centres = centres, centres.clone()
# ~ torch.cdist(features, centres) => torch.cdist(features, first)
# wrong: the centres do not move
# > The centres are where they were. Move each to the mean of its rows.
# ~ = features[labels == number].mean(dim=0) => = centres[number]
# wrong: the sum instead of the mean
# > Each centre moves to the sum of its rows. Take the mean.
# ~ .mean(dim=0) => .sum(dim=0)
# wrong: the median instead of the mean
# > Each centre moves to the median of its rows. Take the mean.
# ~ .mean(dim=0) => .median(dim=0).values
# wrong: one number for a centre
# > All numbers of a centre are the same: the mean of everything in its rows. Take it over the rows: dim=0.
# ~ .mean(dim=0) => .mean()
# wrong: halfway only
# > Each centre moves half the way. Move it to the mean of its rows.
# ~ = features[labels == number].mean(dim=0) => = (centres[number] + features[labels == number].mean(dim=0)) / 2
# wrong: the mean of the other rows
# > Each centre moves to the mean of the rows that are not its own.
# ~ features[labels == number] => features[labels != number]
# wrong: the mean with the centre itself
# > The old centre counts as one of its rows. Take the mean of the rows alone.
# ~ features[labels == number].mean(dim=0) => torch.cat([features[labels == number], centres[number][None]]).mean(dim=0)
# wrong: the row next to the mean
# > Each centre moves to one of its rows, the one next to their mean. Take the mean itself.
# ~ centres[number] = features[labels == number].mean(dim=0) => own = features[labels == number]; centres[number] = own[(own - own.mean(dim=0)).norm(dim=1).argmin()]
# wrong: labels of the moved centres
# > The labels are those of the final centres. Return them as they were before the last move.
# ~ return labels, centres => return torch.cdist(features, centres).argmin(dim=1), centres
# wrong: centres before the last move
# > The centres are those before the last move. Return them after it.
# ~ labels = torch.cdist(features, centres).argmin(dim=1) => before = centres.clone(); labels = torch.cdist(features, centres).argmin(dim=1)
# ~ return labels, centres => return labels, before
# wrong: labels of the first step
# > The labels are those of the first step. Return those of the last.
# ~ return labels, centres => return torch.cdist(features, first).argmin(dim=1), centres
# ~ centres = centres.clone() => first, centres = centres, centres.clone()
# wrong: centres and labels exchanged
# > It returns centres, labels. The labels come first.
# ~ return labels, centres => return centres, labels
# wrong: the labels alone
# > It returns the labels alone. Return both: labels, centres.
# ~ return labels, centres => return labels
# wrong: the centres alone
# > It returns the centres alone. Return both: labels, centres.
# ~ return labels, centres => return centres
# wrong: the distances too
# > It returns three things. Return two: labels, centres.
# ~ return labels, centres => return labels, centres, torch.cdist(features, centres)
# wrong: a table of ones for labels
# > The labels are a table with a 1 for each row's centre. Return the number of the centre.
# ~ return labels, centres => return F.one_hot(labels, len(centres)), centres
# wrong: labels of another type
# > Labels are whole numbers of type long, torch.int64, as argmin gives them.
# ~ return labels, centres => return labels.int(), centres
# wrong: labels of another type
# ~ return labels, centres => return labels.to(features.dtype), centres
# wrong: labels as a column
# > The labels should have shape (n,).
# ~ return labels, centres => return labels[:, None], centres
# wrong: four centres, however many there are
# > Only the first four centres move. Move all that have rows, as many as there are.
# ~ in labels.unique(): => in labels[labels < 4].unique():
# wrong: the labels count from 1
# > The labels count from 1. The first centre is number 0.
# ~ return labels, centres => return labels + 1, centres
# wrong: the rows instead of their centres' means
# > In the place of the centres it returns the centre of each row, (n, D). Return the k centres.
# ~ return labels, centres => return labels, centres[labels]
# wrong: it starts from rows of its own
# > It does not start from the centres that were passed in.
# ~ centres = centres.clone() => centres = features[: len(centres)].clone()

# right: by one-hot
# > A table of ones, transposed, times the features gives the sums of all groups at once.
def k_means(features, centres, steps):
    for _ in range(steps):
        apart = (features[:, None] - centres[None]).square().sum(dim=2)
        labels = apart.argmin(dim=1)
        ones = F.one_hot(labels, len(centres)).to(features.dtype)
        counts = ones.sum(dim=0)[:, None]
        means = ones.T @ features / counts.clamp(min=1)
        centres = torch.where(counts > 0, means, centres)
    return labels, centres

# wrong: a centre without rows becomes zero
# ~ torch.where(counts > 0, means, centres) => means
# wrong: the differences are not squared
# ~ .square().sum(dim=2) => .sum(dim=2)
# wrong: the sum of absolute differences
# ~ .square().sum(dim=2) => .abs().sum(dim=2)
