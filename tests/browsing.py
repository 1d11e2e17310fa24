"""A real browser for tests of pages: the system's Chromium, driven by playwright.

A page changes by requests, frames and timers, so nothing is read from it once: ``expect`` waits
for what a locator shall show, ``soon`` for any other value, ``still`` for what a pointer aims at.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tolerances import PATIENCE

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

if sync_api is not None:
    sync_api.expect.set_options(timeout=1000 * PATIENCE)


@contextmanager
def browser_started() -> Iterator[Any]:
    assert sync_api is not None
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


def new_page(browser: Any, **options: Any) -> Any:
    """Return a page in a context of its own, whose actions have patience."""
    context = browser.new_context(**options)
    context.set_default_timeout(1000 * PATIENCE)
    return context.new_page()


def expect(what: Any) -> Any:
    """Return playwright's assertions about a locator, which wait."""
    assert sync_api is not None
    return sync_api.expect(what)


def expect_visible(parts: Any, wanted: list[bool]) -> None:
    """Wait until there are so many parts, and those are visible that are wanted."""
    expect(parts).to_have_count(len(wanted))
    for n, visible in enumerate(wanted):
        expect(parts.nth(n)).to_be_visible(visible=visible)


def soon(find: Callable[[], Any], expected: Any = True) -> None:
    """Wait until what is found is what is expected, or fail with what is found."""
    until = time.monotonic() + PATIENCE
    while (found := find()) != expected and time.monotonic() < until:
        time.sleep(0.02)
    assert found == expected


def still(part: Any) -> Any:
    """Bring a part into view, and return its box once it moves no more and no scroll is to come."""
    part.scroll_into_view_if_needed()
    boxes: list[Any] = []

    def rests() -> bool:
        part.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        boxes.append(part.bounding_box())
        return len(boxes) > 3 and boxes[-1] == boxes[-4]

    soon(rests)
    return boxes[-1]


def rest_on(part: Any, **how: Any) -> None:
    """Rest the pointer on a part; a page that still scrolls would hide what the part tells."""
    still(part)
    part.hover(**how)
