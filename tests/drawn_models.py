"""Model files with random weights that are made with numpy alone, as the runtime reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gatework.cell.configuration import default_config
from gatework.cell.options import CellOptions
from gatework.runtime.architecture import architecture_of
from gatework.runtime.words import words_of
from gatework.storage import Tensor, write_sealed


@dataclass(frozen=True)
class DrawnModel:
    """A model with random weights: the kind of its file, its configuration and its tensors."""

    kind: str
    config: dict[str, Any]
    tensors: dict[str, np.ndarray]

    def write(self, path: Path, changes: Mapping[str, Any] | None = None) -> Path:
        """Write its file; ``changes`` replace parts of the configuration."""
        config = dict(self.config)
        for name, value in (changes or {}).items():
            part = name == "network" and isinstance(value, Mapping)
            config[name] = config[name] | value if part else value
        tensors = {name: Tensor.from_numpy(values) for name, values in self.tensors.items()}
        write_sealed(path, self.kind, config, tensors, overwrite=True)
        return path


def drawn_lstm(input_size: int, sizes: Any, *, seed: int = 0, **options: Any) -> DrawnModel:
    """Return an LSTM whose weights are all drawn, gains, shifts and initial states too."""
    config = _layers(input_size, sizes, **options)
    return _drawn("lstm", config, architecture_of("lstm", config).expected(), config, seed)


def drawn_writer(
    tokens: int = 23,
    embedding_size: int = 7,
    sizes: Any = (9, 6),
    *,
    tied: bool = False,
    cutoffs: tuple[int, ...] | None = None,
    seed: int = 0,
    **options: Any,
) -> DrawnModel:
    """Return a language model all of whose weights are drawn."""
    layers = _layers(embedding_size, sizes, batch_first=True, **{"dtype": "float64", **options})
    config: dict[str, Any] = {
        "format": 1,
        "level": "char",
        "tokens": letters(tokens),
        "network": {
            "embedding_size": embedding_size,
            "lstm": layers,
            "tied": tied,
            "cutoffs": None if cutoffs is None else list(cutoffs),
        },
        "settings": {},
        "training": {},
    }
    return _drawn("writer", config, words_of(config).expected(), layers, seed)


def letters(count: int) -> list[str]:
    """Return the tokens of a vocabulary of characters, both marks first."""
    return ["", "", *(chr(ord("a") + i) if i < 26 else chr(0x20000 + i) for i in range(count - 2))]


def _layers(input_size: int, sizes: Any, **options: Any) -> dict[str, Any]:
    listed = {name: list(v) if isinstance(v, tuple) else v for name, v in options.items()}
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    return default_config(CellOptions, input_size=input_size, hidden_sizes=sizes, **listed)


def _drawn(
    kind: str,
    config: dict[str, Any],
    shapes: Mapping[str, tuple[int, ...]],
    layers: Mapping[str, Any],
    seed: int,
) -> DrawnModel:
    draw = np.random.default_rng(seed).normal
    dtype = np.dtype(layers["dtype"])
    tensors = {name: (0.4 * draw(size=shape)).astype(dtype) for name, shape in shapes.items()}
    return DrawnModel(kind, config, tensors)
