import re
import torch
from torch import nn
from vitcourse.model import VisionTransformer

# stub: the cell as it is handed out
def rename_torchvision(state_dict, model):
    raise NotImplementedError("exercise 6.4")

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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor
    return renamed

# right: reshaped to the model's own shapes
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor.reshape(own[name].shape)
    return renamed

# right: a table for each block
def rename_torchvision(state_dict, model):
    sd = {k.replace("linear_1", "0").replace("linear_2", "3"): v for k, v in state_dict.items()}
    depth = sum(k.endswith("ln_1.weight") for k in sd)
    new = {"class_token.cls_token": sd["class_token"], "positions.pos_embed": sd["encoder.pos_embedding"]}
    for end in ("weight", "bias"):
        new[f"patch_embed.proj.{end}"] = sd[f"conv_proj.{end}"]
        new[f"encoder.norm.{end}"] = sd[f"encoder.ln.{end}"]
        new[f"head.{end}"] = sd[f"heads.head.{end}"]
        for i in range(depth):
            theirs, ours = f"encoder.layers.encoder_layer_{i}", f"encoder.blocks.{i}"
            new[f"{ours}.norm1.{end}"] = sd[f"{theirs}.ln_1.{end}"]
            new[f"{ours}.attn.qkv.{end}"] = sd[f"{theirs}.self_attention.in_proj_{end}"]
            new[f"{ours}.attn.proj.{end}"] = sd[f"{theirs}.self_attention.out_proj.{end}"]
            new[f"{ours}.norm2.{end}"] = sd[f"{theirs}.ln_2.{end}"]
            new[f"{ours}.mlp.fc1.{end}"] = sd[f"{theirs}.mlp.0.{end}"]
            new[f"{ours}.mlp.fc2.{end}"] = sd[f"{theirs}.mlp.3.{end}"]
    return new

# right: regular expressions
RULES = {
    r"^class_token$": "class_token.cls_token",
    r"^conv_proj": "patch_embed.proj",
    r"^encoder\.pos_embedding$": "positions.pos_embed",
    r"^encoder\.layers\.encoder_layer_(\d+)": r"encoder.blocks.\1",
    r"ln_([12])": r"norm\1",
    r"self_attention\.in_proj_": "attn.qkv.",
    r"self_attention\.out_proj": "attn.proj",
    r"mlp\.(0|linear_1)": "mlp.fc1",
    r"mlp\.(3|linear_2)": "mlp.fc2",
    r"^encoder\.ln": "encoder.norm",
    r"^heads\.head": "head",
}

def rename_torchvision(state_dict, model):
    def new(name):
        for pattern, by in RULES.items():
            name = re.sub(pattern, by, name)
        return name
    return {new(name): tensor.clone() for name, tensor in state_dict.items()}

# right: from the model's names to torchvision's
def rename_torchvision(state_dict, model):
    def theirs(name):
        name = name.replace("encoder.blocks.", "encoder.layers.encoder_layer_")
        for a, b in [("norm1", "ln_1"), ("norm2", "ln_2"), ("attn.qkv.", "self_attention.in_proj_"),
                     ("attn.proj", "self_attention.out_proj"), ("encoder.norm", "encoder.ln"),
                     ("patch_embed.proj", "conv_proj"), ("positions.pos_embed", "encoder.pos_embedding"),
                     ("class_token.cls_token", "class_token"), ("fc1", "0"), ("fc2", "3")]:
            name = name.replace(a, b)
        if name.startswith("head."):
            name = "heads." + name
        if name not in state_dict:
            name = name.replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2")
        return name
    return {name: state_dict[theirs(name)] for name in model.state_dict()}

# right: a model with names of its own, q, k and v apart, a Linear for the patches
from vitcourse.model import ClassToken, Encoder, PositionEmbedding, patchify
from vitcourse.model import encoder as course_encoder

