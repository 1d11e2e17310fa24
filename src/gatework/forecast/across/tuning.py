"""The pretrained network tuned on a panel, where that surely forecasts better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gatework.extras import needing
from gatework.forecast.across.checks import LEAST_BEFORE
from gatework.forecast.across.corrected import pretrained_backtest
from gatework.forecast.across.untrained import rolling, untrained_backtest
from gatework.forecast.backtest import split
from gatework.forecast.checks import several
from gatework.forecast.panel.backtest import Backtest, last_share
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.plain import with_verdict
from gatework.forecast.verdict import Verdict, judge, scales_of, too_few, untold

LEAST_JUDGED = 24
"""Values from which on a series has a validation part."""

LEAST_KNOWN = 3
"""Values from which on a series is learned from."""


def tuned_or_not(
    forecaster: Any, panel: Panel, network: PretrainedNetwork
) -> tuple[PretrainedNetwork, Backtest | Panel]:
    """Return what serves a panel as a GlobalForecaster says, and what it held out.

    The panel stands for what is to be forecast without what was tuned.

    Networks are tuned on each series up to its validation part, and judged there. They serve only
    where they are surely better: tuned on what comes before the last fifth of each series for the
    scores, and on everything for the forecasts.
    """
    verdict = _verdict(forecaster, panel, network)
    if not verdict.kept:
        return with_verdict(network, verdict), panel
    starts = last_share(panel.lengths, 0.2, LEAST_BEFORE)
    tested = tuned_to(forecaster, panel.cut(starts), network, "test")
    levels = tuple(several(forecaster.levels))
    held_out = pretrained_backtest(panel, starts, forecaster.horizon, levels, tested)
    final = tuned_to(forecaster, panel, network, "all")
    return with_verdict(final, verdict), held_out


def tuned_to(
    forecaster: Any, panel: Panel, network: PretrainedNetwork, part: str
) -> PretrainedNetwork:
    """Return networks that are tuned on all that is known of a panel; ``part`` is what it is."""
    with needing("torch", "tuning needs torch", part="train"):
        from gatework.forecast.pretrained.tune import tuned
    folder = None if forecaster.checkpoint is None else Path(forecaster.checkpoint) / part
    how = {"seed": forecaster.seed, "progress": forecaster.progress, "checkpoint": folder}
    return tuned(network, _examples(panel), **how)


def _examples(panel: Panel) -> list[Example]:
    known = panel.known
    return [
        Example(name, "", panel.values[row, : panel.lengths[row]], panel.season)
        for row, name in enumerate(panel.ids)
        if known[row] >= LEAST_KNOWN
    ]


def _verdict(forecaster: Any, panel: Panel, network: PretrainedNetwork) -> Verdict:
    """Return what the validation parts say of networks that are tuned on what comes before."""
    starts, ends = _validation(panel.lengths)
    origins = ends - starts
    if not origins.any():
        why = f"only from {LEAST_JUDGED} values on has a series a validation part"
        return untold("tuned", 0, why)
    if np.count_nonzero(origins) == 1 and (why := too_few(origins.max(), forecaster.horizon)):
        return untold("tuned", int(origins.max()), why)
    new = tuned_to(forecaster, panel.cut(starts), network, "validation")
    part = panel.cut(ends)
    errors = [
        untrained_backtest(part, starts, forecaster.horizon, (), rolling(part, one)).errors
        for one in (new, network)
    ]
    scales = scales_of(part.values, starts, panel.season)
    return judge("tuned", errors[0], errors[1], scales)


def _validation(lengths: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the validation part of each series begins and ends, each (B,)."""
    cuts = [
        (cut.train_end, cut.test_start)
        for n in map(int, lengths)
        for cut in [split(max(n, LEAST_JUDGED))]
    ]
    starts, ends = np.array(cuts, np.int64).T
    short = np.asarray(lengths) < LEAST_JUDGED
    return np.where(short, lengths, starts), np.where(short, lengths, ends)
