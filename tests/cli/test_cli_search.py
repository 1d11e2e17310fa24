"""``gatework search`` on ledgers, whole, empty and damaged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest
from running import run

from gatework.search import Axis, Outcome, SearchError, layered_search


def evaluate(parameters: dict, seed: int) -> Outcome:
    if parameters["x"] == 0:
        raise ValueError("[b]x must not be 0[/b]")
    return Outcome((parameters["x"] - 3) ** 2)


def fail(parameters: dict, seed: int) -> Outcome:
    raise ValueError("no luck")


def fail_at_length(parameters: dict, seed: int) -> Outcome:
    raise ValueError(f"no luck {'at all ' * 12}whatever")


@pytest.fixture(autouse=True)
def ledger(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    axes = [Axis("x", (0, 2, 4))]
    layered_search(evaluate, axes, trials=5, workers=1, ledger="search.sqlite")


def test_all_trials_are_shown_in_their_order(capsys) -> None:
    assert run("search", "table", "search.sqlite", "--json") == 0
    trials = json.loads(capsys.readouterr().out)
    assert [trial["trial"] for trial in trials] == list(range(5))
    assert {trial["status"] for trial in trials} == {"done", "failed"}
    assert run("search", "table", "search.sqlite") == 0
    shown = capsys.readouterr().out
    assert "5 trials of search.sqlite" in shown
    assert "[b]x must not be 0[/b]" in shown  # as it stands, not as markup


def test_a_pipe_gets_every_value_whole(capsys, monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    axes = [Axis(f"x{n}", (10**12 + n, 2 * 10**12 + n)) for n in range(20)]
    with pytest.raises(SearchError):
        layered_search(fail_at_length, axes, trials=1, workers=1, ledger="wide.sqlite")
    assert run("search", "table", "wide.sqlite", "--json") == 0
    (trial,) = json.loads(capsys.readouterr().out)
    assert run("search", "table", "wide.sqlite") == 0
    shown = capsys.readouterr().out
    assert [value for value in trial["parameters"].values() if str(value) not in shown] == []
    assert trial["message"] in shown


def test_the_best_come_first(capsys) -> None:
    assert run("search", "table", "search.sqlite", "--best", "2", "--json") == 0
    errors = [trial["error"] for trial in json.loads(capsys.readouterr().out)]
    assert errors == sorted(errors)
    assert len(errors) == 2
    assert run("search", "best", "search.sqlite", "--json") == 0
    best = json.loads(capsys.readouterr().out)
    assert best["error"] == errors[0]
    assert run("search", "best", "search.sqlite") == 0
    assert f"x: {best['parameters']['x']:.4g}" in capsys.readouterr().out


def halved(parameters: dict, seed: int) -> Generator[Outcome, None, Outcome]:
    """Reach a rung, and end half as far from the best."""
    error = abs(parameters["x"] - 3) + seed / 1e6
    yield Outcome(error)
    return Outcome(error / 2)


def test_what_was_stopped_and_repeated_is_told(capsys) -> None:
    axes = [Axis("x", (0, 2, 4, 6, 8, 10))]
    begun = Outcome(2.5, {"network": "pretrained"})
    how = {"workers": 1, "ledger": "halved.sqlite", "start": lambda: begun}
    layered_search(halved, axes, trials=20, **how)
    assert run("search", "table", "halved.sqlite", "--json") == 0
    start, *trials = json.loads(capsys.readouterr().out)
    assert (start["trial"], start["status"], start["error"]) == (None, "start", 2.5)
    assert start["message"] == "the search began with the pretrained network"
    stopped = next(trial for trial in trials if trial["status"] == "stopped")
    last = stopped["rungs"][-1]
    assert last["stopped"] is True
    assert last["error"] > last["threshold"]
    assert last["beside"] >= 4
    assert stopped["error"] is None
    assert {trial["seed"] for trial in trials} > {0}
    assert run("search", "table", "halved.sqlite") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{last['error']:.5g} > {last['threshold']:.5g}" in shown
    assert "b was the most to go on" in shown
    assert "start" in shown
    assert start["message"] in shown
    assert run("search", "best", "halved.sqlite", "--json") == 0
    best = json.loads(capsys.readouterr().out)
    assert best["seeds"] == len(best["errors"]) > 1
    assert best["error"] == pytest.approx(sum(best["errors"]) / best["seeds"])
    assert run("search", "best", "halved.sqlite") == 0
    said = capsys.readouterr().out
    assert f"mean of {best['seeds']} seeds" in said
    assert " ± " in said
    assert "the search began with the pretrained network, error 2.5" in said


def test_the_answer_is_no_where_nothing_succeeded(capsys) -> None:
    with pytest.raises(SearchError):
        layered_search(fail, [Axis("x", (1, 2))], trials=2, workers=1, ledger="failed.sqlite")
    assert run("search", "best", "failed.sqlite") == 1
    assert "no trial has succeeded yet" in capsys.readouterr().err


def test_a_page_is_drawn_and_kept(capsys) -> None:
    assert run("search", "plot", "search.sqlite", "--out", "page.html") == 0
    page = Path("page.html").read_text()
    assert "The search in search.sqlite" in page
    assert page.count("<svg") >= 2
    assert "<b>" not in page.split("</style>")[1].split("x must")[0][-30:]
    assert run("search", "plot", "search.sqlite", "--out", "page.html") == 2
    assert "exists already and was kept" in capsys.readouterr().err
    assert run("search", "plot", "search.sqlite", "--out", "page.html", "--overwrite") == 0
    chinese = ["--out", "chinese.html", "--language", "zh"]
    assert run("search", "plot", "search.sqlite", *chinese) == 0
    assert "search.sqlite 中的搜索" in Path("chinese.html").read_text()


def test_a_damaged_ledger_is_rescued(capsys) -> None:
    with sqlite3.connect("search.sqlite") as connection:
        connection.execute("UPDATE trials SET status = 'maybe' WHERE number = 1")
    connection.close()
    assert run("search", "table", "search.sqlite") == 2
    told = capsys.readouterr().err
    assert "4 finished trials of it can still be read" in told
    assert "hint: gatework search rescue search.sqlite --out rescued.sqlite" in told
    assert run("search", "rescue", "search.sqlite", "--out", "rescued.sqlite") == 0
    assert capsys.readouterr().out == "rescued.sqlite: 4 finished trials\n"
    assert run("search", "table", "rescued.sqlite", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 4
    assert run("search", "rescue", "search.sqlite", "--out", "rescued.sqlite") == 2
    assert "exists already and was kept" in capsys.readouterr().err


def test_files_that_are_no_ledgers_are_refused(capsys) -> None:
    Path("text.sqlite").write_text("no ledger")
    assert run("search", "table", "text.sqlite") == 2
    assert "text.sqlite" in capsys.readouterr().err
    assert run("search", "table", "none.sqlite") == 2
    assert "none.sqlite" in capsys.readouterr().err
