# %% [markdown] minutes=105
# # 5 The encoder: add, do not replace
#
# Attention lets tokens talk to each other. What remains is to let each of them think by itself, to
# stack the two a dozen times, and to make sure that a dozen layers can be trained at all.
#
# The chapter ends with a detective story. There is an encoder that many people have copied. Its
# shapes are right, it runs, it even learns. And something is very wrong with it. You will find out
# what, write a test that proves it, and repair it.
#
# Six exercises, about an hour and three quarters. You need chapter 4, where attention comes from.

# %% tags=["nbval-ignore-output"]
import warnings

import torch
import torch.nn.functional as F
from torch import nn
from vitcourse import bundled, bundled_layout, check, load_photo, show, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse import progress_bar, use_fastest_threads  # for cells that take some seconds
from vitcourse.data import COLOURS, scenes
from vitcourse.model import MultiHeadSelfAttention, PatchEmbedding
from vitcourse.training import to_input

versions()
use_fastest_threads()  # small models are often fastest on one

# %% [markdown]
# The letters of this chapter: B images, N tokens in each, D numbers in each token (`embed_dim`), h
# heads (`num_heads`). Two are new: the MLP has `mlp_dim` numbers inside, and there are `depth`
# blocks. An encoder takes (B, N, D) and returns (B, N, D).

# %% [markdown]
# ## Loud tokens, quiet tokens
#
# Take the photograph of chapter 1, cut into patches, each patch a token. Tokens are rows of numbers,
# and some rows are louder than others: their numbers lie further from their mean.

# %%
torch.manual_seed(0)
photo = load_photo()
embed = PatchEmbedding(224, patch_size=16, in_channels=3, embed_dim=64)
with torch.no_grad():
    tokens = embed(photo[None])[0]  # (N, D)
sizes = tokens.std(dim=-1)
loud, quiet = tokens[sizes.argmax()], tokens[sizes.argmin()]
brightness = photo.unfold(1, 16, 16).unfold(2, 16, 16).mean(dim=(0, 3, 4)).flatten()
print(f"The loudest token has {sizes.max() / sizes.min():.0f} times the spread of the quietest;")
print(f"its patch has {brightness[sizes.argmax()] / brightness[sizes.argmin()]:.0f} times the brightness.")

# %% [markdown] slide="Layer norm brings every token to the same volume"
# A bright patch makes a loud token, a dark one a quiet token, and the same weights have to work for
# both. In attention a loud token would drown out all the others. And how loud it is says more about
# the light than about the object.
#
# **Layer normalisation** (Ba et al., 2016) brings every token to the same volume. For one token, a
# row of D numbers $x$:
#
# $$y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \cdot w + b
# \qquad \mu = \frac{1}{D}\sum_i x_i \qquad \sigma^2 = \frac{1}{D}\sum_i (x_i - \mu)^2$$
#
# The mean is subtracted, the spread is divided out, and then a learned weight $w$ and bias $b$,
# with one number for each channel, can bring back what is needed.
#
# Note what is *not* in this formula: the other tokens, and the other images. Every token is
# normalised by itself. (Batch norm, which ResNets use, takes its mean over the batch. Keep this in
# mind for later: a layer that looks along the batch can mix images.)

# %% [markdown]
# ### Exercise 5.1
#
# The course's models have eps = 1e-6; PyTorch's default is 1e-5. That looks like a detail. For a
# token with a standard deviation of 0.003, the default makes the result smaller by a quarter.

# %% exercise="5.1"
def layer_norm(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-6
) -> torch.Tensor:
    """Normalise every token by itself: (..., D) -> (..., D).

    - mean and variance over the last axis, for any number of axes before it
    - the variance is divided by D, not by D - 1; eps goes under the root
    - `weight` and `bias`, (D,) each: multiply first, then add
    - dtype of x kept, x unchanged, and gradients flow through mean and variance, too

    Example: [1, 2, 3] with weight 1 and bias 0 becomes about [-1.22, 0, 1.22].
    Do not use F.layer_norm: you are writing it.
    """
    ### BEGIN SOLUTION
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias
    ### END SOLUTION


# %% check="5.1"
check("5.1")  # stuck? check("5.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `keepdim=True` is what makes the subtraction line up: the mean has shape (..., 1)
# and is broadcast over the D numbers of its own token.
#
# `x.var(dim=-1, keepdim=True, correction=0)` works as well. `correction=0` is needed, because torch
# divides by D - 1 unless told otherwise, like a statistician who estimates the variance of a
# population from a sample. Here the D numbers are all there is. The difference is a factor of
# sqrt(D / (D - 1)): 8 in a thousand for D = 64. That is far too little to see, and more than enough
# to spoil loaded weights.
#
# Computing `x - mean` twice costs little. The formula "mean of the squares minus square of the
# mean" is right on paper, but it subtracts two large numbers, and for a token with a large mean
# most of the digits are lost. And `x - mean` under `torch.no_grad()` would give the right result
# and a wrong gradient: the check looks at both.

