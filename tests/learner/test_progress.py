"""`my_progress.json`: complete whatever interrupts it, and never in anybody's way."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vitcourse.learner import progress
from vitcourse.learner.progress import FILE, change, note, noted, read

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Somebody works in this folder."""
    monkeypatch.setattr(progress, "workplace", lambda: tmp_path)
    return tmp_path


def test_notes_are_merged(folder):
    note("quiz", "03", {"right": 4, "of": 5})
    note("quiz", "03", {"right": 5})
    note("quiz", "04", {"right": 1})
    note("predictions", "03-shuffled", {"said": "größer"})
    assert noted("quiz", "03") == {"right": 5, "of": 5}
    assert noted("quiz", "05") is None
    assert noted("lines", "4.2") is None
    assert read(folder) == {
        "quiz": {"03": {"right": 5, "of": 5}, "04": {"right": 1}},
        "predictions": {"03-shuffled": {"said": "größer"}},
    }


def test_without_a_notebook_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    note("quiz", "03", {"right": 4})
    assert noted("quiz", "03") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damaged",
    [b"", b'{"quiz": {"03"', b"\xff\xfe\x00", b"[]", b'{"quiz": 3}', b'{"quiz": {"03": [1]}}'],
)
def test_a_damaged_file_is_set_aside(folder, damaged):
    (folder / FILE).write_bytes(damaged)
    assert read(folder) == {}
    assert (folder / "my_progress_broken_1.json").read_bytes() == damaged
    note("quiz", "03", {"right": 4})
    (folder / FILE).write_bytes(damaged)
    note("quiz", "03", {"right": 5})  # this sets it aside, too
    assert read(folder) == {"quiz": {"03": {"right": 5}}}
    assert (folder / "my_progress_broken_2.json").read_bytes() == damaged


def test_what_cannot_be_written_disturbs_nobody(folder, monkeypatch):
    note("quiz", "03", {"right": 4})
    note("quiz", "03", {"right": object()})
    assert read(folder) == {"quiz": {"03": {"right": 4}}}
    change(folder / "not there", "quiz", "03", dict.clear)
    (folder / "a folder" / FILE).mkdir(parents=True)
    assert read(folder / "a folder") == {}
    change(folder / "a folder", "quiz", "03", dict.clear)


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from vitcourse.learner.progress import change
def count(known):
    known["tries"] = known.get("tries", 0) + 1
    known["much"] = "x" * 20000
for _ in range(int(sys.argv[2])):
    change(Path(sys.argv[1]), "exercises", "1.1", count)
"""


def writer(folder: Path, times: int) -> subprocess.Popen:
    script = folder / "writer.py"
    script.write_text(WRITER.format(root=str(ROOT)), encoding="utf-8")
    return subprocess.Popen([sys.executable, script, folder, str(times)])


def test_two_notebooks_that_write_at_once_lose_nothing(tmp_path):
    writers = [writer(tmp_path, 40) for _ in range(2)]
    assert [process.wait(timeout=60) for process in writers] == [0, 0]
    assert read(tmp_path)["exercises"]["1.1"]["tries"] == 80


def test_whole_after_a_kernel_was_killed(tmp_path):
    """Whenever that is: the file is as before or as after, and the next one can write."""
    for milliseconds in (0, 3, 7):
        process = writer(tmp_path, 10**6)
        while not (tmp_path / FILE).exists():
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
        before = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
        change(tmp_path, "exercises", "1.1", lambda known: known.update(mended=True))
        after = read(tmp_path)["exercises"]["1.1"]
        assert after == before["exercises"]["1.1"] | {"mended": True}
        (tmp_path / FILE).unlink()
