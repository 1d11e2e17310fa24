"""The section of the search: what was tried, what came of it, and what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import show_all
from gatework.look.canvas.svg import Element
from gatework.look.charts import parameters_chart, search_chart, varied_parameters
from gatework.look.charts.trials import (
    error_of,
    reason_text,
    roles_of,
    spoken,
    start_text,
    stopped,
    succeeded,
    value_text,
)
from gatework.look.language import Words, words_in
from gatework.look.report.parts import figure, paragraph, report_page, section, table
from gatework.look.report.past import PRETRAINED
from gatework.look.report.words import cell_text

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult
    from gatework.search import Trial

_MOST = 10


def search_section(result: ForecastResult, words: Words) -> Element:
    """Return the section that shows the search, its best trials and the parameters chosen."""
    trials = result.trials
    best = result.best_parameters.items()
    rows = [[cell_text(spoken(name, words)), _told(value, words)] for name, value in best]
    serves = not trials or result.method != PRETRAINED
    caption = words("The parameters chosen") if serves else words("The best parameters found")
    chosen = table(caption, [words("parameter"), words("value")], rows)
    title = words("The search")
    if not trials:
        return section(title, paragraph(words("No search was made.")), chosen, name="search")
    content = _pictures(trials, result.start, words)
    if not serves:
        said = words(
            "What the search found is not surely better: the pretrained network forecasts."
        )
        content.insert(0, paragraph(said))
    content.append(Element("div", chosen, _best(trials, result.start, words), class_="pair"))
    return section(title, *content, name="search")


def search_report(
    trials: Sequence[Trial], name: str, *, start: Trial | None = None, language: str = "en"
) -> str:
    """Return a page with pictures of the trials of a ledger, and a table of the best.

    ``start`` is what the search began with, where that is known.

    Raises:
        OptionError: a language that is neither "en" nor "zh".
    """
    words = words_in(language)
    if not trials:
        content = [paragraph(words("No trial has ended yet."))]
    else:
        content = [*_pictures(trials, start, words), _best(trials, start, words)]
    title = words("The search in {name}", name=name)
    return report_page(title, content, words)


def _pictures(trials: Sequence[Trial], start: Trial | None, words: Words) -> list[Element]:
    said = words(
        "Every trial in the order it was tried. Rest the pointer on a mark, or tap it, to see what "
        "it was; a dash is the error at which a trial was stopped."
    )
    content = [
        paragraph(_summary(trials, words)),
        figure(said, search_chart, trials, start=start, language=words.language),
    ]
    if varied_parameters(trials):
        said = words("The same trials by what was tried in them; the best is ringed.")
        content.append(figure(said, parameters_chart, trials, language=words.language))
    return content


def _summary(trials: Sequence[Trial], words: Words) -> str:
    roles = roles_of(trials)
    tried = words.many(len(trials), "1 trial", "{count} trials")
    finer = len({trial.layer for trial in trials if roles[trial.index] == 1})
    if finer:
        tried += words.many(
            finer,
            ": a coarse grid, then 1 finer grid around the best points so far",
            ": a coarse grid, then {count} finer grids around the best points so far",
        )
    said = [tried + words(".")]
    if repeats := sum(role == 2 for role in roles.values()):
        said.append(
            words.many(
                repeats,
                "1 trial repeated leading parameters with other seeds.",
                "{count} trials repeated leading parameters with other seeds.",
            )
        )
    halved = [trial for trial in trials if stopped(trial)]
    if halved:
        said.append(
            words.many(
                len(halved),
                "1 trial stopped early, behind too many others.",
                "{count} trials stopped early, behind too many others.",
            )
        )
    failed = [trial for trial in trials if not succeeded(trial) and not stopped(trial)]
    if failed:
        reasons = list(dict.fromkeys(trial.message for trial in failed if trial.message))
        told = words.many(len(failed), "1 trial failed", "{count} trials failed")
        if reasons:
            told += words(
                ", for instance: {reason}", reason=cell_text(reason_text(reasons[0], words))
            )
        said.append(told + words("."))
    return words.told(*said)


def _best(trials: Sequence[Trial], start: Trial | None, words: Words) -> Element:
    """Return the best parameters, by the mean over their seeds and its standard error.

    What the search began with stands above them.
    """
    from gatework.search import ranking

    best = ranking(filter(succeeded, trials))[:_MOST]
    names = list(dict.fromkeys(name for one in best for name in one.trial.parameters))
    told = [] if start is None else [start]
    errors = show_all([*map(error_of, told), *(one.mean for one in best)], 4)
    seconds = show_all([row.seconds for row in (*told, *(one.trial for one in best))], 2)
    noise = show_all([one.standard_error for one in best], 2)
    repeated = any(len(one.errors) > 1 for one in best)
    rows = [
        [
            str(one.trial.index),
            errors[place],
            *([noise[place - len(told)], str(len(one.errors))] if repeated else []),
            *(_told(one.trial.parameters.get(name), words) for name in names),
            seconds[place],
        ]
        for place, one in enumerate(best, start=len(told))
    ]
    if told:
        nothing = ["–"] * (len(names) + 2 * repeated)
        rows.insert(0, [start_text(told[0], words), errors[0], *nothing, seconds[0]])
    spread = ["±", words("seeds")] if repeated else []
    called = [cell_text(spoken(name, words)) for name in names]
    head = [words("trial"), words("error"), *spread, *called, words("seconds")]
    title = words("The best trials, by their error in validation")
    if repeated:
        title = words("The best parameters, by mean error in validation with its standard error")
    return table(title, head, rows)


def _told(value: object, words: Words) -> str:
    return cell_text(value_text(value, words))
