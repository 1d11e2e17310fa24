"""One contract for every estimator: the manners of scikit-learn's, and what is this package's own.

The checks of scikit-learn that need an X and a y of numbers apply to the classifier and to the
regressor of sequences alone: a Forecaster takes a series, a GlobalForecaster a panel, a
LifeEstimator a fleet, a Writer a text, and their order in time matters. Left out for the two, each
for its reason, are the checks in NOT_FOR_SEQUENCES.
"""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.exceptions
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils import estimator_checks

from gatework import LSTM, Forecaster, GlobalForecaster, LifeEstimator, load, save
from gatework.errors import DataError, GateworkError, NotFittedError, OptionError
from gatework.estimator import Estimator, run_over
from gatework.examine import Diagnosis, Run, run_of
from gatework.forecast import Panel, Series
from gatework.life import Fleet
from gatework.look import explain_report, structure_diagram
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
)
from gatework.watch import Watch
from gatework.write.writer import Writer

pytestmark = pytest.mark.usefixtures("brief_training")

MANNERS = (
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_set_params,
)
NOT_FOR_SEQUENCES = {
    "check_n_features_in": "rows are sequences, and may have another length than those of fit",
    "check_n_features_in_after_fitting": "likewise",
    "check_classifiers_train": "likewise: it asks for an error where a row is shorter",
    "check_regressors_train": "likewise",
    "check_supervised_y_2d": "the warning is of a class of scikit-learn's",
    "check_dtype_object": "what is no number raises DataError, not TypeError",
    "check_estimators_empty_data_messages": "the message speaks of steps, not of features",
    "check_array_api_input": "arrays are numpy's",
    "check_sample_weight_equivalence_on_dense_data": "batches are drawn: twice the weight is not "
    "twice the row, to the digit",
}
WAVE = 10 + 4 * np.sin(np.arange(48) / 2.5)
LABELS = tuple(str(number) for number in range(1, 49))
TEXT = "a rose is a rose is a rose. " * 12
X = np.random.default_rng(0).normal(size=(12, 9))


@dataclass(frozen=True)
class Case:
    """An estimator that fits in a moment, and what is done with it.

    Attributes:
        new: makes it. data: what it is fitted to. seen: what it is looked into over.
        told: what it predicts, for comparisons. table: the data in a file.
        unfitted: calls that need a fit.
    """

    new: Callable[[], Estimator]
    data: tuple[Any, ...]
    seen: Any
    told: Callable[[Any], Any]
    table: str
    unfitted: tuple[Callable[[Any], Any], ...]
    columns: dict[str, Any] | None = None


def _panel() -> Panel:
    made = [Series(name, WAVE + number, LABELS) for number, name in enumerate("ab")]
    return Panel.from_series(made)


def _fleet() -> Fleet:
    cycles = tuple(np.arange(1.0, 21) for _ in range(6))
    histories = tuple((one / 20 + number)[:, None] for number, one in enumerate(cycles))
    return Fleet(tuple("abcdef"), ("x",), histories, cycles)


def _of_sequences(kind: Any, y: Any, *more: Callable[[Any], Any]) -> Case:
    wide = [",".join(f"t{n}" for n in range(9)), *(",".join(map(str, row)) for row in X)]
    return Case(
        lambda: kind((3,), epochs=1, variants={"forget_bias": 2.0}),
        (X, y),
        X,
        lambda model: model.predict(X),
        "\n".join(wide),
        (
            lambda model: model.predict(X),
            lambda model: model.score(X, y),
            lambda model: model.stream(),
            lambda model: model.read("x.csv"),
            lambda model: model.predict_files(["x.wav"]),
            *more,
        ),
    )


