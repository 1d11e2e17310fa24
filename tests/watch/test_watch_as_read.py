"""Rows are watched as the series was read: from files of every kind to what is said of each row."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from gatework.errors import DataError
from gatework.forecast import ForecastPoint, Series, read_series
from gatework.tabular.style import ReadingStyle
from gatework.watch import Watch
from gatework.watch.follow import FileLines
from gatework.watch.rows import RowReader
from gatework.watch.session import Session


class Middle:
    """Forecasts the median of a series that was read, plus or minus 10, whatever comes."""

    level = 0.9

    def __init__(self, series: Series) -> None:
        self.fitted_ = SimpleNamespace(tail=series, history=series.values)
        self.middle = float(np.median(series.values))

    def update(self, values: Any, labels: Any = None) -> Any:
        self.fitted_.tail = self.fitted_.tail.following(self.middle)
        return self

    def predict(self, horizon: int) -> list[ForecastPoint]:
        ends = self.middle, self.middle - 10, self.middle + 10
        return [ForecastPoint(one, *ends) for one in self.fitted_.tail.future_labels(horizon)]


class Seen:
    """What is said of the rows of a file, after the series in a text: of each row, and beside them.

    The style of the series goes through JSON, as the file of a model keeps it.
    """

    def __init__(
        self,
        folder: Path,
        series: str,
        rows: str | bytes,
        style: ReadingStyle | None = None,
        how: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        (folder / "series.csv").write_text(series)
        (folder / "new.csv").write_bytes(rows.encode() if isinstance(rows, str) else rows)
        read = read_series(folder / "series.csv", style=style, **(how or {}))
        known = ReadingStyle.from_config(json.loads(json.dumps(read.style.to_config())))
        self.watch, self.told, self.lines = Watch(Middle(read)), [], []
        reader = RowReader(series=read.name, style=known, **options)
        told = {"model": "", "source": None, "tell": self.told.append, "as_json": True}
        self.session = Session(self.watch, reader, self.lines.append, **told)
        self.take(FileLines(folder / "new.csv", follow=False, reader=reader))

    def take(self, lines: FileLines) -> None:
        for item in iter(lines.__iter__().__next__, None):
            self.session.take(item)
        for line in lines.rest():
            self.session.take(line)
        lines.close()
        self.session.finish()
        self.session.end()

    @property
    def values(self) -> list[tuple[str, float | None]]:
        """The periods and values of the rows that count."""
        rows = map(json.loads, self.lines)
        return [(row["period"], row["value"]) for row in rows if row["forecast"]]

    @property
    def alarms(self) -> list[str]:
        """All alarms but those of values outside."""
        alarms = [alarm for line in self.lines for alarm in json.loads(line)["alarms"]]
        return [f"{one['kind']}: {one['reason']}" for one in alarms if one["kind"] != "outside"]


def hours(count: int, first: str = "2024-01-08T00:00") -> list[str]:
    return [str(np.datetime64(first) + np.timedelta64(n, "h")) for n in range(count)]


HOURS = "time,load\n" + "".join(f"{t},{50 + n % 5}\n" for n, t in enumerate(hours(48)))
NEXT = [("2024-01-10 00:00", 51), ("2024-01-10 01:00", 52)]
DAYS = [str(np.datetime64("2024-01-01") + n) for n in np.arange(40)]


def days(form: str) -> str:
    """Return a table of 40 days to 2024-02-09, written in a form."""
    rows = (datetime.fromisoformat(day).strftime(form) for day in DAYS)
    return "date,v\n" + "".join(f"{row},{50 + n % 5}\n" for n, row in enumerate(rows))


@pytest.mark.parametrize(
    "rows",
    [
        "DS,LOAD\n2024-01-10 00:00,51\n2024-01-10 01:00,52\n",
        "Load;TIME\n51;2024-01-10 00:00\n52;2024-01-10T01:00:00\n",
        "sep=|\r\ntime|load\r\n2024-01-10 00:00|51\r\n2024-01-10 01:00|52",
        "time,load\r2024-01-10 00:00,51\r2024-01-10 01:00,52",
        "\ufefftime,load\r2024-01-10 00:00,51\r2024-01-10 01:00,52".encode("utf-16-le"),
        "time,load\r\n2024-01-10 00:00,51\r\n2024-01-10 01:00,52\r\n".encode("utf-16-be"),
        'time,load,x\n2024-01-10 00:00,51,"a\r\n\r\nb ""c"""\n2024-01-10 01:00,52,"\n"\n',
        "Export of plant 7\nCreated;2024-01-10\nPlant,Nord\n\ntime,load,x\n,kW,\n"
        "2024-01-10 00:00,51,\n2024-01-10 01:00,52,\n",
        "Created;2024-01-10\nPlant,Nord\n\nwhen,value,x\n,kW,\n2024-01-10 00:00,51,\n"
        "2024-01-10 01:00,52,\n",
        "date;clock;load\n10.01.2024;00:00;51\n10.01.2024;01:00;52\n",
        '{"time":"2024-01-10 00:00","load":51}\n{"Time":"2024-01-10T01:00","LOAD":"52"}\n',
    ],
)
def test_the_same_two_rows_in_many_forms(tmp_path, rows) -> None:
    seen = Seen(tmp_path, HOURS, rows)
    assert seen.values == NEXT
    assert seen.alarms == []


