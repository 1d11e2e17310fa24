"""The networks that come with the package: small, of known origin, and they see what is there."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from gatework.forecast.pretrained.model import SHIPPED, shipped


def test_they_are_small_and_say_where_they_come_from() -> None:
    assert SHIPPED.stat().st_size <= 2_000_000
    about = shipped().about
    assert sum(about["series"].values()) > 4000
    assert all(len(digest) == 64 for digest in (about["files"] | about["kept_out"]).values())
    assert {"pool/series.csv", "m3/M3_monthly.csv"} <= set(about["files"])
    assert {"lanl_weekly.csv", "lanl_monthly.csv", "USAccDeaths.csv"} <= set(about["kept_out"])
    assert about["settings"]["seed"] == 1


def test_the_program_that_collects_the_series_names_the_files_that_were_learned_from() -> None:
    place = Path(__file__).parents[3] / "benchmarks" / "collect_series.py"
    digests = runpy.run_path(str(place))["DIGESTS"]
    barred = digests.pop("classic/USAccDeaths.csv")
    assert digests == shipped().about["files"]
    assert barred == shipped().about["kept_out"]["USAccDeaths.csv"]


def ahead(values: np.ndarray, season: int, horizon: int = 12) -> np.ndarray:
    found = shipped().begin(values[None], np.array([len(values)]), season).forecasts(horizon)
    return found.location[0]


def test_a_season_is_seen_from_three_years_and_none_where_there_is_none() -> None:
    draw = np.random.default_rng(0)
    shape = np.tile(100 + 30 * np.sin(np.arange(12) / 12 * 2 * np.pi), 4)
    found = ahead(shape[:36] + draw.normal(0, 3, 36), 12)
    assert np.corrcoef(found, shape[:12])[0, 1] > 0.95
    counts = draw.poisson(5.0, 60).astype(float)
    assert np.ptp(ahead(counts, 12)) < 1.5  # chance alone moves the months by 3 and more
    np.testing.assert_allclose(ahead(counts, 12), ahead(counts, 1), atol=1.0)


def test_a_trend_goes_on_and_a_walk_stays() -> None:
    line = 100 + 5.0 * np.arange(40)
    np.testing.assert_allclose(ahead(line, 1, 6), line[-1] + 5 * np.arange(1, 7), rtol=0.05)
    walk = np.random.default_rng(1).normal(size=80).cumsum() + 50
    assert np.abs(ahead(walk, 1, 6) - walk[-1]).max() < 3


@pytest.mark.parametrize("kind", ["poisson", "normal"])
def test_intervals_hold_what_they_say_without_calibration(kind: str) -> None:
    draw = np.random.default_rng(2)
    values = draw.poisson(4.0, (300, 72)) if kind == "poisson" else draw.normal(80, 9, (300, 72))
    values = values.astype(float)
    said = shipped().begin(values[:, :60], np.full(300, 60), 12).forecasts(12)
    low, high = said.quantiles((0.05, 0.95))
    held = ((low <= values[:, 60:]) & (values[:, 60:] <= high)).mean()
    assert 0.86 < held < 0.97
    total = said.rows(np.arange(100)).paths(200, seed=0).sum(axis=-1)
    ends = np.quantile(total, (0.05, 0.95), axis=0)
    came = values[:100, 60:].sum(axis=1)
    assert ((ends[0] <= came) & (came <= ends[1])).mean() > 0.8


@pytest.mark.parametrize("level", [1e3, 1e6])
def test_how_high_a_level_is_makes_no_interval_wider(level: float) -> None:
    around = np.random.default_rng(3).normal(0, 0.3, (300, 92))
    values = level + around
    said = shipped().begin(values[:, :80], np.full(300, 80), 1).forecasts(12)
    low, high = said.quantiles((0.05, 0.95))
    assert 0.86 < ((low <= values[:, 80:]) & (values[:, 80:] <= high)).mean() < 0.95
    assert np.median(high - low) < 1.3 * 0.3 * 2 * 1.645


def test_counts_that_stand_still_have_narrow_intervals_as_measured_values_do() -> None:
    still = np.repeat([[7.0], [7.5], [100.0]], 40, axis=1)
    low, high = shipped().begin(still, np.full(3, 40), 1).forecasts(3).quantiles((0.05, 0.95))
    assert (high - low < 1.0).all()
    assert ((low <= still[:, :3] + 0.05) & (still[:, :3] - 0.05 <= high)).all()
