def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

# stub: as handed out
def train_step(model, images, labels, optimizer, clip=1.0):
    raise NotImplementedError("exercise 7.3")

# right: zero first
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# right: zero last
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    loss = scene_loss(model(images), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=clip)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())

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

# wrong: no zero_grad
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: zero_grad between backward and step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.zero_grad()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: zero_grad between backward and step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    model.zero_grad()
    optimizer.step()
    return loss.item()

# wrong: step before backward
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    optimizer.step()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    return loss.item()

# wrong: no backward
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: no step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    return loss.item()

# wrong: two steps for one
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    for _ in range(2):
        optimizer.step()
    return loss.item()

# wrong: clipped after the step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    return loss.item()

# wrong: the gradient is not clipped
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: the gradient is not clipped
# (clipped before there is a gradient)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: `clip` is not used
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()

# wrong: each number is clipped, not the length
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    for p in model.parameters():
        p.grad.clamp_(-clip, clip)
    optimizer.step()
    return loss.item()

# wrong: each parameter is clipped by itself
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    for p in model.parameters():
        nn.utils.clip_grad_norm_(p, clip)
    optimizer.step()
    return loss.item()

# wrong: short gradients are made longer
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    norm = sum(p.grad.pow(2).sum() for p in model.parameters()).sqrt()
    for p in model.parameters():
        p.grad *= clip / norm
    optimizer.step()
    return loss.item()

# wrong: a tensor that holds the graph
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss

# wrong: a tensor, not a number
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.detach()

# wrong: the loss after the step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    with torch.no_grad():
        return scene_loss(model(images), labels).item()

# wrong: the loss is summed over the batch
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item() * images.size(0)

# wrong: training mode is not set
def train_step(model, images, labels, optimizer, clip=1.0):
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: evaluation mode in a training step
def train_step(model, images, labels, optimizer, clip=1.0):
    model.eval()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: training mode is not set
# (or too late)
def train_step(model, images, labels, optimizer, clip=1.0):
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    model.train()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
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
# (the sum of the two losses)
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = 2 * scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
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
    with torch.no_grad():
        loss = scene_loss(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: it raised RuntimeError
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    loss.backward()
    optimizer.step()
    return loss.item()

# wrong: it does not come to an end
def train_step(model, images, labels, optimizer, clip=1.0):
    while True:
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        if loss < -1:
            return loss.item()
