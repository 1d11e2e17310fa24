"""Checks of a model file's JSON values tell what is wrong with any value, whatever its kind."""

import pytest

from gatework.estimator import json_values as js


@pytest.mark.parametrize("value", [5, None, True, "abc", {"a": 1}, 1.5])
def test_what_is_no_list_is_told_as_such(value):
    assert js.sizes("sizes", value) == [f"sizes must be a list of 1 to 1,024, got {value!r}"]


def test_the_first_wrong_value_is_told_by_its_place():
    said = "sizes[1] must be a whole number from 1 to 65536, got 1.5"
    assert js.sizes("sizes", [1, 1.5, 0]) == [said]
    assert js.table("rows", [[1.0], 2]) == ["rows[1] must be a list, got 2"]
    assert js.table("rows", [[1], [1, 2]]) == ["rows must be rows of one length, got [[1], [1, 2]]"]
