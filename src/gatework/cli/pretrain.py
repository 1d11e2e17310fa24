"""``gatework pretrain``: train networks that forecast any series, on a folder of series."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Literal

import click

from gatework.cli.options import argument, command_of, json_flag, option, refuse, seed
from gatework.cli.output import say_json, training_bar
from gatework.cli.table import TableOptions
from gatework.errors import OutputError


class Pretrain(TableOptions):
    """Train networks on the series in FOLDER, to forecast any other series with.

    Every CSV and Parquet file in FOLDER and its subfolders is read: one series, or many in any form
    that `gatework forecast` reads, or a collection with a series a row. `gatework forecast
    --network FILE` then forecasts with what is written.

    \b
    gatework pretrain history --out my-network.safetensors
    gatework pretrain history --out my-network.safetensors --members 4 --engine ray
    gatework forecast new.csv --network my-network.safetensors
    """  # noqa: D301

    folder: str | None = argument()
    out: str = option("File for the networks.", metavar="FILE", required=True)
    overwrite: bool = option("Replace the file at --out.")
    exclude: tuple[str, ...] = option(
        "File of series that must not be learned from, as they are tests.", metavar="FILE"
    )
    without: tuple[str, ...] = option(
        "Beginning of the name of a source of which nothing is learned.", metavar="SOURCE"
    )
    id_column: tuple[str, ...] = option(
        "Of tables of many series: tells them apart; found where it can be.", metavar="COLUMN"
    )
    time_column: str | None = option("Column of the periods; found where it can be.")
    column: tuple[str, ...] = option(
        "Column of the values; may be repeated, of all where several are there.", metavar="COLUMN"
    )
    members: int = option("Networks that are averaged.", least=1, default=1)
    epochs: int = option("Passes over all series.", least=1, default=10)
    synthetic: int = option("Made series beside those of FOLDER.", least=0, default=3000)
    checkpoint: str | None = option(
        "Folder for what is done; the same command goes on there.", metavar="FOLDER"
    )
    workers: int | None = option(
        "Networks that are trained at a time, in processes beside this one.  [default: 1; on a "
        "cluster as many as it has room for]",
        least=1,
        metavar="N",
    )
    engine: Literal["local", "ray"] = option(
        "Where they are trained: on this machine or on a Ray cluster.", default="local"
    )
    address: str | None = option("Of the Ray cluster, with --engine ray.", metavar="HOST:PORT")
    seed: int = seed()
    as_json: bool = json_flag("Print one JSON object.")

    def _check(self) -> None:
        if self.address and self.engine != "ray":
            refuse("--address goes with --engine ray", "leave --address out, or add --engine ray")
        if os.path.lexists(self.out) and not self.overwrite:
            raise OutputError(f"'{self.out}' exists already", hint="--overwrite, or another --out")
        if not Path(self.out).absolute().parent.is_dir():
            raise OutputError(f"there is no folder for '{self.out}'", hint="mkdir it before")

    def _workers(self) -> int | None:
        """Return how many networks are trained at a time; a note says where more were asked for."""
        if self.workers is None or self.workers <= self.members:
            return self.workers
        networks = "1 network needs" if self.members == 1 else f"{self.members} networks need"
        click.echo(f"note: {networks} no more than --workers {self.members}", err=True)
        return self.members

    def _run(self) -> None:
        import torch

        from gatework.forecast.pretrained.collections import read_folder
        from gatework.forecast.pretrained.pretrain import PretrainSettings, pretrain
        from gatework.forecast.pretrained.synthetic import synthetic
        from gatework.forecast.pretrained.tables import TableReading

        began = time.perf_counter()
        found = read_folder(
            Path(str(self.folder)),
            exclude=map(Path, self.exclude),
            without=self.without,
            reading=TableReading(self.id_column, self.time_column, self.column, self.style()),
        )
        about = found.about()
        for why, count in sorted(found.left_out.items()):
            click.echo(
                f"note: {count} series {'is' if count == 1 else 'are'} left out: {why}", err=True
            )
        settings = PretrainSettings(**self.values("members", "epochs", "synthetic", "seed"))
        torch.set_num_threads(1)
        network = pretrain(
            [*found.examples, *synthetic(self.synthetic, self.seed)],
            settings,
            about=about,
            progress=training_bar(),
            checkpoint=self.checkpoint,
            tell=lambda text: click.echo(text, err=True),
            workers=self._workers(),
            **self.values("engine", "address"),
        )
        network.save(self.out, overwrite=self.overwrite)
        told: dict[str, Any] = {
            "network": self.out,
            "series": len(found.examples),
            "synthetic": self.synthetic,
            "seconds": round(time.perf_counter() - began, 1),
        }
        if self.as_json:
            say_json(told)
        else:
            click.echo(self.out)


command = command_of(Pretrain)
