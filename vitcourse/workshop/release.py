"""What a teacher hands out or grades with, written by the build: a class's copy, nbgrader's course.

`build --student DIR` (or `x.zip`) writes a whole course to work with, but no solution: student
notebooks; no sources; `contents.json` without answers and explanations, so that `solution` and
`lines` say that they are not in this copy; and of the known answers only the known mistakes, which
the checks name, packed so that nobody comes upon them by chance. What remains is what the checks
compare with: the reference, as readable as ever. `docs/classroom` says so to teachers.

The version of a copy is the course's, a plus, and a hash of all its files: 0.1.0+1f3a90c2.
"""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath

import nbformat

from vitcourse.exercises.bank import packed, read_answers
from vitcourse.files import written_whole

PLACE = "vitcourse"  # the folder in a zip: a newer one unpacks over it, beside the learner's work
WHOLE_FILES = ["LICENSE", "pyproject.toml", "requirements.lock", "environment.yml", "postBuild"]
WHOLE_FILES += [".gitignore", ".devcontainer/devcontainer.json"]
EXECUTABLE = ("postBuild",)
CONTENTS, INIT = "vitcourse/contents.json", "vitcourse/__init__.py"
ANSWERS = "vitcourse/exercises/answers"
VERSION = re.compile(r'^__version__ = "([^"+]+)"$', re.MULTILINE)
README = """\
# vitcourse

Learn how Vision Transformers work by building one. This is your class's copy of the course,
version {version}.

You need Python 3.11 or newer, about 6 GB of disk, and 4 GB of memory. In this folder, type

```
python3 -m vitcourse lab
```

On Windows write `py` instead of `python3`. The first time, this makes an environment in the folder
`.venv`, which takes some minutes. Then JupyterLab opens with your own copies of the notebooks, in
`my_notebooks`. `python -m vitcourse doctor` says what is wrong with an installation, and which
version it is.

When you get a newer copy, unpack it over this one and run `python3 -m vitcourse update`: your
notebooks get its text and keep what you wrote.

The solutions are not in this copy. The package has what the checks need: the reference model that
they compare yours with, and the usual mistakes. You learn nothing from reading those first.
"""
NBGRADER_CONFIG = '''\
"""nbgrader's settings for vitcourse. Run nbgrader's commands in this folder."""

import os

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "vitcourse"

# What stands in the place of a solution: `check` calls it "not solved yet".
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}

# A check that a student has deleted is put back, as one that was changed is without asking.
c.OverwriteCells.add_missing_cells = True

# As `vitcourse check` runs a notebook: trainings of a few steps, and nothing is downloaded.
os.environ["VITCOURSE_QUICK"] = "1"
os.environ["VITCOURSE_OFFLINE"] = "1"
c.Execute.timeout = 120  # seconds for a cell; the checks themselves stop an endless loop earlier

# `nbgrader zip_collect CHAPTER` reads downloaded/CHAPTER/archive. These are the names in Canvas's
# zip: lastnamefirst_12345_67890_01_patch_embedding.ipynb, with _LATE, and -1 of a second upload.
# In Moodle's they are Full Name_1234567_assignsubmission_file_01_patch_embedding.ipynb; for these:
# r"(?:.*/)?(?P<student_id>[^/]+?)_\\d+_assignsubmission_file_/?(?P<file_id>\\d\\d_\\w+)\\.ipynb"
c.FileNameCollectorPlugin.named_regexp = (
    r".*?(?P<student_id>[^_/]+)_(?:LATE_)?\\d+_\\d+_(?P<file_id>\\d\\d_\\w+?)(?:-\\d+)?\\.ipynb"
)
'''
# nbgrader takes this away when it releases and puts it back when it grades: a student's own
# function `check` then judges nothing.
OWN_CHECK = "### BEGIN HIDDEN TESTS\nfrom vitcourse import check\n### END HIDDEN TESTS\n"


# A class's copy -----------------------------------------------------------------------------------


