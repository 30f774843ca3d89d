# right: from the identity, R + E R
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: negative entries count, too
# > Entries that speak against the class become 0, `.relu()` or `.clamp(min=0)`, in each head,
# > before the mean.
# ~ .relu() =>

# wrong: absolute values
# > What speaks against the class counts like what speaks for it. Entries that speak against the
# > class become 0, `.relu()` or `.clamp(min=0)`, in each head, before the mean.
# ~ relu() => abs()

# wrong: squares
# > What speaks against the class counts like what speaks for it. Entries that speak against the
# > class become 0, `.relu()` or `.clamp(min=0)`, in each head, before the mean.
# ~ relu() => square()

# wrong: negative entries are set to 0 after the mean
# > Heads that speak against the class cancel others in the mean. Entries that speak against the
# > class become 0, `.relu()` or `.clamp(min=0)`, in each head, before the mean.
# ~ relu().mean(dim=2) => mean(dim=2).relu()

# wrong: only what speaks against the class
# > The sign is reversed: `relu` of A * dy/dA keeps what speaks for the class.
# ~ (attention * gradients) => (-attention * gradients)
# wrong: only what speaks against the class
# > You kept the negative entries and dropped the positive ones.
# ~ relu() => clamp(max=0)

# wrong: the sum of the heads
# > Take the mean over the heads.
# ~ mean(dim=2) => sum(dim=2)

# wrong: the maximum of the heads
# > Take the mean over the heads.
# ~ mean(dim=2) => amax(dim=2)

# wrong: the first head only
# > Take the mean over the heads.
# ~ .mean(dim=2) => [:, :, 0]

# wrong: layers and heads are mixed up
# > Heads are axis 2 of (B, layers, heads, N, N); you take the mean over axis 1.
# ~ mean(dim=2) => mean(dim=1)

# wrong: heads are averaged before the product
# > E is the product of both, weight times gradient, entry by entry. The mean over heads comes last.
# ~ (attention * gradients).relu().mean(dim=2) => (attention.mean(dim=2) * gradients.mean(dim=2)).relu()
# wrong: heads are averaged before the product
# ~ (attention * gradients).relu().mean(dim=2) => attention.mean(dim=2) * gradients.relu().mean(dim=2)

# wrong: the gradient alone
# > E is the product of both, weight times gradient, entry by entry.
# ~ (attention * gradients) => gradients
# wrong: the gradient alone
# ~ (attention * gradients).relu() => gradients

# wrong: the attention alone
# > E is the product of both, weight times gradient, entry by entry. Without the gradient nothing
# > depends on the class.
# ~ (attention * gradients).relu() => attention

# wrong: a matrix product of weights and gradients
# > E is the product of both, weight times gradient, entry by entry. `@` is a matrix product; it
# > should be `*`.
# ~ attention * gradients => attention @ gradients

# wrong: weight plus gradient
# > E is the product of both, weight times gradient, entry by entry.
# ~ attention * gradients => attention + gradients

# wrong: the layers in the wrong order
# > From the first layer to the last, E on the left: `R = R + E @ R`. (`R @ E` and starting from the
# > last layer both reverse the order.)
# ~ layer @ result => result @ layer

# wrong: the gradients come last layer first
# > Each layer's weights meet the gradients of another layer. Entry l of both belongs to layer l.
# ~ * gradients => * gradients.flip(1)

# wrong: nothing is added to what was there
# > You replace R in each layer, as if there were no residual connection. Each layer adds E R to
# > what is already there: `R = R + E @ R`.
# ~ result + layer => layer

# wrong: E is added, not E R
# > Each layer adds E R to what is there: `R = R + E @ R`.
# ~ layer @ result => layer

# wrong: multiplied number by number
# > `*` multiplies entry by entry; relevance flows along paths: `E @ R`.
# ~ layer @ result => layer * result

# wrong: it starts from zeros
# > From R = 0 nothing ever comes. Before the first layer R is the identity, `torch.eye`.
# ~ torch.eye(attention.shape[-1]) => torch.zeros_like(evidence[:, 0])

# wrong: it starts from ones
# > Before the first layer each token has only itself: the identity, `torch.eye`.
# ~ torch.eye(attention.shape[-1]) => torch.ones_like(evidence[:, 0])

