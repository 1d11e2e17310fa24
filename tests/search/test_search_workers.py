"""Worker processes, and what evaluations may do wrong in them."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from searched import AXES, Bowl

from gatework.errors import OptionError
from gatework.search import Axis, Choice, Outcome, SearchError, Sizes, layered_search
from tolerances import PATIENCE


class Environment:
    """Gives away what its process looks like, and how often it was sent there."""

    sent = 0

    def __setstate__(self, state) -> None:
        type(self).sent += 1

    def __getstate__(self) -> dict:
        return {"some": "state"}

    def __call__(self, parameters, seed) -> Outcome:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        threads = [os.environ.get(name) for name in names]
        return Outcome(1.0, {"threads": threads, "pid": os.getpid(), "sent": type(self).sent})


def returns(value, parameters, seed):
    return value


def leaves(parameters, seed):
    sys.exit(3)


def test_each_worker_gets_the_evaluation_once_and_one_thread(tmp_path) -> None:
    before = dict(os.environ)
    result = layered_search(Environment(), AXES, trials=12, workers=2, ledger=tmp_path / "l")
    assert {tuple(t.details["threads"]) for t in result.trials} == {("1", "1", "1")}
    assert {t.details["sent"] for t in result.trials} == {1}
    workers = {t.details["pid"] for t in result.trials}
    assert 1 <= len(workers) <= 2
    assert os.getpid() not in workers
    assert dict(os.environ) == before


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("evaluate", "reason"),
    [
        (functools.partial(returns, None), "returned NoneType, expected an Outcome"),
        (functools.partial(returns, Outcome(1.0, {"a": {1}})), "set is not JSON serializable"),
        (functools.partial(returns, Outcome("low")), "could not convert string to float"),  # pyright: ignore[reportArgumentType]
        (functools.partial(returns, Outcome(float("inf"))), "the error is inf"),
        (leaves, "SystemExit: 3"),
    ],
)
def test_an_outcome_that_cannot_be_kept_is_a_failed_trial(
    tmp_path, workers, evaluate, reason
) -> None:
    with pytest.raises(SearchError, match=f"all 2 trials failed; the first: .*{reason}"):
        layered_search(evaluate, AXES, trials=2, workers=workers, ledger=tmp_path / "l")


def test_what_cannot_be_sent_or_stored_is_refused_before_any_work(tmp_path) -> None:
    axes = [
        Axis("a", (float("nan"), 1.0)),
        Axis("b", ("low", "high")),  # pyright: ignore[reportArgumentType]
        Axis("c", (2, 4), integer=True, low=1.5),
        Choice("d", ([1], [2])),
        Choice("e", (object(),)),
        Sizes("f", ([8], [16])),  # pyright: ignore[reportArgumentType]
    ]
    with pytest.raises(OptionError) as caught:
        layered_search(
            lambda parameters, seed: Outcome(1.0),
            axes,
            trials=2,
            workers=2,
            seed="one",  # pyright: ignore[reportArgumentType]
            fingerprint={"digest": b"abc"},
            ledger=tmp_path / "l",
        )
    for part in (
        "axis 'a' must have finite numbers",
        "axis 'b' must have finite numbers",
        "the values of axis 'c' must be whole numbers",
        "the values of axis 'd' must be numbers, strings",
        "the values of axis 'e' must be numbers, strings",
        "each value of axis 'f' must be a tuple of whole numbers",
        "evaluate cannot be sent to other processes",
        "seed must be a whole number, got 'one'",
        "fingerprint must hold JSON values",
    ):
        assert part in str(caught.value), part
    assert not (tmp_path / "l").exists()


SLOW_TO_IMPORT = """
import sys
sys.path.insert(0, {folder!r})
from gatework.search import layered_search
from slow import evaluate
from searched import AXES
layered_search(evaluate, AXES, trials=4, workers=2, ledger={ledger!r})
"""


def test_ctrl_c_while_workers_start_ends_without_their_tracebacks(tmp_path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    (tmp_path / "slow.py").write_text(
        "import os, time, pathlib, multiprocessing\n"
        "if multiprocessing.current_process().name != 'MainProcess':\n"
        f"    pathlib.Path({str(marks)!r}, str(os.getpid())).touch()\n"
        "    time.sleep(600)\n"
        "def evaluate(parameters, seed): ...\n"
    )
    script = tmp_path / "script.py"
    ledger = str(tmp_path / "l")
    script.write_text(SLOW_TO_IMPORT.format(folder=str(tmp_path), ledger=ledger))
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    deadline = time.monotonic() + PATIENCE
    while len(list(marks.iterdir())) < 2:
        assert time.monotonic() < deadline, "the workers did not start"
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert "the search was interrupted; 0 finished trials are kept" in stderr
    assert stderr.count("Traceback") == 1  # the caller's own
    for mark in marks.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(mark.name), 0)


def test_an_evaluation_bound_to_something_of_the_script_finds_it(tmp_path) -> None:
    script = tmp_path / "bound.py"
    script.write_text(
        "import functools\n"
        "from gatework.search import Axis, Outcome, layered_search\n"
        "def error(shift, parameters, seed): return Outcome(abs(parameters['x'] - shift))\n"
        "if __name__ == '__main__':\n"
        "    r = layered_search(functools.partial(error, 1.0), [Axis('x', (0, 1, 2))], trials=3,\n"
        f"                       workers=2, ledger={str(tmp_path / 'l')!r})\n"
        "    print(r.best.error)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == "0.0\n", done.stderr


def test_an_evaluation_in_this_process_needs_no_pickling(tmp_path) -> None:
    bowl = Bowl()
    result = layered_search(
        lambda parameters, seed: bowl(parameters, seed),
        AXES,
        trials=2,
        workers=1,
        ledger=tmp_path / "l",
    )
    assert len(result.trials) == 2
