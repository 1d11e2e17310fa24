"""A stream with covariates: each row brings its value and what is known beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gatework import GlobalForecaster, Watch, load, save
from gatework.cli import main
from gatework.errors import DataError, OptionError
from gatework.forecast import Panel, read_panel

MONTHS = [f"{2015 + place // 12}-{place % 12 + 1:02d}" for place in range(72)]
KNOWN = 54
DRAW = np.random.default_rng(1)
PROMOTION = (DRAW.random(72) < 0.3).astype(int)
VISITS = DRAW.normal(100, 10, 72).round(1)
SALES = (60 + 6 * PROMOTION + DRAW.normal(size=72)).round(2)
SALES[2:] += (0.3 * (VISITS[:-2] - 100)).round(2)


def row(place: int, value: object = None, promotion: object = None) -> str:
    sales = SALES[place] if value is None else value
    told = PROMOTION[place] if promotion is None else promotion
    return f"{MONTHS[place]},{sales},{told},{VISITS[place]}\n"


def table(*rows: str) -> str:
    return "month,sales,promotion,visits\n" + "".join(rows)


def panel(known: int = KNOWN, ahead: int = 0, **covariates: object) -> Panel:
    rows = map(row, range(known))
    Path("history.csv").write_text(table(*rows, *(row(n, "") for n in range(known, known + ahead))))
    told = covariates or {"future": ["promotion"], "past": ["visits"]}
    return read_panel("history.csv", time_column="month", column="sales", **told)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """Return a model that knows the promotions of three months after its 54."""
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        forecaster = GlobalForecaster(horizon=3, levels=(0.9,)).fit(panel(ahead=3))
    assert all(one.kept for one in forecaster.covariates_)
    return str(save(forecaster, folder / "model.safetensors"))


def watch(capsys, *arguments: str, code: int = 0) -> list[dict]:
    with pytest.raises(SystemExit) as left:
        main(["watch", *arguments, "--no-follow", "--json"])
    said = capsys.readouterr()
    assert int(left.value.code or 0) == code, said.err
    return [json.loads(line) for line in said.out.splitlines()]


def test_each_row_is_forecast_by_its_own_covariates(model, capsys) -> None:
    Path("new.csv").write_text(table(*map(row, range(KNOWN, 72))))
    found = watch(capsys, model, "new.csv")
    forecaster = load(model)
    for place, seen in zip(range(KNOWN, 72), found, strict=True):
        coming = np.array([[[PROMOTION[place]]]])
        expected = forecaster.predict(1, future=coming)
        assert seen["period"] == MONTHS[place]
        assert seen["forecast"]["value"] == pytest.approx(expected.values[0, 0], rel=1e-6)
        assert seen["forecast"]["upper"] == pytest.approx(expected.upper[0.9][0, 0], rel=1e-6)
        forecaster.update([SALES[place]], past=[[VISITS[place]]], future=coming)
        waits = place + 1 >= KNOWN + 3
        assert seen.get("lacks") == (["promotion"] if waits else None)
        assert (seen["next"]["value"] is None) == waits
    errors = [abs(seen["value"] - seen["forecast"]["value"]) for seen in found]
    assert np.mean(errors) < 2.0  # promotions alone move sales by 6


def test_rows_without_a_value_tell_what_is_known_in_advance(model, capsys) -> None:
    ahead = [row(place, "") for place in range(KNOWN + 4, KNOWN + 6)]
    values = [row(place) for place in range(KNOWN + 4)]
    Path("new.csv").write_text(table(*values, *ahead, row(KNOWN + 5)))
    found = watch(capsys, model, "new.csv")
    assert [seen["period"] for seen in found] == [MONTHS[n] for n in (*range(54, 58), 59)]
    assert found[2]["lacks"] == ["promotion"]
    (gap,) = [alarm for alarm in found[-1]["alarms"] if alarm["kind"] == "gap"]
    assert gap["reason"].endswith(f"before {MONTHS[59]}: {MONTHS[58]}")
    again = load(model)
    for place in range(KNOWN, KNOWN + 5):
        value, visits = (SALES[place], VISITS[place]) if place != 58 else (np.nan, np.nan)
        again.update([value], past=[[visits]], future=[[[PROMOTION[place]]]])
    expected = again.predict(1, future=[[[PROMOTION[59]]]]).values[0, 0]
    assert found[-1]["forecast"]["value"] == pytest.approx(expected, rel=1e-6)


def test_a_watch_that_goes_on_gives_the_same_lines(model, capsys) -> None:
    rows = [row(place) for place in range(KNOWN, 60)]
    rows[4:4] = [row(place, "") for place in (58, 59)]
    Path("whole.csv").write_text(table(*rows))
    whole = watch(capsys, model, "whole.csv")
    found = []
    for count in (2, 6, 8):  # the second part ends with what is known in advance
        Path("new.csv").write_text(table(*rows[:count]))
        found += watch(capsys, model, "new.csv", "--state", "watch.state")
    assert found == whole
    assert isinstance(load("watch.state"), Watch)


def test_a_covariate_that_is_missing_is_told_and_its_mean_stands_in(model, capsys) -> None:
    rows = [
        row(54, promotion="NA"),
        row(55, promotion="x"),
        row(56).replace("," + str(VISITS[56]), ","),
    ]
    Path("new.csv").write_text(table(*rows))
    found = watch(capsys, model, "new.csv")
    reasons = [[alarm["reason"] for alarm in seen["alarms"]] for seen in found]
    assert "row 3: 'promotion': 'x' is not a number" in reasons[1]
    assert f"'visits' of {MONTHS[56]} is missing; its mean stands in" in reasons[2]
    Path("new.csv").write_text(table(*(row(n) for n in range(54, 57)), row(57, promotion="")))
    (*_, last) = watch(capsys, model, "new.csv")
    said = f"'promotion' of {MONTHS[57]} is missing; its mean stands in"
    assert said in [alarm["reason"] for alarm in last["alarms"]]
    assert last["forecast"]["value"] is not None
    Path("new.csv").write_text(table(*rows))
    watch(capsys, model, "new.csv", "--strict", code=2)


def test_the_calendar_is_known_by_itself(capsys) -> None:
    season = GlobalForecaster(horizon=1, levels=(0.9,)).fit(panel(calendar=["month"]))
    seen = Watch(season).observe(60.0, MONTHS[KNOWN])
    assert seen.lacks == ()
    assert np.isfinite(seen.next.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,sales,visits\n2019-07,60,100\n", "lacks 'promotion', which the model takes into"),
        ("60\n61\n", "lacks 'promotion', 'visits', which the model takes into account"),
    ],
)
def test_rows_without_a_column_that_is_needed_are_refused(model, text, message, capsys) -> None:
    Path("new.csv").write_text(text)
    with pytest.raises(SystemExit, match="2"):
        main(["watch", model, "new.csv", "--no-follow"])
    assert message in capsys.readouterr().err


def test_what_cannot_be_watched_so_is_refused_with_the_cure(model, capsys) -> None:
    Path("new.csv").write_text(table(row(0)))
    with pytest.raises(SystemExit, match="2"):
        main(["watch", "new.csv", "--future", "promotion"])
    said = capsys.readouterr().err
    assert "--future is of a model: the effect of covariates is learned from a table" in said
    assert "hint: gatework forecast HISTORY --future NAME --out out, then gatework watch" in said
    one = panel().series("sales")
    two = GlobalForecaster(horizon=1).fit([one, replace(one, name="other")])
    with pytest.raises(OptionError, match="a stream is one series, and the model is of 2 series"):
        Watch(two)
    with pytest.raises(DataError, match="the model has no covariate 'promotoin'") as told:
        Watch(load(model)).observe(60.0, covariates={"promotoin": 1.0})
    assert told.value.hint == "did you mean 'promotion'?"
