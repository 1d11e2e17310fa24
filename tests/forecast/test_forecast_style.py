"""A model's file keeps how its table was read, and other tables are read like that."""

from typing import Any

import numpy as np
import pytest

from gatework import GlobalForecaster, load, save
from gatework.errors import DataError, OptionError
from gatework.forecast import Forecaster, read_panel, read_series
from gatework.tabular.style import ReadingStyle

GERMAN = "Datum;Last\n" + "".join(f"{day:02d}.03.2021;1.{200 + day},5 kW\n" for day in range(1, 29))


pytestmark = pytest.mark.usefixtures("brief_training")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("style") / "german.csv"
    path.write_text(GERMAN)
    return path


@pytest.fixture(scope="module")
def model(table):
    series = read_series(table)
    return Forecaster(1, trials=1, workers=1, method="recursive", model="auto").fit(series)


def test_a_forecaster_reads_like_the_table_that_it_was_fitted_to(table, model, tmp_path) -> None:
    loaded = load(save(model, tmp_path / "model"))
    style = loaded.fitted_.tail.style
    assert (style.time_column, style.column, style.frequency) == ("Datum", "Last", "D")
    assert (dict(style.decimals), dict(style.units)) == ({"Last": ","}, {"Last": "kW"})
    assert loaded.blend_.series.style == style

    other = tmp_path / "other.csv"
    other.write_text("note;last;datum\na;1.241 kW;01.04.2021\nb;1.242 kW;02.04.2021\n")
    series = loaded.read(other)
    assert (series.name, series.labels) == ("last", ("2021-04-01", "2021-04-02"))
    np.testing.assert_array_equal(series.values, [1241, 1242])
    other.write_text("Datum;Last\n01.04.2021;1.5 kW\n02.04.2021;1.6 kW\n")
    with pytest.raises(DataError, match=r"column 'Last', row 2: '1\.5 kW'"):
        loaded.read(other)


def test_a_table_of_other_columns_is_read_by_what_it_holds(model, tmp_path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("ds;y\n01.04.2021;1.241,25\n02.04.2021;1.242\n".replace(";1.242", ";1.242,0"))
    with pytest.raises(DataError, match="column 'Last' is not in"):
        model.read(other, column="Last")
    assert model.read(other).values.tolist() == [1241.25, 1242]


def test_a_model_of_many_series_keeps_it_too(tmp_path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"{shop};2021-{m:02d};{m},25" for shop in "ab" for m in range(1, 13)]
    path.write_text("shop;month;sales\n" + "\n".join(rows))
    columns: dict[str, Any] = {"id_column": "shop", "time_column": "month", "column": "sales"}
    panel = read_panel(path, **columns)
    fitted = GlobalForecaster(1, epochs=1, members=1).fit(panel)
    loaded = load(save(fitted, tmp_path / "model"))
    assert loaded.panel_.style == panel.style
    assert loaded.update([1.0, 2.0]).panel_.style.decimals == {"sales": ","}
    path.write_text("shop;month;sales\na;2022-01;1.241\na;2022-02;1.242\n")
    np.testing.assert_array_equal(loaded.read(path, **columns).values, [[1241, 1242]])


def test_a_series_without_a_table_has_no_style_in_its_file(tmp_path) -> None:
    values = 5 + np.sin(np.arange(40.0))
    fitted = Forecaster(1, trials=1, workers=1, method="recursive").fit(values)
    assert "style" not in fitted.to_config()["fitted"]
    assert load(save(fitted, tmp_path / "model")).fitted_.tail.style == ReadingStyle()


def shops(path, first: int, count: int, tail: str = "") -> Any:
    rows = [
        f"{shop};2021-{m:02d};{m},25;{m % 2}" if m <= 12 else f"{shop};2022-{m - 12:02d};;{m % 2}"
        for shop in "ab"
        for m in range(first, first + count)
    ]
    path.write_text("shop;month;sales;promo\n" + "\n".join(rows) + tail)
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Return a forecaster of two shops with two covariates, as its file holds it."""
    folder = tmp_path_factory.mktemp("many")
    columns: dict[str, Any] = {"id_column": "shop", "time_column": "month", "column": "sales"}
    panel = read_panel(shops(folder / "t.csv", 1, 12), **columns, future=["promo"])
    fitted = GlobalForecaster(2, epochs=1, members=1).fit(panel)
    return load(save(fitted, folder / "model"))


def test_a_model_of_many_series_knows_its_columns(many, tmp_path) -> None:
    path = shops(tmp_path / "t.csv", 1, 12)
    panel = many.read(path)
    assert panel.ids == ("a", "b")
    assert panel.values[0, :2].tolist() == [1.25, 2.25]
    assert panel.covariates.future_names == ("promo",)
    for run in (many.examine(path), many.examine(panel, series="b")):
        assert run.trace is not None
    np.testing.assert_array_equal(many.check(path).values, panel.values)
    path.write_text(path.read_text().replace(",25", ".25"))
    for reading in (many.read, many.check, many.backtest, many.fit):
        with pytest.raises(DataError, match=r"column 'sales', row 2: '1\.25'"):
            reading(path)
    with pytest.raises(DataError, match="column 'branch' is not in"):
        many.read(path, id_column="branch")
    with pytest.raises(OptionError, match="a GlobalForecaster reads many series"):
        GlobalForecaster().read(path)


def test_what_is_known_of_the_periods_to_come_is_read_like_the_rest(many, tmp_path) -> None:
    path = shops(tmp_path / "c.csv", 13, 2)
    told = np.array([[[1.0], [0.0]], [[1.0], [0.0]]])
    by_name = many.predict(future=path).values
    np.testing.assert_array_equal(by_name, many.predict(future=told).values)
    assert not np.array_equal(by_name, many.predict(future=1 - told).values)
    with pytest.raises(DataError, match="no row for series 'a', period 2022-02"):
        many.predict(future=shops(tmp_path / "c.csv", 13, 1))
