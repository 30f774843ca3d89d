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

# wrong: only the first group of parameters is clipped
# > An optimiser may hold its parameters in several groups, and the length of the whole gradient
# > counts: give clip_grad_norm_ all of `model.parameters()`.
# ~ model.parameters(), clip => optimizer.param_groups[0]["params"], clip

# wrong: no zero_grad
# > backward() *adds* to the gradients that are already there, so each step goes along the sum over
# > all batches so far. Call optimizer.zero_grad() in every step.
# ~ optimizer.zero_grad() =>

# wrong: zero_grad between backward and step
# > The optimiser finds no gradient: it was cleared after backward() had computed it.
# > Clear before backward().
# ~ optimizer.zero_grad() =>
# ~ loss.backward() => loss.backward(); optimizer.zero_grad()
# wrong: zero_grad between backward and step
# ~ optimizer.zero_grad() =>
# ~ optimizer.step() => optimizer.zero_grad(); optimizer.step()

# wrong: gradients are cleared only at the end
# > What was in `.grad` before your first step is added to the gradient of that step. Clear before
# > backward(), in every step.
# ~ optimizer.zero_grad() =>
# ~ optimizer.step() => optimizer.step(); optimizer.zero_grad()

# wrong: step before backward
# > The optimiser steps before backward() has computed the gradient of this batch.
# ~ optimizer.zero_grad() =>
# ~ optimizer.step() =>
# ~ loss.backward() => optimizer.step(); loss.backward()
# wrong: step before backward
# ~ optimizer.step() =>
# ~ loss.backward() => optimizer.step(); loss.backward()

# wrong: no backward
# > No gradient has reached the weights of this model when the optimiser steps: call
# > loss.backward().
# ~ loss.backward() =>

# wrong: no gradient is recorded
# > Under no_grad() or inference_mode() nothing is recorded for backward() to go back through. A
# > training step needs that record.
# ~ loss = scene_loss => with torch.no_grad(): loss = scene_loss

# wrong: no step
# > The gradients are computed, but nothing uses them: call optimizer.step().
# ~ optimizer.step() =>

# wrong: not the optimiser's step
# > The weights have changed, but not by a step of the optimiser that was passed in: call
# > optimizer.step().
# ~ optimizer.step() => [p.data.sub_(optimizer.param_groups[0]["lr"] * p.grad) for p in model.parameters()]

# wrong: two steps instead of one
# > The optimiser steps twice with the same gradient.
# ~ optimizer.step() => optimizer.step(); optimizer.step()

# wrong: clipped after the step
# > The gradient is clipped after the optimiser has used it: clip before step().
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
# > clip_grad_value_ cuts every number separately and so changes the direction. clip_grad_norm_
# > shortens the whole gradient.
# ~ clip_grad_norm_ => clip_grad_value_

# wrong: the largest number is clipped, not the length
# > Your gradient is shortened until its largest number is at most `clip`. It should be its length
# > that is limited, the root of the sum of all squares.
# ~ model.parameters(), clip => model.parameters(), clip, norm_type=float("inf")

# wrong: each parameter is clipped by itself
# > The length of the *whole* gradient counts: give clip_grad_norm_ all parameters at
# > once.
# ~ nn.utils.clip_grad_norm_(model.parameters(), clip) => for p in model.parameters(): nn.utils.clip_grad_norm_(p, clip)

# wrong: a tensor that holds the graph
# > The loss comes back with the whole computation behind it. Kept in a list, all of that
# > stays in memory: return loss.item().
# ~ loss.item() => loss

# wrong: a tensor, not a number
# > Return a plain float: `.item()`.
# ~ loss.item() => loss.detach()

# wrong: the loss after the step
# > Yours is the loss with the new weights. Return the one that this step went down from: you
# > already have it.
# ~ return loss => return scene_loss(model(images), labels)

# wrong: the loss is summed over the batch
# > Return the mean loss, as scene_loss gives it.
# ~ loss.item() => loss.item() * len(images)

# wrong: the losses are added, not averaged
# > Yours is twice as large: scene_loss is the mean over both questions, not their sum.
# ~ loss = scene_loss => loss = 2 * scene_loss

# wrong: divided by the batch once more
# > Your gradient is divided by the number of images once too often: scene_loss is already a mean
# > over them.
# ~ loss.backward() => (loss / len(images)).backward()

# wrong: only `what` is trained
# > Only the first question counts, so `where` is never learned: use scene_loss, which has both.
# ~ scene_loss(model(images), labels) => F.cross_entropy(model(images)[:, :8], labels[:, 0])

# wrong: softmax before cross-entropy
# > scene_loss takes the logits as they come from the model: the softmax is inside it.
# ~ model(images) => model(images).softmax(1)

# wrong: a seed in every step
# > A seed gives every step the same random numbers, and so the same dropout. Set it once, outside
# > the step.
# ~ model.train() => torch.manual_seed(0); model.train()

# wrong: training mode is not set
# > The model may have been left in evaluation mode, without dropout: call model.train() before the
# > forward pass.
# ~ model.train() =>
# wrong: training mode is not set
# ~ model.train() => model.training = True

# wrong: evaluation mode in a training step
# > model.eval() switches dropout off, but training needs it: call model.train().
# ~ model.train() => model.eval()

# right: clipped by hand
# > What `clip_grad_norm_` does: one length for all gradients together, and one factor for all.
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

# wrong: the square of the length is clipped
# > You use the sum of all squares as the length of the gradient. The length is its root.
# ~ torch.sqrt(sum((g**2).sum() for g in grads)) => sum((g**2).sum() for g in grads)
