# stub: as handed out
def gradient_per_token(loss_of, tokens: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 2.4")

# stub: half done
def gradient_per_token(loss_of, tokens):
    tokens = tokens.detach().clone().requires_grad_()
    loss = loss_of(tokens)
    raise NotImplementedError("exercise 2.4")

# right: autograd.grad
def gradient_per_token(loss_of, tokens):
    tokens = tokens.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(loss_of(tokens), tokens)[0]
    return gradient.norm(dim=-1)

# right: backward on a leaf
def gradient_per_token(loss_of, tokens):
    leaf = tokens.detach().clone()
    leaf.requires_grad = True
    loss = loss_of(leaf)
    loss.backward()
    return leaf.grad.pow(2).sum(dim=2).sqrt()

# right: detach without a clone
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().requires_grad_(True)
    loss_of(x).backward()
    return torch.linalg.vector_norm(x.grad, dim=-1)

# right: torch.func
def gradient_per_token(loss_of, tokens):
    return torch.func.grad(loss_of)(tokens.detach()).norm(dim=-1)

# right: retain_grad on a copy that has a past
def gradient_per_token(loss_of, tokens):
    copy = tokens.detach().requires_grad_() * 1.0
    copy.retain_grad()
    loss_of(copy).backward()
    return copy.grad.norm(p=2, dim=2)

# right: a parameter, einsum
def gradient_per_token(loss_of, tokens):
    leaf = nn.Parameter(tokens.detach().clone())
    with torch.enable_grad():
        (g,) = torch.autograd.grad(loss_of(leaf), [leaf])
    return torch.einsum("bnd,bnd->bn", g, g) ** 0.5

# right: the jacobian of autograd.functional
def gradient_per_token(loss_of, tokens):
    gradient = torch.autograd.functional.jacobian(loss_of, tokens.detach())
    return gradient.norm(dim=-1)

# right: torch.tensor as a copy, a loop over the images
def gradient_per_token(loss_of, tokens):
    x = torch.empty_like(tokens).copy_(tokens).detach().requires_grad_()
    loss_of(x).backward()
    return torch.stack([torch.stack([token.norm() for token in image]) for image in x.grad])

# right: detach, clone, autograd.grad, norm
def gradient_per_token(loss_of, tokens: torch.Tensor) -> torch.Tensor:
    x = tokens.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(x), x)
    return gradient.norm(dim=-1)

# right: without clone, squares and root
def gradient_per_token(loss_of, tokens):
    x = tokens.detach()
    x.requires_grad_(True)
    loss = loss_of(x)
    g = torch.autograd.grad(loss, x)[0]
    return (g ** 2).sum(dim=2).sqrt()

# right: torch.func.grad, detached
def gradient_per_token(loss_of, tokens):
    gradient = torch.func.grad(loss_of)(tokens.detach()).detach()
    return torch.linalg.vector_norm(gradient, dim=-1)

# right: a disturbance of noughts is asked
def gradient_per_token(loss_of, tokens):
    nudge = torch.zeros_like(tokens, requires_grad=True)
    gradient = torch.autograd.grad(loss_of(tokens.detach() + nudge), nudge)[0]
    return torch.einsum("bnd,bnd->bn", gradient, gradient).sqrt()

# right: asks the tokens themselves and restores the flag
def gradient_per_token(loss_of, tokens):
    asked = tokens.requires_grad
    if not asked:
        tokens.requires_grad_(True)
    try:
        gradient = torch.autograd.grad(loss_of(tokens), tokens)[0]
    finally:
        if not asked:
            tokens.requires_grad_(False)
    return gradient.pow(2).sum(-1) ** 0.5

# right: loops over images and tokens for the length
def gradient_per_token(loss_of, tokens):
    x = tokens.clone().detach().requires_grad_()
    grad = torch.autograd.grad(loss_of(x), [x])[0]
    lengths = torch.zeros(grad.shape[:2], dtype=grad.dtype)
    for b in range(grad.shape[0]):
        for n in range(grad.shape[1]):
            lengths[b, n] = math.sqrt(sum(float(v) ** 2 for v in grad[b, n]))
    return lengths

# right: functional.vjp
def gradient_per_token(loss_of, tokens):
    _, gradient = torch.autograd.functional.vjp(loss_of, tokens.detach().clone())
    return gradient.square().sum(dim=-1).sqrt()

# right: jacobian of a scalar
def gradient_per_token(loss_of, tokens):
    jac = torch.autograd.functional.jacobian(loss_of, tokens.detach())
    return jac.reshape(tokens.shape).norm(p=2, dim=2)

# right: each token a leaf of its own
def gradient_per_token(loss_of, tokens):
    leaves = [t.detach().clone().requires_grad_() for t in tokens.unbind(1)]
    grads = torch.autograd.grad(loss_of(torch.stack(leaves, dim=1)), leaves, allow_unused=True)
    zero = tokens.new_zeros(tokens.shape[0])
    return torch.stack([zero if g is None else g.detach().norm(dim=1) for g in grads], dim=1)

