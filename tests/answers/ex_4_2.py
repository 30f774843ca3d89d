# stub: as handed out
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads != 0:
        raise ValueError(f"num_heads={num_heads} must divide D={D}")
    raise NotImplementedError("exercise 4.2")

# stub: nothing but the error
def split_heads(x, num_heads):
    raise NotImplementedError("exercise 4.2")

# right: view and permute, the size of a head left open
def split_heads(x, num_heads):
    return x.view(x.size(0), x.size(1), num_heads, -1).permute(0, 2, 1, 3)

# right: chunk and stack
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError("does not fit")
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1)

# right: slices in a loop
def split_heads(x, num_heads):
    B, N, D = x.shape
    assert D % num_heads == 0
    d = D // num_heads
    result = torch.empty(B, num_heads, N, d, dtype=x.dtype, device=x.device)
    for head in range(num_heads):
        result[:, head] = x[:, :, head * d : (head + 1) * d]
    return result

# right: unflatten, swapaxes, contiguous
def split_heads(x, num_heads):
    return x.unflatten(-1, (num_heads, x.shape[-1] // num_heads)).swapaxes(1, 2).contiguous()

# right: unfold along the channels
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    d = x.shape[-1] // num_heads
    return x.unfold(-1, d, d).movedim(2, 1)

# wrong: the tokens are split, not the channels
def split_heads(x, num_heads):
    return rearrange(x, "b (h n) d -> b h n d", h=num_heads)

# wrong: heads first, images second
def split_heads(x, num_heads):
    return torch.stack(x.split(x.shape[-1] // num_heads, dim=-1))

# wrong: *
# (view, then the wrong two axes)
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.view(B, num_heads, D // num_heads, N).transpose(2, 3)

# wrong: only the first image
# (only the first image)
def split_heads(x, num_heads):
    return rearrange(x[:1], "b n (h d) -> b h n d", h=num_heads)

# wrong: right for 3 heads, wrong for 2 heads
# (three heads taken for granted)
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=3)

# wrong: the heads in reverse order
# (channels back to front)
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads).flip(1)

# wrong: *
# (integers)
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads).long()

# wrong: it changes its input
def split_heads(x, num_heads):
    result = rearrange(x, "b n (h d) -> b h n d", h=num_heads).clone()
    x.zero_()
    return result

# wrong: it changes its input
# (the shape of the caller's tensor)
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.resize_(B, N, num_heads, D // num_heads).transpose(1, 2).clone()

# wrong: it returns None
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    x = x.reshape(x.shape[0], x.shape[1], num_heads, -1).transpose(1, 2)

# wrong: it raised TypeError
# (a float is no size)
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, num_heads, D / num_heads).transpose(1, 2)

# wrong: it raised EinopsError
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d")

# wrong: it never finishes
def split_heads(x, num_heads):
    pieces = []
    while len(pieces) != num_heads + 1:
        pieces = [x]
    return pieces

# right: reshape and transpose
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads != 0:
        raise ValueError("num_heads must divide D")
    return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2)

# right: einops
def split_heads(x: torch.Tensor, num_heads: int) -> torch.Tensor:
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads)

# right: slices in a loop, stacked
def split_heads(x, num_heads):
    D = x.shape[-1]
    if D % num_heads:
        raise ValueError(f"{num_heads} does not divide {D}")
    d = D // num_heads
    return torch.stack([x[..., i * d : (i + 1) * d] for i in range(num_heads)], dim=1)

# right: unflatten and movedim, torch raises by itself
def split_heads(x, num_heads):
    return x.unflatten(-1, (num_heads, -1)).movedim(-2, 1)

# right: dsplit, torch raises by itself
def split_heads(x, num_heads):
    return torch.stack(torch.dsplit(x, num_heads), 1)

# right: tensor_split, uneven parts cannot be stacked
def split_heads(x, num_heads):
    return torch.stack(x.tensor_split(num_heads, dim=-1), dim=1)

# right: filled into an empty tensor of the same dtype
def split_heads(x, num_heads):
    B, N, D = x.shape
    assert D % num_heads == 0, "does not divide"
    d = D // num_heads
    out = x.new_empty(B, num_heads, N, d)
    for head in range(num_heads):
        for j in range(d):
            out[:, head, :, j] = x[:, :, head * d + j]
    return out

