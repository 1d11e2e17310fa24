"""The template of pages, and those that users put in its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatework.errors import OptionError

if TYPE_CHECKING:
    from jinja2 import Environment

NAME = "report.html"
POLICY = "<!-- policy -->"
"""What stands for the policy of a page until all that it allows is known; no text can look so."""
_OURS = f"gatework/{NAME}"
_EXTENDS = f'{{% extends "{_OURS}" %}}'

_folder: ContextVar[str | None] = ContextVar("template", default=None)


@contextmanager
def report_template(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Write reports, within a with statement, by the template ``report.html`` in a folder.

    It is a Jinja template that may extend "gatework/report.html" and replace its blocks: style,
    header, content, footer. It is given title, heading, kicker, parts, footer, language, style,
    policy and script. A part is shown as ``{{ part }}``; ``part.name`` is that of its section.
    Templates run in a sandbox, and the policy of the page holds in them, too: images are data:
    addresses, style stands in a style element, and no script but ours runs.

    Raises:
        OptionError: there is no such template, or it does not work; it is tried at once.
    """
    from gatework.look.canvas.page import sample_page

    token = _folder.set(os.fspath(folder))
    try:
        sample_page()
        yield
    finally:
        _folder.reset(token)


def render(values: dict[str, Any], *, own: bool) -> str:
    """Return a page by our template, or by the user's where one is set and may be used.

    Raises:
        OptionError: the user's template does not work.
    """
    folder = _folder.get() if own else None
    if folder is None:
        return _environment(None).get_template(_OURS).render(values)
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    path = Path(folder) / NAME
    if not path.is_file():
        raise OptionError(
            f"{str(path)!r} is no file, and a template for reports is one",
            hint=f"write it; it may begin with {_EXTENDS}",
        )
    try:
        page = _environment(folder).get_template(NAME).render(values)
    except TemplateNotFound as error:
        said = f"{str(path)!r} names the template {str(error)!r}, which is not in its folder"
        raise OptionError(said, hint=_EXTENDS) from None
    except TemplateSyntaxError as error:
        where = f"{str(Path(folder) / (error.name or NAME))!r}, line {error.lineno}"
        raise OptionError(f"{where}: {error.message}", hint="mend the template") from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        said = f"{str(path)!r} cannot be filled in: {error}"
        raise OptionError(said, hint="it is given " + ", ".join(values)) from None
    head = page.partition("</head>")[0]
    if POLICY not in head:
        raise OptionError(
            f"{str(path)!r} lacks {{{{ policy }}}} in its head, which keeps pages off the network",
            hint=f"put it there, or begin with {_EXTENDS}",
        )
    return page


@cache
def _environment(folder: str | None) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ours = PrefixLoader({"gatework": FileSystemLoader(Path(__file__).parent)})
    loader = ours if folder is None else ChoiceLoader([FileSystemLoader(folder), ours])
    return ImmutableSandboxedEnvironment(loader=loader, autoescape=True, undefined=StrictUndefined)
