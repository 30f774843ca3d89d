"""The stepper's numbers are torch's, and it can be read where nothing moves."""

import html
import json
import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from vitcourse.view import attention_stepper
from vitcourse.view.stepper import _shade


@pytest.fixture
def qkv():
    return torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(0)).unbind()


def numbers_of(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-given="([^"]*)"', page)[1]))


def test_the_stepper_holds_torchs_numbers(qkv):
    q, k, v = qkv
    numbers = numbers_of(attention_stepper(q, k, v, "ABCD").html)
    assert (numbers["names"], numbers["d"]) == (list("ABCD"), 6)
    np.testing.assert_allclose(numbers["scores"], q @ k.T, atol=1e-5)
    np.testing.assert_allclose(numbers["scaled"], q @ k.T / 6**0.5, atol=1e-5)
    np.testing.assert_allclose(numbers["weights"], (q @ k.T / 6**0.5).softmax(-1), atol=1e-5)
    right = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]
    np.testing.assert_allclose(numbers["output"], right, atol=1e-5)


def test_the_stepper_is_readable_without_javascript(qkv):
    q, k, v = qkv
    page = attention_stepper(q, k, v, ["a<b", "B", "C", "D"]).html
    assert "a<b" not in page  # names are escaped
    shown = re.findall(r'role="gridcell"[^>]*>([\d.]+)<', page)
    right = (q @ k.T / 6**0.5).softmax(-1).flatten()
    np.testing.assert_allclose([float(number) for number in shown], right, atol=6e-4)
    assert page == attention_stepper(q, k, v, ["a<b", "B", "C", "D"]).html


def test_the_stepper_refuses_sizes_that_differ(qkv):
    q, k, v = qkv
    with pytest.raises(ValueError, match="N entries each, got 4, 4, 4, 3"):
        attention_stepper(q, k, v, "ABC")
    with pytest.raises(ValueError, match=r"got \(4, 6\) and \(4, 5\)"):
        attention_stepper(q, k[:, :5], v, "ABCD")


@pytest.mark.parametrize("weight", np.linspace(0, 1, 41))
def test_weights_are_readable_on_their_shade(weight):
    """Contrast of text and background at least 4.5, the AA of WCAG."""

    def luminance(colour: str) -> float:
        rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    lights = sorted(luminance(colour) for colour in _shade(weight))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


def test_where_there_is_no_html_it_is_a_table(qkv):
    q, k, v = qkv
    shown = attention_stepper(q, k, v, ["sky", "a|b", "<i>", "door"])
    right = (q @ k.T / 6**0.5).softmax(-1)
    rows = shown.plain.splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["sky", "a|b", "<i>", "door"]
    table = torch.tensor([[float(number) for number in row.split()[1:]] for row in rows])
    torch.testing.assert_close(table, right, atol=6e-4, rtol=0)
    lines = shown.markdown.splitlines()
    assert lines[2] == r"| query \\ key | sky | a\|b | &lt;i&gt; | door |"
    assert lines[4].startswith(f"| sky | {right[0, 0]:.3f} |")
