"""The shell of a page that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gatework.look.canvas.script import drawing_module
from gatework.look.canvas.svg import Element, Raw, escape
from gatework.look.canvas.template import POLICY, render
from gatework.look.canvas.theme import page_css

_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class PagePart:
    """A part of a page, as a template sees it: markup, and the name of its section."""

    name: str
    markup: str

    def __html__(self) -> str:
        return self.markup


def page(
    title: str,
    content: Iterable[Element],
    *,
    heading: str | None = None,
    kicker: str = "",
    footer: str = "",
    language: str = "en",
    tools: str | None = None,
    own: bool = False,
) -> str:
    """Return a whole HTML page that needs nothing beside itself.

    Its content security policy refuses frames, forms and every request; style is allowed by its
    digest, and so is the drawing module, the only script that can run; images are part of the
    page. ``tools`` are what it calls the buttons at pictures, a line each. ``own`` says that a
    template of the user's may be used.
    """
    code = drawing_module() + "\nbring(document.body);\n"
    parts = [PagePart(str(one.attributes.get("id") or ""), str(one)) for one in content]
    texts = {"title": title, "heading": heading or title, "kicker": kicker, "footer": footer}
    texts |= {"language": language, "tools": tools or ""}
    values = {name: PagePart(name, escape(text)) if text else "" for name, text in texts.items()}
    script = Element("script", Raw(code), type="module")
    given = {"style": page_css(), "policy": POLICY, "script": str(script)}
    values |= {name: PagePart(name, markup) for name, markup in given.items()}
    whole = render(values | {"parts": parts}, own=own)
    styles = " ".join(f"'{_digest(style)}'" for style in _STYLE.findall(whole))
    allowed = (
        f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; "
        f"img-src data:; script-src '{_digest(code)}'"
    )
    meta = Element("meta", http_equiv="Content-Security-Policy", content=allowed)
    return whole.replace(POLICY, str(meta), 1)


def sample_page() -> None:
    """Write a page of nothing, to try a template before the work whose report it shall write.

    Raises:
        OptionError: the template does not work.
    """
    part = Element("section", Element("h2", "Section"), id="section")
    page("Title", [part], kicker="Kicker", footer="Footer", tools="Tools", own=True)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
