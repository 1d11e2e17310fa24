"""The layered search beside random search and Optuna's TPE, for the same number of trials.

    GATEWORK_DATA=... python benchmarks/search.py [--trials 30] [--seeds 10] [--synthetic]

Every searcher looks for the window, the hidden size, the learning rate and the dropout of the
recursive method of Wang et al. 2018 (15 epochs), by the error on the validation part of a series.
What it chooses is then valued by ten networks of seeds that no searcher has used, so that a lucky
draw counts for nothing. ``--synthetic`` uses valleys with noise, whose true errors are known, and
is how the search was tuned. Needs ``pip install --group bench``. Writes
benchmarks/results/search.md and prints it.
"""

from __future__ import annotations

import argparse
import logging
import math
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
from series.failures import failure_series
from torch import nn

from gatework.forecast.backtest import SeriesSplit, forecast_errors, score, split
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler, origin_windows, training_windows
from gatework.search import Axis, Outcome, layered_search
from gatework.train import ShuffledBatches, Trainer, seeded

RESULTS = Path(__file__).with_name("results") / "search.md"
SERIES = ("lanl weekly system_2", "airplane crashes")
EPOCHS, BATCH, HORIZON = 15, 32, 12
JUDGES = 10
FRESH = 10**6
"""The first seed of the networks that value a choice."""

AXES = (
    Axis("window", (6, 12, 24, 48), scale="log", integer=True),
    Axis("hidden_size", (4, 8, 16, 32), scale="log", integer=True),
    Axis("learning_rate", (3e-4, 1e-3, 3e-3, 1e-2, 3e-2), scale="log"),
    Axis("dropout", (0.0, 0.2, 0.4)),
)

Parameters = dict[str, Any]
Error = Callable[[Parameters, int], float]
Searcher = Callable[[Error, Sequence[Axis], int, int], Parameters]


@dataclass(frozen=True)
class Objective:
    """The error of parameters on the validation part of a series, with one network."""

    values: np.ndarray
    cut: SeriesSplit

    def __call__(self, parameters: Parameters, seed: int) -> float:
        end, stop = self.cut.train_end, self.cut.test_start
        window = parameters["window"]
        scaler = Scaler.of(self.values[:end])
        scaled = scaler.scale(self.values)
        inputs, targets = (
            torch.from_numpy(part).float() for part in training_windows(scaled[:end], window)
        )
        with seeded(seed):
            network = ForecastNetwork((parameters["hidden_size"],), parameters["dropout"])
        rate = parameters["learning_rate"]
        trainer = Trainer(network, nn.MSELoss(), epochs=EPOCHS, learning_rate=rate, seed=seed)
        trainer.fit(ShuffledBatches(inputs, targets, BATCH, seed=seed))
        windows = origin_windows(scaled, window, end, stop)
        forecasts = scaler.restore(forecast_recursively(network.eval(), windows, HORIZON))
        errors = score(forecast_errors(forecasts, self.values[:stop], end))
        return float(np.mean([one.rmse for one in errors.values()]))


@dataclass(frozen=True)
class Valley:
    """A valley that lies across the axes, with noise between seeds; its floor is at 1."""

    number: int
    noise: float

    def truth(self, parameters: Parameters) -> float:
        """Return the error without noise."""
        draw = random.Random(self.number)
        places = [place(axis, parameters[axis.name]) for axis in AXES]
        away = [there - draw.uniform(0.1, 0.9) for there in places]
        weights = [draw.choice((0.2, 1.0, 3.0)) for _ in away]
        total = sum(weight * one**2 for weight, one in zip(weights, away, strict=True))
        return 1 + total + 2 * (away[0] + draw.choice((-1, 1)) * away[2]) ** 2

    def __call__(self, parameters: Parameters, seed: int) -> float:
        draw = random.Random(f"{sorted(parameters.items())} {seed}")
        return self.truth(parameters) + draw.gauss(0, self.noise)


def place(axis: Axis, value: float) -> float:
    """Return where a value lies between the ends of its axis, from 0 to 1."""
    low, high = axis.values[0], axis.values[-1]
    if axis.scale == "log":
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def layered(error: Error, axes: Sequence[Axis], trials: int, seed: int) -> Parameters:
    """Search with layers."""
    with tempfile.TemporaryDirectory() as folder:
        return layered_search(
            lambda parameters, s: Outcome(error(parameters, s)),
            axes,
            trials=trials,
            seed=seed,
            workers=1,
            ledger=Path(folder) / "ledger",
        ).best.parameters


