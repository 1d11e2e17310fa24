"""Networks of the runtime with random weights, without torch and without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatework.cell.configuration import StackConfig, default_config
from gatework.cell.options import CellOptions
from gatework.runtime import Model
from gatework.runtime.architecture import Architecture, EnsembleMember, stack_of
from gatework.runtime.packing import Storage
from gatework.storage import Tensor

SEED = 7


def drawn_model(
    target: str,
    input_size: int,
    hidden_sizes: list[int],
    *,
    storage: Storage = "float32",
    threads: int = 1,
    **options: Any,
) -> Model:
    """Return a model whose weights depend on its sizes and options alone, to run on a target."""
    stack = layers(input_size, hidden_sizes, **options)
    draw = np.random.default_rng(SEED).uniform
    bound = hidden_sizes[0] ** -0.5  # as torch draws them
    weights = {name: draw(-bound, bound, shape) for name, shape in stack.shapes().items()}
    return packed_model(stack, weights, target, storage=storage, threads=threads)


def layers(input_size: int, hidden_sizes: list[int], **options: Any) -> StackConfig:
    """Return layers of plain cells, but for what ``options`` say."""
    sizes = {"input_size": input_size, "hidden_sizes": hidden_sizes}
    return stack_of(default_config(CellOptions, **sizes, **options))


def packed_model(
    stack: StackConfig,
    weights: Mapping[str, np.ndarray],
    target: str,
    *,
    storage: Storage = "float32",
    threads: int = 1,
) -> Model:
    """Return a model of these layers and weights, by the names of a file, to run on a target."""
    tensors = {n: Tensor.from_numpy(w.astype(np.float32)) for n, w in weights.items()}
    architecture = Architecture("lstm", (EnsembleMember(stack),))
    return Model.packed(architecture, tensors, storage, target, threads)
