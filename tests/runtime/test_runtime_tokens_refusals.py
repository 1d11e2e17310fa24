"""Language models in the runtime: what does not fit is refused by name."""

import numpy as np
import pytest

from drawn_models import drawn_lstm, drawn_writer, letters
from gatework import runtime
from gatework.errors import DataError, FileFormatError, InputFileError, OptionError, ShapeError
from gatework.storage import read_sealed, write_sealed


@pytest.fixture
def model(tmp_path) -> runtime.PackedTokenModel:
    return runtime.load_tokens(drawn_writer().write(tmp_path / "model"), "float32")


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_models_of_another_kind(tmp_path) -> None:
    path = drawn_lstm(3, 4).write(tmp_path / "lstm")
    with pytest.raises(
        OptionError, match=r"holds 'lstm', but a language model.*\nhint: gatework.runtime.load\(pa"
    ):
        runtime.load_tokens(path)
    write_sealed(tmp_path / "other", "state", {}, {})
    with pytest.raises(OptionError, match=r"holds 'state', .*\nhint: gatework write train FILE"):
        runtime.load_tokens(tmp_path / "other")
    writer = drawn_writer().write(tmp_path / "writer")
    with pytest.raises(
        OptionError, match=r"holds 'writer', but the runtime runs.*\nhint: .*\.load_tokens\(path"
    ):
        runtime.load(writer)


def test_files_that_are_none(tmp_path) -> None:
    with pytest.raises(InputFileError, match="there is no file"):
        runtime.load_tokens(tmp_path / "model")
    path = drawn_writer().write(tmp_path / "model")
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="damaged or was altered"):
        runtime.load_tokens(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage": "int4"}, "storage must be one of float64, float32, float16, int8, got 'int4'"),
        ({"threads": 0}, "threads must be a whole number from 1 to 1024, got 0"),
    ],
)
def test_arguments_out_of_range_before_the_file_is_read(options, message) -> None:
    with pytest.raises(OptionError, match=message):
        runtime.load_tokens("there is none", **options)


CONFIGURATIONS = [
    ({"format": 2}, "it must have format, level, network, .* with the format 1"),
    ({"extra": 1}, "it must have format, level"),
    ({"level": "line"}, "level must be one of char, word, bytes, got 'line'"),
    ({"tokens": "ab"}, "tokens must be a list of texts"),
    ({"tokens": ["a", *letters(23)[1:]]}, "must begin with the two marks"),
    ({"tokens": letters(22)}, r"'embedding.weight' with the shape \(23, 7\), expected \(22, 7\)"),
    ({"network": None}, "the network must have cutoffs"),
    ({"network": {"extra": 1}}, "the network must have cutoffs"),
    ({"network": {"lstm": []}}, "lstm must be the configuration"),
    ({"network": {"lstm": {}}}, "are missing or unknown"),
    ({"network": {"embedding_size": 8}}, "must read forward what is embedded"),
    ({"network": {"tied": True}}, "tied weights need as many outputs"),
    ({"network": {"tied": 1}}, "tied weights need"),
    ({"network": {"cutoffs": [5, 3]}}, r"cutoffs must rise within .* got \[5, 3\]"),
    ({"network": {"cutoffs": [23]}}, "cutoffs must rise"),
    ({"network": {"cutoffs": [True]}}, "cutoffs must rise"),
    ({"network": {"cutoffs": [2, 4]}}, "too few outputs for so many cutoffs"),
    ({"network": {"cutoffs": [5]}}, "has the unknown tensor 'head.bias'"),
]


@pytest.mark.parametrize(("changes", "message"), CONFIGURATIONS)
def test_a_made_up_configuration_is_refused(tmp_path, changes, message) -> None:
    path = drawn_writer().write(tmp_path / "forged", changes)
    with pytest.raises(FileFormatError, match=message):
        runtime.load_tokens(path)


def test_a_bidirectional_network_is_refused(tmp_path) -> None:
    whole = read_sealed(drawn_writer().write(tmp_path / "model"))
    network = whole.config["network"]
    lstm = network["lstm"] | {"bidirectional": True}
    config = whole.config | {"network": network | {"lstm": lstm}}
    write_sealed(tmp_path / "forged", "writer", config, whole.tensors)
    with pytest.raises(FileFormatError, match="must read forward"):
        runtime.load_tokens(tmp_path / "forged")


def test_tensors_that_are_missing(tmp_path) -> None:
    whole = read_sealed(drawn_writer().write(tmp_path / "model"))
    tensors = {name: t for name, t in whole.tensors.items() if name != "head.weight"}
    write_sealed(tmp_path / "forged", "writer", whole.config, tensors)
    with pytest.raises(FileFormatError, match=r"lacks the tensor 'head.weight'"):
        runtime.load_tokens(tmp_path / "forged")


