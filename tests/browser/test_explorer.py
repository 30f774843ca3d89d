"""The attention explorer in a real browser: as a file, and inside JupyterLab.

Needs Chromium and playwright, as the other tests of this folder. axe-core (from the package
axe-playwright-python) judges the accessibility where it is installed. Timings are printed: -s.
"""

import math
import re
import sys

import nbformat
import numpy as np
import pytest
import torch

from tests.browser.test_in_jupyterlab import (  # noqa: F401
    Notebook,
    browser,
    playwright,
    pytestmark,
    server,
)
from vitcourse.view.explorer import explorer

LAYERS, HEADS, ROWS, COLUMNS, PREFIX, DIM = 2, 3, 4, 5, 2, 6
SIZE = PREFIX + ROWS * COLUMNS
NASTY = "<img src=x onerror=\"document.title='broken'\"></script><!-- & \u2028"
ANSWERS = [("where", "right"), ("what", "cat"), ("where", "left"), ("what", NASTY)]


def case() -> dict:
    """A model's worth of random maps, peaked as real ones are, on a grid that is not square."""
    generator = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    q, k = draw(2, LAYERS, HEADS, SIZE, DIM)
    q = 2 * q
    attention = (q @ k.mT / math.sqrt(DIM)).softmax(-1)
    picture = torch.randint(0, 256, (3, 40, 55), generator=generator).to(torch.uint8)
    return {
        "picture": picture,
        "attention": attention,
        "grid": (ROWS, COLUMNS),
        "num_prefix_tokens": PREFIX,
        "flows": {"rollout": (0.5 * torch.eye(SIZE) + 0.5 * attention[0].mean(0))},
        "class_flows": {
            "relevance": torch.eye(SIZE) + 0.1 * draw(3, SIZE, SIZE).abs(),
            "gradient x input": draw(3, ROWS, COLUMNS),
        },
        "classes": [("what", NASTY, 0.75), ("what", "cat", 0.125), ("where", "left", 0.00001)],
        "queries_keys": (q, k),
        "lens": (draw(LAYERS + 1, SIZE, 4).softmax(-1), ANSWERS),
        "components": (draw(LAYERS + 1, ROWS, COLUMNS, 3), torch.rand(LAYERS + 1, 3)),
        "title": NASTY,
    }


class Page:
    """What a visitor sees of one explorer, and does with it."""

    def __init__(self, page, root=".vx"):
        self.page, self.root = page, page.locator(root).first

    def text(self, selector: str) -> str:
        self.settle()
        return self.root.locator(selector).first.inner_text()

    def number(self, term: str) -> str:
        """What stands beside a term of the numbers, exactly as it is shown."""
        self.settle()
        terms = dict(
            zip(
                self.root.locator(".vx-numbers dt").all_text_contents(),
                self.root.locator(".vx-numbers dd").all_text_contents(),
                strict=True,
            )
        )
        return terms[term]

    def token(self, token: int):
        return self.root.locator(".vx-board [role=gridcell]").nth(token)

    def map(self, layer: int, head: int):
        return self.root.locator(".vx-mosaic [role=gridcell]").nth(layer * (HEADS + 1) + head)

    def choose(self, group: str, text: str) -> None:
        self.root.get_by_role("group", name=group).get_by_text(text, exact=True).click()

    def settle(self) -> None:
        """Hovers are drawn with the next picture of the screen; a panel fills after it opens."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def name_of(token: int) -> str:
    if token < PREFIX:
        return ("class token", "register 1")[token]
    row, column = divmod(token - PREFIX, COLUMNS)
    return f"row {row + 1}, column {column + 1}"


def agrees(shown: str, value: float, unit: str = " %") -> bool:
    """Are the digits shown those of the value? "≈" and "<" must be true as well."""
    shown = shown.replace("\u2212", "-")
    assert shown.endswith(unit), shown
    digits = shown.removesuffix(unit)
    if digits.startswith("< "):
        return value < float(digits[2:])
    about = digits.startswith("≈ ")
    digits = digits.removeprefix("≈ ")
    decimals = len(digits.partition(".")[2])
    if about:
        return abs(float(digits) - value) <= 1.5 * 10**-decimals
    rounded = f"{value:.{decimals}f}"
    return digits == (rounded if float(rounded) else rounded.removeprefix("-"))


@pytest.fixture
def saved(browser, tmp_path):  # noqa: F811
    """A saved page, opened by file:// with the network off; console and requests are watched."""
    path = tmp_path / "page.html"
    explorer(**case()).to_html(path)
    page = browser.new_page(viewport={"width": 1024, "height": 900})
    page.context.set_offline(True)
    faults, requests = [], []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".vx")
    yield Page(page)
    assert not faults
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    page.close()


