# right: two halves
def turn(x, angles):
    n = len(angles)
    first = x.shape[-2] - n
    prefix, patches = x[..., :first, :], x[..., first:, :]
    a, b = patches.chunk(2, dim=-1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    turned = torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
    return torch.cat([prefix, turned], dim=-2)

# wrong: neighbouring channels turned together
# > You turn channels 2 i and 2 i + 1 together. Here the partner of channel i is i + d / 2, as in
# > DINOv3's weights.
# ~ patches.chunk(2, dim=-1) => (patches[..., 0::2], patches[..., 1::2])
# ~ torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1) => torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)

# wrong: neighbours in, halves out
# > The points are made of channels 2 i and 2 i + 1, and put back as halves. Both times it is channels
# > i and i + d / 2.
# ~ patches.chunk(2, dim=-1) => (patches[..., 0::2], patches[..., 1::2])

# wrong: halves in, neighbours out
# > The points are right, but their coordinates come back as channels 2 i and 2 i + 1. All of the first
# > coordinates come first, then all of the second.
# ~ torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1) => torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)

# wrong: turned the other way
# > You turn clockwise: exchange the signs of the two terms with the sine. (a, b) becomes (a cos - b
# > sin, b cos + a sin).
# ~ a * cos - b * sin, b * cos + a * sin => a * cos + b * sin, b * cos - a * sin

# wrong: a sign in the first half
# > The first half has the wrong sign: it is a cos - b sin.
# ~ a * cos - b * sin => a * cos + b * sin

# wrong: a sign in the second half
# > The second half has the wrong sign: it is b cos + a sin.
# ~ b * cos + a * sin => b * cos - a * sin
# wrong: a sign in the second half
# ~ b * cos + a * sin => a * sin - b * cos

# wrong: cosine and sine exchanged
# > Cosine and sine have changed places: an angle of 0 must leave a point where it is.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => angles.sin().to(x.dtype), angles.cos().to(x.dtype)

# wrong: the halves exchanged
# > The two halves come back in each other's place.
# ~ [a * cos - b * sin, b * cos + a * sin] => [b * cos + a * sin, a * cos - b * sin]
# wrong: the halves taken in the wrong order
# > You take the second half of the channels for the first coordinate, and the first for the second.
# ~ a, b = => b, a =

# wrong: prefix tokens turned
# > Your prefix tokens are turned, too. They have no place and stay as they are; the angles are for the
# > last N tokens.
# ~ torch.cat([prefix, turned], dim=-2) => torch.cat([torch.cat([(p := prefix.chunk(2, dim=-1))[0] * cos[:1] - p[1] * sin[:1], p[1] * cos[:1] + p[0] * sin[:1]], dim=-1), turned], dim=-2)

# wrong: the first tokens are turned
# > You turn the first N tokens. The patches are the last N: prefix tokens come first.
# ~ prefix, patches = x[..., :first, :], x[..., first:, :] => patches, prefix = x[..., :n, :], x[..., n:, :]
# ~ torch.cat([prefix, turned], dim=-2) => torch.cat([turned, prefix], dim=-2)

# wrong: prefix tokens moved to the end
# > The patches are turned rightly, but the prefix tokens have moved to the end.
# ~ [prefix, turned] => [turned, prefix]

# wrong: prefix tokens lost
# > The prefix tokens are missing in the result. Put them back in front of the patches.
# ~ torch.cat([prefix, turned], dim=-2) => turned

# wrong: one prefix token is assumed
# > You take the first token alone for the prefix. There may be more, or none: count them by
# > x.shape[-2] - len(angles).
# ~ first = x.shape[-2] - n => first = 1
# wrong: one prefix token is assumed
# ~ first = x.shape[-2] - n => first = 1
# ~ patches.chunk(2, dim=-1) => patches[..., :n, :].chunk(2, dim=-1)

# wrong: prefix tokens zeroed
# > The prefix tokens have become 0. They stay as they are.
# ~ [prefix, turned] => [torch.zeros_like(prefix), turned]

# wrong: nothing is turned
# > The result is x itself.
# ~ torch.cat([prefix, turned], dim=-2) => x.clone()

# wrong: the first half only
# > The second half of the channels stays as it was: it becomes b cos + a sin.
# ~ b * cos + a * sin] => b]

# wrong: the second half only
# > The first half of the channels stays as it was: it becomes a cos - b sin.
# ~ [a * cos - b * sin, => [a,

# wrong: cosine alone
# > Your numbers are multiplied by the cosine, and that is all. Each half needs the other, times the
# > sine.
# ~ [a * cos - b * sin, b * cos + a * sin] => [a * cos, b * cos]

# wrong: the new first half used for the second
# > For the second half you use the first as it is *after* the turn. Keep the old a until both are
# > done.
# ~ turned = torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1) => a = a * cos - b * sin; turned = torch.cat([a, b * cos + a * sin], dim=-1)

# wrong: half the angle
# > You turn by half of each angle.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => (angles / 2).cos().to(x.dtype), (angles / 2).sin().to(x.dtype)

# wrong: turned twice
# > You turn by twice each angle.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => (angles * 2).cos().to(x.dtype), (angles * 2).sin().to(x.dtype)

# wrong: another 2 pi
# > You multiply the angles by 2 pi. They are angles already.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => (2 * math.pi * angles).cos().to(x.dtype), (2 * math.pi * angles).sin().to(x.dtype)

# wrong: the same angle for all patches
# > All patches are turned by the angles of the first.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => angles[:1].cos().to(x.dtype), angles[:1].sin().to(x.dtype)

# wrong: the same angle for all channels
# > All channels are turned by the first angle of their patch. There is one for each pair of channels.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => angles[:, :1].cos().to(x.dtype), angles[:, :1].sin().to(x.dtype)

# wrong: the angles are reversed
# > You go through the angles from the last patch to the first.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => angles.flip(0).cos().to(x.dtype), angles.flip(0).sin().to(x.dtype)

# wrong: float32 instead of x's dtype
# > Of bfloat16 comes float32. Cos and sin are float32, and so is a fresh `torch.zeros`: convert them,
# > or the result, to x's dtype.
# ~ angles.cos().to(x.dtype), angles.sin().to(x.dtype) => angles.cos(), angles.sin()

# wrong: another shape
# > The result should have the shape of x.
# ~ torch.cat([prefix, turned], dim=-2) => torch.cat([prefix, turned], dim=-2).flatten(1, 2)

# right: rotate_half, as in most code
# > The turned partner of each channel stands in a tensor of its own, (-b, a); cos and sin are repeated
# > for both halves.
def rotate_half(x):
    a, b = x.chunk(2, dim=-1)
    return torch.cat([-b, a], dim=-1)

def turn(x, angles):
    n = angles.shape[0]
    cos = angles.cos().repeat(1, 2).to(x.dtype)
    sin = angles.sin().repeat(1, 2).to(x.dtype)
    prefix, x = x[..., :-n, :], x[..., -n:, :]
    return torch.cat([prefix, x * cos + rotate_half(x) * sin], dim=-2)

# wrong: turned the other way
# ~ [-b, a] => [b, -a]

# wrong: the angles of neighbours, the pairs of halves
# > Each angle is used for channels 2 i and 2 i + 1, but the pairs are i and i + d / 2: `repeat(1, 2)`,
# > not `repeat_interleave`.
# ~ angles.cos().repeat(1, 2) => angles.cos().repeat_interleave(2, dim=1)
# ~ angles.sin().repeat(1, 2) => angles.sin().repeat_interleave(2, dim=1)

# wrong: a sign in the first half
# ~ [-b, a] => [b, a]

# wrong: the partner is missing
# > Each channel gets its own number times the sine. It should be that of its partner: -b for a, and a
# > for b.
# ~ rotate_half(x) * sin => x * sin
