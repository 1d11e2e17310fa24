"""NeuralForecast's and Darts' networks as a sensible user takes them: what their documents advise.

Each is trained on what is known of some series, at most for a span of processor time, and then
forecasts from the end of what is known and from every origin after it, without training again.
Sizes, steps, losses and rates are the libraries' own; input lengths are as their documents advise,
two horizons where the series allow; the last horizon of what is known ends the training early where
there are four. Values are scaled as each library's documents do: NeuralForecast by the median of
each window, Darts by the span of each series.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import pandas as pd
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel, NHiTSModel
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM, NHITS
from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping
from quiet import TRAINER, quiet

CHECKS = 5  # of validation without a better one, before NeuralForecast ends
EPOCHS = 10  # the same of Darts
WINDOWS = 32  # of one series a step, as Darts takes them; NeuralForecast draws 128 or 1,024 of it
NETWORKS = {
    "NeuralForecast NHITS": NHITS,
    "NeuralForecast LSTM": LSTM,
    "Darts N-HiTS": NHiTSModel,
    "Darts BlockRNN LSTM": BlockRNNModel,
}
VERSIONS = ", ".join(f"{name} {version(name)}" for name in ("neuralforecast", "darts", "torch"))


@dataclass(frozen=True, eq=False)
class Part:
    """A series: what is trained on, and the values that are read one by one after it."""

    known: np.ndarray
    later: np.ndarray

    @property
    def origins(self) -> int:
        return max(1, len(self.later))


@dataclass(frozen=True, eq=False)
class Made:
    """Forecasts of each series, (origins, ahead), the steps trained, and whether time ended it."""

    forecasts: list[np.ndarray]
    steps: int
    cut: bool


class TimeIsUp(Callback):
    """Ends a training after a span of processor time."""

    def __init__(self, seconds: float) -> None:
        self.until = time.process_time() + seconds
        self.steps, self.cut = 0, False

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: object) -> None:
        self.steps = trainer.global_step
        if time.process_time() > self.until:
            trainer.should_stop = self.cut = True

    def __deepcopy__(self, memo: object) -> TimeIsUp:
        return self  # NeuralForecast trains a copy of what it is given


def forecast(name: str, parts: Sequence[Part], ahead: int, seconds: float) -> Made:
    """Train one network on the series and forecast each of them."""
    shortest = min(len(part.known) for part in parts)
    alone = len(parts) == 1
    tail = ahead if not alone or shortest >= 4 * ahead else 0
    room = shortest - ahead - tail
    length = int(np.clip(2 * room // 3, 3, 2 * ahead)) if alone else 2 * ahead
    limit = TimeIsUp(seconds)
    run: Callable[..., list[np.ndarray]] = _darts if name.startswith("Darts") else _neuralforecast
    with quiet():
        found = run(name, parts, ahead, length, tail, limit)
    return Made(found, limit.steps, limit.cut)


def _neuralforecast(
    name: str, parts: Sequence[Part], ahead: int, length: int, tail: int, limit: TimeIsUp
) -> list[np.ndarray]:
    """Forecast with cross_validation, which trains once on what comes before all origins.

    A series is continued by repeats of its last value: the library forecasts from an origin only
    where all targets exist. They are targets alone; no forecast has read them.
    """
    early = {"early_stop_patience_steps": CHECKS, "val_check_steps": 50} if tail else {}
    few = {"windows_batch_size": WINDOWS} if len(parts) == 1 else {}
    model = NETWORKS[name](
        h=ahead,
        input_size=length,
        scaler_type="robust",
        start_padding_enabled=True,
        callbacks=[limit],
        **early,
        **few,
        **TRAINER,
    )
    rows = []
    for number, part in enumerate(parts):
        test = part.origins + ahead - 1
        past = np.concatenate([part.known, part.later])
        values = np.append(past, np.repeat(past[-1], test - len(part.later)))
        times = np.arange(len(values)) - len(part.known)
        rows.append(pd.DataFrame({"unique_id": number, "ds": times, "y": values}))
    found = NeuralForecast(models=[model], freq=1).cross_validation(
        pd.concat(rows, ignore_index=True),
        n_windows=None,
        val_size=tail,
        test_size=parts[0].origins + ahead - 1,
        step_size=1,
    )
    found = found.sort_values(["unique_id", "cutoff", "ds"])
    ahead_of_all = found[type(model).__name__].to_numpy(dtype=np.float64)
    return list(ahead_of_all.reshape(len(parts), -1, ahead))


def _darts(
    name: str, parts: Sequence[Part], ahead: int, length: int, tail: int, limit: TimeIsUp
) -> list[np.ndarray]:
    """Forecast the scaled series; one too short for a window is continued backwards, flat."""
    early = EarlyStopping("val_loss", patience=EPOCHS)
    model = NETWORKS[name](
        input_chunk_length=length,
        output_chunk_length=ahead,
        **({"model": "LSTM"} if name == "Darts BlockRNN LSTM" else {}),
        pl_trainer_kwargs={**TRAINER, "callbacks": [limit, early] if tail else [limit]},
    )
    scaler = Scaler()
    known = [_series(part.known, length + ahead + tail) for part in parts]
    known = scaler.fit_transform(known)
    validation = [one[-length - ahead :] for one in known] if tail else None
    model.fit([one[: len(one) - tail] for one in known], val_series=validation)
    if len(parts) > 1 or not len(parts[0].later):
        found = [[one] for one in model.predict(n=ahead, series=known)]
    else:
        whole = _series(np.concatenate([parts[0].known, parts[0].later]), 0)
        found = model.historical_forecasts(
            scaler.transform([whole]),
            start=len(parts[0].known),
            start_format="position",
            forecast_horizon=ahead,
            retrain=False,
            overlap_end=True,
            last_points_only=False,
        )
        assert found[0][0].start_time() == len(parts[0].known)
        found = [found[0][: parts[0].origins]]  # the last begins after all that is known
    return [
        np.array([scaler.inverse_transform(one, series_idx=n).values()[:, 0] for one in each])
        for n, each in enumerate(found)
    ]


def _series(values: np.ndarray, least: int) -> TimeSeries:
    values = np.pad(values, (max(0, least - len(values)), 0), mode="edge")
    return TimeSeries.from_values(values.astype(np.float32))
