"""``gatework watch`` from its rows to its lines, its state and its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from gatework import load, save
from gatework.cli import main
from gatework.cli.watch.command import Alarm
from gatework.forecast import Forecaster, Series
from gatework.network import LSTM
from gatework.watch import ALARMS
from tolerances import PATIENCE

GATEWORK = Path(sys.executable).with_name("gatework")
ROWS = "month,faults\n2004-01,5\n2004-02,4\n2004-03,60\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory, brief_training) -> str:
    """A model of monthly counts whose next period is 2004-01."""
    labels = tuple(f"{2000 + month // 12}-{month % 12 + 1:02d}" for month in range(48))
    values = np.random.default_rng(0).poisson(5, 48).astype(float)
    series = Series("faults", values, labels, "MS", 12, counts=True)
    forecaster = Forecaster(2, trials=1, workers=1, method="recursive").fit(series)
    return str(save(forecaster, tmp_path_factory.mktemp("model") / "model.safetensors"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text(ROWS)


def run(*arguments: str) -> int:
    """Run the command in this process and return its exit code."""
    with pytest.raises(SystemExit) as left:
        main(["watch", *arguments])
    return int(left.value.code or 0)


def piped(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with a standard input."""
    command = [GATEWORK, "watch", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=PATIENCE)


def fed(text: str, *arguments: str) -> int:
    """Run the command in this process, with a standard input, and return its exit code."""
    kept, (reader, writer) = os.dup(0), os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    os.dup2(reader, 0)
    try:
        return run(*arguments)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reader)


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def numbered(text: str) -> list[tuple[int, float]]:
    return [(row["row"], row["value"]) for row in lines(text)]


def add(text: str, file: str = "rows.csv") -> None:
    with Path(file).open("a") as stream:
        stream.write(text)


def test_the_kinds_of_alarms_are_those_of_the_package() -> None:
    assert tuple(ALARMS) == get_args(Alarm)


def test_a_line_a_row(model, capsys) -> None:
    assert run(model, "rows.csv", "--no-follow") == 0
    captured = capsys.readouterr()
    first, _, third = captured.out.splitlines()
    assert first.startswith("2004-01  5  forecast ")
    assert "  next 2004-02: " in first
    assert "ALARM outside: 60 lies above its 90% interval, " in third
    assert captured.err == "3 rows, 1 alarm: 1 outside\n"


def test_machines_get_an_object_a_row(model, capsys) -> None:
    assert run(model, "rows.csv", "--no-follow", "--json", "--fail-on-alarm") == 1
    found = lines(capsys.readouterr().out)
    assert [row["row"] for row in found] == [1, 2, 3]
    assert found[0]["next"]["period"] == found[1]["period"] == "2004-02"
    before = {name: found[0]["next"][name] for name in ("value", "lower", "upper")}
    assert found[1]["forecast"] == before
    assert [alarm["kind"] for alarm in found[2]["alarms"]] == ["outside"]


def test_a_mark_for_missing_is_named_taken_and_kept_with_the_state(model, capsys) -> None:
    add("2004-04,999\nTotal,69\n")
    assert run(model, "rows.csv", "--no-follow", "--json", "--strict") == 2
    assert "is a total; --drop-totals leaves such rows out" in capsys.readouterr().err
    options = ("--no-follow", "--json", "--state", "watch.state")
    assert run(model, "rows.csv", *options, "--missing-mark", "999", "--drop-totals") == 0
    captured = capsys.readouterr()
    assert [row["value"] for row in lines(captured.out)] == [5, 4, 60, None]
    assert captured.err.splitlines()[:2] == [
        "'999' is taken for missing, which it was not in the series",
        "passed over as a total: 'Total'",
    ]
    add("2004-05,999\nTotal,69\n2004-06,9999\n")
    assert run(model, "rows.csv", *options) == 0
    missing, marked = lines(capsys.readouterr().out)
    assert (missing["value"], marked["value"]) == (None, 9999)
    assert "--missing-mark 9999 takes it as such" in marked["alarms"][0]["reason"]


def test_alarms_can_be_ignored(model, capsys) -> None:
    options = ("--no-follow", "--fail-on-alarm", "--ignore", "outside", "--ignore", "drift")
    assert run(model, "rows.csv", *options) == 0
    captured = capsys.readouterr()
    assert "ALARM" not in captured.out
    assert captured.err == "3 rows, no alarms\n"


