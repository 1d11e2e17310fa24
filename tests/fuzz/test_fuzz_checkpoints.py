"""Checkpoints forged under right digests: gone on from, or refused by a sentence."""

import pytest
import torch
from mutants import sealed, tried

from training import network, shuffled, trainer

KINDS = {
    "plain": {"epochs": 2},
    "one-cycle": {"epochs": 1, "schedule": "one-cycle", "checkpoint_every": 1},
    "average": {"epochs": 1, "schedule": "plateau", "average": 0.9, "optimizer": "sgd"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint(kind, tmp_path, times, seed) -> None:
    path = tmp_path / "checkpoint"

    def run():
        model = network(recurrent_dropout=0.3)
        trainer(model, checkpoint=path, **KINDS[kind]).fit(shuffled(), lambda model: 0.5)
        return model

    def take(mutant: bytes) -> None:
        path.write_bytes(mutant)
        assert all(torch.isfinite(weight).all() for weight in run().parameters())

    run()
    taken, refused = tried(sealed(path.read_bytes(), times(25), seed), take)
    assert refused > taken > 0
