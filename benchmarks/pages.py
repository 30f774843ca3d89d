"""A page that shows every head of every layer: the explorer's next to bertviz's."""

from __future__ import annotations

import contextlib
import importlib.util
import io

import torch
from torch import Tensor

from benchmarks import peers
from benchmarks.rows import Row, pictures
from benchmarks.timing import Way
from vitcourse.maps import attention_maps, token_layout
from vitcourse.view.explorer import explorer

SIZE = "tiny"  # bertviz's page of a Ti/16 is 30 MB already: no browser shows more of it


def rows() -> list[Row]:
    return [Row(f"page of maps {SIZE}", lambda device: _ways(*_maps(device)), "ours")]


def megabytes() -> dict[str, float]:
    """How large each page is."""
    given = _maps(torch.device("cpu"))
    return {name: len(way().encode()) / 2**20 for name, way in _ways(*given).items()}


def _maps(device: torch.device) -> tuple[Tensor, Tensor, tuple[int, int]]:
    model = peers.ours(peers.SIZES[SIZE]).to(device).eval()
    images = pictures(SIZE, 1, device)
    return images[0], attention_maps(model, images)[0].cpu(), token_layout(model).grid


def _ways(image: Tensor, maps: Tensor, grid: tuple[int, int]) -> dict[str, Way]:
    picture = (image.clamp(0, 1) * 255).byte().cpu()
    ways: dict[str, Way] = {"ours": lambda: explorer(picture, maps, grid).to_html()}
    if importlib.util.find_spec("bertviz"):
        ways["bertviz"] = lambda: _bertviz(maps)
    return ways


def _bertviz(maps: Tensor) -> str:
    """Its data, as JSON in a page; it knows texts only, so patches are words."""
    from bertviz import model_view

    words = ["CLS", *(str(patch) for patch in range(maps.shape[-1] - 1))]
    layers = [layer[None] for layer in maps]
    with contextlib.redirect_stdout(io.StringIO()):
        return model_view(layers, words, html_action="return").data
