"""The numbers in the charts are those of the data: read back from the ticks that are drawn."""

import math

import numpy as np
import pytest
from drawings import SVG, at, drawn, of_class, of_tag, points, texts, x_reader, y_reader

from gatework.forecast import ForecastPoint
from gatework.forecast.metrics import Held
from gatework.look import errors_chart, series_chart
from gatework.look.charts import coverage_chart


def weekly(n):
    days = np.datetime64("2001-01-01") + 7 * np.arange(n)
    return [str(day) for day in days]


@pytest.fixture
def chart():
    rng = np.random.default_rng(0)
    values = rng.poisson(9, 120).astype(float)
    tested = values[96:] + rng.normal(0, 1, 24)
    ahead = [ForecastPoint(day, 8 + k, 5.5, 14 + k) for k, day in enumerate(weekly(126)[120:])]
    picture = series_chart(
        values,
        weekly(120),
        name="faults",
        train_end=77,
        test_start=96,
        test_forecast=tested,
        forecast=ahead,
    )
    return values, tested, ahead, drawn(picture)


def test_the_series_reads_back_from_its_line(chart):
    values, _, _, root = chart
    (line,) = (node for node in of_class(root, "series") if node.tag == f"{SVG}path")
    value, period = y_reader(root), x_reader(root, weekly(126).index)
    read = [(period(x), value(y)) for x, y in points(line)]
    assert [x for x, _ in read] == pytest.approx(np.arange(120), abs=0.02)
    assert [y for _, y in read] == pytest.approx(values, abs=0.02)


def test_the_test_forecasts_the_forecast_and_its_band_read_back(chart):
    _, tested, ahead, root = chart
    value, period = y_reader(root), x_reader(root, weekly(126).index)
    (one_step,) = of_class(root, "tested")
    assert [value(y) for _, y in points(one_step)] == pytest.approx(tested, abs=0.02)
    assert period(points(one_step)[0][0]) == pytest.approx(96, abs=0.02)
    (line,) = of_class(root, "ahead")
    assert [value(y) for _, y in points(line)] == pytest.approx([p.value for p in ahead], abs=0.02)
    band = points(of_class(root, "band")[-1])
    assert [value(y) for _, y in band[:6]] == pytest.approx([p.upper for p in ahead], abs=0.02)
    assert [value(y) for _, y in band[6:]] == pytest.approx([5.5] * 6, abs=0.02)
    assert period(band[0][0]) == pytest.approx(120, abs=0.02)


def test_the_parts_are_marked_where_they_lie(chart):
    *_, root = chart
    period = x_reader(root, weekly(126).index)
    edges = []
    for style in ("shade", "shade2"):
        (part,) = of_class(root, style)
        left, wide = at(part, "x"), at(part, "width")
        edges += [period(left), period(left + wide)]
    assert edges == pytest.approx([76.5, 95.5, 95.5, 119.5], abs=0.02)
    names = set(texts(root))
    assert {"training", "validation", "test", "forecast"} <= names


def test_every_period_tells_its_values_under_the_pointer(chart):
    values, _, _, root = chart
    (plot,) = of_class(root, "plot")
    said = plot.attrib["data-told"].split("\n")
    edges, heights = (plot.attrib[f"data-{name}"].split(" ") for name in ("edges", "heights"))
    assert len(said) == len(heights) == len(edges) - 1 == 126
    middle = (float(edges[96]) + float(edges[97])) / 2
    assert x_reader(root, weekly(126).index)(middle) == pytest.approx(96, abs=0.02)
    assert y_reader(root)(float(heights[96])) == pytest.approx(values[96], abs=0.02)
    assert said[0] == f"2001-01-01: {values[0]:.0f}"
    assert said[96].startswith(f"2002-11-04: {values[96]:.0f}, one step ahead ")
    assert said[-1] == "2003-05-26: 13 forecast (90% interval 5.5 to 19)"


def test_a_close_up_starts_where_it_is_told():
    values = np.arange(50.0)
    picture = series_chart(
        values, weekly(50), name="up", train_end=30, test_start=40, start=35, width=380
    )
    root = drawn(picture)
    (line,) = (node for node in of_class(root, "series") if node.tag == f"{SVG}path")
    value = y_reader(root)
    assert [value(y) for _, y in points(line)] == pytest.approx(values[35:], abs=0.1)
    assert len(of_class(root, "point")) == 15
    assert {"validation", "test"} <= set(texts(root))
    assert "training" not in set(texts(root))


