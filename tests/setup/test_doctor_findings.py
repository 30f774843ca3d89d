"""The doctor: each known fault on made-up facts, and the real thing on this installation."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from vitcourse.installation import (
    Facts,
    command_prefix,
    findings,
    gather,
    inside_an_environment,
    jupyter_is_from_here,
    memory_suffices,
    packages_are_there,
    prefix_of,
    python_is_new_enough,
    report,
    torch_and_torchvision_fit,
)

HEALTHY = Facts(
    python=(3, 12, 1),
    prefix=Path("/home/ada/course/.venv"),
    in_environment=True,
    installer="pip",
    versions={"vitcourse": "0.1.0", "torch": "2.15.0", "torchvision": "0.29.2", "numpy": "2.3.1"},
    requirements=["torch>=2.11", "torchvision>=0.26", "numpy>=2.0", "nbgrader; extra == 'x'"],
    torchvision_requires=["torch (>=2.14.0)"],
    probe={"torch_error": "", "torchvision_error": "", "device": "cpu", "threads": 2},
    memory_total=16 * 10**9,
    memory_available=8 * 10**9,
    memory_limit=16 * 10**9,
    cpus=8,
    cpu_limit=2,
)


def with_versions(**versions: str | None) -> Facts:
    return replace(HEALTHY, versions={**HEALTHY.versions, **versions})


def test_healthy():
    found = findings(HEALTHY)
    assert [f.level for f in found] == ["ok"] * 6
    text = report(HEALTHY, found)
    assert "Nothing is wrong." in text
    assert "16.0 GB in all, 8.0 GB available, limit 16.0 GB" in text
    assert "2 of 8 may be used; torch uses 2 threads" in text


def test_report_shows_problem_and_remedy():
    facts = replace(with_versions(torchvision="0.29.2+cpu"), memory_limit=10**9)
    text = report(facts, findings(facts))
    assert "problem  torch 2.15.0 and torchvision 0.29.2+cpu come from different places" in text
    assert "-> python -m pip install torch torchvision" in text
    assert "2 problems." in text


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({}, None),
        ({"step_seconds": {"1": 0.0019}, "best_threads": 1}, None),  # one CPU: nothing to choose
        (
            {"step_seconds": {"1": 0.0019, "2": 0.0074}, "best_threads": 1},
            "1 of 2 is fastest here for small models (1.9 ms a step; 2 threads: 7.4 ms)",
        ),
        (
            {"step_seconds": {"1": 0.004, "2": 0.002}, "best_threads": 2},
            "2 of 2 are fastest here for small models (2.0 ms a step; 1 thread: 4.0 ms)",
        ),
        ({"threads_chosen": True}, "2, as somebody chose; the course keeps to it"),
    ],
)
def test_threads(said, line):
    text = report(replace(HEALTHY, probe=HEALTHY.probe | said), [])
    lines = [row.split(maxsplit=1)[1] for row in text.splitlines() if row.startswith("  threads ")]
    assert lines == [line] * (line is not None)


# ------------------------------------------------------------------------ torch and torchvision


@pytest.mark.parametrize(
    ("torch", "torchvision"),
    [
        ("2.15.0+cpu", "0.29.2"),
        ("2.15.0", "0.29.2+cpu"),
        ("2.15.0+cpu", "0.29.2+cu130"),
        ("2.15.0", "0.29.2+cu130"),
    ],
)
def test_different_places(torch, torchvision):
    finding = torch_and_torchvision_fit(with_versions(torch=torch, torchvision=torchvision))
    assert finding.level == "problem"
    assert "different places" in finding.text


@pytest.mark.parametrize("tag", ["", "+cpu", "+cu130"])
def test_the_same_place(tag):
    facts = with_versions(torch=f"2.15.0{tag}", torchvision=f"0.29.2{tag}")
    facts = replace(facts, torchvision_requires=["torch>=2.14.0"])
    assert torch_and_torchvision_fit(facts).level == "ok"


@pytest.mark.parametrize("requirement", ["torch==2.11.0", "torch (==2.11.0)", "torch<2.15"])
def test_torchvision_wants_another_torch(requirement):
    finding = torch_and_torchvision_fit(replace(HEALTHY, torchvision_requires=[requirement]))
    assert finding.level == "problem"
    assert requirement in finding.text


def test_exact_requirement_accepts_a_local_build():
    facts = with_versions(torch="2.11.0+cpu", torchvision="0.26.0+cpu")
    facts = replace(facts, torchvision_requires=["torch==2.11.0"])
    assert torch_and_torchvision_fit(facts).level == "ok"


def test_torchvision_cannot_be_imported():
    error = "RuntimeError: operator torchvision::nms does not exist"
    probe = {"torch_error": "", "torchvision_error": error}
    finding = torch_and_torchvision_fit(replace(HEALTHY, probe=probe))
    assert finding.level == "problem"
    assert error in finding.text
    assert "python -m pip install torch torchvision" in finding.advice


def test_torch_cannot_be_imported():
    probe = {"torch_error": "ImportError: libtorch_cpu.so: cannot open shared object file"}
    finding = torch_and_torchvision_fit(replace(HEALTHY, probe=probe))
    assert finding.level == "problem"
    assert "libtorch_cpu.so" in finding.text


@pytest.mark.parametrize("missing", ["torch", "torchvision"])
def test_one_of_them_missing(missing):
    finding = torch_and_torchvision_fit(with_versions(**{missing: None}))
    assert (finding.level, finding.text) == ("problem", f"{missing} is not installed")


@pytest.mark.parametrize(
    ("installer", "command"), [("conda", "conda install"), ("uv", "uv pip install --reinstall")]
)
def test_the_remedy_fits_the_environment(installer, command):
    facts = replace(with_versions(torch="2.15.0+cpu"), installer=installer)
    assert any(step.startswith(command) for step in torch_and_torchvision_fit(facts).advice)


# --------------------------------------------------------------------------------------- Jupyter


@pytest.mark.parametrize("where", ["server_prefix", "kernel_prefix", "command_prefix"])
def test_jupyter_from_here(where):
    assert jupyter_is_from_here(replace(HEALTHY, **{where: HEALTHY.prefix})).level == "ok"


@pytest.mark.parametrize(
    ("where", "level"),
    [("server_prefix", "problem"), ("kernel_prefix", "problem"), ("command_prefix", "remark")],
)
def test_jupyter_from_elsewhere(where, level):
    finding = jupyter_is_from_here(replace(HEALTHY, **{where: Path("/opt/other")}))
    assert finding.level == level
    assert "/opt/other" in finding.text.replace("\\", "/")
    assert any("python -m vitcourse lab" in step for step in finding.advice)


@pytest.mark.parametrize("folder", ["bin", "Scripts"])
def test_prefix_of_an_interpreter(tmp_path, folder):
    (tmp_path / folder).mkdir()
    assert prefix_of(str(tmp_path / folder / "python")) == tmp_path.resolve()


def test_prefix_of_condas_interpreter_on_windows(tmp_path):
    assert prefix_of(str(tmp_path / "python.exe")) == tmp_path.resolve()


@pytest.mark.skipif(os.name == "nt", reason="a script begins with #! on other systems only")
def test_prefix_does_not_follow_a_virtual_environments_link(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert prefix_of(str(tmp_path / "bin" / "python")) == tmp_path.resolve()


@pytest.mark.skipif(os.name == "nt", reason="a script begins with #! on other systems only")
@pytest.mark.parametrize(
    "head",
    [
        "#!{python}\nimport re",
        "#!{python} -E\nimport re",
        "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"",
        '#!/bin/sh\n\'\'\'exec\' "{python}" "$0" "$@"',
    ],
)
def test_environment_of_a_script(tmp_path, head):
    (tmp_path / "env" / "bin").mkdir(parents=True)
    script = tmp_path / "jupyter-lab"
    script.write_text(head.format(python=tmp_path / "env" / "bin" / "python3.12"))
    assert command_prefix(str(script)) == (tmp_path / "env").resolve()


def test_environment_of_a_script_that_says_nothing(tmp_path):
    shim = tmp_path / "jupyter-lab"
    shim.write_text('#!/usr/bin/env bash\nexec something "$@"\n')
    assert command_prefix(str(shim)) is None
    assert command_prefix(None) is None


# ------------------------------------------------------------------------------------ the others


def test_python_too_old():
    assert python_is_new_enough(replace(HEALTHY, python=(3, 11, 0))).level == "ok"
    finding = python_is_new_enough(replace(HEALTHY, python=(3, 10, 14)))
    assert finding.level == "problem"
    assert "3.11" in finding.text


def test_bare_python_is_a_remark():
    assert inside_an_environment(replace(HEALTHY, in_environment=False)).level == "remark"


def test_missing_and_old_packages():
    missing = packages_are_there(with_versions(numpy=None))
    assert (missing.level, missing.text) == ("problem", "numpy is missing")
    old = packages_are_there(with_versions(numpy="1.26.4"))
    assert (old.level, old.text) == ("problem", "numpy is 1.26.4, but must be >=2.0")
    assert "python -m pip install -e ." in old.advice[0]


def test_vitcourse_not_installed():
    facts = replace(with_versions(vitcourse=None), requirements=[])
    assert "vitcourse itself is not installed" in packages_are_there(facts).text


@pytest.mark.parametrize("which", ["memory_available", "memory_limit"])
def test_too_little_memory(which):
    assert memory_suffices(replace(HEALTHY, **{which: 1_600_000_000})).level == "ok"
    finding = memory_suffices(replace(HEALTHY, **{which: 1_400_000_000}))
    assert finding.level == "problem"
    assert "1.4 GB" in finding.text


def test_unknown_memory_is_no_problem():
    facts = replace(HEALTHY, memory_available=None, memory_limit=None, memory_total=None)
    assert memory_suffices(facts).level == "remark"
    assert "unknown in all" in report(facts, findings(facts))


# ---------------------------------------------------------------------------------- the real one


def test_it_runs_here(vitcourse):
    done = vitcourse("doctor")
    import torch

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"torch       {torch.__version__.partition('+')[0]}" in done.stdout
    assert "Nothing is wrong." in done.stdout
    assert re.search(r"torch uses \d+ threads", done.stdout)


BROKEN_TORCHVISION = "raise RuntimeError('operator torchvision::nms does not exist')"
DEADLY_TORCHVISION = "import os; os._exit(139)"


@pytest.mark.parametrize(
    ("source", "said"),
    [(BROKEN_TORCHVISION, "torchvision::nms does not exist"), (DEADLY_TORCHVISION, "code 139")],
)
def test_a_broken_torchvision_is_survived(vitcourse, clone, source, said):
    (clone / "torchvision.py").write_text(source)
    done = vitcourse("doctor")
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout
    assert "-> python -m pip install torch torchvision" in done.stdout or "uv pip" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_broken_torch_and_missing_psutil_are_survived(vitcourse, clone):
    (clone / "torch.py").write_text("raise ImportError('libcudart.so.13: no such file')")
    (clone / "psutil.py").write_text("raise ImportError('not here')")
    done = vitcourse("doctor")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "libcudart.so.13" in done.stdout
    assert "the memory of this machine is not known" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="starts a stand-in for Jupyter with bash")
def test_kernel_of_another_jupyter(tmp_path, monkeypatch):
    """A process that looks like another environment's JupyterLab is our parent."""
    (tmp_path / "bin").mkdir()
    other = tmp_path / "bin" / "python"
    other.symlink_to(os.path.realpath(sys.executable))
    monkeypatch.setattr("vitcourse.installation.probe", dict)
    command = [str(other), "-S", "-c", "import time; print('up', flush=True); time.sleep(60)"]
    with subprocess.Popen([*command, "jupyter-lab"], stdout=subprocess.PIPE) as server:
        try:
            server.stdout.readline()
            monkeypatch.setenv("JPY_PARENT_PID", str(server.pid))
            facts = gather()
        finally:
            server.kill()
    assert facts.server_prefix == tmp_path.resolve()
    assert jupyter_is_from_here(facts).level == "problem"


