"""Whether the arguments of a LifeEstimator can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_UNITS = 2**16


def settings_problems(given: Any) -> list[str]:
    """Return what is wrong with the arguments of a LifeEstimator, in sentences."""
    problems = []
    for name, least in (("epochs", 1), ("batch_size", 1), ("members", 1), ("seed", 0)):
        value = getattr(given, name)
        if not _whole(value) or value < least:
            problems.append(f"{name} must be a whole number of at least {least}, got {value!r}")
    for name, low, high in (
        ("cap", 1, 1e9),
        ("dropout", 0, 1),
        ("learning_rate", 0, 10),
        ("weight_decay", 0, 10),
    ):
        value = getattr(given, name)
        if not _number(value) or not low <= value < high:
            problems.append(f"{name} must be from {low} to below {high:g}, got {value!r}")
    if not _number(given.level) or not 0 < given.level < 1:
        problems.append(f"level must be a number between 0 and 1, got {given.level!r}")
    sizes = given.hidden_sizes
    if isinstance(sizes, str) or not isinstance(sizes, Sequence) or not sizes:
        problems.append(f"hidden_sizes must be a sequence of whole numbers, got {sizes!r}")
    elif not all(_whole(size) and 1 <= size <= MOST_UNITS for size in sizes):
        problems.append(f"hidden_sizes must be whole numbers from 1, got {sizes!r}")
    return problems


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
