"""What a pretrained network is worth on series that it was not shown, as tables in Markdown.

    GATEWORK_DATA=... python benchmarks/pretrained.py [--network FILE] [--beside FILE ...]

The failure series: rolling origin over the untouched last fifth, RMSE relative to Holt-Winters. The
collections: the last h values of each series, forecast once from all before, by their usual
measures. Each collection is forecast by the first of the networks ``--beside`` that never saw it
(`gatework pretrain FOLDER --without SOURCE`, otherwise as the one that ships), else by the shipped
one, which saw the beginnings of its series; that is marked. Intervals: the share of outcomes in
them, without any calibration on the series. Writes benchmarks/results/pretrained.md and prints it.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import platform
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from series import data_folder
from series.failures import failure_series

from gatework.forecast.backtest import HORIZONS, split
from gatework.forecast.pretrained.collections import PERIODS
from gatework.forecast.pretrained.model import SHIPPED, PretrainedNetwork
from gatework.forecast.pretrained.track import side_by_side

RESULTS = Path(__file__).with_name("results")
LEVELS = (0.8, 0.9, 0.95)
ENDS = [tail for level in LEVELS for tail in ((1 - level) / 2, (1 + level) / 2)]


@dataclass(frozen=True, eq=False)
class Task:
    """A series of a collection: what is known, and what came."""

    known: np.ndarray
    came: np.ndarray
    season: int


def main() -> None:
    """Forecast everything, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default=str(SHIPPED))
    parser.add_argument("--beside", nargs="*", default=[])
    options = parser.parse_args()
    network = PretrainedNetwork.load(options.network)
    beside = [PretrainedNetwork.load(path) for path in options.beside]
    lines = [
        "# The pretrained network, as it comes",
        "",
        f"`python benchmarks/pretrained.py`, {platform.machine()}, Python "
        f"{platform.python_version()}. Trained with {network.about['settings']}.",
        "",
        *failures(network),
        "",
        *collections([*beside, network]),
        "",
        *short_histories([*beside, network]),
    ]
    (RESULTS / "pretrained.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def failures(network: PretrainedNetwork) -> list[str]:
    """Return the lines on the failure series."""
    classics = json.loads((RESULTS / "classics_failures.json").read_text(encoding="utf-8"))
    lines = [
        "## Failure series, none of them in the training",
        "",
        "| series | RMSE / Holt-Winters, geometric mean over steps | cells better |",
        "|---|---|---|",
    ]
    logs, held = [], defaultdict(list)
    for one in failure_series():
        start, values = split(len(one)).test_start, one.values
        errors = defaultdict(list)
        lengths = np.array([len(one)])
        for known, said in network.rolling(values[None], lengths, one.season, 12, start):
            ends = said.quantiles(ENDS)[:, 0]
            for step in range(1, 13):
                if known + step <= len(one):
                    actual = values[known + step - 1]
                    errors[step].append(actual - said.location[0, step - 1])
                    for place, level in enumerate(LEVELS):
                        low, high = ends[2 * place : 2 * place + 2, step - 1]
                        held[level].append(low <= actual <= high)
        others = classics["series"][one.name]["Holt-Winters"]["test"]
        own = [
            math.log(math.sqrt(np.mean(np.square(errors[step]))) / others[str(step)])
            for step in HORIZONS
            if errors[step] and others.get(str(step))
        ]
        logs += own
        better = sum(log < 0 for log in own)
        lines.append(f"| {one.name} | {math.exp(np.mean(own)):.3f} | {better} of {len(own)} |")
    better = sum(log < 0 for log in logs)
    lines.append(f"| **all** | **{math.exp(np.mean(logs)):.3f}** | {better} of {len(logs)} |")
    shares = ", ".join(f"{level:.0%} held {np.mean(held[level]):.1%}" for level in LEVELS)
    return [*lines, "", f"Intervals over all steps ahead: {shares}."]


def collections(networks: list[PretrainedNetwork]) -> list[str]:
    """Return the lines on the collections, each by the first network that never saw it."""
    lines = [
        "## Collections",
        "",
        "In bold: by a network that never saw a series of the collection, nor one that shares "
        "twelve values in a row with one of them.",
        "",
        "| collection | series | sMAPE | MASE | 80 % held | 90 % | 95 % | 90 %, by step |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for source, tasks in sorted(tasks_of()):
        unseen = [one for one in networks if source not in one.about["series"]]
        network = (unseen or networks[-1:])[0]
        smape, mase, held = [], [], defaultdict(list)
        for group in alike(tasks):
            values, lengths = side_by_side([task.known for task in group])
            came = np.array([task.came for task in group])
            said = network.begin(values, lengths, group[0].season).forecasts(came.shape[1])
            ends = said.quantiles(ENDS)
            error = np.abs(came - said.location)
            both = np.abs(came) + np.abs(said.location)
            smape += np.nanmean(200 * error / np.maximum(both, 1e-12), axis=1).tolist()
            mase += [
                np.nanmean(one) / usual
                for one, task in zip(error, group, strict=True)
                if (usual := usual_change(task)) > 0
            ]
            for place, level in enumerate(LEVELS):
                inside = (ends[2 * place] <= came) & (came <= ends[2 * place + 1])
                held[level].append(np.where(np.isnan(came), np.nan, inside))
        shares = [np.nanmean(np.concatenate([one.ravel() for one in held[x]])) for x in LEVELS]
        longest = max(held[0.9], key=lambda one: one.shape)
        steps = " ".join(f"{share:.0f}" for share in 100 * np.nanmean(longest, axis=0))
        name = f"**{source}**" if unseen else f"{source} (beginnings seen)"
        cells = [name, str(len(tasks)), f"{np.mean(smape):.3f}", f"{np.nanmean(mase):.4f}"]
        cells += [f"{100 * share:.1f}" for share in shares]
        lines.append("| " + " | ".join([*cells, steps]) + " |")
    return lines


def short_histories(networks: list[PretrainedNetwork]) -> list[str]:
    """Return the lines on intervals where little is known: M3 monthly, cut to so many months."""
    network = next((n for n in networks if "M3 monthly" not in n.about["series"]), networks[-1])
    months, ahead = (30, 33, 36, 42, 54, 66, 84), 12
    tasks = dict(tasks_of())["M3 monthly"]
    series = [np.concatenate([task.known, task.came]) for task in tasks]
    series = [one for one in series if len(one) >= max(months) + ahead]
    drawn = [series[row] for row in np.random.default_rng(0).permutation(len(series))[:150]]
    lines = [
        "## 90 % intervals of short histories",
        "",
        f"{len(drawn)} series of M3 monthly, cut to so many months; the next {ahead} are the "
        "outcomes. Width in units of their mean size.",
        "",
        "| months | held | by step | mean width, by step |",
        "|---|---|---|---|",
    ]
    for known in months:
        values = np.stack([one[:known] for one in drawn])
        came = np.stack([one[known : known + ahead] for one in drawn])
        said = network.begin(values, np.full(len(drawn), known), 12).forecasts(ahead)
        low, high = said.quantiles((0.05, 0.95))
        inside = (low <= came) & (came <= high)
        width = ((high - low) / np.abs(came).mean(axis=1, keepdims=True)).mean(axis=0)
        steps = " ".join(f"{100 * share:.0f}" for share in inside.mean(axis=0))
        widths = " ".join(f"{one:.2f}" for one in width)
        lines.append(f"| {known} | {100 * inside.mean():.1f} % | {steps} | {widths} |")
    return lines


def usual_change(task: Task) -> float:
    """Return the mean change of what is known over a season, by which MASE divides."""
    if len(task.known) <= task.season:
        return math.nan
    return float(np.nanmean(np.abs(task.known[task.season :] - task.known[: -task.season])))


def alike(tasks: list[Task]) -> list[list[Task]]:
    """Return the tasks by season and number of values to come."""
    found: dict[Any, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.season, len(task.came)].append(task)
    return list(found.values())


def tasks_of() -> Iterator[tuple[str, list[Task]]]:
    """Yield each collection with its series of at least eight known values."""
    found: dict[str, list[Task]] = defaultdict(list)
    for path in (data_folder("pool") / "series.csv", data_folder("m3") / "M3_monthly.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        first = header.index("values...")
        for row in rows:
            said = dict(zip(header[:first], row, strict=False))
            known, ahead = int(said["n_train"]), int(said["h"])
            cells = row[first : first + known + ahead]
            values = np.array([float(cell) if cell else np.nan for cell in cells])
            period = said.get("period", "monthly")
            if known >= 8:
                task = Task(values[:known], values[known:], PERIODS.get(period, 1))
                found[f"{said.get('source', 'M3')} {period}"].append(task)
    yield from found.items()


if __name__ == "__main__":
    main()
