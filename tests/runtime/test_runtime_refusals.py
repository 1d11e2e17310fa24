"""What does not fit is refused by name, before anything runs."""

import numpy as np
import pytest

from gatework import runtime
from gatework.errors import FileFormatError, InputFileError, OptionError, ShapeError
from gatework.storage import read_sealed, write_sealed


def zeros(*shape: int, dtype: type[np.floating] = np.float32) -> np.ndarray:
    return np.zeros(shape, dtype)


SHARED = zeros(4, 6)
FIXED = zeros(2, 6)
FIXED.flags.writeable = False
STEPS = [
    ([[0.0] * 3] * 2, None, r"x must be a numpy array, got list\nhint: np\.asarray\(x, np\.float3"),
    (zeros(2, 3, dtype=np.float64), None, r"x must be float32, .* got float64\nhint: x\.astype"),
    (zeros(2, 3).astype(">f4"), None, "x must be float32, as the model computes in, got >f4"),
    (zeros(2, 4), None, r"x must have the shape \(2, 3\), got \(2, 4\)"),
    (zeros(3), None, r"x must have the shape \(2, 3\), got \(3,\)"),
    (zeros(1, 2, 3), None, r"x must have the shape \(2, 3\), got \(1, 2, 3\)"),
    (zeros(3, 2).T, None, r"x must be contiguous, got the strides .*\nhint: np\.ascontiguous"),
    (zeros(2, 3), zeros(2, 5), r"out must have the shape \(2, 6\), got \(2, 5\)"),
    (zeros(2, 3), zeros(2, 6, dtype=np.float16), "out must be float32, .* got float16"),
    (zeros(2, 3), zeros(2, 12)[:, ::2], "out must be contiguous"),
    (zeros(2, 3), FIXED, "out must be writeable"),
    (SHARED.reshape(8, 3)[:2], SHARED[:2], "out must not share memory with x"),
]


@pytest.mark.parametrize(("x", "out", "message"), STEPS)
def test_a_step_says_what_does_not_fit(model, x, out, message) -> None:
    stepper = model.stepper(2)
    stepper.step(zeros(2, 3) + 1)
    before = stepper.state
    with pytest.raises(ShapeError, match=message):
        stepper.step(x, out)
    assert all(np.array_equal(part, before[name]) for name, part in stepper.state.items())


def test_a_step_takes_an_input_and_a_place(native, model) -> None:
    step = model.stepper().step
    for arguments, named in [((), {}), ((1, 2, 3), {}), ((1,), {"into": 2}), ((1, 2), {"out": 3})]:
        with pytest.raises(TypeError, match="a step takes an input and, if wanted, out"):
            step(*arguments, **named)


CALLS = [
    ((zeros(5, 2, 4),), r"x must have the shape \(T, B, I\) or \(T, I\) with I = 3, got \(5, 2, 4"),
    ((zeros(3),), r"got \(3,\)"),
    ((zeros(5, 2, 3, dtype=np.float64),), "x must be float32, .* got float64"),
    (("x",), "x must be a numpy array, got str"),
    ((zeros(5, 2, 3), None, [5]), r"one number for each of the 2 rows .* got shape \(1,\)"),
    ((zeros(5, 2, 3), None, [5, 6]), r"lengths\[1\] must be from 0 to 5, .* got 6"),
    ((zeros(5, 2, 3), None, [5, -1]), r"lengths\[1\] must be from 0 to 5, .* got -1"),
    ((zeros(5, 2, 3), None, [5, 1.5]), "lengths must be whole numbers, got float64"),
    ((zeros(5, 3), None, [5]), "lengths are for a batch, got a single sequence"),
    ((zeros(5, 2, 3), (1, 2)), r"must be a dict of arrays, got tuple\nhint: model\.initial_state"),
    ((zeros(5, 2, 3), {}), "the state is another model's: it lacks '0.forward.hidden'"),
]


@pytest.mark.parametrize(("arguments", "message"), CALLS)
def test_a_call_says_what_does_not_fit(model, arguments, message) -> None:
    with pytest.raises(ShapeError, match=message):
        model(*arguments)


