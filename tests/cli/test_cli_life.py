"""``gatework life`` from tables to report, and the commands of docs/life.md."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework import load

DOCS = Path(__file__).parents[2] / "docs" / "life.md"
QUICK = ("--epochs", "2", "--members", "1")


def write(path: Path, units: int, *, cut: int, seed: int) -> None:
    """Write machines that heat up before they fail, without their last ``cut`` cycles."""
    draw = np.random.default_rng(seed)
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["unit", "cycle", "heat", "vibration"])
        for unit in range(1, units + 1):
            life = int(draw.integers(50, 80))
            for cycle in range(1, life - cut + 1):
                heat = 20 + max(30 - (life - cycle), 0) / 5 + 0.2 * draw.normal()
                rows.writerow([f"pump {unit}", cycle, f"{heat:.3f}", f"{draw.normal():.3f}"])


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "failed.csv", 8, cut=0, seed=1)
    write(tmp_path / "running.csv", 3, cut=10, seed=2)


def test_units_get_a_table_a_report_and_scores(capsys) -> None:
    Path("truth.txt").write_text("10\n10\n10\n")
    options = ("--test", "running.csv", "--truth", "truth.txt", "--out", "life")
    assert run("life", "failed.csv", *options, *QUICK) == 0
    shown = capsys.readouterr().out
    assert "cycles left of 3 units" in shown
    assert re.search(r"RMSE [\d.]+ cycles, PHM score \d+", shown)
    assert re.search(r"^on 1 unit held out: RMSE [\d.]+ cycles, .+ [\d.]+", shown, re.MULTILINE)
    rows = list(csv.DictReader(Path("life/life.csv").read_text().splitlines()))
    assert [row["unit"] for row in rows] == ["pump 1", "pump 2", "pump 3"]
    model = load("life/model.safetensors")
    values = [point.value for point in model.predict("running.csv")]
    np.testing.assert_allclose([float(row["value"]) for row in rows], values)
    page = Path("life/report.html").read_text()
    assert page.count("predicted life") >= 3
    assert "On 1 unit that the networks had not seen" in page
    assert page.count("<script") == 1  # our own
    assert run("life", "failed.csv", *options, *QUICK) == 2
    assert "holds files already" in capsys.readouterr().err


def test_names_of_units_are_escaped_in_the_report(capsys) -> None:
    text = Path("running.csv").read_text().replace("pump 1", "<b>pump</b>")
    Path("running.csv").write_text(text)
    options = ("--test", "running.csv", "--out", "life", "--language", "zh")
    assert run("life", "failed.csv", *options, *QUICK) == 0
    page = Path("life/report.html").read_text()
    assert "剩余使用寿命" in page
    assert "<b>pump</b>" not in page
    assert "&lt;b&gt;pump" in page


def test_the_commands_of_the_page_work(capsys) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(lines) == 2
    for line in lines:
        words = shlex.split(line)
        quick = QUICK if "--model" not in words else ()
        capsys.readouterr()
        assert run(*words[1:], *quick) == 0, line
    found = json.loads(capsys.readouterr().out)
    assert found["units"] == 3
    assert set(found["life"][0]) == {"unit", "cycle", "value", "lower", "upper"}


def test_the_code_of_the_page_works() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code.replace("seed=1", "seed=1, epochs=2, members=1"), str(DOCS), "exec"), {})
    assert Path("life.safetensors").is_file()


def with_column(name: str, column: str, cell: str, other: str = "") -> None:
    """Add a column to a table: one cell in its first row, another in all others."""
    header, first, *rest = Path(name).read_text().splitlines()
    lines = [f"{header},{column}", f"{first},{cell}", *(f"{line},{other or cell}" for line in rest)]
    Path(name).write_text("\n".join(lines) + "\n")


def test_what_is_left_out_and_filled_is_said(capsys) -> None:
    for name in ("failed.csv", "running.csv"):
        with_column(name, "mode", "idle")
        with_column(name, "site", "7")
    lines = Path("running.csv").read_text().splitlines()
    del lines[5:7]  # cycles 5 and 6
    lines[3] = re.sub(r"^(pump 1,3),[^,]*", r"\1,n/a", lines[3])
    Path("running.csv").write_text("\n".join(lines) + "\n")
    arguments = ("life", "failed.csv", "--test", "running.csv", "--out", "life", "--json", *QUICK)
    assert run(*arguments) == 2
    told = capsys.readouterr().err
    assert "column 'heat', row 4: the value is missing\nhint: --missing previous" in told
    assert run(*arguments, "--missing", "previous") == 2
    told = capsys.readouterr().err
    assert "unit 'pump 1' has no cycles 5 to 6" in told
    assert "hint: --gaps missing --missing previous" in told
    assert run(*arguments, "--missing", "previous", "--gaps", "missing") == 0
    found = capsys.readouterr()
    notes = json.loads(found.out)["notes"]
    assert notes == [
        "failed.csv: column 'mode' holds text, as 'idle' in row 2, and is left out",
        "failed.csv: column 'site' never varies and is left out",
        "running.csv: column 'mode' holds text, as 'idle' in row 2, and is left out",
        "running.csv: 'n/a' in row 4 of column 'heat' is taken for missing",
        "running.csv: 1 missing reading was filled with the reading before, the first in column "
        "'heat', row 4",
        "running.csv: unit 'pump 1' has no cycles 5 to 6: taken as steps without readings, and "
        "filled",
    ]
    for note in notes:
        assert f"note: {note}" in found.err


def test_decimals_that_can_be_read_in_two_ways_are_asked_for(capsys) -> None:
    text = Path("failed.csv").read_text().replace(",", ";").replace(".", ",")
    lines = [line.rsplit(";", 1)[0] for line in text.splitlines()]  # 20,123 of all heats
    Path("german.txt").write_text("\n".join(lines).replace(";", "\t"))
    arguments = ("life", "german.txt", "--out", "life", *QUICK)
    assert run(*arguments) == 2
    told = capsys.readouterr().err
    heat = re.search(r"column 'heat', row 2: '(\d+),(\d+)' may be \1\2 or \1\.\2\n", told)
    assert heat is not None
    whole, part = heat.groups()
    assert f"--decimal point reads {whole}{part}, --decimal comma reads {whole}.{part}" in told
    assert run(*arguments, "--decimal", "comma") == 0
    assert load("life/model.safetensors").signals_.mean[0] == pytest.approx(20.5, abs=2)


def test_columns_that_running_units_lack_are_named_before_training(capsys) -> None:
    text = Path("running.csv").read_text().replace("vibration", "vibrations")
    Path("running.csv").write_text(text)
    assert run("life", "failed.csv", "--test", "running.csv", "--out", "life", *QUICK) == 2
    told = capsys.readouterr().err
    assert "'running.csv': the column 'vibration', which the network knows, is missing" in told
    assert "hint: is 'vibrations' the same?" in told
    assert not Path("life").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a TRAIN file, or --model, and not both"),
        (("failed.csv", "--model", "m"), "name a TRAIN file, or --model, and not both"),
        (("--model", "m"), "--model has units to predict"),
        (("failed.csv", "--truth", "t"), "--truth goes with --test"),
        (("--model", "m", "--test", "t", "--cap", "9"), "--cap does not go with --model"),
        (("none.csv",), "'none.csv' does not exist"),
        (("failed.csv", "--unit-column", "machine"), "column 'machine' is not in 'failed.csv'"),
        (("running.csv",), "there are 3 units, expected at least 5"),
        (("failed.csv", "--test", "running.csv", "--truth", "short.txt"), "has 1 number, but"),
        (("failed.csv", "--test", "running.csv", "--truth", "failed.csv"), "line 1: 'unit,cycle"),
    ],
)
def test_wrong_use_is_refused_before_any_work(capsys, arguments, message) -> None:
    Path("short.txt").write_text("5\n")
    assert run("life", *arguments, "--out", "life") == 2
    assert message in capsys.readouterr().err
    assert not Path("life").exists()


def test_a_model_of_another_kind_is_refused(capsys) -> None:
    from gatework import LSTM, save

    save(LSTM(1, [2]), "lstm.safetensors")
    assert run("life", "--model", "lstm.safetensors", "--test", "running.csv") == 2
    assert "holds a LSTM, expected a LifeEstimator" in capsys.readouterr().err


def test_a_model_reads_on_and_is_explained_as_it_was_trained(capsys) -> None:
    filled = ("--missing", "previous", "--gaps", "missing")
    assert run("life", "failed.csv", "--out", "life", *QUICK, *filled) == 0
    assert capsys.readouterr().out.startswith("on 1 unit held out: RMSE ")
    lines = Path("running.csv").read_text().splitlines()
    lines[3] = re.sub(r"^(pump 1,3),[^,]*", r"\1,-999", lines[3])
    del lines[5:7]  # cycles 5 and 6
    Path("running.csv").write_text("\n".join(lines) + "\n")
    model = "life/model.safetensors"
    again = ("life", "--model", model, "--test", "running.csv", "--json", "--out")
    assert run(*again, "marked", "--missing-mark", "-999") == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert [note for note in notes if "filled" in note] == [
        "running.csv: 1 missing reading was filled with the reading before, the first in column "
        "'heat', row 4",
        "running.csv: unit 'pump 1' has no cycles 5 to 6: taken as steps without readings, and "
        "filled",
    ]
    assert run(*again, "strict", "--missing", "error", "--gaps", "error") == 2
    assert "hint: --gaps missing --missing previous" in capsys.readouterr().err
    explain = ("explain", model, "running.csv", "--series", "pump 1", "--overwrite")
    assert run(*explain, "--missing-mark", "-999") == 0
    assert run(*explain, "--gaps", "error") == 2
    assert "hint: --gaps missing --missing previous" in capsys.readouterr().err
    named = Path("running.csv").read_text().replace("unit,cycle", "pump,hour")
    Path("running.csv").write_text(named)
    assert run(*explain) == 2
    assert "hint: --id-column pump\n" in capsys.readouterr().err
    assert run(*explain, "--id-column", "pump") == 2
    assert "hint: --time-column hour\n" in capsys.readouterr().err
    columns = ("--id-column", "pump", "--time-column", "hour")
    assert run("draw", model, "gates", "--data", "running.csv", *columns) == 0
