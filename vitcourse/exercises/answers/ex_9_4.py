# right: split and cat
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the head is applied
# > You return the head's output. Return what the head reads: model.forward_features.
# ~ model.forward_features(part)[:, 0] => model(part)
# wrong: the head is applied
# ~ model.forward_features(part)[:, 0] => model(part).softmax(1)

# wrong: the mean of the patches
# > This head reads the class token, which comes first: [:, 0].
# ~ [:, 0] => [:, 1:].mean(1)

# wrong: the mean of all tokens
# > This head reads the class token, which comes first: [:, 0].
# ~ [:, 0] => .mean(1)

# wrong: the last token
# > The class token comes first, not last: [:, 0].
# ~ [:, 0] => [:, -1]

# wrong: the first patch
# > Token 1 is the first patch. The class token is token 0.
# ~ [:, 0] => [:, 1]

# wrong: all tokens
# > The result should be (B, D): only the class token of each image, [:, 0].
# ~ [:, 0] =>
# wrong: all tokens
# ~ [:, 0] => .flatten(1)

# wrong: the first image of each batch
# > `[0]` takes the first image with all its tokens. `[:, 0]` takes the first token of each image.
# ~ [:, 0] => [0]

# wrong: an axis too many
# > The result should be (B, D). `[:, 0]` drops the axis of the tokens, `[:, :1]` keeps it.
# ~ [:, 0] => [:, :1]

# wrong: only the first block
# > You go through one block of the encoder, but the model has several.
# ~ model.forward_features(part) => model.encoder.norm(model.encoder.blocks[0](model.embed(part)))

# wrong: before the last norm
# > The head reads the class token after encoder.norm.
# ~ model.forward_features(part) => nn.Sequential(*model.encoder.blocks)(model.embed(part))

# wrong: normalised twice
# > forward_features already ends with the norm.
# ~ model.forward_features(part) => model.encoder.norm(model.forward_features(part))

# wrong: before the encoder
# > You return what enters the encoder: there, the class token has seen nothing yet.
# ~ model.forward_features(part) => model.embed(part)

# wrong: the last short batch is left out
# > The images after the last full batch are missing. A slice may be short: range(0, len(images),
# > batch_size) includes them.
# ~ images.split(batch_size) => images.split(batch_size) if len(part) == batch_size
# wrong: the last short batch is left out
# ~ images.split(batch_size) => images.split(batch_size)[:-1]

# wrong: in the wrong order
# > Feature i must belong to image i.
# ~ torch.cat(features) => torch.cat(features[::-1])
# wrong: in the wrong order
# ~ torch.cat(features) => torch.cat(features).flip(0)

# wrong: joined along the wrong axis
# > Batches follow each other along axis 0: torch.cat(features).
# ~ torch.cat(features) => torch.cat(features, dim=1)
# wrong: joined along the wrong axis
# > torch.stack makes a new axis. Batches follow each other along axis 0: torch.cat(features).
# ~ torch.cat(features) => torch.stack(features)

# wrong: a list, not a tensor
# > The result should be one tensor, (B, D): torch.cat(features).
# ~ torch.cat(features) => features
# wrong: a list, not a tensor
# > The result should be one tensor, (B, D).
# ~ torch.cat(features) => [row for part in features for row in part]
# wrong: a list, not a tensor
# ~ torch.cat(features) => torch.cat(features).tolist()

# wrong: float64
# > The model returns float32, and so should you.
# ~ torch.cat(features) => torch.cat(features).double()

# wrong: eval() is forgotten
# > The model computes in training mode, with dropout, so the features are noisy. no_grad does not
# > change that; model.eval() does.
# ~ model.eval() =>

# wrong: the model is left in evaluation mode
# > A model that came in training mode is left in evaluation mode, and continues training without
# > dropout. Remember model.training, and at the end call model.train(was_training).
# ~ model.train(was_training) =>

# wrong: the model is always left in training mode
# > A model that came in evaluation mode should still be in it afterwards:
# > model.train(was_training).
# ~ model.train(was_training) => model.train()

