# stub: as handed out
def masked_attention(q, k, v, visible, temperature):
    raise NotImplementedError("exercise A.2")


# right: the formula, hidden scores at minus infinity
def masked_attention(q, k, v, visible, temperature):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]) / temperature
    scores = scores.masked_fill(~visible[:, None, None, :], float("-inf"))
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


# wrong: no temperature
# > The temperature has no effect in yours. The scores are divided by it, as well as by the root of d.
# ~ / temperature =>

# wrong: multiplied by the temperature
# > A high temperature should make the weights flatter; yours get sharper. Divide by it.
# ~ / temperature => * temperature

# wrong: the temperature stands in place of the scale
# > The scores are divided by the temperature *and* by the root of d. The root is missing in yours.
# ~ / math.sqrt(q.shape[-1]) / temperature => / temperature

# wrong: the temperature is under the root
# > The scores are divided by the temperature itself. You divide by its root.
# ~ math.sqrt(q.shape[-1]) / temperature => math.sqrt(q.shape[-1] * temperature)

# wrong: the temperature comes after the softmax
# > Divide the scores, before the softmax. Divided afterwards, the rows no longer sum to 1.
# ~ / math.sqrt(q.shape[-1]) / temperature => / math.sqrt(q.shape[-1])
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-1) / temperature

# wrong: divided by d, not by its root
# > Divide the scores by the root of d, the last size of q. You divide by d.
# ~ math.sqrt(q.shape[-1]) => q.shape[-1]

# wrong: the mask is turned round
# > True means visible. In yours, the tokens that may be looked at are the hidden ones.
# ~ ~visible => visible

# wrong: the mask is ignored
# > Hidden tokens get weights in yours. Their weights must be 0.
# ~ scores = scores.masked_fill(~visible[:, None, None, :], float("-inf")) =>

# wrong: queries are hidden, not keys
# > Hidden tokens must not be looked *at*: that is the last axis of the scores. You hide what they
# > look at.
# ~ visible[:, None, None, :] => visible[:, None, :, None]
# wrong: queries are hidden, not keys
# ~ visible[:, None, None, :], float("-inf") => visible[:, None, :, None], -1e9

# wrong: hidden scores are 0
# > A score of 0 is a score like others, and gets a weight. Hidden tokens must get the weight 0.
# ~ float("-inf") => 0.0

# wrong: hidden after the softmax
# > You set weights to 0 after the softmax, so the rows no longer sum to 1. Hide the scores, before
# > it.
# ~ scores = scores.masked_fill(~visible[:, None, None, :], float("-inf")) =>
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-1) * visible[:, None, None, :]

# wrong: softmax over the queries
# > Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis.
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-2).nan_to_num()
# wrong: softmax over the queries
# ~ softmax(dim=-1) => softmax(dim=-2)

# wrong: only the output
# > Two things are asked for: the output and the weights.
# ~ return weights @ v, weights => return weights @ v

# wrong: weights first, output second
# > The output comes first, then the weights.
# ~ return weights @ v, weights => return weights, weights @ v


# right: shares of exponentials
def masked_attention(q, k, v, visible, temperature):
    d = q.shape[-1]
    scores = torch.einsum("bhid,bhjd->bhij", q, k) / (temperature * d**0.5)
    scores = torch.where(visible[:, None, None], scores, -torch.inf)
    powers = (scores - scores.amax(-1, keepdim=True)).exp()
    weights = powers / powers.sum(-1, keepdim=True)
    return torch.einsum("bhij,bhjd->bhid", weights, v), weights


# wrong: exp overflows
# > Where scores are large, e to the power of them is too large for float32. Subtract the largest score
# > of each row first.
# ~ (scores - scores.amax(-1, keepdim=True)).exp() => scores.exp()


# right: PyTorch's own, twice
def masked_attention(q, k, v, visible, temperature):
    mask = visible[:, None, None].expand(-1, 1, q.shape[2], -1)
    ones = torch.eye(k.shape[2], dtype=v.dtype).expand(*k.shape[:2], -1, -1)
    scale = 1 / (math.sqrt(q.shape[-1]) * temperature)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)
    return out, F.scaled_dot_product_attention(q, k, ones, attn_mask=mask, scale=scale)
