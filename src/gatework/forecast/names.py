"""Names of a series' periods that are written when they are first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from gatework.tabular.timeline import Timeline


@dataclass(frozen=True, eq=False)
class PeriodNames:
    """The names of the first series' periods on a time line, from one on, not yet written."""

    timeline: Timeline
    first: int
    count: int

    @classmethod
    def on(cls, timeline: Timeline, first: int, count: int) -> PeriodNames:
        """Return the names of so many periods; what a time line knows of rows is left behind."""
        return cls(timeline.without_rows(), first, count)

    def __len__(self) -> int:
        return self.count

    def written(self) -> tuple[str, ...]:
        """Return the names."""
        return tuple(self.timeline.names(0, self.first + np.arange(self.count)))


class Labels:
    """The attribute of a dataclass for names of periods: always a tuple, maybe written late."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, series: None, owner: type) -> Labels: ...
    @overload
    def __get__(self, series: object, owner: type | None = None) -> tuple[str, ...]: ...
    def __get__(self, series: Any, owner: type | None = None) -> Any:
        if series is None:
            raise AttributeError(self._name)  # which tells dataclasses that there is no default
        known = series.__dict__[self._name]
        if isinstance(known, PeriodNames):
            known = series.__dict__[self._name] = known.written()
        return known

    def __set__(self, series: Any, labels: Sequence[str] | PeriodNames) -> None:
        late = isinstance(labels, PeriodNames)
        series.__dict__[self._name] = labels if late else tuple(labels)


def label_count(series: Any) -> int:
    """Return how many names of periods a series has, without writing them."""
    return len(series.__dict__["labels"])
