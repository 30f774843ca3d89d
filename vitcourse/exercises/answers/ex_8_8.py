from vitcourse.maps import capture

# right: autograd.grad for all maps at once
def maps_and_gradients(model, images, classes):
    with capture(model) as maps:
        logits = model(images)
    weights = list(maps.values())
    score = logits[torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: the gradients come last layer first
# > The weights are right, but their gradients belong to other layers. Hooks on gradients run in
# > backward order, last layer first. Reverse their list, or ask `torch.autograd.grad` for all maps
# > at once, which keeps your order.
# ~ torch.stack(gradients => torch.stack(gradients[::-1]

# wrong: the weights come last layer first
# > Entry 0 belongs to the first layer. `maps` is already in this order: reverse the list that the
# > hooks filled, not this one.
# ~ torch.stack(weights => torch.stack(weights[::-1]

# wrong: both come last layer first
# > Weights and gradients fit together, but entry 0 should belong to the first layer, the one next
# > to the input.
# ~ list(maps.values()) => list(maps.values())[::-1]

# wrong: gradients first, weights second
# > Return a pair: the weights first, then the gradients.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => torch.stack(gradients, dim=1), torch.stack(weights, dim=1)

# wrong: only the gradients
# > Return a pair: the weights first, then the gradients.
# ~ torch.stack(weights, dim=1), =>

# wrong: only the weights
# > Return a pair: the weights first, then the gradients.
# ~ , torch.stack(gradients, dim=1) =>

# wrong: the highest logit, not that of the class
# > `classes` says which logit is asked about, and it need not be the highest. The score of image b
# > is its logit number classes[b]: `logits[torch.arange(B), classes]`.
# ~ logits[torch.arange(len(classes)), classes] => logits.amax(dim=1)

# wrong: the first image's class for all
# > Each image has its own class. The score of image b is its logit number classes[b]:
# > `logits[torch.arange(B), classes]`.
# ~ torch.arange(len(classes)), classes => :, classes[0]

# wrong: every image is asked about all classes
# > `logits[:, classes]` picks the classes of all images from each image. The score of image b is
# > its logit number classes[b]: `logits[torch.arange(B), classes]`.
# ~ torch.arange(len(classes)), classes => :, classes

# wrong: classes are taken for images
# > `logits[classes]` picks images, not logits. The score of image b is its logit number classes[b]:
# > `logits[torch.arange(B), classes]`.
# ~ torch.arange(len(classes)), classes => classes

# wrong: only the first image is asked
# > The gradients of the other images are 0. Sum the scores of the batch before you ask: images do
# > not mix, so each keeps its own gradient.
# ~ logits[torch.arange(len(classes)), classes].sum() => logits[0, classes[0]]

# wrong: the sum of all logits
# > That asks about no class in particular. The score of image b is its logit number classes[b]:
# > `logits[torch.arange(B), classes]`.
# ~ [torch.arange(len(classes)), classes] =>

# wrong: the gradient of the loss
# > The loss knows all logits, and falls where the score rises. The score of image b is its logit
# > number classes[b]: `logits[torch.arange(B), classes]`.
# ~ logits[torch.arange(len(classes)), classes].sum() => F.cross_entropy(logits, classes)
# wrong: the gradient of the loss
# ~ logits[torch.arange(len(classes)), classes].sum() => F.cross_entropy(logits, classes, reduction="sum")

# wrong: the gradient of the log-probability
# > The score is the logit, before any softmax. The score of image b is its logit number classes[b]:
# > `logits[torch.arange(B), classes]`.
# ~ logits[torch => logits.log_softmax(dim=1)[torch

# wrong: the gradient of the probability
# > The score is the logit, before any softmax: where the model is sure, a probability hardly moves.
# > The score of image b is its logit number classes[b]: `logits[torch.arange(B), classes]`.
# ~ logits[torch => logits.softmax(dim=1)[torch

# wrong: divided by the number of images
# > With the mean, a gradient gets smaller as the batch grows. Sum the scores of the batch before
# > you ask: images do not mix, so each keeps its own gradient.
# ~ .sum() => .mean()

# wrong: the sign is turned
# > Your gradient says where the score falls. The score of image b is its logit number classes[b]:
# > `logits[torch.arange(B), classes]`.
# ~ score = logits => score = -logits

# wrong: no single score
# > Backward starts from one number, not from one for each image. Sum the scores of the batch before
# > you ask: images do not mix, so each keeps its own gradient.
# ~ .sum() =>

# wrong: the gradient at the scores before the softmax
# > Your rows sum to 0: this is the gradient before the softmax. Return the gradient of the weights,
# > after it.
# ~ return => a, g =
# ~ torch.stack(gradients, dim=1) => torch.stack(gradients, dim=1); return a, a * (g - (a * g).sum(dim=-1, keepdim=True))

# wrong: the logits do not come from these tensors
# > `torch.stack` makes a new tensor, and a second pass makes new maps: no path leads back to them
# > from the logits. The gradient goes to the very tensors that the logits were made from: those in
# > `maps` after `logits = model(images)` inside `with capture(model) as maps:`.
# ~ list(maps.values()) => torch.stack(list(maps.values()), dim=1)
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => weights, gradients[0]

# wrong: computed without gradients
# > Nothing was recorded that backward could follow: was the model called under `no_grad`, or its
# > result detached? The gradient goes to the very tensors that the logits were made from: those in
# > `maps` after `logits = model(images)` inside `with capture(model) as maps:`.
# ~ with capture(model) => with torch.no_grad(), capture(model)

# wrong: the graph is gone after the first layer
# > Each call of `torch.autograd.grad` uses the graph up. Ask for all layers in one call, with a
# > list of maps.
# ~ torch.autograd.grad(score, weights) => [torch.autograd.grad(score, layer)[0] for layer in weights]

# wrong: all gradients are 0
# > No gradient came back: `detach` or `no_grad` cut the weights off. The gradient goes to the very
# > tensors that the logits were made from: those in `maps` after `logits = model(images)` inside
# > `with capture(model) as maps:`.
# ~ list(maps.values()) => [layer.detach().requires_grad_() for layer in maps.values()]
# ~ grad(score, weights) => grad(score, weights, allow_unused=True, materialize_grads=True)

# wrong: only the last layer
# > Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each.
# ~ list(maps.values()) => list(maps.values())[-1:]
# wrong: only the last layer
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => weights[-1], gradients[-1]

# wrong: only the first layer
# > Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => weights[0], gradients[0]

# wrong: layers before images
# > Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => torch.stack(weights), torch.stack(gradients)

# wrong: layers side by side
# > `torch.cat` joins along an existing axis, `torch.stack` makes a new one. Layers are axis 1:
# > `torch.stack(..., dim=1)` of one (B, heads, N, N) for each.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => torch.cat(weights, dim=1), torch.cat(gradients, dim=1)
# wrong: layers side by side
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => torch.cat(weights), torch.cat(gradients)

# wrong: a list of layers
# > Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => weights, gradients
# wrong: a list of layers
# ~ torch.stack(gradients, dim=1) => gradients
# wrong: a list of layers
# > Layers are axis 1: `torch.stack(..., dim=1)` of one (B, heads, N, N) for each. (`capture` gives
# > a dict: its values are the layers.)
# ~ torch.stack(weights, dim=1) => maps

# wrong: the heads are averaged
# > Return the gradients as they are: using them comes later.
# ~ torch.stack(weights, dim=1) => torch.stack(weights, dim=1).mean(dim=2)
# ~ torch.stack(gradients, dim=1) => torch.stack(gradients, dim=1).mean(dim=2)

# wrong: weight times gradient
# > Return the gradients as they are: using them comes later.
# ~ torch.stack(gradients, dim=1) => torch.stack(weights, dim=1) * torch.stack(gradients, dim=1)

# wrong: negative gradients are set to 0
# > Return the gradients as they are: using them comes later.
# ~ torch.stack(gradients, dim=1) => torch.stack(gradients, dim=1).relu()

# wrong: absolute values
# > Return the gradients as they are: using them comes later.
# ~ torch.stack(gradients, dim=1) => torch.stack(gradients, dim=1).abs()

# wrong: the weights have no .grad
# > A gradient is None. `backward()` keeps `.grad` for leaves only, and weights are computed: ask
# > `torch.autograd.grad(score, maps)` for their gradients.
# ~ gradients = => score.backward(); gradients =
# ~ torch.autograd.grad(score, weights) => [layer.grad for layer in weights]

# wrong: the parameters keep a .grad
# > `backward()` leaves a gradient in every parameter, and the next training step would use it.
# > `torch.autograd.grad(score, maps)` asks only for those of the maps.
# ~ gradients = => [layer.retain_grad() for layer in weights]; score.backward(); gradients =
# ~ torch.autograd.grad(score, weights) => [layer.grad for layer in weights]

# wrong: hooks stay behind
# > Each call leaves a hook on the model, and all of them run in every later pass. Keep what
# > `register_...hook` returns and call its `.remove()`.
def maps_and_gradients(model, images, classes):
    seen = []
    model.head.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with capture(model) as maps:
        model(images)
    weights = list(maps.values())
    score = seen[-1][torch.arange(len(classes)), classes].sum()
    gradients = torch.autograd.grad(score, weights)
    return torch.stack(weights, dim=1), torch.stack(gradients, dim=1)

# wrong: the model is left in training mode
# > The model came in evaluation mode, and `train()` switches dropout on. Gradients need no training
# > mode.
# ~ with capture(model) => with capture(model.eval())
# ~ torch.autograd.grad(score, weights) => torch.autograd.grad(score, weights); model.train()

# wrong: the model is left in evaluation mode
# > A model that came in training mode should be in training mode afterwards, whether `capture`
# > refused it or not.
# ~ with capture(model) => with capture(model.eval())

# wrong: the model is left frozen
# > `requires_grad_(False)` stays after the call, and the model can no longer learn.
# ~ with capture(model) => with capture(model.requires_grad_(False))
# ~ model(images) => model(images.clone().requires_grad_())

# wrong: gradients are switched off for good
# > `torch.set_grad_enabled(False)` stays in effect after the function has ended. `with
# > torch.no_grad():` ends with its block.
# ~ logits = model(images) => torch.set_grad_enabled(True); logits = model(images)
# ~ torch.autograd.grad(score, weights) => torch.autograd.grad(score, weights); torch.set_grad_enabled(False)

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ torch.stack(weights, dim=1), torch.stack(gradients, dim=1) => torch.stack(weights, dim=1).double(), torch.stack(gradients, dim=1).double()

# right: hooks on the tensors, their list turned round
# > The hooks of the flawed version, kept: they fire from the last layer to the first, so their list
# > is turned round.
def maps_and_gradients(model, images, classes):
    gradients = []
    with capture(model) as maps:
        logits = model(images)
    for weights in maps.values():
        weights.register_hook(gradients.append)
    score = logits[torch.arange(len(classes)), classes].sum()
    score.backward(inputs=list(maps.values()))
    return torch.stack(list(maps.values()), dim=1).detach(), torch.stack(gradients[::-1], dim=1)

# wrong: each call adds to the same list
# > The list outlives the call: it holds the gradients of all calls so far. Make a new one in each
# > call, inside the function.
# ~ classes): => classes, gradients=[]):
# ~ gradients = [] =>
