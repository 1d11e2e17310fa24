"""Whether the arguments of a GlobalForecaster can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatework.checks import is_number, is_whole, wrong_below, wrong_whole
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
        problems += wrong_whole(name, getattr(given, name), least)
    problems += engine_problems(given.engine, given.address)
    if given.processes == 1 and given.engine == "ray":
        problems.append("engine 'ray' trains with several processes: processes must be 2 or more")
    if given.epochs is not None:
        problems += wrong_whole("epochs", given.epochs, 1)
    for name, low, high in (("dropout", 0, 1), ("learning_rate", 0, 10), ("weight_decay", 0, 10)):
        problems += wrong_below(name, getattr(given, name), low, high)
    sizes = given.hidden_sizes
    if isinstance(sizes, str) or not isinstance(sizes, Sequence) or not sizes:
        problems.append(f"hidden_sizes must be a sequence of whole numbers, got {sizes!r}")
    elif not all(is_whole(size, 1) for size in sizes):
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
    if not levels or not all(is_number(one) and 0 < one < 1 for one in levels):
        problems.append(f"levels must be numbers between 0 and 1, got {given.levels!r}")
    return problems
