"""How fast the course's model is, next to timm, torchvision, Hugging Face and vit-pytorch.

    python -m benchmarks [--quick] [--draw]
    python -m benchmarks --device cuda
    python -m benchmarks --draw FILE

Forward passes, training steps, attention maps (each library's own way), imports, memory. The peers
take turns and are compared round by round (benchmarks/timing.py says why); "timm again" is timm a
second time: how far it is from 1, and how widely it scatters, is the noise. A row in which it
scatters by more than 3 % is repeated for a while and then called too noisy: run it again on a
quiet machine. Peers that are not installed are left out.

On a graphics card it also runs what benchmarks/gpu.py describes: device tests, trainings, the
explorer. --rehearse does all of that on a small scale, for nothing but to see that it runs.

Results go to benchmarks/results; --draw also makes README's figure of them, or of a stored FILE
without measuring anything.
"""

import argparse
import json
import time
from pathlib import Path

import torch

from benchmarks import explorer, gpu, pages, peers, report, rows
from benchmarks.timing import keep_memory, take_turns

QUICK, WHOLE = (6.0, 9.0), (15.0, 30.0)  # seconds a row: if it is quiet, and at most
REHEARSED = (0.0, 0.0)


def measure(row: rows.Row, device: torch.device, seconds: tuple[float, float]) -> dict:
    """Run a row and print it."""
    synchronise = (
        (lambda: None) if device.type == "cpu" else getattr(torch, device.type).synchronize
    )
    with rows.threads(row.threads):
        ways = row.make(device)
        samples = take_turns(ways, row.yardstick, row.clock, *seconds, synchronise)
    found = report.compared(samples, row.yardstick, row.clock, row.threads, row.what)
    print(*report.lines(found), sep="\n", flush=True)
    return found


def on_a_cpu(device: torch.device, only: str, quick: bool) -> dict:
    wanted = [*rows.rows(torch.get_num_threads()), *pages.rows()]
    found: dict = {
        "rows": [
            measure(row, device, QUICK if quick else WHOLE)
            for row in wanted
            if only in row.what and (row.quick or not quick)
        ]
    }
    if not (quick or only):
        found["memory"] = memory()
    if only in "explorer" and not quick:
        found["explorer"] = explorer.shown()
    return found


def memory() -> dict[str, dict[str, float]]:
    """What is counted, not timed."""
    found = {
        "saved for backward, B/16 batch 8, MB": rows.saved_for_backward(),
        "peak of a training step, B/16 batch 8, MB": rows.peak_of_training(),
        f"page of maps {pages.SIZE}, MB": pages.megabytes(),
    }
    for what, by_peer in found.items():
        print(what, *(f"  {name:<24} {mb:>10.1f}" for name, mb in by_peer.items()), sep="\n")
    return found


def on_a_device(device: torch.device, only: str, data: Path, rehearse: bool) -> dict:
    """The rows and checks of benchmarks/gpu.py."""
    scale = gpu.REHEARSAL if rehearse else gpu.Scale()
    found: dict = {"rows": [], "checks": []}
    for row in gpu.rows(scale):
        if only not in row.what:
            continue
        measured = measure(row, device, REHEARSED if rehearse else WHOLE)
        found["rows"].append(measured)
        if not row.what.startswith("maps"):
            found["checks"].append(gpu.verdict(measured, scale))
    for name, check in gpu.checks(device, scale, data).items():
        if only in name:
            found["checks"].append(gpu.run(name, check))
            print(gpu.in_words(found["checks"][-1]), flush=True)
    print("\nAll checks:", *map(gpu.in_words, found["checks"]), sep="\n")
    return found


def the_device(name: str) -> torch.device:
    """The device of this name; ValueError if it is not there."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(name, False):
        here = ", ".join(kind for kind, is_there in there.items() if is_there)
        raise ValueError(
            f"--device {name}: not here; available: {here}. To see that all of it runs, without a "
            f"graphics card: python -m benchmarks --device cpu --rehearse"
        )
    return torch.device(name)


def parsed(given: list[str] | None) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="five rows, under two minutes")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    parser.add_argument("--rehearse", action="store_true", help="what a GPU is asked, in small")
    parser.add_argument("--only", default="", help="only rows and checks whose name contains this")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where Fashion-MNIST is")
    parser.add_argument("--out", type=Path, help="where to store the results")
    parser.add_argument(
        "--draw", nargs="?", const=True, metavar="FILE", help="draw README's figure"
    )
    return parser, parser.parse_args(given)


def main(given: list[str] | None = None) -> None:
    parser, arguments = parsed(given)
    if isinstance(arguments.draw, str):
        stored = Path(arguments.draw)
        report.draw(json.loads(stored.read_text(encoding="utf-8")))
        print("Figure:", report.FIGURE)
        return
    try:
        device = the_device(arguments.device)
    except ValueError as error:
        parser.error(str(error))
    torch.manual_seed(0)
    keep_memory()
    start = time.perf_counter()
    machine = report.machine(device)
    print(machine)
    if left_out := peers.missing():
        print("not installed, left out:", ", ".join(left_out))
    if device.type == "cpu" and not arguments.rehearse:
        measured = on_a_cpu(device, arguments.only, arguments.quick)
    else:
        measured = on_a_device(device, arguments.only, arguments.data, arguments.rehearse)
    found = {"machine": machine, **measured}
    found["minutes"] = round((time.perf_counter() - start) / 60, 1)
    noisy = sum(not row["believable"] for row in found["rows"])
    print(f"{len(found['rows'])} rows in {found['minutes']} minutes, {noisy} of them too noisy.")
    if arguments.out or not (arguments.quick or arguments.only or arguments.rehearse):
        print("Results:", report.store(found, arguments.out))
    if arguments.draw:
        report.draw(found)
        print("Figure:", report.FIGURE)


if __name__ == "__main__":
    main()
