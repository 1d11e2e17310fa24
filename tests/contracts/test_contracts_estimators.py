"""Every estimator has the manners of scikit-learn's.

The checks of scikit-learn that need an X and a y of numbers do not apply, and are not run: a
Forecaster takes a series, a GlobalForecaster a panel, a LifeEstimator a fleet, and their order in
time matters. Nor is check_estimators_unfitted: use before the fit raises OptionError, which needs
no scikit-learn and names the call that is missing.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import estimator_checks

from gatework import Forecaster, GlobalForecaster, LifeEstimator
from gatework.errors import OptionError
from gatework.forecast import Panel, Series
from gatework.life import Fleet

ESTIMATORS = (Forecaster, GlobalForecaster, LifeEstimator)
CHECKS = (
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_set_params,
)
WAVE = 10 + 4 * np.sin(np.arange(48) / 2.5)


def small(kind: type) -> tuple[Any, Any]:
    """Return an estimator that fits in a moment, and what it is fitted to."""
    labels = tuple(str(number) for number in range(1, 49))
    if kind is Forecaster:
        return Forecaster(horizon=2, trials=1, workers=1), Series("wave", WAVE, labels)
    if kind is GlobalForecaster:
        made = [Series(name, WAVE + number, labels) for number, name in enumerate("ab")]
        return GlobalForecaster(horizon=2, epochs=1, members=1), Panel.from_series(made)
    cycles = tuple(np.arange(1.0, 21) for _ in range(6))
    histories = tuple((one / 20 + number)[:, None] for number, one in enumerate(cycles))
    return LifeEstimator(epochs=1, members=1), Fleet(tuple("abcdef"), ("x",), histories, cycles)


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_passes_the_checks_that_apply(kind: type, check) -> None:
    check(kind.__name__, kind())


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_fitting_returns_itself_and_changes_no_argument(kind: type) -> None:
    estimator, data = small(kind)
    before = copy.deepcopy(estimator.get_params())
    assert estimator.fit(data) is estimator
    assert estimator.get_params() == before
    learned = [name for name in vars(estimator) if name not in before]
    assert all(name.endswith("_") or name.startswith("_") for name in learned)
    again: Any = clone(estimator)
    assert again.get_params() == before
    assert not [name for name in vars(again) if name not in before]


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_an_unknown_parameter_is_refused_by_name(kind: type) -> None:
    with pytest.raises(OptionError, match=f"a {kind.__name__} has no parameter 'depth'"):
        kind().set_params(depth=1)
