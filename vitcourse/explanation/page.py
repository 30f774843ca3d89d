"""`vitcourse explain`: what a model answers, and a page that shows what it looks at.

Whatever can be wrong with the arguments is checked before anything is computed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vitcourse.data import SHAPES, cell_names, load_photo, scenes, to_input
from vitcourse.explanation import Answer, Labels, explain_and_answer
from vitcourse.files import check_out
from vitcourse.model import VisionTransformer
from vitcourse.model.weights import BUNDLED, load, read_metadata
from vitcourse.weights.pretrained import NAMES, pretrained

BRIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


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

    case = _choose(image, weights, seed)
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
    say(printable(f"Written: {out}, {out.stat().st_size / 1e6:.1f} MB."))
    say(f"Open it in a browser: {out.absolute().as_uri()}")


def in_words(answers: list[Answer]) -> list[str]:
    """A table: question, answer, probability."""
    wide = max(len(question) for question, _, _ in answers)
    name_wide = max(len(name) for _, name, _ in answers)
    lines, before = [], None
    for question, name, share in answers:
        shown = question if question != before else ""
        before = question
        lines.append(printable(f"  {shown:<{wide}}  {name:<{name_wide}}  {share:7.2%}"))
    return lines


def printable(text: str) -> str:
    """Names may come from anywhere, and a terminal obeys control characters in them."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


# Which model, which image.


def _usual_name(image: Path | None, weights: str | None, seed: int | None) -> str:
    """photo.html, scene-0.html; for another model mine-photo.html."""
    parts = [] if weights is None else [Path(weights).stem]
    if image is not None:
        parts.append(image.stem)
    elif weights is None or seed is not None:
        parts.append(f"scene-{seed or 0}")
    return ("-".join(parts) or "explained") + ".html"


def _choose(image: Path | None, weights: str | None, seed: int | None) -> Case:
    if weights in NAMES:
        if seed is not None:
            raise ValueError(f"--seed chooses a scene; {weights} is for photographs: give an IMAGE")
        return _of_torchvision(weights, image)
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
        return _of_scene(model, about, name, seed or 0)
    if seed is not None:
        raise ValueError(f"--seed chooses a scene; {name} was not trained on scenes: give an IMAGE")
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


def _of_torchvision(name: str, image: Path | None) -> Case:
    """With torchvision's own preprocessing, except for the resizing: see `load_photo`."""
    from torchvision.models import get_model_weights
    from torchvision.transforms.functional import center_crop

    weights = get_model_weights(name).DEFAULT
    prepare = weights.transforms()
    pixels = _load(image, prepare.resize_size[0])  # before anything is downloaded
    try:
        model = pretrained(name)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    picture = center_crop(pixels, prepare.crop_size)
    labels = weights.meta["categories"]
    return Case(model, prepare(pixels)[None], picture, labels, f"{_name(image)}, {name}")


def _load(image: Path | None, size: int) -> Tensor:
    """The square in the middle of a photograph: uint8 (3, size, size)."""
    return (load_photo(image, size) * 255).round().byte()


def _name(image: Path | None) -> str:
    return "Grace Hopper (comes with matplotlib)" if image is None else image.name
