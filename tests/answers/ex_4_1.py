# stub: as handed out
def attention(q, k, v):
    raise NotImplementedError("exercise 4.1")

# stub: half finished
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1)
    raise NotImplementedError("exercise 4.1")

# right: einsum, the query scaled first
def attention(q, k, v):
    q = q * q.shape[-1] ** -0.5
    weights = torch.einsum("...id,...jd->...ij", q, k).softmax(-1)
    return torch.einsum("...ij,...jd->...id", weights, v), weights

# right: softmax by hand, the largest score subtracted
def attention(q, k, v):
    scores = torch.matmul(q, k.mT) / q.size(-1) ** 0.5
    powers = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return torch.matmul(weights, v), weights

# right: torch's kernel for the output, the formula for the weights
def attention(q, k, v):
    weights = F.softmax(q @ k.transpose(-1, -2) / torch.tensor(q.shape[-1]).sqrt(), dim=-1)
    return F.scaled_dot_product_attention(q, k, v), weights

# right: both are scaled by the fourth root
def attention(q, k, v):
    fourth = q.shape[-1] ** 0.25
    weights = torch.softmax((q / fourth) @ (k / fourth).swapaxes(-1, -2), -1)
    return weights @ v, weights

# right: one query after the other
def attention(q, k, v):
    rows = []
    for i in range(q.shape[-2]):
        score = (q[..., i : i + 1, :] * k).sum(-1) / math.sqrt(k.shape[-1])
        rows.append(score.softmax(-1))
    weights = torch.stack(rows, dim=-2)
    return weights @ v, weights

# right: a list comes back
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return [weights @ v, weights]

# right: the keys on the left, the scores turned round
def attention(q, k, v):
    scores = (k @ q.transpose(-2, -1)).transpose(-2, -1) / math.sqrt(v.shape[-1])
    weights = scores.softmax(-1)
    return (v.transpose(-2, -1) @ weights.transpose(-2, -1)).transpose(-2, -1), weights

# right: exp of log-softmax
def attention(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = F.log_softmax(scores, dim=-1).exp()
    return weights @ v, weights

# right: with nn.Softmax and a class to call
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, q, k, v):
        weights = self.softmax(q.matmul(k.transpose(-2, -1)).div(q.shape[-1] ** 0.5))
        return weights.matmul(v), weights


attention = Attention()

# wrong: a fixed number of axes is assumed
def attention(q, k, v):
    weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: a fixed number of axes is assumed
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: *
# (the key is not transposed)
def attention(q, k, v):
    weights = torch.softmax(q @ k / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: cosines instead of the scores
# (cosine similarity)
def attention(q, k, v):
    weights = (F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT).softmax(-1)
    return weights @ v, weights

# wrong: *
# (dropout left in)
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return F.dropout(weights, 0.1) @ v, weights

# wrong: the best key takes all
# (the best key only)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.one_hot(scores.argmax(-1), k.shape[-2]).to(v.dtype)
    return weights @ v, weights

# wrong: right in float32, wrong in float64
# (float64 is lost)
def attention(q, k, v):
    weights = torch.softmax(q.float() @ k.float().transpose(-2, -1) / math.sqrt(q.shape[-1]), -1)
    return weights @ v.float(), weights

# wrong: *
# (numpy)
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return (weights @ v).numpy(), weights.numpy()

# wrong: it changes its input
def attention(q, k, v):
    q /= math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1), dim=-1)
    return weights @ v, weights

# wrong: it returns None
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    output = weights @ v

# wrong: it raised NameError
def attention(q, k, v):
    weights = softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: it raised TypeError
def attention(q, k):
    return q @ k.transpose(-2, -1)

# wrong: it never finishes
def attention(q, k, v):
    i = 0
    while i < q.shape[-2]:
        scores = q @ k.transpose(-2, -1)
    return scores @ v, scores

# right: formula as on the T-shirt
def attention(q, k, v):
    d = q.shape[-1]
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(d), dim=-1)
    return weights @ v, weights

# right: einsum with ellipsis
def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    scores = torch.einsum("...id,...jd->...ij", q, k) * q.size(-1) ** -0.5
    weights = F.softmax(scores, dim=-1)
    return torch.einsum("...ij,...jd->...id", weights, v), weights

