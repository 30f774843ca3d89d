# stub: the cell as it is handed out
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    raise NotImplementedError("exercise 6.3")

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

# wrong: right for ViT-B/16, wrong for other sizes
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

# right: term by term
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    height, width = image_size
    D, M, P = embed_dim, mlp_dim, patch_size
    N = (height // P) * (width // P)
    patch = in_channels * P * P * D + D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + D + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: right for mlp_dim = 4 * embed_dim, wrong for other sizes
# ~ embed_dim, mlp_dim, patch_size => embed_dim, 4 * embed_dim, patch_size

# wrong: right for 3 channels, wrong for other sizes
# ~ in_channels * P => 3 * P

# wrong: right for depth=12, wrong for other sizes
# ~ depth * (attention => 12 * (attention

# wrong: right for ViT-B/16, wrong for other sizes
# ~ in_channels * P * P * D => 3 * 16 * 16 * D

# wrong: right for 1000 classes, wrong for other sizes
# ~ D * num_classes + num_classes => D * 1000 + 1000

# wrong: right for square images, wrong for other sizes
# ~ (N + 1) * D => (int(N ** 0.5) ** 2 + 1) * D

# wrong: it raised NameError
# ~ N = (height // P) => n = (height // P)
