// The widget of chapter 12: a query and a key, each turned by its place. It takes the place of the
// still picture that it finds in its element; without scripts, the picture stays.

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** An element with attributes, and children: elements or text, never HTML. */
  const make = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const draw = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);

  const told = (number) => number.toFixed(2).replace("-", "\u2212");

  function turned([x, y], angle) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [x * cos - y * sin, y * cos + x * sin];
  }

  /** A point of the plane in the picture, where y goes down. */
  const inPicture = ([x, y]) => [100 * x, -100 * y];

  function place(group, vector) {
    const [x, y] = inPicture(vector);
    const length = Math.hypot(x, y);
    const [ux, uy] = [x / length, y / length];
    const [line, head, name] = group.children;
    fill(line, { x1: 0, y1: 0, x2: x - 8 * ux, y2: y - 8 * uy }, []);
    const [left, right] = [6, -6].map((w) => `${x - 12 * ux - w * uy},${y - 12 * uy + w * ux}`);
    head.setAttribute("points", `${x},${y} ${left} ${right}`);
    fill(name, { x: x + 14 * ux, y: y + 14 * uy }, []);
  }

  function arrow(name) {
    const label = draw("text", {}, name);
    return draw("g", { class: name }, draw("line"), draw("polygon"), label);
  }

  function unturned(vector) {
    const [x2, y2] = inPicture(vector);
    return draw("line", { class: "unturned", x1: 0, y1: 0, x2, y2 });
  }

  function slider(value) {
    return make("input", { type: "range", min: -1, max: 1, step: 0.1, value });
  }

  function parts({ q, k, at }) {
    const [qArrow, kArrow] = [arrow("q"), arrow("k")];
    const plane = draw(
      "svg",
      { viewBox: "-125 -125 250 250", "aria-hidden": "true" },
      draw("circle", { r: 100 }),
      unturned(q),
      unturned(k),
      qArrow,
      kArrow,
    );
    return {
      plane,
      qArrow,
      kArrow,
      qPlace: slider(at[0]),
      kPlace: slider(at[1]),
      back: make("button", { type: "button" }, "both \u22120.1"),
      on: make("button", { type: "button" }, "both +0.1"),
      cls: make("input", { type: "checkbox" }),
      readout: make("p", { class: "readout", "aria-live": "polite" }),
    };
  }

  /** The two arrows and their product, in the picture and in words. */
  function show({ q, k, period }, view) {
    const [a, b] = [view.qPlace, view.kPlace].map((input) => Number(input.value));
    const free = view.cls.checked;
    const newQ = free ? q : turned(q, (2 * Math.PI * a) / period);
    const newK = turned(k, (2 * Math.PI * b) / period);
    place(view.qArrow, newQ);
    place(view.kArrow, newK);
    const score = newQ[0] * newK[0] + newQ[1] * newK[1];
    const from = free ? "q is a class token: not turned" : `q at ${told(a)}`;
    const distance = `, ${told(Math.abs(b - a))} further ${b < a ? "back" : "on"}`;
    const apart = free ? "" : distance;
    view.readout.textContent = `${from}. k at ${told(b)}${apart}. Score q \u00b7 k = ${told(score)}`;
    view.qPlace.disabled = free;
  }

  /** Move all that have a place by a step, unless one of them would leave its range. */
  function moveBoth({ qPlace, kPlace }, step) {
    const placed = [qPlace, kPlace].filter((input) => !input.disabled);
    const moved = placed.map((input) => Number(input.value) + step);
    if (moved.some((value) => Math.abs(value) > 1.001)) return;
    placed.forEach((input, i) => { input.value = moved[i]; });
  }

  function mount(root) {
    const given = JSON.parse(root.dataset.given);
    const view = parts(given);
    root.replaceChildren(
      ...root.querySelectorAll("style"),
      make(
        "div",
        { class: "stage" },
        view.plane,
        make(
          "div",
          { class: "controls" },
          make("label", {}, "place of q (solid)", view.qPlace),
          make("label", {}, "place of k (dashed)", view.kPlace),
          make("div", {}, view.back, view.on),
          make("label", {}, view.cls, " q is a class token: it has no place, and is not turned"),
          view.readout,
        ),
      ),
    );
    for (const input of [view.qPlace, view.kPlace, view.cls]) {
      input.addEventListener("input", () => show(given, view));
    }
    for (const [button, step] of [[view.back, -0.1], [view.on, 0.1]]) {
      button.addEventListener("click", () => {
        moveBoth(view, step);
        show(given, view);
      });
    }
    // A key that reaches the document is a command to JupyterLab's notebook.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    show(given, view);
  }

  mount(document.currentScript.closest(".vitcourse-turning"));
})();
