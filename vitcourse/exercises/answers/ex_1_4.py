# right: a Linear after patchify
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        tokens = self.proj(patches)
        return tokens

# wrong: tokens and channels swapped
# > The result is (B, D, N). Tokens come second: `.transpose(1, 2)`.
# ~ return tokens => return tokens.transpose(1, 2)

# wrong: the batch axis is lost for a single image
# > For one image your result is (N, D). It should be (1, N, D): keep the batch axis.
# ~ return tokens => return tokens.squeeze(0)

# wrong: `super().__init__()` is missing
# > nn.Module prepares itself in `super().__init__()`: call it at the start of `__init__`.
# ~ super().__init__() =>

# wrong: plain reshape
# > Your patches are runs of pixels along the rows, not squares. Use your patchify.
# ~ patchify(images, self.patch_size) => images.reshape(len(images), -1, self.proj.in_features)

# wrong: columns before rows
# > Your tokens run down the columns of the grid. Raster order goes along each row first.
# ~ patchify(images, self.patch_size) => patchify(images.mT, self.patch_size)

# wrong: no projection
# > These are the patches themselves. Send each through a Linear layer to embed_dim.
# ~ self.proj = nn.Linear(in_channels * patch_size**2, embed_dim) =>
# ~ self.proj(patches) => patches

# wrong: the layer is made again in every call
# > A layer made in `forward` starts from new random numbers each time and never learns. Make it in
# > `__init__` and keep it on `self`.
# ~ self.proj = nn.Linear(in_channels * patch_size**2, embed_dim) => self.embed_dim = embed_dim
# ~ self.proj(patches) => nn.Linear(patches.shape[2], self.embed_dim)(patches)

# wrong: each patch has its own weights
# > A pattern should mean the same everywhere: one set of weights for all patches.
# ~ self.proj = nn.Linear( => n = count_patches(*image_size, patch_size); self.weight = nn.Parameter(torch.randn(n,
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim))
# ~ self.proj(patches) => torch.einsum("bni,nid->bnd", patches, self.weight)
# wrong: each patch has its own weights
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size = patch_size
        n = count_patches(*image_size, patch_size)
        self.layers = nn.ModuleList(
            nn.Linear(in_channels * patch_size**2, embed_dim) for _ in range(n)
        )

    def forward(self, images):
        patches = patchify(images, self.patch_size)
        return torch.stack([layer(patches[:, i]) for i, layer in enumerate(self.layers)], 1)

# wrong: every token sees the whole image
# > Your layer mixes all patches. An embedding looks at one patch; attention mixes later.
# ~ self.proj = nn.Linear( => self.n = count_patches(*image_size, patch_size); self.proj = nn.Linear(self.n *
# ~ patch_size**2, embed_dim => patch_size**2, self.n * embed_dim
# ~ self.proj(patches) => self.proj(patches.flatten(1)).unflatten(1, (self.n, -1))

# wrong: channels averaged
# > All channels of a pixel get the same weight, so colour is lost. Give each channel its own.
# ~ nn.Linear(in_channels * => nn.Linear(
# ~ patchify(images, => patchify(images.mean(1, keepdim=True),

# wrong: only the first channel
# > Only the first channel is used. A patch holds C * P * P numbers.
# ~ nn.Linear(in_channels * => nn.Linear(
# ~ patchify(images, => patchify(images[:, :1],

# wrong: it is not linear
# > Twice the pixels should give twice the token (apart from a bias). Something breaks that: an
# > activation, a norm, or numbers that are cut off.
# ~ return tokens => return F.gelu(tokens)
# wrong: it is not linear
# ~ return tokens => return tokens.relu()

# wrong: a norm after the projection
# > The embedding is one Linear layer, nothing after it: norms and activations come later.
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.norm = nn.LayerNorm(embed_dim)
# ~ return tokens => return self.norm(tokens)
# wrong: a norm after the projection
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.norm = nn.BatchNorm1d(embed_dim)
# ~ return tokens => return self.norm(tokens.mT).mT

