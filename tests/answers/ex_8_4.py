# stub: as handed out
def attention_distance(
    attention: torch.Tensor, grid: tuple[int, int], patch_size: int, num_prefix_tokens: int = 1
) -> torch.Tensor:
    raise NotImplementedError("exercise 8.4")

# stub: half finished
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    raise NotImplementedError("exercise 8.4")

# right: cdist of all places
def attention_distance(
    attention: torch.Tensor, grid: tuple[int, int], patch_size: int, num_prefix_tokens: int = 1
) -> torch.Tensor:
    rows, columns = grid
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# right: meshgrid and hypot
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    y, x = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    y, x = y.flatten() * patch_size, x.flatten() * patch_size
    d = torch.hypot((y[:, None] - y).float(), (x[:, None] - x).float())
    a = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    return ((a * d).sum(-1) / a.sum(-1)).mean(-1)

# right: loops over pairs
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    rows, columns = grid
    n = rows * columns
    total = torch.zeros(attention.shape[:-2])
    for i in range(n):
        row = attention[..., num_prefix_tokens + i, num_prefix_tokens:]
        far = torch.zeros(attention.shape[:-2])
        for j in range(n):
            down, across = i // columns - j // columns, i % columns - j % columns
            far = far + row[..., j] * patch_size * math.sqrt(down**2 + across**2)
        total = total + far / row.sum(-1)
    return total / n

