import copy
from vitcourse.model import VisionTransformer, cls_pool

# stub: as handed out
def frozen_features(model, images, batch_size=32):
    """What the head gets to read: (B, C, H, W) -> (B, D)."""
    raise NotImplementedError("exercise 9.4")

# right: split and cat
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

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

# wrong: the head is applied
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = torch.cat([model(part) for part in images.split(batch_size)])
    model.train(was_training)
    return features

# wrong: the head is applied
# and softmax
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = torch.cat([model(part).softmax(-1) for part in images.split(batch_size)])
    model.train(was_training)
    return features

# wrong: the mean of the patches
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 1:].mean(dim=1) for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the mean of all tokens
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part).mean(dim=1) for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the last token
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, -1] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the first patch
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 1] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: all tokens
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part) for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: all tokens
# in one long row
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(x).reshape(len(x), -1) for x in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the first image of each batch
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: an axis too many
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0:1] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: before the last norm
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    with torch.no_grad():
        for part in images.split(batch_size):
            x = model.dropout(model.positions(model.class_token(model.patch_embed(part))))
            for block in model.encoder.blocks:
                x = block(x)
            features.append(x[:, 0])
    model.train(was_training)
    return torch.cat(features)

# wrong: normed twice
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [
            model.encoder.norm(model.forward_features(part))[:, 0] for part in images.split(batch_size)
        ]
    model.train(was_training)
    return torch.cat(features)

# wrong: before the encoder
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.embed(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: the last short batch is left out
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    with torch.no_grad():
        for k in range(len(images) // batch_size):
            part = images[k * batch_size : (k + 1) * batch_size]
            features.append(model.forward_features(part)[:, 0])
    model.train(was_training)
    return torch.cat(features)

# wrong: the last short batch is left out
# DataLoader(drop_last=True)
def frozen_features(model, images, batch_size=32):
    from torch.utils.data import DataLoader
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loader = DataLoader(images, batch_size, drop_last=True)
        features = [model.forward_features(part)[:, 0] for part in loader]
    model.train(was_training)
    return torch.cat(features)

# wrong: the last short batch is left out
# the last one in any case
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        parts = images.split(batch_size)[:-1]
        features = [model.forward_features(part)[:, 0] for part in parts]
    model.train(was_training)
    return torch.cat(features)

# wrong: only the first batch
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            features = model.forward_features(images[start : start + batch_size])[:, 0]
            model.train(was_training)
            return features

# wrong: only the last batch
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for part in images.split(batch_size):
            features = model.forward_features(part)[:, 0]
    model.train(was_training)
    return features

# wrong: in another order
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = torch.empty(0, model.config["embed_dim"])
    with torch.no_grad():
        for part in images.split(batch_size):
            features = torch.cat([model.forward_features(part)[:, 0], features])
    model.train(was_training)
    return features

# wrong: in another order
# from the back to the front
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.stack([row for row in torch.cat(features)][::-1])

# wrong: joined along the wrong axis
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features, dim=-1)

# wrong: joined along the wrong axis
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.stack(features)

# wrong: a list, not a tensor
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return features

# wrong: a list, not a tensor
# of rows
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    with torch.no_grad():
        for part in images.split(batch_size):
            features += list(model.forward_features(part)[:, 0])
    model.train(was_training)
    return features

# wrong: a list, not a tensor
# of numbers
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    with torch.no_grad():
        for part in images.split(batch_size):
            features += model.forward_features(part)[:, 0].tolist()
    model.train(was_training)
    return features

# wrong: float64
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features).to(torch.float64)

# wrong: eval() is forgotten
def frozen_features(model, images, batch_size=32):
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    return torch.cat(features)

# wrong: neither eval() nor no_grad()
def frozen_features(model, images, batch_size=32):
    features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    return torch.cat(features)

# wrong: gradients are recorded
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: gradients are recorded
# and thrown away afterwards
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    features = []
    for part in images.split(batch_size):
        features.append(model.forward_features(part)[:, 0].detach())
    model.train(was_training)
    return torch.cat(features)

# wrong: the model is left in evaluation mode
@torch.no_grad()
def frozen_features(model, images, batch_size=32):
    model.eval()
    features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    return torch.cat(features)

# wrong: gradients are recorded, and the model is left in evaluation mode
def frozen_features(model, images, batch_size=32):
    model.eval()
    return torch.cat([model.forward_features(part)[:, 0] for part in images.split(batch_size)])

# wrong: the model is always left in training mode
def frozen_features(model, images, batch_size=32):
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train()
    return torch.cat(features)

# wrong: all images at once
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = model.forward_features(images)[:, 0]
    model.train(was_training)
    return features

# wrong: the head is gone
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.head = nn.Identity()
    model.eval()
    with torch.no_grad():
        features = torch.cat([model(part) for part in images.split(batch_size)])
    model.train(was_training)
    return features

# wrong: the head is gone
# without a trace
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    model.head = nn.Sequential()
    with torch.no_grad():
        features = [model(part) for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: a hook is left
def frozen_features(model, images, batch_size=32):
    was_training, seen = model.training, []
    model.head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    model.eval()
    with torch.no_grad():
        for part in images.split(batch_size):
            model(part)
    model.train(was_training)
    return torch.cat(seen)

# wrong: a hook is left
# behind the encoder
def frozen_features(model, images, batch_size=32):
    was_training, seen = model.training, []
    model.encoder.register_forward_hook(lambda module, inputs, output: seen.append(output[:, 0]))
    model.eval()
    with torch.no_grad():
        for part in images.split(batch_size):
            model(part)
    model.train(was_training)
    return torch.cat(seen)

# wrong: the model stays frozen
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad = False
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

# wrong: gradients stay switched off
def frozen_features(model, images, batch_size=32):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)

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

# wrong: all images at once
# chunk(batch_size): so many batches, not so large ones
def frozen_features(model, images, batch_size=32):
    was = model.training
    model.eval()
    with torch.no_grad():
        out = [model.forward_features(part)[:, 0] for part in images.chunk(batch_size)]
    model.train(was)
    return torch.cat(out)

# wrong: it does not come to an end
def frozen_features(model, images, batch_size=32):
    was_training, start, features = model.training, 0, []
    model.eval()
    with torch.no_grad():
        while start < len(images):
            features = [model.forward_features(images[start : start + batch_size])[:, 0]]
    model.train(was_training)
    return torch.cat(features)
