# stub: as handed out
def rollout(attention: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 8.2")

# stub: half finished
def rollout(attention):
    mixing = attention.mean(dim=2)
    raise NotImplementedError("exercise 8.2")

# right: from the identity, layer by layer
def rollout(attention: torch.Tensor) -> torch.Tensor:
    n = attention.shape[-1]
    mixing = 0.5 * torch.eye(n) + 0.5 * attention.mean(dim=2)
    result = torch.eye(n).expand(len(attention), n, n)
    for layer in range(attention.shape[1]):
        result = mixing[:, layer] @ result
    return result

# right: functools.reduce
from functools import reduce


def rollout(attention):
    mixing = (attention.mean(2) + torch.eye(attention.shape[-1])) / 2
    return reduce(lambda below, layer: layer @ below, mixing.unbind(1))

# right: from the last layer, multiplied from the right
def rollout(attention):
    mixing = attention.mean(dim=2).add(torch.eye(attention.size(-1))).div(2)
    result = mixing[:, -1]
    for layer in reversed(range(attention.size(1) - 1)):
        result = result @ mixing[:, layer]
    return result

# right: recursion
def rollout(attention):
    first = attention[:, 0].mean(1) / 2 + torch.eye(attention.shape[-1]) / 2
    if attention.shape[1] == 1:
        return first
    return rollout(attention[:, 1:]) @ first

# right: einsum
def rollout(attention):
    batch, layers, heads, n, _ = attention.shape
    result = torch.eye(n).repeat(batch, 1, 1)
    for layer in range(layers):
        mean = torch.einsum("bhij->bij", attention[:, layer]) / heads
        result = 0.5 * result + 0.5 * torch.einsum("bij,bjk->bik", mean, result)
    return result

# right: rows divided by their sum, which is 2
def rollout(attention):
    mixing = attention.mean(dim=2) + torch.eye(attention.shape[-1])
    mixing = mixing / mixing.sum(dim=-1, keepdim=True)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = torch.bmm(layer, result)
    return result

# right: multi_dot, image by image
def rollout(attention):
    results = []
    for image in attention:
        layers = [(a.mean(0) + torch.eye(len(a[0]))) / 2 for a in image]
        layers.reverse()
        results.append(torch.linalg.multi_dot(layers) if len(layers) > 1 else layers[0])
    return torch.stack(results)

# right: in place on a clone
def rollout(attention):
    mixing = attention.mean(dim=2)
    mixing *= 0.5
    mixing.diagonal(dim1=-2, dim2=-1).add_(0.5)
    result = mixing[:, 0].clone()
    for i in range(1, mixing.shape[1]):
        result = torch.matmul(mixing[:, i], result)
    return result

# right: float64 in between
def rollout(attention):
    a = attention.double().mean(2)
    identity = torch.eye(a.shape[-1], dtype=torch.float64)
    result = identity
    for layer in range(a.shape[1]):
        result = (a[:, layer] + identity) @ result / 2
    return result.to(attention.dtype)

# right: transposed throughout, turned at the end
def rollout(attention):
    flows = (attention.mean(2) + torch.eye(attention.shape[-1])).mul(0.5).mT
    result = flows[:, 0]
    for i in range(1, flows.shape[1]):
        result = result @ flows[:, i]
    return result.mT

# right: the identity in every head
def rollout(attention):
    eye = torch.eye(attention.shape[-1], device=attention.device, dtype=attention.dtype)
    heads = 0.5 * (attention + eye)
    steps = heads.sum(2) / heads.shape[2]
    result = eye
    for step in steps.transpose(0, 1):
        result = step @ result
    return result

# right: lerp, other names
def rollout(A):
    I = torch.eye(A.shape[-1]).expand_as(A[:, 0, 0])
    R = I
    for a in A.mean(2).split(1, dim=1):
        R = torch.lerp(I, a.squeeze(1), 0.5) @ R
    return R

# right: halves joined, as in a tree
def _join(matrices):
    if len(matrices) == 1:
        return matrices[0]
    middle = len(matrices) // 2
    return _join(matrices[middle:]) @ _join(matrices[:middle])


def rollout(attention):
    mixing = 0.5 * attention.mean(2) + 0.5 * torch.eye(attention.shape[-1])
    return _join(list(mixing.unbind(1)))

# right: numpy
import numpy as np


def rollout(attention):
    a = attention.numpy().mean(axis=2)
    result = np.eye(a.shape[-1], dtype=a.dtype)[None]
    for layer in range(a.shape[1]):
        result = (0.5 * a[:, layer] + 0.5 * np.eye(a.shape[-1], dtype=a.dtype)) @ result
    return torch.from_numpy(result)

# right: all paths, each with its share (the product written out)
from itertools import product


def rollout(attention):
    a, total = attention.mean(2), 0
    for takes in product([False, True], repeat=a.shape[1]):
        path = torch.eye(a.shape[-1]).expand_as(a[:, 0])
        for layer, take in enumerate(takes):
            path = a[:, layer] @ path if take else path
        total = total + path / 2 ** a.shape[1]
    return total

# right: final rows divided by their sum, which is 1
def rollout(attention):
    result = torch.eye(attention.shape[-1])
    for layer in range(attention.shape[1]):
        result = (attention[:, layer].mean(1) + torch.eye(attention.shape[-1])) @ result
    return result / result.sum(-1, keepdim=True)

# wrong: only one image works
# (the batch is squeezed away)
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.squeeze(0).mean(dim=1)
    result = mixing[0]
    for layer in mixing[1:]:
        result = torch.mm(layer, result)
    return result[None]

# wrong: *
# (the residual twice)
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = 0.5 * result + 0.5 * layer @ result
    return result

# wrong: *
# (divided by the largest value at the end)
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = layer @ result
    return result / result.amax(dim=(1, 2), keepdim=True)

# wrong: *
# (12 layers expected)
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    result = mixing[:, 0]
    for layer in range(1, 12):
        result = mixing[:, layer] @ result
    return result

# wrong: *
# (a list of images)
def rollout(attention):
    results = []
    for image in attention:
        result = torch.eye(image.shape[-1])
        for layer in image:
            result = (layer.mean(0) @ result + result) / 2
        results.append(result)
    return results

# wrong: *
# (goes on where the last call ended)
STATE = []


def rollout(attention):
    for a in attention.mean(2).unbind(1):
        STATE.append((a + torch.eye(a.shape[-1])) / 2)
    result = torch.eye(attention.shape[-1])
    for matrix in STATE:
        result = matrix @ result
    return result

# wrong: it changes its input
def rollout(attention):
    attention += torch.eye(attention.shape[-1])
    attention /= 2
    result = torch.eye(attention.shape[-1])
    for layer in attention.unbind(1):
        result = layer.mean(dim=1) @ result
    return result

# wrong: it changes its input
# (the diagonal in place)
def rollout(attention):
    attention.diagonal(dim1=-2, dim2=-1).add_(1)
    a = attention.mean(2) / 2
    result = a[:, 0]
    for layer in range(1, a.shape[1]):
        result = a[:, layer] @ result
    return result

# wrong: it returns None
def rollout(attention):
    mixing = 0.5 * torch.eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    result = mixing[:, 0]
    for layer in mixing.unbind(1)[1:]:
        result = layer @ result

# wrong: it raised NameError
def rollout(attention):
    mixing = 0.5 * eye(attention.shape[-1]) + 0.5 * attention.mean(dim=2)
    return mixing[:, 0]

# wrong: it raised TypeError
def rollout(attention, head_fusion):
    return attention

# wrong: it never finishes
def rollout(attention):
    layer = 0
    result = torch.eye(attention.shape[-1])
    while layer < attention.shape[1]:
        result = 0.5 * result + 0.5 * attention[:, layer].mean(1) @ result
    return result

# wrong: right for one layer, wrong for three
# (the last layer is left out when there are several)
def rollout(attention):
    a = (attention.mean(2) + torch.eye(attention.size(-1))) / 2
    out = a[:, 0]
    for i in range(1, a.size(1) - 1):
        out = a[:, i] @ out
    return out

# wrong: right for one head, wrong for several
# (heads and layers in one row)
def rollout(attention):
    result = torch.eye(attention.size(-1))
    for a in attention.flatten(1, 2).unbind(1):
        result = (0.5 * a + 0.5 * torch.eye(a.size(-1))) @ result
    return result

# wrong: *
# (half of the identity to all of the attention, divided by the sum)
def rollout(attention):
    result = torch.eye(attention.size(-1))
    for a in attention.mean(2).unbind(1):
        a = a + 0.5 * torch.eye(a.size(-1))
        result = a / a.sum(-1, keepdim=True) @ result
    return result
