"""Many series, each with a forecaster of its own: nothing lost, nothing twice."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brief_each import BriefFit

from gatework import load
from gatework.errors import (
    EngineError,
    FileFormatError,
    InputFileError,
    OptionError,
    OutputError,
)
from gatework.forecast import Forecaster, Panel, Series, forecast_each
from gatework.forecast.local import each
from gatework.forecast.local.each import gaps_note

SETTINGS: dict[str, Any] = {"horizon": 2, "trials": 1, "seed": 3}


def made(name: str, length: int = 30) -> Series:
    draw = np.random.default_rng(len(name) + ord(name[-1]))
    labels = tuple(str(number) for number in range(1, length + 1))
    return Series(name, draw.poisson(6, length).astype(float), labels, counts=True)


@pytest.fixture(scope="module", autouse=True)
def brief_fits(brief_training) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(each, "_Fit", BriefFit)
        yield


def without_time(line: dict) -> dict:
    return line | {"result": {k: v for k, v in line["result"].items() if k != "seconds"}}


MANY = [made(name) for name in ("north", "south", "east")]


def test_each_series_gets_the_forecast_that_it_would_get_alone(tmp_path) -> None:
    calls = []
    found = forecast_each(
        MANY, tmp_path / "e", workers=2, progress=lambda *done: calls.append(done), **SETTINGS
    )
    assert list(found) == ["north", "south", "east"]
    assert calls == [(done, 3) for done in range(4)]
    for series in MANY[1:]:
        alone = Forecaster(workers=1, **SETTINGS).fit(series).result_.to_json()
        line = without_time(found[series.name])
        assert line["result"] == without_time({"result": alone})["result"]
    lines = [json.loads(row) for row in (tmp_path / "e").read_text().splitlines()]
    assert sorted(line["series"] for line in lines) == ["east", "north", "south"]
    longer = np.append(MANY[0].values, [1.0, 1.0])
    labels = (*MANY[0].labels, "31", "32")
    panel = Panel.from_series([Series("north", longer, labels, counts=True)])
    panel.values[:, 30:] = np.nan  # as rows with covariates alone leave it
    again = forecast_each(panel, tmp_path / "panel", workers=1, **SETTINGS)
    assert again["north"]["result"]["forecast"] == found["north"]["result"]["forecast"]


def test_a_run_goes_on_where_it_was_cut_off(tmp_path) -> None:
    whole = forecast_each(MANY, tmp_path / "whole", workers=1, **SETTINGS)
    rows = (tmp_path / "whole").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut").write_bytes(rows[0] + rows[1] + rows[2][:50])  # killed while it wrote
    again = forecast_each(MANY, tmp_path / "cut", workers=1, resume=True, **SETTINGS)
    assert [*map(without_time, again.values())] == [*map(without_time, whole.values())]
    kept = (tmp_path / "cut").read_bytes().splitlines(keepends=True)
    assert kept[:2] == rows[:2]
    assert len(kept) == 3
    assert forecast_each(MANY, tmp_path / "cut", workers=1, resume=True, **SETTINGS) == again


def test_a_killed_run_loses_nothing_that_was_told(tmp_path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1], sys.argv[2]\n"
        "from test_forecast_local_each import MANY, SETTINGS, BriefFit, each\n"
        "from gatework.forecast import forecast_each\n"
        "each._Fit = BriefFit\n"
        "if __name__ == '__main__':\n"
        "    forecast_each(MANY, sys.argv[3], workers=1, progress=lambda *d: print(d, flush=True),"
        " **SETTINGS)\n"
    )
    path, here = tmp_path / "e", Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(here), str(here.parents[1]), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("(2"):
            process.kill()
            break
    process.communicate()
    told = [json.loads(row)["series"] for row in path.read_bytes().splitlines()[:2]]
    assert told == ["north", "south"]
    found = forecast_each(MANY, path, workers=1, resume=True, **SETTINGS)
    assert len(found) == 3
    assert len(path.read_bytes().splitlines()) == 3


def test_a_gap_in_one_series_is_filled_and_said_and_stops_no_other(tmp_path) -> None:
    panel = Panel.from_series(MANY)
    panel.values[1, [7, 8]] = np.nan
    found = forecast_each(panel, tmp_path / "gaps", workers=1, **SETTINGS)
    said = "2 missing values were filled by interpolation, the first in period 8"
    assert [said in found[name]["result"]["notes"] for name in panel.ids] == [False, True, False]
    filled = MANY[1].values.copy()
    filled[6:10] = np.linspace(filled[6], filled[9], 4)
    alone = Series("south", filled, MANY[1].labels, counts=True)
    result = Forecaster(workers=1, **SETTINGS).fit(alone).result_.to_json()
    assert found["south"]["result"]["forecast"] == result["forecast"]
    assert gaps_note(panel) == (
        "missing values are filled by interpolation where each series is learned by itself: "
        "'south' (2, from 8 on)",
    )
    assert gaps_note(Panel.from_series(MANY)) == ()


def test_what_cannot_be_done_is_said_before_any_work(tmp_path) -> None:
    path = tmp_path / "e"
    with pytest.raises(OptionError, match="several series of the name 'east'"):
        forecast_each([made("east"), made("east")], path, **SETTINGS)
    with pytest.raises(OptionError, match="a Forecaster does not take these settings"):
        forecast_each(MANY, path, horizons=3)
    with pytest.raises(OptionError, match="ledger is of forecast_each itself"):
        forecast_each(MANY, path, ledger="l", **SETTINGS)
    with pytest.raises(OptionError, match="address is of a Ray cluster"):
        forecast_each(MANY, path, address="a:1", **SETTINGS)
    assert not path.exists()
    with pytest.raises(EngineError, match="cannot be reached"):
        forecast_each(MANY, path, engine="ray", address="127.0.0.1:9", **SETTINGS)
    assert not path.exists()
    with pytest.raises(InputFileError, match="there is no file"):
        forecast_each(MANY, path, resume=True, **SETTINGS)
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already and was kept"):
        forecast_each(MANY, path, **SETTINGS)
    assert path.read_text() == "mine"


def test_models_of_names_that_are_no_names_of_files_are_told_apart(tmp_path) -> None:
    many = [replace(made("a"), name=name) for name in ("a/b", "A-B", "..", "a-b")]
    found = forecast_each(many, tmp_path / "e", workers=1, models=tmp_path / "m", horizon=2)
    files = [line["model"] for line in found.values()]
    assert files == [f"{stem}.safetensors" for stem in ("a-b", "A-B-2", "series", "a-b-3")]
    for line in found.values():
        kept = load(tmp_path / "m" / line["model"])
        assert kept.predict()[0].value == line["result"]["forecast"][0]["value"]


def test_results_of_something_else_are_not_gone_on_with(tmp_path) -> None:
    path = tmp_path / "e"
    forecast_each(MANY[:1], path, workers=1, **SETTINGS)
    with pytest.raises(OptionError, match="line 1: series 'north' was another one, or forecast"):
        forecast_each(MANY, path, workers=1, resume=True, **{**SETTINGS, "seed": 4})
    for damaged in (
        '{"series": "north"}',
        "[" * 100_000,
        path.read_text()[:-2] + ', "result": {}}',
    ):
        path.write_text(damaged + "\n")
        with pytest.raises(FileFormatError, match="line 1 is not one that forecast_each writes"):
            forecast_each(MANY, path, workers=1, resume=True, **SETTINGS)
