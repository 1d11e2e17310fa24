"""``gatework write``: learning, going on, scoring, and what is refused."""

import io
import json
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from running import run

from gatework import LSTM, load, save
from gatework.cli.values import text_or_input
from gatework.cli.write import train
from gatework.errors import DataError, InputFileError
from gatework.write import Corpus
from gatework.write.fitting import say_loss
from tolerances import PATIENCE

TEXT = "To be, or not to be, that is the question. " * 60
SMALL = ("--preset", "small", "--hidden-sizes", "16", "--batch-size", "8", "--seed", "1")


@pytest.fixture(autouse=True)
def text(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hamlet.txt").write_text(TEXT)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "hamlet.txt").write_text(TEXT)
    out = folder / "bard.safetensors"
    train = ("write", "train", str(folder / "hamlet.txt"), "--out", str(out), *SMALL)
    assert run(*train, "--epochs", "4") == 0
    return out


def test_training_tells_what_it_did_and_leaves_one_file(capsys) -> None:
    command = ("write", "train", "hamlet.txt", "--out", "m.st", *SMALL, "--epochs", "2", "--json")
    assert run(*command) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert figures["epochs"] == 2
    assert figures["validation_loss"] > figures["kneser_ney_loss"] > 0
    assert sorted(p.name for p in Path.cwd().iterdir()) == ["hamlet.txt", "m.st"]
    assert load("m.st").settings_.hidden_sizes == (16,)
    assert "1 document, 2,580 characters" in captured.err
    assert run(*command[:-1], "--overwrite") == 0
    assert "(Kneser-Ney) comes to " in (told := capsys.readouterr().out)
    assert told.endswith(": better than the network\n")
    said = r"^epoch 2: loss [\d.]+ \(perplexity [\d.]+, [\d.]+ bits/char\), validation [\d.]+ \("
    assert re.search(said, captured.err, re.MULTILINE)


def test_an_interrupted_training_goes_on_to_the_same_model(monkeypatch, capsys) -> None:
    command = ("write", "train", "hamlet.txt", *SMALL, "--epochs", "3", "--out")
    assert run(*command, "whole.st") == 0
    with monkeypatch.context() as stopped:
        stopped.setattr(
            train, "_heard", lambda console: lambda text: os.kill(os.getpid(), signal.SIGINT)
        )
        assert run(*command, "cut.st") == 130
    assert "the same call goes on from there" in capsys.readouterr().err
    assert Path("cut.st.checkpoint").exists()
    assert not Path("cut.st").exists()
    assert run(*command, "cut.st") == 0
    assert "going on from cut.st.checkpoint" in capsys.readouterr().err
    assert Path("cut.st").read_bytes() == Path("whole.st").read_bytes()


def test_it_goes_on_with_a_text_the_same_for_the_same_seed(trained, capsys) -> None:
    found = []
    for seed in ("1", "1", "2"):
        command = ("write", str(trained), "--start", "To be", "--length", "40", "--endless")
        assert run(*command, "--seed", seed) == 0
        found.append(capsys.readouterr().out)
    assert found[0] == found[1] != found[2]
    assert found[0].startswith("To be")
    assert 40 < len(found[0]) <= 46


def test_many_texts_and_beams_come_as_json(trained, capsys) -> None:
    command = ("write", str(trained), "--start", "To", "--length", "12", "--json")
    assert run(*command, "--count", "3") == 0
    texts = json.loads(capsys.readouterr().out)["texts"]
    assert len({one["text"] for one in texts}) == 3
    assert run(*command, "--beam", "4", "--count", "2") == 0
    texts = json.loads(capsys.readouterr().out)["texts"]
    assert texts[0]["log_probability"] < 0
    assert len(texts) == 2


def test_a_text_that_the_model_ended_is_said_to_be(capsys) -> None:
    Path("lines.txt").write_text("".join(f"line {number} of many\n" for number in range(99)))
    train = ("write", "train", "lines.txt", "--unit", "line", "--out", "m.st", *SMALL)
    assert run(*train, "--epochs", "1") == 0
    assert run("write", "m.st", "--length", "2000") == 0
    assert capsys.readouterr().err.endswith(
        "the model ended the text before 2000 tokens; --endless goes on\n"
    )
    assert run("write", "m.st", "--length", "2000", "--count", "3", "--json") == 0
    printed = capsys.readouterr()
    assert [one["ended"] for one in json.loads(printed.out)["texts"]] == [True] * 3
    assert "ended 3 of 3 texts" in printed.err
    assert run("write", "m.st", "--length", "200", "--endless") == 0
    assert "ended" not in capsys.readouterr().err


def test_a_start_with_letters_never_seen_names_them(trained, capsys) -> None:
    assert run("write", str(trained), "--start", "Zoë", "--length", "5") == 0
    assert "not known to this model, and read as unknown: 'Z', 'ë'" in capsys.readouterr().err


def test_a_score_in_words_and_as_json(trained, capsys) -> None:
    assert run("write", "score", str(trained), "To be, or not") == 0
    assert "bits a character" in capsys.readouterr().out
    command = ("write", "score", str(trained), "--file", "hamlet.txt", "--json")
    assert run(*command) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["characters"] == len(TEXT)
    for way in ("--cache", "--adapt"):
        assert run(*command, way) == 0
        assert json.loads(capsys.readouterr().out)["perplexity"] < plain["perplexity"]


def test_the_surprise_is_drawn_and_not_over_a_file(trained, capsys) -> None:
    command = ("write", "score", str(trained), "To be", "--picture", "s.svg")
    assert run(*command) == 0
    assert Path("s.svg").read_text().startswith("<svg")
    assert run(*command) == 2
    said = capsys.readouterr().err
    assert "exists already and was kept" in said
    assert "hint: --picture OTHER_FILE; --overwrite to replace it" in said


def test_a_score_and_its_picture_need_no_torch(trained) -> None:
    code = "import sys; sys.modules['torch'] = None; from gatework.cli import main; main()"
    command = ("write", "score", str(trained), "To be", "--picture", "surprise.svg")
    result = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    assert Path("surprise.svg").read_text().startswith("<svg")


def test_settings_are_given_by_name() -> None:
    command = ("write", "train", "hamlet.txt", "--out", "m.st", *SMALL, "--epochs", "1")
    assert run(*command, "--set", "drop_connect=0.3", "--set", "optimizer=adam") == 0
    settings = load("m.st").settings_
    assert (settings.drop_connect, settings.optimizer) == (0.3, "adam")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("hamlet.txt", "--out", "hamlet.txt"), "exists already and was kept"),
        (("hamlet.txt", "--out", ".", "--overwrite"), "is a folder, expected the name of a file"),
        (("hamlet.txt", "--out", "./hamlet.txt", "--overwrite"), "hamlet.txt are the same file"),
        (
            ("hamlett.txt", "--out", "m"),
            "there is no file hamlett.txt\nhint: did you mean hamlet.txt?",
        ),
        (("empty.txt", "--out", "m"), "there is no text to learn from: empty.txt is empty"),
        (("tiny.txt", "--out", "m"), "has 8 tokens, expected at least 200"),
        (("latin.txt", "--out", "m"), "latin.txt is not utf-8: byte 0xe9 at offset 3"),
        (("hamlet.txt", "--out", "m", "--preset", "smal"), "did you mean 'small'"),
        (("hamlet.txt", "--out", "m", "--set", "depth=3"), "there is no setting 'depth'"),
        (("hamlet.txt", "--out", "m", "--set", "depth"), "is no NAME=VALUE"),
        (("hamlet.txt", "--out", "m", "--hidden-sizes", "a"), "no list of whole numbers"),
    ],
)
def test_what_cannot_be_learned_is_refused_and_nothing_is_written(
    arguments, sentence, capsys
) -> None:
    Path("empty.txt").write_text("")
    Path("tiny.txt").write_text("To be, or")
    Path("latin.txt").write_bytes(b"caf\xe9 " * 100)
    before = sorted(p.name for p in Path.cwd().iterdir())
    assert run("write", "train", *arguments) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(p.name for p in Path.cwd().iterdir()) == before
    assert Path("hamlet.txt").read_text() == TEXT


