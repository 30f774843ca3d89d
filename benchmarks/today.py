"""What changed in Vision Transformers after 2021, one change at a time, in chapter 7's small ViT.

    python -m benchmarks.today [--quick] [--out FILE]

Every variant is chapter 7's model with one thing exchanged, trained with `Recipe()` and asked
after 400, 800 and 1,200 steps. Afterwards it is seen how long its longest patch token is. Variants
with RoPE are asked again with all coordinates shifted by the same amount, and those that bear
another grid on larger images: the scene in the middle of a canvas, and a scene whose cells have
been moved apart. Three seeds decide the scenes as well as the first weights.

What notebook 12 shows is written to vitcourse/results/today.json after each run. Stopped and
started again, the command goes on where it was. --quick writes nothing unless --out is given.
"""

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn

from benchmarks.keeping import Results, stored_file
from vitcourse.data import Scenes, scenes
from vitcourse.model import resize_positions
from vitcourse.model.modern import LayerScale, SwiGLU
from vitcourse.model.rotary import RotaryAttention, patch_angles
from vitcourse.training import (
    Recipe,
    evaluate,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
    to_input,
    train,
)

RECIPE = Recipe(precision="float32")  # "auto" would depend on the machine
TEST = 0  # the seed of the scenes that are asked about
WIDTH, HEADS, GRID, PATCH, CELL = 64, 4, 6, 8, 16  # of chapter 7's model and scenes
HEAD_DIM = WIDTH // HEADS
SHIFTS = (0.0, 0.5, 1.0, 2.0)  # in patches
CANVAS = 80  # pixels of the larger images: 10 x 10 patches
GREY, SPECKLE = 108, 15  # the mean of a scene's background, and its noise


@dataclass(frozen=True)
class Size:
    """How large the experiment is."""

    steps: int = RECIPE.steps
    asked_at: tuple[int, ...] = (400, 800, 1200)
    tested: int = 2000
    seeds: int = 3


QUICK = Size(steps=12, asked_at=(4, 8, 12), tested=64, seeds=1)


class Rotary(RotaryAttention):
    """Attention that turns queries and keys by angles that it has been given, or by none."""

    angles: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x, angles=self.angles)


class Registers(nn.Module):
    """Blocks that get some more tokens behind the class token, which are then taken out again."""

    def __init__(self, encoder: nn.Module, count: int) -> None:
        super().__init__()
        self.encoder, self.count = encoder, count
        self.registers = nn.Parameter(0.02 * torch.randn(1, count, WIDTH))

    def forward(self, tokens: Tensor) -> Tensor:
        cls, patches = tokens[:, :1], tokens[:, 1:]
        registers = self.registers.expand(len(tokens), -1, -1)
        out = self.encoder(torch.cat([cls, registers, patches], dim=1))
        return torch.cat([out[:, :1], out[:, 1 + self.count :]], dim=1)


