"""A class's copy: everything to work with, and no solution in it."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tests.full_disk import files_of_at_most
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.workshop import build, release

ROOT = build.NOTEBOOKS.parent
SOURCES = sorted((build.NOTEBOOKS / "source").glob("*.py"))
# What a check compares with is in the package, by design: docs/classroom/README.md says so.
REFERENCE = ("vitcourse/model/", "vitcourse/maps/", "vitcourse/training/")
REFERENCE += ("vitcourse/exercises/course_answers.py",)
TRY = """
from vitcourse import check, installation, lines, solution
def patchify(images, p):
    from einops import rearrange
    return rearrange(images, "b c (h p) (w q) -> b (w h) (c p q)", p=p, q=p)
for hint in (0, 3):
    try:
        check("1.2", hint=hint)
    except AssertionError as verdict:
        print(verdict)
solution("1.2")
try:
    lines("4.4")
except ValueError as error:
    print(error)
installation.probe = dict
print(installation.report(installation.gather(), []))
"""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    copies = {f"{source.stem}.ipynb": build.student_notebook(source) for source in SOURCES}
    return release.class_copy(ROOT, copies)


@pytest.fixture(scope="module")
def texts(files) -> dict[str, str]:
    """What somebody reads who opens the files; of notebooks and other JSON, all their texts."""
    texts = {name: contents.decode(errors="replace") for name, contents in files.items()}
    for name, text in texts.items():
        if name.endswith((".ipynb", "contents.json")):
            texts[name] = "\n".join(strings(json.loads(text)))
    return texts


def strings(value) -> Iterator[str]:
    """All texts in a value of JSON; the lines of a notebook's cell are one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(line, str) for line in value):
        yield "".join(value)
    else:
        for part in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        ):
            yield from strings(part)


def in_the_package(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if not name.startswith(REFERENCE)}


# Proof that no solution is in it ------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_no_file_but_the_reference_shows_an_answer(source, texts):
    """Half of the lines of a solution, alike to the letter, would be an answer to read."""
    by_lines = {
        name: {line.strip() for line in text.splitlines()}
        for name, text in in_the_package(texts).items()
    }
    for cell in build._read(source).cells:
        regions = [found[0] for found in build.SOLUTION.finditer(cell.source)]
        telling = [line.strip() for region in regions for line in region.splitlines()[1:-1]]
        telling = [line for line in telling if len(line) > 12 and not line.startswith("#")]
        for name, lines in by_lines.items():
            shown = [line for line in telling if line in lines]
            assert not telling or len(shown) < len(telling) / 2, (name, shown)


def test_no_explanation_of_a_solution(texts):
    for source in SOURCES:
        for cell in build._read(source).cells:
            if "solution" in cell.metadata.get("tags", []):
                paragraphs = [p for p in cell.source.split("\n\n") if len(p) > 40]
                assert not [
                    name for name, text in texts.items() if any(p in text for p in paragraphs)
                ]


def test_no_right_answer_on_file(files, texts):
    for path in sorted(ANSWERS.glob("ex_*.py")):
        right = [a.body.strip() for a in read_answers(path) if a.kind == "right"]
        assert right
        assert not [name for name, text in texts.items() if any(body in text for body in right)]


def test_no_solution_notebook_no_source_no_stored_answer(files):
    assert not [n for n in files if re.search("solution.*ipynb|/source/|__pycache__", n)]
    assert not any(
        exercise["answer"] or exercise["explanation"]
        for chapter in json.loads(files["vitcourse/contents.json"])
        for exercise in chapter["exercises"]
    )


# What is in it works ------------------------------------------------------------------------------


def test_the_checks_know_the_same_mistakes(files, tmp_path):
    for path in sorted(ANSWERS.glob("ex_*.py")):
        (tmp_path / path.name).write_bytes(files[f"{release.ANSWERS}/{path.name}"])
        known = [read_answers(folder / path.name) for folder in (ANSWERS, tmp_path)]
        wrong = [[(a.name, a.says, a.code) for a in some if a.kind == "wrong"] for some in known]
        assert wrong[0] == wrong[1]
        assert len(wrong[0]) > 3
        assert all(a.kind == "wrong" for a in known[1])


def test_a_learner_in_a_class(files, tmp_path):
    copy = tmp_path / "Kurs für Ä & Ö"
    release._write_folder(copy, files)
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "1.2 patchify: wrong (columns before rows)" in done.stdout
    assert done.stdout.count("the solutions are not in your class's copy") == 2
    assert "Hint 3 of 3" in done.stdout
    assert "The whole answer" not in done.stdout
    assert f"vitcourse   {release._version(files[release.INIT])}\n" in done.stdout


# How it is written --------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> Path:
    """A clone with next to nothing in it."""
    root = tmp_path / ".hidden" / "clone"
    answers = root / release.ANSWERS
    answers.mkdir(parents=True)
    (answers / "__pycache__").mkdir()
    (answers / "__pycache__" / "ex_1_1.pyc").write_bytes(b"")
    (root / "postBuild").write_text("#!/bin/bash\n")
    (root / release.INIT).write_text('"""A course."""\n\n__version__ = "0.1.0"\n')
    (root / release.CONTENTS).write_text("[]")
    (answers / "ex_1_1.py").write_text("# right: x\nf = 1\n\n\n# wrong: y\n# > No.\n# ~ 1 => 2\n")
    return root


