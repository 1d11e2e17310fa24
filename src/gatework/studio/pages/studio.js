// The studio's page: one or two views of models under shared tabs, with a shared transport below.

import { byId, element, roving, setIcon } from "/static/dom.js";
import { askFor, complain, query } from "/static/server.js";
import { choose, follow, hold, state } from "/static/state.js";
import { tour } from "/static/tour.js";
import { NAMES, TABS, View } from "/static/view.js";
import { learn, say, speak } from "/static/words.js";

const PLAY_MS = 250;
const WHERE = { first: () => 0, back: () => state.step - 1, forward: () => state.step + 1, last: () => Number(byId("step").max) };
let playing = null;
let given = null;

/** Put the controls at the bottom where things stand. */
function transport() {
  hold();
  const opened = state.views.filter((view) => view.about?.key);
  byId("transport").hidden = !opened.length;
  if (!opened.length) return;
  const { about } = opened[0];
  const steps = Math.max(...opened.map((view) => view.about.steps));
  const { units } = about.layers[state.layer];
  Object.assign(byId("step"), { max: steps - 1, value: state.step });
  const label = about.text === null ? (about.labels[state.step] ?? "") : "";
  const told = label === String(state.step) ? "" : label;
  byId("where").replaceChildren(`${state.step} / ${steps - 1}`, element("span", {}, told));
  const fill = (id, options, chosen) => {
    const held = JSON.stringify(options);
    if (byId(id).dataset.held !== held) {
      byId(id).replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
      byId(id).dataset.held = held;
    }
    byId(id).value = chosen;
  };
  fill("layer", about.layers.map((layer, n) => [String(n), layer.name]), String(state.layer));
  fill("direction", Object.entries(about.directions), state.direction);
  byId("ways").hidden = Object.keys(about.directions).length < 2;
  fill("signal", Object.keys(units).map((name) => [name, about.signals[name]]), state.signal);
  Object.assign(byId("unit"), { max: units.hidden - 1, value: state.unit });
}

/** The tabs that at least one of the views can fill. */
function shown() {
  const all = new Set(state.views.flatMap((view) => view.tabs));
  return TABS.filter((tab) => all.has(tab));
}

