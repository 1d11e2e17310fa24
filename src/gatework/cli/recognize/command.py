"""``gatework recognize``: its commands, and the model file that stands where a command could."""

from __future__ import annotations

from gatework.cli.lazy import LazyGroup

command = LazyGroup(
    homes={
        "evaluate": ("recognize.evaluate", "Say how much of labelled data is recognised."),
        "files": (
            "recognize.files",
            "Recognise files. `gatework recognize MODEL FILE...` is short for it.",
        ),
        "listen": ("recognize.listen", "Recognise sound while it comes."),
        "train": ("recognize.train", "Learn from labelled data."),
    },
    otherwise="files",
    options_metavar="",
    subcommand_metavar="COMMAND | MODEL FILE...",
    help="""
    Recognise pictures, sound, texts and measurements with an LSTM that has learned from others.

    \b
    gatework recognize train --demo
    gatework recognize train recordings/ --out words.safetensors
    gatework recognize words.safetensors new.wav
    gatework recognize evaluate words.safetensors others/ --report report.html
    arecord -q -t raw -f S16_LE -r 8000 | gatework recognize listen words.safetensors
    """,
)
