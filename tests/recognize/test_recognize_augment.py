"""Augmentation keeps what a sequence means."""

from typing import Any

import numpy as np
import pytest

from gatework.errors import OptionError
from gatework.recognize import SequenceClassifier, Sequences, SequenceTagger, Transcriber
from gatework.recognize.augment import (
    ImageAugmentation,
    SeriesAugmentation,
    SoundAugmentation,
    TextAugmentation,
)
from gatework.recognize.features.characters import Characters

STILL: dict[str, Any] = {"shift": 0.0, "rotation": 0.0, "scale": 0.0, "shear": 0.0}
QUIET: dict[str, Any] = {
    "speed": 0.0,
    "shift": 0.0,
    "gain": 0.0,
    "noise": None,
    "time_masks": 0,
    "channel_masks": 0,
}


def quiet(**changes: Any) -> SoundAugmentation:
    return SoundAugmentation(**{**QUIET, **changes})


def draw():
    return np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3)])
def test_nothing_asked_for_changes_nothing(shape) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(ImageAugmentation(**STILL).vary(picture, draw()), picture)
    sound = np.random.default_rng(0).normal(size=50).astype(np.float32)
    assert np.array_equal(quiet().vary(sound, draw()), sound)
    assert quiet().vary_features(picture, draw()) is picture


def test_a_shift_moves_a_point_by_no_more_than_asked() -> None:
    picture = np.zeros((21, 21))
    picture[10, 10] = 1.0
    augment = ImageAugmentation(**(STILL | {"shift": 3.0}))
    random = draw()
    places = []
    for _ in range(50):
        moved = augment.vary(picture, random)
        assert moved.sum() == pytest.approx(1.0)
        rows, columns = np.indices(moved.shape)
        places.append([(moved * rows).sum() - 10, (moved * columns).sum() - 10])
    assert np.abs(places).max() <= 3.0
    assert np.abs(places).max(axis=0).min() > 2.0


def test_a_turn_keeps_the_middle_and_a_size_keeps_the_shape() -> None:
    picture = np.zeros((21, 21))
    picture[10, :] = 1.0
    turned = ImageAugmentation(**(STILL | {"rotation": 30.0})).vary(picture, draw())
    assert turned[10, 10] == pytest.approx(1.0)
    assert turned[10, 0] < 0.5
    larger = ImageAugmentation(**(STILL | {"scale": 0.5})).vary(picture, draw())
    assert larger.shape == picture.shape


def test_bends_are_smooth_and_no_larger_than_asked() -> None:
    rows = np.indices((40, 40))[0].astype(np.float64)
    bent = ImageAugmentation(**(STILL | {"elastic": 2.0})).vary(rows, draw())
    inside = (bent - rows)[4:-4, 4:-4]
    assert 0.2 < np.abs(inside).max() <= 2.0
    assert np.abs(np.diff(inside, axis=0)).max() < 1.0


def test_the_edge_goes_on_where_a_picture_is_moved() -> None:
    bright = np.full((8, 8), 255, np.uint8)
    assert (ImageAugmentation(shift=6.0, elastic=2.0).vary(bright, draw()) == 255).all()


def test_speed_changes_duration_and_pitch() -> None:
    tone = np.sin(2 * np.pi * 50 * np.arange(4000) / 4000).astype(np.float32)
    augment, random = quiet(speed=0.2), draw()
    lengths = [len(augment.vary(tone, random)) for _ in range(50)]
    assert 4000 / 1.2 <= min(lengths) < 3600
    assert 4600 < max(lengths) <= 4000 / 0.8
    played = augment.vary(tone, random)
    crossings = (np.diff(np.signbit(played)) != 0).sum()
    assert abs(crossings - 99) <= 2  # as many waves, in another time


def test_gain_and_noise_are_as_loud_as_asked() -> None:
    tone = np.sin(np.arange(20000)).astype(np.float32)
    louder = quiet(gain=6.0).vary(tone, draw())
    factor = louder[1] / tone[1]
    assert 10 ** (-6 / 20) <= factor <= 10 ** (6 / 20)
    random, noisy = draw(), quiet(noise=10.0)
    below = [
        -10 * np.log10(np.mean((noisy.vary(tone, random) - tone) ** 2) / np.mean(tone**2))
        for _ in range(30)
    ]
    assert 9.8 < min(below) < 20 < max(below) < 40.2


