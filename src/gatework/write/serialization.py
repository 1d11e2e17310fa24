"""A Writer as JSON values and tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from gatework.errors import OptionError
from gatework.network import LSTM
from gatework.train import History
from gatework.write.memorization import PREFIX, MemorizationIndex
from gatework.write.network import LanguageNetwork, Rates
from gatework.write.settings import CLUSTER_DIVISOR, PRESETS, Settings, setting_names
from gatework.write.vocabulary import Vocabulary

if TYPE_CHECKING:
    from gatework.write.writer import Writer

Kind = TypeVar("Kind", bound="Writer")
Expected = dict[str, tuple[torch.dtype, tuple[int, ...]]]

FORMAT = 1
KEYS = frozenset({"format", "level", "tokens", "network", "settings", "training", "novelty"})
NETWORK_KEYS = frozenset({"embedding_size", "lstm", "tied", "cutoffs"})
MOST_TOKENS = 5_000_000


def config_of(writer: Writer) -> dict[str, Any]:
    """Return all but the tensors of a fitted writer, as JSON values."""
    network, history = writer.network_, writer.history_
    return {
        "format": FORMAT,
        "level": writer.vocabulary_.level,
        "tokens": list(writer.vocabulary_.tokens),
        "network": {
            "embedding_size": network.embedding.embedding_dim,
            "lstm": network.lstm.to_config(),
            "tied": network.tied,
            "cutoffs": None if network.cutoffs is None else list(network.cutoffs),
        },
        "settings": asdict(writer.settings_) | {"seed": writer.seed, "preset": writer.preset},
        "training": {
            "losses": list(history.losses),
            "validation": list(history.validation),
            "best_epoch": history.best_epoch,
            "notes": list(writer.notes_),
        },
        "novelty": None if writer.novelty_ is None else _sizes(writer.novelty_),
    }


def index_tensors(index: MemorizationIndex | None) -> dict[str, torch.Tensor]:
    """Return the index of what was copied as tensors by name; none without an index."""
    arrays = {} if index is None else index.to_tensors()
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _sizes(index: MemorizationIndex) -> dict[str, Any]:
    """Return sizes and dtypes of the index."""
    return {
        name.removeprefix(PREFIX): [array.dtype.name, len(array)]
        for name, array in index.to_tensors().items()
    }


def expected_index(config: Mapping[str, Any]) -> Expected:
    """Return dtype and shape of the tensors of the index that a configuration asks for."""
    sizes = config["novelty"]
    if sizes is None:
        return {}
    if not isinstance(sizes, dict) or set(sizes) != {"letters", "text", "starts"}:
        raise OptionError("novelty must be None, or letters, text and starts")
    found: Expected = {}
    for name, (dtype, size) in sizes.items():
        if dtype not in ("int16", "int32", "int64") or type(size) is not int or size < 0:
            raise OptionError(f"the size of novelty.{name} is not sound")
        found[PREFIX + name] = (getattr(torch, dtype), (size,))
    return found


def expected(config: Mapping[str, Any]) -> Expected:
    """Check a configuration and return dtype and shape of every tensor that it asks for.

    Raises:
        OptionError, DataError: when it is not one that ``config_of`` returns.
    """
    network = _empty(config)[0]
    _settings(config)
    _history(config)
    found = {name: (t.dtype, tuple(t.shape)) for name, t in network.state_dict().items()}
    return found | expected_index(config)


def build(config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], kind: type[Kind]) -> Kind:
    """Return the writer around its tensors."""
    network, vocabulary = _empty(config)
    weights = {name: t for name, t in tensors.items() if not name.startswith(PREFIX)}
    network.load_state_dict(weights, assign=True)
    settings = _settings(config)
    given = config["settings"]
    writer = kind(vocabulary.level, preset=given["preset"], seed=given["seed"])
    usual = PRESETS.get(writer.preset)
    for name in setting_names():
        value = getattr(settings, name)
        if usual is None or value != getattr(usual, name):
            setattr(writer, name, "none" if value is None else value)
    network.rates = Rates.of(settings)
    writer.network_ = network.eval()
    writer.vocabulary_, writer.settings_ = vocabulary, settings
    index = {name: t.numpy() for name, t in tensors.items() if name.startswith(PREFIX)}
    writer.novelty_ = MemorizationIndex.from_tensors(index) if index else None
    writer.novelty = writer.novelty_ is not None
    writer.history_ = _history(config)
    writer.notes_ = tuple(config["training"]["notes"])
    return writer


def _empty(config: Mapping[str, Any]) -> tuple[LanguageNetwork, Vocabulary]:
    """Return the network of a configuration without values, and its vocabulary."""
    if set(config) != KEYS or config["format"] != FORMAT:
        raise OptionError(f"the configuration must have {', '.join(sorted(KEYS))}, format {FORMAT}")
    level, tokens, parts = config["level"], config["tokens"], config["network"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise OptionError("tokens must be a list of texts")
    if not 2 <= len(tokens) <= MOST_TOKENS or tokens[:2] != ["", ""]:
        raise OptionError("tokens must begin with the two marks, which are empty")
    vocabulary = Vocabulary(level, tokens[2:])
    if not isinstance(parts, dict) or set(parts) != NETWORK_KEYS:
        raise OptionError(f"the network must have {', '.join(sorted(NETWORK_KEYS))}")
    size, cutoffs, tied = parts["embedding_size"], parts["cutoffs"], parts["tied"]
    if type(size) is not int or size < 1 or not isinstance(tied, bool):
        raise OptionError("embedding_size must be a whole number from 1, tied True or False")
    if cutoffs is not None and (
        not isinstance(cutoffs, list)
        or not all(type(end) is int and 0 < end < len(tokens) - 1 for end in cutoffs)
        or cutoffs != sorted(set(cutoffs))
        or not cutoffs
        or tied
    ):
        raise OptionError("cutoffs must be rising whole numbers within the vocabulary, untied")
    lstm = _empty_lstm(parts["lstm"], size)
    if cutoffs is not None and lstm.output_size < CLUSTER_DIVISOR ** len(cutoffs):
        raise OptionError("the last layer has too few features for so many cutoffs")
    if tied and lstm.output_size != size:
        raise OptionError("tied weights need as many features of the last layer as of a token")
    with torch.device("meta"):
        network = LanguageNetwork(
            len(tokens),
            size,
            lstm,
            tied=tied,
            cutoffs=None if cutoffs is None else tuple(cutoffs),
        )
    return network, vocabulary


def _empty_lstm(config: Any, embedding_size: int) -> LSTM:
    if not isinstance(config, dict):
        raise OptionError("lstm must be the configuration of an LSTM")
    expected = LSTM.expected_tensors(config)
    tensors = {n: torch.empty(shape, dtype=d, device="meta") for n, (d, shape) in expected.items()}
    lstm = LSTM.from_config(config, tensors)
    if lstm.bidirectional or not lstm.batch_first or lstm.input_size != embedding_size:
        raise OptionError("the LSTM of a writer reads forward, batch first, what is embedded")
    lstm.variational = True
    return lstm


def _settings(config: Mapping[str, Any]) -> Settings:
    given = config["settings"]
    names = {*setting_names(), "seed", "preset"}
    if not isinstance(given, dict) or set(given) != names:
        raise OptionError(f"the settings must be {', '.join(sorted(names))}")
    values: dict[str, Any] = {
        name: tuple(given[name]) if isinstance(given[name], list) else given[name]
        for name in setting_names()
    }
    settings = Settings(**values)
    problems = settings.problems()
    if type(given["seed"]) is not int or not isinstance(given["preset"], str):
        problems.append("seed must be a whole number, preset a name")
    if problems:
        raise OptionError("the settings are not sound: " + "; ".join(problems))
    return settings


def _history(config: Mapping[str, Any]) -> History:
    given = config["training"]
    if not isinstance(given, dict) or set(given) != {"losses", "validation", "best_epoch", "notes"}:
        raise OptionError("training must have losses, validation, best_epoch, notes")
    for name in ("losses", "validation"):
        if not all(isinstance(value, int | float) for value in given[name]):
            raise OptionError(f"{name} must be numbers")
    best = given["best_epoch"]
    if not (best is None or type(best) is int) or not all(
        isinstance(note, str) for note in given["notes"]
    ):
        raise OptionError("best_epoch must be a whole number, notes texts")
    return History(list(given["losses"]), list(given["validation"]), best)
