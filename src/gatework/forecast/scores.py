"""Who was better, and the table of scores: alike for one series, for many, and each of many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gatework.forecast.backtest import MEASURES, Accuracy
from gatework.forecast.digits import number_text
from gatework.forecast.frames import Library, frame_of
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.result import AUTO_NAME, LSTM_NAME, ForecastResult, json_name

SCORE_COLUMNS = (
    "unique_id",
    "part",
    "model",
    "steps",
    "n",
    *MEASURES,
    "level",
    "coverage",
    "pinball",
)
"""The columns of the table of scores; a cell is empty where something is not known.

unique_id: what was forecast; empty where all series are scored together. part: whose origins;
"test" for the last fifth, which decided nothing, "held-out" for the last fifth by networks that
have not seen it, "backtest" for the origins of a backtest. model: "LSTM", "auto", or a baseline.
steps: ahead. n: outcomes that are scored. rmse, mae: in the units of the series. smape: in percent.
mase: over series that have a scale. level: share of outcomes that intervals shall hold, from 0 to
1. coverage: the share that they held. pinball: the mean loss of their ends. A model with intervals
of several levels has a row for each.
"""

_KINDS: dict[str, type] = dict.fromkeys(SCORE_COLUMNS, float)
_KINDS |= {"unique_id": str, "part": str, "model": str, "steps": int, "n": int}

Scores = Mapping[str, Mapping[int, Accuracy]]
"""By model and steps ahead."""

HANDFUL = 5
"""Outcomes from which on it is said which model was better."""

TIE = "tie"
"""The winner where the LSTM and another model err alike."""


def scores_of(
    backtests: Mapping[str, Backtest | Mapping[int, Accuracy]],
) -> dict[str, dict[int, Accuracy]]:
    """Return the scores of backtests, over all their series together; scores stay as they are."""
    return {
        name: {
            steps: Accuracy(*(found[measure] for measure in MEASURES), n=int(found["n"]))
            for steps, found in one.scores().items()
        }
        if isinstance(one, Backtest)
        else dict(one)
        for name, one in backtests.items()
    }


def pooled(results: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, Accuracy]]:
    """Return the scores of many series over all their outcomes, from what ``to_json`` says of each.

    A model that is not scored on all of the series that ours is scored on is left out there.
    """
    groups: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for one in results:
        for row in result_rows(one):
            groups.setdefault(row["model"], {}).setdefault(row["steps"], []).append(row)
    ours = groups.get(LSTM_NAME, {})
    return {
        name: {
            steps: _together(rows)
            for steps, rows in sorted(by.items())
            if len(rows) == len(ours.get(steps, ()))
        }
        for name, by in groups.items()
    }


def _together(rows: Sequence[Mapping[str, Any]]) -> Accuracy:
    """Return the accuracy over all outcomes of some series."""

    def mean(measure: str, power: int = 1) -> float:
        told = [(row["n"], row[measure] ** power) for row in rows if row[measure] is not None]
        count = sum(n for n, _ in told)
        return math.fsum(n * value for n, value in told) / count if count else math.nan

    measures = {name: mean(name) for name in MEASURES} | {"rmse": math.sqrt(mean("rmse", 2))}
    return Accuracy(**measures, n=sum(row["n"] for row in rows))


def times_best(winners: Iterable[Mapping[str, str]]) -> dict[str, dict[int, int]]:
    """Return of how many series each model was best, by steps ahead, ours first and TIE last.

    ``winners`` is the best model by steps ahead, of each series.
    """
    counts = Counter((name, int(step)) for one in winners for step, name in one.items())
    order = {LSTM_NAME: 0, TIE: 2}
    models = sorted({name for name, _ in counts}, key=lambda name: (order.get(name, 1), name))
    steps = sorted({step for _, step in counts})
    return {name: {step: counts[name, step] for step in steps} for name in models}


def alike(one: float, other: float) -> bool:
    """Return whether two errors are equal, to rounding."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=0.0)


def tells(found: Accuracy) -> bool:
    """Return whether an accuracy is over enough outcomes to say which model was better."""
    return found.n is None or found.n >= HANDFUL


def untold_steps(scores: Scores) -> dict[int, int]:
    """Return the steps ahead at which too few outcomes tell which model was better, and their n."""
    ours = scores.get(LSTM_NAME, {})
    return {step: found.n or 0 for step, found in ours.items() if not tells(found)}


def winners_of(scores: Scores) -> dict[int, str]:
    """Return the model with the least RMSE at each number of steps ahead, "auto" left out.

    It is TIE where the LSTM and another model err alike; of other equal ones the simpler wins, that
    is the one that stands further behind in the table. Steps with too few outcomes are left out.
    """
    simplest_first = [name for name in reversed(list(scores)) if name != AUTO_NAME]
    winners = {}
    for step in sorted({step for name in simplest_first for step in scores[name]}):
        errors = {name: scores[name][step] for name in simplest_first if step in scores[name]}
        if not all(map(tells, errors.values())):
            continue
        best = min(errors, key=lambda name: errors[name].rmse)
        rivals = [name for name in errors if alike(errors[name].rmse, errors[best].rmse)]
        winners[step] = TIE if LSTM_NAME in rivals and len(rivals) > 1 else rivals[0]
    return winners


