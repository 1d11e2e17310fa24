"""Findings in words: what stands out inside a network, and what to try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gatework.cell.options import CellOptions
from gatework.examine.gradients import GradientFlow, gradient_flow
from gatework.examine.memory import memory_of, needed_memory
from gatework.examine.run import Run, run_of
from gatework.examine.saturation import FEW_STEPS, GATES, saturation_of

MANY = 0.25
"""Share of a layer's units from which on it is worth telling."""
LEAST_LEFT = 0.1
"""Share of a cell's content that should be left of what must be remembered."""
UNMOVED = 0.02
HIGH_CELL = 3.0
"""Beyond it tanh of the cell, 0.995, hardly moves."""


FINDINGS = {
    "nothing": (
        "nothing stands out: gates move, gradients reach back, memory is long enough",
        "",
    ),
    "few steps": (
        "the data have fewer than {few} steps, too few to tell dead units and stuck gates",
        "more of the data",
    ),
    "not finite": (
        "{count} of {total} {what} are not finite numbers",
        "go back to a model from before that; train with clip_norm=1.0 and a lower learning rate",
    ),
    "saturated gate": (
        "the {gate} of {count} of {units} units is {state} at nearly every step",
        "",  # one of GATE_CURES
    ),
    "dead units": (
        "{count} of {units} units never change: {shown}",
        "a smaller layer, or a higher learning rate at the beginning",
    ),
    "full cells": (
        "the cell state is beyond ±3 at {share:.0%} of all places, where tanh is flat",
        "scale the inputs, or set layer_norm=True or coupled_gates=True",
    ),
    "exploding gradient": (
        "the gradient grows to {times:.3g} times its size as it goes back in time",
        "set clip_norm=1.0 in the Trainer, lower the learning rate, or set layer_norm=True",
    ),
    "vanishing gradient": (
        "the gradient has vanished {reach} steps back, and the data ask for {wanted}",
        "a higher forget_bias, for instance log({wanted} - 1), or a forecast of seasonal "
        "differences",
    ),
    "unmoved forget bias": (
        "the forget bias never moved from its start, {start:g}",
        "train longer or with a higher learning rate; or the network is not trained yet",
    ),
    "short memory": (
        "after {needed} steps, which the data need, at most {left:.1%} of a cell is left",
        "a higher forget_bias, for instance {bias:.2g}; longer windows; or the season as an input",
    ),
}
"""What stands out and what to try, by the kind of a finding, with ``{names}`` for its values."""

GATE_CURES = {
    "closed": "scale the inputs to about -1 to 1, lower the learning rate, or set layer_norm=True",
    "open": "scale the inputs to about -1 to 1, add weight decay, or set layer_norm=True",
}


@dataclass(frozen=True)
class Finding:
    """Something that stands out.

    Attributes:
        kind: one of FINDINGS.
        layer: from 0, None where it concerns the whole network.
        told, cure: a sentence and what to try, in English, with ``{names}`` for ``values``.
        values: what is filled in.
        direction: of the layer, None where the network reads in one alone.
    """

    kind: str
    layer: int | None
    told: str
    cure: str
    values: Mapping[str, Any] = field(default_factory=dict)
    direction: str | None = None

    def __str__(self) -> str:
        way = f" ({self.direction})" if self.direction else ""
        place = "" if self.layer is None else f"layer {self.layer + 1}{way}: "
        told = place + self.told.format(**self.values)
        return f"{told}\n  try: {self.cure.format(**self.values)}" if self.cure else told


