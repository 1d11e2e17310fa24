"""Batches: shuffled samples, or consecutive pieces of long streams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from gatework.checks import refuse, whole
from gatework.errors import DataError


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of training sees.

    Attributes:
        inputs: what the model takes.
        targets: what its prediction is compared with.
        lengths: (B), steps of each sequence; None when all are whole.
        fresh: the recurrent state starts anew; False carries it over from the batch before.
        weights: (B), how much each sequence counts, for a loss with a parameter of that name; None
            for all alike.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None = None
    fresh: bool = True
    weights: Tensor | None = None


@runtime_checkable
class Batches(Protocol):
    """A source of batches whose every batch is a function of epoch and index alone.

    That is what makes a run resumable: its position in the data is two numbers.
    """

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        ...

    def batch(self, epoch: int, index: int) -> Batch:
        """Return a batch; the same epoch and index give the same one."""
        ...

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order, as JSON values."""
        ...


class ShuffledBatches:
    """Samples in an order drawn anew for each epoch.

    Args:
        inputs: (N, ...), rows first; a recurrent model takes them with ``batch_first``.
        targets: (N, ...).
        batch_size: samples in a batch; the last batch of an epoch may be smaller.
        lengths: (N), the steps of each row of (N, T, ...) inputs, from 0 to T; None for all.
        seed: of the order.

    Raises:
        DataError: when there are no samples, their numbers differ, or a value is not finite; it
            names everything that is wrong, a bad option too.
        OptionError: when batch_size or seed alone is wrong.

    Example:
        >>> batches = ShuffledBatches(torch.arange(10.0), torch.arange(10.0), batch_size=4)
        >>> [len(batches.batch(0, index).inputs) for index in range(len(batches))]
        [4, 4, 2]
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        batch_size: int,
        *,
        lengths: Tensor | None = None,
        seed: int = 0,
    ) -> None:
        options = whole(1)("batch_size", batch_size) + whole()("seed", seed)
        data = _wrong_tensors(inputs, targets)
        if not data:
            data += _wrong_rows(inputs, targets, lengths)
            data += _not_finite(inputs, targets)
        _refuse(options, data)
        self.inputs, self.targets, self.lengths = inputs, targets, lengths
        self.batch_size, self.seed = batch_size, seed
        self._epoch: int | None = None
        self._rows: tuple[Tensor, ...] = ()

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(_mix(self.seed, epoch))
            order = torch.randperm(len(self.inputs), generator=generator)
            self._rows = order.to(self.inputs.device).split(self.batch_size)
            self._epoch = epoch
        rows = self._rows[index]
        return Batch(
            self.inputs.index_select(0, rows),
            self.targets.index_select(0, rows.to(self.targets.device)),
            None if self.lengths is None else self.lengths[rows.to(self.lengths.device)],
        )

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        return {
            "order": "shuffled",
            "batch_size": self.batch_size,
            "seed": self.seed,
            "data": _digest(self.inputs, self.targets, self.lengths),
        }


class StreamBatches:
    """Consecutive pieces of long streams, for truncated backpropagation with a carried state.

    Args:
        inputs: (B, T, ...), B streams side by side; a recurrent model takes them with
            ``batch_first``.
        targets: (B, T, ...).
        steps: length of a piece; the last one may be shorter.

    Raises:
        DataError: when inputs and targets do not belong together or are not finite; it names
            everything that is wrong, a bad option too.
        OptionError: when steps alone is wrong.

    Example:
        >>> text = torch.arange(21).reshape(1, 21)
        >>> batches = StreamBatches(text[:, :-1], text[:, 1:], steps=8)
        >>> [batches.batch(0, index).inputs.shape[1] for index in range(len(batches))]
        [8, 8, 4]

    Source: truncated backpropagation through time, Williams and Peng 1990,
        doi 10.1162/neco.1990.2.4.490.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, steps: int) -> None:
        options = whole(1)("steps", steps)
        data = _wrong_tensors(inputs, targets)
        if not data:
            if inputs.dim() < 2 or inputs.shape[:2] != targets.shape[:2] or not inputs.numel():
                data.append(
                    "inputs and targets must both begin with (B, T), each at least 1, "
                    f"got {tuple(inputs.shape)} and {tuple(targets.shape)}"
                )
            data += _not_finite(inputs, targets)
        _refuse(options, data)
        self.inputs, self.targets, self.steps = inputs, targets, steps

    def __len__(self) -> int:
        return -(-self.inputs.shape[1] // self.steps)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return piece ``index``; only the first of an epoch starts anew."""
        piece = slice(index * self.steps, (index + 1) * self.steps)
        return Batch(self.inputs[:, piece], self.targets[:, piece], fresh=index == 0)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        return {
            "order": "stream",
            "steps": self.steps,
            "data": _digest(self.inputs, self.targets, None),
        }


def _wrong_tensors(inputs: object, targets: object) -> list[str]:
    return [
        f"{name} must be a tensor of at least one dimension, got {_kind(value)}"
        for name, value in (("inputs", inputs), ("targets", targets))
        if not isinstance(value, Tensor) or value.dim() == 0
    ]


def _kind(value: object) -> str:
    return "a single number" if isinstance(value, Tensor) else type(value).__name__


def _wrong_rows(inputs: Tensor, targets: Tensor, lengths: Tensor | None) -> list[str]:
    if inputs.numel() == 0:
        return [f"there are no samples to train on, inputs have the shape {tuple(inputs.shape)}"]
    found = []
    if len(targets) != len(inputs):
        found.append(f"there are {len(inputs)} inputs but {len(targets)} targets")
    if lengths is None:
        return found
    if not isinstance(lengths, Tensor) or lengths.is_floating_point() or lengths.dim() != 1:
        found.append("lengths must be a tensor with one whole number for each row of the inputs")
    elif len(lengths) != len(inputs):
        found.append(f"there are {len(inputs)} inputs but {len(lengths)} lengths")
    elif inputs.dim() < 2:
        found.append(f"lengths need inputs of (N, T, ...), got {tuple(inputs.shape)}")
    elif bool(((lengths < 0) | (lengths > inputs.shape[1])).any()):
        row = int(((lengths < 0) | (lengths > inputs.shape[1])).nonzero()[0])
        found.append(
            f"lengths[{row}] must be from 0 to {inputs.shape[1]}, the steps of the inputs, "
            f"got {int(lengths[row])}"
        )
    return found


def _not_finite(inputs: Tensor, targets: Tensor) -> list[str]:
    found = []
    for name, value in (("inputs", inputs), ("targets", targets)):
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            place = tuple((~torch.isfinite(value)).nonzero()[0].tolist())
            found.append(f"{name}{list(place)} is {value[place].item()}, expected a number")
    return found


def _refuse(options: list[str], data: list[str]) -> None:
    if data:
        raise DataError("; ".join(data + options))
    refuse(options)


def _mix(seed: int, epoch: int) -> int:
    text = f"{seed} {epoch}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


def _digest(*tensors: Tensor | None) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is not None:
            digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()
