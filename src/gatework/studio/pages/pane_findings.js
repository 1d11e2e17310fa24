// What stands out, in words, each with what to try.

import { element } from "/static/dom.js";
import { say } from "/static/words.js";

export function findingsPane(view) {
  const { findings } = view.about;
  const list = element(
    "ul",
    { className: "findings" },
    ...findings.map(({ told, cure }) => element("li", {}, told, ...(cure ? [element("br"), element("span", { className: "muted" }, cure)] : []))),
  );
  view.content.replaceChildren(findings.length ? list : element("p", {}, say("Nothing stands out.")));
  return {};
}