@dataclass(frozen=True)
class Diagnosis:
    """The findings about a network over one sequence, the layers in their order."""

    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of all findings, in their order."""
        return tuple(finding.kind for finding in self.findings)

    @property
    def sound(self) -> bool:
        """Return whether nothing stands out."""
        return self.kinds == ("nothing",)


def diagnose(model: Any, data: Any = None) -> Diagnosis:
    """Return in words what stands out inside a network, with what to try.

    Args:
        model: as for run_of; or a Run.
        data: as for run_of.

    Raises:
        OptionError, ShapeError, DataError: as run_of.
    """
    run = run_of(model, data)
    if wrong := _not_finite(run):  # nothing else can be said of such numbers
        return Diagnosis(tuple(wrong))
    found = [_found("few steps", few=FEW_STEPS)] if len(run) < FEW_STEPS else []
    needed = needed_memory(run)
    flow = None
    if not run.bidirectional and len(run) > 1:
        flow = gradient_flow(run, most=max(20, min(200, 2 * (needed or 10))))
    for layer in range(len(run.sizes)):
        for direction in run.directions:
            found += _named(_gates(run, layer, direction), run, direction)
        if flow is not None:
            found += _gradient(flow, layer, needed)
        for direction in run.directions:
            found += _named(_bias(run, layer, direction), run, direction)
    found += _memory(run, needed)
    if not found:
        found.append(_found("nothing"))
    return Diagnosis(tuple(found))


def _found(kind: str, layer: int | None = None, cure: str = "", **values: Any) -> Finding:
    told, usual = FINDINGS[kind]
    return Finding(kind, layer, told, cure or usual, values)


def _named(found: list[Finding], run: Run, direction: str) -> list[Finding]:
    return [replace(one, direction=direction) for one in found] if run.bidirectional else found


def _not_finite(run: Run) -> list[Finding]:
    found: list[Finding] = []
    for layer in range(len(run.sizes)):
        for direction in run.directions:
            held = {"weights": run.weights(layer, direction), "states": run.cell(layer, direction)}
            for what, parts in held.items():
                bad = sum(int((~np.isfinite(one)).sum()) for one in parts.values())
                if bad:
                    total = sum(one.size for one in parts.values())
                    one = _found("not finite", layer, count=bad, total=total, what=what)
                    found += _named([one], run, direction)
                    break
    return found


def _gates(run: Run, layer: int, direction: str) -> list[Finding]:
    found: list[Finding] = []
    one = saturation_of(run, layer, direction)
    units = run.cell(layer, direction)["hidden"].shape[1]
    for gate in GATES:
        for state in ("closed", "open"):
            stuck = [unit for unit, how in one.stuck.get(gate, ()) if how == state]
            # An open forget gate is long memory, which is what it is for.
            if (gate, state) == ("forget_gate", "open") or len(stuck) < max(1, MANY * units):
                continue
            which = {"gate": gate.replace("_", " "), "state": state, "units": units}
            cure = GATE_CURES[state]
            found.append(_found("saturated gate", layer, cure, count=len(stuck), **which))
    if one.dead:
        shown = ", ".join(map(str, one.dead[:8])) + ("…" if len(one.dead) > 8 else "")
        found.append(_found("dead units", layer, count=len(one.dead), units=units, shown=shown))
    cell = run.cell(layer, direction).get("cell")
    if cell is not None and "normaliser" not in run.cell(layer, direction):
        full = float((np.abs(cell) > HIGH_CELL).mean())
        if full > MANY:
            found.append(_found("full cells", layer, share=full))
    return found


def _gradient(flow: GradientFlow, layer: int, needed: int | None) -> list[Finding]:
    if flow.exploded(layer):
        return [_found("exploding gradient", layer, times=float(flow.relative[layer].max()))]
    reach = flow.reach(layer)
    wanted = needed or 10
    if reach < min(wanted, flow.sizes.shape[1]):
        return [_found("vanishing gradient", layer, reach=reach, wanted=wanted)]
    return []


def _bias(run: Run, layer: int, direction: str) -> list[Finding]:
    options, bias = run.options(layer), run.weights(layer, direction).get("bias")
    if not isinstance(options, CellOptions) or options.coupled_gates or bias is None:
        return []
    if options.exponential_gating:
        return []
    forget = bias[options.gate_rows("forget_gate")]
    start = 1.0 if options.forget_bias is None else float(options.forget_bias)
    if np.abs(forget - start).max() >= UNMOVED:
        return []
    return [_found("unmoved forget bias", layer, start=start)]


def _memory(run: Run, needed: int | None) -> list[Finding]:
    if needed is None or run.kind != "lstm":
        return []
    left = 0.0
    for layer in range(len(run.sizes)):
        for direction in run.directions:
            memory = memory_of(run, layer, direction, most=needed)
            left = max(left, float(memory.kept[-1].max()))
    if left >= LEAST_LEFT or needed >= len(run):
        return []
    bias = float(np.log(max(needed - 1, 2)))
    return [_found("short memory", needed=needed, left=left, bias=bias)]
