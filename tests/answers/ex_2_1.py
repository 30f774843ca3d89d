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

# right: expand and cat, again
def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)

# right: repeat, dim=-2, concat
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    cls_tokens = cls_token.repeat(B, 1, 1)
    return torch.concat((cls_tokens, tokens), dim=-2)

# right: empty tensor filled by slices
def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    b, n, d = tokens.shape
    result = tokens.new_empty(b, n + 1, d)
    result[:, 0] = cls_token[0, 0]
    result[:, 1:] = tokens
    return result

# right: pad both with zeros and add
def prepend(tokens, cls_token):
    n = tokens.shape[1]
    return F.pad(tokens, (0, 0, 1, 0)) + F.pad(cls_token, (0, 0, 0, n))

# right: einops repeat and pack
from einops import pack, repeat

def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    front = repeat(cls_token, "1 1 d -> b 1 d", b=tokens.shape[0])
    both, _ = pack([front, tokens], "b * d")
    return both

# right: hstack with broadcast_to
def prepend(tokens, cls_token):
    return torch.hstack([cls_token.broadcast_to(tokens.shape[0], 1, tokens.shape[2]), tokens])

# right: appended and then rolled round
def prepend(tokens, cls_token):
    behind = torch.cat([tokens, cls_token.expand(tokens.size(0), 1, -1)], dim=1)
    return behind.roll(1, dims=1)

# right: vmap over images
def prepend(tokens, cls_token):
    return torch.vmap(lambda image: torch.cat([cls_token[0], image]))(tokens)

# right: one flat list of rows and an index
def prepend(tokens, cls_token):
    b, n, d = tokens.shape
    bank = torch.cat([cls_token.reshape(1, d), tokens.reshape(b * n, d)])  # row 0 is CLS
    index = torch.arange(1, b * n + 1).reshape(b, n)
    index = torch.cat([torch.zeros(b, 1, dtype=torch.long), index], dim=1)
    return bank[index]

# right: torch.where on a padded copy
def prepend(tokens, cls_token):
    moved = F.pad(tokens, (0, 0, 1, 0))
    is_front = torch.arange(moved.shape[1])[None, :, None] == 0
    return torch.where(is_front, cls_token, moved)

# right: hand-written autograd function
class _Prepend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tokens, cls_token):
        return torch.cat([cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)

    @staticmethod
    def backward(ctx, grad):
        return grad[:, 1:], grad[:, :1].sum(dim=0, keepdim=True)


def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    return _Prepend.apply(tokens, cls_token)

# right: cast to the dtype of the tokens
def prepend(tokens, cls_token):
    cls = cls_token.to(tokens.dtype).expand(tokens.shape[0], -1, -1)
    return torch.cat([cls, tokens], dim=1)

# right: class token stretched by adding nought times a token
def prepend(tokens, cls_token):
    return torch.cat([cls_token + 0 * tokens[:, :1], tokens], dim=1)

# wrong: it returns None
def prepend(tokens, cls_token):
    tokens = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: it changes its input
def prepend(tokens, cls_token):
    out = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    with torch.no_grad():
        cls_token.zero_()
    return out

# wrong: it never finishes
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

# wrong: right where memory is laid out in reading order, wrong where memory is laid out differently
# (view: tokens that come from a convolution are not contiguous)
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    flat = torch.cat([cls_token.expand(B, -1, -1).reshape(B, D), tokens.view(B, N * D)], dim=1)
    return flat.view(B, N + 1, D)

# wrong: *
# (joined flat and cut by view, images mixed)
def prepend(tokens, cls_token):
    b, n, d = tokens.shape
    flat = torch.cat([cls_token.expand(b, 1, d).reshape(b, d), tokens.reshape(b * n, d)])
    return flat.view(b, n + 1, d)

# wrong: it changes its input
# (patch 0 overwritten and input changed in place, still N rows)
def prepend(tokens, cls_token):
    with torch.no_grad():
        tokens[:, 0] = cls_token[:, 0]
    return tokens

# wrong: *
# (result always float32)
def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    b, n, d = tokens.shape
    out = torch.zeros(b, n + 1, d)
    out[:, :1] = cls_token
    out[:, 1:] = tokens
    return out

# wrong: *
# (roll without dims shifts single numbers)
def prepend(tokens, cls_token):
    behind = torch.cat([tokens, cls_token.expand(len(tokens), -1, -1)], dim=1)
    return behind.roll(1)

# wrong: *
# (patches come in reverse order)
def prepend(tokens, cls_token):
    rows = [cls_token[0, 0].expand(tokens.shape[0], -1)]
    for n in range(tokens.shape[1]):
        rows.insert(1, tokens[:, n])
    return torch.stack(rows, dim=1)

# wrong: *
# (class token also added to every patch)
def prepend(tokens, cls_token):
    return F.pad(tokens, (0, 0, 1, 0)) + cls_token

# wrong: *
# (a hand-written backward that averages over the batch)
class _Front(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tokens, cls_token):
        return torch.cat([cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)

    @staticmethod
    def backward(ctx, grad):
        return grad[:, 1:], grad[:, :1].mean(dim=0, keepdim=True)


def prepend(tokens, cls_token):
    return _Front.apply(tokens, cls_token)
