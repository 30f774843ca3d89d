# stub: as handed out
def merge_heads(x):
    raise NotImplementedError("exercise 4.3")

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

# wrong: the wrong axes are swapped
# (swaps images and heads)
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(0, 1).reshape(B, N, h * d)

# wrong: the heads in reverse order
# (heads in reverse)
def merge_heads(x):
    return torch.cat(x.flip(1).unbind(1), dim=-1)

# wrong: only the first image
# (all heads, but of the first image only)
def merge_heads(x):
    return rearrange(x[:1], "b h n d -> b n (h d)")

# wrong: right in float32, wrong in float64
# (float32 for everything)
def merge_heads(x):
    return rearrange(x, "b h n d -> b n (h d)").float()

# wrong: right for 2 images, wrong for one image
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

# wrong: it never finishes
def merge_heads(x):
    while x.ndim == 4:
        x.transpose(1, 2).flatten(2)
    return x

# right: transpose and reshape
def merge_heads(x: torch.Tensor) -> torch.Tensor:
    B, h, N, d = x.shape
    return x.transpose(1, 2).reshape(B, N, h * d)

# right: cat of the heads
def merge_heads(x):
    return torch.cat([x[:, i] for i in range(x.shape[1])], dim=-1)

# right: dstack of unbind
def merge_heads(x):
    return torch.dstack(x.unbind(1))

# right: permute, contiguous, view
def merge_heads(x):
    b, h, n, d = x.size()
    return x.permute(0, 2, 1, 3).contiguous().view(b, n, -1)

# right: filled in a loop
def merge_heads(x):
    B, h, N, d = x.shape
    out = torch.empty(B, N, h * d, dtype=x.dtype, device=x.device)
    for i in range(h):
        out[..., i * d : (i + 1) * d] = x[:, i]
    return out

# right: channels first, bare reshape, back
def merge_heads(x):
    B, h, N, d = x.shape
    return x.mT.reshape(B, h * d, N).mT

# right: index arithmetic
def merge_heads(x):
    h, d = x.shape[1], x.shape[3]
    c = torch.arange(h * d)
    return x[:, c // d, :, c % d].permute(1, 2, 0)

# right: movedim and a helper from einops
from einops import pack


def merge_heads(x):
    merged, _ = pack([x.movedim(1, 2)], "b n *")
    return merged

# right: token by token
def merge_heads(x):
    images = []
    for image in x:
        images.append(torch.stack([image[:, n].reshape(-1) for n in range(image.shape[1])]))
    return torch.stack(images)

# right: reduce over heads with cat
from functools import reduce


def merge_heads(x):
    return reduce(lambda a, b: torch.cat((a, b), dim=2), x.unbind(dim=1))

# right: hstack of the heads with channels in axis 1
def merge_heads(x):
    return torch.hstack([head.transpose(1, 2) for head in x.unbind(1)]).transpose(1, 2)

# wrong: right for 2 heads and 2 tokens, wrong for 3 heads and 2 tokens
# (names of the axes swapped (N and h))
def merge_heads(x):
    B, N, h, d = x.shape
    return x.transpose(1, 2).reshape(B, N, h * d)

# wrong: the heads in reverse order
# (heads in reverse order)
def merge_heads(x):
    return torch.cat(x.unbind(1)[::-1], dim=-1)

# wrong: *
# (mean of the heads, repeated into shape)
def merge_heads(x):
    return x.mean(dim=1).repeat(1, 1, x.shape[1])

# wrong: it changes its input
# (input transposed in place)
def merge_heads(x):
    return x.transpose_(1, 2).flatten(2)

# wrong: right for 2 images, wrong for one image
# (squeezed, a batch of one is lost)
def merge_heads(x):
    return x.transpose(1, 2).flatten(2).squeeze()

# wrong: right for 2 heads and 2 tokens, wrong for 3 heads and 2 tokens
# (two heads only)
def merge_heads(x):
    return torch.cat([x[:, 0], x[:, 1]], dim=-1)

# wrong: *
# (two mistakes, reverse order and woven)
def merge_heads(x):
    return rearrange(x.flip(1), "b h n d -> b n (d h)")

# wrong: it raised EinopsError
# (raises, einops pattern with the wrong number of axes)
def merge_heads(x):
    return rearrange(x, "(b h) n d -> b n (h d)")

# wrong: *
# (first half right, flatten also eats the tokens)
def merge_heads(x):
    return x.transpose(1, 2).flatten(1)

# wrong: right in float32, wrong in float64
# (float32 always)
def merge_heads(x):
    B, h, N, d = x.shape
    out = torch.zeros(B, N, h * d)
    for i in range(h):
        out[:, :, i * d : (i + 1) * d] = x[:, i]
    return out

# right: any axes in front
def merge_heads(x):
    return x.transpose(-3, -2).flatten(-2)

# wrong: right for 5 tokens, wrong for one token
def merge_heads(x):
    return x.transpose(1, 2).flatten(2).squeeze(1)

# wrong: right for 2 heads and 2 tokens, wrong for 3 heads and 2 tokens
# (heads and tokens under each other's names)
def merge_heads(x):
    B, N, h, d = x.shape
    return x.transpose(1, 2).reshape(B, N, h * d)
