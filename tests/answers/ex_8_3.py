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

# wrong: it never finishes
def relevance(attention, gradients):
    evidence = (attention * gradients).relu().mean(dim=2)
    result = torch.eye(attention.shape[-1])
    layer = 0
    while layer < attention.shape[1]:
        result = torch.eye(attention.shape[-1]) + evidence[:, layer]
    return result

# wrong: *
# (gradients averaged over all pairs, as in Grad-CAM)
def relevance(attention, gradients):
    evidence = (attention * gradients.mean((-1, -2), keepdim=True)).relu().mean(2)
    result = torch.eye(attention.shape[-1])
    for layer in evidence.unbind(1):
        result = result + layer @ result
    return result
