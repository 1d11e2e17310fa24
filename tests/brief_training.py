"""Forecasters that train briefly, for tests of what is done with what they forecast."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

EPOCHS = (2, 4, 8)


def shorten_fits(patch: pytest.MonkeyPatch) -> None:
    """Let a forecaster try few epochs, in whatever process, and its ARIMA few orders.

    A single trial takes the epochs in the middle.
    """
    from gatework.forecast.baselines import arima
    from gatework.forecast.es_lstm.method import SmoothingMethod
    from gatework.forecast.pretrained import tune
    from gatework.forecast.recursive import method
    from gatework.search import Axis

    full = SmoothingMethod.axes
    few = Axis("epochs", EPOCHS, scale="log", integer=True, low=EPOCHS[0], high=EPOCHS[-1])

    def axes(self, series, cut):
        return [few if axis.name == "epochs" else axis for axis in full(self, series, cut)]

    patch.setattr(SmoothingMethod, "axes", axes)
    patch.setattr(method, "MOST_EPOCHS", EPOCHS[1])
    patch.setattr(tune, "USUAL", replace(tune.USUAL, steps=4, epochs=1))
    patch.setattr(arima, "MOST_LAGS", 1)


def train_briefly(patch: pytest.MonkeyPatch) -> None:
    """Shorten all fits, and average two networks at last, not five."""
    from gatework.forecast.local import refit

    shorten_fits(patch)
    patch.setattr(refit, "MEMBERS", 2)


APART = """
import sys

import pytest

sys.path.insert(0, {tests!r})
from brief_training import {brief}

from gatework.cli import main

if __name__ == "__main__":
    if sys.argv[1] == "forecast":  # others train nothing
        {brief}(pytest.MonkeyPatch())
    main()
"""
"""The command ``gatework`` in a process of its own, with fits that are brief."""


def brief_command(*arguments: str, brief: str = "train_briefly") -> list[str]:
    """Return the words that run ``gatework`` in a process of its own, with fits that are brief."""
    return [sys.executable, "-c", brief_script(brief), *arguments]


def brief_script(brief: str = "train_briefly") -> str:
    """Return a script that is ``gatework`` with fits that one of the functions here shortens."""
    return APART.format(tests=str(Path(__file__).parent), brief=brief)