def test_rows_known_repeated_and_left_out_by_ds(tmp_path) -> None:
    rows = HOURS.replace("time,load", "ds,y") + (
        "2024-01-10 00:00,51\n2024-01-10 00:00,9\n2024-01-10 04:00,52\n2024-01-10 02:00,9\n"
    )
    seen = Seen(tmp_path, HOURS, rows)
    assert seen.values == [("2024-01-10 00:00", 51), ("2024-01-10 04:00", 52)]
    assert (
        "48 rows are already known to the model: 2024-01-08 00:00 to 2024-01-09 23:00" in seen.told
    )
    assert [alarm.partition(",")[0] for alarm in seen.alarms] == [
        "order: row 51: '2024-01-10 00:00' comes again or too late",
        "gap: 3 periods are missing before 2024-01-10 04:00: 2024-01-10 01:00 to 2024-01-10 03:00",
        "order: row 53: '2024-01-10 02:00' comes again or too late",
    ]


def test_a_mark_that_the_series_had_is_missing_and_needs_no_option(tmp_path) -> None:
    series = HOURS.replace("T20:00,50", "T20:00,-999")
    how = {"style": ReadingStyle(missing=("-999",)), "how": {"missing": "interpolate"}}
    rows = "time,load\n2024-01-10 00:00,-999.0\n2024-01-10 01:00,52\n"
    seen = Seen(tmp_path, series, rows, **how)
    assert seen.values == [("2024-01-10 00:00", None), ("2024-01-10 01:00", 52)]
    assert seen.alarms == ["missing: the value of 2024-01-10 00:00 is missing"]
    rows = "time,load\n2024-01-10 00:00,-999\n2024-01-10 01:00,9999\n"
    seen = Seen(tmp_path, series, rows, **how, said=ReadingStyle(missing=("9999",)))
    assert [value for _, value in seen.values] == [None, None]
    assert seen.told == ["'9999' is taken for missing, which it was not in the series"]


def test_numbers_that_look_like_marks_are_told_and_kept(tmp_path) -> None:
    times, marks = hours(4, "2024-01-10T00:00"), ("2147483647", "-999", "1e37", "77")
    rows = "time,load\n" + "".join(f"{t},{v}\n" for t, v in zip(times, marks, strict=True))
    seen = Seen(tmp_path, HOURS, rows)
    reasons = [alarm["reason"] for line in seen.lines for alarm in json.loads(line)["alarms"]]
    assert [value for _, value in seen.values] == [2147483647, None, None, 77]
    for mark, reason in zip(("2147483647", "-999", "1e+37"), reasons, strict=False):
        assert f"looks like a mark for missing: --missing-mark {mark} takes it as such" in reason
        said = ReadingStyle(missing=(mark,))
        assert None in dict(Seen(tmp_path, HOURS, rows, said=said).values).values()
    assert len(reasons) == 4
    assert "mark" not in reasons[3]