def write_class_copy(
    out: Path, root: Path, notebooks: Mapping[str, nbformat.NotebookNode]
) -> tuple[str, int]:
    """Write the copy into a new folder or a new zip; return its version and how many files it has.

    `root` is the clone, `notebooks` are the student copies by file name.

    Raises ValueError if `out` cannot be made, OSError if there is no room, and leaves nothing.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ValueError(f"--student {out}: it exists; give another name, or remove it")
    if not out.absolute().parent.is_dir():
        raise ValueError(f"--student {out}: there is no folder {out.parent}; make it first")
    files = class_copy(root, notebooks)
    version = _version(files[INIT])
    if out.suffix == ".zip":
        with written_whole(out) as beside:
            beside.write_bytes(zipped(files))
    else:
        _write_folder(out, files)
    return version, len(files)


def class_copy(root: Path, notebooks: Mapping[str, nbformat.NotebookNode]) -> dict[str, bytes]:
    """All files of a class's copy: name, with slashes -> contents."""
    files = {name: (root / name).read_bytes() for name in WHOLE_FILES if (root / name).is_file()}
    files |= {name: (root / name).read_bytes() for name in _package(root)}
    files |= {f"notebooks/{name}": _text(notebook) for name, notebook in notebooks.items()}
    files[CONTENTS] = without_answers(files[CONTENTS].decode()).encode()
    mistakes = {
        name: only_mistakes(root / name)
        for name in files
        if PurePosixPath(name).match(f"{ANSWERS}/ex_*.py")
    }
    as_text = files | {name: text.encode() for name, text in mistakes.items()}
    version = f"{_version(files[INIT])}+{_hash(as_text)}"  # not of what is packed: zlibs differ
    files |= {name: packed(text).encode() for name, text in mistakes.items()}
    files[INIT] = VERSION.sub(f'__version__ = "{version}"', files[INIT].decode()).encode()
    files["README.md"] = README.format(version=version).encode()
    return dict(sorted(files.items()))


def _package(root: Path) -> Iterator[str]:
    for path in sorted((root / "vitcourse").rglob("*")):
        name = path.relative_to(root).as_posix()
        is_cache = any(part.startswith(("__pycache__", ".")) for part in name.split("/"))
        if path.is_file() and not is_cache:
            yield name


def without_answers(contents: str) -> str:
    """`contents.json` with titles and minutes, but without the answers and their explanations."""
    chapters = json.loads(contents)
    for chapter in chapters:
        for exercise in chapter["exercises"]:
            exercise |= {"answer": "", "explanation": ""}
    return json.dumps(chapters, indent=1, ensure_ascii=False) + "\n"


def only_mistakes(path: Path) -> str:
    """A file of answers without the right ones: the known mistakes, each written out whole."""
    wrong = [answer for answer in read_answers(path) if answer.kind == "wrong"]
    head = wrong[0].head if wrong else ""
    return head + "".join(f"# wrong: {a.name}\n# > {a.says}{a.body}" for a in wrong)


def _version(init: bytes) -> str:
    found = re.search(rb'^__version__ = "(.+)"$', init, re.MULTILINE)
    return found[1].decode() if found else "unknown"


def _hash(files: Mapping[str, bytes]) -> str:
    every = hashlib.sha256()
    for name, contents in sorted(files.items()):
        every.update(f"{name}\n{len(contents)}\n".encode() + contents)
    return every.hexdigest()[:8]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files: the same bytes for the same files, whenever it is made."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, contents in files.items():
            entry = zipfile.ZipInfo(f"{PLACE}/{name}")  # with the date that zips begin with
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name in EXECUTABLE else 0o100644) << 16
            archive.writestr(entry, contents)
    return data.getvalue()


def _write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    beside = out.absolute().with_name(f".{out.name}.tmp")
    shutil.rmtree(beside, ignore_errors=True)  # what a killed process left
    try:
        for name, contents in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)
            if name in EXECUTABLE:
                path.chmod(0o755)
        if out.is_dir():
            out.rmdir()  # it is empty
        beside.rename(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


# nbgrader -----------------------------------------------------------------------------------------


def write_nbgrader_course(
    folder: Path, notebooks: Mapping[str, nbformat.NotebookNode]
) -> list[Path]:
    """Write what nbgrader releases: its settings, and `source/CHAPTER/CHAPTER.ipynb`.

    `notebooks` are those with solutions between their marks, by file name. Files that are there and
    differ are a teacher's and stay; they are returned.
    """
    files = {folder / "nbgrader_config.py": NBGRADER_CONFIG.encode()}
    for name, notebook in notebooks.items():
        chapter = folder / "source" / Path(name).stem
        files[chapter / name] = _text(with_own_check(notebook))
    left = []
    for path, contents in files.items():
        if path.exists() and path.read_bytes() != contents:
            left.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as beside:
            beside.write_bytes(contents)
    return left


def with_own_check(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with checks that import `check` once more, which students do not see."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if "check" in cell.metadata:
            cell.source = OWN_CHECK + cell.source
    return notebook


def _text(notebook: nbformat.NotebookNode) -> bytes:
    nbformat.validate(notebook)
    return (nbformat.writes(notebook) + "\n").encode()
