"""Calibration: the temperature that the data ask for, and none where they are too few."""

import numpy as np
import pytest

from gatework.recognize.calibration import fit_temperature, log_loss, softmax


def logits_of(count: int, scale: float, seed: int = 0):
    """Return logits whose probabilities are right once they are divided by ``scale``."""
    draw = np.random.default_rng(seed)
    true = draw.normal(size=(count, 4)) * 2
    shares = softmax(true)
    targets = np.array([draw.choice(4, p=row) for row in shares])
    return (true * scale).astype(np.float32), targets


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_the_temperature_is_found(scale):
    logits, targets = logits_of(4000, scale)
    found = fit_temperature(logits, targets)
    assert found == pytest.approx(scale, rel=0.06)
    assert log_loss(logits, targets, found) <= log_loss(logits, targets, 1.0) + 1e-9
    assert (softmax(logits, found).argmax(axis=1) == logits.argmax(axis=1)).all()


def test_it_is_the_best_of_all():
    logits, targets = logits_of(60, 2.0, seed=3)
    found = fit_temperature(logits, targets)

    def cost(t: float) -> float:
        return 60 * log_loss(logits, targets, t) + np.log(t) ** 2 / 2

    assert cost(found) <= min(cost(t) for t in np.geomspace(0.05, 20, 2000)) + 1e-6


def test_a_few_right_answers_are_no_proof_of_certainty():
    logits = np.tile(np.array([[1.0, 0.0]]), (5, 1))
    assert 0.3 < fit_temperature(logits, np.zeros(5, int)) < 1


def test_huge_numbers_overflow_nothing():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]], np.float32)
    assert softmax(logits).tolist() == [[1, 0], [0, 1]]
    assert np.isfinite(log_loss(logits, np.array([1, 1])))
    assert np.isfinite(fit_temperature(logits, np.array([1, 1])))
