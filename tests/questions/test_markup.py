"""`code` and *emphasis*, and nothing else, whatever is written."""

import pytest

from vitcourse.questions.markup import as_html, as_text, runs


def test_marks_become_elements_and_all_else_is_escaped():
    text = "why `x < 1 & y` is *not* <b>bold</b>"
    assert runs(text) == [
        ["", "why "],
        ["code", "x < 1 & y"],
        ["", " is "],
        ["em", "not"],
        ["", " <b>bold</b>"],
    ]
    assert as_html(text) == (
        "why <code>x &lt; 1 &amp; y</code> is <em>not</em> &lt;b&gt;bold&lt;/b&gt;"
    )
    assert as_text(text) == "why x < 1 & y is not <b>bold</b>"


def test_stars_in_code_are_code():
    assert runs("`a * b` and `c * d`") == [["code", "a * b"], ["", " and "], ["code", "c * d"]]


@pytest.mark.parametrize("text", ["one ` alone", "2 * 3", "*open", "` and `*"])
def test_a_mark_without_partner_is_refused(text):
    with pytest.raises(ValueError, match="has no partner"):
        runs(text)
