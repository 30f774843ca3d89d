# stub: as handed out
def mean_of_real(tokens, lengths):
    raise NotImplementedError("exercise B.3")


# right: a mask of ones and zeros
def mean_of_real(tokens, lengths):
    patches = tokens[:, 1:]
    place = torch.arange(patches.shape[1])
    real = (place < lengths[:, None]).to(tokens.dtype)[:, :, None]
    return (patches * real).sum(dim=1) / real.sum(dim=1)


# wrong: the padding is in the mean
# > Tokens of the padding are in your mean. Only the first `lengths[i]` tokens after CLS are real.
# ~ return (patches * real).sum(dim=1) / real.sum(dim=1) => return patches.mean(dim=1)

# wrong: divided by the longest
# > You leave the padding out of the sum, and divide by the number of all places. Divide by the number
# > of real tokens.
# ~ / real.sum(dim=1) => / patches.shape[1]

# wrong: the sum, not the mean
# > Yours is the sum over the real tokens. Divide it by their number.
# ~ / real.sum(dim=1) =>

# wrong: the class token is in the mean
# > The class token is in your mean. It stands at place 0 and is no part of the recording.
# ~ tokens[:, 1:] => tokens

# wrong: the class token is counted
# > Token 0 is the class token, and `lengths` does not count it. Yours stops one token too early.
# ~ place < lengths[:, None] => place < lengths[:, None] - 1
# ~ / real.sum(dim=1) => / real.sum(dim=1).clamp(min=1)

# wrong: one token too many
# > Of a recording with n tokens, the places 0 to n - 1 are real. Yours counts one more.
# ~ place < lengths => place <= lengths

# wrong: the padding is averaged
# > You average what is *not* real. A place is real if it comes before the length.
# ~ place < lengths[:, None] => place >= lengths[:, None]
# ~ / real.sum(dim=1) => / real.sum(dim=1).clamp(min=1)

# wrong: one length for all
# > You use one length for all recordings. Each has its own.
# ~ lengths[:, None]) => lengths.max())

# wrong: divided by the mean length
# > Each sum is divided by the length of its own recording. You divide by the mean of the lengths.
# ~ / real.sum(dim=1) => / lengths.to(tokens.dtype).mean()

# wrong: mean over the channels
# > You take the mean over the channels. It should go over the tokens, axis 1.
# ~ return (patches * real).sum(dim=1) / real.sum(dim=1) => return (patches * real).mean(dim=2)

# wrong: the axis of the tokens is still there
# > Asked for is one vector for each recording, (B, D).
# ~ (patches * real).sum(dim=1) / real.sum(dim=1) => (patches * real).sum(dim=1, keepdim=True) / real.sum(dim=1, keepdim=True)


# right: a loop
def mean_of_real(tokens, lengths):
    return torch.stack([x[1 : n + 1].mean(0) for x, n in zip(tokens, lengths.tolist())])


# wrong: the class token is counted
# ~ x[1 : n + 1] => x[1 : max(n, 2)]


# right: cumulative sums
def mean_of_real(tokens, lengths):
    sums = tokens[:, 1:].cumsum(1)
    last = (lengths - 1)[:, None, None].expand(-1, 1, tokens.shape[2])
    return sums.gather(1, last).squeeze(1) / lengths[:, None]
