"""``gatework write poem``: poems that keep a form."""

from __future__ import annotations

from typing import Any

import click

from gatework.cli.options import SHARE, Options, argument, command_of, json_flag, option, refuse
from gatework.cli.output import say_json
from gatework.errors import OptionError
from gatework.write.memorization import MemorizationIndex
from gatework.write.poems import load_forms, shipped_forms, write_poems
from gatework.write.token_models import open_token_model


class Forms(Options):
    """Which forms there are."""

    forms: str | None = option("Take the form from a file of your own.", metavar="FILE")
    as_json: bool = json_flag()

    def known(self) -> Any:
        """Return the forms by name."""
        return load_forms(self.forms) if self.forms else shipped_forms()


class PoemOptions(Options):
    """What is asked of the poems: arguments of write_poems."""

    count: int = option("Poems.", least=1, default=1)
    pattern: str | None = option("A pattern of the form, such as 平起; without it one is drawn.")
    acrostic: str | None = option("The first characters of the lines.")
    first_line: str | None = option("Given first line, or several with punctuation between.")
    theme: tuple[str, ...] = option("A word that shall be likelier; may be repeated.")
    require_theme: bool = option("The words of the theme must come.", needs="theme")
    rhyme: str | None = option("pingshui, cilin or modern; one rhyme such as 七阳; or none.")
    repeat: bool = option("Characters may come twice where the form forbids it.")
    reduplicate: bool = option("A character may follow itself.")
    temperature: float = option(type=click.FloatRange(0, 100), default=0.8)
    top_p: float = option(type=SHARE, default=0.9)
    most_copied: int | None = option("Letters in a row that may be copied.", least=1)
    seed: int = option(least=0, default=0)


class WritePoems(Forms, PoemOptions):
    """Write poems that keep their form, with a MODEL that has read poems.

    Lines, rhymes, tones, repetition and what you ask for are settled before each character is
    drawn. What cannot be kept is named. A poem that copies too much of what the model has read is
    written again, and called no new one if it still does; the exit code then is 1.

    \b
    gatework write poem tang.safetensors --form qijue --acrostic 春夏秋冬
    gatework write poem tang.safetensors --form wulv --theme 明月 --count 10
    gatework write poem --list
    """  # noqa: D301

    model: str | None = argument()
    form: str = option("Its name or title.", default="qijue")
    no_tones: bool = option("Let the tones go as they like.")

    def _run(self) -> bool:
        forms = self.known()
        if self.model is None:
            refuse("name the MODEL that writes, or --list")
        form = _form(forms, self.form) if self.forms else self.form
        index = MemorizationIndex.read(self.model)
        token_model, tones = open_token_model(self.model), not self.no_tones
        poems = write_poems(
            token_model, form, tones=tones, memorization=index, **self.part(PoemOptions)
        )
        if index is None:
            click.echo("this model keeps no text to tell what was copied", err=True)
        if self.as_json:
            say_json({"poems": [poem.as_dict() for poem in poems]})
        else:
            _print(poems)
        return all(poem.new for poem in poems)


class ListForms(Forms):
    """The list of the forms."""

    marks = ("listing",)

    listing: bool = option("Show all forms and leave.", "--list")

    def _run(self) -> None:
        titles = {name: form.title for name, form in self.known().items()}
        if self.as_json:
            say_json(titles)
            return
        for name, title in titles.items():
            click.echo(f"{name:<16} {title}")


def _form(forms: Any, name: str) -> Any:
    """Return the form of that name or title."""
    for form in forms.values():
        if name in (form.name, form.title):
            return form
    raise OptionError(f"there is no form {name!r} in the file: {', '.join(forms)}")


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


command = command_of(WritePoems, ListForms)
