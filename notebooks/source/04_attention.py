# %% [markdown] minutes=90
# # 4 Attention: every token looks at every other
#
# So far each token knows one patch and nothing else. A patch of dark cloth cannot know whether it
# belongs to a coat or to a curtain. The answer lies in other patches. Attention is how tokens ask.
#
# You will follow one question to five patches, write attention in three lines, let several
# heads ask at once, and build the layer that all Transformers share. At the end your layer and
# torch's own will give the same numbers.
#
# Five exercises, about an hour and a half. You need chapter 1, matrix products, and the softmax.

# %% tags=["nbval-ignore-output"]
import math
import time

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
from vitcourse import check, load_photo, model, show, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse.model import patchify

versions()

# %% [markdown]
# The letters of this chapter:
#
# | letter | meaning |
# | --- | --- |
# | B | images in a batch |
# | N | tokens of an image |
# | D | numbers in a token (`embed_dim`) |
# | h | heads (`num_heads`) |
# | d | numbers that one head works with, D / h |
# | q, k, v | queries, keys, values: rows of d numbers, one of each for every token |

# %% [markdown] slide="A question, a label, a message" lecture=true
# ## A question, a label, a message
#
# Think of a room full of people with name tags. You have a question: "who knows about doors?" You
# read the tags. Where a tag fits, you listen. Where it fits a little, you listen a little. What you
# take home is a mixture of what was said, most of it from the people whose tags fitted best.
#
# Attention does the same, with rows of numbers. Each token has
#
# - a **query** q: what it is looking for;
# - a **key** k: the tag, which says what can be found here;
# - a **value** v: the message it passes on to those who listen.
#
# Key and value are two different things: what makes you worth listening to is not always what you
# say.
#
# All tokens ask at the same time, and all tokens answer. A token may even listen to itself.

# %% [markdown]
# ## One query, by hand
#
# Take a picture of five patches, with numbers made up by hand. The four numbers in a query or a key
# mean: in the air, part of a building, a plant, bright. The values are colours: how much blue, red,
# green and white.

# %%
names = ["sky", "cloud", "roof", "door", "tree"]
q = torch.tensor([[2.0, 0, 0, 1], [2, 0, 0, 0], [1, 1, 0, 1], [1, 2, 0, 0], [0, 0, 2, -1]])
k = torch.tensor([[2.0, 0, 0, 1], [2, 0, 0, 2], [1, 2, 0, 1], [0, 2, 0, 0], [0, 0, 2, 0]])
v = torch.tensor([[3.0, 0, 0, 1], [1, 0, 0, 3], [0, 3, 0, 0], [0, 2, 1, 0], [0, 0, 3, 0]])
print("q of the door:", q[3].tolist(), " looks for buildings, and a little upwards")
print("k of the roof:", k[2].tolist(), " a building, up in the air, bright")

# %% [markdown]
# Does the roof's key fit the door's query? Multiply them number by number and add up the products.
# Where both numbers are large, the sum grows. Here it is 1 x 1 + 2 x 2 + 0 x 0 + 0 x 1 = 5: the
# *score* of the roof. That the roof is bright does not count, because the door does not ask for it.
#
# The scores of all five keys are one matrix product away.

# %%
scores = q[3] @ k.T
print(dict(zip(names, scores.tolist())))

# %% [markdown]
# Next, the scores are divided by the square root of d, here by 2. You will see why below.
#
# Then they become shares. The softmax takes e to the power of each score, which makes all of them
# positive, and divides by the sum, so that the shares add up to 1. They are called *weights*.

# %% slide="One query meets all keys: score, scale, softmax" lecture=true
scaled = scores / math.sqrt(4)
weights = scaled.softmax(dim=0)
stages = {"scores q · k": scores, "divided by √d = 2": scaled, "softmax: weights": weights}
show(
    view.draw_one_query(stages, names),
    alt="Bar charts over the five keys, sky, cloud, roof, door and tree, for the query of the "
    "door. " + "; ".join(f"{t}: {[round(n, 2) for n in x.tolist()]}" for t, x in stages.items()),
)

