"""Whole sequences: what lies behind their ends, and how they lie in memory."""

import numpy as np


def test_padding_may_hold_anything(model) -> None:
    x = np.ones((5, 2, 3), np.float32)
    expected = model(x, lengths=[5, 2])
    x[2:, 1] = np.nan
    found = model(x, lengths=[5, 2])
    np.testing.assert_array_equal(found[0], expected[0])
    assert all(np.array_equal(found[1][name], part) for name, part in expected[1].items())
    assert not found[0][2:, 1].any()


def test_an_input_in_any_order_in_memory(model) -> None:
    x = np.asfortranarray(np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32))
    np.testing.assert_array_equal(model(x)[0], model(np.ascontiguousarray(x))[0])
    np.testing.assert_array_equal(model(x[::2])[0], model(x[::2].copy())[0])
    shifted = np.frombuffer(b"?" + x.tobytes(), np.uint8)[1:].view(np.float32).reshape(x.shape)
    np.testing.assert_array_equal(model(shifted)[0], model(x.copy())[0])
