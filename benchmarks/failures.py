"""The LSTM beside every other model on the failure series, as tables in Markdown.

    GATEWORK_DATA=... python benchmarks/failures.py [--seeds 5] [--select]

The main command, ``gatework forecast FILE``, forecasts each series by itself as it comes. Beside it
one network is trained on all sixteen series, each up to its last fifth, and forecasts from every
origin in that fifth; with five seeds, of three averaged networks each. ``--select`` shows how its
settings were chosen, on the validation part alone. The classical models come from
benchmarks/results/classics_failures.json and the outside peers from benchmarks/results/rivals;
both have scripts of their own. Writes benchmarks/results/failures.md and prints it.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from series.failures import failure_series

from gatework import Forecaster, GlobalForecaster
from gatework.forecast import Panel, Series
from gatework.forecast.backtest import HORIZONS, split
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.result import AUTO_NAME, LSTM_NAME

RESULTS = Path(__file__).with_name("results")
HORIZON = 12
MEMBERS = 3
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (16,),
    "learning_rate": 5e-4,
    "epochs": 100,
    "dropout": 0.4,
    "weight_decay": 0.1,
    "correction": True,
    "loss": "squared",
}
"""Chosen on the validation part; see CHOICES."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "learning_rate": (3e-4, 1e-3, 2e-3),
    "hidden_sizes": ((8,), (24,), (24, 24)),
    "epochs": (60, 200),
    "dropout": (0.2, 0.6),
    "weight_decay": (0.01, 0.3),
    "correction": (False,),
    "loss": ("absolute",),
}
"""What was tried in place of each setting, the others as they are."""

Errors = dict[str, dict[int, float]]  # by series, then by steps ahead


