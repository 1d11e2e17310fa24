"""A recogniser in the runtime says what its estimator says, whole and step by step."""

from itertools import product
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="it compares with torch, which is not installed")

from gatework import runtime, save
from gatework.errors import FileFormatError, OptionError, ShapeError
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
)
from gatework.recognize.packed import packed
from gatework.recognize.pooling import Pooling
from gatework.runtime.pooled import POOLINGS, RunningPool
from gatework.runtime.recognizer import CONVOLUTIONS
from gatework.storage import Tensor, read_sealed, write_sealed
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
    if kind is SequenceClassifier:
        settings["members"] = 3 if settings.get("pooling") == "mean" else 1
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


def test_labels_are_of_the_dtype_of_all_classes(tmp_path):
    made = SequenceClassifier((3,), epochs=1, validation=None).fit(X, ["a", "long"] * 8)
    path = save(made, tmp_path / "model.safetensors")
    alone = packed(read_sealed(path), path)
    for x in X:
        assert repr(alone.predict([x])) == repr(made.predict([x]))


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
    with pytest.raises(ShapeError, match="there must be a sequence"):
        model(np.zeros((4, 0, 3)))
    stream, x = model.stream(), X[int(np.argmax([len(x) for x in X]))]
    for wrong in (x.T, x[:3].ravel(), np.zeros(2), 1.0, []):
        with pytest.raises(ShapeError, match=r"must have the shape \(n, 3\), got "):
            stream.push(wrong)
    np.testing.assert_array_equal(stream.push(x[0])[0], model.stream().push(x[:1])[0])


def test_whatever_padding_holds_is_not_looked_at(tmp_path):
    model = runtime.load(
        save(fitted(SequenceTagger, bidirectional=True), tmp_path / "model.safetensors")
    )
    x = np.stack([X[0][:1].repeat(5, axis=0)] * 2, axis=1)
    told = model(x, [2, 5])
    for value in (np.nan, np.inf, 3e38):
        x[2:, 0] = value
        found = model(x, [2, 5])
        np.testing.assert_array_equal(found[:2, 0], told[:2, 0])
        np.testing.assert_array_equal(found[:, 1], told[:, 1])


@pytest.mark.parametrize("apart", [50.0, 90.0, 800.0])
def test_attention_on_beginnings_holds_however_far_scores_lie_apart(apart):
    output = DRAW.normal(0, 1, (9, 2)).astype(np.float32)
    output[:, 0] = np.array([0, 1, 3, 2, 2, 2.5, 4, 1, 5]) * apart
    score, whole = np.array([1.0, 0.0], np.float32), Pooling("attention", 2)
    assert whole.score is not None
    with torch.no_grad():
        whole.score.weight.copy_(torch.from_numpy(score))
        whole.score.bias.zero_()
        truth = [whole(torch.from_numpy(output[:n, None]), None)[0].numpy() for n in range(1, 10)]
        for ends in ([9], [4, 9], range(1, 10)):
            pool, pooled, begin = RunningPool("attention", (score, 0.0)), None, 0
            for end in ends:
                found = pool.after(output[begin:end])
                other, pooled = whole.running(torch.from_numpy(output[begin:end, None]), pooled)
                for one in (found, other[:, 0].numpy()):
                    np.testing.assert_allclose(one, truth[begin:end], **FEW_STEPS32._asdict())
                begin = end


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
        (("settings", "variants"), {"batch_first": True}, "variants cannot have 'batch_first'"),
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


def test_forged_numbers_of_a_regressor_are_told(tmp_path):
    path = save(fitted(SequenceRegressor, bidirectional=False), tmp_path / "model.safetensors")
    sealed = read_sealed(path)
    for name in ("scaling.deviation", "targets.deviation"):
        there = sealed.tensors[name]
        forged = {name: Tensor(there.dtype, there.shape, bytes(len(there.data)))}
        write_sealed(path, sealed.kind, sealed.config, sealed.tensors | forged, overwrite=True)
        with pytest.raises(FileFormatError, match=f"has '{name}' that is not positive throughout"):
            runtime.load(path)
    config = sealed.config | {"targets": {"outputs": 2, "flat": True}}
    write_sealed(path, sealed.kind, config, sealed.tensors, overwrite=True)
    with pytest.raises(FileFormatError, match="outputs must be 1 where they are flat, got 2"):
        runtime.load(path)
