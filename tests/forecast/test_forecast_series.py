"""Series: what is refused, and which labels come next."""

import numpy as np
import pytest

from gatework.errors import DataError, OptionError, ShapeError
from gatework.forecast.series import Series


def series(*labels: str, frequency: str | None = None) -> Series:
    return Series("faults", np.arange(len(labels), dtype=float), labels, frequency)


def test_values_are_a_copy_that_nobody_can_change() -> None:
    original = np.array([1.0, 2.0])
    made = Series("faults", original, ("1", "2"))
    original[0] = 9.0
    assert made.values.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        made.values[0] = 9.0


def test_what_a_series_refuses() -> None:
    with pytest.raises(ShapeError, match=r"'faults' must have shape \(n,\), got \(1, 2\)"):
        Series("faults", np.ones((1, 2)), ("1",))
    with pytest.raises(ShapeError, match="labels of 'faults' must be 2, as the values, got 1"):
        Series("faults", np.ones(2), ("1",))
    with pytest.raises(DataError, match="value 2 of 'faults' must be finite, got inf"):
        Series("faults", np.array([1.0, np.inf]), ("1", "2"))
    with pytest.raises(OptionError, match="season must be at least 1, got 0"):
        Series("faults", np.ones(1), ("1",), season=0)
    with pytest.raises(OptionError, match="frequency must be an alias such as 'D'"):
        Series("faults", np.ones(1), ("2005",), frequency="fortnight")
    with pytest.raises(OptionError, match="horizon must be at least 1, got 0"):
        series("1").future_labels(0)
    with pytest.raises(DataError, match="series 'faults' is empty"):
        series().future_labels(1)
    with pytest.raises(OptionError, match="label must be a period such as"):
        series("first", frequency="D").future_labels(1)


@pytest.mark.parametrize(
    ("frequency", "last", "expected"),
    [
        ("YS", "2005", ["2006", "2007"]),
        ("2YS", "2005", ["2007", "2009"]),
        ("QS", "2005Q4", ["2006Q1", "2006Q2"]),
        ("MS", "2005-11", ["2005-12", "2006-01"]),
        ("2MS", "2005-11", ["2006-01", "2006-03"]),
        ("W-SUN", "2005-02-27", ["2005-03-06", "2005-03-13"]),
        ("W-MON", "2004-W53", ["2005-W01", "2005-W02"]),
        ("D", "2004-02-28", ["2004-02-29", "2004-03-01"]),
        ("B", "2005-03-03", ["2005-03-04", "2005-03-07"]),
        ("h", "2005-03-07 23:00", ["2005-03-08 00:00", "2005-03-08 01:00"]),
        ("15min", "2005-03-07 23:45", ["2005-03-08 00:00", "2005-03-08 00:15"]),
        ("30s", "2005-03-07 23:59:30", ["2005-03-08 00:00:00", "2005-03-08 00:00:30"]),
        (None, "12", ["13", "14"]),
    ],
)
def test_future_labels(frequency: str | None, last: str, expected: list[str]) -> None:
    assert series(last, frequency=frequency).future_labels(2) == expected


def test_labels_without_dates_go_on_by_their_step_or_count_ahead() -> None:
    assert series("10", "20").future_labels(2) == ["30", "40"]
    assert series("red", "green").future_labels(2) == ["+1", "+2"]
