"""A group of commands that load only when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gatework.cli.options import HELP
from gatework.errors import InputFileError, nearest


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not for the list of them.

    Args:
        homes: the module of each command below gatework.cli, and what the command does in a line.
        otherwise: the command that is meant where the first word is none: it is then the name of a
            model.
        arguments: of click.Group.
    """

    def __init__(
        self,
        *,
        homes: Mapping[str, tuple[str, str]],
        otherwise: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(context_settings=HELP, **arguments)
        self.homes, self.otherwise = homes, otherwise

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self.homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        if cmd_name not in self.homes:
            return None
        home = importlib.import_module(f"gatework.cli.{self.homes[cmd_name][0]}")
        return vars(home)["command"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that is meant before the name of a model.

        Raises:
            InputFileError: when there is no such file, and a command is called nearly so.
        """
        known = {*self.homes, "-h", "--help"}
        if self.otherwise is not None and args and args[0] not in known:
            meant = nearest(args[0], self.homes)
            if meant and not Path(args[0]).exists():
                raise InputFileError(
                    f"there is no file and no command {args[0]!r}",
                    hint=f"{ctx.command_path} {meant}",
                )
            args = [self.otherwise, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names, and the others.

        Raises:
            click.UsageError: when there is none; the one that is called nearly so is the hint.
        """
        if args and args[0] not in self.homes and not args[0].startswith("-"):
            meant = nearest(args[0], self.homes)
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.homes.items()])
