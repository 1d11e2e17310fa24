"""Fleets as people have them: readings and cycles that lack, text beside numbers, odd names."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatework import LifeEstimator, load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.life import Fleet, read_fleet
from gatework.storage import read_sealed, write_sealed
from gatework.tabular.style import ReadingStyle

HEAT: dict[str, list[float | None]] = {"a": [1.0, 2.0, None, 4.0], "b": [None, 7.0, 8.0, 9.0]}


def table(folder: Path, text: str, **options: object) -> Fleet:
    path = folder / "units.csv"
    path.write_text(text)
    return read_fleet(path, **options)  # type: ignore[arg-type]


def rows(heat: Mapping[str, Sequence[float | None]]) -> str:
    lines = [
        f"{unit},{cycle},{'' if value is None else value},1"
        for unit, values in heat.items()
        for cycle, value in enumerate(values, 1)
    ]
    return "\n".join(["unit,cycle,heat,load", *lines])


@pytest.mark.parametrize(
    ("missing", "a", "how"),
    [
        ("previous", [1, 2, 2, 4], "with the reading before"),
        ("interpolate", [1, 2, 3, 4], "by interpolation"),
        ("mean", [1, 2, 31 / 6, 4], "with the mean of the column"),
        ("zero", [1, 2, 0, 4], "with 0"),
    ],
)
def test_readings_that_lack_are_filled_as_is_said(
    tmp_path: Path, missing: str, a: list[float], how: str
) -> None:
    heat = HEAT if missing != "previous" else HEAT | {"b": [6.0, 7.0, 8.0, 9.0]}
    fleet = table(tmp_path, rows(heat), missing=missing)
    np.testing.assert_allclose(fleet.histories[0][:, 0], a)
    (note,) = fleet.notes
    assert how in note
    assert note.endswith("the first in column 'heat', row 4")


def test_a_reading_that_lacks_is_named_with_the_option_that_fills_it(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"column 'heat', row 4: the value is missing \(the first of 2\)"
    ) as caught:
        table(tmp_path, rows(HEAT))
    assert caught.value.hint == "--missing previous (or interpolate, zero, mean) fills it"
    with pytest.raises(DataError, match="unit 'b': column 'heat' begins with a missing value"):
        table(tmp_path, rows(HEAT), missing="previous")
    with pytest.raises(DataError, match="unit 'b': column 'heat' has no reading at all") as caught:
        table(tmp_path, rows(HEAT | {"b": [None]}), missing="interpolate")
    assert caught.value.hint == "--missing mean"
    words = rows(HEAT).replace(",,", ",n/a,")
    with pytest.raises(DataError, match="column 'heat', row 4: the value is missing"):
        table(tmp_path, words)
    assert table(tmp_path, words, missing="zero").histories[0][2, 0] == 0
    with pytest.raises(OptionError, match="missing must be one of error, interpolate"):
        table(tmp_path, words, missing="guess")


GAPPY = "unit,cycle,heat\n1,1,5\n1,2,6\n1,3,7\n2,1,5\n2,2,6\n2,6,9\n2,7,10\n2,9,11\n3,4,1\n3,5,2\n"


def test_cycles_that_lack_are_named_or_steps_without_readings(tmp_path: Path) -> None:
    message = r"unit '2' has no cycles 3 to 5, and 1 more gap: the cycles before and after"
    with pytest.raises(DataError, match=message) as caught:
        table(tmp_path, GAPPY)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("--gaps missing --missing previous")
    fleet = table(tmp_path, GAPPY, gaps="missing", missing="previous")
    assert fleet.cycles[1].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert fleet.histories[1][:, 0].tolist() == [5, 6, 6, 6, 6, 9, 10, 10, 11]
    assert fleet.cycles[2].tolist() == [4, 5]
    assert fleet.notes == (
        "unit '2' has no cycles 3 to 5, and 1 more gap: taken as steps without readings, and "
        "filled",
    )
    straight = table(tmp_path, GAPPY, gaps="missing", missing="interpolate")
    assert straight.histories[1][:, 0].tolist() == [5, 6, 6.75, 7.5, 8.25, 9, 10, 10.5, 11]
    with pytest.raises(OptionError, match="steps without readings need a way") as caught_option:
        table(tmp_path, GAPPY, gaps="missing")
    assert caught_option.value.hint == "--missing previous"
    with pytest.raises(OptionError, match="gaps must be one of error, missing"):
        table(tmp_path, GAPPY, gaps="mask")
    far = GAPPY.replace("2,9,11", "2,9000000000,11")
    with pytest.raises(DataError, match="unit '2': cycle 9e\\+09 comes after 7") as caught:
        table(tmp_path, far, gaps="missing", missing="previous")
    assert caught.value.hint == "look for a mistaken number of a cycle"


def test_the_usual_step_is_found_and_what_has_none_is_said(tmp_path: Path) -> None:
    tens = "unit,cycle,heat\n1,10,5\n1,20,6\n1,30,7\n2,5,6\n2,15,6\n"
    assert table(tmp_path, tens).step == 10
    hours = "unit,cycle,heat\n1,1.5,5\n1,4,6\n1,9,7\n2,2,6\n2,3,6\n2,9.5,6\n"
    fleet = table(tmp_path, hours)
    assert (fleet.step, fleet.histories[0][:, 0].tolist()) == (None, [5, 6, 7])
    assert fleet.notes == ("the steps between cycles differ: each row is taken for one step",)
    between = "unit,cycle,heat\n1,1,5\n1,2,6\n1,3,7\n2,1,6\n2,2.5,6\n"
    (note,) = table(tmp_path, between).notes
    assert note.startswith("the cycles of unit '2' are not whole steps of 1 apart")
    with pytest.raises(DataError, match="unit '1' has no cycles 11 to 19"):
        table(tmp_path, tens, step=1.0)


def test_columns_of_text_and_dates_are_left_out_with_a_note(tmp_path: Path) -> None:
    fleet = table(
        tmp_path,
        "unit,cycle,date,heat,mode\na,1,2005-03-07,5,\na,2,2005-03-08,6,idle\n",
    )
    assert (fleet.names, fleet.histories[0].tolist()) == (("heat",), [[5], [6]])
    assert fleet.notes == (
        "column 'date' holds dates, as '2005-03-07' in row 2, and is left out",
        "column 'mode' holds text, as 'idle' in row 3, and is left out",
    )
    with pytest.raises(DataError, match="there is no column of numbers beside units and cycles"):
        table(tmp_path, "unit,cycle,mode\na,1,idle\n")


@pytest.mark.parametrize(
    ("names", "options", "message", "hint"),
    [
        ("unit,time,heat", {}, "column 'cycle' is not in", "--cycle-column time"),
        ("unit,time,heat", {"cycle_column": "unit"}, "cannot be both", "--cycle-column time"),
        ("pump,cycle,heat", {}, "column 'unit' is not in", "--unit-column pump"),
        ("pump,time,heat", {}, "column 'unit' is not in", "--unit-column pump"),
        ("unit,heat,time", {}, "column 'cycle' is not in", "--cycle-column NAME"),
        ("unit,wear,time", {}, "column 'cycle' is not in", "--cycle-column time"),
    ],
)
def test_hints_name_columns_that_may_be_units_and_cycles(
    tmp_path: Path, names: str, options: dict[str, str], message: str, hint: str
) -> None:
    lines = ["p1,1,2.5", "p1,2,2.5", "p1,3,2.25", "p2,1,2.5", "p2,2,2.25"]
    if names == "unit,wear,time":  # what is worn grows in whole numbers, too
        lines = ["p1,1,1.5", "p1,2,2.5", "p1,3,2.5", "p2,1,1.5", "p2,2,2.5"]
    if names == "unit,heat,time":
        lines = ["p1,1,2.5", "p1,1,2.5", "p1,3,2.25"]
    with pytest.raises((DataError, OptionError), match=message) as caught:
        table(tmp_path, "\n".join([names, *lines]), **options)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("names", "first", "options", "hint"),
    [
        ("unit,row,time,heat", "7", {}, "--cycle-column time"),
        ("unit,row,time,heat", "7", {"cycle_column": "tiem"}, "--cycle-column time"),
        ("unit,cycle,hour,heat", "2024-01-0{}", {}, "--cycle-column hour"),
    ],
)
def test_the_likeliest_of_several_columns_is_the_hint(
    tmp_path: Path, names: str, first: str, options: dict[str, str], hint: str
) -> None:
    cells = [(unit, cycle) for unit in ("p1", "p2") for cycle in (1, 2, 3)]
    lines = [
        f"{unit},{first.format(cycle) if '{}' in first else place},{cycle},{2.5 + cycle}"
        for place, (unit, cycle) in enumerate(cells)
    ]
    with pytest.raises(DataError) as caught:
        table(tmp_path, "\n".join([names, *lines]), **options)
    assert caught.value.hint == hint


CMAPSS: dict[str, Callable[[list[str]], bytes]] = {
    "FD.csv": lambda lines: "  \r\n".join([*lines, ""]).encode(),
    "train_FD001": lambda lines: "\n".join(lines).encode("utf-8-sig"),
    "blank first.txt": lambda lines: ("\r\n" + "  \r\n".join(lines)).encode(),
    "anew.csv": lambda lines: "\n".join(",".join(line.split()) for line in lines).encode(),
    "notepad.csv": lambda lines: "\r\n".join(lines).encode("utf-16"),
    "packed.csv.gz": lambda lines: gzip.compress("\n".join(lines).encode()),
    "engines.dat": lambda lines: "\n".join(f" {line}" for line in lines).encode(),
}


@pytest.mark.parametrize("name", CMAPSS)
def test_files_of_cmapss_are_known_by_what_they_hold(tmp_path: Path, name: str) -> None:
    values = [f"{number / 8}" for number in range(24)]
    lines = [" ".join([unit, cycle, *values]) for unit in "12" for cycle in "123"]
    (tmp_path / name).write_bytes(CMAPSS[name](lines))
    fleet = read_fleet(tmp_path / name)
    assert (fleet.units, fleet.names[:4]) == (
        ("1", "2"),
        ("setting 1", "setting 2", "setting 3", "sensor 1"),
    )
    assert fleet.histories[1].tolist() == [[number / 8 for number in range(24)]] * 3
    assert fleet.cycles[1].tolist() == [1, 2, 3]


def german(units: int, *, cut: int = 0) -> str:
    """Return machines that heat up, in a German table."""
    lines = [
        f"m{unit};{cycle};{(20 + cycle + unit / 8):.3f}".replace(".", ",")
        for unit in range(units)
        for cycle in range(1, 9 + unit - cut)
    ]
    return "\n".join(["Nr;Tag;heat", *lines])


def test_a_model_reads_later_tables_as_its_first_one(tmp_path: Path) -> None:
    fleet = table(tmp_path, german(6), unit_column="nr", cycle_column="tag")
    fitted = LifeEstimator(epochs=1, members=1, hidden_sizes=(4,)).fit(fleet)
    again = load(save(fitted, tmp_path / "model"))
    assert isinstance(again, LifeEstimator)
    assert (again.style_, again.step_) == (fleet.style, 1.0)
    later = tmp_path / "later.csv"
    later.write_text("Nr\tTag\theat\nx\t1\t21,250\nx\t2\t22,250\n")
    frame = pd.DataFrame({"Nr": ["x"] * 2, "Tag": [1, 2], "heat": [21.25, 22.25]})
    assert again.predict(later) == fitted.predict(frame)
    later.write_text("Nr\tTag\theat\nx\t1\t21.25\n")
    with pytest.raises(DataError, match=r"'21\.25' is not a number where ',' begins the decimals"):
        again.predict(later)
    later.write_text("Nr\tTag\theat\nx\t1\t21,250\nx\t4\t22,250\n")
    with pytest.raises(DataError, match="unit 'x' has no cycles 2 to 3"):
        again.predict(later)
    assert len(again.read(later, gaps="missing", missing="previous").cycles[0]) == 4


def test_how_a_fleet_was_filled_is_kept_and_used_again(tmp_path: Path) -> None:
    text = german(6).replace("m2;3;23,250", "m2;3;-1")
    style = ReadingStyle(missing=("-1",))
    names = {"unit_column": "Nr", "cycle_column": "Tag", "style": style}
    fleet = table(tmp_path, text, missing="previous", gaps="missing", **names)
    assert (fleet.missing, fleet.gaps) == ("previous", "missing")
    fitted = LifeEstimator(epochs=1, members=1, hidden_sizes=(4,)).fit(fleet)
    again = load(save(fitted, tmp_path / "model"))
    assert isinstance(again, LifeEstimator)
    assert (again.missing_, again.gaps_) == ("previous", "missing")
    later, whole = tmp_path / "later.csv", tmp_path / "whole.csv"
    later.write_text("Nr;Tag;heat\nx;1;21,5\nx;2;-1\nx;4;22,5\n")
    whole.write_text("Nr;Tag;heat\nx;1;21,5\nx;2;21,5\nx;3;21,5\nx;4;22,5\n")
    assert again.predict(later) == again.predict(whole)
    assert again.read(later).cycles[0].tolist() == [1, 2, 3, 4]
    with pytest.raises(DataError, match=r"column 'heat', row 3: the value is missing"):
        again.read(later, missing="error", gaps="error")
    saved = read_sealed(tmp_path / "model")
    assert (saved.config["missing"], saved.config["gaps"]) == ("previous", "missing")
    write_sealed(tmp_path / "bad", saved.kind, saved.config | {"missing": "guess"}, saved.tensors)
    with pytest.raises(FileFormatError, match="missing must be one of"):
        load(tmp_path / "bad")


def test_models_of_before_have_no_style(tmp_path: Path) -> None:
    fleet = table(tmp_path, german(6).replace("Nr;Tag", "unit;cycle"))
    sealed = read_sealed(
        save(LifeEstimator(epochs=1, members=1, hidden_sizes=(4,)).fit(fleet), tmp_path / "new")
    )
    old = {name: value for name, value in sealed.config.items() if name not in ("style", "step")}
    write_sealed(tmp_path / "old", sealed.kind, old, sealed.tensors)
    loaded = load(tmp_path / "old")
    assert isinstance(loaded, LifeEstimator)
    assert (loaded.style_.to_config(), loaded.step_) == ({}, None)
    assert (loaded.missing_, loaded.gaps_) == ("error", "error")
    assert "missing" not in sealed.config
    assert len(loaded.predict(tmp_path / "units.csv")) == 6
    for key, value, message in (
        ("style", {"decimals": "red"}, "style: decimals of a reading style cannot be 'red'"),
        ("step", -1, "step must be a number"),
    ):
        bad = tmp_path / f"bad {key}"
        write_sealed(bad, sealed.kind, sealed.config | {key: value}, sealed.tensors)
        with pytest.raises(FileFormatError, match=message):
            load(bad)


def test_many_columns_are_not_told_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    names = [f"s{n}" for n in range(6)]
    rows = [
        ";".join([unit, str(n), *(f"{n},{k}" for k in range(6))]) for unit in "ab" for n in range(5)
    ]
    path.write_text("\n".join([";".join(["unit", "cycle", *names]), *rows]) + "\n")
    assert read_fleet(path).notes == (
        "the comma begins the decimals of column 's0'",
        "5 more notes of this kind are left out, for other columns",
    )