def test_the_numbers_are_numpys(saved):
    """Rows and columns of all kinds of maps, and the weight that is pointed at."""
    given = case()
    attention = given["attention"].double().numpy()
    told = 0
    for layer, head, query, key in [(0, 0, 4, 21), (1, 2, 0, 9), (1, 3, 17, 3), (0, 1, 1, 0)]:
        saved.map(layer, head).click()
        saved.token(query).click()
        saved.token(key).hover()
        saved.settle()
        maps = attention[layer].mean(0) if head == HEADS else attention[layer, head]
        row = maps[query]
        whose = "mean of the heads" if head == HEADS else f"head {head}"
        name = f"the {name_of(query)}" if query < PREFIX else name_of(query)
        assert saved.text(".vx-caption") == f"Where {name} looks: layer {layer}, {whose}"
        assert agrees(saved.number("sum of the row"), row.sum(), "")
        largest, where = saved.number("largest").split(" at ")
        assert agrees(largest, 100 * row.max())
        assert where == name_of(row.argmax())
        entropy = saved.number("entropy")
        assert agrees(entropy.split(" nats")[0], -(row * np.log(row)).sum(), "")
        assert f"even: {math.log(SIZE):.3f}" in entropy
        assert agrees(saved.number("to the prefix tokens"), 100 * row[:PREFIX].sum())
        weight, where = saved.number("pointed at").split(" at ")
        assert where == name_of(key)
        assert agrees(weight, 100 * row[key])
        told += not weight.startswith(("≈", "<"))

        saved.choose("Show", "who looks at it")
        saved.token(key).hover()
        saved.settle()
        column = maps[:, query]
        weight, where = saved.number("from the one pointed at").split(" at ")
        assert agrees(weight, 100 * column[key])
        assert agrees(saved.number("sum of the column"), column.sum(), "")
        saved.choose("Show", "where it looks")
        saved.page.keyboard.press("Escape")  # not in the picture: does nothing
        saved.token(query).click()  # lets go
        assert "Point at a patch" in saved.text(".vx-hint")
    assert told >= 2


def test_flows_and_classes(saved):
    """Maps of the whole model: shares or not, of a class or not, a picture or a matrix."""
    given = case()
    saved.root.get_by_role("button", name="rollout").click()
    assert saved.text(".vx-caption") == "Where the class token looks: rollout"
    assert saved.text(".vx-unit") == "share of the row"
    row = given["flows"]["rollout"][0].double().numpy()
    largest, where = saved.number("largest, but for itself").split(" at ")
    assert agrees(largest, 100 * row[1:].max())
    assert where == name_of(1 + row[1:].argmax())
    saved.root.get_by_label("for the class").select_option(
        index=1
    )  # chooses a class, shows its map
    assert saved.text(".vx-caption") == "Where the class token looks: relevance for cat"
    assert saved.text(".vx-unit") == "no unit: rows do not sum to 1"
    saved.token(7).click()
    saved.token(7).hover()
    row = given["class_flows"]["relevance"][1, 7].double().numpy()
    assert agrees(saved.number("sum of the row"), row.sum(), "")
    others = np.delete(row, 7)
    assert agrees(saved.number("largest, but for itself").split(" at ")[0], others.max(), "")
    saved.page.keyboard.press("ArrowRight")
    weight, where = saved.number("pointed at").split(" at ")
    assert where == name_of(8)
    assert agrees(weight, row[8], "")
    saved.page.keyboard.press("Escape")

    saved.root.get_by_role("button", name="gradient x input").click()
    assert "the same for every query" in saved.text(".vx-caption")
    assert "score" in saved.text(".vx-unit")
    picture = given["class_flows"]["gradient x input"][1].double().numpy().ravel()
    assert agrees(saved.number("sum"), picture.sum(), "")
    saved.token(PREFIX + 6).hover()
    saved.settle()
    assert agrees(saved.number("pointed at").split(" at ")[0], picture[6], "")
    low, _, high = saved.root.locator(".vx-ticks span").all_inner_texts()
    assert float(high) == pytest.approx(abs(picture).max(), rel=0.06)
    assert low == "\u2212" + high  # signed values lie around 0


