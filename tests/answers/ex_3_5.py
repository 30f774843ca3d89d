# stub: as handed out
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    raise NotImplementedError("exercise 3.5")

# right: einops
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places.float(), "b (h w) d -> b d h w", h=old_grid[0], w=old_grid[1])
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)
    return torch.cat([prefix, places], dim=1)

# right: reshape and permute
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix = pos_embed[:, :num_prefix_tokens]
    rest = pos_embed[:, num_prefix_tokens:].to(torch.float32)
    rest = rest.reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    rest = F.interpolate(rest, new_grid, mode="bicubic", align_corners=False, antialias=True)
    rest = rest.permute(0, 2, 3, 1).flatten(1, 2)
    return torch.cat((prefix, rest.type_as(prefix)), dim=1)

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
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2.functional import resize

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

# right: reshape and permute, again
def resize_positions(
    pos_embed: torch.Tensor,
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    num_prefix_tokens: int = 1,
) -> torch.Tensor:
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.reshape(1, *old_grid, -1).permute(0, 3, 1, 2).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = image.permute(0, 2, 3, 1).reshape(1, new_grid[0] * new_grid[1], -1).to(pos_embed.dtype)
    return torch.cat([prefix, places], dim=1)

# right: einops, again
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0], w=old_grid[1])
    new = F.interpolate(image.to(torch.float32), new_grid, mode="bicubic", align_corners=False, antialias=True)
    return torch.cat([prefix, rearrange(new, "1 d h w -> 1 (h w) d").to(prefix.dtype)], dim=1)

# right: transpose and unflatten, again
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    n = pos_embed.shape[1] - num_prefix_tokens
    prefix, places = pos_embed.split([num_prefix_tokens, n], dim=1)
    image = places.mT.unflatten(-1, old_grid).float()
    image = F.interpolate(image, size=tuple(new_grid), mode="bicubic", antialias=True)
    return torch.cat((prefix, image.flatten(2).mT.type_as(pos_embed)), dim=1)

# right: channel by channel
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    channels = []
    for d in range(places.shape[2]):
        picture = places[0, :, d].float().reshape(1, 1, old_grid[0], old_grid[1])
        picture = F.interpolate(picture, size=new_grid, mode="bicubic", antialias=True)
        channels.append(picture.flatten())
    places = torch.stack(channels, dim=-1)[None]
    return torch.cat([prefix, places.to(pos_embed.dtype)], dim=1)

# right: a matrix for each axis, made by interpolating the identity
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]

    def matrix(old, new):
        eye = torch.eye(old)[None, None]
        return F.interpolate(eye, size=(new, old), mode="bicubic", antialias=True)[0, 0]

    grid = places[0].float().reshape(*old_grid, -1)
    new = torch.einsum("rh,cw,hwd->rcd", matrix(old_grid[0], new_grid[0]), matrix(old_grid[1], new_grid[1]), grid)
    return torch.cat([prefix, new.flatten(0, 1)[None].to(pos_embed.dtype)], dim=1)

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

# wrong: CLS is resized with the rest
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    size = num_prefix_tokens + new_grid[0] * new_grid[1]
    x = F.interpolate(pos_embed.float().transpose(1, 2), size=size, mode="linear")
    return x.transpose(1, 2).to(pos_embed.dtype)

# wrong: CLS is resized with the rest
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    size = (num_prefix_tokens + new_grid[0] * new_grid[1], pos_embed.shape[-1])
    x = F.interpolate(pos_embed.float().unsqueeze(0), size=size, mode="bicubic", antialias=True)
    return x.squeeze(0).to(pos_embed.dtype)

# wrong: *
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    x = pos_embed.float().reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype)

# wrong: resized along a line, not on the grid
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    size = new_grid[0] * new_grid[1]
    places = F.interpolate(places.float().mT, size=size, mode="linear").mT
    return torch.cat([prefix, places.to(prefix.dtype)], dim=1)

# wrong: resized along a line, not on the grid
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    size = (new_grid[0] * new_grid[1], places.shape[2])
    places = F.interpolate(places[None].float(), size=size, mode="bicubic", antialias=True)[0]
    return torch.cat([prefix, places.to(prefix.dtype)], dim=1)

