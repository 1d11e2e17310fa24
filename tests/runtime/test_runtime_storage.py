"""Weights in float16 and int8: what they save, what they cost, and what the report says of it."""

import numpy as np
import pytest

from drawn_models import drawn_lstm
from gatework.errors import OptionError, ShapeError
from tolerances import EIGHT_BITS32, EIGHT_BITS_NORMED32, FLOAT32


def inputs(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def rounded(weight: np.ndarray, storage: str) -> np.ndarray:
    """Return a weight as it is kept: in float16, or in 255 levels of the largest of each row."""
    if storage == "float16":
        return weight.astype(np.float16).astype(np.float32)
    scale = np.abs(weight).max(axis=1, keepdims=True) / np.float32(127)
    return np.round(weight / scale) * scale


@pytest.fixture(params=["", "avx2", "base"])
def kernel(request, monkeypatch) -> None:
    """An instruction set that runs here; each multiplies weights of fewer bits in its own way."""
    if not request.param:
        return
    names = pytest.importorskip(
        "gatework._runtime", reason="the native module is not built"
    ).targets()
    if request.param not in names:
        pytest.skip(f"this machine has no {request.param}")
    monkeypatch.setenv("GATEWORK_KERNEL", request.param)


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("storage", ["float16", "int8"])
@pytest.mark.parametrize(
    "options", [{}, {"layer_norm": True}, {"proj_size": 16}, {"exponential_gating": True}]
)
def test_only_the_matrices_are_rounded_row_by_row(loaded, storage, options) -> None:
    lstm, x = drawn_lstm(16, [64, 32], **options), inputs(50, 4, 16)
    for values in lstm.tensors.values():
        values *= 0.2  # as small as where training begins
    model = loaded(lstm)
    narrow, report = model.quantize(storage, x)
    for name, values in lstm.tensors.items():
        if "weight" in name:
            values[:] = rounded(values, storage)
    tolerance = EIGHT_BITS_NORMED32 if "layer_norm" in options else EIGHT_BITS32
    tolerance = FLOAT32 if storage == "float16" else tolerance
    np.testing.assert_allclose(narrow(x)[0], loaded(lstm)(x)[0], **tolerance._asdict())
    assert report.max_abs.min() > 0
    assert report.bytes_after == narrow.packed_bytes
    assert narrow.packed_bytes / model.packed_bytes < {"float16": 0.6, "int8": 0.4}[storage]
    assert (narrow.storage, narrow.dtype) == (storage, np.float32)


@pytest.mark.usefixtures("kernel")
def test_sums_of_more_than_a_word_holds(loaded) -> None:
    lstm = drawn_lstm(1, 600)
    for name, values in lstm.tensors.items():
        values[:] = 1 if "weight" in name else 0
    x = np.ones((3, 1, 1), np.float32)
    np.testing.assert_allclose(loaded(lstm, "int8")(x)[0], loaded(lstm)(x)[0], **FLOAT32._asdict())


def test_the_report_tells_the_errors_of_the_data(loaded, lstm_of) -> None:
    model = loaded(lstm_of(3, [9, 6]))
    x = inputs(30, 2, 3)
    narrow, report = model.quantize("int8", x)
    truth, found = (one(x)[0].reshape(-1, 6).astype(np.float64) for one in (model, narrow))
    error = np.abs(found - truth)
    np.testing.assert_allclose(report.max_abs, error.max(axis=0))
    np.testing.assert_allclose(report.mean_abs, error.mean(axis=0))
    relative = np.sqrt((error**2).mean(axis=0) / (truth**2).mean(axis=0))
    np.testing.assert_allclose(report.relative_rms, relative)
    lines = str(report).splitlines()
    assert lines[0].startswith("float32 -> int8, weights ")
    assert len(lines) == 8
    assert lines[2].split() == [
        "0",
        *(f"{one[0]:.3g}" for one in (report.max_abs, report.mean_abs, report.relative_rms)),
    ]


def test_many_outputs_show_the_worst(loaded, lstm_of) -> None:
    _, report = loaded(lstm_of(3, 20)).quantize("int8", inputs(30, 2, 3))
    lines = str(report).splitlines()
    assert [int(line.split()[0]) for line in lines[2:10]] == list(
        np.argsort(-report.relative_rms, kind="stable")[:8]
    )
    assert lines[10].endswith("(above: the worst 8 of 20)")


def test_loading_and_quantizing_give_the_same_model(loaded, lstm_of) -> None:
    lstm, x = lstm_of(3, [9, 6]), inputs(30, 2, 3)
    narrow, _ = loaded(lstm).quantize("int8", x)
    np.testing.assert_array_equal(loaded(lstm, "int8")(x)[0], narrow(x)[0])


def test_a_quantized_model_is_not_quantized_again(loaded, lstm_of) -> None:
    with pytest.raises(OptionError, match=r"kept in int8, and what they were is gone\nhint: load"):
        loaded(lstm_of(3, 4), "int8").quantize("float16", inputs(5, 3))


def test_data_and_storage_are_checked(model) -> None:
    with pytest.raises(OptionError, match="storage must be one of"):
        model.quantize("int4", inputs(5, 3))
    with pytest.raises(ShapeError, match="x must have the shape"):
        model.quantize("int8", inputs(5, 4))


def test_a_float64_model_against_its_int8(loaded, lstm_of) -> None:
    model = loaded(lstm_of(3, [9, 6], dtype="float64"))
    narrow, report = model.quantize("int8", inputs(30, 2, 3).astype(np.float64))
    assert (model.dtype, narrow.dtype) == (np.float64, np.float32)
    assert 0 < report.max_abs.max() < 0.1


def test_weights_that_float16_cannot_hold(loaded, lstm_of) -> None:
    lstm = lstm_of(3, 4)
    lstm.tensors["forward_cells.0.weight_ih"][0, 0] = 1e5
    with pytest.raises(OptionError, match=r"beyond 65504 and cannot be kept in float16\nhint: lo"):
        loaded(lstm, "float16")
    loaded(lstm, "int8")


def test_no_data_no_error(model) -> None:
    _, report = model.quantize("int8", inputs(0, 2, 3))
    assert not report.max_abs.any()


def test_a_quantization_must_be_named(loaded) -> None:
    with pytest.raises(OptionError, match="storage must name") as error:
        loaded(drawn_lstm(3, 4)).quantize(None, inputs(2, 1, 3))  # type: ignore[arg-type]
    assert error.value.hint == 'model.quantize("int8", x)'
