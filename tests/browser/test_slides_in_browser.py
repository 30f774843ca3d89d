"""All slides in a real browser: nothing is cut off or too small, and nothing asks a network.

Needs Chromium and playwright, as the other tests of this folder.
"""

import pytest

from tests.browser.test_explorer import faults_of
from tests.browser.test_in_jupyterlab import browser, playwright, pytestmark  # noqa: F401
from vitcourse.workshop import slides
from vitcourse.workshop.build import NOTEBOOKS

DECKS = [*sorted(path.stem for path in (NOTEBOOKS / "source").glob("[0-9][0-9]_*.py")), "lecture"]
SMALLEST = 20  # pixels on a slide of 1280 x 720; see slides.css
BOTTOM = 42  # pixels for the number of the slide
MEASURE = """([bottom]) => {
    const shown = Reveal.getCurrentSlide().querySelector('.slide');
    const box = shown.getBoundingClientRect(), faults = [];
    let smallest = Infinity;
    for (const part of shown.querySelectorAll('*')) {
        const place = part.getBoundingClientRect();
        if (!place.width || part.closest('svg') && part.tagName != 'svg') continue;
        if (place.right > box.right || place.bottom > box.bottom - bottom || place.left < box.left)
            faults.push(`cut off: ${part.tagName} ${part.textContent.trim().slice(0, 40)}`);
        if (part.tagName == 'PRE' && part.scrollWidth > part.clientWidth + 1)
            faults.push(`cut off inside: ${part.textContent.slice(0, 40)}`);
        if (part.tagName == 'IMG' && !(part.alt && part.complete && part.naturalWidth))
            faults.push('a figure without its text, or none at all');
        if ([...part.childNodes].some(node => node.nodeType == 3 && node.textContent.trim()))
            smallest = Math.min(smallest, parseFloat(getComputedStyle(part).fontSize));
    }
    return { faults, smallest, heading: shown.querySelector('h1, h2').textContent };
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    slides.main(None, folder)
    return folder


@pytest.fixture
def page(browser):  # noqa: F811
    """A page that may ask for files only; `page.asked` is what else it wanted."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.asked, page.errors = [], []

    def only_files(route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            page.asked.append(route.request.url)
            route.abort()

    page.route("**/*", only_files)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


def opened(page, made, name: str, query: str = ""):
    page.goto(f"{(made / f'{name}.html').as_uri()}{query}")
    page.wait_for_function("Reveal.isReady()")
    return page


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_and_can_be_read(page, made, name):
    opened(page, made, name)
    count = page.evaluate("Reveal.getTotalSlides()")
    assert 5 < count < 50
    for number in range(count):
        page.evaluate(f"Reveal.slide({number})")
        found = page.evaluate(MEASURE, [BOTTOM])
        assert found["faults"] == [], f"{number + 1}, {found['heading']}"
        assert found["smallest"] >= SMALLEST, f"{number + 1}, {found['heading']}"
    assert page.asked == []
    assert page.errors == []


def test_by_keyboard_with_notes(page, made):
    opened(page, made, "04_attention")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 3
    with page.expect_popup() as speaker:
        page.keyboard.press("s")
    said = speaker.value.locator(".speaker-controls-notes")
    said.get_by_text("The door listens to the roof most").wait_for()
    page.keyboard.press("ArrowLeft")
    said.get_by_text("Think of a room full of people").wait_for()
    assert page.evaluate("Reveal.getIndices().h") == 2
    speaker.value.close()


# title, list, exercise, table
@pytest.mark.parametrize(("theme", "numbers"), [("", [0, 2, 5, 14]), ("?theme=dark", [5, 14])])
def test_axe_finds_nothing(page, made, theme, numbers):
    opened(page, made, "04_attention", theme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(255, 255, 255)") == (theme == "")
    for number in numbers:
        page.evaluate(f"Reveal.slide({number})")
        assert faults_of(page) == []


def test_printed_each_slide_is_a_page(page, made):
    opened(page, made, "10_tutorial_repaired", "?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == page.locator(".slide").count() > 5
