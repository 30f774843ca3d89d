# stub: as handed out
def linear_probe(features, labels, learn, test, penalty=10.0):
    """Fit a linear layer on some pictures; its scores for others."""
    raise NotImplementedError("exercise 9.5")

# stub: half finished
def linear_probe(features, labels, learn, test, penalty=10.0):
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0)
    raise NotImplementedError("exercise 9.5")

# right: padded
def linear_probe(
    features: torch.Tensor,
    labels: torch.Tensor,
    learn: torch.Tensor,
    test: torch.Tensor,
    penalty: float = 10.0,
) -> torch.Tensor:
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6
    x = F.pad((features - mean) / std, (0, 1), value=1.0)
    target = 2 * F.one_hot(labels).float() - 1
    seen = x[learn]
    squares = seen.T @ seen + penalty * torch.eye(x.shape[1])
    return x[test] @ torch.linalg.solve(squares, seen.T @ target[learn])

# right: the two parts apart
def linear_probe(features, labels, learn, test, penalty=10.0):
    def prepare(part):
        part = (part - centre) / (spread + 1e-6)
        return torch.hstack([part, torch.ones(len(part), 1)])

    centre, spread = features[learn].mean(0), features[learn].std(0)
    A, B = prepare(features[learn]), prepare(features[test])
    classes = int(labels.max()) + 1
    T = -torch.ones(len(learn), classes)
    T[torch.arange(len(learn)), labels[learn]] = 1.0
    W = torch.inverse(A.T @ A + penalty * torch.eye(A.shape[1])) @ A.T @ T
    return B @ W

# right: from the other side
def linear_probe(features, labels, learn, test, penalty=10.0):
    std, mean = torch.std_mean(features[learn], dim=0)
    x = torch.cat([(features - mean) / (std + 1e-6), torch.ones(len(features), 1)], dim=1)
    a, b = x[learn], x[test]
    target = torch.where(labels[learn, None] == torch.arange(labels.max() + 1), 1.0, -1.0)
    return b @ a.T @ torch.linalg.solve(a @ a.T + penalty * torch.eye(len(a)), target)

# right: Cholesky, in float64
def linear_probe(features, labels, learn, test, penalty=10.0):
    known = features[learn].double()
    x = (features.double() - known.mean(0)) / (known.std(0) + 1e-6)
    x = torch.cat([torch.ones(len(x), 1, dtype=x.dtype), x], dim=1)
    a = x[learn]
    t = (2 * F.one_hot(labels)[learn] - 1).double()
    factor = torch.linalg.cholesky(a.T @ a + penalty * torch.eye(a.shape[1], dtype=a.dtype))
    return (x[test] @ torch.cholesky_solve(a.T @ t, factor)).float()

# right: the std cut off below
def linear_probe(features, labels, learn, test, penalty=10.0):
    known = features[learn]
    x = (features - known.mean(0)) / known.std(0).clamp(min=1e-6)
    x = torch.cat([x, x.new_ones(len(x), 1)], 1)
    t = F.one_hot(labels)[learn].mul(2).sub(1).float()
    w = torch.linalg.solve(x[learn].T @ x[learn] + penalty * torch.eye(x.size(1)), x[learn].T @ t)
    return x[test].matmul(w)

# right: class by class
def linear_probe(features, labels, learn, test, penalty=10.0):
    known = features[learn]
    x = (features - known.mean(dim=0)) / (known.std(dim=0) + 1e-6)
    x = torch.cat([x, torch.ones(x.shape[0], 1)], dim=1)
    a = x[learn]
    squares = a.T @ a + penalty * torch.eye(a.shape[1])
    scores = []
    for c in range(int(labels.max()) + 1):
        t = (labels[learn] == c).float() * 2 - 1
        scores.append(x[test] @ torch.linalg.solve(squares, a.T @ t))
    return torch.stack(scores, dim=1)

# right: a layer with these weights
def linear_probe(features, labels, learn, test, penalty=10.0):
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6
    x = (features - mean) / std
    ones = torch.ones(len(learn), 1)
    a = torch.cat([x[learn], ones], dim=1)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    w = torch.linalg.solve(a.T @ a + penalty * torch.eye(a.shape[1]), a.T @ t)
    layer = nn.Linear(x.shape[1], t.shape[1])
    with torch.no_grad():
        layer.weight.copy_(w[:-1].T)
        layer.bias.copy_(w[-1])
        return layer(x[test])

