"""Our own files: safetensors with a config in the header. Nothing in them is trusted."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from vitcourse.files import written_whole
from vitcourse.model.encoder import LAYER_NORM_EPS
from vitcourse.model.vit import VisionTransformer
from vitcourse.model.weights.names import OURS, empty_model, few, shapes_of, sizes_of
from vitcourse.model.weights.values import DTYPES, check_values, fill


def save(model: VisionTransformer, path: str | Path, metadata: dict | None = None) -> None:
    """Write weights, config and `metadata` (a dict that JSON can hold) as one safetensors file.

    Where weights and model.config disagree, the weights count: a model with a new head is saved as
    what it is. The file appears whole or not at all: written beside `path`, then moved.

    Raises ValueError if `load` would refuse the file, or metadata is not such a dict.
    """
    if not isinstance(model, VisionTransformer):
        raise ValueError(f"model must be a VisionTransformer, got {type(model).__name__}")
    path = Path(path)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    known = {key: value for key, value in model.config.items() if key != "representation_size"}
    config = known | sizes_of(shapes_of(state), OURS)
    if model.encoder.norm.eps != LAYER_NORM_EPS:  # Hugging Face's models have another
        config["norm_eps"] = model.encoder.norm.eps
    empty_model(config, shapes_of(state), OURS)
    check_values(state)
    header = {"config": json.dumps(config), "metadata": _to_json(metadata or {}), "format": "pt"}
    with written_whole(path) as beside:  # not by save_file, whose files are private
        beside.write_bytes(to_bytes(state, header))


def load(path: str | Path) -> VisionTransformer:
    """The model in a file that `save` wrote, on the CPU, in the dtype that it was saved in.

    The model is in training mode, like any new one: call `load(path).eval()` to predict.

    Nothing in the file is trusted. Its config must agree with the shapes of its tensors before
    anything is built, so that a small file cannot ask for a huge model. Raises ValueError, naming
    the path and what is wrong with the file; OSError if it cannot be opened.
    """
    try:
        with safe_open(path, framework="pt") as file:
            shapes = _file_shapes(file)
            config = _trusted(_from_json(file, "config"), sizes_of(shapes, OURS))
            model = empty_model(config, shapes, OURS)
            state = {name: file.get_tensor(name) for name in shapes}
        check_values(state)
        fill(model, state, copy=True)
        return model
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"cannot load {os.fspath(path)}: {error}") from error


def read_metadata(path: str | Path) -> dict:
    """The `metadata` that was given to `save`. Reads no weights; errors as in `load`."""
    try:
        with safe_open(path, framework="pt") as file:
            return _from_json(file, "metadata")
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"cannot load {os.fspath(path)}: {error}") from error


def _file_shapes(file) -> dict[str, tuple]:
    """The shapes of the tensors in a file, from its header alone."""
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
    for name, tensor in slices.items():
        if tensor.get_dtype() not in DTYPES:
            raise ValueError(f"{name} must be one of {', '.join(DTYPES)}, got {tensor.get_dtype()}")
    return {name: tuple(tensor.get_shape()) for name, tensor in slices.items()}


def _to_json(metadata: dict) -> str:
    if not isinstance(metadata, dict):
        raise ValueError(f"metadata must be a dict, got {type(metadata).__name__}")
    try:
        return json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"metadata must be what JSON can hold: {error}") from error


def _from_json(file, key: str) -> dict:
    header = file.metadata() or {}
    if key not in header:
        raise ValueError(f"its header has no {key}; was it written by vitcourse?")
    try:
        value = json.loads(header[key])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {key} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"its {key} must be a JSON object, got {type(value).__name__}")
    return value


def _trusted(config: dict, sizes: dict[str, int]) -> dict:
    """The config, after a check that it agrees with the tensors' shapes."""
    expected = {"image_size", "num_heads", "dropout", *sizes}
    eps = config.get("norm_eps", LAYER_NORM_EPS)
    if type(eps) is not float or not 0 < eps < 1:
        raise ValueError(f"norm_eps must be a number between 0 and 1, got {eps!r}")
    if set(config) - {"norm_eps"} != expected:
        raise ValueError(f"its config must have {sorted(expected)}, got {few(sorted(config), 9)}")
    for key, size in sizes.items():
        if type(config[key]) is not int or config[key] != size:
            raise ValueError(f"its config says {key}={config[key]!r}, its tensors say {size}")
    dropout, size = config["dropout"], config["image_size"]
    if type(dropout) not in (int, float) or not 0 <= dropout <= 1:
        raise ValueError(f"dropout must be a number from 0 to 1, got {dropout!r}")
    return config | {"image_size": tuple(size) if isinstance(size, list) else size}
