// A training as it goes: an event for each epoch, drawn as it comes; then its film, if it fits.

import { element, latest } from "/static/dom.js";
import { drawLines } from "/static/lines.js";
import { fetchPicture } from "/static/pane_picture.js";
import { askFor, query } from "/static/server.js";
import { recorded, state } from "/static/state.js";
import { say, spoken } from "/static/words.js";

/** Watch the run of a number in ``box``, and call ``begun`` at its first epoch; returns a function that stops. */
export function watchRun(box, number, begun = () => {}) {
  let epochs = [];
  let due = false;
  const waiting = element("p", { className: "muted" }, say("waiting for the first epoch …"));
  const [losses, gradients] = [element("div"), element("div")];
  box.replaceChildren(waiting, losses, gradients);
  const events = new EventSource(`/api/runs/${number}/events`);
  const draw = () => {
    due = false;
    waiting.textContent = `${say("epoch")} ${epochs.length}`;
    const labels = epochs.map((one) => `${say("epoch")} ${one.epoch}`);
    const lines = [{ name: say("loss"), values: epochs.map((one) => one.loss), style: "lstm thick" }];
    if (epochs.some((one) => one.validation !== null)) {
      lines.push({ name: say("validation"), values: epochs.map((one) => one.validation), style: "m1" });
    }
    drawLines(losses, lines, { height: 220, labels, log: true });
    const gradient = [{ name: say("largest gradient"), values: epochs.map((one) => one.gradient), style: "m2" }];
    drawLines(gradients, gradient, { height: 140, labels, log: true });
  };
  events.addEventListener("message", (event) => {
    epochs.push(JSON.parse(event.data));
    if (epochs.length === 1) begun();
    if (due) return;
    due = true;
    requestAnimationFrame(draw);
  });
  events.addEventListener("again", () => {
    epochs = [];
  });
  events.addEventListener("problem", (event) => {
    waiting.textContent = JSON.parse(event.data);
    events.close();
  });
  return () => events.close();
}

export function trainingPane(view) {
  const { about } = view;
  const own = state.models[about.model].training;
  const select = element("select", {}, ...recorded().map((n) => element("option", { value: String(n) }, state.runs[n])));
  const film = element("button", { type: "button" }, say("film of this training"));
  const none = element("span", { className: "muted", hidden: true }, say("no film: this training is of another network"));
  const charts = element("div");
  let picture = element("div");
  select.value = String(own ?? recorded()[0]);
  view.content.replaceChildren(element("div", { className: "editor" }, element("label", {}, `${say("run")} `, select), film, none), charts, picture);
  film.hidden = true;
  const offer = latest(async () => {
    if (!about.key) return;
    const films = (await askFor(`/api/sessions/${about.key}/films`)) ?? [];
    film.hidden = !films.includes(Number(select.value));
    none.hidden = !film.hidden;
  });
  film.addEventListener("click", () => {
    picture.replaceChildren(element("p", { className: "muted" }, say("opening …")));
    return fetchPicture(picture, `/api/sessions/${about.key}/film/${select.value}?${query({ language: spoken() })}`);
  });
  let stop = watchRun(charts, Number(select.value), offer);
  select.addEventListener("change", () => {
    stop();
    const empty = element("div"); // a film that comes late comes into the old one
    picture.replaceWith(empty);
    picture = empty;
    film.hidden = none.hidden = true;
    stop = watchRun(charts, Number(select.value), offer);
  });
  return { stop: () => stop() };
}
