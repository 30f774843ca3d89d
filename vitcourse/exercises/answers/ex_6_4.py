# right: pairs and replace
PAIRS = [
    ("class_token", "class_token.cls_token"),
    ("conv_proj.", "patch_embed.proj."),
    ("encoder.pos_embedding", "positions.pos_embed"),
    ("encoder.layers.encoder_layer_", "encoder.blocks."),
    ("ln_1.", "norm1."),
    ("ln_2.", "norm2."),
    ("self_attention.in_proj_", "attn.qkv."),
    ("self_attention.out_proj.", "attn.proj."),
    ("mlp.linear_1.", "mlp.fc1."),
    ("mlp.linear_2.", "mlp.fc2."),
    ("mlp.0.", "mlp.fc1."),
    ("mlp.3.", "mlp.fc2."),
    ("encoder.ln.", "encoder.norm."),
    ("heads.head.", "head."),
]

def rename_torchvision(state_dict, model):
    renamed = {}
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        renamed[name] = tensor
    return renamed

# wrong: the names are still torchvision's
# > The tensors came back under their old names. Give each the name it has in `model`.
# ~ name = name.replace(theirs, ours) => name.replace(theirs, ours)

# wrong: the old names are still there, too
# > Return a new dict with the new names only, or `load_state_dict` will complain.
# ~ renamed = {} => renamed = dict(state_dict)

# wrong: the model's own weights
# > You returned the numbers that the model already has. Take torchvision's.
# ~ renamed[name] = tensor => renamed[name] = model.state_dict()[name]

# wrong: the model is already loaded here
# > The model has changed. Only return the dict: the caller decides what to load, and when.
# ~ return renamed => model.load_state_dict(renamed); return renamed

# wrong: q, k and v in another order
# > torchvision stores q, k and v one below the other: rows 0 to D are q, then k, then v. Look at how
# > your own attention cuts them apart.
# ~ renamed[name] = tensor => renamed[name] = torch.cat([tensor.chunk(3)[i] for i in (1, 0, 2)]) if "qkv" in name else tensor
# wrong: q, k and v in another order
# ~ renamed[name] = tensor => renamed[name] = torch.cat([tensor.chunk(3)[i] for i in (2, 1, 0)]) if "qkv" in name else tensor
# wrong: q, k and v in another order
# ~ renamed[name] = tensor => renamed[name] = torch.cat([tensor.chunk(3)[i] for i in (0, 2, 1)]) if "qkv" in name else tensor
# wrong: q, k and v in another order
# ~ renamed[name] = tensor => renamed[name] = torch.cat([tensor.chunk(3)[i] for i in (1, 2, 0)]) if "qkv" in name else tensor
# wrong: q, k and v in another order
# ~ renamed[name] = tensor => renamed[name] = torch.cat([tensor.chunk(3)[i] for i in (2, 0, 1)]) if "qkv" in name else tensor

# wrong: q, k and v sorted by heads
# > torchvision stores q, k and v one below the other: rows 0 to D are q, then k, then v. Look at how
# > your own attention cuts them apart.
# ~ renamed[name] = tensor => renamed[name] = tensor.unflatten(0, (3, 3, -1)).transpose(0, 1).flatten(0, 2) if "qkv" in name else tensor
# wrong: q, k and v sorted by heads
# ~ renamed[name] = tensor => renamed[name] = tensor.unflatten(0, (3, model.encoder.blocks[0].attn.num_heads, -1)).transpose(0, 1).flatten(0, 2) if "qkv" in name else tensor
# wrong: q, k and v sorted by heads
# ~ renamed[name] = tensor => renamed[name] = tensor.unflatten(0, (model.encoder.blocks[0].attn.num_heads, 3, -1)).transpose(0, 1).flatten(0, 2) if "qkv" in name else tensor
# wrong: q, k and v sorted by heads
# ~ renamed[name] = tensor => renamed[name] = tensor.unflatten(0, (3, -1)).transpose(0, 1).flatten(0, 1) if "qkv" in name else tensor