class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.h = heads
        self.to_q, self.to_k, self.to_v, self.out = (nn.Linear(dim, dim) for _ in range(4))

    def forward(self, x):
        q, k, v = (f(x).unflatten(-1, (self.h, -1)).transpose(1, 2) for f in (self.to_q, self.to_k, self.to_v))
        return self.out(torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

class Block(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.a, self.m = nn.LayerNorm(dim, 1e-6), nn.LayerNorm(dim, 1e-6)
        self.attention = Attention(dim, heads)
        self.ff = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))

    def forward(self, x):
        x = x + self.attention(self.a(x))
        return x + self.ff(self.m(x))

class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.p = patch_size
        self.embed = nn.Linear(in_channels * patch_size**2, embed_dim)
        self.cls = nn.Parameter(torch.zeros(embed_dim))
        n = image_size[0] // patch_size * (image_size[1] // patch_size)
        self.pos = nn.Parameter(torch.zeros(n + 1, embed_dim))
        self.layers = nn.Sequential(*[Block(embed_dim, num_heads, mlp_dim) for _ in range(depth)], nn.LayerNorm(embed_dim, 1e-6))
        self.fc = nn.Linear(embed_dim, num_classes)

    def forward(self, images):
        x = self.embed(patchify(images, self.p))
        x = torch.cat([self.cls.expand(len(x), 1, -1), x], 1) + self.pos
        return self.fc(self.layers(x)[:, 0])

def rename_torchvision(state_dict, model):
    depth = len(model.layers) - 1
    pairs = {"class_token": "cls", "encoder.pos_embedding": "pos"}
    for e in ("weight", "bias"):
        pairs |= {f"conv_proj.{e}": f"embed.{e}", f"encoder.ln.{e}": f"layers.{depth}.{e}", f"heads.head.{e}": f"fc.{e}"}
        for i in range(depth):
            t = f"encoder.layers.encoder_layer_{i}."
            pairs |= {f"{t}ln_1.{e}": f"layers.{i}.a.{e}", f"{t}ln_2.{e}": f"layers.{i}.m.{e}"}
            pairs |= {f"{t}self_attention.out_proj.{e}": f"layers.{i}.attention.out.{e}"}
            for old, new in (("0", "0"), ("3", "2"), ("linear_1", "0"), ("linear_2", "2")):
                pairs[f"{t}mlp.{old}.{e}"] = f"layers.{i}.ff.{new}.{e}"
    own = model.state_dict()
    new = {pairs[name]: tensor.reshape(own[pairs[name]].shape) for name, tensor in state_dict.items() if name in pairs}
    for name, tensor in state_dict.items():
        if "in_proj" in name:
            i, e = int(name.split("encoder_layer_")[1].split(".")[0]), name.rpartition("_")[2]
            for letter, part in zip("qkv", tensor.chunk(3)):
                new[f"layers.{i}.attention.to_{letter}.{e}"] = part
    return new

# wrong: *
# (the old names only)
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
    ("encoder.ln.", "encoder.norm."),
    ("heads.head.", "head."),
]

def rename_torchvision(state_dict, model):
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor
    return renamed

# wrong: *
# (biases set to zero)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = torch.zeros_like(tensor) if "bias" in name else tensor
    return renamed

# wrong: *
# (half precision)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor.half()
    return renamed

# wrong: *
# (by the order in which they come)
def rename_torchvision(state_dict, model):
    return dict(zip(model.state_dict(), state_dict.values()))

# wrong: *
# (the first block only)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        if "blocks" in name and "blocks.0" not in name:
            continue
        renamed[name] = tensor
    return renamed

# wrong: *
# (empties the state dict that it was given)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in [(n, state_dict.pop(n)) for n in list(state_dict)]:
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor
    return renamed

# wrong: *
# (returns the model)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor
    return model

# wrong: it returns None
def rename_torchvision(state_dict, model):
    {name.replace("ln_", "norm"): tensor for name, tensor in state_dict.items()}

# wrong: *
# (a list of pairs)
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
    own, renamed = model.state_dict(), {}
    
    for name, tensor in state_dict.items():
        for theirs, ours in PAIRS:
            name = name.replace(theirs, ours)
        
        renamed[name] = tensor
    return list(renamed.items())

# wrong: it raised TypeError
# (takes no model)
def rename_torchvision(state_dict):
    return state_dict

# wrong: it never finishes
def rename_torchvision(state_dict, model):
    while "class_token" in state_dict:
        pass

