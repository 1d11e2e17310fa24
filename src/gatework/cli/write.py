"""``gatework write``: its commands, and the model file that stands where a command could."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "on": ("gatework.cli.write_on", "Go on with a text. `gatework write MODEL` is short for it."),
    "poem": ("gatework.cli.write_poem", "Write poems that keep a form."),
    "score": ("gatework.cli.write_score", "Say how surprising a text is, token by token."),
    "train": ("gatework.cli.write_train", "Learn from texts."),
}


class WriteGroup(click.Group):
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
        """Put the command ``on`` before the name of a model."""
        if args and args[0] not in COMMANDS and args[0] not in ("-h", "--help"):
            _check_not_meant(args[0])
            args = ["on", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def _check_not_meant(word: str) -> None:
    """Check that the name of a model is not a command with a slip.

    Raises:
        InputFileError: when there is no such file, and a command is called nearly so.
    """
    from pathlib import Path

    from gatework.errors import InputFileError, nearest

    meant = nearest(word, COMMANDS)
    if meant and not Path(word).exists():
        raise InputFileError(
            f"there is no file and no command {word!r}", hint=f"gatework write {meant}"
        )


@click.group(
    cls=WriteGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="COMMAND | MODEL [OPTIONS]",
)
def command() -> None:
    """Write texts and poems with an LSTM that has learned from others.

    \b
    gatework write train shakespeare.txt --out bard.safetensors
    gatework write bard.safetensors --start "ROMEO:" --length 400
    gatework write score bard.safetensors --file essay.txt
    gatework write poem tang.safetensors --form qijue --acrostic 春夏秋冬
    """  # noqa: D301
