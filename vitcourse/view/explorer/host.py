"""The explorer in Python: takes maps, shows itself in a notebook, writes itself to a page."""

import base64
import html
import json
import os
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.files import written_whole
from vitcourse.view.explorer import arguments, coding, pack
from vitcourse.view.figure import PIXELS_PER_INCH, Still, as_png, still
from vitcourse.view.widgets import WithStill, with_still

HERE = Path(__file__).parent
SCRIPTS = (  # each needs those before
    "digits",
    "coding",
    "maps",
    "elements",
    "inside",
    "state",
    "reading",
    "tour",
    "asking",
    "board",
    "mosaic",
    "flows",
    "numbers",
    "controls",
    "step",
    "ablation",
    "explorer",
)
LARGEST_MESSAGE = 5_920_000  # bytes; with script, style and picture it stays below 6 MB
PATIENT = 20_000_000  # bytes; more would be compressed for minutes, to save a tenth
LARGEST_PAGE = 12_000_000  # characters in a cell's output; beyond it, a figure

IN_ONE_FILE = re.compile(  # what is not needed there
    r'^import \{[^}]*\} from "\./[^"]*";\n|^ *//[^\n]*\n|^ */\*\*.*?\*/\n|^\n',
    flags=re.MULTILINE | re.DOTALL,
)

NO_WIDGET = (
    "The package anywidget is missing here, so this explorer has no connection to the kernel: "
    "everything but switching off heads and patches works. To have that, too: "
    "python -m pip install anywidget, then restart JupyterLab."
)
NO_PAGE = (
    "The explorer cannot be shown here, so this is a still picture of it. "
    "To explore: python -m pip install anywidget, then restart JupyterLab."
)
INVITATION = "Run this cell to explore it: point at a patch and see where it looks."


def explorer(
    picture: Tensor,
    attention: Tensor,
    grid: tuple[int, int],
    num_prefix_tokens: int = 1,
    *,
    prefix_names: Sequence[str] | None = None,
    answer_token: int | None = 0,
    flows: Mapping[str, Tensor] | None = None,
    class_flows: Mapping[str, Tensor] | None = None,
    classes: Sequence[tuple[str, str, float]] = (),
    queries_keys: tuple[Tensor, Tensor] | None = None,
    lens: tuple[Tensor, Sequence[tuple[str, str]]] | None = None,
    components: tuple[Tensor, Tensor] | None = None,
    ablate: Callable[[list, list, str], list] | None = None,
    title: str = "",
) -> "Explorer":
    """An explorer of one image's attention maps, to end a cell with or to write to a page.

    picture is the image as it is shown, uint8 (3, H, W); attention (layers, heads, N, N), rows
    are queries and sum to 1; grid (rows, columns) of patches; num_prefix_tokens 0, 1 or more:
    the class token, then registers, unless prefix_names say otherwise. The first view asks
    answer_token, the one that the model's answer is read from; with None it is the mean over the
    patches.

    flows are maps of the whole model, {"rollout": (N, N)}. class_flows have one map for each of
    the K `classes` (question, name, probability): (K, N, N), or (K, rows, columns) if a class has
    one picture whatever the query. queries_keys, twice (layers, heads, N, head_dim), let one
    weight be followed step by step.

    lens is what a logit lens reads: probabilities (depths, N, M) and the M answers (question,
    name) they are of, those of `classes` among them. components are the principal components of
    the patches, (depths, rows, columns, 3), and their shares of the variance, (depths, 3). Depth
    0 is before the first layer.

    ablate(heads, patches, by) answers for the model without these heads [(layer, head), ...] and
    patches [number in raster order, ...], with "zero" or their "mean" in their place: (question,
    name, probability), first the K classes in their order, then best answers that are not among
    them. It needs a kernel.

    All names may come from anywhere: they are shown as text, never as HTML. Raises TypeError or
    ValueError naming the argument that does not fit.
    """
    flows, class_flows, classes = dict(flows or {}), dict(class_flows or {}), list(classes)
    given = {
        "picture": picture,
        "attention": attention,
        "grid": grid,
        "num_prefix_tokens": num_prefix_tokens,
        "prefix_names": prefix_names,
        "answer_token": answer_token if num_prefix_tokens else None,
        "flows": flows,
        "class_flows": class_flows,
        "classes": classes,
        "queries_keys": queries_keys,
        "lens": lens,
        "components": components,
    }
    arguments.require(**given, ablate=ablate)
    if prefix_names is None:
        registers = (f"register {i}" for i in range(1, num_prefix_tokens))
        given["prefix_names"] = ["class token", *registers][:num_prefix_tokens]
    return Explorer(given | {"title": str(title)}, ablate)


