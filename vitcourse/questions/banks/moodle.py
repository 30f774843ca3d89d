"""Moodle XML: a category for each chapter, and in it the questions, with feedback and pictures.

Moodle describes the format at docs.moodle.org/en/Moodle_XML_format. Texts are HTML, which stands
in CDATA; a picture stands in base64 beside the text that shows it.
"""

import base64
import html
import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from vitcourse.questions import markup
from vitcourse.questions.banks import (
    COURSE,
    asked_in_notebooks,
    feedback,
    identifier,
    picture_files,
    questions,
    source,
    title,
)
from vitcourse.questions.pictures import PictureFile
from vitcourse.questions.reader import Choice, Question

Element = ElementTree.Element


def moodle_xml(chapters: Iterable[str]) -> bytes:
    """The questions of these chapters as a file that Moodle imports."""
    quiz = Element("quiz")
    for chapter in chapters:
        quiz.append(_category(chapter))
        quiz.extend(_question(question) for question in questions(chapter))
    ElementTree.indent(quiz)
    text = re.sub("<text>(.*?)</text>", _in_cdata, ElementTree.tostring(quiz, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _in_cdata(found: re.Match) -> str:
    """As Moodle itself writes HTML. Moodle reads both forms, some other programs only this one."""
    text = unescape(found[1])
    return found[0] if text == found[1] or "]]>" in text else f"<text><![CDATA[{text}]]></text>"


def _category(chapter: str) -> Element:
    """What follows in the file goes into this category."""
    entry = Element("question", type="category")
    path = f"$course$/top/{COURSE}/{title(chapter).replace('/', '//')}"
    _text(entry, "category", path)
    _text(entry, "info", f"Questions on chapter {int(chapter)} of {COURSE}.", format="html")
    _value(entry, "idnumber", f"{COURSE}-{chapter}")
    return entry


def _question(question: Question) -> Element:
    entry = Element("question", type="multichoice")
    files = picture_files(question)
    _text(entry, "name", question.id)
    asks = [_paragraph(question.asks)]
    shown = [files[question.picture]] if question.picture else []
    _text(entry, "questiontext", "".join([*asks, *map(_image, shown)]), shown, format="html")
    _text(entry, "generalfeedback", _paragraph(f"See {COURSE}, {source(question)}."), format="html")
    for name, value in (
        ("defaultgrade", "1.0"),
        ("penalty", "0.3333333"),  # of a grade, for each wrong try where several are allowed
        ("hidden", "0"),
        ("idnumber", identifier(question)),
        ("single", "true"),
        ("shuffleanswers", "true"),
        ("answernumbering", "abc"),
        ("showstandardinstruction", "0"),
    ):
        _value(entry, name, value)
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        _text(entry, name, "", format="html")
    entry.extend(_answer(choice, files) for choice in question.choices)
    tags = ElementTree.SubElement(entry, "tags")
    seen = "in the notebooks" if question.id in asked_in_notebooks() else "not in the notebooks"
    for tag in (COURSE, question.kind, f"chapter {question.chapter}", seen):
        _text(tags, "tag", tag)
    return entry


def _answer(choice: Choice, files: Mapping[str, PictureFile]) -> Element:
    entry = Element("answer", fraction="100" if choice.right else "0", format="html")
    shown = [files[choice.picture]] if choice.picture else []
    _fill(entry, _image(shown[0]) if shown else _paragraph(choice.text), shown)
    _text(entry, "feedback", _paragraph(feedback(choice)), format="html")
    return entry


def _paragraph(text: str) -> str:
    return f"<p>{markup.as_html(text)}</p>"


def _image(picture: PictureFile) -> str:
    return (
        f'<p><img src="@@PLUGINFILE@@/{picture.name}" alt="{html.escape(picture.alt)}" '
        f'width="{picture.width}" height="{picture.height}"></p>'
    )


def _value(parent: Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, name).text = value


def _text(
    parent: Element, name: str, text: str, files: Iterable[PictureFile] = (), **attributes: str
) -> None:
    """Moodle's form of a text: in an element `text` of its own, with the files that it shows."""
    _fill(ElementTree.SubElement(parent, name, attributes), text, files)


def _fill(entry: Element, text: str, files: Iterable[PictureFile]) -> None:
    _value(entry, "text", text)
    for picture in files:
        file = ElementTree.SubElement(entry, "file", name=picture.name, path="/", encoding="base64")
        file.text = base64.b64encode(picture.content).decode()
