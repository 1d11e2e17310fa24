"""The native sampler chooses as the readable one does, and writes what steps and choices write."""

import numpy as np
import pytest

from drawn_models import drawn_writer
from gatework import runtime
from gatework.runtime.choose import allowed, kept, tempered
from gatework.runtime.filters import penalised
from gatework.write.sampling import RowRng, Sampling, choose
from gatework.write.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("native")

SETTINGS = [
    {},
    {"temperature": 0},
    {"temperature": 0.3},
    {"temperature": 100.0},
    {"top_k": 1},
    {"top_k": 7},
    {"top_k": 5000},
    {"top_p": 0.02},
    {"top_p": 0.9},
    {"top_p": 0.999},
    {"min_p": 0.05},
    {"min_p": 1.0},
    {"typical": 0.3},
    {"typical": 0.95},
    {"typical": 0.999},
    {"repetition_penalty": 1.7},
    {"forbid_unknown": False},
    {"temperature": 0.8, "top_k": 20, "top_p": 0.9, "min_p": 0.01, "typical": 0.9},
    {"temperature": 1.3, "top_p": 0.8, "repetition_penalty": 1.2, "forbid_unknown": False},
]


def distributions(tokens: int) -> np.ndarray:
    """Return log-probabilities (B, V) of many kinds: flat, peaked, tied, with impossible tokens."""
    random = np.random.default_rng(tokens)
    spreads = [0.0, 0.1, 1.0, 3.0, 10.0, 40.0]
    rows = [random.normal(size=tokens) * spread for spread in spreads for _ in range(4)]
    rows += [np.round(random.normal(size=tokens) * 2) for _ in range(4)]  # many ties
    rows += [np.where(random.random(tokens) < 0.5, -np.inf, random.normal(size=tokens))]
    rows += [np.where(np.arange(tokens) < 2, 0.0, -np.inf)]  # nothing but what may be forbidden
    scores = np.array(rows)
    most = scores.max(axis=1, keepdims=True)
    logs = scores - most - np.log(np.exp(scores - most).sum(axis=1, keepdims=True))
    return logs.astype(np.float32)


def native_choose(logs, sampling: Sampling, draws, recent, allow_end):
    from gatework import _runtime

    chosen, chances = np.empty((len(logs), 1), np.int64), np.empty(logs.shape)
    filters = (sampling.top_k, sampling.top_p, sampling.min_p, sampling.typical)
    top_k, top_p, min_p, typical = (value or 0 for value in filters)
    numbers = (float(sampling.temperature), int(top_k), float(top_p), float(min_p), float(typical))
    _runtime.choose(
        _runtime.targets()[0],
        logs,
        recent,
        draws[:, None],
        chosen,
        chances,
        (*numbers, float(sampling.repetition_penalty)),
        sampling.forbid_unknown,
        allow_end,
    )
    return chosen[:, 0], chances


def filtered(logs, sampling: Sampling, recent, allow_end) -> np.ndarray:
    """Return the distribution that the readable sampler draws from, (B, V)."""
    scores = logs.astype(np.float64)
    if sampling.repetition_penalty != 1.0:
        scores = penalised(scores, recent, sampling.repetition_penalty, spare=Vocabulary.END)
    scores = allowed(scores, forbid_unknown=sampling.forbid_unknown, allow_end=allow_end)
    found = tempered(scores, sampling.temperature)
    chances = np.where(kept(found, sampling), np.exp(found), 0.0)
    return chances / chances.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("tokens", [3, 5, 65, 700])
