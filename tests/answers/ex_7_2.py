# stub: as handed out
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 7.2")

# right: log-softmax, gather, mean
def scene_loss(logits, labels):
    logp = rearrange(logits, "b (q k) -> b q k", k=8).log_softmax(dim=-1)
    return -logp.gather(2, labels[..., None]).mean()

# right: a module and a split
def scene_loss(logits, labels):
    criterion = nn.CrossEntropyLoss()
    parts = logits.split(8, dim=1)
    return sum(criterion(part, labels[:, i]) for i, part in enumerate(parts)) / len(parts)

# right: by the formula, in a loop over the scenes
def scene_loss(logits, labels):
    total = 0.0
    for z, (a, b) in zip(logits, labels.tolist()):
        total = total + torch.logsumexp(z[:8], 0) - z[a] + torch.logsumexp(z[8:], 0) - z[8 + b]
    return total / (2 * len(logits))

# right: classes second, as cross_entropy likes it
def scene_loss(logits, labels):
    return F.cross_entropy(logits.view(-1, 2, 8).transpose(1, 2), labels)

# wrong: *
# (the share of wrong answers: no gradient anyway)
def scene_loss(logits, labels):
    return (logits.view(-1, 2, 8).argmax(-1) != labels).float().mean()

# wrong: *
# (half precision)
def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8).half().float(), labels.flatten()).half()

# wrong: it changes its input
def scene_loss(logits, labels):
    what = F.cross_entropy(logits[:, :8], labels[:, 0].clone())
    labels[:, 1] += 8
    logp = logits[:, 8:].log_softmax(1)
    where = -logp.gather(1, labels[:, 1:] - 8).mean()
    return (what + where) / 2

# wrong: it returns None
def scene_loss(logits, labels):
    loss = F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

# wrong: it raised RuntimeError
def scene_loss(logits, labels):
    return F.cross_entropy(logits.view(-1, 2, 8), labels)

# wrong: it never finishes
def scene_loss(logits, labels):
    loss = torch.zeros(())
    while loss <= 0:
        loss = loss * 1
    return loss

# right: log_softmax and gather
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    log_p = logits.unflatten(1, (2, 8)).log_softmax(dim=2)
    right = log_p.gather(2, labels[:, :, None])
    return -right.mean()

# right: loops and logsumexp
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total = logits.new_zeros(())
    for scores, answers in zip(logits.chunk(2, dim=1), labels.unbind(dim=1)):
        for row, answer in zip(scores, answers):
            total = total + torch.logsumexp(row, 0) - row[answer]
    return total / labels.numel()

# right: class axis second, one_hot targets by einsum
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    scores = rearrange(logits, "b (question answer) -> b answer question", question=2)
    return nn.CrossEntropyLoss()(scores, labels)

# right: one_hot and einsum
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    log_p = torch.cat([F.log_softmax(half, dim=-1) for half in logits.split(8, dim=1)], dim=1)
    targets = torch.cat([F.one_hot(column, 8) for column in labels.T], dim=1).to(log_p.dtype)
    return -torch.einsum("bk,bk->", log_p, targets) / (2 * len(logits))

# wrong: *
# divided by the batch once more
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2 / len(logits)

# wrong: *
# logarithm to base 2
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    log_p = logits.unflatten(1, (2, 8)).log_softmax(dim=2)
    right = log_p.gather(2, labels[:, :, None])
    return -right.mean() / math.log(2)

# wrong: *
# squared error to one_hot
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    target = torch.cat([F.one_hot(labels[:, 0], 8), F.one_hot(labels[:, 1], 8)], dim=1).float()
    return F.mse_loss(logits, target)

# wrong: it raised RuntimeError
# labels with their two columns passed whole (raises)
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    what = F.cross_entropy(logits[:, :8], labels)
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2

# right: log of softmax
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    p = logits.reshape(-1, 2, 8).softmax(-1)
    return -p.gather(2, labels[..., None]).log().mean()
