# right: a mask
def hidden_loss(predicted, images, visible, patch_size):
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError("no patch is hidden")
    patches = patchify(images, patch_size)
    mean, variance = patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True)
    target = (patches - mean) / (variance + 1e-6).sqrt()
    hidden = torch.ones(predicted.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return (predicted - target)[hidden].square().mean()

# wrong: over all patches
# > The prediction for visible patches counts, too. Take the mean over hidden patches only.
# ~ (predicted - target)[hidden] => (predicted - target)
# wrong: over the visible patches
# > It is the visible patches that count. Take the hidden ones.
# ~ (predicted - target)[hidden] => (predicted - target)[~hidden]
# wrong: the hidden of the first image for all
# > In all images, it takes the patches that are hidden in the first. Each has its own row of `visible`.
# ~ scatter(1, visible, False) => scatter(1, visible[:1].repeat(len(visible), 1), False)
# wrong: divided by all patches
# > The sum is over the hidden patches, and is divided by the number of all patches. Divide by that of the hidden ones.
# ~ [hidden].square().mean() => [hidden].square().sum() / predicted.numel()
# wrong: divided by the visible patches
# > The sum is over the hidden patches, and is divided by the number of visible ones. Divide by that of the hidden ones.
# ~ [hidden].square().mean() => [hidden].square().sum() / (~hidden).sum() / predicted.shape[2]
# wrong: a sum instead of the mean
# > The squares are summed. Take their mean.
# ~ .square().mean() => .square().sum()
# wrong: a sum over each patch
# > The squares of a patch are summed, then comes the mean of the patches. Take the mean over all numbers.
# ~ .square().mean() => .square().sum(dim=1).mean()
# wrong: a sum over the patches
# > The mean squares of the patches are summed. Take their mean.
# ~ .square().mean() => .square().mean(dim=1).sum()
# wrong: divided by the images only
# > The squares are summed and divided by the number of images. Take the mean over all numbers.
# ~ .square().mean() => .square().sum() / len(images)
# wrong: one number for each hidden patch
# > It gives one number for each hidden patch. Take the mean of them, too.
# ~ .square().mean() => .square().mean(dim=1)
# wrong: one number for each image
# > It gives one number for each image. Take the mean of them, too.
# ~ [hidden].square().mean() => [hidden].square().view(len(images), -1).mean(dim=1)
# wrong: all squares
# > It gives the squares of all numbers. Take their mean.
# ~ .square().mean() => .square()

# wrong: plain pixels as the target
# > The target is the patch as it is. Normalise each patch: minus its mean, divided by the root of its variance + 1e-6.
# ~ target = (patches - mean) / (variance + 1e-6).sqrt() => target = patches
# wrong: the mean is not subtracted
# > The target lacks the subtraction of the patch's mean.
# ~ (patches - mean) / => patches /
# wrong: not divided by the root of the variance
# > The target is the patch minus its mean; divide it by sqrt(variance + 1e-6), too.
# ~ (patches - mean) / (variance + 1e-6).sqrt() => patches - mean
# wrong: divided by the variance
# > The target is divided by the variance. Divide by its root.
# ~ (variance + 1e-6).sqrt() => (variance + 1e-6)
# wrong: divided by the variance
# ~ (variance + 1e-6).sqrt() => variance.clamp(min=1e-6)
# wrong: multiplied instead of divided
# > The target is multiplied by sqrt(variance + 1e-6). Divide.
# ~ (patches - mean) / => (patches - mean) *
# wrong: the variance divides by n
# > The variance divides by n. Here it divides by n - 1, which is what `Tensor.var` does.
# ~ patches.var(dim=2, keepdim=True) => patches.var(dim=2, keepdim=True, correction=0)
# wrong: the variance divides by n
# ~ target = (patches - mean) / (variance + 1e-6).sqrt() => target = F.layer_norm(patches, patches.shape[2:], eps=1e-6)
# wrong: 1e-6 outside the root
# > 1e-6 is added to the root of the variance. Add it to the variance, then take the root: patches of nearly one colour tell the difference.
# ~ (variance + 1e-6).sqrt() => (variance.sqrt() + 1e-6)
# wrong: no 1e-6
# > A patch of one colour has a variance of 0: add 1e-6 to it before the root.
# ~ (variance + 1e-6).sqrt() => variance.sqrt()
# wrong: another number than 1e-6
# > Patches of nearly one colour tell that it is 1e-5 that is added to the variance. It should be 1e-6.
# ~ variance + 1e-6 => variance + 1e-5
# wrong: another number than 1e-6
# > Patches of nearly one colour tell that less than 1e-6 is added to the variance.
# ~ variance + 1e-6 => variance + 1e-8
# wrong: another number than 1e-6
# ~ variance + 1e-6 => variance + 1e-12

# wrong: mean and variance of the whole image
# > Mean and variance are those of the whole image. Each patch has its own: over axis 2 of the patches.
# ~ patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True) => patches.mean(dim=(1, 2), keepdim=True), patches.var(dim=(1, 2), keepdim=True)
# wrong: mean and variance of all images
# > Mean and variance are those of all images together. Each patch has its own: over axis 2 of the patches.
# ~ patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True) => patches.mean(), patches.var()
# wrong: mean and variance over the patches
# > Mean and variance are taken over the patches of an image, number by number. Each patch has its own: over axis 2.
# ~ patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True) => patches.mean(dim=1, keepdim=True), patches.var(dim=1, keepdim=True)
# wrong: mean and variance over the batch
# > Mean and variance are taken over the images of the batch. Each patch has its own: over axis 2.
# ~ patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True) => patches.mean(dim=0, keepdim=True), patches.var(dim=0, keepdim=True)
# wrong: each channel has its own mean and variance
# > Mean and variance are taken for each channel of a patch. Take them over all its C * P * P numbers.
# ~ patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True) => [f(patches.unflatten(2, (-1, patch_size**2)), dim=3, keepdim=True).expand(-1, -1, -1, patch_size**2).flatten(2) for f in (torch.mean, torch.var)]

# wrong: the prediction is normalised, too
# > The prediction is normalised like the target. Compare it as it is: the model learns to give normalised patches.
# ~ (predicted - target)[hidden] => ((predicted - predicted.mean(dim=2, keepdim=True)) / (predicted.var(dim=2, keepdim=True) + 1e-6).sqrt() - target)[hidden]
# wrong: the prediction is normalised instead of the target
# > The prediction is normalised by the patch's mean and variance, and the target is not. It is the other way round.
# ~ (predicted - target)[hidden] => ((predicted - mean) / (variance + 1e-6).sqrt() - patches)[hidden]
# wrong: absolute differences
# > These are absolute differences. Square them.
# ~ .square().mean() => .abs().mean()
# wrong: the root of the mean
# > It gives the root of the mean square. Leave the root out.
# ~ .square().mean() => .square().mean().sqrt()
# wrong: the differences are not squared
# > The differences are not squared, so those of opposite sign cancel.
# ~ .square().mean() => .mean()
# wrong: half of it
# > It gives half of the mean square.
# ~ .square().mean() => .square().mean() / 2
# wrong: the median
# > It gives the median of the squares. Take their mean.
# ~ .square().mean() => .square().median()
# wrong: channels last in the patches
# > The target's numbers are in another order than `patchify` gives: channel, row, column.
# ~ patches = patchify(images, patch_size) => patches = rearrange(images, "b c (h p) (w q) -> b (h w) (p q c)", p=patch_size, q=patch_size)
# wrong: patches column by column
# > The target's patches run down the columns of the grid. `patchify` goes along each row first.
# ~ patches = patchify(images, patch_size) => patches = rearrange(images, "b c (h p) (w q) -> b (w h) (c p q)", p=patch_size, q=patch_size)
# wrong: no gradient
# > No gradient reaches the prediction, so nothing could be trained: no `detach`, no `item`, no numpy.
# ~ (predicted - target) => (predicted.detach() - target)
# wrong: a float, not a tensor
# > It gives a float of Python, through which no gradient can go. Return the tensor.
# ~ .square().mean() => .square().mean().item()
# wrong: an axis too many
# > The result should be a scalar, of shape ().
# ~ .square().mean() => .square().mean()[None]
# wrong: no error where no patch is hidden
# > Raise ValueError where no patch is hidden: the mean of nothing is nan.
# ~ if visible.shape[1] == predicted.shape[1]: => if False:
# wrong: an error where one patch is hidden
# > One hidden patch is enough. Raise ValueError only where there is none.
# ~ if visible.shape[1] == predicted.shape[1]: => if visible.shape[1] >= predicted.shape[1] - 1:
# wrong: an error where all patches are hidden
# > No visible patch is no mistake. Raise ValueError only where no patch is hidden.
# ~ if visible.shape[1] == predicted.shape[1]: => if visible.shape[1] in (0, predicted.shape[1]):

# right: errors times the mask, as MAE's code does
# > The full table of errors is multiplied by the mask and divided by how many patches are hidden.
def hidden_loss(predicted, images, visible, patch_size):
    patches = patchify(images, patch_size)
    mean = patches.mean(dim=-1, keepdim=True)
    var = patches.var(dim=-1, keepdim=True)
    target = (patches - mean) / (var + 1e-6) ** 0.5
    mask = torch.ones(patches.shape[:2])
    mask[torch.arange(len(images))[:, None], visible] = 0
    if mask.sum() == 0:
        raise ValueError("all patches are visible")
    error = ((predicted - target) ** 2).mean(dim=-1)
    return ((error * mask).sum() / mask.sum()).to(predicted.dtype)

# wrong: over all patches
# ~ return ((error * mask).sum() / mask.sum()).to(predicted.dtype) => return error.mean()
# wrong: divided by all patches
# ~ ((error * mask).sum() / mask.sum()) => (error * mask).mean()
# wrong: over the visible patches
# ~ mask = torch.ones(patches.shape[:2]) => mask = torch.zeros(patches.shape[:2])
# ~ visible] = 0 => visible] = 1
