"""Speed measured: the kernels against the other ways to run an LSTM, in regimes with limits."""

from gatework.bench.regimes import REGIMES, Limits, Regime, select

__all__ = ["REGIMES", "Limits", "Regime", "select"]
