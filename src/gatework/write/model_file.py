"""What the file of a Writer holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gatework.checks import is_whole
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
)
from gatework.network import LSTM
from gatework.train import History
from gatework.write.memorization import PREFIX, MemorizationIndex
from gatework.write.network import LanguageNetwork, Rates
from gatework.write.settings import CLUSTER_DIVISOR, PRESETS
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


def _settled(writer: Any) -> Any:
    """Return a writer whose arguments say all that its network was trained with."""
    return type(writer)(preset=writer.preset, seed=writer.seed, **vars(writer.settings_))


TRAINING = Schema(
    config={
        "losses": Field(js.list_of(js.finite), of="history_.losses"),
        "validation": Field(js.list_of(js.finite), of="history_.validation"),
        "best_epoch": Field(js.optional(js.whole(0, js.MOST_VALUES)), of="history_.best_epoch"),
        "notes": Field(js.texts, of="notes_"),
    },
    make=lambda said, _: History(list(said.losses), list(said.validation), said.best_epoch),
)


def _dtype_and_size(value: Any) -> bool:
    match value:
        case [("int8" | "int16" | "int32" | "int64"), size]:
            return is_whole(size, 0, MOST_LETTERS)
    return False


def _part_of_index(name: str) -> tuple[Field, Array]:
    """Return dtype and size of a part of the index, and the part itself."""

    def taken(index: MemorizationIndex) -> np.ndarray:
        return index.to_tensors()[PREFIX + name]

    def described(index: MemorizationIndex) -> list[Any]:
        return [taken(index).dtype.name, len(taken(index))]

    dtype, size = (lambda said: said.at(name)[0]), (lambda said: said.at(name)[1])
    said = Field(js.must("dtype and size", _dtype_and_size), of=described)
    return said, Array(dtype, (size,), of=taken)


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
    said.setting = said.settings.settled()


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


def _make(said: Values, built: dict[str, Any]) -> None:
    writer, usual = said.settings, PRESETS.get(said.settings.preset)
    for name, value in vars(said.setting).items():
        if usual is not None and value == getattr(usual, name):
            setattr(writer, name, None)  # the preset's own
    writer.level, writer.vocabulary_ = said.level, said.vocabulary
    writer.settings_, writer.memorization = said.setting, built["novelty"] is not None
    writer.history_, writer.notes_ = built["training"], said.training.notes
    writer.baseline_ = None


FILE = Schema(
    config={
        "format": Field(js.one_of((FORMAT,)), of=lambda writer: FORMAT),
        "level": Field(js.one_of(LEVELS), of="vocabulary_.level"),
        "tokens": Field(js.list_of(js.text, 2, MOST_TOKENS), of="vocabulary_.tokens"),
        "network": Part(NETWORK, of="network_"),
        "settings": Parameters({"bptt": "steps"}, null="none", of=_settled),
        "training": Part(TRAINING, of=lambda writer: writer),
        "novelty": Part(INDEX, named=True, optional=True, of="memorization_"),
    },
    tensors={
        "": Network(_network, of="network_"),  # whose weights have no name before theirs
    },
    check=_check,
    make=_make,
)
