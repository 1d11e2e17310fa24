"""Batches of a text: every token is learned once an epoch, and states carry over rightly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.errors import DataError
from gatework.write.streams import DocumentBatches, TokenStreams

DOCUMENTS = [np.arange(2, 2 + n) + 100 * n for n in (5, 9, 3, 12, 7)]


def test_streams_hold_the_documents_with_end_between_them() -> None:
    streams = TokenStreams(DOCUMENTS, rows=1, steps=50)
    batch = streams.batch(0, 0)
    expected = np.concatenate([part for d in DOCUMENTS for part in ([0], d)])
    assert batch.inputs[0].tolist() == expected.tolist()
    assert batch.targets[0].tolist() == [*expected[1:].tolist(), 0]


@given(rows=st.integers(1, 6), steps=st.integers(1, 20), epoch=st.integers(0, 3))
def test_each_piece_goes_on_where_the_one_before_ended(rows, steps, epoch) -> None:
    streams = TokenStreams(DOCUMENTS, rows, steps, seed=1)
    pieces = [streams.batch(epoch, index) for index in range(len(streams))]
    assert [piece.fresh for piece in pieces] == [True] + [False] * (len(pieces) - 1)
    inputs = np.concatenate([piece.inputs for piece in pieces], axis=1)
    targets = np.concatenate([piece.targets for piece in pieces], axis=1)
    assert (inputs[:, 1:] == targets[:, :-1]).all()
    assert inputs.size == 41 // rows * rows


def test_epochs_differ_and_a_batch_depends_on_epoch_and_index_alone() -> None:
    streams = TokenStreams(DOCUMENTS, 2, 6, seed=1)
    first = streams.batch(0, 1).inputs.clone()
    other = streams.batch(1, 1).inputs.clone()
    assert not np.array_equal(first, other)
    assert np.array_equal(streams.batch(0, 1).inputs, first)
    assert streams.describe() != TokenStreams(DOCUMENTS[::-1], 2, 6, seed=1).describe()


def test_too_few_tokens_for_the_streams_are_refused() -> None:
    with pytest.raises(DataError, match="6 tokens are too few for 7 streams"):
        TokenStreams(DOCUMENTS[:1], 7, 4)


@given(rows=st.integers(1, 6), epoch=st.integers(0, 3))
def test_document_batches_hold_each_document_once_from_end_to_end(rows, epoch) -> None:
    batches = DocumentBatches(DOCUMENTS, rows, seed=2)
    found = []
    for index in range(len(batches)):
        batch = batches.batch(epoch, index)
        assert batch.fresh
        assert batch.lengths is not None
        for inputs, targets, length in zip(
            batch.inputs.numpy(), batch.targets.numpy(), batch.lengths.tolist(), strict=True
        ):
            assert inputs[0] == 0
            assert targets[length - 1] == 0
            assert (inputs[1:length] == targets[: length - 1]).all()
            found.append(tuple(targets[: length - 1].tolist()))
    assert sorted(found) == sorted(tuple(d.tolist()) for d in DOCUMENTS)
