"""The smoothers of the stream's bank: those of es_lstm, and quick ones that follow a smooth line.

Source: see es_lstm.rates.
"""

from __future__ import annotations

import numpy as np

from gatework.forecast.es_lstm import rates

QUICK = ((0.9, 0.1, 1.0), (0.9, 0.4, 0.97), (1.0, 0.6, 0.9))
"""Level rate, trend rate and damping a period of what goes on along the last values.

It is right for series without noise, as yearly sums are, and far off for others.
"""

TREND_RATES = (*rates.TREND_RATES, *QUICK)
"""Level rate, trend rate and damping a period of the smoothers with a trend."""

LEVELS = len(rates.LEVEL_RATES)

ALPHA = np.array(rates.LEVEL_RATES + tuple(level for level, _, _ in TREND_RATES))  # (K)
BETA = np.array((0.0,) * LEVELS + tuple(trend for _, trend, _ in TREND_RATES))  # (K)
PHI = np.array((0.0,) * LEVELS + tuple(damping for _, _, damping in TREND_RATES))  # (K)
RECURSIONS = len(ALPHA)
DRIFTS = rates.DRIFTS
SMOOTHERS = RECURSIONS + len(DRIFTS)

CALM = ~((RECURSIONS - len(QUICK) <= np.arange(SMOOTHERS)) & (np.arange(SMOOTHERS) < RECURSIONS))
"""The smoothers that the plain mean is of, (N); the quick ones would spoil it."""
