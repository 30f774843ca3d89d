# right: the flawed one with an index for the images
# > The smallest repair: an index for the images beside the one for the entries. It writes into
# > `fused`, through a view.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    flat[torch.arange(len(flat))[:, None], weakest] = 0
    return fused / fused.sum(dim=-1, keepdim=True)

# wrong: only the first image loses entries
# > Only image 0 loses entries, and it loses those that are weak in any image: `flat[0, ...]` is
# > always image 0. Each image loses the smallest entries of its own map: index each image
# > separately.
# ~ torch.arange(len(flat))[:, None] => 0
# wrong: only the first image loses entries
# > The other images keep all their entries. Each image loses the smallest entries of its own map:
# > index each image separately.
# ~ torch.arange(len(flat))[:, None] => 0
# ~ topk(int(flat.shape[1] * discard), dim=1, largest=False).indices => topk(int(flat.shape[1] * discard), dim=1, largest=False).indices[0]

# wrong: both bugs are still there
# > `flat[0, weakest]` is always image 0, and the sums lie along the columns. Each image loses the
# > smallest entries of its own map: index each image separately.
# ~ torch.arange(len(flat))[:, None] => 0
# ~ , keepdim=True =>
# wrong: both bugs are still there
# ~ torch.arange(len(flat))[:, None] => 0
# ~ sum(dim=-1, keepdim=True) => sum(dim=-1)[:, None]

# wrong: the first image decides for all
# > You remove from every image what is weak in image 0. Each image loses the smallest entries of
# > its own map: index each image separately.
# ~ torch.arange(len(flat))[:, None], weakest => :, weakest[0]

# wrong: every image loses what is weak in any
# > You set to 0 in every image what is weak in any image, as `flat[:, weakest]` does. Each image
# > loses the smallest entries of its own map: index each image separately.
# ~ torch.arange(len(flat))[:, None] => :

