"""Whether intervals of totals hold: on made counts, and before the test parts of failure series."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatework.forecast.backtest import split
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.totals import totals_of
from series.failures import failure_series

LEVELS = (0.5, 0.8, 0.9)
HORIZON = 12
KNOWN = 60
"""Values of made series before the periods whose total is forecast."""

MANY = 200


def totals_lines(network: PretrainedNetwork) -> list[str]:
    """Return the lines on totals of the next 12 periods."""
    lines = [
        "## Totals of the next 12 periods",
        "",
        f"Made series: {MANY} of {KNOWN} values. The failure series: every origin of the part "
        "before the test part. Width: of the 90 % interval, in units of the mean total.",
        "",
        "| series | " + " | ".join(f"{level:.0%} held" for level in LEVELS) + " | width |",
        "|---|" + "---|" * (len(LEVELS) + 1),
    ]
    for name, values, season in _made():
        lines.append(_row(name, [_held(network, values, season, KNOWN)]))
    each = []
    for one in failure_series():
        cut = split(len(one))
        each.append(_held(network, one.values[None, : cut.test_start], one.season, cut.train_end))
    return [*lines, _row("**16 failure series**", each)]


def _made() -> Iterator[tuple[str, np.ndarray, int]]:
    """Yield name, values (B, T) and season of made counts, of which only the last total counts."""
    draw, shape = np.random.default_rng(0), (MANY, KNOWN + HORIZON)
    yield "Poisson, 4 a period", draw.poisson(4, shape).astype(float), 12
    yield "Poisson, 0.5 a period", draw.poisson(0.5, shape).astype(float), 12
    yield "negative binomial, 5", draw.negative_binomial(2, 2 / 7, shape).astype(float), 12
    wandering = 5 * np.exp(np.cumsum(draw.normal(0, 0.08, shape), axis=1))
    yield "Poisson, a rate that wanders", draw.poisson(wandering).astype(float), 12
    falling = np.broadcast_to(np.linspace(9, 2, shape[1]), shape)
    yield "Poisson, 9 falling to 2", draw.poisson(falling).astype(float), 12


def _held(
    network: PretrainedNetwork, values: np.ndarray, season: int, since: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which totals were held, (n, levels), and the widths of the last level's interval."""
    names = [str(row) for row in range(len(values))]
    lengths = np.full(len(values), values.shape[1])
    held, widths = [], []
    for known, found in network.rolling(values, lengths, season, HORIZON, since):
        came = values[:, known : known + HORIZON].sum(axis=1)
        if known + HORIZON > values.shape[1]:
            break
        total, low, high, _ = totals_of(found, names, LEVELS, (), 0)
        held.append(np.stack([(low[one] <= came) & (came <= high[one]) for one in LEVELS], axis=1))
        widths.append((high[LEVELS[-1]] - low[LEVELS[-1]]) / np.maximum(total, 1e-9))
    if not held:
        return np.empty((0, len(LEVELS))), np.empty(0)
    return np.concatenate(held), np.concatenate(widths)


def _row(name: str, found: list[tuple[np.ndarray, np.ndarray]]) -> str:
    held = np.concatenate([one for one, _ in found]).mean(axis=0)
    width = np.median(np.concatenate([one for _, one in found]))
    return f"| {name} | " + " | ".join(f"{share:.1%}" for share in held) + f" | {width:.2f} |"
