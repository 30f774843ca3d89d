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

# wrong: one vector of D numbers is missing
# (the class token)
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
    return patch + pos + depth * block + final + head

# wrong: one vector of D numbers is missing
# (N positions, not N + 1)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, N * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: one vector of D numbers is missing
# (the bias of the patch embedding)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: two vectors of D numbers are missing
# (the final norm)
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
    return patch + cls + pos + depth * block + head

# wrong: two vectors of D numbers are missing
# (class token and its position)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, N * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + pos + depth * block + final + head

# wrong: three vectors of D numbers are missing
# (final norm and class token)
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
    return patch + pos + depth * block + head

# wrong: four vectors of D numbers are missing
# (final norm, class token and its position)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, N * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + pos + depth * block + head

# wrong: the positions are forgotten
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
    return patch + cls + depth * block + final + head

# wrong: the biases are forgotten
# (all of them)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * D * D
    mlp = 2 * D * M
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K
    return patch + cls + pos + depth * block + final + head

# wrong: the biases are forgotten
# (in the blocks)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * D * D
    mlp = 2 * D * M
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the biases are forgotten
# (all, those of the norms as well)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D, D, (N + 1) * D
    norm = D
    attn = 4 * D * D
    mlp = 2 * D * M
    block = norm + attn + norm + mlp
    final = D
    head = D * K
    return patch + cls + pos + depth * block + final + head

# wrong: 4 D numbers in each block are missing
# (attention's biases)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * D * D
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: 4 D numbers in each block are missing
# (the norms in the blocks)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = attn + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the biases of q, k and v are forgotten
# (qkv_bias=False)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 3 * D * D + D * D + D
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the bias of the output projection is forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 3 * (D * D + D) + D * D
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the MLP's biases are forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = 2 * D * M
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the MLP's biases are forgotten
# (the first layer's)
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the head's bias is forgotten
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
    head = D * K
    return patch + cls + pos + depth * block + final + head

# wrong: the head is forgotten
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
    return patch + cls + pos + depth * block + final

# wrong: the norms are forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 0
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 0
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: one norm in a block is forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the offsets of the norms are forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the output projection is forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 3 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: only one of q, k and v is counted
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 2 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the MLP's second layer is forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: one block only
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
    return patch + cls + pos + block + final + head

# wrong: the patch embedding is forgotten
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
    return cls + pos + depth * block + final + head

# wrong: the channels are forgotten
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the image is taken for a square
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) ** 2
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: the image is taken for a square
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (W // P) ** 2
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: pixels counted, not patches
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = H * W
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: each patch with weights of its own
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patch, cls, pos = N * (C * P * P * D + D), D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

# wrong: a float, not an int
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = H * W / P**2
    patch, cls, pos = C * P * P * D + D, D, (N + 1) * D
    norm = 2 * D
    attn = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    block = norm + attn + norm + mlp
    final = 2 * D
    head = D * K + K
    return patch + cls + pos + depth * block + final + head

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

# wrong: it does not come to an end
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

# wrong: one vector of D numbers is missing
# no position for the class token
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
    positions = N * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: one vector of D numbers is missing
# class token forgotten
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
    total += tokens * embed_dim
    for _ in range(depth):
        total += norm() + 3 * linear(embed_dim, embed_dim) + linear(embed_dim, embed_dim)
        total += norm() + linear(embed_dim, mlp_dim) + linear(mlp_dim, embed_dim)
    return total + norm() + linear(embed_dim, num_classes)

# wrong: two vectors of D numbers are missing
# last norm forgotten
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
    return patch + cls + positions + depth * (attention + mlp + norms) + head

# wrong: the offsets of the norms are forgotten
# norms have a weight only
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
    norms = 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + D + head

# wrong: one norm in a block is forgotten
# one norm a block
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
        total += linear(embed_dim, mlp_dim) + linear(mlp_dim, embed_dim)
    return total + norm() + linear(embed_dim, num_classes)

# wrong: the biases of q, k and v are forgotten
# no biases in q, k, v
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
    attention = 4 * D * D + D
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: the output projection is forgotten
# output layer of attention forgotten
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
    attention = 3 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

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

# wrong: the image is taken for a square
# square images assumed
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

    tokens = 1 + (image_size[0] // patch_size) * (image_size[0] // patch_size)
    total = linear(in_channels * patch_size**2, embed_dim)
    total += embed_dim  # class token
    total += tokens * embed_dim
    for _ in range(depth):
        total += norm() + 3 * linear(embed_dim, embed_dim) + linear(embed_dim, embed_dim)
        total += norm() + linear(embed_dim, mlp_dim) + linear(mlp_dim, embed_dim)
    return total + norm() + linear(embed_dim, num_classes)

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

# wrong: one vector of D numbers is missing
# patch embedding without bias
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
    patch = in_channels * P * P * D
    cls = D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

# wrong: the head's bias is forgotten
# head without bias
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
    return d * (in_channels * p**2 + h // p * (w // p) + 5) + depth * block + d * num_classes

# wrong: a float, not an int
# returns a float
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
    N = (height / P) * (width / P)
    patch = in_channels * P * P * D + D
    cls = D
    positions = (N + 1) * D
    attention = 4 * (D * D + D)
    mlp = D * M + M + M * D + D
    norms = 2 * 2 * D
    head = D * num_classes + num_classes
    return patch + cls + positions + depth * (attention + mlp + norms) + 2 * D + head

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

# wrong: the MLP's biases are forgotten
# MLP biases forgotten
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
    block += [(mlp_dim, embed_dim), (embed_dim, mlp_dim)]
    shapes += block * depth
    shapes += [(embed_dim,), (embed_dim,), (num_classes, embed_dim), (num_classes,)]
    return sum(math.prod(shape) for shape in shapes)

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
