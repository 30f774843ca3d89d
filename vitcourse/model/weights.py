"""Chapter 9: the same numbers in torchvision's, timm's and our files.

The three build the same network and differ only in names, so moving weights between them takes a
table of names. Nothing here unpickles: state dicts come from the caller, files are safetensors.
"""

import json
import math
import os
import re
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from vitcourse.files import written_whole
from vitcourse.model.patches import count_patches, size_pair
from vitcourse.model.vit import VARIANTS, VisionTransformer

# How names begin: ours, timm's, torchvision's. A final "." or "_" is followed by weight and bias.
OURS, TIMM, TORCHVISION = range(3)
BLOCK = ("encoder.blocks.{}.", "blocks.{}.", "encoder.layers.encoder_layer_{}.")
IN_BLOCK = (
    ("norm1.", "norm1.", "ln_1."),
    ("attn.qkv.", "attn.qkv.", "self_attention.in_proj_"),
    ("attn.proj.", "attn.proj.", "self_attention.out_proj."),
    ("norm2.", "norm2.", "ln_2."),
    ("mlp.fc1.", "mlp.fc1.", "mlp.0."),
    ("mlp.fc2.", "mlp.fc2.", "mlp.3."),
)
OUTSIDE = (
    ("class_token.cls_token", "cls_token", "class_token"),
    ("positions.pos_embed", "pos_embed", "encoder.pos_embedding"),
    ("patch_embed.proj.", "patch_embed.proj.", "conv_proj."),
    ("encoder.norm.", "norm.", "encoder.ln."),
    ("head.", "head.", "heads.head."),
)
# Only models that were pre-trained with a hidden layer in the head have it; timm until 2022.
PRE_LOGITS = ("pre_logits.0.", "pre_logits.fc.", "heads.pre_logits.")
BUNDLED = Path(__file__).parents[1] / "weights" / "bundled.safetensors"
DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def from_timm(
    state_dict: dict[str, torch.Tensor],
    *,
    num_heads: int | None = None,
    image_size: int | tuple[int, int] | None = None,
    copy: bool = True,
) -> VisionTransformer:
    """A model with the weights of a timm ViT, `timm.create_model(...).state_dict()`.

    Sizes are read from the shapes. Three things no shape tells: num_heads (that of `VARIANTS`
    with this embed_dim unless given), image_size (a square unless given), and the activation,
    which is assumed to be the exact GELU: weights trained with another one load without an error
    and answer wrongly. Weights are copied, or with copy=False used as they are, even if they are
    in a memory-mapped file; they keep their device and their dtype, which all must share. The
    model is in training mode, like any new one.

    Raises ValueError, naming the first few tensors, if some are missing, unexpected, misshapen,
    not of a floating dtype, or hold NaN or infinity.
    """
    return _from(TIMM, _as_dict(state_dict), num_heads, image_size, copy)


def from_torchvision(
    state_dict: dict[str, torch.Tensor],
    *,
    num_heads: int | None = None,
    image_size: int | tuple[int, int] | None = None,
    copy: bool = True,
) -> VisionTransformer:
    """A model with the weights of a torchvision ViT, `vit_b_16(...).state_dict()` or another size.

    Takes what `ViT_B_16_Weights.DEFAULT.get_state_dict()` returns, too: the published files are
    from the time when the MLP's layers were called linear_1 and linear_2. Arguments, rules and
    errors as in `from_timm`.
    """
    today = {
        name.replace(".mlp.linear_1.", ".mlp.0.").replace(".mlp.linear_2.", ".mlp.3."): tensor
        for name, tensor in _as_dict(state_dict).items()
    }
    return _from(TORCHVISION, today, num_heads, image_size, copy)


def to_timm(model: VisionTransformer) -> dict[str, torch.Tensor]:
    """The model's state dict under timm's names; the tensors are the model's own."""
    return _rename(model.state_dict(), OURS, TIMM)


