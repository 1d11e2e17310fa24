// Elements of the page, made in a line.

export const byId = (id) => document.getElementById(id);

/** Return an element with properties or attributes, and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const SPACE = "http://www.w3.org/2000/svg";

/** Return an SVG element. */
export function drawn(name, attributes, ...children) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M12 3v10L4 8z",
  play: "M4 3v10l8-5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M4 3v10l8-5z M13 3h1v10h-1z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
  more: "M2 4h5v2H2zM9 3h2v4H9zM11 4h3v2h-3zM2 10h2v2H2zM4 9h2v4H4zM8 10h6v2H8z",
};

/** Put a sign on a button. */
export function setIcon(button, name) {
  const sign = drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: ICONS[name] }));
  button.replaceChildren(sign);
}

/**
 * Make a row of buttons one stop of the Tab key: arrows, Home and End go to another one, which
 * ``go(n)`` chooses; the one that is chosen has a tabIndex of 0, the others of -1.
 */
export function roving(row, go) {
  row.addEventListener("keydown", (event) => {
    const all = [...row.children];
    const at = all.indexOf(document.activeElement);
    const ahead = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (ahead === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (ahead + all.length) % all.length;
    go(to);
    row.children[to].focus();
  });
}

/**
 * Return a function that runs ``work`` again and again, never two at a time: calls that come
 * while it runs are answered by one more run at the end.
 */
export function latest(work) {
  let running = false;
  let again = false;
  return async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
}
