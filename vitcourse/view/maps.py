"""Chapter 8 in pictures: maps over images, many maps at once, and how maps did in the games.

A map has one number for each patch. It is enlarged patch by patch and never smoothed, because
between the patches nothing was measured.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from PIL import Image
from torch import Tensor

from vitcourse.view.figure import Still, still
from vitcourse.view.scenes import _draw_outline

OPAQUE = 0.65  # how much of an overlay is the map; the rest is the image, in grey
IN_PERCENT = "weight in %"
STYLES = (  # lines are told apart by their markers and dashes
    ("o", "solid"),
    ("s", (0, (5, 2))),
    ("^", (0, (1, 1))),
    ("D", "dashdot"),
    ("v", (0, (3, 1, 1, 1, 1, 1))),
    ("P", (0, (8, 2))),
    ("X", (0, (2, 3))),
)
BASELINE = {"color": "0.5", "linestyle": (0, (2, 2)), "linewidth": 1.5}
HIT, MISS = "o", "x"
FILM_SECONDS, FILM_ROUNDS = 0.6, 2
FILM_DOTS_PER_INCH = 100  # a GIF of noisy pictures grows large


# Maps over images ---------------------------------------------------------------------------------


def draw_overlays(
    picture: Tensor,
    maps: Mapping[str, Tensor],
    outlines: Sequence[Tensor] = (),
    highest: float | None = None,
    label: str = IN_PERCENT,
) -> Figure:
    """Draw an image (3, H, W) uint8, then each map (rows, columns) over it in grey; one scale.

    `outlines` are masks (H, W) bool whose borders are drawn on all panels. Colours go from 0 to
    `highest`, by default the highest value of all maps. Values are shown times 100.
    """
    highest = _highest(maps.values()) if highest is None else highest
    panels = 1 + len(maps)
    figure, axes = plt.subplots(1, panels, figsize=(2.3 * panels + 0.8, 2.7), layout="constrained")
    axes[0].imshow(_as_picture(picture), interpolation="nearest")
    axes[0].set_title("the image", fontsize=11)
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        ax.imshow(_overlay(picture, values, highest), interpolation="nearest")
        _draw_patch_borders(ax, picture, values)
        ax.set_title(title, fontsize=11)
    for ax in axes:
        _outline(ax, outlines)
        ax.set_axis_off()
    _add_colour_bar(figure, axes, highest, label)
    return figure


def layer_film(
    picture: Tensor, maps: Tensor, alt: str, outlines: Sequence[Tensor] = (), label=IN_PERCENT
) -> Still:
    """Show the maps of all layers (layers, rows, columns): side by side, and as a film to open.

    The film stays closed until somebody opens it, plays twice, and then stands still.
    `alt` says what the still picture shows. Raises ValueError for an empty `alt`.
    """
    titles = [f"layer {layer}" for layer in range(len(maps))]
    figure = draw_overlays(picture, dict(zip(titles, maps, strict=True)), outlines, label=label)
    all_layers = still(figure, alt)
    film = base64.b64encode(layer_gif(picture, maps, outlines, label)).decode()
    moving = f"The same maps one after the other, {FILM_SECONDS} s each. {alt}"
    page = (
        f"{all_layers.html}<details><summary>The same as a film of "
        f"{FILM_ROUNDS * FILM_SECONDS * len(maps):.1f} seconds; close it to stop it</summary>"
        f'<img alt="{html.escape(moving)}" style="width: 320px" loading="lazy" '
        f'src="data:image/gif;base64,{film}"></details>'
    )
    return replace(all_layers, html=page)


def layer_gif(
    picture: Tensor, maps: Tensor, outlines: Sequence[Tensor] = (), label=IN_PERCENT
) -> bytes:
    """An animated GIF of maps (layers, rows, columns) over an image, on one scale. It ends."""
    highest, frames, palette = _highest([maps]), [], _film_palette()
    for layer, values in enumerate(maps):
        figure, ax = plt.subplots(figsize=(3.2, 2.9), layout="constrained")
        ax.imshow(_overlay(picture, values, highest), interpolation="nearest")
        _draw_patch_borders(ax, picture, values)
        _outline(ax, outlines)
        ax.set_title(f"layer {layer}", fontsize=11)
        ax.set_axis_off()
        _add_colour_bar(figure, [ax], highest, label)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=FILM_DOTS_PER_INCH)
        plt.close(figure)
        frame = Image.open(buffer).convert("RGB")
        frames.append(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    film = io.BytesIO()
    # A GIF's `loop` counts the rounds after the first one.
    timing = {"duration": round(1000 * FILM_SECONDS), "loop": FILM_ROUNDS - 1}
    frames[0].save(film, format="GIF", save_all=True, append_images=frames[1:], **timing)
    return film.getvalue()


def draw_map_sheet(
    pictures: Tensor,
    masks: Tensor,
    maps: Mapping[str, Tensor],
    hits: Mapping[str, Tensor],
) -> Figure:
    """Draw a row for each image (n, 3, H, W): the image, then each method's map (n, rows, columns).

    Masks (n, H, W) are outlined. The highest patch bears a ring where hits (n,) say that it touches
    the mask, else a cross. Methods have different units, so each map has its own scale, from
    0 (and below) to its highest value.
    """
    count, panels = len(pictures), 1 + len(maps)
    figure, axes = plt.subplots(
        count,
        panels,
        figsize=(1.42 * panels + 0.9, 1.42 * count + 0.8),
        layout="constrained",
        squeeze=False,
    )
    for row, line in enumerate(axes):
        line[0].imshow(_as_picture(pictures[row]), interpolation="nearest")
        for ax, (method, values) in zip(line[1:], maps.items(), strict=True):
            shown = _overlay(pictures[row], values[row], _highest([values[row]]))
            ax.imshow(shown, interpolation="nearest")
            _draw_mark(ax, pictures[row], values[row], bool(hits[method][row]))
        for ax in line:
            _outline(ax, [masks[row]], width=1.0)
            ax.set_axis_off()
    for ax, title in zip(axes[0], ("the image", *maps), strict=True):
        ax.set_title(title, fontsize=9.5)
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 100), _over_grey()), ax=axes, shrink=0.5, aspect=30
    )
    bar.set_label("% of each map's own highest", fontsize=9.5)
    handles = [
        Line2D([], [], linestyle="none", label=f"highest patch: a {name}", **_mark(hit))
        for name, hit in (("hit", True), ("miss", False))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def draw_mosaic(
    maps: Tensor, per_map: bool = False, highest: float | None = None, title: str = ""
) -> Figure:
    """Draw all maps (layers, heads, rows, columns) as one image: layers down, heads to the right.

    All share one scale, from 0 to `highest` (by default their highest value); with `per_map` each
    goes from its own lowest to its own highest value, which shows patterns and hides sizes.
    """
    layers, heads, rows, columns = maps.shape
    values = maps.numpy().astype(float)
    if per_map:
        lowest = values.min(axis=(2, 3), keepdims=True)
        spread = values.max(axis=(2, 3), keepdims=True) - lowest
        values, highest = (values - lowest) / np.maximum(spread, 1e-12), 1.0
    highest = _highest([maps]) if highest is None else highest
    gap = 1
    tall, wide = layers * (rows + gap) - gap, heads * (columns + gap) - gap
    canvas = np.full((layers, rows + gap, heads, columns + gap), np.nan)
    canvas[:, :rows, :, :columns] = 100 * values.transpose(0, 2, 1, 3)
    canvas = canvas.reshape(layers * (rows + gap), heads * (columns + gap))[:tall, :wide]
    width = min(9.0, 1.25 * heads + 1.6)
    size = (width, min(11.0, (width - 1.6) * tall / wide + 0.5))
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    shown = ax.imshow(
        canvas, cmap="viridis", vmin=0, vmax=100 * highest, interpolation="nearest", aspect="equal"
    )
    across = [(columns + gap) * head + (columns - 1) / 2 for head in range(heads)]
    down = [(rows + gap) * layer + (rows - 1) / 2 for layer in range(layers)]
    ax.set_xticks(across, [str(head) for head in range(heads)])
    ax.set_yticks(down, [str(layer) for layer in range(layers)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="head", ylabel="layer")
    ax.set_title(title, fontsize=11)
    label = "% of the way from each map's lowest to its highest" if per_map else IN_PERCENT
    beyond = "max" if not per_map and float(maps.max()) > highest else "neither"
    figure.colorbar(shown, ax=ax, label=label, shrink=0.9, aspect=30, extend=beyond)
    figure.set_layout_engine("constrained", w_pad=0.1)
    return figure


# Numbers about maps -------------------------------------------------------------------------------


def draw_heads_by_depth(
    values: Tensor, ylabel: str, lines: Mapping[str, float], title: str = ""
) -> Figure:
    """Draw a number for each head (layers, heads) over the layers; `lines` are values to compare
    with, drawn across and named at their right end."""
    figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for layer, heads in enumerate(values.tolist()):
        ax.plot([layer] * len(heads), heads, "o", color="black", fillstyle="none", markersize=7)
    for (name, height), (_, style) in zip(lines.items(), cycle(STYLES[1:]), strict=False):
        ax.axhline(height, color="0.4", linestyle=style, linewidth=1.3)
        ax.annotate(
            f"{name}: {height:.1f}",
            (1, height),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            annotation_clip=False,
        )
    ax.set_xticks(range(len(values)))
    ax.set(xlabel="layer", ylabel=ylabel, title=title, xlim=(-0.4, len(values) - 0.6))
    ax.set_ylim(0, 1.06 * max([float(values.max()), *lines.values()]))
    ax.grid(axis="y", alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def draw_lines(
    lines: Mapping[str, Sequence[float]],
    ticks: Sequence[str],
    xlabel: str,
    ylabel: str,
    lowest: float = 0.0,
) -> Figure:
    """Draw lines over named steps, such as layers, each with its own marker and dashes."""
    figure, ax = plt.subplots(figsize=(7.6, 3.6), layout="constrained")
    for (name, values), (marker, style) in zip(lines.items(), cycle(STYLES), strict=False):
        line: dict[str, Any] = {"marker": marker, "linestyle": style, "fillstyle": "none"}
        line |= {"markersize": 7, "color": "black", "linewidth": 1.2}
        ax.plot(range(len(values)), values, label=name, **line)
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set_xticks(range(len(ticks)), ticks)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(lowest, 1.05))
    ax.grid(axis="y", alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right center", frameon=False)
    return figure


def draw_removal(
    shares: Tensor,
    deletion: Mapping[str, Tensor],
    insertion: Mapping[str, Tensor],
    baseline: str = "random",
) -> Figure:
    """Draw deletion and insertion curves (steps + 1,) side by side; the `baseline` one in grey."""
    figure, axes = plt.subplots(1, 2, figsize=(9.6, 3.9), layout="constrained", sharey=True)
    panels = (
        (axes[0], deletion, "deletion: lower is better", "patches removed, %"),
        (axes[1], insertion, "insertion: higher is better", "patches shown, %"),
    )
    names = [name for name in deletion if name != baseline]
    styles = dict(zip(names, cycle(STYLES), strict=False))
    for ax, curves, title, xlabel in panels:
        for name, scores in curves.items():
            if name == baseline:
                look = BASELINE | {"linewidth": 3}
            else:
                marker, style = styles[name]
                look = {"color": "black", "marker": marker, "linestyle": style, "linewidth": 1.1}
                look |= {"fillstyle": "none", "markersize": 6}
            ax.plot(100 * shares, 100 * scores, label=name, **look)
        ax.set(title=title, xlabel=xlabel, xlim=(-2, 102), ylim=(-3, 103))
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("probability of the right answer, %")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False
    )
    return figure


def draw_map_scores(
    scores: Mapping[str, Mapping[str, float]], baselines: Mapping[str, tuple[str, float]]
) -> Figure:
    """Draw a panel for each game with a bar for each map: scores[game][map], 0 to 1.

    baselines[game] is (name, value) of the dashed line: chance, or random maps.
    """
    names = list(next(iter(scores.values())))
    figure, axes = plt.subplots(
        1,
        len(scores),
        figsize=(2.35 * len(scores) + 1.4, 0.32 * len(names) + 1.2),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for ax, (game, of_map) in zip(axes[0], scores.items(), strict=True):
        values = [of_map[name] for name in names]
        ax.barh(range(len(names)), values, color="0.8", edgecolor="black", height=0.66)
        name, value = baselines[game]
        ax.axvline(value, **BASELINE | {"color": "black"})
        for row, reached in enumerate(values):
            _write_behind(ax, reached, row, line=value)
        ax.set_title(game, fontsize=11)
        ax.set_xlabel(f"dashed: {name}, {value:.2f}", fontsize=9.5)
        ax.set_xlim(0, 1.22)
        ax.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].invert_yaxis()
    return figure


def _write_behind(ax: Axes, reached: float, row: int, line: float) -> None:
    """The number behind the end of its bar, or behind a line that it would lie on."""
    on_line = line - 0.2 < reached < line  # a number is as wide as 0.2 of the axis
    ax.annotate(
        f"{reached:.2f}",
        (line if on_line else reached, row),
        (4, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
    )


def draw_look_and_matter(look: Tensor, matter: Mapping[str, Tensor], xlabel: str) -> Figure:
    """Draw how hard each head looks (layers, heads) against what is lost without it, in points.

    A panel for each of `matter`, (layers, heads) too. Heads are named "layer.head" where they
    stand apart; a layer has its own marker.
    """
    figure, axes = plt.subplots(
        1, len(matter), figsize=(4.6 * len(matter), 3.9), layout="constrained", sharey=True
    )
    for ax, (title, lost) in zip(np.atleast_1d(axes), matter.items(), strict=True):
        for layer, (marker, _) in zip(range(len(look)), cycle(STYLES), strict=False):
            style = {"marker": marker, "linestyle": "none", "fillstyle": "none", "markersize": 8}
            points = 100 * look[layer], 100 * lost[layer]
            ax.plot(*points, color="black", label=f"layer {layer}", **style)
            for head, (x, y) in enumerate(zip(*points, strict=True)):
                if x > 40 or y > 5:  # the rest lie on top of each other
                    place = {"textcoords": "offset points", "fontsize": 9.5, "ha": "center"}
                    ax.annotate(f"{layer}.{head}", (x, y), (0, 7), **place)
        ax.axhline(0, color="0.6", linewidth=0.8)
        ax.set(title=title, xlabel=xlabel, xlim=(-4, 112))
        ax.margins(y=0.12)  # room above the highest name
        ax.grid(alpha=0.3)
    np.atleast_1d(axes)[0].set_ylabel("accuracy lost without the head, points")
    handles = np.atleast_1d(axes)[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(look), frameon=False)
    return figure


# Parts --------------------------------------------------------------------------------------------


def _overlay(picture: Tensor, values: Tensor, highest: float) -> np.ndarray:
    """(3, H, W) uint8 and (rows, columns) -> (H', W', 3): the map's colours over a grey image.

    Where the patches do not divide the image, the picture is cut at the right and at the bottom.
    """
    height, width = _patch_size(picture, values)
    rows, columns = values.shape
    grey = _as_picture(picture)[: rows * height, : columns * width].mean(axis=2) / 255
    colours = colormaps["viridis"](Normalize(0, highest, clip=True)(values.numpy()))[..., :3]
    colours = colours.repeat(height, axis=0).repeat(width, axis=1)
    return OPAQUE * colours + (1 - OPAQUE) * grey[..., None]


def _film_palette() -> Image.Image:
    """The 256 colours of a film: viridis over five greys, and plain greys for lines and letters.

    Colours chosen to fit each frame would change from frame to frame, and the scale with them.
    """
    steps, greys = np.linspace(0, 1, 48), np.linspace(0.1, 0.9, 5)
    colours = OPAQUE * colormaps["viridis"](steps)[:, None, :3]
    overlays = (colours + (1 - OPAQUE) * greys[:, None]).reshape(-1, 3)
    plain = np.linspace(0, 1, 256 - len(overlays))[:, None].repeat(3, axis=1)
    palette = Image.new("P", (1, 1))
    palette.putpalette((255 * np.concatenate([overlays, plain])).round().astype("uint8").tobytes())
    return palette


def _over_grey() -> ListedColormap:
    """viridis as it looks in an overlay, on middle grey."""
    colours = colormaps["viridis"](np.arange(256))[:, :3]
    return ListedColormap(OPAQUE * colours + (1 - OPAQUE) * 0.5)


def _patch_size(picture: Tensor, values: Tensor) -> tuple[int, int]:
    (height, width), (rows, columns) = picture.shape[1:], values.shape
    if rows > height or columns > width:
        raise ValueError(
            f"a map of {rows} x {columns} patches has more of them than an image of "
            f"{height} x {width} has pixels"
        )
    return height // rows, width // columns


def _draw_patch_borders(ax: Axes, picture: Tensor, values: Tensor) -> None:
    height, width = _patch_size(picture, values)
    thin: dict[str, Any] = {"color": "white", "linewidth": 0.4, "alpha": 0.45}
    for row in range(1, values.shape[0]):
        ax.axhline(row * height - 0.5, **thin)
    for column in range(1, values.shape[1]):
        ax.axvline(column * width - 0.5, **thin)


def _draw_mark(ax: Axes, picture: Tensor, values: Tensor, hit: bool) -> None:
    height, width = _patch_size(picture, values)
    row, column = divmod(int(values.argmax()), values.shape[1])
    place = ((column + 0.5) * width - 0.5, (row + 0.5) * height - 0.5)
    ax.plot(*place, **_mark(hit))


def _mark(hit: bool) -> dict:
    """An open ring or a cross, white with a black rim: told apart by shape, seen on all colours."""
    look = {"color": "white", "fillstyle": "none", "markersize": 8, "markeredgewidth": 1.8}
    return look | {"marker": HIT if hit else MISS, "path_effects": _rimmed(1.8)}


def _outline(ax: Axes, masks: Sequence[Tensor], width: float = 1.6) -> None:
    for mask in masks:
        line = {"colors": "white", "linewidths": width, "path_effects": _rimmed(width)}
        _draw_outline(ax, mask, **line)


def _rimmed(width: float) -> list:
    """White with a black rim is seen on every colour."""
    return [Stroke(linewidth=width + 1.6, foreground="black"), Normal()]


def _add_colour_bar(figure: Figure, axes, highest: float, label: str) -> None:
    scale = ScalarMappable(Normalize(0, 100 * highest), _over_grey())
    figure.colorbar(scale, ax=axes, label=label, shrink=0.8, aspect=18)


def _highest(maps) -> float:
    return max(1e-12, *(float(values.max()) for values in maps))


def _as_picture(picture: Tensor) -> np.ndarray:
    return picture.movedim(0, -1).numpy()
