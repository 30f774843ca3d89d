# %% [markdown] minutes=90
# # 9 Your photograph: weights from the world
#
# You have built a Vision Transformer and trained a small one. A large one takes days on many GPUs and a
# million pictures. Other people have done that and published what came out: 86,567,656 numbers that fit
# into *your* model, one by one.
#
# In this chapter you send one of your photographs through them. Then you use them for what they are best
# at: as a starting point for a task of your own.
#
# Six exercises, about an hour and a half.

# %% tags=["nbval-ignore-output"]
import os
import time
from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import ViT_B_16_Weights
from torchvision.transforms.v2 import functional as TF
from vitcourse import bundled, bundled_layout, check, explain, faster, maps, pretrained, show, versions, view
from vitcourse import reset, solution  # to begin an exercise again; to see its answer
from vitcourse import outcome, predict, progress_bar, quiz
from vitcourse.data import COLOURS, SHAPES, cell_names, cells, image_folder, load_picture, scenes
from vitcourse.model import EncoderBlock, VisionTransformer, resize_positions
from vitcourse.model.weights import to_torchvision
from vitcourse.results import by_amount, stored
from vitcourse.training import Recipe, evaluate, small_vit, to_input, train

versions()

# %% [markdown]
# ## Somebody else's training
#
# In torchvision you would write `vit_b_16(weights=ViT_B_16_Weights.DEFAULT)`. (Older tutorials say
# `pretrained=True`, deprecated since torchvision 0.13 (2022): it does not say *which* weights, and there are
# several.)
#
# Such an entry is more than an address. It knows how the weights were made, how pictures must be
# prepared for them, and what the 1000 classes are called.

# %%
weights = ViT_B_16_Weights.DEFAULT
classes = weights.meta["categories"]
print(f"{weights.meta['num_params']:,} parameters")
print(len(classes), "classes of ImageNet-1k, such as", classes[281])
accuracy = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
print(f"right on ImageNet's validation pictures: {accuracy:.1f} %, by the publishers' count")

# %% [markdown]
# `pretrained("vit_b_16")` is the course's way to the same file. It downloads 346 MB once, continues where
# a broken connection left off, and verifies the hash. It reads nothing but tensors from the file: weights
# are usually stored as Python *pickles*, and a pickle can run any program when it is opened. You get the
# course's VisionTransformer, in evaluation mode.
#
# If there is no network, or it is blocked, the next cell says so, and everything below uses the small
# model that comes with the course. (The stored solutions are such a run.)

# %% tags=["nbval-ignore-output"]
try:
    published = pretrained("vit_b_16")
    print("ViT-B/16 is here, with its published weights.")
except RuntimeError as error:
    published = None
    print(str(error).splitlines()[0], "The course's own small model stands in.")

# %% [markdown]
# ## Your photograph
#
# Now a photograph of yours. It stays on the computer that runs this notebook. If you have none at hand,
# it is Rear Admiral Grace Hopper again.

# %% [markdown] tags=["notebook-only"]
# There are two ways to bring one:
#
# - use the button below (Tab goes there, Enter opens it), or
# - copy it into the folder of this notebook, and write its name instead of `None` two cells below.
#
# After an upload, go to the cell below the button and choose *Run Selected Cell and All Below* in the
# *Run* menu.
#
# The button says how large a file may be. A larger one gets lost on its way, and the button waits for it
# for ever: run its cell again.

# %% tags=["nbval-ignore-output", "this-machine"]
upload = view.PhotoUpload(load_picture)
upload.show()

# %% tags=["nbval-ignore-output"]
path = None  # or "my_photograph.jpg"

name, picture = upload.photo(path)
print(f"{name}: (channels, height, width) = {tuple(picture.shape)}, {picture.dtype}")

# %% [markdown]
# ## How a picture must be prepared
#
# A model knows pictures only in the form in which it was trained on them: of one size, with one range of
# numbers. Nothing complains if yours are different. The answers just get worse, and you look for the
# reason everywhere else.
#
# These weights were trained on crops, and tested on the middle of each picture. The shorter side becomes
# 256 pixels. Of the result, the middle 224 x 224 are cut out: what matters is rarely at the edge. Then
# each channel is shifted and scaled, so that over all of ImageNet it has a mean of about 0 and a standard
# deviation of about 1.

# %%
prepare = weights.transforms()
published_rule = {
    "resize": prepare.resize_size[0],
    "crop": prepare.crop_size[0],
    "mean": tuple(prepare.mean),
    "std": tuple(prepare.std),
}
print(published_rule)

# %% [markdown]
# ### Exercise 9.1
#
# `weights.transforms()` does it in one call. Write it yourself once, since each of its steps is one that
# people get wrong. `TF` is `torchvision.transforms.v2.functional`; `TF.resize` and `TF.center_crop` are
# allowed.

