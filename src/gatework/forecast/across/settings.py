"""Whether the arguments of a GlobalForecaster can be used."""

from __future__ import annotations

from typing import Any

from gatework.checks import is_number, wrong_fields
from gatework.engine import engine_problems
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS


def settings_problems(given: Any) -> list[str]:
    """Return what is wrong with the arguments of a GlobalForecaster, in sentences."""
    problems = wrong_fields(given) + engine_problems(given.engine, given.address)
    if given.processes == 1 and given.engine == "ray":
        problems.append("engine 'ray' trains with several processes: processes must be 2 or more")
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
