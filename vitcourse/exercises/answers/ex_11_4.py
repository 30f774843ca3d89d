# right: singular values
def principal_components(features, count):
    centred = features - features.mean(dim=0)
    directions = torch.linalg.svd(centred, full_matrices=False).Vh[:count]
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    return centred @ (directions * largest.sign()).T

# wrong: the mean is not subtracted
# > The mean of the rows is still in the result. Subtract it first, once for the directions and the result.
# ~ centred = features - features.mean(dim=0) => centred = features
# wrong: the mean is not subtracted at the end
# > The directions are right, and the rows still have their mean. Project what is left after it is subtracted.
# ~ return centred @ => return features @
# wrong: the mean is subtracted at the end only
# > The directions are those of rows with their mean in them. Subtract it before svd.
# ~ torch.linalg.svd(centred, => torch.linalg.svd(features,
# wrong: the mean of each row is subtracted
# > It subtracts from each row the mean of its own numbers. Subtract the mean of all rows: `mean(dim=0)`.
# ~ features.mean(dim=0) => features.mean(dim=1, keepdim=True)
# wrong: one mean for all numbers
# > It subtracts one number, the mean of everything. Each column has its own: `mean(dim=0)`.
# ~ features.mean(dim=0) => features.mean()
# wrong: the median is subtracted
# > It subtracts the median. Subtract the mean.
# ~ features.mean(dim=0) => features.median(dim=0).values
# wrong: the columns are standardised
# > The columns are divided by their standard deviation. Subtract the mean, and leave their spread.
# ~ features - features.mean(dim=0) => (features - features.mean(dim=0)) / features.std(dim=0)
# wrong: the rows are normalised
# > Each row has been brought to length 1. Leave rows as long as they are.
# ~ features - features.mean(dim=0) => F.normalize(features - features.mean(dim=0), dim=1)

# wrong: whitened
# > Each component is divided by its standard deviation, so that all spread alike. Leave them as they are: the first should spread most.
# ~ return centred @ (directions * largest.sign()).T => result = centred @ (directions * largest.sign()).T; return result / result.std(dim=0)
# wrong: whitened
# ~ return centred @ (directions * largest.sign()).T => result = centred @ (directions * largest.sign()).T; return result / result.std(dim=0, correction=0)
# wrong: divided by the singular values
# > Each component is divided by its singular value, as in the U of svd. Leave them as they are: the first should spread most.
# ~ return centred @ (directions * largest.sign()).T => result = centred @ (directions * largest.sign()).T; return result / result.norm(dim=0)
# wrong: multiplied by the singular values
# > Each component is multiplied by its singular value. The projection has its spread already.
# ~ return centred @ (directions * largest.sign()).T => result = centred @ (directions * largest.sign()).T; return result * result.norm(dim=0)
# wrong: divided by sqrt(n - 1)
# > The result is divided by sqrt(n - 1). Leave it as it is.
# ~ .sign()).T => .sign()).T / (len(features) - 1) ** 0.5
# wrong: divided by sqrt(n)
# > The result is divided by sqrt(n). Leave it as it is.
# ~ .sign()).T => .sign()).T / len(features) ** 0.5
# wrong: scaled to 0 .. 1
# > Each component is scaled to go from 0 to 1. That is for pictures; return it as it is.
# ~ return centred @ (directions * largest.sign()).T => x = centred @ (directions * largest.sign()).T; return (x - x.amin(0)) / (x.amax(0) - x.amin(0))
# wrong: directions of another length
# > Directions are scaled so that their largest entry is 1. They should have length 1: multiply by the sign alone.
# ~ directions * largest.sign() => directions / largest
# wrong: multiplied by the largest entry
# > Directions are multiplied by their largest entry. Multiply by its sign alone: they should have length 1.
# ~ largest.sign() => largest
# wrong: absolute values
# > All results are positive: the magnitude is taken of them. Turn whole directions, not single numbers.
# ~ return centred @ (directions * largest.sign()).T => return (centred @ directions.T).abs()
# wrong: absolute values in the directions
# > All entries of the directions are positive: the magnitude is taken of each. Turn a direction as a whole.
# ~ directions * largest.sign() => directions.abs()