# right: a table and a regular expression
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    wanted = model.state_dict()
    outside = [name for name in wanted if not name.startswith("encoder.blocks.")]
    patch_weight, patch_bias = [name for name in outside if name.startswith("patch_embed.")]
    head_weight, head_bias = [name for name in outside if name.startswith("head.")]
    new = {
        patch_weight: state_dict["conv_proj.weight"].reshape(wanted[patch_weight].shape),
        patch_bias: state_dict["conv_proj.bias"],
        "class_token.cls_token": state_dict["class_token"],
        "positions.pos_embed": state_dict["encoder.pos_embedding"],
        "encoder.norm.weight": state_dict["encoder.ln.weight"],
        "encoder.norm.bias": state_dict["encoder.ln.bias"],
        head_weight: state_dict["heads.head.weight"],
        head_bias: state_dict["heads.head.bias"],
    }
    inside = {
        "ln_1.": "norm1.",
        "self_attention.in_proj_": "attn.qkv.",
        "self_attention.out_proj.": "attn.proj.",
        "ln_2.": "norm2.",
        "mlp.linear_1.": "mlp.fc1.",
        "mlp.linear_2.": "mlp.fc2.",
        "mlp.0.": "mlp.fc1.",
        "mlp.3.": "mlp.fc2.",
    }
    for name, tensor in state_dict.items():
        match = re.fullmatch(r"encoder\.layers\.encoder_layer_(\d+)\.(.*)", name)
        if match:
            number, rest = match.groups()
            for theirs, mine in inside.items():
                if rest.startswith(theirs):
                    new[f"encoder.blocks.{number}.{rest.replace(theirs, mine)}"] = tensor
    return new

# right: a list of substitutions
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    rules = [
        (r"^class_token$", "class_token.cls_token"),
        (r"^conv_proj\.(weight|bias)$", r"PATCH.\1"),
        (r"^encoder\.pos_embedding$", "positions.pos_embed"),
        (r"^encoder\.ln\.", "encoder.norm."),
        (r"^heads\.head\.(weight|bias)$", r"HEAD.\1"),
        (r"^encoder\.layers\.encoder_layer_(\d+)\.", r"encoder.blocks.\1."),
        (r"\.ln_([12])\.", r".norm\1."),
        (r"\.self_attention\.in_proj_", ".attn.qkv."),
        (r"\.self_attention\.out_proj\.", ".attn.proj."),
        (r"\.mlp\.(0|linear_1)\.", ".mlp.fc1."),
        (r"\.mlp\.(3|linear_2)\.", ".mlp.fc2."),
    ]
    wanted = model.state_dict()
    renamed = {}
    for name, tensor in state_dict.items():
        for pattern, new in rules:
            name = re.sub(pattern, new, name)
        for mark, part in (("PATCH", "patch_embed."), ("HEAD", "head.")):
            if name.startswith(mark):
                kind = name.split(".")[1]
                name = next(n for n in wanted if n.startswith(part) and n.endswith(kind))
        renamed[name] = tensor.clone().view(wanted[name].shape)
    return {name: renamed[name] for name in wanted}

# right: from wanted names back to theirs
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    # from my names to theirs: ask for every name that is wanted where it is found
    def theirs(name):
        part, *rest = name.split(".")
        kind = rest[-1]
        if part == "patch_embed":
            return f"conv_proj.{kind}"
        if part == "class_token":
            return "class_token"
        if part == "positions":
            return "encoder.pos_embedding"
        if part == "head":
            return f"heads.head.{kind}"
        if rest[0] == "norm":
            return f"encoder.ln.{kind}"
        prefix = f"encoder.layers.encoder_layer_{rest[1]}."
        old = prefix + "mlp.linear_1.weight" in state_dict
        table = {
            "norm1": "ln_1.", "norm2": "ln_2.", "attn.qkv": "self_attention.in_proj_", "attn.proj": "self_attention.out_proj.",
            "mlp.fc1": "mlp.linear_1." if old else "mlp.0.", "mlp.fc2": "mlp.linear_2." if old else "mlp.3.",
        }
        return prefix + table[".".join(rest[2:-1])] + kind

    return {name: state_dict[theirs(name)].reshape(value.shape) for name, value in model.state_dict().items()}