@pytest.mark.parametrize("allow_end", [True, False])
@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_every_setting_chooses_as_the_readable_sampler(options, allow_end, tokens) -> None:
    sampling, logs = Sampling(**options), distributions(tokens)
    random = np.random.default_rng(1)
    for turn in range(5):
        draws = random.random(len(logs)) if turn else np.zeros(len(logs))
        recent = random.integers(tokens, size=(len(logs), 12))
        found, chances = native_choose(logs, sampling, draws, recent, allow_end)
        expected = choose(logs, sampling, draws, recent=recent, allow_end=allow_end)
        np.testing.assert_array_equal(found, expected)
        if sampling.temperature:
            wanted = filtered(logs, sampling, recent, allow_end)
            chances /= chances.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(chances, wanted, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("sampling", [Sampling(top_p=1.0), Sampling(typical=1.0)], ids=str)
def test_a_chance_of_one_keeps_every_token(sampling) -> None:
    logs, none = distributions(65)[:-2], np.zeros((28, 0), np.int64)
    draws = np.random.default_rng(0).random(28)
    found, chances = native_choose(logs, sampling, draws, none, True)
    expected, every = native_choose(logs, Sampling(), draws, none, True)
    np.testing.assert_array_equal(found, expected)
    assert ((chances > 0) == (every > 0)).all()


def test_draws_fall_as_often_as_the_chances_say() -> None:
    logs = np.log(np.array([0.4, 0.1, 0.3, 0.15, 0.05], np.float32))
    sampling = Sampling(top_p=0.8, forbid_unknown=False)
    draws = RowRng(3, range(1)).ahead(20_000)[0]
    rows = np.repeat(logs[None], len(draws), axis=0)
    found, _ = native_choose(rows, sampling, draws, np.zeros((len(draws), 0), np.int64), True)
    expected = np.array([0.4, 0.0, 0.3, 0.15, 0.0]) / 0.85 * len(draws)
    counts = np.bincount(found, minlength=5)
    assert counts[[1, 4]].tolist() == [0, 0]
    possible = expected > 0
    deviation = ((counts - expected)[possible] ** 2 / expected[possible]).sum()
    assert deviation < 13.8  # chi-square of 2 degrees: one seed in a thousand lies beyond


def test_a_row_that_is_not_a_number_and_arrays_that_do_not_fit() -> None:
    logs = distributions(5)[:2]
    logs[1, 3] = np.nan
    none = np.zeros((2, 0), np.int64)
    found, _ = native_choose(logs, Sampling(), np.zeros(2), none, True)
    assert found[0] >= 0
    assert found[1] == -1
    beyond = np.full((2, 1), 5)
    for draws, recent in [(np.zeros(3), none), (np.zeros(2), none[:1]), (np.zeros(2), beyond)]:
        with pytest.raises(ValueError, match="the arrays do not fit each other"):
            native_choose(logs, Sampling(), draws, recent, True)


@pytest.fixture
def model(tmp_path) -> runtime.PackedTokenModel:
    network = drawn_writer(40, 8, (24, 16), dtype="float32", exponential_gating=True)
    network.tensors["head.bias"][0] += 2  # END is likely
    return runtime.load_tokens(network.write(tmp_path / "model"), "float16")


def by_hand(model, tokens, sampling, draws, recent, allow_end):
    """Write as ``write`` shall: a step, a choice, and so on, until END."""
    stepper, chosen = model.stepper(len(tokens)), np.zeros(draws.shape, np.int64)
    ended = np.zeros(len(tokens), bool)
    for n, column in enumerate(draws.T):
        logs = stepper.step(tokens)
        tokens = choose(logs, sampling, column, recent=recent, allow_end=allow_end)
        tokens[ended] = Vocabulary.END
        ended |= tokens == Vocabulary.END
        chosen[:, n] = tokens
        recent = np.concatenate([recent, tokens[:, None]], axis=1)[:, 1:]
    return chosen


@pytest.mark.parametrize("allow_end", [True, False])
@pytest.mark.parametrize("options", [SETTINGS[i] for i in (0, 1, 8, 15, 17, 18)], ids=str)
def test_writing_is_stepping_and_choosing(model, options, allow_end) -> None:
    sampling, rows = Sampling(**options), 6
    draws = RowRng(5, range(rows)).ahead(50)
    tokens = np.arange(rows) + 2
    recent = np.zeros((rows, 10), np.int64)
    recent[:, -1] = tokens
    expected = by_hand(model, tokens, sampling, draws, recent, allow_end)
    assert (expected == Vocabulary.END).any() == allow_end or not sampling.temperature
    stepper = model.stepper(rows)
    found = stepper.write(tokens, draws, recent, **options, allow_end=allow_end)
    np.testing.assert_array_equal(found, expected)
    alone = model.stepper(1).write(
        tokens[3:4], draws[3:4], recent[3:4], **options, allow_end=allow_end
    )
    np.testing.assert_array_equal(alone[0], expected[3])  # whatever is written beside it


def test_writing_goes_on_where_it_stopped(model) -> None:
    draws = RowRng(5, range(3)).ahead(40)
    tokens = np.array([2, 3, 4])
    whole = model.stepper(3).write(tokens, draws, allow_end=False)
    stepper = model.stepper(3)
    first = stepper.write(tokens, draws[:, :15], allow_end=False)
    second = stepper.write(first[:, -1].copy(), draws[:, 15:], allow_end=False)
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)
    assert stepper.write(second[:, -1].copy(), draws[:, :0]).shape == (3, 0)
