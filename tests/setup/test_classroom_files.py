"""What docs/classroom tells teachers to type and to copy exists."""

import re
import shlex

import pytest
import yaml
from typer.testing import CliRunner

from vitcourse.__main__ import app
from vitcourse.learner.notebook_files import course_notebooks
from vitcourse.places.links import ARCHIVE


@pytest.fixture(scope="module")
def page(repository) -> str:
    return (repository / "docs" / "classroom" / "README.md").read_text(encoding="utf-8")


def test_the_workflow_checks_a_notebook(repository):
    text = (repository / "docs" / "classroom" / "github-classroom.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True] == ["push", "workflow_dispatch"]  # YAML's `on`
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert job["timeout-minutes"] <= 30
    *_, install, check = [shlex.split(step["run"]) for step in job["steps"] if "run" in step]
    assert install[-1] == ARCHIVE.format(repo="OWNER/NAME", tag="v0.1.0")
    assert check[:2] == ["vitcourse", "check"]
    assert check[2] in {notebook.name for notebook in course_notebooks()}
    help_ = CliRunner().invoke(app, ["check", "--help"])
    assert help_.exit_code == 0


def test_the_page_names_what_there_is(repository, page):
    typer = pytest.importorskip("typer")
    build = pytest.importorskip("vitcourse.workshop.build")
    command = typer.main.get_command(_app(typer, build.main))
    known = {name for parameter in command.params for name in parameter.opts}
    assert set(re.findall(r"build (--\w+)", page)) <= known
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        assert (repository / "docs" / "classroom" / link).is_file(), link
    for path in re.findall(r"`(vitcourse/[\w/.]+)`", page):
        assert (repository / path).exists(), path
    chapters = {notebook.stem for notebook in course_notebooks()}
    assert set(re.findall(r"\b\d\d_\w+", page)) <= chapters


def _app(typer, function):
    app = typer.Typer()
    app.command()(function)
    return app
