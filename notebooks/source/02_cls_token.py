# %% [markdown] minutes=60
# # 2 CLS token: one token speaks for the image
#
# Chapter 1 ended with a row of tokens, one for each patch. A classifier needs a single vector for
# the whole image. Somebody has to speak for all of them.
#
# In this chapter you add a token that belongs to no patch. You put it in front, let it learn, and
# compare it with the obvious rival, the average. At the end you watch learning travel back from
# this one token to the patches that matter.
#
# Four exercises, about an hour. You need chapter 1. For now, one sentence about attention is
# enough: it lets every token take something from every other token.

# %% tags=["nbval-ignore-output"]
import torch
import torch.nn.functional as F
from torch import nn
from vitcourse import bundled, bundled_layout, check, load_photo, show, versions, view
from vitcourse import reset, solution  # to begin an exercise again; to see its answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse.data import SHAPES, cell_names, cells, scenes
from vitcourse.model import EncoderBlock, PatchEmbedding, patchify
from vitcourse.training import to_input

versions()

# %% [markdown]
# Pick up where chapter 1 left off: a photograph, cut into patches, each turned into a token. The
# layer is untrained, which does not matter here.

# %%
photo = load_photo()
torch.manual_seed(0)
embed = PatchEmbedding((224, 224), patch_size=16, in_channels=3, embed_dim=192)
with torch.no_grad():
    tokens = embed(2 * photo[None] - 1)
print("tokens (B, N, D):", tuple(tokens.shape))

# %% [markdown]
# ## Who speaks for the image?
#
# 196 tokens go in, one vector must come out. There are four proposals.
#
# **All of them, in a row.** Put the tokens end to end and give the head everything.

# %%
print(f"196 tokens of 192 numbers in a row: {tokens[0].numel():,} numbers for one image")

# %% [markdown]
# That is a lot of weights for a last layer. Worse, each belongs to one place: what the head learns
# about an ear on the left, it has to learn again for an ear on the right.
#
# **One of the patches.** But which? And it already has a job: it is the one that knows its square
# of the picture.
#
# **The average.** Simple, and many good models use it. But every patch counts the same. What
# appears in only one patch is one voice among 196.
#
# **A newcomer.** One more token, which comes from no patch and has no other job.

# %% slide="Who speaks for the image?" lecture=true
patches = patchify(photo[None], 16)[0]
show(
    view.draw_readouts(patches[47:53], patch_size=16),
    alt="Three rows of six patches below a box named head. First, an arrow leads from one patch to "
    "the head. Second, an arrow from every patch. Third, a hatched box named CLS stands before the "
    "patches; it asks all patches, and only from CLS an arrow leads to the head.",
)

# %% [markdown]
# Think of a newspaper and an event with 196 witnesses. The editor may print one of them, or mix all
# their statements in equal parts. Or she may send a reporter: somebody who has seen nothing, has no
# story of her own, and goes from witness to witness asking questions.
#
# The reporter is the *class token*, CLS for short. It starts out the same for every image, because
# it cannot know a picture that it has not seen. Everything it knows at the end, the patches have
# told it: through attention, block after block.
#
# The idea comes from language models: BERT begins every text with a token [CLS] and classifies by
# it (Devlin et al., 2019). The Vision Transformer adopted it (Dosovitskiy et al., 2021,
# section 3.1).

# %% [markdown]
# ## Put it in front
#
# The class token is a row of D numbers, like any token. It is kept as a tensor of shape (1, 1, D):
# one image, one token, D numbers. A batch has B images, and each of them needs a class token in
# front.
#
# You could copy it B times. But `expand` shows the same numbers B times without a copy. Look at how
# far torch moves through memory to get to the next image.

# %% slide="`expand` shows the same numbers again, without a copy" slide_code=true
one = torch.tensor([[[7.0, 8.0, 9.0]]])
three = one.expand(3, -1, -1)  # -1: leave this axis as it is
print("shape", tuple(three.shape), "steps in memory", three.stride())

# %% [markdown]
# The step from one image to the next is 0: all three read the same place.
#
# To join tensors, use `torch.cat`. Unlike `+`, it does not broadcast: the sizes must be equal on
# all axes except the one along which it joins.
#
# ### Exercise 2.1

