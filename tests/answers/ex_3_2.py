import numpy as np

# stub: as handed out
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    raise NotImplementedError("exercise 3.2")

# right: broadcasting
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 10000 ** (-torch.arange(half) / half)
    angles = positions[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# right: exp and log, outer
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = torch.exp(torch.arange(half).float() * (-math.log(10000.0) / half))
    angles = torch.outer(positions.float(), w)
    return torch.hstack([torch.sin(angles), torch.cos(angles)])

# right: loops and math
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = range(positions)
    table = torch.zeros(len(positions), dim)
    for n, p in enumerate(positions):
        for i in range(dim // 2):
            angle = float(p) / 10000 ** (2 * i / dim)
            table[n, i] = math.sin(angle)
            table[n, dim // 2 + i] = math.cos(angle)
    return table

# right: einsum and an empty tensor
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    omega = 1.0 / 10000 ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angles = torch.einsum("n,i->ni", positions.double(), omega)
    table = torch.empty(len(positions), dim)
    table[:, : dim // 2] = angles.sin()
    table[:, dim // 2 :] = angles.cos()
    return table

# right: a cosine is a sine a quarter of a turn later
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = torch.logspace(0, -4 * (half - 1) / half, half)
    angles = positions.unsqueeze(1) * w
    return torch.cat([angles, angles + math.pi / 2], dim=1).sin()

# right: NumPy
def sincos_1d(positions, dim):
    p = np.arange(positions) if isinstance(positions, int) else positions.numpy()
    w = 1 / 10000 ** (np.arange(dim // 2) / (dim / 2))
    angles = p[:, None] * w[None]
    return torch.from_numpy(np.concatenate([np.sin(angles), np.cos(angles)], axis=1)).float()

# right: complex numbers on the unit circle
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim // 2))
    angles = positions[:, None] * w
    hands = torch.polar(torch.ones_like(angles), angles)
    return torch.cat([hands.imag, hands.real], dim=1)

# wrong: sines and cosines interleaved
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    table = torch.zeros(len(positions), dim)
    w = torch.exp(torch.arange(0, dim, 2) * (-math.log(10000.0) / dim))
    table[:, 0::2] = torch.sin(positions[:, None] * w)
    table[:, 1::2] = torch.cos(positions[:, None] * w)
    return table

# wrong: cosines before sines
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.cos(), a.sin()], dim=1)

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    table = torch.zeros(len(positions), dim)
    for n, p in enumerate(positions.tolist()):
        for i in range(0, dim, 2):
            table[n, i] = math.sin(p / 10000 ** ((2 * i) / dim))
            table[n, i + 1] = math.cos(p / 10000 ** ((2 * (i + 1)) / dim))
    return table

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = positions[:, None] / 10000 ** (torch.arange(dim) / dim)
    angles[:, 0::2] = torch.sin(angles[:, 0::2])
    angles[:, 1::2] = torch.cos(angles[:, 1::2])
    return angles

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = positions[:, None] * 10000 ** (-torch.arange(dim) / dim)
    return torch.cat([angles[:, : dim // 2].sin(), angles[:, dim // 2 :].cos()], dim=1)

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = positions[:, None] * 10000 ** (-torch.arange(dim) / dim)
    return torch.cat([angles[:, 0::2].sin(), angles[:, 1::2].cos()], dim=1)

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = positions[:, None] * 10000 ** (-2 * torch.arange(dim) / dim)
    return torch.cat([angles[:, : dim // 2].sin(), angles[:, dim // 2 :].cos()], dim=1)

# wrong: sine and cosine of different frequencies
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = positions[:, None] * 10000 ** (-2 * torch.arange(dim) / dim)
    return torch.cat([angles[:, 0::2].sin(), angles[:, 1::2].cos()], dim=1)

# wrong: i divided by dim in the exponent
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / dim)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: i divided by dim in the exponent
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] / 100 ** (torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: the exponent is doubled
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] / 10000 ** (2 * torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: the last frequency is 1 / 10000
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = torch.logspace(0, -4, dim // 2)
    a = positions[:, None] * w
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: the minus in the exponent is missing
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 10000 ** (torch.arange(half) / half)
    a = positions[:, None] * w
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: i counted from 1
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 10000 ** (-torch.arange(1, half + 1) / half)
    a = positions[:, None] * w
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: all waves have the same frequency
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 1 / 10000 ** (torch.arange(half) // half)
    a = positions[:, None] * w
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: another base than 10000
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 1000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: another base than 10000
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * torch.exp(-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: another base than 10000
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 1e5 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: a turn too much (2 pi)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = 2 * torch.pi * positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: degrees for radians
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    a = a * math.pi / 180
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: degrees for radians
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = torch.rad2deg(positions[:, None] * 10000 ** (-torch.arange(half) / half))
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: positions counted from 1
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = (positions[:, None] + 1) * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(1, positions + 1)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: positions divided by their number
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    positions = positions / len(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: positions divided by their number
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    positions = positions / positions.max()
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: given positions are ignored
def sincos_1d(positions, dim):
    n = positions if isinstance(positions, int) else len(positions)
    half = dim // 2
    a = torch.arange(n)[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: positions are rounded to whole numbers
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions.int()[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: only sines
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.sin()], dim=1)

# wrong: only sines
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    return torch.sin(positions[:, None] * 10000 ** (-torch.arange(dim) / dim))

# wrong: only sines
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    return torch.sin(positions[:, None] * 10000 ** (-torch.arange(half) / half))

# wrong: only cosines
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return a.cos().repeat(1, 2)

# wrong: added where joined is meant
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return a.sin() + a.cos()

# wrong: joined below each other
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()])

# wrong: still three axes
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.stack([a.sin(), a.cos()], dim=-1)

# wrong: still three axes
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.stack([a.sin(), a.cos()], dim=1)

# wrong: a batch axis too much
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1).unsqueeze(0)

# wrong: positions and channels swapped
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = (10000 ** (-torch.arange(half) / half))[:, None] * positions
    return torch.cat([a.sin(), a.cos()])

# wrong: twice as wide as asked
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    a = positions[:, None] * 10000 ** (-torch.arange(dim) / dim)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: float64
def sincos_1d(positions, dim):
    p = np.arange(positions) if isinstance(positions, int) else positions.numpy()
    a = p[:, None] / 10000 ** (np.arange(dim // 2) / (dim // 2))
    return torch.from_numpy(np.concatenate([np.sin(a), np.cos(a)], axis=1))

# wrong: it changes its input
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = 10000 ** (-torch.arange(half) / half)
    a = positions[:, None] * w
    positions.zero_()
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: it returns None
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    torch.cat([a.sin(), a.cos()], dim=1)

# wrong: it raised RuntimeError
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1).tolist()

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    return F.one_hot(positions.long(), dim).float()

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return F.normalize(torch.cat([a.sin(), a.cos()], dim=1), dim=1)

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    a = positions[:, None] * (10000 * torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

# wrong: it does not come to an end
def sincos_1d(positions, dim):
    w, i = [], 0
    while len(w) != dim / 2 or i < dim:
        w = w[: dim // 2 - 1] + [10000 ** (-i / dim)]
    return torch.tensor(w)