def test_digits_fit_a_small_scale(browser, tmp_path):  # noqa: F811
    """Where the colours end at 0.0001, no number on the way is 0.000."""
    given = case()
    small = 5e-5 * given["class_flows"]["gradient x input"]
    explorer(**given | {"class_flows": {"small": small}}).to_html(tmp_path / "small.html")
    page = Page(browser.new_page())
    page.page.goto((tmp_path / "small.html").as_uri())
    page.root = page.page.locator(".vx").first
    page.root.get_by_role("button", name="small").click()
    values = small[0].double().numpy().ravel()
    assert float(page.root.locator(".vx-ticks span").last.inner_text()) < 2e-4
    for patch in range(0, ROWS * COLUMNS, 3):
        page.token(PREFIX + patch).hover()
        weight = page.number("pointed at").split(" at ")[0]
        assert agrees(weight, values[patch], "")
        assert re.search("[1-9]", weight)
    assert agrees(page.number("sum"), values.sum(), "")
    assert agrees(page.number("largest").split(" at ")[0], values.max(), "")
    page.page.close()


def test_one_weight_step_by_step(saved):
    given = case()
    saved.root.get_by_text("Follow one weight, step by step").click()
    assert "Choose one head of one layer" in saved.text(".vx-step")
    saved.map(1, 2).click()
    saved.token(5).click()
    saved.token(9).click()  # the key that is kept
    saved.page.mouse.move(1, 1)
    saved.settle()
    q, k = (t[1, 2].double() for t in given["queries_keys"])
    score = float(q[5] @ k[9])
    lines = saved.root.locator(".vx-step li > div").all_inner_texts()
    products, mark, total = re.split("([=≈])", lines[0].replace("\u2212", "-").replace("×", "*"))
    assert eval(products) == pytest.approx(score, abs=0.02)
    assert agrees(f"{mark.strip('=')}{total}".strip(), score, "")
    scaled = re.search("(≈ )?[^ ]+$", lines[1])[0]
    assert agrees(scaled, score / math.sqrt(DIM), "")
    weight = float(given["attention"][1, 2, 5, 9])
    assert agrees(saved.text(".vx-result"), 100 * weight)
    assert agrees(saved.number("pointed at").split(" at ")[0], 100 * weight)
    saved.choose("Show", "who looks at it")  # now 9 asks, 5 answers
    assert agrees(saved.text(".vx-result"), 100 * float(given["attention"][1, 2, 9, 5]))


def test_the_tokens_themselves(saved):
    """Logit lens and components: the numbers are those given, for the token pointed at."""
    given = case()
    shares, values = (t.double().numpy() for t in (given["lens"][0], given["components"][0]))
    by_depth = saved.root.locator(".vx-depth")
    said = by_depth.all_inner_texts()
    assert [text.split("\n")[0] for text in said] == ["before", "after layer 0", "after layer 1"]
    for depth, text in enumerate(said):  # the class token's share of the first class
        assert agrees(text.split("\n")[1], 100 * shares[depth, 0, 3])
    by_depth.nth(1).click()
    assert saved.text(".vx-caption") == f"{NASTY}, if the model stopped after layer 0"
    assert saved.text(".vx-unit") == "probability"
    assert agrees(saved.number("class token"), 100 * shares[1, 0, 3])
    saved.token(9).hover()
    assert agrees(saved.number(name_of(9)), 100 * shares[1, 9, 3])
    where = max((0, 2), key=lambda i: shares[1, 9, i])
    what = max((1, 3), key=lambda i: shares[1, 9, i])
    answers = saved.number("would answer")
    for i in (what, where):
        assert ANSWERS[i][1] in answers
    for text, i in zip(re.findall(r"\((\S+ %)\)", answers), (where, what), strict=True):
        assert agrees(text, 100 * shares[1, 9, i])
    saved.root.get_by_label("for the class").select_option(label="cat (12.50 %)")
    assert saved.text(".vx-caption") == "cat, if the model stopped after layer 0"
    largest, place = saved.number("largest of the patches").split(" at ")
    assert agrees(largest, 100 * shares[1, PREFIX:, 1].max())
    assert place == name_of(PREFIX + shares[1, PREFIX:, 1].argmax())

    saved.root.get_by_text("components", exact=True).click()
    assert saved.text(".vx-caption") == "Components of the patches after layer 0: three as colours"
    saved.token(PREFIX + 7).hover()
    three = saved.number(name_of(PREFIX + 7)).split(", ")
    for text, value in zip(three, values[1].reshape(-1, 3)[7], strict=True):
        assert agrees(text, value, "")
    colours = saved.page.evaluate(
        """() => { const canvas = document.querySelectorAll(".vx-depth canvas")[1];
            const { width, height } = canvas;
            return [...canvas.getContext("2d").getImageData(0, 0, width, height).data]}"""
    )
    low, high = values[1].min((0, 1)), values[1].max((0, 1))
    expected = np.rint(255 * (values[1] - low) / (high - low)).reshape(-1, 3)
    assert np.abs(np.array(colours).reshape(-1, 4)[:, :3] - expected).max() <= 1
    saved.root.get_by_label("components:").select_option(label="the second")
    assert saved.text(".vx-caption").endswith("the second")
    assert "distance" in saved.text(".vx-unit")
    saved.map(0, 1).click()  # back to attention
    assert saved.text(".vx-caption") == "Where the class token looks: layer 0, head 1"


