"""``gatework forecast --id-column`` and ``gatework backtest``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework import load
from gatework.forecast.scores import SCORE_COLUMNS

QUICK = ("--horizon", "3", "--members", "1", "--epochs", "2")
COLUMNS = ("--id-column", "shop", "--time-column", "month", "--column", "sales")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path) -> str:
    """Return a table of three shops, with promotions known two months ahead."""
    draw = np.random.default_rng(0)
    path = tmp_path / "sales.csv"
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["shop", "month", "sales", "promotion"])
        for shop in ("a", "b", "c"):
            for t in range(43):
                sales = "" if t >= 40 else f"{20 + 3 * (t % 2) + draw.normal():.3f}"
                rows.writerow([shop, f"{2000 + t // 12}-{t % 12 + 1:02d}", sales, t % 2])
    return str(path)


def test_every_series_is_forecast_into_files(file, capsys) -> None:
    options = (*COLUMNS, "--future", "promotion", "--calendar", "month", *QUICK)
    assert run("forecast", file, *options, "--out", "out") == 0
    shown = capsys.readouterr().out
    assert "3 series, 3 months ahead" in shown
    assert "seasonal naive" in shown
    assert "1 step ahead: " in shown
    assert shown.count("was better (RMSE") + shown.count("the LSTM won (RMSE") == 3
    rows = list(csv.DictReader(Path("out/forecast.csv").read_text().splitlines()))
    assert [row["ds"] for row in rows[:3]] == ["2003-05-01", "2003-06-01", "2003-07-01"]
    assert len(rows) == 9
    model = load("out/model.safetensors")
    values = model.predict().values.ravel()
    np.testing.assert_allclose([float(row["forecast"]) for row in rows], values, rtol=1e-6)
    report = Path("out/report.html").read_text(encoding="utf-8")
    assert [report.count(f"<h3>{shop}</h3>") for shop in "abc"] == [1, 1, 1]
    assert "2003-07" in report
    scores = list(csv.DictReader(Path("out/scores.csv").read_text().splitlines()))
    assert {row["model"] for row in scores} >= {"LSTM", "last value", "trailing mean"}
    assert tuple(scores[0]) == SCORE_COLUMNS
    assert {row["part"] for row in scores} == {"held-out"}
    assert run("forecast", file, *options, "--out", "out") == 2
    assert "holds files already and was kept" in capsys.readouterr().err


def test_events_of_many_units_are_counted_and_forecast(capsys) -> None:
    draw = np.random.default_rng(0)
    rows = [
        f"{2000 + t // 12}-{t % 12 + 1:02d}-{day:02d},{unit}"
        for t in range(40)
        for unit in "xy"
        for day in draw.integers(1, 29, draw.poisson(3))
    ]
    Path("log.csv").write_text("\n".join(["when,unit", *rows, "2003-05-01,x"]) + "\n")
    options = ("--events", "when", "--period", "month", "--id-column", "unit", *QUICK)
    assert run("forecast", "log.csv", *options, "--out", "out") == 0
    assert "2 series, 3 months ahead" in capsys.readouterr().out
    found = list(csv.DictReader(Path("out/forecast.csv").read_text().splitlines()))
    assert {row["ds"] for row in found} == {"2003-05-01", "2003-06-01", "2003-07-01"}
    assert all(float(row["forecast"]) >= 0 for row in found)


def test_machines_get_one_json_object(file, capsys) -> None:
    assert run("forecast", file, *COLUMNS, *QUICK, "--json", "--language", "zh") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["series"] == 3
    assert list(found["forecast"][0]) == ["unique_id", "ds", "forecast", "lower-90", "upper-90"]
    assert found["scores"]["LSTM"]["1"]["rmse"] > 0
    assert "3 个序列：未来" in Path(found["report"]).read_text()


def test_a_backtest_scores_beside_simple_models(file, capsys) -> None:
    code = run("backtest", file, *COLUMNS, *QUICK, "--json", "--out", "scores.csv")
    found = json.loads(capsys.readouterr().out)
    assert code == (0 if len(found["lstm_won_at"]) > 1.5 else 1)
    assert found["origins"] == 8  # a fifth of 40 months; the three to come are not among them
    assert set(found["scores"]["LSTM"]["1"]) >= {"rmse", "smape", "mase", "coverage 0.9"}
    assert "coverage 0.9" not in found["scores"]["last value"]["1"]
    assert Path("scores.csv").read_text().startswith(",".join(SCORE_COLUMNS) + "\n")
    assert run("backtest", file, *COLUMNS, *QUICK, "--out", "scores.csv") == 2
    assert "exists already and was kept" in capsys.readouterr().err


def test_one_series_can_be_backtested_and_fitted_anew(file, capsys) -> None:
    lines = [line.split(",", 1)[1] for line in Path(file).read_text().splitlines()]
    Path("one.csv").write_text("\n".join([lines[0], *lines[1:41]]) + "\n")
    options = ("--time-column", "month", "--column", "sales", "--refit-every", "4")
    assert run("backtest", "one.csv", *options, *QUICK) in (0, 1)
    shown = capsys.readouterr().out
    assert "the last 20% of 1 series" in shown
    assert "inside 90%" in shown


def test_nothing_is_trained_unless_it_is_asked_for(file, capsys) -> None:
    options = (*COLUMNS, "--horizon", "3", "--total", "--at-least", "50", "--at-least", "1000")
    assert run("forecast", file, *options, "--out", "out") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 series, 3 months ahead" in shown
    assert "the next 3 months together" in shown
    assert "which the network has not seen" in shown
    assert "note: the forecast is that of the pretrained network" in shown
    assert load("out/model.safetensors").served_ == "pretrained"
    report = Path("out/report.html").read_text(encoding="utf-8")
    assert "The forecast is that of the pretrained network" in report
    totals = list(csv.DictReader(Path("out/total.csv").read_text().splitlines()))
    assert [row["ds"] for row in totals] == ["2003-07-01"] * 3
    assert all(float(row["at-least-50"]) > 0.9 for row in totals)
    assert all(float(row["at-least-1000"]) == 0 for row in totals)
    assert run("forecast", file, *options, "--json", "--language", "zh") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["network"] == "pretrained"
    assert found["total"][0]["total"] == pytest.approx(float(totals[0]["total"]))
    assert "预训练网络" in Path(found["report"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"), [(("--train",), None), (("--members", "3"), "because of --members")]
)
def test_training_is_asked_for(file, capsys, options, said) -> None:
    quick = (*COLUMNS, "--horizon", "3", "--epochs", "1", *options)
    assert run("forecast", file, *quick, "--out", "out") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "by networks without it" in shown
    assert ("networks are trained" in shown) == (said is not None)
    assert said is None or said in shown
    assert load("out/model.safetensors").get_params()["train"] is True
    assert run("forecast", file, *quick, "--total", "--out", "totals") == 2
    assert "networks that are trained draw no paths" in capsys.readouterr().err
    assert not Path("totals").exists()


def test_no_total_is_told_by_a_mean_of_models(file, capsys) -> None:
    options = (*COLUMNS, "--each", "--model", "auto", "--total", "--out", "totals")
    assert run("forecast", file, *options) == 2
    assert "paths are drawn by the network alone" in capsys.readouterr().err
    assert not Path("totals").exists()


def test_a_backtest_needs_no_training(file, capsys) -> None:
    assert run("backtest", file, *COLUMNS, "--horizon", "3", "--json") in (0, 1)
    found = json.loads(capsys.readouterr().out)
    assert found["network"] == "pretrained"
    assert set(found["scores"]["LSTM"]["1"]) >= {"rmse", "coverage 0.9"}
    assert run("backtest", file, *COLUMNS, "--horizon", "3") in (0, 1)
    assert "note: the forecast is that of the pretrained network" in capsys.readouterr().out


def test_one_value_is_forecast(tmp_path, capsys) -> None:
    (tmp_path / "few.csv").write_text("shop,month,sales\na,2001-01,7\nb,2001-01,4\nb,2001-02,5\n")
    assert run("forecast", "few.csv", *COLUMNS, "--horizon", "40", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["forecast"]) == 80
    assert found["forecast"][0]["ds"] == "2001-02-01"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--id-column", "shop"), "has several columns of numbers: 'sales', 'promotion'"),
        (
            (
                "--id-column",
                "shop",
                "--events",
                "month",
                "--period",
                "month",
                "--past",
                "promotion",
            ),
            "--past does not go with --events",
        ),
        ((*COLUMNS, "--past", "tide"), "hint: --past promotion"),
        ((*COLUMNS, "--trials", "3"), "--trials does not go with --id-column"),
        ((*COLUMNS, "--model", "auto"), "--model does not go with --id-column without --each"),
        ((*COLUMNS, "--format", "xlsx"), "'xlsx' is not one of 'csv', 'json', 'parquet'"),
        (("--id-column", "shops", *COLUMNS[2:]), "column 'shops' is not in 'sales.csv'"),
        ((*COLUMNS, "--static", "promotion"), "series 'a': 'promotion' says '0' and '1'"),
    ],
)
def test_wrong_use_is_refused_before_any_work(file, capsys, options, message) -> None:
    assert run("forecast", file, *options, "--out", "out") == 2
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


def test_one_series_with_covariates_needs_no_ids(tmp_path, capsys) -> None:
    rows = ["month,faults,load"]
    for n in range(43):
        value = "" if n >= 40 else 5 + 3 * (n % 2)
        rows.append(f"{2000 + n // 12}-{n % 12 + 1:02d},{value},{n % 2}")
    (tmp_path / "one.csv").write_text("\n".join(rows) + "\n")
    quick = ["--members", "1", "--epochs", "2", "--json"]
    command = ["forecast", "one.csv", "--horizon", "3", "--future", "load", "--calendar", "month"]
    assert run(*command, *quick) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["ds"] for row in found["forecast"]] == ["2003-05-01", "2003-06-01", "2003-07-01"]
    assert {"LSTM", "Holt-Winters", "Theta", "last value"} <= set(found["scores"])
    assert run(*command, "--total", "--json") == 0
    untrained = json.loads(capsys.readouterr().out)
    assert untrained["network"] == "pretrained"
    assert [one["name"] for one in untrained["covariates"]] == ["load", "month"]
    assert untrained["covariates"][0]["kept"]
    assert [row["forecast"] > 6.5 for row in untrained["forecast"]] == [False, True, False]
    assert run(*command) == 0
    shown = capsys.readouterr().out
    assert "faults: the next 3 months" in shown
    assert [month in shown for month in ("2003-05", "2003-06", "2003-07")] == [True] * 3
    (tmp_path / "two.csv").write_text("a,b\n1,2\n2,3\n")
    assert run("forecast", "two.csv", "--future", "b") == 2
    assert "has no column that is one of dates for sure" in capsys.readouterr().err
    assert run(*command, "--trials", "3") == 2
    assert "--trials does not go with covariates" in capsys.readouterr().err
