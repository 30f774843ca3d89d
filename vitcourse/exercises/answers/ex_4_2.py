# right: reshape and transpose
# > The same two steps by hand. A reshape does not say which axis it splits, so the line that checks
# > the sizes helps.
def split_heads(x, num_heads):
    B, N, D = x.shape
    if D % num_heads != 0:
        raise ValueError(f"num_heads={num_heads} must divide D={D}")
    return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2)

# wrong: through numpy
# ~ return x.reshape => return torch.from_numpy(x.detach().numpy()).reshape

# wrong: channels before tokens, then cut
# > Your heads hold numbers of different tokens. Split the last axis of x as it is, then swap tokens
# > and heads.
# ~ return x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2) => return x.transpose(1, 2).reshape(B, num_heads, N, D // num_heads)

# wrong: a bare reshape
# > Your heads hold pieces of different tokens. A reshape keeps the reading order: split the last
# > axis first, then transpose.
# ~ (B, N, num_heads, D // num_heads).transpose(1, 2) => (B, num_heads, N, D // num_heads)

# wrong: the channels are dealt out like cards
# > Your head 0 has channels 0, h, 2h, ... Head 0 has the first D / h channels of every token,
# > head 1 the next, and so on.
# ~ num_heads, D // num_heads).transpose(1, 2) => D // num_heads, num_heads).permute(0, 3, 1, 2)

# wrong: the heads still come after the tokens
# > Move the heads in front of the tokens, (B, h, N, d): `.transpose(1, 2)` after the split.
# ~ .transpose(1, 2) =>
# wrong: the heads still come after the tokens
# ~ num_heads, D // num_heads).transpose(1, 2) => D // num_heads, num_heads)

# wrong: tokens and channels swapped
# > Tokens come before channels, (B, h, N, d): `.transpose(1, 2)` after the split.
# ~ transpose(1, 2) => permute(0, 2, 3, 1)
# wrong: tokens and channels swapped
# ~ transpose(1, 2) => transpose(1, 3)

# wrong: the tokens are split, not the channels
# > Every head sees all tokens, and some of the channels of each.
# ~ x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2) => rearrange(x, "b (h n) d -> b h n d", h=num_heads)

# wrong: heads first, images second
# > The result is (h, B, N, d). The batch comes first: (B, h, N, d).
# ~ transpose(1, 2) => permute(2, 0, 1, 3)

# wrong: num_heads is used as the size of a head
# > There are num_heads heads of D // num_heads channels. Yours are the other way round.
# ~ num_heads, D // num_heads) => D // num_heads, num_heads)

# wrong: cut off from the gradient
# > The numbers are right, but no layer could learn through this function (exercise 4.4): no
# > `detach`, no `.data`, no `no_grad`.
# ~ transpose(1, 2) => transpose(1, 2).detach()

# wrong: through numpy
# > numpy knows nothing about gradients, and a layer will learn through this function (exercise
# > 4.4): stay with torch's own functions.
# ~ return x.reshape => return torch.from_numpy(x.numpy()).reshape

# right: einops
def split_heads(x, num_heads):
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads)

# wrong: heads and images merged
# > Keep the two axes apart, the images first: (B, h, N, d).
# ~ b h n d => (b h) n d
# wrong: heads and images merged
# ~ b h n d => (h b) n d

# right: chunk and stack
# > `chunk` cuts the channels into pieces, `stack` makes the pieces a new axis. `chunk` would not
# > complain about a bad number of heads.
def split_heads(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError(f"num_heads={num_heads} must divide D={x.shape[-1]}")
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1)

# wrong: a list, not a tensor
# > Return one tensor (B, h, N, d): `torch.stack(pieces, dim=1)`.
# ~ torch.stack(x.chunk(num_heads, dim=-1), dim=1) => list(x.chunk(num_heads, dim=-1))
# wrong: a list, not a tensor
# ~ torch.stack(x.chunk(num_heads, dim=-1), dim=1) => x.chunk(num_heads, dim=-1)

# wrong: num_heads is used as the size of a head
# ~ x.chunk => x.split

# wrong: the heads in reverse order
# > Your heads are in reverse order. Head 0 has the first D / h channels, head 1 the next, and so
# > on.
# ~ dim=1) => dim=1).flip(1)

# wrong: every head gets the same part
# > All your heads have the first D / h channels. Each head has its own.
# ~ x.chunk(num_heads, dim=-1) => [x.chunk(num_heads, dim=-1)[0]] * num_heads

# wrong: only the first image
# > The result has one image, whatever the batch size. Keep them all: (B, h, N, d).
# ~ x.chunk => x[:1].chunk

# wrong: every head gets all channels
# > Each head has its own D / h channels, not a copy of all.
# ~ x.chunk(num_heads, dim=-1) => [x] * num_heads

# wrong: no error when num_heads does not divide D
# > When num_heads does not divide D, the heads cannot share the channels equally: `raise
# > ValueError(...)` yourself. (Slices, `chunk` and `split` do not notice it.)
def split_heads(x, num_heads):
    d = x.shape[-1] // num_heads
    return torch.stack([x[..., i * d : (i + 1) * d] for i in range(num_heads)], dim=1)

# wrong: no error when num_heads does not divide D
# ~ if x.shape[-1] % num_heads: => if False:
