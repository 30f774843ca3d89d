"""Chapter 4's stepper: one attention weight, followed from q and k to the output."""

import html
import math
from collections.abc import Sequence

from matplotlib import colormaps, colors
from torch import Tensor

from vitcourse.view.living import living_html
from vitcourse.view.words import Words

TITLE = "Attention weights, each row a query, each column a key"
INVITATION = "Run this cell to follow one weight step by step."


def attention_stepper(q: Tensor, k: Tensor, v: Tensor, names: Sequence[str]) -> Words:
    """A table of attention weights in which each cell can be followed from q and k to the output.

    `q`, `k`, `v` are (N, d), `names` has N entries. Choose a cell by mouse or arrow keys, then a
    step. All numbers are computed here; the browser only shows them, so it needs no kernel.
    Without scripts it is a table. Raises ValueError if the sizes differ.
    """
    if not len(q) == len(k) == len(v) == len(names) or q.shape != k.shape:
        raise ValueError(
            f"q, k, v and names must have N entries each, got {len(q)}, {len(k)}, {len(v)}, "
            f"{len(names)}; q and k the same shape, got {tuple(q.shape)} and {tuple(k.shape)}"
        )
    stages = _stages(q, k, v)
    weights = stages["weights"]
    numbers = {
        name: [[round(x, 6) for x in row] for row in values.tolist()]
        for name, values in stages.items()
    }
    shades = [[_shade(w) for w in row] for row in weights.tolist()]
    given = {"names": list(names), "d": q.shape[1], "shades": shades, **numbers}
    tables = "".join(_vectors(name, stages[name], names) for name in ("q", "k", "v"))
    readable = (
        f'<div class="vit-columns">{_weight_table(weights, names)}{tables}</div>'
        f'<div class="vit-readout">{INVITATION}</div>'
    )
    page = living_html("stepper", "vit-stepper", given, readable)
    return Words(page, _as_markdown(weights, names), _as_text(weights, names))


def _stages(q: Tensor, k: Tensor, v: Tensor) -> dict[str, Tensor]:
    q, k, v = (t.detach().cpu().double() for t in (q, k, v))
    scores = q @ k.T
    scaled = scores / math.sqrt(q.shape[1])
    weights = scaled.softmax(-1)
    stages = {"q": q, "k": k, "v": v, "scores": scores, "scaled": scaled, "exp": scaled.exp()}
    return stages | {"weights": weights, "output": weights @ v}


def _as_markdown(weights: Tensor, names: Sequence[str]) -> str:
    safe = [html.escape(name).replace("|", r"\|") for name in names]
    lines = [[r"query \\ key", *safe], ["---:"] * (1 + len(names)), *_lines(weights, safe)]
    return f"{TITLE}:\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _as_text(weights: Tensor, names: Sequence[str]) -> str:
    lines = [["", *names], *_lines(weights, names)]
    width = 2 + max(len(cell) for line in lines for cell in line)
    table = [f"{first:<{width}}" + "".join(f"{x:>{width}}" for x in rest) for first, *rest in lines]
    return "\n".join([f"{TITLE}:", *table])


def _lines(weights: Tensor, names: Sequence[str]) -> list[list[str]]:
    rows = zip(names, weights.tolist(), strict=True)
    return [[name, *(f"{w:.3f}" for w in row)] for name, row in rows]


def _weight_table(weights: Tensor, names: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    rows = "".join(
        f'<tr role="row"><th scope="row">{html.escape(name)}</th>'
        + "".join(f'<td role="gridcell" tabindex="-1">{w:.3f}</td>' for w in row)
        + "</tr>"
        for name, row in zip(names, weights.tolist(), strict=True)
    )
    return (
        f'<table class="vit-grid" role="grid">'
        f'<caption>Each row a query, each column a key: <span class="vit-stage">weights</span>'
        f'</caption><thead><tr role="row"><th scope="col">query \\ key</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _vectors(name: str, values: Tensor, names: Sequence[str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{html.escape(of)}</th>'
        + "".join(f"<td>{number:g}</td>" for number in row)
        + "</tr>"
        for of, row in zip(names, values.tolist(), strict=True)
    )
    return f'<table class="vit-{name}"><caption>{name}</caption><tbody>{rows}</tbody></table>'


def _shade(weight: float) -> tuple[str, str]:
    """Background and text colour of a weight, black or white, whichever is easier to read."""
    rgb = colormaps["cividis"](weight)[:3]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return colors.to_hex(rgb), "#000000" if luminance > 0.179 else "#ffffff"
