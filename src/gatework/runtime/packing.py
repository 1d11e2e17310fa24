"""Packing weights for the kernels, and what every model of packed weights has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, cast, get_args

import numpy as np

from gatework.cell.configuration import PlacedCell
from gatework.cell.options import CellOptions
from gatework.checks import is_whole, one_of, optional, refuse, whole
from gatework.errors import OptionError
from gatework.runtime.architecture import EnsembleMember, numbers
from gatework.runtime.native import module_for
from gatework.runtime.state import Layout, State
from gatework.storage import Tensor

Storage = Literal["float64", "float32", "float16", "int8"]
STORAGES = cast(tuple[Storage, ...], get_args(Storage))


class PackedModel:
    """A network with packed weights, and the layout of its state; see Model and TokenModel."""

    def __init__(self, packer: Packer, threads: int) -> None:
        self.network, self.layout, self.storage = packer.network, packer.layout, packer.storage
        self.threads = threads
        self.packed_bytes: int = self.network.packed_bytes
        self.target: str = self.network.target
        self.dtype = self.layout.dtype

    def __copy__(self) -> Self:
        """Return a model of its own settings; the packed weights never change, so both use them."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        raise OptionError(
            f"the packed weights of a {type(self).__name__} in {self.storage} cannot be sent to "
            "another process",
            hint="send the path of its file, and load it there",
        )

    def initial_state(self, batch: int = 1) -> State:
        """Return the state that a run starts from when none is given: zeros, or the learned one.

        Raises:
            OptionError: when ``batch`` is no whole number from 1.
        """
        return self.layout.to_state(self.layout.initial_rows(check_batch(batch)))


class Packer:
    """Takes the weights of a file into a native network, piece by piece.

    Args:
        tensors: of the file, as expected.
        storage: how the weights are kept.
        target: the instruction set.
        scaling: see Architecture.
    """

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        storage: Storage,
        target: str,
        scaling: tuple[float, float, bool, float] | None = None,
    ) -> None:
        self.tensors, self.storage = tensors, storage
        self.layout = Layout(np.dtype(np.float64 if storage == "float64" else np.float32))
        module = module_for(target)
        make = module.Network64 if storage == "float64" else module.Network32
        # A Network32 or Network64 of gatework._runtime, or of gatework.runtime.reference.
        self.network: Any = make(
            target, storage if storage in ("float16", "int8") else "same", scaling
        )

    def weight(self, name: str, storage: str | None = None) -> np.ndarray:
        """Return a weight in the dtype that is computed in, after checking that it can be kept.

        Raises:
            OptionError: when its values are too large for the storage.
        """
        storage, dtype = storage or self.storage, self.layout.dtype
        given = numbers(self.tensors[name])
        largest = float(np.finfo(storage if storage == "float16" else dtype).max)
        if given.size and float(np.abs(given).max()) > largest:
            raise OptionError(
                f"{name!r} has values beyond {largest:g} and cannot be kept in {storage}",
                hint="load(path, storage='float64')",
            )
        return np.ascontiguousarray(given, dtype)

    def add_cells(self, member: EnsembleMember) -> None:
        """Add the cells of a stack, and their states to the layout."""
        for cell in member.stack.cells():
            prefix, options = member.lstm_prefix + cell.prefix, cell.options
            weights = {name: self.weight(prefix + name) for name in options.shapes()}
            sizes = options.state_sizes()
            self.layout.add(member.prefix + cell.state_prefix, sizes)
            starts = {
                part: weights.pop(start) if isinstance(start, str) else np.full(sizes[part], start)
                for part, start in options.starts().items()
            }
            self.layout.start(starts)
            self.network.add_cell(**weights, **_settings(cell))


def _settings(cell: PlacedCell) -> dict[str, Any]:
    """Return what the native module needs to know of a cell besides its weights."""
    o = cast(CellOptions, cell.options)
    return {
        "coupled": o.coupled_gates,
        "exponential": o.exponential_gating,
        "zoneout_cell": float(o.zoneout_cell),
        "zoneout_hidden": float(o.zoneout_hidden),
        "reverse": cell.direction == "reverse",
    }


def check_batch(batch: object) -> int:
    """Return ``batch`` if it is a number of rows.

    Raises:
        OptionError: when it is not.
    """
    if not is_whole(batch, 1, 2**31 - 1):
        raise OptionError(f"batch must be a whole number of at least 1, got {batch!r}")
    return batch


def check_storage(storage: object, threads: object = 1) -> None:
    """Check the name of a storage, and a number of threads.

    Raises:
        OptionError: when it is none.
    """
    wrong = optional(one_of(STORAGES))("storage", storage)
    refuse(wrong + whole(1, 1024)("threads", threads))
