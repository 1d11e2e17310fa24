"""The cell: its description and options, which need no torch, its equations and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

_HOME = {
    "GATES": "gatework.cell.description",
    "Cell": "gatework.cell.cells",
    "CellOptions": "gatework.cell.options",
    "CellState": "gatework.cell.equations",
    "DropoutMasks": "gatework.cell.cells",
    "Gates": "gatework.cell.equations",
    "LSTMCell": "gatework.cell.cells",
    "RNNCell": "gatework.cell.cells",
    "RNNOptions": "gatework.cell.options",
    "Weights": "gatework.cell.equations",
}

__all__ = [
    "GATES",
    "Cell",
    "CellOptions",
    "CellState",
    "DropoutMasks",
    "Gates",
    "LSTMCell",
    "RNNCell",
    "RNNOptions",
    "Weights",
]

if TYPE_CHECKING:
    from gatework.cell.cells import Cell, DropoutMasks, LSTMCell, RNNCell
    from gatework.cell.description import GATES
    from gatework.cell.equations import CellState, Gates, Weights
    from gatework.cell.options import CellOptions, RNNOptions

__getattr__, __dir__ = lazily(__name__, _HOME)
