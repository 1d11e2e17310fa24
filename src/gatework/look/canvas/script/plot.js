// A plot: zoomed, panned, read by pointer, touch and keys. It moves what was drawn, and knows values
// by their places alone.

let windows = 0;

/** A plot in a picture: a window of its frame is shown, and everything follows it. */
class Plot {
  constructor(group, tip) {
    Object.assign(this, { group, tip, svg: group.ownerSVGElement });
    this.frame = numbersOf(group.dataset.frame);
    const [left, top, right, bottom] = this.frame;
    this.x = group.querySelector(".axis-x") && new PlotAxis(group.querySelector(".axis-x"), left, right, false);
    this.y = new PlotAxis(group.querySelector(".axis-y"), bottom, top, true);
    this.edges = numbersOf(group.dataset.edges);
    const twin = this.edges.length ? group.closest("figure")?.querySelector("[data-told]") : null;
    this.told = (group.dataset.told ?? twin?.dataset.told)?.split("\n") ?? [];
    this.heights = group.dataset.heights?.split(" ") ?? [];
    this.fixed = "fixed" in group.dataset;
    this.span = [left, right];
    this.tall = [top, bottom];
    this.reading = null;
    this.layers = [...group.querySelectorAll(".zoomed")];
    this.addWindow();
    this.listen();
  }

  /** Let what is zoomed be seen in the frame alone, and catch the pointer where nothing is drawn. */
  addWindow() {
    const [left, top, right, bottom] = this.frame;
    const size = { x: left, y: top, width: right - left, height: bottom - top };
    windows += 1;
    this.clip = made("clipPath", { id: `gw-window-${windows}` });
    this.clip.append(made("rect", size));
    const area = made("rect", { ...size, class: "area" });
    this.dot = made("circle", { class: "read", r: 4, visibility: "hidden" });
    this.rule = made("line", { class: "cut rule", y1: top, y2: bottom, visibility: "hidden" });
    this.chosen = made("rect", { ...size, class: "chosen", visibility: "hidden" });
    this.group.prepend(this.clip, area);
    this.group.append(this.rule, this.dot, this.chosen);
    for (const layer of this.layers) {
      const held = made("g", {});
      layer.replaceWith(held);
      held.append(layer);
    }
  }

  get whole() {
    return this.span[1] - this.span[0] >= this.frame[2] - this.frame[0] - 0.01;
  }

  get hidden() {
    return [...this.group.querySelectorAll("[data-part]")].some((part) => part.style.display === "none");
  }

  placed(place, upright) {
    const [low, high] = upright ? this.tall : this.span;
    const [start, end] = upright ? [this.frame[1], this.frame[3]] : [this.frame[0], this.frame[2]];
    return start + ((place - low) / (high - low)) * (end - start);
  }

  /** Show the frame from one place to another, no deeper than there are ticks for. */
  show(from, to) {
    const [left, , right] = this.frame;
    const wide = Math.min(Math.max(to - from, (right - left) / this.x.deepest), right - left);
    const start = Math.min(Math.max((from + to - wide) / 2, left), right - wide);
    this.span = [start, start + wide];
    this.draw();
  }

  /** Zoom by a factor around a place of the screen's frame. */
  zoom(factor, around = (this.frame[0] + this.frame[2]) / 2) {
    if (this.fixed) return;
    const [left, , right] = this.frame;
    const share = (around - left) / (right - left);
    const [from, to] = this.span;
    const wide = (to - from) / factor;
    const centre = from + share * (to - from);
    this.show(centre - share * wide, centre + (1 - share) * wide);
  }

  pan(by) {
    const [from, to] = this.span;
    const step = (by * (to - from)) / (this.frame[2] - this.frame[0]);
    this.show(from - step, to - step);
  }

  reset() {
    this.span = [this.frame[0], this.frame[2]];
    this.draw();
  }

  /** Return from where to where the parts that show reach within the window. */
  reach() {
    const [from, to] = this.span;
    const heights = [];
    const inside = (x) => x >= from - 1e-6 && x <= to + 1e-6;
    for (const part of this.group.querySelectorAll("[data-part]")) {
      if (part.style.display === "none") continue;
      part.gateworkRuns ??= [...part.querySelectorAll(":scope > path")].flatMap(runsOf);
      part.gateworkMarks ??= [...part.querySelectorAll(".signs:not(.pinned) > *")].map((mark) => this.middle(mark));
      for (const run of part.gateworkRuns)
        run.forEach(([x, y], at) => {
          if (inside(x)) heights.push(y);
          const before = run[at - 1];
          for (const edge of before ? [from, to] : [])
            if ((before[0] - edge) * (x - edge) < 0)
              heights.push(before[1] + ((edge - before[0]) / (x - before[0])) * (y - before[1]));
        });
      heights.push(...part.gateworkMarks.filter(([x]) => inside(x)).map(([, y]) => y));
    }
    const [, top, , bottom] = this.frame;
    if (!heights.length) return [top, bottom];
    let high = heights.reduce((a, b) => Math.min(a, b));
    let low = heights.reduce((a, b) => Math.max(a, b));
    const room = Math.max((low - high) * 0.07, (bottom - top) / 100);
    high = Math.max(top, high - room);
    low = Math.min(bottom, low + room);
    return [high, low];
  }

