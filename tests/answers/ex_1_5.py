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
        rearrange(linear.weight.detach(), "d (c p q) -> d c p q", c=in_channels, p=patch_size)
    )
    conv.bias = linear.bias
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

# wrong: channels last in the kernel
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        w = linear.weight.reshape(-1, patch_size, patch_size, in_channels).permute(0, 3, 1, 2)
        conv.weight.copy_(w)
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: kernel transposed
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape).transpose(2, 3))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: kernel flipped
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape).flip((-1, -2)))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: weight transposed
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.T.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: no stride
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: a border is added
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(
        in_channels, linear.out_features, patch_size, patch_size, 1, bias=linear.bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv

# wrong: the bias is missing
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, bias=False)
    conv.weight = nn.Parameter(linear.weight.reshape(conv.weight.shape).detach())
    return conv

# wrong: the bias is not copied
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    conv.weight = nn.Parameter(linear.weight.reshape(conv.weight.shape).detach())
    return conv

# wrong: nothing is copied
def linear_to_conv(linear, in_channels, patch_size):
    return nn.Conv2d(
        in_channels, linear.out_features, patch_size, stride=patch_size, bias=linear.bias is not None
    )

# wrong: a Linear without bias is forgotten
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        conv.bias.copy_(linear.bias)
    return conv

# wrong: a Linear without bias is forgotten
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    conv.weight.data.copy_(linear.weight.data.reshape(conv.weight.shape))
    if linear.bias is not None:
        conv.bias.data.copy_(linear.bias.data)
    return conv

# wrong: a result in place of a layer
def linear_to_conv(linear, in_channels, patch_size):
    return linear.weight.reshape(-1, in_channels, patch_size, patch_size)

# wrong: the Linear itself comes back
def linear_to_conv(linear, in_channels, patch_size):
    linear.weight.data = linear.weight.data.reshape(-1, in_channels, patch_size, patch_size)
    return linear

# wrong: it returns None
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))

# wrong: it raised RuntimeError
def linear_to_conv(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size)
    conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
    return conv
