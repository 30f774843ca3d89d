# %% [markdown] minutes=90
# # 11 Without labels: learning by painting what is hidden
#
# In chapter 7 somebody told the model what every scene shows. For photographs, people have to do that,
# one by one, which is slow and expensive. But there is no end of pictures without labels.
#
# Can a model learn from those? It can, if you give it something to do that needs no answer from
# anybody. Here you hide three quarters of each picture and have the model paint what is missing. Nobody
# cares about the paintings. What you keep is what the model had to find out in order to paint.
#
# Five exercises, about an hour and a half. The first long training takes a minute and a half on one core.

# %% tags=["nbval-ignore-output"]
import math
import os
from dataclasses import replace
from functools import partial

import torch
import torch.nn.functional as F
from torchvision.transforms.v2 import functional as TF
from vitcourse import check, maps, pretrained, show, versions, view
from vitcourse import reset, solution, use_fastest_threads  # to begin again; the answer; often one thread
from vitcourse import bundled, outcome, predict, quiz  # predict before you run; five questions at the end
from vitcourse.data import load_picture, scenes
from vitcourse.model import VisionTransformer, patchify, unpatchify
from vitcourse.model.masked_autoencoder import MaskedAutoencoder
from vitcourse.model.self_distillation import Answerer, SelfDistillation, two_entropies
from vitcourse.results import by_amount, stored
from vitcourse.training import Recipe, scene_task, small_vit, smooth, to_input
from vitcourse.training.tasks import shift_and_mirror
from vitcourse.training.without_labels import MASKED, train_without_labels

# %% tags=["nbval-ignore-output"]
versions()
use_fastest_threads()

# %% [markdown]
# You also need the probe of exercise 9.5. If you solved it in this folder, yours is used.

# %% tags=["nbval-ignore-output"]
try:
    from my_vit import linear_probe

    print("linear_probe from my_vit.py: yours.")
except Exception as error:  # the file is missing, or the name in it, or it does not run
    from vitcourse.exercises.course_answers import linear_probe

    print(f"The course's linear_probe, since my_vit.py does not have it ({type(error).__name__}).")

# %% [markdown]
# ## Paint it yourself
#
# Scenes are those of chapter 7: 48 x 48 pixels, 6 x 6 patches of 8, and four shapes around a dot. A
# shape fills 2 x 2 patches. Here are four scenes with only 9 of their 36 patches left. Say what is behind
# the hatching, and where you cannot know.

# %%
quick = os.environ.get("VITCOURSE_QUICK") == "1"  # a rehearsal: everything runs, but for seconds
patch_size, num_patches, num_visible = 8, 36, 9

test = scenes(40 if quick else 500, seed=0)
test_images = to_input(test.images)


