"""Tables on the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def show(table: Table) -> None:
    """Print a table to the standard output, wide enough for it where that is no terminal."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "100"))
    Console(width=width, highlight=False).print(table)


def table_of(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1, **more: Any
) -> Table:
    """Return a table of numbers.

    Args:
        title: of the table.
        heads: of the columns.
        rows: their cells.
        words: columns at the left that hold words, in which nothing is markup.
        more: arguments of rich's Table.
    """
    # A column called "faults [1/h]" must not be read as markup.
    table = Table(title=escape(title), **more)
    for place, head in enumerate(heads):
        table.add_column(escape(head), justify="left" if place < words else "right")
    for row in rows:
        cells = (escape(cell) if place < words else cell for place, cell in enumerate(row))
        table.add_row(*cells)
    return table
