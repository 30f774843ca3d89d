# right: alone and together
def mixes_images(model, images):
    was = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    difference = (together - alone).abs().max()
    return bool(difference > 1e-5 * together.abs().max())

# wrong: yes and no are swapped
# > Yours says no where it should say yes, and yes where it should say no. True means: it mixes.
# ~ return bool => return not bool

# wrong: always yes
# > Your function says True for every model, even for those that keep images apart.
def mixes_images(model, images):
    return True

# wrong: it never says yes
# > Your function says False for every model, even for those that mix. Do the neighbours of an image
# > really change between the two runs?
# ~ torch.cat([model(image[None]) for image in images]) => model(images)

# wrong: dropout is mistaken for mixing
# > In training mode dropout makes any two runs differ, and batch norm mixes: call `model.eval()`
# > before you compare.
# ~ model.eval() =>

# wrong: rounding is mistaken for mixing
# > Rounding differs with the size and the contents of a batch. Ask whether the difference is large,
# > say more than 1e-5 of the largest output.
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.equal(together, alone)
# wrong: rounding is mistaken for mixing
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.equal(together, alone)
# ~ model.train(was) =>

# wrong: rounding is mistaken for mixing
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.allclose(together, alone)

# wrong: the tolerance is too wide
# > A faint influence counts, too: a hundred-thousandth of the largest number is enough to allow for
# > rounding.
# ~ 1e-5 * together.abs().max() => 0.5
# wrong: the tolerance is too wide
# ~ 1e-5 => 0.01
# wrong: the tolerance is too wide
# ~ 1e-5 => 1e-3

# wrong: the limit does not follow the results
# > How large the results are depends on the model: a difference counts from 1e-5 *of the largest
# > number* in them. Another limit mistakes rounding for mixing in large results, and misses mixing
# > in small ones.
# ~ 1e-5 * together.abs().max() => 1e-5
# wrong: the limit does not follow the results
# ~ 1e-5 * together.abs().max() => 1e-6
# wrong: the limit does not follow the results
# ~ 1e-5 * together.abs().max() => 1e-4
# wrong: the limit does not follow the results
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.allclose(together, alone, atol=1e-5)
# wrong: the limit does not follow the results
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.allclose(together, alone, atol=1e-6)
# wrong: the limit does not follow the results
# ~ bool(difference > 1e-5 * together.abs().max()) => not torch.allclose(together, alone, atol=1e-4)

# wrong: the limit may be negative
# > Where all results are negative, so is their maximum: the largest number is `.abs().max()`.
# ~ together.abs().max() => together.max()

# wrong: the differences are averaged
# > One number among many may be all that changes: take the largest difference, not the mean.
# ~ (together - alone).abs().max() => (together - alone).abs().mean()
# wrong: the differences are averaged
# ~ (together - alone).abs().max() => (together - alone).mean().abs()

# wrong: only one score is compared
# > The influence may show in any number of the result: compare all of them.
# ~ (together - alone).abs().max() => (together - alone)[:, 0].abs().max()

# wrong: the batch is cut in two
# > Images in the same half still hear from each other. Ask each image alone.
# ~ torch.cat([model(image[None]) for image in images]) => torch.cat([model(x) for x in images.chunk(2)])

# wrong: in training mode it says no without looking
# > The question is about evaluation mode, whatever mode the model is in: call `model.eval()`, then
# > compare.
# ~ model.eval() => if model.training: return False

# wrong: a tensor instead of True or False
# > Return a bool: `bool(...)` or `.item()` makes one from a tensor with one number.
# ~ bool(difference > 1e-5 * together.abs().max()) => difference > 1e-5 * together.abs().max()

# wrong: shuffling the batch
# > Attention over the batch does not care about the order: shuffled images give shuffled results,
# > and the bug stays hidden. Change the neighbours, or take them away.
# ~ together = model(images) => order = torch.randperm(len(images)); together = model(images)[order]
# ~ torch.cat([model(image[None]) for image in images]) => model(images[order])

