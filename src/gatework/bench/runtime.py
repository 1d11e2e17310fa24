"""How the runtime runs a regime, without torch: sequences, a step of one stream, of many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gatework.bench.contender import Running, UnavailableError
from gatework.bench.drawn import layers, packed_model
from gatework.bench.setting import Setting
from gatework.runtime import Model
from gatework.runtime.native import native, target
from gatework.runtime.packing import Storage

Step = Callable[[np.ndarray, np.ndarray], object]
"""Moves the state on by an input (B, I), and writes the output (B, O) to its second argument."""


def run(setting: Setting, storage: Storage | None = None) -> Running:
    """Return the regime as the runtime runs it, its weights kept as it says, or as asked for."""
    if problem := native().problem:
        raise UnavailableError(problem)
    model = _model(setting, storage or setting.regime.storage)
    if setting.regime.task == "step":
        return _steps(setting, model)
    x, checked = setting.x, np.ascontiguousarray(setting.checked_x)
    return Running(lambda: model(x), lambda: [model(checked)[0]])


def _steps(setting: Setting, model: Model) -> Running:
    step, first = _step(model, setting.regime.batch), setting.x[0]
    out = np.empty((setting.regime.batch, model.output_size), model.dtype)

    def numbers() -> list[np.ndarray]:
        fresh, outputs = _step(model, setting.regime.batch), []
        for features in setting.x:
            fresh(features, out)
            outputs.append(out.copy())
        return [np.stack(outputs)]

    return Running(lambda: step(first, out), numbers)


def _step(model: Model, batch: int) -> Step:
    """Return a stepper's step, or that of so many streams."""
    if batch == 1:
        return model.stepper().step
    streams, keys = model.streams(), list(range(batch))
    return lambda x, out: streams.step(keys, x, out)


def _model(setting: Setting, storage: Storage) -> Model:
    r, weights = setting.regime, setting.weights
    stack = layers(r.hidden, [r.hidden] * r.layers)
    named: dict[str, np.ndarray] = {}
    for cell in stack.cells():
        own = {n: weights[f"{n}_l{cell.layer}"] for n in ("weight_ih", "weight_hh")}
        own["bias"] = weights[f"bias_ih_l{cell.layer}"] + weights[f"bias_hh_l{cell.layer}"]
        named |= {cell.prefix + name: weight for name, weight in own.items()}
    return packed_model(stack, named, target(), storage=storage, threads=setting.threads)