CASES: dict[type, Case] = {
    Forecaster: Case(
        lambda: Forecaster(horizon=2, trials=1, workers=1, method="es-lstm"),
        (Series("wave", WAVE, LABELS),),
        Series("wave", WAVE, LABELS),
        lambda model: [point.value for point in model.predict()],
        "value\n" + "\n".join(map(str, WAVE)),
        (lambda model: model.predict(), lambda model: model.update(1.0)),
    ),
    GlobalForecaster: Case(
        lambda: GlobalForecaster(horizon=2, epochs=1, members=1),
        (_panel(),),
        _panel(),
        lambda model: model.predict().values,
        "id,when,value\n"
        + "\n".join(f"{name},{n},{v}" for name in "ab" for n, v in enumerate(WAVE, 1)),
        (lambda model: model.predict(), lambda model: model.update([1.0, 1.0])),
        {"id_column": "id", "time_column": "when", "column": "value"},
    ),
    LifeEstimator: Case(
        lambda: LifeEstimator(epochs=1, members=1),
        (_fleet(),),
        _fleet(),
        lambda model: [point.value for point in model.predict(_fleet())],
        "unit,cycle,x\n" + "\n".join(f"{u},{n},{n / 20}" for u in "ab" for n in range(1, 21)),
        (
            lambda model: model.predict(_fleet()),
            lambda model: model.predict_all(_fleet()),
            lambda model: model.track("a"),
        ),
    ),
    Writer: Case(
        lambda: Writer(hidden_sizes=[8], embedding_size=4, epochs=1),
        (TEXT,),
        "a rose is",
        lambda model: model.write("a ", length=12),
        "a rose is a rose.",
        (
            lambda model: model.write(),
            lambda model: model.stream(),
            lambda model: model.write_many(count=2),
            lambda model: model.score("a"),
            lambda model: model.token_model(),
        ),
    ),
    SequenceClassifier: _of_sequences(
        SequenceClassifier, np.arange(12) % 2, lambda model: model.predict_proba(X)
    ),
    SequenceRegressor: _of_sequences(SequenceRegressor, X.sum(axis=1)),
    SequenceTagger: _of_sequences(
        SequenceTagger, (X > 0).astype(int), lambda model: model.predict_proba(X)
    ),
    Transcriber: _of_sequences(
        Transcriber, ["ab", "b", "a", "ba"] * 3, lambda model: model.transcribe(X)
    ),
}
every_kind = pytest.mark.parametrize("kind", CASES)


@cache
def fitting(kind: type) -> tuple[Any, dict[str, Any], Any]:
    """Return a new estimator, its arguments before it was fitted, and what ``fit`` returned.

    It is fitted once for all tests, which leave it as it is.
    """
    estimator = CASES[kind].new()
    before = copy.deepcopy(estimator.get_params())
    return estimator, before, estimator.fit(*CASES[kind].data)


def fitted(kind: type) -> Any:
    return fitting(kind)[0]


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


@every_kind
@pytest.mark.parametrize("check", MANNERS, ids=lambda check: check.__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_passes_the_checks_that_apply(kind: type, check) -> None:
    check(kind.__name__, kind())


@pytest.mark.parametrize("check", checks(SequenceClassifier), ids=name)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_the_classifier_passes(check) -> None:
    check(small(SequenceClassifier))


@pytest.mark.parametrize("check", checks(SequenceRegressor), ids=name)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_the_regressor_passes(check) -> None:
    check(small(SequenceRegressor))


def test_scikit_learn_searches_and_cross_validates() -> None:
    assert is_classifier(SequenceClassifier())
    assert is_regressor(SequenceRegressor())
    draw = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = draw.normal(size=(40, 6)) + 2 * y[:, None]
    settings: dict[str, Any] = {"batch_size": 8, "learning_rate": 0.03, "validation": None}
    model: Any = SequenceClassifier((8,), epochs=30, **settings)
    assert cross_val_score(model, X, y, cv=2).mean() > 0.75
    search = GridSearchCV(model, {"pooling": ["last", "mean"]}, cv=2).fit(X, y)
    assert search.best_params_["pooling"] in ("last", "mean")


@every_kind
def test_fitting_returns_itself_and_changes_no_argument(kind: type) -> None:
    estimator, before, returned = fitting(kind)
    assert returned is estimator
    assert estimator.get_params() == before
    learned = [name for name in vars(estimator) if name not in before]
    assert learned
    assert all(name.endswith("_") or name.startswith("_") for name in learned)
    again: Any = clone(estimator)
    assert again.get_params() == before
    assert not [name for name in vars(again) if name not in before]


@every_kind
def test_the_same_seed_gives_the_same_predictions(kind: type) -> None:
    again = CASES[kind].new().fit(*CASES[kind].data)
    told = CASES[kind].told
    np.testing.assert_array_equal(told(again), told(fitted(kind)))


@every_kind
def test_an_unknown_parameter_is_refused_by_name(kind: type) -> None:
    with pytest.raises(OptionError, match=f"a {kind.__name__} has no parameter 'depth'"):
        kind().set_params(depth=1)


@every_kind
def test_what_needs_a_fit_says_so_and_names_the_call(kind: type) -> None:
    calls = (
        lambda model: model.check_fitted(),
        lambda model: model.layer_summary(),
        lambda model: model.examine(CASES[kind].seen),
        lambda model: model.diagnose(CASES[kind].seen),
        lambda model: model.to_config(),
        lambda model: model.tensors(),
        lambda model: save(model, "never.safetensors"),
    )
    for call in (*CASES[kind].unfitted, *calls):
        said = rf"this {kind.__name__} has not been fitted\nhint: \w+\.fit\("
        with pytest.raises(NotFittedError, match=said) as caught:
            call(CASES[kind].new())
        assert isinstance(caught.value, GateworkError)
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, sklearn.exceptions.NotFittedError)
    assert not Path("never.safetensors").exists()


