"""What it costs to take attention maps along: time next to a plain forward pass, and memory.

    python -m benchmarks.maps [--quick] [--device cuda]

All take turns, one repetition each. Medians; the plain forward pass is 1. A second one runs along
as "plain again": how far it is from 1 is the noise.
"""

import argparse
import functools

import torch

from benchmarks.__main__ import interleaved
from vitcourse.maps import attention_maps
from vitcourse.model import VARIANTS, VisionTransformer

TINY = {"embed_dim": 64, "depth": 4, "num_heads": 4, "mlp_dim": 128}
MODELS = {  # name: (batch size, arguments of the model)
    "tiny/8, 96 px": (64, {"image_size": 96, "patch_size": 8, **TINY}),
    "Ti/16": (8, {"patch_size": 16, **VARIANTS["Ti"]}),
    "B/16": (8, {"patch_size": 16, **VARIANTS["B"]}),
}


def compare(name: str, repeats: int, device: torch.device) -> None:
    batch_size, sizes = MODELS[name]
    model = VisionTransformer(**sizes).to(device).eval()
    images = torch.randn(batch_size, 3, *model.patch_embed.image_size, device=device)
    middle = sizes["depth"] // 2
    ways = {"plain": model, "plain again": model}
    for what, layers in (("first", [0]), ("middle", [middle]), ("last", [-1]), ("all", None)):
        ways[f"{what} map(s)"] = functools.partial(attention_maps, model, layers=layers)
    medians = interleaved(infer, ways, images, repeats)
    for way, median in medians.items():
        ratio = median / medians["plain"]
        memory = f"{peak(ways[way], images) / 2**20:>7.0f} MB" if device.type == "cuda" else ""
        what = f"{name} batch {batch_size}"
        print(f"{what:<24} {way:<14} {1000 * median:>9.1f} ms {ratio:>7.3f} {memory}", flush=True)


def infer(way, images: torch.Tensor) -> None:
    with torch.inference_mode():
        way(images)


def peak(way, images: torch.Tensor) -> int:
    """Bytes at most in use on a GPU beyond those that were before."""
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    infer(way, images)
    return torch.cuda.max_memory_allocated() - before


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.maps", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="without B/16, fewer repetitions")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {device}, {torch.get_num_threads()} threads, float32")
    print(f"{'what':<24} {'way':<14} {'median':>12} {'/ plain':>7}")
    for name in list(MODELS)[:2] if arguments.quick else MODELS:
        compare(name, 10 if arguments.quick or name == "B/16" else 30, device)


if __name__ == "__main__":
    main()
