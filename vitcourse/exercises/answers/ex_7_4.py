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
# > Step k has the learning rate of step k + 1. Steps count from 0; and a scheduler of
# > torch's is stepped *after* the optimiser, not before.
# ~ schedule(step, => schedule(step + 1,

# wrong: the learning rate is one step late
# > Step k has the learning rate of step k - 1, and the first step the whole peak. Set
# > it before the step that it is for.
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
# > Each step multiplies what the last one left in group["lr"], so that it withers away.
# > Keep the peaks from before the loop.
# ~ group["lr"] = peak * => group["lr"] *=

# wrong: the peak is ignored
# > schedule gives a share between 0 and 1. Multiply it with the group's peak.
# ~ peak * schedule => schedule

# wrong: only the first group follows the schedule
# > Go through all of optimizer.param_groups, not only number 0.
# ~ zip(optimizer.param_groups, => zip(optimizer.param_groups[:1],

# wrong: every group gets the first one's peak
# > Each group has a peak of its own: 0.2 and 0.05 here.
# ~ peak * schedule => peaks[0] * schedule

# wrong: the learning rate never changes
# > The schedule has no effect. Optimisers read group["lr"] in optimizer.param_groups.
# ~ group["lr"] = peak => optimizer.lr = peak

# wrong: the schedule without its warm-up
# > You pass warmup=0 on. The first steps should climb.
# ~ schedule(step, steps, warmup) => schedule(step, steps, 0)

# wrong: always the same batch
# > You ask for the same batch again and again: batch_at(step).
# ~ batch_at(step) => batch_at(0)
# wrong: always the same batch
# > You ask for a batch once, before the loop. Each step has its own: batch_at(step).
# ~ losses = [] => losses = []; images, labels = batch_at(0)
# ~ images, labels = batch_at(step) =>

# wrong: batches count from 1
# > Batches count from 0: batch_at(step) with step = 0, 1, 2, ...
# ~ batch_at(step) => batch_at(step + 1)

# wrong: one step too many
# > range(steps) is enough.
# ~ range(steps) => range(steps + 1)

# wrong: one step too few
# > Take all of range(steps).
# ~ range(steps) => range(steps - 1)

# wrong: a second optimizer.step()
# > train_step has called optimizer.step() already.
# ~ labels, optimizer)) => labels, optimizer)); optimizer.step()

# wrong: only the last loss
# > Return the losses of all steps, as a list.
# ~ return losses => return losses[-1]

# wrong: the mean of the losses
# > Return the losses of all steps, as a list.
# ~ return losses => return sum(losses) / len(losses)
