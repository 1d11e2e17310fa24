"""Remaining useful life of the engines of C-MAPSS FD001, as tables in Markdown.

    GATEWORK_DATA=... python benchmarks/cmapss.py [--seeds 5] [--select]

``--select`` shows how the settings were chosen: five folds of the training engines, each held-out
engine cut after cycles drawn evenly from its life; the test engines play no part. Writes
benchmarks/results/cmapss.md and prints it.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from series import data_folder

from gatework import LifeEstimator
from gatework.forecast.metrics import coverage, rmse
from gatework.life import Fleet, LifePoint, read_fleet
from gatework.life.fit import life_left
from gatework.life.held_out import linear_life
from gatework.life.scores import phm_score
from gatework.life.signals import Signals

RESULTS = Path(__file__).with_name("results") / "cmapss.md"
CAP = 125.0
LEAST_SEEN = 30
"""Cycles that a held-out engine has run at least where it is cut."""

SETTINGS: dict[str, Any] = {}
"""What differs from the defaults of LifeEstimator, which were chosen by ``--select``."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "hidden_sizes": ((32, 32), (64,), (128, 64)),
    "dropout": (0.15, 0.5),
    "learning_rate": (3e-3, 1e-2, 2e-2),
    "weight_decay": (1e-2,),
    "epochs": (30, 120),
    "batch_size": (2, 10, 20),
}
PUBLISHED = (
    ("deep LSTM (Zheng et al. 2017, doi 10.1109/ICPHM.2017.7998311)", 16.14, 338),
    ("bi-directional LSTM (Wang et al. 2018, PHM-Chongqing)", 13.65, 295),
)


def main() -> None:
    """Train, predict, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--select", action="store_true", help="show how the settings were chosen")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    folder = data_folder("cmapss")
    train = read_fleet(folder / "train_FD001.txt")
    if options.select:
        select(train)
        return
    test = read_fleet(folder / "test_FD001.txt")
    truth = np.loadtxt(folder / "RUL_FD001.txt")
    found, began = [], time.perf_counter()
    for seed in range(options.seeds):
        estimator = LifeEstimator(CAP, seed=1000 * seed, **SETTINGS).fit(train)
        found.append(estimator.predict(test))
        print(f"seed {seed}: {time.perf_counter() - began:.0f} s", flush=True)
    seconds = time.perf_counter() - began
    curves = linear_life(train, life_left(train, CAP), test, Signals.of(train), CAP)
    linear = curves[np.cumsum(test.lengths) - 1]
    text = report(found, linear, truth, seconds, options.threads)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def select(train: Fleet) -> None:
    """Print the mean RMSE over five folds of each choice."""
    tried = [{}, *({name: value} for name, values in CHOICES.items() for value in values)]
    for change in tried:
        errors = [fold_error(train, fold, SETTINGS | change) for fold in range(5)]
        print(f"{np.mean(errors):.2f} {change or 'as chosen'}", flush=True)


def fold_error(train: Fleet, fold: int, settings: dict[str, Any]) -> float:
    """Return the RMSE on a fifth of the engines by a network trained on the others."""
    rows = np.arange(len(train))
    held = train.rows(rows[rows % 5 == fold])
    seen = train.rows(rows[rows % 5 != fold])
    estimator = LifeEstimator(CAP, members=1, seed=fold, **settings).fit(seen)
    draw = np.random.default_rng(fold)
    predicted, actual = [], []
    for unit, curve in estimator.predict_all(held).items():
        life = len(curve)
        for cut in draw.integers(min(LEAST_SEEN, life - 1), life, 5):
            predicted.append(curve[cut - 1].value)
            actual.append(min(CAP, life - cut))
        assert unit == curve[0].unit
    return rmse(np.array(actual), np.array(predicted))


def report(
    found: list[list[LifePoint]],
    linear: np.ndarray,
    truth: np.ndarray,
    seconds: float,
    threads: int,
) -> str:
    """Return the page."""
    capped = np.minimum(truth, CAP)
    values = [np.array([point.value for point in points]) for points in found]
    errors = [rmse(capped, predicted) for predicted in values]
    scores = [phm_score(capped, predicted) for predicted in values]
    whole = [rmse(truth, predicted) for predicted in values]
    held = [
        coverage(
            capped,
            np.array([point.lower for point in points]),
            np.array([point.upper for point in points]),
        )
        for points in found
    ]
    known = LifeEstimator(CAP, **SETTINGS)
    settings = ", ".join(
        f"{name} {value}" for name, value in known.get_params().items() if name != "progress"
    )
    lines = [
        "# Remaining useful life: C-MAPSS FD001",
        "",
        f"`python benchmarks/cmapss.py --seeds {len(found)}`, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}, {threads} threads. 100 engines "
        f"to learn from, 100 to predict, one prediction each; lives are capped at {CAP:g} cycles.",
        "",
        "| model | RMSE | PHM score |",
        "|---|---|---|",
        f"| **Gatework LifeEstimator**, mean of {len(found)} seeds | **{np.mean(errors):.2f}** | "
        f"**{np.mean(scores):.0f}** |",
        f"| from the best seed to the worst | {min(errors):.2f} to {max(errors):.2f} | "
        f"{min(scores):.0f} to {max(scores):.0f} |",
        f"| a linear model of the same signals | {rmse(capped, linear):.2f} | "
        f"{phm_score(capped, linear):.0f} |",
        *(f"| {name} | {error:.2f} | {score} |" for name, error, score in PUBLISHED),
        "",
        f"- Against lives that are not capped: RMSE {np.mean(whole):.2f}.",
        f"- 90 % intervals held {np.mean(held):.0%} of the (capped) lives.",
        f"- {seconds / len(found):.0f} s a seed: three networks for the intervals, three for the "
        "predictions.",
        f"- Settings: {settings}. They were chosen on the training engines alone, by five folds of "
        "them cut after cycles drawn evenly from their lives (`--select`).",
        "- The published figures are those papers'; bi-level LSTM is reported with 11.80.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
