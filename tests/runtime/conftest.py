"""Models in files, as the runtime loads them."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

import gatework
from drawn_models import DrawnModel, drawn_lstm
from gatework import runtime

WITHOUT_TORCH = "it compares with torch, which is not installed"


@pytest.fixture(autouse=True)
def on_numpy_where_nothing_else_is(monkeypatch) -> None:
    """Ask for numpy where the native module is not built, which else is warned of."""
    if importlib.util.find_spec("gatework._runtime") is None:
        monkeypatch.setenv("GATEWORK_KERNEL", "reference")


@pytest.fixture(scope="session")
def native() -> None:
    """Skip what needs the native module where it is not built."""
    pytest.importorskip("gatework._runtime", reason="the native module is not built")


@pytest.fixture
def lstm_of():
    """Return the function that makes an LSTM with random weights, without torch."""
    return drawn_lstm


@pytest.fixture
def torch_lstm_of():
    """Return a function that makes an LSTM of torch with random weights."""
    torch = pytest.importorskip("torch", reason=WITHOUT_TORCH)

    def random_lstm(*arguments, seed: int = 0, **options) -> gatework.LSTM:
        torch.manual_seed(seed)
        lstm = gatework.LSTM(*arguments, **options).eval().requires_grad_(False)
        for parameter in lstm.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.4)
        return lstm

    return random_lstm


@pytest.fixture
def loaded(tmp_path):
    """Return a function that saves a model and loads it into the runtime."""
    count = iter(range(1000))

    def load(model: Any, storage=None, **options) -> runtime.Model:
        return runtime.load(written(model, tmp_path / f"model {next(count)}"), storage, **options)

    return load


@pytest.fixture
def model(loaded) -> runtime.Model:
    """Return a model of two layers with variants, float32."""
    return loaded(drawn_lstm(3, [9, 6], peephole=True, learned_state=True))


def written(model: Any, path: Path) -> Path:
    """Return the file of a model, drawn or of torch."""
    return model.write(path) if isinstance(model, DrawnModel) else gatework.save(model, path)
