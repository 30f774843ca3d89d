"""Which notebook is whose, in every layout, and what is said of files that are none."""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.grading.notebooks import notebook, original, write
from vitcourse.grading.found import LARGEST
from vitcourse.grading.hand_ins import HandIn, hand_ins
from vitcourse.grading.roster import read_roster

NAME = "01_patch_embedding.ipynb"
GOOD = json.dumps(notebook())


def put(folder: Path, *names: str, text: str = GOOD) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def packed(files: dict[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def students(folder: Path, **options) -> list[str]:
    return [one.student for one in hand_ins(folder, **options) if not one.problem]


def only(folder: Path, **options) -> HandIn:
    (one,) = hand_ins(folder, **options)
    return one


LAYOUTS = {
    "flat": [f"ada_{NAME}", "01_patch_embedding-bob.ipynb", "cy.ipynb"],
    "flat in a folder": [f"class/{name}_{NAME}" for name in ("ada", "bob", "cy")],
    "a folder each": [f"{name}/{NAME}" for name in ("ada", "bob", "cy")],
    "nbgrader": [f"submitted/{name}/chapter01/{NAME}" for name in ("ada", "bob", "cy")],
    "nbgrader's folder itself": [f"{name}/chapter01/{NAME}" for name in ("ada", "bob", "cy")],
    "Moodle": [
        f"{name}_12{i}_assignsubmission_file_/{NAME}" for i, name in enumerate(["ada", "bob", "cy"])
    ],
    "Canvas": [f"ada_1_77_{NAME}", f"bob_LATE_2_78_{NAME}", "cy_3_79_01_patch_embedding-1.ipynb"],
}


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("how", ["folder", "one archive", "an archive in a folder"])
def test_every_layout_is_understood_also_in_an_archive(tmp_path, names, how):
    if how == "folder":
        put(tmp_path, *names)
    else:
        place = tmp_path / "download" if how == "an archive in a folder" else tmp_path
        place.mkdir(exist_ok=True)
        (place / "submissions.zip").write_bytes(packed(dict.fromkeys(names, GOOD)))

    assert students(tmp_path) == ["ada", "bob", "cy"]
    assert {one.chapter for one in hand_ins(tmp_path)} == {"01"}


def test_an_archive_for_each_student_with_everything_that_lies_in_their_folder(tmp_path):
    for name in ("ada", "bob"):
        (tmp_path / f"{name}.zip").write_bytes(
            packed(
                {
                    f"my_notebooks/{NAME}": GOOD,
                    "my_notebooks/my_vit.py": f"# {name}",
                    f"my_notebooks/backups/2026-01-01/{NAME}": GOOD,
                    f"my_notebooks/.ipynb_checkpoints/{NAME}": GOOD,
                    f"__MACOSX/my_notebooks/._{NAME}": "x",
                    "my_notebooks/.DS_Store": "x",
                }
            )
        )

    found = hand_ins(tmp_path)

    assert [(one.student, one.my_vit, one.remarks) for one in found] == [
        ("ada", "# ada", ()),
        ("bob", "# bob", ()),
    ]
    assert found[0].file == f"ada.zip/my_notebooks/{NAME}"


def test_the_platforms_numbers_and_lateness_are_kept(tmp_path):
    put(tmp_path, f"lovelaceada_LATE_123_456_{NAME}")
    put(tmp_path, f"Bob Example_777_assignsubmission_file_/{NAME}")

    bob, ada = hand_ins(tmp_path)

    assert (ada.student, ada.identifier, ada.remarks) == ("lovelaceada", "123", ("late",))
    assert (bob.name, bob.identifier) == ("Bob Example", "777")


def test_two_students_of_one_name_are_told_apart(tmp_path):
    put(tmp_path, *(f"Ada Bee_{n}_assignsubmission_file_/{NAME}" for n in (1, 2)))

    assert students(tmp_path) == ["Ada Bee (1)", "Ada Bee (2)"]


def test_the_newest_of_canvas_hand_ins_counts_and_the_row_says_so(tmp_path):
    put(
        tmp_path,
        *(
            f"ada_1_{n}_01_patch_embedding{again}.ipynb"
            for n, again in ((9, ""), (7, "-2"), (8, "-1"))
        ),
    )

    one = only(tmp_path)

    assert one.file.endswith("-2.ipynb")
    assert one.remarks == ("the newest of 3 hand-ins",)


def test_hand_ins_one_folder_too_deep_are_noticed(tmp_path):
    for n in range(5):
        text = json.dumps(notebook(f"print({n})"))
        put(tmp_path, f"monday/student {n}/{NAME}", text=text)
        put(tmp_path, f"cy/version {n % 3}/{n}.ipynb", text=text)  # a student's own three
    put(tmp_path, f"zoe/{NAME}")

    cy, monday, _ = hand_ins(tmp_path)

    give = f"hand-ins may be one folder too deep: give {tmp_path / 'monday'} instead"
    assert (cy.student, cy.remarks) == ("cy", ("the newest of 5 hand-ins",))
    assert monday.remarks == ("the newest of 5 hand-ins", give)


def test_the_newest_by_time_counts_elsewhere(tmp_path):
    put(tmp_path, f"ada/{NAME}", "ada/01_patch_embedding (1).ipynb")
    os.utime(tmp_path / "ada" / NAME, (2e9, 2e9))

    assert only(tmp_path).file == f"ada/{NAME}"


def test_a_newer_file_that_is_broken_does_not_hide_an_older_one(tmp_path):
    put(tmp_path, f"ada/{NAME}")
    put(tmp_path, "ada/01_patch_embedding-new.ipynb", text="{")

    one = only(tmp_path)

    assert one.cells
    assert "a newer one cannot be graded" in " ".join(one.remarks)


def test_the_chapter_is_found_by_metadata_then_by_name_then_by_what_is_defined(tmp_path):
    bare = {"cells": [{"cell_type": "code", "metadata": {}, "source": "def split_heads(x): 1"}]}
    write(tmp_path / "by_metadata.ipynb", original("03"))
    write(tmp_path / "name_02_cls_token.ipynb", bare)
    write(tmp_path / "code.ipynb", bare)
    write(tmp_path / f"wrong_{NAME}", original("02"))

    found = {one.student: one for one in hand_ins(tmp_path)}

    assert {name: one.chapter for name, one in found.items()} == {
        "by_metadata": "03",
        "name": "02",
        "code": "04",
        "wrong": "02",
    }
    assert found["wrong"].remarks == ("its name says chapter 01, its cells are of chapter 02",)


def test_a_notebook_of_another_chapter_is_a_row_only_if_there_is_no_right_one(tmp_path):
    write(tmp_path / "ada" / "x.ipynb", original("02"))
    write(tmp_path / "bob" / "x.ipynb", original("02"))
    put(tmp_path, f"bob/{NAME}")

    ada, bob = hand_ins(tmp_path, chapter="01")

    assert ada.problem == "no notebook of chapter 01, but one of chapter 02"
    assert (bob.chapter, bob.problem) == ("01", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("{", "not a notebook"),
        ("[]", "not a notebook"),
        ('{"cells": [1]}', "not a notebook"),
        ('{"cells": []}', "no code"),
        ("[" * 100_000, "not a notebook"),
        (
            json.dumps(
                {"cells": [{"cell_type": "code", "source": "1", "metadata": {"exercise": "99.1"}}]}
            ),
            "no exercises",
        ),
    ],
)
def test_what_is_no_notebook_is_a_row_and_the_others_are_found(tmp_path, text, why):
    put(tmp_path, f"ada_{NAME}", text=text)
    put(tmp_path, f"bob_{NAME}")

    ada, bob = hand_ins(tmp_path)

    assert why in ada.problem
    assert not bob.problem


def test_bytes_that_are_no_text_and_a_file_that_is_too_large(tmp_path):
    (tmp_path / f"ada_{NAME}").write_bytes(b"\xff\xfe\x00" * 10)
    with (tmp_path / f"bob_{NAME}").open("wb") as file:
        file.truncate(LARGEST * 5)  # takes no room on the disk

    ada, bob = hand_ins(tmp_path)

    assert "not a notebook" in ada.problem
    assert "100 MB" in bob.problem


def test_a_student_who_handed_in_something_else_has_a_row(tmp_path):
    put(tmp_path, f"ada/{NAME}", "ada/notes.txt", "bob/answers.pdf", "readme.txt")

    ada, bob = hand_ins(tmp_path)

    assert (ada.problem, bob.problem) == ("", "no notebook: bob/answers.pdf was handed in")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed(tmp_path):
    put(tmp_path / "secret", NAME)
    folder = put(tmp_path / "in", f"cy_{NAME}")
    (folder / f"ada_{NAME}").symlink_to(tmp_path / "secret" / NAME)
    (folder / "bob").symlink_to(tmp_path / "secret")

    ada, bob, cy = hand_ins(folder)

    assert "a link" in ada.problem
    assert "a link" in bob.problem
    assert not cy.problem


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_utf_8_is_shown_as_text(tmp_path):
    path = os.fsencode(tmp_path) + b"/ad\xe4_" + NAME.encode()
    Path(os.fsdecode(path)).write_text(GOOD, encoding="utf-8")

    one = only(tmp_path)

    assert one.student == "ad\N{REPLACEMENT CHARACTER}"
    assert "not UTF-8" in one.remarks[0]


# Archives that mean harm --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../evil.ipynb", "/etc/evil.ipynb", "C:\\evil.ipynb", "a/../../b.ipynb"]
)
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path, name):
    (tmp_path / "ada.zip").write_bytes(packed({name: GOOD}))
    put(tmp_path, f"bob_{NAME}")

    ada, bob = hand_ins(tmp_path)

    assert (ada.student, "leads out" in ada.problem) == ("ada", True)
    assert not bob.problem
    assert [p.name for p in tmp_path.parent.glob("*evil*")] == []


