"""`python -m vitcourse.workshop.questions`: files, counts, and what it refuses."""

import zipfile
from xml.etree import ElementTree

import pytest

from vitcourse.questions import banks, reader
from vitcourse.workshop.new import REPOSITORY
from vitcourse.workshop.questions import main


def test_both_files_of_some_chapters(tmp_path, capsys):
    moodle, qti = tmp_path / "bank.xml", tmp_path / "bank.zip"
    main(["00"], moodle, qti)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" kB")[0].rsplit("(", 1)[1].split(",")[0] for line in said] == [
        "4 questions",
        "4 questions",
    ]
    assert len(ElementTree.parse(moodle).findall("question[@type='multichoice']")) == 4
    with zipfile.ZipFile(qti) as archive:
        assert sum(name.startswith("vitcourse-00-") for name in archive.namelist()) == 4


def test_without_a_file_it_counts(capsys):
    main(None)
    assert capsys.readouterr().out.strip() == banks.table(reader.chapters())


def test_the_page_for_teachers_has_these_counts():
    page = (REPOSITORY / "docs" / "teaching" / "questions.md").read_text(encoding="utf-8")
    assert banks.table(reader.chapters()) in page


@pytest.mark.parametrize(
    ("chapters", "name", "said"),
    [
        (["13"], "bank.xml", "chapter '13': choose one of 00, 01"),
        (["00"], "bank.txt", r"--moodle .*: the name must end with \.xml"),
        (["00"], "there.xml", r"--moodle .*: it exists; give another name, or --overwrite"),
        (["00"], "nowhere/bank.xml", "--moodle .*: there is no folder"),
    ],
)
def test_what_cannot_be(tmp_path, chapters, name, said):
    (tmp_path / "there.xml").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match=said):
        main(chapters, tmp_path / name)
    assert (tmp_path / "there.xml").read_text(encoding="utf-8") == "mine"


def test_it_replaces_a_file_if_told_to(tmp_path):
    (tmp_path / "bank.xml").write_text("mine", encoding="utf-8")
    main(["00"], tmp_path / "bank.xml", overwrite=True)
    assert (tmp_path / "bank.xml").read_bytes().startswith(b"<?xml")
