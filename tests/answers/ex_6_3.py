# stub: the cell as it is handed out
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    raise NotImplementedError("exercise 6.3")

# right: piece by piece
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# right: one line
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    n = image_size[0] // patch_size * (image_size[1] // patch_size)
    d, m = embed_dim, mlp_dim
    return (in_channels * patch_size**2 + 1) * d + (n + 2) * d + depth * (4 * d * d + 2 * d * m + 9 * d + m) + 2 * d + (d + 1) * num_classes

# right: a table of layers
def linear(a, b):
    return (a + 1) * b

def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    layers = [linear(in_channels * patch_size**2, embed_dim), embed_dim]
    layers.append(embed_dim * (1 + count_patches(*image_size, patch_size)))
    for _ in range(depth):
        layers += [2 * embed_dim, linear(embed_dim, 3 * embed_dim), linear(embed_dim, embed_dim)]
        layers += [2 * embed_dim, linear(embed_dim, mlp_dim), linear(mlp_dim, embed_dim)]
    layers += [2 * embed_dim, linear(embed_dim, num_classes)]
    return sum(layers)

# right: counts a model without memory
from vitcourse.model import VisionTransformer

def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    with torch.device("meta"):
        model = VisionTransformer(image_size, patch_size, in_channels, num_classes, embed_dim, depth, 1, mlp_dim)
    return sum(p.numel() for p in model.parameters())

# wrong: *
# (the final norm in every block)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp + final
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: *
# (attention once per head)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 12 * 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: *
# (P, not P * P)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: *
# (depth one too many)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + (depth + 1) * block + final + head

# wrong: *
# (the number of ViT-B/16 always)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    return 86567656

# wrong: it returns None
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    total = (in_channels * patch_size**2 + 1) * embed_dim

# wrong: *
# (a tensor)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    return torch.tensor(7)

# wrong: it raised TypeError
# (image_size taken for an int)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    return (image_size // patch_size) ** 2 * embed_dim

# wrong: it raised TypeError
# (asks for a model)
def count_parameters(model):
    return sum(p.numel() for p in model.parameters())

# wrong: it never finishes
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    total = 0
    while depth:
        total += embed_dim
    return total