def verdict(scores: Scores) -> list[str]:
    """Return in words at which steps ahead the LSTM won, and what was better where it lost.

    So it is said of the mean "auto", where there is one, beside all others. Where too few outcomes
    are there to tell, that is said instead.

    Example:
        >>> verdict({"LSTM": {2: Accuracy(5.0, 4.0)}, "last value": {2: Accuracy(4.0, 3.0)}})
        ["2 steps ahead: last value was better (RMSE 4; the LSTM's is 5, 25% more)"]
    """
    lines = []
    for step, winner in winners_of(scores).items():
        ahead = f"{step} step{'s' if step > 1 else ''} ahead"
        errors = {name: by[step].rmse for name, by in scores.items() if step in by}
        ours, blended = errors[LSTM_NAME], errors.pop(AUTO_NAME, None)
        if winner == LSTM_NAME:
            lines.append(f"{ahead}: the LSTM won (RMSE {number_text(ours)})")
        elif winner == TIE:
            lines.append(
                f"{ahead}: a tie, no model errs less than the LSTM (RMSE {number_text(ours)})"
            )
        else:
            lines.append(f"{ahead}: {_better(winner, errors[winner], 'the LSTM', ours)}")
        if blended is not None:
            lines.append(f"{ahead}: {_of_blend(blended, errors)}")
    for step, count in untold_steps(scores).items():
        few = f"{count} outcome{' is' if count == 1 else 's are'} too few to say which was better"
        lines.append(f"{step} step{'s' if step > 1 else ''} ahead: {few}")
    return lines


def _of_blend(ours: float, errors: Mapping[str, float]) -> str:
    """Return how the mean "auto" did beside all other models."""
    best = min(errors, key=lambda name: errors[name])
    called, least = "the LSTM" if best == LSTM_NAME else best, errors[best]
    if alike(ours, least):
        told = f"(RMSE {number_text(ours)})"
        return f"{AUTO_NAME}, the mean, errs as much as {called}, the best other {told}"
    if ours < least:
        return _better(f"{AUTO_NAME}, the mean,", ours, called, least)
    return _better(called, least, AUTO_NAME, ours)


def _better(best: str, least: float, other: str, error: float) -> str:
    """Return which of two models was better, and by how much."""
    share = f"{error / least - 1:.0%}" if least > 0 else ""
    more = share and f", {'less than 1%' if share == '0%' else share} more"
    return f"{best} was better (RMSE {number_text(least)}; {other}'s is {number_text(error)}{more})"


def backtest_rows(backtests: Mapping[str, Backtest], part: str) -> list[dict[str, Any]]:
    """Return the rows of backtests by model, over all their series together."""
    rows = []
    for model, one in backtests.items():
        for steps, found in one.scores().items():
            row = {"part": part, "model": model, "steps": steps} | found
            for level in one.lower or (None,):
                names = ("coverage", "pinball") if level is not None else ()
                ends = {name: found[f"{name} {level:g}"] for name in names}
                rows.append(_row(row | ends | {"level": level}))
    return rows


def result_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of one series, of what ``ForecastResult.to_json`` returned for it."""
    rows = []
    serves = AUTO_NAME if AUTO_NAME in result["scores"] else LSTM_NAME
    for model, by_steps in result["scores"].items():
        held = result.get("held", {}) if model == serves else {}
        for steps in by_steps:
            # From each of the last origins there is an outcome less to score.
            count = result.get("outcomes", {}).get(steps, result["origins"] - int(steps) + 1)
            row = {"n": count, "steps": int(steps), "model": model}
            row |= {"unique_id": result["series"], "part": "test"}
            for measure in MEASURES:
                by_model = result.get(json_name(measure), {})  # an earlier version wrote fewer
                row[measure] = by_model.get(model, {}).get(steps)
            if one := held.get(steps):
                row |= {"level": result["level"], "pinball": one["pinball"]}
                row["coverage"] = one["within"] / one["outcomes"]
            rows.append(_row(row))
    return rows


def scores_frame(
    found: ForecastResult | Backtest | Mapping[str, Backtest], library: Library = "pandas"
) -> Any:
    """Return scores as a data frame of "pandas", "polars" or "pyarrow", with SCORE_COLUMNS.

    Args:
        found: what fitting one series came to, a backtest, or backtests by model.
        library: of the frame.

    Raises:
        OptionError: when it is another library, or one that is not installed.
    """
    if isinstance(found, ForecastResult):
        return frame_of_rows(result_rows(found.to_json()), library)
    backtests = {LSTM_NAME: found} if isinstance(found, Backtest) else found
    return frame_of_rows(backtest_rows(backtests, "backtest"), library)


def frame_of_rows(rows: Sequence[Mapping[str, Any]], library: Library = "pandas") -> Any:
    """Return rows of scores as a data frame, each column of its kind also where it is empty."""
    columns = {name: [row[name] for row in rows] for name in SCORE_COLUMNS}
    return frame_of(columns, library, _KINDS)


def _row(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells in their order, None for what is not known."""
    known = ((name, cells.get(name)) for name in SCORE_COLUMNS)
    return {name: None if cell != cell else cell for name, cell in known}  # nan is not itself
