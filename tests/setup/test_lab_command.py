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
from traitlets.config import PyFileConfigLoader

from vitcourse.commands import lab as lab_module
from vitcourse.learner import remembered
from vitcourse.places import lab_server

START_SECONDS = 60  # on a busy machine; usually 3


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


def test_jupyterlab_is_this_pythons_and_asks_for_its_token(tmp_path, monkeypatch):
    command = lab_server.command(tmp_path / "my work", "00 ü.ipynb", browser=False, port=9999)
    assert command[0] == sys.executable
    assert f"--ServerApp.root_dir={(tmp_path / 'my work').resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/00%20%C3%BC.ipynb" in command
    assert "--ServerApp.port=9999" in command
    assert not any("token" in part or "password" in part for part in command)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.open_browser=False" not in lab_server.command(tmp_path, "00.ipynb")

    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    tokens = {lab_server.environment()["JUPYTER_TOKEN"] for _ in range(2)}
    assert len(tokens) == 2
    assert all(len(token) >= 32 for token in tokens)


def test_it_is_quiet_unless_asked(tmp_path):
    quiet = "--ServerApp.log_level=ERROR"
    assert quiet in lab_server.command(tmp_path, "00.ipynb")
    assert quiet not in lab_server.command(tmp_path, "00.ipynb", verbose=True)


@pytest.fixture
def started(course, monkeypatch) -> list:
    """What `lab` would have started: for each time, the arguments."""
    started = []
    monkeypatch.setattr(lab_server, "run_until_stopped", lambda *a: started.append(a) or 7)
    return started


@pytest.mark.parametrize("root", [True, False])
def test_root_may_and_is_told(started, tmp_path, monkeypatch, capsys, root):
    monkeypatch.setattr(lab_server, "is_root", lambda: root)
    assert lab_module.run_lab(tmp_path / "mine") == 7
    ((command, *_),) = started
    assert ("--allow-root" in command) == root
    assert ("You are root" in capsys.readouterr().out) == root


def test_the_folder_is_remembered_and_named(started, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lab_module.run_lab()
    lab_module.run_lab(Path("mine"))
    monkeypatch.chdir(tmp_path.parent)
    capsys.readouterr()
    lab_module.run_lab()
    assert [folder.resolve() for _, _, folder, _ in started] == [
        tmp_path / "my_notebooks",
        tmp_path / "mine",
        tmp_path / "mine",
    ]
    assert f"in {tmp_path / 'mine'} (nothing new" in capsys.readouterr().out


def test_a_folder_that_cannot_be_remembered_is_no_obstacle(started, tmp_path, monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(remembered, "remember", refuse)
    assert lab_module.run_lab(tmp_path / "mine") == 7
    assert "Next time, name this folder" in capsys.readouterr().out


def test_it_says_when_the_course_has_moved_on(started, course, tmp_path, capsys):
    lab_module.run_lab(tmp_path / "mine")
    assert "moved on" not in capsys.readouterr().out
    changed = course / "00_tour.ipynb"
    changed.write_text(changed.read_text().replace("print", "display"))
    lab_module.run_lab(tmp_path / "mine")
    said = capsys.readouterr().out
    assert "The course has moved on: one of your notebooks has new text" in said
    assert "python -m vitcourse update" in said


def test_settings_for_kernels_and_uploads():
    """A kernel without a tab goes after an hour, one with a tab never; large uploads arrive."""
    folder = lab_server.JUPYTER_CONFIG
    config = PyFileConfigLoader("jupyter_server_config.py", path=str(folder)).load_config()
    kernels = config.MappingKernelManager
    assert kernels.cull_idle_timeout == 3600
    assert not kernels.cull_connected
    assert not kernels.cull_busy
    limit = config.ServerApp.tornado_settings["websocket_max_message_size"]
    told = float(lab_server.environment()["VITCOURSE_MAX_UPLOAD"])
    assert told * 1e6 < limit


def test_the_address_is_of_the_server_that_was_started(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "mine"

    def note(pid: int, root: Path, token: str = "t0ken", age: float = 0) -> None:
        file = tmp_path / f"jpserver-{pid}.json"
        server = {"root_dir": str(root), "url": f"http://127.0.0.1:{pid}/", "token": token}
        file.write_text(json.dumps(server))
        os.utime(file, (time.time() - age,) * 2)

    def find() -> str | None:
        return lab_server.find_address(folder, "00 ü.ipynb", since=time.time() - 5)

    (tmp_path / "jpserver-1.json").write_text("{")
    note(2, folder, age=60)
    note(3, tmp_path / "other")
    assert find() is None
    note(4, folder.resolve())
    assert find() == "http://127.0.0.1:4/lab/tree/00%20%C3%BC.ipynb?token=t0ken"
    note(4, folder.resolve(), token="")  # its owner has a password
    assert find() == "http://127.0.0.1:4/lab/tree/00%20%C3%BC.ipynb"


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
                    if "JupyterLab is at" in self.output():
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
    assert f"Your notebooks are in {(clone / 'mine').resolve()} (2 new)" in said
    assert f":{server['port']}/lab/tree/00_tour.ipynb?token={token}" in said  # the way in
    quiet = [line for line in said.splitlines() if "NbGrader" not in line]  # authors have it
    assert len(quiet) <= 6, said

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


HANGING = """
import subprocess, sys
from pathlib import Path
from vitcourse.places import lab_server

lab_server.SECONDS_TO_STOP = 0.2
deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
kernel = deaf + "print('ready', flush=True); time.sleep(60)"
server = deaf + "import subprocess; subprocess.run([sys.executable, '-c', sys.argv[1]]); "
server += "time.sleep(60)"  # else it ends by itself with its kernel, now and then before us
parts = [sys.executable, "-c", server, kernel]
sys.exit(lab_server.run_until_stopped(parts, {}, Path("."), "00_tour.ipynb") != -9)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to be deaf to")
def test_a_jupyterlab_that_hangs_is_stopped_with_its_kernels():
    """It hangs if it is told to stop while a kernel is starting."""
    lab = subprocess.Popen([sys.executable, "-c", HANGING], stdout=subprocess.PIPE, text=True)
    assert lab.stdout.readline() == "ready\n"
    kernels = psutil.Process(lab.pid).children(recursive=True)
    assert len(kernels) == 2
    lab.terminate()
    assert lab.wait(timeout=30) == 0
    assert not psutil.wait_procs(kernels, timeout=10)[1]
