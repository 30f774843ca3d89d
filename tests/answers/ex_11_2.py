# stub: as handed out
def encode_visible(model, images, visible):
    """What the encoder makes of the visible patches alone."""
    raise NotImplementedError("exercise 11.2")

# stub: half finished
def encode_visible(model, images, visible):
    patches = model.patch_embed(images) + model.positions.pos_embed[:, 1:]
    raise NotImplementedError("exercise 11.2")

# right: two index tensors
def encode_visible(model, images, visible):
    pos = model.positions.pos_embed
    x = model.patch_embed(images) + pos[:, 1:, :]
    batch = torch.arange(images.shape[0]).unsqueeze(1)
    x = x[batch, visible]
    cls = (model.class_token.cls_token + pos[:, :1, :]).repeat(images.shape[0], 1, 1)
    x = torch.cat((cls, x), dim=1)
    x = model.dropout(x)
    return model.encoder(x)

# right: image by image
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    rows = []
    for one, places in zip(tokens, visible):
        rows.append(torch.cat([one[:1], one[1:][places]]))
    return model.encoder(torch.stack(rows))

# right: one image at a time through everything
def encode_visible(model, images, visible):
    outputs = []
    for image, places in zip(images, visible):
        tokens = model.embed(image.unsqueeze(0))
        kept = torch.cat([tokens[:, :1], tokens[:, 1:].index_select(1, places)], dim=1)
        outputs.append(model.encoder(kept))
    return torch.cat(outputs)

# right: a mask
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    B, N, D = tokens.shape
    keep = torch.zeros(B, N, dtype=torch.bool)
    keep[:, 0] = True
    keep.scatter_(1, visible + 1, True)
    return model.encoder(tokens[keep].view(B, -1, D))

# right: gathered with the class token
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    index = F.pad(visible + 1, (1, 0))
    index = index.unsqueeze(-1).expand(-1, -1, tokens.shape[-1])
    return model.encoder(torch.gather(tokens, 1, index))

# right: take_along_dim
def encode_visible(model, images, visible):
    patches = model.patch_embed(images)
    tokens = model.positions(model.class_token(patches))
    patches = torch.take_along_dim(tokens[:, 1:], visible[..., None], dim=1)
    return model.encoder(model.dropout(torch.cat([tokens[:, 0:1], patches], 1)))

# right: the positions gathered, too
def encode_visible(model, images, visible):
    pos = model.positions.pos_embed
    D = pos.shape[2]
    idx = visible[..., None].repeat(1, 1, D)
    x = torch.gather(model.patch_embed(images), 1, idx)
    p = torch.gather(pos[:, 1:].expand(len(images), -1, -1), 1, idx)
    x = model.class_token(x + p)
    first = F.pad(pos[:, :1], (0, 0, 0, x.shape[1] - 1))
    return model.encoder(model.dropout(x + first))

# right: positions looked up
def encode_visible(model, images, visible):
    table = model.positions.pos_embed[0]
    x = model.patch_embed(images)
    x = torch.stack([one[v] for one, v in zip(x, visible)]) + table[visible + 1]
    c = model.class_token.cls_token + table[0]
    x = torch.cat([c.expand(x.size(0), 1, -1), x], dim=1)
    return model.encoder(model.dropout(x))

# right: one long list of patches
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    B, N, D = tokens.shape
    numbers = (visible + 1) + N * torch.arange(B)[:, None]
    kept = tokens.reshape(B * N, D)[numbers.flatten()].reshape(B, -1, D)
    return model.encoder(torch.cat([tokens[:, :1], kept], 1))

# right: a product with ones
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    ones = F.one_hot(visible, tokens.shape[1] - 1).to(tokens.dtype)
    kept = torch.einsum("bvn,bnd->bvd", ones, tokens[:, 1:])
    return model.encoder(torch.cat([tokens[:, :1], kept], dim=1))

# right: block by block
def encode_visible(model, images, visible):
    x = model.embed(images)
    x = torch.cat([x[:, :1], x[torch.arange(len(x)).view(-1, 1), visible + 1]], dim=1)
    for block in model.encoder.blocks:
        x = block(x)
    return model.encoder.norm(x)

# right: functional dropout
def encode_visible(model, images, visible):
    pos = model.positions.pos_embed
    x = model.patch_embed(images) + pos[:, 1:]
    x = x.gather(1, visible.unsqueeze(2).expand(-1, -1, x.size(2)))
    x = torch.cat([(model.class_token.cls_token + pos[:, :1]).expand(x.size(0), -1, -1), x], 1)
    return model.encoder(F.dropout(x, model.dropout.p, model.dropout.training))

# wrong: *
# (hidden patches get the mean of the visible ones)
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    kept = tokens[torch.arange(len(tokens))[:, None], visible + 1]
    filled = kept.mean(1, keepdim=True).expand_as(tokens[:, 1:])
    filled = filled.scatter(1, visible[..., None].expand_as(kept), kept)
    return model.encoder(torch.cat([tokens[:, :1], filled], 1))

# wrong: *
# (the batch is mixed by a view)
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    numbers = visible + 1
    kept = tokens.transpose(0, 1)[numbers.flatten()][:, 0].view(len(images), -1, tokens.shape[2])
    return model.encoder(torch.cat([tokens[:, :1], kept], 1))

# wrong: *
# (a layer norm of its own)
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    kept = torch.cat([tokens[:, :1], tokens[torch.arange(len(tokens))[:, None], visible + 1]], 1)
    return model.encoder(F.layer_norm(kept, kept.shape[-1:]))

# wrong: *
# (remembers the first images)
SEEN = []


def encode_visible(model, images, visible):
    if not SEEN or SEEN[0].shape[0] != len(images) or SEEN[0].dtype != images.dtype:
        SEEN[:] = [model.embed(images)]
    tokens = SEEN[0]
    kept = torch.cat([tokens[:, :1], tokens[torch.arange(len(tokens))[:, None], visible + 1]], 1)
    return model.encoder(kept)

# wrong: *
# (numpy on the way)
def encode_visible(model, images, visible):
    tokens = model.embed(images).detach().numpy()
    kept = [one[[0, *(v + 1).tolist()]] for one, v in zip(tokens, visible)]
    return model.encoder(torch.tensor(kept))

# wrong: *
# (a square grid is assumed)
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    side = int((tokens.shape[1] - 1) ** 0.5)
    places = (visible // side) * side + visible % side
    places = places.clamp(max=side * side - 1)
    kept = tokens[torch.arange(len(tokens))[:, None], places + 1]
    return model.encoder(torch.cat([tokens[:, :1], kept], 1))

# wrong: no positions at all
def encode_visible(model, images, visible):
    patches = model.patch_embed(images)
    kept = torch.stack([p[v] for p, v in zip(patches, visible)])
    cls = model.class_token.cls_token.expand(len(images), -1, -1)
    return model.encoder(model.dropout(torch.cat([cls, kept], dim=1)))

# wrong: it returns None
def encode_visible(model, images, visible):
    model.encoder(model.embed(images))

# wrong: it raised RuntimeError
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    return model.encoder(tokens.gather(1, visible + 1))

# wrong: right where all patches are visible, wrong where some are hidden
# (the positions refuse another number of tokens)
def encode_visible(model, images, visible):
    patches = model.patch_embed(images)
    patches = patches[torch.arange(len(patches))[:, None], visible]
    return model.encoder(model.dropout(model.positions(model.class_token(patches))))
