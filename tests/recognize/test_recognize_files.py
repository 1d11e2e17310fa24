"""Files of the estimators: damage and forgeries are refused; features come back with the model."""

import random

import numpy as np
import pytest

from forging import forge_config, mishaps, put_together, take_apart
from gatework import load, save
from gatework.errors import FileFormatError, OptionError
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    Sequences,
    SequenceTagger,
    Transcriber,
)
from gatework.recognize.features.images import Rows

KINDS = ("classifier", "regressor", "tagger", "transcriber")


def pictures(count: int = 8) -> Sequences:
    """Return pictures of 4 by 3 pixels, bright above or below, read row by row."""
    draw = np.random.default_rng(0)
    features = Rows(height=4, width=3)
    contents = []
    for row in range(count):
        content = draw.integers(0, 60, (4, 3)).astype(np.uint8)
        content[slice(0, 2) if row % 2 else slice(2, 4)] += 150
        contents.append(content)
    values = tuple(features(content) for content in contents)
    names = tuple(f"{row}.png" for row in range(count))
    labels = tuple("up" if row % 2 else "down" for row in range(count))
    return Sequences(values, names, labels, "image", features, tuple(contents))


@pytest.fixture(scope="module")
def models():
    """Return a small model of each kind."""
    X = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
    return {
        "classifier": SequenceClassifier(
            (3, 2), epochs=1, pooling="attention", variants={"peephole": [True, False]}
        ).fit(pictures()),
        "regressor": SequenceRegressor((2,), epochs=1, chrono_steps=9).fit(X, X[:, :2]),
        "tagger": SequenceTagger((2,), epochs=1, bidirectional=True).fit(X, X > 0),
        "transcriber": Transcriber((2,), epochs=1).fit(X, ["ab", "b", "a", "ba"] * 2),
    }


@pytest.fixture(scope="module")
def contents(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {name: save(model, folder / name).read_bytes() for name, model in models.items()}


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "model"

    def open_bytes(content: bytes):
        path.write_bytes(content)
        return load(path)

    return open_bytes


@pytest.mark.parametrize("name", KINDS)
def test_truncations_and_mishaps_are_refused(opened, contents, name):
    content = contents[name]
    for length in range(1, len(content), 41):
        with pytest.raises(FileFormatError):
            opened(content[:length])
    for _, damaged in mishaps(content, 300, seed=4):
        with pytest.raises(FileFormatError):
            opened(damaged)


@pytest.mark.parametrize("name", KINDS)
def test_forged_configurations_load_whole_or_are_refused(opened, contents, name):
    about, entries, data = take_apart(contents[name])
    draw = random.Random(6)
    for _ in range(150):
        config = forge_config(about["config"], draw)
        try:
            model = opened(put_together({**about, "config": config}, entries, data))
        except FileFormatError:
            continue
        assert model.to_config().keys() == config.keys()
        assert len(model.predict(np.zeros((2, 7, model.channels_), np.float32))) == 2


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("part", ["settings", "targets"])
def test_every_setting_must_be_there_and_no_other(opened, contents, name, part):
    about, entries, data = take_apart(contents[name])
    given = about["config"][part]
    forgeries = [{**given, "more": 1}]
    needed = given.keys() - {"convolutions"}  # files of earlier releases lack it
    forgeries += [{n: v for n, v in given.items() if n != left} for left in needed]
    for forged in forgeries:
        config = {**about["config"], part: forged}
        with pytest.raises(FileFormatError, match="configuration that is not sound"):
            opened(put_together({**about, "config": config}, entries, data))


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("classifier", ("targets", "classes"), ["up", "up"]),
        ("classifier", ("targets", "dtype"), "i"),
        ("classifier", ("temperature",), 0),
        ("classifier", ("temperature",), True),
        ("classifier", ("channels",), 4),
        ("classifier", ("kind",), "smell"),
        ("classifier", ("features",), {"kind": "nothing"}),
        ("classifier", ("settings", "pooling"), "median"),
        ("regressor", ("targets", "outputs"), 0),
        ("regressor", ("settings", "memory"), 1),
        ("transcriber", ("targets", "tokens"), ["a", "a"]),
        ("transcriber", ("settings", "beam"), 0),
    ],
)
def test_values_that_cannot_be_are_refused(opened, contents, name, place, value):
    about, entries, data = take_apart(contents[name])
    config = dict(about["config"])
    if len(place) == 1:
        config[place[0]] = value
    else:
        config[place[0]] = {**config[place[0]], place[1]: value}
    with pytest.raises(FileFormatError, match="configuration that is not sound"):
        opened(put_together({**about, "config": config}, entries, data))


def test_a_deviation_of_nothing_is_refused(opened, models, tmp_path):
    model = models["regressor"]
    kept = model.scaling_.deviation.copy()
    model.scaling_.deviation[:] = -1
    try:
        content = save(model, tmp_path / "odd").read_bytes()
    finally:
        model.scaling_.deviation[:] = kept
    with pytest.raises(FileFormatError, match=r"scaling\.deviation must be positive"):
        opened(content)


def test_a_model_reads_files_by_its_own_features(tmp_path, models, contents, opened):
    image = pytest.importorskip("PIL.Image", reason="pictures are opened by Pillow")
    loaded = opened(contents["classifier"])
    given = pictures()
    paths = []
    for name, content in zip(given.names, given.contents or (), strict=True):
        image.fromarray(content).save(tmp_path / name)
        paths.append(tmp_path / name)
    assert loaded.predict_files(paths).tolist() == models["classifier"].predict(given).tolist()
    assert loaded.features_ == Rows(height=4, width=3)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    read = loaded.read([*paths, tmp_path / "broken.png"], skip_bad=True)
    assert len(read) == len(paths)
    assert "broken.png" in " ".join(read.remarks)


def test_what_was_fitted_to_arrays_reads_no_files(models):
    with pytest.raises(OptionError, match="was fitted to arrays and has no features"):
        models["tagger"].predict_files(["a.png"])
    with pytest.raises(OptionError, match="has not been fitted"):
        SequenceTagger().read(["a.png"])


def test_arguments_of_a_run_stay_behind(tmp_path, models):
    X = np.random.default_rng(0).normal(size=(8, 6))
    model = SequenceClassifier(
        (2,), epochs=1, class_weight="balanced", validation=(X, [0, 1] * 4), patience=3
    ).fit(X, [0, 1] * 4)
    loaded = load(save(model, tmp_path / "model"))
    assert (loaded.class_weight, loaded.validation, loaded.patience) == (None, "auto", 3)
    assert loaded.get_params()["epochs"] == 1
    assert (loaded.predict(X) == model.predict(X)).all()
