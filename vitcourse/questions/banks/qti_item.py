"""An item of QTI 2.1: one question, with its score and its feedback for each choice.

The standard is at imsglobal.org/question. Each choice has a condition of its own, which sets score
and feedback: Canvas reads the right answer and the feedback from these.
"""

from xml.etree import ElementTree

from vitcourse.questions import markup
from vitcourse.questions.banks import COURSE, LETTERS, feedback, identifier, picture_files
from vitcourse.questions.pictures import PictureFile
from vitcourse.questions.reader import Choice, Question

Element = ElementTree.Element
child = ElementTree.SubElement
SITE = "http://www.imsglobal.org/xsd"
QTI = f"{SITE}/imsqti_v2p1"
WITH_SCHEMA = {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
SCHEMA = {
    "xmlns": QTI,
    **WITH_SCHEMA,
    "xsi:schemaLocation": f"{QTI} {SITE}/qti/qtiv2p1/imsqti_v2p1.xsd",
}


def picture_place(picture: PictureFile) -> str:
    """Where in the package it is, as items name it."""
    return f"images/{picture.name}"


def item(question: Question) -> Element:
    """The question: what is asked, what each choice scores, and what is then told."""
    item = Element(
        "assessmentItem",
        SCHEMA,
        identifier=identifier(question),
        title=question.id,
        adaptive="false",
        timeDependent="false",
        toolName=COURSE,
    )
    item.set("xml:lang", "en")
    _declare(item, question)
    _ask(item, question)
    processing = child(child(item, "responseProcessing"), "responseCondition")
    for place, choice in enumerate(question.choices):
        processing.append(_condition(place, choice))
    for place, choice in enumerate(question.choices):
        told = child(
            item,
            "modalFeedback",
            outcomeIdentifier="FEEDBACK",
            identifier=_feedback_id(place),
            showHide="show",
        )
        _write(child(told, "p"), feedback(choice))
    return item


def _declare(item: Element, question: Question) -> None:
    """The response and its right value, the score, and which feedback is shown."""
    response = child(
        item,
        "responseDeclaration",
        identifier="RESPONSE",
        cardinality="single",
        baseType="identifier",
    )
    child(child(response, "correctResponse"), "value").text = LETTERS[question.right]
    score = child(
        item,
        "outcomeDeclaration",
        identifier="SCORE",
        cardinality="single",
        baseType="float",
        normalMaximum="1",
    )
    child(child(score, "defaultValue"), "value").text = "0"
    child(
        item,
        "outcomeDeclaration",
        identifier="FEEDBACK",
        cardinality="single",
        baseType="identifier",
    )


def _ask(item: Element, question: Question) -> None:
    files = picture_files(question)
    interaction = child(
        child(item, "itemBody"),
        "choiceInteraction",
        responseIdentifier="RESPONSE",
        shuffle="true",
        maxChoices="1",
    )
    prompt = child(interaction, "prompt")
    _write(prompt, question.asks)
    if question.picture:
        child(prompt, "br")
        _show(prompt, files[question.picture])
    for letter, choice in zip(LETTERS, question.choices, strict=False):
        shown = child(child(interaction, "simpleChoice", identifier=letter), "p")
        if choice.picture:
            _show(shown, files[choice.picture])
        else:
            _write(shown, choice.text)


def _condition(place: int, choice: Choice) -> Element:
    """If this choice was made: its score, and its feedback."""
    condition = Element("responseElseIf" if place else "responseIf")
    match = child(condition, "match")
    child(match, "variable", identifier="RESPONSE")
    child(match, "baseValue", baseType="identifier").text = LETTERS[place]
    score = child(condition, "setOutcomeValue", identifier="SCORE")
    child(score, "baseValue", baseType="float").text = "1" if choice.right else "0"
    shown = child(condition, "setOutcomeValue", identifier="FEEDBACK")
    child(shown, "baseValue", baseType="identifier").text = _feedback_id(place)
    return condition


def _feedback_id(place: int) -> str:
    return f"feedback-{LETTERS[place]}"  # "_C" at the end would mean "correct" to Canvas


def _write(parent: Element, text: str) -> None:
    """The text with its marks as elements."""
    last = None
    for mark, piece in markup.runs(text):
        if mark:
            last = child(parent, mark)
            last.text = piece
        elif last is None:
            parent.text = piece
        else:
            last.tail = piece


def _show(parent: Element, picture: PictureFile) -> None:
    child(
        parent,
        "img",
        src=picture_place(picture),
        alt=picture.alt,
        width=str(picture.width),
        height=str(picture.height),
    )
