# %% [markdown] minutes=90
# # 7 Training: the model learns to see
#
# So far your model has been a beautiful machine that knows nothing. In this chapter it learns. You
# write the training yourself, watch 150,000 random numbers turn into something that answers
# questions about pictures, and then take the machine apart to see which part did what.
#
# Five exercises, about an hour and a half. The first long training takes well under a minute on one
# core of a laptop, so you need neither a GPU nor patience.

# %% tags=["nbval-ignore-output"]
import math
import os
from dataclasses import replace

import torch
import torch.nn.functional as F
from matplotlib import pyplot as plt
from torch import nn
from vitcourse import check, show, training, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, predicted, quiz  # predict before you run; five questions at the end
from vitcourse import progress_bar, use_fastest_threads  # for cells that take some seconds
from vitcourse.convolution import ConvNet
from vitcourse.data import SHAPES, scenes
from vitcourse.model import EncoderBlock, mean_pool
from vitcourse.results import by_amount, stored
from vitcourse.training import scene_labels, scene_questions, scene_task, small_vit, to_input, train
from vitcourse.training.recipes import RECIPES

# %% tags=["nbval-ignore-output"]
versions()
use_fastest_threads()  # small models are often fastest on one

# %% [markdown]
# ## The task: what colour is the dot?
#
# The course makes its own pictures, as many as you like. Each has a dot in the middle, in a white
# ring, and four shapes of different colours around it. The dot names a colour. There are two
# questions about the shape that has this colour:
#
# - **what** is it (one of eight shapes)?
# - **where** is it (one of eight cells)?
#
# Answer for these six before you read on.

# %% slide="What has the colour of the dot, and where is it?"
show(
    view.draw_scenes(scenes(6, seed=3), answers=False),
    alt="Six small noisy pictures. Each has a coloured dot in a white ring in the middle and four "
    "coloured shapes around it, for instance a star, a heart, a ring and a plus.",
)

# %% [markdown]
# That took no effort. But notice what you did: you looked at the middle, kept the colour in mind,
# searched the picture for it, and only then asked what was there and where.
#
# No single patch can answer. The patch in the middle knows the colour but no shape. The patches of
# the heart know their shape and their colour, but not that they are the ones asked about. Something
# has to carry the colour from the middle to the right place: that is a job for attention.
#
# Here are the answers. What matters is drawn in full; the rest is faded.

# %%
show(
    view.draw_scenes(scenes(6, seed=3)),
    alt="The same six scenes, each with its answer below: the dot and the shape of its colour are "
    "outlined, all else is faded, and a line of text names the shape and its cell.",
)

# %% [markdown]
# A guess is right one time in eight, 12.5 %, for each question. Remember this number: it is the
# floor that the model starts from, and some models in this chapter will fall back to it.
#
# A rule for the whole chapter: models learn from one stream of scenes and are tested on others,
# which they have never seen. These are for testing only:

# %%
quick = os.environ.get("VITCOURSE_QUICK") == "1"  # a rehearsal: everything runs, but for seconds
recipe = RECIPES["laptop"].recipe  # as `vitcourse train` has it
if quick:
    recipe = replace(recipe, steps=12, warmup_steps=3)

test = scenes(200 if quick else 2000, seed=0)
test_images, test_labels = to_input(test.images), scene_labels(test)
del test  # these two are all that is needed, and memory is short on a small machine
print("one image:", tuple(test_images[0].shape), "  its two answers:", test_labels[0].tolist())

# %% [markdown]
# The model is a small version of the Vision Transformer of chapter 6. It gives 16 numbers for each
# image: eight scores for *what*, then eight for *where*.

# %%
torch.manual_seed(0)
model = small_vit()
print(f"{sum(p.numel() for p in model.parameters()):,} numbers to learn")
print("logits:", tuple(model(test_images[:5]).shape))

# %% [markdown]
# ## How long should a step be?
#
# Learning is a walk downhill in fog. You feel the slope under your feet (the gradient), take a step
# down, and feel again. The *learning rate* sets how long the step is.
#
# It should not stay the same all the way. At the start the slope changes with every step, so you
# begin with short steps: *warm-up*. Then you stride. Towards the end you want to settle at the
# bottom of the valley instead of jumping across it from wall to wall, so you slow down: *decay*.
#
# The Vision Transformer paper warms up in a straight line and then goes down, either in a line or
# along half a cosine. You will write the cosine, which comes from Loshchilov and Hutter (2017).

# %% [markdown]
# ### Exercise 7.1

# %% exercise="7.1"
def schedule(step: int, steps: int, warmup: int) -> float:
    """The learning rate at `step`, as a share of its peak: a number from 0 to 1.

    - steps count from 0; the last one is steps - 1
    - warm-up: a straight line, from 1 / warmup at step 0 to 1 at step warmup - 1
    - from step `warmup` on: half a cosine, which is 1 at step `warmup` and would reach 0 at step
      `steps`, one past the last
    - warmup is smaller than steps, and may be 0: then the cosine starts at once
    - returns: a float

    Example: schedule(step, steps=8, warmup=2) is 0.5, 1, 1, 0.93, 0.75, 0.5, 0.25, 0.07.
    """
    ### BEGIN SOLUTION
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))
    ### END SOLUTION


