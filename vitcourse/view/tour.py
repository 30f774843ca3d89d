"""Chapter 0 in one picture: the six stages of a Vision Transformer."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.patches import draw_exploded, draw_grid


def draw_tour(
    photo: Tensor, patches: Tensor, tokens: Tensor, attention: Tensor, cls: Tensor, scores: Tensor
) -> Figure:
    """Draw what comes out of each stage, for one image.

    photo (C, H, W), patches (N, C * P * P), tokens (N + 1, D), attention (N + 1, N + 1) with one
    row per query, cls (D,), scores (classes,).
    """
    patch_size = round((patches.shape[1] / photo.shape[0]) ** 0.5)
    count, length = tokens.shape
    figure, axes = plt.subplots(2, 3, figsize=(10.5, 6.6), layout="constrained")
    cut, row, embedded, attend, summary, decide = axes.flat

    draw_grid(cut, photo, patch_size)
    cut.set_title("1  cut the photograph")

    first = len(patches) * 2 // 5  # a stretch from the middle, large enough to see
    draw_exploded(row, patches[first : first + 24], grid=(4, 6), patch_size=patch_size)
    row.set_title(f"2  line up {len(patches)} patches ({first} to {first + 23})")

    limit = float(tokens.abs().quantile(0.99))
    shown = embedded.imshow(tokens, cmap="cividis", vmin=-limit, vmax=limit, aspect="auto")
    embedded.set(
        title="3  embed each as a token", ylabel=f"{count} tokens", xlabel=f"{length} numbers"
    )
    figure.colorbar(shown, ax=embedded, label="value")

    limit = 100 * float(attention.quantile(0.999))
    shown = attend.imshow(100 * attention, cmap="viridis", vmin=0, vmax=limit)
    attend.set(title="4  let tokens attend", ylabel="the token that looks", xlabel="is looked at")
    figure.colorbar(shown, ax=attend, label="attention (%)")

    summary.bar(np.arange(length), cls, width=1.0, color="0.25")
    summary.set(title="5  read off the CLS token", xlabel=f"its {length} numbers", ylabel="value")

    decide.barh(np.arange(len(scores)), 100 * scores, color="0.25")
    decide.set(title="6  decide", xlabel="score (%)", ylabel="class", yticks=np.arange(len(scores)))
    decide.invert_yaxis()
    return figure
