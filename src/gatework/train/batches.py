"""Batches: shuffled samples, or consecutive pieces of long streams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gatework.errors import DataError, OptionError


@dataclass(frozen=True)
class Batch:
    """What one step of training sees.

    Attributes:
        inputs: what the model takes.
        targets: what its prediction is compared with.
        lengths: (B), steps of each sequence; None when all are whole.
        fresh: the recurrent state starts anew; False carries it over from the batch before.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None = None
    fresh: bool = True


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
        inputs: (N, ...). targets: (N, ...). lengths: (N), or None.
        batch_size: samples in a batch; the last batch of an epoch may be smaller.
        seed: of the order.

    Raises:
        OptionError: when batch_size is below 1.
        DataError: when there are no samples, their numbers differ, or a value is not finite.

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
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise OptionError(
                f"batch_size must be a whole number of at least 1, got {batch_size!r}"
            )
        if len(inputs) == 0:
            raise DataError("there are no samples to train on")
        for name, value in (("targets", targets), ("lengths", lengths)):
            if value is not None and len(value) != len(inputs):
                raise DataError(f"there are {len(inputs)} inputs but {len(value)} {name}")
        _check_finite(inputs, targets)
        self.inputs, self.targets, self.lengths = inputs, targets, lengths
        self.batch_size, self.seed = batch_size, seed
        self._epoch: int | None = None
        self._order = torch.empty(0, dtype=torch.int64)

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(_mix(self.seed, epoch))
            self._order = torch.randperm(len(self.inputs), generator=generator)
            self._epoch = epoch
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        lengths = None if self.lengths is None else self.lengths[rows]
        return Batch(self.inputs[rows], self.targets[rows], lengths)

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
        inputs: (B, T, ...), B streams side by side. targets: (B, T, ...).
        steps: length of a piece; the last one may be shorter.

    Raises:
        OptionError: when steps is below 1.
        DataError: when inputs and targets do not belong together or are not finite.

    Source: truncated backpropagation through time, Williams and Peng 1990,
        doi 10.1162/neco.1990.2.4.490.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, steps: int) -> None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise OptionError(f"steps must be a whole number of at least 1, got {steps!r}")
        if inputs.dim() < 2 or inputs.shape[:2] != targets.shape[:2] or inputs.shape[1] == 0:
            raise DataError(
                "inputs and targets must both begin with (B, T), T at least 1, "
                f"got {tuple(inputs.shape)} and {tuple(targets.shape)}"
            )
        _check_finite(inputs, targets)
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


def _check_finite(inputs: Tensor, targets: Tensor) -> None:
    for name, value in (("inputs", inputs), ("targets", targets)):
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            place = tuple((~torch.isfinite(value)).nonzero()[0].tolist())
            raise DataError(f"{name}{list(place)} is {value[place].item()}, expected a number")


def _mix(seed: int, epoch: int) -> int:
    text = f"{seed} {epoch}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


def _digest(*tensors: Tensor | None) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is not None:
            digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
