"""What the file of a LifeEstimator holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import (
    Array,
    Field,
    Network,
    Parameters,
    Schema,
    Values,
    positive,
)
from gatework.estimator.style_field import style_field
from gatework.life.held_out import HeldOut
from gatework.life.intervals import Margins
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals
from gatework.tabular.missing import FILLS
from gatework.tabular.style import ReadingStyle

MOST_MEMBERS = 1000


def _check(said: Values) -> None:
    if said.settings.members > MOST_MEMBERS:
        raise OptionError(f"members must be at most {MOST_MEMBERS}, got {said.settings.members}")
    said.width = Signals(said.columns, np.empty(0), np.empty(0)).width


def _network(said: Values) -> LifeNetwork:
    return LifeNetwork(said.width, said.settings.hidden_sizes, said.settings.dropout)


def _rising(array: np.ndarray, said: Values) -> str | None:
    return "must rise" if (np.diff(array) < 0).any() else None


def _make(said: Values, built: dict[str, Any]) -> None:
    loaded, bands = said.settings, (built[name] for name in ("middles", "lower", "upper"))
    loaded.signals_ = Signals(said.columns, built["mean"], built["deviation"])
    loaded.margins_ = Margins(loaded.level, float(loaded.cap), *bands)
    loaded.style_ = said.style or ReadingStyle()
    loaded.held_out_ = said.held_out
    loaded.missing_, loaded.gaps_ = said.missing or "error", said.gaps or "error"


_held_out = js.list_of(js.within(0.0, 1e308), 4, 4)
"""Units held out, and three errors on them."""


def _unless_error(name: str) -> Callable[[Any], str | None]:
    """Return what gives an attribute where it is not as in files of before."""
    return lambda estimator: {"error": None}.get(found := getattr(estimator, name), found)


FILE = Schema(
    config={
        "settings": Parameters(),
        "columns": Field(js.list_of(js.text, 1), of="signals_.names"),
        "bands": Field(js.whole(1, 1000), of=lambda estimator: len(estimator.margins_.lower)),
        "style": style_field("style_"),
        "step": Field(js.within(1e-9, 1e9), of="step_", added=True),
        "missing": Field(js.one_of(FILLS), of=_unless_error("missing_"), added=True),
        "gaps": Field(js.one_of(("missing",)), of=_unless_error("gaps_"), added=True),
        "held_out": Field(
            _held_out,
            lambda said: HeldOut(int(said[0]), *said[1:]),
            astuple,
            of="held_out_",
            added=True,
        ),
    },
    tensors={
        "mean": Array("float64", ("columns",), of="signals_.mean"),
        "deviation": Array("float64", ("columns",), positive, of="signals_.deviation"),
        "middles": Array("float64", ("bands",), _rising, of="margins_.middles"),
        "lower": Array("float64", ("bands",), of="margins_.lower"),
        "upper": Array("float64", ("bands",), of="margins_.upper"),
        "networks.*": Network(_network, count="settings.members", of="networks_"),
    },
    check=_check,
    make=_make,
)