def test_totals_are_alarms_or_left_out(tmp_path) -> None:
    rows = "time,load\n2024-01-10 00:00,51\nTotal,51\n2024-01-10 01:00,52\n"
    seen = Seen(tmp_path, HOURS, rows)
    assert seen.values == NEXT
    assert seen.alarms == [
        "bad: row 3: 'Total' is a total; --drop-totals leaves such rows out; the row is left out"
    ]
    seen = Seen(tmp_path, HOURS, rows, said=ReadingStyle(totals=True))
    assert (seen.values, seen.alarms) == (NEXT, [])
    assert seen.told == ["passed over as a total: 'Total'"]
    kept = Seen(tmp_path, HOURS, rows, ReadingStyle(totals=True))
    assert (kept.values, kept.alarms) == (NEXT, [])


def test_numbers_are_never_read_otherwise(tmp_path) -> None:
    series = "Tag;Last\n" + "".join(f"{d};1.2{n % 5}1,5\n" for n, d in enumerate(DAYS))
    rows = "Tag;Last\n2024-02-10;1.240,5\n2024-02-11;1.241\n2024-02-12;1.2\n2024-02-13;1,241.5\n"
    seen = Seen(tmp_path, series, rows)
    assert [value for _, value in seen.values] == [1240.5, 1241, None, None]
    assert seen.alarms[0].startswith("bad: row 4: '1.2' is not a number where ',' begins")
    assert seen.alarms[1].startswith("bad: row 5: '1,241.5' is not a number where ',' begins")
    seen = Seen(tmp_path, series, rows, said=ReadingStyle(decimals={"": "."}))
    assert [value for _, value in seen.values] == [None, 1.241, 1.2, 1241.5]
    assert seen.told == ["'.' begins the decimals, where ',' did so in the series"]


def test_a_number_that_can_be_read_in_two_ways_is_asked_for(tmp_path) -> None:
    series = "Tag;Last\n" + "".join(f"{d};{1250 + n % 5}\n" for n, d in enumerate(DAYS))
    rows = "Tag;Last\n2024-02-10;1.251\n2024-02-11;1.252,5\n2024-02-12;1254\n"
    seen = Seen(tmp_path, series, rows)
    assert [value for _, value in seen.values] == [None, 1252.5, 1254]
    assert seen.alarms == [
        "bad: row 2: '1.251' may be 1251 or 1.251: --decimal comma or --decimal point says which; "
        "the value is taken as missing"
    ]
    for mark, value in ((",", 1251), (".", 1.251)):
        said = Seen(tmp_path, series, rows, said=ReadingStyle(decimals={"": mark}))
        assert said.values[0] == ("2024-02-10", value)


def test_rows_may_end_with_or_without_a_delimiter(tmp_path) -> None:
    rows = "time,load,\n2024-01-10 00:00,51,\n2024-01-10 01:00,52\n"
    seen = Seen(tmp_path, HOURS, rows)
    assert (seen.values, seen.alarms) == (NEXT, [])


def test_a_column_that_is_gone_is_named(tmp_path) -> None:
    said = "no column 'load', as there was before: the values may be in any of the columns a, b"
    with pytest.raises(DataError, match=said) as refused:
        Seen(tmp_path, HOURS, "time,a,b\n2024-01-10 00:00,51,5\n")
    assert refused.value.hint == "--column a"


