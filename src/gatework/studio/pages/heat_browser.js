// A heat map of any length on a canvas: values and shades come from the server as tiles, drawn in its colours.

import { show } from "/static/draw.js";

const FEWEST = 8;

function table(stops) {
  return Uint32Array.from(stops, ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
}

/**
 * Browses one signal of one layer.
 *
 * ``ask(first, last, columns)`` returns an ArrayBuffer: low, high, rows, columns, values, then the shades;
 * ``colours`` has the palettes; ``order`` the units from top to bottom, null as they are numbered;
 * ``told`` is given what lies under the pointer, ``picked`` what was clicked, ``moved`` is called
 * when other steps or units come into view.
 */
export class HeatBrowser {
  constructor(canvas, { steps, units, colours, ask, told, picked, moved }) {
    Object.assign(this, { canvas, steps, units, ask, told, picked, moved });
    this.tables = { sequential: table(colours.sequential), diverging: table(colours.diverging) };
    this.first = 0;
    this.last = steps;
    this.top = 0;
    this.bottom = units;
    this.order = null;
    this.tile = null;
    this.wanted = 0;
    this.pointer = null;
    this.step = 0;
    this.unit = 0;
    canvas.tabIndex = 0;
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => (this.held = null)); // the page is scrolled
    canvas.addEventListener("pointerleave", (event) => {
      this.pointer = null;
      if (event.pointerType === "mouse") this.told(null);
    });
    canvas.addEventListener("dblclick", () => this.whole());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    this.watching = new ResizeObserver(() => this.refresh());
    this.watching.observe(canvas);
  }

  /** Stop watching the canvas. */
  stop() {
    this.watching.disconnect();
  }

  /** Show steps from ``first`` to before ``last`` and rows from ``top`` to before ``bottom``. */
  show(first, last, top = this.top, bottom = this.bottom) {
    const span = Math.max(Math.min(FEWEST, this.steps), Math.min(this.steps, Math.round(last - first)));
    const tall = Math.max(Math.min(4, this.units), Math.min(this.units, Math.round(bottom - top)));
    const before = [this.first, this.last];
    this.first = Math.max(0, Math.min(this.steps - span, Math.round(first)));
    this.last = this.first + span;
    this.top = Math.max(0, Math.min(this.units - tall, Math.round(top)));
    this.bottom = this.top + tall;
    this.draw();
    this.moved();
    if (before[0] !== this.first || before[1] !== this.last) this.refresh();
  }

  /** Show all steps and units. */
  whole() {
    this.show(0, this.steps, 0, this.units);
  }

  /** Show less, for a factor below 1, or more of both steps and units, around the mark. */
  zoom(factor) {
    const steps = (this.last - this.first) * factor;
    const units = (this.bottom - this.top) * factor;
    const row = this.rowOf(this.unit);
    this.show(this.step - steps / 2, this.step + steps / 2, row - units / 2, row + units / 2);
  }

  /** Put the units into another order; null for that of their numbers. */
  arrange(order) {
    this.order = order;
    this.rows = order && Object.fromEntries(order.map((unit, row) => [unit, row]));
    this.draw();
    this.moved();
  }

  unitAt(row) {
    return this.order ? this.order[row] : row;
  }

  rowOf(unit) {
    return this.rows ? this.rows[unit] : unit;
  }

  /** Mark a step and a unit, and bring them into view. */
  mark(step, unit) {
    this.step = step;
    this.unit = unit;
    const row = this.rowOf(unit);
    const aside = step < this.first || step >= this.last || row < this.top || row >= this.bottom;
    if (!aside) {
      this.draw();
      return;
    }
    const [wide, tall] = [this.last - this.first, this.bottom - this.top];
    const inSteps = step >= this.first && step < this.last;
    const inRows = row >= this.top && row < this.bottom;
    const first = inSteps ? this.first : step - wide / 2;
    const top = inRows ? this.top : row - tall / 2;
    this.show(first, first + wide, top, top + tall);
  }

  async refresh() {
    const { width } = this.canvas.getBoundingClientRect();
    if (!width) return;
    const number = (this.wanted += 1);
    const { first, last } = this;
    const columns = Math.max(1, Math.min(last - first, Math.round(width)));
    const buffer = await this.ask(first, last, columns);
    if (number !== this.wanted || !buffer) return;
    const head = new DataView(buffer);
    const [low, high] = [head.getFloat64(0, true), head.getFloat64(8, true)];
    const [rows, wide] = [head.getUint32(16, true), head.getUint32(20, true)];
    const values = new Float32Array(buffer, 24, rows * wide);
    const shades = new Uint8Array(buffer, 24 + values.byteLength);
    const colours = this.tables[low < 0 ? "diverging" : "sequential"];
    this.tile = { first, last, low, high, rows, columns: wide, values, shades, colours, picture: null, drawnAs: undefined };
    this.canvas.dataset.shown = `${first} ${last}`;
    this.draw();
    this.moved();
    if (this.pointer) this.#tell(this.pointer); // it rests on other values now
  }

  /** Return the tile as an image, its rows in our order. */
  #picture() {
    const { tile } = this;
    if (tile.picture && tile.drawnAs === this.order) return tile.picture;
    const image = new ImageData(tile.columns, tile.rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < tile.rows; row += 1) {
      const from = this.unitAt(row) * tile.columns;
      for (let n = 0; n < tile.columns; n += 1) pixels[row * tile.columns + n] = tile.colours[tile.shades[from + n]];
    }
    tile.picture = new OffscreenCanvas(tile.columns, tile.rows);
    tile.picture.getContext("2d").putImageData(image, 0, 0);
    tile.drawnAs = this.order;
    return tile.picture;
  }

  draw() {
    const { canvas, tile } = this;
    const box = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const paint = canvas.getContext("2d");
    paint.imageSmoothingEnabled = false;
    paint.clearRect(0, 0, width, height);
    if (!tile) return;
    const each = width / (this.last - this.first);
    const tall = height / (this.bottom - this.top);
    const left = (tile.first - this.first) * each;
    const [rows, start] = [this.bottom - this.top, this.top];
    paint.drawImage(this.#picture(), 0, start, tile.columns, rows, left, 0, (tile.last - tile.first) * each, height);
    paint.lineWidth = 1.5 * ratio;
    const across = [(this.step - this.first) * each, -3, Math.max(each, 3), height + 6];
    const down = [-3, (this.rowOf(this.unit) - this.top) * tall, width + 6, Math.max(tall, 3)];
    for (const [colour, grow] of [["#ffffff", 1.5 * ratio], ["#1b2027", 0]]) {
      paint.strokeStyle = colour;
      for (const [x, y, w, h] of [across, down]) paint.strokeRect(x - grow, y - grow, w + 2 * grow, h + 2 * grow);
    }
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    const across = Math.min(0.999999, Math.max(0, (event.clientX - box.left) / box.width));
    const down = Math.min(0.999999, Math.max(0, (event.clientY - box.top) / box.height));
    const row = this.top + Math.floor(down * (this.bottom - this.top));
    return { step: this.first + Math.floor(across * (this.last - this.first)), row, unit: this.unitAt(row), across, down };
  }

  #value(step, unit) {
    const { tile } = this;
    if (!tile || step < tile.first || step >= tile.last) return null;
    const column = Math.min(tile.columns - 1, Math.floor(((step - tile.first) / (tile.last - tile.first)) * tile.columns));
    return tile.values[unit * tile.columns + column];
  }

  #wheel(event) {
    event.preventDefault();
    const { across, down } = this.#place(event);
    const grow = Math.exp((event.deltaY || event.deltaX) * 0.002);
    if (event.shiftKey) {
      const tall = (this.bottom - this.top) * grow;
      const middle = this.top + down * (this.bottom - this.top);
      this.show(this.first, this.last, middle - down * tall, middle + (1 - down) * tall);
      return;
    }
    const span = (this.last - this.first) * grow;
    const middle = this.first + across * (this.last - this.first);
    this.show(middle - across * span, middle + (1 - across) * span);
  }

  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.held = { x: event.clientX, y: event.clientY, first: this.first, top: this.top, moved: false };
  }

  #move(event) {
    const { held } = this;
    if (held && (held.moved || Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4)) {
      const box = this.canvas.getBoundingClientRect();
      const [span, tall] = [this.last - this.first, this.bottom - this.top];
      const first = held.first + ((held.x - event.clientX) / box.width) * span;
      const top = held.top + ((held.y - event.clientY) / box.height) * tall;
      held.moved = true;
      this.show(first, first + span, top, top + tall);
      return;
    }
    this.#tell(event);
  }

  #tell(event) {
    this.pointer = event.pointerType === "mouse" ? event : null;
    const { step, unit } = this.#place(event);
    const value = this.#value(step, unit);
    this.told(value === null ? null : { step, unit, value: show(value), x: event.clientX, y: event.clientY });
  }

  #up(event) {
    const { held } = this;
    this.held = null;
    if (!held || held.moved) return;
    this.#tell(event); // a finger has no pointer that rests
    this.picked(this.#place(event));
  }

  #key(event) {
    const span = this.last - this.first;
    const row = this.rowOf(this.unit);
    const to = (next) => this.picked({ step: this.step, unit: this.unitAt(Math.max(0, Math.min(this.units - 1, next))) });
    const acts = {
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      0: () => this.whole(),
      PageUp: () => this.show(this.first - span / 2, this.last - span / 2),
      PageDown: () => this.show(this.first + span / 2, this.last + span / 2),
      ArrowUp: () => to(row - 1),
      ArrowDown: () => to(row + 1),
      ArrowLeft: () => this.picked({ step: this.step - 1, unit: this.unit }),
      ArrowRight: () => this.picked({ step: this.step + 1, unit: this.unit }),
    };
    if (!(event.key in acts)) return;
    acts[event.key]();
    event.preventDefault();
    event.stopPropagation();
  }
}