# right: torch's kernel for the output, by hand for the weights
def attention(q, k, v):
    output = F.scaled_dot_product_attention(q, k, v)
    weights = (q @ k.mT).div(q.shape[-1] ** 0.5).softmax(-1)
    return output, weights

# right: torch's kernel with the identity as values gives the weights
def attention(q, k, v):
    one = torch.eye(k.shape[-2], dtype=v.dtype, device=v.device).expand(*k.shape[:-1], k.shape[-2])
    weights = F.scaled_dot_product_attention(q, k, one)
    return weights.matmul(v), weights

# right: softmax by hand with the largest score of the row subtracted
def attention(q, k, v):
    scores = q @ torch.transpose(k, -1, -2)
    scores = scores / scores.new_tensor(q.shape[-1]).sqrt()
    scores = scores - scores.amax(dim=-1, keepdim=True)
    e = scores.exp()
    weights = e / e.sum(dim=-1, keepdim=True)
    return weights @ v, weights

# right: logsumexp helper
def _log_shares(s):
    return s - torch.logsumexp(s, -1, keepdim=True)


def attention(q, k, v):
    """Log first, exp at the end."""
    w = _log_shares(q.matmul(k.swapaxes(-1, -2)) / math.sqrt(k.shape[-1])).exp()
    return w.matmul(v), w

# right: broadcasting and sums, no matrix product
def attention(q, k, v):
    scores = (q[..., :, None, :] * k[..., None, :, :]).sum(dim=-1) / math.sqrt(q.shape[-1])
    w = nn.Softmax(dim=-1)(scores)
    return (w[..., None] * v[..., None, :, :]).sum(dim=-2), w

# right: loop over the queries
def attention(q, k, v):
    d = q.shape[-1]
    outputs, rows = [], []
    for i in range(q.shape[-2]):
        one = q[..., i : i + 1, :]
        row = ((one * k).sum(dim=-1) / math.sqrt(d)).softmax(dim=-1)
        rows.append(row)
        outputs.append((row.unsqueeze(-1) * v).sum(dim=-2))
    return torch.stack(outputs, dim=-2), torch.stack(rows, dim=-2)

# right: axes in front flattened, then bmm
def attention(q, k, v):
    *front, n, d = q.shape
    q3, k3, v3 = (t.reshape(-1, n, t.shape[-1]) for t in (q, k, v))
    weights = torch.bmm(q3, k3.transpose(1, 2)).mul_(d**-0.5).softmax(dim=2)
    out = torch.bmm(weights, v3)
    return out.reshape(*front, n, v.shape[-1]), weights.reshape(*front, n, n)

# right: half of the scale on each side
def attention(q, k, v):
    s = q.shape[-1] ** -0.25
    weights = ((q * s) @ (k * s).transpose(-1, -2)).softmax(dim=-1)
    return (weights @ v, weights)

# right: recursion over the axes in front
def attention(q, k, v):
    if q.dim() > 2:
        parts = [attention(a, b, c) for a, b, c in zip(q, k, v)]
        return torch.stack([p[0] for p in parts]), torch.stack([p[1] for p in parts])
    weights = F.softmax(q @ k.T / q.shape[1] ** 0.5, dim=1)
    return weights @ v, weights

# right: keys in the rows, turned over at the end
def attention(q, k, v):
    keys_first = k @ q.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = keys_first.softmax(dim=-2).transpose(-2, -1)
    return weights @ v, weights

# right: named tuple
from typing import NamedTuple


class Attended(NamedTuple):
    output: torch.Tensor
    weights: torch.Tensor


def attention(q, k, v):
    w = ((q / math.sqrt(q.shape[-1])) @ k.mT).softmax(-1)
    return Attended(w @ v, w)

# right: a function object from a module
class _Attention(nn.Module):
    def forward(self, q, k, v):
        logits = torch.einsum("...nc,...mc->...nm", q, k).div(math.sqrt(q.shape[-1]))
        weights = torch.exp(F.log_softmax(logits, dim=-1))
        return torch.einsum("...nm,...mc->...nc", weights, v), weights


attention = _Attention()

