"""gatework recognize, and the page that documents it."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from running import run

from gatework import load, save
from gatework.cli.recognize.evaluate import UNCALIBRATED
from gatework.recognize import SequenceRegressor

DOCS = Path(__file__).parents[2] / "docs" / "recognize.md"


def tone(pitch: float, draw: np.random.Generator, rate: int = 8000) -> np.ndarray:
    time = np.arange(round(draw.uniform(0.2, 0.35) * rate)) / rate
    return 0.4 * np.sin(2 * np.pi * pitch * draw.uniform(0.95, 1.05) * time)


def write_sounds(folder: Path, count: int) -> None:
    draw = np.random.default_rng(count)
    for label, pitch in (("low", 300.0), ("high", 1500.0)):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            samples = tone(pitch, draw) + 0.01 * draw.normal()
            soundfile.write(folder / label / f"{number}.wav", samples, 8000)


def write_pictures(folder: Path) -> None:
    from gatework.demo.digits import demo_digits

    _, digits = demo_digits()
    for number in range(40):
        label = str((digits.labels or ())[number])
        (folder / label).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(np.asarray(digits.content(number)))
        picture.save(folder / label / f"{number}.png")
    for label, name in (("3", "a.png"), ("7", "b.png")):
        Image.new("L", (8, 8), 90).save(folder / label / name)


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    """Write the data that the page speaks of."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0)
    write_sounds(Path("recordings"), 8)
    write_pictures(Path("scans"))
    Path("lines").mkdir()
    rows = ["path,label"]
    for number in range(6):
        text = "".join(draw.choice(list("ab"), 3))
        columns = np.concatenate([np.full((16, 12), 200 if c == "a" else 50) for c in text], axis=1)
        Image.fromarray(columns.astype(np.uint8)).save(Path("lines") / f"{number}.png")
        rows.append(f"lines/{number}.png,{text}")
    Path("lines.csv").write_text("\n".join(rows))
    for name in ("walks.csv", "more_walks.csv"):
        steps = [f"up,{n},{n + 1},{n + 3}" for n in range(6)]
        steps += [f"down,{n},{n - 2},{n - 3}" for n in range(6)]
        Path(name).write_text("\n".join(["label,a,b,c", *steps]))
    words = "the cat sat", "a dog and a hen", "over the hill"
    worte = "die Katze saß", "ein Hund und", "über den Hügel"
    lines = [f"en\t{text}" for text in words] + [f"de\t{text}" for text in worte]
    Path("phrases.txt").write_text("\n".join(lines), encoding="utf-8")
    quiet = 0.001 * draw.normal(size=6000)
    talk = [quiet, tone(300.0, draw), quiet, tone(1500.0, draw), quiet]
    soundfile.write("talk.wav", np.concatenate(talk), 8000)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """Return the file of a model that tells low tones from high ones."""
    folder = tmp_path_factory.mktemp("ear")
    write_sounds(folder / "recordings", 8)
    path = folder / "ear.st"
    settings = ("--one-direction", "--epochs", "12", "--batch-size", "4")
    assert run("recognize", "train", str(folder / "recordings"), "--out", str(path), *settings) == 0
    return path


@pytest.fixture
def ear(files, trained) -> str:
    """Return the name of that model in the folder of the test."""
    shutil.copy(trained, "ear.st")
    return "ear.st"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def test_the_commands_of_the_page_work(files, capsys) -> None:
    lines = [line for block in blocks("bash") for line in block.splitlines() if line]
    assert len(lines) == 11
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "gatework"
        quick = ["--epochs", "1"] if "train" in words and "--epochs" not in words else []
        assert run(*words[1:], *quick) == 0
        shown = capsys.readouterr()
        if "--json" in words:
            json.loads(shown.out)
        for option in ("--out", "--report"):
            if option in words:
                assert Path(words[words.index(option) + 1]).exists()


def test_the_code_of_the_page_works(files) -> None:
    memory, python = blocks("python")
    for code in (memory, python.replace("epochs=10", "epochs=1")):
        exec(compile(code, "recognize.md", "exec"), {})


