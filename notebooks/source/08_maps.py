# %% [markdown] minutes=150
# # 8 Where does it look, and is that why?
#
# A trained model gives answers, and you would like to know why. Attention seems to tell: for every
# token it says how much it looks at every other. Draw it over the image, and something lights up.
# It is hard to look at such a picture and not believe it.
#
# In this chapter you build such pictures yourself, four kinds of them. Then you make them compete
# on a thousand scenes where the truth is known, and you try to break them. Some will hold up, and
# some will turn out to be pretty and beside the point.
#
# Nine exercises, about two and a half hours. You need chapter 4 (attention), and the gradients
# of chapter 7.

# %% tags=["nbval-ignore-output"]
import math
from collections.abc import Callable

import torch
from torch import nn
from vitcourse import bundled, bundled_layout, check, explain, maps, show, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse import progress_bar, use_fastest_threads  # for cells that take some seconds
from vitcourse.data import COLOURS, SHAPES, cell_names, scenes
from vitcourse.maps import attention_maps, capture, patches_inside, pointing_game
from vitcourse.model import merge_heads, split_heads
from vitcourse.training import to_input

versions()
use_fastest_threads()  # small models are often fastest on one

# %% [markdown]
# ## The model and its question
#
# The course comes with a trained model. It knows a larger version of the scenes of chapter 7: five
# shapes in 6 x 6 cells, and a dot in the middle. The dot names a colour. *What* shape has this
# colour, and *where* is it?
#
# The model is small: 4 layers with 4 heads each, on 12 x 12 patches of 8 pixels. With the class token
# that makes 145 tokens. It gives 40 numbers, 8 for *what* and 32 for *where*.

# %%
model = bundled()
grid, patch_size = (12, 12), 8
test = scenes(1000, seed=8, **bundled_layout())
with torch.no_grad():
    logits = torch.cat([model(to_input(batch)) for batch in test.images.split(50)])
right = (logits[:, :8].argmax(1) == test.what) & (logits[:, 8:].argmax(1) == test.where)
print(f"right in both, of {len(test.what):,} scenes: {right.sum():,}")

# %% [markdown]
# Here is one of them, which we will follow through the chapter.

# %%
images = to_input(test.images[:200])  # as the model takes them: enough for most of what follows
number = 20
picture, target, dot = test.images[number], test.target_mask[number], test.dot_mask[number]
what, where = logits[number, :8].softmax(0), logits[number, 8:].softmax(0)
places = cell_names(6)
print(f"the dot is {COLOURS[test.colour[number]]}")
print(f"what:  {SHAPES[what.argmax()]}, probability {what.max():.2f}")
print(f"where: {places[where.argmax()]}, probability {where.max():.2f}")

# %% slide="One scene: what would you look at?"
scene = type(test)(*(part[number : number + 1] for part in test))
show(
    view.draw_scenes(scene, grid=6),
    alt="A noisy picture with a blue dot in the middle. Five shapes: a yellow square, a green "
    "circle, a red ring, a magenta diamond, and at the top left a blue heart. Below, dot and "
    "heart in bold outlines.",
)

# %% [markdown]
# Right, and sure of it. Before you continue, think: what would you expect it to look at? The
# outlines are for you; the model does not see them. We call the shape in the dot's colour the
# *target*; the other four are the *distractors*.

# %% [markdown]
# ## The class token's map
#
# The head reads the class token and nothing else (chapter 6). So ask the class token first: it is
# token 0, and row 0 of a layer's weights says how much it takes from each of the 145 tokens.
#
# `attention_maps` runs the model and keeps the weights of all layers, which the fast kernel of
# chapter 4 never stores. Rows are queries, and each sums to 1.

# %%
weights = attention_maps(model, images[number : number + 1])
print("(B, layers, heads, N, N):", tuple(weights.shape))
print("row 0 of layer 3, head 1 sums to", round(weights[0, 3, 1, 0].sum().item(), 3))

# %% [markdown]
# ### Exercise 8.1
#
# From weights to a picture: take the right row, leave out what is not a patch, and lay out the rest
# like the image.

# %% exercise="8.1"
def cls_map(
    attention: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1
) -> torch.Tensor:
    """Where the class token looks: one layer's weights (B, heads, N, N) -> (B, rows, columns).

    - rows of the weights are queries; the class token is token 0
    - the mean of the heads
    - only the patches: the num_prefix_tokens columns at the front (class token, registers) are
      left out
    - laid out on the grid (rows, columns), which need not be square
    - values as they are, not rescaled
    - float32 in, float32 out; attention itself is left as it was
    """
    ### BEGIN SOLUTION
    from_cls = attention.mean(dim=1)[:, 0, num_prefix_tokens:]
    return from_cls.reshape(-1, *grid)
    ### END SOLUTION


# %% check="8.1"
check("8.1")  # stuck? check("8.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Index 0 along the queries, a slice along the keys. The two are easily swapped:
# column 0 would say who looks *at* the class token. A test of shapes cannot see the difference, and
# the picture would look just as good.
#
# The order of mean and indexing does not matter, since both are linear. `reshape` fills row by row,
# which is the order in which chapter 1 cut the patches.

# %% slide="The class token's map, layer by layer: a story" lecture=true
layers = torch.cat([cls_map(weights[:, layer], grid) for layer in range(4)])
in_target = [100 * m[patches_inside(target[None], grid)[0]].sum() for m in layers]
in_dot = [100 * m[patches_inside(dot[None], grid)[0]].sum() for m in layers]
view.layer_film(
    picture, layers,
    alt="The class token's weights over the image, layer by layer. " + "; ".join(
        f"layer {layer}: {t:.0f} % on the heart, {d:.0f} % on the dot"
        for layer, (t, d) in enumerate(zip(in_target, in_dot))
    ) + ".",
    outlines=[target, dot],
)

# %% [markdown]
# What a story. First the model looks around. In layer 1 it finds the dot and reads the colour. In
# layer 2 it turns to the blue heart. In layer 3 it looks at the heart and, once more, at the dot, as
# if to make sure.
#
# Keep this story in mind. It is made of real numbers, it is plausible, and one sentence of it is
# false. By the end you will know which.
#
# A word on the drawing. The map is enlarged patch by patch, with the borders showing. Many tools
# smooth it, which looks more like an image but invents detail: there is one number for each patch
# and nothing in between.

# %% [markdown]
# ## Hover
#
# What you have drawn is the mean of four heads, and one query of 145. Here is all of it. Choose a
# layer and a head, then choose a token on the image, with the mouse or the arrow keys, and see
# where it looks. *Take the tour* shows you around in ten steps.
#
# Find out:
#
# 1. Which head of layer 3 looks at the dot?
# 2. Are there heads that look at everything almost equally?
# 3. Choose a patch of the background as the query, in layer 3. Where does it look?
# 4. Each small map has its own colour scale. Give them all the same one. Which go dark?
# 5. *The tokens, layer by layer* puts the model's own head on the tokens of earlier layers, where it
#    was never trained (*logit lens*). From which layer on is it sure of the heart?

# %% tags=["nbval-ignore-output"]
explain(
    model, images[number], picture=picture,
    labels={"what": SHAPES, "where": places}, title=f"scene {number}",
)

# %% [markdown] tags=["solution"]
# **What there is to find.** Head 2 of layer 3 looks at the dot, with nearly all of its weight; head
# 1 of the same layer looks at the heart. Head 2 of layer 2, among others, is almost even: its
# largest weight is hardly larger than the mean. In layer 3 the patches of the background look here
# and there, some of them quite firmly. Remember them. And with one scale for all maps, the heads
# that seemed busiest go dark.
#
# The lens is sure after layer 2. What it says earlier is worth little: before layer 0 the class token
# is still the same for every scene, and "heart" happens to be its best guess there, too.

# %% [markdown]
# Here are the class token's maps in all heads at once, on one scale, as one image: a *mosaic*.
# ViT-B/16 has 144 maps, and 144 separate plots would take seconds to draw.

