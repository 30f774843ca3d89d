"""What an update makes of a learner's notebook, one rule at a time."""

import pytest

from vitcourse.learner.update.cells import digest
from vitcourse.learner.update.merge import NOTE, merge

STUB = 'def area(a, b):\n    """The area."""\n    raise NotImplementedError'
ANSWER = 'def area(a, b):\n    """The area."""\n    return a * b'


def cell(source: str, kind: str = "markdown", id: str | None = None, **metadata) -> dict:
    made = {"cell_type": kind, "id": id or digest(kind, source), "metadata": metadata}
    made["source"] = source
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def exercise(source: str = STUB, number: str = "1.1", id: str | None = None) -> dict:
    return cell(source, "code", id, exercise=number)


def changed(original: dict, source: str) -> dict:
    """As an editor leaves it: other text under the same id."""
    return original | {"source": source}


def sources(cells: list[dict]) -> list[str]:
    return [c["source"] for c in cells]


ONE, TWO, THREE = cell("one"), cell("two"), cell("three")
HAS_BASE = pytest.mark.parametrize("has_base", [True, False], ids=["with base", "without"])


def update(base: list[dict], mine: list[dict], new: list[dict], has_base: bool = True):
    return merge(base if has_base else None, mine, new)


@HAS_BASE
def test_untouched_text_is_replaced_by_the_new(has_base):
    old, new = cell("the mean of all patches"), cell("the mean of all the patches")
    merged = update([ONE, old], [ONE, old], [ONE, new], has_base)
    assert merged.cells == [ONE, new]
    assert (merged.reworded, merged.kept, merged.conflicts) == (1, 0, [])


@HAS_BASE
def test_an_answer_stays_where_the_stub_has_not_changed(has_base):
    answer = changed(exercise(), ANSWER) | {"outputs": ["seen"]}
    merged = update([ONE, exercise()], [ONE, answer], [TWO, ONE, exercise()], has_base)
    assert merged.cells == [TWO, ONE, answer]
    assert (merged.new, merged.kept, merged.conflicts) == (1, 1, [])


@HAS_BASE
def test_what_both_have_changed_is_shown_side_by_side(has_base):
    stub = exercise(
        STUB.replace("The area.", "The area.\n\n    ```\n    area(2, 3)\n    ```\n    ")
    )
    merged = update([exercise()], [changed(exercise(), ANSWER)], [stub, ONE], has_base)
    mine, note, one = merged.cells
    assert mine == changed(stub, ANSWER)
    assert note["cell_type"] == "markdown"  # its code must not run
    assert f"````python\n{stub['source']}\n````" in note["source"]
    assert "You have changed the cell above, and so has the course" in note["source"]
    assert one == ONE
    assert merged.conflicts == ["exercise 1.1"]


def test_a_note_is_not_repeated_and_gives_way_to_the_next_one():
    versions = [exercise(STUB.replace("The", article)) for article in ("Its", "Our", "An")]
    first = merge([exercise()], [changed(exercise(), ANSWER)], [versions[0]]).cells
    assert merge([versions[0]], first, [versions[0]]).cells == first
    second = merge([versions[0]], first, [versions[1]]).cells
    assert [bool(c["metadata"].get(NOTE)) for c in second] == [False, True]
    assert "Our area" in second[1]["source"]

    edited = [second[0], changed(second[1], "my own words")]  # now it is the learner's
    third = merge([versions[1]], edited, [versions[2]]).cells
    assert sources(third)[::2] == [ANSWER, "my own words"]
    assert "An area" in third[1]["source"]


def test_an_update_that_was_overwritten_in_jupyterlab_can_be_repeated():
    """The learner's file is as before, but what was handed out is noted as the new version."""
    old, new = cell("the mean of all patches"), cell("the mean of all the patches")
    stub = exercise(STUB.replace("The area", "Its area"))
    mine = [old, changed(exercise(), ANSWER)]
    first = merge([old, exercise()], mine, [new, stub]).cells
    assert merge([new, stub], mine, [new, stub]).cells == first
    assert len(first) == 3


def test_notes_and_added_cells_stay_behind_the_cell_that_they_followed():
    note = cell("mine", id="a-b")
    photo = cell("![](photo.png)", id="c-d") | {"attachments": {"photo.png": {"image/png": "iV"}}}
    merged = merge([ONE, TWO], [photo, ONE, note, TWO], [TWO, THREE, ONE])
    assert merged.cells == [photo, TWO, THREE, ONE, note]


def test_what_the_learner_has_moved_stays_there():
    merged = merge([ONE, TWO, THREE], [ONE, THREE, TWO], [ONE, TWO, THREE, cell("four")])
    assert sources(merged.cells) in (
        ["one", "three", "two", "four"],
        ["one", "three", "four", "two"],
    )


def test_what_the_course_has_dropped_goes_unless_it_is_the_learners():
    mine = [ONE, changed(TWO, "two, in my words")]
    merged = merge([ONE, TWO], [THREE, *mine], [THREE])
    assert sources(merged.cells)[:2] == ["three", "two, in my words"]
    assert "the course no longer has it" in merged.cells[2]["source"]
    assert (merged.gone, merged.conflicts) == (1, ["“two, in my words”"])


