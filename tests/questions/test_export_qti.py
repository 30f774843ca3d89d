"""The QTI 2.1 package, held against the standard's content models, and read as Canvas reads it.

We found the official schema (imsqti_v2p1.xsd) in no package on PyPI or npm. `MODELS` says what it
says of the elements that we use: which attributes each must and may have, and which elements may be
inside it, in which order. What it does not list is refused.
"""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image

from vitcourse.questions import banks, reader
from vitcourse.questions.banks.qti import MANIFEST, package, qti_zip
from vitcourse.questions.pictures import PictureFile

CHAPTERS = reader.chapters()
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]*")
INLINE = "(em|code|br|img)*"
# element: (attributes it must have, attributes it may have, a pattern of its children, has text)
MODELS: dict[str, tuple[str, str, str, bool]] = {
    "assessmentItem": (
        "identifier title adaptive timeDependent",
        "label toolName toolVersion",
        "(responseDeclaration)*(outcomeDeclaration)*(stylesheet)*(itemBody)?"
        "(responseProcessing)?(modalFeedback)*",
        False,
    ),
    "responseDeclaration": (
        "identifier cardinality",
        "baseType",
        "(defaultValue)?(correctResponse)?(mapping)?",
        False,
    ),
    "outcomeDeclaration": (
        "identifier cardinality",
        "baseType view interpretation longInterpretation normalMaximum normalMinimum masteryValue",
        "(defaultValue)?",
        False,
    ),
    "correctResponse": ("", "interpretation", "(value)+", False),
    "defaultValue": ("", "interpretation", "(value)+", False),
    "value": ("", "fieldIdentifier baseType", "", True),
    "itemBody": ("", "id class label", "(p|div|choiceInteraction)*", False),
    "choiceInteraction": (
        "responseIdentifier shuffle maxChoices",
        "minChoices orientation id class label",
        "(prompt)?(simpleChoice)+",
        False,
    ),
    "prompt": ("", "id class label", INLINE, True),
    "simpleChoice": ("identifier", "fixed showHide", "(p|div|em|code|br|img)*", True),
    "p": ("", "id class label", INLINE, True),
    "em": ("", "id class label", INLINE, True),
    "code": ("", "id class label", INLINE, True),
    "br": ("", "id class label", "", False),
    "img": ("src alt", "longdesc height width id class label", "", False),
    "responseProcessing": ("", "template templateLocation", "(responseCondition)*", False),
    "responseCondition": ("", "", "(responseIf)(responseElseIf)*(responseElse)?", False),
    "responseIf": ("", "", "(match)(setOutcomeValue)*", False),
    "responseElseIf": ("", "", "(match)(setOutcomeValue)*", False),
    "match": ("", "", "(variable|baseValue|correct){2}", False),
    "variable": ("identifier", "weightIdentifier", "", False),
    "baseValue": ("baseType", "", "", True),
    "setOutcomeValue": ("identifier", "", "(baseValue|variable|sum)", False),
    "modalFeedback": ("outcomeIdentifier showHide identifier", "title", "(p|div|em|code)*", True),
    "assessmentTest": (
        "identifier title",
        "toolName toolVersion",
        "(outcomeDeclaration)*(timeLimits)?(stylesheet)*(testPart)+(outcomeProcessing)?",
        False,
    ),
    "testPart": (
        "identifier navigationMode submissionMode",
        "",
        "(assessmentSection)+(testFeedback)*",
        False,
    ),
    "assessmentSection": (
        "identifier title visible",
        "required fixed keepTogether",
        "(ordering)?(assessmentSection|assessmentItemRef)*",
        False,
    ),
    "assessmentItemRef": ("identifier href", "required fixed category", "(weight)*", False),
    "outcomeProcessing": ("", "", "(setOutcomeValue|outcomeCondition)*", False),
    "sum": ("", "", "(testVariables|variable|baseValue)+", False),
    "testVariables": ("variableIdentifier", "weightIdentifier baseType", "", False),
}
VALUES = {
    "cardinality": "single",
    "baseType": "identifier|float",
    "adaptive": "false",
    "timeDependent": "false",
    "shuffle": "true",
    "maxChoices": r"\d+",
    "showHide": "show",
    "visible": "true|false",
    "navigationMode": "linear|nonlinear",
    "submissionMode": "individual|simultaneous",
    "width": r"\d+",
    "height": r"\d+",
    "alt": r".*\S.*",
    "normalMaximum": r"\d+(\.\d+)?",
}


