"""The examples in the docstrings of the model give what they say."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "chapter", ["patches", "cls_token", "positions", "attention", "encoder", "vit"]
)
def test_the_examples_in_docstrings(chapter):
    result = doctest.testmod(importlib.import_module(f"vitcourse.model.{chapter}"))
    assert result.attempted >= 3
    assert result.failed == 0
