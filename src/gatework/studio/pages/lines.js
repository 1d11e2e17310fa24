// Lines over steps, as SVG: a series, results edited and unedited, the signals of a unit, losses.

import { show } from "/static/draw.js";
import { drawn } from "/static/dom.js";
import { say } from "/static/words.js";

const LEFT = 56;
const RIGHT = 8;

const isShown = (value, log) => value !== null && Number.isFinite(value) && (!log || value > 0);

/** Return the least and the largest value of all lines. */
function extent(lines, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) {
      if (!isShown(value, log)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? [log ? 1 : 0, 1] : [low, high];
}

/** Return what a step is called: its label, after the word for a step where that is its number. */
export const stepName = (labels, step) => (labels[step] === String(step) ? say("step {n}").replace("{n}", step) : (labels[step] ?? ""));

/**
 * Draw lines into ``box``. ``lines``: [{name, values, style}], values by step, null where unknown.
 * ``range`` is [low, high] where the values' own is not wanted; ``first`` and ``last`` bound the
 * steps that are shown; ``mark`` is a step to mark; ``labels`` names the steps; ``picked(step)`` is
 * called on a click. Returns a function that moves the mark.
 */
export function drawLines(box, lines, { height = 120, mark = null, labels = null, picked = null, log = false, range = null, first = 0, last = null } = {}) {
  const width = Math.max(240, box.clientWidth || 600);
  const end = last ?? Math.max(1, ...lines.map((line) => line.values.length));
  const of = (value) => (log ? Math.log(value) : value);
  let [low, high] = range ?? extent(lines, log).map(of);
  if (high - low < 1e-12) [low, high] = [low - 0.5, high + 0.5];
  const [top, bottom] = [8, height - 8];
  const x = (step) => LEFT + ((step - first + 0.5) / (end - first)) * (width - LEFT - RIGHT);
  const y = (value) => bottom - ((of(value) - low) / (high - low)) * (bottom - top);
  const svg = drawn("svg", { class: "gw lines", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  svg.append(drawn("title", {}, lines.map((line) => line.name).join(", ")));
  const written = (value) => show(log ? Math.exp(value) : value);
  for (const [value, at] of [[high, top + 9], [low, bottom]]) {
    svg.append(drawn("text", { class: "muted end small", x: LEFT - 6, y: at }, written(value)));
  }
  if (low < 0 && high > 0 && !log) svg.append(drawn("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(0), y2: y(0) }));
  for (const line of lines) svg.append(drawn("path", { class: line.style, d: trace(line.values) }));
  const cut = drawn("line", { class: "cut", y1: top, y2: bottom });
  svg.append(cut);

  function trace(values) {
    let data = "";
    let pen = "M";
    const stride = Math.max(1, Math.floor((end - first) / (2 * width)));
    for (let step = first; step < Math.min(end, values.length); step += stride) {
      const value = values[step];
      if (!isShown(value, log)) {
        pen = "M";
        continue;
      }
      data += `${pen}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    }
    return data;
  }

  const place = (event) => {
    const bounds = svg.getBoundingClientRect();
    const across = ((event.clientX - bounds.left) / bounds.width) * width;
    const step = first + Math.floor(((across - LEFT) / (width - LEFT - RIGHT)) * (end - first));
    return Math.max(first, Math.min(end - 1, step));
  };
  if (picked) svg.addEventListener("click", (event) => picked(place(event)));
  const key = document.createElement("p");
  key.className = "key";
  const tell = (step) => {
    const parts = lines.map((line) => {
      const swatch = drawn("svg", { class: "gw", viewBox: "0 0 22 10", "aria-hidden": "true" }, drawn("path", { class: line.style, d: "M0 5H22" }));
      const part = document.createElement("span");
      const value = line.values[step];
      part.append(swatch, `${line.name} ${value === null || value === undefined ? "" : show(value)}`);
      return part;
    });
    key.replaceChildren(...parts, ...(labels ? [stepName(labels, step)] : []));
  };
  let marked = mark;
  const move = (step) => {
    marked = step;
    const shown = step !== null && step >= first && step < end;
    cut.style.display = shown ? "" : "none";
    if (shown) for (const name of ["x1", "x2"]) cut.setAttribute(name, x(step));
    tell(step ?? end - 1);
  };
  svg.addEventListener("pointermove", (event) => tell(place(event)));
  svg.addEventListener("pointerdown", (event) => tell(place(event)));
  svg.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && tell(marked ?? end - 1));
  move(mark);
  box.replaceChildren(svg, key);
  return move;
}
