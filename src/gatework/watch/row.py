"""A row as it was read: its value, its period, and the covariates beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gatework.errors import DataError
from gatework.tabular.alone import read_cell
from gatework.tabular.column import shown
from gatework.tabular.style import ReadingStyle
from gatework.watch.values import called, problem_of


@dataclass(frozen=True)
class Row:
    """A row: its number, its value (nan: missing), its period, what is wrong.

    ``covariates`` are what stands beside the value, nan where it is missing or cannot be read,
    which ``unread`` says, a sentence each.
    """

    line: int
    value: float
    period: str | None = None
    problem: str | None = None
    covariates: Mapping[str, float] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def covariates_in(
    read: Row, cells: Mapping[str, Any], names: Sequence[str], style: ReadingStyle, delimiter: str
) -> Row:
    """Return a row with the covariates of these names, as its cells by column say."""
    if not names:
        return read
    cells, found, unread = called(cells, *names), dict.fromkeys(names, math.nan), []
    for name in names:
        cell = cells.get(name)
        number = read_cell(cell, style, name, delimiter)
        problem = problem_of(cell, number, style, name)
        if problem is None and number is not None:
            found[name] = number
        else:
            unread.append(f"row {read.line}: {name!r}: {problem}")
    return replace(read, covariates=found, unread=tuple(unread))


def check_beside(names: Sequence[str], header: Sequence[str], text: str) -> None:
    """Refuse rows without a column that the model needs; ``text`` is the first of them.

    Raises:
        DataError: one lacks.
    """
    there = {name.casefold() for name in header}
    lacking = [name for name in names if name.casefold() not in there]
    if lacking:
        raise DataError(
            f"the first row, {shown(text)}, lacks {', '.join(map(repr, lacking))}, which the model "
            "takes into account",
            hint="a header with it, and its number in each row",
        )
