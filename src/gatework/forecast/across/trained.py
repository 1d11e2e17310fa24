"""Networks trained on a panel: how they are fitted, and what they forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from gatework.examine import Run
from gatework.forecast.across.backtest import held_out_backtest
from gatework.forecast.across.covariates import CovariateScaling, problem_of
from gatework.forecast.across.ends import SeriesEnds
from gatework.forecast.across.little import widened
from gatework.forecast.checks import several
from gatework.forecast.es_lstm.distributed import DistributedTraining
from gatework.forecast.es_lstm.fit import FittedMember, fit_member
from gatework.forecast.es_lstm.introspection import run_member
from gatework.forecast.es_lstm.model import SmoothingModel, fit_model
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel

Predicted = tuple[np.ndarray, dict[float, np.ndarray], dict[float, np.ndarray]]
"""Forecasts (B, H), and by level the lower and the upper ends of their intervals."""


def fit_networks(
    forecaster: Any, panel: Panel
) -> tuple[SmoothingModel, CovariateScaling, Backtest]:
    """Return networks fitted to a panel as a GlobalForecaster says, and what they held out."""
    scaling = CovariateScaling.of(panel)
    problem = problem_of(panel, forecaster.horizon, scaling)
    periods = int(problem.lengths.sum())

    def fit(part: Problem, settings: EsLstmSettings, seed: int) -> FittedMember:
        return _fit_member(forecaster, part, settings, seed, periods)

    seeds = [forecaster.seed + member for member in range(forecaster.members)]
    settings, levels = _settings(forecaster, panel), tuple(several(forecaster.levels))
    model, held_out = fit_model(problem, settings, seeds, levels, fit=fit)
    return model, scaling, held_out_backtest(panel, held_out)


def _settings(forecaster: Any, panel: Panel) -> EsLstmSettings:
    given = {field.name: getattr(forecaster, field.name) for field in fields(EsLstmSettings)}
    given["hidden_sizes"] = tuple(forecaster.hidden_sizes)
    if forecaster.distribution == "auto":
        given["distribution"] = "negative_binomial" if panel.counts.all() else "student_t"
    return EsLstmSettings(**given)


def _fit_member(
    forecaster: Any, problem: Problem, settings: EsLstmSettings, seed: int, periods: int
) -> FittedMember:
    """Fit one network to a problem, of which all series together have ``periods``."""
    checkpoint = None
    if forecaster.checkpoint is not None:
        folder = Path(forecaster.checkpoint)
        folder.mkdir(parents=True, exist_ok=True)
        part = "all" if int(problem.lengths.sum()) == periods else "calibration"
        checkpoint = folder / f"{part}-{seed}.checkpoint"
    fit = fit_member
    if forecaster.processes > 1:
        names = ("processes", "engine", "address", "interface")
        fit = DistributedTraining(*(getattr(forecaster, name) for name in names)).fit
    return fit(problem, settings, seed, progress=forecaster.progress, checkpoint=checkpoint)


def predicted(
    model: SmoothingModel,
    ends: SeriesEnds,
    horizon: int,
    levels: Sequence[float],
    future: Any,
) -> Predicted:
    """Return what trained networks forecast where series end."""
    forecasts = model.forecasts(ends.outlook(future, model.horizon))
    lower, upper = {}, {}
    for level in levels:
        low, high = widened(model, forecasts.values, *model.interval(forecasts, level))
        lower[level], upper[level] = low[:, :horizon], high[:, :horizon]
    return forecasts.values[:, :horizon], lower, upper


def run_of_series(
    model: SmoothingModel, panel: Panel, scaling: CovariateScaling, row: int, member: int
) -> Run:
    """Return a run of one of the networks over one series of a panel."""
    problem = problem_of(panel, model.horizon, scaling).rows(np.array([row]))
    return run_member(model, problem, panel.series(panel.ids[row], missing=True), member)
