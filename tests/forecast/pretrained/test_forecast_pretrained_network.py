"""The network with numpy and the kernels: the same as with torch, and what it says of outcomes."""

import numpy as np
import pytest
import torch

from gatework.errors import EngineError, FileFormatError, OptionError
from gatework.forecast.pretrained.bank import StreamBank
from gatework.forecast.pretrained.distribution import LEVELS, PARAMETERS, Distributions
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.lessons import Lessons
from gatework.forecast.pretrained.model import FILE_KIND, PretrainedNetwork
from gatework.forecast.pretrained.network import WeighingLSTM
from gatework.forecast.pretrained.pretrain import PretrainSettings, pretrain, rising, spread_loss
from gatework.forecast.pretrained.track import run, side_by_side
from gatework.storage import Tensor, write_sealed
from gatework.train import seeded


def waves(count: int = 6, season: int = 4) -> list[Example]:
    draw = np.random.default_rng(0)
    made = []
    for number in range(count):
        time = np.arange(30 + 5 * number)
        values = 20 + 5 * np.sin(2 * np.pi * time / season) + draw.normal(0, 1, len(time))
        made.append(Example(f"wave {number}", "made", values, season))
    return made


def small(**changes: object) -> PretrainedNetwork:
    settings = {"hidden_sizes": (8,), "entry": 6, "members": 2, "epochs": 2, "synthetic": 0}
    return pretrain(waves(), PretrainSettings(**settings | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def network() -> PretrainedNetwork:
    return small()


def test_it_forecasts_what_the_network_of_torch_does() -> None:
    with seeded(1):
        trained = WeighingLSTM(6, (8, 5), 0.1, 0.0).eval()
        torch.nn.init.normal_(trained.head.weight, std=0.3)
    spread = {
        "spread.weight": np.zeros((len(KNOTS) * PARAMETERS, 11), np.float32),
        "spread.bias": np.zeros(len(KNOTS) * PARAMETERS, np.float32),
    }
    weights = {name: one.numpy() for name, one in trained.state_dict().items()} | spread
    used = PretrainedNetwork.of([weights], (8, 5), {"entry": 6})
    values, lengths = side_by_side([one.values for one in waves(3)])
    track = run(StreamBank(4), values, lengths, KNOTS)
    flat = track.forecasts.reshape(*track.level.shape, -1)
    with torch.no_grad():
        inputs = torch.from_numpy(np.concatenate([track.signals, flat], axis=-1))
        expected = trained(inputs)[0].numpy()
    rows = np.arange(3)
    end = lengths - 1
    own = track.level[end, rows, None] + track.scale[end, rows, None] * expected[end, rows]
    found = used.begin(values, lengths, 4).forecasts(24).location
    np.testing.assert_allclose(found[:, KNOTS - 1], own, rtol=1e-4)


def test_a_stream_says_what_a_table_does_and_so_does_every_origin(
    network: PretrainedNetwork,
) -> None:
    values, lengths = side_by_side([one.values[:30] for one in waves(3)])
    standing = network.begin(values[:, :12], np.array([12] * 3), 4)
    for time in range(12, 30):
        standing.advance(values[:, time])
    whole = network.begin(values, lengths, 4)
    np.testing.assert_allclose(
        standing.forecasts(8).location, whole.forecasts(8).location, rtol=1e-6
    )
    origins = dict(network.rolling(values, lengths, 4, 8, 12))
    assert list(origins) == list(range(12, 31))
    np.testing.assert_allclose(origins[30].location, whole.forecasts(8).location, rtol=1e-6)
    np.testing.assert_allclose(
        origins[12].location,
        network.begin(values[:, :12], np.array([12] * 3), 4).forecasts(8).location,
    )


def test_any_horizon_and_any_length(network: PretrainedNetwork) -> None:
    for length in (1, 2, 5):
        far = network.begin(waves(1)[0].values[None, :length], np.array([length]), 12)
        found = far.forecasts(100)
        assert found.location.shape == (1, 100)
        quantiles = found.quantiles((0.05, 0.5, 0.95))
        assert np.isfinite(quantiles).all()
        assert (np.diff(quantiles, axis=0) >= 0).all()
    np.testing.assert_array_equal(far.forecasts(3).location, found.location[:, :3])


def test_the_same_seed_gives_the_same_bits(network: PretrainedNetwork, tmp_path) -> None:
    again = small(members=1)
    for name, one in again.members[0].weights.items():
        np.testing.assert_array_equal(one, network.members[0].weights[name])
    first, second = (member.weights["head.bias"] for member in network.members)
    assert (first != second).any()
    settings = PretrainSettings(hidden_sizes=(8,), entry=6, members=1, epochs=2, synthetic=0)
    first = pretrain(waves(), settings, checkpoint=tmp_path / "kept")
    resumed = pretrain(waves(), settings, checkpoint=tmp_path / "kept")
    for name, one in first.members[0].weights.items():
        np.testing.assert_array_equal(one, resumed.members[0].weights[name])
        np.testing.assert_array_equal(one, again.members[0].weights[name])


def test_processes_train_the_networks_that_this_one_does(network, tmp_path, monkeypatch) -> None:
    settings = PretrainSettings(hidden_sizes=(8,), entry=6, members=2, epochs=2, synthetic=0)
    told: list[str] = []
    kept = tmp_path / "kept"
    apart = pretrain(waves(), settings, workers=2, checkpoint=kept, tell=told.append)
    assert sorted(told) == ["network 1 of 2 is trained", "network 2 of 2 is trained"]
    monkeypatch.setattr(Lessons, "batch", None)  # so that nothing is trained again
    gone_on = pretrain(waves(), settings, checkpoint=kept)
    for here, one, two in zip(network.members, apart.members, gone_on.members, strict=True):
        for name, weights in here.weights.items():
            np.testing.assert_array_equal(weights, one.weights[name])
            np.testing.assert_array_equal(weights, two.weights[name])


def test_a_network_that_is_not_trained_elsewhere_is_named(tmp_path) -> None:
    settings = PretrainSettings(hidden_sizes=(8,), entry=6, members=2, epochs=1, synthetic=0)
    (tmp_path / "network-1.checkpoint").write_text("no checkpoint")
    with pytest.raises(EngineError, match="network 2 of 2 was not trained: "):
        pretrain(waves(), settings, workers=2, checkpoint=tmp_path)
    with pytest.raises(OptionError, match="workers must be a whole number from 1 to 2, got 3"):
        pretrain(waves(), settings, workers=3)


def test_a_file_keeps_networks_and_where_they_come_from(
    network: PretrainedNetwork, tmp_path
) -> None:
    path = tmp_path / "network.safetensors"
    network.save(path)
    found = PretrainedNetwork.load(path)
    assert found.about == network.about
    values = waves(1)[0].values[None]
    length = np.array([values.shape[1]])
    np.testing.assert_array_equal(
        found.begin(values, length, 4).forecasts(9).location,
        network.begin(values, length, 4).forecasts(9).location,
    )
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(FileFormatError):
        PretrainedNetwork.load(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"members": "many"}, "lacks a sound description"),
        ({"members": 10**9}, "lacks a sound description"),
        ({"entry": 6.5}, "lacks a sound description"),
        ({"hidden_sizes": "8"}, "lacks a sound description"),
        ({"entry": 7}, "with the shape"),
    ],
)
def test_a_file_that_lies_is_refused(
    network: PretrainedNetwork, tmp_path, changes: dict[str, object], said: str
) -> None:
    tensors = {
        f"{number}.{name}": Tensor.from_numpy(one)
        for number, member in enumerate(network.members)
        for name, one in member.weights.items()
    }
    path = tmp_path / "network.safetensors"
    write_sealed(path, FILE_KIND, network.about | {"members": 2} | changes, tensors)
    with pytest.raises(FileFormatError, match=said):
        PretrainedNetwork.load(path)