def test_a_long_series_is_thinned_but_keeps_its_extremes():
    values = np.sin(np.arange(20_000) / 50)
    values[7_777], values[15_001] = 9.0, -8.0
    picture = series_chart(
        values,
        [str(k) for k in range(20_000)],
        name="long",
        train_end=12_800,
        test_start=16_000,
        dated=False,
    )
    root = drawn(picture)
    (line,) = (node for node in of_class(root, "series") if node.tag == f"{SVG}path")
    value, period = y_reader(root), x_reader(root, int)
    read = points(line)
    assert len(read) < 2_000
    highest, lowest = min(read, key=lambda p: p[1]), max(read, key=lambda p: p[1])
    assert (period(highest[0]), value(highest[1])) == pytest.approx((7_777, 9.0), abs=1)
    assert (period(lowest[0]), value(lowest[1])) == pytest.approx((15_001, -8.0), abs=1)
    assert len(str(picture)) < 150_000


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, -1.0, 1e9, 1e300])
@pytest.mark.parametrize("width", [380.0, 920.0])
def test_values_of_any_magnitude_are_drawn(scale, width):
    values = scale * np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    ahead = [ForecastPoint("6", 4 * scale, min(3 * scale, 6 * scale), max(3 * scale, 6 * scale))]
    picture = series_chart(
        values,
        list("12345"),
        name="x",
        train_end=3,
        test_start=4,
        test_forecast=[4.5 * scale],
        forecast=ahead,
        dated=False,
        width=width,
    )
    root = drawn(picture)
    (line,) = (node for node in of_class(root, "series") if node.tag == f"{SVG}path")
    value = y_reader(root)
    assert [value(y) for _, y in points(line)] == pytest.approx(values, rel=0.02)


def test_a_constant_series_is_a_level_line():
    root = drawn(
        series_chart([4.0] * 9, list("abcdefghi"), name="c", train_end=5, test_start=7, dated=False)
    )
    (line,) = (node for node in of_class(root, "series") if node.tag == f"{SVG}path")
    assert len({y for _, y in points(line)}) == 1
    assert y_reader(root)(points(line)[0][1]) == pytest.approx(4.0, abs=0.01)


def error_lines(root):
    return {
        group.get("data-part"): points(path)
        for group in of_tag(root, "g")
        for path in group.findall(f"{SVG}path")
        if "model" in path.get("class", "").split()
    }


def test_errors_read_back_and_the_lstm_stands_out():
    scores = {
        "LSTM": {1: 2.0, 2: 2.2, 3: 2.5, 6: 2.9, 12: 3.3},
        "last value": {1: 2.6, 2: 3.0, 3: 3.1, 6: 3.2, 12: 3.9},
        "ARIMA": {1: 2.1, 3: 2.4, 12: 3.2},
    }
    root = drawn(errors_chart(scores))
    value, lines = y_reader(root), error_lines(root)
    for name, errors in scores.items():
        assert [value(y) for _, y in lines[name]] == pytest.approx(list(errors.values()), abs=0.01)
    assert len(of_class(root, "lstm", "thick", "model")) == 1
    labels = set(texts(root))
    assert {"LSTM  3.30", "last value  3.90", "ARIMA  3.20"} <= labels


def test_errors_far_apart_are_drawn_by_their_logarithm():
    scores = {"LSTM": {1: 1.0, 2: 2.0}, "ARIMA": {1: 30.0, 2: 5000.0}}
    root = drawn(errors_chart(scores))
    value, lines = y_reader(root, log=True), error_lines(root)
    assert [value(y) for _, y in lines["ARIMA"]] == pytest.approx([30, 5000], rel=0.01)
    assert [value(y) for _, y in lines["LSTM"]] == pytest.approx([1, 2], rel=0.01)


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"LSTM": {}},
        {"LSTM": {1: math.nan}},
        {"LSTM": {1: 0.0}, "last value": {1: 0.0}},
        {"LSTM": {1: 2.0}},
        {"LSTM": {1: 2.0, 2: 2.0}, "ARIMA": {1: 2.0, 2: 2.0}},
        {"LSTM": {12: 1e-12}, "ARIMA": {1: 1e12, 12: math.inf}},
        {f"model {k} " * 9: {1: 1.0 + k / 9, 12: 2.0} for k in range(30)},
    ],
)
@pytest.mark.parametrize("width", [380.0, 920.0])
def test_odd_scores_are_drawn(scores, width):
    drawn(errors_chart(scores, width=width))


@pytest.mark.parametrize("width", [380.0, 920.0])
def test_what_intervals_held_is_drawn_beside_what_they_should(width):
    held = {0.9: {1: Held(39, 40), 2: Held(34, 40)}, 0.5: {1: Held(16, 40), 3: Held(20, 40)}}
    picture = coverage_chart(held, width=width)
    root = drawn(picture)
    marks = of_class(root, "lstm", "mark")
    told = [next(iter(mark)).text for mark in marks]
    assert told[0] == "step 1: 97.5% of 40 outcomes held, 90% wanted"
    assert told[3] == "step 3: 50% of 40 outcomes held, 50% wanted"
    assert picture.description == "90%: 97.5%, 85%; 50%: 40%, 50%"
    first, second = (at(mark, "cy") for mark in marks[:2])
    assert first < at(of_class(root, "cut")[0], "y1") < second, "above, and below"
