"""The list of a class, if the teacher gives one: whose hand-in is it, and who has none?"""

from __future__ import annotations

import csv
import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Headings as the learning platforms write them, without capitals, spaces and marks.
NAME = ("name", "fullname", "student", "studentname", "displayname")
FIRST, LAST = ("firstname", "givenname"), ("lastname", "surname", "familyname")
NUMBER = ("identifier", "id", "idnumber", "studentid", "sisuserid", "sisid", "userid")
LOGIN = ("login", "username", "loginid", "sisloginid", "email", "emailaddress")


@dataclass(frozen=True)
class Member:
    name: str
    identifier: str = ""
    login: str = ""

    @property
    def student(self) -> str:
        return self.login or self.name or self.identifier


class Roster:
    """Whom a hand-in may come from. Without a list, from anybody."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self.members = list(members)
        self._found: dict[str, Member | None] = {}  # None: two members are called like this
        for member in self.members:
            for key in set(_keys(member)):
                self._found[key] = None if key in self._found else member

    def __bool__(self) -> bool:
        return bool(self.members)

    def find(self, *names: str) -> Member | None:
        """The one member with this name, number or login, whichever is found first."""
        for name in names:
            if name and (member := self._found.get(plain(name))):
                return member
        return None


def read_roster(path: Path) -> Roster:
    """Raises ValueError if the table has no column for names, numbers or logins."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")  # what Excel writes when asked for plain CSV
    start = text[:10_000]
    delimiter = max(",;\t", key=start.partition("\n")[0].count)
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    headings = {plain(heading): heading for heading in rows.fieldnames or () if heading}

    def column(*wanted: str) -> str | None:
        return next((headings[name] for name in wanted if name in headings), None)

    whole, first, last = column(*NAME), column(*FIRST), column(*LAST)
    number, login = column(*NUMBER), column(*LOGIN)
    if not any((whole, last, number, login)):
        raise ValueError(
            f"--roster {path}: the first line must name the columns, one of them `name`, "
            f"`identifier` or `login`. It has: {', '.join(rows.fieldnames or ()) or 'nothing'}"
        )

    def member(row: dict) -> Member:
        def cell(heading: str | None) -> str:
            return (row.get(heading) or "").strip() if heading else ""

        name = cell(whole) or f"{cell(first)} {cell(last)}".strip()
        return Member(name or cell(login) or cell(number), cell(number), cell(login))

    return Roster(found for found in map(member, rows) if found.student)


def plain(text: str) -> str:
    """Letters and digits alone, small and without accents: "García, José" -> "garciajose"."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ß", "ss"))
    return "".join(c for c in apart if c.isalnum())


def _keys(member: Member) -> Iterator[str]:
    yield from (plain(t) for t in (member.identifier, member.login) if t)
    yield plain(member.login.partition("@")[0]) or plain(member.name)
    words = member.name.replace(",", " ").split()
    if len(words) <= 4:  # Canvas writes the last name first, and which one is it?
        for order in itertools.permutations(words):
            yield plain("".join(order))
    else:
        yield plain(member.name)