# right: distance of the gradient from the origin, grad mode switched on
def gradient_per_token(loss_of, tokens):
    with torch.enable_grad():
        x = tokens.detach().clone().requires_grad_()
        loss = loss_of(x)
    gradient, = torch.autograd.grad(loss, x)
    return torch.cdist(gradient, torch.zeros_like(gradient[:, :1]))[..., 0]

# right: backward restricted to the copy
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward(inputs=[x])
    return x.grad.norm(dim=-1)

# right: plain backward on the copy, weights inside loss_of collect gradients
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=-1)

# right: result still hangs on the graph
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(loss_of(x), x, create_graph=True)
    return g.norm(dim=-1)

# right: the first part of the graph is kept, tokens are not detached
def gradient_per_token(loss_of, tokens):
    x = tokens.clone().requires_grad_()
    (g,) = torch.autograd.grad(loss_of(x), x)
    return g.norm(dim=-1)

# wrong: it returns None
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    x.grad.norm(dim=-1)

# wrong: *
# (the loss, not a gradient)
def gradient_per_token(loss_of, tokens):
    return loss_of(tokens)

# wrong: *
# (under no_grad)
@torch.no_grad()
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=-1)

# wrong: *
# (finite differences, too coarse)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach()
    g = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel())
        step[i] = 0.5
        g.view(-1)[i] = (loss_of(x + step.view_as(x)) - loss_of(x)) / 0.5
    return g.norm(dim=-1)

# wrong: *
# (a list)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=-1).tolist()

# wrong: *
# (image by image: cannot be right for a loss that is a mean over the batch)
def gradient_per_token(loss_of, tokens):
    rows = []
    for image in tokens:
        x = image[None].detach().clone().requires_grad_()
        loss_of(x).backward()
        rows.append(x.grad[0].norm(dim=-1))
    return torch.stack(rows)

# wrong: *
# (the class token left out)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad[:, 1:].norm(dim=-1)

# wrong: *
# (a graph of the same loss walked twice, so that everything doubles)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss = loss_of(x)
    loss.backward(retain_graph=True)
    loss.backward()
    return x.grad.norm(dim=-1)

# wrong: it changes its input
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().requires_grad_()
    loss_of(x).backward()
    gradient = x.grad
    with torch.no_grad():
        x -= 0.1 * gradient
    return gradient.norm(dim=-1)

# wrong: it never finishes
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    while x.grad is None:
        loss_of(x)
    return x.grad.norm(dim=-1)

# wrong: *
# (root of the mean of the squares)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    g = torch.autograd.grad(loss_of(x), x)[0]
    return g.pow(2).mean(dim=-1).sqrt()

# wrong: *
# (gradient times token)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    g = torch.autograd.grad(loss_of(x), x)[0]
    return (g * x.detach()).norm(dim=-1)

# wrong: *
# (each image alone, a mean over the batch comes out B times too large)
def gradient_per_token(loss_of, tokens):
    out = []
    for image in tokens.detach().split(1):
        x = image.clone().requires_grad_()
        out.append(torch.autograd.grad(loss_of(x), x)[0].norm(dim=-1))
    return torch.cat(out)

# wrong: it raised AttributeError
# (tuple not unpacked, raises)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(x), x).norm(dim=-1)

# wrong: it raised RuntimeError
# (detached after asking, raises)
def gradient_per_token(loss_of, tokens):
    x = tokens.clone().requires_grad_().detach()
    return torch.autograd.grad(loss_of(x), x)[0].norm(dim=-1)

# wrong: *
# (one length for the whole image)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    g = torch.autograd.grad(loss_of(x), x)[0]
    return g.flatten(1).norm(dim=1, keepdim=True).expand(-1, tokens.shape[1])

# wrong: *
# (gradient of the logarithm of the loss, an absolute value and no root)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    g = torch.autograd.grad(loss_of(x).abs().log(), x)[0]
    return g.square().sum(-1)

# wrong: *
# (finite steps along each whole token, no direction by direction)
def gradient_per_token(loss_of, tokens):
    step, base = 1e-3, loss_of(tokens.detach())
    out = torch.zeros(tokens.shape[:2])
    for b in range(tokens.shape[0]):
        for n in range(tokens.shape[1]):
            moved = tokens.detach().clone()
            moved[b, n] += step
            out[b, n] = (loss_of(moved) - base).abs() / step
    return out

# wrong: *
# (central differences, number by number)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone()
    step = 1e-2 if x.dtype == torch.float32 else 1e-5
    g = torch.zeros_like(x)
    with torch.no_grad():
        for place in torch.cartesian_prod(*[torch.arange(s) for s in x.shape]).tolist():
            old = x[tuple(place)].item()
            x[tuple(place)] = old + step
            high = loss_of(x)
            x[tuple(place)] = old - step
            low = loss_of(x)
            x[tuple(place)] = old
            g[tuple(place)] = (high - low) / (2 * step)
    return g.norm(dim=-1)
