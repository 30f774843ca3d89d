# %% [markdown] minutes=75
# # 1 Patch embedding: an image becomes a sequence
#
# A transformer reads sequences: words, one after the other. A photograph has no first word. In this
# chapter you build the part that turns an image into a sequence of vectors.
#
# You will count patches, cut them out, put them back, and turn each into a vector. At the end you
# will find that all of it is one well-known layer in disguise.
#
# Five exercises, about an hour and a quarter. You need chapter 0, some practice with the shapes of
# tensors, and what an `nn.Module` is: layers created in `__init__` and used in `forward`.

# %% tags=["nbval-ignore-output"]
import torch
import torch.nn.functional as F
from einops import rearrange
from matplotlib import pyplot as plt
from torch import nn
from vitcourse import check, load_photo, show, versions, view
from vitcourse import reset, solution  # to begin an exercise again; to see its answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end

versions()

# %% [markdown]
# Throughout the course, shapes are written with these letters:
#
# | letter | meaning | in this chapter |
# | --- | --- | --- |
# | B | images in a batch | 1 |
# | C | channels | 3: red, green, blue |
# | H, W | height and width in pixels | 224 and 224 |
# | P | side of a patch in pixels (`patch_size`) | 16 |
# | N | number of patches | you will count them |
# | D | length of a token (`embed_dim`) | 192 |

# %%
photo = load_photo()  # or a picture of your own: load_photo("my_picture.jpg")
images = photo[None]  # a batch of one
print("images (B, C, H, W):", tuple(images.shape))

# %% [markdown]
# ## Why not simply use the pixels?
#
# You could call each pixel a word. The sentence would be very long.
#
# Length matters because of attention: every token is compared with every token. Twice as many
# tokens mean four times as much work for attention. Here is what that means for this photograph.

