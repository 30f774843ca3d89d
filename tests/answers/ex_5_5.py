# stub: as handed out
def mixes_images(model, images):
    raise NotImplementedError("exercise 5.5")

# right: alone and together
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: a tensor instead of True or False
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return (together - alone).abs().max() > 1e-5 * together.abs().max()

# right: change one image after the other, look at all others
def mixes_images(model, images):
    was = model.training
    model.eval()
    mixed = False
    with torch.no_grad():
        before = model(images)
        for i in range(len(images)):
            changed = images.clone()
            changed[i] = torch.randn_like(images[i]) * 3
            after = model(changed)
            for j in range(len(images)):
                if i != j and (before[j] - after[j]).abs().max() > 1e-5 * before.abs().max():
                    mixed = True
    model.train(was)
    return mixed

# right: gradients from each image to the others
def mixes_images(model, images):
    was = model.training
    model.eval()
    x = images.clone().requires_grad_()
    y = model(x)
    mixed = False
    for i in range(len(x)):
        g, = torch.autograd.grad((y[i] * torch.randn_like(y[i])).sum(), x, retain_graph=True)
        own = g[i].abs().max()
        g[i] = 0
        mixed = mixed or bool(g.abs().max() > 1e-6 * own)
    model.train(was)
    return mixed

# right: allclose with a tolerance of its own, modes of all modules kept
def mixes_images(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.inference_mode():
        together = model(images)
        same = all(
            torch.allclose(model(images[i:i + 1])[0], together[i], rtol=0, atol=1e-5 * together.abs().max().item())
            for i in range(len(images))
        )
    for m, mode in modes:
        m.training = mode
    return not same

# right: pairs in numpy, try and finally
def mixes_images(model, images):
    training = model.training
    try:
        model.eval()
        with torch.no_grad():
            whole = model(images).numpy()
            single = [model(images[[i]]).numpy()[0] for i in range(len(images))]
        worst = max(abs(whole[i] - single[i]).max() for i in range(len(images)))
        return bool(worst > 1e-5 * abs(whole).max())
    finally:
        model.train(training)

# right: a copy of the model
def mixes_images(model, images):
    from copy import deepcopy
    model = deepcopy(model).eval()
    together = model(images)
    alone = torch.cat([model(image.unsqueeze(0)) for image in images])
    return not torch.allclose(together, alone, rtol=0, atol=1e-5 * together.abs().max().item())

# wrong: it returns None
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: it changes its input
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    images.zero_()
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: *
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return 'yes' if (together - alone).abs().max() > 1e-5 else 'no'

# wrong: *
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return (together - alone).abs() > 1e-5

# wrong: *
def mixes_images(model, images):
    model.train()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: *
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    for p in model.parameters():
        p.data.zero_()
    model.train(was)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: it raised RuntimeError
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image) for image in images])
    model.train(was)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: it never finishes
def mixes_images(model, images):
    while True:
        model.eval()

# right: each image alone against all together
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    difference = (together - alone).abs().max()
    return bool(difference > 1e-5 * together.abs().max())

# right: each image replaced by noise, others watched
from contextlib import contextmanager


@contextmanager
def evaluating(model):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


@torch.inference_mode()
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    with evaluating(model):
        base = model(images)
        limit = 1e-5 * base.abs().max().item()
        for i in range(len(images)):
            batch = images.clone()
            batch[i] = torch.randn_like(batch[i]) * 3
            out = model(batch)
            others = [j for j in range(len(images)) if j != i]
            if (out[others] - base[others]).abs().max().item() > limit:
                return True
    return False

# right: each beside copies of itself
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    mode = model.training
    model.train(False)
    worst, largest = 0.0, 0.0
    with torch.no_grad():
        together = model(images)
        for i, image in enumerate(images):
            # beside copies of itself: same batch size, other neighbours
            beside_itself = model(image.expand_as(images))
            worst = max(worst, float((beside_itself[i] - together[i]).abs().max()))
            largest = max(largest, float(together[i].abs().max()))
    model.train(mode)
    return worst > 1e-5 * largest

