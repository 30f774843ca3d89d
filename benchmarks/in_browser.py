"""An explorer in Chromium: how long until it is seen, and how long a hover takes.

Each time in a fresh page, as after a reload: nothing is compiled yet. The widget's own module is
called as anywidget calls it in JupyterLab, with the message already there. What the browser's main
thread has spent is counted beside the clock on the wall: other processes do not slow it down.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.timing import Sample
from vitcourse.view.explorer import Explorer, host

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ADDRESS = "http://localhost:9/"  # nobody is there: `_serve` answers
HOVERS = 150
FINE_CLOCK = {  # a page of its own has a clock of 5 microseconds, any other one of 100
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
OPEN = """async (asks) => {
    const header = await (await fetch('header')).json();
    const block = new DataView(await (await fetch('block')).arrayBuffer());
    const given = { header, block, asks };
    const model = { get: (name) => given[name], on() {}, off() {}, send() {} };
    window.el = document.body.appendChild(document.createElement('div'));
    await new Promise((done) => setTimeout(done, 30));
    const start = performance.now();
    const { default: widget } = await import('./module.js');
    await widget.render({ model, el });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - start;
}"""
HOVER = """async (count) => {
    const picture = el.querySelector('.vx-picture');
    await new Promise((done) => setTimeout(done, 300)); // nobody points sooner
    const { times, mosaicTimes, data: { rows, columns } } = el.vx;
    const { left, top, width, height } = picture.getBoundingClientRect();
    times.fill(0);
    for (let i = 0; i < count; i++) {
        const clientX = left + (width * ((i * 5) % columns + 0.5)) / columns;
        const clientY = top + (height * ((i * 3) % rows + 0.5)) / rows;
        picture.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX, clientY }));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
    return [...times].flatMap((time, i) => (time ? [[time, time - mosaicTimes[i]]] : []));
}"""


class Seen(NamedTuple):
    """One visit to a fresh page."""

    first_paint: Sample
    hovers: list[tuple[float, float]]  # milliseconds, with and without the mosaic


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser; None where it or playwright is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    if CHROMIUM is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def visit(browser: Any, made: Explorer, hovers: int = HOVERS) -> Seen:
    """Open the explorer in a fresh page, and hover over it."""
    context = browser.new_context(viewport={"width": 1024, "height": 900})
    page = context.new_page()
    _serve(page, made)
    page.goto(ADDRESS)
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent = -_spent(devtools)
    wall = page.evaluate(OPEN, made._asks) / 1000
    spent += _spent(devtools)
    times = page.evaluate(HOVER, hovers)
    context.close()
    return Seen(Sample(wall, spent), [tuple(pair) for pair in times])


def _serve(page: Any, made: Explorer) -> None:
    header, block = made._message()
    style = (Path(host.__file__).parent / "explorer.css").read_text(encoding="utf-8")
    answers = {
        "": ("text/html", f"<!doctype html><link rel=icon href=data:,><style>{style}</style>"),
        "module.js": ("text/javascript", host.script()),
        "header": ("application/json", json.dumps(header)),
        "block": ("application/octet-stream", block),
    }

    def answer(route: Any) -> None:
        kind, body = answers[route.request.url.removeprefix(ADDRESS)]
        route.fulfill(body=body, content_type=kind, headers=FINE_CLOCK)

    page.route("**/*", answer)


def _spent(devtools: Any) -> float:
    """Seconds of the main thread."""
    found = devtools.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in found if metric["name"] == "TaskDuration")
