"""Progress: what the loop tells, and where the bar goes."""

import io

from rich.console import Console

from gatework.train import RichProgress
from training import network, shuffled, trainer


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list = []

    def start(self, epochs: int, batches: int, done: int) -> None:
        self.told.append(("start", epochs, batches, done))

    def step(self, loss: float, items: int) -> None:
        self.told.append(("step", items))

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        self.told.append((number, loss, validation))

    def stop(self) -> None:
        self.told.append("stop")


def test_progress_is_told_each_step_and_epoch(tmp_path) -> None:
    told = Told()
    run = trainer(network(), progress=told, checkpoint=tmp_path / "run")
    history = run.fit(shuffled(), lambda model: 0.25)
    steps = [("step", 4 * 19)] * 2
    epochs = [[*steps, (i + 1, loss, 0.25)] for i, loss in enumerate(history.losses)]
    assert told.told == [("start", 3, 2, 0), *epochs[0], *epochs[1], *epochs[2], "stop"]
    again = Told()
    trainer(network(), progress=again, checkpoint=tmp_path / "run").fit(
        shuffled(), lambda model: 0.25
    )
    assert again.told == [("start", 3, 2, 6), "stop"]


def test_an_epoch_that_is_told_is_kept(tmp_path) -> None:
    path = tmp_path / "run"

    class Reading(Told):
        def epoch(self, number: int, loss: float, validation: float | None) -> None:
            kept = tmp_path / f"after {number}"
            kept.write_bytes(path.read_bytes())  # as if the run was killed on this word
            again = Told()
            trainer(network(), progress=again, checkpoint=kept).fit(shuffled())
            assert again.told[0] == ("start", 3, 2, 2 * number)
            super().epoch(number, loss, validation)

    told = Reading()
    trainer(network(), progress=told, checkpoint=path).fit(shuffled())
    assert [words[0] for words in told.told if isinstance(words[0], int)] == [1, 2, 3]


def test_the_bar_shows_losses_speed_and_time_left() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None)
    history = trainer(network(), progress=RichProgress(console)).fit(shuffled(), lambda model: 0.25)
    shown = screen.getvalue()
    assert "epoch 3/3" in shown
    assert f"loss {history.losses[-1]:.4g}, validation 0.25, " in shown
    assert "targets/s" in shown
    assert "0:00:00 left" in shown


def test_the_bar_is_silent_where_no_one_looks(capsys) -> None:
    trainer(network(), progress=RichProgress()).fit(shuffled())
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
