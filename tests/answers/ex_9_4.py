import copy
from vitcourse.model import cls_pool

# stub: as handed out
def frozen_features(model, images, batch_size=32):
    """What the head gets to read: (B, C, H, W) -> (B, D)."""
    raise NotImplementedError("exercise 9.4")

# right: slices in a loop
def frozen_features(model, images, batch_size=32):
    mode = model.training
    model.eval()
    result = []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            tokens = model.forward_features(images[start : start + batch_size])
            result.append(tokens[:, 0, :])
    if mode:
        model.train()
    return torch.cat(result, dim=0)

# right: a decorator, and try and finally
@torch.no_grad()
def frozen_features(model, images, batch_size=32):
    mode, _ = model.training, model.eval()
    try:
        return torch.cat([cls_pool(model.forward_features(x)) for x in images.split(batch_size)])
    finally:
        model.train(mode)

# right: a result of the right size, filled in
def frozen_features(model, images, batch_size=32):
    before = model.training
    out = torch.empty(len(images), model.config["embed_dim"])
    with torch.no_grad():
        model.train(False)
        for i in range(0, len(images), batch_size):
            out[i : i + batch_size] = model.forward_features(images[i : i + batch_size])[:, 0]
        model.train(before)
    return out

# right: a hook in front of the head
def frozen_features(model, images, batch_size=32):
    seen = []
    hook = model.head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for part in images.split(batch_size):
            model(part)
    hook.remove()
    model.train(was_training)
    return torch.cat(seen)

# right: without its head, for a while
def frozen_features(model, images, batch_size=32):
    head, model.head = model.head, nn.Identity()
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = torch.cat([model(part) for part in torch.split(images, batch_size)])
    model.head = head
    model.train(was_training)
    return features

# right: a copy to work with
def frozen_features(model, images, batch_size=32):
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    with torch.no_grad():
        parts = map(frozen.forward_features, images.split(batch_size))
        return torch.cat(list(parts))[:, 0]

# right: step by step through the model
def frozen_features(model, images, batch_size=32):
    training = model.training
    model.eval()
    rows = []
    with torch.no_grad():
        for part in images.split(batch_size):
            x = model.positions(model.class_token(model.patch_embed(part)))
            for block in model.encoder.blocks:
                x = block(x)
            rows.extend(model.encoder.norm(x[:, 0]))
    model.train(training)
    return torch.stack(rows)

# right: a DataLoader
def frozen_features(model, images, batch_size=32):
    from torch.utils.data import DataLoader
    was_training = model.training
    model.eval()
    with torch.no_grad():
        batches = [model.forward_features(x)[:, 0] for x in DataLoader(images, batch_size)]
    model.train(was_training)
    return torch.cat(batches)

# right: chunks by a while loop
def frozen_features(model, images, batch_size=32):
    was_training, done, result = model.training, 0, []
    model.eval()
    with torch.set_grad_enabled(False):
        while done < images.shape[0]:
            part = images.narrow(0, done, min(batch_size, len(images) - done))
            result.append(model.forward_features(part).select(1, 0))
            done += batch_size
    model.train(was_training)
    return torch.concat(result)

# right: one image at a time
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = torch.stack([model.forward_features(x[None])[0, 0] for x in images])
    model.train(was_training)
    return features

# right: each module gets its own mode back
def frozen_features(model, images, batch_size=32):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    with torch.no_grad():
        parts = images.split(batch_size)
        features = torch.vstack([model.encoder(model.embed(part))[:, 0] for part in parts])
    for module, mode in modes.items():
        module.training = mode
    return features

# right: einops picks the token
def frozen_features(model, images, batch_size=32):
    mode = model.training
    model.eval()
    with torch.no_grad():
        tokens = torch.cat([model.forward_features(x) for x in images.split(batch_size)])
    model.train(mode)
    return rearrange(tokens[:, :1], "b 1 d -> b d")

# right: inference_mode, and a clone outside of it
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        features = torch.cat([model.forward_features(x)[:, 0] for x in images.split(batch_size)])
    model.train(was_training)
    return features.clone()

# right: inference_mode
@torch.inference_mode()
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = torch.cat([model.forward_features(x)[:, 0] for x in images.split(batch_size)])
    model.train(was_training)
    return features

# wrong: *
# an array
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features).numpy()

# wrong: *
# every feature of length 1
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return F.normalize(torch.cat(features), dim=1)

# wrong: *
# frozen instead of no_grad, and left in evaluation mode
def frozen_features(model, images, batch_size=32):
    model.eval().requires_grad_(False)
    return torch.cat([model.forward_features(part)[:, 0] for part in images.split(batch_size)])

# wrong: *
# the batches overlap
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [
            model.forward_features(images[i : i + batch_size])[:, 0] for i in range(len(images))
        ]
    model.train(was_training)
    return torch.cat(features)

# wrong: *
# shuffled, as in training
def frozen_features(model, images, batch_size=32):
    from torch.utils.data import DataLoader
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loader = DataLoader(images, batch_size, shuffle=True)
        features = [model.forward_features(part)[:, 0] for part in loader]
    model.train(was_training)
    return torch.cat(features)

# wrong: *
# half precision
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        parts = images.split(batch_size)
        features = [model.forward_features(x)[:, 0].half().float() for x in parts]
    model.train(was_training)
    return torch.cat(features)

# wrong: it changes its input
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
        images.sub_(images.mean())
    model.train(was_training)
    return torch.cat(features)

# wrong: it returns None
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)

# wrong: it raised ValueError
# one image at a time, without a batch axis
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(image)[0] for image in images]
    model.train(was_training)
    return torch.stack(features)

# right: a deep copy does the work
def frozen_features(model, images, batch_size=32):
    import copy

    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    return torch.cat([frozen.forward_features(part)[:, 0].detach() for part in images.detach().split(batch_size)])

# wrong: it never finishes
def frozen_features(model, images, batch_size=32):
    was_training, start, features = model.training, 0, []
    model.eval()
    with torch.no_grad():
        while start < len(images):
            features = [model.forward_features(images[start : start + batch_size])[:, 0]]
    model.train(was_training)
    return torch.cat(features)

# wrong: right for a batch of 7, wrong for a batch of one
def frozen_features(model, images, batch_size=32):
    mode = model.training
    model.eval()
    with torch.no_grad():
        f = torch.cat([model.forward_features(b)[:, :1] for b in images.split(batch_size)])
    model.train(mode)
    return f.squeeze()

# wrong: right the first time, wrong called again
def frozen_features(model, images, batch_size=32):
    if hasattr(model, "_cached"):
        return model._cached
    mode = model.training
    model.eval()
    with torch.no_grad():
        model._cached = torch.cat([model.forward_features(b)[:, 0] for b in images.split(batch_size)])
    model.train(mode)
    return model._cached

# wrong: right in evaluation mode, wrong in training mode
def frozen_features(model, images, batch_size=32):
    mode = model.training
    model.encoder.eval()
    with torch.no_grad():
        f = torch.cat([model.forward_features(b)[:, 0] for b in images.split(batch_size)])
    model.encoder.train(mode)
    return f
