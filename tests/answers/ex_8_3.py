# stub: as handed out
def relevance(attention: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 8.3")

# stub: half finished
def relevance(attention, gradients):
    evidence = (attention * gradients).relu()
    raise NotImplementedError("exercise 8.3")

# right: from the identity, R + E R
def relevance(attention: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    n = attention.shape[-1]
    result = torch.eye(n).expand(len(attention), n, n)
    evidence = (attention * gradients).relu().mean(dim=2)
    for layer in range(attention.shape[1]):
        result = result + evidence[:, layer] @ result
    return result

# right: I + E, multiplied from the left
def relevance(attention, gradients):
    evidence = (attention * gradients).clamp(min=0).mean(2)
    steps = evidence + torch.eye(attention.shape[-1])
    result = steps[:, 0]
    for step in steps.unbind(1)[1:]:
        result = step @ result
    return result

# right: relu on the gradient, since weights are not negative
def relevance(attention, gradients):
    evidence = (attention * F.relu(gradients)).mean(dim=2)
    result = torch.eye(attention.shape[-1]).repeat(attention.shape[0], 1, 1)
    for layer in evidence.unbind(1):
        result = result + torch.bmm(layer, result)
    return result

# right: functools.reduce
from functools import reduce


def relevance(attention, gradients):
    evidence = torch.relu(attention * gradients).mean(2).unbind(1)
    start = torch.eye(attention.shape[-1]).expand_as(evidence[0])
    return reduce(lambda r, e: r + e @ r, evidence, start)

# right: recursion over the layers
def relevance(attention, gradients):
    if attention.shape[1] == 0:
        return torch.eye(attention.shape[-1]).expand_as(attention.sum((1, 2)))
    below = relevance(attention[:, :-1], gradients[:, :-1])
    evidence = (attention[:, -1] * gradients[:, -1]).relu().mean(1)
    return below + evidence @ below

# right: einsum for the mean and the product
def relevance(attention, gradients):
    positive = torch.where(gradients > 0, attention * gradients, 0.0)
    evidence = torch.einsum("blhij->blij", positive) / attention.shape[2]
    result = torch.eye(attention.shape[-1]).expand(len(attention), -1, -1)
    for layer in range(attention.shape[1]):
        result = result + torch.einsum("bij,bjk->bik", evidence[:, layer], result)
    return result

# right: in place on a clone
def relevance(attention, gradients):
    evidence = attention.clone()
    evidence *= gradients
    evidence.clamp_(min=0)
    evidence = evidence.mean(2)
    result = torch.eye(attention.shape[-1]).repeat(len(attention), 1, 1)
    for layer in evidence.unbind(1):
        result += layer @ result
    return result

# right: image by image, head by head
def relevance(attention, gradients):
    results = []
    for image, slopes in zip(attention, gradients):
        r = torch.eye(image.shape[-1])
        for heads, slope in zip(image, slopes):
            e = torch.zeros_like(r)
            for h in range(len(heads)):
                e += (heads[h] * slope[h]).relu()
            r = r + (e / len(heads)) @ r
        results.append(r)
    return torch.stack(results)

# right: float64 in between
def relevance(attention, gradients):
    e = (attention.double() * gradients.double()).relu().mean(2)
    r = torch.eye(e.shape[-1], dtype=e.dtype)
    for layer in range(e.shape[1]):
        r = r + e[:, layer] @ r
    return r.float()

# right: from the last layer, multiplied from the right
def relevance(attention, gradients):
    e = torch.maximum(attention * gradients, torch.tensor(0.0)).mean(dim=2)
    r = torch.eye(e.shape[-1]).expand_as(e[:, 0])
    for layer in reversed(range(e.shape[1])):
        r = r + r @ e[:, layer]
    return r

# right: by columns, turned at the end
def relevance(A, G):
    E = (A * G).relu().mean(2).mT
    R = torch.eye(A.shape[-1]).expand_as(E[:, 0])
    for i in range(E.shape[1]):
        R = R + R @ E[:, i]
    return R.mT

# right: baddbmm
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(2)
    result = torch.eye(attention.shape[-1]).expand_as(evidence[:, 0]).contiguous()
    for layer in evidence.unbind(1):
        result = torch.baddbmm(result, layer.contiguous(), result)
    return result

# right: half of x plus |x|
def relevance(attention, gradients):
    product = attention * gradients
    evidence = ((product + product.abs()) / 2).sum(2) / attention.size(2)
    result = torch.diag_embed(torch.ones(attention.shape[0], attention.shape[-1]))
    for e in evidence.transpose(0, 1):
        result = torch.matmul(e, result) + result
    return result

# right: numpy
import numpy as np


def relevance(attention, gradients):
    e = np.maximum(attention.numpy() * gradients.numpy(), 0).mean(axis=2)
    r = np.broadcast_to(np.eye(e.shape[-1], dtype=e.dtype), e[:, 0].shape)
    for layer in range(e.shape[1]):
        r = r + e[:, layer] @ r
    return torch.from_numpy(r)

# right: boolean mask
def relevance(attention, gradients):
    speaks_for = gradients > 0
    evidence = (attention * gradients * speaks_for).mean(dim=-3)
    result = torch.eye(attention.shape[-1])[None]
    for i in range(attention.shape[1]):
        result = result + evidence[:, i] @ result
    return result

# wrong: negative entries count, too
def relevance(attention, gradients):
    evidence = (attention * gradients).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: absolute values
def relevance(attention, gradients):
    evidence = (attention * gradients.abs()).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: squares
def relevance(attention, gradients):
    evidence = (attention * gradients).pow(2).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: negative entries are set to 0 after the mean
def relevance(attention, gradients):
    evidence = (attention * gradients).mean(dim=2).clamp(min=0)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: only what speaks against the class
def relevance(attention, gradients):
    evidence = F.relu(-attention * gradients).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: only what speaks against the class
# (clamped on the wrong side)
def relevance(attention, gradients):
    evidence = (attention * gradients).clamp(max=0).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the sum of the heads
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().sum(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the maximum of the heads
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().max(dim=2).values
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the first head only
def relevance(attention, gradients):
    evidence = (attention[:, :, 0] * gradients[:, :, 0]).relu()
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: layers and heads are mixed up
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=1)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: heads are averaged before the product
def relevance(attention, gradients):
    evidence = (attention.mean(dim=2) * gradients.mean(dim=2)).relu()
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: heads are averaged before the product
# (relu on the gradients alone)
def relevance(attention, gradients):
    evidence = attention.mean(dim=2) * gradients.relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the gradient alone
def relevance(attention, gradients):
    evidence = gradients.relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the gradient alone
# (with its sign)
def relevance(attention, gradients):
    evidence = gradients.mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the attention alone
def relevance(attention, gradients):
    evidence = attention.mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: a matrix product of weights and gradients
def relevance(attention, gradients):
    evidence = (attention @ gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: weight plus gradient
def relevance(attention, gradients):
    evidence = (attention + gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the layers in the wrong order
# (R E)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + result @ layer
    return result

# wrong: the layers in the wrong order
# (the last layer first)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in reversed(range(attention.shape[1])):
        result = result + evidence[:, layer] @ result
    return result

# wrong: the gradients come last layer first
def relevance(attention, gradients):
    evidence = (attention * gradients.flip(1)).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: nothing is added to what was there
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = layer @ result
    return result

# wrong: E is added, not E R
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer
    return result

# wrong: multiplied number by number
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer * result
    return result

# wrong: it starts from zeros
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.zeros_like(evidence[:, 0])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: it starts from ones
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.ones_like(evidence[:, 0])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: it starts from the first layer
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = evidence[:, 0]
    for layer in evidence.unbind(1)[1:]:
        result = result + layer @ result
    return result

# wrong: the identity is taken away again
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    identity = torch.eye(attention.shape[-1])
    result = identity
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result - identity

# wrong: rows are divided by their sum
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result / result.sum(dim=-1, keepdim=True)

# wrong: rows are divided by their sum
# (in each layer)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        step = torch.eye(attention.shape[-1]) + layer
        result = step / step.sum(dim=-1, keepdim=True) @ result
    return result

# wrong: divided by the largest value
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result / result.max()

# wrong: halved in each layer
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = 0.5 * result + 0.5 * layer @ result
    return result

# wrong: the first layer is missing
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1]).expand_as(evidence[:, 0])
    for layer in range(1, attention.shape[1]):
        result = result + evidence[:, layer] @ result
    return result

# wrong: the last layer is missing
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1]).expand_as(evidence[:, 0])
    for layer in range(attention.shape[1] - 1):
        result = result + evidence[:, layer] @ result
    return result

