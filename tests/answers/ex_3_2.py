import numpy as np

# stub: as handed out
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    raise NotImplementedError("exercise 3.2")

# right: exp and log, outer
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    half = dim // 2
    w = torch.exp(torch.arange(half).float() * (-math.log(10000.0) / half))
    angles = torch.outer(positions.float(), w)
    return torch.hstack([torch.sin(angles), torch.cos(angles)])

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

# right: NumPy
def sincos_1d(positions, dim):
    p = np.arange(positions) if isinstance(positions, int) else positions.numpy()
    w = 1 / 10000 ** (np.arange(dim // 2) / (dim / 2))
    angles = p[:, None] * w[None]
    return torch.from_numpy(np.concatenate([np.sin(angles), np.cos(angles)], axis=1)).float()

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

# wrong: *
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(1, positions + 1)
    half = dim // 2
    a = positions[:, None] * 10000 ** (-torch.arange(half) / half)
    return torch.cat([a.sin(), a.cos()], dim=1)

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

# wrong: it never finishes
def sincos_1d(positions, dim):
    w, i = [], 0
    while len(w) != dim / 2 or i < dim:
        w = w[: dim // 2 - 1] + [10000 ** (-i / dim)]
    return torch.tensor(w)

# wrong: *
# (cosines in reverse order)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None].float() * w
    return torch.cat([angles.sin(), angles.flip(1).cos()], dim=1)

# wrong: *
# (evenly spaced speeds)
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = torch.linspace(1, 1 / 10000, dim // 2)
    angles = positions[:, None].float() * w
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

# wrong: right for several positions, wrong for a single one
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1).squeeze()

# wrong: right from position 0 on, wrong below 0
def sincos_1d(positions, dim):
    if isinstance(positions, int):
        positions = torch.arange(positions)
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = positions.abs()[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: right for an int, wrong for a tensor of positions
def sincos_1d(positions, dim):
    n = positions if isinstance(positions, int) else int(positions.max()) + 1
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = torch.arange(n)[:, None] * w
    return torch.cat([angles.sin(), angles.cos()], dim=1)

# wrong: right for whole positions, wrong for others
def sincos_1d(positions, dim):
    w = 10000 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = torch.arange(200)[:, None] * w
    table = torch.cat([angles.sin(), angles.cos()], dim=1)
    return table[:positions] if isinstance(positions, int) else table[positions.long()]
