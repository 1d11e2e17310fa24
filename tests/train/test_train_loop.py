"""The training loop: what it learns, when it stops, what it refuses."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from gatework import LSTM
from gatework.errors import DataError, FileFormatError, OptionError, OutputError, TrainingError
from gatework.train import MaskedLoss, ShuffledBatches, StreamBatches, Trainer


class Network(nn.Module):
    """An LSTM with a linear head that keeps what it was called with."""

    def __init__(self, hidden: int = 6, **options) -> None:
        super().__init__()
        self.lstm = LSTM(1, hidden, batch_first=True, **options)
        self.head = nn.Linear(hidden, 1)
        self.states: list = []

    def forward(self, x, state=None, lengths=None):
        self.states.append(state)
        output, state = self.lstm(x, state, lengths)
        return self.head(output), state


def series(rows: int = 8, steps: int = 20) -> torch.Tensor:
    return torch.sin(torch.arange(float(rows * steps)) / 3).reshape(rows, steps, 1)


def network(**options) -> Network:
    torch.manual_seed(0)
    return Network(**options)


def trainer(model: nn.Module, **settings) -> Trainer:
    return Trainer(model, nn.MSELoss(), **{"epochs": 3, "learning_rate": 0.01, **settings})


def shuffled(**settings) -> ShuffledBatches:
    x = series()
    return ShuffledBatches(x[:, :-1], x[:, 1:], **{"batch_size": 4, "seed": 1, **settings})


def test_it_learns() -> None:
    history = trainer(network(hidden=12), epochs=60, learning_rate=0.02).fit(shuffled())
    assert history.losses[-1] < 0.05 * history.losses[0]
    assert history.stopped == "epochs"


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize(
    "schedule", [None, "cosine", "step", "exponential", "plateau", "one-cycle"]
)
def test_every_optimiser_and_schedule_lowers_the_loss(optimizer, schedule) -> None:
    history = trainer(network(), epochs=6, optimizer=optimizer, schedule=schedule).fit(shuffled())
    assert history.losses[-1] < history.losses[0]


def test_schedules_move_the_learning_rate() -> None:
    for schedule, expected in (("cosine", 0.0), ("exponential", 1e-4), ("step", 1e-5)):
        seen = []

        def remember(parameters, seen=seen):
            seen.append(torch.optim.SGD(parameters, lr=0.01))
            return seen[0]

        trainer(network(), optimizer=remember, schedule=schedule).fit(shuffled())
        assert seen[0].param_groups[0]["lr"] == pytest.approx(expected, abs=1e-12), schedule


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not() -> None:
    def weights(seed: int) -> torch.Tensor:
        model = network(recurrent_dropout=0.5)
        trainer(model, seed=seed).fit(shuffled())
        return torch.cat([p.detach().reshape(-1) for p in model.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_the_callers_generators_are_left_alone() -> None:
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    model = Network(hidden=2)
    torch.manual_seed(9)
    trainer(model, seed=4).fit(shuffled())
    assert torch.equal(torch.rand(3), expected)


def test_early_stopping_keeps_the_weights_of_the_best_epoch() -> None:
    model = network()
    losses = iter([5.0, 3.0, 4.0, 3.5, 9.0, 9.0])
    seen: list[torch.Tensor] = []

    def validation(model: nn.Module) -> float:
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append(model.get_parameter("head.bias").clone())
        return next(losses)

    history = trainer(model, epochs=50, patience=2).fit(shuffled(), validation)
    assert history.validation == [5.0, 3.0, 4.0, 3.5]
    assert history.best_epoch == 2
    assert history.stopped == "patience"
    assert torch.equal(model.head.bias, seen[1])
    assert not torch.equal(seen[1], seen[3])


def test_gradients_are_clipped_to_the_norm() -> None:
    norms = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):  # type: ignore[override]
            gradients = [p.grad for group in self.param_groups for p in group["params"]]
            norms.append(torch.cat([g.reshape(-1) for g in gradients]).norm().item())

    for clip in (1e-3, None):
        norms.clear()
        trainer(network(), optimizer=lambda p: Watched(p, lr=0.1), clip_norm=clip, epochs=1).fit(
            shuffled()
        )
        if clip is None:
            assert max(norms) > 1e-2
        else:
            assert norms == pytest.approx([clip] * len(norms), rel=1e-2)


def test_truncated_backpropagation_carries_the_state_over_and_cuts_the_graph() -> None:
    model = network()
    x = series(rows=2, steps=21)
    trainer(model, epochs=2).fit(StreamBatches(x[:, :-1], x[:, 1:], steps=8))
    assert len(model.states) == 6
    for epoch in (model.states[:3], model.states[3:]):
        assert epoch[0] is None
        for state in epoch[1:]:
            assert state.layers[0][0].hidden.abs().sum() > 0
            assert not state.layers[0][0].hidden.requires_grad


def test_lengths_reach_model_and_loss() -> None:
    x = series()
    lengths = torch.tensor([19, 3, 7, 1, 19, 2, 5, 8])
    rubbish = x.clone()
    for row, length in enumerate(lengths.tolist()):
        rubbish[row, length + 1 :] = 1e6

    def weights(data: torch.Tensor) -> torch.Tensor:
        model = network()
        batches = ShuffledBatches(data[:, :-1], data[:, 1:], batch_size=3, lengths=lengths)
        Trainer(model, MaskedLoss(nn.MSELoss(reduction="none")), epochs=2).fit(batches)
        return torch.cat([p.detach().reshape(-1) for p in model.parameters()])

    for row, length in enumerate(lengths.tolist()):
        x[row, length + 1 :] = 0.0
    assert torch.equal(weights(x), weights(rubbish))


def test_batches_are_functions_of_epoch_and_index() -> None:
    batches = shuffled(batch_size=3)
    assert len(batches) == 3
    late = batches.batch(7, 1).inputs
    batches.batch(0, 0)
    assert torch.equal(batches.batch(7, 1).inputs, late)
    rows = [batches.batch(2, i).targets[:, 0, 0] for i in range(3)]
    assert sorted(torch.cat(rows).tolist()) == sorted(batches.targets[:, 0, 0].tolist())
    orders = [batches.batch(epoch, 0).inputs[:, 0, 0].tolist() for epoch in range(4)]
    assert any(a != b for a, b in pairwise(orders))


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    model = network()
    calls = 0

    def loss(prediction, target):
        nonlocal calls
        calls += 1
        value = nn.functional.mse_loss(prediction, target)
        return value * float("nan") if calls == 4 else value

    run = Trainer(model, loss, epochs=5, checkpoint=path, checkpoint_every=1)
    message = (
        r"the loss became nan at step 4 \(epoch 2, batch 1\); the last good checkpoint is kept"
    )
    with pytest.raises(TrainingError, match=message) as caught:
        run.fit(shuffled())
    assert "learning_rate" in str(caught.value.hint)
    assert all(torch.isfinite(p).all() for p in model.parameters())
    healthy = network()
    resumed = Trainer(healthy, nn.MSELoss(), epochs=5, checkpoint=path).fit(shuffled())
    straight = Trainer(network(), nn.MSELoss(), epochs=5).fit(shuffled())
    assert resumed == straight


def test_an_infinite_gradient_stops_the_run() -> None:
    def loss(prediction, target):
        return (prediction * 0).sum().sqrt()

    with pytest.raises(TrainingError, match=r"the norm of the gradient became (nan|inf) at step 1"):
        Trainer(network(), loss, epochs=1).fit(shuffled())


def test_a_validation_loss_that_is_no_number_stops_the_run() -> None:
    with pytest.raises(TrainingError, match="the validation loss became nan at step"):
        trainer(network()).fit(shuffled(), lambda model: float("nan"))


def test_a_finished_run_is_not_run_again(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    first, second = network(), network()
    history = trainer(first, checkpoint=path).fit(shuffled())
    again = trainer(second, checkpoint=path).fit(shuffled())
    assert again == history
    assert second.states == []
    assert torch.equal(first.head.weight, second.head.weight)


def test_resuming_with_other_settings_or_data_names_them(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    trainer(network(), checkpoint=path).fit(shuffled())
    before = path.read_bytes()
    with pytest.raises(OptionError, match=r"of another run: learning_rate was 0\.01 and is 0\.5"):
        trainer(network(), checkpoint=path, learning_rate=0.5).fit(shuffled())
    with pytest.raises(OptionError, match="of another run: batches was"):
        trainer(network(), checkpoint=path).fit(shuffled(seed=2))
    with pytest.raises(OptionError, match="of another run: weights was"):
        trainer(network(hidden=7), checkpoint=path).fit(shuffled())
    assert path.read_bytes() == before


def test_a_damaged_checkpoint_is_said_and_kept(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    trainer(network(), checkpoint=path).fit(shuffled())
    damaged = bytearray(path.read_bytes())
    damaged[-100] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(FileFormatError, match="damaged or was altered") as caught:
        trainer(network(), checkpoint=path).fit(shuffled())
    assert "to start anew" in str(caught.value.hint)
    assert path.read_bytes() == damaged


def test_a_checkpoint_that_cannot_be_written_is_said_before_the_first_step(tmp_path) -> None:
    model = network()
    with pytest.raises(OutputError, match="cannot be written"):
        trainer(model, checkpoint=tmp_path / "nowhere" / "run").fit(shuffled())
    assert model.states == []


def test_ctrl_c_leaves_a_checkpoint_to_resume_from(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    model = network()

    def interrupt(model: nn.Module) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer(model, checkpoint=path, checkpoint_every=1).fit(shuffled(), interrupt)
    resumed = trainer(network(), checkpoint=path).fit(shuffled())
    assert resumed == trainer(network()).fit(shuffled())


def test_all_bad_arguments_are_named_at_once() -> None:
    with pytest.raises(OptionError) as caught:
        Trainer(
            network(),
            nn.MSELoss(),
            epochs=0,
            optimizer="adan",
            learning_rate=-1.0,
            weight_decay=-1.0,
            clip_norm=0.0,
            schedule="cosin",
            patience=0,
            checkpoint_every=5,
        )
    for part in (
        "epochs must be a whole number of at least 1, got 0",
        "optimizer must be one of adam, adamw, sgd, rmsprop, got 'adan' (did you mean 'adam",
        "learning_rate must be a positive number, got -1.0",
        "weight_decay must be at least 0",
        "clip_norm must be a positive number or None",
        "schedule must be one of",
        "(did you mean 'cosine'?)",
        "patience must be a whole number of at least 1",
        "checkpoint_every needs a checkpoint path",
    ):
        assert part in str(caught.value), part
    with pytest.raises(OptionError, match="patience needs validation"):
        trainer(network(), patience=3).fit(shuffled())
    with pytest.raises(OptionError, match="no parameters to train"):
        trainer(network().requires_grad_(False))


def test_bad_data_are_refused() -> None:
    x = series()
    with pytest.raises(DataError, match="there are 8 inputs but 7 targets"):
        ShuffledBatches(x, x[1:], batch_size=2)
    with pytest.raises(DataError, match="there are no samples"):
        ShuffledBatches(x[:0], x[:0], batch_size=2)
    with pytest.raises(OptionError, match="batch_size must be a whole number of at least 1, got 0"):
        ShuffledBatches(x, x, batch_size=0)
    bad = x.clone()
    bad[3, 4, 0] = float("inf")
    with pytest.raises(DataError, match=r"targets\[3, 4, 0\] is inf, expected a number"):
        ShuffledBatches(x, bad, batch_size=2)
    with pytest.raises(DataError, match=r"must both begin with \(B, T\)"):
        StreamBatches(x, x[:, 1:], steps=4)
    with pytest.raises(OptionError, match="steps must be a whole number"):
        StreamBatches(x, x, steps=0)


def test_progress_is_told_each_epoch() -> None:
    told: list = []

    class Told:
        def start(self, epochs, done):
            told.append(("start", epochs, done))

        def epoch(self, number, loss, validation, samples):
            told.append((number, loss, validation, samples))

        def stop(self):
            told.append("stop")

    history = trainer(network(), progress=Told()).fit(shuffled(), lambda model: 0.25)
    assert told[0] == ("start", 3, 0)
    assert told[1:-1] == [(i + 1, loss, 0.25, 8) for i, loss in enumerate(history.losses)]
    assert told[-1] == "stop"


def test_the_rich_progress_goes_to_the_standard_error(capsys) -> None:
    from gatework.train import RichProgress

    trainer(network(), progress=RichProgress()).fit(shuffled())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "3/3" in captured.err
    assert "samples/s" in captured.err
