"""The whole model on one page: each step with its shape, as a real ViT-B/16 has it."""

import html
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor, nn

from vitcourse.contents import entry
from vitcourse.model import VisionTransformer, attention, cls_pool, merge_heads, patchify
from vitcourse.model import split_heads as split

IMAGES = 2  # B; no other size of ViT-B/16 is 2
NAME = "cheat_sheet"
A4 = (8.27, 11.69)
INK, SOFT, LINE = "#1b1d21", "#4d525b", "#767c87"
GROUNDS = {"embed": "#e4effa", "block": "#fdeedd", "head": "#e6f4e6"}


@dataclass(frozen=True)
class Step:
    """One step: what is done, what comes out, and where the course builds it."""

    part: str  # "embed", "block" or "head"
    does: str
    code: str
    letters: str  # (B, N, D)
    shape: tuple[int, ...]  # the real one
    parameters: int
    exercise: str  # "1.2", or ""


def steps() -> list[Step]:
    """The steps from images to logits, with the shapes that a real model has.

    Raises RuntimeError if walking through its parts does not end where the model itself does.
    """
    with torch.device("meta"):  # shapes without numbers: nothing is computed
        model = VisionTransformer().eval()
        images = torch.empty(IMAGES, 3, 224, 224)
        found = [*_embedding(model, images), *_block(model), *_head(model, images)]
    return found


def _embedding(model: VisionTransformer, images: Tensor) -> Iterator[Step]:
    patches, tokens = patchify(images, model.patch_embed.patch_size), model.patch_embed(images)
    longer = model.class_token(tokens)
    placed = model.positions(longer)
    yield _step("embed", "images", "", "(B, C, H, W)", images, None, "")
    yield _step("embed", "cut into patches", "patchify", "(B, N, C·P·P)", patches, None, "1.2")
    yield _step(
        "embed", "one linear layer for all", "PatchEmbedding", "(B, N, D)", tokens,
        model.patch_embed, "1.4",
    )  # fmt: skip
    yield _step(
        "embed", "class token in front", "ClassToken", "(B, N + 1, D)", longer,
        model.class_token, "2.2",
    )  # fmt: skip
    yield _step(
        "embed", "positions added", "PositionEmbedding", "(B, N + 1, D)", placed,
        model.positions, "3.4",
    )  # fmt: skip


def _block(model: VisionTransformer) -> Iterator[Step]:
    """The first block, step by step; all others are like it."""
    block: Any = model.encoder.blocks[0]
    heads, width = block.attn.num_heads, block.attn.qkv.in_features
    tokens = torch.empty(IMAGES, model.patch_embed.num_patches + 1, width)
    normed, tall = block.norm1(tokens), "(B, N + 1, D)"
    qkv = block.attn.qkv(normed)
    q, k, v = (split(part, heads) for part in qkv.chunk(3, dim=-1))
    out, weights = attention(q, k, v)
    merged = merge_heads(out)
    after = tokens + block.attn.proj(merged)
    hidden = block.mlp.gelu(block.mlp.fc1(block.norm2(after)))
    end = after + block.mlp.fc2(hidden)
    yield _step("block", "normalise a copy", "norm1", tall, normed, block.norm1, "5.1")
    yield _step("block", "queries, keys, values", "qkv", "(B, N + 1, 3·D)", qkv, block.attn.qkv, "")
    yield _step(
        "block", "one share for each head", "split_heads", "(B, h, N + 1, d)", q, None, "4.2"
    )
    yield _step(
        "block", "softmax(q·kᵀ / √d)", "attention", "(B, h, N + 1, N + 1)", weights, None, "4.1"
    )
    yield _step("block", "weights times v", "attention", "(B, h, N + 1, d)", out, None, "4.1")
    yield _step("block", "heads side by side", "merge_heads", tall, merged, None, "4.3")
    yield _step("block", "project, then add", "proj", tall, after, block.attn.proj, "4.4")
    yield _step("block", "normalise a copy", "norm2", tall, normed, block.norm2, "5.1")
    yield _step("block", "widen, GELU", "fc1, gelu", "(B, N + 1, M)", hidden, block.mlp.fc1, "5.2")
    yield _step("block", "narrow, then add", "fc2", tall, end, block.mlp.fc2, "5.3")


def _head(model: VisionTransformer, images: Tensor) -> Iterator[Step]:
    features = model.forward_features(images)
    pooled = cls_pool(features)
    logits = model.head(pooled)
    if logits.shape != model(images).shape:
        raise RuntimeError("the steps of the cheat sheet do not end where the model does")
    yield _step(
        "head", "normalise", "Encoder.norm", "(B, N + 1, D)", features, model.encoder.norm, "5.4"
    )
    yield _step("head", "take the class token", "cls_pool", "(B, D)", pooled, None, "6.1")
    yield _step("head", "one linear layer", "head", "(B, K)", logits, model.head, "6.1")


def _step(part, does, code, letters, tensor, module: nn.Module | None, exercise) -> Step:
    count = sum(p.numel() for p in module.parameters()) if module else 0
    return Step(part, does, code, letters, tuple(tensor.shape), count, exercise)


# One page -----------------------------------------------------------------------------------------

TITLE = "A Vision Transformer on one page"
HEADINGS = {
    "embed": "An image becomes tokens",
    "block": "One encoder block; ViT-B/16 has {depth}, one after the other",
    "head": "Tokens become an answer",
}
COLUMNS = {"does": 0.12, "code": 0.365, "letters": 0.53, "shape": 0.715, "built": 0.935}
ALT = (
    "Table of all steps of ViT-B/16 in order, from images (B, C, H, W) through tokens "
    "(B, N + 1, D) and one encoder block to logits (B, K), each with its shape, its numbers "
    "and the exercise that builds it. The same table stands below as text."
)
FACTS = (
    "B images in a batch, C channels, H × W pixels, P pixels on a patch's side",
    "N = (H / P) · (W / P) patches, D numbers in a token, h heads of d = D / h each",
    "M = 4 · D numbers in the MLP's middle, K classes",
    "Attention is the only step in which tokens meet; all others treat each token alone.",
    "C·P·P and D are both 768 in ViT-B/16, by chance.",
)


