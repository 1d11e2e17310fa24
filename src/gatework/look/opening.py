"""A model file and a file of data, a table or a text, as a run to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatework.errors import DataError, OptionError

if TYPE_CHECKING:
    import numpy as np

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
    values, names, labels = _numbers(data, model.input_size, column, time_column)
    return replace(run_of(model, values, names=names, labels=labels), title=type(model).__name__)


def _numbers(
    data: str, features: int, column: str | None, time_column: str | None
) -> tuple[np.ndarray, list[str], list[str] | None]:
    """Return the columns of a table that a bare network reads, (T, I)."""
    import numpy as np

    from gatework.tabular.numeric import find_style, read_numbers
    from gatework.tabular.table import read_table

    table = read_table(data)
    if column is not None:
        names = [table.column(name.strip()) for name in column.split(",")]
    else:
        names = [name for name in table.columns if name != time_column]
        if len(names) > features and time_column is None:
            names = [name for name in names if _is_numbers(table, name)]
    if len(names) != features:
        raise DataError(
            f"{data}: the network reads {features} features, but {len(names)} columns are given: "
            f"{', '.join(names[:8])}",
            hint="--column A,B,C names them; --time-column DATE leaves one out",
        )
    columns = []
    for name in names:
        cells = table.columns[name]
        style = find_style(cells, table.rows, name, table.delimiter)
        columns.append(read_numbers(cells, table.rows, name, style, fill=False))
    labels = None
    if time_column is not None:
        labels = [str(cell) for cell in table.columns[table.column(time_column)]]
    return np.stack(columns, axis=1), names, labels


def _is_numbers(table: Any, name: str) -> bool:
    from gatework.tabular.numeric import find_style, read_numbers

    cells = table.columns[name]
    try:
        style = find_style(cells, table.rows, name, table.delimiter)
        read_numbers(cells, table.rows, name, style, fill=False)
    except DataError:
        return False
    return True
