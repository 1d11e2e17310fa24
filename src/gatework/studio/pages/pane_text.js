// A text that can be typed: what the network finds likely next, its letters coloured by a unit.

import { element, latest } from "/static/dom.js";
import { findSimilarSteps } from "/static/similar_steps.js";
import { fetchPicture, sizeOf } from "/static/pane_picture.js";
import { ask, askFor, complain, query } from "/static/server.js";
import { choose, state, tell as tellAll } from "/static/state.js";
import { UnitStory } from "/static/unit_story.js";
import { labelled, say, spoken } from "/static/words.js";

export function textPane(view) {
  const typed = element("textarea", { className: "typed", value: view.about.text, spellcheck: false });
  typed.setAttribute("aria-label", say("Type a text; the gates move at each letter."));
  const next = element("p", { className: "next" });
  next.setAttribute("aria-live", "polite");
  const picture = element("div");
  const storyBox = element("div");
  const similarBox = element("div");
  view.content.replaceChildren(typed, next, picture, storyBox, similarBox);
  const story = new UnitStory(view, storyBox);
  const likely = async () => {
    const found = await askFor(view.address("step"));
    if (!found) return;
    const shares = found.letters.map(([letter, share]) => `${letter === " " ? "␣" : letter} ${Math.round(100 * share)}%`);
    next.textContent = labelled(say("most likely next"), shares.join("   "));
  };
  const refresh = latest(() => Promise.all([likely(), fetchPicture(picture, view.address("picture/text", { length: 6, ...sizeOf(view) }))]));
  const tell = latest(() => story.tell());
  const read = latest(async () => {
    const { key, model } = view.about;
    const address = `/api/models/${model}/open?${query({ data: "text", language: spoken() })}`;
    const answer = await ask(address, { method: "POST", body: typed.value });
    if (!answer) return;
    const about = await answer.json();
    if (view.about.key !== key) return; // another model or text was opened meanwhile
    complain(null);
    view.about = about;
    view.edits = [];
    searching.clear();
    const step = Math.max(0, Math.min(typed.selectionStart - 1, view.about.steps - 1));
    if (step === state.step) tellAll(new Set(["unit"]));
    else choose({ step });
    if (typed.isConnected) await tell();
    else await view.draw();
  });
  const changed = (what) => {
    refresh();
    if (what.has("step") && what.size === 1) story.move();
    else tell();
  };
  typed.addEventListener("input", read);
  const searching = findSimilarSteps(view, similarBox);
  return { drawn: Promise.all([refresh(), tell()]), shown: () => ({ signal: "hidden" }), follow: changed };
}
