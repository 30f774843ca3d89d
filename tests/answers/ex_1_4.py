# stub: as handed out
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        raise NotImplementedError("exercise 1.4")

    def forward(self, images):
        raise NotImplementedError("exercise 1.4")

# stub: only the first half is done
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        raise NotImplementedError("exercise 1.4")

# right: Linear after patchify
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# right: a strided convolution
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)

# right: a bare parameter, einsum, no bias
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.P = patch_size
        self.E = nn.Parameter(torch.randn(in_channels * patch_size ** 2, embed_dim) * 0.02)

    def forward(self, images):
        return torch.einsum("bni,id->bnd", patchify(images, self.P), self.E)

# right: pixels in another order inside the patch (the weights do not care)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.P = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim, bias=False)

    def forward(self, images):
        P = self.P
        return self.proj(rearrange(images, "b c (h p) (w q) -> b (h w) (q p c)", p=P, q=P))

# right: nn.Unfold in a Sequential, a function that builds it
def PatchEmbedding(image_size, patch_size, in_channels, embed_dim):
    class Swap(nn.Module):
        def forward(self, x):
            return x.transpose(1, 2)

    return nn.Sequential(
        nn.Unfold(patch_size, stride=patch_size),
        Swap(),
        nn.Linear(in_channels * patch_size ** 2, embed_dim),
    )

# right: a Linear per channel, added up
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.P = patch_size
        self.layers = nn.ModuleList(
            nn.Linear(patch_size ** 2, embed_dim, bias=c == 0) for c in range(in_channels)
        )

    def forward(self, images):
        return sum(
            layer(patchify(images[:, c:c + 1], self.P)) for c, layer in enumerate(self.layers)
        )

# wrong: the grid is not flattened
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.conv(images)

# wrong: tokens and channels swapped
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.conv(images).flatten(2)

# wrong: reshape where a transpose is due
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.embed_dim = embed_dim
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        x = self.conv(images)
        return x.view(x.shape[0], -1, self.embed_dim)

# wrong: plain reshape
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.n = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(images.reshape(images.shape[0], self.n, -1))

# wrong: columns before rows
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.conv(images).permute(0, 3, 2, 1).flatten(1, 2)

# wrong: overlapping patches
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size)

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)

# wrong: a border is added
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size, patch_size // 2)

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)

# wrong: no projection
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size

    def forward(self, images):
        return patchify(images, self.patch_size)

# wrong: the layer is made anew in every call
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size, self.embed_dim = patch_size, embed_dim

    def forward(self, images):
        x = patchify(images, self.patch_size)
        return nn.Linear(x.shape[-1], self.embed_dim)(x)

# wrong: each patch has its own weights
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        n = count_patches(*image_size, patch_size)
        self.layers = nn.ModuleList(
            nn.Linear(in_channels * patch_size ** 2, embed_dim) for _ in range(n)
        )

    def forward(self, images):
        x = patchify(images, self.patch_size)
        return torch.stack([layer(x[:, i]) for i, layer in enumerate(self.layers)], 1)

# wrong: every token sees the whole image
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.n, self.d = count_patches(*image_size, patch_size), embed_dim
        pixels = in_channels * image_size[0] * image_size[1]
        self.proj = nn.Linear(pixels, self.n * embed_dim)

    def forward(self, images):
        return self.proj(images.flatten(1)).reshape(-1, self.n, self.d)

# wrong: channels averaged
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images.mean(dim=1, keepdim=True), self.patch_size))

# wrong: only the first channel
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.conv = nn.Conv2d(1, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.conv(images[:, :1]).flatten(2).transpose(1, 2)

# wrong: an activation after the projection
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return F.gelu(self.proj(patchify(images, self.patch_size)))

# wrong: an activation after the projection
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return torch.tanh(self.proj(patchify(images, self.patch_size)))

# wrong: a norm after the projection
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, images):
        return self.norm(self.proj(patchify(images, self.patch_size)))

# wrong: two layers for one
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.fc1 = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        self.fc2 = nn.Linear(embed_dim, embed_dim)

    def forward(self, images):
        return self.fc2(self.fc1(patchify(images, self.patch_size)))

# wrong: positions are added already
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        n = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        self.pos = nn.Parameter(torch.randn(1, n, embed_dim) * 0.02)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size)) + self.pos

# wrong: a CLS token is added already
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.cls = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        x = self.proj(patchify(images, self.patch_size))
        return torch.cat([self.cls.repeat(x.shape[0], 1, 1), x], dim=1)

# wrong: the weights are not registered
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.weight = torch.randn(in_channels * patch_size ** 2, embed_dim, requires_grad=True)

    def forward(self, images):
        return patchify(images, self.patch_size) @ self.weight

# wrong: the weights are not registered
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.layers = [nn.Linear(in_channels * patch_size ** 2, embed_dim)]

    def forward(self, images):
        return self.layers[0](patchify(images, self.patch_size))

# wrong: the weights are frozen
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.w = nn.Parameter(
            torch.randn(in_channels * patch_size ** 2, embed_dim), requires_grad=False
        )

    def forward(self, images):
        return patchify(images, self.patch_size) @ self.w

# wrong: three channels taken for granted
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(3 * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# wrong: channels forgotten
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# wrong: *
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(images)

# wrong: it returns None
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        self.proj(patchify(images, self.patch_size))