# %% slide="Sixteen heads, on one scale"
show(
    view.draw_mosaic(weights[0, :, :, 0, 1:].unflatten(-1, grid)),
    alt="Sixteen small maps, layers 0 to 3 down, heads 0 to 3 across. Most are dark all over. A "
    "few have one bright patch: 1.0 on the dot, 2.1 and 3.1 on the heart, 3.2 on the dot, 3.3 on "
    "the heart.",
)

# %% [markdown]
# Each head has its own habits, and the mean of the four hides them. From here on "3.2" stands for
# layer 3, head 2.

# %% [markdown] slide="Rollout: follow the paths through all layers"
# ## Through all layers: rollout
#
# There is a catch. From layer 1 on, a token is no longer just its patch. It is a mixture of what it
# has collected before. When the class token looks at the token of a background patch in layer 3,
# that token may well carry the colour of the dot.
#
# So follow the paths. If token i takes 0.3 from token j, and token j had taken 0.5 from patch k, then
# patch k reaches token i with 0.3 x 0.5. Add up over all j: that is a matrix product. And each block
# *adds* to its token (chapter 5), so that half of a token, let us say, is its old self:
#
# $$M_l = \tfrac12 I + \tfrac12 \bar A_l \qquad R = M_L \cdots M_2\, M_1$$
#
# where $\bar A_l$ is the mean of the heads. This is *attention rollout* (Abnar and Zuidema, 2020).
# Later layers stand on the left, since they act last.

# %% [markdown]
# ### Exercise 8.2
#
# The formula, as code: one matrix for each layer, then their product.

# %% exercise="8.2"
def rollout(attention: torch.Tensor) -> torch.Tensor:
    """What each final token is made of: (B, layers, heads, N, N) -> (B, N, N).

    - per layer: half the identity (the residual connection), half the mean of the heads
    - multiplied so that later layers stand on the left: M_L ... M_2 M_1
    - rows are queries and sum to 1
    - float32 in, float32 out; attention itself is left as it was
    """
    ### BEGIN SOLUTION
    identity = torch.eye(attention.shape[-1], dtype=attention.dtype, device=attention.device)
    mixing = identity / 2 + attention.mean(dim=2) / 2
    product = mixing[:, 0]
    for layer in range(1, mixing.shape[1]):
        product = mixing[:, layer] @ product
    return product
    ### END SOLUTION


# %% check="8.2"
check("8.2")  # stuck? check("8.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Each row of each M sums to 1, so the rows of the product do, too, and nothing has to
# be normalised. `functools.reduce` does the same in one line; mind the order. The wrong order also
# gives rows that sum to 1, but it answers another question.
#
# A test that needs no reference: if every layer looks at everything equally, $A = U$, then R must
# be $2^{-L} I + (1 - 2^{-L})\, U$. Try it.

# %%
rolled = cls_map(rollout(weights)[:, None], grid)[0]  # [:, None]: as if it were one head
show(
    view.draw_overlays(picture, {"layer 3": layers[3], "rollout": rolled}, [target, dot]),
    alt="Two maps over the image. Layer 3 is bright on heart and dot. Rollout is paler: a little "
    "on the dot, a little on the heart, and a faint veil over everything else.",
)

# %% [markdown]
# Rollout shows both, dot and heart. It is also paler, since each layer spreads the paths further.
#
# Note what it leaves out: the values, the output projections, the MLPs, the fact that a block's
# addition can be large or small. And it has no idea which question is being asked.

# %% [markdown] slide="Relevance: follow what counts for one class"
# ## For one class: relevance
#
# Ask "why heart?" or "why row 1, column 2?", and the maps so far give the same answer to both,
# because they do not know the logits. A gradient does. Let y be one logit, and let A be the weights
# of one layer. Then dy/dA says for each weight: would y rise if this one were larger?
#
# Chefer, Gur and Wolf (2021) multiply the two. $A \cdot dy/dA$ is large where the model looks *and*
# this counts for y. What is negative speaks against the class and is set to 0. Then the paths are
# followed as before, each layer adding to what is already there:
#
# $$R \leftarrow R + E\,R \qquad E = \text{mean over heads of } \max(0,\ A \cdot dy/dA) \qquad R = I
# \text{ at the start}$$

# %% [markdown]
# ### Exercise 8.3
#
# The same product of paths as before, with E instead of the mean of the heads. The identity stays
# whole and no row is divided, since relevance is added up, not shared out. The gradients are given
# here; you get them yourself in exercise 8.8.