# %% check="7.1"
check("7.1")  # stuck? check("7.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `progress` goes from 0 to 1, so its cosine over half a turn goes from 1 to -1;
# shifted and halved, that goes from 1 to 0. The `step + 1` matters: with `step / warmup` the first
# step would have a learning rate of 0 and be wasted. Half a cosine is also a squared cosine:
# `math.cos(math.pi / 2 * progress) ** 2`.

# %% slide="Warm up, stride, slow down"
steps, plateau = RECIPES["laptop"].recipe.steps, RECIPES["laptop"].recipe.plateau
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for warmup, line in ((0, "dotted"), (50, "solid"), (200, "dashed")):
    ax.plot([schedule(k, steps, warmup) for k in range(steps)], "k", linestyle=line, label=f"yours, warmup={warmup}")
theirs = [training.schedule(k, steps, 50, plateau) for k in range(steps)]
ax.plot(range(0, steps, 50), theirs[::50], "o", color="C1", label="with a plateau, warmup=50")
ax.set(xlabel="step", ylabel="share of the peak")
ax.legend()
show(figure, alt=f"Curves over {steps} steps. They rise in a straight line during the warm-up of 0, 50 or 200 steps "
     "and then fall smoothly to 0. Round marks show a schedule that stays at the peak for a while before it falls.")

# %% [markdown]
# The round marks are what the course's `train` will use below: your schedule, but it keeps the peak
# for a while, the *plateau*, before it goes down. It strides for longer, and so it gets as far in
# fewer steps on scenes. For language models, Hägele et al. (2024) found a plateau with a short way
# down about as good as the cosine.

# %% [markdown]
# ## How wrong is it?
#
# To feel a slope, you need a height: one number that says how wrong the model is. For a question
# with eight answers that is the *cross-entropy*. A softmax turns the eight scores into
# probabilities, and the loss is minus the logarithm of the probability of the right answer. Being
# certain and right costs nothing. Being certain and wrong costs a lot.
#
# You have two questions, so the loss is the mean of two cross-entropies.
#
# ### Exercise 7.2

