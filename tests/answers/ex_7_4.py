def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# stub: as handed out
def train_loop(model, batch_at, optimizer, steps, warmup):
    raise NotImplementedError("exercise 7.4")

# right: torch's own scheduler, stepped after the optimiser
def train_loop(model, batch_at, optimizer, steps, warmup):
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: schedule(k, steps, warmup))
    losses = []
    for step in range(steps):
        losses.append(train_step(model, *batch_at(step), optimizer))
        scheduler.step()
    return losses

# right: the peak noted in the group itself
def train_loop(model, batch_at, optimizer, steps, warmup):
    for group in optimizer.param_groups:
        group.setdefault("peak", group["lr"])

    def one(step):
        factor = schedule(step, steps, warmup)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        return train_step(model, *batch_at(step), optimizer)

    return [one(step) for step in range(steps)]

# right: everything spelt out
def train_loop(model, batch_at, optimizer, steps, warmup):
    peaks = dict(enumerate(g["lr"] for g in optimizer.param_groups))
    losses, step = [], 0
    while step < steps:
        if step < warmup:
            share = (step + 1) / warmup
        else:
            share = (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
        for i, g in enumerate(optimizer.param_groups):
            g["lr"] = peaks[i] * share
        images, labels = batch_at(step)
        model.train()
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        step += 1
    return losses

# wrong: *
# (a new optimiser, which is not the one that was given)
def train_loop(model, batch_at, optimizer, steps, warmup):
    own = torch.optim.SGD(model.parameters(), lr=0.1)
    return [train_step(model, *batch_at(step), own) for step in range(steps)]

# wrong: it returns None
def train_loop(model, batch_at, optimizer, steps, warmup):
    peaks = [group["lr"] for group in optimizer.param_groups]
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * schedule(step, steps, warmup)
        train_step(model, *batch_at(step), optimizer)

# wrong: it raised TypeError
def train_loop(model, batch_at, optimizer, steps, warmup):
    losses = []
    for step in range(steps):
        losses.append(train_step(model, batch_at(step), optimizer))
    return losses

# wrong: it never finishes
def train_loop(model, batch_at, optimizer, steps, warmup):
    losses, step = [], 0
    while step < steps:
        losses.append(train_step(model, *batch_at(0), optimizer))
    return losses

# right: dict of peaks, a comprehension
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    peak_of = {id(group): group["lr"] for group in optimizer.param_groups}

    def one(k):
        for group in optimizer.param_groups:
            group.update(lr=peak_of[id(group)] * schedule(k, steps, warmup))
        return train_step(model, *batch_at(k), optimizer=optimizer)

    return [one(k) for k in range(steps)]

# right: LambdaLR, stepped after each step
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: schedule(k, steps, warmup) if k < steps else 0.0)
    losses = []
    for k in range(steps):
        images, labels = batch_at(k)
        losses.append(train_step(model, images, labels, optimizer))
        scheduler.step()
    return losses

# right: a table of rates first
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    groups = optimizer.param_groups
    peaks = torch.tensor([g["lr"] for g in groups], dtype=torch.float64)
    table = [(peaks * schedule(k, steps, warmup)).tolist() for k in range(steps)]  # (steps, groups)
    losses = [0.0] * steps
    k = 0
    while k < steps:
        for i in range(len(groups)):
            groups[i]["lr"] = table[k][i]
        batch = batch_at(k)
        losses[k] = train_step(model, batch[0], batch[1], optimizer)
        k += 1
    return losses

# right: peak noted inside of the groups and removed at the end
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    history = []
    for k in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * schedule(k, steps, warmup)
        history += [train_step(model, *batch_at(k), optimizer)]
    for group in optimizer.param_groups:
        group["lr"] = group.pop("peak")
    return history

# wrong: it raised TypeError
# train_step without the optimiser (raises)
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        share = schedule(step, steps, warmup)
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * share
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels))
    return losses

# right: LambdaLR without a guard, stale initial_lr
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: schedule(k, steps, warmup))
    losses = []
    for k in range(steps):
        losses.append(train_step(model, *batch_at(k), optimizer))
        scheduler.step()
    return losses

# right: all batches fetched first
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    batches = [batch_at(k) for k in range(steps)]
    peaks = [g["lr"] for g in optimizer.param_groups]
    losses = []
    for k, (images, labels) in enumerate(batches):
        for g, p in zip(optimizer.param_groups, peaks):
            g["lr"] = p * schedule(k, steps, warmup)
        losses.append(train_step(model, images, labels, optimizer))
    return losses

# right: training step written out, with clipping
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    peaks = [g["lr"] for g in optimizer.param_groups]
    losses = []
    for k in range(steps):
        for g, p in zip(optimizer.param_groups, peaks):
            g["lr"] = p * schedule(k, steps, warmup)
        images, labels = batch_at(k)
        model.train()
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses
