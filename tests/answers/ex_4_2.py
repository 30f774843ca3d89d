# stub: as handed out
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads != 0:
        raise ValueError(f"num_heads={num_heads} must divide D={D}")
    raise NotImplementedError("exercise 4.2")

# stub: nothing but the error
def split_heads(x, num_heads):
    raise NotImplementedError("exercise 4.2")

# right: einops
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads)

# right: reshape and transpose
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads != 0:
        raise ValueError(f"num_heads={num_heads} must divide D={D}")
    return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2)

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

# wrong: a bare reshape
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, num_heads, N, D // num_heads)

# wrong: the channels are dealt out like cards
def split_heads(x, num_heads):
    return rearrange(x, "b n (d h) -> b h n d", h=num_heads)

# wrong: the channels are dealt out like cards
# (every h-th channel)
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    return torch.stack([x[..., head::num_heads] for head in range(num_heads)], dim=1)

# wrong: the heads still stand behind the tokens
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, num_heads, D // num_heads)

# wrong: the heads still stand behind the tokens
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, D // num_heads, num_heads)

# wrong: tokens and channels swapped
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, num_heads, D // num_heads).permute(0, 2, 3, 1)

# wrong: tokens and channels swapped
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 3)

# wrong: the tokens are split, not the channels
def split_heads(x, num_heads):
    return rearrange(x, "b (h n) d -> b h n d", h=num_heads)

# wrong: heads and images merged
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> (b h) n d", h=num_heads)

# wrong: heads and images merged
def split_heads(x, num_heads):
    return torch.cat(x.unflatten(-1, (num_heads, -1)).unbind(2), dim=0)

# wrong: heads first, images second
def split_heads(x, num_heads):
    return torch.stack(x.split(x.shape[-1] // num_heads, dim=-1))

# wrong: a list, not a tensor
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    d = x.shape[-1] // num_heads
    return [x[:, :, i * d : (i + 1) * d] for i in range(num_heads)]

# wrong: a list, not a tensor
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    return x.chunk(num_heads, dim=-1)

# wrong: num_heads is taken for the size of a head
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.reshape(B, N, D // num_heads, num_heads).transpose(1, 2)

# wrong: num_heads is taken for the size of a head
# (split wants the size of a piece, not the number of pieces)
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    return torch.stack(x.split(num_heads, dim=-1), dim=1)

# wrong: every head gets all channels
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError
    return torch.stack([x] * num_heads, dim=1)

# wrong: channels are dropped silently
def split_heads(x, num_heads):
    d = x.shape[-1] // num_heads
    pieces = [x[:, :, i * d : (i + 1) * d] for i in range(num_heads)]
    return torch.stack(pieces, dim=1)

# wrong: *
# (view, then the wrong two axes)
def split_heads(x, num_heads):
    B, N, D = x.shape
    return x.view(B, num_heads, D // num_heads, N).transpose(2, 3)

# wrong: *
# (only the first image)
def split_heads(x, num_heads):
    return rearrange(x[:1], "b n (h d) -> b h n d", h=num_heads)

# wrong: *
# (three heads taken for granted)
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=3)

# wrong: *
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

# wrong: it does not come to an end
def split_heads(x, num_heads):
    pieces = []
    while len(pieces) != num_heads + 1:
        pieces = [x]
    return pieces
