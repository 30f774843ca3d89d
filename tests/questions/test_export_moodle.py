"""Moodle XML, read as strictly as Moodle's own importer does, and what this reader refuses.

Moodle publishes no schema. The rules here are those of its description of the format and of its
importer: where that would complain, or silently lose something, this reader complains.
"""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from PIL import Image

from vitcourse.questions import banks, reader
from vitcourse.questions.banks.moodle import moodle_xml

CHAPTERS = reader.chapters()
ONE_TEXT = {"text"}
PARTS: dict[
    str, set[str]
] = {  # of a multichoice question: what each element may hold; an empty set is plain text
    "name": ONE_TEXT,
    "questiontext": {"text", "file"},
    "generalfeedback": {"text", "file"},
    "correctfeedback": {"text", "file"},
    "partiallycorrectfeedback": {"text", "file"},
    "incorrectfeedback": {"text", "file"},
    "answer": {"text", "file", "feedback"},
    "tags": {"tag"},
}
VALUES = {"defaultgrade", "penalty", "hidden", "idnumber", "single", "shuffleanswers"}
VALUES |= {"answernumbering", "showstandardinstruction"}
PARTS |= {name: set() for name in VALUES}
REPEATED = {"answer"}
NUMBERINGS = {"abc", "ABCD", "123", "iii", "IIII", "none"}
TAGS = {"p", "code", "em", "img"}


class NotMoodle(ValueError):
    """A file that Moodle would refuse, or read in another way than was meant."""


def need(condition: object, message: str) -> None:
    if not condition:
        raise NotMoodle(message)


