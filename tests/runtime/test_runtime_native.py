"""The native module refuses what does not fit, whoever calls it."""

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("native")


def module():
    from gatework import _runtime

    return _runtime


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


@pytest.fixture
def network(native):
    """Return a network of one cell, I = 3, H = P = 5."""
    network = module().Network32("base")
    network.add_member()
    network.add_cell(zeros(20, 3), zeros(20, 5), zeros(20))
    return network


@pytest.mark.parametrize(
    "arguments",
    [
        {"weight_ih": zeros(19, 3)},
        {"weight_hh": zeros(24, 5)},
        {"weight_hh": zeros(20, 4)},
        {"bias": zeros(19)},
        {"weight_hr": zeros(5, 4)},
        {"peephole": zeros(4, 5)},
        {"input_gain": zeros(20)},
        {"input_gain": zeros(20), "recurrent_gain": zeros(20), "cell_gain": zeros(4)},
        {"peephole": zeros(3, 5), "exponential": True},
        {"coupled": True},
        {"reverse": True},
    ],
)
def test_weights_that_do_not_fit(arguments) -> None:
    network = module().Network32("base")
    network.add_member()
    sound = {"weight_ih": zeros(20, 3), "weight_hh": zeros(20, 5)}
    with pytest.raises(ValueError, match="the weights of a cell do not fit each other"):
        network.add_cell(**{**sound, **arguments})
    with pytest.raises(ValueError, match="the network is not whole"):
        network.stepper(1)


def test_layers_heads_and_members_that_do_not_fit(network) -> None:
    with pytest.raises(ValueError, match="does not fit the layer before it"):
        network.add_cell(zeros(20, 4), zeros(20, 5))
    with pytest.raises(ValueError, match="the head does not fit the last layer"):
        network.add_head(zeros(2, 4))
    network.add_head(zeros(2, 5))
    with pytest.raises(ValueError, match="a cell needs a member without a head"):
        network.add_cell(zeros(20, 5), zeros(20, 5))
    assert (network.input_size, network.output_size, network.state_size) == (3, 2, 10)
    network.stepper(1)
    with pytest.raises(ValueError, match="has steppers already"):
        network.add_member()


def test_targets_and_storages_that_are_none() -> None:
    with pytest.raises(ValueError, match="cannot run that target"):
        module().Network32("bass")
    with pytest.raises(ValueError, match="storage must be"):
        module().Network32("base", "int4")
    with pytest.raises(ValueError, match="keep their weights as they are"):
        module().Network64("base", "int8")


def test_arrays_that_do_not_fit_a_run(network) -> None:
    x, states, y = zeros(4, 2, 3), zeros(2, 10), zeros(4, 2, 5)
    network.run(x, states, None, y, zeros(2, 10))
    lengths = np.array([4, 5])
    for wrong in [
        (zeros(4, 2, 4), states, None, y, zeros(2, 10)),
        (x, zeros(3, 10), None, y, zeros(2, 10)),
        (x, states, None, zeros(4, 2, 4), zeros(2, 10)),
        (x, states, None, y, zeros(2, 9)),
        (x, states, lengths, y, zeros(2, 10)),
        (x, states, lengths[:1], y, zeros(2, 10)),
        (x, states, None, y, zeros(2, 10), 0),
    ]:
        with pytest.raises(ValueError, match="the arrays do not fit the network"):
            network.run(*wrong)
    with pytest.raises(TypeError, match="incompatible function arguments"):
        network.run(x.astype(np.float64), states, None, y.astype(np.float32)[::2], zeros(2, 10))


def test_states_and_rows_that_do_not_fit_a_stepper(network) -> None:
    stepper = network.stepper(2)
    with pytest.raises(ValueError, match="the state does not fit the network"):
        stepper.write(zeros(3, 10))
    with pytest.raises(ValueError, match="the state does not fit the network"):
        stepper.read(zeros(2, 9))
    for row in (-1, 2):
        with pytest.raises(IndexError, match="the row is not in the batch"):
            stepper.write_row(row, zeros(1, 10))
    states, x = zeros(4, 10), zeros(1, 3)
    for wrong in [
        (states, np.array([4])),
        (states, np.array([-1])),
        (states, [0]),
        (states, np.array([0], np.int32)),
        (zeros(4, 9), np.array([0])),
        (states[::2], np.array([0])),
        (None, np.array([0])),
    ]:
        with pytest.raises(ValueError, match="the states or rows do not fit the network"):
            stepper.step_rows(*wrong, x)
    assert stepper.step_rows(states, np.array([3]), x).shape == (1, 5)
    with pytest.raises(ValueError, match="at least 0"):
        network.stepper(-1)


def test_a_stepper_that_no_network_made() -> None:
    with pytest.raises(TypeError):
        module().Stepper32()
    loose = module().Stepper32.__new__(module().Stepper32)
    with pytest.raises(TypeError, match="was not made by a network"):
        loose.step(zeros(1, 3))
