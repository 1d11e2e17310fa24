"""The studio in a real browser: every tab and every control, by pointer and by keys."""

import csv
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import uvicorn
from PIL import Image

import gatework
from browsing import NO_BROWSER, browser_started, expect, new_page, soon, still
from gatework import LSTM, SequenceClassifier
from gatework.demo import networks
from gatework.studio import studio_app
from gatework.studio.serving import listen
from gatework.train import Recorder, seeded

pytestmark = pytest.mark.skipif(NO_BROWSER is not None, reason=str(NO_BROWSER))

TABS = [
    "structure",
    "unrolled",
    "cell",
    "gates",
    "memory",
    "gradients",
    "saturation",
    "attribution",
    "edit",
    "findings",
    "training",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browser_started() as started:
        yield started


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("models")
    with seeded(0):
        gatework.save(LSTM(1, [12, 8, 6]), folder / "three.safetensors")
        gatework.save(LSTM(2, [5], bidirectional=True), folder / "both.safetensors")
    (folder / "bad.safetensors").write_bytes(b"<script>alert(1)</script>")
    recorder = Recorder(folder / "run")
    recorder.begin(LSTM(1, [12, 8, 6]), 0)
    for epoch in (1, 2, 3):
        recorder.epoch(LSTM(1, [12, 8, 6]), epoch, 1 / epoch, 1.5 / epoch, 0.5)
    files = [folder / f"{name}.safetensors" for name in ("three", "both", "bad")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(networks, "EPOCHS", 2)
        with served(studio_app(files, runs=[folder / "run"])) as there:
            yield there


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application, and give its address."""
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


class Studio:
    """A page of the studio, and what a person does with it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.refusals = 0
        page.goto(address)
        page.locator("h2", has_text="three").wait_for()
        self.ready("structure")

    def ready(self, tab: str) -> None:
        self.page.locator(f'#content-0[data-ready="{tab}"]').wait_for()

    def open(self, tab: str) -> None:
        self.page.click(f"#tab-{tab}")
        self.ready(tab)

    def choose(self, model: str, title: str) -> None:
        self.page.select_option("#model", label=model)
        self.page.locator("h2", has_text=title).first.wait_for()

    def step(self) -> int:
        return int(self.page.input_value("#step"))

    def has(self, **values: Any) -> None:
        """Wait until the controls with these ids have these values."""
        for name, value in values.items():
            expect(self.page.locator(f"#{name}")).to_have_value(str(value))

    def told(self, message: str) -> None:
        expect(self.page.locator("#message")).to_contain_text(message)

    def soon(self, what: str, expected: Any = True) -> None:
        """Wait until an expression on the page has a value."""
        soon(lambda: self.page.evaluate(what), expected)


@pytest.fixture
def studio(browser, address) -> Iterator[Studio]:
    page = new_page(browser, viewport={"width": 1250, "height": 900}, locale="en-GB")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url))
    opened = Studio(page, address)
    yield opened
    page.context.close()
    ours = (address, "data:")
    refusal = "Failed to load resource: the server responded with a status of 400"
    others = [c for c in complaints if not c.startswith(ours)]
    assert sum(c.startswith(refusal) for c in others) == opened.refusals
    assert [c for c in others if not c.startswith(refusal)] == []


def test_every_tab_shows_its_picture_and_its_words_in_both_languages(studio) -> None:
    page = studio.page
    assert page.eval_on_selector_all("[role=tab]", "all => all.map(x => x.id.slice(4))") == TABS
    for language, layer in (("en", "layer 1"), ("zh", "第 1 层")):
        page.select_option("#language", language)
        expect(page.locator("#layer option").first).to_have_text(layer)
        for tab in TABS:
            studio.open(tab)
            shown = page.locator("#content-0 svg, #content-0 canvas, #content-0 li")
            shown.first.wait_for()
            told = page.locator("#content-0").inner_text()
            assert re.findall("[\u4e00-\u9fff][,:;.] ", told) == []  # no English marks in Chinese
    expect(page.locator("h2").first).to_have_text("three.safetensors，波")
    studio.open("findings")
    expect(page.locator("#content-0")).to_contain_text("遗忘门")


def test_a_model_that_cannot_be_read_is_told_and_cannot_be_chosen(studio) -> None:
    studio.told("bad.safetensors is not a file that Gatework wrote")
    unusable = studio.page.locator("#model option[disabled]")
    expect(unusable).to_have_text(re.compile(r"^bad\.safetensors"))


