"""One layer and direction as modules: parameters, masks and one step of the equations."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatework.cell import equations, weights
from gatework.cell.equations import CellState, Gates, Weights
from gatework.cell.options import CellOptions


class Masks(NamedTuple):
    """The random masks of one run over a sequence; None where an option is off.

    Shapes:
        hidden: (B, P) and candidate: (B, H), scaled by 1 / (1 - p), the same at all steps.
        zoneout_cell: (T, B, H) and zoneout_hidden: (T, B, P) of zeros and ones while training;
        a probability otherwise.
    """

    hidden: Tensor | None = None
    candidate: Tensor | None = None
    zoneout_cell: Tensor | float | None = None
    zoneout_hidden: Tensor | float | None = None


class LSTMCell(nn.Module):
    """The LSTM cell of one layer and direction, with the variants of its options.

    Only the parameters that the options use exist; see gatework.cell.equations.Weights for their
    shapes.
    """

    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias: nn.Parameter
    weight_hr: nn.Parameter
    peephole: nn.Parameter
    input_gain: nn.Parameter
    recurrent_gain: nn.Parameter
    cell_gain: nn.Parameter
    cell_shift: nn.Parameter
    initial_hidden: nn.Parameter
    initial_cell: nn.Parameter

    def __init__(
        self,
        options: CellOptions,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.options = options
        self.input_size = options.input_size
        self.hidden_size = options.hidden_size
        self.output_size = options.output_size
        shapes = weights.lstm_shapes(options)
        self._weight_names = tuple(name for name in Weights._fields if name in shapes)
        weights.register(self, shapes, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights; see gatework.cell.weights.initialise."""
        weights.initialise(dict(self.named_parameters()), self.hidden_size)
        if self.options.bias:
            forget_bias = self.options.forget_bias
            weights.set_forget_bias(
                self.bias,
                self.options,
                1.0 if forget_bias is None else forget_bias,
            )

    def run_weights(self) -> Weights:
        """Return the weights for one run over a sequence, recurrent ones dropped if so asked.

        Source: DropConnect on the recurrent weights, Merity, Keskar, Socher 2018,
            arXiv:1708.02182, section 2 (weight-dropped LSTM).
        """
        # By attribute, since pruning and parametrization replace the registered parameters.
        named: dict[str, Any] = {name: getattr(self, name) for name in self._weight_names}
        if self.training and self.options.drop_connect:
            named["weight_hh"] = functional.dropout(
                named["weight_hh"], self.options.drop_connect, training=True
            )
        return Weights(**named)

    def run_masks(self, steps: int, batch: int, like: Tensor) -> Masks:
        """Draw the masks for T steps of B rows, in the dtype and on the device of ``like``."""
        o, H, P = self.options, self.hidden_size, self.output_size
        if not self.training:
            return Masks(None, None, o.zoneout_cell or None, o.zoneout_hidden or None)

        def kept(p: float, size: int) -> Tensor | None:
            return functional.dropout(like.new_ones(batch, size), p, training=True) if p else None

        def held(p: float, size: int) -> Tensor | None:
            if not p:
                return None
            # bernoulli_ takes twice as long; half precision is too coarse for its own draws.
            dtype = torch.promote_types(like.dtype, torch.float32)
            drawn = torch.rand(steps, batch, size, dtype=dtype, device=like.device)
            return drawn.lt_(p).to(like.dtype)

        return Masks(
            kept(o.recurrent_dropout, P),
            kept(o.candidate_dropout, H),
            held(o.zoneout_cell, H),
            held(o.zoneout_hidden, P),
        )

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: Masks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by step ``t`` from the input's pre-activations ``a`` (B, K*H)."""
        o = self.options
        return step(
            a, state, w, masks, t, coupled=o.coupled_gates, exponential=o.exponential_gating
        )

    def zero_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state of a cell that has seen nothing, for B rows."""
        hidden = like.new_zeros(batch, self.output_size)
        cell = like.new_zeros(batch, self.hidden_size)
        if not self.options.exponential_gating:
            return CellState(hidden, cell)
        return CellState(hidden, cell, torch.zeros_like(cell), torch.zeros_like(cell))

    def initial_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state that a sequence starts from: zeros, or the learned one."""
        state = self.zero_state(batch, like)
        if not self.options.learned_state:
            return state
        state = state._replace(
            hidden=self.initial_hidden.expand(batch, -1),
            cell=self.initial_cell.expand(batch, -1),
        )
        if state.normaliser is None:
            return state
        # The learned value is that of c / n, so the normaliser starts at 1.
        return state._replace(normaliser=torch.ones_like(state.normaliser))

    def plain(self) -> bool:
        """Tell whether a run computes the plain LSTM, possibly projected, as torch.nn.LSTM does."""
        o = self.options
        changes = o.peephole or o.layer_norm or o.coupled_gates or o.exponential_gating
        zones = o.zoneout_cell or o.zoneout_hidden
        drops = self.training and (o.recurrent_dropout or o.candidate_dropout)
        return not (changes or zones or drops)

    def words(self) -> tuple[str, ...]:
        """Return the variants in use in words."""
        return self.options.words()

    def extra_repr(self) -> str:
        """Return sizes and variants for ``repr``."""
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *self.words()])


