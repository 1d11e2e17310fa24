"""A recogniser in the runtime says what its estimator says, whole and step by step."""

from itertools import product
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="it compares with torch, which is not installed")

from gatework import runtime, save
from gatework.errors import FileFormatError, OptionError, ShapeError
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
)
from gatework.recognize.packed import packed
from gatework.runtime.pooled import POOLINGS
from gatework.runtime.recognizer import CONVOLUTIONS
from gatework.storage import read_sealed, write_sealed
from tolerances import FEW_STEPS32

DRAW = np.random.default_rng(0)
X = [DRAW.normal(2, 3, (steps, 3)).astype(np.float32) for steps in DRAW.integers(1, 15, 16)]
POOLED = (SequenceClassifier, SequenceRegressor)
TARGETS: dict[type, Any] = {
    SequenceClassifier: [5, 7, 9, 7] * 4,
    SequenceRegressor: DRAW.normal(50, 9, 16),
    SequenceTagger: [list(DRAW.choice(["a", "b"], len(x))) for x in X],
    Transcriber: ["a", "", "b", "a"] * 4,
}
CASES = [
    *product(POOLED, CONVOLUTIONS, POOLINGS),
    *product((SequenceTagger, Transcriber), CONVOLUTIONS, [None]),
]


def fitted(kind: Any, *, bidirectional: bool, **settings: Any) -> Any:
    """Return an estimator that was trained for a step or two."""
    settings |= {"hidden_sizes": (5, 4), "variants": {"peephole": True}}
    model = kind(epochs=2, bidirectional=bidirectional, validation=None, **settings)
    return model.fit(X, TARGETS[kind])


def expected(model: Any) -> list[np.ndarray]:
    """Return what an estimator tells of each sequence."""
    if isinstance(model, SequenceRegressor):
        return list(model.predict(X))
    if not isinstance(model, Transcriber):
        return list(model.predict_proba(X))
    shares = [np.exp(told.astype(np.float64)) for told in model._run(X)]
    return [one / one.sum(axis=1, keepdims=True) for one in shares]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("kind", "convolutions", "pooling"), CASES)
def test_it_says_what_the_estimator_says(tmp_path, kind, convolutions, pooling, bidirectional):
    pooled = {"pooling": pooling} if pooling else {}
    made = fitted(kind, bidirectional=bidirectional, convolutions=convolutions, **pooled)
    truth, path = expected(made), save(made, tmp_path / "model.safetensors")
    model = runtime.load(path)
    lengths = np.array([len(x) for x in X])
    padded = np.full((lengths.max(), len(X), 3), 1e6, np.float32)
    for row, x in enumerate(X):
        padded[: len(x), row] = x
        np.testing.assert_allclose(model(x), truth[row], **FEW_STEPS32._asdict())
    for row, steps in enumerate(lengths):
        told = model(padded, lengths)
        found = told[row] if pooling else told[:steps, row]
        np.testing.assert_allclose(found, truth[row], **FEW_STEPS32._asdict())
    alone = packed(read_sealed(path), path)
    assert repr(alone.predict(X)) == repr(made.predict(X)) or kind is SequenceRegressor
    if bidirectional:
        with pytest.raises(OptionError, match="bidirectional and cannot stream"):
            model.stream()
        return
    stream = model.stream()
    for x, whole in zip(X, truth, strict=True):
        stream.restart()
        told = np.concatenate([stream.push(x[:4]), stream.push(x[4:4]), stream.push(x[4:])])
        found = told[-1] if pooling else told
        np.testing.assert_allclose(found, whole, **FEW_STEPS32._asdict())


def test_it_computes_in_float64_where_asked(tmp_path):
    made = fitted(SequenceClassifier, bidirectional=True)
    path = save(made, tmp_path / "model.safetensors")
    found = runtime.load(path, "float64")(X[0])
    np.testing.assert_allclose(found, made.predict_proba(X[:1])[0], **FEW_STEPS32._asdict())


def test_what_does_not_fit_is_refused(tmp_path):
    model = runtime.load(
        save(fitted(SequenceTagger, bidirectional=False), tmp_path / "model.safetensors")
    )
    for wrong, said in (
        (np.zeros((4, 2)), r"\(T, C\) with C = 3, got \(4, 2\)"),
        (np.zeros((0, 3)), "each sequence must have a step"),
        (np.full((1, 3), np.nan), r"x\[0, 0\] is not a finite number"),
    ):
        with pytest.raises(ShapeError, match=said):
            model(wrong)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("channels",), 0, "channels must be a whole number from 1, got 0"),
        (("channels",), 4, "with the shape"),
        (("temperature",), -1.0, "temperature must be a positive number"),
        (("settings", "convolutions"), "behind", "convolutions cannot be 'behind'"),
        (("settings", "pooling"), "median", "pooling cannot be 'median'"),
        (("settings", "bidirectional"), 1, "bidirectional must be True or False"),
        (("settings", "hidden_sizes"), [5, "4"], "not sound"),
        (("settings",), None, "has the parts 'settings' and 'targets'"),
        (("targets",), {}, "neither classes, nor tokens"),
        (("targets", "classes"), [1, 2], "head"),
    ],
)
def test_a_forged_configuration_is_told(tmp_path, place, value, said):
    path = save(fitted(SequenceClassifier, bidirectional=False), tmp_path / "model.safetensors")
    sealed = read_sealed(path)
    config = dict(sealed.config)
    part = config
    for name in place[:-1]:
        part[name] = dict(part[name])
        part = part[name]
    part[place[-1]] = value
    write_sealed(path, sealed.kind, config, sealed.tensors, overwrite=True)
    with pytest.raises(FileFormatError, match=said):
        runtime.load(path)
