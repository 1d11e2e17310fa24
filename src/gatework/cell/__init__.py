"""The cell: its options, its equations and its weights."""

from gatework.cell.cells import Cell, LSTMCell, Masks, RNNCell
from gatework.cell.equations import CellState, Gates, Weights
from gatework.cell.options import COUPLED_GATES, GATES, CellOptions

__all__ = [
    "COUPLED_GATES",
    "GATES",
    "Cell",
    "CellOptions",
    "CellState",
    "Gates",
    "LSTMCell",
    "Masks",
    "RNNCell",
    "Weights",
]
