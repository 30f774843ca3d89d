# right: by the formula
# > `F.pad(x, (0, 1), value=1.0)` appends the column of ones in one call.
def linear_probe(features, labels, learn, test, penalty=10.0):
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6
    x = (features - mean) / std
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    seen, target = x[learn], 2 * F.one_hot(labels)[learn].float() - 1
    squares = seen.T @ seen + penalty * torch.eye(x.shape[1])
    weight = torch.linalg.solve(squares, seen.T @ target)
    return x[test] @ weight

# wrong: standardised by all pictures
# > The test pictures have a part in your mean and std. Nothing of them may be known when the probe is
# > fitted: take both from features[learn].
# ~ features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6 => features.mean(dim=0), features.std(dim=0) + 1e-6
# wrong: standardised by all pictures
# > Your mean is that of all pictures. Nothing of the test pictures may be known when the probe is
# > fitted: take it from features[learn].
# ~ features[learn].mean(dim=0), => features.mean(dim=0),
# wrong: standardised by all pictures
# > Your std is that of all pictures. Nothing of the test pictures may be known when the probe is
# > fitted: take it from features[learn].
# ~ features[learn].std(dim=0) + 1e-6 => features.std(dim=0) + 1e-6

# wrong: standardised by the test pictures
# > Mean and std are those of the pictures to learn from, features[learn], for both.
# ~ features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6 => features[test].mean(dim=0), features[test].std(dim=0) + 1e-6

# wrong: the test pictures have their own mean and std
# > A probe reads every picture in the same way: shift and scale the test pictures by the mean and std
# > of features[learn], too.
# ~ return x[test] @ weight => own = (features[test] - features[test].mean(dim=0)) / (features[test].std(dim=0) + 1e-6); return torch.cat([own, torch.ones(len(own), 1)], dim=1) @ weight

# wrong: the test pictures are not standardised
# > The weights belong to standardised features: shift and scale the test pictures in the same way, by
# > the mean and std of features[learn].
# ~ return x[test] @ weight => return torch.cat([features[test], torch.ones(len(test), 1)], dim=1) @ weight

# wrong: mean and std exchanged
# > Subtract the mean, divide by the std.
# ~ (features - mean) / std => (features - std) / mean

# wrong: the weights instead of scores
# > Return the scores of the test pictures, (len(test), classes): x[test] @ W.
# ~ return x[test] @ weight => return weight

# wrong: not standardised
# > Without it, the penalty weighs on small features more than on large ones. Subtract the mean of
# > features[learn] and divide by their std.
# ~ (features - mean) / std => features
# wrong: the mean is not subtracted
# > Standardised means minus the mean, then divided by the std.
# ~ (features - mean) / std => features / std
# wrong: not divided by the std
# > Standardised means minus the mean, then divided by the std.
# ~ (features - mean) / std => features - mean

# wrong: one mean and std for all features
# > Each feature has its own: `mean(dim=0)` and `std(dim=0)` give one number for each column.
# ~ features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6 => features[learn].mean(), features[learn].std() + 1e-6

# wrong: standardised along the picture
# > Each feature is compared with the same feature of other pictures: take mean and std along axis 0.
# ~ mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6 => mean, std = features.mean(dim=1, keepdim=True), features.std(dim=1, keepdim=True) + 1e-6

# wrong: the variance instead of the std
# > The variance is the square of it: divide by `std`.
# ~ features[learn].std(dim=0) => features[learn].var(dim=0)

# wrong: the std divides by n
# > `Tensor.std` divides by n - 1, and so should yours: no `correction=0` or `unbiased=False`.
# ~ features[learn].std(dim=0) => features[learn].std(dim=0, correction=0)

# wrong: divided by a std of 0
# > A feature that is the same for all pictures has a std of 0. Add 1e-6 to it.
# ~ .std(dim=0) + 1e-6 => .std(dim=0)

# wrong: no bias
# > The layer needs a bias: append a column of ones to the features, after they are standardised.
# ~ x = torch.cat([x, torch.ones(len(x), 1)], dim=1) => pass
# wrong: no bias
# ~ torch.ones(len(x), 1) => torch.zeros(len(x), 1)

# wrong: targets of 0 and 1
# > The target is +1 for the right class and -1 for all others.
# ~ 2 * F.one_hot(labels)[learn].float() - 1 => F.one_hot(labels)[learn].float()
# wrong: targets with the opposite sign
# > The target is +1 for the right class and -1 for all others.
# ~ 2 * F.one_hot(labels)[learn].float() - 1 => 1 - 2 * F.one_hot(labels)[learn].float()

