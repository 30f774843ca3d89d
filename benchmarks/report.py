"""What was measured, as lines in the terminal, a file and a figure."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch

from benchmarks.timing import AGAIN, Ratio, Sample, is_quiet, median, ratio

RESULTS = Path(__file__).with_name("results")
FIGURE = Path(__file__).parents[1] / "docs" / "benchmarks.svg"
TOO_NOISY = "too noisy here"
PACKAGES = ("torch", "torchvision", "timm", "transformers", "vit-pytorch", "vitcourse")


def compared(
    samples: Mapping[str, Sequence[Sample]], yardstick: str, clock: str, threads: int, what: str
) -> dict:
    """A row as it is stored: for each way milliseconds by both clocks, and its ratio."""
    again = ratio(samples, yardstick + AGAIN, yardstick, clock)
    return {
        "what": what,
        "threads": threads,
        "clock": clock,
        "yardstick": yardstick,
        "rounds": len(samples[yardstick]),
        "believable": is_quiet(again),
        "ways": {
            name: {
                "wall_ms": 1000 * median(taken, "wall"),
                "process_ms": 1000 * median(taken, "process"),
                **vars(ratio(samples, name, yardstick, clock)),
            }
            for name, taken in samples.items()
        },
    }


def lines(row: dict) -> list[str]:
    """A row for the terminal: a way a line."""
    title = f"{row['what']}, {row['threads']} thread{'s' if row['threads'] > 1 else ''}"
    noisy = "" if row["believable"] else f": {TOO_NOISY}"
    found = [f"{title} ({row['rounds']} rounds, {row['clock']} time){noisy}"]
    for name, way in row["ways"].items():
        found.append(
            f"  {name:<24} {way[row['clock'] + '_ms']:>10.2f} ms  "
            f"{way['median']:.3f} ({way['low']:.3f}-{way['high']:.3f})"
        )
    return found


def machine(device: torch.device) -> dict:
    """What the figures depend on, and nothing that says whose machine it is."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def store(found: dict, path: Path | None = None) -> Path:
    """Write the results as benchmarks/results/DATE-DEVICE.json, or as `path`."""
    name = f"{datetime.now(UTC):%Y-%m-%d}-{found['machine']['device'].replace(' ', '-')}.json"
    path = path or RESULTS / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return path


def draw(found: dict, path: Path = FIGURE) -> None:
    """Ratios with their intervals, a line a row and peer; grey and hollow where it is too noisy."""
    import matplotlib.pyplot as plt

    rows = [row for row in found["rows"] if row["what"].split()[0] in ("forward", "training_step")]
    entries = [
        (row, name, Ratio(way["median"], way["low"], way["high"]))
        for row in rows
        for name, way in row["ways"].items()
        if not name.endswith(AGAIN) and name != row["yardstick"]
    ]
    names = list(dict.fromkeys(name for _, name, _ in entries))
    figure, ax = plt.subplots(figsize=(8, 0.5 * len(rows) + 1.4), layout="constrained")
    marks = dict(zip(names, "osD^v", strict=False))
    colours = {name: plt.get_cmap("viridis")(i / len(names)) for i, name in enumerate(names)}
    for name in names:  # for the legend alone: the first row may be grey
        ax.plot([], [], marks[name], color=colours[name], label=name)
    for row, name, r in entries:
        place = len(rows) - 1 - rows.index(row) + 0.6 * (0.5 - names.index(name) / len(names))
        ax.errorbar(
            r.median,
            place,
            xerr=[[r.median - r.low], [r.high - r.median]],
            fmt=marks[name],
            color=colours[name] if row["believable"] else "0.55",
            markerfacecolor=None if row["believable"] else "white",
        )
    ax.axvline(1, color="0.4", linewidth=1)
    ax.set_yticks(range(len(rows)), [_title(row) for row in reversed(rows)])
    scale = f"time, {rows[0]['yardstick']} = 1"
    ax.set_xlabel(f"{scale} (median and 95 % interval; hollow: {TOO_NOISY})")
    ax.legend(frameon=False, ncols=len(names), loc="lower center", bbox_to_anchor=(0.5, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _title(row: dict) -> str:
    several = f", {row['threads']} threads" if row["threads"] > 1 else ""
    return row["what"].replace("_", " ") + several


def description(found: dict) -> str:
    """The figure in words, for those who do not see it."""
    told = []
    for row in found["rows"]:
        if "ours" in row["ways"] and row["what"].split()[0] in ("forward", "training_step"):
            noisy = "" if row["believable"] else f" ({TOO_NOISY})"
            told.append(f"{_title(row)}: ours {row['ways']['ours']['median']:.2f}{noisy}")
    return f"Times next to {found['rows'][0]['yardstick']}'s, which is 1. " + "; ".join(told) + "."
