"""The pretrained network beside NeuralForecast and Darts, as tables in Markdown.

    python benchmarks/rivals/by_collection_table.py [--network FILE] [--beside FILE ...]

Reads what by_collection.py wrote and needs none of its libraries; the network's own figures are
made anew, by the files and the rules of benchmarks/pretrained.py. Writes
benchmarks/results/rivals/collections.md and prints it.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pretrained import network_for, on_collection, on_failures
from series.collections import COMPARED, DRAWN, Scores, drawn, tasks_of

from gatework.forecast.pretrained.model import SHIPPED, PretrainedNetwork

RESULTS = Path(__file__).parent.parent / "results"
OURS = "Gatework, as it comes"
NETWORKS = ("NeuralForecast NHITS", "NeuralForecast LSTM", "Darts N-HiTS", "Darts BlockRNN LSTM")
CLASSICS = ("AutoETS", "AutoTheta")

PROTOCOL = """Every network of NeuralForecast and Darts has its library's own size, rate, steps and
loss; inputs are two horizons long where the series allows; the last horizon before the test part
ends the training early where there are four, checked every 50 steps (NeuralForecast, 5 checks
without a better one) or every epoch (Darts, 10). NeuralForecast scales each window by its median
(`robust`), Darts each series by its span (`Scaler`); of one series NeuralForecast takes 32 windows
a step, as Darts does. One thread, one seed; forecasts are clipped at 0. The processor time of a
training ends it: 30 s one series at a time, so that the two networks of a library have a minute;
600 s for a whole collection. Gatework is the pretrained network that never saw a collection, or a
series that shares twelve values with one of it; nothing is trained."""


def main() -> None:
    """Read the scores, make the network's own, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default=str(SHIPPED))
    parser.add_argument("--beside", nargs="*", default=[])
    options = parser.parse_args()
    network = PretrainedNetwork.load(options.network)
    networks = [*(PretrainedNetwork.load(path) for path in options.beside), network]
    found = read("rivals/collections.json")
    tasks = {name: tasks_of()[name] for name in COMPARED}
    ours = {name: on_collection(network_for(name, networks)[0], tasks[name]) for name in COMPARED}
    few = {name: [task.name for task in drawn(tasks[name])] for name in COMPARED}
    seen = [name for name in COMPARED if not network_for(name, networks)[1]]
    lines = [
        "# NeuralForecast and Darts on every collection",
        "",
        f"`python benchmarks/rivals/by_collection.py`; {found['libraries']}.",
        "",
        PROTOCOL,
        *([f"\nGatework's network saw the beginnings of: {', '.join(seen)}."] if seen else []),
        "",
        *failures(network, found["failures"]),
        "",
        *alone(ours, few, found["alone"]),
        "",
        *together(ours, found["together"]),
        *(f"\nRefused: {', '.join(filter(None, one))}." for one in found["refused"]),
    ]
    (RESULTS / "rivals" / "collections.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def read(name: str) -> dict[str, Any]:
    return json.loads((RESULTS / name).read_text(encoding="utf-8"))


def failures(network: PretrainedNetwork, found: dict[str, Any]) -> list[str]:
    """Return the lines on the failure series, each trained once and forecast from every origin."""
    classics = read("classics_failures.json")["series"]
    ours = on_failures(network)[0]
    rows = {
        name: [ours[name], *(_logs(found, n, name, classics) for n in NETWORKS)] for name in ours
    }
    lines = [
        "## Failure series, RMSE / Holt-Winters",
        "",
        "Geometric mean over 1, 2, 3, 6 and 12 steps ahead; least in bold.",
        "",
        f"| series | {OURS} | " + " | ".join(NETWORKS) + " |",
        "|---|" + "---|" * (1 + len(NETWORKS)),
    ]
    for name, logs in rows.items():
        lines.append(_row(name, [math.exp(np.mean(own)) if own else None for own in logs]))
    whole = [name for name, logs in rows.items() if all(logs)]
    if whole:
        every = [[x for name in whole for x in rows[name][n]] for n in range(1 + len(NETWORKS))]
        title = f"**all**, {len(whole)} of {len(rows)} series"
        lines.append(_row(title, [math.exp(np.mean(logs)) for logs in every]))
    return lines


def _logs(found: dict[str, Any], network: str, name: str, classics: dict[str, Any]) -> list[float]:
    rmse = found.get(network, {}).get(name, {}).get("rmse", {})
    others = classics[name]["Holt-Winters"]["test"]
    return [
        math.log(value / others[steps])
        for steps, value in rmse.items()
        if value > 0 and others.get(steps)
    ]


def alone(
    ours: Mapping[str, dict[str, Scores]], few: Mapping[str, list[str]], found: dict[str, Any]
) -> list[str]:
    """Return the lines on the drawn series, a network for each of them."""
    classics = read("collections_classics.json")["collections"]
    lines = [
        f"## {DRAWN} series of each collection, drawn with seed 0, one at a time: MASE",
        "",
        f"| collection | {OURS} | " + " | ".join((*CLASSICS, *NETWORKS)) + " |",
        "|---|" + "---|" * (1 + len(CLASSICS) + len(NETWORKS)),
    ]
    for collection in COMPARED:
        own = np.nanmean([ours[collection][name].mase for name in few[collection]])
        others = classics.get(collection, {})
        row = [float(own), *(others.get(n, {}).get("drawn", {}).get("mase") for n in CLASSICS)]
        for network in NETWORKS:
            done = found.get(collection, {}).get(network, {})
            whole = all(name in done for name in few[collection])
            row.append(float(np.mean([one["mase"] for one in done.values()])) if whole else None)
        lines.append(_row(collection, row))
    return [*lines, "", "Empty: not measured on all of the drawn series."]


def together(ours: Mapping[str, dict[str, Scores]], found: dict[str, Any]) -> list[str]:
    """Return the lines on whole collections, one network for each."""
    networks = [name for name in NETWORKS if any(name in one for one in found.values())]
    lines = [
        "## One network for a whole collection: MASE, sMAPE",
        "",
        f"| collection | series | {OURS} | " + " | ".join(networks) + " |",
        "|---|---|" + "---|" * (1 + len(networks)),
    ]
    for collection in (name for name in COMPARED if name in found):
        every = ours[collection].values()
        mase, smape = np.nanmean([one.mase for one in every]), np.mean([o.smape for o in every])
        cells = [collection, str(len(every)), f"{mase:.3f}, {smape:.2f}"]
        for network in networks:
            one = found[collection].get(network)
            cut = one and f", cut off at {one['seconds']:.0f} s" if one and one["cut"] else ""
            cells.append(f"{one['mase']:.3f}, {one['smape']:.2f}{cut}" if one else "")
        lines.append("| " + " | ".join(cells) + " |")
    left = [name for name in COMPARED if name not in found]
    return [*lines, "", f"Not measured: {', '.join(left) or 'none'}."]


def _row(name: str, values: list[float | None]) -> str:
    told = [value for value in values if value is not None]
    least = min(told) if len(told) > 1 else None
    cells = [
        "" if value is None else f"**{value:.3f}**" if value == least else f"{value:.3f}"
        for value in values
    ]
    return "| " + " | ".join([name, *cells]) + " |"


if __name__ == "__main__":
    main()
