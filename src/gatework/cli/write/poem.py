"""``gatework write poem``: poems that keep a form."""

from __future__ import annotations

import json
from typing import Any

import click

from gatework.cli.app import NO

PASSED = (
    "count",
    "seed",
    "pattern",
    "acrostic",
    "first_line",
    "theme",
    "require_theme",
    "rhyme",
    "repeat",
    "reduplicate",
    "temperature",
    "top_p",
    "most_copied",
)
"""Options that are arguments of write_poems."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model", required=False)
@click.option("--form", default="qijue", show_default=True, help="Its name or title.")
@click.option("--forms", "file", metavar="FILE", help="Take the form from a file of your own.")
@click.option("--list", "listing", is_flag=True, help="Show all forms and leave.")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="Poems.")
@click.option("--pattern", help="A pattern of the form, such as 平起; without it one is drawn.")
@click.option("--acrostic", help="The first characters of the lines.")
@click.option("--first-line", help="Given first line, or several with punctuation between.")
@click.option("--theme", multiple=True, help="A word that shall be likelier; may be repeated.")
@click.option("--require-theme", is_flag=True, help="The words of the theme must come.")
@click.option("--rhyme", help="pingshui, cilin or modern; one rhyme such as 七阳; or none.")
@click.option("--no-tones", is_flag=True, help="Let the tones go as they like.")
@click.option("--repeat", is_flag=True, help="Characters may come twice where the form forbids it.")
@click.option("--reduplicate", is_flag=True, help="A character may follow itself.")
@click.option("--temperature", type=click.FloatRange(0, 100), default=0.8, show_default=True)
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), default=0.9, show_default=True)
@click.option("--most-copied", type=click.IntRange(1), help="Letters in a row that may be copied.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str | None, **options: Any) -> None:
    """Write poems that keep their form, with a MODEL that has read poems.

    Lines, rhymes, tones, repetition and what you ask for are settled before each character is
    drawn. What cannot be kept is named. A poem that copies too much of what the model has read is
    written again, and called no new one if it still does; the exit code then is 1.

    \b
    gatework write poem tang.safetensors --form qijue --acrostic 春夏秋冬
    gatework write poem tang.safetensors --form wulv --theme 明月 --count 10
    gatework write poem --list
    """  # noqa: D301
    from gatework.write.poems import load_forms, shipped_forms, write_poems

    forms = load_forms(options["file"]) if options["file"] else shipped_forms()
    if options["listing"]:
        _list(forms, as_json=options["as_json"])
        return
    if model is None:
        raise click.UsageError("name the MODEL that writes, or --list")
    from gatework.write.memorization import MemorizationIndex
    from gatework.write.token_models import open_token_model

    form = _form(forms, options["form"]) if options["file"] else options["form"]
    novelty = MemorizationIndex.read(model)
    poems = write_poems(
        open_token_model(model),
        form,
        tones=not options["no_tones"],
        novelty=novelty,
        **{name: options[name] for name in PASSED},
    )
    if novelty is None:
        click.echo("this model keeps no text to tell what was copied", err=True)
    if options["as_json"]:
        found = [poem.as_dict() for poem in poems]
        click.echo(json.dumps({"poems": found}, ensure_ascii=False))
    else:
        _print(poems)
    if not all(poem.new for poem in poems):
        raise SystemExit(NO)


def _form(forms: Any, name: str) -> Any:
    """Return the form of that name or title."""
    from gatework.errors import OptionError

    for form in forms.values():
        if name in (form.name, form.title):
            return form
    raise OptionError(f"there is no form {name!r} in the file: {', '.join(forms)}")


def _list(forms: Any, *, as_json: bool) -> None:
    if as_json:
        titles = {name: form.title for name, form in forms.items()}
        click.echo(json.dumps(titles, ensure_ascii=False))
        return
    for name, form in forms.items():
        click.echo(f"{name:<16} {form.title}")


def _print(poems: Any) -> None:
    shown = 0
    for number, poem in enumerate(poems):
        if poem.new:
            click.echo(("\n" if shown else "") + poem.text)
            shown += 1
        else:
            click.echo(f"poem {number + 1} is not new and is not shown", err=True)
        for note in poem.notes:
            click.echo(f"note: {note}", err=True)
