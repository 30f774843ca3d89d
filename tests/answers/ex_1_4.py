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


# Below: written from the notebook's text alone, by somebody who had not seen the check.

# right: patchify and nn.Linear
class PatchEmbedding(nn.Module):
    def __init__(self, image_size: tuple[int, int], patch_size: int, in_channels: int, embed_dim: int):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.projection = nn.Linear(in_channels * patch_size * patch_size, embed_dim)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.projection(patchify(images, self.patch_size))

# right: no bias
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.E = nn.Linear(in_channels * patch_size ** 2, embed_dim, bias=False)

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        return self.E(patches)

# right: convolution, flatten, transpose
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)

# right: own parameters and a matrix product
class PatchEmbedding(nn.Module):
    def __init__(self, image_size: tuple[int, int], patch_size: int, in_channels: int, embed_dim: int):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        size = in_channels * patch_size * patch_size
        self.weight = nn.Parameter(torch.randn(size, embed_dim) / math.sqrt(size))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return patchify(images, self.patch_size) @ self.weight + self.bias

# right: nn.Sequential with an einops layer
from einops.layers.torch import Rearrange
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.to_tokens = nn.Sequential(
            Rearrange("b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size),
            nn.Linear(patch_size * patch_size * in_channels, embed_dim),
        )

    def forward(self, images):
        return self.to_tokens(images)

# right: the same with channels last inside a patch, as in tutorials (ambiguous: still one linear layer for every patch, but the pixels come in another order)
from einops.layers.torch import Rearrange
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.to_patch_embedding = nn.Sequential(
            Rearrange('b c (h p1) (w p2) -> b (h w) (p1 p2 c)', p1=patch_size, p2=patch_size),
            nn.Linear(patch_size * patch_size * in_channels, embed_dim),
        )

    def forward(self, images):
        return self.to_patch_embedding(images)

# right: F.unfold and F.linear
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.W = nn.Parameter(torch.empty(embed_dim, in_channels * patch_size ** 2))
        nn.init.trunc_normal_(self.W, std=0.02)

    def forward(self, images):
        columns = F.unfold(images, self.patch_size, stride=self.patch_size)
        return F.linear(columns.transpose(1, 2), self.W)

# right: einsum with a weight in the shape of a kernel
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.kernel = nn.Parameter(0.02 * torch.randn(embed_dim, in_channels, patch_size, patch_size))
        self.bias = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, images):
        tiles = rearrange(images, "b c (h p) (w q) -> b (h w) c p q", p=self.patch_size, q=self.patch_size)
        return torch.einsum("bncpq,dcpq->bnd", tiles, self.kernel) + self.bias

# right: loop over the patches
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.layer = nn.Linear(in_channels * patch_size * patch_size, embed_dim)

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        tokens = []
        for n in range(self.num_patches):
            tokens.append(self.layer(patches[:, n]))
        return torch.stack(tokens, dim=1)

# right: Conv1d of width one over the row of patches
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.mix = nn.Conv1d(in_channels * patch_size ** 2, embed_dim, 1)

    def forward(self, images):
        return self.mix(patchify(images, self.patch_size).transpose(1, 2)).transpose(1, 2)

# right: forward refuses images of another size (ambiguous: the text does not say what other sizes do)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.image_size = tuple(image_size)
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        if images.shape[-2:] != self.image_size:
            raise ValueError("wrong image size")
        return self.proj(patchify(images, self.patch_size))

# right: weights start at zero (ambiguous: a linear layer all the same, but every token is zero at first)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# right: LazyLinear (ambiguous: parameters have no shape before the first call)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.LazyLinear(embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# right: other attribute names than the stub's (ambiguous: the docstring names no attributes)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.p = patch_size
        count_patches(*image_size, patch_size)
        self.net = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.net(patchify(images, self.p))

# stub: stub left as it is
class PatchEmbedding(nn.Module):
    def __init__(
        self, image_size: tuple[int, int], patch_size: int, in_channels: int, embed_dim: int
    ):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        raise NotImplementedError("exercise 1.4")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 1.4")

