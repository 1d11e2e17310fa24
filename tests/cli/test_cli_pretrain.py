"""gatework pretrain: networks from a folder of series."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import run

from gatework.forecast.pretrained.model import PretrainedNetwork

QUICK = ("--members", "1", "--epochs", "1", "--synthetic", "3")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    folder = tmp_path / "history"
    folder.mkdir()
    for number in range(3):
        values = np.random.default_rng(number).normal(50, 5, 30).round(3)
        lines = [f"{1990 + time // 12}-{time % 12 + 1:02d},{v}" for time, v in enumerate(values)]
        (folder / f"shop{number}.csv").write_text("month,sales\n" + "\n".join(lines) + "\n")
    return folder


def test_it_writes_a_network_and_says_what_of(history: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "own.safetensors"
    barred = str(history / "shop2.csv")
    command = ("pretrain", str(history), "--out", str(out), "--exclude", barred, *QUICK)
    assert run(*command, "--json", "--workers", "2") == 0
    told = capsys.readouterr()
    assert "note: 1 network needs no more than --workers 1" in told.err
    said = json.loads(told.out)
    assert (said["series"], said["synthetic"], said["network"]) == (2, 3, str(out))
    about = PretrainedNetwork.load(out).about
    assert about["series"] == {"history": 2}
    assert set(about["files"]) == {"shop0.csv", "shop1.csv"}
    assert set(about["kept_out"]) == {"shop2.csv"}
    assert about["settings"]["synthetic"] == 3
    written = out.read_bytes()
    assert run(*command) == 2
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == written


def test_bad_use_is_told_before_any_work(history: Path, tmp_path: Path, capsys) -> None:
    out = str(tmp_path / "own.safetensors")
    assert run("pretrain", str(history), "--out", out, *QUICK, "--address", "a:1") == 2
    assert "--address goes with --engine ray" in capsys.readouterr().err
    assert run("pretrain", str(tmp_path / "none"), "--out", out, *QUICK) == 2
    assert "holds no CSV file" in capsys.readouterr().err
    assert run("pretrain", str(history), "--out", str(tmp_path / "no" / "own"), *QUICK) == 2
    assert "there is no folder for" in capsys.readouterr().err
