// What moves in a picture: values under the pointer, choices, and keys. One module for reports,
// notebooks and the studio; it reads only what the pictures hold and sends nothing anywhere.

const SHADES = 255;

/** Return the number as a person writes it, with about four digits. */
export function show(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** One box of text that follows the pointer. */
export class Tip {
  constructor(root) {
    this.box = root.ownerDocument.createElement("div");
    this.box.className = "gw-tip";
    this.box.hidden = true;
    this.box.setAttribute("role", "status");
    root.append(this.box);
  }

  show(text, x, y) {
    this.box.textContent = text;
    this.box.hidden = false;
    const { width, height } = this.box.getBoundingClientRect();
    const right = document.documentElement.clientWidth - width - 8;
    this.box.style.left = `${Math.max(4, Math.min(x + 14, right))}px`;
    this.box.style.top = `${y - height - 12 < 0 ? y + 18 : y - height - 12}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}

/** Return the shades of a heat map, line by line: the palette numbers of its own PNG, each line
 * after its filter, which is 0. The values are thus in the page once. */
async function shadesOf(image) {
  const file = bytes(image.getAttribute("href").split(",")[1]);
  const view = new DataView(file.buffer);
  const packed = [];
  for (let at = 8; at < file.length; at += view.getUint32(at) + 12) {
    const kind = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (kind === "IDAT") packed.push(file.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const lines = new Blob(packed).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(lines).arrayBuffer());
}

/** Return what is kept with a heat map: of two drawings of the same, the first holds it. */
function keptWith(image) {
  if (image.dataset.names) return image;
  const place = [...image.closest("svg").querySelectorAll(".heat")].indexOf(image);
  return image.closest(".narrow").previousElementSibling.querySelectorAll(".heat")[place];
}

/** A heat map tells row, step and value under the pointer. */
function bringHeat(image, tip) {
  const { columns, rows, steps, low, high, what } = image.dataset;
  const kept = keptWith(image);
  const { names, values } = kept.dataset;
  const { labels } = (kept.dataset.labels ? kept : kept.closest("svg").querySelector("[data-labels]"))?.dataset ?? {};
  const called = names.split("\n");
  const moments = labels ? labels.split("\n") : null;
  const [across, down, all] = [columns, rows, steps].map(Number);
  const exact = values ? new Float32Array(bytes(values).buffer) : null;
  const rest = kept.dataset.rest ? bytes(kept.dataset.rest) : null;
  let reading = null;
  let inside = false;
  /** Return the value of a shade, to two digits, or with the byte beside it to a 10,000th of all. */
  const between = (shade, beside) => {
    const range = Number(high) - Number(low);
    const value = Number(low) + ((shade + (beside === null ? 0 : beside / 255 - 0.5)) / (SHADES - 1)) * range;
    if (beside === null) return Number(value.toPrecision(2));
    const unit = 10 ** Math.floor(Math.log10(range / 1e4));
    return Number((Math.round(value / unit) * unit).toPrecision(6));
  };
  const tell = async (event) => {
    inside = true;
    const shades = exact ?? (await (reading ??= shadesOf(image)));
    if (!inside) return;
    const box = image.getBoundingClientRect();
    const column = Math.min(across - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * across)));
    const row = Math.min(down - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * down)));
    const step = Math.floor((column * all) / across);
    const when = moments ? moments[step] : String(step);
    let told;
    if (exact) told = show(exact[row * across + column]);
    else {
      const shade = shades[row * (across + 1) + 1 + column];
      told = shade === SHADES ? "–" : `≈ ${show(between(shade, rest && rest[row * across + column]))}`;
    }
    tip.show(`${what ? what + ", " : ""}${called[row]}, ${when}: ${told}`, event.clientX, event.clientY);
  };
  image.addEventListener("pointermove", tell);
  image.addEventListener("pointerdown", tell);
  image.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "mouse") return; // a finger that is lifted leaves what it asked for
    inside = false;
    tip.hide();
  });
}

/** A mark with a title tells it at once, in the page's own words. */
function bringMark(mark, tip) {
  const title = mark.querySelector(":scope > title");
  if (!title) return;
  const told = title.textContent;
  mark.addEventListener("pointermove", (event) => tip.show(told, event.clientX, event.clientY));
  mark.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && tip.hide());
  title.remove();
  mark.setAttribute("aria-label", told);
}

/** A choice, a list or a slider, shows what belongs to it and hides the rest. */
function bringChoice(control, root) {
  const group = CSS.escape(control.dataset.choose);
  const apply = () => {
    for (const part of root.querySelectorAll(`[data-when^="${group}:"]`)) {
      part.hidden = part.dataset.when !== `${control.dataset.choose}:${control.value}`;
      if (part.hidden) continue;
      for (const told of root.querySelectorAll(`[data-told="${group}"]`)) told.textContent = part.dataset.name;
      control.setAttribute("aria-valuetext", part.dataset.name ?? control.value);
    }
  };
  control.addEventListener("input", apply);
  apply();
}

/** A button plays a slider from where it stands to its end, from the start where it is there. */
function bringPlay(button, root) {
  const slider = root.querySelector(`input[data-choose="${CSS.escape(button.dataset.play)}"]`);
  let playing = null;
  const to = (value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  };
  const stop = () => {
    clearInterval(playing);
    playing = null;
    button.textContent = "▶";
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", () => {
    if (playing !== null) {
      stop();
      return;
    }
    if (Number(slider.value) >= Number(slider.max)) to(slider.min);
    button.textContent = "❚❚";
    button.setAttribute("aria-pressed", "true");
    playing = setInterval(() => {
      if (Number(slider.value) >= Number(slider.max)) stop();
      else to(Number(slider.value) + 1);
    }, 400);
  });
}

/** Give life to every picture below ``root``. May be called again after its content changed. */
export function bring(root) {
  const tip = root.gateworkTip ?? (root.gateworkTip = new Tip(root));
  if (!root.contains(tip.box)) root.append(tip.box); // its content was replaced, the box with it
  tip.hide();
  if (!root.gateworkTouched) {
    root.gateworkTouched = true;
    bringTouch(root, tip);
  }
  for (const svg of root.querySelectorAll("svg.gw")) {
    if (svg.gateworkAlive) continue;
    svg.gateworkAlive = true;
    bringPicture(svg, tip);
  }
  for (const choice of root.querySelectorAll(".choice")) choice.hidden = false;
  for (const part of root.querySelectorAll("image.heat, .hit, .mark, .layer, [data-choose], [data-play]")) {
    if (part.gateworkAlive) continue;
    part.gateworkAlive = true;
    if (part.matches("image.heat")) bringHeat(part, tip);
    else if (part.dataset.choose) bringChoice(part, root);
    else if (part.dataset.play) bringPlay(part, root);
    else bringMark(part, tip);
  }
  return tip;
}