class Html(HTMLParser):
    """Closed tags of a few kinds, and the pictures with their texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open, self.images, self.text = [], {}, ""
        self.feed(text)
        self.close()
        need(not self.open, f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        need(tag in TAGS, f"<{tag}>")
        if tag == "img":
            found = dict(attrs)
            need(found.get("alt"), "a picture without alt")
            name = re.fullmatch(r"@@PLUGINFILE@@/([\w-]+\.png)", found["src"])
            need(name, f"src={found['src']!r}")
            self.images[name[1]] = found["alt"]
        else:
            self.open.append(tag)

    def handle_endtag(self, tag):
        need(self.open and self.open.pop() == tag, f"</{tag}>")

    def handle_data(self, data):
        self.text += data


def read_moodle(content: bytes) -> dict[str, list[dict]]:
    """The questions by category. Raises NotMoodle."""
    root = ElementTree.fromstring(content)
    need(root.tag == "quiz", f"<{root.tag}>")
    found: dict[str, list[dict]] = {}
    category, numbers = None, set()
    for entry in root:
        need(entry.tag == "question", f"<{entry.tag}>")
        number = (entry.findtext("idnumber") or "").strip()
        need(0 < len(number) <= 100 and number not in numbers, f"idnumber {number!r}")
        numbers.add(number)
        if entry.get("type") == "category":
            category = entry.findtext("category/text")
            need(category and category.startswith("$course$/top/"), f"category {category!r}")
            found[category] = []
        else:
            need(entry.get("type") == "multichoice", f"type {entry.get('type')!r}")
            need(category, "a question before the first category")
            found[category].append(read_question(entry))
    return found


def read_question(entry: ElementTree.Element) -> dict:
    names = [part.tag for part in entry]
    for name in names:
        need(name in PARTS, f"<{name}>")
        need(name in REPEATED or names.count(name) == 1, f"<{name}> twice")
    for part in entry:
        need({below.tag for below in part} <= PARTS[part.tag], f"inside <{part.tag}>")
    name = text_of(entry, "name")
    need(0 < len(name) <= 255, f"name {name!r}")
    need(entry.findtext("single") in {"true", "false"}, "single")
    need(entry.findtext("shuffleanswers") in {"true", "false"}, "shuffleanswers")
    need(entry.findtext("answernumbering") in NUMBERINGS, "answernumbering")
    need(float(entry.findtext("defaultgrade", "-1")) > 0, "defaultgrade")
    need(0 <= float(entry.findtext("penalty", "-1")) <= 1, "penalty")
    answers = [read_answer(answer) for answer in entry.findall("answer")]
    need(len(answers) >= 2, "fewer than two answers")
    need(max(answer["fraction"] for answer in answers) == 100, "no answer is worth 100 %")
    tags = [tag.findtext("text") for tag in entry.findall("tags/tag")]
    need(all(tags) and len(set(tags)) == len(tags), f"tags {tags}")
    asks = read_html(entry.find("questiontext"))
    return {"name": name, "asks": asks, "answers": answers, "tags": tags}


def read_answer(answer: ElementTree.Element) -> dict:
    fraction = float(answer.get("fraction", "nan"))
    need(fraction in {0, 100}, f"fraction {answer.get('fraction')!r}")
    shown = read_html(answer)
    need(shown.text.strip() or shown.images, "an empty answer")
    return {"fraction": fraction, "shown": shown, "feedback": read_html(answer.find("feedback"))}


def text_of(entry: ElementTree.Element, name: str) -> str:
    texts = entry.findall(f"{name}/text")
    need(len(texts) == 1, f"inside <{name}>")
    return (texts[0].text or "").strip()


def read_html(entry: ElementTree.Element | None) -> Html:
    """A text in HTML, with exactly the files that it shows."""
    need(entry is not None, "a text is missing")
    need(entry.get("format") == "html", f"format {entry.get('format')!r}")
    need(len(entry.findall("text")) == 1, "one <text>")
    found = Html(entry.findtext("text") or "")
    files = {file.get("name"): file for file in entry.findall("file")}
    need(set(files) == set(found.images), f"files {set(files)}, shown {set(found.images)}")
    for file in files.values():
        need(file.get("encoding") == "base64" and file.get("path") == "/", "encoding, path")
        Image.open(io.BytesIO(base64.b64decode(file.text, validate=True))).verify()
    return found


@pytest.fixture(scope="module")
def written() -> bytes:
    return moodle_xml(CHAPTERS)


def test_moodle_reads_every_question_with_its_choices_and_its_feedback(written):
    found = read_moodle(written)
    assert list(found) == [f"$course$/top/vitcourse/{banks.title(n)}" for n in CHAPTERS]
    for chapter, read in zip(CHAPTERS, found.values(), strict=True):
        asked = banks.questions(chapter)
        assert [question["name"] for question in read] == [q.id for q in asked]
        for question, there in zip(asked, read, strict=True):
            assert plain(question.asks) == there["asks"].text
            for choice, answer in zip(question.choices, there["answers"], strict=True):
                assert (answer["fraction"] == 100) == choice.right
                assert plain(choice.text) == answer["shown"].text
                assert plain(choice.because) in answer["feedback"].text


def test_tags_tell_what_learners_have_seen(written):
    tags = {q["name"]: q["tags"] for read in read_moodle(written).values() for q in read}
    assert tags["03-shuffled"] == ["vitcourse", "why", "chapter 03", "in the notebooks"]
    seen = {name for name, its in tags.items() if "in the notebooks" in its}
    assert seen == {id for chapter in CHAPTERS for id in reader.read(chapter).quiz}
    assert all(("not in the notebooks" in its) != (name in seen) for name, its in tags.items())


def plain(text: str) -> str:
    """Without the marks of `code` and *emphasis*."""
    return re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"\1", text).replace("`", "")


def test_choices_that_are_pictures_are_there_with_their_descriptions(written):
    read = [q for questions in read_moodle(written).values() for q in questions]
    asked = [q for n in CHAPTERS for q in banks.questions(n)]
    for question, there in zip(asked, read, strict=True):
        files = banks.picture_files(question)
        for choice, answer in zip(question.choices, there["answers"], strict=True):
            expected = {choice.picture: files[choice.picture].alt} if choice.picture else {}
            assert answer["shown"].images == {f"{n}.png": alt for n, alt in expected.items()}


def test_the_same_questions_give_the_same_file(written):
    assert moodle_xml(CHAPTERS) == written


def test_text_is_never_markup(monkeypatch):
    nasty = '`<b>` & <script>alert(1)</script> ]]> *"quoted"*'
    asked = [q for q in banks.questions("01") if q.kind != "picture"][:1]
    spoiled = [replace(question, asks=nasty) for question in asked]
    monkeypatch.setattr("vitcourse.questions.banks.moodle.questions", lambda chapter: spoiled)
    (read,) = read_moodle(moodle_xml(["01"])).values()
    assert read[0]["asks"].text == plain(nasty)


SPOILED = {
    "another root": ([("<quiz>", "<quizz>"), ("</quiz>", "</quizz>")], "<quizz>"),
    "an unknown element": ([("<single>", "<points>1</points><single>")], "<points>"),
    "no right answer": ([('fraction="100"', 'fraction="0"')], "no answer is worth 100"),
    "a share that is none": ([('fraction="0"', 'fraction="33"')], "fraction '33'"),
    "a text too many": ([("</name>", "<text>again</text></name>")], "inside <name>"),
    "an unknown kind": ([('type="multichoice"', 'type="multi"')], "type 'multi'"),
    "an open tag": ([("</p>", "")], "not closed"),
    "a picture without alt": ([(" alt=", " title=")], "without alt"),
    "a picture that is not there": ([('<file name="letter', '<file name="lette')], "files"),
    "a file that is not base64": ([(">iVBOR", ">!!!!!")], "base64|Only|padding"),
    "an id twice": ([("vitcourse-01-grid<", "vitcourse-01-reshape<")], "idnumber"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_the_reader_refuses(name):
    changes, message = SPOILED[name]
    content = moodle_xml(["01"]).decode()
    for old, new in changes:
        assert old in content
        content = content.replace(old, new, 1)
    with pytest.raises(ValueError, match=message):
        read_moodle(content.encode())
