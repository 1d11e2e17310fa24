"""Dates as people write them: each form gives the right periods, and what is impossible is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatework.errors import DataError
from gatework.forecast import Series, read_panel, read_series
from gatework.tabular.style import ReadingStyle

YEARS, MONTHS = (2021, 2022), range(1, 13)
NAMES = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
}


def read(folder: Path, dates: list[str], **options: object) -> Series:
    path = folder / "faults.csv"
    rows = (f'"{date}",{place % 7 + 1}\n' for place, date in enumerate(dates))
    path.write_text("date,faults\n" + "".join(rows), encoding="utf-8")
    return read_series(path, **options)  # type: ignore[arg-type]


def months(form: str, language: str = "en") -> list[str]:
    names = NAMES[language].split()
    return [
        form.format(y=y, yy=y % 100, m=m, name=names[m - 1], NAME=names[m - 1].upper())
        for y in YEARS
        for m in MONTHS
    ]


@pytest.mark.parametrize(
    ("form", "language"),
    [
        *[("{name} {y}", language) for language in NAMES],
        *[(form, "en") for form in ("{name}-{yy}", "{yy}-{name}", "{name}'{yy}", "{name} 1, {y}")],
        *[("1 de {name} de {y}", "es"), ("1 {name} {y} г.", "ru"), ("01-{NAME}-{yy}", "en")],
        *[(form, "en") for form in ("{y}{m:02d}", "{y}.{m:02d}", "{m:02d}.{y}", "{y}M{m:02d}")],
        *[(form, "en") for form in ("{m}/{y}", "{y}年{m}月", "{y}年{m:02d}月1日", "{y}년 {m}월")],
        *[("{y}年{m}月1日(月)", "en"), ("01.{m:02d}.{yy}", "en"), ("{y}. {m}. 1.", "en")],
    ],
)
def test_months(tmp_path: Path, form: str, language: str) -> None:
    found = read(tmp_path, months(form, language))
    assert found.labels == tuple(f"{y}-{m:02d}" for y in YEARS for m in MONTHS)
    assert (found.frequency, found.season) == ("MS", 12)


@pytest.mark.parametrize(
    "form",
    [
        "{y}-Q{q}",
        "{y}-T{q}",
        "{q}Q{y}",
        "Q{q}'{yy}",
        "{q}. Quartal {y}",
        "{y}年第{q}季度",
        "T{q} {y}",
    ],
)
def test_quarters(tmp_path: Path, form: str) -> None:
    dates = [form.format(y=y, yy=y % 100, q=q) for y in (2019, 2020) for q in (1, 2, 3, 4)]
    found = read(tmp_path, dates)
    assert found.labels == tuple(f"{y}Q{q}" for y in (2019, 2020) for q in (1, 2, 3, 4))
    assert found.season == 4


@pytest.mark.parametrize("form", ["{y}-H{h}", "S{h} {y}", "{h}. Halbjahr {y}"])
def test_halves_of_years(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, [form.format(y=y, h=h) for y in range(2010, 2014) for h in (1, 2)])
    assert found.labels[:3] == ("2010-01", "2010-07", "2011-01")
    assert (found.frequency, found.season) == ("6MS", 2)


@pytest.mark.parametrize("form", ["2020-W{w:02d}", "KW {w}/2020", "Week {w} 2020", "2020KW{w:02d}"])
def test_weeks(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, [form.format(w=w) for w in range(40, 54)])
    assert found.labels[-1] == "2020-W53"
    assert found.future_labels(1) == ["2021-W01"]


@pytest.mark.parametrize("form", ["FY{y}", "{y}/{next:02d}", "{y}-{next:02d}", "{y}-20{next:02d}"])
def test_fiscal_years(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, [form.format(y=y, next=(y + 1) % 100) for y in range(2009, 2022)])
    assert (found.labels[0], found.labels[-1], found.frequency) == ("2009", "2021", "YS")
    assert "fiscal years" in found.notes[0]


HOURS = {
    "seconds of Unix": lambda n: str(1_672_617_600 + 3600 * n),
    "milliseconds of Unix": lambda n: str(1_672_617_600_000 + 3_600_000 * n),
    "microseconds of Unix": lambda n: str(1_672_617_600_000_000 + 3_600_000_000 * n),
    "numbers of a spreadsheet": lambda n: f"{44928 + n / 24:.6f}",
    "digits alone": lambda n: f"20230102{n:02d}00",
    "basic ISO": lambda n: f"20230102T{n:02d}0000Z",
    "UTC after it": lambda n: f"2023-01-02 {n:02d}:00:00 UTC",
    "half days": lambda n: f"1/2/2023 {n % 12 or 12}:00 {'PM' if n > 11 else 'AM'}",
    "mail": lambda n: f"Mon, 02 Jan 2023 {n:02d}:00:00 GMT",
    "server": lambda n: f"02/Jan/2023:{n:02d}:00:00 +0000",
    "C": lambda n: f"Mon Jan 2 {n:02d}:00:00 2023",
    "Chinese": lambda n: f"2023年1月2日{n}时00分",
}


@pytest.mark.parametrize("form", HOURS)
def test_hours(tmp_path: Path, form: str) -> None:
    style = ReadingStyle(day_first=False)
    found = read(tmp_path, [HOURS[form](n) for n in range(24)], style=style)
    assert found.labels == tuple(f"2023-01-02 {n:02d}:00" for n in range(24))
    assert (found.frequency, found.season) == ("h", 24)


def test_the_hour_24_is_the_next_midnight(tmp_path: Path) -> None:
    found = read(tmp_path, [f"2023-01-01 {n:02d}:00" for n in range(20, 25)])
    assert found.labels[-1] == "2023-01-02 00:00"


@pytest.mark.parametrize(
    ("step", "frequency", "last"),
    [(100, "100ms", "00:00:03.900"), (1, "ms", "00:00:00.039"), (250, "250ms", "00:00:09.750")],
)
def test_steps_under_a_second(tmp_path: Path, step: int, frequency: str, last: str) -> None:
    times = [f"00:00:{n * step // 1000:02d}.{n * step % 1000:03d}" for n in range(40)]
    found = read(tmp_path, [f"2023-01-01 {time}" for time in times])
    assert (found.frequency, found.labels[-1]) == (frequency, f"2023-01-01 {last}")


def test_years_of_two_digits_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, [f"01/{m:02d}/{y}" for y in (98, 99) for m in MONTHS])
    assert found.labels[0] == "1998-01"
    assert any("two digits, are read as 1998 to 1999" in note for note in found.notes)
    assert any("day/month" in note for note in found.notes)


def test_days_of_two_digits_are_no_years_where_these_come_twice(tmp_path: Path) -> None:
    days = np.datetime64("2023-01-01") + np.arange(36)
    found = read(tmp_path, [f"{d[8:]}/{d[5:7]}/{d[2:4]}" for d in days.astype(str)])
    assert (found.frequency, found.labels[-1]) == ("D", "2023-02-05")


@pytest.mark.parametrize(
    ("first", "step", "frequency", "last"),
    [
        ("2023-01-02 06:13:20", "1h", "h", "2023-01-03 05:13:20"),
        ("2023-01-02 06:13:20", "1D", "D", "2023-01-25 06:13:20"),
        ("2023-01-02 06:13:20.500", "15min", "15min", "2023-01-02 11:58:20.500"),
        ("2023-01-02 17:30", "1B", "B", "2023-02-02 17:30"),
        ("2023-01-31 23:59:59", "1ME", "MS", "2024-12"),
        ("2023-01-01 06:00", "1MS", "MS", "2024-12"),
    ],
)
def test_periods_are_called_by_the_time_at_which_they_begin(
    tmp_path: Path, first: str, step: str, frequency: str, last: str
) -> None:
    texts = [str(time) for time in pd.date_range(first, periods=24, freq=step)]
    found = read(tmp_path, texts)
    assert (found.frequency, found.labels[-1]) == (frequency, last)


def test_marks_beside_a_date_that_nobody_sees_are_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, ["\u200e2023-01-01", "2023-01-02\u200b", "\ufeff2023-01-03 "])
    assert found.labels == ("2023-01-01", "2023-01-02", "2023-01-03")


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (
            ["2021-W51", "2021-W52", "2021-W53"],
            "row 4: '2021-W53' is not a date: 2021 has 52 weeks",
        ),
        (["2023-02-28", "2023-02-29"], "row 3: '2023-02-29' is not a date: its month is shorter"),
        (
            ["2023-01-01 10:00", "2023-01-01 25:00"],
            "'2023-01-01 25:00' is not a date: a day has 24",
        ),
        (["01/02/23", "02/02/23"], "may be day/month or month/day"),
        (["Jan 2023", "Smarch 2023"], "row 3: 'Smarch 2023' is not a date"),
    ],
)
def test_what_is_no_date_is_told(tmp_path: Path, dates: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(tmp_path, dates)


def test_plain_numbers_stay_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, [str(n) for n in range(44_000, 44_040)], column="faults")
    assert found.frequency == "D"  # of a column that is called date
    path = tmp_path / "steps.csv"
    path.write_text("step,load\n" + "".join(f"{44_000 + n},{n}\n" for n in range(5)))
    assert read_series(path, time_column="step").frequency is None


SPLIT = {
    "date and time": ("date,time", [f"2023-01-01,{n:02d}:00" for n in range(24)]),
    "German": ("Datum;Uhrzeit", [f"01.01.2023;{n:02d}:00:00" for n in range(24)]),
    "date and hour": ("date,hour", [f"2023-01-01,{n}" for n in range(24)]),
    "ends of hours": ("Date,HE", [f"12/31/2022,{24}", *(f"1/1/2023,{n}" for n in range(1, 24))]),
    "parts": ("year,month,day,hour", [f"2023,1,1,{n}" for n in range(24)]),
}


@pytest.mark.parametrize("name", SPLIT)
def test_periods_in_several_columns(tmp_path: Path, name: str) -> None:
    header, rows = SPLIT[name]
    mark = ";" if ";" in header else ","
    path = tmp_path / "load.csv"
    path.write_text(
        f"{header}{mark}load\n" + "".join(f"{row}{mark}{n}\n" for n, row in enumerate(rows))
    )
    found = read_series(path, style=ReadingStyle(day_first="HE" not in header))
    assert found.name == "load"
    assert found.labels == tuple(f"2023-01-01 {n:02d}:00" for n in range(24))
    assert any("read together" in note for note in found.notes)
    again = read_series(path, style=ReadingStyle.from_config(found.style.to_config()))
    assert again.labels == found.labels


def test_year_and_month_in_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "faults.csv"
    rows = [f"{y},{name},{n}\n" for y in YEARS for n, name in enumerate(NAMES["de"].split())]
    path.write_text("Jahr,Monat,Fehler\n" + "".join(rows), encoding="utf-8")
    found = read_series(path)
    assert (found.labels[0], found.labels[-1], found.frequency) == ("2021-01", "2022-12", "MS")


def test_rows_in_any_order_are_sorted_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, ["2023-03", "2023-01", "2023-02"])
    assert found.labels == ("2023-01", "2023-02", "2023-03")
    assert found.values.tolist() == [2, 3, 1]
    assert "the rows are sorted by column 'date', oldest first" in found.notes


@pytest.mark.parametrize(("how", "value"), [("mean", 2.5), ("sum", 5), ("first", 2), ("last", 3)])
def test_rows_of_one_period_are_taken_together(tmp_path: Path, how: str, value: float) -> None:
    dates = ["2023-01", "2023-02", "2023-02", "2023-03"]
    with pytest.raises(DataError, match="row 4: '2023-02' is repeated, it stands in row 3 already"):
        read(tmp_path, dates)
    found = read(tmp_path, dates, style=ReadingStyle(repeats=how))
    assert found.values.tolist() == [1, value, 4]
    assert any(how in note for note in found.notes)


def test_one_series_of_one_row_takes_the_frequency_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    rows = [f"a,2023-{m:02d},{m}\n" for m in MONTHS]
    path.write_text("shop,month,sales\n" + "".join(rows) + "b,2023-12,5\n")
    panel = read_panel(path, id_column="shop", time_column="month", column="sales")
    assert (panel.frequency, panel.lengths.tolist()) == ("MS", [12, 1])
    assert panel.future_labels(1, 1) == ["2024-01"]