class Variant(nn.Module):
    """Chapter 7's model in parts that can be exchanged; it takes any grid of patches.

    `coordinates(grid)` gives the angles of RoPE; without it there is a table, resized to the grid.
    """

    def __init__(
        self,
        coordinates: Callable[[tuple[int, int]], Tensor] | None = None,
        pool: str = "cls",
    ) -> None:
        super().__init__()
        whole = small_vit()
        self.patch_embed, self.encoder, self.head = (
            whole.patch_embed.proj,
            whole.encoder,
            whole.head,
        )
        self.coordinates, self.pool = coordinates, pool
        self.shift = 0.0  # of all coordinates, in patches of the usual grid
        if pool == "cls":
            self.cls_token = whole.class_token.cls_token
        if coordinates is None:
            self.pos_embed = whole.positions.pos_embed
        else:
            self.use_rotary(qk_norm=False)

    def use_rotary(self, qk_norm: bool) -> None:
        for block in self.blocks:
            block.attn = Rotary(WIDTH, HEADS, qk_norm)

    @property
    def blocks(self) -> Any:
        inner = self.encoder.encoder if isinstance(self.encoder, Registers) else self.encoder
        return inner.blocks

    def embed(self, images: Tensor) -> Tensor:
        patches = rearrange(self.patch_embed(images), "b d h w -> b (h w) d")
        if self.pool == "mean":
            return patches
        return torch.cat([self.cls_token.expand(len(images), -1, -1), patches], dim=1)

    def forward_features(self, images: Tensor) -> Tensor:
        grid = (images.shape[2] // PATCH, images.shape[3] // PATCH)
        tokens = self.embed(images)
        if self.coordinates is None:
            return self.encoder(tokens + resize_positions(self.pos_embed, (GRID, GRID), grid))
        angles = self.coordinates(grid) + self.shift * step_of(self.coordinates)
        for block in self.blocks:
            block.attn.angles = angles
        return self.encoder(tokens)

    def forward(self, images: Tensor) -> Tensor:
        features = self.forward_features(images)
        return self.head(features[:, 0] if self.pool == "cls" else features.mean(dim=1))


def same_pixels(grid: tuple[int, int]) -> Tensor:
    """-1 to 1 over the usual grid, and beyond on a larger one: a patch stays 1/3 wide."""
    centres = [(2 * torch.arange(size) + 1 - size) / GRID for size in grid]
    places = torch.cartesian_prod(*centres)
    periods = 100 ** (torch.arange(HEAD_DIM // 4) / (HEAD_DIM // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)


def edge_to_edge(grid: tuple[int, int]) -> Tensor:
    """DINOv3's: -1 to 1 over any grid."""
    return patch_angles(grid, HEAD_DIM)


def step_of(coordinates: Callable[[tuple[int, int]], Tensor]) -> Tensor:
    """How the angles change from one patch of the usual grid to the next, down and to the right."""
    angles = coordinates((GRID, GRID))
    return angles[GRID + 1] - angles[0]


def with_layer_scale(model: Variant) -> Variant:
    for block in model.blocks:
        block.attn = nn.Sequential(block.attn, LayerScale(WIDTH))
        block.mlp = nn.Sequential(block.mlp, LayerScale(WIDTH))
    return model


def with_qk_norm() -> Variant:
    model = Variant()
    model.use_rotary(qk_norm=True)
    return model


def with_registers() -> Variant:
    model = Variant()
    model.encoder = Registers(model.encoder, 4)
    return model


def with_rms_norm() -> Variant:
    """Norms that divide by the root of the mean square: no mean is subtracted, no bias added."""
    model = Variant()
    encoder = model.encoder
    for norms in (*encoder.blocks, encoder):
        for name, norm in norms.named_children():
            if isinstance(norm, nn.LayerNorm):
                setattr(norms, name, nn.RMSNorm(WIDTH, eps=norm.eps))
    return model


def with_swiglu() -> Variant:
    """Three matrices instead of two, so each is two thirds as large: 85 hidden numbers for 128."""
    model = Variant()
    for block in model.blocks:
        block.mlp = SwiGLU(WIDTH, 85)
    return model


FASTER = replace(RECIPE, muon_lr=3 * RECIPE.muon_lr, adamw_lr=3 * RECIPE.adamw_lr)
VARIANTS: dict[str, tuple[Callable[[], Variant], Recipe]] = {
    "base": (Variant, RECIPE),
    "RoPE": (lambda: Variant(coordinates=edge_to_edge), RECIPE),
    "base, rate x 3": (Variant, FASTER),
    "QK-norm, rate x 3": (with_qk_norm, FASTER),
    "RoPE, mean": (lambda: Variant(coordinates=edge_to_edge, pool="mean"), RECIPE),
    "LayerScale": (lambda: with_layer_scale(Variant()), RECIPE),
    "4 registers": (with_registers, RECIPE),
    "SwiGLU": (with_swiglu, RECIPE),
    "QK-norm": (with_qk_norm, RECIPE),
    "RMSNorm": (with_rms_norm, RECIPE),
}


def right_answers(model: nn.Module, images: Tensor, labels: Tensor) -> dict[str, float]:
    shares = evaluate(model, images, labels, scene_questions())
    return {question: round(shares[question], 4) for question in scene_questions()}


def learn(name: str, seed: int, size: Size, test: Scenes) -> tuple[Variant, dict, float]:
    """A trained model, its right answers on the way, and its processor seconds."""
    build, recipe = VARIANTS[name]
    warmup = min(recipe.warmup_steps, size.steps // 4)
    recipe = replace(recipe, steps=size.steps, warmup_steps=warmup, seed=seed)
    torch.manual_seed(seed)
    model, at = build(), {}

    def on_step(history) -> None:
        if len(history) in size.asked_at:
            at[str(len(history))] = right_answers(model, test.images, scene_labels(test))

    began = time.process_time()
    train(
        model,
        scene_task(seed=seed),
        recipe,
        questions=scene_questions(),
        progress=False,
        device="cpu",
        on_step=on_step,
    )
    return model, at, time.process_time() - began


@torch.inference_mode()
def longest_token(model: Variant, images: Tensor) -> float:
    """The longest patch token by the median one, after the block in which this is largest."""
    found = []

    def look(_, __, tokens: Tensor) -> None:
        norms = tokens[:, -GRID * GRID :].norm(dim=2)
        found.append((norms.max() / norms.median()).item())

    hooks = [block.register_forward_hook(look) for block in model.blocks]
    model(to_input(images[:500]))
    for hook in hooks:
        hook.remove()
    return round(max(found), 3)


@torch.inference_mode()
def shifted(model: Variant, test: Scenes) -> dict[str, dict[str, float]]:
    """Right answers with all coordinates moved; and by how much the logits change at most."""
    results = {}
    some = to_input(test.images[:200])
    before = model(some)
    for shift in SHIFTS:
        model.shift = shift
        change = (model(some) - before).abs().max().item()
        answers = right_answers(model, test.images, scene_labels(test))
        results[str(shift)] = {**answers, "change": float(f"{change:.3g}")}
    model.shift = 0.0
    return results


def on_canvas(images: Tensor, apart: bool) -> Tensor:
    """Scenes on 80 x 80 pixels: in the middle, or their nine cells moved apart by one patch.

    The rest is grey with noise. All stays in step with the patches, since another phase alone
    would make models fail.
    """
    noise = torch.randn(len(images), 3, CANVAS, CANVAS, generator=torch.Generator().manual_seed(0))
    canvas = (GREY + SPECKLE * noise).clamp(0, 255).to(torch.uint8)
    size = 3 * CELL
    if not apart:
        edge = (CANVAS - size) // 2
        canvas[:, :, edge : edge + size, edge : edge + size] = images
        return canvas
    for row in range(3):
        for column in range(3):
            y, x = (PATCH + (CELL + PATCH) * place for place in (row, column))
            cell = images[:, :, CELL * row : CELL * (row + 1), CELL * column : CELL * (column + 1)]
            canvas[:, :, y : y + CELL, x : x + CELL] = cell
    return canvas


def on_larger_images(model: Variant, test: Scenes) -> dict[str, dict[str, float]]:
    """Right answers on both kinds of canvas; with RoPE -1 to 1, also with patches kept as large."""
    results = {}
    ways = {"": model.coordinates}
    if model.coordinates is edge_to_edge:
        ways[", same pixels"] = same_pixels
    for way, coordinates in ways.items():
        model.coordinates = coordinates
        for kind, apart in (("larger canvas", False), ("spread out", True)):
            images = on_canvas(test.images, apart)
            results[kind + way] = right_answers(model, images, scene_labels(test))
    model.coordinates = ways[""]
    return results


def run(size: Size, out: Path | None) -> Results:
    settings = {
        "size": asdict(size),
        "parameters": {
            name: sum(p.numel() for p in build().parameters())
            for name, (build, _) in VARIANTS.items()
        },
    }
    results = Results(out, "python -m benchmarks.today", settings)
    test = scenes(size.tested, seed=TEST)
    for name in VARIANTS:
        for seed in range(size.seeds):
            if results.has(variant=name, seed=seed):
                continue
            model, at, seconds = learn(name, seed, size, test)
            measured = {"at": at, "longest": longest_token(model, test.images)}
            if model.coordinates is not None:
                measured["shifted"] = shifted(model, test)
            if name == "base" or model.coordinates is not None:
                measured["larger"] = on_larger_images(model, test)
            results.add({"variant": name, "seed": seed, "seconds": round(seconds, 1), **measured})
            shares = "   ".join(f"{a['what']:6.1%} {a['where']:6.1%}" for a in at.values())
            print(f"{name:<22} {seed}  {seconds:6.1f} s   {shares}", flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.today", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a rehearsal: a few steps of each")
    parser.add_argument("--out", type=Path, help="the file to write, and to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    usual = None if arguments.quick else stored_file("today")
    run(QUICK if arguments.quick else Size(), arguments.out or usual)


if __name__ == "__main__":
    main()
