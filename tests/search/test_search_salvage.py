"""What of a damaged ledger can be read is told, and can be gone on with."""

import random
import sqlite3

import pytest
from searched import AXES, Bowl

from gatework.errors import FileFormatError, GateworkError, OutputError
from gatework.search import layered_search, read_ledger, rescue_ledger


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "search.sqlite"
    search(path)
    return path


def search(path, resume=False):
    return layered_search(Bowl(), AXES, trials=24, workers=1, ledger=path, resume=resume)


def shown(trials) -> list:
    return [(t.index, t.layer, t.parameters, t.error, t.status, t.seed) for t in trials]


def change(path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("UPDATE trials SET status = 'maybe' WHERE number IN (3, 7)", 22),
        ("UPDATE trials SET layer = 99 WHERE number = 5", 23),
        ("UPDATE trials SET layer = 0 WHERE number = 20", 23),
        ("UPDATE layers SET first = 77 WHERE layer = (SELECT max(layer) FROM layers)", None),
        ("UPDATE trials SET parameters = '[' WHERE number > 11", 12),
    ],
)
def test_sound_rows_are_counted_saved_and_gone_on_with(ledger, tmp_path, statement, left) -> None:
    whole = read_ledger(ledger)
    change(ledger, statement)
    if left is None:
        left = sum(trial.layer < whole[-1].layer for trial in whole)
    with pytest.raises(
        FileFormatError,
        match=rf"{left} finished trials of it can still be read|"
        "not in an order",
    ) as caught:
        search(ledger, resume=True)
    assert "begin a new search" in str(caught.value.hint)
    damaged = ledger.read_bytes()
    saved = rescue_ledger(ledger, tmp_path / "rescued.sqlite")
    assert len(saved) == left
    assert set(map(repr, shown(saved))) <= set(map(repr, shown(whole)))
    assert ledger.read_bytes() == damaged
    search(tmp_path / "rescued.sqlite", resume=True)
    assert shown(read_ledger(tmp_path / "rescued.sqlite")) == shown(whole)


def test_pages_that_are_lost_cost_their_rows_alone(tmp_path) -> None:
    path = tmp_path / "long.sqlite"
    layered_search(Bowl(), AXES, trials=200, workers=1, ledger=path, repeats=0)
    content = bytearray(path.read_bytes())
    pages = [at for at in range(0, len(content), 4096) if content[at] == 13]  # leaves of tables
    lost = pages[len(pages) // 2]
    content[lost : lost + 4096] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"\d+ finished trials of it can still be read"):
        read_ledger(path)
    assert 100 < len(rescue_ledger(path, tmp_path / "rescued")) < 200


def test_whatever_bytes_change_a_rescue_ends_with_sound_trials_or_an_error(ledger, tmp_path):
    whole, rng = ledger.read_bytes(), random.Random(1)
    known, rescued = {repr(one) for one in shown(read_ledger(ledger))}, 0
    for number in range(100):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 8, 64))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        ledger.write_bytes(content)
        try:
            found = rescue_ledger(ledger, tmp_path / f"rescued {number}")
        except GateworkError:
            continue
        assert len(found) <= 24
        rescued += {repr(one) for one in shown(found)} <= known
        assert read_ledger(tmp_path / f"rescued {number}") == found
    assert rescued > 30


def test_what_is_there_is_not_overwritten(ledger, tmp_path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        rescue_ledger(ledger, tmp_path / "mine")


def test_nothing_of_a_file_of_another_kind_is_saved(ledger, tmp_path) -> None:
    change(ledger, "ALTER TABLE trials RENAME TO mine")
    change(ledger, "CREATE VIEW trials AS SELECT * FROM mine")
    with pytest.raises(FileFormatError, match="nothing of it can be read") as caught:
        rescue_ledger(ledger, tmp_path / "rescued")
    assert caught.value.hint == "put it aside and begin a new search"
