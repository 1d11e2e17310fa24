"""The network over the smoothers: learning, distributions, and the state that is carried."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import build_network, fit_member
from gatework.forecast.es_lstm.live import Live
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.rolling import rolling_forecasts
from gatework.forecast.es_lstm.settings import LOSSES, EsLstmSettings
from gatework.forecast.es_lstm.tensors import inputs_of, widths_of

SMALL = EsLstmSettings(hidden_sizes=(8,), epochs=3, batch_size=4)


def some_series(*, count: int = 5, season: int = 4, covariates: bool = False) -> Problem:
    generator = np.random.default_rng(0)
    lengths = generator.integers(24, 40, count)
    values = np.full((count, lengths.max()), np.nan)
    for row, length in enumerate(lengths):
        noise = generator.normal(size=length)
        values[row, :length] = 20 + 3 * np.sin(np.arange(length) * np.pi / 2) + noise
    values[0, 10:12] = np.nan
    known = generator.normal(size=(count, lengths.max(), 2)) if covariates else None
    outlook = generator.normal(size=(count, lengths.max() + 3, 1)) if covariates else None
    return Problem.of(values, lengths, season, 3, covariates=known, outlook=outlook)


def cut(problem: Problem, ends: np.ndarray) -> Problem:
    beyond = np.arange(problem.values.shape[1]) >= ends[:, None]
    values = np.where(beyond, np.nan, problem.values)
    return dataclasses.replace(problem, values=values, lengths=ends)


def test_an_untrained_network_is_the_mean_of_the_smoothers() -> None:
    problem = some_series()
    network = build_network(widths_of(problem), EsLstmSettings(correction=True), 0).eval()
    forecasts, _ = network(inputs_of(problem))
    mean = problem.track().forecasts.mean(axis=2)
    np.testing.assert_allclose(forecasts.detach().numpy(), mean, atol=1e-5)


@pytest.mark.parametrize("covariates", [False, True])
@pytest.mark.parametrize("distribution", [None, *DISTRIBUTIONS])
def test_carrying_on_value_by_value_gives_the_forecasts_of_the_whole(
    covariates: bool, distribution: str | None
) -> None:
    problem = some_series(covariates=covariates)
    settings = dataclasses.replace(SMALL, distribution=distribution, correction=True)
    members = [fit_member(problem, settings, seed) for seed in (0, 1)]
    whole = rolling_forecasts(members, problem)
    ends = problem.lengths - 4
    known = dataclasses.replace(problem, known=ends)
    whole = rolling_forecasts(members, known)
    live = Live.start(members, cut(known, ends))
    rows = np.arange(len(problem))
    for step in range(4):
        outlook = None
        if problem.outlook is not None:
            at = (ends + step)[:, None] + np.arange(3)
            outlook = problem.outlook[rows[:, None], at]
        now = live.forecasts(members, outlook)
        at = ends + step - 1
        np.testing.assert_allclose(now.location, whole.location[rows, at], rtol=1e-4, atol=1e-5)
        if distribution is not None:
            levels = (0.1, 0.5, 0.9)
            expected = whole.quantiles(levels, distribution)[:, rows, at]
            np.testing.assert_allclose(
                now.quantiles(levels, distribution), expected, rtol=2e-3, atol=1e-3
            )
        columns = None
        if problem.covariates is not None:
            columns = problem.covariates[rows, ends + step]
        live.advance(members, problem.values[rows, ends + step] * problem.units, columns)


@pytest.mark.parametrize("loss", LOSSES)
def test_training_lowers_the_loss(loss: str) -> None:
    problem = some_series(count=8)
    settings = EsLstmSettings(
        hidden_sizes=(8,), epochs=40, batch_size=8, loss=loss, learning_rate=0.01
    )
    actual = problem.targets().transpose(1, 0, 2)
    judged = ~np.isnan(actual)
    untrained = build_network(widths_of(problem), settings, 0)
    trained = fit_member(problem, settings, 0)
    before, after = (
        np.abs(rolling_forecasts([member], problem).location - actual)[judged].mean()
        for member in (dataclasses.replace(trained, network=untrained), trained)
    )
    assert after < 0.95 * before


def test_the_head_of_a_distribution_leaves_the_forecasts_as_they_are() -> None:
    problem = some_series()
    plain = fit_member(problem, SMALL, 0)
    with_head = fit_member(problem, dataclasses.replace(SMALL, distribution="normal"), 0)
    for one, other in zip(plain.network.parameters(), with_head.network.parameters(), strict=True):
        assert torch.equal(one, other)
        assert other.requires_grad


def test_a_covariate_of_the_future_is_learned() -> None:
    generator = np.random.default_rng(3)
    known = generator.integers(0, 2, size=(6, 63, 1)).astype(float)
    values = 10 + 5 * known[:, :60, 0] + 0.1 * generator.normal(size=(6, 60))
    lengths = np.full(6, 60)
    settings = EsLstmSettings(hidden_sizes=(8,), epochs=60, batch_size=6, learning_rate=0.02)
    errors = []
    for outlook in (None, known):
        problem = Problem.of(values, lengths, 1, 3, outlook=outlook)
        forecasts = rolling_forecasts([fit_member(problem, settings, 0)], problem).values
        target = problem.targets().transpose(1, 0, 2) * problem.units[:, None, None]
        errors.append(np.nanmean(np.abs(forecasts - target)[:, 20:]))
    assert errors[1] < 0.5 * errors[0]


def test_batches_that_are_made_anew_are_those_that_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gatework.forecast.es_lstm import tensors

    problem = some_series(covariates=True)
    kept = tensors.SeriesBatches(problem, "absolute", 2, seed=1)
    monkeypatch.setattr(tensors, "MOST_KEPT", 0)
    made = tensors.SeriesBatches(problem, "absolute", 2, seed=1)
    for index in range(len(kept)):
        one, other = kept.batch(0, index), made.batch(0, index)
        torch.testing.assert_close(one.inputs, other.inputs)
        torch.testing.assert_close(one.targets[..., 0], other.targets[..., 0])
    assert kept.describe() == made.describe()
