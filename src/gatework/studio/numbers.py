"""The numbers that a tab shows, as a table of comma-separated values for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import OptionError
from gatework.examine import gradient_flow, integrated_gradients, memory_of, saturation_of
from gatework.studio.requests import Focus
from gatework.studio.sessions import StudioSession


@dataclass(frozen=True)
class Shown:
    """What of a session a tab shows.

    Attributes:
        session: with its edits.
        focus: the step, unit and signal, and the stretch of steps that a map shows.
        rows: of a map, its first and the one before which it ends; an end of 0 is the last.
        sorted: whether the rows of a map stand in the order of what they do.
        result: whose attribution is shown.
    """

    session: StudioSession
    focus: Focus
    rows: tuple[int, int] = (0, 0)
    sorted: bool = False
    result: int = 0


def numbers_of(tab: str, shown: Shown) -> str:
    """Return the numbers of a tab, a header first.

    Raises:
        OptionError: the tab shows none.
    """
    if tab not in _TABLES:
        raise OptionError(f"the tab {tab!r} shows no numbers", hint=", ".join(_TABLES))
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerows(_TABLES[tab](shown))
    return told.getvalue()


Rows = Iterator[Sequence[Any]]


def _by_step(
    shown: Shown, names: Sequence[str], values: np.ndarray, first: int = 0, last: int | None = None
) -> Rows:
    """Yield values (T, columns) by step."""
    yield ["step", "label", *names]
    for step, label in enumerate(shown.session.run.labels[first:last], first):
        yield [step, label, *values[step].tolist()]


def _map(shown: Shown) -> Rows:
    values = shown.session.now.signal(*shown.focus.signal)
    first, last = shown.rows
    units = shown.session.order(shown.focus.signal) if shown.sorted else np.arange(values.shape[1])
    units = units[first : last or None]
    stretch = shown.focus.first, shown.focus.last or len(values)
    return _by_step(shown, [f"unit {unit}" for unit in units], values[:, units], *stretch)


def _unit(shown: Shown) -> Rows:
    """Yield what is given and every signal of the unit, step by step."""
    now, (layer, _, direction) = shown.session.now, shown.focus.signal
    cell = now.cell(layer, direction)
    there = {name: one for name, one in cell.items() if shown.focus.unit < one.shape[1]}
    given = now.raw[:, 0].double().numpy()
    signals = np.stack([one[:, shown.focus.unit] for one in there.values()], axis=1)
    return _by_step(shown, [*now.features, *there], np.hstack([given, signals]))


def _memory(shown: Shown) -> Rows:
    run = shown.session.now
    found = [
        memory_of(run, layer, way) for layer in range(len(run.sizes)) for way in run.directions
    ]
    yield ["layer", "direction", "unit", "half-life", *range(len(found[0].kept))]
    for one in found:
        for unit, half in enumerate(one.half_life.tolist()):
            yield [one.layer + 1, one.direction, unit, half, *one.kept[:, unit].tolist()]


def _gradients(shown: Shown) -> Rows:
    sizes = gradient_flow(shown.session.now).sizes
    yield ["steps back", *(f"layer {n + 1}" for n in range(len(sizes)))]
    for back, row in enumerate(sizes.T.tolist()):
        yield [back, *row]


def _saturation(shown: Shown) -> Rows:
    run = shown.session.now
    yield ["layer", "direction", "gate", "unit", "closed", "open"]
    for layer in range(len(run.sizes)):
        for way in run.directions:
            found = saturation_of(run, layer, way)
            for gate, closed in found.closed.items():
                for unit, share in enumerate(closed.tolist()):
                    yield [layer + 1, way, gate, unit, share, float(found.open[gate][unit])]


def _attribution(shown: Shown) -> Rows:
    run = shown.session.now
    found = integrated_gradients(run, step=shown.focus.step, result=shown.result)
    return _by_step(shown, run.features, found.values)


def _edit(shown: Shown) -> Rows:
    now, before = shown.session.now.output, shown.session.run.output
    names = shown.session.run.results
    named = [names[n] if n < len(names) else f"output {n}" for n in range(now.shape[1])]
    columns = [f"{name}{how}" for how in ("", ", edited") for name in named]
    return _by_step(shown, columns, np.hstack([before, now]))


_TABLES: dict[str, Callable[[Shown], Rows]] = {
    "unrolled": _unit,
    "cell": _unit,
    "gates": _map,
    "memory": _memory,
    "gradients": _gradients,
    "saturation": _saturation,
    "text": _unit,
    "attribution": _attribution,
    "edit": _edit,
}
