from vitcourse.maps import capture

# stub: as handed out
def maps_and_gradients(
    model: nn.Module, images: torch.Tensor, classes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    raise NotImplementedError("exercise 8.8")

# stub: half finished
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    raise NotImplementedError("exercise 8.8")

# right: autograd.grad for all maps at once
def maps_and_gradients(
    model: nn.Module, images: torch.Tensor, classes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# right: gather, detached
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        score = model(images).gather(1, classes[:, None]).sum()
    weights = tuple(maps.values())
    slopes = torch.autograd.grad(score, weights)
    return torch.stack(weights, 1).detach(), torch.stack(slopes, 1).detach()

# right: the course's attention_gradients
from vitcourse.maps import attention_gradients


def maps_and_gradients(model, images, classes):
    return attention_gradients(model, images, classes)

# right: hooks on the tensors, their list turned round
def maps_and_gradients(model, images, classes):
    gradients = []
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.register_hook(gradients.append)
    score = logits[range(len(classes)), classes].sum()
    score.backward(inputs=list(maps.values()))
    return torch.stack(list(maps.values()), dim=1).detach(), torch.stack(gradients[::-1], dim=1)

# right: hooks that know their layer, in a dict
def maps_and_gradients(model, images, classes):
    slopes = {}
    with capture(model) as maps:
        logits = model(images)
    for layer, weights in maps.items():
        weights.register_hook(lambda g, layer=layer: slopes.__setitem__(layer, g))
    one_hot = F.one_hot(classes, logits.shape[1]).float()
    torch.autograd.grad((logits * one_hot).sum(), list(maps.values()))
    layers = sorted(maps)
    return (
        torch.stack([maps[i].detach() for i in layers], 1),
        torch.stack([slopes[i] for i in layers], 1),
    )

# right: retain_grad, backward to the images alone
def maps_and_gradients(model, images, classes):
    images = images.clone().requires_grad_()
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.retain_grad()
    torch.take_along_dim(logits, classes[:, None], 1).sum().backward(inputs=[images])
    return (
        torch.stack([w.detach() for w in maps.values()], dim=1),
        torch.stack([w.grad for w in maps.values()], dim=1),
    )

# right: backward, the parameters' gradients cleared afterwards
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.retain_grad()
    logits[torch.arange(len(images)), classes].sum().backward()
    model.zero_grad(set_to_none=True)
    return (
        torch.stack(list(maps.values()), dim=1).detach(),
        torch.stack([weights.grad for weights in maps.values()], dim=1),
    )

# right: a copy of the model takes the gradients
import copy


def maps_and_gradients(model, images, classes):
    twin = copy.deepcopy(model)
    with capture(twin) as maps:
        logits = twin(images)
    for weights in maps.values():
        weights.retain_grad()
    sum(logits[b, c] for b, c in enumerate(classes)).backward()
    return (
        torch.stack(list(maps.values()), 1).detach(),
        torch.stack([weights.grad for weights in maps.values()], 1),
    )

# right: frozen for the time being
def maps_and_gradients(model, images, classes):
    asked = [p.requires_grad for p in model.parameters()]
    model.requires_grad_(False)
    try:
        with capture(model) as maps:
            logits = model(images.clone().requires_grad_())
        gradients = torch.autograd.grad(
            logits[torch.arange(len(classes)), classes].sum(), [*maps.values()]
        )
    finally:
        for p, was in zip(model.parameters(), asked):
            p.requires_grad_(was)
    return torch.stack([*maps.values()], 1).detach(), torch.stack(gradients, 1)

# right: image by image
def maps_and_gradients(model, images, classes):
    weights, slopes = [], []
    for image, c in zip(images, classes):
        with capture(model) as maps:
            logits = model(image[None])
        layers = [maps[i] for i in sorted(maps)]
        weights.append(torch.cat(layers).detach())
        slopes.append(torch.cat(torch.autograd.grad(logits[0, c], layers)))
    return torch.stack(weights), torch.stack(slopes)

# right: layer by layer, the graph kept
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits.gather(1, classes.unsqueeze(1)).sum()
    gradients = [
        torch.autograd.grad(score, weights, retain_graph=True)[0] for weights in maps.values()
    ]
    return torch.stack(tuple(maps.values()), 1).detach(), torch.stack(gradients, 1)

# right: grad_outputs in place of a sum, a list comes back
def maps_and_gradients(model, images, classes):
    with torch.enable_grad(), capture(model) as maps:
        logits = model(images)
    pick = torch.zeros_like(logits).scatter(1, classes[:, None], 1.0)
    gradients = torch.autograd.grad(logits, list(maps.values()), grad_outputs=pick)
    return [torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)]

# right: einsum for the score, other names
def maps_and_gradients(net, x, which):
    with capture(net) as seen:
        y = net(x)
    a = list(seen.values())
    chosen = torch.einsum("bk,bk->", y, torch.eye(y.shape[1])[which])
    g = torch.autograd.grad(chosen, a)
    return torch.cat([t.unsqueeze(1) for t in a], 1), torch.cat([t.unsqueeze(1) for t in g], 1)

# right: backward through a list, insert at the front
def maps_and_gradients(model, images, classes):
    collected = []
    handles = []
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        handles.append(weights.register_hook(lambda g: collected.insert(0, g.clone())))
    torch.autograd.grad(
        logits[torch.arange(len(classes)), classes].sum(), list(maps.values())[0]
    )
    for handle in handles:
        handle.remove()
    return torch.stack(list(maps.values()), 1).detach(), torch.stack(collected, 1)

# right: the graph of the second derivative is kept
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes]
    gradients = torch.autograd.grad(
        score, list(maps.values()), torch.ones_like(score), create_graph=True
    )
    return torch.stack(list(maps.values()), 1), torch.stack(gradients, 1)