def test_a_shift_in_time_keeps_the_rest() -> None:
    tone = np.arange(1, 101, dtype=np.float32)
    augment, random = quiet(shift=0.2), draw()
    for _ in range(20):
        moved = augment.vary(tone, random)
        silence = int((moved == 0).sum())
        assert np.array_equal(moved[silence:], tone[-(len(moved) - silence) :])
        assert 80 <= len(moved) <= 120


def test_masks_hide_spans_by_the_mean() -> None:
    values = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32)
    augment = quiet(time_masks=1, time_width=0.2, channel_masks=1, channel_width=0.3)
    random = draw()
    hidden_steps, hidden_channels = [], []
    for _ in range(40):
        hidden = augment.vary_features(values, random) == values.mean(axis=0)
        steps, channels = np.flatnonzero(hidden.all(axis=1)), np.flatnonzero(hidden.all(axis=0))
        hidden_steps.append(len(steps))
        hidden_channels.append(len(channels))
        for span in (steps, channels):
            assert (np.diff(span) == 1).all()
    assert 8 <= max(hidden_steps) <= 10
    assert 5 <= max(hidden_channels) <= 6


def test_another_tempo_keeps_the_order_and_the_ends() -> None:
    values = np.stack([np.arange(50.0), -np.arange(50.0)], axis=1).astype(np.float32)
    augment, random = quiet(tempo=0.3), draw()
    counts = []
    for _ in range(40):
        stretched = augment.vary_features(values, random)
        counts.append(len(stretched))
        wanted = np.linspace(0, 49, len(stretched))
        assert np.allclose(stretched, np.stack([wanted, -wanted], axis=1), atol=1e-4)
    assert 38 <= min(counts) < 45 < 60 < max(counts) <= 72


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        (ImageAugmentation, {"shift": -1}, "shift must be a number from 0 to 1000, got -1"),
        (ImageAugmentation, {"scale": 1.0, "shear": 9}, "scale must be .*; shear must be"),
        (SoundAugmentation, {"noise": "loud"}, "noise must be a number from -60 to 120"),
        (SoundAugmentation, {"tempo": 1}, "tempo must be a number from 0 to 0.9, got 1"),
        (SoundAugmentation, {"time_masks": 1.5}, "time_masks must be a whole number"),
        (TextAugmentation, {"hide": 1}, "hide must be a number from 0 to 0.9, got 1"),
        (TextAugmentation, {"piece": 0}, "piece must be a number from 0.01 to 1, got 0"),
        (SeriesAugmentation, {"noise": -1, "tempo": 1}, "noise must be .*; tempo must be"),
    ],
)
def test_amounts_out_of_range_are_refused(kind, wrong, said) -> None:
    with pytest.raises(OptionError, match=said):
        kind(**wrong)


def test_a_text_is_read_in_pieces_of_at_least_the_share_asked_for() -> None:
    text = "abcdefghij" * 4
    augment, random = TextAugmentation(hide=0, piece=0.5), draw()
    pieces = [augment.vary(text, random) for _ in range(200)]
    assert all(piece in text for piece in pieces)
    assert {len(piece) for piece in pieces} == set(range(20, 41))
    assert {piece[0] for piece in pieces} == set("abcdefghij")
    assert TextAugmentation(piece=1).vary(text, random) == text
    assert TextAugmentation(piece=0.01).vary("a", random) == "a"


def test_hidden_characters_are_read_as_unknown() -> None:
    values = Characters("ab")("ab" * 500)
    varied = TextAugmentation(hide=0.3).vary_features(values, draw())
    unread = (varied == [1, 0, 0]).all(axis=1)
    assert 0.25 < unread.mean() < 0.35
    assert np.array_equal(varied[~unread], values[~unread])
    assert not values[:, 0].any()


def test_series_noise_and_sizes_go_by_the_channel() -> None:
    series = np.random.default_rng(0).normal(size=(4000, 2)) * [1, 100] + [5, 0]
    series = series.astype(np.float32)
    random = draw()
    shares = []
    for _ in range(40):
        added = SeriesAugmentation(noise=0.5, scale=0).vary_features(series, random) - series
        share = added.std(axis=0) / series.std(axis=0)
        assert share[0] == pytest.approx(share[1], rel=0.1)
        shares.append(share[0])
    assert 0 <= min(shares) < 0.1 < 0.4 < max(shares) <= 0.52
    scaled = SeriesAugmentation(noise=0, scale=0.2).vary_features(series, random)
    sizes = scaled.std(axis=0) / series.std(axis=0)
    assert ((sizes >= 0.8) & (sizes <= 1.2)).all()
    assert sizes[0] != pytest.approx(sizes[1], rel=1e-4)
    assert np.allclose(scaled.mean(axis=0), series.mean(axis=0), atol=1e-2)