# %% exercise="7.2"
def scene_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of both questions: (B, 16) and (B, 2) -> a tensor of shape ().

    - `logits[:, :8]` are the scores for what, `logits[:, 8:]` those for where
    - `labels[:, 0]` is the right answer to what, `labels[:, 1]` that to where
    - the mean over the batch, and the mean of the two questions
    - a gradient can flow back from it, to the scores of both questions
    - its dtype is that of the logits
    """
    ### BEGIN SOLUTION
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2
    ### END SOLUTION


# %% check="7.2"
check("7.2")  # stuck? check("7.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `F.cross_entropy` takes raw scores, since the softmax is inside it. Applying softmax
# twice is the classic mistake: there is no error, but the loss can then hardly fall. Shorter, if
# you like: `F.cross_entropy(logits.reshape(-1, 8), labels.flatten())`, which sees a batch of twice
# as many questions.

# %% [markdown]
# Always look at the loss *before* any training. You know what it must be. A model with no idea
# gives each of the eight answers a probability of 1/8, and that costs minus the logarithm of 1/8.

# %%
with torch.no_grad():
    loss = scene_loss(model(test_images[:200]), test_labels[:200])
print(f"before any training: {loss:.1f}")
print(f"guessing:            {math.log(8):.1f}")

# %% [markdown]
# A loss far above that would mean that the model starts out certain of nonsense. A loss far below
# would mean that the answer leaks in somewhere. This check takes a second and finds many mistakes.

# %% [markdown]
# ## One step
#
# All of deep learning is in the next exercise: look, compare, feel the slope, take a step. It
# is five or six lines, and their order matters. Two of them deserve a word.
#
# **Gradients add up.** `backward()` adds to what `.grad` already holds. That is sometimes useful
# and always a trap: the gradients of the last step must be cleared, or you walk along the sum of
# all the slopes you have ever felt.
#
# **Clipping.** Now and then one batch has an enormous gradient, and one enormous step can undo a
# hundred good ones. So a gradient longer than `clip` is shortened to that length; its direction
# stays the same (Pascanu et al., 2013). `nn.utils.clip_grad_norm_` does it.

# %% [markdown]
# ### Exercise 7.3

# %% exercise="7.3"
def train_step(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    """Take one step on one batch; return the loss of that batch before the step.

    - the model sees the images in training mode, whatever mode it was in before
    - only the gradient of this batch counts, whatever `.grad` holds when you begin
    - the gradient of all parameters together is at most `clip` long when the optimiser uses it; a
      shorter one stays as it is
    - returns: `scene_loss` of this batch as a plain float

    The images are ready for the model.
    """
    ### BEGIN SOLUTION
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% check="7.3"
check("7.3")  # stuck? check("7.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `zero_grad` can go anywhere before `backward`. Between `backward` and `step` it
# wipes out what was just computed; at the very end it comes too late for what `.grad` held before
# the first step. `loss.item()` matters: the tensor `loss` holds on to the whole computation behind
# it, and a list of a thousand such tensors fills your memory.

# %% [markdown]
# Take ten steps on the same batch, and see whether the loss goes down. If it does not go down here,
# it never will.

# %% tags=["nbval-ignore-output"]
few = scenes(32, seed=1)
few_images, few_labels = to_input(few.images), scene_labels(few)

torch.manual_seed(0)
model = small_vit()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
print(*(f"{train_step(model, few_images, few_labels, optimizer):.2f}" for _ in range(10)), sep="  ")

# %% [markdown]
# ## Many steps
#
# Now put the schedule and the step into a loop. An optimiser keeps its learning rate in its
# `param_groups`, a list of dicts: `optimizer.param_groups[0]["lr"]`. There may be several groups
# with different learning rates. Setting `group["lr"]` is all it takes to change one.
#
# ### Exercise 7.4
#
# Too hard a start? Write `lines("7.4")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="7.4"
def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    """Train for `steps` steps under the schedule; return the loss of each.

    - `batch_at(step)` gives the batch of a step, (images, labels); steps count from 0; ask for
      each batch once, in order
    - the learning rate that a group has when you get the optimiser is its peak; at step k it is
      that peak times schedule(k, steps, warmup), for every group of optimizer.param_groups
    - each step is a train_step
    - returns: a list of `steps` floats
    """
    ### BEGIN SOLUTION
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * schedule(step, steps, warmup)
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels, optimizer))
    return losses
    ### END SOLUTION


# %% check="7.4"
check("7.4")  # stuck? check("7.4", hint=1), then 2, then 3; or lines("7.4")

# %% [markdown] tags=["solution"]
# **Solution.** The peaks are saved before the loop, since the loop overwrites them. Otherwise each
# step multiplies what the last one left, and the learning rate shrinks to almost nothing within a
# few steps. torch's `LambdaLR` keeps the peaks for you; its `step()` belongs *after* the
# optimiser's.

# %% [markdown]
# ### First, learn 32 pictures by heart
#
# Before a long training run, ask for something easy: can the model learn a single batch by heart?
# It has thousands of numbers for each picture, so it should. If it cannot, there is a bug, and you
# have found it in seconds. (This habit is from Andrej Karpathy's *A Recipe for Training Neural
# Networks*, 2019.)

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
model = small_vit()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
steps = 10 if quick else 120
batches = progress_bar([(few_images, few_labels)] * steps, "steps of training")
losses = train_loop(model, lambda step: next(batches), optimizer, steps, warmup=5)
batches.close()  # the bar goes
print(f"loss at first {losses[0]:.2f}, at last {losses[-1]:.3f}")

# %% slide="First, learn 32 pictures by heart"
figure, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
ax.semilogy(losses, "k")
ax.axhline(math.log(8), color="0.4", linestyle="dashed")
ax.text(len(losses) - 1, math.log(8) * 0.9, "guessing", va="top", ha="right")
ax.set(xlabel="step", ylabel="loss (logarithmic)")
show(figure, alt="The loss on 32 scenes over the steps. It starts at the height of guessing and falls, in the full "
     "run to a small fraction of that.")

# %% [markdown]
# ## How good is it really?
#
# The loss is for the optimiser. People want to know how many answers are right. That is the
# *accuracy*, and measuring it has its own traps.
#
# - **The mode.** `model.eval()` switches dropout off (and makes batch norm, where there is any, use
#   its stored numbers). Afterwards the model should be back in the mode it was in before.
# - **The memory.** `torch.no_grad()` tells torch not to record anything for `backward()`. The two
#   are different things, and you need both.
# - **The last batch.** 2000 scenes in batches of 256 leave 208 for the last. Each *scene* should
#   count the same, not each batch.

# %% [markdown]
# ### Exercise 7.5
#
# Too hard a start? Write `lines("7.5")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="7.5"
def accuracy(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int = 256
) -> dict[str, float]:
    """The share of right answers to each question: {"what": ..., "where": ...}, floats from 0 to 1.

    - images (n, C, H, W), ready for the model; labels (n, 2); n need not be a multiple of batch_size
    - the model sees at most batch_size images at once, in evaluation mode, without gradients
    - the answer to a question is the one with the highest of its 8 scores
    - afterwards the model is in the mode that it was in before, and nothing else has changed
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size]).reshape(-1, 2, 8)
            right += (logits.argmax(2) == labels[start : start + batch_size]).sum(0)
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}
    ### END SOLUTION


# %% check="7.5"
check("7.5")  # stuck? check("7.5", hint=1), then 2, then 3; or lines("7.5")

# %% [markdown] tags=["solution"]
# **Solution.** Right answers are counted and divided once, at the end; a mean of the batches' means
# would give the scenes of the short batch more weight. A slice that runs past the end is simply
# shorter. `reshape(-1, 2, 8)` puts the two questions on an axis of their own, so that one `argmax`
# does both.

# %% [markdown]
# The model knows its 32 pictures by heart. Ask it about them, and about new ones.

# %% tags=["nbval-ignore-output"]
for name, images, labels in (("by heart", few_images, few_labels), ("never seen", test_images, test_labels)):
    shares = accuracy(model, images, labels)
    print(f"{name:10}  what {shares['what']:4.0%}   where {shares['where']:4.0%}")

# %% [markdown]
# Perfect on what it was shown, and hardly better than guessing on anything else. It has not learned
# the task. It has learned 32 pictures. It has no idea of a dot, or of searching, only: "the picture
# with the bright spot up there is a heart".
#
# That is why there are test scenes. It also shows what is needed: so many pictures that learning
# them by heart is harder than understanding them.

