"""The stack of recurrent layers that LSTM and RNN share: how a batch runs through it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from gatework.cell import Cell, CellState
from gatework.cell.configuration import (
    TIED,
    StackConfig,
    build_config,
    check_place,
    read_config,
    refuse,
)
from gatework.cell.description import DIRECTIONS, DTYPES
from gatework.cell.options import LayerOptions, OptionProblem
from gatework.cell.summary import LayerSummary
from gatework.errors import OptionError, ShapeError
from gatework.kernels import run
from gatework.network.direct import is_plain, run_stack
from gatework.network.entry import (
    PaddedBatch,
    check_features,
    check_state,
    enter,
    pad,
    state_of_pair,
)
from gatework.network.lengths import repack, unpack
from gatework.network.plan import ExecutionPlan, make_plan
from gatework.network.state import State
from gatework.network.tied import tie, tied_names
from gatework.network.trace import CellTrace, Trace

Tuple = tuple[Tensor, Tensor]


class RecurrentStack(nn.Module):
    """Layers of recurrent cells, each with its own size, in one or both directions.

    Subclasses build the cells; everything that moves a batch through them is here.
    """

    file_kind: ClassVar[str]
    cell_class: ClassVar[type[Cell]]
    options_class: ClassVar[type[LayerOptions]]
    reverse_cells: nn.ModuleList | None
    _plain: tuple[bool, ...] = (False, False)  # in evaluation, in training

    def __init__(self, given: Mapping[str, Any]) -> None:
        problems: list[OptionProblem] = []
        config = build_config(self.options_class, {**given, "dtype": "float32"}, problems)
        refuse(self.file_kind.upper(), problems)
        super().__init__()

        def cells() -> nn.ModuleList:
            place = {"device": given["device"], "dtype": given["dtype"]}
            return nn.ModuleList(self.cell_class(options, **place) for options in config.layers)

        self.forward_cells = cells()
        self.register_module("reverse_cells", cells() if config.bidirectional else None)
        self.layer_options = config.layers
        self._state_sizes = config.state_sizes()
        self.batch_first = config.batch_first
        self.low_memory = False
        self.variational = False
        self.dropout = config.dropout
        self._plain = tuple(
            all(is_plain(options, training=training) for options in config.layers)
            for training in (False, True)
        )
        if len(self.dropout) == 1 and self.dropout[0]:
            warnings.warn(
                "dropout acts between layers, so it does nothing in a single layer",
                stacklevel=3,
            )

    @property
    def num_layers(self) -> int:
        """Number of layers."""
        return len(self.forward_cells)

    @property
    def bidirectional(self) -> bool:
        """Whether each layer also reads the sequence from its end."""
        return self.reverse_cells is not None

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions of each layer."""
        return DIRECTIONS[: 1 + self.bidirectional]

    @property
    def input_size(self) -> int:
        """I: features of an input."""
        return self.grid()[0][0].input_size

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """H of each layer."""
        return tuple(row[0].hidden_size for row in self.grid())

    @property
    def output_size(self) -> int:
        """Features of an output: the last layer's, both directions together."""
        last = self.grid()[-1]
        return sum(cell.output_size for cell in last)

    @property
    def plain(self) -> bool:
        """Whether all cells are plain, start from zeros, and nothing is drawn as things stand."""
        return (
            self._plain[self.training]
            and not (self.training and any(self.dropout))
            and type(self).initial_state is RecurrentStack.initial_state
            and "initial_state" not in self.__dict__
        )

    def grid(self) -> list[tuple[Cell, ...]]:
        """Return the cells by layer and direction."""
        # Past Module and ModuleList, whose lookups cost more than a step of a small network.
        modules = cast("dict[str, Any]", self._modules)
        forward, reverse = modules["forward_cells"], modules["reverse_cells"]
        if reverse is None:
            return [(cell,) for cell in forward._modules.values()]
        return list(zip(forward._modules.values(), reverse._modules.values(), strict=True))

    def cell(self, layer: int = 0, direction: str = "forward") -> Cell:
        """Return the cell of a layer and direction, with its weights by name.

        Raises:
            OptionError: when there is no such layer or direction.
        """
        check_place(layer, direction, self.num_layers, self.directions)
        return self.grid()[layer][self.directions.index(direction)]

    def layer_summary(self) -> list[LayerSummary]:
        """Return a description of each layer, for tables and pictures."""
        return self.stack_config().layer_summary()

    def plan(
        self,
        x: Tensor | PackedSequence,
        lengths: Sequence[int] | Tensor | None = None,
        *,
        trace: bool | Literal["steps"] = False,
    ) -> ExecutionPlan:
        """Tell which path each layer and direction takes over such an input, and why.

        Nothing is computed; only the shape, dtype and device of ``x`` matter.

        Shapes:
            x, lengths: as for ``forward``.

        Raises:
            ShapeError: when ``x`` does not fit the network.

        Example:
            >>> from gatework import LSTM
            >>> plan = LSTM(3, [128, 64]).plan(torch.zeros(100, 16, 3))
            >>> len(plan.runs), plan.runs[0].layer, plan.runs[0].direction
            (2, 0, 'forward')
        """
        _check_trace(trace)
        if isinstance(x, PackedSequence):
            x, lengths = unpack(x)
            x = x.transpose(0, 1) if self.batch_first else x
        batch = enter(x, lengths, self.grid()[0][0], batch_first=self.batch_first)
        return make_plan(self.grid(), batch.x, batch.valid, trace)

    def flatten_parameters(self) -> None:
        """Do nothing: torch.nn.LSTM has this for the GPU, and code that calls it keeps working."""

    def reset_parameters(self) -> None:
        """Draw new initial weights for every cell."""
        for cell in self.modules():
            if isinstance(cell, Cell):
                cell.reset_parameters()

    def initial_state(self, batch_size: int) -> State:
        """Return the state a run starts from when none is given: zeros, or the learned one."""
        grid = self.grid()
        like = grid[0][0].weight_ih
        return State([[cell.initial_state(batch_size, like) for cell in row] for row in grid])

    def forward(
        self,
        x: Tensor | PackedSequence,
        state: State | Tuple | None = None,
        lengths: Sequence[int] | Tensor | None = None,
        *,
        trace: bool | Literal["steps"] = False,
    ) -> Any:
        """Run the stack over a batch of sequences.

        Args:
            x: the input, a tensor or a packed sequence.
            state: a State, or torch's ``(h, c)``; None starts anew.
            lengths: steps of each sequence, in any order, 0 allowed; what lies behind is padding
                and changes nothing.
            trace: also return every gate and state; see Trace. "steps" also keeps the tensors of
                each step, to differentiate with respect to them; that takes the reference path.

        Shapes:
            x: (T, B, I), (B, T, I) with batch_first, or (T, I) for a single sequence.
            lengths: (B). output: as x, with output_size features, zero on padding.

        Returns:
            ``output, state``, or ``output, state, trace``.

        Raises:
            ShapeError: when sizes, dtypes or lengths do not fit the network, or the state does
                not fit the batch.
        """
        _check_trace(trace)
        if lengths is None and not trace and (found := run_stack(self, x, state)) is not None:
            return found
        if isinstance(x, PackedSequence):
            if lengths is not None:
                raise ShapeError(
                    "a packed sequence carries its own lengths", hint="lstm(packed, state)"
                )
            check_features(x.data, self.grid()[0][0])
            padded, packed_lengths = unpack(x)
            batch = pad(padded, packed_lengths)
            output, new, traced = self._run(batch, state, batched=True, trace=trace)
            result: Tensor | PackedSequence = repack(output, packed_lengths, x)
        else:
            batch = enter(x, lengths, self.grid()[0][0], batch_first=self.batch_first)
            batched = x.dim() == 3
            output, new, traced = self._run(batch, state, batched=batched, trace=trace)
            result = self._leave(output, batched)
        return (result, new, traced) if traced is not None else (result, new)

    def _run(
        self, batch: PaddedBatch, state: State | Tuple | None, *, batched: bool, trace: bool | str
    ) -> tuple[Tensor, State, Trace | None]:
        states = self._state_of(state, batch.x, batched).layers
        x = batch.x
        ended: list[list[CellState]] = []
        traces: list[list[CellTrace]] = []
        grid = self.grid()
        for layer, row in enumerate(grid):
            for cell in row:
                # Cells are run, not called; pruning and weight norm make their weights in hooks.
                for hook in cell._forward_pre_hooks.values():
                    hook(cell, (x,))
            runs = [
                run(
                    cell,
                    x,
                    states[layer][direction],
                    valid=batch.valid,
                    lengths=batch.lengths,
                    reverse=direction == 1,
                    trace=trace,
                    low_memory=self.low_memory,
                )
                for direction, cell in enumerate(row)
            ]
            x = runs[0].output if len(runs) == 1 else torch.cat([r.output for r in runs], dim=-1)
            ended.append([r.state for r in runs])
            traces.append([CellTrace(r.steps, batch.valid, r.output[:0], r.signals) for r in runs])
            if self.dropout[layer] and layer + 1 < len(grid):
                x = self._drop(x, self.dropout[layer])
        traced = Trace(traces, batch.valid) if trace else None
        return x, State(ended, batched=batched), traced

    def _drop(self, x: Tensor, rate: float) -> Tensor:
        """Drop values of x (T, B, F) while training, or the same features at all steps."""
        if not self.variational or not self.training:
            return functional.dropout(x, rate, self.training)
        return x * (x.new_empty(1, *x.shape[1:]).bernoulli_(1 - rate) / (1 - rate))

    def _leave(self, output: Tensor, batched: bool) -> Tensor:
        if not batched:
            return output.squeeze(1)
        return output.transpose(0, 1) if self.batch_first else output

    def _state_of(self, state: State | Tuple | None, x: Tensor, batched: bool) -> State:
        if state is None:
            return self.initial_state(x.shape[1])
        if not isinstance(state, State):
            sizes = [[cell.state_sizes for cell in row] for row in self.grid()]
            state = state_of_pair(state, sizes, x.shape[1], batched=batched)
        return check_state(state, self._state_sizes, x)

    def to_config(self) -> dict[str, Any]:
        """Return the arguments that build this network again, as JSON values.

        Those of which several are one parameter are named under "tied".
        """
        tied = tied_names(self)
        return self.stack_config().to_json() | ({TIED: tied} if tied else {})

    def stack_config(self) -> StackConfig:
        """Return the layers and their options."""
        return StackConfig(
            self.layer_options,
            self.batch_first,
            self.bidirectional,
            self.dropout,
            dtype_name(self),
        )

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """Return dtype and shape of every weight that ``config`` asks for; builds nothing.

        Raises:
            OptionError: when ``config`` is not one that ``to_config`` returns.
        """
        stack = read_config(cls.options_class, config)
        return {
            name: (getattr(torch, stack.dtype), shape) for name, shape in stack.shapes().items()
        }

    def tensors(self) -> Mapping[str, Tensor]:
        """Return every weight by name."""
        return self.state_dict()

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Self:
        """Build the network of ``config`` around ``tensors``."""
        settings = dict(config)
        tied = settings.pop(TIED, [])
        settings |= {"dtype": getattr(torch, settings["dtype"]), "device": "meta"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said when the network was first built
            network = cls(**settings)
        network.load_state_dict(dict(tensors), assign=True)
        tie(network, tied)
        return network.requires_grad_(True)


def _check_trace(trace: object) -> None:
    if trace not in (True, False, "steps"):
        raise OptionError(
            f'trace must be True, False or "steps", got {trace!r}', hint="lstm(x, trace=True)"
        )


def dtype_name(network: nn.Module) -> str:
    """Return the name of the network's dtype for a configuration.

    Raises:
        OptionError: when the weights have different dtypes, or one that files do not hold.
    """
    found = {parameter.dtype for parameter in network.parameters()}
    names = [name for name in DTYPES if getattr(torch, name) in found]
    if len(found) != 1 or not names:
        raise OptionError(
            f"all weights must have one dtype of {', '.join(DTYPES)}, got {sorted(map(str, found))}"
        )
    return names[0]
