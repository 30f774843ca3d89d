import numpy as np

# stub: as handed out
def top_k(logits, names, k=5):
    """The k most probable classes of one image, best first."""
    raise NotImplementedError("exercise 9.2")

# right: softmax, topk, zip
def top_k(logits, names, k=5):
    best = logits.softmax(dim=0).topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# right: item by item
def top_k(logits, names, k=5):
    probabilities = F.softmax(logits, dim=-1)
    values, indices = torch.topk(probabilities, k)
    result = []
    for rank in range(k):
        result.append((names[int(indices[rank])], values[rank].item()))
    return result

# right: sorted with a key
def top_k(logits, names, k=5):
    p = torch.softmax(logits, 0).tolist()
    return sorted(zip(names, p), key=lambda pair: pair[1], reverse=True)[:k]

# right: argsort of the logits
def top_k(logits, names, k=5):
    p = logits.softmax(-1)
    order = logits.argsort(descending=True)[:k]
    return [(names[i], float(p[i])) for i in order]

# right: exp and sum
def top_k(logits, names, k=5):
    e = (logits - logits.max()).exp()
    values, indices = (e / e.sum()).sort(descending=True)
    return list(zip([names[i] for i in indices[:k]], values[:k].tolist()))

# right: log_softmax and exp of the best
def top_k(logits, names, k=5):
    log_p, which = logits.log_softmax(dim=0).topk(k)
    return [(names[i.item()], math.exp(v.item())) for v, i in zip(log_p, which)]

# right: NumPy
def top_k(logits, names, k=5):
    z = logits.detach().numpy().astype(np.float64)
    p = np.exp(z - z.max())
    p /= p.sum()
    return [(str(names[i]), float(p[i])) for i in np.argsort(-p)[:k]]

# right: NumPy's numbers
def top_k(logits, names, k=5):
    p = logits.softmax(0).numpy()
    return [(names[i], p[i]) for i in p.argsort()[::-1][:k]]

# right: arg max again and again
def top_k(logits, names, k=5):
    p = logits.softmax(0)
    left, answer = p.clone(), []
    for _ in range(k):
        i = int(left.argmax())
        answer.append((names[i], p[i].item()))
        left[i] = -1
    return answer

# right: a heap
def top_k(logits, names, k=5):
    import heapq
    pairs = zip(logits.softmax(0).tolist(), names)
    return [(name, p) for p, name in heapq.nlargest(k, pairs, key=lambda pair: pair[0])]

# right: logsumexp over all, topk of the logits
def top_k(logits, names, k=5):
    total = torch.logsumexp(logits, dim=0)
    scores, indices = logits.topk(k)
    return [(names[i], math.exp(s - total)) for s, i in zip(scores, indices)]

# right: a dict in between
def top_k(logits, names, k=5):
    table = dict(enumerate(nn.Softmax(dim=0)(logits).tolist()))
    best = sorted(table, key=table.get)[::-1]
    return [(names[i], table[i]) for i in best[:k]]

# right: with a batch axis in between
def top_k(logits, names, k=5):
    p, i = logits[None].softmax(dim=1).topk(k, dim=1)
    return list(zip((names[j] for j in i[0].tolist()), p[0].tolist()))

# right: lists for pairs
def top_k(logits, names, k=5):
    p, i = logits.softmax(0).topk(k)
    return [[names[b], a] for a, b in zip(p.tolist(), i.tolist())]

# wrong: *
# temperature
def top_k(logits, names, k=5):
    best = (logits / 2).softmax(0).topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: *
# base 2
def top_k(logits, names, k=5):
    p = 2 ** logits
    best = (p / p.sum()).topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: *
# scaled to 0..1
def top_k(logits, names, k=5):
    p = (logits - logits.min()) / (logits.max() - logits.min())
    best = p.topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: *
# half precision
def top_k(logits, names, k=5):
    best = logits.softmax(0).bfloat16().topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: *
# one long text
def top_k(logits, names, k=5):
    best = logits.softmax(0).topk(k)
    return ", ".join(f"{names[i]}: {p:.0%}" for p, i in zip(best.values, best.indices))

# wrong: *
# printed, and an empty list
def top_k(logits, names, k=5):
    best = logits.softmax(0).topk(k)
    _ = [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]
    return []

# wrong: *
# a zip, which is used up after one look
def top_k(logits, names, k=5):
    p, i = logits.softmax(0).topk(k)
    return zip([names[j] for j in i], p.tolist())

# wrong: *
# k + 1, "the five after the first"
def top_k(logits, names, k=5):
    p, i = logits.softmax(0).sort(descending=True)
    return [(names[b], a) for a, b in zip(p[1 : k + 1].tolist(), i[1 : k + 1].tolist())]

# wrong: it changes its input
def top_k(logits, names, k=5):
    logits -= logits.max()
    best = logits.softmax(0).topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: it returns None
def top_k(logits, names, k=5):
    best = logits.softmax(0).topk(k)
    for p, i in zip(best.values.tolist(), best.indices.tolist()):
        (names[i], p)

# wrong: it raised TypeError
def top_k(logits, names, k=5):
    best = logits.softmax(0).topk(k)
    return [(names[p], i) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# wrong: *
# by name, and two classes may have one
def top_k(logits, names, k=5):
    p = dict(zip(names, logits.softmax(-1).tolist()))
    return sorted(p.items(), key=lambda pair: pair[1], reverse=True)[:k]

# wrong: it never finishes
def top_k(logits, names, k=5):
    p, answer = logits.softmax(0), []
    while len(answer) < k:
        i = int(p.argmax())
        if (names[i], p[i].item()) not in answer:
            answer.append((names[i], p[i].item()))
    return answer
