"""Processes: who lives, without harm to them."""

import multiprocessing
import os
import subprocess
import sys

import pytest
from simulated_windows import Kernel

from gatework.search.lease import gone, new_owner
from gatework.system import processes


def test_this_process_lives_and_one_that_ended_does_not() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processes.is_alive(os.getpid())
    assert not processes.is_alive(ended.pid)
    assert processes.is_alive(10**30)  # the number of no process of this system, so nobody knows


def test_windows_is_asked_without_a_signal(monkeypatch) -> None:
    """There os.kill ends a process, or presses its Ctrl-C."""
    kernel = Kernel(monkeypatch, {11: True, 12: False}, forbidden=(4,))
    monkeypatch.setattr(processes, "sys", Kernel.python)
    monkeypatch.delattr(os, "kill")
    assert [processes.is_alive(pid) for pid in (11, 12, 13, 4, 2**32 + 12)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert not kernel.open
    host, _, search = new_owner().rsplit(":", 2)
    assert gone(f"{host}:12:{search}", until=float("inf"))
    assert not gone(f"{host}:11:{search}", until=float("inf"))


def test_a_worker_of_windows_waits_for_its_parent(monkeypatch) -> None:
    """There getppid keeps telling the number of a parent that has gone."""
    joined = []
    parent = type("Parent", (), {"join": lambda self: joined.append(self)})()
    monkeypatch.setattr(processes, "sys", Kernel.python)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: parent)
    processes.wait_for_end_of_parent(os.getppid())
    assert joined == [parent]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity")
def test_the_processors_are_those_this_process_may_use(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(processes, "CGROUPS", tmp_path)
    assert processes.processors() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processes.processors() == 1


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 8),
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu.max": "250000 100000\n"}, 3),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "9900000 100000\n"}, 8),
        ({"cpu.max": "nothing\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
    ],
)
def test_the_quota_of_a_container_bounds_the_processors(
    files, count, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(processes, "CGROUPS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert processes.processors() == count
