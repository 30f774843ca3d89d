# %% [markdown] minutes=90
# # 6 Head and whole: a Vision Transformer of your own
#
# For five chapters you have made parts and laid them on the bench. Now you put them together. It takes
# about twenty lines, and most of them only say which part comes next.
#
# Then you will want to know whether it is the real thing. There are three proofs, each harder to pass
# by luck than the one before. Your model must have exactly as many parameters as the paper's. It must
# take in weights that somebody else has trained and give the same answers, digit for digit. And with
# trained weights it must *see*.
#
# Five exercises, about an hour and a half. You need the chapters before this one, or at least their
# ideas: where one of your parts is missing, the course lends you its own.

# %% tags=["nbval-ignore-output"]
import math
import re

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import VisionTransformer as TorchvisionViT
from vitcourse import bundled, bundled_layout, check, show, versions, view
from vitcourse import lines, reset, solution  # an easier way in; to begin again; the answer
from vitcourse import outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse.data import scenes
from vitcourse.exercises.parts import kept_parts, whose_parts

versions()

# %% [markdown]
# ## What lies on the bench
#
# Whenever a check said "solved", the course wrote your answer into a file beside the notebooks,
# `my_vit.py`. It is plain Python: your imports at the top, then one section for each exercise, in
# the order of the course, with the helpers that the answer needs. Open it. It is your code, and
# you can edit it, import it, or put it into a repository of your own.
#
# A wrong answer never touches it. If you solve an exercise again in another way, the new answer takes
# the place of the old one, and the old one moves to `my_vit_older.py`. Whatever you write into the
# file outside the marked sections stays there.
#
# The next cell imports that file and tries each part once more.

# %%
parts = kept_parts()
print(parts)

# %% [markdown]
# "yours" means: found in `my_vit.py`, and its check is green. "The course's" means that no part of
# yours was found, and the reason is given. To change that, solve the exercise, come back, and run the
# cell again. (The solution notebooks have no `my_vit.py`, so they use the course's parts everywhere.)
#
# There is one more reason for borrowing a part. A part must have as many parameters as the course's,
# or published weights would not fit into it. A patch embedding without bias, say, is a right answer in
# chapter 1, and yet it cannot hold a bias that somebody else has trained.
#
# Take the parts off the bench. From here on they go by their plain names, whoever made them.

# %%
PatchEmbedding = parts.PatchEmbedding  # image_size, patch_size, in_channels, embed_dim
ClassToken = parts.ClassToken  # embed_dim
PositionEmbedding = parts.PositionEmbedding  # num_tokens, embed_dim
Encoder = parts.Encoder  # depth, embed_dim, num_heads, mlp_dim, dropout

# %% [markdown]
# ## One part is missing
#
# The encoder hands back N + 1 tokens of D numbers each. You want one score for each class. Whom do
# you ask?
#
# The class token. It has no patch of its own to describe; it went through all the blocks to gather
# what the others know. So the *head* reads this one token and ignores the rest. One linear layer
# turns its D numbers into as many scores as there are classes.
#
# Two things do not belong in the head. The first is the final norm: it is the last layer of your
# encoder. The second deserves a closer look.

# %% [markdown]
# ### Why there is no softmax
#
# The scores are called *logits*. They may be negative, and they do not add up to 1. It is tempting
# to end the model with a softmax, because probabilities look so much more finished.
#
# But `F.cross_entropy` takes logits: softmax is its first step. A model that ends with softmax goes
# through it twice. Nothing complains. So take a model that is as right as a model can be, with a score
# of 20 for the right class and 0 for the others, and look at its loss.

# %% slide="Softmax twice: the best answer looks like a guess"
print("classes   right    right, softmax twice   guessing")
for num_classes in (10, 100, 1000):
    logits = torch.zeros(1, num_classes)
    logits[0, 3] = 20.0
    answer = torch.tensor([3])
    once = F.cross_entropy(logits, answer).item()
    twice = F.cross_entropy(logits.softmax(dim=1), answer).item()
    print(f"{num_classes:7}   {once:5.3f}    {twice:20.3f}   {math.log(num_classes):8.3f}")