# %% exercise="2.1"
def prepend(tokens: torch.Tensor, cls_token: torch.Tensor) -> torch.Tensor:
    """Put the class token in front: (B, N, D) and (1, 1, D) -> (B, N + 1, D).

    - token 0 of every image is `cls_token`, the same for all; the N patches follow in their
      original order
    - gradients flow back from the result to both `tokens` and `cls_token`
    - the inputs stay as they are, and the result has their dtype

    Example: [[[1, 2], [3, 4]]] and [[[9, 9]]] give [[[9, 9], [1, 2], [3, 4]]].
    """
    ### BEGIN SOLUTION
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)
    ### END SOLUTION


# %% check="2.1"
check("2.1")  # stuck? check("2.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Expand (1, 1, D) to (B, 1, D), then join along axis 1, the axis of the tokens.
#
# `cls_token.repeat(B, 1, 1)` copies the numbers B times; the result is the same, and so is the
# gradient. einops says `repeat(cls_token, "1 1 d -> b 1 d", b=B)`. An empty tensor of the right
# size, filled in two steps, works as well, if you give it the dtype and the device of the tokens.
#
# Why first and not last? Nothing in a transformer depends on it, as long as everybody agrees.
# Everybody agrees on number 0: code everywhere reads `tokens[:, 0]`, and tables of positions begin
# with the class token.

# %% slide="CLS is token 0 of every image"
small = torch.arange(24.0).reshape(2, 3, 4)  # two images, three patches, four numbers
with_cls = prepend(small, torch.full((1, 1, 4), 99.0))
show(
    view.draw_sequences(with_cls),
    alt="Two tables of four rows, one for each image. The first row, shaded and named CLS, is 99, "
    "99, 99, 99 in both. Below stand patch 0 to patch 2: the numbers 0 to 11 in image 0, and 12 "
    "to 23 in image 1.",
)

# %% [markdown]
# ## Make it learn
#
# Which D numbers? Nobody knows; they are learned. So, besides `forward`, three others have to know
# about the class token: the optimiser that trains it, the file that stores the weights, and
# `.to(...)`, which moves a model to a GPU or to another dtype.
#
# A module can keep a tensor in three ways. Only one of these ways is known to all three.

# %% slide="Only a parameter is trained, stored and moved" slide_code=true
class ThreeWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.plain = torch.zeros(2)
        self.register_buffer("buffer", torch.zeros(2))
        self.parameter = nn.Parameter(torch.zeros(2))


module = ThreeWays().to(torch.float64)
print("trained:", [name for name, _ in module.named_parameters()])
print("stored: ", list(module.state_dict()))
print("moved:  ", [n for n in ("plain", "buffer", "parameter") if getattr(module, n).dtype == torch.float64])

# %% [markdown]
# The plain tensor is in none of the lists. It still works, without an error, and that is the
# danger: the model trains, but its class token stays what it was on the first day.
#
# `nn.Parameter` is registered at the moment you assign it to `self`. What counts is the object that
# you assign: the result of a calculation *with* a parameter is a plain tensor again.
#
# ### Exercise 2.2

