"""The score of a text: its sums, its rows, its pieces, in one go or in pieces, and the cache."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling_model import TableModel, letters

from gatework.errors import OptionError
from gatework.write.sampling import beam_search
from gatework.write.scoring import NeuralCache, encoded, judged, score, score_long
from gatework.write.scoring.cache import CacheMemory
from gatework.write.scoring.coloured import STEPS, colour_key
from gatework.write.vocabulary import Vocabulary

EVEN = 7  # tokens of letters(): END, UNKNOWN, a to e


def even_model(vocabulary):
    size = len(vocabulary)
    return TableModel(vocabulary, np.full((size, size, size), -math.log(size)))


class LastToken:
    """A token model whose distribution and hidden state depend on the last token alone."""

    def __init__(self, vocabulary, table):
        self.vocabulary, self.table, self.rows = vocabulary, table.astype(np.float32), 0
        self.hidden = np.zeros((0, len(vocabulary)), np.float32)

    def start(self, rows):
        self.rows = rows

    def step(self, tokens):
        self.hidden = np.eye(len(self.vocabulary), dtype=np.float32)[tokens]
        return self.table[tokens]

    def keep(self, rows):
        self.rows = len(rows)


def test_a_model_that_knows_nothing_wavers_among_all_tokens():
    found = score(even_model(letters()), "abcde").total
    assert (found.tokens, found.characters, found.unknown) == (5, 5, 0)
    assert found.perplexity == pytest.approx(EVEN, rel=1e-6)
    assert found.bits_per_character == pytest.approx(math.log2(EVEN), rel=1e-6)
    assert found.nats == pytest.approx(5 * math.log(EVEN), rel=1e-6)
    assert found.nats_per_token == pytest.approx(math.log(EVEN), rel=1e-6)
    assert found.bits == pytest.approx(5 * math.log2(EVEN), rel=1e-6)


def test_each_token_is_judged_by_what_stood_before_it():
    model = TableModel.of(letters(), 1)
    found = score(model, "abd", with_end=True)
    last, bits = [0, 0], []
    for token in (2, 3, 5, 0):
        bits.append(-model.table[last[-2], last[-1], token] / math.log(2))
        last.append(token)
    assert found.bits == pytest.approx(np.array(bits), rel=1e-5)
    assert len(found) == 4
    assert score(model, "abd").bits == pytest.approx(np.array(bits[:3]), rel=1e-5)
    best = beam_search(model, length=1, width=1, stop_at_end=False)[0]
    top = score(model, best.text)
    assert float(top.judged.logs[0]) == pytest.approx(best.log_probability)


def test_ranks_and_alternatives_with_ties():
    logs = np.log(np.array([[0.2, 0.4, 0.2, 0.2]] * 4))
    found = judged(logs, np.arange(4))
    assert found.ranks.tolist() == [2, 1, 3, 4]
    assert found.alternatives.tolist() == [1, 0, 1, 1]
    assert np.exp(found.alternative_logs) == pytest.approx([0.4, 0.2, 0.4, 0.4])


@pytest.mark.parametrize("level", ["char", "word", "bytes"])
@given(
    text=st.text(st.sampled_from("ab c'é春,\n"), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=5),
)
@settings(max_examples=60)
def test_a_text_in_pieces_has_the_tokens_of_the_whole(level, text, cuts):
    vocabulary = Vocabulary.of(["ab ab c é春 , \n a b"], level)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert "".join(pieces) == text
    tokens = [token for part in encoded(vocabulary, pieces) for token in part.tolist()]
    assert tokens == vocabulary.encode(text).tolist()


@given(st.integers(0, 100), st.booleans(), st.booleans())
@settings(max_examples=20)
def test_a_long_text_scores_as_a_short_one(seed, with_end, cached):
    model = TableModel.of(letters(), seed)
    cache = NeuralCache(theta=2, share=0.2, window=9) if cached else None
    text = "".join(np.random.default_rng(seed).choice(list("abcdex"), 50))
    whole = score(model, text, with_end=with_end, cache=cache).total
    pieces = (text[at : at + 7] for at in range(0, 50, 7))
    parts = score_long(model, pieces, with_end=with_end, cache=cache)
    assert parts.figures() == pytest.approx(whole.figures(), rel=1e-12)
    assert whole.unknown == text.count("x")


def test_long_texts_are_read_as_they_come():
    model = TableModel.of(letters(), 1)
    asked = []

    def endless():
        for number in range(4):
            asked.append(model.steps)
            yield "abcde" * 2 if number < 3 else ""

    assert score_long(model, endless()).tokens == 30
    assert asked == [0, 10, 20, 30]


def test_the_pieces_are_the_text_even_where_it_is_unknown():
    vocabulary = Vocabulary.of(["to be or not"], "word")
    found = score(even_model(vocabulary), "to be, or 春!", with_end=True)
    assert [piece.text for piece in found.pieces] == ["to", " be", ",", " or", " 春", "!", ""]
    assert [piece.known for piece in found.pieces] == [True, True, 0, True, 0, 0, True]
    assert found.total.unknown == 3
    assert found.rows()[4]["token"] == " 春"


def test_a_character_of_several_bytes_has_the_sum_of_its_bytes():
    vocabulary = Vocabulary("bytes")
    model = LastToken(vocabulary, np.full((258, 258), -math.log(258)))
    found = score(model, "a春!", with_end=True)
    byte = math.log2(258)
    assert [piece.text for piece in found.pieces] == ["a", "春", "!", ""]
    assert [piece.bits for piece in found.pieces] == pytest.approx(
        [byte, 3 * byte, byte, byte], rel=1e-6
    )
    assert [row["token"] for row in found.rows()] == ["a", "<e6>", "<98>", "<a5>", "!", None]
    assert found.total.bits_per_character == pytest.approx(2 * byte, rel=1e-6)
    assert score(model, "").pieces == ()


def test_rows_are_json_and_name_the_alternative():
    vocabulary = letters(2)
    table = np.full((4, 4, 4), -np.inf)
    table[:, :] = np.log([0.125, 1e-300, 0.5, 0.375])
    table[:, 2] = [0, -np.inf, -np.inf, -np.inf]
    model = TableModel(vocabulary, table)
    rows = json.loads(json.dumps(score(model, "ab").rows(), allow_nan=False))
    assert rows[0] == {
        "token": "a",
        "bits": pytest.approx(1.0),
        "rank": 1,
        "alternative": "b",
        "alternative_bits": pytest.approx(-math.log2(0.375)),
    }
    # After "a" nothing but the end was possible.
    assert rows[1] == {
        "token": "b",
        "bits": None,
        "rank": 4,
        "alternative": None,
        "alternative_bits": 0.0,
    }
    total = score(model, "ab").total
    assert total.perplexity == math.inf
    assert total.figures()["perplexity"] is None
    assert score(model, "").total.figures()["perplexity"] is None


def test_a_coloured_text_is_the_text_and_each_bit_has_its_colour():
    found = score(TableModel.of(letters(), 3, spread=3.0), "abc?deaabbccdde", with_end=True)
    text, papers = found.coloured(), set()
    assert text.plain == "abc?deaabbccdde∎"
    for piece, span in zip(found.pieces, text.spans, strict=True):
        style = span.style
        assert not isinstance(style, str)
        paper = next(paper for most, paper, _ in STEPS if piece.bits <= most)
        assert style.bgcolor is not None
        assert style.bgcolor.name == paper
        assert style.underline == (not piece.known)
        papers.add(paper)
    assert len(papers) > 3
    assert colour_key().plain.startswith("bits:  0 to 1  1 to 2 ")


def test_the_cache_lowers_the_perplexity_of_a_text_that_repeats_itself():
    model = LastToken(letters(), np.full((EVEN, EVEN), -math.log(EVEN)))
    text = "abcde" * 20
    plain = score(model, text).total.perplexity
    cached = score(model, text, cache=NeuralCache(theta=5, share=0.5)).total.perplexity
    assert plain == pytest.approx(EVEN, rel=1e-5)
    assert cached < 2.2


@pytest.mark.parametrize("cache", [NeuralCache(share=0), NeuralCache(share=0, theta=9, window=3)])
def test_a_cache_without_a_share_is_plain_scoring(cache):
    model = TableModel.of(letters(), 5)
    text = "abcdeabcabcde"
    assert score(model, text, cache=cache).bits.tolist() == score(model, text).bits.tolist()


@given(st.integers(1, 9), st.floats(0, 4), st.floats(0, 0.9), st.integers(0, 99))
@settings(max_examples=30)
def test_the_cache_computes_the_equations(window, theta, share, seed):
    random = np.random.default_rng(seed)
    memory = CacheMemory(NeuralCache(theta, share, window))
    states, followers = random.normal(size=(14, 3)), random.integers(0, 5, 14)
    network = random.dirichlet(np.ones(5), 15)
    for now in range(14):
        kept = range(max(0, now - window), now)
        weights = np.array([np.exp(theta * states[i] @ states[now]) for i in kept])
        expected = network[now]
        if now and share:
            cached = np.array([sum(weights[followers[list(kept)] == w]) for w in range(5)])
            expected = (1 - share) * expected + share * cached / weights.sum()
        found = np.exp(memory.mixed(np.log(network[now]), states[now].astype(np.float32)))
        assert found == pytest.approx(expected, rel=1e-5)
        assert found.sum() == pytest.approx(1)
        memory.add(states[now].astype(np.float32), int(followers[now]))


def test_a_cache_that_cannot_be_is_refused():
    with pytest.raises(OptionError) as caught:
        NeuralCache(theta=-1, share=1.0, window=0)
    for part in (
        "theta must be from 0 to below 1000, got -1",
        "share must be from 0 to below 1, got 1.0",
        "window must be a whole number from 1 to 1,000,000, got 0",
    ):
        assert part in str(caught.value)

    class Silent:
        vocabulary, rows = letters(), 0
        start = step = keep = None

    with pytest.raises(OptionError, match="which Silent does not show"):
        score(Silent(), "a", cache=NeuralCache())  # pyright: ignore[reportArgumentType]
