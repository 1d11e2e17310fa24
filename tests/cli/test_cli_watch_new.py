"""``gatework watch`` of a new series, without a model."""

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

from gatework.forecast import read_series
from gatework.forecast.pretrained.fitted import FEWEST_TOLD, FittedPretrained
from gatework.forecast.pretrained.plain import plain_mean, serving
from tolerances import PATIENCE

GATEWORK = Path(sys.executable).with_name("gatework")
COUNTS = np.random.default_rng(0).poisson(5, 24)


def rows(values, header: str = "month,faults\n") -> str:
    return header + "".join(
        f"{2000 + place // 12}-{place % 12 + 1:02d},{value}\n" for place, value in enumerate(values)
    )


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text(rows(COUNTS))


def watch(capsys, *arguments: str, code: int = 0) -> list[dict]:
    """Run the command in this process, and return its lines."""
    assert run("watch", *arguments, "--json") == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def fed(text: str, *arguments: str) -> int:
    """Run the command in this process with a standard input."""
    kept, (reader, writer) = os.dup(0), os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    os.dup2(reader, 0)
    try:
        return run("watch", *arguments)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reader)


def test_it_forecasts_from_the_first_value_on_as_the_whole_series_is_forecast(capsys) -> None:
    found = watch(capsys, "new.csv", "--no-follow")
    assert [row["value"] for row in found] == COUNTS.tolist()
    assert found[0]["forecast"] is None
    assert all(row["forecast"]["lower"] <= row["forecast"]["upper"] for row in found[1:])
    first = [row.get("waits", 0) for row in found[:FEWEST_TOLD]]
    assert first == list(range(FEWEST_TOLD - 1, -1, -1))
    (point,) = FittedPretrained.of(serving(), read_series("new.csv"), 1, 0.9).predict(1)
    expected = {"period": "2002-01", "value": point.value, "lower": point.lower}
    assert found[-1]["next"] == expected | {"upper": point.upper}


def test_alarms_wait_until_the_intervals_hold(capsys) -> None:
    wild = [5, 4, 900, 3, 5, 4, 6, 5, 5, 4, 900]
    Path("new.csv").write_text(rows(wild))
    found = watch(capsys, "new.csv", "--no-follow")
    assert [len(row["alarms"]) for row in found] == [0] * 8 + [len(found[8]["alarms"]), 0, 1]
    assert found[-1]["alarms"][0]["kind"] == "outside"
    assert run("watch", "new.csv", "--no-follow") == 0
    captured = capsys.readouterr()
    assert "alarms wait for 7 more values" in captured.out
    assert "series 'faults', its periods of frequency MS, a season of 12; its state takes " in (
        captured.err
    )


def test_it_goes_on_from_its_state_as_in_one_run(capsys) -> None:
    options = ("new.csv", "--no-follow", "--state", "s", "--out", "parts")
    text = Path("new.csv").read_text()
    lines = text.splitlines(keepends=True)
    for end in (4, 5, len(lines)):
        Path("new.csv").write_text("".join(lines[:end]))
        watch(capsys, *options)
    watch(capsys, "new.csv", "--no-follow", "--out", "whole")
    assert Path("parts").read_text() == Path("whole").read_text()
    assert run("watch", *options, "--level", "0.8") == 2
    assert "s was begun with another --level: 0.9, got 0.8" in capsys.readouterr().err
    plain_mean("for the test").save("own")
    assert run("watch", *options, "--network", "own") == 2
    assert "s is the state of another model than own" in capsys.readouterr().err


def test_the_standard_input_in_every_format(capsys) -> None:
    objects = "".join(json.dumps({"t": f"2005-0{n}", "v": n}) + "\n" for n in range(1, 5))
    for text, last in (("5\n4\n6", "4"), (rows(COUNTS), "2002-01"), (objects, "2005-05")):
        assert fed(text, "--json") == 0
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert found[-1]["next"]["period"] == last


def test_networks_of_ones_own_and_levels(capsys) -> None:
    plain_mean("for the test").save("own")
    usual = watch(capsys, "new.csv", "--no-follow")[-1]["next"]
    own = watch(capsys, "new.csv", "--no-follow", "--network", "own")[-1]["next"]
    wide = watch(capsys, "new.csv", "--no-follow", "--level", "0.99")[-1]["next"]
    assert own["value"] != usual["value"] == wide["value"]
    assert wide["upper"] > usual["upper"]
    Path("own").write_bytes(Path("own").read_bytes()[:-1])
    assert run("watch", "new.csv", "--no-follow", "--network", "own") == 2
    assert "own" in capsys.readouterr().err


def test_a_negative_value_among_counts_is_missing_unless_said_otherwise(capsys) -> None:
    Path("new.csv").write_text(rows([*COUNTS[:12], -3, 5]))
    bad, _ = watch(capsys, "new.csv", "--no-follow")[-2:]
    assert bad["value"] is None
    assert [alarm["kind"] for alarm in bad["alarms"]] == ["bad"]
    assert "--allow-negative takes such values" in bad["alarms"][0]["reason"]
    options = ("new.csv", "--no-follow", "--allow-negative", "--state", "s")
    taken, _ = watch(capsys, *options)[-2:]
    assert taken["value"] == -3
    Path("new.csv").write_text(rows([*COUNTS[:12], -3, 5, -4]))
    (again,) = watch(capsys, *options)
    assert again["value"] == -4
    Path("new.csv").write_text(rows([3, 4, 2, -1, 0, 2]))  # too few to be told counts
    assert not any(row["alarms"] for row in watch(capsys, "new.csv", "--no-follow"))


