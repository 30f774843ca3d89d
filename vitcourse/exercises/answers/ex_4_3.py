# right: transpose and reshape
# > The transposed tensor is not contiguous, so `view` would fail here where `reshape` copies.
def merge_heads(x):
    B, h, N, d = x.shape
    return x.transpose(1, 2).reshape(B, N, h * d)

# wrong: no transpose
# > Your tokens are made of pieces of different tokens. Move the heads behind the tokens first, then
# > merge: a reshape alone keeps the reading order.
# ~ .transpose(1, 2) =>

# wrong: view on transposed memory
# > After a transpose, the numbers are no longer in order in memory, and `view` never moves them.
# > Use `reshape` or `flatten`, or `.contiguous()` before the view.
# ~ reshape => view

# wrong: the wrong axes are swapped
# > You swapped the wrong two axes. Swap heads and tokens: `.transpose(1, 2)`.
# ~ transpose(1, 2) => transpose(2, 3)
# wrong: the wrong axes are swapped
# ~ transpose(1, 2) => transpose(1, 3)
# wrong: the wrong axes are swapped
# > You swapped images and heads. Swap heads and tokens: `.transpose(1, 2)`.
# ~ transpose(1, 2) => transpose(0, 1)

# wrong: the heads are averaged
# > Averaging mixes the heads. Put them side by side, so that each keeps its channels.
# ~ x.transpose(1, 2).reshape(B, N, h * d) => x.mean(dim=1)

# wrong: the heads are added up
# > Adding mixes the heads. Put them side by side, so that each keeps its channels.
# ~ x.transpose(1, 2).reshape(B, N, h * d) => x.sum(dim=1)

# wrong: the heads in reverse order
# > In yours, the last head's channels come first. Those of head 0 should.
# ~ x.transpose(1, 2) => x.flip(1).transpose(1, 2)

# wrong: only the first image
# > The result has one image, whatever the batch size. Keep them all: (B, N, h * d).
# ~ x.transpose(1, 2).reshape(B, N, h * d) => x.transpose(1, 2).reshape(B, N, h * d)[:1]

# wrong: only one head is left
# > Put all heads side by side: (B, N, h * d).
# ~ x.transpose(1, 2).reshape(B, N, h * d) => x[:, 0]

# wrong: the images of a batch are mixed
# > Images and tokens got mixed: swap only axes 1 and 2.
# ~ transpose(1, 2) => permute(2, 0, 1, 3)

# wrong: cut off from the gradient
# > The numbers are right, but no layer could learn through this function (exercise 4.4): no
# > `detach`, no `.data`, no `no_grad`.
# ~ reshape(B, N, h * d) => reshape(B, N, h * d).detach()

# wrong: through numpy
# > numpy knows nothing about gradients, and a layer will learn through this function (exercise
# > 4.4): stay with torch's own functions.
# ~ x.transpose => torch.from_numpy(x.numpy()).transpose

# right: einops
def merge_heads(x):
    return rearrange(x, "b h n d -> b n (h d)")

# wrong: the channels are dealt out like cards
# > In yours, channel 0 of every head comes first. All channels of head 0 should come first.
# ~ b n (h d) => b n (d h)

# wrong: the heads still have an axis of their own
# > The result is (B, N, h, d). Merge the last two axes.
# ~ b n (h d) => b n h d

# wrong: the tokens of all heads in one row
# > You merged heads and tokens: (B, h * N, d). Merge heads and channels: (B, N, h * d).
# ~ b n (h d) => b (h n) d

# wrong: tokens and channels swapped
# > The result is (B, D, N). Tokens come before channels: (B, N, D).
# ~ b n (h d) => b (h d) n
