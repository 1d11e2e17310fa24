"""The training loop: what it learns, and that it learns the same again."""

import pytest
import torch
from torch import nn

from gatework.train import MaskedLoss, ShuffledBatches, StreamBatches, Trainer
from training import Network, flat, network, series, shuffled, trainer


def test_it_learns() -> None:
    history = trainer(network(hidden=12), epochs=60, learning_rate=0.02).fit(shuffled())
    assert history.losses[-1] < 0.05 * history.losses[0]
    assert history.stopped == "epochs"
    assert history.best_epoch is None


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize(
    "schedule", [None, "constant", "cosine", "step", "exponential", "plateau", "one-cycle"]
)
def test_every_optimiser_and_schedule_lowers_the_loss(optimizer, schedule) -> None:
    history = trainer(network(), epochs=6, optimizer=optimizer, schedule=schedule).fit(shuffled())
    assert history.losses[-1] < history.losses[0]


def test_one_step_is_the_step_of_a_loop_written_by_hand() -> None:
    ours, by_hand = network(), network()
    batches = shuffled(batch_size=8)
    trainer(ours, epochs=1, weight_decay=0.1, clip_norm=0.01).fit(batches)
    optimizer = torch.optim.Adam(by_hand.parameters(), lr=0.01, weight_decay=0.1, fused=True)
    batch = batches.batch(0, 0)
    nn.functional.mse_loss(by_hand(batch.inputs)[0], batch.targets).backward()
    nn.utils.clip_grad_norm_(by_hand.parameters(), 0.01)
    optimizer.step()
    assert torch.equal(flat(ours), flat(by_hand))


def rates(schedule, epochs: int, validation=None) -> list[float]:
    """The learning rate of each step of a run that began with 0.01, and the one after it."""
    seen = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):  # type: ignore[override]
            seen.append(self.param_groups[0]["lr"])

    made = []

    def make(parameters):
        made.append(Watched(parameters, lr=0.01, momentum=0.5))
        return made[0]

    run = trainer(network(hidden=1), epochs=epochs, optimizer=make, schedule=schedule)
    run.fit(shuffled(), validation)
    return [*seen, made[0].param_groups[0]["lr"]]


def test_schedules_move_the_learning_rate() -> None:
    for schedule, last in (("cosine", 0.0), ("exponential", 1e-4), ("step", 1e-5)):
        assert rates(schedule, 3)[-1] == pytest.approx(last, abs=1e-12), schedule
    assert set(rates("constant", 3)) == {0.01}


def test_one_cycle_moves_by_steps_up_and_down_over_the_whole_run() -> None:
    seen = rates("one-cycle", 10)[:-1]
    top = seen.index(max(seen))
    assert max(seen) == pytest.approx(0.01)
    assert seen[: top + 1] == sorted(seen[: top + 1])
    assert seen[top:] == sorted(seen[top:], reverse=True)
    assert 0 < top < len(seen) - 1
    assert seen[-1] < seen[0] < 0.001


def test_plateau_halves_when_the_validation_loss_no_longer_falls() -> None:
    seen = rates("plateau", 9, lambda model: 1.0)
    assert seen[0] == 0.01
    assert seen[-1] == pytest.approx(0.005)


def test_schedules_of_ones_own() -> None:
    halving = rates(lambda o: torch.optim.lr_scheduler.StepLR(o, 1, gamma=0.5), 2)
    assert halving == pytest.approx([0.01, 0.01, 0.005, 0.005, 0.0025])
    cycle = rates(
        lambda o: torch.optim.lr_scheduler.CyclicLR(o, 0.01, 0.02, step_size_up=1), epochs=2
    )
    assert cycle == pytest.approx([0.01, 0.02, 0.01, 0.02, 0.01])


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not() -> None:
    def weights(seed: int) -> torch.Tensor:
        model = network(recurrent_dropout=0.5)
        trainer(model, seed=seed).fit(shuffled())
        return flat(model)

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_the_callers_generators_are_left_alone() -> None:
    torch.manual_seed(9)
    expected = torch.rand(3)
    model = Network(hidden=2)
    torch.manual_seed(9)
    trainer(model, seed=4).fit(shuffled())
    assert torch.equal(torch.rand(3), expected)


def test_gradients_are_clipped_to_the_norm() -> None:
    norms = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):  # type: ignore[override]
            gradients = [p.grad for group in self.param_groups for p in group["params"]]
            norms.append(torch.cat([g.reshape(-1) for g in gradients]).norm().item())

    for clip in (1e-3, 100.0, None):
        norms.clear()
        trainer(network(), optimizer=lambda p: Watched(p, lr=0.1), clip_norm=clip, epochs=1).fit(
            shuffled()
        )
        if clip == 1e-3:
            assert norms == pytest.approx([clip] * len(norms), rel=1e-2)
        else:
            assert max(norms) > 1e-2


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


def test_a_stream_in_pieces_gives_the_state_of_the_whole() -> None:
    model = network()
    x = series(rows=2, steps=21)
    still = trainer(model, epochs=1, optimizer=lambda p: torch.optim.SGD(p, lr=0.0))
    still.fit(StreamBatches(x[:, :-1], x[:, 1:], steps=8))
    whole = model(x[:, :16])[1]
    torch.testing.assert_close(
        model.states[2].layers[0][0].cell, whole.layers[0][0].cell, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_states_of_torch_are_carried_too(kind, tmp_path) -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = kind(1, 4, batch_first=True), nn.Linear(4, 1)

        def forward(self, x, state=None, lengths=None):
            output, state = self.layer(x, state)
            return self.head(output), state

    x = series(rows=2, steps=21)
    batches = StreamBatches(x[:, :-1], x[:, 1:], steps=5)
    history = trainer(Plain(), checkpoint=tmp_path / "run", checkpoint_every=1).fit(batches)
    assert history.losses[-1] < history.losses[0]


def test_the_loss_of_an_epoch_counts_every_target_the_same() -> None:
    x = series(rows=2, steps=21)
    still = {"epochs": 1, "optimizer": lambda p: torch.optim.SGD(p, lr=0.0)}
    rows = [series(rows=5)[:, :-1], series(rows=5)[:, 1:]]
    model = network()
    with torch.no_grad():
        whole = nn.functional.mse_loss(model(x[:, :-1])[0], x[:, 1:]).item()
        all_rows = nn.functional.mse_loss(model(rows[0])[0], rows[1]).item()
    history = trainer(model, **still).fit(StreamBatches(x[:, :-1], x[:, 1:], steps=7))
    assert history.losses == pytest.approx([whole], rel=1e-5)
    history = trainer(model, **still).fit(ShuffledBatches(*rows, batch_size=4))
    assert history.losses == pytest.approx([all_rows], rel=1e-5)


def test_padding_teaches_nothing() -> None:
    lengths = torch.tensor([19, 3, 7, 1, 19, 2, 5, 0])
    x = series()
    rubbish = x.clone()
    for row, length in enumerate(lengths.tolist()):
        rubbish[row, length + 1 :] = 1e6
        x[row, length + 1 :] = 0.0
    rubbish[7] = 1e6

    def learned(data: torch.Tensor) -> tuple[torch.Tensor, list[float]]:
        model = network()
        batches = ShuffledBatches(data[:, :-1], data[:, 1:], batch_size=3, lengths=lengths)
        loss = MaskedLoss(nn.MSELoss(reduction="none"))
        history = Trainer(model, loss, epochs=2).fit(batches, batches)
        return flat(model), history.losses + history.validation

    ours, theirs = learned(x), learned(rubbish)
    assert torch.equal(ours[0], theirs[0])
    assert ours[1] == theirs[1]
