# right: two lines
def equivariance_error(layer, tokens, order):
    before = layer(tokens[:, order])
    after = layer(tokens)[:, order]
    return (before - after).abs().max().item()

# wrong: small differences do not count
# > A layer that notices the order only a little gives a small number, not 0. Return the largest
# > difference as it is, with no threshold.
# ~ return (before - after).abs().max().item() => return 0.0 if torch.allclose(before, after, atol=1e-2) else (before - after).abs().max().item()

# wrong: invariance, not equivariance
# > You compare layer(tokens[:, order]) with layer(tokens), both as they stand or both shuffled:
# > that is invariance. Shuffle one output only: layer(tokens)[:, order].
# ~ layer(tokens)[:, order] => layer(tokens)

# wrong: the input is not shuffled
# > The layer never saw shuffled tokens: call it once with tokens[:, order].
# ~ layer(tokens[:, order]) => layer(tokens)

# wrong: shuffled the wrong way round
# > `tokens[:, order]` fetches token order[i] for place i; `shuffled[:, order] = tokens`, or a
# > second `[:, order]`, is its inverse. Use tokens[:, order] on the input of one and on the output
# > of the other.
# ~ layer(tokens[:, order]) => layer(tokens[:, order])[:, order]
# ~ layer(tokens)[:, order] => layer(tokens)
# wrong: shuffled the wrong way round
# ~ tokens[:, order] => tokens[:, order.argsort()]
# wrong: shuffled the wrong way round
# ~ before = => order = order.argsort(); before =

# wrong: the images are shuffled, not the tokens
# > `tokens[order]` picks images. Tokens are the second axis: `tokens[:, order]`.
# ~ layer(tokens[:, order]) => layer(tokens[order])
# ~ layer(tokens)[:, order] => layer(tokens)[order]

# wrong: the numbers are shuffled, not the tokens
# > `tokens[:, :, order]` picks numbers inside each token. Tokens are the second axis: `tokens[:,
# > order]`.
# ~ layer(tokens[:, order]) => layer(tokens[:, :, order])
# ~ layer(tokens)[:, order] => layer(tokens)[:, :, order]

# wrong: another order than the given one
# > You drew a new shuffle. Use `order`, so that the result can be repeated.
# ~ before = => order = torch.randperm(len(order)); before =

# wrong: the layer's result is compared with its input
# > You compared what goes in with what comes out. Compare two results of the layer.
# ~ layer(tokens)[:, order] => tokens[:, order]

# wrong: the layer is left out
# > The shuffled tokens were compared without the layer: run the layer in both cases.
# ~ layer(tokens[:, order]) => tokens
# ~ layer(tokens)[:, order] => tokens[:, order]

# wrong: the absolute value is missing
# > The largest difference may be negative: use `.abs()` before `.max()`.
# ~ .abs() =>
# wrong: the absolute value is missing
# ~ (before - after).abs() => (after - before)

# wrong: the mean, not the largest
# > You averaged the differences. A single token that notices would be lost among the others: take
# > the largest.
# ~ .max() => .mean()

# wrong: the sum, not the largest
# > You added up the differences, so more tokens mean more error: take the largest.
# ~ .max() => .sum()

# wrong: the smallest, not the largest
# > You took the smallest difference; a single number that agrees would hide all the others.
# ~ .max() => .min()

# wrong: squared
# > Your result is made of squared differences. Take the largest absolute difference.
# ~ .abs() => .square()
# wrong: squared
# ~ .abs().max() => .square().mean()
# wrong: squared
# ~ .abs().max() => .norm()

# wrong: only the first token is compared
# > You looked at one token. Compare all of them.
# ~ (before - after) => (before - after)[:, 0]

# wrong: only the first image is compared
# > You looked at one image. Compare the whole batch.
# ~ (before - after) => (before - after)[0]

# wrong: added up before comparing
# > The sum or mean over the tokens forgets their order. Compare token by token.
# ~ (before - after) => (before.sum(dim=1) - after.sum(dim=1))
# wrong: added up before comparing
# ~ (before - after) => (before.mean(dim=1) - after.mean(dim=1))

# wrong: zero for every layer
# > Yours finds no difference even for a layer that treats every place differently.
# ~ layer(tokens)[:, order] => layer(tokens[:, order])

# wrong: yes or no, not how much
# > You returned whether they agree. The question is how much they differ: return a float.
# ~ (before - after).abs().max().item() => torch.allclose(before, after)
# wrong: yes or no, not how much
# ~ (before - after).abs().max().item() => torch.equal(before, after)

# wrong: a tensor, not a float
# > The number is right, but still in a tensor: `.item()` takes it out.
# ~ .item() =>

# wrong: all differences, not the largest
# > You returned a whole tensor of differences: take the largest, `.abs().max().item()`.
# ~ .max().item() =>
# wrong: all differences, not the largest
# ~ .abs().max().item() =>

# wrong: rounded
# > The number is rounded. A difference may be small: return it as it is.
# ~ (before - after).abs().max().item() => round((before - after).abs().max().item(), 4)
# wrong: rounded
# ~ (before - after).abs().max().item() => round((before - after).abs().max().item(), 2)
# wrong: rounded
# ~ (before - after).abs().max().item() => round((before - after).abs().max().item())

# wrong: the digits of float64 are lost
# > Somewhere your numbers go through float32, which rounds them. Keep the dtype of the tokens.
# ~ before = => tokens = tokens.float(); before =
# wrong: the digits of float64 are lost
# ~ (before - after) => (before.float() - after.float())