def test_the_standard_input_in_every_format(model, capsys) -> None:
    for text in ("5\n4\n6", ROWS.replace("60", "6"), '{"faults": 5}\n{"faults": 4}\n{"faults": 6}'):
        assert fed(text, model, "--json") == 0
        assert [row["value"] for row in lines(capsys.readouterr().out)] == [5, 4, 6]
    done = piped("5\n4\n6", model, "--json")
    assert done.returncode == 0, done.stderr
    assert [row["value"] for row in lines(done.stdout)] == [5, 4, 6]


def test_a_standard_input_that_is_closed(model) -> None:
    command = ["bash", "-c", f"{GATEWORK} watch {model} <&-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "error: the standard input cannot be read: Bad file descriptor\nhint:" in done.stderr


def test_rows_that_cannot_be_read(model, capsys) -> None:
    add("2004-04,many\n,3\nsoon,4\n2004-03,4\n2004-04,-3\n2004-07,4\n")
    assert run(model, "rows.csv", "--no-follow") == 0
    told = capsys.readouterr().out.splitlines()[3:]
    for line, said in zip(
        told,
        (
            "ALARM bad: row 5: 'many' is not a number; the value is taken as missing",
            "ALARM bad: row 6: the period is empty; the row is left out",
            "ALARM order: row 7: 'soon' is not a date, expected 2004-05; the row is left out",
            "ALARM order: row 8: '2004-03' comes again or too late, expected 2004-05; the row",
            "ALARM order: row 9: '2004-04' comes again",
            "ALARM gap: 2 periods are missing before 2004-07: 2004-05 to 2004-06",
        ),
        strict=True,
    ):
        assert said in line


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2004-04,many", "row 5: 'many' is not a number"),
        ("soon,4", "row 5: 'soon' is not a date, expected 2004-04"),
        ("2004-04,-3", "row 5: -3 is negative, but the series is one of counts"),
    ],
)
def test_strictly_they_end_it(model, capsys, row, said) -> None:
    add(row + "\n2004-04,5\n")
    options = ("rows.csv", "--no-follow", "--strict", "--state", "s", "--out", "o")
    assert run(model, *options) == 2
    assert f"error: {said}\nhint: leave --strict out" in capsys.readouterr().err
    assert run(model, *options) == 2  # the row is not part of the state
    assert len(Path("o").read_text().splitlines()) == 3


def test_it_goes_on_from_its_state(model, capsys) -> None:
    options = (model, "rows.csv", "--no-follow", "--json", "--state", "state")
    assert run(*options) == 0
    add("2004-04,4\n2004-05,")
    assert run(*options) == 0
    add("7\n2004-06,3\n")
    assert run(*options) == 0
    captured = capsys.readouterr()
    assert "the last row has no end yet and was left for later" in captured.err
    whole = captured.out
    assert run(model, "rows.csv", "--no-follow", "--json") == 0
    assert capsys.readouterr().out == whole
    assert load("state").rows == 6


def test_an_output_file_is_cut_to_what_the_state_knows(model, capsys) -> None:
    options = (model, "rows.csv", "--no-follow", "--json", "--state", "state", "--out", "out")
    assert run(*options) == 0
    written = Path("out").read_text()
    add('{"row": 4, "per', "out")  # what a kill may leave
    add("2004-04,4\n")
    assert run(*options) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "out: 15 bytes are written again, after the last state" in captured.err
    assert Path("out").read_text().startswith(written)
    assert [row["row"] for row in lines(Path("out").read_text())] == [1, 2, 3, 4]


def test_save_every_so_many_rows(model) -> None:
    options = (model, "rows.csv", "--no-follow", "--state", "state", "--save-every", "2")
    assert run(*options) == 0
    assert load("state").rows == 3  # the end counts too
    add("2004-04,4\nsoon,3\n")
    assert run(*options, "--strict") == 2
    assert load("state").rows == 3


def test_replaying_the_standard_input(model, capsys) -> None:
    options = (model, "--json", "--state", "state")
    assert fed("5\n4\n", *options) == 0
    capsys.readouterr()
    assert fed("5\n4\n6\n", *options, "--replay") == 0
    assert numbered(capsys.readouterr().out) == [(3, 6.0)]
    assert fed("7\n", *options) == 0  # without it whatever comes is new
    assert numbered(capsys.readouterr().out) == [(4, 7.0)]
    assert fed("5\n9\n6\n", *options, "--replay") == 2
    told = capsys.readouterr().err
    assert "the standard input does not begin with the 2 bytes that the state" in told


def test_a_table_from_the_standard_input_may_repeat_its_header(model, capsys) -> None:
    options = (model, "--json", "--state", "state")
    assert fed("month,faults\n2004-01,5\n", *options) == 0
    capsys.readouterr()
    assert fed("month,faults\n2004-02,6\n", *options) == 0
    assert numbered(capsys.readouterr().out) == [(2, 6.0)]


