"""`vitcourse train`: data, model and recipe put together, one file at the end.

Whatever can be wrong is checked before the first step. During training, a checkpoint is kept beside
the output file; the same command continues from it, and removes it once the model is written.
"""

import hashlib
import os
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

import vitcourse
from vitcourse.data import SHAPES, Pictures, cell_names, cifar10, fashion_mnist, image_folder
from vitcourse.data import scenes as make_scenes
from vitcourse.files import check_out
from vitcourse.model import VisionTransformer
from vitcourse.model.weights import save
from vitcourse.printable import printable
from vitcourse.training.loop import ONE_QUESTION, predict, train
from vitcourse.training.recipe import History, Recipe
from vitcourse.training.recipes import Plan, choose_patch_size, choose_recipe
from vitcourse.training.tasks import (
    BatchAt,
    picture_task,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
)

DATA_SETS = {"fashion-mnist": fashion_mnist, "cifar10": cifar10}
FOLDER_SIZE = 64  # pixels that a picture from a folder gets, a side
TEST_SCENES, TEST_SEED = 4000, 1  # the same for all; training never sees scenes of `scenes`
WORST_CLASSES = 5  # so many are listed; the file has all
INTERRUPTED = 130  # the exit code that a shell gives to Ctrl-C


class Data(NamedTuple):
    """What to train and to test on."""

    kind: str  # "scenes", "fashion-mnist", "cifar10" or "folder"
    says: str
    shape: tuple[int, int, int]  # of an image: (C, H, W)
    questions: dict[str, int]
    classes: dict[str, tuple[str, ...]]  # the names of the answers to each question
    pictures: Pictures | None  # None: scenes, of which there is no end
    test: Callable[[], tuple[Tensor, Tensor]]


def train_to_file(
    recipe: str | None = None,
    data: str = "scenes",
    out: Path | None = None,
    *,
    steps: int | None = None,
    seed: int = 0,
    folder: Path = Path("data"),
    image_size: int | None = None,
    device: str | None = None,
    overwrite: bool = False,
    say: Callable[[str], None] = print,
) -> int:
    """Train a model, test it and write it to `out`; the exit code: 0, or 130 if interrupted.

    Arguments as in `vitcourse train --help`. Under torchrun all processes train, and the first
    one tests, writes and prints. Raises ValueError with one clear message for whatever goes wrong.
    """
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if rank > 0:
        say = _nothing
    with _explained(rank):
        kind = _kind_of(data)
        name, plan = choose_recipe(recipe, kind)
        out = Path(f"{name}-{_stem(data)}.safetensors") if out is None else out.expanduser()
        checkpoint = out.with_suffix(".training.safetensors")
        check_out(out, ".safetensors", overwrite)
        _check_device(device)
        commit = _commit()  # as it is now; this may change while the training runs

        loaded = _load(kind, data, plan, folder, image_size, say)
        chosen = _fit_recipe(plan.recipe, steps, seed, loaded, world)
        model = _make_model(plan, chosen, loaded)
        say(f"Recipe {name}: {plan.says}.")
        say(_plan_in_words(model, chosen, loaded, plan, out, world))
        if checkpoint.exists():
            say(f"Continuing from {checkpoint}.")

        history = _train(model, chosen, plan, loaded, checkpoint, device, rank)
        if len(history) < chosen.steps:
            say("The same command continues from there.")
            return INTERRUPTED
        if rank > 0:
            return 0

        metadata = {
            "recipe": {"name": name, **asdict(chosen)},
            "data": _stem(data) if kind == "folder" else data,  # not where it is
            **({"layout": dict(plan.layout)} if kind == "scenes" else _augmented(plan)),
            **_tested(model, loaded),
            **_circumstances(model, history, world),
            "commit": commit,
        }
        _save(model.cpu(), out, metadata, checkpoint)
        say(_result_in_words(kind, metadata))
        say(f"Written: {out}, {out.stat().st_size / 1e6:.2f} MB, {history.seconds[-1]:.0f} s.")
    return 0


# What can be wrong.


@contextmanager
def _explained(rank: int) -> Iterator[None]:
    """Whatever goes wrong becomes a ValueError of one message; it says which process it was."""
    try:
        yield
    except (ValueError, OSError, FloatingPointError) as error:
        message = str(error)
        if isinstance(error, OSError) and error.strerror:
            message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    except torch.OutOfMemoryError:
        message = "the GPU does not have enough memory for this recipe; laptop needs the least"
    else:
        return
    raise ValueError(f"process {rank}: {message}" if rank else message) from None


def _kind_of(data: str) -> str:
    if data == "scenes" or data in DATA_SETS:
        return data
    if not Path(data).expanduser().exists():
        raise ValueError(
            f"--data {data}: there is no such folder; give scenes, {', '.join(DATA_SETS)}, or the "
            "path of a folder that holds one folder of pictures for each class"
        )
    return "folder"