def test_a_cell_that_was_deleted_comes_back():
    check = cell('check("1.1")', "code", check="1.1")
    merged = merge([ONE, exercise(), check], [ONE, exercise()], [ONE, exercise(), check])
    assert merged.cells[-1] == check
    assert merged.back == 1


def test_what_the_learner_has_made_is_not_taken_for_what_they_have_deleted():
    """Half of a split cell may say nearly the same as a cell that is gone."""
    gone = cell("the mean of all patches")
    mine = [ONE, cell("the mean of all the patches", id="a-b")]
    assert merge([ONE, gone], mine, [ONE, gone]).cells == [*mine, gone]


def test_a_cell_that_was_merged_into_another_does_not_come_back():
    both = changed(ONE, "one\n\ntwo")
    assert merge([ONE, TWO], [both], [ONE, TWO]).cells == [both]
    assert sources(merge(None, [cell(both["source"], id="a-b")], [ONE, TWO]).cells) == [
        "one\n\ntwo"
    ]


@HAS_BASE
def test_of_twins_only_the_deleted_one_comes_back(has_base):
    """The links to other chapters stand at both ends of a notebook."""
    top = cell("links")
    end = cell("links", id=f"{top['id']}-2")
    assert update([top, ONE, end], [ONE, end], [top, ONE, end], has_base).cells == [top, ONE, end]
    assert update([top, ONE, end], [top, ONE], [top, ONE, end], has_base).cells == [top, ONE, end]


def test_an_id_belongs_to_the_course():
    """Some editors leave a copy its id. Two cells of one id are no notebook."""
    merged = merge([ONE], [changed(ONE, "my copy"), ONE], [ONE])
    assert sources(merged.cells) == ["my copy", "one"]
    assert merged.cells[0]["id"] != merged.cells[1]["id"] == ONE["id"]


def test_an_update_that_was_cut_short_can_be_repeated():
    """The notebook is written, what was handed out is not."""
    old, new = cell("the mean of all patches"), cell("the mean of all the patches")
    mine = [changed(new, "")]  # emptied, but its id says what it was
    assert merge([old], mine, [new]).cells == mine


def test_exercises_are_found_by_name_when_they_get_another_number():
    first = exercise("def width(a):\n    raise NotImplementedError", "1.1")
    second = exercise(STUB.replace("The area", "Its area"), "1.2")
    merged = merge([exercise()], [changed(exercise(), ANSWER)], [first, second])
    assert sources(merged.cells)[:2] == [first["source"], ANSWER]
    assert [c["metadata"]["exercise"] for c in merged.cells[:2]] == ["1.1", "1.2"]


def test_answers_are_found_without_ids_and_metadata():
    """As an editor saves them that knows neither."""
    mine = [cell(f"import math\n\n\n{ANSWER}", "code")]
    del mine[0]["id"]
    merged = merge([exercise()], mine, [ONE, exercise()])
    assert sources(merged.cells) == ["one", mine[0]["source"]]
    assert merged.cells[1]["metadata"] == {"exercise": "1.1"}


@pytest.mark.parametrize("answered", ["the copy", "the original"])
def test_a_copy_of_an_exercise_is_not_the_exercise(answered):
    ids = {"the copy": (None, "a-b"), "the original": ("a-b", exercise()["id"])}[answered]
    mine = [exercise(id=ids[0]), changed(exercise(id=ids[1]), ANSWER)]
    stub = exercise(STUB.replace("The area", "Its area"))
    merged = merge([exercise()], mine, [stub])
    assert sources(merged.cells) == [stub["source"], ANSWER]
    assert merged.conflicts == []


def test_a_check_is_not_taken_for_another_one():
    checks = [cell(f'check("1.{n}")', "code", check=f"1.{n}") for n in (1, 2)]
    mine = [checks[1], cell('check("1.2", hint=1)', "code", "a-b", check="1.2")]
    merged = merge(checks, mine, checks)
    assert merged.cells == [checks[0], *mine]


def test_outputs_stay_with_the_code_that_made_them():
    ran = {"outputs": ["5"], "execution_count": 3}
    old, other = cell("print(2 + 3)", "code"), cell("print(4 + 5 + 6)", "code")
    new = cell("print(4 + 5 + 6 + 7)", "code")
    merged = merge([old, other], [old | ran, other | ran], [old, new])
    assert merged.cells == [old | ran, new]


def test_metadata_of_the_learner_and_of_the_course():
    old = cell("print(1)", "code", tags=["a", "b"], exercise="1.1", level=1)
    new = cell("print(1)", "code", tags=["a", "c"], exercise="1.2", level=2)
    mine = old | {"metadata": {**old["metadata"], "tags": ["a", "b", "mine"], "collapsed": True}}
    (merged,) = merge([old], [mine], [new]).cells
    assert merged["metadata"] == {
        "tags": ["a", "c", "mine"],
        "exercise": "1.2",
        "level": 2,
        "collapsed": True,
    }


def test_line_ends_are_no_change():
    old, new = cell("the mean\nof all patches"), cell("the mean\nof all the patches")
    assert merge([old], [changed(old, "the mean\r\nof all patches\n")], [new]).cells == [new]


def test_what_was_given_is_left_alone():
    mine = [changed(exercise(), ANSWER)]
    merged = merge([exercise()], mine, [exercise()])
    merged.cells[0]["metadata"]["exercise"] = "9.9"
    assert mine == [changed(exercise(), ANSWER)]