def test_the_tour_by_keyboard(saved):
    """Started, walked forward and back, left by Esc: spoken, and everything is as it was."""
    page = saved.page
    saved.map(0, 1).click()
    before = saved.text(".vx-caption")
    saved.root.get_by_role("button", name="Take the tour").focus()
    page.keyboard.press("Enter")
    live, titles = saved.root.locator(".vx-live"), []
    for _ in range(20):
        text = saved.text(".vx-tour p")
        title = saved.text(".vx-tour strong")
        assert live.inner_text() == f"Tour, step {title}. {text}"
        assert active(page) == ("Next" if "Done" not in saved.text(".vx-tour") else "Done")
        assert saved.root.locator(".vx-toured").count() == 1
        assert saved.root.locator(".vx-toured").is_visible()
        titles.append(title.split(": ")[1])
        if active(page) == "Done":
            break
        page.keyboard.press("Enter")
    assert len(titles) <= 10
    assert titles[-1] == "Now you"
    assert titles[:4] == ["A patch", "Its query", "A row of the map", "The softmax"]
    assert titles[-3:] == ["On the way to the answer", "The answer", "Now you"]
    for _ in range(len(titles) - 4):
        saved.root.get_by_role("button", name="Back").click()
    # At the softmax: the text's weight is the one worked out, and the row's largest.
    weight = re.search(r"is the weight, (.*?\s%)", saved.text(".vx-tour p"))[1]
    assert weight.replace("\u00a0", " ") == saved.number("largest").split(" at ")[0]
    assert saved.root.locator(".vx-result").is_visible()
    page.keyboard.press("Escape")
    assert active(page) == "Take the tour"
    assert saved.text(".vx-caption") == before
    assert not saved.root.locator(".vx-tour").is_visible()
    assert not saved.root.locator(".vx-result").is_visible()
    assert saved.root.locator(".vx-toured").count() == 0


def open_page(browser, path, **given):  # noqa: F811
    explorer(**given).to_html(path)
    page = browser.new_page(viewport={"width": 1024, "height": 900})
    page.goto(path.as_uri())
    return page


def test_registers_alone_and_a_model_without_answers(browser, tmp_path):  # noqa: F811
    """First the mean of the patches, which is what is read; nothing about answers."""
    given = case()
    for name in ("class_flows", "classes", "lens"):
        del given[name]
    names = ["register 1", "register 2"]
    page = open_page(browser, tmp_path / "p.html", **given, answer_token=None, prefix_names=names)
    shown = Page(page)
    mean = given["attention"][1].mean(0)[PREFIX:].double().numpy().mean(0)
    assert shown.text(".vx-caption").startswith("Where the mean of all patches looks")
    largest, where = shown.number("largest").split(" at ")
    assert agrees(largest, 100 * mean.max())
    assert where == name_of(mean.argmax()).replace("class token", "register 1")
    chips = page.locator(".vx-prefix [role=gridcell]")
    assert chips.first.inner_text().strip() == "mean of all patches"
    assert page.get_by_text("class token").count() == 0
    assert page.get_by_text("Switch off heads or patches").count() == 0
    chips.nth(1).click()
    assert shown.text(".vx-caption").startswith("Where the register 1 looks")
    page.keyboard.press("ArrowLeft")
    chips.nth(0).click()
    assert shown.text(".vx-caption").startswith("Where the mean of all patches looks")
    shown.root.get_by_text("Follow one weight, step by step").click()
    assert "has no query of its own" in shown.text(".vx-step")
    shown.root.get_by_role("button", name="Take the tour").click()
    titles = set()
    while page.get_by_role("button", name="Done").count() == 0:
        titles.add(shown.text(".vx-tour strong").split(": ")[1])
        page.keyboard.press("Enter")
    assert "Who answers" in titles
    assert not {"The answer", "On the way to the answer"} & titles
    assert faults_of(page) == []
    page.close()


