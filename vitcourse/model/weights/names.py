"""One network, three sets of names: ours, timm's, torchvision's. Names and shapes only, no values.

The three build the same network, so moving weights between them takes a table of names.
"""

import math
import re

import torch

from vitcourse.model.distilled import DistilledVisionTransformer
from vitcourse.model.encoder import LAYER_NORM_EPS
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
)
# What not every model has: no head in DINO; a hidden layer in the head only where models were
# pre-trained with one (timm until 2022); a distillation token and its head in DeiT.
OPTIONAL = {
    "head": (("head.", "head.", "heads.head."),),
    "hidden": (("pre_logits.0.", "pre_logits.fc.", "heads.pre_logits."),),
    "distilled": (("dist_token",) * 3, ("head_dist.",) * 3),
}


def all_names(layout: int, depth: int, parts: tuple[str, ...]) -> list[str]:
    """All tensor names of a model with `depth` blocks, in the same order in every layout.

    `parts` says which of the OPTIONAL it has.
    """
    begins = [row[layout] for row in OUTSIDE]
    begins += [row[layout] for part in parts for row in OPTIONAL[part]]
    begins += [BLOCK[layout].format(i) + row[layout] for i in range(depth) for row in IN_BLOCK]
    return [
        begin + end
        for begin in begins
        for end in (("weight", "bias") if begin.endswith((".", "_")) else ("",))
    ]


def parts_of(names, layout: int) -> tuple[str, ...]:
    """Which of the OPTIONAL the names mention."""
    begins = {part: tuple(row[layout] for row in rows) for part, rows in OPTIONAL.items()}
    return tuple(part for part in OPTIONAL if any(n.startswith(begins[part]) for n in names))


def depth_of(names, layout: int) -> int:
    """How many blocks the names mention. Counted, since the largest number may be false."""
    pattern = re.compile(re.escape(BLOCK[layout]).replace(r"\{\}", "([0-9]+)"))
    blocks = {found[1] for found in map(pattern.match, names) if found}
    return max(1, len(blocks))


def rename(tensors: dict, source: int, target: int) -> dict:
    """The same tensors (or shapes) under other names; ValueError unless all are there, no more."""
    depth, parts = depth_of(tensors, source), parts_of(tensors, source)
    names = dict(zip(all_names(source, depth, parts), all_names(target, depth, parts), strict=True))
    missing = [name for name in names if name not in tensors]
    unexpected = [name for name in tensors if name not in names]
    if missing or unexpected:
        raise ValueError(
            f"the tensors are not those of a ViT with {depth} blocks: "
            f"missing {few(missing)}; unexpected {few(unexpected)}{_whose(tensors, source)}"
        )
    return {names[name]: tensors[name] for name in names}


# By what one knows the names that other people use, and what to do with them.
SIGNS = (
    (r"embeddings\.cls_token$", "these are Hugging Face's names: from_huggingface reads them"),
    (
        r"(^|\.)(resblocks|class_embedding)(\.|$)",
        "these are names of CLIP, which is another network: it has one more norm, and in OpenAI's "
        "models another activation",
    ),
    (r"^norm_pre\.", "norm_pre is CLIP's, which is another network"),
    (
        r"^fc_norm\.",
        "with fc_norm a model answers from the mean of its patches; ours does from its class token",
    ),
    (r"relative_position|rel_pos", "ours has no relative positions"),
    (r"\.attn\.[qk]_norm\.", "ours has no QK-norm"),
)
READERS = {
    TIMM: (r"^conv_proj\.", "these are torchvision's names: from_torchvision reads them"),
    TORCHVISION: (r"^cls_token$", "these are timm's names: from_timm reads them"),
}


def _whose(names, source: int) -> str:
    """What is known of these names, in brackets, or nothing."""
    signs = [*SIGNS, READERS[source]] if source in READERS else []
    for pattern, says in signs:
        if any(re.search(pattern, name) for name in names):
            return f" ({says})"
    return ""


