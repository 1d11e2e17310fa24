"""The engines of this machine: this very process, and processes beside it."""

import os

import pytest
from pools import PoolContract, ProcessContract
from worked import rungs, square

from gatework.engine import InProcess, Processes, engine_problems, open_pool


class TestInProcess(PoolContract):
    workers = 1

    @pytest.fixture
    def opened(self):
        return InProcess


class TestProcesses(ProcessContract):
    @pytest.fixture
    def opened(self):
        pools = []

        def opening(work):
            pools.append(Processes(work, 2))
            return pools[-1]

        yield opening
        for pool in pools:
            pool.close()


def test_one_worker_is_this_process_and_several_are_not() -> None:
    pool = open_pool(rungs, workers=1)
    assert isinstance(pool, InProcess)
    pool.submit(0, 0)
    answer = pool.next_answer()
    assert answer is not None
    assert answer.value == os.getpid()
    pool = open_pool(square, workers=2)
    assert isinstance(pool, Processes)
    pool.close()


@pytest.mark.parametrize(
    ("engine", "address", "problem"),
    [
        ("local", None, ""),
        ("ray", "10.0.0.1:6379", ""),
        ("rya", None, "engine must be one of local, ray, got 'rya' (did you mean 'ray'?)"),
        ("local", "10.0.0.1:6379", "address is of a Ray cluster, so it needs engine='ray'"),
    ],
)
def test_the_choice_of_an_engine_is_checked(engine, address, problem) -> None:
    assert engine_problems(engine, address) == ([problem] if problem else [])