def test_the_transport_moves_all_that_depends_on_the_step(studio) -> None:
    page = studio.page
    studio.open("cell")
    shown = "document.querySelector('#content-0 svg')?.textContent.match(/at step (\\d+)/)?.[1]"
    studio.has(step=119)
    for button, step in (("first", 0), ("forward", 1), ("last", 119), ("back", 118)):
        page.click(f"#{button}")
        studio.has(step=step)
        studio.soon(shown, str(step))
    page.fill("#step", "40")
    studio.soon(shown, "40")
    page.click("#first")
    page.click("#play")
    expect(page.locator("#step")).not_to_have_value("0")
    page.click("#play")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    stopped = studio.step()
    page.wait_for_timeout(400)
    studio.has(step=stopped)


def test_a_unit_is_followed_through_cell_gates_and_memory(studio) -> None:
    page = studio.page
    studio.open("cell")
    story = page.locator(".content .key").first
    before = story.text_content()
    page.click(".units button >> nth=5")
    studio.has(unit=5)
    expect(page.locator("#content-0 svg").first).to_contain_text("unit 5")
    expect(story).not_to_have_text(before)
    before = story.text_content()
    page.select_option("#layer", "1")
    expect(page.locator(".units button")).to_have_count(8)
    expect(story).not_to_have_text(before)
    studio.open("gates")
    canvas = page.locator(".map canvas").first
    box = still(canvas)
    canvas.click(position={"x": box["width"] * 0.503, "y": box["height"] * (2.5 / 8)})
    studio.has(step=60, unit=2)
    studio.open("memory")
    chosen = page.locator("#content-0 .in-focus")
    expect(chosen).to_have_attribute("data-unit", "2")
    expect(chosen).to_have_attribute("data-layer", "1")
    page.locator('#content-0 path[data-layer="0"]').first.dispatch_event("click")
    studio.has(layer=0)
    page.fill("#unit", "99")
    page.press("#unit", "Tab")
    studio.has(unit=11)


def test_a_heat_map_is_browsed_by_wheel_drag_buttons_and_keys(studio) -> None:
    page = studio.page
    studio.open("gates")
    page.select_option("#signal", "cell")
    canvas = page.locator(".map canvas").first
    box = still(canvas)
    middle = (box["x"] + box["width"] * 0.503, box["y"] + box["height"] * 0.52)
    page.mouse.move(*middle)
    expect(page.locator(".gw-tip:visible")).to_have_text(re.compile("^step 60, unit 6: "))
    for end in (0, 1):
        expect(page.locator(".legend span").nth(end)).to_have_text(re.compile("^-?[0-9]"))
    rows = "[...document.querySelectorAll('.rows span')].map(x => x.textContent).join()"
    studio.soon(rows, "0,11")
    page.mouse.wheel(0, -600)  # into the middle, in time
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -400)  # and in units
    page.keyboard.up("Shift")
    studio.soon(f"{rows} !== '0,11'")
    page.mouse.down()
    page.mouse.move(middle[0] + 200, middle[1] + 60, steps=4)
    page.mouse.up()
    studio.has(step=119)  # a drag is no click
    canvas.dblclick()
    studio.soon(rows, "0,11")
    canvas.focus()
    for key, step, unit in (("ArrowLeft", -1, 0), ("ArrowDown", 0, 1), ("ArrowUp", 0, -1)):
        before = studio.step(), int(page.input_value("#unit"))
        page.keyboard.press(key)
        studio.has(step=before[0] + step, unit=before[1] + unit)
    page.keyboard.press("+")
    studio.soon(f"{rows} !== '0,11'")
    page.keyboard.press("0")
    studio.soon(rows, "0,11")
    page.click("button[aria-label='zoom in']")
    studio.soon(f"{rows} !== '0,11'")
    page.click("button[aria-label='zoom out']")
    studio.soon(rows, "0,11")
    page.check(".map input[type=checkbox]")
    studio.soon(rows, ",")
    page.uncheck(".map input[type=checkbox]")
    studio.soon(rows, "0,11")


def test_alike_moments_lead_there(studio) -> None:
    page = studio.page
    studio.open("gates")
    page.fill("#step", "30")
    page.click("text=find moments")
    first = page.locator(".similar button").first
    found = int(first.inner_text().split("  ")[0])
    first.click()
    studio.has(step=found)
    assert found % 12 == 30 % 12, "a wave of twelve steps"


