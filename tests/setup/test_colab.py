"""Colab: its set-up cell, what is said and kept there, and what doctor makes of it."""

import sys
import types
from dataclasses import replace

import nbformat
import pytest

from tests.setup.test_doctor_findings import HEALTHY
from vitcourse.installation import findings, report
from vitcourse.learner import kernel
from vitcourse.places import colab
from vitcourse.workshop import build, colab_cell

ARCHIVE = "https://github.com/ada/vitcourse/archive/refs/tags/v0.1.0.zip"


class Played(types.SimpleNamespace):
    """google.colab: whether widgets were enabled, and a Drive that may refuse."""


@pytest.fixture
def played(monkeypatch, tmp_path) -> Played:
    (tmp_path / "Drive" / "MyDrive").mkdir(parents=True)
    monkeypatch.setattr(colab, "MOUNT", tmp_path / "Drive")
    seen = Played(widgets=False, refusal=None, mounted=[])

    def mount(where):
        seen.mounted.append(where)
        if seen.refusal:
            raise seen.refusal

    package = types.ModuleType("google.colab")
    package.output = types.SimpleNamespace(
        enable_custom_widget_manager=lambda: setattr(seen, "widgets", True)
    )
    package.drive = types.SimpleNamespace(mount=mount)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setattr(colab, "missing", list)
    return seen


@pytest.fixture
def session(monkeypatch, tmp_path):
    """A kernel that was started in an empty folder."""
    content = tmp_path / "content"
    content.mkdir()
    monkeypatch.chdir(content)
    shell = types.SimpleNamespace(user_ns={"_dh": [str(content)]})
    monkeypatch.setattr(kernel, "shell", lambda: shell)
    return content


# -------------------------------------------------------------------------------------- the cell


def test_elsewhere_the_cell_does_nothing(capsys):
    for archive in (ARCHIVE, None):
        namespace = {"__builtins__": {"__import__": __import__}}  # so it can do nothing but import
        exec(colab_cell.source(archive), namespace)
        assert set(namespace) == {"__builtins__", "sys"}
    assert capsys.readouterr() == ("", "")


def test_in_colab_the_cell_fetches_the_course_alone_and_sets_up(played, session, capsys):
    typed = []
    shell = types.SimpleNamespace(system=typed.append)
    exec(colab_cell.source(ARCHIVE), {"get_ipython": lambda: shell})
    assert typed == [f"{sys.executable} -m pip install -q --no-deps {ARCHIVE}"]
    assert played.widgets
    assert not played.mounted  # nobody is asked for their Drive
    assert "my_vit.py" in capsys.readouterr().out


def test_with_no_address_the_cell_says_what_to_do(played):
    with pytest.raises(RuntimeError, match=r"pyproject\.toml, at \[project\.urls\]"):
        exec(colab_cell.source(None), {})
    told = colab_cell.PYPROJECT.read_text(encoding="utf-8").split("[project.urls]")[0]
    assert "python -m vitcourse.workshop.build --keep-outputs" in told


def test_the_address_comes_from_pyproject(monkeypatch, tmp_path):
    monkeypatch.setattr(colab_cell, "PYPROJECT", tmp_path / "pyproject.toml")

    def write(address: str) -> None:
        text = f'[project.urls]\nRepository = "{address}"\n'
        colab_cell.PYPROJECT.write_text(text, encoding="utf-8")

    write("https://github.com/OWNER/vitcourse")
    assert colab_cell.repository() is None
    write("https://github.com/ada/course")
    assert colab_cell.repository() == "ada/course"
    for wrong in ("https://gitlab.com/ada/course", "ada/course", "https://github.com/ada"):
        write(wrong)
        with pytest.raises(ValueError, match="must be https://github"):
            colab_cell.repository()


@pytest.mark.parametrize(
    "source", sorted((build.NOTEBOOKS / "source").glob("*.py")), ids=lambda s: s.stem
)
def test_it_is_the_first_code_cell_of_every_notebook(source):
    texts = set()
    for make in (build.student_notebook, build.solution_notebook):
        first = next(cell for cell in make(source).cells if cell.cell_type == "code")
        assert first.metadata["tags"] == ["colab-setup", "nbval-ignore-output"]
        texts.add(first.source)
    (text,) = texts
    assert text.startswith(colab_cell.HEAD)


def test_a_new_address_needs_no_new_run(monkeypatch):
    source = build.NOTEBOOKS / "source" / "10_tutorial_repaired.py"
    stored = build.solution_notebook(source)
    for number, cell in enumerate(c for c in stored.cells if c.cell_type == "code"):
        cell.execution_count = number
    monkeypatch.setattr(colab_cell, "repository", lambda: "ada/course")
    merged = build.with_stored_outputs(build.solution_notebook(source), stored)
    code = [cell for cell in merged.cells if cell.cell_type == "code"]
    assert "github.com/ada/course/archive" in code[0].source
    assert [cell.execution_count for cell in code] == list(range(len(code)))
    stored.cells.remove(next(c for c in stored.cells if c.cell_type == "code"))
    with pytest.raises(ValueError, match="must be run"):
        build.with_stored_outputs(build.solution_notebook(source), stored)


