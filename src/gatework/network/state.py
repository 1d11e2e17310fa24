"""The recurrent state of a whole stack as one object."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gatework.cell import CellState
from gatework.cell.description import DIRECTIONS
from gatework.checks import is_whole
from gatework.errors import FileFormatError, ShapeError, counted
from gatework.system.names import AnyPath

if TYPE_CHECKING:  # a network hands out states and takes them: a circle of types alone
    from gatework.network.stack import RecurrentStack

MOST_ROWS = 2**31 - 1


class State:
    """The state of a stack: hidden and cell state of every layer and direction.

    It goes into ``lstm(x, state)`` and comes out of it, from training to production. Where all
    layers have the same size it also unpacks as torch's tuple: ``h, c = state``.

    Shapes:
        ``state.layers[layer][direction]`` is a CellState of hidden (B, P), cell (B, H), and, with
        exponential gating, normaliser (B, H) and stabiliser (B, H). Direction 0 is forward.

    Example:
        >>> from gatework import LSTM, State
        >>> lstm = LSTM(3, [5, 4])
        >>> state = State.zeros(lstm, batch_size=2)
        >>> state
        State(batch_size=2, layers=2, directions=1, hidden=[5, 4])
        >>> state.select([1]).batch_size
        1
    """

    def __init__(self, layers: Sequence[Sequence[CellState]], *, batched: bool = True) -> None:
        self.layers: tuple[tuple[CellState, ...], ...] = tuple(tuple(layer) for layer in layers)
        self.batched = batched

    @classmethod
    def zeros(cls, network: RecurrentStack, batch_size: int) -> State:
        """Return the state of a network that has seen nothing, even if it has a learned start.

        Raises:
            ShapeError: when ``batch_size`` is no number of rows.
        """
        if not is_whole(batch_size, 0, MOST_ROWS):
            raise ShapeError(
                f"batch_size must be a whole number from 0 to {MOST_ROWS}, got {batch_size!r}"
            )
        like = next(network.parameters())
        return cls([[cell.zero_state(batch_size, like) for cell in row] for row in network.grid()])

    @property
    def batch_size(self) -> int:
        """B: sequences in the batch."""
        return self.layers[0][0].hidden.shape[0]

    def detach(self) -> State:
        """Return the same values cut off from the graph, for truncated backpropagation."""
        return self._map(Tensor.detach)

    def clone(self) -> State:
        """Return a copy that shares no memory."""
        return self._map(Tensor.clone)

    def to(self, *args: Any, **kwargs: Any) -> State:
        """Move or cast every tensor; the arguments are those of ``torch.Tensor.to``."""
        return self._map(lambda tensor: tensor.to(*args, **kwargs))

    def select(self, rows: Sequence[int] | Tensor | slice) -> State:
        """Return the state of some rows of the batch, in the order of ``rows``.

        Raises:
            ShapeError: when a row is not in the batch.
        """
        index = self._rows(rows)
        return self._map(lambda tensor: tensor.index_select(0, index.to(tensor.device)))

    def scatter(self, rows: Sequence[int] | Tensor | slice, source: State) -> State:
        """Return this state with ``rows`` replaced by the rows of ``source``; differentiable.

        Raises:
            ShapeError: when a row is not in the batch or named twice, or when ``source`` has other
                layers or another number of rows.
        """
        index = self._rows(rows)
        if len(index) != source.batch_size:
            raise ShapeError(
                f"source has {counted(source.batch_size, 'row')}, expected {len(index)}, one "
                "for each row"
            )
        if len(torch.unique(index)) != len(index):
            raise ShapeError(f"rows must not repeat, got {index.tolist()}")
        ours, theirs = self.to_tensors(), source.to_tensors()
        _check_same_layout(ours, theirs)
        return State.from_tensors(
            {
                name: tensor.index_copy(0, index.to(tensor.device), theirs[name])
                for name, tensor in ours.items()
            },
            batched=self.batched,
        )

    def to_tensors(self) -> dict[str, Tensor]:
        """Return every tensor by name: layer, direction and part, as in "0.forward.cell"."""
        return {
            f"{layer}.{DIRECTIONS[direction]}.{part}": tensor
            for layer, row in enumerate(self.layers)
            for direction, cell_state in enumerate(row)
            for part, tensor in cell_state._asdict().items()
            if tensor is not None
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], *, batched: bool = True) -> State:
        """Build a state from what ``to_tensors`` returned.

        Raises:
            FileFormatError: when the names are not those of a state.
        """
        table: dict[tuple[int, int], dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            layer, _, rest = name.partition(".")
            direction, _, part = rest.partition(".")
            if not (
                layer.isascii()
                and layer.isdigit()
                and layer == str(int(layer[:9]))
                and direction in DIRECTIONS
                and part in CellState._fields
            ):
                raise FileFormatError(f"{name!r} is not the name of a part of a state")
            table.setdefault((int(layer), DIRECTIONS.index(direction)), {})[part] = tensor
        count = len({layer for layer, _ in table})
        width = len({direction for _, direction in table})
        expected = {(layer, direction) for layer in range(count) for direction in range(width)}
        if not table or set(table) != expected or any("hidden" not in t for t in table.values()):
            raise FileFormatError("the tensors do not make up a state: a layer or direction lacks")
        layers = [[CellState(**table[layer, d]) for d in range(width)] for layer in range(count)]
        return cls(layers, batched=batched)

    def save(self, path: AnyPath, *, overwrite: bool = False) -> Path:
        """Write the state to a file; nothing in it can execute.

        Raises:
            OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written.
        """
        from gatework.runtime.state import FILE_KIND
        from gatework.storage import write_sealed
        from gatework.storage.torch_tensors import seal

        write_sealed(
            path,
            FILE_KIND,
            {"batched": self.batched},
            {name: seal(tensor) for name, tensor in self.to_tensors().items()},
            overwrite=overwrite,
        )
        return Path(os.fsdecode(path))

    @classmethod
    def load(cls, path: AnyPath) -> State:
        """Read a state that ``save`` wrote, onto the CPU.

        Raises:
            FileFormatError: when the file is damaged, altered, or no state.
        """
        from gatework.runtime.state import read_state
        from gatework.storage.torch_tensors import unseal

        sealed = read_state(path)
        tensors = {name: unseal(tensor) for name, tensor in sealed.tensors.items()}
        try:
            return cls.from_tensors(tensors, batched=sealed.config["batched"])
        except FileFormatError as error:
            raise FileFormatError(f"{os.fsdecode(path)}: {error.message}") from error

    def __iter__(self) -> Iterator[Tensor]:
        """Yield ``h`` (L * D, B, P) and ``c`` (L * D, B, H), as torch.nn.LSTM returns them.

        Raises:
            ShapeError: when the layers have different sizes, or the state has more or less parts
                than these two.
        """
        cells = [cell_state for row in self.layers for cell_state in row]
        if any(s.cell is None or s.normaliser is not None for s in cells):
            raise ShapeError(
                "this state is not a pair of hidden and cell state and cannot unpack as (h, c)",
                hint="state.layers[layer][direction]",
            )
        sizes = [(s.hidden.shape[1], s.cell.shape[1]) for s in cells if s.cell is not None]
        if len(set(sizes)) > 1:
            raise ShapeError(
                "the layers have different sizes, so their states cannot be stacked as (h, c): "
                f"hidden {[size[0] for size in sizes]}, cell {[size[1] for size in sizes]}",
                hint="state.layers[layer][direction].hidden",
            )
        pair = (
            torch.stack([s.hidden for s in cells]),
            torch.stack([s.cell for s in cells if s.cell is not None]),
        )
        return iter(pair if self.batched else [tensor.squeeze(1) for tensor in pair])

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Tensor:
        """Return ``h`` for 0 and ``c`` for 1, as for torch's tuple."""
        return tuple(self)[index]

    def __repr__(self) -> str:
        hidden = [row[0].hidden.shape[1] for row in self.layers]
        return (
            f"State(batch_size={self.batch_size}, layers={len(self.layers)}, "
            f"directions={len(self.layers[0])}, hidden={hidden})"
        )

    def _map(self, function: Callable[[Tensor], Tensor]) -> State:
        def over(parts: CellState) -> CellState:
            return CellState._make(part if part is None else function(part) for part in parts)

        return State([[over(s) for s in row] for row in self.layers], batched=self.batched)

    def _rows(self, rows: Sequence[int] | Tensor | slice) -> Tensor:
        B = self.batch_size
        if isinstance(rows, slice):
            return torch.arange(B)[rows]
        try:
            index = torch.as_tensor(rows)
        except (ValueError, TypeError, RuntimeError, OverflowError):
            raise ShapeError(f"rows must be a list of whole numbers, got {rows!r}") from None
        if index.dtype == torch.bool and index.shape == (B,):
            return index.nonzero().squeeze(1)
        if index.dim() != 1 or (index.numel() and index.dtype.is_floating_point):
            raise ShapeError(f"rows must be a list of whole numbers, got {rows!r}")
        index = index.long()
        outside = [row for row in index.tolist() if not -B <= row < B]
        if outside:
            raise ShapeError(f"rows {outside} are not in a batch of {B}")
        return torch.where(index < 0, index + B, index)


def _check_same_layout(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> None:
    for name in ours.keys() | theirs.keys():
        if name not in ours or name not in theirs or ours[name].shape[1] != theirs[name].shape[1]:
            raise ShapeError(f"source is the state of another network: {name!r} differs")
