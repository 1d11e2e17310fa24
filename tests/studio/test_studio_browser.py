"""The studio in a real browser: every tab and every control, by pointer and by keys."""

import csv
import io
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
from browsing import NO_BROWSER, browser_started
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

    def soon(self, what: str, expected: Any) -> None:
        """Wait until an expression on the page has a value, or fail with what it has."""
        found = None
        for _ in range(100):
            found = self.page.evaluate(what)
            if found == expected:
                return
            self.page.wait_for_timeout(50)
        assert found == expected


@pytest.fixture
def studio(browser, address) -> Iterator[Studio]:
    context = browser.new_context(viewport={"width": 1250, "height": 900}, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url))
    opened = Studio(page, address)
    yield opened
    context.close()
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
        studio.soon("document.querySelector('#layer option').textContent", layer)
        studio.ready(page.get_attribute("[aria-selected=true]", "id").removeprefix("tab-"))
        for tab in TABS:
            studio.open(tab)
            shown = page.locator("#content-0 svg, #content-0 canvas, #content-0 li")
            shown.first.wait_for()
    studio.open("findings")
    assert "遗忘门" in page.inner_text("#content-0")


def test_a_model_that_cannot_be_read_is_told_and_cannot_be_chosen(studio) -> None:
    message = studio.page.inner_text("#message")
    assert "bad.safetensors is not a file that Gatework wrote" in message
    assert studio.page.locator("#model option[disabled]").inner_text().startswith("bad.safetensors")


def test_the_transport_moves_all_that_depends_on_the_step(studio) -> None:
    page = studio.page
    studio.open("cell")
    shown = "document.querySelector('#content-0 svg').textContent.match(/at step (\\d+)/)?.[1]"
    assert studio.step() == 119
    for button, step in (("first", 0), ("forward", 1), ("last", 119), ("back", 118)):
        page.click(f"#{button}")
        assert studio.step() == step
        studio.soon(shown, str(step))
    page.fill("#step", "40")
    studio.soon(shown, "40")
    page.click("#first")
    page.click("#play")
    page.wait_for_timeout(700)
    page.click("#play")
    stopped = studio.step()
    assert stopped >= 1
    page.wait_for_timeout(400)
    assert studio.step() == stopped


def test_a_unit_is_followed_through_cell_gates_and_memory(studio) -> None:
    page = studio.page
    studio.open("cell")
    page.click(".units button >> nth=5")
    assert page.input_value("#unit") == "5"
    studio.soon("document.querySelector('#content-0 svg').textContent.includes('unit 5')", True)
    story = "document.querySelector('.content .key').textContent"
    before = page.evaluate(story)
    page.select_option("#layer", "1")
    studio.soon("document.querySelectorAll('.units button').length", 8)
    studio.soon(f"{story} !== {before!r}", True)
    studio.open("gates")
    canvas = page.locator(".map canvas").first
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.501, "y": box["height"] * (2.5 / 8)})
    assert (studio.step(), page.input_value("#unit")) == (60, "2")
    studio.open("memory")
    chosen = page.locator("#content-0 .in-focus")
    assert chosen.get_attribute("data-unit") == "2"
    assert chosen.get_attribute("data-layer") == "1"
    page.locator('#content-0 path[data-layer="0"]').first.dispatch_event("click")
    assert page.input_value("#layer") == "0"
    page.fill("#unit", "99")
    page.press("#unit", "Tab")
    assert page.input_value("#unit") == "11"


def test_a_heat_map_is_browsed_by_wheel_drag_buttons_and_keys(studio) -> None:
    page = studio.page
    studio.open("gates")
    page.select_option("#signal", "cell")
    canvas = page.locator(".map canvas").first
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    tip = page.locator(".gw-tip")
    tip.wait_for()
    told = tip.inner_text()
    assert told.startswith("60, unit 6: ")
    rows = "[...document.querySelectorAll('.rows span')].map(x => x.textContent).join()"
    studio.soon(rows, "0,11")
    page.mouse.wheel(0, -600)  # into the middle, in time
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -400)  # and in units
    page.keyboard.up("Shift")
    studio.soon(f"{rows} !== '0,11'", True)
    page.mouse.down()
    page.mouse.move(middle[0] + 200, middle[1] + 60, steps=4)
    page.mouse.up()
    assert studio.step() == 119, "a drag is no click"
    canvas.dblclick()
    studio.soon(rows, "0,11")
    canvas.focus()
    for key, step, unit in (("ArrowLeft", -1, 0), ("ArrowDown", 0, 1), ("ArrowUp", 0, -1)):
        before = studio.step(), int(page.input_value("#unit"))
        page.keyboard.press(key)
        assert (studio.step(), int(page.input_value("#unit"))) == (
            before[0] + step,
            before[1] + unit,
        )
    page.keyboard.press("+")
    studio.soon(f"{rows} !== '0,11'", True)
    page.keyboard.press("0")
    studio.soon(rows, "0,11")
    page.click("button[aria-label='zoom in']")
    studio.soon(f"{rows} !== '0,11'", True)
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
    first.wait_for()
    label = first.inner_text().split("  ")[0]
    first.click()
    assert studio.step() == int(label)
    assert studio.step() % 12 == 30 % 12, "a wave of twelve steps"


