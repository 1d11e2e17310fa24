"""Failures of four supercomputers at Los Alamos National Laboratory, counted by the week."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

LANL_CITATION = (
    "Failure data of Los Alamos National Laboratory, LA-UR-05-7318; B. Schroeder and G. A. Gibson, "
    "'A large-scale study of failures in high-performance computing systems', DSN 2006, "
    "doi 10.1109/DSN.2006.5. We thank Los Alamos National Laboratory for making the data public."
)


@dataclass(frozen=True)
class WeeklyCounts:
    """How many failures a system had in each week of its service.

    ``weeks`` are the Mondays on which the weeks begin, as ISO dates, without gaps; ``values`` are
    the counts, one a week.
    """

    name: str
    weeks: tuple[str, ...]
    values: tuple[int, ...]
    citation: str


def lanl_failures() -> dict[str, WeeklyCounts]:
    """Return the weekly failure counts of systems 2, 16, 18 and 19 at Los Alamos, by name.

    Only weeks of service are here. A series begins with the week of the system's first recorded
    failure and ends with the week of 2005-08-29; the week after it, the log's last, is partial and
    left out. System 16 was taken out of service in September 2002 (Schroeder and Gibson, table 1),
    so its series ends with the week of 2002-09-16, that of its last failure: the zeros after it
    mean no machine, not a machine without failures.

    Source:
        LA-UR-05-7318; B. Schroeder and G. A. Gibson, "A large-scale study of failures in
        high-performance computing systems", DSN 2006, doi 10.1109/DSN.2006.5. With thanks to Los
        Alamos National Laboratory.

    Example:
        >>> systems = lanl_failures()
        >>> {name: len(counts.values) for name, counts in systems.items()}
        {'system_2': 450, 'system_16': 295, 'system_18': 174, 'system_19': 151}
        >>> systems["system_18"].weeks[0], systems["system_18"].values[:4]
        ('2002-05-06', (8, 0, 5, 16))
    """
    table = resources.files("gatework.datasets").joinpath("lanl_weekly.csv")
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    systems = [name for name in rows[0] if name != "week"]
    return {name: _counts(name, rows) for name in systems}


def _counts(name: str, rows: list[dict[str, str]]) -> WeeklyCounts:
    served = [row for row in rows if row[name]]
    return WeeklyCounts(
        name=name,
        weeks=tuple(row["week"] for row in served),
        values=tuple(int(row[name]) for row in served),
        citation=LANL_CITATION,
    )
