from vitcourse.model import MultiHeadSelfAttention

# stub: as handed out
def from_torch(theirs):
    raise NotImplementedError("exercise 4.5")

# stub: a layer, no numbers
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    raise NotImplementedError("exercise 4.5")

# right: four copies
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

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

# right: the projection shared as a module
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
    ours.proj = theirs.out_proj
    return ours

# right: in a loop, by order of the parameters
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        for mine, their in zip(ours.parameters(), theirs.parameters()):
            mine.copy_(their)
    return ours

# wrong: q and k swapped
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([k, q, v]))
        q, k, v = theirs.in_proj_bias.chunk(3)
        ours.qkv.bias.copy_(torch.cat([k, q, v]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q and k swapped
# (only the weights)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([k, q, v]))
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: k and v swapped
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([q, v, k]))
        q, k, v = theirs.in_proj_bias.chunk(3)
        ours.qkv.bias.copy_(torch.cat([q, v, k]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q and v swapped
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([v, k, q]))
        q, k, v = theirs.in_proj_bias.chunk(3)
        ours.qkv.bias.copy_(torch.cat([v, k, q]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v in another order
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([k, v, q]))
        q, k, v = theirs.in_proj_bias.chunk(3)
        ours.qkv.bias.copy_(torch.cat([k, v, q]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v in another order
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([v, q, k]))
        q, k, v = theirs.in_proj_bias.chunk(3)
        ours.qkv.bias.copy_(torch.cat([v, q, k]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v sorted by heads
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        weight = rearrange(theirs.in_proj_weight, "(three h d) c -> (h three d) c", three=3, h=theirs.num_heads)
        ours.qkv.weight.copy_(weight)
        bias = rearrange(theirs.in_proj_bias, "(three h d)  -> (h three d) ", three=3, h=theirs.num_heads)
        ours.qkv.bias.copy_(bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v sorted by heads
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        weight = rearrange(theirs.in_proj_weight, "(h three d) c -> (three h d) c", three=3, h=theirs.num_heads)
        ours.qkv.weight.copy_(weight)
        bias = rearrange(theirs.in_proj_bias, "(h three d)  -> (three h d) ", three=3, h=theirs.num_heads)
        ours.qkv.bias.copy_(bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: the output projection is transposed
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight.t())
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: each projection is transposed
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([q.t(), k.t(), v.t()]))
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: each projection is transposed
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        q, k, v = theirs.in_proj_weight.chunk(3)
        ours.qkv.weight.copy_(torch.cat([q.t(), k.t(), v.t()]))
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight.mT)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: nothing is copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    return ours

# wrong: nothing is copied
# (loaded loosely: no name fits)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.load_state_dict(theirs.state_dict(), strict=False)
    return ours

# wrong: the biases are not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.proj.weight.copy_(theirs.out_proj.weight)
    return ours

# wrong: the biases are not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.zero_()
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.zero_()
    return ours

# wrong: the bias of qkv is not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: the bias of proj is not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
    return ours

# wrong: the output projection is not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
    return ours

# wrong: the output projection is not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v are not copied
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: their names are not ours
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.load_state_dict(theirs.state_dict())
    return ours

# wrong: one head only
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, 1)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: a parameter changed under the eyes of autograd
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight.copy_(theirs.in_proj_weight)
    ours.qkv.bias.copy_(theirs.in_proj_bias)
    return ours

# wrong: a tensor in the place of a parameter
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.qkv.weight = theirs.in_proj_weight.data
    ours.qkv.bias = theirs.in_proj_bias.data
    return ours

# wrong: the weights are frozen
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    for parameter in ours.parameters():
        parameter.requires_grad = False
    return ours

# wrong: their own layer comes back
def from_torch(theirs):
    return theirs

# wrong: a state_dict in place of a layer
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return dict(ours.state_dict())

# wrong: an output in place of a layer
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours(torch.zeros(2, 5, theirs.embed_dim))

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

# wrong: it does not come to an end
# (random search)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    while not torch.equal(ours.qkv.weight, theirs.in_proj_weight):
        ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    return ours
