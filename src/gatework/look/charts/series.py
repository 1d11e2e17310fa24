"""A series with its parts marked, the test forecasts, and the forecast with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatework.look.canvas.numerals import percent, show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import (
    LINE,
    Entry,
    Frame,
    key_line,
    left_room,
    side_by_side,
    stroke,
)
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import circle, polyline, rect, segment, text
from gatework.look.canvas.svg import Element
from gatework.look.canvas.thinning import thin
from gatework.look.charts.zoom import ChartReading, part, period_axis, plot, upward_axis
from gatework.look.language import Words, words_in

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastPoint

_SPACED = 6.0
"""Pixels between periods from which each value gets a point."""
_STRETCHES = 600
"""Of a longer series stretches of periods are told."""


@dataclass(frozen=True)
class _Drawing:
    """What is drawn, and where; periods are counted from the start of the series."""

    values: np.ndarray  # (n,)
    labels: Sequence[str]
    tested: np.ndarray  # (n,), nan where there is no forecast from before
    ahead: int
    forecast: Sequence[ForecastPoint]
    level: float
    start: int
    frame: Frame
    x: Linear
    y: Linear
    words: Words

    @property
    def spaced(self) -> bool:
        return self.x(self.start + 1) - self.x(self.start) >= _SPACED


def series_chart(
    values: Sequence[float] | np.ndarray,
    labels: Sequence[str],
    *,
    name: str,
    train_end: int,
    test_start: int,
    test_forecast: Sequence[float] | np.ndarray = (),
    ahead: int = 1,
    forecast: Sequence[ForecastPoint] = (),
    level: float = 0.9,
    dated: bool = True,
    whole: bool = False,
    trained: bool = True,
    blended: bool = False,
    start: int = 0,
    width: float = 920,
    height: float = 330,
    language: str = "en",
) -> Picture:
    """Draw a series from period ``start`` on, its parts, the test forecasts and the forecast.

    ``test_forecast`` holds forecasts made ``ahead`` steps before, the first of them for the period
    ``test_start + ahead - 1``; what lies beyond the series is left out. ``dated`` says that the
    labels are dates, ``whole`` that the values are whole numbers, ``trained`` that the network
    learned from the first part, ``blended`` that the forecast is a mean of models. Long series are
    thinned: each pixel shows the least and the most of what falls on it. Values may be missing, as
    nan.

    Shapes:
        values: (n,), and n labels
        test_forecast: (origins,)

    Example:
        >>> months = [f"2005-{month:02d}" for month in range(1, 10)]
        >>> picture = series_chart(
        ...     [3, 1, 4, 1, 5, 9, 2, 6, 5], months, name="faults", train_end=5, test_start=7
        ... )
        >>> picture.title, str(picture)[:4]
        ('faults: the series', '<svg')
    """
    words = words_in(language)
    values = np.asarray(values, dtype=np.float64)
    tested = np.full(len(values), np.nan)
    within = max(0, len(values) - test_start - ahead + 1)
    made = np.asarray(test_forecast, dtype=np.float64)[:within]
    tested[test_start + ahead - 1 :][: len(made)] = made
    entries = _key(tested, forecast, level, ahead, words, blended=blended)
    key, top = key_line(entries, 0, width, 13)
    labels = [*labels, *(point.period for point in forecast)]
    shown = [float(v) for v in (*values[start:], *tested[start:]) if not np.isnan(v)]
    for point in forecast:
        shown += [point.value, point.lower, point.upper]
    frame, x, y = _lay_out(shown, start, len(labels), width, height, top + 2 * LINE - 4, whole)
    drawing = _Drawing(values, labels, tested, ahead, forecast, level, start, frame, x, y, words)
    first = "training" if trained else "before"
    regions = _regions(first, len(values), train_end, test_start, len(forecast), start)
    names, shades = _parts(drawing, regions)
    drawn = plot(
        frame,
        period_axis(frame, x, labels[start:], dated=dated),
        upward_axis(frame, y, y.ticks(8, whole=whole), whole=whole),
        _lines(drawing),
        words,
        back=shades,
        along=names,
        readings=_readings(drawing),
    )
    title = (
        words("{name}: the series and its forecast", name=name)
        if forecast
        else words("{name}: the series", name=name)
    )
    return Picture(
        title, _describe(drawing, regions), width, height, (key, drawn), language=words.tag
    )


def _lay_out(
    shown: list[float], start: int, end: int, width: float, height: float, top: float, whole: bool
) -> tuple[Frame, Linear, Linear]:
    bottom = height - 26
    least = 0.0 if 0 <= min(shown) <= 0.6 * max(shown) else None
    y = Linear.over(shown, bottom, top, least=least)
    left = left_room(y.ticks(8, whole=whole))
    frame = Frame(left, top, width - 6, bottom)
    x = Linear(start - 0.5, max(end, start + 1) - 0.5, frame.left, frame.right)
    return frame, x, y


def _key(
    tested: np.ndarray,
    forecast: Sequence[ForecastPoint],
    level: float,
    ahead: int,
    words: Words,
    *,
    blended: bool,
) -> list[Entry]:
    entries = [Entry(words("observed"), stroke("series"), "observed")]
    if not np.isnan(tested).all():
        called = f"LSTM{words(', ')}{_ahead(ahead, words)}"
        entries.append(Entry(called, stroke("lstm"), "tested"))
    if forecast:
        band = Element("path", class_="band", d="M0 -6H22V6H0Z")
        share = percent(level)
        called = words("LSTM forecast with its {share} interval", share=share)
        if blended:
            called = words("The forecast with its {share} interval", share=share)
        entries.append(Entry(called, [band, *stroke("lstm thick")], "forecast"))
    return entries


def _regions(
    first: str, n: int, train_end: int, test_start: int, horizon: int, start: int
) -> list[tuple[str, int, int]]:
    regions = [
        (first, 0, train_end),
        ("validation", train_end, test_start),
        ("test", test_start, n),
        ("forecast", n, n + horizon),
    ]
    return [(name, max(a, start), b) for name, a, b in regions if b > max(a, start)]


def _parts(
    drawing: _Drawing, regions: Sequence[tuple[str, int, int]]
) -> tuple[list[Element], list[Element]]:
    """Return the names of the regions, above the frame, and what sets them off from one another."""
    frame = drawing.frame
    shades = {"validation": "shade", "test": "shade2"}
    ends, back = [], []
    for name, first, last in regions:
        a, b = drawing.x(first - 0.5), drawing.x(last - 0.5)
        ends.append((a, b))
        if name in shades:
            back.append(rect(a, frame.top, b - a, frame.height, shades[name]))
        if first > drawing.start:
            back.append(segment(a, frame.top, a, frame.bottom, "cut"))
    names = [drawing.words(name) for name, _, _ in regions]
    places = side_by_side(names, [(a + b) / 2 for a, b in ends], frame.left, frame.right)
    return [
        text(name, x, frame.top - 5, "muted mid", data_from=a, data_to=b)
        for name, x, (a, b) in zip(names, places, ends, strict=True)
    ], back


def _lines(drawing: _Drawing) -> list[Element]:
    x, y, n = drawing.x, drawing.y, len(drawing.values)
    expected = np.array([point.value for point in drawing.forecast])
    kept = thin(expected, int(drawing.frame.width)).tolist()
    ahead = [(x(n + step), drawing.forecast[step]) for step in kept]
    dots = [
        circle(x(at), y(value), 2, "point")
        for at, value in enumerate(drawing.values)
        if drawing.spaced and at >= drawing.start and not np.isnan(value)
    ]
    observed = part("observed", polyline(_drawn(drawing, drawing.values), "series"), marks=dots)
    lines = [observed]
    if not np.isnan(drawing.tested[drawing.start :]).all():
        lines.append(part("tested", polyline(_drawn(drawing, drawing.tested), "lstm tested")))
    if ahead:
        line = polyline(((at, y(point.value)) for at, point in ahead), "lstm thick ahead")
        marks = [
            circle(at, y(point.value), 3, "lstm mark")
            for at, point in ahead
            if drawing.spaced or len(ahead) == 1
        ]
        lines.insert(0, part("forecast", _band(drawing, ahead)))  # under the other lines
        lines.append(part("forecast", line, marks=marks))
    return lines


def _band(drawing: _Drawing, ahead: Sequence[tuple[float, ForecastPoint]]) -> Element:
    y = drawing.y
    lower = [(at, y(point.lower)) for at, point in reversed(ahead)]
    upper = [(at, y(point.upper)) for at, point in ahead]
    if len(ahead) == 1:  # a band of one period has no width of its own
        half = min(8.0, (drawing.x(1) - drawing.x(0)) / 2 if drawing.spaced else 4.0)
        (at, low), (_, high) = lower[0], upper[0]
        upper, lower = [(at - half, high), (at + half, high)], [(at + half, low), (at - half, low)]
    return polyline([*upper, *lower], "band", closed=True)


def _drawn(drawing: _Drawing, values: np.ndarray) -> list[tuple[float, float] | None]:
    shown = values[drawing.start :]
    points: list[tuple[float, float] | None] = []
    for index in thin(shown, int(drawing.frame.width)):
        value = float(shown[index])
        at = drawing.x(drawing.start + int(index))
        points.append(None if np.isnan(value) else (at, drawing.y(value)))
    return points


def _readings(drawing: _Drawing) -> list[ChartReading]:
    """Return what is told under the pointer, by period, or by stretches of a long series."""
    n, x = len(drawing.values), drawing.x
    last = n + len(drawing.forecast)
    count = max(1, min(last - drawing.start, _STRETCHES))
    edges = np.linspace(drawing.start, last, count + 1).astype(int)
    readings = []
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        value = float(drawing.values[first]) if first < n else drawing.forecast[first - n].value
        height = drawing.y(value) if end - first == 1 and not np.isnan(value) else None
        told = _told(drawing, first, end)
        readings.append(ChartReading(x(first - 0.5), x(end - 0.5), height, told))
    return readings


def _told(drawing: _Drawing, first: int, end: int) -> str:
    n, words = len(drawing.values), drawing.words
    if first >= n:
        point = drawing.forecast[first - n]
        return words(
            "{period}: {value} forecast ({share} interval {low} to {high})",
            period=point.period,
            value=show(point.value),
            share=percent(drawing.level),
            low=show(point.lower),
            high=show(point.upper),
        )
    if end - first == 1:
        value, tested = float(drawing.values[first]), float(drawing.tested[first])
        known = words("no value") if np.isnan(value) else show(value)
        told = words.labelled(drawing.labels[first], known)
        if np.isnan(tested):
            return told
        return f"{told}{words(', ')}{_ahead(drawing.ahead, words)} {show(tested)}"
    values = drawing.values[first : min(end, n)]
    values = values[~np.isnan(values)]
    periods = words(
        "{first} to {last}", first=drawing.labels[first], last=drawing.labels[min(end, n) - 1]
    )
    if not len(values):
        return words.labelled(periods, words("no value"))
    return words(
        "{periods}: {low} to {high}, mean {mean}",
        periods=periods,
        low=show(values.min()),
        high=show(values.max()),
        mean=show(values.mean()),
    )


def _ahead(steps: int, words: Words) -> str:
    return words("one step ahead") if steps == 1 else words("{steps} steps ahead", steps=steps)


def _describe(drawing: _Drawing, regions: Sequence[tuple[str, int, int]]) -> str:
    words = drawing.words
    parts = [
        words(
            "{part} {first} to {last}",
            part=words(name),
            first=drawing.labels[first],
            last=drawing.labels[last - 1],
        )
        for name, first, last in regions
    ]
    shown = drawing.values[drawing.start :]
    shown = shown[~np.isnan(shown)]
    told = [words("A line over periods: {parts}.", parts=words("; ").join(parts))]
    if len(shown):
        low, high = show(shown.min()), show(shown.max())
        told.append(words("Observed values go from {low} to {high}.", low=low, high=high))
    if drawing.forecast:
        first, last = show(drawing.forecast[0].value), show(drawing.forecast[-1].value)
        told.append(words("The forecast goes from {first} to {last}.", first=first, last=last))
    return words.told(*told)