# wrong: shuffling the batch
# ~ together = model(images) => together = model(images).flip(0)
# ~ torch.cat([model(image[None]) for image in images]) => model(images.flip(0))

# wrong: gradients stay switched off
# > After your function, gradients are no longer recorded anywhere in the notebook. `with
# > torch.no_grad():` switches them back on at its end.
def mixes_images(model, images):
    was = model.training
    model.eval()
    torch.set_grad_enabled(False)
    together = model(images)
    alone = torch.cat([model(image[None]) for image in images])
    model.train(was)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())

# wrong: the image itself is changed
# > Every image changes, so every model's results differ. The one that you look at must stay the
# > same.
# ~ torch.cat([model(image[None]) for image in images]) => model(torch.randn_like(images))

# wrong: abs is missing
# > A difference may be negative, and then its maximum says nothing: `.abs().max()`.
# ~ (together - alone).abs().max() => (together - alone).max()
# wrong: abs is missing
# ~ (together - alone).abs().max() => (alone - together).max()

# wrong: only the predicted class is compared
# > The class may stay the same while its score moves: compare the numbers themselves.
# ~ difference > 1e-5 * together.abs().max() => (together.argmax(-1) != alone.argmax(-1)).any()

# wrong: the model is left in evaluation mode
# > The caller gets the model back in a different mode. Keep `was = model.training`, and end with
# > `model.train(was)`.
# ~ model.train(was) =>

# wrong: the model is left in training mode
# > The caller gets the model back in a different mode. Keep `was = model.training`, and end with
# > `model.train(was)`.
# ~ model.train(was) => model.train()

# wrong: a number instead of yes or no
# > Return True or False: compare the difference with a limit.
# ~ bool(difference > 1e-5 * together.abs().max()) => float(difference)

# right: new neighbours for each image
# > Each image keeps its place and gets random neighbours; its own result must not change.
def mixes_images(model, images):
    was = model.training
    model.eval()
    mixed = False
    for i in range(len(images)):
        changed = torch.randn_like(images)
        changed[i] = images[i]
        with torch.no_grad():
            a, b = model(images)[i], model(changed)[i]
        mixed = mixed or bool((a - b).abs().max() > 1e-5 * a.abs().max())
    model.train(was)
    return mixed

# wrong: dropout is mistaken for mixing
# ~ range(len(images)) => [0]
# ~ model.eval() =>

# wrong: rounding is mistaken for mixing
# ~ range(len(images)) => [0]
# ~ bool((a - b).abs().max() > 1e-5 * a.abs().max()) => not torch.equal(a, b)

# wrong: only one direction is tested
# > It misses a model in which each image hears only from those before it. Compare every image alone
# > with the same image in the batch.
# ~ range(len(images)) => [0]
# wrong: only one direction is tested
# ~ range(len(images)) => [0]
# ~ model.train(was) =>
# wrong: only one direction is tested
# > It misses a model in which each image hears only from those after it. Compare every image alone
# > with the same image in the batch.
# ~ range(len(images)) => [-1]
# wrong: only one direction is tested
# ~ range(len(images)) => [-1]
# ~ model.train(was) =>

# right: another image in the place of each
# > One image is replaced at a time; the results of the others must not change.
def mixes_images(model, images):
    was = model.training
    model.eval()
    mixed = False
    for i in range(len(images)):
        changed = images.clone()
        changed[i] = torch.randn_like(images[i])
        others = torch.arange(len(images)) != i
        with torch.no_grad():
            a, b = model(images)[others], model(changed)[others]
        mixed = mixed or bool((a - b).abs().max() > 1e-5 * a.abs().max())
    model.train(was)
    return mixed

# wrong: only one direction is tested
# ~ in range(len(images)) => in [0]
# wrong: only one direction is tested
# ~ in range(len(images)) => in [0]
# ~ model.train(was) =>
# wrong: only one direction is tested
# > It misses a model in which each image hears only from those before it. Compare every image alone
# > with the same image in the batch.
# ~ in range(len(images)) => in [len(images) - 1]
# wrong: only one direction is tested
# ~ in range(len(images)) => in [len(images) - 1]
# ~ model.train(was) =>
