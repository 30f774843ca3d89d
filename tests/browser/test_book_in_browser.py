"""The book in a real browser: nothing leaves the machine, everything works without a kernel.

Needs Chromium and playwright, as the other tests of this folder, and what builds the book.
"""

import gzip
import re

import pytest

from tests.book import built_book, served
from tests.browser.test_in_jupyterlab import browser, playwright, pytestmark  # noqa: F401

FIRST_PAGE = 300_000  # bytes that are transferred, compressed as GitHub Pages does
NARROW = {"width": 320, "height": 700}
TEXT = (".html", ".css", ".js", ".svg", "/")
SERIOUS = ("serious", "critical")
# Helper pages that are made elsewhere and have tests of their own.
NOT_OURS = ("explorers/", "teachers/")


# Three words of code of a kind are enough on a page: the style sheet gives them one colour.
FEW_WORDS_OF_CODE = """() => {
    const seen = {}
    for (const word of document.querySelectorAll('div.highlight pre span[class]')) {
        seen[word.className] = (seen[word.className] ?? 0) + 1
        if (seen[word.className] > 3) word.remove()
    }
}"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return built_book(tmp_path_factory)


@pytest.fixture(scope="module")
def names(book) -> list[str]:
    found = sorted(path.relative_to(book).as_posix() for path in book.rglob("*.html"))
    return [name for name in found if not name.startswith(NOT_OURS)]


@pytest.fixture(scope="module")
def address(book):
    with served(book) as address:
        yield address


class Visit:
    """One page in a window; what leaves the machine is stopped and noted, and so are errors."""

    def __init__(self, browser, address: str, **window):  # noqa: F811
        self.address, self.outside, self.errors, self.sizes = address, [], [], {}
        self.context = browser.new_context(**window)
        self.context.route("**/*", self._local_only)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("response", self._answered)

    def _local_only(self, route) -> None:
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _answered(self, response) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")
        elif response.url.startswith("http"):
            body = response.body()
            text = response.url.partition("?")[0].endswith(TEXT)
            self.sizes[response.url] = len(gzip.compress(body) if text else body)

    def to(self, name: str):
        self.page.goto(self.address + name)
        return self.page

    def theme(self, theme: str) -> None:
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


@pytest.fixture
def visit(browser, address):  # noqa: F811
    made = Visit(browser, address, viewport={"width": 1280, "height": 900})
    yield made
    made.context.close()
    assert made.outside == []
    assert made.errors == []


def test_the_first_page_is_small(visit):
    visit.to("index.html").wait_for_load_state("networkidle")
    assert sum(visit.sizes.values()) <= FIRST_PAGE
    print(f"first page: {sum(visit.sizes.values()):,} bytes in {len(visit.sizes)} files")


def test_every_page_fits_a_narrow_window_and_asks_nobody(browser, address, names):  # noqa: F811
    visit = Visit(browser, address, viewport=NARROW)
    too_wide = []
    for name in names:
        page = visit.to(name)
        page.evaluate(
            "document.querySelectorAll('article details').forEach(d => { d.open = true })"
        )
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # what is lazy comes, too
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(name)
    visit.context.close()
    assert too_wide == []
    assert visit.outside == []
    assert visit.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, names, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # `preload` would fetch style sheets again, and an @import from the wrong place.
    options = {"resultTypes": ["violations"], "preload": False}
    if theme == "dark":  # nothing but colours differs
        options["runOnly"] = ["color-contrast"]
    # From the start, since a change of theme takes a moment in which colours mix.
    visit.page.emulate_media(reduced_motion="reduce")
    for key in ("mode", "theme"):
        visit.page.add_init_script(f"localStorage.setItem('{key}', '{theme}')")
    faults = []
    for name in names:
        page = visit.to(name)
        page.evaluate(
            "document.querySelectorAll('article details').forEach(d => { d.open = true })"
        )
        page.evaluate(FEW_WORDS_OF_CODE)
        for fault in axe.run(page, options=options).response["violations"]:
            if fault["impact"] in SERIOUS:
                faults.append((name, fault["id"], fault["nodes"][0]["html"][:200]))
    assert faults == []


def test_a_keyboard_is_enough(visit):
    page = visit.to("chapters/01_patch_embedding.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")
    hint = page.locator("summary", has_text="Hint 1").first
    hint.focus()
    assert hint.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.get_by_text("How many patches are side by side in one row").first.is_visible()
    wide = page.locator("div.highlight pre").filter(has_text="predict before you run").first
    if wide.evaluate("e => e.scrollWidth > e.clientWidth + 1"):
        assert wide.get_attribute("tabindex") == "0"


def test_a_button_copies_code_by_keyboard_and_nothing_that_came_out(visit):
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.to("chapters/01_patch_embedding.html")
    button = page.locator("div.cell_input").filter(has_text="load_photo()").locator("button")
    button.focus()
    page.keyboard.press("Enter")
    button.locator("title", has_text="Copied!").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("photo = load_photo()")
    assert button.evaluate("e => e === document.activeElement")
    page.wait_for_function("e => getComputedStyle(e).opacity == 1", arg=button.element_handle())
    assert page.locator(".output button.copybtn").count() == 0


def test_a_prediction_is_kept_and_said_beside_what_came_out(visit):
    page = visit.to("chapters/01_patch_embedding.html")
    outcome = page.locator(".vb-outcome")
    assert "You predicted" not in outcome.inner_text()
    page.get_by_label("not alike at all").check()
    assert "You predicted: not alike at all." in outcome.inner_text()
    assert "kernel" not in page.locator(".vb-place").first.inner_text()
    page.reload()
    assert page.get_by_label("not alike at all").is_checked()
    assert "You predicted: not alike at all." in page.locator(".vb-outcome").inner_text()


def test_numbers_that_were_predicted_are_said_below_the_figure(visit):
    page = visit.to("chapters/07_training.html")
    place = page.locator(".vb-place").first
    place.locator("input").nth(0).fill("50")
    place.locator("input").nth(1).fill("20")
    page.keyboard.press("Tab")
    said = page.locator('.vb-outcome[data-key="07-variants"]').inner_text()
    assert "You predicted: no positions: 50 and 20 %." in said


def test_the_five_questions_are_asked_one_by_one(visit):
    page = visit.to("chapters/02_cls_token.html")
    quiz = page.locator(".vb-place").last
    for _ in range(5):
        quiz.locator("input[type=radio]").first.focus()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        assert re.search(r"✓ Right|✗ Not 1", quiz.inner_text())
        page.keyboard.press("Enter")
    assert re.search(r"[0-5] of 5 right", quiz.inner_text())


def test_a_slider_moves_through_its_pictures(visit):
    page = visit.to("chapters/01_patch_embedding.html")
    slider = page.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    before = page.locator(".vitcourse-slider-shown img").get_attribute("alt")
    slider.press("ArrowRight")
    shown = page.locator(".vitcourse-slider-shown img")
    assert shown.get_attribute("alt") != before
    page.wait_for_function("e => e.naturalWidth > 100", arg=shown.element_handle())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_explorer_is_alive_in_the_pages_theme(visit, theme):
    page = visit.to("chapters/08_maps.html")
    visit.theme(theme)
    frame = page.locator("iframe").first
    frame.scroll_into_view_if_needed()
    inside = page.frame_locator("iframe").first
    inside.get_by_role("gridcell", name="row 2, column 3").first.click()
    assert "row 2, column 3" in inside.locator(".vx-caption").first.inner_text()
    ground = inside.locator(".vx").evaluate(
        "e => getComputedStyle(e).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (max(ground) < 64) == (theme == "dark")
    height = inside.locator("body").evaluate("e => e.scrollHeight")
    page.wait_for_function(
        "([e, h]) => e.clientHeight >= h", arg=[frame.element_handle(), height], timeout=5000
    )
    fold = inside.locator("summary").first
    for grows in (True, False):
        before = frame.evaluate("e => e.clientHeight")
        fold.click()
        page.wait_for_function(
            "([e, before, grows]) => grows ? e.clientHeight > before : e.clientHeight < before",
            arg=[frame.element_handle(), before, grows],
            timeout=5000,
        )


def test_formulas_are_drawn_by_the_books_own_mathjax(visit):
    page = visit.to("chapters/03_positions.html")
    page.locator("mjx-container").first.wait_for(state="attached")
    assert page.locator("mjx-container").count() > 5
    assert page.locator("mjx-merror").count() == 0


def test_the_search_finds(visit):
    page = visit.to("search.html?q=rollout")
    page.locator("ul.search li a").first.wait_for()
    assert "chapters/08_maps.html" in page.locator("ul.search").inner_html()


def test_without_scripts_every_widget_is_a_still(browser, address):  # noqa: F811
    visit = Visit(browser, address, java_script_enabled=False)
    page = visit.to("chapters/08_maps.html")
    assert page.get_by_role("img", name=re.compile("how much of the attention")).is_visible()
    assert page.locator("p", has_text="How much will the 40 scores change?").is_visible()
    visit.context.close()


def test_on_paper_there_are_stills_and_all_code(visit):
    page = visit.to("chapters/08_maps.html")
    page.emulate_media(media="print")
    assert not page.locator("iframe").first.is_visible()
    assert page.get_by_role("img", name=re.compile("how much of the attention")).is_visible()
    assert not page.get_by_role("navigation", name="Book").is_visible()


def test_a_dark_page_is_printed_light(visit):
    page = visit.to("cheat_sheet.html")
    visit.theme("dark")
    for event, theme in (("beforeprint", "light"), ("afterprint", "dark")):
        page.evaluate("event => { dispatchEvent(new Event(event)) }", event)
        assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_it_opens_as_files_without_a_server(browser, book):  # noqa: F811
    page = browser.new_page()
    page.goto((book / "chapters" / "01_patch_embedding.html").as_uri())
    page.get_by_label("alike in places").check()
    assert "You predicted: alike in places." in page.locator(".vb-outcome").inner_text()
    page.close()
