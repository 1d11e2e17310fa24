"""What commands print and write: JSON, CSV, tables, and how far they are."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.hints import as_typed
from gatework.extras import needing
from gatework.system.terminal import console, shown

if TYPE_CHECKING:
    from rich.status import Status
    from rich.table import Table

    from gatework.train import RichProgress

_FORMULA = tuple("=+-@\t\n＝＋－＠")
"""What begins a formula, or what programs leave out that look for one."""
_COMMAND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What commands a terminal that shows the file: control characters, but the ends of lines."""
_MOST_WIDE = 100_000
"""Letters of a line in a pipe or a file."""
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?")


def say_json(value: Any) -> None:
    """Print a JSON value in a line."""
    click.echo(json.dumps(value, ensure_ascii=False))


def say_notes(notes: Iterable[str], *, err: bool = False) -> None:
    """Print notes, a line each, with options where they name arguments of Python, too."""
    for note in notes:
        click.echo(f"note: {as_typed(note)}", err=err)


def csv_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV with all their columns; a cell that a row lacks is empty.

    Text that a spreadsheet would take for a formula gets a quote before it, and what would command
    a terminal is written out. Other marks stay: they belong to the spelling of some names.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writerow({name: _cell(name) for name in names})
    writer.writerows(
        {name: repr(float(v)) if isinstance(v, float) else _cell(v) for name, v in row.items()}
        for row in rows
    )
    return text.getvalue().encode(errors="backslashreplace")


def _cell(value: Any) -> Any:
    """Return a value as a cell that a spreadsheet shows and never computes: a quote goes before."""
    if not isinstance(value, str):
        return value
    value = _COMMAND.sub(lambda found: shown(found[0]), value)
    value = value.replace("\r\n", "\n").replace("\r", "\n")  # the writer quotes one of the two
    if not value.startswith(_FORMULA):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"


def tabled(rows: Sequence[Mapping[str, Any]], kind: str, frame: Callable[[], Any]) -> bytes:
    """Return a table as a file of a kind: "csv", "json", a list of objects, or "parquet".

    Args:
        rows: with dates as texts.
        kind: of the file.
        frame: gives the same as a table of pyarrow, with real dates.
    """
    if kind == "csv":
        return csv_of(rows)
    if kind == "json":
        return json.dumps(rows, ensure_ascii=False).encode(errors="backslashreplace")
    from pyarrow.parquet import write_table

    sink = io.BytesIO()
    write_table(frame(), sink)
    return sink.getvalue()


def check_format(kind: str) -> None:
    """Check, before long work, that tables of a kind can be written.

    Raises:
        MissingDependencyError: when it needs a package that is not installed.
    """
    if kind == "parquet":
        with needing(
            "pyarrow", "a Parquet file needs the package pyarrow", otherwise="--format csv"
        ):
            import pyarrow.parquet  # noqa: F401


def training_bar() -> RichProgress | None:
    """Return a bar for the standard error, None where it is no terminal."""
    from gatework.train import RichProgress

    return RichProgress() if sys.stderr.isatty() else None


def status(said: str) -> AbstractContextManager[Status | None]:
    """Return what tells on the standard error that something goes on; None where nobody looks."""
    told = console(stderr=True)
    return told.status(said) if told.is_terminal else nullcontext()


def show(table: Table) -> None:
    """Print a table to the standard output, where that is no terminal with every value whole."""
    width = int(os.environ["COLUMNS"]) if "COLUMNS" in os.environ else None
    if width is None and not sys.stdout.isatty():
        wide = console(width=_MOST_WIDE)
        width = max(100, wide.measure(table).maximum)
    console(width=width).print(table)


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
    from rich.markup import escape
    from rich.table import Table

    # A column called "faults [1/h]" must not be read as markup.
    def plain(words: str) -> str:
        return escape(shown(words))

    table = Table(title=plain(title), **more)
    for place, head in enumerate(heads):
        table.add_column(plain(head), justify="left" if place < words else "right")
    for row in rows:
        table.add_row(*(plain(cell) if at < words else cell for at, cell in enumerate(row)))
    return table
