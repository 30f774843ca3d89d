# right: broadcasting
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 10000 ** (-torch.arange(half) / half)
    angles = positions[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: cosines before sines
# > The right numbers, but the cosines are in the first half: the sines come first.
# ~ angles.sin(), angles.cos() => angles.cos(), angles.sin()

# wrong: sine and cosine of different frequencies
# > A hand of the clock is the sine and the cosine of the *same* angle. You have dim frequencies,
# > one per channel; there should be dim / 2, each used twice.
# ~ -torch.arange(half) / half => -torch.arange(dim) / dim
# ~ angles.sin(), angles.cos() => angles[:, :half].sin(), angles[:, half:].cos()
# wrong: sine and cosine of different frequencies
# ~ -torch.arange(half) / half => -torch.arange(dim) / dim
# ~ angles.sin(), angles.cos() => angles[:, 0::2].sin(), angles[:, 1::2].cos()
# wrong: sine and cosine of different frequencies
# ~ -torch.arange(half) / half => -2 * torch.arange(dim) / dim
# ~ angles.sin(), angles.cos() => angles[:, :half].sin(), angles[:, half:].cos()
# wrong: sine and cosine of different frequencies
# ~ -torch.arange(half) / half => -2 * torch.arange(dim) / dim
# ~ angles.sin(), angles.cos() => angles[:, 0::2].sin(), angles[:, 1::2].cos()

# wrong: i divided by dim in the exponent
# > The exponent is -i / (dim / 2), so that it runs from 0 almost to -1. Yours stops halfway, and
# > the slowest waves are missing.
# ~ / half) => / dim)

# wrong: the exponent is doubled
# > The exponent is -i / (dim / 2), which is -2 i / dim. Yours is twice that.
# ~ -torch.arange(half) => -2 * torch.arange(half)

# wrong: the last frequency is 1 / 10000
# > Your exponents end at -1, as after a division by dim / 2 - 1. Here they are -i / (dim / 2).
# > (big_vision, lucidrains and some diffusion models do it your way; the tables differ.)
# ~ / half) => / (half - 1))
# wrong: the last frequency is 1 / 10000
# ~ (-torch.arange(half) / half) => -torch.linspace(0, 1, half)

# wrong: the minus in the exponent is missing
# > Your waves get faster with i, up to thousands of turns between neighbours. The exponent is
# > negative.
# ~ -torch.arange(half) => torch.arange(half)
# wrong: the minus in the exponent is missing
# ~ positions[:, None] * w => positions[:, None] / w

# wrong: i counted from 1
# > The first frequency is 1, for i = 0. You start with i = 1.
# ~ -torch.arange(half) => -torch.arange(1, half + 1)

# wrong: another base than 10000
# > Your waves slow down at a different rate. The base is 10000.
# ~ 10000 => 1000
# wrong: another base than 10000
# ~ 10000 => 100000
# wrong: another base than 10000
# ~ 10000 ** (-torch.arange(half) / half) => torch.exp(-torch.arange(half) / half)
# wrong: another base than 10000
# ~ 10000 => 2
# wrong: another base than 10000
# ~ 10000 => 10

# wrong: an extra factor of pi
# > You multiplied by pi or 2 pi. The angle is simply p * w, in radians.
# ~ positions[:, None] * w => 2 * math.pi * positions[:, None] * w
# wrong: an extra factor of pi
# ~ positions[:, None] * w => math.pi * positions[:, None] * w

# wrong: degrees instead of radians
# > p * w is an angle in radians, and `torch.sin` takes radians: no conversion is needed.
# ~ positions[:, None] * w => torch.deg2rad(positions[:, None] * w)
# wrong: degrees instead of radians
# ~ positions[:, None] * w => torch.rad2deg(positions[:, None] * w)

# wrong: positions counted from 1
# > Position 0 comes first: all its sines are 0 and all its cosines 1.
# ~ positions[:, None] => (positions[:, None] + 1)
# wrong: positions counted from 1
# ~ torch.arange(positions) => torch.arange(1, positions + 1)

# wrong: positions divided by their number
# > You squeezed the positions into 0 to 1. Then a step means something different in every sequence,
# > and all waves are nearly flat.
# ~ positions[:, None] => positions[:, None] / len(positions)
# wrong: positions divided by their number
# ~ positions[:, None] => positions[:, None] / positions.max()

# wrong: given positions are ignored
# > When positions come as a tensor, you use 0, 1, 2, ... instead of them.
# ~ positions[:, None] => torch.arange(len(positions))[:, None]

# wrong: positions are rounded to whole numbers
# > Positions may lie between two places, such as 0.5: do not round them.
# ~ positions[:, None] => positions.long()[:, None]

# wrong: only sines
# > Half of the dim columns are sines, half are cosines of the same angles. A sine alone cannot tell
# > whether a hand goes up or down.
# ~ angles.cos() => angles.sin()
# wrong: only sines
# ~ torch.cat([angles.sin(), angles.cos()], dim=1) => angles.sin()
# wrong: only sines
# ~ half = dim // 2 => half = dim
# ~ torch.cat([angles.sin(), angles.cos()], dim=1) => angles.sin()

# wrong: only cosines
# > The first half of the channels are sines.
# ~ angles.sin() => angles.cos()

# wrong: added instead of joined
# > You added sines and cosines. They should stand side by side: `torch.cat(..., dim=1)`.
# ~ torch.cat([angles.sin(), angles.cos()], dim=1) => angles.sin() + angles.cos()

# wrong: joined below each other
# > The cosines ended up below the sines, (2 N, dim / 2). Put them side by side: `dim=1`.
# ~ , dim=1 =>

# wrong: still three axes
# > Yours has one axis too many, as after `torch.stack`. For (N, dim): `torch.cat(..., dim=1)`.
# ~ torch.cat => torch.stack
# wrong: still three axes
# ~ torch.cat => torch.stack
# ~ dim=1 => dim=2
# wrong: still three axes
# ~ torch.cat => torch.stack
# ~ , dim=1 =>

# wrong: an extra batch axis
# > Yours has one axis more than (N, dim). Broadcasting will add it where needed.
# ~ dim=1) => dim=1)[None]

# wrong: positions and channels swapped
# > The result is (dim, N). It should have a row for each position: (N, dim).
# ~ dim=1) => dim=1).T

# wrong: twice as wide as it should be
# > You have dim sines and dim cosines. They share the dim channels: dim / 2 each.
# ~ half = dim // 2 => half = dim

# wrong: float64
# > The result is float64, but tokens are not. `.float()` at the end makes it float32.
# ~ torch.arange(half) => torch.arange(half, dtype=torch.float64)

# right: written into a table
# > The outer product is the same multiplication, and the halves of the table are filled one after
# > the other.
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 1 / 10000 ** (torch.arange(half) / half)
    angles = torch.outer(positions.float(), w)
    table = torch.zeros(len(positions), dim)
    table[:, :half] = torch.sin(angles)
    table[:, half:] = torch.cos(angles)
    return table

# wrong: sines and cosines interleaved
# > The right numbers in a different order: you alternate sine and cosine, as Vaswani et al. do. Put
# > all sines first, then all cosines.
# ~ table[:, :half] => table[:, 0::2]
# ~ table[:, half:] => table[:, 1::2]

# wrong: sine and cosine of different frequencies
# ~ torch.arange(half) / half => torch.arange(dim) / dim
# ~ table[:, :half] = torch.sin(angles) => table[:, 0::2] = torch.sin(angles[:, 0::2])
# ~ table[:, half:] = torch.cos(angles) => table[:, 1::2] = torch.cos(angles[:, 1::2])
# wrong: sine and cosine of different frequencies
# ~ torch.arange(half) / half => 2 * torch.arange(dim) / dim
# ~ table[:, :half] = torch.sin(angles) => table[:, 0::2] = torch.sin(angles[:, 0::2])
# ~ table[:, half:] = torch.cos(angles) => table[:, 1::2] = torch.cos(angles[:, 1::2])

# wrong: all waves have the same frequency
# > All your waves turn at the speed of the first. `//` rounds down: i // (dim / 2) is always 0, i /
# > (dim / 2) is not.
# ~ / half => // half

# right: loops and math
# > The formula number by number: slow, and the easiest to compare with the paper.
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    table = torch.zeros(len(positions), dim)
    for n, p in enumerate(positions.tolist()):
        for i in range(dim // 2):
            table[n, i] = math.sin(p / 10000 ** (2 * i / dim))
            table[n, dim // 2 + i] = math.cos(p / 10000 ** (2 * i / dim))
    return table

# wrong: sine and cosine of different frequencies
# ~ math.cos(p / 10000 ** (2 * i / dim)) => math.cos(p / 10000 ** (2 * (i + 1) / dim))
