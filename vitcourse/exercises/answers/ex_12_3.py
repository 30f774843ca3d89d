# right: normed first
def qk_norm_scores(q, k, q_norm, k_norm):
    d = q.shape[-1]
    q, k = q_norm(q), k_norm(k)
    return q @ k.transpose(-2, -1) / math.sqrt(d)

# wrong: not normed
# > q and k go into the product as they came. Send them through `q_norm` and `k_norm` first.
# ~ q_norm(q), k_norm(k) => q, k

# wrong: only queries are normed
# > The keys are not normed: `k_norm(k)`.
# ~ q_norm(q), k_norm(k) => q_norm(q), k

# wrong: only keys are normed
# > The queries are not normed: `q_norm(q)`.
# ~ q_norm(q), k_norm(k) => q, k_norm(k)

# wrong: one norm for both
# > Queries and keys go through the same norm. Each has its own: `q_norm(q)`, `k_norm(k)`.
# ~ q_norm(q), k_norm(k) => q_norm(q), q_norm(k)
# wrong: one norm for both
# ~ q_norm(q), k_norm(k) => k_norm(q), k_norm(k)

# wrong: norms exchanged
# > The queries go through `k_norm` and the keys through `q_norm`. Exchange them.
# ~ q_norm(q), k_norm(k) => k_norm(q), q_norm(k)

# wrong: normed twice
# > Queries and keys go through their norms twice.
# ~ q_norm(q), k_norm(k) => q_norm(q_norm(q)), k_norm(k_norm(k))

# wrong: length 1 instead of the norms
# > Your vectors have length 1. Use the norms that are given: they have learned weights, and the
# > vectors that leave them are about as long as the square root of d.
# ~ q_norm(q), k_norm(k) => F.normalize(q, dim=-1), F.normalize(k, dim=-1)
# wrong: length 1 instead of the norms
# ~ q_norm(q), k_norm(k) => F.normalize(q, dim=-1), F.normalize(k, dim=-1)
# ~ / math.sqrt(d) =>

# wrong: length 1 after the norms
# > After the norms you bring all vectors to length 1. Leave them as the norms give them.
# ~ q_norm(q), k_norm(k) => F.normalize(q_norm(q), dim=-1), F.normalize(k_norm(k), dim=-1)

# wrong: the norms' weights are left out
# > You norm without the weights and biases that the norms have learned. Call `q_norm` and `k_norm`.
# ~ q_norm(q), k_norm(k) => F.layer_norm(q, (d,), eps=q_norm.eps), F.layer_norm(k, (d,), eps=k_norm.eps)
# wrong: the norms' weights are left out
# ~ q_norm(q), k_norm(k) => F.layer_norm(q, (d,)), F.layer_norm(k, (d,))
# wrong: the norms' weights are left out
# ~ q_norm(q), k_norm(k) => nn.LayerNorm(d)(q), nn.LayerNorm(d)(k)
# wrong: the norms' weights are left out
# ~ q_norm(q), k_norm(k) => nn.LayerNorm(d, eps=1e-6)(q), nn.LayerNorm(d, eps=1e-6)(k)

# wrong: another eps
# > You norm with an eps of your own. Each norm has its own `eps`: call `q_norm` and `k_norm`.
# ~ q_norm(q), k_norm(k) => F.layer_norm(q, (d,), q_norm.weight, q_norm.bias, 1e-6), F.layer_norm(k, (d,), k_norm.weight, k_norm.bias, 1e-6)
# wrong: another eps
# ~ q_norm(q), k_norm(k) => F.layer_norm(q, (d,), q_norm.weight, q_norm.bias), F.layer_norm(k, (d,), k_norm.weight, k_norm.bias)

# wrong: the gradient is cut off
# > A norm gets no gradient, so it never learns: take out `detach()`, `.data` or `no_grad`.
# ~ q_norm(q), k_norm(k) => q_norm(q).detach(), k_norm(k)
# wrong: the gradient is cut off
# ~ q_norm(q), k_norm(k) => q_norm(q), k_norm(k).detach()
# wrong: the gradient is cut off
# ~ q_norm(q), k_norm(k) => q_norm(q).detach(), k_norm(k).detach()

