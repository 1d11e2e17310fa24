"""``gatework draw`` and ``gatework explain`` from file to picture."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import run

import gatework
from gatework import LSTM
from gatework.demo import networks
from gatework.train import seeded


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with seeded(0):
        gatework.save(LSTM(2, [5, 4, 3]), "model.safetensors")
    values = np.random.default_rng(0).normal(size=(40, 2))
    lines = [f"day {n},{a:.3f},{b:.3f}" for n, (a, b) in enumerate(values)]
    (tmp_path / "data.csv").write_text("\n".join(["when,heat,load", *lines]) + "\n")


def test_a_model_alone_gives_its_structure_and_its_cell(tmp_path, capsys) -> None:
    assert run("draw", "model.safetensors") == 0
    assert "LSTM 3" in (tmp_path / "structure.svg").read_text()
    assert run("draw", "model.safetensors", "cell", "--layer", "2", "--language", "zh") == 0
    assert "遗忘门" in (tmp_path / "cell.svg").read_text()
    assert capsys.readouterr().out == "structure.svg\ncell.svg\n"


def test_all_pictures_of_a_model_over_data(tmp_path, capsys) -> None:
    options = ["--data", "data.csv", "--time-column", "when", "--out", "all", "--json"]
    assert run("draw", "model.safetensors", "all", *options) == 0
    captured = capsys.readouterr()
    drawn = json.loads(captured.out)["pictures"]
    names = "structure unrolled cell gates memory gradients saturation attribution"
    assert drawn == [f"all/{name}.svg" for name in names.split()]
    assert "text is left out: it needs a model that reads a text" in captured.err
    assert "day 39" in (tmp_path / "all" / "unrolled.svg").read_text()
    assert run("draw", "model.safetensors", "all", *options) == 2
    assert "exists already and was kept" in capsys.readouterr().err
    assert run("draw", "model.safetensors", "all", *options, "--overwrite") == 0


def test_the_demonstration_draws_everything(tmp_path, capsys, monkeypatch) -> None:

    monkeypatch.setattr(networks, "EPOCHS", 1)
    assert run("draw", "--demo", "all", "--out", "pictures", "--format", "html") == 0
    made = sorted(path.stem for path in (tmp_path / "pictures").iterdir())
    assert made == sorted(
        [
            "structure",
            "unrolled",
            "cell",
            "gates",
            "memory",
            "gradients",
            "saturation",
            "text",
            "attribution",
            "film",
        ]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("gates --layer 4", "no layer 4: this network has layers 1 to 3\nhint: --layer 3\n"),
        ("cell --layer 4", "no layer 4: this network has layers 1 to 3\nhint: --layer 3\n"),
        ("gates --layer 3 --units 1,4", "in layer 3, which has units 0 to 2\nhint: --units 2\n"),
        ("cell --layer 2 --unit 4", "in layer 2, which has units 0 to 3\nhint: --unit 3\n"),
        ("gates --steps 60:70", "60:70 is not in the run, which has steps 0 to 39\nhint: --steps"),
        ("cell --step 99", "no step 99: the run has steps 0 to 39\nhint: --step 39\n"),
        ("gates --direction reverse", "not read in reverse\nhint: --direction forward\n"),
    ],
)
def test_a_place_that_is_not_there_is_told_as_it_is_typed(options, said, capsys) -> None:
    shown = ["draw", "model.safetensors", *options.split()]
    data = ["--data", "data.csv", "--time-column", "when"]
    assert run(*shown, *data) == 2
    told = capsys.readouterr().err
    assert said in told
    cure = told.split("hint: ")[1].split()
    assert run(*shown, *cure, *data) == 0, "the hint is taken as it stands"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["model.safetensors", "gate"], "there is no picture 'gate'"),
        (["model.safetensors", "gates"], "needs data that the model reads\nhint: --data FILE"),
        (["model.safetensors", "film"], "needs the record of a training"),
        (["model.safetensors", "--out", "a.pdf"], "must end in .svg, .png or .html"),
        (["nothing.safetensors"], "nothing.safetensors"),
        (["data.csv"], "data.csv"),
        (["model.safetensors", "gates", "--data", "data.csv", "--column", "heat"], "2 features"),
        (["model.safetensors", "film", "--record", "."], "holds no record of a run"),
        (["model.safetensors", "gates", "--units", "a,b"], "not as in --units 0,3,5"),
        (["model.safetensors", "gates", "--steps", "4"], "not as in --steps 20:60"),
        (["model.safetensors", "structure", "--unit", "5"], "--unit says nothing to the picture"),
        (["model.safetensors", "cell", "--step", "3"], "--step goes with --data FILE"),
        (["model.safetensors", "--column", "heat"], "--column goes with --data FILE"),
        (["model.safetensors", "--record", "."], "--record is for the picture film"),
        (["model.safetensors", "--dark"], "--dark is for pictures as .png"),
        (["model.safetensors", "--format", "png", "--out", "a.svg"], "--format contradicts --out"),
        (["--demo", "--data", "data.csv"], "--data does not go with --demo"),
        ([], "name a MODEL"),
        (["--demo", "a", "b"], "--demo takes the name of a picture"),
    ],
)
def test_wrong_use_is_told_and_leaves_nothing(arguments, said, tmp_path, capsys) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run("draw", *arguments) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_heat_maps_of_some_units_and_steps(tmp_path) -> None:
    only = ["--data", "data.csv", "--time-column", "when", "--units", "4,1", "--steps", "10:20"]
    assert run("draw", "model.safetensors", "gates", *only) == 0
    drawn = (tmp_path / "gates.svg").read_text()
    assert 'data-names="unit 4&#10;unit 1"' in drawn
    assert 'data-labels="day 10&#10;day 11' in drawn
    assert "day 20" not in drawn


def test_moments_like_some_words_are_looked_for(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(networks, "EPOCHS", 1)
    assert run("draw", "--demo", "text", "--unit", "3", "--like", "gate says") == 0
    assert "Where the unit does as at “gate·says”:" in (tmp_path / "text.svg").read_text()


def test_an_explanation_in_words_and_as_a_page(tmp_path, capsys) -> None:
    command = ["explain", "model.safetensors", "data.csv"]
    assert run(*command) == 0
    told = capsys.readouterr().out
    assert "layer 1: the forget bias never moved from its start, 1" in told
    page = (tmp_path / "explanation.html").read_text()
    assert "the forget bias never moved" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert len(page) < 1_000_000
    assert run(*command) == 2
    assert "exists already and was kept" in capsys.readouterr().err
    assert run(*command, "--overwrite", "--json", "--language", "zh") == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert findings[0]["kind"] == "unmoved forget bias"
    assert "遗忘门偏置从未离开初值" in (tmp_path / "explanation.html").read_text()


def test_tables_are_read_as_is_said(tmp_path, capsys) -> None:
    lines = [f"day {n};1.{n:03d};{n},5" for n in range(40)]
    Path("data.csv").write_text("\n".join(["when;heat;load", *lines, "Total;1.000;9"]) + "\n")
    explain = ["explain", "model.safetensors", "data.csv", "--time-column", "when"]
    assert run(*explain) == 2
    assert "hint: --drop-totals" in capsys.readouterr().err
    assert run(*explain, "--drop-totals", "--decimal", "point") == 2
    told = capsys.readouterr().err
    assert "column 'load', row 2: '0,5' is not a number where '.' begins the decimals" in told
    assert "hint: correct the cell or leave the row out, or --column OTHER\n" in told
    assert run(*explain, "--drop-totals", "--decimal", "comma") == 0
    assert run("draw", "model.safetensors", "gates", "--decimal", "comma") == 2
    told = capsys.readouterr().err
    assert "--decimal goes with --data FILE\nhint: add --data FILE" in told
    assert run(*explain, "--gaps", "missing", "--overwrite") == 2
    assert "has no use for gaps\nhint: --column --time-column" in capsys.readouterr().err


def test_a_film_as_a_page_can_be_played(monkeypatch) -> None:
    monkeypatch.setattr(networks, "EPOCHS", 2)
    assert run("draw", "--demo", "film", "--out", "film.html") == 0
    page = Path("film.html").read_text(encoding="utf-8")
    assert page.count('data-when="epoch:') == 3
    assert len(page.encode()) < 1_000_000
    assert run("draw", "--demo", "film", "--out", "film.html") == 2