# wrong: the numbers lose precision
# > The logits are nearly right, as after `half()` or `bfloat16()`: leave the numbers as they are.
# ~ renamed[name] = tensor => renamed[name] = tensor.half()
# wrong: the numbers lose precision
# ~ renamed[name] = tensor => renamed[name] = tensor.bfloat16()

# wrong: the model's mode is changed
# > `model` should stay as it was, in training mode too: leave out `model.eval()` and `model.train()`.
# ~ renamed = {} => renamed = {}; model.eval()
# wrong: the model's mode is changed
# ~ renamed = {} => renamed = {}; model.train()

# wrong: a weight is transposed
# > Both sides store a Linear weight as (out, in): no transpose is needed anywhere.
# ~ renamed[name] = tensor => renamed[name] = tensor.mT if name.endswith("attn.proj.weight") else tensor
# wrong: a weight is transposed
# ~ renamed[name] = tensor => renamed[name] = torch.cat([part.mT for part in tensor.chunk(3)]) if name.endswith("qkv.weight") else tensor
# wrong: a weight is transposed
# ~ renamed[name] = tensor => renamed[name] = tensor.mT if name.endswith("qkv.weight") else tensor
# wrong: a weight is transposed
# ~ renamed[name] = tensor => renamed[name] = tensor.mT if tensor.ndim == 2 else tensor
# wrong: a weight is transposed
# ~ renamed[name] = tensor => renamed[name] = tensor.mT.reshape(tensor.shape) if tensor.ndim == 2 else tensor
# wrong: a weight is transposed
# ~ renamed[name] = tensor => renamed[name] = tensor.mT.reshape(tensor.shape) if name.endswith(("fc1.weight", "fc2.weight")) else tensor

# wrong: the kernel's axes are swapped
# > The kernel of a convolution is (D, C, P, P), and your patches are channel, row, column: it needs
# > a reshape at most.
# ~ renamed[name] = tensor => renamed[name] = tensor.mT if tensor.ndim == 4 else tensor
# wrong: the kernel's axes are swapped
# ~ renamed[name] = tensor => renamed[name] = tensor.permute(0, 2, 3, 1).reshape(tensor.shape) if tensor.ndim == 4 else tensor

# wrong: the norms are swapped
# > `ln_1` comes before attention and `ln_2` before the MLP.
# ~ ("ln_1.", "norm1.") => ("ln_1.", "norm2.")
# ~ ("ln_2.", "norm2.") => ("ln_2.", "norm1.")

# wrong: the positions are shifted
# > The first position is the class token's on both sides: leave the order as it is.
# ~ renamed[name] = tensor => renamed[name] = tensor.roll(-1, 1) if "pos_embed" in name else tensor
# wrong: the positions are shifted
# ~ renamed[name] = tensor => renamed[name] = tensor.roll(1, 1) if "pos_embed" in name else tensor

# wrong: the positions are reshaped
# > The positions are (1, N + 1, D) on both sides: leave them as they are.
# ~ renamed[name] = tensor => renamed[name] = tensor.mT.reshape(tensor.shape) if "pos_embed" in name else tensor

# wrong: the old names are not understood
# > Files from before 2022 say `mlp.linear_1` and `mlp.linear_2` where today's modules say `mlp.0`
# > and `mlp.3`. Accept both: the published files use the old names.
# ~ ("mlp.linear_1.", "mlp.fc1."), =>
# ~ ("mlp.linear_2.", "mlp.fc2."), =>

