"""The explorer in Python: what is packed is what was given; what does not fit is refused."""

import base64
import builtins
import html
import json
import re
import stat
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from vitcourse.view.explorer import coding, explorer, pack
from vitcourse.view.explorer.host import script

GRID, PREFIX, SIZE = (3, 4), 1, 13
NASTY = "<img src=x onerror=alert(1)></script><!--\u2028"
ANSWERS = [("where", "right"), ("what", "dog"), ("what", NASTY), ("where", "left")]


@pytest.fixture
def case() -> dict:
    g = torch.Generator().manual_seed(0)
    q, k = 2 * torch.randn(2, 2, 3, SIZE, 4, generator=g)
    return {
        "picture": torch.randint(0, 256, (3, 30, 41), generator=g).to(torch.uint8),
        "attention": (q @ k.mT / 2).softmax(-1),
        "grid": GRID,
        "num_prefix_tokens": PREFIX,
        "flows": {"rollout": torch.rand(SIZE, SIZE, generator=g).softmax(-1)},
        "class_flows": {
            "relevance": torch.eye(SIZE) + 0.1 * torch.rand(2, SIZE, SIZE, generator=g),
            "gradient x input": torch.randn(2, *GRID, generator=g),
        },
        "classes": [("what", NASTY, 0.75), ("where", "left", 0.5)],
        "queries_keys": (q, k),
        "lens": (torch.rand(3, SIZE, 4, generator=g).softmax(-1), ANSWERS),
        "components": (torch.randn(3, *GRID, 3, generator=g), torch.rand(3, 3, generator=g)),
        "title": NASTY,
    }


def sections_of(header: dict, data: bytes, shuffled: bool) -> dict[str, np.ndarray]:
    """What `join` has put together."""
    sections = {}
    for name, (kind, start, count) in header["sections"].items():
        width = np.dtype(kind).itemsize
        raw = np.frombuffer(data, np.uint8, count * width, start)
        if shuffled:
            raw = raw.reshape(width, count).T
        sections[name] = np.frombuffer(raw.tobytes(), kind)
    return sections