# %% [markdown]
# The door listens to the roof most, then to itself, and a little to everything else. On paper a
# softmax never gives zero: nobody is ignored completely.
#
# Last, each value is multiplied by its weight, and the results are added up.

# %%
mixture = (weights @ v).tolist()
for name, amount in zip(("blue", "red", "green", "white"), mixture):
    print(f"{name:5} {amount:.2f}")

# %% [markdown] slide="Attention in one line" lecture=true
# Mostly red. Besides what it was, the door now carries what the buildings in the picture look like.
#
# That was one query. For all queries at once, it is the formula that you find on T-shirts (Vaswani
# et al., 2017, equation 1):
#
# $$\text{Attention}(q, k, v) = \text{softmax}\left(\frac{q\,k^\top}{\sqrt{d}}\right) v$$
#
# ### Exercise 4.1
#
# Now write it for all queries, and with any axes in front. Images and heads will go there later,
# and each must be treated on its own. Matrix products in torch do that for you, if you transpose
# only the last two axes.

# %% exercise="4.1"
def attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let each query listen to all keys: (..., N, d) three times -> (..., N, d), (..., N, N).

    - returns two tensors: the output, and the weights
    - row i of the weights says how much query i listens to each key; it sums to 1
    - scores are divided by the square root of d, the length of a query, before the softmax
    - "..." stands for any number of axes in front, or none: each part is treated on its own
    - scores of several hundred must not give inf or nan
    - results have the dtype of the inputs; the inputs do not change
    - gradients pass through, since a layer will learn through it: use only torch operations

    Example: for the five patches above, row 3 of the weights is the one in the last bar chart.
    """
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    return weights @ v, weights
    ### END SOLUTION


# %% check="4.1"
check("4.1")  # stuck? check("4.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Row i of `q @ k.transpose(-2, -1)` holds the scores of query i, so the softmax goes
# along the last axis. `@` multiplies the last two axes and leaves those in front alone; `k.mT` is
# short for the transpose. `k.T` would reverse *all* axes, and `transpose(0, 1)` is right only if
# there are no axes in front.
#
# `torch.einsum("...id,...jd->...ij", q, k)` gives the same scores. So does dividing q before the
# product, which is cheaper: N x d divisions instead of N x N. A softmax by hand,
# `e / e.sum(dim=-1, keepdim=True)` with `e = scores.exp()`, is right on paper. In float32 it breaks:
# `exp` of 89 is infinite. Subtract the largest score of each row first, as `softmax` does. This changes nothing
# else, because numerator and denominator shrink by the same factor.

# %%
output, weights = attention(q, k, v)
print("weights of the door:", *(f"{w:.3f}" for w in weights[3].tolist()))
print("sums of all rows:   ", *(f"{w:.3f}" for w in weights.sum(dim=-1).tolist()))

# %% [markdown]
# Torch has this function, too. It returns only the output. You will see why it hides the weights
# when we come to the price.

# %%
theirs = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]
print("the same as torch's:", torch.allclose(output, theirs, atol=1e-6))

# %% [markdown]
# ## One cell, step by step
#
# Here are all 25 cells, with all their numbers. Choose a query and a key, and go through the steps:
# query, key, score, scale, softmax, weight times value, and the sum over the row.
#
# Start with the door and the roof, whose numbers you know. Then find out for yourself: whom does
# the tree listen to, and why does it give the cloud less than the door?

# %%
view.attention_stepper(q, k, v, names)

# %% [markdown] tags=["solution"]
# The tree's query is (0, 0, 2, -1): plants, but nothing bright. The negative number makes the score
# of bright keys negative, so they get less than keys with score 0. Scores have no lower limit;
# weights do.

# %% [markdown]
# ## Why divide by the root of d?
#
# A score is a sum of d products. The more numbers are added up, the larger the sum tends to be,
# whether it means anything or not. Measure it, with queries and keys of random numbers that have
# nothing to do with each other.

# %%
torch.manual_seed(0)
sizes = (4, 16, 64, 256, 1024)
spread = {"q · k": [], "q · k / √d": []}
for d in sizes:
    random_scores = (torch.randn(4000, d) * torch.randn(4000, d)).sum(dim=-1)
    spread["q · k"].append(random_scores.std().item())
    spread["q · k / √d"].append((random_scores / math.sqrt(d)).std().item())

# %% slide="A sum of d products grows like √d: divide it out" lecture=true
show(
    view.draw_spread(sizes, spread),
    alt="Standard deviation of random scores over d from 4 to 1024, both axes logarithmic. Without "
    "the scale the points lie on the line of the root of d, from 2 to 32. With it they stay at 1.",
)

# %% [markdown]
# Each product of two independent numbers with variance 1 has variance 1. Variances of independent
# terms add up, so the sum has variance d, and standard deviation √d. Dividing by √d brings it back
# to 1, for every d. It is as simple as that (Vaswani et al., 2017, footnote 4).
#
# Is a large score so bad? Look at what the softmax does with it. Here is one random query with
# eight random keys. Move the slider, with the mouse or the arrow keys.

# %%
generator = torch.Generator().manual_seed(6)
rows = {}
for d in (1, 4, 16, 64, 256, 1024):
    one, eight = torch.randn(d, generator=generator), torch.randn(8, d, generator=generator)
    rows[d] = ((eight @ one).softmax(0), (eight @ one / math.sqrt(d)).softmax(0))
view.saturation_slider(rows, start=4)

# %% [markdown]
# Without the scale, one key wins everything as d grows, and it wins by chance. The softmax is
# *saturated*: it has made up its mind before any training.
#
# And training can hardly change it. Training follows the gradient, and the gradient of a weight w
# with respect to its own score is w (1 - w). At w near 0 or near 1 that is almost nothing. Here is
# the largest of the eight slopes, averaged over 2,000 random rows.

# %% slide="A saturated softmax has no slope to follow"
for d in sizes:
    scores = (torch.randn(2000, 1, d) @ torch.randn(2000, d, 8))[:, 0]
    raw, scaled = scores.softmax(-1), (scores / math.sqrt(d)).softmax(-1)
    slopes = [(w * (1 - w)).amax(-1).mean().item() for w in (raw, scaled)]
    print(f"d = {d:4}: without the scale {slopes[0]:.2f}, with it {slopes[1]:.2f}")

# %% [markdown]
# With the scale, there is a slope to follow, whatever d is.
#
# Two things to keep in mind. The argument is about the start, where weights are random: training
# may later make scores as large as it likes, where that helps. And it needs the *root*: dividing by
# d itself would leave scores so small that attention starts as a plain average.

# %% [markdown]
# ## Attention on a photograph
#
# Nothing is trained yet. But you can choose queries and keys by hand, so that a patch looks for
# patches of its own colour. The trick: a dot product can measure a distance. With query (2a, -1)
# and key (b, |b|²) the score is 2ab - |b|², which is |a|² - |a - b|²: the closer, the higher. And
# |a|² is the same along a row, so the softmax does not see it.

# %%
photo = load_photo()  # or a picture of your own: load_photo("my_picture.jpg")
colour = patchify(photo[None], 16)[0].unflatten(1, (3, -1)).mean(-1)  # (196, 3): mean colours


def look_near(features: torch.Tensor, sharpness: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Queries and keys (N, n + 1): the closer two features (N, n), the higher the score."""
    length = features.square().sum(dim=-1, keepdim=True)
    queries = torch.cat([2 * features, -torch.ones_like(length)], dim=-1)
    return sharpness * queries, torch.cat([features, length], dim=-1)


