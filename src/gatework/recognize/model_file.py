"""What the file of an estimator of sequences holds."""

from __future__ import annotations

import copy
from typing import Any

from gatework.checks import is_number
from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import (
    Array,
    Field,
    Network,
    Parameters,
    Part,
    Schema,
    Values,
    positive,
)
from gatework.recognize.features import features_from_config
from gatework.recognize.network import SequenceNetwork
from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import KINDS
from gatework.runtime.recognizer import MOST_MEMBERS

MOST_CHANNELS = 10**6


def _check(said: Values) -> None:
    made = said.features
    if made is not None and made.channels != said.channels:
        raise OptionError(f"the features have {made.channels} channels, the model {said.channels}")


def _network(said: Values) -> SequenceNetwork:
    plain = copy.copy(said.settings)
    plain.chrono_steps = None  # it sets weights, and these come from the file
    return plain.build(said.channels, said.targets.outputs, said.members or 1)


def _make(said: Values, built: dict[str, Any]) -> None:
    said.settings.members_ = said.members or 1
    said.settings.scaling_ = Scaling(built["scaling.mean"], built["scaling.deviation"])


FILE = Schema(
    config={
        "settings": Parameters({"chrono_steps": "memory"}, later={"convolutions": "none"}),
        "channels": Field(js.whole(1, MOST_CHANNELS), of="channels_"),
        "kind": Field(js.one_of(KINDS), of="kind_"),
        "features": Field(
            js.optional(js.an_object),
            read=features_from_config,
            write=lambda features: features.to_config(),
            of="features_",
        ),
        "targets": Part(lambda said: type(said.settings).TARGETS.FILE, named=True, of="targets_"),
        "temperature": Field(
            js.must("a positive number", lambda value: is_number(value) and value > 0),
            read=float,
            of="temperature_",
        ),
        "members": Field(
            js.whole(2, MOST_MEMBERS),
            write=lambda count: count if count > 1 else None,
            of=lambda model: model.members_,
            added=True,
        ),
    },
    tensors={
        "scaling.mean": Array("float32", ("channels",), of="scaling_.mean"),
        "scaling.deviation": Array("float32", ("channels",), positive, of="scaling_.deviation"),
        "network": Network(_network, of="network_"),
    },
    check=_check,
    make=_make,
)
