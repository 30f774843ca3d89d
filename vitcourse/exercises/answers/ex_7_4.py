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

# right: peaks kept in a list
def train_loop(model, batch_at, optimizer, steps, warmup):
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * schedule(step, steps, warmup)
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels, optimizer))
    return losses

# wrong: the learning rate is one step ahead
# > Step k has the learning rate of step k + 1. Steps count from 0, and a torch scheduler is stepped
# > *after* the optimiser, not before.
# ~ schedule(step, => schedule(step + 1,

# wrong: the schedule is one step late
# > Step k has the share of step k - 1. Steps count from 0: schedule(step, steps, warmup).
# ~ schedule(step, => schedule(max(step - 1, 0),

# wrong: the learning rate is one step late
# > Step k has the learning rate of step k - 1, and the first step the whole peak. Set it before the
# > step it is for.
def train_loop(model, batch_at, optimizer, steps, warmup):
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels, optimizer))
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * schedule(step, steps, warmup)
    return losses

# wrong: the peak is lost
# > Each step multiplies what the last one left in group["lr"], so it shrinks to nothing. Save the
# > peaks before the loop.
# ~ group["lr"] = peak * => group["lr"] *=

# wrong: the peak is ignored
# > schedule gives a share between 0 and 1. Multiply it by the group's peak.
# ~ peak * schedule => schedule

# wrong: only the first group follows the schedule
# > Go through all of optimizer.param_groups, not only number 0.
# ~ zip(optimizer.param_groups, => zip(optimizer.param_groups[:1],

# wrong: only the last group follows the schedule
# > Only the last group gets its learning rate from the schedule. Is that line inside the loop over
# > the groups?
# ~ in zip(optimizer.param_groups, peaks) => in [(optimizer.param_groups[-1], peaks[-1])]

# wrong: every group gets the first one's peak
# > The second group follows the peak of the first. Each has its own peak.
# ~ peak * schedule => peaks[0] * schedule

# wrong: steps and warmup are swapped
# > schedule takes the step, then the number of steps, then how many of them are warm-up.
# ~ schedule(step, steps, warmup) => schedule(step, warmup, steps)

# wrong: the learning rate never changes
# > The schedule has no effect. Optimisers read group["lr"] in optimizer.param_groups.
# ~ group["lr"] = peak => optimizer.lr = peak

# wrong: the schedule without its warm-up
# > Yours starts at the peak, as with warmup=0. The first `warmup` steps should climb.
# ~ schedule(step, steps, warmup) => schedule(step, steps, 0)

# wrong: always the same batch
# > Every step gets the batch of step 0. Each has its own: batch_at(step).
# ~ batch_at(step) => batch_at(0)
# wrong: always the same batch
# > Only one batch is asked for. Each step has its own: batch_at(step).
# ~ losses = [] => losses = []; images, labels = batch_at(0)
# ~ images, labels = batch_at(step) =>

# wrong: each batch is asked for twice
# > batch_at is called twice in each step. Call it once and keep both: images, labels = batch_at(step).
# ~ images, labels = batch_at(step) => images, labels = batch_at(step)[0], batch_at(step)[1]

# wrong: a step for each group
# > You take a step for every group of parameters. Set the learning rates of all groups first, and
# > then, after that loop, take one step.
# ~ schedule(step, steps, warmup) => schedule(step, steps, warmup); losses.append(train_step(model, *batch_at(step), optimizer))
# ~ images, labels = batch_at(step) =>
# ~ losses.append(train_step(model, images, labels, optimizer)) =>

# wrong: batches count from 1
# > Batches count from 0: batch_at(step) with step = 0, 1, 2, ...
# ~ batch_at(step) => batch_at(step + 1)

# wrong: steps count from 1
# > Your steps go from 1 to `steps`, so batches and learning rates are one ahead. range(steps)
# > starts at 0.
# ~ range(steps) => range(1, steps + 1)

# wrong: it stops after one step
# > You take only one step. Is the `return` inside the loop?
# ~ labels, optimizer)) => labels, optimizer)); return losses

# wrong: one step too many
# > Steps go from 0 to steps - 1: range(steps).
# ~ range(steps) => range(steps + 1)

# wrong: one step too few
# > Steps go from 0 to steps - 1: all of range(steps).
# ~ range(steps) => range(steps - 1)

# wrong: a second optimizer.step()
# > The optimiser steps twice with each batch: train_step already calls optimizer.step().
# ~ labels, optimizer)) => labels, optimizer)); optimizer.step()

# wrong: only the last loss
# > Return the losses of all steps, as a list.
# ~ return losses => return losses[-1]
# wrong: only the last loss
# ~ losses.append(train_step(model, images, labels, optimizer)) => losses = [train_step(model, images, labels, optimizer)]

# wrong: tensors, not floats
# > Return plain floats, as train_step does.
# ~ losses.append(train_step(model, images, labels, optimizer)) => losses.append(torch.tensor(train_step(model, images, labels, optimizer)))

# wrong: one tensor, not a list
# > Return the losses of all steps as a list of floats.
# ~ return losses => return torch.tensor(losses)

# wrong: the mean of the losses
# > Return the losses of all steps, as a list.
# ~ return losses => return sum(losses) / len(losses)

# wrong: not the given optimiser
# > The optimiser that was passed in takes no step. Pass it on to train_step.
# ~ losses = [] => losses = []; optimizer = torch.optim.AdamW(model.parameters(), lr=peaks[0])
# wrong: not the given optimiser
# ~ losses = [] => losses = []; optimizer = torch.optim.SGD(model.parameters(), lr=peaks[0])

# wrong: the gradient is not clipped
# > Each step should be a train_step, which clips the gradient to a length of 1.
def train_loop(model, batch_at, optimizer, steps, warmup):
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * schedule(step, steps, warmup)
        images, labels = batch_at(step)
        model.train()
        optimizer.zero_grad()
        loss = scene_loss(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