def test_the_error_is_of_the_kind_of_scikit_learn_only_where_that_is_imported(monkeypatch) -> None:
    with pytest.raises(sklearn.exceptions.NotFittedError) as caught:
        Writer().check_fitted()
    again = copy.copy(caught.value)
    assert isinstance(again, sklearn.exceptions.NotFittedError)
    assert str(again) == str(caught.value)
    monkeypatch.delitem(sys.modules, "sklearn.exceptions")
    with pytest.raises(NotFittedError) as caught:
        Writer().check_fitted()
    assert type(caught.value) is NotFittedError


def test_scikit_learn_is_never_imported_for_an_error() -> None:
    code = """
import sys
from gatework import Forecaster
from gatework.errors import NotFittedError
try:
    Forecaster().predict()
except ValueError as error:
    assert type(error) is NotFittedError, type(error)
assert not any(name.partition(".")[0] == "sklearn" for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@every_kind
def test_a_loaded_one_predicts_the_same(kind: type, tmp_path) -> None:
    case, estimator = CASES[kind], fitted(kind)
    again = load(save(estimator, tmp_path / "model.safetensors"))
    assert type(again) is kind
    np.testing.assert_array_equal(case.told(again), case.told(estimator))
    assert again.layer_summary() == estimator.layer_summary()


@every_kind
def test_it_is_looked_into(kind: type, tmp_path) -> None:
    estimator, case = fitted(kind), CASES[kind]
    run = estimator.examine(case.seen)
    assert isinstance(run, Run)
    assert run.output.shape == (len(run), len(run.results))
    assert np.isfinite(run.output).all()
    assert len(run.labels) == len(run) == len(run.values)
    assert run.values.shape[1] == len(run.names)
    assert run.raw.shape == (len(run), 1, len(run.features))
    assert run.title.startswith(kind.__name__.removeprefix("Global"))
    assert isinstance(estimator.diagnose(case.seen), Diagnosis)
    assert isinstance(run_of(estimator, case.seen), Run)
    assert "findings" in explain_report(run)
    assert structure_diagram(estimator)


@every_kind
def test_what_it_reads_from_a_file_is_looked_into(kind: type, tmp_path) -> None:
    estimator, case = fitted(kind), CASES[kind]
    path = tmp_path / ("text.txt" if kind is Writer else "table.csv")
    path.write_text(case.table)
    columns = case.columns or {}
    read = estimator.read(path, **columns)
    run = run_over(estimator, path, **columns)
    assert run.labels == estimator.examine(read).labels
    if estimator.PICK is None:
        with pytest.raises(OptionError, match=f"this {kind.__name__} reads a .* no use for series"):
            run_over(estimator, path, series="b", **columns)
        return
    names = {GlobalForecaster: "b", LifeEstimator: "b"}
    wanted = names.get(kind, "line 3")
    assert wanted in run_over(estimator, path, series=wanted, **columns).title
    with pytest.raises(OptionError, match=f"there is no {estimator.PICK} 'z' in the .*\nhint: "):
        run_over(estimator, path, series="z", **columns)


@every_kind
def test_a_column_that_it_has_no_use_for_is_refused_by_name(kind: type, tmp_path) -> None:
    useless = {Forecaster: "id_column", LifeEstimator: "column"}.get(kind, "time_column")
    given: dict[str, Any] = {useless: "when"}
    if kind is GlobalForecaster:
        with pytest.raises(OptionError, match="many series\nhint: --id-column"):
            run_over(fitted(kind), tmp_path / "never.csv")
        return
    with pytest.raises(OptionError, match=f"this {kind.__name__} reads a .* no use for {useless}"):
        run_over(fitted(kind), tmp_path / "never.csv", **given)


@every_kind
def test_data_are_asked_for_where_it_holds_none(kind: type, tmp_path) -> None:
    loaded = load(save(fitted(kind), tmp_path / "model.safetensors"))
    with pytest.raises(OptionError, match=r"does not hold its .*\nhint: \w+\.examine\("):
        loaded.examine()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_a_run_ends_in_what_is_predicted(pooling: str, bidirectional: bool) -> None:
    more: dict[str, Any] = {"bidirectional": bidirectional, "pooling": pooling, "epochs": 1}
    classifier = SequenceClassifier((3,), **more).fit(*CASES[SequenceClassifier].data)
    regressor = SequenceRegressor((3,), **more).fit(*CASES[SequenceRegressor].data)
    for row in (0, 5):
        told = classifier.examine(X, sequence=f"X[{row}]").output[-1]
        np.testing.assert_allclose(np.exp(told), classifier.predict_proba(X)[row], atol=1e-6)
        told = regressor.examine(X, sequence=f"X[{row}]").output[-1]
        np.testing.assert_allclose(told[0], regressor.predict(X)[row], rtol=1e-5, atol=1e-6)


def test_a_run_says_at_each_step_what_the_tagger_and_the_transcriber_do() -> None:
    tagger, transcriber = fitted(SequenceTagger), fitted(Transcriber)
    run = tagger.examine(X, sequence="X[4]")
    np.testing.assert_allclose(np.exp(run.output), tagger.predict_proba(X)[4], atol=1e-6)
    run = transcriber.examine(X)
    assert run.results == ("nothing", "a", "b")
    np.testing.assert_allclose(
        run.output.max(axis=1).sum(), transcriber.transcribe(X)[0].score, rtol=1e-5
    )


def test_a_watch_reads_and_is_looked_into_as_its_forecaster(tmp_path) -> None:
    forecaster = fitted(Forecaster)
    watch = load(save(Watch(forecaster), tmp_path / "watch.safetensors"))
    path = tmp_path / "table.csv"
    path.write_text(CASES[Forecaster].table)
    mine, its = run_over(watch, path), run_over(forecaster, path)
    np.testing.assert_array_equal(mine.output, its.output)
    assert watch.layer_summary() == forecaster.layer_summary()
    with pytest.raises(OptionError, match="this Watch reads a series and has no use for id_column"):
        run_over(watch, path, id_column="id")
    path.write_text(
        "unit,month,v\n" + "".join(f"{u},2024-0{m},{m}\n" for u in "ab" for m in range(1, 6))
    )
    with pytest.raises(DataError, match="hint: keep the rows of one series"):  # no --id-column
        run_over(watch, path)
    with pytest.raises(NotFittedError, match="this Forecaster has not been fitted"):
        Watch(Forecaster())


def test_a_bare_network_reads_the_columns_of_a_table(tmp_path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("when,heat,load\nmonday,1,2\ntuesday,3,4\n")
    network = LSTM(2, [3])
    run = run_over(network, path, time_column="when")
    assert (run.names, run.labels) == (("heat", "load"), ("monday", "tuesday"))
    np.testing.assert_array_equal(run.values, [[1, 2], [3, 4]])
    assert run_over(network, path, column="load,heat").names == ("load", "heat")
    with pytest.raises(OptionError, match="this LSTM reads a table and has no use for id_column"):
        run_over(network, path, id_column="when")


OLD_NAMES = [
    (kind, old, new)
    for kind in CASES
    if issubclass(kind, Estimator)
    for old, new in kind.RENAMED.items()
]


@pytest.mark.parametrize(("kind", "old", "new"), OLD_NAMES)
def test_an_argument_of_old_is_taken_with_a_warning(kind: Any, old: str, new: str) -> None:
    value = object()
    with pytest.warns(FutureWarning, match=f"{old} of {kind.__name__} is called {new} now"):
        made = kind(**{old: value})
    assert made.get_params()[new] is value
    assert old not in made.get_params()
    with pytest.warns(FutureWarning, match=f"is called {new} now"):
        assert kind().set_params(**{old: value}).get_params()[new] is value
    with pytest.raises(OptionError, match=f"{old} and {new} are one argument"):
        kind(**{old: value, new: value})
    again: Any = clone(kind(**{new: 5}))  # by today's names nothing is said
    assert again.get_params()[new] == 5
