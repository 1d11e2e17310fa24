"""``gatework forecast`` from file to report."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from running import run

from brief_training import brief_command, brief_script
from gatework import load
from gatework.forecast.scores import SCORE_COLUMNS
from gatework.search import read_ledger
from tolerances import PATIENCE

GATEWORK = Path(sys.executable).with_name("gatework")
MONTHS = [f"{2000 + i // 12}-{i % 12 + 1:02d}" for i in range(60)]


def table(path: Path, values=None, header: str = "month,faults", separator: str = ",") -> str:
    """Write a monthly table and return its path."""
    values = np.random.default_rng(0).poisson(5, 60) if values is None else values
    lines = [f"{month}{separator}{value}" for month, value in zip(MONTHS, values, strict=False)]
    path.write_text("\n".join([header.replace(",", separator), *lines]) + "\n")
    return str(path)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, brief_training) -> Path:
    """A folder with a table and the results of forecasting it."""
    folder = tmp_path_factory.mktemp("finished")
    file = table(folder / "my_failures.csv")
    quick = ("--horizon", "3", "--trials", "1", "--workers", "1", "--seed", "1")
    code = run("forecast", file, "--column", "faults", *quick, "--out", str(folder / "out"))
    assert code == 0
    return folder


def test_every_result_is_written(finished) -> None:
    out = finished / "out"
    assert sorted(p.name for p in out.iterdir()) == [
        "forecast.csv",
        "model.safetensors",
        "report.html",
        "scores.csv",
        "search.sqlite",
    ]
    rows = list(csv.DictReader((out / "forecast.csv").read_text().splitlines()))
    assert [row["ds"] for row in rows] == ["2005-01-01", "2005-02-01", "2005-03-01"]
    model = load(out / "model.safetensors")
    assert [repr(point.value) for point in model.predict()] == [row["forecast"] for row in rows]
    scores = list(csv.DictReader((out / "scores.csv").read_text().splitlines()))
    assert {row["model"] for row in scores} >= {
        "LSTM",
        "last value",
        "trailing mean",
        "Holt-Winters",
    }
    assert tuple(scores[0]) == SCORE_COLUMNS
    assert {(row["unique_id"], row["part"]) for row in scores} == {("faults", "test")}
    report = (out / "report.html").read_text()
    assert "faults" in report
    assert "2005-03" in report
    assert len(read_ledger(out / "search.sqlite")) == 1


def test_a_network_that_was_trained_before_forecasts_at_once(tmp_path, capsys) -> None:
    file = table(tmp_path / "a.csv")
    assert run("forecast", file, "--horizon", "3", "--out", "out", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["method"], found["trials"], found["best_parameters"]) == ("pretrained", 0, {})
    assert "ledger" not in found
    assert set(found["scores"]["LSTM"]) == {"1", "2", "3"}
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "forecast.csv",
        "model.safetensors",
        "report.html",
        "scores.csv",
    ]
    page = Path("out/report.html").read_text()
    assert "No search was made" not in page
    assert "trained on many other series" in page


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_few_values_are_forecast(tmp_path, capsys, n) -> None:
    file = table(tmp_path / "a.csv", [3, 5, 4, 6][:n])
    assert run("forecast", file, "--horizon", "2", "--frequency", "MS") == 0
    said = capsys.readouterr().out
    assert "note: nothing is scored: only from 24 values on" in said
    assert "RMSE" not in said
    assert "No model could be scored" in Path(said.splitlines()[-1]).read_text()


def test_people_get_tables_a_verdict_and_the_report_last(tmp_path, capsys) -> None:
    file = table(tmp_path / "a.csv")
    assert run("forecast", file, "--horizon", "2", "--trials", "1", "--workers", "1") == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[-1] == "gatework-faults/report.html"
    assert Path(lines[-1]).exists()
    assert any("1 step ahead: " in line for line in lines)
    assert any("Holt-Winters" in line and "/" in line for line in lines)
    assert "2005-01" in captured.out
    assert run("forecast", file, "--horizon", "2", "--trials", "1", "--workers", "1") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "gatework-faults-2/report.html"


def test_a_name_in_brackets_is_printed_as_it_stands(tmp_path, capsys) -> None:
    file = table(tmp_path / "a.csv", header="month,faults [bold]")
    quick = ("--horizon", "1", "--trials", "1", "--workers", "1")
    assert run("forecast", file, *quick, "--language", "zh") == 0
    said = capsys.readouterr().out
    assert "faults [bold]: the" in said
    assert "faults [bold]：未来" in Path(said.splitlines()[-1]).read_text()


def test_machines_get_one_json_object_and_nothing_else(tmp_path, capsys) -> None:
    arguments = ("--demo", "--seed", "1", "--trials", "2", "--workers", "1", "--json")
    assert run("forecast", *arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert run("forecast", *arguments) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    found = json.loads(captured.out)
    assert found["forecast"] == first["forecast"]
    assert found["scores"] == first["scores"]
    assert found["report"] != first["report"]
    promised = "series horizon forecast scores best_parameters trials seconds report model"
    assert set(promised.split()) <= set(found)
    assert found["horizon"] == len(found["forecast"]) == 12
    assert list(found["forecast"][0]) == ["unique_id", "ds", "forecast", "lower-90", "upper-90"]
    assert set(found["scores"]["LSTM"]) == {"1", "2", "3", "6", "12"}
    assert found["trials"] == 2
    assert Path(found["report"]).exists()
    assert Path(found["model"]).exists()


def test_the_method_and_the_model_can_be_chosen(tmp_path, capsys) -> None:
    file = table(tmp_path / "my_failures.csv")
    quick = ("--column", "faults", "--horizon", "2", "--trials", "1", "--workers", "1")
    chosen = ("--method", "recursive", "--model", "auto")
    assert run("forecast", file, *quick, *chosen, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["method"], found["forecast_model"]) == ("recursive", "auto")
    assert "window" in found["best_parameters"]
    assert {"auto", "LSTM", "last value"} <= set(found["scores"])
    assert "auto" not in found["winners"].values()
    model = load(found["model"])
    assert [point.value for point in model.predict()] == [p["forecast"] for p in found["forecast"]]
    html = Path(found["report"]).read_text()
    assert "auto: " in html


def test_a_mean_of_models_asks_for_no_search(tmp_path, capsys) -> None:
    file = table(tmp_path / "my_failures.csv")
    asked = ("--column", "faults", "--horizon", "2", "--model", "auto", "--out", "o", "--json")
    assert run("forecast", file, *asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["method"], found["forecast_model"], found["trials"]) == ("pretrained", "auto", 0)
    assert not Path("o/search.sqlite").exists()
    assert not any("the forecast is that of" in note for note in found["notes"])


def test_events_are_counted(tmp_path, capsys) -> None:
    days = [f"2004-{1 + i % 12:02d}-{1 + i % 27:02d}" for i in range(300)]
    (tmp_path / "log.csv").write_text("date;what\n" + "".join(f"{d};fault\n" for d in days))
    code = run(
        *("forecast", "log.csv", "--events", "date", "--period", "week", "--json"),
        *("--trials", "1", "--workers", "1", "--horizon", "2", "--format", "json"),
    )
    assert code == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["forecast"]) == 2
    written = json.loads(Path(found["forecast_file"]).read_text())
    assert written == found["forecast"]


def refused(capsys, *arguments: str) -> str:
    """Run a command that must be refused at once, and return what it said."""
    before = sorted(Path.cwd().rglob("*"))
    assert run("forecast", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sorted(Path.cwd().rglob("*")) == before
    return captured.err


def values_with(row: int, cell: object) -> list:
    values: list = [3 + i % 4 for i in range(60)]
    values[row - 2] = cell  # row 1 is the header
    return values


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (values_with(17, "n/a"), ("--search",), "column 'faults', row 17: 'n/a' is not a number"),
        (values_with(17, ""), ("--search",), "column 'faults', row 17: the value is empty"),
        (values_with(9, "inf"), (), "row 9"),
        (values_with(9, -3), (), "row 9"),
        ([3, 1, 4], ("--search",), "need at least 24"),
        (None, ("--horizon", "50", "--search"), "need at least 100"),
        (None, ("--column", "fautls"), "faults"),
    ],
)
def test_bad_tables_are_refused_before_any_work(tmp_path, capsys, values, options, message) -> None:
    said = refused(capsys, table(tmp_path / "bad.csv", values), *options)
    assert said.startswith("error: ")
    assert message in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("month,faults\n", "no rows"),
        ("month\n2000-01\n2000-02\n", "month"),
        ("month,faults\n2000-01,1\n2000-01,2\n2000-03,2\n", "row 3"),
        ("month,faults\n2000-01,1\n2000-01,2\n2000-02,2\n", "row 3"),
        ("month,faults\n2000-01,\n2000-02,\n2000-03,\n", "has no value at all"),
    ],
)
def test_bad_files_are_refused_before_any_work(tmp_path, capsys, content, message) -> None:
    (tmp_path / "bad.csv").write_text(content)
    said = refused(capsys, "bad.csv")
    assert said.startswith("error: ")
    assert message in said


def test_how_a_table_was_read_is_said_where_it_is_of_no_use(tmp_path, capsys) -> None:
    rows = "".join(f"2021年{month}月,{month}\n" for month in range(1, 5))
    (tmp_path / "short.csv").write_bytes(f"日期,故障数\n{rows}".encode("gb18030"))
    assert run("forecast", str(tmp_path / "short.csv"), "--horizon", "3", "--search") == 2
    said = capsys.readouterr().err
    assert "note: the text is read as gb18030" in said
    assert "error: series '故障数' has 4 values" in said


def test_hints_name_the_next_thing_to_type(tmp_path, capsys) -> None:
    gaps = table(tmp_path / "a.csv", values_with(17, "n/a"))
    assert "--missing interpolate" in refused(capsys, gaps, "--search")
    (tmp_path / "rows.csv").write_text("month,faults\n2000-01,1\n2000-02,2\n2000-05,2\n")
    assert "no row for '2000-03'" in refused(capsys, str(tmp_path / "rows.csv"), "--trials", "1")
    assert "--allow-negative" in refused(capsys, table(tmp_path / "b.csv", values_with(9, -3)))
    assert "--column faults" in refused(capsys, table(tmp_path / "c.csv"), "--column", "fautls")


def test_missing_values_are_told_and_gone_on_over(tmp_path, capsys) -> None:
    values = values_with(17, "")
    values[30] = ""
    file, out = table(tmp_path / "gaps.csv", values), str(tmp_path / "o")
    assert run("forecast", file, "--horizon", "2", "--out", out) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 values of 'faults' are missing (rows 17, 32); the network goes on over them" in said
    assert run("forecast", file, "--horizon", "2", "--out", out + "2", "--missing", "zero") == 0
    assert "2 missing values were filled with 0" in " ".join(capsys.readouterr().out.split())
    (tmp_path / "rows.csv").write_text("month,faults\n2000-01,1\n2000-02,2\n2000-05,2\n")
    rows = str(tmp_path / "rows.csv")
    assert run("forecast", rows, "--horizon", "2", "--out", out + "3", "--json") == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("2 values of 'faults' are missing (2000-03, 2000-04)" in note for note in notes)


def test_the_cures_work(tmp_path, capsys) -> None:
    quick = ("--trials", "1", "--workers", "1", "--horizon", "1", "--json")
    gaps = table(tmp_path / "gaps.csv", values_with(17, "n/a"))
    assert run("forecast", gaps, "--missing", "interpolate", *quick) == 0
    negative = table(tmp_path / "negative.csv", values_with(9, -3))
    assert run("forecast", negative, "--allow-negative", *quick) == 0
    constant = table(tmp_path / "constant.csv", [4] * 60)
    capsys.readouterr()
    assert run("forecast", constant, *quick) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["forecast"][0]["forecast"] == pytest.approx(4.0, abs=1e-4)
    assert any("the series is constant" in note for note in found["notes"])


def test_a_missing_file_is_named(capsys) -> None:
    assert "nowhere.csv" in refused(capsys, "nowhere.csv")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "FILE is missing"),
        (("--demo", "x.csv"), "--demo brings its own series"),
        (("x.csv", "--events", "date"), "--events and --period go together"),
        (("x.csv", "--resume"), "--resume needs the folder"),
        (("--demo", "--out", "o", "--resume", "--overwrite"), "exclude each other"),
        (("x.csv", "--system", "system_2"), "--system goes with --demo"),
        (("x.csv", "--budget", "soon"), "'soon' is not a span of time such as 90s, 2m or 1h"),
        (("--demo", "--column", "a"), "--column does not go with --demo"),
        (("x.csv", "--overwrite"), "--overwrite goes with --out FOLDER"),
        (("--demo", "--method", "pretrained", "--trials", "2"), "--trials does not go with"),
        (("--demo", "--method", "pretrained", "--search"), "--search does not go with"),
    ],
)
def test_wrong_use_is_refused(capsys, arguments, message) -> None:
    assert message in " ".join(refused(capsys, *arguments).split())


def test_options_of_many_series_are_refused_where_the_table_has_one(tmp_path, capsys) -> None:
    said = refused(capsys, table(tmp_path / "a.csv"), "--members", "2")
    assert "--members goes with covariates or --id-column" in said
    assert "nowhere.csv" in refused(capsys, "nowhere.csv", "--members", "2")
    for option in (("--train",), ("--each",)):
        assert f"{option[0]} goes with" in refused(capsys, str(tmp_path / "a.csv"), *option)


@pytest.mark.parametrize("more", [("--total", "--at-least", "5"), ("--each",)])
def test_options_of_many_series_go_with_names_that_tell_them_apart(tmp_path, capsys, more) -> None:
    file = tmp_path / "shops.csv"
    rows = [f"{s},20{t // 12:02d}-{t % 12 + 1:02d}-01,{3 + t % 5}" for s in "AB" for t in range(30)]
    file.write_text("unique_id,ds,y\n" + "\n".join(rows) + "\n")
    assert run("forecast", str(file), "--horizon", "2", "--out", str(tmp_path / "o"), *more) == 0
    made = {path.name for path in (tmp_path / "o").iterdir()}
    assert ("each.jsonl" if "--each" in more else "total.csv") in made


def test_results_that_are_there_are_kept(tmp_path, capsys) -> None:
    file = table(tmp_path / "a.csv")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("mine")
    said = refused(capsys, file, "--out", str(out))
    assert "holds files already and was kept" in said
    assert "--overwrite" in said
    assert (out / "report.html").read_text() == "mine"
    (out / "notes.txt").write_text("also mine")
    quick = ("--trials", "1", "--workers", "1", "--horizon", "1")
    assert run("forecast", file, "--out", str(out), "--overwrite", *quick) == 0
    assert (out / "report.html").read_text() != "mine"
    assert (out / "notes.txt").read_text() == "also mine"


def test_a_place_that_cannot_be_written_is_said_before_any_work(tmp_path, capsys) -> None:
    file = table(tmp_path / "a.csv")
    assert "is a file, expected a folder" in refused(capsys, file, "--out", file)
    assert "cannot be written" in refused(capsys, file, "--out", f"{file}/below")


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path) -> None:
    """The limit on the size of a file stands in for the disk: the model does not fit."""
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))\n"
    )
    file = table(tmp_path / "a.csv")
    quick = ("--trials", "1", "--workers", "1", "--horizon", "1")
    command = ("forecast", file, "--out", "out", *quick)
    result = subprocess.run(
        [sys.executable, "-c", script + brief_script("shorten_fits"), *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert result.returncode == 2
    assert "model.safetensors cannot be written" in result.stderr
    assert "free some space" in result.stderr
    assert sorted(p.name for p in Path("out").iterdir()) == ["search.sqlite"]


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_resume(tmp_path) -> None:
    file = table(tmp_path / "a.csv")
    arguments = [str(GATEWORK), "forecast", file, "--out", "out", "--seed", "2", "--workers", "2"]
    arguments += ["--trials", "4", "--horizon", "2", "--method", "recursive"]
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    ledger = Path("out/search.sqlite")
    deadline = time.monotonic() + PATIENCE
    while not (ledger.exists() and ledger.stat().st_size and _trials(ledger)):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "the search was interrupted" in said
    assert "Traceback" not in said
    command = said.split("hint: ")[1].strip()
    assert command.endswith("--resume")
    kept = _trials(ledger)
    assert kept >= 1
    assert run(*command.split()[1:], "--workers", "1") == 0
    assert _trials(ledger) == 4


def _trials(ledger: Path) -> int:
    try:
        return len(read_ledger(ledger))
    except ValueError:  # its tables are being made
        return 0


def test_progress_and_logs_do_not_reach_the_standard_output(tmp_path) -> None:
    file = table(tmp_path / "a.csv")
    result = subprocess.run(
        brief_command("forecast", file, "--json", "--trials", "2", "--horizon", "1"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["trials"] == 2
    assert "\x1b" not in result.stdout + result.stderr


def test_what_the_periods_come_to_together_is_told(tmp_path, capsys) -> None:
    file, out = table(tmp_path / "a.csv"), tmp_path / "o"
    asked = ("--horizon", "3", "--total", "--at-least", "1", "--at-least", "5000")
    assert run("forecast", file, *asked, "--out", str(out), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (total,) = found["total"]
    assert total["total"] == pytest.approx(sum(row["forecast"] for row in found["forecast"]))
    assert total["lower-90"] < total["total"] < total["upper-90"]
    assert (total["at-least-1"], total["at-least-5000"]) == (1.0, 0.0)
    assert found["network"] == "pretrained"
    (row,) = csv.DictReader((out / "total.csv").read_text().splitlines())
    assert float(row["total"]) == total["total"]
    report = (out / "report.html").read_text()
    assert "together" in report
    assert "chance of 5000 or more" in report.replace(",", "")
    assert run("forecast", file, "--search", "--total", "--out", str(tmp_path / "p")) == 2
    said = capsys.readouterr().err
    assert "networks of the method 'es-lstm' draw no paths" in said
    assert "leave the search out" in said
    assert "--at-least must be a number" in refused(capsys, file, "--at-least", "nan")
