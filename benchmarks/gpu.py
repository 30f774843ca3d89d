"""What a graphics card is asked, all in one: `python -m benchmarks --device cuda`.

The rows: forward passes and training steps of the peers in bfloat16, plain and compiled, which take
turns as on a CPU; attention maps. The checks: the tests that take a device; that attention really
is the flash kernel; that maps never wait for the CPU; scenes and Fashion-MNIST trained; the
explorer from model to page. `--rehearse` does the same on a small scale, on any device.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmarks import peers
from benchmarks.rows import Row, forward, maps_row, pictures, training_step
from benchmarks.timing import AGAIN, Way
from vitcourse.explanation import explain
from vitcourse.maps import attention_maps
from vitcourse.model.weights.files import read_metadata
from vitcourse.training.run import train_to_file

COMPILED = ("ours", "timm")  # a minute each
# Images a second of ViT-B/16, batch 256, on one H100: floor, target, stretch.
H100 = {forward: (9_800, 11_300, 14_000), training_step: (3_300, 3_750, 4_500)}
FASHION_SHARE, FASHION_SECONDS = 0.94, 300


@dataclass(frozen=True)
class Scale:
    """How large it all is."""

    size: str = "B/16"
    batch: int = 256
    can_compile: bool = True  # a compiler is needed; on a CPU it may not be there
    tests: str = "tests"  # where the device tests are looked for
    scenes_steps: int | None = None  # None: as many as the recipe says
    fashion_recipe: str = "gpu"
    fashion_steps: int | None = None


REHEARSAL = Scale(
    size="tiny",
    batch=2,
    can_compile=False,
    tests="tests/model/test_model_cls_token.py",
    scenes_steps=2,
    fashion_recipe="fashion-mnist",
    fashion_steps=2,
)


# Rows ---------------------------------------------------------------------------------------------


def rows(scale: Scale) -> list[Row]:
    kinds = [False, True] if scale.can_compile else [False]
    yardstick = peers.yardstick(peers.installed())
    found = [
        Row(
            f"{step.__name__} {scale.size}, batch {scale.batch}, bf16" + ", compiled" * compiled,
            partial(_in_bf16, step, scale, compiled),
            yardstick,
            clock="wall",
        )
        for step in (forward, training_step)
        for compiled in kinds
    ]
    return [*found, maps_row(scale.size, min(scale.batch, 32), clock="wall")]


class Autocast(nn.Module):
    """A model that computes in bfloat16 and keeps its weights in float32, as one trains."""

    def __init__(self, model: nn.Module, kind: str) -> None:
        super().__init__()
        self.model, self.kind = model, kind

    def forward(self, images: Tensor) -> Tensor:
        with torch.autocast(self.kind, dtype=torch.bfloat16):
            return self.model(images).float()


def _in_bf16(step: Callable, scale: Scale, compiled: bool, device: torch.device) -> dict[str, Way]:
    images, ways = pictures(scale.size, scale.batch, device), {}
    for name, model in peers.models(scale.size).items():
        if compiled and name not in COMPILED:
            continue
        model = model.to(device).train(step is training_step)
        if step is forward:  # nobody needs float32 weights there
            model, given = model.bfloat16(), images.bfloat16()
        else:
            model, given = Autocast(model, device.type), images
        ways[name] = partial(step, torch.compile(model) if compiled else model, given)
    return ways


def rates(row: dict, scale: Scale) -> dict[str, float]:
    """Images a second of each way in a row of forward passes or training steps."""
    return {
        name: round(1000 * scale.batch / way["wall_ms"], 1)
        for name, way in row["ways"].items()
        if not name.endswith(AGAIN)
    }


def verdict(row: dict, scale: Scale) -> dict:
    """Is ours at least as fast as the yardstick? And where is it among an H100's goals?"""
    ours, images = row["ways"]["ours"], rates(row, scale)
    step = next(step for step in H100 if row["what"].startswith(step.__name__))
    goals = dict(zip(("floor", "target", "stretch"), H100[step], strict=True))
    told = {"images a second": images}
    if scale == Scale() and "compiled" in row["what"]:
        told["reached of an H100's goals"] = [
            name for name, goal in goals.items() if images["ours"] >= goal
        ]
    # As near to 1 as the yardstick is to itself; a row that is too noisy shows nothing.
    noise = abs(row["ways"][row["yardstick"] + AGAIN]["median"] - 1)
    is_right = row["believable"] and ours["median"] <= 1 + noise
    return _check(f"not slower: {row['what']}", is_right, **told)


