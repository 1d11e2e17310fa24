"""What each filter of sampling keeps, and in which order the settings act."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gatework.errors import DataError, OptionError
from gatework.runtime.choose import allowed, drawn, kept, tempered
from gatework.runtime.filters import min_p, penalised, top_k, top_p, typical
from gatework.write.sampling import Sampling, choose

# Probabilities 0.4, 0.3, 0.2, 0.1 out of order, and a row of equal ones.
LOGS = np.log([[0.1, 0.4, 0.2, 0.3], [0.25, 0.25, 0.25, 0.25]])
NONE = np.zeros((1, 0), np.int64)


def distributions(rows=3, size=7):
    # Scores on a coarse grid, so that ties and impossible tokens come often.
    values = st.one_of(st.integers(-6, 6).map(float), st.just(-np.inf))
    return (
        arrays(np.float64, (rows, size), elements=values)
        .filter(lambda scores: bool(np.isfinite(scores).any(axis=1).all()))
        .map(lambda scores: tempered(scores, 1.0))
    )


settings_of_filters = st.builds(
    Sampling,
    top_k=st.none() | st.integers(1, 9),
    top_p=st.none() | st.floats(0.01, 1),
    min_p=st.none() | st.floats(0.01, 1),
    typical=st.none() | st.floats(0.01, 1),
)


def test_each_filter_keeps_what_its_paper_says():
    first, even = top_k(LOGS, 2)
    assert (first.tolist(), even.tolist()) == ([False, True, False, True], [True, True, 0, 0])
    # 0.4 + 0.3 reaches 0.65 and 0.4 alone does not.
    assert top_p(LOGS, 0.65)[0].tolist() == [False, True, False, True]
    assert top_p(LOGS, 0.75)[0].tolist() == [False, True, True, True]
    assert top_p(LOGS, 0.5)[1].tolist() == [True, True, False, False]
    # At least 0.6 of 0.4 is 0.24.
    assert min_p(LOGS, 0.6)[0].tolist() == [False, True, False, True]
    assert min_p(LOGS, 1.0)[1].all()
    # The entropy is 1.28 nats; the surprises 2.30, 0.92, 1.61, 1.20 lie 1.02, 0.36, 0.33, 0.08 off.
    assert typical(LOGS, 0.25)[0].tolist() == [False, False, False, True]
    assert typical(LOGS, 0.45)[0].tolist() == [False, False, True, True]
    assert typical(LOGS, 0.55)[0].tolist() == [False, True, True, True]


@given(distributions(), st.floats(0.01, 1))
def test_top_p_keeps_its_mass_and_not_one_token_too_many(logs, mass):
    stays = top_p(logs, mass)
    for row, kept_row in zip(np.exp(logs), stays, strict=True):
        chosen = row[kept_row]
        assert chosen.sum() >= mass - 1e-12
        assert chosen.sum() - chosen.min() < mass + 1e-12
        assert kept_row.all() or chosen.min() >= row[~kept_row].max()


@given(distributions(), st.integers(1, 9))
def test_top_k_keeps_k_and_the_most_likely(logs, k):
    stays = top_k(logs, k)
    assert (stays.sum(axis=1) == min(k, logs.shape[1])).all()
    for row, kept_row in zip(logs, stays, strict=True):
        assert kept_row.all() or row[kept_row].min() >= row[~kept_row].max()


@given(distributions(), st.floats(0.01, 1))
def test_min_p_is_a_share_of_the_most_likely(logs, share):
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    clear = np.abs(odds - share) > 1e-9
    assert (min_p(logs, share) == (odds >= share))[clear].all()


@given(distributions(), st.floats(0.01, 1))
def test_typical_keeps_its_mass_of_the_most_usual(logs, mass):
    probability = np.exp(logs)
    known = np.where(probability > 0, logs, 0)
    entropy = -(probability * known).sum(axis=1, keepdims=True)
    for row, off, kept_row in zip(
        probability, np.abs(logs + entropy), typical(logs, mass), strict=True
    ):
        assert row[kept_row].sum() >= mass - 1e-12
        assert kept_row.all() or off[kept_row].max() <= off[~kept_row].min()


@given(distributions(), settings_of_filters)
def test_together_they_never_keep_nothing_nor_lose_the_most_likely(logs, sampling):
    stays = kept(logs, sampling)
    most = logs.argmax(axis=1)
    assert stays[np.arange(len(logs)), most].all()
    alone = [
        test(logs, value)
        for test, value in (
            (top_k, sampling.top_k),
            (top_p, sampling.top_p),
            (min_p, sampling.min_p),
            (typical, sampling.typical),
        )
        if value is not None
    ]
    for row in range(len(logs)):
        for token in range(logs.shape[1]):
            agreed = all(one[row, token] for one in alone)
            assert stays[row, token] == (agreed or token == most[row])


@given(distributions(), settings_of_filters, st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_was_kept_and_possible(logs, sampling, draw):
    stays = kept(logs, sampling)
    tokens = drawn(logs, stays, np.full(len(logs), draw))
    rows = np.arange(len(logs))
    assert stays[rows, tokens].all()
    assert np.isfinite(logs[rows, tokens]).all()


def test_draws_come_as_often_as_their_probability():
    draws = (np.arange(1000) + 0.5) / 1000
    logs = np.repeat(LOGS[:1], 1000, axis=0)
    tokens = drawn(logs, np.ones(logs.shape, bool), draws)
    assert np.bincount(tokens).tolist() == [100, 400, 200, 300]
    tokens = drawn(logs, top_k(logs, 2), draws)
    assert np.bincount(tokens).tolist() == [0, 571, 0, 429]
    assert drawn(LOGS, np.ones((2, 4), bool), np.array([np.nextafter(1, 0)] * 2)).tolist() == [3, 3]


@given(distributions(size=6), settings_of_filters, st.integers(0, 99))
def test_temperature_0_is_the_most_likely_allowed_token(logs, sampling, draw):
    cold = Sampling(temperature=0, top_k=sampling.top_k, top_p=sampling.top_p, min_p=sampling.min_p)
    tokens = choose(logs, cold, np.full(3, draw / 100), recent=NONE.repeat(3, 0))
    possible = logs.copy()
    possible[:, 1] = -np.inf
    best = possible.max(axis=1)
    for row, token in enumerate(tokens):
        if np.isfinite(best[row]):
            assert token == possible[row].argmax()
        else:  # only UNKNOWN was possible
            assert token == 0


def test_a_low_temperature_comes_to_the_same_and_a_high_one_evens_out():
    draws = np.linspace(0.01, 0.99, 50)
    logs = np.repeat(LOGS[:1], 50, axis=0)
    recent = NONE.repeat(50, 0)
    for cold in (0.01, 1e-300):
        sampling = Sampling(temperature=cold, forbid_unknown=False)
        assert (choose(logs, sampling, draws, recent=recent) == 1).all()
    assert np.exp(tempered(LOGS, 100.0))[0] == pytest.approx([0.25] * 4, abs=0.01)
    assert np.exp(tempered(LOGS, 0.5))[0] == pytest.approx(np.array([1, 16, 4, 9]) / 30)


def test_a_recent_token_is_rarer_once_however_often_it_came_and_end_is_spared():
    recent = np.array([[3, 3, 0], [0, 0, 0]])
    logs = penalised(LOGS, recent, 2.0, spare=0)
    assert np.exp(logs[0]) == pytest.approx([0.1, 0.4, 0.2, 0.09])
    assert (logs[1] == LOGS[1]).all()


def test_the_penalty_acts_before_the_temperature_and_the_filters():
    # Penalised, token 1 has 0.4^4 = 0.03 and is the least likely: top_k=1 leaves token 3.
    sampling = Sampling(repetition_penalty=4.0, top_k=1, forbid_unknown=False)
    token = choose(LOGS[:1], sampling, np.array([0.5]), recent=np.array([[1]]))
    assert token.tolist() == [3]
    # Forbidden tokens take no share: END and UNKNOWN left out, 0.2 and 0.3 remain.
    free = Sampling(top_p=0.55)
    draws = np.array([0.999])
    assert choose(LOGS[:1], free, draws, recent=NONE, allow_end=False).tolist() == [3]


def test_where_only_forbidden_tokens_are_possible_the_others_are_equally_likely():
    scores = np.array([[0.0, -np.inf, -np.inf, -np.inf], np.log([0.5, 0.1, 0.2, 0.2])])
    found = allowed(scores, forbid_unknown=True, allow_end=False)
    assert found[0].tolist() == [-np.inf, -np.inf, 0, 0]
    assert found[1, 2:].tolist() == scores[1, 2:].tolist()
    assert np.isneginf(found[1, :2]).all()
    assert np.isfinite(scores[0, 0])  # the caller's array is as it was


def test_what_is_no_distribution_is_refused():
    broken = LOGS.copy()
    broken[1, 2] = np.nan
    with pytest.raises(DataError, match="the log-probabilities of row 1 are not numbers"):
        choose(broken, Sampling(), np.zeros(2), recent=NONE.repeat(2, 0))
    with pytest.raises(DataError, match="no token but the marks END and UNKNOWN"):
        choose(LOGS[:, :2], Sampling(), np.zeros(2), recent=NONE.repeat(2, 0), allow_end=False)


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(OptionError) as caught:
        Sampling(
            temperature=float("nan"),
            top_k=0,
            top_p=1.5,
            min_p=0,
            typical=True,
            repetition_penalty=0.5,
            repetition_window=2.0,  # pyright: ignore[reportArgumentType]
            forbid_unknown=1,  # pyright: ignore[reportArgumentType]
        )
    message = str(caught.value)
    for part in (
        "temperature must be a number from 0 to 100, got nan",
        "repetition_penalty must be a number from 1 to 100, got 0.5",
        "top_p must be above 0 and at most 1, or None, got 1.5",
        "min_p must be above 0 and at most 1, or None, got 0",
        "typical must be above 0 and at most 1, or None, got True",
        "top_k must be a whole number of at least 1, or None, got 0",
        "repetition_window must be a whole number of at least 1, got 2.0",
        "forbid_unknown must be True or False, got 1",
        "hint: Sampling(",
    ):
        assert part in message
