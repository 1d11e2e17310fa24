"""A forecast result made up from plain numbers, to be drawn."""

import numpy as np
import pytest

from gatework.cell.summary import LayerSummary
from gatework.forecast.backtest import HORIZONS, Accuracy, SeriesSplit, split
from gatework.forecast.result import ForecastPoint, ForecastResult
from gatework.forecast.series import Series
from gatework.search import Trial


def trial(index, error=3.0, **changes):
    fields = {
        "index": index,
        "layer": 0,
        "parameters": {"window": 12, "hidden_sizes": (32, 16), "learning_rate": 0.003},
        "error": error,
        "seconds": 1.5,
        "status": "failed" if error is None else "done",
        "details": {},
        "message": "the loss is no longer a number" if error is None else "",
    }
    return Trial(**{**fields, **changes})


def stack(sizes, *, dropout=0.1, directions=1, options=()):
    layers, features = [], 1
    for place, size in enumerate(sizes, 1):
        leaving = size * directions
        layers.append(
            LayerSummary(
                name=f"LSTM {place}",
                kind="lstm",
                input_size=features,
                hidden_size=size,
                output_size=leaving,
                directions=directions,
                parameters=4 * size * (features + size + 1) * directions,
                options=options,
                dropout_after=dropout if place < len(sizes) else 0.0,
            )
        )
        features = leaving
    layers.append(LayerSummary("head", "linear", features, 1, 1, 1, features + 1))
    return tuple(layers)


def _scores(horizon):
    factors = {"LSTM": 1.0, "last value": 1.3, "trailing mean": 1.1, "ARIMA": 0.98}
    return {
        name: {
            steps: Accuracy(rmse=3 * factor + steps / 9, mae=2 * factor + steps / 9)
            for steps in HORIZONS
            if steps <= horizon
        }
        for name, factor in factors.items()
    }


@pytest.fixture
def make_trial():
    return trial


@pytest.fixture
def make_layers():
    return stack


@pytest.fixture
def make_result():
    """Return a function that builds a result; arguments replace what it would hold."""

    def make(values=None, *, labels=None, frequency="MS", name="faults", horizon=12, **changes):
        values = 9 + 4 * np.sin(np.arange(60) / 3) if values is None else np.asarray(values)
        n = len(values)
        labels = labels or tuple(f"{1990 + k // 12}-{k % 12 + 1:02d}" for k in range(n))
        series = Series(name, values, labels, frequency, 12, False, ())
        cut = changes.pop("split", split(n) if n >= 5 else SeriesSplit(1, 2, n))
        base = float(values[-1])
        size = abs(base) + 1
        ahead = [
            ForecastPoint(label, base + step / 64 * size, base - size, base + 2 * size)
            for step, label in enumerate(series.future_labels(horizon))
        ]
        layers = stack((32, 16))
        scores = _scores(horizon)
        fields = {
            "series": series,
            "horizon": horizon,
            "level": 0.9,
            "forecast": tuple(ahead),
            "scores": scores,
            "split": cut,
            "origins": cut.n - cut.test_start,
            "test_forecasts": np.stack(
                [values[cut.test_start :] + (step + 1) * size / 50 for step in range(horizon)],
                axis=1,
            ),
            "best_parameters": {"window": 12, "hidden_sizes": (32, 16), "learning_rate": 0.003},
            "trials": tuple(trial(k, 3 + ((k * 7) % 5) / 4) for k in range(10)),
            "layers": layers,
            "parameters": sum(layer.parameters for layer in layers),
            "winners": {
                steps: min(scores, key=lambda model: scores[model][steps].rmse)
                for steps in scores["LSTM"]
            },
            "seconds": 12.0,
            "seed": 1,
            "notes": ("a note about the data",),
        }
        return ForecastResult(**{**fields, **changes})

    return make