# %% [markdown]
# Softmax squeezes all scores into the range from 0 to 1, and after the second softmax the best
# possible answer and a mere guess are close neighbours. With a thousand classes, the loss can go only
# a small part of the way down. Such a model does learn something, slowly, and people look for the
# reason everywhere else.
#
# ### Exercise 6.1

# %% exercise="6.1"
class ClassificationHead(nn.Module):
    """Scores from the class token alone: (B, N + 1, D) -> (B, num_classes).

    - the class token comes first among the tokens
    - one linear layer with a bias, made in `__init__`; nothing before it and nothing after it
    - works for any number of tokens and of images: a single image gives (1, num_classes)
    - `embed_dim`: D
    """

    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.linear = nn.Linear(embed_dim, num_classes)
        ### END SOLUTION

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.linear(tokens[:, 0])
        ### END SOLUTION


# %% check="6.1"
check("6.1")  # stuck? check("6.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `tokens[:, 0]` takes token 0 of every image: (B, D). Mind the colon; `tokens[0]` would
# be the first image with all its tokens. `self.linear(tokens)[:, 0]` gives the same and computes
# N * K scores that nobody reads.
#
# The mean of the patches is a good alternative, not a mistake as such: Dosovitskiy et al. (2021,
# appendix D.3) found that it does as well, if the learning rate is chosen for it. But the two are not
# interchangeable once a model is trained. Many people start the weights at zero, so that a new model
# says "I do not know": the same score for every class.

# %% [markdown]
# ## The whole machine
#
# Here is all of it, for the most cited of all sizes, ViT-B/16: "B" for *base*, 16 for the side of a
# patch. Follow the shapes down the left side.

# %% slide="The whole machine, shape by shape" lecture=true
def whose(part: type) -> str:
    return "the course's" if part.__module__.startswith("vitcourse.") else "yours"


stages = [
    (PatchEmbedding, "cuts squares and maps each to D numbers", "(B, 196, 768)"),
    (ClassToken, "puts one more token in front", "(B, 197, 768)"),
    (PositionEmbedding, "tells each token its place; then dropout", "(B, 197, 768)"),
    (Encoder, "12 times: listen to the others, think,\nadd both to what is there; one last norm", "(B, 197, 768)"),
    (ClassificationHead, "reads the first token", "(B, 1000)"),
]
figure = view.draw_machine(
    [(part.__name__, whose(part), does, out) for part, does, out in stages], "(B, 3, 224, 224)"
)
show(
    figure,
    alt="Five boxes from top to bottom: PatchEmbedding, ClassToken, PositionEmbedding, Encoder, "
    "ClassificationHead. Images (B, 3, 224, 224) go in; after the boxes the shapes are "
    "(B, 196, 768), three times (B, 197, 768), and (B, 1000). The course's parts are hatched.",
)

# %% [markdown]
# Two numbers in this picture are worth a second look. There are 196 patches and 197 positions: the
# class token comes first and gets a position like every other token. And of the 197 tokens that leave
# the encoder, 196 are thrown away. Their work is done: what was worth keeping is in the first.
#
# ### Exercise 6.2
#
# Make the parts in `__init__`, call them in `forward`. The check looks at what your model does, not at
# what its attributes are called. But use the five names below, and the rest of this chapter will read
# as if it were written about your model.
#
# Too hard a start? Write `lines("6.2")` into a new cell: it has the lines of an answer, shuffled,
# and two that are wrong. You put them in order.

