# stub: as handed out
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    raise NotImplementedError("exercise 3.5")

# right: transpose and unflatten
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    n = num_prefix_tokens
    image = pos_embed[:, n:].transpose(1, 2).unflatten(2, old_grid).double()
    image = F.interpolate(image, size=tuple(new_grid), mode="bicubic", antialias=True)
    return torch.cat([pos_embed[:, :n], image.flatten(2).mT.to(pos_embed.dtype)], 1)

# right: one channel at a time
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    out = pos_embed.new_zeros(1, num_prefix_tokens + new_grid[0] * new_grid[1], pos_embed.shape[2])
    out[:, :num_prefix_tokens] = pos_embed[:, :num_prefix_tokens]
    for d in range(pos_embed.shape[2]):
        channel = pos_embed[0, num_prefix_tokens:, d].float().view(1, 1, *old_grid)
        channel = F.interpolate(channel, size=new_grid, mode="bicubic", antialias=True)
        out[0, num_prefix_tokens:, d] = channel.flatten().to(out.dtype)
    return out

# right: torchvision's resize
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2.functional import resize

def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if tuple(old_grid) == tuple(new_grid):
        return pos_embed
    prefix, places = pos_embed.split([num_prefix_tokens, old_grid[0] * old_grid[1]], dim=1)
    image = places[0].float().T.reshape(-1, *old_grid)
    image = resize(image, list(new_grid), InterpolationMode.BICUBIC, antialias=True)
    return torch.cat([prefix[0], image.flatten(1).T.to(prefix.dtype)]).unsqueeze(0)

# right: rows first, then columns, as two matrices
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    def matrix(old, new):
        eye = torch.eye(old)[None, None]
        return F.interpolate(eye, size=(new, old), mode="bicubic", antialias=True)[0, 0]

    grid = pos_embed[0, num_prefix_tokens:].float().reshape(*old_grid, -1)
    down, across = matrix(old_grid[0], new_grid[0]), matrix(old_grid[1], new_grid[1])
    grid = torch.einsum("yr,xc,rcd->yxd", down, across, grid).flatten(0, 1)
    return torch.cat([pos_embed[:, :num_prefix_tokens], grid[None].to(pos_embed.dtype)], dim=1)

# right: written into a new table
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    (h, w), (H, W), D = old_grid, new_grid, pos_embed.shape[-1]
    result = pos_embed.new_empty(1, num_prefix_tokens + H * W, D)
    result[:, :num_prefix_tokens] = pos_embed[:, :num_prefix_tokens]
    image = pos_embed[0, num_prefix_tokens:].T.reshape(1, D, h, w).float()
    image = F.interpolate(image, size=(H, W), mode="bicubic", antialias=True)
    result[0, num_prefix_tokens:] = image.reshape(D, H * W).T.to(result.dtype)
    return result

# right: copy when the grid is the same
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if tuple(old_grid) == tuple(new_grid):
        return pos_embed.clone()
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = torch.movedim(places.view(1, old_grid[0], old_grid[1], -1), -1, 1)
    image = F.interpolate(image.float(), size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, torch.movedim(image, 1, -1).flatten(1, 2).to(pos_embed.dtype)], dim=1)

# right: channels as a batch of grey pictures
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    grey = places[0].t().contiguous().float().view(-1, 1, *old_grid)
    grey = F.interpolate(grey, size=list(new_grid), mode="bicubic", antialias=True)
    return torch.cat([prefix, grey.flatten(1).t()[None].to(pos_embed.dtype)], dim=1)

# right: the same object when the grid is the same
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if tuple(old_grid) == tuple(new_grid):
        return pos_embed
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# right: detached result
@torch.no_grad()
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# right: float64 tables computed in float64
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0])
    image = image if image.dtype == torch.float64 else image.float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# right: scale factors for size
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    factors = (new_grid[0] / old_grid[0], new_grid[1] / old_grid[1])
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, scale_factor=factors, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# right: an nn.Parameter comes back
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return nn.Parameter(torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1))

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    x = pos_embed.float().reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype)

# wrong: a square grid is assumed
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    side = int(math.sqrt(x.shape[1]))
    x = x.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: right for square grids, wrong for 2 x 6 to 5 x 9
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    side, new = math.isqrt(x.shape[1]), math.isqrt(new_grid[0] * new_grid[1])
    x = x.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=(new, new), mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: it changes its input
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens].clone(), pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    pos_embed[:, :num_prefix_tokens] = 0
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: it returns None
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)

# wrong: it raised RuntimeError
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x], dim=1)

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    n = new_grid[0] * new_grid[1]
    return pos_embed[:, :num_prefix_tokens + n]

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    return torch.zeros(1, num_prefix_tokens + new_grid[0] * new_grid[1], pos_embed.shape[2])

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([0 * prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).half()], dim=1)

# wrong: it never finishes
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    table = pos_embed
    while table.shape[1] < num_prefix_tokens + new_grid[0] * new_grid[1] or len(table):
        table = pos_embed.clone()
    return table

# wrong: a square grid is assumed
# (side from the root of N, squares only)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    side = int(math.sqrt(places.shape[1]))
    image = places.reshape(1, side, side, -1).permute(0, 3, 1, 2).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, image.flatten(2).mT.to(pos_embed.dtype)], dim=1)

# wrong: *
# (numbers scaled to keep the length of each vector)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    new = rearrange(image, "1 d h w -> 1 (h w) d")
    new = F.normalize(new, dim=-1) * places.float().norm(dim=-1).mean()
    return torch.cat([prefix, new.to(pos_embed.dtype)], dim=1)

# wrong: not bicubic
# (nearest neighbour and old dtype lost)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.float().reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    image = F.interpolate(image, size=new_grid, mode="nearest")
    return torch.cat([prefix.float(), image.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)

# wrong: it changes its input
# (the old table is centred in place first)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    with torch.no_grad():
        mean = places.mean(dim=1, keepdim=True)
        places -= mean
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype) + mean], dim=1)

# wrong: *
# (rows first and then columns with antialias in one direction only)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=(new_grid[0], old_grid[1]), mode="bicubic", antialias=True)
    image = F.interpolate(image, size=new_grid, mode="bicubic")
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: *
# (size by the factor of the rows for both axes)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, scale_factor=new_grid[0] / old_grid[0], mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: *
# (numbers of the result cut to the range of the old ones)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    low, high = image.min(), image.max()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True).clamp(low, high)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: right for several rows and columns, wrong for 1
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places.float(), "b (h w) d -> b d h w", h=old_grid[0])
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True).squeeze()
    return torch.cat([prefix, rearrange(image, "d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: right without a prefix, wrong with CLS in front
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    image = rearrange(pos_embed.float(), "b (h w) d -> b d h w", h=old_grid[0], w=old_grid[1])
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)
