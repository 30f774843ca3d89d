# stub: as handed out
def equivariance_error(layer, tokens, order):
    raise NotImplementedError("exercise 3.1")

# right: two lines
def equivariance_error(layer, tokens, order):
    before = layer(tokens[:, order])
    after = layer(tokens)[:, order]
    return (before - after).abs().max().item()

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

# wrong: the output is not shuffled
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)).abs().max().item()

# wrong: the input is not shuffled
def equivariance_error(layer, tokens, order):
    out = layer(tokens)
    return (out - out[:, order]).abs().max().item()

# wrong: shuffled the wrong way round
def equivariance_error(layer, tokens, order):
    back = torch.argsort(order)
    return (layer(tokens[:, order]) - layer(tokens)[:, back]).abs().max().item()

# wrong: shuffled the wrong way round
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order])[:, order] - layer(tokens)).abs().max().item()

# wrong: shuffled the wrong way round
def equivariance_error(layer, tokens, order):
    shuffled = torch.empty_like(tokens)
    shuffled[:, order] = tokens
    return (layer(shuffled) - layer(tokens)[:, order]).abs().max().item()

# wrong: the images are shuffled, not the tokens
def equivariance_error(layer, tokens, order):
    return (layer(tokens[order]) - layer(tokens)[order]).abs().max().item()

# wrong: the numbers are shuffled, not the tokens
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, :, order]) - layer(tokens)[:, :, order]).abs().max().item()

# wrong: another order than the given one
def equivariance_error(layer, tokens, order):
    order = torch.randperm(tokens.shape[1])
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item()

# wrong: the layer's result is compared with its input
def equivariance_error(layer, tokens, order):
    shuffled = tokens[:, order]
    return (layer(shuffled) - shuffled).abs().max().item()

# wrong: the layer is left out
def equivariance_error(layer, tokens, order):
    return (tokens - tokens[:, order]).abs().max().item()

# wrong: the sign is not taken off
def equivariance_error(layer, tokens, order):
    return torch.max(layer(tokens[:, order]) - layer(tokens)[:, order]).item()

# wrong: the mean, not the largest
def equivariance_error(layer, tokens, order):
    return F.l1_loss(layer(tokens[:, order]), layer(tokens)[:, order]).item()

# wrong: the sum, not the largest
def equivariance_error(layer, tokens, order):
    return torch.abs(layer(tokens[:, order]) - layer(tokens)[:, order]).sum().item()

# wrong: the smallest, not the largest
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().min().item()

# wrong: squared
def equivariance_error(layer, tokens, order):
    return F.mse_loss(layer(tokens[:, order]), layer(tokens)[:, order]).item()

# wrong: squared
def equivariance_error(layer, tokens, order):
    return ((layer(tokens[:, order]) - layer(tokens)[:, order]) ** 2).max().item()

# wrong: squared
def equivariance_error(layer, tokens, order):
    return torch.dist(layer(tokens[:, order]), layer(tokens)[:, order]).item()

# wrong: only the first token is compared
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order])[:, 0] - layer(tokens)[:, order[0]]).abs().max().item()

# wrong: only the first image is compared
def equivariance_error(layer, tokens, order):
    tokens = tokens[:1]
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item()

# wrong: added up before comparing
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]).sum(1) - layer(tokens).sum(1)).abs().max().item()

# wrong: added up before comparing
def equivariance_error(layer, tokens, order):
    a, b = layer(tokens[:, order]), layer(tokens)[:, order]
    return (a.mean(dim=1) - b.mean(dim=1)).abs().max().item()

# wrong: yes or no, not how much
def equivariance_error(layer, tokens, order):
    return torch.allclose(layer(tokens[:, order]), layer(tokens)[:, order], atol=1e-6)

# wrong: yes or no, not how much
def equivariance_error(layer, tokens, order):
    return torch.equal(layer(tokens[:, order]), layer(tokens)[:, order])

# wrong: a tensor, not a float
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max()

# wrong: all differences, not the largest
def equivariance_error(layer, tokens, order):
    return layer(tokens[:, order]) - layer(tokens)[:, order]

# wrong: all differences, not the largest
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]) - layer(tokens)[:, order]).abs()

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

# wrong: zero for every layer
def equivariance_error(layer, tokens, order):
    return 0.0

# wrong: zero for every layer
def equivariance_error(layer, tokens, order):
    a = layer(tokens[:, order])
    b = layer(tokens[:, order])
    return (a - b).abs().max().item()

# wrong: *
def equivariance_error(layer, tokens, order):
    gap = (layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max()
    return (gap / layer(tokens).abs().max()).item()

# wrong: *
def equivariance_error(layer, tokens, order):
    return round((layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item())

# wrong: *
def equivariance_error(layer, tokens, order):
    return (layer(tokens[:, order]).numpy() - layer(tokens).numpy()[:, order]).max()

# wrong: it raised TypeError
def equivariance_error(layer, tokens, order):
    return (layer(tokens, order) - layer(tokens)).abs().max().item()

# wrong: it does not come to an end
def equivariance_error(layer, tokens, order):
    worst, i = 0.0, 0
    while i < len(order):
        gap = layer(tokens[:, order])[:, i] - layer(tokens)[:, order[i]]
        worst = max(worst, gap.abs().max().item())
    return worst