def _stem(data: str) -> str:
    return Path(data).expanduser().resolve().name or "folder"


def _check_device(device: str | None) -> None:
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device is not None and not there.get(device, False):
        here = ", ".join(name for name, is_there in there.items() if is_there)
        known = "is not available" if device in there else "is not known; give cpu, cuda or mps"
        raise ValueError(f"--device {device}: {known}; available here: {here}")


# Data, recipe and model.


def _load(kind: str, data: str, plan: Plan, folder: Path, image_size: int | None, say) -> Data:
    if kind != "folder" and image_size is not None:
        raise ValueError(f"--image-size is for pictures in a folder; {kind} have their own size")
    if kind == "scenes":
        return _load_scenes(plan)
    if kind == "folder":
        image_size = FOLDER_SIZE if image_size is None else image_size
        choose_patch_size(image_size, plan.model["patch_size"])  # before all pictures are read
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            pictures = image_folder(data, image_size)
        for warning in caught:
            say(f"Note: {warning.message}")
        train_part, test_part = hold_out(pictures)
    else:
        try:
            train_part, test_part = (DATA_SETS[kind](folder, train=part) for part in (True, False))
        except RuntimeError as error:  # it could not be downloaded
            raise ValueError(error) from None
    return Data(
        kind,
        f"{len(train_part.images):,} pictures of {data}",
        _shape(train_part.images),
        {ONE_QUESTION: len(train_part.classes)},
        {ONE_QUESTION: train_part.classes},
        train_part,
        lambda: (test_part.images, test_part.labels),
    )


def _load_scenes(plan: Plan) -> Data:
    def test() -> tuple[Tensor, Tensor]:
        made = make_scenes(TEST_SCENES, TEST_SEED, **plan.layout)
        return made.images, scene_labels(made)

    grid = plan.layout["grid"]
    shape = _shape(make_scenes(1, **plan.layout).images)
    classes = {"what": SHAPES, "where": cell_names(grid)}
    return Data(
        "scenes", "new scenes in each step", shape, scene_questions(grid), classes, None, test
    )


def _shape(images: Tensor) -> tuple[int, int, int]:
    _, channels, height, width = images.shape
    return channels, height, width


