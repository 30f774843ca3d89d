from vitcourse.model import MultiHeadSelfAttention

# right: q, k and v one by one
# > Cut into three and put together again: for a layer of yours that keeps q, k and v apart.
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    q, k, v = theirs.in_proj_weight.chunk(3)
    q_bias, k_bias, v_bias = theirs.in_proj_bias.chunk(3)
    with torch.no_grad():
        ours.qkv.weight.copy_(torch.cat([q, k, v]))
        ours.qkv.bias.copy_(torch.cat([q_bias, k_bias, v_bias]))
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q and k swapped
# > in_proj_weight holds the rows of q, then of k, then of v. So does `qkv`, in this order.
# ~ [q, k, v] => [k, q, v]
# ~ [q_bias, k_bias, v_bias] => [k_bias, q_bias, v_bias]
# wrong: q and k swapped
# ~ [q, k, v] => [k, q, v]
# wrong: q and k swapped
# ~ [q_bias, k_bias, v_bias] => [k_bias, q_bias, v_bias]

# wrong: k and v swapped
# > in_proj_weight holds the rows of q, then of k, then of v. So does `qkv`, in this order.
# ~ [q, k, v] => [q, v, k]
# ~ [q_bias, k_bias, v_bias] => [q_bias, v_bias, k_bias]

# wrong: q and v swapped
# > in_proj_weight holds the rows of q, then of k, then of v. So does `qkv`, in this order.
# ~ [q, k, v] => [v, k, q]
# ~ [q_bias, k_bias, v_bias] => [v_bias, k_bias, q_bias]

# wrong: q, k and v in another order
# > in_proj_weight holds the rows of q, then of k, then of v. So does `qkv`, in this order.
# ~ [q, k, v] => [k, v, q]
# ~ [q_bias, k_bias, v_bias] => [k_bias, v_bias, q_bias]
# wrong: q, k and v in another order
# ~ [q, k, v] => [v, q, k]
# ~ [q_bias, k_bias, v_bias] => [v_bias, q_bias, k_bias]

# wrong: each projection is transposed
# > Both layers store (out, in): copy the weights as they are.
# ~ [q, k, v] => [q.T, k.T, v.T]
# wrong: each projection is transposed
# ~ [q, k, v] => [q.T, k.T, v.T]
# ~ theirs.out_proj.weight => theirs.out_proj.weight.T

# right: four copies
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours

# wrong: q, k and v sorted by heads
# > You sorted the rows by heads. Both layers have all of q first, then k, then v.
# ~ theirs.in_proj_weight => rearrange(theirs.in_proj_weight, "(n h d) c -> (h n d) c", n=3, h=theirs.num_heads)
# ~ theirs.in_proj_bias => rearrange(theirs.in_proj_bias, "(n h d) -> (h n d)", n=3, h=theirs.num_heads)
# wrong: q, k and v sorted by heads
# ~ theirs.in_proj_weight => rearrange(theirs.in_proj_weight, "(h n d) c -> (n h d) c", n=3, h=theirs.num_heads)
# ~ theirs.in_proj_bias => rearrange(theirs.in_proj_bias, "(h n d) -> (n h d)", n=3, h=theirs.num_heads)

# wrong: the output projection is transposed
# > Both are `nn.Linear` and store (out, in): copy the weight as it is.
# ~ theirs.out_proj.weight => theirs.out_proj.weight.T

# wrong: nothing is copied
# > The layer still has the numbers that it started with: copy all four. (`load_state_dict` with
# > `strict=False` skips every name that does not fit.)
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.load_state_dict(theirs.state_dict(), strict=False)
    return ours

# wrong: the biases are not copied
# > The weights are right; copy both biases, too.
# ~ ours.qkv.bias.copy_(theirs.in_proj_bias) =>
# ~ ours.proj.bias.copy_(theirs.out_proj.bias) =>
# wrong: the biases are not copied
# ~ ours.qkv.bias.copy_(theirs.in_proj_bias) => ours.qkv.bias.zero_()
# ~ ours.proj.bias.copy_(theirs.out_proj.bias) => ours.proj.bias.zero_()

# wrong: the bias of qkv is not copied
# > `qkv.bias` still has the numbers that it started with: copy `in_proj_bias`.
# ~ ours.qkv.bias.copy_(theirs.in_proj_bias) =>

# wrong: the bias of proj is not copied
# > `proj.bias` still has the numbers that it started with: copy `out_proj.bias`.
# ~ ours.proj.bias.copy_(theirs.out_proj.bias) =>

# wrong: the output projection is not copied
# > `proj` still has the numbers that it started with: copy `out_proj`.
# ~ ours.proj.weight.copy_(theirs.out_proj.weight) =>
# ~ ours.proj.bias.copy_(theirs.out_proj.bias) =>
# wrong: the output projection is not copied
# ~ ours.proj.weight.copy_(theirs.out_proj.weight) =>

