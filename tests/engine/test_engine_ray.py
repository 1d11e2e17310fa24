"""The engine of a Ray cluster, on a cluster of two nodes on this machine."""

import importlib
import importlib.util
import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pools import ProcessContract
from worked import square

from gatework import GlobalForecaster
from gatework.engine import open_pool, remote
from gatework.errors import EngineError, MissingDependencyError, OptionError
from gatework.forecast import Panel, Series
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.pretrain import PretrainSettings, pretrain
from gatework.search import Axis, Outcome, layered_search, read_ledger

ray_only = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="ray is not installed; pip install 'gatework[cluster]'",
)


@pytest.fixture(scope="module")
def cluster():
    """A cluster of two nodes with two processors each, to which this process is connected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own
        import ray
        from ray.cluster_utils import Cluster

        room: dict[str, Any] = {"num_cpus": 2, "object_store_memory": 80 * 2**20}
        made = Cluster(initialize_head=True, head_node_args={**room, "include_dashboard": False})
        made.add_node(**room)
        # What the tests define is importable on the nodes, as Gatework is.
        here = Path(__file__).parent
        paths = {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
        ray.init(
            address=made.address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": paths},
        )
        yield made
        ray.shutdown()
        made.shutdown()


@ray_only
class TestRay(ProcessContract):
    @pytest.fixture
    def opened(self, cluster):
        pools = []

        def opening(work):
            pools.append(open_pool(work, "ray", 2, cluster.address))
            while pools[-1].free() < 2:
                time.sleep(0.05)  # what a busy machine has not started in REACH seconds
            return pools[-1]

        yield opening
        for pool in pools:
            pool.close()


def valley(parameters, seed):
    for step in range(3):
        yield Outcome((parameters["x"] - 5.3) ** 2 + 3 - step)
    return Outcome((parameters["x"] - 5.3) ** 2, {"seed": seed})


def plain_valley(parameters, seed):
    return Outcome((parameters["x"] - 5.3) ** 2)


def slow_valley(parameters, seed):
    time.sleep(0.3)
    return plain_valley(parameters, seed)


class Told:
    """Calls something after each trial, with how many are done."""

    def __init__(self, call):
        self.call = call

    def start(self, trials, seconds):
        pass

    def layer(self, number):
        pass

    def trial(self, trial, done, best):
        self.call(done)

    def stop(self):
        pass


AXES = [Axis("x", tuple(range(11))), Axis("y", (1.0, 10.0, 100.0), scale="log")]


def shown(trials) -> list:
    return [(t.index, t.layer, t.parameters, t.error, t.status, t.seed, t.rungs) for t in trials]


@ray_only
def test_a_search_on_the_cluster_is_the_search_at_home(cluster, tmp_path) -> None:
    settings: dict[str, Any] = {"trials": 20, "seed": 4}
    home = layered_search(valley, AXES, ledger=tmp_path / "home", workers=1, **settings)
    away = layered_search(
        valley, AXES, ledger=tmp_path / "away", engine="ray", address=cluster.address, **settings
    )
    assert shown(away.trials) == shown(home.trials)
    assert away.best.parameters == home.best.parameters


@ray_only
def test_work_that_the_cluster_cannot_open_is_an_error(cluster, tmp_path, monkeypatch) -> None:
    (tmp_path / "only_here.py").write_text("def work(number):\n    return number\n")
    monkeypatch.syspath_prepend(tmp_path)
    only_here = importlib.import_module("only_here")
    with pytest.raises(EngineError, match=r"cannot open the work: .*No module named 'only_here'"):
        open_pool(only_here.work, "ray", 2)


@ray_only
def test_no_address_is_the_cluster_that_this_process_is_connected_to(cluster) -> None:
    pool = open_pool(square, "ray", 1)
    pool.submit(0, 12)
    answer = pool.next_answer()
    assert answer is not None
    assert answer.value == 144
    pool.close()
    with free_port(listening=True) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(EngineError, match="is connected to the Ray cluster at"):
            open_pool(square, "ray", 1, address)


@ray_only
def test_actors_train_the_network_that_one_process_does(cluster) -> None:
    draw = np.random.default_rng(0)
    labels = tuple(str(period) for period in range(1, 31))
    panel = Panel.from_series(
        [Series(f"s{n}", 20 + n + draw.normal(0, 1, 30), labels) for n in range(5)]
    )
    settings: dict[str, Any] = {
        "horizon": 2,
        "hidden_sizes": (8,),
        "dropout": 0.0,
        "members": 1,
        "epochs": 3,
        "batch_size": 3,
    }
    home = GlobalForecaster(**settings).fit(panel).predict()
    settings |= {"processes": 2, "engine": "ray", "address": cluster.address}
    away = GlobalForecaster(**settings).fit(panel).predict()
    np.testing.assert_allclose(away.values, home.values, rtol=2e-5)
    np.testing.assert_allclose(away.lower[0.8], home.lower[0.8], rtol=1e-4)


@ray_only
def test_pretrained_networks_of_the_cluster_are_those_of_home(cluster) -> None:
    settings = PretrainSettings(hidden_sizes=(4,), entry=4, members=2, epochs=1, synthetic=0)
    waves = [np.sin(np.arange(24.0) / 2) + number for number in range(4)]
    examples = [Example(str(number), "wave", one, 1) for number, one in enumerate(waves)]
    away = pretrain(examples, settings, engine="ray", address=cluster.address)
    for here, there in zip(pretrain(examples, settings).members, away.members, strict=True):
        for name, weights in here.weights.items():
            np.testing.assert_array_equal(weights, there.weights[name])


@ray_only
def test_a_node_that_is_lost_in_the_middle_loses_and_doubles_nothing(cluster, tmp_path) -> None:
    """The last test here: afterwards the cluster has one node."""
    home = layered_search(
        plain_valley, AXES, ledger=tmp_path / "home", trials=16, workers=1, repeats=0
    )

    def lose_a_node(done: int) -> None:
        if done == 4:
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    away = layered_search(
        slow_valley,
        AXES,
        ledger=tmp_path / "away",
        trials=16,
        workers=4,
        repeats=0,
        engine="ray",
        address=cluster.address,
        progress=Told(lose_a_node),
    )
    assert shown(away.trials) == shown(home.trials)
    assert len(read_ledger(tmp_path / "away")) == 16


def free_port(*, listening: bool) -> socket.socket:
    """Return a bound socket, listening or not."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    if listening:
        made.listen()
    return made


