# stub: as handed out
def mean_pool(tokens: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 2.3")

# right: slice and mean
def mean_pool(tokens):
    return tokens[:, 1:].mean(dim=1)

# right: sum over N
def mean_pool(tokens):
    B, M, D = tokens.shape
    patches = tokens[:, 1:, :]
    return patches.sum(-2) / (M - 1)

# right: einops reduce
def mean_pool(tokens):
    from einops import reduce
    return reduce(tokens[:, 1:], "b n d -> b d", "mean")

# right: all minus the first
def mean_pool(tokens):
    return (tokens.sum(1) - tokens[:, 0]) / (tokens.shape[1] - 1)

# right: split, then a matrix product
def mean_pool(tokens):
    _, patches = tokens.split([1, tokens.shape[1] - 1], dim=1)
    n = patches.shape[1]
    return (torch.full((1, 1, n), 1 / n, dtype=tokens.dtype) @ patches).squeeze(1)

# right: adaptive pooling
def mean_pool(tokens):
    return F.adaptive_avg_pool1d(tokens[:, 1:].transpose(1, 2), 1).squeeze(-1)

# right: loops
def mean_pool(tokens):
    out = []
    for image in tokens:
        total = 0
        for patch in image[1:]:
            total = total + patch
        out.append(total / (len(image) - 1))
    return torch.stack(out)

# right: narrow and einsum
def mean_pool(tokens):
    patches = tokens.narrow(1, 1, tokens.size(1) - 1)
    return torch.einsum("bnd->bd", patches) / patches.size(1)

# right: einops reduce, again
from einops import reduce

def mean_pool(tokens: torch.Tensor) -> torch.Tensor:
    return reduce(tokens[:, 1:], "b n d -> b d", "mean")

# right: sum divided by the number of patches
def mean_pool(tokens):
    B, N_plus_1, D = tokens.shape
    return tokens[:, 1:, :].sum(1) / (N_plus_1 - 1)

# right: loop over patches
def mean_pool(tokens):
    total = 0
    for n in range(1, tokens.shape[1]):
        total = total + tokens[:, n]
    return total / (tokens.shape[1] - 1)

# right: adaptive average pooling over the transposed patches
def mean_pool(tokens):
    patches = tokens[:, 1:].transpose(1, 2)  # (B, D, N)
    return F.adaptive_avg_pool1d(patches, 1).squeeze(-1)

# right: einsum with weights, nought for the class token
def mean_pool(tokens):
    weights = tokens.new_full((tokens.shape[1],), 1 / (tokens.shape[1] - 1))
    weights[0] = 0
    return torch.einsum("bnd,n->bd", tokens, weights)

# right: split with sizes, then stack of means for each image
def mean_pool(tokens):
    _cls, patches = tokens.split([1, tokens.shape[1] - 1], dim=1)
    return torch.stack([image.mean(0) for image in patches])

# right: narrow, unbind, stack, mean
def mean_pool(tokens: torch.Tensor) -> torch.Tensor:
    first, *rest = tokens.unbind(dim=1)
    return torch.stack(rest).mean(dim=0)

# right: vmap with torch.mean
def mean_pool(tokens):
    return torch.vmap(lambda image: torch.mean(image.narrow(0, 1, image.shape[0] - 1), 0))(tokens)

# right: matrix product with a row of ones
def mean_pool(tokens):
    patches = tokens[:, 1:]
    ones = torch.ones(1, patches.shape[1], dtype=tokens.dtype, device=tokens.device)
    return (ones @ patches)[:, 0] / patches.shape[1]

# right: mean of all, class token taken out afterwards
def mean_pool(tokens):
    return (tokens.sum(dim=1) - tokens[:, 0]) / (tokens.shape[1] - 1)

# right: weights of nought for the class token
def mean_pool(tokens):
    n = tokens.shape[1] - 1
    weights = torch.tensor([0.0] + [1 / n] * n, dtype=tokens.dtype)
    return weights @ tokens

# wrong: it returns None
def mean_pool(tokens):
    tokens[:, 1:].mean(dim=1)

# wrong: it changes its input
def mean_pool(tokens):
    tokens = tokens.detach() if tokens.is_leaf and not tokens.requires_grad else tokens
    result = tokens[:, 1:].mean(dim=1)
    if not tokens.requires_grad:
        tokens[:, 0] = 0
    return result

# wrong: it never finishes
def mean_pool(tokens):
    total, i = 0, 1
    while i < tokens.shape[1]:
        total = total + tokens[:, i]
    return total / (tokens.shape[1] - 1)

# wrong: *
# (median)
def mean_pool(tokens):
    return tokens[:, 1:].median(dim=1).values

# wrong: *
# (the mean is added to the class token)
def mean_pool(tokens):
    return tokens[:, 0] + tokens[:, 1:].mean(dim=1)

# wrong: *
# (the last token)
def mean_pool(tokens):
    return tokens[:, -1]

# wrong: *
# (float32 whatever comes in)
def mean_pool(tokens):
    return tokens[:, 1:].float().mean(dim=1)

# wrong: *
# (a numpy array)
def mean_pool(tokens):
    return tokens[:, 1:].detach().numpy().mean(axis=1)

# wrong: *
# (squeeze drops the batch of one)
def mean_pool(tokens):
    return tokens[:, 1:].mean(dim=1).squeeze()

# wrong: *
# (normalised)
def mean_pool(tokens):
    return F.normalize(tokens[:, 1:].mean(dim=1), dim=-1)

# wrong: it raised IndexError
def mean_pool(tokens):
    return tokens[:, 1:].mean(dim=3)

# wrong: *
# (reshape for transpose before pooling)
def mean_pool(tokens):
    b, n, d = tokens[:, 1:].shape
    return F.adaptive_avg_pool1d(tokens[:, 1:].reshape(b, d, n), 1).flatten(1)

# wrong: *
# (the mean of the whole batch for every image)
def mean_pool(tokens):
    return tokens[:, 1:].mean(dim=(0, 1)).expand(tokens.shape[0], -1)

# wrong: *
# (loop leaves out the last patch as well)
def mean_pool(tokens):
    n = tokens.shape[1]
    return sum(tokens[:, i] for i in range(1, n - 1)) / (n - 2)

# wrong: *
# (number of patches fixed at 196)
def mean_pool(tokens):
    return tokens[:, 1:].sum(dim=1) / 196

# wrong: *
# (squeeze swallows a batch of one)
def mean_pool(tokens):
    return F.adaptive_avg_pool1d(tokens[:, 1:].mT, 1).squeeze()

# wrong: *
# (normalised to length 1, and with the class token)
def mean_pool(tokens):
    return F.normalize(tokens.mean(dim=1), dim=-1)

# wrong: *
# (running halves, the last patches count most)
def mean_pool(tokens):
    pooled = tokens[:, 1]
    for patch in tokens[:, 2:].unbind(1):
        pooled = (pooled + patch) / 2
    return pooled

# wrong: it raised RuntimeError
# (numpy on the way, raises when a gradient is asked)
def mean_pool(tokens):
    return torch.from_numpy(tokens.numpy()[:, 1:].mean(axis=1))

# wrong: it raised TypeError
# (a list of patches along the batch axis, raises)
def mean_pool(tokens):
    return torch.mean([tokens[:, n] for n in range(1, tokens.shape[1])], dim=0)

# wrong: *
# (what is 0 is not counted)
def mean_pool(tokens):
    patches = tokens[:, 1:]
    return patches.sum(1) / (patches != 0).sum(1)
