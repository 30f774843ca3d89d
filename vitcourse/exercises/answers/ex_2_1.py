# right: expand and cat
def prepend(tokens, cls_token):
    cls = cls_token.expand(len(tokens), -1, -1)
    return torch.cat([cls, tokens], dim=1)

# wrong: the result is thrown away
# > Your tokens come back as they went in. `torch.cat` returns a new tensor and leaves the old ones
# > alone: return the new one.
# ~ return torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1); return tokens

# wrong: appended, not prepended
# > The class token is last. Everybody who reads it reads token 0: put it first.
# ~ [cls, tokens] => [tokens, cls]

# wrong: the class token is not expanded over the batch
# > `torch.cat` does not broadcast: to join (B, N, D), the class token must be (B, 1, D). Yours fits
# > only for B = 1: `expand` it first.
# ~ cls_token.expand(len(tokens), -1, -1) => cls_token
# wrong: the class token is not expanded over the batch
# > `torch.cat` does not broadcast, so the class token must be expanded to (B, 1, D). And it belongs
# > in front: it comes first in the list.
# ~ cls_token.expand(len(tokens), -1, -1) => cls_token
# ~ [cls, tokens] => [tokens, cls]

# wrong: joined along the channels
# > Each token became longer: you joined along the last axis. Tokens are axis 1.
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)
# ~ dim=1 => dim=2
# wrong: joined along the channels
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)
# ~ [cls, tokens], dim=1 => [tokens, cls], dim=2

# wrong: joined along the batch
# > You added an image, not a token: that is axis 0. Tokens are axis 1.
# ~ expand(len(tokens), -1, -1) => expand(1, tokens.shape[1], -1)
# ~ dim=1 => dim=0

# wrong: a class token for every patch
# > You put in as many class tokens as there are patches. One per image is enough: (B, 1, D).
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)

# wrong: the images are merged
# > You made one sequence of all images. Keep the batch axis: (B, N + 1, D).
# ~ cls_token.expand(len(tokens), -1, -1) => cls_token[0]
# ~ [cls, tokens], dim=1 => [cls, tokens.flatten(0, 1)], dim=0
# wrong: the images are merged
# ~ cls_token.expand(len(tokens), -1, -1) => cls_token
# ~ [cls, tokens] => [cls, tokens.reshape(1, -1, tokens.shape[2])]

# wrong: added, not prepended
# > You added the class token to every patch. It is a separate token: one more row.
# ~ torch.cat([cls, tokens], dim=1) => tokens + cls

# wrong: the first patch is lost
# > The class token replaced the first patch. It is an extra token: N + 1 in all.
# ~ [cls, tokens] => [cls, tokens[:, 1:]]

# wrong: the last patch is lost
# > The class token is there, but the last patch is gone. It is an extra token: N + 1 in all.
# ~ [cls, tokens] => [cls, tokens[:, :-1]]

# wrong: not the same token for all images
# > Every image must begin with the token that was passed in, the same for all:
# > `cls_token.expand(len(tokens), -1, -1)`.
# ~ cls_token.expand(len(tokens), -1, -1) => torch.zeros_like(tokens[:, :1]); cls[0] = cls_token[0]
# wrong: not the same token for all images
# ~ cls_token.expand(len(tokens), -1, -1) => cls_token + tokens.mean(1, keepdim=True)

# wrong: not the token that was passed in
# > Every image must begin with the token that was passed in, the same for all:
# > `cls_token.expand(len(tokens), -1, -1)`.
# ~ cls_token.expand(len(tokens), -1, -1) => torch.zeros_like(tokens[:, :1])
# wrong: not the token that was passed in
# ~ cls_token.expand(len(tokens), -1, -1) => torch.randn_like(tokens[:, :1])
# wrong: not the token that was passed in
# ~ cls_token.expand(len(tokens), -1, -1) => torch.ones_like(tokens[:, :1])

# wrong: only the first image
# > Only the first image of the batch is left: (B, N + 1, D) has all of them.
# ~ [cls, tokens] => [cls[:1], tokens[:1]]

# wrong: the class token is cut off from learning
# > `detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came from, so
# > nothing can be learned. Use `cls_token` itself.
# ~ cls_token.expand => cls_token.detach().expand

# wrong: nothing can learn
# > Under `no_grad`, or after `detach`, no gradient comes back. Leave both out.
# ~ torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1).detach()

# wrong: the tokens are cut off from learning
# > `detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came from: the
# > layers that made the tokens learn nothing. Use `tokens` itself.
# ~ [cls, tokens] => [cls, tokens.detach()]

# wrong: it leaves traces on its inputs
# > Whether a tensor asks for gradients is up to the caller, and `requires_grad_()` stays on after
# > your function. Leave it out: `torch.cat` passes gradients on by itself.
# ~ [cls, tokens] => [cls, tokens.requires_grad_()]
# wrong: it leaves traces on its inputs
# ~ cls_token.expand => cls_token.requires_grad_().expand
# wrong: it leaves traces on its inputs
# ~ cls_token.expand => cls_token.requires_grad_().expand
# ~ [cls, tokens] => [cls, tokens.requires_grad_()]

# wrong: the batch axis is lost for a single image
# > For one image your result is (N + 1, D). It should be (1, N + 1, D): keep the batch axis.
# ~ torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1).squeeze(0)

# right: filled into an empty tensor
# > Assigning a (1, 1, D) tensor to (B, D) places broadcasts it, so no `expand` is needed.
def prepend(tokens, cls_token):
    B, N, D = tokens.shape
    result = torch.empty(B, N + 1, D, dtype=tokens.dtype)
    result[:, 0] = cls_token
    result[:, 1:] = tokens
    return result

# wrong: the result is always float32
# > Your result is float32, whatever the input is. `torch.empty` and `torch.zeros` need
# > `dtype=tokens.dtype`; better: `tokens.new_zeros(...)`, which also uses the device of the tokens.
# ~ , dtype=tokens.dtype =>