def only(pictures: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Pictures (n, 3, 48, 48) with nan where `kept` (n, 36) is False."""
    patches = patchify(pictures.float() / 255, patch_size)
    return unpatchify(patches.masked_fill(~kept[:, :, None], torch.nan), patch_size, 48, 48)


# %% slide="Three quarters are hidden: what is behind?"
torch.manual_seed(3)
some = torch.rand(4, num_patches).argsort(1)[:, :num_visible].sort(1).values
shown = torch.zeros(4, num_patches, dtype=torch.bool).scatter(1, some, True)
show(
    view.draw_painted({"what you get": only(test.images[:4], shown)}, patch_size),
    alt="Four scenes of 6 by 6 patches. Nine patches of each are shown, here a corner of a shape, there a piece "
    "of the dot or of the background. All others are hatched.",
)

# %% [markdown]
# You did that by continuing what you saw: half a ring becomes a ring, and grey goes on as grey. For that
# you have to know what shapes there are. You also knew when you could not know: where no part of a shape is
# visible, there may be any shape, or none.
#
# Why hide so *much*? With a single hole, the neighbours say nearly everything: copying them paints it
# well, and copying teaches nothing. He et al. (2022), whose *masked autoencoder* (MAE) this is, found
# that hiding 75 % works best for photographs.
#
# ## Which patches stay
#
# Every image gets a choice of its own, and a new one each time it comes round.
#
# ### Exercise 11.1

# %% exercise="11.1"
def random_visible(
    num_images: int,
    num_patches: int,
    num_visible: int,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """The places of the patches that stay visible: -> (B, V) whole numbers (long).

    - one row for each image, with a random choice of its own: what one image shows says nothing
      about the others
    - `num_visible` different places from 0 to num_patches - 1, in ascending order; every choice is
      equally likely
    - with a `generator`, all random numbers come from it (`torch.rand(..., generator=generator)`),
      so that the same seed gives the same choice and the next call another; without one, from
      torch's own
    - ValueError unless 1 <= num_visible <= num_patches
    """
    ### BEGIN SOLUTION
    if not 1 <= num_visible <= num_patches:
        raise ValueError(f"num_visible must be from 1 to {num_patches}, got {num_visible}")
    chance = torch.rand(num_images, num_patches, generator=generator)
    return chance.argsort(dim=1)[:, :num_visible].sort(dim=1).values
    ### END SOLUTION


# %% check="11.1"
check("11.1")  # stuck? check("11.1", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The places, sorted by a random number each, are shuffled, and the first V of a shuffled row
# are a fair choice. That is how MAE's code does it, for all images at once. `torch.randperm` in a loop over
# the images is as right, and so is `torch.multinomial` of even weights, which draws without putting back.
# `torch.randint` is not: it may draw a place twice.
# %% [markdown]
# If the choice is fair, each patch is kept equally often. With 9 of 36 that is a quarter of the time.

# %%
kept = random_visible(4000, num_patches, num_visible, torch.Generator().manual_seed(0))
often = F.one_hot(kept, num_patches).sum(dim=(0, 1)) / len(kept)
print(f"each patch is kept in {often.min():.2f} to {often.max():.2f} of the images; 9 / 36 = {9 / 36}")

# %% [markdown]
# ## Encode what is visible, and nothing else
#
# The usual way to hide something is to put something else there: grey, zeros, a special token. MAE does
# better. Hidden patches do not enter the encoder at all. That is easy for a transformer, which takes any
# number of tokens; a convolution would need something in the holes.
#
# There is one thing to be careful about. A token that has left its row must still know its place.
#
# ### Exercise 11.2

# %% exercise="11.2"
def encode_visible(
    model: VisionTransformer, images: torch.Tensor, visible: torch.Tensor
) -> torch.Tensor:
    """What the encoder makes of the visible patches alone: -> (B, 1 + V, D), class token first.

    `images` are (B, C, H, W), `visible` (B, V) the places of the visible patches, ascending.

    - each patch has the position of its place in the image; the class token has its own position
    - then the model's dropout and its encoder, as in `forward_features`; hidden patches do not
      enter the encoder
    - if all patches are visible, the result is that of `model.forward_features(images)`
    - the model stays as it is, in the mode it is in; gradients pass through to its parameters

    What the model has: patch_embed, class_token.cls_token (1, 1, D), positions.pos_embed
    (1, 1 + N, D), dropout, encoder; and `embed`, which does all before the encoder.
    """
    ### BEGIN SOLUTION
    positions = model.positions.pos_embed
    patches = model.patch_embed(images) + positions[:, 1:]
    kept = patches.gather(1, visible[:, :, None].expand(-1, -1, patches.shape[2]))
    class_token = model.class_token.cls_token + positions[:, :1]
    tokens = torch.cat([class_token.expand(len(images), -1, -1), kept], dim=1)
    return model.encoder(model.dropout(tokens))
    ### END SOLUTION


# %% check="11.2"
check("11.2")  # stuck? check("11.2", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** Positions first, then the choice: afterwards nobody knows any more where a patch was.
# `gather` takes other patches of each image; `patches[torch.arange(len(images))[:, None], visible]` is the
# same. Shorter still: let `model.embed(images)` make all tokens, and keep number 0 and the numbers
# `visible + 1` of them. What must not be done is to encode all tokens and choose afterwards: attention has
# then mixed what was to be hidden into what is kept.
# %% [markdown]
# Try it on a fresh model: with everything visible it must be the ordinary pass, and a patch that is
# hidden must not matter.

# %%
torch.manual_seed(0)
fresh = small_vit(num_classes=0).eval()
everything = torch.arange(num_patches).expand(4, -1)
visible = random_visible(4, num_patches, num_visible, torch.Generator().manual_seed(1))
with torch.no_grad():
    whole = encode_visible(fresh, test_images[:4], everything)
    part = encode_visible(fresh, test_images[:4], visible)
    seen = torch.zeros(4, num_patches, dtype=torch.bool).scatter(1, visible, True)
    patches = patchify(test_images[:4], patch_size).masked_fill(~seen[:, :, None], 0.0)
    same = encode_visible(fresh, unpatchify(patches, patch_size, 48, 48), visible)
    ordinary = fresh.forward_features(test_images[:4])
print("tokens:", tuple(part.shape))
print("all visible, like the ordinary pass:", torch.allclose(whole, ordinary, atol=1e-4))
print("hidden patches painted over, no difference:", torch.allclose(part, same, atol=1e-4))
print(f"of attention's scores, {10**2 / 37**2:.0%} are left")

# %% [markdown]
# That last number is why MAE is quick: 10 tokens instead of 37, and attention grows with the square.
#
# ## How good is a painting?
#
# The obvious target is the pixels. MAE's authors found something that teaches more: each patch *by its
# own standard*, minus its own mean and divided by its own standard deviation. The brightness and colour of
# the patch as a whole then no longer matter. What counts is what happens inside: edges, and where they run.
#
# Visible patches do not count. Repeating what you have been given is no achievement.
#
# ### Exercise 11.3

# %% exercise="11.3"
def hidden_loss(
    predicted: torch.Tensor, images: torch.Tensor, visible: torch.Tensor, patch_size: int
) -> torch.Tensor:
    """How far the prediction is from the hidden patches: -> a scalar, of predicted's dtype.

    `predicted` is (B, N, C * P * P), in the order of `patchify(images, patch_size)`; `visible`
    (B, V) are the places of the visible patches, ascending.

    - the target of each patch: the patch minus its own mean, divided by sqrt(v + 1e-6), where v is
      its own variance as `Tensor.var` gives it (divided by n - 1); mean and variance are over all
      its C * P * P numbers
    - the mean of the squared differences over all numbers of all hidden patches
    - what is predicted for visible patches does not count; gradients pass through to `predicted`
    - ValueError if no patch is hidden
    """
    ### BEGIN SOLUTION
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError(f"none of the {predicted.shape[1]} patches is hidden")
    patches = patchify(images, patch_size)
    mean, variance = patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True)
    target = (patches - mean) / (variance + 1e-6).sqrt()
    hidden = torch.ones(predicted.shape[:2], dtype=torch.bool).scatter(1, visible, False)
    return (predicted - target)[hidden].square().mean()
    ### END SOLUTION


# %% check="11.3"
check("11.3")  # stuck? check("11.3", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `scatter` puts False at the visible places, and indexing with the mask leaves the hidden
# patches of all images in one list. MAE's code keeps the full table of errors and divides: `(error.mean(2)
# * hidden).sum() / hidden.sum()`, which is the same number. The 1e-6 is for patches of one colour, whose
# variance is 0: their target is 0.
# %% [markdown]
# As in chapter 7, know the loss before you train. How good are guesses that need no model? Try three:
# nothing at all (0 everywhere), the mean of the image's visible patches, and the mean of what usually
# stands at that place.

# %% tags=["nbval-ignore-output"]
def by_own_standard(images: torch.Tensor) -> torch.Tensor:
    rows = patchify(images, patch_size)
    return (rows - rows.mean(2, keepdim=True)) / (rows.var(2, keepdim=True) + 1e-6).sqrt()


target = by_own_standard(test_images)
visible = random_visible(len(test_images), num_patches, num_visible, torch.Generator().manual_seed(0))
places = visible[:, :, None].expand(-1, -1, target.shape[2])
parts = (to_input(scenes(20 if quick else 200, seed=seed).images) for seed in range(1, 11))  # to save memory
usual = torch.stack([by_own_standard(part).mean(dim=0) for part in parts]).mean(dim=0)
guesses = {
    "nothing": torch.zeros_like(target),
    "the mean of the visible": target.gather(1, places).mean(1, keepdim=True).expand_as(target),
    "the mean of the place": usual.expand_as(target),
}
baselines = {name: hidden_loss(guess, test_images, visible, patch_size).item() for name, guess in guesses.items()}
for name, loss in baselines.items():
    print(f"{name:24} {loss:.2f}")

# %% [markdown]
# Copying the mean of what you see is *worse* than nothing: edges run differently everywhere. The mean of
# the place is a little better, mainly because there is always a dot in the middle.
#
# ## The whole machine
#
# The encoder gets 10 tokens. A small *decoder* gets them too, and at every hidden place one and the same
# learned *mask token*, with the position of the place. One block of attention lets them hear from those
# that have seen something; one linear layer paints. The decoder is thrown away afterwards. Read it in
# `vitcourse/model/masked_autoencoder.py`: it is one page.

# %%
torch.manual_seed(0)
mae = MaskedAutoencoder(small_vit(num_classes=0))
kept, everything = (sum(p.numel() for p in part.parameters()) for part in (mae.encoder, mae))
print(f"encoder: {kept:,} numbers to learn; decoder, thrown away later: {everything - kept:,}")

# %%
predict(
    "11-curve",
    "How will the loss go, in 2,000 steps?",
    ["down steadily", "a long plateau, then down", "down at once, then flat", "nowhere below the mean of the place"],
)

# %% [markdown]
# The next cell trains it on scenes that never repeat, with *your* three functions. Nobody tells it what
# they show: `batch_at` throws the answers away. Allow a minute and a half on one core.

# %%
recipe = replace(MASKED, steps=12, warmup_steps=3) if quick else MASKED


def unlabelled(step: int) -> torch.Tensor:
    images, _ = scene_task(recipe.batch_size)(step)
    return images


def painting_loss(images: torch.Tensor) -> torch.Tensor:
    visible = random_visible(len(images), num_patches, num_visible)
    painted = mae.decode(encode_visible(mae.encoder, images, visible), visible)
    return hidden_loss(painted, images, visible, patch_size)


# %% tags=["nbval-ignore-output"] slide="A plateau, then the fall"
compared = {name: baselines[name] for name in ("nothing", "the mean of the place")}
curve = view.live_curves(5, draw=partial(view.draw_loss, lines=compared))
history = train_without_labels(mae, painting_loss, unlabelled, recipe, on_step=curve)

# %% tags=["nbval-ignore-output"]
steady = smooth(history.loss)
early, last, plateau = steady[len(steady) // 5], steady[-1], baselines["the mean of the place"]
if last > plateau - 0.05:
    went = "nowhere below the mean of the place"
else:
    went = "a long plateau, then down" if early > plateau - 0.05 else "down steadily"
outcome("11-curve", went)

# %% [markdown]
# All three stored runs, each from different random numbers, go the same way. Within a hundred steps the loss
# is that of the mean of the place, and there it stays for several hundred more. Then it falls. What happens
# in between? The model has to find out three things together: where patches are, which of them belong
# together, and what a shape looks like. Until it has all three, none of them pays off, as in chapter 7.

# %%
experiment = stored("without_labels")
runs = {f"seed {run['seed']}": run["loss"] for run in experiment["runs"]}
show(
    view.draw_loss_runs(runs, every=25),
    alt="The loss of the stored runs over 2,000 steps. Each falls quickly to about 0.93, stays there for some "
    "hundred steps, then drops to about 0.75 and slowly on to 0.73.",
)

# %% [markdown]
# ## What it paints
#
# Now hide one shape in two ways: leave one of its four patches, or none. (Its cell is outlined. The picture
# shows patches by their own standard, which is what was asked for; the visible ones are put back.)

# %%
def hide_target(shown: torch.Tensor, left: int, seed: int) -> torch.Tensor:
    """Nine visible patches of each scene, `left` of them in the target's cell: masks -> (n, 9)."""
    inside = F.max_pool2d(shown.float()[:, None], patch_size).flatten(1)
    chance = torch.rand(len(shown), num_patches, generator=torch.Generator().manual_seed(seed))
    first_inside = (chance + inside).topk(left, dim=1).indices if left else chance[:, :0].long()
    others = (chance - 2 * inside).topk(num_visible - left, dim=1).indices
    return torch.cat([first_inside, others], dim=1).sort(dim=1).values


# %%
def paint(model: MaskedAutoencoder, images: torch.Tensor, visible: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(images, visible)


def put_back(painted: torch.Tensor, target: torch.Tensor, visible: torch.Tensor) -> torch.Tensor:
    """The painted patches, but the visible ones as they are: (n, 36, 192)."""
    places = visible[:, :, None].expand(-1, -1, target.shape[2])
    return painted.scatter(1, places, target.gather(1, places))


def as_picture(patches: torch.Tensor, visible: torch.Tensor | None = None) -> torch.Tensor:
    """Patches by their own standard as pictures; with `visible`, only these."""
    if visible is not None:
        seen = torch.zeros(patches.shape[:2], dtype=torch.bool).scatter(1, visible, True)
        patches = patches.masked_fill(~seen[:, :, None], torch.nan)
    return unpatchify(0.5 + patches / 6, patch_size, 48, 48)


# %% tags=["nbval-ignore-output"] slide="One patch is enough; with none it cannot know" lecture=true
few = slice(0, 3)
columns = {"the scene": test.images[few], "what is asked for": as_picture(target[few])}
for left, name in ((1, "one left"), (0, "none left")):
    visible = hide_target(test.target_mask[few], left, seed=5)
    painted = put_back(paint(mae, test_images[few], visible), target[few], visible)
    columns |= {name: as_picture(target[few], visible), f"{name}: painted": as_picture(painted)}
cells_of_targets = F.max_pool2d(test.target_mask[few].float(), 16).repeat_interleave(16, 1).repeat_interleave(16, 2)
show(
    view.draw_painted(columns, patch_size, [cells_of_targets.bool()]),
    alt="Three scenes, a row each. Where one patch of the outlined shape is visible, the model continues its "
    "edges into the other three patches, in the full run close to the truth. Where none is visible, it "
    "paints hardly any edge there.",
)

# %% [markdown]
# Over all test scenes, in numbers: the loss of a hidden patch by what else is visible.

# %% tags=["nbval-ignore-output"]
shapes = F.max_pool2d((test.target_mask | test.distractor_mask).float()[:, None], patch_size).flatten(1).bool()
visible = random_visible(len(test_images), num_patches, num_visible, torch.Generator().manual_seed(0))
seen = torch.zeros(len(test_images), num_patches, dtype=torch.bool).scatter(1, visible, True)
helped = F.max_pool2d(seen.float().view(-1, 1, 6, 6), 2).repeat_interleave(2, 2).repeat_interleave(2, 3).flatten(1).bool()
errors = (paint(mae, test_images, visible) - target).square().mean(2)
for name, chosen in (
    ("of a shape, another patch of it visible", shapes & helped & ~seen),
    ("of a shape, nothing of it visible", shapes & ~helped & ~seen),
    ("of background", ~shapes & ~seen),
):
    print(f"hidden patch {name:42} {errors[chosen].mean():.2f}")

# %% [markdown]
# With another patch of the shape visible, the loss is less than half of what it is without. Without one the
# model *cannot* know, and it paints next to nothing: for a squared error, the best bet is the mean of all
# that might be there. Background is noise, and noise cannot be guessed either. (The last line includes the
# dots, which are easy: they are always in the middle.)
#
# ### Ghosts
#
# What if the target is plain pixels? Train a second model for fewer steps; what matters here shows early.
# (Half a minute.)

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
plain = MaskedAutoencoder(small_vit(num_classes=0))


def pixel_loss(images: torch.Tensor) -> torch.Tensor:
    visible = random_visible(len(images), num_patches, num_visible)
    hidden = torch.ones(len(images), num_patches, dtype=torch.bool).scatter(1, visible, False)
    return (plain(images, visible) - patchify(images, patch_size))[hidden].square().mean()


shorter = replace(recipe, steps=12 if quick else 800)
plain_history = train_without_labels(plain, pixel_loss, unlabelled, shorter)

# %% tags=["nbval-ignore-output"] slide="Plain pixels: ghosts where it cannot know"
columns, pixels = {"the scene": test.images[few]}, patchify(test_images[few], patch_size)
for left, name in ((1, "one left"), (0, "none left")):
    visible = hide_target(test.target_mask[few], left, seed=5)
    seen = torch.zeros(3, num_patches, dtype=torch.bool).scatter(1, visible, True)
    painted = put_back(paint(plain, test_images[few], visible), pixels, visible)
    columns[name] = only(test.images[few], seen)
    columns[f"{name}: painted"] = (unpatchify(painted, patch_size, 48, 48) + 5) / 10
show(
    view.draw_painted(columns, patch_size, [cells_of_targets.bool()]),
    alt="Three scenes, painted as pixels. Backgrounds are continued smoothly. In the full run, where one patch of the "
    "outlined shape is visible, a soft blob of its colour appears, without an outline; where none is, grey.",
)

# %% [markdown]
# This is what not knowing looks like. Where one patch of a shape is left, its colour is known but its form is
# not quite, so the model paints a mean of the forms that fit: a blurred ghost. Where nothing is left, all
# colours and forms are possible, and their mean is grey. (There are faint ghosts in the pictures above, too.)
#
# ## What is in the patches?
#
# The decoder has done its work. From here on you look at the encoder alone, with all patches visible. Each
# patch comes out as 64 numbers. In chapter 9 the main directions in which they differ became colours. Now
# you find these directions yourself.
#
# ### Exercise 11.4

# %% exercise="11.4"
def principal_components(features: torch.Tensor, count: int) -> torch.Tensor:
    """Each row along the `count` directions in which the rows differ most: (n, D) -> (n, count).

    - the mean of the rows is subtracted
    - directions have length 1 and are those of `torch.linalg.svd` or `torch.linalg.eigh`, the one
      of the largest variance first; results are not divided by anything
    - a direction may as well point the other way: turn each so that its largest entry, by
      magnitude, is positive
    - results have the dtype of the features
    - not with `torch.pca_lowrank`, which guesses with random numbers
    """
    ### BEGIN SOLUTION
    centred = features - features.mean(dim=0)
    directions = torch.linalg.svd(centred, full_matrices=False).Vh[:count]  # in rows
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    return centred @ (directions * largest.sign()).T
    ### END SOLUTION


# %% check="11.4"
check("11.4")  # stuck? check("11.4", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** The rows of `Vh` are the directions, sorted already. The other way is the covariance:
# `torch.linalg.eigh(centred.T @ centred)` gives the directions as *columns*, the smallest variance
# *first*, so flip them. Which way a direction points is up to the library, and may differ from one computer
# to the next; with a rule, your colours are the same as everybody's.
# %%
def patch_features(model: VisionTransformer, images: torch.Tensor) -> torch.Tensor:
    """What leaves the encoder at each patch, all of them visible: (n, 36, 64)."""
    with torch.no_grad():
        return torch.cat([model.forward_features(part)[:, 1:] for part in images.split(100)])


torch.manual_seed(0)
features = {
    "MAE": patch_features(mae.encoder, test_images),
    "random weights": patch_features(small_vit(num_classes=0).eval(), test_images),
    "pixels": patchify(test_images, patch_size),
}
components = {name: principal_components(of_one.flatten(0, 1), 3) for name, of_one in features.items()}

# %% tags=["nbval-ignore-output"] slide="Object and background, and nobody has told it" lecture=true
grids = {name: components[name].view(-1, 6, 6, 3)[:5] for name in ("MAE", "random weights")}
show(
    view.draw_patch_colours(
        test.images[:5],
        {name: maps.component_colours(grid) for name, grid in grids.items()},
        {name: grid[..., 0] for name, grid in grids.items()},
    ),
    alt="Five scenes, and below them their 6 by 6 patches coloured by three principal components, then by the "
    "first alone. In the full run, after MAE, the four patches of a shape have nearly the same "
    "colour, and the background another. With random weights each patch has a colour of its own.",
)

# %% [markdown]
# With random weights each patch goes its own way. After the training by painting, all four patches of a
# shape agree, even one that shows hardly more than its tip, and they stand out from the background. Which
# colour they get goes with the shape's own, more than with its form: to paint on in a cell, one has to know
# first of all that there is something, and in which colour.
#
# In numbers: give three components to a linear probe that learns from half of the scenes, object or
# background. (An object is a shape or the dot. *Balanced* accuracy is the mean of both classes' shares, so
# that a guess gets one half.)

# %% tags=["nbval-ignore-output"]
covered = test.target_mask | test.distractor_mask | test.dot_mask
objects = F.max_pool2d(covered.float()[:, None], patch_size).flatten().long()


def balanced(said: torch.Tensor, truth: torch.Tensor) -> float:
    return sum((said[truth == kind] == kind).float().mean().item() for kind in (0, 1)) / 2


def probe(rows: torch.Tensor, taught: torch.Tensor) -> float:
    """Object or background, by the probe of 9.5: taught by some scenes, asked about the second half."""
    patches = torch.arange(len(rows)).view(-1, num_patches)
    asked = patches[len(patches) // 2 :].flatten()
    said = linear_probe(rows, objects, patches[taught].flatten(), asked).argmax(dim=1)
    return balanced(said, objects[asked])


half = torch.arange(len(test_images) // 2)
for name, rows in components.items():
    print(f"three components of {name:15} {probe(rows, half):.1%}")

# %% [markdown]
# Chapter 7's model knows *what* and *where*: it was given the answers to tens of thousands of scenes. And its
# three components? In the stored runs they are no better than a guess. It kept what its questions needed.

# %%
for run in experiment["runs"]:
    told = ", ".join(f"{name} {found['components']:.1%}" for name, found in run["examined"].items())
    print(f"seed {run['seed']}: {told}")

# %% [markdown]
# ## How few labels are enough?
#
# Now the probe gets all 64 numbers instead of three components. Somebody marks the patches of *one* scene
# as object or background: 36 labels, a minute's work.

# %%
predict(
    "11-one-scene",
    "How often will MAE's probe be right (balanced, where a guess gets 50 %), taught by one scene?",
    ["50 to 65 %", "65 to 80 %", "80 to 95 %", "over 95 %"],
)

# %% tags=["nbval-ignore-output"]
by_count = {
    name: {str(count): probe(rows.flatten(0, 1), half[:count]) for count in (1, 10, len(half))}
    for name, rows in features.items()
}
for name, shares in by_count.items():
    print(f"{name:15}", ", ".join(f"from {count}: {share:.1%}" for count, share in shares.items()))
one = by_count["MAE"]["1"]
outcome("11-one-scene", ["50 to 65 %", "65 to 80 %", "80 to 95 %", "over 95 %"][sum(one > edge for edge in (0.65, 0.8, 0.95))])

# %% [markdown]
# The same with up to 500 scenes, for each of the stored runs, and a harder question beside it: *which* of
# eight shapes stands in the cell, read from its four patches. (For that each scene gives one label.)

# %% slide="One labelled scene is enough, for objects"
def all_runs(question: str, names=("MAE", "random weights", "pixels")) -> dict:
    """{line: {scenes: [a share for each run]}} of one question."""
    counts = experiment["runs"][0]["examined"]["MAE"][question]  # a shape needs at least ten scenes
    return {
        name: {count: [run["examined"][name][question][count] for run in experiment["runs"]] for count in counts}
        for name in names
    }


panels = {"object or background": all_runs("objects"), "which shape": all_runs("shapes")}
guessing = {"object or background": 1 / 2, "which shape": 1 / 8}
show(view.draw_by_amount(panels, guessing), alt=view.tell_by_amount(panels, guessing))

# %% [markdown]
# *Object or background* needs one scene. Pixels do not get there with 500: no linear layer can read from
# one patch's pixels whether it has an edge.
#
# *Which shape* is another matter. MAE's patches are far ahead of pixels, and still wrong nearly half of the
# time after 500 labels. To continue a shape you have to know corners and curves, but not names.
#
# ## No labels at all
#
# Do you even need one? Groups may be found without any: *k-means* puts each patch to the nearest of k
# centres and moves each centre to the middle of its patches, again and again.
#
# ### Exercise 11.5

# %% exercise="11.5"
def k_means(
    features: torch.Tensor, centres: torch.Tensor, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Groups of similar rows: features (n, D), centres (k, D) to start from -> labels, centres.

    `steps` times (at least once):

    - each row gets the number of its nearest centre (by the ordinary distance)
    - each centre moves to the mean of its rows; one without rows stays where it is

    Returns the labels (n,) of the last step, as they were before its move, and the centres (k, D)
    after it, of the dtype of the features. What is passed in is not changed.
    """
    ### BEGIN SOLUTION
    centres = centres.clone()
    for _ in range(steps):
        labels = torch.cdist(features, centres).argmin(dim=1)
        for number in labels.unique():  # a centre without rows stays where it is
            centres[number] = features[labels == number].mean(dim=0)
    return labels, centres
    ### END SOLUTION


# %% check="11.5"
check("11.5")  # stuck? check("11.5", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** `unique` gives only the centres that have rows; the mean of no rows would be nan, and nan is
# nearest to nothing from then on. Without an inner loop: `F.one_hot(labels, len(centres))` as floats,
# transposed, times the features gives the sums, and its column sums how many there are. `clone` keeps the
# caller's centres as they were.
# %% tags=["nbval-ignore-output"] slide="Eight groups that nobody has named"
def groups_of(rows: torch.Tensor, count: int = 8) -> torch.Tensor:
    """The group of each patch, from centres that are patches themselves: (n,)."""
    start = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))[:count]
    return k_means(rows, rows[start], steps=30)[0]


groups = groups_of(features["MAE"].flatten(0, 1))
show(
    view.draw_groups(test.images[:5], groups.view(-1, 6, 6)[:5], count=8),
    alt="Five scenes, and below them the number of each patch's group, 0 to 7. In the full run the four "
    "patches of a shape mostly share a number, which goes with its colour, and most of the background has one.",
)

# %% tags=["nbval-ignore-output"]
for name, rows in features.items():
    groups = groups_of(rows.flatten(0, 1))
    share = F.one_hot(groups, 8).float().T @ objects.float() / F.one_hot(groups, 8).sum(dim=0).clamp(min=1)
    print(f"eight groups of {name:15} {balanced((share > 0.5).long()[groups], objects):.1%}")

# %% [markdown]
# In the stored run, green shapes are one group and magenta ones another; the dot has its own, and so has most
# of the background. Patches are not grouped as *you* might have wished: here the colour of a shape matters,
# and its form hardly does. The groups are the model's own, and nobody has told it what they are for.
#
# But they were found without a label. Somebody still has to look at them once and say which of them are
# *object*: eight words instead of 36.
#
# ## The gain that goes away
#
# A probe leaves the encoder as it is. Fine-tuning (chapter 9) lets it change. The task is to name the shape in
# a cell, and all weights learn, starting once from MAE's and once from random ones: for as many steps, and
# each with the learning rate that did best on held-out scenes. The numbers are stored; `python -m
# benchmarks.without_labels` measures them again.

# %% slide="The gain that goes away with labels"
tuned = [run for one in experiment["runs"] for run in one["tuned"]]
panel, guessing = {"which shape, fine-tuned": by_amount(tuned, "start", "what")}, {"which shape, fine-tuned": 1 / 8}
show(view.draw_by_amount(panel, guessing, columns=1), alt=view.tell_by_amount(panel, guessing))

# %% [markdown]
# With few labels MAE's start is ahead. With 2,000 labelled scenes the advantage is gone, and in all stored
# runs random weights even end a few points ahead. What painting has taught, enough labels can teach, too.
# Learning without labels pays where labels are few.
#
# ## DINO: agree with yourself
#
# Painting is not the only task that needs no answers. DINO (Caron et al., 2021) shows two *views* of the
# same picture, here shifted and mirrored, to two networks. The *student* has to answer as the *teacher*
# does. Nobody says what an answer means: there are just K of them, here 64. The teacher knows no more than
# the student; its weights are a slow moving mean of the student's.
#
# There are two ways to agree perfectly and learn nothing:
#
# - **Always the same answer.** Both say *number 17* to every picture.
# - **No answer in particular.** Both give each of the K answers the same probability.
#
# That is *collapse*. Against the first, DINO subtracts from the teacher's scores their moving mean
# (*centring*): what is always high no longer counts. Against the second, it divides the teacher's scores by a
# smaller temperature than the student's (*sharpening*). Each alone would drive it into the other trap.

# %% [markdown]
# You can see both with two entropies, which go from 0 to log K:
#
# - the entropy of *each* answer, on average: low if the teacher is sure,
# - the entropy of the *mean* answer over many pictures: low if all get the same.
#
# What you want is a gap: each answer sure, and not all of them the same. Where the two meet, the answer says
# nothing about the picture. (The paper's figure 7 draws the first one, and in place of the second how far
# student and teacher differ.)

# %% [markdown]
# Now leave one of the two remedies out.

# %%
predict(
    "11-collapse",
    "Without sharpening (but with centring), where will the two entropies go?",
    ["both to 0", "both to log K", "each to 0, the mean to log K", "they stay where they are"],
)

# %% [markdown]
# Three short runs: DINO as it should be, and with one of the two left out. **They show what collapse looks
# like, and no more: DINO does not learn scenes in so few steps, and hardly does in two minutes.** (Each takes
# about 15 seconds.)

# %% tags=["nbval-ignore-output"]
answers, every = 64, 10
small = Recipe(steps=150, batch_size=32, adamw_lr=1e-3, warmup_steps=10, precision="float32", use_muon=False)
if quick:
    small = replace(small, steps=every, warmup_steps=2)


def two_views(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    seeds = torch.randint(2**31, (2,)).tolist()
    one, other = (shift_and_mirror(images, torch.Generator().manual_seed(seed)) for seed in seeds)
    return one, other


# %% tags=["nbval-ignore-output"]
def entropies(**left_out) -> list[tuple[float, float]]:
    """Train a small DINO; both entropies of the teacher's answers to test scenes, every ten steps."""
    torch.manual_seed(0)
    dino = SelfDistillation(Answerer(small_vit(num_classes=0), answers), **left_out)
    found = []

    def look(history) -> None:
        if len(history) % every == 0:
            found.append(two_entropies(dino.answers(test_images[:64])))

    train_without_labels(
        dino,
        lambda images: dino.loss(*two_views(images)),
        lambda step: scene_task(small.batch_size)(step)[0],
        small,
        after_step=dino.follow,
        on_step=look,
    )
    return found


# %% tags=["nbval-ignore-output"]
both_entropies = {
    "centring and sharpening": entropies(),
    "no centring": entropies(centre_momentum=None),
    "no sharpening": entropies(teacher_temperature=0.1),
}

# %% tags=["nbval-ignore-output"] slide="Two ways to agree and learn nothing"
most = math.log(answers)
show(view.draw_entropies(both_entropies, every, most), alt=view.tell_entropies(both_entropies, most))

# %% tags=["nbval-ignore-output"]
each, mean = both_entropies["no sharpening"][-1]
near = {"both to 0": (0, 0), "both to log K": (most, most), "each to 0, the mean to log K": (0, most)}
nearest = min(near, key=lambda name: math.dist(near[name], (each, mean)))
outcome("11-collapse", nearest)

# %% [markdown]
# Without centring both entropies sink towards 0: ever fewer answers, for all pictures. Without sharpening both
# go to log K, and stay together: no answer in particular. With both, the gap stays and grows.
#
# A gap is not yet a success. It says that answers depend on the picture, but not on *what* in it.
#
# ## On photographs
#
# DINOv2 (Oquab et al., 2023) does both at once: it answers as its teacher does for whole pictures, and for
# patches that were hidden from it. DINOv3 (Siméoni et al., 2025) is larger, and keeps the patches' features
# from blurring in long training. Neither was shown a label. Here are the three main components of your
# photograph's patches, by `maps.patch_components` as in chapter 9.
#
# DINOv2 is downloaded (88 MB). For DINOv3 you have to ask Meta: `python -m vitcourse explain --help` says how.
# If you have neither, the course's own small model, which *was* trained with labels and knows only
# scenes, stands in.

# %% tags=["nbval-ignore-output"]
path = None  # or "my_photograph.jpg"

name, picture = view.PhotoUpload(load_picture).photo(path)
seers = {}
for published, patch in (("dinov2_vits14_reg", 14), ("dinov3_vits16", 16)):
    try:
        seers[published] = pretrained(published), 32 * patch
    except RuntimeError as error:
        print(f"{published} is not here: {str(error).splitlines()[0]}")
if not seers:
    seers["the course's model"] = bundled(), 96
    print("The course's own model stands in.")

# %% tags=["nbval-ignore-output"]
ranges = {False: ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), True: ((0.5,) * 3, (0.1,) * 3)}
for who, (seer, side) in seers.items():
    cut = TF.center_crop(TF.resize(picture, [side], antialias=True), [side, side])
    mean, std = ranges[who == "the course's model"]
    image = TF.normalize(cut / 255, list(mean), list(std))[None]
    states = maps.hidden_states(seer, image)[:, -1]
    grid, num_prefix_tokens = maps.token_layout(seer, image)
    parts = maps.patch_components(states, grid, num_prefix_tokens)
    print(who, "on", name)
    show(
        view.draw_components(cut[None], maps.component_colours(parts.values), parts.values[..., 0]),
        alt=view.tell_components(parts.shares, 1),
    )

# %% [markdown]
# With DINOv2 or v3, expect parts to have colours of their own. If you see the small model's picture, do not
# read much into it: it has never seen a photograph.
#
# ## What you have not seen
#
# Scenes flatter MAE. Every shape fills the same 2 x 2 patches of an aligned cell, backgrounds are plain, and
# the number of shapes is fixed. A quarter of a ring is therefore always cut in the same way. **Nothing here is
# evidence about photographs**; for those, read the papers below. There MAE's frozen features are weaker than
# DINO's, and it shines when it is fine-tuned (He et al., 2022; Oquab et al., 2023).

# %% [markdown] slide="Mistakes that still learn something"
# ## What could go wrong
#
# | mistake | what happens | how to find it |
# | --- | --- | --- |
# | one choice for all images of a batch | learns, but worse | compare two rows of `visible` |
# | positions counted anew after the choice | it never learns where anything is | all visible must equal the ordinary pass |
# | hidden patches encoded as zeros | slow, and the encoder meets zeros only in training | count the tokens |
# | encoded first, chosen afterwards | the loss falls too far | change a hidden patch; nothing may change |
# | visible patches in the loss | looks better than it is | change what is painted there |
# | targets by the mean of the whole image | brightness is most of the loss | print the baselines |
# | stopped on the plateau | features like those of random weights | compare with the mean of the place |
# | standardised by all scenes, also those asked about | a probe that is too good | mean and std of `learn` alone |
# | components of features whose mean was not subtracted | the first is just the mean | print the first direction |
# | DINO's loss taken for success | it also falls in collapse | draw both entropies |

# %% [markdown]
# ## Five questions
#
# Before you read the summary, see what has stayed. Two of the questions are about earlier chapters.

# %%
quiz("11")

# %% [markdown] slide="Summary"
# ## Summary
#
# - To learn without labels, a model needs a task that carries its own answers: paint what is hidden, or agree
#   with a slow copy of yourself.
# - MAE: hide three quarters, encode only the rest, and judge the hidden patches by their own standard. The
#   decoder is thrown away.
# - Know the baselines. The loss stays at the mean of the place for hundreds of steps, and then falls.
# - It paints what can be known. Where nothing is visible it cannot know.
# - Objects and background come apart without a word. Naming shapes needs labels, and the more of them there
#   are, the less the pre-training gains.
# - DINO can collapse in two ways; two entropies tell which.
#
# **Next:** chapter 12 puts today's parts into your Vision Transformer.
#
# **Further reading**
#
# - He et al., *Masked Autoencoders Are Scalable Vision Learners* (MAE), CVPR 2022.
# - Caron et al., *Emerging Properties in Self-Supervised Vision Transformers* (DINO), ICCV 2021: section 5.3
#   and figure 7 on collapse.
# - Oquab et al., *DINOv2: Learning Robust Visual Features without Supervision*, TMLR 2024 (arXiv 2023).
# - Siméoni et al., *DINOv3*, arXiv 2025.
# - Zhou et al., *iBOT: Image BERT Pre-Training with Online Tokenizer*, ICLR 2022: the hidden patches in DINOv2's
#   task.
