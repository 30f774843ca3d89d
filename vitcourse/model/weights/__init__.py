"""Chapter 9: the same numbers in our files, timm's, torchvision's and Hugging Face's.

    names.py     one network, three sets of names
    values.py    state dicts as they come, and what is wrong with them
    foreign.py   from_timm, from_torchvision, from_huggingface, and back
    dino.py      DINOv2 and DINOv3, whose networks have more in them
    files.py     save and load: safetensors

Nothing here unpickles: state dicts come from the caller, files are safetensors.
"""

from pathlib import Path

from vitcourse.model.vit import VisionTransformer
from vitcourse.model.weights.files import load, read_metadata, save
from vitcourse.model.weights.foreign import (
    from_huggingface,
    from_timm,
    from_torchvision,
    to_timm,
    to_torchvision,
)

__all__ = [
    "BUNDLED",
    "bundled",
    "bundled_layout",
    "from_huggingface",
    "from_timm",
    "from_torchvision",
    "load",
    "read_metadata",
    "save",
    "to_timm",
    "to_torchvision",
]

BUNDLED = Path(__file__).parents[2] / "weights" / "bundled.safetensors"


def bundled() -> VisionTransformer:
    """The model that comes with the course, trained on scenes, in evaluation mode.

    Its two questions share the logits (B, 8 + number of cells): first "what", then "where".
    Its scenes are `scenes(n, seed, **bundled_layout())`; `vitcourse train --recipe bundled` makes
    it again.
    """
    return load(BUNDLED).eval()


def bundled_layout() -> dict[str, int]:
    """The scenes that the bundled model was trained on: arguments for `scenes`."""
    return read_metadata(BUNDLED)["layout"]
