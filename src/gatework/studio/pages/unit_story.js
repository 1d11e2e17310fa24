// All signals of the chosen unit over the steps: gates above, candidate, cell and hidden state below.

import { element } from "/static/dom.js";
import { drawLines } from "/static/lines.js";
import { askFor } from "/static/server.js";
import { choose } from "/static/state.js";

const GATES = { input_gate: "ig", forget_gate: "fg", output_gate: "og" };
const STATES = { candidate: "gg", cell: "cc", hidden: "hh" };

/** Tells the story of a unit in ``box``; ``span()`` returns the first and last step shown. */
export class UnitStory {
  constructor(view, box, span = () => ({})) {
    Object.assign(this, { view, box, span });
    this.found = null;
    this.movers = [];
  }

  /** Fetch the signals of the unit at the view's place, and draw them. */
  async tell() {
    const found = await askFor(this.view.address("unit", { signal: "hidden" }));
    if (!found) return;
    this.found = found;
    this.draw();
  }

  draw() {
    if (!this.found) return;
    const { about, place } = this.view;
    this.box.replaceChildren();
    this.movers = [];
    for (const [styles, range] of [[GATES, [0, 1]], [STATES, null]]) {
      const names = Object.keys(styles).filter((name) => name in this.found);
      if (!names.length) continue;
      const part = element("div");
      this.box.append(part);
      const lines = names.map((name) => ({ name: about.signals[name], values: this.found[name], style: styles[name] }));
      const options = { height: 120, range, mark: place.step, labels: about.labels, picked: (step) => choose({ step }), ...this.span() };
      this.movers.push(drawLines(part, lines, options));
    }
  }

  /** Move the mark to the view's step. */
  move() {
    for (const mover of this.movers) mover(this.view.place.step);
  }
}
