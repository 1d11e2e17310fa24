"""A page in a real browser: what moves, moves; nothing leaves the page; keys work, too."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from browsing import NO_BROWSER, browser_started
from gatework import LSTM
from gatework.examine import run_of
from gatework.look import explain_report
from gatework.train import seeded

pytestmark = pytest.mark.skipif(NO_BROWSER is not None, reason=str(NO_BROWSER))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browser_started() as started:
        yield started


@pytest.fixture
def page(browser, tmp_path) -> Iterator[Any]:
    with seeded(0):
        run = run_of(LSTM(1, [6, 4]), np.sin(np.arange(50) / 3))
    path = tmp_path / "page.html"
    path.write_text(explain_report(run), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert [c for c in complaints if c != path.as_uri() and not c.startswith("data:")] == []
    page.close()


def test_the_value_under_the_pointer_is_told(page) -> None:
    image = page.locator("image.heat:visible").first
    box = image.bounding_box()
    page.mouse.wheel(0, box["y"] - 300)
    page.wait_for_timeout(100)
    image.hover()
    tip = page.locator(".gw-tip")
    assert tip.is_visible()
    assert "input gate, unit " in tip.inner_text()
    assert tip.inner_text().rsplit(": ", 1)[1].startswith("0.")
    page.mouse.move(2, 2)
    assert tip.is_hidden()


def test_one_of_the_layers_shows_and_keys_choose_another(page) -> None:
    layers = page.locator('[data-when^="layer:"]')
    assert layers.count() == 2
    assert [layers.nth(n).is_visible() for n in range(2)] == [True, False]
    choice = page.locator('select[data-choose="layer"]')
    choice.focus()
    page.keyboard.press("ArrowDown")
    assert [layers.nth(n).is_visible() for n in range(2)] == [False, True]


def test_a_mark_tells_what_it_is(page) -> None:
    gate = page.locator('g.mark[aria-label^="forget gate"]:visible').first
    gate.hover()
    assert "from the hidden state" in page.locator(".gw-tip").inner_text()


def test_a_narrow_screen_needs_no_sideways_scrolling(page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