# %% exercise="9.1"
def preprocess(
    picture: torch.Tensor,
    resize: int,
    crop: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> torch.Tensor:
    """A photograph as the weights expect it: uint8 (3, H, W) -> float32 (3, crop, crop).

    - the shorter side becomes `resize` pixels, the other keeps the proportion (rounded down to
      a whole number of pixels); bilinear, with antialiasing
    - then the middle `crop` x `crop` pixels
    - then from 0..255 to 0..1, and each channel minus its mean, divided by its std

    The same as torchvision's `weights.transforms()`, up to one step of 0..255 from rounding;
    torchvision.transforms.v2.functional may be used. `picture` is not changed.
    """
    ### BEGIN SOLUTION
    small = TF.resize(picture, [resize], antialias=True)
    middle = TF.center_crop(small, [crop, crop])
    return TF.normalize(middle / 255, list(mean), list(std))
    ### END SOLUTION


# %% check="9.1"
check("9.1")  # stuck? check("9.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The list with one number, `[resize]`, means "the shorter side"; with two numbers the
# picture would be squeezed. Mean and std belong to values from 0 to 1, so the division by 255 comes
# first. By hand, the last line is `(middle / 255 - mean[:, None, None]) / std[:, None, None]` with both
# as tensors.

# %%
seen = preprocess(picture, **published_rule)
apart = (seen - prepare(picture)).abs().max().item()
print("the same as torchvision's:", apart < 0.02, " shape:", tuple(seen.shape))

# %% slide="What is outside the frame does not exist for the model"
plain = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}  # leaves the colours as they are
size = {name: published_rule[name] for name in ("resize", "crop")}
figure = view.draw_preprocessing(picture / 255, preprocess(picture, **size, **plain), **size)
show(
    figure,
    alt="Left the whole photograph with a square frame around its middle. Right what is inside the "
    "frame, which is all that the model gets to see.",
)

# %% [markdown]
# Look at the frame. What is outside does not exist for the model.

# %% [markdown]
# ## Five answers
#
# From here on `model` is the one that you have: ViT-B/16, or the course's small one. Each comes with its
# own names and its own rule for pictures.

# %%
course_rule = {"resize": 96, "crop": 96, "mean": (0.5, 0.5, 0.5), "std": (0.1, 0.1, 0.1)}
if published is not None:
    model, names, rule = published, classes, published_rule
else:
    model, names, rule = bundled(), SHAPES, course_rule

# %% [markdown]
# The model gives one score for each class. (The course's model has more: after the eight scores for
# *what* come those for *where*.) People want names and probabilities, and the best few of them: ImageNet
# has 1000 classes, some of which hardly differ, so the second answer is often as good as the first.
#
# ### Exercise 9.2

# %% exercise="9.2"
def top_k(logits: torch.Tensor, names: Sequence[str], k: int = 5) -> list[tuple[str, float]]:
    """The k most probable classes of one image, best first.

    logits (classes,) -> [(name, probability), ...] of strings and floats; k is at most the number
    of classes, and two classes may have the same name or the same score; logits stay as they are
    """
    ### BEGIN SOLUTION
    shares, numbers = logits.softmax(dim=0).topk(k)
    return [(names[number], share) for share, number in zip(shares.tolist(), numbers.tolist())]
    ### END SOLUTION


# %% check="9.2"
check("9.2")  # stuck? check("9.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Softmax over *all* classes first, then the best k. The other way round, five probabilities
# would always add up to 1, and a model without any idea would look certain. `topk` sorts; `tolist` turns
# tensors into plain numbers.

# %% [markdown]
# Ask about two pictures: your photograph, and one of the course's scenes. (What is the shape in
# the colour of the dot?)

# %% tags=["nbval-ignore-output"] slide="Of what it knows, this fits best" lecture=true
scene = scenes(1, seed=4, **bundled_layout())
pictures = [picture, scene.images[0]]
inputs = torch.stack([preprocess(p, **rule) for p in pictures])
with torch.inference_mode():
    logits = model(inputs)[:, : len(names)]
answers = [top_k(row, names) for row in logits]
told = [", ".join(f"{name} {share:.0%}" for name, share in best) for best in answers]
show(
    view.draw_best([p / 255 for p in pictures], answers),
    alt=f"The photograph and a scene, each with bars for the five most probable classes. "
    f"The photograph: {told[0]}. The scene: {told[1]}.",
)

# %% [markdown]
# One of the two pictures is of a kind that the model was trained on. What does it say about the other?
#
# It names one of its classes. It has no other words, and the probabilities must add up to 1. The small
# model knows eight shapes and sees them in a portrait, too. ViT-B/16 knows 1000 things and finds some of
# them in a scene of coloured shapes. A high probability does not mean "I am sure that this is one".
# It means: "of what I know, this fits best".
#
# The same happens to you with a photograph of something that is not among the 1000 classes. "Person" is
# not among them; for a portrait you often get what somebody wears or holds.

# %% [markdown]
# ## The same weights in your own model
#
# Chapter 6 ended with a promise: published weights fit into the model that you wrote. If you solved
# exercises 6.2 and 6.4 in this folder, then `my_vit.py` holds your model and your translation of
# torchvision's names. If not, the course's versions take their place.

# %% tags=["nbval-ignore-output"]
try:
    from my_vit import VisionTransformer as OwnTransformer, rename_torchvision

    print("Both from my_vit.py: yours.")
except Exception as error:  # the file is missing, or one of the two in it, or it does not run
    from vitcourse.exercises.course_answers import rename_torchvision

    OwnTransformer = VisionTransformer
    print(f"The course's, since my_vit.py does not have both ({type(error).__name__}).")

# %%
config = dict(model.config)
if isinstance(config["image_size"], int):
    config["image_size"] = (config["image_size"], config["image_size"])
