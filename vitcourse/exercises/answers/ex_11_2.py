# right: gathered
def encode_visible(model, images, visible):
    positions = model.positions.pos_embed
    patches = model.patch_embed(images) + positions[:, 1:]
    index = visible[:, :, None].expand(-1, -1, patches.shape[2])
    kept = patches.gather(1, index)
    class_token = model.class_token.cls_token + positions[:, :1]
    tokens = torch.cat([class_token.expand(len(images), -1, -1), kept], dim=1)
    return model.encoder(model.dropout(tokens))

# wrong: positions numbered anew
# > The visible patches have the positions 0, 1, 2, ... of the image instead of their own. Add positions to all patches, then choose.
# ~ patches = model.patch_embed(images) + positions[:, 1:] => patches = model.patch_embed(images)
# ~ kept = patches.gather(1, index) => kept = patches.gather(1, index) + positions[:, 1 : visible.shape[1] + 1]

# wrong: no positions
# > The patches have no positions, and the encoder cannot tell where they were.
# ~ patches = model.patch_embed(images) + positions[:, 1:] => patches = model.patch_embed(images)
# wrong: no positions at all
# > Neither the patches nor the class token have positions.
# ~ + positions[:, 1:] => + 0 * positions[:, 1:]
# ~ model.class_token.cls_token + positions[:, :1] => model.class_token.cls_token
# wrong: no positions at all
# ~ + positions[:, 1:] =>
# ~ model.class_token.cls_token + positions[:, :1] => model.class_token.cls_token
# wrong: positions twice
# > The patches have their positions twice.
# ~ + positions[:, 1:] => + 2 * positions[:, 1:]
# wrong: the class token without its position
# > The class token lacks its position, the first one of the table.
# ~ model.class_token.cls_token + positions[:, :1] => model.class_token.cls_token
# wrong: the class token's position twice
# > The class token has its position twice.
# ~ cls_token + positions[:, :1] => cls_token + 2 * positions[:, :1]
# wrong: the class token's position alone
# > Where the class token should be, only its position is. Add `model.class_token.cls_token`.
# ~ model.class_token.cls_token + positions[:, :1] => positions[:, :1]
# wrong: positions off by one
# > Each patch has the position of the one before, and patch 0 the class token's. The first position is the class token's: patch i has number i + 1.
# ~ positions[:, 1:] => positions[:, :-1]
# wrong: positions off by one
# ~ positions[:, 1:] => positions[:, :-1]
# ~ cls_token + positions[:, :1] => cls_token + positions[:, -1:]
# wrong: the class token's position for all
# > All patches have the position of the class token.
# ~ positions[:, 1:] => positions[:, :1]

# wrong: no class token
# > The result has no class token. It goes in front of the visible patches: (B, 1 + V, D).
# ~ torch.cat([class_token.expand(len(images), -1, -1), kept], dim=1) => kept
# wrong: the class token is last
# > The class token is behind the patches. It goes in front.
# ~ [class_token.expand(len(images), -1, -1), kept] => [kept, class_token.expand(len(images), -1, -1)]
# wrong: the class token is left out at the end
# > The result lacks the class token: return all 1 + V tokens.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens))[:, 1:]
# wrong: only the class token
# > It gives the class token alone. Return all 1 + V tokens.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens))[:, 0]
# wrong: two class tokens
# > It gives one token too many: the class token is there twice.
# ~ [class_token.expand(len(images), -1, -1), kept] => [class_token.expand(len(images), -1, -1)] * 2 + [kept]
# wrong: zeros for the class token
# > The first token is made of zeros instead of the model's class token and its position.
# ~ class_token.expand(len(images), -1, -1) => class_token.expand(len(images), -1, -1) * 0