# %% [markdown]
# ## Now for real
#
# Now you use the course's `train`. At its heart it does what your `train_loop` does; open
# `vitcourse/training/loop.py` and find your lines there. Around them it has what a longer training
# run needs: checkpoints, several processes, lower precision where that is faster, a progress line.
# Two differences matter here.
#
# **The scenes never repeat.** Every step gets new ones, made while you wait.

# %% [markdown]
# **The optimiser.** For the matrices of the blocks and of the patch embedding it uses *Muon*
# (Jordan, 2024) instead of AdamW. Muon takes the direction that the gradient suggests for a whole
# matrix and makes it orthogonal, so that a few strong directions do not drown out all the others.
# With AdamW alone this model gets there too, but it takes a few times as long.

# %% [markdown]
# The curves update every two seconds. Watch them: they tell a story. For a while nothing seems to
# happen. Then one of the two questions begins to rise, and some time later, rather suddenly, the
# other.

# %% tags=["nbval-ignore-output"] slide="A plateau, then a quick rise" lecture=true
torch.manual_seed(0)
model = small_vit()
history = train(
    model, scene_task(recipe.batch_size), recipe, questions=scene_questions(), on_step=view.live_curves()
)

# %% tags=["nbval-ignore-output"]
shares = accuracy(model, test_images, test_labels)
print(f"{len(test_images):,} scenes never seen:  what {shares['what']:.1%}   where {shares['where']:.1%}")

# %% [markdown]
# This is your model: patches, CLS, positions, attention, blocks, head, loss, step. You have written
# every one of them in these seven chapters. A minute ago it was all random numbers.

# %% [markdown]
# Look at the curves again. A plateau, then a quick rise: that is how networks often learn a task
# that takes two things at once. Finding the right shape is of no use before you can tell shapes
# apart, and telling them apart is of little use before you find the right one. Once one half is
# there, the other pays off at once.
#
# In the run stored with the solutions, *what* comes first, and *where* shoots up when *what* is
# well under way. That order is not a law. Make the pixel values smaller relative to the positions,
# and it may be the other way round: train once more on images with all values halved, and see.

# %% [markdown]
# ## What breaks, and why
#
# Why is there a position embedding? Why are there residuals? The honest way to answer such a
# question is to take the part out and train again. This is called an *ablation*.
#
# But predict first. Six variants follow. For each, what percentage of *what* and of *where* do you
# expect it to get right after the same training? Guessing gives 12.5. Take a moment; a prediction
# that fails teaches more than an explanation that you have nodded along to.

# %%
predict(
    "07-variants",
    "How many answers will be right?",
    rows=["no positions", "mean for CLS", "no attention", "one head", "no residuals", "post-norm"],
    columns=["what", "where"],
    unit="%",
)

# %% [markdown]
# Each variant is the same small model with one thing replaced, and is trained just like the model
# above: the same scenes, the same number of steps, the same learning rates. Allow about half a
# minute for each on one core.

# %%
histories = {"the model as it is": history}
measured = {"the model as it is": accuracy(model, test_images, test_labels)}


def measure(name: str, make_model, recipe=recipe) -> None:
    """Train a fresh model; note its history, and its accuracy on the test scenes."""
    torch.manual_seed(0)
    variant = make_model()
    batch_at = scene_task(recipe.batch_size)
    histories[name] = train(variant, batch_at, recipe, questions=scene_questions())
    measured[name] = accuracy(variant, test_images, test_labels)


# %% [markdown]
# ### Three that change what the model can know
#
# **No positions.** `nn.Identity` in their place adds nothing to the tokens.

# %% tags=["nbval-ignore-output"]
def without_positions() -> nn.Module:
    vit = small_vit()
    vit.positions = nn.Identity()
    return vit


measure("no positions", without_positions)

# %% [markdown]
# **Mean for CLS.** The head reads the mean of all patches instead of CLS, as some models do. (CLS
# is still there, but nothing reads it.)

# %% tags=["nbval-ignore-output"]
class MeanReader(nn.Module):
    """The same model, but the head reads the mean of the patches, not CLS."""

    def __init__(self, vit: nn.Module):
        super().__init__()
        self.vit = vit

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.vit.head(mean_pool(self.vit.forward_features(images)))


measure("mean for CLS", lambda: MeanReader(small_vit()))

# %% [markdown]
# **No attention.** A linear layer takes its place, and each token goes through it alone. CLS would
# then never see a pixel, and its answer would be the same for all images. So this variant reads the
# mean, too.

# %% tags=["nbval-ignore-output"]
def without_attention() -> nn.Module:
    vit = small_vit()
    for block in vit.encoder.blocks:
        block.attn = nn.Linear(64, 64)
    return MeanReader(vit)


measure("no attention", without_attention)

# %% [markdown]
# ### Three that change how the model is built
#
# **One head** of 64 numbers instead of four of 16.

# %% tags=["nbval-ignore-output"]
measure("one head", lambda: small_vit(num_heads=1))

# %% [markdown]
# **No residuals.** The attention and the MLP *replace* the token instead of adding to it.

# %% tags=["nbval-ignore-output"]
class NoResiduals(EncoderBlock):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.attn(self.norm1(x))
        return self.mlp(self.norm2(x))


def with_blocks(block: type) -> nn.Module:
    vit = small_vit()
    vit.encoder.blocks = nn.ModuleList(block(64, num_heads=4, mlp_dim=128) for _ in range(4))
    return vit


