// Where the page stands: what is shown, and which step, layer, unit and signal all views follow.

export const state = {
  models: [],
  runs: [],
  data: null,
  colours: {},
  views: [],
  tab: "structure",
  step: 0,
  layer: 0,
  direction: "forward",
  unit: 0,
  signal: "forget_gate",
};

const listeners = new Set();

/** Call ``listener(changed)``, a Set of names, after every choice. */
export function follow(listener) {
  listeners.add(listener);
}

/** Move to another step, layer, direction, unit or signal; what does not exist is held in bounds. */
export function choose(change) {
  const before = { ...state };
  Object.assign(state, change);
  hold();
  const names = ["step", "layer", "direction", "unit", "signal"];
  const changed = new Set(names.filter((name) => state[name] !== before[name]));
  if (!changed.size) return;
  tell(changed);
}

/** Let all views, and the transport, go along with what changed. */
export function tell(changed) {
  for (const listener of listeners) listener(changed);
}

/** Keep every choice within what the first view has. */
export function hold() {
  const opened = state.views.filter((view) => view.about?.key);
  if (!opened.length) return;
  const { about } = opened[0];
  const steps = Math.max(...opened.map((view) => view.about.steps));
  state.step = Math.max(0, Math.min(state.step, steps - 1));
  state.layer = Math.max(0, Math.min(state.layer, about.layers.length - 1));
  if (!(state.direction in about.directions)) state.direction = Object.keys(about.directions)[0];
  const { units } = about.layers[state.layer];
  if (!(state.signal in units)) state.signal = "hidden";
  state.unit = Math.max(0, Math.min(Number.isFinite(state.unit) ? state.unit : 0, units.hidden - 1));
}

/** The numbers of trainings that can be watched: that of an example begins as it is opened. */
export function recorded() {
  const toCome = new Set(state.models.filter((model) => !model.opened).map((model) => model.training));
  return state.runs.map((_, n) => n).filter((n) => !toCome.has(n));
}
