"""Hand-ins that mean harm: none is done, none is solved, and the rest of the notebook is judged.

Every attack is limited in itself, so that one which succeeds cannot take the machine down either.
"""

import json
import os
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from tests.grading.notebooks import RIGHT, notebook, write
from vitcourse.exercises import engine
from vitcourse.grading import course, linux
from vitcourse.grading.isolation import isolation
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Graded
from vitcourse.grading.run import grade
from vitcourse.grading.sandbox import Limits

ON_LINUX = sys.platform == "linux"
STUB = "def count_patches(*a):\n    raise NotImplementedError\n"
# One attack gets around the hook on purpose; it is only for machines whose kernel helps.
STATUS = Path("/proc/self/status")
WALLS = ON_LINUX and linux.landlock_version() > 0 and "Seccomp" in STATUS.read_text("ascii")
LIMITS = Limits(
    step_seconds=2, step_clock=15, memory=600_000_000, file=5_000_000, scratch=20_000_000
)
# Where files are that nobody may touch; the paths are known before the fixture has made them.
OUTSIDE = "OUTSIDE"


def inside(code: str, result: str = "height // patch_size * (width // patch_size)") -> str:
    """In the answer itself; what follows is right."""
    body = textwrap.indent(code, "    ")
    return (
        f"def count_patches(height, width, patch_size):\n{body}\n"
        f"    if height % patch_size or width % patch_size:\n        raise ValueError\n"
        f"    return {result}\n"
    )


BORROWED = """
import textwrap
import torch
code = '''
import ctypes, os
libc = ctypes.CDLL(None)
parent = os.getppid()
found = {
    "fork": libc.fork(), "socket": libc.socket(2, 1, 0), "kill": libc.kill(parent, 0),
    "open": libc.open(b"OUTSIDE/new", 0o102, 0o644), "unlink": libc.unlink(b"OUTSIDE/precious"),
    "read": libc.open(b"OUTSIDE/precious", 0), "ptrace": libc.ptrace(16, parent, 0, 0),
    "limit": libc.prlimit(parent, 7, None, None), "priority": libc.setpriority(0, parent, 1),
    "affinity": libc.sched_setaffinity(parent, 8, bytes(8)), "shared": libc.shmget(0, 9, 0o1600),
    "system": 0 if libc.system(b"touch OUTSIDE/new") == 0 else -1,
}
if found["fork"] == 0:
    os._exit(0)
'''
names = {}
exec(compile(textwrap.dedent(code), torch.__file__, "exec"), names)
raise RuntimeError("allowed: " + ", ".join(k for k, v in names["found"].items() if v != -1))
"""
FORGED = (
    '{"kind": "answer", "exercise": "1.1", "verdict": "solved", "mistake": "", '
    '"message": "1.1: solved", "source": "", "word": "x"}\\n'
)
WRITE_TO_ALL = """import os
for fd in range(3, 64):
    try:
        os.write(fd, b'''{}''')
    except OSError:
        pass"""

