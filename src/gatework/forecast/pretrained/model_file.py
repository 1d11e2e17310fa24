"""What a file holds of pretrained networks, and of where series stand with them.

The networks are in the file, so that it answers alike when another version ships others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.cell.configuration import StackConfig
from gatework.checks import share, switch
from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import (
    Array,
    Expected,
    Field,
    Network,
    Part,
    Schema,
    Tensors,
    Values,
)
from gatework.forecast.pretrained.bank import SETS, StreamBank, StreamState
from gatework.forecast.pretrained.fitted import KEPT, FittedPretrained
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing, shapes, stack_for
from gatework.forecast.pretrained.rates import RECURSIONS, SMOOTHERS
from gatework.forecast.pretrained.record import WAITING, TrackRecord
from gatework.forecast.series_file import NAME, PERIODS, series_said

MOST_MEMBERS = 64


@dataclass(frozen=True)
class NamedArrays(Network):
    """float32 arrays by name, several where there is a count; ``make`` returns their shapes."""

    def tensors(self, value: Mapping[str, np.ndarray]) -> Tensors:
        """Return its tensors, each by its name within its own."""
        return {name: np.ascontiguousarray(one, np.float32) for name, one in value.items()}

    def expected(self, values: Values) -> Expected:
        """Return dtype and shape of its tensors."""
        return {name: (np.dtype(np.float32), shape) for name, shape in self.make(values).items()}

    def build(self, name: str, values: Values, tensors: Tensors) -> dict[str, np.ndarray]:
        """Return the arrays, with memory of their own."""
        return {one: tensors[f"{name}.{one}"].copy() for one in self.make(values)}


def _stack(said: Values) -> StackConfig:
    return stack_for(said.entry, said.hidden_sizes)


NETWORK = Schema(
    config={
        "entry": Field(
            js.whole(1, js.MOST_UNITS),
            of=lambda network: len(network.members[0].weights["entry.bias"]),
        ),
        "hidden_sizes": Field(js.sizes, of=lambda network: network.about["hidden_sizes"]),
        "members": Field(js.whole(1, MOST_MEMBERS), of=lambda network: len(network.members)),
        "about": Field(js.an_object),
    },
    tensors={
        "members.*": NamedArrays(
            lambda said: shapes(said.entry, _stack(said)),
            count="members",
            of=lambda network: [member.weights for member in network.members],
        )
    },
    check=lambda said: setattr(said, "stack", _stack(said)),
    make=lambda said, built: PretrainedNetwork.of(
        built["members.*"], said.hidden_sizes, dict(said.about)
    ),
)
"""What a file holds of networks."""


def _not_negative(array: np.ndarray, values: Values) -> str | None:
    return None if (array >= 0).all() else "must not be negative"


SHAPES = {
    "level": ("series", "sets", RECURSIONS),
    "trend": ("series", "sets", RECURSIONS),
    "error": ("series", "sets", SMOOTHERS),
    "bias": ("series", "sets", SMOOTHERS),
    "indices": ("series", "seasonal", "kept"),
    "strayed": ("series", "seasonal", 2),
    "believed": ("series", "seasonal"),
    "line": ("series", "sets", 3),
    "mean_time": ("series",),
    "size": ("series",),
    "zeros": ("series",),
}
"""Of the numbers that the bank carries from value to value and that are always known."""


def _sizes(said: Values) -> None:
    """Add what the shapes of the tensors follow from."""
    said.kept, said.sets = (said.season, SETS) if said.season > 1 else (0, 1)
    said.seasonal = said.sets - 1
    said.ring = said.kept + 1
    said.entry = said.network.entry
    said.lstm = {
        f"{layer}.forward.{name}": (said.series, size)
        for layer, size in enumerate(said.network.hidden_sizes)
        for name in ("hidden", "cell")
    }


def _state(said: Values, built: Mapping[str, Any]) -> StreamState:
    found = {
        name.removeprefix("state."): one for name, one in built.items() if name.startswith("state.")
    }
    # Files hold no number that is not finite: what is not there yet follows from the counters.
    known = found["time"][:, None] if said.kept else 0
    found["recent"] = np.where(np.arange(said.ring) < said.ring - known, np.nan, found["recent"])
    found["least"][found["age"] == 0] = np.inf
    return StreamState(**found | {"whole": found["whole"] != 0})


STANDING = Schema(
    config={
        "network": Part(NETWORK),
        "season": Field(js.whole(1, js.MOST_VALUES), of="bank.season"),
        "series": Field(js.whole(1, js.MOST_VALUES), of=lambda one: len(one.state.age)),
        "record": Field(switch, of=lambda one: True, added=True),
    },
    tensors={
        **{f"state.{name}": Array("float64", shape) for name, shape in SHAPES.items()},
        "state.recent": Array("float64", ("series", "ring"), write=np.nan_to_num),
        "state.least": Array(
            "float64", ("series",), write=lambda least: np.where(least < np.inf, least, 0.0)
        ),
        "state.whole": Array("int64", ("series",)),
        "state.counted": Array("int64", ("series", "kept"), _not_negative),
        "state.age": Array("int64", ("series",), _not_negative),
        "state.time": Array("int64", ("series",), _not_negative),
        "entered.*": Array("float32", ("series", "entry"), count="network.members", of="entered"),
        "lstm.*": NamedArrays(lambda said: said.lstm, count="network.members", of="states"),
        "record.waiting": Array("float64", ("series", WAITING, 3), when="record"),
        "record.judged": Array("float64", ("series", 2), _not_negative, when="record"),
    },
    check=_sizes,
    make=lambda said, built: Standing(
        built["network"],
        StreamBank(said.season),
        _state(said, built),
        tuple(built["entered.*"]),
        tuple(built["lstm.*"]),
        TrackRecord(built["record.waiting"], built["record.judged"])
        if said.record
        else TrackRecord.begin(said.series),
    ),
)
"""What a file holds of where series stand: everything, so that a stream goes on exactly."""


def _check(said: Values) -> None:
    if said.standing.series != 1 or said.standing.season != said.season:
        raise OptionError("the fitted part must be of one series, with its season")
    said.tail = series_said(said, said.label, [0.0] * len(said.label))


FILE = Schema(
    config={
        "standing": Part(STANDING),
        "horizon": Field(js.whole(1, js.MOST_VALUES)),
        "level": Field(share),
        "name": NAME,
        "label": Field(js.list_of(js.text, 1, 2), of="tail.labels"),
        **PERIODS,
        "history": Field(js.list_of(js.finite, 1, KEPT), np.array, added=True),
    },
    check=_check,
    make=lambda said, built: FittedPretrained(
        built["standing"], said.tail, said.horizon, said.level, said.history
    ),
)
"""What the file of one series holds, as it stands with the networks."""