def test_what_was_learned_is_recognised(ear, capsys) -> None:
    write_sounds(Path("others"), 5)
    assert run("recognize", "evaluate", ear, "others", "--json", "--report", "r.html") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["accuracy"], found["total"], found["classes"]) == (1.0, 10, ["high", "low"])
    assert found["lower"] == pytest.approx(0.7225, abs=1e-4)
    assert found["confusion"] == [[5, 0], [0, 5]]
    page = Path("r.html").read_text(encoding="utf-8")
    assert "everything was recognised" in page
    assert run("recognize", ear, "others/low/1.wav", "others/high", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["label"] for row in rows] == ["low"] + ["high"] * 5
    assert rows[0]["next"][0]["label"] == "high"
    assert rows[0]["probability"] + rows[0]["next"][0]["probability"] == pytest.approx(1.0)


def test_sound_of_another_rate_is_resampled_and_said(ear, capsys) -> None:
    draw = np.random.default_rng(9)
    soundfile.write("fast.flac", tone(1500.0, draw, rate=44100), 44100)
    assert run("recognize", ear, "fast.flac") == 0
    shown = capsys.readouterr()
    assert re.search(r"fast.flac\s+│ high", shown.out)
    assert "1 sound: resampled from 44100 Hz to 8000 Hz" in shown.err


def test_bad_files_stop_the_work_unless_they_are_left_out(ear, capsys) -> None:
    Path("recordings/low/bad.wav").write_text("no sound")
    for words in (
        ("train", "recordings", "--out", "new.st", "--epochs", "1"),
        ("evaluate", ear, "recordings"),
        (ear, "recordings"),
        (ear, "recordings/low/bad.wav", "recordings/low/1.wav"),
    ):
        assert run("recognize", *words) == 2
        shown = capsys.readouterr()
        assert re.search(r"1 of (17|2) files cannot be used: '.*bad.wav' is no sound", shown.err)
        assert "--skip-bad" in shown.err
        assert run("recognize", *words, "--skip-bad") == 0
        assert "were left out" in capsys.readouterr().err
    assert Path("new.st").exists()


def test_data_that_cannot_teach_are_refused_before_any_work(files, capsys) -> None:
    Path("one").mkdir()
    Path("recordings/low").rename("one/low")
    Path("flat").mkdir()
    Path("one/low/1.wav").rename("flat/1.wav")
    Path("empty").mkdir()
    Path("odd.csv").write_text("label,a\nx,1\ny,2\n")
    for data, said in (
        ("one", "there is one class alone, 'low'"),
        ("flat", "has no labels to learn from"),
        ("empty", "the folder 'empty' is empty"),
        ("nowhere", "there is no such file or folder"),
    ):
        assert run("recognize", "train", data, "--out", "m.st") == 2
        assert said in capsys.readouterr().err
    words = ("train", "odd.csv", "--out", "m.st", "--task", "number")
    assert run("recognize", *words) == 2
    assert "has the label 'x', which is no number" in capsys.readouterr().err
    assert run("recognize", "train", "walks.csv", "--out", "m.st", "--test", "odd.csv") == 2
    assert "the test data have the label 'x', which is not in those" in capsys.readouterr().err
    assert not Path("m.st").exists()


def test_labels_that_were_not_learned_are_an_error(ear, capsys) -> None:
    write_sounds(Path("others"), 2)
    Path("others/high").rename("others/hihg")
    assert run("recognize", "evaluate", ear, "others") == 2
    said = capsys.readouterr().err
    assert "has the label 'hihg', which the model does not know" in said
    assert "hint: is 'high' meant?" in said