# stub: half finished, forward still the stub's
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 1.4")

# stub: half finished, the raise in __init__ stays
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        raise NotImplementedError("exercise 1.4")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.proj(patchify(images, self.patch_size))

# wrong: *
# (the layer is made anew in forward and kept on self)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.embed_dim = embed_dim
        self.num_patches = count_patches(*image_size, patch_size)

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        self.proj = nn.Linear(patches.shape[-1], self.embed_dim)
        return self.proj(patches)

# wrong: it raised AttributeError
# (the layer is a local variable in __init__)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# wrong: *
# (kernel of one pixel with the stride of a patch, sees one pixel of each)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Conv2d(in_channels, embed_dim, kernel_size=1, stride=patch_size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)

# wrong: *
# (kernel bigger than the stride, windows overlap but the number of tokens is right)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size + 2, stride=patch_size, padding=1)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)

# wrong: *
# (each channel embedded on its own, (B, N * C, D))
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(patch_size ** 2, embed_dim)

    def forward(self, x):
        patches = patchify(x, self.patch_size).unflatten(2, (-1, self.patch_size ** 2))
        return self.proj(patches).flatten(1, 2)

# wrong: *
# (LayerNorm before and after, as in vit-pytorch)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        size = in_channels * patch_size ** 2
        self.net = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, embed_dim), nn.LayerNorm(embed_dim))

    def forward(self, images):
        return self.net(patchify(images, self.patch_size))

# wrong: *
# (dropout at the end)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        self.dropout = nn.Dropout(0.1)

    def forward(self, images):
        return self.dropout(self.proj(patchify(images, self.patch_size)))

# wrong: it raised ValueError
# (the sizes of the notebook hard-coded)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(768, 192)

    def forward(self, images):
        return self.proj(patchify(images, 16))

# wrong: *
# (multiplies along the number of patches, not along their length)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(self.num_patches, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size).transpose(1, 2)).transpose(1, 2)

# wrong: *
# (one token for the whole image, the mean of all)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size)).mean(1)

# wrong: *
# (no gradients)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    @torch.no_grad()
    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))

# right: scales the pixels first (ambiguous: "nothing else", though it could be absorbed by weight and bias)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(2 * images - 1, self.patch_size))

# wrong: *
# (scales the caller's pixels in place)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        images.mul_(2).sub_(1)
        return self.proj(patchify(images, self.patch_size))

# wrong: *
# (subtracts the mean of the image, so patches hear of each other)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        images = images - images.mean(dim=(2, 3), keepdim=True)
        return self.proj(patchify(images, self.patch_size))

# wrong: *
# (only the first image of the batch)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images[:1], self.patch_size))

# wrong: *
# (torch.stack along the first axis, (N, B, D))
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        return torch.stack([self.proj(patches[:, n]) for n in range(self.num_patches)])

# wrong: *
# (returns the flat patches, the layer is never used)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return patchify(images, self.patch_size)

# wrong: it returns None
# (forgets to return)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        self.proj(patchify(images, self.patch_size))

# right: tokens multiplied by sqrt(D), as in transformers for text (ambiguous: "nothing else", though it could be absorbed by the weights)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.scale = math.sqrt(embed_dim)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size)) * self.scale

# right: a second layer made and never used (ambiguous: the tokens are right, but dead parameters stay in the model)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        self.linear = nn.Linear(in_channels * patch_size ** 2, embed_dim)
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)

    def forward(self, images):
        return self.conv(images).flatten(2).transpose(1, 2)

# right: num_patches overwritten with a number for square images (ambiguous: the docstring does not name num_patches, the tokens are right)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = (image_size[0] // patch_size) ** 2
        self.proj = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)

# wrong: it raised TypeError
# (count_patches gets the pair itself, TypeError)
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(image_size, patch_size)
        self.proj = nn.Linear(in_channels * patch_size ** 2, embed_dim)

    def forward(self, images):
        return self.proj(patchify(images, self.patch_size))