function tabs() {
  const names = shown();
  if (!names.includes(state.tab)) state.tab = "structure";
  byId("tabs").setAttribute("aria-label", say("views"));
  byId("tabs").replaceChildren(
    ...names.map((tab) => {
      const button = element("button", { type: "button", id: `tab-${tab}`, tabIndex: tab === state.tab ? 0 : -1 }, say(NAMES[tab]));
      button.setAttribute("role", "tab");
      button.setAttribute("aria-selected", String(tab === state.tab));
      button.setAttribute("aria-controls", "content-0");
      button.addEventListener("click", () => front(tab));
      return button;
    }),
  );
  byId(`tab-${state.tab}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Bring a tab to the front. */
function front(tab) {
  const focused = document.activeElement?.getAttribute("role") === "tab";
  state.tab = tab;
  tabs();
  if (focused) byId(`tab-${state.tab}`)?.focus();
  return Promise.all(state.views.map((view) => view.draw()));
}

function modelOptions() {
  return state.models.map((model, n) => {
    const note = model.problem ? ` (${say("cannot be opened")})` : model.example ? ` (${say("example")})` : "";
    return element("option", { value: String(n), disabled: Boolean(model.problem), title: model.problem }, (model.example ? say(model.name) : model.name) + note);
  });
}

/** Open a model in a view; if that fails, its choice goes back to what is shown. See View.open. */
async function load(view, number, data) {
  const opened = await view.open(number, data);
  if (opened === null) return null;
  if (view.about) choiceOf(view).value = String(view.about.model);
  if (!opened) return false;
  if (view === state.views[0]) state.step = Math.max(0, (view.about.steps ?? 1) - 1);
  transport();
  tabs();
  await Promise.all(state.views.map((one) => one.draw()));
  return true;
}

/** The list in which the model of a view is chosen. */
function choiceOf(view) {
  return view.select ?? byId("model");
}

/** Open another model: over the data that were dropped, where it comes without its own. */
async function change(view, number) {
  const opened = await load(view, number);
  if (opened === null) return;
  if (opened) {
    if (Number(choiceOf(view).value) !== number) return; // another is on its way
    if (!view.about.key && given?.data === "table" && view.about.reads.includes("table")) await load(view, number, given);
  } else if (state.data) {
    const told = byId("message").textContent; // why it cannot read the file; its structure is shown
    await load(view, number, { data: "none" });
    complain(told);
  }
}

/** Show another sequence of the file that a view has read. */
function repick(view, series) {
  return load(view, view.about.model, { ...view.given, series });
}

async function compare(on) {
  byId("compare").setAttribute("aria-pressed", String(on));
  if (!on) {
    for (const view of state.views.splice(1)) {
      view.leave();
      view.box.remove();
    }
    transport();
    await front(state.tab);
    return;
  }
  const box = element("section", { className: "pane" });
  const select = element("select", { id: "other" }, ...modelOptions());
  select.setAttribute("aria-label", say("model"));
  box.append(select);
  byId("panes").append(box);
  const view = new View(box, repick);
  view.select = select;
  state.views.push(view);
  select.addEventListener("change", () => change(view, Number(select.value)));
  const [first] = state.views;
  const { sequences = [], sequence, model } = first.about ?? {};
  if (sequences.length > 1) {
    const next = sequences[(sequences.indexOf(sequence) + 1) % sequences.length];
    select.value = String(model);
    await load(view, model, { ...first.given, series: next });
    return;
  }
  const usable = state.models.map((_, n) => n).filter((n) => !state.models[n].problem);
  select.value = String(usable.find((n) => n !== state.views[0].about?.model) ?? usable[0]);
  await change(view, Number(select.value));
}

function play(on) {
  byId("play").setAttribute("aria-pressed", String(on));
  setIcon(byId("play"), on ? "pause" : "play");
  clearInterval(playing);
  playing = on ? setInterval(() => (state.step >= Number(byId("step").max) ? play(false) : choose({ step: state.step + 1 })), PLAY_MS) : null;
}

/** Return the columns that are chosen, by what they are for. */
function chosenColumns() {
  const fields = [...byId("columns").querySelectorAll("select")];
  const named = fields.map(({ name, selectedOptions }) => [name, [...selectedOptions].map((one) => one.value).join(",")]);
  return Object.fromEntries(named.filter(([, value]) => value));
}

/** Offer the columns of a file, those that were chosen before still chosen. */
async function offerColumns(file) {
  const { data, body, name } = file;
  const found = (await askFor(`/api/columns?${query({ data, name })}`, { method: "POST", body })) ?? [];
  if (file !== given) return;
  for (const select of byId("columns").querySelectorAll("select")) {
    const chosen = new Set([...select.selectedOptions].map((one) => one.value));
    const none = select.multiple ? [] : [element("option", { value: "" }, "–")];
    select.replaceChildren(...none, ...found.map((value) => element("option", { value, selected: chosen.has(value) }, value)));
    select.disabled = !found.length;
  }
}

/** Read the table or text that was given, with the columns that are chosen. */
async function read() {
  if (!given) {
    complain(say("Choose a file first, or drop one here."));
    return;
  }
  given.columns = chosenColumns();
  given.series = byId("columns").querySelector("input").value.trim();
  for (const view of state.views) {
    if (!view.about) continue;
    if (given.data === "own") {
      await load(view, view.about.model, given);
      continue;
    }
    const reads = view.about.reads.includes("table") ? "table" : "text";
    if (view !== state.views[0] && !view.about.reads.includes(given.data)) continue;
    given.data = reads;
    await load(view, view.about.model, given);
  }
}

async function take(file) {
  given = { data: "table", body: await file.arrayBuffer(), name: file.name, columns: {}, series: "" };
  if (state.views[0].about?.reads.includes("table")) await offerColumns(given);
  await read();
}

function wire() {
  byId("model").addEventListener("change", () => change(state.views[0], Number(byId("model").value)));
  for (const [id, where] of Object.entries(WHERE)) {
    setIcon(byId(id), id);
    byId(id).addEventListener("click", () => choose({ step: where() }));
  }
  setIcon(byId("play"), "play");
  setIcon(byId("more"), "more");
  byId("more").addEventListener("click", () => byId("more").setAttribute("aria-expanded", String(byId("more").ariaExpanded !== "true")));
  byId("play").addEventListener("click", () => play(playing === null));
  byId("step").addEventListener("input", () => choose({ step: Number(byId("step").value) }));
  byId("unit").addEventListener("change", () => {
    choose({ unit: Math.round(Number(byId("unit").value)) });
    transport();
  });
  byId("layer").addEventListener("change", () => choose({ layer: Number(byId("layer").value) }));
  for (const id of ["direction", "signal"]) byId(id).addEventListener("change", () => choose({ [id]: byId(id).value }));
  byId("compare").addEventListener("click", () => compare(state.views.length < 2));
  byId("tour").addEventListener("click", () => tour(byId("guide"), shown(), front));
  byId("file").addEventListener("change", async () => {
    const [file] = byId("file").files;
    byId("file").value = ""; // so that the same file can be chosen again
    if (file) await take(file);
  });
  byId("again").addEventListener("click", async () => {
    await read();
    byId("columns").open = false;
  });
  for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      byId("drop").classList.toggle("over", over);
      if (kind === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    });
  }
  roving(byId("tabs"), (n) => byId("tabs").children[n].click());
  document.addEventListener("keydown", (event) => {
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
    if (event.key === "ArrowRight") choose({ step: state.step + 1 });
    else if (event.key === "ArrowLeft") choose({ step: state.step - 1 });
    else if (event.key === " ") play(playing === null);
    else return;
    event.preventDefault();
  });
  byId("language").addEventListener("change", async () => {
    speak(byId("language").value);
    renew();
    await Promise.all(state.views.map((view) => view.restate()));
    transport();
    await front(state.tab);
  });
  follow(() => transport());
  follow((changed) => {
    for (const view of state.views) view.follow(changed);
  });
}

/** Tell the lists of models in the page's language. */
function renew() {
  for (const select of [byId("model"), ...document.querySelectorAll("#other")]) {
    const chosen = select.value;
    select.replaceChildren(...modelOptions());
    if (chosen) select.value = chosen;
  }
}

async function begin() {
  learn(await askFor("/api/languages"));
  const found = await askFor("/api/models");
  if (!found) return;
  Object.assign(state, found);
  renew();
  const box = element("section", { className: "pane" });
  byId("panes").append(box);
  state.views.push(new View(box, repick));
  state.views[0].content.id = "content-0";
  byId("transport").hidden = true;
  wire();
  tabs();
  const first = state.models.findIndex((model) => !model.problem);
  byId("model").value = String(first);
  if (state.data) {
    given = { data: "own", body: null, name: state.data, columns: {}, series: "" };
    await offerColumns(given);
  }
  await change(state.views[0], first);
  if (!byId("message").hidden) return;
  const broken = state.models.filter((model) => model.problem).map((model) => model.problem);
  if (broken.length) complain(broken.join("\n"));
}

begin();