def at_random(error: Error, axes: Sequence[Axis], trials: int, seed: int) -> Parameters:
    """Search at random, uniformly on the scales of the axes."""
    draw = random.Random(seed)
    best, least = {}, math.inf
    for _ in range(trials):
        parameters = {axis.name: drawn(axis, draw.random()) for axis in axes}
        found = error(parameters, seed)
        if found < least:
            best, least = parameters, found
    return best


def drawn(axis: Axis, share: float) -> float:
    """Return the value at a place from 0 to 1 on an axis."""
    low, high = axis.values[0], axis.values[-1]
    value = low * (high / low) ** share if axis.scale == "log" else low + (high - low) * share
    return round(value) if axis.integer else value


def tpe(error: Error, axes: Sequence[Axis], trials: int, seed: int) -> Parameters:
    """Search with Optuna's tree-structured Parzen estimator, as by default."""

    def objective(trial: optuna.Trial) -> float:
        parameters: Parameters = {}
        for axis in axes:
            low, high, log = axis.values[0], axis.values[-1], axis.scale == "log"
            suggest = trial.suggest_int if axis.integer else trial.suggest_float
            parameters[axis.name] = suggest(axis.name, low, high, log=log)  # pyright: ignore[reportArgumentType]
        return error(parameters, seed)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    return study.best_params


SEARCHERS: dict[str, Searcher] = {
    "Gatework layered_search": layered,
    f"Optuna {optuna.__version__} TPE": tpe,
    "random search": at_random,
}


def main() -> None:
    """Search, value the choices, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--synthetic", action="store_true", help="on valleys with known truth")
    options = parser.parse_args()
    optuna.logging.set_verbosity(logging.ERROR)
    torch.set_num_threads(1)
    if options.synthetic:
        synthetic(options.trials, options.seeds)
        return
    chosen = {one.name: one for one in failure_series() if one.name in SERIES}
    tables, began = [], time.perf_counter()
    for name in SERIES:
        series = chosen[name]
        objective = Objective(series.values, split(len(series)))
        found = {each: judged(objective, each, options) for each in SEARCHERS}
        tables += table(name, found)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    text = "\n".join([*head(options), *tables]) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def judged(objective: Error, name: str, options: argparse.Namespace) -> list[float]:
    """Return, for each seed, the mean error of fresh networks with the parameters chosen."""
    results = []
    for seed in range(options.seeds):
        best = SEARCHERS[name](objective, AXES, options.trials, 100 * seed)
        errors = [objective(best, FRESH + number) for number in range(JUDGES)]
        results.append(statistics.fmean(errors))
    return results


def synthetic(trials: int, seeds: int) -> None:
    """Print the mean true error above the floor over many valleys."""
    for noise in (0.0, 0.05, 0.2):
        for name, searcher in SEARCHERS.items():
            above = []
            for number in range(seeds):
                valley = Valley(number, noise)
                best = searcher(valley, AXES, trials, 100 * number)
                above.append(valley.truth(best))
            mean, error = statistics.fmean(above), statistics.stdev(above) / math.sqrt(len(above))
            print(f"noise {noise}: {mean:.4f} +- {error:.4f} {name}", flush=True)


def head(options: argparse.Namespace) -> list[str]:
    """Return the beginning of the page."""
    axes = ", ".join(f"{axis.name} {axis.values[0]:g} to {axis.values[-1]:g}" for axis in AXES)
    return [
        "# The layered search beside random search and Optuna's TPE",
        "",
        f"`python benchmarks/search.py --trials {options.trials} --seeds {options.seeds}`, "
        f"{platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}.",
        "",
        f"Each searcher makes {options.trials} trials of one network each over {axes}, and chooses "
        f"by the validation error, RMSE. The choice is valued by {JUDGES} networks of fresh seeds; "
        f"the table shows the mean over {options.seeds} searches, its standard error, and the "
        "worst search.",
        "",
    ]


def table(name: str, found: dict[str, list[float]]) -> list[str]:
    """Return the table of a series."""
    ours = next(iter(found.values()))
    lines = [
        f"## {name}",
        "",
        "| searcher | error | standard error | worst | searches that ours beat |",
        "|---|---|---|---|---|",
    ]
    for searcher, errors in found.items():
        spread = statistics.stdev(errors) / math.sqrt(len(errors))
        beaten = sum(a < b for a, b in zip(ours, errors, strict=True))
        versus = "" if errors is ours else f"{beaten} of {len(errors)}"
        lines.append(
            f"| {searcher} | {statistics.fmean(errors):.4f} | {spread:.4f} | {max(errors):.4f} | "
            f"{versus} |"
        )
    return [*lines, ""]


if __name__ == "__main__":
    main()
