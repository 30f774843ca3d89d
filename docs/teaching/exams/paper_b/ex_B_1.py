# stub: as handed out
def strips(spectrograms, width):
    raise NotImplementedError("exercise B.1")


# right: einops
def strips(spectrograms, width):
    n = spectrograms.shape[2] // width
    return rearrange(spectrograms[:, :, : n * width], "b f (n w) -> b n (f w)", n=n)


# wrong: moments before frequencies
# > Inside a strip, yours goes through all frequencies of the first moment, then of the next. It should
# > go through all moments of the first frequency first.
# ~ b n (f w) => b n (w f)

# wrong: plain reshape
# > Each of your strips is a piece of one frequency. A strip holds *all* frequencies of a few moments.
# ~ "b f (n w) -> b n (f w)" => "b f (n w) -> b (f n w)"
# ~ n=n) => n=n).reshape(len(spectrograms), n, -1)

# wrong: scattered moments
# > A strip should hold moments that follow each other. Yours are n moments apart.
# ~ b f (n w) => b f (w n)

# wrong: strips and numbers swapped
# > Yours has a column for each strip. A strip is a row: (B, N, F * width).
# ~ b n (f w) => b (f w) n

# wrong: one token for each frequency
# > In yours, each frequency of a strip is a token of its own.
# ~ b n (f w) => b (n f) w

# wrong: moments at the start are left out
# > What does not fill a strip is left out at the *end*. You leave it out at the start.
# ~ [:, :, : n * width] => [:, :, spectrograms.shape[2] - n * width :]

# wrong: an error where moments are left over
# > Moments that do not fill a strip are left out. In yours they raise an error.
# ~ [:, :, : n * width] =>


# wrong: the last strip is filled up with zeros
# > Moments that do not fill a strip are left out. You fill up a strip with zeros.
def strips(spectrograms, width):
    padded = F.pad(spectrograms, (0, -spectrograms.shape[2] % width))
    return rearrange(padded, "b f (n w) -> b n (f w)", w=width)


# wrong: the last strip is always left out
# > The last strip is missing in yours, even where nothing is left over.
def strips(spectrograms, width):
    n = (spectrograms.shape[2] - 1) // width
    return rearrange(spectrograms[:, :, : n * width], "b f (n w) -> b n (f w)", n=n)


# right: unfold
def strips(spectrograms, width):
    found = spectrograms.unfold(2, width, width)
    return found.transpose(1, 2).flatten(2)


# wrong: strips overlap
# > Your strips overlap: each begins one moment after the last. Move by the whole width.
# ~ unfold(2, width, width) => unfold(2, width, 1)

# wrong: plain reshape
# ~ found.transpose(1, 2).flatten(2) => found.reshape(len(found), found.shape[2], -1)


# right: a list of slices
def strips(spectrograms, width):
    starts = range(0, spectrograms.shape[2] - width + 1, width)
    return torch.stack([spectrograms[:, :, t : t + width].flatten(1) for t in starts], dim=1)
