"""Names of columns that hold periods, in the languages of those who write tables."""

from __future__ import annotations

import re

# fmt: off
_HOURS = frozenset({"hour", "hora", "heure", "ora", "uhrzeit", "stunde"})
_YEARS = frozenset({"year", "jahr", "année", "annee", "año", "ano", "anno", "год", "年份", "年"})
TIME_NAMES = _HOURS | _YEARS | frozenset({
    "date", "datetime", "time", "timestamp", "period", "ds", "ts", "epoch", "unixtime",
    "day", "week", "month", "quarter", "yearmonth", "year_month", "yyyymm", "date_time",
    "datum", "zeit", "zeitstempel", "zeitpunkt", "stichtag", "periode", "tag", "woche", "monat",
    "quartal", "fecha", "período", "periodo", "día", "semana", "mes", "jour", "semaine", "mois",
    "trimestre", "période", "data", "giorno", "mese", "dia", "mês", "dato", "tarih", "dátum",
    "data_ora", "miesiąc", "měsíc", "päivä", "pvm", "дата", "время", "месяц", "день", "неделя",
    "период", "日期", "时间", "月份", "年月", "时刻", "日付", "日時", "月", "時間", "時刻",
    "年月日", "日期时间", "日期時間", "날짜", "일자", "일시", "년월",
})
# fmt: on
"""Names of columns that are taken for dates even where their cells are plain numbers."""

_DATE = re.compile(
    r"(?<![^\W\d_])(?:date|datetime|timestamp|datum|fecha|dato|tarih|дата)(?![^\W\d_])"
    r"|(?<=[a-z])(?:Date|Datum|Timestamp|DateTime)(?![a-z])|(?:datum|stichtag)$"
    r"|日期|日付|日時|年月日|날짜|일자|기준일"
)
_REMARK = re.compile(
    r"[\s_]*[(\[](?:utc|gmt|cet|cest|mez|mesz|local|lokal|[ymdhst./\-: ]{6,})[)\]]$"
)
_DAY = re.compile(r"(?:day|tag|jour)$")


def is_time_name(name: str) -> bool:
    """Return whether a column is called as those of periods are.

    Example:
        >>> is_time_name("Datum:"), is_time_name("faults")
        (True, False)
    """
    return _plain(name) in TIME_NAMES


def says_date(name: str) -> bool:
    """Return whether the name of a column says that there is a date in it.

    Example:
        >>> [says_date(name) for name in ("order_date", "Buchungsdatum", "ds", "update", "hour")]
        [True, True, True, False, False]
    """
    plain = _plain(name)
    if plain in TIME_NAMES:
        return plain not in _HOURS | _YEARS
    return bool(_DATE.search(name) or _DATE.search(plain))


def serials_under(name: str) -> range:
    """Return which numbers are serial numbers of a spreadsheet in a column of periods.

    Under a name of other periods than days, which may be numbered, these are later ones.

    Example:
        >>> serials_under("date"), serials_under("period"), serials_under("hour")
        (range(20000, 80000), range(32874, 55153), range(0, 0))
    """
    plain = _plain(name)
    if _DATE.search(name) or _DATE.search(plain) or _DAY.search(plain):
        return range(20_000, 80_000)  # 1954 to 2119
    return range(32_874, 55_153) if says_date(name) else range(0)  # 1990 to 2050


def _plain(name: str) -> str:
    """Return a name without what stands around it: blanks, a colon, a zone or form in brackets."""
    return _REMARK.sub("", name.strip().casefold().rstrip(" :："))
