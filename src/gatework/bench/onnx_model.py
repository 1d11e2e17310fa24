"""A plain LSTM as an ONNX model, for onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import ValueInfoProto

OPSET, IR = 17, 9
"""Versions that every onnxruntime of the last years reads."""


def build(weights: Mapping[str, np.ndarray]) -> bytes:
    """Return a plain, forward LSTM as a serialised ONNX model; weights by torch's names.

    Shapes:
        inputs: x (T, B, I), h and c (L, B, H). outputs: y (T, B, H), h_n and c_n (L, B, H).
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes, constants, hidden, cells = [], [], [], []
    L, x = len(weights) // 4, "x"
    inputs, H = weights["weight_ih_l0"].shape[1], weights["weight_hh_l0"].shape[1]
    layers = [str(layer) for layer in range(L)]
    for name in ("h", "c"):
        outputs = [f"{name}{layer}" for layer in layers]
        nodes.append(helper.make_node("Split", [name], outputs, axis=0))
    constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "direction"))
    for layer in layers:
        for name, weight in _weights(weights, layer).items():
            constants.append(numpy_helper.from_array(weight, f"{name}{layer}"))
        given = [x, f"W{layer}", f"R{layer}", f"B{layer}", "", f"h{layer}", f"c{layer}"]
        made = [f"all{layer}", f"h_n{layer}", f"c_n{layer}"]
        nodes.append(helper.make_node("LSTM", given, made, hidden_size=H))
        x = "y" if int(layer) == L - 1 else f"y{layer}"
        nodes.append(helper.make_node("Squeeze", [made[0], "direction"], [x]))
        hidden.append(made[1])
        cells.append(made[2])
    nodes.append(helper.make_node("Concat", hidden, ["h_n"], axis=0))
    nodes.append(helper.make_node("Concat", cells, ["c_n"], axis=0))

    def value(name: str, *shape: str | int) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes,
        "lstm",
        [value("x", "T", "B", inputs), value("h", L, "B", H), value("c", L, "B", H)],
        [value("y", "T", "B", H), value("h_n", L, "B", H), value("c_n", L, "B", H)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR
    checker.check_model(model)
    return model.SerializeToString()


def _weights(weights: Mapping[str, np.ndarray], layer: str) -> dict[str, np.ndarray]:
    def get(name: str) -> np.ndarray:
        i, f, g, o = np.split(weights[f"{name}_l{layer}"], 4)
        return np.concatenate([i, o, f, g])[None]  # the order of ONNX: input, output, forget, cell

    biases = np.concatenate([get("bias_ih"), get("bias_hh")], axis=1)
    return {"W": get("weight_ih"), "R": get("weight_hh"), "B": biases}
