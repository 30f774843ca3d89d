# stub: as handed out
def turn(x, angles):
    raise NotImplementedError("exercise 12.2")

# right: complex numbers
def turn(x, angles):
    k = x.shape[-2] - angles.shape[0]
    half = x.shape[-1] // 2
    wide = torch.promote_types(x.dtype, torch.float32)
    patches = x[:, :, k:].to(wide)
    z = torch.complex(patches[..., :half], patches[..., half:])
    angles = angles.to(wide)
    z = z * torch.polar(torch.ones_like(angles), angles)
    turned = torch.cat([z.real, z.imag], dim=-1).to(x.dtype)
    return torch.cat([x[:, :, :k], turned], dim=2)

# right: complex numbers, in float32 whatever x is
def turn(x, angles):
    n, half = angles.shape
    first = x.shape[2] - n
    patches = x[:, :, first:].float()
    z = torch.complex(patches[..., :half], patches[..., half:])
    z = z * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([x[:, :, :first], torch.cat([z.real, z.imag], dim=-1).type_as(x)], dim=2)

# right: all of it in float32, and back
def turn(x, angles):
    first = x.shape[2] - len(angles)
    wide = x.float()
    a, b = wide[:, :, first:].chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    turned = torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
    return torch.cat([wide[:, :, :first], turned], dim=2).to(x.dtype)

# right: einsum with a 2 x 2 matrix for each pair
def turn(x, angles):
    n, half = angles.shape
    cos, sin = angles.cos(), angles.sin()
    matrices = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2).to(x.dtype)
    first = x.shape[2] - n
    points = x[:, :, first:].unflatten(-1, (2, half))
    turned = torch.einsum("nkij,bhnjk->bhnik", matrices, points)
    return torch.cat([x[:, :, :first], turned.flatten(-2)], dim=2)

# right: angles of 0 for the prefix
def turn(x, angles):
    padded = F.pad(angles, (0, 0, x.shape[2] - len(angles), 0))
    cos, sin = padded.cos().to(x), padded.sin().to(x)
    a, b = x.tensor_split(2, dim=-1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)

# right: filled into a copy
def turn(x, angles):
    result = x.clone()
    n, half = angles.shape
    first = x.shape[2] - n
    cos, sin = torch.cos(angles).to(x.dtype), torch.sin(angles).to(x.dtype)
    a, b = x[:, :, first:, :half], x[:, :, first:, half:]
    result[:, :, first:, :half] = a * cos - b * sin
    result[:, :, first:, half:] = b * cos + a * sin
    return result

# right: a loop over patches
def turn(x, angles):
    half = angles.shape[1]
    tokens = list(x.unbind(dim=2))
    first = len(tokens) - len(angles)
    for i, angle in enumerate(angles):
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = tokens[first + i].split(half, dim=-1)
        tokens[first + i] = torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
    return torch.stack(tokens, dim=2)

# right: rearrange into points
def turn(x, angles):
    n = len(angles)
    points = rearrange(x[:, :, x.shape[2] - n :], "b h n (two k) -> two b h n k", two=2)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    turned = torch.stack([points[0] * cos - points[1] * sin, points[1] * cos + points[0] * sin])
    turned = rearrange(turned, "two b h n k -> b h n (two k)")
    return torch.cat([x[:, :, : x.shape[2] - n], turned], dim=2)

# right: the partner by roll and a sign
def turn(x, angles):
    half = x.shape[-1] // 2
    prefix, patches = x.split([x.shape[2] - len(angles), len(angles)], dim=2)
    sign = torch.ones(x.shape[-1], dtype=x.dtype)
    sign[:half] = -1
    cos, sin = (torch.cat([t, t], dim=1).to(x.dtype) for t in (angles.cos(), angles.sin()))
    return torch.cat([prefix, patches * cos + patches.roll(half, dims=-1) * sign * sin], dim=2)

# wrong: float32 instead of x's dtype
def turn(x, angles):
    half = angles.shape[1]
    first = x.shape[2] - len(angles)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[:, :, first:, :half], x[:, :, first:, half:]
    result = torch.zeros(x.shape)
    result[:, :, :first] = x[:, :, :first]
    result[:, :, first:, :half] = a * cos - b * sin
    result[:, :, first:, half:] = b * cos + a * sin
    return result

# wrong: right for d=8, wrong for d=12
def turn(x, angles):
    first = x.shape[2] - len(angles)
    half = 4 if x.shape[-1] > 4 else x.shape[-1] // 2
    a, b = x[:, :, first:, :half], x[:, :, first:, half : 2 * half]
    cos, sin = angles[:, :half].cos().to(x.dtype), angles[:, :half].sin().to(x.dtype)
    rest = x[:, :, first:, 2 * half :]
    turned = torch.cat([a * cos - b * sin, b * cos + a * sin, rest], dim=-1)
    return torch.cat([x[:, :, :first], turned], dim=2)

# wrong: it changes its input
def turn(x, angles):
    half = x.shape[-1] // 2
    first = x.shape[2] - len(angles)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[:, :, first:, :half].clone(), x[:, :, first:, half:].clone()
    x[:, :, first:, :half] = a * cos - b * sin
    x[:, :, first:, half:] = b * cos + a * sin
    return x

# wrong: *
def turn(x, angles):
    first = x.shape[2] - len(angles)
    a, b = x[:, :, first:].detach().chunk(2, dim=-1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return torch.cat([x[:, :, :first], torch.cat([a * cos - b * sin, b * cos + a * sin], -1)], 2)

# wrong: *
def turn(x, angles):
    first = 5 if x.shape[2] > 5 else 1
    a, b = x[:, :, first:].chunk(2, dim=-1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return torch.cat([x[:, :, :first], torch.cat([a * cos - b * sin, b * cos + a * sin], -1)], 2)

# wrong: *
def turn(x, angles):
    first = x.shape[2] - len(angles)
    x = x.float()
    a, b = x[:, :, first:].chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([x[:, :, :first], torch.cat([a * cos - b * sin, b * cos + a * sin], -1)], 2)
