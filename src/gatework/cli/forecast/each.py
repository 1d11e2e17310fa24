"""``gatework forecast --id-column --each``: a forecaster of its own for each of many series."""

from __future__ import annotations

import sys
from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.folder import OutputFolder, choose_folder
from gatework.cli.forecast.found import Found
from gatework.cli.forecast.options import SearchedForecast
from gatework.cli.forecast.totals import Totals
from gatework.cli.options import option, spoken, template
from gatework.cli.output import say_json, say_notes, show
from gatework.search import SearchInterrupted
from gatework.system.terminal import write_over

if TYPE_CHECKING:
    from gatework.forecast import Panel, TotalForecast

RESULTS, MODEL, MODELS, REPORT = "each.jsonl", "model.safetensors", "models", "report.html"


class Each(SearchedForecast, Totals):
    """A forecast of each of many series by itself."""

    each: bool = option(
        "With --id-column: a forecaster of its own for each series instead of one network."
    )
    language: str = spoken("Of the report.")
    template: str | None = template()

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
                how |= {"models": folder.file(MODELS) if self._has_own() else None}
                lines = forecast_each(panel, results, **how, **settings)
        except KeyboardInterrupt:
            raise SearchInterrupted(
                f"interrupted; what is finished is kept in {results}",
                hint=f"the same command with --out {folder.path} --resume goes on",
            ) from None
        return self._write(Found(lines, panel, self.level, self._is_searched()), folder)

    def _has_own(self) -> bool:
        """Return whether each series has a model of its own, and not only a place in one."""
        return self._is_searched() or self.tune or self.model != "lstm"

    def _write(self, found: Found, folder: OutputFolder) -> bool:
        """Write the results, print them, and return whether all series could be forecast."""
        from gatework.forecast.scores import result_rows

        total = found.total() if self._totalled() else None
        scores = [row for one in found.results.values() for row in result_rows(one)]
        paths = self._tables(folder, found.forecast.table(), scores)
        paths |= {"results": str(folder.file(RESULTS))}
        paths |= self._write_total(folder, total, self.table_format)
        if found.results:
            paths |= self._write_model(found, folder)
            paths |= {"report": folder.write(REPORT, self._report(found, total))}
        if self.as_json:
            by_series = {name: one["scores"] for name, one in found.results.items()}
            told = {"series": len(found.lines), "forecast": found.forecast.rows()}
            told |= {"scores": by_series, "failed": found.failed}
            told |= {} if total is None else {"total": total.rows()}
            say_json(told | {"network": found.networks, "notes": found.who} | paths)
        else:
            self._tell(found, total)
            click.echo("\n".join(paths[one] for one in ("forecast_file", "report") if one in paths))
        for name, why in found.failed.items():
            click.echo(f"series {name!r} failed: {why}", err=True)
        return not found.failed

    def _write_model(self, found: Found, folder: OutputFolder) -> dict[str, str]:
        """Write the model of all series where one network forecasts them; return where models are.

        Networks of their own are in files of their own, which are there already.
        """
        if self._has_own():
            return {"models": str(folder.file(MODELS))}
        from gatework.files import save
        from gatework.forecast import GlobalForecaster
        from gatework.forecast.local.each import ended_panel

        how = self.values("horizon", "seed", "network")
        model = GlobalForecaster(levels=(self.level,), **how)
        model.fit(ended_panel(found.panel.subset(list(found.results))))
        save(model, folder.file(MODEL), overwrite=True)
        return {"model": str(folder.file(MODEL))}

    def _report(self, found: Found, total: TotalForecast | None) -> str:
        from gatework.forecast.local.each import ended_panel
        from gatework.forecast.scores import pooled
        from gatework.look import panel_report

        panel = ended_panel(found.panel.subset(list(found.results)))
        panel = replace(panel, notes=tuple(found.notes))
        how: dict[str, Any] = {"level": self.level, "language": self.language, "total": total}
        how |= {"served": found.networks, "best": found.winners, "held": {self.level: found.held}}
        return panel_report(panel, found.forecast, pooled(found.results.values()), **how)

    def _tell(self, found: Found, total: TotalForecast | None) -> None:
        """Print the forecasts, the totals, and who was best."""
        from gatework.cli.forecast.output import best_table, panel_table, total_table

        if found.results:
            whole = dict(zip(found.panel.ids, found.panel.counts, strict=True))
            counts = [whole[name] for name in found.forecast.ids]
            show(panel_table(found.forecast, self.level, counts))
        if found.results and total is not None:
            show(total_table(total, self.level, self.horizon))
        if best := best_table(found.winners):
            show(best)
        click.echo(found.won)
        say_notes(found.notes)


def _tell(done: int, total: int) -> None:
    """Tell on the standard error how far it is."""
    write_over(f"{done} of {total} series" + ("\n" if done == total else ""))
