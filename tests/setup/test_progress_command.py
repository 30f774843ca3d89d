"""`vitcourse progress` in a terminal."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from vitcourse.__main__ import app


@pytest.fixture
def folder(tmp_path):
    record = {
        "exercises": {
            "0.1": {"state": "solved", "last": "2026-11-01"},
            "1.1": {"state": "solved", "last": "2026-11-02"},
            "1.2": {"state": "tried", "last": "2026-11-03"},
        },
        "quiz": {"01": {"right": 4, "of": 5}},
    }
    (tmp_path / "my_progress.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(app, ["progress", *map(str, arguments)], env={"COLUMNS": "100"})


def test_a_table_and_the_next_step(folder):
    shown = run("--folder", folder).output
    assert re.search(
        r"^1 Patch embedding +1\.1 +1\.2 +1\.3 1\.4 1\.5 +1 h 15 min +4 of 5", shown, re.M
    )
    assert re.search(r"^2 of \d+ exercises solved, about 1\d h( \d\d min)? left\.$", shown, re.M)
    assert "Next: exercise 1.2, Cut an image into patches\n" in shown
    assert "python -m vitcourse lab --notebook 01\n" in shown
    assert "delete my_progress.json there" in shown


def test_no_columns_for_what_there_is_not(tmp_path):
    shown = run("--folder", tmp_path).output
    assert "Quiz" not in shown
    assert "Predictions" not in shown
    assert list(tmp_path.iterdir()) == []  # looking leaves nothing behind


def test_a_folder_that_is_not_there(tmp_path):
    done = run("--folder", tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "To begin: python -m vitcourse lab" in done.output


def test_where_lab_opened(folder, monkeypatch):
    monkeypatch.setattr("vitcourse.commands.progress.learners_folder", lambda: folder)
    assert "Next: exercise 1.2" in run().output


def test_it_needs_no_torch(folder):
    code = (
        "import sys; from pathlib import Path; from vitcourse.commands.progress import progress;"
        "progress(Path(sys.argv[1])); sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
