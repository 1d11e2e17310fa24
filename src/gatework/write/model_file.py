"""What the file of a Writer holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Array, Field, Network, Part, Schema, Values, plain
from gatework.network import LSTM
from gatework.train import History
from gatework.write.memorization import PREFIX, MemorizationIndex
from gatework.write.network import LanguageNetwork, Rates
from gatework.write.settings import CLUSTER_DIVISOR, PRESETS, Settings, setting_names
from gatework.write.vocabulary import LEVELS, Vocabulary

FORMAT = 1
MOST_TOKENS = 5_000_000
MOST_LETTERS = 2**40


def _lstm(config: dict[str, Any]) -> LSTM:
    """Return the LSTM of a configuration, without values."""
    expected = LSTM.expected_tensors(config)
    tensors = {n: torch.empty(shape, dtype=d, device="meta") for n, (d, shape) in expected.items()}
    lstm = LSTM.from_config(config, tensors)
    if lstm.bidirectional or not lstm.batch_first:
        raise OptionError("the LSTM of a writer reads forward, batch first")
    lstm.variational = True
    return lstm


def _check_network(said: Values) -> None:
    lstm, cutoffs = said.lstm, said.cutoffs
    if lstm.input_size != said.embedding_size:
        raise OptionError("the LSTM of a writer reads what is embedded")
    if said.tied and lstm.output_size != said.embedding_size:
        raise OptionError("tied weights need as many features of the last layer as of a token")
    if cutoffs is None:
        return
    if said.tied or list(cutoffs) != sorted(set(cutoffs)):
        raise OptionError("cutoffs must be rising whole numbers, and weights untied")
    if lstm.output_size < CLUSTER_DIVISOR ** len(cutoffs):
        raise OptionError("the last layer has too few features for so many cutoffs")


NETWORK = Schema(
    config={
        "embedding_size": Field(js.whole(1, js.MOST_UNITS), of="embedding.embedding_dim"),
        "lstm": Field(js.an_object, read=_lstm, write=lambda lstm: lstm.to_config()),
        "tied": Field(js.switch),
        "cutoffs": Field(js.optional(js.list_of(js.whole(1, MOST_TOKENS), 1))),
    },
    check=_check_network,
)


FILED = {{"bptt": "steps"}.get(name, name): name for name in setting_names()}
"""The settings by their names in files."""


def _given(writer: Any) -> dict[str, Any]:
    found = {filed: plain(getattr(writer.settings_, name)) for filed, name in FILED.items()}
    return found | {"seed": writer.seed, "preset": writer.preset}


def _settings(given: dict[str, Any]) -> Settings:
    """Return the settings of a file, after checking them, the seed and the preset beside them."""
    if set(given) != {*FILED, "seed", "preset"}:
        raise OptionError(f"the settings must be {', '.join(FILED)}, seed, preset")
    found: dict[str, Any] = {
        name: tuple(v) if isinstance(v := given[filed], list) else v
        for filed, name in FILED.items()
    }
    settings = Settings(**found)
    problems = settings.problems()
    if type(given["seed"]) is not int or not isinstance(given["preset"], str):
        problems.append("seed must be a whole number, preset a name")
    if problems:
        raise OptionError("the settings are not sound: " + "; ".join(problems))
    return settings


TRAINING = Schema(
    config={
        "losses": Field(js.list_of(js.finite), of="history_.losses"),
        "validation": Field(js.list_of(js.finite), of="history_.validation"),
        "best_epoch": Field(js.optional(js.whole(0, js.MOST_VALUES)), of="history_.best_epoch"),
        "notes": Field(js.texts, of="notes_"),
    },
    make=lambda said, _: History(list(said.losses), list(said.validation), said.best_epoch),
)


def _part_of_index(name: str) -> tuple[Field, Array]:
    """Return dtype and size of a part of the index, and the part itself."""

    def taken(index: MemorizationIndex) -> np.ndarray:
        return index.to_tensors()[PREFIX + name]

    def sound(value: Any) -> bool:
        return (
            isinstance(value, list)
            and len(value) == 2
            and value[0] in ("int16", "int32", "int64")
            and js.whole(0, MOST_LETTERS)(name, value[1]) is None
        )

    return (
        Field(
            js.must("dtype and size", sound),
            of=lambda index: [taken(index).dtype.name, len(taken(index))],
        ),
        Array(
            lambda said: getattr(said, name)[0], (lambda said: getattr(said, name)[1],), of=taken
        ),
    )


PARTS = {name: _part_of_index(name) for name in ("letters", "text", "starts")}
INDEX = Schema(
    config={name: said for name, (said, _) in PARTS.items()},
    tensors={name: array for name, (_, array) in PARTS.items()},
    make=lambda _, built: MemorizationIndex.from_tensors(
        {PREFIX + name: array for name, array in built.items()}
    ),
)


def _check(said: Values) -> None:
    if said.tokens[:2] != ("", ""):
        raise OptionError("tokens must begin with the two marks, which are empty")
    if said.network.cutoffs is not None and said.network.cutoffs[-1] >= len(said.tokens) - 1:
        raise OptionError("cutoffs must lie within the vocabulary")
    said.vocabulary = Vocabulary(said.level, said.tokens[2:])
    if said.vocabulary.tokens != said.tokens:
        raise OptionError(f"tokens must be those of the level {said.level!r}")
    said.setting = _settings(said.settings)


def _network(said: Values) -> LanguageNetwork:
    parts = said.network
    return LanguageNetwork(
        len(said.tokens),
        parts.embedding_size,
        parts.lstm,
        tied=parts.tied,
        cutoffs=parts.cutoffs,
        rates=Rates.of(said.setting),
    )


def _make(said: Values, built: dict[str, Any]) -> Any:
    preset, settings = said.settings["preset"], said.setting
    writer: Any = said.schema.kind(said.level, preset=preset, seed=said.settings["seed"])
    usual = PRESETS.get(preset)
    for name in setting_names():
        value = getattr(settings, name)
        if usual is None or value != getattr(usual, name):
            setattr(writer, name, "none" if value is None else value)
    writer.network_ = built[""]
    writer.vocabulary_, writer.settings_ = said.vocabulary, settings
    writer.memorization_ = built["novelty"]
    writer.memorization = writer.memorization_ is not None
    writer.history_, writer.notes_ = built["training"], said.training.notes
    return writer


FILE = Schema(
    config={
        "format": Field(js.one_of((FORMAT,)), of=lambda writer: FORMAT),
        "level": Field(js.one_of(LEVELS), of="vocabulary_.level"),
        "tokens": Field(js.list_of(js.text, 2, MOST_TOKENS), of="vocabulary_.tokens"),
        "network": Part(NETWORK, of="network_"),
        "settings": Field(js.an_object, of=_given),
        "training": Part(TRAINING, of=lambda writer: writer),
        "novelty": Part(INDEX, named=True, optional=True, of="memorization_"),
    },
    tensors={
        "": Network(_network, of="network_"),  # whose weights have no name before theirs
    },
    check=_check,
    make=_make,
)
