"""`vitcourse explain`: what a model answers, and a page that shows what it looks at.

Whatever can be wrong with the arguments is checked before anything is computed.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from vitcourse.data import SHAPES, cell_names, load_photo, scenes, to_input
from vitcourse.explanation import Answer, Labels, explain_and_answer
from vitcourse.files import check_out
from vitcourse.model import VisionTransformer
from vitcourse.model.sizes import at_size
from vitcourse.model.weights import BUNDLED, load, read_metadata
from vitcourse.printable import printable
from vitcourse.weights.pretrained import META, NAMES, pretrained

BRIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)
LARGE_PAGE = 20_000_000  # bytes
MOST_PATCHES_A_SIDE = 48  # 3 GB of attention in ViT-B
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Case(NamedTuple):
    """A model, and what it is to look at."""

    model: nn.Module
    inputs: Tensor
    picture: Tensor
    labels: Labels | None
    title: str
    note: str = ""  # what a reader must know to judge the answers


def write_page(
    image: Path | None = None,
    weights: str | None = None,
    out: Path | None = None,
    *,
    seed: int | None = None,
    image_size: int | None = None,
    classes: int = 5,
    overwrite: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Say what the model answers and write the explorer as a page to `out`.

    Arguments as in `vitcourse explain --help`. Raises ValueError with one clear message for
    whatever goes wrong.
    """
    if image is not None and seed is not None:
        raise ValueError("--seed chooses a scene; an IMAGE has none")
    out = Path(_usual_name(image, weights, seed)) if out is None else out.expanduser()
    check_out(out, ".html", overwrite)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        case = _choose(image, weights, seed, image_size)
    for warning in caught:
        say(printable(f"Note: {warning.message}"))
    say(printable(f"{case.title}:"))
    explorer, answers = explain_and_answer(
        case.model, case.inputs, case.picture, case.labels, classes, case.title
    )
    for line in in_words(answers):
        say(line)
    if case.note:
        say(printable(case.note))
    try:
        explorer.to_html(out)
    except OSError as error:
        raise ValueError(
            f"--out {out}: cannot be written ({error.strerror}); nothing was left behind"
        ) from None
    size = out.stat().st_size
    say(printable(f"Written: {out}, {size / 1e6:.1f} MB."))
    if size > LARGE_PAGE:
        say(f"That is much for a browser or a mail. {_smaller(case.inputs, image_size)}")
    say(f"Open it in a browser: {out.absolute().as_uri()}")


def _smaller(inputs: Tensor, image_size: int | None) -> str:
    """What makes a smaller page: it grows with the fourth power of the image's size."""
    if image_size is None:
        return "Fewer patches make a smaller page."
    return f"With half of --image-size {inputs.shape[-1]} it is a sixteenth of that."


def in_words(answers: list[Answer]) -> list[str]:
    """A table: question, answer, probability; nothing for a model without answers."""
    if not answers:
        return []
    wide = max(len(question) for question, _, _ in answers)
    name_wide = max(len(name) for _, name, _ in answers)
    lines, before = [], None
    for question, name, share in answers:
        shown = question if question != before else ""
        before = question
        lines.append(printable(f"  {shown:<{wide}}  {name:<{name_wide}}  {share:7.2%}"))
    return lines


# Which model, which image.


def _usual_name(image: Path | None, weights: str | None, seed: int | None) -> str:
    """photo.html, scene-0.html; for another model mine-photo.html."""
    parts = [] if weights is None else [Path(weights).stem]
    if image is not None:
        parts.append(image.stem)
    elif weights is None or seed is not None:
        parts.append(f"scene-{seed or 0}")
    return ("-".join(parts) or "explained") + ".html"


def _choose(
    image: Path | None, weights: str | None, seed: int | None, image_size: int | None
) -> Case:
    if weights in NAMES:
        if seed is not None:
            raise ValueError(f"--seed chooses a scene; {weights} is for photographs: give an IMAGE")
        return (_of_meta if weights in META else _of_torchvision)(weights, image, image_size)
    file = BUNDLED if weights is None else Path(weights).expanduser()
    if not file.is_file() or file.suffix != ".safetensors":
        problem = "this is not a .safetensors file" if file.exists() else "there is no such file"
        raise ValueError(
            f"--weights {weights}: {problem}; give one that vitcourse train has written, or one of "
            f"{', '.join(NAMES)}"
        )
    try:
        model, about = load(file).eval(), read_metadata(file)
    except OSError as error:
        raise ValueError(f"--weights {weights}: cannot be read: {error.strerror}") from None
    name = "the bundled model" if weights is None else file.name
    if image is None and "layout" in about:
        if image_size is not None:
            raise ValueError("--image-size is for photographs; a scene has its own")
        return _of_scene(model, about, name, seed or 0)
    if seed is not None:
        raise ValueError(f"--seed chooses a scene; {name} was not trained on scenes: give an IMAGE")
    if image_size is not None:
        _check_size(image_size, model.patch_embed.patch_size, name)
        model = at_size(model, image_size).eval()
    return _of_photo(model, about, name, image)


