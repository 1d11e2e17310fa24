"""What a search evaluates, and what of it can be kept."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from gatework.search.trial import Outcome
from gatework.storage.header import read_json

Evaluate = Callable[[dict[str, Any], int], Outcome | Generator[Outcome, None, Outcome]]


@dataclass(frozen=True)
class Checked:
    """An evaluation whose outcomes are sound: an Outcome, or words on why there is none."""

    evaluate: Evaluate

    def __call__(self, parameters: dict[str, Any], seed: int) -> Any:
        """Evaluate, at once or in rungs."""
        found = self.evaluate(dict(parameters), seed)
        return _rungs(found) if isinstance(found, Generator) else kept(found)


def _rungs(found: Generator[Any, None, Any]) -> Generator[Outcome | str, None, Outcome | str]:
    while True:
        try:
            reached = kept(next(found))
        except StopIteration as end:
            return kept(end.value)
        if isinstance(reached, str):
            return reached
        yield reached


def kept(outcome: Any) -> Outcome | str:
    """Return the outcome as the ledger gives it back, or why it cannot be kept."""
    if not isinstance(outcome, Outcome):
        return f"the evaluation returned {type(outcome).__name__}, expected an Outcome"
    try:
        error = float(outcome.error)
        details = read_json(json.dumps(outcome.details))
    except (TypeError, ValueError, RecursionError) as unusable:
        return f"the outcome cannot be kept: {unusable}"
    if not math.isfinite(error):
        return f"the error is {error}, expected a number"
    return Outcome(error, details)