def draw(found: Sequence[Step]) -> Figure:
    """The page, upright A4."""
    figure, ax = plt.subplots(figsize=A4)
    figure.subplots_adjust(0, 0, 1, 1)
    ax.set(xlim=(0, 1), ylim=(1, 0))
    ax.set_axis_off()
    _say(ax, "does", 0.045, TITLE, size=17, weight="bold", x=0.06)
    _say(ax, "does", 0.07, _summary(found), color=SOFT, x=0.06)
    heads = ("step", "in vitcourse.model", "shape", f"ViT-B/16, B = {IMAGES}", "built in")
    for column, words in zip(COLUMNS, heads, strict=True):
        _say(ax, column, 0.098, words, color=SOFT, size=8)
    height, y = 0.0345, 0.125
    for part in GROUNDS:
        rows = [step for step in found if step.part == part]
        _band(ax, part, y, height * (len(rows) + 1))
        _say(ax, "does", y, HEADINGS[part].format(depth=_depth()), weight="bold", x=0.08)
        for number, step in enumerate(rows, 1):
            _row(ax, step, y + number * height, first=step is found[0])
        _residuals(ax, rows, y, height)
        y += height * (len(rows) + 1) + 0.016
    for number, fact in enumerate(FACTS):
        _say(ax, "does", y + 0.004 + 0.019 * number, fact, color=SOFT, size=8.5, x=0.06)
    return figure


def _row(ax: Axes, step: Step, y: float, first: bool) -> None:
    if not first:
        ax.annotate(
            "", (0.093, y), (0.093, y - 0.026),
            arrowprops={"arrowstyle": "-|>", "color": LINE, "lw": 1},
        )  # fmt: skip
    _say(ax, "does", y, step.does)
    _say(ax, "code", y, step.code, size=8, family="monospace")
    _say(ax, "letters", y, step.letters)
    _say(ax, "shape", y, _numbers(step.shape))
    _say(ax, "built", y, step.exercise)


def _residuals(ax: Axes, rows: Sequence[Step], y: float, height: float) -> None:
    """What is added again, round the steps that work on a copy."""
    for number, step in enumerate(rows, 1):
        at = y + number * height
        if step.does == "normalise a copy":
            begun = at - 0.021
        elif "then add" in step.does:
            ax.plot([0.09, 0.069, 0.069], [begun, begun, at - 0.009], color=LINE, lw=1)
            _say(ax, "does", at, "+", size=13, weight="bold", x=0.062)


def _say(ax: Axes, column: str, y: float, words: str, x: float | None = None, **style) -> None:
    styles: dict[str, Any] = {"size": 9, "color": INK, "va": "center"} | style
    ax.text(COLUMNS[column] if x is None else x, y, words, **styles)


def _band(ax: Axes, part: str, y: float, height: float) -> None:
    box = FancyBboxPatch(
        (0.045, y - 0.017),
        0.93,
        height,
        boxstyle="round,pad=0,rounding_size=0.008",
        facecolor=GROUNDS[part],
        edgecolor="none",
    )
    ax.add_patch(box)


def _numbers(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def _depth() -> int:
    return inspect.signature(VisionTransformer).parameters["depth"].default


def total(found: Sequence[Step]) -> int:
    """The parameters of the whole model: those of the block once for each block."""
    times = {"embed": 1, "block": _depth(), "head": 1}
    return sum(times[step.part] * step.parameters for step in found)


def _summary(found: Sequence[Step]) -> str:
    return f"Shapes from a real ViT-B/16, which learns {total(found):,} numbers."


# Files --------------------------------------------------------------------------------------------


def write(source: Path, extra: Path) -> None:
    """Write SVG and PDF, and put the table into the page `cheat_sheet.md`."""
    found = steps()
    with matplotlib.rc_context({"svg.hashsalt": NAME, "pdf.fonttype": 42}):
        figure = draw(found)
        figure.savefig(extra / f"{NAME}.svg", metadata={"Date": None, "Title": TITLE})
        figure.savefig(extra / f"{NAME}.pdf", metadata={"CreationDate": None, "Title": TITLE})
        plt.close(figure)
    page = source / f"{NAME}.md"
    text = page.read_text(encoding="utf-8")
    for name, part in {"picture": _picture(), "table": _table(found)}.items():
        text = text.replace(f"<!-- {name} -->", part)
    page.write_text(text, encoding="utf-8")


def _picture() -> str:
    return f'<img class="vb-sheet" src="{NAME}.svg" alt="{html.escape(ALT)}">'


def _table(found: Sequence[Step]) -> str:
    lines = [
        "| | step | in `vitcourse.model` | shape | ViT-B/16 | parameters | built in |",
        "| --- | --- | --- | --- | --- | ---: | --- |",
    ]
    for number, step in enumerate(found, 1):
        code = f"`{step.code}`" if step.code else ""
        built = ""
        if step.exercise:
            built = f"[{step.exercise} {entry(step.exercise).title}](#exercise-{step.exercise})"
        parameters = f"{step.parameters:,}" if step.parameters else ""
        cells = [str(number), step.does, code, step.letters, _numbers(step.shape), parameters]
        lines.append(f"| {' | '.join([*cells, built])} |")
    return "\n".join(lines)