q1, k1 = look_near(colour, sharpness=150)
_, by_colour = attention(q1, k1, k1)  # any values will do: we only look at the weights

# %% slide="One row of the weights, on the grid: an attention map" lecture=true
asker = 104
show(
    view.draw_weight_maps(
        photo, 16, asker, {"where it looks": by_colour[asker].reshape(14, 14)}
    ),
    alt="Left, the portrait with one patch of the face framed. Right, its attention weights on "
    "the 14 by 14 grid: high on the patches of skin all over the face, low on the dark uniform.",
)

# %% [markdown]
# One row of the weights, drawn on the grid of patches: this is what people call an *attention map*.
# The patch that asks is the one in the white frame. In a trained model, nobody chooses the queries
# and keys. They are learned, and the maps have to be read with care, which is what chapter 8 is
# about.

# %% [markdown]
# ## Why several heads?
#
# Suppose our patch has a second question: what is near me? It can ask for places on the grid in the
# same way.

# %%
steps = torch.arange(14.0) / 14
place = torch.cartesian_prod(steps, steps)  # (196, 2): row and column of each patch
q2, k2 = look_near(place, sharpness=80)
_, by_place = attention(q2, k2, k2)

# %% [markdown]
# Now try to ask both questions in one head: put the two queries into one long row, and the keys as
# well. The scores are then added (and divided by the root of the longer row).

