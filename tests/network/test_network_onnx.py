"""Peepholes and coupled gates against the reference evaluator of ONNX."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from gatework import LSTM
from tolerances import FLOAT32

T, B, INPUTS, H = 7, 3, 4, 5


def onnx_order(blocks: dict[str, np.ndarray]) -> np.ndarray:
    """Stack gate blocks in the order of ONNX: input, output, forget, candidate."""
    return np.concatenate(
        [blocks[k] for k in ("input_gate", "output_gate", "forget_gate", "candidate")]
    )


def gate_blocks(lstm_cell, name: str) -> dict[str, np.ndarray]:
    gates = lstm_cell.options.gates
    value = getattr(lstm_cell, name).detach().numpy()
    blocks = dict(zip(gates, np.split(value, len(gates)), strict=True))
    if "forget_gate" not in blocks:
        # The evaluator ignores input_forget, but 1 - sigmoid(z) = sigmoid(-z) says the same.
        blocks["forget_gate"] = -blocks["input_gate"]
    return blocks


def onnx_tensors(lstm_cell) -> dict[str, np.ndarray]:
    peephole = lstm_cell.peephole.detach().numpy()
    if lstm_cell.options.coupled_gates:
        (p_i, p_o), p_f = peephole, -peephole[0]
    else:
        p_i, p_f, p_o = peephole
    bias = onnx_order(gate_blocks(lstm_cell, "bias"))
    return {
        "W": onnx_order(gate_blocks(lstm_cell, "weight_ih")),
        "R": onnx_order(gate_blocks(lstm_cell, "weight_hh")),
        "B": np.concatenate([bias, np.zeros_like(bias)]),
        "P": np.concatenate([p_i, p_o, p_f]),
    }


def evaluate(lstm: LSTM, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [onnx_tensors(cell) for cell in lstm.grid()[0]]
    weights = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    node = helper.make_node(
        "LSTM",
        ["X", "W", "R", "B", "", "", "", "P"],
        ["Y", "Y_h", "Y_c"],
        hidden_size=H,
        direction="bidirectional" if lstm.bidirectional else "forward",
    )
    inputs = {"X": x, **weights}
    graph = helper.make_graph(
        [node],
        "lstm",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in inputs.items()],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, [None] * rank)
            for n, rank in (("Y", 4), ("Y_h", 3), ("Y_c", 3))
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    onnx.checker.check_model(model)
    Y, Y_h, Y_c = ReferenceEvaluator(model).run(None, inputs)
    return np.asarray(Y), np.asarray(Y_h), np.asarray(Y_c)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("coupled", [False, True])
def test_peepholes_and_coupled_gates(bidirectional, coupled) -> None:
    torch.manual_seed(0)
    lstm = LSTM(INPUTS, H, bidirectional=bidirectional, peephole=True, coupled_gates=coupled)
    x = torch.randn(T, B, INPUTS)
    output, (h, c) = lstm(x)
    Y, Y_h, Y_c = evaluate(lstm, x.numpy())
    together = Y.transpose(0, 2, 1, 3).reshape(T, B, -1)  # (T, D, B, H) -> (T, B, D * H)
    np.testing.assert_allclose(output.detach().numpy(), together, *FLOAT32)
    np.testing.assert_allclose(h.detach().numpy(), Y_h, *FLOAT32)
    np.testing.assert_allclose(c.detach().numpy(), Y_c, *FLOAT32)
