"""Networks of words in the native module refuse what does not fit, whoever calls."""

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
    """Return a network of 9 words with one cell, E = 3, H = 5, without scores."""
    network = module().Network32("base")
    network.add_words(zeros(9, 3))
    network.add_cell(zeros(20, 3), zeros(20, 5), zeros(20))
    return network


def test_a_network_of_words_is_built_in_its_order(network) -> None:
    with pytest.raises(ValueError, match="the words come first"):
        network.add_words(zeros(9, 3))
    with pytest.raises(ValueError, match="a network of words has one member"):
        network.add_member()
    with pytest.raises(ValueError, match="a head needs a member"):
        network.add_head(zeros(9, 5))
    with pytest.raises(ValueError, match="a tail needs a network of words with scores"):
        network.add_tail(zeros(2, 5), zeros(3, 2))
    with pytest.raises(ValueError, match="does not fit the embedding"):
        network.add_cell(zeros(20, 3), zeros(20, 5), reverse=True)
    with pytest.raises(ValueError, match="is not whole"):
        network.token_stepper(1)
    with pytest.raises(ValueError, match="is not whole"):
        network.stepper(1)
    with pytest.raises(ValueError, match="does not fit what is before it"):
        network.add_scores(zeros(9, 4))
    network.add_scores(zeros(7, 5))
    with pytest.raises(ValueError, match="is not whole"):  # 7 of 9 words
        network.token_stepper(1)
    network.add_tail(zeros(2, 5), zeros(3, 2))  # 6 frequent words, the tail, and its 3
    assert network.token_stepper(1) is not None
    with pytest.raises(ValueError, match="scores need"):
        network.add_scores(zeros(9, 5))
    with pytest.raises(ValueError, match="the network is not whole"):
        network.stepper(1)


def test_a_first_cell_reads_the_embedding() -> None:
    network = module().Network32("base")
    with pytest.raises(ValueError, match="scores need a network of words"):
        network.add_scores(zeros(9, 5))
    network.add_words(zeros(9, 3))
    with pytest.raises(ValueError, match="does not fit the embedding"):
        network.add_cell(zeros(20, 4), zeros(20, 5))
    other = module().Network32("base")
    with pytest.raises(ValueError, match="a row for each word"):
        other.add_words(zeros(0, 3))


def test_arrays_that_do_not_fit_a_stepper(network) -> None:
    network.add_scores(zeros(9, 5))
    stepper = network.token_stepper(2)
    tokens, logs = np.array([1, 2]), zeros(2, 9)
    stepper.set(zeros(2, 10))
    stepper.step(tokens, logs)
    np.testing.assert_allclose(logs, -np.log(9), rtol=1e-6)
    for wrong in [(tokens[:1], logs), (tokens, zeros(2, 8)), (tokens, zeros(3, 9))]:
        with pytest.raises(ValueError, match="fit the"):
            stepper.step(*wrong)
    for token in (-1, 9):
        with pytest.raises(IndexError, match="a token is not in the vocabulary"):
            stepper.step(np.array([1, token]), logs)
        with pytest.raises(IndexError, match="the row is not there"):
            stepper.keep(np.array([0, token]))
    for states in (zeros(3, 10), zeros(2, 9)):
        with pytest.raises(ValueError, match="the state does not fit"):
            stepper.set(states)
        with pytest.raises(ValueError, match="the state does not fit"):
            stepper.read(states)
    with pytest.raises(ValueError, match="does not fit"):
        stepper.hidden(zeros(2, 4))
    with pytest.raises(ValueError, match="at least 0"):
        network.token_stepper(-1)


PLAIN = (1.0, 0, 0.0, 0.0, 0.0, 1.0)


def test_arrays_and_settings_that_do_not_fit_writing(network) -> None:
    network.add_scores(zeros(9, 5))
    stepper = network.token_stepper(2)
    stepper.set(zeros(2, 10))
    tokens, recent, draws = np.array([1, 2]), np.zeros((2, 3), np.int64), np.zeros((2, 4))
    chosen = np.zeros((2, 4), np.int64)
    sound = [tokens, recent, draws, chosen, PLAIN, True, True]
    assert stepper.write(*sound) == -1
    for place, value in [
        (0, tokens[:1]),
        (1, recent[:1]),
        (2, draws[:1]),
        (3, chosen[:, :3].copy()),
        (4, (-1.0, *PLAIN[1:])),
        (4, (1.0, -1, *PLAIN[2:])),
        (4, (*PLAIN[:5], 0.0)),
        (4, (*PLAIN[:2], float("nan"), *PLAIN[3:])),
    ]:
        with pytest.raises(ValueError, match=r"fit|out of range"):
            stepper.write(*sound[:place], value, *sound[place + 1 :])
    with pytest.raises(IndexError, match="a token is not in the vocabulary"):
        stepper.write(tokens, recent + 9, *sound[2:])


def test_arrays_that_do_not_fit_a_run(network) -> None:
    network.add_scores(zeros(9, 5))
    tokens, states = np.zeros((4, 2), np.int64), zeros(2, 10)
    network.run_tokens(tokens, tokens, states, zeros(4, 2), zeros(2, 10))
    network.run_tokens(tokens, None, states, zeros(8, 9), zeros(2, 10))
    for wrong in [
        (tokens, tokens[:3], states, zeros(4, 2), zeros(2, 10)),
        (tokens, None, states, zeros(4, 2), zeros(2, 10)),
        (tokens, tokens, states, zeros(8, 9), zeros(2, 10)),
        (tokens, tokens, zeros(3, 10), zeros(4, 2), zeros(2, 10)),
        (tokens, tokens, states, zeros(4, 2), zeros(2, 9)),
        (tokens, tokens, states, zeros(4, 2), zeros(2, 10), 0),
    ]:
        with pytest.raises(ValueError, match="the arrays do not fit the network"):
            network.run_tokens(*wrong)
    for wrong in [(tokens + 9, tokens), (tokens, tokens - 1)]:
        with pytest.raises(IndexError, match="a token is not in the vocabulary"):
            network.run_tokens(*wrong, states, zeros(4, 2), zeros(2, 10))
