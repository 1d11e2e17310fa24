"""How Gatework runs a regime: by its torch modules, or by the stepper of its runtime."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch import Tensor

from gatework.bench.contender import Running, UnavailableError
from gatework.bench.setting import Setting
from gatework.files import save
from gatework.network import LSTM
from gatework.runtime import load
from gatework.runtime.native import native
from gatework.runtime.packing import Storage

VARIABLE = "GATEWORK_KERNEL"


def gatework(setting: Setting) -> Running:
    """Return the regime as Gatework runs it."""
    if setting.regime.task == "step":
        return stepper(setting, setting.regime.storage)
    return module(setting, setting.network)


def gatework_reference(setting: Setting) -> Running:
    """Return the variant as a loop of cells, the reference path."""
    running, forced = module(setting, setting.network), kernel("reference")
    assert running.numbers is not None
    return Running(forced(running.call), forced(running.numbers))


@contextmanager
def kernel(name: str) -> Iterator[None]:
    """Force a path by GATEWORK_KERNEL within the block; an empty name forces none."""
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = name
    try:
        yield
    finally:
        os.environ[VARIABLE] = before


def module(setting: Setting, network: LSTM) -> Running:
    """Return a network of ours on the regime's sequences."""
    if setting.regime.task == "training":
        return _training(setting, network)
    return inference(setting, network, trace=setting.regime.trace)


def inference(setting: Setting, network: LSTM, *, trace: bool) -> Running:
    """Return a network of ours without gradients, with or without a trace."""

    def run(x: Tensor, lengths: Tensor | None) -> Any:
        if not trace:
            return network(x, lengths=lengths)
        output, state, traced = network(x, lengths=lengths, trace=True)
        # Every signal as one array, which is what a trace is asked for.
        return output, state, [cell.signals() for row in traced.layers for cell in row]

    return setting.inference(run)


def _training(setting: Setting, network: LSTM) -> Running:
    cells = [cell for row in network.grid() for cell in row]
    # weight_ih, weight_hh, bias first, in the order of torch.
    first = [w for cell in cells for w in (cell.weight_ih, cell.weight_hh, cell.bias)]
    known = {id(weight) for weight in first}
    weights = [*first, *(w for w in network.parameters() if id(w) not in known)]
    return setting.training(
        lambda x, lengths: network(x, lengths=lengths)[0], weights, network.output_size
    )


def stepper(setting: Setting, storage: Storage) -> Running:
    """Return the runtime's stepper, its weights kept as float32, float16 or int8."""
    path = setting.folder / "model.safetensors"
    if not path.exists():
        save(setting.network, path)
    if problem := native().problem:
        raise UnavailableError(problem)
    model = load(path, storage=storage)
    x = setting.x.numpy()
    out = np.empty((1, setting.network.output_size), dtype=np.float32)
    step = model.stepper(batch=1).step
    first = np.ascontiguousarray(x[0])

    def call() -> None:
        step(first, out)

    def numbers() -> list[np.ndarray]:
        fresh = model.stepper(batch=1)
        outputs = []
        for features in x:
            fresh.step(np.ascontiguousarray(features), out)
            outputs.append(out.copy())
        return [np.stack(outputs)]

    return Running(call, numbers)