# right: leave one out
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    training, model = model.training, model.eval()
    with torch.no_grad():
        y = model(images.detach().clone())
        drop_one = []
        for i in range(images.size(0)):
            keep = torch.arange(images.size(0)) != i
            drop_one.append((model(images[keep]) - y[keep]).abs().amax())
    model.train(training)
    return (torch.stack(drop_one).amax() / y.abs().amax().clamp_min(1e-30)).item() > 1e-5

# right: deep copy and any()
import copy


def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    judge = copy.deepcopy(model).eval().requires_grad_(False)  # the model itself is never touched
    ask = lambda batch: judge(batch).flatten(1)
    together = ask(images)
    return any(
        ((ask(images[i : i + 1])[0] - together[i]).abs() > 1e-5 * together.abs().max()).any().item()
        for i in range(len(images))
    )

# wrong: *
# the batch repeated twice: mean and softmax do not notice
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = model(torch.cat([images, images]))[: len(images)]
    model.train(was_training)
    difference = (together - alone).abs().max()
    return bool(difference > 1e-5 * together.abs().max())

# wrong: *
# limit far too coarse: 1 per cent
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    mode = model.training
    model.train(False)
    worst, largest = 0.0, 0.0
    with torch.no_grad():
        together = model(images)
        for i, image in enumerate(images):
            # beside copies of itself: same batch size, other neighbours
            beside_itself = model(image.expand_as(images))
            worst = max(worst, float((beside_itself[i] - together[i]).abs().max()))
            largest = max(largest, float(together[i].abs().max()))
    model.train(mode)
    return worst > 1e-2 * largest

# wrong: *
# the images are overwritten
from contextlib import contextmanager


@contextmanager
def evaluating(model):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


@torch.inference_mode()
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    with evaluating(model):
        base = model(images)
        limit = 1e-5 * base.abs().max().item()
        for i in range(len(images)):
            batch = images
            batch[i] = torch.randn_like(batch[i]) * 3
            out = model(batch)
            others = [j for j in range(len(images)) if j != i]
            if (out[others] - base[others]).abs().max().item() > limit:
                return True
    return False

# wrong: it raised RuntimeError
# batch axis lost when one image is asked (raises for most models)
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image) for image in images])
    model.train(was_training)
    difference = (together - alone).abs().max()
    return bool(difference > 1e-5 * together.abs().max())

# right: by gradients
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    mode = model.training
    model.eval()
    x = images.detach().clone().requires_grad_(True)
    y = model(x).flatten(1)
    found = False
    for i in range(len(x)):
        (g,) = torch.autograd.grad((y[i] * torch.randn_like(y[i])).sum(), x, retain_graph=True)
        g = g.flatten(1).abs().amax(1)
        found |= bool(torch.cat([g[:i], g[i + 1 :]]).max() > 1e-5 * g.max())
    model.train(mode)
    return found

# right: limit for each image by itself
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    mode = model.training
    model.eval()
    with torch.no_grad():
        y = model(images)
        found = any(bool((model(images[i : i + 1])[0] - y[i]).abs().max() > 1e-5 * y[i].abs().max()) for i in range(len(images)))
    model.train(mode)
    return found

# right: model.train(mode) where parts had modes of their own
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    before = model.training
    try:
        model.eval()
        with torch.inference_mode():
            y = model(images)
            alone = torch.cat([model(i) for i in images.split(1)])
    finally:
        model.train(before)
    return ((y - alone).abs().max() > 1e-5 * y.abs().max()).item()

# wrong: *
# mean of the differences, with their signs
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    difference = (together - alone).mean().abs()
    return bool(difference > 1e-5 * together.abs().max())

# wrong: *
# only the class token or score 0 compared
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    difference = (together[:, 0] - alone[:, 0]).abs().max()
    return bool(difference > 1e-5 * together.abs().max())

# wrong: *
# two halves against the whole: neighbours in a half stay together
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(half) for half in images.chunk(2)])
    model.train(was_training)
    difference = (together - alone).abs().max()
    return bool(difference > 1e-5 * together.abs().max())
