"""Features: the numbers are those of the formulas, and a stream gives the same as the whole."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dct

from gatework.errors import DataError, OptionError, ShapeError
from gatework.recognize.features import features_from_config
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.deltas import with_deltas
from gatework.recognize.features.images import Columns, Pixels, Rows
from gatework.recognize.features.mel import hz_to_mel, mel_filters, mel_to_hz
from gatework.recognize.features.mfcc import Mfcc
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.features.sound import LogMel
from gatework.recognize.features.strips import Strips
from tolerances import FLOAT32, FLOAT64

PICTURE = np.arange(12, dtype=np.uint8).reshape(3, 4)
ALL = [
    Rows(height=3, width=4),
    Columns(height=3, width=4, colour=True),
    Pixels(height=3, width=4),
    Strips(height=3, columns=2, hop=1),
    LogMel(rate=8000, mels=12, deltas=1, normalise="mean"),
    Mfcc(rate=16000, coefficients=5, deltas=2, high=6000.0),
    Characters("abc"),
    Numbers(("heat", "load")),
]


def close(found, wanted, tolerance) -> None:
    np.testing.assert_allclose(found, wanted, rtol=tolerance.rtol, atol=tolerance.atol)


# Pictures


def test_rows_columns_and_pixels_read_a_picture_in_their_order() -> None:
    scaled = PICTURE / 255
    close(Rows(height=3, width=4)(PICTURE), scaled, FLOAT32)
    close(Columns(height=3, width=4)(PICTURE), scaled.T, FLOAT32)
    close(Pixels(height=3, width=4)(PICTURE), scaled.reshape(12, 1), FLOAT32)


def test_colour_gives_three_values_a_pixel() -> None:
    colour = np.random.default_rng(0).integers(0, 256, (3, 4, 3)).astype(np.uint8)
    rows = Rows(height=3, width=4, colour=True)
    assert (rows.channels, rows(colour).shape) == (12, (3, 12))
    close(rows(colour)[1, 3:6], colour[1, 1] / 255, FLOAT32)
    columns = Columns(height=3, width=4, colour=True)(colour)
    close(columns[2, 3:6], colour[1, 2] / 255, FLOAT32)
    with pytest.raises(ShapeError, match=r"must have the shape \(3, 4, 3\), got \(3, 4\)"):
        rows(PICTURE)


def test_strips_slide_over_a_picture_of_any_width() -> None:
    strips = Strips(height=3, columns=2, hop=1)
    found = strips(PICTURE)
    assert found.shape == (4, strips.channels)
    close(found[1], PICTURE[:, 1:3].T.reshape(-1) / 255, FLOAT32)


def test_the_last_strip_is_filled_up_with_the_background() -> None:
    line = np.full((2, 5), 200, np.uint8)
    line[0, 2] = 0
    found = Strips(height=2, columns=3)(line)
    assert found.shape == (2, 6)
    close(found[1], np.full(6, 200 / 255), FLOAT32)


def test_strips_keep_the_proportions_of_a_picture() -> None:
    assert Strips(height=20).size_for(40, 300) == (20, 150)
    with pytest.raises(ShapeError, match=r"\(20, any width\), got \(40, 300\)"):
        Strips(height=20)(np.zeros((40, 300)))


# Sound


def test_log_mel_is_the_formula_that_is_written_down() -> None:
    made = LogMel(rate=8000, mels=6, window=0.004, hop=0.002)
    samples = np.random.default_rng(0).normal(size=100) * 0.1
    raised = samples - 0.97 * np.concatenate([samples[:1], samples[:-1]])
    bins, weights = 64, np.hamming(32)
    filters = mel_filters(6, bins, 8000, 20.0, 4000.0)
    wanted = []
    for begin in range(0, 100 - 32 + 1, 16):
        frame = raised[begin : begin + 32] * weights
        power = [
            abs(sum(frame[s] * np.exp(-2j * np.pi * k * s / bins) for s in range(32))) ** 2
            for k in range(bins // 2 + 1)
        ]
        wanted.append(np.log(np.maximum(filters @ power / (weights**2).sum(), 1e-8)))
    close(made(samples), np.array(wanted), FLOAT32)


def test_a_tone_is_loudest_in_its_own_band() -> None:
    time = np.arange(8000) / 8000
    middles = mel_to_hz(np.linspace(hz_to_mel(np.array(20.0)), hz_to_mel(np.array(4000.0)), 22))
    for pitch in (300.0, 1000.0, 2500.0):
        loudest = LogMel(rate=8000, mels=20)(np.sin(2 * np.pi * pitch * time)).mean(axis=0).argmax()
        assert middles[loudest] <= pitch <= middles[loudest + 2]


def test_twice_the_amplitude_adds_the_logarithm_of_four() -> None:
    samples = np.random.default_rng(0).normal(size=2000) * 0.1
    made = LogMel(rate=8000)
    close(made(2 * samples), made(samples) + np.log(4), FLOAT32)
    for normalise in ("mean", "deviation"):
        taken = LogMel(rate=8000, normalise=normalise)
        close(taken(2 * samples), taken(samples), FLOAT32)


def test_beneath_the_depth_nothing_is_told_apart() -> None:
    draw = np.random.default_rng(0)
    tone = np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000)
    noises = [3e-3 * draw.normal(size=4000) for _ in range(2)]
    plain, deep = LogMel(rate=8000), LogMel(rate=8000, depth=26.0)
    made = [deep(tone + noise) for noise in noises]
    assert np.abs(plain(tone + noises[0]) - plain(tone + noises[1])).max() > 1
    assert np.abs(made[0] - made[1]).max() < 0.05
    assert made[0].max() - made[0].min() == pytest.approx(2.6 * np.log(10), abs=1e-4)
    whole = plain(tone)
    close(deep(tone), np.maximum(whole, whole.max() - 2.6 * np.log(10)), FLOAT32)


def test_a_configuration_from_before_the_depth_is_read() -> None:
    config = LogMel(rate=8000).to_config()
    del config["depth"]
    assert LogMel.from_config(config) == LogMel(rate=8000)


def test_mfcc_is_the_cosine_transform_of_log_mel() -> None:
    samples = np.random.default_rng(1).normal(size=3000) * 0.1
    wanted = np.asarray(dct(LogMel(rate=8000)(samples), norm="ortho", axis=1))[:, :13]
    close(Mfcc(rate=8000)(samples), wanted, FLOAT32)


def test_silence_and_a_sound_shorter_than_a_window_give_finite_features() -> None:
    for made in (LogMel(rate=8000, deltas=2, normalise="deviation"), Mfcc(rate=8000)):
        for count in (1, 10, 199, 200):
            found = made(np.zeros(count))
            assert found.shape == (1, made.channels)
            assert np.isfinite(found).all()


def test_deltas_of_a_line_are_its_slope() -> None:
    line = 3.0 * np.arange(9.0)[:, None]
    found = with_deltas(line, 2)
    close(found[2:-2, 1], np.full(5, 3.0), FLOAT64)
    close(found[4, 2], 0.0, FLOAT64)


@settings(max_examples=40)
@given(
    count=st.integers(1, 900),
    pieces=st.lists(st.integers(0, 300), max_size=8),
    deltas=st.sampled_from([0, 1, 2]),
    hop=st.sampled_from([0.005, 0.010, 0.030]),
)
def test_a_stream_of_any_pieces_gives_the_features_of_the_whole(count, pieces, deltas, hop) -> None:
    made = Mfcc(rate=8000, window=0.010, mels=20, hop=hop, deltas=deltas)
    samples = np.random.default_rng(count).normal(size=count) * 0.1
    stream, found, begin = made.stream(), [], 0
    for piece in [*pieces, count]:
        found.append(stream.push(samples[begin : begin + piece]))
        begin += piece
    found.append(stream.finish())
    close(np.concatenate(found), made(samples), FLOAT32)


def test_a_stream_that_nothing_came_in_gives_nothing() -> None:
    stream = LogMel(rate=8000).stream()
    assert stream.push(np.zeros(0)).shape == stream.finish().shape == (0, 40)


def test_features_of_the_whole_sound_cannot_be_streamed() -> None:
    with pytest.raises(OptionError, match="normalise='mean' need the whole sound"):
        LogMel(normalise="mean").stream()
    with pytest.raises(OptionError, match=r"depth=26.0 need the whole sound"):
        LogMel(depth=26.0).stream()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rate": 0}, "rate must be a whole number from 1000 to 384000, got 0"),
        ({"mels": 200, "window": 0.005}, "mels=200 is too many"),
        ({"deltas": 3}, "deltas must be one of 0, 1, 2, got 3"),
        ({"normalise": "max"}, "normalise must be one of none, mean, deviation"),
        ({"depth": -3}, "depth must be a number from 1 to 200, got -3"),
        ({"low": 5000.0}, "low must be a number from 0 to 4000"),
        ({"high": 10.0}, "high must be a number from 21 to 4000"),
        ({"rate": 500, "deltas": 7}, "rate must be .*; deltas must be"),
    ],
)
def test_sound_features_that_cannot_be_are_refused(settings, said) -> None:
    with pytest.raises(OptionError, match=said):
        LogMel(**settings)


def test_sound_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(samples,\), got \(5, 2\)"):
        LogMel()(np.zeros((5, 2)))
    with pytest.raises(DataError, match="the sound has no sample"):
        LogMel()(np.zeros(0))


# Text and tables


def test_characters_that_are_not_known_share_a_channel() -> None:
    made = Characters.of(["banana", "cab"], most=2)
    assert made.known == "ab"
    assert made("cad").argmax(axis=1).tolist() == [0, 1, 0]
    with pytest.raises(DataError, match="no character"):
        made("")


def test_numbers_want_their_channels() -> None:
    with pytest.raises(ShapeError, match="the 2 channels heat, load, got the shape"):
        Numbers(("heat", "load"))(np.zeros((3, 1)))


# In files


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.kind)
def test_features_come_back_from_their_configuration(made) -> None:
    config = json.loads(json.dumps(made.to_config()))
    assert features_from_config(config) == made
    assert features_from_config(config).channels == made.channels


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.kind)
def test_a_made_up_configuration_is_refused(made) -> None:
    config = made.to_config()
    for wrong in (
        {"kind": "eval"},
        {"kind": ["rows"]},
        config | {"more": 1},
        {name: value for name, value in config.items() if name == "kind"},
        *({**config, name: odd} for name in config if name != "kind" for odd in ([], {}, -1.5)),
    ):
        with pytest.raises(OptionError):
            features_from_config(wrong)