def test_a_file_that_was_rotated_meanwhile(model, capsys) -> None:
    options = (model, "rows.csv", "--no-follow", "--json", "--state", "state")
    assert run(*options) == 0
    add("2004-04,4\n")
    Path("rows.csv").rename("rows.csv.1")
    Path("rows.csv").write_text("month,faults\n2004-05,5\n")
    capsys.readouterr()
    assert run(*options) == 0
    captured = capsys.readouterr()
    fourth, fifth = lines(captured.out)
    assert (fourth["period"], fourth["alarms"]) == ("2004-04", [])
    assert fifth["period"] == "2004-05"
    assert fifth["alarms"][0]["kind"] == "source"
    assert "rows.csv was rotated meanwhile; rows.csv.1 is finished first" in captured.err


def test_a_file_that_is_another_one(model, capsys) -> None:
    options = (model, "rows.csv", "--no-follow", "--json", "--state", "state")
    assert run(*options) == 0
    Path("rows.csv").write_text("month,faults\n2004-04,4\n")
    assert run(*options) == 2
    captured = capsys.readouterr()
    assert "error: rows.csv is not the file that the state knows: its first 44 bytes" in (
        captured.err
    )
    assert "hint: --new-file reads it from its beginning" in captured.err
    assert run(*options, "--new-file") == 0
    assert [row["row"] for row in lines(capsys.readouterr().out)] == [4]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["MODEL", "rows.csv"], "s was begun with --out\nhint: go on in the same way"),
        (["MODEL", "--out", "o"], "s is the state of values that came from rows.csv"),
        (["other", "rows.csv", "--out", "o"], "s is the state of another model than other"),
        (
            ["MODEL", "rows.csv", "--out", "o", "--column", "x"],
            "the state was begun with --column faults, got x",
        ),
        (
            ["MODEL", "rows.csv", "--out", "o", "--false-alarms", "50"],
            "s was begun with --false-alarms 1000, got 50",
        ),
        (["MODEL", "rows.csv", "--out", "p"], "p was kept as it is: it is not what the state"),
    ],
)
def test_a_state_goes_with_the_options_that_it_was_begun_with(model, capsys, change, said) -> None:
    assert run(model, "rows.csv", "--no-follow", "--state", "s", "--out", "o") == 0
    other = load(model)
    save(other.update(3.0), "other")
    Path("p").write_text("something else\n")
    arguments = [model if each == "MODEL" else each for each in change]
    follow = ["--no-follow"] if "rows.csv" in arguments else []
    assert run(*arguments, *follow, "--state", "s") == 2
    assert f"error: {said}" in capsys.readouterr().err
    assert Path("p").read_text() == "something else\n"


def test_files_that_cannot_be_used(model, capsys) -> None:
    save(LSTM(1, [2]), "lstm")
    Path("taken").write_text("mine\n")
    for arguments, said in (
        (("lstm", "rows.csv"), "lstm holds a LSTM, expected a Forecaster"),
        (("none", "rows.csv"), "there is no file none"),
        ((model, "none.csv"), "there is no file none.csv"),
        ((model, "."), ". is a folder, expected a file"),
        ((model, "rows.csv", "--out", "taken"), "taken exists already and was kept"),
        ((model, "rows.csv", "--out", "no/out"), "no/out cannot be written: No such file"),
        ((model, "rows.csv", "--state", "no/s"), "no/s cannot be written: No such file"),
        ((model, "rows.csv", "--state", "rows.csv.1"), "rows.csv.1 is not a file that Gatework"),
        (
            (model, "rows.csv", "--state", "lstm"),
            "lstm holds a LSTM, expected the state of a watch",
        ),
        ((model, "rows.csv", "--state", "new", "--new-file"), "there is no state new for --new-f"),
    ):
        Path("rows.csv.1").write_text("x" * 200)
        assert run(*arguments, "--no-follow") == 2, arguments
        assert f"error: {said}" in capsys.readouterr().err
    assert Path("taken").read_text() == "mine\n"
    assert run(model, "rows.csv", "--no-follow", "--state", "s") == 0
    assert run("s", "rows.csv", "--no-follow") == 2
    assert "s holds a Watch, expected a Forecaster\nhint: --state goes" in capsys.readouterr().err
    watch = load("s")
    watch.position = {"reader": 1}
    save(watch, "s", overwrite=True)
    assert run(model, "rows.csv", "--no-follow", "--state", "s") == 2
    assert "s is no state to go on from: its position must have" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--replay",), "--replay goes with --state STATE"),
        (("rows.csv", "--save-every", "2"), "--save-every goes with --state"),
        (("rows.csv", "--replay", "--state", "s"), "--replay is for the standard input"),
        (("--no-follow",), "--no-follow goes with FILE"),
        (("rows.csv", "--state", "rows.csv"), "--state must be a file of its own"),
        (("rows.csv", "--state", "s", "--out", "s"), "--out must be a file of its own"),
    ],
)
def test_options_that_do_not_go_together(model, capsys, options, said) -> None:
    assert run(model, *options) == 2
    assert said in capsys.readouterr().err


