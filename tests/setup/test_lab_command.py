"""`vitcourse lab`: copies that are never overwritten, and a JupyterLab that is really started."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from vitcourse import notebook_files as notebooks_module
from vitcourse.commands import lab as lab_module
from vitcourse.commands.lab import jupyterlab_command
from vitcourse.notebook_files import copy_notebooks, course_notebooks, find_notebook

START_SECONDS = 60  # on a busy machine; usually 3


@pytest.fixture
def course(clone, monkeypatch) -> Path:
    """The folder of the clone's notebooks; the functions under test take it for the course's."""
    monkeypatch.setattr(
        notebooks_module, "__file__", str(clone / "vitcourse" / "notebook_files.py")
    )
    return clone / "notebooks"


# --------------------------------------------------------------------------------------- finding


def test_course_notebooks_are_the_student_copies(course):
    names = ["00_tour.ipynb", "01_patch_embedding.ipynb"]
    (course / "draft.ipynb").write_text("{}")
    assert course_notebooks() == [course / name for name in names]


def test_in_an_installed_wheel_they_lie_inside_the_package(clone, course, tmp_path):
    (clone / "pyproject.toml").unlink()
    (clone / "notebooks").rename(clone / "vitcourse" / "notebooks")
    assert [n.parent for n in course_notebooks()] == [clone / "vitcourse" / "notebooks"] * 2


def test_no_notebooks_says_what_to_do(course):
    for file in course.glob("*.ipynb"):
        file.unlink()
    with pytest.raises(FileNotFoundError, match=r"vitcourse\.workshop\.build"):
        course_notebooks()


@pytest.mark.parametrize("wanted", ["1", "01", "01_patch_embedding", "01_patch_embedding.ipynb"])
def test_find_notebook(course, wanted):
    assert find_notebook(wanted, course_notebooks()).name == "01_patch_embedding.ipynb"


@pytest.mark.parametrize("wanted", ["7", "patch", "", "../00_tour", "-1", "01_patch"])
def test_find_notebook_lists_what_there_is(course, wanted):
    with pytest.raises(ValueError, match=r"There are: 00_tour.ipynb, 01_patch_embedding.ipynb"):
        find_notebook(wanted, course_notebooks())


# --------------------------------------------------------------------------------------- copying


def test_copies_once_and_never_overwrites(course, tmp_path):
    mine = tmp_path / "deep" / "mine"
    assert [c.name for c in copy_notebooks(mine)] == ["00_tour.ipynb", "01_patch_embedding.ipynb"]
    assert (mine / "00_tour.ipynb").read_bytes() == (course / "00_tour.ipynb").read_bytes()

    (mine / "00_tour.ipynb").write_text("my work")
    (mine / "01_patch_embedding.ipynb").unlink()
    assert [c.name for c in copy_notebooks(mine)] == ["01_patch_embedding.ipynb"]
    assert (mine / "00_tour.ipynb").read_text() == "my work"
    assert sorted(p.name for p in mine.iterdir()) == ["00_tour.ipynb", "01_patch_embedding.ipynb"]


def test_an_interrupted_copy_leaves_nothing_behind(course, tmp_path, monkeypatch):
    def interrupted(source, target):
        Path(target).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        copy_notebooks(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_dangling_link_is_something_a_learner_has(course, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00_tour.ipynb").symlink_to(tmp_path / "unplugged" / "00_tour.ipynb")
    copy_notebooks(mine)
    assert (mine / "00_tour.ipynb").is_symlink()


def test_the_originals_folder_is_refused(course):
    with pytest.raises(ValueError, match="originals"):
        copy_notebooks(course)


def test_a_file_is_not_a_folder(course, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError, match="is not a folder"):
            copy_notebooks(folder)


def test_an_unwritable_folder(course, tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied", target)

    monkeypatch.setattr("shutil.copyfile", refuse)  # root may write everywhere
    with pytest.raises(PermissionError, match="Name a folder of your own"):
        copy_notebooks(tmp_path / "mine")


# --------------------------------------------------------------------------- the command's errors


def test_wrong_use_is_one_message(vitcourse, clone):
    (clone / "file").write_text("")
    for arguments, said in [
        (["lab", "--no-browser", "--notebook", "42"], "no notebook '42'"),
        (["lab", "--no-browser", "file"], "is not a folder"),
        (["lab", "--no-browser", "notebooks"], "originals"),
        (["lab", "--no-browser", "--port", "70000"], "65535"),
    ]:
        done = vitcourse(*arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not (clone / "my_notebooks").exists()


def test_jupyterlab_is_this_pythons_and_asks_for_its_token(tmp_path):
    command = jupyterlab_command(tmp_path / "my work", "00 ü.ipynb", browser=False, port=9999)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={(tmp_path / 'my work').resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/00%20%C3%BC.ipynb" in command
    assert "--ServerApp.port=9999" in command
    assert not any("token" in part or "password" in part for part in command)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.open_browser=False" not in jupyterlab_command(tmp_path, "00.ipynb")


@pytest.mark.parametrize("root", [True, False])
def test_root_may_and_is_told(course, tmp_path, monkeypatch, capsys, root):
    started = []
    monkeypatch.setattr(lab_module, "is_root", lambda: root)
    monkeypatch.setattr(lab_module, "_run_until_stopped", lambda c, e: started.append(c) or 7)
    assert lab_module.run_lab(tmp_path / "mine") == 7
    assert ("--allow-root" in started[0]) == root
    assert ("You are root" in capsys.readouterr().out) == root


# ---------------------------------------------------------------------------------- the real one


class Lab:
    """A started `vitcourse lab`, and HTTP requests to it."""

    def __init__(self, clone: Path, home: Path, *arguments: str):
        self.runtime = home / "runtime"
        drop = ("JUPYTER", "JPY_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
        environment |= {
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "PYTHONPATH": str(clone),
        }
        self.log = (home / "log").open("w+")
        # A terminal for its input: only then does JupyterLab ask before it stops.
        self.keyboard, terminal = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vitcourse", "lab", "mine", "--no-browser", *arguments],
            cwd=clone,
            env=environment,
            stdin=terminal,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches a whole group of processes; this is theirs
            # Who was started in the background ignores Ctrl-C, and so would all its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(terminal)
        self.server = self._wait_for_server()

    def _wait_for_server(self) -> dict:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            for file in self.runtime.glob("jpserver-*.json"):
                try:
                    server = json.loads(file.read_text())
                    socket.create_connection(("127.0.0.1", server["port"]), timeout=1).close()
                    return server
                except (OSError, ValueError):
                    pass  # not yet
            time.sleep(0.1)
        self.close()
        pytest.fail(f"JupyterLab did not start:\n{self.output()}")

    def get(self, path: str, token: str = "") -> tuple[int, str, str]:
        """Status, body and, for a redirection, where to."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server["port"], timeout=30)
        headers = {"Authorization": f"token {token}"} if token else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body, answer.getheader("Location", "")

    def output(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def close(self) -> None:
        processes = [self.process.pid, getattr(self, "server", {}).get("pid")]
        for pid in filter(None, processes):
            if psutil.pid_exists(pid):
                psutil.Process(pid).kill()
        self.process.wait()


@pytest.fixture
def start_lab(clone, tmp_path):
    started = []
    home = tmp_path / "home"
    kernel = home / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    kernel.joinpath("kernel.json").write_text(  # as some other Python may have left it
        '{"argv": ["/opt/other/bin/python"], "display_name": "other", "language": "python"}'
    )

    def start(*arguments: str) -> Lab:
        started.append(Lab(clone, home, *arguments))
        return started[-1]

    yield start
    for lab in started:
        lab.close()
        lab.log.close()
        os.close(lab.keyboard)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a process on Windows")
def test_a_real_jupyterlab(clone, start_lab):
    with socket.socket() as taken:  # the port that we ask for is in use
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lab = start_lab("--port", str(port))
    server, token = lab.server, lab.server["token"]
    assert server["port"] != port

    said = lab.output()
    assert f"Your copies of the notebooks are in {(clone / 'mine').resolve()} (2 new)" in said
    assert "originals stay as they are" in said
    assert f"token={token}" in said  # without a browser, this is the way in

    process = psutil.Process(server["pid"])
    connections = getattr(process, "net_connections", None) or process.connections
    listening = {c.laddr.ip for c in connections(kind="inet") if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}

    assert len(token) >= 32
    assert lab.get("/api/contents")[0] == 403
    status, _, where = lab.get("/lab")
    assert status == 302
    assert where.startswith("/login")
    assert lab.get("/api/contents", token="wrong")[0] == 403

    status, body, _ = lab.get("/api/contents", token)
    assert status == 200
    listed = {entry["name"] for entry in json.loads(body)["content"]}
    assert listed == {"00_tour.ipynb", "01_patch_embedding.ipynb"}

    assert lab.get("/", token)[2].startswith("/lab/tree/00_tour.ipynb")
    assert "apputils-extension:announcements" in lab.get("/lab", token)[1]  # it is disabled

    # The kernel is this environment's, not the one in the home folder.
    specs = json.loads(lab.get("/api/kernelspecs", token)[1])["kernelspecs"]
    assert "/opt/other" not in specs["python3"]["spec"]["argv"][0]

    # Ctrl-C: JupyterLab asks first and goes on; the second one ends it, and us with its code.
    os.killpg(lab.process.pid, signal.SIGINT)
    time.sleep(1.5)
    assert psutil.pid_exists(server["pid"])
    assert lab.process.poll() is None
    os.killpg(lab.process.pid, signal.SIGINT)
    assert lab.process.wait(timeout=30) == 0
    assert not psutil.pid_exists(server["pid"])
    assert "Traceback" not in lab.output()

    # A second start leaves a learner's work alone, and ends with us when we are ended.
    (clone / "mine" / "00_tour.ipynb").write_text("my work")
    lab = start_lab("--notebook", "1")
    assert (clone / "mine" / "00_tour.ipynb").read_text() == "my work"
    assert "nothing new" in lab.output()
    assert lab.get("/", lab.server["token"])[2].startswith("/lab/tree/01_patch_embedding.ipynb")
    lab.process.terminate()
    lab.process.wait(timeout=30)
    assert not psutil.pid_exists(lab.server["pid"])