def to_torchvision(model: VisionTransformer) -> dict[str, torch.Tensor]:
    """The model's state dict under torchvision's names; the tensors are the model's own."""
    return _rename(model.state_dict(), OURS, TORCHVISION)


def save(model: VisionTransformer, path: str | Path, metadata: dict | None = None) -> None:
    """Write weights, config and `metadata` (a dict that JSON can hold) as one safetensors file.

    Where weights and model.config disagree, the weights count: a model with a new head is saved as
    what it is. The file appears whole or not at all: written beside `path`, then moved.

    Raises ValueError if `load` would refuse the file, or metadata is not such a dict.
    """
    if not isinstance(model, VisionTransformer):
        raise ValueError(f"model must be a VisionTransformer, got {type(model).__name__}")
    path = Path(path)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    known = {key: value for key, value in model.config.items() if key != "representation_size"}
    config = known | _sizes(_shapes(state), OURS)
    _empty_model(config, _shapes(state), OURS)
    _check_values(state)
    header = {"config": json.dumps(config), "metadata": _to_json(metadata or {}), "format": "pt"}
    with written_whole(path) as beside:  # not by save_file, whose files are private
        beside.write_bytes(to_bytes(state, header))


def load(path: str | Path) -> VisionTransformer:
    """The model in a file that `save` wrote, on the CPU, in the dtype that it was saved in.

    The model is in training mode, like any new one: call `load(path).eval()` to predict.

    Nothing in the file is trusted. Its config must agree with the shapes of its tensors before
    anything is built, so that a small file cannot ask for a huge model. Raises ValueError, naming
    the path and what is wrong with the file; OSError if it cannot be opened.
    """
    try:
        with safe_open(path, framework="pt") as file:
            shapes = _file_shapes(file)
            config = _trusted(_from_json(file, "config"), _sizes(shapes, OURS))
            model = _empty_model(config, shapes, OURS)
            return _fill(model, {name: file.get_tensor(name) for name in shapes}, OURS)
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"cannot load {os.fspath(path)}: {error}") from error


def read_metadata(path: str | Path) -> dict:
    """The `metadata` that was given to `save`. Reads no weights; errors as in `load`."""
    try:
        with safe_open(path, framework="pt") as file:
            return _from_json(file, "metadata")
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"cannot load {os.fspath(path)}: {error}") from error


def bundled() -> VisionTransformer:
    """The model that comes with the course, trained on scenes, in evaluation mode.

    Its two questions share the logits (B, 8 + number of cells): first "what", then "where".
    Its scenes are `scenes(n, seed, **bundled_layout())`; `vitcourse train --recipe bundled` makes
    it again.
    """
    return load(BUNDLED).eval()


def bundled_layout() -> dict[str, int]:
    """The scenes that the bundled model was trained on: arguments for `scenes`."""
    return read_metadata(BUNDLED)["layout"]


# From names and shapes to a model. Everything before `_fill` looks at names and shapes only.


def _from(layout, state_dict, num_heads, image_size, copy) -> VisionTransformer:
    state = _rename(state_dict, layout, OURS)
    shapes = _shapes(state)
    sizes = _sizes(shapes, layout)
    num_heads = _usual_heads(sizes["embed_dim"]) if num_heads is None else num_heads
    image_size = _square(shapes, sizes["patch_size"]) if image_size is None else image_size
    config = {"image_size": image_size, **sizes, "num_heads": num_heads, "dropout": 0.0}
    return _fill(_empty_model(config, shapes, layout), state, layout, copy)


def _names(layout: int, depth: int, hidden: bool) -> list[str]:
    """All tensor names of a model with `depth` blocks, in the same order in every layout.

    `hidden`: does its head have a hidden layer?
    """
    begins = [row[layout] for row in (*OUTSIDE, *([PRE_LOGITS] if hidden else []))]
    begins += [BLOCK[layout].format(i) + row[layout] for i in range(depth) for row in IN_BLOCK]
    return [
        begin + end
        for begin in begins
        for end in (("weight", "bias") if begin.endswith((".", "_")) else ("",))
    ]


