# right: rearrange
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    rows, columns = old_grid
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = rearrange(places.float(), "b (h w) d -> b d h w", h=rows, w=columns)
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)
    return torch.cat([prefix, places], dim=1)

# wrong: CLS is lost
# > The prefix is missing: put it in front again.
# ~ torch.cat([prefix, places], dim=1) => places

# wrong: CLS is at the end
# > The class token is the first token: put the prefix in front.
# ~ [prefix, places] => [places, prefix]

# wrong: CLS is looked for at the end
# > You cut off the last position. The class token is the first.
# ~ pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:] => pos_embed[:, rows * columns :], pos_embed[:, : rows * columns]
# ~ [prefix, places] => [places, prefix]
# wrong: CLS is looked for at the end
# ~ pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:] => pos_embed[:, rows * columns :], pos_embed[:, : rows * columns]

# wrong: one prefix token is assumed
# > Some models have none, some have two: use num_prefix_tokens.
# ~ pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:] => pos_embed[:, :1], pos_embed[:, 1:]
# wrong: one prefix token is assumed
# ~ pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:] => pos_embed[:, :1], pos_embed[:, -rows * columns :]

# wrong: rows and columns of the old grid swapped
# > You folded the table into `columns` rows. Grids are (rows, columns).
# ~ rows, columns = => columns, rows =

# wrong: rows and columns of the new grid swapped
# > `size` is (rows, columns), like `new_grid`. You swapped the two.
# ~ size=new_grid => size=new_grid[::-1]

# wrong: rows and columns of both grids swapped
# > Both grids are (rows, columns). You read them as (columns, rows).
# ~ rows, columns = => columns, rows =
# ~ size=new_grid => size=new_grid[::-1]

# wrong: columns before rows
# > Tokens are in raster order, row by row, and images are (1, D, rows, columns). You fold or unfold
# > the grid down its columns.
# ~ b (h w) d -> b d h w => b (w h) d -> b d h w
# wrong: columns before rows
# ~ b d h w -> b (h w) d => b d h w -> b (w h) d
# wrong: columns before rows
# ~ b (h w) d -> b d h w => b (h w) d -> b d w h

# wrong: a square grid is assumed
# > The grid may not be square: use both numbers of each grid.
# ~ rows, columns = old_grid => rows = columns = math.isqrt(pos_embed.shape[1] - num_prefix_tokens)
# wrong: a square grid is assumed
# ~ rows, columns = old_grid => rows = columns = math.isqrt(pos_embed.shape[1] - num_prefix_tokens)
# ~ size=new_grid => size=math.isqrt(new_grid[0] * new_grid[1])
# wrong: a square grid is assumed
# ~ size=new_grid => size=math.isqrt(new_grid[0] * new_grid[1])
# wrong: a square grid is assumed
# ~ size=new_grid => size=new_grid[0]
# wrong: a square grid is assumed
# ~ size=new_grid => size=new_grid[1]

# wrong: align_corners=True
# > `align_corners=True` pins the outermost positions to each other and changes every step between
# > them. torchvision does that; timm's rule, which is used here, does not.
# ~ antialias=True => antialias=True, align_corners=True
# wrong: align_corners=True
# ~ antialias=True => align_corners=True
# wrong: align_corners=True
# ~ mode="bicubic", antialias=True => mode="bilinear", align_corners=True

# wrong: no antialiasing
# > Without `antialias=True` a smaller grid skips positions in between. (And torch's bicubic has a
# > different kernel with it, so larger grids differ, too.)
# ~ , antialias=True =>

# wrong: antialiasing only for a smaller grid
# > torch's bicubic has a different kernel with `antialias=True`, so larger grids differ, too.
# > Always pass it.
# ~ antialias=True => antialias=new_grid[0] < rows or new_grid[1] < columns
# wrong: antialiasing only for a smaller grid
# ~ antialias=True => antialias=math.prod(new_grid) < rows * columns

# wrong: not bicubic
# > The filter is a different one (nearest, bilinear or area): use `mode="bicubic"`.
# ~ "bicubic" => "bilinear"
# wrong: not bicubic
# ~ mode="bicubic", antialias=True => mode="bilinear"
# wrong: not bicubic
# ~ mode="bicubic", antialias=True => mode="nearest"
# wrong: not bicubic
# ~ mode="bicubic", antialias=True => mode="nearest-exact"
# wrong: not bicubic
# ~ mode="bicubic", antialias=True => mode="area"

# wrong: the table comes back unchanged
# > You returned the old table. `F.interpolate` makes a new tensor: use what it returns.
# ~ return torch.cat([prefix, places], dim=1) => return pos_embed

# wrong: the dtype is lost
# > The result should have the dtype of the table: `.to(pos_embed.dtype)` at the end.
# ~ rows, columns = => pos_embed = pos_embed.float(); rows, columns =
# wrong: the dtype is lost
# ~ .to(pos_embed.dtype) =>