def test_half_a_minute_is_all_that_a_cluster_may_take_to_answer() -> None:
    assert remote.REACH + remote.PATIENCE <= 25  # and some seconds for importing Ray


@ray_only
@pytest.mark.parametrize("listening", [False, True])
def test_an_unreachable_cluster_is_an_error_soon(listening) -> None:
    """In a process of its own, which is connected to nothing."""
    with free_port(listening=listening) as made:
        address = f"127.0.0.1:{made.getsockname()[1]}"
        script = (
            "import ray\n"
            "from gatework.engine import open_pool, remote\n"
            "remote.PATIENCE = 4\n"
            "from gatework.errors import EngineError\n"
            "try:\n"
            f"    open_pool(len, 'ray', 1, {address!r})\n"
            "except EngineError as error:\n"
            "    print(error)\n"
            "    import os, sys; sys.stdout.flush(); os._exit(7)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 7, done.stderr
        said = "did not answer as a Ray cluster" if listening else "cannot be reached"
        assert said in done.stdout
        assert address in done.stdout


@ray_only
@pytest.mark.parametrize("address", ["somewhere", "ray://head:10001", "head:port"])
def test_an_address_that_is_none_is_refused(address) -> None:
    with pytest.raises(OptionError, match="must be host:port, got"):
        open_pool(square, "ray", 1, address)


@ray_only
def test_without_an_address_a_cluster_is_started_here_and_stays() -> None:
    code = (
        "from gatework.engine.remote import connected; ray = connected(None); "
        "import time; time.sleep(1); print('processors:', ray.cluster_resources()['CPU'])"
    )
    settings = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    settings["RAY_TMPDIR"] = tempfile.mkdtemp(prefix="ray")  # where no other cluster is noted
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=200, env=settings
    )
    assert "processors:" in done.stdout, done.stderr


@ray_only
def test_a_cluster_that_ended_is_told_by_its_address(monkeypatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        monkeypatch.setattr("ray.is_initialized", lambda: False)
        with pytest.raises(EngineError, match=f"{address} cannot be reached") as caught:
            open_pool(square, "ray", 1)
    assert "ray stop" in (caught.value.hint or "")


def test_without_ray_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match="needs the package 'ray'") as caught:
        open_pool(square, "ray")
    assert caught.value.hint == "pip install 'gatework[cluster]'"
