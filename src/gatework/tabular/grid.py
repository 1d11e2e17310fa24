"""What a source holds before its columns are understood: names, cells, the numbers of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from gatework.tabular.column import Cell


@dataclass
class Grid:
    """A table as its source holds it.

    Attributes:
        header: names of the columns.
        columns: their cells.
        rows: the number of each row, as a spreadsheet shows it.
        delimiter: that parts cells of a text; the comma elsewhere.
        notes: sentences about what was passed over or guessed.
        style: what was found, as the fields of a ReadingStyle.
    """

    header: list[str]
    columns: list[Sequence[Cell]] = field(repr=False)
    rows: Sequence[int] = field(repr=False)
    delimiter: str = ","
    notes: list[str] = field(default_factory=list)
    style: dict[str, Any] = field(default_factory=dict)


def transposed(rows: Sequence[Sequence[Cell]], width: int, empty: Cell) -> list[Sequence[Cell]]:
    """Return the columns of rows that may be shorter, which end in empty cells, or longer."""
    if set(map(len, rows)) <= {width}:
        return [list(map(itemgetter(n), rows)) for n in range(width)]
    pad = [empty] * width
    whole = [[*row[:width], *pad[len(row) :]] for row in rows]
    return [list(map(itemgetter(n), whole)) for n in range(width)]


def plural(numbers: Sequence[int], one: str = "row") -> str:
    """Return how a sentence names rows.

    Example:
        >>> plural([3]), plural([1, 2, 3], "line"), plural([2, 9]), plural([2, 5, 7, 9, 11, 13])
        ('row 3 is', 'lines 1 to 3 are', 'rows 2 and 9 are', 'rows 2, 5, 7 and 3 more are')
    """
    if len(numbers) == 1:
        return f"{one} {numbers[0]} is"
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))) and len(numbers) > 2:
        return f"{one}s {numbers[0]} to {numbers[-1]} are"
    named = [str(number) for number in numbers[: 3 if len(numbers) > 4 else len(numbers)]]
    last = f"{len(numbers) - 3} more" if len(numbers) > 4 else named.pop()
    return f"{one}s {', '.join(named)} and {last} are"
