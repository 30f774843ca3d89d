"""How fast the course's model is, next to timm, torchvision, Hugging Face and vit-pytorch.

    python -m benchmarks [--quick] [--device cuda] [--draw]

Forward passes, training steps, attention maps (each library's own way), imports, memory. The peers
take turns and are compared round by round (benchmarks/timing.py says why); "timm again" is timm a
second time: how far it is from 1, and how widely it scatters, is the noise. A row in which it
scatters by more than 3 % is repeated for a while and then called too noisy: run it again on a
quiet machine. Peers that are not installed are left out.

Results go to benchmarks/results; --draw also makes README's figure of them.
"""

import argparse
import time
from pathlib import Path

import torch

from benchmarks import peers, report, rows
from benchmarks.timing import take_turns

QUICK, WHOLE = (6.0, 9.0), (20.0, 40.0)  # seconds a row: if it is quiet, and at most


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


def memory() -> dict[str, dict[str, float]]:
    """What is counted, not timed."""
    found = {
        "saved for backward, B/16 batch 8, MB": rows.saved_for_backward(),
        "peak of a training step, B/16 batch 8, MB": rows.peak_of_training(),
    }
    for what, by_peer in found.items():
        print(what, *(f"  {name:<24} {mb:>10.1f}" for name, mb in by_peer.items()), sep="\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="five rows, under two minutes")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    parser.add_argument("--only", default="", help="only rows whose name contains this")
    parser.add_argument("--out", type=Path, help="where to store the results")
    parser.add_argument("--draw", action="store_true", help="draw README's figure of them")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    torch.manual_seed(0)
    start = time.perf_counter()
    found = {"machine": report.machine(device), "rows": []}
    print(found["machine"])
    if left_out := peers.missing():
        print("not installed, left out:", ", ".join(left_out))
    for row in rows.rows(torch.get_num_threads(), device):
        if arguments.only in row.what and (row.quick or not arguments.quick):
            found["rows"].append(measure(row, device, QUICK if arguments.quick else WHOLE))
    if not (arguments.quick or arguments.only) and device.type == "cpu":
        found["memory"] = memory()
    found["minutes"] = round((time.perf_counter() - start) / 60, 1)
    noisy = sum(not row["believable"] for row in found["rows"])
    print(f"{len(found['rows'])} rows in {found['minutes']} minutes, {noisy} of them too noisy.")
    if not (arguments.quick or arguments.only) or arguments.out:
        print("Results:", report.store(found, arguments.out))
    if arguments.draw:
        report.draw(found)
        print("Figure:", report.FIGURE)


if __name__ == "__main__":
    main()
