"""``gatework recognize``: its commands, and the model file that stands where a command could."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "evaluate": ("gatework.cli.recognize_evaluate", "Say how much of labelled data is recognised."),
    "files": (
        "gatework.cli.recognize_files",
        "Recognise files. `gatework recognize MODEL FILE...` is short for it.",
    ),
    "listen": ("gatework.cli.recognize_listen", "Recognise sound while it comes."),
    "train": ("gatework.cli.recognize_train", "Learn from labelled data."),
}


class RecognizeGroup(click.Group):
    """Commands that are imported when they are called; another word is the name of a model."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        if cmd_name not in COMMANDS:
            return None
        return vars(importlib.import_module(COMMANDS[cmd_name][0]))["command"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command ``files`` before the name of a model."""
        if args and args[0] not in COMMANDS and args[0] not in ("-h", "--help"):
            args = ["files", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(
    cls=RecognizeGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="COMMAND | MODEL FILE...",
)
def command() -> None:
    """Recognise pictures, sound, texts and measurements with an LSTM that has learned from others.

    \b
    gatework recognize train --demo
    gatework recognize train recordings/ --out words.safetensors
    gatework recognize words.safetensors new.wav
    gatework recognize evaluate words.safetensors others/ --report report.html
    arecord -q -t raw -f S16_LE -r 8000 | gatework recognize listen words.safetensors
    """  # noqa: D301