# right: older names first made new, then the table by parts
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    source = {k.replace("mlp.linear_1", "mlp.0").replace("mlp.linear_2", "mlp.3"): v for k, v in state_dict.items()}
    wanted = {k: v.shape for k, v in model.state_dict().items()}
    result = {}

    def put(prefix, *tensors):
        names = [k for k in wanted if k == prefix or k.startswith(prefix + ".")]
        assert len(names) == len(tensors), prefix
        for k, t in zip(names, tensors):
            result[k] = t.detach().reshape(wanted[k])

    put("patch_embed", source["conv_proj.weight"], source["conv_proj.bias"])
    put("class_token", source["class_token"])
    put("positions", source["encoder.pos_embedding"])
    for i in range(len(model.encoder.blocks)):
        get = lambda *names: [source[f"encoder.layers.encoder_layer_{i}.{n}"] for n in names]
        put(f"encoder.blocks.{i}.norm1", *get("ln_1.weight", "ln_1.bias"))
        put(f"encoder.blocks.{i}.attn.qkv", *get("self_attention.in_proj_weight", "self_attention.in_proj_bias"))
        put(f"encoder.blocks.{i}.attn.proj", *get("self_attention.out_proj.weight", "self_attention.out_proj.bias"))
        put(f"encoder.blocks.{i}.norm2", *get("ln_2.weight", "ln_2.bias"))
        put(f"encoder.blocks.{i}.mlp.fc1", *get("mlp.0.weight", "mlp.0.bias"))
        put(f"encoder.blocks.{i}.mlp.fc2", *get("mlp.3.weight", "mlp.3.bias"))
    put("encoder.norm", source["encoder.ln.weight"], source["encoder.ln.bias"])
    put("head", source["heads.head.weight"], source["heads.head.bias"])
    return result

# wrong: it raised KeyError
# only the older names are understood
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    # from my names to theirs: ask for every name that is wanted where it is found
    def theirs(name):
        part, *rest = name.split(".")
        kind = rest[-1]
        if part == "patch_embed":
            return f"conv_proj.{kind}"
        if part == "class_token":
            return "class_token"
        if part == "positions":
            return "encoder.pos_embedding"
        if part == "head":
            return f"heads.head.{kind}"
        if rest[0] == "norm":
            return f"encoder.ln.{kind}"
        prefix = f"encoder.layers.encoder_layer_{rest[1]}."
        old = prefix + "mlp.linear_1.weight" in state_dict
        table = {
            "norm1": "ln_1.", "norm2": "ln_2.", "attn.qkv": "self_attention.in_proj_", "attn.proj": "self_attention.out_proj.",
            "mlp.fc1": "mlp.linear_1.", "mlp.fc2": "mlp.linear_2.",
        }
        return prefix + table[".".join(rest[2:-1])] + kind

    return {name: state_dict[theirs(name)].reshape(value.shape) for name, value in model.state_dict().items()}

# wrong: it raised RuntimeError
# one digit only in the pattern: block 10 becomes nonsense
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    wanted = model.state_dict()
    outside = [name for name in wanted if not name.startswith("encoder.blocks.")]
    patch_weight, patch_bias = [name for name in outside if name.startswith("patch_embed.")]
    head_weight, head_bias = [name for name in outside if name.startswith("head.")]
    new = {
        patch_weight: state_dict["conv_proj.weight"].reshape(wanted[patch_weight].shape),
        patch_bias: state_dict["conv_proj.bias"],
        "class_token.cls_token": state_dict["class_token"],
        "positions.pos_embed": state_dict["encoder.pos_embedding"],
        "encoder.norm.weight": state_dict["encoder.ln.weight"],
        "encoder.norm.bias": state_dict["encoder.ln.bias"],
        head_weight: state_dict["heads.head.weight"],
        head_bias: state_dict["heads.head.bias"],
    }
    inside = {
        "ln_1.": "norm1.",
        "self_attention.in_proj_": "attn.qkv.",
        "self_attention.out_proj.": "attn.proj.",
        "ln_2.": "norm2.",
        "mlp.linear_1.": "mlp.fc1.",
        "mlp.linear_2.": "mlp.fc2.",
        "mlp.0.": "mlp.fc1.",
        "mlp.3.": "mlp.fc2.",
    }
    for name, tensor in state_dict.items():
        match = re.fullmatch(r"encoder\.layers\.encoder_layer_(\d).*?\.(.*)", name)
        if match:
            number, rest = match.groups()
            for theirs, mine in inside.items():
                if rest.startswith(theirs):
                    new[f"encoder.blocks.{number}.{rest.replace(theirs, mine)}"] = tensor
    return new

