"""Pretrained networks, as the Forecaster uses them on a single series: nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gatework.forecast.backtest import SeriesSplit
from gatework.forecast.method import HeldOutPart, Method, Networks
from gatework.forecast.pretrained.distribution import Distributions
from gatework.forecast.pretrained.fitted import FittedPretrained, points_of
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing
from gatework.forecast.pretrained.plain import serving, who_serves, why_plain, with_verdict
from gatework.forecast.series import Series
from gatework.forecast.verdict import Verdict

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary
    from gatework.search.axes import AnyAxis


AT_ONCE = 256
"""Origins that are forecast from at a time."""


@dataclass
class Walk:
    """One pass over a series, which forecasts and the fitted part share: it gives the same bits.

    ``entered`` is what the LSTM of each member saw of the values so far, each (1, E).
    """

    network: PretrainedNetwork
    series: Series
    standing: Standing | None = None
    entered: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def to(self, end: int) -> Standing:
        """Return where the series stands after its first values; ``end`` of them, at least 1."""
        if self.standing is None or end < len(self.entered):
            self.standing = Standing.before(self.network, 1, self.series.season)
            self.entered = []
        for known in range(len(self.entered), end):
            self.standing.advance(self.series.values[known : known + 1])
            self.entered.append(self.standing.entered)
        return self.standing


@dataclass(frozen=True)
class PretrainedNetworks(Networks):
    """Pretrained networks, which are the same whatever they have seen; see Networks."""

    network: PretrainedNetwork
    walk: Walk

    @property
    def epochs(self) -> list[int]:
        """Return the epochs that each network took on this series: none."""
        return []

    def forecasts(self, series: Series, start: int, stop: int) -> np.ndarray:
        """Return the forecasts from each origin, (stop - start, horizon)."""
        said = self._distributions(series, start, stop)
        return np.concatenate([one.location for one in said])

    def with_ends(
        self, series: Series, start: int, stop: int, level: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return forecasts and the ends of their intervals, each (stop - start, horizon)."""
        said = [points_of(one, level) for one in self._distributions(series, start, stop)]
        value, lower, upper = map(np.concatenate, zip(*said, strict=True))
        return value, lower, upper

    def _distributions(self, series: Series, start: int, stop: int) -> Iterator[Distributions]:
        """Yield what is said at the origins, as many at a time as AT_ONCE."""
        walk = self.walk if self.walk.series is series else Walk(self.network, series)
        row = np.array([0])
        for first in range(start, stop, AT_ONCE):
            origins = range(first, min(first + AT_ONCE, stop))
            stood = Standing.joined([walk.to(origin).rows(row) for origin in origins])
            yield stood.forecasts(self.horizon)

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer of one network."""
        return self.network.members[0].layer_summary()

    def parameters(self) -> int:
        """Return the numbers of all networks together that were trained."""
        return sum(one.size for member in self.members for one in member.weights.values())


class PretrainedMethod(Method):
    """The forecast of networks that were trained on other series.

    Attributes:
        judged: what was found of others beside them, which is kept with them.
    """

    name: ClassVar[str] = "pretrained"
    fitted: ClassVar[type[FittedPretrained]] = FittedPretrained

    def __init__(self, network: PretrainedNetwork | None = None) -> None:
        self.network = network
        self._walk: Walk | None = None
        self.judged: Verdict | None = None

    def axes(self, series: Series, cut: SeriesSplit) -> list[AnyAxis]:
        """Return what there is to search: nothing."""
        return []

    def fit(
        self,
        series: Series,
        end: int,
        horizon: int,
        parameters: Mapping[str, Any],
        seeds: Sequence[int],
        **_how: Any,
    ) -> PretrainedNetworks:
        """Return the networks that are given, or those that come with the package."""
        return self.networks(self.network or serving(), series, horizon)

    def networks(
        self, network: PretrainedNetwork, series: Series, horizon: int
    ) -> PretrainedNetworks:
        """Return the networks that are given, with what was found of others, over a series."""
        network, walk = with_verdict(network, self.judged), self._walk
        if walk is None or walk.series is not series or walk.network.about != network.about:
            walk = None
        if walk is None or walk.network.members is not network.members:
            self._walk = walk = Walk(network, series)
        return PretrainedNetworks(network.members, horizon, network, walk)

    def finish(
        self,
        series: Series,
        final: PretrainedNetworks,
        held_out: Sequence[HeldOutPart],
        level: float,
        parameters: Mapping[str, Any],
    ) -> FittedPretrained:
        """Return where the series stands; intervals are of the networks' own distributions."""
        self._walk = None  # what stands there is the fitted part's from now on
        standing = final.walk.to(len(series))
        fitted = FittedPretrained.standing_at(standing, series, final.horizon, level)
        fitted.walked = (series, final.walk.entered)
        return fitted

    def notes(self, networks: PretrainedNetworks, level: float, periods: int) -> list[str]:
        """Return which network forecasts, and what its interval is."""
        whose = "the network's own distribution"
        if why_plain(networks.network):
            whose = "errors that are normal"
        return [
            who_serves(networks.network),
            f"the {level:.0%} interval is that of {whose}, which the errors of its forecasts "
            "so far widen or narrow",
        ]
