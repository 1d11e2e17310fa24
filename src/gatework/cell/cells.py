"""One layer and direction as modules: parameters, masks and one step of the equations."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatework.cell import equations, weights
from gatework.cell.equations import CellState, Gates, Weights
from gatework.cell.options import CellOptions, LayerOptions, RNNOptions


class DropoutMasks(NamedTuple):
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


Options = TypeVar("Options", bound=LayerOptions)


class Cell(nn.Module, Generic[Options]):
    """The cell of one layer and direction: the parameters that its options ask for, and a step.

    See gatework.cell.description for the parameters of each kind of cell and their shapes.
    """

    options: Options
    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias: nn.Parameter

    def __init__(
        self,
        options: Options,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.options = options
        self.input_size = options.input_size
        self.hidden_size = options.hidden_size
        self.output_size = options.output_size
        self.state_sizes = options.state_sizes()
        self._starts = options.starts()
        shapes = options.shapes()
        self._weight_names = tuple(w.name for w in options.kind.weights if w.name in shapes)
        for name, shape in shapes.items():
            empty = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(empty))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights; see gatework.cell.weights.initialise."""
        weights.initialise(dict(self.named_parameters()), self.hidden_size)

    def run_weights(self) -> Weights:
        """Return the weights for one run over a sequence."""
        # By attribute, since pruning and parametrization replace the registered parameters.
        return Weights(**{name: getattr(self, name) for name in self._weight_names})

    def run_masks(self, steps: int, batch: int, like: Tensor) -> DropoutMasks:
        """Draw the masks for T steps of B rows, in the dtype and on the device of ``like``."""
        return DropoutMasks()

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by step ``t`` from the input's pre-activations ``a`` (B, K*H)."""
        raise NotImplementedError

    def zero_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state of a cell that has seen nothing, for B rows."""
        return CellState(
            **{part: like.new_zeros(batch, size) for part, size in self.state_sizes.items()}
        )

    def initial_state(self, batch: int, like: Tensor) -> CellState:
        """Return the state that a sequence starts from: zeros, or the learned one."""
        state = self.zero_state(batch, like)
        learned = {
            part: getattr(self, start).expand(batch, -1)
            if isinstance(start, str)
            else torch.full_like(getattr(state, part), start)
            for part, start in self._starts.items()
        }
        return state._replace(**learned) if learned else state

    def plain(self) -> bool:
        """Tell whether torch has a module that computes the same."""
        return True

    def extra_repr(self) -> str:
        """Return sizes and variants for ``repr``."""
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *self.options.words()])


class LSTMCell(Cell[CellOptions]):
    """The LSTM cell of one layer and direction, with the variants of its options.

    Only the parameters that the options use exist.
    """

    weight_hr: nn.Parameter
    peephole: nn.Parameter
    input_gain: nn.Parameter
    recurrent_gain: nn.Parameter
    cell_gain: nn.Parameter
    cell_shift: nn.Parameter
    initial_hidden: nn.Parameter
    initial_cell: nn.Parameter

    def reset_parameters(self) -> None:
        """Draw new initial weights; see gatework.cell.weights.initialise."""
        super().reset_parameters()
        if self.options.bias:
            start = self.options.forget_bias
            weights.set_forget_bias(self.bias, self.options, 1.0 if start is None else start)

    def run_weights(self) -> Weights:
        """Return the weights for one run over a sequence, recurrent ones dropped if so asked.

        Source: DropConnect on the recurrent weights, Merity, Keskar, Socher 2018,
            arXiv:1708.02182, section 2 (weight-dropped LSTM).
        """
        w = super().run_weights()
        if not self.training or not self.options.drop_connect:
            return w
        dropped = functional.dropout(w.weight_hh, self.options.drop_connect, training=True)
        return w._replace(weight_hh=dropped)

    def run_masks(self, steps: int, batch: int, like: Tensor) -> DropoutMasks:
        """Draw the masks for T steps of B rows, in the dtype and on the device of ``like``."""
        o, H, P = self.options, self.hidden_size, self.output_size
        if not self.training:
            return DropoutMasks(None, None, o.zoneout_cell or None, o.zoneout_hidden or None)

        def kept(p: float, size: int) -> Tensor | None:
            return functional.dropout(like.new_ones(batch, size), p, training=True) if p else None

        def held(p: float, size: int) -> Tensor | None:
            if not p:
                return None
            # bernoulli_ takes twice as long; half precision is too coarse for its own draws.
            dtype = torch.promote_types(like.dtype, torch.float32)
            drawn = torch.rand(steps, batch, size, dtype=dtype, device=like.device)
            return drawn.lt_(p).to(like.dtype)

        return DropoutMasks(
            kept(o.recurrent_dropout, P),
            kept(o.candidate_dropout, H),
            held(o.zoneout_cell, H),
            held(o.zoneout_hidden, P),
        )

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by step ``t`` from the input's pre-activations ``a`` (B, K*H)."""
        o = self.options
        return step(
            a, state, w, masks, t, coupled=o.coupled_gates, exponential=o.exponential_gating
        )

    def plain(self) -> bool:
        """Tell whether a run computes the plain LSTM, possibly projected, as torch.nn.LSTM does."""
        o = self.options
        changes = o.peephole or o.layer_norm or o.coupled_gates or o.exponential_gating
        zones = o.zoneout_cell or o.zoneout_hidden
        drops = self.training and (o.recurrent_dropout or o.candidate_dropout)
        return not (changes or zones or drops)


class RNNCell(Cell[RNNOptions]):
    """The plain recurrent cell of one layer and direction: ``h = tanh(W x + R h + b)``."""

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by step ``t`` from the input's pre-activations ``a`` (B, H)."""
        a = a + equations.project_hidden(state.hidden, w, masks.hidden)
        return equations.rnn_step(a, self.options.nonlinearity), None


def step(
    a: Tensor,
    state: CellState,
    w: Weights,
    masks: DropoutMasks,
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
