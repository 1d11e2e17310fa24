"""Batches: functions of epoch and index, and what they refuse."""

from itertools import pairwise
from typing import Any

import pytest
import torch

from gatework.errors import DataError, OptionError
from gatework.train import ShuffledBatches, StreamBatches
from training import series, shuffled


def test_batches_are_functions_of_epoch_and_index() -> None:
    batches = shuffled(batch_size=3)
    assert len(batches) == 3
    late = batches.batch(7, 1).inputs
    batches.batch(0, 0)
    assert torch.equal(batches.batch(7, 1).inputs, late)
    assert torch.equal(shuffled(batch_size=3).batch(7, 1).inputs, late)


def test_an_epoch_has_every_sample_once_in_an_order_of_its_own() -> None:
    batches = shuffled(batch_size=3)
    rows = [batches.batch(2, i).targets[:, 0, 0] for i in range(3)]
    assert sorted(torch.cat(rows).tolist()) == sorted(batches.targets[:, 0, 0].tolist())
    orders = [batches.batch(epoch, 0).inputs[:, 0, 0].tolist() for epoch in range(4)]
    assert any(a != b for a, b in pairwise(orders))


def test_inputs_targets_and_lengths_stay_together() -> None:
    numbers = torch.arange(10).reshape(10, 1)
    batches = ShuffledBatches(
        numbers.float(), numbers, batch_size=4, lengths=(numbers % 2).squeeze(1)
    )
    for index in range(len(batches)):
        batch = batches.batch(3, index)
        assert torch.equal(batch.inputs.long(), batch.targets)
        assert batch.lengths is not None
        assert torch.equal(batch.lengths, batch.targets.squeeze(1) % 2)


def test_pieces_of_a_stream_follow_each_other() -> None:
    x = series(rows=2, steps=20)
    batches = StreamBatches(x, x, steps=8)
    pieces = [batches.batch(5, index) for index in range(len(batches))]
    assert torch.equal(torch.cat([piece.inputs for piece in pieces], dim=1), x)
    assert [piece.fresh for piece in pieces] == [True, False, False]


def test_the_description_tells_data_apart() -> None:
    x = series()
    changed = x.clone()
    changed[7, 19, 0] += 1e-6
    assert ShuffledBatches(x, x, 4).describe() == ShuffledBatches(x.clone(), x, 4).describe()
    others = [
        ShuffledBatches(x, changed, 4),
        ShuffledBatches(x.double(), x, 4),
        ShuffledBatches(x, x, 4, lengths=torch.full((8,), 20)),
        ShuffledBatches(x, x, 3),
        StreamBatches(x, x, 4),
    ]
    described = [str(batches.describe()) for batches in others]
    assert len({*described, str(ShuffledBatches(x, x, 4).describe())}) == 6


def test_bad_data_are_refused() -> None:
    x = series()
    bad = x.clone()
    bad[3, 4, 0] = float("inf")
    lengths: Any
    for inputs, targets, lengths, message in (
        (x, x[1:], None, "there are 8 inputs but 7 targets"),
        (x[:0], x[:0], None, "there are no samples"),
        (x, bad, None, r"targets\[3, 4, 0\] is inf, expected a number"),
        (x.numpy(), x, None, "inputs must be a tensor of at least one dimension, got ndarray"),
        (x, torch.tensor(1.0), None, "targets must be a tensor .* got a single number"),
        (x, x, torch.ones(7).long(), "there are 8 inputs but 7 lengths"),
        (x, x, torch.full((8,), 21), r"lengths\[0\] must be from 0 to 20.*got 21"),
        (x, x, torch.ones(8), "lengths must be a tensor with one whole number"),
        (x, x, [20] * 8, "lengths must be a tensor with one whole number"),
        (x[:, 0, 0], x, torch.ones(8).long(), r"lengths need inputs of \(N, T"),
    ):
        with pytest.raises(DataError, match=message):
            ShuffledBatches(inputs, targets, 2, lengths=lengths)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"must both begin with \(B, T\)"):
        StreamBatches(x, x[:, 1:], steps=4)
    with pytest.raises(DataError, match=r"inputs\[3, 4, 0\] is inf"):
        StreamBatches(bad, x, steps=4)


def test_bad_options_are_refused() -> None:
    x = series()
    with pytest.raises(OptionError, match="batch_size must be a whole number of at least 1, got 0"):
        ShuffledBatches(x, x, batch_size=0)
    with pytest.raises(OptionError, match="seed must be a whole number, got 'x'"):
        ShuffledBatches(x, x, batch_size=2, seed="x")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="steps must be a whole number of at least 1, got True"):
        StreamBatches(x, x, steps=True)


def test_everything_wrong_is_said_at_once() -> None:
    x = series()
    bad = x.clone()
    bad[0, 0, 0] = float("nan")
    with pytest.raises(DataError) as caught:
        ShuffledBatches(bad, x[1:], batch_size=-1)
    for part in ("8 inputs but 7 targets", "inputs[0, 0, 0] is nan", "batch_size must be"):
        assert part in str(caught.value)
