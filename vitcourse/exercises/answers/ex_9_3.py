import copy
from vitcourse.model import VisionTransformer, resize_positions

# right: a new model and the old state dict
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos = state["positions.pos_embed"]
    old, grid = model.patch_embed.grid_size, new.patch_embed.grid_size
    state["positions.pos_embed"] = resize_positions(pos, old, grid)
    new.load_state_dict(state)
    return new.eval()

# wrong: the old model is changed
# > The old model should stay as it is: its config, its weights and its size. Work on copies.
# ~ new = VisionTransformer(**(model.config | {"image_size": image_size})) => model.config["image_size"] = image_size; new = VisionTransformer(**model.config)
# wrong: the old model is changed
# ~ new.load_state_dict(state) => model.positions.pos_embed = nn.Parameter(state["positions.pos_embed"]); new.load_state_dict(state)

# wrong: the class token keeps a random position
# > The position of the class token is one of the new model's random ones. It has no place on the
# > grid: take it from the old table as it is.
# ~ new.load_state_dict(state) => state["positions.pos_embed"] = torch.cat([new.positions.pos_embed[:, :1], state["positions.pos_embed"][:, 1:]], dim=1); new.load_state_dict(state)

# wrong: the class token's position is resized
# > The class token has no place in the image. Its position stays as it is; only the others are
# > resized (num_prefix_tokens=1).
# ~ resize_positions(pos, old, grid) => F.interpolate(pos.mT, 1 + grid[0] * grid[1], mode="linear").mT

# wrong: the class token's position is lost
# > There is a zero, or something else, where the class token's position was.
# ~ resize_positions(pos, old, grid) => F.pad(resize_positions(pos[:, 1:], old, grid, 0), (0, 0, 1, 0))

# wrong: the class token's position comes last
# > The class token comes first, and so does its position.
# ~ resize_positions(pos, old, grid) => torch.cat([resize_positions(pos[:, 1:], old, grid, 0), pos[:, :1]], 1)

# wrong: resized in one long row
# > Tokens next to each other in the row may be far apart in the image. Make it a grid again and
# > resize that, as resize_positions does.
# ~ resize_positions(pos, old, grid) => torch.cat([pos[:, :1], F.interpolate(pos[:, 1:].mT, grid[0] * grid[1], mode="linear").mT], 1)

# wrong: rows and columns swapped
# > Grids are (rows, columns), and images (height, width). With a square nobody notices, but this
# > one is not a square.
# ~ (pos, old, grid) => (pos, old, grid[::-1])
# wrong: rows and columns swapped
# ~ (pos, old, grid) => (pos, old[::-1], grid)
# wrong: rows and columns swapped
# ~ (pos, old, grid) => (pos, old[::-1], grid[::-1])

# wrong: the old grid is assumed to be square
# > The root of the number of patches is the side of a square. The old images need not be square:
# > model.patch_embed.grid_size.
# ~ old, grid = model.patch_embed.grid_size, => side = math.isqrt(pos.shape[1] - 1); old, grid = (side, side),

# wrong: width before height
# > image_size is (height, width). You pass it on in the wrong order.
# ~ {"image_size": image_size} => {"image_size": image_size[::-1]}

# wrong: the new images are assumed to be square
# > Your model fits square images only. image_size is (height, width), and the two may differ.
# ~ {"image_size": image_size} => {"image_size": image_size[0]}
# wrong: the new images are assumed to be square
# ~ {"image_size": image_size} => {"image_size": (image_size[1], image_size[1])}
# wrong: the new images are assumed to be square
# ~ (pos, old, grid) => (pos, old, (math.isqrt(new.patch_embed.num_patches),) * 2)

# wrong: what the model keeps of its size is old
# > The new model's patch_embed must know the new image_size, grid_size and num_patches.
def at_size(model, image_size):
    new = copy.deepcopy(model)
    old, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    grid = image_size[0] // p, image_size[1] // p
    pos = resize_positions(model.positions.pos_embed.detach(), old, grid)
    new.positions.pos_embed = nn.Parameter(pos.clone())
    new.patch_embed.image_size = tuple(image_size)
    return new.eval()
