"""What ``--future`` names: columns that are known in advance, and a file of the periods to come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatework.cli.options import refuse
from gatework.tabular.keys import USUAL
from gatework.tabular.numeric import is_numeric
from gatework.tabular.table import read_table

if TYPE_CHECKING:
    from gatework.tabular.table import Table


def ahead(
    future: Sequence[str], table: Table, spent: Sequence[str | None]
) -> tuple[tuple[str, ...], str | None]:
    """Return the columns that are known in advance, and the file of the periods to come.

    Where no column is named they are those of numbers that the file and the table both have, but
    for the ``spent`` ones, which hold something else.

    Raises:
        click.UsageError: several files are named, or the one that is has nothing of the table.
    """
    there = {name.casefold() for name in table.columns}
    others = [name for name in future if name.strip().casefold() not in there]
    files = [name for name in others if Path(name).is_file()]
    names = tuple(name for name in future if name not in files)
    if len(files) > 1:
        refuse(f"--future names two files, {files[0]} and {files[1]}", "put them into one")
    if lost := [name for name in others if name not in files and Path(name).suffix]:
        refuse(f"--future {lost[0]} is neither a file nor a column of '{table.name}'", "check it")
    if files and not names:
        known = {name.casefold() for name in spent if name} | {*USUAL}
        columns = read_table(files[0], table.given).columns
        both = [name for name in columns if name in table.columns and name.casefold() not in known]
        names = tuple(name for name in both if is_numeric(columns[name]))
        if not names:
            refuse(
                f"--future {files[0]} has no column of numbers that '{table.name}' has, too",
                "call what is known in advance alike in both",
            )
    return names, next(iter(files), None)