# %%
ones, zeros = torch.ones(64), torch.zeros(64)
with torch.no_grad():
    before = {"loudest token": loud, "quietest token": quiet}
    after = {name: layer_norm(token, ones, zeros) for name, token in before.items()}

show(
    view.draw_tokens({"before": before, "after layer norm": after}),
    alt="Bars for the 64 numbers of two tokens. Before, the loudest token has large bars and the "
    "quietest tiny ones. After layer norm both have mean 0 and standard deviation 1.",
)

# %% [markdown]
# Before, the quiet token was barely visible. After, both speak at the same volume, and each keeps
# its own shape: which channels are high, and which are low.
#
# From here on the course uses `nn.LayerNorm(embed_dim, eps=1e-6)`, which holds weight and bias and
# computes your formula.

# %%
torch_norm = nn.LayerNorm(64, eps=1e-6)
with torch.no_grad():
    same = torch.allclose(torch_norm(tokens), layer_norm(tokens, ones, zeros), atol=1e-5)
print("nn.LayerNorm computes the same:", same)

# %% [markdown]
# ## Thinking alone: the MLP
#
# Attention moves information between tokens. But the move itself is a weighted sum, and a sum of
# messages is not yet a thought. So after every attention comes a small network that works on each
# token by itself: an MLP, two linear layers with a bend between them.
#
# The bend is what matters. Two linear layers in a row can do no more than one. Vaswani et al.
# (2017) used ReLU, max(0, x). The Vision Transformer uses **GELU** (Hendrycks and Gimpel, 2016): x
# times the probability that a normal random number is smaller than x.

# %%
x = torch.linspace(-4, 4, 401, dtype=torch.float64)
exact = x * 0.5 * (1 + torch.erf(x / 2**0.5))  # x times Phi(x), the exact GELU
curves = {"GELU": exact, "ReLU": F.relu(x)}
errors = {
    "tanh approximation": (F.gelu(x, approximate="tanh") - exact).abs(),
    "QuickGELU": (x * torch.sigmoid(1.702 * x) - exact).abs(),
}
print("nn.GELU() is the exact one:", torch.allclose(nn.GELU()(x), exact))

# %% slide="GELU is a ReLU with a soft knee"
show(
    view.draw_activations(x, curves, errors),
    alt="Left, GELU and ReLU: alike for large numbers, but GELU is smooth and dips slightly below "
    "zero between about minus 3 and 0. Right, how far two approximations of GELU are from it: the "
    "tanh form less than a thousandth, QuickGELU up to about two hundredths.",
)

# %% [markdown]
# GELU is a ReLU with a soft knee. Where ReLU is flat, a unit gets no gradient and can stay dead;
# GELU still slopes a little.
#
# There are three GELUs in circulation, and they are not the same. The tanh form comes from a time
# when erf was slow (GPT-2 uses it), and OpenAI's CLIP uses `x * sigmoid(1.702 x)`, QuickGELU. Train
# with any of them and you will see no difference. Load weights that were trained with another one,
# and the logits are off by a little in every layer. The ViT's is the exact one.

# %% [markdown]
# ### Exercise 5.2
#
# Please call the layers `fc1` and `fc2`: under these names other people's weights will fit in
# chapter 6. The check does not mind other names.

# %% exercise="5.2"
class MLP(nn.Module):
    """Two linear layers with a GELU between them: (..., D) -> (..., D).

    - `embed_dim`: D; `hidden_dim`: how many numbers there are between the layers
    - `fc1` maps to hidden_dim, `fc2` maps back; both have a bias
    - the exact GELU between them, nothing after `fc2` but dropout
    - dropout after the GELU and after `fc2`, active in training mode only
    """

    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.gelu = nn.GELU()
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        x = self.dropout(self.gelu(self.fc1(x)))
        return self.dropout(self.fc2(x))
        ### END SOLUTION


# %% check="5.2"
check("5.2")  # stuck? check("5.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `nn.Linear` works on the last axis, so each token goes through by itself, and all go
# through the same weights. One `nn.Dropout` can be used twice: it has no weights and draws new
# random numbers each time.
#
# `nn.Sequential(nn.Linear(...), nn.GELU(), nn.Dropout(p), nn.Linear(...), nn.Dropout(p))` is the
# same network; only its names, `0` and `3`, say less. `F.dropout(x, p)` in forward is a trap: its
# `training` is True unless you say otherwise, so it drops in eval mode as well. Write
# `F.dropout(x, p, training=self.training)`, or use the module, which knows its mode.
#
# The course's own MLP also initialises its weights (Xavier, as in the paper's code). The exercise
# leaves that to you: it decides how training begins, not what the layer computes.

