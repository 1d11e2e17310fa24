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
import json
import math
import platform
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from series.collections import ENDS, LEVELS, Scores, Task, alike, scored, summed_up, tasks_of
from series.failures import failure_series
from series.totals import totals_lines

from gatework.forecast.backtest import HORIZONS, split
from gatework.forecast.pretrained.model import SHIPPED, PretrainedNetwork
from gatework.forecast.pretrained.track import side_by_side

RESULTS = Path(__file__).with_name("results")


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
        "",
        *totals_lines(network),
    ]
    (RESULTS / "pretrained.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def failures(network: PretrainedNetwork) -> list[str]:
    """Return the lines on the failure series."""
    lines = [
        "## Failure series, none of them in the training",
        "",
        "| series | RMSE / Holt-Winters, geometric mean over steps | cells better |",
        "|---|---|---|",
    ]
    ratios, held = on_failures(network)
    for name, own in ratios.items():
        better = sum(log < 0 for log in own)
        lines.append(f"| {name} | {math.exp(np.mean(own)):.3f} | {better} of {len(own)} |")
    logs = [log for own in ratios.values() for log in own]
    better = sum(log < 0 for log in logs)
    lines.append(f"| **all** | **{math.exp(np.mean(logs)):.3f}** | {better} of {len(logs)} |")
    shares = ", ".join(f"{level:.0%} held {np.mean(held[level]):.1%}" for level in LEVELS)
    return [*lines, "", f"Intervals over all steps ahead: {shares}."]


def on_failures(
    network: PretrainedNetwork,
) -> tuple[dict[str, list[float]], dict[float, list[bool]]]:
    """Return, by series, the logarithms of RMSE / Holt-Winters; by level, what was held."""
    classics = json.loads((RESULTS / "classics_failures.json").read_text(encoding="utf-8"))
    ratios: dict[str, list[float]] = {}
    held: dict[float, list[bool]] = defaultdict(list)
    for one in failure_series():
        start, values = split(len(one)).test_start, one.values
        errors: dict[int, list[float]] = defaultdict(list)
        lengths = np.array([len(one)])
        for known, said in network.rolling(values[None], lengths, one.season, 12, start):
            ends = said.quantiles(ENDS)[:, 0]
            for step in range(1, 13):
                if known + step <= len(one):
                    actual = values[known + step - 1]
                    errors[step].append(actual - said.location[0, step - 1])
                    for place, level in enumerate(LEVELS):
                        low, high = ends[2 * place : 2 * place + 2, step - 1]
                        held[level].append(bool(low <= actual <= high))
        others = classics["series"][one.name]["Holt-Winters"]["test"]
        ratios[one.name] = [
            math.log(math.sqrt(np.mean(np.square(errors[step]))) / others[str(step)])
            for step in HORIZONS
            if errors[step] and others.get(str(step))
        ]
    return ratios, held


def collections(networks: list[PretrainedNetwork]) -> list[str]:
    """Return the lines on the collections, each by the first network that never saw it."""
    classics = json.loads((RESULTS / "collections_classics.json").read_text(encoding="utf-8"))
    lines = [
        "## Collections",
        "",
        "In bold: by a network that never saw a series of the collection, nor one that shares "
        f"twelve values in a row with one of them. Beside it {classics['library']}: "
        f"{classics['settings']}. Pinball loss: mean over the ends of the three intervals, in the "
        "unit of MASE.",
        "",
        "| collection | by | series | sMAPE | MASE | pinball | 80 % held | 90 % | 95 % "
        "| 90 %, by step |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for source, tasks in tasks_of().items():
        network, unseen = network_for(source, networks)
        name = f"**{source}**" if unseen else f"{source} (beginnings seen)"
        found = summed_up([one for one in on_collection(network, tasks).values()])
        lines.append(row_of(name, "the network", found))
        for model, other in classics["collections"].get(source, {}).items():
            lines.append(row_of("", model, other))
    return lines


def network_for(source: str, networks: list[PretrainedNetwork]) -> tuple[PretrainedNetwork, bool]:
    """Return the first network that never saw a source, and that it did not; else the last."""
    unseen = [one for one in networks if source not in one.about["series"]]
    return (unseen or networks[-1:])[0], bool(unseen)


def on_collection(network: PretrainedNetwork, tasks: Sequence[Task]) -> dict[str, Scores]:
    """Return the scores of the network's forecasts, by the names of the series."""
    found: dict[str, Scores] = {}
    for group in alike(tasks):
        values, lengths = side_by_side([task.known for task in group])
        said = network.begin(values, lengths, group[0].season).forecasts(len(group[0].came))
        ends = said.quantiles(ENDS)
        for row, task in enumerate(group):
            found[task.name] = scored(task, said.location[row], ends[:, row])
    return found


def row_of(collection: str, by: str, found: dict[str, Any]) -> str:
    """Return a row of the table on collections."""
    cells = [collection, by, str(found["series"]), f"{found['smape']:.3f}", f"{found['mase']:.4f}"]
    cells += [f"{found['pinball']:.4f}", *(f"{share:.1f}" for share in found["held"])]
    return "| " + " | ".join([*cells, " ".join(map(str, found["by_step"]))]) + " |"


def short_histories(networks: list[PretrainedNetwork]) -> list[str]:
    """Return the lines on intervals where little is known: M3 monthly, cut to so many months."""
    network = next((n for n in networks if "M3 monthly" not in n.about["series"]), networks[-1])
    months, ahead = (30, 33, 36, 42, 54, 66, 84), 12
    tasks = tasks_of()["M3 monthly"]
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


if __name__ == "__main__":
    main()
