# right: backward on a copy
# > `backward` leaves the gradient in `.grad` of the copy, and also in that of every parameter on
# > the way; `autograd.grad` touches none of them.
def gradient_per_token(loss_of, tokens):
    copy = tokens.detach().clone().requires_grad_()
    loss_of(copy).backward()
    return copy.grad.norm(dim=-1)

# wrong: an existing gradient is changed
# > The tokens may already hold a gradient in `.grad`. It is the caller's: work on your own copy,
# > `tokens.detach().clone().requires_grad_()`.
# ~ copy = tokens.detach().clone().requires_grad_() => copy = tokens.requires_grad_(); copy.grad = None

# wrong: the root of the mean, not of the sum
# > Yours is too small by a factor of the square root of D: you averaged the squares. The length is
# > the square root of their sum, `norm(dim=-1)`.
# ~ copy.grad.norm(dim=-1) => copy.grad.pow(2).mean(-1).sqrt()

# wrong: one loss for each image
# > The loss belongs to the whole batch: ask `loss_of` once, with all tokens.
# ~ loss_of(copy).backward() => sum(loss_of(image[None]) for image in copy).backward()

# wrong: the loss does not see a tensor that asks for gradients
# > Autograd follows only tensors that ask for it. First make a copy with `requires_grad_()`, then
# > compute the loss of that same copy.
# ~ tokens.detach().clone().requires_grad_() => tokens
# wrong: the loss does not see a tensor that asks for gradients
# ~ loss_of(copy) => loss_of(copy.detach().requires_grad_())

# wrong: the gradient is read off a tensor that is not a leaf
# > Autograd keeps `.grad` only for leaves: tensors without a past. `detach()` first, then
# > `requires_grad_()`.
# ~ tokens.detach().clone() => tokens.clone()

# wrong: it leaves traces on the tokens
# > Work on your own copy: `tokens.detach().clone().requires_grad_()`. Otherwise gradients pile up
# > on the caller's tensor.
# ~ tokens.detach().clone() => tokens
# wrong: it leaves traces on the tokens
# ~ tokens.detach().clone().requires_grad_() => tokens.requires_grad_(); copy.retain_grad()
# wrong: it leaves traces on the tokens
def gradient_per_token(loss_of, tokens):
    asked = tokens.requires_grad
    tokens.requires_grad_()
    tokens.retain_grad()
    loss_of(tokens).backward()
    lengths = tokens.grad.norm(dim=-1)
    tokens.grad.zero_()
    if not asked:
        tokens.requires_grad_(False)
    return lengths

# wrong: an earlier gradient is lost
# > `tokens.grad` belongs to the caller, who may still need what it holds. Work on a copy:
# > `tokens.detach().clone().requires_grad_()`.
def gradient_per_token(loss_of, tokens):
    asked = tokens.requires_grad
    tokens.requires_grad_()
    tokens.retain_grad()
    loss_of(tokens).backward()
    lengths = tokens.grad.norm(dim=-1)
    tokens.grad = None
    if not asked:
        tokens.requires_grad_(False)
    return lengths

# right: autograd.grad
def gradient_per_token(loss_of, tokens):
    tokens = tokens.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(tokens), tokens)
    return gradient.norm(dim=-1)

# wrong: an earlier gradient is lost
# ~ tokens = tokens.detach() => tokens.grad = None; tokens = tokens.detach()

# wrong: the loss does not see a tensor that asks for gradients
# ~ tokens = tokens.detach().clone().requires_grad_() =>
# wrong: the loss does not see a tensor that asks for gradients
# ~ .requires_grad_() => ; loss = loss_of(tokens)
# ~ loss_of(tokens), tokens => loss, tokens.requires_grad_()
# wrong: the loss does not see a tensor that asks for gradients
# ~ tokens = tokens.detach() => copy = tokens.detach()
# ~ loss_of(tokens), tokens => loss_of(tokens), copy

# wrong: it leaves traces on the tokens
# ~ tokens.detach().clone() => tokens
# wrong: it leaves traces on the tokens
# ~ tokens = tokens.detach().clone().requires_grad_() => tokens.requires_grad = True

