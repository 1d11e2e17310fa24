"""What goes into a stack of layers: its input and its state, checked against the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gatework.cell import Cell, CellState
from gatework.errors import ShapeError, counted
from gatework.network.lengths import check_lengths, valid_steps
from gatework.network.state import State


class PaddedBatch(NamedTuple):
    """An input in the order that the layers work in.

    Shapes:
        x: (T, B, I). valid: (T, B, 1), None when nothing is padded.
    """

    x: Tensor
    lengths: Tensor | None
    valid: Tensor | None


def enter(
    x: Tensor, lengths: Sequence[int] | Tensor | None, first: Cell, *, batch_first: bool
) -> PaddedBatch:
    """Return an input as the layers, of which ``first`` is the first, work on it.

    Raises:
        ShapeError: when the input or its lengths do not fit.
    """
    if not isinstance(x, Tensor):
        raise ShapeError(
            f"the input must be a tensor or a packed sequence, got {type(x).__name__}",
            hint="torch.as_tensor(x)",
        )
    if x.dim() not in (2, 3):
        form = "(B, T, I)" if batch_first else "(T, B, I)"
        raise ShapeError(
            f"the input must have the shape {form}, or (T, I) for a single sequence, "
            f"got {tuple(x.shape)}",
            hint=f"x.reshape(..., {first.input_size})",
        )
    check_features(x, first)
    if x.dim() == 2:
        if lengths is not None:
            raise ShapeError(
                "lengths are for a batch, got a single sequence of shape (T, I)",
                hint="lstm(x[:length])",
            )
        return PaddedBatch(x.unsqueeze(1), None, None)
    x = x.transpose(0, 1) if batch_first else x
    if lengths is None:
        return PaddedBatch(x, None, None)
    return pad(x, check_lengths(lengths, *x.shape[:2]))


def check_features(x: Tensor, first: Cell) -> None:
    """Refuse an input whose features, dtype or device are not those of the first cell.

    Raises:
        ShapeError: when they are not.
    """
    if x.shape[-1] != first.input_size:
        raise ShapeError(
            f"the input must have {counted(first.input_size, 'feature')} in its last dimension, "
            f"got shape {tuple(x.shape)}",
            hint=f"LSTM({x.shape[-1]}, ...) for such inputs, or x.transpose(...) where the "
            "features are in another dimension",
        )
    weight = first.weight_ih
    if x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
        raise ShapeError(
            f"the input is {x.dtype} but the network's weights are {weight.dtype}",
            hint=f"x.to({weight.dtype})",
        )
    if x.device != weight.device:
        raise ShapeError(
            f"the input is on {x.device} but the network is on {weight.device}",
            hint=f"x.to({str(weight.device)!r})",
        )


def pad(x: Tensor, lengths: Tensor) -> PaddedBatch:
    """Return sequences (T, B, I) of these lengths, with zeros behind them."""
    valid = valid_steps(lengths, x.shape[0], x.device)
    # Whatever the padding holds, NaN included, must not reach a gradient: 0 * NaN is NaN.
    return PaddedBatch(x.masked_fill(~valid, 0.0), lengths, valid)


def check_state(state: State, expected: Mapping[str, int], x: Tensor) -> State:
    """Return a state if its parts are those of a network, for the batch of ``x`` (T, B, I).

    Raises:
        ShapeError: when they are not.
    """
    B, found = x.shape[1], state.to_tensors()
    for name in [*expected, *found]:
        if name not in found or name not in expected:
            here = "lacks" if name not in found else "has"
            raise ShapeError(
                f"the state is another network's: it {here} {name!r}",
                hint="State.zeros(network, batch_size)",
            )
        part, shape = found[name], (B, expected[name])
        if part.shape != shape:
            raise ShapeError(
                f"the state's {name!r} must have the shape {shape} for "
                f"this network and batch, got {tuple(part.shape)}",
                hint=f"State.zeros(network, {B}), or state.select(rows)",
            )
        fits = (part.dtype, part.device) == (x.dtype, x.device)
        if not fits and not torch.is_autocast_enabled(x.device.type):
            raise ShapeError(
                f"the state's {name!r} is {part.dtype} on {part.device}, but the "
                f"input is {x.dtype} on {x.device}",
                hint="state.to(x.device, x.dtype)",
            )
    return state


def state_of_pair(
    given: Iterable[Tensor], grid: Sequence[Sequence[Mapping[str, int]]], B: int, *, batched: bool
) -> State:
    """Return torch's (h, c) as a State; ``grid`` has the sizes of each cell's state.

    Raises:
        ShapeError: when it is no such pair, or the network's state is none.
    """
    pair = tuple(given) if isinstance(given, Iterable) else ()
    if len(pair) != 2 or not all(isinstance(part, Tensor) for part in pair):
        raise ShapeError(
            f"the state must be a State or a pair of tensors (h, c), got {type(given).__name__}",
            hint="State.zeros(network, batch_size)",
        )
    h, c = pair if batched else (pair[0].unsqueeze(-2), pair[1].unsqueeze(-2))
    sizes = [one for row in grid for one in row]
    if any(one != sizes[0] for one in sizes):
        raise ShapeError(
            "the layers have different sizes, so their state cannot be a pair (h, c)",
            hint="lstm(x, state=State.zeros(lstm, batch_size))",
        )
    if set(sizes[0]) != {"hidden", "cell"}:
        raise ShapeError(
            "this network's state is no pair (h, c)",
            hint="State.zeros(network, batch_size)",
        )
    for name, part, size in (("h", h, sizes[0]["hidden"]), ("c", c, sizes[0]["cell"])):
        expected = (len(sizes), B, size)
        if part.shape != expected:
            raise ShapeError(
                f"{name} must have the shape {expected}, got {tuple(part.shape)}",
                hint=f"torch.zeros({', '.join(map(str, expected))})",
            )
    flat = [CellState(*parts) for parts in zip(h.unbind(0), c.unbind(0), strict=True)]
    width = len(grid[0])
    return State([flat[i : i + width] for i in range(0, len(flat), width)])
