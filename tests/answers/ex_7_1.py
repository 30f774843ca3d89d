# stub: as handed out
def schedule(step: int, steps: int, warmup: int) -> float:
    raise NotImplementedError("exercise 7.1")

# right: if and return
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))

# right: sine squared
def schedule(step, steps, warmup):
    up = (step + 1) / warmup if step < warmup else 1.0
    done = max(0, step - warmup) / (steps - warmup)
    return up * math.cos(math.pi / 2 * done) ** 2

# right: min and max, whole numbers where they happen
def schedule(step, steps, warmup):
    line = min(1, (step + 1) / max(1, warmup))
    x = max(0, step - warmup) / (steps - warmup)
    return line * (math.cos(x * math.pi) + 1) / 2

# right: numpy
import numpy as np
def schedule(step, steps, warmup):
    if step < warmup:
        return np.linspace(0, 1, warmup + 1)[step + 1]
    return 0.5 + 0.5 * np.cos(np.pi * (step - warmup) / (steps - warmup))

# right: torch inside, a number outside
def schedule(step, steps, warmup):
    rise = [(k + 1) / warmup for k in range(warmup)]
    t = torch.arange(steps - warmup, dtype=torch.float64) / (steps - warmup)
    fall = (1 + torch.cos(t * torch.pi)) / 2
    return (rise + fall.tolist())[step]

# wrong: the first step has a learning rate of 0
def schedule(step, steps, warmup):
    if step < warmup:
        return step / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))

# wrong: the first step has a learning rate of 0
def schedule(step, steps, warmup):
    if warmup and step <= warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: the warm-up does not reach the peak
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: the warm-up is one step too long
def schedule(step, steps, warmup):
    if step <= warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: warmup=0 divides by zero
def schedule(step, steps, warmup):
    line = (step + 1) / warmup
    if line <= 1:
        return line
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: a straight line down
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return (steps - step) / (steps - warmup)

# wrong: the cosine starts too early
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * step / steps))

# wrong: the cosine starts too early
def schedule(step, steps, warmup):
    rate = 0.5 * (1 + math.cos(math.pi * step / steps))
    if step < warmup:
        rate *= (step + 1) / warmup
    return rate

# wrong: the cosine has too far to go
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / steps))

# wrong: the cosine is one step ahead
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step + 1 - warmup) / (steps - warmup)))

# wrong: the last step is wasted
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - 1 - warmup)))

# wrong: the cosine turns negative
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return math.cos(math.pi * (step - warmup) / (steps - warmup))

# wrong: a quarter of a cosine
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return math.cos(math.pi / 2 * (step - warmup) / (steps - warmup))

# wrong: a whole cosine
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(2 * math.pi * (step - warmup) / (steps - warmup)))

# wrong: the cosine goes up
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 - math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: degrees for radians
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(180 * (step - warmup) / (steps - warmup)))

# wrong: it never falls
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * ((step - warmup) // (steps - warmup))))

# wrong: it never falls
def schedule(step, steps, warmup):
    return min(1.0, (step + 1) / max(1, warmup))

# wrong: no warm-up
def schedule(step, steps, warmup):
    return 0.5 * (1 + math.cos(math.pi * step / steps))

# wrong: the cosine is used in the warm-up, too
def schedule(step, steps, warmup):
    line = (step + 1) / max(warmup, 1)
    fall = 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
    return min(line, fall)

# wrong: a tensor, not a number
def schedule(step, steps, warmup):
    if step < warmup:
        return torch.tensor((step + 1) / warmup)
    return 0.5 * (1 + torch.cos(torch.tensor(math.pi * (step - warmup) / (steps - warmup))))

# wrong: *
# (a step decay)
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.1 ** ((step - warmup) // 3)

# wrong: *
# (a learning rate that somebody has in mind)
def schedule(step, steps, warmup):
    if step < warmup:
        return 1e-3 * (step + 1) / warmup
    return 1e-3 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: *
# (half of the warm-up is missing: two mistakes at once)
def schedule(step, steps, warmup):
    if step < warmup:
        return step / warmup
    return 1 - (step - warmup) / (steps - warmup)

# wrong: *
# (a text)
def schedule(step, steps, warmup):
    return "warm-up" if step < warmup else "cosine"

# wrong: it returns None
def schedule(step, steps, warmup):
    if step < warmup:
        rate = (step + 1) / warmup
    else:
        rate = 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: it raised NameError
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * fraction))

# wrong: it does not come to an end
def schedule(step, steps, warmup):
    rate = 0.0
    while step < warmup or rate < 1:
        rate += 0
    return rate

# wrong: *
# (a generator of all rates)
def schedule(step, steps, warmup):
    for k in range(steps):
        yield (k + 1) / warmup if k < warmup else 1.0

# wrong: not something to call
schedule = 0.5
