# right: slices
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size]).unflatten(1, (2, 8))
            right += (logits.argmax(2) == labels[start : start + batch_size]).sum(0)
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}

# wrong: summed, not averaged
# > You return how many answers are right. Divide by the number of scenes.
# ~ (right / len(images)) => right

# wrong: divided by both questions
# > Yours is half of what it should be: each question is asked len(images) times, and labels.numel()
# > counts both.
# ~ right / len(images) => right / labels.numel()

# wrong: the accuracies of the batches are summed
# > A sum of shares grows with the number of batches. Count right answers instead, and
# > divide once, at the end.
# ~ .sum(0) => .float().mean(0)
# ~ (right / len(images)) => right

# wrong: the last short batch counts too much
# > The last batch may be short, and then its scenes count more in a mean of means. Add up right
# > answers and divide by the number of scenes, once, at the end.
# ~ .sum(0) => .float().mean(0)
# ~ right / len(images) => right / math.ceil(len(images) / batch_size)

# wrong: divided by full batches
# > The number of batches times batch_size is more than there are scenes: the last batch is shorter.
# > Divide by len(images).
# ~ right / len(images) => right / (math.ceil(len(images) / batch_size) * batch_size)

# wrong: the last short batch is left out
# > Scenes after the last full batch are never looked at. A slice may be short: range(0,
# > len(images), batch_size) includes them.
# ~ range(0, len(images), => range(0, len(images) - batch_size + 1,
# ~ right / len(images) => right / max(1, len(images) // batch_size * batch_size)
# wrong: the last short batch is left out
# ~ range(0, len(images), => range(0, len(images) - batch_size + 1,

# wrong: only the last batch counts
# > You return the share of the last batch. Add up over all of them.
# ~ right += => right =
# ~ .sum(0) => .float().mean(0)
# ~ (right / len(images)) => right

# wrong: only the first batch counts
# > You return the share of the first batch. Is the `return` inside the loop?
# ~ .sum(0) => .float().mean(0); model.train(was_training); return dict(zip(["what", "where"], right.tolist()))

# wrong: eval() is forgotten
# > The model answers in training mode, with dropout. torch.no_grad() saves memory, but it does not
# > switch dropout off; model.eval() does. You need both.
# ~ model.eval() =>

# wrong: the model is left in evaluation mode
# > After your call, training would continue without dropout. Remember `model.training` and restore
# > it with model.train(was_training).
# ~ model.train(was_training) =>

# wrong: the model is always left in training mode
# > A model that came in evaluation mode should still be in it afterwards:
# > model.train(was_training).
# ~ model.train(was_training) => model.train()

# wrong: even and odd columns
# > Your split takes every second score. The first 8 belong together, then the last 8.
# ~ unflatten(1, (2, 8)) => unflatten(1, (8, 2))
# ~ argmax(2) => argmax(1)

# wrong: what and where are swapped in the result
# > The share for labels[:, 0] belongs under "what".
# ~ what, where = (right => where, what = (right

# wrong: right only where both are
# > You count scenes with both answers right. Each question has its own share.
# ~ .sum(0) => .all(1).sum()

# wrong: one share for both questions
# > Both names get the same number, the mean of the two questions. Each has its own share.
# ~ .sum(0) => .float().mean(1).sum()

# wrong: the share of wrong answers
# > You return the share of wrong answers: count where answer and label agree.
# ~ == labels => != labels

# wrong: per cent
# > Return a share from 0 to 1.
# ~ (right / len(images)) => (100 * right / len(images))

# wrong: all scenes at once
# > batch_size is not used. With many scenes at once, memory runs out.
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        answers = model(images).unflatten(1, (2, 8)).argmax(2)
    model.train(was_training)
    what, where = (answers == labels).float().mean(0).tolist()
    return {"what": what, "where": where}

# wrong: tensors, not numbers
# > Return plain floats: `.item()`.
# ~ (right / len(images)).tolist() => right / len(images)

# wrong: no names
# > Return a dict: {"what": ..., "where": ...}.
# ~ {"what": what, "where": where} => what, where
# wrong: no names
# ~ {"what": what, "where": where} => [what, where]

# right: a decorator and two counters
# > `torch.no_grad()` as a decorator, and a counter for each question in place of a tensor of two.
@torch.no_grad()
def accuracy(model, images, labels, batch_size=256):
    was_training = model.training
    model.eval()
    what = where = 0
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        logits = model(x)
        what += (logits[:, :8].argmax(1) == y[:, 0]).sum().item()
        where += (logits[:, 8:].argmax(1) == y[:, 1]).sum().item()
    model.train(was_training)
    return {"what": what / len(images), "where": where / len(images)}

# wrong: neither eval() nor no_grad()
# > The model answers in training mode, and records gradients that nobody needs: use model.eval(),
# > and `with torch.no_grad():`.
# ~ @torch.no_grad() =>
# ~ model.eval() =>

# wrong: gradients are recorded
# > model.eval() switches dropout off and nothing else: torch still records for backward(), which
# > costs memory. `with torch.no_grad():` stops it.
# ~ @torch.no_grad() =>

# wrong: gradients are recorded, and the model is left in evaluation mode
# > Put `with torch.no_grad():` around the calls, and restore the mode afterwards with
# > model.train(was_training).
# ~ @torch.no_grad() =>
# ~ model.train(was_training) =>

# wrong: gradients stay switched off
# > After your call gradients are no longer recorded, and the next training cannot learn.
# > `with torch.no_grad():` ends by itself, torch.set_grad_enabled(False) does not.
# ~ @torch.no_grad() =>
# ~ model.eval() => model.eval(); torch.set_grad_enabled(False)

# wrong: gradients are switched on for good
# > Gradients are recorded after your call, even where they were not before it. `with
# > torch.no_grad():` restores the state from before.
# ~ @torch.no_grad() =>
# ~ model.eval() => model.eval(); torch.set_grad_enabled(False)
# ~ model.train(was_training) => model.train(was_training); torch.set_grad_enabled(True)

# wrong: the parameters stay frozen
# > Afterwards the parameters have requires_grad=False, so the model cannot be trained any more.
# > torch.no_grad() is enough.
# ~ model.eval() => model.eval().requires_grad_(False)

# wrong: argmax over all 16 scores
# > The two questions have 8 scores each: split the logits, then take the argmax.
# ~ logits[:, :8] => logits
# ~ logits[:, 8:] => logits
# wrong: argmax over all 16 scores
# ~ logits[:, :8] => logits
# ~ logits[:, 8:].argmax(1) => logits.argmax(1) - 8

# wrong: `batch_size` is not used
# > The model gets more than batch_size scenes at once: its batches do not follow the argument.
# ~ images.split(batch_size) => images.split(256)
# ~ labels.split(batch_size) => labels.split(256)

# wrong: the same scores for both questions
# > The first 8 scores are compared with both labels. `where` has columns 8 to 15.
# ~ logits[:, 8:] => logits[:, :8]

# wrong: the halves are swapped
# > The first 8 scores answer what, labels[:, 0]; the last 8 where, labels[:, 1].
# ~ (logits[:, :8].argmax(1) == y[:, 0]) => (logits[:, 8:].argmax(1) == y[:, 0])
# ~ (logits[:, 8:].argmax(1) == y[:, 1]) => (logits[:, :8].argmax(1) == y[:, 1])
