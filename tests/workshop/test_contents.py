"""What the build says about all chapters together."""

import json
from pathlib import Path

import nbformat
import pytest

from vitcourse.workshop import build
from vitcourse.workshop.contents import contents, links

SOURCES = sorted((build.NOTEBOOKS / "source").glob("*.py"))
CHAPTER = '''# %% [markdown] minutes=40
# # {number} {title}: and more

# %% [markdown]
# ### Exercise 4.2

# %% exercise="4.2"
def split_heads(x, num_heads):
    """What to do."""
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

# %% check="4.2"
check("4.2")

# %% [markdown] tags=["solution"]
# **Solution.** Because.

# %% [markdown] tags=["solution"]
# What you could see.
'''


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "notebooks" / "source"
    folder.mkdir(parents=True)
    for number, name in enumerate(("tour", "patches", "maps")):
        text = CHAPTER.format(number=number, title=name.title())
        (folder / f"0{number}_{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_links_to_the_neighbours(source):
    tour, patches, maps = sorted(source.iterdir())
    assert links(tour) == "[1 Patches →](01_patches.ipynb)"
    assert links(patches) == (
        "[← 0 Tour](00_tour.ipynb) · [Contents](00_tour.ipynb#Contents) · [2 Maps →](02_maps.ipynb)"
    )
    assert links(maps) == "[← 1 Patches](01_patches.ipynb) · [Contents](00_tour.ipynb#Contents)"


def test_they_stand_above_and_below(source):
    for make in (build.student_notebook, build.solution_notebook):
        cells = make(source / "01_patches.py").cells
        assert cells[0].source == links(source / "01_patches.py")
        assert cells[-1].source == f"---\n\n{cells[0].source}"
        assert len({cell.source for cell in cells}) == len(cells)  # update relies on it
        assert cells[1].source.startswith("# 1 Patches: and more")
        assert cells[0].id != cells[-1].id


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_in_the_course_no_link_leads_nowhere(path):
    """And the contents are a heading of the tour."""
    names = [part.partition(")")[0] for part in links(path).split("](")[1:]]
    assert names
    for name in names:
        file, _, place = name.partition("#")
        target = build.NOTEBOOKS / "source" / file.replace(".ipynb", ".py")
        assert target.exists()
        headings = [
            line.strip("# ")
            for cell in build.student_notebook(target).cells
            for line in cell.source.splitlines()
            if cell.cell_type == "markdown" and line.startswith("#")
        ]
        assert not place or place in headings


def test_contents(source):
    chapters = json.loads(contents(sorted(source.iterdir())))
    assert [chapter["title"] for chapter in chapters] == ["0 Tour", "1 Patches", "2 Maps"]
    assert chapters[1]["minutes"] == 40
    (exercise,) = chapters[1]["exercises"]
    assert exercise["title"] == "Split the channels among the heads"
    assert exercise["explanation"] == "Because."
    assert exercise["answer"].endswith('"""What to do."""\n    return x')


def test_a_chapter_without_a_title(source):
    (source / "01_patches.py").write_text("# %% [markdown]\n# nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"01_patches\.py: no line begins with"):
        links(source / "00_tour.py")


def test_check_notices_stale_contents(source, monkeypatch, capsys):
    monkeypatch.setattr(build, "NOTEBOOKS", source.parent)
    for path in source.iterdir():
        for folder, make in (("", build.student_notebook), ("solutions", build.solution_notebook)):
            (source.parent / folder).mkdir(exist_ok=True)
            notebook = nbformat.writes(make(path)) + "\n"
            target = source.parent / folder / f"{path.stem}.ipynb"
            target.write_text(notebook, encoding="utf-8")
    file = source.parents[1] / "vitcourse" / "contents.json"
    file.parent.mkdir()
    file.write_text(contents(sorted(source.iterdir())), encoding="utf-8")
    build.main(check=True)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(SystemExit):
        build.main(check=True)
    assert "vitcourse/contents.json" in capsys.readouterr().out.replace("\\", "/")
