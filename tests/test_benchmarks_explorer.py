"""The explorer's row: what is said of what was measured."""

from benchmarks.explorer import hovered, lines, summary
from benchmarks.in_browser import Seen
from benchmarks.timing import AGAIN, Sample


def visits(paint: float, slow: float = 0.5) -> list[Seen]:
    hovers = [(0.5, 0.2)] * 90 + [(slow, slow - 0.3)] * 10
    return [Seen(Sample(2 * paint, paint), hovers) for _ in range(7)]


def test_percentiles_with_and_without_the_mosaic():
    found = hovered([seen.hovers for seen in visits(0.05, slow=1.5)])
    assert found == {
        "hover, ms, p50": 0.5,
        "hover, ms, p95": 1.5,
        "hover without the mosaic, ms, p50": 0.2,
        "hover without the mosaic, ms, p95": 1.2,
    }


def test_a_model_that_differs_from_itself_is_not_believed():
    quiet = {"B": visits(0.05), "B" + AGAIN: visits(0.05)}
    noisy = {"B": visits(0.05), "B" + AGAIN: visits(0.06)}
    assert summary("B", quiet)["first paint, ms of the main thread"] == 50
    assert "too noisy" not in "".join(lines({"B": summary("B", quiet)}))
    assert "1.20 (1.20 to 1.20): too noisy here" in "".join(lines({"B": summary("B", noisy)}))


def test_without_a_browser_the_rest_is_said():
    said = lines({"B": {"sent, MB": 5.84}})
    assert "5.84" in said[1]
    assert "nothing measured in the browser" in said[2]
