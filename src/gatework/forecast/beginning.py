"""Series of which no value came yet: what their periods will be called."""

from __future__ import annotations

import numpy as np

from gatework.errors import OptionError
from gatework.forecast.series import Series
from gatework.tabular.calendar import Calendar, labels_from
from gatework.tabular.style import ReadingStyle


def before(
    start: str | None = None,
    frequency: str | None = None,
    *,
    season: int | None = None,
    name: str = "series",
    step: int = 1,
    style: ReadingStyle | None = None,
) -> Series:
    """Return two periods that come before a series, which is to begin with the period ``start``.

    Their values are 0 and say nothing. Numbered periods begin with 1 where left out, ``step``
    apart; the season is that of the frequency.

    Raises:
        OptionError: ``start`` is no period of that frequency, or lacks.

    Example:
        >>> before("2005-03", "MS").future_labels(2), before().future_labels(2)
        (['2005-03', '2005-04'], ['1', '2'])
    """
    if frequency is None:
        first = _number(start)
        labels = [str(first - 2 * step), str(first - step)]
    elif start is None:
        raise OptionError(
            "periods of a frequency begin with one that is named", hint="start='2005-03'"
        )
    else:
        labels = labels_from(start, frequency, [-2, -1])
        season = season or Calendar.from_alias(frequency).season
    style = style or ReadingStyle()
    return Series(name, np.zeros(2), labels, frequency, season or 1, style=style)


def _number(start: str | None) -> int:
    try:
        return 1 if start is None else int(start)
    except ValueError:
        raise OptionError(
            f"the first period must be a number where there is no frequency, got {start!r}",
            hint="frequency='MS', for months",
        ) from None
