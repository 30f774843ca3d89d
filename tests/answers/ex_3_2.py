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

# right: outer product and cat
def sincos_1d(positions: int | torch.Tensor, dim: int) -> torch.Tensor:
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# right: float64 inside, einsum
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    i = torch.arange(dim // 2, dtype=torch.float64)
    angles = torch.einsum("n,i->ni", positions.double(), 10000.0 ** (-i / (dim // 2)))
    return torch.hstack((torch.sin(angles), torch.cos(angles))).float()

# right: exp of logarithms with steps of two
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = torch.exp(torch.arange(0, dim, 2).float() * (-math.log(10000.0) / dim))
    angles = torch.outer(positions.to(torch.float32), w)
    return torch.cat((angles.sin(), angles.cos()), dim=-1)

# right: loops with math
def sincos_1d(positions: int | torch.Tensor, dim: int) -> torch.Tensor:
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    table = torch.zeros(len(positions), dim)
    for n, p in enumerate(positions.tolist()):
        for i in range(half):
            angle = p * 10000 ** (-i / half)
            table[n, i] = math.sin(angle)
            table[n, half + i] = math.cos(angle)
    return table

# right: hands as complex numbers
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 1.0 / 10000 ** torch.linspace(0, 1, dim // 2 + 1)[:-1]
    angles = positions.unsqueeze(1) * w
    hands = torch.polar(torch.ones_like(angles), angles)
    return torch.cat([hands.imag, hands.real], dim=1).float()

# right: logspace and einops
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = torch.logspace(0, -4 * (half - 1) / half, half, dtype=torch.float64)
    angles = positions.double()[:, None] * w
    return rearrange([angles.sin(), angles.cos()], "two n i -> n (two i)").float()

# right: cosine as a sine a quarter turn later
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    speeds = torch.tensor([10000 ** (-i / (dim / 2)) for i in range(dim // 2)], dtype=torch.float64)
    phase = torch.tensor([0.0, math.pi / 2], dtype=torch.float64)
    angles = positions.double()[:, None, None] * speeds + phase[:, None]
    return torch.sin(angles).flatten(1).to(torch.float32)

# right: numpy
import numpy as np

def sincos_1d(positions, dim):
    p = np.arange(positions) if isinstance(positions, int) else positions.numpy()
    omega = 1 / 10000 ** (np.arange(dim // 2, dtype=np.float64) / (dim / 2))
    out = np.outer(p.astype(np.float64), omega)
    return torch.from_numpy(np.concatenate([np.sin(out), np.cos(out)], axis=1)).float()

# right: written into a table by column
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    table = torch.empty(positions.shape[0], dim, dtype=torch.float32)
    for i in range(dim // 2):
        angle = positions / 10000 ** (2 * i / dim)
        table[:, i], table[:, dim // 2 + i] = torch.sin(angle), torch.cos(angle)
    return table

# right: base 100 with steps of two, the same speeds
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 100.0 ** (-torch.arange(0, dim, 2) / (dim // 2))
    angles = torch.outer(positions.float(), w)
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# right: refuses an odd dim
def sincos_1d(positions, dim):
    if dim % 2:
        raise ValueError("dim must be even")
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# right: speeds multiplied up one after the other in float32
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    ratio = torch.full((dim // 2,), 10000 ** (-2 / dim))
    ratio[0] = 1.0
    angles = positions[:, None].float() * ratio.cumprod(0)
    return torch.cat([angles.sin(), angles.cos()], dim=1)

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

# wrong: sines and cosines interleaved
# (sine and cosine interleaved)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    table = torch.zeros(len(positions), dim)
    table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()
    return table

# wrong: sines and cosines interleaved
# (interleaved, hidden in stack and flatten)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)

# wrong: sine and cosine of different frequencies
# (a frequency for each channel)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim) / dim)
    angles = positions[:, None].float() * w
    return torch.cat([angles[:, : dim // 2].sin(), angles[:, dim // 2 :].cos()], dim=1)

# wrong: all waves have the same frequency
# (whole division in the exponent, all hands equally fast)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = torch.tensor([10000.0 ** (-(i // (dim / 2))) for i in range(dim // 2)])
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: i divided by dim in the exponent
# (exponent i / dim)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    angles = torch.outer(positions.float(), 10000 ** (-torch.arange(dim // 2) / dim))
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: cosines before sines
# (cosines first)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    hands = torch.polar(torch.ones(1), positions[:, None].float() * w)
    return torch.cat([hands.real, hands.imag], dim=1)

# wrong: another base than 10000
# (base 1000)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 1e3 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: the minus in the exponent is missing
# (sign of the exponent lost)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: degrees for radians
# (degrees)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = torch.deg2rad(positions[:, None].float() * w)
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: float64
# (result in float64)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2, dtype=torch.float64) / (dim / 2))
    angles = positions[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: positions are rounded to whole numbers
# (positions cut to whole numbers)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions.long()[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: given positions are ignored
# (only the number of positions is used)
def sincos_1d(positions, dim):
    n = positions if isinstance(positions, int) else len(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = torch.arange(n).float()[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: positions counted from 1
# (counts from 1)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(1, positions + 1)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: *
# (cosines in reverse order)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.flip(1).cos()], dim=1)

# wrong: a turn too much (2 pi)
# (angles times two pi)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    turns = positions[:, None].float() * w
    return torch.cat([torch.sin(2 * torch.pi * turns), torch.cos(2 * torch.pi * turns)], dim=1)

# wrong: *
# (evenly spaced speeds)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = torch.linspace(1, 1 / 10000, dim // 2)
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: only sines
# (sine in both halves)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return angles.sin().repeat(1, 2)

# wrong: the exponent is doubled
# (steps of two over dim / 2, speeds fall twice too fast)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000.0 ** (-torch.arange(0, dim, 2) / (dim // 2))
    angles = torch.outer(positions.float(), w)
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: it raised RuntimeError
# (no column of positions, raises or is silent by chance)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions * w
    return torch.cat([angles.sin(), angles.cos()], dim=-1)

# wrong: *
# (sines above and cosines below, cut by view)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()]).view(-1, dim)

# wrong: positions divided by their number
# (divided by the number of positions)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() / len(positions) * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: it raised TypeError
# (the hint of the cell forgotten, fails for an int)
def sincos_1d(positions, dim):
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: it changes its input
# (positions brought to float in place)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    p = positions.float()
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    fastest = p[:, None] * w
    p.mul_(0)
    return torch.cat([fastest.sin(), fastest.cos()], dim=1)
