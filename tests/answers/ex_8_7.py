from vitcourse.maps import capture

# stub: as handed out
def maps_and_gradients(
    model: nn.Module, images: torch.Tensor, classes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    raise NotImplementedError("exercise 8.7")

# stub: half finished
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    raise NotImplementedError("exercise 8.7")

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

# wrong: the gradients come last layer first
def maps_and_gradients(model, images, classes):
    gradients = []
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.register_hook(gradients.append)
    score = logits[torch.arange(len(classes)), classes].sum()
    score.backward(inputs=list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradients come last layer first
# (turned round twice)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))[::-1]
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the weights come last layer first
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = list(maps.values())
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights[::-1], dim=1), torch.stack(gradients, dim=1)

# wrong: both come last layer first
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = [maps[i] for i in sorted(maps, reverse=True)]
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: each call adds to the same list
# (the flawed one)
gradients = []


def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.register_hook(gradients.append)
    score = logits[torch.arange(len(classes)), classes].sum()
    score.backward(inputs=list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: each call adds to the same list
# (with defaults that live on, in the right order)
def maps_and_gradients(model, images, classes, collected=[], seen=[]):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    collected += torch.autograd.grad(score, list(maps.values()))
    seen += maps.values()
    return torch.stack(seen, dim=1), torch.stack(collected, dim=1)

# wrong: each call adds to the same list
# (used before, on another model)
gradients = [torch.zeros(1, 4, 145, 145)] * 4


def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.register_hook(gradients.append)
    score = logits[torch.arange(len(classes)), classes].sum()
    torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: *
# (the first call's gradients for ever)
KEPT = []


def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    KEPT.append(torch.stack(torch.autograd.grad(score, list(maps.values())), dim=1))
    return torch.stack(list(maps.values()), dim=1), KEPT[0]

# wrong: gradients first, weights second
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(gradients, dim=1), torch.stack(list(maps.values()), dim=1)

# wrong: only the gradients
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    return torch.stack(torch.autograd.grad(score, list(maps.values())), dim=1)

# wrong: only the weights
from vitcourse.maps import attention_maps


def maps_and_gradients(model, images, classes):
    return attention_maps(model, images)

# wrong: the highest logit, not that of the class
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits.max(dim=1).values.sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the highest logit, not that of the class
# (the course's function without the classes)
from vitcourse.maps import attention_gradients


def maps_and_gradients(model, images, classes):
    return attention_gradients(model, images)

# wrong: the first image's class for all
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[:, int(classes[0])].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: every image is asked about all classes
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[:, classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: classes are taken for images
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: only the first image is asked
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    gradients = torch.autograd.grad(logits[0, classes[0]], list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the sum of all logits
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    gradients = torch.autograd.grad(logits.sum(), list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradient of the loss
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    loss = F.cross_entropy(logits, classes)
    gradients = torch.autograd.grad(loss, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradient of the loss
# (summed)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    loss = nn.CrossEntropyLoss(reduction="sum")(logits, classes)
    gradients = torch.autograd.grad(loss, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradient of the log-probability
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = -F.nll_loss(F.log_softmax(logits, dim=1), classes, reduction="sum")
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradient of the probability
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        probabilities = model(images).softmax(dim=1)
    score = probabilities[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: divided by the number of images
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].mean()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the sign is turned
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = F.nll_loss(logits, classes, reduction="sum")
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: no single score
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes]
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the gradient at the scores before the softmax
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = list(maps.values())
    score = logits[torch.arange(len(classes)), classes].sum()
    slopes = torch.autograd.grad(score, weights)
    before = [torch._softmax_backward_data(g, a, -1, a.dtype) for g, a in zip(slopes, weights)]
    return torch.stack(weights, dim=1), torch.stack(before, dim=1)

# wrong: the logits do not come from these tensors
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    attention = torch.stack(list(maps.values()), dim=1)
    score = logits[torch.arange(len(classes)), classes].sum()
    return attention, torch.autograd.grad(score, attention)[0]

# wrong: the logits do not come from these tensors
# (the maps are from one pass, the logits from another)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        model(images)
    score = model(images)[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: computed without gradients
@torch.no_grad()
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: *
# (detached before the question)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = [w.detach() for w in maps.values()]
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: the graph is gone after the first layer
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = [torch.autograd.grad(score, maps[i])[0] for i in maps]
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: all gradients are 0
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = [w.detach().requires_grad_() for w in maps.values()]
    score = logits[torch.arange(len(classes)), classes].sum() + 0 * sum(w.sum() for w in weights)
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: only the last layer
def maps_and_gradients(model, images, classes):
    with capture(model, [-1]) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: only the last layer
# (and no axis for it)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    last = maps[max(maps)]
    score = logits[torch.arange(len(classes)), classes].sum()
    return last, torch.autograd.grad(score, last)[0]

# wrong: only the first layer
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    return maps[0], torch.autograd.grad(score, maps[0])[0]

# wrong: layers before images
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values())), torch.stack(gradients)

# wrong: layers side by side
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.cat(list(maps.values()), dim=1), torch.cat(gradients, dim=1)

# wrong: layers side by side
# (along the batch)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.cat(list(maps.values())), torch.cat(gradients)

# wrong: a list of layers
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return list(maps.values()), gradients

# wrong: a list of layers
# (only the gradients)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), gradients

# wrong: the heads are averaged
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    maps, gradients = torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)
    return maps.mean(dim=2), gradients.mean(dim=2)

# wrong: weight times gradient
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.stack(torch.autograd.grad(score, list(maps.values())), dim=1)
    maps = torch.stack(list(maps.values()), dim=1)
    return maps, maps * gradients

# wrong: negative gradients are set to 0
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1).clamp(min=0)

# wrong: absolute values
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1).abs()

# wrong: the parameters keep a .grad
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.retain_grad()
    logits[torch.arange(len(classes)), classes].sum().backward()
    return (
        torch.stack(list(maps.values()), dim=1),
        torch.stack([weights.grad for weights in maps.values()], dim=1),
    )

# wrong: the parameters keep a .grad
# (zeros, but a .grad)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.retain_grad()
    logits[torch.arange(len(classes)), classes].sum().backward()
    model.zero_grad(set_to_none=False)
    return (
        torch.stack(list(maps.values()), dim=1),
        torch.stack([weights.grad for weights in maps.values()], dim=1),
    )

# wrong: hooks stay behind
def maps_and_gradients(model, images, classes):
    seen = []
    model.head.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with capture(model) as maps:
        model(images)
    score = seen[-1][torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: hooks stay behind
# (on a parameter)
def maps_and_gradients(model, images, classes):
    model.head.weight.register_hook(lambda g: g)
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: hooks stay behind
# (the exchange of the fused attention is never taken back)
BLOCKS = []


def maps_and_gradients(model, images, classes):
    fused = F.scaled_dot_product_attention
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    F.scaled_dot_product_attention = lambda *args, **kwargs: fused(*args, **kwargs)
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the model is left in training mode
def maps_and_gradients(model, images, classes):
    with capture(model.eval()) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    model.train()
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: the model is left frozen
def maps_and_gradients(model, images, classes):
    model.requires_grad_(False)
    with capture(model) as maps:
        logits = model(images.clone().requires_grad_())
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

# wrong: gradients are switched off for good
def maps_and_gradients(model, images, classes):
    torch.set_grad_enabled(True)
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    torch.set_grad_enabled(False)
    return torch.stack(list(maps.values()), dim=1), torch.stack(gradients, dim=1)

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
# (float64)
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, list(maps.values()))
    return torch.stack(list(maps.values()), 1).double(), torch.stack(gradients, 1).double()

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

# wrong: it does not come to an end
def maps_and_gradients(model, images, classes):
    layer, gradients = 0, []
    while layer < len(model.encoder.blocks):
        with capture(model) as maps:
            logits = model(images)
        gradients = [torch.autograd.grad(logits.sum(), maps[layer])[0]]
    return gradients
