"""Checkpoints: a training run that was cut off continues where it was.

One safetensors file (never a pickle) with model, optimizers and history as tensors. Its header
names the recipe, model and data; it holds no random state, since every step makes its own.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import nn

from vitcourse.files import written_whole
from vitcourse.training.recipe import History, Recipe


def describe(model: nn.Module, recipe: Recipe, questions: Mapping, first_batch) -> dict:
    """What a checkpoint must share with a run that resumes it."""
    data = hashlib.sha256()
    for tensor in first_batch:
        data.update(tensor.cpu().contiguous().view(-1).view(torch.uint8).numpy())
    about = asdict(recipe) | {
        "questions": dict(questions),
        "model": getattr(model, "config", type(model).__name__),
        "data (hash of the first batch)": data.hexdigest()[:16],
    }
    return json.loads(json.dumps(about, default=str))


def save(path: Path, model, optimizers, history: History, about: dict) -> None:
    """Write the checkpoint beside `path`, then move it there: the file is complete or absent."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for k, optimizer in enumerate(optimizers):
        for number, values in optimizer.state_dict()["state"].items():
            for name, value in values.items():
                tensors[f"optimizer.{k}.{number}.{name}"] = value
    curves = {"loss": history.loss, "seconds": history.seconds}
    curves |= {f"accuracy.{name}": values for name, values in history.accuracy.items()}
    for name, values in curves.items():
        tensors[f"history.{name}"] = torch.tensor(values, dtype=torch.float64)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    header = {"about": json.dumps(about), "precision": history.precision, "format": "pt"}
    header |= {"threads": str(history.threads)} if history.threads else {}
    try:
        with written_whole(path) as beside:
            beside.write_bytes(to_bytes(tensors, header))
    except OSError as error:
        older = "the previous one is intact" if path.exists() else "nothing was left behind"
        raise OSError(
            error.errno,
            f"cannot write the checkpoint of step {len(history)} ({error.strerror}); {older}, and "
            "the model in memory is intact",
            os.fspath(path),
        ) from error


def load(path: Path, model, optimizers, about: dict) -> History:
    """Fill model and optimizers from the checkpoint; nothing changes unless all of it fits."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        theirs, precision = json.loads(header["about"]), header["precision"]
        _check_same(path, theirs, about)
        parts: dict[str, dict] = {"model": {}, "optimizer": {}, "history": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        curves = {name: values.tolist() for name, values in parts["history"].items()}
        history = History(about["steps"], precision, curves.pop("loss"), {}, curves.pop("seconds"))
        history.accuracy = {name.partition(".")[2]: values for name, values in curves.items()}
        history.threads = int(header["threads"]) if "threads" in header else None
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, _Mismatch):
            raise
        raise ValueError(
            f"checkpoint={os.fspath(path)!r} is damaged or not a training checkpoint "
            f"({error}); delete it to start again, or give another name"
        ) from error
    shapes = {name: tuple(tensor.shape) for name, tensor in parts["model"].items()}
    _check_same(path, shapes, {n: tuple(t.shape) for n, t in model.state_dict().items()})
    for k, optimizer in enumerate(optimizers):
        state = optimizer.state_dict()
        for name, value in parts["optimizer"].items():
            which, number, key = name.split(".", 2)
            if int(which) == k:
                state["state"].setdefault(int(number), {})[key] = value
        optimizer.load_state_dict(state)
    model.load_state_dict(parts["model"])
    return history


class _Mismatch(ValueError):
    """A valid checkpoint, but of something else."""


def _check_same(path: Path, theirs: dict, ours: dict) -> None:
    differing = [key for key in {**ours, **theirs} if theirs.get(key) != ours.get(key)]
    if differing:
        lines = [f"{k}: {theirs.get(k)!r} there, {ours.get(k)!r} here" for k in differing[:4]]
        more = f" and {len(differing) - 4} more" if len(differing) > 4 else ""
        raise _Mismatch(
            f"checkpoint={os.fspath(path)!r} is of another training run: {'; '.join(lines)}{more}. "
            "Give another name to start again, or the same arguments to resume"
        )
