# stub: as handed out
def schedule(step: int, steps: int, warmup: int) -> float:
    raise NotImplementedError("exercise 7.1")

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

# wrong: right in the warm-up, wrong after it
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * fraction))

# wrong: it never finishes
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

# wrong: it cannot be called
schedule = 0.5

# right: cosine squared of half the angle
def schedule(step: int, steps: int, warmup: int) -> float:
    if warmup > step:
        return float((1 + step) / warmup)
    angle = math.pi / 2 * (step - warmup) / (steps - warmup)
    return math.cos(angle) ** 2

# right: a whole list, then one entry
def schedule(step: int, steps: int, warmup: int) -> float:
    rise = [(k + 1) / warmup for k in range(warmup)]
    fall = [(1 + math.cos(math.pi * k / (steps - warmup))) / 2 for k in range(steps - warmup)]
    return (rise + fall)[step]

# right: torch.where
def schedule(step: int, steps: int, warmup: int) -> float:
    step = torch.tensor(float(step), dtype=torch.float64)
    warm = (step + 1) / max(warmup, 1)
    cool = (1 + torch.cos(torch.pi * (step - warmup) / max(steps - warmup, 1))) / 2
    return torch.where(step < warmup, warm, cool).item()

# right: real part of a complex exponential
import cmath


def schedule(step: int, steps: int, warmup: int) -> float:
    match step < warmup:
        case True:
            return 1 - (warmup - 1 - step) / warmup
        case False:
            return 0.5 + 0.5 * cmath.exp(1j * math.pi * (step - warmup) / (steps - warmup)).real

# wrong: warmup=0 divides by zero
# warmup 0 divides by zero (raises)
def schedule(step: int, steps: int, warmup: int) -> float:
    step = torch.tensor(float(step), dtype=torch.float64)
    warm = (float(step) + 1) / warmup
    cool = (1 + torch.cos(torch.pi * (step - warmup) / max(steps - warmup, 1))) / 2
    return torch.where(step < warmup, warm, cool).item()

# wrong: *
# ends at a tenth of the peak
def schedule(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))

# right: both branches computed first
def schedule(step: int, steps: int, warmup: int) -> float:
    cosine = 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
    line = (step + 1) / (warmup or 1)
    return line if step < warmup else cosine

# right: beyond the end
def schedule(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / (steps - warmup))))

# right: 1 returned as an int
def schedule(step: int, steps: int, warmup: int) -> float:
    if step == warmup - 1 or step == warmup:
        return 1
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

# wrong: right asked step by step, wrong asked in another order
# (a table that is kept, whatever the warm-up)
tables = {}
def schedule(step, steps, warmup):
    if steps not in tables:
        fall = [0.5 * (1 + math.cos(math.pi * k / (steps - warmup))) for k in range(steps - warmup)]
        tables[steps] = [(k + 1) / warmup for k in range(warmup)] + fall
    return tables[steps][step]

# wrong: right after the warm-up, wrong in it
def schedule(step, steps, warmup):
    if step < warmup:
        return step + 1 / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
