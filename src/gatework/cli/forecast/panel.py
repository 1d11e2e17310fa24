"""``gatework forecast`` of many series, or with covariates: one network, from table to files."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.folder import choose_folder
from gatework.cli.forecast.options import MEMBERS, Forecast
from gatework.cli.options import Language, option
from gatework.cli.output import say_json, show, training_bar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatework.forecast import Backtest, Panel

MODEL, REPORT = "model.safetensors", "report.html"


class Across(Forecast):
    """A forecast of many series with one network."""

    members: int = option("With --id-column: networks that are averaged.", type=MEMBERS, default=3)
    epochs: int | None = option(
        "With --id-column: passes over all series.  [default: about 180 steps]", least=1
    )
    language: Language = option("Of the report.", default="en")

    @abstractmethod
    def _panel(self) -> Panel:
        """Read the series."""

    def _run(self) -> None:
        from gatework.cli.forecast.output import noted, panel_table, show_scores
        from gatework.files import save
        from gatework.forecast import GlobalForecaster
        from gatework.forecast.baselines import compare
        from gatework.forecast.scores import backtest_rows, scores_of
        from gatework.look import panel_report

        settings = self.values("horizon", "members", "epochs", "seed")
        forecaster = GlobalForecaster(**settings, levels=(self.level,), progress=training_bar())
        panel = self._panel()
        with noted(panel.notes):
            panel = forecaster.check(panel)
        folder = choose_folder(self.out, "series", overwrite=self.overwrite, resume=False)
        with folder.withdrawn():
            found = forecaster.fit(panel).predict()
        backtests = compare(panel, forecaster.held_out_).backtests
        save(forecaster, folder.file(MODEL), overwrite=True)
        report = panel_report(panel, found, backtests, level=self.level, language=self.language)
        paths = {
            "report": folder.write(REPORT, report),
            "model": str(folder.file(MODEL)),
            **self._tables(folder, found.table(), backtest_rows(backtests, "held-out")),
        }
        if self.as_json:
            rows = {"series": len(panel), "forecast": found.rows(), "scores": by_steps(backtests)}
            say_json(rows | paths)
            return
        show(panel_table(found, self.level))
        title = "scores on the last fifth of every series, by networks without it"
        show_scores(scores_of(backtests), title)
        for note in panel.notes:
            click.echo(f"note: {note}")
        click.echo(f"{paths['forecast_file']}\n{paths['report']}")


def by_steps(backtests: Mapping[str, Backtest]) -> dict[str, dict[int, dict[str, Any]]]:
    """Return every measure by model and steps ahead as JSON values, None for what is not known."""
    return {
        model: {
            steps: {name: None if value != value else value for name, value in measures.items()}
            for steps, measures in one.scores().items()
        }
        for model, one in backtests.items()
    }
