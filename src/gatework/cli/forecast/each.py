"""``gatework forecast --id-column --each``: a forecaster of its own for each of many series."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gatework.cli.folder import OutputFolder, choose_folder
from gatework.cli.forecast.options import SearchedForecast
from gatework.cli.forecast.totals import Totals
from gatework.cli.options import option
from gatework.cli.output import say_json, show
from gatework.search import SearchInterrupted
from gatework.system.terminal import write_over

if TYPE_CHECKING:
    from gatework.forecast import Panel, PanelForecast, TotalForecast

RESULTS = "each.jsonl"

MOST_NOTES = 5

Lines = dict[str, dict[str, Any]]


class Each(SearchedForecast, Totals):
    """A forecast of each of many series by itself."""

    each: bool = option(
        "With --id-column: a forecaster of its own for each series instead of one network."
    )

    @abstractmethod
    def _panel(self) -> Panel:
        """Read the series."""

    def _run(self) -> bool:
        from gatework.forecast import forecast_each

        self.refuse(("checkpoint",), "keeps one tuning; --resume goes on with many series")
        self._check_resumable(RESULTS, "run")
        panel = self._panel()
        folder = choose_folder(self.out, "series", overwrite=self.overwrite, resume=self.resume)
        results = folder.file(RESULTS)
        if self.overwrite:
            results.unlink(missing_ok=True)
        settings = {k: one for k, one in self._searched().items() if k != "checkpoint"}
        progress = _tell if sys.stderr.isatty() else None
        try:
            with folder.withdrawn():
                how = {"resume": self.resume, "progress": progress} | self.part(Totals)
                lines = forecast_each(panel, results, **how, **settings)
        except KeyboardInterrupt:
            raise SearchInterrupted(
                f"interrupted; what is finished is kept in {results}",
                hint=f"the same command with --out {folder.path} --resume goes on",
            ) from None
        return self._write(lines, panel, folder)

    def _write(self, lines: Lines, panel: Panel, folder: OutputFolder) -> bool:
        """Write the tables, print them, and return whether all series could be forecast."""
        from gatework.cli.forecast.output import best_table, panel_table, total_table
        from gatework.forecast.local.each import gaps_note
        from gatework.forecast.scores import HANDFUL, result_rows

        failed = {name: line["failed"] for name, line in lines.items() if "failed" in line}
        found = {name: line["result"] for name, line in lines.items() if "result" in line}
        forecast = _forecast(found, panel, self.level)
        total = _total(found, panel) if self._totalled() else None
        scores = [row for one in found.values() for row in result_rows(one)]
        paths = self._tables(folder, forecast.table(), scores)
        paths |= {"results": str(folder.file(RESULTS))}
        paths |= self._write_total(folder, total, self.table_format)
        if self.as_json:
            by_series = {name: one["scores"] for name, one in found.items()}
            told = {"forecast": forecast.rows(), "scores": by_series, "failed": failed}
            told |= {} if total is None else {"total": total.rows()}
            # What an earlier version kept does not say it.
            served = dict.fromkeys(one["network"] for one in found.values() if "network" in one)
            told |= {"network": ", ".join(served)}
            told |= {"notes": _who(found)}
            say_json({"series": len(lines)} | told | paths)
        else:
            won = sum(one["lstm_won"] for one in found.values())
            told = sum(bool(one.get("winners")) for one in found.values())
            if found:
                whole = dict(zip(panel.ids, panel.counts, strict=True))
                counts = [whole[name] for name in forecast.ids]
                show(panel_table(forecast, self.level, counts))
            if found and total is not None:
                show(total_table(total, self.level, self.horizon))
            if best := best_table(
                [one.get("winners", {}) for one in found.values() if one["scores"]]
            ):
                show(best)
            click.echo(
                f"{len(found)} series forecast; the LSTM was best at every step ahead in {won} of "
                f"{told} with {HANDFUL} outcomes or more in the test part"
            )
            little = {name: one["notes"][-1] for name, one in found.items() if not one["scores"]}
            searched = self._is_searched()
            for note in dict.fromkeys(
                (*panel.notes, *gaps_note(panel, searched=searched), *_notes(little), *_who(found))
            ):
                click.echo(f"note: {note}")
            click.echo(paths["forecast_file"])
        for name, why in failed.items():
            click.echo(f"series {name!r} failed: {why}", err=True)
        return not failed


def _forecast(found: Lines, panel: Panel, level: float) -> PanelForecast:
    """Return the forecasts of series together."""
    from gatework.forecast import PanelForecast

    rows = [one["forecast"] for one in found.values()]
    value, lower, upper = (
        np.array([[point[end] for point in row] for row in rows]).reshape(
            len(rows), len(rows[0]) if rows else 0
        )
        for end in ("value", "lower", "upper")
    )
    periods = tuple(tuple(point["period"] for point in row) for row in rows)
    told = (value, {level: lower}, {level: upper})
    return PanelForecast(tuple(found), periods, *told, panel.frequency, panel.id_columns)


def _total(found: Lines, panel: Panel) -> TotalForecast:
    """Return what the periods of each series come to."""
    from gatework.forecast import TotalForecast

    said = {name: one["total"] for name, one in found.items()}
    return TotalForecast.from_json(said, panel.frequency, panel.id_columns)


def _who(found: Lines) -> list[str]:
    """Return which networks forecast, in words."""
    from gatework.forecast.pretrained.plain import WHO

    notes = (note for one in found.values() for note in one["notes"] if note.startswith(WHO))
    return list(dict.fromkeys(notes))


def _notes(little: dict[str, str]) -> list[str]:
    """Return what is said of series that are too short to learn from; of many, of the first."""
    told = [f"series {name!r}: {note}" for name, note in list(little.items())[:MOST_NOTES]]
    more = len(little) - MOST_NOTES
    return [*told, f"{more} more series likewise"] if more > 0 else told


def _tell(done: int, total: int) -> None:
    """Tell on the standard error how far it is."""
    write_over(f"{done} of {total} series" + ("\n" if done == total else ""))