# %% exercise="6.2"
class VisionTransformer(nn.Module):
    """Images to scores: (B, C, H, W) -> (B, num_classes).

    - made of your PatchEmbedding, ClassToken, PositionEmbedding, Encoder and ClassificationHead,
      as `self.patch_embed`, `class_token`, `positions`, `encoder` and `head`
    - `image_size`: (height, width) in pixels; the image need not be a square
    - `dropout` acts on the tokens once positions are added, and is passed on to the encoder
    - `forward` returns logits: no softmax
    """

    def __init__(
        self,
        image_size: tuple[int, int],
        patch_size: int,
        in_channels: int,
        num_classes: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        ### BEGIN SOLUTION
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        num_patches = (image_size[0] // patch_size) * (image_size[1] // patch_size)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.head = ClassificationHead(embed_dim, num_classes)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        tokens = self.class_token(self.patch_embed(images))
        tokens = self.dropout(self.positions(tokens))
        return self.head(self.encoder(tokens))
        ### END SOLUTION


# %% check="6.2"
check("6.2")  # stuck? check("6.2", hint=1), then 2, then 3; or lines("6.2")

# %% [markdown] tags=["solution"]
# **Solution.** The picture, line by line. The one number to work out is the number of positions:
# patches plus one. If your PatchEmbedding keeps `num_patches`, use that.
#
# The steps follow one another, so an `nn.Sequential` of the five parts and a dropout works, too. If
# they are written out, you can stop in between and look at the tokens, which chapter 8 will do all the
# time.
#
# You may also hold the blocks yourself, in an `nn.ModuleList` with a norm after it, as
# `nn.TransformerEncoderLayer(..., batch_first=True, norm_first=True)` makes you do. Then three old
# acquaintances come back: the forgotten final norm, the block that is used twelve times, and the
# Python list whose layers no optimiser ever finds.

# %% [markdown]
# Build a small one and send noise through it.

# %%
torch.manual_seed(0)
sizes = {"image_size": (32, 48), "patch_size": 8, "in_channels": 3, "num_classes": 10}
sizes |= {"embed_dim": 48, "depth": 3, "num_heads": 3, "mlp_dim": 96}
model = VisionTransformer(**sizes).eval()
images = torch.randn(2, 3, 32, 48)
with torch.inference_mode():
    print("images", tuple(images.shape), "become scores", tuple(model(images).shape))

# %% [markdown]
# ### Pull a wire
#
# The shapes are right. That proves little: of the mistakes that the check of 6.2 knows, most have the
# right shape. So do what an engineer does with a new machine. Pull a wire, and see whether exactly the
# function that depends on it fails.
#
# Shuffle the patches of an image, once with the positions in place, and once with all of them set to
# zero. (First, all parameters get a random push, since some parts may start at zero, and nobody
# notices when you pull a wire that carries nothing.)

# %%
predict(
    "06-wire",
    "Do the scores change when the patches are shuffled?",
    ["with positions and without", "only with positions", "only without positions", "never"],
)

# %%
def shuffled(images: torch.Tensor, patch_size: int) -> torch.Tensor:
    """The same patches in another order: rows and columns of patches reversed."""
    tiles = images.unflatten(3, (-1, patch_size)).unflatten(2, (-1, patch_size))
    return tiles.flip(2, 4).flatten(4, 5).flatten(2, 3)


def change(model: nn.Module) -> float:
    """By how much the scores change when the patches are shuffled."""
    with torch.inference_mode():
        return (model(shuffled(images, 8)) - model(images)).abs().max().item()


with torch.no_grad():
    for parameter in model.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape))
before = change(model)
with torch.no_grad():
    for table in model.positions.parameters():
        table.zero_()
after = change(model)
print("with positions, the order matters:", before > 1e-3)
print("without positions, it does not:   ", after < 1e-5)

# %%
outcome("06-wire", "only with positions" if after < 1e-5 else "with positions and without")

# %% [markdown]
# Without positions, the model cannot tell a picture from its own shards. With them it can, even before
# it has learned anything. The wire leads where it should.

# %% [markdown]
# ## First proof: the number
#
# A model can be counted. For ViT-B/16 the count is 86,567,656, both in timm and in torchvision. A
# model that misses it by a single number has a different architecture.
#
# PyTorch can do the counting: `sum(p.numel() for p in model.parameters())`. But then you learn only
# the sum. Do it by hand, and you learn where the parameters *are*, and what makes a model large.
#
# All you need to know is how many numbers each kind of layer learns. A linear layer from a to b
# numbers has a * b weights and b biases. A layer norm has a factor and an offset for each of its D
# numbers. And there are a vector and a table that stand alone; you made them in chapters 2 and 3.
#
# ### Exercise 6.3