def test_a_browser_that_is_too_old_is_told(browser, tmp_path):  # noqa: F811
    explorer(**case()).to_html(tmp_path / "page.html")
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto((tmp_path / "page.html").as_uri())
    assert "This browser is too old" in page.get_by_role("alert").inner_text()
    page.close()


def test_a_saved_page_says_what_needs_a_kernel(saved):
    saved.root.get_by_text("Switch off heads or patches").click()
    assert "A saved page has none" in saved.text(".vx-says")
    buttons = saved.root.locator(".vx-off-panel button")
    assert buttons.count() == 3
    assert all(button.is_disabled() for button in buttons.all())


def test_names_are_only_text(saved):
    """The title and a class are called <img onerror=...></script>."""
    assert saved.text(".vx-title").startswith("<img src=x onerror=")
    assert NASTY.split("\u2028")[0] in saved.root.locator("option").first.text_content()
    saved.root.get_by_role("combobox").select_option(index=0)
    assert "<img src=x" in saved.text(".vx-caption")
    saved.settle()
    assert saved.root.locator("img").count() == 1  # the picture
    assert saved.page.title().startswith("<img src=x")


def active(page) -> str:
    """What has the focus, in the words that a screen reader would begin with."""
    return page.evaluate(
        """() => { const a = document.activeElement;
            return a === document.body ? "BODY"
                : (a.ariaLabel || a.labels?.[0]?.innerText || a.innerText).trim() }"""
    )


def test_by_keyboard_alone(saved):
    """Tab reaches each part once, in a sensible order; arrows work within; focus can be seen."""
    page = saved.page
    given, stops = case(), []
    for _ in range(30):
        page.keyboard.press("Tab")
        if active(page) == "BODY" or (stops and active(page) == stops[0]):
            break
        stops.append(active(page))
        outline = page.evaluate(
            """() => { const a = document.activeElement, s = getComputedStyle(a);
                return [s.outlineStyle, a.nextSibling && a.type === "radio"
                    ? getComputedStyle(a.nextSibling).outlineStyle : ""] }"""
        )
        assert "solid" in outline, (active(page), outline)
    insides = [stop for stop in stops if stop.startswith(("before", "after layer"))]
    assert len(insides) == LAYERS + 1
    assert [stop for stop in stops if stop not in insides] == [
        "Take the tour",
        "class token",
        "where it looks",
        "each its own",
        "viridis",
        "Map over picture",
        "layer 1, mean of the heads",
        "for the class",
        "rollout",
        "relevance",
        "gradient x input",
        "logit lens",
        "Follow one weight, step by step",
        "Switch off heads or patches and ask the model again",
    ]
    # From the class token to a register and to the last patch, held; then read another's weight.
    attention = given["attention"][1].mean(0).double().numpy()
    page.locator("body").click(position={"x": 1, "y": 1})
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.evaluate(
        """() => { window.keys = []; addEventListener("keydown",
            event => setTimeout(() => keys.push(event.defaultPrevented)), true) }"""
    )
    for key, token in (
        ("ArrowRight", 1),
        ("ArrowDown", PREFIX + 1),
        ("End", PREFIX + COLUMNS - 1),
        ("PageDown", SIZE - 1),
        ("Home", SIZE - COLUMNS),
        ("PageUp", 0),
        ("PageDown", SIZE - COLUMNS),
    ):
        page.keyboard.press(key)
        assert active(page) == name_of(token)
        name = f"the {name_of(token)}" if token < PREFIX else name_of(token)
        assert saved.text(".vx-caption").startswith(f"Where {name} looks")
        assert agrees(saved.number("largest").split(" at ")[0], 100 * attention[token].max())
    page.keyboard.press("Enter")
    assert "Held" in saved.text(".vx-hint")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("keys.length === 9")
    assert page.evaluate("keys.every(prevented => prevented)")  # else the page scrolls
    key, query = SIZE - 2 * COLUMNS, SIZE - COLUMNS
    weight, where = saved.number("pointed at").split(" at ")
    assert where == name_of(key)
    assert agrees(weight, 100 * attention[query, key])
    live = saved.root.locator(".vx-live")
    assert live.get_attribute("aria-live") == "polite"
    page.wait_for_timeout(400)
    assert f"pointed at: {weight} at {where}" in live.inner_text()
    page.keyboard.press("Escape")
    assert active(page) == name_of(query)
    assert "Point at a patch" in saved.text(".vx-hint")

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # the other direction
    assert "Who looks at" in saved.text(".vx-caption")
    page.keyboard.press("ArrowLeft")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")  # in the mosaic: from the mean to the last head
    page.keyboard.press("ArrowUp")
    assert active(page) == "layer 0, head 2"
    assert "layer 0, head 2" in saved.text(".vx-caption")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "rollout" in saved.text(".vx-caption")


