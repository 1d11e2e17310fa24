"""Whether the arguments of a LifeEstimator can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatework.checks import is_number, is_whole, wrong_below, wrong_whole

MOST_UNITS = 2**16


def settings_problems(given: Any) -> list[str]:
    """Return what is wrong with the arguments of a LifeEstimator, in sentences."""
    problems = []
    for name, least in (("epochs", 1), ("batch_size", 1), ("members", 1), ("seed", 0)):
        problems += wrong_whole(name, getattr(given, name), least)
    for name, low, high in (
        ("cap", 1, 1e9),
        ("dropout", 0, 1),
        ("learning_rate", 0, 10),
        ("weight_decay", 0, 10),
    ):
        problems += wrong_below(name, getattr(given, name), low, high)
    if not is_number(given.level) or not 0 < given.level < 1:
        problems.append(f"level must be a number between 0 and 1, got {given.level!r}")
    sizes = given.hidden_sizes
    if isinstance(sizes, str) or not isinstance(sizes, Sequence) or not sizes:
        problems.append(f"hidden_sizes must be a sequence of whole numbers, got {sizes!r}")
    elif not all(is_whole(size, 1, MOST_UNITS) for size in sizes):
        problems.append(f"hidden_sizes must be whole numbers from 1, got {sizes!r}")
    return problems
