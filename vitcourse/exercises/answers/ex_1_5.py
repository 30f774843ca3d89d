# right: copied under no_grad
def linear_to_conv(linear, in_channels, patch_size):
    bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=bias)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if bias:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: three channels are assumed
# > Your convolution is right only for three channels: use `in_channels`.
# ~ nn.Conv2d(in_channels, => nn.Conv2d(3,
# ~ linear.weight.reshape(conv.weight.shape) => linear.weight.reshape(-1, 3, patch_size, patch_size)

# wrong: channels last in the kernel
# > You read a row of the weight as (P, P, C). patchify puts channels first: (C, P, P).
# ~ linear.weight.reshape(conv.weight.shape) => rearrange(linear.weight, "d (p q c) -> d c p q", p=patch_size, q=patch_size)

# wrong: kernel transposed
# > Rows and columns of the kernel are swapped: just reshape to (D, C, P, P).
# ~ reshape(conv.weight.shape) => reshape(conv.weight.shape).transpose(2, 3)

# wrong: kernel flipped
# > You flipped the kernel. `nn.Conv2d` does not flip its kernel, unlike convolution in mathematics.
# ~ reshape(conv.weight.shape) => reshape(conv.weight.shape).flip(2, 3)

# wrong: weight transposed
# > `linear.weight` is (D, C*P*P) already: reshape it as it is, without a transpose.
# ~ linear.weight.reshape => linear.weight.T.reshape

# wrong: no stride
# > The windows overlap, so the output is larger: `stride=patch_size`.
# ~ stride=patch_size, =>

# wrong: a border is added
# > Padding adds a border of zeros and shifts the windows: leave it out.
# ~ stride=patch_size, => stride=patch_size, padding=1,

# wrong: the bias is missing
# > The Linear's bias is missing from the result: copy it into the convolution's bias.
# ~ bias = linear.bias is not None => bias = False

# wrong: the bias is not copied
# > The weights are right, but the bias is still the convolution's own random one.
# ~ conv.bias.copy_(linear.bias) => pass
# wrong: the bias is not copied
# ~ , bias=bias =>
# ~ conv.bias.copy_(linear.bias) => pass

# wrong: nothing is copied
# > The convolution still has its own random numbers: copy weight and bias from `linear`.
# ~ conv.weight.copy_(linear.weight.reshape(conv.weight.shape)) => pass
# ~ conv.bias.copy_(linear.bias) => pass

# wrong: the weights are frozen
# > The convolution does not ask for gradients, so it cannot learn.
# ~ return conv => return conv.requires_grad_(False)

# wrong: a result instead of a layer
# > Return the layer itself, an nn.Conv2d with the right numbers in it.
# ~ return conv => return linear.weight.detach()

# wrong: the Linear itself comes back
# > You returned the Linear layer. Return an nn.Conv2d that does the same.
# ~ return conv => return linear

# wrong: a Linear without bias is forgotten
# > A Linear made with bias=False has `bias` None: make the convolution without one, too.
# ~ , bias=bias =>
# ~ if bias: => if True:
# wrong: a Linear without bias is forgotten
# ~ , bias=bias =>

# wrong: a parameter changed in place while autograd watches
# > Changing a parameter in place is only allowed inside `with torch.no_grad():`.
# ~ with torch.no_grad(): => if True:

# right: new Parameters
# > The convolution gets new parameters instead of new numbers in its own. Clone them, or both
# > layers share their weights.
def linear_to_conv(linear, in_channels, patch_size):
    bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=bias)
    weight = linear.weight.detach().clone()
    conv.weight = nn.Parameter(weight.reshape(conv.weight.shape))
    if bias:
        conv.bias = nn.Parameter(linear.bias.detach().clone())
    return conv

# wrong: a tensor instead of a parameter
# > `conv.weight` must stay an `nn.Parameter`: wrap the tensor in one, or copy into it with
# > `conv.weight.copy_(...)` under `torch.no_grad()`.
# ~ nn.Parameter(weight.reshape(conv.weight.shape)) => weight.reshape(conv.weight.shape)

# wrong: the weights are not parameters
# > An optimiser cannot train what it does not find. Put the numbers into an `nn.Parameter`.
# ~ conv.weight = nn.Parameter(weight.reshape(conv.weight.shape)) => shape = conv.weight.shape; del conv.weight; conv.weight = weight.reshape(shape)

# wrong: the numbers are shared with the Linear
# > The convolution shares its numbers with `linear`, so training one changes the other. Copy weight
# > and bias: `.detach().clone()`, or `copy_` into the convolution's own.
# ~ weight = linear.weight.detach().clone() => weight = linear.weight.detach()
# ~ conv.bias = nn.Parameter(linear.bias.detach().clone()) => conv.bias = linear.bias
# wrong: the numbers are shared with the Linear
# ~ weight = linear.weight.detach().clone() => weight = linear.weight.detach()
# wrong: the numbers are shared with the Linear
# ~ conv.bias = nn.Parameter(linear.bias.detach().clone()) => conv.bias = linear.bias

# wrong: the given layer can no longer learn
# > `requires_grad_(False)` stays on `linear` after your function. `linear.weight.detach()` gives the
# > numbers and leaves the layer as it is.
# ~ linear.weight.detach() => linear.requires_grad_(False).weight
