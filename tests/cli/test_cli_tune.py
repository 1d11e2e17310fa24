"""``gatework forecast --tune``."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework import load
from gatework.forecast import verdict


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> str:
    values = 10 + np.random.default_rng(0).normal(size=60)
    (tmp_path / "a.csv").write_text("value\n" + "\n".join(f"{one:.3f}" for one in values))
    return str(tmp_path / "a.csv")


@pytest.fixture
def many(tmp_path: Path) -> str:
    draw = np.random.default_rng(0)
    lines = [f"{shop},{t},{10 + draw.normal():.3f}" for shop in "ab" for t in range(1, 41)]
    (tmp_path / "many.csv").write_text("unique_id,ds,y\n" + "\n".join(lines))
    return str(tmp_path / "many.csv")


@pytest.mark.parametrize(("sure", "serves"), [(1.1, "tuned"), (0.0, "pretrained")])
def test_what_was_found_is_told_of_one_series(file, capsys, monkeypatch, sure, serves) -> None:
    monkeypatch.setattr(verdict, "SURE", sure)
    assert run("forecast", file, "--horizon", "1", "--tune", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["network"] == serves
    assert found["judged"]["kept"] is (serves == "tuned")
    assert found["judged"]["sentence"] in found["notes"]
    sentence = found["judged"]["sentence"]
    said = sentence[0].upper() + sentence[1:] + "."
    assert said in Path(found["report"]).read_text().replace("&#39;", "'")
    model = load(found["model"])
    assert [p.value for p in model.predict()] == [p["forecast"] for p in found["forecast"]]


def test_what_was_found_is_told_of_many_series(many, capsys, monkeypatch) -> None:
    monkeypatch.setattr(verdict, "SURE", 1.1)
    options = ("--horizon", "1", "--tune", "--checkpoint", "kept")
    assert run("forecast", many, *options, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["network"] == "tuned"
    assert found["judged"]["origins"] == 12
    assert "The tuned network serves: on 12 origins" in Path(found["report"]).read_text()
    assert run("forecast", many, *options) == 0
    assert "note: the tuned network serves: on 12 origins" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--tune", "--search"), "--tune does not go with a search"),
        (("--tune", "--trials", "2"), "--tune does not go with a search"),
        (("--tune", "--method", "recursive"), "--tune does not go with a search"),
        (("--checkpoint", "there"), "--checkpoint goes with --tune"),
    ],
)
def test_what_does_not_go_with_it_is_refused(file, capsys, options, message) -> None:
    assert run("forecast", file, *options) == 2
    assert message in capsys.readouterr().err


def test_it_does_not_go_with_training(many, capsys) -> None:
    assert run("forecast", many, "--tune", "--epochs", "2") == 2
    assert "--epochs trains networks on these series" in capsys.readouterr().err
