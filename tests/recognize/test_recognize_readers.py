"""Pictures, sound and texts from files, folders and tables; what cannot be used is named."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from gatework.errors import DataError, InputFileError, MissingDependencyError, OptionError
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.images import Rows
from gatework.recognize.features.mfcc import Mfcc
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.features.sound import LogMel
from gatework.recognize.features.strips import Strips
from gatework.recognize.readers import default_features, list_files, read_data, read_files

DATA = Path(os.environ.get("GATEWORK_DATA", Path(__file__).parents[3] / "shared" / "data"))
SMALL = Rows(height=6, width=5)


def tone(pitch: float, seconds: float = 0.2, rate: int = 8000) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)


def draw(path: Path, value: int = 100, size: tuple[int, int] = (5, 6), mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)
    return path


# Pictures


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif", ".tif", ".webp", ".pgm"])
def test_pictures_of_many_formats_are_read(tmp_path, suffix) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 5)).astype(np.uint8)
    path = tmp_path / f"one{suffix}"
    Image.fromarray(pixels).save(path, lossless=True)
    found = read_files([path], SMALL)
    np.testing.assert_allclose(found.values[0], pixels / 255, atol=0.02)
    assert (found.kind, found.names, found.labels) == ("image", (str(path),), None)


def test_pictures_of_other_sizes_are_scaled_and_it_is_said(tmp_path) -> None:
    paths = [draw(tmp_path / "a.png"), draw(tmp_path / "b.png", size=(50, 60))]
    found = read_files(paths, SMALL)
    np.testing.assert_allclose(found.values[1], np.full((6, 5), 100 / 255), rtol=1e-6)
    assert found.remarks == ("1 picture: scaled to the size of the features",)
    lines = read_files([draw(tmp_path / "c.png", size=(90, 20))], Strips(height=10, columns=5))
    assert lines.lengths.tolist() == [9]


def test_colour_becomes_brightness_and_transparency_white(tmp_path) -> None:
    red = tmp_path / "red.png"
    Image.new("RGB", (5, 6), (255, 0, 0)).save(red)
    clear = tmp_path / "clear.png"
    Image.new("RGBA", (5, 6), (0, 0, 0, 0)).save(clear)
    found = read_files([red, clear], SMALL)
    assert found.values[0][0, 0] == pytest.approx(76 / 255)
    assert (found.values[1] == 1).all()
    assert "1 picture: transparency was laid on white" in found.remarks
    assert "2 pictures: of colours the brightness was taken" in found.remarks
    kept = read_files([red], Rows(height=6, width=5, colour=True))
    assert kept.values[0][0, :3].tolist() == [1, 0, 0]


def test_pictures_are_turned_upright_and_16_bits_are_read(tmp_path) -> None:
    pixels = np.arange(30, dtype=np.uint8).reshape(6, 5)
    turned = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row is at the right
    Image.fromarray(np.rot90(pixels)).save(turned, exif=exif)
    found = read_files([turned], SMALL)
    np.testing.assert_allclose(found.values[0] * 255, pixels, atol=1e-4)
    deep = tmp_path / "deep.png"
    Image.fromarray(pixels.astype(np.uint16) * 257).save(deep)
    np.testing.assert_allclose(read_files([deep], SMALL).values[0] * 255, pixels, atol=1e-4)


def test_shades_of_32_bits_keep_their_white_and_dark_ones_of_16_are_told(tmp_path) -> None:
    pixels = np.arange(30).reshape(6, 5) * 8
    for kind, whole in (("int32", 1), ("float32", 1), ("float32", 255)):
        Image.fromarray((pixels / whole).astype(kind)).save(tmp_path / "a.tif")
        found = read_files([tmp_path / "a.tif"], SMALL)
        np.testing.assert_allclose(found.values[0] * 255, pixels, atol=1e-4)
    Image.fromarray(pixels.astype(np.uint16)).save(tmp_path / "dark.png")
    said = read_files([tmp_path / "dark.png"], SMALL).remarks[-1]
    assert said == "1 picture: of its 65,536 shades none above 232 is there, so that it is dark"


def held(upright: Image.Image, turn: int) -> tuple[Image.Image, Image.Exif]:
    """Return a picture as a camera that was turned writes it, and the mark that says so."""
    exif = Image.Exif()
    exif[0x0112] = turn
    back = (None, 0, 3, 1, 5, 2, 6, 4)[turn - 1]
    return upright if back is None else upright.transpose(Image.Transpose(back)), exif


@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_are_turned_upright_however_they_were_held(tmp_path, turn) -> None:
    pixels = np.arange(30, dtype=np.uint8).reshape(6, 5) * 8
    picture, exif = held(Image.fromarray(pixels), turn)
    picture.save(tmp_path / "a.png", exif=exif)
    found = read_files([tmp_path / "a.png"], SMALL)
    np.testing.assert_allclose(found.values[0] * 255, pixels, atol=1e-4)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_large_pictures_are_made_smaller_as_they_are_read(tmp_path, suffix) -> None:
    pixels = np.arange(30, dtype=np.uint8).reshape(6, 5) * 8
    upright = Image.fromarray(pixels).resize((2000, 2400))
    picture, exif = held(upright, 6)
    picture.save(tmp_path / f"a{suffix}", exif=exif, quality=95)
    found = read_files([tmp_path / f"a{suffix}"], SMALL)
    wanted = np.asarray(upright.resize((5, 6), Image.Resampling.BILINEAR), float)
    np.testing.assert_allclose(found.values[0] * 255, wanted, atol=2)


def test_of_several_frames_the_first_is_taken(tmp_path) -> None:
    path = tmp_path / "two.gif"
    frames = [Image.new("L", (5, 6), value) for value in (0, 255)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    found = read_files([path], SMALL)
    assert (found.values[0] == 0).all()
    assert "1 picture: of several frames the first was taken" in found.remarks


def damaged(tmp_path: Path) -> list[Path]:
    """Return a sound picture and four that cannot be used."""
    good = draw(tmp_path / "good.png", size=(200, 200))
    noise = np.random.default_rng(0).integers(0, 256, (200, 200)).astype(np.uint8)
    cut = tmp_path / "cut.png"
    Image.fromarray(noise).save(cut)
    cut.write_bytes(cut.read_bytes()[:9000])
    jpeg = tmp_path / "cut.jpg"
    Image.fromarray(noise).save(jpeg)
    jpeg.write_bytes(jpeg.read_bytes()[:3000])
    words = tmp_path / "words.png"
    words.write_text("no picture")
    empty = tmp_path / "empty.png"
    empty.touch()
    return [good, cut, jpeg, words, empty]


def test_pictures_that_cannot_be_used_are_named_and_counted(tmp_path) -> None:
    paths = damaged(tmp_path)
    with pytest.raises(DataError, match="4 of 5 files cannot be used") as caught:
        read_files(paths, SMALL)
    for path in paths[1:]:
        assert f"'{path}' is no picture, or is damaged" in caught.value.message
    assert caught.value.hint is not None
    assert "--skip-bad" in caught.value.hint
    found = read_files(paths, SMALL, labels=list("abcde"), skip_bad=True)
    assert (found.names, found.labels) == ((str(paths[0]),), ("a",))
    assert found.remarks[0].startswith("4 of 5 files cannot be used and were left out")
    with pytest.raises(DataError, match="none of 1 file can be used"):
        read_files(paths[1:2], SMALL, skip_bad=True)


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    for features, name in ((SMALL, "a.png"), (LogMel(), "a.wav"), (Characters("a"), "a.txt")):
        with pytest.raises(DataError, match=f"1 of 1 file cannot be used: '.*{name}' is not") as no:
            read_files([tmp_path / name], features)
        assert no.value.hint == "check the name and the folder"
    draw(tmp_path / "picture.png")
    with pytest.raises(DataError, match="is not there") as no:
        read_files([tmp_path / "pictur.png", tmp_path / "picture.png"], SMALL)
    assert no.value.hint is not None
    assert re.match("is '.*picture.png' meant[?], or leave them out with --skip-bad", no.value.hint)
    with pytest.raises(InputFileError, match="there is no such file or folder") as gone:
        read_data(tmp_path / "pictur.png")
    assert gone.value.hint == f"is '{tmp_path / 'picture.png'}' meant?"
    for kind, name in (("image", "a.png"), ("sound", "a.wav")):
        with pytest.raises(DataError, match=f"can be opened: '.*{name}' is not there"):
            default_features(kind, [tmp_path / name])


def test_a_file_of_another_kind_is_told_as_such(tmp_path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440), 8000)
    paths = [draw(tmp_path / "a.png"), tmp_path / "a.wav"]
    for features, said, cure in (
        (SMALL, "a.wav' is sound, but the model reads pictures", "sound"),
        (LogMel(), "a.png' is a picture, but the model reads sound", "pictures"),
    ):
        with pytest.raises(DataError, match=f"1 of 2 files cannot be used: '.*{said}") as caught:
            read_files(paths, features)
        assert caught.value.hint is not None
        assert caught.value.hint.startswith(f"take a model that reads {cure}, or leave them out")
        found = read_files(paths, features, skip_bad=True)
        assert (len(found), said in found.remarks[0]) == (1, True)
    with pytest.raises(DataError, match=r"a.wav' is sound, but the model reads text") as caught:
        read_data(paths[1], features=Characters("a"))
    assert caught.value.hint == "take a model that reads sound"


def test_what_pillow_cannot_read_is_said_without_its_path(tmp_path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(DataError, match=r"'.*a.png' is no picture, or is damaged\n") as caught:
        read_files([tmp_path / "a.png"], SMALL)
    assert caught.value.hint == "mend them"
    (tmp_path / "b.png").mkdir()
    with pytest.raises(DataError, match=r"'.*b.png' is a folder, expected a file"):
        read_files([tmp_path / "b.png"], SMALL)
    Image.new("RGB", (5, 6)).convert("LAB").save(tmp_path / "lab.tif")
    with pytest.raises(DataError, match=r"lab.tif' is no picture, or is damaged: conversion from"):
        read_files([tmp_path / "lab.tif"], SMALL)


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path) -> None:
    path = tmp_path / "huge.png"
    Image.new("1", (9000, 9000)).save(path)
    with pytest.raises(DataError, match=r"has 9000 x 9000 pixels, more than 2\^26"):
        read_files([path], SMALL)


# Sound


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg"])
def test_sound_of_many_formats_is_read(tmp_path, suffix) -> None:
    path = tmp_path / f"one{suffix}"
    soundfile.write(path, tone(440), 8000)
    found = read_files([path], Mfcc())
    assert len(np.asarray(found.content(0))) == 1600
    wanted = Mfcc()(tone(440))
    assert np.abs(found.values[0] - wanted).mean() < (1.5 if suffix == ".ogg" else 0.3)
    assert found.remarks == ()


def test_sound_of_another_rate_is_resampled_and_it_is_said_once(tmp_path) -> None:
    paths = [tmp_path / f"{n}.wav" for n in range(3)]
    for path in paths[:2]:
        soundfile.write(path, tone(440, rate=44100), 44100)
    soundfile.write(paths[2], tone(440), 8000)
    found = read_files(paths, LogMel(rate=8000))
    assert found.remarks == ("2 sounds: resampled from 44100 Hz to 8000 Hz",)
    middle = np.asarray(found.content(0))[200:-200]
    np.testing.assert_allclose(middle, tone(440)[200:-200], atol=2e-3)


def test_channels_are_averaged_and_it_is_said(tmp_path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(440), tone(880)], axis=1), 8000)
    found = read_files([path], LogMel())
    assert found.remarks == ("1 sound: several channels were averaged",)
    np.testing.assert_allclose(np.asarray(found.content(0)), (tone(440) + tone(880)) / 2, atol=1e-4)


def test_a_sound_shorter_than_a_window_is_remarked_on_and_named(tmp_path) -> None:
    paths = [tmp_path / f"{n}.wav" for n in range(8)]
    for path, count in zip(paths, [200, *[199] * 7], strict=True):
        soundfile.write(path, tone(440)[:count], 8000)
    (remark,) = read_files(paths[:2], LogMel()).remarks
    said = "shorter than a window of 0.025 s, and filled up with silence"
    assert remark == f"1 sound: {said}: '{paths[1]}'"
    (remark,) = read_files(paths, LogMel()).remarks
    assert remark.startswith(f"7 sounds: {said}: '{paths[1]}', '{paths[2]}'")
    assert remark.endswith(f"'{paths[5]}', and 2 more")


def test_sound_that_cannot_be_used_is_named(tmp_path) -> None:
    good = tmp_path / "good.wav"
    soundfile.write(good, tone(440), 8000)
    cut = tmp_path / "cut.wav"
    cut.write_bytes(good.read_bytes()[:-1000])
    flac = tmp_path / "cut.flac"
    soundfile.write(flac, np.random.default_rng(0).uniform(-1, 1, 8000), 8000)
    flac.write_bytes(flac.read_bytes()[:-4000])
    none = tmp_path / "none.wav"
    soundfile.write(none, np.zeros(0), 8000)
    words = tmp_path / "words.wav"
    words.write_text("no sound")
    odd = tmp_path / "odd.wav"
    soundfile.write(odd, np.array([0.0, np.nan, 0.0]), 8000, subtype="FLOAT")
    slow = tmp_path / "slow.wav"
    soundfile.write(slow, tone(440), 1)
    for name, form in (("aiff", "AIFF"), ("rf64", "RF64")):
        soundfile.write(tmp_path / name, tone(440), 8000, format=form, subtype="PCM_16")
        (tmp_path / f"{name}.wav").write_bytes((tmp_path / name).read_bytes()[:-500])
    others = [slow, tmp_path / "aiff.wav", tmp_path / "rf64.wav"]
    with pytest.raises(DataError, match="3 of 3 files cannot be used") as caught:
        read_files(others, LogMel())
    assert "slow.wav' has 1 samples a second, expected 1,000 to 384,000" in caught.value.message
    assert caught.value.message.count("is cut off: 500 bytes are missing") == 2
    with pytest.raises(DataError, match="5 of 6 files cannot be used") as caught:
        read_files([good, cut, flac, none, words, odd], LogMel())
    for said in (
        r"cut.wav' is cut off: 1,000 bytes are missing",
        r"cut.flac' is (no sound, or is damaged|cut off)",
        r"none.wav' has no sample",
        r"words.wav' is no sound, or is damaged",
        r"odd.wav' has a sample that is not a finite number",
    ):
        assert re.search(said, caught.value.message)


def test_a_wav_file_written_to_a_pipe_has_no_size_and_is_no_ruin(tmp_path) -> None:
    path = tmp_path / "piped.wav"
    soundfile.write(path, tone(440), 8000)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    assert len(np.asarray(read_files([path], LogMel()).content(0))) == 1600


# Text


def test_texts_that_cannot_be_used_are_named(tmp_path) -> None:
    good, wrong, none = (tmp_path / name for name in ("good.txt", "wrong.txt", "none.txt"))
    good.write_text("ab\nc\n", encoding="utf-8-sig")
    wrong.write_bytes(b"ab\xff")
    none.write_text("\n")
    assert read_files([good], Characters("abc\n")).content(0) == "ab\nc"
    with pytest.raises(
        DataError, match=r"wrong.txt' is not UTF-8 text: byte 0xff at offset 2 .*; '.*no"
    ):
        read_files([good, wrong, none], Characters("abc"))


# Folders and tables


def folder(tmp_path: Path) -> Path:
    for label in ("cat", "dog"):
        for number in range(3):
            draw(tmp_path / "pets" / label / "more" / f"{number}.png")
    return tmp_path / "pets"


def test_a_folder_has_a_folder_for_each_class(tmp_path) -> None:
    found = read_data(folder(tmp_path))
    assert found.labels == ("cat",) * 3 + ("dog",) * 3
    assert found.features == SMALL
    assert found.names[0].endswith(str(Path("cat", "more", "0.png")))


def test_hidden_and_other_files_are_passed_over_and_named(tmp_path) -> None:
    where = folder(tmp_path)
    (where / "cat" / ".hidden.png").touch()
    (where / ".git").mkdir()
    (where / "cat" / "notes.doc").touch()
    (where / "read.me").touch()
    found = read_data(where)
    assert len(found) == 6
    said = "passed over 3 files, hidden, of another kind, or in no class: "
    assert found.remarks[0].startswith(said)
    assert all(name in found.remarks[0] for name in ("notes.doc", "read.me", ".hidden.png"))
    (where / "cat" / "zero.png").symlink_to(os.devnull)
    assert read_data(where).remarks[1:] == (
        "passed over what is no ordinary file: 'zero.png' (a device)",
    )


def test_empty_folders_and_mixed_kinds_are_refused(tmp_path) -> None:
    with pytest.raises(InputFileError, match="no such file or folder"):
        read_data(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match=r"the folder '.*empty' is empty"):
        read_data(empty)
    (empty / "cat").mkdir()
    with pytest.raises(DataError, match="the folder of the class 'cat' is empty"):
        read_data(empty)
    (empty / "cat" / "purr.wav").symlink_to(os.devnull)
    (empty / "cat" / "meow.wav").symlink_to("nowhere")
    only = r"only 'meow.wav' \(a link to what is not there\), 'purr.wav' \(a device\)"
    with pytest.raises(DataError, match=f"the class 'cat' holds no file, {only}"):
        read_data(empty)
    with pytest.raises(DataError, match=f"cat' holds no file, {only}"):
        read_data(empty / "cat")
    (empty / "cat" / "strange.xyz").touch()
    with pytest.raises(
        DataError, match=r"no file of '.*' has a known ending, such as 'strange.xyz"
    ):
        read_data(empty)
    where = folder(tmp_path)
    soundfile.write(where / "cat" / "meow.wav", tone(440), 8000)
    with pytest.raises(
        DataError, match="mixes kinds of files: 6 of the kind image, 1 of"
    ) as caught:
        read_data(where)
    assert caught.value.hint == "one kind a folder, or --kind"
    assert len(read_data(where, kind="image")) == 6
    with pytest.raises(DataError, match="dog' has no file of the kind sound"):
        read_data(where, kind="sound")


def test_a_flat_folder_has_no_labels(tmp_path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    assert read_data(tmp_path).labels is None


def test_a_table_of_paths_is_relative_to_itself(tmp_path) -> None:
    folder(tmp_path)
    table = tmp_path / "list.csv"
    table.write_text("path;kind;label\npets/cat/more/0.png;x;Katze\npets/dog/more/1.png;x;Hund\n")
    found = read_data(table)
    assert found.labels == ("Katze", "Hund")
    assert read_data(table, label_column="kind").labels == ("x", "x")
    with pytest.raises(
        DataError, match=r"column 'lable' is not in '.*list.csv', which has 'p"
    ) as caught:
        read_data(table, label_column="lable")
    assert caught.value.hint == "--label-column label"
    table.write_text("path,label\npets/cat/more/0.png,\n")
    with pytest.raises(DataError, match=r"list.csv', column 'label', row 2: the label is empty"):
        list_files(table)
    table.write_text("path,label\n")
    with pytest.raises(DataError, match=r"list.csv' has a header and no rows"):
        list_files(table)


# Features by default


def test_the_most_frequent_size_and_rate_are_taken(tmp_path) -> None:
    paths = [draw(tmp_path / f"{n}.png", size=(12, 8)) for n in range(3)]
    paths += [draw(tmp_path / "x.png", size=(9, 9))]
    assert default_features("image", paths) == Rows(height=8, width=12)
    large = [draw(tmp_path / "large.png", size=(640, 320))]
    assert default_features("image", large) == Rows(height=32, width=64)
    given = default_features("image", large, name="strips", settings={"columns": 3})
    assert given == Strips(height=32, columns=3)
    for number, rate in enumerate((22050, 22050, 8000)):
        soundfile.write(tmp_path / f"{number}.wav", tone(440, rate=rate), rate)
    sounds = [tmp_path / f"{n}.wav" for n in range(3)]
    assert default_features("sound", sounds) == LogMel(rate=16000, deltas=1)
    assert default_features("sound", sounds, name="mfcc", settings={"rate": 8000, "deltas": 2}) == (
        Mfcc(rate=8000, deltas=2)
    )


def test_sound_is_read_less_its_mean_where_it_rises_and_falls(tmp_path) -> None:
    draw = np.random.default_rng(0)
    hums, words = [], []
    for number in range(6):
        noise = 0.1 * np.convolve(draw.normal(size=4000), np.ones(1 + number % 2), "same")
        loud = np.repeat(10 ** draw.uniform(-2, 0, 20), 200)  # by 40 decibels, as syllables are
        for listed, samples in ((hums, noise), (words, noise * loud)):
            listed.append(tmp_path / f"{len(hums)}{len(words)}.wav")
            soundfile.write(listed[-1], samples / 2, 8000)
    assert default_features("sound", hums) == LogMel(rate=8000, deltas=1)
    speech = LogMel(rate=8000, deltas=1, normalise="mean", depth=34.0)
    telephone = replace(speech, window=0.02, low=150.0, high=3400.0)
    assert default_features("sound", words) == telephone
    asked = default_features("sound", words, settings={"low": 20.0, "depth": 40.0})
    assert asked == replace(speech, depth=40.0)
    assert default_features("sound", words, settings={"rate": 16000}) == replace(speech, rate=16000)
    assert default_features("sound", words, streams=True) == LogMel(rate=8000, deltas=1)
    whole = default_features("sound", words, name="mfcc", settings={"normalise": "none"})
    assert whole == Mfcc(rate=8000, deltas=1)


def test_features_that_do_not_go_with_files_are_refused(tmp_path) -> None:
    paths = [draw(tmp_path / "a.png")]
    with pytest.raises(OptionError, match=r"image are read as rows, .*, got 'mfcc'"):
        default_features("image", paths, name="mfcc")
    with pytest.raises(
        OptionError, match="the features 'rows' have no setting 'mels': height, "
    ) as no:
        default_features("image", paths, settings={"mels": 3, "height": 4, "width": 4})
    assert no.value.hint == "leave it out"
    with pytest.raises(
        OptionError, match=r"'log_mel' have no setting 'mells': rate, .*, mels"
    ) as no:
        default_features("sound", paths, settings={"mells": 3, "rate": 8000})
    assert no.value.hint == "--feature mels=3"
    with pytest.raises(DataError, match="holds files of the kind image, but sound is read"):
        read_data(tmp_path, features=LogMel())
    with pytest.raises(OptionError, match="'numbers' read tables, and no pictures"):
        read_files(paths, Numbers(("a",)))
    (tmp_path / "b.png").touch()
    with pytest.raises(DataError, match="none of the files that were looked at can be opened"):
        default_features("image", [tmp_path / "b.png"])


@pytest.mark.parametrize(("package", "name"), [("PIL", "a.png"), ("soundfile", "a.wav")])
def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch, package, name) -> None:
    (tmp_path / name).touch()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match="which is not installed") as caught:
        read_data(tmp_path / name)
    assert caught.value.hint == "pip install 'gatework[recognize]'"


@pytest.mark.skipif(
    not (DATA / "fsdd").is_dir(), reason=f"no spoken digits in {DATA}: set GATEWORK_DATA"
)
def test_spoken_digits_are_read() -> None:
    paths = sorted((DATA / "fsdd" / "recordings").glob("*_jackson_0.wav"))
    found = read_files(paths, LogMel(rate=8000, deltas=1))
    assert (len(found), found.channels, found.remarks) == (10, 80, ())
    assert found.lengths.min() > 20


def test_odd_sounds_are_told_or_named(tmp_path) -> None:
    features, tone = LogMel(rate=8000), 0.5 * np.sin(np.arange(4000) / 5)

    def read(samples: np.ndarray) -> tuple[str, ...]:
        soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="PCM_16")
        return read_files([tmp_path / "a.wav"], features).remarks

    assert "there is no sound in it: " in read(np.zeros(4000))[0]
    assert "there is no sound in it: " in read(np.full(4000, 0.6))[0]
    assert "cancel each other, so the first was taken" in read(np.stack([tone, -tone], axis=1))[0]
    assert read(tone) == ()
    data = bytearray((tmp_path / "a.wav").read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = bytes(4)  # as a stream writes it
    (tmp_path / "b.wav").write_bytes(data)
    assert len(read_files([tmp_path / "b.wav"], features).content(0)) == 4000
    data[20] = 0x55
    (tmp_path / "b.wav").write_bytes(data)
    with pytest.raises(DataError, match="is MP3 inside a WAV file\nhint: ffmpeg"):
        read_files([tmp_path / "b.wav"], features)
    (tmp_path / "b.wav").write_bytes(b"")
    with pytest.raises(DataError, match=r"b.wav' is empty"):
        read_files([tmp_path / "b.wav"], features)