measure("no residuals", lambda: with_blocks(NoResiduals))

# %% [markdown]
# **Post-norm.** The norm comes after the addition, as in the first transformer (Vaswani et al.,
# 2017), and so lies across the path that pre-norm keeps clear.

# %% tags=["nbval-ignore-output"]
class PostNorm(EncoderBlock):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm1(x + self.attn(x))
        return self.norm2(x + self.mlp(x))


measure("post-norm", lambda: with_blocks(PostNorm))

# %% [markdown]
# ### The result
#
# A dot is what you measured; a diamond is what you predicted, where you did.

# %% tags=["nbval-ignore-output"] slide="Take one part out, train again" lecture=true
show(
    view.draw_variants(measured, predicted("07-variants")),
    alt="Right answers by variant, in per cent, for what and where. " + "; ".join(
        f"{name}: {shares['what']:.0%} and {shares['where']:.0%}" for name, shares in measured.items()
    ),
)

# %% [markdown]
# And this is how they got there. Each panel is one training run; *what* is the solid line, *where*
# the dashed one.

# %% tags=["nbval-ignore-output"]
show(
    view.draw_learning(histories),
    alt="Learning curves of the seven models, a panel each: right answers to what and where over the steps.",
)

# %% [markdown]
# **No positions: *where* falls to chance, *what* does not.** So the two questions really are two.
# *What* is found by colour: the colour of the dot is compared with that of every token, and this
# works wherever the tokens stand. But a token without a position does not know its own place, and
# neither does anything that reads it. The model can say that it is a heart, but has no idea where
# it is.

# %% [markdown]
# **Mean for CLS: it learns later.** CLS can choose whom it listens to. A mean cannot: the few
# patches with the answer are stirred into thirty others. Look at the curves: both questions start
# to rise later, but in the end little is missing. Dosovitskiy et al. (2021, appendix D.3) found the
# two about equally good, each with its own learning rate.

# %% [markdown]
# **No attention: neither question.** But look closer: it is better than chance, about one in four.
# Where does that come from? Each patch still speaks for itself, and the mean collects what they all
# say. So the model learns *which four shapes are there*, and *which four cells are filled*, and
# then guesses one of the four. A bag of patches can do no better when nothing says which of them is
# meant.

# %% [markdown]
# **One head: it learns more slowly.** One head makes one attention pattern per block; four heads
# make four at once, with 16 numbers each. With one head, *what* rises more slowly and *where*
# begins later. Neither is lost.

# %% [markdown]
# **No residuals: nothing at all.** Each block would have to pass on, through random matrices,
# everything that later blocks need, and the gradients would have to come back the same way. With
# residuals a block that knows nothing yet does little harm, because it only adds (He et al., 2016).
# Without them attention also makes all tokens alike, block by block (Dong et al., 2021).

# %% [markdown]
# **Post-norm: nothing, either.** Where the norm lies across the path, the start of training is delicate:
# it needs a long warm-up or a small learning rate (Xiong et al., 2020). Ours is bold. So is
# post-norm worse, or is it only treated badly? That is a question for another training run: the
# same block with a quarter of the learning rate.

# %% tags=["nbval-ignore-output"]
slower = replace(recipe, muon_lr=recipe.muon_lr / 4, adamw_lr=recipe.adamw_lr / 4)
measure("post-norm, slower", lambda: with_blocks(PostNorm), slower)
shares = measured["post-norm, slower"]
print(f"post-norm, a quarter of the learning rate:  what {shares['what']:.0%}   where {shares['where']:.0%}")

# %% [markdown]
# Better: in the stored run it gets more than half of *what* right, though still little of *where*.
# So a good part of the failure was the learning rate, not the block alone. Keep this in mind
# whenever you read that one design beats another: were both given the recipe that suits them? An
# ablation compares designs *under one recipe*.
#
# And these are single runs. Start from other random numbers (`torch.manual_seed(1)`) and the weaker
# variants move by some per cent. What does not move: without positions there is no *where*, without
# attention no answer, without residuals nothing.

# %% [markdown]
# ## The errors that remain
#
# A number such as 99.8 % hides what the rest is. So look at the rest. Errors are rare by now, so
# ask for many more scenes, until there are enough errors. Here are the eight scenes whose right
# shape your model found least likely.

# %% tags=["nbval-ignore-output"] slide="The errors that remain"
many = scenes(400 if quick else 10_000, seed=2)
with torch.no_grad():
    batches = progress_bar(many.images.split(64), "batches of scenes")
    logits = torch.cat([model(to_input(batch)) for batch in batches])
probability = logits[:, :8].softmax(1)[range(len(logits)), many.what]
hardest = probability.argsort()[:8]
said, truth = logits.reshape(-1, 2, 8).argmax(2), many.what
show(
    view.draw_wrong_answers(type(many)(*(part[hardest] for part in many)), said[hardest]),
    alt="Eight scenes, each with the right answer and with what the model said. The shapes that are "
    "asked for are small, noisy, and look much like what the model said.",
)
del many  # 140 MB that are no longer needed