# wrong: what the model keeps of its size is old
def at_size(model, image_size):
    new = copy.deepcopy(model)
    old, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    grid = image_size[0] // p, image_size[1] // p
    pos = resize_positions(model.positions.pos_embed.detach(), old, grid)
    new.positions.pos_embed = nn.Parameter(pos.clone())
    return new.eval()

# wrong: pixels for patches
# > resize_positions wants grids, in patches: pixels divided by patch_size.
# ~ (pos, old, grid) => (pos, model.patch_embed.image_size, image_size)

# wrong: the positions are not resized
# > The new grid has a different number of places, so the old table does not fit. resize_positions
# > stretches it.
# ~ resize_positions(pos, old, grid) => pos

# wrong: resized only if their number differs
# > 2 x 8 places are as many as 4 x 4, but they are elsewhere. Compare the grids, or resize in any
# > case.
# ~ = resize_positions(pos, old, grid) => = resize_positions(pos, old, grid) if math.prod(old) != math.prod(grid) else pos

# wrong: the positions are cut off
# > You take the first positions of the old table. They belong to other places.
# ~ resize_positions(pos, old, grid) => pos[:, : 1 + grid[0] * grid[1]]

# wrong: the positions are repeated
# > You start again at the first position when the table ends.
# ~ resize_positions(pos, old, grid) => torch.cat([pos[:, :1], pos[:, 1 + torch.arange(grid[0] * grid[1]) % (old[0] * old[1])]], 1)

# wrong: random positions
# > The new model still has the positions it was made with. There is no error: that is what
# > strict=False does, and why to avoid it.
# ~ state["positions.pos_embed"] = resize_positions(pos, old, grid) => state.pop("positions.pos_embed")
# ~ load_state_dict(state) => load_state_dict(state, strict=False)

# wrong: what does not fit is left out
# > Positions that do not fit stay random in the new model, and those that fit by chance belong to
# > other places. Resize them in any case.
# ~ state["positions.pos_embed"] = resize_positions(pos, old, grid) => state = {n: t for n, t in state.items() if t.shape == new.state_dict()[n].shape}
# ~ load_state_dict(state) => load_state_dict(state, strict=False)

# wrong: all positions are zero
# > The model has lost where each patch was. Resize the old ones.
# ~ resize_positions(pos, old, grid) => torch.zeros_like(new.positions.pos_embed)

# wrong: only the positions are copied
# > The new model has random weights everywhere else.
# ~ state["positions.pos_embed"] = resize_positions(pos, old, grid) => state = {"positions.pos_embed": resize_positions(pos, old, grid)}
# ~ load_state_dict(state) => load_state_dict(state, strict=False)

# wrong: nothing is copied
# > The new model has the right size and random weights.
# ~ new.load_state_dict(state) =>

# wrong: the head is not copied
# > The new model has a random head. It has to answer the same question: copy the head, too.
# ~ load_state_dict(state) => load_state_dict({n: t for n, t in state.items() if not n.startswith("head.")}, strict=False)

# wrong: only the encoder is copied
# > Patches, class token, positions and head are random in the new model.
# ~ new.load_state_dict(state) => new.encoder.load_state_dict(model.encoder.state_dict())

# wrong: the old model is changed
# > You give the old model another size and return it. Return a new one: VisionTransformer(...), or
# > copy.deepcopy.
def at_size(model, image_size):
    old, p = model.patch_embed.grid_size, model.patch_embed.patch_size
    grid = image_size[0] // p, image_size[1] // p
    pos = resize_positions(model.positions.pos_embed.detach(), old, grid)
    model.positions.pos_embed = nn.Parameter(pos)
    model.patch_embed.image_size = tuple(image_size)
    model.patch_embed.grid_size = grid
    return model.eval()
# wrong: the old model is changed
# > You return the old model itself when the size is the same. Return a new one.
# ~ return new.eval() => return model.eval() if grid == old else new.eval()

