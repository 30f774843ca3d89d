"""Gradescope: `results.json`, and the pair of scripts that makes an autograder of the course.

Gradescope runs an autograder in a container, once for each hand-in. It wants an archive with
`setup.sh`, which is run when the container is built, and `run_autograder`, which leaves the
verdicts in `/autograder/results/results.json`.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from vitcourse.files import written_whole
from vitcourse.grading.feedback import ZIP_EPOCH, as_text, folder_name, remarks_for
from vitcourse.grading.page import write_text
from vitcourse.grading.results import SOLVED, Graded

SCRIPTS = Path(__file__).parent / "autograder"
RESULTS = "results.json"
RUNNABLE = 0o100755 << 16


def write_gradescope(results: Iterable[Graded], folder: Path) -> list[Path]:
    """Write `folder/STUDENT/results.json` for each student; return where they are."""
    by_student: dict[str, list[Graded]] = {}
    for graded in results:
        by_student.setdefault(graded.student, []).append(graded)
    written, taken = [], set[str]()
    for student, handed_in in by_student.items():
        path = folder / folder_name(student, taken) / RESULTS
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(for_gradescope(handed_in), ensure_ascii=False, indent=1))
        written.append(path)
    return written


def for_gradescope(handed_in: Iterable[Graded]) -> dict:
    """The verdicts on one student's hand-ins in Gradescope's form; all output is plain text."""
    handed_in = list(handed_in)
    tests = [
        {
            "name": f"{answer.exercise} {answer.name}",
            "number": answer.exercise,
            "score": answer.points,
            "max_score": 1,
            "status": "passed" if answer.verdict == SOLVED else "failed",
            "output": as_text(answer),
            "output_format": "text",
        }
        for graded in handed_in
        for answer in graded.answers
    ]
    remarks = [remark for graded in handed_in for remark in remarks_for(graded)]
    return {
        "score": sum(graded.points for graded in handed_in),
        "execution_time": round(sum(graded.seconds for graded in handed_in)),
        "output": "\n".join(remarks) or ("" if tests else "Nothing could be judged."),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def write_autograder(wheel: Path, path: Path) -> None:
    """Write the archive to upload: the two scripts and the course, as the file `wheel`."""
    if wheel.suffix != ".whl" or not wheel.is_file():
        raise ValueError(f"wheel={wheel}: there is no such .whl file; python -m pip wheel makes it")
    with written_whole(path) as beside, zipfile.ZipFile(beside, "w") as archive:
        for file in (*sorted(SCRIPTS.iterdir()), wheel):
            member = zipfile.ZipInfo(file.name, ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            if file != wheel:
                member.external_attr = RUNNABLE
            archive.writestr(member, file.read_bytes())