# %% exercise="6.3"
def count_parameters(
    image_size: tuple[int, int],
    patch_size: int,
    in_channels: int,
    num_classes: int,
    embed_dim: int,
    depth: int,
    mlp_dim: int,
) -> int:
    """How many numbers a Vision Transformer of this size learns.

    - every linear layer has a bias: patch embedding, q, k, v, attention's output, MLP, head
    - two norms in each block, and one at the end
    - `image_size`: (height, width) in pixels
    - returns: an int; for ViT-B/16 and 1000 classes it is 86,567,656

    The number of heads is not an argument. Can you say why?
    """
    ### BEGIN SOLUTION
    D = embed_dim
    num_patches = (image_size[0] // patch_size) * (image_size[1] // patch_size)
    patch_embed = in_channels * patch_size**2 * D + D
    class_token, positions = D, (num_patches + 1) * D
    norm = D + D
    attention = 4 * (D * D + D)
    mlp = (D * mlp_dim + mlp_dim) + (mlp_dim * D + D)
    block = norm + attention + norm + mlp
    head = D * num_classes + num_classes
    return patch_embed + class_token + positions + depth * block + norm + head
    ### END SOLUTION


# %% check="6.3"
check("6.3")  # stuck? check("6.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Attention is four linear layers from D to D: queries, keys, values, and the output
# projection. The heads do not appear, because they only share out the D channels: twelve heads of 64
# or one head of 768 have the same weights, cut in different places.
#
# In one line: `(C*P*P + 1) * D + (N + 2) * D + depth * (4*D*D + 2*D*M + 9*D + M) + 2*D + (D + 1) * K`.
# That is shorter and hides what is what. Counting a model on the meta device, as below, is the least
# work of all, but it needs a model, and it does not tell you where the number comes from.
#
# What people forget most often is small: the class token, its position, and the patches' bias are D
# numbers each, 768 of 86 million. A sum that is short by 768 may lack any of the three.

# %% [markdown]
# Now compare the formula with your own model. Building ViT-B/16 just to count it would take 350 MB of
# memory. On PyTorch's *meta* device, tensors have a shape and no contents, so it costs nothing.

# %%
base = {"image_size": (224, 224), "patch_size": 16, "in_channels": 3, "num_classes": 1000}
base |= {"embed_dim": 768, "depth": 12, "mlp_dim": 3072}
with torch.device("meta"):
    big = VisionTransformer(**base, num_heads=12)
counted = sum(p.numel() for p in big.parameters())
print(f"by formula: {count_parameters(**base):,}")
print(f"your model: {counted:,}")

# %% [markdown]
# That is the first proof. And since you know the pieces, you can take the sum apart again. Where are
# the 86 million?

# %% slide="Two thirds of ViT-B/16 are in its MLPs"
D, M = base["embed_dim"], base["mlp_dim"]
shares = {
    "MLPs": 12 * ((D * M + M) + (M * D + D)),
    "attention": 12 * 4 * (D * D + D),
    "head": D * 1000 + 1000,
    "patch embedding": 3 * 16 * 16 * D + D,
    "positions and class token": 197 * D + D,
    "norms": (12 * 2 + 1) * 2 * D,
}
print("nothing left over:", sum(shares.values()) == counted)
show(
    view.draw_parameter_shares(shares, "ViT-B/16: where the parameters are"),
    alt="Bars for ViT-B/16. The MLPs hold about two thirds of all parameters, attention about one "
    "third. Head, patch embedding, positions and norms are too small to see.",
)

# %% [markdown]
# Two thirds are in the MLPs, one third is in attention, and everything that makes this a *vision*
# transformer, patches and positions, is less than one per cent. What you built in chapters 1 to 3 is
# a thin adapter in front of a machine that was made for text.
#
# So which size costs what?

# %%
predict(
    "06-sizes",
    "How many times as many parameters has ViT-B/16 with each of these changes?",
    rows=["images of 448 pixels", "patches of 32 pixels", "twice the depth", "twice D and mlp_dim"],
    unit="times as many",
)

# %%
changes = {
    "images of 448 pixels": {"image_size": (448, 448)},
    "patches of 32 pixels": {"patch_size": 32},
    "twice the depth": {"depth": 24},
    "twice D and mlp_dim": {"embed_dim": 1536, "mlp_dim": 6144},
}
outcome(
    "06-sizes",
    {name: count_parameters(**(base | change)) / counted for name, change in changes.items()},
)

# %% [markdown]
# Larger images cost next to nothing in parameters. In chapter 1 you saw what they do cost: four times
# as many tokens, and sixteen times as many comparisons. Parameters say how much a model can
# remember; they say little about how long it will compute.
#
# Depth counts once, width twice over: a matrix from D to D has D * D entries.

# %% [markdown]
# ## Second proof: somebody else's weights
#
# A count says nothing about the order of things. A model with the norms in the wrong place has
# 86,567,656 parameters, too. Here is a much sharper test: take a model that other people have written,
# put *its* weights into *your* model, and ask both the same question.
#
# torchvision has a Vision Transformer. Make a small one. Its head starts at zero, as in the paper's
# code, so it answers zero to everything, and any model with such a head would agree. Give all its
# parameters random values first.

# %%
torch.manual_seed(0)
theirs = TorchvisionViT(
    image_size=32, patch_size=8, num_layers=3, num_heads=3, hidden_dim=48, mlp_dim=96, num_classes=10
).eval()
with torch.no_grad():
    for parameter in theirs.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape))

