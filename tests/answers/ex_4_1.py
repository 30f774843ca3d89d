# stub: as handed out
def attention(q, k, v):
    raise NotImplementedError("exercise 4.1")

# stub: half finished
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1)
    raise NotImplementedError("exercise 4.1")

# right: the formula
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v, weights

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

# wrong: no scale
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1), dim=-1)
    return weights @ v, weights

# wrong: divided by d, not by its root
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1], dim=-1)
    return weights @ v, weights

# wrong: divided by d, not by its root
# (scaled by itself, and again by torch)
def attention(q, k, v):
    q = q / math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return F.scaled_dot_product_attention(q, k, v), weights

# wrong: divided by the root of the number of tokens
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(k.size(-2)), dim=-1)
    return weights @ v, weights

# wrong: multiplied by the root of d
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) * math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: the scale comes after the softmax
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1), dim=-1) / math.sqrt(q.shape[-1])
    return weights @ v, weights

# wrong: softmax over the queries
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.softmax(scores, dim=-2)
    return weights @ v, weights

# wrong: softmax over queries and keys at once
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    powers = (scores - scores.amax((-2, -1), keepdim=True)).exp()
    weights = powers / powers.sum(dim=(-2, -1), keepdim=True)
    return weights @ v, weights

# wrong: softmax over the first axis
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = nn.Softmax(dim=0)(scores)
    return weights @ v, weights

# wrong: softmax over the second axis
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.softmax(scores, dim=1)
    return weights @ v, weights

# wrong: no softmax
def attention(q, k, v):
    weights = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return weights @ v, weights

# wrong: log-softmax
def attention(q, k, v):
    weights = F.log_softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: a sigmoid for the softmax
def attention(q, k, v):
    weights = torch.sigmoid(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    return weights @ v, weights

# wrong: q and k swapped
def attention(q, k, v):
    weights = torch.softmax(k @ q.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: scores between queries only
def attention(q, k, v):
    weights = torch.softmax(q @ q.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: scores between keys only
def attention(q, k, v):
    weights = torch.softmax(k @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: the keys are averaged, not the values
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ k, weights

# wrong: the queries are averaged, not the values
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ q, weights

# wrong: the weights are transposed before v
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return torch.einsum("...ij,...id->...jd", weights, v), weights

# wrong: a causal mask is left in
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    n = scores.shape[-1]
    mask = torch.triu(torch.ones(n, n), diagonal=1).bool()
    weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
    return weights @ v, weights

# wrong: exp overflows
def attention(q, k, v):
    powers = torch.exp(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return weights @ v, weights

# wrong: only the output
def attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)

# wrong: only the weights
def attention(q, k, v):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)

# wrong: weights first, output second
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights, weights @ v

# wrong: the scores come back, not the weights
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.softmax(-1) @ v, scores

# wrong: the scores come back, not the weights
# (before the scale, even)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1)
    return F.scaled_dot_product_attention(q, k, v), scores

# wrong: axes in front are not expected
def attention(q, k, v):
    weights = torch.softmax(torch.mm(q, k.t()) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: one number of axes is taken for granted
def attention(q, k, v):
    weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: one number of axes is taken for granted
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: axes in front are not expected
# (.T turns all axes round)
def attention(q, k, v):
    weights = torch.softmax(q @ k.permute(*range(k.ndim - 1, -1, -1)) / math.sqrt(q.shape[-1]), -1)
    return weights @ v, weights

# wrong: *
# (the key is not transposed)
def attention(q, k, v):
    weights = torch.softmax(q @ k / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights

# wrong: *
# (cosine similarity)
def attention(q, k, v):
    weights = (F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT).softmax(-1)
    return weights @ v, weights

# wrong: *
# (dropout left in)
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return F.dropout(weights, 0.1) @ v, weights

# wrong: *
# (the best key only)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.one_hot(scores.argmax(-1), k.shape[-2]).to(v.dtype)
    return weights @ v, weights

# wrong: *
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

# wrong: it does not come to an end
def attention(q, k, v):
    i = 0
    while i < q.shape[-2]:
        scores = q @ k.transpose(-2, -1)
    return scores @ v, scores
