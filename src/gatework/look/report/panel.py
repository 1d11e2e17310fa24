"""The report of the forecasts of many series: one page, of which the reader chooses a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gatework.forecast.intervals import held_counts
from gatework.forecast.metrics import Held
from gatework.forecast.result import PLAIN_MEAN, ForecastPoint
from gatework.forecast.scores import TIE, Scores, scores_of, times_best, untold_steps, winners_of
from gatework.look.canvas.numerals import percent, show_table
from gatework.look.canvas.svg import Element, shorten
from gatework.look.charts import errors_chart, series_chart
from gatework.look.language import Words, words_in
from gatework.look.report.accuracy import unscored
from gatework.look.report.choice import chosen
from gatework.look.report.coverage import coverage_section
from gatework.look.report.intervals import forecast_table
from gatework.look.report.methods import HOW
from gatework.look.report.notes import note_sentence
from gatework.look.report.parts import (
    bullets,
    cards,
    figure,
    paragraph,
    report_page,
    section,
    table,
)
from gatework.look.report.totals import total_table
from gatework.look.report.verdict import BLEND, MODEL, duels, headline
from gatework.look.report.words import cell_text, label_text, model_text, span

if TYPE_CHECKING:
    from gatework.forecast import Panel, PanelForecast, TotalForecast
    from gatework.forecast.backtest import Accuracy
    from gatework.forecast.panel.backtest import Backtest

MOST_DRAWN = 24
"""Series that are drawn; the tables beside the report hold all of them."""
_MOST_PERIODS = 200
_MOST_NOTES = 40
_LONGEST = 6000.0
_PLAIN = HOW["plain"]
SEARCHED = "searched"
"""What forecast where a search found networks of its own for a series."""


def panel_report(
    panel: Panel,
    found: PanelForecast,
    scores: Mapping[str, Backtest | Mapping[int, Accuracy]],
    *,
    level: float,
    language: str = "en",
    served: str = "trained",
    total: TotalForecast | None = None,
    best: Sequence[Mapping[str, str]] = (),
    held: Mapping[float, Mapping[int, Held]] | None = None,
) -> str:
    """Return the report of a forecast of many series as one HTML page.

    The reader chooses the series, and sees its end with the forecast and its interval. The page
    makes no request; whatever came from the user's data is shown as text. Of more than MOST_DRAWN
    series the first are drawn, and the page says so.

    Args:
        panel: what was forecast.
        found: the forecasts, of the same series in the same order.
        scores: backtests by model, ours as "LSTM", or what they come to by steps ahead.
        level: which of the intervals is drawn.
        language: "en" or "zh".
        served: what forecast, as ``GlobalForecaster.served_`` says, or as the ``served_`` of the
            Forecasters of each series do, with commas between them.
        total: what the periods come to together, of the same series.
        best: the best model by steps ahead, of each series, where each was scored by itself.
        held: what the intervals of the scored part held, by level and steps ahead; where left out
            that of our backtest.

    Raises:
        OptionError: another language.
    """
    words = words_in(language)
    measured = scores_of(scores)
    who = {"trained": served == "trained", "blended": BLEND in measured}
    horizon = found.values.shape[1]
    ahead = span(panel.frequency, horizon, words)
    title = words("{count} series: the next {span}", count=f"{len(panel):,}", span=ahead)
    met, untold = duels(measured), bool(untold_steps(measured))
    judged = headline(met, words, untold=untold, several=True)
    content = [
        paragraph(judged, "lead") if met or untold else None,
        _cards(panel, measured, level, words),
        _forecasts(panel, found, total, level, who, words),
        _accuracy(measured, served, horizon, best, words),
        coverage_section(held or _held(scores.get(MODEL)), words),
        _network(panel, level, served, words),
    ]
    return report_page(title, content, words, kicker=words("Gatework forecast"))


def _cards(panel: Panel, scores: Scores, level: float, words: Words) -> Element:
    together = span(panel.frequency, int(panel.lengths.sum()), words)
    total = words("{span} in all", span=together)
    figures = [(words("series"), f"{len(panel):,}", total)]
    winners = list(winners_of(scores).values())
    if winners:
        won, tied = winners.count(MODEL), winners.count(TIE)
        of_all = words("{part} of {whole}", part=won, whole=len(winners))
        detail = words("horizons won, by RMSE")
        detail += words("; {count} tied", count=tied) if tied else ""
        figures.append((words("against the others"), of_all, detail))
    within = words("of values are expected within")
    return cards(*figures, (words("interval"), percent(level), within))


def _forecasts(
    panel: Panel,
    found: PanelForecast,
    total: TotalForecast | None,
    level: float,
    who: Mapping[str, bool],
    words: Words,
) -> Element:
    drawn = list(found.ids[:MOST_DRAWN])
    names = [cell_text(name) for name in drawn]
    horizon = found.values.shape[1]
    parts = [
        _series(panel, found, row, level, who, words).add(
            *total_table(total, row, level, horizon, words)
        )
        for row in range(len(drawn))
    ]
    content = chosen("series", names, parts, words("series"))
    if len(found.ids) > len(drawn):
        left = len(found.ids) - len(drawn)
        said = words("{count} more series are in forecast.csv.", count=f"{left:,}")
        content.append(paragraph(said, "muted"))
    return section(words("The forecasts"), *content, name="forecast")


def _series(
    panel: Panel,
    found: PanelForecast,
    row: int,
    level: float,
    who: Mapping[str, bool],
    words: Words,
) -> Element:
    n = int(panel.lengths[row])
    values, labels = panel.values[row, :n], [label_text(label) for label in panel.labels(row)]
    low, high = found.lower[level][row], found.upper[level][row]
    points = [
        ForecastPoint(label_text(label), float(value), float(a), float(b))
        for label, value, a, b in zip(found.periods[row], found.values[row], low, high, strict=True)
    ]
    counts = bool(panel.counts[row])
    drawn = figure(
        "",
        series_chart,
        values,
        labels,
        name=cell_text(found.ids[row]),
        train_end=n,
        test_start=n,
        forecast=points,
        level=level,
        dated=panel.frequency is not None,
        whole=counts,
        start=max(0, n - _MOST_PERIODS),
        **who,
        language=words.language,
    )
    if counts:
        ends = zip(*held_counts(low, high), strict=True)
        points = [
            replace(point, lower=float(a), upper=float(b))
            for point, (a, b) in zip(points, ends, strict=True)
        ]
    listed = forecast_table(
        points[:_MOST_PERIODS], level, words, frequency=panel.frequency, counts=counts
    )
    return Element("div", Element("h3", cell_text(found.ids[row])), drawn, *listed)


def _accuracy(
    scores: Scores, served: str, horizon: int, best: Sequence[Mapping[str, str]], words: Words
) -> Element:
    errors = {
        model_text(name, words): {steps: one.rmse for steps, one in by.items()}
        for name, by in scores.items()
    }
    title = words("How good it is")
    if not any(errors.values()):
        return section(title, paragraph(words("No model could be scored.")), name="accuracy")
    said = words("Over all series and origins, by steps ahead.")
    steps = sorted({step for by in errors.values() for step in by})
    cells = show_table([[by.get(s) for s in steps] for by in errors.values()])
    rows = [[name, *told] for name, told in zip(errors, cells, strict=True)]
    return section(
        title,
        paragraph(_scored_on(served, words), "muted"),
        *unscored(errors, horizon, words),
        figure(said, errors_chart, errors, emphasis=MODEL, language=words.language),
        Element(
            "div",
            table(
                words("{measure} by steps ahead", measure="RMSE"),
                [words("model"), *map(str, steps)],
                rows,
                emphasis=MODEL,
            ),
            *_times_best(best, words),
            class_="pair",
        ),
        name="accuracy",
    )


def _held(ours: Backtest | Mapping[int, Accuracy] | None) -> dict[float, dict[int, Held]]:
    """Return what the intervals of a backtest held, by level; of scores nothing."""
    if ours is None or isinstance(ours, Mapping):
        return {}
    return {level: ours.held(level) for level in ours.lower}


def _times_best(best: Sequence[Mapping[str, str]], words: Words) -> list[Element]:
    """Return the table of how many series each model was best in; none where that is not known."""
    counts = times_best(best)
    if not counts:
        return []
    rows = [
        [words("tie") if name == TIE else model_text(name, words), *map(str, by.values())]
        for name, by in counts.items()
    ]
    caption = words("In how many series each was best, by RMSE and steps ahead")
    steps = map(str, next(iter(counts.values())))
    return [table(caption, [words("model"), *steps], rows, emphasis=MODEL)]


def _scored_on(served: str, words: Words) -> str:
    if served == PLAIN_MEAN:
        return words("Errors on the last fifth of every series.")
    if served == "trained" or any(one in served for one in ("tuned", SEARCHED)):
        return words(
            "Errors on the last fifth of every series, by networks that were trained without it."
        )
    return words(
        "Errors on the last fifth of every series; the pretrained network has seen none of them."
    )


def _network(panel: Panel, level: float, served: str, words: Words) -> Element:
    notes = list(dict.fromkeys(panel.notes))[:_MOST_NOTES]
    items: Sequence[str] = [
        *_how(panel, percent(level), served, words),
        *(shorten(note_sentence(note, words), _LONGEST) for note in notes),
    ]
    return section(words("How it was done"), bullets(items), name="method")


def _how(panel: Panel, share: str, served: str, words: Words) -> list[str]:
    if served == PLAIN_MEAN:
        return [
            words(_PLAIN),
            words("Intervals of {share} are those of normal errors.", share=share),
        ]
    bank = words(
        "A bank of exponential smoothers forecasts each series after every value; the network "
        "reads how far off each of them has been, and weighs their forecasts."
    )
    if SEARCHED in served.split(", "):
        if served == SEARCHED:
            return [words("A network of its own for each series, as a search of its own found it.")]
        return [
            words(
                "A search of its own for each series; where what it found is not surely better, or "
                "the series is too short for it, something else forecasts, as each.jsonl says."
            )
        ]
    if served != "trained":
        own = words("Intervals of {share} come from the network's own distribution.", share=share)
        return [bank, own]
    return [
        words("One network for all series, over a season of {season}.", season=panel.season)
        if panel.season > 1
        else words("One network for all series."),
        bank,
        words("Intervals of {share} come from held-out errors.", share=share),
    ]
