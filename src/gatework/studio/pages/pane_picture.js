// A picture of the library as the server draws it, with marks that can be clicked.

import { bring } from "/static/draw.js";
import { element, latest } from "/static/dom.js";
import { ask, query } from "/static/server.js";
import { choose, state } from "/static/state.js";
import { say, spoken } from "/static/words.js";

const AT_STEP = new Set(["unrolled", "attribution"]);
const NARROW = 640;

/** Put a picture's SVG into ``box`` and bring it to life; marks of steps and units lead there. */
export function putPicture(box, svg) {
  // The server's own drawing: every text in it is escaped there, and the policy lets no script run.
  box.innerHTML = svg;
  bring(box);
  for (const mark of box.querySelectorAll("[data-unit], [data-step], [data-layer]")) {
    const { unit, step, layer } = mark.dataset;
    const to = {};
    if (layer !== undefined) to.layer = Number(layer);
    if (unit !== undefined) to.unit = parseInt(unit); // the first of those that stand together
    if (step !== undefined) to.step = Number(step);
    mark.addEventListener("click", () => choose(to));
  }
  highlight(box);
}

/** Make the chosen unit, or what belongs to the chosen step, stand out. */
export function highlight(box) {
  for (const mark of box.querySelectorAll("[data-unit]")) {
    const chosen = mark.dataset.unit.split(" ").includes(String(state.unit)) && Number(mark.dataset.layer) === state.layer;
    mark.classList.toggle("in-focus", chosen);
    if (chosen) mark.parentNode.append(mark);
  }
  for (const mark of box.querySelectorAll(".layer[data-step]")) {
    mark.classList.toggle("in-focus", Number(mark.dataset.step) === state.step);
  }
}

/** Fetch a picture into ``box``; what cannot be drawn is told there. */
export async function fetchPicture(box, address) {
  box.classList.toggle("scroll", !address.includes("width="));
  const answer = await ask(address, { told: (message) => box.replaceChildren(element("p", { className: "muted" }, message)) });
  if (answer) putPicture(box, await answer.text());
}

/** Return what a view asks of a picture so that it is drawn anew for a phone. */
export function sizeOf(view) {
  const wide = view.content.clientWidth;
  return wide < NARROW ? { width: wide } : {};
}

/** Move a picture that is wider than its box so that the chosen step is seen. */
function bringStep(box) {
  const chosen = box.querySelector(`[data-step="${state.step}"]`);
  if (!chosen) return;
  const [{ left, width }, around] = [chosen.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollLeft += left + width / 2 - around.left - around.width / 2;
}

export function picturePane(view) {
  const { about } = view;
  const name = state.tab;
  const box = element("div");
  const controls = element("div", { className: "editor" });
  let result = 0;
  view.content.replaceChildren(controls, box);
  /** Of five unrolled steps the chosen one is in the middle; on a phone it is the first. */
  const step = () => (name === "unrolled" && !sizeOf(view).width ? Math.max(0, view.place.step - 2) : view.place.step);
  const address = () => {
    const size = sizeOf(view);
    if (!about.key) return `/api/models/${about.model}/picture/${name}?${query({ language: spoken(), ...size })}`;
    return view.address(`picture/${name}`, { signal: "hidden", result, step: step(), ...size });
  };
  const draw = latest(async () => {
    await fetchPicture(box, address());
    bringStep(box);
  });
  if (name === "attribution" && about.results.length > 1) {
    const select = element("select", {}, ...about.results.map((text, n) => element("option", { value: String(n) }, text)));
    select.addEventListener("change", () => {
      result = Number(select.value);
      draw();
    });
    controls.append(element("label", {}, `${say("result")} `, select));
  }
  return {
    drawn: draw(),
    shown: () => ({ result, signal: "hidden" }),
    follow: (changed) => {
      if (AT_STEP.has(name) && changed.has("step")) draw();
      else highlight(box);
    },
  };
}