def test_a_model_of_another_kind_is_refused(capsys) -> None:
    save(LSTM(2, 3), "lstm.safetensors")
    assert run("write", "lstm.safetensors", "--start", "a") == 2
    assert "lstm" in capsys.readouterr().err
    assert run("write", "score", "lstm.safetensors", "abc") == 2


def test_sampling_that_cannot_be_is_refused_before_a_letter_is_written(trained, capsys) -> None:
    assert run("write", str(trained), "--start", "To be", "--temperature", "nan") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "temperature must be a number" in captured.err


def test_a_slip_in_the_name_of_a_command_is_named(capsys) -> None:
    assert run("write", "trian") == 2
    assert "no command 'trian'\nhint: gatework write train" in capsys.readouterr().err


def test_a_folder_takes_the_model_and_goes_on_there(monkeypatch) -> None:
    Path("texts").mkdir()
    Path("texts/a.txt").write_text(TEXT)
    command = ("write", "train", "texts", "--out", "texts/m.st", *SMALL, "--epochs", "2")
    with monkeypatch.context() as stopped:
        stopped.setattr(
            train, "_heard", lambda console: lambda text: os.kill(os.getpid(), signal.SIGINT)
        )
        assert run(*command) == 130
    assert run(*command) == 0
    assert run(*command, "--overwrite") == 0