mine = VisionTransformer(**(sizes | {"image_size": (32, 32)})).eval()
print("parameters:", sum(p.numel() for p in theirs.parameters()), "theirs,", end=" ")
print(sum(p.numel() for p in mine.parameters()), "yours")

# %% [markdown]
# A model's numbers live in its *state dict*: names and tensors. You and the authors of torchvision
# built the same machine and gave its parts different names. Put the two lists one below the other. One
# block is enough; the others look the same.

# %%
def list_names(state_dict: dict[str, torch.Tensor]) -> None:
    """Print shapes and names; of the blocks only those of block 0."""
    for name in state_dict:
        number = re.search(r"\d+", name)
        if number is None or number[0] == "0":
            print(f"  {tuple(state_dict[name].shape)!s:<15} {name}")


print("theirs:")
list_names(theirs.state_dict())
print("\nyours:")
list_names(mine.state_dict())

# %% [markdown]
# Match the two lists with each other, as in a crossword puzzle. The shapes help. `self_attention` must
# be attention; `in_proj_weight` has 3 D rows, so it holds q, k and v, in this order from top to
# bottom. `mlp.0` and `mlp.3` are the two linear layers of the MLP (the GELU and a dropout are 1 and
# 2).
#
# Some things to know:
#
# - A convolution from patches to tokens has a kernel (D, C, P, P). If your patches go through a Linear
#   layer, its weight is (D, C * P * P): the same numbers, as you proved in exercise 1.5. (If the order
#   inside your patches is not channel, row, column, they have to be reordered as well.)
# - The published files are older than today's code. They say `mlp.linear_1` for `mlp.0`, and
#   `mlp.linear_2` for `mlp.3`.
# - `model.state_dict()` tells you which names and shapes are wanted. Keep it at hand.
# - Your layers may have any names, and q, k and v may be three separate layers: your function maps
#   torchvision's tensors onto them, and the check loads its result into *your* model. If you leave
#   this exercise unsolved, the course's version has to do it, and that one knows only the course's
#   names, or other names in the same order.
#
# ### Exercise 6.4

# %% exercise="6.4"
def rename_torchvision(
    state_dict: dict[str, torch.Tensor], model: nn.Module
) -> dict[str, torch.Tensor]:
    """torchvision's tensors under the names of your model, so that load_state_dict accepts them.

    - `state_dict`: of a torchvision Vision Transformer, of any depth, with today's names or
      the older `mlp.linear_1`, `mlp.linear_2`
    - `model`: a VisionTransformer of the same size, the one of this notebook
    - returns: a new dict with the names and shapes of `model.state_dict()`, all of them and no more
    - state_dict and model do not change

    After `model.load_state_dict(rename_torchvision(theirs.state_dict(), model))` both models give
    the same logits.
    """
    ### BEGIN SOLUTION
    pairs = [
        ("class_token", "class_token.cls_token"),
        ("conv_proj.", "patch_embed.proj."),
        ("encoder.pos_embedding", "positions.pos_embed"),
        ("encoder.layers.encoder_layer_", "encoder.blocks."),
        (".ln_1.", ".norm1."),
        (".self_attention.in_proj_", ".attn.qkv."),
        (".self_attention.out_proj.", ".attn.proj."),
        (".ln_2.", ".norm2."),
        (".mlp.linear_1.", ".mlp.fc1."),
        (".mlp.linear_2.", ".mlp.fc2."),
        (".mlp.0.", ".mlp.fc1."),
        (".mlp.3.", ".mlp.fc2."),
        ("encoder.ln.", "encoder.norm."),
        ("heads.head.", "head.linear."),
    ]
    own, renamed = model.state_dict(), {}
    for name, tensor in state_dict.items():
        for theirs, ours in pairs:
            name = name.replace(theirs, ours)
        renamed[name] = tensor.reshape(own[name].shape)
    return renamed
    ### END SOLUTION


