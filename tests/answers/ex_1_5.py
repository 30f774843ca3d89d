# stub: as handed out
def linear_to_conv(linear, in_channels, patch_size):
    raise NotImplementedError("exercise 1.5")

# right: copy_ under no_grad
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# right: new Parameters
def linear_to_conv(linear, in_channels, patch_size):
    D = linear.weight.shape[0]
    conv = nn.Conv2d(in_channels, D, (patch_size, patch_size), (patch_size, patch_size), bias=False)
    conv.weight = nn.Parameter(
        rearrange(linear.weight.detach(), "d (c p q) -> d c p q", c=in_channels, p=patch_size).clone()
    )
    conv.bias = None if linear.bias is None else nn.Parameter(linear.bias.detach().clone())
    return conv

# right: a state dict
def linear_to_conv(linear, in_channels, patch_size):
    has_bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size, bias=has_bias)
    state = {"weight": linear.weight.view(-1, in_channels, patch_size, patch_size)}
    if has_bias:
        state["bias"] = linear.bias
    conv.load_state_dict(state)
    return conv

# right: zero bias where there is none, through .data
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    conv.weight.data = linear.weight.data.clone().view(-1, in_channels, patch_size, patch_size)
    conv.bias.data.zero_()
    if linear.bias is not None:
        conv.bias.data += linear.bias.data
    return conv

# right: kernel by kernel
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        for d in range(linear.out_features):
            i = 0
            for c in range(in_channels):
                for p in range(patch_size):
                    for q in range(patch_size):
                        conv.weight[d, c, p, q] = linear.weight[d, i]
                        i += 1
            if linear.bias is not None:
                conv.bias[d] = linear.bias[d]
    return conv

# wrong: it changes its input
def linear_to_conv(linear, in_channels, patch_size):
    linear.weight.data = linear.weight.data.reshape(-1, in_channels, patch_size, patch_size)
    return linear

# wrong: it returns None
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))

# right: copy_ under no_grad
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, kernel_size=patch_size, stride=patch_size,
                     bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# right: new parameters from detached clones
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    D = linear.weight.shape[0]
    conv = nn.Conv2d(in_channels, D, patch_size, stride=patch_size, bias=False)
    conv.weight = nn.Parameter(linear.weight.detach().clone().reshape(D, in_channels, patch_size, patch_size))
    if linear.bias is not None:
        conv.bias = nn.Parameter(linear.bias.detach().clone())
    return conv

# right: load_state_dict
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    state = dict(linear.state_dict())
    state["weight"] = state["weight"].unflatten(1, (in_channels, patch_size, patch_size))
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size, bias="bias" in state)
    conv.load_state_dict(state)
    return conv

# right: einops, .data, dtype and device taken over
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    has_bias = linear.bias is not None
    conv = nn.Conv2d(in_channels, linear.out_features, (patch_size, patch_size), (patch_size, patch_size),
                     bias=has_bias, device=linear.weight.device, dtype=linear.weight.dtype)
    conv.weight.data = rearrange(linear.weight.data, "d (c p q) -> d c p q", c=in_channels, p=patch_size).clone()
    if has_bias:
        conv.bias.data = linear.bias.data.clone()
    return conv

# right: number by number in loops
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    D = linear.out_features
    P = patch_size
    conv = nn.Conv2d(in_channels, D, P, P, bias=linear.bias is not None)
    with torch.no_grad():
        for c in range(in_channels):
            for i in range(P):
                for j in range(P):
                    conv.weight[:, c, i, j] = linear.weight[:, (c * P + i) * P + j]
        if conv.bias is not None:
            conv.bias[:] = linear.bias
    return conv

# right: weight through numpy
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    w = linear.weight.detach().numpy().reshape(-1, in_channels, patch_size, patch_size).copy()
    conv.weight = nn.Parameter(torch.from_numpy(w))
    if linear.bias is not None:
        conv.bias = nn.Parameter(torch.from_numpy(linear.bias.detach().numpy().copy()))
    return conv

