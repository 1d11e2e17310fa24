// A guided tour on the model at hand: gates, memory cell, unrolled network, stack, vanishing gradient.

import { element } from "/static/dom.js";
import { choose } from "/static/state.js";
import { say } from "/static/words.js";

const STOPS = [
  {
    tab: "cell",
    title: "Three gates and a candidate",
    text: "A unit of an LSTM reads the input and what the units of its layer said a step ago, and makes four numbers of them. The forget gate says how much of its memory stays. The candidate is what could be written, the input gate how much of it is. The output gate says how much of the memory is shown. A gate of 0 is closed, one of 1 is open. These are the numbers of your model, of the unit and the step below: move the step and watch them.",
  },
  {
    tab: "gates",
    signal: "cell",
    title: "The memory cell",
    text: "The line on top of the cell is the memory: new memory is forget gate times old memory plus input gate times candidate. Nothing else touches it, so it can carry a number over many steps. Below are the memory cells of a whole layer, a row for each unit. Look for rows that keep their colour for long: those units remember. Click one to follow it.",
  },
  {
    tab: "unrolled",
    title: "The network unrolled",
    text: "A recurrent network is one network that is used again at every step. Unrolled in time it looks like a deep network whose columns share their weights. The arrows to the right are what it hands to itself: hidden state h and cell c.",
  },
  {
    tab: "structure",
    title: "A stack of layers",
    text: "Layers are stacked: what one says at a step is what the next one reads. Three layers that grow smaller are the classic. The first ones see details, the later ones what is made of them. The head at the end turns the last hidden state into a result.",
  },
  {
    tab: "gradients",
    title: "The vanishing gradient",
    text: "To learn that something long ago mattered, a gradient must reach back to it. In a plain recurrent network it is multiplied by the same weights at every step, and soon vanishes or explodes. In an LSTM it flows along the memory cell, multiplied by forget gates that can stay near 1. Compare your model with the plain network of the same sizes.",
  },
];

/** Walk through the stops whose tab is among ``tabs``; ``front(tab)`` brings one to the front. */
export function tour(dialog, tabs, front) {
  const stops = STOPS.filter((stop) => tabs.includes(stop.tab));
  if (!stops.length) return;
  let at = 0;
  const go = (to) => {
    at = to;
    tell();
  };
  const tell = () => {
    const stop = stops[at];
    if (stop.signal) choose({ signal: stop.signal });
    front(stop.tab);
    const button = (key, act, disabled = false) => {
      const made = element("button", { type: "button", disabled }, say(key));
      made.addEventListener("click", act);
      return made;
    };
    const onward = button("next", () => go(at + 1), at === stops.length - 1);
    const close = button("close", () => dialog.close());
    const bar = element("p", { className: "bar" }, button("back", () => go(at - 1), at === 0), onward, close);
    dialog.replaceChildren(element("h2", { id: "guide-title" }, `${at + 1} / ${stops.length}  ${say(stop.title)}`), element("p", {}, say(stop.text)), bar);
    (onward.disabled ? close : onward).focus();
  };
  dialog.setAttribute("aria-labelledby", "guide-title");
  dialog.onkeydown = (event) => {
    if (event.key === "Escape") dialog.close();
  };
  dialog.show();
  tell();
}
