"""A model file and a file of data, a table or a text, as a run to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatework.errors import OptionError

if TYPE_CHECKING:
    from gatework.examine import Run


def run_over(
    model: Any,
    data: str,
    *,
    column: str | None = None,
    time_column: str | None = None,
    id_column: str | None = None,
    series: str | None = None,
) -> Run:
    """Return a run of a loaded model over a file.

    Raises:
        OptionError: options that the model has no use for, or lacks.
        DataError, ShapeError: data that the model cannot read.
    """
    from dataclasses import replace

    from gatework.examine import run_of
    from gatework.forecast import Forecaster, GlobalForecaster, read_panel, read_series
    from gatework.life import LifeEstimator, read_fleet
    from gatework.tabular.choice import read_features
    from gatework.watch import Watch
    from gatework.write import Writer, read_corpus

    if isinstance(model, Writer):
        return model.examine("\n".join(read_corpus(data).documents))
    if isinstance(model, Watch):
        model = model.forecaster
    if isinstance(model, Forecaster):
        given = read_series(data, column=column, time_column=time_column, missing="previous")
        return model.examine(given)
    if isinstance(model, GlobalForecaster):
        if not (id_column and time_column and column):
            raise OptionError(
                "a GlobalForecaster reads many series",
                hint="--id-column ID --time-column DATE --column VALUE",
            )
        panel = read_panel(data, id_column=id_column, time_column=time_column, column=column)
        return model.examine(panel, series=series)
    if isinstance(model, LifeEstimator):
        return model.examine(read_fleet(data, unit_column=id_column), unit=series)
    values, names, labels = read_features(
        data, model.input_size, column=column, time_column=time_column
    )
    return replace(run_of(model, values, names=names, labels=labels), title=type(model).__name__)
