"""A real browser for tests of pages: the system's Chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

try:
    from playwright import sync_api
except ModuleNotFoundError:
    sync_api = None

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
NO_BROWSER = (
    "playwright is not installed"
    if sync_api is None
    else "no Chromium is installed on this system"
    if BROWSER is None
    else None
)
"""Why pages cannot be tried; None where they can."""


@contextmanager
def browser_started() -> Iterator[Any]:
    assert sync_api is not None
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()
