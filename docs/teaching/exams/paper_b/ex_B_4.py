# stub: as handed out
def restarts(step, period, warmup, decay):
    raise NotImplementedError("exercise B.4")


# right: divmod
def restarts(step, period, warmup, decay):
    number, inside = divmod(step, period)
    peak = decay**number
    if inside < warmup:
        return peak * (inside + 1) / warmup
    progress = (inside - warmup) / (period - warmup)
    return peak * (1 + math.cos(math.pi * progress)) / 2


# wrong: it never starts again
# > Yours goes down once. After `period` steps it should start again.
# ~ number, inside = divmod(step, period) => number, inside = 0, min(step, period)

# wrong: warm-up in the first period only
# > Every period begins with its warm-up. In yours only the first does.
# ~ if inside < warmup: => if step < warmup:

# wrong: no warm-up
# > The warm-up is missing: the first steps of a period rise in a straight line.
# ~ if inside < warmup: => if False:

# wrong: no decay
# > Each peak is `decay` times the one before. In yours all peaks are equal.
# ~ decay**number => 1.0

# wrong: the decay is counted from 1
# > The first peak is 1, the second `decay`. Yours begins with `decay`.
# ~ decay**number => decay ** (number + 1)

# wrong: the decay is multiplied once for all
# > The peaks fall from period to period: `decay` to the power of the period's number. Yours are
# > `decay` times that number.
# ~ decay**number => decay * number if number else 1.0

# wrong: the warm-up does not decay
# > The warm-up rises to the peak of *its* period. Yours rises to 1 each time.
# ~ return peak * (inside + 1) / warmup => return (inside + 1) / warmup

# wrong: the first step has a learning rate of 0
# > The first step of a period is lost: it should be peak / warmup.
# ~ (inside + 1) / warmup => inside / warmup

# wrong: a whole cosine
# > Yours comes up again at the end of the period. Half a turn of the cosine is asked for.
# ~ math.pi * progress => 2 * math.pi * progress

# wrong: a quarter of a cosine
# > Yours falls along the first quarter of a cosine. Half a turn is asked for, shifted and halved.
# ~ (1 + math.cos(math.pi * progress)) / 2 => math.cos(math.pi / 2 * progress)

# wrong: a straight line down
# > Yours falls in a straight line. Half a cosine is asked for.
# ~ (1 + math.cos(math.pi * progress)) / 2 => (1 - progress)

# wrong: the cosine goes up
# > Yours rises along the cosine. It should fall from the peak.
# ~ 1 + math.cos => 1 - math.cos

# wrong: the cosine starts too early
# > The cosine begins after the warm-up, at the peak. Yours has begun with the period.
# ~ (inside - warmup) / (period - warmup) => inside / period

# wrong: the cosine has too far to go
# > The cosine has `period - warmup` steps. Yours is stretched over `period`.
# ~ / (period - warmup) => / period


# right: an angle, added step by step
def restarts(step, period, warmup, decay):
    inside, peak = step, 1.0
    for _ in range(step // period):
        inside, peak = inside - period, peak * decay
    if inside + 1 <= warmup:
        return peak / warmup * (1 + inside)
    angle = math.pi * (inside - warmup) / (period - warmup)
    return peak * math.cos(angle / 2) ** 2


# right: with %
def restarts(step, period, warmup, decay):
    peak = decay ** (step // period)
    t = step % period
    if warmup and t < warmup:
        return peak * (t + 1) / warmup
    return peak * 0.5 * (math.cos((t - warmup) / (period - warmup) * math.pi) + 1)
