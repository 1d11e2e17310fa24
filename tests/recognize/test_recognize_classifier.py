"""The classifier: it learns, weighs, calibrates, streams, and comes back from its file the same."""

from typing import Any

import numpy as np
import pytest
import torch

from gatework import load, save
from gatework.errors import DataError, OptionError, ShapeError
from gatework.examine.run import bare_stack
from gatework.recognize import SequenceClassifier, Sequences
from gatework.recognize.losses import ClassLoss
from gatework.recognize.weights import LabelledPart
from gatework.runtime.pooled import POOLINGS
from gatework.train import TrainingInterrupted


def waves(count: int = 60, seed: int = 0, shortest: int = 6, longest: int = 18):
    """Return noisy waves of two channels, slow or fast, of different lengths."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for row in range(count):
        steps = np.arange(draw.integers(shortest, longest + 1))
        pace = (0.4, 1.6)[row % 2]
        wave = np.sin(pace * steps + draw.uniform(0, 6))
        X.append(np.stack([wave, 50 + 9 * draw.normal(size=len(steps))], axis=1))
        y.append(("slow", "fast")[row % 2])
    return X, np.array(y)


def small(**settings) -> SequenceClassifier:
    usual = {"hidden_sizes": (12,), "epochs": 15, "batch_size": 8, "learning_rate": 0.03}
    return SequenceClassifier(**{**usual, "members": 1, **settings})


@pytest.fixture(scope="module")
def fitted() -> SequenceClassifier:
    return small(epochs=25, bidirectional=False).fit(*waves(120))


def test_it_recognises_sequences_of_lengths_it_has_not_seen(fitted):
    X, y = waves(40, seed=1, shortest=19, longest=24)
    assert fitted.score(X, y) >= 0.9
    assert fitted.classes_.tolist() == ["fast", "slow"]
    assert set(fitted.predict(X)) <= {"slow", "fast"}


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_pooling_learns_and_ignores_what_stands_beside_it(pooling, bidirectional):
    X, y = waves()
    model = small(pooling=pooling, bidirectional=bidirectional, validation=None).fit(X, y)
    assert model.score(X, y) >= 0.9
    together, alone = model.predict_proba(X), np.concatenate([model.predict_proba([x]) for x in X])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-6)


def test_arrays_lists_and_sequences_are_the_same_to_it():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(20, 7, 2))
    y = np.arange(20) % 2
    models = [
        small(epochs=2).fit(*data)
        for data in (
            (X, y),
            (list(X), y.tolist()),
            (Sequences(tuple(X), tuple("abcdefghijklmnopqrst"), tuple("01" * 10)),),
        )
    ]
    first, second, third = (model.predict_proba(X) for model in models)
    assert (first == second).all()
    assert (first == third).all()
    assert models[2].classes_.tolist() == ["0", "1"]
    assert models[2].predict(X[:1])[0] in ("0", "1")


def test_the_same_seed_gives_the_same_bits_and_another_another():
    X, y = waves(30)
    one, same, other = (small(epochs=2, seed=seed).fit(X, y).predict_proba(X) for seed in (3, 3, 4))
    assert (one == same).all()
    assert (one != other).any()


def test_balanced_weights_hear_the_rare_class():
    draw = np.random.default_rng(0)
    y = np.array([0] * 92 + [1] * 8)
    X = draw.normal(size=(100, 5)) + 1.0 * y[:, None]
    settings = {"validation": None, "epochs": 12}
    plain = small(**settings).fit(X, y)
    fair = small(**settings, class_weight="balanced").fit(X, y)
    only = small(**settings, class_weight={0: 0.0}).fit(X, y)
    found = [int((model.predict(X) == 1).sum()) for model in (plain, fair, only)]
    assert found[0] < found[1] < found[2]
    assert found[2] > 90


def test_probabilities_are_calibrated_on_what_was_kept_apart():
    draw = np.random.default_rng(0)
    truth = np.arange(300) % 2
    X = draw.normal(size=(300, 6)) + 0.8 * truth[:, None]
    y = np.where(draw.random(300) < 0.25, 1 - truth, truth)  # a quarter is labelled wrongly
    over = {"hidden_sizes": (32,), "epochs": 25, "schedule": "constant", "batch_size": 25}
    kept = np.arange(300) >= 150
    model = small(**over, validation=(X[kept], y[kept]))
    raw = small(**over, validation=None).fit(X[~kept], y[~kept])
    sure = raw.predict_proba(X[kept]).max(axis=1).mean() - raw.score(X[kept], y[kept])
    model.fit(X[~kept], y[~kept])
    model.network_ = raw.network_
    model._finish(LabelledPart(model.check(X[kept], y[kept]), list(y[kept])))
    honest = model.predict_proba(X[kept]).max(axis=1).mean() - model.score(X[kept], y[kept])
    assert model.temperature_ > 1.2
    assert sure > 0.1
    assert abs(honest) < sure / 2


def test_the_best_epoch_is_kept_and_patience_stops():
    X, y = waves(60)
    model = small(epochs=40, patience=2, validation=0.3, schedule="constant").fit(X, y)
    history = model.history_
    assert history.stopped == "patience"
    assert history.best_epoch == 1 + int(np.argmin(history.validation))


def test_a_stream_says_what_the_whole_sequence_says(fitted):
    X, _ = waves(3, seed=5)
    stream = fitted.stream()
    assert stream.push(X[0][:0]) is None
    for cut in (1, 4, len(X[0])):
        stream.restart()
        reading = [stream.push(part) for part in np.array_split(X[0], cut)][-1]
        assert reading is not None
        np.testing.assert_allclose(
            reading.probabilities, fitted.predict_proba(X[:1])[0], rtol=1e-4, atol=1e-6
        )
        assert reading.label == fitted.predict(X[:1])[0]
        assert (reading.steps, reading.decided) == (len(X[0]), None)


@pytest.mark.parametrize(
    ("pooling", "convolutions"), [*((one, "beside") for one in POOLINGS), ("mean", "before")]
)
def test_streams_know_every_beginning(pooling, convolutions):
    X, y = waves(30)
    settings = {"pooling": pooling, "convolutions": convolutions, "bidirectional": False}
    model = small(epochs=3, **settings).fit(X, y)
    stream, whole = model.stream(), np.empty(0)
    for step, row in enumerate(X[0], 1):
        reading = stream.push(row)
        whole = model.predict_proba([X[0][:step]])[0]
        np.testing.assert_allclose(reading.probabilities, whole, rtol=1e-4, atol=1e-6)
    stream.restart()
    np.testing.assert_allclose(stream.push(X[0]).probabilities, whole, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "variants",
    [{"exponential_gating": True}, {"proj_size": 5, "peephole": True}, {"learned_state": True}],
)
def test_streams_of_variants_with_and_without_native_kernels(variants, monkeypatch):
    X, y = waves(30)
    model = small(epochs=2, hidden_sizes=(8, 8), variants=variants, bidirectional=False).fit(X, y)
    packed = model.stream()
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    plain = model.stream()
    whole = model.predict_proba(X[:1])[0]
    for stream in (packed, plain):
        stream.push(X[1])
        stream.restart()
        reading = [stream.push(part) for part in np.array_split(X[0], 3)][-1]
        np.testing.assert_allclose(reading.probabilities, whole, rtol=1e-4, atol=1e-6)


def test_a_stream_decides_early_and_stays_with_it(fitted):
    X, _ = waves(1, seed=7, shortest=18)
    stream = fitted.stream(confidence=0.6, hold=3, least=5)
    readings = [stream.push(row) for row in X[0]]
    decided = readings[-1].decided
    assert 5 <= decided < 18
    assert all(reading.decided is None for reading in readings[: decided - 1])
    sure = [reading.probability >= 0.6 for reading in readings[decided - 3 : decided]]
    assert sure == [True] * 3
    assert {reading.label for reading in readings[decided - 1 :]} == {readings[decided - 1].label}
    whole = fitted.stream(confidence=0.6, hold=3, least=5)
    assert whole.push(X[0]).decided == decided  # in one piece, too


def test_streams_refuse_what_does_not_fit(fitted):
    stream = fitted.stream()
    with pytest.raises(ShapeError, match=r"must have the shape \(n, 2\), got \(4, 3\)"):
        stream.push(np.zeros((4, 3)))
    stream.push(np.zeros((2, 2)))
    with pytest.raises(ShapeError, match="step 4 of the stream, channel 1, is not a finite number"):
        stream.push([[0, 0], [np.nan, 0]])
    assert stream.steps == 2
    with pytest.raises(OptionError, match="confidence must be from above 0 to 1, got 2; hold must"):
        fitted.stream(confidence=2, hold=0)
    X, y = waves(20)
    both = small(epochs=1).fit(X, y)
    with pytest.raises(OptionError, match="fitted with bidirectional=True and reads"):
        both.stream()


@pytest.mark.parametrize(
    "labels",
    [np.array(["no", "yes"]), np.array([3, 7]), np.array([0.0, 1.0]), np.array([False, True])],
)
def test_a_loaded_model_says_the_same(tmp_path, labels):
    X, y = waves(24)
    given = labels[(y == "slow").astype(int)]
    model = small(
        epochs=2,
        pooling="attention",
        chrono_steps=20,
        variants={"layer_norm": True, "peephole": [True]},
    ).fit(X, given)
    path = save(model, tmp_path / "model")
    loaded = load(path)
    assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
    assert (loaded.predict(X) == model.predict(X)).all()
    assert loaded.classes_.dtype == model.classes_.dtype
    assert save(loaded, tmp_path / "again").read_bytes() == path.read_bytes()


def test_a_training_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path):
    X, y = waves(40)

    class Stop:
        def start(self, *_):
            self.steps = 0

        def step(self, *_):
            self.steps += 1
            if self.steps == 7:
                raise KeyboardInterrupt

        def epoch(self, *_):
            pass

        def stop(self):
            pass

    whole = small(epochs=3).fit(X, y).predict_proba(X)
    kept = small(epochs=3, checkpoint=tmp_path / "run", checkpoint_every=1, progress=Stop())
    with pytest.raises(TrainingInterrupted, match="keeps the first 6 of 15 steps"):
        kept.fit(X, y)
    kept.progress = None
    assert (kept.fit(X, y).predict_proba(X) == whole).all()


def test_all_mistakes_of_the_arguments_are_told_at_once():
    wrong: Any = dict(
        hidden_sizes=(8, 0),
        bidirectional="yes",
        variants={"peepholes": True},
        chrono_steps=1,
        dropout=1.5,
        standardize="channels",
        epochs=0,
        batch_size=0,
        learning_rate=0.0,
        schedule="cosin",
        clip_norm=-1,
        validation=2,
        patience=0,
        seed=-1,
        pooling="maximum",
        class_weight="fair",
    )
    with pytest.raises(OptionError) as told:
        SequenceClassifier(**wrong).fit([[1.0]], ["a"])
    for part in (
        "hidden_sizes must be whole numbers from 1 to",
        "bidirectional must be True or False, got 'yes'",
        "'peepholes' is none of",
        "did you mean 'peephole'?",
        "chrono_steps must be a whole number of steps from 3",
        "dropout must be from 0 to below 1, got 1.5",
        "did you mean 'channel'?",
        "epochs must be a whole number of at least 1, got 0",
        "batch_size must be",
        "learning_rate must be more than 0",
        "did you mean 'cosine'?",
        "clip_norm must be a positive number or None, got -1",
        "validation must be a share between 0 and 1, got 2",
        "patience must be",
        "seed must be",
        "pooling must be one of last, mean, max, attention, got 'maximum'",
        "class_weight must be 'balanced'",
    ):
        assert part in str(told.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"variants": {"coupled_gates": True, "exponential_gating": True}}, "exclude each other"),
        ({"chrono_steps": 9, "variants": {"bias": False}}, "chrono_steps is a matter of the bias"),
        ({"chrono_steps": 9, "variants": {"forget_bias": 2.0}}, "both set the forget gates"),
        ({"patience": 3, "validation": None}, "patience needs validation"),
        ({"checkpoint_every": 3}, "checkpoint_every needs a checkpoint"),
        ({"class_weight": {"a": -1}}, r"class_weight\['a'\] must be a number of at least 0"),
        ({"class_weight": {"c": 1}}, "class_weight has 'c', but the classes are a, b"),
    ],
)
def test_contradictions_are_refused(settings, said):
    with pytest.raises(OptionError, match=said):
        small(**settings).fit([[1.0, 2.0], [2.0, 1.0]], ["a", "b"])


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        ([[1.0], [2.0]], ["a", "a"], "there is one class alone, 'a'"),
        ([[1.0], []], ["a", "b"], r"'X\[1\]' has no step"),
        ([[1.0], [np.nan]], ["a", "b"], r"X\[1\]\[0\] is NaN\nhint: fill"),
        ([[1.0], [1e300]], ["a", "b"], r"X\[1\]\[0\] is infinite, or too large for float32"),
        ([[1.0], [2.0]], ["a"], "there are 2 sequences but 1 label"),
        ([[1.0], [2.0]], None, r"requires y to be passed.*\nhint: fit\(X, y\)"),
        ([[1.0], [2.0]], [0.5, 1.0], r"Unknown label type: 0\.5 is no class"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], ["a", "b"], "has 3 channels"),
        (np.zeros((2, 2, 2, 2)), ["a", "b"], r"shape \(N, T, C\)"),
        ([], [], "there is no sequence"),
        ("waves", ["a", "b"], "must be an array, a list of arrays or Sequences, got str"),
        ([["x"], ["y"]], ["a", "b"], r"X\[0\] must hold numbers"),
    ],
)
def test_data_that_cannot_be_used_are_named(X, y, said):
    with pytest.raises(DataError, match=said):
        small().fit(X, y)


def test_what_is_asked_of_it_must_fit(fitted):
    with pytest.raises(DataError, match="have 3 channels, but the model was fitted to 2"):
        fitted.predict(np.zeros((1, 4, 3)))
    with pytest.raises(OptionError, match="has not been fitted"):
        SequenceClassifier().predict([[1.0]])
    with pytest.raises(OptionError, match="has not been fitted"):
        SequenceClassifier().to_config()
    few = small(patience=1)
    with pytest.raises(DataError, match=r"2 sequences are too few to keep 0\.1 of them apart"):
        few.fit([[1.0], [2.0]], ["a", "b"])


@pytest.fixture(scope="module")
def several() -> SequenceClassifier:
    model = SequenceClassifier((4,), epochs=2, bidirectional=False)
    return model.fit(*waves(20))


def test_few_series_are_told_by_the_mean_of_three_networks(several, tmp_path):
    X, _ = waves(6, seed=1)
    network = several.network_
    assert several.members_ == 3
    x = torch.from_numpy(several.scaling_.apply(X[0])).unsqueeze(1)
    with torch.no_grad():
        each = torch.stack([one._told(x, None, None)[0] for one in network.networks])
    assert each.std(dim=0).min() > 1e-3  # from weights of its own each
    shares = each.mean(dim=0).softmax(dim=0).numpy()
    np.testing.assert_allclose(several.predict_proba(X)[0], shares, rtol=1e-5)
    np.testing.assert_allclose(several.stream().push(X[0]).probabilities, shares, rtol=1e-4)
    again = load(save(several, tmp_path / "model.safetensors"))
    assert again.members_ == 3
    assert (again.predict_proba(X) == several.predict_proba(X)).all()


def test_of_several_networks_the_first_is_looked_into_and_all_are_told(several):
    X, _ = waves(1, seed=1)
    run = several.examine(X)
    assert "the first of 3 networks" in run.title
    assert run.layers[-1].options == ("mean of 3 networks",)
    np.testing.assert_allclose(np.exp(run.output[-1]), several.predict_proba(X)[0], rtol=1e-4)
    stack = bare_stack(several)
    assert stack is not None
    assert stack.layers[0].hidden_size == 4


def test_several_networks_learn_each_by_itself():
    draw = torch.Generator().manual_seed(0)
    told, target = torch.randn(2, 5, 3, generator=draw), torch.tensor([0, 1, 2, 0, 1])
    for weights in (None, torch.rand(5, generator=draw)):
        for classes in (None, torch.tensor([1.0, 2.0, 0.5])):
            loss = ClassLoss(classes)
            each = torch.stack([loss(one, target, weights) for one in told]).mean()
            torch.testing.assert_close(loss(told, target, weights), each)


def test_a_wrong_number_of_networks_is_refused():
    for wrong in (0, "many", True):
        with pytest.raises(
            OptionError, match="members must be 'auto' or a whole number from 1 to 64"
        ):
            small(members=wrong).fit([[1.0], [2.0]], ["a", "b"])


def test_standardising_makes_units_meaningless():
    X, y = waves(40)
    large = [x * np.array([1000.0, 0.001]) - 5 for x in X]
    still = small(epochs=3, augment=None)
    one, other = (still.fit(data, y).predict_proba(data) for data in (X, large))
    np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3)


def test_augmentation_is_drawn_anew_in_every_epoch_and_the_same_for_a_seed():
    class Shaken:
        reads = "array"
        keeps_steps = keeps_whole = True

        def __init__(self):
            self.seen = []

        def __repr__(self):
            return "Shaken()"

        def vary(self, content, draw):
            raise AssertionError("arrays have no content")

        def vary_features(self, values, draw):
            varied = values + draw.normal(size=values.shape).astype(np.float32)
            self.seen.append(varied)
            return varied

    X, y = waves(8, shortest=6, longest=6)
    shaken = [Shaken(), Shaken()]
    found = [
        small(epochs=2, validation=None, augment=one).fit(X, y).predict_proba(X) for one in shaken
    ]
    assert (found[0] == found[1]).all()
    seen = np.array(shaken[0].seen)
    assert seen.shape == (16, 6, 2)
    assert len(np.unique(seen[:, 0, 0])) == 16
    plain = small(epochs=2, validation=None).fit(X, y).predict_proba(X)
    assert (plain != found[0]).any()


def test_the_layers_are_described(fitted):
    names = [layer.name for layer in fitted.layer_summary()]
    assert names == ["LSTM 1", "Convolutions beside", "Head"]
    assert sum(layer.parameters for layer in fitted.layer_summary()) == sum(
        parameter.numel() for parameter in fitted.network_.parameters()
    )


def test_padding_that_is_not_finite_reaches_nothing(fitted):
    network = fitted.network_
    x = torch.randn(9, 2, 2)
    x[5:, 0] = torch.nan
    with torch.no_grad():
        padded = network(x, None, torch.tensor([5, 9]))[0]
        alone = network(x[:5, :1])[0]
    assert torch.allclose(padded[0], alone[0], atol=1e-6)
