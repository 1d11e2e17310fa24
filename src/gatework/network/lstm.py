"""The LSTM: a stack of layers, each with its own size and its own variant of the cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self, cast

import torch
from torch import nn

from gatework.cell import CellOptions, LSTMCell
from gatework.network.stack import RecurrentStack


class LSTM(RecurrentStack):
    """Long short-term memory: a stack of layers of any sizes, with every variant of the cell.

    Takes what torch.nn.LSTM takes, with the same meaning and the same numbers for the same
    weights, except that each layer has one bias and not two that add up.

    Args:
        input_size: I, features of an input.
        hidden_sizes: H of each layer, a list such as ``[128, 64, 32]``; or one number for
            ``num_layers`` layers. ``hidden_size`` is accepted for it, as torch spells it.
        num_layers: number of layers when ``hidden_sizes`` is one number; 1 if not given.
        bias: whether the gates have a bias.
        batch_first: inputs and outputs are (B, T, ...) instead of (T, B, ...).
        dropout: probability of dropping a value between two layers while training; one for all,
            or a list with one for each gap.
        bidirectional: each layer also reads the sequence from its end.
        proj_size: P, project the hidden state to this size; 0 for none.
        peephole, layer_norm, coupled_gates, exponential_gating: variants of the cell, see
            gatework.cell.CellOptions. Each is one value for all layers or a list with one for each
            layer. So are those below, ``bias`` and ``proj_size``.
        recurrent_dropout, candidate_dropout, zoneout_cell, zoneout_hidden, drop_connect: noise
            while training.
        learned_state, forget_bias: where states and forget gates begin.
        device, dtype: where and in which precision the weights are made.

    Attributes:
        low_memory: False; set it to True to keep only the cell states for the backward run and
            compute the gates again: a third of the memory or less, 1.3 to 1.6 times the time.
        variational: False; set it to True to drop the same features at all steps of a sequence
            between two layers (Gal and Ghahramani 2016, arXiv:1512.05287).

    Shapes:
        input: (T, B, I); (B, T, I) with batch_first; (T, I) for a single sequence.
        output: the same with output_size features, P of the last layer times its directions.

    Raises:
        OptionError: when options are out of range or contradict each other; all of them at once.

    Example:
        >>> lstm = LSTM(3, [128, 64, 32], dropout=0.1, layer_norm=[True, False, False])
        >>> output, state = lstm(torch.zeros(20, 8, 3))
        >>> output.shape
        torch.Size([20, 8, 32])
        >>> LSTM(3, 8, exponential_gating=True, coupled_gates=True)
        Traceback (most recent call last):
        ...
        gatework.errors.OptionError: LSTM cannot be built: exponential_gating and \
coupled_gates exclude each other: an exponential input gate may exceed 1, so 1 - input gate is \
no forget gate

    Source: Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735; the equations and the
        sources of the variants are in gatework.cell.equations.
    """

    file_kind: ClassVar[str] = "lstm"
    cell_class = LSTMCell
    options_class = CellOptions
    layer_options: tuple[CellOptions, ...]

    def __init__(
        self,
        input_size: int,
        hidden_sizes: int | Sequence[int] | None = None,
        num_layers: int | None = None,
        bias: bool | Sequence[bool] = True,
        batch_first: bool = False,
        dropout: float | Sequence[float] = 0.0,
        bidirectional: bool = False,
        proj_size: int | Sequence[int] = 0,
        *,
        peephole: bool | Sequence[bool] = False,
        layer_norm: bool | Sequence[bool] = False,
        coupled_gates: bool | Sequence[bool] = False,
        exponential_gating: bool | Sequence[bool] = False,
        recurrent_dropout: float | Sequence[float] = 0.0,
        candidate_dropout: float | Sequence[float] = 0.0,
        zoneout_cell: float | Sequence[float] = 0.0,
        zoneout_hidden: float | Sequence[float] = 0.0,
        drop_connect: float | Sequence[float] = 0.0,
        learned_state: bool | Sequence[bool] = False,
        forget_bias: float | Sequence[float | None] | None = None,
        hidden_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(locals())

    @classmethod
    def from_torch(cls, module: nn.LSTM) -> Self:
        """Return an LSTM with the weights and options of a ``torch.nn.LSTM``.

        Everything is carried; torch's two biases become their sum.

        Raises:
            OptionError: when ``module`` is no torch.nn.LSTM.
        """
        from gatework.network.torch_weights import lstm_from_torch

        return lstm_from_torch(cls, module)

    def to_torch(self) -> nn.LSTM:
        """Return a ``torch.nn.LSTM`` with these weights; torch's second bias is zero.

        Raises:
            OptionError: naming everything that torch's LSTM does not have.
        """
        from gatework.network.torch_weights import lstm_to_torch

        return lstm_to_torch(self)

    def cell(self, layer: int = 0, direction: str = "forward") -> LSTMCell:
        """Return the cell of a layer and direction; see RecurrentStack.cell."""
        return cast(LSTMCell, super().cell(layer, direction))