# wrong: q, k and v are not copied
# > `qkv` still has the numbers that it started with: copy `in_proj_weight` and `in_proj_bias`.
# ~ ours.qkv.weight.copy_(theirs.in_proj_weight) =>
# ~ ours.qkv.bias.copy_(theirs.in_proj_bias) =>

# wrong: their names are not ours
# > `load_state_dict` goes by names, and theirs differ: build a dictionary with your own names.
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    ours.load_state_dict(theirs.state_dict())
    return ours

# wrong: one head only
# > The numbers are right, but your layer has one head: pass `theirs.num_heads`.
# ~ theirs.num_heads => num_heads=1

# wrong: head_dim is used as the number of heads
# > The numbers are right, but `theirs.head_dim` is D / h: pass `theirs.num_heads`.
# ~ theirs.num_heads => theirs.head_dim

# wrong: a parameter is changed while gradients are recorded
# > A parameter may be changed in place only inside `with torch.no_grad():`.
# ~ with torch.no_grad(): => if True:

# wrong: a tensor instead of a parameter
# > A weight must stay an `nn.Parameter`: wrap the tensor in one, or copy into it.
# ~ ours.qkv.weight.copy_(theirs.in_proj_weight) => ours.qkv.weight = theirs.in_proj_weight.detach()
# wrong: a tensor instead of a parameter
def from_torch(theirs):
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    del ours.qkv.weight, ours.qkv.bias, ours.proj.weight, ours.proj.bias
    ours.qkv.weight = theirs.in_proj_weight.detach().clone()
    ours.qkv.bias = theirs.in_proj_bias.detach().clone()
    ours.proj.weight = theirs.out_proj.weight.detach().clone()
    ours.proj.bias = theirs.out_proj.bias.detach().clone()
    return ours

# wrong: it shares memory with theirs
# > Training yours would change theirs. Copy the numbers: `copy_`, `.clone()`, or `load_state_dict`
# > without `assign`.
# ~ ours.proj.weight.copy_(theirs.out_proj.weight) => ours.proj.weight = theirs.out_proj.weight

# wrong: copied the wrong way round
# > `a.copy_(b)` writes into a. Yours should be on the left, theirs on the right.
# ~ ours.qkv.weight.copy_(theirs.in_proj_weight) => theirs.in_proj_weight.copy_(ours.qkv.weight)
# ~ ours.qkv.bias.copy_(theirs.in_proj_bias) => theirs.in_proj_bias.copy_(ours.qkv.bias)
# ~ ours.proj.weight.copy_(theirs.out_proj.weight) => theirs.out_proj.weight.copy_(ours.proj.weight)
# ~ ours.proj.bias.copy_(theirs.out_proj.bias) => theirs.out_proj.bias.copy_(ours.proj.bias)

# wrong: the scale is multiplied into the numbers
# > Both layers divide the scores themselves: copy the numbers as they are.
# ~ ours.qkv.weight.copy_(theirs.in_proj_weight) => ours.qkv.weight.copy_(theirs.in_proj_weight); ours.qkv.weight[: theirs.embed_dim] *= theirs.head_dim**-0.5

# wrong: theirs loses its gradients
# > What `theirs` has in `.grad` may still be needed: no `zero_grad` here.
# ~ theirs.num_heads) => theirs.num_heads); theirs.zero_grad()

# wrong: theirs is frozen
# > `theirs` stays as it is: copy under `torch.no_grad()`, and leave its `requires_grad`.
# ~ theirs.num_heads) => theirs.num_heads); theirs.requires_grad_(False)

# wrong: theirs is called inside yours
# > Your layer passes x on to theirs, so its own numbers do nothing. Copy theirs.
# ~ return ours => ours.forward = lambda x: theirs(x, x, x)[0]; return ours

# wrong: the weights still depend on theirs
# > They are computed from theirs, so a gradient flows on to theirs, and no optimiser accepts such
# > tensors. Copy under `torch.no_grad()`.
# ~ theirs.num_heads) => theirs.num_heads).requires_grad_(False)
# ~ with torch.no_grad(): => if True:

# wrong: gradients are switched off for good
# > `torch.set_grad_enabled(False)` still holds after the function has ended. `with
# > torch.no_grad():` ends with its block.
# ~ theirs.num_heads) => theirs.num_heads); torch.set_grad_enabled(False)

# wrong: the weights are frozen
# > Weights that do not require gradients cannot learn: leave `requires_grad` on.
# ~ return ours => return ours.requires_grad_(False)

# wrong: their own layer comes back
# > Return your own layer with their numbers: a MultiHeadSelfAttention.
# ~ return ours => return theirs

# wrong: a state_dict instead of a layer
# > Return the layer itself, with the right numbers in it.
# ~ return ours => return dict(ours.state_dict())

# wrong: an output instead of a layer
# > Return the layer itself, with the right numbers in it.
# ~ return ours => return ours(torch.zeros(2, 5, theirs.embed_dim))
