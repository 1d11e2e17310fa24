"""The layered search: better than its coarse grid, the same for a seed, and never lost."""

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from searched import AXES, Bowl

from gatework.errors import FileFormatError, InputFileError, OptionError, OutputError
from gatework.search import (
    Axis,
    Choice,
    Outcome,
    SearchError,
    SearchInterrupted,
    layered_search,
    read_ledger,
)
from gatework.search.evaluation import Evaluate
from tolerances import PATIENCE

BOWL = Bowl()


def search(tmp_path, evaluate: Evaluate = BOWL, axes=AXES, name="search.sqlite", **settings):
    settings = {"trials": 40, "workers": 1, "seed": 3, "repeats": 0, **settings}
    return layered_search(evaluate, axes, ledger=tmp_path / name, **settings)


def rows(trials) -> list:
    return [(t.index, t.layer, t.parameters, t.error, t.status) for t in trials]


def test_finer_layers_improve_on_the_coarse_grid(tmp_path) -> None:
    result = search(tmp_path, trials=60)
    coarse = min(t.error for t in result.trials if t.layer == 0 and t.error is not None)
    assert result.best.error is not None
    assert result.best.error < 0.5 * coarse
    assert result.layers >= 3
    assert result.stopped == "trials"
    sizes = [sum(t.layer == layer for t in result.trials) for layer in range(result.layers)]
    assert sizes == [21, 4, 4, 4, 4, 4, 5, 5, 6, 3]  # ever larger ones, as more is known


def test_it_beats_the_best_point_of_the_whole_coarse_grid(tmp_path) -> None:
    """The optimum lies between the grid's points, where no coarse grid can find it."""
    axes = [Axis("x", (0.0, 1.0, 2.0, 3.0)), Axis("y", (1.0, 10.0, 100.0), scale="log")]

    def error(parameters, seed):
        return Outcome(abs(parameters["x"] - 1.55) + abs(math.log10(parameters["y"]) - 0.6))

    whole = min(error({"x": x, "y": y}, 0).error for x in axes[0].values for y in axes[1].values)
    result = search(tmp_path, error, axes, trials=40)
    assert result.best.error is not None
    assert result.best.error < 0.3 * whole


def test_where_a_grid_is_used_up_the_next_one_is_finer(tmp_path) -> None:
    def error(parameters, seed):
        return Outcome((parameters["x"] - 1.3) ** 2)

    result = search(tmp_path, error, [Axis("x", (0, 1, 2, 3))], trials=20)
    assert (len(result.trials), result.stopped) == (20, "trials")
    assert abs(result.best.parameters["x"] - 1.3) < 0.05


@pytest.mark.parametrize("trials", [1, 2, 3, 4, 5, 7])
def test_a_small_number_of_trials_is_used_to_the_last(tmp_path, trials) -> None:
    result = search(tmp_path, trials=trials)
    assert (len(result.trials), result.stopped) == (trials, "trials")


def test_no_point_is_tried_twice_and_numbers_have_no_gaps(tmp_path) -> None:
    trials = search(tmp_path, trials=80).trials
    points = [tuple(t.parameters.values()) for t in trials]
    assert len(set(points)) == 80
    assert [t.index for t in trials] == list(range(80))


def test_any_number_of_workers_gives_the_same_trials(tmp_path) -> None:
    one = search(tmp_path, name="one", workers=1)
    two = search(tmp_path, name="two", workers=2)
    three = search(tmp_path, name="three", workers=3)
    assert rows(one.trials) == rows(two.trials) == rows(three.trials)
    assert one.best.parameters == three.best.parameters


def test_another_seed_tries_other_points(tmp_path) -> None:
    assert rows(search(tmp_path, name="a", seed=1).trials) != rows(
        search(tmp_path, name="b", seed=2).trials
    )


def test_evaluations_get_the_seed_of_the_search(tmp_path) -> None:
    assert {t.details["seed"] for t in search(tmp_path, seed=12, trials=5).trials} == {12}


