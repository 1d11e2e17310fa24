"""A run of a pretrained network over a series, to be looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatework.examine import RuntimeRun
from gatework.forecast.pretrained.bank import WIDTH, StreamBank
from gatework.forecast.pretrained.signals import SIGNAL_NAMES
from gatework.forecast.pretrained.track import run

if TYPE_CHECKING:
    from gatework.examine import NetworkRun
    from gatework.forecast.pretrained.model import NetworkMember
    from gatework.forecast.series import Series


def run_member(
    member: NetworkMember, series: Series, horizon: int, entered: np.ndarray | None = None
) -> RuntimeRun:
    """Return a run of a pretrained network over a series.

    ``entered`` (T, E) is what its LSTM sees of the values, where that is known already.
    Its raw numbers, which torch alone has a use for, are the signals, the forecasts of the
    smoothers at each step ahead, and the level and scale that these count from and in.
    """
    count, lengths = len(series), np.array([len(series)])
    if entered is None:
        track = run(StreamBank(series.season), series.values[None], lengths)
        entered = member.enter(track.signals[:, 0])

    def raw() -> np.ndarray:
        steps = np.arange(1, horizon + 1)
        track = run(StreamBank(series.season), series.values[None], lengths, steps)
        forecasts = track.forecasts[:, 0].reshape(count, -1)
        parts = (track.signals[:, 0], forecasts, track.level, track.scale)
        return np.concatenate(parts, axis=1).astype(np.float32)

    def by_torch() -> NetworkRun:
        from gatework.forecast.pretrained.torch_run import torch_run

        return torch_run(made, member.weights, raw(), horizon)

    made = RuntimeRun(
        model=member.lstm,
        given=entered,
        torch_run=by_torch,
        values=series.values[:, None],
        names=(series.name,),
        features=_features(horizon),
        labels=series.labels,
        layers=member.layer_summary(),
        title=f"Forecaster: {series.name}",
        results=tuple(f"forecast {step} ahead" for step in range(1, horizon + 1)),
        season=series.season,
    )
    return made


def _features(horizon: int) -> tuple[str, ...]:
    """Return what each number of a step is."""
    return (
        *SIGNAL_NAMES,
        *(f"smoother {n + 1}, {step + 1} ahead" for n in range(WIDTH) for step in range(horizon)),
        "level of the series",
        "scale of errors",
    )