# %% check="6.4"
check("6.4")  # stuck? check("6.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** A list of pairs and two loops. The order of the pairs matters where one name contains
# another; the dots keep `.ln_1.` and `encoder.ln.` apart. `reshape` to the model's own shape does
# nothing for most tensors and turns a kernel into the weight of a Linear layer where that is needed.
#
# Regular expressions work as well. So does the opposite direction: for each name in `model`, work out
# what torchvision calls it; then nothing can be left out. With separate layers for q, k and v you cut
# `in_proj_weight` with `chunk(3)`. What does *not* work is to rely on the order of the tensors,
# `zip(own, state_dict.values())`: it works until two layers of one shape change places.
#
# `load_state_dict` is strict: it complains about each name that is missing or left over. Be glad of
# that, and never silence it with `strict=False`: then a tensor that finds no place leaves a layer with
# random numbers, and there is no error.

# %%
mine.load_state_dict(rename_torchvision(theirs.state_dict(), mine))
images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
with torch.inference_mode():
    apart = (mine(images) - theirs(images)).abs().max().item()
print("the same logits, up to 0.00001:", apart < 1e-5)

# %% [markdown]
# That is the second proof. You and the authors of torchvision never met. Both wrote a program from the
# same paper, and the two agree to the fifth decimal.
#
# ### What shapes do not tell you
#
# One warning before you load weights from other places. Some choices leave no trace in any shape. Load
# the same weights into a model with another number of heads: every name fits, every shape fits, and
# `load_state_dict` does not complain.

# %% slide="What shapes do not tell you: the number of heads" slide_code=true
other = VisionTransformer(**(sizes | {"image_size": (32, 32), "num_heads": 4})).eval()
print(other.load_state_dict(rename_torchvision(theirs.state_dict(), other)))
with torch.inference_mode():
    apart = (other(images) - theirs(images)).abs().max().item()
print("the same logits:", apart < 1e-5)

# %% [markdown]
# The heads are not in the weights; neither are the kind of GELU, the eps of the norms, or how the
# images were scaled. You find them in a config file or in a paper. So after loading weights, always
# compare logits with those of the original, at least once.
#
# With an internet connection, you could now load the published ViT-B/16:
#
# ```python
# from torchvision.models import ViT_B_16_Weights
# published = ViT_B_16_Weights.DEFAULT.get_state_dict()  # 346 MB
# model = VisionTransformer(**base, num_heads=12)
# model.load_state_dict(rename_torchvision(published, model))
# ```
#
# This course needs no internet, so you will do the same with a model that comes with it.

# %% [markdown]
# ## The head that the paper trains with
#
# Some weight files will not fit into your model. They hold two tensors more, called `pre_logits` or
# `heads.pre_logits`, and the reason is a detail that most pictures of a Vision Transformer leave out:
# the paper has two heads (Dosovitskiy et al. 2021, section 3.1).
#
# - For **pre-training**, on 14 or 300 million pictures, the head is an MLP with one hidden layer: linear,
#   tanh, linear.
# - For **fine-tuning**, on your thousand pictures, all of that is thrown away, and one new linear layer
#   takes its place. That is the head of exercise 6.1, and of most files that you will meet.
#
# Why two? Pre-training asks a question that nobody is interested in later on: which of 21 thousand
# classes? The last layers of a network become specialists for the question they are asked. A hidden
# layer gives them a place of their own, which goes with the head when the question changes, so the
# class token has less reason to specialise itself. When you fine-tune, pictures are few, and a layer less is a layer
# less to learn by heart. That is the usual explanation; the paper gives the two forms and no experiment
# that compares them.
#
# torchvision's argument for the width of the hidden layer is `representation_size`. So is yours.
#
# ### Exercise 6.5