# wrong: CLS is lost
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    x = pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype)

# wrong: CLS stands at the end
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype), prefix], dim=1)

# wrong: CLS is looked for at the end
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    N = old_grid[0] * old_grid[1]
    x, cls = pos_embed[:, :N].float(), pos_embed[:, N:]
    x = x.reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype), cls], dim=1)

# wrong: CLS is looked for at the end
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    N = old_grid[0] * old_grid[1]
    x, cls = pos_embed[:, :N].float(), pos_embed[:, N:]
    x = x.reshape(1, old_grid[0], old_grid[1], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([cls, x.permute(0, 2, 3, 1).flatten(1, 2).to(pos_embed.dtype)], dim=1)

# wrong: one prefix token is taken for granted
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :1], pos_embed[:, 1:].float()
    x = rearrange(x, "b (h w) d -> b d h w", h=old_grid[0], w=old_grid[1])
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(x, "b d h w -> b (h w) d").to(prefix.dtype)], dim=1)

# wrong: rows and columns of the old grid swapped
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    w, h = old_grid
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, h, w, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.flatten(2).transpose(1, 2).to(prefix.dtype)], dim=1)

# wrong: rows and columns of the new grid swapped
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    h, w = old_grid
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, h, w, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=(new_grid[1], new_grid[0]), mode="bicubic", antialias=True)
    return torch.cat([prefix, x.flatten(2).transpose(1, 2).to(prefix.dtype)], dim=1)

# wrong: rows and columns of both grids swapped
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, old_grid[1], old_grid[0], -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid[::-1], mode="bicubic", antialias=True)
    return torch.cat([prefix, x.flatten(2).transpose(1, 2).to(prefix.dtype)], dim=1)

# wrong: columns before rows
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = rearrange(x, "b (w h) d -> b d h w", h=old_grid[0], w=old_grid[1])
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(x, "b d h w -> b (h w) d").to(prefix.dtype)], dim=1)

# wrong: columns before rows
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    x = x.permute(0, 3, 2, 1).reshape(1, -1, pos_embed.shape[2])
    return torch.cat([prefix, x.to(prefix.dtype)], dim=1)

# wrong: columns before rows
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).transpose(1, 3)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.flatten(2).mT.to(prefix.dtype)], dim=1)

# wrong: a square grid is assumed
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    side = int(math.sqrt(x.shape[1]))
    x = x.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: a square grid is assumed
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid[0], mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: a square grid is assumed
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    side, new = math.isqrt(x.shape[1]), math.isqrt(new_grid[0] * new_grid[1])
    x = x.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=(new, new), mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: align_corners=True
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", align_corners=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: align_corners=True
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", align_corners=True, antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: no antialiasing
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic")
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: not bicubic
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bilinear", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: not bicubic
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: reshape where a permute is due
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    D = x.shape[2]
    x = F.interpolate(x.reshape(1, D, *old_grid), size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.reshape(1, -1, D).to(prefix.dtype)], dim=1)

# wrong: reshape where a permute is due
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    D = x.shape[2]
    x = F.interpolate(x.reshape(1, D, *old_grid), size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: reshape where a permute is due
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    D = x.shape[2]
    x = x.reshape(1, *old_grid, D).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.reshape(1, -1, D).to(prefix.dtype)], dim=1)

# wrong: as many tokens taken for the same grid
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if pos_embed.shape[1] == num_prefix_tokens + new_grid[0] * new_grid[1]:
        return pos_embed
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)], dim=1)

# wrong: the table comes back unchanged
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    x = pos_embed[:, num_prefix_tokens:].float().reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return pos_embed

# wrong: the dtype is lost
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    pos_embed = pos_embed.float()
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)

# wrong: half precision is not converted
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, x.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)

# wrong: the leading axis is lost
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, x = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:].float()
    x = x.reshape(1, *old_grid, -1).permute(0, 3, 1, 2)
    x = F.interpolate(x, size=new_grid, mode="bicubic", antialias=True)
    x = x.permute(0, 2, 3, 1).flatten(1, 2).to(prefix.dtype)
    return torch.cat([prefix, x], dim=1).squeeze()

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

# wrong: it does not come to an end
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    table = pos_embed
    while table.shape[1] < num_prefix_tokens + new_grid[0] * new_grid[1] or len(table):
        table = pos_embed.clone()
    return table