def test_an_archive_that_grows_is_refused(tmp_path):
    (tmp_path / "ada.zip").write_bytes(packed({NAME: b"0" * 15_000_000}))
    (tmp_path / "bob.zip").write_bytes(packed({NAME: b"0" * 30_000_000}))

    ada, bob = hand_ins(tmp_path)

    assert "grows" in ada.problem
    assert "30 MB" in bob.problem


def test_links_in_archives_are_refused(tmp_path):
    link = zipfile.ZipInfo(NAME)
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    assert "a link" in only(tmp_path).problem


def test_archives_inside_of_archives_end_somewhere(tmp_path):
    data = packed({NAME: GOOD})
    for _ in range(5):
        data = packed({"more.zip": data})
    (tmp_path / "ada.zip").write_bytes(data)

    assert "too many archives" in only(tmp_path).problem


@pytest.mark.parametrize(
    "damage", [lambda d: d[:200], lambda d: b"no archive", lambda d: d[:60] + b"x" * 40 + d[100:]]
)
def test_a_damaged_archive_is_a_row(tmp_path, damage):
    (tmp_path / "ada.zip").write_bytes(damage(packed({NAME: GOOD})))
    put(tmp_path, f"bob_{NAME}")

    ada, bob = hand_ins(tmp_path)

    assert ada.student == "ada"
    assert "archive" in ada.problem
    assert not bob.problem