def _hidden(names, layout: int) -> bool:
    return any(name.startswith(PRE_LOGITS[layout]) for name in names)


def _depth(names, layout: int) -> int:
    """How many blocks the names mention. Counted, since the largest number may be false."""
    pattern = re.compile(re.escape(BLOCK[layout]).replace(r"\{\}", "([0-9]+)"))
    blocks = {found[1] for found in map(pattern.match, names) if found}
    return max(1, len(blocks))


def _rename(tensors: dict, source: int, target: int) -> dict:
    """The same tensors (or shapes) under other names; ValueError unless all are there, no more."""
    depth, hidden = _depth(tensors, source), _hidden(tensors, source)
    names = dict(zip(_names(source, depth, hidden), _names(target, depth, hidden), strict=True))
    missing = [name for name in names if name not in tensors]
    unexpected = [name for name in tensors if name not in names]
    if missing or unexpected:
        raise ValueError(
            f"the tensors are not those of a ViT with {depth} blocks: "
            f"missing {_few(missing)}; unexpected {_few(unexpected)}"
        )
    return {names[name]: tensors[name] for name in names}


def _sizes(shapes: dict[str, tuple], layout: int) -> dict[str, int]:
    """What the shapes tell of the config; no representation_size means that there is none."""
    shapes = _rename(shapes, OURS, OURS)
    depth, hidden = _depth(shapes, OURS), _hidden(shapes, OURS)
    labels = dict(zip(_names(OURS, depth, hidden), _names(layout, depth, hidden), strict=True))
    dims = {"patch_embed.proj.weight": 4, "encoder.blocks.0.mlp.fc1.weight": 2, "head.weight": 2}
    dims |= {"pre_logits.0.weight": 2} if hidden else {}
    for name, ndim in (dims | {"positions.pos_embed": 3}).items():
        if len(shapes[name]) != ndim:
            raise ValueError(f"{labels[name]} must be {ndim}-D, got shape {shapes[name]}")
    embed_dim, in_channels, patch_size, _ = shapes["patch_embed.proj.weight"]
    sizes = {
        "patch_size": patch_size,
        "in_channels": in_channels,
        "num_classes": shapes["head.weight"][0],
        "embed_dim": embed_dim,
        "depth": depth,
        "mlp_dim": shapes["encoder.blocks.0.mlp.fc1.weight"][0],
    }
    if hidden:
        sizes["representation_size"] = shapes["pre_logits.0.weight"][0]
    return sizes


def _usual_heads(embed_dim: int) -> int:
    for variant in VARIANTS.values():
        if variant["embed_dim"] == embed_dim:
            return variant["num_heads"]
    raise ValueError(f"no usual ViT has embed_dim={embed_dim}: pass num_heads=...")


def _square(shapes: dict[str, tuple], patch_size: int) -> int:
    num_patches = shapes["positions.pos_embed"][1] - 1
    side = math.isqrt(max(num_patches, 0))
    if side == 0 or side**2 != num_patches:
        raise ValueError(
            f"{num_patches} positions are not a square: pass image_size=(height, width)"
        )
    return side * patch_size


def _empty_model(config: dict, shapes: dict[str, tuple], layout: int) -> VisionTransformer:
    """The model without memory behind its weights; ValueError where the shapes do not fit it."""
    num_patches = count_patches(*size_pair(config["image_size"]), config["patch_size"])
    if shapes["positions.pos_embed"][1] != num_patches + 1:
        raise ValueError(
            f"image_size={config['image_size']!r} and patch_size={config['patch_size']} need "
            f"{num_patches + 1} positions, got {shapes['positions.pos_embed'][1]}"
        )
    with torch.device("meta"):
        model = VisionTransformer(**config)
    theirs = _rename(shapes, OURS, layout)
    right = _rename(_shapes(model.state_dict()), OURS, layout)
    wrong = [
        f"{name} {shape} instead of {right[name]}"
        for name, shape in theirs.items()
        if shape != right[name]
    ]
    if wrong:
        raise ValueError(f"misshapen: {_few(wrong)}")
    return model