# %% exercise="2.2"
class ClassToken(nn.Module):
    """Put a learned token in front: (B, N, D) -> (B, N + 1, D).

    - `self.cls_token`: a registered, trainable parameter of shape (1, 1, D), under this name (other
      people's weights, and chapter 6, look for it); nothing else is learned
    - its initial values are yours to choose, for instance zeros or small random numbers
    - works for any number of images, and follows `.to(...)` to other dtypes and devices
    - `embed_dim`: D
    """

    def __init__(self, embed_dim: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        ### END SOLUTION

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return prepend(tokens, self.cls_token)
        ### END SOLUTION


# %% check="2.2"
check("2.2")  # stuck? check("2.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** One `nn.Parameter` in `__init__`, and your `prepend` in `forward`.
#
# Its shape is (1, 1, D), without the batch size: the last batch of an epoch is often smaller, and
# one token for each image of the batch would mean B tokens that learn B different things.
#
# Zeros or random numbers? Both work. The paper's code and torchvision start from zeros, timm from
# random numbers of size 0.000001. Weights inside a network must start out different from each
# other, or they would all learn the same thing; a single token has nobody to differ from. Chapter 3
# makes the choice even less important: it adds a learned position to each token, so that only the
# sum counts.
#
# Two traps. `nn.Parameter(...).to(device)` returns the parameter itself if nothing has to move, and
# a plain tensor if something does: it works on your laptop and is silently left untrained on the
# GPU. And `nn.Parameter(torch.randn(1, 1, D)) * 0.02` is the result of a multiplication, not a
# parameter.

# %%
class_token = ClassToken(192)
with torch.no_grad():
    sequence = class_token(tokens)
print("before:", tuple(tokens.shape), " after:", tuple(sequence.shape))

# %% [markdown]
# One parameter is now part of B sequences. What does it learn from B images? Everything at once:
# its gradient is the sum over the batch. Here, each of five images asks for the same change: 1.

# %%
layer = ClassToken(4)
sequence_of_five = layer(torch.zeros(5, 3, 4))
sequence_of_five[:, 0].sum().backward()
print(layer.cls_token.grad)

# %% [markdown]
# ## Read it off
#
# At the other end of the model, the class token is read and the rest is ignored. That is too short
# for an exercise. Note the first index: `tokens[0]` would be all tokens of one *image*.

# %%
def cls_pool(tokens: torch.Tensor) -> torch.Tensor:
    """One vector per image, its class token: (B, N + 1, D) -> (B, D)."""
    return tokens[:, 0]


# %% [markdown]
# Turning many tokens into one vector is called *pooling*. The rival pools by averaging.
#
# ### Exercise 2.3

# %% exercise="2.3"
def mean_pool(tokens: torch.Tensor) -> torch.Tensor:
    """One vector per image, the mean of its patches: (B, N + 1, D) -> (B, D).

    - token 0 is the class token: it is not a patch, so it is left out
    - the gradient flows back, and the input stays as it is; the result has its dtype

    Example: [[[9, 9], [1, 2], [3, 4]]] gives [[2, 3]].
    """
    ### BEGIN SOLUTION
    return tokens[:, 1:].mean(dim=1)
    ### END SOLUTION


# %% check="2.3"
check("2.3")  # stuck? check("2.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `[:, 1:]` means all images, all tokens but the first. Then the mean over axis 1.
#
# `(tokens.sum(1) - tokens[:, 0]) / N` gives the same, and so does einops,
# `reduce(tokens[:, 1:], "b n d -> b d", "mean")`. Setting the class token to zero and taking the
# mean of all divides by N + 1; the result is a little too small, and no shape reveals it.
#
# Models that pool like this usually have no class token at all; then it is `tokens.mean(1)`. Check
# which kind of model you have: the shapes differ by one token.

# %%
print("class token:", cls_pool(with_cls)[0], " mean of the patches:", mean_pool(with_cls)[0])

# %% [markdown]
# ## CLS against the mean, measured
#
# Now a trained model. One comes with the course, small enough to run on any laptop. It answers two
# questions about scenes like these: there is a dot in the middle, and one shape has the colour of
# the dot. *What* is that shape? *Where* is it?

# %% slide="What has the colour of the dot, and where is it?" lecture=true
layout = bundled_layout()
examples = scenes(5, seed=0, **layout)
show(
    view.draw_scenes(examples, grid=layout["grid"], columns=5),
    alt="Five small noisy pictures, each with a coloured dot in the middle and shapes of different "
    "colours around it. Below, the same pictures with the dot and the shape of its colour outlined, "
    "and the answer in words, such as a shape and its row and column.",
)

# %% [markdown]
# No patch can answer alone. The colour is in the middle, the shape is somewhere else: the tokens
# have to talk. And the model was trained with its head on the class token, as yours will be.
#
# Send scenes through it: 1000 to fit on, and 500 others to measure on. From each, keep five
# vectors: the class token and the mean as they enter the first block, the same two as they leave
# the last, and a single patch from the corner as it leaves the last. This takes a few seconds.

# %%
model = bundled()
names = ("CLS, before", "mean, before", "corner patch, after", "mean, after", "CLS, after")


@torch.no_grad()
def five_vectors(images: torch.Tensor) -> dict[str, torch.Tensor]:
    parts = []
    for part in images.split(100):
        before = model.embed(to_input(part))
        after = model.encoder(before)
        pooled = cls_pool(before), mean_pool(before), after[:, 1], mean_pool(after), cls_pool(after)
        parts.append(torch.stack(pooled))
    return dict(zip(names, torch.cat(parts, dim=1)))


fit, test = scenes(1000, seed=1, **layout), scenes(500, seed=2, **layout)
fit_vectors, test_vectors = five_vectors(fit.images), five_vectors(test.images)

# %% [markdown]
# The quickest comparison: the model's own head, once on the class token, once on the mean.

# %% tags=["nbval-ignore-output"]
def right(guesses: torch.Tensor, answers: torch.Tensor) -> float:
    return (guesses == answers).double().mean().item()


for name in ("CLS, after", "mean, after"):
    with torch.no_grad():
        logits = model.head(test_vectors[name])
    what, where = logits.split([len(SHAPES), len(cells(layout["grid"]))], dim=1)
    scores = right(what.argmax(1), test.what), right(where.argmax(1), test.where)
    print(f"{name:12} what {scores[0]:.0%}, where {scores[1]:.0%}")

# %% [markdown]
# The class token wins. But was that a fair race? The head has learned from class tokens only. It
# has never seen a mean of patches: you ask it to read a handwriting that is new to it. That it
# still does better than guessing shows that the two handwritings are related.
#
# So give each its own head. A *linear probe* is a linear layer that is fitted to ready-made
# vectors, while the model stays as it is. It asks: how much of the answer is in this vector, plain
# enough for one linear layer to read? Least squares finds that layer in a single step.

# %%
def probe(vectors: torch.Tensor, answers: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
    """Fit a linear layer by least squares, vectors (B, D) to answers (B,); guess for new ones."""
    def with_one(x: torch.Tensor) -> torch.Tensor:
        return F.pad(x.double(), (0, 1), value=1.0)  # the 1 is for the bias

    targets = F.one_hot(answers).double()
    weight = torch.linalg.lstsq(with_one(vectors), targets).solution
    return (with_one(new) @ weight).argmax(dim=1)


# %% [markdown]
# Five contestants, and each gets a probe for each question:
#
# - the class token and the mean, *before* the first block, when no token has met another;
# - the patch in the corner, *after* the last block, where there is mostly background;
# - the mean and the class token, *after* the last block.
#
# Predict first. Which of them do no better than guessing? What can the corner know?

# %% lecture=true
predict(
    "02-guessing",
    "How many of the five do hardly better than guessing?",
    ["none", "one", "two", "three", "four"],
)

# %%
scores = {}
for name in names:
    x, new = fit_vectors[name], test_vectors[name]
    what, where = probe(x, fit.what, new), probe(x, fit.where, new)
    scores[name] = right(what, test.what), right(where, test.where)

# %% tags=["nbval-ignore-output"] slide="Before the blocks nobody knows; after them, everybody does" lecture=true
chance = 1 / len(SHAPES), 1 / len(cells(layout["grid"]))
show(
    view.draw_scores(scores, ["What is it?", "Where is it?"], chance),
    alt="Bars of right answers, what and where, with dashed lines where guessing is, at "
    f"{chance[0]:.1%} and {chance[1]:.1%}. "
    + "; ".join(f"{name}: {what:.0%} and {where:.0%}" for name, (what, where) in scores.items()),
)
no_better = [name for name, score in scores.items() if max(score) < chance[0] + 0.05]
outcome("02-guessing", ["none", "one", "two", "three", "four"][len(no_better)])

# %% [markdown]
# You can see three things here.
#
# **Before the blocks nobody knows anything.** The class token cannot: it is the same for every
# image. The mean of the patches has seen all the colours, but no relation between them.
#
# **After the blocks everybody knows something.** Even the corner, which mostly shows a bit of noisy
# background, does much better than guessing. Attention passes the news to any token that asks.
#
# **The class token knows most.** Its rival knows a good deal without ever having been asked: this
# training looked at the class token alone.
#
# That is also why this is *no* proof that class tokens are better. It shows where this model has
# put its answer: in the place where training read it. For a fair race, each must be trained in its
# own way.
#
# Others have run that race. Dosovitskiy et al. (2021, appendix D.3) first found the mean to be far
# worse. The reason turned out to be the learning rate: each needs its own, and then they are
# equal. Beyer et al. (2022) leave the class token out and lose nothing. In chapter 7 you train both.

# %% [markdown]
# ## Where the gradient flows
#
# Reading goes forwards, learning goes backwards. The loss tells the head what to change, the head
# tells the tokens that it has read, and so on, back to the first layer. A token that the gradient
# does not reach learns nothing.
#
# So ask each token: how strongly does the loss pull at you?
#
# Autograd answers that, for tensors that ask. `requires_grad_()` makes a tensor ask, `clone()` copies
# it, and `detach()` makes it forget how it was computed. `torch.autograd.grad(loss, x)` then gives a
# tuple with the gradient of the loss, in the shape of x.
#
# ### Exercise 2.4

# %% exercise="2.4"
def gradient_per_token(loss_of, tokens: torch.Tensor) -> torch.Tensor:
    """How strongly a loss pulls at each token: (B, N + 1, D) -> (B, N + 1).

    - `loss_of`: a function from tokens (B, N + 1, D) to a loss, a single number
    - returns: for each token the length of the gradient of this loss with respect to that token:
      the square root of the sum of the squares of its D numbers
    - `tokens` stay as they are: whether they ask for a gradient does not change, and neither does a
      gradient that they already hold; they may come straight from a layer, with a graph behind them

    Example: for a loss that reads only token 0, all others get exactly 0.
    """
    ### BEGIN SOLUTION
    tokens = tokens.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(tokens), tokens)
    return gradient.norm(dim=-1)
    ### END SOLUTION


# %% check="2.4"
check("2.4")  # stuck? check("2.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** A copy that asks for gradients, the loss of that copy, its gradient, the length of
# each row.
#
# `loss_of(tokens).backward()` and then `tokens.grad` works just as well; but it also leaves
# gradients in the parameters of the model, where they would add to those of the next training step.
# `torch.func.grad(loss_of)` gives a function that returns the gradient, and you do not have to call
# `requires_grad_()` first.
#
# Without `detach`, tokens that come from a layer have a past. They are not *leaves* of the graph,
# and autograd keeps `.grad` only for leaves: you would read None. Without a copy, gradients of
# several calls pile up on the caller's tensor. And with a sum instead of a length, plus and minus
# cancel: a token that is pulled hard in two directions might look as if nothing pulled at it.

# %% [markdown]
# Try it on nine patches and a class token, all random, with an untrained head. In the first two
# cases nothing stands between the tokens and the pooling: they never meet. In the third case there
# is one block of a transformer, like the one you will write in chapter 5.

# %%
torch.manual_seed(0)
toy_tokens, toy_answer = torch.randn(1, 10, 32), torch.tensor([2])
toy_head, toy_block = nn.Linear(32, 5), EncoderBlock(embed_dim=32, num_heads=4, mlp_dim=64)


def toy_loss(pooled: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(toy_head(pooled), toy_answer)


losses = {
    "CLS, they never met": lambda tokens: toy_loss(cls_pool(tokens)),
    "mean, they never met": lambda tokens: toy_loss(mean_pool(tokens)),
    "CLS, after one block": lambda tokens: toy_loss(cls_pool(toy_block(tokens))),
}

# %% slide="Without attention, no patch learns from CLS"
shares = {}
for name, loss_of in losses.items():
    pull = gradient_per_token(loss_of, toy_tokens)
    shares[name] = pull[0] / pull.sum()
show(
    view.draw_shares(shares),
    alt="Three bar charts: how ten tokens share the gradient. With CLS and no mixing, token 0 has "
    "all of it. With the mean, token 0 has nothing and nine patches have 11 per cent each. With "
    "CLS after one block, token 0 has about half, and every patch has some.",
)

# %% [markdown]
# Without attention, a class token is useless: it gets all of the gradient, and no patch learns
# anything. The mean needs no help; each of the N patches gets exactly one Nth of the gradient,
# whether it matters or not. One block of attention opens the way: now the gradient reaches every
# patch, some more, some less.
#
# The block is untrained, so who gets more is chance. What does training change?

# %% [markdown]
# ## See it: learning travels back
#
# In the trained model, start from the loss for *what* and go back block by block. `loss_from(d)`
# takes the tokens that enter block d (the first is block 0) and computes the rest of the way.

# %%
def loss_from(d: int, answers: torch.Tensor):
    """The loss for "what" as a function of the tokens that enter block d."""
    def loss_of(tokens: torch.Tensor) -> torch.Tensor:
        for block in model.encoder.blocks[d:]:
            tokens = block(tokens)
        logits = model.head(cls_pool(model.encoder.norm(tokens)))
        return F.cross_entropy(logits[:, : len(SHAPES)], answers)

    return loss_of


# %%
some = scenes(50, seed=3, **layout)
depth = len(model.encoder.blocks)
with torch.no_grad():
    entering = [model.embed(to_input(some.images))]  # what enters block 0, block 1, ...
    for block in model.encoder.blocks:
        entering.append(block(entering[-1]))

# %%
shares = {}
for d in (depth, depth - 1, depth // 2, 0):
    pull = gradient_per_token(loss_from(d, some.what), entering[d])
    name = "after the last block" if d == depth else f"before block {d}"
    shares[name] = pull / pull.sum(dim=1, keepdim=True)

# %% [markdown]
# From left to right the gradient travels back through the model. Each map has its own scale; the
# numbers below it show which.

# %% tags=["nbval-ignore-output"] slide="Learning travels back from one token to the patches"
places = cell_names(layout["grid"])
captions = [
    f"The right answer is {SHAPES[what]}, {places[where]}."
    for what, where in zip(some.what[:7], some.where[:7])
]
first = {name: share[0] for name, share in shares.items()}
show(
    view.draw_gradient_maps(some.images[0] / 255, first, model.config["patch_size"]),
    alt=f"{captions[0]} Four maps beside the scene. After the last block the class token gets all of "
    "the gradient and no patch anything. Further back, before the last block, before a middle one, "
    "and before the first, the patches share what the class token leaves them.",
)

# %% [markdown]
# After the last block it looks like the example in exercise 2.4: the class token has everything,
# the patches have nothing. So nobody reads what the last block computes for the patches. Some
# models take this seriously: in CaiT, the last layers compute the class token only (Touvron et al.,
# 2021).
#
# One block further back, the gradient reaches patches: those from which the last block lets the
# class token take something, a lot from a few or a little from many. Still further back, there are
# more blocks in between, which have moved things from patch to patch.

# %% [markdown]
# Here are six more scenes. Move the slider, with the mouse or with the arrow keys.

# %% tags=["nbval-ignore-output"]
others = {name: share[1:7] for name, share in shares.items()}
view.gradient_slider(some.images[1:7] / 255, others, captions[1:], model.config["patch_size"])

# %% [markdown]
# Which patches are they? Far enough back, the largest share seems to lie on the shape in question.
# A few pictures prove nothing, but the scenes come with the truth: for each pixel, it is known
# whether it belongs to that shape. So count, in 50 scenes, how often the patch with the largest
# share touches it.

# %% tags=["nbval-ignore-output"]
on_target = patchify(some.target_mask[:, None], model.config["patch_size"]).any(dim=-1)  # (B, N)
print(f"a patch drawn at random: {on_target.double().mean():.0%}")
for name, share in shares.items():
    if not name.startswith("after"):
        largest = share[:, 1:].argmax(dim=1, keepdim=True)
        print(f"{name}: {on_target.gather(1, largest).double().mean():.0%}")

# %% [markdown]
# No map of the shape was used in training, only right answers (though one of the two questions was
# *where*). The pull on a single token did the rest.
#
# Still, be careful. A gradient says where a small change would change the loss, not what the model
# "thinks". The dot is as necessary for the answer as the shape: look at how much of the gradient it
# gets, or how little. Chapter 8 compares ways to look into a model, and measures how far you can
# trust each of them.

# %% [markdown]
# ## More than one newcomer: registers
#
# If one extra token is good, would more be better? The answer came from an observation. Darcet et
# al. (2024) saw that in large models a few patch tokens are about ten times as long as the others.
# They sit where the image has little to say, in plain background. They know little about their own
# patch, but a lot about the whole image. The model has made notes on pages that it thought were
# empty.
#
# For classification that does little harm. For maps it does: attention lights up in the middle of
# the sky, because that is where the notes are.
#
# Their remedy: give the model some notebooks. *Registers* are learned tokens like CLS, added at the
# start and thrown away at the end. With them, the overlong patch tokens disappear and the maps are
# clean.

# %% slide="Registers: room for notes"
show(
    view.draw_registers(patches[47:53], patch_size=16),
    alt="Below, what goes into the encoder: CLS, the registers R1 to R4, and six patches. Above, what "
    "comes out: CLS answers, the registers are thrown away, the patches are for maps and dense tasks.",
)

# %% [markdown]
# You have already written everything this needs: only the shape of the parameter changes, from (1,
# 1, D) to (1, 4, D).

# %%
class_tokens = nn.Parameter(torch.zeros(1, 1, 192))
registers = nn.Parameter(torch.zeros(1, 4, 192))
sequence = torch.cat([class_tokens.expand(1, -1, -1), registers.expand(1, -1, -1), tokens], dim=1)
print("with four registers (B, 1 + 4 + N, D):", tuple(sequence.shape))

# %% [markdown]
# Does the model of this course need them? Look for tokens that are far too long.

# %% tags=["nbval-ignore-output"]
for d, tokens_there in enumerate(entering[1:]):
    lengths = tokens_there[:, 1:].norm(dim=-1)
    print(f"after block {d}: the longest patch is {lengths.max() / lengths.median():.1f} times the median")

# %% [markdown]
# The number to compare with is ten. Among models of one family, the paper found such tokens only in
# the larger ones, and only after long training; ours is about a thousand times smaller than the
# smallest of those. So take this as a way to look, not as a finding about registers.
#
# Since then, Baxevanakis et al. (2026) have looked at more models, and not all that was said about
# registers holds for all of them. And a finished model can be given a register without training
# (Jiang et al., 2025). Chapter 12 takes this up again.

# %% [markdown] slide="Mistakes that raise no error"
# ## What could go wrong
#
# Most of these raise no error. Where an exercise can show them, the check knows them by name.
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | a plain tensor, not a parameter | the class token never learns | count `parameters()` |
# | `nn.Parameter(...).to(device)` | right on the CPU, untrained on a GPU | count `parameters()` on the GPU |
# | a batch axis in the parameter | fails for the last, smaller batch; or learns B different tokens | print its shape |
# | the result of `torch.cat` not used | no class token at all; `tokens[:, 0]` reads a corner of the image | N or N + 1 tokens? |
# | appended, but token 0 is read | the same | set the class token to 99 and look for it |
# | `tokens[0]` instead of `tokens[:, 0]` | all tokens of the first image | a batch with B, N and D all different |
# | `detach` or `.data` on the way | the class token never learns | is `cls_token.grad` None? |
# | the class token is in the mean | a little wrong, everywhere | a class token of 1000 |
# | registers in the mean | the same: `tokens[:, 1:]` holds registers, too | how many tokens are not patches? |
#
# Not mistakes: `repeat` instead of `expand`, and zeros to start from.

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("02")

# %% [markdown] slide="Summary"
# ## Summary
#
# - The class token is one learned vector, the same for every image, put before the patches as
#   number 0. What it knows about an image, it gets through attention.
# - It is an `nn.Parameter` of shape (1, 1, D), expanded over the batch; its gradient is the sum over
#   the images.
# - The mean of the patches is a good rival. Which is better in a given model depends above all on
#   which of the two was trained.
# - The gradient starts at the class token alone; attention carries it back to the patches.
# - Registers are class tokens that nobody reads: room for notes.
#
# **Next:** chapter 3 tells each token its place. Until then, the model cannot tell a face from the
# same patches in random order.
#
# **Further reading**
#
# - Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers for Language
#   Understanding*, NAACL 2019: section 3, where [CLS] comes from.
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: section 3.1, and appendix D.3
#   for class token against mean, with a lesson about learning rates.
# - Touvron et al., *Going deeper with Image Transformers* (CaiT), ICCV 2021: the class token comes
#   in late, and the last layers work for it alone.
# - Beyer, Zhai and Kolesnikov, *Better plain ViT baselines for ImageNet-1k*, 2022: a short note on
#   small changes that help, the mean among them.
# - Zhai et al., *Scaling Vision Transformers*, CVPR 2022: a third way, a small attention layer that
#   pools.
# - Darcet et al., *Vision Transformers Need Registers*, ICLR 2024.
# - Jiang et al., *Vision Transformers Don't Need Trained Registers*, NeurIPS 2025.
# - Baxevanakis et al., *Do All Vision Transformers Need Registers? A Cross-Architectural Reassessment*,
#   2026 (arXiv 2603.25803).
