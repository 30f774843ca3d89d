# right: from the first layer
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = layer @ result
    return result

# wrong: the layers in the wrong order
# > Each layer reads what the one before it wrote: M_L ... M_2 M_1. So each layer multiplies from
# > the left, `M @ R`.
# ~ layer @ result => result @ layer

# wrong: no identity
# > Without the residual connection a token would forget itself in each layer. Each layer is half
# > the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch.eye(attention.shape[-1]) + 0.5 * =>

# wrong: the identity is added, nothing is halved
# > Rows sum to 2 in each layer, and to 2 ** layers in the end. Each layer is half the identity and
# > half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch => torch
# ~ 0.5 * attention => attention

# wrong: only the identity is halved
# > Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * attention => attention

# wrong: only the attention is halved
# > Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch => torch

# wrong: both are halved twice
# > Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch => (0.5 * torch
# ~ mean(dim=2) => mean(dim=2)) / 2

# wrong: nine parts identity, one part attention
# > Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch => 0.9 * torch
# ~ 0.5 * attention => 0.1 * attention

# wrong: nine parts attention, one part identity
# > Each layer is half the identity and half the attention: `0.5 * I + 0.5 * A`.
# ~ 0.5 * torch => 0.1 * torch
# ~ 0.5 * attention => 0.9 * attention

# wrong: ones instead of the identity
# > `torch.ones` has a 1 everywhere. The identity, `torch.eye`, has it on the diagonal.
# ~ torch.eye(attention.shape[-1]) => torch.ones(attention.shape[-2:])

# wrong: the maximum of the heads
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention.amax(dim=2)
# wrong: the maximum of the heads
# ~ attention.mean(dim=2) => F.normalize(attention.amax(dim=2), p=1, dim=-1)

# wrong: the minimum of the heads
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention.amin(dim=2)
# wrong: the minimum of the heads
# ~ attention.mean(dim=2) => F.normalize(attention.amin(dim=2), p=1, dim=-1)

# wrong: the sum of the heads
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention.sum(dim=2)

# wrong: the product of the heads
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention.prod(dim=2)

# wrong: the first head only
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention[:, :, 0]

# wrong: the last head only
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N).
# ~ attention.mean(dim=2) => attention[:, :, -1]

# wrong: each head is rolled out by itself
# > The mean of products is not the product of means: a token takes from all heads before the next
# > layer. Take the mean first.
# ~ attention.mean(dim=2) => attention
# ~ return result => return result.mean(dim=1)

# wrong: layers and heads are mixed up
# > Take the mean over the heads, axis 2 of (B, layers, heads, N, N). You take the mean over axis 1,
# > the layers.
# ~ mean(dim=2) => mean(dim=1)

# wrong: multiplied number by number
# > `*` multiplies entry by entry. A path through two layers is a sum over the token in between:
# > `@`.
# ~ layer @ result => layer * result

# wrong: the mean of the layers
# > Layers work one after the other: multiply them.
# ~ layer @ result => layer + result
# ~ return result => return result / attention.shape[1]

# wrong: the sum of the layers
# > Layers work one after the other: multiply them.
# ~ layer @ result => layer + result

# wrong: only the last layer
# > Every layer counts once: axis 1 of (B, layers, heads, N, N).
# ~ layer @ result => layer

# wrong: the first layer counts twice
# > Every layer counts once: axis 1 of (B, layers, heads, N, N). If you start from the first,
# > continue with the second.
# ~ unbind(1)[1:] => unbind(1)

# wrong: the first layer lacks its identity
# > The first layer has a residual connection, too. Start from the identity, or from the first
# > layer's mixture.
# ~ result = mixing[:, 0] => result = attention.mean(dim=2)[:, 0]

# wrong: the identity comes once, at the end
# > Every layer has its residual connection: mix the identity in before you multiply.
# ~ 0.5 * torch.eye(attention.shape[-1]) + 0.5 * =>
# ~ return result => return 0.5 * torch.eye(attention.shape[-1]) + 0.5 * result

# wrong: it starts from zeros
# > A product that starts from zeros stays zero. Start from the identity.
# ~ result = mixing[:, 0] => result = torch.zeros_like(mixing[:, 0])
# ~ unbind(1)[1:] => unbind(1)

# wrong: it starts from ones
# > Before the first layer each token is only itself: the identity, `torch.eye`.
# ~ result = mixing[:, 0] => result = torch.ones_like(mixing[:, 0])
# ~ unbind(1)[1:] => unbind(1)

# wrong: one product for all images
# > The second image continues where the first ended. Start again for each image, or use `@` on (B,
# > N, N), which keeps them apart.
def rollout(attention):
    n = attention.shape[-1]
    result, results = torch.eye(n), []
    for image in attention:
        for layer in image:
            result = (0.5 * torch.eye(n) + 0.5 * layer.mean(dim=0)) @ result
        results.append(result)
    return torch.stack(results)

