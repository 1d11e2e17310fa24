"""Accuracy of the recursive method on the four Los Alamos failure series, beside the baselines.

    python benchmarks/lanl.py [--trials 40] [--seed 1]

Writes benchmarks/results/lanl.md, as Markdown, and prints it.
"""

from __future__ import annotations

import argparse
import math
import platform
from pathlib import Path

from gatework.demo.series import SYSTEMS, TRIALS, demo_series
from gatework.forecast import Forecaster, ForecastResult

RESULTS = Path(__file__).with_name("results") / "lanl.md"


def main() -> None:
    """Forecast each system, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines = [
        "# RMSE on the last fifth of four failure series, by weeks ahead",
        "",
        f"`python benchmarks/lanl.py --trials {options.trials} --seed {options.seed}`, "
        f"{platform.machine()}, Python {platform.python_version()}. "
        "Rolling origin, failures a week; the best of each column is bold. The LSTM forecasts "
        "by the method of Wang et al. 2018.",
    ]
    for system in SYSTEMS:
        forecaster = Forecaster(
            horizon=12, trials=options.trials, seed=options.seed, method="recursive"
        )
        lines += table(forecaster.fit(demo_series(system)).result_, system)
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def table(result: ForecastResult, system: str) -> list[str]:
    """Return the lines of one system's table."""
    steps = sorted(result.winners)
    best = {s: min(v[s].rmse for name, v in result.scores.items() if name != "LSTM") for s in steps}
    ratios = [math.log(result.scores["LSTM"][s].rmse / best[s]) for s in steps]
    lines = [
        "",
        f"## {system}: {len(result.series)} weeks, {result.origins} origins, "
        f"{result.seconds:.0f} s",
        "",
        "| model | " + " | ".join(map(str, steps)) + " |",
        "|---|" + "---|" * len(steps),
    ]
    for name, by_steps in result.scores.items():
        cells = [
            f"**{by_steps[s].rmse:.2f}**"
            if result.winners[s] == name
            else f"{by_steps[s].rmse:.2f}"
            for s in steps
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"The LSTM's RMSE relative to the best other model of each column, geometric mean: "
        f"{math.exp(sum(ratios) / len(ratios)):.3f}.",
    ]
    return lines


if __name__ == "__main__":
    main()
