# right: random numbers, sorted
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError(f"num_visible={num_visible}: from 1 to {num_patches}")
    chance = torch.rand(num_images, num_patches, generator=generator)
    order = chance.argsort(dim=1)
    return order[:, :num_visible].sort(dim=1).values

# wrong: not in ascending order
# > A row's places are not in ascending order. Sort each row at the end.
# ~ [:, :num_visible].sort(dim=1).values => [:, :num_visible]
# wrong: not in ascending order
# ~ .sort(dim=1).values => .sort(dim=0).values
# wrong: in descending order
# > A row's places go down. They should go up.
# ~ .sort(dim=1).values => .sort(dim=1, descending=True).values

# wrong: the same patches, always
# > The places are the same in every row and in every call. Sort after the cut: the ends of a whole
# > sorted row never change.
# ~ order[:, :num_visible].sort(dim=1).values => order.sort(dim=1).values[:, :num_visible]
# wrong: the same patches, always
# ~ order[:, :num_visible].sort(dim=1).values => order.sort(dim=1).values[:, -num_visible:]

# wrong: nothing is drawn
# > The places are the same in every row and in every call, and no random number was taken from the
# > generator. Draw them anew for each image and each call.
# ~ order = chance.argsort(dim=1) => order = torch.arange(num_patches).repeat(num_images, 1)
# ~ chance = torch.rand(num_images, num_patches, generator=generator) => pass

# wrong: the same choice for all images
# > All images show the same places. Draw anew for each.
# ~ order = chance.argsort(dim=1) => order = chance[:1].argsort(dim=1).repeat(num_images, 1)
# wrong: the same choice for all images
# ~ torch.rand(num_images, num_patches, generator=generator) => torch.rand(1, num_patches, generator=generator).expand(num_images, -1)

# wrong: the images share one shuffle
# > What one image shows tells something about the others, as where one shuffled row is dealt out to
# > all of them, or turned round. Draw anew for each image.
# ~ order = chance.argsort(dim=1) => order = torch.stack([chance[0].argsort().roll(i) for i in range(num_images)])
# wrong: the images share one shuffle
# ~ order = chance.argsort(dim=1) => order = chance[0].argsort().repeat(num_images)[: num_images * num_visible].view(num_images, num_visible)
# wrong: the images share one shuffle
# ~ order = chance.argsort(dim=1) => starts = torch.randint(num_patches, (num_images, 1), generator=generator); order = chance[0].argsort()[(starts + torch.arange(num_patches)) % num_patches]

# wrong: places may be drawn twice
# > Some rows have a place more than once. Shuffle all places and take the first ones.
# ~ order = chance.argsort(dim=1) => order = (chance * num_patches).long()
# wrong: places may be drawn twice
# ~ order = chance.argsort(dim=1) => order = torch.randint(num_patches, (num_images, num_patches), generator=generator)

# wrong: sorted over the images
# > The rows hold numbers of images rather than of patches, and some of them more than once, as
# > after argsort along axis 0. Sort the random numbers of each image: dim=1.
# ~ chance.argsort(dim=1) => chance.argsort(dim=0)

# wrong: the hidden ones instead of the visible
# > A row has as many places as there should be hidden. Keep `num_visible` of them.
# ~ order[:, :num_visible] => order[:, num_visible:]
# wrong: one too many
# > Each row has one place more than num_visible. The class token is no patch; do not count it.
# ~ order[:, :num_visible] => order[:, : num_visible + 1]
# wrong: one too few
# > Each row has one place fewer than num_visible.
# ~ order[:, :num_visible] => order[:, : num_visible - 1]

# wrong: it counts from 1
# > The places go from 1 to num_patches. Count from 0.
# ~ .sort(dim=1).values => .sort(dim=1).values + 1

# wrong: random numbers instead of places
# > The rows hold numbers between 0 and 1. `sort` gives values; places come from `argsort`.
# ~ chance.argsort(dim=1) => chance.sort(dim=1).values
# wrong: a table of True and False
# > It gives True and False for all patches. Give the numbers of the visible ones, (B, V).
# ~ order[:, :num_visible].sort(dim=1).values => torch.zeros(num_images, num_patches).scatter(1, order[:, :num_visible], 1.0).bool()
# wrong: a table of zeros and ones
# > It gives 0 and 1 for all patches. Give the numbers of the visible ones, (B, V).
# ~ order[:, :num_visible].sort(dim=1).values => torch.zeros(num_images, num_patches, dtype=torch.long).scatter(1, order[:, :num_visible], 1)
# wrong: a list, not a tensor
# > It gives lists of Python. Make a tensor of them.
# ~ .sort(dim=1).values => .sort(dim=1).values.tolist()
# wrong: a pair of values and indices
# > `sort` gives values and indices; return the values.
# ~ .sort(dim=1).values => .sort(dim=1)
# wrong: indices of the sorting
# > `sort` gives values and indices, and yours returns the indices: the order in which the places came.
# > Return the values.
# ~ .sort(dim=1).values => .sort(dim=1).indices
# wrong: int32 instead of long
# > Whole numbers that index are of type long, torch.int64.
# ~ .sort(dim=1).values => .sort(dim=1).values.int()
# wrong: floats instead of whole numbers
# > Places are whole numbers, of type long: nothing can be indexed with floats.
# ~ .sort(dim=1).values => .sort(dim=1).values.float()
# wrong: axes of length one are lost
# > For one image or one visible patch the shape should be (B, V), too: no squeeze.
# ~ .sort(dim=1).values => .sort(dim=1).values.squeeze()
# wrong: one column for each image
# > Each image has a row: (B, V).
# ~ .sort(dim=1).values => .sort(dim=1).values.T

