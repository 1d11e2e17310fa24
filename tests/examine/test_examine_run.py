"""Runs of models of every kind: what the network saw, did and gave."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatework
from gatework import LSTM, RNN, runtime
from gatework.errors import DataError, OptionError, ShapeError
from gatework.examine import Edit, edited, gradient_flow, integrated_gradients, run_of
from gatework.look import cell_diagram, structure_diagram
from tolerances import FLOAT32, FLOAT64


class Around(nn.Module):
    """A network between two linear layers; ``batch_first`` or not."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.entry = nn.Linear(2, 3)
        self.lstm = LSTM(3, [5, 4], batch_first=batch_first)
        self.head = nn.Linear(4, 2)

    def forward(self, x, state=None):
        output, following = self.lstm(torch.tanh(self.entry(x)), state)
        return self.head(output), following


def test_two_threads_look_into_one_module_at_a_time() -> None:
    model = Around(False)
    entered = model.entry.register_forward_hook(lambda *_: time.sleep(0.001))  # lets the other go
    run = run_of(model, np.random.default_rng(0).normal(size=(9, 2)))
    parts = [run.raw[:length] for length in (4, 9)]
    expected = [run.again(part) for part in parts]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            for found, truth in zip(pool.map(run.again, parts), expected, strict=True):
                assert torch.equal(found, truth)
    entered.remove()


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_module_is_run_as_it_runs_itself(batch_first) -> None:
    model = Around(batch_first).double()
    x = np.random.default_rng(0).normal(size=(9, 2))
    run = run_of(model, x)
    given = torch.from_numpy(x)
    own = model(given[None] if batch_first else given[:, None])[0].reshape(9, 2)
    np.testing.assert_allclose(run.output, own.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(run.again(run.raw).detach().numpy(), run.output, rtol=1e-12)
    assert run.inputs.shape == (9, 1, 3)
    assert run.signal(1, "cell").shape == (9, 4)


def test_signals_are_those_of_the_trace() -> None:
    lstm = LSTM(1, [4, 3], bidirectional=True)
    x = torch.randn(7, 1)
    run = run_of(lstm, x)
    trace = lstm(x.unsqueeze(1), trace=True)[2]
    for direction in ("forward", "reverse"):
        expected = trace[1, direction].forget_gate[:, 0].detach().numpy()
        np.testing.assert_allclose(run.signal(1, "forget_gate", direction), expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_run_by_the_runtime_is_that_by_torch(tmp_path, dtype) -> None:
    given = {"bidirectional": True, "batch_first": True, "peephole": True, "dtype": dtype}
    lstm = LSTM(2, [5, 4], learned_state=True, dropout=0.2, **given)
    x = np.random.default_rng(0).normal(size=(7, 2))
    by_torch = run_of(lstm, x, names=["heat", "load"])
    model = runtime.load(gatework.save(lstm, tmp_path / "model.safetensors"))
    run = run_of(model, x, names=["heat", "load"])
    assert (run.layers, run.names, run.labels) == (by_torch.layers, by_torch.names, by_torch.labels)
    near = FLOAT32 if dtype == torch.float32 else FLOAT64
    np.testing.assert_allclose(run.output, by_torch.output, *near)
    for direction in ("forward", "reverse"):
        expected = by_torch.signal(1, "cell", direction)
        np.testing.assert_allclose(run.signal(1, "cell", direction), expected, *near)
    np.testing.assert_array_equal(run.in_torch().output, by_torch.output)


def test_a_module_whose_result_comes_once_has_it_at_the_last_step() -> None:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = LSTM(1, 4, batch_first=True)
            self.head = nn.Linear(4, 3)

        def forward(self, x):
            return self.head(self.lstm(x)[0][:, -1])

    model = Last()
    run = run_of(model, np.arange(5.0))
    assert run.output.shape == (5, 3)
    assert np.isnan(run.output[:-1]).all()
    own = model(torch.arange(5.0)[None, :, None])[0].detach().numpy()
    np.testing.assert_allclose(run.output[-1], own, rtol=1e-5)


class Own(nn.Module):
    """Torch's LSTM from a state that forward makes; the answer is the last state."""

    def __init__(self, batch_first: bool = True) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 4, 2, batch_first=batch_first)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = x if self.lstm.batch_first else x.transpose(0, 1)
        start = torch.full((2, 1, 4), 0.25), torch.full((2, 1, 4), 0.5)
        _, (hidden, _) = self.lstm(x, start)
        return self.head(hidden[-1])


class Twice(nn.Module):
    """Two LSTMs of torch, the second in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.LSTM(1, 3, batch_first=True)
        self.b = nn.LSTM(3, 2, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.b(self.a(x)[0])


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_module_of_torch_that_makes_its_own_state_is_run_as_it_is(batch_first) -> None:
    model = nn.DataParallel(Own(batch_first)) if batch_first else Own(batch_first)
    x = torch.linspace(-1, 1, 7)
    own = model(x[None, :, None])[0].detach().numpy()
    gatework.accelerate(model)
    run = run_of(model, x)
    np.testing.assert_allclose(run.output[-1], own, *FLOAT32)
    assert np.isnan(run.output[:-1]).all()
    np.testing.assert_allclose(run.start_of(1)["cell"], 0.5)
    # An edit of the last hidden state is what the head sees.
    last = [Edit(6, "hidden", unit, 0.0, layer=1) for unit in range(4)]
    bias = model.state_dict()["module.head.bias" if batch_first else "head.bias"].numpy()
    changed = edited(run, last)
    np.testing.assert_allclose(changed.output[-1], bias, *FLOAT32)
    shares = integrated_gradients(run, result=1)
    assert abs(shares.gap) < 1e-3
    assert np.abs(shares.values).max() > 0
    assert np.isfinite(gradient_flow(run).sizes).all()
    assert structure_diagram(model).title == "The network: [4, 4]"
    assert cell_diagram(model).title == "The cell of layer 1"  # names without data


class Read(nn.Module):
    """What people write for texts: letters embedded, a packed batch, an answer at the end."""

    def __init__(self, packed: bool) -> None:
        super().__init__()
        self.letters = nn.Embedding(9, 2)
        self.layers = nn.ModuleList([nn.LSTM(2, 3, batch_first=True)])
        self.packed = packed

    def forward(self, x):
        x = x if self.packed else self.letters(x)
        packed = pack_padded_sequence(x, [x.shape[1]] * len(x), batch_first=True)
        return self.layers[0](packed)[1][0][-1]


def test_a_packed_sequence_is_looked_into_and_a_hint_works_when_typed() -> None:
    model = Read(packed=True)
    x = torch.linspace(-1, 1, 12).reshape(6, 2)
    run = run_of(gatework.accelerate(model), x)
    np.testing.assert_allclose(run.output[-1], model(x[None])[0].detach(), *FLOAT32)
    changed = edited(run, [Edit(5, "hidden", 1, 0.5)])
    assert changed.output[-1, 1] == pytest.approx(0.5)
    reading, data = Read(packed=False), [1, 5, 2]
    typed = "run_of(model.layers[0], model.letters(torch.as_tensor(data)).detach())"
    with pytest.raises(OptionError, match=re.escape(typed)):
        run_of(reading, data)
    found = run_of(reading.layers[0], reading.letters(torch.as_tensor(data)).detach())
    np.testing.assert_allclose(
        found.output[-1], reading(torch.tensor([data]))[0].detach(), *FLOAT32
    )


def test_each_network_of_a_module_is_looked_into_by_its_name() -> None:
    model = Twice()
    x = torch.linspace(-1, 1, 6)
    with torch.no_grad():
        between = model.a(x[None, :, None])[0]
        whole = model(x[None, :, None])[0][0].numpy()
    for part, layers in (("a", 3), ("b", 2)):
        run = run_of(model, x, part=part)
        assert run.sizes == (layers,)
        np.testing.assert_allclose(run.output, whole, *FLOAT32)
    np.testing.assert_allclose(run.entered, between[0].numpy(), *FLOAT32)
    assert run.signal(0, "cell", "reverse").shape == (6, 2)


def test_columns_of_a_data_frame_are_the_names() -> None:
    frame = pd.DataFrame({"heat": [0.0, 1.0, 2.0], "load": [1.0, 0.0, 1.0]})
    run = run_of(LSTM(2, [3]), frame, labels=["a", "b", "c"])
    assert run.names == ("heat", "load")
    assert run.labels == ("a", "b", "c")
    assert run_of(run) is run


def test_what_cannot_be_looked_into_is_refused() -> None:
    lstm = LSTM(2, [3])
    refused = [
        (lambda: run_of(lstm), OptionError, "data is missing"),
        (lambda: run_of(lstm, np.zeros((4, 3))), ShapeError, "3 features at each step"),
        (lambda: run_of(lstm, np.zeros((4, 5, 2))), ShapeError, "steps, features"),
        (lambda: run_of(lstm, [[0.0, 1.0], [0.0, np.nan]]), DataError, "step 1, feature 1: nan"),
        (lambda: run_of(lstm, [["a", "b"]]), DataError, "must be numbers"),
        (lambda: run_of(lstm, np.zeros((0, 2))), ShapeError, "at least one"),
        (lambda: run_of(lstm, np.zeros((4, 2)), labels=["a"]), OptionError, "labels must have one"),
        (lambda: run_of(nn.Linear(1, 1), [0.0]), OptionError, "0 networks"),
        (
            lambda: run_of(nn.ModuleList([lstm, LSTM(1, 1)]), [0.0]),
            OptionError,
            r"2 networks: '0', '1'\nhint: .* or pass model\[0\]",
        ),
        (lambda: run_of(nn.GRU(1, 1), [0.0]), OptionError, "a GRU of torch"),
        (lambda: run_of(Twice(), [0.0, 1.0], part="c"), OptionError, "'c' is none of them"),
        (lambda: run_of(3, [0.0]), OptionError, "a int cannot be looked into"),
    ]
    for call, kind, said in refused:
        with pytest.raises(kind, match=said):
            call()


def test_a_signal_that_is_not_there_names_those_that_are() -> None:
    run = run_of(RNN(1, [3]), [0.0, 1.0])
    with pytest.raises(OptionError, match="no signal 'forget_gate'; it has hidden"):
        run.signal(0, "forget_gate")
    with pytest.raises(OptionError, match="no layer 1 with direction 'forward'"):
        run.signal(1, "hidden")
    with pytest.raises(OptionError, match="direction 'reverse'"):
        run.signal(0, "hidden", "reverse")


def test_what_has_no_weights_or_no_real_numbers_is_refused() -> None:
    with pytest.raises(OptionError, match="on the device 'meta' has no weights") as said:
        run_of(nn.LSTM(1, 4, device="meta"), [0.5, 1.0])
    assert said.value.hint == "model.to_empty(device='cpu'), then load its weights"
    for values in (np.ones(3) + 1j, torch.ones(3, dtype=torch.complex64)):
        with pytest.raises(DataError, match="data must be numbers: complex ones have two parts"):
            run_of(nn.LSTM(1, 4), values)
