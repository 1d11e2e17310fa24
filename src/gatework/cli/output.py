"""What commands print and write: JSON, CSV, and how far they are."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatework.train import RichProgress


def say_json(value: Any) -> None:
    """Print a JSON value in a line."""
    click.echo(json.dumps(value, ensure_ascii=False))


def csv_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV with all their columns; a cell that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: repr(float(v)) if isinstance(v, float) else v for name, v in row.items()}
        for row in rows
    )
    return text.getvalue().encode()


def training_bar() -> RichProgress | None:
    """Return a bar for the standard error, None where it is no terminal."""
    from gatework.train import RichProgress

    return RichProgress() if sys.stderr.isatty() else None
