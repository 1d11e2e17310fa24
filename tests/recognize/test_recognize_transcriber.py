"""The transcriber: it learns where labels lie by itself, searches, streams and comes back."""

import numpy as np
import pytest

from gatework import load, save
from gatework.errors import DataError, OptionError
from gatework.recognize import Sequences, Transcriber


def lines(count: int = 80, seed: int = 0):
    """Return texts of the letters a to c, each drawn as 3 to 5 steps with a pause behind it."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(count):
        text = "".join(draw.choice(list("abc"), draw.integers(1, 6)))
        parts = []
        for letter in text:
            mark = np.eye(3)["abc".index(letter)]
            parts += [mark] * draw.integers(3, 6) + [np.zeros(3)] * draw.integers(1, 3)
        X.append(np.array(parts) + 0.1 * draw.normal(size=(len(parts), 3)))
        y.append(text)
    return X, y


@pytest.fixture(scope="module")
def fitted():
    model = Transcriber((16,), epochs=25, batch_size=8, learning_rate=0.03, bidirectional=False)
    return model.fit(*lines())


def test_it_reads_lines_that_it_has_not_seen(fitted):
    X, y = lines(30, seed=1)
    assert fitted.score(X, y) > 0.9
    assert all(isinstance(text, str) for text in fitted.predict(X))
    assert fitted.labels_ == ("a", "b", "c")


def test_the_score_is_one_less_the_error_rate(fitted):
    X, _ = lines(4, seed=2)
    found = fitted.predict(X)
    wrong = ["c" + text for text in found]
    total = sum(map(len, wrong))
    assert fitted.score(X, wrong) == pytest.approx(1 - len(X) / total)
    assert fitted.score(X, found) == 1.0


def test_transcripts_may_be_lists_of_labels():
    X, y = lines(20)
    words = [[{"a": "yes", "b": "no", "c": "wait"}[letter] for letter in text] for text in y]
    model = Transcriber((8,), epochs=12, batch_size=4, learning_rate=0.05).fit(X, words)
    assert model.labels_ == ("no", "wait", "yes")
    assert all(set(found) <= {"no", "wait", "yes"} for found in model.predict(X))
    assert isinstance(model.predict(X)[0], list)


def test_the_search_is_never_less_sure_than_the_best_path(fitted):
    X, _ = lines(10, seed=3)
    searched = fitted.transcribe(X, beam=20)
    path = fitted.transcribe(X)
    assert all(a.score >= b.score - 1e-6 for a, b in zip(searched, path, strict=True))
    longer = fitted.transcribe(X, beam=20, beta=8.0)
    assert sum(len(a.labels) for a in longer) > sum(len(a.labels) for a in searched)


class Never:
    """A language model that gives c no chance."""

    class vocabulary:  # noqa: N801
        @staticmethod
        def encode(text):
            return np.array(["abc".index(letter) + 2 for letter in text])

    def start(self, rows):
        pass

    def step(self, tokens):
        return np.tile(np.array([0, 0, -0.7, -0.7, -90], np.float32), (len(tokens), 1))


def test_a_language_model_of_the_constructor_is_heeded(fitted):
    X, _ = lines(10, seed=4)
    assert any("c" in text for text in fitted.predict(X))
    fitted.set_params(beam=10, language_model=Never(), alpha=1.0)
    try:
        assert not any("c" in text for text in fitted.predict(X))
    finally:
        fitted.set_params(beam=1, language_model=None, alpha=0.5)


def test_the_language_model_may_be_called_voice_as_before(fitted):
    X, _ = lines(10, seed=4)
    search = {"beam": 10, "alpha": 1.0}
    with pytest.warns(FutureWarning, match=r"^voice of Transcriber is called language_model now$"):
        assert isinstance(Transcriber(voice=Never()).language_model, Never)  # pyright: ignore
    said = r"^voice of Transcriber\.transcribe is called language_model now$"
    with pytest.warns(FutureWarning, match=said):
        found = fitted.transcribe(X, voice=Never(), **search)
    assert found == fitted.transcribe(X, language_model=Never(), **search)
    assert not any("c" in transcript.labels for transcript in found)


def test_a_stream_reads_the_same_in_any_pieces(fitted):
    X, _ = lines(5, seed=5)
    stream = fitted.stream()
    for x, text in zip(X, fitted.predict(X), strict=True):
        for pieces in (1, 3, len(x)):
            stream.restart()
            told = [stream.push(part) for part in np.array_split(x, pieces)]
            assert "".join(told) == stream.text == text


def test_a_loaded_model_reads_the_same(fitted, tmp_path):
    X, _ = lines(5, seed=6)
    path = save(fitted, tmp_path / "model")
    loaded = load(path)
    assert loaded.predict(X) == fitted.predict(X)
    assert loaded.labels_ == fitted.labels_
    assert save(loaded, tmp_path / "again").read_bytes() == path.read_bytes()


def test_labels_of_sequences_are_transcripts():
    X, y = lines(12)
    given = Sequences(tuple(X), tuple(map(str, range(12))), tuple(y))
    model = Transcriber((4,), epochs=1).fit(given)
    assert model.labels_ == ("a", "b", "c")
    assert 1 - model.score(given) >= 0 or model.score(given) <= 1


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, "requires y to be passed"),
        (["ab"], "there are 2 sequences but 1 transcript"),
        ("ab", "y must be a list of transcripts, got str"),
        (["", ""], "all transcripts are empty"),
        ([3, "ab"], r"y\[0\] must be a text or a list of labels, got int"),
        (
            ["aab", "a"],
            r"'X\[0\]' has 3 steps, but its transcript of 3 labels needs 4 at least",
        ),
    ],
)
def test_transcripts_that_cannot_be_used_are_named(y, said):
    with pytest.raises(DataError, match=said):
        Transcriber().fit([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], y)


def test_validation_with_a_new_label_and_a_search_that_cannot_be_are_refused(fitted):
    X, y = lines(4)
    new = Transcriber((4,), validation=(X[:1], ["xy"]))
    with pytest.raises(DataError, match=r"y\[0\] holds 'x', which is not among the labels"):
        new.fit(X, y)
    with pytest.raises(OptionError, match="beam must be a whole number from 1 to 10000, got 0"):
        fitted.transcribe(X, beam=0)
    with pytest.raises(OptionError, match=r"beam must .* got 0; alpha must be a number .* 'x'"):
        Transcriber(beam=0, alpha="x").fit(X, y)  # pyright: ignore[reportArgumentType]
