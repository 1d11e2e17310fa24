"""The default forecast needs none of the optional packages, and is the same without them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gatework import Forecaster, GlobalForecaster

MODULES = ("torch", "scipy", "pandas", "statsmodels", "sklearn", "threadpoolctl", "pyarrow")
FORBID = f"""
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {MODULES}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Forbidden())
"""
USE = """
import io, json, os, sys
from gatework.cli import main
from gatework import load

def run(*words):
    sys.argv = ["gatework", *words]
    try:
        main()
    except SystemExit as done:
        assert not done.code, done.code

run("forecast", "one.csv", "--horizon", "3", "--out", "one", "--json")
run("forecast", "many.csv", "--id-column", "shop", "--time-column", "month", "--column", "sold",
    "--horizon", "3", "--out", "many", "--json")
run("watch", "one/model.safetensors", "more.csv", "--no-follow", "--json")
again = load("one/model.safetensors").predict()
print(json.dumps([point.value for point in again]))
print(json.dumps(load("many/model.safetensors").predict().values.tolist()))
"""


def months(count: int) -> list[str]:
    return [f"{2010 + n // 12}-{n % 12 + 1:02d}" for n in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw = np.random.default_rng(0)
    values = draw.poisson(20 + 8 * np.sin(np.arange(43) * np.pi / 6))
    rows = [f"{month},{value}" for month, value in zip(months(43), values, strict=True)]
    (tmp_path / "one.csv").write_text("\n".join(["month,failures", *rows[:40]]))
    (tmp_path / "more.csv").write_text("\n".join(["month,failures", *rows]))
    many = [
        f"{shop},{month},{draw.poisson(9)}"
        for shop in ("a", "b")
        for month in months(30 + len(shop))
    ]
    (tmp_path / "many.csv").write_text("\n".join(["shop,month,sold", *many]))
    return tmp_path


def test_commands_work_without_optional_packages_and_forecast_the_same(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORBID + USE],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    one, many, *watched, again, panel = done.stdout.splitlines()
    series = Forecaster().read(folder / "one.csv")
    expected = [point.value for point in Forecaster(horizon=3).fit(series).predict()]
    assert [row["forecast"] for row in json.loads(one)["forecast"]] == expected
    assert json.loads(again) == expected
    assert len(watched) == 3
    assert "Gates over time" in (folder / "one" / "report.html").read_text()
    shops = GlobalForecaster(horizon=3).read(
        folder / "many.csv", id_column="shop", time_column="month", column="sold"
    )
    found = GlobalForecaster(horizon=3).fit(shops).predict().values
    assert json.loads(panel) == found.tolist()
    assert len(json.loads(many)["forecast"]) == 6