def around(counts: bool, location: float = 3.0, raw: float = 0.0) -> Distributions:
    """Return a distribution 1 step ahead, and 5 with the same."""
    return Distributions(
        location=np.full((1, 5), location),
        scale=np.ones(1),
        raw=np.full((1, 5, PARAMETERS), raw),
        counts=np.array([counts]),
        floor=np.array([0.0 if counts else -np.inf]),
        rate=np.array([0.3]),
        widening=np.ones((1, 5)),
    )


def test_quantiles_of_measured_values_rise_and_agree_with_those_that_are_trained() -> None:
    draw = np.random.default_rng(0)
    found = around(False)
    found.raw[:] = draw.normal(size=found.raw.shape)
    trained = 3 + rising(torch.from_numpy(found.raw[..., : len(LEVELS)])).numpy()
    np.testing.assert_allclose(
        np.moveaxis(found.quantiles(LEVELS.tolist()), 0, -1), trained, rtol=1e-10
    )
    many = found.quantiles(np.linspace(0.001, 0.999, 99).tolist())
    assert (np.diff(many, axis=0) > 0).all()


@pytest.mark.parametrize("counts", [False, True])
def test_intervals_of_few_values_never_narrow_and_those_of_more_are_as_they_were(counts) -> None:
    found = around(counts, location=9.0)
    found.raw[0, :, :-1] = np.linspace(3, -3, 5)[:, None]  # the network says less and less
    levels = (0.05, 0.5, 0.95)
    low, middle, high = found.quantiles(levels)
    assert (np.diff(high - low) < 0).any()
    steady = found.steadied(np.array([7]))
    lower, _, upper = steady.quantiles(levels)
    assert (np.diff(upper - lower) > -1e-9).all()
    assert lower[0, 0] == pytest.approx(low[0, 0])
    assert upper[0, 0] == pytest.approx(high[0, 0])
    spread = np.ptp(steady.paths(200, 0), axis=0)[0]
    assert spread[-1] > 0.8 * spread[0] > 2 * np.ptp(found.paths(200, 0), axis=0)[0, -1]
    assert (found.steadied(np.array([8])).quantiles(levels) == (low, middle, high)).all()


