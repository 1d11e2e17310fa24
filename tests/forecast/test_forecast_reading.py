"""One series from tables of other forms."""

import pandas as pd
import pytest

from gatework import Forecaster
from gatework.errors import DataError
from gatework.forecast import read_series

FRAME = pd.DataFrame(
    {"unique_id": [*"aaabbb"], "ds": pd.date_range("2020-01", periods=6, freq="MS"), "y": range(6)}
)


def test_a_table_of_many_series_is_not_read_as_one() -> None:
    told = "'the data frame' holds 2 series, told apart by column 'unique_id': 'a', 'b'"
    with pytest.raises(DataError, match=told) as found:
        Forecaster().fit(FRAME)
    assert "GlobalForecaster().fit(...)" in str(found.value.hint)
    with pytest.raises(DataError, match=told):
        read_series(FRAME, column="y", time_column="ds")


def test_one_id_or_an_id_a_row_is_one_series() -> None:
    one = read_series(FRAME[FRAME.unique_id == "b"])
    assert (one.labels[0], one.values.tolist()) == ("2020-04", [3, 4, 5])
    assert len(read_series(FRAME.assign(unique_id=[*"uvwxyz"]))) == 6