# wrong: no penalty
# > Add penalty * I to X^T X, with I of as many rows as there are columns, that of the ones included.
# ~ seen.T @ seen + penalty * torch.eye(x.shape[1]) => seen.T @ seen
# wrong: no penalty
# ~ torch.linalg.solve(squares, seen.T @ target) => torch.linalg.lstsq(seen, target).solution
# wrong: the penalty is always 10
# > Use `penalty`: 10 is only its default.
# ~ penalty * torch.eye => 10.0 * torch.eye
# wrong: the penalty is squared
# > Add penalty * I to X^T X, not its square.
# ~ penalty * torch.eye => penalty**2 * torch.eye
# wrong: the penalty is multiplied by the number of pictures
# > Add penalty * I as it is to X^T X, which is a sum over the pictures, not a mean.
# ~ penalty * torch.eye => penalty * len(seen) * torch.eye
# wrong: the penalty leaves the bias out
# > That is often done, but here the penalty is on all weights, the one of the ones included: add
# > penalty * I with the whole identity.
# ~ weight = => squares[-1, -1] -= penalty; weight =
# wrong: the penalty is added everywhere
# > Add it on the diagonal only: penalty times the identity, `torch.eye`.
# ~ penalty * torch.eye(x.shape[1]) => penalty
# wrong: the penalty is subtracted
# > Add it: X^T X + penalty I.
# ~ + penalty * torch.eye => - penalty * torch.eye

# wrong: it learns from the test pictures
# > The weights come from `learn` alone, with its labels; `test` is for the scores.
# ~ seen, target = x[learn], 2 * F.one_hot(labels)[learn].float() - 1 => seen, target = x[test], 2 * F.one_hot(labels)[test].float() - 1
# wrong: it learns from all pictures
# > The weights come from `learn` alone, with its labels; `test` is for the scores.
# ~ seen, target = x[learn], 2 * F.one_hot(labels)[learn].float() - 1 => seen, target = x, 2 * F.one_hot(labels).float() - 1

# wrong: pictures and labels do not belong together
# > x[learn] are the pictures in the order of `learn`; their labels are labels[learn].
# ~ F.one_hot(labels)[learn] => F.one_hot(labels)[: len(learn)]
# wrong: pictures and labels do not belong together
# ~ F.one_hot(labels)[learn] => F.one_hot(labels)[learn.sort().values]

# wrong: scores for the pictures that it learned from
# > The scores are those of the test pictures: x[test] @ W.
# ~ return x[test] => return x[learn]
# wrong: scores for all pictures
# > The scores are those of the test pictures: x[test] @ W.
# ~ return x[test] => return x

# wrong: classes instead of scores
# > Return the scores (T, classes); whoever calls it takes the largest.
# ~ return x[test] @ weight => return (x[test] @ weight).argmax(dim=1)
# wrong: probabilities instead of scores
# > Return the scores as they are, without softmax.
# ~ return x[test] @ weight => return (x[test] @ weight).softmax(dim=1)
# wrong: the share of right answers instead of scores
# > Return the scores (T, classes); whoever calls it counts the right answers.
# ~ return x[test] @ weight => return ((x[test] @ weight).argmax(dim=1) == labels[test]).float().mean()
# wrong: one row for each class
# > The scores have one row for each picture: (T, classes).
# ~ return x[test] @ weight => return (x[test] @ weight).T

# wrong: only the classes that it has seen
# > There are as many classes as in `labels`, also if some of them are in the test only: make
# > `one_hot` of all labels, then take those of `learn`.
# ~ F.one_hot(labels)[learn] => F.one_hot(labels[learn])

# right: one problem with more rows
# > The penalty can be written as more pictures, with target 0: `lstsq` then solves it without
# > squaring.
def linear_probe(features, labels, learn, test, penalty=10.0):
    known = features[learn]
    x = F.pad((features - known.mean(0)) / (known.std(0) + 1e-6), (0, 1), value=1.0)
    target = F.one_hot(labels)[learn].float() * 2 - 1
    columns = x.shape[1]
    rows = torch.cat([x[learn], math.sqrt(penalty) * torch.eye(columns)])
    wanted = torch.cat([target, torch.zeros(columns, target.shape[1])])
    return x[test] @ torch.linalg.lstsq(rows, wanted).solution