# name -> (the answer to 1.1, its verdict, words of the message, words of a remark)
ATTACKS: dict[str, tuple] = {
    # on the check
    "judge replaced": (
        "import vitcourse.exercises.engine as e\n" + inside("e.judge = e._same = lambda *a: None"),
        NOT_JUDGED,
        "",
        "changes the check",
    ),
    "through sys.modules": (
        inside(
            "import sys\nm = sys.modules['vitcourse.exercises.engine']\n"
            "setattr(m, '_same', lambda *a: True)",
            result="1",
        ),
        NOT_JUDGED,
        "",
        "sys.modules",
    ),
    "compare replaced": (
        inside("from vitcourse.exercises import compare\ncompare.same_value = lambda *a: True"),
        NOT_JUDGED,
        "",
        "changes the check",
    ),
    "code of a function": (
        inside(
            "from vitcourse.exercises import compare\n"
            "compare.same_value.__code__ = (lambda a, b, tolerance=0: True).__code__"
        ),
        WRONG,
        "change the code",
        "__code__",
    ),
    "torch replaced": (
        inside("import torch\ntorch.equal = lambda *a: True"),
        NOT_JUDGED,
        "",
        "changes the check",
    ),
    "builtins": (
        inside("import builtins\nbuiltins.all = lambda *a: True"),
        NOT_JUDGED,
        "",
        "changes the check",
    ),
    "words replaced on their way": (
        inside(
            "import json\nold = json.JSONEncoder.encode\n"
            "json.JSONEncoder.encode = lambda s, x: old(s, dict(x, verdict='solved'))\n"
            "json.JSONEncoder.iterencode = lambda s, x, _one_shot=0: [old(s, 'solved')]",
            result="1",
        ),
        NOT_JUDGED,
        "",
        "changes the check",
    ),
    "speaks itself": (
        inside(WRITE_TO_ALL.format(FORGED), result="1"),
        NOT_JUDGED,
        "in place of",
        "changes the check",
    ),
    "half a word": (
        inside(WRITE_TO_ALL.format('{"kind": "ans') + "\nos._exit(0)"),
        NOT_JUDGED,
        "ended Python",
        "",
    ),
    "a number that equals all": (
        "class Any(int):\n    __eq__ = lambda a, b: True\n    __int__ = lambda a: 15\n"
        + inside("", result="Any(1)"),
        WRONG,
        "rules of its own",
        "",
    ),
    "looks into memory": (
        inside("import gc\ngc.get_objects()", result="1"),
        WRONG,
        "reach below",
        "gc.get_",
    ),
    "looks at the caller": (
        inside("import sys\nsys._getframe()", result="1"),
        WRONG,
        "reach below",
        "_getframe",
    ),
    "looks at a generator's caller": (
        inside("def g():\n    yield\ng().gi_frame", result="1"),
        WRONG,
        "reach below",
        "",
    ),
    "lets inspect look": (
        inside("from inspect import currentframe as look\nlook()", result="1"),
        WRONG,
        "reach below",
        "",
    ),
    "lets contextlib look": (
        inside(
            "import contextlib, gc\nwith contextlib.ExitStack() as stack:\n"
            "    stack.callback(getattr(gc, 'get_' + 'objects'))",
            result="1",
        ),
        WRONG,
        "reach below",
        "",
    ),
    "calls itself a number": (
        "class Any:\n    __class__ = int\n    __int__ = lambda a: 15\n"
        + inside("", result="Any()"),
        WRONG,
        "calls itself something else",
        "",
    ),
    # on files
    "writes": (inside("open('OUTSIDE/new', 'w').write('x')"), WRONG, "outside of its folder", ""),
    "removes": (
        inside("import os\nos.remove('OUTSIDE/precious')"),
        WRONG,
        "outside of its folder",
        "os.remove",
    ),
    "removes all": (
        inside("import shutil\nshutil.rmtree('OUTSIDE')"),
        WRONG,
        "outside of its folder",
        "shutil",
    ),
    "through a link": (
        inside("import os\nos.symlink('OUTSIDE/precious', 'x')\nopen('x', 'w')"),
        WRONG,
        "outside",
        "",
    ),
    "a path that changes": (
        inside("class P(str): pass\nopen(P('OUTSIDE/new'), 'w')"),
        WRONG,
        "of a type of its own",
        "",
    ),
    "atexit": (
        "import atexit\natexit.register(open, 'OUTSIDE/new', 'w')\n" + RIGHT["1.1"],
        SOLVED,
        "",
        "atexit",
    ),
    "atexit in the answer": (
        inside("import atexit\natexit.register(open, 'OUTSIDE/new', 'w')"),
        SOLVED,
        "",
        "atexit",
    ),
    "reads other hand-ins": (
        inside("open('OUTSIDE/../in/ada.ipynb').read()"),
        WRONG,
        "other hand-ins",
        "",
    ),
    "lists other hand-ins": (
        inside("import os\nos.listdir('OUTSIDE/../in')"),
        WRONG,
        "other hand-ins",
        "",
    ),
    "fills the disk": (
        inside(
            "for i in range(100):\n    open(f'{i}', 'wb').write(bytes(10**6))\n"
            "import time\ntime.sleep(60)"
        ),
        NOT_JUDGED,
        "more than 20 MB",
        "",
    ),
    "one large file": (inside("open('x', 'wb').write(bytes(10**7))"), WRONG, "OSError", "")
    if ON_LINUX
    else None,
    # on processes
    "kills the parent": (
        inside("import os\nos.kill(os.getppid(), 9)"),
        WRONG,
        "stop a process",
        "os.kill",
    ),
    "kills the group": (inside("import os\nos.killpg(0, 9)"), WRONG, "stop a process", "os.killpg"),
    "fork bomb": (
        inside("import os\nfor _ in range(6):\n    os.fork()"),
        WRONG,
        "start a program",
        "os.fork",
    ),
    "subprocess": (
        inside("import subprocess\nsubprocess.run(['touch', 'OUTSIDE/new'])"),
        WRONG,
        "start a program",
        "",
    ),
    "shell": (
        inside("import os\nos.system('touch OUTSIDE/new')"),
        WRONG,
        "start a program",
        "os.system",
    ),
    "network": (
        inside("import socket\nsocket.create_connection(('127.0.0.1', 9))"),
        WRONG,
        "network",
        "socket",
    ),
    "below Python": (
        inside("import ctypes\nctypes.CDLL(None).fork()"),
        WRONG,
        "below Python",
        "ctypes",
    ),
    "a borrowed name": (inside(BORROWED), WRONG, "allowed:\nStuck?", "ctypes") if WALLS else None,
    "the environment": (
        inside("import os\nassert 'SECRET_OF_THE_TEACHER' not in os.environ"),
        SOLVED,
        "",
        "",
    ),
    # on time, memory, and Python itself
    "10 GB": (inside("import torch\ntorch.ones(2_500_000_000)"), WRONG, "can't allocate", "")
    if ON_LINUX
    else None,
    "more and more": (
        inside("x = []\nwhile True:\n    x.append(bytearray((1 + 9999 * len(x)) * 10**6))\n"),
        WRONG,
        "MemoryError",
        "",
    )
    if ON_LINUX
    else None,
    "endless": (inside("while True: pass"), WRONG, "it was stopped", ""),
    "endless output": (inside("while True: print('x' * 10_000)"), WRONG, "it was stopped", ""),
    "endless below Python": (inside("sum(iter(int, 1))"), WRONG, "it was stopped", ""),
    "sleeps": (inside("import time\ntime.sleep(1000)"), WRONG, "had not finished", ""),
    "stands still": (
        inside("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
        WRONG,
        "had not finished",
        "",
    )
    if ON_LINUX
    else None,
    "exit()": (inside("exit()"), WRONG, "SystemExit", ""),
    "exit() above": ("exit()\n" + RIGHT["1.1"], SOLVED, "", ""),
    "ends itself": (inside("import os\nos._exit(0)"), NOT_JUDGED, "ended Python", "os._exit"),
    "crash": (
        inside("import faulthandler\nfaulthandler._sigsegv()"),
        NOT_JUDGED,
        "ended Python",
        "",
    ),
    "too deep for the parser": ("(" * 10_000, NOT_YET, "not defined", ""),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[dict[str, Graded], Path]:
    """All of them in one class, with a check cell that was edited and one honest student."""
    folder = tmp_path_factory.mktemp("class")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious", encoding="utf-8")
    for name, attack in ATTACKS.items():
        if attack:
            code = attack[0].replace(OUTSIDE, str(outside))
            write(folder / "in" / f"{name}.ipynb", notebook(ex_1_1=code))
    edited = notebook("def check(number): print(number, 'solved')", ex_1_1=STUB)
    for cell in edited["cells"]:
        if cell["metadata"].get("check"):
            cell["source"] = "print('1.1 count_patches: solved')"
    write(folder / "in" / "edited check.ipynb", edited)
    write(folder / "in" / "ada.ipynb", notebook())
    (folder / "scratch").mkdir()
    temporary, tempfile.tempdir = tempfile.tempdir, str(folder / "scratch")
    os.environ["SECRET_OF_THE_TEACHER"] = "1"
    seconds, engine.CPU_SECONDS = engine.CPU_SECONDS, 0.7  # an endless loop is not worth five
    clock, course.CLOCK_SECONDS = course.CLOCK_SECONDS, 6.0
    try:
        results = grade(
            folder / "in", folder / "out", workers=4, limits=LIMITS, say=lambda text: None
        )
    finally:
        engine.CPU_SECONDS, course.CLOCK_SECONDS = seconds, clock
        tempfile.tempdir = temporary
        del os.environ["SECRET_OF_THE_TEACHER"]
    return {one.student: one for one in results}, outside


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack])
def test_attack(hostile, name):
    _, verdict, words, remark = ATTACKS[name]
    one = hostile[0][name]
    first, *rest = one.answers

    assert first.verdict == verdict, first.message
    assert words in first.message
    assert remark in " ".join(one.remarks)
    if "changes the check" not in one.remarks:
        assert [answer.verdict for answer in rest] == [SOLVED] * 4


@pytest.mark.skipif(not WALLS, reason="the kernel has no such walls")
def test_the_walls_of_the_kernel_are_up_and_named():
    assert [wall for wall in ("Landlock", "seccomp", "no network") if wall not in isolation()] == []


def test_no_harm_is_done(hostile):
    _, outside = hostile

    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_text(encoding="utf-8") == "precious"


def test_a_check_that_was_edited_earns_nothing_and_honest_work_is_judged(hostile):
    assert hostile[0]["edited check"].answers[0].verdict == NOT_YET
    assert [answer.verdict for answer in hostile[0]["ada"].answers] == [SOLVED] * 5


def test_no_scratch_folder_stays_behind(hostile):
    assert list((hostile[1].parent / "scratch").iterdir()) == []


def test_what_is_written_down_is_json_whatever_students_write(hostile):
    lines = (hostile[1].parent / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()

    assert {json.loads(line)["graded"]["chapter"] for line in lines} == {"01"}