def test_counts_have_the_chances_of_their_negative_binomial() -> None:
    chances = around(True, location=4.0, raw=0.3)._chances()[:, 0, 0]
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert (chances * np.arange(len(chances))).sum() == pytest.approx(4.0, rel=1e-3)
    quantiles = around(True, location=4.0, raw=0.3).quantiles((0.1, 0.5, 0.9))[:, 0, 0]
    reached = np.cumsum(chances)
    for level, value in zip((0.1, 0.5, 0.9), quantiles, strict=True):
        count = int(np.ceil(value - 0.5))
        assert reached[count] >= level > (reached[count - 1] if count else 0)


def test_the_loss_of_counts_is_their_likelihood() -> None:
    """Against the chances that are used, the other way round."""
    raw = torch.full((1, 1, 1, 1 + PARAMETERS), 0.3)
    raw[..., 0] = 1.0  # in units of the scale around the level: 2 + 2 * 1 = 4
    losses = []
    for count in range(3):
        target = torch.tensor([[[[(count - 2) / 2, 0.0, 1.0, 2.0, 2.0, 1.0]]]])
        losses.append(spread_loss(raw, target).item())  # no weight on the quantiles
    used = around(True, location=4.0, raw=0.3)
    used.scale[:] = 2.0
    chances = used._chances()[:3, 0, 0]
    np.testing.assert_allclose(np.exp(-np.array(losses)), chances, rtol=1e-4)


def test_huge_values_leave_the_loss_of_counts_finite() -> None:
    raw = torch.zeros((1, 1, 2, 1 + PARAMETERS), requires_grad=True)
    huge = [2.0, 1.0, 1.0, 1e12, 1e11, 0.0]
    count = [2.0, 1.0, 1.0, 3.0, 1.0, 1.0]
    spread_loss(raw, torch.tensor([[[huge, count]]])).backward()
    assert raw.grad is not None
    assert bool(raw.grad.isfinite().all())


@pytest.mark.parametrize("counts", [False, True])
def test_paths_have_the_distribution_of_each_step_and_hang_together(counts: bool) -> None:
    found = around(counts, location=6.0)
    paths = found.paths(4000, seed=0)
    assert paths.shape == (4000, 1, 5)
    for level in (0.1, 0.5, 0.9):
        expected = found.quantiles((level,))[0, 0]
        apart = np.abs(np.quantile(paths[:, 0], level, axis=0) - expected)
        assert (apart < (0.51 if counts else 0.1)).all()
    together = np.corrcoef(paths[:, 0].T)
    assert 0.1 < together[0, 1] < 0.5
    assert together[3, 4] > together[0, 1]  # errors that stay add up
    np.testing.assert_array_equal(paths, found.paths(4000, seed=0))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"epochs": 0}, "epochs"), ({"members": 17}, "members"), ({"dropout": 1.0}, "dropout")],
)
def test_settings_out_of_range_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        small(**changes)
