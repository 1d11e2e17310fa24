"""Public holidays, on which nothing is missing from a series of business days."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from gatework.errors import MissingDependencyError, OptionError
from gatework.extras import needing


@lru_cache(maxsize=64)
def holidays_until(place: str, first: int, last: int) -> np.ndarray:
    """Return the holidays of a country, such as "US" or "DE-BY", in these years, both included.

    Shapes:
        result: (days,), datetime64[D], in order

    Raises:
        OptionError: there is no such country, or subdivision of it.
        MissingDependencyError: the package that knows holidays is not installed.
    """
    days = _calendar(place, tuple(range(max(first, 1), min(last, 9998) + 1)))
    return np.array(sorted(days), "datetime64[D]")


def named_holidays(place: str, days: np.ndarray) -> list[str]:
    """Return the names of the holidays among some days, (n,), datetime64[D]; "" for others."""
    dates = days.astype("datetime64[D]").tolist()
    known = _calendar(place, tuple(sorted({date.year for date in dates})))
    return [known.get(date, "") for date in dates]


def likely_place(days: np.ndarray) -> str | None:
    """Return a country or exchange on whose holidays all these days fall, None without one."""
    try:
        return next((p for p in _PLACES if all(named_holidays(p, days))), None)
    except MissingDependencyError:
        return None


_PLACES = ("US", "NYSE", "GB", "DE", "FR", "CA", "ECB", "CN", "JP", "IN", "BR", "AU", "ES", "IT")


@lru_cache(maxsize=64)
def _calendar(place: str, years: tuple[int, ...]) -> Any:
    with needing("holidays", "holidays need the package 'holidays'"):
        package = import_module("holidays")
    country, _, part = place.partition("-")
    try:
        if hasattr(package, "financial_holidays") and country in package.list_supported_financial():
            return package.financial_holidays(country, years=years)
        return package.country_holidays(country, subdiv=part or None, years=years)
    except NotImplementedError:
        raise OptionError(
            f"no holidays are known of {place!r}",
            hint="--holidays US, DE, DE-BY or another code of ISO 3166; NYSE for the exchange",
        ) from None
