"""``gatework forecast`` of one series: read, search, fit, write the results, print them."""

from __future__ import annotations

import shlex
import sys
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from gatework.cli.folder import OutputFolder, choose_folder
from gatework.cli.forecast.options import SearchedForecast
from gatework.cli.forecast.totals import Totals
from gatework.cli.options import spoken, template
from gatework.cli.output import say_json, training_bar
from gatework.cli.search.origin import LEDGER, check_same, kept_origin, origin_of
from gatework.search import SearchInterrupted
from gatework.tabular.style import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatework.forecast import Forecaster, Series, TotalForecast

MODEL, REPORT = "model.safetensors", "report.html"


class One(SearchedForecast, Totals):
    """A forecast of one series."""

    searching: ClassVar = (*SearchedForecast.searching, "workers", "engine", "resume")

    language: str = spoken("Of the report.")
    template: str | None = template()

    @abstractmethod
    def _series(self) -> Series:
        """Read the series."""

    def _run(self) -> bool | None:
        from gatework.cli.forecast.output import SearchThenFit, noted, show
        from gatework.files import save
        from gatework.forecast import Forecaster
        from gatework.forecast.checks import check_length
        from gatework.forecast.local.methods import method_of
        from gatework.forecast.local.serving import pathless, pathless_mean

        self._check_resumable(LEDGER, "search")
        origin = self._origin()
        series = self._series()
        if origin:
            check_same(series, origin, Path(str(self.out)) / LEDGER)
        progress = SearchThenFit() if self._is_searched() and sys.stderr.isatty() else None
        progress = training_bar() if self.tune else progress
        forecaster = Forecaster(**self._searched(), progress=progress)
        with noted(series.notes):
            forecaster.check(series)
            if self.search:  # what was named is not left out in silence
                check_length(len(series), self.horizon, series.name)
        searched = forecaster.method_for(series) != "pretrained"
        method_of(forecaster.method_for(series))  # what is missing is said before any work
        if searched and self._totalled():
            raise pathless(forecaster.method_for(series))
        if self.model == "auto" and self._totalled():
            raise pathless_mean()
        if searched and self.exhaustive:
            points = forecaster.grid_size(series)
            click.echo(f"exhaustive search: {points} points, three networks each", err=True)
        folder = choose_folder(self.out, series.name, overwrite=self.overwrite, resume=self.resume)
        if searched:
            self._fit(forecaster, series, folder)
        else:
            with folder.withdrawn():
                forecaster.fit(series)
        result, total = forecaster.result_, self._total_of(forecaster)
        paths = self._write(forecaster, folder, total, save)
        if self.as_json:
            told = result.to_json() | {"forecast": result.points.rows()}
            told |= {} if total is None else {"total": total.rows()}
            say_json(told | paths)
        else:
            show(result, total)
            click.echo(paths["report"])

    def _origin(self) -> dict[str, Any]:
        """Return how the search that is resumed began; tables are read as they were then."""
        ledger = Path(str(self.out)) / LEDGER
        origin = kept_origin(ledger) if self.resume and ledger.is_file() else {}
        if origin:
            click.get_current_context().obj = ReadingStyle.from_config(origin["style"])
        return origin

    def _fit(self, forecaster: Forecaster, series: Series, folder: OutputFolder) -> None:
        ledger = folder.file(LEDGER)
        if self.overwrite:
            ledger.unlink(missing_ok=True)
        options = self.part(type(self))
        if "method" not in self.given:
            del options["method"]  # as it was typed: what is named serves, what is found is judged
        origin = origin_of(options, folder.path, series)
        resume = self.resume and ledger.exists()
        forecaster.set_params(ledger=ledger, resume=resume, origin=origin)
        try:
            with folder.withdrawn():
                forecaster.fit(series)
        except (SearchInterrupted, KeyboardInterrupt) as error:
            said = f"interrupted after the search, which is kept in {ledger}"
            said = error.message if isinstance(error, SearchInterrupted) else said
            raise SearchInterrupted(said, hint=_resume_command(folder)) from error

    def _write(
        self,
        forecaster: Forecaster,
        folder: OutputFolder,
        total: TotalForecast | None,
        save: Callable[..., Path],
    ) -> dict[str, str]:
        """Write model, tables and report, and return their paths for the JSON object."""
        from gatework.forecast.scores import result_rows
        from gatework.look import forecast_report

        result = forecaster.result_
        save(forecaster, folder.file(MODEL), overwrite=True)
        run, language = forecaster.examine(), self.language
        report = forecast_report(result, run, total=total, language=language)
        return {
            "report": folder.write(REPORT, report),
            "model": str(folder.file(MODEL)),
            **self._tables(folder, result.points.table(), result_rows(result.to_json())),
            **self._write_total(folder, total, self.table_format),
            **({"ledger": str(folder.file(LEDGER))} if result.trials else {}),
        }


def _resume_command(folder: OutputFolder) -> str:
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")]
    if not any(word == "--out" or word.startswith("--out=") for word in words):
        words += ["--out", str(folder.path)]
    return shlex.join([Path(sys.argv[0]).name, *words, "--resume"])