def test_weights_that_float16_cannot_hold(tmp_path) -> None:
    network = drawn_writer(dtype="float32")
    network.tensors["head.bias"][3] = 1e5
    path = network.write(tmp_path / "model")
    with pytest.raises(OptionError, match=r"'head.bias' has values beyond 65504"):
        runtime.load_tokens(path, "float16")


STEPS = [
    (numbers(1, 23), r"tokens must be numbers of tokens from 0 to 22, got 1 to 23"),
    (numbers(-1, 2), "from 0 to 22, got -1 to 2"),
    (numbers(1), r"tokens must have the shape \(2,\), got \(1,\)"),
    ([1, 2], r"tokens must be an array \(B\) of int64, got list\nhint: np.asarray"),
    (np.zeros(2, np.int32), "got int32 of the shape"),
]


@pytest.mark.parametrize(("tokens", "message"), STEPS)
def test_a_step_says_what_does_not_fit(model, tokens, message) -> None:
    stepper = model.stepper(2)
    stepper.step(numbers(4, 5))
    before = stepper.state
    with pytest.raises(ShapeError, match=message):
        stepper.step(tokens)
    with pytest.raises(ShapeError, match=message):
        stepper.write(tokens, np.zeros((2, 3)))
    assert all(np.array_equal(part, before[name]) for name, part in stepper.state.items())


@pytest.mark.parametrize(
    "out", [np.empty((2, 22), np.float32), np.empty((2, 23)), np.empty((23, 2), np.float32).T]
)
def test_a_place_for_the_answer_that_does_not_fit(model, out) -> None:
    with pytest.raises(ShapeError, match=r"out must be a contiguous array \(2, 23\) of float32"):
        model.stepper(2).step(numbers(1, 2), out)


def test_a_run_says_what_does_not_fit(model) -> None:
    tokens = np.zeros((4, 2), np.int64)
    for arguments, message in [
        ((tokens[0],), r"tokens must be an array \(T, B\) of int64, got int64 of the shape \(2,\)"),
        ((tokens + 23,), "from 0 to 22, got 23 to 23"),
        ((tokens, tokens[:3]), r"targets must have the shape \(4, 2\), got \(3, 2\)"),
        ((tokens, tokens - 1), "targets must be numbers of tokens from 0 to 22, got -1"),
        ((tokens, None, {}), "the state is another model's: it lacks '0.forward.hidden'"),
    ]:
        with pytest.raises(ShapeError, match=message):
            model.run(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"draws": np.zeros((1, 3))}, ShapeError, r"draws must be float64 of the shape \(2, N\)"),
        ({"recent": np.zeros((1, 3), np.int64)}, ShapeError, "recent must have 2 rows, got 1"),
        ({"recent": np.full((2, 3), 23)}, ShapeError, "recent must be numbers of tokens"),
        ({"temperature": -1.0}, OptionError, "temperature must be a number from 0, got -1.0"),
        ({"temperature": float("nan")}, OptionError, "temperature must be a number from 0"),
        ({"top_k": 0}, OptionError, "top_k must be above 0, got 0"),
        ({"top_p": 1.1}, OptionError, "top_p must be above 0 and at most 1, got 1.1"),
        ({"min_p": -0.1}, OptionError, "min_p must be above 0"),
        ({"typical": 0.0}, OptionError, "typical must be above 0"),
        ({"repetition_penalty": 0.0}, OptionError, "repetition_penalty must be a number above 0"),
    ],
)
def test_writing_says_what_does_not_fit(model, arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        model.stepper(2).write(numbers(1, 2), **{"draws": np.zeros((2, 3)), **arguments})


def test_nothing_to_write_and_what_is_no_number(tmp_path, model) -> None:
    two = runtime.load_tokens(drawn_writer(2).write(tmp_path / "two"), "float32")
    with pytest.raises(DataError, match="no token but the marks END and UNKNOWN, and both are"):
        two.stepper().write(numbers(0), np.zeros((1, 3)), allow_end=False)
    stepper = model.stepper(2)
    state = stepper.state
    state["0.forward.cell"][1] = np.nan
    stepper.state = state
    with pytest.raises(DataError, match="the log-probabilities of row 1 are not numbers"):
        stepper.write(numbers(1, 2), np.zeros((2, 3)))


def test_rows_that_are_not_there(model) -> None:
    for rows in (numbers(0, 2), numbers(-1), np.zeros((1, 1), np.int64)):
        with pytest.raises(ShapeError, match="rows must be numbers from 0 to 1"):
            model.stepper(2).keep(rows)
    with pytest.raises(OptionError, match="batch must be a whole number of at least 1, got 0"):
        model.stepper(0)
