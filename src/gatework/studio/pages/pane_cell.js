// The cell with live numbers, a button for every unit in the colour of its hidden state, its story.

import { bring, show } from "/static/draw.js";
import { element, latest, roving } from "/static/dom.js";
import { fetchPicture, sizeOf } from "/static/pane_picture.js";
import { askFor } from "/static/server.js";
import { choose, state } from "/static/state.js";
import { UnitStory } from "/static/unit_story.js";
import { say } from "/static/words.js";

const MOST_BUTTONS = 1024;

export function cellPane(view) {
  const picture = element("div");
  const row = element("div", { className: "units" });
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", say("units"));
  const story = element("div");
  view.content.replaceChildren(picture, row, story);
  const unitStory = new UnitStory(view, story);
  const tip = bring(view.content);
  let shown = [];

  const press = () => {
    const { unit } = view.place;
    [...row.children].forEach((button, n) => {
      button.setAttribute("aria-pressed", String(n === unit));
      button.tabIndex = n === Math.min(unit, row.children.length - 1) ? 0 : -1;
    });
  };
  const build = () => {
    shown = [];
    const count = view.about.layers[view.place.layer].units.hidden;
    row.replaceChildren(
      ...Array.from({ length: Math.min(count, MOST_BUTTONS) }, (_, n) => {
        const button = element("button", { type: "button" });
        button.setAttribute("aria-label", `${say("unit")} ${n}`);
        button.addEventListener("click", () => choose({ unit: n }));
        return button;
      }),
    );
    press();
  };
  const colour = async () => {
    const found = await askFor(view.address("step", { signal: "hidden" }));
    if (!found) return;
    const hidden = found.signals.hidden;
    shown = hidden;
    const most = Math.max(1e-9, ...hidden.map((value) => Math.abs(value ?? 0)));
    const palette = state.colours.diverging;
    [...row.children].forEach((button, n) => {
      const value = hidden[n];
      // The last colour is that of what is no number.
      const at = Number.isFinite(value) ? Math.round((value / most / 2 + 0.5) * (palette.length - 2)) : palette.length - 1;
      button.style.background = `rgb(${palette[at].join(",")})`;
    });
  };
  roving(row, (n) => choose({ unit: n }));
  row.addEventListener("pointermove", (event) => {
    const n = [...row.children].indexOf(event.target);
    const value = shown[n];
    if (n < 0) tip.hide();
    else tip.show(`${say("unit")} ${n}: ${view.about.signals.hidden} ${value === null || value === undefined ? "" : show(value)}`, event.clientX, event.clientY);
  });
  row.addEventListener("pointerleave", () => tip.hide());
  const refresh = latest(() => Promise.all([fetchPicture(picture, view.address("picture/cell", { signal: "hidden", ...sizeOf(view) })), colour()]));
  const tell = latest(() => unitStory.tell());

  build();
  return {
    drawn: Promise.all([refresh(), tell()]),
    shown: () => ({ signal: "hidden" }),
    follow: (changed) => {
      if (changed.has("layer") || changed.has("direction")) build();
      if (changed.has("signal") && changed.size === 1) return;
      press();
      refresh();
      if (changed.has("layer") || changed.has("direction") || changed.has("unit")) tell();
      else unitStory.move();
    },
  };
}
