"""A stepper: one step at a time, as fast as a call from Python can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gatework.runtime import refusals
from gatework.runtime.packing import PackedModel
from gatework.runtime.state import State


class Stepper:
    """The state of some rows, and the step that moves it on; ``model.stepper()`` makes it.

    One thread at a time may step it. A step of less than about 50 us keeps Python's lock, since
    to give it away would cost more; a longer one lets other threads go on.

    Attributes:
        model: the model that steps.
        batch: B, rows.

    Example:
        >>> import tempfile
        >>> from gatework import LSTM, runtime, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = runtime.load(save(LSTM(3, 8), folder + "/model.safetensors"))
        >>> stepper = model.stepper()
        >>> out = np.empty(8, np.float32)
        >>> for x in np.zeros((100, 3), np.float32):
        ...     result = stepper.step(x, out)
        >>> result is out
        True
    """

    def __init__(self, model: PackedModel, batch: int) -> None:
        self.model = model
        self.batch = batch
        self._native = model.network.stepper(batch, model.threads)
        self._native.write(model.layout.initial_rows(batch))
        self.step = self._native.step  # without a function of Python in between

    def step(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Step all rows; return ``out``, or a new array where none is given.

        With ``out`` nothing is allocated.

        Shapes:
            x: (B, I). out: (B, O). With a single row also (I) and (O). Contiguous, of the
            model's dtype, and apart in memory.

        Raises:
            ShapeError: when an array does not fit; the state is as before.
            OptionError: when another thread is in a step.
        """
        return self._native.step(x, out)

    @property
    def state(self) -> State:
        """A copy of the state, arrays by name with a row for each row of the batch.

        It can be set to one that a stepper or the model returned, or that was read from a file.

        Raises:
            ShapeError: when what it is set to is not a state of this model and batch.
        """
        rows = np.empty((self.batch, len(self.model.layout.initial)), self.model.layout.dtype)
        self._native.read(rows)
        return self.model.layout.to_state(rows)

    @state.setter
    def state(self, state: Mapping[str, np.ndarray]) -> None:
        self._native.write(self.model.layout.to_rows(state, self.batch))

    def copy(self) -> Stepper:
        """Return a stepper in the same state, which goes its own way."""
        return _restored(self.model, self.batch, self.state)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, object]) -> Stepper:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.model, self.batch, self.state)

    def reset(self, rows: Sequence[int] | np.ndarray | None = None) -> None:
        """Let some rows start anew; None for all.

        Raises:
            ShapeError: when a row is not in the batch.
        """
        chosen = range(self.batch) if rows is None else refusals.check_rows(rows, self.batch)
        initial = self.model.layout.initial[None]
        for row in chosen:
            self._native.write_row(row, initial)

    def __repr__(self) -> str:
        return f"Stepper({self.model!r}, batch={self.batch})"


def _restored(model: PackedModel, batch: int, state: State) -> Stepper:
    """Return a stepper in a state that came from another process."""
    stepper = Stepper(model, batch)
    stepper.state = state
    return stepper
