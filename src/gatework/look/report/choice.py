"""Pictures of which a reader chooses one: a list to choose from, and one figure for each entry."""

from __future__ import annotations

from collections.abc import Sequence

from gatework.errors import OptionError
from gatework.look.canvas.svg import Element


def chosen(group: str, names: Sequence[str], parts: Sequence[Element], label: str) -> list[Element]:
    """Return parts of which one shows at a time; without a script all of them do.

    Args:
        group: a word for the choice, one of its own on each page.
        names: of the parts, as the list shows them.
        parts: what is chosen.
        label: before the list.

    Raises:
        OptionError: there are none, or not as many names as parts.
    """
    if len(names) != len(parts) or not names:
        raise OptionError("every part needs its name")
    if len(names) == 1:
        return [parts[0]]
    options = [Element("option", name, value=str(at)) for at, name in enumerate(names)]
    select = Element("select", *options, data_choose=group)
    return [
        Element("div", Element("label", label + " ", select), class_="choice", hidden=True),
        *(
            Element("div", part, data_when=f"{group}:{at}", data_name=names[at])
            for at, part in enumerate(parts)
        ),
    ]
