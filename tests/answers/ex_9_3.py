import copy
from vitcourse.model import PatchEmbedding, PositionEmbedding, VisionTransformer, resize_positions

# stub: as handed out
def at_size(model, image_size):
    """A ViT with the same weights for images of another size (H, W), which need not be square."""
    raise NotImplementedError("exercise 9.3")

# right: a new model and the old state dict
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# right: grids from the config
def at_size(model, image_size):
    config = dict(model.config)
    old, patch = config["image_size"], config["patch_size"]
    if isinstance(old, int):
        old = (old, old)
    config["image_size"] = tuple(image_size)
    new = VisionTransformer(**config)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    weights["positions.pos_embed"] = resize_positions(
        weights["positions.pos_embed"],
        (old[0] // patch, old[1] // patch),
        (image_size[0] // patch, image_size[1] // patch),
    )
    new.load_state_dict(weights)
    new.eval()
    return new

# right: a deep copy, with patches and positions exchanged
def at_size(model, image_size):
    new = copy.deepcopy(model).eval()
    patches = model.patch_embed
    new.patch_embed = PatchEmbedding(
        image_size, patches.patch_size, patches.in_channels, model.config["embed_dim"]
    )
    new.patch_embed.load_state_dict(patches.state_dict())
    new.positions = PositionEmbedding(new.patch_embed.num_patches + 1, model.config["embed_dim"])
    with torch.no_grad():
        new.positions.pos_embed.copy_(
            resize_positions(
                model.positions.pos_embed, patches.grid_size, new.patch_embed.grid_size
            )
        )
    return new.eval()

# right: a deep copy whose attributes are adjusted
def at_size(model, image_size):
    new = copy.deepcopy(model)
    old_grid, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    new_grid = image_size[0] // p, image_size[1] // p
    new.patch_embed.image_size = tuple(image_size)
    new.patch_embed.grid_size = new_grid
    new.patch_embed.num_patches = new_grid[0] * new_grid[1]
    resized = resize_positions(model.positions.pos_embed.detach(), old_grid, new_grid)
    new.positions.pos_embed = nn.Parameter(resized.clone())
    new.config["image_size"] = tuple(image_size)
    return new.eval()

# right: parameter by parameter
@torch.no_grad()
def at_size(model, image_size):
    settings = {**model.config}
    settings.update(image_size=image_size)
    new = VisionTransformer(**settings)
    theirs = dict(model.named_parameters())
    for name, parameter in new.named_parameters():
        value = theirs[name]
        if name.startswith("positions."):
            value = resize_positions(value, model.patch_embed.grid_size, new.patch_embed.grid_size)
        parameter.copy_(value)
    return new.train(False)

# right: two steps with strict=False
def at_size(model, image_size):
    new = VisionTransformer(**{**model.config, "image_size": image_size})
    state = dict(model.state_dict())
    pos = state.pop("positions.pos_embed")
    missing = new.load_state_dict(state, strict=False)
    assert missing.missing_keys == ["positions.pos_embed"]
    grid = model.patch_embed.grid_size
    new.positions.pos_embed.data.copy_(resize_positions(pos, grid, new.patch_embed.grid_size))
    new.eval()
    return new

# right: interpolated by hand
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = copy.deepcopy(model.state_dict())
    pos = state["positions.pos_embed"]
    rows, columns = model.patch_embed.grid_size
    places = pos[0, 1:].T.reshape(1, -1, rows, columns)
    places = F.interpolate(places, new.patch_embed.grid_size, mode="bicubic", antialias=True)
    state["positions.pos_embed"] = torch.cat([pos[:, :1], places[0].flatten(1).T[None]], dim=1)
    new.load_state_dict(state)
    return new.eval()

# right: every argument written out
def at_size(model, image_size):
    c = model.config
    new = VisionTransformer(
        image_size=image_size,
        patch_size=c["patch_size"],
        in_channels=c["in_channels"],
        num_classes=c["num_classes"],
        embed_dim=c["embed_dim"],
        depth=c["depth"],
        num_heads=c["num_heads"],
        mlp_dim=c["mlp_dim"],
        dropout=c["dropout"],
    )
    for part in ("patch_embed", "class_token", "encoder", "head"):
        getattr(new, part).load_state_dict(getattr(model, part).state_dict())
    resized = resize_positions(
        model.positions.pos_embed, model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.positions.load_state_dict({"pos_embed": resized})
    return new.eval()

# right: assigned, from clones
def at_size(model, image_size):
    with torch.device("meta"):
        new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state, assign=True)
    return new.eval()

# right: a comprehension over the state dict
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": list(image_size)}))
    state = model.state_dict()
    grids = [m.patch_embed.grid_size for m in (model, new)]
    state = {
        name: resize_positions(tensor, *grids) if name.endswith("pos_embed") else tensor
        for name, tensor in state.items()
    }
    new.load_state_dict(state)
    return new.eval()

# right: through a file in memory
def at_size(model, image_size):
    import io
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    new = VisionTransformer(**dict(model.config, image_size=image_size))
    old_grid, new_grid = model.patch_embed.grid_size, new.patch_embed.grid_size
    name = "positions.pos_embed"
    new.load_state_dict({**state, name: resize_positions(state[name], old_grid, new_grid)})
    return new.eval()

# right: class token and places apart
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size})).eval()
    pos = model.positions.pos_embed.detach()
    first, rest = pos[:, :1], pos[:, 1:]
    rest = resize_positions(
        rest, model.patch_embed.grid_size, new.patch_embed.grid_size, num_prefix_tokens=0
    )
    state = model.state_dict()
    state["positions.pos_embed"] = torch.cat((first, rest), 1)
    new.load_state_dict(state)
    return new

