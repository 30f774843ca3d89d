# %% [markdown] minutes=90
# # 3 Positions: telling tokens where they are
#
# In chapter 1 you put the patches of a portrait in random order and saw noise. Would a transformer
# have seen noise, too? You will find out in a moment, and the answer may surprise you.
#
# Then you give every token its place: first with waves, like the hands of a clock, then with a
# table that learns. You will watch such a table discover on its own that patches lie on a grid. At
# the end you stretch it to fit pictures of another size.
#
# Five exercises, about an hour and a half. You need chapters 1 and 2. Attention itself is built in
# chapter 4; until then it is a box that lets tokens look at each other.

# %% tags=["nbval-ignore-output"]
import torch
import torch.nn.functional as F
from einops import rearrange
from matplotlib import pyplot as plt
from torch import nn
from vitcourse import bundled, bundled_layout, check, load_photo, show, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse.data import scenes
from vitcourse.model import (
    ClassToken, Encoder, EncoderBlock, MultiHeadSelfAttention, PatchEmbedding, patchify, unpatchify
)

versions()

# %% [markdown]
# Shapes in this chapter:
#
# | letter | meaning | in this chapter |
# | --- | --- | --- |
# | B | images in a batch | 1, mostly |
# | N | number of tokens; one more with CLS | 196 for the portrait |
# | D | length of a token (`embed_dim`, or `dim`) | 64 |

# %% [markdown]
# ## The test of the shuffled portrait
#
# Here is a small Vision Transformer without positions: patches are embedded, CLS is put in front,
# an encoder follows. Its weights are random. Training would change nothing about what comes next.

# %%
torch.manual_seed(0)
embed = PatchEmbedding(image_size=224, patch_size=16, in_channels=3, embed_dim=64)
class_token = ClassToken(embed_dim=64)
encoder = Encoder(depth=2, embed_dim=64, num_heads=4, mlp_dim=128).eval()


@torch.no_grad()
def read(images: torch.Tensor) -> torch.Tensor:
    """What the CLS token has gathered from an image: D numbers."""
    return encoder(class_token(embed(2 * images - 1)))[0, 0]


# %% [markdown]
# It reads the portrait twice: once as it is, once with its 196 patches in a random order.

# %% lecture=true
predict(
    "03-shuffled",
    "How different will the two readings be?",
    ["the same", "a little different", "completely different"],
)

# %% slide="A face and a heap of shreds: the same reading" lecture=true
photo = load_photo()
order = torch.randperm(196, generator=torch.Generator().manual_seed(0))
shuffled = unpatchify(patchify(photo[None], 16)[:, order], 16, 224, 224)[0]

pictures = {"in order": photo, "the same patches, shuffled": shuffled}
readings = [read(picture[None]) for picture in pictures.values()]
show(
    view.draw_two_readings(pictures, readings),
    alt="Left the portrait, right its patches in random order. Below each, the 64 numbers of the "
    "CLS token as bars. The two rows of bars are the same.",
)

# %%
same = torch.allclose(*readings, atol=1e-5)
print("the same up to rounding:", same)
outcome("03-shuffled", "the same" if same else "a little different")

# %% [markdown]
# Not similar: the same. To this model, a face and a heap of shreds are one and the same thing, down
# to the last digit that rounding leaves. More data, more layers, longer training: nothing helps.
#
# Why? And which layer is to blame? You can measure it.

# %% [markdown]
# ### Two ways to a shuffled result
#
# Take a layer and some tokens. You can shuffle the tokens and run the layer. Or you can run the
# layer and shuffle what comes out. If both give the same, for every order, the layer is called
# *equivariant*: shuffle the input, and the output is shuffled in the same way; nothing else
# changes.
#
# ### Exercise 3.1

# %% exercise="3.1"
def equivariance_error(layer, tokens: torch.Tensor, order: torch.Tensor) -> float:
    """How much it matters whether tokens are shuffled before the layer or after it.

    - `layer`: anything callable that takes tokens (B, N, D) and returns (B, N, any length)
    - `order`: the numbers 0 to N - 1 in some order; place i gets token order[i]
    - returns: the largest absolute difference between the layer's result for shuffled tokens and
      its result for the tokens as they are, shuffled afterwards; a float, 0.0 up to rounding if
      the layer is equivariant
    - the tokens stay as they are
    """
    ### BEGIN SOLUTION
    shuffled_before = layer(tokens[:, order])
    shuffled_after = layer(tokens)[:, order]
    return (shuffled_before - shuffled_after).abs().max().item()
    ### END SOLUTION


