"""Who won, in words and by steps, and the one table of scores."""

import numpy as np

from gatework.forecast import Backtest, Panel, Series
from gatework.forecast.backtest import Accuracy
from gatework.forecast.scores import (
    SCORE_COLUMNS,
    backtest_rows,
    frame_of_rows,
    result_rows,
    scores_of,
    verdict,
    winners_of,
)

RESULT = {
    "series": "faults",
    "origins": 8,
    "scores": {"LSTM": {"1": 2.0, "3": 2.5}},
    "scores_mae": {"LSTM": {"1": 1.5, "3": 2.0}},
    "scores_smape": {"LSTM": {"1": 20.0, "3": 25.0}},
    "scores_mase": {"LSTM": {"1": None, "3": 0.5}},
}


def made() -> dict[str, Backtest]:
    labels = tuple(map(str, range(20)))
    panel = Panel.from_series([Series(n, np.arange(20.0) + k, labels) for k, n in enumerate("ab")])
    forecasts = np.full((2, 4, 2), 16.0)
    ends = {0.9: forecasts - 2.0}, {0.9: forecasts + 2.0}
    ours = Backtest.of(panel, np.array([16, 16]), forecasts, *ends)
    return {"LSTM": ours, "last value": ours.beside(forecasts + 1.0)}


def test_what_errs_alike_is_a_tie_and_auto_wins_nothing() -> None:
    score = {1: Accuracy(1.0, 1.0)}
    tied = {"LSTM": score, "last value": score, "Theta": {1: Accuracy(2.0, 2.0)}}
    assert winners_of(tied) == {1: "tie"}
    assert verdict(tied) == ["1 step ahead: a tie, no model errs less than the LSTM (RMSE 1)"]
    better = {1: Accuracy(0.5, 0.5)}
    assert winners_of({"LSTM": score, "mean": better, "last value": better}) == {1: "last value"}
    assert winners_of({"LSTM": score, "last value": better, "auto": {1: Accuracy(0.1, 0.1)}}) == {
        1: "last value"
    }


def test_the_verdict_says_who_won_where_and_by_how_much() -> None:
    scores = {
        "LSTM": {
            1: Accuracy(3.0, 2.0),
            2: Accuracy(3.0, 2.0),
            3: Accuracy(1.0, 1.0),
            6: Accuracy(2.004, 1.0),
        },
        "last value": {
            1: Accuracy(2.0, 1.5),
            2: Accuracy(4.0, 3.0),
            3: Accuracy(0.0, 0.0),
            6: Accuracy(2.0, 1.0),
        },
    }
    assert verdict(scores) == [
        "1 step ahead: last value was better (RMSE 2; the LSTM's is 3, 50% more)",
        "2 steps ahead: the LSTM won (RMSE 3)",
        "3 steps ahead: last value was better (RMSE 0; the LSTM's is 1)",
        "6 steps ahead: last value was better (RMSE 2; the LSTM's is 2.004, less than 1% more)",
    ]


def test_few_outcomes_tell_no_winner() -> None:
    some, few = Accuracy(1.0, 1.0, n=5), Accuracy(1.0, 1.0, n=4)
    scores = {"LSTM": {1: some, 3: few}, "last value": {1: Accuracy(2.0, 2.0, n=5), 3: few}}
    assert winners_of(scores) == {1: "LSTM"}
    assert verdict(scores) == [
        "1 step ahead: the LSTM won (RMSE 1)",
        "3 steps ahead: 4 outcomes are too few to say which was better",
    ]


def test_the_scores_of_backtests_are_their_measures() -> None:
    found = made()
    one = scores_of(found)["last value"][1]
    assert vars(one) == {
        name: found["last value"].scores()[1][name]
        for name in ("rmse", "mae", "smape", "mase", "n")
    }


def test_rows_of_many_and_of_one_have_the_same_columns() -> None:
    many, one = backtest_rows(made(), "held-out"), result_rows(RESULT)
    assert [list(row) for row in (*many, *one)] == [list(SCORE_COLUMNS)] * (len(many) + len(one))
    first = many[0]
    assert (first["unique_id"], first["part"], first["model"]) == (None, "held-out", "LSTM")
    assert [row["n"] for row in many] == [8, 6, 8, 6]
    assert (first["level"], first["coverage"]) == (0.9, 0.625)
    assert first["pinball"] > 0
    assert many[2]["level"] is None
    assert one[1] == {
        "unique_id": "faults",
        "part": "test",
        "model": "LSTM",
        "steps": 3,
        "n": 6,
        "rmse": 2.5,
        "mae": 2.0,
        "smape": 25.0,
        "mase": 0.5,
        "level": None,
        "coverage": None,
        "pinball": None,
    }
    assert one[0]["mase"] is None


def test_columns_of_scores_have_their_kinds_also_where_they_are_empty() -> None:
    rows = backtest_rows(made(), "held-out")
    schema = frame_of_rows(rows, "pyarrow").schema
    kinds = dict(zip(schema.names, map(str, schema.types), strict=True))
    whole = dict.fromkeys(("steps", "n"), "int64")
    words = {name: kinds[name] for name in ("unique_id", "part", "model")}
    assert all(kind in ("string", "large_string") for kind in words.values())
    assert kinds == dict.fromkeys(SCORE_COLUMNS, "double") | words | whole
    frame = frame_of_rows(result_rows(RESULT))
    assert (str(frame.n.dtype), str(frame.coverage.dtype)) == ("int64", "float64")
    assert frame.unique_id.tolist() == ["faults"] * len(frame)
    assert frame_of_rows([]).empty


def test_results_of_an_earlier_version_have_fewer_measures() -> None:
    early = {name: RESULT[name] for name in ("series", "origins", "scores", "scores_mae")}
    assert [(row["mae"], row["smape"]) for row in result_rows(early)] == [(1.5, None), (2.0, None)]
