// The page's words: English stands in the sources, and the server has the texts of other languages.

import { byId, element } from "/static/dom.js";

let languages = { en: { name: "English", tag: "en", texts: {} } };
let chosen = "en";

/** Offer the languages that were found, and speak the reader's, or English. */
export function learn(found) {
  languages = found ?? languages;
  byId("language").replaceChildren(...Object.entries(languages).map(([value, { name, tag }]) => element("option", { value, lang: tag }, name)));
  const known = navigator.languages.map((one) => one.split("-")[0]).find((one) => one in languages);
  speak(known ?? "en");
  byId("language").value = chosen;
}

/** Choose a language by its code. */
export function speak(code) {
  chosen = code;
  document.documentElement.lang = languages[code].tag;
  for (const node of document.querySelectorAll("[data-say]")) {
    node.dataset.say ||= node.textContent;
    node.textContent = say(node.dataset.say);
  }
  for (const node of document.querySelectorAll("[data-title]")) {
    node.title = say(node.dataset.title);
    node.setAttribute("aria-label", node.title);
  }
}

/** Return an English text in the chosen language. */
export function say(english) {
  return languages[chosen].texts[english] ?? english;
}

/** Return what is told of something, after its name. */
export function labelled(name, what) {
  return say("{name}: {what}").replace("{name}", () => name).replace("{what}", () => what);
}

/** Return parts of a sentence, one after another. */
export function parted(parts) {
  return parts.join(say(", "));
}

/** Return the code of the chosen language. */
export function spoken() {
  return chosen;
}