# wrong: tensors are shared
# > The two models have tensors in common: training the new one would change the old one. Copy
# > (load_state_dict copies; with assign=True, or a Parameter around an old tensor, nothing is
# > copied).
# ~ load_state_dict(state) => load_state_dict(state, assign=True)
# wrong: tensors are shared
# ~ new.load_state_dict(state) => new.load_state_dict(state); new.encoder, new.head = model.encoder, model.head
# wrong: tensors are shared
# ~ new.load_state_dict(state) => new.load_state_dict(state); new.positions.pos_embed = nn.Parameter(state["positions.pos_embed"])

# wrong: left in training mode
# > A new module is in training mode, with dropout: `.eval()`.
# ~ return new.eval() => return new
# wrong: left in training mode
# > The new model copies the mode of the old one. It should be in evaluation mode: `.eval()`.
# ~ new.eval() => new.train(model.training)

# wrong: the other model is put in evaluation mode
# > The new model should be in evaluation mode, and the old one should stay as it was.
# ~ return new.eval() => model.eval(); return new

# wrong: the old model is put in evaluation mode
# > The old model should stay as it was, its mode included: call `.eval()` on the new one.
# ~ model.state_dict() => model.eval().state_dict()

# wrong: it cannot be trained
# > The new model cannot be trained: its parameters have no gradient, or were made in
# > inference_mode.
# ~ new.eval() => new.eval().requires_grad_(False)
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

# wrong: gradients stay switched off
# > They stay off for everything that comes after. `with torch.no_grad():` ends by itself.
# ~ state = model.state_dict() => state = model.state_dict(); torch.set_grad_enabled(False)

# wrong: a state dict, not a model
# > These are the right tensors. Load them into a new VisionTransformer and return that.
# ~ return new.eval() => return state

# wrong: a different dtype
# > The old model is float32, your new one is not.
# ~ new.eval() => new.eval().double()
# wrong: a different dtype
# ~ new.eval() => new.eval().half()

# right: interpolated by hand
# > What `resize_positions` does, once more: the class token's row stays out of it.
def at_size(model, image_size):
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    pos, (rows, columns) = state["positions.pos_embed"], model.patch_embed.grid_size
    grid = rearrange(pos[:, 1:], "b (r c) d -> b d r c", r=rows)
    grid = F.interpolate(grid, new.patch_embed.grid_size, mode="bicubic", antialias=True)
    pos = torch.cat([pos[:, :1], rearrange(grid, "b d r c -> b (r c) d")], dim=1)
    state["positions.pos_embed"] = pos
    new.load_state_dict(state)
    return new.eval()

# wrong: a different filter
# > The places are right, but the filter is different. Results should agree with other people's, so
# > use the course's resize_positions: bicubic, with antialiasing.
# ~ mode="bicubic", antialias=True => mode="bilinear"
# wrong: a different filter
# ~ "bicubic" => "bilinear"
# wrong: a different filter
# ~ mode="bicubic", antialias=True => mode="nearest"
# wrong: a different filter
# ~ , antialias=True =>
# wrong: a different filter
# ~ antialias=True => align_corners=True
# wrong: a different filter
# ~ mode="bicubic", antialias=True => mode="bilinear", align_corners=True

# right: every argument written out
# > Nothing but more typing; a new argument of the model would be forgotten here.
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
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.eval()

# wrong: dropout is lost
# > The new model has dropout 0. Evaluation does not show it, training does. Pass on all of
# > model.config.
# ~ dropout=c["dropout"], =>

# wrong: the number of heads is lost
# > No shape depends on num_heads, so there is no error, but the scores are wrong. Pass on all of
# > model.config.
# ~ num_heads=c["num_heads"], =>
# wrong: the number of heads is lost
# ~ num_heads=c["num_heads"], =>
# ~ dropout=c["dropout"], =>

# wrong: the number of classes is lost
# > The new model has 1000 classes, the default. Pass on all of model.config.
# ~ num_classes=c["num_classes"], =>

# wrong: the number of channels is lost
# > The new model takes images with 3 channels, the default. Pass on all of model.config.
# ~ in_channels=c["in_channels"], =>
