"""Threads: those of a call, and those of Python that call at the same time."""

import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gatework.errors import OptionError
from tolerances import PATIENCE


def inputs(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    "options", [{}, {"bidirectional": True}, {"layer_norm": True, "proj_size": 16}]
)
@pytest.mark.parametrize("shape", [(40, 1, 8), (5, 67, 8)])
def test_the_same_bits_for_any_number_of_threads(lstm_of, loaded, options, shape) -> None:
    lstm, x = lstm_of(8, [64, 48], **options), inputs(*shape)
    expected, ended = loaded(lstm)(x)
    for threads in (2, 3, 8):
        output, state = loaded(lstm, threads=threads)(x)
        np.testing.assert_array_equal(output, expected)
        assert all(np.array_equal(state[name], part) for name, part in ended.items())


@pytest.mark.parametrize(("hidden", "counts"), [(160, (67, 3, 67, 130)), (512, (1, 9))])
def test_steps_have_the_same_bits_for_any_number_of_threads(
    lstm_of, loaded, hidden, counts
) -> None:
    lstm = lstm_of(8, [hidden, 64])
    alone = loaded(lstm).streams()
    others = [loaded(lstm, threads=threads).streams() for threads in (2, 3)]
    for seed, count in enumerate(counts):
        x, keys = inputs(count, 8, seed=seed), list(range(count))
        expected = alone.step(keys, x)
        for streams in others:
            np.testing.assert_array_equal(streams.step(keys, x), expected)


def test_threads_that_lose_their_core_and_come_back_change_no_bit(lstm_of, loaded) -> None:
    # One row and many cells: the threads share the cells and meet after each step. Several calls at
    # once are more threads than there are cores.
    lstm, x = lstm_of(8, 160), inputs(2000, 1, 8)
    expected, _ = loaded(lstm)(x)
    models = [loaded(lstm, threads=threads) for threads in (2, 5, 2)]
    with ThreadPoolExecutor(3) as pool:
        for _ in range(4):
            for output, _ in pool.map(lambda model: model(x), models):
                np.testing.assert_array_equal(output, expected)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system tells no threads")
def test_calls_one_after_the_other_take_the_same_threads(lstm_of, loaded) -> None:
    model, x = loaded(lstm_of(8, 160), threads=3), inputs(100, 8, 8)
    model(x)
    before = len(list(Path("/proc/self/task").iterdir()))
    for _ in range(20):
        model(x)
    assert len(list(Path("/proc/self/task").iterdir())) == before


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system binds no threads")
def test_helpers_keep_to_the_cores_that_they_may_have(lstm_of, loaded) -> None:
    # A helper that shares its caller's core is sent to the others, of which there may be none.
    model, x = loaded(lstm_of(8, 160), threads=2), inputs(100, 8, 8)
    allowed, expected = os.sched_getaffinity(0), model(x)[0]
    for core in sorted(allowed)[:4] * 3:
        os.sched_setaffinity(0, {core})
        try:
            bound = model(x)[0]
        finally:
            os.sched_setaffinity(0, allowed)
        for _ in range(3):
            np.testing.assert_array_equal(model(x)[0], bound)
        np.testing.assert_array_equal(bound, expected)
        for task in Path("/proc/self/task").iterdir():
            assert os.sched_getaffinity(int(task.name)) <= allowed


def test_one_model_called_from_many_threads(lstm_of, loaded) -> None:
    model = loaded(lstm_of(8, [64, 48]), threads=2)
    xs = [inputs(30, 4, 8, seed=seed) for seed in range(8)]
    expected = [model(x)[0] for x in xs]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for found, truth in zip(pool.map(lambda x: model(x)[0], xs), expected, strict=True):
                np.testing.assert_array_equal(found, truth)


@pytest.mark.parametrize(
    "size", [16, 512]
)  # a step that keeps Python's lock, and one that does not
def test_a_stepper_for_each_thread(lstm_of, loaded, size) -> None:
    model = loaded(lstm_of(8, size))
    xs = inputs(4, 20, 8)

    def run(x: np.ndarray) -> np.ndarray:
        stepper = model.stepper()
        return np.stack([stepper.step(one) for one in x])

    with ThreadPoolExecutor(4) as pool:
        for found, x in zip(pool.map(run, xs), xs, strict=True):
            np.testing.assert_array_equal(found, model(x)[0])


def test_a_stepper_that_two_threads_share_refuses_one_or_serves_both(lstm_of, loaded) -> None:
    model = loaded(lstm_of(8, 1024))
    stepper, x = model.stepper(), inputs(1, 8)
    taken, refused = [], []

    def many() -> None:
        for _ in range(100):
            try:
                stepper.step(x)
                taken.append(1)
            except OptionError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=many) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) + len(refused) == 200
    assert all(
        "another thread is in a step of this stepper\nhint: stepper.copy" in r for r in refused
    )
    other = model.stepper()
    for _ in taken:
        other.step(x)
    np.testing.assert_array_equal(stepper.step(x), other.step(x))


def test_streams_shared_by_threads(lstm_of, loaded) -> None:
    model = loaded(lstm_of(8, 256))
    streams, xs = model.streams(), inputs(40, 8, 8)

    def run(thread: int) -> list[np.ndarray]:
        keys = [(thread, number) for number in range(8)]
        return [streams.step(keys, x) for x in xs]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, range(4)))
    stepper = model.stepper(8)
    expected = [stepper.step(x) for x in xs]
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_a_fork_after_use_runs_on(lstm_of, loaded) -> None:
    model = loaded(lstm_of(8, [64, 48]), threads=2)
    x = inputs(30, 4, 8)
    expected, _ = model(x)
    stepper = model.stepper()
    stepper.step(inputs(1, 8))

    def child(sender) -> None:
        sender.send((model(x)[0], stepper.step(inputs(1, 8))))

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(sender,))
    process.start()
    assert receiver.poll(PATIENCE)
    output, step = receiver.recv()
    process.join()
    np.testing.assert_array_equal(output, expected)
    np.testing.assert_array_equal(step, stepper.step(inputs(1, 8)))


def test_a_program_ends_while_a_daemon_thread_is_in_a_call(lstm_of, tmp_path) -> None:
    path = lstm_of(8, 160).write(tmp_path / "model")
    program = (
        "import sys, threading, time, numpy, gatework.runtime as runtime\n"
        "model, x = runtime.load(sys.argv[1], threads=2), numpy.zeros((2000, 1, 8), 'float32')\n"
        "begun = threading.Event()\n"
        "def call():\n"
        "    while True: model(x), begun.set()\n"
        "for _ in range(3): threading.Thread(target=call, daemon=True).start()\n"
        "begun.wait()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=PATIENCE)
