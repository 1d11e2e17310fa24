"""What came of each of many series: forecasts, totals, scores and notes, from their results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gatework.forecast import Panel, PanelForecast, TotalForecast
    from gatework.forecast.metrics import Held

MOST_NOTES = 5

BLENDED = (
    "auto: each forecast is a mean of models, weighted for each series by itself, as each.jsonl "
    "says"
)


@dataclass(frozen=True)
class Found:
    """The lines of ``forecast_each`` by series, and what they come to together.

    ``panel`` is what was forecast, ``level`` the interval's, ``searched`` whether networks were
    searched for.
    """

    lines: Mapping[str, dict[str, Any]]
    panel: Panel
    level: float
    searched: bool

    @cached_property
    def failed(self) -> dict[str, str]:
        """Why series have no forecast."""
        return {name: one["failed"] for name, one in self.lines.items() if "failed" in one}

    @cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """The result of each series that has one."""
        return {name: one["result"] for name, one in self.lines.items() if "result" in one}

    @cached_property
    def forecast(self) -> PanelForecast:
        """The forecasts together."""
        from gatework.forecast import PanelForecast

        rows = [one["forecast"] for one in self.results.values()]
        value, lower, upper = (
            np.array([[point[end] for point in row] for row in rows]).reshape(
                len(rows), len(rows[0]) if rows else 0
            )
            for end in ("value", "lower", "upper")
        )
        periods = tuple(tuple(point["period"] for point in row) for row in rows)
        told = (value, {self.level: lower}, {self.level: upper})
        more = (self.panel.frequency, self.panel.id_columns)
        return PanelForecast(tuple(self.results), periods, *told, *more)

    def total(self) -> TotalForecast:
        """Return what the periods of each series come to together."""
        from gatework.forecast import TotalForecast

        said = {name: one["total"] for name, one in self.results.items()}
        return TotalForecast.from_json(said, self.panel.frequency, self.panel.id_columns)

    @property
    def winners(self) -> list[dict[str, str]]:
        """The best model by steps ahead, of each series."""
        return [one.get("winners", {}) for one in self.results.values() if one["scores"]]

    @property
    def held(self) -> dict[int, Held]:
        """What the intervals of all series held together, by steps ahead; empty where not known.

        It is known where networks tell it of every series that is scored.
        """
        from gatework.forecast.metrics import Held

        scored = [one for one in self.results.values() if one["scores"]]
        if not all(one.get("held") for one in scored):
            return {}
        found: dict[int, Held] = {}
        for steps, one in ((int(at), own) for told in scored for at, own in told["held"].items()):
            known = found.get(steps, Held(0, 0))
            found[steps] = Held(known.within + one["within"], known.outcomes + one["outcomes"])
        return dict(sorted(found.items()))

    @property
    def won(self) -> str:
        """In how many series the LSTM won, in words."""
        from gatework.forecast.scores import HANDFUL

        won = sum(one["lstm_won"] for one in self.results.values())
        told = sum(bool(one.get("winners")) for one in self.results.values())
        return (
            f"{len(self.results)} series forecast; at every step ahead that has {HANDFUL} outcomes "
            f"or more in the test part the LSTM was best in {won} of {told}"
        )

    @property
    def networks(self) -> str:
        """Which networks forecast, in a word or two each; an earlier version did not say it."""
        names = (one["network"] for one in self.results.values() if "network" in one)
        return ", ".join(dict.fromkeys(names))

    @property
    def who(self) -> list[str]:
        """Which networks forecast, in words."""
        from gatework.forecast.pretrained.plain import WHO

        notes = (note for one in self.results.values() for note in one["notes"])
        return list(dict.fromkeys(note for note in notes if note.startswith(WHO)))

    @property
    def notes(self) -> list[str]:
        """Return what is said of the table, of gaps, of short series and of the networks."""
        from gatework.forecast.local.each import gaps_note

        gaps = gaps_note(self.panel, searched=self.searched)
        said = (*self.panel.notes, *gaps, *self._little(), *self.who)
        blended = any(one.get("forecast_model") == "auto" for one in self.results.values())
        return list(dict.fromkeys((*said, *([BLENDED] if blended else []))))

    def _little(self) -> list[str]:
        """Return what is said of series that are too short to learn from; of many, of the first."""
        little = {name: one["notes"][-1] for name, one in self.results.items() if not one["scores"]}
        told = [f"series {name!r}: {note}" for name, note in list(little.items())[:MOST_NOTES]]
        more = len(little) - MOST_NOTES
        return [*told, f"{more} more series likewise"] if more > 0 else told
