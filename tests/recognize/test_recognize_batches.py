"""Batches of sequences: whole, alike in length, the same for the same epoch and index."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatework.recognize import Sequences
from gatework.recognize.batches import SequenceBatches, batch_rows, in_order
from gatework.recognize.scaling import Scaling
from gatework.train import Batches

lengths = st.lists(st.integers(1, 9), min_size=1, max_size=40)


def of(sizes, channels: int = 2) -> Sequences:
    """Return sequences whose values tell their row and step."""
    parts = tuple(
        np.stack([np.full(size, row + 1.0), np.arange(size) + 1.0], axis=1)[:, :channels]
        for row, size in enumerate(sizes)
    )
    return Sequences(parts, tuple(map(str, range(len(sizes)))))


def plain(sizes, batch_size: int, **settings) -> SequenceBatches:
    scaling = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
    targets = settings.pop("targets", np.arange(len(sizes)))
    return SequenceBatches(of(sizes), list(targets), batch_size, scaling, **settings)


@given(lengths, st.integers(1, 7), st.integers(0, 5), st.booleans())
def test_every_sequence_comes_once_an_epoch_and_whole(sizes, batch_size, epoch, shuffle):
    batches = plain(sizes, batch_size, seed=1, shuffle=shuffle)
    assert isinstance(batches, Batches)
    seen = []
    for index in range(len(batches)):
        batch = batches.batch(epoch, index)
        found = [len(batch.inputs)] * batch.inputs.shape[1]
        if batch.lengths is not None:
            found = batch.lengths.tolist()
        assert len(batch.inputs) == max(found)
        for place, (row, length) in enumerate(zip(batch.targets.tolist(), found, strict=True)):
            seen.append(row)
            assert length == sizes[row]
            column = batch.inputs[:, place]
            assert (column[:length, 0] == row + 1).all()
            assert column[:length, 1].tolist() == list(range(1, length + 1))
            assert not column[length:].any()
    assert sorted(seen) == list(range(len(sizes)))


@given(lengths, st.integers(1, 7))
def test_a_batch_is_a_function_of_epoch_and_index(sizes, batch_size):
    one, other = plain(sizes, batch_size, seed=4), plain(sizes, batch_size, seed=4)
    places = [(epoch, index) for epoch in (2, 0, 1) for index in range(len(one))]
    there = {place: one.batch(*place) for place in places}
    for place in reversed(places):
        batch = other.batch(*place)
        assert torch.equal(batch.inputs, there[place].inputs)
        assert torch.equal(batch.targets, there[place].targets)


def test_epochs_differ_and_alike_lengths_lie_together():
    draw = np.random.default_rng(0)
    sizes = draw.integers(1, 100, 1000)
    orders = [batch_rows(sizes, 10, np.random.default_rng(seed)) for seed in (0, 1)]
    assert any((a != b).any() for a, b in zip(*orders, strict=True))
    padded = sum(len(rows) * sizes[rows].max() for rows in orders[0]) / sizes.sum()
    shuffled = draw.permutation(1000).reshape(-1, 10)
    without = sum(10 * sizes[rows].max() for rows in shuffled) / sizes.sum()
    assert padded < 1.2 < 1.6 < without


def test_targets_of_every_shape():
    assert plain([3, 3, 3], 3).batch(0, 0).lengths is None
    assert plain([3, 3, 3], 3, always_lengths=True).batch(0, 0).lengths is not None
    many = plain([2, 3], 2, targets=[np.array([1.0, 2.0]), np.array([3.0, 4.0])], shuffle=False)
    assert many.batch(0, 0).targets.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    ragged = [np.array([5]), np.array([6, 7, 8])]
    rows = plain([2, 3], 2, targets=ragged, shuffle=False, fill=-1)
    assert rows.batch(0, 0).targets.tolist() == [[5, -1, -1], [6, 7, 8]]
    steps = plain([1, 3], 2, targets=ragged, shuffle=False, fill=-1, by_step=True)
    assert steps.batch(0, 0).targets.tolist() == [[5, 6], [-1, 7], [-1, 8]]


def test_what_describes_them_changes_with_data_and_order():
    base = plain([2, 3], 2).describe()
    assert plain([2, 3], 2).describe() == base
    for other in (
        plain([2, 4], 2),
        plain([2, 3], 1),
        plain([2, 3], 2, seed=1),
        plain([2, 3], 2, targets=[1, 0]),
        plain([2, 3], 2, shuffle=False),
    ):
        assert other.describe() != base


@given(lengths, st.integers(1, 50))
def test_running_in_order_holds_to_its_size_and_misses_nothing(sizes, steps):
    scaling = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
    seen = []
    for rows, inputs, found in in_order(of(sizes), scaling, steps):
        assert len(rows) == 1 or inputs.shape[0] * inputs.shape[1] <= steps
        assert found.tolist() == [sizes[row] for row in rows]
        seen += rows.tolist()
    assert sorted(seen) == list(range(len(sizes)))


@pytest.mark.parametrize(
    ("how", "kind", "mean", "deviation"),
    [
        ("channel", "array", [2.0, 0.0, 5.0], [1.0, 1.0, 1.0]),
        ("auto", "sound", [2.0, 0.0, 5.0], [1.0, 1.0, 1.0]),
        ("together", "array", [2.5, 2.5, 2.5], [1.9790571] * 3),
        ("auto", "image", [2.5, 2.5, 2.5], [1.9790571] * 3),
        ("none", "array", [0.0] * 3, [1.0] * 3),
    ],
)
def test_what_is_taken_from_channels(how, kind, mean, deviation):
    """A channel of numbers, one of marks, one that never changes."""
    values = [np.array([[1.0, 0.0, 5.0]], np.float32), np.array([[3.0, 1.0, 5.0]], np.float32)]
    scaling = Scaling.of(values, how, kind)
    np.testing.assert_allclose(scaling.mean, mean, rtol=1e-6)
    np.testing.assert_allclose(scaling.deviation, deviation, rtol=1e-6)
