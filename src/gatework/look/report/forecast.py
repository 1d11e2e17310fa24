"""The report of a forecast: one page that says what comes next, and how far to trust it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gatework.forecast.digits import digits_within
from gatework.forecast.scores import untold_steps
from gatework.look.canvas.numerals import percent, show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.svg import Element, shorten
from gatework.look.language import Words, words_in
from gatework.look.network.structure import structure_diagram
from gatework.look.report.accuracy import accuracy_section
from gatework.look.report.coverage import coverage_section
from gatework.look.report.intervals import forecast_table
from gatework.look.report.introspection import inside_sections
from gatework.look.report.methods import CAPTIONS, HOW, SOURCES, WHOLE
from gatework.look.report.notes import note_sentence
from gatework.look.report.parts import (
    bullets,
    cards,
    figure,
    paragraph,
    report_page,
    section,
)
from gatework.look.report.past import PRETRAINED, past_section, result_chart
from gatework.look.report.search import search_section
from gatework.look.report.totals import total_table
from gatework.look.report.verdict import BLEND, called, duels, headline
from gatework.look.report.words import label_text, name_of, period_text, span, when

if TYPE_CHECKING:
    from gatework.examine import Run
    from gatework.forecast import TotalForecast
    from gatework.forecast.result import ForecastResult

_MOST_PERIODS = 240
_MOST_NOTES = 40
_LONGEST = 6000.0


def forecast_report(
    result: ForecastResult,
    run: Run | None = None,
    *,
    total: TotalForecast | None = None,
    language: str = "en",
) -> str:
    """Return the report of a forecast as one HTML page.

    The page holds everything it shows and makes no request; its one script shows the values under
    the pointer and what is chosen: a horizon, a layer, a unit. It stays under 3 MB however long the
    series is. Whatever came from the user's data is shown as text.

    Args:
        result: of the forecast.
        run: the network over the series, from ``Forecaster.examine``; without it the page does not
            show the inside of the network.
        total: what the periods come to together, from ``Forecaster.predict_total``.
        language: "en" or "zh".

    It is text to be written as UTF-8.

    Raises:
        OptionError: another language.
    """
    words = words_in(language)
    name = name_of(result.series, words)
    ahead = span(result.series.frequency, result.horizon, words)
    content = [
        *_opening(result, words),
        _forecast(result, total, words),
        _series(result, words),
        past_section(result, words),
        accuracy_section(result, words),
        coverage_section({result.level: result.held}, words),
        *([search_section(result, words)] if _searched(result) else []),
        None if result.plain else _network(result, words),
        *([] if run is None or result.plain else _inside(result, run, words)),
        _method(result, words),
    ]
    return report_page(
        words("{name}: the next {span}", name=name, span=ahead),
        content,
        words,
        kicker=words("Gatework forecast"),
        title=words("{name}: forecast", name=name),
    )


def _searched(result: ForecastResult) -> bool:
    return bool(result.trials) or result.method != PRETRAINED


def _inside(result: ForecastResult, run: Run, words: Words) -> list[Element]:
    return inside_sections(run, words, trained=result.method != PRETRAINED)


def _opening(result: ForecastResult, words: Words) -> list[Element]:
    alone, untold = duels(result.scores), bool(untold_steps(result.scores))
    blended = duels(result.scores, BLEND)
    met = blended or alone
    lost = any(not duel.tied for duel in alone) and not any(duel.won for duel in alone)
    judged = [headline(blended, words, advice=not lost)] if blended else []
    judged.append(headline(alone, words, untold=untold))
    content = [paragraph(words.told(_expectation(result, words), *judged), "lead")]
    figures: list[tuple[str, str, str]] = []
    if result.forecast:
        first = result.told[0]
        digits = digits_within((first.value, first.lower, first.upper), 3)
        interval = words(
            "{share} interval {low} to {high}",
            share=percent(result.level),
            low=show(first.lower, digits),
            high=show(first.upper, digits),
        )
        figures.append((label_text(first.period), show(first.value, digits), interval))
    if len(result.forecast) > 1:
        values = [point.value for point in result.forecast]
        ahead = span(result.series.frequency, len(values), words)
        if result.series.counts:
            together = words("the {span} together", span=ahead)
            figures.append((together, show(sum(values)), words("expected in all")))
        else:
            mean = math.fsum(value / len(values) for value in values)
            figures.append((words("the {span}", span=ahead), show(mean), words("on average")))
    if met:
        won, tied = sum(duel.won for duel in met), sum(duel.tied for duel in met)
        detail = words.many(
            len(met),
            "horizon won by the {model}, by RMSE",
            "horizons won by the {model}, by RMSE",
            model=called(met[0].model, words),
        )
        detail += words("; {count} tied", count=tied) if tied else ""
        of_all = words("{part} of {whole}", part=won, whole=len(met))
        against = words("against the others") if blended else words("against the baselines")
        figures.append((against, of_all, detail))
    return [*content, cards(*figures)]


def _expectation(result: ForecastResult, words: Words) -> str:
    if not result.forecast:
        return words("No period was forecast.")
    first, last = result.forecast[0], result.forecast[-1]
    frequency = result.series.frequency
    told = {
        "value": show(first.value),
        "when": when(frequency, label_text(first.period), words),
    }
    if len(result.forecast) == 1:
        return words("About {value} is expected {when}.", **told)
    values = [point.value for point in result.forecast]
    low, high = show(min(values)), show(max(values))
    told |= {"period": period_text(frequency, words), "end": label_text(last.period)}
    if low == high:
        return words(
            "About {value} is expected {when}, and as much in each {period} until {end}.", **told
        )
    return words(
        "About {value} is expected {when}, and between {low} and {high} a {period} until {end}.",
        low=low,
        high=high,
        **told,
    )


def _forecast(result: ForecastResult, total: TotalForecast | None, words: Words) -> Element:
    content = []
    n, horizon = len(result.series), len(result.forecast)
    start = max(0, n - max(3 * horizon, 24))
    for edge in (result.split.train_end, result.split.test_start):
        start = edge if 0 < edge - start < 4 and edge < n else start  # no sliver before
    if horizon and start > 0.25 * n:
        caption = words(
            "The last {span} and the forecast. In about {share} of cases the value is expected "
            "within the band.",
            span=span(result.series.frequency, n - start, words),
            share=percent(result.level),
        )
        content.append(figure(caption, _whole, result, words, start=start))
    points = result.told[:_MOST_PERIODS]
    about = {"frequency": result.series.frequency, "counts": result.series.counts}
    content += forecast_table(points, result.level, words, **about)
    if horizon > len(points):
        left_out = words(
            "The table ends here; the forecast goes on for {count} more.",
            count=horizon - len(points),
        )
        content.append(paragraph(left_out, "muted"))
    content += total_table(total, 0, result.level, horizon, words)
    return section(words("The forecast"), *content, name="forecast")


def _series(result: ForecastResult, words: Words) -> Element:
    pretrained = result.method == PRETRAINED
    which = pretrained + (pretrained and not result.origins)
    caption = words(WHOLE[4 if result.plain else 3 if result.tuned else which])
    return section(words("The whole series"), figure(caption, _whole, result, words), name="series")


def _whole(result: ForecastResult, words: Words, *, width: float, start: int = 0) -> Picture:
    return result_chart(
        result,
        words,
        test_forecast=result.test_forecast,
        forecast=result.forecast,
        level=result.level,
        start=start,
        width=width,
    )


def _network(result: ForecastResult, words: Words) -> Element:
    if not result.layers:
        said = words("{count} trainable parameters.", count=f"{result.parameters:,}")
        return section(words("The network"), paragraph(said), name="network")
    caption = words(CAPTIONS[result.method])
    averaged = result.parameters // max(sum(layer.parameters for layer in result.layers), 1)
    if averaged > 1:
        mean = words("The forecast is the mean of {count} such networks.", count=averaged)
        caption = words.told(caption, mean)
    drawn = figure(caption, structure_diagram, result.layers, language=words.language)
    return section(words("The network"), drawn, name="network")


def _method(result: ForecastResult, words: Words) -> Element:
    series, cut = result.series, result.split
    labels = [label_text(label) for label in series.labels]
    parts = (
        (words("Before" if result.method == PRETRAINED else "Training"), 0, cut.train_end),
        (words("validation"), cut.train_end, cut.test_start),
        (words("test"), cut.test_start, cut.n),
    )
    said = [
        words(
            "{part}: {first} to {last} ({count})",
            part=name,
            first=labels[start],
            last=labels[end - 1],
            count=end - start,
        )
        for name, start, end in parts
        if end > start
    ]
    period = period_text(series.frequency, words)
    data = words.many(
        len(series),
        "The data: 1 value, one a {period}",
        "The data: {count} values, one a {period}",
        period=period,
    )
    season = words(", with a season of {season}", season=series.season)
    scored = words.many(
        result.origins,
        "Scores come from 1 origin: at each period of the test part a forecast is made from what "
        "came before it, by every model alike.",
        "Scores come from {count} origins: at each period of the test part a forecast is made from "
        "what came before it, by every model alike.",
    )
    how = HOW["plain" if result.plain else "tuned" if result.tuned else result.method]
    items = [
        data + (season if series.season > 1 else "") + words("."),
        words("; ").join(said) + words("."),
        words(how),
        *([scored] if result.origins else []),
        words("Seed {seed}; {seconds} seconds.", seed=result.seed, seconds=show(result.seconds, 2)),
    ]
    notes = dict.fromkeys([*series.notes, *result.notes])
    items += [shorten(note_sentence(note, words), _LONGEST) for note in list(notes)[:_MOST_NOTES]]
    source, paper = SOURCES[result.method]
    source = words(source, paper=paper)
    return section(words("How it was done"), bullets(items), paragraph(source), name="method")
