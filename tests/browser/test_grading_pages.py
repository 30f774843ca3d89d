"""The pages of grading in a real browser: by keyboard, in both themes, on a telephone, offline."""

import pytest

from tests.browser.test_explorer import faults_of
from tests.browser.test_in_jupyterlab import (  # noqa: F401
    browser,
    playwright,
    pytestmark,
)
from tests.grading.test_class_page import CLASS
from tests.grading.test_feedback import SAID
from tests.grading.test_report import EVIL
from tests.grading.test_tables import graded
from vitcourse.grading.class_page import write_class_page
from vitcourse.grading.feedback import write_feedback
from vitcourse.grading.report import write_report
from vitcourse.grading.results import NOT_YET, SOLVED, WRONG, Answer, Graded

ANSWER = Answer("1.2", "patchify", WRONG, "channels last", SAID, "x = 1  # " + "long " * 50)
STUDENTS = [
    graded("ada", name="Ada Lovelace", answers=(ANSWER,), remarks=("late",)),
    graded("bob", name="Bob", answers=(Answer("1.2", "patchify", SOLVED),)),
    graded("eve", name="Eve", answers=(Answer("1.2", "patchify", NOT_YET),)),
    Graded(EVIL, EVIL, EVIL, "01", EVIL, (Answer("1.2", EVIL, WRONG, EVIL, EVIL, EVIL),), (EVIL,)),
]


@pytest.fixture(params=["report", "class", "feedback"])
def file(request, tmp_path):
    made = tmp_path / f"{request.param}.html"
    if request.param == "report":
        write_report(STUDENTS, made)
    elif request.param == "class":
        write_class_page([*CLASS, STUDENTS[-1]], made, tmp_path / "class.json", ["Eve"])
    else:
        (made,) = write_feedback(STUDENTS[:1], tmp_path)
    return made


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_and_nothing_is_asked_for(browser, file, scheme, width):  # noqa: F811
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.emulate_media(reduced_motion="reduce")
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(file.as_uri())
    for closed in page.locator("details:not([open]) > summary").all():
        closed.click()
    assert asked == [file.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults_of(page) == []
    page.close()


@pytest.fixture
def report(browser, tmp_path):  # noqa: F811
    write_report(STUDENTS[:3], tmp_path / "report.html")
    page = browser.new_page(offline=True)
    page.goto((tmp_path / "report.html").as_uri())
    yield page
    page.close()


def shown(page) -> list[str]:
    return page.locator(".verdicts tbody:not([hidden]) th button").all_inner_texts()


def test_unfold_a_student_by_keyboard(report):
    button = report.get_by_role("button", name="Ada Lovelace")
    assert not report.get_by_text("yours is [0, 16]").is_visible()
    button.focus()
    report.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert report.get_by_text("yours is [0, 16]").is_visible()
    report.keyboard.press("Enter")
    assert not report.get_by_text("yours is [0, 16]").is_visible()


def test_sort_by_keyboard(report):
    assert shown(report) == ["Ada Lovelace", "Bob", "Eve"]
    head = report.locator("thead th[data-exercise='1.2']")
    head.get_by_role("button").focus()
    report.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert shown(report) == ["Bob", "Ada Lovelace", "Eve"]  # solved, wrong, not solved yet
    report.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert shown(report) == ["Eve", "Ada Lovelace", "Bob"]


def test_search_and_choose(report):
    report.get_by_label("Search").fill("channels LAST")
    assert shown(report) == ["Ada Lovelace"]
    assert report.get_by_role("status").inner_text() == "1 of 3 shown"
    report.get_by_label("Search").fill("")
    report.get_by_role("combobox", name="Verdict").select_option("not solved yet")
    assert shown(report) == ["Eve"]
    report.get_by_role("combobox", name="Verdict").select_option("with a remark")
    assert shown(report) == ["Ada Lovelace"]


def test_without_javascript_everything_is_unfolded(browser, tmp_path):  # noqa: F811
    write_report(STUDENTS[:3], tmp_path / "report.html")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert page.get_by_text("yours is [0, 16]").is_visible()
    page.close()


def test_the_class_page_prints_on_two_pages(browser, tmp_path):  # noqa: F811
    """With five mistakes, two answers each; what is folded on the screen is not printed."""
    codes = ["def f():\n    return 0", "def f():\n    return 1"]
    many = []
    for n in range(30):
        answers = [
            Answer(f"4.{e}", "f", WRONG, f"mistake {e}", SAID, codes[n % 2]) for e in range(1, 6)
        ]
        many.append(Graded(f"s{n}", f"Name{n}", "", "04", "x.ipynb", tuple(answers)))
    write_class_page(many, tmp_path / "class.html", tmp_path / "class.json")
    page = browser.new_page()
    page.goto((tmp_path / "class.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert 1 <= printed.count(b"/Type /Page\n") <= 2
    page.close()