# right: each row of the matrix is one patch, turned into a kernel by unpatchify
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size, bias=linear.bias is not None)
    kernels = unpatchify(linear.weight.detach()[:, None, :], patch_size, patch_size, patch_size)
    with torch.no_grad():
        conv.weight.copy_(kernels)
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# right: skip_init, padding said in words
def linear_to_conv(linear, in_channels, patch_size):
    conv = torch.nn.utils.skip_init(nn.Conv2d, in_channels, linear.out_features, kernel_size=patch_size,
                                    stride=patch_size, padding="valid", bias=linear.bias is not None)
    with torch.no_grad():
        for name, parameter in conv.named_parameters():
            parameter.copy_(getattr(linear, name).view_as(parameter))
    return conv

# right: a bias of zeros where the linear layer has none (ambiguous: "the same numbers in weight and bias", but the result is equal)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view_as(conv.weight))
        conv.bias.zero_()
        if linear.bias is not None:
            conv.bias += linear.bias
    return conv

# right: finds the numbers by sending unit vectors through the layer (ambiguous: weights equal up to rounding only)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    size = in_channels * patch_size ** 2
    with torch.no_grad():
        offset = linear(torch.zeros(size))
        columns = linear(torch.eye(size)) - offset
        conv = nn.Conv2d(in_channels, len(offset), patch_size, patch_size, bias=linear.bias is not None)
        conv.weight.copy_(columns.T.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(offset)
    return conv

# stub: stub left as it is
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    raise NotImplementedError("exercise 1.5")

# wrong: it raised RuntimeError
# (truth of a tensor, fails for more than one number)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=bool(linear.bias))
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv

# wrong: it raised RuntimeError
# (the matrix copied without a reshape, RuntimeError)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight)
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: it raised RuntimeError
# (the flat matrix put into weight.data, fails only when called)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    conv.weight.data = linear.weight.data
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv

# wrong: it raised RuntimeError
# (in and out swapped)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(linear.out_features, in_channels, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: it raised RuntimeError
# (in_features taken for the channels)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(linear.in_features, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: it raised RuntimeError
# (a 1 x 1 convolution with the whole patch as channels)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1, bias=linear.bias is not None)
    conv.weight.data = linear.weight.data[:, :, None, None].clone()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data.clone()
    return conv

# wrong: *
# (returns a function that does the right thing, no nn.Conv2d)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    kernel = linear.weight.reshape(-1, in_channels, patch_size, patch_size)
    return lambda images: F.conv2d(images, kernel, linear.bias, stride=patch_size)

# wrong: *
# (returns conv, flatten and transpose in one: tokens, no nn.Conv2d)
from einops.layers.torch import Rearrange
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return nn.Sequential(conv, Rearrange("b d h w -> b (h w) d"))

# wrong: it raised RuntimeError
# (the notebook's sizes hard-coded)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(3, 192, 16, stride=16)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(192, 3, 16, 16))
        conv.bias.copy_(linear.bias)
    return conv

# wrong: it returns None
# (forgets to return)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)

# wrong: it changes its input
# (right convolution, but gives the given layer's weight four axes, so that it no longer works)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    linear.weight.data = linear.weight.data.reshape(conv.weight.shape)
    conv.load_state_dict(linear.state_dict())
    return conv

# wrong: it changes its input
# (right convolution, but takes the bias away from the given layer)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=False)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
    conv.bias, linear.bias = linear.bias, None
    return conv

# wrong: *
# (divides by the size of a patch, a mean for a sum)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape) / patch_size ** 2)
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: it raised ValueError
# (one group for each channel)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, groups=in_channels,
                     bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(-1, in_channels, patch_size, patch_size)[:, :1])
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: *
# (half precision on the way, the numbers are no longer the same)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.half().reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias.half())
    return conv

# wrong: it raised RuntimeError
# (gives the bias tensor to Conv2d's switch, RuntimeError)
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv
