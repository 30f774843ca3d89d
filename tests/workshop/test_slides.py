"""Slides from a source: what is shown, what the speaker reads, and nothing from outside.

How they look, and that nothing is cut off, is in tests/browser/test_slides_in_browser.py.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from vitcourse.workshop import build, slides
from vitcourse.workshop.slides_cells import _first_of, slide_of
from vitcourse.workshop.slides_formula import drawn, with_formulas_drawn
from vitcourse.workshop.slides_text import inline, on_the_slide, points, printed

SOURCES = sorted((build.NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
SMALL = '''# %% [markdown] minutes=10
# # 1 Small: a chapter for a test
#
# How it begins.

# %% [markdown]
# ## A part
#
# Before the figure.

# %%
unshown()

# %% [markdown]
# And just before it.

# %% slide="A *figure*" lecture=true
draw()

# %% [markdown]
# After the figure, $x^2$.

# %% slide="Numbers" slide_code=true
print("<b>12</b>")

# %% [markdown]
# ### Exercise 1.1

# %% exercise="1.1"
def count_patches(height, width):
    """How many patches: (H, W) -> N.

    - `height`: in pixels
    """
    ### BEGIN SOLUTION
    return secret(height)
    ### END SOLUTION

# %% check="1.1"
check("1.1")

# %% [markdown] tags=["solution"]
# **Solution.** It is a secret.

# %% [markdown]
# Two of these are wrong.

# %% lecture=true
predict("01-x", "How many <i>?", ["one & a half", "none at all"])

# %% [markdown] slide="Summary"
# ## What could go wrong
#
# - Not this.
#
# ## Summary
#
# - One thing.
#
# **Further reading**
#
# - A paper.
'''


@pytest.fixture
def source(tmp_path, monkeypatch) -> Path:
    """A chapter of its own, whose solutions have run."""
    folder = tmp_path / "notebooks"
    (folder / "source").mkdir(parents=True)
    (folder / "solutions").mkdir()
    path = folder / "source" / "01_small.py"
    path.write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(build, "NOTEBOOKS", folder)
    ran = build.solution_notebook(path)
    by_code = {cell.source.partition("\n")[0]: cell for cell in ran.cells}
    figure = f'<figure style="margin: 0"><img alt="A &quot;dot&quot;" src="{PIXEL}"></figure>'
    by_code["draw()"].outputs = [new_output("display_data", {"text/html": figure})]
    by_code['print("<b>12</b>")'].outputs = [new_output("stream", text="<b>12</b>\n")]
    nbformat.write(ran, folder / "solutions" / "01_small.ipynb")
    return path


@pytest.fixture
def shown(source) -> list[slides.Slide]:
    return slides.chapter_slides(source)


def notes(slide: slides.Slide) -> str:
    return "\n".join(slide.notes)


# A chapter ----------------------------------------------------------------------------------------


def test_the_order(shown):
    headings = [slide.heading for slide in shown]
    assert headings[1:6] == [
        "After this chapter you can",
        "A *figure*",
        "Numbers",
        "How many patches?",
        "Predict",
    ]
    assert headings[6:] == ["A question", "Summary"]
    assert "# Small\n\nA chapter for a test" in shown[0].body


def test_a_figure_keeps_its_text(shown):
    assert f'<img alt="A &quot;dot&quot;" src="{PIXEL}">' in shown[2].body
    assert "draw()" not in shown[2].body


def test_the_speaker_has_the_prose_around_a_slide(shown):
    assert notes(shown[0]) == "How it begins."
    assert notes(shown[2]) == ("Before the figure.\nAnd just before it.\nAfter the figure, $x^2$.")
    assert "A paper" in notes(shown[-1])


def test_what_is_printed_is_text_and_code_is_shown_on_request(shown):
    assert "&lt;b&gt;12&lt;/b&gt;" in shown[3].body
    assert '```python\nprint("<b>12</b>")\n```' in shown[3].body


def test_an_exercise_is_shown_without_its_solution(shown):
    exercise = shown[4]
    assert "def count_patches(height, width):" in exercise.body
    assert "exercise 1.1, about 5 minutes" in exercise.body
    assert "<code>height</code>: in pixels" in exercise.body
    assert "divided by P once" in notes(exercise)  # a known mistake
    for slide in shown:
        assert "secret" not in slide.body + notes(slide)


def test_a_prediction_is_a_vote(shown):
    assert "Two of these are wrong." in shown[5].body
    assert "How many &lt;i&gt;?" in shown[5].body
    assert "<li>one &amp; a half</li><li>none at all</li>" in shown[5].body


def test_what_has_no_room_does_not_keep_what_comes_after_it_from_being_shown():
    assert _first_of(["Arguments. " * 50, "- one", "- two"]) == "- one\n- two"
    assert _first_of(["No points, just this."]) == "<p>No points, just this.</p>"
    long = _first_of(["- " + "word " * 50] * 3)
    assert long.startswith('<div class="many">')
    assert long.count("\n- ") == 2


def test_a_predictions_marks_are_drawn():
    cell = nbformat.v4.new_code_cell('predict("12-x", "Right answers to *where*?", ["`all`", "b"])')
    body = slide_of(cell, cell).body
    assert "<em>where</em>" in body
    assert "<code>all</code>" in body


def test_a_question_of_the_quiz_comes_with_its_answer_for_the_speaker(shown):
    assert len(re.findall("<li>", shown[6].body)) >= 3
    assert notes(shown[6]).count(" is right. ") == 1


def test_the_summary_is_only_the_summary(shown):
    assert shown[-1].body == "- One thing."


def test_the_guest_lecture_has_what_is_marked(source):
    headings = [slide.heading for slide in slides.lecture_slides()]
    assert headings == ["", "A *figure*", "Predict", "Go on by yourself"]


def test_outputs_of_other_code_are_refused(source):
    source.write_text(SMALL.replace("draw()", "draw(2)"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"01_small\.py: code has changed"):
        slides.chapter_slides(source)


# A page -------------------------------------------------------------------------------------------


def test_a_page_asks_nothing_of_a_network(shown):
    page = slides.page(shown, "Small & <fine>")
    assert "<title>Small &amp; &lt;fine&gt;</title>" in page
    written = re.sub(r"(?s)<script>.*?</script>", "", page)
    assert not re.search(r'(?:src|href)="(?!data:|#)', written)
    assert not re.search(r"url\((?!['\"]?data:)|@import", written)
    assert page.count('<aside class="notes">') == sum(bool(notes(slide)) for slide in shown)
    assert "<h2>A <em>figure</em></h2>" in page
    assert page.index("Before the figure.") > page.index('<aside class="notes">')


def test_one_file_for_each_deck(source, tmp_path, capsys):
    slides.main(["01", "lecture"], tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"01_small.html", "lecture.html"}
    assert "01_small.html: 8 slides" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="77: choose from 01, lecture"):
        slides.main(["77"], tmp_path / "out")


# Marks in the sources -----------------------------------------------------------------------------


def test_the_notebooks_know_nothing_of_slides(source):
    unmarked = re.sub(r' (slide="[^"]*"|slide_code=true|lecture=true)', "", SMALL)
    for make in (build.student_notebook, build.solution_notebook):
        with_marks = nbformat.writes(make(source))
        source.write_text(unmarked, encoding="utf-8")
        assert nbformat.writes(make(source)) == with_marks
        source.write_text(SMALL, encoding="utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_each_chapter_has_slides_and_a_summary(path):
    text = path.read_text(encoding="utf-8")
    assert len(re.findall(r'^# %% .*\bslide="[^"]+"', text, re.MULTILINE)) >= 4
    assert re.search(r'^# %% \[markdown\].* slide="Summary"', text, re.MULTILINE)
    assert re.findall(r"^# %% .*lecture=true", text, re.MULTILINE)


# Texts and formulas -------------------------------------------------------------------------------


def test_of_prose_only_what_is_short_is_shown():
    prose = """## A heading

A long paragraph.

**A lead.** And what follows it.

**Not a lead** because it goes on.

$$x$$

| a | b |
| --- | --- |
| 1 | 2 |"""
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert on_the_slide(prose) == f"$$x$$\n\n{table}\n\n- A lead."


def test_a_long_point_ends_with_its_first_sentence():
    rest = "It goes on and on. " * 10
    assert points([f"1. The point (chapter 1).\n   {rest}"]) == "1. The point (chapter 1)."


def test_a_long_table_loses_its_last_column_unless_its_lines_are_short():
    wide = "x" * 60
    rows = ["| a | b | c |", "| - | - | - |"] + [f"| {n} | {wide} | {wide} |" for n in range(9)]
    assert on_the_slide("\n".join(rows)).splitlines()[0] == "| a | b |"
    assert on_the_slide("\n".join(rows[:5])).splitlines()[0] == "| a | b | c |"
    short = ["| a | b | c | d |", "| - | - | - | - |"] + ["| 1 | 2 | 3 | 4 |"] * 9
    assert on_the_slide("\n".join(short)).splitlines()[0] == "| a | b | c | d |"


def test_wide_output_is_narrowed_and_stays_legible():
    page = printed("one" + " " * 60 + "two\n" + "1" + " " * 63 + "2")
    assert "one   two" in page
    assert "font-size: 36px" in page
    assert "font-size: 20px" in printed("x" * 90)


def test_tuples_and_arrows_of_a_docstring():
    assert inline("`x`: (B, N) -> (B,)") == "<code>x</code>: (B,\xa0N) → (B,)"


def test_a_formula_is_a_drawing_with_its_text():
    svg = drawn(r"\tfrac12 \text{of} x", 1.0)
    assert 'aria-label="\\tfrac12 \\text{of} x"' in svg
    assert 'role="img"' in svg
    assert with_formulas_drawn("$$a \\qquad b$$").count("<svg") == 2
    assert with_formulas_drawn("It costs $5 or so.") == "It costs $5 or so."
    with pytest.raises(ValueError, match="nonsense"):
        drawn(r"\nonsense", 1.0)


def test_a_cell_without_a_mark_is_no_slide():
    cell = nbformat.v4.new_code_cell("x = 1")
    assert slide_of(cell, cell) is None