# %% slide="One head, one softmax: two questions need two heads" lecture=true
q12, k12 = torch.cat([q1, q2], dim=-1), torch.cat([k1, k2], dim=-1)
_, by_both = attention(q12, k12, k12)
maps = {"head 0: my colour": by_colour, "head 1: near me": by_place, "both in one head": by_both}
show(
    view.draw_weight_maps(
        photo, 16, asker, {title: w[asker].reshape(14, 14) for title, w in maps.items()}
    ),
    alt="The portrait with the framed patch, and three maps. Head 0 looks at skin all over the "
    "face. Head 1 looks at a round spot about the patch. One head with both questions looks only "
    "at patches that are near and of that colour.",
)

# %% [markdown]
# One head has one softmax, so its two questions become one: near *and* of my colour. Patches that
# are far away but alike are lost, and so are those that are near but different.
#
# Two heads give two answers, side by side. That is the idea of *multi-head* attention: "jointly
# attend to information from different representation subspaces" (Vaswani et al., 2017, section
# 3.2.2).
#
# What does it cost? Hardly anything, if they share: with h heads, each works with d = D / h of the
# channels instead of all D, so its questions are shorter. Split, attend, merge.
#
# A caution: here the two questions were chosen by hand. Nothing forces trained heads to divide the
# work so neatly.

# %% [markdown]
# ## Split
#
# Three tokens of six channels, for two heads. Head 0 gets the left half of every token, head 1 the
# right half. The shades show which head a number belongs to.

# %% slide="Split: each head gets its share of every token"
x = torch.arange(18.0).reshape(1, 3, 6)
heads = torch.stack([x[..., :3], x[..., 3:]], dim=1)  # one slice for each head
show(
    view.draw_heads(x[0], heads[0]),
    alt="Left, three tokens of six numbers, 0 to 17, with a thick line in the middle. Head 0 has "
    "0 1 2, then 6 7 8, then 12 13 14. Head 1 has 3 4 5, then 9 10 11, then 15 16 17.",
)

# %% [markdown]
# Each head is a small world of its own: all N tokens, d numbers each. The heads move in front of
# the tokens, beside the batch, and `attention` then treats each on its own, without a loop.
#
# ### Exercise 4.2
#
# The slices above work for two heads of three channels. Write the split for any number of heads.