def sizes_of(shapes: dict[str, tuple], layout: int) -> dict[str, int]:
    """What the shapes tell of the config; no representation_size means that there is none."""
    shapes = rename(shapes, OURS, OURS)
    depth, parts = depth_of(shapes, OURS), parts_of(shapes, OURS)
    labels = dict(zip(all_names(OURS, depth, parts), all_names(layout, depth, parts), strict=True))
    dims = {"patch_embed.proj.weight": 4, "encoder.blocks.0.mlp.fc1.weight": 2}
    dims |= {"head.weight": 2} if "head" in parts else {}
    dims |= {"pre_logits.0.weight": 2} if "hidden" in parts else {}
    for name, ndim in (dims | {"positions.pos_embed": 3}).items():
        if len(shapes[name]) != ndim:
            raise ValueError(f"{labels[name]} must be {ndim}-D, got shape {shapes[name]}")
    embed_dim, in_channels, patch_size, _ = shapes["patch_embed.proj.weight"]
    sizes = {
        "patch_size": patch_size,
        "in_channels": in_channels,
        "num_classes": shapes["head.weight"][0] if "head" in parts else 0,
        "embed_dim": embed_dim,
        "depth": depth,
        "mlp_dim": shapes["encoder.blocks.0.mlp.fc1.weight"][0],
    }
    if "hidden" in parts:
        sizes["representation_size"] = shapes["pre_logits.0.weight"][0]
    return sizes


def prefix_of(shapes: dict[str, tuple]) -> int:
    """How many tokens have a place in the table of positions but none in the image."""
    return 2 if "distilled" in parts_of(shapes, OURS) else 1


def usual_heads(embed_dim: int) -> int:
    for variant in VARIANTS.values():
        if variant["embed_dim"] == embed_dim:
            return variant["num_heads"]
    raise ValueError(f"no usual ViT has embed_dim={embed_dim}: pass num_heads=...")


def square_of(num_positions: int, prefix: int, patch_size: int) -> int:
    """The side in pixels of the square image that has so many positions, `prefix` of them of
    tokens that are no patches."""
    side = math.isqrt(max(num_positions - prefix, 0))
    if side > 0 and side**2 == num_positions - prefix:
        return side * patch_size
    whole = math.isqrt(num_positions)
    square = f", {whole * patch_size} if these are {whole} x {whole} patches and the class token "
    raise ValueError(
        f"{num_positions} positions are not a square and {prefix} more: pass image_size, "
        f"(height, width){square + 'has no place' if whole**2 == num_positions else ''}"
    )


def empty_model(config: dict, shapes: dict[str, tuple], layout: int) -> VisionTransformer:
    """The model without memory behind its weights; ValueError where the shapes do not fit it.

    `config` may have a norm_eps beside the model's arguments.
    """
    arguments = {key: value for key, value in config.items() if key != "norm_eps"}
    num_patches = count_patches(*size_pair(config["image_size"]), config["patch_size"])
    needed = num_patches + prefix_of(shapes)
    if shapes["positions.pos_embed"][1] != needed:
        raise ValueError(
            f"image_size={config['image_size']!r} and patch_size={config['patch_size']} need "
            f"{needed} positions, got {shapes['positions.pos_embed'][1]}"
        )
    distilled = "distilled" in parts_of(shapes, OURS)
    kind = DistilledVisionTransformer if distilled else VisionTransformer
    with torch.device("meta"):
        model = kind(**arguments)
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.eps = config.get("norm_eps", LAYER_NORM_EPS)
    theirs = rename(shapes, OURS, layout)
    require_same(theirs, rename(shapes_of(model.state_dict()), OURS, layout))
    return model


def require_same(theirs: dict[str, tuple], right: dict[str, tuple]) -> None:
    """Raise ValueError, naming the first few, for shapes that are not the right ones."""
    wrong = [
        f"{name} {shape} instead of {right[name]}"
        for name, shape in theirs.items()
        if shape != right[name]
    ]
    if wrong:
        raise ValueError(f"misshapen: {few(wrong)}")


def shapes_of(state: dict[str, torch.Tensor]) -> dict[str, tuple]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def few(items: list[str], most: int = 3) -> str:
    rest = f" and {len(items) - most} more" if len(items) > most else ""
    return (", ".join(items[:most]) or "none") + rest