# wrong: a norm before the projection
# > The pixels of a patch go straight into the Linear layer. Norms come later.
# ~ self.proj = => self.norm = nn.LayerNorm(in_channels * patch_size**2); self.proj =
# ~ self.proj(patches) => self.proj(self.norm(patches))

# wrong: images and tokens merged
# > You put the tokens of all images into one axis. Keep B apart: (B, N, D).
# ~ return tokens => return tokens.flatten(0, 1)

# wrong: no gradient reaches the weights
# > `detach`, `.data` and `no_grad` cut off what comes before them from learning. Leave them out.
# ~ return tokens => return tokens.detach()

# wrong: dropout that was not asked for
# > In training mode the same image gives different tokens each time. Leave dropout out here.
# ~ return tokens => return F.dropout(tokens, 0.1, self.training)

# wrong: two layers instead of one
# > The exercise asks for one Linear. Two in a row can do no more than one: together they are still
# > linear.
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.out = nn.Linear(embed_dim, embed_dim)
# ~ return tokens => return self.out(tokens)

# wrong: an MLP for one layer
# > One Linear is asked for. An MLP with an activation between two layers is chapter 5.
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.out = nn.Linear(embed_dim, embed_dim)
# ~ return tokens => return self.out(tokens.relu())

# wrong: positions are added already
# > Tokens of equal patches should be equal here. Positions are chapter 3.
# ~ self.patch_size = patch_size => self.patch_size = patch_size; n = count_patches(*image_size, patch_size)
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.pos = nn.Parameter(torch.randn(1, n, embed_dim))
# ~ return tokens => return tokens + self.pos

# wrong: a CLS token is added already
# > There is one more token than there are patches. The CLS token is chapter 2.
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim); self.cls = nn.Parameter(torch.zeros(1, 1, embed_dim))
# ~ return tokens => return torch.cat([self.cls.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: the weights are not registered
# > `parameters()` does not list them, so nothing trains them. Use `nn.Linear` or `nn.Parameter`,
# > kept on `self`.
# ~ self.proj = nn.Linear( => self.weight = torch.randn(
# ~ self.proj(patches) => patches @ self.weight

# wrong: the weights are frozen
# > The weights do not ask for gradients, so they cannot learn.
# ~ patch_size**2, embed_dim) => patch_size**2, embed_dim).requires_grad_(False)

# wrong: three channels are assumed
# > Your layer is right only for three channels: use `in_channels`.
# ~ nn.Linear(in_channels * => nn.Linear(3 *

# wrong: channels forgotten
# > The Linear layer expects P * P numbers. A patch holds C * P * P.
# ~ nn.Linear(in_channels * => nn.Linear(

# right: a strided convolution
# > One layer in place of two steps, as most libraries have it; exercise 1.5 shows that it is the
# > same.
class PatchEmbedding(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)

# wrong: the grid is not flattened
# > A Conv2d gives (B, D, h, w). Flatten, then swap: `.flatten(2).transpose(1, 2)`.
# ~ .flatten(2).transpose(1, 2) =>

# wrong: tokens and channels swapped
# ~ .transpose(1, 2) =>

# wrong: reshape instead of transpose
# > A Conv2d gives (B, D, h, w). Reshaping that to (B, N, D) tears the embeddings apart:
# > `.flatten(2).transpose(1, 2)`.
# ~ .flatten(2).transpose(1, 2) => .reshape(len(images), -1, self.proj.out_channels)

# wrong: columns before rows
# ~ .flatten(2) => .transpose(2, 3).flatten(2)

# wrong: overlapping patches
# > The window moves by 1 pixel, so the patches overlap: `stride=patch_size`.
# ~ , stride=patch_size =>

# wrong: a border is added
# > Padding adds a border of zeros and shifts the patches: leave it out.
# ~ stride=patch_size => stride=patch_size, padding=patch_size // 2