# wrong: *
# (the first call's gradients for ever)
KEPT = []


def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    KEPT.append(torch.stack(torch.autograd.grad(score, list(maps.values())), dim=1))
    return torch.stack(list(maps.values()), dim=1), KEPT[0]

# wrong: *
# (detached before the question)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = [w.detach() for w in maps.values()]
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: *
# (in training mode, which capture refuses)
def maps_and_gradients(model, images, classes):
    model.train()
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: *
# (the gradient of the image)
def maps_and_gradients(model, images, classes):
    images = images.clone().requires_grad_()
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    return torch.stack(list(maps.values()), dim=1), torch.autograd.grad(score, images)[0]

# wrong: *
# (it trains the model)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    with torch.no_grad():
        model.head.weight.mul_(0.99)
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: *
# (class 0, whatever is asked)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    gradients = torch.autograd.grad(logits[:, 0].sum(), list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: it changes its input
def maps_and_gradients(model, images, classes):
    images -= images.mean()
    images += 0.5
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: it returns None
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))

# wrong: it raised NameError
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    return maps, gradients

# wrong: it raised TypeError
# (a view of a dict where a list is wanted)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    return torch.stack(maps.values(), dim=1)

# wrong: it raised RuntimeError
# (the model is called after the block)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        pass
    logits = model(images)
    return torch.autograd.grad(logits.sum(), list(maps.values()))

# wrong: it never finishes
def maps_and_gradients(model, images, classes):
    layer, gradients = 0, []
    while layer < len(model.encoder.blocks):
        with capture(model) as maps:
            logits = model(images)
        gradients = [torch.autograd.grad(logits.sum(), maps[layer])[0]]
    return gradients

# right: in evaluation mode for the time being
def maps_and_gradients(model, images, classes):
    was = model.training
    model.eval()
    with capture(model) as maps:
        logits = model(images)
    model.train(was)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: right for one image, wrong for two
# (the weights of the last image only)
def maps_and_gradients(model, images, classes):
    slopes = []
    for image, c in zip(images, classes):
        with capture(model) as maps:
            logits = model(image[None])
        weights = list(maps.values())
        slopes.append(torch.stack(torch.autograd.grad(logits[0, c], weights), dim=1))
    return torch.stack(weights, dim=1), torch.cat(slopes)

# wrong: right the first time, wrong called again
# (kept for each model, whatever is asked next)
KEPT = {}


def maps_and_gradients(model, images, classes):
    if model not in KEPT:
        with capture(model) as maps:
            logits = model(images)
        weights = list(maps.values())
        score = logits[torch.arange(len(classes)), classes].sum()
        gradients = torch.autograd.grad(score, weights)
        KEPT[model] = torch.stack(weights, dim=1), torch.stack(gradients, dim=1)
    return KEPT[model]
