// A search for other moments at which the chosen unit does as it does from the chosen step on.

import { element } from "/static/dom.js";
import { askFor } from "/static/server.js";
import { choose } from "/static/state.js";
import { say } from "/static/words.js";

/** Put the search into ``box``; the moments found are buttons that lead there. */
export function alikeMoments(view, box) {
  const length = element("input", { type: "number", min: 2, max: Math.max(2, Math.floor(view.about.steps / 2)), value: "6" });
  const search = element("button", { type: "button" }, say("alike"));
  const found = element("div", { className: "moments" });
  box.replaceChildren(element("div", { className: "editor" }, search, element("label", {}, `${say("steps")} `, length)), found);
  search.addEventListener("click", async () => {
    const { step } = view.place;
    const { steps, labels } = view.about;
    const wide = Math.max(2, Math.min(Number(length.value) || 6, Math.floor(steps / 2)));
    const first = Math.min(step, steps - wide);
    const moments = await askFor(view.address("alike", { first, last: first + wide }));
    if (!moments) return;
    found.replaceChildren(
      ...moments.map(({ start, alike, around }) => {
        const what = around ? [`${start}  `, around[0], element("b", {}, around[1]), around[2]] : [labels[start]];
        const button = element("button", { type: "button" }, ...what, `  ${Math.round(100 * Math.max(0, alike))} %`);
        button.addEventListener("click", () => choose({ step: start }));
        return button;
      }),
    );
    if (!moments.length) found.textContent = say("nowhere");
  });
  return { clear: () => found.replaceChildren() };
}
