# right: the formula
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v, weights

# wrong: cut off from the gradient
# > The numbers are right, but no layer could learn through this function (exercise 4.4): no
# > `detach`, no `.data`, no `no_grad`.
# ~ scores.softmax(dim=-1) => scores.detach().softmax(dim=-1)

# wrong: no scale
# > Divide the scores by the square root of d, the last size of q. Yours are not divided at all.
# ~ / math.sqrt(q.shape[-1]) =>

# wrong: divided by d, not by its root
# > Divide the scores by the square root of d, the last size of q. Yours are divided by d itself, or
# > twice by its root.
# ~ math.sqrt(q.shape[-1]) => q.shape[-1]

# wrong: divided by the root of the number of tokens
# > Divide the scores by the square root of d, the last size of q. Yours are divided by the root of
# > N.
# ~ math.sqrt(q.shape[-1]) => math.sqrt(q.shape[-2])

# wrong: multiplied by the root of d
# > Divide the scores by the square root of d, the last size of q. Yours are multiplied by it.
# ~ / math.sqrt(q.shape[-1]) => * math.sqrt(q.shape[-1])

# wrong: the scale comes after the softmax
# > Divide the scores, then take the softmax. The other way round the rows sum to 1 / sqrt(d), and
# > the softmax is as saturated as before.
# ~ / math.sqrt(q.shape[-1]) =>
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-1) / math.sqrt(q.shape[-1])

# wrong: softmax over the queries
# > Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=-2)

# wrong: softmax over queries and keys at once
# > Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis.
# ~ scores.softmax(dim=-1) => scores.flatten(-2).softmax(dim=-1).view(scores.shape)

# wrong: softmax over the first axis
# > Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=0)

# wrong: softmax over the second axis
# > Row i belongs to query i and must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=1)

# wrong: no softmax
# > The scores are used as they are. A softmax over the keys turns them into weights.
# ~ scores.softmax(dim=-1) => scores

# wrong: log-softmax
# > Yours are the logarithms of the weights. Return the weights themselves, as `softmax` gives them.
# ~ scores.softmax(dim=-1) => scores.log_softmax(dim=-1)

# wrong: a sigmoid instead of the softmax
# > Your weights are what a sigmoid gives, which judges each key alone. With a softmax, the keys
# > share a total weight of 1.
# ~ scores.softmax(dim=-1) => scores.sigmoid()

# wrong: cosines instead of the scores
# > Your scores are cosines: the lengths of q and k are lost. A score is the plain product.
# ~ q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]) => F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT
# wrong: cosines instead of the scores
# ~ q @ k.transpose(-2, -1) / => F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT *
# wrong: cosines instead of the scores
# ~ q @ k => F.normalize(q, dim=-1) @ F.normalize(k, dim=-1)

# wrong: the best key takes all
# > Each query listens to one key only. A softmax lets it listen to all of them, more or less.
# ~ scores.softmax(dim=-1) => F.one_hot(scores.argmax(dim=-1), k.shape[-2]).to(v.dtype)

# wrong: scores below zero are cut off
# > In yours, every score below zero counts as zero. Leave them as they are: the softmax can handle
# > them.
# ~ scores.softmax(dim=-1) => scores.relu().softmax(dim=-1)

# wrong: no token listens to itself
# > In yours, the weight of a token's own key is 0. A token may listen to itself, too.
# ~ scores.softmax(dim=-1) => scores.masked_fill(torch.eye(scores.shape[-1]) == 1, float("-inf")).softmax(dim=-1)
# wrong: no token listens to itself
# ~ scores.softmax(dim=-1) => scores.masked_fill(torch.eye(scores.shape[-1]) == 1, -1e9).softmax(dim=-1)

# wrong: q and k swapped
# > Your rows belong to the keys: q goes on the left, k transposed on the right.
# ~ q @ k.transpose => k @ q.transpose

# wrong: scores between queries only
# > You compared q with q. Queries are compared with keys.
# ~ q @ k.transpose => q @ q.transpose

