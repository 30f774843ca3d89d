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

# right: a tensor that says yes or no
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
        g = g.clone()
        g[i] = 0
        mixed = mixed or bool(g.abs().max() > 1e-6)
    model.train(was)
    return mixed

# right: allclose with an absolute tolerance, modes of all modules kept
def mixes_images(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.inference_mode():
        together = model(images)
        same = all(
            torch.allclose(model(images[i:i + 1])[0], together[i], rtol=1e-4, atol=1e-5)
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
        return worst > 1e-5 * abs(whole).max()
    finally:
        model.train(training)

# right: a copy of the model
def mixes_images(model, images):
    from copy import deepcopy
    model = deepcopy(model).eval()
    together = model(images)
    alone = torch.cat([model(image.unsqueeze(0)) for image in images])
    return not torch.allclose(together, alone, rtol=0, atol=1e-5)

# wrong: the answer is upside down
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return not bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: the answer is upside down
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return torch.allclose(together, alone, atol=1e-5)

# wrong: always yes
def mixes_images(model, images):
    return True

# wrong: it never says yes
def mixes_images(model, images):
    return False

# wrong: it never says yes
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        a, b = model(images), model(images.clone())
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: dropout is taken for mixing
def mixes_images(model, images):
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: dropout is taken for mixing
def mixes_images(model, images):
    with torch.no_grad():
        changed = torch.randn_like(images)
        changed[0] = images[0]
        a, b = model(images)[0], model(changed)[0]
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: rounding is taken for mixing
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return not torch.equal(together, alone)

# wrong: rounding is taken for mixing
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together != alone).any())

# wrong: rounding is taken for mixing
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        changed = torch.randn_like(images)
        changed[0] = images[0]
        a, b = model(images)[0], model(changed)[0]
    model.train(was)
    return not torch.equal(a, b)

# wrong: the tolerance is too wide
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together - alone).abs().max() > 0.5)

# wrong: only one direction is tested
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        changed = torch.randn_like(images)
        changed[0] = images[0]
        a, b = model(images)[0], model(changed)[0]
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: only one direction is tested
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        changed = torch.randn_like(images)
        changed[-1] = images[-1]
        a, b = model(images)[-1], model(changed)[-1]
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: only one direction is tested
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        changed = images.clone()
        changed[0] = torch.randn_like(images[0])
        a, b = model(images)[1:], model(changed)[1:]
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: only one direction is tested
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        changed = images.clone()
        changed[-1] = torch.randn_like(images[0])
        a, b = model(images)[:-1], model(changed)[:-1]
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: only one direction is tested
def mixes_images(model, images):
    model.eval()
    with torch.no_grad():
        changed = torch.randn_like(images)
        changed[0] = images[0]
        a, b = model(images)[0], model(changed)[0]
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: only one direction is tested
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        a, b = model(images)[0], model(images[:1])[0]
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: shuffling the batch
def mixes_images(model, images):
    was = model.training
    model.eval()
    order = torch.randperm(len(images))
    with torch.no_grad():
        a, b = model(images)[order], model(images[order])
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: shuffling the batch
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        a, b = model(images).flip(0), model(images.flip(0))
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: the image itself is changed
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        a, b = model(images), model(torch.randn_like(images))
    model.train(was)
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())

# wrong: abs is missing
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together - alone).max() > 1e-5)

# wrong: abs is missing
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((alone - together).max() > 1e-5)

# wrong: only the predicted class is compared
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together.argmax(-1) != alone.argmax(-1)).any())

# wrong: the model is left in evaluation mode
def mixes_images(model, images):
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: the model is left in training mode
def mixes_images(model, images):
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train()
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: a number in place of yes or no
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return (together - alone).abs().max().item()

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

# wrong: it does not come to an end
def mixes_images(model, images):
    while True:
        model.eval()
