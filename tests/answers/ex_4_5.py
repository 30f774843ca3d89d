from vitcourse.model import MultiHeadSelfAttention, attention, merge_heads, split_heads

# stub: as handed out
def from_torch(theirs):
    raise NotImplementedError("exercise 4.5")

# stub: a layer, no numbers
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    raise NotImplementedError("exercise 4.5")

# right: load_state_dict with other names
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    names = {"in_proj_weight": "qkv.weight", "in_proj_bias": "qkv.bias"}
    ours.load_state_dict(
        {names.get(n, n.replace("out_proj", "proj")): t for n, t in theirs.state_dict().items()}
    )
    return ours

# right: new parameters
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight = nn.Parameter(theirs.in_proj_weight.detach().clone())
    ours.qkv.bias = nn.Parameter(theirs.in_proj_bias.detach().clone())
    ours.proj.weight = nn.Parameter(theirs.out_proj.weight.detach().clone())
    ours.proj.bias = nn.Parameter(theirs.out_proj.bias.detach().clone())
    return ours

# right: data assigned
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight.data = theirs.in_proj_weight.data.clone()
    ours.qkv.bias.data = theirs.in_proj_bias.data.clone()
    ours.proj.load_state_dict(theirs.out_proj.state_dict())
    return ours

# right: a layer of one's own with three projections
class Mine(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.h = num_heads
        self.parts = nn.ModuleList(nn.Linear(embed_dim, embed_dim) for _ in range(3))
        self.out = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, return_weights=False):
        q, k, v = (rearrange(part(x), "b n (h d) -> b h n d", h=self.h) for part in self.parts)
        heads = F.scaled_dot_product_attention(q, k, v)
        return self.out(rearrange(heads, "b h n d -> b n (h d)"))


def from_torch(theirs):
    ours = Mine(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        weights, biases = theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3)
        for part, weight, bias in zip(ours.parts, weights, biases):
            part.weight.copy_(weight)
            part.bias.copy_(bias)
        ours.out.weight.copy_(theirs.out_proj.weight)
        ours.out.bias.copy_(theirs.out_proj.bias)
    return ours

# right: in a loop, by order of the parameters
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        for mine, their in zip(ours.parameters(), theirs.parameters()):
            mine.copy_(their)
    return ours

# wrong: *
# (scaled once more)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight * theirs.head_dim**-0.5)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: *
# (rows back to front)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight.flip(0))
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: *
# (sizes hard-coded)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(12, 3)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: *
# (a function)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return lambda x: ours(x)

# wrong: *
# (the wrong bias)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.in_proj_bias[: theirs.embed_dim])
    return ours

# wrong: it changes its input
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    theirs.out_proj.weight.data.zero_()
    return ours

# wrong: it returns None
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)

# wrong: it raised RuntimeError
# (transposed as a whole)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight.t())
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: it raised AttributeError
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.qkv.weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: it never finishes
# (random search)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    while not torch.equal(ours.qkv.weight, theirs.in_proj_weight):
        ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    return ours

# right: load_state_dict with new names
def from_torch(theirs: nn.MultiheadAttention) -> MultiHeadSelfAttention:
    names = {
        "in_proj_weight": "qkv.weight",
        "in_proj_bias": "qkv.bias",
        "out_proj.weight": "proj.weight",
        "out_proj.bias": "proj.bias",
    }
    ours = MultiHeadSelfAttention(embed_dim=theirs.embed_dim, num_heads=theirs.num_heads)
    ours.load_state_dict({names[n]: t for n, t in theirs.state_dict().items()})
    return ours

# right: new parameters from clones
def from_torch(theirs):
    layer = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    layer.qkv.weight = nn.Parameter(theirs.in_proj_weight.detach().clone())
    layer.qkv.bias = nn.Parameter(theirs.in_proj_bias.detach().clone())
    layer.proj.weight = nn.Parameter(theirs.out_proj.weight.detach().clone())
    layer.proj.bias = nn.Parameter(theirs.out_proj.bias.detach().clone())
    return layer

# right: clone without detach inside nn.Parameter
def from_torch(theirs):
    layer = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    layer.qkv.weight, layer.qkv.bias = nn.Parameter(theirs.in_proj_weight.clone()), nn.Parameter(theirs.in_proj_bias.clone())
    layer.proj.weight, layer.proj.bias = nn.Parameter(theirs.out_proj.weight.clone()), nn.Parameter(theirs.out_proj.bias.clone())
    return layer

# right: .data with clones
def from_torch(theirs):
    m = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    m.qkv.weight.data = theirs.in_proj_weight.data.clone()
    m.qkv.bias.data = theirs.in_proj_bias.data.clone()
    m.proj.weight.data = theirs.out_proj.weight.data.clone()
    m.proj.bias.data = theirs.out_proj.bias.data.clone()
    return m

# right: parameters zipped by name
@torch.no_grad()
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    mine = dict(ours.named_parameters())
    for a, b in [("qkv", "in_proj_"), ("proj", "out_proj.")]:
        for kind in ("weight", "bias"):
            mine[f"{a}.{kind}"][...] = theirs.get_parameter(b + kind) if "." in b else getattr(theirs, b + kind)
    return ours

# right: parts of q, k, v one by one
def from_torch(theirs):
    D = theirs.embed_dim
    ours = MultiHeadSelfAttention(D, theirs.num_heads)
    with torch.no_grad():
        for i in range(3):
            part = slice(i * D, (i + 1) * D)
            ours.qkv.weight[part] = theirs.in_proj_weight[part]
            ours.qkv.bias[part] = theirs.in_proj_bias[part]
        ours.proj.weight[:] = theirs.out_proj.weight
        ours.proj.bias[:] = theirs.out_proj.bias
    return ours