def unpacked(page: str) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and sections out of a page."""
    header = json.loads(re.search(r'class="vx-header">(.*?)</script>', page, re.DOTALL)[1])
    block = re.search(r'class="vx-block">(.*?)</script>', page)[1]
    return header, sections_of(header, zlib.decompress(base64.b64decode(block)), shuffled=True)


def unzigzag(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.int32)
    return (values >> 1) ^ -(values & 1)


def multiplied(header: dict, sections: dict) -> tuple[np.ndarray, np.ndarray]:
    """The attention that a page makes, written out, and how far it says it may be off."""
    maps, columns = header["layers"] * header["heads"], header["factors"]["columns"]
    a, b = (unzigzag(sections[name]).reshape(columns, maps, -1) for name in ("a", "b"))
    scale = sections["scale"].reshape(columns, maps)
    scores = sum(
        scale[c, :, None, None] * a[c, :, :, None] * b[c, :, None, :] for c in range(columns)
    )
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    return weights, sections["doubt"].reshape(maps, -1, 1) * header["factors"]["unit"]


def test_rows_survive_packing(case):
    maps = case["attention"]
    packed = coding.pack_rows(maps)
    values = maps.double().numpy().reshape(-1, SIZE, SIZE)
    step = packed["max"][..., None].astype(float) / 255
    error = np.abs(packed["bytes"] * step - values)
    assert (error <= step * np.where(packed["bytes"] == 254, 1, 0.501)).all()
    np.testing.assert_array_equal(packed["max"], values.max(-1).astype(np.float32))
    assert "sum" not in packed  # all 1.0000
    entropy = packed["entropy"] * np.log(SIZE) / 65535
    np.testing.assert_allclose(
        entropy, -(values * np.log(values)).sum(-1), atol=0.51 * np.log(SIZE) / 65535
    )
    sums = coding.pack_rows(1.001 * maps)["sum"]
    np.testing.assert_allclose(sums, 1.001 * values.sum(-1), rtol=1e-6)
    np.testing.assert_array_equal((packed["bytes"] == 255).sum(-1), 1)  # the largest, alone
    np.testing.assert_array_equal(packed["bytes"].argmax(-1), values.argmax(-1))


def test_a_large_diagonal_does_not_drown_the_others(case):
    maps = 100 * torch.eye(SIZE) + 0.01 * case["attention"][0, 0]
    packed = coding.pack_rows(maps, own=True)
    np.testing.assert_allclose(packed["self"][0], maps.diagonal(), rtol=1e-7)
    others = maps - maps.diagonal().diag()
    step = packed["max"][0][:, None] / 255
    assert (np.abs(packed["bytes"][0] * step - others.numpy()) <= 1.001 * step).all()


def test_rows_of_zeros_and_even_rows():
    maps = torch.stack([torch.zeros(4, 4), torch.full((4, 4), 0.25)])
    packed = coding.pack_rows(maps)
    np.testing.assert_array_equal(packed["max"], [[0] * 4, [0.25] * 4])
    np.testing.assert_array_equal(packed["bytes"][1], [[255, 254, 254, 254]] * 4)
    np.testing.assert_array_equal(packed["entropy"], [[0] * 4, [65535] * 4])


def test_sums_that_are_not_1_keep_all_their_digits():
    """float32 would add up errors of many ulps over a long row."""
    maps = torch.rand(1, 2000, 2000, generator=torch.Generator().manual_seed(0)) * 3
    sums = coding.pack_rows(maps)["sum"]
    np.testing.assert_array_equal(sums, maps.double().sum(-1).float().numpy())


def test_a_message_carries_all_maps(case):
    header, block = explorer(**case)._message()
    sections = sections_of(header, block, shuffled=False)
    attention = case["attention"].double().numpy()
    step = sections["max"].reshape(2, 3, SIZE, 1) / 255
    assert (np.abs(sections["bytes"].reshape(attention.shape) * step - attention) <= step).all()
    np.testing.assert_array_equal(sections["q"], case["queries_keys"][0].numpy().ravel())


def test_many_weights_come_in_coarser_steps(case, monkeypatch):
    monkeypatch.setattr(pack, "LARGEST_FINE", 2 * 3 * SIZE**2 - 1)
    header, block = explorer(**case)._message()
    sections = sections_of(header, block, shuffled=False)
    attention = case["attention"].double().numpy()
    step = sections["max"].reshape(2, 3, SIZE, 1) / header["steps"]
    assert header["steps"] == sections["bytes"].max() == coding.FLOW_STEPS
    assert (np.abs(sections["bytes"].reshape(attention.shape) * step - attention) <= step).all()


def test_the_page_carries_all_maps(case):
    header, sections = unpacked(explorer(**case).to_html())
    attention = case["attention"].double().numpy()
    mean = attention.mean(1)
    np.testing.assert_array_equal(sections["argmax"].reshape(2, 3, -1), attention.argmax(-1))
    np.testing.assert_array_equal(sections["mean argmax"].reshape(2, -1), mean.argmax(-1))
    np.testing.assert_allclose(sections["mean max"].reshape(2, -1), mean.max(-1), rtol=1e-6)
    np.testing.assert_allclose(sections["prefix"] / 65535, attention[..., 0].ravel(), atol=8e-6)
    flat = case["class_flows"]["gradient x input"]
    np.testing.assert_array_equal(sections["flow 2 values"], flat.numpy().ravel())
    others = case["class_flows"]["relevance"] - torch.diag_embed(
        case["class_flows"]["relevance"].diagonal(dim1=1, dim2=2)
    )
    step = sections["flow 1 max"].reshape(2, SIZE, 1) / header["flowSteps"]
    found = sections["flow 1 bytes"].reshape(others.shape) * step
    assert (np.abs(found - others.numpy()) <= step).all()
    assert [flow.get("share") for flow in header["flows"]] == [True, False, None]
    assert [flow["ofClasses"] for flow in header["flows"]] == [False, True, True]
    assert header["classes"][0] == ["what", NASTY, 0.75]


def test_the_page_multiplies_queries_and_keys_and_knows_how_far_it_is_off(case):
    header, sections = unpacked(explorer(**case).to_html())
    attention = case["attention"].double().numpy().reshape(6, SIZE, SIZE)
    weights, doubt = multiplied(header, sections)
    assert (np.abs(weights / attention - 1) <= doubt).all()
    assert doubt.max() < 0.02
    assert (np.abs(weights / attention - 1).max(-1) > 0.2 * doubt[..., 0]).all(), "not too careful"
    assert header["factors"]["step"] == 0.001  # what is shown
    q = unzigzag(sections["a"]).reshape(4, 6, SIZE).transpose(1, 2, 0) / 1000
    np.testing.assert_allclose(q, case["queries_keys"][0].reshape(6, SIZE, 4), atol=5.1e-4)
    assert not {"bytes", "q", "k"} & sections.keys()


def test_attention_alone_is_factored_as_well(case):
    alone = {name: case[name] for name in ("picture", "attention", "grid")}
    header, sections = unpacked(explorer(**alone).to_html())
    attention = case["attention"].double().numpy().reshape(6, SIZE, SIZE)
    weights, doubt = multiplied(header, sections)
    assert (np.abs(weights / attention - 1) <= doubt).all()
    assert doubt.max() < 0.1
    assert header["factors"]["columns"] == 4  # the queries' length: found, not told
    assert header["factors"]["step"] is None


WITHOUT_FACTORS = {
    "zeros": torch.eye(SIZE),
    "of too many columns": (3 * torch.randn(SIZE, SIZE)).softmax(-1),
}


@pytest.mark.parametrize("attention", WITHOUT_FACTORS.values(), ids=WITHOUT_FACTORS)
def test_attention_that_no_few_factors_make_is_sent_as_it_is(case, attention):
    page = explorer(case["picture"], attention[None, None], GRID).to_html()
    header, sections = unpacked(page)
    assert "factors" not in header
    step = sections["max"][:, None] / 255
    assert (np.abs(sections["bytes"].reshape(SIZE, SIZE) * step - attention.numpy()) <= step).all()


def test_queries_too_large_for_their_steps_and_factors_too_coarse(case):
    q, k = case["queries_keys"]
    rounded, step = coding.factors_of_queries_keys(100 * q, k)
    assert step == 0.1
    np.testing.assert_allclose(
        rounded.a.transpose(1, 2, 0) * step, 100 * q.reshape(6, SIZE, 4), atol=0.0501
    )
    assert coding.factors_of_queries_keys(1e6 * q, k) is None
    other = case["attention"].double().numpy().reshape(6, SIZE, SIZE)[::-1]
    assert coding.measured(np.ascontiguousarray(other), rounded) is None


def test_the_page_carries_the_tokens_themselves(case):
    header, sections = unpacked(explorer(**case).to_html())
    shares = case["lens"][0].numpy()
    found = sections["lens"].reshape(3, SIZE, 2) / 65535
    np.testing.assert_allclose(found, shares[..., [2, 3]], atol=8e-6)  # those of the classes
    names = [header["lens"]["names"][i] for i in sections["lens best"][:2]]
    expected = [max(of, key=lambda i: shares[0, 0, i]) for of in ((0, 3), (1, 2))]
    assert [tuple(name) for name in names] == [ANSWERS[i] for i in expected]
    best = sections["lens best shares"].reshape(3, SIZE, 2) / 65535
    np.testing.assert_allclose(best[..., 1], shares[..., [1, 2]].max(-1), atol=8e-6)
    values = case["components"][0].numpy()
    largest = np.array(header["components"]["largest"])[:, None, None]
    found = sections["components"].reshape(values.shape) / 32767 * largest
    np.testing.assert_allclose(found, values, atol=2e-5 * np.abs(values).max())


def test_the_first_view_is_what_the_answer_is_read_from(case):
    asks = lambda **more: unpacked(explorer(**case | more).to_html())[0]  # noqa: E731
    assert (asks()["answer"], asks()["prefixNames"]) == (0, ["class token"])
    header = asks(answer_token=None, prefix_names=["register 1"])
    assert (header["answer"], header["prefixNames"]) == (None, ["register 1"])
    shown = explorer(**case, answer_token=None, prefix_names=["register 1"])
    assert "mean over all patches" in shown._alt
    rows = case["attention"][-1].double().mean(0)[1:]
    torch.testing.assert_close(shown._first_map.flatten(), rows.mean(0)[1:])


def test_the_page_is_one_file_the_same_each_time(case, tmp_path):
    path = tmp_path / "page.html"
    page = explorer(**case).to_html(path)
    assert page == explorer(**case).to_html()
    assert path.read_text(encoding="utf-8") == page
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]  # nothing left beside it
    assert stat.S_IMODE(path.stat().st_mode) & 0o044
    assert not re.search(r"https?://", page)
    assert not re.search(r"\b(import|fetch|XMLHttpRequest)\b\s*\(", page + script())
    assert not re.search(r"^import ", script(), re.MULTILINE)  # one file
    code = re.search(r'class="vx-script">(.*?)</script>', page)[1]
    assert zlib.decompress(base64.b64decode(code)).decode() == script()


def test_a_page_that_cannot_be_written_leaves_nothing(case, tmp_path, monkeypatch):
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        explorer(**case).to_html(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_names_are_text(case):
    page = explorer(**case).to_html()
    assert "<img" not in page
    assert html.escape(NASTY) in page  # the title
    assert page.count("</script>") == 4  # those of the page itself


def test_repr_is_the_same_each_time(case):
    assert repr(explorer(**case)) == "Explorer(2 layers, 3 heads, 3 x 4 patches)"


def test_queries_and_keys_of_large_models_stay_in_python(case, monkeypatch):
    monkeypatch.setattr(pack, "LARGEST_QUERIES_KEYS", 100)
    shown = explorer(**case)
    assert "q" not in unpacked(shown.to_html())[1]
    answer = shown._answer({"kind": "step", "layer": 1, "head": 2, "query": 3, "key": 4})
    q, k = (t[1, 2].double() for t in case["queries_keys"])
    np.testing.assert_allclose(answer["q"], q[3])
    np.testing.assert_allclose(answer["k"], k[4])
    np.testing.assert_allclose(answer["scores"], q[3] @ k.T)


def test_in_a_notebook_it_is_a_widget_with_a_still(case):
    pytest.importorskip("anywidget")
    still, view = explorer(**case)._shown().outputs()
    assert view.keys() == {"application/vnd.jupyter.widget-view+json"}
    assert still["text/plain"].startswith("The picture, and beside it how much")
    assert "Run this cell" in still["text/html"]
    assert 'alt="The picture, and' in still["text/html"]
    assert len(still["text/html"]) < 20_000  # it is stored with the notebook
    assert len(still["image/png"]) < 50_000  # of noise


@pytest.fixture
def no_anywidget(monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith("vitcourse.view.explorer.widget"):
            raise ImportError("No module named 'anywidget'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)


def test_without_anywidget_it_is_a_page_that_says_so(case, no_anywidget):
    shown = explorer(**case)._shown()._repr_mimebundle_()
    assert "pip install anywidget" in shown["text/html"].split("<iframe")[0]
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown["text/html"])[1])
    assert page == explorer(**case).to_html()


def test_without_a_page_it_is_a_figure_that_says_so(case, no_anywidget, monkeypatch):
    monkeypatch.setattr("vitcourse.view.explorer.host.LARGEST_PAGE", 1000)
    shown = explorer(**case)._shown().html
    assert "still picture" in shown.split("<figure")[0]
    assert "data:image/webp" in shown
    assert "<script" not in shown
    assert "<iframe" not in shown


def test_what_goes_wrong_in_ablate_is_told():
    pytest.importorskip("anywidget")
    from vitcourse.view.explorer.widget import ExplorerWidget

    widget = ExplorerWidget(lambda question: 1 / 0)
    sent = []
    widget.send = sent.append
    widget._on_question(widget, {"number": 7}, [])
    assert sent == [{"number": 7, "error": "ZeroDivisionError: division by zero"}]


def test_ablate_gets_what_its_name_promises(case):
    asked = []

    def ablate(heads, patches, by):
        asked.append((heads, patches, by))
        return [("what", "a", torch.tensor(0.5))]

    shown = explorer(**case, ablate=ablate)
    answer = shown._answer({"kind": "ablate", "heads": [[0, 2]], "patches": [5], "by": "mean"})
    assert asked == [([(0, 2)], [5], "mean")]
    assert answer == {"answers": [["what", "a", 0.5]]}
    assert shown._asks == ["ablate", "step"]


WRONG = {
    "picture is float": (
        {"picture": torch.rand(3, 8, 8)},
        ValueError,
        r"picture must be uint8 \(3, H, W\), got torch.float32 \(3, 8, 8\)",
    ),
    "picture is an array": ({"picture": np.zeros(3)}, TypeError, "picture must be a tensor"),
    "a batch": (
        {"attention": torch.rand(1, 2, 3, SIZE, SIZE)},
        ValueError,
        r"attention must be \(layers, heads, N, N\).*attention\[0\]",
    ),
    "grid": ({"grid": (3, 5)}, ValueError, r"grid=\(3, 5\) and num_prefix_tokens=1 make 16"),
    "grid is a number": ({"grid": 3}, ValueError, "grid must be"),
    "prefix": ({"num_prefix_tokens": -1}, ValueError, "num_prefix_tokens must be 0, 1, 2"),
    "scores": (
        {"attention": torch.rand(2, 3, SIZE, SIZE)},
        ValueError,
        "rows of attention must sum to 1",
    ),
    "negative": (
        {"attention": -torch.rand(2, 3, SIZE, SIZE)},
        ValueError,
        "attention has negative",
    ),
    "nan": (
        {"attention": torch.full((2, 3, SIZE, SIZE), torch.nan)},
        ValueError,
        "attention has entries that are not finite",
    ),
    "flow": (
        {"flows": {"rollout": torch.rand(2, 2)}},
        ValueError,
        r"flows\['rollout'\] must be \(13, 13\), got \(2, 2\)",
    ),
    "class flow": (
        {"class_flows": {"relevance": torch.rand(3, SIZE, SIZE)}},
        ValueError,
        r"class_flows\['relevance'\] must be \(2, 13, 13\) or \(2, 3, 4\) for 2 classes",
    ),
    "no classes": ({"classes": []}, ValueError, "classes is empty"),
    "classes": ({"classes": [("cat", 0.5)]}, ValueError, r"classes must be tuples \(question"),
    "probability": (
        {"classes": [("", "a", 75), ("", "b", 0.5)]},
        ValueError,
        "probability must be from 0 to 1",
    ),
    "q, k of another shape": (
        {"queries_keys": (torch.rand(2, 3, SIZE, 4), torch.rand(2, 3, SIZE, 5))},
        ValueError,
        r"queries_keys: k must be \(2, 3, 13, head_dim\)",
    ),
    "q, k of another model": (
        {"queries_keys": (torch.zeros(2, 3, SIZE, 4), torch.zeros(2, 3, SIZE, 4))},
        ValueError,
        "queries_keys do not give this attention",
    ),
    "ablate": ({"ablate": "yes"}, TypeError, "ablate must be a function"),
    "prefix names": (
        {"prefix_names": ["a", "b"]},
        ValueError,
        r"prefix_names must be 1 names, got \['a', 'b'\]",
    ),
    "the token that answers": (
        {"answer_token": 1},
        ValueError,
        "answer_token must be None or one of 1 prefix tokens, from 0, got 1",
    ),
    "lens": (
        {"lens": (torch.rand(3, SIZE, 5), ANSWERS)},
        ValueError,
        r"lens: probabilities must be \(depths, 13, 4\) for 4 answers, got \(3, 13, 5\)",
    ),
    "lens of other answers": (
        {"lens": (torch.rand(3, SIZE, 3), ANSWERS[:3])},
        ValueError,
        "lens: the answers lack 'left', which is among classes",
    ),
    "components": (
        {"components": (torch.rand(3, 3, 4, 2), torch.rand(3, 3))},
        ValueError,
        r"components: values must be \(depths, 3, 4, 3\), got \(3, 3, 4, 2\)",
    ),
    "components' shares": (
        {"components": (torch.rand(3, 3, 4, 3), torch.rand(2, 3))},
        ValueError,
        r"components: shares must be \(3, 3\), got \(2, 3\)",
    ),
    "a name twice": (
        {"flows": {"relevance": torch.eye(SIZE)}},
        ValueError,
        r"flows and class_flows share \['relevance'\]",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused(case, name):
    change, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        explorer(**(case | change))


def test_no_prefix_many_and_gradients_are_fine():
    attention = torch.rand(1, 1, 12, 12).softmax(-1).requires_grad_()
    shown = explorer(torch.zeros(3, 8, 8, dtype=torch.uint8), attention, GRID, 0)
    header, sections = unpacked(shown.to_html())
    assert header["prefix"] == 0
    assert (sections["prefix"] == 0).all()
    shown._still()
    explorer(torch.zeros(3, 8, 8, dtype=torch.uint8), attention, (2, 4), 4).to_html()


def test_vit_b_16_is_at_most_6_megabytes():
    """What the widget sends for random maps, which compress worse than real ones."""
    generator = torch.Generator().manual_seed(0)
    attention = torch.randn(12, 12, 197, 197, generator=generator).softmax(-1)
    picture = torch.zeros(3, 224, 224, dtype=torch.uint8)
    header, block = explorer(picture, attention, (14, 14))._message()
    style = Path(pack.__file__).with_name("explorer.css")
    files = len(script()) + style.stat().st_size
    assert not header["compressed"]
    assert len(block) + len(json.dumps(header)) + files < 6_000_000

    flows = {"relevance": torch.rand(5, 197, 197, generator=generator)}
    classes = [("", str(k), 0.1) for k in range(5)]
    shown = explorer(picture, attention, (14, 14), class_flows=flows, classes=classes)
    header, block = shown._message()
    assert header["compressed"]
    assert len(block) + len(json.dumps(header)) + files < 6_000_000


def test_pages_of_the_bundled_model_are_small():
    """Attention alone at most 200 kB, all that `explain` gives at most 700 kB."""
    from vitcourse.explanation import explain

    seen = explain(title="Scene 0, the bundled model")
    given = {name: seen._given[name] for name in ("picture", "attention", "grid", "title")}
    assert len(explorer(**given).to_html()) <= 200_000
    assert len(seen.to_html()) <= 700_000
