"""JSON values of a model's file: how others become such, and what they can be.

Each check returns what is wrong with a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatework.checks import Check, is_number, must, whole
from gatework.checks import number as within
from gatework.checks import one_of as one_of
from gatework.checks import optional as optional
from gatework.checks import switch as switch

MOST_UNITS, MOST_LAYERS, MOST_VALUES = 2**16, 1024, 10**7
"""Limits of a file: sizes beyond them are damage."""


def list_of(check: Check, low: int = 0, high: int = MOST_VALUES) -> Check:
    """Return the check of lists of so many values, each of them sound."""
    many = f" of {low} to {high:,}" if high < MOST_VALUES else f" of at least {low}" if low else ""
    long = must(f"a list{many}", lambda v: isinstance(v, list | tuple) and low <= len(v) <= high)

    def each(name: str, value: Any) -> list[str]:
        if wrong := long(name, value):
            return wrong
        found = (check(f"{name}[{place}]", one) for place, one in enumerate(value))
        return next(filter(None, found), [])

    return each


text = must("a text", lambda value: isinstance(value, str))
label = must("a text or number", lambda value: isinstance(value, str | int | float))
an_object = must("an object", lambda value: isinstance(value, dict))
anything = must("anything", lambda value: True)
finite = within(-1e308, 1e308)
share = must("a number from 0 to below 1", lambda value: is_number(value, 0) and value < 1)
texts = list_of(text)
sizes = list_of(whole(1, MOST_UNITS), 1, MOST_LAYERS)


def table(name: str, value: Any) -> list[str]:
    """Return what is wrong with rows of numbers, which are alike in length."""
    alike = must("rows of one length", lambda rows: len(set(map(len, rows))) == 1)
    return list_of(list_of(finite), 1)(name, value) or alike(name, value)


def plain(value: Any) -> Any:
    """Return tuples, arrays and mappings as JSON has them."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value
