// A signal of a layer over time: the input, a heat map of all units to browse, and the unit chosen.

import { bring, show } from "/static/draw.js";
import { element, latest } from "/static/dom.js";
import { HeatBrowser } from "/static/heat_browser.js";
import { drawLines, stepName } from "/static/lines.js";
import { findSimilarSteps } from "/static/similar_steps.js";
import { ask, askFor } from "/static/server.js";
import { choose, state } from "/static/state.js";
import { UnitStory } from "/static/unit_story.js";
import { labelled, parted, say } from "/static/words.js";

const SERIES = ["series", "m1", "m2", "m3", "m4"];

export function gatesPane(view) {
  const { about } = view;
  const input = element("div");
  const canvas = element("canvas");
  const rows = element("div", { className: "rows muted" }, element("span"), element("span"));
  const button = (key, act, label = say(key)) => {
    const made = element("button", { type: "button", title: say(key) }, label);
    made.setAttribute("aria-label", say(key));
    made.addEventListener("click", act);
    return made;
  };
  const sorted = element("input", { type: "checkbox", id: `sorted-${view.content.id}` });
  const scale = element("canvas", { className: "scale", width: 140, height: 1 });
  const [low, high] = [element("span"), element("span")];
  const bar = element(
    "div",
    { className: "bar" },
    button("zoom in", () => browser.zoom(0.5), "+"),
    button("zoom out", () => browser.zoom(2), "−"),
    button("all", () => browser.whole()),
    element("label", {}, sorted, ` ${say("units that act alike together")}`),
    element("span", { className: "legend" }, low, scale, high),
  );
  const touched = matchMedia("(pointer: coarse)").matches;
  const ways = touched ? say("Tap to follow a unit, drag sideways to move in time; + and − zoom.") : say("Click to follow a unit; wheel to zoom in time, with Shift in units; drag to move; double click for all. Keys: arrows, + and −, Page Up and Down, 0.");
  const help = element("p", { className: "muted" }, ways);
  const map = element("div", { className: "map" }, rows, canvas, bar);
  const storyBox = element("div");
  const similarBox = element("div");
  view.content.replaceChildren(input, map, help, storyBox, similarBox);
  const tip = bring(view.content);
  const story = new UnitStory(view, storyBox, () => ({ first: browser.first, last: browser.last }));
  let moveInput = () => {};

  const units = () => about.layers[view.place.layer].units[view.place.signal];
  const drawInput = () => {
    if (about.text !== null || !about.values.length) return;
    const lines = about.values.map((column, n) => ({ name: about.names[n], values: column, style: SERIES[n] }));
    moveInput = drawLines(input, lines, { mark: view.place.step, labels: about.labels, picked: (step) => choose({ step }), first: browser.first, last: browser.last });
  };
  let due = false;
  const moved = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(redraw);
  };
  const redraw = () => {
    due = false;
    rows.firstChild.textContent = browser.order ? "" : String(browser.top);
    rows.lastChild.textContent = browser.order ? "" : String(browser.bottom - 1);
    const { tile } = browser;
    if (tile) {
      [low.textContent, high.textContent] = [show(tile.low), show(tile.high)];
      const paint = scale.getContext("2d");
      const image = new ImageData(tile.colours.length, 1);
      new Uint32Array(image.data.buffer).set(tile.colours);
      const strip = new OffscreenCanvas(tile.colours.length, 1);
      strip.getContext("2d").putImageData(image, 0, 0);
      paint.drawImage(strip, 0, 0, 140, 1);
    }
    drawInput();
    story.draw();
  };
  const browser = new HeatBrowser(canvas, {
    steps: about.steps,
    units: units(),
    colours: state.colours,
    ask: async (first, last, columns) => {
      const answer = await ask(view.address("tile", { first, last, columns, unit: 0, step: 0 }));
      return answer ? answer.arrayBuffer() : null;
    },
    told: (at) => {
      if (!at) tip.hide();
      else tip.show(labelled(parted([stepName(about.labels, at.step), `${say("unit")} ${at.unit}`]), at.value), at.x, at.y);
    },
    picked: (at) => choose({ step: at.step, unit: at.unit }),
    moved,
  });
  const arrange = latest(async () => {
    const order = sorted.checked ? await askFor(view.address("order", { unit: 0 })) : null;
    browser.arrange(order);
    browser.mark(view.place.step, view.place.unit);
  });
  sorted.addEventListener("change", arrange);
  const name = () => canvas.setAttribute("aria-label", `${about.signals[view.place.signal]}, ${about.layers[view.place.layer].name}. ${ways}`);
  const tell = latest(() => story.tell());
  const another = async () => {
    name();
    browser.units = units();
    browser.tile = null;
    browser.top = 0;
    browser.bottom = browser.units;
    browser.arrange(null);
    await browser.refresh();
    await arrange();
  };
  name();
  drawInput();
  const searching = findSimilarSteps(view, similarBox);
  browser.mark(view.place.step, view.place.unit);
  return {
    drawn: Promise.all([browser.refresh(), tell()]),
    stop: () => browser.stop(),
    shown: () => ({ first: browser.first, last: browser.last, top: browser.top, bottom: browser.bottom, sorted: Number(sorted.checked) }),
    follow: (changed) => {
      if (changed.has("layer") || changed.has("signal") || changed.has("direction")) another();
      else browser.mark(view.place.step, view.place.unit);
      moveInput(view.place.step);
      if (changed.has("unit") || changed.has("layer") || changed.has("direction")) tell();
      else story.move();
      searching.clear();
    },
  };
}