# right: a table for each block
# > Every name is written down once, so nothing is replaced by accident; a forgotten name is missing
# > at once.
def rename_torchvision(state_dict, model):
    old = {name.replace("linear_1", "0").replace("linear_2", "3"): tensor for name, tensor in state_dict.items()}
    layers = {name.split(".")[2] for name in old if ".encoder_layer_" in name}
    new = {}
    new["class_token.cls_token"] = old["class_token"]
    new["positions.pos_embed"] = old["encoder.pos_embedding"]
    for end in ("weight", "bias"):
        new[f"patch_embed.proj.{end}"] = old[f"conv_proj.{end}"]
        for i, layer in enumerate(sorted(layers, key=lambda layer: int(layer.split("_")[-1]))):
            theirs, ours = f"encoder.layers.{layer}", f"encoder.blocks.{i}"
            new[f"{ours}.norm1.{end}"] = old[f"{theirs}.ln_1.{end}"]
            new[f"{ours}.attn.qkv.{end}"] = old[f"{theirs}.self_attention.in_proj_{end}"]
            new[f"{ours}.attn.proj.{end}"] = old[f"{theirs}.self_attention.out_proj.{end}"]
            new[f"{ours}.norm2.{end}"] = old[f"{theirs}.ln_2.{end}"]
            new[f"{ours}.mlp.fc1.{end}"] = old[f"{theirs}.mlp.0.{end}"]
            new[f"{ours}.mlp.fc2.{end}"] = old[f"{theirs}.mlp.3.{end}"]
        new[f"encoder.norm.{end}"] = old[f"encoder.ln.{end}"]
        new[f"head.{end}"] = old[f"heads.head.{end}"]
    return new

# wrong: one norm used twice
# > `ln_1` and `ln_2` are different norms, before attention and before the MLP.
# ~ old[f"{theirs}.ln_2.{end}"] => old[f"{theirs}.ln_1.{end}"]

# wrong: every block gets the weights of block 0
# > Each of torchvision's blocks has its own weights: take its number from its name.
# ~ theirs, ours = f"encoder.layers.{layer}" => theirs, ours = "encoder.layers.encoder_layer_0"

# wrong: blocks are left out
# > Blocks are missing in the result. Take all that `state_dict` holds, whatever the depth.
# ~ int(layer.split("_")[-1]))): => int(layer.split("_")[-1]))[:1]):
# wrong: blocks are left out
# ~ int(layer.split("_")[-1]))): => int(layer.split("_")[-1]))[:2]):
# wrong: blocks are left out
# ~ int(layer.split("_")[-1]))): => int(layer.split("_")[-1]))[:3]):
# wrong: blocks are left out
# ~ int(layer.split("_")[-1]))): => int(layer.split("_")[-1]))[:-1]):

# wrong: the blocks are sorted as text
# > Sorted as text, block 10 comes before block 2. Take the number out of the name.
# ~ sorted(layers, key=lambda layer: int(layer.split("_")[-1])) => sorted(layers)

# wrong: the blocks run backwards
# > torchvision's block 0 is your block 0.
# ~ int(layer.split("_")[-1]) => -int(layer.split("_")[-1])

# wrong: something is left out
# > Every tensor of torchvision's has a place in your model: follow the message above.
# ~ new["class_token.cls_token"] = old["class_token"] =>
# wrong: something is left out
# ~ new[f"head.{end}"] = old[f"heads.head.{end}"] =>
# wrong: something is left out
# ~ new[f"encoder.norm.{end}"] = old[f"encoder.ln.{end}"] =>
# wrong: something is left out
# ~ new["positions.pos_embed"] = old["encoder.pos_embedding"] =>
# wrong: something is left out
# ~ new["class_token.cls_token"] = old["class_token"] =>
# ~ new["positions.pos_embed"] = old["encoder.pos_embedding"] =>

# wrong: some weights are still the model's own
# > Every name fits, but some tensors are not torchvision's. Start from an empty dict, so that a
# > forgotten name shows.
# ~ new = {} => new = dict(model.state_dict())
# ~ new[f"encoder.norm.{end}"] = old[f"encoder.ln.{end}"] =>
# wrong: some weights are still the model's own
# ~ new = {} => new = dict(model.state_dict())
# ~ new["positions.pos_embed"] = old["encoder.pos_embedding"] =>
# wrong: some weights are still the model's own
# ~ new = {} => new = dict(model.state_dict())
# ~ new["class_token.cls_token"] = old["class_token"] =>
# wrong: some weights are still the model's own
# ~ new = {} => new = dict(model.state_dict())
# ~ new[f"head.{end}"] = old[f"heads.head.{end}"] =>

# wrong: the old names are not understood
# ~ name.replace("linear_1", "0").replace("linear_2", "3") => name
