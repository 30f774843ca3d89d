def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

# right: line by line
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()

# wrong: no zero_grad
# > backward() *adds* to the gradients that are there, so that each step goes along the sum of
# > all batches so far. Call optimizer.zero_grad() in every step.
# ~ optimizer.zero_grad() =>

# wrong: zero_grad between backward and step
# > The optimiser finds no gradient: you cleared it after backward() had computed it.
# > Clear before backward(), or after step().
# ~ optimizer.zero_grad() =>
# ~ loss.backward() => loss.backward(); optimizer.zero_grad()
# wrong: zero_grad between backward and step
# ~ optimizer.zero_grad() =>
# ~ optimizer.step() => optimizer.zero_grad(); optimizer.step()

# wrong: step before backward
# > The optimiser steps before backward() has computed the gradient of this batch.
# ~ optimizer.zero_grad() =>
# ~ optimizer.step() =>
# ~ loss.backward() => optimizer.step(); loss.backward()
# wrong: step before backward
# ~ optimizer.step() =>
# ~ loss.backward() => optimizer.step(); loss.backward()

# wrong: no backward
# > Nothing computes a gradient, so that the weights stay as they are: loss.backward().
# ~ loss.backward() =>

# wrong: no step
# > The gradients are computed and nobody uses them: optimizer.step().
# ~ optimizer.step() =>

# wrong: two steps for one
# > The optimiser steps twice with the same gradient.
# ~ optimizer.step() => optimizer.step(); optimizer.step()

# wrong: clipped after the step
# > The gradient is clipped when the optimiser has used it already: clip before step().
# ~ nn.utils.clip_grad_norm_(model.parameters(), clip) =>
# ~ optimizer.step() => optimizer.step(); nn.utils.clip_grad_norm_(model.parameters(), clip)

# wrong: the gradient is not clipped
# > One strange batch can throw the weights far off. Between backward(), which makes the
# > gradient, and step(): nn.utils.clip_grad_norm_(model.parameters(), clip).
# ~ nn.utils.clip_grad_norm_(model.parameters(), clip) =>

# wrong: `clip` is not used
# > Your clipping does not follow the argument `clip`.
# ~ model.parameters(), clip => model.parameters(), 1.0

# wrong: each number is clipped, not the length
# > clip_grad_value_ cuts every number by itself and turns the direction.
# > clip_grad_norm_ shortens the whole gradient.
# ~ clip_grad_norm_ => clip_grad_value_

# wrong: each parameter is clipped by itself
# > The length of the *whole* gradient counts: give clip_grad_norm_ all parameters at
# > once.
# ~ nn.utils.clip_grad_norm_(model.parameters(), clip) => for p in model.parameters(): nn.utils.clip_grad_norm_(p, clip)

# wrong: a tensor that holds the graph
# > The loss comes back with the whole computation behind it. Kept in a list, all of that
# > stays in memory: return loss.item().
# ~ loss.item() => loss

# wrong: a tensor, not a number
# > Asked is a plain float: `.item()`.
# ~ loss.item() => loss.detach()

# wrong: the loss after the step
# > You compute the loss again with the new weights. That costs a second forward pass;
# > asked is the loss that this step went down from.
# ~ return loss => return scene_loss(model(images), labels)

# wrong: the loss is summed over the batch
# > Return the mean loss, as scene_loss gives it.
# ~ loss.item() => loss.item() * len(images)

# wrong: training mode is not set
# > Somebody may have left the model in evaluation mode, without dropout: model.train()
# > before the forward pass.
# ~ model.train() =>

# wrong: evaluation mode in a training step
# > model.eval() switches dropout off, which belongs to the training: model.train().
# ~ model.train() => model.eval()

# right: clipped by hand
def train_step(model, images, labels, optimizer, clip=1.0):
    model.train()
    model.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    scale = min(1.0, clip / norm)
    for g in grads:
        g.mul_(scale)
    optimizer.step()
    return loss.item()

# wrong: short gradients are made longer
# > A gradient shorter than `clip` should stay as it is. Clipping only shortens.
# ~ min(1.0, clip / norm) => clip / norm
