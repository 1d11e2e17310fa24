"""The gates and states that the runtime hands out are those of the equations."""

import numpy as np
import pytest

from gatework import Forecaster, runtime, save
from gatework.errors import OptionError
from tolerances import FLOAT32


def test_in_single_precision_from_a_state_and_backwards_too(torch_lstm_of, loaded) -> None:
    import torch

    lstm = torch_lstm_of(3, [9, 6], bidirectional=True, batch_first=True, proj_size=5)
    model = loaded(lstm)
    x = torch.randn(2, 7, 3)
    _, state = lstm(x)
    expected = lstm(x, state, trace=True)[2].numpy()
    given = {name: one.numpy() for name, one in state.to_tensors().items()}
    found = model.trace(x.numpy(), given)
    assert list(found) == list(expected)
    for name, signal in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], signal, **FLOAT32._asdict(), err_msg=name)


def test_the_last_states_are_those_of_a_run(model) -> None:
    x = np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32)
    found = model.trace(x)
    _, ended = model(x)
    for layer in range(2):
        for part in ("hidden", "cell"):
            last = found[f"layer {layer} forward {part}"][-1]
            np.testing.assert_allclose(last, ended[f"{layer}.forward.{part}"], atol=1e-6)


def test_a_forecaster_of_networks_is_traced_in_its_own_units(tmp_path, request) -> None:
    pytest.importorskip("torch", reason="it trains, which torch is needed for")
    request.getfixturevalue("brief_training")
    values = 20 + 5 * np.sin(np.arange(60) / 2)
    forecaster = Forecaster(horizon=2, method="recursive", trials=1, workers=1).fit(values)
    model = runtime.load(save(forecaster, tmp_path / "model"))
    found = model.trace(values[:, None, None])
    _, ended = model(values[:, None, None])
    last = found["networks.1.layer 0 forward cell"][-1]
    np.testing.assert_allclose(last, ended["networks.1.0.forward.cell"], atol=1e-5)


def test_weights_that_are_not_kept_give_no_trace(lstm_of, loaded) -> None:
    model = loaded(lstm_of(3, [9]), "int8")
    with pytest.raises(OptionError, match=r"kept in int8, and what they were is gone") as raised:
        model.trace(np.zeros((2, 1, 3), np.float32))
    assert "load(path).trace(x)" in str(raised.value)
    with pytest.raises(OptionError, match="there is no layer 2 with direction 'forward'"):
        loaded(lstm_of(3, [9])).weights(2)
