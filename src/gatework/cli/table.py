"""What every command that reads a table can be told about it."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import click

from gatework.cli.options import Options, option
from gatework.cli.values import span
from gatework.tabular.style import ReadingStyle

_behind = itertools.count(1_000_000)


def _late(help: str, **more: Any) -> Any:
    """Return an option that stands behind those of what the command does."""
    return option(help, at=next(_behind), **more)


class TextOptions(Options):
    """How a text becomes rows."""

    encoding: str | None = _late(
        "Of the text, such as cp1252 or gb18030; found by itself where it can be.", metavar="NAME"
    )

    def style(self, known: ReadingStyle | None = None) -> ReadingStyle:
        """Return how the table is to be read: as was said, and otherwise as another one was.

        A command that is resumed knows how it read its table before.
        """
        context = click.get_current_context(silent=True)
        known = known or (context and context.find_object(ReadingStyle))
        said = {name: value for name, value in self._said().items() if value not in (None, ())}
        return ReadingStyle(**said).over(known or ReadingStyle())

    def _said(self) -> dict[str, Any]:
        return {"encoding": self.encoding}


class FileOptions(TextOptions):
    """How a file becomes a table."""

    sheet: str | None = _late("Of a workbook.  [default: the first with rows]", metavar="NAME")

    def _said(self) -> dict[str, Any]:
        return super()._said() | {"sheet": self.sheet}


class RowOptions(TextOptions):
    """Which rows of a table count."""

    drop_totals: bool = _late("Leave out rows of totals.")

    def _said(self) -> dict[str, Any]:
        return super()._said() | {"totals": self.drop_totals or None}


class NumberOptions(TextOptions):
    """How the numbers of a table are read."""

    missing_mark: tuple[str, ...] = _late(
        "Stands for a missing value, such as -999; may be repeated.", metavar="TEXT"
    )

    decimal: Literal["comma", "point"] | None = _late(
        "What begins the decimals of numbers; found by itself where it can be."
    )

    def _said(self) -> dict[str, Any]:
        mark = {"comma": ",", "point": "."}.get(self.decimal or "")
        decimals = None if mark is None else {"": mark}
        return super()._said() | {"missing": self.missing_mark, "decimals": decimals}


class TimeOptions(RowOptions):
    """How the times of a table are read."""

    timezone: str | None = _late(
        "Of times without an offset, and in which times are shown, such as Europe/Berlin.",
        metavar="NAME",
    )

    def _said(self) -> dict[str, Any]:
        return super()._said() | {"zone": self.timezone}


class TableOptions(NumberOptions, TimeOptions, FileOptions):
    """How a table with one row a period is read."""

    frequency: str | None = _late(
        "Of the periods, such as D, W-MON or MS; found by itself where it can be.", metavar="ALIAS"
    )
    tolerance: float | None = _late(
        "By how much times may miss the regular step.", type=span, metavar="SPAN"
    )
    holidays: str | None = _late(
        "On whose holidays nothing is missing, such as DE or US.", metavar="COUNTRY"
    )
    repeats: Literal["mean", "sum", "first", "last"] | None = _late(
        "What becomes of rows that share a period; without it they are an error."
    )

    def _said(self) -> dict[str, Any]:
        return super()._said() | {
            "frequency": self.frequency,
            "tolerance": self.tolerance,
            "holidays": self.holidays,
            "repeats": self.repeats,
        }