def test_a_state_must_be_this_models(model) -> None:
    stepper, state = model.stepper(2), model.initial_state(2)
    wrong = [
        (state | {"2.forward.cell": zeros(2, 6)}, "another model's: it has '2.forward.cell'"),
        (state | {"0.forward.cell": zeros(2, 8)}, r"'0.forward.cell' .* \(2, 9\) .* got \(2, 8\)"),
        (model.initial_state(3), r"'0.forward.hidden' must be .* shape \(2, 9\) .* got \(3, 9\)"),
        (state | {"0.forward.cell": zeros(2, 9, dtype=np.float64)}, "is float64, expected float32"),
        (state | {"0.forward.cell": [[0.0] * 9] * 2}, "must be an array .* got list"),
    ]
    for given, message in wrong:
        with pytest.raises(ShapeError, match=message):
            stepper.state = given
    with pytest.raises(ShapeError, match=r"rows \[2\] are not in a batch of 2"):
        stepper.reset([0, 2])
    with pytest.raises(ShapeError, match="rows must be a list of whole numbers"):
        stepper.reset([0.5])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage": "int4"}, "storage must be one of float64, float32, float16, int8, got 'int4'"),
        ({"threads": 0}, "threads must be a whole number from 1 to 1024, got 0"),
        ({"threads": True}, "threads must be a whole number from 1 to 1024, got True"),
    ],
)
def test_arguments_out_of_range_before_the_file_is_read(options, message) -> None:
    with pytest.raises(OptionError, match=message):
        runtime.load("there is none", **options)


def test_an_instruction_set_that_is_none(native, monkeypatch, tmp_path, lstm_of) -> None:
    path = lstm_of(3, 4).write(tmp_path / "model")
    monkeypatch.setenv("GATEWORK_KERNEL", "bass")
    with pytest.raises(OptionError, match=r"GATEWORK_KERNEL must be .*base.*\nhint: .*=base"):
        runtime.load(path)
    monkeypatch.setenv("GATEWORK_KERNEL", "base")
    assert runtime.load(path).target == "base"


def test_files_that_are_none(tmp_path) -> None:
    with pytest.raises(InputFileError, match="there is no file"):
        runtime.load(tmp_path / "model")
    (tmp_path / "text").write_text("not a model")
    with pytest.raises(FileFormatError, match="is not a file that Gatework wrote"):
        runtime.load(tmp_path / "text")


CONFIGURATIONS = [
    ({"extra": 1}, "the settings 'extra' are missing or unknown"),
    ({"hidden_sizes": []}, "hidden_sizes must be a list of 1 to 1024 sizes"),
    ({"hidden_sizes": [0, 6]}, "hidden_size cannot be 0"),
    ({"input_size": True}, "input_size cannot be True"),
    ({"peephole": [True]}, r"peephole cannot be \[True\]"),
    ({"layer_norm": 1}, "layer_norm cannot be 1"),
    ({"zoneout_cell": 1.0}, "zoneout_cell cannot be 1.0"),
    ({"proj_size": 9}, "proj_size cannot be 9"),
    ({"bidirectional": "no"}, "bidirectional cannot be 'no'"),
    ({"dtype": "int8"}, "dtype cannot be 'int8'"),
    ({"exponential_gating": True}, "exponential_gating and peephole exclude each other"),
    ({"peephole": False}, "has the unknown tensor 'forward_cells.0.peephole'"),
    ({"layer_norm": True}, "lacks the tensor 'forward_cells.0.cell_gain'"),
    ({"input_size": 4}, r"'forward_cells.0.weight_ih' with the shape \(36, 3\), expected \(36, 4"),
    ({"dtype": "float64"}, "has 'forward_cells.0.bias' as F32, expected F64"),
]


@pytest.mark.parametrize(("change", "message"), CONFIGURATIONS)
def test_a_made_up_configuration_is_refused(tmp_path, lstm_of, change, message) -> None:
    whole = read_sealed(lstm_of(3, [9, 6], peephole=True).write(tmp_path / "model"))
    write_sealed(tmp_path / "forged", "lstm", whole.config | change, whole.tensors)
    with pytest.raises(FileFormatError, match=message):
        runtime.load(tmp_path / "forged")