# right: divmod, einsum
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    index = torch.arange(grid[0] * grid[1])
    places = torch.stack([index // grid[1], index % grid[1]], -1) * float(patch_size)
    distances = (places[:, None, :] - places[None, :, :]).pow(2).sum(-1).sqrt()
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = F.normalize(patches, p=1, dim=-1)
    return torch.einsum("...ij,ij->...", shares, distances) / len(index)

# right: complex numbers for places
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.complex(
        torch.arange(grid[0]).float().repeat_interleave(grid[1]),
        torch.arange(grid[1]).float().repeat(grid[0]),
    )
    distances = (places[:, None] - places[None]).abs() * patch_size
    a = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    a = a / a.sum(-1, keepdim=True)
    return (a * distances).sum((-1, -2)) / a.shape[-1]

# right: centres of the patches in pixels
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    centres = [
        ((r + 0.5) * patch_size, (c + 0.5) * patch_size)
        for r in range(grid[0])
        for c in range(grid[1])
    ]
    table = torch.tensor([[math.dist(a, b) for b in centres] for a in centres])
    a = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    return (a / a.sum(-1, keepdim=True)).mul(table).sum(-1).mean(-1)

# right: axes in front flattened, one map after the other
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    n = attention.shape[-1]
    y = torch.arange(grid[0])[:, None].expand(grid).flatten()
    x = torch.arange(grid[1])[None].expand(grid).flatten()
    d = ((y[:, None] - y) ** 2 + (x[:, None] - x) ** 2).float().sqrt() * patch_size
    results = []
    for one in attention.reshape(-1, n, n):
        one = one[num_prefix_tokens:, num_prefix_tokens:]
        results.append((one * d).sum(1).div(one.sum(1)).mean())
    return torch.stack(results).reshape(attention.shape[:-2])

# right: recursion over the axes in front
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    if attention.ndim > 2:
        return torch.stack(
            [attention_distance(a, grid, patch_size, num_prefix_tokens) for a in attention]
        )
    p, width = num_prefix_tokens, grid[1]
    total = 0.0
    for i, row in enumerate(attention[p:, p:]):
        steps = [math.hypot(i // width - j // width, i % width - j % width) for j in range(len(row))]
        total = total + (row / row.sum()) @ torch.tensor(steps)
    return patch_size * total / len(attention[p:])

# right: in place on a clone, float64 in between
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    a = attention.double()[..., num_prefix_tokens:, num_prefix_tokens:].clone()
    a /= a.sum(-1, keepdim=True)
    places = torch.stack(
        torch.meshgrid(*(torch.arange(size) for size in grid), indexing="ij"), -1
    ).reshape(-1, 2)
    a *= torch.linalg.vector_norm((places[:, None] - places).double(), dim=-1)
    return (a.sum(-1).mean(-1) * patch_size).to(attention.dtype)

# right: einops, a grid for queries and one for keys
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    p = num_prefix_tokens
    a = attention[..., p:, p:]
    a = a / a.sum(-1, keepdim=True)
    a = rearrange(
        a, "... (r c) (s d) -> ... r c s d", r=grid[0], c=grid[1], s=grid[0], d=grid[1]
    )
    down = torch.arange(grid[0]).float()
    across = torch.arange(grid[1]).float()
    rows = (down[:, None] - down)[:, None, :, None]
    columns = (across[:, None] - across)[None, :, None, :]
    far = patch_size * (rows**2 + columns**2).sqrt()
    return (a * far).sum((-1, -2)).mean((-1, -2))

# right: triangle of pairs, the distance taken twice
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    n = math.prod(grid)
    i, j = torch.triu_indices(n, n, 1)
    d = torch.sqrt(((i // grid[1] - j // grid[1]) ** 2 + (i % grid[1] - j % grid[1]) ** 2).float())
    a = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    a = a.div(a.sum(-1).unsqueeze(-1))
    pairs = a[..., i, j] + a[..., j, i]
    return patch_size * (pairs * d).sum(-1) / n

# right: numpy
import numpy as np


def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    a = attention.numpy()[..., num_prefix_tokens:, num_prefix_tokens:]
    places = np.stack(np.unravel_index(np.arange(a.shape[-1]), grid), axis=1) * patch_size
    d = np.linalg.norm(places[:, None] - places, axis=-1)
    far = np.average(np.broadcast_to(d, a.shape), axis=-1, weights=a)
    return torch.as_tensor(far.mean(-1), dtype=attention.dtype)

# right: helpers and other names
def _places(size, step):
    r, c = size
    return step * torch.tensor([[i, j] for i in range(r) for j in range(c)]).float()


def _without(weights, k):
    n = weights.shape[-1] - k
    return weights.narrow(-1, k, n).narrow(-2, k, n)


def attention_distance(weights, size, step, k=1):
    where = _places(size, step)
    kept = _without(weights, k)
    far = torch.pairwise_distance(where[:, None], where[None], eps=0)
    return (kept * far).sum(-1).div(kept.sum(-1)).mean(-1)

# right: log of the weights, a softmax over the patches alone
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    a = attention[..., num_prefix_tokens:, num_prefix_tokens:].log().softmax(-1)
    index = torch.arange(a.shape[-1])
    places = torch.stack([index.div(grid[1], rounding_mode="floor"), index.remainder(grid[1])], 1)
    d = torch.cdist(places.float(), places.float(), compute_mode="donot_use_mm_for_euclid_dist")
    return patch_size * (a * d).sum(-1).mean(-1)

# right: the course's own
from vitcourse import maps


def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    return maps.attention_distance(attention, grid, patch_size, num_prefix_tokens)

# wrong: *
# (the distance to the middle of the image)
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * (places - places.mean(0)).norm(dim=-1)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# wrong: *
# (a patch does not count when it looks at itself)
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:].clone()
    patches.diagonal(dim1=-2, dim2=-1).zero_()
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# wrong: *
# (divided by the diagonal of the image)
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = torch.cdist(places, places) / math.hypot(*grid)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1)

# wrong: *
# (four axes expected)
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[:, :, num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=3, keepdim=True)
    return (shares * distances).sum(dim=3).mean(dim=2)

# wrong: *
# (a list)
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * distances).sum(dim=-1).mean(dim=-1).tolist()

# wrong: *
# (the table of distances kept from the first call)
TABLE = []


def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    if not TABLE:
        TABLE.append(patch_size * torch.cdist(places, places))
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    return (shares * TABLE[0]).sum(dim=-1).mean(dim=-1)

# wrong: it changes its input
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float()
    distances = patch_size * torch.cdist(places, places)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    patches /= patches.sum(dim=-1, keepdim=True)
    return (patches * distances).sum(dim=-1).mean(dim=-1)

# wrong: it returns None
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)

# wrong: it raised NameError
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).float()
    return places

# wrong: it raised TypeError
def attention_distance(attention, grid):
    return attention

# wrong: it never finishes
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    i, total = 0, 0
    while i < grid[0] * grid[1]:
        total = total + attention[..., num_prefix_tokens + i, num_prefix_tokens:].sum(-1)
    return total

# wrong: right where memory is laid out in reading order, wrong where memory is laid out differently
def attention_distance(attention, grid, patch_size, num_prefix_tokens=1):
    n = attention.shape[-1]
    p = torch.cartesian_prod(torch.arange(grid[0]), torch.arange(grid[1])).float() * patch_size
    a = attention.view(-1, n, n)[..., num_prefix_tokens:, num_prefix_tokens:]
    a = a / a.sum(-1, keepdim=True)
    return (a * torch.cdist(p, p)).sum(-1).mean(-1).view(attention.shape[:-2])
