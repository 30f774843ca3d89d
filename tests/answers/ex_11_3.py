# stub: as handed out
def hidden_loss(predicted, images, visible, patch_size):
    """How far the prediction is from the hidden patches."""
    raise NotImplementedError("exercise 11.3")

# stub: half finished
def hidden_loss(predicted, images, visible, patch_size):
    patches = patchify(images, patch_size)
    raise NotImplementedError("exercise 11.3")

# right: mse_loss of the hidden
def hidden_loss(predicted, images, visible, patch_size):
    target = patchify(images, patch_size)
    target = target - target.mean(-1, keepdim=True)
    target = target / torch.sqrt(target.var(-1, keepdim=True) + 1e-6)
    keep = torch.ones_like(target[..., 0]).bool()
    keep.scatter_(1, visible, False)
    if not keep.any():
        raise ValueError("nothing is hidden")
    return F.mse_loss(predicted[keep], target[keep])

# right: image by image
def hidden_loss(predicted, images, visible, patch_size):
    B, N, _ = predicted.shape
    patches = patchify(images, patch_size)
    losses = []
    for b in range(B):
        hidden = [i for i in range(N) if i not in visible[b].tolist()]
        if not hidden:
            raise ValueError("all patches are visible")
        for i in hidden:
            patch = patches[b, i]
            target = (patch - patch.mean()) / (patch.var() + 1e-6).sqrt()
            losses.append(((predicted[b, i] - target) ** 2).mean())
    return torch.stack(losses).mean()

# right: the hidden places gathered
def hidden_loss(predicted, images, visible, patch_size):
    N = predicted.shape[1]
    taken = F.one_hot(visible, N).sum(dim=1)
    hidden = taken.argsort(dim=1, stable=True)[:, : N - visible.shape[1]]
    if hidden.numel() == 0:
        raise ValueError("no hidden patches")
    index = hidden[..., None].expand(-1, -1, predicted.shape[2])
    t = patchify(images, patch_size).gather(1, index)
    t = (t - t.mean(2, keepdim=True)) / (t.var(2, keepdim=True) + 1e-6) ** 0.5
    return (predicted.gather(1, index) - t).pow(2).mean()

# right: weights of 0 and 1, without gradients for the target
def hidden_loss(predicted, images, visible, patch_size):
    with torch.no_grad():
        x = patchify(images, patch_size)
        var, mean = torch.var_mean(x, dim=2, keepdim=True)
        x = (x - mean) * torch.rsqrt(var + 1e-6)
    w = 1 - F.one_hot(visible, x.shape[1]).sum(1).to(x.dtype)
    if float(w.sum()) == 0:
        raise ValueError("visible holds all patches")
    per_patch = (predicted - x).square().mean(2)
    return (per_patch * w).sum() / w.sum()

# right: the variance by hand
def hidden_loss(predicted, images, visible, patch_size):
    B, N, L = predicted.shape
    if visible.shape[1] >= N:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    centred = p - p.sum(2, keepdim=True) / L
    v = (centred**2).sum(2, keepdim=True) / (L - 1)
    error = (predicted - centred / torch.sqrt(v + 1e-6)) ** 2
    mask = torch.ones(B, N, 1, dtype=error.dtype)
    mask[torch.arange(B)[:, None], visible] = 0
    return (error * mask).sum() / (mask.sum() * L)

# right: masked_select
def hidden_loss(predicted, images, visible, patch_size):
    p = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    target = (p - p.mean(-1, keepdim=True)) / (p.var(-1, keepdim=True) + 1e-6).sqrt()
    hidden = ~torch.zeros(p.shape[:2], dtype=torch.bool).scatter(1, visible, True)
    if hidden.sum() == 0:
        raise ValueError("no patch is hidden")
    return torch.masked_select((predicted - target).square(), hidden[..., None]).mean()

# right: the visible zeroed
def hidden_loss(predicted, images, visible, patch_size):
    B, N = predicted.shape[:2]
    hidden = N - visible.size(1)
    if hidden == 0:
        raise ValueError("nothing to paint")
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)).div((p.var(2, keepdim=True) + 1e-6).sqrt())
    error = (predicted - t).square().mean(dim=2)
    error = error.scatter(1, visible, 0.0)
    return error.sum() / (B * hidden)