# wrong: the hidden ones instead of the visible
# > What is encoded are the patches that should be hidden.
# ~ index = visible[:, :, None] => index = torch.ones(len(images), patches.shape[1]).scatter(1, visible, 0).nonzero()[:, 1].view(len(images), -1)[:, :, None]
# wrong: all patches are encoded
# > All patches are in the result. Keep the visible ones only.
# ~ kept = patches.gather(1, index) => kept = patches
# wrong: encoded first, chosen afterwards
# > Hidden patches have had a say in the result: the encoder saw all of them. Choose first, then encode.
# ~ kept = patches.gather(1, index) => kept = patches
# ~ return model.encoder(model.dropout(tokens)) => out = model.encoder(model.dropout(tokens)); return torch.cat([out[:, :1], out[:, 1:].gather(1, index)], dim=1)
# wrong: hidden patches are set to zero
# > The result has a token for each patch, the hidden ones as zeros. Zeros are still looked at: leave these tokens out.
# ~ kept = patches.gather(1, index) => kept = torch.zeros_like(patches).scatter(1, index, patches.gather(1, index))
# wrong: hidden pixels are set to zero
# > The hidden patches are painted black, and still encoded. Leave their tokens out.
# ~ patches = model.patch_embed(images) + => keep = torch.zeros(visible.shape[0], positions.shape[1] - 1).scatter(1, visible, 1.0)[:, :, None]; patches = model.patch_embed(unpatchify(patchify(images, model.patch_embed.patch_size) * keep, model.patch_embed.patch_size, *images.shape[2:])) +
# ~ kept = patches.gather(1, index) => kept = patches
# wrong: places off by one
# > Each place is read one token too early: the class token is counted as a patch. With it in front, patch i has number i + 1.
# ~ kept = patches.gather(1, index) => kept = torch.cat([class_token.expand(len(images), -1, -1), patches], dim=1).gather(1, index)
# ~     index = visible => class_token = model.class_token.cls_token + positions[:, :1]; index = visible
# wrong: the places of the first image for all
# > All images are read at the places of the first. Each has its own row of `visible`.
# ~ index = visible[:, :, None] => index = visible[:1].repeat(len(images), 1)[:, :, None]
# wrong: all from the first image
# > The patches of all results come from the first image.
# ~ kept = patches.gather(1, index) => kept = patches[0][visible]
# wrong: the first patches, whatever is visible
# > It keeps the first patches, as many as are visible, instead of those at the places of `visible`.
# ~ kept = patches.gather(1, index) => kept = patches[:, : visible.shape[1]]
# wrong: one channel of each patch
# > Each patch is filled with its first number: the index has one number for each patch, and needs one for each channel. `expand` it.
# ~ kept = patches.gather(1, index) => kept = patches.gather(1, index[:, :, :1]).expand_as(index)

# wrong: no dropout
# > In training mode, the model's dropout should act before the encoder: `model.dropout`.
# ~ model.encoder(model.dropout(tokens)) => model.encoder(tokens)
# wrong: dropout twice
# > In training mode, more is dropped before the encoder than should be. `model.dropout` acts once.
# ~ model.encoder(model.dropout(tokens)) => model.encoder(model.dropout(model.dropout(tokens)))
# wrong: no dropout of the class token
# > In training mode, the class token is not dropped. `model.dropout` acts on all tokens.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(torch.cat([tokens[:, :1], model.dropout(tokens[:, 1:])], dim=1))
# wrong: no dropout of the patches
# > In training mode, the patches are not dropped. `model.dropout` acts on all tokens.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(torch.cat([model.dropout(tokens[:, :1]), tokens[:, 1:]], dim=1))
# wrong: dropout always
# > It drops in evaluation mode, too. `model.dropout` knows when to.
# ~ model.dropout(tokens) => F.dropout(tokens, model.dropout.p)
# wrong: dropout behind the encoder
# > Dropout acts behind the encoder instead of before it.
# ~ model.encoder(model.dropout(tokens)) => model.dropout(model.encoder(tokens))
# wrong: no encoder
# > These are the tokens that enter the encoder. Return what leaves it.
# ~ return model.encoder(model.dropout(tokens)) => return model.dropout(tokens)
# wrong: no last norm
# > The blocks are all there, and the last norm is missing. `model.encoder` has both.
# ~ return model.encoder(model.dropout(tokens)) => return nn.Sequential(*model.encoder.blocks)(model.dropout(tokens))
# wrong: the last norm twice
# > The last norm is applied twice: `model.encoder` ends with it.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder.norm(model.encoder(model.dropout(tokens)))
# wrong: the first block only
# > Only the first block and the last norm have acted. `model.encoder` has all blocks.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder.norm(model.encoder.blocks[0](model.dropout(tokens)))
# wrong: scores instead of tokens
# > These are the head's scores. Return what leaves the encoder: (B, 1 + V, D).
# ~ return model.encoder(model.dropout(tokens)) => return model.head(model.encoder(model.dropout(tokens)))
# wrong: the scores of the class token
# > These are the head's scores of the class token. Return what leaves the encoder: (B, 1 + V, D).
# ~ return model.encoder(model.dropout(tokens)) => return model.head(model.encoder(model.dropout(tokens))[:, 0])
# wrong: tokens before images
# > The first two axes are exchanged: images first, (B, 1 + V, D).
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens)).transpose(0, 1)
# wrong: axes of length one are lost
# > For one image the result should have an axis of length 1 in front: no squeeze.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens)).squeeze()
# wrong: images mixed
# > The encoder takes (B, tokens, D). Here the first two axes were exchanged before it, so that tokens of different images have looked at each other.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens).transpose(0, 1)).transpose(0, 1)

