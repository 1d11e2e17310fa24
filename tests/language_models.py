"""Language models with random weights, and their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from drawn_models import letters
from gatework import LSTM
from gatework.storage import write_sealed
from gatework.storage.torch_tensors import seal
from gatework.write.network import LanguageNetwork


def random_network(
    tokens: int = 23,
    embedding_size: int = 7,
    hidden_sizes: Any = (9, 6),
    *,
    tied: bool = False,
    cutoffs: tuple[int, ...] | None = None,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
    **options: Any,
) -> LanguageNetwork:
    """Return a network all of whose weights are drawn."""
    torch.manual_seed(seed)
    lstm = LSTM(embedding_size, list(hidden_sizes), batch_first=True, dtype=dtype, **options)
    network = LanguageNetwork(tokens, embedding_size, lstm, tied=tied, cutoffs=cutoffs)
    network = network.to(dtype).eval().requires_grad_(False)
    for parameter in network.parameters():
        parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64) * 0.4)
    return network


def write_network(
    path: Path,
    network: LanguageNetwork,
    changes: Mapping[str, Any] | None = None,
    *,
    level: str = "char",
) -> Path:
    """Write the file of a network as a Writer's; ``changes`` replace parts of the configuration."""
    tokens = letters(len(network.embedding.weight))
    if level == "bytes":
        tokens = ["", "", *map(chr, range(256))]
    config: dict[str, Any] = {
        "format": 1,
        "level": level,
        "tokens": tokens,
        "network": {
            "embedding_size": network.embedding.embedding_dim,
            "lstm": network.lstm.to_config(),
            "tied": network.tied,
            "cutoffs": None if network.cutoffs is None else list(network.cutoffs),
        },
        "settings": {},
        "training": {},
    }
    for name, value in (changes or {}).items():
        part = name == "network" and isinstance(value, Mapping)
        config[name] = config[name] | value if part else value
    tensors = {name: seal(value) for name, value in network.state_dict().items()}
    write_sealed(path, "writer", config, tensors, overwrite=True)
    return path


def log_probabilities(network: LanguageNetwork, tokens: torch.Tensor) -> torch.Tensor:
    """Return what the network itself says after tokens (T, B), (T, B, V)."""
    output, _ = network(tokens.T.contiguous())
    return network.log_probabilities(output).swapaxes(0, 1)
