"""What every engine must do; test_engine_local.py and test_engine_ray.py run it for theirs."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from worked import Deadly, DeadlyAtRung, fails, rungs, square, waits

from gatework.engine import Answer, Pool
from tolerances import PATIENCE

Open = Callable[..., Pool]


def ended(pool: Pool, jobs: dict[int, tuple[Any, ...]], stop_at: int | None = None) -> dict:
    """Do all jobs, stopping those that come to a rung ``stop_at``; return their last answers."""
    waiting, running, last = list(jobs.items()), set(), {}
    while waiting or running:
        while waiting and pool.free():
            job, arguments = waiting.pop(0)
            pool.submit(job, *arguments)
            running.add(job)
        answer = pool.next_answer()
        if answer is None:
            assert not running
            time.sleep(0.05)  # a new worker is starting
            continue
        if answer.rung is None:
            running.discard(answer.job)
            last[answer.job] = answer
            continue
        stop = answer.rung == stop_at
        pool.go_on(answer.job, stop=stop)
        if stop:
            running.discard(answer.job)
            last[answer.job] = answer
    return last


class PoolContract:
    """The tests; a subclass has a fixture ``opened`` that opens a pool and closes it in the end."""

    workers = 2

    def test_jobs_come_back_with_their_values(self, opened: Open) -> None:
        pool = opened(square)
        assert pool.free() == self.workers
        found = ended(pool, {number: (number,) for number in range(9)})
        assert {job: one.value for job, one in found.items()} == {n: n * n for n in range(9)}
        assert all(one.seconds >= 0 and not one.message for one in found.values())
        assert pool.free() == self.workers

    def test_work_may_stand_at_rungs_and_go_on_where_it_was(self, opened: Open) -> None:
        pool = opened(rungs)
        pool.submit(5, 3)
        for rung in range(3):
            answer = pool.next_answer()
            assert answer is not None
            assert (answer.job, answer.rung, answer.value) == (5, rung, rung * rung)
            assert pool.free() == self.workers - 1
            pool.go_on(5)
        last = pool.next_answer()
        assert last is not None
        assert last.rung is None
        assert pool.free() == self.workers

    def test_a_stopped_job_frees_its_worker(self, opened: Open) -> None:
        pool = opened(rungs)
        found = ended(pool, {number: (4,) for number in range(6)}, stop_at=1)
        assert {one.rung for one in found.values()} == {1}
        assert pool.free() == self.workers

    def test_with_nothing_to_do_there_is_no_answer(self, opened: Open) -> None:
        assert opened(square).next_answer() is None

    def test_failures_are_told_in_words(self, opened: Open) -> None:
        found = ended(opened(fails), {0: (7,), 1: (8,)})
        assert found[0] == Answer(0, None, found[0].seconds, "ArithmeticError: 7 is too much", None)
        assert found[1].message == "ArithmeticError: 8 is too much"


class ProcessContract(PoolContract):
    """What engines with processes of their own must do besides."""

    def test_waiting_may_be_given_up(self, opened: Open, tmp_path) -> None:
        pool, go = opened(waits), tmp_path / "go"
        pool.submit(0, str(go))
        assert pool.next_answer(0.05) is None
        go.touch()
        answer = pool.next_answer()
        assert answer is not None
        assert 0.04 < answer.seconds < PATIENCE

    @pytest.mark.parametrize("deaths", [1, 2])
    def test_a_job_whose_worker_dies_is_done_again_once(
        self, opened: Open, tmp_path, deaths
    ) -> None:
        pool = opened(Deadly(str(tmp_path), deaths))
        found = ended(pool, {number: (number,) for number in range(5)})
        values = {job: one.value for job, one in found.items()}
        assert values == {0: 0, 1: 10 if deaths == 1 else None, 2: 20, 3: 30, 4: 40}
        assert ("the process died 2 times" in found[1].message) == (deaths == 2)
        begun = sorted(path.name for path in tmp_path.iterdir())
        assert begun == ["0-0", "1-0", "1-1", "2-0", "3-0", "4-0"]  # no other one twice

    def test_a_job_that_loses_its_worker_after_a_rung_begins_anew(
        self, opened: Open, tmp_path
    ) -> None:
        found = ended(opened(DeadlyAtRung(str(tmp_path))), {0: (0,), 1: (1,)})
        assert {job: one.value for job, one in found.items()} == {0: 0, 1: 10}
