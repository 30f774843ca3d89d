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

# wrong: it never finishes
def at_size(model, image_size):
    new = copy.deepcopy(model)
    while new.patch_embed.image_size != tuple(image_size):
        new = copy.deepcopy(new)
    return new.eval()

# wrong: right from square to square, wrong from 8 x 32 to 16 x 16
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    sd = model.state_dict()
    g = model.config["image_size"] // model.config["patch_size"]
    sd["positions.pos_embed"] = resize_positions(sd["positions.pos_embed"], (g, g), new.patch_embed.grid_size)
    new.load_state_dict(sd)
    return new.eval()
