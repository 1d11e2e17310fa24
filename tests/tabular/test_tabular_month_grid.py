"""Tables with a row a year and a column a month."""

from pathlib import Path

import pytest

from gatework.errors import DataError
from gatework.forecast import read_panel, read_series
from gatework.tabular.month_grid import unrolled
from gatework.tabular.table import read_table

MONTHS = {
    "en": "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec",
    "long": "January,February,March,April,May,June,July,August,September,October,November,December",
    "de": "Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember",
    "fr": "janv.,févr.,mars,avril,mai,juin,juil.,août,sept.,oct.,nov.,déc.",
    "excel": "Jan,Feb,Mrz,Apr,Mai,Jun,Jul,Aug,Sep,Okt,Nov,Dez",
    "ru": "янв,фев,мар,апр,май,июн,июл,авг,сен,окт,ноя,дек",
    "zh words": "一月,二月,三月,四月,五月,六月,七月,八月,九月,十月,十一月,十二月",
    "zh": ",".join(f"{month}月" for month in range(1, 13)),
}


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("names", MONTHS.values(), ids=MONTHS)
def test_months_follow_each_other_over_the_years(tmp_path, names) -> None:
    rows = [f"2021,{','.join(map(str, range(13, 25)))},0", "2022,1,2" + "," * 11]
    path = write(tmp_path / "t.csv", f"Year,{names},Total", *rows)
    series = read_series(path)
    assert (series.labels[0], series.labels[-1], series.frequency) == ("2021-01", "2022-02", "MS")
    assert read_panel(path).values[0, [0, 11, 12, 13]].tolist() == [13, 24, 1, 2]
    assert "each row is read as the twelve months of the year in 'Year'" in series.notes
    assert "'Total' beside the months is left out" in series.notes


def test_words_tell_such_series_apart(tmp_path) -> None:
    numbers = ";".join(f"1.0{n:02d},5" for n in range(12))
    rows = [f"{region};{year};{numbers}" for region in "NS" for year in (2020, 2021)]
    path = write(tmp_path / "t.csv", "Region;Jahr;" + MONTHS["de"].replace(",", ";"), *rows)
    panel = read_panel(path, id_column="Region")
    assert (panel.ids, panel.lengths.tolist()) == (("N", "S"), [24, 24])
    assert panel.values[1, 10:14].tolist() == [1010.5, 1011.5, 1000.5, 1001.5]
    assert read_panel(path, id_column="Region", style=panel.style).ids == ("N", "S")
    with pytest.raises(DataError, match="'2020-01' is repeated") as found:
        read_series(path)
    assert "--id-column Region --time-column period --column value" in str(found.value.hint)


@pytest.mark.parametrize(
    "header", ["Year,Jan,Feb", f"Site,{MONTHS['en']}", f"Year,{MONTHS['en'].replace('Jul', 'x')}"]
)
def test_other_tables_stay_as_they_are(tmp_path, header) -> None:
    row = ",".join(["2020" if header.startswith("Year") else "a", *["1"] * header.count(",")])
    table = read_table(write(tmp_path / "t.csv", header, row))
    assert unrolled(table) is table


def test_what_is_taken_for_missing_is_told_beside_what_all_months_share(tmp_path) -> None:
    header = "Year;" + MONTHS["en"].replace(",", ";")
    numbers = [f"{n},5" for n in range(12)]
    rows = [";".join([str(year), *numbers]) for year in range(2015, 2022)]
    rows[3] = rows[3].replace(";6,5", ";n/a")
    notes = read_series(write(tmp_path / "t.csv", header, *rows), missing="interpolate").notes
    assert notes[:2] == (
        "the comma begins the decimals of column 'Jan'",
        "11 more notes of this kind are left out, for other columns",
    )
    assert any("'n/a' in row 5 of column 'Jul' is taken for missing" in note for note in notes)