# %% check="3.1"
check("3.1")  # stuck? check("3.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `tokens[:, order]` picks along the second axis. `tokens[order]` would pick images,
# and with more images than tokens you would get no error.
#
# Just as correct: undo the shuffle of the output with `order.argsort()` and compare with
# `layer(tokens)`; or multiply by a permutation matrix, `torch.eye(N)[order] @ tokens`, which is how
# the proof below writes it. Comparing with `layer(tokens)` in its old order answers a different
# question: that is *invariance*, and it holds for the mean of all tokens, not for each.

# %% [markdown]
# Now put the parts of a transformer to the test, in float64 so that rounding stays tiny. Two layers
# from other families are included for comparison.

# %%
torch.manual_seed(0)
conv = nn.Conv1d(64, 64, kernel_size=3, padding=1).double()
layers = {
    "nn.Linear": nn.Linear(64, 64),
    "nn.LayerNorm": nn.LayerNorm(64),
    "attention": MultiHeadSelfAttention(embed_dim=64, num_heads=4),
    "a whole encoder block": EncoderBlock(embed_dim=64, num_heads=4, mlp_dim=128),
    "a convolution along the tokens": lambda tokens: conv(tokens.mT).mT,
    "a running sum": lambda tokens: tokens.cumsum(dim=1),
}

# %% slide="Nothing in the transformer notices the order"
tokens = torch.randn(2, 30, 64, dtype=torch.float64)
some_order = torch.randperm(30)
for name, layer in layers.items():
    layer = layer.double().eval() if isinstance(layer, nn.Module) else layer
    error = equivariance_error(layer, tokens, some_order)
    print(f"{name:32}", "notices the order" if error > 1e-10 else "does not notice")

# %% [markdown]
# Nothing in the transformer notices. Linear layers and norms treat each token on its own. Attention
# is the only part where tokens meet, and it does not notice either.

# %% [markdown] slide="The proof: a shuffle goes in, the same shuffle comes out"
# ### Why attention cannot notice: the proof
#
# A measurement with one order is a hint, not a proof. The proof is short. Let $X$ hold the tokens
# as rows, and let $P$ be a permutation matrix, so that $PX$ is the shuffled $X$. Attention is
#
# $$A(X) = \mathrm{softmax}\left(\tfrac{1}{\sqrt{d}}\, XW_q\,(XW_k)^\top\right) XW_v .$$
#
# Replace $X$ by $PX$. The scores become $P\,S\,P^\top$: their rows and columns are shuffled in the
# same way. The softmax works on each row by itself and does not care about the order of the numbers
# in a row, so it becomes $P\,\mathrm{softmax}(S)\,P^\top$. Then
#
# $$A(PX) = P\,\mathrm{softmax}(S)\,P^\top P\,XW_v = P\,\mathrm{softmax}(S)\,XW_v = P\,A(X),$$
#
# because $P^\top P$ is the identity. A shuffle goes in, the same shuffle comes out.
#
# CLS always stands in front, so only the patches are shuffled. What CLS gathers is a weighted sum
# over the patches, and a sum has no order. That is what you saw in the bars.

# %% [markdown]
# Is that bad? Less than you might think: many objects can be recognised from their shreds. In the
# paper, a ViT-B/16 without positions lost only about three points of accuracy on ImageNet, in a
# quick five-shot test (Dosovitskiy et al., 2021, appendix D.4). But such a model knows nothing
# about above and below, left and right, near and far.

# %% [markdown] slide="How would you write down a place?"
# ## How would you write down a place?
#
# Each token needs something that depends on its place. What? Try the obvious first.
#
# | idea | what is wrong with it |
# | --- | --- |
# | the number p: 0, 1, 2, ..., 195 | soon larger than anything the token itself has to say |
# | p / N, from 0 to 1 | neighbours hardly differ, and a step means something different for every N |
# | N numbers, a single 1 among them | all places are equally far apart; nothing says "near" |
#
# A good answer stays small, is different for every place, similar for near places, and means the
# same in a short sequence and in a long one.
#
# You know a device that does this. With three hands, a clock can tell thousands of seconds apart.
# The fast hand separates moments that are close, the slow ones separate moments that are far apart.
# No hand ever grows.

# %% slide="Clock hands: fast ones for near, slow ones for far" lecture=true
speeds = torch.tensor([1.0, 0.25, 0.06])
angles = torch.arange(9)[:, None] * speeds  # (positions, hands), in radians
show(
    view.draw_clocks(angles, ["1 a step", "0.25 a step", "0.06 a step"]),
    alt="Three rows of nine clocks, one column for each position 0 to 8. In the first row the hand "
    "turns more than once round, in the second about a third of a turn, in the third it hardly "
    "moves.",
)

