"""Places where the course must work, too: not a clone, not a writable home, not a free disk."""

import contextlib
import os
import re
import signal
import site
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.full_disk import files_of_at_most
from tests.setup.conftest import REPOSITORY, notebook_of
from vitcourse.learner import notebook_files
from vitcourse.learner.update.notebooks import update

ANSWER = "def count_values(image):\n    return image.numel()"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# In a new network there is not even 127.0.0.1, which kernels need: make it, then run the command.
ONLY_THIS_COMPUTER = """
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))
os.execvp(sys.argv[1], sys.argv[1:])
"""
SOLUTION = f"{ANSWER}\nfrom vitcourse import solution\nsolution('0.1')"


def weak(command: list[str]) -> list[str]:
    """The command without root's power over files and without a network, where that can be had."""
    for words in (
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
        ["unshare", "-rn", sys.executable, "-c", ONLY_THIS_COMPUTER],
    ):
        with contextlib.suppress(OSError):  # there is no such program
            if subprocess.run([*words, "true"], capture_output=True).returncode == 0:
                command = [*words, *command]
    return command


# A wheel, in the worst of places ------------------------------------------------------------------


class Installed:
    """The course from a wheel, in an environment of its own; a read-only home; a strange folder."""

    def __init__(self, folder: Path) -> None:
        self.home, self.here, self.temporary = (
            folder / "home",
            folder / "Kurs für Ä & Ö",
            folder / "tmp",
        )
        for made in (self.home, self.here, self.temporary):
            made.mkdir()
        self.bin = folder / "venv" / "bin"
        self.log = folder / "log"
        _install(folder)
        self.package = next((folder / "venv").glob("lib/python*/site-packages/vitcourse"))
        for path in [self.home, *filter(Path.is_dir, self.package.rglob("*")), self.package]:
            path.chmod(0o555)

    def command(self, *words: str) -> list[str]:
        return weak([str(self.bin / words[0]), *words[1:]])

    def environment(self) -> dict[str, str]:
        names = ("PATH", "LANG", "SYSTEMROOT", "OMP_NUM_THREADS")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return kept | {"HOME": str(self.home), "TMPDIR": str(self.temporary), "NO_COLOR": "1"}

    def run(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words),
            cwd=self.here,
            env=self.environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout


def _install(folder: Path) -> None:
    """A wheel of this clone into a new environment that sees this one's other packages."""
    steps = [
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")],
        [sys.executable, "-m", "pip", "--python", str(folder / "venv"), "install", "-q"]
        + ["--no-deps", "--no-index", "--find-links", str(folder / "dist"), "vitcourse"],
    ]
    for step in steps:
        done = subprocess.run(step, cwd=REPOSITORY, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Iterator[Installed]:
    for needed in ("hatchling", "pip"):
        try:
            version(needed)  # not find_spec: whoever looks for pip cannot import setuptools
        except PackageNotFoundError:
            pytest.skip(f"needs {needed}")
    if os.name == "nt":
        pytest.skip("the permissions are those of POSIX")
    installed = Installed(tmp_path_factory.mktemp("away"))
    yield installed
    for path in [installed.home, installed.package, *installed.package.rglob("*")]:
        path.chmod(0o755)


def test_the_wheel_is_what_runs(installed):
    where = installed.run("python", "-c", "import vitcourse; print(vitcourse.__file__)")
    assert where.strip() == str(installed.package / "__init__.py")
    assert "lab" in installed.run("vitcourse", "--help")


def test_check_from_another_folder(installed):
    name = "Übung 1: Ä & Ö.ipynb"
    text = notebook_of(ANSWER, "from vitcourse import check\ncheck('0.1')")
    (installed.here / name).write_text(text, encoding="utf-8")
    said = installed.run("vitcourse", "check", name)
    assert re.search(r"0\.1 +solved", said)
    assert [path.name for path in installed.here.iterdir()] == [name]


def test_explain_from_another_folder(installed):
    said = installed.run("vitcourse", "explain", "--out", "Bild ä.html")
    assert "Written: Bild ä.html" in said
    assert (installed.here / "Bild ä.html").stat().st_size > 100_000
    (installed.here / "Bild ä.html").unlink()


def test_solution_from_another_folder(installed):
    said = installed.run("python", "-c", SOLUTION)
    assert "**0.1 count_values: the course's answer**" in said


def test_lab_where_home_cannot_be_written(installed):
    """JupyterLab itself would not start."""
    with installed.log.open("w+", encoding="utf-8") as log:
        lab = subprocess.Popen(
            installed.command("vitcourse", "lab", "Hefte ü", "--no-browser"),
            cwd=installed.here,
            env=installed.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        )
        said = ""
        for line in lab.stdout:
            said += line
            if "JupyterLab is at" in line:
                break
        lab.send_signal(signal.SIGTERM)
        said += lab.communicate(timeout=60)[0]
        log.seek(0)
        assert "JupyterLab is at http://127.0.0.1:" in said, said + log.read()
    assert "Next time, name this folder" in said
    assert "Your home folder cannot be written to: JupyterLab will forget its settings." in said
    assert (installed.here / "Hefte ü" / "00_tour.ipynb").is_file()


def test_nothing_is_left_where_others_write_too(installed):
    """On a JupyterHub all learners share /tmp."""
    left = [path.name for path in installed.temporary.iterdir()]
    assert not [name for name in left if "vitcourse" in name], left
    assert not list(installed.home.iterdir())


# Two learners -------------------------------------------------------------------------------------


def test_two_learners_share_nothing_but_the_package(vitcourse, clone, tmp_path):
    """One package, one folder for temporary files; each has a home of their own."""
    (tmp_path / "tmp").mkdir()
    for name in ("ada", "alan"):
        here = tmp_path / name / "work"
        here.mkdir(parents=True)
        environment = {"HOME": str(tmp_path / name), "JUPYTER_DATA_DIR": str(tmp_path / name / "j")}
        code = "from pathlib import Path; from vitcourse.commands.lab import _remember; "
        code += "from vitcourse.learner.notebook_files import copy_notebooks, learners_folder; "
        code += "copy_notebooks(Path()); _remember(Path.cwd()); print(learners_folder())"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=here,
            env=os.environ
            | environment
            | {"PYTHONPATH": str(clone), "TMPDIR": str(tmp_path / "tmp")},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == str(here), done.stderr
    assert not list((tmp_path / "tmp").iterdir())


# A home that cannot be written to -----------------------------------------------------------------


@pytest.fixture
def mine(course, tmp_path) -> Path:
    """A learner's folder; the course has changed since they copied the notebooks."""
    mine = tmp_path / "mine"
    notebook_files.copy_notebooks(mine)
    tour = course / "00_tour.ipynb"
    tour.write_text(notebook_of("print('00_tour')", "print('new')"), encoding="utf-8")
    return mine


def test_update_where_nobody_can_sign(mine, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "/home/x")

    monkeypatch.setattr("nbformat.sign.NotebookNotary.__init__", refuse)
    assert len(update(mine).merged) == 1
    assert "print('new')" in (mine / "00_tour.ipynb").read_text(encoding="utf-8")


# A full disk --------------------------------------------------------------------------------------


def test_an_update_without_room_changes_nothing(mine):
    tour = notebook_of("print('00_tour')", "# mine " * 1000)
    (mine / "00_tour.ipynb").write_text(tour, encoding="utf-8")
    before = {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    with files_of_at_most(2000), pytest.raises(OSError, match="large"):
        update(mine)
    assert {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="needs limits of POSIX")
def test_a_full_disk_is_one_line(clone):
    """A new learner's first `lab`: no half notebook, and one line says why."""
    code = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
    code += "sys.argv = ['vitcourse', 'lab', 'mine', '--no-browser']; "
    code += "sys.dont_write_bytecode = True; runpy.run_module('vitcourse', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clone,
        env=os.environ | {"PYTHONPATH": str(clone), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"vitcourse: .*00_tour\.ipynb\S*: File too large\n", done.stderr)
    assert not [path for path in (clone / "mine").rglob("*") if path.is_file()]


# Windows ------------------------------------------------------------------------------------------


def test_the_names_of_all_files_are_allowed_on_windows(tracked_copy):
    names = [p.relative_to(tracked_copy).as_posix() for p in tracked_copy.rglob("*")]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert len(name) < 120, name  # of 260 with the folder that somebody clones into
        for part in name.split("/"):
            assert not re.search(r'[<>:"|?*\\]|[. ]$', part), name
            assert not RESERVED.fullmatch(part), name


def test_a_backup_has_a_name_for_windows(mine):
    assert not re.search(r'[<>:"|?*]|[. ]$', notebook_files.back_up(mine / "00_tour.ipynb").name)
