# right: two cases
def schedule(step, steps, warmup):
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))

# wrong: the first step has a learning rate of 0
# > Steps count from 0, and your learning rate is 0 at step 0: the first step then learns nothing.
# > The line is (step + 1) / warmup.
# ~ (step + 1) / warmup => step / warmup
# wrong: the first step has a learning rate of 0
# ~ if step < warmup => if warmup and step <= warmup
# ~ (step + 1) / warmup => step / warmup

# wrong: the warm-up begins at 0
# > Your line ends correctly, with 1 at the last step of the warm-up, but it starts at 0: the first
# > step then learns nothing. It should start at 1 / warmup: (step + 1) / warmup.
# ~ (step + 1) / warmup => step / max(warmup - 1, 1)

# wrong: the warm-up does not reach the peak
# > The last step of the warm-up (step = warmup - 1) should have the whole peak, 1: divide by
# > warmup.
# ~ (step + 1) / warmup => (step + 1) / (warmup + 1)

# wrong: the warm-up is one step too long
# > Step `warmup` is the first step after the warm-up (steps count from 0); yours goes above the
# > peak there. The warm-up is `step < warmup`.
# ~ step < warmup => step <= warmup
# wrong: the warm-up is one step too long
# ~ if step < warmup => if warmup and step <= warmup

# wrong: warmup=0 divides by zero
# > With warmup=0 there is no line to climb: make sure that nothing is divided by warmup then.
# ~ if step < warmup: => if (step + 1) / warmup <= 1:

# wrong: a straight line down
# > After the warm-up, yours falls in a straight line. It should fall along half a cosine.
# ~ 0.5 * (1 + math.cos(math.pi * progress)) => 1 - progress

# wrong: the cosine starts too early
# > Your cosine begins to fall during the warm-up. Its progress counts from the end of the warm-up:
# > (step - warmup) / (steps - warmup).
# ~ (step - warmup) / (steps - warmup) => step / steps

# wrong: the cosine has too far to go
# > Yours does not come down to 0. Divide by the steps that are left: steps - warmup.
# ~ / (steps - warmup) => / steps

# wrong: the cosine is one step ahead
# > The first step after the warm-up (step = warmup) should still have the whole peak.
# ~ (step - warmup) => (step - warmup + 1)
# wrong: the cosine is one step ahead
# ~ (step - warmup) / (steps - warmup) => (step - warmup + 1) / (steps - warmup + 1)

# wrong: the last step is wasted
# > Yours is 0 at the last step, which then learns nothing. It should reach 0 at step = steps, one
# > past the last: divide by steps - warmup.
# ~ (steps - warmup) => (steps - warmup - 1)
# wrong: the last step is wasted
# ~ (steps - warmup) => max(steps - warmup - 1, 1)

# wrong: the cosine turns negative
# > A cosine goes from 1 to -1, and a negative learning rate walks uphill. Shift and halve it: 0.5 *
# > (1 + cos).
# ~ 0.5 * (1 + math.cos(math.pi * progress)) => math.cos(math.pi * progress)

# wrong: a quarter of a cosine
# > cos(pi / 2 * progress) stops falling abruptly. Half a cosine, from 1 to -1, flattens
# > out: 0.5 * (1 + cos(pi * progress)).
# ~ 0.5 * (1 + math.cos(math.pi * progress)) => math.cos(math.pi / 2 * progress)

# wrong: a whole cosine
# > Yours comes down and goes up again: pi * progress is enough, not 2 * pi.
# ~ math.pi * => 2 * math.pi *

# wrong: the cosine goes up
# > After the warm-up, yours rises. 1 + cos falls, 1 - cos rises.
# ~ 1 + math.cos => 1 - math.cos

# wrong: degrees instead of radians
# > math.cos takes radians: half a turn is pi, not 180.
# ~ math.pi => 180

# wrong: it never falls
# > After the warm-up, yours stays at the peak. (If you divide with `//`, that drops the fraction.
# > `/` keeps it.)
# ~ (step - warmup) / => (step - warmup) //

# right: a line times a cosine
# > Both parts as one product, without a case: the cosine is 1 during the warm-up, the line 1 after
# > it.
def schedule(step, steps, warmup):
    line = min(1.0, (step + 1) / max(warmup, 1))
    progress = max(0, step - warmup) / (steps - warmup)
    return line * 0.5 * (1 + math.cos(math.pi * progress))

# wrong: the cosine starts too early
# ~ max(0, step - warmup) / (steps - warmup) => step / steps

# wrong: no warm-up
# > Yours starts at the peak and falls at once. The first `warmup` steps should climb in a line.
# ~ max(0, step - warmup) / (steps - warmup) => step / steps
# ~ line * 0.5 => 0.5

# wrong: the cosine is used in the warm-up, too
# > min(line, cosine): before the warm-up ends, the cosine of a negative progress is
# > below 1 and can win. Use `if step < warmup`.
# ~ max(0, step - warmup) => (step - warmup)
# ~ line * 0.5 * (1 + math.cos(math.pi * progress)) => min(line, 0.5 * (1 + math.cos(math.pi * progress)))

# wrong: a tensor, not a number
# > A learning rate is a plain number: `math.cos` gives one, or `.item()` at the end.
# ~ line * 0.5 => torch.tensor(line) * 0.5
# wrong: a tensor, not a number
# ~ line * 0.5 => torch.tensor(line, dtype=torch.float64) * 0.5