# %% exercise="4.2"
def split_heads(x: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Give each head its share of the channels: (B, N, D) -> (B, h, N, D / h).

    - head 0 has the first D / h channels of every token, head 1 the next D / h, and so on
    - the dtype is that of the input, and the input does not change; gradients pass through
    - raises: ValueError if num_heads does not divide D (any error will do)

    Example: the drawing above.
    """
    ### BEGIN SOLUTION
    return rearrange(x, "b n (h d) -> b h n d", h=num_heads)
    ### END SOLUTION


# %% check="4.2"
check("4.2")  # stuck? check("4.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Split the channel axis in two, then move the heads forward. Without einops:
# `x.reshape(B, N, num_heads, D // num_heads).transpose(1, 2)`. With `chunk` and `stack`:
# `torch.stack(x.chunk(num_heads, dim=-1), dim=1)`, but then you must raise the error yourself:
# `chunk` makes the last piece smaller without a word.
#
# "b n (d h) -> b h n d" deals the channels out like cards: head 0 gets 0, 2, 4. A network trained
# from scratch would not care. Other people's weights would.

# %% [markdown]
# ### Why a bare `view` is not enough
#
# You can get the shape (B, h, N, d) without the transpose: `x.view(B, h, N, d)`. No error. Look at
# the shades.

# %% slide="A bare `view` tears tokens apart, without an error"
show(
    view.draw_heads(x[0], x.view(1, 2, 3, 3)[0]),
    alt="The same tokens split by a bare view. Head 0 has the rows 0 1 2, then 3 4 5, then 6 7 8: "
    "the first token, torn in two, and half of the second. The shades are mixed in both heads.",
)

# %% [markdown]
# "Token 0" and "token 1" of head 0 are now two halves of one and the same token. Heads and tokens
# are mixed up. No error says so, and no shape will tell you. A network with this mistake still runs
# and still trains.

# %% [markdown]
# ## Merge
#
# After each head has attended, its results go back to their channels. This is the split in reverse.
#
# ### Exercise 4.3

# %% exercise="4.3"
def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Put the heads' channels side by side again: (B, h, N, d) -> (B, N, h * d).

    - the dtype is that of the input, and the input does not change; gradients pass through

    For all x: merge_heads(split_heads(x, num_heads)) equals x.
    """
    ### BEGIN SOLUTION
    return rearrange(x, "b h n d -> b n (h d)")
    ### END SOLUTION


# %% check="4.3"
check("4.3")  # stuck? check("4.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The pattern of `split_heads`, read from right to left. Without einops:
# `x.transpose(1, 2).flatten(2)`, or `torch.cat(x.unbind(1), dim=-1)`.
#
# `x.transpose(1, 2).view(B, N, h * d)` raises an error: a transpose does not move numbers in
# memory, it only reads them in another order, and `view` refuses to merge axes that are not
# neighbours in memory. `reshape` and `flatten` copy where they must. (`.contiguous()` copies, too.)

# %%
print("there and back:", torch.equal(merge_heads(split_heads(x, 2)), x))

# %% [markdown] slide="Project, split, attend, merge, project"
# ## The layer
#
# Two pieces are missing. Where do q, k and v come from? From the token itself, by learned linear
# layers: three different views of the same D numbers. It is called *self*-attention because the
# tokens that ask are also those that are asked.
#
# And after the merge, the channels of head 0 know nothing of those of head 1. One more linear
# layer, D to D, mixes them.
#
# | step | shape |
# | --- | --- |
# | tokens x | (B, N, D) |
# | project to q, k, v | three times (B, N, D) |
# | split | three times (B, h, N, d) |
# | attend | (B, h, N, d), weights (B, h, N, N) |
# | merge | (B, N, D) |
# | project | (B, N, D) |
#
# The input is (B, N, D), and so is the output. So layers can be stacked, which is what chapter 5
# does.

# %% [markdown]
# ### Exercise 4.4
#
# The projections may be one layer or three, with biases or without: the check looks at what your
# layer does. But if you would like to load weights that other people have trained, in exercise 4.5
# and in chapter 6, give them biases and the usual names: one layer `qkv` from D to 3D, whose first D
# outputs are q, the next k, the last v; and one layer `proj`.
#
# Too hard a start? Write `lines("4.4")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="4.4"
class MultiHeadSelfAttention(nn.Module):
    """Every token looks at every other, with several heads: (B, N, D) -> (B, N, D).

    - linear layers make q, k and v of each token; each of the three has its own D x D weights
    - each of the `num_heads` heads attends as in exercise 4.1, with its own D / h channels
    - the merged heads go through one more linear layer, D to D; no norm, no residual here
    - `dropout`: this share of the final result is set to zero in training, as `nn.Dropout` does
      (which scales up the rest), and nothing after `.eval()`
    - with return_weights=True: returns the pair (output, weights), weights (B, h, N, N);
      gradients pass through both
    - all weights are parameters that an optimiser finds and can train
    - after `.double()`, all of it works in float64, for an x in float64
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        ### BEGIN SOLUTION
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x: torch.Tensor, return_weights: bool = False):
        ### BEGIN SOLUTION
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output
        ### END SOLUTION


# %% check="4.4"
check("4.4")  # stuck? check("4.4", hint=1), then 2, then 3; or lines("4.4")

# %% [markdown] tags=["solution"]
# **Solution.** Project, cut in three, split, attend, merge, project: one line each. One layer `qkv`
# instead of three is the same mathematics, with one large matrix product instead of three smaller
# ones; one `nn.Linear` for each of q, k and v is just as right. So is a loop over heads with
# separate layers for each, in an `nn.ModuleList`: slower, and the closest to the paper's text.
#
# timm writes `qkv(x).reshape(B, N, 3, h, d).permute(2, 0, 3, 1, 4)`: cut and split at once. Any
# order of the rows can be learned; only (3, h, d) fits their weights.
#
# In real training you would call `F.scaled_dot_product_attention` whenever nobody asks for the
# weights, as the course's own version does. Two traps there: it divides by √d itself, so do not
# scale again; and its `dropout_p` knows nothing about `.eval()`.
#
# `nn.Linear` initialises its weights by a rule of its own. The course's version uses Xavier's rule,
# for q, k and v separately (Glorot and Bengio, 2010). The check does not ask for it.

# %%
torch.manual_seed(0)
layer = MultiHeadSelfAttention(embed_dim=192, num_heads=3).eval()
tokens = torch.randn(2, 197, 192)
with torch.no_grad():
    output, weights = layer(tokens, return_weights=True)
print("output (B, N, D):    ", tuple(output.shape))
print("weights (B, h, N, N):", tuple(weights.shape))

# %% [markdown]
# How many numbers does it learn? Four matrices of D x D and four rows of biases.

# %%
predict(
    "04-more-heads",
    "This layer has 3 heads. How many parameters has one with 12?",
    ["fewer", "as many", "four times as many", "sixteen times as many"],
)

# %%
D, heads_12 = 192, MultiHeadSelfAttention(embed_dim=192, num_heads=12)
few, many = [sum(p.numel() for p in one.parameters()) for one in (layer, heads_12)]
print("4 D² + 4 D:    ", f"{4 * D**2 + 4 * D:,}")
print("with 3 heads:  ", f"{few:,}")
print("with 12 heads: ", f"{many:,}")
outcome("04-more-heads", "as many" if many == few else "four times as many")

# %% [markdown]
# The number of heads does not matter, and neither does the number of tokens: the same layer works
# for any N.

# %% [markdown]
# ## The same layer in torch
#
# Torch has `nn.MultiheadAttention`. If you have understood everything, you can move the numbers
# from theirs to yours, and both will give the same output. It is the strictest test there is: one
# wrong scale, one wrong order or one forgotten bias, and the outputs differ.
#
# These are its tensors.

# %%
torch.manual_seed(0)
theirs = nn.MultiheadAttention(embed_dim=12, num_heads=3, batch_first=True)
nn.init.normal_(theirs.in_proj_bias)  # torch starts biases at 0: forgetting them would not show
nn.init.normal_(theirs.out_proj.bias)
for name, tensor in theirs.state_dict().items():
    print(f"{name:16}", tuple(tensor.shape))

# %% [markdown]
# `in_proj` stands for the projections to q, k and v, stored on top of each other in this order. All
# weights are stored as linear layers store them, (outputs, inputs).
#
# Mind `batch_first=True`. Without it, torch takes the *first* axis to be the tokens. Given (B, N,
# D), it lets the images of a batch attend to each other, and no error says so. Chapter 5 has a
# whole exercise on finding this mistake.
#
# ### Exercise 4.5
#
# As in exercise 1.5, parameters are changed under `torch.no_grad()`.

# %% exercise="4.5"
def from_torch(theirs: nn.MultiheadAttention) -> MultiHeadSelfAttention:
    """Your layer with torch's numbers, so that both give the same output.

    - `theirs`: made with batch_first=True and biases; its sizes are `theirs.embed_dim` and
      `theirs.num_heads`
    - returns: a MultiHeadSelfAttention that can be trained
    - `theirs` does not change, not even when yours is trained later: copy, do not share

    For all x: from_torch(theirs)(x) equals theirs(x, x, x)[0], up to rounding.
    """
    ### BEGIN SOLUTION
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours
    ### END SOLUTION


# %% check="4.5"
check("4.5")  # stuck? check("4.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Four tensors, copied as they are, because both store q, k and v in the same order.
# With three layers of your own, cut theirs first: `theirs.in_proj_weight.chunk(3)`.
#
# `ours.load_state_dict({...})` with renamed keys is the usual way for whole models, and it is
# strict: one name too many or too few is an error. `strict=False` loads what fits and says nothing
# about the rest; here nothing fits, and the layer keeps its random numbers.
#
# The new layer must have as many heads as theirs. No tensor holds the number of heads, so a wrong
# one fits perfectly and gives wrong outputs.

# %%
x = torch.randn(2, 5, 12)
with torch.no_grad():
    ours, (expected, _) = from_torch(theirs)(x), theirs(x, x, x)
print("equal up to rounding:", torch.allclose(ours, expected, atol=1e-6))

# %% [markdown]
# ## The price
#
# Every token looks at every other. With N tokens that is N x N scores in each head, in each layer,
# for each image. Twice as many tokens, four times the work.
#
# Measure it: attention written out, against torch's. (What is written out is the course's version
# of exercise 4.1, which is known to fit into memory.) First the time, the best of eight runs; then
# the memory that is kept for the backward pass. Torch can call a function for each tensor that it
# keeps, and ours adds up their sizes.

# %%
def seconds(function, n: int) -> float:
    """The best of eight runs with 3 heads of 64 channels and n tokens."""
    q, k, v = torch.randn(3, 1, 3, n, 64).unbind()
    times = []
    for _ in range(8):
        start = time.perf_counter()
        function(q, k, v)
        times.append(time.perf_counter() - start)
    return min(times)


# %%
def megabytes(function, n: int) -> float:
    """What is kept for the backward pass."""
    q, k, v = (torch.randn(1, 3, n, 64, requires_grad=True) for _ in range(3))
    kept = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        memory = tensor.untyped_storage()
        kept[memory.data_ptr()] = memory  # the same memory may be kept twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        function(q, k, v)
    return sum(memory.nbytes() for memory in kept.values()) / 1e6


# %% tags=["nbval-ignore-output"] slide="Time grows as N²; memory need not"
sizes = (128, 256, 512, 1024, 2048)
functions = {"written out": model.attention, "torch's kernel": F.scaled_dot_product_attention}
times = {name: [seconds(f, n) for n in sizes] for name, f in functions.items()}
memory = {name: [megabytes(f, n) for n in sizes] for name, f in functions.items()}
show(
    view.draw_cost(sizes, times, memory),
    alt="Time and memory over the number of tokens from 128 to 2,048, both axes logarithmic. The "
    "memory of written-out attention grows as the square of N; that of torch's kernel grows in "
    "proportion to N. The time of both grows as the square of N once N is large.",
)

# %% [markdown]
# The times are those of the machine this ran on; yours will differ. A step in a line marks where
# the N x N matrix outgrows a cache, or where new memory has to be allocated for it.
#
# For the time, there is no way around N² as long as every token looks at every other. For the
# memory, there is. Torch's kernel goes through the keys in blocks, keeps a running maximum and a
# running sum for the softmax, and never stores the N x N weights at all (Rabe and Staats, 2021; Dao
# et al., 2022). That is why it cannot return them. In the backward pass it computes them again.
#
# How much is that in a real model?

# %%
num_heads, depth = 12, 12  # ViT-B/16
for side in (224, 384, 1024):
    n = (side // 16) ** 2 + 1
    print(f"{side:4} pixels: N = {n:5,}, {depth * num_heads * n * n * 4 / 1e6:8,.0f} MB of weights")

# %% [markdown]
# For one image, in float32. At 224 pixels you would hardly notice; at 1,024 it would fill a
# graphics card.
#
# Keep a sense of proportion, though: attention is not the only cost. The four projections need 4 N
# D² multiplications, scores and output 2 N² D. They break even at N = 2D. In billions, for one
# layer of ViT-B/16:

# %%
for side in (224, 1024):
    n, D = (side // 16) ** 2 + 1, 768
    projections, attending = 4 * n * D**2 / 1e9, 2 * n * n * D / 1e9
    print(f"{side:4} pixels: projections {projections:4.1f}, attention {attending:4.1f}")

# %% [markdown]
# So at the usual size, most of the work in a ViT is plain linear layers. "Attention is quadratic"
# is true, and it starts to hurt only when images get large or patches small.

# %% [markdown] slide="Mistakes that keep the shape"
# ## What could go wrong
#
# All but the last keep the shape, so nothing complains at first. The checks know them by name.
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | no scale, or division by d, or by the root of D | softmax too sharp or too flat; training starts badly | compare with `F.scaled_dot_product_attention`, with large weights and several heads |
# | softmax over the wrong axis | the weights of a query do not sum to 1 | `weights.sum(-1)` |
# | heads split or merged by a bare `view` | pieces of tokens trade places | permute the tokens: the output must permute with them |
# | q and k swapped | invisible while you train, fatal for loaded weights | load somebody's weights |
# | one projection used twice | the scores are symmetric, or the values are the keys | change each weight: does the output change? |
# | weights times k, not v | the value projection learns nothing | look for parameters without a gradient |
# | softmax by hand, without subtracting the largest score | inf and nan, once scores grow | try scores of several hundred |
# | a causal mask left in | patches see only those before them | the weights above the diagonal are 0 |
# | `batch_first` forgotten | the images of a batch look at each other | an image must give the same result alone and in a batch |
# | dropout without `self.training` | noise at test time | call it twice after `.eval()` |
# | no output projection | the heads never meet | count the parameters: 4 D² |
# | `view` after a transpose | an error | use `reshape` or `flatten` |
#
# Why do tests miss them? With one head, split and merge mistakes make no difference at all, and
# neither does the root of D instead of the root of d. With fresh, tiny weights all scores are
# almost 0, and even a wrong softmax changes little. Test with several heads, large weights, and B,
# N, D and h all different.

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("04")

# %% [markdown] slide="Summary"
# ## Summary
#
# - A query meets all keys: the dot products, divided by √d and put through a softmax, are the
#   weights. The output is the average of the values, with these weights.
# - The scale keeps random scores at variance 1, so that the softmax can still learn.
# - A head has one softmax, so it answers one question. Several heads share the channels: split,
#   attend, merge.
# - The layer adds four linear maps around this, with 4 D² weights, for any number of tokens.
# - Time grows as N². Memory need not: a fused kernel never stores the weights.
#
# **Next:** chapter 5 puts this layer into a block, with a residual, a norm and an MLP.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, NeurIPS 2017: section 3.2 is this chapter in two
#   pages.
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: appendix A has the same formulas
#   for images, and Figure 7 (right) shows how far the heads of a trained ViT look.
# - Cordonnier et al., *On the Relationship between Self-Attention and Convolutional Layers*, ICLR
#   2020: heads that look near, as ours did, can act as a convolution.
# - Michel et al., *Are Sixteen Heads Really Better than One?*, NeurIPS 2019: many heads can be
#   removed after training.
# - Rabe and Staats, *Self-attention Does Not Need O(n²) Memory*, 2021, and Dao et al.,
#   *FlashAttention*, NeurIPS 2022: attention without the N x N matrix.
