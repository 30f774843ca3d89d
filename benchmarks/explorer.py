"""How large the explorer is, what its coding loses, and how long Python takes to make it.

    python -m benchmarks.explorer

Processor time, the least of five tries. What happens in the browser is measured in one:
`python -m pytest -s tests/browser/test_explorer.py` prints it.
"""

import json
import time
from collections.abc import Callable

import torch

from vitcourse import bundled, bundled_layout
from vitcourse.data import scenes
from vitcourse.explanation import explain
from vitcourse.maps import attention_maps
from vitcourse.training import to_input
from vitcourse.view.explorer import Explorer, coding, explorer


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


def main() -> None:
    torch.set_num_threads(1)
    alone, whole = bundled_on_a_scene(), explain()
    cases = {"bundled model": alone, "with answers": whole, "ViT-B/16": random_b_16()}
    for name, made in cases.items():
        header, block = made._message()
        sent, page = len(block) + len(json.dumps(header)), len(made.to_html())
        packing = least(lambda made=made: Explorer(made._given, made._ablate)._message())
        print(
            f"{name:<14} sent {sent / 1e6:.2f} MB, page {page / 1e3:.0f} kB, "
            f"packed in {packing:.0f} ms"
        )
    for name, made in (("bundled model", alone), ("with answers", whole)):
        print(f"{name:<14} {lost(made)}")


if __name__ == "__main__":
    main()
