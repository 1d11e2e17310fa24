"""The section of the search: what was tried, what came of it, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatework.look.charts import parameters_chart, search_chart, varied_parameters
from gatework.look.charts.trials import roles_of, spoken, stopped, succeeded, value_text
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
            "Every trial in the order it was tried. Rest the pointer on a mark to see what it was; "
            "a dash is the error at which a trial was stopped.",
        ),
    ]
    if varied_parameters(trials):
        caption = "The same trials by what was tried in them; the best is ringed."
        content.append(figure(lambda width: parameters_chart(trials, width=width), caption))
    return content


def _summary(trials: Sequence[Trial]) -> str:
    said = f"{count(len(trials), 'trial')}"
    roles = roles_of(trials)
    finer = len({trial.layer for trial in trials if roles[trial.index] == 1})
    if finer:
        said += f": a coarse grid, then {count(finer, 'finer grid')} around the best points so far"
    said += "."
    if repeats := sum(role == 2 for role in roles.values()):
        said += f" {count(repeats, 'trial')} repeated leading parameters with other seeds."
    halved = [trial for trial in trials if stopped(trial)]
    if halved:
        said += f" {count(len(halved), 'trial')} stopped early, behind too many others."
    failed = [trial for trial in trials if not succeeded(trial) and not stopped(trial)]
    if failed:
        said += f" {count(len(failed), 'trial')} failed"
        reasons = list(dict.fromkeys(trial.message for trial in failed if trial.message))
        said += f", for instance: {cell_text(reasons[0])}." if reasons else "."
    return said


def _best(trials: Sequence[Trial]) -> Element:
    """Return the best parameters, by the mean over their seeds and its standard error."""
    from gatework.search import ranking

    best = ranking(filter(succeeded, trials))[:_MOST]
    names = list(dict.fromkeys(name for one in best for name in one.trial.parameters))
    errors = show_all([one.mean for one in best], 4)
    noise = show_all([one.standard_error for one in best], 2)
    repeated = any(len(one.errors) > 1 for one in best)
    seconds = show_all([one.trial.seconds for one in best], 2)
    rows = [
        [
            str(one.trial.index),
            errors[place],
            *([noise[place], str(len(one.errors))] if repeated else []),
            *(_told(one.trial.parameters.get(name)) for name in names),
            seconds[place],
        ]
        for place, one in enumerate(best)
    ]
    spread = ["±", "seeds"] if repeated else []
    head = ["trial", "error", *spread, *(cell_text(spoken(n)) for n in names), "seconds"]
    title = "The best trials, by their error in validation"
    if repeated:
        title = "The best parameters, by mean error in validation with its standard error"
    return table(title, head, rows)


def _chosen(parameters: Mapping[str, Any]) -> Element:
    rows = [[cell_text(spoken(name)), _told(value)] for name, value in parameters.items()]
    return table("The parameters chosen", ["parameter", "value"], rows)


def _told(value: object) -> str:
    return "–" if value is None else cell_text(value_text(value))