class NotQti(ValueError):
    """What does not have the form that the standard asks for."""


def need(condition: object, message: str) -> None:
    if not condition:
        raise NotQti(message)


def read_xml(content: bytes) -> ElementTree.Element:
    """The document, its elements without their namespace. Raises NotQti."""
    root = ElementTree.fromstring(content)
    for element in root.iter():
        space, _, name = element.tag[1:].partition("}")
        need(space == QTI, f"{element.tag} in another namespace")
        element.tag = name
        check_element(element)
    need(root.get(XSI, "").startswith(f"{QTI} "), "no schema is named")
    return root


def check_element(element: ElementTree.Element) -> None:
    need(element.tag in MODELS, f"<{element.tag}>")
    must, may, children, has_text = MODELS[element.tag]
    attributes = set(element.attrib) - {XSI, LANG}
    need(set(must.split()) <= attributes, f"<{element.tag}> without one of: {must}")
    need(attributes <= {*must.split(), *may.split()}, f"<{element.tag}> with {attributes}")
    for name in attributes:
        value = element.get(name)
        need(re.fullmatch(VALUES.get(name, ".*"), value), f"{name}={value!r}")
        if name.lower().endswith("identifier"):
            need(IDENTIFIER.fullmatch(value), f"{name}={value!r}")
    inside = "".join(f"<{child.tag.rpartition('}')[2]}>" for child in element)
    pattern = re.sub(r"\w+", lambda name: f"<{name[0]}>", children) if children else ""
    pattern = re.sub(r"\{<(\d+)>\}", r"{\1}", pattern)
    need(re.fullmatch(pattern, inside), f"inside <{element.tag}>: {inside}")
    texts = [element.text, *(child.tail for child in element)]
    need(has_text or not any((text or "").strip() for text in texts), f"text in <{element.tag}>")


def read_package(files: dict[str, bytes]) -> dict[str, list[ElementTree.Element]]:
    """The items of each test, by the test's title. Raises NotQti if they do not fit together."""
    manifest = ElementTree.fromstring(files[MANIFEST])
    for element in manifest.iter():
        element.tag = element.tag.rpartition("}")[2]
    need(manifest.findtext("metadata/schema") == "QTIv2.1 Package", "another schema")
    resources = {r.get("identifier"): r for r in manifest.iter("resource")}
    need(len(resources) == len(manifest.findall("resources/resource")), "an identifier twice")
    listed = [file.get("href") for file in manifest.iter("file")]
    need(set(listed) == set(files) - {MANIFEST}, "files that are not listed, or not there")
    for resource in resources.values():
        need(resource.get("href") in [f.get("href") for f in resource.iter("file")], "its own file")
        for other in resource.iter("dependency"):
            need(other.get("identifierref") in resources, f"no {other.get('identifierref')}")
    items = {}
    for resource in resources.values():
        if resource.get("type") == "imsqti_item_xmlv2p1":
            name = resource.get("href")
            items[name] = read_item(files, name, [f.get("href") for f in resource.iter("file")])
    found = {}
    for resource in resources.values():
        if resource.get("type") == "imsqti_test_xmlv2p1":
            test = read_xml(files[resource.get("href")])
            refs = list(test.iter("assessmentItemRef"))
            for ref in refs:
                need(ref.get("href") in items, f"no item {ref.get('href')}")
                need(items[ref.get("href")].get("identifier") == ref.get("identifier"), "names")
            found[test.get("title")] = [items[ref.get("href")] for ref in refs]
    return found


def read_item(files: dict[str, bytes], name: str, its_files: list[str]) -> ElementTree.Element:
    item = read_xml(files[name])
    shown = {image.get("src") for image in item.iter("img")}
    need({name, *shown} == set(its_files), f"{name}: files {its_files}, shown {shown}")
    for place in shown:
        Image.open(io.BytesIO(files[place])).verify()
    choices = [choice.get("identifier") for choice in item.iter("simpleChoice")]
    need(len(choices) == len(set(choices)), "a choice twice")
    need(item.findtext(".//correctResponse/value") in choices, "no such right choice")
    declared = {d.get("identifier") for d in item if d.tag.endswith("Declaration")}
    need({v.get("identifier") for v in item.iter("variable")} <= declared, "not declared")
    need({v.get("identifier") for v in item.iter("setOutcomeValue")} <= declared, "not declared")
    return item