def test_the_cell_is_valid_in_a_notebook():
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("1")]
    )
    colab_cell.insert(notebook)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code"]
    assert len(notebook.cells[1].source.splitlines()) <= 10  # a learner reads it


@pytest.mark.parametrize("command", [["lab"], ["check", "01"]])
def test_commands_that_cannot_work_there_say_what_to_do(vitcourse, command):
    done = vitcourse(*command, COLAB_RELEASE_TAG="release-colab_20260801")
    assert done.returncode == 2
    assert done.stderr.startswith("vitcourse: in Colab, ")
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------------- answers and Drive


def test_it_says_once_that_answers_go_with_the_session(played, session, capsys):
    colab.set_up()
    said = capsys.readouterr().out
    assert "until this session ends" in said
    assert "drive=True" in said
    assert "download my_vit.py" in said


def test_on_drive_answers_are_kept_and_brought(played, session, capsys):
    (session / "my_vit.py").write_text("here = 1\n", encoding="utf-8")
    (session / "other.txt").write_text("not ours\n", encoding="utf-8")
    colab.set_up(drive=True)
    folder = colab.MOUNT / "MyDrive" / "vitcourse"
    assert kernel.home() == folder.resolve()
    assert [path.name for path in folder.iterdir()] == ["my_vit.py"]
    assert (session / "my_vit.py").exists()
    said = capsys.readouterr().out
    assert "on your Google Drive" in said
    assert "until this session ends" not in said


def test_what_is_on_drive_already_is_never_overwritten(played, session, capsys):
    folder = colab.MOUNT / "MyDrive" / "vitcourse"
    folder.mkdir()
    (folder / "my_vit.py").write_text("there = 1\n", encoding="utf-8")
    (session / "my_vit.py").write_text("here = 1\n", encoding="utf-8")
    colab.set_up(drive=True)
    assert (folder / "my_vit.py").read_text(encoding="utf-8") == "there = 1\n"
    assert (session / "my_vit.py").read_text(encoding="utf-8") == "here = 1\n"
    assert f"stays in {session}" in capsys.readouterr().out


def test_a_refused_drive_is_said_and_nothing_moves(played, session, capsys):
    played.refusal = ValueError("mount failed")
    colab.set_up(drive=True)
    assert kernel.home() == session.resolve()
    said = capsys.readouterr().out
    assert "mount failed" in said
    assert "until this session ends" in said


# ---------------------------------------------------------------------------- what is missing


def test_only_what_is_missing_is_installed(monkeypatch):
    needs = ["torch>=2.11", "nbval>=0.11", "jupyterlab>=4.2", "einops>=0.8", "ruff; extra == 'x'"]
    there = {"torch": "2.11.0"}

    def version(name):
        if name not in there:
            raise colab.metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(colab.metadata, "requires", lambda name: needs)
    monkeypatch.setattr(colab.metadata, "version", version)
    assert colab.missing() == ["einops>=0.8"]
    there["einops"] = "0.8.1"
    assert colab.missing() == []


# ------------------------------------------------------------------------------------- doctor

COLABS = replace(
    HEALTHY,
    in_colab=True,
    in_environment=False,
    versions={**HEALTHY.versions, "ipykernel": "6.17.1", "ipywidgets": "7.7.1", "nbval": None},
    requirements=[*HEALTHY.requirements, "ipykernel>=6.29", "ipywidgets>=8.1", "nbval>=0.11"],
    colab_requires=["ipykernel==6.17.1"],
)


def test_doctor_is_content_with_colab():
    found = findings(COLABS)
    assert {finding.level for finding in found} == {"ok"}
    text = report(COLABS, found)
    assert "this is Colab" in text
    assert "nbval" not in text
    assert "jupyterlab" not in text


def test_doctor_would_complain_of_the_same_elsewhere():
    found = findings(replace(COLABS, in_colab=False, colab_requires=[]))
    assert "nbval is missing" in " ".join(finding.text for finding in found)


def test_doctor_sees_that_colabs_kernel_was_replaced():
    facts = replace(COLABS, versions={**COLABS.versions, "ipykernel": "7.1.0"})
    (finding,) = (f for f in findings(facts) if f.level == "problem")
    assert "ipykernel is 7.1.0, but must be ==6.17.1" in finding.text
    assert "Disconnect and delete runtime" in finding.advice[0]


@pytest.mark.parametrize("missing", ["numpy", "torch"])
def test_doctors_advice_in_colab_is_colabs(missing):
    facts = replace(COLABS, versions={**COLABS.versions, missing: None})
    advice = [step for finding in findings(facts) for step in finding.advice]
    assert advice
    assert not [step for step in advice if "pip" in step or "conda" in step]


def test_where_colab_is_recognised(monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    assert not colab.in_colab()
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20260801")  # in a command started there
    assert colab.in_colab()
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert colab.in_colab()