def test_the_text_is_kept_in_the_model_unless_it_is_told_not_to(trained, capsys) -> None:
    command = ("write", "train", "hamlet.txt", "--out", "m.st", *SMALL, "--epochs", "1")
    assert run(*command, "--no-novelty") == 0
    assert load("m.st").memorization_ is None
    assert load(trained).memorization_ is not None


def test_null_is_no_cutoffs_and_no_average() -> None:
    command = ("write", "train", "hamlet.txt", "--out", "m.st", "--hidden-sizes", "8")
    assert run(*command, "--epochs", "1", "--set", "cutoffs=null", "--set", "average=none") == 0
    settings = load("m.st").settings_
    assert (settings.cutoffs, settings.average) == (None, None)


def test_each_token_is_a_line_of_a_table(trained, capsys) -> None:
    assert run("write", "score", str(trained), "e,\n\t", "--tokens") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "token\tbits\trank\talternative\talternative_bits"
    assert [line.split("\t")[0] for line in lines[1:5]] == ['"e"', '","', '"\\n"', '"\\t"']
    assert all(len(line.split("\t")) == 5 for line in lines[:5])


def test_a_file_given_twice_is_scored_twice(trained, capsys) -> None:
    command = ("write", "score", str(trained), "--json")
    assert run(*command, *("--file", "hamlet.txt") * 2) == 0
    assert json.loads(capsys.readouterr().out)["characters"] == 2 * len(TEXT) + 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("MODEL", "--beam", "4", "--temperature", "1"), "--temperature does not go with --beam"),
        (("MODEL", "--beam", "4", "--endless"), "--endless does not go with --beam"),
        (("MODEL", "--repetition-window", "9"), "goes with --repetition-penalty"),
        (("score", "MODEL", "To be", "--encoding", "utf-8"), "--encoding goes with --file FILE"),
        (("score", "MODEL", "To be", "--language", "zh"), "--language goes with --picture FILE"),
        (("poem", "--list", "--count", "2"), "--count does not go with --list"),
        (
            ("train", "hamlet.txt", "--out", "m", "--pattern", "*.md"),
            "--pattern is for folders, and none is among FILE",
        ),
        (
            ("train", "hamlet.txt", "--out", "m", "--level", "bytes", "--vocabulary-size", "9"),
            "--vocabulary-size does not go with --level bytes",
        ),
        (
            ("train", "hamlet.txt", "--out", "m", "--epochs", "2", "--set", "epochs=3"),
            "--epochs is given by --set, too",
        ),
    ],
)
def test_options_that_would_be_ignored_are_refused(trained, capsys, arguments, sentence) -> None:
    words = [str(trained) if word == "MODEL" else word for word in arguments]
    assert run("write", *words) == 2
    assert sentence in capsys.readouterr().err


