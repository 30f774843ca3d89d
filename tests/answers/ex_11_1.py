# stub: as handed out
def random_visible(num_images, num_patches, num_visible, generator=None):
    """The places of the patches that stay visible."""
    raise NotImplementedError("exercise 11.1")

# stub: half finished
def random_visible(num_images, num_patches, num_visible, generator=None):
    chance = torch.rand(num_images, num_patches, generator=generator)
    raise NotImplementedError("exercise 11.1")

# right: topk
def random_visible(num_images, num_patches, num_visible, generator=None):
    if num_visible not in range(1, num_patches + 1):
        raise ValueError("num_visible")
    places = torch.rand(num_images, num_patches, generator=generator).topk(num_visible, dim=1)
    return torch.sort(places.indices, dim=1)[0]

# right: ranks
def random_visible(num_images, num_patches, num_visible, generator=None):
    if num_visible < 1:
        raise ValueError("too few")
    if num_visible > num_patches:
        raise ValueError("too many")
    noise = torch.rand((num_images, num_patches), generator=generator)
    ids_shuffle = torch.argsort(noise, dim=1)
    ids_restore = torch.argsort(ids_shuffle, dim=1)
    keep = ids_restore < num_visible
    return keep.nonzero()[:, 1].reshape(num_images, num_visible)

# right: normal numbers, stacked rows
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not (0 < num_visible <= num_patches):
        raise ValueError(num_visible)
    noise = torch.randn(num_images, num_patches, generator=generator)
    return torch.stack([row.argsort()[:num_visible].sort()[0] for row in noise])

# right: a table filled row by row
def random_visible(num_images, num_patches, num_visible, generator=None):
    if num_visible <= 0 or num_visible > num_patches:
        raise ValueError("num_visible must be between 1 and num_patches")
    out = torch.empty(num_images, num_visible, dtype=torch.long)
    for i in range(num_images):
        out[i] = torch.randperm(num_patches, generator=generator)[:num_visible].sort().values
    return out

# right: sorted by Python
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError
    rows = [
        sorted(torch.randperm(num_patches, generator=generator).tolist()[:num_visible])
        for _ in range(num_images)
    ]
    return torch.tensor(rows)

# right: a mask, then its places
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    order = torch.rand(num_images, num_patches, generator=generator).argsort(1)
    mask = torch.zeros(num_images, num_patches, dtype=torch.bool)
    mask.scatter_(1, order[:, :num_visible], True)
    return torch.arange(num_patches).expand(num_images, -1)[mask].view(num_images, num_visible)

# right: numbers below the V-th smallest
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    noise = torch.rand(num_images, num_patches, generator=generator, dtype=torch.float64)
    limit = noise.kthvalue(num_visible, dim=1, keepdim=True).values
    return torch.nonzero(noise <= limit)[:, 1].view(num_images, -1)

# right: shuffled by hand
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    rows = []
    for _ in range(num_images):
        places = list(range(num_patches))
        for i in range(num_visible):
            j = torch.randint(i, num_patches, (), generator=generator).item()
            places[i], places[j] = places[j], places[i]
        rows.append(sorted(places[:num_visible]))
    return torch.tensor(rows, dtype=torch.long)

# right: a generator always at hand
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    generator = generator or torch.default_generator
    noise = torch.empty(num_images, num_patches).uniform_(generator=generator)
    return noise.sort(dim=-1).indices.narrow(1, 0, num_visible).sort(-1).values

# wrong: *
# (a draw for each patch, however many that gives)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    keep = torch.rand(num_images, num_patches, generator=generator) < num_visible / num_patches
    return [row.nonzero()[:, 0] for row in keep]

# wrong: the images share one shuffle
# (shifted from image to image)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    order = torch.randperm(num_patches, generator=generator)
    rows = [order.roll(i)[:num_visible].sort().values for i in range(num_images)]
    return torch.stack(rows)

# wrong: the images share one shuffle
# (dealt out; shuffled again when it is used up)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    rows, left = [], []
    for _ in range(num_images):
        if len(left) < num_visible:
            left = torch.randperm(num_patches, generator=generator).tolist()
        rows.append(sorted(left[:num_visible]))
        left = left[num_visible:]
    return torch.tensor(rows)

# wrong: the images share one shuffle
# (its numbers counted on from image to image)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    first = torch.randperm(num_patches, generator=generator)[:num_visible]
    rows = (first + torch.arange(num_images)[:, None]) % num_patches
    return rows.sort(dim=1).values

# wrong: the images share one shuffle
# (its slices in turn)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    order = torch.randperm(num_patches, generator=generator)
    start = num_visible * torch.arange(num_images)[:, None]
    return order[(start + torch.arange(num_visible)) % num_patches].sort(dim=1).values

# wrong: *
# (every second image hides most of what the one before shows)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    noise = torch.rand((num_images + 1) // 2, num_patches, generator=generator)
    noise = torch.stack([noise, -noise], dim=1).flatten(0, 1)[:num_images]
    return noise.argsort(1)[:, :num_visible].sort(1).values

# wrong: *
# (early patches are likelier)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    noise = torch.rand(num_images, num_patches, generator=generator)
    noise = noise * torch.linspace(1, 1.5, num_patches)
    return noise.argsort(dim=1)[:, :num_visible].sort(dim=1).values

# wrong: random numbers from elsewhere
# (numpy, which knows no generator)
import numpy as np


def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    rng = np.random.default_rng()
    rows = [np.sort(rng.permutation(num_patches)[:num_visible]) for _ in range(num_images)]
    return torch.from_numpy(np.stack(rows))

# wrong: *
# (every second image as the one before)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    noise = torch.rand((num_images + 1) // 2, num_patches, generator=generator)
    noise = noise.repeat_interleave(2, dim=0)[:num_images]
    return noise.argsort(dim=1)[:, :num_visible].sort(dim=1).values

# wrong: *
# (each place swapped with any other, which favours some orders)
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    rows = []
    for _ in range(num_images):
        places = list(range(num_patches))
        for i in range(num_patches):
            j = torch.randint(num_patches, (), generator=generator).item()
            places[i], places[j] = places[j], places[i]
        rows.append(sorted(places[:num_visible]))
    return torch.tensor(rows)

# wrong: no new choice without a generator
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    if generator is None:
        torch.manual_seed(0)
    order = torch.rand(num_images, num_patches, generator=generator).argsort(1)
    return order[:, :num_visible].sort(1).values

# wrong: *
# (drawn once, when the cell was run)
NOISE = torch.rand(8000, 40)


def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    return NOISE[:num_images, :num_patches].argsort(1)[:, :num_visible].sort(1).values

# wrong: nothing is drawn
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    return torch.arange(num_visible).repeat(num_images, 1)

# wrong: it returns None
def random_visible(num_images, num_patches, num_visible, generator=None):
    if not 1 <= num_visible <= num_patches:
        raise ValueError("num_visible")
    noise = torch.rand(num_images, num_patches, generator=generator)

# wrong: it raised NameError
def random_visible(num_images, num_patches, num_visible, generator=None):
    return noise.argsort(dim=1)[:, :num_visible]