# wrong: only the last layer
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    identity = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = identity + layer @ identity
    return result

# wrong: only the last layer
# (no identity)
def relevance(attention, gradients):
    return (attention[:, -1] * gradients[:, -1]).relu().mean(dim=1)

# wrong: transposed
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result.mT

# wrong: transposed
# (columns taken for queries)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2).transpose(-2, -1)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: the images are mixed
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=(0, 2))
    result = torch.eye(attention.shape[-1])
    for layer in evidence:
        result = result + layer @ result
    return result

# wrong: the images are mixed
# (the first image's gradients)
def relevance(attention, gradients):
    evidence = (attention * gradients[0]).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: one product for all images
def relevance(attention, gradients):
    result, results = torch.eye(attention.shape[-1]), []
    for a, g in zip(attention, gradients):
        for layer in (a * g).relu().mean(dim=1):
            result = result + layer @ result
        results.append(result)
    return torch.stack(results)

# wrong: only the class token's row
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result[:, 0]

# wrong: *
# (GELU for relu)
def relevance(attention, gradients):
    evidence = F.gelu(attention * gradients).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: *
# (the mean of the positive entries only)
def relevance(attention, gradients):
    product = attention * gradients
    positive = product > 0
    evidence = (product * positive).sum(2) / positive.sum(2).clamp(min=1)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: *
# (set to 0 in what was passed in)
def relevance(attention, gradients):
    gradients[gradients < 0] = 0
    evidence = (attention * gradients).mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: it changes its input
def relevance(attention, gradients):
    evidence = attention.mul_(gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: *
# (float64)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2).double()
    result = torch.eye(attention.shape[-1]).double()
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result

# wrong: *
# (numpy)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result.numpy()

# wrong: *
# (result kept between calls)
RESULT = {}


def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = RESULT.get("r", torch.eye(attention.shape[-1]))
    for layer in evidence.unbind(1):
        result = result + layer @ result
    RESULT["r"] = result
    return result

# wrong: it returns None
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result

# wrong: it raised NameError
def relevance(attention, gradients):
    evidence = relu(attention * gradients).mean(dim=2)
    return evidence

# wrong: it raised TypeError
def relevance(attention):
    return attention.mean(2)

# wrong: it raised RuntimeError
# (eye without the batch, then in place)
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result += layer @ result
    return result

# wrong: it does not come to an end
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    layer = 0
    while layer < attention.shape[1]:
        result = torch.eye(attention.shape[-1]) + evidence[:, layer]
    return result
