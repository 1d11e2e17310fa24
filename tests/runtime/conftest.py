"""Models in files, as the runtime loads them."""

import pytest
import torch

from gatework import LSTM, runtime, save


@pytest.fixture(scope="session")
def native() -> None:
    """Skip what needs the native module where it is not built."""
    pytest.importorskip("gatework._runtime", reason="the native module is not built")


def random_lstm(*arguments, seed: int = 0, **options) -> LSTM:
    """Return an LSTM whose weights are all drawn, gains, shifts and initial states too."""
    torch.manual_seed(seed)
    lstm = LSTM(*arguments, **options).eval().requires_grad_(False)
    for parameter in lstm.parameters():
        parameter.copy_(torch.randn(parameter.shape) * 0.4)
    return lstm


@pytest.fixture
def lstm_of():
    """Return the function that makes an LSTM with random weights."""
    return random_lstm


@pytest.fixture
def loaded(tmp_path, native):
    """Return a function that saves a model and loads it into the runtime."""
    count = iter(range(1000))

    def load(model, storage=None, **options) -> runtime.Model:
        return runtime.load(save(model, tmp_path / f"model {next(count)}"), storage, **options)

    return load


@pytest.fixture
def model(loaded) -> runtime.Model:
    """Return a model of two layers with variants, float32."""
    return loaded(random_lstm(3, [9, 6], peephole=True, learned_state=True))
