// What stands around a picture: keys that hide, buttons that zoom and save, fingers that ask.

const REACH = 22; // pixels around a finger

/** An entry of a key, or the label of a line, shows and hides its part. */
function bringToggle(entry, plots, words) {
  const parts = entry.ownerSVGElement.querySelectorAll(`[data-part="${CSS.escape(entry.dataset.toggle)}"]`);
  entry.setAttribute("role", "button");
  entry.setAttribute("tabindex", "0");
  entry.setAttribute("aria-pressed", "true");
  entry.setAttribute("aria-label", words[6].replace("{name}", entry.textContent));
  const toggle = () => {
    const off = entry.classList.toggle("off");
    entry.setAttribute("aria-pressed", String(!off));
    for (const part of parts) part.style.display = off ? "none" : "";
    for (const plot of plots) plot.draw();
  };
  entry.addEventListener("click", toggle);
  entry.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
}

/** Return the rules of pictures as the page shows them now, light or dark. */
function rulesNow() {
  const kept = [];
  const keep = (rules) => {
    for (const rule of rules) {
      if (rule instanceof CSSMediaRule) {
        if (window.matchMedia(rule.conditionText).matches) keep(rule.cssRules);
      } else if (rule.selectorText?.startsWith("svg.gw")) kept.push(rule.cssText);
    }
  };
  for (const sheet of document.styleSheets) keep(sheet.cssRules);
  return kept.join("\n");
}

/** Return a picture as it is seen as a document that stands alone, and its size. */
function standing(svg) {
  const copy = svg.cloneNode(true);
  const [x, y, wide, high] = numbersOf(svg.getAttribute("viewBox"));
  const margin = 16;
  const size = [x - margin, y - margin, wide + 2 * margin, high + 2 * margin];
  copy.setAttribute("viewBox", size.join(" "));
  copy.setAttribute("width", size[2]);
  copy.setAttribute("height", size[3]);
  copy.setAttribute("xmlns", NAMESPACE);
  for (const part of copy.querySelectorAll("[tabindex]")) part.removeAttribute("tabindex");
  copy.prepend(made("style", {}, rulesNow()));
  return [new XMLSerializer().serializeToString(copy), size[2], size[3]];
}

/** Let the reader keep a blob as a file of a name. */
export function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Offer a picture as it is seen as a file of a name: "svg", or "png" in twice its pixels. */
export async function savePicture(svg, ending, name) {
  const [text, wide, high] = standing(svg);
  if (ending === "svg") {
    offer(new Blob([text], { type: "image/svg+xml" }), name);
    return;
  }
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * wide, 2 * high];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => offer(blob, name), "image/png");
}

function save(svg, ending) {
  const title = svg.querySelector("title")?.textContent ?? "picture";
  const name = title.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "");
  return savePicture(svg, ending, `${name.slice(0, 80)}.${ending}`);
}

/** Give a picture its buttons, and life to its plots. */
function bringPicture(svg, tip) {
  const plots = [...svg.querySelectorAll(".plot")].map((group) => new Plot(group, tip));
  const words = (svg.querySelector("[data-words]") ?? svg.closest("[data-words]"))?.dataset.words.split("\n");
  if (!words) return;
  for (const entry of svg.querySelectorAll("[data-toggle]")) bringToggle(entry, plots, words);
  const row = document.createElement("div");
  row.className = "gw-tools";
  const add = (sign, name, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    row.append(button);
  };
  if (plots.some((plot) => !plot.fixed)) {
    add("+", words[0], () => plots.forEach((plot) => plot.zoom(2)));
    add("−", words[1], () => plots.forEach((plot) => plot.zoom(0.5)));
    add("↔", words[2], () => plots.forEach((plot) => plot.reset()));
  }
  add("SVG", words[3], () => save(svg, "svg"));
  add("PNG", words[4], () => save(svg, "png"));
  svg.after(row);
}

/** Let a finger tell the mark that is nearest to it; a mouse rests on one. */
function bringTouch(root, tip) {
  root.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") return;
    const svg = event.target.closest?.("svg.gw");
    const distance = (mark) => {
      const { left, right, top, bottom } = mark.getBoundingClientRect();
      const away = (at, low, high) => Math.max(low - at, 0, at - high);
      return Math.hypot(away(event.clientX, left, right), away(event.clientY, top, bottom));
    };
    let [nearest, least] = [null, REACH];
    for (const mark of svg?.querySelectorAll(".mark[aria-label], .hit[aria-label], .layer[aria-label]") ?? []) {
      const away = distance(mark);
      if (away < least) [nearest, least] = [mark, away];
    }
    if (nearest) tip.show(nearest.getAttribute("aria-label"), event.clientX, event.clientY);
    else if (!event.target.closest?.("image.heat, .plot")) tip.hide();
  });
  window.addEventListener("scroll", () => tip.hide(), { passive: true });
}
