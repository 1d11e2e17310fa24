"""Names and cells that would command a terminal or a spreadsheet, through the commands."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from running import run

from gatework.cli.output import csv_of
from gatework.system import failures
from gatework.system.terminal import shown

NAME = "\x1b]0;x\x07\x1b[31mred\x9b2J\u202egnp"
FORMULA = '=HYPERLINK("http://x")'
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]")


def months(count: int) -> list[str]:
    return [f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(count)]


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Return a table whose column has a hostile name, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "named.csv"
    rows = "".join(f"{month},{n % 9}\n" for n, month in enumerate(months(48)))
    path.write_text(f"date,{NAME}\n{rows}", newline="")
    return path


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Return a table of series whose names are formulas."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "many.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["shop", "month", "sales"])
        for name in (FORMULA, "@SUM(A1)", f"+{NAME}", "-3"):
            rows.writerows([name, month, n % 9] for n, month in enumerate(months(40)))
    return path


def told(capsys) -> tuple[str, str]:
    found = capsys.readouterr()
    assert not UNSEEN.search(found.out + found.err)
    return found


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no such device")
@pytest.mark.parametrize(
    "words",
    [
        ("search", "table", "/dev/zero"),
        ("search", "resume", "/dev/zero"),
        ("studio", "--no-open", "/dev/zero"),
        ("studio", "--no-open", "--run", "/dev/zero"),
        ("recognize", "train", "/dev/zero", "--out", "m"),
        ("pretrain", "/dev/zero", "--out", "m"),
        ("write", "train", "/dev/zero", "--out", "m"),
        ("forecast", "/dev/zero"),
        ("watch", "/dev/zero"),
    ],
)
def test_a_device_is_named_as_what_it_is(words, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    assert "/dev/zero is a device, which is not an ordinary file" in told(capsys)[1]


def test_a_forecast_shows_a_name_as_text_everywhere(named, capsys) -> None:
    assert run("forecast", str(named), "--out", "f", "--json") == 0
    json.loads(told(capsys)[0])
    report = (named.parent / "f" / "report.html").read_text(encoding="utf-8")
    assert not UNSEEN.search(report)
    assert shown(NAME) in report


def test_a_table_on_the_terminal_holds_names_as_text(many, capsys) -> None:
    columns = ("--id-column", "shop", "--time-column", "month", "--column", "sales")
    assert run("forecast", str(many), *columns, "--out", "f") == 0
    assert shown(NAME)[:20] in told(capsys)[0]
    with (many.parent / "f" / "forecast.csv").open(newline="") as file:
        names = {row["unique_id"] for row in csv.DictReader(file)}
    said = r"\u001b]0;x\u0007\u001b[31mred\u009b2J" + "\u202egnp"
    assert names == {f"'{FORMULA}", "'@SUM(A1)", f"'+{said}", "-3"}


@pytest.mark.parametrize("command", ["forecast", "watch", "life", "explain"])
def test_what_is_refused_is_told_as_text(named, command, capsys) -> None:
    before = ["model.safetensors"] if command == "explain" else []
    assert run(command, *before, f"{named}{NAME}") == 2
    assert told(capsys)[1]


def test_what_was_typed_is_told_as_text(capsys) -> None:
    assert run("forecast", f"--{NAME}") == 2
    assert "No such option" in told(capsys)[1]


@pytest.mark.parametrize("cell", ["=1", "+a", "-a", "@a", "\ta", "\ra", "＝1", "-2+3", "-1-1"])
def test_a_cell_is_no_formula_in_a_spreadsheet(cell) -> None:
    written = csv_of([{cell: cell, "n": -1.5}]).decode()
    (found,) = csv.DictReader(io.StringIO(written, newline=""))
    cell = cell.replace("\r", "\n")
    assert found == {f"'{cell}": f"'{cell}", "n": "-1.5"}


@pytest.mark.parametrize("cell", ["-1", "+3", "-1.5e-3", "-1,000", "a=b", "", None])
def test_numbers_and_other_words_stay_as_they_are(cell) -> None:
    (found,) = csv.DictReader(csv_of([{"a": cell, "b": "x"}]).decode().splitlines())
    assert found["a"] == (cell or "")


def test_a_mistake_of_ours_is_a_sentence_and_a_log(monkeypatch, tmp_path, capsys) -> None:
    from gatework.cli.doctor import command as doctor

    def fail() -> None:
        raise IndexError(f"{NAME} is out of range")

    monkeypatch.setattr(doctor, "examine", fail)
    monkeypatch.setattr(failures.tempfile, "tempdir", str(tmp_path))
    assert run("doctor") == 70
    said = told(capsys)[1]
    assert "Traceback" not in said
    assert said.startswith("error: Gatework met what it did not foresee: IndexError, ")
    (log,) = tmp_path.glob("gatework-*.log")
    assert f"hint: {log} tells where" in said
    assert "in fail\n" in log.read_text()
    monkeypatch.setenv("GATEWORK_DEBUG", "1")
    assert run("doctor") == 70
    assert "in fail\n" in told(capsys)[1]
    assert len(list(tmp_path.glob("gatework-*.log"))) == 1


def test_an_error_of_the_system_names_the_file(monkeypatch, capsys) -> None:
    from gatework.cli.doctor import command as doctor

    def fail() -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(doctor, "examine", fail)
    assert run("doctor") == 2
    assert told(capsys)[1] == "error: somewhere cannot be used: Permission denied\n"
