# right: softmax, then topk
def top_k(logits, names, k=5):
    values, indices = logits.softmax(0).topk(k)
    best = [(names[i], p) for p, i in zip(values.tolist(), indices.tolist())]
    return best

# wrong: no softmax
# > You return the logits. Probabilities lie between 0 and 1: use softmax.
# ~ logits.softmax(0).topk(k) => logits.topk(k)

# wrong: softmax after topk
# > Your probabilities sum to 1 over the k best alone. The others are possible, too: softmax over
# > all classes, then topk.
# ~ logits.softmax(0).topk(k) => logits.topk(k)
# ~ values.tolist() => values.softmax(0).tolist()
# wrong: softmax after topk
# ~ values.tolist() => (values / values.sum()).tolist()

# wrong: softmax twice
# > Softmax twice makes everything almost equally probable. Once is enough.
# ~ logits.softmax(0) => logits.softmax(0).softmax(0)

# wrong: sigmoid, not softmax
# > Sigmoid answers yes or no for each class separately; the values do not sum to 1. These classes
# > exclude each other: use softmax.
# ~ logits.softmax(0) => logits.sigmoid()

# wrong: log-probabilities
# > You return logarithms: use softmax, not log_softmax.
# ~ logits.softmax(0) => logits.log_softmax(0)

# wrong: scores divided by their sum
# > Scores may be negative; softmax takes exp of each before it divides by the sum.
# ~ logits.softmax(0) => (logits / logits.sum())

# wrong: exp becomes too large
# > exp(89) is more than float32 can hold. softmax subtracts the largest score first, which changes
# > no probability.
# ~ logits.softmax(0) => (logits.exp() / logits.exp().sum())

# wrong: per cent
# > A probability is a number from 0 to 1.
# ~ (names[i], p) => (names[i], 100 * p)

# wrong: rounded
# > Return the probability as it is; rounding is for printing.
# ~ (names[i], p) => (names[i], round(p, 2))
# wrong: rounded
# ~ (names[i], p) => (names[i], round(p, 3))

# wrong: rounded
# ~ (names[i], p) => (names[i], round(p, 4))

# wrong: cut off after some digits
# > Return the probability as it is; fewer digits are for printing.
# ~ (names[i], p) => (names[i], int(p * 100) / 100)

# wrong: one too few
# > You return k - 1 classes.
# ~ topk(k) => topk(k - 1)

# wrong: one too many
# > You return k + 1 classes.
# ~ logits.softmax(0).topk(k) => (part[: k + 1] for part in logits.softmax(0).sort(descending=True))

# wrong: worst first
# > The most probable class should come first.
# ~ return best => return best[::-1]

# wrong: the least probable ones
# > You return the k worst. (sort() begins with the smallest.)
# ~ topk(k) => topk(k, largest=False)
# wrong: the least probable ones
# ~ topk(k) => topk(k, largest=False)
# ~ return best => return best[::-1]

# wrong: the first k classes
# > You return the first k names, not the k most probable.
# ~ return best => return list(zip(names, logits.softmax(0).tolist()))[:k]

# wrong: in the order of the classes
# > These are the right classes, but the most probable is not first.
# ~ zip(values.tolist(), indices.tolist()) => sorted(zip(values.tolist(), indices.tolist()), key=lambda pair: pair[1])

# wrong: in the order of the names
# > These are the right classes, but in alphabetical order. The most probable should come first.
# ~ return best => return sorted(best)

# wrong: indices, not names
# > Who knows what class 207 is? Use names[i].
# ~ (names[i], p) => (i, p)
# wrong: indices, not names
# ~ (names[i], p) => (str(i), p)

# wrong: names do not go with their probabilities
# > Your probabilities are sorted, your names are not. The indices of topk say which names belong to
# > them.
# ~ [(names[i], p) for p, i in zip(values.tolist(), indices.tolist())] => list(zip(names, values.tolist()))

# wrong: names off by one
# > Class i is names[i]: both count from 0.
# ~ names[i] => names[i - 1]
# wrong: names off by one
# ~ names[i] => names[(i + 1) % len(names)]
# wrong: names off by one
# ~ names[i] => names[i + 1]

# wrong: classes with the same score get the same name
# > Two classes may have the same score. The indices of topk tell them apart; looking a score up in a
# > list finds the first class twice.
# ~ [(names[i], p) for p, i in zip(values.tolist(), indices.tolist())] => [(names[logits.softmax(0).tolist().index(p)], p) for p in values.tolist()]

# wrong: classes with the same name become one
# > Two classes may have the same name. A dict from names keeps only one of them.
# ~ return best => return list(dict(best).items())
# wrong: classes with the same name become one
# ~ return best => return sorted(dict(zip(names, logits.softmax(0).tolist())).items(), key=lambda pair: -pair[1])[:k]

# wrong: k is not used
# > You return five, whatever k is.
# ~ topk(k) => topk(5)
# wrong: k is not used
# > You return all classes, whatever k is.
# ~ topk(k) => sort(descending=True)

# wrong: only the best one
# > You return only the best one. Return the k best, in order.
# ~ topk(k) => topk(1)
# wrong: only the best one
# > Return a list of the k best.
# ~ return best => return best[0]

# wrong: tensors, not numbers
# > They should be plain Python numbers: `.item()`, or `.tolist()` for all at once.
# ~ values.tolist() => values

# wrong: numbers as text
# > A probability is a number; formatting is for printing.
# ~ (names[i], p) => (names[i], f"{p:.1%}")
# wrong: numbers as text
# ~ (names[i], p) => (names[i], f"{p:.2f}")

# wrong: the probability first
# > A pair is (name, probability), in this order.
# ~ (names[i], p) => (p, names[i])

# wrong: only the names
# > The list should hold pairs, (name, probability).
# ~ (names[i], p) => names[i]

# wrong: only the probabilities
# > The list should hold pairs, (name, probability).
# ~ (names[i], p) => p

# wrong: two lists, not pairs
# > Return one list of pairs: zip joins the two.
# ~ return best => return [names[i] for i in indices], values.tolist()

# wrong: a dict, not a list
# > Return a list of pairs.
# ~ return best => return dict(best)

# wrong: it expects a batch
# > The logits of one image have one axis, (classes,): softmax(dim=0).
# ~ softmax(0) => softmax(1)
# wrong: it expects a batch
# > The logits are those of one image, (classes,), and [0] takes the first class of it.
# ~ logits.softmax(0) => logits[0].softmax(0)
