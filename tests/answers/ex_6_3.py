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