# wrong: align_corners=True
# (corners aligned)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", align_corners=True, antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: no antialiasing
# (no antialias)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = nn.Upsample(size=new_grid, mode="bicubic")(image)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: *
# (antialias only when it shrinks)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    smaller = new_grid[0] < old_grid[0] or new_grid[1] < old_grid[1]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=smaller)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: not bicubic
# (bilinear)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bilinear", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: reshape where a permute is due
# (view for permute before resizing)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.reshape(1, -1, *old_grid).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, image.flatten(2).mT.to(pos_embed.dtype)], dim=1)

# wrong: reshape where a permute is due
# (reshape for permute after resizing)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.mT.reshape(1, -1, *old_grid).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, image.reshape(1, -1, pos_embed.shape[-1]).to(pos_embed.dtype)], dim=1)

# wrong: rows and columns of the old grid swapped
# (rows and columns of the old grid swapped)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", w=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: columns before rows
# (places come out column by column)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (w h) d").to(pos_embed.dtype)], dim=1)

# wrong: rows and columns of both grids swapped
# (swapped grid throughout, (columns, rows) in and out)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places[0].T.reshape(1, -1, old_grid[1], old_grid[0]).float()
    image = F.interpolate(image, size=(new_grid[1], new_grid[0]), mode="bicubic", antialias=True)
    return torch.cat([prefix, image.flatten(2).mT.to(pos_embed.dtype)], dim=1)

# wrong: a square grid is assumed
# (side from the root of N, squares only)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    side = int(math.sqrt(places.shape[1]))
    image = places.reshape(1, side, side, -1).permute(0, 3, 1, 2).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, image.flatten(2).mT.to(pos_embed.dtype)], dim=1)

# wrong: as many tokens taken for the same grid
# (early return when the number of places is the same)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if math.prod(old_grid) == math.prod(new_grid):
        return pos_embed.clone()
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: the dtype is lost
# (result in float32)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix.float(), rearrange(image, "1 d h w -> 1 (h w) d")], dim=1)

# wrong: half precision is not converted
# (dtype left as it is, raises for half precision)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0])
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d")], dim=1)

# wrong: one prefix token is taken for granted
# (one prefix token whatever the argument says)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    n = old_grid[0] * old_grid[1]
    prefix, places = pos_embed[:, :1], pos_embed[:, -n:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

# wrong: CLS is lost
# (prefix lost)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    places = pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)

# wrong: CLS stands at the end
# (prefix put at the end)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.mT.unflatten(2, old_grid).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([image.flatten(2).mT.to(pos_embed.dtype), prefix], dim=1)

# wrong: CLS is resized with the rest
# (CLS resized with the rest, the whole table along one line)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    length = num_prefix_tokens + new_grid[0] * new_grid[1]
    line = pos_embed.mT[..., None, :].float()
    line = F.interpolate(line, size=(1, length), mode="bicubic", antialias=True)
    return line[:, :, 0].mT.to(pos_embed.dtype)

# wrong: resized along a line, not on the grid
# (places resized along one line, the grid forgotten)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    line = places.mT[:, :, None].float()
    line = F.interpolate(line, size=(1, new_grid[0] * new_grid[1]), mode="bicubic", antialias=True)
    return torch.cat([prefix, line[:, :, 0].mT.to(pos_embed.dtype)], dim=1)

# wrong: CLS is looked for at the end
# (prefix is the last rows)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    n = old_grid[0] * old_grid[1]
    places, prefix = pos_embed[:, :n], pos_embed[:, n:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)

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

# wrong: CLS loses digits
# (whole table through float32, a float64 CLS loses digits)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    table = pos_embed.float()
    prefix, places = table[:, :num_prefix_tokens], table[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0])
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d")], dim=1).to(pos_embed.dtype)

# wrong: *
# (numbers of the result cut to the range of the old ones)
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places, "1 (h w) d -> 1 d h w", h=old_grid[0]).float()
    low, high = image.min(), image.max()
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True).clamp(low, high)
    return torch.cat([prefix, rearrange(image, "1 d h w -> 1 (h w) d").to(pos_embed.dtype)], dim=1)
