// The axes of a plot: which ticks a window of its frame gets, and where they are drawn.

const NAMESPACE = "http://www.w3.org/2000/svg";
const DEEPEST = 64; // how far an axis of numbers is zoomed into
const LETTER = 3.4; // half the width of a letter of a tick

function made(name, attributes, text = "") {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

const numbersOf = (text) => (text ? text.split(" ").map(Number) : []);

/** Return the runs of points of a path of straight lines. */
function runsOf(path) {
  return path
    .getAttribute("d")
    .split("M")
    .slice(1)
    .map((run) => run.replace("Z", "").split("L").map((pair) => numbersOf(pair)));
}

/** Return round values from low to high, and how each is written. */
function roundTicks(low, high, count, whole) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = power * [1, 2, 5, 10].find((times) => power * times >= rough * (1 - 1e-9));
  if (whole) step = Math.max(1, Math.round(step));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const extreme = Math.max(Math.abs(low), Math.abs(high)) >= 1e7 || step < 1e-5;
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const value = (first + at) * step;
    return [value, extreme ? show(value) : value.toFixed(digits)];
  });
}

/** Return 1, 2 and 5 times the powers of ten from low to high; round values where there are few. */
function logTicks(low, high, count, whole) {
  const values = [];
  for (let at = Math.floor(Math.log10(low)); at <= Math.ceil(Math.log10(high)); at += 1)
    for (const times of [1, 2, 5]) values.push(Number(`${times}e${at}`));
  const kept = values.filter((v) => v >= low && v <= high && !(whole && v % 1));
  if (kept.length < 3 || kept.length > count) return roundTicks(low, high, count, whole);
  return kept.map((value) => [value, show(value)]);
}

/** An axis: what its ticks are between two places of its frame. */
class PlotAxis {
  constructor(group, start, end, upright) {
    Object.assign(this, { group, start, end, upright });
    const [kind, low, high] = (group.dataset.ends ?? "periods 0 1").split(" ");
    this.kind = kind;
    this.change = kind === "log" ? Math.log : (value) => value;
    this.restore = kind === "log" ? Math.exp : (value) => value;
    this.low = this.change(Number(low));
    this.high = this.change(Number(high));
    this.drawn = [...group.children];
    this.bare = this.drawn.every((part) => part.localName !== "text" || !part.textContent);
    const levels = group.dataset.levels;
    this.levels = levels === undefined ? null : levels ? levels.split("\n\n") : [];
  }

  get deepest() {
    return this.levels ? 2 ** Math.max(this.levels.length, 1) : DEEPEST;
  }

  /** Return the places and texts of ticks where the axis shows only from one place to another. */
  ticks(from, to) {
    if (this.levels) {
      const depth = Math.floor(Math.log2((this.end - this.start) / (to - from)) + 1e-9);
      const level = this.levels[Math.min(depth, this.levels.length) - 1];
      if (level === undefined) return null;
      return level.split("\n").map((line) => {
        const space = line.indexOf(" ");
        return [Number(line.slice(0, space)), line.slice(space + 1)];
      });
    }
    const share = (place) => (place - this.start) / (this.end - this.start);
    const ends = [from, to].map((place) => this.restore(this.low + share(place) * (this.high - this.low)));
    const [low, high] = ends.sort((a, b) => a - b);
    const count = Math.max(2, Math.round(Math.abs(this.end - this.start) / (this.upright ? 32 : 84)));
    const ticks = (this.kind === "log" ? logTicks : roundTicks)(low, high, count, this.group.dataset.whole);
    return ticks.map(([value, label]) => {
      const part = (this.change(value) - this.low) / (this.high - this.low);
      return [this.start + part * (this.end - this.start), label];
    });
  }

  /** Draw the ticks at their places now; null draws those of the whole. */
  draw(ticks, placed, [left, top, right, bottom]) {
    if (!ticks) {
      this.group.replaceChildren(...this.drawn);
      return;
    }
    const tick = this.upright ? ".grid, .tick-y" : ".tick-x, .grid, line.axis";
    const line = (part) => part.localName === "line" && part.getAttribute("x1") !== part.getAttribute("x2");
    const kept = this.drawn.filter((part) => !part.matches(tick) || (!this.upright && line(part)));
    const grid = this.drawn.some((part) => part.matches(".grid"));
    const parts = [];
    for (const [place, label] of ticks) {
      const at = placed(place);
      if (this.upright ? at < top - 1 || at > bottom + 1 : at < left - 1 || at > right + 1) continue;
      if (this.upright) {
        parts.push(made("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }));
        if (!this.bare) parts.push(made("text", { class: "muted end tick-y", x: left - 8, y: at + 4 }, label));
      } else {
        if (grid) parts.push(made("line", { class: "grid", x1: at, x2: at, y1: top, y2: bottom }));
        parts.push(made("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }));
        const most = right + 6 - LETTER * label.length; // so that the last text stays in the picture
        parts.push(made("text", { class: "muted mid tick-x", x: Math.min(at, most), y: bottom + 18 }, label));
      }
    }
    this.group.replaceChildren(...parts, ...kept);
  }
}
