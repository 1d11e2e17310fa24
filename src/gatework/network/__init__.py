"""The networks: LSTM and RNN stacks, their State and their Trace."""

from gatework.cell.summary import LayerSummary
from gatework.network.accelerate import Accelerated, accelerate
from gatework.network.comparison import ModelComparison
from gatework.network.lstm import LSTM
from gatework.network.rnn import RNN
from gatework.network.state import State
from gatework.network.trace import CellTrace, Trace

__all__ = [
    "LSTM",
    "RNN",
    "Accelerated",
    "CellTrace",
    "LayerSummary",
    "ModelComparison",
    "State",
    "Trace",
    "accelerate",
]