def test_what_if_shows_the_change_beside_what_was(studio) -> None:
    page = studio.page
    studio.open("edit")
    lines = "document.querySelectorAll('#content-0 svg.lines path').length"
    studio.soon(lines, 1)
    page.fill("#step", "60")
    page.fill(".editor input", "5")
    page.click("button:text-is('change')")
    page.locator(".edits", has_text="largest difference").wait_for()
    studio.soon(lines, 2)
    said = page.inner_text(".edits")
    badge = page.locator(".badge")
    page.click("#tab-memory")
    assert "edits: 1" in badge.inner_text(), "another tab says that it shows edited numbers"
    studio.open("edit")
    page.select_option(".editor select", "cell")
    page.fill(".editor input", "-3")
    page.press(".editor input", "Enter")
    studio.soon("document.querySelector('.edits').textContent.includes('cell state 0')", True)
    page.click("button:text-is('undo')")
    studio.soon("document.querySelector('.edits').textContent", said)
    # The editor is drawn anew once what was taken back is computed, as a user would see.
    for _ in range(10):
        page.select_option(".editor select", "input_gate")
        page.fill(".editor input", "5")
        page.click("button:text-is('change')")
        page.wait_for_timeout(1000)
        if "from 0 to 1, got 5" in page.inner_text("#message"):
            break
    assert "from 0 to 1, got 5" in page.inner_text("#message")
    studio.refusals = 1
    page.click(".badge button")
    studio.soon("document.querySelector('.edits').textContent", "")
    studio.soon(lines, 1)


def test_a_table_is_dropped_and_a_bad_one_leaves_all_as_it_was(studio, tmp_path) -> None:
    page = studio.page
    hostile = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{n},{np.sin(n / 3):.3f},{n % 7}\n" for n in range(80))
    good = tmp_path / "table.csv"
    good.write_text(f'day,"{hostile}",b\n{rows}', encoding="utf-8")
    page.set_input_files("#file", good)
    page.locator("#message", has_text="the network reads 1 feature").wait_for()
    studio.refusals = 1
    assert page.inner_text("h2") == "three.safetensors, waves"
    page.click("#columns summary")
    assert page.locator("#columns [name=time_column] option").all_text_contents()[1] == "day"
    page.select_option("#columns [name=column]", label=hostile)
    page.click("#again")
    page.locator("h2", has_text="table.csv").wait_for()
    assert page.locator("#message").is_hidden()
    assert page.get_attribute("#step", "max") == "79"
    studio.open("gates")
    assert hostile in page.inner_text("#content-0")
    assert page.locator("#content-0 img").count() == 0
    page.evaluate(
        """() => {
          const given = new DataTransfer();
          given.items.add(new File(["a,b\\n1,2\\n2,3\\n3,4\\n"], "dropped.csv"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: given }));
        }"""
    )
    page.locator("#message").wait_for()
    studio.refusals = 2
    assert "dropped.csv: the network reads 1 feature" in page.inner_text("#message")


def test_what_is_seen_is_saved_as_picture_and_as_numbers(studio) -> None:
    page = studio.page

    def saved(ending: str) -> bytes:
        with page.expect_download() as waited:
            page.select_option(".tools select >> nth=1", ending)
        assert waited.value.suggested_filename.endswith(f".{ending}")
        return Path(waited.value.path()).read_bytes()

    for tab in ("cell", "gates", "memory"):
        studio.open(tab)
        drawing = saved("svg").decode()
        ElementTree.fromstring(drawing)
        assert "three.safetensors, waves" in drawing
        assert "svg.gw" in drawing, "it brings its style with it"
    assert Image.open(io.BytesIO(saved("png"))).width > 800
    studio.open("gates")
    page.click("button[aria-label='zoom in']")
    studio.soon("document.querySelector('.map canvas').dataset.shown", "60 120")
    rows = list(csv.reader(saved("csv").decode().splitlines()))
    assert (len(rows), rows[0][:3], rows[1][0]) == (61, ["step", "label", "unit 0"], "60")


