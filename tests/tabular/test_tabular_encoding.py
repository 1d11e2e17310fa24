"""Encodings: what small tables in each of them are taken for, and what is said of it."""

import re
from contextlib import suppress

import numpy as np
import pytest

from gatework.errors import DataError, GateworkError, OptionError
from gatework.forecast.reading import read_series
from gatework.tabular.encoding import decode, encoding_name, likely_encodings
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import read_table


def months(header: str, delimiter: str = ";") -> str:
    rows = [
        f"01.{m:02d}.{y}{delimiter}{m * y % 17}" for y in (2021, 2022, 2023) for m in range(1, 13)
    ]
    return "\n".join([header, *rows, ""])


TABLES = [
    ("cp1252", "Monat;Ausfälle"),
    ("cp1252", "Année;Défauts"),
    ("cp1252", "Año;Averías"),
    ("cp1252", "Mês;Avarias não"),
    ("cp1252", "Måned;Beløb"),
    ("cp1252", "Päivä;Määrä"),
    ("cp1252", "Date;Chiffre d’affaires"),
    ("cp1252", "Datum;Preis (€)"),
    ("cp1252", "Zeit;Temperatur [°C]"),
    ("cp1252", "Datum;Kälte (m³)"),
    ("gb18030", "日期;故障数"),
    ("gb18030", "时间;用电量"),
    ("gb18030", "date;北京"),
    ("big5", "日期;故障數"),
    ("big5", "月份;用電量"),
    ("cp932", "日付;故障件数"),
    ("cp932", "年月;売上"),
    ("cp932", "date;データ"),
    ("cp1251", "Дата;Отказы"),
    ("cp1251", "Период;Объём"),
    ("koi8_r", "Дата;Отказы"),
    ("cp1250", "Miesiąc;Sprzedaż"),
    ("cp1250", "Měsíc;Počet poruch"),
    ("cp1250", "Hónap;Időszak"),
    ("cp1250", "Lună;Vânzări"),
    ("iso8859_2", "Miesiąc;Sprzedaż"),
    ("cp1254", "Tarih;Satış"),
    ("cp949", "날짜;고장"),
    ("mac_roman", "Monat;Ausfälle"),
]


@pytest.mark.parametrize(("encoding", "header"), TABLES)
def test_a_small_table_is_read_in_its_encoding_and_a_note_says_which(encoding, header) -> None:
    found = decode(months(header).encode(encoding), "x.csv")
    assert found.text == months(header)
    assert found.encoding == encoding_name(encoding)
    assert found.note is not None
    assert re.fullmatch(r"the text is read as .*; --encoding names another", found.note)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"], ids=lambda name: f"with {name}"
)
@pytest.mark.parametrize("header", ["Monat;Ausfälle", "日期;故障数", "date;count"])
def test_marks_and_utf_8_need_no_note(encoding: str, header: str) -> None:
    assert decode(months(header).encode(encoding), "x.csv") == (months(header), None, None)
    for order in ("utf-16-le", "utf-16-be"):
        marked = ("\ufeff" + months(header)).encode(order)
        assert decode(marked, "x.csv") == (months(header), None, None)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", ["Monat;Ausfälle", "日期;故障数", "date;count"])
def test_utf_16_without_a_mark_is_found_by_its_zeros(order: str, header: str) -> None:
    text, encoding, note = decode(months(header).encode(order), "x.csv")
    assert (text, encoding) == (months(header), order)
    assert "UTF-16" in str(note)


def test_cells_tell_an_encoding_where_the_header_does_not() -> None:
    cities = "city,day,count\n" + "".join(
        f"{city},2021-01-0{day},{day}\n" for city in ("München", "Köln") for day in range(1, 5)
    )
    assert decode(cities.encode("cp1252"), "x.csv").text == cities
    dates = "date,count\n" + "".join(f"2021年{month}月,{month}\n" for month in range(1, 13))
    assert decode(dates.encode("gb18030"), "x.csv").encoding == "gb18030"


