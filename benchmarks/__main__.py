"""How long a forward pass and a training step take, next to timm and torchvision.

    python -m benchmarks [--quick] [--device cuda]

The three take turns, one repetition each, so that whatever else the machine does hits all alike.
Medians; timm is 1. A second timm runs along as "timm again": how far it is from 1 is the noise.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.model import VARIANTS, VisionTransformer

BATCH_SIZE = 8


def builders(variant: str) -> dict[str, Callable[[], nn.Module]]:
    """The same network four times. Peers that are not installed are left out."""
    sizes = VARIANTS[variant]
    found = {"ours": lambda: VisionTransformer(patch_size=16, **sizes)}
    try:
        from timm.models.vision_transformer import VisionTransformer as TimmViT

        def timm() -> nn.Module:
            dim, depth, heads = sizes["embed_dim"], sizes["depth"], sizes["num_heads"]
            return TimmViT(patch_size=16, embed_dim=dim, depth=depth, num_heads=heads)

        found |= {"timm": timm, "timm again": timm}
    except ImportError:
        print("timm is not installed: no ratios")
    try:
        from torchvision.models import VisionTransformer as TorchvisionViT

        def torchvision() -> nn.Module:
            dim, depth, heads = sizes["embed_dim"], sizes["depth"], sizes["num_heads"]
            return TorchvisionViT(224, 16, depth, heads, dim, sizes["mlp_dim"])

        found["torchvision"] = torchvision
    except ImportError:
        print("torchvision is not installed")
    return found


def forward(model: nn.Module, images: torch.Tensor) -> None:
    with torch.inference_mode():
        model(images)


def train_step(model: nn.Module, images: torch.Tensor) -> None:
    labels = torch.arange(len(images), device=images.device)
    model.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.sub_(parameter.grad, alpha=1e-6)


def seconds(step: Callable, model: nn.Module, images: torch.Tensor) -> float:
    synchronise(images.device)
    start = time.perf_counter()
    step(model, images)
    synchronise(images.device)
    return time.perf_counter() - start


def synchronise(device: torch.device) -> None:
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()


def interleaved(step: Callable, models: dict, images: torch.Tensor, repeats: int) -> dict:
    """Median seconds a model. Each round starts with another model, after two rounds of warm-up."""
    times = {name: [] for name in models}
    order = list(models)
    for turn in range(repeats + 2):
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            taken = seconds(step, models[name], images)
            if turn >= 2:
                times[name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}


def compare(variant: str, repeats: int, device: torch.device) -> None:
    images = torch.randn(BATCH_SIZE, 3, 224, 224, device=device)
    models = {name: build().to(device) for name, build in builders(variant).items()}
    for step, training in ((forward, False), (train_step, True)):
        for model in models.values():
            model.train(training)
        medians = interleaved(step, models, images, repeats)
        for name, median in medians.items():
            ratio = f"{median / medians['timm']:.3f}" if "timm" in medians else "-"
            what = f"{step.__name__} {variant}/16 batch {BATCH_SIZE}"
            print(f"{what:<28} {name:<12} {1000 * median:>9.1f} ms {ratio:>7}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="Ti/16 only, fewer repetitions")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {device}, {torch.get_num_threads()} threads, float32")
    print(f"{'what':<28} {'whose':<12} {'median':>12} {'/ timm':>7}")
    for variant in ("Ti",) if arguments.quick else ("Ti", "B"):
        compare(variant, 10 if arguments.quick or variant == "B" else 15, device)


if __name__ == "__main__":
    main()
