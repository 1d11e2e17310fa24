"""What ends a run early: patience, numbers that are none, Ctrl-C."""

import signal
import threading

import pytest
import torch
from torch import nn

from gatework.errors import TrainingError
from gatework.storage import read_sealed
from gatework.train import TrainingInterrupted
from training import Network, flat, network, shuffled, trainer


def test_early_stopping_keeps_the_weights_of_the_best_epoch() -> None:
    model = network()
    losses = iter([5.0, 3.0, 4.0, 3.5, 9.0, 9.0])
    seen: list[torch.Tensor] = []

    def validation(model: nn.Module) -> float:
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append(flat(model))
        return next(losses)

    history = trainer(model, epochs=50, patience=2).fit(shuffled(), validation)
    assert history.validation == [5.0, 3.0, 4.0, 3.5]
    assert history.best_epoch == 2
    assert history.stopped == "patience"
    assert torch.equal(flat(model), seen[1])
    assert not torch.equal(seen[1], seen[3])


def nan_at(call: int):
    """A loss that is no number at its call of that number."""
    calls = 0

    def loss(prediction, target):
        nonlocal calls
        calls += 1
        value = nn.functional.mse_loss(prediction, target)
        return value * float("nan") if calls == call else value

    return loss


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    before: list[bytes] = []

    class Watching(Network):
        def forward(self, x, state=None, lengths=None):
            before.append(path.read_bytes())
            return super().forward(x, state, lengths)

    torch.manual_seed(0)
    model = Watching()
    run = trainer(model, nan_at(4), epochs=5, checkpoint=path, checkpoint_every=1, clip_norm=None)
    message = (
        r"^the loss became nan at step 4 \(epoch 2, batch 1 from 0\); \S*run.checkpoint keeps the "
        r"last good step, 3\nhint: lower learning_rate, set clip_norm, or look for extreme values "
        r"in batches.batch\(1, 1\)$"
    )
    with pytest.raises(TrainingError, match=message):
        run.fit(shuffled())
    assert path.read_bytes() == before[3]
    three = network()
    trainer(three, epochs=1).fit(FirstBatches(shuffled(), 3))
    assert torch.equal(flat(model), flat(three))


class FirstBatches:
    """The first batches of another source as one epoch."""

    def __init__(self, batches, count: int) -> None:
        self.batches, self.count = batches, count

    def __len__(self) -> int:
        return self.count

    def batch(self, epoch: int, index: int):
        return self.batches.batch(*divmod(index, len(self.batches)))

    def describe(self) -> dict:
        return {}


def test_an_infinite_gradient_stops_the_run_even_without_clipping() -> None:
    def loss(prediction, target):
        return (prediction * 0).sum().sqrt()

    for clip in (1.0, None):
        model = network()
        with pytest.raises(TrainingError, match=r"norm of the gradient became (nan|inf) at step 1"):
            trainer(model, loss, clip_norm=clip).fit(shuffled())
        assert torch.equal(flat(model), flat(network()))


@pytest.mark.parametrize("every", [0, 1])
def test_weights_that_overflow_are_never_kept(every, tmp_path) -> None:
    path = tmp_path / "run"

    def leap(parameters):
        return torch.optim.SGD(parameters, lr=1e38)

    run = trainer(
        network(),
        lambda p, y: nn.functional.mse_loss(p, y) * 1e5,
        optimizer=leap,
        clip_norm=None,
        checkpoint=path,
        checkpoint_every=every,
    )
    with pytest.raises(TrainingError, match=rf"became (nan|inf) at step {2 - every} .* step, 0"):
        run.fit(shuffled())
    kept = read_sealed(path, finite=True)  # refuses what is not finite
    assert len(kept.tensors) >= len(network().state_dict())


def test_a_last_step_that_breaks_the_weights_is_said_without_a_checkpoint() -> None:
    def leap(parameters):
        return torch.optim.SGD(parameters, lr=1e38)

    with pytest.raises(TrainingError, match="the norm of the weights became inf at step 1"):
        trainer(
            network(),
            lambda p, y: nn.functional.mse_loss(p, y) * 1e5,
            optimizer=leap,
            clip_norm=None,
            epochs=1,
        ).fit(shuffled(batch_size=8))


def test_a_validation_loss_that_is_no_number_stops_the_run() -> None:
    with pytest.raises(TrainingError, match=r"the validation loss became nan at step 2 \(epoch 1"):
        trainer(network()).fit(shuffled(), lambda model: float("nan"))


class Pressing(Network):
    """Presses Ctrl-C at its call of a given number."""

    def __init__(self, at: int, times: int = 1) -> None:
        super().__init__()
        self.at, self.times = at, times

    def forward(self, x, state=None, lengths=None):
        if self.training and len(self.states) + 1 == self.at:
            self.at = -1
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
        return super().forward(x, state, lengths)


@pytest.mark.parametrize("at", range(1, 7))
def test_ctrl_c_finishes_the_step_and_writes_a_checkpoint(at, tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    torch.manual_seed(0)
    model = Pressing(at)
    message = (
        rf"interrupted; \S*run.checkpoint keeps the first {at} of 6 steps\nhint: the same call"
    )
    with pytest.raises(TrainingInterrupted, match=message):
        trainer(model, checkpoint=path).fit(shuffled())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    resumed, straight = Pressing(0), network()
    history = trainer(resumed, checkpoint=path).fit(shuffled())
    assert len(resumed.states) == 6 - at
    assert history == trainer(straight).fit(shuffled())
    assert torch.equal(flat(resumed), flat(straight))


def test_a_second_ctrl_c_does_not_wait(tmp_path) -> None:
    torch.manual_seed(0)
    model = Pressing(4, times=2)
    with pytest.raises(TrainingInterrupted, match="keeps the first 2 of 6 steps"):
        trainer(model, checkpoint=tmp_path / "run").fit(shuffled())
    assert len(model.states) == 3


def test_ctrl_c_without_a_checkpoint_is_left_as_it_is() -> None:
    with pytest.raises(KeyboardInterrupt):
        trainer(Pressing(2)).fit(shuffled())


def test_training_outside_the_main_thread(tmp_path) -> None:
    model, found = network(), []

    def work() -> None:
        found.append(trainer(model, checkpoint=tmp_path / "run").fit(shuffled()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [trainer(network()).fit(shuffled())]