def test_what_was_found_is_kept_in_the_style_and_obeyed(tmp_path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(months("Monat;Ausfälle").encode("cp1252"))
    series = read_series(path)
    assert (series.name, series.style.encoding) == ("Ausfälle", "cp1252")
    assert series.notes[0] == "the text is read as cp1252; --encoding names another"
    again = read_series(path, style=ReadingStyle(encoding="latin-1"))
    assert again.name == "Ausfälle"
    assert not any("encoding" in note for note in again.notes)
    path.write_bytes(months("Monat;Ausfälle").encode())
    assert read_series(path).style.encoding is None


@pytest.mark.parametrize("said", ["latin-1", "gb18030", "big5"])
def test_utf_8_is_read_as_such_whatever_was_said(said: str) -> None:
    german = months("Monat;Ausfälle")
    for written in ("utf-8", "utf-8-sig", "utf-16"):
        text, encoding, note = decode(german.encode(written), "x.csv", said)
        assert (text, encoding) == (german, None)
        assert str(note).endswith(f"which its bytes are, not as {said}")
    for alike in ("utf-8", "utf-8-sig", "utf_8"):
        assert decode(german.encode("utf-8-sig"), "x.csv", alike).note is None
    assert decode("Monat;n\n联通;1\n".encode("gb18030"), "x.csv", "gb18030").text[8:10] == "联通"


def test_an_encoding_that_is_not_that_of_the_file_is_an_error_with_its_row() -> None:
    german = months("Monat;Ausfälle")
    with pytest.raises(
        DataError, match=r"not utf-8 text: byte 0xe4 at offset 10 \(row 1\)"
    ) as said:
        decode(german.encode("cp1252"), "x.csv", "utf-8")
    assert said.value.hint == "--encoding cp1252, or leave it out to have it found"
    late = "date,town\n2021,Rom\n2022,Köln\n".encode("cp1252")
    with pytest.raises(DataError, match=r"\(row 3\)"):
        decode(late, "x.csv", "ascii")
    with pytest.raises(OptionError, match="encoding 'gb1803' is not known") as unknown:
        decode(b"a", "x.csv", "gb1803")
    assert unknown.value.hint == "--encoding gb18030"
    for odd in ("base64", "rot13", "ut\0f"):
        with pytest.raises(OptionError, match="is not known"):
            encoding_name(odd)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a,b\n1,\0\n", "character 7 is zero"),
        (b"ab\xff", r"byte 0xff at offset 2 \(row 1\) fits no character"),
        (bytes(range(128, 256)) * 4, "fits no character"),
        (b"\xff\xfea\0b", "not UTF-16 text"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as said:
        decode(data, "x.csv")
    assert said.value.hint


def test_random_bytes_are_text_or_refused_but_never_break(tmp_path) -> None:
    random = np.random.default_rng(0)
    path = tmp_path / "x.csv"
    for size in range(1, 120):
        path.write_bytes(
            b"date,n\n2021-01,1\n" + random.integers(1, 256, size).astype("u1").tobytes()
        )
        with suppress(GateworkError):
            read_table(path)


@pytest.mark.parametrize(
    "line",
    [
        "Die Straße war größer als früher, und die Müller zählten Äpfel",
        "It was the best of times; it wasn’t the worst of times",
    ],
)
def test_prose_of_the_west_is_taken_for_cp1252(line) -> None:
    assert likely_encodings(f"{line}.\n".encode("cp1252") * 60)[0] == "cp1252"


PROSE = {
    "cp1253": "Το φως είναι ωραίο και η ψυχή μας το θυμάται κάθε πρωί. ",
    "cp1255": "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה. ",
    "cp1256": "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر. ",
    "cp874": "วันนี้อากาศดีและท้องฟ้าแจ่มใส เราจึงไปเดินเล่นที่สวน ",
    "cp866": "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
    "euc_jp": "いろはにほへと散りぬるを我が世誰ぞ常ならむ。今日は良い天気ですね。",
    "cp949": "다람쥐 헌 쳇바퀴에 타고파. 오늘은 날씨가 좋습니다. ",
    "cp1254": "Pijamalı hasta yağız şoföre çabucak güvendi. İstanbul büyük. ",
    "iso2022_jp": "いろはにほへと散りぬるを我が世誰ぞ常ならむ。",
    "hz": "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
    "utf-7": "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
}


@pytest.mark.parametrize("encoding", PROSE)
def test_prose_of_other_scripts_is_known(encoding) -> None:
    text = PROSE[encoding] * 20
    assert likely_encodings(text.encode(encoding))[0] == encoding
    found = decode(text.encode(encoding), "x.txt")
    assert (found.text, found.encoding) == (text, encoding_name(encoding))


@pytest.mark.parametrize(
    "text",
    [
        '(format t "~{~a~^, ~}" names)',
        "~{ab~}",
        "a+bcd-e+fgh-i",
        "+100- +200- +300-",
        "+foo- +foo-",
    ],
)
def test_text_of_seven_bits_with_signs_of_shifts_stays_as_it_is(text) -> None:
    assert decode(text.encode() * 3, "x.txt").text == text * 3


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_other_scripts_is_found_by_few_zeros(order) -> None:
    for text in (PROSE["cp866"], "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"):
        assert likely_encodings((text * 20).encode(order)) == [order]
    shaken = np.random.default_rng(0).integers(0, 256, 4096).astype("u1").tobytes()
    assert likely_encodings(shaken) not in (["utf-16-le"], ["utf-16-be"])


def test_utf_8_with_a_few_wrong_bytes_is_not_read_in_another_encoding() -> None:
    german = "Die Straße führt über die Brücke. " * 20
    for end in (b"\xc3", "Straße".encode("cp1252")):
        with pytest.raises(DataError, match="fits no character\nhint: it is UTF-8 but for a few"):
            decode(german.encode() + end, "x.csv")
    assert decode(german.encode("cp1252"), "x.csv").text == german