@pytest.mark.parametrize(
    ("text", "said", "cure"),
    [
        ("", "new.csv is empty", "a first row such as"),
        ("month,v\n", "there is a header, month, v, and no row", "a row such as"),
        ("day,v\n2005-03-07,1\n", "one date, 2005-03-07, does not tell", "--frequency D"),
        ("month,v\n2005-03,\n2005-04,NA\n", "new.csv has no value in any of its 2", "--column"),
        (
            "shop,month,v\na,2005-03,1\nb,2005-03,2\na,2005-04,1\nb,2005-04,4\n",
            "'2005-03' is repeated",
            "a stream is one series: awk",
        ),
        (
            "unique_id,ds,y\na,2005-03,1\nb,2005-03,2\na,2005-04,1\nb,2005-04,4\n",
            "holds 2 series",
            "a stream is one series: awk",
        ),
        (
            "shop,2005-01,2005-02,2005-03\na,1,2,3\nb,3,4,5\n",
            "the columns of new.csv are periods",
            "gatework forecast new.csv",
        ),
        ("month,a,b\n2005-03,1,2\n2005-04,3,4\n", "in any of the columns a, b", "--column a"),
    ],
)
def test_beginnings_that_do_not_tell_name_the_cure(capsys, text, said, cure) -> None:
    Path("new.csv").write_text(text)
    assert run("watch", "new.csv", "--no-follow") == 2
    told = capsys.readouterr().err
    assert said in told
    assert f"hint: {cure}" in told or cure in told.partition("hint: ")[2]


def test_columns_and_signs_are_told_by_all_rows_as_a_series_is_read(capsys) -> None:
    numbered = [f"{n},{1949 + n / 4},{112 + n}\n" for n in range(5)]
    Path("new.csv").write_text("rownames,time,value\n" + "".join(numbered))
    assert watch(capsys, "new.csv", "--no-follow")[-1]["next"]["period"] == "1950Q2"
    german = "Datum;Last\n01.03.2005;1.241,5\n02.03.2005;1.300,25\n13.03.2005;7\n"
    Path("new.csv").write_text(german)
    found = watch(capsys, "new.csv", "--no-follow")
    assert [(row["period"], row["value"]) for row in found] == [
        ("2005-03-01", 1241.5),
        ("2005-03-02", 1300.25),
        ("2005-03-13", 7.0),
    ]


def test_one_value_is_enough_where_the_frequency_is_told(capsys) -> None:
    for start, options in (("2005-03", ()), ("2005-03-07", ("--frequency", "W-MON"))):
        Path("new.csv").write_text(f"time,v\n{start},7\n")
        (row,) = watch(capsys, "new.csv", "--no-follow", *options)
        assert row["next"]["period"] == ("2005-03-14" if options else "2005-04")
        assert row["forecast"] is None


def test_missing_values_before_the_first_are_told_and_nothing_is_forecast(capsys) -> None:
    Path("new.csv").write_text("month,v\n2005-03,\n2005-04,\n2005-05,4\n2005-06,5\n")
    found = watch(capsys, "new.csv", "--no-follow")
    assert [row["forecast"] is None for row in found] == [True, True, True, False]
    assert [[one["kind"] for one in row["alarms"]] for row in found[:3]] == [["missing"]] * 2 + [[]]
    assert found[0]["next"] == {"period": "2005-04", "value": None, "lower": None, "upper": None}


def test_rows_that_are_wrong_are_alarms_and_no_end(capsys) -> None:
    Path("new.csv").write_text("month,v\n2005-03,1\n2005-04,many\n2005-05,5\n2005-05,5\n")
    found = watch(capsys, "new.csv", "--no-follow")
    assert [[one["kind"] for one in row["alarms"]] for row in found] == [[], ["bad"], [], ["order"]]


def test_options_that_a_model_keeps_do_not_go_with_one(capsys) -> None:
    Path("model.safetensors").write_bytes(b"")
    assert run("watch", "model.safetensors", "new.csv", "--level", "0.8") == 2
    assert "--level does not go with MODEL, which keeps its own" in capsys.readouterr().err


def test_it_waits_for_rows_that_tell_and_for_more(tmp_path) -> None:
    Path("new.csv").write_text("month,faults\n")
    command = [GATEWORK, "watch", "new.csv", "--out", "out", "--state", "s"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert "waiting for rows that tell the periods" in process.stderr.readline()
        for part in (rows(COUNTS[:2])[13:], rows(COUNTS[:4])[len(rows(COUNTS[:2])) :]):
            with Path("new.csv").open("a") as file:
                file.write(part)
        began = time.monotonic()
        while not Path("out").exists() or Path("out").read_text().count("\n") < 4:
            assert process.poll() is None
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert said.endswith("4 rows, no alarms\n")


def test_no_torch_is_needed(tmp_path) -> None:
    Path("torch.py").write_text("raise ImportError('there is no torch')\n")
    code = "import sys; from gatework.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "watch", "new.csv", "--no-follow", "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 24