# right: with the dtype of the old one
def at_size(model, image_size):
    some = next(model.parameters())
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    new = new.to(device=some.device, dtype=some.dtype)
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the class token's position is resized
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = state["positions.pos_embed"].transpose(1, 2)
    count = new.patch_embed.num_patches + 1
    state["positions.pos_embed"] = F.interpolate(pos, count, mode="linear").transpose(1, 2)
    new.load_state_dict(state)
    return new.eval()

# wrong: the class token's position is lost
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = resize_positions(
        state["positions.pos_embed"][:, 1:],
        model.patch_embed.grid_size,
        new.patch_embed.grid_size,
        num_prefix_tokens=0,
    )
    state["positions.pos_embed"] = F.pad(pos, (0, 0, 1, 0))
    new.load_state_dict(state)
    return new.eval()

# wrong: the class token's position comes last
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = state["positions.pos_embed"]
    rest = resize_positions(
        pos[:, 1:], model.patch_embed.grid_size, new.patch_embed.grid_size, 0
    )
    state["positions.pos_embed"] = torch.cat([rest, pos[:, :1]], dim=1)
    new.load_state_dict(state)
    return new.eval()

# wrong: resized in one long row
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = state["positions.pos_embed"]
    row = F.interpolate(pos[:, 1:].mT, size=new.patch_embed.num_patches, mode="linear").mT
    state["positions.pos_embed"] = torch.cat([pos[:, :1], row], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: rows and columns swapped
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    rows, columns = new.patch_embed.grid_size
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, (columns, rows)
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: rows and columns swapped
# those of the old grid
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    rows, columns = model.patch_embed.grid_size
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], (columns, rows), new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: rows and columns swapped
# both
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    old, now = model.patch_embed.grid_size[::-1], new.patch_embed.grid_size[::-1]
    state["positions.pos_embed"] = resize_positions(state["positions.pos_embed"], old, now)
    new.load_state_dict(state)
    return new.eval()