def _of_scene(model: VisionTransformer, about: dict, name: str, seed: int) -> Case:
    layout, labels = about["layout"], about.get("classes")
    try:
        scene = scenes(1, seed, **layout)
        where = cell_names(layout["grid"])[scene.where[0]]
    except (TypeError, KeyError):
        raise ValueError(f"{name}: its header has an invalid layout of scenes") from None
    truth = f"Truth: {SHAPES[scene.what[0]]}, {where} (the shape in the dot's colour)."
    title = f"Scene {seed}, {name}"
    return Case(model, to_input(scene.images), scene.images[0], labels, title, truth)


def _of_photo(model: VisionTransformer, about: dict, name: str, image: Path | None) -> Case:
    size, channels = model.config["image_size"], model.config["in_channels"]
    if not isinstance(size, int) or channels not in (1, 3):
        raise ValueError(
            f"{name}: it takes images of {size} pixels with {channels} channels; "
            "for photographs it must take squares, grey or in colour"
        )
    pixels = _load(image, size)
    inputs = to_input(pixels[None])
    if channels == 1:
        inputs = torch.einsum("bchw,c->bhw", inputs, torch.tensor(BRIGHTNESS))[:, None]
    grey = " and made grey" if channels == 1 else ""
    known, title = f"{name} takes everything for one of its own answers", f"{_name(image)}, {name}"
    if "layout" in about:
        known = f"{name} has never seen anything but scenes, so what it says here means nothing"
        title += ", which knows scenes only"  # the page may be mailed to somebody
    note = f"Note: the photograph was fitted to {size} x {size} pixels{grey}; {known}."
    return Case(model, inputs, pixels, about.get("classes"), title, note)


def _of_torchvision(name: str, image: Path | None, image_size: int | None) -> Case:
    """With torchvision's own preprocessing, except for the resizing: see `load_photo`."""
    from torchvision.models import get_model_weights
    from torchvision.transforms.functional import center_crop

    if image_size is not None:
        _check_size(image_size, int(name.rpartition("_")[2]), name)
    weights = get_model_weights(name).DEFAULT
    prepare = weights.transforms()
    if image_size is not None:  # as much of the picture is cut away as always
        resize = image_size * prepare.resize_size[0] // prepare.crop_size[0]
        prepare = weights.transforms(crop_size=image_size, resize_size=resize)
    pixels = _load(image, prepare.resize_size[0])  # before anything is downloaded
    model = _pretrained(name)
    if image_size is not None:
        model = at_size(model, image_size).eval()
    picture = center_crop(pixels, prepare.crop_size)
    labels = weights.meta["categories"]
    return Case(model, prepare(pixels)[None], picture, labels, f"{_name(image)}, {name}")


def _of_meta(name: str, image: Path | None, image_size: int | None) -> Case:
    """224 pixels a side unless asked otherwise: 16 patches of 14, or 14 of 16."""
    from torchvision.transforms.functional import normalize

    size, patch = 224 if image_size is None else image_size, int(name.split("vits")[1][:2])
    _check_size(size, patch, name)
    pixels = _load(image, size)  # before anything is downloaded
    inputs = normalize(pixels[None] / 255, IMAGENET_MEAN, IMAGENET_STD)
    note = f"{name} was trained without labels: it gives features, not answers."
    return Case(_pretrained(name), inputs, pixels, None, f"{_name(image)}, {name}", note)


def _pretrained(name: str) -> Any:
    try:
        return pretrained(name)
    except RuntimeError as error:
        by_hand = name in META and META[name].gate  # who must fetch a file needs all the lines
        raise ValueError(str(error) if by_hand else str(error).splitlines()[0]) from None


def _check_size(image_size: int, patch: int, name: str) -> None:
    most = patch * MOST_PATCHES_A_SIDE
    if image_size > most:
        raise ValueError(f"--image-size {image_size}: too large to hold its maps; at most {most}")
    if image_size < patch or image_size % patch != 0:
        raise ValueError(
            f"--image-size {image_size}: {name} has patches of {patch} pixels; "
            f"{max(1, round(image_size / patch)) * patch} fits"
        )


def _load(image: Path | None, size: int) -> Tensor:
    """The square in the middle of a photograph: uint8 (3, size, size)."""
    return (load_photo(image, size) * 255).round().byte()


def _name(image: Path | None) -> str:
    return "Grace Hopper (comes with matplotlib)" if image is None else image.name
