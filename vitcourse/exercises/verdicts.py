"""How a verdict looks: a sign on a coloured ground, and beside it the words, which say it all.

The ground keeps its colour in every theme, and with its sign has a contrast of at least 4.5 : 1
there. (Coloured words cannot have that on white and on black.)
"""

import textwrap
from dataclasses import dataclass
from functools import partial
from html import escape


@dataclass(frozen=True)
class Badge:
    sign: str
    ink: tuple[int, str]  # a colour's number among a terminal's 256, and the same for a page
    ground: tuple[int, str]

    def terminal(self) -> str:
        return f"\x1b[1;38;5;{self.ink[0]};48;5;{self.ground[0]}m {self.sign} \x1b[0m"

    def html(self) -> str:
        style = f"color:{self.ink[1]};background-color:{self.ground[1]};padding:1px 7px"
        return f'<span aria-hidden="true" style="{style};font-weight:bold">{self.sign}</span>'


WHITE, BLACK = (231, "#ffffff"), (16, "#000000")
SOLVED = Badge("✓", WHITE, (28, "#008700"))
NOT_YET = Badge("○", BLACK, (214, "#ffaf00"))
WRONG = Badge("✗", WHITE, (124, "#af0000"))


@dataclass(frozen=True)
class Solved:
    """The line below a check that was passed; in plain text only its words."""

    label: str

    def __repr__(self) -> str:
        return f"{self.label}: solved"

    def _repr_html_(self) -> str:
        return f"<div>{SOLVED.html()} {escape(repr(self))}</div>"


def in_place_of_a_traceback(badge: Badge, text: str) -> list[str]:
    """The lines that Jupyter shows for a verdict that is raised."""
    verdict, *rest = wrapped(text).splitlines()
    return [f"{badge.terminal()} {verdict}", *rest]


def wrapped(text: str) -> str:
    """Lines that fit on the screen: notebooks break long ones in the middle of a word."""
    wrap = partial(textwrap.fill, width=88, break_long_words=False, break_on_hyphens=False)
    verdict, *rest = text.splitlines()
    return "\n".join([verdict, *map(wrap, rest)])  # the verdict stays one line: others read it