def test_data_of_another_kind_are_refused(ear, capsys) -> None:
    for data, said in (
        ("scans", "holds files of the kind image, but sound is read"),
        ("walks.csv", "holds numbers, but the model reads sound"),
        ("scans/3/a.png", "'scans/3/a.png' is a picture, but the model reads sound"),
    ):
        assert run("recognize", ear, data) == 2
        assert said in capsys.readouterr().err
    assert run("recognize", "train", "walks.csv", "--out", "w.st", "--epochs", "1") == 0
    Path("two.npy").write_bytes(b"")
    np.save("two.npy", np.zeros((1, 3, 2)))
    assert run("recognize", "w.st", "two.npy") == 2
    assert "have 2 channels, but the model was fitted to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "name DATA, or --demo, and not both"),
        ("walks.csv", "where shall the model go"),
        ("walks.csv --demo", "name DATA, or --demo, and not both"),
        ("--demo --size 8x8", "--size does not go with --demo\nhint: leave --size or --demo out"),
        ("walks.csv --out m.st --report r.html", "--report is on an evaluation"),
        ("walks.csv --out m.st --set poolin=mean", "there is no setting 'poolin'"),
        ("walks.csv --out m.st --set dropout=2", "dropout must be from 0 to below 1, got 2"),
        ("walks.csv --out m.st --vary rotation=1", "there is nothing to vary by 'rotation': noise"),
        ("recordings --out m.st --vary speeed=1", "there is nothing to vary by 'speeed'"),
        ("recordings --out m.st --as rows", "are read as log_mel, mfcc, got 'rows'"),
        ("recordings --out m.st --feature mel=9", "have no setting 'mel'"),
        ("scans --out m.st --size big", "--size must be HxW such as 28x28, got 'big'"),
        ("walks.csv --out talk.wav", "exists already and was kept"),
        ("walks.csv --out ./walks.csv --overwrite", "--out and DATA are the same file"),
        (
            "walks.csv --out m.st --test walks.csv --report ./m.st",
            "--report and --out are the same file",
        ),
    ],
)
def test_wrong_use_is_refused_with_a_cure(files, capsys, words, said) -> None:
    assert run("recognize", "train", *shlex.split(words)) == 2
    assert said in capsys.readouterr().err
    assert not Path("m.st").exists()


@pytest.mark.parametrize("words", [("--beam", "8"), ("--alpha", "1"), ("--writer", "w.st")])
def test_a_search_is_for_transcribers(ear, capsys, words) -> None:
    assert run("recognize", ear, "talk.wav", *words) == 2
    assert f"{words[0]} is for a model that transcribes" in capsys.readouterr().err


def test_a_model_of_another_kind_is_refused(files, capsys) -> None:
    from gatework import LSTM, save

    save(LSTM(1, 2), "lstm.st")
    assert run("recognize", "lstm.st", "talk.wav") == 2
    assert "lstm.st holds a LSTM, which recognises nothing" in capsys.readouterr().err


def test_a_share_that_is_not_reached_is_a_no(ear, capsys) -> None:
    assert run("recognize", "evaluate", ear, "recordings", "--at-least", "0.9") == 0
    Path("swapped").mkdir()
    Path("recordings/low").rename("swapped/high")
    Path("recordings/high").rename("swapped/low")
    assert run("recognize", "evaluate", ear, "swapped", "--at-least", "0.9") == 1
    shown = capsys.readouterr()
    assert "0.00% is less than 90.00%" in shown.err
    assert "taken for" in shown.out
    assert "probabilities are as the network says them, for nothing was kept apart" in shown.out


def test_a_training_that_was_stopped_goes_on(files, capsys, monkeypatch) -> None:
    from gatework.recognize import SequenceClassifier
    from gatework.train import RichProgress

    words = ("train", "walks.csv", "--epochs", "4", "--seed", "3", "--json")
    assert run("recognize", *words, "--out", "whole.st") == 0
    with monkeypatch.context() as patch:

        def stop(self, number, loss, validation) -> None:
            if number == 2:
                raise KeyboardInterrupt

        patch.setattr(RichProgress, "epoch", stop)
        assert run("recognize", *words, "--out", "parts.st") == 130
    assert Path("parts.st.checkpoint").exists()
    assert not Path("parts.st").exists()
    assert run("recognize", *words, "--out", "parts.st") == 0
    assert "going on from parts.st.checkpoint" in capsys.readouterr().err
    assert not Path("parts.st.checkpoint").exists()
    one, other = load("whole.st"), load("parts.st")
    assert isinstance(one, SequenceClassifier)
    for name, tensor in one.tensors().items():
        assert np.array_equal(tensor, other.tensors()[name])