@pytest.mark.parametrize(
    ("form", "good", "wrong", "never", "first"),
    [
        ("%d/%m/%Y", "10/02/2024", "02/11/2024", "02/13/2024", "day"),
        ("%m/%d/%Y", "02/10/2024", "11/02/2024", "13/02/2024", "month"),
        ("%d.%m.%Y", "10.02.2024", "02/11/2024", "02/13/2024", "day"),
    ],
)
def test_days_and_months_are_never_read_otherwise(
    tmp_path, form, good, wrong, never, first
) -> None:
    rows = f"date,v\n{good},51\n{wrong},52\n{never},53\n2024-02-11,54\n"
    seen = Seen(tmp_path, days(form), rows)
    assert seen.values == [("2024-02-10", 51), ("2024-02-11", 54)]
    assert seen.alarms == [
        f"order: row 3: '{wrong}' would be expected where the {first} did not stand first, as it "
        "does in the series; the row is left out",
        f"order: row 4: '{never}' is not a date where the {first} stands first, expected "
        "2024-02-11; the row is left out",
    ]


BERLIN = ZoneInfo("Europe/Berlin")


def local(first: str, count: int, form: str) -> list[str]:
    """Return hours from a time in UTC on, as clocks in Berlin show them."""
    begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    times = [(begin + timedelta(hours=n)).astimezone(BERLIN) for n in range(count)]
    return [time.strftime(form) for time in times]


def clocks(form: str, first: str = "2025-10-25T00:00", count: int = 24) -> str:
    return "t,v\n" + "".join(f"{t},{50 + n % 5}\n" for n, t in enumerate(local(first, count, form)))


OFFSETS, NONE = "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"


@pytest.mark.parametrize(
    ("form", "zone", "periods"),
    [
        (OFFSETS, None, ["2025-10-26 00:00", "2025-10-26 01:00", "2025-10-26 02:00"]),
        (OFFSETS, "Europe/Berlin", ["02:00+02:00", "02:00+01:00", "03:00+01:00"]),
        (NONE, "Europe/Berlin", ["02:00+02:00", "02:00+01:00", "03:00+01:00"]),
        (OFFSETS, "+05:30", ["05:30+05:30", "06:30+05:30", "07:30+05:30"]),
    ],
)
def test_offsets_that_change(tmp_path, form, zone, periods) -> None:
    style, rows = ReadingStyle(zone=zone), clocks(form, "2025-10-26T00:00", 3)
    seen = Seen(tmp_path, clocks(form), rows, style)
    assert [period[-len(periods[0]) :] for period, _ in seen.values] == periods
    assert [value for _, value in seen.values] == [50, 51, 52]
    assert seen.alarms == []
    lacking = "t,v\n2025-10-26 00:00,50\n"
    alarms = Seen(tmp_path, clocks(form), lacking, style).alarms
    assert ("must both have a time zone, or neither" in "".join(alarms)) == (form == OFFSETS)


def test_the_hours_at_which_clocks_change_are_named(tmp_path) -> None:
    autumn = Seen(tmp_path, clocks(NONE), clocks(NONE, "2025-10-26T00:00", 3))
    assert [value for _, value in autumn.values] == [50, 52]
    assert autumn.alarms == [
        "order: row 3: '2025-10-26 02:00' comes again or too late, expected 2025-10-26 03:00; the "
        "clocks of Europe/Berlin show that hour twice, and forecast --timezone Europe/Berlin reads "
        "both; the row is left out"
    ]
    spring = "2025-03-29T00:00", "2025-03-30T00:00"
    seen = Seen(tmp_path, clocks(NONE, spring[0]), clocks(NONE, spring[1], 3))
    assert [value for _, value in seen.values] == [50, 51, 52]
    assert seen.alarms == [
        "gap: 1 period is missing before 2025-03-30 03:00: 2025-03-30 02:00 (the clocks of "
        "Europe/Berlin left that hour out, for summer time began)"
    ]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "+05:30"])