# right: unfold, a window of d numbers
def split_heads(x, num_heads):
    d, rest = divmod(x.size(2), num_heads)
    if rest:
        raise ValueError("rest")
    return x.unfold(2, d, d).permute(0, 2, 1, 3)

# right: channels first, bare reshape, back
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    return x.transpose(1, 2).reshape(B, num_heads, D // num_heads, N).transpose(2, 3).contiguous()

# right: indices
def split_heads(x, num_heads):
    channels = torch.arange(x.shape[-1]).reshape(num_heads, -1)
    return x[:, :, channels].permute(0, 2, 1, 3)

# right: strides
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ZeroDivisionError("no")
    d = D // num_heads
    b, n, c = x.stride()
    return x.as_strided((B, num_heads, N, d), (b, c * d, n, c), x.storage_offset())

# right: view of the last axis only, works for any strides
def split_heads(x, num_heads):
    return x.view(*x.shape[:2], num_heads, -1).swapdims(1, 2).clone()

# right: vmap over tokens and images
def split_heads(x, num_heads):
    one = lambda token: token.reshape(num_heads, -1)
    return torch.vmap(torch.vmap(one, out_dims=1))(x)

# wrong: *
# (channels first, then reshaped as if they were not)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    return x.transpose(1, 2).reshape(B, num_heads, N, D // num_heads)

# wrong: the heads in reverse order
# (heads in reverse order)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    d = D // num_heads
    return torch.stack([x[:, :, D - (i + 1) * d : D - i * d] for i in range(num_heads)], dim=1)

# wrong: right in float32, wrong in float64
# (float32 always)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    d = D // num_heads
    out = torch.zeros(B, num_heads, N, d)
    for i in range(num_heads):
        out[:, i] = x[:, :, i * d : (i + 1) * d]
    return out

# wrong: it changes its input
# (input changed in place (unsqueeze_))
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    x.unsqueeze_(1)
    return torch.cat(x.chunk(num_heads, dim=-1), dim=1)

# wrong: right where memory is laid out in reading order, wrong where memory is laid out differently
# (strides for contiguous tensors only)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    d = D // num_heads
    return torch.as_strided(x, (B, num_heads, N, d), (N * D, d, D, 1))

# wrong: *
# (two heads only, as above)
def split_heads(x, num_heads):
    d = x.shape[-1] // 2
    return torch.stack([x[..., :d], x[..., d:]], dim=1)

# wrong: *
# (three channels a head, as above)
def split_heads(x, num_heads):
    return torch.stack([x[..., 3 * i : 3 * i + 3] for i in range(num_heads)], dim=1)

# wrong: every head gets the same part
# (the same channels for every head (copies of the first part))
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    return x[:, None, :, : D // num_heads].expand(B, num_heads, N, D // num_heads)

# wrong: *
# (tokens are split, not channels)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    return x.mT.reshape(B, num_heads, -1, N).reshape(B, num_heads, N, -1)

# wrong: right for 2 images, wrong for one image
# (squeezes the batch of one away)
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads:
        raise ValueError
    return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2).squeeze()

# wrong: a bare reshape
# (two mistakes, bare view and no error)
def split_heads(x, num_heads):
    d = x.shape[-1] // num_heads
    return x[..., : d * num_heads].reshape(x.shape[0], num_heads, -1, d)

# right: product with an identity
def split_heads(x, num_heads):
    D = x.shape[-1]
    pick = torch.eye(D, dtype=x.dtype).reshape(D, num_heads, D // num_heads)
    return torch.einsum("bnc,chd->bhnd", x, pick)

# right: assert, and any number of axes in front
def split_heads(x, num_heads):
    *front, D = x.shape
    assert not D % num_heads
    return x.reshape(*front, num_heads, D // num_heads).transpose(-3, -2)

# wrong: right for 2 images, wrong for one image
# (two images taken for granted)
def split_heads(x, num_heads):
    return x.reshape(2, x.shape[1], num_heads, -1).transpose(1, 2)

# wrong: it changes its input
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    x.unsqueeze_(1)
    return torch.cat(x.chunk(num_heads, -1), dim=1)
