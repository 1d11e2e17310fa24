"""Tables that cannot be used: the message names the place, the hint says what to do."""

import csv
import re
from pathlib import Path

import pytest

from gatework.errors import GateworkError
from gatework.forecast.reading import read_series
from gatework.tabular.style import ReadingStyle

HEAD = "date,faults\n2005-01,3\n2005-02,4\n"

REFUSED = {  # case: (file, options, message, hint)
    "empty": ("", {}, "'faults.csv' is empty", "a first row such as"),
    "blank lines": ("\n \n\n", {}, "'faults.csv' is empty", "a first row such as"),
    "header only": ("date,faults\n", {}, "has a header and no rows", "add one row for each period"),
    "no header": (
        "2005-01,3\n2005-02,4\n",
        {},
        "begins with '2005-01', '3': expected the names of the columns",
        "date,faults",
    ),
    "one column": (
        "date\n2005-01\n2005-02\n",
        {},
        "has one column, 'date', and none to forecast: expected a column of numbers",
        "--events date --period month",
    ),
    "no value in the one column": (
        "date,faults\n2005-01,\n2005-02,n/a\n",
        {},
        "has no column of numbers to forecast: 'faults' has no value at all",
        "fill in 'faults'; where a row is an event: --events date --period month",
    ),
    "no numbers": ("name,kind\nx,y\n", {}, "has 2 columns, 'name', 'kind', and none", "add a"),
    "no such column": (
        HEAD,
        {"column": "fautls"},
        "column 'fautls' is not in 'faults.csv', which has 'date', 'faults'",
        "--column faults",
    ),
    "no such time column": (
        HEAD,
        {"time_column": "when"},
        "column 'when' is not in",
        "--time-column date",
    ),
    "several columns": (
        "date,a,b\n2005-01,1,2\n2005-02,3,4\n",
        {},
        "has several columns of numbers: 'a', 'b'",
        "--column a; or --column '*' for a series each",
    ),
    "several columns, of which one is a label": (
        "date,plz,store_id,b\n2005-01,01067,7,2\n2005-02,01067,7,4\n",
        {},
        "has several columns of numbers: 'plz', 'store_id', 'b'",
        "--column b; or --column '*' for a series each",
    ),
    "several dates": (
        "start,end,a\n2005-01,2005-02,1\n2005-02,2005-03,2\n",
        {},
        "has several columns of dates: 'start', 'end'",
        "--time-column start",
    ),
    "both": (
        HEAD,
        {"column": "faults", "time_column": "faults"},
        "column 'faults' cannot be both the dates and the values",
        "--column OTHER",
    ),
    "unknown fill": (
        HEAD,
        {"missing": "guess"},
        "missing must be one of error, mask, interp",
        "inter",
    ),
    "not a number": (
        HEAD + "2005-03,n/a\n",
        {},
        "column 'faults', row 4: 'n/a' is not a number",
        "--missing interpolate",
    ),
    "text": (
        HEAD + "2005-03,many\n",
        {"missing": "zero"},
        "column 'faults', row 4: 'many' is not a number",
        "correct the cell, or --missing-mark many where",
    ),
    "text after a blank line and a quoted line break": (
        'date,faults,note\n2005-01,3,"a\nb"\n\n2005-02,many,\n2005-03,4,\n',
        {},
        "column 'faults', row 4: 'many' is not a number",
        "correct the cell",
    ),
    "infinite": (
        HEAD + "2005-03,inf\n",
        {},
        "column 'faults', row 4: 'inf' is infinite",
        "leave the cell empty",
    ),
    "too large": (HEAD + "2005-03,1e999\n", {}, "row 4: '1e999' is infinite", "leave the cell"),
    "negative": (
        HEAD + "2005-03,-1\n",
        {},
        "column 'faults', row 4: -1 is negative, expected counts",
        "--allow-negative",
    ),
    "empty cell": (
        HEAD + "2005-03,\n2005-04,1\n2005-05,NA\n2005-06,1\n",
        {},
        "column 'faults', row 4: the value is empty (the first of 2 missing values)",
        "--missing interpolate (or zero, previous, mean)",
    ),
    "gap": (
        HEAD + "2005-04,5\n",
        {},
        "column 'faults', no row for '2005-03', which belongs after row 3",
        "--missing interpolate",
    ),
    "nothing before": (
        "date,faults\n2005-01,\n2005-02,4\n",
        {"missing": "previous"},
        "column 'faults' begins with a missing value",
        "--missing interpolate",
    ),
    "no value": (
        "date,faults\n2005-01,\n2005-02,NA\n",
        {"column": "faults", "missing": "zero"},
        "column 'faults' has no value at all",
        "--column OTHER",
    ),
    "repeated": (
        HEAD + "2005-02,5\n",
        {},
        "column 'date', row 4: '2005-02' is repeated, it stands in row 3 already",
        "--events date --period month",
    ),
    "irregular": (
        "date,faults\n2005-03-07,1\n2005-03-14,2\n2005-03-21,3\n2005-03-23,4\n",
        {},
        "column 'date', row 5: '2005-03-23' does not follow '2005-03-21' by a whole number of "
        "steps of 'W-MON'",
        "--events date --period week",
    ),
    "irregular numbers": (
        "day,faults\n10,1\n20,2\n30,3\n35,4\n",
        {},
        "column 'day', row 5: '35' does not follow '30' by the usual step",
        "correct it",
    ),
    "broken numbers": (
        "day,faults\n1,1\n2.5,2\n",
        {},
        "column 'day', row 3: '2.5' is neither a date nor a whole number",
        "write the dates as 2005-03-07",
    ),
    "empty date": (HEAD + ",5\n", {}, "column 'date', row 4: the date is empty", "write the date"),
    "empty number": (
        "day,faults\n1,1\n,2\n3,3\n",
        {},
        "column 'day', row 3: the date is empty",
        "write the date",
    ),
    "no date": (
        HEAD + "soon,5\n",
        {},
        "column 'date', row 4: 'soon' is not a date, expected one such as 2005-03-07",
        "remove column 'date' to number the rows",
    ),
    "short year": (
        "date,faults\n07/03/05,1\n08/03/05,2\n",
        {},
        "column 'date', row 2: '07/03/05' may be day/month or month/day",
        "write the dates as 2005-03-07",
    ),
    "impossible day": (
        "date,faults\n2005-02-28,1\n2005-02-29,2\n",
        {},
        "column 'date', row 3: '2005-02-29' is not a date",
        "write it as",
    ),
    "never": (HEAD + "9999-12,5\n", {}, "column 'date', row 4: '9999-12' is not a date", "write"),
    "mistaken year": (
        "date,faults\n"
        "1005-03-07 00:00,1\n2005-03-07 00:00,2\n2005-03-07 01:00,3\n2005-03-07 02:00,4\n",
        {},
        "column 'date' spans 8765835 periods, from '1005-03-07 00:00' in row 2 to",
        "look for a mistaken year",
    ),
    "ragged": (
        HEAD + "2005-03,5,6\n",
        {},
        "'faults.csv', row 4 has 3 fields, the header has 2",
        "quote fields",
    ),
    "duplicate names": (
        "date,faults,faults\n2005-01,3,4\n",
        {},
        "calls two columns 'faults': column 2 and column 3",
        "a name of its own",
    ),
    "open quote": (
        HEAD + '2005-03,"5\n',
        {},
        "'faults.csv', row 4: a quoted field does not end as it should",
        "quotation mark",
    ),
    "long field": (
        HEAD + "2005-03," + "9" * (csv.field_size_limit() + 1) + "\n",
        {},
        "'faults.csv', row 4: a field is longer than 131072 characters",
        "quotation mark",
    ),
    "latin-1": (
        "date,défauts\n2005-01,3\n".encode("latin-1"),
        {"style": ReadingStyle(encoding="utf-8")},
        "'faults.csv' is not utf-8 text: byte 0xe9 at offset 6 (row 1)",
        "--encoding",
    ),
    "half of UTF-16": (
        HEAD.encode("utf-16")[:-1],
        {},
        "'faults.csv' is not UTF-16 text",
        "CSV UTF-8",
    ),
    "zero byte": ("date,fa\0ults\n", {}, "not a text table: character 8 is zero", "CSV UTF-8"),
    "spreadsheet": (b"PK\x03\x04...", {}, "'faults.csv' cannot be unpacked", "unpack it"),
    "broken Parquet": (b"PAR1....", {}, "'faults.csv' is no readable Parquet file", "write it"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path: Path, case: str) -> None:
    content, options, message, hint = REFUSED[case]
    path = tmp_path / "faults.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(GateworkError, match=re.escape(message)) as caught:
        read_series(path, **options)
    assert "\n" not in caught.value.message
    assert hint in (caught.value.hint or "")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "faults.csv").write_text(HEAD)
    with pytest.raises(GateworkError, match=r"falts.csv' does not exist\nhint: .*faults.csv'"):
        read_series(tmp_path / "falts.csv")
    with pytest.raises(GateworkError, match="does not exist\nhint: check the path"):
        read_series(tmp_path / "nowhere" / "faults.csv")
    with pytest.raises(GateworkError, match="cannot be read: it is a directory"):
        read_series(tmp_path)
    (tmp_path / "faults.parquet").write_text(HEAD)
    with pytest.raises(GateworkError, match=r"'faults\.parquet' is not a Parquet file"):
        read_series(tmp_path / "faults.parquet")
