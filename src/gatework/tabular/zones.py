"""Time zones: from local times to UTC and back, and the hours at which clocks change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from gatework.errors import OptionError, nearest


def zone_of(name: str | None) -> tzinfo:
    """Return the time zone of a name or an offset from UTC; UTC for None.

    Raises:
        OptionError: there is no such zone.

    Example:
        >>> str(zone_of("Europe/Berlin")), str(zone_of("+01:00")), str(zone_of(None))
        ('Europe/Berlin', 'UTC+01:00', 'UTC')
    """
    if name is None or name in ("UTC", "Z"):
        return UTC
    try:
        if isinstance(name, str) and name[:1] in "+-":
            offset = datetime.fromisoformat(f"2000-01-01T00:00{name}").utcoffset()
            return timezone(offset)  # type: ignore[arg-type]
        return ZoneInfo(name)
    except (KeyError, TypeError, ValueError, OSError):
        alike = nearest(str(name), sorted(available_timezones()))
        raise OptionError(
            f"there is no time zone {name!r}",
            hint=f"--timezone {alike or 'Europe/Berlin'}, or an offset such as +01:00",
        ) from None


def place_of(zones: Iterable[str | None]) -> str | None:
    """Return the one place among zones of times, None for others, or where they are several.

    Example:
        >>> place_of(["Europe/Berlin", None]), place_of(["UTC"]), place_of(["Asia/Tokyo", "GB/x"])
        ('Europe/Berlin', None, None)
    """
    places = {zone for zone in zones if zone and "/" in zone and not zone.startswith("Etc/")}
    return places.pop() if len(places) == 1 else None


def to_local(utc: np.ndarray, zone: tzinfo) -> np.ndarray:
    """Return what clocks in a zone show at times in UTC.

    Shapes:
        utc, result: (n,), datetime64[us]

    Example:
        >>> summer = np.array(["2025-10-26T00:30"], "datetime64[us]")
        >>> str(to_local(summer, zone_of("Europe/Berlin"))[0])
        '2025-10-26T02:30:00.000000'
    """
    return utc + _offsets(utc, lambda when: when.replace(tzinfo=UTC).astimezone(zone))


def to_utc(
    local: np.ndarray, zone: tzinfo, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times in UTC of what clocks in a zone show; which come twice, and which never come.

    At the end of summer time an hour comes twice: a time of it that is there once in its group is
    taken for the first, and where it is repeated the later row is the second (the earlier one,
    where the rows run backwards).

    Shapes:
        local, utc: (n,), datetime64[us]; groups: (n,), of any kind; twice, never: (n,), bool
    """
    first = _offsets(local, lambda when: when.replace(tzinfo=zone, fold=0))
    second = _offsets(local, lambda when: when.replace(tzinfo=zone, fold=1))
    twice, never = first > second, first < second  # in a gap the folds are the other way round
    places = np.flatnonzero(twice).tolist()
    if 2 * np.count_nonzero(np.diff(local) < np.timedelta64(0, "us")) > len(local):
        places.reverse()
    seen: set[tuple[object, object]] = set()
    utc = local - first
    for place in places:
        key = (None if groups is None else groups[place], local[place])
        if key in seen:
            utc[place] = local[place] - second[place]
        seen.add(key)
    return utc, twice, never


def _offsets(times: np.ndarray, at: Callable[[datetime], datetime]) -> np.ndarray:
    """Return the offset from UTC of each time; days without a change are looked up once."""
    days, which = np.unique(times.astype("datetime64[D]"), return_inverse=True)
    midnights = [
        (days + np.timedelta64(ahead, "D")).astype("datetime64[us]").astype(datetime)
        for ahead in (0, 1)
    ]
    ends = [[_offset(at(midnight)) for midnight in row] for row in midnights]
    offsets = np.array(ends[0], "timedelta64[us]")[which]
    changing = np.array([a != b for a, b in zip(*ends, strict=True)])
    for place in np.flatnonzero(changing[which]):
        offsets[place] = _offset(at(times[place].astype(datetime)))
    return offsets


def _offset(when: datetime) -> timedelta:
    return when.utcoffset() or timedelta(0)


CLOCKS = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Kolkata",
)
"""Zones that are proposed where times look like those of one of them, the likeliest first."""


def repeats_hour(time: np.datetime64) -> str | None:
    """Return a zone in which clocks showed this local time twice, or the hour before it.

    Meters that name an hour by its end repeat the one after the hour that comes twice.

    Example:
        >>> repeats_hour(np.datetime64("2025-10-26T02:00"))
        'Europe/Berlin'
    """
    return _clock_with(time, lambda first, second: first > second)


def leaves_out_hour(time: np.datetime64) -> str | None:
    """Return a zone in which clocks never showed this local time, or not the hour before it.

    Example:
        >>> leaves_out_hour(np.datetime64("2025-03-30T02:00"))
        'Europe/Berlin'
    """
    return _clock_with(time, lambda first, second: first < second)


def _clock_with(time: np.datetime64, wanted: Callable[[timedelta, timedelta], bool]) -> str | None:
    whole = time.astype("datetime64[us]")
    for back in (0, 1):
        when = (whole - np.timedelta64(back, "h")).astype(datetime)
        for name in CLOCKS:
            folds = (_offset(when.replace(tzinfo=zone_of(name), fold=fold)) for fold in (0, 1))
            if wanted(*folds):
                return name
    return None