def test_names_that_macos_writes_into_archives_are_read(tmp_path):
    data = packed({"Zo__.ipynb": GOOD, "bob.ipynb": GOOD})
    (tmp_path / "all.zip").write_bytes(data.replace(b"Zo__", "Zoë".encode()))

    assert students(tmp_path) == ["bob", "Zoë"]


# The roster ---------------------------------------------------------------------------------------


def test_a_roster_gives_names_and_shows_who_is_missing(tmp_path):
    put(tmp_path / "in", f"lovelaceada_12_34_{NAME}", f"stranger_56_78_{NAME}")
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "\ufeffName;ID;Login\nAda Lovelace;a1;al\nMünch, José;b2;jm\n", encoding="utf-8"
    )

    ada, jose, stranger = hand_ins(tmp_path / "in", read_roster(roster))

    assert (ada.student, ada.name, ada.identifier, ada.problem) == ("al", "Ada Lovelace", "12", "")
    assert (jose.name, jose.file, jose.problem) == ("Münch, José", "", "no hand-in")
    assert stranger.remarks == ("not on the roster",)


def test_a_roster_without_a_known_column_is_refused(tmp_path):
    (tmp_path / "r.csv").write_text("colour\nred\n", encoding="utf-8")

    with pytest.raises(ValueError, match="colour"):
        read_roster(tmp_path / "r.csv")
