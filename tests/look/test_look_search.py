"""The search as a picture: every trial in its place, the best marked, failures shown."""

import math
from itertools import accumulate

import pytest
from drawings import drawn, middle, of_class, points, texts, told, y_reader

from gatework.look import parameters_chart, search_chart
from gatework.look.charts import varied_parameters
from gatework.look.charts.trials import MOST_POINTS, best_of
from gatework.look.report.search import search_report
from gatework.search import Rung


@pytest.fixture
def trials(make_trial):
    errors = [4.0, 3.6, None, 3.8, 3.1, 3.3, 2.9, None, 3.0, 2.95]
    return [
        make_trial(
            k,
            error,
            layer=k // 4,
            parameters={
                "window": 6 + 3 * (k % 4),
                "hidden_sizes": (32,) * (1 + k % 3),
                "learning_rate": 10 ** (-4 + k % 3),
                "dropout": 0.1,
            },
        )
        for k, error in enumerate(errors)
    ]


def test_trials_read_back_and_the_best_is_ringed(trials):
    root = drawn(search_chart(trials))
    value = y_reader(root)
    errors = [trial.error for trial in trials if trial.error is not None]
    assert [value(middle(m)[1]) for m in of_class(root, "mark")] == pytest.approx(errors, abs=0.01)
    (ring,) = of_class(root, "ring")
    assert value(middle(ring)[1]) == pytest.approx(2.9, abs=0.01)
    assert "best: 2.9" in set(texts(root))


def test_what_the_search_began_with_is_a_line_across(trials, make_trial):
    start = make_trial(-1, 2.75, layer=-1, parameters={}, status="start")
    picture = search_chart(trials, start=start)
    root = drawn(picture)
    assert "pretrained network: 2.75" in set(texts(root))
    (line,) = (one for one in of_class(root, "cut") if len(points(one)) == 2)
    assert [y_reader(root)(y) for _, y in points(line)] == pytest.approx([2.75] * 2, abs=0.01)
    assert picture.description.endswith("began with the pretrained network: error 2.75.")
    assert picture.description.startswith("10 trials, 2 of them failed. The best is trial 6")
    page = search_report(trials, "mine.sqlite", start=start, language="zh")
    assert "<td>预训练网络</td>" in page or ">预训练网络</th>" in page


def test_the_best_so_far_is_a_staircase_down_the_search(trials):
    root = drawn(search_chart(trials))
    (line,) = of_class(root, "sofar")
    heights = [y for _, y in points(line)]
    value = y_reader(root)
    least = list(accumulate((t.error for t in trials if t.error is not None), min))
    assert sorted({round(value(y), 1) for y in heights}) == sorted(set(least))


def test_failed_trials_are_crossed_and_say_why(trials):
    root = drawn(search_chart(trials))
    crosses = [node for node in of_class(root, "failed") if told(node)]
    assert len(crosses) == 2
    assert "trial 2 failed: the loss is no longer a number" in told(crosses[0])
    assert "failed: 2" in set(texts(root))


def test_layers_are_told_apart(trials):
    root = drawn(search_chart(trials))
    kinds = {(m.tag, m.get("class")) for m in of_class(root, "mark")}
    assert len(kinds) == 2
    labels = set(texts(root))
    assert {"coarse grid: 4 trials", "finer grids: 6 trials", "finer"} <= labels
    assert len(of_class(root, "shade")) == 1  # of three layers the second


def test_stopped_trials_are_dashes_where_they_were_stopped(trials, make_trial):
    rung = Rung(error=3.7, beside=6, threshold=3.25, stopped=True)
    halved = make_trial(10, None, layer=2, status="stopped", message="", rungs=(rung,))
    picture = search_chart([*trials, halved])
    root = drawn(picture)
    assert "stopped: 1" in set(texts(root))
    dash = next(node for node in of_class(root, "failed") if "was stopped" in told(node))
    said = "trial 10 was stopped with an error of 3.7, beside 6 others, above 3.25"
    assert told(dash).startswith(said)
    assert [y_reader(root)(y) for _, y in points(dash)] == pytest.approx([3.7, 3.7], abs=0.01)
    assert picture.description.startswith("11 trials, 1 of them stopped, 2 of them failed.")


def test_repeats_are_told_apart_and_the_best_is_so_on_average(trials, make_trial):
    again = [
        make_trial(10 + k, error, layer=3, parameters=trials[of].parameters, seed=1000 * seed)
        for k, (of, error, seed) in enumerate(
            [(6, 3.2, 1), (8, 2.96, 1), (6, 3.3, 2), (8, 2.98, 2)]
        )
    ]
    picture = search_chart([*trials, *again])
    labels = set(texts(drawn(picture)))
    assert {"repeats: 4 trials", "best: 2.98, the mean of 3 seeds"} <= labels
    assert "Over 3 seeds its mean error is 2.98, with a standard error of" in picture.description
    assert any(
        told(mark).startswith("trial 10, seed 1000: error 3.2")
        for mark in of_class(drawn(picture), "mark")
    )


def test_each_parameter_that_varied_gets_a_place(trials):
    assert varied_parameters(trials) == ["window", "hidden_sizes", "learning_rate"]
    root = drawn(parameters_chart(trials))
    labels = set(texts(root))
    assert {"window", "learning rate, log scale", "hidden sizes", "32", "32, 32, 32"} <= labels
    assert len(of_class(root, "ring")) == 3
    assert len(of_class(root, "mark")) == 3 * 8


def test_the_best_values_of_a_listed_parameter_come_first(trials):
    labels = texts(drawn(parameters_chart(trials)))
    rows = [label for label in labels if label in {"32", "32, 32", "32, 32, 32"}]
    assert rows == ["32", "32, 32, 32", "32, 32"]


def test_nothing_varied_is_said(make_trial):
    trials = [make_trial(0, 1.0), make_trial(1, 2.0)]
    assert varied_parameters(trials) == []
    labels = set(texts(drawn(parameters_chart(trials))))
    assert labels == {"no parameter varied"}


def test_a_long_search_is_thinned_with_the_best_in_it(make_trial):
    trials = [make_trial(k, 5 + math.cos(k), parameters={"x": k}) for k in range(5_000)]
    trials[3_333] = make_trial(3_333, 0.5, parameters={"x": 3_333})
    root = drawn(search_chart(trials))
    assert len(of_class(root, "mark")) <= MOST_POINTS + 1
    said = [told(mark) for mark in of_class(root, "mark")]
    assert any(text.startswith("trial 3333: error 0.5") for text in said)


@pytest.mark.parametrize("width", [380.0, 920.0])
@pytest.mark.parametrize(
    "errors",
    [[], [3.0], [None], [None, None], [2.0] * 7, [1e-9, 1e9], [0.0, 1.0], [math.nan, 1.0], [0.0]],
)
def test_odd_searches_are_drawn(make_trial, errors, width):
    trials = [
        make_trial(k, error, parameters={"window": k, "kind": "a" * k})
        for k, error in enumerate(errors)
    ]
    drawn(search_chart(trials, width=width))
    drawn(parameters_chart(trials, width=width))


def test_the_best_is_the_earliest_of_equals(make_trial):
    trials = [make_trial(k, 1.0, parameters={"x": k}) for k in (2, 1)]
    trials.append(make_trial(0, None))
    best = best_of(trials)
    assert best is not None
    assert best.index == 1
    assert best_of([make_trial(0, None)]) is None
