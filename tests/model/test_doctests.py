"""The examples in the docstrings of the model give what they say."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    ("chapter", "examples"),
    [(name, 3) for name in ("patches", "cls_token", "positions", "attention", "encoder", "vit")]
    + [("modern", 3), ("rotary", 1)],
)
def test_the_examples_in_docstrings(chapter, examples):
    result = doctest.testmod(importlib.import_module(f"vitcourse.model.{chapter}"))
    assert result.attempted >= examples
    assert result.failed == 0
