"""The state of a model as arrays by name, and the rows of numbers that the native module keeps."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gatework.cell.description import DIRECTIONS, DTYPES
from gatework.errors import FileFormatError, ShapeError
from gatework.runtime.architecture import numbers
from gatework.storage import Sealed, Tensor, read_sealed, write_sealed
from gatework.system.names import AnyPath

FILE_KIND = "state"
_NUMBER = r"(?:0|[1-9][0-9]{0,3})"
_PART = re.compile(
    rf"(?:networks\.{_NUMBER}\.)?{_NUMBER}\.(?:{'|'.join(DIRECTIONS)})\."
    r"(?:hidden|cell|normaliser|stabiliser)"
)
"""Each name once: a layer is "0", never "000"."""

State = dict[str, np.ndarray]
"""Arrays by name: layer, direction and part, as in "0.forward.cell", each with a row for each row
of the batch; the names that ``gatework.State.to_tensors`` gives. Those of a forecaster's networks
begin with "networks.0." and so on."""


class Layout:
    """Where each part of a state lies in a row of numbers, and what a new row holds.

    Shapes:
        initial: (S,).
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.initial = np.zeros(0, dtype)
        self.places: dict[str, slice] = {}
        self._prefix = ""

    @property
    def dtype(self) -> np.dtype:
        """The dtype of a state."""
        return self.initial.dtype

    def add(self, prefix: str, sizes: Mapping[str, int]) -> None:
        """Add the parts of a cell's state, which starts at zero."""
        for part, size in sizes.items():
            begin = len(self.initial)
            self.places[prefix + part] = slice(begin, begin + size)
            self.initial = np.concatenate([self.initial, np.zeros(size, self.dtype)])
        self._prefix = prefix

    def start(self, parts: Mapping[str, np.ndarray]) -> None:
        """Let parts of the last cell that was added start from other values."""
        for part, values in parts.items():
            self.initial[self.places[self._prefix + part]] = values

    def initial_rows(self, batch: int) -> np.ndarray:
        """Return the rows (B, S) of a batch that has seen nothing."""
        return np.tile(self.initial, (batch, 1))

    def to_state(self, rows: np.ndarray) -> State:
        """Return rows (B, S) as arrays by name, each of its own."""
        return {name: rows[:, place].copy() for name, place in self.places.items()}

    def to_rows(self, state: object, batch: int) -> np.ndarray:
        """Return a state as rows (B, S).

        Raises:
            ShapeError: when it is not a state of this model and batch.
        """
        if not isinstance(state, Mapping):
            raise ShapeError(
                f"the state must be a dict of arrays, got {type(state).__name__}",
                hint="model.initial_state(batch)",
            )
        rows = np.empty((batch, len(self.initial)), self.dtype)
        for name in [*self.places, *state]:
            if name not in state or name not in self.places:
                here = "lacks" if name not in state else "has"
                raise ShapeError(f"the state is another model's: it {here} {name!r}")
            place, values = self.places[name], state[name]
            size = (batch, place.stop - place.start)
            if not isinstance(values, np.ndarray) or values.shape != size:
                raise ShapeError(
                    f"the state's {name!r} must be an array of the shape {size} for this model "
                    f"and batch, got {getattr(values, 'shape', type(values).__name__)}"
                )
            if values.dtype != self.dtype:
                raise ShapeError(
                    f"the state's {name!r} is {values.dtype}, expected {self.dtype}",
                    hint=f"{{name: array.astype('{self.dtype}') for name, array in state.items()}}",
                )
            rows[:, place] = values
        return rows


def save_state(state: Mapping[str, np.ndarray], path: AnyPath, *, overwrite: bool = False) -> Path:
    """Write a state to a file, which ``gatework.State.load`` reads too.

    Raises:
        DataError: when a value is not finite; nothing is written.
        OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written.
    """
    tensors = {name: Tensor.from_numpy(np.asarray(array)) for name, array in state.items()}
    write_sealed(path, FILE_KIND, {"batched": True}, tensors, overwrite=overwrite)
    return Path(os.fsdecode(path))


def load_state(path: AnyPath) -> State:
    """Read a state that ``save_state`` or ``gatework.State.save`` wrote.

    Raises:
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is damaged, altered, or no state.
    """
    sealed = read_state(path)
    return {name: numbers(tensor) for name, tensor in sealed.tensors.items()}


def read_state(path: AnyPath) -> Sealed:
    """Read the file of a state, of whichever face, and check that it is one.

    Raises:
        InputFileError, FileFormatError: as ``load_state``.
    """
    sealed, file = read_sealed(path, kinds={FILE_KIND}), os.fsdecode(path)
    batched = sealed.config.get("batched")
    if not isinstance(batched, bool) or len(sealed.config) != 1:
        raise FileFormatError(f"{file} does not hold one whole state")
    for name, tensor in sealed.tensors.items():
        if not _PART.fullmatch(name):
            raise FileFormatError(f"{file}: {name!r} is not the name of a part of a state")
        if len(tensor.shape) != 2 or tensor.dtype not in DTYPES.values():
            raise FileFormatError(f"{file}: {name!r} is no array of rows of numbers")
    rows = {tensor.shape[0] for tensor in sealed.tensors.values()}
    kinds = {tensor.dtype for tensor in sealed.tensors.values()}
    if len(rows) != 1 or len(kinds) != 1 or not (batched or rows == {1}):
        raise FileFormatError(f"{file} does not hold one whole state")
    return sealed
