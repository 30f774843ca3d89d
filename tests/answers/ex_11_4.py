# stub: as handed out
def principal_components(features, count):
    """Each row along the directions in which rows differ most."""
    raise NotImplementedError("exercise 11.4")

# stub: half finished
def principal_components(features, count):
    centred = features - features.mean(dim=0)
    raise NotImplementedError("exercise 11.4")

# right: a loop for the signs
def principal_components(features, count):
    x = features - features.mean(0)
    U, S, Vh = torch.linalg.svd(x, full_matrices=False)
    V = Vh[:count].clone()
    for i in range(len(V)):
        if V[i][V[i].abs().argmax()] < 0:
            V[i] = -V[i]
    return x @ V.T

# right: from U and S
def principal_components(features, count):
    x = features - features.mean(0, keepdim=True)
    U, S, Vh = torch.linalg.svd(x, full_matrices=False)
    U, S, Vh = U[:, :count], S[:count], Vh[:count]
    largest = torch.take_along_dim(Vh, Vh.abs().argmax(1, keepdim=True), 1)[:, 0]
    return U * S * largest.sign()

# right: the old svd, directions in columns
def principal_components(features, count):
    x = features - torch.mean(features, dim=0)
    _, _, V = torch.svd(x)
    V = V[:, :count]
    rows = V.abs().max(dim=0).indices
    s = torch.sign(V[rows, range(V.shape[1])])
    return torch.matmul(x, V) * s

# right: torch.cov, sorted
def principal_components(features, count):
    x = features - features.mean(dim=0)
    values, vectors = torch.linalg.eigh(torch.cov(features.T))
    order = values.argsort(descending=True)[:count]
    d = vectors[:, order].T
    biggest = d[torch.arange(len(d)), d.abs().argmax(dim=1)]
    d = torch.where(biggest[:, None] < 0, -d, d)
    return x @ d.T

# right: max and min compared
def principal_components(features, count):
    x = features - features.mean(dim=0)
    d = torch.linalg.eigh(x.T @ x).eigenvectors[:, -count:].flip(dims=(1,))
    turn = d.max(dim=0).values < -d.min(dim=0).values
    return x @ torch.where(turn, -d, d)

# right: one direction after the other
def principal_components(features, count):
    x = features - features.mean(dim=0)
    columns = []
    for v in torch.linalg.svd(x).Vh[:count]:
        columns.append(x @ v * torch.sign(v[v.abs().argmax()]))
    return torch.stack(columns, dim=1)

# right: numpy
import numpy as np


def principal_components(features, count):
    x = features.numpy()
    x = x - x.mean(axis=0)
    v = np.linalg.svd(x, full_matrices=False)[2][:count]
    v = v * np.sign(v[np.arange(len(v)), np.abs(v).argmax(axis=1)])[:, None]
    return torch.from_numpy(x @ v.T)

# right: einsum, in float64
def principal_components(features, count):
    x = features.double()
    x = x - x.mean(0)
    cov = torch.einsum("ni,nj->ij", x, x) / x.shape[0]
    w, v = torch.linalg.eigh(cov)
    v = v[:, torch.argsort(w, descending=True)][:, :count]
    signs = torch.sign(v.gather(0, v.abs().argmax(0, keepdim=True)))
    return torch.einsum("ni,ic->nc", x, v * signs).to(features.dtype)

# right: general eigenvalues
def principal_components(features, count):
    x = features - features.mean(0)
    w, v = torch.linalg.eig(x.T @ x)
    w, v = w.real, v.real
    v = v[:, w.topk(count).indices]
    v = v / v.norm(dim=0)
    return x @ (v * v.gather(0, v.abs().argmax(0)[None]).sign())

# right: deflated
def principal_components(features, count):
    x = features - features.mean(0)
    rest, out = x, []
    for _ in range(count):
        v = torch.linalg.svd(rest, full_matrices=False).Vh[0]
        v = v if v[v.abs().argmax()] > 0 else -v
        out.append(x @ v)
        rest = rest - (rest @ v)[:, None] * v
    return torch.stack(out, 1)

# wrong: *
# (random directions)
def principal_components(features, count):
    x = features - features.mean(0)
    g = torch.Generator().manual_seed(0)
    d = torch.linalg.qr(torch.randn(x.shape[1], x.shape[1], generator=g)).Q[:, :count]
    return x @ (d * d.gather(0, d.abs().argmax(0)[None]).sign())

# wrong: *
# (the covariance of the rows with each other)
def principal_components(features, count):
    x = features - features.mean(0)
    v = torch.linalg.eigh(x @ x.T).eigenvectors.flip(1)[:, :count]
    return v * v.gather(0, v.abs().argmax(0)[None]).sign()

# wrong: *
# (the columns with the largest variance)
def principal_components(features, count):
    x = features - features.mean(0)
    return x[:, x.var(0).argsort(descending=True)[:count]]

# wrong: *
# (rounded)
def principal_components(features, count):
    x = features - features.mean(0)
    v = torch.linalg.svd(x, full_matrices=False).Vh[:count]
    v = v * v.gather(1, v.abs().argmax(1, keepdim=True)).sign()
    return (x @ v.T).round(decimals=1)

# wrong: *
# (remembers the directions)
KNOWN = {}


def principal_components(features, count):
    x = features - features.mean(0)
    key = features.shape, count
    if key not in KNOWN:
        v = torch.linalg.svd(x, full_matrices=False).Vh[:count]
        KNOWN[key] = v * v.gather(1, v.abs().argmax(1, keepdim=True)).sign()
    return x @ KNOWN[key].to(x.dtype).T

# wrong: it changes its input
def principal_components(features, count):
    features -= features.mean(0)
    v = torch.linalg.svd(features, full_matrices=False).Vh[:count]
    return features @ (v * v.gather(1, v.abs().argmax(1, keepdim=True)).sign()).T

# wrong: the smallest variance first
def principal_components(features, count):
    centred = features - features.mean(0)
    vectors = torch.linalg.eigh(torch.cov(features.T))[1][:, :count]
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    return centred @ vectors * largest.sign()

# wrong: signs as the library leaves them
# (all turned by the largest entry of the first)
def principal_components(features, count):
    centred = features - features.mean(0)
    directions = torch.linalg.svd(centred, full_matrices=False).Vh[:count]
    first = directions[0]
    return centred @ directions.T * first[first.abs().argmax()].sign()

# wrong: it returns None
def principal_components(features, count):
    x = features - features.mean(0)

# wrong: it raised RuntimeError
# (projected the wrong way round)
def principal_components(features, count):
    x = features - features.mean(0)
    return x @ torch.linalg.svd(x, full_matrices=False).Vh[:count]