# wrong: scores between keys only
# > You compared k with k. Queries are compared with keys.
# ~ q @ k.transpose => k @ k.transpose

# wrong: the keys are averaged, not the values
# > Multiply the weights with v. The keys only decide who is listened to.
# ~ weights @ v => weights @ k

# wrong: the queries are averaged, not the values
# > Multiply the weights with v. The queries only ask.
# ~ weights @ v => weights @ q

# wrong: the weights are transposed before v
# > Row i of the weights says how much token i listens: `weights @ v`, not transposed.
# ~ weights @ v => weights.transpose(-2, -1) @ v

# wrong: a causal mask is left in
# > Each token looks only at itself and those before it. That is for generating text; in a picture,
# > every patch may look at every other.
# ~ weights = => scores = scores.masked_fill(torch.ones_like(scores).triu(1) == 1, float("-inf")); weights =

# wrong: a causal mask is left in
# > Each token looks only at itself and those before it, as with `is_causal=True`. In a picture
# > every patch may look at every other.
# ~ return weights @ v => return F.scaled_dot_product_attention(q, k, v, is_causal=True)

# wrong: exp overflows
# > exp of a few hundred is infinite. `softmax` first subtracts the largest score, which does not
# > change the result.
# ~ scores.softmax(dim=-1) => scores.exp() / scores.exp().sum(dim=-1, keepdim=True)

# wrong: keepdim is missing
# > Your columns are divided by the sums of the rows. With `keepdim=True` the sums stay a column, and
# > each row is divided by its own.
# ~ scores.softmax(dim=-1) => (scores - scores.amax(-1, keepdim=True)).exp(); weights = weights / weights.sum(-1)

# wrong: the queries are added
# > Your output is too large by q. The residual, x + ..., comes in chapter 5.
# ~ return weights @ v => return q + weights @ v

# wrong: only the output
# > Return a pair, the output first: `return weights @ v, weights`.
# ~ return weights @ v, weights => return weights @ v

# wrong: only the weights
# > Return a pair, the output first: `return weights @ v, weights`.
# ~ return weights @ v, weights => return weights

# wrong: weights first, output second
# > Return a pair, the output first: `return weights @ v, weights`.
# ~ return weights @ v, weights => return weights, weights @ v

# wrong: the scores come back, not the weights
# > The output is right, but the second result should be the weights: after the softmax.
# ~ return weights @ v, weights => return weights @ v, scores
# wrong: the scores come back, not the weights
# ~ return weights @ v, weights => return weights @ v, q @ k.transpose(-2, -1)

# wrong: axes in front are not handled
# > It must work with axes in front, (B, h, N, d): count from the end, `k.transpose(-2, -1)`.
# ~ k.transpose(-2, -1) => k.transpose(0, 1)

# wrong: a fixed number of axes is assumed
# > It must work with axes in front, (B, h, N, d): count from the end, `k.transpose(-2, -1)`.
# ~ k.transpose(-2, -1) => k.permute(0, 1, 3, 2)
# wrong: a fixed number of axes is assumed
# ~ k.transpose(-2, -1) => k.permute(0, 2, 1)
# wrong: a fixed number of axes is assumed
# ~ k.transpose(-2, -1) => k.transpose(2, 3)
# wrong: a fixed number of axes is assumed
# ~ scores = q @ k.transpose(-2, -1) => scores = torch.bmm(q, k.transpose(1, 2))
# wrong: a fixed number of axes is assumed
# ~ scores = => B, h, N, d = q.shape; scores =

# wrong: cut off from the gradient
# > The numbers are right, but no layer could learn through this function (exercise 4.4): no
# > `detach`, no `.data`, no `no_grad`.
# ~ return weights @ v => return (weights @ v).detach()

# wrong: through numpy
# > numpy knows nothing about gradients, and a layer will learn through this function (exercise
# > 4.4): stay with torch's own functions.
# ~ q @ k.transpose(-2, -1) => torch.from_numpy(q.numpy() @ k.numpy().swapaxes(-2, -1))
