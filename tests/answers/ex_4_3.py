# stub: as handed out
def merge_heads(x):
    raise NotImplementedError("exercise 4.3")

# right: einops
def merge_heads(x):
    return rearrange(x, "b h n d -> b n (h d)")

# right: transpose and flatten
def merge_heads(x):
    return x.transpose(1, 2).flatten(2)

# right: permute, contiguous, view
def merge_heads(x):
    B, h, N, d = x.shape
    return x.permute(0, 2, 1, 3).contiguous().view(B, N, h * d)

# right: the heads side by side
def merge_heads(x):
    return torch.cat([x[:, head] for head in range(x.shape[1])], dim=-1)

# right: unbind and cat
def merge_heads(x):
    return torch.cat(x.unbind(1), dim=2)

# right: a loop over tokens
def merge_heads(x):
    return torch.stack([x[:, :, n].reshape(x.shape[0], -1) for n in range(x.shape[2])], dim=1)

# right: einsum for the transpose
def merge_heads(x):
    B, h, N, d = x.shape
    return torch.einsum("bhnd->bnhd", x).reshape(B, N, h * d)

# wrong: no transpose
def merge_heads(x):
    B, h, N, d = x.shape
    return x.reshape(B, N, h * d)

# wrong: view on transposed memory
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(1, 2).view(B, N, -1)

# wrong: view on transposed memory
def merge_heads(x):
    B, h, N, d = x.shape
    return x.permute(0, 2, 1, 3).view(B, N, h * d)

# wrong: the channels are dealt out like cards
def merge_heads(x):
    return x.permute(0, 2, 3, 1).flatten(2)

# wrong: the wrong axes are swapped
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(2, 3).reshape(B, N, h * d)

# wrong: the wrong axes are swapped
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(1, 3).reshape(B, N, h * d)

# wrong: the heads are averaged
def merge_heads(x):
    return x.mean(dim=1)

# wrong: the heads are added up
def merge_heads(x):
    return sum(x[:, head] for head in range(x.shape[1]))

# wrong: only one head is left
def merge_heads(x):
    return x[:, 0]

# wrong: the heads are still an axis of their own
def merge_heads(x):
    return x.transpose(1, 2)

# wrong: the tokens of all heads in one row
def merge_heads(x):
    return x.flatten(1, 2)

# wrong: the tokens of all heads in one row
def merge_heads(x):
    return torch.cat(x.unbind(1), dim=1)

# wrong: tokens and channels swapped
def merge_heads(x):
    return x.transpose(2, 3).flatten(1, 2)

# wrong: the images of a batch are mixed
def merge_heads(x):
    B, h, N, d = x.shape
    return x.permute(2, 0, 1, 3).reshape(B, N, h * d)

# wrong: *
# (swaps images and heads)
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(0, 1).reshape(B, N, h * d)

# wrong: *
# (heads in reverse)
def merge_heads(x):
    return torch.cat(x.flip(1).unbind(1), dim=-1)

# wrong: *
# (all heads, but of the first image only)
def merge_heads(x):
    return rearrange(x[:1], "b h n d -> b n (h d)")

# wrong: *
# (float32 for everything)
def merge_heads(x):
    return rearrange(x, "b h n d -> b n (h d)").float()

# wrong: *
# (squeezes an axis of length one away)
def merge_heads(x):
    return rearrange(x, "b h n d -> b n (h d)").squeeze()

# wrong: it changes its input
def merge_heads(x):
    result = rearrange(x, "b h n d -> b n (h d)").clone()
    x.mul_(2)
    return result

# wrong: it returns None
def merge_heads(x):
    x.transpose(1, 2).flatten(2)

# wrong: it raised NameError
def merge_heads(x):
    return x.transpose(1, 2).reshape(B, N, -1)

# wrong: it does not come to an end
def merge_heads(x):
    while x.ndim == 4:
        x.transpose(1, 2).flatten(2)
    return x