# Checks -------------------------------------------------------------------------------------------


def checks(device: torch.device, scale: Scale, data: Path) -> dict[str, Callable[[], dict]]:
    """What to run, by name: each gives what it found, and whether that is right."""
    return {
        "device tests": partial(device_tests, device, scale.tests),
        "flash attention": partial(flash_attention, device, scale),
        "maps stay on the device": partial(maps_stay, device, scale),
        "scenes": partial(scenes, device, scale),
        "Fashion-MNIST": partial(fashion, device, scale, data),
        "explorer": partial(explorer, device, scale),
    }


def run(name: str, check: Callable[[], dict]) -> dict:
    """A check's findings; one that fails must not cost the others."""
    start = time.perf_counter()
    try:
        found = check()
    except (RuntimeError, ValueError, OSError) as error:
        found = _check(name, False, error=f"{type(error).__name__}: {error}")
    return {**found, "took": round(time.perf_counter() - start, 1)}


def in_words(found: dict) -> str:
    others = {name: said for name, said in found.items() if name not in ("what", "right")}
    told = "; ".join(f"{name}: {said}" for name, said in others.items())
    return f"{'yes' if found['right'] else 'NO '}  {found['what']}  ({told})"


def _check(what: str, right: bool, **others: object) -> dict:
    return {"what": what, "right": bool(right), **others}


def device_tests(device: torch.device, tests: str) -> dict:
    """Those that take the fixture `device`: pytest writes its name into theirs."""
    command = [sys.executable, "-m", "pytest", "-q", "-k", device.type, tests]
    root = Path(__file__).parents[1]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=root)
    last = ended.stdout.strip().splitlines()[-1:] or [ended.stderr[-300:]]
    return _check("device tests", ended.returncode == 0, pytest=last[0])


def flash_attention(device: torch.device, scale: Scale) -> dict:
    """Allow no other kernel: PyTorch raises RuntimeError where flash attention cannot do it."""
    model = peers.ours(peers.SIZES[scale.size]).to(device).eval().bfloat16()
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        forward(model, pictures(scale.size, 2, device).bfloat16())
    return _check("flash attention", True)


def maps_stay(device: torch.device, scale: Scale) -> dict:
    model = peers.ours(peers.SIZES[scale.size]).to(device).eval()
    images = pictures(scale.size, 2, device)
    attention_maps(model, images)  # whatever is made on first use
    with _nothing_waits(device):
        maps = attention_maps(model, images)
    return _check("maps stay on the device", maps.device.type == device.type)


@contextmanager
def _nothing_waits(device: torch.device) -> Iterator[None]:
    """On CUDA, whatever copies to the CPU or waits for the card is an error."""
    if device.type != "cuda":
        yield
        return
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def scenes(device: torch.device, scale: Scale) -> dict:
    seconds, shares = _trained("laptop", "scenes", device, scale.scenes_steps)
    right = scale.scenes_steps is not None or min(shares.values()) >= 0.99
    return _check("scenes", right, seconds=seconds, shares=shares)


def fashion(device: torch.device, scale: Scale, data: Path) -> dict:
    seconds, shares = _trained(
        scale.fashion_recipe, "fashion-mnist", device, scale.fashion_steps, data
    )
    reached = min(shares.values()) >= FASHION_SHARE and seconds <= FASHION_SECONDS
    right = scale.fashion_steps is not None or reached
    return _check("Fashion-MNIST", right, seconds=seconds, shares=shares)


def _trained(
    recipe: str, kind: str, device: torch.device, steps: int | None, data: Path = Path("data")
) -> tuple[float, dict[str, float]]:
    """Seconds, and the shares of right answers: what `vitcourse train` writes into its file."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.safetensors"
        train_to_file(
            recipe,
            kind,
            out,
            steps=steps,
            folder=data,
            device=device.type,
            say=lambda _: None,
        )
        metadata = read_metadata(out)
    return metadata["seconds"], metadata["figures"]


def explorer(device: torch.device, scale: Scale) -> dict:
    """From a model on the device and an image to a page."""
    model = peers.ours(peers.SIZES[scale.size]).to(device).eval()
    image = pictures(scale.size, 1, torch.device("cpu"))[0]
    start = time.perf_counter()
    page = explain(model, image).to_html()
    seconds = time.perf_counter() - start
    return _check("explorer", True, seconds=round(seconds, 2), megabytes=round(len(page) / 1e6, 2))
