"""A whole run: the same results however many workers; interrupted, continued, changed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.full_disk import files_of_at_most
from tests.grading.notebooks import notebook, write
from vitcourse.grading import course, processes
from vitcourse.grading.made_up import RIGHT, STUB, made_up_class
from vitcourse.grading.results import NOT_YET, SOLVED, Graded
from vitcourse.grading.run import RESULTS, grade

TOUR = "def count_values(image):\n    return image.numel()"


def quietly(folder: Path, out: Path, **options) -> list[Graded]:
    return grade(folder, out, say=lambda text: None, **options)


def tour(answer: str = TOUR) -> dict:
    return notebook(chapter="00", ex_0_1=answer)


def small_class(folder: Path) -> Path:
    for name in ("ada", "bob", "cy"):
        write(folder / f"{name}_00_tour.ipynb", tour())
    return folder


def lines(out: Path) -> list[str]:
    return (out / RESULTS).read_text(encoding="utf-8").splitlines()


def timeless(results: list[Graded]) -> list[Graded]:
    return [replace(graded, seconds=0) for graded in results]


def test_every_seeded_mistake_gets_its_name_for_any_number_of_workers(tmp_path):
    truth = made_up_class(tmp_path / "in", "01", students=8, seed=3)

    results = quietly(tmp_path / "in", tmp_path / "one", workers=1)
    again = quietly(tmp_path / "in", tmp_path / "three", workers=3)

    said = {SOLVED: RIGHT, NOT_YET: STUB}
    found = {
        graded.student: {a.exercise: said.get(a.verdict, a.mistake) for a in graded.answers}
        for graded in results
    }
    assert found == truth
    assert timeless(results) == timeless(again)


def test_a_made_up_class_is_the_same_for_the_same_seed(tmp_path):
    one = made_up_class(tmp_path / "a", "01", students=5, seed=1)
    two = made_up_class(tmp_path / "b", "01", students=5, seed=1)

    assert one == two
    assert one != made_up_class(tmp_path / "c", "01", students=5, seed=2)
    assert [p.read_bytes() for p in sorted((tmp_path / "a").iterdir())] == [
        p.read_bytes() for p in sorted((tmp_path / "b").iterdir())
    ]


def test_a_second_run_grades_only_what_has_changed(tmp_path):
    folder, out = small_class(tmp_path / "in"), tmp_path / "out"
    first = quietly(folder, out)
    write(folder / "bob_00_tour.ipynb", tour("def count_values(image): return 3"))
    said = []

    second = grade(folder, out, say=said.append)

    assert [graded.points for graded in second] == [1, 0, 1]
    assert (first[0], first[2]) == (second[0], second[2])
    assert said == ["2 of 3 are graded already; going on."]


def test_another_version_of_the_course_grades_anew(tmp_path, monkeypatch):
    folder, out = small_class(tmp_path / "in"), tmp_path / "out"
    quietly(folder, out)
    old = (out / RESULTS).read_text(encoding="utf-8").replace('"solved"', '"wrong"')
    (out / RESULTS).write_text(old, encoding="utf-8")
    assert [graded.points for graded in quietly(folder, out)] == [0, 0, 0]

    monkeypatch.setattr(course, "version", lambda folder: "another")

    assert [graded.points for graded in quietly(folder, out)] == [1, 1, 1]


def test_a_line_that_was_cut_off_is_graded_again(tmp_path):
    folder, out = small_class(tmp_path / "in"), tmp_path / "out"
    results = quietly(folder, out)
    whole = (out / RESULTS).read_bytes()
    (out / RESULTS).write_bytes(whole[:-40])

    assert timeless(quietly(folder, out)) == timeless(results)
    assert len(lines(out)) == 3
    assert all(json.loads(line) for line in lines(out))


def test_a_full_disk_loses_nothing_and_is_said_in_one_line(tmp_path):
    folder, out = small_class(tmp_path / "in"), tmp_path / "out"
    quietly(small_class(tmp_path / "other"), out)
    size = (out / RESULTS).stat().st_size
    (out / RESULTS).unlink()

    with files_of_at_most(size - 20), pytest.raises(OSError, match="cannot be written") as said:
        quietly(folder, out, workers=1)

    assert "\n" not in str(said.value)
    assert [graded.points for graded in quietly(folder, out)] == [1, 1, 1]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_and_leaves_no_process(tmp_path, how):
    folder, out = tmp_path / "in", tmp_path / "out"
    write(folder / "ada_00_tour.ipynb", tour())
    slow = "def count_values(image):\n    import time\n    time.sleep(1000)"
    write(folder / "bob_00_tour.ipynb", tour(slow))
    command = [sys.executable, "-m", "vitcourse", "grade", str(folder), "--out", str(out)]
    running = subprocess.Popen(
        [*command, "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},  # a killed run leaves its scratch folder
    )
    while not (out / RESULTS).exists() or not lines(out):  # until the first is done
        assert running.poll() is None
        time.sleep(0.1)
    time.sleep(0.5)
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(how)
    said = running.communicate(timeout=20)[0]

    assert len(lines(out)) == 1
    _, alive = psutil.wait_procs(children, timeout=5)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    if how == signal.SIGINT:
        assert running.returncode == 130
        assert "goes on from there" in said
    write(folder / "bob_00_tour.ipynb", tour())
    assert [graded.points for graded in quietly(folder, out)] == [1, 1]


def test_rows_that_cannot_be_graded_do_not_stop_the_others(tmp_path):
    folder = small_class(tmp_path / "in")
    (folder / "dan_00_tour.ipynb").write_text("{", encoding="utf-8")

    results = quietly(folder, tmp_path / "out")

    assert [len(graded.answers) for graded in results] == [1, 1, 1, 0]
    assert results[3].remarks == ("it is not a notebook, or it is damaged",)


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(ValueError, match="no hand-ins"):
        quietly(tmp_path, tmp_path / "out")


def test_where_nothing_can_be_forked_the_results_are_the_same(tmp_path, monkeypatch):
    escape = f"def count_values(image):\n    open({str(tmp_path / 'x')!r}, 'w')"
    write(tmp_path / "in" / "bob_00_tour.ipynb", tour(escape))
    forked = quietly(tmp_path / "in", tmp_path / "forked")
    monkeypatch.setattr(processes, "CAN_FORK", False)

    spawned = quietly(tmp_path / "in", tmp_path / "spawned")

    assert timeless(spawned) == timeless(forked)
    assert "outside of its folder" in spawned[0].answers[0].message
    assert not (tmp_path / "x").exists()


def test_two_runs_at_once_do_not_write_into_one_folder(tmp_path):
    from filelock import FileLock

    folder, out = small_class(tmp_path / "in"), tmp_path / "out"
    out.mkdir()
    with FileLock(out / f".{RESULTS}.lock"), pytest.raises(ValueError, match="another"):
        quietly(folder, out)