# wrong: the images are mixed
# > Each image has its own result: keep axis 0.
# ~ attention.mean(dim=2) => attention.mean(dim=2).mean(dim=0, keepdim=True)
# ~ return result => return result.expand(len(attention), -1, -1)
# wrong: the images are mixed
# ~ attention.mean(dim=2) => attention.mean(dim=2).mean(dim=0, keepdim=True)
# ~ return result => return result[0]
# wrong: the images are mixed
# ~ return result => return result[0]
# wrong: the images are mixed
# > Your product sums over the batch. `@` on (B, N, N) keeps images apart; in an `einsum` all parts
# > need the same letter for the batch.
# ~ layer @ result => torch.einsum("bij,cjk->bik", layer, result)

# wrong: transposed
# > Rows are queries: entry (i, j) is how much of token j is in the final token i.
# ~ return result => return result.mT
# wrong: transposed
# > Rows are queries: use the weights as they are, not transposed.
# ~ attention.mean(dim=2) => attention.mean(dim=2).mT

# wrong: only the class token's row
# > Return all rows, (B, N, N): a single row can be taken later.
# ~ return result => return result[:, 0]

# wrong: only the class token's row
# ~ return result => return result[:, 0, 1:]

# wrong: images are taken for layers
# > Layers are axis 1 of (B, layers, heads, N, N); your loop goes along axis 0, the images.
# ~ mixing[:, 0] => mixing[0]
# ~ unbind(1) => unbind(0)

# wrong: the identity is mixed in after the product
# > Half of what was there should stay, not half of the identity: `0.5 * R + 0.5 * A @ R`.
def rollout(attention):
    identity = torch.eye(attention.shape[-1])
    result = identity
    for layer in attention.mean(dim=2).unbind(1):
        result = 0.5 * identity + 0.5 * layer @ result
    return result

# wrong: sizes of 1 are squeezed away
# > Keep the batch: (B, N, N), even for one image. Your result has lost it, as after `squeeze()`.
# ~ return result => return result.squeeze()

# wrong: one result for each layer
# > Return the product of all layers, (B, N, N), not the intermediate ones.
# ~ result = mixing[:, 0] => results = [mixing[:, 0]]
# ~ result = layer @ result => results.append(layer @ results[-1])
# ~ return result => return torch.stack(results, dim=1)

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ attention.mean(dim=2) => attention.double().mean(dim=2)

# right: from the identity, layer by layer
# > Starting from the identity, so that the first layer is no special case.
def rollout(attention):
    n = attention.shape[-1]
    mixing = 0.5 * torch.eye(n) + 0.5 * attention.mean(dim=2)
    result = torch.eye(n).expand(len(attention), n, n)
    for layer in range(attention.shape[1]):
        result = mixing[:, layer] @ result
    return result

# wrong: the first layer is missing
# > Every layer counts once: axis 1 of (B, layers, heads, N, N).
# ~ range(attention => range(1, attention

# wrong: the last layer is missing
# > Every layer counts once: axis 1 of (B, layers, heads, N, N).
# ~ shape[1]) => shape[1] - 1)

# wrong: only the first layer
# > Every layer counts once: axis 1 of (B, layers, heads, N, N).
# ~ result = mixing[:, layer] @ result => return mixing[:, layer]

# wrong: the same layer again and again
# > Every layer counts once: axis 1 of (B, layers, heads, N, N).
# ~ mixing[:, layer] => mixing[:, 0]
# wrong: the same layer again and again
# ~ mixing[:, layer] => mixing[:, -1]

# right: rows divided by their sum, which is 2
# > Adding the identity makes each row sum to 2; dividing by the sum is the half in the formula.
def rollout(attention):
    result = torch.eye(attention.shape[-1])
    for layer in attention.unbind(1):
        step = layer.mean(dim=1) + torch.eye(attention.shape[-1])
        step = step / step.sum(dim=-1, keepdim=True)
        result = step @ result
    return result

# wrong: columns are divided
# > You divide the columns. Rows are queries and sum to 1: `dim=-1`, with `keepdim=True`.
# ~ sum(dim=-1 => sum(dim=-2

# wrong: only one image works
# > It works for one image only. (If you divide by a sum, `keepdim=True` keeps it a column. If you
# > transpose, name the last two axes.)
# ~ , keepdim=True =>

# wrong: the sum of the heads
# ~ layer.mean(dim=1) => layer.sum(dim=1)

# right: rows divided by their sum, all layers at once
# > The same, with the division done for all layers before the products.
def rollout(attention):
    mixing = attention.mean(dim=2) + torch.eye(attention.shape[-1])
    mixing = mixing / mixing.sum(dim=-1, keepdim=True)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = layer @ result
    return result

# wrong: no keepdim
# > The sums of the rows need an axis of size 1 at the end to divide by: `keepdim=True`.
# ~ , keepdim=True =>