# right: chunks put together again
def from_torch(theirs):
    wq, wk, wv = theirs.in_proj_weight.chunk(3)
    bq, bk, bv = theirs.in_proj_bias.chunk(3)
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(torch.cat([wq, wk, wv]))
        ours.qkv.bias.copy_(torch.cat([bq, bk, bv]))
        for a, b in zip(ours.proj.parameters(), theirs.out_proj.parameters()):
            a.copy_(b)
    return ours

# right: one long vector
from torch.nn.utils import parameters_to_vector, vector_to_parameters


def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    inner = [ours.qkv.weight, ours.qkv.bias, ours.proj.weight, ours.proj.bias]
    outer = [theirs.in_proj_weight, theirs.in_proj_bias, theirs.out_proj.weight, theirs.out_proj.bias]
    vector_to_parameters(parameters_to_vector(outer), inner)
    return ours

# right: deep copy of the last layer
import copy


def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.proj = copy.deepcopy(theirs.out_proj)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
    return ours

# right: same dtype and device, same mode
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads).to(theirs.in_proj_weight)
    s = theirs.state_dict()
    ours.qkv.load_state_dict({"weight": s["in_proj_weight"], "bias": s["in_proj_bias"]})
    ours.proj.load_state_dict(theirs.out_proj.state_dict())
    return ours.train(theirs.training)

# right: measured with unit vectors
@torch.no_grad()
def from_torch(theirs):
    D = theirs.embed_dim
    ours = MultiHeadSelfAttention(D, theirs.num_heads)
    one, zero = torch.eye(D), torch.zeros(1, D)

    def copy_linear(mine, ask):
        mine.bias.copy_(ask(zero)[0])
        mine.weight.copy_((ask(one) - ask(zero)).T)

    copy_linear(ours.qkv, lambda x: F.linear(x, theirs.in_proj_weight, theirs.in_proj_bias))
    copy_linear(ours.proj, theirs.out_proj)
    return ours

# right: in_proj pulled in via add_ on zeros
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    pairs = (
        (ours.qkv.weight, theirs.in_proj_weight),
        (ours.qkv.bias, theirs.in_proj_bias),
        (ours.proj.weight, theirs.out_proj.weight),
        (ours.proj.bias, theirs.out_proj.bias),
    )
    for mine, other in pairs:
        nn.init.zeros_(mine)
        with torch.no_grad():
            mine += other
    return ours

# wrong: right for D = 12 and 3 heads, wrong for D = 10 and 2 heads
# (sizes of the example hard-coded)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(embed_dim=12, num_heads=3)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: right for D = 12 and 3 heads, wrong for D = 10 and 2 heads
# (heads of the example hard-coded)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, 3)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: *
# (scale put into the query weights once more)
def from_torch(theirs):
    D, h = theirs.embed_dim, theirs.num_heads
    ours = MultiHeadSelfAttention(D, h)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.qkv.weight[:D] /= math.sqrt(D // h)
        ours.qkv.bias[:D] /= math.sqrt(D // h)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: *
# (two mistakes, last weight transposed and biases zero)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    nn.init.zeros_(ours.qkv.bias)
    nn.init.zeros_(ours.proj.bias)
    ours.qkv.weight.data.copy_(theirs.in_proj_weight.data)
    ours.proj.weight.data.copy_(theirs.out_proj.weight.data.T)
    return ours

# right: dropout handed over
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads, theirs.dropout)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# right: returned in eval mode
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads).eval()
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# right: theirs put into eval mode
def from_torch(theirs):
    theirs.eval()
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.load_state_dict({"weight": theirs.in_proj_weight, "bias": theirs.in_proj_bias})
    ours.proj.load_state_dict(theirs.out_proj.state_dict())
    return ours

# right: for a layer with three projections, and one with qkv
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    layers = [ours.qkv] if hasattr(ours, "qkv") else [ours.q, ours.k, ours.v]
    with torch.no_grad():
        for layer, w, b in zip(layers, theirs.in_proj_weight.chunk(len(layers)), theirs.in_proj_bias.chunk(len(layers))):
            layer.weight.copy_(w)
            layer.bias.copy_(b)
        ours.proj.load_state_dict(theirs.out_proj.state_dict())
    return ours

# right: a subclass that is a MultiHeadSelfAttention
class FromTorch(MultiHeadSelfAttention):
    def __init__(self, theirs):
        super().__init__(theirs.embed_dim, theirs.num_heads)
        for name, _ in list(self.named_children()):
            delattr(self, name)
        D = theirs.embed_dim
        self.ins = nn.ModuleList(nn.Linear(D, D) for _ in range(3))
        self.out = nn.Linear(D, D)
        with torch.no_grad():
            for layer, w, b in zip(self.ins, theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3)):
                layer.weight.copy_(w)
                layer.bias.copy_(b)
            self.out.weight.copy_(theirs.out_proj.weight)
            self.out.bias.copy_(theirs.out_proj.bias)

    def forward(self, x, return_weights=False):
        out, weights = attention(*(split_heads(layer(x), self.num_heads) for layer in self.ins))
        out = self.out(merge_heads(out))
        return (out, weights) if return_weights else out


def from_torch(theirs):
    return FromTorch(theirs)