def test_one_scale_for_all_maps(saved):
    """With one scale, the bar ends at the largest patch of all maps, whichever is chosen."""
    attention = case()["attention"].double().numpy()
    saved.map(0, 1).click()
    own = saved.root.locator(".vx-ticks span").last.inner_text()
    assert float(own.removesuffix(" %")) == pytest.approx(
        100 * attention[0, 1, 0, PREFIX:].max(), rel=0.06
    )
    saved.choose("Colour scale", "one for all")
    shared = saved.root.locator(".vx-ticks span").last.inner_text()
    assert float(shared.removesuffix(" %")) == pytest.approx(
        100 * attention[:, :, 0, PREFIX:].max(), rel=0.06
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(saved, scheme):
    """Everything open, something held, in both colours: no fault of any kind."""
    saved.page.emulate_media(color_scheme=scheme)
    saved.root.get_by_text("Follow one weight, step by step").click()
    saved.root.get_by_text("Switch off heads or patches").click()
    saved.map(1, 2).click()
    saved.token(5).click()
    saved.token(0).click()
    assert faults_of(saved.page) == []
    saved.root.get_by_text("components", exact=True).click()
    saved.root.get_by_role("button", name="Take the tour").click()
    assert faults_of(saved.page) == []


def faults_of(page, within: str = ":root") -> list[str]:
    """What axe-core finds at `within`, whatever its weight."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, context=within).response["violations"]
    return [
        f"{fault['impact']}: {fault['id']} ({node['html'][:200]}; {node['failureSummary'][:300]})"
        for fault in found
        for node in fault["nodes"]
    ]


def test_without_anywidget_the_page_opens_within_the_output(browser, monkeypatch):  # noqa: F811
    monkeypatch.setitem(sys.modules, "vitcourse.view.explorer.widget", None)  # an ImportError
    output = explorer(**case())._shown().html
    page = browser.new_page()
    page.set_content(output)
    frame = page.frame_locator("iframe")
    frame.get_by_role("gridcell", name="row 2, column 3").click()
    caption = frame.locator(".vx-caption").inner_text()
    assert caption == "Where row 2, column 3 looks: layer 1, mean of the heads"
    assert "pip install anywidget" in page.locator("p").first.inner_text()
    page.close()


def test_several_on_one_page_and_in_a_narrow_window(browser, tmp_path):  # noqa: F811
    path = tmp_path / "two.html"
    path.write_text(explorer(**case()).to_html() + explorer(**case()).to_html(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 380, "height": 700})
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelectorAll('.vx').length === 2")
    first, second = Page(page), Page(page, ".vx >> nth=1")
    second.choose("Show", "who looks at it")
    second.token(9).click()
    assert first.text(".vx-caption").startswith("Where the class token looks")
    assert second.text(".vx-caption").startswith(f"Who looks at {name_of(9)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.close()


CELL = """import torch
from vitcourse.view.explorer import explorer
generator = torch.Generator().manual_seed(0)
picture = torch.randint(0, 256, (3, 224, 224), generator=generator).to(torch.uint8)
attention = torch.randn(12, 12, 197, 197, generator=generator).softmax(-1)
q, k = torch.randn(2, 12, 12, 197, 64, generator=generator)
attention[3] = (q[3] @ k[3].mT / 8).softmax(-1)
attention[-1] = (q[-1] @ k[-1].mT / 8).softmax(-1)
asked = []
def ablate(heads, patches, by):
    asked.append((heads, patches, by))
    if len(heads) > 1:
        raise RuntimeError("two heads are <b>too many</b>")
    return [("", "cat", 0.25), ("", "dog", 0.125), ("", "owl", 0.5)]
classes = [("", "cat", 0.75), ("", "dog", 0.125)]"""
SHOW = """
explorer(
    picture, attention, (14, 14), queries_keys=(q, k), ablate=ablate, classes=classes)
"""


@pytest.fixture(scope="module")
def lab(browser, server):  # noqa: F811
    """A notebook with an explorer the size of ViT-B/16, run in JupyterLab; its page is watched."""
    address, folder, _ = server
    cells = [CELL, SHOW, "print(asked)", "pass", "pass", "pass"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "explorer.ipynb")
    opened = Notebook(browser, address, "explorer.ipynb")
    opened.run_cell(0)
    opened.faults, opened.urls = [], []
    page = opened.page
    page.on("console", lambda m: m.type == "error" and opened.faults.append(m.text))
    page.on("pageerror", lambda error: opened.faults.append(str(error)))
    page.on("request", lambda request: opened.urls.append(request.url))
    page.evaluate(WATCH)
    opened.output = opened.run_cell(1)["outputs"][0]
    page.wait_for_function("window.painted")
    opened.show_cell(1)
    yield opened
    page.close()


# When the cell starts, when its output arrives, and when the explorer has been painted.
WATCH = """() => {
    const { widgets } = jupyterapp.shell.currentWidget.content;
    const cell = widgets[1].model;
    window.started = performance.now();
    cell.outputs.changed.connect(() => { window.arrived ||= performance.now(); });
    new MutationObserver((_, observer) => {
        if (!document.querySelector(".vx-board")) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
    }).observe(document.body, { childList: true, subtree: true });
}"""


def test_in_jupyterlab_it_appears_and_follows_the_pointer(lab):
    """The first picture, and how long a hover takes: printed. Nothing is asked of the kernel."""
    page = lab.page
    assert lab.output["data"]["text/plain"].startswith("The picture, and beside it how much")
    started, arrived, painted = page.evaluate("[started, arrived, painted]")
    messages = page.evaluate(
        """() => { window.sent = 0; const kernel =
            jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            kernel.anyMessage.connect((_, m) => { window.sent += m.direction === "send" }) }"""
    )
    assert messages is None
    box = page.locator(".vx-picture").bounding_box()
    for i in range(200):
        x, y = (0.5 + i * 5 % 14) / 14, (0.5 + i * 3 % 14) / 14
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    times = sorted(
        filter(None, page.evaluate("[...document.querySelector('.vx').parentNode.vx.times]"))
    )
    assert len(times) > 50
    assert page.evaluate("window.sent") == 0
    print(
        f"\nViT-B/16 in JupyterLab: painted {painted - started:.0f} ms after the cell's start, "
        f"{painted - arrived:.0f} ms after its output; hover drawn in {times[len(times) // 2]:.2f} "
        f"ms (median), {times[int(0.95 * len(times))]:.2f} ms (p95 of {len(times)})"
    )
    assert not lab.faults
    outside = re.compile(r"(?!data:|blob:|\w+://(127\.0\.0\.1|localhost)[:/])")
    assert not list(filter(outside.match, lab.urls))


def large_attention() -> np.ndarray:
    """Layer 3 of what the notebook's first cell makes: (heads, N, N)."""
    generator = torch.Generator().manual_seed(0)
    torch.randint(0, 256, (3, 224, 224), generator=generator)
    torch.randn(12, 12, 197, 197, generator=generator)
    q, k = torch.randn(2, 12, 12, 197, 64, generator=generator)[:, 3]
    return (q.double() @ k.double().mT / 8).softmax(-1).numpy()


def test_in_jupyterlab_the_numbers_are_numpys(lab):
    attention = large_attention()
    page = Page(lab.page)
    page.root.locator(".vx-mosaic [role=gridcell]").nth(3 * 13 + 5).click()
    for query, key in [(40, 120), (0, 3), (196, 1)]:
        page.token(query).click()
        page.token(key).hover()
        page.settle()
        row = attention[5, query]
        assert agrees(page.number("largest").split(" at ")[0], 100 * row.max())
        assert agrees(page.number("pointed at").split(" at ")[0], 100 * row[key])
        assert agrees(page.number("entropy").split(" nats")[0], -(row * np.log(row)).sum(), "")
        lab.page.keyboard.press("Escape")


def test_in_jupyterlab_keys_stay_in_the_explorer(lab):
    """JupyterLab would move to another cell, or delete this one (dd)."""
    page = Page(lab.page)
    page.token(0).click()
    cell = "jupyterapp.shell.currentWidget.content.activeCellIndex"
    count = "jupyterapp.shell.currentWidget.content.widgets.length"
    before = lab.page.evaluate(f"[{cell}, {count}]")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "End", "Home", "j", "k", "d", "d", "a"):
        lab.page.keyboard.press(key)
    assert active(lab.page) == "row 2, column 1"
    assert lab.page.evaluate(f"[{cell}, {count}]") == before
    lab.page.keyboard.press("Escape")
    page.root.get_by_role("button", name="Take the tour").click()
    for _ in range(4):
        lab.page.keyboard.press("Enter")
        top, bottom = page.root.locator(".vx-tour").evaluate(
            "panel => { const box = panel.getBoundingClientRect(); return [box.top, box.bottom] }"
        )
        assert 0 < top < bottom < 900  # the panel is where its part is, and in sight
    lab.page.keyboard.press("Escape")
    assert active(lab.page) == "Take the tour"
    assert lab.page.evaluate(f"[{cell}, {count}]") == before