# %% [markdown]
# Would you have got them all right? Some shapes are only a dozen pixels across, turned a little,
# and in noise; at that size a diamond and a star are not far apart. In the stored run the cell is
# right in all eight: the model looked in the right place and did not recognise what it saw.
#
# A table of all answers shows whether there is a pattern. Such a table is called a *confusion
# matrix*: a row for each true shape, a column for each answer. Right answers lie on the diagonal,
# which is left white so that you can see the rest.

# %% tags=["nbval-ignore-output"]
counts = F.one_hot(truth, 8).T @ F.one_hot(said[:, 0], 8)
print(f"wrong shapes: {(said[:, 0] != truth).sum()} of {len(truth):,}")
show(
    view.draw_confusion(counts, SHAPES),
    alt="A confusion matrix of the eight shapes. Nearly all answers lie on the diagonal. Wrong answers: "
    + ", ".join(
        f"{SHAPES[row]} called {SHAPES[column]} {counts[row, column]} times"
        for row, column in counts.nonzero().tolist() if row != column and counts[row, column] > 2
    ) + ".",
)

# %% [markdown]
# The errors are not spread evenly. In the stored run most of them fall within a few pairs: star and
# diamond above all, then plus and star, square and circle. If you wanted to do better, you would now know where
# to look: at those pairs, at the size of the patches (8 pixels, half the width of a shape), or at
# how long you trained it.

# %% [markdown]
# ## Why Vision Transformers are hungry
#
# Your model had it easy: new scenes in every step, tens of thousands in all, none twice. Labelled
# photographs are not made while you wait. What if there are only so many?
#
# Train the same model for the same number of steps on a fixed set of scenes, which come round again
# and again. Then compare the scenes it was trained on with scenes it has never seen.

# %%
def fixed_task(count: int, change=lambda images, labels: (images, labels)):
    """A batch_at that draws from `count` scenes, and perhaps changes what it has drawn."""
    known = scenes(count, seed=1)
    images, labels = known.images, scene_labels(known)

    def batch_at(step: int):
        chosen = torch.randint(count, (recipe.batch_size,))  # train sets the seed in every step
        return change(images[chosen], labels[chosen])

    return batch_at


# %% [markdown]
# One of the runs gets a little help, called *augmentation*: its scenes are changed each time they
# come round, in ways that keep the question meaningful. Half of them are mirrored, and red, green
# and blue are exchanged at random.
#
# The labels have to follow: in a mirrored scene, what was on the left is now on the right. An
# augmentation that forgets this teaches lies. The eight places are counted row by row from the top
# left, without the middle; `MIRRORED[w]` is where place `w` ends up.

# %%
MIRRORED = torch.tensor([2, 1, 0, 4, 3, 7, 6, 5])  # top left becomes top right, and so on


def augment(images: torch.Tensor, labels: torch.Tensor):
    colours = torch.rand(len(images), 3).argsort(1)  # the three channels in a random order
    images = images.gather(1, colours[:, :, None, None].expand_as(images))
    flip = torch.rand(len(images)) < 0.5
    images = torch.where(flip[:, None, None, None], images.flip(3), images)
    where = torch.where(flip, MIRRORED[labels[:, 1]], labels[:, 1])
    return images, torch.stack([labels[:, 0], where], dim=1)


# %%
on_its_own, on_others = {}, {}


def measure_fixed(name: str, count: int, **change) -> None:
    """Train on `count` scenes; note the accuracy on (some of) these, and on the test scenes."""
    torch.manual_seed(0)
    variant = small_vit()
    train(variant, fixed_task(count, **change), recipe, questions=scene_questions())
    own = scenes(min(count, len(test_images)), seed=1)
    on_its_own[name] = accuracy(variant, to_input(own.images), scene_labels(own))
    on_others[name] = accuracy(variant, test_images, test_labels)


# %% [markdown]
# Four training runs, about two minutes on one core.

# %% tags=["nbval-ignore-output"]
measure_fixed("500", 500)

# %% tags=["nbval-ignore-output"]
measure_fixed("2,000", 2000)

# %% tags=["nbval-ignore-output"]
measure_fixed("2,000,\naugmented", 2000, change=augment)

# %% tags=["nbval-ignore-output"]
measure_fixed("8,000", 8000)
on_others["endless"] = measured["the model as it is"]

# %% tags=["nbval-ignore-output"] slide="With few scenes it learns them by heart" lecture=true
show(
    view.draw_data_need(on_its_own, on_others),
    alt="Right answers by scenes to train on. " + "; ".join(
        f"{name}: what {own['what']:.0%} on its own scenes, {on_others[name]['what']:.0%} on others"
        for name, own in on_its_own.items()
    ) + f"; endless scenes: {on_others['endless']['what']:.0%} on others.",
)

# %% [markdown]
# With 500 or 2,000 scenes the model answers everything it was trained on, but gets most new scenes
# wrong; after 500 it is hardly better than guessing. The loss looked wonderful all the way. Only
# the test scenes told the truth. Learning 2,000 pictures by heart is easier for it than finding out
# what the dot means.
#
# Somewhere between 2,000 and 8,000 this changes. And the *same* 2,000 scenes, mirrored and
# recoloured, are about as good as four times as many: augmentation told the model what does not
# matter.

