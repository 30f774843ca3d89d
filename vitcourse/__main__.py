"""The command line: `python -m vitcourse COMMAND`, or `vitcourse COMMAND`."""

from __future__ import annotations

import sys

# Nearly everyone runs into one of these two. Say what to do instead of showing a traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"vitcourse needs Python 3.11 or newer; this is {sys.version.split()[0]} "
        f"({sys.executable}). Make an environment with a newer one; the README says how."
    )
try:
    import typer
except ModuleNotFoundError:
    from vitcourse.bootstrap import run_in_own_environment

    sys.exit(run_in_own_environment(sys.argv[1:]))

from vitcourse.commands.book import book
from vitcourse.commands.check import check
from vitcourse.commands.doctor import doctor
from vitcourse.commands.explain import explain
from vitcourse.commands.grade import grade
from vitcourse.commands.lab import lab
from vitcourse.commands.links import links
from vitcourse.commands.progress import progress
from vitcourse.commands.reset import reset
from vitcourse.commands.train import train
from vitcourse.commands.update import update

app = typer.Typer(
    help="Learn Vision Transformers by building one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (lab, check, progress, reset, update, doctor, train, explain, links, grade, book):
    app.command()(command)
app.command("binder-link", hidden=True)(links)  # its name before it knew other places

if __name__ == "__main__":
    app(prog_name="vitcourse")
