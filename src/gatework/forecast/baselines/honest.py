"""Keeping other libraries quiet, and saying why where one of them fails."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from gatework.forecast.baselines.baseline import CannotForecastError

FAILURES = (ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError)
"""What the libraries raise on values that they cannot cope with."""


@contextmanager
def quiet() -> Iterator[None]:
    """Silence a library: fits that did not converge are left out by their flag instead."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def failing_honestly() -> Iterator[None]:
    """Turn what a library raises during a forecast into the reason that there is none."""
    try:
        yield
    except FAILURES as error:
        raise CannotForecastError(f"it failed during the test part: {error}") from error
