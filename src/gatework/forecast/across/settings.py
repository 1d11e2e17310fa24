"""Whether the arguments of a GlobalForecaster can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatework.engine import engine_problems
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import LOSSES


def settings_problems(given: Any) -> list[str]:
    """Return what is wrong with the arguments of a GlobalForecaster, in sentences."""
    problems = []
    for name, least in (
        ("horizon", 1),
        ("batch_size", 1),
        ("members", 1),
        ("seed", 0),
        ("processes", 1),
    ):
        if not _whole(getattr(given, name), least):
            problems.append(
                f"{name} must be a whole number of at least {least}, got {getattr(given, name)!r}"
            )
    problems += engine_problems(given.engine, given.address)
    if given.processes == 1 and given.engine == "ray":
        problems.append("engine 'ray' trains with several processes: processes must be 2 or more")
    if given.epochs is not None and not _whole(given.epochs, 1):
        problems.append(f"epochs must be a whole number of at least 1, got {given.epochs!r}")
    for name, low, high in (("dropout", 0, 1), ("learning_rate", 0, 10), ("weight_decay", 0, 10)):
        value = getattr(given, name)
        if not _number(value) or not low <= value < high:
            problems.append(f"{name} must be from {low} to below {high}, got {value!r}")
    sizes = given.hidden_sizes
    if isinstance(sizes, str) or not isinstance(sizes, Sequence) or not sizes:
        problems.append(f"hidden_sizes must be a sequence of whole numbers, got {sizes!r}")
    elif not all(_whole(size, 1) for size in sizes):
        problems.append(f"hidden_sizes must be whole numbers of at least 1, got {sizes!r}")
    if given.loss not in LOSSES:
        problems.append(f"loss must be one of {', '.join(LOSSES)}, got {given.loss!r}")
    known = (None, "auto", *DISTRIBUTIONS)
    if given.distribution not in known:
        problems.append(
            f"distribution must be None, auto, {', '.join(DISTRIBUTIONS)}, "
            f"got {given.distribution!r}"
        )
    levels = list(given.levels)
    if not levels or not all(_number(one) and 0 < one < 1 for one in levels):
        problems.append(f"levels must be numbers between 0 and 1, got {given.levels!r}")
    return problems


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
