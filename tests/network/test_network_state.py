"""The state: one object from training to production."""

import numpy as np
import pytest
import torch

from gatework import LSTM, RNN, State, runtime
from gatework.cell import LSTMCell
from gatework.errors import FileFormatError, OutputError, ShapeError
from gatework.storage import Tensor, write_sealed
from tolerances import EXACT, FLOAT64

VARIANTS = [
    {},
    {"peephole": True, "layer_norm": True, "learned_state": True},
    {"exponential_gating": True, "proj_size": [0, 3]},
]


def same(one: State, other: State, tolerance=EXACT) -> None:
    ours, theirs = one.to_tensors(), other.to_tensors()
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name], **tolerance._asdict())


@pytest.fixture(params=VARIANTS, ids=["plain", "variants", "exponential"])
def lstm(request) -> LSTM:
    torch.manual_seed(0)
    return LSTM(2, [5, 4], dtype=torch.float64, **request.param)


@pytest.fixture
def state(lstm) -> State:
    return lstm(torch.randn(6, 3, 2, dtype=torch.float64))[1]


def test_a_step_at_a_time_equals_the_whole_sequence(lstm) -> None:
    x = torch.randn(9, 3, 2, dtype=torch.float64)
    whole, end = lstm(x)
    state, outputs = None, []
    for step in x:
        output, state = lstm(step.unsqueeze(0), state)
        outputs.append(output)
    assert state is not None
    torch.testing.assert_close(torch.cat(outputs), whole, **FLOAT64._asdict())
    same(state, end, FLOAT64)


def test_unpacks_as_torch_does() -> None:
    lstm = LSTM(2, 5, 3, bidirectional=True, proj_size=4)
    _, state = lstm(torch.zeros(6, 7, 2))
    h, c = state
    assert h.shape == (6, 7, 4)
    assert c.shape == (6, 7, 5)
    assert len(state) == 2
    assert torch.equal(state[0], h)
    same(lstm(torch.ones(1, 7, 2), (h, c))[1], lstm(torch.ones(1, 7, 2), state)[1])
    h, c = lstm(torch.zeros(6, 2))[1]
    assert h.shape == (6, 4)  # a single sequence


def test_does_not_unpack_where_the_sizes_differ() -> None:
    with pytest.raises(ShapeError, match=r"different sizes.*hidden \[5, 4\], cell \[5, 4\]"):
        tuple(LSTM(2, [5, 4])(torch.zeros(1, 1, 2))[1])
    with pytest.raises(ShapeError, match="cannot unpack"):
        tuple(LSTM(2, 5, exponential_gating=True)(torch.zeros(1, 1, 2))[1])
    with pytest.raises(ShapeError, match="cannot unpack"):
        tuple(RNN(2, 5)(torch.zeros(1, 1, 2))[1])


def test_zeros_is_where_a_network_starts(lstm) -> None:
    zeros = State.zeros(lstm, 3)
    assert all((value == 0).all() for value in zeros.to_tensors().values())
    assert zeros.batch_size == 3
    x = torch.randn(4, 3, 2, dtype=torch.float64)
    torch.testing.assert_close(lstm(x, zeros)[0], lstm(x)[0], **EXACT._asdict())


def test_select_and_scatter_move_rows(lstm, state) -> None:
    picked = state.select([2, 0])
    same(picked.select([1, 0]), state.select(torch.tensor([0, 2])))
    same(state.select([-1]), state.select([2]))
    same(state.select(slice(1, None)), state.select([1, 2]))
    same(state.select(torch.tensor([True, False, True])), state.select([0, 2]))
    fresh = State.zeros(lstm, 3).scatter([2, 0], picked)
    same(fresh.select([0, 2]), state.select([0, 2]))
    assert all((value == 0).all() for value in fresh.select([1]).to_tensors().values())


def test_what_comes_of_the_state_of_a_single_sequence_is_one_too(lstm) -> None:
    one = lstm(torch.zeros(4, 2, dtype=torch.float64))[1]
    assert not one.batched
    for other in (one.select([0]), one.scatter([0], one), one.detach(), one.to(torch.float32)):
        assert not other.batched
    assert State.zeros(lstm, 1).scatter([0], one).batched


def test_a_run_makes_no_state_to_compare_the_given_one_with(lstm, state, monkeypatch) -> None:
    pair = LSTM(2, 5, dtype=torch.float64)
    h, c = pair(torch.randn(1, 3, 2, dtype=torch.float64))[1]

    def refuse(*_arguments) -> None:
        raise AssertionError("a state was made")

    monkeypatch.setattr(State, "zeros", refuse)
    monkeypatch.setattr(LSTMCell, "zero_state", refuse)
    x = torch.randn(4, 3, 2, dtype=torch.float64)
    lstm(x, state)
    pair(x, (h, c))


def test_rows_of_a_batch_do_not_touch_each_other(lstm, state) -> None:
    x = torch.randn(4, 3, 2, dtype=torch.float64)
    output, end = lstm(x, state)
    part, part_end = lstm(x[:, [1]], state.select([1]))
    torch.testing.assert_close(part, output[:, [1]], **FLOAT64._asdict())
    same(part_end, end.select([1]), FLOAT64)


def test_scatter_is_differentiable(lstm, state) -> None:
    source = state.select([0]).detach()
    for value in source.to_tensors().values():
        value.requires_grad_()
    mixed = State.zeros(lstm, 2).scatter([1], source)
    lstm(torch.randn(3, 2, 2, dtype=torch.float64), mixed)[0].sum().backward()
    gradient = source.layers[0][0].hidden.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0


def test_detach_cuts_the_graph_and_clone_copies(state) -> None:
    assert state.layers[0][0].hidden.requires_grad
    assert not state.detach().layers[0][0].hidden.requires_grad
    copy = state.detach().clone()
    copy.layers[0][0].hidden.zero_()
    assert state.layers[0][0].hidden.abs().sum() > 0


