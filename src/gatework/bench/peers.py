"""How torch runs a regime: torch.nn.LSTM, a loop of LSTMCell, torch.compile."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gatework.bench.contender import Running, UnavailableError
from gatework.bench.setting import Setting
from gatework.bench.torch_setting import TorchSetting, array

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]
"""One step: the input (1, B, I) and a state, None at first, to the output (1, B, H) and a state."""


def torch_lstm(setting: Setting) -> Running:
    """Return torch.nn.LSTM."""
    module = setting.torch.torch_lstm
    if setting.regime.task == "step":
        return _steps(setting.torch, module)
    if setting.regime.task == "training":
        return _training(setting.torch, lambda x, _: module(x)[0])
    return setting.torch.inference(lambda x, _: module(x))


def torch_packed(setting: Setting) -> Running:
    """Return torch.nn.LSTM over a packed sequence, packing and padding again included."""
    module = setting.torch.torch_lstm

    def run(x: Tensor, lengths: Tensor | None) -> Tensor:
        assert lengths is not None
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        return pad_packed_sequence(module(packed)[0], total_length=len(x))[0]

    return _training(setting.torch, run)


def torch_compile(setting: Setting) -> Running:
    """Return what torch.compile makes of the cells (steps) or of torch.nn.LSTM (sequences)."""
    torch._dynamo.reset()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if setting.regime.task == "step":
                compiled = torch.compile(_cells(setting.torch.torch_lstm), dynamic=False)
                running = _steps(setting.torch, compiled)
            else:
                compiled = torch.compile(setting.torch.torch_lstm)
                running = setting.torch.inference(lambda x, _: compiled(x))
            running.call()
    except Exception as error:  # whatever the compiler raises, the others are still measured
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise UnavailableError(f"torch.compile failed: {lines[0]}") from error
    return running


def torch_cells(setting: Setting) -> Running:
    """Return a loop of torch.nn.LSTMCell over the layers."""
    return _steps(setting.torch, _cells(setting.torch.torch_lstm))


def _cells(module: nn.LSTM) -> Step:
    cells = []
    for layer in range(module.num_layers):
        cell = nn.LSTMCell(module.input_size, module.hidden_size)
        ends = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({n: module.get_parameter(f"{n}_l{layer}").detach() for n in ends})
        cells.append(cell)

    def step(x: Tensor, state: Any) -> tuple[Tensor, Any]:
        hidden = x[0]
        new = []
        for cell, before in zip(cells, state or [None] * len(cells), strict=True):
            after = cell(hidden, before)
            new.append(after)
            hidden = after[0]
        return hidden.unsqueeze(0), new

    return step


def _steps(setting: TorchSetting, step: Step) -> Running:
    """Return single steps, the state carried on."""
    first = setting.x[:1]
    with torch.inference_mode():
        state = [step(first, None)[1]]

    def call() -> None:
        with torch.inference_mode():
            state[0] = step(first, state[0])[1]

    def numbers() -> list[np.ndarray]:
        outputs, carried = [], None
        with torch.inference_mode():
            for features in setting.x.split(1):
                output, carried = step(features, carried)
                outputs.append(array(output).copy())
        return [np.concatenate(outputs)]

    return Running(call, numbers)


def _training(setting: TorchSetting, run: Callable[[Tensor, Tensor | None], Tensor]) -> Running:
    module = setting.torch_lstm
    # Of torch's two biases, which have the same gradient, the first is compared.
    names = sorted(module.state_dict(), key=lambda name: name.startswith("bias_hh"))
    weights = [module.get_parameter(name) for name in names]
    return setting.training(run, weights, module.hidden_size, 3 * module.num_layers)
