"""The section of scores: whether the LSTM won, and every model's errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.forecast.scores import alike, untold_steps
from gatework.look.canvas.numerals import show_table
from gatework.look.canvas.svg import Element
from gatework.look.charts import errors_chart
from gatework.look.language import Words
from gatework.look.report.parts import bullets, figure, paragraph, section, table
from gatework.look.report.verdict import BLEND, MODEL, called, caution, duels, sentences, silence
from gatework.look.report.words import model_text

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult

_Errors = dict[str, dict[int, float]]


def accuracy_section(result: ForecastResult, words: Words) -> Element:
    """Return the section that compares the models, by words, picture and tables."""
    scores = {model_text(name, words): by for name, by in result.scores.items()}
    rmse = {name: {at: s.rmse for at, s in by.items()} for name, by in scores.items()}
    mae = {name: {at: s.mae for at, s in by.items()} for name, by in scores.items()}
    judged = [model for model in (BLEND, MODEL) if model in result.scores]
    title = words("Did the {model} win?", model=called(next(iter(judged), MODEL), words))
    if not any(rmse.values()):
        said = words("No model could be scored: the test part is too short.")
        return section(title, paragraph(said), name="accuracy")
    caption = words(
        "Rolling origin: {count} forecasts from the end of the series that was kept for the test, "
        "each made from what came before it.",
        count=result.origins,
    )
    untold = list(untold_steps(result.scores))
    content = _duels(result, judged, words)
    for warning in filter(None, (silence(untold, words), caution(result.origins, words))):
        content.append(paragraph(warning, "lost"))
    content += unscored(rmse, result.horizon, words)
    content += [
        paragraph(
            words("Errors are RMSE. A margin says how much greater the loser's error is."), "muted"
        ),
        figure(caption, errors_chart, rmse, emphasis=MODEL, language=words.language),
        Element(
            "div",
            _table("RMSE", rmse, untold, words),
            _table("MAE", mae, untold, words),
            class_="pair",
        ),
    ]
    return section(title, *content, name="accuracy")


def _duels(result: ForecastResult, judged: Sequence[str], words: Words) -> list[Element]:
    """Return at which steps ahead models won, each but the first under a heading of its own."""
    content: list[Element] = []
    for model in judged:
        if content:
            content.append(Element("h3", words("Did the {model} win?", model=called(model, words))))
        if met := duels(result.scores, model):
            content.append(bullets(sentences(met, words)))
    return content


def unscored(errors: _Errors, horizon: int, words: Words) -> list[Element]:
    """Return the sentence on which steps ahead are scored, where the last one is not."""
    steps = sorted(set().union(*errors.values()))
    if horizon <= steps[-1]:
        return []
    scored = words.listed(map(str, steps))
    said = words("Of {count} steps ahead these are scored: {steps}.", count=horizon, steps=scored)
    return [paragraph(said, "muted")]


def _table(measure: str, errors: _Errors, untold: Sequence[int], words: Words) -> Element:
    steps = sorted({step for by_steps in errors.values() for step in by_steps})
    values = [[by.get(step, math.nan) for step in steps] for by in errors.values()]
    rows: list[list[str | Element]] = [
        [name, *told] for name, told in zip(errors, show_table(values), strict=True)
    ]
    for at, step in enumerate(steps):
        if step not in untold:
            _mark([row[at] for row in values], rows, at + 1)
    caption = words("{measure} by steps ahead; ★ marks the least of each column", measure=measure)
    return table(caption, [words("model"), *map(str, steps)], rows, emphasis=MODEL)


def _mark(values: Sequence[float], rows: Sequence[list[str | Element]], at: int) -> None:
    """Mark the least of a column of a table."""
    least = min(filter(math.isfinite, values), default=math.nan)
    for value, row in zip(values, rows, strict=True):
        if alike(value, least):
            row[at] = Element("span", f"★ {row[at]}", class_="win")
