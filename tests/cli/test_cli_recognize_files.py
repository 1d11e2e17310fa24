"""gatework recognize of several files and of files that it cannot take, and listen of the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from running import run

from gatework import save
from gatework.recognize import SequenceClassifier, Sequences, read_data
from gatework.recognize.features.images import Rows
from gatework.recognize.features.sound import LogMel


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def reads(features: Rows | LogMel) -> str:
    """Write a small model with features, and return its name."""
    size = (4, 3) if features.reads == "image" else (400,)
    values = [features(np.full(size, n, np.uint8)) for n in (0, 9)]
    names, labels = ("a", "b"), ("low", "high")
    train = Sequences(tuple(values), names, labels, features.reads, features)
    save(SequenceClassifier((2,), epochs=1).fit(train), "model.st")
    return "model.st"


def reads_text() -> str:
    Path("train.txt").write_text("en\tthe\nde\tdie\n")
    save(SequenceClassifier((2,), epochs=1).fit(read_data("train.txt")), "model.st")
    return "model.st"


def test_lines_of_several_files_are_named_with_their_file(capsys) -> None:
    model = reads_text()
    Path("a.txt").write_text("the\n")
    Path("b.txt").write_text("die\nthe\n")
    assert run("recognize", model, "a.txt", "b.txt", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["a.txt, line 1", "b.txt, line 1", "b.txt, line 2"]
    assert run("recognize", model, "a.txt", "b.txt") == 0
    assert "b.txt, line 2" in capsys.readouterr().out
    assert run("recognize", model, "b.txt", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["line 1", "line 2"]


def test_files_of_a_folder_keep_their_paths(capsys) -> None:
    model = reads_text()
    Path("texts").mkdir()
    Path("texts/c.txt").write_text("the")
    Path("list.csv").write_text("path\ntexts/c.txt\n")
    Path("a.txt").write_text("the\n")
    assert run("recognize", model, "texts", "list.csv", "a.txt", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    path = str(Path("texts", "c.txt"))
    assert [row["name"] for row in rows] == [path, path, "a.txt, line 1"]


def test_a_file_of_another_kind_is_told_as_such(capsys) -> None:
    soundfile.write("sound.wav", np.zeros(800), 8000)
    Image.new("L", (3, 4)).save("a.png")
    model = reads(Rows(height=4, width=3))
    assert run("recognize", model, "sound.wav") == 2
    said = capsys.readouterr().err
    assert "'sound.wav' is sound, but the model reads pictures" in said
    assert "hint: take a model that reads sound\n" in said
    assert run("recognize", model, "sound.wav", "a.png", "--skip-bad") == 0
    assert "'sound.wav' is sound, but the model reads pictures" in capsys.readouterr().err
    assert run("recognize", model, "b.png") == 2
    said = capsys.readouterr().err
    assert "'b.png' is not there" in said
    assert "hint: is 'a.png' meant?\n" in said


def test_a_file_that_is_no_stream_of_sound_is_not_heard(capsys) -> None:
    model = reads(LogMel())
    soundfile.write("talk.flac", np.zeros(800), 8000)
    assert run("recognize", "listen", model, "talk.flac") == 2
    shown = capsys.readouterr()
    assert "'talk.flac' is a FLAC file, neither a WAV file nor samples of 16 bits" in shown.err
    assert "hint: gatework recognize MODEL talk.flac takes it as a whole" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--layout", "long"), "--layout says nothing about a.txt"),
        (("--label-column", "label"), "--label-column says nothing about a.txt"),
        (("--skip-bad",), "--skip-bad says nothing about a.txt"),
    ],
)
def test_how_to_read_what_is_not_there_is_refused(capsys, words, said) -> None:
    model = reads_text()
    Path("a.txt").write_text("the\n")
    assert run("recognize", model, "a.txt", *words) == 2
    assert said in capsys.readouterr().err


def test_settings_of_features_are_refused_for_numbers(capsys) -> None:
    Path("walks.csv").write_text("label,a,b\nup,1,2\ndown,2,1\n")
    for word, value in (("--size", "8x8"), ("--rate", "8000"), ("--feature", "mels=3")):
        assert run("recognize", "train", "walks.csv", "--out", "m.st", word, value) == 2
        assert f"{word} says nothing about walks.csv" in capsys.readouterr().err


def test_the_rate_of_a_wav_file_is_its_own(capsys) -> None:
    model = reads(LogMel())
    soundfile.write("talk.wav", np.zeros(800), 8000)
    assert run("recognize", "listen", model, "talk.wav", "--rate", "16000") == 2
    assert "--rate is for samples without a header; these have 8000 Hz" in capsys.readouterr().err


def test_a_stream_without_an_utterance_is_told(capsys) -> None:
    model = reads(LogMel())
    soundfile.write("quiet.wav", np.zeros(12000), 8000)
    Path("empty.raw").touch()
    for file, seconds in (("quiet.wav", "1.5"), ("empty.raw", "0.0")):
        assert run("recognize", "listen", model, file) == 0
        shown = capsys.readouterr()
        assert shown.out == ""
        assert f"no utterance was found in {seconds} s of sound, none 12 decibels" in shown.err