# wrong: CLS loses digits
# > CLS went through float32 with the rest, which rounds it in a float64 table. Convert only the
# > places, and put the prefix back as it was.
# ~ pos_embed[:, :num_prefix_tokens], => pos_embed[:, :num_prefix_tokens].float(),
# ~ dim=1) => dim=1).to(pos_embed.dtype)

# wrong: half precision is not converted
# > `F.interpolate` with antialias supports only float32 and float64 on the CPU: `.float()` before
# > it, `.to(pos_embed.dtype)` after it.
# ~ places.float() => places

# wrong: the leading axis is lost
# > The result is (1 + M, D). Keep the axis of length 1 in front: `squeeze` drops it.
# ~ dim=1) => dim=1)[0]

# right: reshape and permute
# > Without einops, and with a way out where nothing changes.
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    if old_grid == new_grid:
        return pos_embed
    dim = pos_embed.shape[2]
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    image = places.float().reshape(1, *old_grid, dim).permute(0, 3, 1, 2)
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = image.permute(0, 2, 3, 1).reshape(1, -1, dim)
    return torch.cat([prefix, places.to(pos_embed.dtype)], dim=1)

# wrong: a square grid is assumed
# ~ reshape(1, *old_grid, dim) => reshape(1, int(places.shape[1] ** 0.5), int(places.shape[1] ** 0.5), dim)

# wrong: reshape instead of permute
# > `reshape` does not move an axis: your channels and places are mixed up. `F.interpolate` wants
# > (1, D, rows, columns): permute instead.
# ~ reshape(1, *old_grid, dim).permute(0, 3, 1, 2) => reshape(1, dim, *old_grid)
# ~ image.permute(0, 2, 3, 1).reshape => image.reshape
# wrong: reshape instead of permute
# ~ reshape(1, *old_grid, dim).permute(0, 3, 1, 2) => reshape(1, dim, *old_grid)
# wrong: reshape instead of permute
# ~ image.permute(0, 2, 3, 1).reshape => image.reshape

# wrong: equal numbers of tokens taken for equal grids
# > 3 x 4 and 4 x 3 have equally many places, but not the same ones. Return the table as it is only
# > if the grids are equal.
# ~ if old_grid == new_grid: => if math.prod(old_grid) == math.prod(new_grid):

# wrong: resized along a line, not on the grid
# > You stretched the sequence of positions. Neighbours in a column are far apart in it: fold it
# > into rows and columns first.
# ~ places.float().reshape(1, *old_grid, dim).permute(0, 3, 1, 2) => places.float().transpose(1, 2)
# ~ size=new_grid, mode="bicubic", antialias=True => size=math.prod(new_grid), mode="linear"
# ~ image.permute(0, 2, 3, 1).reshape(1, -1, dim) => image.transpose(1, 2)
# wrong: resized along a line, not on the grid
# ~ places.float().reshape(1, *old_grid, dim).permute(0, 3, 1, 2) => places.float().transpose(1, 2)
# ~ size=new_grid, mode="bicubic", antialias=True => size=math.prod(new_grid)
# ~ image.permute(0, 2, 3, 1).reshape(1, -1, dim) => image.transpose(1, 2)
# wrong: resized along a line, not on the grid
# ~ places.float().reshape(1, *old_grid, dim).permute(0, 3, 1, 2) => places.float()[None]
# ~ size=new_grid => size=(math.prod(new_grid), dim)
# ~ image.permute(0, 2, 3, 1).reshape(1, -1, dim) => image[0]

# wrong: CLS is resized with the rest
# > The class token has no place in the image: cut it off first, and put it back in front unchanged.
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    size = num_prefix_tokens + math.prod(new_grid)
    table = F.interpolate(pos_embed.float().transpose(1, 2), size=size, mode="linear")
    return table.transpose(1, 2).to(pos_embed.dtype)
# wrong: CLS is resized with the rest
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    size = num_prefix_tokens + math.prod(new_grid)
    table = F.interpolate(pos_embed.float().transpose(1, 2), size=size)
    return table.transpose(1, 2).to(pos_embed.dtype)
# wrong: CLS is resized with the rest
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    size = num_prefix_tokens + math.prod(new_grid), pos_embed.shape[2]
    table = F.interpolate(pos_embed.float()[None], size=size, mode="bicubic", antialias=True)
    return table[0].to(pos_embed.dtype)

# wrong: a square grid is assumed
def resize_positions(pos_embed, old_grid, new_grid, num_prefix_tokens=1):
    cls, places = pos_embed[:, :1], pos_embed[:, 1:]
    side, dim = int(places.shape[1] ** 0.5), pos_embed.shape[-1]
    image = places.reshape(1, side, side, dim).permute(0, 3, 1, 2)
    image = F.interpolate(image, size=new_grid, mode="bicubic", align_corners=False)
    return torch.cat([cls, image.permute(0, 2, 3, 1).view(1, -1, dim)], dim=1)
