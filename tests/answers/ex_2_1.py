# stub: as handed out
def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    raise NotImplementedError("exercise 2.1")

# stub: half done, the raise is still there
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    cls_tokens = cls_token.expand(B, -1, -1)
    raise NotImplementedError("exercise 2.1")

# right: expand and cat
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)

# right: repeat in place of expand
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    return torch.cat((cls_token.repeat(B, 1, 1), tokens), dim=1)

# right: einops repeat
def prepend(tokens, cls_token):
    from einops import repeat
    first = repeat(cls_token, "1 1 d -> b 1 d", b=len(tokens))
    return torch.cat([first, tokens], dim=-2)

# right: einops pack
def prepend(tokens, cls_token):
    from einops import pack, repeat
    packed, _ = pack([repeat(cls_token, "1 1 d -> b d", b=tokens.shape[0])[:, None], tokens], "b * d")
    return packed

# right: image by image
def prepend(tokens, cls_token):
    rows = []
    for image in tokens:
        rows.append(torch.cat([cls_token[0], image]))
    return torch.stack(rows)

# right: an empty tensor, filled
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    out = tokens.new_empty(B, N + 1, D)
    out[:, :1] = cls_token
    out[:, 1:] = tokens
    return out

# right: padding, then addition
def prepend(tokens, cls_token):
    padded = F.pad(tokens, (0, 0, 1, 0))
    first = torch.zeros(padded.shape[1], 1, dtype=tokens.dtype, device=tokens.device)
    first[0] = 1
    return padded + first * cls_token

# right: expand_as on a slice
def prepend(tokens, cls_token):
    return torch.concat([cls_token.expand_as(tokens[:, :1]), tokens], 1)

# right: hstack of what broadcast_to gives
def prepend(tokens, cls_token):
    return torch.hstack([torch.broadcast_to(cls_token, (tokens.size(0), 1, tokens.size(2))), tokens])

# right: index_select with the token as an extra row
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    table = torch.cat([cls_token.reshape(1, D), tokens.reshape(B * N, D)])
    index = torch.cat([torch.zeros(B, 1, dtype=torch.long), 1 + torch.arange(B * N).view(B, N)], 1)
    return table[index]

# wrong: the result is thrown away
def prepend(tokens, cls_token):
    torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    return tokens

# wrong: appended, not prepended
def prepend(tokens, cls_token):
    return torch.cat([tokens, cls_token.expand(len(tokens), -1, -1)], dim=1)

# wrong: appended, not prepended
def prepend(tokens, cls_token):
    out = F.pad(tokens, (0, 0, 0, 1))
    out[:, -1] = cls_token[:, 0]
    return out

# wrong: expand forgotten
def prepend(tokens, cls_token):
    return torch.cat([cls_token, tokens], dim=1)

# wrong: expand forgotten
# (and in the other order)
def prepend(tokens, cls_token):
    return torch.cat((tokens, cls_token), 1)

# wrong: expand forgotten
# (expand called, its result not used)
def prepend(tokens, cls_token):
    cls_token.expand(len(tokens), -1, -1)
    return torch.cat([cls_token, tokens], dim=1)

# wrong: joined along the channels
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand_as(tokens), tokens], dim=-1)

# wrong: joined along the channels
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    return torch.cat([tokens, cls_token.repeat(B, N, 1)], dim=2)

# wrong: joined along the batch
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(-1, tokens.shape[1], -1), tokens])

# wrong: a class token for every patch
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand_as(tokens), tokens], dim=1)

# wrong: a class token for every patch
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    return torch.cat([cls_token.expand(B, N, D), tokens], dim=1)

# wrong: the images are merged
def prepend(tokens, cls_token):
    D = tokens.shape[-1]
    return torch.cat([cls_token.view(1, D), tokens.reshape(-1, D)], dim=0)

# wrong: the images are merged
def prepend(tokens, cls_token):
    return torch.cat([cls_token, rearrange(tokens, "b n d -> 1 (b n) d")], dim=1)