def test_in_jupyterlab_the_kernel_answers(lab):
    """A weight of a model too large to be sent, a head and a patch switched off, and an error."""
    page = Page(lab.page)
    page.root.locator(".vx-mosaic [role=gridcell]").nth(3 * 13 + 5).click()
    page.token(41).click()
    page.root.get_by_text("Follow one weight, step by step").click()
    page.root.locator(".vx-result").wait_for()
    weight = large_attention()[5, 41].max()
    assert agrees(page.text(".vx-result"), 100 * weight)
    assert page.root.get_by_text("all 64 products").is_visible()

    page.root.get_by_text("Switch off heads or patches").click()
    page.root.get_by_role("button", name="Switch off layer 3, head 5").click()
    page.root.locator(".vx-says table").wait_for()
    table = page.root.locator(".vx-says tr").all_inner_texts()
    assert table[1].split("\t") == ["cat", "75.00 %", "25.00 %", "−50.00 points"]
    assert table[3].split("\t")[:3] == ["owl", "not among the best", "50.00 %"]
    assert "overstates" in page.text(".vx-says caption")
    page.choose("In their place", "their mean")
    page.root.get_by_text("Their mean in their place leaves").wait_for()
    page.root.get_by_role("button", name=f"Switch off {row_column(41)}").click()
    page.root.get_by_text("1 head and 1 patch off").wait_for()
    page.root.locator(".vx-mosaic [role=gridcell]").nth(0).click()
    page.root.get_by_role("button", name="Switch off layer 0, head 0").click()
    message = page.root.get_by_text("RuntimeError: two heads are <b>too many</b>")
    message.wait_for()
    page.root.get_by_role("button", name="All back on").click()
    page.root.get_by_text("All heads and patches are on.").wait_for()
    asked = lab.run_cell(2)["outputs"][0]["text"]
    assert "".join(asked).startswith(
        "[([(3, 5)], [], 'zero'), ([(3, 5)], [], 'mean'), ([(3, 5)], [40], 'mean'), "
        "([(3, 5), (0, 0)], [40], 'mean')]"
    )
    lab.page.keyboard.press("Escape")
    assert not lab.faults


def row_column(token: int) -> str:
    return f"row {(token - 1) // 14 + 1}, column {(token - 1) % 14 + 1}"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_in_jupyterlab_axe_finds_nothing(lab, theme):
    lab.run("apputils:change-theme", theme=theme)
    light = str(theme.endswith("Light")).lower()
    lab.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
    lab.show_cell(1)
    lab.screenshot(f"explorer_{theme[-4:].strip()}")
    assert faults_of(lab.page, ".vx") == []