class RNNCell(nn.Module):
    """The plain recurrent cell of one layer and direction: ``h = tanh(W x + R h + b)``."""

    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias: nn.Parameter

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.output_size = hidden_size
        self.nonlinearity = nonlinearity
        weights.register(self, weights.rnn_shapes(input_size, hidden_size, bias), device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights; see gatework.cell.weights.initialise."""
        weights.initialise(dict(self.named_parameters()), self.hidden_size)

    def run_weights(self) -> Weights:
        """Return the weights for one run over a sequence."""
        return Weights(self.weight_ih, self.weight_hh, getattr(self, "bias", None))

    def run_masks(self, steps: int, batch: int, like: Tensor) -> Masks:
        """Return no masks: the plain cell has none."""
        return Masks()

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: Masks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by step ``t`` from the input's pre-activations ``a`` (B, H)."""
        a = a + equations.project_hidden(state.hidden, w, masks.hidden)
        return equations.rnn_step(a, self.nonlinearity), None

    def zero_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state of a cell that has seen nothing, for B rows."""
        return CellState(like.new_zeros(batch, self.hidden_size))

    def initial_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state that a sequence starts from: zeros."""
        return self.zero_state(batch, like)

    def plain(self) -> bool:
        """Tell whether torch.nn.RNN computes the same: it always does."""
        return True

    def words(self) -> tuple[str, ...]:
        """Return nonlinearity and missing bias in words."""
        return (self.nonlinearity, *(() if "bias" in self._parameters else ("no bias",)))

    def extra_repr(self) -> str:
        """Return sizes and nonlinearity for ``repr``."""
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *self.words()])


Cell = LSTMCell | RNNCell


def step(
    a: Tensor,
    state: CellState,
    w: Weights,
    masks: Masks,
    t: int,
    *,
    coupled: bool,
    exponential: bool,
) -> tuple[CellState, Gates]:
    """Advance an LSTM by step ``t``: the equations, then zoneout.

    Shapes:
        a: (B, K*H), the input's pre-activations.
    """
    if coupled:
        advance = equations.coupled_gates
    elif exponential:
        advance = equations.exponential_gates
    else:
        advance = equations.lstm_gates
    a = a + equations.project_hidden(state.hidden, w, masks.hidden)
    new, gates = advance(a, state, w, masks.candidate)
    if masks.zoneout_cell is not None and state.cell is not None and new.cell is not None:
        held = equations.zoneout(state.cell, new.cell, _at(masks.zoneout_cell, t))
        new = new._replace(cell=held)
    if masks.zoneout_hidden is not None:
        held = equations.zoneout(state.hidden, new.hidden, _at(masks.zoneout_hidden, t))
        new = new._replace(hidden=held)
    return new, gates


def _at(mask: Tensor | float, t: int) -> Tensor | float:
    return mask[t] if isinstance(mask, Tensor) else mask
