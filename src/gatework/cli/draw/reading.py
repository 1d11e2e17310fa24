"""What a network is drawn or explained over: the columns of a table."""

from __future__ import annotations

from typing import Any

from gatework.cli.options import Options, option


class InputOptions(Options):
    """Which columns of the data are read."""

    column: str | None = option("Column of the numbers; for a bare network A,B,C.", needs="data")
    time_column: str | None = option("Column of the dates.", needs="data")
    id_column: str | None = option("Column that tells series or units apart.", needs="data")

    def over(self, model: Any, data: str, series: str | None) -> Any:
        """Return a run of a model over a file of data."""
        from gatework.estimator import run_over

        return run_over(model, data, series=series, **self.part(InputOptions))
