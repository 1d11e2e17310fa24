"""The shell of a page that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from gatework.look.canvas.script import drawing_module
from gatework.look.canvas.svg import Element, Raw
from gatework.look.canvas.theme import page_css


def page(
    title: str,
    content: Iterable[Element],
    *,
    language: str = "en",
    live: bool = False,
    tools: str | None = None,
) -> str:
    """Return a whole HTML page that needs nothing beside itself.

    Its content security policy refuses frames, forms and every request; the one style sheet in it
    is allowed by its digest, and so is, where the page is ``live``, the drawing module: the only
    script that can run; images are then part of the page. ``tools`` are what it calls the buttons
    at pictures, a line each.
    """
    css = page_css()
    policy = f"default-src 'none'; style-src '{_digest(css)}'; base-uri 'none'; form-action 'none'"
    scripts = []
    if live:
        code = drawing_module() + "\nbring(document.body);\n"
        policy += f"; img-src data:; script-src '{_digest(code)}'"
        scripts.append(Element("script", Raw(code), type="module"))
    head = Element(
        "head",
        Element("meta", charset="utf-8"),
        Element("meta", http_equiv="Content-Security-Policy", content=policy),
        Element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Element("meta", name="referrer", content="no-referrer"),
        Element("title", title),
        Element("style", css),
    )
    body = Element("body", Element("main", *content, data_words=tools), *scripts)
    spoken = {"zh": "zh-Hans"}.get(language, language)
    return f"<!DOCTYPE html>\n{Element('html', head, body, lang=spoken)}\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
