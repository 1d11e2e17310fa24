"""The film of a training: drawn from its record, and true to it."""

import re

import numpy as np
import pytest
import torch
from drawings import drawn, of_class, texts

from gatework import LSTM
from gatework.demo.networks import DemoNetwork, train_series
from gatework.errors import OptionError
from gatework.look import film_chart, film_frames, film_report, frames_of
from gatework.train import ShuffledBatches, Trainer, read_record


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    from gatework.demo import networks

    folder = tmp_path_factory.mktemp("film") / "run"
    before, networks.EPOCHS = networks.EPOCHS, 3
    try:
        made, run = train_series(folder)
    finally:
        networks.EPOCHS = before
    return made.network, run, read_record(folder)


def test_frames_are_the_network_as_it_was(trained) -> None:
    network, run, record = trained
    frames = frames_of(network, record, run.raw[:, 0])
    assert frames.epochs == (0, 1, 2, 3)
    np.testing.assert_allclose(frames.runs[-1].output, run.output, rtol=1e-5)
    assert np.abs(frames.runs[0].output - run.output).max() > 0.05
    assert frames_of(network, record, run.raw[:, 0], most=2).epochs == (0, 3)
    named = frames_of(network, record, run, most=2).runs[0]
    assert (named.labels, named.names) == (run.labels, run.names)
    np.testing.assert_array_equal(named.values, run.values)


def test_the_film_and_its_frames_are_sound(trained) -> None:
    network, run, record = trained
    frames = frames_of(network, record, run.raw[:, 0], most=3)
    for language in ("en", "zh"):
        root = drawn(film_chart(frames, language=language))
        assert len(of_class(root, "line", "mark")) == 6  # gradients and half-lives of three layers
    assert "mean forget gate, layer 3" in texts(drawn(film_chart(frames)))
    assert [epoch for epoch, _ in film_frames(frames, layer=2)] == [0, 1, 3]


def test_another_network_or_no_snapshots_are_refused(trained) -> None:
    _, run, record = trained
    with pytest.raises(OptionError, match="another architecture"):
        frames_of(DemoNetwork(2, 1), record, run.raw[:, 0])
    record.snapshots.clear()
    with pytest.raises(OptionError, match="holds no snapshots"):
        frames_of(DemoNetwork(1, 1), record, run.raw[:, 0])


def test_the_film_of_a_wide_layer_shows_less_of_it(tmp_path) -> None:
    windows = torch.zeros(4, 130, 1)
    model = DemoNetwork(1, 1)
    model.lstm, model.head = LSTM(1, [256], batch_first=True), torch.nn.Linear(256, 1)
    Trainer(model, torch.nn.MSELoss(), epochs=10, record=tmp_path / "run").fit(
        ShuffledBatches(windows, windows, batch_size=4)
    )
    frames = frames_of(model, read_record(tmp_path / "run"), np.sin(np.arange(130) / 5))
    page = film_report(frames)
    assert page.count('data-when="epoch:') == 6
    assert page.count(">129: ") == 2, "what is read stands once for desks and phones"
    assert len(page.encode()) < 1_000_000
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids), "each frame has a name of its own"
