"""What a model of each kind answers to small made-up data, as JSON values.

The data come from whole numbers and divisions alone, so that they are the same bits everywhere.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from gatework import LSTM, RNN, Forecaster, GlobalForecaster, LifeEstimator, Watch
from gatework.forecast import PanelForecast
from gatework.life import Fleet
from gatework.network import State
from gatework.recognize import SequenceClassifier, SequenceTagger, Transcriber
from gatework.recognize.estimator import SequenceEstimator
from gatework.write.writer import Writer


def made_up(*shape: int, step: int = 7) -> np.ndarray:
    """Return numbers from -0.5 to 0.5 without a pattern of their own, float64."""
    count = int(np.prod(shape))
    return ((np.arange(count) * step % 31) / 31 - 0.5).reshape(shape)


def answer(model: Any) -> Any:
    """Return what a model says, as JSON values; it may be changed by it."""
    if isinstance(model, State):
        return {name: plain(tensor) for name, tensor in model.to_tensors().items()}
    if isinstance(model, LSTM | RNN):
        return of_network(model)
    if isinstance(model, SequenceEstimator):
        return of_sequences(model)
    return BY_CLASS[type(model)](model)


def of_network(network: LSTM | RNN) -> Any:
    """Return output and state after two sequences, in float32 at least: halves are coarse."""
    dtype = next(network.parameters()).dtype
    network = network.eval() if dtype == torch.float64 else network.eval().float()
    shape = (2, 5) if network.batch_first else (5, 2)
    x = torch.from_numpy(made_up(*shape, network.input_size)).to(next(network.parameters()).dtype)
    with torch.no_grad():
        output, state = network(x)
    return {"output": plain(output), **answer(state)}


def of_forecaster(forecaster: Forecaster) -> Any:
    """Return forecasts before and after three more values, one of them missing."""
    first = forecaster.predict()
    later = forecaster.update([21.0, float("nan"), 24.0]).predict()
    said = None if forecaster.blend_ is None else forecaster.blend_.sentence()
    return {"first": plain(first), "later": plain(later), "blend": said}


def of_panel(forecaster: GlobalForecaster) -> Any:
    """Return forecasts before and after a period more."""
    found = [of_forecast(forecaster.predict(1))]
    known = forecaster.panel_.covariates
    count = len(forecaster.panel_)
    past = made_up(count, len(known.past_names)) if known.past_names else None
    forecaster.update([20.0] * (count - 1) + [float("nan")], past=past)
    future = None
    if known.future_names:
        future = made_up(count, forecaster.horizon, len(known.future_names))
    return {"first": found, "later": of_forecast(forecaster.predict(future=future))}


def of_forecast(found: PanelForecast) -> Any:
    """Return what a forecast of a panel held when the answers were written down."""
    return {name: value for name, value in plain(found).items() if name not in SAID_SINCE}


SAID_SINCE = {"id_columns", "frequency", "notes"}
"""Fields of a forecast of a panel that the answers of before do not have."""


def fleet(units: int = 6, columns: int = 2) -> Fleet:
    """Return units that wear, of 12 cycles and more."""
    cycles = tuple(np.arange(1.0, 13 + unit) for unit in range(units))
    wear = tuple(
        made_up(len(one), columns, step=5 + unit) / 4 + (one / one[-1])[:, None] ** 2
        for unit, one in enumerate(cycles)
    )
    names = tuple(f"sensor {column}" for column in range(columns))
    return Fleet(tuple("abcdefgh"[:units]), names, wear, cycles)


def of_life(estimator: LifeEstimator) -> Any:
    """Return the life left of each unit, and of one that is followed."""
    tracker = estimator.track("a")
    followed = [tracker.update(row) for row in fleet().histories[0][:3]]
    return {"predicted": plain(estimator.predict(fleet())), "followed": plain(followed)}


def of_watch(watch: Watch) -> Any:
    """Return what is said of rows as they should be, missing and far off."""
    state = [watch.rows, dict(watch.alarms), watch.position, plain(watch.next)]
    seen = [watch.observe(value).to_json() for value in (20.0, float("nan"), 500.0, 20.0)]
    return {"state": state, "seen": seen}


def sequences(channels: int) -> list[np.ndarray]:
    """Return three sequences of different lengths."""
    return [made_up(length, channels, step=length) for length in (6, 9, 7)]


def of_sequences(model: SequenceEstimator) -> Any:
    """Return what is told of sequences, and what the features make of a content."""
    X = sequences(model.channels_)
    found = {"predicted": plain(model.predict(X)), "temperature": model.temperature_}
    if isinstance(model, SequenceClassifier | SequenceTagger):
        found["probabilities"] = plain(model.predict_proba(X))
    if isinstance(model, Transcriber):
        found["scores"] = plain([one.score for one in model.transcribe(X, beam=2, beta=0.5)])
    if model.features_ is not None:
        found["features"] = plain(model.features_(content(model.features_)))
    return found


def content(features: Any, seed: int = 0) -> Any:
    """Return what a file of the kind that the features read could hold."""
    if features.reads == "text":
        return "abba c" + "ab" * seed
    if features.reads == "sound":
        return made_up(900 + 80 * seed, step=11)
    if features.reads == "table":
        return made_up(6 + seed, features.channels, step=5)
    height = features.height
    width = getattr(features, "width", None) or height
    shape = (height, width, 3) if features.colour else (height, width)
    return np.round((made_up(*shape, step=7 + seed) + 0.5) * 255)


def of_writer(writer: Writer) -> Any:
    """Return what it writes, how it scores a text, and what of it was copied."""
    found: dict[str, Any] = {
        "written": writer.write("a r", length=12, top_k=1),
        "nats": writer.score("a rose is a daisy. ").total.nats,
        "loss": plain(writer.history_.losses),
        "notes": list(writer.notes_),
        "rates": list(writer.network_.rates),
    }
    if writer.memorization_ is not None:
        found["copied"] = writer.memorization_.longest_run("a rose is a daisy").as_dict()
    return found


BY_CLASS = {
    Forecaster: of_forecaster,
    GlobalForecaster: of_panel,
    LifeEstimator: of_life,
    Watch: of_watch,
    Writer: of_writer,
}


def plain(value: Any) -> Any:
    """Return a value as JSON values."""
    if isinstance(value, torch.Tensor):
        return value.detach().double().numpy().tolist()
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