# %% exercise="8.3"
def relevance(attention: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """What speaks for one class: two tensors (B, layers, heads, N, N) -> (B, N, N).

    - starts from the identity, R = I
    - each layer, from the first to the last, adds E R, where E is the mean over heads of
      A * dy/dA with negative entries set to 0 before the mean
    - not normalised
    - float32 in, float32 out; attention and gradients are left as they were
    """
    ### BEGIN SOLUTION
    positive = (attention * gradients).clamp(min=0).mean(dim=2)
    R = torch.eye(attention.shape[-1], dtype=attention.dtype, device=attention.device)
    R = R.expand(len(attention), -1, -1)
    for layer in range(positive.shape[1]):
        R = R + positive[:, layer] @ R
    return R
    ### END SOLUTION


# %% check="8.3"
check("8.3")  # stuck? check("8.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The order of `clamp` and `mean` matters: a head that speaks for the class must not be
# cancelled by one that speaks against it. And it is `R + E @ R`, not `R + R @ E`: the new layer
# stands on the left.
#
# Two tests without a reference. With gradients of 0 the result is the identity. With gradients of 1
# everywhere it is $\prod (I + \bar A)$, which is $2^L$ times the rollout.

# %%
heart, cell = SHAPES.index("heart"), 8 + int(test.where[number])
circle = SHAPES.index("circle")
found = {}
for name, logit in (("what: heart", heart), ("where: its cell", cell), ("what: circle", circle)):
    A, dA = maps.attention_gradients(model, images[number : number + 1], logit)
    found[name] = cls_map(relevance(A, dA)[:, None], grid)[0]
    found[name] = found[name] / found[name].sum()

# %%
show(
    view.draw_overlays(picture, found, [target, dot], label="share of the map in %"),
    alt="Relevance maps for three logits over the image. For the heart: patches of the heart. For "
    "its cell: one patch of the heart, almost alone. For the circle, a wrong answer: another "
    "pattern.",
)

# %% [markdown]
# Different questions, different maps, as it should be. Be careful with the third: that something is
# bright for "circle" does not mean that the model has a circle in mind. Each map here is divided by
# its own sum, which hides that one may be far weaker than another.

# %% [markdown]
# Last, a method that does not use attention at all: **gradient x input** (Shrikumar et al., 2017).
# For each pixel, its value times the gradient of y with respect to it, added up over the patch. To
# first order, it says what the patch adds to y. If the attention maps are worth the trouble, they
# should beat it.

# %% [markdown]
# ## How far does a head look?
#
# One more thing to read off the weights, before the contest. A convolution looks at its neighbours,
# and an attention head may look anywhere. Does it? Dosovitskiy et al. (2021, figure 7, right)
# measured the *attention distance*: how many pixels lie, on average, between a patch and what it
# looks at.
#
# ### Exercise 8.4
#
# The class token has no place in the image. It must count neither as a query nor as a key. But if
# you just drop its column, a head that gives it 90 % seems to look only a tenth as far as it does:
# what is left of a row sums to 0.1.

# %% exercise="8.4"
def attention_distance(
    attention: torch.Tensor, grid: tuple[int, int], patch_size: int, num_prefix_tokens: int = 1
) -> torch.Tensor:
    """Mean distance between a patch and what it looks at, in pixels: (..., N, N) -> (...).

    - the mean over all patches i of sum_j a_ij |p_i - p_j|, with straight-line distances between
      the patches' centres
    - prefix tokens have no place: left out as queries, dropped as keys, and the rest of each row
      divided by its sum (something is always left)
    - float32 in, float32 out; attention itself is left as it was
    """
    ### BEGIN SOLUTION
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    patches = patches / patches.sum(dim=-1, keepdim=True)
    rows, columns = (torch.arange(size, dtype=attention.dtype) for size in grid)
    places = patch_size * torch.cartesian_prod(rows, columns)
    distances = (places[:, None] - places).square().sum(dim=-1).sqrt()
    return (patches * distances.to(attention.device)).sum(dim=-1).mean(dim=-1)
    ### END SOLUTION


# %% check="8.4"
check("8.4")  # stuck? check("8.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `cartesian_prod` lists the places in the order of the patches, row by row.
# `torch.cdist(places, places)` gives the distances, too; from 25 rows on it takes a shortcut, and a
# patch may end up at a small distance from itself.

# %% [markdown]
# To read a number you need something to compare it with: a head that looks at everything equally.
# And a measure should be tried on something known, so here are also two heads made by hand, which
# look only at their near neighbours.

# %%
a_few = attention_maps(model, images[:10])
distances = attention_distance(a_few, grid, patch_size).mean(dim=0)
places_of = torch.cartesian_prod(torch.arange(12.0), torch.arange(12.0))
apart = (places_of[:, None] - places_of).square().sum(-1)
made = {"even": 0 * apart, "near (by hand)": -apart / 8, "very near (by hand)": -2 * apart}
known = {
    name: attention_distance(nn.functional.pad(s.softmax(-1), (1, 0, 1, 0)), grid, 8).item()
    for name, s in made.items()
}

# %%
show(
    view.draw_heads_by_depth(distances, "mean distance, pixels", known),
    alt=f"Attention distance of 16 heads over 4 layers. All lie between {distances.min():.0f} and "
    f"{distances.max():.0f} pixels, at the line of even attention, {known['even']:.0f}. Heads made by hand to "
    f"look near lie far below.",
)

# %% [markdown]
# Every head sits at the line of even attention: where patches look has nothing to do with nearness
# here. In ViTs trained on photographs it is different: some heads of the first layers look near,
# others across the whole image, and deeper ones look far (Dosovitskiy et al., 2021; Raghu et al.,
# 2021). Nothing is wrong with our model. Its task is to find a colour, and a colour may be anywhere.
# In chapter 9 you can measure a model trained on photographs.
#
# It is also a first warning. Averages over all patches say little about the few that matter.

# %% [markdown]
# ## Which map is right?
#
# Now the contest. (The false sentence of our story has to wait until it is over.) On a photograph
# nobody knows where a model *should* look. On a scene we know: all the evidence is in the target
# and in the dot. (We also know that the model uses it: its answers are right, and guessing would
# not be enough.)
#
# **The pointing game** (Zhang et al., 2018): the map's highest patch is its guess. Does it touch
# the target? You must know beforehand what luck would score: the target covers only a few patches,
# so *chance* is the share of patches that it touches. Two more baselines take part: maps of random
# numbers, and a map that never saw a model, the *contrast* of each patch.

# %%
def contrast(pictures: torch.Tensor) -> torch.Tensor:
    """How much the pixels of each patch differ: (B, 3, H, W) -> (B, rows, columns)."""
    patches = pictures.float().unflatten(3, (12, 8)).unflatten(2, (12, 8))
    return patches.std(dim=(3, 5)).mean(dim=1)


def all_maps(model, images: torch.Tensor, logit: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every method's maps (B, rows, columns) of these images for these logits (B,)."""
    A, dA = maps.attention_gradients(model, images, logit)
    found = {f"layer {layer}": cls_map(A[:, layer], grid) for layer in range(4)}
    found["rollout"] = cls_map(rollout(A)[:, None], grid)
    found["gradient rollout"] = cls_map(maps.gradient_rollout(A, dA)[:, None], grid)
    found["relevance"] = cls_map(relevance(A, dA)[:, None], grid)
    found["gradient x input"] = maps.gradient_times_input(model, images, grid, logit)
    return found


# %% [markdown]
# *Gradient rollout* is new in name only: it is rollout, with the $E$ of exercise 8.3 (rows divided
# by their sums) instead of the mean of the heads.
#
# A thousand scenes, in small batches so that memory use stays low. This takes about 15 seconds.

# %%
def maps_of_all(model, count: int, logit: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every method's maps (count, rows, columns) of the first scenes, for these logits (count,)."""
    found = {}
    for first in progress_bar(range(0, count, 10), "batches of scenes"):
        some = slice(first, first + 10)
        parts = all_maps(model, to_input(test.images[some]), logit[some])
        parts["contrast of the patch"] = contrast(test.images[some])
        for name, part in parts.items():  # a copy: kept slices would keep the whole N x N maps
            found.setdefault(name, torch.empty(count, *grid))[some] = part
    found["random"] = maps.random_maps(count, grid)
    return found


found = maps_of_all(model, 1000, test.what)

# %% [markdown]
# First, look. There are three scenes, with a ring where the highest patch hits the target and a
# cross where it misses.
#
# Look at the crosses, too. Most of rollout's crosses lie on the dot. Is that a mistake?

# %%
sheet = ["layer 1", "layer 3", "rollout", "relevance", "gradient x input", "random"]
some = slice(18, 21)
hits = {name: pointing_game(found[name][some], test.target_mask[some]) for name in sheet}
show(
    view.draw_map_sheet(
        test.images[some], test.target_mask[some], {n: found[n][some] for n in sheet}, hits
    ),
    alt="Three scenes, six methods each. Hits of three: "
    + ", ".join(f"{name} {int(hit.sum())}" for name, hit in hits.items()),
)

# %% [markdown]
# It is not. The dot is evidence: without it nobody could know which shape is meant. So there are
# two truths to score against, the target alone, and target or dot. Neither is *the* right one. It
# depends on what you ask the map for, and you have to say which one you use.

# %%
truths = {"target": test.target_mask, "target or dot": test.target_mask | test.dot_mask}
points = {
    truth: {name: pointing_game(m, mask).mean().item() for name, m in found.items()}
    for truth, mask in truths.items()
}
chance = {t: maps.pointing_chance(mask, grid).mean().item() for t, mask in truths.items()}
print(f"{'':22} {'target':>8} {'or dot':>8}")
for name in found:
    print(f"{name:22} {points['target'][name]:8.2f} {points['target or dot'][name]:8.2f}")
print(f"{'chance':22} {chance['target']:8.2f} {chance['target or dot']:8.2f}")

# %% [markdown]
# Take your time over this table.
#
# - Layers 2 and 3 point at the target nearly always, layer 0 hardly ever: which layer you draw
#   decides what you see. Many published figures show the last layer only.
# - Rollout is worse than the plain layers at finding the target. With the dot allowed it is perfect.
# - The methods with gradients are good, and the one among them that knows nothing of attention is
#   as good as any.
# - Random maps score what chance predicts. Contrast, which knows nothing, finds the white ring of
#   the dot in four scenes out of five.

# %% [markdown]
# That was the question *what*. The same methods, asked *where*, on 200 of the scenes:

# %%
found_where = maps_of_all(model, 200, 8 + test.where)
for name in ("relevance", "gradient rollout", "gradient x input"):
    score = pointing_game(found_where[name], test.target_mask[:200]).mean()
    print(f"{name:22} what {points['target'][name]:.2f}   where {score:.2f}")

# %% [markdown]
# The best has become the worst. *Where* is a matter of positions, and positions are not pixels: a
# first-order share of pixel values cannot see them well. So "method X is better than Y" holds for a
# model, a question, and a measure.

# %% [markdown]
# ## Take away what it points at
#
# Outside of generated scenes there is no mask. But you can ask the model: remove the patches that
# the map calls most important, and watch the score. If it falls at once, they were important. If it
# stays the same, they were not. This is *deletion* (Petsiuk et al., 2018); showing patches on an
# empty image, most important first, is *insertion*.
#
# ### Exercise 8.5
#
# Too hard a start? Write `lines("8.5")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="8.5"
def deletion_scores(
    score: Callable[[torch.Tensor], torch.Tensor],
    image: torch.Tensor,
    heat: torch.Tensor,
    steps: int,
) -> torch.Tensor:
    """The score while patches are removed, those with the highest heat first: -> (steps + 1,).

    - image (C, H, W), heat (rows, columns) with one value for each patch of H / rows x W / columns
      pixels; score takes (B, C, H, W) and gives (B,)
    - of patches with equal heat any may go first
    - entry i is the score with round(i * rows * columns / steps) patches removed: entry 0 is the
      whole image, the last one an image of zeros
    - all pixels of a removed patch are 0, in every channel; removed patches stay removed
    - the image itself is left as it was, and so is heat
    """
    ### BEGIN SOLUTION
    (rows, columns), (_, height, width) = heat.shape, image.shape
    order = heat.flatten().argsort(descending=True)
    stages = []
    for i in range(steps + 1):
        keep = torch.ones(rows * columns, dtype=torch.bool)
        keep[order[: round(i * rows * columns / steps)]] = False
        keep = keep.view(rows, 1, columns, 1).expand(-1, height // rows, -1, width // columns)
        stages.append(image * keep.reshape(height, width))
    return score(torch.stack(stages))
    ### END SOLUTION


# %% check="8.5"
check("8.5")  # stuck? check("8.5", hint=1), then 2, then 3; or lines("8.5")

# %% [markdown] tags=["solution"]
# **Solution.** Call `argsort` once, then take the first n of the result. The mask is made for
# patches and stretched to pixels: each patch's value goes to all its rows and columns.
# `repeat_interleave` does the same.
#
# All stages go through the model in one batch here. With many steps of a large model, score them one
# by one.

# %%
def probability(which: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """A score: the probability of the right shape, which (B,), for images (B, 3, H, W)."""
    def score(some):
        with torch.no_grad():
            return model(some)[:, :8].softmax(1)[range(len(some)), which.expand(len(some))]
    return score


one = probability(test.what[number : number + 1])
for name in ("relevance", "random"):
    curve = deletion_scores(one, images[number], found[name][number], steps=12)
    print(f"{name:10}", *(f"{value:.2f}" for value in curve.tolist()))

# %% [markdown]
# The score falls where the map was right. It falls for random maps, too, only later: an image
# without most of its patches is hard for anyone. So again it is the comparison that counts, and the
# area under the curve sums it up.
#
# Now for 50 scenes and both games, with the course's version, which takes many images at once.
# Removed patches become 0, a middle grey.

# %%
count, curves, areas = 50, {}, {}
contest = ["layer 1", "layer 3", "rollout", "relevance", "gradient x input", "random"]
score = probability(test.what[:count])
for game, curve_of in (("deletion", maps.deletion_curve), ("insertion", maps.insertion_curve)):
    curves[game], areas[game] = {}, {}
    for name in progress_bar(contest, f"methods, {game}"):
        shares, values = curve_of(score, images[:count], found[name][:count], steps=8)
        curves[game][name] = values.mean(dim=0)
        areas[game][name] = maps.area_under(shares, values).mean().item()

# %%
show(
    view.draw_removal(shares, curves["deletion"], curves["insertion"]),
    alt="Probability of the right answer while patches are removed or shown. Areas under the curves: "
    + "; ".join(
        f"{name}: deletion {areas['deletion'][name]:.2f}, insertion {areas['insertion'][name]:.2f}"
        for name in contest
    ),
)

# %% [markdown]
# Here is everything in one picture. In deletion, short bars are good.

# %%
scores = {truth: {name: points[truth][name] for name in contest} for truth in truths} | areas
baselines = {truth: ("chance", chance[truth]) for truth in truths}
baselines |= {game: ("random maps", areas[game]["random"]) for game in areas}
show(
    view.draw_map_scores(scores, baselines),
    alt="Bars for six methods in four games. "
    + "; ".join(f"{n}: " + ", ".join(f"{g} {s[n]:.2f}" for g, s in scores.items()) for n in contest),
)

# %% [markdown]
# The games disagree, and that is the result. Rollout, which lost at pointing, wins at insertion: it
# shows dot *and* target early, and both are needed. Gradient x input, which pointed best, does no
# better there than random maps. Why? Its line jumps at the very end. What comes last?

# %%
heat = found["gradient x input"][:count]
rank = heat.flatten(1).argsort(dim=1).argsort(dim=1).view_as(heat)  # 0 for the lowest
for name, mask in (("target", test.target_mask), ("dot", test.dot_mask)):
    last = (rank[patches_inside(mask[:count], grid)] < 18).float().mean()
    print(f"in the last eighth: {last:.0%} of the patches of the {name} (by chance {1 / 8:.0%})")

# %% [markdown]
# Parts of the evidence itself: where x dy/dx is *negative*, the map ranks a patch behind everything
# that does not matter. The pointing game looks only at the best patch and cannot see what happens
# to the others.
#
# Deletion has a weakness of its own. An image with grey holes is like nothing the model has seen.
# Does the score fall because evidence is missing, or because the image is strange? Hooker et al.
# (2019) retrain the model on such images to tell the two apart, which costs a training run for
# every map.

# %% [markdown]
# ## Attention is not explanation
#
# So the last layer's map points at the target nearly always. Is it *why* the model answers "heart"?
# A map can lie in the right place and still not be the reason. To find out, looking is not enough.
# You have to intervene.
#
# Here is the forward pass of the model, block by block as in chapter 5, with a door in it: `edit`
# gets each layer's weights and may return others. The pass runs in batches of 20 and also tells
# `edit` which scenes these are.

# %%
@torch.no_grad()
def forward_with(edit, numbers=range(200)) -> torch.Tensor:
    """Logits of these scenes, with each layer's weights (B, heads, N, N) put through edit first."""
    logits = []
    for which in torch.tensor(numbers).split(20):
        tokens = model.embed(images[which])
        for layer, block in enumerate(model.encoder.blocks):
            qkv = block.attn.qkv(block.norm1(tokens)).chunk(3, dim=-1)
            q, k, v = (split_heads(part, block.attn.num_heads) for part in qkv)
            scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
            weights = edit(layer, scores.softmax(dim=-1), v, which)
            tokens = tokens + block.attn.proj(merge_heads(weights @ v))
            tokens = tokens + block.mlp(block.norm2(tokens))
        logits.append(model.head(model.encoder.norm(tokens)[:, 0]))
    return torch.cat(logits)


untouched = forward_with(lambda layer, weights, v, which: weights)
print("the same model:", torch.allclose(untouched, logits[:200], atol=1e-3))

# %% [markdown]
# ### The other 144 rows
#
# In the explorer you may have moved over the patches in the last layer and seen them look here and
# there. Let us replace all these rows with random numbers.

# %% lecture=true
predict(
    "08-scrambled",
    "How much will the 40 scores change?",
    ["not at all", "a little", "so much that answers change"],
)

# %% slide="144 of the 145 rows of the last layer do nothing" lecture=true
def scramble(layer, weights, v, which):
    if layer == 3:
        weights[:, :, 1:] = torch.rand_like(weights[:, :, 1:]).softmax(dim=-1)
    return weights


change = (forward_with(scramble) - untouched).abs().max()
print("largest change of any logit:", change.item())
outcome("08-scrambled", "not at all" if change == 0 else "a little")

# %% [markdown]
# Not small: zero. 144 of the 145 rows of the last layer do nothing at all, whatever they look like.
# What a patch collects in the last layer goes into that patch's token, and nothing reads it any
# more: the head takes the class token. This holds for every ViT whose head reads only the class
# token, and one line of thought is enough to see it. But nothing in the picture tells you.

# %% [markdown]
# ### Heads that look hard
#
# Now the class token's own row. For each head: how much of it lies on the evidence, target or dot?
# And what is lost if the head looks at everything equally instead?

# %%
def accuracy(logits: torch.Tensor) -> torch.Tensor:
    """The share of right answers to what and to where: (2,), on the first scenes."""
    n = len(logits)
    what = logits[:, :8].argmax(1) == test.what[:n]
    where = logits[:, 8:].argmax(1) == test.where[:n]
    return torch.stack([what, where]).float().mean(dim=1)


def even(*heads: tuple[int, int]):
    """An edit after which these heads, (layer, head), look at everything equally."""
    def edit(layer, weights, v, which):
        for of_layer, head in heads:
            if layer == of_layer:
                weights[:, head] = 1 / weights.shape[-1]
        return weights
    return edit


# %%
evidence = patches_inside(truths["target or dot"][:200], grid).flatten(1).float()
look, lost = torch.zeros(4, 4), torch.zeros(2, 4, 4)


def measure(layer, weights, v, which):
    look[layer] += torch.einsum("bhn,bn->h", weights[:, :, 0, 1:], evidence[which]) / 200
    return weights


before = accuracy(forward_with(measure))
for layer, head in progress_bar([(layer, head) for layer in range(4) for head in range(4)], "heads"):
    lost[:, layer, head] = before - accuracy(forward_with(even((layer, head))))

# %% slide="Looking at the evidence is not mattering" lecture=true
show(
    view.draw_look_and_matter(
        look, {"what": lost[0], "where": lost[1]}, "weight of the class token on target and dot, %"
    ),
    alt="How much of its weight each head has on the evidence, against the accuracy lost without it. "
    + "; ".join(
        f"{layer}.{head}: {look[layer, head]:.0%} on the evidence, costs "
        + " and ".join(f"{100 * costs:.0f}" for costs in lost[:, layer, head]) + " points"
        for layer, head in ((0, 1), (1, 0), (2, 1), (2, 3), (3, 1), (3, 2))
    ),
)

# %% [markdown]
# If attention were importance, the points would lie on a rising line. Look at five of them:
#
# - **3.1** gives all its weight to the target, and *where* is lost without it. Here the map does tell
#   why.
# - **0.1** and **1.0** look at the dot, and without either of them much of both answers is lost.
# - **2.1** has three quarters of its weight on the evidence. Without it hardly anything happens.
# - **3.2** is the head that looks at the dot in the last layer, the one that "makes sure".

# %%
without = forward_with(even((3, 2)))
on_dot = weights[0, 3, 2, 0, 1:][patches_inside(dot[None], grid)[0].flatten()].sum()
print(f"head 3.2 in scene {number}: {on_dot:.0%} of its weight on the dot")
for name, edited in (("with it", untouched), ("without", without)):
    what_right, where_right = accuracy(edited)
    heart_here = edited[number, :8].softmax(0)[heart]
    print(f"{name}: what {what_right:.1%}, where {where_right:.1%};", end=" ")
    print(f"heart in scene {number}: {heart_here:.2f}")

# %% [markdown]
# So this was the false sentence of our story. The model does look at the dot in the last layer, with
# nearly all the weight of a whole head, and it does not need to: one answer in 200 changes. The
# colour was read long before. Nothing in the picture could have told you. (In the explorer above you
# can switch heads off yourself: try 3.2, then 3.1.)
#
# How many heads are of this kind? Take eight of the sixteen at once:

# %%
idle = [(0, 0), (0, 2), (1, 2), (1, 3), (2, 2), (3, 0), (3, 2), (3, 3)]
print("what {:.1%}, where {:.1%}".format(*accuracy(forward_with(even(*idle)))))

# %% [markdown]
# Half of the maps you have hovered over could be blank, and the answers would be as right as
# before. (Michel et al., 2019, found much the same in translation and in BERT: many heads can be
# removed after training.)
#
# "Not needed" is not the same as "not used", though. Take 2.1, which costs almost nothing when it
# is removed. Is it idle, or does it have a stand-in?

# %%
for heads in ([(2, 1)], [(2, 0)], [(2, 3)], [(2, 0), (2, 1)], [(2, 0), (2, 1), (2, 3)]):
    what_right, _ = accuracy(forward_with(even(*heads)))
    print(f"without {', '.join(f'{la}.{h}' for la, h in heads):14} what {what_right:.1%}")

# %% [markdown]
# 2.1 costs more once 2.0 is gone, and all three together cost more than the three losses added up.
# They share the work of reading the target's shape. If you take parts out one at a time, you find
# what is *indispensable* and overlook what is done twice.

# %% [markdown]
# ### Another map, the same output
#
# Jain and Wallace (2019) asked a question that goes deeper: could the model have looked somewhere
# else and said the same? In their models, which read text, it often could. Here the question can be
# answered exactly.
#
# A head's output for the class token is a mean of 145 values, each of 16 numbers, with the weights
# as shares. Sixteen numbers and a sum of 1 make 17 equations for 145 unknowns. That leaves a lot of
# room, even though no weight may be negative (Brunner et al., 2020). The function below looks for
# weights on *allowed* tokens only that give the same 16 numbers.

# %%
def same_output(weights: torch.Tensor, v: torch.Tensor, allowed: torch.Tensor):
    """Other weights (N,) on `allowed` tokens (N,) with the same weights @ v, and their error.

    They are the most even of all such weights, and have the form softmax(v @ z): there is a query
    z that would make them. Newton's method finds z; where there is none, the error stays large.
    """
    v, wanted = v[allowed].double(), weights.double() @ v.double()
    z = torch.zeros(v.shape[1], dtype=torch.double)
    for _ in range(60):
        w = (v @ z).softmax(0)
        error = w @ v - wanted
        spread = (v.T * w) @ v - torch.outer(w @ v, w @ v)  # how the output changes with z
        step = torch.linalg.solve(spread + 1e-6 * torch.eye(len(z)), error)
        z -= step * (5 / (v @ step).abs().max()).clamp(max=1)  # not too far at once
    other = torch.zeros(len(allowed), dtype=torch.double)
    other[allowed] = w
    return other, error.abs().max().item()


# %% [markdown]
# Take 2.3 in our scene. It has most of its weight on the heart. Now forbid the heart.

# %%
kept = {}


def keep(layer, weights, v, which):
    kept[layer] = weights, v
    return weights


twenty = range(number, number + 20)
forward_with(keep, twenty)
on_target = patches_inside(test.target_mask[twenty], grid).flatten(1)
on_target = nn.functional.pad(on_target, (1, 0))  # the class token is not on the target
w, v = kept[2][0][0, 3, 0], kept[2][1][0, 3]  # layer 2; the first of the twenty, head 3, row 0
other, error = same_output(w, v, allowed=~on_target[0])
print(f"weight on the heart: {w[on_target[0]].sum():.2f} before, {other[on_target[0]].sum():.2f} after")
print("the same output of the head:", error < 1e-9)

# %% slide="Two maps, the same output" lecture=true
def swap(layer, weights, v, which):
    if layer == 2:
        weights[:, 3, 0] = other.float()
    return weights


change = (forward_with(swap, [number]) - logits[number]).abs().max()
print("the same 40 logits:", bool(change < 1e-3))
pair = {"2.3, as it is": w[1:].view(grid), "2.3, replaced": other[1:].view(grid).float()}
show(
    view.draw_overlays(picture, pair, [target, dot]),
    alt="Two maps of head 2.3 with the same output. As it is: bright on the heart, some on the "
    "dot. Replaced: patches all over the image, none of them on the heart, some on other shapes.",
)

# %% [markdown]
# Two maps. One looks at the heart, the other at a few patches of background and of the wrong shapes,
# and the model *cannot tell them apart*: same output, same logits, same answer. If the left one
# explains the answer, why not the right one?

# %% [markdown]
# ### And the other side
#
# Before you throw all maps away, be just as strict with this experiment. We picked the scene. How
# often does it work, for which heads, out of 20 scenes?

# %%
for layer, head in ((1, 1), (3, 0), (3, 2), (2, 1), (2, 3), (3, 1)):
    weights_of, values_of = kept[layer]
    errors = [
        same_output(weights_of[i, head, 0], values_of[i, head], ~on_target[i])[1] for i in range(20)
    ]
    possible = sum(error < 1e-6 for error in errors)
    costs = 100 * lost[:, layer, head].max()
    print(f"{layer}.{head}: possible in {possible:2} of 20 scenes;", end=" ")
    print(f"without the head {costs:2.0f} points less")

# %% [markdown]
# Compare the columns. Heads that look a little at everything can nearly always be replaced. Those
# that the answer depends on hardly ever can, and 3.1 never: no mixture of other tokens has what the
# target has.
#
# That is the objection of Wiegreffe and Pinter (2019), in numbers: that *some* other map exists for
# some head does not mean that the map is arbitrary. It must also be one that a model could have
# learned, and it must exist for the heads that do the work.
#
# So does attention explain nothing? There is a third way to intervene. Leave the model as it is, and
# block the way from one token to another.

# %% [markdown]
# ### Exercise 8.6
#
# Some patches may not be looked at any more. Without them the rest of the row sums to less than 1,
# so it is divided by its sum. The others then get what the blocked ones had, in proportion.

# %% exercise="8.6"
def block_patches(
    weights: torch.Tensor, patches: torch.Tensor, queries: slice = slice(0, 1)
) -> torch.Tensor:
    """One layer's weights (B, heads, N, N), once `queries` may no longer look at some patches.

    - patches (B, rows, columns) is True where a patch of that image is blocked, for all heads; tokens
      are the class token, which is never blocked, then the patches row by row
    - in the rows of `queries`, by default the class token's, blocked patches get 0 and the rest is
      divided by its sum; something is always left
    - all other rows as they were; float32 in, float32 out; weights and patches are left as they were
    """
    ### BEGIN SOLUTION
    open_way = nn.functional.pad(~patches.flatten(1), (1, 0), value=True)[:, None, None]
    rows = weights[:, :, queries] * open_way
    blocked = weights.clone()
    blocked[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)
    return blocked
    ### END SOLUTION


# %% check="8.6"
check("8.6")  # stuck? check("8.6", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** One factor for each *key*: 1 for the class token and for open patches, 0 for blocked
# ones. (B, 1, 1, N) is the same for all heads and all queries. Setting the scores to minus infinity
# before the softmax gives the same numbers, which is how masks are usually built (chapter 4); after
# the softmax, division by the sum does it.

# %% [markdown]
# Now block the class token's way to the dot or to the target, early or late. And nobody at all may
# look at the distractors.

# %%
def block(mask: torch.Tensor, in_layers: tuple[int, ...], queries: slice = slice(0, 1)):
    """An edit after which these queries, by default CLS, cannot see the patches (B, rows, cols)."""
    def edit(layer, weights, v, which):
        return block_patches(weights, mask[which], queries) if layer in in_layers else weights
    return edit


at_target, at_dot, at_others = (
    patches_inside(mask[:200], grid) for mask in (test.target_mask, test.dot_mask, test.distractor_mask)
)
at_others &= ~at_target  # a patch may show parts of both

# %% slide="Block the way, and see what breaks" lecture=true
ways = {
    "CLS to the dot, layer 0 alone": block(at_dot, (0,)),
    "CLS to the dot, layers 0 and 1": block(at_dot, (0, 1)),
    "CLS to the dot, layers 2 and 3": block(at_dot, (2, 3)),
    "CLS to the target, layers 0 and 1": block(at_target, (0, 1)),
    "CLS to the target, layers 2 and 3": block(at_target, (2, 3)),
    "any token to the distractors": block(at_others, (0, 1, 2, 3), slice(None)),
}
for name, edit in ways.items():
    what_right, where_right = accuracy(forward_with(edit))
    print(f"{name:36} what {what_right:4.0%}   where {where_right:4.0%}")

# %% [markdown]
# Now we know how it works, and we know it because things broke where they should, and hardly anywhere
# else. In the first two layers the class token reads the dot, and it begins in layer 0, which the mean
# of the heads did not show. In the last two it reads the target, layer 2 above all for *what*, layer 3
# for *where* and a little for *what* (try the layers one by one). Nobody needs the distractors.
#
# Most of the story from the beginning was right. The story came from attention, but only
# intervention turned it into knowledge. So use maps for what they are good at: they are cheap, and
# they tell you what to test.

# %% [markdown]
# ## A model that has forgotten everything
#
# One more test, which costs little and which several well-known methods have failed. Take the
# trained model and shuffle its weights, from the head downwards, block by block. A map that
# explains what the model has learned must change. One that stays the same shows the image, not the
# model (Adebayo et al., 2018).
#
# How alike two maps are is measured by *rank correlation*: 1 if they order the patches alike, 0 if
# they have nothing in common.

# %%
stages = {"trained": None, "head": 0, "+ block 3": 1, "+ block 2": 2, "+ block 1": 3, "+ block 0": 4}
methods = ["layer 3", "rollout", "relevance", "gradient x input", "contrast of the patch"]
alike = {name: [] for name in methods}
for top_blocks in progress_bar(stages.values(), "models"):
    tested = model if top_blocks is None else maps.randomise_weights(model, top_blocks)
    now = maps_of_all(tested, 40, test.what)
    for name in methods:
        alike[name].append(maps.rank_correlation(now[name], found[name][:40]).mean().item())

# %%
show(
    view.draw_lines(
        alike, list(stages), "weights shuffled", "rank correlation with\nthe trained model's map", -0.25
    ),
    alt="Rank correlation with the trained model's map, from trained over head alone to head and all four "
    "blocks shuffled. "
    + "; ".join(
        f"{name}: {', '.join(f'{round(value, 2) + 0:.2f}' for value in values)}"
        for name, values in alike.items()
    ),
)

# %% [markdown]
# - *Contrast* stays at 1: it never looked at the model. On many photographs it would pass for an
#   explanation, since what people photograph has contrast. Here it fails, as it should.
# - *Layer 3* and *rollout* do not move when only the head is shuffled. They cannot: they do not know
#   the logits. Rollout hardly changes until the very first block goes, so most of its order is made
#   there, long before anything is decided.
# - Methods with gradients change as soon as the head does.
#
# Passing is necessary, but it proves nothing: fresh random numbers would pass.

# %% [markdown]
# ## Spot the bug
#
# Three pieces of code follow. Each follows an idea found in published code, each runs, and each has
# at least one error that changes every picture. Look at the symptom, find the cause, then write it
# properly.
#
# ### 1. A rollout that discards
#
# Rollout is pale because every small weight opens paths. So people set the weakest weights to 0
# before they multiply.

# %%
def flawed_discard(attention, discard):
    fused = attention.mean(dim=1)  # (B, N, N)
    flat = fused.flatten(1)
    weakest = flat.topk(int(flat.shape[1] * discard), largest=False).indices
    flat[0, weakest] = 0
    return fused / fused.sum(dim=-1)[:, None]


three = attention_maps(model, images[:3])[:, 2]  # layer 2 of three scenes
thinned = flawed_discard(three, discard=0.5)
print("share of zeros in each image: ", *(f"{(m == 0).float().mean():.2f}" for m in thinned))
sums = thinned.sum(dim=-1)
print(f"rows should sum to 1; they sum to {sums.min():.1f} .. {sums.max():.1f}")

# %% [markdown]
# Half of the weights should be gone in each image, and each row should sum to 1. Neither is the
# case. Two lines are to blame.
#
# ### Exercise 8.7

# %% exercise="8.7"
def discard_weakest(attention: torch.Tensor, discard: float) -> torch.Tensor:
    """One layer's weights with the weakest left out: (B, heads, N, N) -> (B, N, N).

    - the mean of the heads; then in each image the int(discard * N * N) smallest entries of its
      N x N map are set to 0
    - then each row is divided by its sum (discard is small enough here that no row loses
      everything)
    - each image of the batch is treated alone; attention itself is left as it was
    """
    ### BEGIN SOLUTION
    mean = attention.mean(dim=1)
    entries = mean.flatten(1)  # one row an image
    smallest = entries.argsort(dim=1)[:, : int(discard * entries.shape[1])]
    strong = entries.scatter(1, smallest, 0.0).view_as(mean)
    return strong / strong.sum(dim=-1, keepdim=True)
    ### END SOLUTION


# %% check="8.7"
check("8.7")  # stuck? check("8.7", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `flat[0, weakest]` changes the first image, at the places of *all* images: image 0
# loses too much, the others nothing. `scatter` along dimension 1 gives each row of `entries` its
# own places. With a single image the flawed line is right, which is why demos do not show the
# error.
#
# `sum(dim=-1)` gives (B, N), without the axis that was summed. Made to fit by `[:, None]`, it lies
# across: *column* j is divided by the sum of row j. `keepdim=True` keeps it upright, (B, N, 1).

# %%
thinned = discard_weakest(three, discard=0.5)
print("share of zeros in each image: ", *(f"{(m == 0).float().mean():.2f}" for m in thinned))
sums = thinned.sum(dim=-1)
print(f"rows sum to {sums.min():.2f} .. {sums.max():.2f}")

# %% [markdown]
# ### 2. Gradients with hooks
#
# A *hook* is a function that PyTorch calls when the gradient of a tensor has been computed. That
# seems to be just what relevance needs: hook every layer's weights, run backward, collect.

# %%
gradients = []


def flawed_gradients(model, images, classes):
    with capture(model) as layers:
        logits = model(images)
    for layer_weights in layers.values():
        layer_weights.register_hook(gradients.append)
    logits.gather(1, classes[:, None]).sum().backward()
    return torch.stack(list(layers.values()), dim=1), torch.stack(gradients, dim=1)


A, dA = flawed_gradients(model, images[:2], test.what[:2])
dead = [bool((dA[:, layer, :, 1:] == 0).all()) for layer in range(4)]
print("gradients of the patches' rows are all zero:", dead)
A, dA = flawed_gradients(model, images[:2], test.what[:2])
print("second call:", tuple(A.shape), "and", tuple(dA.shape))
print("parameters with a .grad left on them:", sum(p.grad is not None for p in model.parameters()))
model.zero_grad()

# %% [markdown]
# From "The other 144 rows" you know in which layer the patches' rows cannot matter: the last. Here
# they are dead in the first. And the second call returns more than it should, and there are traces
# left on the model.
#
# For your version: when the model runs inside `with capture(model) as layers:`, `layers` is filled:
# it is a dict from layer number to weights (B, heads, N, N). These are the very tensors that the
# logits are computed from.
#
# ### Exercise 8.8
#
# Too hard a start? Write `lines("8.8")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="8.8"
def maps_and_gradients(
    model: nn.Module, images: torch.Tensor, classes: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention weights, and the gradient of each image's class score: both
    (B, layers, heads, N, N).

    - classes (B,) says which logit of each image is the score; entry l of both results belongs to
      layer l, counted from the input
    - calling it twice gives the same result; model's parameters get no .grad, nothing stays hooked,
      its mode stays as it was, also when `capture` refuses a model in training mode with a
      ValueError
    """
    ### BEGIN SOLUTION
    with capture(model) as found:
        scores = model(images)[torch.arange(len(classes)), classes]
    in_order = [found[layer] for layer in sorted(found)]
    slopes = torch.autograd.grad(scores.sum(), in_order)
    return torch.stack(in_order, dim=1).detach(), torch.stack(slopes, dim=1)
    ### END SOLUTION


# %% check="8.8"
check("8.8")  # stuck? check("8.8", hint=1), then 2, then 3; or lines("8.8")

# %% [markdown] tags=["solution"]
# **Solution.** Backward runs backwards, so the hooks fire from the last layer to the first, while
# the maps are in forward order. The product A * dA then pairs layer 0 with layer 3. All shapes fit.
# And a list outside the function remembers: after the second call it holds eight gradients.
#
# `torch.autograd.grad` returns the gradients in the order in which you name the tensors, needs no
# hooks, and leaves `.grad` of the parameters alone. It can be done with hooks, too: collect into a
# dict by layer, made inside the function. The sum over the images is fine, since images do not mix
# in the model.

# %%
A, dA = maps_and_gradients(model, images[:2], test.what[:2])
dead = [bool((dA[:, layer, :, 1:] == 0).all()) for layer in range(4)]
print("gradients of the patches' rows are all zero:", dead)
for name, slopes in (("right", dA), ("wrong order", dA.flip(1))):
    heat = cls_map(relevance(A, slopes)[:, None], grid)
    share = heat[0][patches_inside(test.target_mask[:1], grid)[0]].sum() / heat[0].sum()
    print(f"{name:12} share of scene 0's relevance on the target: {share:.2f}")

# %% [markdown]
# ### 3. A map of nothing
#
# Last, the step that seems too simple to go wrong: from a row of weights to a picture. Here are three
# heads of our scene.

# %%
def flawed_heat(row):
    side = int(math.sqrt(len(row) - 1))
    heat = row[1:].reshape(side, side)
    return (heat - heat.min()) / (heat.max() - heat.min())


rows = {"0.2": weights[0, 0, 2, 0], "1.3": weights[0, 1, 3, 0], "3.1": weights[0, 3, 1, 0]}
show(
    view.draw_overlays(
        picture, {name: flawed_heat(row) for name, row in rows.items()}, label="heat, in %"
    ),
    alt="Three maps with equally strong colours: heads 0.2 and 1.3 show many bright patches, "
    "among them the heart, head 3.1 a single one.",
)
for name, row in rows.items():
    print(f"{name}: from {row[1:].min():.2%} to {row[1:].max():.2%}, even would be {1 / 145:.2%}")

# %% [markdown]
# The map on the left seems to have found a great deal. Its numbers say that it looks at everything
# almost equally. Each map was stretched to the full range by itself, so noise shines as brightly as
# a finding.
#
# And the first line guesses the grid. What happens to an image of 9 x 16 patches, which also makes
# 144?

# %%
wide = torch.zeros(145)
wide[1:].view(9, 16)[:, 7] = 1 / 9  # all weight on one column of an image of 9 x 16 patches
print(flawed_heat(wide).int())

# %% [markdown]
# A straight line has become dust, without any error. (With registers, 1 + 4 + 196 tokens, it would
# fail with an error, which is better.)
#
# ### Exercise 8.9

# %% exercise="8.9"
def to_heat(
    rows: torch.Tensor, grid: tuple[int, int], num_prefix_tokens: int, highest: float
) -> torch.Tensor:
    """Rows of attention as pictures that can be compared: (..., N) -> (..., grid rows, grid
    columns), 0 .. 1.

    - the patches' weights divided by `highest`, the same number for all maps; above 1 it is cut
      off at 1
    - any grid, any number of prefix tokens; nothing else is rescaled
    - float32 in, float32 out; rows itself is left as it was
    """
    ### BEGIN SOLUTION
    patches = rows[..., num_prefix_tokens:] / highest
    return patches.clamp(max=1).reshape(*rows.shape[:-1], *grid)
    ### END SOLUTION


# %% check="8.9"
check("8.9")  # stuck? check("8.9", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The grid is an argument, not a guess, and the scale comes from outside, so all maps
# share it. `unflatten(-1, grid)` is shorter than the `reshape`. No minimum is subtracted: 0 must
# mean 0.

# %%
highest = 0.1
show(
    view.draw_overlays(
        picture,
        {name: highest * to_heat(row, grid, 1, highest) for name, row in rows.items()},
        highest=highest, label="weight in % (10 or more)",
    ),
    alt="The same three heads on one scale up to 10 %. Heads 0.2 and 1.3 are dark all over, 3.1 "
    "has one bright patch on the heart.",
)

# %% [markdown]
# ## Failure modes
#
# Here are three ways in which maps fail even though the code is right.
#
# **Rollout collapses with depth.** Each layer averages rows. After enough layers all rows are the
# same, and the rollout of every token shows the same picture, whichever token you ask. To measure
# this, take the mean distance between a token's row and the mean of all rows: 1 if they are quite
# different, 0 if all are the same. Beside our model you see an untrained one of 12 layers, and what
# comes from the formula alone: with even attention it is $2^{-L}$, because half of a token is its
# old self, by decree.

# %%
torch.manual_seed(0)
deep = type(model)(**model.config | {"depth": 12}).eval()
collapse = {
    "bundled model": maps.rollout_collapse(attention_maps(model, images[:20])).mean(0).tolist(),
    "12 layers, untrained": maps.rollout_collapse(attention_maps(deep, images[:4])).mean(0).tolist(),
    "even attention": [0.5**depth for depth in range(1, 13)],
}
show(
    view.draw_lines(collapse, range(1, 13), "layers rolled out", "how different the rows are"),
    alt="How different the rows of the rollout are, by depth. All three lines halve with each "
    "layer; from layer 6 on hardly anything is left.",
)

# %% [markdown]
# With 12 layers, rollout would hardly depend on the query any more. What it still shows on a
# trained model is what all tokens look at in common.
#
# How widely a single head looks is its *entropy*: 0 if it looks at one token, ln 145 if it looks at
# all of them equally.

# %%
entropy = maps.attention_entropy(a_few)[..., 0].mean(0)
show(
    view.draw_heads_by_depth(entropy, "entropy of the class token's row, nats", {"even": math.log(145)}),
    alt="Entropy of the class token's row for 16 heads. " + "; ".join(
        f"layer {layer}: {', '.join(f'{e:.1f}' for e in row)}"
        for layer, row in enumerate(entropy.tolist())
    ) + f". Even attention has {math.log(145):.1f}.",
)

# %% [markdown]
# **Artefact tokens.** Darcet et al. (2024) found that large trained ViTs use some patches of dull
# background as a notepad: their tokens become very long, and maps light up where there is nothing
# to see. Registers (chapter 2) give the model paper of its own. Not every family of models behaves
# like this (Baxevanakis et al., 2026).
#
# Does our model have any? Here is the longest token that leaves the last block, compared with the
# median, and where it lies.

# %%
shapes = patches_inside(test.target_mask | test.distractor_mask | test.dot_mask, grid).flatten(1)
with torch.no_grad():
    tokens = model.embed(images)
    for encoder_block in model.encoder.blocks:
        tokens = encoder_block(tokens)
length = tokens[:, 1:].norm(dim=-1)
longest, place = length.max(dim=1)
on_shape = shapes[:200].gather(1, place[:, None]).float().mean()
print(f"longest token, times the median: {(longest / length.median(dim=1).values).mean():.1f}")
print(f"it lies on a shape or on the dot in {on_shape:.0%} of the scenes")

# %% [markdown]
# No: the longest tokens are not very long, and they lie on the shapes. Darcet et al. found artefacts
# in large models only, and only after a good part of their training, so this course cannot show you
# real ones. But we can plant one. Three heads of layer 3 hardly matter (see above), so let them look
# at the patch in the lower right corner, all the time.

# %%
planted = []


def plant(layer, weights, v, which):
    if layer == 3:
        weights[:, [0, 2, 3], 0] = nn.functional.one_hot(torch.tensor(144), 145).float()
        planted.append(cls_map(weights, grid))
    return weights


print("right answers with it: what {:.1%}, where {:.1%}".format(*accuracy(forward_with(plant))))
planted = torch.cat(planted)
for name, m in (("before", found["layer 3"][:200]), ("with it", planted)):
    print(f"pointing game, layer 3, {name:7} {pointing_game(m, test.target_mask[:200]).mean():.2f}")

# %%
pair = {"layer 3": layers[3], "with an artefact": planted[number]}
show(
    view.draw_overlays(picture, pair, [target, dot]),
    alt="Two maps of layer 3 over the image. Left, heart and dot. Right, nearly everything on the "
    "corner patch at the lower right, where there is only background.",
)

# %% [markdown]
# The answers are the same, and the map is all wrong. The one head that does the work is still
# there, under a mean that drowns it.
#
# **Scales.** You have met the third one in exercise 8.9. Here are all sixteen heads of our scene
# once more, each stretched to its own range. Compare them with the mosaic near the beginning: it is
# the same data.

# %%
show(
    view.draw_mosaic(weights[0, :, :, 0, 1:].unflatten(-1, grid), per_map=True),
    alt="The mosaic of sixteen heads again, each map on a scale of its own. Now nearly all seem "
    "busy, and even heads, such as 0.2 and 2.2, sparkle all over.",
)

# %% [markdown] slide="Mistakes that still give a picture"
# ## What could go wrong
#
# | mistake | what you see | how to find it |
# | --- | --- | --- |
# | column 0 instead of row 0 | a map that looks as good as the right one | rows sum to 1, columns do not |
# | layers multiplied in the wrong order | rows still sum to 1 | let one layer be the identity, one a permutation |
# | mean over heads before the relu | heads cancel each other | two heads with opposite gradients |
# | prefix columns dropped, rows not divided again | heads seem to look less far than they do | even attention must give the mean of all distances |
# | division without `keepdim` | columns divided, or an error for B > 1 | the sums of the rows |
# | gradients in backward order | every picture is different, none is absurd | in the last layer only row 0 has gradients |
# | hooks that stay | lists that grow, memory that fills | call it twice |
# | the fused kernel left on | no weights, and a silent empty list | `capture` raises if it got nothing |
# | only one image tried | images of a batch mix | a batch of three against three batches of one |
# | square grid, one prefix token assumed | rows of the image torn apart | an image that is not square |
# | each map on a scale of its own | noise that looks like a finding | print the largest weight beside it |
# | a map believed because it is pretty | anything | chance, random maps, intervention |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("08")

# %% [markdown] slide="Summary"
# ## Summary
#
# - An attention map is a row of a layer's weights, laid out like the image. Which layer, which
#   head, which query, and which scale you choose decides what you see.
# - Rollout follows the paths through all layers; relevance does so for one class, with gradients.
# - Maps can be scored: pointing where the truth is known, deletion and insertion where it is not.
#   Always compare with chance and with random maps. The ranking depends on the question and on the
#   measure.
# - A map says where weights are large. It does not say what they are for: in this model half of the
#   heads can be blanked, and other maps can give the very same output.
# - A map is more than a random picture: the map of the head that matters most cannot be replaced, and
#   where the way to the evidence is blocked, the answer is gone.
# - Look at maps to get an idea. Intervene to find out.
#
# **Next:** chapter 9 is about a large model that others have trained, and your own photographs.

# %% [markdown]
# **Further reading**
#
# - Abnar and Zuidema, *Quantifying Attention Flow in Transformers*, ACL 2020: rollout.
# - Chefer, Gur and Wolf, *Generic Attention-model Explainability for Interpreting Bi-Modal and
#   Encoder-Decoder Transformers*, ICCV 2021: relevance.
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021, figure 7, and Raghu et al., *Do
#   Vision Transformers See Like Convolutional Neural Networks?*, NeurIPS 2021: attention distance.
# - Shrikumar et al., *Learning Important Features Through Propagating Activation Differences*, ICML
#   2017: gradient x input, and something better.
# - Zhang et al., *Top-down Neural Attention by Excitation Backprop*, IJCV 2018: the pointing game.
# - Petsiuk et al., *RISE*, BMVC 2018: deletion and insertion. Hooker et al., *A Benchmark for
#   Interpretability Methods in Deep Neural Networks*, NeurIPS 2019: why deletion may mislead.
# - Jain and Wallace, *Attention is not Explanation*, NAACL 2019. Wiegreffe and Pinter, *Attention is
#   not not Explanation*, EMNLP 2019. Read both, in this order.
# - Brunner et al., *On Identifiability in Transformers*, ICLR 2020: when other weights give the same
#   output.
# - Michel et al., *Are Sixteen Heads Really Better than One?*, NeurIPS 2019.
# - Adebayo et al., *Sanity Checks for Saliency Maps*, NeurIPS 2018.
# - Darcet et al., *Vision Transformers Need Registers*, ICLR 2024.
# - Baxevanakis et al., *Do All Vision Transformers Need Registers? A Cross-Architectural Reassessment*,
#   2026 (arXiv 2603.25803).
