"""The cell: its description and options, which need no torch, its equations and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

if TYPE_CHECKING:
    from gatework.cell.cells import Cell, DropoutMasks, LSTMCell, RNNCell
    from gatework.cell.description import GATES
    from gatework.cell.equations import CellState, Gates, Weights
    from gatework.cell.options import CellOptions, RNNOptions

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

__getattr__, __dir__ = lazily(
    __name__,
    {
        **dict.fromkeys(("Cell", "DropoutMasks", "LSTMCell", "RNNCell"), "gatework.cell.cells"),
        **dict.fromkeys(("CellState", "Gates", "Weights"), "gatework.cell.equations"),
        **dict.fromkeys(("CellOptions", "RNNOptions"), "gatework.cell.options"),
        "GATES": "gatework.cell.description",
    },
)
