"""``gatework recognize listen``: sound is recognised while it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, Any

import click
import numpy as np

from gatework.cli.options import SHARE, Options, argument, command_of, json_flag, option, refuse
from gatework.cli.output import say_json
from gatework.cli.recognize.files import in_words, recognised
from gatework.cli.recognize.microphone import microphone
from gatework.cli.recognize.reading import load_model
from gatework.errors import OptionError
from gatework.recognize.listening import Pcm, StreamResampler, Utterances
from gatework.recognize.sequences import Sequences
from gatework.storage.reading import open_to_read

SOONEST = 0.2
"""Seconds of an utterance before which nothing is decided: its beginning is quiet."""


class Heard(Options):
    """Listen to a stream of sound and recognise each utterance in it.

    The stream comes from the standard input, FILE or the microphone: a WAV file, or samples of 16
    bits, the low byte first, of one channel. It is cut at pauses; for each utterance a line tells
    when it was, its label, and the probability. Ctrl-C, or the end of the stream, ends it. Where
    nothing was found until then, that is said.

    \b
    gatework recognize listen words.safetensors --microphone
    arecord -q -t raw -f S16_LE -r 8000 | gatework recognize listen words.safetensors
    ffmpeg -loglevel error -i talk.mp3 -ac 1 -f wav - | gatework recognize listen words.safetensors
    """  # noqa: D301

    model: str = argument()
    file: str | None = argument()
    microphone: bool = option("Record with sounddevice, arecord, parec or rec.")
    rate: int | None = option(
        "Of samples that come without a header.  [default: that of the model]",
        type=click.IntRange(1000, 384_000),
        metavar="HZ",
    )
    pause: float = option(
        "Seconds of quiet that end an utterance.", type=click.FloatRange(0.05, 60), default=0.3
    )
    louder: float = option(
        "Decibels over the background that are speech.", type=click.FloatRange(1, 100), default=12.0
    )
    decide_at: float | None = option(
        "Decide before the end, once a class keeps this probability for 50 ms.",
        type=SHARE,
        metavar="PROBABILITY",
    )
    as_json: bool = json_flag("Print a JSON object an utterance, in a line.")

    def _run(self) -> None:
        if self.file and self.microphone:
            refuse("FILE or --microphone, not both")
        loaded = load_model(self.model)
        features = loaded.features_
        if features is None or features.reads != "sound" or loaded.file_kind == "sequence_tagger":
            raise OptionError(
                f"{self.model} does not recognise sound",
                hint="gatework recognize train RECORDINGS --out MODEL writes one that does",
            )
        ear = _ear(loaded, self.decide_at)
        named = self.file if self.file != "-" else None
        with ExitStack() as stack:
            source, rate = _source(self, features.rate, stack)
            try:
                _listen(source, Pcm(rate, named), ear, features, self)
            except KeyboardInterrupt:
                click.echo("stopped", err=True)


def _source(options: Heard, wanted: int, stack: ExitStack) -> tuple[IO[bytes], int]:
    """Return where bytes come from, and the rate of samples without a header."""
    rate, file = options.rate or wanted, options.file
    if options.microphone:
        return microphone(rate, stack), rate
    if file and file != "-":
        return stack.enter_context(open_to_read(file, pipes=True))[0], rate
    if sys.stdin.isatty():
        raise click.UsageError("no sound comes: pipe some in, name a FILE, or --microphone")
    return sys.stdin.buffer, rate


def _listen(source: IO[bytes], pcm: Any, ear: Any, features: Any, options: Heard) -> None:
    """Read until the stream ends, and tell of each utterance, or that there was none."""
    cut = Utterances(features.rate, louder=options.louder, pause=options.pause)
    resampler: StreamResampler | None = None
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    heard, told = 0, False
    while data := read(4096):
        samples = pcm.push(data)
        heard += len(samples)
        if options.rate and len(samples) and pcm.rate != options.rate:
            options.refuse(("rate",), f"is for samples without a header; these have {pcm.rate} Hz")
        if pcm.rate != features.rate and len(samples):
            if resampler is None:
                click.echo(f"resampled from {pcm.rate} Hz to {features.rate} Hz", err=True)
                resampler = StreamResampler(pcm.rate, features.rate)
            samples = resampler.push(samples)
        for piece in cut.push(samples):
            told |= _tell(ear.hear(piece), options.as_json)
    rest = cut.push(resampler.finish()) if resampler is not None else []
    for piece in [*rest, *cut.finish()]:
        told |= _tell(ear.hear(piece), options.as_json)
    for said in filter(None, (pcm.remark, pcm.finish())):
        click.echo(said, err=True)
    if not told:
        click.echo(
            f"no utterance was found in {heard / pcm.rate:.1f} s of sound, "
            f"none {options.louder:g} decibels over the background (--louder)",
            err=True,
        )


def _tell(row: dict[str, Any] | None, as_json: bool) -> bool:
    """Tell of an utterance, and return whether there was one to tell of."""
    if row is None:
        return False
    if as_json:
        say_json(row)
    else:
        said = in_words(row["value"]) if "value" in row else row.get("label", row.get("text"))
        sure = f"  {row['probability']:.1%}" if "probability" in row else ""
        early = "  (early)" if row.get("early") else ""
        click.echo(f"{row['begin']:8.2f} s  {said}{sure}{early}")
    sys.stdout.flush()
    return True


def _ear(model: Any, decide_at: float | None) -> Any:
    """Return what hears the pieces of utterances: as they come where the model can."""
    classifies = model.file_kind == "sequence_classifier"
    if decide_at is not None and not classifies:
        raise OptionError("--decide-at is for a model that classifies")
    if classifies and not model.bidirectional and model.features_.streams:
        return _StreamingEar(model, decide_at)
    if decide_at is not None:
        why, cure = "bidirectional layers", "gatework recognize train RECORDINGS --one-direction"
        if not model.bidirectional:
            why, cure = "features of the whole sound", "no --feature normalise or depth in training"
        raise OptionError(
            f"--decide-at comes before the end of an utterance, and a model with {why} must know "
            "the end",
            hint=cure,
        )
    return _WholeEar(model)


class _StreamingEar:
    """Runs the network while an utterance is still coming."""

    def __init__(self, model: Any, decide_at: float | None) -> None:
        self.features = model.features_
        held, least = (max(1, round(span / self.features.hop)) for span in (0.05, SOONEST))
        self.stream = model.stream(confidence=decide_at, hold=held, least=least)
        self.told = False

    def hear(self, piece: Any) -> dict[str, Any] | None:
        if piece.first:
            self.stream.restart()
            self.frames, self.told = self.features.stream(), False
        reading = self.stream.push(self.frames.push(piece.samples))
        if piece.last:
            reading = self.stream.push(self.frames.finish())
        early = reading is not None and reading.decided is not None
        if self.told or reading is None or not (piece.last or early):
            return None
        self.told = True
        said = {"label": str(reading.label), "probability": reading.probability}
        return _place(piece) | said | {"early": early and not piece.last}


class _WholeEar:
    """Runs the network once an utterance has ended, for it must know the end."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.pieces: list[Any] = []

    def hear(self, piece: Any) -> dict[str, Any] | None:
        self.pieces = [piece] if piece.first else [*self.pieces, piece]
        if not piece.last:
            return None
        samples = np.concatenate([part.samples for part in self.pieces]).astype(np.float32)
        values = self.model.features_(samples)
        (row,) = recognised(self.model, Sequences((values,), ("utterance",), kind="sound"), 1)
        del row["name"]
        row.pop("next", None)
        return _place(piece) | row


def _place(piece: Any) -> dict[str, Any]:
    """Return which utterance a piece is of, and when that was, in seconds."""
    return {
        "utterance": piece.number,
        "begin": round(piece.begin, 3),
        "end": round(piece.end, 3),
    }


command = command_of(Heard)