# wrong: too many images at once
# > More than batch_size images go through the model at once; with many photographs, memory runs
# > out. images.split(batch_size) cuts them into batches.
# ~ images.split(batch_size) => [images]

# wrong: the head is gone
# > You replaced model.head and left it that way. Put it back, or use model.forward_features, which
# > does not need it.
# ~ model.eval() => model.eval(); model.head = nn.Identity()
# ~ model.forward_features(part)[:, 0] => model(part)

# wrong: the model stays frozen
# > requires_grad=False stays after your function: the model can no longer be trained. `with
# > torch.no_grad():` is enough.
# ~ model.eval() => model.eval().requires_grad_(False)

# right: slices in a loop
# > The batches are cut by number. The last one may be short, which a slice does not mind.
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            tokens = model.forward_features(images[start : start + batch_size])
            features.append(tokens[:, 0])
    model.train(was_training)
    return torch.cat(features)

# wrong: only the first batch
# > You return the features of the first batch alone. (A `return` inside the loop ends it there.)
# ~ features.append(tokens[:, 0]) => model.train(was_training); return tokens[:, 0]

# wrong: only the last batch
# > You return the features of the last batch alone. Collect those of all batches in a list.
# ~ features.append(tokens[:, 0]) => features = [tokens[:, 0]]

# right: a decorator
# > `torch.no_grad()` as a decorator: the whole function, not a block in it.
@torch.no_grad()
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: neither eval() nor no_grad()
# > The model computes in training mode, and torch records what nobody needs: use model.eval(), and
# > `with torch.no_grad():`.
# ~ @torch.no_grad() =>
# ~ model.eval() =>

# wrong: gradients are recorded
# > torch records what it would need for backward(), for every image. eval() does not switch that
# > off; `with torch.no_grad():` does.
# ~ @torch.no_grad() =>
# wrong: gradients are recorded
# ~ @torch.no_grad() =>
# ~ images.split(batch_size) => images.detach().split(batch_size)
# wrong: gradients are recorded
# > detach() at the end is too late: by then torch has recorded everything. Use `with
# > torch.no_grad():`.
# ~ @torch.no_grad() =>
# ~ torch.cat(features) => torch.cat(features).detach()

# wrong: gradients are recorded, and the model is left in evaluation mode
# > Put `with torch.no_grad():` around the calls, and at the end call model.train(was_training).
# ~ @torch.no_grad() =>
# ~ model.train(was_training) =>

# wrong: gradients stay switched off
# > torch.set_grad_enabled(False) stays in effect for everything that comes after. `with
# > torch.no_grad():` ends by itself.
# ~ @torch.no_grad() =>
# ~ model.eval() => model.eval(); torch.set_grad_enabled(False)

# wrong: gradients are switched on
# > After a call under torch.no_grad(), gradients are recorded again. `with torch.no_grad():`
# > restores what was before.
# ~ @torch.no_grad() =>
# ~ model.eval() => model.eval(); torch.set_grad_enabled(False)
# ~ model.train(was_training) => model.train(was_training); torch.set_grad_enabled(True)

# right: a hook in front of the head
# > Takes what reaches the head, so it also works for models without `forward_features`. Remove the
# > hook afterwards.
def frozen_features(model, images, batch_size=32):
    was_training, seen = model.training, []
    hook = model.head.register_forward_pre_hook(lambda head, inputs: seen.append(inputs[0]))
    model.eval()
    with torch.no_grad():
        for part in images.split(batch_size):
            model(part)
    hook.remove()
    model.train(was_training)
    return torch.cat(seen)

# wrong: a hook is left
# > Your hook stays on the model and is called in every later pass: keep what register_..._hook
# > returns, and call its remove().
# ~ hook.remove() =>
# wrong: a hook is left
# ~ hook.remove() =>
# ~ head.register_forward_pre_hook(lambda head, inputs: seen.append(inputs[0])) => encoder.register_forward_hook(lambda encoder, inputs, tokens: seen.append(tokens[:, 0]))
