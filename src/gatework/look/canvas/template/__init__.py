"""The template of pages, and those that users put in its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatework.errors import OptionError, nearest

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import Block, Node, Template

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
        environment = _environment(folder)
        _check_blocks(environment, path)
        page = environment.get_template(NAME).render(values)
    except OptionError:
        raise
    except TemplateNotFound as error:
        said = f"{str(path)!r} names the template {str(error)!r}, which is not in its folder"
        raise OptionError(said, hint=_EXTENDS) from None
    except TemplateSyntaxError as error:
        where = f"{str(Path(folder) / (error.name or NAME))!r}, line {error.lineno}"
        raise OptionError(f"{where}: {error.message}", hint="mend the template") from None
    except RecursionError:
        said = f"{str(path)!r} cannot be filled in: a template or macro includes or calls itself"
        raise OptionError(said, hint=_EXTENDS) from None
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        said = f"{str(path)!r} cannot be filled in: {error}"
        raise OptionError(said, hint="it is given " + ", ".join(values)) from None
    head = page.partition("</head>")[0]
    if POLICY not in head:
        raise OptionError(
            f"{str(path)!r} lacks {{{{ policy }}}} in its head, which keeps pages off the network",
            hint=f"put it there, or begin with {_EXTENDS}",
        )
    return page


def _check_blocks(environment: Environment, path: Path) -> None:
    """Refuse blocks that the template which is extended lacks: they would be passed over.

    Raises:
        OptionError: there is one.
    """
    tree = _tree(environment, NAME)
    known = _extended_blocks(environment, tree, path)
    for block in _unknown(tree, known) if known else ():
        meant = nearest(block.name, known)
        raise OptionError(
            f"{str(path)!r}, line {block.lineno}: the template that is extended has no block "
            f"{block.name!r}{f' (did you mean {meant!r}?)' if meant else ''}",
            hint=f"its blocks are {', '.join(sorted(known))}",
        )


def _tree(environment: Environment, name: str) -> Template:
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, name)[0], name)


def _extended_blocks(
    environment: Environment, tree: Template, path: Path, names: tuple[str, ...] = (NAME,)
) -> set[str]:
    """Return the names of the blocks of all templates that one extends; ``names`` led to it.

    Raises:
        OptionError: it is one of those that it extends.
    """
    from jinja2 import nodes

    extends = next(tree.find_all(nodes.Extends), None)
    if extends is None or not isinstance(extends.template, nodes.Const):
        return set()
    name = extends.template.value
    if name in names:
        way = "itself" if name == names[-1] else f"{name!r}, which extends it"
        place = f"{str(path.with_name(names[-1]))!r}, line {extends.lineno}"
        raise OptionError(f"{place}: the template extends {way}", hint=_EXTENDS)
    parent = _tree(environment, name)
    blocks = {block.name for block in parent.find_all(nodes.Block)}
    return blocks | _extended_blocks(environment, parent, path, (*names, name))


def _unknown(node: Node, known: set[str]) -> Iterator[Block]:
    """Yield the blocks that are neither known nor within one that is."""
    from jinja2 import nodes

    for child in node.iter_child_nodes():
        if not isinstance(child, nodes.Block):
            yield from _unknown(child, known)
        elif child.name not in known:
            yield child


@cache
def _environment(folder: str | None) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Named(FileSystemLoader):
        """Names the file and the line where a template is not UTF-8."""

        def get_source(self, environment: Environment, template: str) -> Any:
            """Return a template."""
            try:
                return super().get_source(environment, template)
            except UnicodeDecodeError as error:
                line = error.object.count(b"\n", 0, error.start) + 1
                place = f"{str(Path(folder or '', template))!r}, line {line}"
                said = f"{place}: byte 0x{error.object[error.start]:02x} is not UTF-8"
                raise OptionError(said, hint="save it as UTF-8") from None

    ours = PrefixLoader({"gatework": FileSystemLoader(Path(__file__).parent)})
    loader = ours if folder is None else ChoiceLoader([Named(folder), ours])
    return ImmutableSandboxedEnvironment(loader=loader, autoescape=True, undefined=StrictUndefined)
