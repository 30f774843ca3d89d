# right: two cross-entropies
def scene_loss(logits, labels):
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2

# wrong: softmax before cross-entropy
# > F.cross_entropy takes logits and does the (log) softmax itself. After another softmax before it,
# > the loss can hardly fall, and the gradient is tiny.
# ~ logits[:, :8] => logits[:, :8].softmax(1)
# ~ logits[:, 8:] => logits[:, 8:].softmax(1)
# wrong: softmax before cross-entropy
# ~ what = F => logits = logits.softmax(1); what = F

# wrong: the losses are added, not averaged
# > Yours is twice as large: return the mean of the two questions, not their sum.
# ~ (what + where) / 2 => what + where

# wrong: only half of `where`
# > `where` is halved and `what` is not: use brackets, (what + where) / 2.
# ~ (what + where) / 2 => what + where / 2

# wrong: summed over the batch
# > Yours grows with the number of scenes. The mean over the batch does not, so the same learning
# > rate fits. F.cross_entropy gives the mean by itself.
# ~ labels[:, 0] => labels[:, 0], reduction="sum"
# ~ labels[:, 1] => labels[:, 1], reduction="sum"

# wrong: only what
# > Only the first question counts, so `where` is never learned.
# ~ (what + where) / 2 => what

# wrong: only where
# > Only the second question counts, so `what` is never learned.
# ~ (what + where) / 2 => where

# wrong: the halves are swapped
# > The first 8 logits belong to what, labels[:, 0]; the last 8 to where, labels[:, 1].
# ~ [:, 8:], labels[:, 1] => [:, 8:], labels[:, 0]
# ~ [:, :8], labels[:, 0] => [:, :8], labels[:, 1]

# wrong: halves of 7 and 9
# > Your split gives 7 scores to `what` and 9 to `where`. Both have 8: a slice ends before its last
# > index, [:8] and [8:].
# ~ logits[:, :8] => logits[:, :7]
# ~ logits[:, 8:] => logits[:, 7:]

# wrong: the same logits for both questions
# > The first 8 logits are compared with both labels. `where` has columns 8 to 15.
# ~ logits[:, 8:] => logits[:, :8]

# wrong: the same labels for both questions
# > Both halves are compared with labels[:, 0]. `where` is labels[:, 1].
# ~ labels[:, 1] => labels[:, 0]

# wrong: one softmax over both questions
# > All 16 logits compete in one softmax, so `what` and `where` push each other down. Split them
# > first: each question has its own 8.
# ~ logits[:, :8] => logits
# ~ logits[:, 8:], labels[:, 1] => logits, labels[:, 1] + 8
# wrong: one softmax over both questions
# ~ logits[:, :8] => logits
# ~ logits[:, 8:] => logits

# wrong: even and odd columns
# > Your split takes every second logit. The first 8 belong together, then the last 8.
# ~ logits[:, :8] => logits[:, ::2]
# ~ logits[:, 8:] => logits[:, 1::2]

# wrong: a loss for each scene
# > You return one number for each scene. The step needs one for the batch: the mean.
# ~ labels[:, 0] => labels[:, 0], reduction="none"
# ~ labels[:, 1] => labels[:, 1], reduction="none"

# wrong: the two losses are not joined
# > You return two losses. The step needs one number: their mean.
# ~ (what + where) / 2 => what, where

# wrong: a plain number
# > A plain number is cut off from the model: no gradient flows back from it. Return the tensor.
# ~ (what + where) / 2 => ((what + where) / 2).item()

# wrong: the gradient is cut off
# > The number is right, but no gradient flows back from it: `detach`, `no_grad`, `.data` and
# > `.item()` cut a loss off from the model.
# ~ (what + where) / 2 => ((what + where) / 2).detach()
# wrong: the gradient is cut off
# ~ (what + where) / 2 => ((what + where) / 2).detach().requires_grad_()

# wrong: no gradient from `what`
# > The number is right, but `what` is cut off from the model, so it is never learned.
# ~ logits[:, :8] => logits[:, :8].detach()

# wrong: no gradient from `where`
# > The number is right, but `where` is cut off from the model, so it is never learned.
# ~ logits[:, 8:] => logits[:, 8:].detach()

# wrong: the result is in another dtype
# > Yours is in float32, whatever the logits are in. Leave the dtype as it is: no `.float()`.
# ~ logits[:, :8] => logits[:, :8].float()
# ~ logits[:, 8:] => logits[:, 8:].float()

# right: all questions in one long batch
# > Two questions with eight answers each are 2 B questions; the mean over all is the mean of the
# > two means.
def scene_loss(logits, labels):
    return F.cross_entropy(logits.reshape(-1, 8), labels.flatten())

# wrong: summed over the batch
# ~ labels.flatten() => labels.flatten(), reduction="sum"

# wrong: labels of other scenes
# > The scores alternate between `what` and `where` here, while the labels come with all of `what`
# > first: scores meet the labels of other scenes. `labels.flatten()` alternates, too.
# ~ labels.flatten() => labels.T.flatten()

# wrong: label smoothing
# > Yours is the cross-entropy with label_smoothing=0.1. Leave the smoothing out.
# ~ labels.flatten() => labels.flatten(), label_smoothing=0.1

# wrong: the result is in another dtype
# ~ logits.reshape => logits.float().reshape

# wrong: eight yes-or-no questions
# > That is binary cross-entropy, where several answers may be right. Here exactly one
# > is: F.cross_entropy.
# ~ F.cross_entropy => F.binary_cross_entropy_with_logits
# ~ labels.flatten() => F.one_hot(labels.flatten(), 8).float()

# right: log_softmax and nll_loss
# > The two halves of cross-entropy, one after the other.
def scene_loss(logits, labels):
    log_p = logits.unflatten(1, (2, 8)).log_softmax(2)
    return F.nll_loss(log_p.flatten(0, 1), labels.flatten())

# wrong: softmax over the batch
# > Your softmax runs down the batch (dim 0). The answers to a question lie along dim 1.
# ~ log_softmax(2) => log_softmax(0)

# wrong: no logarithm
# > F.nll_loss takes log-probabilities: `log_softmax`, not `softmax`. Or F.cross_entropy,
# > which does both.
# ~ log_softmax(2) => softmax(2)
# wrong: no logarithm
# ~ .log_softmax(2) =>

# wrong: the squared error of probabilities
# > The squared error hardly punishes an answer that is confidently wrong. Cross-entropy does.
def scene_loss(logits, labels):
    p = logits.unflatten(1, (2, 8)).softmax(2)
    return F.mse_loss(p, F.one_hot(labels, 8).float())

# right: log_softmax and gather
# > Cross-entropy by its definition: minus the log-probability of the right answer.
def scene_loss(logits, labels):
    log_p = rearrange(logits, "b (q k) -> b q k", k=8).log_softmax(dim=-1)
    return -log_p.gather(2, labels[..., None]).mean()

# wrong: the sign is wrong
# > Yours falls as the answers get worse. The loss is *minus* the log-probability.
# ~ return -log_p => return log_p