# right: term by term
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    height, width = image_size
    D, M, P = embed_dim, mlp_dim, patch_size
    N = (height // P) * (width // P)
    patch = in_channels * P * P * D + D
    cls = D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# right: helpers and a loop
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    def linear(a, b):
        return (a + 1) * b

    def norm():
        return 2 * embed_dim

    tokens = 1 + (image_size[0] // patch_size) * (image_size[1] // patch_size)
    total = linear(in_channels * patch_size**2, embed_dim)
    total += embed_dim  # class token
    total += tokens * embed_dim
    for _ in range(depth):
        total += norm() + 3 * linear(embed_dim, embed_dim) + linear(embed_dim, embed_dim)
        total += norm() + linear(embed_dim, mlp_dim) + linear(mlp_dim, embed_dim)
    return total + norm() + linear(embed_dim, num_classes)

# right: one polynomial
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    h, w, p, d, m = *image_size, patch_size, embed_dim, mlp_dim
    block = 4 * d * d + 2 * d * m + 9 * d + m
    return d * (in_channels * p**2 + h // p * (w // p) + 5) + depth * block + (d + 1) * num_classes

# right: a list of shapes
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    shapes = [(embed_dim, in_channels, patch_size, patch_size), (embed_dim,), (1, 1, embed_dim)]
    shapes += [(1, image_size[0] // patch_size * (image_size[1] // patch_size) + 1, embed_dim)]
    block = [(embed_dim,)] * 4  # two norms
    block += [(3 * embed_dim, embed_dim), (3 * embed_dim,), (embed_dim, embed_dim), (embed_dim,)]
    block += [(mlp_dim, embed_dim), (mlp_dim,), (embed_dim, mlp_dim), (embed_dim,)]
    shapes += block * depth
    shapes += [(embed_dim,), (embed_dim,), (num_classes, embed_dim), (num_classes,)]
    return sum(math.prod(shape) for shape in shapes)

# wrong: *
# mlp_dim ignored: four times D
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    height, width = image_size
    D, M, P = embed_dim, 4 * embed_dim, patch_size
    N = (height // P) * (width // P)
    patch = in_channels * P * P * D + D
    cls = D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: *
# three channels assumed
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    h, w, p, d, m = *image_size, patch_size, embed_dim, mlp_dim
    block = 4 * d * d + 2 * d * m + 9 * d + m
    return d * (3 * p**2 + h // p * (w // p) + 5) + depth * block + (d + 1) * num_classes

# wrong: *
# the head counted in every block
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    height, width = image_size
    D, M, P = embed_dim, mlp_dim, patch_size
    N = (height // P) * (width // P)
    patch = in_channels * P * P * D + D
    cls = D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms + head) + 2 * D

# wrong: *
# depth fixed at 12
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    shapes = [(embed_dim, in_channels, patch_size, patch_size), (embed_dim,), (1, 1, embed_dim)]
    shapes += [(1, image_size[0] // patch_size * (image_size[1] // patch_size) + 1, embed_dim)]
    block = [(embed_dim,)] * 4  # two norms
    block += [(3 * embed_dim, embed_dim), (3 * embed_dim,), (embed_dim, embed_dim), (embed_dim,)]
    block += [(mlp_dim, embed_dim), (mlp_dim,), (embed_dim, mlp_dim), (embed_dim,)]
    shapes += block * 12
    shapes += [(embed_dim,), (embed_dim,), (num_classes, embed_dim), (num_classes,)]
    return sum(math.prod(shape) for shape in shapes)

# wrong: *
# number of heads multiplied in, 12 of them
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    height, width = image_size
    D, M, P = embed_dim, mlp_dim, patch_size
    N = (height // P) * (width // P)
    patch = in_channels * P * P * D + D
    cls = D
    positions = (N + 1) * D
    attention = 12 * (3 * D * (D // 12)) + 3 * D + D * (D // 12) * 12 + D + 12
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: it raised NameError
# a wrong name (raises)
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    def linear(a, b):
        return (a + 1) * b

    def norm():
        return 2 * embed_dim

    tokens = 1 + (image_size[0] // patch_size) * (image_size[1] // patch_size)
    total = linear(in_channels * patch_size**2, embed_dim)
    total += embed_dim  # class token
    total += tokens * embed_dim
    for _ in range(depth):
        total += norm() + 3 * linear(embed_dim, embed_dim) + linear(embed_dim, embed_dim)
        total += norm() + linear(embed_dim, mlp_dim) + linear(mlp_dim, embed_dim)
    return totals + norm() + linear(embed_dim, num_classes)

# right: counts a model on the meta device
from vitcourse.model import VisionTransformer


def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    with torch.device("meta"):
        model = VisionTransformer(image_size, patch_size, in_channels, num_classes, embed_dim, depth, 1, mlp_dim)
    return sum(p.numel() for p in model.parameters())

# right: patches counted by area
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    n = image_size[0] * image_size[1] // patch_size**2
    d, m = embed_dim, mlp_dim
    return (in_channels * patch_size**2 + 1) * d + d + (n + 1) * d + depth * (4 * d * (d + 1) + 2 * d * m + m + d + 4 * d) + 2 * d + (d + 1) * num_classes

# right: torch.Size.numel and a tensor sum turned to int
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    d, m, p = map(float, (embed_dim, mlp_dim, patch_size))
    n = (image_size[0] // patch_size) * (image_size[1] // patch_size)
    return int((in_channels * p * p + 1) * d + d + (n + 1) * d + depth * (4 * d * (d + 1) + d * m + m + m * d + d + 4 * d) + 2 * d + (d + 1) * num_classes)