NOTEBOOK = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Hi", id="a")])


def test_a_folder_and_a_zip_hold_the_same(small, tmp_path):
    written = {"00_tour.ipynb": NOTEBOOK}
    said = release.write_class_copy(tmp_path / "class.zip", small, written)
    assert said == release.write_class_copy(tmp_path / "class", small, written)
    assert said[1] == 6
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        zipped = {name: archive.read(name) for name in archive.namelist()}
        assert archive.getinfo("vitcourse/postBuild").external_attr >> 16 == 0o100755
    folder = tmp_path / "class"
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert zipped == {
        f"vitcourse/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in paths
    }
    release.write_class_copy(tmp_path / "again.zip", small, written)
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "class.zip").read_bytes()


def test_the_version_says_what_is_in_it(small):
    def version() -> str:
        files = release.class_copy(small, {"00_tour.ipynb": NOTEBOOK})
        version = release._version(files[release.INIT])
        assert version in files["README.md"].decode()
        return version

    first = version()
    assert re.fullmatch(r"0\.1\.0\+[0-9a-f]{8}", first)
    assert version() == first
    (small / "vitcourse" / "new.py").write_text("")
    second = version()
    path = small / release.ANSWERS / "ex_1_1.py"
    path.write_text(path.read_text().replace("No.", "Not quite."))
    assert len({first, second, version()}) == 3


def test_nothing_is_overwritten(small, tmp_path):
    for name in ("class", "class.zip"):
        release.write_class_copy(tmp_path / name, small, {})
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(ValueError, match="it exists"):
            release.write_class_copy(tmp_path / name, small, {})
        assert sorted(tmp_path.rglob("*")) == before
        with pytest.raises(ValueError, match=r"no folder .*nowhere; make it first"):
            release.write_class_copy(tmp_path / "nowhere" / name, small, {})
    (tmp_path / "empty").mkdir()
    release.write_class_copy(tmp_path / "empty", small, {})


@pytest.mark.parametrize("name", ["class", "class.zip"])
def test_a_full_disk_leaves_nothing_behind(small, tmp_path, name):
    (small / "LICENSE").write_bytes(os.urandom(9000))  # it cannot be compressed
    before = sorted(tmp_path.rglob("*"))
    with files_of_at_most(5000), pytest.raises(OSError, match="large"):
        release.write_class_copy(tmp_path / name, small, {})
    assert sorted(tmp_path.rglob("*")) == before


def test_a_newer_copy_unpacked_over_an_older_one(files, tmp_path):
    """The learner's notebooks get the new text, and what they wrote stays."""

    def unpack(files: dict[str, bytes]) -> None:
        zipfile.ZipFile(io.BytesIO(release.zipped(files))).extractall(tmp_path)

    def vitcourse(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "vitcourse", *arguments],
            cwd=tmp_path / "vitcourse",
            env=os.environ | {"JUPYTER_DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    tour = "notebooks/00_tour.ipynb"
    few = {n: c for n, c in files.items() if not n.endswith(".ipynb") or n == tour}
    unpack(few)
    mine = tmp_path / "vitcourse" / "my_notebooks"
    mine.mkdir()
    text = few[tour].decode().replace("raise NotImplementedError", "return 12  # mine")
    (mine / "00_tour.ipynb").write_text(text, encoding="utf-8")
    few[tour] = few[tour].replace(b"## Contents", b"## What is in it")
    unpack(few)
    said = vitcourse("update", "my_notebooks")
    assert f"The course is version {release._version(files[release.INIT])}." in said
    now = (mine / "00_tour.ipynb").read_text(encoding="utf-8")
    assert "return 12  # mine" in now
    assert "What is in it" in now


# The build ----------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(tmp_path, capsys):
    build.main(["00", "02"], student=tmp_path / "class.zip")
    said = capsys.readouterr().out
    assert re.search(
        r"class\.zip: version 0\.1\.0\+\w{8}, \d+ files, 2 chapters, no solution", said
    )
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        notebooks = [n for n in archive.namelist() if n.endswith(".ipynb")]
    assert len(notebooks) == 2
    with pytest.raises(SystemExit, match=r"^build: .*it exists"):
        build.main(["00"], student=tmp_path / "class.zip")


def test_a_full_disk_while_building_is_one_line(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    (folder / "source").mkdir(parents=True)
    (tmp_path / "vitcourse").mkdir()
    source = folder / "source" / "09_small.py"
    source.write_text("# %% [markdown]\n# # A chapter\n\n# %%\n1 + 1\n", encoding="utf-8")
    monkeypatch.setattr(build, "NOTEBOOKS", folder)
    monkeypatch.setattr(build, "execute", lambda notebook, _: notebook)
    build.main()
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p != source}
    source.write_text(source.read_text() + f"\n# %% [markdown]\n# {'much ' * 2000}\n")
    with files_of_at_most(5000), pytest.raises(SystemExit, match=r"^build: .*large.*as it was\.$"):
        build.main()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p != source} == before
