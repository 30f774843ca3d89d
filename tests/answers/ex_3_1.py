# stub: as handed out
def equivariance_error(layer, tokens, order):
    raise NotImplementedError("exercise 3.1")

# right: index_select and float()
def equivariance_error(layer, tokens, order):
    with torch.no_grad():
        a = layer(torch.index_select(tokens, 1, order))
        b = torch.index_select(layer(tokens), 1, order)
    return float(torch.max(torch.abs(a - b)))

# right: the shuffled result put back in order
def equivariance_error(layer, tokens, order):
    back = torch.argsort(order)
    return (layer(tokens[:, order])[:, back] - layer(tokens)).abs().max().item()

# right: a permutation matrix
def equivariance_error(layer, tokens, order):
    P = torch.eye(len(order), dtype=tokens.dtype)[order]
    with torch.no_grad():
        difference = layer(P @ tokens) - P @ layer(tokens)
    return difference.abs().amax().item()

# right: a loop over the tokens
def equivariance_error(layer, tokens, order):
    shuffled = torch.stack([tokens[:, i] for i in order.tolist()], dim=1)
    got, whole = layer(shuffled), layer(tokens)
    worst = 0.0
    for place, i in enumerate(order.tolist()):
        worst = max(worst, (got[:, place] - whole[:, i]).abs().max().item())
    return worst

# right: the infinity norm
def equivariance_error(layer, tokens, order):
    gap = layer(tokens[:, order, :]) - layer(tokens)[:, order, :]
    return torch.linalg.vector_norm(gap, ord=float("inf")).item()

# right: NumPy
def equivariance_error(layer, tokens, order):
    a = layer(tokens[:, order]).detach().numpy()
    b = layer(tokens).detach().numpy()[:, order.numpy()]
    return abs(a - b).max().tolist()

# right: index_select under no_grad
@torch.no_grad()
def equivariance_error(layer, tokens, order):
    shuffled_first = layer(tokens.index_select(1, order))
    shuffled_last = layer(tokens).index_select(1, order)
    return float(torch.max(torch.abs(shuffled_first - shuffled_last)))

# right: take_along_dim and distance with p = infinity
def equivariance_error(layer, tokens, order):
    index = order[None, :, None]
    a = layer(torch.take_along_dim(tokens, index, dim=1))
    b = torch.take_along_dim(layer(tokens), index, dim=1)
    return torch.dist(a, b, p=float("inf")).item()

# right: gather, with expanded index, vector_norm
def equivariance_error(layer, tokens, order):
    def shuffle(x):
        return x.gather(1, order.view(1, -1, 1).expand(x.shape[0], -1, x.shape[2]))

    return torch.linalg.vector_norm(layer(shuffle(tokens)) - shuffle(layer(tokens)), ord=math.inf).item()

# right: python numbers only at the end
def equivariance_error(layer, tokens, order):
    before = layer(tokens[:, order, :]).detach().flatten().tolist()
    after = layer(tokens)[:, order, :].detach().flatten().tolist()
    return max(abs(x - y) for x, y in zip(before, after))

# right: unshuffled by scatter into an empty tensor
def equivariance_error(layer, tokens, order):
    y = layer(tokens)
    z = torch.empty_like(y)
    z[:, order] = layer(tokens[:, order])
    return float((y - z).detach().abs().max())

# right: both runs in one batch
def equivariance_error(layer, tokens, order):
    out = layer(torch.cat([tokens, tokens[:, order]]))
    plain, shuffled = out.chunk(2)
    return (shuffled - plain[:, order]).abs().max().item()

# right: each image on its own
def equivariance_error(layer, tokens, order):
    return max(
        (layer(image[:, order]) - layer(image)[:, order]).abs().max().item() for image in tokens.split(1)
    )

# right: layer called on the tokens themselves first
def equivariance_error(layer, tokens, order):
    y = layer(tokens)
    return (layer(tokens[:, order]) - y[:, order]).abs().max().item()

# right: switches to eval mode
def equivariance_error(layer, tokens, order):
    if isinstance(layer, nn.Module):
        layer.eval()
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item()

# right: computes the difference in float64
def equivariance_error(layer, tokens, order):
    a, b = layer(tokens[:, order]).double(), layer(tokens)[:, order].double()
    return (a - b).abs().max().item()

# wrong: it changes its input
def equivariance_error(layer, tokens, order):
    after = layer(tokens)[:, order]
    tokens[:] = tokens[:, order]
    return (layer(tokens) - after).abs().max().item()

# wrong: it returns None
def equivariance_error(layer, tokens, order):
    print((layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item())

# wrong: *
def equivariance_error(layer, tokens, order):
    return str((layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item())

# wrong: *
def equivariance_error(layer, tokens, order):
    gap = (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max()
    return (gap / layer(tokens).abs().max()).item()

# wrong: right for an equivariant layer, wrong for others
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().sum(dim=1).max().item()

# wrong: right for two places, wrong for five
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order])[:, -1] - layer(tokens)[:, order][:, -1]).abs().max().item()

# wrong: *
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]).numpy() - layer(tokens).numpy()[:, order]).max()

# wrong: it raised TypeError
def equivariance_error(layer, tokens, order):
    return (layer(tokens, order) - layer(tokens)).abs().max().item()

# wrong: it never finishes
def equivariance_error(layer, tokens, order):
    worst, i = 0.0, 0
    while i < len(order):
        gap = layer(tokens[:, order])[:, i] - layer(tokens)[:, order[i]]
        worst = max(worst, gap.abs().max().item())
    return worst

# wrong: *
# (returns whether they are close)
def equivariance_error(layer, tokens, order):
    return float(not torch.allclose(layer(tokens[:, order]), layer(tokens)[:, order]))

# wrong: *
# (root mean square over everything)
def equivariance_error(layer, tokens, order):
    P = torch.eye(len(order), dtype=tokens.dtype)[order]
    return ((layer(P @ tokens) - P @ layer(tokens)) ** 2).mean().sqrt().item()

# wrong: *
# (relative error)
def equivariance_error(layer, tokens, order):
    a, b = layer(tokens[:, order]), layer(tokens)[:, order]
    return ((a - b).abs().max() / b.abs().max()).item()

# wrong: *
# (sorted results compared, order forgotten, no abs)
def equivariance_error(layer, tokens, order):
    a, b = layer(tokens[:, order]).sort(dim=1).values, layer(tokens).sort(dim=1).values
    return (a - b).max().item()

# wrong: *
# (largest length of the difference of a token)
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).norm(dim=-1).max().item()

# wrong: *
# (everything in half the digits)
def equivariance_error(layer, tokens, order):
    a, b = layer(tokens[:, order]).half(), layer(tokens)[:, order].half()
    return (a - b).abs().max().item()