# %% [markdown]
# Why is a Vision Transformer so hungry? The usual answer: a convolution is built with knowledge
# about images. What is near belongs together, and a pattern means the same everywhere. Chapter 1
# gave your model a little of that, within a patch. Everything else it has to learn from examples,
# even which patches are neighbours.
#
# It was so with the original. Trained on the 1.3 million pictures of ImageNet, large Vision
# Transformers were worse than comparable convolutional networks; with 300 million they were better
# (Dosovitskiy et al., 2021, figures 3 and 4). Touvron et al. (2021, DeiT) then showed that ImageNet
# is enough, given strong augmentation and a good recipe. Steiner et al. (2022) measured how much
# augmentation and regularisation are worth: often about as much as ten times the data.

# %% [markdown]
# ## Is a convolutional network less hungry?
#
# You can test that on scenes. `vitcourse/convolution.py` is a convolutional network (CNN) on one
# page. Its blocks add to what comes in, as your encoder's do, but what they add comes from
# convolutions of 3 x 3. Its last grid has 6 x 6 places, as many as your model has patches.
#
# It comes with two heads, each a single linear layer. One reads the whole *map*, with weights of
# its own for each of the 36 places. The other reads the *mean* of all places, as in most
# convolutional networks for photographs.

# %%
networks = {"ViT": small_vit(), "CNN, map": ConvNet(), "CNN, mean": ConvNet(head="mean")}
for name, network in networks.items():
    print(f"{name:10} {sum(p.numel() for p in network.parameters()):,} numbers to learn")

# %% [markdown]
# All three have been trained on 500, 2,000, 8,000 and endless scenes, three times each. Each was
# given the same seconds (those of 1,200 steps of the ViT), and the learning rate that did best on scenes
# held out for this choice. The CNNs use AdamW, the ViT also Muon, as above. That takes three
# quarters of an hour, so the numbers are stored; `python -m benchmarks.architectures` makes them
# again. (Endless scenes need no augmentation: their dots are the same in both rows of the figure.)

# %%
predict(
    "07-convolution",
    "Trained on 2,000 scenes, as they are: which question does the CNN with the map answer better "
    "than the ViT, by 10 points or more on average?",
    ["neither", "only what", "only where", "both"],
)

# %% slide="A convolution needs fewer pictures"
contest = stored("architectures")
panels = {}
for kind, augmented in (("as they are", False), ("augmented", True)):
    runs = [run for run in contest["runs"] if run["augmented"] == augmented or run["scenes"] is None]
    for question in ("what", "where"):
        panels[f"{question}, scenes {kind}"] = by_amount(runs, "network", question)
guessing = dict.fromkeys(panels, 1 / 8)
show(view.draw_by_amount(panels, guessing), alt=view.tell_by_amount(panels, guessing))

# %%
def ahead(question: str) -> float:
    """How far the CNN is ahead of the ViT with 2,000 scenes, on average."""
    shares = panels[f"{question}, scenes as they are"]
    cnn, vit = (torch.tensor(shares[name]["2,000"]).mean().item() for name in ("CNN, map", "ViT"))
    return cnn - vit


better = [question for question in ("what", "where") if ahead(question) >= 0.1]
outcome("07-convolution", {0: "neither", 1: f"only {''.join(better)}", 2: "both"}[len(better)])

# %% [markdown]
# **With few scenes the CNN is ahead.** Look at 2,000, as they are. The ViT knows them by heart and
# little else. The CNN with the map knows them by heart, too, but it has also learned to find the
# place, and, with luck, what stands there: its three dots are far apart. With 500 scenes all three do
# little better than guess. Augmented, they are of some use to the CNNs (to the one with the mean even
# more: it has fewer weights to learn by heart with), and of none to the ViT.
#
# What is built in explains it. A filter that has found out what a corner looks like knows it
# everywhere at once, and it never has to learn which pixels are neighbours.

# %% [markdown]
# **With many they are nearly level.** From 8,000 scenes as they are, both get nearly everything right.
# Augmented scenes are more varied, and there the ViT is the steadier one: all three of its runs
# arrive, with 2,000 and with 8,000, while one of the CNN's three lags behind, even on the scenes it
# was trained on. Perhaps it only needed more time.
#
# So the claim holds here, with thousands for millions: the first half plainly, the second only just.
# There is little left to win, because scenes have few rules, and both networks can learn them all.

# %% [markdown]
# **What a global answer needs.** The CNN with the mean has the same convolutions, and finds the
# place nearly as often as the other. (How, if a mean has no places? A convolution notices the edge
# of the image, since zeros lie beyond it; Islam et al., 2020.) But it never gets much more than two
# thirds of *what* right, and on endless scenes less than on 2,000. Nor is that for want of scenes: from
# 2,000 on it is not much better on those that it was trained on.
#
# The colour of the dot must be compared with that of a shape 16 pixels away or more, in any of eight
# directions. For a convolution each direction is a pattern of its own, to be learned by itself. With
# the map each place has its own weights, so it can know in which direction the dot is. The mean throws
# that away. (This is our explanation. What was measured is only that it does not get there in the same
# time.)

# %% [markdown]
# **What attention buys.** It compares every token with every other by what they hold, wherever they
# are. One comparison of colours does for all eight directions, and for any distance; nothing has to
# be arranged so that the right things meet. It does not know beforehand where to look, and that it
# must learn: this is what all the scenes are for.

# %% [markdown]
# ### A pair of your own
#
# The figure has a gap between 2,000 and 8,000, just where the ViT begins to understand. Train both on
# 3,000 scenes: what do you expect? This takes a little over a minute on one core. Then change `count`.

