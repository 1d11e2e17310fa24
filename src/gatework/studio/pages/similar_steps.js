// A search for other steps at which the chosen unit does as it does from the chosen step on.

import { element } from "/static/dom.js";
import { askFor } from "/static/server.js";
import { choose } from "/static/state.js";
import { say } from "/static/words.js";

/** Put the search into ``box``; those found are buttons that lead there. */
export function findSimilarSteps(view, box) {
  const length = element("input", { type: "number", min: 2, max: Math.max(2, Math.floor(view.about.steps / 2)), value: "6" });
  const search = element("button", { type: "button" }, say("find moments at which the unit does as from here on"));
  const found = element("div", { className: "similar" });
  box.replaceChildren(element("div", { className: "editor" }, search, element("label", {}, `${say("steps")} `, length)), found);
  let asked = 0;
  search.addEventListener("click", async () => {
    const turn = (asked += 1);
    const { step } = view.place;
    const { steps, labels } = view.about;
    const wide = Math.max(2, Math.min(Number(length.value) || 6, Math.floor(steps / 2)));
    const first = Math.min(step, steps - wide);
    const similar = await askFor(view.address("similar", { first, last: first + wide }));
    if (!similar || turn !== asked) return;
    found.replaceChildren(
      ...similar.map(({ start, alike, around }) => {
        const what = around ? [`${start}  `, around[0], element("b", {}, around[1]), around[2]] : [labels[start]];
        const button = element("button", { type: "button" }, ...what, `  ${Math.round(100 * Math.max(0, alike))}%`);
        button.addEventListener("click", () => choose({ step: start }));
        return button;
      }),
    );
    if (!similar.length) found.textContent = say("nowhere else");
  });
  const clear = () => {
    asked += 1;
    found.replaceChildren();
  };
  return { clear };
}