# wrong: neighbouring patches
# > The visible patches are always neighbours. Every choice of places should be as likely as any other.
# ~ order = chance.argsort(dim=1) => starts = (chance[:, :1] * (num_patches - num_visible + 1)).long(); order = starts + torch.arange(num_patches)
# wrong: neighbouring patches
# ~ order = chance.argsort(dim=1) => order = ((chance[:, :1] * num_patches).long() + torch.arange(num_patches)) % num_patches
# wrong: patch 0 is always visible
# > Place 0 is in every row. It is a patch like any other; the class token is not counted here.
# ~ order = chance.argsort(dim=1) => chance[:, 0] = -1; order = chance.argsort(dim=1)
# wrong: patch 0 is never visible
# > Place 0 is in no row, though every choice should be equally likely.
# ~ return order[:, :num_visible] => return (chance[:, 1:].argsort(dim=1) + 1)[:, :num_visible] if num_visible < num_patches else order
# wrong: the last patch is never visible
# > The last place is in no row, though every choice should be equally likely.
# ~ return order[:, :num_visible] => return chance[:, :-1].argsort(dim=1)[:, :num_visible] if num_visible < num_patches else order

# wrong: it does not use the generator
# > With a generator of the same seed, the choice should be the same. Hand it on: `generator=generator`.
# ~ generator=generator) => generator=None)
# wrong: it starts the generator anew
# > Two calls with the same generator should give two choices. Yours seeds it anew each time; leave it as it is.
# ~ generator=generator) => generator=generator and torch.Generator().manual_seed(generator.initial_seed()))
# wrong: it starts the generator anew
# ~ chance = => _ = generator and generator.manual_seed(generator.initial_seed()); chance =
# wrong: no new choice without a generator
# > Without a generator, each call gives the same choice, or `torch.manual_seed` has no say in it. Use torch's own random numbers then: `generator=None` does.
# ~ generator=generator) => generator=generator or torch.Generator().manual_seed(0))
# wrong: no new choice without a generator
# ~ chance = => _ = generator or torch.manual_seed(0); chance =
# wrong: it always seeds with the same number
# > Every call gives the same choice, and torch's own random numbers are changed. Do not seed inside.
# ~ chance = => torch.manual_seed(0); chance =
# wrong: it needs a generator
# > It raises an error without a generator. Then torch's own random numbers are meant; `generator=None` says so to torch's functions.
# ~ chance = => generator.get_state(); chance =

# wrong: no error for a wrong number
# > Raise ValueError unless 1 <= num_visible <= num_patches.
# ~ if not 1 <= num_visible <= num_patches: => if False:
# wrong: no error for too many
# > Raise ValueError for more visible patches than there are.
# ~ if not 1 <= num_visible <= num_patches: => if num_visible < 1:
# wrong: no error for too few
# > Raise ValueError for 0 visible patches and for fewer.
# ~ if not 1 <= num_visible <= num_patches: => if num_visible > num_patches:
# wrong: no error for 0
# > Raise ValueError for 0 visible patches: at least one must be seen.
# ~ if not 1 <= num_visible => if not 0 <= num_visible
# wrong: an error where all are visible
# > num_visible may be num_patches: then all are visible.
# ~ <= num_visible <= num_patches: => <= num_visible < num_patches:
# wrong: an error where one is visible
# > num_visible may be 1.
# ~ if not 1 <= num_visible => if not 1 < num_visible
# wrong: assert instead of ValueError
# > `assert` raises AssertionError. Raise ValueError.
def random_visible(num_images, num_patches, num_visible, generator=None):
    assert 1 <= num_visible <= num_patches
    chance = torch.rand(num_images, num_patches, generator=generator)
    return chance.argsort(dim=1)[:, :num_visible].sort(dim=1).values

# right: image by image
# > `torch.randperm` shuffles the places of one image; a loop does it for each.
def random_visible(num_images, num_patches, num_visible, generator=None):
    if num_visible < 1 or num_visible > num_patches:
        raise ValueError(f"num_visible={num_visible}: from 1 to {num_patches}")
    rows = []
    for _ in range(num_images):
        row = torch.randperm(num_patches, generator=generator)[:num_visible]
        rows.append(row.sort().values)
    return torch.stack(rows)

# wrong: it does not use the generator
# ~ torch.randperm(num_patches, generator=generator) => torch.randperm(num_patches)

# wrong: random numbers from elsewhere
# > Neither the generator nor `torch.manual_seed` has a say in the choice, as where it is drawn by
# > Python's `random` or by NumPy. Let torch draw: `torch.rand(..., generator=generator)`.
# ~ row = torch.randperm(num_patches, generator=generator)[:num_visible] => import random; row = torch.tensor(random.sample(range(num_patches), num_visible))

# right: without putting back
# > `torch.multinomial` of even weights draws places of all images, none twice.
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError(f"num_visible={num_visible}: from 1 to {num_patches}")
    even = torch.ones(num_images, num_patches)
    return even.multinomial(num_visible, generator=generator).sort(dim=1).values

# wrong: places may be drawn twice
# ~ multinomial(num_visible, => multinomial(num_visible, replacement=True,
