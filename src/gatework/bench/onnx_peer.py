"""How onnxruntime runs a regime, without torch."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from gatework.bench import onnx_model
from gatework.bench.contender import Running, UnavailableError
from gatework.bench.setting import Setting
from gatework.extras import is_here


def onnxruntime(setting: Setting) -> Running:
    """Return onnxruntime on the same LSTM as an ONNX model."""
    missing = [name for name in ("onnxruntime", "onnx") if not is_here(name)]
    if missing:
        raise UnavailableError(f"not installed: pip install {' '.join(missing)}")
    ort = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    options.intra_op_num_threads = setting.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = onnx_model.build(setting.weights)
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    layers, H, B = setting.regime.layers, setting.regime.hidden, setting.regime.batch
    zero = np.zeros((layers, B, H), dtype=np.float32)
    x, checked = setting.x, setting.checked_x
    feed = {"x": x[:1] if setting.regime.task == "step" else x, "h": zero, "c": zero}

    def call() -> Any:
        return session.run(None, feed)

    def call_step() -> Any:
        output, feed["h"], feed["c"] = session.run(None, feed)
        return output

    def numbers() -> list[np.ndarray]:
        return [session.run(None, {"x": checked, "h": zero, "c": zero})[0]]

    return Running(call_step if setting.regime.task == "step" else call, numbers)
