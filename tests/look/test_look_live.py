"""A page in a real browser: what moves, moves; nothing leaves the page; keys work, too."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from browsing import (
    NO_BROWSER,
    browser_started,
    expect,
    expect_visible,
    new_page,
    rest_on,
    soon,
    still,
)
from gatework import LSTM
from gatework.examine import run_of
from gatework.forecast import GlobalForecaster, Panel, Series
from gatework.look import (
    cell_diagram,
    explain_report,
    film_report,
    forecast_report,
    frames_of,
    gates_chart,
    panel_report,
)
from gatework.look.canvas.numerals import show
from gatework.train import Recorder, read_record, seeded

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
    page = new_page(browser, viewport={"width": 1100, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert [c for c in complaints if c != path.as_uri() and not c.startswith("data:")] == []
    page.context.close()


def test_the_value_under_the_pointer_is_told(page) -> None:
    rest_on(page.locator("image.heat:visible").first)
    tip = page.locator(".gw-tip:visible")  # the first value waits for the picture to be unpacked
    expect(tip).to_have_text(re.compile(r"input gate, unit .*: 0\.[^:]*$"))
    page.mouse.move(2, 2)
    expect(tip).to_have_count(0)


def test_one_of_the_layers_shows_and_keys_choose_another(page) -> None:
    layers = page.locator('[data-when^="layer:"]')
    expect_visible(layers, [True, False])
    choice = page.locator('select[data-choose="layer"]')
    choice.focus()
    page.keyboard.press("ArrowDown")
    expect_visible(layers, [False, True])


def test_a_mark_tells_what_it_is(page) -> None:
    rest_on(page.locator('g.mark[aria-label^="forget gate"]:visible').first)
    expect(page.locator(".gw-tip:visible")).to_contain_text("from the hidden state")


def test_a_narrow_screen_needs_no_sideways_scrolling(page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    soon(lambda: page.evaluate("document.documentElement.scrollWidth") <= 390)


def test_a_phone_is_told_the_values_that_a_desk_is(page) -> None:
    def told() -> str:
        rest_on(page.locator("image.heat:visible").first, position={"x": 1, "y": 1})
        tip = page.locator(".gw-tip:visible")
        expect(tip).to_have_text(re.compile(r"input gate, unit .*, 0: 0\.[^:]*$"))
        return tip.inner_text()

    wide = told()
    page.set_viewport_size({"width": 390, "height": 800})
    page.mouse.move(2, 2)
    assert told() == wide


@pytest.fixture
def forecast_page(browser, tmp_path, make_result) -> Iterator[Any]:
    """Return the report of a forecast of a series whose name and labels are markup."""
    nasty = "</script><img src=x onerror=alert(1)>"
    values = 20 + 5 * np.sin(np.arange(60) / 3)
    labels = tuple(f"{nasty}{n}" for n in range(60))
    result = make_result(values=values, name=nasty, labels=labels, frequency=None)
    with seeded(0):
        run = run_of(LSTM(1, [6, 4]), (values - 20) / 5, labels=labels)
    path = tmp_path / "report.html"
    path.write_text(forecast_report(result, run), encoding="utf-8")
    page = new_page(browser, viewport={"width": 1100, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert [c for c in complaints if c != path.as_uri() and not c.startswith("data:")] == []
    assert page.locator("img").count() == 0
    page.context.close()


def test_a_forecast_tells_its_values_and_lets_choose_horizon_layer_and_unit(forecast_page) -> None:
    page = forecast_page
    for group, count in (("horizon", 5), ("layer", 2), ("unit", 10)):
        page.locator(f'select[data-choose="{group}"]').select_option(index=1)
        parts = page.locator(f'[data-when^="{group}:"]')
        expect_visible(parts, [n == 1 for n in range(count)])
    shown = page.locator('[data-when="horizon:1"] .plot:visible .area')
    rest_on(shown, position={"x": still(shown)["width"] - 3, "y": 40}, force=True)
    told = re.compile(r"^</script><img src=x onerror=alert…: .*, 2 steps ahead ")
    expect(page.locator(".gw-tip:visible")).to_have_text(told)


def tick_texts(plot) -> list[str]:
    return plot.locator(".axis-x text").all_text_contents()


def test_a_chart_is_zoomed_moved_and_shown_whole_again(forecast_page) -> None:
    page = forecast_page
    plot = page.locator('[data-when="horizon:0"] .plot:visible')
    box = still(plot.locator(".area"))
    whole, middle = tick_texts(plot), box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    line = plot.locator(".series")
    soon(lambda: line.bounding_box()["width"] > 2.5 * box["width"])
    # What is seen fills the height: no value in the window is cut off, and none is far away.
    expect(plot.locator("[clip-path]")).to_have_count(2)
    soon(lambda: tick_texts(plot) != whole)
    left = line.bounding_box()["x"]
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    page.mouse.up()
    moved = pytest.approx(left - 0.1 * box["width"], abs=3)
    soon(lambda: line.bounding_box()["x"], moved)
    page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    soon(lambda: tick_texts(plot), whole)
    plot.focus()
    page.keyboard.press("+")
    soon(lambda: line.bounding_box()["width"] > 1.8 * box["width"])
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gw-tip:visible")).to_have_text(re.compile("^</script>"))
    page.keyboard.press("0")
    soon(lambda: tick_texts(plot), whole)


def test_the_key_hides_a_line_and_the_axis_follows(forecast_page) -> None:
    page = forecast_page
    plot = page.locator('.plot:visible:has([data-toggle="LSTM"])')
    label = plot.locator('[data-toggle="last value"]')
    part = plot.locator('[data-part="last value"]')
    ticks = plot.locator(".axis-y text").all_text_contents
    highest = ticks()
    label.click()
    expect(label).to_have_attribute("aria-pressed", "false")
    expect(part).to_be_hidden()
    soon(lambda: ticks() != highest)
    label.press("Enter")
    expect(part).to_be_visible()
    soon(ticks, highest)


def test_a_chart_is_saved_as_it_is_seen(forecast_page, tmp_path) -> None:
    figure = forecast_page.locator("figure:has(.plot:visible)").first
    for ending, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with forecast_page.expect_download() as download:
            figure.get_by_role("button", name=f"save as {ending}").locator("visible=true").click()
        path = tmp_path / ending
        download.value.save_as(path)
        content = path.read_bytes()
        assert content.startswith(begins)
        assert len(content) > 5_000
    assert b"stroke: rgb(" in (tmp_path / "SVG").read_bytes()  # its style is in it


def test_a_finger_tells_the_value_that_it_taps(browser, tmp_path, make_result) -> None:
    path = tmp_path / "report.html"
    path.write_text(forecast_report(make_result()), encoding="utf-8")
    viewport = {"width": 390, "height": 800}
    page = new_page(browser, viewport=viewport, has_touch=True, is_mobile=True)
    page.goto(path.as_uri())
    area = page.locator(".plot:visible .area").first
    still(area)
    area.tap(force=True)
    tip = page.locator(".gw-tip:visible")
    expect(tip).to_contain_text(": ")
    box = still(page.locator('.plot:visible:has([data-toggle="LSTM"]) .mark').first)
    page.touchscreen.tap(box["x"] - 8, box["y"] - 8)
    expect(tip).to_contain_text("step ahead: ")
    page.touchscreen.tap(200, 2)
    expect(tip).to_have_count(0)
    pinch(page.context.new_cdp_session(page), area)
    line = page.locator(".plot:visible .series").first
    soon(lambda: line.bounding_box()["width"] > 1.5 * area.bounding_box()["width"])
    assert page.evaluate("visualViewport.scale") == 1  # the chart is zoomed, not the page
    page.context.close()


def pinch(session, area) -> None:
    """Move two fingers apart on a chart."""
    box = still(area)
    y, middle = box["y"] + box["height"] / 2, box["x"] + box["width"] / 2

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x, "y": y, "id": n} for n, x in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", middle - 20)
    touch("touchStart", middle - 20, middle + 20)
    for step in range(1, 9):
        touch("touchMove", middle - 20 - 10 * step, middle + 20 + 10 * step)
    touch("touchEnd")


def test_without_a_script_a_report_shows_every_choice(browser, tmp_path, make_result) -> None:
    path = tmp_path / "report.html"
    path.write_text(forecast_report(make_result()), encoding="utf-8")
    page = new_page(browser, java_script_enabled=False)
    page.goto(path.as_uri())
    expect_visible(page.locator('[data-when^="horizon:"]'), [True] * 5)
    expect(page.locator('select[data-choose="horizon"]')).to_be_hidden()
    page.context.close()


def test_a_series_is_chosen_among_many(browser, tmp_path) -> None:
    labels = tuple(f"{2000 + t // 12}-{t % 12 + 1:02d}" for t in range(40))
    draw = np.random.default_rng(0)
    several = [Series(name, draw.poisson(9, 40) + 0.0, labels, "MS", 12) for name in ("a", "<b>")]
    panel = Panel.from_series(several)
    forecaster = GlobalForecaster(horizon=2, members=1, epochs=1, levels=(0.8,), seed=1)
    found = forecaster.fit(panel).predict()
    path = tmp_path / "report.html"
    scores = {"LSTM": forecaster.held_out_}
    path.write_text(panel_report(panel, found, scores, level=0.8), encoding="utf-8")
    page = new_page(browser)
    page.goto(path.as_uri())
    page.select_option('select[data-choose="series"]', label="<b>")
    expect(page.locator("h3:visible")).to_have_text(["<b>"])
    area = page.locator("section .plot:visible .area").first
    rest_on(area, position={"x": still(area)["width"] - 3, "y": 40}, force=True)
    expected = re.escape(f"2003-06: {show(float(found.values[1, 1]))} forecast")
    expect(page.locator(".gw-tip:visible")).to_have_text(re.compile(f"^{expected}"))
    page.context.close()


def test_a_film_is_moved_by_keys_and_played(browser, tmp_path) -> None:
    wave = np.sin(np.arange(40) / 3)
    recorder = Recorder(tmp_path / "run")
    with seeded(0):
        networks = [LSTM(1, [5]) for _ in range(4)]
    recorder.begin(networks[0], 0)
    for epoch in (1, 2, 3):
        recorder.epoch(networks[epoch], epoch, 1 / epoch, None, 1.0)
    frames = frames_of(networks[0], read_record(tmp_path / "run"), wave)
    path = tmp_path / "film.html"
    path.write_text(film_report(frames), encoding="utf-8")
    page = new_page(browser)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install(time=0)  # so that the film moves when the test lets time pass
    page.goto(path.as_uri())

    def expect_frame(at: int) -> None:
        expect_visible(page.locator('[data-when^="epoch:"]'), [n == at for n in range(4)])

    expect_frame(0)
    slider = page.locator("input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect_frame(1)
    expect(page.locator("output")).to_have_text("epoch 1")
    page.keyboard.press("End")
    expect_frame(3)
    value = frames.runs[-1].signal(0, "input_gate")
    rest_on(page.locator("image.heat:visible").first, position={"x": 1, "y": 1})
    tip = page.locator(".gw-tip:visible", has_text="≈")
    tip.wait_for()
    told = tip.inner_text()
    unit = re.search(r"unit (\d+), 0:", told)
    assert unit, told
    assert float(told.rpartition("≈ ")[2]) == pytest.approx(value[0, int(unit[1])], abs=2e-4)
    play = page.get_by_role("button", name="play")
    play.scroll_into_view_if_needed()
    page.clock.pause_at(3_600_000)
    play.click()
    expect_frame(0)
    page.clock.run_for(400)
    expect_frame(1)
    expect(play).to_have_attribute("aria-pressed", "true")
    page.clock.run_for(1200)
    expect_frame(3)
    expect(play).to_have_attribute("aria-pressed", "false")
    assert complaints == []
    page.context.close()


def test_a_widget_draws_its_picture_and_every_new_one_alive(browser, tmp_path) -> None:
    with seeded(0):
        run = run_of(LSTM(1, [6, 4]), np.sin(np.arange(50) / 3))
    widget = gates_chart(run, signals=["forget_gate"]).widget()
    following = cell_diagram(run, unit=2)
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><style>{widget._css}</style><div id=place></div>")
    page = new_page(browser)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    # As a notebook does: the widget's module is imported, and given a model and a place.
    page.evaluate(
        """async ([code, svg]) => {
          const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
          const { default: part } = await import(address);
          const held = { svg };
          const acts = {};
          const model = { get: (name) => held[name], on: (event, act) => (acts[event] = act) };
          part.render({ model, el: document.getElementById("place") });
          window.renew = (fresh) => ((held.svg = fresh), acts["change:svg"]());
        }""",
        [widget._esm, widget.svg],
    )
    rest_on(page.locator("#place image.heat"))
    tip = page.locator(".gw-tip:visible")
    expect(tip).to_have_text(re.compile("^forget gate, unit "))
    page.evaluate("svg => window.renew(svg)", following.svg())
    rest_on(page.locator('#place g.mark[aria-label^="output gate"]'))
    expect(tip).to_contain_text("from the hidden state")
    assert complaints == []
    page.context.close()
