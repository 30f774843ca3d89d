# right: slice and mean
def mean_pool(tokens):
    patches = tokens[:, 1:]
    return patches.mean(dim=1)

# wrong: the class token is in the mean
# > The class token is in your mean. Token 0 is not a patch: take the mean of `tokens[:, 1:]`.
# ~ tokens[:, 1:] => tokens
# wrong: the class token is in the mean
# > You added up all tokens and divided by the number of patches. Leave token 0 out of the sum, too.
# ~ patches.mean(dim=1) => tokens.sum(1) / patches.shape[1]

# wrong: divided by N + 1
# > The sum is right; divide it by the number of patches N, not by N + 1.
# ~ patches.mean(dim=1) => patches.sum(1) / tokens.shape[1]

# wrong: divided by N - 1
# > The sum is right; divide it by the number of patches N.
# ~ patches.mean(dim=1) => patches.sum(1) / (patches.shape[1] - 1)

# wrong: the class token alone
# > That is `cls_pool`. Here the patches speak: all tokens except token 0.
# ~ patches.mean(dim=1) => tokens[:, 0]

# wrong: the sum, not the mean
# > Divide by the number of patches, so that the result does not grow with the image.
# ~ patches.mean(dim=1) => patches.sum(dim=1)

# wrong: the last patch is left out, not the class token
# > `[:, :-1]` leaves out the last token. The class token is the first: `[:, 1:]`.
# ~ tokens[:, 1:] => tokens[:, :-1]

# wrong: the first patch is left out as well
# > Only token 0 is not a patch: `[:, 1:]`.
# ~ tokens[:, 1:] => tokens[:, 2:]

# wrong: mean over the channels
# > You averaged the D numbers of each token. Average the tokens: axis 1.
# ~ dim=1 => dim=2

# wrong: mean over the batch
# > You mixed the images: axis 0 is the batch. Average the tokens: axis 1.
# ~ dim=1 => dim=0
# wrong: mean over the batch
# ~ dim=1 => dim=(0, 1)

# wrong: mean over everything
# > `mean()` without an axis gives one number. Average the tokens: axis 1.
# ~ dim=1 =>

# wrong: the first image is left out, not the class token
# > `tokens[1:]` cuts the first axis, the images. The tokens are the second: `[:, 1:]`.
# ~ tokens[:, 1:] => tokens[1:]

# wrong: a channel is left out, not the class token
# > You cut the last axis. The tokens are axis 1: `[:, 1:]`.
# ~ tokens[:, 1:] => tokens[:, :, 1:]

# wrong: the axis of the tokens is still there
# > One vector per image is (B, D): `keepdim=True` leaves (B, 1, D).
# ~ dim=1 => dim=1, keepdim=True

# wrong: the maximum, not the mean
# > You took the largest value of each channel, not the mean.
# ~ patches.mean(dim=1) => patches.amax(dim=1)

# wrong: only the first image
# > Only the first image is left: (B, D) has all of them.
# ~ tokens[:, 1:] => tokens[:1, 1:]

# wrong: no gradient comes back
# > Something cuts the result off from the tokens: `detach`, `.data` or `no_grad`.
# ~ tokens[:, 1:] => tokens[:, 1:].detach()

# wrong: it changes its input
# > You set the class token to zero in place, in the caller's tokens. Leave it out: `tokens[:, 1:]`.
def mean_pool(tokens):
    with torch.no_grad():
        tokens[:, 0] = 0
    return tokens.sum(1) / (tokens.shape[1] - 1)

# wrong: the batch axis is lost for a single image
# > For one image your result is (D,). It should be (1, D): keep the batch axis.
# ~ dim=1) => dim=1).squeeze(0)

# wrong: the median, not the mean
# > You took the middle value of each channel, not the mean.
# ~ patches.mean(dim=1) => patches.median(dim=1).values
