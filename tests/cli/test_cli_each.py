"""``gatework forecast --each``: a forecaster of its own for each series."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework import load
from gatework.forecast.scores import SCORE_COLUMNS
from gatework.look.canvas.numerals import percent, show_all

OPTIONS = ("--id-column", "shop", "--time-column", "month", "--column", "sales", "--each")
QUICK = ("--horizon", "2", "--trials", "1", "--workers", "1")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file() -> str:
    """Return a table of two shops."""
    draw = np.random.default_rng(0)
    with Path("sales.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["shop", "month", "sales"])
        for shop in ("a", "b"):
            for t in range(30):
                rows.writerow([shop, f"{2000 + t // 12}-{t % 12 + 1:02d}", draw.poisson(8)])
    return "sales.csv"


def test_each_series_is_forecast_and_a_second_run_goes_on(file, capsys) -> None:
    assert run("forecast", file, *OPTIONS, *QUICK, "--out", "out") == 0
    assert "2 series forecast; at every step ahead that has 5 outcomes" in capsys.readouterr().out
    rows = list(csv.DictReader(Path("out/forecast.csv").read_text().splitlines()))
    assert [(row["unique_id"], row["ds"]) for row in rows] == [
        (shop, month) for shop in ("a", "b") for month in ("2002-07-01", "2002-08-01")
    ]
    for row in rows:
        assert float(row["lower-90"]) <= float(row["forecast"]) <= float(row["upper-90"])
    scores = list(csv.DictReader(Path("out/scores.csv").read_text().splitlines()))
    assert {row["model"] for row in scores} >= {"LSTM", "last value", "Holt-Winters"}
    assert tuple(scores[0]) == SCORE_COLUMNS
    assert {(row["unique_id"], row["part"]) for row in scores} == {("a", "test"), ("b", "test")}
    assert {path.name for path in Path("out/models").iterdir()} == {
        "a.safetensors",
        "b.safetensors",
    }
    Path("out/models/b.safetensors").unlink()  # as by a crash before it: its series is done again
    lines = Path("out/each.jsonl").read_bytes()
    assert run("forecast", file, *OPTIONS, *QUICK, "--out", "out") == 2
    assert "holds files already and was kept" in capsys.readouterr().err
    assert run("forecast", file, *OPTIONS, *QUICK, "--out", "out", "--resume", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["forecast"]) == 4
    assert set(found["scores"]) == {"a", "b"}
    assert Path(found["scores_file"]).exists()
    again = Path("out/each.jsonl").read_bytes()
    assert again.startswith(lines)
    assert again.count(b"\n") == 3
    told = {row["unique_id"]: [] for row in rows}
    for row in rows:
        told[row["unique_id"]].append(float(row["forecast"]))
    for shop, values in told.items():
        kept = load(Path(found["models"]) / f"{shop}.safetensors")
        assert [point.value for point in kept.predict()] == pytest.approx(values, rel=1e-6)


def test_one_report_and_one_model_hold_all_series_and_say_what_the_tables_say(file, capsys) -> None:
    asked = ("--horizon", "2", "--out", "out", "--json")
    assert run("forecast", file, *OPTIONS, *asked) == 0
    found = json.loads(capsys.readouterr().out)
    kept = load(found["model"]).predict()
    assert kept.ids == ("a", "b")
    values = [row["forecast"] for row in found["forecast"]]
    # In float32 a batch of series rounds otherwise than one.
    assert kept.values.ravel().tolist() == pytest.approx(values, rel=1e-6)
    page = Path(found["report"]).read_text(encoding="utf-8")
    assert "2 series: the next 2 months" in page
    assert "In how many series each was best" in page
    together = ("--horizon", "2", "--out", "many", "--json")
    assert run("forecast", file, *OPTIONS[:-1], *together) == 0
    panel = json.loads(capsys.readouterr().out)
    for steps, error in panel["scores"]["LSTM"].items():
        column = show_all([by[steps]["rmse"] for by in panel["scores"].values()])
        told = dict(zip(panel["scores"], column, strict=True))["LSTM"]
        assert f"<td>{told}</td>" in page, steps  # over all series, as there
        said = f"step {steps}: {percent(error['coverage 0.9'])} of {error['n']} outcomes held"
        assert said in page
    assert run("forecast", file, *OPTIONS, "--language", "zh", "--out", "zh") == 0
    assert "各模型在多少个序列上最好" in Path("zh/report.html").read_text(encoding="utf-8")


def test_what_each_comes_to_is_printed_and_written(file, capsys) -> None:
    asked = ("--horizon", "2", "--total", "--at-least", "1")
    assert run("forecast", file, *OPTIONS, *asked, "--out", "out") == 0
    said = capsys.readouterr().out
    assert "2 series, 2 months ahead" in said
    assert "the next 2 months together" in said
    assert "in how many series each was best" in " ".join(said.split())
    totals = list(csv.DictReader(Path("out/total.csv").read_text().splitlines()))
    assert [(row["unique_id"], row["ds"]) for row in totals] == [
        ("a", "2002-08-01"),
        ("b", "2002-08-01"),
    ]
    assert all(float(row["at-least-1"]) > 0.9 for row in totals)
    searched = (*OPTIONS, *QUICK, "--total", "--out", "none")
    assert run("forecast", file, *searched) == 2
    assert "draw no paths" in capsys.readouterr().err


def test_blended_forecasts_are_written_as_plain_numbers(file) -> None:
    assert run("forecast", file, *OPTIONS, *QUICK, "--model", "auto", "--out", "out") == 0
    for row in csv.DictReader(Path("out/forecast.csv").read_text().splitlines()):
        assert float(row["lower-90"]) <= float(row["forecast"]) <= float(row["upper-90"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--each", "--column", "sales"), "--each goes with --id-column"),
        ((*OPTIONS, "--epochs", "3"), "--epochs does not go with --each"),
        ((*OPTIONS, "--format", "xlsx"), "'xlsx' is not one of 'csv', 'json', 'parquet'"),
        ((*OPTIONS[:-1], "--trials", "3"), "--trials does not go with --id-column without --each"),
        (
            (*OPTIONS[:-1], "--engine", "ray"),
            "--engine does not go with --id-column without --each",
        ),
        ((*OPTIONS, "--address", "a:1"), "--address goes with --engine ray"),
        ((*OPTIONS, "--resume", "--out", "none"), "holds no interrupted run (each.jsonl)"),
        ((*OPTIONS, "--engine", "ray", "--address", "127.0.0.1:9"), "cannot be reached"),
    ],
)
def test_what_does_not_go_together_leaves_nothing_behind(file, capsys, arguments, said) -> None:
    assert run("forecast", file, *arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in Path().iterdir()] == [file]
