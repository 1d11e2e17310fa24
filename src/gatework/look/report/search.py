"""The section of the search: what was tried, what came of it, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatework.look.charts import parameters_chart, search_chart, varied_parameters
from gatework.look.charts.trials import error_of, spoken, succeeded, value_text
from gatework.look.numerals import show_all
from gatework.look.report.page import figure, page, paragraph, section, table
from gatework.look.report.words import cell_text, count
from gatework.look.svg import Element

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult
    from gatework.search import Trial

_MOST = 10


def search_section(result: ForecastResult) -> Element:
    """Return the section that shows the search, its best trials and the parameters chosen."""
    trials = result.trials
    chosen = _chosen(result.best_parameters)
    if not trials:
        return section("The search", paragraph("No search was made."), chosen)
    content = _pictures(trials)
    content.append(Element("div", chosen, _best(trials), class_="pair"))
    return section("The search", *content)


def search_report(trials: Sequence[Trial], name: str) -> str:
    """Return a page with pictures of the trials of a ledger, and a table of the best."""
    if not trials:
        content = [paragraph("No trial has ended yet.")]
    else:
        content = [*_pictures(trials), _best(trials)]
    title = f"The search in {name}"
    return page(title, [Element("h1", title), *content])


def _pictures(trials: Sequence[Trial]) -> list[Element]:
    content = [
        paragraph(_summary(trials)),
        figure(
            lambda width: search_chart(trials, width=width),
            "Every trial in the order it was tried. Rest the pointer on a mark to see what it was.",
        ),
    ]
    if varied_parameters(trials):
        caption = "The same trials by what was tried in them; the best is ringed."
        content.append(figure(lambda width: parameters_chart(trials, width=width), caption))
    return content


def _summary(trials: Sequence[Trial]) -> str:
    said = f"{count(len(trials), 'trial')}"
    finer = len({trial.layer for trial in trials}) - 1
    if finer:
        said += f": a coarse grid, then {count(finer, 'finer grid')} around its best points, "
        said += "each finer than the one before" if finer > 1 else "finer than it"
    said += "."
    failed = [trial for trial in trials if not succeeded(trial)]
    if failed:
        said += f" {count(len(failed), 'trial')} failed"
        reasons = list(dict.fromkeys(trial.message for trial in failed if trial.message))
        said += f", for instance: {cell_text(reasons[0])}." if reasons else "."
    return said


def _best(trials: Sequence[Trial]) -> Element:
    done = sorted(filter(succeeded, trials), key=lambda trial: (error_of(trial), trial.index))
    done = done[:_MOST]
    names = list(dict.fromkeys(name for trial in done for name in trial.parameters))
    errors = show_all([error_of(trial) for trial in done], 4)
    seconds = show_all([trial.seconds for trial in done], 2)
    rows = [
        [
            str(trial.index),
            errors[place],
            *(_told(trial.parameters.get(name)) for name in names),
            seconds[place],
        ]
        for place, trial in enumerate(done)
    ]
    head = ["trial", "error", *(cell_text(spoken(name)) for name in names), "seconds"]
    return table("The best trials, by their error in validation", head, rows)


def _chosen(parameters: Mapping[str, Any]) -> Element:
    rows = [[cell_text(spoken(name)), _told(value)] for name, value in parameters.items()]
    return table("The parameters chosen", ["parameter", "value"], rows)


def _told(value: object) -> str:
    return "–" if value is None else cell_text(value_text(value))
