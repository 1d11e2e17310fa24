// What the page asks of the server; a refusal is shown on the page.

import { byId } from "/static/dom.js";
import { labelled, say } from "/static/words.js";

/** Show a message above everything, or take it away. */
export function complain(message) {
  byId("message").hidden = !message;
  byId("message").textContent = message ?? "";
}

export const query = (parts) => new URLSearchParams(Object.entries(parts).map(([key, value]) => [key, String(value)])).toString();

/**
 * Fetch; return the answer, or null after telling what is wrong: to ``told``, or above everything.
 */
export async function ask(path, { told = complain, ...options } = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    told(String(error));
    return null;
  }
  if (answer.ok) return answer;
  let message = `${answer.status} ${answer.statusText}`;
  try {
    const { error, hint } = await answer.json();
    message = hint ? `${error}\n${labelled(say("hint"), hint)}` : error;
  } catch {
    // not from the studio itself; the status must do
  }
  told(message);
  return null;
}

/** Fetch, and return the JSON value, or null. */
export async function askFor(path, options) {
  const answer = await ask(path, options);
  return answer ? answer.json() : null;
}