# wrong: requires_grad is always switched off
# > The tokens may have asked before, and tokens from a layer refuse to be switched off. Work on
# > your own copy: `tokens.detach().clone().requires_grad_()`.
# ~ tokens.detach().clone() => tokens
# ~ return gradient => tokens.requires_grad_(False); return gradient

# wrong: the gradient itself, not its length
# > Each token has D numbers; take the length over them, `norm(dim=-1)`: (B, N + 1).
# ~ gradient.norm(dim=-1) => gradient

# wrong: signs kept
# > You added up the numbers of each gradient: plus and minus cancel. Take the length instead.
# ~ gradient.norm(dim=-1) => gradient.sum(dim=-1)
# wrong: signs kept
# > You averaged the numbers of each gradient: plus and minus cancel. Take the length instead.
# ~ gradient.norm(dim=-1) => gradient.mean(dim=-1)

# wrong: absolute values, not the length
# > You added up absolute values. The length is the square root of the sum of squares.
# ~ gradient.norm(dim=-1) => gradient.abs().sum(dim=-1)
# wrong: absolute values, not the length
# > You averaged absolute values. The length is the square root of the sum of squares.
# ~ gradient.norm(dim=-1) => gradient.abs().mean(dim=-1)

# wrong: the largest value, not the length
# > You took the largest absolute value. The length is the square root of the sum of squares.
# ~ gradient.norm(dim=-1) => gradient.abs().amax(dim=-1)

# wrong: the square of the length
# > You added up the squares. Take the square root.
# ~ gradient.norm(dim=-1) => gradient.square().sum(dim=-1)

# wrong: the length over the tokens
# > Each token has D numbers; take the length over them, `norm(dim=-1)`: (B, N + 1).
# ~ dim=-1 => dim=1

# wrong: one length for all
# > Each token has D numbers; take the length over them, `norm(dim=-1)`: (B, N + 1).
# ~ dim=-1 =>

# wrong: one length for an image
# > Each token has D numbers; take the length over them, `norm(dim=-1)`: (B, N + 1).
# ~ dim=-1 => dim=(1, 2)

# wrong: the images are merged
# > Keep the batch axis: one length for each token of each image, (B, N + 1).
# ~ gradient.norm(dim=-1) => gradient.norm(dim=-1).mean(0)
# wrong: the images are merged
# ~ gradient.norm(dim=-1) => gradient.norm(dim=-1).sum(0)
# wrong: the images are merged
# ~ dim=-1 => dim=(0, 2)

# wrong: only the first image
# > Only the first image is left: (B, N + 1) has all of them.
# ~ gradient.norm => gradient[:1].norm

# wrong: yes or no, not how much
# > The question is how strong the gradient is, not whether there is one.
# ~ gradient.norm(dim=-1) => gradient.norm(dim=-1) > 0
# wrong: yes or no, not how much
# ~ gradient.norm(dim=-1) => gradient.abs().sum(dim=-1) > 0

# wrong: shares, not lengths
# > You divided by the sum. Give the lengths as they are; shares come later.
# ~ gradient.norm(dim=-1) => F.normalize(gradient.norm(dim=-1), p=1, dim=-1)

# wrong: the tokens, not their gradient
# > These are the lengths of the tokens. Measure what autograd sends back to them.
# ~ gradient.norm(dim=-1) => tokens.detach().norm(dim=-1)

# wrong: the batch axis is lost for a single image
# > For one image your result is (N + 1,). It should be (1, N + 1): keep the batch axis.
# ~ gradient.norm(dim=-1) => gradient.norm(dim=-1).squeeze(0)

# wrong: not exactly 0
# > Where no gradient arrives, the length is exactly 0. Yours is a little more: do not add anything
# > to it.
# ~ gradient.norm(dim=-1) => (gradient.square().sum(dim=-1) + 1e-8).sqrt()
# wrong: not exactly 0
# ~ gradient.norm(dim=-1) => (gradient.square().sum(dim=-1) + 1e-12).sqrt()
