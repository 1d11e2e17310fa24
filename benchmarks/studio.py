"""How long the studio takes, in a real browser, from a key to what it shows.

A step of three layers of 256 units: from the press of a button to the frame in which the cell with
its numbers, the colours of all units, and the marks of all charts are drawn. A run of 5,000 steps
over 512 units: from a turn of the wheel to the frame in which the heat map of the new stretch is
drawn, and the longest frame while it is dragged.

    python benchmarks/studio.py [--quick]

Needs playwright and a Chromium of the system.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import threading
from pathlib import Path

import numpy as np
import uvicorn
from playwright.sync_api import sync_playwright

import gatework
from gatework import LSTM
from gatework.studio import studio_app
from gatework.studio.serving import listen
from gatework.train import seeded

RESULT = Path(__file__).parent / "results" / "studio.md"

# Times an act on the page: from the act until ``done`` has changed and a frame was painted after.
TIMED = """async ([act, mark]) => {
  const state = () => document.querySelector(mark)?.textContent ?? "";
  const acts = {
    forward: () => document.getElementById("forward").click(),
    back: () => document.getElementById("back").click(),
  };
  const before = document.querySelector(mark);
  const text = state();
  const start = performance.now();
  acts[act]();
  while (document.querySelector(mark) === before && state() === text) {
    await new Promise((go) => setTimeout(go, 0));
  }
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
  return performance.now() - start;
}"""

# Turns the wheel, and waits until a tile of the new stretch is drawn.
WHEEL = """async (delta) => {
  const canvas = document.querySelector(".map canvas");
  const drawn = () => canvas.dataset.shown ?? "";
  const box = canvas.getBoundingClientRect();
  const where = { clientX: box.left + box.width / 2, clientY: box.top + 40, bubbles: true };
  const before = drawn();
  const start = performance.now();
  canvas.dispatchEvent(new WheelEvent("wheel", { ...where, deltaY: delta }));
  while (drawn() === before) await new Promise((go) => setTimeout(go, 0));
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
  return performance.now() - start;
}"""

# Drags the map to and fro, a move each frame; returns the time of every frame.
DRAG = """async (frames) => {
  const canvas = document.querySelector(".map canvas");
  const box = canvas.getBoundingClientRect();
  const event = (kind, x) => {
    const where = { clientX: x, clientY: box.top + 50, pointerId: 1, bubbles: true };
    canvas.dispatchEvent(new PointerEvent(kind, where));
  };
  canvas.setPointerCapture = () => {};
  const middle = box.left + box.width / 2;
  const times = [];
  event("pointerdown", middle);
  let last = await new Promise((go) => requestAnimationFrame(go));
  for (let n = 1; n <= frames; n += 1) {
    event("pointermove", middle + 300 * Math.sin(n / 12));
    const now = await new Promise((go) => requestAnimationFrame(go));
    times.push(now - last);
    last = now;
  }
  event("pointerup", middle);
  return times;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description="How long the studio takes in a browser.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, nothing written")
    quick = parser.parse_args().quick
    repeats = 10 if quick else 60
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with seeded(0):
            gatework.save(LSTM(1, [256, 256, 256]), folder / "three.safetensors")
            gatework.save(LSTM(1, [512]), folder / "wide.safetensors")
        values = np.sin(np.arange(5000) / 9) + np.random.default_rng(0).normal(0, 0.2, 5000)
        table = folder / "long.csv"
        table.write_text("value\n" + "\n".join(f"{v:.5f}" for v in values), encoding="utf-8")
        rows = _measure(folder, table, repeats)
    text = _report(rows, repeats)
    print(text)
    if not quick:
        RESULT.write_text(text, encoding="utf-8")


def _measure(folder: Path, table: Path, repeats: int) -> list[tuple[str, list[float]]]:
    models = [folder / "three.safetensors", folder / "wide.safetensors"]
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            studio_app(models), log_level="warning", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            return _browse(f"http://127.0.0.1:{listening.getsockname()[1]}/", table, repeats)
        finally:
            server.should_exit = True
            thread.join()


def _browse(address: str, table: Path, repeats: int) -> list[tuple[str, list[float]]]:
    rows = []
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1250, "height": 900})
        page.goto(address)
        page.locator('#content-0[data-ready="structure"]').wait_for()
        for tab, mark in (
            ("cell", "#content-0 svg"),
            ("gates", "#content-0 .key"),
            ("unrolled", "#content-0 svg"),
        ):
            page.click(f"#tab-{tab}")
            page.locator(f'#content-0[data-ready="{tab}"]').wait_for()
            page.fill("#step", "30")
            page.wait_for_timeout(500)
            times = [page.evaluate(TIMED, ["forward", mark]) for _ in range(repeats)]
            rows.append((f"a step of 3 x 256 units, {tab}", times[2:]))
        page.select_option("#model", label="wide.safetensors")
        page.locator("h2", has_text="wide").wait_for()
        page.set_input_files("#file", table)
        page.locator("h2", has_text="long.csv").wait_for()
        page.click("#tab-gates")
        page.locator('#content-0[data-ready="gates"]').wait_for()
        page.wait_for_timeout(1000)
        times = [page.evaluate(WHEEL, -120 if n % 8 < 6 else 360) for n in range(repeats)]
        rows.append(("zoom into 5,000 steps x 512 units", times[2:]))
        page.evaluate(WHEEL, -900)
        page.wait_for_timeout(500)
        rows.append(("frames while that is dragged", page.evaluate(DRAG, 2 * repeats)))
        browser.close()
    return rows


def _report(rows: list[tuple[str, list[float]]], repeats: int) -> str:
    lines = [
        "# The studio in a browser",
        "",
        f"`python benchmarks/studio.py`, {repeats} repetitions; {platform.machine()}, "
        f"{os.cpu_count()} processors for server and headless browser together. Milliseconds from "
        "the act to the frame that shows it.",
        "",
        "| | median | 95 % | largest |",
        "|---|---|---|---|",
    ]
    for name, times in rows:
        middle, high = np.percentile(times, [50, 95])
        lines.append(f"| {name} | {middle:.0f} | {high:.0f} | {max(times):.0f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