def test_a_kernel_left_by_another_python(tmp_path, monkeypatch):
    """A kernel "python3" in the home folder: what Jupyter would start here."""
    kernel = tmp_path / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    kernel.joinpath("kernel.json").write_text(
        '{"argv": ["/opt/other/bin/python"], "display_name": "x", "language": "python"}'
    )
    monkeypatch.setattr("vitcourse.installation.probe", dict)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    finding = jupyter_is_from_here(gather())
    assert finding.level == "problem"
    assert "kernel python3 belongs to another Python" in finding.text
    assert "other" in finding.text


def test_versions_and_doctor_in_a_process_of_their_own():
    code = (
        "from vitcourse import versions; versions(); import vitcourse.installation as module; "
        "module.probe = dict; from vitcourse import doctor; assert doctor() is None"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0].split(" · ")
    assert [part.split()[0] for part in first[:3]] == ["vitcourse", "Python", "torch"]
    assert first[3] in ("cpu", "cuda", "mps")
    assert "+" not in first[2]


def test_versions_does_not_import_torchvision():
    code = "import sys, vitcourse; vitcourse.versions(); sys.exit('torchvision' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_it_breaks_nothing_in_the_notebook_it_runs_in():
    """setuptools takes somebody who looks for the module pip for pip itself."""
    pytest.importorskip("setuptools")
    code = "from vitcourse.installation import _installer; from pathlib import Path; "
    code += "_installer(Path('nowhere')); import setuptools"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
