# right: piece by piece
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    H, W = image_size
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    N = (H // P) * (W // P)
    patches = C * P * P * D + D
    class_token, positions = D, (N + 1) * D
    norm = 2 * D
    qkv = 3 * (D * D + D)
    out = D * D + D
    mlp = D * M + M + M * D + D
    block = norm + qkv + out + norm + mlp
    head = D * K + K
    return patches + class_token + positions + depth * block + norm + head

# wrong: one vector of D numbers is missing
# > D numbers are missing: the class token, its position (there are N + 1, not N), or the bias of the
# > patch embedding.
# ~ (N + 1) * D => N * D

# wrong: one vector of D numbers is missing
# ~ + class_token + => +

# wrong: two vectors of D numbers are missing
# > 2 D numbers are missing: the final norm (D factors, D offsets), or the class token and its
# > position.
# ~ + norm + head => + head

# wrong: three vectors of D numbers are missing
# > 3 D numbers are missing: look at the final norm (2 D), the class token, its position (there are
# > N + 1), and the bias of the patch embedding.
# ~ (N + 1) * D => N * D
# ~ + norm + head => + head

# wrong: four vectors of D numbers are missing
# > 4 D numbers are missing: the final norm (2 D), the class token and its position.
# ~ (N + 1) * D => N * D
# ~ + class_token + => +
# ~ + norm + head => + head

# wrong: the positions are forgotten
# > Each of the N + 1 tokens has a learned position of D numbers.
# ~ + positions + => +
# wrong: the positions are forgotten
# ~ (N + 1) * D => D
# wrong: the positions are forgotten
# ~ + class_token + positions + => +

# wrong: 4 D numbers in each block are missing
# > Each block lacks 4 D numbers: the biases of q, k, v and the output projection, or the two norms
# > with D factors and D offsets each.
# ~ norm + qkv + out + norm + mlp => qkv + out + mlp

# wrong: the biases of q, k and v are forgotten
# > q, k and v have D biases each, like every Linear layer here.
# ~ 3 * (D * D + D) => 3 * D * D

# wrong: D numbers in each block are missing
# > Each block lacks D numbers, as many as one bias has: q, k, v, the output projection and the MLP's
# > second layer have one each.
# ~ out = D * D + D => out = D * D
# wrong: D numbers in each block are missing
# ~ D * M + M + M * D + D => D * M + M + M * D

# wrong: the MLP's biases are forgotten
# > The MLP's first layer has mlp_dim biases, its second D.
# ~ D * M + M + M * D + D => 2 * D * M
# wrong: the MLP's biases are forgotten
# ~ D * M + M + M * D + D => D * M + M * D + D

# wrong: the head's bias is forgotten
# > The head has a bias, too: one number for each class.
# ~ D * K + K => D * K

# wrong: the head is forgotten
# > The head is a Linear layer from D to the classes: D * K + K.
# ~ + norm + head => + norm

# wrong: the norms are forgotten
# > Each LayerNorm learns D factors and D offsets. There are two in a block, and one at the end.
# ~ norm = 2 * D => norm = 0

# wrong: 2 D numbers in each block are missing
# > Each block lacks 2 D numbers: one of its two norms (D factors, D offsets), or two of the biases of
# > q, k, v and the output projection.
# ~ out + norm + mlp => out + mlp

# wrong: the offsets of the norms are forgotten
# > Each LayerNorm learns D factors and D offsets. There are two in a block, and one at the end.
# ~ norm = 2 * D => norm = D

# wrong: the output projection is forgotten
# > After the heads are merged comes one more Linear layer from D to D.
# ~ qkv + out + => qkv +

# wrong: the output projection is forgotten
# ~ out = D * D + D => out = D

# wrong: only one of q, k and v is counted
# > q, k and v are three Linear layers from D to D, or one from D to 3 D.
# ~ 3 * (D * D + D) => D * D + D

# wrong: the MLP's second layer is forgotten
# > The MLP goes from D to mlp_dim and back to D: two layers.
# ~ D * M + M + M * D + D => D * M + M

# wrong: one block only
# > That is the count with one block. There are `depth` of them, each with its own weights.
# ~ depth * block => block

# wrong: the patch embedding is forgotten
# > The patches go through a Linear layer from C * P * P to D.
# ~ return patches + => return

# wrong: the channels are forgotten
# > A patch holds C * P * P numbers, not P * P.
# ~ C * P * P * D + D => P * P * D + D

# wrong: the image is assumed to be square
# > Count rows and columns of patches: (H // P) * (W // P).
# ~ (H // P) * (W // P) => (H // P) ** 2
# wrong: the image is assumed to be square
# ~ (H // P) * (W // P) => (W // P) ** 2

# wrong: pixels counted, not patches
# > There is a position for each patch, not for each pixel: N = (H // P) * (W // P).
# ~ (H // P) * (W // P) => H * W

# wrong: separate weights for each patch
# > All patches share one Linear layer: do not multiply it by N.
# ~ C * P * P * D + D => N * (C * P * P * D + D)
# wrong: separate weights for each patch
# ~ C * P * P * D + D => N * C * P * P * D + D

# wrong: separate weights for each patch
# ~ patches + class_token + => N * patches + class_token +

# wrong: one vector of D numbers too many
# > D numbers too many. There are N + 1 positions, including that of the class token, and one class
# > token.
# ~ (N + 1) * D => (N + 2) * D

# wrong: the positions are counted, not their numbers
# > Each of the N + 1 positions is a vector of D numbers.
# ~ (N + 1) * D => N + 1

# wrong: a patch of P numbers
# > A patch is P pixels high and P wide: C * P * P numbers.
# ~ C * P * P * D + D => C * P * D + D

# wrong: three norms in a block
# > A block has two norms. The third comes once, after the last block.
# ~ norm + qkv + out + norm + mlp => norm + qkv + out + norm + mlp + norm
# wrong: three norms in a block
# ~ norm + qkv + out + norm + mlp => norm + qkv + out + norm + mlp + norm
# ~ + norm + head => + head

# wrong: one block too many
# > There are `depth` blocks, no more.
# ~ depth * block => (depth + 1) * block

# wrong: a head in every block
# > There is one head, after the last block.
# ~ depth * block + norm + head => depth * (block + head) + norm

# wrong: the heads are multiplied in
# > The heads share out the D channels. However many there are, q, k and v together are D to 3 D.
# ~ 3 * (D * D + D) => 12 * 3 * (D * D + D)
# wrong: the heads are multiplied in
# ~ 3 * (D * D + D) => 12 * 3 * (D * D + D)
# ~ out = D * D + D => out = 12 * (D * D + D)

# wrong: the head's bias has the wrong length
# > The head has a bias of one number for each class, K.
# ~ D * K + K => D * K + D

# wrong: the MLP's biases have the wrong length
# > The MLP's first layer has mlp_dim biases, its second D: one for each output.
# ~ D * M + M + M * D + D => 2 * (D * M + M)
# wrong: the MLP's biases have the wrong length
# ~ D * M + M + M * D + D => 2 * (D * M + D)

# wrong: a float, not an int
# > The number is right, but it is a float. `/` always gives one, `//` divides whole numbers.
# ~ (H // P) * (W // P) => (H / P) * (W / P)

# right: one line
# > The same sum, sorted by powers of D: 4 D² + 2 D M weights in a block, and 9 D + M numbers in its
# > biases and norms.
def count_parameters(image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
    N = (image_size[0] // patch_size) * (image_size[1] // patch_size)
    P, C, K, D, M = patch_size, in_channels, num_classes, embed_dim, mlp_dim
    return (C * P * P + 1) * D + (N + 2) * D + depth * (4 * D * D + 2 * D * M + 9 * D + M) + 2 * D + (D + 1) * K

# wrong: the biases are forgotten
# > Each Linear layer also learns a bias, one number for each output: 3 D + D for attention, mlp_dim
# > + D for the MLP, D for the patches, one per class for the head.
# ~ 9 * D + M => 4 * D
# wrong: the biases are forgotten
# ~ (C * P * P + 1) * D => C * P * P * D
# ~ 9 * D + M => 4 * D
# wrong: the biases are forgotten
# ~ 9 * D + M => 4 * D
# ~ (D + 1) * K => D * K
# wrong: the biases are forgotten
# ~ (C * P * P + 1) * D => C * P * P * D
# ~ 9 * D + M => 4 * D
# ~ (D + 1) * K => D * K
# wrong: the biases are forgotten
# ~ (C * P * P + 1) * D => C * P * P * D
# ~ 9 * D + M => 2 * D
# ~ 2 * D + (D + 1) * K => D + D * K
# wrong: the biases are forgotten
# ~ (C * P * P + 1) * D => C * P * P * D
# ~ (D + 1) * K => D * K