# wrong: *
# the last norm is not renamed and keeps the model's
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    result = dict(model.state_dict())
    for name, tensor in state_dict.items():
        name = name.replace("encoder.layers.encoder_layer_", "encoder.blocks.")
        for a, b in {
            "ln_1": "norm1", "ln_2": "norm2", "self_attention.in_proj_": "attn.qkv.", "self_attention.out_proj": "attn.proj",
            "mlp.0": "mlp.fc1", "mlp.3": "mlp.fc2", "mlp.linear_1": "mlp.fc1", "mlp.linear_2": "mlp.fc2",
            "encoder.pos_embedding": "positions.pos_embed",
        }.items():
            name = name.replace(a, b)
        if name == "class_token":
            name = "class_token.cls_token"
        if name.startswith(("conv_proj", "heads")):
            part = "patch_embed." if name.startswith("conv") else "head."
            name = next(n for n in result if n.startswith(part) and n.endswith(name.split(".")[-1]))
        if name in result:
            result[name] = tensor.reshape(result[name].shape)
    return result

# wrong: it changes its input
# pops the tensors out of the state dict
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    # from my names to theirs: ask for every name that is wanted where it is found
    all_names = set(state_dict)

    def theirs(name):
        part, *rest = name.split(".")
        kind = rest[-1]
        if part == "patch_embed":
            return f"conv_proj.{kind}"
        if part == "class_token":
            return "class_token"
        if part == "positions":
            return "encoder.pos_embedding"
        if part == "head":
            return f"heads.head.{kind}"
        if rest[0] == "norm":
            return f"encoder.ln.{kind}"
        prefix = f"encoder.layers.encoder_layer_{rest[1]}."
        old = prefix + "mlp.linear_1.weight" in all_names
        table = {
            "norm1": "ln_1.", "norm2": "ln_2.", "attn.qkv": "self_attention.in_proj_", "attn.proj": "self_attention.out_proj.",
            "mlp.fc1": "mlp.linear_1." if old else "mlp.0.", "mlp.fc2": "mlp.linear_2." if old else "mlp.3.",
        }
        return prefix + table[".".join(rest[2:-1])] + kind

    return {name: state_dict.pop(theirs(name)).reshape(value.shape) for name, value in model.state_dict().items()}

# wrong: *
# class token added to position 0 as well
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    # from my names to theirs: ask for every name that is wanted where it is found
    def theirs(name):
        part, *rest = name.split(".")
        kind = rest[-1]
        if part == "patch_embed":
            return f"conv_proj.{kind}"
        if part == "class_token":
            return "class_token"
        if part == "positions":
            return "encoder.pos_embedding"
        if part == "head":
            return f"heads.head.{kind}"
        if rest[0] == "norm":
            return f"encoder.ln.{kind}"
        prefix = f"encoder.layers.encoder_layer_{rest[1]}."
        old = prefix + "mlp.linear_1.weight" in state_dict
        table = {
            "norm1": "ln_1.", "norm2": "ln_2.", "attn.qkv": "self_attention.in_proj_", "attn.proj": "self_attention.out_proj.",
            "mlp.fc1": "mlp.linear_1." if old else "mlp.0.", "mlp.fc2": "mlp.linear_2." if old else "mlp.3.",
        }
        return prefix + table[".".join(rest[2:-1])] + kind

    result = {name: state_dict[theirs(name)].reshape(value.shape).clone() for name, value in model.state_dict().items()}
    result["positions.pos_embed"][:, :1] += result["class_token.cls_token"]
    return result