# %% [markdown]
# In most ViTs `mlp_dim` is four times D, so two thirds of a block's weights are in its MLP. A token
# is unfolded to four times its length, bent, and folded up again.

# %% [markdown] slide="Add, do not replace" lecture=true
# ## The stream
#
# Now put the two together. The plain way would be x = mlp(attention(x)): each layer replaces what
# it gets. After twelve of these, whatever the first layers knew has been through 24 mills.
#
# He et al. (2016) had a better idea: **add, do not replace.** Each layer reads x and adds something
# to it: x = x + layer(x). If the layer has nothing to say, it adds almost zero, and x passes
# unharmed. And on the way back the gradient has a path past every layer: an addition passes it on
# unchanged.
#
# Elhage et al. (2021) suggested a picture for this: a *residual stream* that flows through the
# network from the embedding to the head. Attention and MLP stand on its banks. Each reads a copy,
# works on it, and pours something in. Nobody ever takes water out.
#
# And the norm? It belongs to the reading:
#
# ```
# x  = x + attention(norm1(x))
# x  = x + mlp(norm2(x))
# ```
#
# Every layer reads a copy at the standard volume; the stream itself is never touched. This is
# called **pre-norm**. It is what the Vision Transformer uses (equations 2 and 3 in Dosovitskiy et
# al., 2021).

# %% [markdown]
# ### Exercise 5.3
#
# `MultiHeadSelfAttention(embed_dim, num_heads, dropout)` is the one from chapter 4, imported above.
# The `MLP` is yours. Please call the parts `norm1`, `attn`, `norm2` and `mlp`.

# %% exercise="5.3"
class EncoderBlock(nn.Module):
    """One pre-norm transformer block: (B, N, D) -> (B, N, D).

    - attention reads a normalised copy of x, and its result is added to x
    - then the MLP reads a normalised copy of the sum, and its result is added to the sum
    - two layer norms, each with its own weight and bias, eps = 1e-6
    - `dropout` is passed to attention and to the MLP; the block itself drops nothing, neither
      from x nor from what the two read or return
    - x itself does not change, since the caller may still need it: no `x += ...`
    """

    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))
        ### END SOLUTION


# %% check="5.3"
check("5.3")  # stuck? check("5.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Two lines, and at least six ways to get them wrong without any complaint. All of
# these run, keep the shape, and train:
#
# - `norm1(x + attn(x))`: post-norm, the arrangement of Vaswani et al. (2017);
# - `x = norm1(x)` first, then `x + attn(x)`: the stream itself is replaced by its normalised copy;
# - `mlp(norm1(...))`: one norm twice, the other idle, hard to see when both start with ones;
# - `x + attn(norm1(x)) + mlp(norm2(x))`: the MLP does not hear what attention has found out.
#
# The last one, a *parallel* block, is not nonsense: ViT-22B is built this way (Dehghani et al.,
# 2023), because the two halves can then be computed at once. But it is another model.
#
# `nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)` can take the place of attention.
# Even `nn.TransformerEncoderLayer` can be a right answer, with the right settings: see exercise
# 5.6.

# %% [markdown]
# ### Exercise 5.4
#
# Nothing ever normalises the stream, so it arrives at the end at whatever volume it has reached.
# That is why one last norm comes before the head. Please call the parts `blocks` and `norm`.

