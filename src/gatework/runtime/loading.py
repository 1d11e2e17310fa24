"""Reading a model file, and packing its weights for the kernels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, cast, get_args

import numpy as np

from gatework.errors import FileFormatError, OptionError
from gatework.runtime.architecture import (
    Architecture,
    architecture_of,
    cell_prefix,
    fault,
    numbers,
)
from gatework.runtime.cells import Cell
from gatework.runtime.model import Model
from gatework.runtime.native import native, target
from gatework.runtime.state import Layout
from gatework.storage import Tensor, read_sealed

Storage = Literal["float64", "float32", "float16", "int8"]
STORAGES = cast(tuple[Storage, ...], get_args(Storage))
KINDS = ("lstm", "forecaster")
OTHER_WAYS = {"rnn": "gatework.load(path)", "writer": "gatework.runtime.load_tokens(path)"}
"""What to call for a file of another kind."""


def load(
    path: str | os.PathLike[str], storage: Storage | None = None, *, threads: int = 1
) -> Model:
    """Read a model that ``gatework.save`` wrote, ready to run; nothing in the file is executed.

    Args:
        path: of the file: an LSTM, or a fitted Forecaster, whose networks then run with their
            heads, averaged, in the units of the series.
        storage: how the weights are kept. "float64" also computes in it, the others compute in
            float32; "float16" and "int8" (a scale for each row) take less memory and time where
            the weights are more than the caches hold. None: float64 for a file of it, else
            float32.
        threads: at most so many work on a call of the model. A step always takes one.

    Raises:
        OptionError: when an argument is out of range, or the file holds what the runtime does
            not run.
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is damaged, altered, or its tensors are not those that its
            configuration asks for.
        MissingDependencyError: when the native module cannot be loaded.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from gatework import LSTM, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = load(save(LSTM(3, [8, 4]), folder + "/model.safetensors"))
        >>> output, state = model(np.zeros((20, 2, 3), np.float32))
        >>> output.shape
        (20, 2, 4)
    """
    check_storage(storage)
    check_threads(threads)
    chosen = target()
    name = os.fspath(path)
    sealed = read_sealed(path)
    if sealed.kind not in KINDS:
        raise OptionError(
            f"{name} holds {sealed.kind!r}, but the runtime runs {' and '.join(map(repr, KINDS))}",
            hint=OTHER_WAYS.get(sealed.kind),
        )
    if _smooths(sealed.config):
        raise OptionError(
            f"{name} forecasts by the method 'es-lstm', which the runtime does not run",
            hint="gatework.load(path), or fit with method='recursive'",
        )
    try:
        architecture = architecture_of(sealed.kind, sealed.config)
    except ValueError as error:
        raise FileFormatError(f"{name} has a configuration that is not sound: {error}") from error
    if wrong := fault(architecture.expected(), architecture.dtype, sealed.tensors):
        raise FileFormatError(f"{name} {wrong}")
    kept = storage or ("float64" if architecture.dtype == "float64" else "float32")
    return build(architecture, sealed.tensors, kept, chosen, threads)


def _smooths(config: Mapping[str, Any]) -> bool:
    settings = config.get("settings")
    return isinstance(settings, dict) and settings.get("method") == "es-lstm"


def check_threads(threads: object) -> None:
    """Check a number of threads.

    Raises:
        OptionError: when it is none.
    """
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= 1024:
        raise OptionError(f"threads must be a whole number from 1 to 1024, got {threads!r}")


def check_storage(storage: object) -> None:
    """Check the name of a storage.

    Raises:
        OptionError: when it is none.
    """
    if storage is not None and storage not in STORAGES:
        raise OptionError(f"storage must be one of {', '.join(STORAGES)}, got {storage!r}")


def build(
    architecture: Architecture,
    tensors: Mapping[str, Tensor],
    storage: Storage,
    chosen: str,
    threads: int,
) -> Model:
    """Pack weights that are as expected, for the instruction set ``chosen``."""
    module = native()
    dtype = np.dtype(np.float64 if storage == "float64" else np.float32)
    make = module.Network64 if storage == "float64" else module.Network32
    kept = storage if storage in ("float16", "int8") else "same"
    network = make(chosen, kept, architecture.scaling)
    layout = Layout(dtype)
    for member in architecture.members:
        network.add_member()
        for cell in (cell for row in member.grid for cell in row):
            prefix = cell_prefix(member, cell)
            weights = {
                name: weight_of(prefix + name, tensors[prefix + name], dtype, storage)
                for name in cell.shapes()
            }
            layout.add(f"{member.prefix}{cell.layer}.{cell.direction}.", cell.state_sizes())
            learn(layout, cell, weights)
            network.add_cell(**weights, **settings_of(cell))
        if member.head:
            weight, bias = (
                weight_of(name, tensors[name], dtype, "float32")
                for name in (member.prefix + "head.weight", member.prefix + "head.bias")
            )
            network.add_head(weight, bias)
    plain = storage in ("float64", "float32")
    return Model(architecture, network, layout, storage, threads, tensors if plain else None)


def weight_of(name: str, tensor: Tensor, dtype: np.dtype, storage: Storage) -> np.ndarray:
    """Return a weight in the dtype that is computed in, after checking that it can be kept."""
    given = numbers(tensor)
    largest = float(np.finfo(storage if storage == "float16" else dtype).max)
    if given.size and float(np.abs(given).max()) > largest:
        raise OptionError(
            f"{name!r} has values beyond {largest:g} and cannot be kept in {storage}",
            hint="load(path, storage='float64')",
        )
    return np.ascontiguousarray(given, dtype)


def learn(layout: Layout, cell: Cell, weights: dict[str, np.ndarray]) -> None:
    """Take a learned initial state out of the weights, and let the layout start from it."""
    if not cell.options["learned_state"]:
        return
    start = {"hidden": weights.pop("initial_hidden"), "cell": weights.pop("initial_cell")}
    if cell.options["exponential_gating"]:  # what was learned is c / n
        start["normaliser"] = np.ones_like(start["cell"])
    layout.start(start)


def settings_of(cell: Cell) -> dict[str, Any]:
    """Return what the native module needs to know of a cell besides its weights."""
    return {
        "coupled": cell.options["coupled_gates"],
        "exponential": cell.options["exponential_gating"],
        "zoneout_cell": float(cell.options["zoneout_cell"]),
        "zoneout_hidden": float(cell.options["zoneout_hidden"]),
        "reverse": cell.direction == "reverse",
    }
