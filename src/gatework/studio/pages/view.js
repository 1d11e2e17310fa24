// One model over some data: its title, and the content of the tab that is chosen.

import { element } from "/static/dom.js";
import { exportPane, waysOf } from "/static/export.js";
import { cellPane } from "/static/pane_cell.js";
import { editPane } from "/static/pane_edit.js";
import { findingsPane } from "/static/pane_findings.js";
import { gatesPane } from "/static/pane_gates.js";
import { picturePane } from "/static/pane_picture.js";
import { textPane } from "/static/pane_text.js";
import { trainingPane, watchRun } from "/static/pane_training.js";
import { askFor, complain, query } from "/static/server.js";
import { recorded, state } from "/static/state.js";
import { labelled, say, spoken } from "/static/words.js";

const PANES = {
  structure: picturePane,
  unrolled: picturePane,
  cell: cellPane,
  gates: gatesPane,
  memory: picturePane,
  gradients: picturePane,
  saturation: picturePane,
  text: textPane,
  attribution: picturePane,
  edit: editPane,
  findings: findingsPane,
  training: trainingPane,
};

export const NAMES = {
  structure: "structure",
  unrolled: "unrolled",
  cell: "cell",
  gates: "gates over time",
  memory: "memory",
  gradients: "gradients",
  saturation: "saturation",
  text: "text",
  attribution: "what mattered",
  edit: "what if",
  findings: "findings",
  training: "training",
};

export const TOLD = {
  structure: "How the network is built. To see it at work, go on to “gates over time”, or take the tour.",
  unrolled: "The same network at a few steps, one after the other; the bar at the bottom chooses the step.",
  cell: "What one unit does at one step, and over all steps; the bar at the bottom chooses both.",
  gates: "One signal of all units of a layer, over all steps; the bar at the bottom chooses signal and layer.",
  memory: "How much of what a unit has stored is left some steps later.",
  gradients: "How far back the training signal reaches: a line that falls fast learns nothing from long ago.",
  saturation: "How often each gate is fully closed or fully open; a gate that never moves does little.",
  text: "Type a text; the gates move at each letter.",
  attribution: "What each step of the input added to the result at the chosen step.",
  edit: "Change the input, a gate or a state at the chosen step, and see what becomes of the result.",
  findings: "What stands out in this network, and what to try.",
  training: "Losses and gradients of a recorded training, epoch by epoch.",
};

export const TABS = Object.keys(PANES);

export class View {
  /** ``repick(view, name)`` is called where another sequence of the same file is chosen. */
  constructor(box, repick) {
    this.box = box;
    this.title = element("h2");
    this.content = element("div", { className: "content", id: `content-${state.views.length}` });
    this.content.setAttribute("role", "tabpanel");
    this.badge = element("p", { className: "badge", hidden: true });
    this.badge.setAttribute("role", "status");
    const back = element("button", { type: "button" });
    back.addEventListener("click", () => this.takeBack());
    this.badge.append(element("span"), back);
    this.sequence = element("select");
    this.sequence.addEventListener("change", () => repick(this, this.sequence.value));
    this.saving = element("select");
    this.saving.addEventListener("change", () => {
      const { value } = this.saving;
      this.saving.value = "";
      exportPane(this, value);
    });
    this.told = element("p", { className: "muted told" });
    this.tools = element("p", { className: "tools", hidden: true }, this.sequence, this.saving);
    box.append(element("div", { className: "heading" }, this.title, this.tools), this.badge, this.told, this.content);
    this.about = null;
    this.edits = [];
    this.pane = null;
    this.turn = 0;
    this.asked = 0;
    this.changing = Promise.resolve();
  }

  /** What was edited; as long as there is something, all tabs say so. */
  get edits() {
    return this.made;
  }

  set edits(made) {
    this.made = made;
    this.tellEdits();
  }

  /** Tell of the edits, in the language that was chosen. */
  tellEdits() {
    const [told, back] = this.badge.children;
    this.badge.hidden = !this.made.length;
    told.textContent = labelled(say("These are numbers with edits"), this.made.length);
    back.textContent = say("undo all");
  }

  /** Show the run as it was. */
  async takeBack() {
    if (await this.change(() => [])) await this.draw();
  }

  /**
   * Make new edits of those there are, once earlier changes are done. Returns the server's answer;
   * null if it refuses them, or if the run is no longer shown.
   */
  change(make) {
    const { key } = this.about;
    const work = async () => {
      if (this.about.key !== key) return null;
      const edits = make(this.edits);
      const answer = await askFor(`/api/sessions/${key}/edits`, { method: "POST", body: JSON.stringify(edits) });
      if (!answer || this.about.key !== key) return null;
      this.edits = edits;
      return answer;
    };
    const done = this.changing.then(work);
    this.changing = done.catch(() => null);
    return done;
  }

