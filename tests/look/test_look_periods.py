"""Ticks of periods fall on round dates and have room."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from gatework.look.canvas.periods import period_ticks
from gatework.look.canvas.svg import text_width


def labels(start, step, n, pattern):
    return [(start + step * k).strftime(pattern) for k in range(n)]


DAILY = labels(datetime(2003, 1, 5), timedelta(days=1), 800, "%Y-%m-%d")
HOURLY = labels(datetime(2003, 1, 5, 7), timedelta(hours=1), 400, "%Y-%m-%d %H:%M")
WEEKLY = labels(datetime(1990, 1, 1), timedelta(weeks=1), 900, "%Y-%m-%d")
MONTHLY = [f"{1990 + k // 12}-{k % 12 + 1:02d}" for k in range(130)]
QUARTERLY = [f"{1990 + k // 4}Q{k % 4 + 1}" for k in range(13)]
ISO_WEEKS = [datetime(2004, 1, 5) + timedelta(weeks=k) for k in range(60)]


@pytest.mark.parametrize(
    "names",
    [
        DAILY,
        HOURLY,
        WEEKLY,
        MONTHLY,
        QUARTERLY,
        [f"{k}" for k in range(1, 5000)],
        [f"engine {k}" for k in range(70)],
        ["only"],
        ["2004-01"],
        ["x" * 500, "y" * 500, "z"],
    ],
)
@pytest.mark.parametrize("width", [300.0, 860.0])
def test_ticks_have_room_and_belong_to_their_period(names, width):
    ticks = period_ticks(names, width)
    assert ticks
    pitch = width / len(names)
    for (a, one), (b, other) in pairwise(ticks):
        assert (b - a) * pitch >= (text_width(one) + text_width(other)) / 2
    for index, text in ticks:
        assert names[index].startswith(text.rstrip("…"))


def test_days_get_ticks_at_the_start_of_months():
    ticks = period_ticks(DAILY, 860)
    assert [text for _, text in ticks][:3] == ["2003-04-01", "2003-07-01", "2003-10-01"]
    assert all(DAILY[index] == text for index, text in ticks)


def test_many_weeks_get_ticks_at_the_first_week_of_years():
    ticks = period_ticks(WEEKLY, 860)
    assert ticks[0] == (0, "1990")
    assert [text for _, text in ticks] == [str(year) for year in range(1990, 2008, 2)]
    assert WEEKLY[ticks[1][0]] == "1992-01-06"


def test_iso_weeks_keep_their_own_names():
    names = [f"{y}-W{w:02d}" for y, w, _ in (day.isocalendar() for day in ISO_WEEKS)]
    assert all(text == names[index] for index, text in period_ticks(names, 860))


def test_numbers_that_look_like_dates_stay_numbers():
    ticks = period_ticks([str(k) for k in range(1990, 2400)], 300, dated=False)
    assert [text for _, text in ticks] == ["2000", "2100", "2200", "2300"]


def test_no_period_no_tick():
    assert period_ticks([], 300) == []
