def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

# stub: as handed out
def train_step(model, images, labels, optimizer, clip=1.0):
    raise NotImplementedError("exercise 7.3")

# right: zero just before backward, zeros kept, loss spelt out
def train_step(model, images, labels, optimizer, clip=1.0):
    logits = model.train()(images)
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    loss = (what + where) * 0.5
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.detach().cpu().item()

# right: clipping by hand
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    model.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g ** 2).sum() for g in grads))
    if norm > clip:
        for g in grads:
            g.mul_(clip / norm)
    optimizer.step()
    return loss.item()

# right: torch.autograd.grad
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    parameters = list(model.parameters())
    loss = scene_loss(model(images), labels)
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    nn.utils.clip_grad_norm_(parameters, clip)
    optimizer.step()
    return loss.item()

# right: a closure
def train_step(model, images, labels, optimizer, clip=1.0):
    def closure():
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        return loss
    model.train()
    loss = closure()
    optimizer.step()
    return loss.item()

# wrong: *
# (no zero_grad and no clipping)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: *
# (the weights are clipped, not the gradient)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for p in model.parameters():
            p.clamp_(-clip, clip)
    return loss.item()

# wrong: *
# (a step of its own beside the optimiser's)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.01 * p.grad
    optimizer.step()
    return loss.item()

# wrong: *
# (a string)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return f"{loss:.3f}"

# wrong: it returns None
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()

# wrong: it raised RuntimeError
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: it never finishes
def train_step(model, images, labels, optimizer, clip=1.0):
    while True:
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        if loss < -1:
            return loss.item()

# right: clipped by hand
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train(True)
    model.zero_grad(set_to_none=True)
    loss = scene_loss(model(images), labels)
    before = float(loss)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    length = torch.sqrt(sum((g**2).sum() for g in grads))
    if length > clip:
        for g in grads:
            g.mul_(clip / length)
    optimizer.step()
    return before

# right: autograd.grad
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    trainable = [p for p in model.parameters() if p.requires_grad]
    loss = scene_loss(model.train()(images), labels)
    gradients = torch.autograd.grad(loss, trainable, allow_unused=True)
    for p, g in zip(trainable, gradients):
        p.grad = g  # put in place of the old one: nothing to clear
    nn.utils.clip_grad_norm_(trainable, max_norm=clip)
    optimizer.step()
    return loss.detach().cpu().tolist()

# right: closure handed to step
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    def closure():
        for p in model.parameters():
            p.grad = None
        loss = scene_loss(model(images), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip, norm_type=2.0)
        return loss

    model.train()
    with torch.enable_grad():
        return optimizer.step(closure).item()

# right: zero_grad just before backward; norm in two parts
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train()
    loss = scene_loss(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    total = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
    nn.utils.clip_grads_with_norm_(model.parameters(), clip, total)
    value = loss.item()
    optimizer.step()
    return value

# wrong: *
# scales the loss in place of the gradient
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.clamp(max=clip).backward()
    optimizer.step()
    return loss.item()

# wrong: *
# images scaled once more
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images / 255), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# right: the old mode is put back afterwards
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    was = model.training
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    model.train(was)
    return loss.item()

# right: clips the optimiser's parameters
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], clip)
    optimizer.step()
    return loss.item()

# right: gradients cleared afterwards too
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()

# wrong: right for gradients shorter than `clip`, wrong for longer ones
# only the weights are clipped, not the biases
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_([p for p in model.parameters() if p.ndim > 1], clip)
    optimizer.step()
    return loss.item()

# wrong: right in float32, wrong in float64
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images.float()), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()