# %% [markdown]
# Read a column from top to bottom: three hands, one position.
#
# How does a network read a hand? By the point where it ends: how far up (the sine) and how far to
# the right (the cosine). One of the two is not enough: at the same height, a hand may be going up
# or coming down.
#
# So a hand takes two numbers, and D numbers hold D / 2 hands. Their speeds fall from 1 to nearly
# 1 / 10000. The formula is from the paper that introduced the transformer (Vaswani et al., 2017,
# section 3.5):
#
# $$w_i = 10000^{-i / (D/2)}, \qquad i = 0, 1, \ldots, D/2 - 1 .$$
#
# At position p, hand i stands at the angle $p\,w_i$.
#
# ### Exercise 3.2

# %% exercise="3.2"
def sincos_1d(positions: int | torch.Tensor, dim: int) -> torch.Tensor:
    """Sines and cosines of each position: (N,), or an int N for 0 .. N - 1  ->  (N, dim).

    - the first dim / 2 columns are the sines of p * w_i, for i = 0, 1, ..., dim / 2 - 1
    - the last dim / 2 columns are the cosines of the same angles, in the same order
    - w_i = 10000 ** (-i / (dim / 2)); angles in radians
    - positions are integers or float32; they may lie between two places, such as 0.5, or below 0
    - `dim` is even; the result is float32; the positions passed in stay as they are

    Example: sincos_1d(1, 4) is [[0, 0, 1, 1]].
    """
    if isinstance(positions, int):
        positions = torch.arange(positions)
    ### BEGIN SOLUTION
    half = dim // 2
    frequencies = 10000 ** (-torch.arange(half) / half)
    angles = positions[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)
    ### END SOLUTION


# %% check="3.2"
check("3.2")  # stuck? check("3.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** (N, 1) times (dim / 2,) broadcasts to (N, dim / 2): all angles at once. Both
# functions get the same angles; that is what makes a hand.
#
# You will meet other ways to write it. `torch.exp(-torch.arange(half) * math.log(10000) / half)`
# gives the same speeds. `torch.arange(0, dim, 2) / dim` is the same exponent, written with 2i and
# dim. And the paper alternates sine and cosine, while MoCo v3, MAE and this course put all sines
# first: the same numbers, in different columns. A model that learns does not care; loaded weights
# do.

# %% slide="Sines and cosines: the hands of 64 places"
table = sincos_1d(64, 64)
figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
view.draw_table(ax, table, "64 positions, 64 channels")
show(
    figure,
    alt="A table of 64 rows and 64 columns. In the left half, the sines: from column to column the "
    "bands of light and dark grow longer, until the last columns stay at zero. In the right half, "
    "the cosines: the same bands, until the last columns stay at one.",
)

# %%
for name, speed in {"fastest": 1.0, "slowest": 10000 ** (-31 / 32)}.items():
    print(f"the {name} hand takes {2 * torch.pi / speed:8,.0f} steps for one turn")

# %% [markdown]
# The columns on the left of each half are the fast hands, those on the right the slow ones. With
# only 64 positions, half of the hands hardly move: base 10000 comes from a paper about texts, which
# are longer than a row of patches.

# %% [markdown]
# ### What two places have in common
#
# How alike are two positions? Compare them as attention compares tokens, with a dot product. Take
# all pairs that are 5 apart: 0 and 5, 1 and 6, 2 and 7, and so on.

# %%
products = (table[:-5] * table[5:]).sum(dim=1)
print(f"{len(products)} pairs, products from {products.min():.3f} to {products.max():.3f}")

# %% [markdown]
# They are all equal. That is no accident: for each hand,
# $\sin a \sin b + \cos a \cos b = \cos(a - b)$, and $a - b$ is the distance times $w_i$. The places
# themselves drop out. So the dot product of two positions tells **how far apart** they are, and
# nothing about where they are.
#
# Vaswani et al. hoped for something like this: that attention would easily learn to look a fixed
# number of steps to the left or to the right.

# %% [markdown]
# ## Rows and columns
#
# Patches do not stand in a line. In a grid of 14 columns, the patch below patch 0 is patch 14. On
# the line it is fourteen steps away; in the picture the two touch.
#
# The solution is as simple as in chess: name the row and the column. Half of the channels are a
# clock for the row, the other half one for the column.
#
# ### Exercise 3.3

