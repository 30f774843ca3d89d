"""The questions for a learning platform: `python -m vitcourse.workshop.questions --moodle FILE`.

`--moodle` writes Moodle XML, `--qti` a QTI 2.1 package. Without either, it counts the questions.
"""

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.files import check_out, written_whole
from vitcourse.questions import banks, reader
from vitcourse.questions.banks.moodle import moodle_xml
from vitcourse.questions.banks.qti import qti_zip


def main(
    chapters: Annotated[
        list[str] | None, typer.Argument(help="Such as 03 04; all, if left out.")
    ] = None,
    moodle: Annotated[Path | None, typer.Option(help="Write Moodle XML to this file.")] = None,
    qti: Annotated[Path | None, typer.Option(help="Write a QTI 2.1 package (.zip) here.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files.")] = False,
) -> None:
    """Write the questions as Moodle XML, as a QTI 2.1 package, or both; or count them."""
    chosen = chapters or reader.chapters()
    try:
        asked = sum(len(banks.questions(chapter)) for chapter in chosen)
        for out, ending, option in ((moodle, ".xml", "--moodle"), (qti, ".zip", "--qti")):
            if out:
                check_out(out, ending, overwrite, option)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if moodle:
        _write(moodle, moodle_xml(chosen), asked)
    if qti:
        _write(qti, qti_zip(chosen), asked)
    if not (moodle or qti):
        typer.echo(banks.table(chosen))


def _write(out: Path, content: bytes, asked: int) -> None:
    with written_whole(out) as beside:
        beside.write_bytes(content)
    typer.echo(f"wrote  {out}  ({asked} questions, {len(content) / 1000:.0f} kB)")


if __name__ == "__main__":
    typer.run(main)
