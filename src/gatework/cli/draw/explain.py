"""``gatework explain``: what a network does over some data, in words and as a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gatework.cli.draw.command import LANGUAGES

REPORT = "explanation.html"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.argument("data")
@click.option("--column", help="Column of the numbers; for a bare network A,B,C.")
@click.option("--time-column", help="Column of the dates.")
@click.option("--id-column", help="Column that tells series or units apart.")
@click.option("--series", help="Id of the series or unit to explain.")
@click.option("--out", metavar="FILE", default=REPORT, show_default=True, help="The page.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace the page if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, data: str, **options: Any) -> None:
    """Explain what the network of the saved MODEL does over DATA.

    Tells what stands out and what to try, and writes a page with every picture.

    \b
    gatework explain model.safetensors faults.csv
    """  # noqa: D301
    from gatework.cli.folder import check_new_file
    from gatework.examine import diagnose
    from gatework.files import load
    from gatework.look import explain_report
    from gatework.look.opening import run_over
    from gatework.storage import atomic_write

    out = options["out"]
    if not options["overwrite"]:
        check_new_file(out)
    named = ("column", "time_column", "id_column", "series")
    run = run_over(load(model), data, **{name: options[name] for name in named})
    found = diagnose(run)
    page = explain_report(run, language=options["language"])
    atomic_write(Path(out), page.encode(), overwrite=options["overwrite"])
    if options["as_json"]:
        findings = [
            {
                "kind": finding.kind,
                "layer": None if finding.layer is None else finding.layer + 1,
                "told": finding.told.format(**finding.values),
                "try": finding.cure.format(**finding.values),
            }
            for finding in found
        ]
        click.echo(json.dumps({"findings": findings, "report": out}))
    else:
        click.echo(str(found))
        click.echo(out)