class Running:
    """A watch that follows rows.csv in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [GATEWORK, "watch", *arguments], stderr=subprocess.PIPE, text=True
        )

    def until(self, count: int, file: str = "out") -> None:
        """Wait until the output has so many lines."""
        began = time.monotonic()
        path = Path(file)
        while not path.exists() or path.read_text().count("\n") < count:
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.02)

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal, and return the exit code and what was said."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@pytest.fixture
def running(model) -> Iterator[list[Running]]:
    """Processes that are killed at the end of the test."""
    started: list[Running] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_cleanly(model, running, number) -> None:
    running.append(Running(model, "rows.csv", "--state", "s", "--out", "out"))
    running[0].until(3)
    add("2004-04,4\n")
    running[0].until(4)
    code, said = running[0].end(number)
    assert code == 0
    assert said == "4 rows, 1 alarm: 1 outside\n"
    assert load("s").rows == 4


def test_two_watches_do_not_write_one_state(model, running, capsys) -> None:
    running.append(Running(model, "rows.csv", "--state", "s", "--out", "out"))
    running[0].until(3)
    assert run(model, "rows.csv", "--no-follow", "--state", "s", "--out", "out") == 2
    assert "another gatework watch is writing s\nhint: give each its own" in capsys.readouterr().err


def test_a_kill_neither_misses_nor_repeats_a_row(model, running, capsys) -> None:
    options = (model, "rows.csv", "--json", "--state", "s", "--out", "out")
    rng = np.random.default_rng(0)
    for number in range(3):
        before = Path("rows.csv").read_text().count("\n") - 1
        months = range(3 + 40 * number, 43 + 40 * number)
        text = [f"{2004 + m // 12}-{m % 12 + 1:02d},{rng.poisson(5)}\n" for m in months]
        add("".join(text))
        running.append(Running(*options))
        running[-1].until(before + 4 * number)  # in the middle of the rows that were added
        assert running[-1].end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert run(*options, "--no-follow") == 0
    assert run(model, "rows.csv", "--json", "--no-follow", "--out", "whole") == 0
    assert Path("out").read_text() == Path("whole").read_text()
    assert len(lines(Path("out").read_text())) == 123
    assert "123 rows" in capsys.readouterr().err


def test_rows_that_the_model_knows_are_told_beside_the_others(model, capsys) -> None:
    Path("rows.csv").write_text("Month,FAULTS\n2003-11,5\nDec 2003,4\n2004-01,5\n")
    assert run(model, "rows.csv", "--no-follow", "--json", "--column", "faults") == 0
    captured = capsys.readouterr()
    (row,) = lines(captured.out)
    assert (row["row"], row["period"], row["alarms"]) == (1, "2004-01", [])
    told = "2 rows are already known to the model: 2003-11 to 2003-12"
    assert captured.err.startswith(told)
    assert captured.err.endswith("\n1 row, no alarms\n")


@pytest.mark.parametrize("text", ["month,faults\n", "Report\r\n\r\n"])
def test_text_without_a_row_is_an_error(model, capsys, text) -> None:
    Path("rows.csv").write_text(text)
    assert run(model, "rows.csv", "--no-follow") == 2
    assert "no row of values\nhint: a row such as: 2005-03,7" in capsys.readouterr().err
    Path("rows.csv").write_text("")
    assert run(model, "rows.csv", "--no-follow") == 0


def test_old_line_ends_and_encodings(model, capsys) -> None:
    text = "month,faults\r2004-01,5\r2004-02,4\r2004-03,60\r"
    for data, options in (
        (text.encode("mac-roman"), ()),
        (text.encode("utf-16"), ()),
        (text.replace("\r", "\r\n").encode("utf-16-be"), ("--encoding", "utf-16-be")),
    ):
        Path("rows.csv").write_bytes(data)
        assert run(model, "rows.csv", "--no-follow", "--json", *options) == 0
        found = [(row["period"], row["value"]) for row in lines(capsys.readouterr().out)]
        assert found == [("2004-01", 5), ("2004-02", 4), ("2004-03", 60)]
