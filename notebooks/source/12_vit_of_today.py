# %% [markdown] minutes=90
# # 12 The Vision Transformer of today
#
# You have built the model of 2021. In a repository of today most of it is still there: patches,
# attention, MLP, residuals, pre-norm. But positions now turn queries and keys, queries and keys are
# normed, there are registers, and what a layer adds is scaled. Each of these takes a few lines. In
# this chapter you write them, measure what they are worth in chapter 7's small model, and at the end
# build your own DINOv3.
#
# There are six exercises, for about an hour and a half. Two trainings run live, about two minutes
# together on one core. All the others would take too long, so their results are stored: three runs of
# each.

# %% tags=["nbval-ignore-output"]
import math
import os
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn
from vitcourse import check, show, versions, view
from vitcourse import outcome, predict, quiz
from vitcourse import reset, solution, use_fastest_threads  # to begin again; the answer; often one thread
from vitcourse.data import scenes
from vitcourse.model import MLP, MultiHeadSelfAttention, merge_heads, split_heads
from vitcourse.model.modern import LayerScale, ModernVisionTransformer
from vitcourse.results import stored
from vitcourse.training import Recipe, evaluate, scene_labels, scene_questions, scene_task, small_vit
from vitcourse.training import to_input, train

versions()

# %% tags=["nbval-ignore-output"]
use_fastest_threads()
quick = os.environ.get("VITCOURSE_QUICK") == "1"  # a rehearsal: everything runs, but only for seconds
recipe = replace(Recipe(), steps=12, warmup_steps=3) if quick else Recipe()
test = scenes(100 if quick else 1000, seed=0)

# %% [markdown] slide="Which model has what"
# ## What has changed since 2021
#
# | | positions | prefix tokens | MLP | LayerScale | learned from |
# | --- | --- | --- | --- | --- | --- |
# | ViT (2021) | table | class token | GELU | no | labels |
# | DeiT (2021) | table | class token; distilled: one more | GELU | no | labels; distilled: a teacher, too |
# | DINO (2021) | table | class token | GELU | no | pictures alone |
# | DINOv2 (2023) | table | class token; later also 4 registers | GELU; largest: SwiGLU | yes | pictures alone |
# | SigLIP (2023) | table | none: attention pools | GELU | no | pictures and their texts |
# | DINOv3 (2025) | RoPE | class token, 4 registers | GELU; some sizes: SwiGLU | yes | pictures alone |

# %% [markdown]
# The table follows the papers, which are listed at the end of this chapter; all but its last column
# agrees with the models in timm. Two things are not in it. **QK-norm**, which none of these models
# has, comes from a model of 22 billion parameters (Dehghani et al., 2023). And **attention itself**
# has not changed: what chapter 4 says is true of every row.
#
# That a large model has a new part tells you only that the part did no harm there. Whether it helped,
# and at which size, only a comparison can tell. So take the parts one at a time.

# %% [markdown]
# ## Positions that turn: RoPE
#
# In chapter 3 a position was a vector, *added* to the token. Rotary position embedding (RoPE; Su et
# al., 2021) adds nothing. It takes the query and the key of a token and *turns* them. Two channels
# together are a point in a plane, or an arrow to that point. The place of the token says by how much
# the arrow is turned.
#
# Why turn? Attention takes the product of a query and a key, and the product of two arrows depends
# on their lengths and on the angle between them. Turn both by the same angle, and nothing changes.
# So all that counts is the *difference* between the two places.
#
# Move q and k, then both together. When does the score change?

# %% slide="A query and a key, turned by their places"
view.turning_explorer()

# %% [markdown]
# When both move together, it never changes. Now tick the box: a class token has no place, so its
# query is not turned. Press the same two buttons again. What happens to the score? Keep that in
# mind; you will need it in a quarter of an hour.
#
# ### Where is a patch?
#
# A picture has two directions, so half of the pairs of channels turn with the row and half with the
# column. Each pair has its own speed: the fastest makes a whole turn from the middle of the image
# to its edge, the slowest hardly turns at all. They are the hands of a clock, as in chapter 3, but
# now they act on q and k.
#
# Which number says where a patch is? There is a choice. DINOv3 takes the centre of the patch, on a
# scale that runs from -1 to 1 along each side of the image, however large the image is.

# %% [markdown]
# ### Exercise 12.1