# right: numpy
import numpy as np


def linear_probe(features, labels, learn, test, penalty=10.0):
    f, y = features.numpy().astype(np.float64), labels.numpy()
    i, j = learn.numpy(), test.numpy()
    x = (f - f[i].mean(0)) / (f[i].std(0, ddof=1) + 1e-6)
    x = np.c_[x, np.ones(len(x))]
    t = np.where(y[i][:, None] == np.arange(y.max() + 1), 1.0, -1.0)
    w = np.linalg.solve(x[i].T @ x[i] + penalty * np.eye(x.shape[1]), x[i].T @ t)
    return torch.from_numpy((x[j] @ w).astype(np.float32))

# right: a list of terms, einsum
def linear_probe(features, labels, learn, test, penalty=10.0):
    known, asked = features[learn], features[test]
    mean, std = known.mean(0, keepdim=True), known.std(0, keepdim=True) + 1e-6
    a = F.pad((known - mean) / std, (0, 1), value=1)
    b = F.pad((asked - mean) / std, (0, 1), value=1)
    t = torch.full((len(a), labels.max().item() + 1), -1.0).scatter(1, labels[learn][:, None], 1.0)
    left = torch.einsum("ni,nj->ij", a, a) + torch.diag(torch.full((a.shape[1],), float(penalty)))
    w = torch.linalg.solve(left, torch.einsum("ni,nc->ic", a, t))
    return torch.einsum("ni,ic->nc", b, w)

# wrong: *
# (the nearest class mean)
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    classes = int(labels.max()) + 1
    means = torch.stack([x[learn][labels[learn] == c].mean(0) for c in range(classes)])
    return -torch.cdist(x[test], means)

# wrong: *
# (a few steps of gradient descent)
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    x = F.pad(x, (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    w = torch.zeros(x.shape[1], t.shape[1])
    for _ in range(20):
        w = w - 0.01 * (x[learn].T @ (x[learn] @ w - t) + penalty * w)
    return x[test] @ w

# wrong: *
# (only the first two classes)
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    x = F.pad(x, (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float()[:, :2] - 1
    return x[test] @ torch.linalg.solve(
        x[learn].T @ x[learn] + penalty * torch.eye(x.shape[1]), x[learn].T @ t
    )

# wrong: *
# (rounded)
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    x = F.pad(x, (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    w = torch.linalg.solve(
        x[learn].T @ x[learn] + penalty * torch.eye(x.shape[1]), x[learn].T @ t
    )
    return (x[test] @ w).round(decimals=2)

# wrong: *
# (fitted once, then remembered)
FITTED = []


def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    x = F.pad(x, (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    if not FITTED or FITTED[0].shape != (x.shape[1], t.shape[1]):
        squares = x[learn].T @ x[learn] + penalty * torch.eye(x.shape[1])
        FITTED[:] = [torch.linalg.solve(squares, x[learn].T @ t)]
    return x[test] @ FITTED[0]

# wrong: it changes its input
def linear_probe(features, labels, learn, test, penalty=10.0):
    features -= features[learn].mean(0)
    features /= features[learn].std(0) + 1e-6
    x = F.pad(features, (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    squares = x[learn].T @ x[learn] + penalty * torch.eye(x.shape[1])
    return x[test] @ torch.linalg.solve(squares, x[learn].T @ t)

# wrong: it returns None
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)

# wrong: it raised NameError
def linear_probe(features, labels, learn, test, penalty=10.0):
    return x[test] @ weight

# wrong: it raised RuntimeError
# (the ones forgotten on one side)
def linear_probe(features, labels, learn, test, penalty=10.0):
    x = (features - features[learn].mean(0)) / (features[learn].std(0) + 1e-6)
    a = F.pad(x[learn], (0, 1), value=1.0)
    t = 2 * F.one_hot(labels)[learn].float() - 1
    return x[test] @ torch.linalg.solve(a.T @ a + penalty * torch.eye(a.shape[1]), a.T @ t)

# wrong: it never finishes
def linear_probe(features, labels, learn, test, penalty=10.0):
    w = torch.zeros(features.shape[1], 2)
    while w.abs().sum() < 1:
        w = w * 2
    return features[test] @ w