def as_canvas_reads_it(item: ElementTree.Element) -> dict[str, tuple[bool, str]]:
    """For each choice, whether it is right, and its comment.

    Canvas takes both from the conditions: a SCORE above 0, and the first <p> of the modalFeedback
    that FEEDBACK names. A name that ends in _C or holds "correct" it takes for the whole question.
    """
    comments = {}
    for told in item.iter("modalFeedback"):
        name = told.get("identifier")
        need(not re.search(r"correct|wrong|general_|_all|solution|(_I?C$)", name, re.I), name)
        comments[name] = "".join(told.find("p").itertext())
    found = {}
    for condition in [*item.iter("responseIf"), *item.iter("responseElseIf")]:
        choice = condition.findtext("match/baseValue")
        values = {s.get("identifier"): s[0].text for s in condition.iter("setOutcomeValue")}
        found[choice] = (float(values["SCORE"]) > 0, comments[values["FEEDBACK"]])
    return found


@pytest.fixture(scope="module", autouse=True)
def small_pictures():
    """In place of the real ones, which take seconds to draw; the Moodle file is read with those."""

    def small(name: str) -> PictureFile:
        buffer = io.BytesIO()
        Image.new("L", (2, 2)).save(buffer, "PNG")
        return PictureFile(f"{name}.png", buffer.getvalue(), f"a picture, {name}", 2, 2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(banks, "as_png", small)
        yield


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return package(CHAPTERS)


def plain(text: str) -> str:
    return re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"\1", text).replace("`", "")


def test_every_question_is_an_item_of_its_chapters_test(files):
    found = read_package(files)
    assert list(found) == [banks.title(chapter) for chapter in CHAPTERS]
    for chapter, items in zip(CHAPTERS, found.values(), strict=True):
        for question, item in zip(banks.questions(chapter), items, strict=True):
            assert item.get("identifier") == f"vitcourse-{question.id}"
            assert plain(question.asks) == "".join(item.find(".//prompt").itertext())
            shown = ["".join(choice.itertext()) for choice in item.iter("simpleChoice")]
            assert shown == [plain(choice.text) for choice in question.choices]


def test_canvas_finds_the_right_choice_and_the_feedback(files):
    for chapter, items in zip(CHAPTERS, read_package(files).values(), strict=True):
        for question, item in zip(banks.questions(chapter), items, strict=True):
            for choice, (right, told) in zip(
                question.choices, as_canvas_reads_it(item).values(), strict=True
            ):
                assert right == choice.right
                assert told.startswith(plain(choice.because))


def test_the_zip_holds_these_files_and_is_the_same_each_time(files):
    content = qti_zip(["00"])
    assert qti_zip(["00"]) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "imsmanifest.xml"
        assert set(archive.namelist()) - {MANIFEST} < set(files)


SPOILED = {
    "no title": (' title="01-grid"', "", "<assessmentItem> without"),
    "a second body": ("</itemBody>", "</itemBody><itemBody/>", "inside <assessmentItem>"),
    "feedback before the body": ("<itemBody>", '<modalFeedback outcomeIdentifier="FEEDBACK" '
                                 'showHide="show" identifier="a"/><itemBody>', "inside <assess"),
    "a paragraph in the prompt": ("<prompt>", "<prompt><p>Why?</p>", "inside <prompt>"),
    "bold": ("<prompt>", "<prompt><strong>Why?</strong>", "inside <prompt>|<strong>"),
    "an id that begins with a number": ('identifier="A"', 'identifier="1"', "identifier='1'"),
    "a right choice that is not there": ("<correctResponse><value>", "<correctResponse><value>X",
                                         "no such right choice"),
    "a score that was not declared": ('<outcomeDeclaration identifier="SCORE"',
                                      '<outcomeDeclaration identifier="POINTS"', "not declared"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_item_is_refused(name):
    old, new, message = SPOILED[name]
    files = package(["01"])
    place = "vitcourse-01-grid.xml"
    text = files[place].decode()
    assert old in text
    files[place] = text.replace(old, new, 1).encode()
    with pytest.raises(NotQti, match=message):
        read_package(files)


def test_a_picture_without_a_text_or_a_file_is_refused():
    files = package(["01"])
    place = "vitcourse-01-columns.xml"
    spoiled = re.sub(rb'alt="[^"]*"', b'alt=""', files[place], count=1)
    with pytest.raises(NotQti, match="alt=''"):
        read_package({**files, place: spoiled})
    del files["images/letter.png"]
    with pytest.raises(NotQti, match="not there"):
        read_package(files)