# wrong: the old grid is taken for a square
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    side = math.isqrt(state["positions.pos_embed"].shape[1] - 1)
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], (side, side), new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: width before height
def at_size(model, image_size):
    width, height = image_size[1], image_size[0]
    new = VisionTransformer(**(model.config | {"image_size": (width, height)}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: pixels for patches
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.image_size, image_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: another filter
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = rearrange(pos[:, 1:], "b (r c) d -> b d r c", r=rows)
    grid = F.interpolate(grid, size=new.patch_embed.grid_size, mode="bilinear")
    state["positions.pos_embed"] = torch.cat([pos[:, :1], rearrange(grid, "b d r c -> b (r c) d")], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: another filter
# as torchvision does it
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = rearrange(pos[:, 1:], "b (r c) d -> b d r c", r=rows)
    grid = F.interpolate(grid, size=new.patch_embed.grid_size, mode="bicubic", align_corners=True)
    state["positions.pos_embed"] = torch.cat([pos[:, :1], rearrange(grid, "b d r c -> b (r c) d")], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: another filter
# no antialiasing
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = pos[0, 1:].unflatten(0, (rows, columns)).permute(2, 0, 1)[None]
    grid = F.interpolate(grid, size=new.patch_embed.grid_size, mode="bicubic")
    state["positions.pos_embed"] = torch.cat([pos[:, :1], grid.flatten(2).mT], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: another filter
# the default of F.interpolate
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = pos[0, 1:].unflatten(0, (rows, columns)).permute(2, 0, 1)[None]
    grid = F.interpolate(grid, size=new.patch_embed.grid_size)
    state["positions.pos_embed"] = torch.cat([pos[:, :1], grid.flatten(2).mT], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: the positions are not resized
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    new.load_state_dict(model.state_dict())
    return new.eval()

# wrong: resized only if their number differs
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    if state["positions.pos_embed"].shape != new.positions.pos_embed.shape:
        state["positions.pos_embed"] = resize_positions(
            state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
        )
    new.load_state_dict(state)
    return new.eval()

# wrong: the positions are cut off
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    count = new.patch_embed.num_patches + 1
    state["positions.pos_embed"] = state["positions.pos_embed"][:, :count]
    new.load_state_dict(state)
    return new.eval()

# wrong: the positions are repeated
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, places = state["positions.pos_embed"], torch.arange(new.patch_embed.num_patches)
    again = 1 + places % model.patch_embed.num_patches
    state["positions.pos_embed"] = torch.cat([pos[:, :1], pos[:, again]], dim=1)
    new.load_state_dict(state)
    return new.eval()

# wrong: random positions
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    del state["positions.pos_embed"]
    new.load_state_dict(state, strict=False)
    return new.eval()

# wrong: all positions are zero
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = torch.zeros_like(new.positions.pos_embed)
    new.load_state_dict(state)
    return new.eval()

# wrong: only the positions are copied
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    with torch.no_grad():
        new.positions.pos_embed.copy_(
            resize_positions(
                model.positions.pos_embed, model.patch_embed.grid_size, new.patch_embed.grid_size
            )
        )
    return new.eval()

# wrong: nothing is copied
def at_size(model, image_size):
    return VisionTransformer(**(model.config | {"image_size": image_size})).eval()

# wrong: the head is not copied
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    new.patch_embed.load_state_dict(model.patch_embed.state_dict())
    new.class_token.load_state_dict(model.class_token.state_dict())
    new.encoder.load_state_dict(model.encoder.state_dict())
    new.positions.pos_embed.data.copy_(
        resize_positions(
            model.positions.pos_embed.data, model.patch_embed.grid_size, new.patch_embed.grid_size
        )
    )
    return new.eval()

# wrong: only the encoder is copied
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    new.encoder.load_state_dict(model.encoder.state_dict())
    return new.eval()

# wrong: dropout is lost
def at_size(model, image_size):
    c = {name: model.config[name] for name in model.config if name != "dropout"}
    new = VisionTransformer(**(c | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the number of heads is lost
def at_size(model, image_size):
    c = model.config
    new = VisionTransformer(
        image_size, c["patch_size"], c["in_channels"], c["num_classes"], c["embed_dim"], c["depth"],
        mlp_dim=c["mlp_dim"], dropout=c["dropout"],
    )
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the number of heads is lost
# and dropout
def at_size(model, image_size):
    c = model.config
    new = VisionTransformer(
        image_size, c["patch_size"], c["in_channels"], c["num_classes"], c["embed_dim"], c["depth"],
        mlp_dim=c["mlp_dim"],
    )
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the number of classes is lost
def at_size(model, image_size):
    c = {**model.config, "image_size": image_size}
    c.pop("num_classes")
    new = VisionTransformer(**c)
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the number of channels is lost
def at_size(model, image_size):
    c = {**model.config, "image_size": image_size}
    c.pop("in_channels")
    new = VisionTransformer(**c)
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: the old model is changed
def at_size(model, image_size):
    grid, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    new_grid = image_size[0] // p, image_size[1] // p
    pos = resize_positions(model.positions.pos_embed.data, grid, new_grid)
    model.positions.pos_embed = nn.Parameter(pos)
    model.patch_embed.image_size = tuple(image_size)
    model.patch_embed.grid_size = new_grid
    return model.eval()

# wrong: the old model is changed
# returned as it is, where there is nothing to do
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    if new.patch_embed.image_size == model.patch_embed.image_size:
        return model.eval()
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: tensors are shared
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state, assign=True)
    return new.eval()

# wrong: tensors are shared
# where the size is the same, resize_positions gives back what it got
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    pos = resize_positions(
        model.positions.pos_embed.detach(), model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.positions.pos_embed = nn.Parameter(pos)
    rest = {n: t for n, t in model.state_dict().items() if n != "positions.pos_embed"}
    new.load_state_dict(rest, strict=False)
    return new.eval()

# wrong: *
# the modules themselves
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    pos = resize_positions(
        model.positions.pos_embed.data, model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    was_training = model.training
    new.patch_embed.proj = model.patch_embed.proj
    new.class_token, new.encoder, new.head = model.class_token, copy.deepcopy(model.encoder), model.head
    new.positions.pos_embed.data.copy_(pos)
    new.eval()
    model.train(was_training)
    new.encoder.eval()
    return new

# wrong: left in training mode
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new

# wrong: left in training mode
# as the old one is
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.train(model.training)

# wrong: the old model is put in evaluation mode
def at_size(model, image_size):
    model.eval()
    new = copy.deepcopy(model)
    old_grid, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    new_grid = image_size[0] // p, image_size[1] // p
    new.patch_embed.image_size, new.patch_embed.grid_size = tuple(image_size), new_grid
    pos = resize_positions(model.positions.pos_embed.detach().clone(), old_grid, new_grid)
    new.positions.pos_embed = nn.Parameter(pos)
    return new

# wrong: it cannot be trained
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    for parameter in new.parameters():
        parameter.requires_grad = False
    return new.eval()

# wrong: it cannot be trained
@torch.inference_mode()
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: a state dict, not a model
def at_size(model, image_size):
    state = copy.deepcopy(model.state_dict())
    p = model.patch_embed.patch_size
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, tuple(s // p for s in image_size)
    )
    return state

# wrong: another dtype
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size})).double()
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: another dtype
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.half().eval()

# wrong: *
# the class token's position is the mean of the others
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    state["positions.pos_embed"] = torch.cat([pos[:, 1:].mean(1, keepdim=True), pos[:, 1:]], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: *
# the images are resized, not the positions
class Resizing(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = copy.deepcopy(model).eval()

    def forward(self, images):
        size = self.model.patch_embed.image_size
        return self.model(F.interpolate(images, size, mode="bilinear", antialias=True))

def at_size(model, image_size):
    return Resizing(model).eval()

# wrong: *
# the depth is lost
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size, "depth": 12}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state, strict=False)
    return new.eval()

# wrong: *
# flattened column by column
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = rearrange(pos[:, 1:], "b (r c) d -> b d r c", r=rows)
    grid = F.interpolate(grid, size=new.patch_embed.grid_size, mode="bicubic", antialias=True)
    state["positions.pos_embed"] = torch.cat([pos[:, :1], rearrange(grid, "b d r c -> b (c r) d")], 1)
    new.load_state_dict(state)
    return new.eval()

# wrong: *
# two models
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    return model, new.eval()

# wrong: it raised AttributeError
def at_size(model, image_size):
    return model.resize(image_size)

# wrong: it raised TypeError
# image_size passed twice
def at_size(model, image_size):
    return VisionTransformer(image_size=image_size, **model.config).eval()

# wrong: it returns None
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    new.eval()

# wrong: *
# into the old model's config
def at_size(model, image_size):
    config = model.config
    config["image_size"] = image_size
    new = VisionTransformer(**config)
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: it does not come to an end
def at_size(model, image_size):
    new = copy.deepcopy(model)
    while new.patch_embed.image_size != tuple(image_size):
        new = copy.deepcopy(new)
    return new.eval()
