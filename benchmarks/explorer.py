"""How large the explorer is, what its coding loses, and how long it takes to be seen and to follow.

    python -m benchmarks.explorer

Python's part is processor time, the least of five tries. The rest is measured in Chromium
(benchmarks/in_browser.py), each time in a fresh page; the two models take turns, each twice in a
round, so that what a model needs next to itself is the noise. Without Chromium or playwright
there is Python's part alone.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch

from benchmarks import in_browser, report
from benchmarks.rows import threads
from benchmarks.timing import AGAIN, Sample, is_quiet, median, ratio
from vitcourse import bundled, bundled_layout
from vitcourse.data import scenes
from vitcourse.explanation import explain
from vitcourse.maps import attention_maps
from vitcourse.training import to_input
from vitcourse.view.explorer import Explorer, coding, explorer

ROUNDS = 5
MEGABYTE = 1e6


def bundled_on_a_scene() -> Explorer:
    picture = scenes(1, 0, **bundled_layout()).images
    attention = attention_maps(bundled().eval(), to_input(picture))
    return explorer(picture[0], attention[0], (12, 12))


def random_b_16() -> Explorer:
    """Random maps: they compress worse than real ones."""
    generator = torch.Generator().manual_seed(0)
    attention = torch.randn(12, 12, 197, 197, generator=generator).softmax(-1)
    return explorer(torch.zeros(3, 224, 224, dtype=torch.uint8), attention, (14, 14))


def lost(made: Explorer) -> str:
    """What a page with factors says about attention that is not so, in words."""
    attention = coding.numpy64(made._given["attention"])
    queries_keys = made._given["queries_keys"]
    if queries_keys is None:
        factors = coding.factors_of_scores(attention)
    else:
        factors = coding.factors_of_queries_keys(*queries_keys)[0]
    made_of_them = coding.multiplied(factors)
    worst = abs(made_of_them / attention - 1).max()
    moved = abs(made_of_them - attention).sum(-1) / 2  # total variation: the share of a row
    mean, most = moved.mean(), moved.max()
    return f"worst weight {worst:.2%} off; moved {mean:.3%} of a row, at most {most:.2%}"


def least(work: Callable[[], object], tries: int = 5) -> float:
    """Milliseconds of processor time."""
    taken = []
    for _ in range(tries):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return 1000 * min(taken)


def in_python(made: Explorer) -> dict[str, float]:
    header, block = made._message()
    sent = len(block) + len(json.dumps(header))
    return {
        "sent, MB": sent / MEGABYTE,
        "page, MB": len(made.to_html()) / MEGABYTE,
        "Python's part, ms": least(lambda: Explorer(made._given, made._ablate)._message()),
    }


def in_the_browser(cases: dict[str, Explorer]) -> dict[str, dict]:
    """First paint and hovers of each case; nothing where there is no browser."""
    visits: dict[str, list[in_browser.Seen]] = {
        name + again: [] for name in cases for again in ("", AGAIN)
    }
    with in_browser.chromium() as browser:
        if browser is None:
            return {}
        for turn in range(ROUNDS + 1):
            for name in visits if turn % 2 else reversed(visits):
                hovers = 0 if name.endswith(AGAIN) else in_browser.HOVERS
                seen = in_browser.visit(browser, cases[name.removesuffix(AGAIN)], hovers)
                if turn:  # the first round is for warming up
                    visits[name].append(seen)
    return {name: summary(name, visits) for name in cases}


def summary(name: str, visits: dict[str, list[in_browser.Seen]]) -> dict:
    paints: dict[str, list[Sample]] = {
        which: [seen.first_paint for seen in visits[which]] for which in (name, name + AGAIN)
    }
    noise = ratio(paints, name + AGAIN, name, "process")
    return {
        "first paint, ms": 1000 * median(paints[name], "wall"),
        "first paint, ms of the main thread": 1000 * median(paints[name], "process"),
        "again": [noise.median, noise.low, noise.high],
        "believable": is_quiet(noise),
        **hovered([seen.hovers for seen in visits[name]]),
    }


def hovered(visits: list[list[tuple[float, float]]]) -> dict[str, float]:
    """The median and the 95th percentile of a visit, in the median of the visits."""
    found = {}
    for i, which in enumerate(("hover, ms", "hover without the mosaic, ms")):
        for percent in (50, 95):
            each = [statistics.quantiles([h[i] for h in one], n=100)[percent - 1] for one in visits]
            found[f"{which}, p{percent}"] = statistics.median(each)
    return found


def measured() -> dict[str, dict]:
    """Everything, for the bundled model with its answers and for random maps of ViT-B/16."""
    cases = {"bundled model": explain(), "ViT-B/16": random_b_16()}
    browser = in_the_browser(cases)
    return {name: in_python(made) | browser.get(name, {}) for name, made in cases.items()}


def lines(found: dict[str, dict]) -> list[str]:
    told = []
    for name, numbers in found.items():
        told.append(f"explorer, {name}")
        told += [f"  {what:<36} {n:>8.2f}" for what, n in numbers.items() if type(n) is float]
        if "again" in numbers:
            middle, low, high = numbers["again"]
            within = f"({low:.2f} to {high:.2f})" + (
                "" if numbers["believable"] else f": {report.TOO_NOISY}"
            )
            told.append(f"  {'first paint, again / first':<36} {middle:>8.2f} {within}")
        else:
            told.append("  no Chromium or no playwright: nothing measured in the browser")
    return told


def shown() -> dict[str, dict]:
    """The same, printed."""
    with threads(1):
        found = measured()
    print(*lines(found), sep="\n", flush=True)
    return found


def main() -> None:
    shown()
    for name, made in (("maps alone", bundled_on_a_scene()), ("with answers", explain())):
        print(f"bundled model, {name}: {lost(made)}")


if __name__ == "__main__":
    main()
