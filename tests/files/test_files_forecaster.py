"""A forecaster's file: what comes back forecasts the same; damage and forgeries are refused."""

import random

import numpy as np
import pytest
import torch

from forging import forge_config, mishaps, put_together, take_apart
from gatework import load, save
from gatework.errors import FileFormatError, OptionError
from gatework.forecast import Forecaster, Series
from gatework.forecast.recursive.fitted import FittedRecursive
from gatework.forecast.recursive.network import ForecastNetwork
from gatework.forecast.recursive.windows import Scaler


@pytest.fixture(scope="module")
def forecaster():
    """Return a forecaster as after a fit, with networks that have learned nothing."""
    torch.manual_seed(0)
    months = tuple(f"2005-{month:02d}" for month in range(1, 9))
    tail = Series("faults", np.arange(8.0), months, "MS", 12, counts=True)
    networks = tuple(ForecastNetwork([3, 2], 0.1).eval() for _ in range(2))
    interval = np.array([1.0, 1.5, 2.0])
    forecaster = Forecaster(horizon=3, trials=5, level=0.8, method="recursive")
    forecaster.fitted_ = FittedRecursive(
        networks, Scaler(1.3, 0.6, log=True), tail, (3, 2), 0.1, -interval, interval
    )
    return forecaster


@pytest.fixture(scope="module")
def content(forecaster, tmp_path_factory):
    return save(forecaster, tmp_path_factory.mktemp("models") / "model").read_bytes()


def test_a_loaded_forecaster_forecasts_the_same(tmp_path, forecaster):
    loaded = load(save(forecaster, tmp_path / "model"))
    assert loaded.predict() == forecaster.predict()
    assert save(loaded, tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


def test_a_forecaster_without_a_fit_is_not_saved(tmp_path):
    with pytest.raises(OptionError, match=r"has not been fitted\nhint: forecaster\.fit"):
        save(Forecaster(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_every_truncation(refused, content):
    for length in range(1, len(content)):
        refused(content[:length], f"is truncated: .* found {length}$")


def test_thousands_of_mishaps(refused, content):
    for _, damaged in mishaps(content, 3000, seed=4):
        refused(damaged)


def test_forged_configurations_load_whole_or_are_refused(opened, content):
    about, entries, data = take_apart(content)
    draw = random.Random(6)
    loaded = 0
    for _ in range(2000):
        config = forge_config(about["config"], draw)
        try:
            model = opened(put_together({**about, "config": config}, entries, data))
        except FileFormatError:
            continue
        loaded += 1
        assert model.to_config().keys() == config.keys()
    assert loaded < 400


@pytest.mark.parametrize("part", ["settings", "fitted"])
def test_every_setting_must_be_there_and_no_other(refused, content, part):
    about, entries, data = take_apart(content)
    config = about["config"]
    forgeries = [{**config[part], "more": 1}]
    for key in config[part]:
        forgeries.append({name: value for name, value in config[part].items() if name != key})
    for forged in forgeries:
        changed = {**about, "config": {**config, part: forged}}
        refused(put_together(changed, entries, data), "model has a configuration that is not sound")


def test_a_member_that_lacks_is_named(refused, content):
    about, entries, data = take_apart(content)
    fitted = about["config"]["fitted"]
    more = {**fitted, "networks": fitted["networks"] + 1}
    changed = {**about, "config": {**about["config"], "fitted": more}}
    said = rf"model lacks the tensors 'networks\.{fitted['networks']}\.head\.bias'"
    refused(put_together(changed, entries, data), said)