# wrong: it starts from the first layer
# > R starts as the identity, to which the first layer adds its E.
# ~ torch.eye(attention.shape[-1]) => evidence[:, 0]
# ~ unbind(1) => unbind(1)[1:]

# wrong: the identity is taken away again
# > Return R itself, with the identity that it started from.
# ~ return result => return result - torch.eye(attention.shape[-1])

# wrong: rows are divided by their sum
# > Return R as it is: its size says how much evidence there is for the class.
# ~ return result => return result / result.sum(dim=-1, keepdim=True)
# wrong: rows are divided by their sum
# ~ result = result + layer @ => step = layer + torch.eye(attention.shape[-1]); result = step / step.sum(dim=-1, keepdim=True) @
# wrong: rows are divided by their sum
# ~ (attention * gradients).relu().mean(dim=2) => F.normalize((attention * gradients).relu().mean(dim=2), p=1, dim=-1)

# wrong: divided by the largest value
# > Return R as it is: its size says how much evidence there is for the class.
# ~ return result => return result / result.amax(dim=(1, 2), keepdim=True)
# wrong: divided by the largest value
# ~ return result => return result / result.max()

# wrong: halved in each layer
# > That is rollout. Here nothing is halved: each layer adds E R to what is there: `R = R + E @ R`.
# ~ result + layer => 0.5 * result + 0.5 * layer

# wrong: only the last layer
# > Every layer counts, from the first to the last.
# ~ result + layer @ result => torch.eye(attention.shape[-1]) + layer
# wrong: only the last layer
# > Every layer counts, from the first to the last, and R starts as the identity.
# ~ result + layer @ result => layer

# wrong: transposed
# > Rows are queries: entry (i, j) is how much token j matters to the final token i.
# ~ return result => return result.mT
# wrong: transposed
# > Rows are queries: use weights and gradients as they are, not transposed.
# ~ mean(dim=2) => mean(dim=2).mT

# wrong: the images are mixed
# > Each image has its own result: keep axis 0.
# ~ return result => return result.mean(dim=0)
# wrong: the images are mixed
# ~ mean(dim=2) => mean(dim=2).mean(dim=0, keepdim=True)
# ~ return result => return result[0]
# wrong: the images are mixed
# ~ return result => return result[0]
# wrong: the images are mixed
# > The gradients of the first image are used for all. Keep axis 0.
# ~ * gradients => * gradients[0]

# wrong: only the class token's row
# > Return all rows, (B, N, N): a single row can be taken later.
# ~ return result => return result[:, 0]

# wrong: sizes of 1 are squeezed away
# > Keep the batch: (B, N, N), even for one image. Your result has lost it, as after `squeeze()`.
# ~ return result => return result.squeeze()

# wrong: cut off above 1
# > Cut off only what is below 0: large entries stay as they are.
# ~ relu() => clamp(0, 1)

# wrong: it starts from the attention of the first layer
# > R starts as the identity: before the first layer each token has only itself.
# ~ torch.eye(attention.shape[-1]) => attention[:, 0].mean(dim=1)

# wrong: one product for all images
# > The second image continues where the first ended. Start again for each image, or use `@` on (B,
# > N, N), which keeps them apart.
def relevance(attention, gradients):
    result, results = torch.eye(attention.shape[-1]), []
    for image, gradient in zip(attention, gradients):
        for layer in (image * gradient).relu().mean(dim=1):
            result = result + layer @ result
        results.append(result)
    return torch.stack(results)

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ (attention * gradients) => (attention * gradients).double()
# ~ torch.eye(attention.shape[-1]) => torch.eye(attention.shape[-1]).double()

# right: layer by layer, by number
# > `relu` in place of `clamp`, and one identity for each image from the start.
def relevance(attention, gradients):
    n = attention.shape[-1]
    result = torch.eye(n).expand(len(attention), n, n)
    evidence = (attention * gradients).relu().mean(dim=2)
    for layer in range(attention.shape[1]):
        result = result + evidence[:, layer] @ result
    return result

# wrong: the first layer is missing
# > Every layer counts, including the first (number 0).
# ~ range(attention => range(1, attention

# wrong: the last layer is missing
# > Every layer counts, including the last.
# ~ shape[1]) => shape[1] - 1)
