"""The command line: `python -m vitcourse COMMAND`, or `vitcourse COMMAND`."""

from __future__ import annotations

import sys

# Nearly everybody meets one of these two once. Say what to do instead of showing a traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"vitcourse needs Python 3.11 or newer; this is {sys.version.split()[0]} "
        f"({sys.executable}). Make an environment with a newer one; the README says how."
    )
try:
    import typer
except ModuleNotFoundError:
    sys.exit(
        f"vitcourse is not installed in this Python ({sys.executable}).\n"
        "Activate the environment that you made for it; if it is active already, run:\n"
        "    python -m pip install -e ."
    )

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from vitcourse.lab import MY_NOTEBOOKS

app = typer.Typer(
    help="Learn Vision Transformers by building one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Exit codes: 0 all well; 1 an exercise is not solved, or doctor found a problem; 2 wrong use.
WRONG_USE = 2


@contextmanager
def explained() -> Iterator[None]:
    """Show what went wrong as one message without a traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.secho(f"vitcourse: {error}", fg="red", err=True)
        raise typer.Exit(WRONG_USE) from None


@app.command()
def lab(
    folder: Annotated[Path, typer.Argument(help="Where your copies live.")] = MY_NOTEBOOKS,
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser window.")
    ] = True,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to try first.")] = None,
) -> None:
    """Open JupyterLab on your own copies of the notebooks."""
    from vitcourse.lab import lab

    with explained():
        code = lab(folder, notebook=notebook, browser=browser, port=port)
    raise typer.Exit(code)


@app.command()
def check(
    notebooks: Annotated[list[str], typer.Argument(help="Numbers (01) or paths.", metavar="NB...")],
    folder: Annotated[Path, typer.Option(help="Where numbers are looked up.")] = MY_NOTEBOOKS,
) -> None:
    """Run the exercises of your notebooks and print which are solved."""
    from vitcourse.lab import check_notebooks

    with explained():
        code = check_notebooks(notebooks, folder)
    raise typer.Exit(code)


@app.command()
def doctor() -> None:
    """Look at this installation: versions, device, memory, and known faults."""
    from vitcourse.environment import examine

    raise typer.Exit(0 if examine() else 1)


@app.command()
def train(
    recipe: Annotated[
        str | None,
        typer.Option(
            help="laptop, adamw, bundled, fashion-mnist, fashion-mnist-long or gpu; without it, "
            "the one that has the name of the data, else laptop.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str,
        typer.Option(
            help="scenes, fashion-mnist, cifar10, or a folder with a folder of pictures for each "
            "class, of which a fifth is kept to test on."
        ),
    ] = "scenes",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; RECIPE-DATA.safetensors unless given.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="More or fewer than the recipe says.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights and order.")] = 0,
    folder: Annotated[
        Path, typer.Option(help="Where fashion-mnist and cifar10 are, or are downloaded to.")
    ] = Path("data"),
    image_size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Of pictures in a folder, in pixels; 64 unless given.", show_default=False
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(help="cpu, cuda or mps; the fastest unless given.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Train a model, test it, and write it to a file.

    Interrupted (Ctrl-C), the same command goes on where it stopped. On several processes:
    torchrun --nproc-per-node 2 -m vitcourse train ...
    """
    with explained():
        from vitcourse.training.command import train_command

        code = train_command(
            recipe,
            data,
            out,
            steps=steps,
            seed=seed,
            folder=folder,
            image_size=image_size,
            device=device,
            overwrite=overwrite,
            say=typer.echo,
        )
    raise typer.Exit(code)


@app.command()
def explain(
    image: Annotated[
        Path | None,
        typer.Argument(
            help="A photograph; without it a scene, or the photograph that comes with matplotlib.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="A .safetensors file that train has written, or torchvision's vit_b_16, vit_b_32, "
            "vit_l_16, vit_l_32 or vit_h_14, downloaded once; the bundled model unless given.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page to write; named after the image unless given.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Which scene; 0 unless given.", show_default=False),
    ] = None,
    classes: Annotated[
        int, typer.Option(min=1, help="How many of the best answers get maps of their own.")
    ] = 5,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the page.")] = False,
) -> None:
    """Say what a model answers, and write a page that shows what it looks at.

    The page is one file and needs no network: mail it, or open it from a disk.
    """
    with explained():
        from vitcourse.explain_command import explain_command

        explain_command(
            image,
            weights,
            out,
            seed=seed,
            classes=classes,
            overwrite=overwrite,
            say=typer.echo,
        )


@app.command("binder-link")
def binder_link(
    repo: Annotated[str, typer.Option(help="The GitHub repository, OWNER/NAME.")],
    tag: Annotated[str, typer.Option(help="A tag of it, e.g. v0.1.0.")],
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
) -> None:
    """Print the link that opens a notebook on mybinder.org."""
    from vitcourse.binder import binder_link

    with explained():
        link = binder_link(repo, tag, notebook)
    typer.echo(link)


if __name__ == "__main__":
    app(prog_name="vitcourse")