def test_what_is_smooth_stays_smooth_and_marks_stay_marks() -> None:
    steps = np.arange(400.0)
    series = np.stack([np.sin(steps / 30), np.sin(steps * 2), steps > 200], axis=1)
    series = series.astype(np.float32)
    added = SeriesAugmentation(noise=1, scale=0).vary_features(series, draw()) - series
    smooth, rough, marks = added.std(axis=0)
    assert 0 < smooth < 0.04 * rough
    assert marks == 0
    scaled = SeriesAugmentation(noise=0, scale=0.5).vary_features(series, draw())
    assert np.array_equal(scaled[:, 2], series[:, 2])
    assert not np.allclose(scaled[:, 0], series[:, 0])


def test_series_pieces_are_cut_before_they_are_stretched() -> None:
    series = np.arange(100, dtype=np.float32)[:, None]
    still: dict[str, Any] = {"noise": 0.0, "scale": 0.0}
    random = draw()
    pieces = [
        SeriesAugmentation(**still, piece=0.6).vary_features(series, random) for _ in range(99)
    ]
    assert all((np.diff(piece[:, 0]) == 1).all() for piece in pieces)
    assert 60 <= min(map(len, pieces)) < 65 < 95 < max(map(len, pieces)) <= 100
    assert len({piece[0, 0] for piece in pieces}) > 20
    slow = SeriesAugmentation(**still, tempo=0.5)
    assert not slow.keeps_steps
    assert len({len(slow.vary_features(series, random)) for _ in range(20)}) > 10


def test_what_cannot_be_varied_is_refused_before_training() -> None:
    texts = ("ab", "ba")
    read = Characters("ab")
    given = Sequences(tuple(map(read, texts)), ("1", "2"), ("x", "y"), "text", read, texts)
    with pytest.raises(
        OptionError, match=r"SoundAugmentation varies the kind 'sound', but .*'text'"
    ):
        SequenceClassifier(augment=SoundAugmentation()).check(given)
    with pytest.raises(OptionError, match="moves steps away from their labels"):
        SequenceTagger(augment=SeriesAugmentation(tempo=0.1)).check(
            np.zeros((2, 3)), [["x", "y", "x"], ["y", "y", "x"]]
        )


def test_transcripts_are_learned_from_whole_sequences_only() -> None:
    X, y = np.random.default_rng(0).normal(size=(4, 9)), ["ab", "ba", "a", "b"]
    for cut in (SeriesAugmentation(piece=0.5), SeriesAugmentation(piece=0.99, tempo=0.1)):
        with pytest.raises(OptionError, match="cuts off what transcripts say"):
            Transcriber(augment=cut).check(X, y)
    Transcriber(augment=SeriesAugmentation(tempo=0.1)).check(X, y)
    assert not SoundAugmentation().keeps_whole
    assert quiet().keeps_whole
    assert TextAugmentation(piece=1).keeps_steps


def test_what_is_no_augmentation_is_refused() -> None:
    augment: Any = True
    with pytest.raises(
        OptionError, match=r"augment must be .auto., None or an augmentation such as .* got True"
    ):
        SequenceClassifier(augment=augment).check(np.zeros((4, 3)), [0, 1, 0, 1])


def test_texts_and_series_are_learned_varied() -> None:
    random = np.random.default_rng(0)
    words = {"up": "abc", "down": "cba"}
    labels = ["up", "down"] * 20
    texts = tuple("".join(random.choice(list("abc"), 3)) + words[label] * 3 for label in labels)
    read = Characters.of(texts)
    given = Sequences(
        tuple(map(read, texts)), tuple(map(str, range(40))), tuple(labels), "text", read, texts
    )
    varied = TextAugmentation(hide=0.1, piece=0.7)
    model = SequenceClassifier((16,), epochs=20, batch_size=8, validation=None, augment=varied)
    assert model.fit(given).score(given) > 0.9

    steps = np.cumsum(random.normal(size=(40, 12)), axis=1)
    rises = np.where(np.diff(steps, axis=1, prepend=0) > 0, "up", "down")
    tagger = SequenceTagger(
        (12,), epochs=30, batch_size=8, validation=None, augment=SeriesAugmentation(noise=0.05)
    )
    assert tagger.fit(steps, rises).score(steps, rises) > 0.8
