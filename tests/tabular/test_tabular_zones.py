"""Time zones, summer time, holidays and jitter: what happened is told, and the cure works."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast import Series, read_panel, read_series
from gatework.tabular.style import ReadingStyle

BERLIN = ReadingStyle(zone="Europe/Berlin")


def read(
    folder: Path, times: list[str], style: ReadingStyle | None = None, **more: object
) -> Series:
    path = folder / "load.csv"
    path.write_text("time,load\n" + "".join(f"{time},{n}\n" for n, time in enumerate(times)))
    return read_series(path, style=style, **more)  # type: ignore[arg-type]


def hours(day: str, clock: list[int]) -> list[str]:
    return [f"{day} {hour:02d}:00" for hour in clock]


def test_the_hour_that_comes_twice(tmp_path: Path) -> None:
    times = hours("2025-10-26", [0, 1, 2, 2, 3, 4])
    with pytest.raises(DataError, match="summer time ended on this day") as caught:
        read(tmp_path, times)
    assert "--timezone Europe/Berlin" in str(caught.value.hint)
    assert "--repeats mean" in str(caught.value.hint)
    assert "--events" not in str(caught.value.hint)
    found = read(tmp_path, times, BERLIN)
    assert found.labels[2:4] == ("2025-10-26 02:00+02:00", "2025-10-26 02:00+01:00")
    assert len(found) == 6
    assert found.future_labels(1) == ["2025-10-26 05:00+01:00"]
    mean = read(tmp_path, times, ReadingStyle(repeats="mean"))
    assert mean.values.tolist() == [0, 1, 2.5, 4, 5]


def test_the_hour_that_is_left_out(tmp_path: Path) -> None:
    times = hours("2025-03-30", [0, 1, 3, 4])
    with pytest.raises(DataError, match="summer time began on this day") as caught:
        read(tmp_path, times)
    assert "--timezone Europe/Berlin" in str(caught.value.hint)
    assert len(read(tmp_path, times, BERLIN)) == 4
    with pytest.raises(DataError, match=r"row 4: '2025-03-30 02:00' is a time that the clocks of"):
        read(tmp_path, hours("2025-03-30", [0, 1, 2, 3]), BERLIN)


def test_meters_that_name_hours_by_their_end(tmp_path: Path) -> None:
    times = hours("2014-11-02", [0, 1, 2, 2, 3, 4])
    with pytest.raises(DataError, match="summer time ended") as caught:
        read(tmp_path, times)
    assert "--timezone America/New_York" in str(caught.value.hint)
    found = read(tmp_path, times, ReadingStyle(zone="America/New_York"))
    assert len(found) == 6
    assert any("ends of hours" in note for note in found.notes)


def test_a_missing_hour_leaves_month_and_day_told_apart(tmp_path: Path) -> None:
    clock = [hour for hour in range(24) if hour != 2]
    times = [f"03/09/2025 {hour:02d}:00" for hour in clock]
    times += [f"03/10/2025 {hour:02d}:00" for hour in range(24)]
    found = read(tmp_path, times, ReadingStyle(zone="America/New_York"))
    assert found.labels[:3:2] == ("2025-03-09 00:00-05:00", "2025-03-09 03:00-04:00")


def test_the_hour_that_comes_twice_does_so_in_each_series(tmp_path: Path) -> None:
    path = tmp_path / "loads.csv"
    times = hours("2025-10-26", [0, 1, 2, 2, 3])
    path.write_text("id,time,load\n" + "".join(f"{i},{t},1\n" for i in "ab" for t in times))
    names = {"id_column": "id", "time_column": "time", "column": "load"}
    panel = read_panel(path, **names, style=BERLIN)  # type: ignore[arg-type]
    assert panel.lengths.tolist() == [5, 5]
    assert panel.labels(1)[2:4] == ["2025-10-26 02:00+02:00", "2025-10-26 02:00+01:00"]


def test_offsets_are_one_time_line(tmp_path: Path) -> None:
    times = ["2025-10-26T01:00+02:00", "2025-10-26T02:00+02:00", "2025-10-26T02:00+01:00"]
    found = read(tmp_path, times)
    assert found.labels == ("2025-10-25 23:00", "2025-10-26 00:00", "2025-10-26 01:00")
    assert "shown in UTC" in found.notes[0]
    assert read(tmp_path, times, BERLIN).labels[0] == "2025-10-26 01:00+02:00"


def test_local_midnights_are_dates(tmp_path: Path) -> None:
    summer = range(4, 11)
    times = [f"2021-{m:02d}-01T00:00:00+0{2 if m in summer else 1}:00" for m in range(1, 13)]
    assert read(tmp_path, times).labels == tuple(f"2021-{m:02d}" for m in range(1, 13))
    utc = ["2020-12-31T23:00:00Z"]
    utc += [
        f"2021-{m:02d}-{d}T2{2 if m + 1 in summer else 3}:00:00Z"
        for m, d in zip(range(1, 12), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30), strict=True)
    ]
    utc[3] = "2021-03-31T22:00:00Z"
    utc[10] = "2021-10-31T23:00:00Z"
    with pytest.raises(DataError, match="look like midnights of Europe/Berlin") as caught:
        read(tmp_path, utc)
    assert caught.value.hint == "--timezone Europe/Berlin"
    assert read(tmp_path, utc, BERLIN).labels == tuple(f"2021-{m:02d}" for m in range(1, 13))


def test_the_ends_of_spans_are_no_zones(tmp_path: Path) -> None:
    spans = [f"2024-01-0{1 + n // 24} {n % 24:02d}:00-{(n + 1) % 24:02d}:00" for n in range(48)]
    path = tmp_path / "in.csv"
    path.write_text("time,v\n" + "".join(f"{span},{n % 7}\n" for n, span in enumerate(spans)))
    said = "row 2: '2024-01-01 00:00-01:00' is a span of time, whose end would be read as a zone"
    with pytest.raises(DataError, match=said):
        read_series(path)


def test_an_unknown_zone_is_refused_with_a_near_one(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no time zone 'Europe/Berln'") as caught:
        read(tmp_path, ["2025-01-01 00:00", "2025-01-01 01:00"], ReadingStyle(zone="Europe/Berln"))
    assert "Europe/Berlin" in str(caught.value.hint)


WORKED = [f"2023-01-{d:02d}" for d in (3, 4, 5, 6, 9, 10, 11, 12, 13, 17, 18, 19, 20)]


def test_a_gap_on_a_holiday_is_no_gap(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holidays in US: Martin Luther King") as caught:
        read(tmp_path, WORKED)
    assert "--holidays US" in str(caught.value.hint)
    found = read(tmp_path, WORKED, ReadingStyle(holidays="US"))
    assert len(found) == 13
    assert found.future_labels(22)[-1] == "2023-02-22"  # without Washington's birthday, the 20th
    with pytest.raises(OptionError, match="no holidays are known of 'XX'"):
        read(tmp_path, WORKED, ReadingStyle(holidays="XX"))


def test_the_last_business_day_of_each_month(tmp_path: Path) -> None:
    days = ["2021-01-29", "2021-02-26", "2021-03-31", "2021-04-30", "2021-05-31"]
    found = read(tmp_path, days)
    assert (found.frequency, found.season) == ("BME", 12)
    assert found.future_labels(3) == ["2021-06-30", "2021-07-30", "2021-08-31"]


def test_one_date_a_month_is_a_month(tmp_path: Path) -> None:
    found = read(tmp_path, ["2021-01-05", "2021-02-03", "2021-03-09", "2021-04-06"])
    assert found.labels == ("2021-01", "2021-02", "2021-03", "2021-04")
    assert any("one a month" in note for note in found.notes)


def test_weeks_of_any_day_go_on_with_it(tmp_path: Path) -> None:
    found = read(tmp_path, ["2021-01-01", "2021-01-08", "2021-01-15"])
    assert found.frequency == "W-FRI"
    assert found.future_labels(1) == ["2021-01-22"]


def test_jitter_is_named_with_the_options_that_read_it(tmp_path: Path) -> None:
    seconds = (3, 9, 8, 2, 5, 9, 7, 1)
    times = [f"2023-01-01 {n // 6:02d}:{n % 6}0:{s:02d}" for n, s in enumerate(seconds)]
    with pytest.raises(DataError, match="about 10min apart") as caught:
        read(tmp_path, times)
    assert "--frequency 10min --tolerance 9s" in str(caught.value.hint)
    found = read(tmp_path, times, ReadingStyle(frequency="10min", tolerance=9))
    assert found.labels[:2] == ("2023-01-01 00:00", "2023-01-01 00:10")
    assert len(found) == 8
    assert any("moved to the nearest period" in note for note in found.notes)
    with pytest.raises(DataError, match="9 seconds from the nearest period"):
        read(tmp_path, times, ReadingStyle(frequency="10min", tolerance=5))