# wrong: the norms' biases are left out
# > You norm without the biases that the norms have learned. Call `q_norm` and `k_norm`.
# ~ q_norm(q), k_norm(k) => F.layer_norm(q, (d,), q_norm.weight, eps=q_norm.eps), F.layer_norm(k, (d,), k_norm.weight, eps=k_norm.eps)

# wrong: the root of the mean square
# > You divide by the root of the mean square and do not subtract the mean, as RMSNorm does. Call the
# > norms that are given.
# ~ q_norm(q), k_norm(k) => F.rms_norm(q, (d,), q_norm.weight, q_norm.eps) + q_norm.bias, F.rms_norm(k, (d,), k_norm.weight, k_norm.eps) + k_norm.bias
# wrong: the root of the mean square
# ~ q_norm(q), k_norm(k) => F.rms_norm(q, (d,), q_norm.weight, q_norm.eps), F.rms_norm(k, (d,), k_norm.weight, k_norm.eps)

# wrong: the scores are normed
# > You norm scores. Norm queries and keys, before they meet.
# ~ q_norm(q), k_norm(k) => q, k
# ~ return q @ k.transpose(-2, -1) / math.sqrt(d) => scores = q @ k.transpose(-2, -1) / math.sqrt(d); return F.layer_norm(scores, scores.shape[-1:])

# wrong: heads normed together
# > You norm all heads of a token together. Each head's d numbers are normed by themselves, and
# > `q_norm` works along the last axis already.
# ~ q_norm(q), k_norm(k) => (F.layer_norm(q.transpose(1, 2), (q.shape[1], d), eps=q_norm.eps).transpose(1, 2) * q_norm.weight + q_norm.bias, F.layer_norm(k.transpose(1, 2), (k.shape[1], d), eps=k_norm.eps).transpose(1, 2) * k_norm.weight + k_norm.bias)

# wrong: not divided by the square root of d
# > The division by the square root of d is missing. The norms do not replace it.
# ~ / math.sqrt(d) =>

# wrong: divided by d
# > You divide by d. It is the square root of d.
# ~ / math.sqrt(d) => / d

# wrong: multiplied by the square root of d
# > You multiply by the square root of d: divide.
# ~ / math.sqrt(d) => * math.sqrt(d)

# wrong: the square root of D
# > You divide by the square root of h * d, the channels of all heads. A score is a sum over one head's
# > d.
# ~ math.sqrt(d) => math.sqrt(d * q.shape[1])

# wrong: the square root of the number of tokens
# > You divide by the square root of the number of tokens. It is that of d, the last axis.
# ~ d = q.shape[-1] => d = q.shape[-2]

# wrong: divided before the norm
# > You divide the queries before they are normed, and the norm undoes it. Divide afterwards.
# ~ q_norm(q), k_norm(k) => q_norm(q / math.sqrt(d)), k_norm(k)
# ~ @ k.transpose(-2, -1) / math.sqrt(d) => @ k.transpose(-2, -1)

# wrong: weights instead of scores
# > Your rows sum to 1: these are weights. Leave softmax out, `attention` takes it later.
# ~ return q @ k.transpose(-2, -1) / math.sqrt(d) => return (q @ k.transpose(-2, -1) / math.sqrt(d)).softmax(dim=-1)

# wrong: queries and keys exchanged
# > Your rows belong to keys and your columns to queries. Row i is query i.
# ~ q @ k.transpose(-2, -1) => k @ q.transpose(-2, -1)

# wrong: heads meet heads
# > Your result is (B, N, h, h): heads meet inside each token. Tokens should meet inside each head.
# ~ q @ k.transpose(-2, -1) => q.transpose(1, 2) @ k.transpose(1, 2).transpose(-2, -1)

# wrong: channels meet channels
# > Your result is (B, h, d, d). Queries meet keys: transpose k, not q.
# ~ q @ k.transpose(-2, -1) => q.transpose(-2, -1) @ k

# wrong: number by number
# > You multiply q and k number by number: each query meets the key of its own token alone.
# ~ q @ k.transpose(-2, -1) => q * k
# wrong: the keys are not transposed
# > `@` needs the keys as (B, h, d, N): transpose their last two axes.
# ~ q @ k.transpose(-2, -1) => q @ k

# wrong: the mean of the heads
# > The axis of the heads is gone. Each head has scores of its own.
# ~ return q @ k.transpose(-2, -1) / math.sqrt(d) => return (q @ k.transpose(-2, -1) / math.sqrt(d)).mean(1)
