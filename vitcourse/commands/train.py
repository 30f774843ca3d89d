"""`vitcourse train`: a recipe and data make a model in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained


def train(
    recipe: Annotated[
        str | None,
        typer.Option(
            help="laptop, adamw, bundled, fashion-mnist, fashion-mnist-long or gpu; without it, "
            "the one named after the data, else laptop.",
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

    After an interrupt (Ctrl-C), the same command continues where it stopped. Several processes:
    torchrun --nproc-per-node 2 -m vitcourse train ...
    """
    with explained():
        from vitcourse.training.run import train_to_file

        code = train_to_file(
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