# %% tags=["nbval-ignore-output"]
count = 3000
for_convolutions = replace(
    recipe,
    steps=recipe.steps * contest["steps"]["CNN, map"] // contest["steps"]["ViT"],  # the same time
    use_muon=False,
    adamw_lr=contest["recipes"]["CNN, map"]["adamw_lr"],
)
for name, make, how in (("ViT", small_vit, recipe), ("CNN, map", ConvNet, for_convolutions)):
    torch.manual_seed(0)
    network = make()
    train(network, fixed_task(count), how, questions=scene_questions())
    shares = accuracy(network, test_images, test_labels)
    print(f"{name:10} {count:,} scenes:  what {shares['what']:4.0%}   where {shares['where']:4.0%}")

# %% [markdown]
# ## On a GPU, and with real data
#
# Your `train_step` would run on a GPU as it is, once the model and the batches are there: `.to("cuda")`.
# To make it *fast* there, a few habits change:
#
# - **Do not look too often.** `.item()` makes the processor wait until the GPU has finished. The
#   course's `train` fetches all numbers of a step at once, and prepares the next batch meanwhile.
# - **Larger batches.** A GPU is bored with 32 small pictures. With more pictures per step, a larger
#   learning rate and a longer warm-up are usual (Goyal et al., 2017).
# - **Fewer bits.** `torch.autocast` computes in bfloat16 where that does no harm.
# - **The data.** Reading and unpacking photographs often takes longer than learning from them.
#   That is what `DataLoader` with several workers is for.

# %% [markdown]
# `train` chooses the fastest device there is by itself. From a terminal you can train on scenes or
# on real pictures; the data sets are downloaded the first time.
#
# ```
# python -m vitcourse train
# python -m vitcourse train --data fashion-mnist
# python -m vitcourse train --data cifar10 --recipe gpu
# python -m vitcourse train --data my_photographs
# ```
#
# The last one takes your own folder, with one folder of pictures in it for each class. With real
# data, expect less than here: there are only so many pictures, some of them wrongly labelled, and
# no dot that says where to look. The server of CIFAR-10 can be very slow; a download that was
# interrupted continues where it stopped.

# %% [markdown] slide="Mistakes that raise no error"
# ## What could go wrong
#
# None of these raises an error. With most of them the model even learns a little.
#
# | mistake | what you see | how to find it |
# | --- | --- | --- |
# | softmax before cross-entropy | the loss never falls below 1.27 | it cannot get near 0 on one batch |
# | no `zero_grad` | it learns at first, then jumps about | learn one batch by heart |
# | `zero_grad` between `backward` and `step` | the loss does not move | print a weight before and after a step |
# | loss kept as a tensor | memory grows with every step | `.item()` |
# | schedule off by one, or scheduler stepped first | hardly anything | print the learning rate of the first steps |
# | `eval()` forgotten | accuracy too low, and different each time | measure twice |
# | model left in evaluation mode | it trains without dropout | assert `model.training` in the step |
# | short last batch weighted wrongly | accuracy off by a little | compare with everything in one batch |
# | test scenes among the training scenes | accuracy too good | believe it only if you know why |
# | labels not mirrored with the image | *where* stops at about half for left and right | draw what goes into the model |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("07")

# %% [markdown] slide="Summary"
# ## Summary
#
# - A training step: training mode, clear gradients, forward, loss, backward, clip, step.
# - The learning rate climbs, then falls; it is set before each step.
# - Before a long training run: is the loss that of guessing, and can one batch be learned by heart?
# - Accuracy is measured on data never seen, in evaluation mode, without gradients, each example
#   once.
# - Ablations: predict, take one part out, train the same way, compare. Without positions the model
#   does not know *where*; without attention, neither question can be answered.
# - A Vision Transformer knows nothing about images in advance. It needs many of them, or
#   augmentation. A convolutional network needs fewer; attention need not be told where to look.
#
# **Next:** chapter 8 asks the trained model where it looks.

# %% [markdown]
# **Further reading**
#
# - Karpathy, *A Recipe for Training Neural Networks*, 2019. How to distrust training that seems to
#   work.
# - Steiner et al., *How to train your ViT? Data, Augmentation, and Regularization in Vision
#   Transformers*, TMLR 2022. Thousands of trainings, compared.
# - Touvron et al., *Training data-efficient image transformers & distillation through attention*
#   (DeiT), ICML 2021.
# - He et al., *Identity Mappings in Deep Residual Networks*, ECCV 2016: blocks that add, with the norm
#   first, in convolutional networks.
# - Islam, Jia and Bruce, *How Much Position Information Do Convolutional Neural Networks Encode?*,
#   ICLR 2020.
# - Loshchilov and Hutter, *SGDR: Stochastic Gradient Descent with Warm Restarts*, ICLR 2017 (the
#   cosine), and *Decoupled Weight Decay Regularization*, ICLR 2019 (AdamW).
# - Hägele et al., *Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations*,
#   NeurIPS 2024: the plateau.
# - Goyal et al., *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*, 2017: why warm-up.
# - Xiong et al., *On Layer Normalization in the Transformer Architecture*, ICML 2020: why pre-norm.
# - Jordan, *Muon: An optimizer for hidden layers in neural networks*, 2024.