# %% exercise="6.5"
class PaperHead(nn.Module):
    """Scores from the class token, by either head of the paper: (B, N + 1, D) -> (B, num_classes).

    - without `representation_size`: one linear layer, as in exercise 6.1
    - with `representation_size=R`: a hidden layer of R numbers with a tanh comes first
    - every linear layer has a bias; there is no other layer, and none that is not used
    - works for any number of tokens and of images, as in exercise 6.1
    """

    def __init__(self, embed_dim: int, num_classes: int, representation_size: int | None = None):
        super().__init__()
        ### BEGIN SOLUTION
        self.pre_logits = nn.Sequential()
        if representation_size is not None:
            self.pre_logits.append(nn.Linear(embed_dim, representation_size))
            self.pre_logits.append(nn.Tanh())
        self.head = nn.Linear(representation_size or embed_dim, num_classes)
        ### END SOLUTION

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.head(self.pre_logits(tokens[:, 0]))
        ### END SOLUTION


# %% check="6.5"
check("6.5")  # stuck? check("6.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** An empty `nn.Sequential` hands on what it gets, and has no parameters, so the state dict
# of the linear form is that of exercise 6.1. Two branches, each with its own `nn.Sequential`, do as
# well.
#
# The tanh is not in the paper's text, which says only "MLP with one hidden layer"; it is in the authors'
# code, and weights that were trained with it need it. A GELU in its place fits every shape, too. It is
# one more choice that no shape tells you.

# %% [markdown]
# How much does the hidden layer weigh? For ViT-B/16 the authors made it as wide as D, 768.

# %%
from vitcourse.model import VisionTransformer as CourseViT

with torch.device("meta"):
    plain = CourseViT()
    hidden = CourseViT(representation_size=768)
numbers = [sum(p.numel() for p in model.parameters()) for model in (plain, hidden)]
print(f"without: {numbers[0]:,}   with: {numbers[1]:,}   more: {numbers[1] - numbers[0]:,}")
print("new names:", *(name for name in hidden.state_dict() if name not in plain.state_dict()))

# %% [markdown]
# D * D + D numbers, not one per cent. The course's own model has the same argument as torchvision's, and
# `from_torchvision` and `from_timm` read weights with and without such a layer (chapter 9).

# %% [markdown]
# ## Third proof: it sees
#
# The course comes with a small Vision Transformer, trained on *scenes*. A scene asks a question. There
# are a few shapes around a dot in the middle. One of them has the colour of the dot. Which shape is
# it, and where is it? No patch can answer that alone. The dot is here, the shape is there, so tokens
# must talk to each other.
#
# The trained model was built with the course's classes. Make an empty one of the same size with
# *your* class. `to_torchvision` writes the trained weights under torchvision's names, which your
# function from 6.4 can read.

# %%
from vitcourse.model.weights import to_torchvision

trained = bundled()
config = dict(trained.config)
if isinstance(config["image_size"], int):
    config["image_size"] = (config["image_size"], config["image_size"])
seeing = VisionTransformer(**config).eval()
print("parameters:", f"{sum(p.numel() for p in seeing.parameters()):,}")

# %% [markdown]
# First ask it as it is, with random weights. Then give it the trained ones and ask again. The scenes
# are new: no training has ever seen them.

# %%
from vitcourse.data.scenes import SHAPES, cell_names
from vitcourse.training import to_input

layout = bundled_layout()
places = cell_names(layout.get("grid", 3))
new = scenes(250, seed=6, **layout)