# %% exercise="5.4"
class Encoder(nn.Module):
    """`depth` blocks one after the other, then one last norm: (B, N, D) -> (B, N, D).

    - every block has its own weights, and starts from its own random numbers
    - an optimiser finds the weights of all of them
    - the last norm has eps = 1e-6
    - returns all tokens; `dropout` is passed to the blocks
    """

    def __init__(
        self, depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
    ):
        super().__init__()
        ### BEGIN SOLUTION
        self.blocks = nn.ModuleList(
            EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        for block in self.blocks:
            x = block(x)
        return self.norm(x)
        ### END SOLUTION


# %% check="5.4"
check("5.4")  # stuck? check("5.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `nn.ModuleList` is a list that `nn.Module` can see into. With a plain Python list
# the forward pass is the same, but `parameters()` is almost empty: the optimiser trains one norm,
# and `model.to("cuda")` leaves the blocks behind. `nn.Sequential(*blocks, nn.LayerNorm(...))` works
# as well, and then forward is a single call.
#
# `[block] * depth` is one block: the same object, `depth` times. There are models that share
# weights on purpose (ALBERT, Lan et al., 2020), but that is a decision, not an accident of Python's
# `*`. `copy.deepcopy(block)` gives separate blocks that all *start* from the same numbers. They
# drift apart in training, since each gets different gradients, so you may never notice; you have
# only thrown away the variety at the start. The documentation of `nn.TransformerEncoder` warns
# about this, because that is what it does.

# %% [markdown]
# ## See it: who pours how much into the stream
#
# The course comes with a small ViT that has been trained on scenes, the little pictures of chapter
# 7. Send some through it and listen at every attention and every MLP. A *hook* is a function that
# torch calls with the output of a layer.

# %%
model = bundled()
images = to_input(scenes(16, seed=5, **bundled_layout()).images)
added = []  # what attention and MLP pour in, in order
hooks = []
for block in model.encoder.blocks:
    for part in (block.attn, block.mlp):
        hooks.append(part.register_forward_hook(lambda layer, x, result: added.append(result)))

# %%
with torch.no_grad():
    source = model.embed(images)  # what flows in: patches, CLS token, positions
    result = model.encoder(source)
for hook in hooks:
    hook.remove()

stream = [source]
for part in added:
    stream.append(stream[-1] + part)
print("source + everything added = stream:", torch.allclose(model.encoder.norm(stream[-1]), result, atol=1e-3))

# %% [markdown]
# The stream at the end *is* the embedding plus the sum of everything that was poured in, term by
# term. Nothing else happened to it. That makes a transformer easier to take apart than most
# networks, and chapter 8 depends on it.

# %% slide="Each layer changes the stream by a fraction of its length"
lengths = [part.norm(dim=-1).mean().item() for part in stream]
pours = [part.norm(dim=-1).mean().item() for part in added]
show(
    view.draw_stream(lengths, pours[0::2], pours[1::2]),
    alt="The mean length of the tokens in the residual stream of the trained model, a line that "
    "changes from block to block, and bars for the length of what each attention and each MLP adds.",
)

# %% [markdown]
# Read the figure from left to right. Lengths do not simply add up: a long bar that leaves the line
# where it was points across the stream, or against it. A layer can also erase, by pouring in the
# opposite of what is there.
#
# One small model says little about others. But the order of magnitude is typical: each layer
# changes the stream by a fraction of its length. No single layer replaces it.

# %% [markdown]
# ## Before or after: where to put the norm
#
# Vaswani et al. (2017) put it elsewhere: x = norm(x + layer(x)). Each sum is normalised on the
# spot. This is **post-norm**, and here it is, made of the same parts.

# %%
class PostNormBlock(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int):
        super().__init__()
        layers = MultiHeadSelfAttention(embed_dim, num_heads), MLP(embed_dim, mlp_dim)
        self.layers = nn.ModuleList(layers)
        self.norms = nn.ModuleList(nn.LayerNorm(embed_dim, eps=1e-6) for _ in layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer, norm in zip(self.layers, self.norms):
            x = norm(x + layer(x))
        return x

# %% [markdown]
# It looks harmless: the same layers, the same number of weights. Measure what it does to training,
# before any training: build both with random weights, put a classifier on the first token, and ask
# how large the gradient of each block is. (All matrices start with Xavier's rule, as in the paper's
# code.)
#
# In which of the two do gradients grow or shrink, and towards which end?

# %%
predict(
    "05-last-block",
    "How large is the gradient of the last of 24 blocks, compared with that of an only block?",
    [
        "larger with both",
        "larger with pre-norm, smaller with post-norm",
        "smaller with pre-norm, larger with post-norm",
        "smaller with both",
    ],
)

# %%
def gradient_norms(kind: type, depth: int, seed: int) -> torch.Tensor:
    """The norm of the gradient of every block, first to last, at the start: (depth,)."""
    torch.manual_seed(seed)
    blocks = nn.Sequential(*(kind(64, 4, 128) for _ in range(depth)))
    last = nn.LayerNorm(64) if kind is EncoderBlock else nn.Identity()
    model = nn.Sequential(blocks, last, nn.Linear(64, 10))
    for matrix in model.parameters():
        if matrix.ndim > 1:
            nn.init.xavier_uniform_(matrix)
    scores = model(torch.randn(16, 17, 64))[:, 0]
    F.cross_entropy(scores, torch.randint(10, (16,))).backward()
    return torch.stack([torch.cat([p.grad.flatten() for p in b.parameters()]).norm() for b in blocks])

# %%
def mean_norms(kind: type, depth: int) -> torch.Tensor:
    return torch.stack([gradient_norms(kind, depth, seed) for seed in range(4)]).mean(dim=0)

kinds = {"pre-norm": EncoderBlock, "post-norm": PostNormBlock}
by_block = {name: mean_norms(kind, depth=12) for name, kind in kinds.items()}
by_depth = {
    name: {depth: mean_norms(kind, depth)[-1].item() for depth in (1, 3, 6, 12, 24)}
    for name, kind in kinds.items()
}

# %% slide="Post-norm pushes the last block of a deep encoder hardest"
show(
    view.draw_gradients(by_block, by_depth),
    alt="Gradient norms on log scales. Left, for each of 12 blocks: both begin alike; towards the "
    "last block post-norm rises a little and pre-norm falls. Right, for the last block of deeper "
    "and deeper encoders: post-norm rises, pre-norm falls.",
)

# %%
for name, norms in by_depth.items():
    print(f"{name}: the last block of 24 gets {norms[24] / norms[1]:.1f} times the gradient of an only one")
pre, post = ("larger" if norms[24] > norms[1] else "smaller" for norms in by_depth.values())
both = f"{pre} with both" if pre == post else f"{pre} with pre-norm, {post} with post-norm"
outcome("05-last-block", both)

# %% [markdown]
# Look at the picture on the right. With post-norm, the last block of a deep encoder is pushed even
# harder than that of a shallow one. With pre-norm, the push gets weaker with depth: the stream
# grows as blocks pour in, and the last norm divides by its length.
#
# This is the heart of Xiong et al. (2020). They derive it for the last MLP: its gradient is about
# the same for every depth with post-norm, and falls as one over the root of the depth with
# pre-norm. (The gradient of a whole block with its attention, which is what we measure here, falls
# more slowly.) Their conclusion: with post-norm, a step of ordinary size is too large at the start,
# near the output. That is why the transformer of 2017 needs a *warm-up*: a few thousand steps with
# a small learning rate. With pre-norm they could leave it out.
#
# You may have read that post-norm makes gradients *vanish* in the first blocks. In this measurement
# they get a little smaller, but no more than that. Initialisation, loss and data all have a say, so
# measure before you believe, this notebook included.
#
# Pre-norm is not better in every way. Its first blocks get the largest share of the gradient, and
# its last ones add their bit to an ever longer stream. Liu et al. (2020) trained post-norm
# translation models that ended up better than pre-norm ones, once they got going. Chapter 7 trains
# both.

# %% [markdown]
# ## The case of the copied encoder
#
# You have written about forty lines. PyTorch has the whole thing ready-made,
# `nn.TransformerEncoderLayer` and `nn.TransformerEncoder`, and in many tutorials the encoder of a
# ViT looks like this. Nothing is hidden here: read it twice.

# %%
class TutorialViT(nn.Module):
    def __init__(self, encoder: nn.Module, read: str, image_size=48, patch_size=12, embed_dim=48):
        super().__init__()
        self.patches = nn.Conv2d(3, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))
        self.positions = nn.Parameter(torch.randn(1, (image_size // patch_size) ** 2 + 1, embed_dim))
        self.encoder, self.read = encoder, read
        self.head = nn.Linear(embed_dim, len(COLOURS))

    def tokens(self, images: torch.Tensor) -> torch.Tensor:
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
        return self.encoder(x + self.positions)  # (B, N + 1, D)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.tokens(images)
        return self.head(x.mean(dim=1) if self.read == "mean" else x[:, 0])

# %% slide="The case of the copied encoder" slide_code=true lecture=true
def tutorial_encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(d_model=48, nhead=4, dim_feedforward=96)
    return nn.TransformerEncoder(layer, num_layers=3)


# PyTorch remarks that "nested tensors" will not be used. That is not the bug.
warnings.filterwarnings("ignore", message="enable_nested_tensor")

# %% [markdown]
# Does it learn? Give it an easy question: what colour is the dot in the middle of a scene? There
# are six colours, so a guess is right one time in six.

# %%
train_set, test_set = scenes(1536, seed=1), scenes(512, seed=2)
train_images, train_colour = to_input(train_set.images), train_set.colour
test_images, test_colour = to_input(test_set.images), test_set.colour

# %%
def trained(encoder: nn.Module, read: str = "mean", steps: int = 150) -> nn.Module:
    """A TutorialViT after a short training, in evaluation mode."""
    model = TutorialViT(encoder, read)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in progress_bar(range(steps), "steps of training"):
        batch = torch.randint(len(train_images), (32,))
        loss = F.cross_entropy(model(train_images[batch]), train_colour[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()

# %%
@torch.no_grad()
def accuracy(model: nn.Module, batch_size: int) -> float:
    """Share of right answers on the test images, asked batch_size at a time."""
    said = torch.cat([model(batch).argmax(dim=1) for batch in test_images.split(batch_size)])
    return (said == test_colour).float().mean().item()

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
suspect = trained(tutorial_encoder())
print(f"right answers on new images: {accuracy(suspect, batch_size=128):.0%}")

# %% [markdown]
# A fine result, in a few seconds. This is the point where most people stop looking.
#
# Now ask about the very same test images again, in smaller batches. The model is in evaluation
# mode: no dropout, no batch norm. Nothing should change.

# %% tags=["nbval-ignore-output"] slide="The same weights, the same images, smaller batches" lecture=true
for batch_size in (128, 32, 8, 4, 2, 1):
    print(f"batches of {batch_size:3}: {accuracy(suspect, batch_size):.0%}")

# %% [markdown]
# The same weights, the same images. Shown them one at a time, the model is wrong about many
# pictures that it gets right in company. Somebody is copying from their neighbours.
#
# Watch it happen. Take one image, and put it beside neighbours whose dots are all red; then all
# yellow; and so on. (The image is chosen for the size of the effect. Most are less extreme.)

# %%
@torch.no_grad()
def beside_each_colour(model: nn.Module, number: int) -> tuple[list, torch.Tensor]:
    """For every colour: six neighbours with that dot, and the scores of image `number`."""
    sets, scores = [], []
    for c in range(len(COLOURS)):
        others = (train_colour == c).nonzero().flatten()[:6]
        sets.append(train_set.images[others] / 255)
        batch = torch.cat([test_images[number : number + 1], train_images[others]])
        scores.append(model(batch)[0].softmax(dim=0))
    return sets, torch.stack(scores)

# %% slide="What it says of a picture depends on the neighbours" lecture=true
verdicts = [
    beside_each_colour(suspect, i)[1].argmax(dim=1) for i in progress_bar(range(128), "images")
]
number = max(range(128), key=lambda i: len(verdicts[i].unique()))
sets, scores = beside_each_colour(suspect, number)
show(
    view.draw_neighbours(
        test_set.images[number] / 255, sets, scores, COLOURS, truth=int(test_colour[number])
    ),
    alt="The same picture six times, beside six sets of neighbours. The colour that the model sees "
    "in it changes from row to row, although the picture is the same.",
)

# %% [markdown]
# The picture in the black frame is the same in all six rows. What the model says about it is not.
# (The hatched bar is the right colour; where the model is wrong, the darkest bar is its choice.)
#
# Think about what that means. A benchmark score depends on the batch size and on the order of the
# test set. A user who sends one photograph gets a worse answer than one who sends a hundred. And
# what is said about your photograph depends on who else happens to be asking.

# %% [markdown]
# ### Exercise 5.5
#
# Before you repair anything, write the test that would have caught it. A good test also says no
# when there is nothing to find: it must not be fooled by dropout or by rounding. (With another
# batch size, the same sum may differ in the last digit, because the processor adds in a different
# order.)
#
# Too hard a start? Write `lines("5.5")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="5.5"
def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:
    """Does the result for any image depend on the other images of its batch?

    - `model`: takes a batch, first axis B, and gives a tensor with first axis B: images or tokens
      in, scores or tokens out
    - `images`: a batch of at least two
    - the question is about evaluation mode; afterwards the model is in the mode it was in before
    - any influence counts: of images before it or after it in the batch, up or down, strong or
      faint, on all numbers or on one
    - rounding does not count: ignore differences of up to 1e-5 times the largest absolute number
      in the results, which may be of any size
    - returns: a bool, True or False; the images and the model's weights do not change
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())
    ### END SOLUTION


# %% check="5.5"
check("5.5")  # stuck? check("5.5", hint=1), then 2, then 3; or lines("5.5")

# %% [markdown] tags=["solution"]
# **Solution.** Alone and in company every image must get the same result. Asking each image alone
# covers every direction of influence at once.
#
# Other ways that are right: change one image after the other and look at all *others* each time; or
# ask autograd for the gradient of each result with respect to the other images. Changing only the
# neighbours of image 0 misses models in which an image hears only from those before it.
#
# One way looks clever and is blind: shuffle the batch, and see whether the results are shuffled
# alike. Attention without positions does not care about order, as you proved in chapter 3.
# Attention over the batch has no positions along the batch. So it passes, and the bug stays hidden.
#
# `torch.equal` is too strict, and so is `torch.allclose` with its defaults: it allows each number a
# difference in proportion to that number, so a number close to zero may hardly be rounded at all.

# %%
few = test_images[:8]
print("tutorial ViT mixes its images:", mixes_images(suspect, few))

# %% [markdown]
# Guilty. But why?

# %% [markdown]
# ### The motive: one default
#
# `nn.TransformerEncoderLayer` was made for text, in 2019, when a batch of sentences was stored with
# the sequence first: (N, B, D). That is still its default: `batch_first=False`. Your tokens are (B,
# N, D). Nothing complains, because both have three axes. The layer mistakes the batch for the
# sequence, and the tokens for the batch.
#
# So token 7 of an image attends to token 7 of all *other images*, and to no other token of its own
# image. You can see it by changing a single thing and asking who notices.

# %%
@torch.no_grad()
def who_notices(encoder: nn.Module) -> torch.Tensor:
    """Change token 2 of image 1, among 3 images of 5 tokens: which tokens change? (3, 5)"""
    torch.manual_seed(0)
    tokens = torch.randn(3, 5, 48)
    changed = tokens.clone()
    changed[1, 2] = torch.randn(48)
    return ((encoder.eval()(tokens) - encoder(changed)).abs().amax(dim=-1) > 1e-4).int()

print("tutorial encoder:\n", who_notices(tutorial_encoder()))
print("your Encoder:\n", who_notices(Encoder(2, 48, 4, 96)))

# %% [markdown]
# The rows are images, the columns are tokens. In your encoder, a row lights up: the tokens of one
# image hear each other. In the other, a column does: token 2 of every image, and nothing else.
#
# Then how could it be right so often? It averages all tokens at the end, and each token still knows
# its own patch. For the colour of a dot that is enough. Such a model is a bag of patches with a
# leak. Where patches have to be compared with each other, it must fail. And then people say that
# transformers need more data.

# %% [markdown]
# ### A darker variant
#
# Many of these tutorials do not average. They read the class token, as the paper does.

# %%
predict(
    "05-class-token",
    "What per cent of the answers will be right? (The mean of all tokens got nearly all, guessing gets 17.)",
    rows=["head on the class token"],
    unit="%",
)

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
blind = trained(tutorial_encoder(), read="cls")
share = accuracy(blind, batch_size=128)
outcome("05-class-token", {"head on the class token": round(100 * share)})
print("different answers given:", blind(test_images).argmax(dim=1).unique().numel())

# %%
with torch.no_grad():
    noise = torch.randn_like(few)
    same = torch.allclose(blind(few), blind(noise), atol=1e-5)
print("photographs or noise, the scores are the same:", same)
print("it mixes its images:", mixes_images(blind, few))

# %% [markdown]
# It is blind. The class token listens only to class tokens, its own and those of the other images,
# and all of them are the same learned vector. No pixel can ever reach the head. The loss goes down
# a little, because the head learns how frequent the classes are, and then it stays there.
#
# And your test says: no mixing. That is the truth. A model that never looks at its images cannot
# confuse them. One test proves one thing; this model needs another: *do the scores change when the
# image does?* Look inside, and the mixing is there.

# %%
class TokensOf(nn.Module):
    """The model without its head."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model.tokens(images)

print("its tokens mix the images:", mixes_images(TokensOf(blind).eval(), few))

# %% [markdown]
# ### Exercise 5.6
#
# `batch_first=True` stops the mixing. But the tutorial's encoder would still not be a ViT's.
# Compare `help(nn.TransformerEncoderLayer)` with your own block: it is post-norm, its activation is
# ReLU, its eps is 1e-5, and its dropout is 0.1 unless you say otherwise. And the stack has no last
# norm, and starts all its layers as copies of one.

# %% exercise="5.6"
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    """PyTorch's encoder, set up to compute what your Encoder computes: (B, N, D) -> (B, N, D).

    - made of nn.TransformerEncoderLayer: one for each of the `depth` blocks
    - images kept apart, pre-norm, exact GELU, eps = 1e-6 in all norms, a last norm
    - with the same weights, the same result as Encoder (in eval mode, or with dropout 0)
    - the layers start from different random numbers
    """
    ### BEGIN SOLUTION
    pre_norm = nn.TransformerEncoderLayer(
        embed_dim,
        num_heads,
        dim_feedforward=mlp_dim,
        dropout=dropout,
        activation="gelu",
        layer_norm_eps=1e-6,
        batch_first=True,
        norm_first=True,
    )
    encoder = nn.TransformerEncoder(pre_norm, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for parameter in encoder.parameters():
        if parameter.ndim > 1:  # the layers are copies of one: give each its own start
            nn.init.xavier_uniform_(parameter)
    return encoder
    ### END SOLUTION


# %% check="5.6"
check("5.6")  # stuck? check("5.6", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Six arguments for the layer, one norm for the stack, and a new start for every
# matrix. `nn.TransformerEncoder` calls `copy.deepcopy` on the layer that it gets; instead of
# initialising again, you may also build the layers in a loop, into an `nn.ModuleList` or
# `nn.Sequential`.
#
# `x.transpose(0, 1)` before the encoder and again after it fixes the mixing as well as
# `batch_first=True`. But then it has to be done at every call, by everybody, forever.
#
# One difference remains. With dropout, PyTorch's layer drops attention weights, too; ours does not.
# In training with dropout the two are not the same model; in evaluation they are.

# %% [markdown]
# Now prove that no other difference is left: give PyTorch's encoder the weights of the course's
# `Encoder`, and compare the results. Only the names differ. (The last norm is fresh in both: ones
# and zeros.)

# %%
from vitcourse.model import Encoder as CourseEncoder

names = {"attn.qkv.": "self_attn.in_proj_", "attn.proj": "self_attn.out_proj", "mlp.fc": "linear"}

def torch_name(name: str) -> str:
    """What PyTorch calls a weight of our block: attn.qkv.bias is self_attn.in_proj_bias."""
    for ours, theirs in names.items():
        name = name.replace(ours, theirs)
    return name

# %%
torch.manual_seed(0)
ours, repaired = CourseEncoder(2, 48, 4, 96), torch_encoder(2, 48, 4, 96)
layers = [part for part in repaired.modules() if isinstance(part, nn.TransformerEncoderLayer)]
for block, layer in zip(ours.blocks, layers):
    layer.load_state_dict({torch_name(name): value for name, value in block.state_dict().items()})

# %%
tokens = torch.randn(3, 5, 48)
with torch.no_grad():
    same = torch.allclose(ours.eval()(tokens), repaired.eval()(tokens), atol=1e-5)
print("the same weights, the same result:", same)
print("mixes its images:", mixes_images(repaired, tokens))

# %% [markdown]
# And now compare them side by side: the same little model and the same training, with the
# tutorial's encoder, read in both ways, and with the repaired one.

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
models = {
    "repaired, head on the class token": trained(torch_encoder(3, 48, 4, 96, 0.1), read="cls"),
    "tutorial, mean of all tokens": suspect,
    "tutorial, head on the class token": blind,
}
sizes = (1, 2, 4, 8, 32, 128)
results = {name: {size: accuracy(model, size) for size in sizes} for name, model in models.items()}

# %% slide="Level and high: only the repaired encoder" lecture=true
show(
    view.draw_accuracy(results),
    alt="Right answers against the size of the batch. The repaired model is right nearly always, "
    "whatever the size. The tutorial's with the mean of all tokens is good in large batches and "
    "much worse alone. The tutorial's with the class token is at the level of guessing throughout.",
)

# %% [markdown]
# A level line is what you want: the answer does not depend on company. The blind one is level, too.
# You need a line that is both level and high, and so you need both tests.
#
# One caution. The repaired encoder differs from the tutorial's in more than `batch_first`: it is
# pre-norm, for one. Which of the changes made it level? Repair only one thing, and ask again.

# %%
layer = nn.TransformerEncoderLayer(48, nhead=4, dim_feedforward=96, batch_first=True)
one_repair = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
print("with batch_first alone repaired, it mixes its images:", mixes_images(one_repair, tokens))

# %% [markdown]
# So the line is *level* because of `batch_first` alone. This experiment does not say how much each
# change adds to its height.

# %% [markdown] slide="Mistakes that run and keep the shape"
# ## What could go wrong
#
# All of these run, and all keep the shape. The checks know them by name.
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | `var` without `correction=0` | every norm slightly off | compare with `nn.LayerNorm` in float64 |
# | eps 1e-5 instead of 1e-6, or outside the root | quiet tokens come out wrong | tokens of standard deviation 0.01 |
# | a different GELU from the one in training | logits off in the third or fourth decimal | compare in float64 |
# | no activation, or one after `fc2` | a linear MLP; or a stream that only grows | known weights, known result |
# | `F.dropout(x, p)` | drops in eval mode: every call gives something else | call twice in eval mode |
# | post-norm, or the stream replaced by its normed copy | trains, but needs warm-up; loaded weights fail | the stream's mean and variance after a block |
# | one norm used twice | the other never learns | which parameters have no gradient? |
# | `[block] * depth` | one block, many times | count the parameters |
# | a Python list of blocks | nothing trains them | count the parameters |
# | `batch_first` forgotten | images mix, tokens do not | ask one image alone, then in company |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("05")

# %% [markdown] slide="Summary"
# ## Summary
#
# - Layer norm gives every token mean 0 and variance 1, by itself; weight and bias are learned.
# - The MLP works on each token alone: unfold, GELU, fold.
# - Attention and MLP read a normalised copy and add to the stream: add, do not replace.
# - Pre-norm leaves the stream alone and needs one last norm; its gradients shrink with depth, while
#   post-norm's do not.
# - `nn.TransformerEncoderLayer` with its defaults is not a ViT's encoder, and it mixes the images.
# - A test that asks each image alone finds this in one line.
#
# **Next:** chapter 6 puts patches, class token, positions, encoder and a head together: a whole
# Vision Transformer, into which published weights fit.
#
# **Further reading**
#
# - Ba, Kiros and Hinton, *Layer Normalization*, 2016.
# - Hendrycks and Gimpel, *Gaussian Error Linear Units (GELUs)*, 2016.
# - He et al., *Deep Residual Learning for Image Recognition*, CVPR 2016, and *Identity Mappings in
#   Deep Residual Networks*, ECCV 2016: the latter moves the norm before the layer, in convolutional
#   networks.
# - Xiong et al., *On Layer Normalization in the Transformer Architecture*, ICML 2020: pre-norm and
#   post-norm.
# - Elhage et al., *A Mathematical Framework for Transformer Circuits*, 2021: the residual stream.
# - Liu et al., *Understanding the Difficulty of Training Transformers*, EMNLP 2020: why post-norm
#   is hard to get going, with a different answer from Xiong's.
# - Vaswani et al., *Attention Is All You Need*, NIPS 2017, and Dosovitskiy et al., *An Image is Worth
#   16x16 Words*, ICLR 2021: the same parts in the two orders.
# - Zhang and Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019: without the mean.
