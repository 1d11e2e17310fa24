"""Where series end: what forecasts of their next periods need, and going on from there."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import DataError, nearest
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.checks import check_counts
from gatework.forecast.panel.coming import read_coming
from gatework.forecast.panel.panel import Panel
from gatework.tabular.frames import is_frame
from gatework.tabular.style import ReadingStyle


def ends_of(panel: Panel) -> Panel:
    """Return what forecasts need of a panel: names, labels, and what is known of the future."""
    future = panel.covariates.future
    if future is not None:
        reach = int((future.shape[1] - panel.lengths).min())
        rows = np.arange(len(panel))[:, None]
        future = future[rows, panel.lengths[:, None] + np.arange(max(reach, 0))]
    known = panel.covariates
    names = (known.past_names, known.future_names, known.static_names)
    small = bare_panel(panel, names, panel.counts)
    return small if future is None else small.with_future(future)


def labels_ahead(panel: Panel, horizon: int) -> tuple[tuple[str, ...], ...]:
    """Return the labels of the next periods of each series; those that end alike are named once."""
    rows = dict(zip(panel.ends, range(len(panel)), strict=True))
    known = {end: tuple(panel.future_labels(row, horizon)) for end, row in rows.items()}
    return tuple(known[end] for end in panel.ends)


def bare_panel(said: Any, names: Sequence[tuple[str, ...]], counts: np.ndarray) -> Panel:
    """Return a panel without values: the ids, ends, frequency, season and style of ``said``."""
    count, style = len(said.ids), said.style or ReadingStyle()
    values, lengths = np.zeros((count, 2)), np.full(count, 2)
    kind = (said.frequency, said.season, counts)
    return Panel(said.ids, values, lengths, said.ends, *kind, style=style).with_names(*names)


@dataclass(frozen=True, eq=False)
class SeriesEnds:
    """The ends of the series of a panel, some periods after those that networks were fitted to.

    Attributes:
        panel: from ``ends_of``, with the labels of now. scaling: of the covariates.
        passed: periods since the fit.
    """

    panel: Panel
    scaling: CovariateScaling
    passed: int

    def values(self, values: Mapping[str, float] | Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the next value of each series, (B,), nan where it is missing.

        Raises:
            DataError: for an unknown id, or values that are infinite, negative in a series of
                counts, or not as many as the series.
        """
        ids = self.panel.ids
        if isinstance(values, Mapping):
            for name in values:
                if name not in ids:
                    alike = nearest(name, ids)
                    raise DataError(
                        f"series {name!r} was not there when the networks were fitted",
                        hint=f"did you mean {alike!r}?" if alike else "fit again with it",
                    )
            values = [values.get(name, float("nan")) for name in ids]
        new = _numbers(values, "the values", hint="nan where one is missing")
        if new.shape != (len(ids),):
            raise DataError(f"values must be {len(ids)}, one a series, got the shape {new.shape}")
        for row in np.flatnonzero((new < 0) & self.panel.counts):
            check_counts(new[row : row + 1], ids[row], counts=True)
        if np.isinf(new).any():
            row = int(np.flatnonzero(np.isinf(new))[0])
            raise DataError(f"series {ids[row]!r}: the value is infinite")
        return new

    def covariates(self, past: Any, future: Any) -> np.ndarray | None:
        """Return the covariates known by the end of the next period as trained networks take them.

        Raises:
            DataError: when some are missing.
        """
        coming = self._known(1) if future is None else self._given(future, 1)
        return self.scaling.step(self._past(past), coming, len(self.panel))

    def past(self, past: Any) -> np.ndarray | None:
        """Return the past covariates of the next period in units of their deviations, (B, P).

        Raises:
            DataError: when they are not given.
        """
        found = self._past(past)
        return None if found is None else (found - self.scaling.past[0]) / self.scaling.past[1]

    def _past(self, past: Any) -> np.ndarray | None:
        names = self.panel.covariates.past_names
        if names:
            wanted = (len(self.panel), len(names))
            found = None if past is None else _numbers(past, "past")
            if found is None or found.shape != wanted:
                got = "nothing" if found is None else f"the shape {found.shape}"
                raise DataError(
                    f"past must give {', '.join(map(repr, names))} of each series for "
                    f"{self.panel.future_labels(0, 1)[0]}, shape {wanted}, got {got}",
                    hint="update(values, past=...), nan where one is missing",
                )
            return found
        return None

    def outlook(self, future: Any, horizon: int) -> np.ndarray | None:
        """Return the covariates of the periods to come as the network takes them, (B, H, Q).

        They are given as an array, or as a table for ``read_coming``; None for those that are kept.

        Raises:
            DataError: when they are needed and not known.
        """
        names = self.panel.covariates.future_names
        if not names:
            return None
        if future is None:
            future = self._known(horizon)
        elif isinstance(future, str | os.PathLike) or is_frame(future):
            future = read_coming(future, self.panel, horizon)
        else:
            future = self._given(future, horizon)
        return self.scaling.outlook(future, self.panel)

    def _given(self, future: Any, horizon: int) -> np.ndarray:
        names = self.panel.covariates.future_names
        found = _numbers(future, "future")
        wanted = (len(self.panel), horizon, len(names))
        if found.shape != wanted:
            raise DataError(
                f"future must have the shape {wanted}, got {found.shape}",
                hint="series, periods, and " + ", ".join(map(repr, names)),
            )
        return found

    def following(self) -> Panel:
        """Return the ends one period on."""
        panel = self.panel
        ahead = labels_ahead(panel, 1)
        ends = [(*end, *label)[-2:] for end, label in zip(panel.ends, ahead, strict=True)]
        return dataclasses.replace(panel, ends=tuple(ends))

    def _known(self, periods: int) -> np.ndarray | None:
        """Return what is known in advance of the next periods, (B, periods, Q)."""
        future = self.panel.covariates.future
        if future is None:
            return None
        found = np.full((len(future), periods, future.shape[2]), np.nan)
        known = future[:, self.passed : self.passed + periods]
        found[:, : known.shape[1]] = known
        return found


def _numbers(values: Any, name: str, hint: str | None = None) -> np.ndarray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be numbers: {error}", hint=hint) from None
