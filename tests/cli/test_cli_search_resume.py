"""``gatework search resume``: the command that began a search is run again, and only that."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework.forecast.es_lstm.method import SmoothingMethod
from gatework.search import Axis, Outcome, layered_search, read_ledger
from gatework.tabular import sources

LEDGER, FILE = Path("out/search.sqlite"), "failures.csv"


@pytest.fixture(scope="module")
def begun(tmp_path_factory, brief_training) -> Path:
    """Return a folder with a series and the finished search of two trials on it."""
    folder = tmp_path_factory.mktemp("begun")
    values = np.random.default_rng(0).poisson(6, 40)
    rows = [f"{2000 + t // 12}-{t % 12 + 1:02d},{v}\n" for t, v in enumerate(values)]
    (folder / "failures.csv").write_text("".join(["month,faults\n", *rows]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        begin = ("forecast", "failures.csv", "--column", "faults", "--horizon", "2", "--seed", "7")
        assert run(*begin, "--trials", "2", "--workers", "1", "--out", "out") == 0
    return folder


@pytest.fixture(autouse=True)
def folder(begun, tmp_path, monkeypatch, brief_training) -> Path:
    """Stand in a copy of it."""
    shutil.copytree(begun, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path


def rewrite(key: str, value: object) -> None:
    with sqlite3.connect(LEDGER) as connection:
        connection.execute("UPDATE search SET value = ? WHERE key = ?", (json.dumps(value), key))
    connection.close()


def origin() -> dict:
    with sqlite3.connect(LEDGER) as connection:
        rows = dict(connection.execute("SELECT key, value FROM search"))
    connection.close()
    return json.loads(rows["origin"])


def test_a_search_goes_on_from_anywhere_with_more_trials(folder, monkeypatch, capsys) -> None:
    before = read_ledger(LEDGER)
    (folder / "copy").rename(folder / "moved")  # the ledger knows its folder by a relative path
    monkeypatch.chdir(folder)
    ledger, file = "moved/out/search.sqlite", "moved/failures.csv"
    assert run("search", "resume", ledger, file, "--trials", "3", "--workers", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["horizon"] == 2
    assert Path(found["ledger"]) == folder / "moved/out/search.sqlite"
    after = read_ledger(ledger)
    assert after[:2] == before
    assert len(after) == 3
    assert Path.cwd() == folder


def test_a_ledger_of_an_earlier_version_says_more_than_counts(capsys) -> None:
    rewrite(
        "origin", origin() | {"options": origin()["options"] | {"members": 3, "column": "faults"}}
    )
    assert run("search", "resume", str(LEDGER), FILE, "--json") == 0
    assert json.loads(capsys.readouterr().out)["trials"] == 2


def test_the_ledger_says_how_it_was_begun_by_name_and_without_where_to() -> None:
    assert origin() == {
        "command": "forecast",
        "folder": "..",
        "options": {
            "file": "failures.csv",
            "column": ["faults"],
            "horizon": 2,
            "trials": 2,
            "seed": 7,
            "level": 0.9,
            "model": "lstm",
            "engine": "local",
            "table_format": "csv",
            "language": "en",
        },
        "style": {"time_column": "month", "column": "faults", "frequency": "MS"},
        "series": {
            "name": "faults",
            "frequency": "MS",
            "first period": "2000-01",
            "last period": "2003-04",
            "number of values": 40,
            "first value": 3.0,
            "last value": 9.0,
            "sum of values": 262.0,
        },
    }


def test_a_table_that_changed_is_refused_and_what_differs_is_said(capsys) -> None:
    table = Path("failures.csv")
    again = ("forecast", "failures.csv", "--horizon", "2", "--seed", "7", "--trials", "2")
    again = (*again, "--workers", "1", "--out", "out", "--resume")
    text = table.read_text()
    table.write_text(text + "2003-05,4\n")
    assert run(*again) == 2
    told = capsys.readouterr().err
    assert "series 'faults' is not the one that the search in out/search.sqlite began with" in told
    assert "its last period was 2003-04 and is 2003-05, its number of values was 40 and is" in told
    table.write_text(text.replace("2001-07,", "2001-07,9"))
    assert run(*again) == 2
    assert "its sum of values was 262.0 and is 1162.0" in capsys.readouterr().err
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "its sum of values was 262.0" in capsys.readouterr().err


def test_the_table_is_read_as_when_the_search_began(capsys) -> None:
    rewrite("origin", origin() | {"style": origin()["style"] | {"decimals": {"": ","}}})
    table, again = Path("failures.csv"), ("forecast", "failures.csv", "--horizon", "2", "--seed")
    again = (*again, "7", "--trials", "2", "--workers", "1", "--out", "out", "--resume")
    text = table.read_text()
    table.write_text(text.replace("2001-07,", "2001-07,0."))
    assert run(*again) == 2
    assert "column 'faults', row 20: '0." in capsys.readouterr().err
    hours = [f"{line},{n}" for n, line in enumerate(text.splitlines()[1:], 5)]
    table.write_text("\n".join(["month,faults,hours", *hours]))
    assert run(*again, "--json") == 0
    assert json.loads(capsys.readouterr().out)["series"] == "faults"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": "watch"}, "not of a kind that Gatework writes"),
        ({"folder": "/"}, "not of a kind that Gatework writes"),
        ({"folder": 3}, "not of a kind that Gatework writes"),
        ({"style": {"decimals": {"faults": "x"}}}, "decimals of a reading style cannot be"),
        ({"style": []}, "this is no reading style"),
        ({"more": 1}, "not of a kind that Gatework writes"),
        ({"options": {"file": {"a": 1}}}, "not of a kind that Gatework writes"),
        ({"options": {"file": "failures.csv", "out": "elsewhere"}}, "it has the option 'out'"),
        ({"options": {"file": "failures.csv", "overwrite": True}}, "it has the option 'overwrite'"),
        ({"options": {"network": "n.safetensors"}}, "it has the option 'network'"),
        ({"options": {"future": ["/etc/passwd"]}}, "it has the option 'future'"),
        ({"options": {"file": "x\0"}}, "not of a kind that Gatework writes"),
        ({"options": {"file": "failures.csv", "fly": True}}, "it has no option 'fly'"),
        ({"options": {"file": "failures.csv", "budget": "90000h"}}, "its budget is no number"),
        ({"options": {"file": "failures.csv", "horizon": -1}}, "-1 is not in the range"),
        ({"options": {"file": "failures.csv", "method": "x --demo"}}, "'x --demo' is not one of"),
    ],
)
def test_what_is_no_command_of_ours_is_refused(capsys, change, said) -> None:
    rewrite("origin", origin() | change)
    assert run("search", "resume", str(LEDGER), FILE) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "cannot be run again" in told
    assert "hint: gatework forecast FILE ... --out out --resume" in told


def test_a_search_begun_in_python_is_resumed_there(capsys) -> None:
    axes = [Axis("x", (0, 2, 4))]
    layered_search(lambda p, seed: Outcome(p["x"]), axes, trials=2, workers=1, ledger="py.sqlite")
    assert run("search", "resume", "py.sqlite") == 2
    told = capsys.readouterr().err
    assert "it was begun in Python" in told
    assert "layered_search(..., ledger='py.sqlite', resume=True)" in told


@pytest.mark.parametrize("file", ["../failures.csv", "/etc/hostname", "out/link.csv"])
def test_a_ledger_opens_nothing_outside_its_folder(capsys, monkeypatch, file) -> None:
    """Whoever edits a ledger reaches neither a file of the user nor a machine."""
    Path("out/link.csv").symlink_to(Path("failures.csv").absolute())
    asks = {"file": file, "engine": "ray", "address": "127.0.0.1:9"}
    rewrite("origin", origin() | {"options": origin()["options"] | asks})
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it connects"))
    monkeypatch.setattr(sources, "bytes_of", lambda *_: pytest.fail("it reads"))
    assert run("search", "resume", str(LEDGER)) == 2
    told = capsys.readouterr().err
    seen = os.path.normpath(Path("..", file))
    assert f"asks for the file {seen!r} (seen from its folder) and for the engine 'ray'" in told
    assert "the engine 'ray' at '127.0.0.1:9'; only the command line is heard" in told
    assert "hint: gatework search resume out/search.sqlite FILE --engine local\n" in told
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "hint: gatework search resume out/search.sqlite --engine local\n" in (
        capsys.readouterr().err
    )


def test_engine_and_address_are_those_of_the_command_line(capsys, monkeypatch) -> None:
    """A table within the folder of the ledger needs no name."""
    Path("failures.csv").rename("out/failures.csv")
    asks = {"file": "out/failures.csv", "engine": "ray", "address": "stranger:6379"}
    rewrite("origin", origin() | {"options": origin()["options"] | asks})
    assert run("search", "resume", str(LEDGER), "--engine", "local", "--json") == 0
    assert json.loads(capsys.readouterr().out)["trials"] == 2
    assert origin()["options"]["engine"] == "local"


def test_what_costs_days_is_asked_for_by_the_command_line_alone(capsys) -> None:
    asks = {"trials": 10**9, "classics": 7200.0}
    rewrite("origin", origin() | {"options": origin()["options"] | asks})
    assert run("search", "resume", str(LEDGER), FILE, "--trials", "2") == 2
    told = capsys.readouterr().err
    assert "search.sqlite asks for 7,200 seconds of classical models, more than 3,600; only" in told
    assert "hint: gatework search resume out/search.sqlite --classics 7200\n" in told
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "1,000,000,000 trials, more than 10,000 and for 7,200" in capsys.readouterr().err


def test_what_is_gone_is_said(capsys) -> None:
    Path("failures.csv").unlink()
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "'failures.csv' does not exist" in capsys.readouterr().err
    LEDGER.rename("out/other.sqlite")
    assert run("search", "resume", "out/other.sqlite") == 2
    told = capsys.readouterr().err
    assert "out/other.sqlite is not called search.sqlite" in told
    assert "mv out/other.sqlite out/search.sqlite" in told
    assert run("search", "resume", "nothing.sqlite") == 2
    assert "nothing.sqlite is not there" in capsys.readouterr().err


def test_other_data_than_before_are_refused(capsys) -> None:
    text = Path("failures.csv").read_text()
    Path("failures.csv").write_text(text.replace("2000-01,", "2000-01,9"))
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "its first value was 3.0 and is 93.0" in capsys.readouterr().err
    rewrite("origin", {k: v for k, v in origin().items() if k != "series"})  # as of before
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "is the ledger of another search: fingerprint was" in capsys.readouterr().err
    assert len(read_ledger(LEDGER)) == 2


def test_an_exhaustive_search_stays_one(capsys) -> None:
    options = origin()["options"] | {"exhaustive": True}
    rewrite("origin", origin() | {"options": options})
    assert run("search", "resume", str(LEDGER), FILE, "--trials", "5") == 2
    assert "--exhaustive excludes --trials and --budget" in capsys.readouterr().err


def test_damage_is_said(capsys) -> None:
    with sqlite3.connect(LEDGER) as connection:
        connection.execute("UPDATE trials SET status = 'maybe' WHERE number = 1")
    connection.close()
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "is no ledger or is damaged" in capsys.readouterr().err
    rewrite("version", "none")
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "ledger version none" in capsys.readouterr().err


def test_an_exhaustive_search_says_how_many_points_it_has(capsys, monkeypatch) -> None:
    def narrowed(self, series, cut):
        return [
            axis if axis.name == "correction" else replace(axis, values=axis.values[:1])
            for axis in axes(self, series, cut)
        ]

    axes = SmoothingMethod.axes
    monkeypatch.setattr(SmoothingMethod, "axes", narrowed)
    begin = ("forecast", "failures.csv", "--column", "faults", "--horizon", "2", "--workers", "1")
    assert run(*begin, "--exhaustive", "--out", "all") == 0
    assert "exhaustive search: 2 points, three networks each" in capsys.readouterr().err
    firsts = [trial for trial in read_ledger("all/search.sqlite") if trial.seed == 0]
    assert {trial.parameters["correction"] for trial in firsts} == {False, True}
    assert run(*begin, "--exhaustive", "--trials", "3", "--out", "none") == 2
    assert "--exhaustive excludes --trials and --budget" in capsys.readouterr().err


def test_the_table_is_read_again_as_it_was(capsys) -> None:
    """Without what the ledger says of it, one dot in the last row would make it another series."""
    before = read_ledger(LEDGER)
    rewrite("origin", {name: value for name, value in origin().items() if name != "style"})
    assert run("search", "resume", str(LEDGER), FILE) == 0  # one of before
    known = {"decimals": {"faults": ","}, "column": "faults"}
    rewrite("origin", origin() | {"style": known})
    table = Path("failures.csv")
    table.write_text(table.read_text().replace(",", ";"))
    assert run("search", "resume", str(LEDGER), FILE, "--json") == 0
    assert read_ledger(LEDGER) == before
    table.write_text(table.read_text().rstrip() + ".5\n")
    assert run("search", "resume", str(LEDGER), FILE) == 2
    assert "is not a number where ',' begins the decimals" in capsys.readouterr().err