def hold_out(pictures: Pictures) -> tuple[Pictures, Pictures]:
    """To train on, and to test on: of each class a fifth, at least one.

    Those whose pixels have the smallest hashes, so neither order nor names of the files matter.
    Raises ValueError for a class with fewer than two pictures.
    """
    hashes = [hashlib.sha256(image.numpy().tobytes()).digest() for image in pictures.images]
    held = torch.zeros(len(hashes), dtype=torch.bool)
    for label, name in enumerate(pictures.classes):
        rows = (pictures.labels == label).nonzero().flatten().tolist()
        rows.sort(key=lambda row: hashes[row])
        if len(rows) < 2:
            raise ValueError(
                f"class {name} has one picture; each needs at least two, one of them to test on"
            )
        held[rows[: max(1, len(rows) // 5)]] = True
    kept, tested = (
        Pictures(pictures.images[part], pictures.labels[part], pictures.classes)
        for part in (~held, held)
    )
    return kept, tested


def _fit_recipe(recipe: Recipe, steps: int | None, seed: int, data: Data, world: int) -> Recipe:
    """The recipe with this seed and number of steps, and batches that the data can fill."""
    if steps is not None:
        # Short runs are for trying out: let them warm up for at most a tenth of the time.
        recipe = replace(recipe, steps=steps, warmup_steps=min(recipe.warmup_steps, steps // 10))
    recipe = replace(recipe, seed=seed)
    if data.pictures is not None and len(data.pictures.images) < recipe.batch_size:
        count = len(data.pictures.images) // world * world
        if count == 0:
            raise ValueError(f"{data.says} to train on: fewer than {world} processes need")
        recipe = replace(recipe, batch_size=count)
    return recipe


def _make_model(plan: Plan, recipe: Recipe, data: Data) -> VisionTransformer:
    channels, size, _ = data.shape
    sizes = dict(plan.model) | {"patch_size": choose_patch_size(size, plan.model["patch_size"])}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return small_vit(size, channels, sum(data.questions.values()), **sizes)


def _batches(plan: Plan, recipe: Recipe, data: Data) -> BatchAt:
    if data.pictures is None:
        return scene_task(recipe.batch_size, recipe.seed, **plan.layout)
    return picture_task(data.pictures, recipe.batch_size, recipe.seed, **_augmented(plan))


def _augmented(plan: Plan) -> dict[str, bool]:
    return {"augment": plan.augment, "shift": plan.augment and plan.shift}


def _plan_in_words(
    model: VisionTransformer, recipe: Recipe, data: Data, plan: Plan, out: Path, world: int
) -> str:
    count = sum(p.numel() for p in model.parameters())
    channels, height, width = data.shape
    sizes = f"{height} x {width} x {channels} in patches of {model.config['patch_size']}"
    changed = ""
    if data.pictures is not None and plan.augment:
        changed = f" ({'shifted and ' if plan.shift else ''}mirrored at random)"
    processes = f" in {world} processes" if world > 1 else ""
    return (
        f"A ViT with {count:,} parameters; {data.says}, {sizes}{changed}; "
        f"{recipe.steps:,} steps of {recipe.batch_size}{processes}; to {out}."
    )


# Training and writing.


def _train(
    model, recipe: Recipe, plan: Plan, data: Data, checkpoint: Path, device: str | None, rank: int
) -> History:
    try:
        return train(
            model,
            _batches(plan, recipe, data),
            recipe,
            questions=data.questions,
            checkpoint=checkpoint,
            device=device,
        )
    except FloatingPointError:
        if rank == 0:
            checkpoint.unlink(missing_ok=True)  # continuing from there would only lead here again
        raise


def _save(model: VisionTransformer, out: Path, metadata: dict, checkpoint: Path) -> None:
    try:
        save(model, out, metadata)
    except OSError as error:
        raise ValueError(
            f"--out {out}: cannot be written ({error.strerror}). Nothing is lost: all steps are in "
            f"{checkpoint}, and the same command will only have to write"
        ) from None
    checkpoint.unlink(missing_ok=True)


def _tested(model: VisionTransformer, data: Data) -> dict:
    """What was asked, and the share of right answers on data that it was not trained on."""
    images, labels = data.test()
    columns = labels.reshape(len(labels), -1)
    right = predict(model, images, data.questions) == columns
    shares = dict(zip(data.questions, right.float().mean(dim=0).tolist(), strict=True))
    tested = {
        "questions": data.questions,
        "classes": data.classes,
        "figures": {question: round(share, 4) for question, share in shares.items()},
        "tested on": len(images),
    }
    if data.kind == "scenes":
        return tested  # where all answers are as frequent
    return tested | {"by class": _by_class(data.classes[ONE_QUESTION], right[:, 0], columns[:, 0])}


def _by_class(names: tuple[str, ...], right: Tensor, labels: Tensor) -> dict[str, list]:
    """{name: [share of right answers, how many there were]}, of the classes that were tested."""
    of_class = [right[labels == label] for label in range(len(names))]
    return {
        name: [round(answers.float().mean().item(), 4), len(answers)]
        for name, answers in zip(names, of_class, strict=True)
        if len(answers) > 0
    }


def _result_in_words(kind: str, metadata: dict) -> str:
    answers = ", ".join(
        f"{question} {share:.1%}" for question, share in metadata["figures"].items()
    )
    tested = "unseen scenes" if kind == "scenes" else "pictures that it was not trained on"
    said = f"Right answers for {metadata['tested on']:,} {tested}: {answers}."
    return said if kind == "scenes" else f"{said}\n{_by_class_in_words(metadata)}"


def _by_class_in_words(metadata: dict) -> str:
    """What a high share is worth: who always says the commonest class is right so often, too."""
    by_class, count = metadata["by class"], metadata["tested on"]
    commonest = max(by_class, key=lambda name: by_class[name][1])
    mean = sum(share for share, _ in by_class.values()) / len(by_class)
    worst = sorted(by_class, key=lambda name: by_class[name][0])[:WORST_CLASSES]
    listed = ", ".join(f"{printable(name)} {by_class[name][0]:.1%}" for name in worst)
    which = "by class" if len(worst) == len(by_class) else f"the {len(worst)} hardest"
    return (
        f"Always answering {printable(commonest)}, the commonest, would be right for "
        f"{by_class[commonest][1] / count:.1%}. The mean of the classes is {mean:.1%}; "
        f"{which}: {listed}."
    )


def _circumstances(model: VisionTransformer, history: History, world: int) -> dict:
    device = next(model.parameters()).device
    cuda = device.type == "cuda"
    return {
        "precision": history.precision,
        "device": torch.cuda.get_device_name(device) if cuda else device.type,
        "threads": history.threads,
        "processes": world,
        "seconds": round(history.seconds[-1], 2),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"vitcourse": vitcourse.__version__, "torch": torch.__version__},
    }


def _commit() -> str | None:
    """The commit of this package, "+ changes" if it was changed; None if it is not in git."""
    package = Path(vitcourse.__file__).parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(package), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return done.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")  # else it is in somebody's environment
        changes = git("status", "--porcelain", "--", ".", ":(exclude)weights")
        return git("rev-parse", "HEAD") + (" + changes" if changes else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _nothing(_: str) -> None:
    """What all processes except the first print."""