def test_a_small_space_is_exhausted(tmp_path) -> None:
    axes = [Choice("kind", ("a", "b")), Axis("n", (1, 2, 3), integer=True)]

    def error(parameters, seed):
        return Outcome(parameters["n"] + (parameters["kind"] == "a"))

    result = search(tmp_path, error, axes, trials=100)
    assert result.stopped == "exhausted"
    assert len(result.trials) == 6
    assert result.best.parameters == {"kind": "b", "n": 1}


def test_of_equal_errors_the_earliest_is_best(tmp_path) -> None:
    result = search(tmp_path, lambda parameters, seed: Outcome(1.0), trials=10)
    assert result.best.index == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_failures_are_kept_with_their_reason_and_the_search_goes_on(tmp_path, workers) -> None:
    result = search(tmp_path, Bowl(fail_above=1.5), workers=workers)
    failed = [t for t in result.trials if t.status == "failed"]
    assert failed
    assert all(t.message.startswith("ArithmeticError: x is") for t in failed)
    assert all(t.error is None for t in failed)
    assert result.best.parameters["x"] <= 1.5
    assert len(result.trials) == 40


def test_a_worker_that_dies_is_replaced(tmp_path) -> None:
    result = search(tmp_path, Bowl(die_above=2.5), workers=2, trials=12)
    failed = [t for t in result.trials if t.status == "failed"]
    assert failed
    assert {t.message for t in failed} == {"the process died 2 times (signal SIGKILL)"}
    assert len(result.trials) == 12


def test_errors_that_are_no_numbers_are_failures(tmp_path) -> None:
    with pytest.raises(SearchError, match=r"all 4 trials failed; the first: the error is nan"):
        search(tmp_path, lambda p, s: Outcome(float("nan")), trials=4)
    assert len(read_ledger(tmp_path / "search.sqlite")) == 4


def test_the_ledger_is_a_table_of_all_trials(tmp_path) -> None:
    result = search(tmp_path)
    assert read_ledger(tmp_path / "search.sqlite") == list(result.trials)
    with pytest.raises(OutputError, match="exists already and was kept"):
        search(tmp_path)


def test_resuming_a_finished_search_evaluates_nothing(tmp_path) -> None:
    result = search(tmp_path)

    def never(parameters, seed):
        raise AssertionError("evaluated again")

    assert search(tmp_path, never, resume=True) == result


@pytest.mark.parametrize("kept", [1, 7, 20, 21, 33, 39])
def test_resuming_from_any_place_ends_as_without_interruption(tmp_path, kept) -> None:
    whole = search(tmp_path, name="whole")
    search(tmp_path, name="cut")
    layer = {t.index: t.layer for t in whole.trials}
    with sqlite3.connect(tmp_path / "cut") as connection:
        connection.execute("DELETE FROM trials WHERE number >= ?", (kept,))
        connection.execute("DELETE FROM layers WHERE first >= ?", (kept,))
        connection.execute("UPDATE layers SET count = NULL WHERE first + count >= ?", (kept,))
        if layer.get(kept - 2) == layer[kept - 1]:  # one was running beside others that had ended
            connection.execute("DELETE FROM trials WHERE number = ?", (kept - 2,))
    connection.close()
    resumed = search(tmp_path, name="cut", resume=True)
    assert rows(resumed.trials) == rows(whole.trials)


def test_resuming_another_search_names_what_differs(tmp_path) -> None:
    search(tmp_path, trials=4, fingerprint={"data": "abc"})
    with pytest.raises(OptionError, match=r"another search: seed was 3 and is 4"):
        search(tmp_path, trials=4, fingerprint={"data": "abc"}, seed=4, resume=True)
    with pytest.raises(OptionError, match=r"fingerprint was \{'data': 'abc'\} and is"):
        search(tmp_path, trials=4, fingerprint={"data": "xyz"}, resume=True)
    with pytest.raises(InputFileError, match="is not there"):
        search(tmp_path, name="nothing", resume=True)


def test_a_damaged_ledger_is_said(tmp_path) -> None:
    search(tmp_path)
    path = tmp_path / "search.sqlite"
    content = bytearray(path.read_bytes())
    content[:60] = os.urandom(60)
    path.write_bytes(content)
    for action in (lambda: read_ledger(path), lambda: search(tmp_path, resume=True)):
        with pytest.raises(FileFormatError, match="is no ledger or is damaged") as caught:
            action()
        assert "begin a new search" in str(caught.value.hint)