def _fill(
    model: VisionTransformer, state: dict[str, torch.Tensor], layout: int, copy: bool = True
) -> VisionTransformer:
    """The model with `state`, or its own copy of it, after a check of the values."""
    _check_values(_rename(state, OURS, layout))
    tensors = {name: tensor.detach() for name, tensor in state.items()}
    if copy:
        tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    model.load_state_dict(tensors, assign=True)
    return model


def _check_values(state: dict[str, torch.Tensor]) -> None:
    dtypes = {tensor.dtype for tensor in state.values()}
    if len(dtypes) > 1 or not dtypes <= set(DTYPES.values()):
        found = ", ".join(sorted(map(str, dtypes)))
        raise ValueError(f"weights must share one of float16, bfloat16, float32, 64; got {found}")
    # Weights on the meta device have shapes but no values, and there is nothing to check.
    bad = [name for name, t in state.items() if not (t.is_meta or t.isfinite().all())]
    if bad:
        raise ValueError(f"NaN or infinity in {_few(bad)}")


def _as_dict(state_dict: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    if not isinstance(state_dict, dict):
        raise ValueError(
            f"state_dict must be a dict of names and tensors, got {type(state_dict).__name__}; "
            f"for a model, pass model.state_dict()"
        )
    for name, tensor in state_dict.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise ValueError(f"state_dict[{name!r}] must be a tensor, got {type(tensor).__name__}")
    return state_dict


def _shapes(state: dict[str, torch.Tensor]) -> dict[str, tuple]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def _few(items: list[str], most: int = 3) -> str:
    rest = f" and {len(items) - most} more" if len(items) > most else ""
    return (", ".join(items[:most]) or "none") + rest


# Files.


def _file_shapes(file) -> dict[str, tuple]:
    """The shapes of the tensors in a file, from its header alone."""
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
    for name, tensor in slices.items():
        if tensor.get_dtype() not in DTYPES:
            raise ValueError(f"{name} must be one of {', '.join(DTYPES)}, got {tensor.get_dtype()}")
    return {name: tuple(tensor.get_shape()) for name, tensor in slices.items()}


def _to_json(metadata: dict) -> str:
    if not isinstance(metadata, dict):
        raise ValueError(f"metadata must be a dict, got {type(metadata).__name__}")
    try:
        return json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"metadata must be what JSON can hold: {error}") from error


def _from_json(file, key: str) -> dict:
    header = file.metadata() or {}
    if key not in header:
        raise ValueError(f"its header has no {key}; was it written by vitcourse?")
    try:
        value = json.loads(header[key])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {key} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"its {key} must be a JSON object, got {type(value).__name__}")
    return value


def _trusted(config: dict, sizes: dict[str, int]) -> dict:
    """The config, after a check that it agrees with the tensors' shapes."""
    expected = {"image_size", "num_heads", "dropout", *sizes}
    if set(config) != expected:
        raise ValueError(f"its config must have {sorted(expected)}, got {_few(sorted(config), 9)}")
    for key, size in sizes.items():
        if type(config[key]) is not int or config[key] != size:
            raise ValueError(f"its config says {key}={config[key]!r}, its tensors say {size}")
    dropout, size = config["dropout"], config["image_size"]
    if type(dropout) not in (int, float) or not 0 <= dropout <= 1:
        raise ValueError(f"dropout must be a number from 0 to 1, got {dropout!r}")
    return config | {"image_size": tuple(size) if isinstance(size, list) else size}