def ask(model: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Which shape it is, and where, for each of the new scenes."""
    with torch.inference_mode():
        logits = torch.cat([model(to_input(images)) for images in new.images.split(50)])
    what, where = logits.split([len(SHAPES), len(places)], dim=1)
    return what.argmax(dim=1), where.argmax(dim=1)


def share_right(what: torch.Tensor, where: torch.Tensor) -> float:
    return ((what == new.what) & (where == new.where)).float().mean().item()


# %%
print(f"with random weights, both right: {share_right(*ask(seeing)):.0%} of the scenes")
seeing.load_state_dict(rename_torchvision(to_torchvision(trained), seeing))
what, where = ask(seeing)
print("with trained weights, more than 99 %:", share_right(what, where) > 0.99)

# %% slide="With trained weights, your model sees" lecture=true
n = 5
said = [f"{SHAPES[what[i]]},\n{places[where[i]]}" for i in range(n)]
right = [bool(what[i] == new.what[i] and where[i] == new.where[i]) for i in range(n)]
show(
    view.draw_what_it_says(new.images[:n] / 255, said, right),
    alt="Five scenes in a row: coloured shapes around a dot in the middle. Below each stands which "
    "shape has the colour of the dot and in which row and column it is, and whether this is right.",
)

# %% [markdown]
# Check one of them by eye: find the dot, find the shape that has its colour, and count rows and
# columns.
#
# Nobody told the model the rules. Its weights were found by training, which is what chapter 7 is
# about. *How* it answers, and which tokens it listens to, is the subject of chapter 8. What you have
# now is a machine in which all that can happen.

# %% [markdown]
# ## Whose is it?
#
# Here is what the model that has just seen those scenes is made of, class by class.

# %%
print(whose_parts(seeing))

# %% [markdown]
# "yours" is what you wrote, in this notebook or in the chapters before; your `Encoder` brings your
# blocks along, and those bring your attention. Each "the course's" is an exercise that is waiting for
# you. Solve it, come back, choose *Run all*, and watch the list change.
#
# Your `VisionTransformer` is in `my_vit.py` now, below the parts that it is made of. This runs
# anywhere that has PyTorch (and the course, as long as the file borrows parts from it):
#
# ```python
# from my_vit import VisionTransformer
# ```

# %% [markdown] slide="Mistakes, and how to find them"
# ## What could go wrong
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | softmax in `forward` | the loss gets stuck well above zero, training crawls | do the scores add up to 1? |
# | the final norm is missing | trains a little worse; loaded weights give nonsense | count: 2 D are missing |
# | the mean, the last token, or a patch is read | trains anyway; loaded weights fail | change one token, see whether the scores move |
# | positions added before the class token | one position too few, or an error | count; N + 1 rows? |
# | a part is made and never called | nothing complains | which parameters have no gradient? |
# | one block, twelve times; a Python list of blocks | a model of one block, or one that never learns | count the parameters |
# | `dropout` not passed on | nothing, until the model overfits | dropout=1.0 must silence it |
# | biases, class token, final norm not counted | the formula is short by some D | count a real model |
# | q, k and v in another order; a weight transposed | every shape fits, the logits are wrong | compare logits |
# | `strict=False` | a layer keeps its random numbers | never use it blindly |
# | another number of heads | every shape fits, the logits are wrong | compare logits |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("06")

# %% [markdown] slide="Summary"
# ## Summary
#
# - The head is one linear layer on the class token. It gives logits; softmax belongs to the loss. The
#   paper's pre-training puts a hidden layer with a tanh before it.
# - A Vision Transformer is five parts in a row: patches, class token, positions, encoder, head.
# - ViT-B/16 has 86,567,656 parameters, two thirds of them in the MLPs. Image size hardly matters for
#   the count, but it matters a lot for the time.
# - Weights move between programs by renaming. Names and shapes that fit prove little; equal logits
#   prove much.
# - Your answers are in `my_vit.py`.
#
# **Next:** chapter 7 trains your model from nothing.
#
# **Further reading**
#
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: table 1 for the sizes, equations 1
#   to 4 for the whole model, appendix D.3 for the class token and the mean.
# - Vaswani et al., *Attention Is All You Need*, NeurIPS 2017: the machine for text, table 3 for what
#   its sizes do.
# - Touvron et al., *Training data-efficient image transformers and distillation through attention*,
#   ICML 2021: the small sizes "Ti" and "S".
# - Zhai et al., *Scaling Vision Transformers*, CVPR 2022: two billion parameters, and a head that reads
#   all tokens by attention.
# - Beyer, Zhai and Kolesnikov, *Better plain ViT baselines for ImageNet-1k*, 2022: the mean instead of
#   the class token, sin-cos instead of learned positions, one linear layer for the head.
