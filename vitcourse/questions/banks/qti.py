"""A QTI 2.1 package: an item for each question, a test for each chapter, and a manifest."""

import io
import zipfile
from collections.abc import Iterable
from xml.etree import ElementTree

from vitcourse.questions.banks import COURSE, identifier, picture_files, questions, title
from vitcourse.questions.banks.qti_item import SCHEMA, SITE, WITH_SCHEMA, item, picture_place
from vitcourse.questions.pictures import PictureFile
from vitcourse.questions.reader import Question

Element = ElementTree.Element
child = ElementTree.SubElement
PACKAGE, METADATA = f"{SITE}/imscp_v1p1", f"{SITE}/imsqti_metadata_v2p1"
MANIFEST = "imsmanifest.xml"
NEVER = (1980, 1, 1, 0, 0, 0)  # the oldest date of a zip: the same questions give the same bytes


def qti_zip(chapters: Iterable[str]) -> bytes:
    """The questions of these chapters as a package that Canvas and others import."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in package(list(chapters)).items():
            entry = zipfile.ZipInfo(name, NEVER)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def package(chapters: list[str]) -> dict[str, bytes]:
    """The files of the package by name, the manifest first."""
    manifest, resources = _manifest()
    files = {MANIFEST: b""}
    for chapter in chapters:
        asked = questions(chapter)
        name = f"{COURSE}-{chapter}.xml"
        files[name] = _as_bytes(_test(chapter, asked))
        _list_test(resources, chapter, name, asked)
        for question in asked:
            pictures = list(picture_files(question).values())
            files[f"{identifier(question)}.xml"] = _as_bytes(item(question))
            files |= {picture_place(picture): picture.content for picture in pictures}
            _list_item(resources, question, pictures)
    files[MANIFEST] = _as_bytes(manifest)
    return files


def _as_bytes(root: Element) -> bytes:
    # Not indented: white space around <code> would be seen.
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _test(chapter: str, asked: list[Question]) -> Element:
    test = Element(
        "assessmentTest",
        SCHEMA,
        identifier=f"{COURSE}-{chapter}",
        title=title(chapter),
        toolName=COURSE,
    )
    child(test, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    part = child(
        test,
        "testPart",
        identifier="part",
        navigationMode="nonlinear",
        submissionMode="individual",
    )
    section = child(
        part, "assessmentSection", identifier="section", title=title(chapter), visible="false"
    )
    for question in asked:
        name = identifier(question)
        child(section, "assessmentItemRef", identifier=name, href=f"{name}.xml")
    processing = child(child(test, "outcomeProcessing"), "setOutcomeValue", identifier="SCORE")
    child(child(processing, "sum"), "testVariables", variableIdentifier="SCORE")
    return test


def _manifest() -> tuple[Element, Element]:
    manifest = Element(
        "manifest",
        {
            "xmlns": PACKAGE,
            "xmlns:imsqti": METADATA,
            **WITH_SCHEMA,
            "xsi:schemaLocation": f"{PACKAGE} {SITE}/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd "
            f"{METADATA} {SITE}/qti/qtiv2p1/imsqti_metadata_v2p1p1.xsd",
        },
        identifier=f"{COURSE}-questions",
    )
    about = child(manifest, "metadata")
    child(about, "schema").text = "QTIv2.1 Package"
    child(about, "schemaversion").text = "1.0.0"
    child(manifest, "organizations")
    return manifest, child(manifest, "resources")


def _list_test(resources: Element, chapter: str, name: str, asked: list[Question]) -> None:
    identifies = f"resource-{COURSE}-{chapter}"
    resource = child(
        resources, "resource", identifier=identifies, type="imsqti_test_xmlv2p1", href=name
    )
    child(resource, "file", href=name)
    for question in asked:
        child(resource, "dependency", identifierref=f"resource-{identifier(question)}")


def _list_item(resources: Element, question: Question, pictures: list[PictureFile]) -> None:
    name = f"{identifier(question)}.xml"
    resource = child(
        resources,
        "resource",
        identifier=f"resource-{identifier(question)}",
        type="imsqti_item_xmlv2p1",
        href=name,
    )
    about = child(child(resource, "metadata"), "imsqti:qtiMetadata")
    child(about, "imsqti:interactionType").text = "choiceInteraction"
    child(about, "imsqti:feedbackType").text = "nonadaptive"
    # Pictures are files of the item, not resources: Canvas would pass over those.
    for place in (name, *map(picture_place, pictures)):
        child(resource, "file", href=place)