def test_steps_are_tagged_and_numbers_predicted(files, capsys) -> None:
    rows = ["id,time,x,label"]
    for name in range(8):
        rows += [f"{name},{t},{(t + name) % 2},{'ab'[(t + name) % 2]}" for t in range(6)]
    Path("tags.csv").write_text("\n".join(rows))
    words = "--epochs", "40", "--set", "validation=None", "--validation", "0"
    assert run("recognize", "train", "tags.csv", "--out", "tags.st", *words[:2], *words[4:]) == 0
    assert run("recognize", "evaluate", "tags.st", "tags.csv", "--json", "--report", "t.html") == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["accuracy"], found["total"]) == (1.0, 48)
    assert run("recognize", "tags.st", "tags.csv", "--json") == 0
    row = json.loads(capsys.readouterr().out.splitlines()[0])
    assert row == {"name": "0", "labels": ["a", "b"] * 3}
    rows = ["label,a,b,c", *(f"{n / 4},{n / 4},{n / 4},{n / 4}" for n in range(20))]
    Path("numbers.csv").write_text("\n".join(rows))
    words = ("--task", "number", "--epochs", "60", "--validation", "0")
    assert run("recognize", "train", "numbers.csv", "--out", "n.st", *words) == 0
    report = ("--report", "n.html", "--language", "zh")
    assert run("recognize", "evaluate", "n.st", "numbers.csv", *report) == 0
    assert "平均绝对误差" in Path("n.html").read_text(encoding="utf-8")
    assert run("recognize", "evaluate", "n.st", "numbers.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["explained"] > 0.9
    assert run("recognize", "evaluate", "n.st", "numbers.csv", "--at-least", "0.5") == 2


def test_several_numbers_of_a_sequence_are_all_told(files, capsys) -> None:
    X = np.arange(24.0).reshape(6, 4)
    save(SequenceRegressor((2,), epochs=1).fit(X, np.array([X[:, 0], X[:, 1]]).T), "two.st")
    np.savez("new.npz", X=X)
    assert run("recognize", "two.st", "new.npz", "--json") == 0
    row = json.loads(capsys.readouterr().out.splitlines()[0])
    assert len(row["value"]) == 2
    assert run("recognize", "two.st", "new.npz") == 0
    assert ", ".join(f"{one:.6g}" for one in row["value"]) in capsys.readouterr().out
    np.savez("known.npz", X=X, y=X[:, 0])
    assert run("recognize", "evaluate", "two.st", "known.npz") == 2
    assert "tells 2 numbers of each sequence" in capsys.readouterr().err
    column = SequenceRegressor((2,), epochs=1).fit(X, X[:, :1])
    save(column, "one.st")
    assert run("recognize", "evaluate", "one.st", "known.npz", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mae"] == pytest.approx(np.abs(column.predict(X) - X[:, :1]).mean(), rel=1e-3)


def test_transcripts_are_held_against_the_truth(files, capsys) -> None:
    words = ("--task", "transcript", "--as", "strips", "--size", "16", "--feature", "columns=6")
    settings = ("--epochs", "60", "--batch-size", "2", "--validation", "0")
    assert run("recognize", "train", "lines.csv", "--out", "l.st", *words, *settings) == 0
    assert run("recognize", "evaluate", "l.st", "lines.csv", "--report", "l.html") == 0
    assert "labels; " in capsys.readouterr().out
    assert run("recognize", "evaluate", "l.st", "lines.csv", "--json", "--at-least", "0.5") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["labels"], found["error_rate"] < 0.2) == (18, True)
    assert run("recognize", "l.st", "lines/0.png", "--json") == 0
    row = json.loads(capsys.readouterr().out)
    assert set(row["text"]) <= {"a", "b"}
    Path("ab.txt").write_text(("a" * 60 + "b") * 20)
    words = ("--hidden-sizes", "4", "--epochs", "4", "--quiet", "--out", "w.st")
    assert run("write", "train", "ab.txt", *words, "--learning-rate", "0.05") == 0
    found = []
    for alpha in ("0", "5"):
        capsys.readouterr()
        search = ("--beam", "8", "--writer", "w.st", "--alpha", alpha)
        assert run("recognize", "l.st", "lines.csv", "--json", *search) == 0
        rows = [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()]
        found.append("".join(rows).count("b"))
    assert found[1] < found[0]  # a writer that has read few of them expects few


class Stdin:
    """A standard input that is a pipe."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False


def heard(out: str) -> list[tuple[str, float]]:
    rows = [json.loads(line) for line in out.splitlines()]
    return [(row["label"], row["begin"]) for row in rows]


def test_a_stream_is_heard_utterance_by_utterance(ear, capsys, monkeypatch) -> None:
    assert run("recognize", "listen", ear, "talk.wav", "--json") == 0
    found = heard(capsys.readouterr().out)
    assert [label for label, _ in found] == ["low", "high"]
    assert found[0][1] == pytest.approx(0.7, abs=0.03)
    samples, _ = soundfile.read("talk.wav", dtype="int16")
    monkeypatch.setattr(sys, "stdin", Stdin(samples.tobytes()))
    assert run("recognize", "listen", ear, "--json") == 0
    assert heard(capsys.readouterr().out) == found
    from scipy.signal import resample_poly

    doubled = np.asarray(resample_poly(samples / 2**15, 2, 1))
    soundfile.write("fast.wav", doubled, 16000)
    assert run("recognize", "listen", ear, "fast.wav", "--json") == 0
    shown = capsys.readouterr()
    assert "resampled from 16000 Hz to 8000 Hz" in shown.err
    assert [label for label, _ in heard(shown.out)] == ["low", "high"]


def test_a_decision_may_come_early(ear, capsys) -> None:
    assert run("recognize", "listen", ear, "talk.wav", "--json", "--decide-at", "0.7") == 0
    early = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert run("recognize", "listen", ear, "talk.wav", "--json") == 0
    late = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["label"] for row in early] == [row["label"] for row in late]
    assert all(row["early"] for row in early)
    assert not any(row["early"] for row in late)
    assert all(a["end"] < b["end"] for a, b in zip(early, late, strict=True))


def test_a_bidirectional_model_hears_an_utterance_once_it_has_ended(files, capsys) -> None:
    words = ("--epochs", "12", "--batch-size", "4")
    assert run("recognize", "train", "recordings", *words, "--out", "both.st") == 0
    capsys.readouterr()
    assert run("recognize", "listen", "both.st", "talk.wav", "--json") == 0
    assert [label for label, _ in heard(capsys.readouterr().out)] == ["low", "high"]
    assert run("recognize", "listen", "both.st", "talk.wav", "--decide-at", "0.9") == 2
    said = capsys.readouterr().err
    assert "a model with bidirectional layers must know the end" in said
    assert "--one-direction" in said


class Recorded:
    """A stand-in for sounddevice, whose microphone hears a file."""

    class PortAudioError(Exception):
        pass

    def __init__(self, problem: str = "") -> None:
        self.problem, self.open = problem, False

    def begin(self, **asked) -> Recorded:
        assert asked == {"samplerate": 8000, "channels": 1, "dtype": "int16"}
        if self.problem:
            raise self.PortAudioError(self.problem)
        self.data = soundfile.read("talk.wav", dtype="int16")[0]
        return self

    RawInputStream = begin

    def __enter__(self) -> Recorded:
        self.open = True
        return self

    def __exit__(self, *how) -> None:
        self.open = False

    def read(self, count: int) -> tuple[memoryview, bool]:
        assert self.open
        block, self.data = self.data[:count], self.data[count:]
        return memoryview(block.tobytes()), len(block) < count


def test_the_microphone_is_that_of_sounddevice_where_it_is_there(ear, capsys, monkeypatch) -> None:
    device = Recorded()
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    assert run("recognize", "listen", ear, "--microphone", "--json") == 0
    said = capsys.readouterr()
    assert [label for label, _ in heard(said.out)] == ["low", "high"]
    assert said.err.count("some sound was lost") == 1
    assert not device.open
    monkeypatch.setitem(sys.modules, "sounddevice", Recorded("Invalid sample rate"))
    assert run("recognize", "listen", ear, "--microphone") == 2
    assert "cannot be opened at 8000 Hz: Invalid sample rate" in capsys.readouterr().err


def test_the_microphone_is_a_program_that_records(ear, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # as where it is not installed
    Path("bin").mkdir()
    monkeypatch.setenv("PATH", str(Path("bin").absolute()))
    assert run("recognize", "listen", ear, "--microphone") == 2
    assert "a program that records: none of arecord" in capsys.readouterr().err
    samples, _ = soundfile.read("talk.wav", dtype="int16")
    Path("talk.raw").write_bytes(samples.tobytes())
    recorder = Path("bin/arecord")
    script = "import pathlib, sys\nassert sys.argv[-1] == '8000'\n"
    script += "sys.stdout.buffer.write(pathlib.Path('talk.raw').read_bytes())\n"
    recorder.write_text(f"#!{sys.executable}\n{script}")
    recorder.chmod(0o755)
    assert run("recognize", "listen", ear, "--microphone", "--json") == 0
    assert [label for label, _ in heard(capsys.readouterr().out)] == ["low", "high"]


def test_a_model_of_pictures_cannot_listen(files, capsys) -> None:
    assert run("recognize", "train", "scans", "--out", "p.st", "--epochs", "1") == 0
    assert run("recognize", "listen", "p.st", "talk.wav") == 2
    assert "p.st does not recognise sound" in capsys.readouterr().err


def test_a_report_never_replaces_the_model_or_the_data(ear, capsys) -> None:
    model, table = Path(ear).read_bytes(), Path("walks.csv").read_bytes()
    for report, said in (
        (f"./{ear}", "--report and MODEL are"),
        ("walks.csv", "--report and DATA"),
    ):
        words = ("evaluate", ear, "walks.csv", "--report", report, "--overwrite")
        assert run("recognize", *words) == 2
        assert said in capsys.readouterr().err
    assert (Path(ear).read_bytes(), Path("walks.csv").read_bytes()) == (model, table)


def test_a_checkpoint_of_other_settings_is_told_with_a_cure(files, capsys) -> None:
    words = ("recognize", "train", "walks.csv", "--epochs", "2", "--hidden-sizes", "4")
    assert run(*words, "--out", "first.st") == 0
    from gatework.recognize import SequenceClassifier

    steps = np.random.default_rng(0).normal(size=(8, 3))
    SequenceClassifier((3,), epochs=1, checkpoint="second.st.checkpoint").fit(steps, [0, 1] * 4)
    assert Path("second.st.checkpoint").exists()
    assert run(*words, "--out", "second.st") == 2
    said = capsys.readouterr().err
    assert "is the checkpoint of another run" in said
    assert "use the same settings to resume, or rm second.st.checkpoint, to start anew" in said


def test_numbers_and_transcripts_are_not_varied_out_of_their_meaning(files, capsys) -> None:
    rows = "".join(f"{n % 5},{n},{n + 1},{n + 2}\n" for n in range(20))
    Path("sizes.csv").write_text("label,a,b,c\n" + rows)
    words = ("recognize", "train", "sizes.csv", "--task", "number", "--epochs", "1")
    assert run(*words, "--hidden-sizes", "4", "--augment", "--out", "n.st") == 0
    said = capsys.readouterr().err
    assert "varied by noise 0.1" in said
    assert "scale" not in said


def test_decimals_and_marks_of_a_table_are_asked_for_and_taken(files, capsys) -> None:
    steps = [f"up;{n}.001;{n + 1}.125;{n + 3}.250" for n in range(1, 7)]
    steps += [f"down;{n}.001;{n + 2}.125;-999" for n in range(1, 7)]
    Path("walks.csv").write_text("\n".join(["label;a;b;c", *steps]))
    train = ("recognize", "train", "walks.csv", "--epochs", "1", "--out")
    assert run(*train, "one.st") == 2
    told = capsys.readouterr().err
    assert "row 2: '1.001' may be 1001 or 1.001" in told
    assert "--decimal comma reads 1001, --decimal point reads 1.001" in told
    said = ("--decimal", "point", "--missing-mark", "-999")
    assert run(*train, "two.st", *said) == 0
    assert run("recognize", "evaluate", "two.st", "walks.csv", *said) in (0, 1)
    capsys.readouterr()
    assert run("recognize", "train", "recordings", "--decimal", "point", "--out", "no.st") == 2
    assert "--decimal says nothing about recordings" in capsys.readouterr().err


def test_few_series_are_varied_unless_they_are_not_to_be(files, capsys) -> None:
    words = ("recognize", "train", "walks.csv", "--epochs", "1", "--test", "walks.csv", "--json")
    assert run(*words, "--out", "varied.st", "--report", "r.html") == 0
    said = capsys.readouterr()
    assert "varied by noise 1.0, scale 0.1\n" in said.err
    tested = json.loads(said.out)["test"]
    assert tested["calibrated"] is False
    assert tested["also_learned"] == tested["sequences"]
    assert "nearest_neighbour" not in tested  # each would be nearest to itself
    page = Path("r.html").read_text()
    assert UNCALIBRATED in re.sub("<[^>]+>", "", page)
    assert f"{tested['sequences']} of {tested['sequences']} sequences stand among those" in page
    assert "nearest neighbour" not in page
    assert run(*words, "--out", "plain.st", "--no-augment", "--validation", "0.4") == 0
    said = capsys.readouterr()
    assert "varied" not in said.err
    assert json.loads(said.out)["test"]["calibrated"] is True
    assert run(*words, "--out", "both.st", "--no-augment", "--augment") == 2
    assert "--augment does not go with --no-augment" in capsys.readouterr().err
