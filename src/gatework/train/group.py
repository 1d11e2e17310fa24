"""Several processes that train one network, each on a part of every batch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gatework.errors import TrainingError
from gatework.system import sockets

# torch.distributed has them, but not in its list of public names.
Store = dist.Store  # pyright: ignore[reportPrivateImportUsage]
TCPStore = dist.TCPStore  # pyright: ignore[reportPrivateImportUsage]
FileStore = dist.FileStore  # pyright: ignore[reportPrivateImportUsage]
PrefixStore = dist.PrefixStore  # pyright: ignore[reportPrivateImportUsage]

PATIENCE = timedelta(minutes=10)
"""How long a process waits for the others at a step."""


class Group:
    """The processes that train a network together; this is the view of one of them.

    Every process takes its part of a batch, and the gradients are averaged by how many targets
    each part has. That is the gradient of the whole batch, so that any number of processes gives
    the same weights up to rounding, as long as nothing random (dropout) is drawn.

    Args:
        store: where the processes find each other, the same for all.
        rank: number of this process, from 0. size: how many there are.
        interface: name of the network interface over which they talk; the loopback one, which only
            this machine reaches, where left out. Nobody who connects is asked who they are.

    Source: P. Goyal et al. 2017, arXiv:1706.02677, section 3 (synchronous data parallelism).
    """

    def __init__(self, store: Store, rank: int, size: int, interface: str | None = None) -> None:
        self.rank, self.size = rank, size
        for variable in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
            os.environ[variable] = interface or sockets.loopback()
        backend = "nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
        self._device = torch.device("cuda" if backend == "nccl" else "cpu")

    def average(
        self, parameters: Sequence[nn.Parameter], loss: float, items: int
    ) -> tuple[float, int]:
        """Replace the gradients by their mean over the processes, each weighed by its items.

        Returns the mean loss in the same sense, and the items of all processes.
        """
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        sizes = torch.tensor([loss * items, items], dtype=torch.float64)
        flat = torch.cat([grad.detach().flatten().double() * items for grad in grads])
        total = self._summed(torch.cat([flat, sizes.to(flat.device)]))
        whole = float(total[-1])
        start = 0
        for grad in grads:
            part = total[start : start + grad.numel()] / whole
            grad.copy_(part.view_as(grad))
            start += grad.numel()
        return float(total[-2]) / whole, int(whole)

    def agree(self, number: int, what: str) -> None:
        """Check that a number is the same in all processes.

        Raises:
            TrainingError: when it is not.
        """
        total = self._summed(torch.tensor([float(number), float(number**2)], dtype=torch.float64))
        mean = float(total[0]) / self.size
        if abs(float(total[1]) / self.size - mean**2) > 1e-6:
            raise TrainingError(
                f"the processes that train together differ in {what}",
                hint="all of them must see the same folder of checkpoints",
            )

    def close(self) -> None:
        """Leave the group."""
        dist.destroy_process_group()

    def _summed(self, values: Tensor) -> Tensor:
        there = values.to(self._device)
        dist.all_reduce(there)
        return there.to(values.device)