def test_to_casts_every_part(state) -> None:
    assert {t.dtype for t in state.to(torch.float32).to_tensors().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([3], r"rows \[3\] are not in a batch of 3"),
        ([0.5], "whole numbers"),
        ([[0]], "whole numbers"),
    ],
)
def test_rows_that_are_not_there_are_refused(state, rows, message) -> None:
    with pytest.raises(ShapeError, match=message):
        state.select(rows)


def test_scatter_refuses_what_does_not_fit(lstm, state) -> None:
    with pytest.raises(ShapeError, match="source has 3 rows, expected 2"):
        state.scatter([0, 1], state)
    with pytest.raises(ShapeError, match="must not repeat"):
        state.scatter([0, 0], state.select([0, 1]))
    with pytest.raises(ShapeError, match="another network"):
        state.scatter([0], State.zeros(LSTM(2, [7, 4]), 1))


def test_a_state_of_another_network_or_batch_is_refused() -> None:
    lstm = LSTM(2, [5, 4])
    x = torch.zeros(1, 3, 2)
    with pytest.raises(ShapeError, match=r"'0.forward.hidden' must have the shape \(3, 5\)"):
        lstm(x, State.zeros(lstm, 2))
    with pytest.raises(ShapeError, match=r"lacks '1.forward.hidden'"):
        lstm(x, State.zeros(LSTM(2, 5), 3))
    with pytest.raises(ShapeError, match=r"has '0.reverse.hidden'"):
        lstm(x, State.zeros(LSTM(2, [5, 4], bidirectional=True), 3))
    with pytest.raises(ShapeError, match="different sizes"):
        lstm(x, (torch.zeros(2, 3, 5), torch.zeros(2, 3, 5)))
    with pytest.raises(ShapeError, match=r"h must have the shape \(1, 3, 5\)"):
        LSTM(2, 5)(x, (torch.zeros(1, 2, 5), torch.zeros(1, 3, 5)))
    with pytest.raises(ShapeError, match="pair"):
        LSTM(2, 5)(x, (torch.zeros(1, 3, 5),))  # type: ignore[arg-type]


def test_a_state_of_another_dtype_is_refused_with_the_cure() -> None:
    lstm = LSTM(2, 5)
    state = State.zeros(lstm, 3).to(torch.float64)
    with pytest.raises(ShapeError, match=r"is torch.float64 on cpu, but the input is") as caught:
        lstm(torch.zeros(1, 3, 2), state)
    assert caught.value.hint == "state.to(x.device, x.dtype)"


def test_save_and_load(state, tmp_path) -> None:
    path = tmp_path / "stream.state"
    state.save(path)
    same(State.load(path), state.detach())
    with pytest.raises(OutputError, match="exists"):
        state.save(path)
    state.save(path, overwrite=True)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        State.load(path)


def test_to_tensors_and_back(state) -> None:
    same(State.from_tensors(state.to_tensors()), state)
    parts = state.to_tensors()
    del parts["1.forward.hidden"]
    with pytest.raises(FileFormatError, match="do not make up a state"):
        State.from_tensors(parts)
    with pytest.raises(FileFormatError, match=r"'0\.sideways\.cell' is not the name"):
        State.from_tensors({"0.sideways.cell": torch.zeros(1, 2)})


@pytest.mark.parametrize("rows", [[2**63], ["a"], [[0], [1, 2]], None])
def test_rows_that_are_none_are_refused(rows) -> None:
    state = State.zeros(LSTM(1, 2), 2)
    with pytest.raises(ShapeError, match="rows must be a list of whole numbers"):
        state.select(rows)


@pytest.mark.parametrize("size", [2**62, -1, 1.5, True])
def test_a_batch_that_is_none_is_refused_by_name(size) -> None:
    with pytest.raises(ShapeError, match="batch_size must be a whole number from 0 to"):
        State.zeros(LSTM(1, 2), size)


FILES = {
    "two names of a layer": ({"0.forward.hidden": 2, "000.forward.hidden": 2}, {"batched": True}),
    "a name that is none": ({"0.forward.hidden": 2, "0.forward.peephole": 2}, {"batched": True}),
    "rows of two batches": ({"0.forward.hidden": 2, "0.forward.cell": 3}, {"batched": True}),
    "a sequence of two rows": ({"0.forward.hidden": 2}, {"batched": False}),
    "no batched": ({"0.forward.hidden": 2}, {}),
    "a setting more": ({"0.forward.hidden": 2}, {"batched": True, "layers": 1}),
    "batched in words": ({"0.forward.hidden": 2}, {"batched": "yes"}),
    "nothing": ({}, {"batched": True}),
}


@pytest.mark.parametrize("load", [State.load, runtime.load_state])
@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_a_file_that_holds_no_whole_state_is_refused_by_both_faces(load, content, tmp_path) -> None:
    rows, config = content
    tensors = {name: Tensor.from_numpy(np.zeros((count, 2))) for name, count in rows.items()}
    write_sealed(tmp_path / "state", "state", config, tensors)
    with pytest.raises(FileFormatError, match="state"):
        load(tmp_path / "state")


def test_the_rows_of_a_state_in_a_file_are_rows(tmp_path) -> None:
    for array in (np.zeros(2), np.zeros((1, 2, 1)), np.zeros((2, 2), np.int32)):
        tensors = {"0.forward.hidden": Tensor.from_numpy(array)}
        write_sealed(tmp_path / "state", "state", {"batched": True}, tensors, overwrite=True)
        with pytest.raises(FileFormatError, match=r"'0\.forward\.hidden' is no array of rows"):
            State.load(tmp_path / "state")