def main() -> None:
    """Run the LSTM, read what the others did, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--select", action="store_true", help="show how the settings were chosen")
    options = parser.parse_args()
    torch.set_num_threads(1)
    series = failure_series()
    if options.select:
        select(series)
        return
    cuts = np.array([split(len(one)).test_start for one in series])
    runs, began = [], time.perf_counter()
    for seed in range(options.seeds):
        runs.append(backtest(series, cuts, SETTINGS, seed))
        print(f"seed {seed}: {time.perf_counter() - began:.0f} s", flush=True)
    text = report(series, runs, (time.perf_counter() - began) / options.seeds)
    (RESULTS / "failures.md").write_text(text, encoding="utf-8")
    print(text)


def backtest(
    series: list[Series], starts: np.ndarray, settings: dict[str, Any], seed: int
) -> Backtest:
    """Train on all series up to ``starts`` and forecast from every later origin."""
    forecaster = GlobalForecaster(
        HORIZON, members=MEMBERS, batch_size=len(series), seed=1000 * seed, **settings
    )
    return forecaster.backtest(as_panel(series), starts)


def main_command(series: list[Series], model: str = "lstm") -> Errors:
    """Return the errors of `gatework forecast`, each series by itself, with its defaults."""
    found: Errors = {}
    for one in series:
        forecaster = Forecaster(HORIZON, model=model).fit(one)
        scores = forecaster.result_.scores[LSTM_NAME if model == "lstm" else AUTO_NAME]
        found[one.name] = {step: scores[step].rmse for step in HORIZONS if step in scores}
    return found


def as_panel(series: list[Series]) -> Panel:
    """Return the series side by side, weeks, months and working days alike, without seasons."""
    return Panel.from_series(
        [
            Series(one.name, one.values, tuple(str(n) for n in range(1, len(one) + 1)), counts=True)
            for one in series
        ]
    )


def select(series: list[Series]) -> None:
    """Print, for each choice, the geometric mean of RMSE on the validation part, relative."""
    cuts = [split(len(one)) for one in series]
    before = [one.first(cut.test_start) for one, cut in zip(series, cuts, strict=True)]
    starts = np.array([cut.train_end for cut in cuts])
    tried = [{}, *({name: value} for name, values in CHOICES.items() for value in values)]
    chosen: Errors = {}
    for change in tried:
        errors = backtest(before, starts, SETTINGS | change, 0).by_series()
        chosen = chosen or errors
        print(f"{mean_ratio(errors, chosen):.4f} {change or 'as chosen'}", flush=True)


def mean_ratio(errors: Errors, others: Errors) -> float:
    """Return the geometric mean over series and steps of the ratio of errors."""
    logs = [
        math.log(errors[name][step] / others[name][step])
        for name in others
        for step in others[name]
        if errors[name].get(step, 0) > 0 and others[name][step] > 0
    ]
    return math.exp(sum(logs) / len(logs))


def report(series: list[Series], runs: list[Backtest], seconds: float) -> str:
    """Return the page."""
    classics = json.loads((RESULTS / "classics_failures.json").read_text(encoding="utf-8"))
    tested = table_of(classics["series"], "test")
    best = best_classics(table_of(classics["series"], "validation"), tested)
    reference = {name: tested[model][name] for name, model in best.items()}
    peers = {
        found["model"]: found
        for path in sorted((RESULTS / "rivals").glob("*_failures.json"))
        if (found := json.loads(path.read_text(encoding="utf-8")))
    }
    ours = [run.by_series() for run in runs]
    ratios = [mean_ratio(errors, reference) for errors in ours]
    whole = [model for model in tested if len(tested[model]) == len(reference)]
    strongest = min(whole, key=lambda model: mean_ratio(tested[model], reference))
    to_strongest = float(np.mean([mean_ratio(errors, tested[strongest]) for errors in ours]))
    lines = [
        "# Failure series: the LSTM and the others",
        "",
        f"`python benchmarks/failures.py --seeds {len(runs)}`, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}, one thread. Rolling origin "
        f"over the untouched last fifth of {len(series)} series, RMSE at "
        f"{', '.join(map(str, HORIZONS))} steps ahead.",
        "",
        "## Summary",
        "",
        "Geometric mean, over series and steps ahead, of RMSE relative to that of the classical "
        "model that did best on the validation part of the series; and relative to the classical "
        f"model that did best on the test part over all series, which is {strongest}.",
        "",
        f"| model | relative RMSE | series where better | relative to {strongest} |",
        "|---|---|---|---|",
        f"| **one network for all series**, mean of {len(runs)} seeds (from {min(ratios):.3f} to "
        f"{max(ratios):.3f}) | **{float(np.mean(ratios)):.3f}** | {wins(ours[0], reference)} "
        f"| {to_strongest:.3f} |",
    ]
    for model, said in (
        ("lstm", "**`gatework forecast`**, one series at a time, the pretrained network"),
        ("auto", "`gatework forecast --model auto`, its mean with Holt-Winters and trailing mean"),
    ):
        command = main_command(series, model)
        worst = max(mean_ratio({n: command[n]}, {n: tested[strongest][n]}) for n in command)
        beside = mean_ratio(*common(command, tested[strongest]))
        lines.insert(
            -1,
            f"| {said} (worst series {worst:.3f} of {strongest}) "
            f"| **{mean_ratio(command, reference):.3f}** | {wins(command, reference)} "
            f"| {beside:.3f} |",
        )
    others = tested | {name: errors_of(found) for name, found in peers.items()}
    order = sorted(others, key=lambda name: mean_ratio(*common(others[name], reference)))
    for name in order:
        both = common(others[name], reference)
        lacks = len(reference) - len(both[1])
        less = f" (without {lacks} series)" if lacks else ""
        beside = mean_ratio(*common(others[name], tested[strongest]))
        lines.append(f"| {name}{less} | {mean_ratio(*both):.3f} | {wins(*both)} | {beside:.3f} |")
    lines += ["", settings_text(seconds, classics, peers), "", "## Intervals of the LSTM", ""]
    lines += coverage_lines(runs)
    lines += ["", "## By series", "", "RMSE by steps ahead; the LSTM with its first seed.", ""]
    for one in series:
        lines += series_lines(one, ours[0], tested, peers, best)
    return "\n".join(lines) + "\n"


def table_of(found: dict[str, Any], part: str) -> dict[str, Errors]:
    """Return errors by model, series and steps, of models that worked on the series."""
    models: dict[str, Errors] = {}
    for name, by_model in found.items():
        for model, result in by_model.items():
            if part in result:
                errors = {int(step): value for step, value in result[part].items()}
                models.setdefault(model, {})[name] = errors
    return models


def errors_of(found: dict[str, Any]) -> Errors:
    """Return the errors of an outside peer."""
    return {
        name: {int(step): value for step, value in result["rmse"].items()}
        for name, result in found["series"].items()
    }


def best_classics(validation: dict[str, Errors], tested: dict[str, Errors]) -> dict[str, str]:
    """Return, for each series, the model of the least mean RMSE on its validation part."""
    names = next(iter(tested.values()))
    return {
        name: min(
            (model for model in validation if name in validation[model] and name in tested[model]),
            key=lambda model, name=name: float(np.mean(list(validation[model][name].values()))),
        )
        for name in names
    }


def common(errors: Errors, reference: Errors) -> tuple[Errors, Errors]:
    """Return both on the series that both have."""
    shared = {name: reference[name] for name in reference if name in errors}
    return errors, shared


def wins(errors: Errors, reference: Errors) -> str:
    """Return on how many series the mean ratio is below 1."""
    each = [mean_ratio({name: errors[name]}, {name: reference[name]}) for name in reference]
    return f"{sum(ratio < 1 for ratio in each)} of {len(each)}"


def settings_text(seconds: float, classics: dict[str, Any], peers: dict[str, Any]) -> str:
    """Return how everything was run."""
    ours = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())
    told = [
        f"Gatework: one GlobalForecaster for all series, {MEMBERS} averaged networks, {ours}; "
        f"{seconds:.0f} s a seed for training, calibration of intervals, and forecasts.",
        f"Classical models: {', '.join(f'{k} {v}' for k, v in classics['libraries'].items())}; "
        "prepared before the test part, then carried forward.",
    ]
    told += [
        f"{found['model']}: {found['library']}; {found['settings']}." for found in peers.values()
    ]
    return "\n".join(f"- {sentence}" for sentence in told)


def coverage_lines(runs: list[Backtest]) -> list[str]:
    """Return the table of how often intervals held, over all series and seeds."""
    lines = [
        "| interval | " + " | ".join(f"{step} ahead" for step in HORIZONS) + " | all |",
        "|---|" + "---|" * (len(HORIZONS) + 1),
    ]
    for level in runs[0].lower:
        held = [[run.scores()[step][f"coverage {level:g}"] for step in HORIZONS] for run in runs]
        mean = np.mean(held, axis=0)
        cells = [f"{100 * share:.1f} %" for share in (*mean, mean.mean())]
        lines.append(f"| {level:.0%} | " + " | ".join(cells) + " |")
    return lines


def series_lines(
    one: Series,
    ours: Errors,
    tested: dict[str, Errors],
    peers: dict[str, Any],
    best: dict[str, str],
) -> list[str]:
    """Return the table of a series."""
    cut = split(len(one))
    rows = {"Gatework LSTM": ours[one.name]}
    rows |= {model: errors[one.name] for model, errors in tested.items() if one.name in errors}
    rows |= {
        name: errors_of(found)[one.name]
        for name, found in peers.items()
        if one.name in found["series"]
    }
    steps = sorted(ours[one.name])
    least = {step: min(row.get(step, math.inf) for row in rows.values()) for step in steps}
    lines = [
        f"### {one.name}: {len(one)} periods, {cut.origins} origins",
        "",
        "| model | " + " | ".join(map(str, steps)) + " |",
        "|---|" + "---|" * len(steps),
    ]
    for name, row in rows.items():
        shown = [
            ""
            if step not in row or math.isnan(row[step])
            else f"**{row[step]:.3f}**"
            if row[step] == least[step]
            else f"{row[step]:.3f}"
            for step in steps
        ]
        chosen = " (best on validation)" if name == best[one.name] else ""
        lines.append(f"| {name}{chosen} | " + " | ".join(shown) + " |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