# wrong: added, not prepended
def prepend(tokens, cls_token):
    return cls_token + tokens

# wrong: the first patch is lost
def prepend(tokens, cls_token):
    out = tokens.clone()
    out[:, 0] = cls_token[0, 0]
    return out

# wrong: the last patch is lost
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    return torch.cat([cls_token.expand(B, 1, D), tokens], dim=1)[:, :N]

# wrong: not the same token for all images
def prepend(tokens, cls_token):
    out = F.pad(tokens, (0, 0, 1, 0))
    out[0, 0] = cls_token[0, 0]
    return out

# wrong: not the same token for all images
# (starts from the mean of the image's patches)
def prepend(tokens, cls_token):
    start = cls_token + tokens.mean(dim=1, keepdim=True)
    return torch.cat([start, tokens], dim=1)

# wrong: not the token that was passed in
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    return torch.cat([torch.zeros(B, 1, D, dtype=tokens.dtype), tokens], dim=1)

# wrong: not the token that was passed in
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    cls_tokens = nn.Parameter(torch.randn(B, 1, D, dtype=tokens.dtype))
    return torch.cat([cls_tokens, tokens], dim=1)

# wrong: only the first image
def prepend(tokens, cls_token):
    return torch.cat([cls_token[0], tokens[0]], dim=0)[None]

# wrong: the class token is cut off from learning
def prepend(tokens, cls_token):
    return torch.cat([cls_token.data.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: the class token is cut off from learning
def prepend(tokens, cls_token):
    first = cls_token.detach().repeat(len(tokens), 1, 1)
    return torch.cat([first, tokens], dim=1)

# wrong: nothing can learn
def prepend(tokens, cls_token):
    with torch.no_grad():
        out = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    return out

# wrong: nothing can learn
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1).detach()

# wrong: it returns None
def prepend(tokens, cls_token):
    tokens = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: it changes its input
def prepend(tokens, cls_token):
    out = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    with torch.no_grad():
        cls_token.zero_()
    return out

# wrong: it does not come to an end
def prepend(tokens, cls_token):
    while len(cls_token) < len(tokens):
        torch.cat([cls_token, cls_token[:1]])
    return torch.cat([cls_token, tokens], dim=1)

# wrong: it raised TypeError
def prepend(tokens, cls_token):
    return torch.cat(cls_token.expand(len(tokens), -1, -1), tokens, dim=1)

# wrong: *
# (a float32 result whatever comes in)
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1).float()

# wrong: *
# (a list)
def prepend(tokens, cls_token):
    return [torch.cat([cls_token[0], image]) for image in tokens]

# wrong: *
# (a numpy array)
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1).detach().numpy()

# wrong: *
# (stacked on a new axis)
def prepend(tokens, cls_token):
    return torch.stack([cls_token.expand_as(tokens), tokens], dim=1)

# wrong: *
# (tokens first, batch second)
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1).transpose(0, 1)

# wrong: *
# (at both ends)
def prepend(tokens, cls_token):
    first = cls_token.expand(len(tokens), -1, -1)
    return torch.cat([first, tokens, first], dim=1)

# wrong: *
# (repeat with the axes in the wrong order: one image with B class tokens)
def prepend(tokens, cls_token):
    return torch.cat([cls_token.repeat(1, len(tokens), 1), tokens], dim=1)

# wrong: *
# (normalised on the way)
def prepend(tokens, cls_token):
    x = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    return F.layer_norm(x, x.shape[-1:])

# wrong: *
# (right for batches of two only)
def prepend(tokens, cls_token):
    return torch.cat([torch.cat([cls_token, cls_token]), tokens], dim=1)

# wrong: *
# (squeeze swallows the batch of one)
def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1).squeeze()

# wrong: it raised RuntimeError
# (view: tokens that come from a convolution are not contiguous)
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    flat = torch.cat([cls_token.expand(B, -1, -1).reshape(B, D), tokens.view(B, N * D)], dim=1)
    return flat.view(B, N + 1, D)