def test_what_if_shows_the_change_beside_what_was(studio) -> None:
    page = studio.page
    studio.open("edit")
    lines, edits = page.locator("#content-0 svg.lines path"), page.locator(".edits")
    expect(lines).to_have_count(1)
    page.fill("#step", "60")
    page.fill(".editor input", "5")
    page.click("button:text-is('change')")
    expect(edits).to_contain_text("largest difference")
    expect(lines).to_have_count(2)
    said = edits.text_content()
    page.click("#tab-memory")
    # Another tab says that it shows edited numbers.
    expect(page.locator(".badge")).to_contain_text("edits: 1")
    studio.open("edit")
    page.select_option(".editor select", "cell")
    page.fill(".editor input", "-3")
    page.press(".editor input", "Enter")
    expect(edits).to_contain_text("cell state 0")
    page.click("button:text-is('undo')")
    expect(edits).to_have_text(said)
    page.select_option(".editor select", "input_gate")
    page.fill(".editor input", "5")
    page.click("button:text-is('change')")
    studio.told("from 0 to 1, got 5")
    studio.refusals = 1
    page.click(".badge button")
    expect(edits).to_have_text("")
    expect(lines).to_have_count(1)


def held_first(page: Any, address: str) -> list[Any]:
    """Let the first request to an address wait; it is in the list once it came."""
    held: list[Any] = []
    page.route(address, lambda route: route.continue_() if held else held.append(route))
    return held


def test_a_late_answer_neither_hides_nor_undoes_what_came_after(studio) -> None:
    page = studio.page
    held = held_first(page, "**/open?*")
    page.select_option("#model", label="both.safetensors")
    page.select_option("#model", label="three.safetensors")
    title = page.locator("h2").first
    expect(title).to_have_text("three.safetensors, waves")
    with page.expect_response("**/open?*"):
        held[0].continue_()
    studio.open("edit")
    expect(title).to_have_text("three.safetensors, waves")
    expect(page.locator("#content-0 svg.lines")).to_have_count(1)
    held = held_first(page, "**/edits")
    for step, value in (("60", "5"), ("10", "7")):
        page.fill("#step", step)
        page.fill(".editor input", value)
        page.click("button:text-is('change')")
    soon(lambda: len(held), 1)
    held[0].continue_()
    expect(page.locator(".edits")).to_contain_text(re.compile("60 = 5; .*10 = 7"))


def test_a_table_is_dropped_and_a_bad_one_leaves_all_as_it_was(studio, tmp_path) -> None:
    page = studio.page
    hostile = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{n},{np.sin(n / 3):.3f},{n % 7}\n" for n in range(80))
    good = tmp_path / "table.csv"
    good.write_text(f'day,"{hostile}",b\n{rows}', encoding="utf-8")
    page.set_input_files("#file", good)
    studio.told("the network reads 1 feature")
    studio.refusals = 1
    expect(page.locator("h2").first).to_have_text("three.safetensors, waves")
    page.click("#columns summary")
    expect(page.locator("#columns [name=time_column] option").nth(1)).to_have_text("day")
    page.select_option("#columns [name=column]", label=hostile)
    page.click("#again")
    page.locator("h2", has_text="table.csv").wait_for()
    expect(page.locator("#message")).to_be_hidden()
    expect(page.locator("#step")).to_have_attribute("max", "79")
    studio.open("gates")
    expect(page.locator("#content-0")).to_contain_text(hostile)
    expect(page.locator("#content-0 img")).to_have_count(0)
    page.evaluate(
        """() => {
          const given = new DataTransfer();
          given.items.add(new File(["a,b\\n1,2\\n2,3\\n3,4\\n"], "dropped.csv"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: given }));
        }"""
    )
    studio.told("dropped.csv: the network reads 1 feature")
    studio.refusals = 2