  middle(mark) {
    const box = mark.getBBox();
    if (mark.localName === "text") return [Number(mark.getAttribute("x")), Number(mark.getAttribute("y"))];
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  /** Draw everything where the window says. */
  draw() {
    const plain = this.whole && !this.hidden;
    this.tall = plain ? [this.frame[1], this.frame[3]] : this.reach();
    const [left, top, right, bottom] = this.frame;
    const across = (right - left) / (this.span[1] - this.span[0]);
    const up = (bottom - top) / (this.tall[1] - this.tall[0]);
    const matrix = `matrix(${across} 0 0 ${up} ${left - across * this.span[0]} ${top - up * this.tall[0]})`;
    for (const layer of this.layers) {
      layer.setAttribute("transform", matrix);
      if (plain) layer.parentNode.removeAttribute("clip-path");
      else layer.parentNode.setAttribute("clip-path", `url(#${this.clip.id})`);
    }
    for (const mark of this.group.querySelectorAll(".zoomed .signs > *")) {
      const [x, y] = (mark.gateworkMiddle ??= this.middle(mark));
      const high = mark.parentNode.matches(".pinned") ? this.tall[0] - top / up : y - y / up;
      mark.setAttribute("transform", `matrix(${1 / across} 0 0 ${1 / up} ${x - x / across} ${high})`);
    }
    const axes = this.x ? [this.x, this.y] : [this.y];
    for (const axis of axes) {
      const [from, to] = axis.upright ? [this.tall[1], this.tall[0]] : this.span;
      const still = axis.upright ? plain : this.whole;
      axis.draw(still ? null : axis.ticks(from, to), (place) => this.placed(place, axis.upright), this.frame);
    }
    this.moveNames();
    this.moveLabels();
    this.unread();
  }

  /** Keep the names above the frame in the middle of what is seen of what they name. */
  moveNames() {
    const [left, , right] = this.frame;
    for (const name of this.group.querySelectorAll(".along > *")) {
      name.gateworkX ??= name.getAttribute("x");
      const [from, to] = ["from", "to"].map((end) => this.placed(Number(name.dataset[end]), false));
      const [low, high] = [Math.max(from, left), Math.min(to, right)];
      const room = high - low >= name.getComputedTextLength();
      name.style.display = this.whole || room ? "" : "none";
      name.setAttribute("x", this.whole ? name.gateworkX : (low + high) / 2);
    }
  }

  /** Tie the labels at the right of the frame to their lines again, off one another. */
  moveLabels() {
    const [, top, right, bottom] = this.frame;
    const labels = [...this.group.querySelectorAll("[data-height]")].filter((one) => one.style.display !== "none");
    const placed = labels.map((label) => [this.placed(Number(label.dataset.height), true), label]);
    placed.sort(([one], [other]) => one - other);
    const gap = Math.min(17, (bottom - top) / Math.max(placed.length, 1));
    const places = [];
    for (const [height] of placed) places.push(Math.max(height, top, (places.at(-1) ?? -Infinity) + gap));
    for (let at = places.length - 1, most = bottom; at >= 0; at -= 1, most = places[at + 1] - gap)
      places[at] = Math.min(places[at], most);
    placed.forEach(([height, label], at) => {
      const [tie, name] = label.children;
      const start = runsOf(tie)[0][0][0];
      tie.setAttribute("d", `M${start} ${height}L${right + 8} ${places[at]}L${right + 16} ${places[at]}`);
      name.setAttribute("y", places[at] + 4);
    });
  }

  /** Return where in the picture a place on the screen is. */
  point({ clientX, clientY }) {
    return new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  within({ x, y }) {
    const [left, top, right, bottom] = this.frame;
    return x >= left && x <= right && y >= top && y <= bottom;
  }

  /** Tell what is at a place of the picture. */
  read(x) {
    const [left, , right] = this.frame;
    const place = this.span[0] + ((x - left) / (right - left)) * (this.span[1] - this.span[0]);
    let at = this.edges.findIndex((edge) => edge > place) - 1;
    if (at < 0) at = place < this.edges[0] ? 0 : this.told.length - 1;
    this.tell(at);
  }

  tell(at) {
    if (!this.told.length) return;
    this.reading = Math.min(Math.max(at, 0), this.told.length - 1);
    const middle = this.placed((this.edges[this.reading] + this.edges[this.reading + 1]) / 2, false);
    const height = this.heights[this.reading];
    const known = height !== "-";
    const y = known ? this.placed(Number(height), true) : this.frame[1];
    for (const name of ["x1", "x2"]) this.rule.setAttribute(name, middle);
    this.dot.setAttribute("cx", middle);
    this.dot.setAttribute("cy", y);
    this.rule.setAttribute("visibility", "visible");
    this.dot.setAttribute("visibility", known ? "visible" : "hidden");
    const seen = new DOMPoint(middle, y).matrixTransform(this.svg.getScreenCTM());
    this.tip.show(this.told[this.reading], seen.x, seen.y);
  }

  unread() {
    this.rule.setAttribute("visibility", "hidden");
    this.dot.setAttribute("visibility", "hidden");
    // A finger that went to another picture has left what that one tells in the box.
    if (this.reading !== null && this.tip.box.textContent === this.told[this.reading]) this.tip.hide();
    this.reading = null;
  }

  listen() {
    const { group } = this;
    this.down = new Map();
    this.svg.style.touchAction = "pan-y"; // two fingers zoom the plot and not the page
    group.addEventListener("pointerdown", (event) => this.pressed(event));
    group.addEventListener("pointermove", (event) => this.moved(event));
    group.addEventListener("pointerup", (event) => this.released(event));
    group.addEventListener("pointercancel", (event) => this.released(event));
    group.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.unread());
    group.addEventListener("dblclick", () => this.reset());
    group.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    group.addEventListener("keydown", (event) => this.key(event));
    group.addEventListener("blur", () => this.unread());
    if (!this.told.length) return;
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", group.dataset.words.split("\n")[5]);
  }

  pressed(event) {
    const { x, y } = this.point(event);
    if (event.button !== 0 || !this.within({ x, y })) return;
    const mouse = event.pointerType === "mouse";
    this.down.set(event.pointerId, x);
    this.started = { x, moved: false, choosing: mouse && (this.whole || event.shiftKey) };
    if (!mouse) this.read(x);
  }

  moved(event) {
    const place = this.point(event);
    if (this.down.has(event.pointerId)) {
      this.drag(event, place);
      return;
    }
    if (event.pointerType !== "mouse" || event.target.closest(".mark")) return;
    if (this.within(place)) this.read(place.x);
    else this.unread();
  }

  released(event) {
    if (!this.down.delete(event.pointerId)) return;
    const { started } = this;
    if (event.type === "pointerup" && started.choosing && started.moved && !this.fixed) {
      const [left, , right] = this.frame;
      const [low, high] = this.span;
      const [from, to] = [started.x, this.point(event).x]
        .map((x) => low + ((x - left) / (right - left)) * (high - low))
        .sort((a, b) => a - b);
      this.show(Math.max(from, low), Math.min(to, high));
    }
    this.chosen.setAttribute("visibility", "hidden");
  }

  /** Choose a stretch, move a zoomed plot, or zoom by two fingers. */
  drag(event, place) {
    const { down, started } = this;
    const before = down.get(event.pointerId);
    if (Math.abs(place.x - started.x) > 4 && !started.moved) {
      started.moved = true;
      this.group.setPointerCapture(event.pointerId);
    }
    if (!started.moved && down.size === 1) return;
    if (down.size === 2) {
      const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
      const factor = Math.abs(place.x - other) / Math.max(Math.abs(before - other), 1);
      this.zoom(factor, other);
      started.choosing = false;
    } else if (started.choosing) {
      const [left, , right] = this.frame;
      const [from, to] = [started.x, place.x].map((x) => Math.min(Math.max(x, left), right)).sort((a, b) => a - b);
      this.chosen.setAttribute("x", from);
      this.chosen.setAttribute("width", to - from);
      if (!this.fixed) this.chosen.setAttribute("visibility", "visible");
      this.unread();
    } else if (this.whole) this.read(place.x);
    else this.pan(place.x - before);
    down.set(event.pointerId, place.x);
  }

  wheel(event) {
    const place = this.point(event);
    if (!(event.ctrlKey || event.metaKey) || !this.within(place) || this.fixed) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), place.x);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      ArrowLeft: () => this.tell((this.reading ?? this.told.length) - 1),
      ArrowRight: () => this.tell((this.reading ?? -1) + 1),
      "+": () => this.zoom(2),
      "=": () => this.zoom(2),
      "-": () => this.zoom(0.5),
      0: () => this.reset(),
      Escape: () => this.unread(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}
