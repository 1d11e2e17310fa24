"""How Gatework runs a regime: by its torch modules, or by the stepper of its runtime."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatework.bench.setting import SEED, Running, Setting, UnavailableError, array
from gatework.files import save
from gatework.network import LSTM

VARIABLE = "GATEWORK_KERNEL"


def gatework(setting: Setting) -> Running:
    """Return the regime as Gatework runs it."""
    if setting.regime.task == "step":
        return _stepper(setting, setting.regime.storage)
    return _module(setting, setting.network)


def gatework_float32(setting: Setting) -> Running:
    """Return the stepper with its weights as they were trained."""
    return _stepper(setting, "float32")


def gatework_plain(setting: Setting) -> Running:
    """Return the plain cell in place of the variant; it computes other numbers."""
    return Running(_module(setting, setting.plain).call, None)


def gatework_without_trace(setting: Setting) -> Running:
    """Return the same run without a trace."""
    return _inference(setting, setting.network, trace=False)


def gatework_reference(setting: Setting) -> Running:
    """Return the variant as a loop of cells, the reference path."""
    running = _module(setting, setting.network)

    def forced(call: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with kernel("reference"):
                return call()

        return run

    numbers = None if running.numbers is None else forced(running.numbers)
    return Running(forced(running.call), numbers)


@contextmanager
def kernel(name: str) -> Iterator[None]:
    """Force a path by GATEWORK_KERNEL within the block; an empty name forces none."""
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = name
    try:
        yield
    finally:
        os.environ[VARIABLE] = before


def _module(setting: Setting, network: LSTM) -> Running:
    if setting.regime.task == "training":
        return _training(setting, network)
    return _inference(setting, network, trace=setting.regime.trace)


def _inference(setting: Setting, network: LSTM, *, trace: bool) -> Running:
    def call(x: Tensor = setting.x, lengths: Tensor | None = setting.lengths) -> Any:
        with torch.inference_mode():
            if trace:
                output, state, traced = network(x, lengths=lengths, trace=True)
                # Every signal as one array, which is what a trace is asked for.
                return output, state, [cell.signals() for row in traced.layers for cell in row]
            return network(x, lengths=lengths)

    return Running(call, lambda: [array(call(setting.checked_x, setting.checked_lengths)[0])])


def _training(setting: Setting, network: LSTM) -> Running:
    x = setting.x.clone().requires_grad_()
    checked = setting.checked_x.clone().requires_grad_()
    dy = setting.dy(network.output_size)
    cells = [cell for row in network.grid() for cell in row]
    # weight_ih, weight_hh, bias first, in the order of torch.
    first = [w for cell in cells for w in (cell.weight_ih, cell.weight_hh, cell.bias)]
    known = {id(weight) for weight in first}
    weights = [*first, *(w for w in network.parameters() if id(w) not in known)]

    def train(x: Tensor, lengths: Tensor | None, dy: Tensor) -> Any:
        output = network(x, lengths=lengths)[0]
        return output, torch.autograd.grad(output, [x, *weights], dy)

    def numbers() -> list[np.ndarray]:
        torch.manual_seed(SEED)
        output, gradients = train(checked, setting.checked_lengths, dy[: len(checked)])
        return [array(output), *map(array, gradients)]

    return Running(lambda: train(x, setting.lengths, dy), numbers)


def _stepper(setting: Setting, storage: str) -> Running:
    path = setting.folder / "model.safetensors"
    if not path.exists():
        save(setting.network, path)
    try:
        model = importlib.import_module("gatework.runtime").load(path, storage=storage)
    except ImportError as error:  # the runtime, or its native module
        raise UnavailableError(str(error).splitlines()[0]) from error
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
