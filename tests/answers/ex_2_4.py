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

# wrong: the loss does not see a tensor that asks for gradients
def gradient_per_token(loss_of, tokens):
    return torch.autograd.grad(loss_of(tokens), tokens)[0].norm(dim=-1)

# wrong: the loss does not see a tensor that asks for gradients
def gradient_per_token(loss_of, tokens):
    loss = loss_of(tokens)
    loss.backward()
    return tokens.grad.norm(dim=-1)

# wrong: the loss does not see a tensor that asks for gradients
# (asked for too late)
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone()
    loss = loss_of(x)
    x.requires_grad_()
    return torch.autograd.grad(loss, x)[0].norm(dim=-1)

# wrong: the gradient is read off a tensor that is no leaf
def gradient_per_token(loss_of, tokens):
    x = tokens.clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=-1)

# wrong: the loss does not see a tensor that asks for gradients
def gradient_per_token(loss_of, tokens):
    x = tokens.clone().requires_grad_()
    loss_of(tokens.detach().requires_grad_()).backward()
    return x.grad.norm(dim=-1)

# wrong: the loss does not see a tensor that asks for gradients
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss = loss_of(tokens)
    return torch.autograd.grad(loss, x)[0].norm(dim=-1)

# wrong: it leaves traces on the tokens
def gradient_per_token(loss_of, tokens):
    tokens.requires_grad_()
    loss_of(tokens).backward()
    return tokens.grad.norm(dim=-1)

# wrong: it leaves traces on the tokens
def gradient_per_token(loss_of, tokens):
    tokens.requires_grad = True
    return torch.autograd.grad(loss_of(tokens), tokens)[0].norm(dim=-1)

# wrong: the gradient itself, not its length
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad

# wrong: signs kept
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.sum(dim=-1)

# wrong: signs kept
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.mean(dim=2)

# wrong: absolute values, not the length
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.abs().mean(dim=-1)

# wrong: absolute values, not the length
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(p=1, dim=-1)

# wrong: the largest value, not the length
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.abs().max(dim=-1).values

# wrong: the square of the length
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return (x.grad ** 2).sum(-1)

# wrong: the length over the tokens
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=1)

# wrong: one length for all
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm()

# wrong: one length for an image
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.flatten(1).norm(dim=1)

# wrong: the images are merged
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=-1).mean(dim=0)

# wrong: the images are merged
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad.norm(dim=(0, -1))

# wrong: only the first image
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.grad[0].norm(dim=-1)[None]

# wrong: yes or no, not how much
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return (x.grad != 0).any(dim=-1)

# wrong: shares, not lengths
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    lengths = x.grad.norm(dim=-1)
    return lengths / lengths.sum(dim=1, keepdim=True)

# wrong: the tokens, not their gradient
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    loss_of(x).backward()
    return x.detach().norm(dim=-1)

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

# wrong: it does not come to an end
def gradient_per_token(loss_of, tokens):
    x = tokens.detach().clone().requires_grad_()
    while x.grad is None:
        loss_of(x)
    return x.grad.norm(dim=-1)

# wrong: it leaves traces on the tokens
def gradient_per_token(loss_of, tokens):
    tokens.requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(tokens), tokens)
    return gradient.norm(dim=-1)
