"""The verdict is plain: who won where, by how much, and no win where there is none."""

import pytest

from gatework.forecast.backtest import Accuracy
from gatework.forecast.scores import verdict
from gatework.look.report.verdict import caution, duels, headline, silence


def scores(**errors):
    return {
        name.replace("_", " "): {
            step: Accuracy(e, e) for step, e in zip((1, 2, 12), values, strict=False)
        }
        for name, values in errors.items()
    }


def said(**errors):
    return headline(duels(scores(**errors)))


def test_a_clear_win_is_said():
    assert said(LSTM=[1, 1, 1], ARIMA=[2, 2, 2]) == (
        "The LSTM won: it has the least RMSE at 1, 2 and 12 steps ahead."
    )


def test_a_loss_names_the_better_model_and_the_margin():
    assert said(LSTM=[2.2, 3.0, 5.0], ARIMA=[2.0, 4.0, 6.0], last_value=[9, 2.5, 4.0]) == (
        "The LSTM lost at 1, 2 and 12 steps ahead: to ARIMA by 10% and to last value by 20% to "
        "25%. On this series ARIMA and last value served better."
    )


def test_a_mixed_verdict_says_both():
    assert said(LSTM=[1, 2, 3], ARIMA=[2, 2, 2]) == (
        "The LSTM has the least RMSE at 1 step ahead. It lost at 12 steps ahead: to ARIMA by 50%. "
        "They err alike at 2 steps ahead."
    )


def test_equal_errors_are_no_win():
    met = duels(scores(LSTM=[0, 0, 0], ARIMA=[0, 0, 0]))
    assert headline(met) == (
        "The LSTM and the best other model err alike at 1, 2 and 12 steps ahead."
    )
    assert met[0].sentence() == "1 step ahead: LSTM and ARIMA err alike, by 0."
    assert not any(duel.won for duel in met)


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ((2.0, 2.5), "1 step ahead: LSTM 2.00, ARIMA 2.50: won by 25%."),
        ((2.5, 2.0), "1 step ahead: ARIMA 2.00, LSTM 2.50: lost by 25%."),
        ((2.0001, 2.0), "1 step ahead: ARIMA 2.0000, LSTM 2.0001: lost by under 0.1%."),
        ((50.0, 2.0), "1 step ahead: ARIMA 2, LSTM 50: lost by a factor of 25."),
        (
            (3.0, 0.0),
            "1 step ahead: ARIMA 0, LSTM 3: lost to a model without any error.",
        ),
    ],
)
def test_a_duel_in_words(errors, sentence):
    own, rival = errors
    (duel,) = duels(scores(LSTM=[own], ARIMA=[rival]))
    assert duel.sentence() == sentence


def test_what_cannot_be_compared_is_said():
    expected = "The LSTM could not be compared with other models: nothing was scored."
    assert headline(duels({})) == expected
    assert headline(duels(scores(LSTM=[1.0]))) == expected
    assert headline(duels(scores(ARIMA=[1.0]))) == expected
    assert headline(duels(scores(LSTM=[float("nan")], ARIMA=[1.0]))) == expected


def test_few_outcomes_tell_no_winner():
    few = {"LSTM": {1: Accuracy(1, 1, n=4)}, "ARIMA": {1: Accuracy(2, 2, n=4)}}
    assert duels(few) == []
    assert headline([], untold=True) == (
        "Fewer than 5 outcomes could be scored, too few to say which model is better."
    )
    assert silence([6, 12]) == (
        "Fewer than 5 outcomes say nothing of which model is better 6 and 12 steps ahead."
    )


def test_few_origins_are_a_warning():
    assert caution(35) is None
    assert caution(1) == "Only 1 forecast could be scored: the differences may be chance."


def test_the_mean_auto_is_judged_beside_all_others():
    told = scores(LSTM=[2.0, 2.4], ARIMA=[3.0, 1.6], auto=[1.6, 2.0])
    assert headline(duels(told, "auto")) == (
        "The mean auto has the least RMSE at 1 step ahead. It lost at 2 steps ahead: to ARIMA by "
        "25%."
    )
    assert [duel.sentence() for duel in duels(told, "auto")] == [
        "1 step ahead: auto 1.60, LSTM 2.00: won by 25%.",
        "2 steps ahead: ARIMA 1.60, auto 2.00: lost by 25%.",
    ]
    assert "auto" not in headline(duels(told))
    assert verdict(told) == [
        "1 step ahead: the LSTM won (RMSE 2)",
        "1 step ahead: auto, the mean, was better (RMSE 1.6; the LSTM's is 2, 25% more)",
        "2 steps ahead: ARIMA was better (RMSE 1.6; the LSTM's is 2.4, 50% more)",
        "2 steps ahead: ARIMA was better (RMSE 1.6; auto's is 2, 25% more)",
    ]