# %% exercise="3.3"
def sincos_2d(grid_size: tuple[int, int], dim: int) -> torch.Tensor:
    """Sines and cosines for the places of a grid, in raster order: -> (rows * columns, dim).

    - `grid_size`: (rows, columns); they may differ
    - the first dim / 2 numbers of a place are `sincos_1d` of its row, the last dim / 2 of its
      column, both counted from 0; the result is float32
    - raster order as in chapter 1: along each row of the grid, then the next row
    - `dim` is a multiple of 4

    Example: in a grid of 2 x 3, place 4 is row 1, column 1.
    """
    rows, columns = grid_size
    ### BEGIN SOLUTION
    place = torch.arange(rows * columns)
    of_row = sincos_1d(place // columns, dim // 2)
    of_column = sincos_1d(place % columns, dim // 2)
    return torch.cat([of_row, of_column], dim=1)
    ### END SOLUTION


# %% check="3.3"
check("3.3")  # stuck? check("3.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** A row holds `columns` places, so the quotient is the row and the remainder is the
# column. It helps that `sincos_1d` takes any positions.
#
# Or make each of the two tables once and repeat it:
# `sincos_1d(rows, dim // 2).repeat_interleave(columns, dim=0)` next to
# `sincos_1d(columns, dim // 2).repeat(rows, 1)`. Mixing up the two kinds of repeat is the classic
# mistake here, and on a square grid no shape reveals it. `torch.meshgrid(..., indexing="ij")` works
# as well; with `indexing="xy"` it gives columns first.

# %% [markdown]
# Now compare the two ways of counting. Choose a place, and colour every other place by how much its
# vector resembles that of the chosen one. Cosine similarity is the dot product of vectors that have
# been scaled to length 1.

# %%
def similarities(table: torch.Tensor) -> torch.Tensor:
    """Cosine similarity of every place to every other: (N, D) -> (N, N)."""
    rows = F.normalize(table.detach().double(), dim=1)
    return rows @ rows.T


maps = {
    "along\none line": similarities(sincos_1d(14 * 14, 64)),
    "row and\ncolumn": similarities(sincos_2d((14, 14), 64)),
}

# %% slide="By row and column, near places are alike both ways"
show(
    view.draw_places(maps, (14, 14), places=[(0, 0), (3, 10), (7, 4), (12, 12)], lowest=0),
    alt="Two rows of four maps of a grid of 14 by 14; in each, a cross marks the chosen place. "
    "Above, counted along one line: a bright horizontal streak, and whole rows that look alike. "
    "Below, counted by row and column: bright at the cross and along its row and its column, "
    "darker away from both.",
)

# %% [markdown]
# Above, the line: brightness runs along the row and has no idea of up and down. Below, the grid:
# brightness falls off in both directions.
#
# But look closely at the lower row. The bright area is a cross, not a round spot. All places of one
# row share half of their numbers exactly, however far apart they are. Waves for row and column are
# simple; nobody says that they are ideal.

# %% [markdown] slide="ViT learns its table: one vector for each token"
# ## A table that learns
#
# The authors of ViT did not choose waves. They gave each place a vector of random numbers, one row
# of a table, and let training change it like every other weight:
#
# $$z_0 = [x_{\mathrm{cls}};\ x_1 E;\ \ldots;\ x_N E] + E_{\mathrm{pos}}$$
#
# (their equation 1). Note the order: CLS is put in front *first*, then positions are added. So the
# table has N + 1 rows, and row 0 belongs to CLS.
#
# Why *added*, and not attached at the end? Suppose that you attached a row of N numbers to each
# patch, with a single 1 at its place, and then embedded the whole with one linear layer. The
# weights of that layer would have two parts: one for the pixels, one for the place. The part for
# the place would pick out one column: a vector for each place, added to the embedded patch. Adding
# a learned table *is* attaching the place, only cheaper.
#
# ### Exercise 3.4

# %% exercise="3.4"
class PositionEmbedding(nn.Module):
    """Add a learned vector to the token at each place: (B, num_tokens, D) -> the same shape.

    - `num_tokens`: all tokens, CLS included; `embed_dim`: D
    - the table is an nn.Parameter named `pos_embed` of shape (1, num_tokens, embed_dim), so that
      published weights fit; the initial values are yours to choose, for instance zeros or small
      random numbers, without setting a seed
    - `forward` adds row n of the table to token n of every image, and nothing else
    - `forward` raises ValueError, and no other error, if the number of tokens is not num_tokens: a
      single token would be broadcast silently
    - the tokens passed in stay as they are
    """

    def __init__(self, num_tokens: int, embed_dim: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, num_tokens, embed_dim))
        ### END SOLUTION

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if tokens.shape[1] != self.pos_embed.shape[1]:
            raise ValueError(f"{tokens.shape[1]} tokens, {self.pos_embed.shape[1]} positions")
        return tokens + self.pos_embed
        ### END SOLUTION


# %% check="3.4"
check("3.4")  # stuck? check("3.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The axis of length 1 in front lets the sum broadcast over the images.
# `tokens += self.pos_embed` would change the caller's tensor.
#
# An `nn.Embedding(num_tokens, embed_dim)` with `torch.arange` computes the same and is what GPT-2
# does with words; its weight has a different name and shape, so no published ViT would load.
# `self.pos_embed[:, : tokens.shape[1]]` is common. It accepts any shorter sequence, even one in
# which somebody forgot CLS, and then every patch gets the position of its neighbour. Initial
# values: a standard deviation of 0.02 is usual, and zeros work as well.

# %%
torch.manual_seed(0)
positions = PositionEmbedding(num_tokens=197, embed_dim=64)
nn.init.normal_(positions.pos_embed, std=0.02)  # whatever your start values: small and random here
with torch.no_grad():
    patch_tokens = embed(2 * photo[None] - 1)
    tokens = positions(class_token(patch_tokens))
print("patches:", tuple(patch_tokens.shape), " with CLS and positions:", tuple(tokens.shape))

# %% [markdown]
# Does the model notice the order now? Here is the same test as at the beginning, with this table,
# whose numbers are still small and random:

# %%
@torch.no_grad()
def read_with_positions(images: torch.Tensor) -> torch.Tensor:
    return encoder(positions(class_token(embed(2 * images - 1))))[0, 0]


first, second = [read_with_positions(picture[None]) for picture in pictures.values()]
print("the same up to rounding:", torch.allclose(first, second, atol=1e-5))

# %% [markdown]
# ### How can a table know the grid?
#
# The table starts as noise. Row 31 does not know that it belongs next to row 32, and nobody ever
# tells it: the model sees a set of tokens, and the table is just more numbers to adjust. Still,
# tables of trained models show the grid (Dosovitskiy et al., Figure 7, middle). Where does it come
# from?
#
# From the pictures. Neighbouring patches look alike, so if you have to guess a missing patch, it is
# a good idea to ask its neighbours. You can watch that happen in about a second.
#
# **The game.** Cut random squares out of the portrait, each a grid of patches, and keep only the
# mean colour of every patch. One patch is hidden. Guess its colour as a weighted mean of all other
# patches. The weights come from the table alone: places whose vectors have a large dot product
# count more. This is attention that looks at nothing but positions.

# %%
model = bundled()  # a small trained ViT that comes with the course; more about it below
side = model.config["image_size"] // model.config["patch_size"]
grid = (side, side)  # the game uses the same grid, so that the tables can be compared
print("grid:", grid)

# %%
def random_colours(photo: torch.Tensor, side: int) -> torch.Tensor:
    """Mean colours of side x side patches in a random square of the photo: (N, 3)."""
    patch_size = int(torch.randint(4, photo.shape[1] // side, ()))
    y, x = torch.randint(0, photo.shape[1] - side * patch_size, (2,)).tolist()
    square = photo[:, y : y + side * patch_size, x : x + side * patch_size]
    return F.avg_pool2d(square, patch_size).flatten(1).T


# %%
torch.manual_seed(0)
colours = torch.stack([random_colours(photo, side) for _ in range(2000)])
colours = (colours - colours.mean(dim=1, keepdim=True)) / colours.std()
print("squares, patches, colours:", tuple(colours.shape))

# %%
game = PositionEmbedding(side**2, 64)  # no CLS in this game
torch.manual_seed(0)
nn.init.normal_(game.pos_embed, std=0.02)
optimizer = torch.optim.Adam(game.parameters(), lr=0.01)
hidden = torch.eye(side**2, dtype=torch.bool)  # nobody may look at the patch to be guessed
seen = {}

# %%
for step in range(301):
    if step in (0, 20, 60, 300):
        seen[f"step {step}"] = similarities(game.pos_embed[0])
    batch = colours[torch.randint(len(colours), (64,))]
    scores = game.pos_embed[0] @ game.pos_embed[0].T
    guess = scores.masked_fill(hidden, -torch.inf).softmax(dim=1) @ batch
    loss = F.mse_loss(guess, batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% slide="A table finds the grid by itself, because the world is smooth" lecture=true
half = side // 2
show(
    view.draw_places(seen, grid, [(0, 0), (1, half), (half, half), (half, 1), (side - 1, half)]),
    alt="Four rows of five maps of the grid, for steps 0, 20, 60 and 300; a cross marks the chosen "
    "place. At step 0 noise. At step 20 a few broad regions with sharp borders. At steps 60 "
    "and 300 a bright spot around each cross, that gets smaller and rounder.",
)

# %% [markdown]
# The grid is there. No line of code says what a row is, or that the picture has two dimensions. The
# table found out because the world is smooth.
#
# It is a game, of course. A real ViT has its own task, and its table learns whatever place means
# for that task. One more difference: here, a table of zeros would stay zero, because scores are
# products of its rows, and so each row's gradient is made up of multiples of the other rows. In a
# ViT the patches take part as well, and zeros are a fine start.

# %% [markdown]
# ### The table of a trained model
#
# The model that comes with the course looks at small generated scenes. There is a dot in the middle
# and shapes around it, and one of them has the colour of the dot. *What* is that shape, and *where*
# is it?

# %%
layout = bundled_layout()
show(
    view.draw_scenes(scenes(4, seed=0, **layout), grid=layout["grid"], columns=4),
    alt="Four scenes with coloured shapes around a dot with a white ring. Below each the same "
    "scene, faded except for the dot and the shape in its colour, with that shape's name and "
    "place.",
)

# %% [markdown]
# Does the model need its positions? Shuffle them and ask it. Then take them away and ask again.

# %%
from vitcourse.training import evaluate, scene_labels, scene_questions

test = scenes(200, seed=0, **layout)
questions = scene_questions(layout["grid"])
trained = model.positions.pos_embed.detach().clone()

other_order = torch.randperm(side**2, generator=torch.Generator().manual_seed(0))
tables = {
    "positions as trained": trained,
    "positions shuffled": torch.cat([trained[:, :1], trained[:, 1:][:, other_order]], dim=1),
    "no positions at all": torch.zeros_like(trained),
}

# %% slide="With wrong positions, *where* is lost" lecture=true
for name, table in tables.items():
    with torch.no_grad():
        model.positions.pos_embed.copy_(table)
    right = evaluate(model, test.images, scene_labels(test), questions, batch_size=50)
    print(f"{name:22} what: {100 * right['what']:3.0f} %   where: {100 * right['where']:3.0f} %")
with torch.no_grad():
    model.positions.pos_embed.copy_(trained)
guessing = [f"{question}: {100 / count:3.0f} %" for question, count in questions.items()]
print(f"{'by guessing':22}", "   ".join(guessing))

# %% [markdown]
# *Where* is lost, both with wrong positions and with none. *What* survives much better: a shape can
# be recognised from its shreds.
#
# So the table matters. Does it show the grid? For each table, count how often the place most like a
# given one is a direct neighbour.

# %%
row, column = torch.arange(side**2) // side, torch.arange(side**2) % side
distance = torch.hypot((row[:, None] - row).float(), (column[:, None] - column).float())


def share_of_neighbours(similarity: torch.Tensor) -> float:
    """How often the most similar other place is a direct neighbour on the grid."""
    others = similarity.clone().fill_diagonal_(-torch.inf)
    nearest = others.argmax(dim=1)
    return (distance[torch.arange(side**2), nearest] == 1).double().mean().item()


found = {
    "sines and cosines, row and column": similarities(sincos_2d(grid, 64)),
    "sines and cosines, one line": similarities(sincos_1d(side**2, 64)),
    "learned in the game": similarities(game.pos_embed[0]),
    "the bundled model": similarities(trained[0, 1:]),
    "random numbers": similarities(torch.randn(side**2, 64)),
}

# %% tags=["nbval-ignore-output"]
for name, similarity in found.items():
    print(f"{name:34} {100 * share_of_neighbours(similarity):3.0f} %")

# %%
curves = {}
for name, similarity in found.items():
    steps = torch.arange(1, side)
    curves[name] = steps, torch.stack([similarity[distance == step].mean() for step in steps])
show(
    view.draw_by_distance(curves),
    alt="Mean cosine similarity over the distance on the grid for five tables. The two kinds of "
    "waves stay high throughout. The table of the game falls steeply from high values to about "
    "zero or below. The table of the bundled model is a little above zero for direct neighbours, "
    "then close to it. Random numbers stay at zero.",
)

# %% [markdown]
# The table of the bundled model looks nothing like the neat maps in the paper. Averaged over all
# pairs, direct neighbours are somewhat more alike than distant places, and a single map is mostly
# noise.
#
# Why? The table started with random numbers, and training has no reason to clean them up: random
# vectors are easy to tell apart. And nothing in those scenes has to be guessed from its neighbours.
# The paper's table began near zero and saw millions of photographs.
#
# So a map that shows a grid proves that the table has learned the grid. A noisy map does *not*
# prove that the model cannot tell places apart: this model can.

# %% [markdown]
# ## See it: which places resemble each other?
#
# Point at a place. The colour and the number of every other place show how much its vector
# resembles that of the chosen one. With the keyboard: press Tab until the grid has a frame, then
# use the arrow keys. To see another table, choose it from the list above the grid. Rows and columns
# count from 0.

# %% tags=["nbval-ignore-output"]
view.position_explorer(found, grid)

# %% [markdown]
# Some things to look for:
#
# - Row and column: where on the grid is the place that resembles the chosen one *least*?
# - One line: choose the last place of a row. Which other place resembles it most?
# - The game: do places at the border resemble each other more than those in the middle?
# - The bundled model: is there any place whose map you would recognise as a map?

# %% [markdown]
# ## Another grid
#
# Waves can be computed for any grid. A learned table has as many rows as the training pictures had
# patches, and not one more. What if the next picture is larger, or not square?
#
# Look at one channel of the table, without CLS. It is one number for each place of the grid: a
# small grey picture. And pictures can be resized. That is how it is done: treat the table as an
# image with D channels, resize it, and take it apart again (Dosovitskiy et al., section 3.2).
#
# CLS has no place in the picture. Its row must be set aside and put back untouched.
#
# Which filter? You will use timm's: bicubic, with antialiasing. More about that below.
#
# ### Exercise 3.5
#
# Too hard a start? Write `lines("3.5")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="3.5"
def resize_positions(
    pos_embed: torch.Tensor,
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    num_prefix_tokens: int = 1,
) -> torch.Tensor:
    """Stretch a table to another grid: (1, prefix + N, D) -> (1, prefix + M, D).

    - `old_grid`, `new_grid`: (rows, columns), square or not; N and M are their numbers of places
    - the first `num_prefix_tokens` rows (CLS) have no place on the grid and stay as they are
    - each channel of the rest is resized as an image, with `F.interpolate`, mode="bicubic" and
      antialias=True; places in raster order before and after
    - `F.interpolate` wants (1, D, rows, columns), and does not take half precision on the CPU:
      compute in float32; the result has the dtype of `pos_embed`
    - the table passed in stays as it is
    """
    prefix, places = pos_embed[:, :num_prefix_tokens], pos_embed[:, num_prefix_tokens:]
    ### BEGIN SOLUTION
    rows, columns = old_grid
    image = rearrange(places.float(), "b (h w) d -> b d h w", h=rows, w=columns)
    image = F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)
    places = rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)
    return torch.cat([prefix, places], dim=1)
    ### END SOLUTION


# %% check="3.5"
check("3.5")  # stuck? check("3.5", hint=1), then 2, then 3; or lines("3.5")

# %% [markdown] tags=["solution"]
# **Solution.** Unfold, resize, fold. Without einops: `places.reshape(1, rows, columns,
# -1).permute(0, 3, 1, 2)` on the way in, `.permute(0, 2, 3, 1).flatten(1, 2)` on the way out.
# `places.transpose(1, 2).unflatten(2, old_grid)` and `.flatten(2).transpose(1, 2)` are shorter
# still. A `view` straight to (1, D, rows, columns) has the right shape and mixes channels with
# places.
#
# Two traps are invisible on square grids: rows and columns swapped, and the side taken as the
# square root of N. A third trap: "as many tokens as before, so there is nothing to do". 3 x 4
# and 4 x 3 have equally many places, but not the same ones.

# %% [markdown]
# One channel of the table from the game, on its own grid, on a wider one, and on a smaller one:

# %% slide="A table is resized like an image, without CLS"
small, wide = (side - 3, side - 3), (side, 2 * side)
table = game.pos_embed.detach()
strongest = int(table[0].std(dim=0).argmax())  # a channel with something to see
channels = {}
for new_grid in (grid, wide, small):
    places = resize_positions(table, grid, new_grid, num_prefix_tokens=0)
    title = "{} x {}".format(*new_grid) + (" (trained)" if new_grid == grid else "")
    channels[title] = places[0, :, strongest].reshape(new_grid)
show(
    view.draw_channels(channels),
    alt="One channel of the table three times: on the square grid it was trained on, stretched to "
    "twice the width, and shrunk. The pattern of light and dark is the same in all three.",
)

# %% [markdown]
# ### Libraries disagree
#
# "Resize it like an image" leaves room for choices, and everybody chooses differently. This is what
# the source code says:
#
# | whose code | filter | corners aligned | antialias | other than square |
# | --- | --- | --- | --- | --- |
# | the paper's, `vit_jax/checkpoint.py` | linear (`scipy.ndimage.zoom`, order 1) | yes | no | no |
# | torchvision 0.29, `interpolate_embeddings` | bicubic | yes | no | no |
# | transformers, `ViTEmbeddings` (commit 005db82) | bicubic | no | no | only the new grid |
# | timm 1.0, `resample_abs_pos_embed` | bicubic | no | yes | yes |
#
# *Corners aligned* means that the centres of the outermost places stay where they are; otherwise
# the outer *edges* of the patches do. The second is what happens when you resize a photograph: a
# patch covers an area; it is not a point.
#
# *Antialias* matters when the grid gets smaller: without it, places in between are skipped, as in a
# badly shrunk photograph. It also changes the result a little when the grid grows, because torch's
# bicubic filter has a different shape with `antialias=True` (its constant is -0.5; without it,
# -0.75).
#
# Each rule is one line, so it is easy to see how far apart they are.

# %%
rules = {
    "timm": {"mode": "bicubic", "antialias": True},
    "transformers": {"mode": "bicubic"},
    "torchvision": {"mode": "bicubic", "align_corners": True},
    "the paper's code": {"mode": "bilinear", "align_corners": True},
}


def resized(table: torch.Tensor, rule: dict, new_side: int) -> torch.Tensor:
    """A table without CLS, (1, N, D), by a library's rule: (D, new_side, new_side)."""
    image = rearrange(table, "1 (h w) d -> 1 d h w", h=side)
    return F.interpolate(image, size=(new_side, new_side), **rule)[0]


# %%
examples = {
    "the bundled model's table": trained[:, 1:],
    "waves of row and column": sincos_2d(grid, 64)[None],
}
for example, places in examples.items():
    print(f"{example}: mean difference from timm's result, in % of a mean number")
    for new_side in (2 * side, side // 2):
        first = resized(places, rules["timm"], new_side)
        print(f"    to {new_side} x {new_side}:", end="")
        for name in list(rules)[1:]:
            change = (resized(places, rules[name], new_side) - first).abs().mean()
            print(f"   {name} {100 * change / places.abs().mean():.0f} %", end="")
        print()

# %%
channels = {name: resized(table, rule, side // 2)[strongest] for name, rule in rules.items()}
show(
    view.draw_channels(channels),
    alt="The same channel of the table from the game on a grid half as large, by the rules of four "
    "libraries. The broad pattern agrees; single places differ.",
)

# %% [markdown]
# None of them is wrong, and if you continue training, the table will adapt. But if you only load
# weights and use the model, apply the same rule as those who measured its results. A noisy table is
# the hard case; the smoother it is, the less the rules differ.
#
# These sources contain two more traps. Code that uses the square root of N as the side cannot read
# a table from a grid that is not square. And torchvision's function returns early when the *number*
# of tokens is the same.

# %% [markdown] slide="Mistakes that keep every shape"
# ## What could go wrong
#
# Most of these keep every shape. Where an exercise can show them, the check knows them by name.
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | positions added before CLS | the table is one row short; slices of a table hide it | count the rows: N + 1 |
# | one vector added to all tokens (`pos_embed[:, 0]`) | broadcasting is silent; the model still cannot see the order | shuffle the tokens |
# | table in a plain tensor | never trained, left behind by `.to(device)` | count `parameters()` |
# | table returned instead of added, or added twice | the shapes are right; with a zero table, the second even gives the right values | fill the table with random numbers |
# | a frequency for each channel | sine and cosine of different angles: no hand, no distance | dot products of pairs equally far apart |
# | `i // (dim / 2)`, degrees, another base | hands that stand still, or spin wildly | draw the table |
# | rows and columns swapped | fine on a square, wrong on other grids | a grid of 2 x 3 |
# | CLS resized with the rest | a place in the corner becomes half CLS | compare row 0 before and after |
# | `view` instead of `permute` before resizing | channels and places mixed | a table that counts rows and columns |
# | `align_corners=True`, bilinear, no antialias | another library's table | compare with the one you load from |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("03")

# %% [markdown] slide="Summary"
# ## Summary
#
# - Attention is equivariant: shuffle the tokens, and its output is shuffled in the same way. CLS
#   notices nothing.
# - Sines and cosines are hands of clocks. The dot product of two places depends only on their
#   distance.
# - For a grid, half of the channels tell the row, half the column.
# - ViT learns its table: one vector for each token, CLS included, added after CLS is in front.
# - Trained on pictures, a table can find the grid by itself. It does not have to, if the task does
#   not need it.
# - For another grid, a table is resized like an image, without CLS, and libraries differ in how
#   they do it.
#
# **Next:** chapter 4 opens the box and builds attention.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, NeurIPS 2017: section 3.5, the waves.
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: Figure 7 (middle) for the map of
#   a trained table; appendix D.4 compares no positions, 1-D, 2-D and relative ones.
# - Chen et al., *An Empirical Study of Training Self-Supervised Vision Transformers* (MoCo v3),
#   ICCV 2021, and He et al., *Masked Autoencoders Are Scalable Vision Learners*, CVPR 2022: fixed
#   2-D waves instead of a learned table.
# - Naseer et al., *Intriguing Properties of Vision Transformers*, NeurIPS 2021: how well trained
#   ViTs cope with shuffled patches.
# - Su et al., *RoFormer*, 2021, and Heo et al., *Rotary Position Embedding for Vision Transformer*,
#   ECCV 2024: queries and keys are turned like the hands of your clock, inside attention.
# - Dehghani et al., *Patch n' Pack: NaViT*, NeurIPS 2023: pictures of any size and shape, with a
#   table for rows and one for columns.