# wrong: right for 5 tokens and d = 4, wrong for 6 tokens and d = 3
# (the scale of the door's example hard-coded)
def attention(q, k, v):
    weights = (q @ k.transpose(-2, -1) / math.sqrt(4)).softmax(dim=-1)
    return weights @ v, weights

# wrong: right without axes in front, wrong with axes in front
# (d is read from axis 1, right only without axes in front)
def attention(q, k, v):
    d = q.shape[1]
    weights = (q @ k.transpose(-2, -1) / math.sqrt(d)).softmax(dim=-1)
    return weights @ v, weights

# wrong: right for 5 tokens and d = 4, wrong for 6 tokens and d = 3
# (whole root only (isqrt))
def attention(q, k, v):
    weights = (q @ k.mT / math.isqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights

# wrong: right without axes in front, wrong with axes in front
# (softmax without dim, torch picks axis 0 for three axes)
def attention(q, k, v):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = F.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5)
    return weights @ v, weights

# wrong: right for small scores, wrong for scores of several hundred
# (softmax by hand, largest score of the whole tensor subtracted (rows far below give 0 / 0))
def attention(q, k, v):
    s = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    e = torch.exp(s - s.max())
    weights = e / e.sum(-1, keepdim=True)
    return weights @ v, weights

# wrong: right for small scores, wrong for scores of several hundred
# (scores clamped against overflow)
def attention(q, k, v):
    s = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).clamp(-50, 50)
    e = s.exp()
    weights = e / e.sum(-1, keepdim=True)
    return weights @ v, weights

# wrong: right for small scores, wrong for scores of several hundred
# (nan papered over)
def attention(q, k, v):
    e = torch.exp(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    weights = torch.nan_to_num(e / e.sum(-1, keepdim=True))
    return weights @ v, weights

# wrong: *
# (nobody listens to himself)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    me = torch.eye(scores.shape[-1], dtype=torch.bool)
    weights = scores.masked_fill(me, -1e9).softmax(-1)
    return weights @ v, weights

# wrong: it changes its input
# (query scaled in place, the input changes)
def attention(q, k, v):
    q /= math.sqrt(q.shape[-1])
    weights = (q @ k.transpose(-2, -1)).softmax(dim=-1)
    return weights @ v, weights

# wrong: it changes its input
# (key transposed in place, the input changes)
def attention(q, k, v):
    scale = q.shape[-1] ** -0.5
    weights = (q @ k.transpose_(-2, -1) * scale).softmax(-1)
    return weights @ v, weights

# wrong: a fixed number of axes is assumed
# (needs batch and heads, raises without axes in front)
def attention(q, k, v):
    B, h, N, d = q.shape
    weights = (q @ k.transpose(2, 3) / math.sqrt(d)).softmax(dim=3)
    return weights @ v, weights

# wrong: right without axes in front, wrong with axes in front
# (one softmax shared by all axes in front (mean of the scores))
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    while scores.dim() > 2:
        scores = scores.mean(0)
    weights = scores.softmax(-1)
    return weights @ v, weights.expand(*q.shape[:-1], q.shape[-2])

# wrong: right without axes in front, wrong with axes in front
# (axes in front flattened into the tokens)
def attention(q, k, v):
    shape, d = q.shape, q.shape[-1]
    q2, k2, v2 = q.reshape(-1, d), k.reshape(-1, d), v.reshape(-1, d)
    weights = (q2 @ k2.T / math.sqrt(d)).softmax(dim=-1)
    return (weights @ v2).reshape(shape), weights

# wrong: right without axes in front, wrong with axes in front
# (first part's weights for all parts (loop over the front with the index forgotten))
def attention(q, k, v):
    n, d = q.shape[-2:]
    q3, k3, v3 = q.reshape(-1, n, d), k.reshape(-1, n, d), v.reshape(-1, n, d)
    ws = torch.stack([(q3[i] @ k3[0].T / math.sqrt(d)).softmax(-1) for i in range(len(q3))])
    out = torch.stack([w @ x for w, x in zip(ws, v3)])
    return out.reshape(q.shape), ws.reshape(*q.shape[:-1], n)

# wrong: *
# (sigmoid and normalise in place of softmax)
def attention(q, k, v):
    s = torch.sigmoid(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    weights = s / s.sum(-1, keepdim=True)
    return weights @ v, weights

# wrong: cosines instead of the scores
# (cosine of the angle in place of the dot product)
def attention(q, k, v):
    scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
    weights = (scores * q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights

# wrong: *
# (dropout that never stops)
def attention(q, k, v):
    weights = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return F.dropout(weights, 0.1) @ v, weights

# wrong: the best key takes all
# (hardest choice only, argmax as one-hot)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1)
    weights = F.one_hot(scores.argmax(-1), k.shape[-2]).to(q.dtype)
    return weights @ v, weights

# wrong: *
# (two mistakes, no scale and softmax over the queries)
def attention(q, k, v):
    w = torch.einsum("...id,...jd->...ij", q, k).softmax(-2)
    return torch.einsum("...ij,...jd->...id", w, v), w

# wrong: *
# (an extra 1 in the softmax, rows do not sum to 1 (quiet softmax))
def attention(q, k, v):
    s = q @ k.mT / math.sqrt(q.shape[-1])
    padded = F.pad(s, (0, 1))
    weights = padded.softmax(-1)[..., :-1]
    return weights @ v, weights

# wrong: it raised RuntimeError
# (raises, key not transposed)
def attention(q, k, v):
    weights = (q @ k / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return weights @ v, weights

# right: d read from v
def attention(q, k, v):
    d = v.shape[-1]
    weights = (q @ k.transpose(-2, -1) / math.sqrt(d)).softmax(-1)
    return weights @ v, weights

# right: demands that all three have the same shape
def attention(q, k, v):
    assert q.shape == k.shape == v.shape
    weights = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)
    return weights @ v, weights

# right: softmax by hand in float64, nothing subtracted
def attention(q, k, v):
    e = (q.double() @ k.double().transpose(-2, -1) / math.sqrt(q.shape[-1])).exp()
    weights = (e / e.sum(-1, keepdim=True)).to(q.dtype)
    return weights @ v, weights

# right: a list, not a tuple
def attention(q, k, v):
    w = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)
    return [w @ v, w]

# right: weights returned detached
def attention(q, k, v):
    w = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)
    return w @ v, w.detach()

# right: row maximum subtracted after detaching, small eps in the sum
def attention(q, k, v):
    s = q @ k.mT / math.sqrt(q.shape[-1])
    e = torch.exp(s - s.detach().amax(-1, keepdim=True))
    w = e / (e.sum(-1, keepdim=True) + 1e-9)
    return w @ v, w

# wrong: right in float32, wrong in float64
# (always computed and returned in float32)
def attention(q, k, v):
    q, k, v = q.float(), k.float(), v.float()
    w = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)
    return w @ v, w

