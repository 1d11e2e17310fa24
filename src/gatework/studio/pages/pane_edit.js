// What if: an input value, a gate or a state is replaced, and the results shown beside the old ones.

import { show } from "/static/draw.js";
import { element, latest } from "/static/dom.js";
import { drawLines, stepName } from "/static/lines.js";
import { askFor, complain } from "/static/server.js";
import { choose } from "/static/state.js";
import { labelled, parted, say } from "/static/words.js";

const EDITABLE = ["input_gate", "forget_gate", "candidate", "output_gate", "cell", "hidden"];

export function editPane(view) {
  const { about } = view;
  const what = element("select");
  what.setAttribute("aria-label", say("change"));
  const fill = () => {
    const chosen = what.value;
    const { units } = about.layers[view.place.layer];
    const inputs = about.features.map((name, n) => element("option", { value: `raw:${n}` }, labelled(say("input value"), name)));
    const signals = EDITABLE.filter((name) => name in units).map((name) => element("option", { value: name }, about.signals[name]));
    what.replaceChildren(...inputs, ...signals);
    if ([...what.options].some((option) => option.value === chosen)) what.value = chosen;
  };
  const value = element("input", { type: "number", step: "any", value: "0" });
  value.setAttribute("aria-label", say("value"));
  const button = (key) => element("button", { type: "button" }, say(key));
  const [change, undo, clear] = [button("change"), button("undo"), button("undo all")];
  const where = element("span", { className: "muted" });
  const list = element("p", { className: "muted edits" });
  list.setAttribute("aria-live", "polite");
  const result = element("select", {}, ...about.results.map((name, n) => element("option", { value: String(n) }, name)));
  const outcome = element("div");
  const chooser = about.results.length > 1 ? [element("label", {}, `${say("result")} `, result)] : [];
  view.content.replaceChildren(element("div", { className: "editor" }, what, where, value, change, undo, clear, ...chooser), list, outcome);
  const at = (step) => say("at {step}").replace("{step}", () => stepName(about.labels, step));
  let found = null;
  let move = () => {};
  let typed = false; // a value that nobody has applied yet, which no number of the run replaces

  /** Return what a feature is in the data, where the network is given ``number``; and back. */
  const inData = (feature, number) => {
    const [factor, offset] = about.scales[feature] ?? [1, 0];
    return Number(((number - offset) / factor).toPrecision(6));
  };
  const given = (feature, number) => {
    const [factor, offset] = about.scales[feature] ?? [1, 0];
    return factor * number + offset;
  };
  const current = latest(async () => {
    const { layer, unit, step } = view.place;
    const raw = what.value.startsWith("raw:");
    const column = Number(what.value.slice(4));
    const unscaled = raw && about.scales[column] === null;
    const place = raw ? (unscaled ? [say("as the network is given it")] : []) : [about.layers[layer].name, `${say("unit")} ${unit}`];
    where.textContent = parted([...place, at(step)]);
    const now = await askFor(view.address("step", { signal: "hidden" }));
    if (!now || typed || document.activeElement === value) return;
    const shown = raw ? inData(column, now.raw[column]) : now.signals[what.value]?.[unit];
    if (shown !== undefined && shown !== null) value.value = shown;
  });
  const look = () => {
    typed &&= document.activeElement === value;
    return current();
  };
  const draw = () => {
    if (!found) return;
    const n = Number(result.value || 0);
    const lines = [{ name: parted([about.results[n], say("as it was")]), values: found.unedited[n], style: "series" }];
    if (view.edits.length) lines.push({ name: say("edited"), values: found.output[n], style: "lstm thick" });
    move = drawLines(outcome, lines, { height: 260, mark: view.place.step, labels: about.labels, picked: (step) => choose({ step }) });
    const told = view.edits.map((one) => {
      const name = one.signal === "raw" ? `${say("input value")} ${about.features[one.unit]}` : parted([about.layers[one.layer].name, `${about.signals[one.signal]} ${one.unit}`]);
      const number = one.signal === "raw" ? inData(one.unit, one.value) : one.value;
      return parted([name, `${stepName(about.labels, one.step)} = ${show(number)}`]);
    });
    const apart = parted([labelled(say("largest difference"), show(found.largest)), at(found.at)]);
    list.textContent = told.length ? [...told, apart].join(say("; ")) : "";
    undo.disabled = clear.disabled = !view.edits.length;
  };
  const apply = async (make) => {
    const answer = await view.change(make);
    if (!answer) return;
    complain(null);
    found = answer;
    draw();
    await look();
  };
  change.addEventListener("click", () => {
    if (value.value === "" || !Number.isFinite(Number(value.value))) {
      complain(say("The value must be a number."));
      return;
    }
    const { layer, unit, step, direction } = view.place;
    const [signal, column] = what.value.split(":");
    const place = signal === "raw" ? { unit: Number(column), layer: 0 } : { unit, layer, direction };
    const number = signal === "raw" ? given(place.unit, Number(value.value)) : Number(value.value);
    const one = { step, signal, value: number, ...place };
    const same = (other) => ["step", "signal", "unit", "layer"].every((name) => other[name] === one[name]) && (signal === "raw" || other.direction === one.direction);
    apply((edits) => [...edits.filter((other) => !same(other)), one]);
  });
  undo.addEventListener("click", () => apply((edits) => edits.slice(0, -1)));
  clear.addEventListener("click", () => apply(() => []));
  what.addEventListener("change", look);
  result.addEventListener("change", draw);
  value.addEventListener("input", () => (typed = true));
  value.addEventListener("keydown", (event) => {
    if (event.key === "Enter") change.click();
  });
  fill();
  return {
    drawn: apply((edits) => edits),
    shown: () => ({ signal: "hidden" }),
    follow: (changed) => {
      if (changed.has("layer") || changed.has("direction")) fill();
      look();
      move(view.place.step);
    },
  };
}