own = OwnTransformer(**config).eval()
own.load_state_dict(rename_torchvision(to_torchvision(model), own))
with torch.inference_mode():
    own_logits = own(inputs)[:, : len(names)]
print("the same scores, up to 0.001:", (own_logits - logits).abs().max().item() < 1e-3)
print("the same best answers:", torch.equal(own_logits.argmax(dim=1), logits.argmax(dim=1)))
del own  # it holds as much memory as the model

# %% [markdown]
# That is the whole secret of "downloading a model". The program is yours, some forty lines of it. The
# file holds only numbers, and they have found their places by name and shape.

# %% [markdown]
# ## Where does it look?
#
# Chapter 8 made maps of what listens to what. Here is the explorer for the model that you have. Choose
# layers and heads, move over the picture, and switch from raw attention to relevance. Everything can be
# reached with Tab and the arrow keys.
#
# (ViT-B/16 takes some seconds to prepare. The course's model is asked about the scene, since scenes are
# all that it knows.)

# %% tags=["nbval-ignore-output"]
where = cell_names(bundled_layout()["grid"])
labels = names if published is not None else {"what": SHAPES, "where": where}
chosen = 0 if published is not None else 1
size = {name: rule[name] for name in ("resize", "crop")}
shown = (preprocess(pictures[chosen], **size, **plain) * 255).round().to(torch.uint8)
explain(model, inputs[chosen], picture=shown, labels=labels)

# %% [markdown]
# ## A picture made of features
#
# A class is one word for the whole picture. What has the model made of its *parts*? Each patch leaves the
# last layer as a vector of D numbers, and patches that are alike to the model have vectors that are alike.
#
# D numbers cannot be drawn, but three can. Find the three directions in which the vectors differ most,
# their *principal components*, and call them red, green and blue. In such a picture, patches of the same
# colour are alike to the model, as far as three directions tell. Oquab et al. (2023) made such pictures
# known with DINOv2, a Vision Transformer that
# was trained on photographs without a single label.
#
# The next cell downloads its smallest version (88 MB). If that is not possible, your model from above
# stands in.

# %% tags=["nbval-ignore-output"]
try:
    seer, seer_rule = pretrained("dinov2_vits14_reg"), published_rule | {"resize": 448, "crop": 448}
    print("DINOv2 is here: patches of 14 pixels, four registers, no head.")
except RuntimeError as error:
    seer, seer_rule = model, rule
    print(str(error).splitlines()[0], "The model from above stands in.")

both = torch.stack([preprocess(p, **seer_rule) for p in pictures])
states = torch.cat([maps.hidden_states(seer, one[None])[:, -1] for one in both])
grid, num_prefix_tokens = maps.token_layout(seer, both)
print("tokens of both pictures:", tuple(states.shape), " patches:", grid)

# %% tags=["nbval-ignore-output"]
parts = maps.patch_components(states, grid, num_prefix_tokens)
held = ", ".join(f"{share:.0%}" for share in parts.shares.tolist())
print("of the differences between patches, the three directions hold", held)
size = {name: seer_rule[name] for name in ("resize", "crop")}
drawn = (torch.stack([preprocess(p, **size, **plain) for p in pictures]) * 255).round().to(torch.uint8)
show(
    view.draw_components(drawn, maps.component_colours(parts.values), parts.values[..., 0]),
    alt=view.tell_components(parts.shares, len(drawn)),
)

# %% [markdown]
# Both pictures share one set of directions, so a colour means the same in both. (Not everybody can tell
# these colours apart: the last row shows the first component alone.)
#
# With DINOv2, expect parts that have names: face, clothes, background, each in its own colour, although
# nobody ever told it those words. The course's model knows shapes on a plain ground and was asked *what*
# and *where*. On a portrait its colours may follow large areas, and on its own scene they need not follow
# the shapes: its patches carry what the class token needs, not what a picture consists of.
#
# There are limits. A sign, and the order of two directions that matter about equally, are chance. Three
# directions hold only a part of the differences. And that an area has one colour does not say what the
# model uses it for. To know that, you have to intervene, as in chapter 8.

# %% [markdown]
# ## Another image size
#
# The frame above cut away a part of your photograph. Is that necessary? Attention takes any number of
# tokens, and so does everything else in the encoder. Only one tensor knows the size of the picture: the
# table of positions has a row for each patch, 14 x 14 of them for 224 pixels.
#
# In chapter 3 you stretched such a table. That way, a model can be remade for any size that its patches
# divide. It need not be a square.
#
# ### Exercise 9.3
#
# The model is the course's: `model.config` holds the arguments that it was made with,
# `model.patch_embed.grid_size` its rows and columns of patches, and the table is called
# `positions.pos_embed` in its state dict.

# %% exercise="9.3"
def at_size(model: VisionTransformer, image_size: tuple[int, int]) -> VisionTransformer:
    """A ViT with the same weights for images of another size (H, W), which need not be square.

    - a new model that shares nothing with `model`, which stays as it was; the new one is in
      evaluation mode, can be trained, and its `patch_embed` knows its new size
    - positions are resized to the new grid (resize_positions), the class token's stays;
      everything else is copied
    """
    ### BEGIN SOLUTION
    resized = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, resized.patch_embed.grid_size
    )
    resized.load_state_dict(state)
    return resized.eval()
    ### END SOLUTION