# wrong: *
# only the first two blocks are renamed
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    wanted = model.state_dict()
    outside = [name for name in wanted if not name.startswith("encoder.blocks.")]
    patch_weight, patch_bias = [name for name in outside if name.startswith("patch_embed.")]
    head_weight, head_bias = [name for name in outside if name.startswith("head.")]
    new = {
        patch_weight: state_dict["conv_proj.weight"].reshape(wanted[patch_weight].shape),
        patch_bias: state_dict["conv_proj.bias"],
        "class_token.cls_token": state_dict["class_token"],
        "positions.pos_embed": state_dict["encoder.pos_embedding"],
        "encoder.norm.weight": state_dict["encoder.ln.weight"],
        "encoder.norm.bias": state_dict["encoder.ln.bias"],
        head_weight: state_dict["heads.head.weight"],
        head_bias: state_dict["heads.head.bias"],
    }
    inside = {
        "ln_1.": "norm1.",
        "self_attention.in_proj_": "attn.qkv.",
        "self_attention.out_proj.": "attn.proj.",
        "ln_2.": "norm2.",
        "mlp.linear_1.": "mlp.fc1.",
        "mlp.linear_2.": "mlp.fc2.",
        "mlp.0.": "mlp.fc1.",
        "mlp.3.": "mlp.fc2.",
    }
    for name, tensor in state_dict.items():
        match = re.fullmatch(r"encoder\.layers\.encoder_layer_(\d+)\.(.*)", name)
        if match and int(match[1]) < 2:
            number, rest = match.groups()
            for theirs, mine in inside.items():
                if rest.startswith(theirs):
                    new[f"encoder.blocks.{number}.{rest.replace(theirs, mine)}"] = tensor
    return new

# wrong: *
# every block gets the weights of block 0
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    # from my names to theirs: ask for every name that is wanted where it is found
    def theirs(name):
        part, *rest = name.split(".")
        kind = rest[-1]
        if part == "patch_embed":
            return f"conv_proj.{kind}"
        if part == "class_token":
            return "class_token"
        if part == "positions":
            return "encoder.pos_embedding"
        if part == "head":
            return f"heads.head.{kind}"
        if rest[0] == "norm":
            return f"encoder.ln.{kind}"
        prefix = f"encoder.layers.encoder_layer_0."
        old = prefix + "mlp.linear_1.weight" in state_dict
        table = {
            "norm1": "ln_1.", "norm2": "ln_2.", "attn.qkv": "self_attention.in_proj_", "attn.proj": "self_attention.out_proj.",
            "mlp.fc1": "mlp.linear_1." if old else "mlp.0.", "mlp.fc2": "mlp.linear_2." if old else "mlp.3.",
        }
        return prefix + table[".".join(rest[2:-1])] + kind

    return {name: state_dict[theirs(name)].reshape(value.shape) for name, value in model.state_dict().items()}

# wrong: it returns None
# loads, too, and returns None
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    wanted = model.state_dict()
    outside = [name for name in wanted if not name.startswith("encoder.blocks.")]
    patch_weight, patch_bias = [name for name in outside if name.startswith("patch_embed.")]
    head_weight, head_bias = [name for name in outside if name.startswith("head.")]
    new = {
        patch_weight: state_dict["conv_proj.weight"].reshape(wanted[patch_weight].shape),
        patch_bias: state_dict["conv_proj.bias"],
        "class_token.cls_token": state_dict["class_token"],
        "positions.pos_embed": state_dict["encoder.pos_embedding"],
        "encoder.norm.weight": state_dict["encoder.ln.weight"],
        "encoder.norm.bias": state_dict["encoder.ln.bias"],
        head_weight: state_dict["heads.head.weight"],
        head_bias: state_dict["heads.head.bias"],
    }
    inside = {
        "ln_1.": "norm1.",
        "self_attention.in_proj_": "attn.qkv.",
        "self_attention.out_proj.": "attn.proj.",
        "ln_2.": "norm2.",
        "mlp.linear_1.": "mlp.fc1.",
        "mlp.linear_2.": "mlp.fc2.",
        "mlp.0.": "mlp.fc1.",
        "mlp.3.": "mlp.fc2.",
    }
    for name, tensor in state_dict.items():
        match = re.fullmatch(r"encoder\.layers\.encoder_layer_(\d+)\.(.*)", name)
        if match:
            number, rest = match.groups()
            for theirs, mine in inside.items():
                if rest.startswith(theirs):
                    new[f"encoder.blocks.{number}.{rest.replace(theirs, mine)}"] = tensor
    model.load_state_dict(new)

