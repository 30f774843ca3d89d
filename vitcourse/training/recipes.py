"""The recipes that `vitcourse train --recipe NAME` knows: a model, and how it is trained.

Image size, channels and classes follow from the data; everything else is in this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vitcourse.training.recipe import Recipe

LAPTOP = {"patch_size": 8, "embed_dim": 64, "depth": 4, "num_heads": 4, "mlp_dim": 128}


@dataclass(frozen=True)
class Plan:
    """A recipe with the model that it is meant for."""

    says: str  # in one line, what it is for
    recipe: Recipe
    model: Mapping[str, int]  # arguments of small_vit; see `choose_patch_size`
    layout: Mapping[str, int] = field(default_factory=lambda: {"grid": 3, "shapes": 4})  # of scenes
    augment: bool = True  # pictures, not scenes: shifted a little, and mirrored
    shift: bool = True  # False: mirrored only
    only: str | None = None  # the only kind of data that it is for


RECIPES = {
    # The plateau saves a sixth of the steps: chapter 7 trains fourteen models.
    "laptop": Plan(
        "the model of chapter 7, trained with Muon and AdamW",
        Recipe(steps=1000, plateau=0.4),
        LAPTOP,
    ),
    "adamw": Plan("as laptop, but with AdamW alone, to compare", Recipe(use_muon=False), LAPTOP),
    "bundled": Plan(
        "the model that comes with the course",
        Recipe(steps=3500, muon_lr=1e-2, precision="float32"),  # "auto" would depend on the machine
        LAPTOP,
        layout={"grid": 6, "shapes": 5},
        only="scenes",
    ),
    "fashion-mnist": Plan(
        "for Fashion-MNIST, in about three minutes on one core",
        Recipe(steps=3200, batch_size=64, muon_lr=1.4e-2, adamw_lr=4e-3),
        {"patch_size": 7, "embed_dim": 96, "depth": 4, "num_heads": 4, "mlp_dim": 192},
        augment=False,  # each picture is seen only three times: too rarely to be learned by heart
        only="fashion-mnist",
    ),
    "fashion-mnist-long": Plan(
        "for Fashion-MNIST, in about fifteen minutes on one core",
        Recipe(steps=6400, batch_size=64, muon_lr=1.4e-2, adamw_lr=4e-3),
        {"patch_size": 4, "embed_dim": 96, "depth": 4, "num_heads": 4, "mlp_dim": 192},
        shift=False,  # its clothes are all in the middle, those to test on as well
        only="fashion-mnist",
    ),
    # A first guess, from what is usual for pictures of 32 x 32; nobody has run all of it yet. For
    # such a model (ViT-Lite-7/4) and CIFAR-10, Hassani et al. 2021 report 91.4 % after 200 epochs
    # with more augmentation than here. This is 100 epochs: expect less.
    "gpu": Plan(
        "a larger model for CIFAR-10 and the like on a GPU; not tried yet, expect to adjust it",
        Recipe(steps=20_000, batch_size=256, muon_lr=5e-3, adamw_lr=1e-3, warmup_steps=500),
        {"patch_size": 4, "embed_dim": 192, "depth": 9, "num_heads": 6, "mlp_dim": 768},
    ),
}


def choose_patch_size(image_size: int, wanted: int) -> int:
    """The largest size that divides image_size: the wanted one, or less, down to half of it.

    So a recipe fits more than one kind of data: 8 gives 8 for scenes (48) and 7 for Fashion-MNIST
    (28). Raises ValueError if there is none, as for 53.
    """
    for size in range(wanted, (wanted - 1) // 2, -1):
        if image_size % size == 0:
            return size
    below = image_size // wanted * wanted
    nearby = " or ".join(str(size) for size in (below, below + wanted) if size)
    raise ValueError(
        f"image_size={image_size}: no patch size from {(wanted + 1) // 2} to {wanted} divides it; "
        f"{nearby} would do"
    )


def choose_recipe(name: str | None, kind: str) -> tuple[str, Plan]:
    """The recipe of this name, if it fits this kind of data; for None, the usual one.

    `kind` is "scenes", "fashion-mnist", "cifar10" or "folder". The usual recipe is the one named
    after the data, else "laptop". Raises ValueError, naming the recipes that fit.
    """
    fitting = {n: plan for n, plan in RECIPES.items() if plan.only in (None, kind)}
    if name is None:
        name = kind if kind in fitting else "laptop"
    if name not in RECIPES:
        raise ValueError(f"--recipe {name!r}: there is no such recipe; give {_one_of(fitting)}")
    if name not in fitting:
        raise ValueError(
            f"--recipe {name}: it is for {RECIPES[name].only} only; "
            f"for {'pictures in a folder' if kind == 'folder' else kind} give {_one_of(fitting)}"
        )
    return name, RECIPES[name]


def _one_of(names: Mapping) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"
