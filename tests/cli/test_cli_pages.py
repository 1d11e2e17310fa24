"""The commands and the code of the pages on forecasts, backtests and searches work."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from gatework.cli import main
from gatework.demo import networks
from gatework.forecast.es_lstm.method import SmoothingMethod
from gatework.search import Axis, Choice, Sizes
from gatework.search.axes import AnyAxis

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("forecast.md", "pretrained.md", "backtest.md", "layered-search.md", "engine.md")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch, brief_training) -> None:
    """Write the tables that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0)
    months = [f"{2000 + t // 12}-{t % 12 + 1:02d}" for t in range(46)]
    with Path("failures.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["month", "faults"])
        rows.writerows(zip(months[:40], draw.poisson(5, 40), strict=True))
    with Path("log.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["date", "what"])
        for month in months[:40]:
            rows.writerows(
                (f"{month}-{day:02d}", "fault") for day in sorted(draw.integers(1, 28, 4))
            )
    Path("history").mkdir()
    for name, rate in (("one", 5), ("other", 20)):
        rows = [
            f"{month},{value}" for month, value in zip(months, draw.poisson(rate, 46), strict=True)
        ]
        Path("history", f"{name}.csv").write_text("month,faults\n" + "\n".join(rows) + "\n")
    with Path("wide.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["month", "faults", "hours"])
        rows.writerows((one, t % 5, 100 + t % 7) for t, one in enumerate(months[:40]))
    with Path("rates.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["country", *range(1980, 2020)])
        rows.writerows([one, *draw.poisson(size, 40)] for one, size in (("A", 9), ("B", 30)))
    with Path("sales.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["shop", "month", "sales", "promotion"])
        for shop, level in (("north", 20), ("south", 40)):
            for t, month in enumerate(months):
                sales = f"{level + 5 * (t % 2) + draw.normal():.2f}" if t < 40 else ""
                rows.writerow([shop, month, sales, t % 2])


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def narrowed(self, series, cut) -> list[AnyAxis]:
    """Return a space of three points."""
    return [
        Sizes("hidden_sizes", ((4,),)),
        Axis("learning_rate", (0.001, 0.003, 0.01), scale="log"),
        Axis("epochs", (10,), integer=True),
        Axis("dropout", (0.0,)),
        Choice("correction", (False,)),
    ]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_work(page, capsys, monkeypatch) -> None:
    lines = [line for block in blocks(page, "bash") for line in block.splitlines() if line]
    assert lines
    if page == "layered-search.md":
        monkeypatch.setattr(SmoothingMethod, "axes", narrowed)
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "gatework"
        searches = {"--trials", "--exhaustive", "resume"} & set(words)
        with pytest.raises(SystemExit) as left:
            main([*words[1:], *(["--workers", "1"] if searches else [])])
        shown = capsys.readouterr()
        assert left.value.code in ((0, 1) if page == "backtest.md" else (0,)), shown.err
        if "--json" in words:
            found = json.loads(shown.out)
            assert found["parameters"] if page == "layered-search.md" else found["scores"]["LSTM"]
        if "--out" in words:
            assert Path(words[words.index("--out") + 1]).exists()


def test_the_commands_of_the_page_on_pictures_work(monkeypatch) -> None:
    from gatework import Forecaster, save
    from gatework.forecast import read_series

    monkeypatch.setattr(networks, "EPOCHS", 1)
    series = read_series("failures.csv")
    save(Forecaster(horizon=2, trials=1, workers=1).fit(series), "model.safetensors")
    for line in "".join(blocks("look.md", "bash")).splitlines():
        words = shlex.split(line)
        with pytest.raises(SystemExit) as left:
            main(words[1:])
        assert left.value.code == 0
    made = {path.name for path in Path().iterdir()}
    assert {"structure.svg", "gates.png", "cell.html", "explanation.html"} <= made
    assert len(list(Path("pictures").iterdir())) == 10


@pytest.mark.parametrize("page", [*PAGES, "look.md"])
def test_the_code_of_the_page_works(page) -> None:
    (code,) = blocks(page, "python")
    quick = code.replace("trials=2,", "trials=1, workers=1,")
    quick = quick.replace("workers=2", "workers=1").replace("processes=2", "processes=1")
    exec(compile(quick, page, "exec"), {})
