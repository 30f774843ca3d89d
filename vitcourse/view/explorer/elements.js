// Parts of a page.

/** An element with attributes, and children: elements or text, never HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** One of several: a group of radio buttons, the first of them checked. */
export function radios(name, label, options) {
  return make(
    "fieldset",
    {},
    make("legend", {}, label),
    ...options.map(([value, text], i) =>
      make(
        "label",
        {},
        make("input", { type: "radio", name, value, checked: i === 0 }),
        make("span", {}, text),
      ),
    ),
  );
}

/** Check the radio button with this value, if there is one. */
export function check(group, value) {
  const input = group.querySelector(`[value="${value}"]`);
  if (input) input.checked = true;
}

/** Set an element's only text, unless it is that already: then nothing need be laid out anew. */
export function write(element, text) {
  const node = element.firstChild;
  if (!node) element.append(text);
  else if (node.data !== text) node.data = text;
}

/** A canvas with a pixel for each patch, of the picture's shape. */
export function canvasOf({ columns, rows, pixels: [width, height] }) {
  const canvas = make("canvas", { width: columns, height: rows, "aria-hidden": "true" });
  canvas.style.aspectRatio = `${width} / ${height}`;
  return canvas;
}

/** A function that says whether its arguments are other than at its last call. */
export function watch() {
  let last = [];
  return (...now) => {
    const same = now.length === last.length && now.every((value, i) => value === last[i]);
    last = now;
    return !same;
  };
}