  /** The tabs that have something to show. */
  get tabs() {
    const { about } = this;
    if (!about) return [];
    const shown = about.key ? TABS.filter((tab) => !about.without.includes(tab)) : ["structure", "training"];
    return recorded().length ? shown : shown.filter((tab) => tab !== "training");
  }

  /**
   * Open the model of a number over data: {data: "own" | "table" | "text" | "none", body, name,
   * columns, series}. Returns whether it could be; if not, all stays as it was. Where another was
   * asked for meanwhile, that one is waited for alone, and null is returned.
   */
  async open(number, given = {}) {
    const { data = "own", body = null, name = "", columns = {}, series = "" } = given;
    const turn = (this.asked += 1);
    const model = state.models[number];
    complain(null);
    this.title.textContent = say(model.example && !model.opened ? "training the example, a few seconds …" : "opening …");
    let stop = null;
    if (model.training !== null && !model.opened) {
      this.leave();
      stop = watchRun(this.content, model.training);
    }
    const parts = { data, language: spoken(), ...columns };
    if (name) parts.name = name;
    if (series) parts.series = series;
    const found = await askFor(`/api/models/${number}/open?${query(parts)}`, {
      method: "POST",
      body,
      told: (message) => turn === this.asked && complain(message),
    });
    if (stop) stop();
    if (found) model.opened = true;
    if (turn !== this.asked) return null;
    if (!found) {
      this.title.textContent = this.about?.title ?? "";
      if (!this.pane) await this.draw();
      return false;
    }
    this.about = found;
    this.given = given;
    this.edits = [];
    this.title.textContent = found.title;
    this.offer();
    return true;
  }

  /** Offer the sequences of the file, in the language chosen. */
  offer() {
    const { sequences = [], named = [], sequence, key } = this.about;
    this.tools.hidden = !key;
    this.sequence.hidden = sequences.length < 2;
    this.sequence.setAttribute("aria-label", say("sequence"));
    this.sequence.replaceChildren(...sequences.map((value, n) => element("option", { value }, named[n] ?? value)));
    this.sequence.value = sequence ?? "";
  }

  /** Offer to save what the tab shows. */
  offerWays() {
    const ways = waysOf(state.tab).map((ending) => element("option", { value: ending }, ending.toUpperCase()));
    this.saving.hidden = !ways.length;
    this.saving.setAttribute("aria-label", say("save …"));
    this.saving.replaceChildren(element("option", { value: "" }, say("save …")), ...ways);
  }

  /** Tell the same session in the language that was chosen. */
  async restate() {
    const { about } = this;
    if (!about?.key) return;
    const language = spoken();
    const found = await askFor(`/api/sessions/${about.key}/about?${query({ language })}`);
    if (this.about !== about || language !== spoken()) return;
    if (found) {
      this.about = found;
      this.title.textContent = found.title;
    }
    this.tellEdits();
    this.offer();
  }

  /** Where this view looks: the page's choices, as far as this model has them. */
  get place() {
    const { about } = this;
    const layer = Math.min(state.layer, about.layers.length - 1);
    const { units } = about.layers[layer];
    const direction = state.direction in about.directions ? state.direction : Object.keys(about.directions)[0];
    const signal = state.signal in units ? state.signal : "hidden";
    return { layer, direction, signal, unit: Math.min(state.unit, units[signal] - 1), step: Math.min(state.step, about.steps - 1) };
  }

  /** Return the address of something of this session, at its place. */
  address(what, parts = {}) {
    return `/api/sessions/${this.about.key}/${what}?${query({ ...this.place, language: spoken(), ...parts })}`;
  }

  /** Stop what the tab is doing. */
  leave() {
    this.turn += 1;
    this.pane?.stop?.();
    this.pane = null;
    this.content.dataset.ready = "";
    this.content.replaceChildren();
    this.content.setAttribute("aria-labelledby", `tab-${state.tab}`);
  }

  /** Draw the tab anew. */
  async draw() {
    this.leave();
    if (!this.about) return;
    this.offerWays();
    this.told.textContent = say(this.about.key ? TOLD[state.tab] : "Choose a file, or drop one here, to see this model at work.");
    if (!this.tabs.includes(state.tab)) {
      this.content.replaceChildren(element("p", { className: "muted" }, this.about.key ? say("This model has nothing to show here.") : ""));
      return;
    }
    const { turn } = this;
    await this.changing; // so that what is drawn has the edits in it
    if (turn !== this.turn) return;
    const pane = PANES[state.tab](this);
    this.pane = pane;
    await pane.drawn;
    if (turn === this.turn) this.content.dataset.ready = state.tab;
  }

  /** Go along with a choice. */
  follow(changed) {
    this.pane?.follow?.(changed);
  }
}
