"""M3, monthly, by a pretrained network that never saw it: as it comes, and tuned to the panel.

    GATEWORK_DATA=... python benchmarks/m3_tuned.py --network FILE

FILE is of `gatework pretrain FOLDER --without M3`, otherwise as the one that ships. Whether the
tuned network serves is decided on the months before those to be forecast, as by
`gatework forecast --tune`. Writes benchmarks/results/m3_tuned.md and prints it.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import torch
from m3 import as_panel, both, held
from series.m3 import HORIZON, m3_monthly

from gatework import GlobalForecaster

LEVELS = (0.8, 0.9, 0.95)


def main() -> None:
    """Forecast twice, score, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", required=True)
    options = parser.parse_args()
    series = m3_monthly()
    lines = [
        "# M3, monthly, by a pretrained network that never saw it",
        "",
        f"`python benchmarks/m3_tuned.py`, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}. {len(series)} series, {HORIZON} "
        "months ahead, mean over the series.",
        "",
        "| network | sMAPE | MASE | 80 % held | 90 % | 95 % | processor time |",
        "|---|---|---|---|---|---|---|",
    ]
    said = ""
    for name, tune in (("as it comes", False), ("tuned to the panel", True)):
        began = time.process_time()
        forecaster = GlobalForecaster(HORIZON, network=options.network, tune=tune, seed=0)
        found = forecaster.fit(as_panel(series, 0)).predict(HORIZON, levels=LEVELS)
        seconds = time.process_time() - began
        smape, mase = both(series, found.values)
        shares = " | ".join(f"{100 * held(series, found, level):.1f}" for level in LEVELS)
        lines.append(f"| {name} | {smape:.3f} | {mase:.4f} | {shares} | {seconds:.0f} s |")
        said = forecaster.judged_
    text = "\n".join([*lines, "", said]) + "\n"
    page = Path(__file__).with_name("results") / "m3_tuned.md"
    page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
