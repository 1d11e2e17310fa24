"""Checkpoints: what resumes, what is refused, and what stays."""

import pytest
import torch
from torch import nn

from gatework.errors import FileFormatError, InputFileError, OptionError, OutputError
from gatework.storage import read_sealed, write_sealed
from gatework.storage.torch_tensors import unseal
from gatework.train import ShuffledBatches, StreamBatches
from gatework.train.checkpoint import FILE_KIND, write_checkpoint
from gatework.train.tree import put_together
from training import flat, network, series, shuffled, trainer


def test_no_file_is_written_unless_asked_for(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    trainer(network()).fit(shuffled())
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_is_not_run_again(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    first, second = network(), network()
    losses = iter([3.0, 1.0, 2.0])
    history = trainer(first, checkpoint=path).fit(shuffled(), lambda model: next(losses))
    again = trainer(second, checkpoint=path).fit(shuffled(), lambda model: next(losses))
    assert again == history
    assert again.best_epoch == 2
    assert second.states == []
    assert torch.equal(flat(first), flat(second))
    assert [p.name for p in tmp_path.iterdir()] == ["run.checkpoint"]


def test_how_often_checkpoints_are_written_changes_nothing(tmp_path) -> None:
    found = []
    for every in (0, 1, 4):
        model, path = network(recurrent_dropout=0.3), tmp_path / f"run{every}"
        run = trainer(model, checkpoint=path, checkpoint_every=every, schedule="one-cycle")
        found.append((run.fit(shuffled()), flat(model).tolist(), path.read_bytes()))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rate": 0.5}, r"learning_rate was 0\.01 and is 0\.5"),
        ({"weight_decay": 0.1}, r"weight_decay was 0\.0 and is 0\.1"),
        ({"epochs": 4}, "epochs was 3 and is 4"),
        ({"clip_norm": None}, r"clip_norm was 1\.0 and is None"),
        ({"schedule": "cosine"}, "schedule was None and is 'cosine'"),
        ({"seed": 7}, "seed was 0 and is 7"),
        ({"optimizer": "sgd"}, "optimizer was 'adam' and is 'sgd'"),
        ({"loss": nn.L1Loss()}, r"loss was 'MSELoss\(\)' and is 'L1Loss\(\)'"),
    ],
)
def test_resuming_with_other_settings_names_them(settings, sentence, tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    trainer(network(), checkpoint=path).fit(shuffled())
    before = path.read_bytes()
    with pytest.raises(OptionError, match=f"run.checkpoint is .* of another run: {sentence}\n"):
        trainer(network(), checkpoint=path, **settings).fit(shuffled())
    assert path.read_bytes() == before


def test_resuming_with_other_data_or_another_model_names_what_differs(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    trainer(network(dropout=0.0), checkpoint=path).fit(shuffled())
    x = series()
    other_data = ShuffledBatches(x[:, :-1], x[:, 1:] * 2, batch_size=4, seed=1)
    for model, batches, sentence in (
        (network(), shuffled(seed=2), "batches.seed was 1 and is 2"),
        (network(), shuffled(batch_size=2), "batches.batch_size was 4 and is 2"),
        (network(), other_data, "batches.data was "),
        (network(), StreamBatches(x, x, steps=4), "batches.order was 'shuffled' and is 'stream'"),
        (network(hidden=7), shuffled(), "model.parts.lstm.hidden_sizes"),
        (
            network(recurrent_dropout=0.5),
            shuffled(),
            r"model.parts.lstm.recurrent_dropout was 0.0 and is 0.5",
        ),
        (network().double(), shuffled(), "model.weights.head.bias was 'torch.float32"),
    ):
        with pytest.raises(OptionError, match=sentence):
            trainer(model, checkpoint=path).fit(batches)
    with pytest.raises(OptionError, match="validation was None and is "):
        trainer(network(), checkpoint=path).fit(shuffled(), shuffled())


def test_settings_of_ones_own_optimiser_and_schedule_are_compared(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"

    def run(momentum: float, gamma: float) -> None:
        trainer(
            network(),
            optimizer=lambda p: torch.optim.SGD(p, lr=0.01, momentum=momentum),
            schedule=lambda o: torch.optim.lr_scheduler.StepLR(o, 1, gamma),
            checkpoint=path,
        ).fit(shuffled())

    run(0.5, 0.9)
    run(0.5, 0.9)
    message = r"optimizer.groups\[0\].momentum was 0.5 and is 0.6, schedule.settings.gamma was 0.9"
    with pytest.raises(OptionError, match=message):
        run(0.6, 0.8)


def test_a_damaged_checkpoint_is_said_and_kept(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    trainer(network(), checkpoint=path).fit(shuffled())
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-100] ^= 4
    for damaged, message in (
        (bytes(flipped), "damaged or was altered"),
        (whole[:-1], "truncated"),
        (whole[:20], "truncated"),
        (b"", "is empty"),
        (b"something else", "is not a file that Gatework wrote"),
    ):
        path.write_bytes(damaged)
        model = network()
        with pytest.raises(FileFormatError, match=message) as caught:
            trainer(model, checkpoint=path).fit(shuffled())
        assert str(caught.value.hint) == f"rm {path}, to start anew"
        assert path.read_bytes() == damaged
        assert model.states == []


def test_a_sealed_file_that_is_no_whole_checkpoint_is_refused(tmp_path) -> None:
    path = tmp_path / "run.checkpoint"
    run = trainer(network(), checkpoint=path)
    write_sealed(path, "lstm", {}, {})
    with pytest.raises(FileFormatError, match="holds 'lstm', expected 'checkpoint'"):
        run.fit(shuffled())
    write_sealed(path, FILE_KIND, {}, {}, overwrite=True)
    with pytest.raises(FileFormatError, match="does not hold a whole checkpoint"):
        run.fit(shuffled())


def test_places_that_cannot_hold_a_checkpoint_are_said_before_the_first_step(tmp_path) -> None:
    for path, error, message in (
        (tmp_path / "nowhere" / "run", OutputError, "cannot be written"),
        (tmp_path, InputFileError, "is a folder"),
    ):
        model = network()
        with pytest.raises(error, match=message):
            trainer(model, checkpoint=path).fit(shuffled())
        assert model.states == []


def test_a_state_that_no_file_holds_is_said(tmp_path) -> None:
    class Odd(nn.Linear):
        def forward(self, x, state=None, lengths=None):  # type: ignore[override]
            return super().forward(x), OddState()

    class OddState:
        def detach(self):
            return self

    x = series()
    run = trainer(Odd(1, 1), checkpoint=tmp_path / "run", checkpoint_every=1)
    with pytest.raises(OptionError, match="a checkpoint cannot hold a OddState"):
        run.fit(StreamBatches(x, x, steps=5))


def _put(content, path: tuple, value) -> None:
    """Replace a value of a content; tuples on the way become new ones."""
    holders = [content]
    for name in path[:-1]:
        holders.append(holders[-1][name])
    for name, holder in zip(reversed(path), reversed(holders), strict=True):
        if isinstance(holder, tuple):
            value = (*holder[:name], value, *holder[name + 1 :])
        else:
            holder[name] = value
            return


NOTHING = torch.zeros(3)
FORGERIES = [
    (("best",), 2**53),
    (("best",), {"head.bias": NOTHING}),
    (("position",), (2**62, 0, 0.0, 0)),
    (("position",), (0, 2, 0.0, 0)),
    (("position",), (0, 0, 0.0)),
    (("history", "losses"), [1.0, "2"]),
    (("history", "best_epoch"), 7),
    (("history", "stopped"), "soon"),
    (("history",), []),
    (("model", "head.bias"), NOTHING),
    (("model", "head.bias"), torch.full((1,), torch.nan)),
    (("optimizer", "param_groups"), []),
    (("optimizer", "param_groups", 0, "amsgrad"), True),
    (("optimizer", "param_groups", 0, "eps"), -1.0),
    (("optimizer", "state", 0), {"step": torch.tensor(2.0)}),
    (("optimizer", "state", 0, "exp_avg"), NOTHING),
    (("optimizer", "state", 99), {}),
    (("schedule", "total_steps"), 10**9),
    (("schedule", "last_epoch"), None),
    (("average", "steps"), -1),
    (("average", "weights"), [NOTHING]),
    (("generators", "numpy", 2), 10**6),
    (("generators", "numpy"), ("MT19937", NOTHING, 0, 0)),
    (("generators", "python", 1, 15), -1),
    (("generators", "python", 2), "x"),
    (("generators", "torch"), NOTHING),
    (("state",), torch.tensor(torch.inf)),
    (("state",), 5),
]


@pytest.mark.parametrize(("path", "value"), FORGERIES, ids=lambda one: str(one)[:40])
def test_a_right_digest_over_a_lying_content_is_refused(path, value, tmp_path) -> None:
    file = tmp_path / "run.checkpoint"

    def run():
        model, validation = network(), lambda model: 0.5
        how = {"schedule": "one-cycle", "average": 0.9, "epochs": 1}
        return trainer(model, checkpoint=file, **how).fit(shuffled(), validation)

    run()
    sealed = read_sealed(file, finite=False)
    tensors = {name: unseal(tensor) for name, tensor in sealed.tensors.items()}
    content = put_together(sealed.config["content"], tensors)
    _put(content, path, value)
    write_checkpoint(file, sealed.config["fingerprint"], content)
    with pytest.raises(FileFormatError, match="does not hold a whole checkpoint") as caught:
        run()
    assert caught.value.hint == f"rm {file}, to start anew"