def test_what_is_seen_is_saved_as_picture_and_as_numbers(studio) -> None:
    page = studio.page

    def saved(ending: str) -> bytes:
        with page.expect_download() as waited:
            page.select_option(".tools select >> nth=1", ending)
        assert waited.value.suggested_filename.endswith(f".{ending}")
        return Path(waited.value.path()).read_bytes()

    ways = page.locator(".tools select >> nth=1")
    expect(ways.locator("option")).to_have_text(["save …", "SVG", "PNG"])  # it has no numbers
    studio.open("findings")
    expect(ways).to_be_hidden()
    for tab in ("cell", "gates", "memory"):
        studio.open(tab)
        drawing = saved("svg").decode()
        ElementTree.fromstring(drawing)
        assert "three.safetensors, waves" in drawing
        assert "svg.gw" in drawing, "it brings its style with it"
    assert Image.open(io.BytesIO(saved("png"))).width > 800
    studio.open("gates")
    page.click("button[aria-label='zoom in']")
    expect(page.locator(".map canvas").first).to_have_attribute("data-shown", "60 120")
    rows = list(csv.reader(saved("csv").decode().splitlines()))
    assert (len(rows), rows[0][:3], rows[1][0]) == (61, ["step", "label", "unit 0"], "60")


def test_units_are_one_stop_of_the_tab_key_and_arrows_go_among_them(studio) -> None:
    page = studio.page
    studio.open("cell")
    page.click(".units button >> nth=3")
    expect(page.locator(".units button[tabindex='0']")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    studio.has(unit=11)
    expect(page.get_by_role("button", name="unit 11", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    studio.has(unit=0)


def test_sequences_of_a_file_are_chosen_and_compared(browser, tmp_path) -> None:
    rows = np.random.default_rng(0).normal(size=(6, 5))
    fitted = SequenceClassifier((3,), epochs=1).fit(rows, np.arange(6) % 2)
    model = gatework.save(fitted, tmp_path / "waves.safetensors")
    data = tmp_path / "seen.csv"
    data.write_text("a,b,c\n1,2,3\n4,5,6\n7,8,9\n", encoding="utf-8")
    with served(studio_app([model], data=data)) as there:
        page = new_page(browser, locale="en-GB")
        page.goto(there)
        page.locator("h2", has_text="waves.safetensors, seen.csv").wait_for()
        chosen = page.locator("select[aria-label=sequence]")
        expect(chosen.locator("option")).to_have_count(3)
        expect(page.locator("[name=id_column] option")).to_have_text(["–", "a", "b", "c"])
        names = chosen.locator("option").all_text_contents()
        page.click("#tab-gates")
        keys = page.locator(".pane .key")
        expect(keys).to_have_count(3)
        before = keys.first.text_content()
        chosen.select_option(names[1])
        expect(keys.first).not_to_have_text(before)
        page.click("#compare")
        expect(keys).to_have_count(6)
        for pane, name in enumerate(names[1:]):
            expect(chosen.nth(pane)).to_have_value(name)
        page.context.close()


def test_two_models_are_compared_under_one_transport(studio) -> None:
    page = studio.page
    panes = page.locator(".pane")
    studio.open("gates")
    page.click("#compare")
    page.locator("h2", has_text="both").wait_for()
    expect(panes).to_have_count(2)
    page.fill("#step", "20")
    expect(page.locator("svg.lines line.cut")).to_have_count(6)
    page.select_option("#other", label="three.safetensors")
    expect(page.locator("h2").nth(1)).to_have_text("three.safetensors, waves")
    page.click("#compare")
    expect(panes).to_have_count(1)


def test_both_directions_of_a_network_can_be_chosen(studio) -> None:
    page = studio.page
    expect(page.locator("#direction")).to_be_hidden()
    studio.choose("both.safetensors", "both")
    studio.open("cell")
    drawing = page.locator("#content-0 svg").first
    before = drawing.text_content()
    page.select_option("#direction", "reverse")
    expect(drawing).not_to_have_text(before)


def test_the_tour_walks_through_five_stops_and_escape_ends_it(studio) -> None:
    page = studio.page
    page.click("#tour")
    guide = page.locator("#guide")
    for at, tab in enumerate(("cell", "gates", "unrolled", "structure", "gradients")):
        if at:
            page.keyboard.press("Enter")
        guide.locator("h2", has_text=f"{at + 1} / 5").wait_for()
        expect(page.locator("[role=tab][aria-selected=true]")).to_have_id(f"tab-{tab}")
        studio.ready(tab)
    page.click("#guide button:text-is('back')")
    guide.locator("h2", has_text="4 / 5").wait_for()
    page.keyboard.press("Escape")
    expect(guide).to_be_hidden()


def test_a_recorded_training_is_watched_and_filmed(studio) -> None:
    page = studio.page
    studio.open("training")
    expect(page.locator("#content-0")).to_contain_text("epoch 3")
    # That of an example begins when it is opened, and would be waited for in vain before.
    expect(page.locator("#content-0 label:has-text('run') option")).to_have_count(1)
    expect(page.locator("#content-0 svg.lines")).to_have_count(2)
    page.click("text=film of this training")
    page.locator("#content-0 svg text", has_text="epoch by epoch").first.wait_for()
    studio.choose("both.safetensors", "both")
    expect(page.locator("#content-0")).to_contain_text("training is of another network")
    expect(page.locator("text=film of this training")).to_be_hidden()


def test_the_examples_are_trained_and_read_tables_and_text(studio, tmp_path) -> None:
    page = studio.page
    studio.choose("failures a week (example)", "LANL")
    table = tmp_path / "faults.csv"
    table.write_text("faults\n" + "\n".join(str(n % 9) for n in range(50)), encoding="utf-8")
    page.set_input_files("#file", table)
    page.locator("h2", has_text="faults").wait_for()
    expect(page.locator("#step")).to_have_attribute("max", "49")
    studio.choose("letters (example)", "letters")
    studio.open("text")
    page.fill("textarea", "the gate is open")
    expect(page.locator("#step")).to_have_attribute("max", "15")
    expect(page.locator(".next")).to_contain_text("%")
    studio.has(step=15)
    page.locator("#content-0 g.mark").nth(3).dispatch_event("click")
    studio.has(step=3)
    page.fill("textarea", "the gate 7")
    studio.told("does not know")
    studio.refusals = 1


def test_keys_alone_reach_everything(studio) -> None:
    page = studio.page
    page.focus("#tab-structure")
    page.keyboard.press("ArrowRight")
    studio.ready("unrolled")
    expect(page.locator("#tab-unrolled")).to_be_focused()
    page.keyboard.press("End")
    studio.ready("training")
    page.keyboard.press("Home")
    studio.ready("structure")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    studio.has(step=118)
    reached = set()
    page.focus("#model")
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    wanted = {"file", "tour", "compare", "language", "first", "play", "step", "layer", "unit"}
    assert wanted <= reached


def test_on_a_phone_pictures_and_tabs_are_scrolled_and_values_are_tapped(browser, address) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = browser.new_page(locale="en-GB", **phone)
    studio = Studio(page, address)
    tip = page.locator(".gw-tip:visible")
    for tab in ("structure", "cell", "gates", "edit", "findings"):
        studio.open(tab)
        still(page.locator("#content-0"))
        studio.soon("document.documentElement.scrollWidth <= 390")
        studio.soon(f"document.querySelector('#tab-{tab}').getBoundingClientRect().right <= 390")
    assert page.locator("nav").bounding_box()["height"] < 60, "one row of tabs"
    assert page.locator("#transport").bounding_box()["height"] <= 64, "one row at the bottom"
    expect(page.locator("#layer")).to_be_hidden()
    page.click("#more")
    expect(page.locator("#layer")).to_be_visible()
    page.click("#more")
    for tab in ("structure", "cell", "memory", "gradients", "saturation", "attribution"):
        studio.open(tab)
        fitting = page.locator("#content-0 svg.gw").first
        assert fitting.get_attribute("viewBox").split()[2] == "358", "drawn for the phone"
    studio.open("unrolled")
    chosen = page.locator("#content-0 .layer.in-focus").first
    expect(chosen).to_be_in_viewport()
    studio.open("cell")
    page.locator(".units button").nth(4).tap()
    studio.has(unit=4)
    expect(page.locator("#content-0 svg.gw").first).to_contain_text("unit 4")
    studio.open("gates")
    canvas = page.locator(".map canvas").first
    box = still(canvas)
    page.touchscreen.tap(box["x"] + box["width"] * 0.503, box["y"] + box["height"] * (2.5 / 12))
    expect(tip).to_have_text(re.compile("^step 60, unit 2: -?0"))
    studio.has(step=60, unit=2)
    line = page.locator("svg.lines").first
    line.tap(position={"x": 200, "y": 40})
    expect(page.locator(".pane .key").first).to_have_text(re.compile("^wave 1 -?[0-9.]+"))
    page.select_option("#language", "zh")  # last, as the page is drawn anew in it
    page.click("#columns summary")
    still(page.locator("#columns .fields"))
    shown = "getComputedStyle(document.querySelector('#columns .fields')).backgroundColor"
    assert page.evaluate(shown) == "rgb(255, 255, 255)", "nothing is seen through it"
    studio.soon("document.documentElement.scrollWidth <= 390")
    page.close()