# %% check="9.3"
check("9.3")  # stuck? check("9.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `state_dict()` gives a new dict each time, so one entry can be replaced without harm to
# the model. `load_state_dict` copies every number. `copy.deepcopy(model)` with a new table in it works as
# well, if you also update what the model keeps about its size.

# %% [markdown]
# Now give it the whole picture instead of its middle: the longer side at its full length, to the nearest
# whole number of patches. Then once more, half as large again.

# %% tags=["nbval-ignore-output"]
subject, patch = pictures[chosen], model.config["patch_size"]
short = rule["crop"]


def in_patches(height: float, width: float) -> tuple[int, int]:
    return round(height / patch) * patch, round(width / patch) * patch


scale = short / min(subject.shape[1:])
whole = in_patches(subject.shape[1] * scale, subject.shape[2] * scale)
if whole == (short, short):  # a square: show a wide one, at least
    whole = in_patches(short, 1.25 * short)
larger = in_patches(1.5 * whole[0], 1.5 * whole[1])
sizes = {"as trained": (short, short), "not square": whole, "larger": larger}
print(sizes)

# %% tags=["nbval-ignore-output"] slide="Any size fits; that does not make it right"
at_sizes, best = {}, {}
for title, (height, width) in sizes.items():
    small = TF.resize(subject, [height, width], antialias=True)
    image = TF.normalize(small / 255, list(rule["mean"]), list(rule["std"]))
    with torch.inference_mode():
        scores = at_size(model, (height, width))(image[None])[0, : len(names)]
    at_sizes[title], best[title] = small / 255, top_k(scores, names, k=1)
told = "; ".join(f"{title}: {said} {share:.0%}" for title, [(said, share)] in best.items())
show(
    view.draw_sizes(at_sizes, patch, best),
    alt="The same picture at three sizes with the grid of its patches, and the best answer "
    f"below: {told}.",
)

# %% [markdown]
# Every size gives an answer. But is it a good one? The table of positions fits, and yet something has
# changed that no table can fix: each patch now shows less of a thing, or more.
#
# On scenes you can count the right answers. Here is the course's model at four sizes, whichever model you
# have loaded.

# %% tags=["nbval-ignore-output"]
small_model, many = bundled(), scenes(100, seed=90, **bundled_layout())
for height, width in ((96, 96), (96, 112), (112, 112), (144, 144)):
    resized = TF.resize(many.images, [height, width], antialias=True)
    images = torch.stack([TF.normalize(r / 255, [0.5] * 3, [0.1] * 3) for r in resized])
    fitted = at_size(small_model, (height, width))
    with torch.inference_mode():
        said = torch.cat([fitted(part)[:, : len(SHAPES)].argmax(dim=1) for part in images.split(20)])
    print(f"{height:3} x {width:3}: {(said == many.what).float().mean():.0%} right")

# %% [markdown]
# It falls apart. All its life this model saw shapes of one size, cut by the grid in the same places. It
# learned exactly that.
#
# Large published models are sturdier, since they were trained on random cut-outs, with things in all
# sizes. Even so, the best size at test time is not the training size (Touvron et al., 2019), and if you
# want to keep another size, you train a little more at that size. The authors of the Vision Transformer
# did so, too (Dosovitskiy et al., 2021, section 3.2).

# %% [markdown]
# ## A frozen model as a tool
#
# Your own task is hardly one that ImageNet's classes cover. You have 50 pictures of your own, not a
# million. What then?
#
# Leave the model as it is, *frozen*, and throw away its head. The D numbers for each picture that the
# head used to read are called *features*: a description of the picture that was good for the old task.
# Then see whether one linear layer can read the answer to *your* question from them. That is called a
# *linear probe*.

# %% [markdown]
# ### Exercise 9.4
#
# `model.forward_features(images)` gives all tokens after the last norm, the class token first.

