# stub: as handed out
def accuracy(model, images, labels, batch_size=256):
    raise NotImplementedError("exercise 7.5")

# right: slices and two counters
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    what = where = 0
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            what += (logits[:, :8].argmax(1) == answers[:, 0]).sum().item()
            where += (logits[:, 8:].argmax(1) == answers[:, 1]).sum().item()
    model.train(was_training)
    return {"what": what / len(images), "where": where / len(images)}

# right: split, cat, one mean at the end
@torch.inference_mode()
def accuracy(model, images, labels, batch_size=256):
    mode, _ = model.training, model.eval()
    try:
        logits = torch.cat([model(part) for part in images.split(batch_size)])
    finally:
        model.train(mode)
    right = (rearrange(logits, "b (q k) -> b q k", q=2).argmax(-1) == labels).float().mean(0)
    return {"what": float(right[0]), "where": float(right[1])}

# right: means weighted by the size of the batch
def accuracy(model, images, labels, batch_size=256):
    before = model.training
    model.eval()
    total = {"what": 0.0, "where": 0.0}
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            z = model(x)
            total["what"] += (z[:, :8].argmax(1) == y[:, 0]).float().mean().item() * len(x)
            total["where"] += (z[:, 8:].argmax(1) == y[:, 1]).float().mean().item() * len(x)
    if before:
        model.train()
    return {name: value / len(images) for name, value in total.items()}

# right: a DataLoader
def accuracy(model, images, labels, batch_size=256):
    from torch.utils.data import DataLoader, TensorDataset
    loader = DataLoader(TensorDataset(images, labels), batch_size=batch_size)
    before = model.training
    model.eval()
    right, seen = torch.zeros(2), 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).unflatten(1, (2, 8)).max(-1).indices == y).sum(0)
            seen += len(x)
    model.train(before)
    return dict(zip(["what", "where"], (right / seen).tolist()))

# wrong: *
# (argmax down the batch)
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        z = torch.cat([model(x) for x in images.split(batch_size)])
    model.train(was_training)
    what = (z[:, :8].argmax(0) == labels[:8, 0]).float().mean().item()
    where = (z[:, 8:].argmax(0) == labels[:8, 1]).float().mean().item()
    return {"what": what, "where": where}

# wrong: *
# (the mean of means, without eval and without no_grad)
def accuracy(model, images, labels, batch_size=256):
    shares = []
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        shares.append((model(x).view(-1, 2, 8).argmax(2) == y).float().mean(0))
    what, where = (sum(shares) / len(shares)).tolist()
    return {"what": what, "where": where}

# wrong: *
# (evaluation mode set when everything is over)
def accuracy(model, images, labels, batch_size=256):
    right = torch.zeros(2)
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            right += (model(x).view(-1, 2, 8).argmax(2) == y).sum(0)
    model.eval()
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: *
# (the training goes on in the test)
def accuracy(model, images, labels, batch_size=256):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    right = torch.zeros(2)
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        z = model(x).view(-1, 2, 8)
        right += (z.argmax(2) == y).sum(0)
        optimizer.zero_grad()
        F.cross_entropy(z.flatten(0, 1), y.flatten()).backward()
        optimizer.step()
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: it returns None
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            right += (model(x).view(-1, 2, 8).argmax(2) == y).sum(0)
    model.train(was_training)

# wrong: it raised AttributeError
def accuracy(model, images, labels, batch_size=256):
    right = 0
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        right += (model(x).argmax(1) == y.label).sum()
    return right

# wrong: it never finishes
def accuracy(model, images, labels, batch_size=256):
    model.eval()
    start, right = 0, torch.zeros(2)
    with torch.no_grad():
        while start < len(images):
            x, y = images[start : start + batch_size], labels[start : start + batch_size]
            right += (model(x).view(-1, 2, 8).argmax(2) == y).sum(0)
    return {"what": right[0].item(), "where": right[1].item()}