# right: scores divided in place, numpy's root
import numpy as np


def attention(q, k, v):
    scores = q @ k.mT
    scores /= np.sqrt(q.shape[-1])
    weights = torch.softmax(scores, dim=scores.ndim - 1)
    return torch.matmul(weights, v), weights

# right: vmap over the axes in front
def attend(q, k, v):
    weights = torch.softmax(q @ k.T / math.sqrt(q.shape[-1]), dim=1)
    return weights @ v, weights


def attention(q, k, v):
    function = attend
    for _ in range(q.ndim - 2):
        function = torch.vmap(function)
    return function(q, k, v)

# wrong: right in float32, wrong in float64
# (as Hugging Face does it)
def attention(q, k, v):
    weights = q @ k.mT * q.shape[-1] ** -0.5
    weights = F.softmax(weights, dim=-1, dtype=torch.float32).to(q.dtype)
    return weights @ v, weights

# wrong: right in its result, wrong in what it leaves changed
def attention(q, k, v):
    q.requires_grad_(True)
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
    return weights @ v, weights

# wrong: right for 5 tokens and d = 4, wrong for 6 tokens and d = 3
# (1 / 2 in brackets would be the root)
def attention(q, k, v):
    weights = (q @ k.mT / (q.shape[-1] ** 1 / 2)).softmax(-1)
    return weights @ v, weights

# wrong: keepdim is missing
def attention(q, k, v):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    powers = (scores - scores.max(-1, keepdim=True)[0]).exp()
    weights = powers / powers.sum(-1)
    return weights @ v, weights
