"""Chapter 4 in pictures: one query, saturation, heads, the cost, and a cell step by step."""

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import colormaps, colors
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.figure import as_html
from vitcourse.view.patches import draw_grid
from vitcourse.view.widgets import PictureSlider, picture_slider

HEAD_COLOURS = ("#fde7a8", "#a9d9e8", "#d8c3e6", "#c8e0b4")  # pale, so that numbers stay readable


def draw_one_query(stages: Mapping[str, Tensor], names: Sequence[str]) -> Figure:
    """Draw what happens to one query's scores (N,): bars for each key, a panel for each stage."""
    figure, axes = plt.subplots(
        1,
        len(stages),
        figsize=(3.3 * len(stages), 2.9),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for ax, (title, values) in zip(axes[0], stages.items(), strict=True):
        bars = ax.barh(range(len(names)), values, color="0.75", edgecolor="black")
        ax.bar_label(bars, labels=[f"{value:.3g}" for value in values.tolist()], padding=3)
        ax.set_xlim(0, 1.25 * float(values.max()))
        ax.set_title(title, fontsize=11)
        ax.set_xticks([])
        ax.spines[["top", "right", "bottom"]].set_visible(False)
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].set_ylabel("key")
    axes[0, 0].invert_yaxis()
    return figure


def draw_spread(sizes: Sequence[int], spreads: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the standard deviation of the scores over the size d, a line for each rule."""
    figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    for (label, values), marker in zip(spreads.items(), "osD^", strict=False):
        ax.loglog(sizes, values, color="black", marker=marker, linestyle="none", label=label)
    ax.loglog(sizes, [math.sqrt(d) for d in sizes], color="0.5", label="the root of d")
    ax.loglog(sizes, [1] * len(sizes), color="0.5", linestyle="--", label="one")
    ax.set_xticks(sizes, [str(d) for d in sizes])
    ax.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    ax.minorticks_off()
    ax.set(xlabel="numbers in a query, d", ylabel="standard deviation")
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    return figure


def saturation_slider(weights: Mapping[int, tuple[Tensor, Tensor]], start: int) -> PictureSlider:
    """A slider for d: one row of attention weights (N,), without the scale and with it."""
    pictures = {}
    for d, (raw, scaled) in weights.items():
        text = (
            f"d = {d}: the largest of {len(raw)} weights is {float(raw.max()):.2f} without the "
            f"scale and {float(scaled.max()):.2f} with it."
        )
        figure, axes = plt.subplots(1, 2, figsize=(9, 2.9), layout="constrained", sharey=True)
        for ax, values, title in (
            (axes[0], raw, "softmax(q · k)"),
            (axes[1], scaled, "softmax(q · k / √d)"),
        ):
            bars = ax.bar(range(len(values)), values, color="0.75", edgecolor="black")
            ax.bar_label(bars, labels=[f"{v:.2f}" for v in values.tolist()], fontsize=9)
            ax.set(ylim=(0, 1.1), title=title, xlabel="key", xticks=range(len(values)))
            ax.spines[["top", "right"]].set_visible(False)
        axes[0].set_ylabel("weight")
        pictures[str(d)] = f"<p>{text}</p>{as_html(figure, alt=f'Two bar charts. {text}')}"
    return picture_slider(pictures, label="size of a query, d", start=str(start))


def draw_weight_maps(
    image: Tensor, patch_size: int, number: int, maps: Mapping[str, Tensor]
) -> Figure:
    """Draw an image (C, H, W) with patch `number` framed, and its weights (rows, columns)."""
    panels = 1 + len(maps)
    figure, axes = plt.subplots(1, panels, figsize=(2.9 * panels, 3.3), layout="constrained")
    columns = image.shape[2] // patch_size
    x, y = number % columns, number // columns
    draw_grid(axes[0], image, patch_size)
    corner = (x * patch_size - 0.5, y * patch_size - 0.5)
    frame: dict[str, Any] = {"fill": False, "edgecolor": "black", "linewidth": 3}
    axes[0].add_patch(plt.Rectangle(corner, patch_size, patch_size, **frame))
    axes[0].set_title(f"patch {number} asks", fontsize=11)
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        shown = ax.imshow(100 * values, cmap="cividis", vmin=0)
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, **frame | {"edgecolor": "white"}))
        ax.set_title(title, fontsize=11)
        ax.set_axis_off()
        figure.colorbar(shown, ax=ax, location="bottom", label="weight in %", shrink=0.8)
    return figure


def draw_heads(x: Tensor, heads: Tensor) -> Figure:
    """Draw one image's tokens (N, D) and what each head got of them (h, N, d), as numbers.

    The shade of a number is that of the head it should belong to. All numbers must differ.
    """
    (tokens, channels), count = x.shape, len(heads)
    owner = {
        float(value): c * count // channels for row in x.tolist() for c, value in enumerate(row)
    }
    figure, axes = plt.subplots(
        1,
        1 + count,
        figsize=(0.42 * 2 * channels + 1.6, 0.42 * tokens + 1),
        width_ratios=[channels] + [channels // count] * count,
        layout="constrained",
    )
    for ax, values, title in zip(
        axes,
        (x, *heads),
        ("tokens (N, D)", *(f"head {head}" for head in range(count))),
        strict=True,
    ):
        _draw_shaded(ax, values, owner, title)
    for c in range(0, channels + 1, channels // count):
        axes[0].axvline(c - 0.5, color="black", linewidth=2.5)
    return figure


def _draw_shaded(ax: Axes, values: Tensor, owner: Mapping[float, int], title: str) -> None:
    rows, columns = values.shape
    for y in range(rows):
        for x in range(columns):
            value = float(values[y, x])
            colour = HEAD_COLOURS[owner[value] % len(HEAD_COLOURS)]
            ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="0.5"))
            ax.text(x, y, f"{value:g}", ha="center", va="center", fontsize=11)
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), aspect="equal")
    ax.set_title(title, fontsize=11)
    ax.set_axis_off()


def draw_cost(
    sizes: Sequence[int],
    seconds: Mapping[str, Sequence[float]],
    megabytes: Mapping[str, Sequence[float]],
) -> Figure:
    """Draw time and memory over the number of tokens N, both axes logarithmic."""
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
    for ax, lines, unit, title in (
        (axes[0], {k: [1000 * s for s in v] for k, v in seconds.items()}, "ms", "time"),
        (axes[1], megabytes, "MB", "memory kept for the backward pass"),
    ):
        for (label, values), (marker, style) in zip(
            lines.items(), (("o", "-"), ("s", "--")), strict=True
        ):
            ax.loglog(sizes, values, color="black", marker=marker, linestyle=style, label=label)
        first = next(iter(lines.values()))
        guide = [first[-1] * (n / sizes[-1]) ** 2 for n in sizes]
        ax.loglog(sizes, guide, color="0.6", linewidth=4, alpha=0.5, zorder=0, label="grows as N²")
        ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
        ax.minorticks_off()
        ax.set(xlabel="tokens N", ylabel=unit, title=title)
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
    return figure


# A cell of attention, step by step ----------------------------------------------------------------


def attention_stepper(q: Tensor, k: Tensor, v: Tensor, names: Sequence[str]):
    """A table of attention weights in which each cell can be followed from q and k to the output.

    `q`, `k`, `v` are (N, d), `names` has N entries. Choose a cell by mouse or arrow keys, then a
    step. All numbers are computed here; the browser only shows them, so it needs no kernel.
    Raises ValueError if the sizes differ.
    """
    from IPython.display import HTML

    return HTML(stepper_html(q, k, v, names))


def stepper_html(q: Tensor, k: Tensor, v: Tensor, names: Sequence[str]) -> str:
    """The HTML of `attention_stepper`, with style and script inside."""
    if not len(q) == len(k) == len(v) == len(names) or q.shape != k.shape:
        raise ValueError(
            f"q, k, v and names must have N entries each, got {len(q)}, {len(k)}, {len(v)}, "
            f"{len(names)}; q and k the same shape, got {tuple(q.shape)} and {tuple(k.shape)}"
        )
    q, k, v = (t.detach().double() for t in (q, k, v))
    scores = q @ k.T
    scaled = scores / math.sqrt(q.shape[1])
    weights = scaled.softmax(-1)
    stages = {"q": q, "k": k, "v": v, "scores": scores, "scaled": scaled, "exp": scaled.exp()}
    stages |= {"weights": weights, "output": weights @ v}
    numbers = {
        "names": list(names),
        "d": q.shape[1],
        **{
            name: [[round(x, 6) for x in row] for row in values.tolist()]
            for name, values in stages.items()
        },
        "shades": [[_shade(w) for w in row] for row in weights.tolist()],
    }
    steps = "".join(
        f'<label><input type="radio" value="{number}"> {number} {text}</label>'
        for number, text in enumerate(STEPS, 1)
    )
    tables = "".join(_vectors(name, t, names) for name, t in (("q", q), ("k", k), ("v", v)))
    return (
        f'<div class="vit-stepper" data-lm-suppress-shortcuts="true" '
        f'data-numbers="{html.escape(json.dumps(numbers))}">'
        f"<style>{STYLE}</style>"
        f"<p>Click a cell, or press Tab to reach the table and move with the arrow keys. Enter "
        f"goes one step further; the steps can be chosen, too.</p>"
        f'<div class="vit-columns">{_weight_table(weights, names)}{tables}</div>'
        f'<div class="vit-steps" role="radiogroup" aria-label="step">{steps}</div>'
        f'<div class="vit-readout" role="status" aria-live="polite">The steps need JavaScript: '
        f"run this cell.</div>"
        f"<script>{SCRIPT}</script></div>"
    )


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


STEPS = (
    "query q",
    "key k",
    "score q · k",
    "divide by √d",
    "softmax over the row",
    "weight × v",
    "add up the row",
)

STYLE = """
.vit-stepper {background: #fff; color: #111; padding: 10px; font: 14px/1.5 sans-serif;
  border: 1px solid #767676; max-width: 900px}
.vit-stepper p {margin: 0 0 8px}
.vit-stepper .vit-columns {display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: flex-start}
.vit-stepper table {border-collapse: collapse; margin: 0; font-size: 13px; color: #111}
.vit-stepper caption {caption-side: top; text-align: left; color: #111; font-weight: bold;
  padding: 2px 0; white-space: nowrap}
.vit-stepper tr, .vit-stepper tbody tr:nth-child(even) {background: #fff}
.vit-stepper th, .vit-stepper td {border: 1px solid #999; padding: 2px 5px; text-align: right;
  color: #111; font-variant-numeric: tabular-nums; background: #fff; max-width: none}
.vit-stepper .vit-grid td {min-width: 3em; padding: 5px 9px; cursor: pointer}
.vit-stepper .vit-grid .vit-row td {box-shadow: inset 0 3px #fff, inset 0 -3px #fff}
.vit-stepper .vit-grid td[aria-selected=true] {outline: 3px solid #b30059; outline-offset: -3px;
  box-shadow: inset 0 0 0 5px #fff}
.vit-stepper .vit-grid td:focus {outline-width: 5px; box-shadow: inset 0 0 0 7px #fff}
.vit-stepper .vit-used > *, .vit-stepper .vit-grid .vit-row th {background: #fce4ef;
  font-weight: bold; box-shadow: inset 0 2px #b30059, inset 0 -2px #b30059}
.vit-stepper .vit-steps {display: flex; flex-wrap: wrap; gap: 4px 14px; margin: 12px 0 6px}
.vit-stepper .vit-steps input:focus {outline: 3px solid #b30059; outline-offset: 2px}
.vit-stepper .vit-readout {min-height: 4.6em; padding: 8px; background: #f2f2f2; color: #111}
.vit-stepper .vit-readout div:last-child {font-weight: bold}
"""

SCRIPT = """
for (const root of document.querySelectorAll('.vit-stepper:not([data-ready])')) {
  root.dataset.ready = 'yes';
  const n = JSON.parse(root.dataset.numbers), count = n.names.length;
  const cells = [...root.querySelectorAll('.vit-grid tbody tr')].map(r => [...r.children].slice(1));
  const radios = [...root.querySelectorAll('.vit-steps input')];
  const group = 'vit-step-' + document.querySelectorAll('.vit-stepper[data-ready]').length;
  const readout = root.querySelector('.vit-readout'), stage = root.querySelector('.vit-stage');
  let i = 0, j = 0, step = 1;
  const short = x => Number.isInteger(x) ? String(x) : x.toFixed(3);
  const row = xs => '(' + xs.map(short).join(', ') + ')';
  const signed = x => x < 0 ? '(' + short(x) + ')' : short(x);
  function say() {
    const q = n.q[i], k = n.k[j], v = n.v[j], from = n.names[i], to = n.names[j];
    const weight = n.weights[i][j], total = n.exp[i].reduce((a, b) => a + b, 0);
    return [
      [`The query of “${from}” says what this token looks for.`, `q = ${row(q)}`],
      [`The key of “${to}” says what can be found there.`, `k = ${row(k)}`],
      [`How well does the key of “${to}” fit the query of “${from}”? Multiply and add up.`,
       `q · k = ${q.map((x, c) => signed(x) + ' × ' + signed(k[c])).join(' + ')}`
         + ` = ${short(n.scores[i][j])}`],
      [`Divide by the square root of d = ${n.d}.`,
       `${short(n.scores[i][j])} / ${short(Math.sqrt(n.d))} = ${short(n.scaled[i][j])}`],
      [`Softmax over the row of “${from}”: e to the power of each number in it, divided by their`
         + ` sum ${total.toFixed(3)}. Each row then sums to 1.`,
       `e^${short(n.scaled[i][j])} / ${total.toFixed(3)} = ${n.exp[i][j].toFixed(3)} /`
         + ` ${total.toFixed(3)} = ${weight.toFixed(3)}`],
      [`“${from}” takes this share of the value of “${to}”.`,
       `${weight.toFixed(3)} × ${row(v)} = ${row(v.map(x => weight * x))}`],
      [`The shares of all keys, added up, are the output for “${from}”. `
         + n.names.map((name, c) => n.weights[i][c].toFixed(3) + ' × ' + name).join(' + '),
       `output = ${row(n.output[i])}`],
    ][step - 1];
  }
  function draw() {
    const [what, shown] = step < 3 ? ['not yet computed', null]
      : step == 3 ? ['scores', n.scores] : step == 4 ? ['scores / √d', n.scaled]
      : ['weights', n.weights];
    stage.textContent = what;
    cells.forEach((line, a) => {
      line[0].parentNode.classList.toggle('vit-row', a == i && (step == 5 || step == 7));
      line.forEach((cell, b) => {
        const here = a == i && b == j, [back, text] = step > 4 ? n.shades[a][b] : ['#fff', '#111'];
        cell.textContent = shown ? (step > 4 ? shown[a][b].toFixed(3) : short(shown[a][b])) : '·';
        cell.tabIndex = here ? 0 : -1;
        cell.setAttribute('aria-selected', here);
        cell.setAttribute('aria-label',
          `query ${n.names[a]}, key ${n.names[b]}` + (shown ? `: ${cell.textContent}` : ''));
        cell.style.background = back;
        cell.style.color = text;
      });
    });
    for (const [name, used] of [['q', a => a == i && (step == 1 || step == 3)],
        ['k', a => a == j && (step == 2 || step == 3)],
        ['v', a => (a == j && step == 6) || step == 7]]) {
      root.querySelectorAll('.vit-' + name + ' tr').forEach(
        (line, a) => line.classList.toggle('vit-used', used(a)));
    }
    radios.forEach((radio, s) => { radio.checked = s + 1 == step; });
    readout.replaceChildren(...[`Step ${step} of ${radios.length}. Query “${n.names[i]}”, key`
      + ` “${n.names[j]}”.`, ...say()].map(text => {
        const line = document.createElement('div');
        line.textContent = text;
        return line;
      }));
  }
  function choose(a, b) {
    i = (a + count) % count;
    j = (b + count) % count;
    draw();
    cells[i][j].focus();
  }
  cells.forEach((line, a) => line.forEach((cell, b) => {
    cell.addEventListener('click', () => choose(a, b));
    cell.addEventListener('keydown', event => {
      const move = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
      if (move[event.key]) choose(i + move[event.key][0], j + move[event.key][1]);
      else if (event.key == 'Home') choose(i, 0);
      else if (event.key == 'End') choose(i, count - 1);
      else if (event.key == 'Enter' || event.key == ' ') {
        step = step % radios.length + 1;
        draw();
      }
      else return;
      event.preventDefault();
    });
  }));
  // Jupyter would take the arrow keys for a walk to the next cell.
  root.addEventListener('keydown', event => {
    if (event.key != 'Tab' && event.key != 'Escape') event.stopPropagation();
  });
  radios.forEach((radio, s) => {
    radio.name = group;
    radio.addEventListener('change', () => { step = s + 1; draw(); });
  });
  draw();
}
"""