# wrong: signs as the library leaves them
# > The directions are not turned, or not each by its own largest entry; what the library gives differs from one computer to the next. Turn each so that its largest entry, by magnitude, is positive.
# ~ directions * largest.sign() => directions
# wrong: signs as the library leaves them
# ~ directions.gather(1, directions.abs().argmax(dim=1, keepdim=True)) => directions.amax(dim=1, keepdim=True)
# wrong: the largest entry is negative
# > The largest entry of each direction, by magnitude, is negative. It should be positive.
# ~ directions * largest.sign() => -directions * largest.sign()
# wrong: the first entry is positive
# > The first entry of each direction is positive. It should be the one with the largest magnitude.
# ~ directions.gather(1, directions.abs().argmax(dim=1, keepdim=True)) => directions[:, :1]
# wrong: the last entry is positive
# > The last entry of each direction is positive. It should be the one with the largest magnitude.
# ~ directions.gather(1, directions.abs().argmax(dim=1, keepdim=True)) => directions[:, -1:]
# wrong: the sum is positive
# > The sum of each direction is positive. It should be the entry with the largest magnitude.
# ~ directions.gather(1, directions.abs().argmax(dim=1, keepdim=True)) => directions.sum(dim=1, keepdim=True)
# wrong: the largest result is positive
# > The largest result of each component, by magnitude, is positive. It is about the directions: their largest entry should be positive.
# ~ return centred @ (directions * largest.sign()).T => x = centred @ directions.T; return x * x.gather(0, x.abs().argmax(dim=0, keepdim=True)).sign()
# wrong: the first result is positive
# > The result of the first row is positive in each component. It is about the directions: their largest entry should be positive.
# ~ return centred @ (directions * largest.sign()).T => x = centred @ directions.T; return x * x[:1].sign()

# wrong: the smallest variance
# > These are the directions in which rows differ least. Take those of the largest variance.
# ~ .Vh[:count] => .Vh[-count:].flip(0)
# wrong: the largest variance last
# > The components are in rising order. The one of the largest variance comes first.
# ~ .Vh[:count] => .Vh[:count].flip(0)
# wrong: columns of Vh
# > The directions are read from the columns of Vh. They are its rows.
# ~ .Vh[:count] => .Vh.T[:count]
# wrong: the second component first
# > The first component is missing.
# ~ .Vh[:count] => .Vh[1 : count + 1]
# wrong: all components
# > It gives all components. Return the first `count`.
# ~ .Vh[:count] => .Vh
# wrong: always three
# > It gives three components, whatever `count` is.
# ~ .Vh[:count] => .Vh[:3]
# wrong: the directions instead of the results
# > It gives the directions, (count, D). Project the rows on them: (n, count).
# ~ return centred @ (directions * largest.sign()).T => return directions * largest.sign()
# wrong: one row for each component
# > It has a row for each component. Each row of the features should have one: (n, count).
# ~ return centred @ (directions * largest.sign()).T => return (centred @ (directions * largest.sign()).T).T
# wrong: put together again
# > These are the features rebuilt from `count` components, (n, D). Return the components alone.
# ~ return centred @ (directions * largest.sign()).T => return centred @ directions.T @ directions + features.mean(dim=0)
# wrong: the mean is not subtracted at the end
# ~ return centred @ (directions * largest.sign()).T => return centred @ (directions * largest.sign()).T + features.mean(dim=0) @ (directions * largest.sign()).T
# wrong: the first columns
# > These are the first columns of the features, minus their mean.
# ~ return centred @ (directions * largest.sign()).T => return centred[:, :count]
# wrong: rows and columns exchanged
# > Directions are sought among the columns instead of the rows.
# ~ return centred @ (directions * largest.sign()).T => turned = features.T - features.T.mean(dim=0); return torch.linalg.svd(turned, full_matrices=False).Vh[:count].T * turned.norm()

# right: covariance
# > The eigenvectors of the covariance are the directions, in columns, the smallest variance first.
def principal_components(features, count):
    centred = features - features.mean(dim=0, keepdim=True)
    covariance = centred.T @ centred / (len(features) - 1)
    values, vectors = torch.linalg.eigh(covariance)
    chosen = vectors.flip(1)[:, :count]
    place = chosen.abs().argmax(dim=0)
    signs = chosen[place, torch.arange(chosen.shape[1])].sign()
    return centred @ (chosen * signs)

# wrong: the smallest variance first
# > These are the directions in which rows differ least, the least first, as `eigh` gives them. Turn the order round.
# ~ vectors.flip(1)[:, :count] => vectors[:, :count]
# wrong: the largest variance last
# ~ vectors.flip(1)[:, :count] => vectors[:, -count:]
# wrong: rows of the eigenvectors
# > The directions are read from the rows of what `eigh` gives. They are its columns.
# ~ vectors.flip(1)[:, :count] => vectors.T.flip(1)[:, :count]
# wrong: rows of the eigenvectors
# ~ vectors.flip(1)[:, :count] => vectors.flip(0)[:count].T
# wrong: signs as the library leaves them
# ~ centred @ (chosen * signs) => centred @ chosen
# wrong: whitened
# ~ return centred @ (chosen * signs) => return centred @ (chosen * signs) / values.flip(0)[:count].sqrt()
# wrong: divided by the variance
# > Each component is divided by its variance. Leave them as they are.
# ~ return centred @ (chosen * signs) => return centred @ (chosen * signs) / values.flip(0)[:count]
# wrong: the mean is not subtracted
# ~ features - features.mean(dim=0, keepdim=True) => features
