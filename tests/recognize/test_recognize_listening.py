"""Sound that comes in pieces."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from gatework.errors import DataError, OptionError
from gatework.recognize.listening import Pcm, StreamResampler, Utterances
from gatework.recognize.readers.sound import resampled
from tolerances import FLOAT64


def speech(*spans: tuple[float, float], seconds: float, noise: float = 0.001) -> np.ndarray:
    """Return noise with louder noise in some spans, in seconds, at 8000 Hz."""
    draw = np.random.default_rng(0)
    samples = noise * draw.normal(size=round(seconds * 8000))
    for begin, end in spans:
        part = slice(round(begin * 8000), round(end * 8000))
        samples[part] += 0.2 * draw.normal(size=part.stop - part.start)
    return samples


def cut(samples: np.ndarray, *, size: int = 500, **options):
    """Return begin, end and samples of each utterance."""
    utterances = Utterances(8000, **options)
    pieces = []
    for begin in range(0, len(samples), size):
        pieces += utterances.push(samples[begin : begin + size])
    pieces += utterances.finish()
    found = {}
    for piece in pieces:
        found.setdefault(piece.number, []).append(piece)
    for parts in found.values():
        assert [part.first for part in parts] == [True] + [False] * (len(parts) - 1)
        assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    return [
        (parts[0].begin, parts[-1].end, np.concatenate([part.samples for part in parts]))
        for parts in found.values()
    ]


def test_utterances_are_found_with_a_little_around_them() -> None:
    samples = speech((1.0, 1.4), (2.0, 2.5), seconds=3.5)
    (first, second) = cut(samples)
    for (begin, end, said), (wanted, until) in zip(
        (first, second), ((1.0, 1.4), (2.0, 2.5)), strict=True
    ):
        assert begin == pytest.approx(wanted - 0.05, abs=0.02)
        assert end == pytest.approx(until + 0.05, abs=0.02)
        assert np.array_equal(said, samples[round(begin * 8000) : round(end * 8000)])


@pytest.mark.parametrize("size", [1, 37, 80, 10_000])
def test_the_size_of_pieces_changes_nothing(size) -> None:
    samples = speech((0.5, 0.9), (1.1, 1.3), seconds=2.0)
    for one, other in zip(cut(samples, size=size), cut(samples), strict=True):
        assert one[:2] == other[:2]
        assert np.array_equal(one[2], other[2])


def test_a_short_pause_belongs_to_an_utterance() -> None:
    samples = speech((0.5, 0.8), (0.95, 1.2), seconds=2.0)
    assert len(cut(samples, pause=0.3)) == 1
    assert len(cut(samples, pause=0.1)) == 2


def test_clicks_silence_and_steady_noise_are_no_speech() -> None:
    assert not cut(speech((0.5, 0.52), seconds=2.0))
    assert not cut(np.zeros(16000))
    found = cut(speech(seconds=8.0, noise=0.05), longest=2.0)
    assert all(begin < 2.0 for begin, _, _ in found)  # until the noise is known as such


def test_speech_over_noise_is_found_once_the_noise_is_known() -> None:
    found = cut(speech((4.0, 4.5), seconds=6.0, noise=0.01))
    assert found[-1][0] == pytest.approx(3.95, abs=0.03)
    assert found[-1][1] == pytest.approx(4.55, abs=0.03)


def test_what_never_pauses_is_ended_and_what_is_cut_off_too() -> None:
    found = cut(speech((0.5, 3.0), seconds=3.0), longest=1.0)
    assert all(end - begin <= 1.01 for begin, end, _ in found)
    assert found[0][1] == pytest.approx(1.45, abs=0.02)
    (only,) = cut(speech((0.5, 1.0), seconds=1.0))
    assert only[1] == pytest.approx(1.0, abs=0.02)


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(OptionError, match=r"rate must be .*; pause must be"):
        Utterances(5, pause=0)


@settings(max_examples=30)
@given(
    rates=st.sampled_from([(8000, 16000), (16000, 8000), (44100, 8000), (8000, 8000)]),
    pieces=st.lists(st.integers(0, 700), max_size=6),
    count=st.integers(1, 1500),
)
def test_a_stream_is_resampled_as_the_whole_is(rates, pieces, count) -> None:
    samples = np.random.default_rng(count).normal(size=count)
    stream, found, begin = StreamResampler(*rates), [], 0
    for piece in [*pieces, count]:
        found.append(stream.push(samples[begin : begin + piece]))
        begin += piece
    found.append(stream.finish())
    wanted = resampled(samples, *rates)
    np.testing.assert_allclose(np.concatenate(found), wanted, rtol=FLOAT64.rtol, atol=FLOAT64.atol)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_wav_stream_tells_its_rate_and_its_channels_are_averaged(subtype, size) -> None:
    samples = np.random.default_rng(0).uniform(-0.9, 0.9, (300, 2))
    file, step = io.BytesIO(), 2.0**-7 if subtype == "PCM_U8" else 2.0**-15
    soundfile.write(file, samples, 22050, format="WAV", subtype=subtype)
    data, stream = file.getvalue(), Pcm(8000)
    found = [stream.push(data[begin : begin + size]) for begin in range(0, len(data), size)]
    assert stream.rate == 22050
    np.testing.assert_allclose(np.concatenate(found), samples.mean(axis=1), atol=step)


def test_samples_alone_are_of_16_bits() -> None:
    stream = Pcm(16000)
    data = np.array([1, -2, 3], "<i2").tobytes()
    found = [stream.push(data[:3]), stream.push(data[3:])]
    assert np.array_equal(np.concatenate(found) * 2**15, [1, -2, 3])
    assert stream.rate == 16000


def test_a_wav_stream_of_another_kind_is_refused() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(9), 8000, format="WAV", subtype="ULAW")
    with pytest.raises(DataError, match="samples of 8 bits in the format 7"):
        Pcm(8000).push(file.getvalue())
    coded = bytearray(file.getvalue())
    coded[20] = 0x55
    with pytest.raises(DataError, match="is MP3 inside a WAV file"):
        Pcm(8000).push(bytes(coded))


def wav(samples: np.ndarray, said: int | None = None, more: bytes = b"") -> bytes:
    """Return a WAV file whose header says another size, with other parts behind its sound."""
    file = io.BytesIO()
    soundfile.write(file, samples, 8000, format="WAV", subtype="PCM_16")
    data = bytearray(file.getvalue() + more)
    place = data.index(b"data") + 4
    if said is not None:
        data[place : place + 4] = said.to_bytes(4, "little")
    return bytes(data)


TONE = 0.5 * np.sin(np.arange(4000) / 5)


@pytest.mark.parametrize("size", [1, 4096])
def test_a_stream_ends_where_its_header_says(size) -> None:
    for said, more, count in ((None, b"LIST" * 99, 4000), (0, b"", 4000), (0xFFFFFFFF, b"", 4000)):
        data, stream = wav(TONE, said, more), Pcm(8000)
        parts = [stream.push(data[begin : begin + size]) for begin in range(0, len(data), size)]
        assert sum(map(len, parts)) == count
        assert stream.finish() == ""


@pytest.mark.parametrize("size", [1000, 10**7])
def test_what_stands_before_the_sound_is_passed_over(size) -> None:
    data = wav(TONE)
    place = data.index(b"data")
    data = (
        data[:place] + b"LIST" + (2**21 + 1).to_bytes(4, "little") + bytes(2**21 + 2) + data[place:]
    )
    stream = Pcm(16000)
    parts = [stream.push(data[begin : begin + size]) for begin in range(0, len(data), size)]
    assert (sum(map(len, parts)), stream.rate, stream.finish()) == (4000, 8000, "")
    with pytest.raises(DataError, match="the stream has samples before their format"):
        Pcm(8000).push(data[:12] + data[data.index(b"data") :])


def mp3() -> bytes:
    """Return MP3 that begins with a frame, as it does without a title."""
    file = io.BytesIO()
    soundfile.write(file, TONE, 8000, format="MP3")
    return file.getvalue()


@pytest.mark.parametrize("size", [1, 5000])
def test_mp3_that_begins_with_a_frame_is_no_samples(size) -> None:
    file, stream = io.BytesIO(mp3()), Pcm(8000)
    pieces = iter(lambda: len(stream.push(file.read(size))), 1)
    with pytest.raises(DataError, match="the stream is an MP3 file"):
        next(piece for piece in pieces if piece)
    loud = np.full(800, -1025, "<i2").tobytes()  # whose first bytes are those of a frame
    assert len(Pcm(8000).push(loud)) == 800


def test_what_is_wrong_with_the_end_of_a_stream_is_said() -> None:
    for data, said in (
        (b"", "'a.wav' is empty"),
        (wav(TONE)[:30], "'a.wav' ends within its header"),
        (wav(TONE[:0], 8), "'a.wav' is cut off: 8 bytes are missing"),
        (wav(TONE[:0]), "'a.wav' has no sample"),
        (wav(TONE)[:-100], "'a.wav' is cut off: 100 bytes are missing"),
        (wav(TONE, 8001), ""),  # half a sample is none
    ):
        stream = Pcm(8000, "a.wav")
        stream.push(data)
        assert stream.finish() == said


def test_channels_that_cancel_each_other_are_told_and_the_first_is_taken() -> None:
    stream = Pcm(8000)
    found = stream.push(wav(np.stack([TONE, -TONE], axis=1)))
    np.testing.assert_allclose(found, TONE, atol=2.0**-14)
    assert "cancel each other" in stream.remark


def test_a_constant_is_no_speech() -> None:
    cut = Utterances(8000)
    assert cut.push(np.full(8000, 0.6)) + cut.finish() == []


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize(
    ("begin", "what", "cure"),
    [
        (b"fLaC", "a FLAC file", "gatework recognize MODEL 'my talk' takes it as a whole"),
        (b"OggS", "an Ogg file", "gatework recognize MODEL 'my talk' takes it as a whole"),
        (b"ID3", "an MP3 file", "gatework recognize MODEL 'my talk' takes it as a whole"),
        (b"RIFX", "a WAV file with the high byte first", "ffmpeg -loglevel error -i 'my talk'"),
        (b"riff", r"a WAV file of 64 bits \(Wave64\)", "ffmpeg -loglevel error -i 'my talk'"),
        (b"\0\0\0\x20ftyp", "an MP4 file", "ffmpeg -loglevel error -i 'my talk'"),
        (b"\x89PNG", "a PNG picture", "give a WAV file, or samples of 16 bits alone"),
    ],
)
def test_files_of_other_kinds_are_no_samples(size, begin, what, cure) -> None:
    data = begin + bytes(50)
    stream = Pcm(8000, "my talk")
    for place in range(0, len(begin) - size, size):
        assert not len(stream.push(data[place : place + size]))
    with pytest.raises(DataError, match=f"^'my talk' is {what}, neither a WAV file nor") as caught:
        stream.push(data[len(begin) - 1 :] if size == 1 else data)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(cure)
    with pytest.raises(DataError, match=f"^the stream is {what}"):
        Pcm(8000).push(data)
    with pytest.raises(DataError, match=r"^the stream begins as a WAV file but holds 'WEBP'"):
        Pcm(8000).push(b"RIFF\0\0\0\0WEBPVP8 ")


@pytest.mark.parametrize("begin", [b"\0\0\0\x20\0\0", b"fLac", b"\0\0\0\0", b"Ogg!"])
def test_samples_that_begin_almost_as_another_file_are_kept(begin) -> None:
    stream = Pcm(8000)
    found = [stream.push(begin[place : place + 1]) for place in range(len(begin))]
    assert np.array_equal(np.concatenate(found) * 2**15, np.frombuffer(begin, "<i2"))
