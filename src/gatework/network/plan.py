"""Which path each layer of a stack takes over an input, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gatework.cell import Cell, LSTMCell
from gatework.cell.description import DIRECTIONS
from gatework.kernels import Path, choose, native


@dataclass(frozen=True)
class PlannedRun:
    """The path of one layer and direction.

    Attributes:
        layer, direction: which run.
        path: "native", "torch" or "reference".
        instruction_set: "avx512", "avx2", "neon" or "base" on the native path, else empty.
        threads: threads that a forward run takes.
        reason: why this path, in words.
    """

    layer: int
    direction: str
    path: str
    instruction_set: str
    threads: int
    reason: str


@dataclass(frozen=True)
class ExecutionPlan:
    """The paths of all layers and directions; prints as a table."""

    runs: tuple[PlannedRun, ...]

    def __str__(self) -> str:
        """Return a line for each run."""
        titles = ("layer", "direction", "path", "threads", "reason")
        rows = [
            (
                str(run.layer),
                run.direction,
                f"{run.path} {run.instruction_set}".strip(),
                str(run.threads),
                run.reason,
            )
            for run in self.runs
        ]
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (titles, *rows)
        )


def make_plan(
    grid: Sequence[Sequence[Cell]], x: Tensor, valid: Tensor | None, trace: bool | str
) -> ExecutionPlan:
    """Return the plan of the cells in ``grid`` over ``x`` (T, B, I)."""
    runs = []
    for layer, row in enumerate(grid):
        for direction, cell in enumerate(row):
            if trace == "steps":
                path = Path("reference", "the tensors of each step were asked for")
            else:
                path = choose(cell, x, valid=valid, trace=bool(trace))
            threads = _threads(cell, path, x, padded=valid is not None)
            runs.append(
                PlannedRun(
                    layer,
                    DIRECTIONS[direction],
                    path.name,
                    path.instruction_set,
                    threads,
                    path.reason,
                )
            )
        # Of the next layer's input only the sizes matter, so it takes no memory.
        x = x.new_empty(1).expand(*x.shape[:2], sum(cell.output_size for cell in row))
    return ExecutionPlan(tuple(runs))


def _threads(cell: Cell, path: Path, x: Tensor, *, padded: bool) -> int:
    if path.name != "native" or not isinstance(cell, LSTMCell):
        return torch.get_num_threads()
    T, B = x.shape[:2]
    return native.threads(
        T,
        B,
        cell.input_size,
        cell.hidden_size,
        cell.output_size,
        len(cell.options.gates),
        plain=cell.plain() and not cell.options.proj_size and not padded,
        target=path.instruction_set,
    )
