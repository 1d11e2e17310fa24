"""Sequences of different lengths in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from gatework.errors import ShapeError, counted


def check_lengths(lengths: Sequence[int] | Tensor, steps: int, batch: int) -> Tensor:
    """Return ``lengths`` as int64 on the CPU.

    Shapes:
        lengths: (B), each from 0 to T, in any order.

    Raises:
        ShapeError: when there is not one whole number for each row, or one is not from 0 to T.
    """
    try:
        found = torch.as_tensor(lengths).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ShapeError(
            f"lengths must hold a whole number for each row, got {lengths!r}",
            hint="lstm(x, lengths=[5, 3, 4])",
        ) from error
    if found.shape != (batch,):
        raise ShapeError(
            f"lengths must hold one number for each of the {counted(batch, 'row')} of the batch, "
            f"got shape {tuple(found.shape)}",
            hint="lengths in the order of the rows; 0 for an empty sequence",
        )
    if not batch:
        return found.long()  # an empty list says nothing of its dtype
    if found.dtype.is_floating_point or found.dtype.is_complex or found.dtype == torch.bool:
        raise ShapeError(f"lengths must be whole numbers, got {found.dtype}", hint="lengths.long()")
    # While torch compiles there are no values; the operator looks at them when it runs.
    values = [] if torch.compiler.is_compiling() else found.tolist()
    for row, length in enumerate(values):
        if not 0 <= length <= steps:
            raise ShapeError(
                f"lengths[{row}] must be from 0 to {steps}, the steps of the input, got {length}",
                hint="batch_first=True, if the input's first dimension is the batch",
            )
    # A copy: the backward run reads it, long after a loader may have used its buffer again.
    return found.long().clone()


def valid_steps(lengths: Tensor, steps: int, device: torch.device) -> Tensor:
    """Return (T, B, 1) booleans: True where a step belongs to its sequence."""
    times = torch.arange(steps, device=device).unsqueeze(1)
    return (times < lengths.to(device)).unsqueeze(-1)


def unpack(packed: PackedSequence) -> tuple[Tensor, Tensor]:
    """Return a packed sequence as (T, B, ...) in the caller's order, and its lengths."""
    return pad_packed_sequence(packed)


def repack(output: Tensor, lengths: Tensor, like: PackedSequence) -> PackedSequence:
    """Return ``output`` (T, B, ...) packed in the order of ``like``."""
    if like.sorted_indices is not None:
        order = like.sorted_indices
        output, lengths = output.index_select(1, order), lengths[order.cpu()]
    data = pack_padded_sequence(output, lengths).data
    return PackedSequence(data, like.batch_sizes, like.sorted_indices, like.unsorted_indices)
