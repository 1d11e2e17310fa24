"""The report of a forecast: one page that says what comes next, and how far to trust it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gatework import __version__
from gatework.look.charts import series_chart
from gatework.look.numerals import percent, show, show_all
from gatework.look.periods import period_word, when
from gatework.look.report.accuracy import accuracy_section
from gatework.look.report.inside import inside_sections
from gatework.look.report.page import bullets, card, figure, page, paragraph, section, table
from gatework.look.report.past import past_section
from gatework.look.report.search import search_section
from gatework.look.report.verdict import MODEL, duels, headline
from gatework.look.report.words import count, label_text, name_of, span
from gatework.look.structure import structure_diagram
from gatework.look.svg import Element, Picture, shorten

if TYPE_CHECKING:
    from gatework.examine import Run
    from gatework.forecast.result import ForecastResult

METHOD = (
    "Wang Xin et al., Exploring LSTM based recurrent neural network for failure time series "
    "prediction, Journal of Beijing University of Aeronautics and Astronautics 44(4), 2018, "
    "doi 10.13700/j.bh.1001-5965.2017.0285"
)
"""The paper whose method "recursive" follows."""

SMOOTHING = (
    "S. Smyl, A hybrid method of exponential smoothing and recurrent neural networks for time "
    "series forecasting, International Journal of Forecasting 36(1), 2020, "
    "doi 10.1016/j.ijforecast.2019.03.017"
)
"""The paper that began with exponential smoothing inside a recurrent network."""

_HOW = {
    "recursive": "Values are standardised with the mean and deviation of the training part. The "
    "network sees a window of them and is taught at every step of it, by mean squared error and "
    "Adam. It forecasts step by step: each prediction is appended to the window for the next.",
    "es-lstm": "A bank of exponential smoothers forecasts after every value. The network reads how "
    "far off each of them has been, and forecasts all steps ahead at once as a weighted mean of "
    "their forecasts; it is taught at every value of the training part.",
}
_CAPTIONS = {
    "recursive": "From the window of past values, at the top, to the forecast of the next, below.",
    "es-lstm": "From the errors of the smoothers, at the top, to their weights, below.",
}
_SOURCES = {
    "recursive": f"The method follows {METHOD}.",
    "es-lstm": f"Smoothing inside a network goes back to {SMOOTHING}; a bank of smoothers that an "
    "LSTM weighs is Gatework's own.",
}

_MOST_PERIODS = 240
_MOST_NOTES = 40
_LONGEST = 6000.0


def forecast_report(result: ForecastResult, run: Run | None = None) -> str:
    """Return the report of a forecast as one HTML page.

    The page holds everything it shows and makes no request; its one script shows the values under
    the pointer and what is chosen: a horizon, a layer, a unit. It stays under 3 MB however long the
    series is. Whatever came from the user's data is shown as text.

    Args:
        result: of the forecast.
        run: the network over the series, from ``Forecaster.examine``; without it the page does not
            show the inside of the network.

    It is text to be written as UTF-8.
    """
    name = name_of(result.series)
    content = [
        paragraph("Gatework forecast", "kicker"),
        Element("h1", f"{name}: the next {span(result, result.horizon)}"),
        *_opening(result),
        _forecast(result),
        _series(result),
        past_section(result),
        accuracy_section(result),
        search_section(result),
        _network(result),
        *([] if run is None else inside_sections(run)),
        _method(result),
        Element("footer", f"Written by Gatework {__version__}."),
    ]
    shown = [part for part in content if part is not None]
    return page(f"{name}: forecast", shown, live=True)


def _opening(result: ForecastResult) -> list[Element]:
    met = duels(result.scores)
    content = [paragraph(f"{_expectation(result)} {headline(met)}", "lead")]
    cards = Element("div", class_="cards")
    if result.forecast:
        first = result.forecast[0]
        interval = f"{percent(result.level)} interval {show(first.lower)} to {show(first.upper)}"
        cards.add(card(label_text(first.period), show(first.value), interval))
    if len(result.forecast) > 1:
        values = [point.value for point in result.forecast]
        ahead = span(result, len(values))
        if result.series.counts:
            cards.add(card(f"the {ahead} together", show(sum(values)), "expected in all"))
        else:
            mean = math.fsum(value / len(values) for value in values)
            cards.add(card(f"the {ahead}", show(mean), "on average"))
    if met:
        won = sum(duel.won for duel in met)
        plural = "horizon" if len(met) == 1 else "horizons"
        detail = f"{plural} won by the {MODEL}, by RMSE"
        cards.add(card("against the baselines", f"{won} of {len(met)}", detail))
    return [*content, cards]


def _expectation(result: ForecastResult) -> str:
    if not result.forecast:
        return "No period was forecast."
    first, last = result.forecast[0], result.forecast[-1]
    frequency = result.series.frequency
    said = f"About {show(first.value)} is expected {when(frequency, label_text(first.period))}"
    if len(result.forecast) == 1:
        return f"{said}."
    values = [point.value for point in result.forecast]
    low, high, end = show(min(values)), show(max(values)), label_text(last.period)
    if low == high:
        return f"{said}, and as much in each {period_word(frequency)} until {end}."
    return f"{said}, and between {low} and {high} a {period_word(frequency)} until {end}."


def _forecast(result: ForecastResult) -> Element:
    content = []
    n, horizon = len(result.series), len(result.forecast)
    start = max(0, n - max(3 * horizon, 24))
    for edge in (result.split.train_end, result.split.test_start):
        start = edge if 0 < edge - start < 4 else start  # no sliver of the part before
    if horizon and start > 0.25 * n:
        caption = (
            f"The last {span(result, n - start)} and the forecast. In about "
            f"{percent(result.level)} of cases the value is expected within the band."
        )
        content.append(figure(lambda width: _drawn(result, width, start), caption))
    points = result.forecast[:_MOST_PERIODS]
    columns = [
        show_all(values)
        for values in (
            [point.value for point in points],
            [point.lower for point in points],
            [point.upper for point in points],
        )
    ]
    rows = zip([label_text(point.period) for point in points], *columns, strict=True)
    head = ["period", "forecast", "lower", "upper"]
    caption = f"The forecast with its {percent(result.level)} interval"
    content.append(table(caption, head, rows, tall=len(points) > 24))
    if horizon > len(points):
        left_out = f"The table ends here; the forecast goes on for {horizon - len(points)} more."
        content.append(paragraph(left_out, "muted"))
    return section("The forecast", *content)


def _series(result: ForecastResult) -> Element:
    return section(
        "The whole series",
        figure(
            lambda width: _drawn(result, width, 0),
            "Parameters are chosen by learning from the training part and forecasting the "
            "validation part; the test part is kept for the scores below.",
        ),
    )


def _drawn(result: ForecastResult, width: float, start: int) -> Picture:
    series = result.series
    return series_chart(
        series.values,
        [label_text(label) for label in series.labels],
        name=name_of(result.series),
        train_end=result.split.train_end,
        test_start=result.split.test_start,
        test_forecast=result.test_forecast,
        forecast=result.forecast,
        level=result.level,
        dated=series.frequency is not None,
        whole=series.counts,
        start=start,
        width=width,
    )


def _network(result: ForecastResult) -> Element:
    if not result.layers:
        said = f"{result.parameters:,} trainable parameters."
        return section("The network", paragraph(said))
    caption = _CAPTIONS[result.method]
    averaged = result.parameters // max(sum(layer.parameters for layer in result.layers), 1)
    if averaged > 1:
        caption += f" The forecast is the mean of {averaged} such networks."
    return section(
        "The network", figure(lambda width: structure_diagram(result.layers, width=width), caption)
    )


def _method(result: ForecastResult) -> Element:
    series, cut = result.series, result.split
    labels = [label_text(label) for label in series.labels]
    parts = (("Training", 0, cut.train_end), ("validation", cut.train_end, cut.test_start))
    parts = (*parts, ("test", cut.test_start, cut.n))
    said = [f"{name} {labels[a]} to {labels[b - 1]} ({b - a})" for name, a, b in parts if b > a]
    items = [
        f"The data: {count(len(series), 'value')}, one a {period_word(series.frequency)}"
        + (f", with a season of {series.season}." if series.season > 1 else "."),
        "; ".join(said) + ".",
        _HOW[result.method],
        f"Scores come from {count(result.origins, 'origin')}: at each period of the test part a "
        "forecast is made from what came before it, by every model alike.",
        f"Seed {result.seed}; {show(result.seconds)} seconds.",
    ]
    notes = dict.fromkeys([*series.notes, *result.notes])
    items += [shorten(note, _LONGEST) for note in list(notes)[:_MOST_NOTES]]
    return section("How it was done", bullets(items), paragraph(_SOURCES[result.method]))