# %% slide="Every pixel a word: far too many comparisons" lecture=true
for p in (1, 4, 16, 32):
    n = (224 // p) ** 2
    print(f"squares of {p:2} x {p:<2} pixels: {n:6,} tokens, {n * n:13,} comparisons")

# %% [markdown]
# So a Vision Transformer uses squares of pixels, called *patches*, as its words. The title of the
# paper that started it says so: "An Image is Worth 16x16 Words" (Dosovitskiy et al., 2021).
#
# The size is a choice, and you pay either way. Small patches make long sequences. Large patches
# make short ones, but anything smaller than a patch has no token of its own.

# %% slide="Patches are the words; their size is a choice" lecture=true
figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for ax, p in zip(axes, (16, 32)):
    view.draw_grid(ax, photo, p)
    ax.set_title(f"P = {p}: {(224 // p) ** 2} patches")
show(
    figure,
    alt="The portrait twice, with white lines between the patches. With 16 pixels a side an eye "
    "fills about a patch; with 32 pixels a patch holds an eye and much of the cheek.",
)

# %% [markdown]
# ## Count them first
#
# ### Exercise 1.1
#
# Start with the arithmetic. An image does not have to be square. But the patches must fit exactly:
# one that hangs over the border would be cut off silently, and silent losses are hard to find
# later.

# %% exercise="1.1"
def count_patches(height: int, width: int, patch_size: int) -> int:
    """How many patches of patch_size x patch_size pixels tile an image.

    - `height`, `width`: the image's sides in pixels; they may differ
    - `patch_size`: the side of a patch in pixels
    - returns: the number of patches, an int
    - raises: ValueError if patch_size does not divide height, or does not divide width

    Example: an image of 6 x 10 pixels holds 15 patches of 2 x 2 pixels.
    """
    ### BEGIN SOLUTION
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError(f"patch_size={patch_size} must divide {height} and {width}")
    return (height // patch_size) * (width // patch_size)
    ### END SOLUTION


# %% check="1.1"
check("1.1")  # stuck? check("1.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Rows times columns. `height * width // patch_size**2` gives the same number once
# both sides have been checked. Checking only the area is not enough: 2 x 8 pixels have the area of
# a 4 x 4 patch, but no such patch fits. `/` instead of `//` would return 196.0, and a float cannot
# be the size of a tensor.

# %%
height, width = photo.shape[1:]
print(count_patches(height, width, 16), "patches of 16 x 16 in this photograph")

# %% [markdown]
# ## Cut them out
#
# Now the patches themselves. Practise on an image small enough to check by eye: one channel, 4
# rows, 6 columns, and every pixel tells you where it came from.

# %% slide="An image small enough to check by eye"
small = torch.arange(24.0).reshape(1, 1, 4, 6)
figure, ax = plt.subplots(figsize=(4.5, 3), layout="constrained")
view.draw_numbers(ax, small[0, 0], patch_size=2)
show(
    figure,
    alt="A grid of 4 rows and 6 columns with the numbers 0 to 23 in reading order. Thick lines "
    "divide it into 2 rows of 3 patches. The first patch holds 0, 1, 6 and 7.",
)

# %% [markdown]
# You need two decisions about order.
#
# **The order of the patches.** Like reading a page: along the first row of patches, then along the
# second. This is called *raster order*. The first patch holds 0, 1, 6, 7; the second 2, 3, 8, 9.
#
# **The order inside a patch.** First all pixels of channel 0, row by row, then all of channel 1,
# and so on. So a patch is a row of C * P * P numbers, ordered by channel, then row, then column.
#
# Why channels first? It is the order in which torch stores images and the kernels of convolutions.
# You will be glad of it in exercise 1.5.

# %% [markdown]
# ### A word about einops
#
# Cutting means splitting axes, reordering them, and merging them again. `rearrange` from the
# library einops lets you write exactly that: the names of the axes before and after the arrow, with
# brackets where axes are merged.

# %% slide="einops: name the axes before and after the arrow" slide_code=true
row = torch.arange(6)
print(rearrange(row, "(a b) -> a b", a=2))  # split one axis of 6 into 2 x 3
print(rearrange(row, "(a b) -> b a", a=2))  # the same, then swap the two
print(rearrange(row, "(a b) -> (b a)", a=2))  # ... then merge them again

# %% [markdown]
# Now the same on the small image, with two axes at once: the height is split into h patches of p
# pixels and the width into w patches of q pixels. The result is 2 x 3 little squares.
#
# A name may appear only once on each side of the arrow, so the height and the width of a patch need
# two names, p and q, even though both are 2.

# %%
print(rearrange(small[0, 0], "(h p) (w q) -> h w p q", p=2, q=2))

# %% [markdown]
# The exercise adds what is still missing: several images, several channels, and the merging at the
# end. You may use einops, or `reshape` and `permute`, or loops. The check only looks at the result.
#
# ### Exercise 1.2

# %% exercise="1.2"
def patchify(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    """Cut images into patches: (B, C, H, W) -> (B, N, C * P * P).

    - patches in raster order: along each row of the grid, then the next row
    - inside a patch: channel, then row, then column
    - the result has the dtype of the input, and the input stays as it is
    - raises: an error if the patches do not fit (`count_patches` raises one for you)

    Example: with P = 2 the first patch of the small image above is [0, 1, 6, 7].
    """
    B, C, H, W = images.shape
    count_patches(H, W, patch_size)
    ### BEGIN SOLUTION
    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)
    ### END SOLUTION


# %% check="1.2"
check("1.2")  # stuck? check("1.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The pattern says it all: the height is h patches of p pixels, the width w patches of
# q pixels; h and w together count the patches, and c, p, q together the numbers in one.
#
# Without einops: `images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)`, then
# `.reshape(B, -1, C * P * P)`. Or `F.unfold(images, P, stride=P).transpose(1, 2)`: unfold happens
# to use the same order inside a patch. Or two loops over the grid and a `torch.stack`: slower, but
# just as correct.

# %%
print(patchify(small, 2)[0])

# %% [markdown]
# Compare it with the drawing above. Then look at the photograph, taken apart.

# %% slide="The photograph, taken apart"
patches = patchify(images, 16)
print("patches (B, N, C * P * P):", tuple(patches.shape))

figure, ax = plt.subplots(figsize=(6, 6), layout="constrained")
view.draw_exploded(ax, patches[0], grid=(14, 14), patch_size=16)
show(figure, alt="The portrait as 14 rows of 14 patches, pulled apart by narrow white gaps.")

# %% [markdown]
# ### Why `reshape` alone is not enough
#
# The shape (B, N, C * P * P) is easy to get: `images.reshape(B, N, -1)`. No error, the right shape,
# and all the numbers are there. Look at the result.

# %% slide="`reshape` alone: the right shape, the wrong patches" lecture=true
reshaped = images.reshape(patches.shape)
rows = {"patchify: patches 60 to 67": patches[0, 60:68], "reshape: the same": reshaped[0, 60:68]}
show(
    view.draw_patch_rows(rows, patch_size=16),
    alt="Two rows of eight patches. Above, the result of patchify: pieces of the face. Below, the "
    "result of a plain reshape: coloured stripes without any shape.",
)

# %% [markdown]
# `reshape` keeps all numbers in reading order and only cuts the row in other places, here after
# every 768 numbers. So one "patch" is about three and a half rows of pixels, all from one colour
# channel, mistaken for the three channels of a square.
#
# A network can be trained on such patches, and nothing warns you. But pixels that lie one above the
# other in the picture no longer share a patch.

# %% [markdown]
# ## Put them back
#
# If nothing is lost, you must be able to go back.
#
# ### Exercise 1.3

# %% exercise="1.3"
def unpatchify(patches: torch.Tensor, patch_size: int, height: int, width: int) -> torch.Tensor:
    """Undo patchify: (B, N, C * P * P) -> (B, C, H, W).

    - `height`, `width`: of the image, in pixels; needed because N = 6 may be 2 x 3 or 1 x 6
    - the number of channels follows from the length of a patch
    - the result has the dtype of the patches, and the input stays as it is

    For all images: unpatchify(patchify(images, P), P, H, W) equals images.
    """
    ### BEGIN SOLUTION
    h, w = height // patch_size, width // patch_size
    return rearrange(
        patches, "b (h w) (c p q) -> b c (h p) (w q)", h=h, w=w, p=patch_size, q=patch_size
    )
    ### END SOLUTION


# %% check="1.3"
check("1.3")  # stuck? check("1.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The pattern of patchify, read from right to left. einops has to be told h and w: from
# N = 196 alone it cannot know that the grid is 14 x 14.
#
# Without einops: `patches.reshape(B, h, w, C, P, P).permute(0, 3, 1, 4, 2, 5)`, then
# `.reshape(B, C, height, width)`. Or `F.fold(patches.transpose(1, 2), (height, width), P,
# stride=P)`. Taking the square root of N for both sides works until somebody brings a photograph
# that is wider than it is high.

# %%
back = unpatchify(patches, 16, height, width)
print("the same photograph again:", torch.equal(back, images))

# %% [markdown]
# Now a small experiment. Put the patches back in a random order.

# %% slide="To attention, both are the same set of patches"
order = torch.randperm(196, generator=torch.Generator().manual_seed(0))
shuffled = unpatchify(patches[:, order], 16, height, width)

show(
    view.side_by_side({"in order": images[0], "in a random order": shuffled[0]}),
    alt="Left, the portrait. Right, the same 196 patches in a random order: no face left.",
)

# %% [markdown]
# To you, the picture on the right is noise. To attention, both are the same set of patches: it has
# no idea of order. That is why tokens have to be told their place, which is what chapter 3 is
# about.

# %% [markdown]
# ## From patch to token
#
# A patch of 16 x 16 pixels is a row of 768 numbers. The layers that follow work on rows of D
# numbers, called *tokens*. So each patch is mapped to D numbers. The model learns how.
#
# In the words of the paper (section 3.1): "we flatten the patches and map to D dimensions with a
# trainable linear projection". In torch this is one `nn.Linear`, the same for all patches: what it
# learns about an eye in one place then applies everywhere.
#
# ### Exercise 1.4

# %% exercise="1.4"
class PatchEmbedding(nn.Module):
    """Images to tokens: (B, C, H, W) -> (B, N, D).

    - each patch goes through the same linear layer, with or without a bias; no norm, no activation
    - its weights are parameters that an optimiser can find and train
    - tokens in raster order; the order of the numbers inside a patch is yours to choose
    - works for any number of images and follows `.to(...)` to other dtypes and devices; the images
      stay as they are
    - `image_size`: (height, width) in pixels; `in_channels`: C; `embed_dim`: D
    """

    def __init__(
        self, image_size: tuple[int, int], patch_size: int, in_channels: int, embed_dim: int
    ):
        super().__init__()
        self.patch_size = patch_size
        self.num_patches = count_patches(*image_size, patch_size)
        ### BEGIN SOLUTION
        self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.proj(patchify(images, self.patch_size))
        ### END SOLUTION


# %% check="1.4"
check("1.4")  # stuck? check("1.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** One `nn.Linear` made in `__init__`, so that its weights are registered and trained,
# and used in `forward`. `nn.Linear` works on the last axis and does not care how many axes come
# before it: (B, N, C * P * P) becomes (B, N, D) at once, without a loop.
#
# The order inside a patch does not matter here: another order only permutes the columns of a matrix
# that is learned anyway. It matters as soon as you load weights that somebody else has trained. A
# bare `nn.Parameter` and `@` work as well. A plain tensor does not: no optimiser would find it.

# %%
torch.manual_seed(0)
embed = PatchEmbedding((height, width), patch_size=16, in_channels=3, embed_dim=192)
with torch.no_grad():
    tokens = embed(2 * images - 1)  # pixels from -1 to 1, as the paper's models have them
print("tokens (B, N, D):", tuple(tokens.shape))

# %% [markdown]
# This layer is untrained: its weights are random. Is anything left of the picture after a random
# projection? Take one token, from the blue background on the right, and measure how similar all the
# others are to it. Then do the same with the raw pixels of the patches.
#
# The average patch is subtracted first. Otherwise all patches would look alike, because all are
# brighter than black.
#
# But predict before you look: choose an answer below. It is kept, and compared with what comes out.

# %%
predict(
    "01-random-layer",
    "How alike will the two maps be, the one from random tokens and the one from pixels?",
    ["almost the same", "alike in places", "not alike at all"],
)

# %%
def similarity(rows: torch.Tensor, number: int) -> torch.Tensor:
    """Cosine similarity of all rows to one of them, on the 14 x 14 grid of patches."""
    rows = rows - rows.mean(dim=0)
    return F.cosine_similarity(rows, rows[number], dim=1).reshape(14, 14)


maps = {
    "raw pixels (768 numbers)": similarity(patches[0], 54),
    "tokens (192 numbers)": similarity(tokens[0], 54),
}

# %% slide="A random projection keeps what is alike"
show(
    view.draw_similarity(photo, 16, 54, maps),
    alt="Left, the portrait with one background patch framed. Middle and right, maps of how "
    "similar each patch is to it, from raw pixels and from tokens. The two maps look almost the "
    "same: the background is alike, the dark uniform is the opposite.",
)
correlation = torch.corrcoef(torch.stack([m.flatten() for m in maps.values()]))[0, 1]
outcome("01-random-layer", "almost the same" if correlation > 0.9 else "alike in places")

# %% [markdown]
# The two maps are almost the same, although 768 numbers became 192. Distances survive a random
# projection, roughly, if enough numbers are left (Johnson and Lindenstrauss, 1984). Training then
# turns the projection towards what the task needs.
#
# Do not read too much into it: these maps compare colours. They know nothing about faces.

# %% [markdown]
# ## A convolution in disguise
#
# You will not find patchify in timm or torchvision. They have a single line instead:
# `nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)`. (Other code does
# have a patchify, often with the channels *last* inside a patch: watch the order when you compare.)
#
# A convolution slides a window over the image, multiplies the pixels in it by a kernel, and adds up
# the products. With a stride as large as the kernel, the windows do not overlap: they are the
# patches.
#
# Multiply and add up: that is also what one row of a linear layer does with a flat patch. So the
# two are the same layer, if the same numbers are in the right places. Prove it by moving them.
#
# How do you put numbers into a layer that already exists? Its `weight` and `bias` are parameters,
# and autograd watches over them. Either copy into them while autograd is not looking,
# `with torch.no_grad(): layer.weight.copy_(numbers)`, or give the layer a new parameter,
# `layer.weight = nn.Parameter(numbers.clone())`. Without the `clone()`, the layer would share its
# numbers with the tensor they came from.
#
# ### Exercise 1.5

# %% exercise="1.5"
def linear_to_conv(linear: nn.Linear, in_channels: int, patch_size: int) -> nn.Conv2d:
    """The convolution that does to images what `linear` does to their flat patches.

    - `linear`: from C * P * P numbers (channel, row, column) to D, with or without a bias
    - returns: an nn.Conv2d from C to D channels, with the same numbers in weight and bias, that
      can be trained; where `linear` has no bias, the convolution has none, or zeros
    - `linear` stays as it is, even when the convolution is trained later: copy its numbers

    For all images: conv(images).flatten(2).transpose(1, 2) equals linear(patchify(images, P)),
    up to rounding. The shape of `linear.weight` is (D, C * P * P), that of `conv.weight` is
    (D, C, P, P).
    """
    ### BEGIN SOLUTION
    conv = nn.Conv2d(
        in_channels,
        linear.out_features,
        kernel_size=patch_size,
        stride=patch_size,
        bias=linear.bias is not None,
    )
    with torch.no_grad():
        conv.weight.copy_(linear.weight.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv
    ### END SOLUTION


# %% check="1.5"
check("1.5")  # stuck? check("1.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Because patchify puts the channels first, row d of the linear weight holds the
# numbers of kernel d in exactly the order in which torch stores them: a reshape is enough. Had you
# flattened a patch as (row, column, channel), you would need a `permute` here.
#
# `copy_` needs `torch.no_grad()`, because a parameter must not be changed behind autograd's back.
# `conv.weight = nn.Parameter(...)` with a `clone()` in it works as well, and so does
# `conv.load_state_dict(...)`, which copies.

# %% slide="One linear layer for all patches is a convolution" slide_code=true
torch.manual_seed(0)
linear = nn.Linear(3 * 16 * 16, 192)
conv = linear_to_conv(linear, in_channels=3, patch_size=16)
with torch.no_grad():
    from_linear = linear(patchify(images, 16))
    from_conv = conv(images).flatten(2).transpose(1, 2)
print("equal up to rounding:", torch.allclose(from_linear, from_conv, atol=1e-5))

# %% [markdown]
# You have now written the first layer of the original Vision Transformer, and of most models since,
# in two ways. The course's own model uses the convolution, because that is the form in which others
# publish their weights.

# %% [markdown]
# ## See it: what the patch size decides
#
# How much of a patch can a token hold? A linear layer to D = 192 numbers can keep at most 192
# independent numbers. A patch of 8 x 8 pixels in three channels has exactly that many. A patch of
# 32 x 32 has sixteen times as many: most of it must go.
#
# To see what that means, choose 192 numbers well: for each channel, how strongly the patch contains
# each of 64 smooth wave patterns, the 8 x 8 lowest frequencies (JPEG uses such patterns, too). Then
# rebuild the patch from these numbers alone. You may skip the code and look at the picture.

# %%
def smooth_patterns(patch_size: int, count: int = 64) -> torch.Tensor:
    """Products of a cosine wave down and one across, of length 1: (at most `count`, P * P)."""
    k = min(patch_size, int(count**0.5))
    position = (torch.arange(patch_size) + 0.5) * torch.pi / patch_size
    waves = F.normalize(torch.cos(torch.arange(k)[:, None] * position), dim=1)
    return torch.kron(waves, waves)


def squeeze(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    """What is left of the images when each patch goes through at most 192 numbers."""
    patterns = smooth_patterns(patch_size)
    pixels = patchify(images, patch_size).unflatten(2, (3, -1))
    numbers = pixels @ patterns.T  # (B, N, 3, at most 64): the bottleneck
    return unpatchify((numbers @ patterns).flatten(2), patch_size, *images.shape[2:])


# %% slide="Large patches must lose something"
pictures = {
    f"P = {p}: {3 * p * p:,} numbers become 192": squeeze(images, p)[0] for p in (8, 16, 32)
}
show(
    view.side_by_side(pictures),
    alt="The portrait after each patch went through 192 numbers. With P = 8 it is unharmed, with "
    "P = 16 slightly soft, with P = 32 clearly blurred.",
)

# %% [markdown]
# Move the slider, with the mouse or with the arrow keys. On the left you see the grid, in the
# middle what is left of the picture when a patch may use at most 192 numbers, and on the right the
# price: how many comparisons attention has to make, with the current size marked.

# %%
sizes = (4, 7, 8, 14, 16, 28, 32, 56)
squeezed = {patch_size: squeeze(images, patch_size)[0] for patch_size in sizes}
view.patch_size_slider(photo, squeezed, embed_dim=192, start=16)

# %% [markdown]
# Halve the patch size, and you have four times as many tokens and sixteen times as many
# comparisons. Published models mostly use 14, 16 or 32.
#
# A caution: this shows what *any* linear layer must lose, not what a trained one keeps. A trained
# layer keeps what the task needs, and that may not look nice. And many models allow more numbers:
# ViT-B/16 has D = 768, exactly as many as the numbers in its patches, so nothing has to be lost.

# %% [markdown] slide="Mistakes that keep the shape"
# ## What could go wrong
#
# These mistakes keep the shape, so nothing complains. The checks know them by name.
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | plain `reshape` | a patch is a run of pixels along the rows | look at one patch |
# | columns before rows | tokens in a different order from what everybody else's weights expect | an image with different H and W |
# | pixels transposed, channels last | harmless when trained from scratch, fatal for loaded weights | an image that counts 0, 1, 2, ... |
# | `reshape` after the convolution | (B, D, h, w) torn apart instead of transposed | light up one pixel: how many tokens change? |
# | a layer made in `forward` | new random weights in every call, nothing is learned | call it twice |
# | weights in a plain tensor or list | the optimiser never sees them | count `parameters()` |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed.

# %%
quiz("01")

# %% [markdown] slide="Summary"
# ## Summary
#
# - Attention compares every token with every other. There are too many pixels for that, but few
#   enough patches.
# - `patchify` splits axes, reorders them, merges them. `reshape` alone does not reorder.
# - The embedding is one linear layer shared by all patches: (B, C, H, W) becomes (B, N, D).
# - It equals a convolution whose stride is its kernel size.
# - Smaller patches cost more, larger ones lose more.
#
# **Next:** chapter 2 adds a token that stands for the whole image.
#
# **Further reading**
#
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: section 3.1, and Figure 7
#   (left) for what trained embeddings look like.
# - Xiao et al., *Early Convolutions Help Transformers See Better*, NeurIPS 2021: a few small
#   convolutions instead of one large one make training steadier.
# - Beyer et al., *FlexiViT: One Model for All Patch Sizes*, CVPR 2023: the patch size chosen after
#   training.
# - Nguyen et al., *An Image is Worth More Than 16x16 Patches*, 2024: pixels as tokens after all,
#   and what that costs.
