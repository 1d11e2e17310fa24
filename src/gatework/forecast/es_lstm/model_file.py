"""What a file holds of networks over smoothers, and of where their series stand."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import torch

from gatework.checks import share
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Array, Field, Network, Part, Schema, Values, positive
from gatework.forecast.es_lstm.bank import Bank, BankState
from gatework.forecast.es_lstm.calibration import ConformalMargins
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import FittedMember
from gatework.forecast.es_lstm.live import Live
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.network import SmoothingLSTM, Widths
from gatework.forecast.es_lstm.rates import RECURSIONS, SMOOTHERS, smoothers
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.es_lstm.signals import width
from gatework.forecast.es_lstm.spread import Spread
from gatework.network import State

MOST_MEMBERS = 64

SETTINGS = Schema(
    config={one.name: Field(one.metadata["check"]) for one in fields(EsLstmSettings)},
    make=lambda said, _: EsLstmSettings(**{name: said.at(name) for name in SETTINGS.config}),
)

SHAPES = {
    "level": ("series", "sets", RECURSIONS),
    "trend": ("series", "sets", RECURSIONS),
    "error": ("series", "sets", SMOOTHERS),
    "bias": ("series", "sets", SMOOTHERS),
    "reference": ("series", "seasonal"),
    "indices": ("series", "seasonal", "season"),
    "line": ("series", "sets", 3),
    "mean_time": ("series",),
}
"""Of what the bank carries from value to value."""


def _levels(name: str, value: Any) -> list[str]:
    unlike = js.must("different numbers", lambda levels: len(set(levels)) == len(levels))
    return js.list_of(share, 1)(name, value) or unlike(name, value)


def _in_season(phase: np.ndarray, said: Values) -> str | None:
    inside = ((phase >= 0) & (phase < said.season)).all()
    return None if inside else "must be within the season"


def _sizes(said: Values) -> None:
    count = smoothers(said.season)
    signals = width(count, said.horizon) + said.covariates
    said.widths = Widths(signals, count, said.horizon, said.outlook)
    said.sets = count // SMOOTHERS
    said.seasonal = said.sets - 1


def _network(said: Values) -> SmoothingLSTM:
    settings = said.settings
    return SmoothingLSTM(
        said.widths, settings.hidden_sizes, settings.dropout, correction=settings.correction
    )


def _features(said: Values) -> int:
    return said.settings.hidden_sizes[0] + said.settings.hidden_sizes[-1]


def _make(said: Values, built: dict[str, Any]) -> SmoothingModel:
    floor = np.where(built["counts"] != 0, 0.0, -np.inf)
    bank = Bank(said.season, said.horizon, built["multiplicative"] != 0, floor)
    carried = BankState(**{name: built[f"bank.{name}"] for name in (*SHAPES, *COUNTERS)})
    features, inputs = map(torch.from_numpy, built["features.*"]), torch.from_numpy(built["inputs"])
    live = Live(bank, carried, built["units"], built["lstm.*"], list(features), inputs)
    networks = built["members.*.network"]
    spreads = built["members.*.spread"] or [None] * said.members
    return SmoothingModel(
        built["settings"],
        said.widths,
        said.season,
        said.horizon,
        [FittedMember(*pair) for pair in zip(networks, spreads, strict=True)],
        ConformalMargins(said.levels, built["margins"]),
        live,
    )


COUNTERS = ("time", "phase", "age")
MODEL = Schema(
    config={
        "settings": Part(SETTINGS),
        "covariates": Field(
            js.whole(0, js.MOST_VALUES),
            of=lambda model: model.widths.signals - width(model.widths.smoothers, model.horizon),
        ),
        "outlook": Field(js.whole(0, js.MOST_VALUES), of="widths.outlook"),
        "season": Field(js.whole(1, js.MOST_VALUES)),
        "horizon": Field(js.whole(1, js.MOST_VALUES)),
        "members": Field(js.whole(1, MOST_MEMBERS), of=lambda model: len(model.members)),
        "levels": Field(_levels, of="margins.levels"),
        "series": Field(js.whole(1, js.MOST_VALUES), of=lambda model: len(model.live.units)),
    },
    tensors={
        "members.*.network": Network(
            _network, count="members", of=lambda model: [one.network for one in model.members]
        ),
        "members.*.spread": Network(
            lambda said: Spread(
                _features(said), said.horizon, DISTRIBUTIONS[said.settings.distribution]
            ),
            count="members",
            when="settings.distribution",
            of=lambda model: [one.spread for one in model.members],
        ),
        "lstm.*": Network(
            lambda said: State.zeros(_network(said).lstm, said.series),
            count="members",
            of="live.lstm",
        ),
        "features.*": Array("float32", ("series", _features), count="members", of="live.features"),
        **{
            f"bank.{name}": Array("float64", shape, of=f"live.state.{name}")
            for name, shape in SHAPES.items()
        },
        "bank.time": Array("int64", ("series",), of="live.state.time"),
        "bank.phase": Array("int64", ("series",), _in_season, of="live.state.phase"),
        "bank.age": Array("int64", ("series",), of="live.state.age"),
        "margins": Array("float64", ("levels", "horizon"), of="margins.values"),
        "units": Array("float64", ("series",), positive, of="live.units"),
        "multiplicative": Array("int64", ("series",), of="live.bank.multiplicative"),
        "counts": Array("int64", ("series",), write=lambda floor: floor == 0, of="live.bank.floor"),
        "inputs": Array("float32", ("series", "widths.total"), of="live.inputs"),
    },
    check=_sizes,
    make=_make,
)