class Explorer:
    """Made by `explorer`. Shows itself at the end of a cell; `to_html` writes it to a page."""

    def __init__(self, given: dict, ablate: Callable | None):
        self._given = given  # the arguments of `pack`
        self._ablate = ablate

    def __repr__(self) -> str:
        layers, heads = self._given["attention"].shape[:2]
        rows, columns = self._given["grid"]
        return f"Explorer({layers} layers, {heads} heads, {rows} x {columns} patches)"

    def to_html(self, path: str | os.PathLike | None = None) -> str:
        """A whole page that needs no network and no kernel; written to `path` if there is one.

        The file is complete or not there: it is written beside and then put in place.
        """
        header, sections = pack.pack(self._given, saved=True)
        raw = sum(values.nbytes for values in sections.values())
        table, block = coding.join(sections, level=9 if raw <= PATIENT else 6)
        header = header | {"sections": table, "compressed": True}
        page = PAGE.format(
            title=html.escape(header["title"] or "Attention explorer"),
            style=(HERE / "explorer.css").read_text(encoding="utf-8"),
            header=_in_script(json.dumps(header)),
            block=base64.b64encode(block).decode(),
            script=base64.b64encode(zlib.compress(script().encode(), 9)).decode(),
            loader=(HERE / "loader.js").read_text(encoding="utf-8"),
        )
        if path is not None:
            with written_whole(Path(path)) as beside:
                beside.write_text(page, encoding="utf-8", newline="\n")
        return page

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._shown())

    def _shown(self) -> WithStill | Still:
        """The widget; without anywidget the page; without that a figure."""
        try:
            from vitcourse.view.explorer.widget import ExplorerWidget
        except ImportError:
            return replace(self._still(), html=self._without_widget())
        header, block = self._message()
        widget = ExplorerWidget(self._answer, header=header, block=block, asks=self._asks)
        return with_still(widget, self._still(), INVITATION)

    def _message(self) -> tuple[dict, bytes]:
        """What goes to the browser: as it is, or, if it is large, compressed, which takes time.

        The maps of ViT-B/16 are just small enough as they are; with maps of classes they are not.
        """
        header, sections = pack.pack(self._given, saved=False)
        raw = sum(values.nbytes for values in sections.values())
        table, block = coding.join(sections, level=0 if raw <= LARGEST_MESSAGE else 1)
        return header | {"sections": table, "compressed": raw > LARGEST_MESSAGE}, block

    @property
    def _asks(self) -> list[str]:
        asks = {"ablate": self._ablate, "step": self._given["queries_keys"]}
        return [kind for kind, there in asks.items() if there is not None]

    def _answer(self, question: dict) -> dict:
        """The kernel's answer to a question from the widget: see `ask` in explorer.js."""
        if question["kind"] == "ablate":
            assert self._ablate is not None  # else the widget does not ask: `_asks`
            heads, patches = [tuple(head) for head in question["heads"]], question["patches"]
            answers = self._ablate(heads, patches, question["by"])
            return {"answers": [[str(q), str(name), float(p)] for q, name, p in answers]}
        q, k = self._given["queries_keys"]
        layer, head, query = question["layer"], question["head"], question["query"]
        q, k = (t[layer, head].detach().cpu().double() for t in (q, k))
        return {
            "q": q[query].tolist(),
            "k": k[question["key"]].tolist(),
            "scores": (k @ q[query]).tolist(),
        }

    def _without_widget(self) -> str:
        try:
            page = self.to_html()
        except OSError:  # the module's own files cannot be read
            page = ""
        if 0 < len(page) <= LARGEST_PAGE:
            return (
                f"<p>{NO_WIDGET}</p>"
                f'<iframe title="Attention explorer" sandbox="allow-scripts" '
                f'style="width: 100%; height: 900px; border: 0" '
                f'srcdoc="{html.escape(page)}"></iframe>'
            )
        return f"<p>{NO_PAGE}</p>{still(self._figure(), self._alt).html}"

    def _still(self) -> Still:
        """What a stored notebook shows where no widget can run: small, and the same each time."""
        image = pack.still_image(self._given["picture"], self._first_map)
        page = (
            f'<figure style="margin: 0"><img alt="{html.escape(self._alt)}" '
            f'style="max-width: 100%" src="{pack.webp_url(image, quality=75)}"></figure>'
        )
        return Still(page, self._alt, partial(as_png, image, PIXELS_PER_INCH))

    @property
    def _alt(self) -> str:
        return (
            "The picture, and beside it how much of the attention of the last layer, as the mean "
            f"of its heads, goes to each patch: {self._asker}."
        )

    @property
    def _asker(self) -> str:
        asked, names = self._given["answer_token"], self._given["prefix_names"]
        if asked is None:
            return "mean over all patches"
        return f"asked by the {names[asked]}"

    @property
    def _first_map(self) -> Tensor:
        """What the explorer shows first, or, without a class token, the mean: (rows, columns)."""
        prefix = self._given["num_prefix_tokens"]
        weights = self._given["attention"][-1].detach().cpu().double().mean(0)
        asked = self._given["answer_token"]
        row = weights[prefix:].mean(0) if asked is None else weights[asked]
        return row[prefix:].reshape(self._given["grid"])

    def _figure(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3), layout="constrained")
        left.imshow(self._given["picture"].detach().cpu().permute(1, 2, 0).numpy())
        left.set_axis_off()
        shown = right.imshow(100 * self._first_map.numpy(), cmap="viridis", vmin=0)
        right.set(xticks=[], yticks=[])
        right.set_title(f"last layer, {self._asker}", fontsize=9)
        figure.colorbar(shown, ax=right, label="share of the row in %")
        return figure


def script() -> str:
    """The browser's module: one file of all, for every host, without most comments."""
    files = "".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return IN_ONE_FILE.sub("", files)


def _in_script(text: str) -> str:
    """JSON that cannot end the <script> it stands in, whatever the names in it."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body class="vx-page">
<main>
<div class="vx-host">
<script type="application/json" class="vx-header">{header}</script>
<script type="text/plain" class="vx-block">{block}</script>
<noscript>This explorer needs JavaScript.</noscript>
</div>
</main>
<script type="text/plain" class="vx-script">{script}</script>
<script>
{loader}</script>
</body>
</html>
"""
