"""Dates whose parts stand in columns of their own, put together by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

PARTS = {
    **dict.fromkeys(
        ("year", "yr", "jahr", "année", "annee", "año", "ano", "anno", "год", "年", "年份"), "year"
    ),
    **dict.fromkeys(
        ("month", "mo", "monat", "mois", "mes", "mês", "mese", "месяц", "月", "月份"), "month"
    ),
    **dict.fromkeys(("quarter", "qtr", "quartal", "trimestre", "季度"), "quarter"),
    **dict.fromkeys(("day", "tag", "jour", "día", "dia", "giorno", "день", "日"), "day"),
    **dict.fromkeys(
        ("hour", "hr", "he", "stunde", "heure", "hora", "ora", "час", "时", "小时"), "hour"
    ),
    **dict.fromkeys(("minute", "min", "minuto", "минута", "分"), "minute"),
}
"""Names of columns that hold a part of a date, and which part."""


def join_dates(names: Sequence[str], parts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield by row what columns say together, as a date where they are parts of one.

    Example:
        >>> list(join_dates(["year", "month"], [["2005"], ["3"]]))
        ['2005-03']
        >>> list(join_dates(["date", "hour"], [["2005-03-07"], ["5"]]))
        ['2005-03-07 05:00']
    """
    kinds = [PARTS.get(name.strip().casefold(), "") for name in names]
    for cells in zip(*parts, strict=True):
        date, clock = "", ""
        for kind, cell in zip(kinds, cells, strict=True):
            cell = cell.removesuffix(".0")
            if cell.isdecimal() and kind == "hour":
                clock = f"{int(cell):02d}:00"
            elif cell.isdecimal() and kind == "minute" and clock:
                clock = f"{clock[:2]}:{int(cell):02d}"
            elif cell.isdecimal() and kind in ("month", "day") and date:
                date += f"-{int(cell):02d}"
            elif kind == "quarter" and cell.isdecimal():
                date += f"Q{cell}"
            else:
                date += f" {cell}" if date else cell
        yield f"{date} {clock}".strip()