# right: scatter
# > Like the course's, with `topk` in place of a whole sort.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), dim=1, largest=False).indices
    kept = flat.scatter(1, weakest, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: the batch is one long list
# > Images compete with each other: an even map loses nothing, another map too much. Each image
# > loses the smallest entries of its own map: index each image separately.
# ~ flatten(1) => flatten()
# ~ topk(int(flat.shape[1] * discard), dim=1 => topk(int(len(flat) * discard), dim=0
# ~ scatter(1 => scatter(0

# wrong: each row loses its own
# > You take the same number from every row. Each map loses int(discard * N * N) of its N * N
# > entries, wherever they are.
# ~ fused.flatten(1) => fused
# ~ dim=1, largest => dim=-1, largest
# ~ scatter(1 => scatter(-1

# wrong: the largest are discarded
# > `topk` takes the largest unless you pass `largest=False`.
# ~ , largest=False =>

# wrong: the smallest are kept
# > You set the others to 0: the smallest should go.
# ~ flat.scatter(1, weakest, 0.0) => torch.zeros_like(flat).scatter(1, weakest, flat.gather(1, weakest))

# wrong: rows are not divided
# > Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie
# > along the columns.
# ~ / kept.sum(dim=-1, keepdim=True) =>

# wrong: no keepdim
# > Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie
# > along the columns.
# ~ , keepdim=True =>
# wrong: no keepdim
# ~ sum(dim=-1, keepdim=True) => sum(dim=-1)[:, None]

# wrong: columns are divided by their sum
# > Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie
# > along the columns.
# ~ sum(dim=-1 => sum(dim=-2
# wrong: columns are divided by their sum
# > `F.normalize` works along axis 1 unless you pass `dim=-1`. Each row is divided by its own sum:
# > `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie along the columns.
# ~ kept / kept.sum(dim=-1, keepdim=True) => F.normalize(kept, p=1)

# wrong: divided by the sum of the whole map
# > Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie
# > along the columns.
# ~ sum(dim=-1 => sum(dim=(1, 2)

# wrong: divided by the sum of everything
# > Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`. Without keepdim the sums lie
# > along the columns.
# ~ sum(dim=-1, keepdim=True) => sum()

# wrong: divided by the largest value
# > Rows should sum to 1 again. Each row is divided by its own sum: `sum(dim=-1, keepdim=True)`.
# > Without keepdim the sums lie along the columns.
# ~ kept.sum( => kept.amax(

# wrong: another softmax
# > After a softmax, entries of 0 become weights again. Divide each row by its sum.
# ~ kept / kept.sum(dim=-1, keepdim=True) => kept.softmax(dim=-1)

# wrong: the identity is mixed in
# > That comes later, in the rollout. Return one layer's map with rows that sum to 1.
# ~ view_as(fused) => view_as(fused) + torch.eye(fused.shape[-1])
# wrong: the identity is mixed in
# ~ return kept / => return 0.5 * torch.eye(fused.shape[-1]) + 0.5 * kept /

# wrong: one entry is protected
# > Index 0 of the list is one entry (row 0, column 0). Only the smallest entries go, wherever they
# > are, the class token's as well.
# ~ view_as(fused) => view_as(fused); kept[:, 0, 0] = fused[:, 0, 0]

# wrong: the class token's column is protected
# > Only the smallest entries go, wherever they are, the class token's as well.
# ~ view_as(fused) => view_as(fused); kept[:, :, 0] = fused[:, :, 0]

# wrong: the class token's row is protected
# > Only the smallest entries go, wherever they are, the class token's as well.
# ~ view_as(fused) => view_as(fused); kept[:, 0] = fused[:, 0]

# wrong: the diagonal is protected
# > Only the smallest entries go, wherever they are, the class token's as well.
# ~ view_as(fused) => view_as(fused); kept = torch.where(torch.eye(fused.shape[-1]).bool(), fused, kept)

# wrong: the wrong number of entries
# > `int` rounds down. Each map loses int(discard * N * N) of its N * N entries, wherever they are.
# ~ int(flat => round(flat
# wrong: the wrong number of entries
# ~ int(flat => math.ceil(flat
# wrong: the wrong number of entries
# > A quantile need not cut where int(discard * N * N) does. Each map loses int(discard * N * N) of
# > its N * N entries, wherever they are.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    threshold = torch.quantile(fused.flatten(1), discard, dim=1)[:, None, None]
    kept = fused.masked_fill(fused < threshold, 0)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: one entry too many
# > Each map loses int(discard * N * N) of its N * N entries, wherever they are.
# ~ int(flat.shape[1] * discard) => int(flat.shape[1] * discard) + 1

# wrong: a share of N, not of N * N
# > Each map loses int(discard * N * N) of its N * N entries, wherever they are.
# ~ int(flat.shape[1] => int(fused.shape[1]

# wrong: discard is taken for the share that stays
# > Each map loses int(discard * N * N) of its N * N entries, wherever they are.
# ~ int(flat.shape[1] * discard) => flat.shape[1] - int(flat.shape[1] * discard)

# wrong: discard is taken for a threshold
# > discard is a share of the entries, not a weight. Each map loses int(discard * N * N) of its N *
# > N entries, wherever they are.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    kept = torch.where(fused >= discard, fused, 0.0)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: equal entries go together
# > Where entries are equal, a threshold takes all of them or none. Each map loses int(discard * N *
# > N) of its N * N entries, wherever they are.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    k = int(flat.shape[1] * discard)
    if k == 0:
        return fused
    threshold = flat.kthvalue(k, dim=1, keepdim=True).values
    kept = torch.where(flat > threshold, flat, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)
# wrong: equal entries go together
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    threshold = flat.sort(dim=1).values[:, int(flat.shape[1] * discard)]
    kept = fused * (fused >= threshold[:, None, None])
    return kept / kept.sum(dim=-1, keepdim=True)
# wrong: equal entries go together
# > Where entries are equal, a threshold takes all of them or none, and with discard=0 there is no
# > last entry to go by. Each map loses int(discard * N * N) of its N * N entries, wherever they
# > are.
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    threshold = flat.sort(dim=1).values[:, int(flat.shape[1] * discard) - 1]
    kept = fused * (fused > threshold[:, None, None])
    return kept / kept.sum(dim=-1, keepdim=True)
# wrong: equal entries go together
def discard_weakest(attention, discard):
    fused = attention.mean(dim=1)
    flat = fused.flatten(1)
    threshold = flat.kthvalue(int(flat.shape[1] * discard), dim=1, keepdim=True).values
    kept = torch.where(flat > threshold, flat, 0.0).view_as(fused)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: discard=0 is not handled
# > With discard=0 nothing goes, and the map stays as it is: handle k = 0.
# ~ fused = attention.mean(dim=1) => assert 0 < discard < 1; fused = attention.mean(dim=1)
# wrong: discard=0 is not handled
# > With discard=0 nothing goes, and the map stays as it is. (`x[-0:]` and `x[: -0]` are everything,
# > or nothing.)
# ~ topk(int(flat.shape[1] * discard), dim=1, largest=False).indices => argsort(dim=1, descending=True)[:, -int(flat.shape[1] * discard) :]

# wrong: nearly 0 instead of 0
# > Your smallest entries are still above 0. Set them to exactly 0.
# ~ weakest, 0.0) => weakest, 1e-6)

# wrong: the smallest entries share the mean
# > Discarded entries are set to 0.
# ~ weakest, 0.0) => weakest, flat.mean(dim=1, keepdim=True).expand_as(weakest))

# wrong: the maximum of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ attention.mean( => attention.amax(

# wrong: the minimum of the heads
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ attention.mean( => attention.amin(

# wrong: the mean of the images, not of the heads
# > You take the mean over axis 0, the batch. Take the mean over the heads, axis 1 of (B, heads, N,
# > N).
# ~ mean(dim=1) => mean(dim=0)

# wrong: the first head only
# > Take the mean over the heads, axis 1 of (B, heads, N, N).
# ~ attention.mean(dim=1) => attention[:, 0]

# wrong: wrong dtype
# > Weights are float32, and so should the result be: drop whatever makes it float64, or convert
# > back with `.float()`.
# ~ attention.mean( => attention.double().mean(

# wrong: each head discards by itself
# > First the mean of the heads, then the smallest entries of that one map.
def discard_weakest(attention, discard):
    flat = attention.flatten(2)
    weakest = flat.topk(int(flat.shape[2] * discard), dim=2, largest=False).indices
    kept = flat.scatter(2, weakest, 0.0).view_as(attention).mean(dim=1)
    return kept / kept.sum(dim=-1, keepdim=True)

# wrong: the images are averaged
# > Each image has its own result: keep axis 0.
# ~ kept / kept.sum(dim=-1, keepdim=True) => (kept / kept.sum(dim=-1, keepdim=True)).mean(dim=0)

# wrong: not back in rows and columns
# > Yours is still a list of N * N numbers: `.view_as(fused)`.
# ~ kept / kept.sum(dim=-1, keepdim=True) => (kept / kept.sum(dim=-1, keepdim=True)).flatten(1)
