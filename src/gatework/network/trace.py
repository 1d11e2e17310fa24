"""The trace of a run: every gate, candidate, cell and hidden state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gatework.cell.description import DIRECTIONS, LSTM_CELL
from gatework.errors import OptionError
from gatework.extras import needing
from gatework.kernels import TracedStep

if TYPE_CHECKING:
    import pandas as pd


class CellTrace:
    """What one layer and direction did at every step.

    Index 0 of each signal is the first step of the input, also for the reverse direction. Values
    on padding are zero. Gates and candidate are as they were applied: after dropout, and with
    exponential gating after stabilisation, so that ``log i = log(input_gate) + stabiliser``.
    ``cell`` and ``hidden`` are what was handed to the next step. Each signal is differentiable;
    to differentiate *with respect to* one step, ask for ``trace="steps"`` and use the tensors in
    ``steps``, which are the ones that the computation went through.

    Shapes:
        input_gate, forget_gate, candidate, output_gate, cell: (T, B, H); None for a plain RNN.
        hidden: (T, B, P). normaliser, stabiliser: (T, B, H), None without exponential gating.
        steps: T pairs of (CellState, Gates) with tensors (B, H).
    """

    input_gate: Tensor | None  # how much of the candidate is written
    forget_gate: Tensor | None  # how much of the cell is kept
    candidate: Tensor | None  # what could be written
    output_gate: Tensor | None  # how much of the cell is shown
    hidden: Tensor  # the hidden state after each step
    cell: Tensor | None  # the cell state after each step
    normaliser: Tensor | None  # of exponential gating, as the next
    stabiliser: Tensor | None

    def __init__(
        self,
        steps: Sequence[TracedStep] | None,
        valid: Tensor | None,
        empty: Tensor,
        signals: Mapping[str, Tensor] | None = None,
    ) -> None:
        self._steps = None if steps is None else tuple(steps)
        self._valid = valid
        self._empty = empty  # (0, B, P): what a sequence of no steps has for a signal
        self._signals = signals

    @property
    def steps(self) -> tuple[TracedStep, ...]:
        """The state and gates after each step, as the tensors that were computed with.

        Raises:
            OptionError: when the trace was asked for without them.
        """
        if self._steps is None:
            raise OptionError(
                "this trace has signals, but not the tensors of its steps",
                hint='lstm(x, trace="steps")',
            )
        return self._steps

    def __getattr__(self, name: str) -> Any:
        # What is no attribute yet: a signal that is asked for the first time.
        if name not in LSTM_CELL.signals:
            raise AttributeError(f"a CellTrace has no attribute {name!r}")
        found = self._signal(name)
        found = self._empty if found is None and name == "hidden" else found
        setattr(self, name, found)
        return found

    def signals(self) -> dict[str, Tensor]:
        """Return every signal that this cell has, by name."""
        found = {name: getattr(self, name) for name in LSTM_CELL.signals}
        return {name: signal for name, signal in found.items() if signal is not None}

    def _signal(self, name: str) -> Tensor | None:
        if self._signals is not None:
            signal = self._signals.get(name)
        else:
            parts = [found for step in self._steps or () if (found := step.get(name)) is not None]
            signal = torch.stack(parts) if parts else None
        if signal is None or self._valid is None:
            return signal
        return signal.masked_fill(~self._valid, 0.0)


class Trace:
    """Every gate, candidate, cell state and hidden state of a run, by layer and direction.

    ``trace[layer]`` is the CellTrace of the forward direction, ``trace[layer, "reverse"]`` that
    of the other; see CellTrace for the signals and their shapes.

    Example:
        >>> import torch
        >>> from gatework import LSTM
        >>> output, state, trace = LSTM(3, [5, 4])(torch.zeros(7, 2, 3), trace=True)
        >>> trace[0].forget_gate.shape
        torch.Size([7, 2, 5])
        >>> sorted(trace.numpy())[0]
        'layer 0 forward candidate'
    """

    def __init__(self, layers: Sequence[Sequence[CellTrace]], valid: Tensor | None) -> None:
        self.layers: tuple[tuple[CellTrace, ...], ...] = tuple(tuple(layer) for layer in layers)
        self._valid = valid

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, place: int | tuple[int, str]) -> CellTrace:
        layer, direction = place if isinstance(place, tuple) else (place, DIRECTIONS[0])
        present = DIRECTIONS[: len(self.layers[0])]
        if direction not in present:
            raise OptionError(
                f"direction must be one of {', '.join(present)}, got {direction!r}",
                hint=f"trace[{layer}, {present[0]!r}]",
            )
        return self.layers[layer][present.index(direction)]

    def numpy(self) -> dict[str, np.ndarray]:
        """Return every signal as an array (T, B, units), named "layer 0 forward input_gate".

        bfloat16, which numpy does not have, comes as float32.
        """
        return {
            f"layer {layer} {DIRECTIONS[direction]} {name}": _array(signal)
            for layer, row in enumerate(self.layers)
            for direction, cell_trace in enumerate(row)
            for name, signal in cell_trace.signals().items()
        }

    def data_frame(self) -> pd.DataFrame:
        """Return the trace as a long pandas table, without the padding.

        Columns: layer, direction, signal, step, row (of the batch), unit, value.

        Raises:
            MissingDependencyError: when pandas is not installed.
        """
        with needing("pandas", "a data frame needs pandas", otherwise="pip install pandas"):
            import pandas as pd
        valid = None if self._valid is None else self._valid.squeeze(-1).cpu().numpy()
        tables = []
        for name, values in self.numpy().items():
            _, layer, direction, signal = name.split(" ")
            keep = np.ones(values.shape[:2], dtype=bool) if valid is None else valid
            step, row = np.nonzero(keep)
            units = values.shape[2]
            tables.append(
                pd.DataFrame(
                    {
                        "layer": int(layer),
                        "direction": direction,
                        "signal": signal,
                        "step": step.repeat(units),
                        "row": row.repeat(units),
                        "unit": np.tile(np.arange(units), len(step)),
                        "value": values[keep].reshape(-1),
                    }
                )
            )
        return pd.concat(tables, ignore_index=True)


def _array(signal: Tensor) -> np.ndarray:
    signal = signal.detach().cpu()
    return (signal.float() if signal.dtype == torch.bfloat16 else signal).numpy()
