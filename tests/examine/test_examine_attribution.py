"""Integrated gradients: against captum, complete, and silent on what cannot matter."""

from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients

from gatework import LSTM
from gatework.errors import OptionError
from gatework.examine import integrated_gradients, run_of


def test_they_are_those_of_captum() -> None:
    torch.manual_seed(0)
    lstm = LSTM(3, [6, 4], dtype=torch.float64)
    x = np.random.default_rng(0).normal(size=(12, 3))
    run = run_of(lstm, x)
    baseline = x.mean(axis=0)
    found = integrated_gradients(run, result=2, nodes=64)
    raw = torch.from_numpy(x)

    def forward(batch: torch.Tensor) -> torch.Tensor:
        return lstm(batch.transpose(0, 1))[0][-1, :, 2]

    peer = IntegratedGradients(forward).attribute(
        raw[None],
        torch.from_numpy(baseline).expand(1, 12, 3).contiguous(),
        n_steps=64,
        method="gausslegendre",
    )
    np.testing.assert_allclose(found.values, peer[0].numpy(), rtol=1e-8, atol=1e-12)


def test_shares_sum_to_the_difference_and_later_steps_have_none() -> None:
    lstm = LSTM(2, [5], dtype=torch.float64, peephole=True)
    run = run_of(lstm, np.random.default_rng(1).normal(size=(15, 2)))
    found = integrated_gradients(run, step=8, result=1, baseline=np.zeros(2))
    assert abs(found.gap) < 1e-9
    assert found.result == pytest.approx(run.output[8, 1])
    assert np.abs(found.values[9:]).max() == 0
    assert np.abs(found.values[:9]).min() > 0


def test_bad_requests_are_refused() -> None:
    run = run_of(LSTM(1, [2]), np.zeros(4))
    refused: list[tuple[dict[str, Any], str]] = [
        ({"step": 4}, "no result 0 at step 4"),
        ({"result": 2}, "no result 2"),
        ({"baseline": np.zeros(3)}, r"shape \(1,\) or \(4, 1\)"),
        ({"nodes": 1}, "nodes must be from 2"),
    ]
    for wrong, said in refused:
        with pytest.raises(OptionError, match=said):
            integrated_gradients(run, **wrong)
