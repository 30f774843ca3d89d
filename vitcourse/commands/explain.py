"""`vitcourse explain`: what a model answers, and a page that shows what it looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained


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
            "vit_l_16, vit_l_32 or vit_h_14, or Meta's dinov2_vits14, dinov2_vits14_reg or "
            "dinov3_vits16, downloaded once; the bundled model unless given.",
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
    image_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pixels a side that a photograph gets; the model's own size unless given.",
            show_default=False,
        ),
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
        from vitcourse.explanation.page import write_page

        write_page(
            image,
            weights,
            out,
            seed=seed,
            image_size=image_size,
            classes=classes,
            overwrite=overwrite,
            say=typer.echo,
        )