@pytest.mark.parametrize("form", [OFFSETS, NONE, "%Y-%m-%dT00:00+01:00"])
def test_labels_that_a_watch_gave_are_taken_back(tmp_path, zone, form) -> None:
    series = clocks(form)
    if form.endswith("+01:00"):
        series = "t,v\n" + "".join(f"{d}T00:00+01:00,{50 + n % 5}\n" for n, d in enumerate(DAYS))
    (tmp_path / "in.csv").write_text(series)
    read = read_series(tmp_path / "in.csv", style=ReadingStyle(zone=zone))
    first, second = read.future_labels(2)
    assert read.following(50.0, first).future_labels(1) == [second]  # as forecasters go on
    watch = Watch(Middle(read))
    for count in range(4):
        expected = watch.next.period
        seen = watch.observe(50.0, expected) if count % 2 else watch.observe(50.0)
        assert (seen.period, seen.alarms) == (expected, ())
        assert watch.known(expected) is None
    later = watch.forecaster.predict(3)[2].period
    seen = watch.observe(50.0, later)
    assert seen.period == later
    assert [alarm.kind for alarm in seen.alarms] == ["gap"]
    assert watch.observe(50.0, later).alarms[0].kind == "order"


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        (b"\x1f\x8b\x08\x00abc\n", "gunzip -c FILE | gatework watch MODEL"),
        (b"PK\x03\x04abc\xff\n", "save the table as CSV, and watch that"),
        (b'[{"time":"2024-01-10 00:00","load":51},\n', "jq -c '.[]' FILE | gatework watch MODEL"),
        (b"[\n", "jq -c '.[]' FILE | gatework watch MODEL"),
        (b"{\n", "jq -c '.[]' FILE | gatework watch MODEL"),
        (b"2024-01-10 00:00,51\n", "a first row such as: date,value"),
    ],
)
def test_what_is_no_rows_is_refused_with_the_cure(tmp_path, rows, hint) -> None:
    with pytest.raises(DataError) as refused:
        Seen(tmp_path, HOURS, rows)
    assert refused.value.hint == hint


def value(reader: RowReader, *lines: bytes) -> float:
    """Return the value of the last of some lines."""
    row = [reader.read(line) for line in lines][-1]
    assert row is not None
    return row.value


def test_what_is_said_is_kept_in_the_state() -> None:
    german = ReadingStyle(column="v", decimals={"v": ","})
    first = RowReader(style=german, said=ReadingStyle(missing=("-1",), decimals={"": "."}))
    assert value(first, b"t,v\n", b"1,2.5\n") == 2.5
    again = RowReader(style=german, said=ReadingStyle(missing=("-999",)))
    again.restore(json.loads(json.dumps(first.to_config())))
    assert again.style.missing == ("-1", "-999")
    assert value(again, b"2,2.75\n") == 2.75
    before = {name: value for name, value in first.to_config().items() if name != "said"}
    fresh = RowReader(style=german, said=ReadingStyle(missing=("-999",)))
    fresh.restore(before)
    assert fresh.style.missing == ("-999",)


@pytest.mark.parametrize("first", ["2023-01-02 06:13:20", "2023-01-02 17:30"])
@pytest.mark.parametrize("step", ["1h", "1D", "1B"])
def test_periods_that_begin_at_an_odd_time_go_on(tmp_path, first, step) -> None:
    times = pd.date_range(first, periods=30, freq=step)
    rows = [f"{time},{place % 7}\n" for place, time in enumerate(times)]
    seen = Seen(tmp_path, "at,n\n" + "".join(rows[:-2]), "at,n\n" + "".join(rows[-2:]))
    assert [value for _, value in seen.values] == [0, 1]


def test_a_line_break_inside_quotes_ends_no_row(tmp_path) -> None:
    series = "day,n,note\n" + "".join(f"2024-02-{day:02d},{day},-\n" for day in range(1, 10))
    rows = 'day,n,note\n2024-02-10,10,"first\nsecond"\n2024-02-11,11,-\n'
    seen = Seen(tmp_path, series, rows, how={"column": "n"})
    assert seen.values == [("2024-02-10", 10), ("2024-02-11", 11)]
