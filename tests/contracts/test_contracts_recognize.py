"""The estimators of sequences pass the checks of scikit-learn that can apply to them.

Left out, each for its reason, are the checks in NOT_FOR_SEQUENCES.
"""

from __future__ import annotations

import copy
import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils import estimator_checks

from gatework.errors import OptionError
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
)

NOT_FOR_SEQUENCES = {
    "check_n_features_in": "rows are sequences, and may have another length than those of fit",
    "check_n_features_in_after_fitting": "likewise",
    "check_classifiers_train": "likewise: it asks for an error where a row is shorter",
    "check_regressors_train": "likewise",
    "check_estimators_unfitted": "use before fit raises OptionError, which needs no scikit-learn",
    "check_supervised_y_2d": "the warning is of a class of scikit-learn's",
    "check_dtype_object": "what is no number raises DataError, not TypeError",
    "check_estimators_empty_data_messages": "the message speaks of steps, not of features",
    "check_array_api_input": "arrays are numpy's",
}
ESTIMATORS = (SequenceClassifier, SequenceRegressor, SequenceTagger, Transcriber)
MANNERS = (
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_set_params,
)


def small(kind: type) -> Any:
    return kind((8,), epochs=8, batch_size=16, learning_rate=0.02)


def checks(kind: type) -> list[Any]:
    with warnings.catch_warnings():
        # That they inherit from none of scikit-learn's classes is meant.
        warnings.filterwarnings("ignore", message=".* does not inherit from `sklearn")
        found: Any = estimator_checks.estimator_checks_generator(small(kind))
        return [check for _, check in found if check.func.__name__ not in NOT_FOR_SEQUENCES]


def name(check: partial) -> str:
    return check.func.__name__


@pytest.mark.parametrize("check", checks(SequenceClassifier), ids=name)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_the_classifier_passes(check) -> None:
    check(small(SequenceClassifier))


@pytest.mark.parametrize("check", checks(SequenceRegressor), ids=name)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_the_regressor_passes(check) -> None:
    check(small(SequenceRegressor))


@pytest.mark.parametrize("kind", [SequenceTagger, Transcriber])
@pytest.mark.parametrize("check", MANNERS, ids=lambda check: check.__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_tagger_and_transcriber_have_the_manners(kind: type, check) -> None:
    check(kind.__name__, kind())


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_fitting_returns_itself_and_changes_no_argument(kind: type) -> None:
    X = np.random.default_rng(0).normal(size=(12, 9))
    y = {
        SequenceClassifier: np.arange(12) % 2,
        SequenceRegressor: X.sum(axis=1),
        SequenceTagger: (X > 0).astype(int),
        Transcriber: ["ab", "b", "a", "ba"] * 3,
    }[kind]
    estimator = kind((3,), epochs=1, variants={"forget_bias": 2.0})
    before = copy.deepcopy(estimator.get_params())
    assert estimator.fit(X, y) is estimator
    assert estimator.get_params() == before
    learned = [name for name in vars(estimator) if name not in before]
    assert learned
    assert all(name.endswith("_") for name in learned)
    again: Any = clone(estimator)
    assert again.get_params() == before
    assert len(estimator.predict(X)) == 12


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_an_unknown_parameter_is_refused_by_name(kind: type) -> None:
    with pytest.raises(OptionError, match=f"a {kind.__name__} has no parameter 'depth'"):
        kind().set_params(depth=1)


def test_scikit_learn_searches_and_cross_validates() -> None:
    assert is_classifier(SequenceClassifier())
    assert is_regressor(SequenceRegressor())
    draw = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = draw.normal(size=(40, 6)) + y[:, None]
    settings: dict[str, Any] = {"batch_size": 8, "learning_rate": 0.03, "validation": None}
    model: Any = SequenceClassifier((8,), epochs=15, **settings)
    assert cross_val_score(model, X, y, cv=2).mean() > 0.75
    search = GridSearchCV(model, {"pooling": ["last", "mean"]}, cv=2).fit(X, y)
    assert search.best_params_["pooling"] in ("last", "mean")