def run_script(ledger: Path, mode: str, *held: str) -> subprocess.Popen:
    script = Path(__file__).with_name("searched.py")
    return subprocess.Popen(
        [sys.executable, str(script), str(ledger), mode, "0", *held],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_trials(ledger: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if ledger.exists() and len(read_ledger(ledger)) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("the search made no progress")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_search_resumes_to_the_same_end(tmp_path, how) -> None:
    ledger = tmp_path / "cut.sqlite"
    held = tmp_path / "held"
    held.mkdir()
    process = run_script(ledger, "new", str(held))
    wait_for_trials(ledger, 3)
    group = os.getpgid(process.pid)
    if how == signal.SIGINT:
        os.killpg(group, signal.SIGINT)  # as Ctrl-C in a terminal does
    else:
        process.kill()
    _, stderr = process.communicate(timeout=PATIENCE)
    kept = len(read_ledger(ledger))
    assert 3 <= kept < 24
    if how == signal.SIGINT:
        assert f"the search was interrupted; {kept} finished trials are kept" in stderr
    (held / "go").touch()
    wait_until_empty(group)
    resumed, _ = run_script(ledger, "resume").communicate(timeout=PATIENCE)
    whole, _ = run_script(tmp_path / "whole.sqlite", "new").communicate(timeout=PATIENCE)
    assert json.loads(resumed) == json.loads(whole)


def wait_until_empty(group: int) -> None:
    """Wait until no worker of a process group is left."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("workers outlived the search")


def test_a_script_without_a_main_guard_can_search_with_workers(tmp_path) -> None:
    script = tmp_path / "plain.py"
    folder = Path(__file__).parent
    script.write_text(
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "from searched import AXES, Bowl\n"
        "from gatework.search import layered_search\n"
        f"r = layered_search(Bowl(), AXES, trials=4, workers=2, ledger={str(tmp_path / 'l')!r})\n"
        "print(len(r.trials))\n"
    )
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.stdout == "4\n", result.stderr


def test_ctrl_c_in_this_process_is_a_clean_stop(tmp_path) -> None:
    def interrupt(parameters, seed):
        if parameters["x"] > 1.5:
            raise KeyboardInterrupt
        return Outcome(1.0)

    with pytest.raises(SearchInterrupted, match="finished trials are kept in") as caught:
        search(tmp_path, interrupt)
    assert "resume=True" in str(caught.value.hint)


def test_progress_is_told_each_layer_and_trial(tmp_path) -> None:
    told: list = []

    class Told:
        def start(self, trials, seconds):
            told.append(("start", trials, seconds))

        def layer(self, number):
            told.append(("layer", number))

        def trial(self, trial, done, best):
            told.append((done, best.error))

        def stop(self):
            told.append("stop")

    result = search(tmp_path, trials=10, progress=Told())
    assert told[0] == ("start", 10, None)
    assert told[-1] == "stop"
    assert [entry for entry in told if entry[0] == "layer"][:3] == [("layer", i) for i in range(3)]
    assert told[-2] == (10, result.best.error)


def test_all_bad_arguments_are_named_at_once(tmp_path) -> None:
    axes = [
        Axis("a", (3, 1)),
        Axis("a", (0.0, 1.0), scale="log"),
        Axis("b", (1.5,), integer=True, low=2),
        Choice("c", ()),
    ]
    with pytest.raises(OptionError) as caught:
        layered_search(Bowl(), axes, ledger=tmp_path / "l", workers=0, budget=-1.0, trials=0)
    for part in (
        "the axis 'a' occurs twice",
        "the values of axis 'a' must rise",
        "axis 'a' is logarithmic, so its values must be above 0",
        "the values of axis 'b' must be whole numbers",
        "low and high of axis 'b' must enclose its values",
        "axis 'c' has no values",
        "workers must be a whole number of at least 1, got 0",
        "trials must be a whole number of at least 1, got 0",
        "budget must be a positive number of seconds",
    ):
        assert part in str(caught.value), part
    with pytest.raises(OptionError, match=r"there are no axes.*trials or budget must be given"):
        layered_search(Bowl(), [], ledger=tmp_path / "l")
    assert not (tmp_path / "l").exists()