# wrong: *
# q, k, v mixed by rows: heads first
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    rules = [
        (r"^class_token$", "class_token.cls_token"),
        (r"^conv_proj\.(weight|bias)$", r"PATCH.\1"),
        (r"^encoder\.pos_embedding$", "positions.pos_embed"),
        (r"^encoder\.ln\.", "encoder.norm."),
        (r"^heads\.head\.(weight|bias)$", r"HEAD.\1"),
        (r"^encoder\.layers\.encoder_layer_(\d+)\.", r"encoder.blocks.\1."),
        (r"\.ln_([12])\.", r".norm\1."),
        (r"\.self_attention\.in_proj_", ".attn.qkv."),
        (r"\.self_attention\.out_proj\.", ".attn.proj."),
        (r"\.mlp\.(0|linear_1)\.", ".mlp.fc1."),
        (r"\.mlp\.(3|linear_2)\.", ".mlp.fc2."),
    ]
    wanted = model.state_dict()
    renamed = {}
    for name, tensor in state_dict.items():
        for pattern, new in rules:
            name = re.sub(pattern, new, name)
        for mark, part in (("PATCH", "patch_embed."), ("HEAD", "head.")):
            if name.startswith(mark):
                kind = name.split(".")[1]
                name = next(n for n in wanted if n.startswith(part) and n.endswith(kind))
        renamed[name] = tensor.clone().view(wanted[name].shape)
    for name, tensor in renamed.items():
        if ".attn.qkv." in name:
            renamed[name] = tensor.unflatten(0, (3, -1)).transpose(0, 1).flatten(0, 1)
    return {name: renamed[name] for name in wanted}

# wrong: it raised KeyError
# a name misspelled (raises)
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    wanted = model.state_dict()
    outside = [name for name in wanted if not name.startswith("encoder.blocks.")]
    patch_weight, patch_bias = [name for name in outside if name.startswith("patch_embed.")]
    head_weight, head_bias = [name for name in outside if name.startswith("head.")]
    new = {
        patch_weight: state_dict["conv_proj.weight"].reshape(wanted[patch_weight].shape),
        patch_bias: state_dict["conv_proj.bias"],
        "class_token.cls_token": state_dict["class_token"],
        "positions.pos_embed": state_dict["encoder.pos_embedding"],
        "encoder.norm.weight": state_dict["encoder.norm.weight"],
        "encoder.norm.bias": state_dict["encoder.ln.bias"],
        head_weight: state_dict["heads.head.weight"],
        head_bias: state_dict["heads.head.bias"],
    }
    inside = {
        "ln_1.": "norm1.",
        "self_attention.in_proj_": "attn.qkv.",
        "self_attention.out_proj.": "attn.proj.",
        "ln_2.": "norm2.",
        "mlp.linear_1.": "mlp.fc1.",
        "mlp.linear_2.": "mlp.fc2.",
        "mlp.0.": "mlp.fc1.",
        "mlp.3.": "mlp.fc2.",
    }
    for name, tensor in state_dict.items():
        match = re.fullmatch(r"encoder\.layers\.encoder_layer_(\d+)\.(.*)", name)
        if match:
            number, rest = match.groups()
            for theirs, mine in inside.items():
                if rest.startswith(theirs):
                    new[f"encoder.blocks.{number}.{rest.replace(theirs, mine)}"] = tensor
    return new

# right: by order of the two lists
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    theirs = list(state_dict)
    theirs.remove("class_token")
    theirs.insert(2, "class_token")
    return {
        name: state_dict[source].reshape(wanted.shape)
        for source, (name, wanted) in zip(theirs, model.state_dict().items(), strict=True)
    }
