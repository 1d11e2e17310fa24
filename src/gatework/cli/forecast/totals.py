"""``--total`` and ``--at-least``: what the periods to come come to together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.cli.options import Options, option, refuse
from gatework.cli.output import tabled

if TYPE_CHECKING:
    from gatework.cli.folder import OutputFolder
    from gatework.forecast import Forecaster, GlobalForecaster, TotalForecast


class Totals(Options):
    """What the periods to come come to together."""

    total: bool = option("Also what the periods come to together, with its interval.")
    at_least: tuple[float, ...] = option(
        "Also the chance that the periods come to K or more together. It may be repeated.",
        type=float,
        metavar="K",
    )

    def _check(self) -> None:
        if any(abs(one) == float("inf") or one != one for one in self.at_least):
            refuse("--at-least must be a number", "--at-least 10")
        super()._check()

    def _totalled(self) -> bool:
        return self.total or bool(self.at_least)

    def _total_of(self, forecaster: Forecaster | GlobalForecaster) -> TotalForecast | None:
        """Return what a fitted forecaster says of the periods together, where it is asked for."""
        return forecaster.predict_total(at_least=self.at_least) if self._totalled() else None

    def _write_total(
        self, folder: OutputFolder, total: TotalForecast | None, kind: str
    ) -> dict[str, str]:
        """Write the totals, where there are any, and return their path for the JSON object."""
        if total is None:
            return {}
        told = tabled(total.rows(), kind, lambda: total.to_frame("pyarrow"))
        return {"total_file": folder.write(f"total.{kind}", told)}
