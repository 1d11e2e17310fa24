"""Forecasts from every origin at once, and distributions around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS, Around
from gatework.forecast.es_lstm.fit import FittedMember
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.tensors import inputs_of

ROWS = 256
"""Series that are forecast at a time."""


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Forecasts and what their distributions are made of, in the unit of each series.

    Shapes:
        location: (B, ..., H), with an axis of origins in between where there are several.
        scale: (B, ..., 1). raw: (B, ..., H, P), None without a distribution.
        units, floor: (B,).
    """

    location: np.ndarray
    scale: np.ndarray
    raw: np.ndarray | None
    units: np.ndarray
    floor: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """Return the forecasts in the series' own numbers, (B, ..., H)."""
        return self.own(self.location)

    def quantiles(
        self, levels: Sequence[float], distribution: str, *, own: bool = True
    ) -> np.ndarray:
        """Return quantiles in the series' own numbers, or in units, (L, B, ..., H)."""
        if self.raw is None:
            raise ValueError("these forecasts have no distribution")
        shape = self.location.shape
        unit = np.broadcast_to(_beside(self.units, self.location), shape)
        at = Around(self.location, np.broadcast_to(self.scale, shape), unit, self.raw)
        found = DISTRIBUTIONS[distribution].quantiles(levels, at)
        return np.stack([self.own(one) for one in found]) if own else found

    def own(self, values: np.ndarray) -> np.ndarray:
        """Return values in units as the series' own numbers, none below its floor."""
        bounded = np.maximum(values, _beside(self.floor, values))
        return bounded * _beside(self.units, values)


def _beside(each: np.ndarray, values: np.ndarray) -> np.ndarray:
    return each.reshape(-1, *[1] * (values.ndim - 1))


@torch.no_grad()
def rolling_forecasts(members: Sequence[FittedMember], problem: Problem) -> Forecasts:
    """Return the members' mean forecasts after every value of every series.

    Shapes:
        In the result, [b, t] was made knowing the values of series b up to and with t; after the
        end of a series it is nan.
    """
    count, steps = problem.values.shape
    location = np.full((count, steps, problem.horizon), np.nan)
    scale = np.full((count, steps, 1), np.nan)
    raw: np.ndarray | None = None
    for start in range(0, count, ROWS):
        rows = np.arange(start, min(start + ROWS, count))
        part = problem.rows(rows)
        inputs = inputs_of(part)
        length = inputs.shape[0]
        for member in members:
            features, _ = member.network.eval().encode(inputs)
            forecasts = member.network.decode(features, inputs).double() / len(members)
            mine = forecasts.permute(1, 0, 2).numpy()
            location[rows, :length] = mine + np.nan_to_num(location[rows, :length])
            if member.spread is not None:
                spread = member.spread(features).permute(1, 0, 2, 3).double().numpy()
                if raw is None:
                    raw = np.zeros((count, steps, *spread.shape[2:]))
                raw[rows, :length] += spread / len(members)
        scale[rows, :length] = scale_in(members[0], inputs).transpose(1, 0, 2)
    beyond = np.arange(steps) >= problem.lengths[:, None]
    location[beyond] = np.nan
    return Forecasts(location, scale, raw, problem.units, problem.floor)


def scale_in(member: FittedMember, inputs: torch.Tensor) -> np.ndarray:
    """Return the scale of errors that inputs (..., W) hold, (..., 1)."""
    return member.network.widths.split(inputs)[1].double().numpy()