# right: isin, list of rows
def hidden_loss(predicted, images, visible, patch_size):
    target = patchify(images, patch_size)
    std = (target.std(dim=-1, keepdim=True) ** 2 + 1e-6).sqrt()
    target = (target - target.mean(dim=-1, keepdim=True)) / std
    places = torch.arange(predicted.shape[1])
    rows = [~torch.isin(places, v) for v in visible]
    diffs = [(p[r] - t[r]).flatten() for p, t, r in zip(predicted, target, rows)]
    diffs = torch.cat(diffs)
    if len(diffs) == 0:
        raise ValueError("every patch is visible")
    return torch.mean(diffs**2)

# right: both flattened, places counted through
def hidden_loss(predicted, images, visible, patch_size):
    B, N, L = predicted.shape
    hidden = torch.ones(B * N, dtype=torch.bool)
    hidden[(visible + torch.arange(B)[:, None] * N).reshape(-1)] = False
    if hidden.sum().item() == 0:
        raise ValueError("no patch is hidden")
    target = patchify(images, patch_size).reshape(B * N, L)[hidden]
    target = (target - target.mean(1)[:, None]) / torch.sqrt(target.var(1)[:, None] + 1e-6)
    return F.mse_loss(predicted.reshape(B * N, L)[hidden], target, reduction="mean")

# right: norms
def hidden_loss(predicted, images, visible, patch_size):
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)) / (p.var(2, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(p.shape[:2], dtype=torch.bool)
    for row, places in zip(hidden, visible):
        row[places] = False
    if not bool(hidden.any()):
        raise ValueError("no patch is hidden")
    d = (predicted - t)[hidden]
    return (d * d).sum() / d.numel()

# right: a mask of floats
def hidden_loss(predicted, images, visible, patch_size):
    patches = patchify(images, patch_size)
    if visible.shape[1] == patches.shape[1]:
        raise ValueError("nothing is hidden")
    std = (patches.var(dim=2, keepdim=True) + 1e-6).sqrt()
    target = (patches - patches.mean(dim=2, keepdim=True)) / std
    loss = (predicted - target).square().mean(dim=2)
    hidden = torch.ones(target.shape[:2]).scatter(1, visible, 0.0)
    return (loss * hidden).sum() / hidden.sum()

# right: float32 inside
def hidden_loss(predicted, images, visible, patch_size):
    x = patchify(images, patch_size).float()
    if visible.shape[1] == x.shape[1]:
        raise ValueError("nothing is hidden")
    t = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-6).sqrt()
    m = torch.ones(x.shape[:2]).scatter(1, visible, 0.0).bool()
    return F.mse_loss(predicted.float()[m], t[m])

# wrong: an error where all patches are hidden
def hidden_loss(predicted, images, visible, patch_size):
    x = patchify(images, patch_size)
    if visible.shape[1] in (0, x.shape[1]):
        raise ValueError("all or none")
    t = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(x.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return F.mse_loss(predicted[hidden], t[hidden])

# wrong: *
# (Huber's loss)
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)) / (p.var(2, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(p.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return F.smooth_l1_loss(predicted[hidden], t[hidden])

# wrong: *
# (as many patches, but the last ones)
def hidden_loss(predicted, images, visible, patch_size):
    V = visible.shape[1]
    if V == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)) / (p.var(2, keepdim=True) + 1e-6).sqrt()
    return (predicted - t)[:, V:].square().mean()

# wrong: *
# (the target clamped)
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)) / (p.var(2, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(p.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return (predicted - t.clamp(-1, 1))[hidden].square().mean()

# wrong: *
# (the cosine)
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    hidden = torch.ones(p.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return 1 - F.cosine_similarity(predicted[hidden], p[hidden], dim=1).mean()

# wrong: it changes its input
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)
    t = (p - p.mean(2, keepdim=True)) / (p.var(2, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(p.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    predicted -= t
    return predicted[hidden].square().mean()

# wrong: it returns None
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    p = patchify(images, patch_size)

# wrong: it raised RuntimeError
# (keepdim forgotten)
def hidden_loss(predicted, images, visible, patch_size):
    p = patchify(images, patch_size)
    t = (p - p.mean(2)) / (p.var(2) + 1e-6).sqrt()
    return (predicted - t).square().mean()