# %% exercise="12.1"
def patch_angles(grid: tuple[int, int], head_dim: int) -> torch.Tensor:
    """By how much each patch turns each pair of channels: -> (rows * columns, head_dim / 2).

    - `grid`: (rows, columns), whole numbers of any size; patches are in raster order
    - `head_dim`: how many channels a head has; two channels are a pair
    - where patch i of n is: its centre, (2 i + 1) / n - 1. Rows and columns each run from -1 to 1
    - periods: 100 ** (4 i / head_dim) for i = 0, 1, ..., head_dim / 4 - 1
    - an angle is 2 pi * centre / period; a patch's first head_dim / 4 angles are for its row, the
      others for its column; the result is float32
    - raises ValueError unless head_dim is a multiple of 4

    Example: patch_angles((1, 2), head_dim=4) is [[0, -pi], [0, pi]]: one row, whose centre is 0,
    and two columns, whose centres are -1/2 and 1/2.
    """
    ### BEGIN SOLUTION
    if head_dim % 4 != 0:
        raise ValueError(f"head_dim must be a multiple of 4, got {head_dim}")
    rows, columns = ((2 * torch.arange(n) + 1) / n - 1 for n in grid)
    periods = 100 ** (4 * torch.arange(head_dim // 4) / head_dim)
    of_rows = (2 * math.pi * rows[:, None] / periods).repeat_interleave(len(columns), dim=0)
    of_columns = (2 * math.pi * columns[:, None] / periods).repeat(len(rows), 1)
    return torch.cat([of_rows, of_columns], dim=1)
    ### END SOLUTION


# %% check="12.1"
check("12.1")  # stuck? check("12.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Chapter 3's grid again (exercise 3.3), with other coordinates. The angles of each
# row are needed once for every column, and those of all columns once for every row. The course's
# version makes all pairs of centres at once, with `torch.cartesian_prod`, and divides them by the
# periods in one step. `torch.meshgrid(..., indexing="ij")` works as well; with `indexing="xy"` it
# gives columns first.
#
# Each choice could be made differently: patch numbers instead of centres, -1 and 1 in the
# *corners*, both sides divided by the longer one, 10,000 instead of 100. A model can learn with all
# of these, and none of them fits DINOv3's weights.

# %% [markdown]
# Here are your angles for chapter 7's grid of 6 x 6 patches. A head has 16 channels, which are eight
# pairs. Four turn with the row, four with the column.

# %% slide="By how much each patch turns each pair"
angles = patch_angles((6, 6), head_dim=16)
show(
    view.draw_angles(angles, (6, 6)),
    alt="Eight maps of a 6 x 6 grid, coloured by angle. In pairs 0 to 3 the colour changes from row to row, in "
    "pairs 4 to 7 from column to column. Pairs 0 and 4 go around nearly twice, the others less and less.",
)

# %% [markdown]
# In pair 0, rows 0 and 3 have the same colour: the fastest hand is back where it was. The slower
# hands tell them apart.
#
# ### Turn them

# %% [markdown]
# ### Exercise 12.2

# %% exercise="12.2"
def turn(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Turn queries or keys by each patch's angles: (B, h, prefix + N, d) -> the same shape.

    - `angles`: (N, d / 2), for the last N tokens, the same in all images and heads
    - channels i and i + d / 2 of a token are a point (a, b) in a plane. Turned by the angle t it is
      (a cos t - b sin t, b cos t + a sin t)
    - prefix tokens, such as the class token, come first and stay as they are. There may be any
      number of them, or none
    - the result has x's dtype: of bfloat16 comes bfloat16, though the angles are float32
    """
    ### BEGIN SOLUTION
    num_prefix = x.shape[-2] - len(angles)
    a, b = x[..., num_prefix:, :].chunk(2, dim=-1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    turned = torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
    return torch.cat([x[..., :num_prefix, :], turned], dim=-2)
    ### END SOLUTION


# %% check="12.2"
check("12.2")  # stuck? check("12.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The two halves of the channels are the points' two coordinates; (N, d / 2) broadcasts
# over images and heads. `x[..., :-N, :]` is the prefix, too, even if there are no prefix tokens.
#
# Most code has a helper `rotate_half(x)` that gives (-b, a), and then writes
# `x * cos + rotate_half(x) * sin`, with cos and sin repeated for both halves: the same sum in another
# order. Complex numbers do it in one product, `torch.complex(a, b) * torch.exp(1j * angles)`. Or
# give each pair its 2 x 2 matrix and use `einsum`, which is slow but clear. What differs from code
# to code is the *pairs*: GPT-J, Llama's original code and many ViTs turn neighbours, channels 2 i
# and 2 i + 1. Weights that were trained with one are useless with the other, and no error tells you
# so.

# %% [markdown]
# The promise was that only differences count. Test it with numbers. Here are the same query and key
# in a long row, five patches apart at three different places, and then four patches apart:

# %%
torch.manual_seed(0)
q, k = torch.randn(2, 1, 1, 1, 16)
row = patch_angles((1, 20), head_dim=16)


def score(q_place: int, k_place: int) -> float:
    q_turned, k_turned = turn(q, row[[q_place]]), turn(k, row[[k_place]])
    return (q_turned @ k_turned.mT).item()


for q_place, k_place in ((0, 5), (7, 12), (14, 19), (14, 18)):
    print(f"places {q_place:2} and {k_place:2}: score {score(q_place, k_place):.3f}")

# %% [markdown]
# The first three scores are equal, and the last one, at another distance, is not.
#
# ## What is it worth?
#
# Take chapter 7's model, and change one thing: RoPE instead of the table of positions. Everything
# else stays as it was. (Only the recipe is the plainer one of 1,200 steps without a plateau.)

# %%
class RopeAttention(MultiHeadSelfAttention):
    """Chapter 4's attention, with queries and keys turned by `angles`, which are set from outside."""

    angles: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.qkv(x).chunk(3, dim=-1)
        queries, keys, values = (split_heads(part, self.num_heads) for part in parts)
        turned = (turn(side, self.angles) for side in (queries, keys))
        return self.proj(merge_heads(F.scaled_dot_product_attention(*turned, values)))


def set_angles(vit: nn.Module, angles: torch.Tensor) -> None:
    for block in vit.encoder.blocks:
        block.attn.angles = angles


def rope_vit() -> nn.Module:
    vit = small_vit()
    vit.positions = nn.Identity()
    for block in vit.encoder.blocks:
        block.attn = RopeAttention(64, num_heads=4)
    set_angles(vit, angles)
    return vit


# %% [markdown]
# Two trainings, about a minute each on one core.

# %% tags=["nbval-ignore-output"]
trained, histories = {}, {}
for name, build in (("table", small_vit), ("RoPE", rope_vit)):
    torch.manual_seed(0)
    trained[name] = build()
    histories[name] = train(trained[name], scene_task(), recipe, questions=scene_questions())

# %% tags=["nbval-ignore-output"] slide="With RoPE it knows early where things are" lecture=true
show(
    view.draw_learning(histories),
    alt="Learning curves of two models, right answers to what and where over the steps. With the table, where rises "
    "late, when what is well under way; with RoPE it rises within the first third.",
)

# %% [markdown]
# Look at *where*. With the table it rises when *what* is well under way; with RoPE it rises first.
# Was that luck? Here are three runs of each, tested after 400 of the 1,200 steps. Each dot is a
# run, each stroke the mean of three; the dashed line is guessing.

# %% slide="After a third of the training"
runs = stored("today")["runs"]


def shares_at(step: int, question: str, names: dict[str, str]) -> dict[str, list[float]]:
    """The right answers of each run after some steps: {label: a share for each run}."""
    return {
        label: [run["at"][str(step)][question] for run in runs if run["variant"] == variant]
        for label, variant in names.items()
    }


def panels_at(step: int, names: dict[str, str]) -> dict[str, dict[str, list[float]]]:
    return {question: shares_at(step, question, names) for question in scene_questions()}


panels = panels_at(400, {"table": "base", "RoPE": "RoPE"})
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %% [markdown]
# It was not luck. With RoPE, *where* is nearly solved; with the table, it is not far from guessing.
# A table starts as 37 random vectors, and the model has to find out which of them are neighbours.
# RoPE brings the geometry along. *What*, which does not depend on places, comes a little later with
# RoPE. In the end the two are level: after 1,200 steps both get nearly everything right.

# %% [markdown]
# ## "RoPE is only relative"
#
# You will read that RoPE encodes only relative positions. Put it to the test: add the same number
# to the coordinates of all patches. Every distance stays as it was. The model has been trained with
# CLS, as in chapter 7, and its images have 6 x 6 patches.

# %%
predict(
    "12-shift",
    "All coordinates are shifted by two patches, down and to the right; the images stay as they are. How many "
    "answers to *where* will still be right?",
    ["as many as before", "about half of them", "next to none"],
)

# %% tags=["nbval-ignore-output"]
one_patch = angles[7] - angles[0]  # one row down, one column to the right


def right_where(vit: nn.Module, shift: float) -> float:
    set_angles(vit, angles + shift * one_patch)
    found = evaluate(vit, test.images, scene_labels(test), scene_questions())
    set_angles(vit, angles)
    return found["where"]


shifts = (0, 0.5, 1, 2)
with_cls = {shift: right_where(trained["RoPE"], shift) for shift in shifts}
print("where, right:", {shift: f"{share:.1%}" for shift, share in with_cls.items()})

# %% tags=["nbval-ignore-output"]
kept = with_cls[2] / max(with_cls[0], 0.01)
outcome(
    "12-shift",
    "as many as before" if kept > 0.8
    else "about half of them" if kept > 0.25
    else "next to none",
)

# %% [markdown]
# Every distance between patches has stayed the same, and still the model is lost: it is right no more
# often than by chance.
#
# You have seen the reason in the widget, when you ticked the box. CLS is not a patch, so it is not
# turned. Its query stands still while the keys turn, and so its scores depend on *where* a patch
# is. This is how the model answers *where* in the first place: CLS sees places. If every token were
# turned, nothing would see them.
#
# Is that true? Take CLS out, let the head read the mean of all patches, and shift again. This needs
# no training; random weights will do.

# %% tags=["nbval-ignore-output"]
def without_cls(vit: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """The model without its class token: logits from the mean of the patches."""
    return vit.head(vit.encoder(vit.patch_embed(images)).mean(dim=1))


torch.manual_seed(0)
fresh, some = rope_vit(), to_input(test.images[:50])
with torch.no_grad():
    set_angles(fresh, angles)
    before, before_cls = without_cls(fresh, some), fresh(some)
    set_angles(fresh, angles + 2 * one_patch)
    print(f"largest change of a logit, with CLS:    {(fresh(some) - before_cls).abs().max():.3f}")
    print(f"largest change of a logit, without CLS: {(without_cls(fresh, some) - before).abs().max():.7f}")

# %% [markdown]
# Without CLS only rounding errors are left. Training does not come into it: this holds for all
# weights and all images.
#
# But then how can a model without CLS know *where* anything is? Three such models have been
# trained, and they do know. The picture has edges: a patch in the corner has neighbours on two
# sides only, and it can find out how far away each of the others is.

# %% slide="Relative, if every token is turned" lecture=true
def where_by_shift(variant: str) -> dict[float, float]:
    """The mean share of right answers to where, by shift."""
    found = [run["shifted"] for run in runs if run["variant"] == variant]
    return {float(s): sum(run[s]["where"] for run in found) / len(found) for s in found[0]}


lines = {"no CLS, mean of patches": where_by_shift("RoPE, mean"), "with CLS": where_by_shift("RoPE")}
show(
    view.draw_shifts(lines),
    alt="Right answers to where by the shift of all coordinates. " + "; ".join(
        f"{name}: " + ", ".join(f"{share:.0%} at {shift:g}" for shift, share in line.items())
        for name, line in lines.items()
    ) + ". Guessing: 12.5%.",
)

# %% [markdown]
# So "RoPE is only relative" is true if every token is turned. DINOv3 has a class token and four
# registers that are not turned: it can see absolute places, and may use them.

# %% [markdown]
# ## Larger images: coordinates decide
#
# You will also read that with RoPE a model can take larger images than it was trained on. Here are
# two kinds of larger image, both with sides of 80 pixels; in training they had 48.

# %% slide="Two ways to be larger"
def on_canvas(images: torch.Tensor, apart: bool) -> torch.Tensor:
    """Scenes on 80 x 80 pixels of grey: in the middle, or with their nine cells moved apart."""
    canvas = torch.full((len(images), 3, 80, 80), 108, dtype=torch.uint8)
    if not apart:
        canvas[:, :, 16:64, 16:64] = images
        return canvas
    for row in range(3):
        for column in range(3):
            cell = images[:, :, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            canvas[:, :, 24 * row + 8 : 24 * row + 24, 24 * column + 8 : 24 * column + 24] = cell
    return canvas


pair = torch.cat([on_canvas(test.images[3:4], apart) for apart in (False, True)]) / 255
show(
    view.side_by_side({"a larger canvas": pair[0], "spread out": pair[1]}),
    alt="The same scene twice on grey. On the left it is in the middle, as large as before, with a wide margin. On "
    "the right its nine cells have been moved apart, so that the scene fills the image.",
)

# %% [markdown]
# And there are three ways to say where a patch is: the table, stretched to 10 x 10 as in chapter 3;
# RoPE on a scale from -1 to 1 as before, so that the steps get smaller; and, with *the same
# weights*, RoPE on a scale where each step stays as large as in training, so that the edge lies
# beyond 1.

# %% slide="The same weights, other coordinates"
ways = {
    "table, stretched": ("base", ""),
    "RoPE, -1 to 1": ("RoPE", ""),
    "RoPE, same steps": ("RoPE", ", same pixels"),
}
panels = {
    f"where: {kind}": {
        name: [run["larger"][kind + way]["where"] for run in runs if run["variant"] == variant]
        for name, (variant, way) in ways.items()
    }
    for kind in ("larger canvas", "spread out")
}
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %% [markdown]
# RoPE by itself does not help with larger images: on the scale from -1 to 1 it does no better than the
# stretched table. What decides is the coordinate. On the larger canvas things are as many pixels
# apart as before, and the same steps suit it. In the spread-out picture things keep their
# proportions, and so do the scale from -1 to 1 and the stretched table. To be good at both, a model
# has to see both in training. DINOv3 did: its coordinates were stretched and squeezed at random.

# %% [markdown]
# ## Queries and keys, normed
#
# Attention has no brake. If queries and keys grow, so do their products; softmax then looks at one
# token only, and lets hardly any gradient through (chapter 4). In very large models this has made
# training fail. *QK-norm* applies a layer norm to each query and each key, head by head, before they
# meet (Dehghani et al., 2023).

# %% [markdown]
# ### Exercise 12.3

# %% exercise="12.3"
def qk_norm_scores(
    q: torch.Tensor, k: torch.Tensor, q_norm: nn.Module, k_norm: nn.Module
) -> torch.Tensor:
    """Attention's scores from normed queries and keys: (B, h, N, d) twice -> (B, h, N, N).

    - `q_norm` and `k_norm`: nn.LayerNorm(d), one for all queries and one for all keys; all heads
      share them
    - row i, column j: normed query i times normed key j, divided by the square root of d
    - scores, not weights: softmax comes later; they have the dtype of q and k
    """
    ### BEGIN SOLUTION
    q, k = q_norm(q), k_norm(k)
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    ### END SOLUTION


# %% check="12.3"
check("12.3")  # stuck? check("12.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Chapter 4's scores, with one line before them. `nn.LayerNorm(d)` works along the last
# axis, so each head's d numbers are normed by themselves, after the heads have been split. Before the
# split it would be one norm over all heads, another layer. `torch.einsum("bhid,bhjd->bhij", q, k)` is
# the same product.
#
# What leaves a fresh norm is at most sqrt(d) long, so no score can exceed sqrt(d) until the norms'
# own weights and biases grow, however large the projections become.

# %% [markdown]
# A small model does not diverge by itself, so provoke it: take three times the learning rate.

# %%
predict(
    "12-qk-norm",
    "At three times the learning rate, after all 1,200 steps: which model gets more of *where* right?",
    ["the plain one, by 20 points or more", "about the same", "the one with QK-norm, by 20 points or more"],
)

# %% slide="Three times the learning rate, with a brake and without"
faster = {"plain": "base, rate x 3", "QK-norm": "QK-norm, rate x 3"}
panels = panels_at(1200, faster)
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %%
def mean_of(shares: list[float]) -> float:
    return sum(shares) / len(shares)


gain = mean_of(panels["where"]["QK-norm"]) - mean_of(panels["where"]["plain"])
outcome(
    "12-qk-norm",
    "the one with QK-norm, by 20 points or more" if gain >= 0.2
    else "the plain one, by 20 points or more" if gain <= -0.2
    else "about the same",
)

# %% [markdown]
# At this rate the plain model never finds *where*, and it stays behind in *what*. With QK-norm,
# *what* is nearly all right in all three runs, and *where* in two of them. The third shows that
# QK-norm is a brake and not a cure: the rate is still too high. (At the usual rate the two are
# alike, as you will see below.)

# %% [markdown]
# ## LayerScale
#
# Each layer adds to the residual stream. LayerScale (Touvron et al., 2021) multiplies what a layer
# adds by a learned number for each channel. These numbers start at almost nothing, 0.00001, so a
# deep model starts as little more than its residual stream. It computes `x * self.gamma`.

# %%
scale = LayerScale(4)
print([round(number, 5) for number in scale(torch.tensor([1000.0, -1000.0, 5.0, 0.0])).tolist()])

# %% slide="LayerScale in a shallow model"
panels = panels_at(400, {"plain": "base", "LayerScale": "LayerScale"})
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %% [markdown]
# After 400 steps the model with LayerScale is *behind*, and it does not quite catch up. Textbooks
# say that LayerScale helps, but that was found in very deep models. In four blocks there is nothing
# to calm down, and what the layers add has to grow from almost nothing first. A part that helps at
# depth 36 may cost you something at depth 4.

# %% [markdown]
# ## Registers
#
# Chapter 2 showed what registers are: learned tokens beside CLS that are never read out, room for
# notes. Large models without registers may use patches that show little instead, whose tokens
# become very long (Darcet et al., 2024). Now you put registers in and, which is easier to get
# wrong, take them out again.

# %% [markdown]
# ### Exercise 12.4

# %% exercise="12.4"
class Registers(nn.Module):
    """Learned tokens that stand right behind the class token, and are taken out at the end.

    - `self.registers`: an nn.Parameter of shape (1, num_registers, embed_dim), the only one. All its
      numbers start small and random, drawn anew for each layer: registers that start alike stay alike
    - `insert`: (B, 1 + N, D) -> (B, 1 + R + N, D), class token, registers, patches; the same
      registers in each image
    - `take_out`: (B, 1 + R + N, D) -> (B, 1 + N, D), without the tokens in the registers' places
    - tokens and registers of one dtype give tokens of that dtype
    """

    def __init__(self, embed_dim: int, num_registers: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        ### END SOLUTION

    def insert(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        registers = self.registers.expand(len(tokens), -1, -1)
        return torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1)
        ### END SOLUTION

    def take_out(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        num_registers = self.registers.shape[1]
        return torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1)
        ### END SOLUTION


# %% check="12.4"
check("12.4")  # stuck? check("12.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Chapter 2's class token, R times and one place further back. `repeat` works as well as
# `expand`. `tokens[:, :1]` keeps the axis of the tokens; `tokens[:, 0]` would lose it.
#
# Zeros are a fine start for one class token and a bad one for four registers. Only their numbers tell
# registers apart: if these are equal, so are their gradients, and four registers do the work of one
# forever.
#
# To take out, you can also split, `tokens.split([1, R, N], dim=1)`, or select by index or by mask.
# If you read only the class token, `tokens[:, 0]`, the registers may stay where they are. If you want
# the *patches*, you must know about registers: `tokens[:, 1:]`, as in chapter 8, includes them.

# %% [markdown]
# Does the small model need them? This is how many times longer than the median its longest patch
# token is, in each stored run. The paper's artefacts were about ten times as long as the others.

# %%
for name in ("base", "4 registers"):
    longest = [run["longest"] for run in runs if run["variant"] == name]
    print(f"{name:12} longest patch token / median: " + ", ".join(f"{x:.1f}" for x in longest))

# %% [markdown]
# No, there is nothing to clean up. Such tokens were seen in large models after long training, and
# cannot be shown at this size. This is what has been learned about registers since:
#
# - **Not every model needs them.** Baxevanakis et al. (2026) looked at DINO, DINOv2, OpenCLIP and DeiT
#   III in several sizes, and found that some of the claims do not hold for all of them.
# - **They need not be trained.** Jiang et al. (2025) found that a few neurons of the MLPs make the long
#   tokens. In a finished model they move the output of these neurons to one untrained token, added for
#   the purpose.
# - **What is in them matters less than it seems.** Set the registers to zero, and DINOv3 gets much
#   worse. But replace them by their mean, by noise of the same size or by the registers of another
#   picture, and the result changes by no more than about one percentage point (Parodi et al., 2026). The
#   model has never seen zeros there, so zeros say little about what it uses.

# %% [markdown]
# ## An MLP with a gate
#
# In a plain MLP each hidden number goes through GELU. In *SwiGLU* (Shazeer, 2020) it is multiplied
# by a second number, a gate, which says how much of it passes. That takes three matrices instead of
# two, so the hidden size is usually cut to two thirds.

# %% [markdown]
# ### Exercise 12.5

# %% exercise="12.5"
class SwiGLU(nn.Module):
    """An MLP whose hidden numbers pass through a gate: (..., D) -> (..., D).

    - three nn.Linear with biases, called `gate` and `fc1` (from embed_dim to hidden_dim) and `fc2`
      (back again)
    - the hidden numbers are what `fc1` gives, times SiLU of what `gate` gives; `fc2` reads them
    - SiLU(x) = x * sigmoid(x)
    """

    def __init__(self, embed_dim: int, hidden_dim: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.fc2(F.silu(self.gate(x)) * self.fc1(x))
        ### END SOLUTION


# %% check="12.5"
check("12.5")  # stuck? check("12.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** One line, once the layers are there. `nn.SiLU()` and `h * h.sigmoid()` are the same as
# `F.silu(h)`.
#
# `gate` and `fc1` have the same shape, so if you exchange them a file still loads, but the features
# are rubbish. Many models store the two as one layer of twice the width and split its result,
# `gate, value = w12(x).chunk(2, dim=-1)`. That is faster, but now you must know which half comes
# first.

# %% [markdown]
# ## What does not matter here
#
# Two more candidates. *RMSNorm* (Zhang and Sennrich, 2019), which many language models use,
# divides by the root of the mean square: a layer norm that does not subtract the mean and has no
# bias. PyTorch has it as `nn.RMSNorm`; here it replaces all layer norms. And QK-norm once more, now
# at the usual learning rate. All of them at the end of training, three runs each, with about as
# many parameters:

# %% slide="What does not matter at this size"
alike = {"plain": "base"} | {name: name for name in ("4 registers", "SwiGLU", "QK-norm", "RMSNorm")}
panels = panels_at(1200, alike | {"RoPE": "RoPE"})
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %% [markdown]
# All of them get nearly everything right. That says something about the task, too: there is no room
# at the top. (Shazeer had no explanation for SwiGLU's success, and put it down to divine
# benevolence.)
#
# On the way there, they are not all alike. After 400 steps:

# %%
panels = panels_at(400, alike)
show(view.draw_runs(panels), alt=view.tell_runs(panels))

# %% [markdown]
# QK-norm and RMSNorm cannot be told from the plain model. One run with registers and two with SwiGLU
# found *where* early, and the others did not. Chance, or an effect? Three runs cannot tell, and one
# alone would have misled you. (SwiGLU's layers also start from other random numbers here, PyTorch's
# instead of chapter 5's, so even a clear lead might not be the work of the gate.) With RoPE it was
# different: all three of its runs were ahead of all three with the table.

# %% [markdown]
# ## Your own DINOv3
#
# You now have all the parts of DINOv3 (Siméoni et al., 2025). Its ViT-S/16 has 12 blocks of width
# 384, and differs from your model of chapter 6 in this:
#
# - RoPE in each block, and no table
# - four registers behind CLS
# - a LayerScale behind attention and behind the MLP
# - no biases in q, k and v
# - layer norms with eps = 0.00001

# %% [markdown]
# ### Exercise 12.6

# %% exercise="12.6"
class TurnedAttention(nn.Module):
    """Chapter 4's attention with turned queries and keys: (B, N, D) -> (B, N, D).

    - `qkv`: nn.Linear from D to 3 D, without bias; q first, then k, then v
    - `proj`: nn.Linear from D to D, with bias
    - `turn` q and k in each head, not v
    """

    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)
        self.proj = nn.Linear(embed_dim, embed_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads = F.scaled_dot_product_attention(turn(q, angles), turn(k, angles), v)
        return self.proj(merge_heads(heads))
        ### END SOLUTION


class TurnedBlock(nn.Module):
    """Pre-norm, and a LayerScale behind attention and behind the MLP: (B, N, D) -> (B, N, D).

    - `norm1`, `attn`, `scale1`, `norm2`, `mlp`, `scale2`; the two scales are the course's LayerScale
    - norms: eps=1e-5. `mlp`: chapter 5's MLP, with `fc1`, the exact GELU, and `fc2`
    - a LayerScale acts on what is added, not on the sum
    """

    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.attn = TurnedAttention(embed_dim, num_heads)
        self.scale1 = LayerScale(embed_dim)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.mlp = MLP(embed_dim, mlp_dim)
        self.scale2 = LayerScale(embed_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        x = x + self.scale1(self.attn(self.norm1(x), angles))
        return x + self.scale2(self.mlp(self.norm2(x)))
        ### END SOLUTION


class DINOv3(nn.Module):
    """From images to the class token's features: (B, C, H, W) -> (B, D).

    - H and W may be of any size, as long as patches tile them
    - `patch_embed`: nn.Conv2d with a bias; its grid of patches is read in raster order
    - `cls_token` (1, 1, D) and `registers` (1, R, D), started as in 12.4: nn.Parameters. The tokens
      are the class token, the registers, the patches. No table of positions
    - `blocks`: an nn.ModuleList of `depth` TurnedBlocks, which all get the same `patch_angles` of
      the image's grid
    - `norm`: one last LayerNorm, eps=1e-5
    - `forward_features`: all tokens after that norm, (B, 1 + R + N, D)

    Published weights go by names, so all names count: `list(state_dict())` has "cls_token",
    "patch_embed.weight", "blocks.0.attn.qkv.weight", "blocks.0.scale1.gamma", "norm.bias", ...
    """

    def __init__(
        self,
        patch_size: int,
        in_channels: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        num_registers: int = 4,
    ):
        super().__init__()
        ### BEGIN SOLUTION
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        self.blocks = nn.ModuleList(
            TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-5)
        ### END SOLUTION

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        patches = self.patch_embed(images)
        angles = patch_angles(patches.shape[-2:], self.head_dim).to(images.device)
        prefix = torch.cat([self.cls_token, self.registers], dim=1)
        x = torch.cat([prefix.expand(len(images), -1, -1), patches.flatten(2).mT], dim=1)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.forward_features(images)[:, 0]


# %% check="12.6"
check("12.6")  # stuck? check("12.6", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Chapter 6's model with five changes: positions turn q and k instead of being added,
# four registers stand behind the class token, q, k and v have no bias, a LayerScale is behind each
# layer, and eps is 1e-5. The size of the image is no longer an argument: the convolution's result
# says how large the grid is.
#
# The course's `ModernVisionTransformer` is the same model, with DINOv2's table, SwiGLU and QK-norm
# as options. Chapter 4's `attention(q, k, v)` does as well as PyTorch's kernel. It is tempting to
# keep all `num_registers + 1` prefix tokens in one parameter, but then weights do not load: files
# keep class token and registers apart.
#
# With fresh weights most mistakes stay hidden, since each LayerScale starts at 1e-5: leave all
# positions out, and the features change in the sixth digit. So the check gives your model random
# weights, with LayerScales of about 1.

# %% [markdown]
# ### Is it the same model?
#
# Give your model and the course's the same random weights, with LayerScales around 1, and compare all
# tokens. The image is not square: in a square one nobody would notice a grid of (columns, rows).

# %%
torch.manual_seed(0)
sizes = {"patch_size": 8, "in_channels": 3, "embed_dim": 32, "depth": 3, "num_heads": 2, "mlp_dim": 64}
yours, courses = DINOv3(**sizes), ModernVisionTransformer(**sizes)
for name, weight in yours.named_parameters():
    nn.init.normal_(weight, mean=1.0 if "gamma" in name or "norm" in name else 0.0, std=0.2)
missing, unexpected = courses.load_state_dict(yours.state_dict(), strict=False)
for name in missing:  # the course's model can have biases for q, k and v
    nn.init.zeros_(courses.get_parameter(name))
images = torch.randn(2, 3, 32, 56)
with torch.no_grad():
    difference = (yours.forward_features(images) - courses.forward_features(images)).abs().max()
print("only in the course's:", sorted({name.split(".", 2)[-1] for name in missing}))
print("only in yours:", unexpected)
print("all tokens equal to 1e-5:", difference.item() < 1e-5)

# %% [markdown]
# Now the same with timm's model, if you have timm. Its code was written by other people, after
# Meta's.

# %% tags=["nbval-ignore-output"]
try:
    import timm
    from vitcourse.model.weights import from_timm

    theirs = timm.create_model("vit_small_patch16_dinov3", pretrained=False, depth=2).eval()
    for name, weight in theirs.named_parameters():
        nn.init.normal_(weight, mean=1.0 if "gamma" in name or "norm" in name else 0.0, std=0.05)
    weights = {n: w for n, w in from_timm(theirs).state_dict().items() if not n.endswith("qkv.bias")}
    yours = DINOv3(16, 3, embed_dim=384, depth=2, num_heads=6, mlp_dim=1536)
    yours.load_state_dict(weights)
    images = torch.randn(1, 3, 96, 160)
    with torch.no_grad():
        difference = (yours.forward_features(images) - theirs.forward_features(images)).abs().max()
    print(f"largest difference from timm's: {difference:.1e}")
except ImportError:
    print("timm is not installed here; the check has compared your model with the course's.")

# %% [markdown]
# If you have Meta's file (you have to ask Meta for it), `pretrained("dinov3_vits16")` loads it, and
# its weights fit your model as well. Chapter 9 says how to send a photograph through.

# %% [markdown] slide="Mistakes that raise no error"
# ## What could go wrong
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | row and column exchanged | it trains all the same; published weights do not work | an image that is not square |
# | neighbours turned instead of halves | published weights do not work | compare with the code they came from |
# | class token and registers turned, too | everything is a little wrong | call `turn` with a prefix, look at its rows |
# | v turned, too | it trains, but is not DINOv3 | shift all places, without a prefix: the output must not change |
# | coordinates of corners, or patch numbers | with published weights, everything is a little wrong | print the first and the last |
# | registers left in the mean, or in maps | maps are shifted by four patches | count the tokens |
# | QK-norm before heads are split | another layer, with other sizes of weights | print `q_norm.weight.shape` |
# | fresh LayerScales in a comparison | everything looks equal | random weights for them, too |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("12")

# %% [markdown] slide="Summary"
# ## Summary
#
# - RoPE turns queries and keys by their places. The product of two turned arrows depends on the
#   difference between their places; a token that is not turned sees the places themselves.
# - In chapter 7's model, RoPE learns *where* far earlier than a table.
# - Which coordinate suits a larger image depends on what has become larger.
# - QK-norm is a brake: at a learning rate at which the plain model fails, most runs with it succeed.
# - LayerScale slows a shallow model. Registers, SwiGLU, RMSNorm, and QK-norm at the usual rate make no
#   difference in the end, at this size.
# - Your DINOv3 is about a hundred lines, and you have written the parts that are new.
#
# This is the last chapter. What comes next is up to you.

# %% [markdown]
# **Further reading**
#
# - Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding*, 2021.
# - Heo et al., *Rotary Position Embedding for Vision Transformer*, ECCV 2024.
# - Oquab et al., *DINOv2: Learning Robust Visual Features without Supervision*, 2023.
# - Siméoni et al., *DINOv3*, 2025.
# - Zhai et al., *Sigmoid Loss for Language Image Pre-Training* (SigLIP), ICCV 2023.
# - Touvron et al., *Training data-efficient image transformers & distillation through attention*
#   (DeiT), and *Going deeper with Image Transformers* (LayerScale), both 2021.
# - Caron et al., *Emerging Properties in Self-Supervised Vision Transformers* (DINO), ICCV 2021.
# - Dehghani et al., *Scaling Vision Transformers to 22 Billion Parameters*, ICML 2023: QK-norm.
# - Shazeer, *GLU Variants Improve Transformer*, 2020.
# - Zhang and Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019.
# - Darcet et al., *Vision Transformers Need Registers*, ICLR 2024.
# - Jiang, Dravid, Efros and Gandelsman, *Vision Transformers Don't Need Trained Registers*, NeurIPS
#   2025.
# - Baxevanakis et al., *Do All Vision Transformers Need Registers? A Cross-Architectural Reassessment*,
#   2026 (arXiv 2603.25803).
# - Parodi, Matelsky and Segado, *Zero-Ablation Overstates Register Content Dependence in DINO Vision
#   Transformers*, 2026 (arXiv 2604.14433).
