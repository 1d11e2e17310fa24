"""The record of a training: complete, resumable, refused where it is damaged."""

import json

import pytest
import torch
from torch import nn

from gatework import LSTM
from gatework.errors import FileFormatError, InputFileError, OptionError, OutputError
from gatework.train import Recorder, ShuffledBatches, Trainer, read_record, seeded


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = LSTM(1, [3], batch_first=True)

    def forward(self, x, state=None, lengths=None):
        return self.lstm(x, state, lengths)


def train(record, epochs=4, **options) -> Net:
    with seeded(0):
        net = Net()
        x = torch.randn(12, 5, 1)
    batches = ShuffledBatches(x, torch.zeros(12, 5, 3), batch_size=4)
    Trainer(net, nn.MSELoss(), epochs=epochs, record=record, **options).fit(batches, batches)
    return net


def test_every_epoch_and_the_weights_are_kept(tmp_path) -> None:
    net = train(Recorder(tmp_path / "run", every=2))
    record = read_record(tmp_path / "run")
    assert [e.epoch for e in record.epochs] == [1, 2, 3, 4]
    assert list(record.snapshots) == [0, 2, 4]
    assert all(e.gradient > 0 and (e.validation or 0) > 0 for e in record.epochs)
    last = Net()
    record.restore(last, 4)
    for one, other in zip(last.parameters(), net.parameters(), strict=True):
        assert torch.equal(one, other)
    with pytest.raises(OptionError, match="no weights of epoch 3, only of 0, 2, 4"):
        record.weights(3)
    with pytest.raises(OptionError, match="another architecture"):
        record.restore(LSTM(1, [4]), 4)


def test_recording_changes_nothing(tmp_path) -> None:
    for one, other in zip(
        train(None).parameters(), train(tmp_path / "r").parameters(), strict=True
    ):
        assert torch.equal(one, other)


@pytest.mark.parametrize("kept", [False, True])
def test_a_resumed_run_goes_on_with_its_record(kept, tmp_path) -> None:
    class Stop(Exception):
        pass

    class Cut(Recorder):
        """Stops the run when an epoch is recorded and not yet in the checkpoint."""

        def epoch(self, model, number, loss, validation, gradient) -> None:
            super().epoch(model, number, loss, validation, gradient)
            if number == 3 and not kept:
                raise Stop

    class Progress:
        """Stops it when the epoch is in both."""

        def start(self, epochs, batches, done): ...
        def step(self, loss, items): ...
        def stop(self): ...
        def epoch(self, number, loss, validation):
            if number == 3:
                raise Stop

    train(tmp_path / "whole")
    checkpoint = {"checkpoint": tmp_path / "kept"}
    with pytest.raises(Stop):
        train(Cut(tmp_path / "cut"), progress=Progress(), **checkpoint)
    assert len(read_record(tmp_path / "cut").epochs) == 3
    train(tmp_path / "cut", **checkpoint)
    whole, cut = read_record(tmp_path / "whole"), read_record(tmp_path / "cut")
    assert [e.loss for e in cut.epochs] == [e.loss for e in whole.epochs]
    assert list(cut.snapshots) == [0, 1, 2, 3, 4]


def test_the_record_of_another_run_is_kept(tmp_path) -> None:
    train(tmp_path / "run")
    before = (tmp_path / "run" / "history.jsonl").read_bytes()
    with pytest.raises(OutputError, match="holds the record of another run and was kept"):
        train(tmp_path / "run")
    assert (tmp_path / "run" / "history.jsonl").read_bytes() == before
    with pytest.raises(OptionError, match="every must be"):
        Recorder(tmp_path, every=0)


def test_a_record_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / "history.jsonl").symlink_to(tmp_path / "nowhere" / "history.jsonl")
    with pytest.raises(OutputError, match="cannot be written"):
        Recorder(tmp_path).begin(torch.nn.Linear(1, 1), 0)


def test_damaged_records_are_refused_and_half_a_line_is_not(tmp_path) -> None:
    train(tmp_path / "run")
    path = tmp_path / "run" / "history.jsonl"
    whole = path.read_text()
    path.write_text(whole + '{"epoch": 5, "lo')
    assert len(read_record(tmp_path / "run").epochs) == 4
    first = json.loads(whole.splitlines()[0])
    twice = json.dumps(first)[:-1] + ', "loss": 0.0}\n'
    huge = json.dumps(first | {"loss": 10**400}) + "\n"
    other = json.dumps(first | {"epoch": 2}) + "\n"
    for damaged in ("nonsense\n", other, "[1]\n", "[" * 100_000 + "\n", twice, huge):
        path.write_text(damaged)
        with pytest.raises(FileFormatError, match="line 1 is not the record of epoch 1"):
            read_record(tmp_path / "run")
    with pytest.raises(InputFileError, match="holds no record"):
        read_record(tmp_path)
    snapshot = tmp_path / "run" / "epoch-1.safetensors"
    snapshot.write_bytes(snapshot.read_bytes()[:-3])
    path.write_text(whole)
    with pytest.raises(FileFormatError):
        read_record(tmp_path / "run").weights(1)


def test_the_network_alone_takes_the_weights_of_the_module_that_held_it(tmp_path) -> None:
    model = Net()
    Recorder(tmp_path / "run").begin(model, 0)
    network = LSTM(1, [3])
    read_record(tmp_path / "run").restore(network, 0)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, model.lstm.state_dict()[name])
    with pytest.raises(OptionError, match="another architecture"):
        read_record(tmp_path / "run").restore(LSTM(2, [3]), 0)
