// What is seen as a file: the pictures of a tab as they stand as SVG or PNG, its numbers as CSV.

import { offer, savePicture } from "/static/draw.js";
import { byId, drawn } from "/static/dom.js";
import { ask } from "/static/server.js";
import { state } from "/static/state.js";
import { parted } from "/static/words.js";

const [PICTURES, ALL] = [["svg", "png"], ["svg", "png", "csv"]];
const FEWER = { structure: PICTURES, training: PICTURES, findings: [] };

/** Return the endings of the files that can be saved of a tab. */
export const waysOf = (tab) => FEWER[tab] ?? ALL;

const HEAD = 30;
const SEEN = "svg.gw, canvas, .units button, .key span, .rows span, .legend span, .next";

/** Return what draws a node of the page as part of a picture, and the place where it stands. */
function partOf(node) {
  const { left, top, width, height } = node.getBoundingClientRect();
  if (node.matches("canvas")) return [drawn("image", { href: node.toDataURL(), width, height, preserveAspectRatio: "none" }), left, top];
  if (node.matches("button")) return [drawn("rect", { width, height, rx: 3, style: `fill: ${node.style.background}` }), left, top];
  if (node.matches("svg")) {
    const copy = node.cloneNode(true);
    for (const [name, value] of [["width", width], ["height", height]]) copy.setAttribute(name, value);
    return [copy, left, top];
  }
  const range = document.createRange();
  range.selectNodeContents(node.lastChild ?? node);
  const box = range.getBoundingClientRect();
  return [drawn("text", { y: 13 }, node.lastChild?.textContent ?? ""), box.left, box.top];
}

/** Return all that a tab shows as one SVG element. */
function together(content, title) {
  const base = content.getBoundingClientRect();
  const whole = drawn("svg", { class: "gw" }, drawn("title", {}, title), drawn("text", { class: "strong large", y: 16 }, title));
  const nested = (node) => node.parentNode.closest("svg");
  const seen = [...content.querySelectorAll(SEEN)].filter((node) => !nested(node) && node.getBoundingClientRect().height);
  let [wide, high] = [320, HEAD];
  for (const node of seen) {
    const [part, left, top] = partOf(node);
    const { right, bottom } = node.getBoundingClientRect();
    whole.append(drawn("g", { transform: `translate(${left - base.left} ${top - base.top + HEAD})` }, part));
    [wide, high] = [Math.max(wide, right - base.left), Math.max(high, bottom - base.top + HEAD)];
  }
  whole.setAttribute("viewBox", `0 0 ${wide} ${high}`);
  return whole;
}

/** Save what a view shows as a file of one of these endings. */
export async function exportPane(view, ending) {
  const name = `${view.about.title}, ${state.tab}`;
  const file = `${name.replace(/[\\/:*?"<>|,，\s]+/g, "-").slice(0, 80)}.${ending}`;
  if (ending === "csv") {
    const answer = await ask(view.address(`numbers/${state.tab}`, view.pane?.shown?.() ?? {}));
    if (answer) offer(await answer.blob(), file);
    return;
  }
  const title = parted([view.about.title, byId(`tab-${state.tab}`).textContent]);
  await savePicture(together(view.content, title), ending, file);
}
