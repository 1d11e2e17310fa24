"""``gatework backtest``: what would have been forecast, from every origin of the last part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from gatework.cli.folder import check_files
from gatework.cli.forecast.options import (
    HORIZON,
    CovariateOptions,
    Static,
    TableFormat,
    Training,
)
from gatework.cli.forecast.panel import by_steps
from gatework.cli.options import INSIDE, argument, command_of, json_flag, option, refuse, seed
from gatework.cli.output import (
    check_format,
    say_json,
    say_notes,
    show,
    tabled,
    training_bar,
)
from gatework.cli.table import TableOptions
from gatework.storage import atomic_write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatework.forecast import Backtest, Panel
    from gatework.tabular.table import Table


class BacktestOptions(Training, Static, CovariateOptions, TableOptions):
    """Forecast the last part of the series in FILE from every period in it, and score that.

    The pretrained network, or with --train networks that are trained on what comes before that
    part, know at each origin everything before it. Simple models are scored beside them on the
    same outcomes.

    \b
    gatework backtest failures.csv --column faults
    gatework backtest sales.csv --id-column shop --time-column month --column sales --json

    Exit code 0: the LSTM has the least RMSE at more steps ahead than not, ties and steps with fewer
    than five outcomes left aside. 1: it has not.
    """  # noqa: D301

    file: str = argument()
    column: tuple[str, ...] = option(
        "Column of the numbers; not needed where there is only one. Of several, or * for all, each "
        "is a series.",
        metavar="COLUMN",
    )
    time_column: str | None = option(
        "Column of the dates, or of whole numbers; of a single series found by itself where it can "
        "be. A table needs none whose columns are called unique_id, ds and y, or by periods."
    )
    id_column: tuple[str, ...] = option(
        "Column that tells many series apart; several may do so together.", metavar="COLUMN"
    )
    missing: Literal["mask", "error", "interpolate", "zero", "previous", "mean"] = option(
        "What becomes of missing values.", default="mask"
    )
    allow_negative: bool = option("Negative whole numbers are no mistake.")
    horizon: int = option("Periods to forecast from each origin.", type=HORIZON, default=12)
    share: float = option(
        "Share of each series, its last part, to forecast.",
        type=click.FloatRange(0, 0.9, min_open=True),
        default=0.2,
    )
    refit_every: int | None = option("Train anew after N periods.", least=1, metavar="N")
    level: float = option("Share of outcomes that intervals shall hold.", type=INSIDE, default=0.9)
    seed: int = seed()
    out: str | None = option("Write the scores there.", metavar="FILE")
    forecasts: str | None = option(
        "Write all forecasts there, with what came, by the last period that was known.",
        metavar="FILE",
    )
    table_format: TableFormat = option("Of the files that are written.", "--format", default="csv")
    as_json: bool = json_flag("Print one JSON object instead of tables.")

    def _run(self) -> bool:
        from gatework.cli.forecast.output import coverage_table, show_scores
        from gatework.forecast import GlobalForecaster
        from gatework.forecast.across.checks import LEAST_BEFORE
        from gatework.forecast.across.serving import network_name
        from gatework.forecast.baselines import compare
        from gatework.forecast.panel.backtest import last_share
        from gatework.forecast.result import LSTM_NAME
        from gatework.forecast.scores import TIE, scores_of, winners_of
        from gatework.tabular.table import read_table

        check_format(self.table_format)
        written = {"--out": self.out, "--forecasts": self.forecasts}
        taken = {"FILE": self.file}
        check_files(written, taken, overwrite=False, replaceable=False)
        columns = self.values("id_column", "time_column", "column", "missing", "allow_negative")
        known = self.part(CovariateOptions) | self.part(Static)
        table = read_table(self.file, self.style())
        self._refuse_file(table)
        panel = self._read(table, columns, known)
        settings = self.values("horizon", "seed") | self._trained()
        forecaster = GlobalForecaster(**settings, levels=(self.level,), progress=training_bar())
        starts = last_share(panel.lengths, self.share, LEAST_BEFORE)
        ours = forecaster.backtest(panel, starts, refit_every=self.refit_every)
        backtests = compare(panel, ours).backtests
        self._write(ours, backtests)
        scores = scores_of(backtests)
        winners = winners_of(scores)
        won = [steps for steps, winner in winners.items() if winner == LSTM_NAME]
        lost = [steps for steps, winner in winners.items() if winner not in (LSTM_NAME, TIE)]
        if self.as_json:
            found = {"scores": by_steps(backtests), "winners": winners, "lstm_won_at": won}
            about = {"series": len(panel), "network": network_name(forecaster)}
            about |= {"origins": ours.forecasts.shape[1]}
            say_json(about | found)
        else:
            show_scores(scores, f"on the last {self.share:.0%} of {len(panel)} series")
            show(coverage_table(ours.scores(), self.level))
            say_notes((*forecaster.check(panel).notes, *self._why_trained()))
        return len(won) > len(lost)

    def _read(self, table: Table, columns: dict[str, Any], known: dict[str, Any]) -> Panel:
        """Return the series of the table; a single one is read as ``gatework forecast`` does."""
        from gatework.forecast import Panel, read_panel, read_series
        from gatework.forecast.panel.wide import is_wide
        from gatework.tabular.keys import is_usual, several_ids
        from gatework.tabular.month_grid import unrolled

        named = self.id_column or len(self.column) > 1 or "*" in self.column or any(known.values())
        by_form = is_wide(table) or unrolled(table) is not table
        if named or (by_form and not self.column) or (is_usual(table) and several_ids(table)):
            return read_panel(table, **columns, **known)
        own = self.values("time_column", "missing", "allow_negative")
        column = self.column[0] if self.column else None
        return Panel.from_series([read_series(table, column=column, **own)])

    def _refuse_file(self, table: Table) -> None:
        from gatework.cli.forecast.coming import ahead

        _, file = ahead(self.future, table, (*self.column, self.time_column, *self.id_column))
        if file is not None:
            refuse(
                f"--future {file} is a file of periods to come, of which a backtest has no use",
                "name the columns that are known in advance: --future COLUMN",
            )

    def _write(self, ours: Backtest, backtests: Mapping[str, Backtest]) -> None:
        from gatework.forecast.scores import backtest_rows, scores_frame

        if self.out:
            rows, kind = backtest_rows(backtests, "backtest"), self.table_format
            told = tabled(rows, kind, lambda: scores_frame(backtests, "pyarrow"))
            atomic_write(self.out, told, overwrite=False)
        if self.forecasts:
            table = ours.table()
            told = tabled(table.rows(), self.table_format, lambda: table.to_frame("pyarrow"))
            atomic_write(self.forecasts, told, overwrite=False)


command = command_of(BacktestOptions)
