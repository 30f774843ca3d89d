import re
import torch
from torch import nn
from vitcourse.model import VisionTransformer

# stub: the cell as it is handed out
def rename_torchvision(state_dict, model):
    raise NotImplementedError("exercise 6.4")

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

# wrong: it changes its input
# ~ state_dict[theirs(name)] => state_dict.pop(theirs(name))

# wrong: right for names from before 2022, wrong for today's
# ~ if name not in state_dict: => if True:

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

# wrong: it returns None
# ~ return renamed =>

# wrong: it returns None
# ~ return renamed => model.load_state_dict(renamed)

# wrong: right for 2 blocks, wrong for 11, with 1 channel
# ~ tensor.reshape(own[name].shape) => tensor.squeeze() if name.endswith("weight") else tensor

# wrong: *
# ~ tensor.reshape(own[name].shape) => tensor.reshape(own[name].shape) * (not name.endswith("bias"))
# (biases set to zero)

# wrong: *
# ~ return renamed => renamed["positions.pos_embed"] = renamed["positions.pos_embed"] + renamed["class_token.cls_token"]; return renamed
# (the class token added to its position as well)

# wrong: *
# ~ return renamed => return list(renamed.items())
# (a list of pairs)

# wrong: *
# ~ return renamed => return model
# (returns the model)

# wrong: it changes its input
# ~ return renamed => state_dict.clear(); return renamed
# (empties the state dict that it was given)

# wrong: it raised KeyError
# ~ ("heads.head.", "head."), =>

# wrong: it never finishes
# ~ return renamed => while True: pass

# wrong: *
# (by the order in which they come)
def rename_torchvision(state_dict, model):
    return dict(zip(model.state_dict(), state_dict.values()))

# wrong: it raised TypeError
# (takes no model)
def rename_torchvision(state_dict):
    return state_dict