# %% exercise="9.4"
def frozen_features(
    model: VisionTransformer, images: torch.Tensor, batch_size: int = 32
) -> torch.Tensor:
    """What the head gets to read: (B, C, H, W) -> (B, D), the class token after the last norm.

    - in evaluation mode, without gradients, batch_size images at a time, all of them, in order
    - afterwards the model and the images are as they were: the model in the mode it was in
      before, its head and hooks unchanged, all of it trainable
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        batches = [model.forward_features(batch)[:, 0] for batch in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(batches)
    ### END SOLUTION


# %% check="9.4"
check("9.4")  # stuck? check("9.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `split` keeps the short last batch. Evaluation mode and no gradients are two different
# things: the first switches dropout off, the second saves the memory that `backward` would need.

# %% [markdown]
# ### Pictures and questions
#
# Do you have pictures of your own, in one folder for each class? Give the name of the folder around them
# below. About 20 pictures per class are a good start.
#
# Otherwise you use scenes, and ask two questions that the course's model was never trained on: in which
# *row* is the right shape, and what *colour* is the dot?

# %% tags=["nbval-ignore-output"]
folder = None  # or "my_pictures", with one folder in it for each class

if folder is not None:
    own_pictures, labels, own_classes = image_folder(folder, size=rule["crop"])
    questions, chance = {"your classes": labels}, 1 / len(own_classes)
else:
    few = published is not None or os.environ.get("VITCOURSE_QUICK") == "1"
    data = scenes(80 if few else 500, seed=91, **bundled_layout())
    rows = torch.tensor([row for row, column in cells(bundled_layout()["grid"])])
    own_pictures, chance = data.images, 1 / len(COLOURS)
    questions = {"row": rows[data.where], "colour": data.colour}

mixed = torch.randperm(len(own_pictures), generator=torch.Generator().manual_seed(0))
learn, test = mixed[: len(mixed) * 3 // 5], mixed[len(mixed) * 3 // 5 :]
print(len(learn), "pictures to learn from,", len(test), "to test on")

# %% [markdown]
# One linear layer needs no training loop. Ask for +1 for the right class and -1 for all others, and there
# is a formula for the best weights: least squares, with a small penalty on large weights. The authors of
# the Vision Transformer measured it this way, too (Dosovitskiy et al., 2021, section 4.1).
#
# With the features of the training pictures as rows of X, a column of ones appended for the bias, and
# their targets as rows of T, the weights W solve
#
# $$(X^\top X + \lambda I)\, W = X^\top T,$$
#
# where $\lambda$ is the penalty, on the bias as well. It treats all features alike, so they should be on
# the same scale: each is *standardised*, shifted and scaled to mean 0 and standard deviation 1. There is a
# trap in this. Mean and standard deviation are numbers that you take from data, just like weights, so they
# must come from the training pictures alone. Otherwise the probe knows something about the pictures that
# it is tested on.

# %% [markdown]
# ### Exercise 9.5

# %% exercise="9.5"
def linear_probe(
    features: torch.Tensor,
    labels: torch.Tensor,
    learn: torch.Tensor,
    test: torch.Tensor,
    penalty: float = 10.0,
) -> torch.Tensor:
    """Fit a linear layer on the pictures `learn`; its scores for `test`: (len(test), classes).

    - features (n, D), labels (n,) from 0; learn and test are indices of pictures; there are
      labels.max() + 1 classes, also if some do not occur in `learn`
    - each feature minus its mean, divided by its std + 1e-6; both (`Tensor.mean`, `Tensor.std`) are
      those of `learn`; then a column of ones is appended, for the bias
    - targets are +1 for the right class, -1 for all others; the weights, the bias among them, are the
      solution of the formula above
    - float32 in, float32 out; nothing that is passed in changes
    """
    ### BEGIN SOLUTION
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6
    x = F.pad((features - mean) / std, (0, 1), value=1.0)
    target = 2 * F.one_hot(labels).float() - 1
    seen = x[learn]
    squares = seen.T @ seen + penalty * torch.eye(x.shape[1])
    return x[test] @ torch.linalg.solve(squares, seen.T @ target[learn])
    ### END SOLUTION


# %% check="9.5"
check("9.5")  # stuck? check("9.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `x[learn]` and `x[test]` are cut from the same table, so both are shifted and scaled by the
# same numbers. `one_hot` of *all* labels has a column for each class, even for one that `learn` lacks.
# `solve` is faster and more exact than the inverse.

# %%
def probe(features: torch.Tensor, labels: torch.Tensor, learn=learn, test=test) -> float:
    """The share of right answers of a linear probe on the test pictures."""
    said = linear_probe(features, labels, learn, test).argmax(dim=1)
    return (said == labels[test]).float().mean().item()


# %% [markdown]
# For comparison, the same linear layer also gets the pixels themselves, coarsened to one colour for each
# patch.

# %%
predict(
    "09-probe",
    "Which question about scenes will be answered better from the features than from the pixels?",
    ["only row", "only colour", "both", "neither"],
)

# %% [markdown]
# (The course's model is done in seconds. ViT-B/16 gets fewer pictures, and takes about a minute on one
# core.)

# %% tags=["nbval-ignore-output"] slide="Features hold what the old task needed"
whole_picture = rule | {"resize": rule["crop"]}  # no rim is cut off: all of it matters
ready = torch.stack([preprocess(p, **whole_picture) for p in own_pictures])
features = frozen_features(model, ready, batch_size=8)  # fewer at a time need less memory
pixels = F.avg_pool2d(ready, patch).flatten(1)
del ready  # large, and no longer needed
measured = {
    "features": {q: probe(features, labels) for q, labels in questions.items()},
    "coarse pixels": {q: probe(pixels, labels) for q, labels in questions.items()},
}
told = "; ".join(
    f"{q}: {share:.0%} from features, {measured['coarse pixels'][q]:.0%} from coarse pixels"
    for q, share in measured["features"].items()
)
show(
    view.draw_variants(measured, chance=chance),
    alt=f"Right answers of a linear layer. {told}. Chance is {chance:.0%}.",
)

# %% tags=["nbval-ignore-output"]
if folder is None:
    better = [q for q in questions if measured["features"][q] > measured["coarse pixels"][q]]
    one = f"only {better[0]}" if better else "neither"
    outcome("09-probe", "both" if len(better) == 2 else one)

# %% [markdown]
# With the course's model the two questions have opposite results, and there is a lesson in that.
#
# **Row.** No linear layer can read it from pixels: which shape is meant depends on the dot. The features
# know it, although nobody asked for rows in training. *Where* was asked for, and the row is a part of it.
#
# **Colour.** From pixels it is easier, since the dot is always in the middle. The features have largely
# forgotten it. The model used the colour on the way, to find the shape. In the end it needed only *what*
# and *where*, and its class token had no room for anything else.
#
# So features are not "the picture in brief". They are what the old task needed. The nearer your task is
# to the old one, the better a frozen model will do. ImageNet's 1000 classes need a good deal of what
# there is to see in photographs, which is why its features are useful for so much.

# %% [markdown]
# ## Fine-tuning
#
# If the features lack what you need, the model has to learn it. That is *fine-tuning*: you continue
# training, on your task, from weights that are already good.
#
# Two parts need different treatment. The head is new and knows nothing, so it may take large steps. The
# body knows a lot, and large steps would wreck it before the head has learned to say what is wrong. So
# they get *two learning rates*. An optimiser takes a list of groups for that, each with its own
# parameters and its own `lr`; your loop from exercise 7.4 respects them already.

# %% [markdown]
# ### Exercise 9.6
#
# In the course's model `model.head` is a plain `nn.Linear`: the model itself hands it the class token.

# %% exercise="9.6"
def fine_tuning_groups(
    model: VisionTransformer, num_classes: int, head_lr: float, body_lr: float
) -> list[dict]:
    """Give the model a new head, and every parameter the right learning rate.

    - model.head becomes a new nn.Linear to num_classes, weights and bias 0 (so that it starts by
      saying nothing)
    - returns groups for torch.optim: the new head at head_lr, all other parameters at body_lr,
      each parameter exactly once; the rest of the model stays as it was
    """
    ### BEGIN SOLUTION
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": body, "lr": body_lr},
    ]
    ### END SOLUTION


# %% check="9.6"
check("9.6")  # stuck? check("9.6", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The new head comes first, then the groups: the other way round, the optimiser would train
# the parameters of a head that is no longer there. Zero weights are no problem in a *last* layer: its
# gradient depends on the features, which are not zero. (The body gets no gradient in the very first step,
# through a head of zeros; from the second step on it does.)

# %% [markdown]
# ### Forty steps
#
# Teach the course's model the last of your questions: with scenes, the colour that its features have
# forgotten. You do it in four ways, all from the same start except the last, which begins with random
# weights.
#
# It is the small model here, even if you have loaded ViT-B/16. For each weight, training needs a gradient
# and two numbers for the optimiser, so it takes four times the memory of the weights, and three times the
# computation of a forward pass. The last section tells you what that means on your machine.

# %%
question, labels = list(questions.items())[-1]
num_classes = int(labels.max()) + 1
small_rule = course_rule | {"resize": course_rule["crop"]}
train_images = torch.stack([preprocess(own_pictures[i], **small_rule) for i in learn])
test_images = torch.stack([preprocess(own_pictures[i], **small_rule) for i in test])
print(f"{question}: {num_classes} classes")

# %%
def fine_tune(model: VisionTransformer, head_lr: float, body_lr: float, steps: int = 40) -> float:
    """Train on batches of 16; the share of right answers on the test pictures."""
    optimizer = torch.optim.AdamW(fine_tuning_groups(model, num_classes, head_lr, body_lr))
    drawn = torch.Generator().manual_seed(0)
    model.train()
    for _ in progress_bar(range(steps), "steps of training"):
        batch = torch.randint(len(learn), (16,), generator=drawn)
        optimizer.zero_grad()
        F.cross_entropy(model(train_images[batch]), labels[learn[batch]]).backward()
        optimizer.step()
    tuned = model.eval()
    with torch.inference_mode():
        said = torch.cat([tuned(part).argmax(dim=1) for part in test_images.split(50)])
    return (said == labels[test]).float().mean().item()


# %% tags=["nbval-ignore-output"] slide="The head may hurry, the body must not"
torch.manual_seed(0)
tuned = {
    "head alone": fine_tune(bundled(), head_lr=3e-2, body_lr=0.0),
    "two learning rates": fine_tune(bundled(), head_lr=3e-2, body_lr=1e-3),
    "the head's rate for all": fine_tune(bundled(), head_lr=3e-2, body_lr=3e-2),
    "two, from random weights": fine_tune(VisionTransformer(**bundled().config), 3e-2, 1e-3),
}
told = "; ".join(f"{name} {share:.0%}" for name, share in tuned.items())
show(
    view.draw_variants({name: {question: share} for name, share in tuned.items()}, chance=chance),
    alt=f"Right answers after 40 steps. {told}. Chance is {chance:.0%}.",
)

# %% [markdown]
# Read it from top to bottom (this is for scenes).
#
# - **Head alone**: a linear probe, trained step by step. What the features do not hold, no head can read.
# - **Two learning rates**: almost everything is right, after 640 pictures. The early layers had kept the
#   colour all along; it only had to be passed on.
# - **One large rate for all**: the body forgets faster than the head learns.
# - **From random weights**: the same forty steps do not get nearly as far. What the model had learned for
#   *what* and *where* is a good start for *colour*, too.
#
# Try 1e-3 for both. For such a small head and such an easy question, one small rate works just as well.
# The one thing to avoid is large steps for the body.

# %% [markdown]
# ## What pre-training buys
#
# "A good start" can be measured. Take a new question: in which of four *boxes* does the shape belong that
# the dot asks for? Curved or straight, warm or cold. The features know the shape, but have nearly forgotten
# the colour.
#
# There are three ways: a probe on the frozen features, fine-tuning, and a fresh model of the same size.

# %%
boxed = scenes(500, seed=92, **bundled_layout())
curved = torch.tensor([name in ("circle", "ring", "heart") for name in SHAPES])
warm = torch.tensor([name in ("red", "yellow", "magenta") for name in COLOURS])
box = 2 * curved[boxed.what].long() + warm[boxed.colour].long()

straight = (~curved).float().mean().item()  # 5 of the 8 shapes; half of the colours are warm
guessing = {"box": straight / 2, "curved or straight": straight, "warm or cold": 1 / 2}
for name, share in guessing.items():
    print(f"{name:18}  the commonest answer is right for {share:.1%}")

# %%
predict(
    "09-fresh",
    "How many scenes with answers does the fresh model need, to be as good as the fine-tuned one with 50?",
    ["50", "200", "1,000", "more than 1,000"],
)

# %% [markdown]
# Try it with 200 scenes. The loop is that of chapter 7, and each of the two models gets the learning rate
# that did best on other scenes. (About half a minute on one core.)

# %%
experiment = stored("pretraining")
fine_tuning, from_nothing = (Recipe(**given) for given in experiment["recipes"].values())
if os.environ.get("VITCOURSE_QUICK") == "1":
    fine_tuning, from_nothing = (replace(r, steps=5, warmup_steps=1) for r in (fine_tuning, from_nothing))
shown, unseen = slice(0, 200), slice(200, 500)


def draw_batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.randint(200, (16,))  # train sets the seed in every step
    return boxed.images[drawn], box[drawn]


def learn_boxes(model: VisionTransformer, recipe: Recipe) -> float:
    """Train all weights on 200 scenes; the share of right answers on those unseen."""
    train(model, draw_batch, recipe, questions={"box": 4})
    return evaluate(model, boxed.images[unseen], box[unseen], {"box": 4}, batch_size=50)["box"]


# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
tuned_model = bundled()
fine_tuning_groups(tuned_model, 4, 0, 0)  # for its new head only; one small rate does for all here
frozen = bundled()
seen = torch.cat([frozen_features(frozen, to_input(part)) for part in boxed.images.split(50)])
by_way = {
    "frozen, a linear probe": probe(seen, box, shown, unseen),
    "pre-trained, fine-tuned": learn_boxes(tuned_model, fine_tuning),
    "fresh": learn_boxes(small_vit(96, num_classes=4), from_nothing),
}
for way, share in by_way.items():
    print(f"{way:24} {share:4.0%}")

# %% [markdown]
# The same with 50, 200 and 1,000 scenes, three times each. The numbers are stored;
# `python -m benchmarks.pretraining` makes them again in about eight minutes.

# %% slide="What pre-training buys: most of the way" lecture=true
panels = {half: by_amount(experiment["runs"], "way", half) for half in guessing}
show(view.draw_by_amount(panels, guessing, columns=3), alt=view.tell_by_amount(panels, guessing))

# %%
aim = sum(panels["box"]["pre-trained, fine-tuned"]["50"])
enough = [amount for amount, shares in panels["box"]["fresh"].items() if sum(shares) >= aim]
outcome("09-fresh", enough[0] if enough else "more than 1,000")

# %% [markdown]
# The first panel is the question; the other two are its halves.
#
# - **The probe** knows one half from the start: whether the shape is curved. Of the other it gets little,
#   since no head can read a colour that the features do not hold.
# - **The fresh model** has it the other way round. The dot is always in the middle, so its colour is soon
#   learned. Of the shape it learns nothing: that is never more than guessing.
# - **The fine-tuned model** gets both. On endless scenes it has learned to find the shape and to recognise
#   it. The colour is in its early layers, and only has to be passed on.
#
# So 50 scenes take the fine-tuned model further than 1,000 take the fresh one. Was the fresh one only short
# of time? Give it ten times the steps.

# %%
for run in experiment["longer"]:
    own, others = run["own"]["box"], run["others"]["box"]
    print(f"{run['steps']:,} steps on {run['scenes']:,} scenes: {own:.0%} right on these, {others:.0%} on others")

# %% [markdown]
# It learns its scenes by heart, as the models of chapter 7 did. What pre-training buys is not the answer, but
# most of the way to it.
#
# It can be spoiled, too. With 50 or 200 scenes the frozen probe is better at *curved or straight* than the
# fine-tuned model, which has lost some of what it knew (Kumar et al., 2022, saw this on photographs: tuning
# can distort features). If the features hold what you need, do not tune them on so few examples.

# %% [markdown]
# ## What it costs
#
# How long does ViT-B/16 take on this machine? No need to load it: its twelve blocks are alike and do
# almost all of the work, so time one of them with random weights.

# %% tags=["this-machine", "nbval-ignore-output"]
block, tokens = EncoderBlock(768, 12, 3072).eval(), torch.randn(1, 197, 768)
with torch.inference_mode():
    block(tokens)
    start = time.perf_counter()
    for _ in range(5):
        block(tokens)
seconds = 12 * (time.perf_counter() - start) / 5
print(f"one picture: about {seconds:.2f} s, with {torch.get_num_threads()} threads")
print(f"features of 1000 pictures: {1000 * seconds / 60:.1f} minutes")
print(f"fine-tuning on 1000 pictures, ten times each: {3 * 10 * 1000 * seconds / 3600:.1f} hours")
weight = 4 * weights.meta["num_params"] / 1e9
print(f"memory: {weight:.2f} GB for the weights, {4 * weight:.1f} GB and more for training them")

# %% [markdown]
# So on a processor, answers and features are fine, and fine-tuning ViT-B/16 is for the patient. Start
# with a probe. Features need to be computed only once, and often they are enough.
#
# A GPU does the same about ten to a hundred times as fast, depending on the GPU; timm publishes
# measurements of many models on several GPUs (the folder `results` of its repository). What limits you
# there is memory, and smaller batches help. On Binder there is one processor and 2 GB: enough to ask
# ViT-B/16 and to explore it, not to train it.

# %% [markdown]
# ### The same answers, sooner
#
# The arithmetic of a Vision Transformer is nearly all matrix products. How fast it runs depends on how well
# your processor is kept busy with them, and that is not the same everywhere. So do not believe a list of
# tricks: measure. `faster(model, images)` lets a few take turns with the model as it is, and keeps one only
# if it wins by more than chance, with the same answers.
#
# - **Linear layers packed**: their weights are copied once into the order in which the processor reads them.
# - **Channels last**: the convolution that cuts the patches gets its weights in another order.
# - **bfloat16**: every number has three digits instead of seven. Processors with units for it are much
#   faster, others slower. The logits change a little, so you have to allow it.
#
# Here is one block of ViT-B/16 with its patches and its head, with random weights: a twelfth of the work, and
# of the same kind. *Time* is relative to the model as it is. That one runs twice: what it differs from itself
# is the noise. *Difference* is that of the logits.

# %% tags=["this-machine", "nbval-ignore-output"]
one_block = VisionTransformer(depth=1).eval()
table = faster(one_block, torch.randn(1, 3, 224, 224), bf16=True)
print(table)

# %% [markdown]
# Read the last line first: how much of what your processor can do is left? If little is, no trick will help.
# And if a row says *no clear difference*, that is a result, too.
#
# Finding out takes some forty passes. It pays if you have hundreds of pictures, not for one. Afterwards
# `model` is still the same object, and maps work as before. `restore` makes everything as it was, the
# weights to the last bit.

# %%
table.restore()
del one_block, table

# %% [markdown] slide="Mistakes that only make the answers worse"
# ## What could go wrong
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | wrong mean and std, or 0..255 instead of 0..1 | answers get worse, no error | compare with `weights.transforms()` |
# | the picture squeezed into a square | things look unlike those in training | draw what goes in |
# | red and blue swapped (OpenCV reads BGR) | a little worse, no error | draw what goes in |
# | `eval()` forgotten | different answers each time, if there is dropout | ask twice |
# | softmax over the best five only | they always add up to 100 % | softmax first |
# | "98 %" read as "it is certain" | trust where there should be none | ask about something it cannot know |
# | positions resized as one row of numbers | rows and columns get mixed | a grid first, then bicubic |
# | the class token's position resized, too | answers get worse | it has no place in the grid |
# | pictures shuffled, labels not | a probe no better than chance | the same order for both |
# | the optimiser made before the new head | the head never learns | look at `model.head.weight` after a step |
# | the body at the head's learning rate | what was learned is lost | two groups |
# | tested on pictures that it was tuned on | too good to be true | set some aside first |
# | a file of weights from just anywhere | a pickle can run any program | `weights_only=True`, or safetensors |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("09")

# %% [markdown] slide="Summary"
# ## Summary
#
# - Published weights are numbers with names. They fit into your model and give the same answers as
#   elsewhere.
# - Pictures must be prepared as in training: size, range, mean and standard deviation.
# - A classifier always names one of its classes. Probability means "of what I know".
# - Only the positions know the image size; they can be stretched. That the table fits does not mean that
#   the model is still as good.
# - A linear probe shows what features hold: what the old task needed, and no more.
# - Fine-tuning adds what they lack. The new head may hurry, the body must not.
# - Pre-training is worth many examples: here 50 scenes did more for the trained model than 1,000 for a
#   fresh one.
#
# **Next:** chapter 10 is an appendix. It takes apart the two snippets that most people copy when they start
# with Vision Transformers. Chapter 11 trains without any labels, and chapter 12 puts the parts of today's
# models into yours.
#
# **Further reading**
#
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021: section 3.2 on fine-tuning and higher
#   resolution, section 4.1 on the linear few-shot evaluation.
# - Touvron et al., *Training data-efficient image transformers and distillation through attention*
#   (DeiT), ICML 2021: the training of these weights was modelled on this recipe.
# - Oquab et al., *DINOv2: Learning Robust Visual Features without Supervision*, TMLR 2024 (arXiv 2023):
#   figure 1 is the picture made of features.
# - Darcet et al., *Vision Transformers Need Registers*, ICLR 2024: the version with registers.
# - Touvron, Vedaldi, Douze and Jégou, *Fixing the train-test resolution discrepancy*, NeurIPS 2019.
# - Kornblith, Shlens and Le, *Do Better ImageNet Models Transfer Better?*, CVPR 2019: frozen features
#   versus fine-tuning, on twelve data sets.
# - Kumar et al., *Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution*, ICLR
#   2022: why to train the head first.
# - Howard and Ruder, *Universal Language Model Fine-tuning for Text Classification*, ACL 2018: a separate
#   learning rate for each layer.
