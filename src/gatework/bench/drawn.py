"""Networks of the runtime with random weights, without torch and without a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.cell.configuration import default_config
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
    config = default_config(
        CellOptions, input_size=input_size, hidden_sizes=hidden_sizes, **options
    )
    stack, draw = stack_of(config), np.random.default_rng(SEED).uniform
    bound = hidden_sizes[0] ** -0.5  # as torch draws them
    tensors = {
        name: Tensor.from_numpy(draw(-bound, bound, shape).astype(np.float32))
        for name, shape in stack.shapes().items()
    }
    architecture = Architecture("lstm", (EnsembleMember(stack),))
    return Model.packed(architecture, tensors, storage, target, threads)
