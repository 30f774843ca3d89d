"""Names taken out of what a teacher shows around: "student 007" instead, everywhere.

Names are found as far as they are known: in paths, remarks, messages, comments and strings. Of a
student called Max, `max` in code stays, of course, and so does a nickname that nobody listed.
"""

from __future__ import annotations

import hashlib
import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import replace

from vitcourse.grading.results import Answer, Graded

WORD = re.compile(r"\w+")
SHORTEST = 3  # letters; "Li" or "de" would be found inside everything
CERTAIN = 6  # letters; a word this long is taken for a name in small letters, too
WHERE_NAMES_HIDE = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}


def anonymous(results: Iterable[Graded], others: Iterable[str] = ()) -> list[Graded]:
    """The same results without names. `others` are students who handed in nothing.

    The same students get the same numbers each time, in an order that says nothing about names.
    """
    results = list(results)
    students = {graded.student for graded in results} | set(others)
    wide = max(3, len(str(len(students))))
    order = sorted(students, key=lambda student: hashlib.sha256(_bytes(student)).digest())
    pseudonyms = {student: f"student {n:0{wide}}" for n, student in enumerate(order, 1)}
    names = Names(results, pseudonyms)
    return [_without_name(graded, pseudonyms[graded.student], names) for graded in results]


class Names:
    """All names of a class, to be found in a text and replaced by pseudonyms, or by "…"."""

    def __init__(self, results: Iterable[Graded], pseudonyms: dict[str, str] | None = None) -> None:
        self._by_first_word: dict[str, dict[str, str]] = {}
        self._words: set[str] = set()
        for graded in results:
            instead = (pseudonyms or {}).get(graded.student, "…")
            whole = (graded.student, graded.name, graded.identifier, _folder(graded.file))
            for name in (*whole, *WORD.findall(graded.name), *WORD.findall(graded.student)):
                self._add(name, instead)

    def _add(self, name: str, instead: str) -> None:
        words = WORD.findall(name)
        if words and len(name) >= SHORTEST and not (name.isdigit() and len(name) < CERTAIN):
            self._words |= {word.casefold() for word in words if len(word) >= SHORTEST}
            self._by_first_word.setdefault(words[0].casefold(), {}).setdefault(name, instead)

    def taken_out(self, text: str) -> str:
        """The text, each known name in it replaced."""
        known: dict[str, str] = {}
        for word in {word.casefold() for word in WORD.findall(text)}:
            known.update(self._by_first_word.get(word, {}))
        for name in sorted(known, key=len, reverse=True):
            flags = re.IGNORECASE if len(name) >= CERTAIN or " " in name else re.NOFLAG
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", known[name], text, flags=flags)
        return text

    def words_in(self, text: str) -> set[str]:
        """The words of known names that appear in it in small letters, also in `an_identifier`."""
        apart = re.sub(r"[_\d]+|(?<=[a-z])(?=[A-Z])", " ", text)
        return {word.casefold() for word in WORD.findall(apart)} & self._words

    def taken_out_of_code(self, source: str) -> str:
        """The code, each known name replaced in its comments and strings."""
        lines = source.splitlines(keepends=True)
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        except (tokenize.TokenError, SyntaxError):  # not Python, so no word in it is code
            return self.taken_out(source)
        for token in reversed([t for t in tokens if t.type in WHERE_NAMES_HIDE]):
            (first, start), (last, end) = token.start, token.end
            before, after = lines[first - 1][:start], lines[last - 1][end:]
            text = "".join(lines[first - 1 : last])
            inside = text[start : len(text) - len(after)]
            lines[first - 1 : last] = [before + self.taken_out(inside) + after]
        return "".join(lines)


def _without_name(graded: Graded, pseudonym: str, names: Names) -> Graded:
    def cleared(answer: Answer) -> Answer:
        return replace(
            answer,
            message=names.taken_out(answer.message),
            source=names.taken_out_of_code(answer.source),
        )

    return replace(
        graded,
        student=pseudonym,
        name=pseudonym,
        identifier="",
        file=f"{pseudonym}.ipynb" if graded.file else "",
        answers=tuple(map(cleared, graded.answers)),
        remarks=tuple(map(names.taken_out, graded.remarks)),
    )


def _folder(file: str) -> str:
    """What the hand-in's path begins with: "Ada Lovelace_12345_assignsubmission_file_"."""
    return re.split(r"[/\\]", file)[0]


def _bytes(student: str) -> bytes:
    return student.encode("utf-8", "surrogatepass")
