"""``gatework forecast`` of many series, or with covariates: one network, from table to files."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.folder import choose_folder
from gatework.cli.forecast.options import TRAINED_BY, Forecast, Pretrained, Training
from gatework.cli.forecast.totals import Totals
from gatework.cli.options import spoken, template
from gatework.cli.output import say_json, say_notes, show, training_bar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatework.forecast import (
        Backtest,
        GlobalForecaster,
        Panel,
        PanelForecast,
        TotalForecast,
    )

MODEL, REPORT = "model.safetensors", "report.html"


class Across(Training, Pretrained, Totals, Forecast):
    """A forecast of many series with one network."""

    language: str = spoken("Of the report.")
    template: str | None = template()

    def _check(self) -> None:
        if self.tune or self.network:
            why = "trains networks on these series alone, and --tune or --network is for another"
            self.refuse(("train", *TRAINED_BY), why)
        super()._check()

    @abstractmethod
    def _panel(self) -> Panel:
        """Read the series."""

    def _run(self) -> None:
        from gatework.cli.forecast.output import noted
        from gatework.files import save
        from gatework.forecast import GlobalForecaster
        from gatework.forecast.baselines import FittedClassics, compare
        from gatework.forecast.scores import backtest_rows, scores_of, winners_of
        from gatework.look import panel_report

        settings = self.values("horizon", "seed") | self.part(Pretrained) | self._trained()
        forecaster = GlobalForecaster(**settings, levels=(self.level,), progress=training_bar())
        panel = self._panel()
        with noted(panel.notes):
            panel = self._checked(forecaster, panel)
        folder = choose_folder(self.out, "series", overwrite=self.overwrite, resume=False)
        with folder.withdrawn():
            found = forecaster.fit(panel).predict()
        found_so = (forecaster.judged_, *map(str, forecaster.covariates_))
        panel = replace(panel, notes=(*panel.notes, *filter(None, found_so)))
        total = self._total_of(forecaster)
        classics = None if self.classics is None else FittedClassics(self.classics)
        compared = compare(panel, forecaster.held_out_, classics=classics)
        panel = replace(panel, notes=(*panel.notes, *compared.said()))
        backtests = compared.backtests
        save(forecaster, folder.file(MODEL), overwrite=True)
        served = forecaster.served_
        shown = {"level": self.level, "language": self.language, "total": total, "served": served}
        paths = {
            "report": folder.write(REPORT, panel_report(panel, found, backtests, **shown)),
            "model": str(folder.file(MODEL)),
            **self._tables(folder, found.table(), backtest_rows(backtests, "held-out")),
            **self._write_total(folder, total, self.table_format),
        }
        if self.as_json:
            rows = {"series": len(panel), "network": served, "forecast": found.rows()}
            rows |= {"judged": forecaster.verdict_} if self.tune else {}
            rows |= {} if total is None else {"total": total.rows()}
            told = [asdict(one) for one in forecaster.covariates_]
            rows |= {"covariates": told} if told else {}
            rows |= {"scores": by_steps(backtests), "winners": winners_of(scores_of(backtests))}
            say_json(rows | paths)
            return
        self._tell(panel, found, total, backtests, served)
        click.echo(f"{paths['forecast_file']}\n{paths['report']}")

    def _checked(self, forecaster: GlobalForecaster, panel: Panel) -> Panel:
        """Return the panel with all its notes, after checking it."""
        from gatework.forecast.across.serving import pathless
        from gatework.forecast.across.training import trains

        panel = forecaster.check(panel)
        if self._totalled() and trains(forecaster):
            raise pathless()
        return replace(panel, notes=(*panel.notes, *self._why_trained()))

    def _tell(
        self,
        panel: Panel,
        found: PanelForecast,
        total: TotalForecast | None,
        backtests: Mapping[str, Backtest],
        served: str,
    ) -> None:
        from gatework.cli.forecast.output import panel_table, show_scores, total_table
        from gatework.forecast.result import PLAIN_MEAN
        from gatework.forecast.scores import scores_of

        show(panel_table(found, self.level, panel.counts))
        if total is not None:
            show(total_table(total, self.level, self.horizon))
        which = ", by networks without it"
        if served != "trained" and not served.startswith("tuned"):
            which = "" if served == PLAIN_MEAN else ", which the network has not seen"
        show_scores(scores_of(backtests), f"scores on the last fifth of every series{which}")
        say_notes(panel.notes)


def by_steps(backtests: Mapping[str, Backtest]) -> dict[str, dict[int, dict[str, Any]]]:
    """Return every measure by model and steps ahead as JSON values, None for what is not known."""
    return {
        model: {
            steps: {name: None if value != value else value for name, value in measures.items()}
            for steps, measures in one.scores().items()
        }
        for model, one in backtests.items()
    }