def test_units_are_one_stop_of_the_tab_key_and_arrows_go_among_them(studio) -> None:
    page = studio.page
    studio.open("cell")
    page.click(".units button >> nth=3")
    assert page.locator(".units button[tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert page.input_value("#unit") == "11"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "unit 11"
    page.keyboard.press("ArrowRight")
    assert page.input_value("#unit") == "0"


def test_sequences_of_a_file_are_chosen_and_compared(browser, tmp_path) -> None:
    rows = np.random.default_rng(0).normal(size=(6, 5))
    fitted = SequenceClassifier((3,), epochs=1).fit(rows, np.arange(6) % 2)
    model = gatework.save(fitted, tmp_path / "waves.safetensors")
    data = tmp_path / "seen.csv"
    data.write_text("a,b,c\n1,2,3\n4,5,6\n7,8,9\n", encoding="utf-8")
    with served(studio_app([model], data=data)) as there:
        page = browser.new_page(locale="en-GB")
        page.goto(there)
        page.locator("h2", has_text="waves.safetensors, seen.csv").wait_for()
        chosen = page.locator("select[aria-label=sequence]")
        assert chosen.locator("option").count() == 3
        assert page.locator("[name=id_column] option").all_text_contents() == ["–", "a", "b", "c"]
        names = chosen.locator("option").all_text_contents()
        page.click("#tab-gates")
        key = page.locator(".content .key").first
        key.wait_for()
        before = key.inner_text()
        chosen.select_option(names[1])
        page.wait_for_function("x => document.querySelector('.key').innerText !== x", arg=before)
        page.click("#compare")
        page.wait_for_function("() => document.querySelectorAll('.pane .key').length > 4")
        assert [one.input_value() for one in chosen.all()] == names[1:]
        page.close()


def test_two_models_are_compared_under_one_transport(studio) -> None:
    page = studio.page
    studio.open("gates")
    page.click("#compare")
    page.locator("h2", has_text="both").wait_for()
    assert page.locator(".pane").count() == 2
    page.fill("#step", "20")
    marks = page.locator("svg.lines line.cut")
    assert marks.count() == 6
    page.select_option("#other", label="three.safetensors")
    studio.soon("document.querySelectorAll('h2')[1].textContent", "three.safetensors, waves")
    page.click("#compare")
    assert page.locator(".pane").count() == 1


def test_both_directions_of_a_network_can_be_chosen(studio) -> None:
    page = studio.page
    assert page.locator("#direction").is_hidden()
    studio.choose("both.safetensors", "both")
    studio.open("cell")
    value = "document.querySelector('#content-0 svg').textContent"
    before = page.evaluate(value)
    page.select_option("#direction", "reverse")
    studio.soon(f"{value} !== {before!r}", True)


def test_the_tour_walks_through_five_stops_and_escape_ends_it(studio) -> None:
    page = studio.page
    page.click("#tour")
    guide = page.locator("#guide")
    tabs = []
    for at in range(5):
        guide.locator("h2", has_text=f"{at + 1} / 5").wait_for()
        tabs.append(page.locator("[role=tab][aria-selected=true]").get_attribute("id"))
        studio.ready(tabs[-1].removeprefix("tab-"))
        if at < 4:
            page.keyboard.press("Enter")
    assert tabs == ["tab-cell", "tab-gates", "tab-unrolled", "tab-structure", "tab-gradients"]
    page.click("#guide button:text-is('back')")
    guide.locator("h2", has_text="4 / 5").wait_for()
    page.keyboard.press("Escape")
    assert guide.is_hidden()


def test_a_recorded_training_is_watched_and_filmed(studio) -> None:
    page = studio.page
    studio.open("training")
    page.locator("#content-0", has_text="epoch 3").wait_for()
    assert page.locator("#content-0 svg.lines").count() == 2
    page.click("text=film of this training")
    page.locator("#content-0 svg text", has_text="epoch by epoch").first.wait_for()


def test_the_examples_are_trained_and_read_tables_and_text(studio, tmp_path) -> None:
    page = studio.page
    studio.choose("failures a week (example)", "LANL")
    table = tmp_path / "faults.csv"
    table.write_text("faults\n" + "\n".join(str(n % 9) for n in range(50)), encoding="utf-8")
    page.set_input_files("#file", table)
    page.locator("h2", has_text="faults").wait_for()
    assert page.get_attribute("#step", "max") == "49"
    studio.choose("letters (example)", "letters")
    studio.open("text")
    page.fill("textarea", "the gate is open")
    studio.soon("document.querySelector('#step').max", "15")
    assert "%" in page.inner_text(".next")
    assert studio.step() == 15
    page.locator("#content-0 g.mark").nth(3).dispatch_event("click")
    assert studio.step() == 3
    page.fill("textarea", "the gate 7")
    page.locator("#message", has_text="does not know").wait_for()
    studio.refusals = 1


def test_keys_alone_reach_everything(studio) -> None:
    page = studio.page
    page.focus("#tab-structure")
    page.keyboard.press("ArrowRight")
    studio.ready("unrolled")
    assert page.evaluate("document.activeElement.id") == "tab-unrolled"
    page.keyboard.press("End")
    studio.ready("training")
    page.keyboard.press("Home")
    studio.ready("structure")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    assert studio.step() == 118
    reached = set()
    page.focus("#model")
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    wanted = {"file", "tour", "compare", "language", "first", "play", "step", "layer", "unit"}
    assert wanted <= reached


def test_a_narrow_screen_needs_no_sideways_scrolling(studio) -> None:
    page = studio.page
    page.set_viewport_size({"width": 390, "height": 800})
    for tab in ("structure", "cell", "gates", "edit"):
        studio.open(tab)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
