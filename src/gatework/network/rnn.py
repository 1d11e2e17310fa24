"""The plain recurrent network, to compare an LSTM with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch

from gatework.cell import RNNCell, RNNOptions
from gatework.network.stack import RecurrentStack


class RNN(RecurrentStack):
    """A stack of plain recurrent layers with the interface of LSTM: no gates, no memory cell.

    Args:
        input_size, hidden_sizes, num_layers, batch_first, dropout, bidirectional: as for LSTM.
        hidden_size, device, dtype: as for LSTM, too.
        nonlinearity: "tanh" or "relu".
        bias: whether the layers have a bias; one for all or a list with one for each.

    Shapes:
        as for LSTM.

    Raises:
        OptionError: when arguments are out of range; all of them at once.

    Example:
        >>> output, state = RNN(3, [8, 4])(torch.zeros(20, 2, 3))
        >>> output.shape
        torch.Size([20, 2, 4])

    Source: Elman 1990, doi 10.1207/s15516709cog1402_1.
    """

    file_kind: ClassVar[str] = "rnn"
    cell_class = RNNCell
    options_class = RNNOptions
    layer_options: tuple[RNNOptions, ...]

    def __init__(
        self,
        input_size: int,
        hidden_sizes: int | Sequence[int] | None = None,
        num_layers: int | None = None,
        nonlinearity: str = "tanh",
        bias: bool | Sequence[bool] = True,
        batch_first: bool = False,
        dropout: float | Sequence[float] = 0.0,
        bidirectional: bool = False,
        *,
        hidden_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(locals())

    @property
    def nonlinearity(self) -> str:
        """That of all layers: "tanh" or "relu"."""
        return self.layer_options[0].nonlinearity
