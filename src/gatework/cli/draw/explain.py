"""``gatework explain``: what a network does over some data, in words and as a page."""

from __future__ import annotations

import click

from gatework import look
from gatework.cli.draw.command import InputOptions
from gatework.cli.folder import check_files
from gatework.cli.options import argument, command_of, json_flag, option, spoken, template
from gatework.cli.output import say_json
from gatework.storage import atomic_write


class Explain(InputOptions):
    """Explain what the network of the saved MODEL does over DATA.

    Tells what stands out and what to try, and writes a page with every picture.

    \b
    gatework explain model.safetensors faults.csv
    """  # noqa: D301

    model: str = argument()
    data: str = argument()
    series: str | None = option("Id of the series or unit to explain.")
    out: str = option("The page.", metavar="FILE", default="explanation.html")
    language: str = spoken()
    template: str | None = template()
    overwrite: bool = option("Replace the page if it is there.")
    as_json: bool = json_flag()

    def _run(self) -> None:
        from gatework.examine import diagnose

        taken = {"MODEL": self.model, "DATA": self.data}
        check_files({"--out": self.out}, taken, overwrite=self.overwrite)
        run = self.over(self.opened(self.model), self.data, self.series)
        found = diagnose(run)
        page = look.explain_report(run, language=self.language)
        atomic_write(self.out, page.encode(), overwrite=self.overwrite)
        if not self.as_json:
            click.echo(f"{found}\n{self.out}")
            return
        findings = [
            {
                "kind": finding.kind,
                "layer": None if finding.layer is None else finding.layer + 1,
                "direction": finding.direction,
                "told": finding.told.format(**finding.values),
                "try": finding.cure.format(**finding.values),
            }
            for finding in found
        ]
        say_json({"findings": findings, "report": self.out})


command = command_of(Explain)
