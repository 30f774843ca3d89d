"""State dicts as they come: checked, without the wrappers' prefixes, and put into a model."""

import warnings

import torch
from torch import nn

from vitcourse.model.weights.names import few

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
# Whose names begin so: DataParallel's, torch.compile's, and those of models that hold a ViT.
WRAPPERS = {
    "module.": "DataParallel",
    "_orig_mod.": "torch.compile",
    "backbone.": "a model around it",
    "model.": "a model around it",
}


def as_dict(state_dict: object) -> dict[str, torch.Tensor]:
    """The state dict, after a check that it is one, without the prefixes of WRAPPERS."""
    if not isinstance(state_dict, dict):
        raise ValueError(
            f"state_dict must be a dict of names and tensors, got {type(state_dict).__name__}; "
            f"for a model, pass model.state_dict()"
        )
    for name, value in state_dict.items():
        if isinstance(value, dict) and value:
            raise ValueError(f"state_dict[{name!r}] is a dict itself: pass this one, or another")
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise ValueError(f"state_dict[{name!r}] must be a tensor, got {type(value).__name__}")
    return _unwrapped(state_dict)


def _unwrapped(state_dict: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    for prefix, whose in WRAPPERS.items():
        inside = {n.removeprefix(prefix): t for n, t in state_dict.items() if n.startswith(prefix)}
        if not inside:
            continue
        left = [name for name in state_dict if not name.startswith(prefix)]
        out = f"; left out: {few(left)}" if left else ""
        warnings.warn(f"read without the prefix {prefix} ({whose}){out}", stacklevel=4)
        return _unwrapped(inside)
    return state_dict


def fill(model: nn.Module, state: dict[str, torch.Tensor], copy: bool) -> None:
    """Give the model these tensors, or its own copies of them, in place of those on "meta"."""
    tensors = {name: tensor.detach() for name, tensor in state.items()}
    if copy:
        tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    model.load_state_dict(tensors, assign=True)


def check_values(state: dict[str, torch.Tensor]) -> None:
    """Raise ValueError unless all share one floating dtype and none holds NaN or infinity."""
    dtypes = {tensor.dtype for tensor in state.values()}
    if len(dtypes) > 1 or not dtypes <= set(DTYPES.values()):
        found = ", ".join(sorted(map(str, dtypes)))
        raise ValueError(f"weights must share one of float16, bfloat16, float32, 64; got {found}")
    # Weights on the meta device have shapes but no values, and there is nothing to check.
    bad = [name for name, t in state.items() if not (t.is_meta or t.isfinite().all())]
    if bad:
        raise ValueError(f"NaN or infinity in {few(bad)}")