# wrong: no gradients
# > No gradient comes through, so nothing could be trained: no `no_grad`, no `detach`, no `.data`.
# ~ return model.encoder(model.dropout(tokens)) => return model.encoder(model.dropout(tokens)).detach()
# wrong: the embedding gets no gradients
# > No gradient reaches positions, class token and patch embedding, so they could not be trained: no `detach` before the encoder.
# ~ model.dropout(tokens) => model.dropout(tokens.detach())
# wrong: the positions get no gradients
# > No gradient reaches the positions: they are parameters; read them without `.data` and `detach`.
# ~ positions = model.positions.pos_embed => positions = model.positions.pos_embed.data
# wrong: the class token gets no gradients
# > No gradient reaches the class token: it is a parameter; read it without `.data` and `detach`.
# ~ model.class_token.cls_token + => model.class_token.cls_token.data +
# wrong: the patch embedding gets no gradients
# > No gradient reaches the patch embedding's weights: no `detach` behind it.
# ~ model.patch_embed(images) => model.patch_embed(images).detach()
# wrong: it leaves the model in evaluation mode
# > A model in training mode is in evaluation mode afterwards. Leave its mode alone.
# ~ positions = => model.eval(); positions =
# wrong: it leaves the model in training mode
# > A model in evaluation mode is in training mode afterwards. Leave its mode alone.
# ~ positions = => model.train(); positions =
# wrong: it changes the model's positions
# > The model's weights are changed afterwards: `+=` changes the tensor itself.
# ~ positions = => model.positions.pos_embed.data[:, :1] += model.class_token.cls_token.data; positions =
# ~ model.class_token.cls_token + positions => 0 * model.class_token.cls_token + positions

# right: from the model's own embedding
# > `model.embed` does everything before the encoder, dropout too; of its tokens, number 0 and the numbers `visible + 1` are kept.
def encode_visible(model, images, visible):
    tokens = model.embed(images)
    rows = torch.arange(len(images))[:, None]
    kept = torch.cat([tokens[:, :1], tokens[rows, visible + 1]], dim=1)
    return model.encoder(kept)

# wrong: places off by one
# ~ tokens[rows, visible + 1] => tokens[rows, visible]
# wrong: encoded first, chosen afterwards
# ~ model.embed(images) => model.forward_features(images)
# ~ return model.encoder(kept) => return kept
# wrong: encoded twice
# > The encoder has acted twice: `forward_features` goes through it already. `embed` is what comes before.
# ~ model.embed(images) => model.forward_features(images)
# wrong: dropout twice
# ~ model.encoder(kept) => model.encoder(model.dropout(kept))
# wrong: no class token
# ~ torch.cat([tokens[:, :1], tokens[rows, visible + 1]], dim=1) => tokens[rows, visible + 1]
# wrong: positions twice
# ~ tokens = model.embed(images) => tokens = model.embed(images) + F.pad(model.positions.pos_embed[:, 1:], (0, 0, 1, 0))
# wrong: positions added again
# > All tokens have their positions twice: `embed` adds them already.
# ~ tokens = model.embed(images) => tokens = model.embed(images) + model.positions.pos_embed
# wrong: the places of the first image for all
# ~ tokens[rows, visible + 1] => tokens[:, visible[0] + 1]
# wrong: all from the first image
# ~ tokens[rows, visible + 1] => tokens[0][visible + 1]