# right: counted in a loop
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmax(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmax(dim=1) == answers[:, 1]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# right: all logits, then one comparison; modes of all parts
@torch.inference_mode()
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    modes = [(part, part.training) for part in model.modules()]
    try:
        model.eval()
        logits = torch.cat([model(batch) for batch in images.split(batch_size)])
    finally:
        for part, mode in modes:
            part.training = mode
    said = logits.unflatten(1, (2, 8)).argmax(dim=2)  # (n, 2)
    shares = (said == labels).double().mean(dim=0)
    return dict(zip(("what", "where"), shares.tolist()))

# right: DataLoader
from torch.utils.data import DataLoader, TensorDataset


def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    mode = model.training
    model.train(False)
    hits = {"what": 0, "where": 0}
    with torch.no_grad():
        for x, y in DataLoader(TensorDataset(images, labels), batch_size=batch_size, shuffle=True):
            what, where = model(x).chunk(2, dim=-1)
            hits["what"] += int((what.topk(1).indices.squeeze(1) == y[:, 0]).sum())
            hits["where"] += int((where.topk(1).indices.squeeze(1) == y[:, 1]).sum())
    model.train(mode)
    return {question: count / len(labels) for question, count in hits.items()}

# right: deep copy, batches weighted by their size
import copy


def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    judge = copy.deepcopy(model).eval()
    n = images.shape[0]
    weighted = {"what": 0.0, "where": 0.0}
    for lo in range(0, n, batch_size):
        hi = min(lo + batch_size, n)
        with torch.no_grad():
            scores = rearrange(judge(images[lo:hi]), "b (q a) -> q b a", q=2)
        for q, name in enumerate(weighted):
            share = scores[q].max(dim=-1).indices.eq(labels[lo:hi, q]).float().mean().item()
            weighted[name] += share * (hi - lo) / n
    return weighted

# wrong: *
# where's answer is shifted by 8
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmax(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmax(dim=1) + 8 == answers[:, 1]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: *
# where counts only where what is right, too
import copy


def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    judge = copy.deepcopy(model).eval()
    n = images.shape[0]
    weighted = {"what": 0.0, "where": 0.0}
    for lo in range(0, n, batch_size):
        hi = min(lo + batch_size, n)
        with torch.no_grad():
            scores = rearrange(judge(images[lo:hi]), "b (q a) -> q b a", q=2)
        for q, name in enumerate(weighted):
            share = (scores[: q + 1].argmax(-1) == labels[lo:hi, : q + 1].T).all(0).float().mean().item()
            weighted[name] += share * (hi - lo) / n
    return weighted

# wrong: *
# the lowest score wins
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmin(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmin(dim=1) == answers[:, 1]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: *
# mean probability of the right answer, not the share of right answers
@torch.inference_mode()
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    modes = [(part, part.training) for part in model.modules()]
    try:
        model.eval()
        logits = torch.cat([model(batch) for batch in images.split(batch_size)])
    finally:
        for part, mode in modes:
            part.training = mode
    p = logits.unflatten(1, (2, 8)).softmax(dim=2)
    shares = p.gather(2, labels[..., None]).squeeze(2).double().mean(dim=0)
    return dict(zip(("what", "where"), shares.tolist()))

# wrong: *
# images shuffled, labels not
@torch.inference_mode()
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    modes = [(part, part.training) for part in model.modules()]
    try:
        model.eval()
        logits = torch.cat([model(batch) for batch in images.flip(0).split(batch_size)])
    finally:
        for part, mode in modes:
            part.training = mode
    said = logits.unflatten(1, (2, 8)).argmax(dim=2)  # (n, 2)
    shares = (said == labels).double().mean(dim=0)
    return dict(zip(("what", "where"), shares.tolist()))

# wrong: *
# eval after the first batch only
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            model.eval()
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmax(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmax(dim=1) == answers[:, 1]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: it raised TypeError
# one number for both: both right (raises on the dict)
@torch.inference_mode()
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    modes = [(part, part.training) for part in model.modules()]
    try:
        model.eval()
        logits = torch.cat([model(batch) for batch in images.split(batch_size)])
    finally:
        for part, mode in modes:
            part.training = mode
    said = logits.unflatten(1, (2, 8)).argmax(dim=2)  # (n, 2)
    shares = (said == labels).all(1).double().mean(dim=0)
    return dict(zip(("what", "where"), shares))

# wrong: it raised IndexError
# labels one column (raises)
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmax(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmax(dim=1) == answers[:, 2]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# right: model.train(mode) where parts had modes of their own
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, images.size(0), batch_size):
            logits = model(images[start : start + batch_size])
            answers = labels[start : start + batch_size]
            right[0] += (logits[:, :8].argmax(dim=1) == answers[:, 0]).sum()
            right[1] += (logits[:, 8:].argmax(dim=1) == answers[:, 1]).sum()
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# right: float32 shares
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    mode = model.training
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(b) for b in torch.split(images, batch_size)])
    model.train(mode)
    return {
        "what": (logits[:, :8].argmax(-1) == labels[:, 0]).float().mean().item(),
        "where": (logits[:, 8:].argmax(-1) == labels[:, 1]).float().mean().item(),
    }

# wrong: right for 10 scenes, wrong where a single one is left at the end
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    what = where = 0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            z = model(x).squeeze()
            what += (z[:, :8].argmax(1) == y[:, 0]).sum().item()
            where += (z[:, 8:].argmax(1) == y[:, 1]).sum().item()
    model.train(was_training)
    return {"what": what / len(images), "where": where / len(images)}

# wrong: right for other scores, wrong for scores below zero
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            right += (F.relu(model(x)).view(-1, 2, 8).argmax(2) == y).sum(0)
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}
