"""Remaining useful life from generated machines that wear out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatework import LifeEstimator, load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.life import Fleet, HeldOut, read_fleet
from gatework.life.fit import life_left
from gatework.life.intervals import conformal_margins
from gatework.life.scores import phm_score
from gatework.life.signals import Signals
from gatework.storage import read_sealed, write_sealed


def machines(count: int = 20, seed: int = 0) -> Fleet:
    """Return machines whose heat rises over their last 60 cycles; one column never varies."""
    draw = np.random.default_rng(seed)
    histories, cycles = [], []
    for _ in range(count):
        life = int(draw.integers(80, 160))
        ages = np.arange(1.0, life + 1)
        left = life - ages
        heat = 10 + np.maximum(60 - left, 0) / 10 + 0.3 * draw.normal(size=life)
        noise = draw.normal(size=life)
        histories.append(np.stack([heat, noise, np.full(life, 3.0)], axis=1))
        cycles.append(ages)
    units = tuple(f"m{number}" for number in range(count))
    return Fleet(units, ("heat", "noise", "constant"), tuple(histories), tuple(cycles))


def quick(**settings: object) -> LifeEstimator:
    given = {"cap": 100.0, "hidden_sizes": (16,), "epochs": 40, "members": 2, "seed": 1}
    return LifeEstimator(**(given | {"learning_rate": 0.02} | settings))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fitted() -> LifeEstimator:
    return quick().fit(machines())


def test_wear_tells_how_long_a_machine_has_left(fitted) -> None:
    """Machines that were not seen, cut 5 to 50 cycles before their end."""
    whole = machines(30, seed=9)
    left = np.random.default_rng(2).integers(5, 50, 30)
    points = fitted.predict(whole.until(whole.lengths - left))
    found = np.array([point.value for point in points])
    assert np.sqrt(np.mean((found - left) ** 2)) < 10
    inside = [
        point.lower <= actual <= point.upper for point, actual in zip(points, left, strict=True)
    ]
    assert np.mean(inside) > 0.7
    assert all(0 <= p.lower <= p.value <= p.upper <= 100 for p in points)
    assert [p.unit for p in points] == list(whole.units)


def test_new_machines_are_predicted_to_live_up_to_the_cap(fitted) -> None:
    points = fitted.predict(machines(5, seed=4).until(np.full(5, 15)))
    assert all(70 < point.value <= 100 for point in points)


def test_following_a_unit_gives_what_its_whole_history_gives(fitted) -> None:
    unit = machines(1, seed=5)
    whole = fitted.predict_all(unit)["m0"]
    tracker = fitted.track("m0")
    names = unit.names
    for row, expected in zip(unit.histories[0], whole, strict=True):
        point = tracker.update(dict(zip(names, row, strict=True)))
        assert point.value == pytest.approx(expected.value, abs=1e-3)
        assert (point.unit, point.cycle) == (expected.unit, expected.cycle)


def test_what_a_tracker_cannot_use_changes_nothing(fitted) -> None:
    tracker, same = fitted.track("m0"), fitted.track("m0")
    for row, message in (
        ({"heat": 10.0}, "the column 'noise' is missing"),
        ({"heat": 10.0, "noise": float("nan")}, "'noise' is not a finite number"),
        ([1.0], r"expected 2 values, .* got the shape \(1,\)"),
    ):
        with pytest.raises(DataError, match=message):
            tracker.update(row)
    row = {"heat": 10.0, "noise": 0.0}
    assert tracker.update(row) == same.update(row)


def test_cycles_keep_their_numbers(fitted) -> None:
    unit = machines(1, seed=5)
    later = Fleet(unit.units, unit.names, unit.histories, (unit.cycles[0] + 100,))
    whole = fitted.predict_all(later)["m0"]
    tracker = fitted.track("m0")
    row = unit.histories[0][0, :2]
    assert tracker.update(row, later.cycles[0][0]).cycle == whole[0].cycle == 101
    assert tracker.update(row).cycle == whole[1].cycle == 102
    with pytest.raises(DataError, match="cycle 50 does not come after 102"):
        tracker.update(row, 50)
    with pytest.raises(DataError, match="unit 'm0' has no cycle"):
        unit.until([0])


def test_columns_that_do_not_vary_are_left_out(fitted) -> None:
    assert fitted.signals_.names == ("heat", "noise")
    less = machines(2, seed=3).select(("noise", "heat"))
    more = machines(2, seed=3)
    assert [p.value for p in fitted.predict(less)] == [p.value for p in fitted.predict(more)]
    with pytest.raises(DataError, match="the column 'heat', which the network knows, is missing"):
        fitted.predict(more.select(("noise",)))


def test_units_held_out_tell_how_good_it_is(fitted) -> None:
    found = fitted.held_out_
    assert found.units == 4
    assert found.rmse < found.linear_rmse < found.mean_rmse
    assert "it is better" not in found.sentence()
    assert HeldOut(4, 13.8, 13.79, 40.0).sentence().endswith("13.79: about as good")
    ages = tuple(np.arange(1.0, n + 1) for n in (50, 50, 50, 50, 50, 50))
    clocks = Fleet(tuple("abcdef"), ("hours",), tuple(age[:, None] for age in ages), ages)
    untrained = quick(epochs=1, learning_rate=1e-9, members=1).fit(clocks).held_out_
    assert untrained.linear_rmse < 1 < untrained.rmse
    assert "a linear model" in untrained.sentence()
    assert untrained.sentence().endswith("it is better than the network")


def test_saved_and_loaded_it_predicts_the_same(fitted, tmp_path) -> None:
    fleet = machines(3, seed=6)
    again = load(save(fitted, tmp_path / "model"))
    assert again.held_out_ == fitted.held_out_
    assert again.predict(fleet) == fitted.predict(fleet)
    assert repr(again) == repr(fitted)
    row = {"heat": 12.0, "noise": 0.0}
    assert again.track("x").update(row) == fitted.track("x").update(row)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": []}, "columns must be a list"),
        ({"columns": ["heat"]}, "with the shape"),
        ({"bands": 0}, "bands must be a whole number"),
        ({"more": 1}, "must have"),
        ({"settings": {"members": 3}}, "lacks"),
        ({"settings": {"members": 10**6}}, "members must be at most"),
        ({"settings": {"hidden_sizes": [10**9]}}, "hidden_sizes must be whole"),
        ({"settings": {"cap": "x"}}, "cap must be"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(fitted, tmp_path, change, message) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "good"))
    if "settings" in change:
        change = {"settings": sealed.config["settings"] | change["settings"]}
    write_sealed(tmp_path / "bad", sealed.kind, sealed.config | change, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")


def test_the_same_seed_gives_the_same_networks() -> None:
    few, fleet = machines(6), machines(2, seed=7)
    one, same, other = (quick(epochs=2, seed=seed).fit(few).predict(fleet) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_life_is_counted_in_cycles_and_capped() -> None:
    fleet = Fleet(("a",), ("x",), (np.zeros((3, 1)),), (np.array([1.0, 2.0, 5.0]),))
    assert life_left(fleet, 3.5)[0].tolist() == [3.5, 3.0, 0.0]


def test_signals_are_smoothed_by_the_equations() -> None:
    fleet = Fleet(("a",), ("x",), (np.array([[1.0], [3.0], [8.0]]),), (np.arange(3.0),))
    signals = Signals.of(fleet)
    found = signals.all(fleet.histories[0])
    z = (fleet.histories[0][:, 0] - 4.0) / np.std([1, 3, 8])
    np.testing.assert_allclose(found[:, 0], z, rtol=1e-6)
    np.testing.assert_allclose(found[2, 1], z[0] / 3 + z[1] / 3 + z[2] / 3, atol=1e-6)
    assert found.shape == (3, signals.width)
    assert found[2, -1] == pytest.approx(3 / 200)


def test_margins_hold_as_often_as_they_say_in_each_band() -> None:
    draw = np.random.default_rng(0)
    predicted = draw.uniform(0, 100, 20_000)
    actual = predicted + draw.normal(size=20_000) * predicted / 10
    margins = conformal_margins(predicted, actual, 0.8, 1000.0)
    for low, high in ((0, 20), (40, 60), (80, 100)):
        here = (low < predicted) & (predicted < high)
        lower, upper = margins.interval(predicted[here])
        inside = (lower <= actual[here]) & (actual[here] <= upper)
        assert 0.77 < inside.mean() < 0.86


def test_the_score_punishes_late_predictions_more() -> None:
    assert phm_score(np.array([50.0]), np.array([60.0])) == pytest.approx(np.e - 1)
    assert phm_score(np.array([50.0]), np.array([37.0])) == pytest.approx(np.e - 1)


def table() -> pd.DataFrame:
    fleet = machines(6)
    frames = [
        pd.DataFrame(history, columns=fleet.names).assign(unit=unit, cycle=cycles)
        for unit, history, cycles in zip(fleet.units, fleet.histories, fleet.cycles, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def test_fleets_come_from_tables_in_any_order(tmp_path: Path) -> None:
    shuffled = table().sample(frac=1, random_state=0)
    path = tmp_path / "machines.csv"
    shuffled.to_csv(path, index=False)
    expected = machines(6)
    for source in (shuffled, path):
        found = read_fleet(source)
        assert sorted(found.units) == sorted(expected.units)
        row = found.units.index("m3")
        np.testing.assert_allclose(
            found.select(expected.names).histories[row], expected.histories[3]
        )


def test_text_files_of_cmapss_are_read(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    lines = [
        f"{unit} {cycle} " + " ".join(f"{x:.4f}" for x in draw.normal(size=24))
        for unit in (1, 2)
        for cycle in (1, 2, 3)
    ]
    path = tmp_path / "train.txt"
    path.write_text("\n".join(lines) + "\n")
    found = read_fleet(path)
    assert found.units == ("1", "2")
    assert found.names[:4] == ("setting 1", "setting 2", "setting 3", "sensor 1")
    assert found.histories[1].shape == (3, 24)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="unit"), "column 'unit' is not in 'the data frame'"),
        (lambda t: t.assign(cycle=1), r"unit 'm0': column 'cycle', row \d+: '1' is repeated"),
        (
            lambda t: t.assign(heat=["warm", *t["heat"][1:]]),
            "column 'heat', row 1: 'warm' is not a number",
        ),
        (lambda t: t.assign(heat=np.nan), "column 'heat', row 1: the value is missing"),
        (lambda t: t.assign(unit=None), "column 'unit', row 1: the id is empty"),
        (lambda t: t[["unit", "cycle"]], "no column beside units and cycles"),
    ],
)
def test_tables_that_cannot_be_used_are_named(change, message) -> None:
    with pytest.raises(DataError, match=message):
        read_fleet(change(table()))


def test_fleets_that_cannot_be_learned_from_are_named() -> None:
    with pytest.raises(DataError, match="there are 3 units, expected at least 5"):
        quick().fit(machines(3))
    same = machines(6).select(("constant",))
    with pytest.raises(DataError, match="no column varies"):
        quick().fit(same)
    with pytest.raises(DataError, match="unit 'm0' has 1 cycle"):
        quick().fit(machines(6).until([1, 20, 20, 20, 20, 20]))
    with pytest.raises(DataError, match="unit 'a' is in the fleet twice"):
        Fleet(("a", "a"), ("x",), (np.ones((1, 1)),) * 2, (np.ones(1),) * 2)
    with pytest.raises(DataError, match="unit 'a', cycle 1: 'x' is not a finite number"):
        Fleet(("a",), ("x",), (np.array([[np.inf]]),), (np.ones(1),))


def test_all_bad_arguments_are_named_at_once() -> None:
    bad = LifeEstimator(
        cap=0,
        hidden_sizes=(),
        dropout=1.0,
        learning_rate=-1.0,
        weight_decay=-1.0,
        epochs=0,
        batch_size=0,
        members=0,
        level=1.0,
        seed=-1,
    )
    with pytest.raises(OptionError) as caught:
        bad.fit(machines(6))
    for name in (
        "cap",
        "hidden_sizes",
        "dropout",
        "learning_rate",
        "weight_decay",
        "epochs",
        "batch_size",
        "members",
        "level",
        "seed",
    ):
        assert name in str(caught.value), name
    for use in (lambda: quick().predict(machines(6)), lambda: quick().track("a")):
        with pytest.raises(OptionError, match="has not been fitted"):
            use()
    assert repr(LifeEstimator(cap=90)) == "LifeEstimator(cap=90)"
    with pytest.raises(OptionError, match="has no parameter 'depth'"):
        quick().set_params(depth=3)
    with pytest.raises(OptionError, match="has not been fitted"):
        save(quick(), "never")
