"""How Gatework runs a regime in torch: by its modules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from gatework.bench.contender import Running
from gatework.bench.setting import Setting
from gatework.bench.torch_setting import TorchSetting
from gatework.network import LSTM

VARIABLE = "GATEWORK_KERNEL"


def gatework(setting: Setting) -> Running:
    """Return the regime as Gatework's modules run it."""
    return _module(setting.torch, setting.torch.network)


def gatework_plain(setting: Setting) -> Running:
    """Return the plain cell in place of a variant: other numbers, so that none are compared."""
    return Running(_module(setting.torch, setting.torch.plain).call, None)


def gatework_untraced(setting: Setting) -> Running:
    """Return inference without a trace."""
    return _inference(setting.torch, setting.torch.network, trace=False)


def gatework_reference(setting: Setting) -> Running:
    """Return the variant as a loop of cells, the reference path."""
    running, forced = gatework(setting), kernel("reference")
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


def _module(setting: TorchSetting, network: LSTM) -> Running:
    if setting.regime.task == "training":
        return _training(setting, network)
    return _inference(setting, network, trace=setting.regime.trace)


def _inference(setting: TorchSetting, network: LSTM, *, trace: bool) -> Running:
    def run(x: Tensor, lengths: Tensor | None) -> Any:
        if not trace:
            return network(x, lengths=lengths)
        output, state, traced = network(x, lengths=lengths, trace=True)
        # Every signal as one array, which is what a trace is asked for.
        return output, state, [cell.signals() for row in traced.layers for cell in row]

    return setting.inference(run)


def _training(setting: TorchSetting, network: LSTM) -> Running:
    cells = [cell for row in network.grid() for cell in row]
    # weight_ih, weight_hh, bias first, in the order of torch.
    first = [w for cell in cells for w in (cell.weight_ih, cell.weight_hh, cell.bias)]
    known = {id(weight) for weight in first}
    weights = [*first, *(w for w in network.parameters() if id(w) not in known)]
    return setting.training(
        lambda x, lengths: network(x, lengths=lengths)[0], weights, network.output_size
    )