def test_scoring_needs_a_text(trained, capsys) -> None:
    assert run("write", "score", str(trained)) == 2
    assert "give a TEXT, or --file FILE" in capsys.readouterr().err
    assert run("write", "score", str(trained), "hamlet.txt") == 2
    assert "its content is scored by --file hamlet.txt" in capsys.readouterr().err
    assert run("write", "score", str(trained), "") == 2
    assert "there is no text to score" in capsys.readouterr().err


def test_pictures_of_the_inside_are_drawn_over_a_text(trained, capsys) -> None:
    Path("part.txt").write_text(TEXT[:120])
    for picture in ("text", "gates", "memory", "attribution"):
        unit = ("--unit", "3") if picture == "text" else ()
        command = ("draw", str(trained), picture, "--data", "part.txt", *unit)
        assert run(*command) == 0, capsys.readouterr().err
        assert Path(f"{picture}.svg").read_text().startswith("<svg")
    assert run("explain", str(trained), "part.txt") == 0
    assert "explanation.html" in {path.name for path in Path.cwd().iterdir()}


def test_bits_a_character_are_told_for_words_too() -> None:
    corpus = Corpus.of(["to be or not to be"])
    assert train._characters_a_token(corpus, "char") == 1
    assert train._characters_a_token(corpus, "word") == 3
    assert say_loss(3.0)(math.log(8)) == "2.079 (perplexity 8.00, 1.000 bits/char)"


def test_a_dash_stands_for_the_standard_input_as_far_as_memory_is_allowed(monkeypatch) -> None:
    def given(data: bytes) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return text_or_input("-")

    assert (text_or_input("a-"), given("秋\r\n".encode())) == ("a-", "秋\n")
    with pytest.raises(DataError, match="the standard input is not UTF-8: byte 0xe9 at offset 3"):
        given(b"caf\xe9")
    monkeypatch.setenv("GATEWORK_MOST_GIB", "0.001")
    with pytest.raises(InputFileError, match=r"the standard input holds more than 0.001 GiB"):
        given(bytes(2 << 20))


def test_a_start_is_spelled_as_what_was_learned(capsys) -> None:
    Path("cafe.txt").write_text("café at the line\n" * 60, encoding="utf-8")
    assert run("write", "train", "cafe.txt", "--out", "m.st", *SMALL, "--epochs", "1") == 0
    capsys.readouterr()
    assert run("write", "m.st", "--start", "cafe\u0301\r\n", "--length", "2") == 0
    told = capsys.readouterr()
    assert told.out.startswith("café\n")
    assert "not known" not in told.err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix closes the streams")
@pytest.mark.parametrize(
    ("lost", "code"), [("2>&1 | true", 0), (">&- 2>&-", 0), (">/dev/full 2>/dev/full", 2)]
)
def test_a_training_goes_on_when_nobody_takes_what_it_says(lost, code) -> None:
    if "full" in lost and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    train = f"{sys.executable} -m gatework write train hamlet.txt --out m.st {' '.join(SMALL)}"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {train} --epochs 2 {lost}"], check=False
    )
    assert ended.returncode == code
    assert load("m.st").history_.best_epoch
    assert not Path("m.st.checkpoint").exists()
